"""Tag rules of `layers/`: "key=value", "key=*" (anything but no), "key=*ending", joined by `&`.

A rule with more conditions beats one with fewer, a plain value beats an ending, an ending beats `*`; among equals the
one named first wins.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Tags = Mapping[str, str]
_PLAIN, _ENDING, _ANY = 0, 1, 2


@dataclass(frozen=True)
class Condition:
    """One key and what its value must be."""

    key: str
    value: str
    how: int

    def met(self, tags: Tags) -> bool:
        """Tell whether the tags meet it."""
        value = tags.get(self.key)
        if value is None:
            return False
        if self.how == _PLAIN:
            return value == self.value
        return value.endswith(self.value) if self.how == _ENDING else value != "no"


@dataclass(frozen=True)
class Rule:
    """Conditions that must all be met, and the name they give."""

    rank: tuple[int, int, int]
    name: str
    conditions: tuple[Condition, ...]

    def met(self, tags: Tags) -> bool:
        """Tell whether the tags meet every condition."""
        return all(condition.met(tags) for condition in self.conditions)


class Rules:
    """Many rules, quickly asked."""

    def __init__(self, named: Iterable[tuple[str, Iterable[str]]], *, in_order: bool = False) -> None:
        """Read name -> texts of rules; with `in_order` the first name that fits wins, whatever its rank."""
        self._plain: dict[tuple[str, str], list[Rule]] = {}
        self._loose: dict[str, list[Rule]] = {}
        self.keys: set[str] = set()
        self.every_key: set[str] = set()
        for place, (name, texts) in enumerate(named):
            for text in texts:
                self._put(_rule(name, text, place, in_order=in_order))
        for rules in (*self._plain.values(), *self._loose.values()):
            rules.sort(key=lambda rule: rule.rank)

    def match(self, tags: Tags) -> str | None:
        """Give the name of the best rule that the tags meet."""
        rule = self.best(tags)
        return rule.name if rule else None

    def best(self, tags: Tags) -> Rule | None:
        """Give the best rule that the tags meet."""
        best: Rule | None = None
        for key, value in tags.items():
            if key not in self.keys:
                continue
            for rule in (*self._plain.get((key, value), ()), *self._loose.get(key, ())):
                if (best is None or rule.rank < best.rank) and rule.met(tags):
                    best = rule
        return best

    def _put(self, rule: Rule) -> None:
        first = rule.conditions[0]
        self.keys.add(first.key)
        self.every_key.update(condition.key for condition in rule.conditions)
        if first.how == _PLAIN:
            self._plain.setdefault((first.key, first.value), []).append(rule)
        else:
            self._loose.setdefault(first.key, []).append(rule)


def _rule(name: str, text: str, place: int, *, in_order: bool) -> Rule:
    conditions = tuple(_condition(part) for part in text.split("&"))
    rank = (-len(conditions), max(condition.how for condition in conditions), place)
    return Rule((place, *rank[:2]) if in_order else rank, name, conditions)


def _condition(text: str) -> Condition:
    key, _, value = text.strip().partition("=")
    if value == "*":
        return Condition(key, "", _ANY)
    if value.startswith("*"):
        return Condition(key, value[1:], _ENDING)
    return Condition(key, value, _PLAIN)

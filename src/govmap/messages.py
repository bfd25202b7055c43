"""What the program says, by key, in every language it speaks.

One folder a language under `locale/`, one file a room of the house; each key stands in every language. Words that
differ by country (unit, worker, code) are not in the catalogues: they come from the project's profile in `layers/`
and fill the places `{unit}`, `{units}`, `{worker}`, `{workers}`, `{code}`, `{household}`, `{households}`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "zh")
PLAIN_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {"unit": "unit", "units": "units", "worker": "worker", "workers": "workers", "code": "code"},
    "zh": {"unit": "单元", "units": "单元", "worker": "网格员", "workers": "网格员", "code": "编码"},
}


@dataclass(frozen=True)
class Note:
    """A thing to be told: a key of the catalogues and the facts that fill it."""

    key: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def note(key: str, /, **facts: Any) -> Note:
    """Give a note by its key and facts."""
    return Note(key, facts)


@dataclass(frozen=True)
class Voice:
    """A language together with the words of a profile."""

    language: str = "en"
    words: Mapping[str, str] = field(default_factory=dict)

    def say(self, key: str, /, **facts: Any) -> str:
        """Give the text of a key, filled with facts; a fact that is itself a note is told first."""
        told = {name: self._told(fact) for name, fact in facts.items()}
        return fill(self.language, key, {**PLAIN_WORDS[self.language], **self.words, **told})

    def tell(self, told: Note) -> str:
        """Give the text of a note."""
        return self.say(told.key, **told.facts)

    def _told(self, fact: Any) -> Any:
        if isinstance(fact, Note):
            return self.tell(fact)
        if isinstance(fact, Mapping):  # a title out of `layers/`, in every language
            return fact.get(self.language, next(iter(fact.values()), ""))
        return [self._told(one) for one in fact] if isinstance(fact, list | tuple) else fact

    def knows(self, key: str) -> bool:
        """Tell whether the catalogue has a key."""
        return key in catalogue(self.language)


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Read every text of one language: key -> text with named places."""
    texts: dict[str, str] = {}
    folder = files("govmap") / "locale" / language
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".toml"):
            texts.update(tomllib.loads(file.read_text("utf-8")))
    return texts


def fill(language: str, key: str, facts: Mapping[str, Any]) -> str:
    """
    Fill a text with facts; integers get thousands separators, lists the language's comma.

    A place may choose between two words by the number in it: `{count} {count:row is|rows are} kept`.
    """
    comma = "、" if language == "zh" else ", "
    return catalogue(language)[key].format_map({name: Filled(_shown(fact, comma)) for name, fact in facts.items()})


class Filled(str):
    """What stands in a place of a text; asked for one of two words, it gives the first where it is the number 1."""

    __slots__ = ()

    def __format__(self, words: str) -> str:
        """Give itself, or the word that goes with it."""
        one, chosen, many = words.partition("|")
        return (one if self == "1" else many) if chosen else super().__format__(words)


def _shown(fact: Any, comma: str) -> str:
    if isinstance(fact, bool) or fact is None:
        return "" if fact is None else str(fact).lower()
    if isinstance(fact, int):
        return f"{fact:,}"
    if isinstance(fact, list | tuple):
        return comma.join(_shown(one, comma) for one in fact)
    return str(fact)

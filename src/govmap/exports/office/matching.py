"""Which column of a form asks for what: by the words of `layers/rosters.toml`, or as the user says.

A telephone or a name is the office's own only beside, below or behind the word for somebody who answers for a unit;
everywhere else it is a resident's and stays empty.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias

from govmap import catalog
from govmap.errors import InputError
from govmap.exports.answering import AT
from govmap.exports.office.reading import UNDER, plain

NOT_FIELDS = ("by_hand", "roles", "phones", "names", "ends", "places")
OF_BUILDINGS = ("building", "address", "part", "building_id")
LEAVE, BY_HAND = "-", "by_hand"
LEADER, LEADER_PHONE = "building_leader", "building_leader_phone"
TWO_LANGUAGES = re.compile(r"[/\n]|(?<=[\u4e00-\u9fff])\s*(?=[A-Za-z])|(?<=[A-Za-z.])\s*(?=[\u4e00-\u9fff])")
SCALES = (("公顷", 1e4), ("平方公里", 1e6), ("平方千米", 1e6), ("km", 1e6), ("亩", 2000 / 3), ("ha", 1e4))
Sensitive: TypeAlias = Callable[[str], str | None]


@dataclass(frozen=True)
class Matched:
    """
    What goes into each column of a form.

    `fields` by place; `personal` columns, by name their kind, `by_hand` and `unknown` ones stay empty.
    """

    fields: Mapping[int, str]
    personal: Mapping[str, str] = field(default_factory=dict)
    by_hand: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def of_buildings(self) -> bool:
        """Tell whether the form has a row for every building."""
        return any(one in OF_BUILDINGS for one in self.fields.values())


@cache
def vocabulary() -> Mapping[str, str]:
    """Give what fields are called: plain word -> field."""
    words: dict[str, str] = {}
    for name, facts in catalog.layer("rosters").items():
        if name not in NOT_FIELDS:
            titles = [one for one in facts["title"].values() if "{" not in one]
            for word in (name, *facts["words"], *titles):
                words.setdefault(plain(word), name)
    return words


@cache
def known_words() -> frozenset[str]:
    """Give every word by which a header is known."""
    facts = catalog.layer("rosters")
    more = (word for name in ("by_hand", "roles", "phones", "names") for word in facts[name]["words"])
    return frozenset({*vocabulary(), *map(plain, more), *_level_words()})


def match(
    names: Mapping[int, str], *, given: Mapping[str, str], levels: Sequence[str], level: str, sensitive: Sensitive
) -> Matched:
    """
    Say what goes into each column of a form.

    Parameters
    ----------
    names
        The columns by place, those below another as 网格长›姓名.
    given
        Their name -> field, as the user says or has said; stands over what is recognised. `-` leaves a column empty.
    levels, level
        Levels of the plan, and the one that has a row or stands for the unit.
    sensitive
        Tells of a name whether such a thing must not be told, and of which kind it is.

    Raises
    ------
    InputError
        The user names a column that is not there, or a field that is none.
    """
    said = _given(names, given)
    fields: dict[int, str] = {}
    personal: dict[str, str] = {}
    by_hand: list[str] = []
    unknown: list[str] = []
    for place, name in sorted(names.items()):
        found = said[place] if place in said else _field(name, _before(fields, place), levels, level)
        kind = None if found else sensitive(name.rpartition(UNDER)[2]) or sensitive(name)
        if found and found not in (LEAVE, BY_HAND):
            fields[place] = found
        elif kind or _phone(name):
            personal[name] = kind or "phone"
        else:
            (by_hand if found else unknown).append(name)
    return Matched(fields, personal, tuple(by_hand), tuple(unknown))


def level_asked(names: Mapping[int, str], levels: Sequence[str]) -> str | None:
    """Name the lowest level of a plan that a form's header speaks of."""
    asked = {_level_words().get(plain(piece)) for name in names.values() for piece in name.split(UNDER)}
    found = [one for one in levels if one in {pair[0] for pair in asked if pair}]
    return found[-1] if found else None


def scale(name: str) -> float:
    """Give the square metres of the unit that a header such as 面积（公顷） names."""
    text = name.casefold().replace("k㎡", "km").replace("㎢", "km")
    return next((scale for word, scale in SCALES if word in text), 1.0)


def _given(names: Mapping[int, str], given: Mapping[str, str]) -> dict[int, str]:
    """Read what the user says: their column by its whole name or its own, ours by field or any of its words."""
    said: dict[int, str] = {}
    for theirs, ours in given.items():
        word = plain(theirs)
        places = [place for place, name in names.items() if word in (plain(name), plain(name.rpartition(UNDER)[2]))]
        if not places:
            raise InputError("office_no_such_column", column=theirs, columns=list(names.values()))
        head, at, rest = ours.partition(AT)
        wanted = ours if ours == LEAVE else vocabulary().get(plain(head))
        if wanted is None:
            raise InputError("office_no_such_field", wanted=ours, known=sorted(set(vocabulary().values())))
        said.update(dict.fromkeys(places, f"{wanted}{at}{rest}"))
    return said


def _field(name: str, before: str | None, levels: Sequence[str], level: str) -> str | None:
    """Say which field a column asks for."""
    over, _, own = name.rpartition(UNDER)
    answering = _leading(plain(over), plain(own), before) or _answering(plain(over), plain(own), before)
    if answering:
        return answering
    if before in OF_BUILDINGS and vocabulary().get(plain(own)) == "part":
        return "part"  # 单元 behind 楼栋 is a stairwell
    for word in (plain(own), plain(over + own)):
        found = _of_level(word, levels, level) or vocabulary().get(word)
        if found:
            return found
    pieces = {vocabulary().get(plain(one)) for one in TWO_LANGUAGES.split(own)}
    if len(pieces) == 1 and None not in pieces:
        return pieces.pop()
    hand = {plain(word) for word in catalog.layer("rosters")[BY_HAND]["words"]}
    return BY_HAND if plain(own) in hand else None


def _leading(over: str, own: str, before: str | None) -> str | None:
    """Recognise names and telephones of those who answer for a building."""
    phones, names = _words("phones"), _words("names")
    for word in _leaders():
        rest = own.removeprefix(word) if own.startswith(word) else own if over == word else None
        if rest is not None and (not rest or rest in names):
            return LEADER
        if rest is not None and rest in phones:
            return LEADER_PHONE
    return LEADER_PHONE if own in phones and not over and before == LEADER else None


def _answering(over: str, own: str, before: str | None) -> str | None:
    """Recognise names and telephones of those who answer: by the word over them, in them, or in the column before."""
    people, phones, names = _people(), _words("phones"), _words("names")
    for word in people:
        rest = own.removeprefix(word)
        if (over == word and own in names) or own == word or (own.startswith(word) and rest in names):
            return f"worker{_role(word)}"
        if (over == word and own in phones) or (own.startswith(word) and rest in phones):
            return f"worker_phone{_role(word)}"
    if own in phones and not over and before is not None and before.partition(AT)[0] in ("worker", "worker_role"):
        return f"worker_phone{''.join(before.partition(AT)[1:])}"
    return None


def _role(word: str) -> str:
    return f"{AT}{word}" if word in _words("roles") else ""


def _before(fields: Mapping[int, str], place: int) -> str | None:
    return fields.get(place - 1)


def _phone(name: str) -> bool:
    return plain(name.rpartition(UNDER)[2]) in _words("phones") | _words("names")


@cache
def _words(group: str) -> frozenset[str]:
    return frozenset(map(plain, catalog.layer("rosters")[group]["words"]))


@cache
def _leaders() -> tuple[str, ...]:
    """Give the words for those who answer for a building, the longer before the shorter."""
    return tuple(sorted(map(plain, catalog.layer("rosters")[LEADER]["words"]), key=lambda one: (-len(one), one)))


@cache
def _people() -> tuple[str, ...]:
    """Give the words for those who answer: roles first, the longer before the shorter."""
    others = frozenset(map(plain, catalog.layer("rosters")["worker"]["words"])) - _words("roles")
    return tuple(word for some in (_words("roles"), others) for word in sorted(some, key=lambda one: (-len(one), one)))


@cache
def _level_words() -> Mapping[str, tuple[str, str]]:
    """Give what units of a level and their codes are called: plain word -> (level, field)."""
    words: dict[str, tuple[str, str]] = {}
    for level, facts in catalog.layer("levels").items():
        for one in facts["known_as"]:
            for end, found in (("", "unit"), ("名称", "unit"), (" name", "unit"), ("编码", "unit_code")):
                words.setdefault(plain(one + end), (level, found))
            for end in ("编号", "代码", "号", " code", " no"):
                words.setdefault(plain(one + end), (level, "unit_code"))
    return words


def _of_level(word: str, levels: Sequence[str], level: str) -> str | None:
    """Recognise a unit by the level it is of, where the plan has that level."""
    found = _level_words().get(word)
    if found is None or found[0] not in levels or found[0] == "building_group":
        return None
    return found[1] if found[0] == level else f"{found[1]}{AT}{found[0]}"

"""Which columns of a list of units name the people who answer for them, and what stands in such a cell.

The words stand in `layers/roles.toml`: a role heads a column of names (网格长), of names below it (网格长›姓名) or
of its telephones (网格长电话); a telephone that does not say whose is that of the names right before it.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from govmap import catalog
from govmap.sources import masking

AT, WORKER, PHONE, ROLE = "@", "worker", "worker_phone", "worker_role"
NAMED = frozenset({"姓名", "name", "fullname", "workername", "staffname", "workerid", "工号"})
ROLE_WORDS = frozenset({"岗位", "职务", "角色", "role", "position", "jobtitle"})
SHORTEST, LONGEST = 5, 14
_BETWEEN = re.compile(r"[、,，;；/|\n]+|\s+(?:and|&)\s+")
_NUMBER = re.compile(
    r"(?<!\d)(?:(?:\+|00)\s?\d{1,3}[-\s]?)?(?:\(\d{2,5}\)\s?)?\d[\d\s-]{4,17}\d(?:\s?(?:转|ext\.?|x)\s?\d{1,5})?(?!\d)"
)
_MOBILE = re.compile(r"(?:(?:\+|00)?86)?1[3-9]\d{9}|(?:0|(?:\+|00)44)7\d{9}")
_BRACKETS = re.compile(r"[(（\[【]([^()（）\[\]【】]*)[)）\]】]")


class Person(NamedTuple):
    """Somebody in a cell: the name, and the telephone where it stands beside it."""

    name: str
    phone: str | None


def claims(names: Mapping[str, str], table: str) -> dict[str, str]:
    """
    Say which columns name who answers: theirs -> `worker@ROLE` or `worker_phone@ROLE`; in a list of workers, where a
    role may stand in the place of 姓名, theirs -> `name` or `office_phone`.

    Parameters
    ----------
    names
        Columns in their order: theirs -> its plain name.
    table
        Lists of units and of workers have such columns.
    """
    if table not in ("units", "workers") or (table == "workers" and NAMED & set(names.values())):
        return {}
    found: dict[str, str] = {}
    before = ""
    for theirs, word in names.items():
        ours = _claim(word, before)
        if ours:
            found[theirs] = ours
        before = ours or ""
    if not any(ours.startswith(WORKER + AT) for ours in found.values()):
        return {}
    return found if table == "units" else _first_of_each(found)


def _first_of_each(found: Mapping[str, str]) -> dict[str, str]:
    """Give the first column of names and the first of telephones as those of a list of workers."""
    made: dict[str, str] = {}
    for theirs, ours in found.items():
        name = {WORKER: "name", PHONE: "office_phone"}.get(ours.partition(AT)[0])
        if name and name not in made.values():
            made[theirs] = name
    return made


def fields() -> frozenset[str]:
    """Name everything that a column of a list of units may be said to be."""
    roles = (*known(), "")
    return frozenset({ROLE, *(f"{name}{AT}{role}" for name in (WORKER, PHONE) for role in roles)})


@cache
def known() -> tuple[str, ...]:
    """Give the words for roles."""
    facts = catalog.layer("roles")["roles"]
    return (*facts["zh"], *facts["en"], *facts["of_building"])


def of_a_building(role: str | None) -> bool:
    """Tell whether who has a role answers for a building or stairwell, and for no unit."""
    return role is not None and _joined(role) in {
        _joined(one) for one in catalog.layer("roles")["roles"]["of_building"]
    }


def says_little(role: str) -> bool:
    """Tell a word for somebody who answers that says nothing of the post: 责任人, responsible."""
    return _joined(role) in {_joined(one) for one in catalog.layer("roles")["roles"]["of_any"]}


def of_the_office(theirs: str) -> bool:
    """Tell whether the name of a column says that its telephones are the office's own."""
    word = theirs.casefold()
    return any(part in word for part in catalog.layer("roles")["phones"]["of_the_office"])


def is_mobile(phone: str) -> bool:
    """Tell whether a telephone is carried by a person, and so may be private."""
    return _MOBILE.fullmatch(re.sub(r"[^\d+]", "", phone)) is not None


def is_telephone(text: str) -> bool:
    """Tell whether a number is as long as a telephone's, and not as long as an identity card's."""
    return SHORTEST <= sum(letter.isdigit() for letter in text) <= LONGEST


def people(cell: str) -> list[Person]:
    """Read the names of a cell, each with the telephone beside it: 张三（兼）、李四 020-81234567."""
    found = []
    for piece in _BETWEEN.split(cell):
        number = _NUMBER.search(piece)
        phone = number[0].strip() if number and is_telephone(number[0]) else None
        name = _named(piece.replace(number[0], " ") if number else piece)
        if name:
            found.append(Person(name, phone))
        elif phone and found and found[-1].phone is None:
            found[-1] = Person(found[-1].name, phone)
    return found


def is_vacant(cell: str) -> bool:
    """Tell whether a cell says that nobody is there."""
    return not cell.strip() or cell.strip().casefold() in catalog.layer("roles")["vacant"]["words"]


def key(name: str) -> str:
    """Give a name as names are compared: without width, case and spaces."""
    return _joined(name, keep="()（）·.")


def _named(text: str) -> str:
    marks = frozenset(catalog.layer("roles")["marks"]["words"])
    text = _BRACKETS.sub(lambda found: "" if found[1].strip().casefold() in {*marks, ""} else found[0], text)
    text = masking.mask(" ".join(text.split())).strip(" :：-·()（）")
    text = text + "）" if text.count("（") > text.count("）") else text
    text = text + ")" if text.count("(") > text.count(")") else text
    return "" if is_vacant(text) or masking.STARS in text or text.isdigit() else text


def _claim(word: str, before: str) -> str | None:
    """Say what a column is by its plain name and by what the one before it is."""
    lists = catalog.layer("roles")
    names, phones = ({_joined(one) for one in lists[group]["words"]} for group in ("names", "phones"))
    for role in _longest_first():
        rest = word.removeprefix(_joined(role))
        if rest == word:
            continue
        if not rest or rest in names:
            return f"{WORKER}{AT}{role}"
        if rest in phones:
            return f"{PHONE}{AT}{role}"
    kind, at, role = before.partition(AT)
    if word in phones and kind in (WORKER, ROLE):
        return f"{PHONE}{at or AT}{role}"
    if word in {"姓名", "工作人员"} and not before:
        return f"{WORKER}{AT}"
    return ROLE if word in ROLE_WORDS and kind == WORKER else None


@cache
def _longest_first() -> tuple[str, ...]:
    return tuple(sorted(known(), key=lambda one: (-len(one), one)))


def _joined(text: str, *, keep: str = "") -> str:
    text = text.translate({code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}).casefold()
    return "".join(letter for letter in text if letter.isalnum() or letter in keep)

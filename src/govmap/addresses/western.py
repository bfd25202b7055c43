"""Lists of buildings and stretches of streets in prose, as English and other Western offices have them in one cell.

In "Kingfisher Estate blocks 1-8 (except 3), 13-19 High Street (odd), 1700 block of Park Avenue, Boat Yard" commas part
what belongs together; a number alone goes on with the name before it. Nothing is looked up here but whether a text is
a name as it stands, so that a name with a comma or a number in it stays whole.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from govmap.addresses.stretches import Listed, Stretch, span
from govmap.addresses.ways import BLOCK, way

Known = Callable[[str], bool]
LONGEST_NAME_PIECES = 4
_N = r"(?:\d+[a-z]?(?![a-z\d])|[a-z](?![a-z]))"
_TO = r"\s*(?:-|to|through|thru|until)\s*"
_ONE = rf"{_N}(?:{_TO}{_N})?"
_MORE = rf"{_ONE}(?:\s*(?:and|&|\+)\s*{_ONE})*"
_DIGITS = rf"(?=\d){_MORE}"
_UNIT = r"(?:blocks?|buildings?|bldgs?|towers?|houses?)"
_NO = r"(?:house numbers?|numbers?|nos?\.?|#)"
_OF = r"(?:of|in|on|at|,)?\s*(?:the\s+)?"
_WHOLE = r"(?:all(?: of it)?|(?:the )?(?:whole|entire|full)(?: (?:length|street|road))?|throughout)"
_ALL_OF_IT = re.compile(rf"{_WHOLE}|both sides")
_EVERY = re.compile(
    r"(?:all of|all|the whole of|whole|the entire|entire)\s+(?:the\s+)?(?=\S)|\s*\b(?:both sides)$"
    rf"|(?<=[^\s:-])[\s:-]+{_WHOLE}$"
)
_SIDE = re.compile(rf"\b(?P<side>odd|even)(?:[- ]numbered)?(?:\s+(?:numbers?|nos?\.?|side|houses))?(?:\s+{_OF})?")
_EXCEPT = r"(?:except(?:ing|\s+for)?|excluding|but\s+not|without|not\s+including|other\s+than|not)"
_BEYOND = re.compile(rf"(?P<what>.*?)[\s,]+{_EXCEPT}\s+(?P<gone>.+)")
_ONLY_BEYOND = re.compile(rf"{_EXCEPT}\s+(?P<gone>.+)")
_DOORS = re.compile(rf"(?:entrances?|stairwells?|stairs?|doors?)\s+(?P<list>{_MORE}(?:\s*,\s*{_ONE})*)")
_FLOORS = re.compile(rf"(?:floors?|storeys?|levels?)\s+(?P<low>\d+)(?:{_TO}(?P<high>\d+))?")
_COUNTED = re.compile(r"(?P<count>\d+) (?:more )?buildings? without (?:a )?name(?:s)?(?: in (?P<name>.+))?")
_SHAPES = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("building", rf"{_UNIT}\s+(?:{_NO}\s*)?(?P<list>{_MORE})(?:\s*{_OF}(?P<name>.*[^\W\d_].*))?"),
        ("building", rf"(?P<name>.*?[^\W\d_].*?)[\s,]+{_UNIT}\s+(?:{_NO}\s*)?(?P<list>{_MORE})"),
        ("number", rf"(?:{_NO}\s*)?(?P<list>{_DIGITS})\s+(?:of\s+)?(?P<name>.*[^\W\d_]{{2}}.*)"),
        ("number", rf"(?P<name>.*?[^\W\d_].*?)\s+(?:{_NO}\s*|from\s+)?(?P<list>{_DIGITS})"),
        ("more", rf"(?:{_NO}\s*)?(?P<list>{_MORE})"),
    )
)
_ONES = re.compile(rf"({_N})(?:{_TO}({_N}))?")
_JOINT = re.compile(r"\s*(?:\band\b|\bor\b|&|\+|,|;)\s*")
_OPENING, _CLOSING = "([", ")]"


@dataclass(frozen=True)
class _Item:
    """What stands between two commas: its place in the text, its words, and what stood in brackets behind them."""

    start: int
    text: str
    brackets: tuple[str, ...] = ()


def listed(text: str, known: Known = lambda _: False) -> Listed:
    """
    Read a list in prose.

    Parameters
    ----------
    known
        Tells whether a text is, as it stands, the name of something.
    """
    found = Listed((), ())
    for item in _items(text, known):
        found = _read(found, item, known)
    lost = tuple((0, ", ".join(one.numbers) or f"{one.low}-{one.high}") for one in found.stretches if not one.name)
    return replace(found, stretches=tuple(one for one in found.stretches if one.name), unknown=found.unknown + lost)


def _items(text: str, known: Known) -> Iterator[_Item]:
    """Cut a text at its commas, but not inside brackets, quotation marks or a name that is known."""
    cuts = _cut(text)
    at = 0
    while at < len(cuts):
        start = cuts[at][0]
        for more in range(min(LONGEST_NAME_PIECES, len(cuts) - at), 0, -1):
            whole = text[start : cuts[at + more - 1][1]]
            if more == 1 or known(_bare(whole)):
                break
        at += more
        begins = start + len(whole) - len(whole.lstrip())
        if whole.strip():
            yield from _halved(begins, whole.strip(), known)


def _halved(start: int, text: str, known: Known) -> Iterator[_Item]:
    """Give two names that a word joins as two."""
    if known(_bare(text)):
        yield _Item(start, _bare(text))
        return
    for joint in re.finditer(r"\s+(?:and|&)\s+", text):
        one, other = text[: joint.start()], text[joint.end() :]
        if re.search(r"[^\W\d_]{2}", one) and re.search(r"[^\W\d_]{2}", other) and known(_bare(one)):
            yield _Item(start, _bare(one))
            yield from _halved(start + joint.end(), other, known)
            return
    yield _bracketed(start, text)


def _bare(text: str) -> str:
    return text.strip().strip("“”\"'").strip().rstrip(".")


def _bracketed(start: int, text: str) -> _Item:
    """Take what stands in brackets at the end of an item from it."""
    brackets: list[str] = []
    while found := re.search(r"\s*[(\[]([^()\[\]]*)[)\]]\s*$", text):
        brackets.insert(0, found[1].strip())
        text = text[: found.start()]
    return _Item(start, _bare(text), tuple(brackets))


def _cut(text: str) -> list[tuple[int, int]]:
    """Give where pieces begin and end."""
    found, first, depth, quoted = [], 0, 0, False
    for at, letter in enumerate(text):
        depth += (letter in _OPENING) - (letter in _CLOSING and depth > 0)
        quoted = quoted != (letter == '"') if letter not in "“”" else letter == "“"
        if letter in ";\n•、，；" or (letter == "," and depth == 0 and not quoted):
            found.append((first, at))
            first, depth, quoted = at + 1, 0, False
    return [*found, (first, len(text))]


# items ---------------------------------------------------------------------------------------------------------------
def _read(found: Listed, item: _Item, known: Known) -> Listed:
    """Read one item, knowing those before it."""
    plain = _plain(item.text)
    if not plain and not item.brackets:
        return found
    if found.stretches and _ALL_OF_IT.fullmatch(plain):  # Mill Street, all
        return found
    if counted := _COUNTED.fullmatch(plain):
        nameless = (item.start, counted["name"] or "", int(counted["count"]))
        return replace(found, nameless=(*found.nameless, nameless))
    if known(item.text):
        stretches = (*found.stretches, Stretch(item.text, "whole"))
    elif gone := _ONLY_BEYOND.fullmatch(plain):
        stretches = _without(found.stretches, gone["gone"], going_on=True)
    elif (beyond := _BEYOND.fullmatch(plain)) and re.search(r"\d", beyond["gone"]):
        one = item.text[: len(beyond["what"])]
        stretches = _without(_named(found.stretches, one, known), beyond["gone"], going_on=True)
    else:
        stretches = _named(found.stretches, item.text, known)
    unknown = found.unknown
    if stretches is found.stretches and not item.brackets:
        unknown = (*unknown, (item.start, item.text))
    for inside in item.brackets:
        after = _inside(stretches, inside)
        unknown = unknown if after is not None else (*unknown, (item.start, inside))
        stretches = stretches if after is None else after
    return replace(found, stretches=stretches, unknown=unknown)


def _plain(text: str) -> str:
    """Give a text in one case and width, letter by letter, so that places in it stay."""
    letters = (unicodedata.normalize("NFKC", one).casefold() for one in text)
    plain = "".join(one if len(one) == 1 else old for one, old in zip(letters, text, strict=True))
    return re.sub("[‐-―−]", "-", plain)


def _named(before: tuple[Stretch, ...], text: str, known: Known) -> tuple[Stretch, ...]:
    """Read a name with numbers, numbers alone, or a name alone."""
    plain = _plain(text)
    block = way(plain)
    if block is not None and block.kind == "block" and block.number is not None:
        low = block.number
        return (*before, Stretch(block.streets[0], "street", low=low, high=low + BLOCK - 1))
    parity = "all"
    if side := _SIDE.search(plain):
        parity, text = side["side"], f"{text[: side.start()]} {text[side.end() :]}".strip(" ,")
    if every := _EVERY.search(_plain(text)):
        text = (text[: every.start()] + text[every.end() :]).strip()
    plain = _plain(text)
    for kind, pattern in _SHAPES:
        hit = pattern.fullmatch(plain)
        if hit and not known(text):
            name = text[hit.start("name") : hit.end("name")].strip(" ,") if hit.groupdict().get("name") else ""
            return _numbered(before, name, hit["list"], kind, parity)
    if parity != "all" and not re.search(r"[^\W\d_]", plain):
        return _one_side(before, parity)
    return (*before, Stretch(text, "street" if parity != "all" else "whole", parity=parity))


def _numbered(before: tuple[Stretch, ...], name: str, numbers: str, kind: str, parity: str) -> tuple[Stretch, ...]:
    """Put numbers to their name, or to that of the item before them."""
    every = tuple(one for low, high in _ones(numbers) for one in span(low, high or low))
    last = before[-1] if before else None
    if not name and (last is None or (kind == "building" and last.kind == "street")):
        return (*before, Stretch("", kind, numbers=every))
    if name and last is not None and not last.name and last.numbers:
        return (*before[:-1], *_named_late(name, (*last.numbers, *every), {last.kind, kind}, parity))
    if not name and last is not None:
        if last.without and last.going_on:
            return _without(before, numbers, going_on=True)
        name, kind = last.name, "building" if last.kind == "building" else "number"
        before = before[:-1] if last.kind == "whole" else before
    if kind != "building":
        return (*before, *(_of_street(name, low, high, parity) for low, high in _ones(numbers)))
    if last is not None and last.name == name and last.kind == "building" and not last.without:
        return (*before[:-1], replace(last, numbers=tuple(dict.fromkeys(last.numbers + every))))
    return (*before, Stretch(name, "building", numbers=every))


def _named_late(name: str, numbers: tuple[str, ...], kinds: set[str], parity: str) -> tuple[Stretch, ...]:
    """Give numbers that stood before their name: Blocks 1, 2 and 4 of an estate; 12, 14 High Street."""
    if "building" in kinds:
        return (Stretch(name, "building", numbers=numbers),)
    return tuple(_of_street(name, one, "", parity) for one in numbers)


def _of_street(name: str, low: str, high: str, parity: str) -> Stretch:
    first, last = (int(re.sub(r"\D", "", one) or 0) for one in (low, high or low))
    if not high or last < first:
        return Stretch(name, "street", low=first, high=first, number=low if not high else f"{low}-{high}")
    return Stretch(name, "street", low=first, high=last, parity=parity)


def _one_side(before: tuple[Stretch, ...], parity: str) -> tuple[Stretch, ...]:
    if not before:
        return before
    last = before[-1]
    if last.kind == "building":
        wanted = 1 if parity == "odd" else 0
        kept = tuple(one for one in last.numbers if int(re.sub(r"\D", "", one) or 0) % 2 == wanted)
        return (*before[:-1], replace(last, numbers=kept, parity=parity))
    return (*before[:-1], replace(last, kind="street", parity=parity, number=""))


def _without(before: tuple[Stretch, ...], gone: str, *, going_on: bool) -> tuple[Stretch, ...]:
    """Take exceptions out of what was read last."""
    every = tuple(one for low, high in _ones(_words_off(gone)) for one in span(low, high or low))
    if not before or not every:
        return before
    last = before[-1]
    kept = tuple(one for one in last.numbers if one not in every)
    return (*before[:-1], replace(last, numbers=kept, without=last.without + every, going_on=going_on))


def _words_off(text: str) -> str:
    return re.sub(rf"\b(?:{_UNIT}|{_NO})\b", " ", _plain(text))


def _ones(text: str) -> list[tuple[str, str]]:
    """Give the runs of a list of numbers, each from low to high; a number alone has no high."""
    hits = (_ONES.fullmatch(piece.strip()) for piece in _JOINT.split(text))
    return [(hit[1], hit[2] or "") for hit in hits if hit]


# brackets ------------------------------------------------------------------------------------------------------------
def _inside(stretches: tuple[Stretch, ...], text: str) -> tuple[Stretch, ...] | None:
    """Read what stands in brackets behind an item; None where it is not understood."""
    plain = _plain(text)
    if not plain or _EVERY.fullmatch(f"{plain} ") or plain in ("all", "whole", "both sides"):
        return stretches
    if side := _SIDE.fullmatch(plain):
        return _one_side(stretches, side["side"])
    if gone := _ONLY_BEYOND.fullmatch(plain):
        return _without(stretches, gone["gone"], going_on=False)
    return narrowed(stretches, plain)


def narrowed(stretches: tuple[Stretch, ...], text: str) -> tuple[Stretch, ...] | None:
    """Narrow one building to stairwells and floors: entrance 1-3 floors 4-6, entrance 5."""
    places = within(text)
    if not places or not stretches:
        return None
    last = stretches[-1]
    before = [*stretches[:-1], replace(last, numbers=last.numbers[:-1])] if len(last.numbers) > 1 else stretches[:-1]
    made = (replace(last, numbers=last.numbers[-1:], entrances=doors, floors=floors) for doors, floors in places)
    return (*before, *made)


def within(text: str) -> list[tuple[tuple[str, ...], tuple[int, int] | None]]:
    """Read which stairwells and floors of a building are meant; nothing where the text says anything else."""
    plain, at = _plain(text).strip(), 0
    found: list[tuple[tuple[str, ...], tuple[int, int] | None]] = []
    while at < len(plain):
        doors = _DOORS.match(plain, at)
        names = tuple(one for low, high in _ones(doors["list"]) for one in span(low, high or low)) if doors else ()
        at = doors.end() if doors else at
        gap = re.compile(r"[\s,]*").match(plain, at)
        floors = _FLOORS.match(plain, gap.end() if gap else at)
        at = floors.end() if floors else at
        if not doors and not floors:
            return []
        low = int(floors["low"]) if floors else 0
        found.append((names, (low, int(floors["high"] or low)) if floors else None))
        gap = re.compile(r"[\s,;]*(?:and\s+)?").match(plain, at)
        at = gap.end() if gap else at
    return found

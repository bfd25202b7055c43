"""Streets by the words for them: one form for a street's name, and texts that mean a stretch of it or a crossing.

Police and hotline lists say 1700 WESTWOOD AV for a hundred block, CHARLES ST & PRATT ST or 建设路与人民路交叉口 for a
crossing, 建设路(人民路-解放路) for what lies between two. Which words those are stands in `layers/ways.toml`.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from govmap.addresses.forms import below_the_town, normalise, simplified
from govmap.catalog import layer

BLOCK = 100
_HANZI = re.compile(r"[一-鿿]")
_LONGEST = 120
_MASKED = re.compile(r"(\d{0,4})x{2}\b(?! ?(?:blk|block))|(\d{0,4})x{2}\b")  # 17XX Westwood Av, 17XX block of
_POSTCODE = re.compile(r",?(?: [a-z]{2})? \d{5}(?:-\d{4})?")  # of the United States, behind the state
_STREET = r"(?:[^\d\W]|\d+(?:st|nd|rd|th)\b)"  # how a street's name begins: 33rd Street


@dataclass(frozen=True, order=True)
class StreetName:
    """A street's name in one form: `core` without the side of the town it is on and without the kind of street."""

    core: str
    kind: str = ""
    side: str = ""


@dataclass(frozen=True)
class Way:
    """
    What a text says of streets.

    `kind` is `block` (the stretch with the hundred numbers from `number` on, said in words), `number` (a number and a
    street: a house, or a block in lists that write blocks so), `crossing` (two streets) or `between` (the first street
    from the second to the third).
    """

    kind: str
    streets: tuple[str, ...]
    number: int | None = None


def street_name(text: str) -> StreetName:
    """Give a street's name in one form: N CHARLES ST and North Charles Street are one."""
    plain = _plain(text)
    if _HANZI.search(plain):
        return StreetName(normalise(plain).replace(" ", ""))
    words = plain.replace(",", " ").split()
    side, kind = "", ""
    if len(words) > 1 and words[-1] in _meant("side") and words[-2] in _meant("kind"):
        side = _meant("side")[words.pop()]
    if len(words) > 1 and words[-1] in _meant("kind"):
        kind = _meant("kind")[words.pop()]
    if len(words) > 1 and words[0] in _meant("side"):
        side = _meant("side")[words.pop(0)]
    if len(words) > 1 and not side and words[-1] in _meant("side"):
        side = _meant("side")[words.pop()]
    if len(words) > 1 and words[0] in _meant("first"):
        words[0] = _meant("first")[words[0]]
    elif len(words) == 1:
        words[0] = _meant("side").get(words[0], words[0]) if kind else words[0]
    return StreetName(" ".join(words), kind, side)


def opposite(side: str) -> str:
    """Give the other side of a town: of north south."""
    return str(layer("ways")["opposite"].get(side, ""))


def way(text: str) -> Way | None:
    """Say what a text means of streets; None where it names none in these ways."""
    plain = _plain(text)
    if not plain or len(plain) > _LONGEST:
        return None
    return _chinese(plain) if _HANZI.search(plain) else _western(plain)


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", str(text)).casefold()
    text = re.sub(r"[‐-―−—–]+", "-", text)
    return re.sub(r"\s+", " ", re.sub(r"[.'’\"]", "", text)).strip(" ,;")


@cache
def _meant(table: str) -> Mapping[str, str]:
    """Give short word -> long word of one table of the layer."""
    return {short: long for long, shorts in layer("ways")[table].items() for short in shorts}


def _any(words: Iterable[str]) -> str:
    """Give a pattern for any of some words, the longest first."""
    return "|".join(re.escape(one) for one in sorted(words, key=lambda one: (-len(one), one)))


@cache
def _patterns() -> Mapping[str, Any]:
    words, han = layer("ways")["words"], layer("ways")["han"]
    block, of, to = (_any(words[name]) for name in ("block", "of", "to"))
    signs = _any(one for one in words["crossing"] if not one[0].isalpha())
    said = _any(one for one in words["crossing"] if one.isalpha())
    before = _any(f"{one} " for one in words["crossing"] if " " in one)
    street = rf"[^\d\W()][^()\d]{{0,14}}?(?:{_any(han['street'])})"
    return {
        "block": (
            re.compile(rf"(?P<number>\d{{1,6}})(?:\s*-\s*\d+)?\s*(?:{block})(?: (?:{of}))? (?P<street>{_STREET}.*)"),
            re.compile(rf"(?P<street>{_STREET}.*?),? (?P<number>\d{{1,6}})(?:\s*-\s*\d+)? (?:{block})"),
            re.compile(rf"(?P<number>\d{{0,4}}(?:00|0?1))\s*-\s*(?P<last>\d{{0,4}}99) (?P<street>{_STREET}.*)"),
        ),
        "number": re.compile(rf"(?P<number>\d{{1,6}}) (?P<street>{_STREET}.*)"),
        "between": (
            re.compile(rf"(?P<a>.+?),? (?:{_any(words['between'])}) (?P<b>.+?) (?:{to}) (?P<c>.+)"),
            re.compile(rf"(?P<a>.+?) ?\((?:(?:{_any(words['between'])}) )?(?P<b>.+?) ?(?:-| (?:{to})) ?(?P<c>.+)\)"),
        ),
        "crossing": re.compile(rf"(?:{before})?(?P<a>.+?)(?: ?(?:{signs}) ?| (?:{said}) )(?P<b>.+)"),
        "han_crossing": re.compile(
            rf"(?P<a>{street})(?:{_any(han['joined'])})(?P<b>{street})(?:的)?(?:{_any(han['crossing'])})[^\d]{{0,10}}"
        ),
        "han_between": re.compile(
            rf"(?P<a>{street})(?:\(|,|从|由|的)*(?P<b>{street})(?:{_any(han['to'])})(?P<c>{street})"
            rf"(?:{_any(han['end'])})?(?:\))?"
        ),
    }


def _western(text: str) -> Way | None:
    found = _patterns()
    text = _unmasked(text)
    for pattern in found["block"]:
        if (hit := pattern.fullmatch(text)) and _is_hundred(hit):
            return Way("block", (_without_town(hit["street"]),), int(hit["number"]) // BLOCK * BLOCK)
    hit = found["number"].fullmatch(text)
    if hit:
        return Way("number", (_without_town(hit["street"]),), int(hit["number"]))
    for pattern in found["between"]:
        if hit := pattern.fullmatch(text):
            return _of_streets("between", hit["a"], hit["b"], hit["c"])
    hit = found["crossing"].fullmatch(text)
    return _of_streets("crossing", hit["a"], hit["b"]) if hit else None


def _unmasked(text: str) -> str:
    """Write a number whose last two digits are hidden as the block it means."""
    hit = _MASKED.match(text)
    if hit is None:
        return text
    return f"{hit[1]}00 blk{text[hit.end() :]}" if hit[1] is not None else f"{hit[2]}00{text[hit.end() :]}"


def _without_town(street: str) -> str:
    """Leave out what stands behind a street's name: its town, state and post code."""
    name, _, rest = street.strip(" ,").partition(",")
    if rest.strip() in _meant("side"):
        return f"{name.strip()} {rest.strip()}"
    if (hit := _POSTCODE.search(name)) and hit.end() == len(name):
        words = name[: hit.start()].split()
        kinds = [at for at, word in enumerate(words) if at and word in _meant("kind")]
        name = " ".join(words[: kinds[-1] + 1] if kinds else words)
    return name.strip()


def _is_hundred(hit: re.Match[str]) -> bool:
    """Tell whether a range of numbers is one hundred: 1700-1799; words that say so are always believed."""
    last = hit.groupdict().get("last")
    return last is None or int(last) // BLOCK == int(hit["number"]) // BLOCK


def _chinese(text: str) -> Way | None:
    plain = below_the_town(simplified(re.sub(r"\s+", "", text)))
    hit = _patterns()["han_crossing"].fullmatch(plain)
    if hit:
        return _of_streets("crossing", hit["a"], hit["b"])
    hit = _patterns()["han_between"].fullmatch(plain)
    return _of_streets("between", hit["a"], hit["b"], hit["c"]) if hit else None


def _of_streets(kind: str, *streets: str) -> Way | None:
    """Give a way by streets where each is a name and none a number, and the first is none of the others."""
    names = tuple(_without_town(one.strip(" ,()")) for one in streets)
    if not all(re.search(r"[^\W\d_]{2}", one) for one in names) or len({street_name(one) for one in names}) < len(
        names
    ):
        return None
    return Way(kind, names)

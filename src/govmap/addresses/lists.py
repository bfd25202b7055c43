"""Lists of buildings and stretches of streets in prose, as last year's division has them in one cell.

In 幸福小区1-8号楼（除3号楼）、10号楼、建设路单号12-48号 there are names, numbers behind a name until the
next one, ranges, odd and even sides, exceptions. Nothing is looked up here; what cannot be read is given back with its
place in the cell.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from govmap.addresses.forms import numeral

LONGEST_RANGE = 500
_HAN = "零〇一二两三四五六七八九十百"
_N = rf"(?:[a-z]?\d+|[{_HAN}]+(?=号|栋|幢|座|#|单元|至|到|-))"
_UNIT = "号楼栋|号楼|号栋|号幢|号座|栋|幢|座|#楼|#|号|楼(?!上|下)"
_TO = r"[-~至到]"
_SIDE = "单号|奇数|单数|单侧|双号|偶数|双数|双侧"
_ALL = "全部楼栋|全部|整个|整体|全域|内所有楼栋|所有楼栋|全体|全小区"
_COUNT = r"共(?:计|有)?\d+(?:栋|幢|座|个|户|人|处)[^,、;。()\s]*"
_ENDS = (
    rf"$|[,、;。\s(/#:]|第?(?:{_N})(?:{_UNIT}|{_TO}|、|,|\.|$|单元)|{_SIDE}|{_ALL}|共\d|以及|沿街|沿线|两侧"
    r"|(?:除|不含|不包括)[a-z]?\d"
)
_PIECES = (
    ("heading", re.compile(rf"第?(?:\d+|[{_HAN}]+)(?:号)?(?:微)?网格\s*:|(?:包含|包括|范围|含)\s*:?")),
    ("heading", re.compile(r"(?:(?<=[\n;])|\A)\s*(?:[(]?\d{1,2}[)]\s*|\d{1,2}[.、]\s*(?=[^\W\d_a-z]))")),
    ("heading", re.compile("[①-⑳]")),
    ("unknown", re.compile(r"[东南西北][至到临][^,、;。]*|[^,、;。()\d]{2,12}以[东南西北](?:[^,、;。]*)")),
    (
        "except",
        re.compile(
            rf"[(](?![^()]*{_TO}[^()]*,[^()]*除外)(?P<without>[^()]*?)(?:除外|以外|之外)[)]|(?P<beyond>(?:{_N})(?:{_UNIT})?)除外"
        ),
    ),
    ("except", re.compile(r"[(](?:除|不含|不包括|不包含|不括)(?P<without>[^()]*)[)]")),
    ("except", re.compile(r"(?:除|不含|不包括|不包含)(?P<without>[a-z\d第号楼栋幢座#、,和及至到-]+)(?:以外|之外|外)?")),
    ("side", re.compile(rf"[(]?(?P<side>{_SIDE})(?:门牌)?(?:侧|一侧)?[)]?|[(](?P<brief>[单双])[)]")),
    ("doors", re.compile(rf"(?P<low>{_N})(?:{_TO}(?P<high>{_N}))?(?P<unit>单元|门洞)")),
    ("numbers", re.compile(rf"(?P<low>{_N})(?:{_UNIT})?{_TO}第?(?P<high>{_N})(?P<unit>{_UNIT})?")),
    ("numbers", re.compile(rf"(?P<low>{_N}[a-z]?)(?P<high>)(?P<unit>{_UNIT})?(?!弄)")),
    (
        "mark",
        re.compile(
            r"以及|沿街(?=\d|[单双奇偶])|沿线|两侧|第(?=\d)|(?:沿街)?(?:门面|商铺|店铺|门店)(?=$|[,、;。()\s])(?<=号..)"
        ),
    ),
    ("mark", re.compile(rf"[,、;。\s/.:()]+|(?:和|及|与)(?=[a-z]?\d)|{_ALL}|{_COUNT}")),
    ("name", re.compile(rf"[^\W\d_]+?\d+弄|[^\W\d_](?:(?:[^\W_]|·(?=\w))(?!(?:{_UNIT})))*?(?={_ENDS})")),
)
_STREET_END = re.compile(r"(?:大道|大街|路|街|道|巷|胡同|弄|里弄|公路)(?:[东西南北中]段?)?$")
_SECTION = re.compile(rf"(?:[{_HAN}\d]+[期区]|[a-z]区|[东西南北中][区苑园])$")
_MARKS = {"，": ",", "；": ";", "：": ":", "【": "(", "】": ")"} | dict.fromkeys("‐‑‒–—―−─～~", "-")
_RANGES = re.compile(rf"({_N})(?:(?:{_UNIT})?{_TO}第?({_N}))?")
_ODD = frozenset({"单", "单号", "奇数", "单数", "单侧"})


@dataclass(frozen=True)
class Stretch:
    """
    What one name of a list covers.

    `kind` is `building` (numbers of a compound's buildings), `street` (house numbers, `low` to `high` on one side or
    both), or `whole` (a name without numbers). `entrances` narrows one building to its stairwells.
    """

    name: str
    kind: str
    numbers: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None
    parity: str = "all"
    without: tuple[str, ...] = ()
    entrances: tuple[str, ...] = ()


@dataclass(frozen=True)
class Listed:
    """What a piece of prose names, and what in it was not understood: place in the text, words."""

    stretches: tuple[Stretch, ...]
    unknown: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class _Piece:
    start: int
    kind: str
    text: str
    groups: Mapping[str, str | None]

    @property
    def low(self) -> str:
        return self.groups.get("low") or ""

    @property
    def high(self) -> str:
        return self.groups.get("high") or self.low


def listed(text: str) -> Listed:
    """Read a list in prose."""
    stretches: list[Stretch] = []
    unknown: list[tuple[int, str]] = []
    name, parity = "", "all"
    for piece in _pieces("".join(_one_width(letter) for letter in text)):
        if piece.kind == "unknown":
            unknown.append((piece.start, piece.text))
        elif piece.kind == "name":
            name, parity = _whole_name(piece.text, name), "all"
            stretches.append(Stretch(name, "whole"))
        elif piece.kind == "side":
            parity = "odd" if (piece.groups["side"] or piece.groups["brief"]) in _ODD else "even"
            stretches = _one_side(stretches, name, parity)
        elif piece.kind == "except":
            stretches = _without(stretches, piece.groups["without"] or piece.groups.get("beyond") or "")
        elif piece.kind == "doors":
            stretches = _entrances(stretches, _span(piece.low, piece.high))
        else:
            stretches = _numbered(stretches, name, piece, parity)
    return Listed(tuple(stretches), tuple(unknown))


def _whole_name(text: str, before: str) -> str:
    """Give the name of a section its compound: behind 幸福花园一期 or 幸福花园 二期 is 幸福花园二期."""
    if _SECTION.fullmatch(text) and before and not _STREET_END.search(before):
        return _SECTION.sub("", before) + text
    return text


def _one_width(letter: str) -> str:
    """Give a letter in one width and case, as one letter, so that places in the text stay; ① stays what it is."""
    if "①" <= letter <= "⑳":
        return letter
    plain = unicodedata.normalize("NFKC", letter).casefold()
    return _MARKS.get(plain, plain) if len(plain) == 1 else letter


def _pieces(text: str) -> Iterator[_Piece]:
    """Cut a text into what is understood, and runs of what is not."""
    at, lost = 0, 0
    while at < len(text):
        hits = ((kind, hit) for kind, pattern in _PIECES if (hit := pattern.match(text, at)) and hit.end() > at)
        kind, found = next(hits, ("", None))
        if found is None:
            at += 1
            continue
        if lost < at:
            yield _Piece(lost, "unknown", text[lost:at], {})
        if kind not in ("mark", "heading"):
            yield _Piece(at, kind, found.group(), found.groupdict())
        at = lost = found.end()
    if lost < len(text):
        yield _Piece(lost, "unknown", text[lost:], {})


def _span(low_text: str, high_text: str) -> tuple[str, ...]:
    """Give every number from low to high; a letter before them stays."""
    low, high = _value(low_text), _value(high_text)
    letter = low_text[0] if low_text[:1].isascii() and low_text[:1].isalpha() else ""
    if low is None or high is None or not 0 <= high - low <= LONGEST_RANGE or low == high:
        return (low_text if numeral(low_text) is None else str(numeral(low_text)),)
    return tuple(f"{letter}{number}" for number in range(low, high + 1))


def _value(text: str) -> int | None:
    digits = text.lstrip("abcdefghijklmnopqrstuvwxyz").rstrip("abcdefghijklmnopqrstuvwxyz")
    return int(digits) if digits.isdigit() else numeral(digits)


def _numbered(stretches: list[Stretch], name: str, piece: _Piece, parity: str) -> list[Stretch]:
    """Put numbers to the name before them."""
    last = stretches[-1] if stretches and stretches[-1].name == name else None
    if _STREET_END.search(name) and not re.search("[楼栋幢]", piece.groups["unit"] or ""):
        side = parity if piece.groups["high"] else "all"
        new = Stretch(name, "street", low=_value(piece.low), high=_value(piece.high), parity=side)
    else:
        new = Stretch(name, "building", numbers=_span(piece.low, piece.high))
    if last and (last.kind == "whole" or (last.kind == "street" and last.low is None)):
        return [*stretches[:-1], new]
    if last and last.kind == new.kind == "building" and not (last.without or last.entrances):
        return [*stretches[:-1], replace(last, numbers=tuple(dict.fromkeys(last.numbers + new.numbers)))]
    return [*stretches, new]


def _one_side(stretches: list[Stretch], name: str, parity: str) -> list[Stretch]:
    """Narrow the stretch just read to one side of its street, or a whole street to that side."""
    last = stretches[-1] if stretches else None
    if last is None or last.name != name:
        return stretches
    if last.kind == "building":
        wanted = 1 if parity == "odd" else 0
        kept = tuple(one for one in last.numbers if (_value(one) or 0) % 2 == wanted)
        return [*stretches[:-1], replace(last, numbers=kept, parity=parity)]
    return [*stretches[:-1], replace(last, kind="street", parity=parity)]


def _without(stretches: list[Stretch], inner: str) -> list[Stretch]:
    """Take exceptions out of the stretch just read."""
    last = stretches[-1] if stretches else None
    gone = tuple(one for low, high in _RANGES.findall(inner) for one in _span(low, high or low))
    if last is None or not gone:
        return stretches
    if last.kind == "building":
        kept = tuple(one for one in last.numbers if one not in gone)
        return [*stretches[:-1], replace(last, numbers=kept, without=last.without + gone)]
    return [*stretches[:-1], replace(last, without=last.without + gone)]


def _entrances(stretches: list[Stretch], doors: tuple[str, ...]) -> list[Stretch]:
    """Narrow the building just read to some of its stairwells."""
    last = stretches[-1] if stretches else None
    if last is None or last.kind != "building" or not last.numbers:
        return stretches
    before = [replace(last, numbers=last.numbers[:-1])] if len(last.numbers) > 1 else []
    return [*stretches[:-1], *before, replace(last, numbers=last.numbers[-1:], entrances=last.entrances + doors)]

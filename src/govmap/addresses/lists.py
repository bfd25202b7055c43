"""Lists of buildings and stretches of streets in prose, as last year's division has them in one cell.

In 幸福小区1-8号楼（除3号楼）、10号楼、建设路单号12-48号 there are names, numbers behind a name until the
next one, ranges, odd and even sides, exceptions. Nothing is looked up here; what cannot be read is given back with its
place in the cell.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from govmap.addresses import western
from govmap.addresses.stretches import Listed, Stretch, span, value

_HANZI = re.compile(r"[一-鿿]")
_HAN = "零〇一二两三四五六七八九十百"
_N = rf"(?:[a-z]?\d+|[{_HAN}]+(?=号|栋|幢|座|#|单元|层|至|到|-))"
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
    ("marked", re.compile(rf"[a-z]{{1,2}}-\d{{1,4}}(?![\da-z])(?!{_UNIT})")),
    ("nameless", re.compile(r"(?P<in>[^,、;。()]{1,30}?)?内?无名(?:楼栋|建筑|楼)(?P<count>\d+)(?:栋|幢|座)")),
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
    ("within", re.compile(r"\s*\((?P<words>(?:entrance|stairwell|door|floor|storey|level)[^()]*)\)")),
    ("floors", re.compile(rf"(?P<low>{_N})(?:{_TO}(?P<high>{_N}))?(?:楼层|层)")),
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
_LATIN, _STOP = re.compile(r"[^\W\d_一-鿿]"), re.compile(r"[、,;()]")
_NAME_ENDS = re.compile(r"(?<=[^\W\d_])\s*(?=[\d一-鿿])|\s")
_STREET_END = re.compile(r"(?:大道|大街|路|街|道|巷|胡同|弄|里弄|公路)(?:[东西南北中]段?)?$")
_SECTION = re.compile(rf"(?:[{_HAN}\d]+[期区]|[a-z]区|[东西南北中][区苑园])$")
_MARKS = {"，": ",", "；": ";", "：": ":", "【": "(", "】": ")"} | dict.fromkeys("‐‑‒–—―−─～~", "-")
_RANGES = re.compile(rf"({_N})(?:(?:{_UNIT})?{_TO}第?({_N}))?")
_ODD = frozenset({"单", "单号", "奇数", "单数", "单侧"})


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


def listed(text: str, known: Callable[[str], bool] = lambda _: False) -> Listed:
    """
    Read a list in prose, in Chinese or in English.

    Parameters
    ----------
    known
        Tells whether a text is, as it stands, the name of something; asked where words do not tell.
    """
    if not _HANZI.search(text):
        return western.listed(text, known)
    stretches: list[Stretch] = []
    unknown: list[tuple[int, str]] = []
    nameless: list[tuple[int, str, int]] = []
    name, parity = "", "all"
    for piece in _pieces("".join(_one_width(letter) for letter in text), known):
        if piece.kind == "unknown":
            unknown.append((piece.start, piece.text))
        elif piece.kind == "nameless":
            nameless.append((piece.start, piece.groups["in"] or "", int(piece.groups["count"] or 0)))
        elif piece.kind == "name":
            name, parity = _whole_name(piece.text, name), "all"
            stretches.append(Stretch(name, "whole"))
        elif piece.kind == "side":
            parity = "odd" if (piece.groups["side"] or piece.groups["brief"]) in _ODD else "even"
            stretches = _one_side(stretches, name, parity)
        else:
            stretches = _narrowed(stretches, name, piece, parity)
    return Listed(tuple(stretches), tuple(unknown), tuple(nameless))


def _narrowed(stretches: list[Stretch], name: str, piece: _Piece, parity: str) -> list[Stretch]:
    """Put to what was read before what a piece says of it."""
    if piece.kind == "marked":  # the mark that a map has for a building without a number: A-12
        return [*stretches, Stretch(piece.text, "whole")]
    if piece.kind == "within":  # an English list of buildings with Chinese names
        return list(western.narrowed(tuple(stretches), piece.groups["words"] or "") or stretches)
    if piece.kind == "except":
        return _without(stretches, piece.groups["without"] or piece.groups.get("beyond") or "")
    if piece.kind == "doors":
        return _entrances(stretches, span(piece.low, piece.high))
    if piece.kind == "floors":
        return _floors(stretches, value(piece.low), value(piece.high))
    return _numbered(stretches, name, piece, parity)


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


def _pieces(text: str, known: Callable[[str], bool]) -> Iterator[_Piece]:
    """Cut a text into what is understood, and runs of what is not."""
    at, lost = 0, 0
    while at < len(text):
        end = (
            _named_until(text, at, known) if _LATIN.match(text, at) and (at == 0 or not text[at - 1].isalnum()) else at
        )
        if end > at:
            if lost < at:
                yield _Piece(lost, "unknown", text[lost:at], {})
            yield _Piece(at, "name", text[at:end], {})
            at = lost = end
            continue
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


def _named_until(text: str, at: int, known: Callable[[str], bool]) -> int:
    """Say where a name in Latin letters that is known ends, the longest one; where it begins if there is none."""
    stop = _STOP.search(text, at)
    last = stop.start() if stop else len(text)
    ends = [one.start() for one in _NAME_ENDS.finditer(text, at + 1, last)]
    return next((end for end in [last, *reversed(ends)] if known(text[at:end].strip())), at)


def _numbered(stretches: list[Stretch], name: str, piece: _Piece, parity: str) -> list[Stretch]:
    """Put numbers to the name before them."""
    last = stretches[-1] if stretches and stretches[-1].name == name else None
    street = _STREET_END.search(name) or (last is not None and last.kind == "street")
    if street and not re.search("[楼栋幢]", piece.groups["unit"] or ""):
        side = parity if piece.groups["high"] else "all"
        new = _of_street(name, piece, side)
    else:
        new = Stretch(name, "building", numbers=span(piece.low, piece.high))
    if last and (last.kind == "whole" or (last.kind == "street" and last.low is None)):
        return [*stretches[:-1], new]
    if last and last.kind == new.kind == "building" and not (last.without or last.entrances):
        return [*stretches[:-1], replace(last, numbers=tuple(dict.fromkeys(last.numbers + new.numbers)))]
    return [*stretches, new]


def _of_street(name: str, piece: _Piece, parity: str) -> Stretch:
    """Give a run of house numbers, or one: 12-1号 is no run."""
    low, high = value(piece.low), value(piece.high)
    if not piece.groups["high"] or (low or 0) > (high or 0):
        said = f"{piece.low}-{piece.high}" if piece.groups["high"] else piece.low
        return Stretch(name, "street", low=low, high=low, parity="all", number=said)
    return Stretch(name, "street", low=low, high=high, parity=parity)


def _one_side(stretches: list[Stretch], name: str, parity: str) -> list[Stretch]:
    """Narrow the stretch just read to one side of its street, or a whole street to that side."""
    last = stretches[-1] if stretches else None
    if last is None or last.name != name:
        return stretches
    if last.kind == "building":
        wanted = 1 if parity == "odd" else 0
        kept = tuple(one for one in last.numbers if (value(one) or 0) % 2 == wanted)
        return [*stretches[:-1], replace(last, numbers=kept, parity=parity)]
    return [*stretches[:-1], replace(last, kind="street", parity=parity, number="")]


def _without(stretches: list[Stretch], inner: str) -> list[Stretch]:
    """Take exceptions out of the stretch just read."""
    last = stretches[-1] if stretches else None
    gone = tuple(one for low, high in _RANGES.findall(inner) for one in span(low, high or low))
    if last is None or not gone:
        return stretches
    if last.kind == "building":
        kept = tuple(one for one in last.numbers if one not in gone)
        return [*stretches[:-1], replace(last, numbers=kept, without=last.without + gone)]
    return [*stretches[:-1], replace(last, without=last.without + gone)]


def _entrances(stretches: list[Stretch], doors: tuple[str, ...]) -> list[Stretch]:
    """Narrow the building just read to some of its stairwells."""
    last = stretches[-1] if stretches else None
    if last is None or not _one_building(last):
        return stretches
    before = [replace(last, numbers=last.numbers[:-1])] if len(last.numbers) > 1 else []
    if last.floors is not None:  # stairwells behind floors begin anew: 1单元1-3层、2单元
        return [*stretches, replace(last, entrances=doors, floors=None)]
    return [*stretches[:-1], *before, replace(last, numbers=last.numbers[-1:], entrances=last.entrances + doors)]


def _floors(stretches: list[Stretch], low: int | None, high: int | None) -> list[Stretch]:
    """Narrow the building just read to some of its floors."""
    last = stretches[-1] if stretches else None
    if last is None or not _one_building(last) or low is None or high is None:
        return stretches
    before = [replace(last, numbers=last.numbers[:-1])] if len(last.numbers) > 1 else []
    if last.floors is not None:
        return [*stretches, replace(last, entrances=(), floors=(low, high))]
    return [*stretches[:-1], *before, replace(last, numbers=last.numbers[-1:], floors=(low, high))]


def _one_building(stretch: Stretch) -> bool:
    """Tell whether words mean one building at their end: a number, a name, or one house of a street."""
    return bool(stretch.numbers) or stretch.kind == "whole" or bool(stretch.number)


def within(text: str) -> list[tuple[tuple[str, ...], tuple[int, int] | None]]:
    """Read which stairwells and floors of a building are meant: 1-3单元、5单元2-4层; nothing where it says no such."""
    if not _HANZI.search(text):
        return western.within(text)
    found = listed(f"某楼1号楼{text}").stretches
    plain = [one for one in found if one.entrances or one.floors]
    return [(one.entrances, one.floors) for one in plain] if len(plain) == len(found) else []

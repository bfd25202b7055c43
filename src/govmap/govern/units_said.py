"""Which units of a plan people mean by the words of a cell: 第三网格, 3, U003, 1-4网格, 北片、市场.

By code, then by name, then by number; units of the level that the words name go before others. What may mean two units
is none.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from govmap.addresses.forms import numeral

_BETWEEN = re.compile(r"[、,，;；/|\n]+|(?<=\d)[和与及](?=第?[\d一二三四五六七八九十])|\s+(?:and|&)\s+")
_HAN = "〇零一二两三四五六七八九十百"
_NUMBER = re.compile(rf"\d+|[{_HAN}]+")
_RANGE = re.compile(
    rf"(?P<head>[^\d]*?)第?(?P<low>\d+|[{_HAN}]+)(?:号)?(?:微?网格|片区|单元)?\s*(?:-|~|至|到|\bto\b)\s*第?(?P<high>\d+|[{_HAN}]+)(?P<tail>\D*)"
)
_LEVELS = (("microgrid", re.compile(r"微网格|micro")), ("grid", re.compile(r"(?<!微)网格|\bgrid\b")))
_WORDS = re.compile(
    r"网格单元|微网格|网格|片区|单元|责任区|第|号|#|no\.?|unit|grid|beat|area|neighbou?rhood|zone|patch", re.IGNORECASE
)
LONGEST_RANGE = 200


@dataclass(frozen=True)
class Meant:
    """Units that a cell names, sorted; words of it that name none, and words that may name several."""

    units: tuple[str, ...]
    unknown: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()


class Names:
    """What the units of one plan are called."""

    def __init__(self, units: pd.DataFrame) -> None:
        """Learn from rows of `units`: unit_id, code, name, level, parent_unit_id."""
        self._by: list[dict[str, set[str]]] = [{}, {}, {}, {}]
        self._level: dict[str, str] = {}
        self._top = tuple(sorted(str(one) for one in units.loc[units["parent_unit_id"].isna(), "unit_id"]))
        for row in units.sort_values("unit_id").to_dict("records"):
            unit = str(row["unit_id"])
            self._level[unit] = str(row.get("level") or "")
            code, name = (row[one] if isinstance(row[one], str) else "" for one in ("code", "name"))
            for at, words in enumerate(((code, unit), (name,), (_core(name),), (_last(name), _last(code)))):
                for word in words:
                    if word:
                        self._by[at].setdefault(_plain(word), set()).add(unit)

    def meant(self, cell: str, *, every: Iterable[str] = ()) -> Meant:
        """
        Find the units that a cell names.

        Parameters
        ----------
        every
            Words that mean all units of the topmost level.
        """
        if _plain(cell) in {_plain(one) for one in every}:
            return Meant(self._top)
        whole = self._one(cell)
        if len(whole) == 1:
            return Meant(tuple(whole))
        units: set[str] = set()
        unknown: list[str] = []
        several: list[str] = []
        for piece in _pieces(cell):
            found = self._one(piece)
            units |= found if len(found) == 1 else set()
            if len(found) != 1:
                (several if found else unknown).append(piece)
        return Meant(tuple(sorted(units)), tuple(unknown), tuple(several))

    def _one(self, words: str) -> set[str]:
        """Give the units that words mean: one, none, or several between which they do not decide."""
        core = _core(words)
        number = (
            _last(words) if not _WORDS.sub("", unicodedata.normalize("NFKC", words)).strip(" 0123456789" + _HAN) else ""
        )
        for known, word in zip(self._by, (words, words, core, number), strict=True):
            found = known.get(_plain(word), set()) if word else set()
            if len(found) > 1:
                found = self._of_level(words, found)
            if found:
                return found
        return set()

    def _of_level(self, words: str, found: set[str]) -> set[str]:
        """Of units with the same word keep those of the level that is named."""
        level = next((level for level, word in _LEVELS if word.search(words)), None)
        return {one for one in found if self._level[one] == level} or found


def _pieces(cell: str) -> list[str]:
    """Divide a cell into words for one unit each; 1-4网格 are four."""
    found: list[str] = []
    for piece in _BETWEEN.split(cell):
        text = unicodedata.normalize("NFKC", piece).strip(" .。")
        span = _RANGE.fullmatch(text)
        low, high = (_value(span[name]) for name in ("low", "high")) if span else (None, None)
        if span is None or low is None or high is None or not low < high <= low + LONGEST_RANGE:
            found += [text] if text else []
            continue
        width = len(span["low"]) if span["low"].startswith("0") else 0
        found += [f"{span['head']}{number:0{width}d}{span['tail']}" for number in range(low, high + 1)]
    return found


def _value(text: str) -> int | None:
    return int(text) if text.isdecimal() else numeral(text)


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in text if letter.isalnum())


def _core(text: str) -> str:
    """Give a name without the words for unit, numbers as digits: 第三网格 and 3号网格 are 3, 北片网格 is 北片."""
    text = unicodedata.normalize("NFKC", text)
    numbered = _NUMBER.sub(lambda found: str(_value(found[0]) if _value(found[0]) is not None else found[0]), text)
    return _WORDS.sub("", numbered).strip() if text else ""


def _last(text: str) -> str:
    """Give the number at the end of a name or code without its zeros: U003 and 第三网格 are 3."""
    found = _NUMBER.findall(_WORDS.sub(" ", unicodedata.normalize("NFKC", text)))
    value = _value(found[-1][-3:] if found and found[-1].isdecimal() else found[-1]) if found else None
    return "" if value is None else str(value)


def called(units: pd.DataFrame, ids: Iterable[str]) -> list[str]:
    """Name units by the code that people know, sorted."""
    code: Mapping[str, object] = dict(zip(units["unit_id"], units["code"], strict=True))
    return sorted({str(code.get(one) or one) for one in ids})

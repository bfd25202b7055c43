"""Text cells of a list, whole columns at once: most of a million cells are tidy, and joined together they show it.

A piece of some thousand cells is joined and looked at once; only where something stands out is each cell taken alone,
and each different text once.
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Flags = npt.NDArray[np.bool_]
MISSING = frozenset(
    ["", "-", "--", "—", "——", "/", "\\", "\\n", "无", "暂无", "不详", "未知", "空", "無", "不詳", "待定"]
)
MISSING |= frozenset(["n/a", "na", "null", "none", "nan", "nil", "unknown", "n.a.", "#n/a", "tbd"])
SPOKEN = MISSING - {""}
PIECE, SEPARATOR = 10_000, "\0"
# What has no width, or only turns the direction in which is written: a page copied from the web or a chat brings it.
UNSEEN = (
    "\u200b",
    "\u200e",
    "\u200f",
    "\u061c",
    *map(chr, range(0x202A, 0x202F)),
    *map(chr, range(0x2066, 0x206A)),
    "\ufeff",
)
WITHOUT_UNSEEN, LONGEST_SPOKEN = dict.fromkeys(map(ord, UNSEEN)), max(map(len, SPOKEN))


@dataclass(frozen=True)
class Parsed:
    """
    The values of a column, and which cells are bad.

    `decided` is what was decided for the whole column (`dmy`, `mdy`, `unsure`, `serial`); `reasons` says of bad cells
    why, where that is more than that they cannot be read.
    """

    values: "pd.Series[Any]"
    bad: Flags
    decided: str | None = None
    reasons: npt.NDArray[np.object_] | None = None


def clean(text: str) -> str:
    """Give a cell without width, outer spaces and the marks people use for nothing."""
    text = text if text.isascii() else unicodedata.normalize("NFKC", text).translate(WITHOUT_UNSEEN)
    text = text.strip().strip("'").strip()
    return "" if text.casefold() in MISSING else text


def cleaned(cells: "pd.Series[Any]") -> "pd.Series[Any]":
    """Clean every cell of a column."""
    memo: dict[str, str] = {}
    found: list[str] = []
    for piece in pieces(cells):
        found += piece if tidy(piece) else [_remembered(text, clean, memo) for text in piece]
    return as_column(found, cells.index)


def texts(cells: "pd.Series[Any]") -> "pd.Series[Any]":
    """Give text as it stands, without outer spaces; None where there is none."""
    memo: dict[str, str | None] = {}
    found: list[str | None] = []
    for piece in pieces(cells):
        plain = tidy(piece) and "" not in piece
        found += piece if plain else [_remembered(text, _own_text, memo) for text in piece]
    return as_column(found, cells.index)


def each(cells: "pd.Series[Any]", read: Callable[[str], Any]) -> "pd.Series[Any]":
    """Read every different cell once."""
    memo: dict[str, Any] = {}
    return as_column([_remembered(text, read, memo) for text in _listed(cells)], cells.index)


def pieces(cells: "pd.Series[Any]") -> Iterator[list[str]]:
    """Give a column in pieces; what is no text counts as an empty cell."""
    every = _listed(cells)
    for start in range(0, len(every), PIECE):
        yield every[start : start + PIECE]


def tidy(piece: Sequence[str]) -> bool:
    """Tell that `clean` would change none of these cells."""
    text = SEPARATOR.join(piece)
    if not text.isascii() and (not unicodedata.is_normalized("NFKC", text) or any(mark in text for mark in UNSEEN)):
        return False
    if "'" in text or list(map(str.strip, piece)) != piece:
        return False
    return min(map(len, piece), default=0) > LONGEST_SPOKEN or SPOKEN.isdisjoint(map(str.casefold, piece))


def blank(cells: Sequence[str]) -> Flags:
    """Tell which cells hold nothing but space."""
    if min(map(len, cells), default=0) and not any(map(str.isspace, cells)):
        return np.zeros(len(cells), dtype=bool)
    return np.fromiter((not text or text.isspace() for text in cells), dtype=bool, count=len(cells))


def as_column(found: Sequence[Any], index: "pd.Index[Any]") -> "pd.Series[Any]":
    """Give values as a column of objects, as they are."""
    column = np.empty(len(found), dtype=object)
    column[:] = found
    return pd.Series(column, index=index, dtype=object)


def _own_text(text: str) -> str | None:
    return text.translate(WITHOUT_UNSEEN).strip() if clean(text) else None


def _remembered(text: str, read: Callable[[str], Any], memo: dict[str, Any]) -> Any:
    if text not in memo:
        memo[text] = read(text)
    return memo[text]


def _listed(cells: "pd.Series[Any]") -> list[str]:
    every = cells.tolist()
    if set(map(type, every)) <= {str}:
        return every
    return [text if isinstance(text, str) else "" for text in every]

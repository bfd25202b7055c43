"""Where a list begins: its header among titles, merged cells and blank rows, and the rows below it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from govmap.errors import TableError
from govmap.sources import columns, texts
from govmap.sources.plain import Plain

Cell = tuple[int, int]
Range = tuple[Cell, Cell]
HIGHEST_HEADER, FEWEST_KNOWN = 30, 2
OUR_COLUMN = "source_row"
AGAIN = re.compile(r" \(\d+\)$")  # behind a name that stood there before
NUMBER = re.compile(r"\s*[-+]?[\d,.]+%?\s*")


@dataclass(frozen=True)
class Sheet:
    """Rows of text cells from the first row of the file on (of a `plain` text the first ones), and what was found."""

    rows: list[list[str]]
    merged: tuple[Range, ...] = ()
    found: dict[str, Any] = field(default_factory=dict)
    plain: Plain | None = None


@dataclass(frozen=True)
class Body:
    """The rows below a header: text cells with `source_row`, how many cells each row had, numbers shared by merging."""

    frame: pd.DataFrame
    widths: npt.NDArray[np.int64]
    shared: frozenset[tuple[int, str]]
    found: dict[str, Any]


def is_list(sheet: Sheet) -> bool:
    """Tell whether a sheet has a header whose words we know."""
    return any(_known(row) >= FEWEST_KNOWN for row in sheet.rows[:HIGHEST_HEADER])


def body(sheet: Sheet, where: str) -> Body:
    """
    Take a sheet apart into its header and the rows below it.

    The header is the row with most names that we know, else the first row that is filled as far as the rows below it
    and holds no number. A header of two rows gives names such as `人口›60岁以上`. Text in merged cells goes for all
    their rows; a number in cells merged over several rows belongs to none of them alone and is marked.
    """
    if sheet.plain is not None:
        quick = _plain_body(sheet.rows, sheet.plain, where)
        if quick is not None:
            return quick
        sheet = replace(sheet, rows=sheet.plain.every_row(), plain=None)
    rows = [list(row) for row in sheet.rows] if sheet.merged else sheet.rows
    first = _header_row(rows, where)
    top, last = _header_rows(rows, sheet.merged, first)
    names = _names(rows, sheet.merged, top, last)
    _refuse_beside(names, where)
    shared = _spread_merged(rows, sheet.merged, last, names)
    numbers = [number for number in range(last + 1, len(rows)) if any(map(str.strip, rows[number]))]
    below = [rows[number] for number in numbers]
    wide = max(map(_width, below), default=0)
    if not (sheet.merged or sheet.found.get("format") == "workbook"):
        wide = min(wide, len(rows[last]))  # of a text, only cells that the header has too, if without a name
    names = once_each([*names, *[""] * (wide - len(names))])
    frame, widths = _frame(below, names), _widths(below, len(names))
    nameless = [name for place, name in enumerate(names, start=1) if name == f"#{place}"]
    spare = [name for name in nameless if texts.blank(frame[name].tolist()).all()]
    if spare:  # a workbook is as wide as its farthest cell
        frame = frame.drop(columns=spare)
        widths = np.where(widths <= len(names), np.minimum(widths, len(names) - len(spare)), widths)
    frame[OUR_COLUMN] = np.array(numbers, dtype=np.int64) + 1
    return Body(frame, widths, shared, {"header_row": last + 1})


def _plain_body(rows: list[list[str]], plain: Plain, where: str) -> Body | None:
    """Take a long text apart whole columns at once, where every row below its header has a cell for each name."""
    last = _header_row(rows, where)
    if not all(cell.strip() for cell in rows[last]):
        return None
    names = _names(rows, (), last, last)
    frame = plain.below(last, len(names))
    if frame is None:
        return None
    frame.columns = pd.Index(names, dtype=object)
    frame[OUR_COLUMN] = np.arange(last + 2, last + 2 + len(frame), dtype=np.int64)
    empty = _empty(frame, names)
    if empty.any():
        frame = frame[~empty].reset_index(drop=True)
    return Body(frame, np.full(len(frame), len(names), dtype=np.int64), frozenset(), {"header_row": last + 1})


def _empty(frame: pd.DataFrame, names: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Tell which rows have nothing in any of these columns."""
    rows = np.arange(len(frame))
    for name in names:
        rows = rows[texts.blank(frame[name].iloc[rows].tolist())]
    empty = np.zeros(len(frame), dtype=bool)
    empty[rows] = True
    return empty


def _header_row(rows: list[list[str]], where: str) -> int:
    head = rows[:HIGHEST_HEADER]
    known = [_known(row) for row in head]
    filled = [_filled(row) for row in rows[: 2 * HIGHEST_HEADER]]
    usual = int(np.median([count for count in filled if count] or [0]))
    if known and max(known) >= FEWEST_KNOWN:  # of several the one as wide as the list: above it stand names with values
        best = [number for number, count in enumerate(known) if count == max(known)]
        return next((number for number in best if filled[number] >= usual), best[0])
    if not any(filled):
        raise TableError("file_empty", where=where)
    for number, row in enumerate(head):
        if filled[number] >= usual and not any(NUMBER.fullmatch(cell) for cell in row):
            return number
    raise TableError("file_no_header", where=where)


def _header_rows(rows: list[list[str]], merged: Sequence[Range], row: int) -> tuple[int, int]:
    """Widen a header over the rows that merged cells tie to it."""
    top, last = row, row
    for (r0, _), (r1, _) in merged:
        if r0 < row <= r1:
            top = min(top, r0)
        if r0 <= row < r1:
            last = max(last, r1)
    spans = [(c0, c1) for (r0, c0), (r1, c1) in merged if r0 == r1 == last and c1 > c0]
    below = rows[last + 1] if last + 1 < len(rows) else []
    for c0, c1 in spans:
        under = [cell.strip() for cell in below[c0 : c1 + 1]]
        if all(under) and not any(NUMBER.fullmatch(cell) for cell in under):
            return top, last + 1
    return top, last


def _names(rows: list[list[str]], merged: Sequence[Range], top: int, last: int) -> list[str]:
    """Name the columns by their header cells, top down, once each."""
    block = [list(row) for row in rows[top : last + 1]]
    width = max((_width(row) for row in block), default=0)
    block = [row + [""] * (width - len(row)) for row in block]
    for (r0, c0), (r1, c1) in merged:
        if top <= r0 and r1 <= last:
            for r in range(r0, r1 + 1):
                block[r - top][c0 : min(c1 + 1, width)] = [block[r0 - top][c0]] * (min(c1 + 1, width) - c0)
    names = []
    for column in range(width):
        levels = [re.sub(r"\s+", " ", row[column]).strip() for row in block]
        names.append(columns.UNDER.join(dict.fromkeys(level for level in levels if level)))
    return once_each(names)


def _refuse_beside(names: Sequence[str], where: str) -> None:
    """Refuse two lists side by side, of which the right one would be left out: all names come again in their order."""
    named = [AGAIN.sub("", name) if AGAIN.sub("", name) in names else name for name in names if name[:1] != "#"]
    for wide in range(FEWEST_KNOWN, len(named) // 2 + 1):
        first, times = named[:wide], len(named) // wide
        if named == first * times and len(set(first)) == wide and _known(first) >= FEWEST_KNOWN:
            raise TableError("file_lists_beside", where=where, columns=first)


def once_each(names: Sequence[str]) -> list[str]:
    """Give every column a name of its own: blank ones by their place, repeated ones with a number behind."""
    taken: set[str] = {OUR_COLUMN}
    unique = []
    for place, name in enumerate(names, start=1):
        base = name or f"#{place}"
        chosen, number = base, 2
        while chosen in taken:
            chosen, number = f"{base} ({number})", number + 1
        taken.add(chosen)
        unique.append(chosen)
    return unique


def _spread_merged(
    rows: list[list[str]], merged: Sequence[Range], last: int, names: list[str]
) -> frozenset[tuple[int, str]]:
    """Write the text of merged cells into each of their rows, in place; name the numbers that stand for several."""
    shared: set[tuple[int, str]] = set()
    for (r0, c0), (r1, _) in merged:
        if r0 <= last or r1 == r0 or c0 >= len(names) or c0 >= len(rows[r0]):
            continue
        value = rows[r0][c0]
        if NUMBER.fullmatch(value):
            shared.update((r + 1, names[c0]) for r in range(r0, r1 + 1))
        for r in range(r0 + 1, min(r1 + 1, len(rows))):
            rows[r] += [""] * (c0 + 1 - len(rows[r]))
            rows[r][c0] = value
    return frozenset(shared)


def _frame(rows: list[list[str]], names: list[str]) -> pd.DataFrame:
    width = len(names)
    even = [row if len(row) == width else (row + [""] * width)[:width] for row in rows]
    cells = dict(zip(names, zip(*even, strict=True), strict=True)) if even else {}
    return pd.DataFrame(cells, columns=names, dtype=object)


def _widths(rows: list[list[str]], width: int) -> npt.NDArray[np.int64]:
    """Count the cells of each row: blank ones at the end count only below the header."""
    counted = (len(row) if len(row) <= width else max(width, _width(row)) for row in rows)
    return np.fromiter(counted, dtype=np.int64, count=len(rows))


def _width(row: Sequence[str]) -> int:
    return next((place for place in range(len(row), 0, -1) if row[place - 1].strip()), 0)


def _filled(row: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _known(row: Sequence[str]) -> int:
    names = {cell.strip() for cell in row if cell.strip()}
    return sum(columns.known(name) for name in names)

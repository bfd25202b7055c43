"""Where the list of a form lies: its header, the rows to be filled, and what stands below them."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache

from govmap import catalog
from govmap.exports.office.sheet import Merge, Sheet

UNDER = "›"
HIGHEST_HEADER, WIDEST, FEWEST_KNOWN = 30, 200, 2
NUMBER = re.compile(r"\s*[-+]?[\d,.]+%?\s*")
SUM_WORDS_IN_BODY = ("小计", "subtotal")


@dataclass(frozen=True)
class Form:
    """
    The list of a form.

    `names` are its columns by place, a header of two rows as 网格长›姓名; rows `first` to `last` are to be filled (none
    where `last` is above `first`); `subtotals` are examples of rows that total a group, `total` is the row of all;
    `reckoned` columns hold formulas of the form's own.
    """

    names: Mapping[int, str]
    head: int
    first: int
    last: int
    subtotals: tuple[int, ...]
    total: int | None
    reckoned: frozenset[int] = frozenset()

    @property
    def examples(self) -> list[int]:
        """Rows that show how a row looks."""
        return [row for row in range(self.first, self.last + 1) if row not in self.subtotals]


def plain(text: str) -> str:
    """Give a word without case, width, spaces, punctuation and what stands in brackets."""
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(r"[(\[【].*?[)\]】]", "", text) or text
    return re.sub(r"[\W_]+", "", text.casefold().replace("+", "plus"))


def find(sheet: Sheet, known: Collection[str]) -> Form | None:
    """
    Find the list of a sheet: the row of its first thirty with most words that are known, two at least.

    Parameters
    ----------
    known
        Words for columns, plain.
    """
    rows, columns = sheet.extent()
    columns = min(columns, WIDEST)
    counts = {row: _known(sheet, row, columns, known) for row in range(1, min(rows, HIGHEST_HEADER) + 1)}
    best = max(counts, key=lambda row: (counts[row], -row), default=0)
    if counts.get(best, 0) < FEWEST_KNOWN:
        return None
    top, last = _header_rows(sheet, best, known)
    names = _names(sheet, top, last, columns)
    return _body(sheet, names, last, rows)


def _known(sheet: Sheet, row: int, columns: int, known: Collection[str]) -> int:
    return len({word for column in range(1, columns + 1) if (word := plain(sheet.text(row, column))) in known})


def _header_rows(sheet: Sheet, row: int, known: Collection[str]) -> tuple[int, int]:
    """Widen a header over the rows that merged cells tie to it, and the words below cells that span several columns."""
    top, last = row, row
    for r0, _, r1, _ in sheet.merges:
        if r0 < row <= r1:
            top = min(top, r0)
        if r0 <= row < r1:
            last = max(last, r1)
    if top == row and any(_below_known(sheet, span, row, known) for span in _spans(sheet, top - 1)):
        top -= 1
    if any(_all_words(sheet, span, last + 1) for span in _spans(sheet, last)):
        last += 1
    return top, last


def _spans(sheet: Sheet, row: int) -> list[Merge]:
    """Give the cells of a row that span some columns: no title over all of them, no line to be filled in."""
    _, columns = sheet.extent()
    spans = [one for one in sheet.merges if one[0] == one[2] == row and 0 < one[3] - one[1] < columns - 1]
    return [one for one in spans if not re.search(r"[:：{｛]", sheet.text(row, one[1]))]


def _all_words(sheet: Sheet, span: Merge, row: int) -> bool:
    words = [sheet.text(row, column) for column in range(span[1], span[3] + 1)]
    return all(word.strip() and not NUMBER.fullmatch(word) for word in words)


def _below_known(sheet: Sheet, span: Merge, row: int, known: Collection[str]) -> bool:
    return _all_words(sheet, span, row) and any(
        plain(sheet.text(row, column)) in known for column in range(span[1], span[3] + 1)
    )


def _names(sheet: Sheet, top: int, last: int, columns: int) -> dict[int, str]:
    """Name the columns from the top down; a cell that spans several stands over all of them."""
    block = {(row, column): sheet.text(row, column) for row in range(top, last + 1) for column in range(1, columns + 1)}
    for r0, c0, r1, c1 in sheet.merges:
        if top <= r0 and r1 <= last:
            places = [(row, column) for row in range(r0, r1 + 1) for column in range(c0, c1 + 1)]
            block.update(dict.fromkeys(places, block.get((r0, c0), "")))
    names: dict[int, str] = {}
    for column in range(1, columns + 1):
        levels = [re.sub(r"\s+", " ", block.get((row, column), "")).strip() for row in range(top, last + 1)]
        name = UNDER.join(dict.fromkeys(filter(None, levels)))
        if name:
            names[column] = name
    wide = {column for r0, c0, r1, c1 in sheet.merges if r1 == last and c1 > c0 for column in range(c0 + 1, c1 + 1)}
    return {column: name for column, name in names.items() if column not in wide}


def _body(sheet: Sheet, names: Mapping[int, str], head: int, rows: int) -> Form:
    """Find the rows between header and totals or lines to be signed."""
    below = range(head + 1, rows + 1)
    kinds = {row: _kind(sheet, row) for row in below}
    end = next((row for row in below if kinds[row] in ("total", "line")), None)
    last = end - 1 if end is not None else _last_like(sheet, names, head, rows)
    subtotals = [row for row in below if kinds[row] == "subtotal" and row <= last]
    total = end if end is not None and kinds[end] == "total" else None
    if total is not None:
        last = _as_summed(sheet, total, head + 1, last)
    elif end is not None and not subtotals:
        last = _last_framed(sheet, names, head, last)
    reckoned = frozenset(
        column for row, column in sheet.cells if row == head + 1 <= last and sheet.formula(row, column)
    )
    return Form(names, head, head + 1, last, tuple(subtotals), total, reckoned)


def _kind(sheet: Sheet, row: int) -> str:
    """Say whether a row totals, is to be signed, or may be one of the list."""
    words = [text for column in range(1, 9) if (text := sheet.text(row, column).strip())]
    if not words:
        return ""
    totals, lines = _end_words()
    for word in words[:2]:
        if plain(word) in totals:
            return "subtotal" if plain(word) in SUM_WORDS_IN_BODY or plain(word).endswith("小计") else "total"
    first = re.split(r"[:：]", words[0])
    if len(first) > 1 and plain(first[0]) in lines:
        return "line"
    return "line" if plain(words[0]) in lines and len(words) == 1 else ""


@cache
def _end_words() -> tuple[frozenset[str], frozenset[str]]:
    ends = catalog.layer("rosters")["ends"]
    return frozenset(map(plain, ends["totals"])), frozenset(map(plain, ends["lines"]))


def _last_like(sheet: Sheet, names: Mapping[int, str], head: int, rows: int) -> int:
    """Of a list that nothing ends: the last row that has cells as the list has."""
    cells = {row: sum((row, column) in sheet.cells for column in names) for row in range(head + 1, rows + 1)}
    return max((row for row, count in cells.items() if count * 2 >= len(names)), default=head)


def _last_framed(sheet: Sheet, names: Mapping[int, str], head: int, last: int) -> int:
    """Leave blank rows between the list and the lines to be signed where they are: those without the list's cells."""
    return min(last, _last_like(sheet, names, head, last)) if last > head else last


def _as_summed(sheet: Sheet, total: int, first: int, last: int) -> int:
    """Let the list end where the formulas of its total do."""
    ends = []
    for row, column in sheet.cells:
        formula = sheet.formula(row, column) if row == total else None
        found = re.search(r"[A-Z]+\$?(\d+):\$?[A-Z]+\$?(\d+)", formula or "")
        if found and first <= int(found[1]) and first <= int(found[2]) < total:
            ends.append(int(found[2]))
    between = range(max(ends, default=last) + 1, last + 1)
    blank = not any(sheet.text(row, column) for row, column in sheet.cells if row in between)
    return max(ends) if ends and blank else last

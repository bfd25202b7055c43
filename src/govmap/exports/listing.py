"""Lists for people, as workbooks to be printed and pinned up: a title, one header on every page, totals below."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from govmap.exports.sheets import missing, timeless

NARROWEST, WIDEST, LOOKED_AT, SHORT = 5, 42, 2000, 10
FOR_A_PEN = {"worker": 10, "worker_phone": 14}
LANDSCAPE_FROM = 95
TITLE_SIZE, TITLE_HEIGHT, HEAD_HEIGHT, LINE_HEIGHT = 16, 30, 32, 15
THIN = Side(style="thin", color="808080")
BOX = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
HEAD, SUM = PatternFill("solid", fgColor="DDEBF7"), PatternFill("solid", fgColor="F2F2F2")
PAPERS = {"A4": 9, "Letter": 1, "A3": 8}
NUMBERS = {"whole": "#,##0", "area": "#,##0", "text": "@"}


@dataclass(frozen=True)
class Column:
    """One column of a list: the field it shows, its title and kind (`text`, `whole` or `area`)."""

    field: str
    title: str
    kind: str = "text"


@dataclass(frozen=True)
class Listing:
    """
    One sheet of a list.

    `rows` hold a column a field; `sums` are rows of the same fields to be set in bold, by the place behind which they
    stand: (rows before it, the row).
    """

    sheet: str
    title: str
    lines: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: pd.DataFrame
    sums: tuple[tuple[int, dict[str, Any]], ...] = ()


def workbook(listings: Sequence[Listing], *, paper: str = "A4", mark: str | None = None) -> bytes:
    """
    Write lists as a workbook, a sheet each.

    Parameters
    ----------
    paper
        A4, A3 or Letter.
    mark
        Printed at the foot of every page, as `INTERNAL`.
    """
    book = Workbook()
    book.remove(book.active)
    for one in listings:
        sheet = book.create_sheet(one.sheet[:31])
        _write(sheet, one)
        _for_print(sheet, one, paper, mark)
    page = io.BytesIO()
    book.save(page)
    return timeless(page.getvalue())


def _write(sheet: Worksheet, listing: Listing) -> None:
    wide = max(len(listing.columns), 1)
    for row, line in enumerate((listing.title, *listing.lines), start=1):
        cell = sheet.cell(row, 1)
        _put(cell, line)
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=wide)
        cell.alignment = Alignment(horizontal="center" if row == 1 else "left", vertical="center", wrap_text=True)
        cell.font = Font(bold=row == 1, size=TITLE_SIZE if row == 1 else 10)
    sheet.row_dimensions[1].height = TITLE_HEIGHT
    head = len(listing.lines) + 2
    widths = [width_of(column, listing.rows) for column in listing.columns]
    for place, column in enumerate(listing.columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = widths[place - 1]
        _style(sheet.cell(head, place), column.title, fill=HEAD, bold=True)
    sheet.row_dimensions[head].height = HEAD_HEIGHT
    last = _body(sheet, listing, head + 1, widths)
    sheet.freeze_panes = sheet.cell(head + 1, min(wide, 4))
    sheet.auto_filter.ref = f"A{head}:{get_column_letter(wide)}{max(last, head)}"
    sheet.print_title_rows = f"{head}:{head}"


def _body(sheet: Worksheet, listing: Listing, row: int, widths: Sequence[float]) -> int:
    """Write the rows, each sum where it belongs, and say which row is the last."""
    records = listing.rows.reindex(columns=[column.field for column in listing.columns]).to_dict("records")
    sums = list(listing.sums)
    for before in range(len(records) + 1):
        while sums and sums[0][0] == before:
            _row(sheet, row, listing, sums.pop(0)[1], widths, bold=True)
            row += 1
        if before < len(records):
            _row(sheet, row, listing, records[before], widths, bold=False)
            row += 1
    return row - 1


def _row(
    sheet: Worksheet, row: int, listing: Listing, cells: dict[Any, Any], widths: Sequence[float], *, bold: bool
) -> None:
    lines = 1
    for place, column in enumerate(listing.columns, start=1):
        value = cells.get(column.field)
        cell = sheet.cell(row, place)
        _style(cell, value, kind=column.kind, fill=SUM if bold else None, bold=bold)
        if isinstance(value, str) and not bold:
            lines = max(lines, lines_of(value, widths[place - 1]))
    if bold:
        _spread_label(sheet, row, listing, cells)
    sheet.row_dimensions[row].height = LINE_HEIGHT * lines + 3


def _spread_label(sheet: Worksheet, row: int, listing: Listing, cells: dict[Any, Any]) -> None:
    """Let the words of a sum go on over the empty cells behind them."""
    filled = [place for place, column in enumerate(listing.columns, start=1) if not missing(cells.get(column.field))]
    if filled:
        end = filled[1] - 1 if len(filled) > 1 else len(listing.columns)
        sheet.merge_cells(start_row=row, start_column=filled[0], end_row=row, end_column=end)
        sheet.cell(row, filled[0]).alignment = Alignment(horizontal="left", vertical="center", wrap_text=True)


def _style(cell: Any, value: Any, *, kind: str = "text", fill: PatternFill | None = None, bold: bool = False) -> None:
    _put(cell, value)
    number = cell.data_type == "n" and cell.value is not None
    cell.number_format = NUMBERS[kind] if number or kind == "text" else "General"
    cell.font, cell.border = Font(bold=bold, size=10), BOX
    side = "right" if kind != "text" else ("center" if fill is HEAD else "left")
    cell.alignment = Alignment(horizontal="center" if fill is HEAD else side, vertical="center", wrap_text=True)
    if fill is not None:
        cell.fill = fill


def _put(cell: Any, value: Any) -> None:
    """Write a value: numbers as numbers, everything else as text that is no formula."""
    if missing(value):
        return
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
        cell.data_type = "s"
    else:
        cell.value = float(value) if isinstance(value, float) and not float(value).is_integer() else int(value)


def width_of(column: Column, rows: pd.DataFrame) -> float:
    """Give a width by which the title breaks into two lines at most and most cells into none."""
    whole = letters(column.title) + 2
    title = max(whole if whole <= SHORT else -(-whole // 2) + 2, FOR_A_PEN.get(column.field, 0))
    if column.field not in rows:
        return max(NARROWEST, title)
    cells = (one for one in rows[column.field].iloc[:LOOKED_AT] if not missing(one))
    longest = sorted(letters(one if isinstance(one, str) else f"{one:,}") for one in cells)
    usual = longest[int(len(longest) * 0.95)] if longest else 0
    return float(min(WIDEST, max(NARROWEST, title, usual + 2)))


def letters(text: str) -> int:
    """Count the places that a text takes: two for a Chinese letter."""
    return sum(2 if letter > "\u2e80" else 1 for letter in text)


def lines_of(text: str, width: float) -> int:
    """Count the lines that a text takes in a column of a width."""
    return sum(max(1, -(-letters(line) // max(int(width), 1))) for line in text.split("\n"))


def _for_print(sheet: Worksheet, listing: Listing, paper: str, mark: str | None) -> None:
    total = sum(sheet.column_dimensions[get_column_letter(one)].width for one in range(1, len(listing.columns) + 1))
    sheet.page_setup.paperSize = PAPERS.get(paper, PAPERS["A4"])
    sheet.page_setup.orientation = "landscape" if total > LANDSCAPE_FROM else "portrait"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left = margins.right = 0.4
    margins.top, margins.bottom = 0.6, 0.7
    sheet.oddFooter.center.text = "&P / &N"
    if mark:
        sheet.oddHeader.right.text = mark

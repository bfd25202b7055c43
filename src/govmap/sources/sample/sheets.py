"""Writes a sample's lists as offices keep them: workbooks with a title row, text files in the office's encoding.

The same rows give the same bytes: a workbook's clock stands still.
"""

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

Row = Sequence[Any]
WRITTEN = datetime(2026, 1, 15, 9, 0, 0)  # noqa: DTZ001 - openpyxl takes moments without a zone
ZIP_MOMENT = (2026, 1, 15, 9, 0, 0)
MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")
WIDEST = 44


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A list: its title, the names of its columns, its rows, and a last row of sums where it has one."""

    title: str
    head: Sequence[str]
    rows: Sequence[Row]
    total: Row | None = None
    merged: int | None = None


def write_xlsx(path: Path, sheet: Sheet) -> None:
    """Write a workbook: title over all columns, head, rows, sums; a column with one value throughout may be merged."""
    book = Workbook()
    page = book.active
    page.title = sheet.title[:28]
    page.append([sheet.title])
    page.append(list(sheet.head))
    for row in sheet.rows:
        page.append([None if cell == "" else cell for cell in row])
    if sheet.total:
        page.append([None if cell == "" else cell for cell in sheet.total])
    _merge(page, sheet)
    _dress(page, len(sheet.head))
    book.properties.creator = "govmap sample"
    book.properties.created = WRITTEN
    path.write_bytes(_still(book))


def write_csv(path: Path, sheet: Sheet, *, encoding: str) -> None:
    """Write a text file as a spreadsheet program saves it."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([sheet.head, *sheet.rows])
    path.write_bytes(text.getvalue().encode(encoding))


def _merge(page: Worksheet, sheet: Sheet) -> None:
    page.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(sheet.head))
    if sheet.merged is not None and len(sheet.rows) > 1:
        column = sheet.merged + 1
        page.merge_cells(start_row=3, end_row=2 + len(sheet.rows), start_column=column, end_column=column)


def _dress(page: Worksheet, columns: int) -> None:
    line = Side(style="thin", color="999999")
    page["A1"].font = Font(bold=True, size=14)
    page["A1"].alignment = Alignment(horizontal="center", vertical="center")
    page.row_dimensions[1].height = 28
    for cell in page[2]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="E7E6E6")
    for row in page.iter_rows(min_row=2):
        for cell in row:
            cell.border = Border(left=line, right=line, top=line, bottom=line)
            cell.alignment = Alignment(vertical="center", wrap_text=True)
    for column in range(1, columns + 1):
        widest = max(_width(cell.value) for [cell] in page.iter_rows(min_row=2, min_col=column, max_col=column))
        page.column_dimensions[get_column_letter(column)].width = min(WIDEST, widest + 3)
    page.freeze_panes = "A3"


def _width(value: Any) -> int:
    """Give the width of a cell in letters; a Chinese one is two wide."""
    text = "" if value is None else str(value)
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)  # noqa: PLR2004 - the first of the wide letters


def _still(book: Workbook) -> bytes:
    """Give a workbook's bytes without the moment it was written."""
    written, still = io.BytesIO(), io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(still, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = MODIFIED.sub(rb"\g<1>" + WRITTEN.isoformat().encode() + rb"Z\g<2>", content)
            member = zipfile.ZipInfo(name, ZIP_MOMENT)
            member.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(member, content)
    return still.getvalue()

"""Lists that an office fills in and gives back: printed as they are, protected where nothing is to be written."""

import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from govmap.exports.sheets import timeless

HEAD, OPEN = PatternFill("solid", fgColor="DDEBF7"), PatternFill("solid", fgColor="FFFDF0")
THIN, THICK = Side(style="thin", color="808080"), Side(style="medium", color="404040")
PAPERS = {"A4": 9, "Letter": 1}
MARGIN_IN = 0.45
NO_SHEET_NAME = re.compile(r"[\\*?:/\[\]]")
TITLE_PT, ROW_PT, NOTE_PT = 26, 19, 17


@dataclass(frozen=True, kw_only=True)
class Field:
    """
    One column of a form.

    `open` columns are filled in by hand; `choices` are offered there, numbers lie between `least` and `most`.
    """

    name: str
    head: str
    width: float
    open: bool = False
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    refusal: str = ""


def form(
    rows: pd.DataFrame, fields: Sequence[Field], *, title: str, notes: Sequence[str], paper: str = "A4", group: str
) -> bytes:
    """
    Give a form as a workbook: title, words on how to fill it in, header, one row each, known cells filled.

    Parameters
    ----------
    rows
        With a column for every field, in the order in which they are walked past.
    group
        Column of `rows`: where it changes, a thicker line is drawn.
    paper
        A4 or Letter, landscape; the header stands on every page.
    """
    book = Workbook()
    sheet = book.active
    sheet.title = NO_SHEET_NAME.sub(" ", ILLEGAL_CHARACTERS_RE.sub("", title)).strip("' ")[:31] or "1"
    head = _heading(sheet, fields, title, notes)
    for place, field in enumerate(fields, start=1):
        _header(sheet, head, place, field)
    groups = rows[group].tolist()
    for number, row in enumerate(rows[[field.name for field in fields]].itertuples(index=False)):
        new = number > 0 and groups[number] != groups[number - 1]
        for place, (field, value) in enumerate(zip(fields, row, strict=True), start=1):
            _cell(sheet, head + 1 + number, place, field, value, new=new)
    for place, field in enumerate(fields, start=1):
        _rule(sheet, field, get_column_letter(place), head + 1, head + max(len(rows), 1))
    _printed(sheet, head, paper)
    page = io.BytesIO()
    book.save(page)
    return timeless(page.getvalue())


def _heading(sheet: Worksheet, fields: Sequence[Field], title: str, notes: Sequence[str]) -> int:
    """Write title and notes across the form; give the row of the header."""
    for row, words in enumerate((title, *notes), start=1):
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(fields))
        cell = sheet.cell(row, 1)
        _write(cell, words)
        cell.font = Font(bold=True, size=15) if row == 1 else Font(size=10, color="404040")
        cell.alignment = Alignment(horizontal="center" if row == 1 else "left", vertical="center", wrap_text=True)
        sheet.row_dimensions[row].height = TITLE_PT if row == 1 else NOTE_PT * _lines(words, fields)
    return len(notes) + 2


def _lines(words: str, fields: Sequence[Field]) -> int:
    """Count the lines that words take across the form; a Chinese character is as wide as two letters."""
    letters = sum(2 if one > "\u2e80" else 1 for one in words)
    return max(1, math.ceil(letters / sum(field.width for field in fields)))


def _header(sheet: Worksheet, row: int, place: int, field: Field) -> None:
    cell = sheet.cell(row, place)
    _write(cell, field.head)
    cell.font, cell.fill, cell.border = Font(bold=True), HEAD, Border(THIN, THIN, THICK, THICK)
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    sheet.column_dimensions[get_column_letter(place)].width = field.width
    sheet.row_dimensions[row].height = ROW_PT * 1.5


def _cell(sheet: Worksheet, row: int, place: int, field: Field, value: Any, *, new: bool) -> None:
    cell = sheet.cell(row, place)
    _write(cell, value)
    cell.border = Border(left=THIN, right=THIN, bottom=THIN, top=THICK if new else THIN)
    cell.alignment = Alignment(horizontal="left" if isinstance(value, str) else "center", vertical="center")
    cell.protection = Protection(locked=not field.open)
    if field.open:
        cell.fill = OPEN
        cell.number_format = "General" if field.most is not None else "@"
    sheet.row_dimensions[row].height = ROW_PT


def _write(cell: Any, value: Any) -> None:
    """Write numbers as numbers and everything else as text, also what would be a formula."""
    if value is None or value is pd.NA or value != value:  # noqa: PLR0124 - not a number
        return
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
        cell.data_type = "s"
    else:
        cell.value = int(value)


def _rule(sheet: Worksheet, field: Field, letter: str, first: int, last: int) -> None:
    if field.choices:
        rule = DataValidation(type="list", formula1=f'"{",".join(field.choices)}"', allow_blank=True)
        rule.showErrorMessage = False  # other words are taken too
    elif field.most is not None:
        bounds: Mapping[str, Any] = {"formula1": str(field.least), "formula2": str(field.most)}
        rule = DataValidation(type="whole", operator="between", allow_blank=True, showErrorMessage=True, **bounds)
        rule.error = field.refusal
    else:
        return
    sheet.add_data_validation(rule)
    rule.add(f"{letter}{first}:{letter}{last}")


def _printed(sheet: Worksheet, head: int, paper: str) -> None:
    """Set up page and protection: the header on every page, closed cells closed, without a password."""
    sheet.freeze_panes = sheet.cell(head + 1, 1)
    sheet.print_title_rows = f"{head}:{head}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = PAPERS[paper]
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToHeight = 0
    sheet.print_options.horizontalCentered = True
    for side in ("left", "right", "top", "bottom"):
        setattr(sheet.page_margins, side, MARGIN_IN)
    sheet.oddFooter.center.text = "&P / &N"
    sheet.protection.sheet = True
    for free in ("formatColumns", "formatRows", "sort", "autoFilter"):
        setattr(sheet.protection, free, False)

"""Rejected rows on their way back to the one who gave them: the user's own cells, with the reason before them."""

import csv
import io
from typing import TYPE_CHECKING, Any

import pandas as pd

from govmap.messages import Voice
from govmap.sources import columns

if TYPE_CHECKING:
    from govmap.sources.files import RawTable

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def table(raw: "RawTable", rejects: pd.DataFrame, voice: Voice) -> pd.DataFrame:
    """Give the rejected rows as they came, without the columns that must not be stored."""
    own = raw.frame[list(raw.header)]
    withheld = {*columns.sensitive(own), *columns.sensitive(own, "residents")}
    theirs = [name for name in raw.header if name not in withheld]
    cells = raw.frame.set_index("source_row")[theirs].reindex(rejects["row"]).fillna("").map(columns.mask)
    told = pd.DataFrame(
        {
            voice.say("rejects_row"): [str(row) for row in rejects["row"]],
            voice.say("rejects_reason"): [voice.say(f"reason_{code}") for code in rejects["reason_code"]],
            voice.say("rejects_column"): rejects["their_column"].fillna("").tolist(),
        },
        dtype=object,
    )
    return pd.concat([told, cells.reset_index(drop=True)], axis=1)


def text(frame: pd.DataFrame) -> bytes:
    """Write CSV with the mark by which Excel knows UTF-8; cells that would be formulas are defused."""
    page = io.StringIO(newline="")
    writer = csv.writer(page, lineterminator="\r\n")
    writer.writerow(frame.columns)
    writer.writerows([[_defused(cell) for cell in row] for row in frame.itertuples(index=False)])
    return page.getvalue().encode("utf-8-sig")


def workbook(frame: pd.DataFrame) -> bytes:
    """Write a workbook in which every cell is text."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in [tuple(frame.columns), *frame.itertuples(index=False)]:
        sheet.append([_text_cell(sheet, cell) for cell in row])
    page = io.BytesIO()
    book.save(page)
    return page.getvalue()


def _defused(cell: Any) -> str:
    return f"'{cell}" if str(cell).startswith(FORMULA) and not _is_number(str(cell)) else str(cell)


def _is_number(cell: str) -> bool:
    return cell.lstrip("+-").replace(".", "", 1).isdigit()


def _text_cell(sheet: Any, cell: Any) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    made = WriteOnlyCell(sheet)
    made.value = ILLEGAL_CHARACTERS_RE.sub("", str(cell))
    made.data_type = "s"
    return made

"""Rejected rows on their way back to the one who gave them: the user's own cells, with the reason before them."""

import csv
import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from govmap.errors import TableError
from govmap.messages import LANGUAGES, Voice
from govmap.sources import columns

if TYPE_CHECKING:
    from govmap.sources.files import RawTable

FORMULA = ("=", "+", "-", "@", "\t", "\r")
OURS = ("rejects_row", "rejects_reason", "rejects_column", "rejects_import")


def table(
    raw: "RawTable",
    rejects: pd.DataFrame,
    voice: Voice,
    *,
    hidden: Collection[str] = (),
    bands: "pd.Series[Any] | None" = None,
) -> pd.DataFrame:
    """
    Give the rejected rows as they came, without the columns that must not be stored.

    Parameters
    ----------
    hidden
        Further columns that stay out: those of a list of persons that tell who somebody is.
    bands
        The age band of each row of the list, which goes along in the place of birthdays.
    """
    own = raw.frame[list(raw.header)]
    withheld = {*columns.sensitive(own), *columns.sensitive(own, "residents"), *hidden}
    theirs = [name for name in raw.header if name not in withheld]
    cells = raw.frame.set_index("source_row")[theirs].reindex(rejects["row"]).fillna("").map(columns.mask)
    told = pd.DataFrame(
        {
            voice.say("rejects_row"): [str(row) for row in rejects["row"]],
            voice.say("rejects_reason"): [voice.say(f"reason_{code}") for code in rejects["reason_code"]],
            voice.say("rejects_column"): rejects["their_column"].fillna("").tolist(),
            voice.say("rejects_import"): rejects["import_id"].tolist(),
        },
        dtype=object,
    )
    listed = [told, cells.reset_index(drop=True)]
    if bands is not None:
        mine = bands.set_axis(raw.frame["source_row"]).reindex(rejects["row"]).fillna("")
        listed.append(pd.DataFrame({voice.say("rejects_age_band"): mine.to_numpy(object)}))
    return pd.concat(listed, axis=1)


def is_returned(header: Sequence[str]) -> bool:
    """Tell whether a list is one of ours that comes back: its first columns are those we wrote, in any language."""
    return any(tuple(header[: len(OURS)]) == _words(language) for language in LANGUAGES)


@dataclass(frozen=True)
class Back:
    """Rejected rows that come back: which rows of which imports they are, and the list as its owner has it."""

    raw: "RawTable"
    imports: frozenset[str]


def back(raw: "RawTable") -> Back:
    """
    Take our own columns off a list that comes back; its rows have the numbers they had in the first list.

    Raises
    ------
    TableError
        A row number or the number of the import is gone, or a row stands there twice.
    """
    number, _, _, import_ = raw.header[: len(OURS)]
    cells = raw.frame[number].str.strip()
    if not (cells.str.fullmatch(r"\d{1,9}") & raw.frame[import_].str.strip().ne("")).all():
        raise TableError("again_numbers_gone", where=str(raw.path), columns=[number, import_])
    if (cells + raw.frame[import_].str.strip()).duplicated().any():
        raise TableError("again_row_twice", where=str(raw.path), column=number)
    header = tuple(raw.header[len(OURS) :])
    frame = raw.frame[list(header)].assign(source_row=cells.astype("int64"))
    own = replace(raw, header=header, frame=frame, widths=None, shared=frozenset(), unread=())
    return Back(own, frozenset(raw.frame[import_].str.strip()))


def _words(language: str) -> tuple[str, ...]:
    return tuple(Voice(language).say(key) for key in OURS)


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

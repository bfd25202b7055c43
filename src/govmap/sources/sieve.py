"""Which rows of a list are rejected, and why: the first reason found for a row stands."""

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from govmap import addresses
from govmap.messages import Note, note
from govmap.schema import TABLES
from govmap.sources import columns as naming
from govmap.sources import persons, values
from govmap.sources.columns import Columns

if TYPE_CHECKING:
    from govmap.sources.files import RawTable

TOTAL = re.compile(
    r"(?:本页|总)?(?:合\s*计|总\s*计|小\s*计|共\s*计|累\s*计|总\s*和|合\s*計|總\s*計|小\s*計)"
    r"|(?:grand\s*|sub\s*-?)?totals?|sum",
    re.IGNORECASE,
)
SUBTOTAL = re.compile(r"小|sub|本页", re.IGNORECASE)
FOOTER = re.compile(
    r"(?:填表|制表|填报|审核|负责人|经办|备注|说明|注|盖章|日期|统计时间|note|notes|source|prepared by)"
    r"\s*(?:人|日期|时间|单位)?\s*[:：].*",
    re.IGNORECASE | re.DOTALL,
)
ERRORS = [
    "#?", "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA",
]  # fmt: skip
EXAMPLE = re.compile(r"(?:示例|example)\s*[:：].*", re.IGNORECASE | re.DOTALL)
HINTS = re.compile(
    r"示例|example|计|計|总\s*和|total|sum|填表|制表|填报|审核|负责|经办|备注|说明|注|盖章|日期|时间|note|source|prepared",
    re.IGNORECASE,
)
MOST_WORDS_OF_A_TOTAL, MOST_CELLS_OF_A_FOOTER = 2, 3
ROOMY = frozenset({"address", "room"})
Flags = npt.NDArray[np.bool_]


class Sieve:
    """The rows of one list on their way through the gate."""

    def __init__(self, raw: "RawTable", table: str, columns: Columns) -> None:
        self.raw, self.table, self.columns = raw, table, columns
        self.frame = raw.frame
        self.notes: list[Note] = []
        self.reduced = ""
        self._reason = np.full(len(raw.frame), None, dtype=object)
        self._column = np.full(len(raw.frame), None, dtype=object)

    @property
    def kept(self) -> Flags:
        """Tell which rows have no reason against them yet."""
        return np.asarray(self._reason == None, dtype=bool)  # noqa: E711 - elementwise

    def mark(self, rows: Flags, code: str | npt.NDArray[np.object_], theirs: str | None = None) -> None:
        """Reject rows, by one code or by one each; a row rejected before keeps its reason."""
        new = np.asarray(rows, dtype=bool) & self.kept
        self._reason[new] = code if isinstance(code, str) else code[new]
        self._column[new] = theirs

    def sift_form(self) -> None:
        """Reject what is no row of the list: totals, notes below it, headers repeated, shifted and blank rows."""
        if self.raw.geometry is None and len(self.frame):
            self.mark(self._ragged(), "row_shifted")
            texts = ["\n".join(self.frame[name]) for name in self.raw.header]
            if any(HINTS.search(text) for text in texts):
                self._mark_totals()
            cells = {name: self._stripped(name) for name in self.columns.ours}
            again = np.sum([column == name for name, column in cells.items()], axis=0)
            self.mark(np.asarray(again >= min(2, max(1, len(cells)))), "header_again")
            blank = np.all([column == "" for column in cells.values()], axis=0)
            self.mark(np.broadcast_to(blank, len(self.frame)), "blank_row")
        for name in self.columns.ours:
            if "#" in "".join(self.frame[name]):
                self.mark(np.isin([text.upper() for text in self._stripped(name)], ERRORS), "error_cell", name)
        self._mark_shared()

    def _stripped(self, name: str) -> npt.NDArray[np.object_]:
        return np.array([text.strip() for text in self.frame[name]], dtype=object)

    def _mark_totals(self) -> None:
        first, words, filled = self._shape_of_rows()
        is_total = np.array([bool(TOTAL.fullmatch(text)) for text in first], dtype=bool)
        self.mark(is_total & (words <= MOST_WORDS_OF_A_TOTAL), "total_row")
        self.mark(np.array([bool(EXAMPLE.fullmatch(text)) for text in first], dtype=bool), "example_row")
        is_note = np.array([bool(FOOTER.fullmatch(text)) for text in first], dtype=bool)
        self.mark(is_note & (filled <= MOST_CELLS_OF_A_FOOTER), "not_a_row")

    def _ragged(self) -> Flags:
        """Tell rows with more cells than the header, or without a cell that would be read."""
        if self.raw.widths is None:
            return np.zeros(len(self.frame), dtype=bool)
        last = max((self.raw.header.index(theirs) for theirs in self.columns.ours), default=-1) + 1
        return np.asarray((self.raw.widths > len(self.raw.header)) | (self.raw.widths < last))

    def _shape_of_rows(self) -> tuple[list[str], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Give each row's first cell of words, and how many cells hold words and anything at all."""
        first = np.full(len(self.frame), "", dtype=object)
        words, filled = np.zeros(len(self.frame), dtype=np.int64), np.zeros(len(self.frame), dtype=np.int64)
        for name in self.raw.header:
            codes, unique = pd.factorize(self.frame[name])
            texts = np.array([text.strip() for text in unique] or [""], dtype=object)
            worded = np.array([bool(re.search(r"[^\W\d]", text)) for text in texts], dtype=bool)[codes]
            filled += np.array([bool(text) for text in texts], dtype=bool)[codes]
            words += worded
            new = worded & (words == 1)
            first[new] = texts[codes[new]]
        return first.tolist(), words, filled

    def _mark_shared(self) -> None:
        """Reject rows that share one number by merged cells: whose it is cannot be told."""
        numeric = {column.name for column in TABLES[self.table] if column.type in ("int", "float")}
        for theirs, ours in self.columns.ours.items():
            rows = [row for row, name in self.raw.shared if name == theirs]
            if rows and ours in numeric:
                self.mark(self.frame["source_row"].isin(rows).to_numpy(bool), "merged_number", theirs)

    def rejects(self, import_id: str) -> pd.DataFrame:
        """Give the table of rejects, the rows that could not be read with them."""
        gone = ~self.kept
        told = zip(
            self.frame["source_row"][gone], self._reason[gone], self._column[gone], self._raw_cells(gone), strict=True
        )
        unread: list[tuple[Any, ...]] = [(row, "unreadable", None, {}) for row in self.raw.unread]
        frame = pd.DataFrame([*told, *unread], columns=["row", "reason_code", "their_column", "raw"], dtype=object)
        frame.insert(0, "import_id", import_id)
        return frame.astype({"row": "int64"}).sort_values("row", ignore_index=True)

    def _raw_cells(self, rows: Flags) -> list[dict[str, str]]:
        """Give the cells that were read, as text without rooms, telephone and identity numbers."""
        withheld = self.columns.withheld
        shown = {
            theirs: ours for theirs, ours in self.columns.ours.items() if theirs not in withheld and ours != "room"
        }
        cells = self.frame.loc[rows, list(shown)].map(naming.mask)
        for theirs, ours in shown.items():
            if ours == "address" and self.table in ("residents", "incidents"):
                cells[theirs] = cells[theirs].map(addresses.without_room)
        return [{str(name): str(cell) for name, cell in row.items()} for row in cells.to_dict("records")]

    def totals_told(self) -> list[Note]:
        """Compare the sums of what was kept with the total that the list itself states last."""
        totals = np.flatnonzero(self._reason == "total_row")
        first = self._shape_of_rows()[0] if len(totals) else []
        totals = np.array([row for row in totals if not SUBTOTAL.search(first[row])], dtype=np.int64)
        if len(totals) == 0:
            return []
        told = []
        for theirs, ours in self.columns.ours.items():
            if ours not in persons.COUNTS and ours not in ("residents", "dwellings"):
                continue
            numbers = values.numbers(self.frame[theirs], whole=True).values
            stated, counted = numbers.iloc[totals[-1]], int(numbers[self.kept].sum())
            if not pd.isna(stated):
                key = "import_total_agrees" if int(stated) == counted else "import_total_differs"
                told.append(note(key, column=theirs, stated=int(stated), counted=counted))
        return told


def given(sieve: Sieve, ours: str) -> "pd.Series[Any] | None":
    """Give the text cells of a column of ours, where the list has it."""
    theirs = sieve.columns.theirs(ours)
    return None if theirs is None else sieve.frame[theirs]

"""Which rows of a list are rejected, and why: the first reason found for a row stands."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from govmap import addresses
from govmap.messages import Note, note
from govmap.schema import TABLES
from govmap.sources import framing, masking, persons, roles, values
from govmap.sources.columns import Columns

if TYPE_CHECKING:
    from govmap.sources.files import RawTable

NOT_RAW = frozenset({"room", "text", "against"})
WHO = frozenset({roles.WORKER, roles.PHONE})  # who answers is kept in one place, from which it can be forgotten
Flags = npt.NDArray[np.bool_]


class Sieve:
    """The rows of one list on their way through the gate."""

    def __init__(self, raw: "RawTable", table: str, columns: Columns) -> None:
        self.raw, self.table, self.columns = raw, table, columns
        self.frame = raw.frame
        self.notes: list[Note] = []
        self.reduced = ""
        self.secret = np.zeros(len(raw.frame), dtype=bool)  # of these rows nothing is kept, not even why not
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
        look = framing.Framing(self.frame, self.raw.header)
        if self.raw.geometry is None and len(self.frame):
            self.mark(self._ragged(), "row_shifted")
            for reason, rows in look.furniture().items():
                self.mark(rows, reason)
            self.mark(look.again(self.columns.ours), "header_again")
            self.mark(look.blank(self.columns.ours), "blank_row")
        for name in self.columns.ours:
            wrong = look.errors(name)
            if wrong is not None:
                self.mark(wrong, "error_cell", name)
        self._mark_shared()

    def _ragged(self) -> Flags:
        """Tell rows with more cells than the header, or without a cell that would be read."""
        if self.raw.widths is None:
            return np.zeros(len(self.frame), dtype=bool)
        last = max((self.raw.header.index(theirs) for theirs in self.columns.ours), default=-1) + 1
        return np.asarray((self.raw.widths > len(self.raw.header)) | (self.raw.widths < last))

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
        hidden = {*self.columns.withheld, *(persons.telling(self.columns) if self.table == "residents" else ())}
        hidden |= {theirs for theirs, ours in self.columns.ours.items() if ours.partition(roles.AT)[0] in WHO}
        shown = {
            theirs: ours for theirs, ours in self.columns.ours.items() if theirs not in hidden and ours not in NOT_RAW
        }
        mask = masking.people if self.table in ("residents", "incidents") else masking.mask
        cells = self.frame.loc[rows, list(shown)].map(mask)
        for theirs, ours in shown.items():
            if ours == "address" and self.table in ("residents", "incidents"):
                cells[theirs] = cells[theirs].map(addresses.without_room)
        told = zip(cells.to_dict("records"), self.secret[rows], strict=True)
        return [{} if secret else {str(name): str(cell) for name, cell in row.items()} for row, secret in told]

    def totals_told(self) -> list[Note]:
        """Compare the sums of what was kept with the total that the list itself states last."""
        totals = np.flatnonzero(self._reason == "total_row")
        named = self.frame[list(self.raw.header)]
        totals = np.array([row for row in totals if not framing.is_subtotal(named.iloc[row])], dtype=np.int64)
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

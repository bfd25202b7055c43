"""The one contract of a store: what a project may ask of the file or database that holds its tables.

Reading gives whole tables as frames (geometry as shapely shapes, `crs` set); writing happens inside `writing()`: all of
it or nothing. Inside a writing block reads see the newest state and nobody else writes.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pandas as pd

Where = Mapping[str, Any]


class Reading(Protocol):
    """What can be asked of the tables at one moment."""

    def read(self, table: str, *, where: Where | None = None, columns: list[str] | None = None) -> "pd.DataFrame":
        """
        Read a table sorted by its key; a GeoDataFrame where it has a geometry and that column is asked for.

        `where` holds column -> value, or column -> list of values; every condition must hold.
        """
        ...

    def count(self, table: str, *, where: Where | None = None) -> int:
        """Count rows."""
        ...

    def counts(
        self,
        table: str,
        *,
        by: list[str],
        where: Where | None = None,
        through: Mapping[str, Mapping[str, str]] | None = None,
    ) -> "pd.DataFrame":
        """
        Count rows by the values of text columns: these and `count`, one row for each that occurs, sorted.

        `through` says what is counted in the place of a column's values; rows with another value are left out.
        """
        ...

    def foreign_changes(self) -> list[str]:
        """Name the tables another program changed since we last wrote them whole or acknowledged its changes."""
        ...


class Writing(Reading, Protocol):
    """
    One transaction: all of it is written or nothing, and so is each change in it.

    A change that fails has left no trace where the caller goes on. Rows that are not of the schema (a type, a kind of
    shape, a CRS, a missing key) are faults of ours and rise.
    """

    def replace(self, table: str, rows: "pd.DataFrame", *, where: Where | None = None) -> None:
        """Take out the rows that `where` names (all, without it) and put these in; missing columns become null."""
        ...

    def append(self, table: str, rows: "pd.DataFrame") -> None:
        """Put rows in; a key that stands already is a fault of ours and rises."""
        ...

    def upsert(self, table: str, rows: "pd.DataFrame") -> None:
        """Put rows in, over rows of the same key; only the columns given are changed in those."""
        ...

    def delete(self, table: str, *, where: Where | None = None) -> int:
        """Take rows out and say how many."""
        ...

    def acknowledge(self, tables: Iterable[str]) -> None:
        """Take what another program wrote to these tables as known; writing to some of their rows is not enough."""
        ...


class Store(Reading, Protocol):
    """A file or database that holds the tables of `schema`."""

    @property
    def crs(self) -> str:
        """The project's metric CRS as WKT or EPSG text."""
        ...

    @property
    def read_only(self) -> bool:
        """Tell whether it can be looked at and no more: `writing` would raise `ProjectError`."""
        ...

    def reading(self) -> AbstractContextManager[Reading]:
        """Read several tables as they stand at one moment, whatever others write meanwhile."""
        ...

    def writing(self) -> AbstractContextManager[Writing]:
        """Begin to write: waits for others up to 30 s, then `BusyError`; leaving by an error undoes everything."""
        ...

    def checkpoint(self) -> None:
        """Bring what was written to where a plain copy finds it; waits for nobody."""
        ...

    def backup(self, path: str) -> None:
        """Copy to another file by the engine's own means, whole even while others write."""
        ...

    def findings(self) -> Iterator[str]:
        """Say what is wrong with the file itself (integrity, indexes), one sentence each."""
        ...

    def compact(self) -> bool:
        """Write everything anew, so that nothing taken out can be found; False where others are in it just now."""
        ...

    def close(self) -> None:
        """Leave one plain file that can be copied."""
        ...

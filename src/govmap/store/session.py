"""One transaction on a project file: reads see one moment, writes are all or nothing.

Rows go in by the driver's own executemany; for many rows the R-tree is filled in bulk, its triggers dropped and made
again inside the same transaction (SQLite rolls that back too).
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import sqlalchemy as sa

from govmap.schema import TABLES, Table
from govmap.store import blob, standard
from govmap.store.values import plain, typed

if TYPE_CHECKING:
    import numpy as np

    from govmap.store.base import Where

_BULK_ROWS = 2000
_NOW = "strftime('%Y-%m-%dT%H:%M:%fZ','now')"
_LIST_LIMIT = 30_000


class Session:
    """A transaction; see `store.base.Writing`."""

    def __init__(self, connection: sa.Connection, tables: Any, srs_id: int, crs: str) -> None:
        self._connection = connection
        self._tables = tables
        self._srs_id = srs_id
        self._crs = crs
        self._touched: set[str] = set()

    # reading -----------------------------------------------------------------------------------------------------
    def read(self, table: str, *, where: "Where | None" = None, columns: list[str] | None = None) -> pd.DataFrame:
        """Read a table sorted by its key; see `store.base.Reading`."""
        known = TABLES[table]
        names = columns or known.names
        stored = self._tables[table]
        query = sa.select(*(stored.c[name] for name in names)).order_by(*(stored.c[key] for key in known.key))
        rows = self._rows(query.where(*_conditions(stored, where)))
        return self._frame(known, names, list(zip(*rows, strict=True)) if rows else [()] * len(names))

    def count(self, table: str, *, where: "Where | None" = None) -> int:
        """Count rows."""
        stored = self._tables[table]
        query = sa.select(sa.func.count()).select_from(stored).where(*_conditions(stored, where))
        return int(self._rows(query)[0][0])

    def foreign_changes(self) -> list[str]:
        """Name the tables whose last change is not the one we wrote."""
        now: dict[str, str] = dict(
            self._connection.exec_driver_sql("SELECT table_name, last_change FROM gpkg_contents").fetchall()
        )
        ours = self._connection.exec_driver_sql("SELECT key, value FROM project WHERE key LIKE 'changed:%'").fetchall()
        return sorted(key[8:] for key, moment in ours if now.get(key[8:]) != moment)

    # writing -----------------------------------------------------------------------------------------------------
    def replace(self, table: str, rows: pd.DataFrame, *, where: "Where | None" = None) -> None:
        """Take out what `where` names and put these rows in."""
        if where is None:
            self._empty(table)
        else:
            self.delete(table, where=where)
        self.append(table, rows)

    def append(self, table: str, rows: pd.DataFrame) -> None:
        """Put rows in."""
        known = TABLES[table]
        self._touched.add(table)
        if len(rows) == 0:
            return
        shapes = self._shapes(known, rows)
        values = self._values(known, rows, shapes)
        names = [name for name in known.names if name in rows]
        if shapes is not None and len(rows) >= _BULK_ROWS:
            self._append_in_bulk(table, names, values, shapes)
        else:
            self._many(_insert(table, names), values)

    def upsert(self, table: str, rows: pd.DataFrame) -> None:
        """Put rows in, over rows of the same key."""
        known = TABLES[table]
        self._touched.add(table)
        if len(rows) == 0:
            return
        names = [name for name in known.names if name in rows]
        keys = ", ".join(f'"{key}"' for key in known.key)
        sets = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name not in known.key)
        rule = f" ON CONFLICT ({keys}) DO " + (f"UPDATE SET {sets}" if sets else "NOTHING")
        self._many(_insert(table, names) + rule, self._values(known, rows, self._shapes(known, rows)))

    def delete(self, table: str, *, where: "Where | None" = None) -> int:
        """Take rows out and say how many."""
        self._touched.add(table)
        stored = self._tables[table]
        query = sa.delete(stored).where(*_conditions(stored, where))
        return int(self._connection.execute(query).rowcount)

    def acknowledge(self, tables: Iterable[str]) -> None:
        """Take what another program wrote to these tables as known."""
        self._touched.update(tables)

    def finish(self) -> None:
        """Write the moment and extent of every changed table, ours to know a stranger's edit by."""
        for table in sorted(self._touched):
            self._many(f"UPDATE gpkg_contents SET last_change = {_NOW} WHERE table_name = ?", [(table,)])
            if TABLES[table].geometry:
                tree = standard.rtree(table)
                box = f'SELECT min(minx), min(miny), max(maxx), max(maxy) FROM "{tree}"'
                sql = f"UPDATE gpkg_contents SET (min_x, min_y, max_x, max_y) = ({box}) WHERE table_name = ?"
                self._many(sql, [(table,)])
            sql = "INSERT INTO project (key, value) SELECT 'changed:' || table_name, last_change FROM gpkg_contents"
            sql += " WHERE table_name = ? ON CONFLICT (key) DO UPDATE SET value = excluded.value"
            self._many(sql, [(table,)])

    # below -------------------------------------------------------------------------------------------------------
    def _rows(self, query: Any) -> Sequence[Any]:
        return self._connection.execute(query).cursor.fetchall()

    def _many(self, sql: str, values: list[tuple[Any, ...]]) -> None:
        self._connection.exec_driver_sql(sql, values)

    def _frame(self, table: Table, names: list[str], columns: list[tuple[Any, ...]]) -> pd.DataFrame:
        kinds = {column.name: column for column in table}
        frame = pd.DataFrame(
            {name: typed(values, kinds[name]) for name, values in zip(names, columns, strict=True) if name in kinds}
        )
        if "geometry" not in names:
            return frame
        import geopandas

        shapes = blob.demote(blob.from_geopackage(columns[names.index("geometry")]))
        column = geopandas.GeoSeries(shapes, index=frame.index, crs=self._crs)
        shaped: pd.DataFrame = geopandas.GeoDataFrame(frame, geometry=column)
        return shaped

    def _shapes(self, table: Table, rows: pd.DataFrame) -> "np.ndarray[Any, Any] | None":
        if not table.geometry or "geometry" not in rows:
            return None
        return blob.promote(rows["geometry"].to_numpy(), table.geometry)

    def _values(self, table: Table, rows: pd.DataFrame, shapes: "np.ndarray[Any, Any] | None") -> list[tuple[Any, ...]]:
        stray = set(rows.columns) - set(table.names)
        if stray:
            raise TypeError(f"{table.name} has no column {sorted(stray)}")
        columns = [plain(rows[column.name].tolist(), column) for column in table if column.name in rows]
        if shapes is not None:
            columns.append(blob.to_geopackage(shapes, self._srs_id))
        return list(zip(*columns, strict=True))

    def _append_in_bulk(
        self, table: str, names: list[str], values: list[tuple[Any, ...]], shapes: "np.ndarray[Any, Any]"
    ) -> None:
        import shapely

        sequence = self._connection.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).scalar()
        first = int(sequence or 0) + 1
        for name in standard.triggers(table):
            self._connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        self._many(_insert(table, ["fid", *names]), [(first + at, *row) for at, row in enumerate(values)])
        boxes = shapely.bounds(shapes)[:, [0, 2, 1, 3]].tolist()
        full = (~(shapely.is_empty(shapes) | shapely.is_missing(shapes))).tolist()
        boxed = [(first + at, *box) for at, (box, is_full) in enumerate(zip(boxes, full, strict=True)) if is_full]
        if boxed:
            self._many(f'INSERT INTO "{standard.rtree(table)}" VALUES (?, ?, ?, ?, ?)', boxed)
        self._restore_triggers(table)

    def _empty(self, table: str) -> None:
        self._touched.add(table)
        if not TABLES[table].geometry:
            self._connection.exec_driver_sql(f'DELETE FROM "{table}"')
            return
        for name in standard.triggers(table):
            self._connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        self._connection.exec_driver_sql(f'DELETE FROM "{table}"')
        self._connection.exec_driver_sql(f'DELETE FROM "{standard.rtree(table)}"')
        self._restore_triggers(table)

    def _restore_triggers(self, table: str) -> None:
        for statement in standard.triggers(table).values():
            self._connection.exec_driver_sql(statement)


def _insert(table: str, names: list[str]) -> str:
    columns = ", ".join(f'"{name}"' for name in names)
    return f'INSERT INTO "{table}" ({columns}) VALUES ({", ".join("?" * len(names))})'


def _conditions(stored: Any, where: "Where | None") -> list[Any]:
    return [_condition(stored.c[name], value) for name, value in (where or {}).items()]


def _condition(column: Any, value: Any) -> Any:
    if value is None:
        return column.is_(None)
    if isinstance(value, list | tuple | set | frozenset):
        listed = sorted(value)
        if len(listed) > _LIST_LIMIT:
            raise ValueError(f"more than {_LIST_LIMIT} values to look up: read the table instead")
        return column.in_(listed)
    return column == value

"""One transaction on a project file: reads see one moment, writes are all or nothing.

Rows go in by the driver's own executemany, in the order of their key; for many rows the R-tree is filled in bulk, its
triggers dropped and made again inside the same transaction (SQLite rolls that back too). Each change is whole in
itself: one that fails half-way leaves nothing, also where the caller catches the error and goes on.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice, starmap
from operator import itemgetter, le
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
import sqlalchemy as sa

from govmap.errors import ProjectError
from govmap.schema import TABLES, Column, Table
from govmap.store import blob, numbers, packing, standard
from govmap.store.values import plain, plain_column, typed

if TYPE_CHECKING:
    from pyproj import CRS

    from govmap.store.base import Where

LAID = "laid_at"  # the fact that tells when the tables were made, before which nobody can have changed one

_BULK_ROWS = 2000
_NOW = "strftime('%Y-%m-%dT%H:%M:%fZ','now')"
_LISTS = (list, tuple, set, frozenset, np.ndarray, pd.Series, pd.Index, pd.api.extensions.ExtensionArray)


class Session:
    """A transaction; see `store.base.Writing`."""

    def __init__(self, connection: sa.Connection, srs_id: int, crs: "CRS") -> None:
        self._connection = connection
        self._srs_id = srs_id
        self._crs = crs
        self._touched: set[str] = set()
        self._known: set[str] = set()

    # reading -----------------------------------------------------------------------------------------------------
    def read(self, table: str, *, where: "Where | None" = None, columns: list[str] | None = None) -> pd.DataFrame:
        """Read a table sorted by its key; see `store.base.Reading`."""
        known = TABLES[table]
        names = known.names if columns is None else columns
        _refuse_unknown(known, names)
        sure, values = _conditions(known, where)
        sql = f'SELECT {_listed(names) or "1"} FROM "{table}"{sure} ORDER BY {_listed(known.key)}'
        rows = self._rows(sql, values)
        return self._frame(known, names, list(zip(*rows, strict=True)) if rows else [()] * len(names), len(rows))

    def count(self, table: str, *, where: "Where | None" = None) -> int:
        """Count rows."""
        sure, values = _conditions(TABLES[table], where)
        return int(self._rows(f'SELECT count(*) FROM "{table}"{sure}', values)[0][0])

    def counts(
        self,
        table: str,
        *,
        by: list[str],
        where: "Where | None" = None,
        through: Mapping[str, Mapping[str, str]] | None = None,
    ) -> pd.DataFrame:
        """Count rows by the values of text columns; see `store.base.Reading`."""
        _refuse_unknown(TABLES[table], by)
        return numbers.counted(self._rows, table, by, _conditions(TABLES[table], where), through or {})

    def foreign_changes(self) -> list[str]:
        """Name the tables whose last change is not one that we wrote or know."""
        now = dict(self._rows("SELECT table_name, last_change FROM gpkg_contents"))
        facts = dict(self._rows("SELECT key, value FROM project WHERE key = ? OR key LIKE 'changed:%'", (LAID,)))
        return sorted(name for name in TABLES if now.get(name) != facts.get(f"changed:{name}", facts.get(LAID)))

    # writing -----------------------------------------------------------------------------------------------------
    def replace(self, table: str, rows: pd.DataFrame, *, where: "Where | None" = None) -> None:
        """Take out what `where` names and put these rows in."""
        with self._whole(table):
            self._take_out(table, where)
            self._put_in(TABLES[table], rows)

    def append(self, table: str, rows: pd.DataFrame) -> None:
        """Put rows in."""
        with self._whole(table):
            self._put_in(TABLES[table], rows)

    def upsert(self, table: str, rows: pd.DataFrame) -> None:
        """Put rows in, over rows of the same key."""
        known = TABLES[table]
        with self._whole(table):
            names, values, _ = self._ready(known, rows)
            sets = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name not in known.key)
            rule = f" ON CONFLICT ({_listed(known.key)}) DO " + (f"UPDATE SET {sets}" if sets else "NOTHING")
            self._many(_insert(table, names) + rule, list(zip(*values, strict=True)))

    def delete(self, table: str, *, where: "Where | None" = None) -> int:
        """Take rows out and say how many."""
        with self._whole(table):
            return self._take_out(table, where)

    def acknowledge(self, tables: Iterable[str]) -> None:
        """Take what another program wrote to these tables as known."""
        self._known.update(tables)
        self._touched.update(tables)

    def finish(self) -> None:
        """
        Write the moment and extent of every changed table, ours to know a stranger's edit by.

        A stranger's edit of a table that we changed too stays one until someone acknowledges it.
        """
        self._raw()
        strange = set(self.foreign_changes()) - self._known
        for table in sorted(self._touched):
            self._run(f"UPDATE gpkg_contents SET last_change = {_NOW} WHERE table_name = ?", (table,))
            if TABLES[table].geometry:
                box = f'SELECT min(minx), min(miny), max(maxx), max(maxy) FROM "{standard.rtree(table)}"'
                sql = f"UPDATE gpkg_contents SET (min_x, min_y, max_x, max_y) = ({box}) WHERE table_name = ?"
                self._run(sql, (table,))
            if table not in strange:
                sql = "INSERT INTO project (key, value) SELECT 'changed:' || table_name, last_change FROM gpkg_contents"
                sql += " WHERE table_name = ? ON CONFLICT (key) DO UPDATE SET value = excluded.value"
                self._run(sql, (table,))

    # below -------------------------------------------------------------------------------------------------------
    def _rows(self, sql: str, values: tuple[Any, ...] = ()) -> Sequence[Any]:
        cursor = self._connection.exec_driver_sql(sql, values).cursor
        return cursor.fetchall() if cursor else []

    def _run(self, sql: str, values: tuple[Any, ...] = ()) -> int:
        return int(self._connection.exec_driver_sql(sql, values).rowcount)

    def _many(self, sql: str, values: list[tuple[Any, ...]]) -> None:
        if values:
            self._connection.exec_driver_sql(sql, values)

    def _stream(self, sql: str, values: Iterable[tuple[Any, ...]]) -> None:
        """Run a statement for many rows as they come, by the driver itself: no list of them is made."""
        try:
            self._raw().executemany(sql, values)
        except sqlite3.Error as error:
            raise sa.exc.DBAPIError.instance(sql, None, error, sqlite3.Error) from error

    def _raw(self) -> Any:
        """Give the driver's connection, and see that no error of SQLite's has undone everything meanwhile."""
        raw = self._connection.connection
        if not raw.in_transaction:
            raise RuntimeError("the transaction is over: nothing more can be written in it")
        return raw

    @contextmanager
    def _whole(self, table: str) -> Iterator[None]:
        """Keep one change whole: on an error it is undone alone, unless SQLite undid the transaction already."""
        raw = self._raw()
        self._touched.add(table)
        self._run("SAVEPOINT change")
        try:
            yield
        except BaseException:
            if not self._connection.invalidated and raw.in_transaction:
                raw.execute("ROLLBACK TO change")
                raw.execute("RELEASE change")
            raise
        self._run("RELEASE change")

    def _frame(self, table: Table, names: list[str], columns: list[tuple[Any, ...]], count: int) -> pd.DataFrame:
        kinds = {column.name: column for column in table}
        found = zip(names, columns, strict=True) if names else ()
        data = {name: _typed(table, kinds[name], values) for name, values in found if name in kinds}
        frame = pd.DataFrame(data, index=pd.RangeIndex(count))
        if "geometry" not in names:
            return frame
        import geopandas

        demoted = str(table.geometry).startswith("MULTI")
        shapes = blob.from_geopackage(columns[names.index("geometry")], demoted=demoted)
        column = geopandas.GeoSeries(shapes, index=frame.index, crs=self._crs)
        shaped: pd.DataFrame = geopandas.GeoDataFrame(frame, geometry=column)
        return shaped

    def _ready(self, table: Table, rows: pd.DataFrame, *, full: bool = True) -> tuple[list[str], list[list[Any]], Any]:
        """
        Give the names of the columns that are there, their values as the engine takes them, by key, and shapes.

        Without `full`, columns without any value are left out: a row has none there anyway.
        """
        _refuse_unknown(table, rows.columns)
        if len(rows) == 0:
            return [], [], None
        order, kinds = _by_key(table, rows), {column.name: column for column in table}
        names, columns, shapes = [], [], None
        for name in (name for name in table.names if name in rows):
            cells = rows[name]
            if not full and name not in table.key and cells.isna().all():
                continue
            cells = cells if order is None else cells.take(order)
            if name == "geometry":
                self._refuse_other_crs(table, rows)
                shapes = blob.promote(cells.to_numpy(), str(table.geometry))
            names.append(name)
            columns.append(plain_column(cells, kinds[name]) if shapes is None else self._coded(shapes))
        return names, columns, shapes

    def _coded(self, shapes: "np.ndarray[Any, Any]") -> list[bytes | None]:
        return blob.to_geopackage(shapes, self._srs_id)

    def _refuse_other_crs(self, table: Table, rows: pd.DataFrame) -> None:
        given = getattr(rows["geometry"], "crs", None)
        if given is not None and given != self._crs:
            raise TypeError(f"{table.name}: shapes in {given.name}, not in the project's {self._crs.name}")

    def _put_in(self, table: Table, rows: pd.DataFrame) -> None:
        names, columns, shapes = self._ready(table, rows, full=False)
        count = len(columns[0]) if columns else 0
        if not count:
            return
        if shapes is None or count < _BULK_ROWS:
            self._stream(_insert(table.name, names), zip(*columns, strict=True))
            return
        first = int(next(iter(self._rows("SELECT seq FROM sqlite_sequence WHERE name = ?", (table.name,))), [0])[0]) + 1
        with self._without_triggers(table.name):
            numbered = zip(range(first, first + count), *columns, strict=True)
            self._stream(_insert(table.name, ["fid", *names]), numbered)
            self._index(table.name, shapes, first)

    def _index(self, table: str, shapes: "np.ndarray[Any, Any]", first: int) -> None:
        full = np.flatnonzero(~(shapely.is_empty(shapes) | shapely.is_missing(shapes)))
        boxes = shapely.bounds(shapes[full])[:, [0, 2, 1, 3]]
        tree, ids = standard.rtree(table), full + first
        known = int(self._rows(f'SELECT count(*) FROM "{tree}_rowid"')[0][0])
        if len(ids) < max(known, 1):
            listed = zip(ids.tolist(), *boxes.T.tolist(), strict=True)
            self._stream(f'INSERT INTO "{tree}" VALUES (?, ?, ?, ?, ?)', listed)
            return
        if known:
            there = np.array(self._rows(f'SELECT id, minx, maxx, miny, maxy FROM "{tree}"'), dtype=float)
            ids, boxes = np.append(there[:, 0].astype(np.int64), ids), np.vstack([there[:, 1:], boxes])
        node_bytes = int(self._rows(f'SELECT length(data) FROM "{tree}_node" WHERE nodeno = 1')[0][0])
        for part in ("node", "rowid", "parent"):
            self._run(f'DELETE FROM "{tree}_{part}"')
        packing.pack(self._stream, tree, node_bytes, ids, boxes)

    def _take_out(self, table: str, where: "Where | None") -> int:
        if where:
            sure, values = _conditions(TABLES[table], where)
            return self._run(f'DELETE FROM "{table}"{sure}', values)
        self._known.add(table)  # what a stranger did to it is gone
        if not TABLES[table].geometry:
            return self._run(f'DELETE FROM "{table}"')
        with self._without_triggers(table):
            self._run(f'DROP TABLE "{standard.rtree(table)}"')
            self._run(standard.empty_rtree(table))
            return self._run(f'DELETE FROM "{table}"')

    @contextmanager
    def _without_triggers(self, table: str) -> Iterator[None]:
        for name in standard.triggers(table):
            self._run(f'DROP TRIGGER "{name}"')
        yield
        for statement in standard.triggers(table).values():
            self._run(statement)


def _typed(table: Table, column: Column, values: Sequence[Any]) -> "pd.Series[Any]":
    try:
        return typed(values, column)
    except (TypeError, ValueError) as error:
        raise ProjectError("store_strange_value", table=table.name, column=column.name, told=str(error)) from error


def _by_key(table: Table, rows: pd.DataFrame) -> "np.ndarray[Any, Any] | None":
    """
    Give the order of the key: the same file whatever the order of the rows, and indexes that grow at one end.

    None where the rows stand in it already.
    """
    kinds = {column.name: column for column in table}
    keys = [plain_column(rows[key], kinds[key]) for key in table.key if key in rows]
    if len(keys) < len(table.key) or any(None in key for key in keys):
        raise TypeError(f"{table.name}: a row without its key {list(table.key)}")
    ranks = keys[0] if len(keys) == 1 else list(zip(*keys, strict=True))
    if all(map(le, ranks, islice(ranks, 1, None))):
        return None
    return np.array(sorted(range(len(ranks)), key=ranks.__getitem__), dtype=np.int64)


def _refuse_unknown(table: Table, names: Iterable[str]) -> None:
    stray = sorted(set(names) - set(table.names))
    if stray:
        raise TypeError(f"{table.name} has no column {stray}")


def _insert(table: str, names: list[str]) -> str:
    return f'INSERT INTO "{table}" ({_listed(names)}) VALUES ({", ".join("?" * len(names))})'


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _conditions(table: Table, where: "Where | None") -> tuple[str, tuple[Any, ...]]:
    """Give the WHERE of a statement and the values of its places."""
    if not where:
        return "", ()
    kinds = {column.name: column for column in table}
    _refuse_unknown(table, where)
    found = list(starmap(_condition, ((kinds[name], value) for name, value in where.items())))
    return " WHERE " + " AND ".join(map(itemgetter(0), found)), tuple(value for _, values in found for value in values)


def _condition(column: Column, value: Any) -> tuple[str, tuple[Any, ...]]:
    """Look for one value, or for any of a list: however long it is, it passes as one place."""
    listed = plain(list(value) if isinstance(value, _LISTS) else [value], column)
    sought = sorted({one for one in listed if one is not None})
    few = len(sought) == 1 or column.type == "float"  # a float is not the same after a way through text
    places = ", ".join("?" * len(sought)) if few else "SELECT value FROM json_each(?)"
    among = f'"{column.name}" IN ({places})'
    values = tuple(sought) if few else (json.dumps(sought),)
    return (f'({among} OR "{column.name}" IS NULL)' if None in listed else among), values

"""Tables of a project file: all of them laid when it is made, and what an older govmap did not know added later."""

import hashlib
import sqlite3
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite as sqlite_dialect

from govmap.schema import SCHEMA_VERSION, TABLES, Table
from govmap.store import definition, standard
from govmap.store.session import LAID

if TYPE_CHECKING:
    from pyproj import CRS

_OWN_SRS_ID = 100_000  # for a CRS without an EPSG code
_SHAPE_OF_SCHEMA = "schema_print"  # which tables and columns the file was last laid with
_SAY = "INSERT INTO project (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"


@cache
def schema_print() -> str:
    """Give a short name to the tables and columns that this govmap knows."""
    told = "\n".join(f"{table.name} {column}" for table in TABLES.values() for column in (*table, table.geometry))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def lay(raw: sqlite3.Connection, crs: "CRS") -> None:
    """Make all tables of a new file."""
    srs_id = crs.to_epsg() or _OWN_SRS_ID
    raw.execute("BEGIN")
    for sql, values in standard.foundation(crs, srs_id):
        raw.execute(sql, values)
    _make(raw, TABLES.values(), srs_id)
    for sql, values in standard.extensions():
        raw.execute(sql, values)
    facts = {"schema_version": str(SCHEMA_VERSION), "srs_id": str(srs_id), "crs": crs.to_wkt()}
    raw.executemany(_SAY, sorted((facts | {_SHAPE_OF_SCHEMA: schema_print()}).items()))
    raw.execute("UPDATE gpkg_contents SET last_change = strftime('%Y-%m-%dT%H:%M:%fZ','now')")
    raw.execute("INSERT INTO project (key, value) SELECT ?, max(last_change) FROM gpkg_contents", (LAID,))
    raw.execute("COMMIT")


def missing(raw: sqlite3.Connection) -> list[tuple[str, str]]:
    """Name the columns of our tables that a file has not: pairs of table and column, sorted."""
    sql = "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'"
    there = set(raw.execute(sql).fetchall())
    return sorted({(table.name, name) for table in TABLES.values() for name in table.names} - there)


def may_grow(raw: sqlite3.Connection) -> bool:
    """Tell whether a file lacks tables or columns because an older govmap made it; else somebody took them away."""
    row = raw.execute("SELECT value FROM project WHERE key = ?", (_SHAPE_OF_SCHEMA,)).fetchone()
    return row is None or row[0] != schema_print()


def grow(raw: sqlite3.Connection, srs_id: int) -> None:
    """
    Add the tables and columns that an older govmap did not know, in one transaction; rows stay as they are.

    A column that makes a row unique, or a shape, cannot be added to a table that stands: the caller finds it missing.
    """
    raw.execute("BEGIN IMMEDIATE")
    try:
        lacking = missing(raw)
        there = {row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        fresh = [table for table in TABLES.values() if table.name not in there]
        _make(raw, fresh, srs_id)
        for name, column in lacking:
            if name in there:
                _add(raw, TABLES[name], column, srs_id)
        laid = "UPDATE gpkg_contents SET last_change = (SELECT value FROM project WHERE key = ?) WHERE table_name = ?"
        raw.executemany(laid, [(LAID, table.name) for table in fresh])
        raw.execute(_SAY, (_SHAPE_OF_SCHEMA, schema_print()))
        raw.execute("COMMIT")
    except BaseException:
        raw.execute("ROLLBACK")
        raise


def _make(raw: sqlite3.Connection, tables: Iterable[Table], srs_id: int) -> None:
    from govmap.store.styles import embedded

    known, styles = definition.tables(srs_id).tables, embedded()
    for table in tables:
        raw.execute(str(sa.schema.CreateTable(known[table.name]).compile(dialect=sqlite_dialect.dialect())))
        for sql, values in standard.registration(table, srs_id):
            raw.execute(sql, values)
        if table.name in styles:
            raw.execute(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
                " styleQML, styleSLD, useAsDefault, description, owner)"
                " VALUES ('', '', ?, 'geometry', ?, ?, '', 1, '', '')",
                (table.name, table.name, styles[table.name]),
            )


def _add(raw: sqlite3.Connection, table: Table, name: str, srs_id: int) -> None:
    column = next((one for one in table if one.name == name and not one.required), None)
    if column is None:
        return
    kind = definition.tables(srs_id).tables[table.name].columns[name].type.compile(dialect=sqlite_dialect.dialect())
    raw.execute(f'ALTER TABLE "{table.name}" ADD COLUMN "{name}" {kind}')
    for sql, values in standard.described(table, (column,)):
        raw.execute(sql, values)

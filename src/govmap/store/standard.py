"""What makes an SQLite file a valid GeoPackage 1.4: its own tables, R-tree triggers, styles for QGIS."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from govmap.schema import Column, Table

if TYPE_CHECKING:
    from pyproj import CRS

APPLICATION_ID = 1196444487
USER_VERSION = 10400

_TABLES = """
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY,
  organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
  description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,
  definition TEXT NOT NULL, scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT,
  description TEXT, mime_type TEXT, constraint_name TEXT,
  CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT,
  min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
  f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT,
  styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))
"""

_SPATIAL_REFERENCES = """
INSERT INTO gpkg_spatial_ref_sys VALUES
 ('Undefined Cartesian', -1, 'NONE', -1, 'undefined', NULL),
 ('Undefined geographic', 0, 'NONE', 0, 'undefined', NULL),
 ('WGS 84', 4326, 'EPSG', 4326, 'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],"""
_SPATIAL_REFERENCES += """PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]', NULL)
"""

_CONTENTS = "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES (?, ?, ?, ?)"
_EXTENSIONS = "INSERT INTO gpkg_extensions VALUES (?, ?, ?, ?, ?)"
_RTREE_DEFINITION = "http://www.geopackage.org/spec120/#extension_rtree"
_SCHEMA_DEFINITION = "http://www.geopackage.org/spec121/#extension_schema"


def foundation(crs: "CRS", srs_id: int) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Give the statements that lay the standard's own tables, before ours are made."""
    for statement in _TABLES.split(";\n"):
        yield statement, ()
    yield _SPATIAL_REFERENCES, ()
    if srs_id not in (-1, 0, 4326):
        organisation, code = crs.to_authority() or ("", "")
        known = (organisation, int(code)) if code.isdecimal() else ("govmap", srs_id)  # some codes are no numbers
        row = (crs.name, srs_id, *known, crs.to_wkt("WKT1_GDAL"), None)
        yield "INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)", row
    yield f"PRAGMA application_id = {APPLICATION_ID}", ()
    yield f"PRAGMA user_version = {USER_VERSION}", ()


def registration(table: Table, srs_id: int) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Give the statements that register a table of ours, once it is made."""
    kind, srs = ("features", srs_id) if table.geometry else ("attributes", 0)
    yield _CONTENTS, (table.name, kind, table.name, srs)
    if table.geometry:
        yield from _geometry_column(table, srs_id)
    yield from described(table, table.columns)


def described(table: Table, columns: Iterable[Column]) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Give the statements that say which columns of a table hold JSON."""
    for column in columns:
        if column.type == "json":
            yield (
                "INSERT INTO gpkg_data_columns (table_name, column_name, name, mime_type) VALUES (?, ?, ?, ?)",
                (table.name, column.name, column.name, "application/json"),
            )


def extensions() -> Iterator[tuple[str, tuple[object, ...]]]:
    """Give the statements that name what the file uses beyond the core, and register the table of styles."""
    for name in ("gpkg_data_columns", "gpkg_data_column_constraints"):
        yield _EXTENSIONS, (name, None, "gpkg_schema", _SCHEMA_DEFINITION, "read-write")
    yield _CONTENTS, ("layer_styles", "attributes", "layer_styles", 0)


def _geometry_column(table: Table, srs_id: int) -> Iterator[tuple[str, tuple[object, ...]]]:
    values = (table.name, "geometry", table.geometry, srs_id, 0, 0)
    yield "INSERT INTO gpkg_geometry_columns VALUES (?, ?, ?, ?, ?, ?)", values
    yield empty_rtree(table.name), ()
    yield _EXTENSIONS, (table.name, "geometry", "gpkg_rtree_index", _RTREE_DEFINITION, "write-only")
    for statement in triggers(table.name).values():
        yield statement, ()


def rtree(table: str) -> str:
    """Name the index of a table."""
    return f"rtree_{table}_geometry"


def empty_rtree(table: str) -> str:
    """Give the statement that makes the index of a table."""
    return f'CREATE VIRTUAL TABLE "{rtree(table)}" USING rtree(id, minx, maxx, miny, maxy)'


def triggers(table: str) -> dict[str, str]:
    """Give the standard's triggers that keep the R-tree in step, by name."""
    tree = rtree(table)
    full = "(NEW.geometry NOT NULL AND NOT ST_IsEmpty(NEW.geometry))"
    void = "(NEW.geometry IS NULL OR ST_IsEmpty(NEW.geometry))"
    was_full = "(OLD.geometry NOT NULL AND NOT ST_IsEmpty(OLD.geometry))"
    was_void = "(OLD.geometry IS NULL OR ST_IsEmpty(OLD.geometry))"
    box = ", ".join(f"ST_{edge}(NEW.geometry)" for edge in ("MinX", "MaxX", "MinY", "MaxY"))
    sets = ", ".join(f"{edge.lower()} = ST_{edge}(NEW.geometry)" for edge in ("MinX", "MaxX", "MinY", "MaxY"))
    put = f'INSERT OR REPLACE INTO "{tree}" VALUES (NEW.fid, {box})'
    drop = f'DELETE FROM "{tree}" WHERE id'
    rules = {
        "insert": (f"AFTER INSERT ON {table}", full, put),
        "update2": (f"AFTER UPDATE OF geometry ON {table}", f"OLD.fid = NEW.fid AND {void}", f"{drop} = OLD.fid"),
        "update4": (f"AFTER UPDATE ON {table}", f"OLD.fid != NEW.fid AND {void}", f"{drop} IN (OLD.fid, NEW.fid)"),
        "update5": (f"AFTER UPDATE ON {table}", f"OLD.fid != NEW.fid AND {full}", f"{drop} = OLD.fid; {put}"),
        "update6": (
            f"AFTER UPDATE OF geometry ON {table}",
            f"OLD.fid = NEW.fid AND {full} AND {was_full}",
            f'UPDATE "{tree}" SET {sets} WHERE id = NEW.fid',
        ),
        "update7": (
            f"AFTER UPDATE OF geometry ON {table}",
            f"OLD.fid = NEW.fid AND {full} AND {was_void}",
            f'INSERT INTO "{tree}" VALUES (NEW.fid, {box})',
        ),
        "delete": (f"AFTER DELETE ON {table}", "OLD.geometry NOT NULL", f"{drop} = OLD.fid"),
    }
    return {
        f"{tree}_{name}": f'CREATE TRIGGER "{tree}_{name}" {moment} WHEN {when} BEGIN {action}; END'
        for name, (moment, when, action) in rules.items()
    }

"""Rows of every table of the schema, made up."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from govmap.schema import TABLES, Column, Table
from govmap.store import geopackage

ZONE = CRS.from_epsg(32650)


EAST = 735_000.0


NORTH = 2_423_000.0


ODD_TEXTS = [
    "幸福小区",
    "it's",
    'say "x"',
    "{{7*7}}",
    "a\\b\nc",
    "😀",
    " lead and trail ",
    "0012",
    "",
    "<img>",
    "\u2028",
]
WITH_SHAPES = sorted(name for name, table in TABLES.items() if table.geometry)


def box(at: int) -> shapely.Polygon:
    x, y = EAST + 13.37 * at, NORTH + 7.1 * (at % 97)
    return shapely.box(x, y, x + 9.5, y + 6.25)


def shape(kind: str, at: int) -> Any:
    """A shape of a column's kind; every fifth is missing, every seventh empty, some have several members or holes."""
    if at % 5 == 4:
        return None
    pierced = shapely.difference(box(at), box(at).centroid.buffer(1.0))
    line = shapely.LineString(shapely.get_coordinates(box(at))[:3])
    several = {
        "POINT": [box(at).centroid, shapely.Point()],
        "LINESTRING": [line, shapely.LineString()],
        "MULTILINESTRING": [line, shapely.MultiLineString([line, box(at + 50).exterior.coords])],
        "MULTIPOLYGON": [pierced, shapely.MultiPolygon([pierced, box(at + 900)]), shapely.Polygon()],
        "GEOMETRY": [pierced, line, box(at).centroid, shapely.GeometryCollection()],
    }[kind]
    return several[-1] if at % 7 == 6 else several[at % (len(several) - 1 or 1)]


def value(column: Column, at: int, *, key: bool) -> Any:
    if not key and at % 3 == 2:
        return None
    made = {
        "str": f"{column.name}-{at:05d}" if key else ODD_TEXTS[at % len(ODD_TEXTS)],
        "int": at if key else (-1) ** at * 3**at % 2**53,
        "float": at / 7 - 3,
        "bool": bool(at % 2),
        "json": {"中": [1, 2.5, None, "x"], "at": at, "deep": {"b": True}},
        "time": datetime(2026, 3, 1, 8, 0, 0, 123_000, UTC) + timedelta(hours=at),
        "date": f"2026-02-{at % 28 + 1:02d}",
        "blob": bytes([at % 256, 0, 255]),
    }
    return made[column.type]


def rows(table: Table, count: int, *, first: int = 0) -> pd.DataFrame:
    """Rows of every type, with gaps, in an order that is not the key's."""
    order = [first + int(at) for at in np.random.default_rng(count).permutation(count)]
    data = {column.name: [value(column, at, key=column.required) for at in order] for column in table}
    frame = pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in data.items()})
    if not table.geometry:
        return frame
    return gpd.GeoDataFrame(frame, geometry=[shape(table.geometry, at) for at in order], crs=ZONE)


def cells(count: int, *, first: int = 0, edition: int = 1) -> gpd.GeoDataFrame:
    shapes = [box(first + at) for at in range(count)]
    data = {"cell_id": [f"c{first + at:06d}" for at in range(count)], "edition": edition, "straddles": False}
    return gpd.GeoDataFrame(data, geometry=shapes, crs=ZONE)


def same(left: Any, right: Any) -> bool:
    if isinstance(left, shapely.Geometry):
        return bool(shapely.equals_identical(left, right))
    if pd.api.types.is_scalar(left) and pd.isna(left):
        return bool(pd.api.types.is_scalar(right) and pd.isna(right))
    return bool(left == right)


def alone(one: Any) -> Any:
    """A MULTI shape of one member comes back as the member."""
    several = isinstance(one, shapely.Geometry) and shapely.get_num_geometries(one) == 1
    return shapely.get_geometry(one, 0) if several else one


def raw(path: Path) -> Any:
    connection = sqlite3.connect(path)
    geopackage.register(connection)
    return closing(connection)

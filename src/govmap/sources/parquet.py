"""Parquet and GeoParquet as cells and shapes; a program of its own reads them, so that a damaged file ends only that.

What `geo` says of columns is read as GeoParquet 1.0 and 1.1 have it (opengeospatial/geoparquet, format-specs): shapes
as WKB or as nested coordinates; no `crs` means longitude and latitude, `null` that nobody knows. Files without it are
tables, unless their columns are marked as WKB in the manner of GeoArrow.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely
from pyproj.exceptions import CRSError

from govmap.errors import TableError
from govmap.sources import parquet_apart, shapes, sheets
from govmap.sources.heading import OUR_COLUMN, once_each
from govmap.sources.shapes import Layer, Shapes

LARGEST = 6_000_000_000
# Equal cells take no room in such files, so that small ones may well hold much; all is counted once as it is held and
# once as text.
HARMLESS, MOST_PACKED = 200_000_000, 200
LONGEST_SECONDS = 900
DEGREES = "OGC:CRS84"
GEOARROW, GEOARROW_SAYS = "ARROW:extension:name", "ARROW:extension:metadata"
WKB_MARKS = ("geoarrow.wkb", "ogc.wkb")
MULTIPLE = {
    "point": "Point", "linestring": "LineString", "polygon": "Polygon",
    "multipoint": "MultiPoint", "multilinestring": "MultiLineString", "multipolygon": "MultiPolygon",
}  # fmt: skip
Head = Mapping[str, Any]


def read(path: Path) -> Layer:
    """
    Read a Parquet file, GeoParquet or a plain table.

    Returns
    -------
    layer
        Every row; those whose shape is damaged are named in `unread`. Further columns of shapes become text.

    Raises
    ------
    TableError
        The file is damaged or cut off, or holds far more than its size.
    """
    head, columns = _read_apart(path)
    try:
        return _understood(head, columns)
    except (ValueError, KeyError, TypeError, AttributeError, shapely.errors.GEOSException) as fault:
        raise TableError("file_parquet_broken", where=str(path)) from fault


def _understood(head: Head, columns: list[list[Any]]) -> Layer:
    """Make shapes of the columns that are said to be some; a file that says what cannot be raises what Python does."""
    said = _shapes_said(head)
    frame = _cells(head["names"], columns, hidden=[*said, *_made_by_machine(head, said)])
    main = next(iter(said), None)
    layer = Layer(frame, None, None, found={"format": "parquet"})
    for name in [one for one in said if one != main]:
        made, _ = _made(columns[head["names"].index(name)], said[name])
        frame[once_each([*frame.columns, name])[-1]] = _written(made)
    if main is None:
        return layer
    made, spoilt = _made(columns[head["names"].index(main)], said[main])
    return shapes.without(replace(layer, geometry=shapely.force_2d(made), crs=_crs(said[main])), spoilt)


def _read_apart(path: Path) -> tuple[Head, list[list[Any]]]:
    """Let the other program read, and take what it says; no file in between would keep what people are called."""
    most = min(max(HARMLESS, MOST_PACKED * path.stat().st_size), LARGEST)
    line = [sys.executable, "-P", parquet_apart.__file__, str(path), str(most)]
    try:
        ended = subprocess.run(  # noqa: S603 - our own program on the file that the user named
            line, stdin=subprocess.DEVNULL, capture_output=True, timeout=LONGEST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as fault:
        raise TableError("file_parquet_broken", where=str(path)) from fault
    if ended.returncode == parquet_apart.TOO_LARGE:
        raise TableError("file_bomb", where=str(path), megabytes=most // 1_000_000)
    if ended.returncode != 0:
        raise TableError("file_parquet_broken", where=str(path))
    head, *pieces = [json.loads(one) for one in ended.stdout.splitlines()]
    return head, [list(chain.from_iterable(piece[place] for piece in pieces)) for place in range(len(head["names"]))]


def _shapes_said(head: Head) -> dict[str, dict[str, Any]]:
    """Give the columns of shapes with what is said of them, the main one first."""
    if head["whole"]["geo"] is None:
        return _marked(head)
    geo = json.loads(head["whole"]["geo"])
    said = {name: dict(geo["columns"][name]) for name in head["names"] if name in geo["columns"]}
    return dict(sorted(said.items(), key=lambda one: one[0] != geo.get("primary_column")))


def _marked(head: Head) -> dict[str, dict[str, Any]]:
    """Give columns that are marked as shapes without any `geo`."""
    found = {}
    for name in head["names"]:
        if head["said"][name].get(GEOARROW) in WKB_MARKS:
            says = json.loads(head["said"][name].get(GEOARROW_SAYS) or "{}")
            found[name] = {"encoding": "WKB", "crs": says.get("crs")}
    return found


def _made_by_machine(head: Head, said: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Name columns that programs write for themselves: bounds of shapes, numbers of rows."""
    covers = [one.get("covering", {}).get("bbox", {}) for one in said.values()]
    bounds = {str(way[0]) for cover in covers for way in cover.values() if isinstance(way, list) and way}
    return [name for name in head["names"] if name in bounds or name.startswith("__index_level_")]


def _cells(names: list[str], columns: list[list[Any]], *, hidden: Iterable[str]) -> pd.DataFrame:
    kept = [place for place, name in enumerate(names) if name not in set(hidden)]
    called = once_each([names[place] for place in kept])
    cells = {name: _texts(columns[place]) for name, place in zip(called, kept, strict=True)}
    length = len(columns[0]) if columns else 0
    frame = pd.DataFrame(cells, dtype=object, index=range(length))
    frame[OUR_COLUMN] = np.arange(1, length + 1, dtype=np.int64)
    return frame


def _texts(cells: list[Any]) -> list[str]:
    return [cell if isinstance(cell, str) else sheets.as_text(cell) for cell in cells]


def _made(cells: list[Any], said: Mapping[str, Any]) -> tuple[Shapes, npt.NDArray[np.bool_]]:
    """Make shapes of what stands for them, and tell where that is none."""
    kind = MULTIPLE.get(str(said.get("encoding", "WKB")))
    if kind is None:
        made = shapely.from_wkb(np.array(cells, dtype=object), on_invalid="ignore")
    else:
        made = shapely.from_geojson(np.array([_geojson(kind, one) for one in cells], object), on_invalid="ignore")
    there = np.array([cell is not None for cell in cells], dtype=bool)
    return made, there & ~shapely.is_geometry(made)


def _geojson(kind: str, cell: str | None) -> str | None:
    """Write nested coordinates, which are {x, y} or [x, y], as GeoJSON has them."""
    if cell is None:
        return None
    return json.dumps({"type": kind, "coordinates": json.loads(cell, object_hook=lambda one: [one["x"], one["y"]])})


def _written(made: Shapes) -> list[str]:
    return ["" if text is None else text for text in shapely.to_wkt(made, rounding_precision=-1).tolist()]


def _crs(said: Mapping[str, Any]) -> str | None:
    """Name the coordinate system; none where the file says that nobody knows, or says it in no way known."""
    if "crs" not in said:
        return DEGREES
    if said["crs"] is None:
        return None
    try:
        crs = pyproj.CRS.from_user_input(said["crs"])
    except (CRSError, TypeError):
        return None
    known = crs.to_authority(min_confidence=100)
    return ":".join(known) if known else str(crs.to_wkt())

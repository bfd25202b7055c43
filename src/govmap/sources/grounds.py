"""Outlines that users bring: a file with polygons or closed lines, or shapes in degrees."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from govmap.errors import BoundaryError
from govmap.messages import Note, note
from govmap.sources import files
from govmap.sources.osm.rows import has_han

_ID_COLUMNS = ("community_id", "id", "code", "编号", "社区编号", "社区代码")
_CODE_COLUMNS = ("code", "社区代码", "行政区划代码", "代码", "编码")
_CODE = re.compile(r"^\d{12}$")
_NAME_COLUMNS = ("name", "name_zh", "名称", "社区名称", "社区", "社区名", "title", "label")


@dataclass(frozen=True)
class Ground:
    """One outline on its way to becoming a community."""

    id: str
    name: str | None
    area: Any
    name_zh: str | None = None
    code: str | None = None
    administrative: bool = False
    notes: tuple[Note, ...] = ()


def from_file(path: Path, crs: CRS) -> list[Ground]:
    """Read the polygons of a file: one community each."""
    raw = files.rows(path)
    if raw.geometry is None:
        raise BoundaryError("fetch_boundary_no_shapes", where=str(path))
    shapes = gpd.GeoSeries(list(raw.geometry), crs=raw.crs or "EPSG:4326")
    if raw.crs is None and not _in_degrees(shapes):
        raise BoundaryError("fetch_boundary_no_crs", where=str(path))
    moved = shapes.to_crs(crs).to_numpy()
    areas = [area_of(shape) for shape in moved]
    kept = [number for number, area in enumerate(areas) if area is not None]
    if not kept:
        raise BoundaryError("fetch_boundary_no_area", where=str(path))
    told = () if raw.crs else (note("fetch_boundary_taken_as_degrees", file=path.name),)
    return [
        Ground(id_, name, areas[number], name if has_han(name) else None, code, notes=told if place == 0 else ())
        for place, (number, id_, name, code) in enumerate(zip(kept, *_facts(raw, path, kept), strict=True))
    ]


def _facts(raw: Any, path: Path, kept: list[int]) -> tuple[list[str], list[str | None], list[str | None]]:
    """Give id, name and code of every polygon; where the ids are none, the file's name and a number."""
    ids, names = _texts(raw, _ID_COLUMNS, kept), _texts(raw, _NAME_COLUMNS, kept)
    codes = [code if code and _CODE.match(code) else None for code in _texts(raw, _CODE_COLUMNS, kept)]
    if len(kept) == 1:
        return [ids[0] or path.stem], [names[0] or path.stem], codes
    unique = len(set(ids)) == len(ids) and all(ids)
    own = [f"{path.stem}-{place + 1}" for place in range(len(kept))]
    return [str(id_) for id_ in (ids if unique else own)], names, codes


def _in_degrees(shapes: gpd.GeoSeries) -> bool:
    return bool((np.abs(shapes.total_bounds) <= (180, 90, 180, 90)).all())


def _texts(raw: Any, names: Iterable[str], kept: list[int]) -> list[str | None]:
    """Give the column that bears one of the names, whatever its case."""
    columns = {str(column).strip().casefold(): column for column in raw.frame.columns}
    column = next((columns[name] for name in names if name in columns), None)
    if column is None:
        return [None] * len(kept)
    return [str(raw.frame[column].iloc[number]).strip() or None for number in kept]


def area_of(shape: Any) -> Any:
    """Give what of a shape is ground; a closed line is taken for its inside."""
    if shape is None or shapely.is_empty(shape):
        return None
    parts = shapely.get_parts(shapely.make_valid(shape))
    areas = parts[shapely.get_dimensions(parts) == 2]  # noqa: PLR2004 -- an area
    if not len(areas):
        areas = shapely.get_parts(shapely.polygonize(parts[shapely.get_dimensions(parts) == 1]))
    return shapely.union_all(areas) if len(areas) else None


def from_shapes(wanted: Any, crs: CRS) -> list[Ground]:
    """Take shapes in degrees, as geocoding gives them."""
    rows = wanted if isinstance(wanted, gpd.GeoDataFrame) else gpd.GeoDataFrame(geometry=[wanted], crs="EPSG:4326")
    moved = rows.to_crs(crs)
    names = list(rows["name"]) if "name" in rows else [None] * len(rows)
    areas = [area_of(shape) for shape in moved.geometry]
    grounds = [
        Ground(f"place-{number + 1}" if len(areas) > 1 else "place", name, area, name if has_han(name) else None)
        for number, (name, area) in enumerate(zip(names, areas, strict=True))
        if area is not None
    ]
    if not grounds:
        raise BoundaryError("fetch_boundary_no_area")
    return grounds

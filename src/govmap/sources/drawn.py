"""A shape that someone drew: a file, GeoJSON, WKT or pairs of coordinates, brought into the project's system.

Where nothing says in which system it is, degrees and the project's own metres are tried, in this order, and taken
only where the shape then lies at the project's ground.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError
from shapely.errors import ShapelyError

from govmap.crs import DATUMS, GEOGRAPHIC, to_wgs84
from govmap.errors import InputError
from govmap.sources import files
from govmap.sources.grounds import area_of

NEAR_M = 5_000.0
PATH_LIKE = re.compile(r"\.(geojson|json|wkt|txt|gpkg|shp|zip|kml|fgb)$", re.IGNORECASE)
WKT = re.compile(r"^\s*(SRID=(?P<srid>\d+);)?\s*[A-Z]+\s*(Z|M|ZM)?\s*\(", re.IGNORECASE)
NUMBER = r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
PAIR = re.compile(rf"^({NUMBER}),({NUMBER})$")
Bounds = tuple[float, float, float, float]


def area(given: str, crs: CRS, around: Bounds, *, system: str | None = None) -> Any:
    """
    Read an area; a closed line is taken for its inside.

    Parameters
    ----------
    given
        A file (GeoJSON, WKT, GeoPackage, Shapefile, KML ...), or the text itself: GeoJSON, WKT, or `x,y x,y x,y`.
    crs, around
        The project's system, and its ground in it.
    system
        In which system it was drawn, where that is known: EPSG:4547, or a datum such as gcj02.

    Raises
    ------
    InputError
        It cannot be read, is no area, or lies somewhere else.
    """
    found = area_of(_polygons(_placed(given, crs, around, system)))
    if found is None:
        raise InputError("edit_shape_no_area", given=_short(given))
    return found


def line(given: str, crs: CRS, around: Bounds, *, system: str | None = None) -> Any:
    """Read one line; parameters and errors are as for `area`, and several lines that do not meet are refused."""
    parts = _flat(_placed(given, crs, around, system))
    if not len(parts) or (shapely.get_dimensions(parts) != 1).any():
        raise InputError("edit_shape_no_line", given=_short(given))
    merged = shapely.line_merge(shapely.multilinestrings(list(parts)))
    if shapely.get_num_geometries(merged) != 1:
        raise InputError("edit_shape_several_lines", given=_short(given), count=shapely.get_num_geometries(merged))
    return shapely.get_geometry(merged, 0)


def _polygons(shape: Any) -> Any:
    """Close lines given as pairs, so that people need not repeat the first point."""
    parts = _flat(shape)
    if len(parts) == 1 and parts[0].geom_type == "LineString" and shapely.get_num_coordinates(parts[0]) > 2:  # noqa: PLR2004 - a triangle at least
        return shapely.polygons(shapely.get_coordinates(parts[0]))
    return shape


def _flat(shape: Any) -> Any:
    """Take collections apart to the last."""
    parts = shapely.get_parts(shape)
    while (shapely.get_type_id(parts) > 3).any():  # noqa: PLR2004 - points, lines, rings and polygons are single
        parts = shapely.get_parts(parts)
    return parts


def _placed(given: str, crs: CRS, around: Bounds, system: str | None) -> Any:
    """Give the shapes as one collection in the project's system."""
    shapes, said = _read(given)
    shapes = shapely.force_2d(shapes[~shapely.is_empty(shapes)])
    if not len(shapes) or not np.isfinite(shapely.get_coordinates(shapes)).all():
        raise InputError("edit_shape_unreadable", given=_short(given))
    whole = shapely.geometrycollections(list(shapes))
    for one in _systems(whole, system, said):
        moved = _moved(whole, one, crs)
        if moved is not None and shapely.distance(moved, shapely.box(*around)) <= NEAR_M:
            return moved
    turned = shapely.transform(whole, lambda xy: xy[:, ::-1])
    moved = _moved(turned, GEOGRAPHIC, crs) if system is None and _in_degrees(turned) else None
    if moved is not None and shapely.distance(moved, shapely.box(*around)) <= NEAR_M:
        raise InputError("edit_shape_turned", given=_short(given))
    raise InputError("edit_shape_elsewhere", given=_short(given), near_km=int(NEAR_M / 1000))


def _systems(shape: Any, system: str | None, said: str | None) -> Iterator[str | None]:
    """Name the systems to be tried; None is the project's own."""
    if system is not None:
        yield system
        return
    if said is not None:
        yield said
    if _in_degrees(shape):
        yield GEOGRAPHIC
    yield None


def _in_degrees(shape: Any) -> bool:
    west, south, east, north = shapely.bounds(shape)
    return bool(west >= -180 and south >= -90 and east <= 180 and north <= 90)  # noqa: PLR2004 - the whole earth


def _moved(shape: Any, system: str | None, crs: CRS) -> Any:
    """Bring a shape from a system or datum into the project's; None where it has no place there."""
    if system is None:
        return shape
    if system.lower() in DATUMS:
        degrees = shapely.transform(shape, lambda xy: np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], system.lower())))
        return _moved(degrees, GEOGRAPHIC, crs)
    try:
        way = Transformer.from_crs(CRS.from_user_input(system), crs, always_xy=True)
    except CRSError as fault:
        raise InputError("edit_shape_no_system", given=system, datums=list(DATUMS)) from fault
    moved = shapely.transform(shape, lambda xy: np.column_stack(way.transform(xy[:, 0], xy[:, 1])))
    return moved if np.isfinite(shapely.get_coordinates(moved)).all() else None


def _read(given: str) -> tuple[Any, str | None]:
    """Give shapes and the system that the text or file itself names."""
    path = Path(given)
    if _is_file(path):
        if path.suffix.lower() not in (".geojson", ".json", ".wkt", ".txt"):
            raw = files.rows(path)
            return _known(raw.geometry, given), raw.crs
        return _text(path.read_bytes().decode("utf-8-sig", errors="replace"), given)
    if PATH_LIKE.search(given.strip()):
        raise InputError("file_missing", where=given)
    return _text(given, given)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # longer than a path may be
        return False


def _text(text: str, given: str) -> tuple[Any, str | None]:
    try:
        if text.lstrip().startswith("{"):
            return _known([shapely.from_geojson(text)], given), _named_system(text)
        if found := WKT.match(text):
            shape = shapely.from_wkt(text.split(";", 1)[1] if found["srid"] else text)
            return _known([shape], given), f"EPSG:{found['srid']}" if found["srid"] else None
        return _known([_pairs(text)], given), None
    except (ShapelyError, ValueError) as fault:
        raise InputError("edit_shape_unreadable", given=_short(given)) from fault


def _known(shapes: Any, given: str) -> Any:
    if shapes is None:
        raise InputError("edit_shape_unreadable", given=_short(given))
    listed = np.asarray(list(shapes), dtype=object)
    return listed[shapely.is_geometry(listed)]


def _named_system(text: str) -> str | None:
    """Give the system that old GeoJSON names; without one the standard means degrees, which are tried first anyway."""
    facts = json.loads(text).get("crs")
    name = facts.get("properties", {}).get("name") if isinstance(facts, dict) else None
    return name if isinstance(name, str) else None


def _pairs(text: str) -> Any:
    """Read `x,y x,y`, also with the commas and spaces of a Chinese keyboard."""
    words = re.sub(r"\s*[,，]\s*", ",", text.replace("；", " ").replace(";", " ")).split()
    found = [PAIR.match(word) for word in words]
    points = [(float(one[1]), float(one[2])) for one in found if one]
    if len(points) < len(words) or len(points) < 2:  # noqa: PLR2004 - a line has two ends
        raise ValueError("no pairs of coordinates")
    return shapely.linestrings(points)


def _short(given: str) -> str:
    return given if len(given) <= 60 else f"{given[:60]}…"  # noqa: PLR2004 - enough to know it by

"""Shapes of people's layers as the kind that a table holds: repaired, closed, drawn from points where need be."""

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from govmap.schema import TABLES

FOOTPRINT_M, FOOTPRINT_SHARE, HOME_M = 12.0, 0.7, 500.0
POINT, LINE, RING, POLYGON, MULTIPOINT, MULTILINE, MULTIPOLYGON, COLLECTION = range(8)
FEWEST_CORNERS = 4
Shapes = npt.NDArray[np.object_]


def of_kind(shapes: Shapes, reason: Shapes, table: str) -> tuple[Shapes, Shapes, int]:
    """Make shapes of the kind a table holds; what cannot be made gets a reason. Also counts repaired ones."""
    shapes = shapes.copy()
    there = ~absent(shapes) & (reason == None)  # noqa: E711
    empty = there & shapely.is_empty(shapes)
    reason[empty] = "geometry_empty"
    there &= ~empty
    invalid = there & ~shapely.is_valid(shapes)
    shapes[invalid] = shapely.make_valid(shapes[invalid], method="structure", keep_collapsed=False)
    lost = invalid & shapely.is_empty(shapes)
    reason[lost] = "geometry_empty"
    make = {"POINT": _points, "MULTIPOLYGON": _polygons, "MULTILINESTRING": _lines}.get(
        TABLES[table].geometry or "", _any
    )
    made = _counted(shapes, table) if table == "residents" else make(shapes, table)
    wrong = there & ~lost & absent(made)
    reason[wrong] = "geometry_kind"
    return made, reason, int((invalid & ~lost & ~wrong).sum())


def _any(shapes: Shapes, table: str) -> Shapes:
    del table
    return shapes


def _counted(shapes: Shapes, table: str) -> Shapes:
    """Take what residents are counted for: a point, by which their building is found, or an area."""
    points = _points(shapes, table)
    areas = _polygons(shapes, table)
    return np.where(absent(areas), points, areas)


def _points(shapes: Shapes, table: str) -> Shapes:
    """Take points as they are and areas by a point inside; a worker's home only to 500 m."""
    kinds = shapely.get_type_id(shapes)
    made = np.full(len(shapes), None, dtype=object)
    made[kinds == POINT] = shapes[kinds == POINT]
    single = (kinds == MULTIPOINT) & (shapely.get_num_geometries(shapes) == 1)
    made[single] = shapely.get_geometry(shapes[single], 0)
    areas = np.isin(kinds, (POLYGON, MULTIPOLYGON))
    made[areas] = shapely.point_on_surface(shapes[areas])
    if table != "workers":
        return made
    there = ~absent(made)
    made[there] = shapely.transform(made[there], lambda xy: np.round(xy / HOME_M) * HOME_M)
    return made


def _polygons(shapes: Shapes, table: str) -> Shapes:
    """Take areas, closed lines as areas, and, for buildings, points as small squares."""
    kinds = shapely.get_type_id(shapes)
    made = np.full(len(shapes), None, dtype=object)
    closed = (
        np.isin(kinds, (LINE, RING))
        & shapely.is_closed(shapes)
        & (shapely.get_num_coordinates(shapes) >= FEWEST_CORNERS)
    )
    made[closed] = [shapely.Polygon(shapely.get_coordinates(one)) for one in shapes[closed]]
    made[closed] = shapely.make_valid(made[closed], method="structure", keep_collapsed=False)
    areas = np.isin(kinds, (POLYGON, MULTIPOLYGON))
    made[areas] = shapes[areas]
    mixed = kinds == COLLECTION
    made[mixed] = [_areas_of(one) for one in shapes[mixed]]
    if table == "buildings":
        points = np.isin(kinds, (POINT, MULTIPOINT))
        made[points] = footprints(shapely.centroid(shapes[points]))
    there = ~absent(made)
    made[there] = [one if one.geom_type == "MultiPolygon" else shapely.multipolygons([one]) for one in made[there]]
    return made


def _areas_of(collection: Any) -> Any:
    areas = [one for one in shapely.get_parts(collection) if one.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(areas) if areas else None


def footprints(points: Shapes) -> Shapes:
    """Draw a small square for each building of which only a point is known, smaller where they stand close."""
    if len(points) == 0:
        return points
    tree = shapely.STRtree(points)
    nearest, distance = tree.query_nearest(points, exclusive=True, all_matches=False, return_distance=True)
    side = np.full(len(points), FOOTPRINT_M)
    side[nearest[0]] = np.clip(distance * FOOTPRINT_SHARE, 1.0, FOOTPRINT_M)
    x, y, half = shapely.get_x(points), shapely.get_y(points), side / 2
    return np.asarray(shapely.box(x - half, y - half, x + half, y + half), dtype=object)


def _lines(shapes: Shapes, table: str) -> Shapes:
    """Take lines, and areas by their outlines."""
    del table
    kinds = shapely.get_type_id(shapes)
    made = np.full(len(shapes), None, dtype=object)
    areas = np.isin(kinds, (POLYGON, MULTIPOLYGON))
    made[areas] = shapely.boundary(shapes[areas])
    lines = np.isin(kinds, (LINE, RING, MULTILINE))
    made[lines] = shapes[lines]
    there = ~absent(made)
    made[there] = [_open_lines(one) for one in made[there]]
    return made


def _open_lines(shape: Any) -> Any:
    """Make rings lines: GDAL falls over a bare ring."""
    lines = [line for line in shapely.get_parts(shape) if not shapely.is_empty(line)]
    return shapely.MultiLineString([shapely.get_coordinates(line) for line in lines]) if lines else None


def absent(shapes: Shapes) -> npt.NDArray[np.bool_]:
    """Tell where there is no shape."""
    return np.asarray(~shapely.is_geometry(shapes))

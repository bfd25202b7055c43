"""Where the rows of a list lie: coordinates in columns or shapes of a layer, taken to the project's metres.

Nothing is shifted, swapped or taken for another system in silence: a row that cannot be right is named with its reason,
and where a whole file speaks another language than it says, the user is asked.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from pyproj.exceptions import CRSError

from govmap import crs as datums
from govmap.errors import TableError
from govmap.messages import Note, note
from govmap.sources import values
from govmap.sources.columns import Columns, stated_datum
from govmap.sources.outlines import Shapes, absent, of_kind

if TYPE_CHECKING:
    import pandas as pd

    from govmap.sources.files import RawTable

FARTHEST_M, WALK_CAP_M = 50_000.0, 200.0
DECIMAL_COMMA = r"\s*-?\d{1,3},\d+\s*"
MOSTLY, MOST_TRIED, NO_DEGREES = 0.5, 5000, 360
NEEDED = frozenset({"communities", "barriers", "entrances"})
DEGREES = re.compile(
    r"(?P<sign>[-+]?)(?P<d>\d{1,3})(?:°|度|d)\s*(?:(?P<m>\d{1,2}(?:\.\d+)?)\s*(?:['′分m])\s*)?(?:(?P<s>\d{1,2}(?:\.\d+)?)\s*(?:[\"″秒s]|''|′′)\s*)?(?P<side>[nsew])?"
)
Floats = npt.NDArray[np.float64]
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class Frame:
    """The project's ground: its CRS, its bounds in metres, and footprints by which a shifted datum is recognised."""

    crs: pyproj.CRS
    bounds: Bounds | None = None
    footprints: Sequence[Any] = ()


@dataclass(frozen=True)
class Placed:
    """Shapes in the project's metres (None without), why a row cannot be used, and what to tell."""

    geometry: Shapes
    reason: Shapes
    notes: tuple[Note, ...] = ()
    found: dict[str, Any] = field(default_factory=dict)


def place(
    raw: "RawTable", columns: Columns, table: str, ground: Frame, *, crs: str | None = None, datum: str | None = None
) -> Placed:
    """
    Give every row its shape.

    Parameters
    ----------
    raw, columns, table
        The list, what its columns are, and the table it is for.
    ground
        Where the project lies.
    crs, datum
        What the user says of the file's coordinates; stands over what the file says.

    Returns
    -------
    placed
        In the order of the rows. A row without any position has neither shape nor reason, where the table allows it.
    """
    stated = stated_datum(columns) if datum is None else None
    if stated is not None:
        raise TableError("import_datum_stated", where=str(raw.path), column=stated[0], datum=stated[1])
    shapes, reason, system = _given(raw, columns, ground, crs)
    zero = _at_zero(shapes)
    shapes[zero] = None
    given = shapes
    shapes, reason = _to_metres(shapes, reason, system, ground, datum, str(raw.path))
    reason = _tell_far(shapes, given, reason, system, ground, str(raw.path))
    notes = [] if datum or not system.is_geographic else _suspicion(shapes, reason, ground)
    shapes, reason, repaired = of_kind(shapes, reason, table)
    if zero.any():
        notes.append(note("import_zero_coordinates", count=int(zero.sum())))
    if repaired:
        notes.append(note("import_repaired", count=repaired))
    if table in NEEDED:
        reason[(absent(shapes)) & (reason == None)] = "no_shape"  # noqa: E711 - elementwise
    shapes[reason != None] = None  # noqa: E711 - elementwise
    return Placed(shapes, reason, tuple(notes), {"crs": system.to_string(), "datum": datum})


def _given(raw: "RawTable", columns: Columns, ground: Frame, crs: str | None) -> tuple[Shapes, Shapes, pyproj.CRS]:
    """Give shapes as they stand in the file, which rows cannot be read, and the system they are in."""
    reason = np.full(len(raw.frame), None, dtype=object)
    if raw.geometry is not None:
        shapes = raw.geometry.copy()
        return shapes, reason, _system(crs or raw.crs, shapes, ground, str(raw.path))
    if columns.has("wkt"):
        return _from_wkt(raw, columns, ground, crs, reason)
    xy = _numbers(raw, columns, ground)
    if xy is None:
        return np.full(len(raw.frame), None, dtype=object), reason, pyproj.CRS(datums.GEOGRAPHIC)
    x, y, bad = xy
    reason[bad] = "bad_coordinate"
    shapes = np.full(len(x), None, dtype=object)
    there = np.isfinite(x) & np.isfinite(y) & ~bad
    reason[np.isfinite(x) ^ np.isfinite(y)] = "bad_coordinate"
    shapes[there] = shapely.points(x[there], y[there])
    return shapes, reason, _system(crs or _degrees(x, y), shapes, ground, str(raw.path))


def _from_wkt(
    raw: "RawTable", columns: Columns, ground: Frame, crs: str | None, reason: Shapes
) -> tuple[Shapes, Shapes, pyproj.CRS]:
    cells = raw.frame[columns.theirs("wkt")].str.replace(r"^SRID=\d+;", "", regex=True)
    shapes = np.array(shapely.from_wkt(cells.where(cells != "", None).to_numpy(object), on_invalid="ignore"), object)
    reason[absent(shapes) & (cells != "").to_numpy()] = "bad_geometry"
    bounds = shapely.total_bounds(shapes)
    return shapes, reason, _system(crs or _degrees(bounds[::2], bounds[1::2]), shapes, ground, str(raw.path))


def _degrees(x: Floats, y: Floats) -> str | None:
    """Say that numbers are degrees where most could be."""
    there = np.isfinite(x) & np.isfinite(y)
    if not there.any():
        return datums.GEOGRAPHIC
    could = (np.abs(x[there]) <= 180) & (np.abs(y[there]) <= 180)  # noqa: PLR2004 - swapped ones too
    return datums.GEOGRAPHIC if could.mean() > MOSTLY else None


def _numbers(raw: "RawTable", columns: Columns, ground: Frame) -> tuple[Floats, Floats, npt.NDArray[np.bool_]] | None:
    """Read coordinates out of two columns, or out of one that holds both."""
    for pair in (("lon", "lat"), ("x", "y")):
        if columns.has(pair[0]) and columns.has(pair[1]):
            x, bad_x = _coordinates(raw.frame[columns.theirs(pair[0])])
            y, bad_y = _coordinates(raw.frame[columns.theirs(pair[1])])
            return x, y, bad_x | bad_y
    if not columns.has("coordinates"):
        return None
    cells = raw.frame[columns.theirs("coordinates")].map(values.clean)
    both = (
        cells.str.strip("()[]（） ")
        .str.split(r"\s*[,，;；\s]\s*", n=1, expand=True, regex=True)
        .reindex(columns=[0, 1])
    )
    a, bad_a = _coordinates(both[0].fillna(""))
    b, bad_b = _coordinates(both[1].fillna(""))
    bad = bad_a | bad_b | ((cells != "").to_numpy() & ~np.isfinite(b))
    return (b, a, bad) if _latitude_first(a, b, ground) else (a, b, bad)


def _latitude_first(a: Floats, b: Floats, ground: Frame) -> bool:
    """Tell which of two numbers in one cell is the latitude, once for the column: by range, else by the project."""
    if np.nanmax(np.abs(a), initial=0) > 90 or np.nanmax(np.abs(b), initial=0) > 90:  # noqa: PLR2004 - latitudes end
        return bool(np.nanmax(np.abs(b), initial=0) > 90)  # noqa: PLR2004
    return bool(_near_degrees(b, a, ground).sum() > _near_degrees(a, b, ground).sum())


def _near_degrees(lon: Floats, lat: Floats, ground: Frame) -> npt.NDArray[np.bool_]:
    if ground.bounds is None:
        return np.zeros(len(lon), dtype=bool)
    x, y = _transformer(pyproj.CRS(datums.GEOGRAPHIC), ground.crs).transform(lon, lat)
    return np.asarray(_outside_m(np.asarray(x), np.asarray(y), ground.bounds) <= FARTHEST_M)


def _coordinates(cells: "pd.Series[Any]") -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Read plain numbers, also with a comma for the point in all of them, and degrees with minutes and seconds."""
    filled = cells[cells.str.strip() != ""]
    if len(filled) and filled.str.fullmatch(DECIMAL_COMMA).all():
        cells = cells.str.replace(",", ".")
    parsed = values.numbers(cells, whole=False, negative=True)
    numbers, bad = parsed.values.to_numpy(float).copy(), parsed.bad.copy()
    for place_ in np.flatnonzero(bad):
        value = _from_degrees(str(cells.iloc[place_]))
        if value is not None:
            numbers[place_], bad[place_] = value, False
    return numbers, bad


def _from_degrees(text: str) -> float | None:
    text = re.sub(r"^(?:东经|北纬|e|n)(?=[\d ])", "", values.clean(text).casefold()).strip()
    found = DEGREES.fullmatch(text)
    if not found:
        return None
    value = float(found["d"]) + float(found["m"] or 0) / 60 + float(found["s"] or 0) / 3600
    return -value if found["sign"] == "-" or found["side"] in ("s", "w") else value


def _system(stated: str | None, shapes: Shapes, ground: Frame, where: str) -> pyproj.CRS:
    """Give the system of a file; where it says none the user is asked, with those in which it would fit."""
    there = shapes[~absent(shapes)]
    if stated in (None, datums.GEOGRAPHIC) and len(there) == 0:
        return pyproj.CRS(datums.GEOGRAPHIC)
    bounds = shapely.total_bounds(there) if len(there) else (0.0, 0.0, 0.0, 0.0)
    try:
        system = pyproj.CRS(stated) if stated is not None else None
    except CRSError as fault:
        raise TableError("import_crs_wrong", where=where, crs=stated) from fault
    far_off = len(there) > 0 and np.median(np.abs(shapely.get_coordinates(there))) > NO_DEGREES
    if system is None or (system.is_geographic and far_off):
        raise TableError("import_crs_unknown", where=where, likely=_fitting(tuple(bounds), ground) or ["EPSG:…"])
    return system


def _fitting(bounds: Bounds, ground: Frame) -> list[str]:
    """Name systems in which a box of coordinates would lie by the project."""
    if ground.bounds is None:
        return []
    middle = np.array([(bounds[0] + bounds[2]) / 2]), np.array([(bounds[1] + bounds[3]) / 2])
    fits = []
    for name in _usual_systems(ground):
        x, y = _transformer(pyproj.CRS(name), ground.crs).transform(*middle)
        if np.all(_outside_m(np.asarray(x), np.asarray(y), ground.bounds) <= FARTHEST_M):
            fits.append(name)
    return fits[:4]


def _usual_systems(ground: Frame) -> list[str]:
    """Name the project's own system and those in use where it lies."""
    assert ground.bounds is not None  # noqa: S101 - asked by the caller
    west, south, east, north = ground.bounds
    back = _transformer(ground.crs, pyproj.CRS(datums.GEOGRAPHIC))
    lon, lat = back.transform((west + east) / 2, (south + north) / 2)
    zone, third = int((lon + 180) // 6) + 1, round(lon / 3)
    names = [ground.crs.to_string() if ground.crs.to_epsg() else "", datums.GEOGRAPHIC, "EPSG:3857"]
    names.append(f"EPSG:{(32600 if lat >= 0 else 32700) + zone}")
    if datums.shifted(np.array([lon]), np.array([lat])).all() and 25 <= third <= 45:  # noqa: PLR2004 - zones of CGCS2000
        names += [f"EPSG:{4534 + third - 25}", f"EPSG:{4513 + third - 25}"]
    if -9 < lon < 3 and 49 < lat < 61:  # noqa: PLR2004 - Great Britain
        names.append("EPSG:27700")
    return list(dict.fromkeys(name for name in names if name))


def _transformer(source: pyproj.CRS, target: pyproj.CRS) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def _to_metres(
    shapes: Shapes, reason: Shapes, system: pyproj.CRS, ground: Frame, datum: str | None, where: str
) -> tuple[Shapes, Shapes]:
    """Take shapes to the project's CRS; what has no place there gets a reason."""
    if datum is not None and datum not in datums.DATUMS:
        raise TableError("import_datum_unknown", where=where, datum=datum, datums=list(datums.DATUMS))
    if system.is_geographic:
        limits = shapely.bounds(shapes)
        wild = (np.abs(limits[:, ::2]) > 180).any(axis=1) | (np.abs(limits[:, 1::2]) > 90).any(axis=1)  # noqa: PLR2004
        reason[wild & (reason == None)] = "coordinates_range"  # noqa: E711
        if datum in ("gcj02", "bd09"):
            shapes = _moved(shapes, lambda xy: np.column_stack(datums.to_wgs84(xy[:, 0], xy[:, 1], datum)))
    transformer = _transformer(system, ground.crs)
    if not system.equals(ground.crs, ignore_axis_order=True):
        shapes = _moved(shapes, lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])))
    broken = ~absent(shapes) & ~np.isfinite(shapely.bounds(shapes)).all(axis=1) & ~shapely.is_empty(shapes)
    reason[broken & (reason == None)] = "coordinates_range"  # noqa: E711
    return shapes, reason


def _moved(shapes: Shapes, move: Any) -> Shapes:
    moved = np.full(len(shapes), None, dtype=object)
    there = ~absent(shapes)
    moved[there] = shapely.transform(shapes[there], move)
    return moved


def _outside_m(x: Floats, y: Floats, bounds: Bounds) -> Floats:
    """Give metres from a box; infinite where there is no number."""
    west, south, east, north = bounds
    dx = np.maximum(np.maximum(west - x, x - east), 0)
    dy = np.maximum(np.maximum(south - y, y - north), 0)
    return np.asarray(np.nan_to_num(np.hypot(dx, dy), nan=np.inf), dtype=np.float64)


def _tell_far(shapes: Shapes, given: Shapes, reason: Shapes, system: pyproj.CRS, ground: Frame, where: str) -> Shapes:
    """Name rows that lie elsewhere, apart those that would fit with longitude and latitude exchanged."""
    if ground.bounds is None:
        return reason
    limits = shapely.bounds(shapes)
    there = ~absent(shapes) & ~shapely.is_empty(shapes)
    off = _outside_m((limits[:, 0] + limits[:, 2]) / 2, (limits[:, 1] + limits[:, 3]) / 2, ground.bounds)
    far = there & ((off > FARTHEST_M) | (reason == "coordinates_range"))
    if not far.any():
        return reason
    swapped = far & _fits_swapped(given, far, system, ground)
    if swapped.sum() > MOSTLY * there.sum():
        raise TableError("import_swapped", where=where, count=int(swapped.sum()), rows=int(there.sum()))
    reason[far & (reason == None)] = "far"  # noqa: E711
    reason[swapped] = "swapped"
    return reason


def _fits_swapped(
    given: Shapes, far: npt.NDArray[np.bool_], system: pyproj.CRS, ground: Frame
) -> npt.NDArray[np.bool_]:
    """Tell which rows would lie by the project if their two numbers were exchanged."""
    fits = np.zeros(len(given), dtype=bool)
    middle = shapely.centroid(given[far])
    across = _transformer(system, ground.crs).transform(shapely.get_y(middle), shapely.get_x(middle))
    assert ground.bounds is not None  # noqa: S101 - asked by the caller
    fits[far] = _outside_m(np.asarray(across[0]), np.asarray(across[1]), ground.bounds) <= FARTHEST_M
    return fits


def _suspicion(shapes: Shapes, reason: Shapes, ground: Frame) -> list[Note]:
    """Tell the user where points would fit clearly better in a datum of Chinese map services."""
    there = ~absent(shapes) & (reason == None)  # noqa: E711
    if ground.bounds is None or there.sum() == 0:
        return []
    every = max(1, int(there.sum()) // MOST_TRIED)
    middle = shapely.centroid(shapes[there][::every])
    back = _transformer(ground.crs, pyproj.CRS(datums.GEOGRAPHIC))
    lon, lat = back.transform(shapely.get_x(middle), shapely.get_y(middle))
    guess = datums.guess_datum(np.asarray(lon), np.asarray(lat), _distance(ground, back))
    return [] if guess is None else [note("import_datum_suspected", datum=guess)]


def _distance(ground: Frame, back: pyproj.Transformer) -> datums.Distance:
    """Give metres to the nearest footprint, or to the project's bounds where there is none."""
    tree = shapely.STRtree(ground.footprints) if len(ground.footprints) else None

    def metres(lon: Floats, lat: Floats) -> Floats:
        x, y = back.transform(lon, lat, direction="INVERSE")
        assert ground.bounds is not None  # noqa: S101 - asked by the caller
        if tree is None:
            return _outside_m(np.asarray(x), np.asarray(y), ground.bounds)
        points = shapely.points(x, y)
        found, distance = tree.query_nearest(points, max_distance=WALK_CAP_M, return_distance=True, all_matches=False)
        nearest = np.full(len(points), WALK_CAP_M)
        nearest[found[0]] = distance
        return nearest

    return metres


def _at_zero(shapes: Shapes) -> npt.NDArray[np.bool_]:
    """Tell points at 0, 0: what programs write where nothing was noted."""
    return np.asarray((shapely.get_x(shapes) == 0) & (shapely.get_y(shapes) == 0))

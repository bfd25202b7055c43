"""Where the rows of a list lie: coordinates in columns or shapes of a layer, taken to the project's metres.

Nothing is shifted, swapped or taken for another system in silence: a row that cannot be right is named with its reason,
and where a whole file speaks another language than it says, the user is asked.
"""

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
from govmap.schema import TABLES
from govmap.sources import coordinates
from govmap.sources.columns import Columns, stated_datum
from govmap.sources.outlines import Shapes, absent, of_kind

if TYPE_CHECKING:
    from govmap.sources.files import RawTable

FARTHEST_M, WALK_CAP_M = 50_000.0, 200.0
MOSTLY, MOST_TRIED, NO_DEGREES = 0.5, 5000, 360
NEEDED = frozenset({"communities", "barriers", "entrances"})
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
    found = _given(raw, columns, ground, crs)
    found.drop_zeros()
    found.to_metres(ground, datum, str(raw.path))
    found.tell_far(ground, str(raw.path))
    notes = [] if datum or not found.system.is_geographic else _suspicion(found, ground)
    shapes, reason, repaired = found.of_kind(table)
    if found.zeros:
        notes.append(note("import_zero_coordinates", count=found.zeros))
    if repaired:
        notes.append(note("import_repaired", count=repaired))
    if table in NEEDED:
        reason[(absent(shapes)) & (reason == None)] = "no_shape"  # noqa: E711 - elementwise
    shapes[reason != None] = None  # noqa: E711 - elementwise
    return Placed(shapes, reason, tuple(notes), {"crs": found.system.to_string(), "datum": datum})


class _Way:
    """
    The rows of a list on their way from their own system to the project's metres.

    Points go as two columns of numbers, anything else as shapes; `x` and `y` are then the middles of their boxes.
    """

    def __init__(self, x: Floats, y: Floats, reason: Shapes, system: pyproj.CRS, shapes: Shapes | None = None) -> None:
        self.x, self.y, self.reason, self.system, self.shapes = x, y, reason, system, shapes
        self.given = x, y
        self.there = np.isfinite(x) & np.isfinite(y) if shapes is None else ~absent(shapes)
        self.empty = np.zeros(len(x), dtype=bool) if shapes is None else shapely.is_empty(shapes)
        self.zeros = 0

    @property
    def usable(self) -> npt.NDArray[np.bool_]:
        """Tell rows with a place and nothing against them."""
        return np.asarray(self.there & (self.reason == None), dtype=bool)  # noqa: E711 - elementwise

    def drop_zeros(self) -> None:
        """Take 0, 0 for no place: it is what programs write where nothing was noted."""
        points = True if self.shapes is None else shapely.get_type_id(self.shapes) == 0
        zero = self.there & (self.x == 0) & (self.y == 0) & points
        self.zeros = int(zero.sum())
        self.there &= ~zero
        if self.shapes is not None:
            self.shapes[zero] = None

    def to_metres(self, ground: Frame, datum: str | None, where: str) -> None:
        """Take what is there to the project's CRS; what has no place there gets a reason."""
        if datum is not None and datum not in datums.DATUMS:
            raise TableError("import_datum_unknown", where=where, datum=datum, datums=list(datums.DATUMS))
        if self.system.is_geographic:
            self.reason[self._wild() & self.usable] = "coordinates_range"
            if datum in ("gcj02", "bd09"):
                self._move(lambda x, y: datums.to_wgs84(x, y, datum))
        if not self.system.equals(ground.crs, ignore_axis_order=True):
            self._move(_transformer(self.system, ground.crs).transform)
        lost = self.there & ~self.empty & ~(np.isfinite(self.x) & np.isfinite(self.y))
        self.reason[lost & (self.reason == None)] = "coordinates_range"  # noqa: E711

    def tell_far(self, ground: Frame, where: str) -> None:
        """Name rows that lie elsewhere, apart those that would fit with longitude and latitude exchanged."""
        if ground.bounds is None:
            return
        known = self.there & ~self.empty
        off = _outside_m(self.x, self.y, ground.bounds) > FARTHEST_M
        far = known & (off | (self.reason == "coordinates_range"))
        if not far.any():
            return
        across = _transformer(self.system, ground.crs).transform(self.given[1][far], self.given[0][far])
        swapped = np.zeros(len(far), dtype=bool)
        swapped[far] = _outside_m(np.asarray(across[0]), np.asarray(across[1]), ground.bounds) <= FARTHEST_M
        if swapped.sum() > MOSTLY * known.sum():
            raise TableError("import_swapped", where=where, count=int(swapped.sum()), rows=int(known.sum()))
        self.reason[far & (self.reason == None)] = "far"  # noqa: E711
        self.reason[swapped] = "swapped"

    def of_kind(self, table: str) -> tuple[Shapes, Shapes, int]:
        """Give shapes of the kind that a table holds, and how many were repaired."""
        if self.shapes is not None:
            return of_kind(self.shapes, self.reason, table)
        shapes, rows = np.full(len(self.x), None, dtype=object), self.usable
        shapes[rows] = shapely.points(self.x[rows], self.y[rows])
        as_they_are = table == "residents" or (TABLES[table].geometry == "POINT" and table != "workers")
        return (shapes, self.reason, 0) if as_they_are else of_kind(shapes, self.reason, table)

    def _wild(self) -> npt.NDArray[np.bool_]:
        """Tell degrees that no place on earth has."""
        if self.shapes is None:
            return np.asarray((np.abs(self.x) > 180) | (np.abs(self.y) > 90))  # noqa: PLR2004
        limits = shapely.bounds(self.shapes)
        return np.asarray((np.abs(limits[:, ::2]) > 180).any(axis=1) | (np.abs(limits[:, 1::2]) > 90).any(axis=1))  # noqa: PLR2004

    def _move(self, move: Any) -> None:
        if self.shapes is None:
            x, y = move(self.x[self.there], self.y[self.there])
            self.x, self.y = self.x.copy(), self.y.copy()
            self.x[self.there], self.y[self.there] = x, y
            return
        self.shapes = self.shapes.copy()
        self.shapes[self.there] = shapely.transform(
            self.shapes[self.there], lambda xy: np.column_stack(move(xy[:, 0], xy[:, 1]))
        )
        self.x, self.y = _middles(self.shapes)


def _middles(shapes: Shapes) -> tuple[Floats, Floats]:
    limits = shapely.bounds(shapes)
    return (limits[:, 0] + limits[:, 2]) / 2, (limits[:, 1] + limits[:, 3]) / 2


def _given(raw: "RawTable", columns: Columns, ground: Frame, crs: str | None) -> _Way:
    """Give what stands in the file, which rows cannot be read, and the system it is in."""
    reason = np.full(len(raw.frame), None, dtype=object)
    if raw.geometry is not None:
        return _of_shapes(raw.geometry.copy(), reason, crs or raw.crs, ground, raw)
    if columns.has("wkt"):
        shapes, unread, stated = coordinates.shapes(raw.frame[columns.theirs("wkt")])
        reason[unread] = "bad_geometry"
        bounds = shapely.total_bounds(shapes)
        said = f"EPSG:{next(iter(stated))}" if len(stated) == 1 and 0 not in stated else None
        return _of_shapes(shapes, reason, crs or said or _degrees(bounds[::2], bounds[1::2]), ground, raw)
    xy = _numbers(raw, columns, ground)
    if xy is None:
        nowhere = np.full(len(raw.frame), np.nan)
        return _Way(nowhere, nowhere, reason, pyproj.CRS(datums.GEOGRAPHIC))
    x, y, bad = xy
    bad = bad | (np.isfinite(x) ^ np.isfinite(y))
    reason[bad] = "bad_coordinate"
    x, y = np.where(bad, np.nan, x), np.where(bad, np.nan, y)
    there = np.isfinite(x)
    return _Way(x, y, reason, _system(crs or _degrees(x, y), x[there], y[there], ground, str(raw.path)))


def _of_shapes(shapes: Shapes, reason: Shapes, stated: str | None, ground: Frame, raw: "RawTable") -> _Way:
    x, y = _middles(shapes)
    known = np.isfinite(x) & np.isfinite(y)
    return _Way(x, y, reason, _system(stated, x[known], y[known], ground, str(raw.path)), shapes)


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
            x, bad_x = coordinates.column(raw.frame[columns.theirs(pair[0])])
            y, bad_y = coordinates.column(raw.frame[columns.theirs(pair[1])])
            return x, y, bad_x | bad_y
    if not columns.has("coordinates"):
        return None
    return coordinates.both(raw.frame[columns.theirs("coordinates")], lambda a, b: _latitude_first(a, b, ground))


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


def _system(stated: str | None, x: Floats, y: Floats, ground: Frame, where: str) -> pyproj.CRS:
    """Give the system of a file; where it says none the user is asked, with those in which it would fit."""
    if stated in (None, datums.GEOGRAPHIC) and len(x) == 0:
        return pyproj.CRS(datums.GEOGRAPHIC)
    try:
        system = pyproj.CRS(stated) if stated is not None else None
    except CRSError as fault:
        raise TableError("import_crs_wrong", where=where, crs=stated) from fault
    far_off = len(x) > 0 and np.median(np.abs(np.concatenate([x, y]))) > NO_DEGREES
    usable = system is not None and (system.is_geographic or system.is_projected)
    if system is None or not usable or (system.is_geographic and far_off):
        raise TableError("import_crs_unknown", where=where, likely=_fitting(x, y, ground) or ["EPSG:…"])
    return system


def _fitting(x: Floats, y: Floats, ground: Frame) -> list[str]:
    """Name systems in which the middle of these coordinates would lie by the project."""
    if ground.bounds is None or not len(x):
        return []
    middle = np.array([np.median(x)]), np.array([np.median(y)])
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


def _outside_m(x: Floats, y: Floats, bounds: Bounds) -> Floats:
    """Give metres from a box; infinite where there is no number."""
    west, south, east, north = bounds
    dx = np.maximum(np.maximum(west - x, x - east), 0)
    dy = np.maximum(np.maximum(south - y, y - north), 0)
    return np.asarray(np.nan_to_num(np.hypot(dx, dy), nan=np.inf), dtype=np.float64)


def _suspicion(found: _Way, ground: Frame) -> list[Note]:
    """Tell the user where points would fit clearly better in a datum of Chinese map services."""
    rows = np.flatnonzero(found.usable & ~found.empty)
    if ground.bounds is None or len(rows) == 0:
        return []
    rows = rows[:: max(1, len(rows) // MOST_TRIED)]
    back = _transformer(ground.crs, pyproj.CRS(datums.GEOGRAPHIC))
    lon, lat = back.transform(found.x[rows], found.y[rows])
    guess = datums.guess_datum(np.asarray(lon), np.asarray(lat), distance(ground, back))
    return [] if guess is None else [note("import_datum_suspected", datum=guess)]


def distance(ground: Frame, back: pyproj.Transformer) -> datums.Distance:
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

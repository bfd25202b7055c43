"""Where a map lies: its window, how metres become degrees, and in which order rows are packed."""

from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from govmap.crs import GEOGRAPHIC
from govmap.publish import Released
from govmap.render.compact import hilbert_order

MARGIN_M = 350.0
MARGIN_SHARE = 0.06

DEGREE_M = np.pi / 180 * 6_371_000  # on the sphere by which Leaflet measures

Frame: TypeAlias = pd.DataFrame
Shapes: TypeAlias = NDArray[np.object_]


class Turn(Protocol):
    """What turns metres into degrees, or into what a page takes for them."""

    def transform(self, xx: Any, yy: Any, /) -> tuple[Any, ...]:
        """Give east and north in degrees."""


@dataclass(frozen=True)
class Nowhere:
    """Lays a map that says not where it lies round the point where equator and first meridian meet."""

    x: float
    y: float

    def transform(self, xx: Any, yy: Any, /) -> tuple[Any, ...]:
        """Give east and north of the middle in degrees of the equator, where distances stay true."""
        return (xx - self.x) / DEGREE_M, (yy - self.y) / DEGREE_M


@dataclass(frozen=True)
class Unrolled:
    """Counts degrees on beyond 180, for a map that lies on both sides of the 180th meridian."""

    real: Turn

    def transform(self, xx: Any, yy: Any, /) -> tuple[Any, ...]:
        """Give east and north in degrees, east from 0 to 360."""
        east, north = self.real.transform(xx, yy)
        return np.mod(east, 360.0), north


@dataclass(frozen=True)
class Ground:
    """Where the map lies: how metres become degrees, and the window in metres that is drawn."""

    to_degrees: Turn
    window: tuple[float, float, float, float]
    bounds: tuple[float, float, float, float]

    def degrees(self, shapes: Shapes) -> Shapes:
        """Bring shapes from metres to degrees."""
        return np.asarray(shapely.transform(shapes, self._turn))

    def _turn(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(self.to_degrees.transform(points[:, 0], points[:, 1]))

    def seen(self, frame: Frame) -> NDArray[np.bool_]:
        """Tell which shapes touch the window."""
        west, south, east, north = self.window
        box = shapely.bounds(shapes_of(frame))
        with np.errstate(invalid="ignore"):
            return np.asarray((box[:, 0] <= east) & (box[:, 2] >= west) & (box[:, 1] <= north) & (box[:, 3] >= south))


def shapes_of(frame: Frame) -> Shapes:
    """Give the shapes of a frame as they are."""
    return np.asarray(frame["geometry"].to_numpy(), dtype=object)


def ground(released: Released) -> Ground | None:
    """Find the window of a map: communities, or else units or buildings, with something of what surrounds them."""
    for name in ("communities", "units", "buildings"):
        frame = released.tables.get(name)
        if isinstance(frame, gpd.GeoDataFrame) and len(frame) and (frame.crs is not None or not released.georeferenced):
            edges = shapely.total_bounds(shapes_of(frame))
            if np.isfinite(edges).all():
                return _around(edges, frame.crs)
    return None


def placed(released: Released) -> Ground:
    """Find the window of a map that has one."""
    found = ground(released)
    if found is None:
        message = "a map needs communities, units or buildings with a CRS"
        raise ValueError(message)
    return found


def anywhere() -> Ground:
    """Give the window of a map of nothing yet: one kilometre, nowhere."""
    return _around(np.array([0.0, 0.0, 1000.0, 1000.0]), None)


def _around(edges: NDArray[np.float64], crs: Any) -> Ground:
    west, south, east, north = (float(edge) for edge in edges)
    if crs is None:
        turn: Turn = Nowhere((west + east) / 2, (south + north) / 2)
        bounds = *turn.transform(west, south), *turn.transform(east, north)
    else:
        real = turn = Transformer.from_crs(crs, GEOGRAPHIC, always_xy=True)
        bounds = real.transform_bounds(west, south, east, north)
        if bounds[0] > bounds[2]:
            turn, bounds = Unrolled(real), (bounds[0], bounds[1], bounds[2] + 360.0, bounds[3])
    wide = max(MARGIN_M, MARGIN_SHARE * max(east - west, north - south))
    rounded = tuple(round(float(edge), 6) for edge in bounds)
    return Ground(turn, (west - wide, south - wide, east + wide, north + wide), rounded)  # type: ignore[arg-type] # four


def column(frame: Frame, name: str) -> "pd.Series[Any]":
    """Give a column with None for every null, or all None where it is missing."""
    if name not in frame:
        return pd.Series([None] * len(frame), index=frame.index, dtype=object)
    values = frame[name].astype(object)
    return values.where(frame[name].notna(), None)


def ordered(frame: Frame, here: Ground, names: tuple[str, ...]) -> tuple[Frame, Shapes]:
    """Sort rows along a curve through their places; rows of one place by what they say."""
    frame = frame.sort_values(list(names), kind="stable", na_position="last") if names else frame
    shapes = here.degrees(shapes_of(frame))
    order = hilbert_order(shapes)
    return frame.iloc[order], shapes[order]

"""The ground a sample town stands on: a flat plan in metres, gently bent and turned, laid into the town's UTM zone.

Streets, walls and water are bent point by point; buildings keep their right angles and only turn with the ground.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from govmap.crs import GEOGRAPHIC, local_metric

Points = NDArray[np.float64]
STEP_M = 24.0


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Where the plan lies on the earth, how far it is turned and how it is bent (waves: metres, wave length, phase)."""

    origin: tuple[float, float]
    turn: float = 0.0
    waves_x: tuple[tuple[float, float, float], ...] = ()
    waves_y: tuple[tuple[float, float, float], ...] = ()

    @cached_property
    def crs(self) -> CRS:
        """The UTM zone of the origin."""
        lon, lat = self.origin
        return local_metric(lon, lat, lon, lat)

    @cached_property
    def _corner(self) -> Points:
        return np.array(Transformer.from_crs(GEOGRAPHIC, self.crs, always_xy=True).transform(*self.origin))

    def lay(self, plan: Points) -> Points:
        """Bend, turn and lay points of the plan on the ground, in metres of the zone."""
        x, y = plan[:, 0], plan[:, 1]
        bent = np.column_stack([x + _wave(self.waves_x, y), y + _wave(self.waves_y, x)])
        return turned(bent, self.turn) + self._corner

    def line(self, plan: Points) -> Points:
        """Lay a line of the plan, with points enough on it to follow the bends."""
        return self.lay(dense(plan))

    def stand(self, shape: Points, at: tuple[float, float], turn: float) -> Points:
        """Set a shape round its own middle down at a point of the plan; it keeps its angles."""
        return turned(shape, turn + self._lean(at)) + self.lay(np.array([at]))

    def _lean(self, at: tuple[float, float]) -> float:
        """Degrees by which the ground is turned about a point."""
        around = np.array([at]) + np.array([[-1.0, 0.0], [1.0, 0.0], [0.0, -1.0], [0.0, 1.0]])
        west, east, south, north = self.lay(around)
        across, along = east - west, north - south
        return math.degrees(math.atan2(across[1] - along[0], across[0] + along[1]))

    def degrees(self, points: Points) -> Points:
        """Give longitude and latitude of points on the ground, to seven decimals as OSM keeps them."""
        lon, lat = Transformer.from_crs(self.crs, GEOGRAPHIC, always_xy=True).transform(points[:, 0], points[:, 1])
        return np.column_stack([np.round(lon, 7), np.round(lat, 7)])


def dense(line: Points, step_m: float = STEP_M) -> Points:
    """Put points on a line so that none is farther from the next than a step; the same points from either end."""
    steps = np.maximum(1, np.ceil(np.hypot(*np.diff(line, axis=0).T) / step_m - 1e-9)).astype(int)
    pieces = [
        start + (end - start) * (np.arange(count)[:, None] / count)
        for start, end, count in zip(line[:-1], line[1:], steps, strict=True)
    ]
    return np.vstack([*pieces, line[-1:]])


def closed(ring: Points) -> Points:
    """Give a ring with its first point again at the end."""
    return np.vstack([ring, ring[:1]])


def smooth(line: Points) -> Points:
    """Lead a curve through the points of a line, by cubic pieces whose direction at a point is its neighbours'."""
    if len(line) < 3:  # noqa: PLR2004 - two points make no bend
        return line
    at = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    slope = np.gradient(line, at, axis=0)
    return np.vstack(
        [*(_bow(line[i : i + 2], slope[i : i + 2], at[i + 1] - at[i]) for i in range(len(line) - 1)), line[-1:]]
    )


def _bow(ends: Points, slopes: Points, length_m: float) -> Points:
    """Give the points of one cubic piece, its last point left out."""
    steps = max(1, math.ceil(length_m / STEP_M))
    t = (np.arange(steps) / steps)[:, None]
    start, end = ends
    leave, arrive = slopes * length_m
    early, late = t * (1 - t) ** 2, t * t * (t - 1)
    bow: Points = start * (1 + 2 * t) * (1 - t) ** 2 + end * t * t * (3 - 2 * t) + leave * early + arrive * late
    return bow


def turned(points: Points, degrees: float) -> Points:
    """Turn points anticlockwise about the origin."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    x, y = points[:, 0], points[:, 1]
    return np.column_stack([cos * x - sin * y, sin * x + cos * y])


def _wave(waves: tuple[tuple[float, float, float], ...], along: Points) -> Points:
    shift = np.zeros(len(along))
    for metres, length_m, phase in waves:
        shift = shift + metres * np.sin(2 * math.pi * (along / length_m + phase))
    return shift

"""Shapes as columns of small whole numbers: points on a grid, each told from the one before.

The grid is as wide as it is high, in metres. Rings of buildings have right angles, so they can be told `square`: each
begins with its longest side, as seen from the longest side of the ring before; every further side is told as it lies to
that side, how far ahead in the direction that is expected, across the side before, and how far aside, which is mostly
next to nothing; and the last corner by how far it misses the place where it would close the ring at right angles.

Turning whole numbers by an angle and back without loss is done by three shears, each rounded (F. Bruekers and A. van
den Enden, "New networks for perfect inversion and perfect reconstruction", 1992). `web/src/traced.ts` does the same
sums in the same order, so that both come to the same whole numbers.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from govmap.render.coding import Integers, zigzag

MICRO = 1_000_000
POLYGON = 3
RING_POINTS, LINE_POINTS = 3, 2
NEARLY_LONGEST = 0.8  # of the square of the longest side; of two sides so alike the one that runs east is begun with
HIGHEST = 85.0  # degrees; beyond, the grid grows no wider

Shapes = NDArray[np.object_]
Reals = NDArray[np.float64]


class Grid(NamedTuple):
    """Steps of a grid in micro-degrees."""

    east: float
    north: float


@dataclass(frozen=True)
class Traced:
    """Shapes as columns of whole numbers from 0 up, by their names: paths a row, points a path, and where these lie."""

    grid: Grid
    counts: dict[str, Integers]
    moves: dict[str, Integers]


@dataclass(frozen=True)
class Paths:
    """Paths of points on a grid; rings without their last point."""

    per_row: Integers
    per_path: Integers
    start: Integers
    points: Integers


def traced(shapes: Shapes, *, step: int, square: bool) -> Traced:
    """
    Give shapes in degrees as columns of whole numbers.

    Parameters
    ----------
    step
        Height of the grid in micro-degrees.
    square
        The shapes are areas, and most of their angles are right ones.
    """
    grid = _grid(shapes, step)
    paths, areas = _paths(shapes, grid)
    moves = _square(paths) if square and areas else _plain(paths)
    return Traced(grid, {"paths": paths.per_row, "points": paths.per_path}, moves)


def _grid(shapes: Shapes, step: int) -> Grid:
    """Make the grid as wide as it is high where the shapes lie."""
    edges = shapely.bounds(shapes)[:, [1, 3]]
    known = edges[np.isfinite(edges)]
    middle = np.clip((known.min() + known.max()) / 2, -HIGHEST, HIGHEST) if len(known) else 0.0
    return Grid(round(float(step / np.cos(np.radians(middle))), 6), float(step))


def _paths(shapes: Shapes, grid: Grid) -> tuple[Paths, bool]:
    """
    Take shapes apart into paths on the grid, without repeated points and collapsed rings; tell whether all are rings.

    Rings run one way and holes the other, so that a page may fill many shapes at once and holes stay open.
    """
    single, row = shapely.get_parts(shapely.orient_polygons(shapes), return_index=True)
    area = shapely.get_type_id(single) == POLYGON
    round_, ring_of = shapely.get_rings(single[area], return_index=True)
    lines = np.concatenate([round_, single[~area]])
    owner = np.concatenate([row[area][ring_of], row[~area]])
    closed = np.arange(len(lines)) < len(round_)
    order = np.argsort(owner, kind="stable")
    return _on_grid(lines[order], owner[order], closed[order], (len(shapes), grid)), bool(closed.all())


def _on_grid(lines: Shapes, owner: Integers, closed: NDArray[np.bool_], size: tuple[int, Grid]) -> Paths:
    rows, grid = size
    degrees, path = shapely.get_coordinates(lines, return_index=True)
    points = np.rint(degrees * (MICRO / np.array(grid))).astype(np.int64)
    begins = np.diff(path, prepend=-1) != 0
    ends = np.append(begins[1:], True) if len(begins) else begins
    keep = begins | (np.diff(points, axis=0, prepend=points[:1]) != 0).any(axis=1)
    keep &= ~(ends & closed[path])
    left = np.bincount(path[keep], minlength=len(lines))
    least = np.where(closed, RING_POINTS, np.where(shapely.get_dimensions(lines) == 1, LINE_POINTS, 1))
    good = left >= least
    keep &= good[path]
    per_path = left[good]
    per_row = np.bincount(owner[good], minlength=rows)
    return Paths(per_row, per_path, np.cumsum(per_path) - per_path, points[keep])


def _plain(paths: Paths) -> dict[str, Integers]:
    """Tell where each path starts, from the start before, and each further point from the one before."""
    steps = np.delete(np.diff(paths.points, axis=0, prepend=np.zeros((1, 2), np.int64)), paths.start, axis=0)
    starts = _from_before(paths.points[paths.start])
    return {"x": starts[:, 0], "y": starts[:, 1], "dx": zigzag(steps[:, 0]), "dy": zigzag(steps[:, 1])}


def _from_before(points: Integers) -> Integers:
    return zigzag(np.diff(points, axis=0, prepend=np.zeros((1, 2), np.int64)))


def _square(paths: Paths) -> dict[str, Integers]:
    """Tell rings by how their sides lie to the longest of them."""
    of = np.repeat(np.arange(len(paths.per_path)), paths.per_path)
    place = np.arange(len(of)) - paths.start[of]
    points = _begun_with_longest(paths, of, place)
    sides = points[_following(paths, of, place)] - points
    first = sides[paths.start]
    own = Turn.along(first)
    starts = _from_before(points[paths.start])
    begun = Turn.along(np.concatenate([[[1, 0]], first])[: len(first)]).turned(first)
    major, minor, quarter = _quartered(begun)
    seen = own.at(of).turned(sides)
    left = own.at(of).turned(points[paths.start][of] - points)
    ahead, aside, missed = _expected(seen, left)
    last = place == paths.per_path[of] - 2
    between = (place > 0) & (place < paths.per_path[of] - 2)
    return {
        "x": starts[:, 0], "y": starts[:, 1],
        "quarter": quarter, "long": major, "skew": zigzag(minor),
        "ahead": zigzag(ahead[between]), "aside": zigzag(aside[between]),
        "close": zigzag(missed[last]), "off": zigzag(aside[last]),
    }  # fmt: skip


def _following(paths: Paths, of: Integers, place: Integers) -> Integers:
    """Give the place of the point after each, of the last of a ring the first."""
    return np.where(place == paths.per_path[of] - 1, paths.start[of], np.arange(len(of)) + 1)


def _begun_with_longest(paths: Paths, of: Integers, place: Integers) -> Integers:
    """Turn each ring so that it begins with its longest side, of those nearly as long with one that runs east."""
    if not len(of):
        return paths.points
    sides = paths.points[_following(paths, of, place)] - paths.points
    size = (sides.astype(float) ** 2).sum(axis=1)
    most = np.maximum.reduceat(size, paths.start)[of]
    east = (sides[:, 0] > 0) | ((sides[:, 0] == 0) & (sides[:, 1] > 0))
    order = np.lexsort((place, -size, ~(east & (size >= NEARLY_LONGEST * most)), of))
    begin = place[order[paths.start]]
    return np.asarray(paths.points[paths.start[of] + (place + begin[of]) % paths.per_path[of]])


@dataclass(frozen=True)
class Turn:
    """Turns, one a row, by which a direction comes to lie along the first axis: quarter turns, then three shears."""

    quarter: Integers
    half: Reals
    sine: Reals

    @classmethod
    def along(cls, directions: Integers) -> "Turn":
        """Give the turns for these directions, none of them of no length."""
        major, minor, quarter = _quartered(directions)
        length = np.sqrt(major.astype(float) * major + minor.astype(float) * minor)
        return cls(quarter, minor / (length + major), minor / length)

    def at(self, rows: Integers) -> "Turn":
        """Give the turns of these rows."""
        return Turn(self.quarter[rows], self.half[rows], self.sine[rows])

    def turned(self, moves: Integers) -> Integers:
        """Turn moves, each by its own turn, to whole numbers; no two of them come to the same."""
        x, y = moves.T
        turns = [self.quarter == one for one in range(3)]
        along, across = np.select(turns, [x, y, -x], -y), np.select(turns, [y, -x, -y], x)
        along = along + _whole(self.half * across)
        across = across - _whole(self.sine * along)
        along = along + _whole(self.half * across)
        return np.column_stack([along, across])


def _whole(values: Reals) -> Integers:
    return np.floor(values + 0.5).astype(np.int64)


def _quartered(moves: Integers) -> tuple[Integers, Integers, Integers]:
    """Turn moves by quarters until they point mostly along the first axis: along, across, and how many quarters."""
    x, y = moves.T
    flat = np.abs(y) <= np.abs(x)
    quarter = np.where(flat, np.where(x >= 0, 0, 2), np.where(y >= 0, 1, 3))
    turns = [quarter == one for one in range(3)]
    return np.select(turns, [x, y, -x], -y), np.select(turns, [y, -x, -y], x), quarter


def _expected(seen: Integers, left: Integers) -> tuple[Integers, Integers, Integers]:
    """
    Tell sides as they lie across the side before, which turns the ring onwards, and how far they miss closing it.

    `seen` are sides as they lie to the first of their ring, `left` what is left from their beginning to the ring's.
    """
    before = np.concatenate([np.zeros((1, 2), np.int64), seen[:-1]])[: len(seen)]
    went_along = np.abs(before[:, 0]) >= np.abs(before[:, 1])
    sign = np.where(np.where(went_along, before[:, 0], -before[:, 1]) < 0, -1, 1)
    across = np.where(went_along, seen[:, 1], seen[:, 0])
    aside = np.where(went_along, seen[:, 0], seen[:, 1])
    closing = np.where(went_along, left[:, 1], left[:, 0])
    return across * sign, aside, across - closing


__all__ = ["MICRO", "Grid", "Shapes", "Traced", "Turn", "traced"]

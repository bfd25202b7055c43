"""Shape measures and repairs, in metres only, and the one index that finds lines through points.

Everything works on whole arrays of shapely shapes. A coverage is read as a `Mesh`: nodes, and edges that know the shape
on their left and on their right, because shapes that share a border share its vertices exactly.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

POLYGON, MULTIPOLYGON = 3, 6
CORNERS_OF_BOX = 5
FLAT_M = 1e-12
MOST_GRID_CELLS = 4_000_000
FINEST_GRID_M = 10.0


Loop = TypeVar("Loop", bound=Callable[..., Any])


def compiled(function: Loop) -> Loop:
    """
    Compile a loop over numbers and arrays; the interpreter's lock is set free while it runs.

    The machine code is kept beside the module or in the user's cache folder; where neither can be written, numba says
    so by RuntimeError, and the loop is compiled anew in each process.
    """
    try:
        return cast("Loop", njit(cache=True, nogil=True, error_model="numpy")(function))
    except RuntimeError:
        return cast("Loop", njit(nogil=True, error_model="numpy")(function))


def inlined(function: Loop) -> Loop:
    """Write a short loop out wherever it is called: many arrays are dear to hand over."""
    return cast("Loop", njit(inline="always", error_model="numpy")(function))


@dataclass(frozen=True)
class Mesh:
    """A planar map: nodes, and straight edges between them with the face on their left and right (-1: outside)."""

    xy: Floats
    start: Ints
    stop: Ints
    left: Ints
    right: Ints

    @property
    def lengths(self) -> Floats:
        """Metres of each edge."""
        return lengths(self.xy[self.start], self.xy[self.stop])

    @property
    def middles(self) -> Floats:
        """The point half-way along each edge."""
        return (self.xy[self.start] + self.xy[self.stop]) / 2

    def take(self, chosen: Bools | Ints) -> "Mesh":
        """Give the same nodes with some of the edges."""
        return replace(
            self,
            start=self.start[chosen],
            stop=self.stop[chosen],
            left=self.left[chosen],
            right=self.right[chosen],
        )

    def faces(self, left: Ints, right: Ints) -> "Mesh":
        """Give the same edges between other faces."""
        return replace(self, left=left, right=right)


# ---------------------------------------------------------------------------------------------------- repairs


def polygonal(shapes: Any) -> Shapes:
    """Repair shapes and keep what is a surface in them; what has none becomes an empty polygon."""
    given = np.asarray(shapes, object)
    known = given.copy()
    known[shapely.is_missing(given)] = shapely.Polygon()
    valid = np.asarray(shapely.make_valid(shapely.force_2d(known)), object)
    mixed = np.flatnonzero(~np.isin(shapely.get_type_id(valid), (POLYGON, MULTIPOLYGON)))
    for row in mixed:
        valid[row] = _surface(valid[row])
    return valid


def _surface(shape: Any) -> Any:
    parts = shapely.get_parts(shapely.get_parts(shape))
    surfaces = parts[shapely.get_type_id(parts) == POLYGON]
    return shapely.union_all(surfaces) if len(surfaces) else shapely.Polygon()


# ---------------------------------------------------------------------------------------------------- measures


def lengths(a: Floats, b: Floats) -> Floats:
    """Give the distance between points, row by row."""
    return np.hypot(a[:, 0] - b[:, 0], a[:, 1] - b[:, 1])


def compactness(shapes: Any) -> Floats:
    """Give Polsby and Popper's measure: 1 for a circle, near 0 for a thread, 0 for nothing."""
    around = shapely.length(shapes)
    round_ = np.zeros(len(around))
    np.divide(4 * np.pi * shapely.area(shapes), around**2, out=round_, where=around > 0)
    return round_


def long_axis(shape: Any) -> tuple[Floats, Floats]:
    """Give the middle and the unit vector of the longer side of the smallest box around a shape."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(shape))
    if len(corners) < CORNERS_OF_BOX:
        return shapely.get_coordinates(shapely.centroid(shape))[0], np.array([1.0, 0.0])
    sides = np.diff(corners[:3], axis=0)
    side = sides[np.argmax(np.hypot(*sides.T))]
    side = side if (side[0], side[1]) > (0.0, 0.0) else -side
    return corners[:4].mean(0), side / np.hypot(*side)


def sums(number: Ints, of: Any, count: int) -> Floats:
    """Sum values by the number each belongs to."""
    return np.asarray(np.bincount(number, of, minlength=count), np.float64)


# ---------------------------------------------------------------------------------------------------- meshes


def segments(lines: Any) -> tuple[Floats, Floats, Ints]:
    """Give every straight piece of lines (of any kind): first points, second points, row of the line."""
    parts, row = shapely.get_parts(np.asarray(lines, object), return_index=True)
    xy, line = shapely.get_coordinates(parts, return_index=True)
    same = line[1:] == line[:-1]
    return xy[:-1][same], xy[1:][same], row[line[:-1][same]]


def outlines(polygons: Any) -> tuple[Floats, Floats, Ints]:
    """Give every straight piece of polygons' outlines, directed with the polygon on the left."""
    parts, row = shapely.get_parts(np.asarray(polygons, object), return_index=True)
    rings, part = shapely.get_rings(shapely.orient_polygons(parts), return_index=True)
    a, b, ring = segments(rings)
    return a, b, row[part[ring]]


def mesh(polygons: Any) -> Mesh:
    """Read polygons that share vertices along their borders as a mesh."""
    a, b, face = outlines(polygons)
    xy, number = nodes(np.concatenate([a, b]))
    return twins(xy, number[: len(a)], number[len(a) :], face)


def twins(xy: Floats, start: Ints, stop: Ints, face: Ints) -> Mesh:
    """Pair directed edges that know the face on their left into edges that know both."""
    low, high = np.minimum(start, stop), np.maximum(start, stop)
    _, first, edge = np.unique(low * len(xy) + high, return_index=True, return_inverse=True)
    left, right = np.full(len(first), -1), np.full(len(first), -1)
    forward = start == low
    left[edge[forward]] = face[forward]
    right[edge[~forward]] = face[~forward]
    return Mesh(xy, low[first], high[first], left, right)


def nodes(xy: Floats) -> tuple[Floats, Ints]:
    """Give distinct points, sorted, and the number of each given point among them."""
    order = np.lexsort((xy[:, 1], xy[:, 0]))
    put = xy[order]
    new = np.ones(len(put), bool)
    new[1:] = (put[1:] != put[:-1]).any(axis=1)
    number = np.empty(len(put), np.int64)
    number[order] = np.cumsum(new) - 1
    return put[new], number


# ---------------------------------------------------------------------------------------------------- grid index


@dataclass(frozen=True)
class SegmentGrid:
    """Straight pieces sorted into square cells, to find those near a point or a piece in compiled loops."""

    a: Floats
    b: Floats
    origin: Floats
    size: float
    shape: tuple[int, int]
    first: Ints
    items: Ints

    @classmethod
    def of(cls, a: Floats, b: Floats, *, margin: float = 1e-3) -> "SegmentGrid":
        """Index pieces; `margin` metres around each belong to it."""
        if not len(a):
            none = np.zeros(0, np.int64)
            return cls(a, b, np.zeros(2), 1.0, (1, 1), np.zeros(2, np.int64), none)
        low = np.minimum(a, b).min(0) - 2 * margin
        high = np.maximum(a, b).max(0) + 2 * margin
        span = high - low
        size = max(FINEST_GRID_M, float(np.sqrt(span[0] * span[1] / MOST_GRID_CELLS)), float(span.max()) / 1e6)
        shape = (int(span[0] // size) + 1, int(span[1] // size) + 1)
        first, items = _fill_grid(a - low, b - low, size, shape[0], shape[1], margin)
        return cls(a, b, low, size, shape, first, items)

    def at(self, points: Floats, *, within: float = 1e-6) -> tuple[Ints, Ints]:
        """Find the pieces that pass within some distance (at most the margin) of points: rows of points and pieces."""
        point, piece = _pieces_at(self._packed(), points, within)
        return point, piece

    def beside(self, p: Floats, q: Floats, *, within: float = 1e-6) -> tuple[Ints, Ints]:
        """Find the indexed pieces whose box comes within some distance of other pieces: rows of both, sorted."""
        found = _pieces_beside(self._packed(), p, q, within)
        pairs = np.unique(found[0] * max(len(self.a), 1) + found[1])
        return pairs // max(len(self.a), 1), pairs % max(len(self.a), 1)

    def _packed(self) -> tuple[Any, ...]:
        return (self.a, self.b, self.origin, self.size, self.shape[0], self.shape[1], self.first, self.items)


@compiled
def columns_crossed(ax: float, ay: float, bx: float, by: float, low: float, high: float) -> tuple[float, float]:
    """Give the range of x that a piece has while its y is between two values."""
    if ay > by:
        ax, ay, bx, by = bx, by, ax, ay
    if by - ay < FLAT_M:
        return min(ax, bx), max(ax, bx)
    slope = (bx - ax) / (by - ay)
    x0 = ax + slope * (min(max(low, ay), by) - ay)
    x1 = ax + slope * (max(min(high, by), ay) - ay)
    return min(x0, x1), max(x0, x1)


@compiled
def _span(value_low: float, value_high: float, size: float, count: int) -> tuple[int, int]:
    return max(int(np.floor(value_low / size)), 0), min(int(np.floor(value_high / size)), count - 1)


@compiled
def _fill_grid(a: Any, b: Any, size: float, nx: int, ny: int, margin: float) -> Any:
    first = np.zeros(nx * ny + 1, np.int64)
    for turn in range(2):
        if turn == 1:
            items = np.empty(first[-1], np.int64)
            place = first[:-1].copy()
        for k in range(len(a)):
            r0, r1 = _span(min(a[k, 1], b[k, 1]) - margin, max(a[k, 1], b[k, 1]) + margin, size, ny)
            for r in range(r0, r1 + 1):
                low, high = columns_crossed(
                    a[k, 0], a[k, 1], b[k, 0], b[k, 1], r * size - margin, (r + 1) * size + margin
                )
                c0, c1 = _span(low - margin, high + margin, size, nx)
                for c in range(c0, c1 + 1):
                    if turn == 0:
                        first[r * nx + c + 1] += 1
                    else:
                        items[place[r * nx + c]] = k
                        place[r * nx + c] += 1
        if turn == 0:
            first = np.cumsum(first)
    return first, items


@compiled
def distance_to_piece(x: float, y: float, ax: float, ay: float, bx: float, by: float) -> float:
    """Give the distance of a point from a straight piece."""
    dx, dy = bx - ax, by - ay
    square = dx * dx + dy * dy
    t = 0.0 if square == 0.0 else min(1.0, max(0.0, ((x - ax) * dx + (y - ay) * dy) / square))
    return float(np.hypot(ax + t * dx - x, ay + t * dy - y))


@compiled
def _pieces_at(grid: Any, points: Any, within: float) -> Any:
    a, b, origin, size, nx, ny, first, items = grid
    rows, found = [0 for _ in range(0)], [0 for _ in range(0)]
    for k in range(len(points)):
        x, y = points[k, 0], points[k, 1]
        c, r = int(np.floor((x - origin[0]) / size)), int(np.floor((y - origin[1]) / size))
        if c < 0 or r < 0 or c >= nx or r >= ny:
            continue
        for place in range(first[r * nx + c], first[r * nx + c + 1]):
            s = items[place]
            if distance_to_piece(x, y, a[s, 0], a[s, 1], b[s, 0], b[s, 1]) <= within:
                rows.append(k)
                found.append(s)
    return np.array(rows), np.array(found)


@compiled
def _boxes_meet(p: Any, q: Any, a: Any, b: Any, within: float) -> bool:
    for axis in range(2):
        if min(p[axis], q[axis]) - within > max(a[axis], b[axis]):
            return False
        if max(p[axis], q[axis]) + within < min(a[axis], b[axis]):
            return False
    return True


@compiled
def _pieces_beside(grid: Any, p: Any, q: Any, within: float) -> Any:
    a, b, origin, size, nx, ny, first, items = grid
    rows, found = [0 for _ in range(0)], [0 for _ in range(0)]
    for k in range(len(p)):
        px, py, qx, qy = p[k, 0] - origin[0], p[k, 1] - origin[1], q[k, 0] - origin[0], q[k, 1] - origin[1]
        r0, r1 = _span(min(py, qy) - within, max(py, qy) + within, size, ny)
        for r in range(r0, r1 + 1):
            low, high = columns_crossed(px, py, qx, qy, r * size - within, (r + 1) * size + within)
            c0, c1 = _span(low - within, high + within, size, nx)
            for c in range(c0, c1 + 1):
                for place in range(first[r * nx + c], first[r * nx + c + 1]):
                    s = items[place]
                    if _boxes_meet(p[k], q[k], a[s], b[s], within):
                        rows.append(k)
                        found.append(s)
    return np.array(rows), np.array(found)


# ---------------------------------------------------------------------------------------------------- meetings


@compiled
def _along(x: float, y: float, a: Any, b: Any) -> tuple[float, float]:
    """Give how far along a piece the nearest point to (x, y) lies, and its distance."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    t = ((x - a[0]) * dx + (y - a[1]) * dy) / (dx * dx + dy * dy)
    t = min(1.0, max(0.0, t))
    return t, np.hypot(a[0] + t * dx - x, a[1] + t * dy - y)


@compiled
def meetings(p: Any, q: Any, a: Any, b: Any, eps: float) -> Any:
    """Find where pieces p-q meet pieces a-b: ends that lie on the other piece, else the point where they cross."""
    pair, t, s = np.empty(4 * len(p), np.int64), np.empty(4 * len(p)), np.empty(4 * len(p))
    put = 0
    for k in range(len(p)):
        before = put
        for end in range(2):
            x, y = (p[k, 0], p[k, 1]) if end == 0 else (q[k, 0], q[k, 1])
            u, far = _along(x, y, a[k], b[k])
            if far < eps:
                pair[put], t[put], s[put] = k, float(end), u
                put += 1
        for end in range(2):
            x, y = (a[k, 0], a[k, 1]) if end == 0 else (b[k, 0], b[k, 1])
            u, far = _along(x, y, p[k], q[k])
            if far < eps:
                pair[put], t[put], s[put] = k, u, float(end)
                put += 1
        if put == before:
            dx, dy, ex, ey = q[k, 0] - p[k, 0], q[k, 1] - p[k, 1], b[k, 0] - a[k, 0], b[k, 1] - a[k, 1]
            wx, wy = a[k, 0] - p[k, 0], a[k, 1] - p[k, 1]
            den = dx * ey - dy * ex
            if den != 0.0:
                u, v = (wx * ey - wy * ex) / den, (wx * dy - wy * dx) / den
                if 0.0 < u < 1.0 and 0.0 < v < 1.0:
                    pair[put], t[put], s[put] = k, u, v
                    put += 1
    return pair[:put], t[:put], s[:put]

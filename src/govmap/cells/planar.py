"""The planar map under the cells: tracing faces, building polygons; `strokes` cuts new lines into it.

Everything that divides the ground (enclosure lines, party walls, ridges between buildings, edges of open ground, cuts
between stairwells) becomes an edge of one map, so cells share identical vertices and cannot gap or overlap.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from govmap.geometry import Floats, Ints, Mesh, Shapes, compiled, sums


@dataclass(frozen=True)
class Rings:
    """The outlines of faces: half-edges in walking order, face on the left; 2e runs along edge e, 2e + 1 back."""

    half: Ints
    first: Ints
    of_half: Ints
    area: Floats

    @property
    def number(self) -> int:
        """How many rings there are."""
        return len(self.first) - 1

    @property
    def heads(self) -> Ints:
        """The first half-edge of every ring."""
        return self.half[self.first[:-1]]


# ---------------------------------------------------------------------------------------------------- tracing


def trace(mesh: Mesh) -> Rings:
    """Walk round every face: rings that touch themselves in a node are given as several."""
    turn = _next_half_edges(mesh.xy, mesh.start, mesh.stop)
    half, first = _walk(turn, mesh.start, mesh.stop, len(mesh.xy))
    of_half = np.empty(len(half), np.int64)
    of_half[half] = np.repeat(np.arange(len(first) - 1), np.diff(first))
    return Rings(half, first, of_half, _ring_areas(mesh.xy, mesh.start, mesh.stop, half, first))


@compiled
def _origin(start: Any, stop: Any, half: int) -> int:
    edge = half >> 1
    return int(stop[edge] if half & 1 else start[edge])


@compiled
def _before(ax: float, ay: float, bx: float, by: float) -> bool:
    """Tell whether direction a comes before b, counted counterclockwise from east."""
    a_low = ay < 0.0 or (ay == 0.0 and ax < 0.0)
    b_low = by < 0.0 or (by == 0.0 and bx < 0.0)
    if a_low != b_low:
        return b_low
    return ax * by - ay * bx > 0.0


@compiled
def _fans(start: Any, stop: Any, count: int) -> Any:
    """Sort half-edges by the node they leave."""
    first = np.zeros(count + 1, np.int64)
    for edge in range(len(start)):
        first[start[edge] + 1] += 1
        first[stop[edge] + 1] += 1
    first = np.cumsum(first)
    place = first[:-1].copy()
    fan = np.empty(2 * len(start), np.int64)
    for half in range(2 * len(start)):
        node = _origin(start, stop, half)
        fan[place[node]] = half
        place[node] += 1
    return first, fan


@compiled
def _next_half_edges(xy: Any, start: Any, stop: Any) -> Any:
    """Give for each half-edge the one that follows it round the face on its left."""
    first, fan = _fans(start, stop, len(xy))
    turn = np.empty(2 * len(start), np.int64)
    for node in range(len(xy)):
        begin, end = first[node], first[node + 1]
        for i in range(begin + 1, end):
            one = fan[i]
            d = xy[_origin(start, stop, one ^ 1)] - xy[node]
            j = i - 1
            while j >= begin:
                e = xy[_origin(start, stop, fan[j] ^ 1)] - xy[node]
                if not _before(d[0], d[1], e[0], e[1]):
                    break
                fan[j + 1] = fan[j]
                j -= 1
            fan[j + 1] = one
        for i in range(begin, end):
            turn[fan[i] ^ 1] = fan[i - 1] if i > begin else fan[end - 1]
    return turn


@compiled
def _walk(turn: Any, start: Any, stop: Any, count: int) -> Any:
    """Follow half-edges round; where a walk comes back to a node it passed, the loop between is a ring of its own."""
    total = len(turn)
    half, first = np.empty(total, np.int64), [0]
    stack, place = np.empty(total, np.int64), np.full(count, -1)
    seen = np.zeros(total, np.bool_)
    put = 0
    for head in range(total):
        if seen[head]:
            continue
        top, one = 0, head
        while not seen[one]:
            seen[one] = True
            node = _origin(start, stop, one)
            if place[node] >= 0:
                for k in range(place[node], top):
                    half[put] = stack[k]
                    put += 1
                    if k > place[node]:
                        place[_origin(start, stop, stack[k])] = -1
                top = place[node]
                first.append(put)
            place[node] = top
            stack[top] = one
            top += 1
            one = turn[one]
        for k in range(top):
            half[put] = stack[k]
            put += 1
            place[_origin(start, stop, stack[k])] = -1
        first.append(put)
    return half, np.array(first)


@compiled
def _ring_areas(xy: Any, start: Any, stop: Any, half: Any, first: Any) -> Any:
    area = np.zeros(len(first) - 1)
    for ring in range(len(first) - 1):
        o = xy[_origin(start, stop, half[first[ring]])]
        total = 0.0
        for k in range(first[ring], first[ring + 1]):
            p = xy[_origin(start, stop, half[k])] - o
            q = xy[_origin(start, stop, half[k] ^ 1)] - o
            total += p[0] * q[1] - p[1] * q[0]
        area[ring] = total / 2
    return area


def on_halves(left: Ints, right: Ints) -> Ints:
    """Interleave what is left and right of edges to what is left of half-edges."""
    both = np.empty(2 * len(left), left.dtype)
    both[::2], both[1::2] = left, right
    return both


# ---------------------------------------------------------------------------------------------------- polygons


def polygons(mesh: Mesh, count: int) -> Shapes:
    """Build the polygon of every face 0..count-1 of a map; a face in pieces becomes a multipolygon."""
    rings = trace(mesh)
    face = on_halves(mesh.left, mesh.right)[rings.heads]
    kept = np.flatnonzero(face >= 0)
    outer = rings.area[kept] > 0
    shapes = np.full(count, shapely.Polygon(), object)
    pieces = sums(face[kept], outer, count)
    order = kept[np.lexsort((~outer, face[kept]))]
    simple = order[pieces[face[order]] == 1]
    if len(simple):
        rows, put = np.unique(face[simple], return_counts=True)
        shapes[rows] = _assemble(mesh, rings, simple, put)
    for row in np.flatnonzero(pieces > 1):
        shapes[row] = _scattered(mesh, rings, order[face[order] == row])
    return shapes


def _assemble(mesh: Mesh, rings: Rings, chosen: Ints, rings_per_polygon: Ints | None) -> Shapes:
    """Build polygons from rings that stand in order, each outer ring before its holes; without counts one a ring."""
    if rings_per_polygon is None:
        rings_per_polygon = np.ones(len(chosen), np.int64)
    size = np.diff(rings.first)[chosen]
    take, first = _closed(rings.first[chosen], size)
    origin = on_halves(mesh.start, mesh.stop)[rings.half[take]]
    polygon_first = np.concatenate([[0], np.cumsum(rings_per_polygon)])
    parts: Any = (first, polygon_first)
    return np.asarray(shapely.from_ragged_array(shapely.GeometryType.POLYGON, mesh.xy[origin], parts), object)


@compiled
def _closed(first: Any, size: Any) -> Any:
    """Give the places of every ring's half-edges, the first again at the end, and where rings begin."""
    begin = np.zeros(len(first) + 1, np.int64)
    begin[1:] = np.cumsum(size + 1)
    take = np.empty(begin[-1], np.int64)
    for ring in range(len(first)):
        for k in range(size[ring]):
            take[begin[ring] + k] = first[ring] + k
        take[begin[ring] + size[ring]] = first[ring]
    return take, begin


def _scattered(mesh: Mesh, rings: Rings, chosen: Ints) -> Any:
    alone = _assemble(mesh, rings, chosen, None)
    outer = rings.area[chosen] > 0
    home = containing(alone[outer], alone[~outer])
    shells = alone[outer]
    return shapely.multipolygons(
        [
            shapely.polygons(shapely.get_exterior_ring(shell), shapely.get_exterior_ring(alone[~outer][home == row]))
            for row, shell in enumerate(shells)
        ]
    )


@dataclass(frozen=True)
class Pieces:
    """The connected pieces of faces: piece left and right of every edge, the face each piece belongs to."""

    left: Ints
    right: Ints
    face: Ints


def pieces(mesh: Mesh, rings: Rings | None = None) -> Pieces:
    """Number the connected pieces of every face."""
    rings = rings or trace(mesh)
    face = on_halves(mesh.left, mesh.right)[rings.heads]
    outer = np.flatnonzero((rings.area > 0) & (face >= 0))
    outer = outer[np.argsort(face[outer], kind="stable")]
    piece = np.full(rings.number, -1)
    piece[outer] = np.arange(len(outer))
    inner = np.flatnonzero((rings.area <= 0) & (face >= 0))
    piece[inner] = _homes_of_holes(mesh, rings, face, outer, inner)
    on_left, on_right = rings.of_half[::2], rings.of_half[1::2]
    return Pieces(piece[on_left], piece[on_right], face[outer])


def _homes_of_holes(mesh: Mesh, rings: Rings, face: Ints, outer: Ints, inner: Ints) -> Ints:
    """Give the place among outer rings of the one each inner ring lies in."""
    low = np.searchsorted(face[outer], face[inner], side="left")
    count = np.searchsorted(face[outer], face[inner], side="right") - low
    home = np.where(count > 0, low, -1)
    for name in np.unique(face[inner[count > 1]]):
        holes, shells = np.flatnonzero((face[inner] == name) & (count > 1)), np.flatnonzero(face[outer] == name)
        alone = _assemble(mesh, rings, np.concatenate([outer[shells], inner[holes]]), None)
        within = containing(alone[: len(shells)], alone[len(shells) :])
        home[holes] = np.where(within >= 0, shells[within], -1)
    return home


def containing(shells: Shapes, holes: Shapes) -> Ints:
    """Give for each hole the smallest shell that holds it and more: what fills the hole has the same outline."""
    home = np.full(len(holes), -1)
    if not len(holes):
        return home
    hole, shell = shapely.STRtree(shells).query(holes, predicate="covered_by")
    more = shapely.area(shells[shell]) > shapely.area(holes[hole]) * (1 + 1e-9)
    hole, shell = hole[more], shell[more]
    order = np.lexsort((-shapely.area(shells[shell]), hole))
    home[hole[order]] = shell[order]
    return home

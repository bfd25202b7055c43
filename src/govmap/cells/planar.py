"""The planar map under the cells: tracing faces, building polygons, cutting new lines into it.

Everything that divides the ground (enclosure lines, party walls, ridges between buildings, edges of open ground, cuts
between stairwells) becomes an edge of one map, so cells share identical vertices and cannot gap or overlap.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely

from govmap.contiguity import components
from govmap.geometry import Bools, Floats, Ints, Mesh, SegmentGrid, Shapes, compiled, lengths, meetings, sums

EPS_M = 1e-6
"""Points nearer than this are one point."""


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


@dataclass(frozen=True)
class Strokes:
    """Lines to be cut into a map: edges between their own nodes, the face they cross, the new labels beside them."""

    xy: Floats
    start: Ints
    stop: Ints
    left: Ints
    right: Ints
    face: Ints


@dataclass(frozen=True)
class Cut:
    """A map into which strokes were cut: `mesh` has old faces; labels are -1 beside edges that were there before."""

    mesh: Mesh
    left_label: Ints
    right_label: Ints
    source: Ints


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


# ---------------------------------------------------------------------------------------------------- cutting


def cut(mesh: Mesh, strokes: Strokes, faces: Shapes) -> Cut:
    """
    Cut strokes into a map, each only inside the face it is for.

    Every point where a stroke meets an edge becomes a node of both, so faces on the far side of the edge get it too.

    Parameters
    ----------
    mesh
        The map.
    strokes
        Edges to add.
    faces
        Polygons of the map's faces, by number.
    """
    strokes = _long_enough(strokes)
    touched = np.zeros(len(faces) + 1, bool)
    touched[strokes.face] = True
    near = np.flatnonzero(touched[mesh.left] | touched[mesh.right])
    grid = SegmentGrid.of(mesh.xy[mesh.start[near]], mesh.xy[mesh.stop[near]])
    stroke, edge = grid.beside(strokes.xy[strokes.start], strokes.xy[strokes.stop])
    edge = near[edge]
    mine = (mesh.left[edge] == strokes.face[stroke]) | (mesh.right[edge] == strokes.face[stroke])
    return _join(mesh, strokes, faces, _crossings(mesh, strokes, stroke[mine], edge[mine]))


def _long_enough(strokes: Strokes) -> Strokes:
    """Draw strokes' nodes together where they are one point, and drop what has no length then."""
    short = lengths(strokes.xy[strokes.start], strokes.xy[strokes.stop]) < EPS_M
    same = _together(len(strokes.xy), strokes.start[short], strokes.stop[short])
    start, stop = same[strokes.start], same[strokes.stop]
    kept = start != stop
    return Strokes(strokes.xy, start[kept], stop[kept], strokes.left[kept], strokes.right[kept], strokes.face[kept])


def _together(count: int, a: Ints, b: Ints) -> Ints:
    """Give for each number the least number it is tied to."""
    if not len(a):
        return np.arange(count)
    group = components(count, a, b)
    least = np.full(int(group.max()) + 1, count)
    np.minimum.at(least, group, np.arange(count))
    return np.asarray(least[group])


@dataclass(frozen=True)
class _Crossings:
    """Where strokes meet edges: their rows and how far along each (0 to 1)."""

    stroke: Ints
    edge: Ints
    along_stroke: Floats
    along_edge: Floats


def _crossings(mesh: Mesh, strokes: Strokes, stroke: Ints, edge: Ints) -> _Crossings:
    pair, t, s = meetings(
        strokes.xy[strokes.start[stroke]],
        strokes.xy[strokes.stop[stroke]],
        mesh.xy[mesh.start[edge]],
        mesh.xy[mesh.stop[edge]],
        EPS_M,
    )
    return _Crossings(stroke[pair], edge[pair], t, s)


def _join(mesh: Mesh, strokes: Strokes, faces: Shapes, met: _Crossings) -> Cut:
    """Split strokes and edges where they meet and put both into one map."""
    new_xy, node = _edge_nodes(mesh, met)
    base = len(mesh.xy) + len(new_xy)
    xy = np.concatenate([mesh.xy, new_xy, strokes.xy])
    p, q = strokes.start + base, strokes.stop + base
    long = lengths(xy[p], xy[q])[met.stroke]
    at_p, at_q = met.along_stroke * long < EPS_M, (1 - met.along_stroke) * long < EPS_M
    same = _together(
        len(xy), np.concatenate([node[at_p], node[at_q]]), np.concatenate([p[met.stroke[at_p]], q[met.stroke[at_q]]])
    )
    inner = ~at_p & ~at_q
    s0, s1, stroke = _split(p, q, met.stroke[inner], met.along_stroke[inner], node[inner])
    inside = _inside(xy, s0, s1, strokes.face[stroke], stroke, met.stroke, faces)
    e0, e1, edge = _split(mesh.start, mesh.stop, met.edge, met.along_edge, node)
    return _merge(mesh, strokes, xy, same, (e0, e1, edge), (s0[inside], s1[inside], stroke[inside]))


def _edge_nodes(mesh: Mesh, met: _Crossings) -> tuple[Floats, Ints]:
    """Give the nodes on edges where strokes meet them: the edge's own ends, or new points."""
    a, b = mesh.start[met.edge], mesh.stop[met.edge]
    long = lengths(mesh.xy[a], mesh.xy[b])
    node = np.full(len(met.edge), -1)
    at_a, at_b = met.along_edge * long < EPS_M, (1 - met.along_edge) * long < EPS_M
    node[at_b], node[at_a] = b[at_b], a[at_a]
    rest = np.flatnonzero(node < 0)
    order = rest[np.lexsort((met.along_edge[rest], met.edge[rest]))]
    if not len(order):
        return np.zeros((0, 2)), node
    new = np.ones(len(order), bool)
    apart = np.diff(met.along_edge[order]) * long[order[1:]] > EPS_M
    new[1:] = (met.edge[order[1:]] != met.edge[order[:-1]]) | apart
    node[order] = len(mesh.xy) + np.cumsum(new) - 1
    head = order[new]
    step = mesh.xy[b[head]] - mesh.xy[a[head]]
    return mesh.xy[a[head]] + met.along_edge[head][:, None] * step, node


def _split(start: Ints, stop: Ints, row: Ints, along: Floats, node: Ints) -> tuple[Ints, Ints, Ints]:
    """Split pieces at nodes that lie along them: new starts, new stops, row of the old piece."""
    touched = np.zeros(len(start), bool)
    touched[row] = True
    whole, some = np.flatnonzero(~touched), np.flatnonzero(touched)
    owner = np.concatenate([some, row, some])
    place = np.concatenate([np.full(len(some), -1.0), along, np.full(len(some), 2.0)])
    nodes_ = np.concatenate([start[some], node, stop[some]])
    order = np.lexsort((nodes_, place, owner))
    owner, nodes_ = owner[order], nodes_[order]
    kept = np.flatnonzero((owner[1:] == owner[:-1]) & (nodes_[1:] != nodes_[:-1]))
    return (
        np.concatenate([start[whole], nodes_[kept]]),
        np.concatenate([stop[whole], nodes_[kept + 1]]),
        np.concatenate([whole, owner[kept]]),
    )


def _inside(xy: Floats, a: Ints, b: Ints, face: Ints, stroke: Ints, cut_strokes: Ints, faces: Shapes) -> Bools:
    """Tell which stroke pieces lie inside their face: one look a chain of uncut ones, one look a cut piece."""
    was_cut = np.zeros(int(stroke.max(initial=-1)) + 1, bool)
    was_cut[cut_strokes] = True
    loose = was_cut[stroke]
    group = _chains(a[~loose], b[~loose], face[~loose], len(xy))
    look = np.concatenate([np.flatnonzero(loose), np.flatnonzero(~loose)[group[0]]])
    middle = (xy[a[look]] + xy[b[look]]) / 2
    looked_at = faces[np.unique(face[look])]
    shapely.prepare(looked_at)
    found = shapely.contains_xy(faces[face[look]], middle[:, 0], middle[:, 1])
    shapely.destroy_prepared(looked_at)
    inside = np.empty(len(a), bool)
    inside[loose] = found[: int(loose.sum())]
    inside[~loose] = found[int(loose.sum()) :][group[1]]
    return inside


def _chains(a: Ints, b: Ints, face: Ints, count: int) -> tuple[Ints, Ints]:
    """Group pieces that hang together inside one face: the first piece of each group, the group of each piece."""
    lead = _chained(a, b, face, count)
    first = np.flatnonzero(lead == np.arange(len(lead)))
    number = np.empty(len(lead), np.int64)
    number[first] = np.arange(len(first))
    return first, number[lead]


@compiled
def _chained(a: Any, b: Any, face: Any, count: int) -> Any:
    """Give the least piece of each piece's group; a node that several faces use ties nothing."""
    whose, at, lead = np.full(count, -1), np.full(count, -1), np.arange(len(a))
    for k in range(len(a)):
        for node in (a[k], b[k]):
            whose[node] = face[k] if whose[node] in (-1, face[k]) else -2
    for k in range(len(a)):
        for node in (a[k], b[k]):
            if whose[node] == face[k]:
                if at[node] < 0:
                    at[node] = k
                p, q = k, at[node]
                while lead[p] != p:
                    p = lead[p]
                while lead[q] != q:
                    lead[q] = lead[lead[q]]
                    q = lead[q]
                lead[max(p, q)] = min(p, q)
    for k in range(len(a)):
        lead[k] = lead[lead[k]]
    return lead


def _merge(mesh: Mesh, strokes: Strokes, xy: Floats, same: Ints, edges: Any, pieces: Any) -> Cut:
    """Put split edges and pieces into one map: nodes that are one drawn together, doubles and loose ends dropped."""
    start = same[np.concatenate([edges[0], pieces[0]])]
    stop = same[np.concatenate([edges[1], pieces[1]])]
    source = np.concatenate([edges[2], np.full(len(pieces[2]), -1)])
    none = np.full(len(edges[2]), -1)
    made = Cut(
        Mesh(
            xy,
            start,
            stop,
            np.concatenate([mesh.left[edges[2]], strokes.face[pieces[2]]]),
            np.concatenate([mesh.right[edges[2]], strokes.face[pieces[2]]]),
        ),
        np.concatenate([none, strokes.left[pieces[2]]]),
        np.concatenate([none, strokes.right[pieces[2]]]),
        source,
    )
    made = chosen(made, _first_of_doubles(start, stop, len(xy)))
    return chosen(made, tied_at_both_ends(made.mesh))


def chosen(made: Cut, kept: Bools | Ints) -> Cut:
    """Give some of the edges of a map that was cut."""
    return Cut(made.mesh.take(kept), made.left_label[kept], made.right_label[kept], made.source[kept])


def _first_of_doubles(start: Ints, stop: Ints, count: int) -> Ints:
    """Give edges with length, each pair of nodes once; the first stands (old edges come before strokes)."""
    key = np.minimum(start, stop) * count + np.maximum(start, stop)
    _, first = np.unique(key, return_index=True)
    first = np.sort(first)
    return np.asarray(first[start[first] != stop[first]])


def tied_at_both_ends(mesh: Mesh) -> Bools:
    """Tell which edges are no loose ends: prune twigs until none is left."""
    kept = np.ones(len(mesh.start), bool)
    while True:
        degree = np.bincount(mesh.start[kept], minlength=len(mesh.xy))
        degree += np.bincount(mesh.stop[kept], minlength=len(mesh.xy))
        loose = kept & ((degree[mesh.start] == 1) | (degree[mesh.stop] == 1))
        if not loose.any():
            return kept
        kept &= ~loose


def compact(mesh: Mesh) -> Mesh:
    """Drop nodes that no edge uses."""
    used = np.zeros(len(mesh.xy), bool)
    used[mesh.start] = used[mesh.stop] = True
    number = np.cumsum(used) - 1
    return replace(mesh, xy=mesh.xy[used], start=number[mesh.start], stop=number[mesh.stop])

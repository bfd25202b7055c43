"""New lines cut into the planar map: each inside the face it is for, with a node wherever lines meet."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely

from govmap.contiguity import components
from govmap.geometry import Bools, Floats, Ints, Mesh, SegmentGrid, Shapes, compiled, lengths, meetings

EPS_M = 1e-6
"""Points nearer than this are one point."""


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

"""Enclosures: the street blocks that barriers and the boundary close; barriers are led round buildings they cross."""

from dataclasses import dataclass, field, replace

import numpy as np
import shapely

from govmap.cells.footprints import Footprints
from govmap.cells.planar import polygons
from govmap.contiguity import closing, components
from govmap.geometry import Bools, Floats, Ints, Mesh, SegmentGrid, Shapes, mesh, segments, sums

WHOLE_SHARE = 0.995
"""A footprint of which a smaller share lies in one block has a barrier led round it."""
ON_LINE_M = 1e-6


@dataclass(frozen=True)
class Lines:
    """What may close blocks: lines on the ground, and whether each is never to be crossed."""

    shapes: Shapes
    barred: Bools


@dataclass(frozen=True)
class Enclosures:
    """
    The blocks as a map (`mesh`), their polygons and communities.

    `barred` tells which edges are never crossed, `straddlers` which pieces such a line was led round, `dead_ends_m`
    how much of those lines closes nothing.
    """

    mesh: Mesh
    shapes: Shapes
    community: Ints
    barred: Bools
    dead_ends_m: float
    straddlers: Ints = field(default_factory=lambda: np.zeros(0, np.int64))


@dataclass(frozen=True)
class _Net:
    """Noded lines, each a straight or bent stretch between two nodes."""

    stretches: Shapes
    barred: Bools
    bounding: Bools


def enclose(communities: Shapes, lines: Lines, prints: Footprints) -> Enclosures:
    """Divide communities into blocks; every piece of a footprint stays whole."""
    near = np.unique(shapely.STRtree(communities).query(lines.shapes, predicate="intersects")[0])
    lines = Lines(lines.shapes[near], lines.barred[near])
    net = _noded(np.concatenate([lines.shapes, shapely.boundary(communities)]), lines, communities)
    faces, community = _faces(net, communities)
    dead = _dead_ends(net, faces, community)
    net = _without_loose_ends(net, faces)
    rows, home = _crossed(faces, net, prints)
    if not len(rows):
        return _enclosures(faces, np.arange(len(faces)), community, lines, np.zeros(len(faces), bool), dead)
    homes = faces[home]
    net, crossed = _led_round(net, prints.piece_shape[rows], lines, communities)
    faces, community = _faces(net, communities)
    group, inside = _join_footprints(faces, prints.piece_shape[rows], homes, community)
    around = np.append(crossed, False)[inside]
    made = _enclosures(faces, group, community, lines, around, dead)
    return replace(made, straddlers=rows[crossed])


def _noded(shapes: Shapes, lines: Lines, communities: Shapes) -> _Net:
    stretches = np.asarray(shapely.get_parts(shapely.union_all(shapes)), object)
    return _classed(stretches, lines, communities)


def _classed(stretches: Shapes, lines: Lines, communities: Shapes) -> _Net:
    """Find again which lines noded stretches came from."""
    middle = _middles(stretches)
    return _Net(stretches, _on(middle, lines.shapes[lines.barred]), _on(middle, shapely.boundary(communities)))


def _middles(stretches: Shapes) -> Floats:
    """Give the middle of the first straight piece of each stretch."""
    a, b, row = segments(stretches)
    first = np.flatnonzero(np.diff(row, prepend=-1))
    return (a[first] + b[first]) / 2


def _on(points: Floats, lines: Shapes) -> Bools:
    """Tell which points lie on lines."""
    a, b, _ = segments(lines)
    found = np.zeros(len(points), bool)
    found[SegmentGrid.of(a, b).at(points, within=ON_LINE_M)[0]] = True
    return found


def _faces(net: _Net, communities: Shapes) -> tuple[Shapes, Ints]:
    """Give the faces that stretches close inside the communities, and the community of each."""
    faces = np.asarray(shapely.get_parts(shapely.polygonize(net.stretches)), object)
    face, community = shapely.STRtree(communities).query(shapely.point_on_surface(faces), predicate="intersects")
    rows = np.unique(face)
    lowest = np.full(len(faces), len(communities))
    np.minimum.at(lowest, face, community)
    return faces[rows], lowest[rows]


def _dead_ends(net: _Net, faces: Shapes, community: Ints) -> float:
    """Measure the barred stretches inside the ground that close nothing."""
    stretches = net.stretches[net.barred & ~net.bounding]
    inside = np.unique(shapely.STRtree(faces).query(shapely.points(_middles(stretches)), predicate="intersects")[0])
    edges = mesh(faces)
    barred = _on(edges.middles, stretches[inside])
    closed = closing(edges.left, edges.right, barred, community)
    return max(0.0, float(shapely.length(stretches[inside]).sum() - edges.lengths[closed].sum()))


def _without_loose_ends(net: _Net, faces: Shapes) -> _Net:
    """Drop stretches that bound no face: a line that is led round a footprint must not close with one of them."""
    bounding_any = _on(_middles(net.stretches), shapely.boundary(faces))
    return _Net(net.stretches[bounding_any], net.barred[bounding_any], net.bounding[bounding_any])


# ---------------------------------------------------------------------------------------------------- straddlers


def _crossed(faces: Shapes, net: _Net, prints: Footprints) -> tuple[Ints, Ints]:
    """Find the footprint pieces that blocks would cut: their rows, and the block with most of each."""
    near = np.unique(shapely.STRtree(net.stretches).query(prints.piece_shape, predicate="intersects")[0])
    piece, face = shapely.STRtree(faces).query(prints.piece_shape[near], predicate="intersects")
    part = shapely.area(shapely.intersection(prints.piece_shape[near[piece]], faces[face]))
    whole = sums(piece, part, len(near))
    order = np.lexsort((-face, part, piece))
    most = np.full(len(near), -1)
    most[piece[order]] = order
    cut = np.flatnonzero((most >= 0) & (whole > 0))
    cut = cut[part[most[cut]] < WHOLE_SHARE * whole[cut]]
    return near[cut], face[most[cut]]


def _led_round(net: _Net, shapes: Shapes, lines: Lines, communities: Shapes) -> tuple[_Net, Bools]:
    """Lead stretches round footprints: the new net, and which of the footprints a barred stretch crossed."""
    noded = shapely.union_all(np.concatenate([net.stretches, shapely.boundary(shapes)]))
    led = _classed(np.asarray(shapely.get_parts(noded), object), lines, communities)
    points = np.asarray(shapely.points(_middles(led.stretches)), object)
    stretch, row = shapely.STRtree(shapes).query(points, predicate="within")
    deep = shapely.distance(points[stretch], shapely.boundary(shapes)[row]) > ON_LINE_M
    inner = deep & ~led.bounding[stretch]
    around = np.zeros(len(shapes), bool)
    around[row[inner & led.barred[stretch]]] = True
    kept = np.ones(len(led.stretches), bool)
    kept[stretch[inner]] = False
    return _Net(led.stretches[kept], led.barred[kept], led.bounding[kept]), around


def _join_footprints(faces: Shapes, prints: Shapes, homes: Shapes, community: Ints) -> tuple[Ints, Ints]:
    """Join the faces of led-round footprints to a neighbour: the group of each face, the footprint it lies in (-1)."""
    points = shapely.point_on_surface(faces)
    inside = np.full(len(faces), -1)
    face, row = shapely.STRtree(prints).query(points, predicate="within")
    inside[face] = row
    edges = mesh(faces)
    both = np.flatnonzero((edges.left >= 0) & (edges.right >= 0))
    one = np.concatenate([edges.left[both], edges.right[both]])
    other = np.concatenate([edges.right[both], edges.left[both]])
    metres = np.tile(edges.lengths[both], 2)
    use = (inside[one] >= 0) & (community[one] == community[other])
    one, other, metres = one[use], other[use], metres[use]
    wish = np.where(inside[other] < 0, 1 + shapely.contains(homes[inside[one]], points[other]), 0)
    return _follow(_wished(len(faces), one, other, metres, wish)), inside


def _wished(count: int, one: Ints, other: Ints, metres: Floats, wish: Ints) -> Ints:
    """Give each face the neighbour it wishes most for, of equal ones that with most metres; itself without any."""
    pairs, number = np.unique(one * count + other, return_inverse=True)
    shared = sums(number, metres, len(pairs))
    best = np.zeros(len(pairs), np.int64)
    best[number] = wish
    order = np.lexsort((-pairs, shared, best))
    to = np.arange(count)
    to[pairs[order] // count] = pairs[order] % count
    return to


def _follow(to: Ints) -> Ints:
    """Follow wishes to their end; faces that wish for each other end in one of them."""
    return components(len(to), np.arange(len(to)), to)


# ---------------------------------------------------------------------------------------------------- result


def _enclosures(faces: Shapes, group: Ints, community: Ints, lines: Lines, around: Bools, dead: float) -> Enclosures:
    """Make the map of blocks; `around` tells the faces that barred lines were led round."""
    _, first, block = np.unique(group, return_index=True, return_inverse=True)
    edges = mesh(faces)
    beside = np.append(around, False)[edges.left] | np.append(around, False)[edges.right]
    left, right = np.append(block, -1)[edges.left], np.append(block, -1)[edges.right]
    apart = left != right
    blocks = edges.faces(left, right).take(apart)
    barred = _on(blocks.middles, lines.shapes[lines.barred]) | beside[apart]
    barred = closing(blocks.left, blocks.right, barred, community[first])
    return Enclosures(blocks, polygons(blocks, len(first)), community[first], barred, dead)

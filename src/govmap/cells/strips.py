"""Strips: narrow ground that trails away from the buildings of a block, as a verge between a wall and a street.

By distance alone all of it would go to whoever stands at its end, so that one cell reaches along the whole street and
takes its unit with it. Beyond some way from the buildings it is open ground: a block of its own.
"""

from dataclasses import dataclass, replace

import numpy as np
import shapely
from scipy.spatial import cKDTree

from govmap.cells.footprints import Footprints
from govmap.cells.openspace import LEAST_WIDTH_M, Ground, strokes_of
from govmap.cells.planar import pieces, polygons
from govmap.cells.strokes import Cut, cut
from govmap.contiguity import components
from govmap.geometry import Bools, Floats, Ints, Mesh, Shapes, sums

FAR_M = 30.0
"""How far the ground of a building reaches along a strip: about as deep as the plot of a house with its pavement."""
LEAST_LONG_M = 50.0
"""A strip is worth a cell of its own from about half the ground that one row of houses fronts."""
NARROW = 3.0
"""A strip is so many times longer than it is wide, and narrower than open ground that stands for itself."""
LEAST_EDGED = 0.7
"""A strip runs between two edges of its block: so much of its outline; gardens behind houses do not."""
STEP_M = 10.0
QUARTER_PIECES = 4
APART_M = 1000.0


@dataclass(frozen=True)
class _Bare:
    """Ground without a building, by group of pieces: the group of each piece (-1: built), shapes, share of edge."""

    group: Ints
    shape: Shapes
    parent: Ints
    edged: Floats


def split_strips(ground: Ground, prints: Footprints, home: Ints) -> Ground:
    """
    Make blocks of the strips that trail away from the buildings of a block.

    Parameters
    ----------
    ground
        The blocks so far.
    prints
        The arrangement of footprints.
    home
        The block in which each piece of a footprint stands, -1 for none.
    """
    enclosures, whole = ground.enclosures, len(ground.enclosures.shapes)
    face = _reaching_far(enclosures.shapes, prints, home)
    if not len(face):
        return ground
    made = cut(enclosures.mesh, strokes_of(_near(face, prints, home), face), enclosures.shapes)
    left, right, parent = _numbered(made, face, prints, home, whole)
    if not len(parent):
        return ground
    apart = left != right
    mesh = made.mesh.faces(left, right).take(apart)
    new = np.arange(whole, whole + len(parent))
    shapes = np.concatenate([enclosures.shapes, np.empty(len(parent), object)])
    changed = np.unique(np.concatenate([parent, new]))
    shapes[changed] = polygons(mesh, len(shapes))[changed]
    community = np.concatenate([enclosures.community, enclosures.community[parent]])
    barred = np.append(enclosures.barred, False)[made.source][apart]
    refined = replace(enclosures, mesh=mesh, shapes=shapes, community=community, barred=barred)
    return Ground(refined, np.concatenate([ground.block, new]))


def _reaching_far(shapes: Shapes, prints: Footprints, home: Ints) -> Ints:
    """Name the blocks whose edge runs on so far from all their buildings that a strip may lie there."""
    built = np.unique(home[home >= 0])
    if not len(built):
        return built
    rim, row = shapely.get_coordinates(shapely.segmentize(shapes[built], STEP_M), return_index=True)
    held = np.flatnonzero(home >= 0)
    corner, piece = shapely.get_coordinates(shapely.segmentize(prints.piece_shape[held], STEP_M), return_index=True)
    seen = cKDTree(np.column_stack([corner, APART_M * home[held[piece]]]))
    points = np.column_stack([rim, APART_M * built[row]])
    far = np.isinf(seen.query(points, distance_upper_bound=FAR_M)[0])
    count = np.bincount(row[far], minlength=len(built))
    return np.asarray(built[count * STEP_M > LEAST_LONG_M])


def _near(face: Ints, prints: Footprints, home: Ints) -> Shapes:
    """Give the ground within `FAR_M` of the buildings of each block."""
    held = np.flatnonzero(np.isin(home, face))
    held = held[np.argsort(home[held], kind="stable")]
    around = shapely.buffer(prints.piece_shape[held], FAR_M, quad_segs=QUARTER_PIECES)
    groups = np.split(around, np.flatnonzero(np.diff(home[held])) + 1)
    return np.array([shapely.union_all(group) for group in groups], object)


def _numbered(made: Cut, face: Ints, prints: Footprints, home: Ints, count: int) -> tuple[Ints, Ints, Ints]:
    """Number strips as new faces: faces left and right of every edge, the face each new one was part of."""
    found = pieces(made.mesh)
    mesh = made.mesh.faces(found.left, found.right)
    bare = _bare(mesh, made.source < 0, found.face, _built(mesh, found.face, face, prints, home))
    strip = np.flatnonzero((bare.edged >= LEAST_EDGED) & _trailing(bare.shape))
    new = np.full(len(bare.shape) + 1, -1)
    new[strip] = count + np.arange(len(strip))
    number = np.where(new[bare.group] >= 0, new[bare.group], found.face)
    return np.append(number, -1)[found.left], np.append(number, -1)[found.right], bare.parent[strip]


def _built(mesh: Mesh, parent: Ints, face: Ints, prints: Footprints, home: Ints) -> Bools:
    """Tell which pieces of blocks bear a footprint; those of blocks that are not looked at count as such."""
    looked = np.flatnonzero(np.isin(parent, face))
    shape = _shapes(mesh, looked, len(parent))
    held = np.flatnonzero(np.isin(home, face))
    point, piece = shapely.STRtree(shape).query(shapely.points(prints.piece_point[held]), predicate="intersects")
    built = np.ones(len(parent), bool)
    built[looked] = False
    built[looked[piece[parent[looked[piece]] == home[held[point]]]]] = True
    return built


def _bare(mesh: Mesh, new: Bools, parent: Ints, built: Bools) -> _Bare:
    """Put pieces without a footprint together where only new lines part them."""
    left, right = np.append(built, True)[mesh.left], np.append(built, True)[mesh.right]
    tie = new & ~left & ~right
    group = components(len(parent), mesh.left[tie], mesh.right[tie])
    rows = np.flatnonzero(~built)
    lead, first, number = np.unique(group[rows], return_index=True, return_inverse=True)
    of = np.full(len(parent), -1)
    of[rows] = number
    one, other = np.append(of, -1)[mesh.left], np.append(of, -1)[mesh.right]
    rim = mesh.faces(one, other).take(one != other)
    sides = np.concatenate([rim.left, rim.right])
    metres, old = np.tile(rim.lengths, 2), np.tile(~new[one != other], 2)
    whole = sums(sides[sides >= 0], metres[sides >= 0], len(lead))
    edge = sums(sides[(sides >= 0) & old], metres[(sides >= 0) & old], len(lead))
    return _Bare(of, polygons(rim, len(lead)), parent[rows[first]], edge / np.maximum(whole, 1e-9))


def _shapes(mesh: Mesh, rows: Ints, count: int) -> Shapes:
    """Build the polygons of some pieces."""
    number = np.full(count + 1, -1)
    number[rows] = np.arange(len(rows))
    left, right = number[mesh.left], number[mesh.right]
    return polygons(mesh.faces(left, right).take((left >= 0) | (right >= 0)), len(rows))


def _trailing(shapes: Shapes) -> Bools:
    """Tell which ground is long and narrow: as long and wide as an oblong of its area and outline, and nowhere wide."""
    quarter, area = shapely.length(shapes) / 4, shapely.area(shapes)
    long = quarter + np.sqrt(np.maximum(quarter**2 - area, 0))
    trails = (long >= LEAST_LONG_M) & (long**2 > NARROW * area)
    trails[trails] = shapely.is_empty(shapely.buffer(shapes[trails], -LEAST_WIDTH_M / 2, quad_segs=1))
    return np.asarray(trails)

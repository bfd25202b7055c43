"""Footprints as one arrangement: every point of built ground has one owner, and walls between owners are drawn once.

Footprints come as people drew them: sharing walls, overlapping, doubled, in pieces. Their outlines are noded together
on a millimetre grid; of two that claim the same ground the smaller one keeps it. What has next to no ground left is
swallowed by the one that took it.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from govmap.contiguity import components
from govmap.geometry import Bools, Floats, Ints, Mesh, Shapes, outlines, sums, twins

GRID_M = 0.001
LEAST_GROUND_M2 = 0.5
LEAST_SHARE = 0.1
SPLINTER_M2 = 1.0


@dataclass(frozen=True)
class Footprints:
    """
    The arrangement of all footprints.

    `mesh` has the walls: left and right are pieces (-1: open ground). `piece_owner` is the footprint's row. `swallower`
    is -1 for a footprint with ground of its own, else the row of the one that took it (itself where nobody did:
    the footprint is too small to stand for anything). `lost` is the share of its outline that others took.
    """

    mesh: Mesh
    piece_owner: Ints
    piece_area: Floats
    piece_point: Floats
    piece_shape: Shapes
    courtyard: Bools
    swallower: Ints
    lost: Floats


def arrange(shapes: Shapes) -> Footprints:
    """Arrange repaired footprints, given in the order of their ids."""
    faces = _faces(shapes)
    face, claimant = _claims(faces, shapes)
    owner, swallower = _owners(faces, face, claimant, shapes)
    walls = _walls(faces)
    owner = _without_splinters(owner, faces, walls)
    piece, piece_owner = _pieces(owner, walls)
    return _arranged(faces, walls, piece, piece_owner, swallower, shapes)


def _faces(shapes: Shapes) -> Shapes:
    noded = shapely.union_all(shapely.boundary(shapes), grid_size=GRID_M)
    return np.asarray(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))), object)


def _claims(faces: Shapes, shapes: Shapes) -> tuple[Ints, Ints]:
    """Give which footprints cover which face, by face, the strongest claim (the smallest footprint) first."""
    if not len(faces):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    face, claimant = shapely.STRtree(shapes).query(shapely.point_on_surface(faces), predicate="intersects")
    order = np.lexsort((claimant, shapely.area(shapes)[claimant], face))
    return face[order], claimant[order]


def _owners(faces: Shapes, face: Ints, claimant: Ints, shapes: Shapes) -> tuple[Ints, Ints]:
    """Give each face its owner, and each footprint its swallower."""
    area, whole = shapely.area(faces), shapely.area(shapes)
    first = _strongest(face, claimant, len(faces))
    ground = sums(first[first >= 0], area[first >= 0], len(shapes))
    gone = (ground < LEAST_GROUND_M2) | (ground < LEAST_SHARE * whole)
    standing = ~gone[claimant]
    owner = _strongest(face[standing], claimant[standing], len(faces))
    return owner, _swallowers(gone, owner, face, claimant, area)


def _strongest(face: Ints, claimant: Ints, count: int) -> Ints:
    owner = np.full(count, -1)
    heads, first = np.unique(face, return_index=True)
    owner[heads] = claimant[first]
    return owner


def _swallowers(gone: Bools, owner: Ints, face: Ints, claimant: Ints, area: Floats) -> Ints:
    """Give each footprint that is gone the one that took most of it, itself where nobody did."""
    swallower = np.where(gone, np.arange(len(gone)), -1)
    taken = gone[claimant] & (owner[face] >= 0)
    pair = claimant[taken] * len(gone) + owner[face[taken]]
    pairs, number = np.unique(pair, return_inverse=True)
    share = sums(number, area[face[taken]], len(pairs))
    order = np.argsort(share, kind="stable")
    swallower[pairs[order] // len(gone)] = pairs[order] % len(gone)
    return swallower


def _walls(faces: Shapes) -> Mesh:
    """Read faces on the millimetre grid as a mesh."""
    a, b, face = outlines(faces)
    both = np.concatenate([a, b])
    grid = np.round(both / GRID_M).astype(np.int64)
    low = grid.min(0) if len(grid) else np.zeros(2, np.int64)
    key = (grid[:, 0] - low[0]) << 32 | (grid[:, 1] - low[1])
    _, first, number = np.unique(key, return_index=True, return_inverse=True)
    return twins(both[first], number[: len(a)], number[len(a) :], face)


def _without_splinters(owner: Ints, faces: Shapes, walls: Mesh) -> Ints:
    """Give splinters that overlaps cut off to the owner they share most wall with."""
    piece, piece_owner = _pieces(owner, walls)
    held = piece >= 0
    area = sums(piece[held], shapely.area(faces)[held], len(piece_owner))
    most = np.zeros(int(owner.max(initial=-1)) + 1)
    np.maximum.at(most, piece_owner, area)
    splinter = (area < SPLINTER_M2) & (area < most[piece_owner])
    lone = held & splinter[piece]
    if not lone.any():
        return owner
    return _to_best_neighbour(owner, lone, walls)


def _to_best_neighbour(owner: Ints, lone: Bools, walls: Mesh) -> Ints:
    left, right, long = walls.left, walls.right, walls.lengths
    given = owner.copy()
    given[lone] = -1
    face = np.concatenate([left, right])
    beside = np.concatenate([right, left])
    use = (face >= 0) & (beside >= 0)
    face, beside, metres = face[use], beside[use], np.concatenate([long, long])[use]
    use = lone[face] & ~lone[beside] & (owner[beside] >= 0)
    pairs, number = np.unique(face[use] * (len(given) + 1) + owner[beside[use]], return_inverse=True)
    shared = sums(number, metres[use], len(pairs))
    order = np.argsort(shared, kind="stable")
    given[pairs[order] // (len(given) + 1)] = pairs[order] % (len(given) + 1)
    return given


def _pieces(owner: Ints, walls: Mesh) -> tuple[Ints, Ints]:
    """Number the connected pieces of every owner's ground: piece of each face (-1: open), owner of each piece."""
    inner = (walls.left >= 0) & (walls.right >= 0)
    left, right = walls.left[inner], walls.right[inner]
    same = (owner[left] == owner[right]) & (owner[left] >= 0)
    group = components(len(owner), left[same], right[same])
    held = np.flatnonzero(owner >= 0)
    groups, first, number = np.unique(group[held], return_index=True, return_inverse=True)
    by_owner = np.lexsort((held[first], owner[held[first]]))
    rank = np.empty(len(groups), np.int64)
    rank[by_owner] = np.arange(len(groups))
    piece = np.full(len(owner), -1)
    piece[held] = rank[number]
    return piece, owner[held[first[by_owner]]]


def _arranged(
    faces: Shapes, walls: Mesh, piece: Ints, piece_owner: Ints, swallower: Ints, shapes: Shapes
) -> Footprints:
    held = piece >= 0
    area = sums(piece[held], shapely.area(faces)[held], len(piece_owner))
    shape = _piece_shapes(faces, piece, len(piece_owner))
    outer = np.where(walls.left >= 0, piece[walls.left], -1), np.where(walls.right >= 0, piece[walls.right], -1)
    ground = sums(piece_owner, area, len(shapes))
    whole = shapely.area(shapes)
    lost = 1 - np.divide(ground, whole, out=np.zeros(len(shapes)), where=whole > 0)
    return Footprints(
        mesh=walls.faces(*outer).take(outer[0] != outer[1]),
        piece_owner=piece_owner,
        piece_area=area,
        piece_point=shapely.get_coordinates(shapely.point_on_surface(shape)).reshape(-1, 2),
        piece_shape=shape,
        courtyard=_idle_courtyards(walls, piece, faces)[outer[0] != outer[1]],
        swallower=swallower,
        lost=lost,
    )


def _piece_shapes(faces: Shapes, piece: Ints, count: int) -> Shapes:
    shape = np.full(count, shapely.Polygon(), object)
    size = np.bincount(piece[piece >= 0], minlength=count)
    alone = (piece >= 0) & (size[piece] == 1)
    shape[piece[alone]] = faces[alone]
    several = np.flatnonzero((piece >= 0) & (size[piece] > 1))
    several = several[np.argsort(piece[several], kind="stable")]
    for part in np.split(several, np.flatnonzero(np.diff(piece[several])) + 1) if len(several) else ():
        shape[piece[part[0]]] = shapely.coverage_union_all(faces[part])
    return shape


def _idle_courtyards(walls: Mesh, piece: Ints, faces: Shapes) -> Bools:
    """Tell which walls stand all round a courtyard of one piece with nothing inside: no ridge can come of them."""
    owned = np.append(piece, -1)
    yard = np.concatenate([walls.left, walls.right])
    beyond = owned[np.concatenate([walls.right, walls.left])]
    edge = np.tile(np.arange(len(walls.start)), 2)
    use = (yard >= 0) & (owned[yard] < 0)
    yard, beyond, edge = yard[use], beyond[use], edge[use]
    low, high = np.full(len(faces), np.iinfo(np.int64).max), np.full(len(faces), -1)
    np.minimum.at(low, yard, beyond)
    np.maximum.at(high, yard, beyond)
    plain = (low == high) & (high >= 0) & (shapely.get_num_interior_rings(faces) == 0)
    idle = np.zeros(len(walls.start), bool)
    idle[edge] = plain[yard]
    return idle

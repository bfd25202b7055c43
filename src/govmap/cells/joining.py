"""Joining: which piece of ground goes to which building.

After ridges are cut into the enclosures every piece of ground has an owner by distance alone. For work on the ground
that is not enough: a cell must be in one piece, a shed goes with its house, and a sliver between two carriageways is no
place. Pieces join a neighbour they share a border with, so every cell stays in one piece.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from govmap.cells.footprints import Footprints
from govmap.cells.planar import Pieces, Rings, on_halves, pieces, polygons, trace
from govmap.cells.strokes import Cut
from govmap.geometry import Bools, Floats, Ints, Mesh, Shapes, sums

SLIVER_M2 = 60.0


@dataclass(frozen=True)
class Land:
    """Pieces of ground as a map, their owner (-1: open) and enclosure; `inner` tells the edges inside an enclosure."""

    mesh: Mesh
    owner: Ints
    enclosure: Ints
    inner: Bools
    barred: Bools
    area: Floats
    mixed: int


@dataclass(frozen=True)
class Borders:
    """Which pieces border which, with metres."""

    one: Ints
    other: Ints
    metres: Floats


# ---------------------------------------------------------------------------------------------------- land


def land(made: Cut, barred: Bools, prints: Footprints, home: Ints) -> Land:
    """Read enclosures into which walls and ridges were cut as pieces of ground."""
    rings = trace(made.mesh)
    owner, mixed = _ring_owners(made, rings, prints, home)
    enclosure = on_halves(made.mesh.left, made.mesh.right)[rings.heads]
    key = np.where(enclosure >= 0, enclosure * (len(prints.lost) + 1) + owner + 1, -1)
    zones, zone = np.unique(np.append(key, -1), return_inverse=True)
    zone = zone[:-1] - 1
    mesh = made.mesh.faces(zone[rings.of_half[::2]], zone[rings.of_half[1::2]])
    found = pieces(mesh, rings)
    zone_of = zones[1:][found.face]
    return Land(
        mesh=mesh.faces(found.left, found.right),
        owner=zone_of % (len(prints.lost) + 1) - 1,
        enclosure=zone_of // (len(prints.lost) + 1),
        inner=made.source < 0,
        barred=np.append(barred, False)[made.source],
        area=_areas(mesh.faces(found.left, found.right), found),
        mixed=mixed,
    )


def _areas(mesh: Mesh, found: Pieces) -> Floats:
    """Give the area of pieces by the sum over their edges, measured from a point nearby to keep digits."""
    count = len(found.face)
    origin = mesh.xy.mean(0) if len(mesh.xy) else np.zeros(2)
    p, q = mesh.xy[mesh.start] - origin, mesh.xy[mesh.stop] - origin
    twice = p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0]
    on_left, on_right = mesh.left >= 0, mesh.right >= 0
    area = sums(mesh.left[on_left], twice[on_left], count)
    return (area - sums(mesh.right[on_right], twice[on_right], count)) / 2


def _ring_owners(made: Cut, rings: Rings, prints: Footprints, home: Ints) -> tuple[Ints, int]:
    """Give the owner on the left of each ring (-1: open ground), and how many rings had two."""
    label = on_halves(made.left_label, made.right_label)
    low, owner = np.full(rings.number, np.iinfo(np.int64).max), np.full(rings.number, -1)
    marked = np.flatnonzero(label >= 0)
    np.minimum.at(low, rings.of_half[marked], label[marked])
    np.maximum.at(owner, rings.of_half[marked], label[marked])
    mixed = int(((owner >= 0) & (low != owner)).sum())
    enclosure = on_halves(made.mesh.left, made.mesh.right)[rings.heads]
    bare = np.flatnonzero((owner < 0) & (enclosure >= 0))
    origin = on_halves(made.mesh.start, made.mesh.stop)[rings.heads[bare]]
    owner[bare] = _nearest_owner(made.mesh.xy[origin], enclosure[bare], prints, home)
    return owner, mixed


def _nearest_owner(points: Floats, enclosure: Ints, prints: Footprints, home: Ints) -> Ints:
    """Give for points that lie in enclosures the owner nearest among those there; -1 where there is none."""
    order = np.argsort(home, kind="stable")
    low, high = np.searchsorted(home[order], enclosure), np.searchsorted(home[order], enclosure, side="right")
    count = high - low
    row = np.repeat(np.arange(len(points)), count)
    held = order[np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count) + low[row]]
    far = np.zeros(len(row))
    several = count[row] > 1
    far[several] = shapely.distance(prints.piece_shape[held[several]], shapely.points(points[row[several]]))
    best = np.lexsort((-held, -far, row))
    owner = np.full(len(points), -1)
    owner[row[best]] = prints.piece_owner[held[best]]
    return owner


# ---------------------------------------------------------------------------------------------------- joining


def borders(of: Land, chosen: Bools, cell: Ints | None = None) -> Borders:
    """Sum the metres along chosen edges by pair of pieces (or of cells they joined), both ways round."""
    left, right = of.mesh.left, of.mesh.right
    use = chosen & (left >= 0) & (right >= 0)
    left, right, metres = left[use], right[use], of.mesh.lengths[use]
    if cell is not None:
        left, right = cell[left], cell[right]
    apart = left != right
    left, right, metres = left[apart], right[apart], metres[apart]
    count = len(of.owner)
    pairs, number = np.unique(np.concatenate([left * count + right, right * count + left]), return_inverse=True)
    return Borders(pairs // count, pairs % count, sums(number, np.tile(metres, 2), len(pairs)))


def main_pieces(of: Land, prints: Footprints, under: Ints, allowed: Bools) -> Ints:
    """Give each owner the piece of ground, among those allowed, that holds most of its footprint (-1: none does)."""
    standing = np.flatnonzero(under >= 0)
    built = sums(under[standing], prints.piece_area[standing], len(of.owner))
    owned = np.flatnonzero((of.owner >= 0) & allowed)
    order = owned[np.lexsort((of.area[owned], built[owned]))]
    main = np.full(len(prints.lost), -1)
    main[of.owner[order]] = order
    return main


def ground_under(of: Land, prints: Footprints, home: Ints) -> Ints:
    """Give the piece of ground of its owner on which each footprint piece stands (-1: none)."""
    rows = np.flatnonzero(home >= 0)
    found = np.full(len(home), -1)
    if len(rows):
        found[rows] = _piece_under(of, prints, home, rows)
    return found


def _piece_under(of: Land, prints: Footprints, home: Ints, rows: Ints) -> Ints:
    width = len(prints.lost) + 1
    key = of.enclosure * width + of.owner
    order = np.argsort(key, kind="stable")
    wanted = home[rows] * width + prints.piece_owner[rows]
    low, high = np.searchsorted(key[order], wanted), np.searchsorted(key[order], wanted, side="right")
    under = np.where(high > low, order[low.clip(max=len(order) - 1)], -1)
    several = np.flatnonzero(high - low > 1)
    if not len(several):
        return under
    maybe = np.unique(np.concatenate([order[a:b] for a, b in zip(low[several], high[several], strict=True)]))
    shape = shapes_of(of, maybe)
    for row in several:
        held = order[low[row] : high[row]]
        x, y = prints.piece_point[rows[row]]
        inside = [int(one) for one in held if shapely.contains_xy(shape[one], x, y)]
        under[row] = inside[0] if inside else held[0]
    return under


def shapes_of(of: Land, rows: Ints) -> Shapes:
    """Build the polygons of some pieces only."""
    number = np.full(len(of.owner) + 1, -1)
    number[rows] = np.arange(len(rows))
    left, right = number[of.mesh.left], number[of.mesh.right]
    shape = np.full(len(of.owner), shapely.Polygon(), object)
    shape[rows] = polygons(of.mesh.faces(left, right).take((left >= 0) | (right >= 0)), len(rows))
    return shape


def join_strays(of: Land, main: Ints) -> Ints:
    """Give pieces away from their owner's main piece to the neighbour in the enclosure with most shared metres."""
    cell = np.arange(len(of.owner))
    stray = (of.owner >= 0) & (np.append(main, -1)[of.owner] != cell)
    near = borders(of, of.inner)
    while stray.any():
        ready = stray[near.one] & ~stray[near.other]
        if not ready.any():
            break
        one, other, metres = near.one[ready], near.other[ready], near.metres[ready]
        order = np.lexsort((-other, metres, one))
        cell[one[order]] = cell[other[order]]
        stray[one] = False
    return cell


def join_sheds(of: Land, cell: Ints, main: Ints, shed: Bools, shapes: Shapes) -> Ints:
    """
    Join the cells of sheds to the nearest neighbour in their enclosure, shed by shed, until a house is reached.

    Where an enclosure has no house, all its sheds join the largest.
    """
    if not shed.any():
        return cell
    near = borders(of, of.inner, cell)
    owner, beside = of.owner[near.one], of.owner[near.other]
    use = (near.one < near.other) & (owner >= 0) & (beside >= 0)
    use &= (shed[owner] | shed[beside]) & (main[owner] == near.one) & (main[beside] == near.other)
    one, other, metres, owner, beside = near.one[use], near.other[use], near.metres[use], owner[use], beside[use]
    far = shapely.distance(shapes[owner], shapes[beside])
    order = np.lexsort((beside, owner, -metres, far))
    lead = np.arange(len(of.owner))
    big = shapely.area(shapes)
    for a, b in zip(one[order].tolist(), other[order].tolist(), strict=True):
        _tie(lead, a, b, of.owner, shed, big)
    return np.array([_top(lead, int(one)) for one in cell])


def _top(lead: Ints, one: int) -> int:
    while lead[one] != one:
        lead[one] = lead[lead[one]]
        one = int(lead[one])
    return one


def _tie(lead: Ints, a: int, b: int, owner: Ints, shed: Bools, big: Floats) -> None:
    """Tie two groups unless both are led by a house; a house leads, else the larger shed."""
    a, b = _top(lead, a), _top(lead, b)
    if a == b or not (shed[owner[a]] or shed[owner[b]]):
        return
    rank_a = (not shed[owner[a]], big[owner[a]], -owner[a])
    rank_b = (not shed[owner[b]], big[owner[b]], -owner[b])
    lead[min((rank_a, a), (rank_b, b))[1]] = max((rank_a, a), (rank_b, b))[1]


def join_slivers(of: Land, cell: Ints, community: Ints) -> Ints:
    """Join small open pieces to the neighbour with most metres of border that is not barred."""
    size = sums(cell, of.area, len(cell))
    near = borders(of, ~of.barred, cell)
    small = (of.owner < 0) & (size < SLIVER_M2) & (cell == np.arange(len(cell)))
    where = community[of.enclosure]
    use = small[near.one] & ~small[near.other] & (where[near.one] == where[near.other])
    one, other = near.one[use], near.other[use]
    order = np.lexsort((-other, near.metres[use], one))
    to = np.arange(len(cell))
    to[one[order]] = other[order]
    return to[cell]

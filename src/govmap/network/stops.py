"""Where people leave their door and meet the streets.

A door meets the nearest point of the nearest street that can be reached in a straight line without crossing a wall.
Where that street is cut off from the city's network (a yard's footway drawn for itself), it also meets the nearest
street of the city's; and where a walled compound has no such street inside, the way leads by each of its gates.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import shapely

from govmap import catalog
from govmap.geometry import Bools, Floats, Ints, lengths
from govmap.network.walls import Walls
from govmap.network.ways import NM, Near, Ways

RADII_M = (30.0, 100.0, 250.0)
NOWHERE = -1


@dataclass(frozen=True)
class Stops:
    """
    Points and the places where each meets the streets: places `first[i]` to `first[i + 1]` of stop i.

    `edge` is the number of the street, `along` nm from its beginning, `leg` nm from the door to it; `door` and `via` (a
    gate, nan without one) are where the steps begin and lead. In a network without streets a place has edge -1.
    """

    first: Ints
    edge: Ints
    along: Ints
    leg: Ints
    door: Floats
    via: Floats

    def __len__(self) -> int:
        return len(self.first) - 1

    @property
    def connected(self) -> Bools:
        """Tell which stops meet any street."""
        return np.diff(self.first) > 0

    def packed(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Give what a search needs."""
        return self.first, self.edge, self.along, self.leg

    def take(self, rows: Any) -> Self:
        """Give some of the stops, by row numbers, mask or slice, in that order; a stop may be taken several times."""
        chosen = np.arange(len(self))[rows]
        count = np.diff(self.first)[chosen]
        first = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
        at = np.repeat(self.first[chosen] - first[:-1], count) + np.arange(first[-1])
        return type(self)(first, self.edge[at], self.along[at], self.leg[at], self.door[at], self.via[at])


@dataclass(frozen=True)
class _Met:
    """Doors and the street each meets: edge (-1: none), where, and how far it is."""

    edge: Ints
    along: Ints
    leg: Ints


@dataclass(frozen=True)
class _Looking:
    """Doors that look for a street among some; the wall of the compound numbered in `own` bars them not."""

    doors: Floats
    ways: Ways
    walls: Walls
    near: Near
    own: Ints | None = None

    def found(self) -> _Met:
        """Give of each door the nearest street that nothing bars."""
        met = _Met(*(np.full(len(self.doors), value) for value in (NOWHERE, 0, 0)))
        if not len(self.doors) or not len(self.near.rows):
            return met
        snap = catalog.layer("walking")["snap"]
        longest, most = float(snap["longest_m"]), int(snap["nearest"])
        points: Any = shapely.points(self.doors)
        door, edge = self.near.tree.query_nearest(points, max_distance=longest, all_matches=True)
        order = np.lexsort((self.near.rows[edge], door))
        first = np.unique(door[order], return_index=True)[1]
        self._take(met, door[order][first], self.near.rows[edge[order]][first])
        wanting = np.intersect1d(np.flatnonzero(met.edge < 0), door)
        for radius in (*RADII_M, longest):
            if len(wanting):
                wanting = self._look_farther(met, wanting, points[wanting], radius, most)
        return met

    def _look_farther(self, met: _Met, wanting: Ints, points: Any, radius: float, most: int) -> Ints:
        """Try the nearest streets within a radius one after the other; give the doors that still want one."""
        row, edge = self.near.tree.query(points, predicate="dwithin", distance=radius)
        edge = self.near.rows[edge]
        order = np.lexsort((edge, shapely.distance(points[row], self.ways.line[edge]), row))
        row, edge = row[order], edge[order]
        nearest = np.arange(len(row)) - np.searchsorted(row, row) < most
        row, edge = row[nearest], edge[nearest]
        free = self._free(wanting[row], _on_street(self.doors[wanting[row]], edge, self.ways)[1])
        first = np.unique(row[free], return_index=True)[1]
        self._take(met, wanting[row[free][first]], edge[free][first])
        tried = np.bincount(row, minlength=len(wanting)) >= most
        return wanting[(met.edge[wanting] < 0) & ~tried]

    def _take(self, met: _Met, door: Ints, edge: Ints) -> None:
        """Write down the streets that doors meet, where nothing bars."""
        along, on = _on_street(self.doors[door], edge, self.ways)
        free = self._free(door, on)
        met.edge[door[free]], met.along[door[free]] = edge[free], along[free]
        met.leg[door[free]] = np.rint(lengths(self.doors[door], on)[free] * NM).astype(np.int64)

    def _free(self, door: Ints, on: Floats) -> Bools:
        return ~self.walls.bar(self.doors[door], on, None if self.own is None else self.own[door])


def meet(doors: Floats, owner: Ints, count: int, ways: Ways, walls: Walls) -> Stops:
    """
    Find where doors meet the streets.

    Parameters
    ----------
    doors
        Coordinates, (n, 2).
    owner
        The stop each door belongs to, 0 to `count` - 1; a stop may have several doors, or none.
    """
    near = _Looking(doors, ways, walls, ways.everywhere).found()
    lone = (near.edge < 0) | ~np.append(ways.main, False)[near.edge]
    cut_off = np.flatnonzero(lone)
    city = _Looking(doors[cut_off], ways, walls, ways.city).found()
    inside = walls.ground_of(doors[cut_off])
    by_gate = np.flatnonzero((city.edge < 0) & (inside >= 0))
    door, gate, gates, steps = _gates(doors[cut_off[by_gate]], inside[by_gate], ways, walls)
    rows = np.concatenate([np.arange(len(doors)), cut_off, cut_off[by_gate][door]])
    edge, along, leg = (
        np.concatenate([getattr(near, name), getattr(city, name), getattr(gates, name)[gate]])
        for name in ("edge", "along", "leg")
    )
    leg[len(leg) - len(steps) :] += steps
    via = np.full((len(rows), 2), np.nan)
    via[len(rows) - len(gate) :] = walls.gates[gate]
    kept = np.flatnonzero(edge >= 0)
    order = kept[np.lexsort((edge[kept], leg[kept], owner[rows[kept]]))]
    first = np.concatenate([[0], np.cumsum(np.bincount(owner[rows[order]], minlength=count))]).astype(np.int64)
    return Stops(first, edge[order], along[order], leg[order], doors[rows[order]], via[order])


def _on_street(doors: Floats, edge: Ints, ways: Ways) -> tuple[Ints, Floats]:
    """Give the nearest place on a street: nm from its beginning, and where that is."""
    along = shapely.line_locate_point(ways.line[edge], shapely.points(doors))
    along = np.nan_to_num(along)
    on = shapely.get_coordinates(shapely.line_interpolate_point(ways.line[edge], along))
    return np.clip(np.rint(along * NM).astype(np.int64), 0, ways.length[edge]), on


def _gates(doors: Floats, inside: Ints, ways: Ways, walls: Walls) -> tuple[Ints, Ints, _Met, Ints]:
    """Lead doors by the gates of their compound: rows of doors and gates, where gates meet streets, nm to the gate."""
    gates = _Looking(walls.gates, ways, walls, ways.city, walls.gate_of).found()
    usable = np.flatnonzero(gates.edge >= 0)
    door, nth = np.nonzero(inside[:, None] == walls.gate_of[usable][None, :])
    gate = usable[nth]
    free = ~walls.bar(doors[door], walls.gates[gate], inside[door])
    door, gate = door[free], gate[free]
    steps = np.rint(lengths(doors[door], walls.gates[gate]) * NM).astype(np.int64)
    return door, gate, gates, steps

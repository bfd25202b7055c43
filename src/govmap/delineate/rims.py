"""The rim of each unit: points along its outline that know their side of the compass and who lies across.

The four sides stand at right angles but not always to the north: where the outline has a main direction, as the streets
around it give it, they are turned with it, by less than half a right angle. So each street has one side and not two.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from govmap import geometry
from govmap.geometry import Bools, Floats, Ints

SIDES = ("north", "east", "south", "west")
STEP_M = 10.0
LEAST_POINTS = 12
REACH_POINTS = 2
SHARP = 4  # what looks half-way between two sides counts a quarter for each
TURNED_FROM = 0.2  # an outline whose pieces agree less than this has no main direction


@dataclass(frozen=True)
class Rim:
    """
    Points along outlines: the row of the unit, place, outward normal and the metres each point stands for.

    `across` is the row of the unit beyond, -1 where there is none; `side` how much each point says of north, east,
    south and west: its metres, more where it looks that way and lies far out on that side.
    """

    unit: Ints
    xy: Floats
    normal: Floats
    metres: Floats
    across: Ints
    side: Floats

    def take(self, chosen: Bools | Ints) -> "Rim":
        """Give some of the points."""
        return Rim(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


def rim(shapes: Any) -> Rim:
    """
    Walk along the outer outlines of units that share their vertices, as `plan.outlines` draws them.

    Parameters
    ----------
    shapes
        Polygons in metres, one a unit; empty ones have no points. Holes are passed over.
    """
    a, b, row = geometry.outlines(shapes)
    across = _across(a, b, row)
    ring = np.concatenate([[0], np.cumsum((a[1:] != b[:-1]).any(axis=1))]) if len(a) else np.zeros(0, np.int64)
    outer = geometry.sums(ring, a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], len(ring))[ring] > 0
    a, b, row, across, ring = a[outer], b[outer], row[outer], across[outer], ring[outer]
    point, number, ahead, behind, metres = _points(a, b, np.unique(ring, return_inverse=True)[1])
    way = point[ahead] - point[behind]
    normal = np.column_stack([way[:, 1], -way[:, 0]]) / np.maximum(np.hypot(*way.T), 1e-9)[:, None]
    unit = row[number]
    return Rim(unit, point, normal, metres, across[number], _sided(unit, point, normal, metres))


def _across(a: Floats, b: Floats, row: Ints) -> Ints:
    """Give the row beyond each directed piece of outline, -1 where no shape has the same piece."""
    xy, node = geometry.nodes(np.concatenate([a, b]))
    one, other = node[: len(a)], node[len(a) :]
    _, edge = np.unique(np.minimum(one, other) * len(xy) + np.maximum(one, other), return_inverse=True)
    both = np.rint(np.bincount(edge, row + 1.0)).astype(np.int64)
    beyond: Ints = both[edge] - row - 2
    return beyond


def _points(a: Floats, b: Floats, ring: Ints) -> tuple[Floats, Ints, Ints, Ints, Floats]:
    """Put points along rings at even steps: place, piece, the points a little ahead and behind, metres."""
    length = geometry.lengths(a, b)
    whole = geometry.sums(ring, length, 0)
    count: Ints = np.maximum(LEAST_POINTS, np.ceil(whole / STEP_M)).astype(np.int64)
    first: Ints = np.concatenate([[0], np.cumsum(count)[:-1]]) if len(count) else count
    mine: Ints = np.repeat(np.arange(len(count)), count)
    place = np.arange(len(mine)) - first[mine]
    step = whole / count
    along = (np.cumsum(whole) - whole)[mine] + (place + 0.5) * step[mine]
    end = np.cumsum(length)
    piece: Ints = np.minimum(np.searchsorted(end, along, side="right"), max(len(a) - 1, 0))
    share = (along - end[piece] + length[piece]) / np.maximum(length[piece], 1e-9)
    point = a[piece] + np.clip(share, 0, 1)[:, None] * (b[piece] - a[piece])
    ahead: Ints = first[mine] + (place + REACH_POINTS) % count[mine]
    behind: Ints = first[mine] + (place - REACH_POINTS) % count[mine]
    return point, piece, ahead, behind, step[mine]


def _sided(unit: Ints, point: Floats, normal: Floats, metres: Floats) -> Floats:
    """Say how much each point speaks for each of the four sides of its unit."""
    turn = _turned(unit, normal, metres)[unit]
    cos, sin = np.cos(turn), np.sin(turn)

    def put(xy: Floats) -> Floats:
        return np.column_stack([cos * xy[:, 0] + sin * xy[:, 1], cos * xy[:, 1] - sin * xy[:, 0]])

    looks, lies = put(normal), _in_box(unit, put(point))
    outward = np.column_stack([looks[:, 1], looks[:, 0], -looks[:, 1], -looks[:, 0]])
    far_out = np.column_stack([lies[:, 1], lies[:, 0], -lies[:, 1], -lies[:, 0]])
    weight: Floats = metres[:, None] * np.clip(outward, 0, None) ** SHARP * np.clip(far_out, 0, None)
    return weight


def _turned(unit: Ints, normal: Floats, metres: Floats) -> Floats:
    """Give the angle by which the sides of each unit are turned against the compass, 0 where nothing speaks for it."""
    angle = 4 * np.arctan2(normal[:, 1], normal[:, 0])
    east, north = (geometry.sums(unit, metres * part, 0) for part in (np.cos(angle), np.sin(angle)))
    agreed = np.hypot(east, north) >= TURNED_FROM * geometry.sums(unit, metres, 0)
    found: Floats = np.where(agreed, np.arctan2(north, east) / 4, 0.0)
    return found


def _in_box(unit: Ints, xy: Floats) -> Floats:
    """Give places from -1 to 1 in the box around each unit."""
    count = int(unit.max()) + 1 if len(unit) else 0
    low, high = np.full((count, 2), np.inf), np.full((count, 2), -np.inf)
    np.minimum.at(low, unit, xy)
    np.maximum.at(high, unit, xy)
    low, high = (np.where(np.isfinite(corner), corner, 0.0) for corner in (low, high))
    middle, half = (low + high) / 2, np.maximum((high - low) / 2, 1e-9)
    found: Floats = (xy - middle[unit]) / half[unit]
    return found

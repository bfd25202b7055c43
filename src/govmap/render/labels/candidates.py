"""Where labels of points and areas may stand: inside, aside, at the end of a leader line, or as a number.

Every place is one row of numbers; what it costs grows from a house number inside its house to a number that stands for
a name in a list. The order of places around a point is that of Imhof's Positioning names on maps (1975): right before
left, above before below.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from govmap.render.labels.measure import Measure, extent
from govmap.render.labels.words import Wanted

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Shapes: TypeAlias = NDArray[np.object_]

COLUMNS = ("label", "x", "y", "wide", "high", "angle", "size", "cost", "from_x", "from_y", "keyed", "aside")
ROUND = ((1, 0, 0.0), (1, -1, 0.1), (1, 1, 0.15), (-1, 0, 0.3), (-1, -1, 0.35), (-1, 1, 0.4), (0, -1, 0.5), (0, 1, 0.6))
TURNS = np.arange(16) * np.pi / 8
SHRUNK, TURNED, PROTRUDING, ASIDE, LED, KEYED = 0.8, 0.4, 1.0, 2.0, 4.0, 6.0
OUT_COST, MOST_OUT = 4.0, 0.5
LEADERS_MM = (2.5, 5.0, 9.0, 14.0)
PER_LEADER_MM = 0.15
GAP_MM = 0.35
HARDLY = 1e-6  # what rounding leaves
SLIM = 1.3  # so much longer than wide before a text is turned along an area
STEPS = np.array([0.25, 0.5, 0.75])


@dataclass(frozen=True)
class Candidates:
    """Places that labels may take: one row each, the columns of `COLUMNS`; `label` counts the labels of one map."""

    rows: Floats

    def __len__(self) -> int:
        return len(self.rows)

    def of(self, name: str) -> Floats:
        """Give one column."""
        return np.asarray(self.rows[:, COLUMNS.index(name)])

    def take(self, chosen: Any) -> "Candidates":
        """Give some of the places."""
        return Candidates(self.rows[chosen])

    def costlier(self, by: Floats) -> "Candidates":
        """Give the same places, dearer."""
        rows = self.rows.copy()
        rows[:, COLUMNS.index("cost")] += by
        return Candidates(rows)

    def boxes(self, more_mm: float = 0.0) -> Shapes:
        """Draw the ground each covers, with something around it."""
        return boxes(self.rows[:, 1:6], more_mm)

    def leaders(self) -> Shapes:
        """Draw the lines that lead to those that stand aside; None for all others."""
        found = np.full(len(self.rows), None, dtype=object)
        led = np.isfinite(self.of("from_x"))
        if led.any():
            ends = np.stack([self.rows[led][:, [8, 9]], ends_of(self.rows[led])], axis=1)
            found[led] = shapely.linestrings(ends)
        return found


def joined(some: Sequence[Candidates]) -> Candidates:
    """Give places of several kinds as one, sorted by label, then by cost as they came."""
    rows = np.concatenate([np.empty((0, len(COLUMNS))), *(one.rows for one in some)])
    return Candidates(rows[np.argsort(rows[:, 0], kind="stable")])


def cheapest(places: Candidates, most: int) -> Candidates:
    """Keep so many places of each label: the cheapest."""
    order = np.lexsort((places.of("cost"), places.of("label")))
    label = places.of("label")[order]
    rank = np.arange(len(order)) - np.searchsorted(label, label)
    return places.take(np.sort(order[rank < most]))


def boxes(places: Floats, more_mm: float = 0.0) -> Shapes:
    """Draw rectangles of (x, y, wide, high, degrees clockwise)."""
    turn = np.radians(places[:, 4])
    half = places[:, 2:4] / 2 + more_mm
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)])
    along, down = corners[:, 0] * half[:, [0]], corners[:, 1] * half[:, [1]]
    cos, sin = np.cos(turn)[:, None], np.sin(turn)[:, None]
    points = np.stack([places[:, [0]] + along * cos - down * sin, places[:, [1]] + along * sin + down * cos], axis=2)
    return np.asarray(shapely.polygons(points))


def ends_of(rows: Floats) -> Floats:
    """Give where leader lines meet the boxes of their labels (upright ones): on the way to their middle."""
    away = rows[:, [8, 9]] - rows[:, [1, 2]]
    half = rows[:, [3, 4]] / 2 + GAP_MM / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.nanmin(np.where(away == 0, np.inf, half / np.abs(away)), axis=1)
    return np.asarray(rows[:, [1, 2]] + away * np.minimum(share, 1.0)[:, None])


def sized(wanted: Wanted, text: str, size_mm: float, measure: Measure) -> tuple[float, float]:
    """Give width and height of what is written."""
    above, below = extent(text)
    return measure(text, size_mm, bold=wanted.bold), (above + below) * size_mm


def around(at: int, wanted: Wanted, measure: Measure, sizes: Sequence[float]) -> Floats:
    """Give the eight places around a point."""
    x, y = wanted.anchor.x, wanted.anchor.y
    found = []
    for size in sizes:
        wide, high = sized(wanted, wanted.text, size, measure)
        for to_x, to_y, cost in ROUND:
            gap = wanted.clear_mm + GAP_MM
            near = gap * (0.75 if to_x and to_y else 1.0)
            place = x + to_x * (near + wide / 2), y + to_y * (near + high / 2)
            dear = cost + (SHRUNK if size < wanted.size_mm else 0.0)
            found.append((at, *place, wide, high, 0.0, size, dear, np.nan, np.nan, 0.0, 1.0))
    return np.array(found)


def led(at: int, wanted: Wanted, measure: Measure, start: Floats, reach: Floats) -> Floats:
    """Give places all around at the ends of leader lines; `reach` is how far a thing goes in each of 16 turns."""
    wide, high = sized(wanted, wanted.text, wanted.least_mm, measure)
    to = np.column_stack([np.cos(TURNS), np.sin(TURNS)])
    own = reach + (np.abs(to) * (wide / 2, high / 2)).sum(axis=1)
    found = [
        (
            at,
            *(start + one * (far + more)),
            wide,
            high,
            0.0,
            wanted.least_mm,
            LED + PER_LEADER_MM * (far + more),
            *start,
            0.0,
            1.0,
        )
        for more in LEADERS_MM
        for one, far in zip(to, own, strict=True)
    ]
    return np.array(found)


def beside(at: int, wanted: Wanted, measure: Measure, start: Floats, reach: Floats, sizes: Sequence[float]) -> Floats:
    """Give places right beside an area, in 16 turns."""
    to = np.column_stack([np.cos(TURNS), np.sin(TURNS)])
    found = []
    for size in sizes:
        wide, high = sized(wanted, wanted.text, size, measure)
        far = (
            reach
            + GAP_MM
            + np.minimum(wide / 2 / np.maximum(np.abs(to[:, 0]), 1e-9), high / 2 / np.maximum(np.abs(to[:, 1]), 1e-9))
        )
        dear = ASIDE + (SHRUNK if size < wanted.size_mm else 0.0)
        place = start + to * far[:, None]
        rest = np.tile([wide, high, 0.0, size, dear, np.nan, np.nan, 0.0, 1.0], (len(to), 1))
        found.append(np.column_stack([np.full(len(to), at), place, rest]))
    return np.concatenate(found)


def inside(at: int, wanted: Wanted, measure: Measure, shape: Any, pole: Floats, *, number: str = "") -> Floats:
    """Give places in an area, at its roomiest point and on a grid, upright and turned; or those of a `number`."""
    west, north, east, south = shape.bounds
    grid = np.array([(west + a * (east - west), north + b * (south - north)) for a in STEPS for b in STEPS])
    spots = np.concatenate([pole[None], grid])
    text, keyed = number or wanted.text, bool(number)
    sizes = [wanted.least_mm] if keyed else sorted({wanted.size_mm, wanted.least_mm}, reverse=True)
    found = []
    for size in sizes:
        wide, high = sized(wanted, text, size, measure)
        for angle in sorted({0.0, long_side(shape)}, key=abs):
            cost = (
                (SHRUNK if size < wanted.size_mm and not keyed else 0)
                + (TURNED if angle else 0)
                + (KEYED if keyed else 0)
            )
            off = np.hypot(*(spots - pole).T) / max(wide, 0.1)
            rest = np.tile([wide, high, angle, size], (len(spots), 1))
            tail = np.tile([np.nan, np.nan, float(keyed), 0.0], (len(spots), 1))
            found.append(np.column_stack([np.full(len(spots), at), spots, rest, cost + 0.2 * np.minimum(off, 2), tail]))
    return np.concatenate(found)


def protruding(places: Candidates, shapes: Shapes) -> Candidates:
    """Make places in areas dearer by how much of a text stands out of them; leave out what stands out too far."""
    at = np.flatnonzero(places.of("aside") == 0)
    drawn = places.take(at).boxes()
    own = shapes[places.of("label")[at].astype(int)]
    out = np.zeros(len(places))
    out[at] = 1 - shapely.area(shapely.intersection(drawn, own)) / shapely.area(drawn)
    out[out < HARDLY] = 0.0
    return places.costlier(np.where(out > 0, PROTRUDING + OUT_COST * out, 0.0)).take(out <= MOST_OUT)


def long_side(shape: Any) -> float:
    """Give the direction of the long side of a slim area in degrees, read from the left or from below; else 0."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(shape))
    if len(corners) < 4:  # noqa: PLR2004 - no rectangle
        return 0.0
    sides = np.diff(corners[:3], axis=0)
    lengths = np.hypot(*sides.T)
    if lengths.max() < SLIM * lengths.min():
        return 0.0
    return upright(*sides[int(np.argmax(lengths))])


def upright(along: float, down: float) -> float:
    """Give the angle of a direction in degrees clockwise, turned so that nobody reads upside down; -90 is upward."""
    angle = round(float(np.degrees(np.arctan2(down, along))), 2)
    while angle >= 90:  # noqa: PLR2004 - upside down from here
        angle -= 180
    while angle < -90:  # noqa: PLR2004
        angle += 180
    return angle + 0.0


def reaches(shape: Any, start: Floats) -> Floats:
    """Say how far a shape goes from a point in each of 16 turns."""
    to = np.column_stack([np.cos(TURNS), np.sin(TURNS)])
    return np.asarray(np.max((shapely.get_coordinates(shape) - start) @ to.T, axis=0))

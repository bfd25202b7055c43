"""House numbers of streets that have none of their own, from streets beside them that cross the same ways.

Where numbers follow a grid, every street that crosses Broadway has about the same number there. What numbered streets
tell at a crossing is taken over by parallel streets at theirs, the nearest first, where they agree; and once more from
those that learned it so.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from govmap import addresses as wording
from govmap.addresses import StreetName
from govmap.attach.lines import FARTHEST_APART, Line, Numbering, numbering

Floats = npt.NDArray[np.float64]
ASKED, WITHIN_M, REACH_M, ROUNDS = 5, 800.0, 60.0, 2
PARALLEL_DEGREES, AGREE, FEWEST = 20.0, 40.0, 2


class Numbered(NamedTuple):
    """A line of a street and the numbers known along it."""

    name: StreetName
    line: Line
    numbers: Numbering


class _Crossing(NamedTuple):
    """Where a line meets another street: metres along it, place, bearing (0 to 180 degrees)."""

    line: int
    street: StreetName
    metres: float
    x: float
    y: float
    bearing: float


class _Told(NamedTuple):
    crossing: _Crossing
    side: str
    number: float


def shared(lines: Sequence[Numbered]) -> list[Numbering]:
    """Give for each line its numbers together with those that parallel streets tell at its crossings."""
    crossings = _crossings(lines)
    known = [one.numbers for one in lines]
    for _ in range(ROUNDS):
        told = _told(lines, known, crossings)
        known = [_with(lines[at], crossings[at], told) for at in range(len(lines))]
    return known


def _crossings(lines: Sequence[Numbered]) -> list[list[_Crossing]]:
    """Give the crossings of each line with streets of other names, one for each street and place."""
    at_node: dict[str, set[StreetName]] = defaultdict(set)
    for one in lines:
        for node in one.line.nodes:
            at_node[str(node)].add(one.name)
    found: list[list[_Crossing]] = []
    for number, one in enumerate(lines):
        bearing, x, y = _bearings(one.line)
        mine = [
            _Crossing(number, other, float(one.line.metres[place]), x[place], y[place], bearing[place])
            for place, node in enumerate(one.line.nodes)
            for other in sorted(at_node[str(node)])
            if other.core != one.name.core
        ]
        found.append(mine)
    return found


def _bearings(line: Line) -> tuple[Floats, Floats, Floats]:
    """Give the bearing of a line at each of its nodes, turned into 0 to 180 degrees, and where the nodes lie."""
    first, last = shapely.get_point(line.segments.shape, 0), shapely.get_point(line.segments.shape, -1)
    dx, dy = shapely.get_x(last) - shapely.get_x(first), shapely.get_y(last) - shapely.get_y(first)
    twice = 2 * np.arctan2(dx, dy)  # of doubled angles, so that there and back are one direction
    count = len(line.nodes)
    east, north, x, y = (np.zeros(count) for _ in range(4))
    for column, points in ((0, first), (1, last)):
        node = line.ends[:, column]
        np.add.at(east, node, np.sin(twice) * line.segments.length_m)
        np.add.at(north, node, np.cos(twice) * line.segments.length_m)
        x[node], y[node] = shapely.get_x(points), shapely.get_y(points)
    return np.degrees(np.arctan2(east, north)) / 2 % 180, x, y


def _told(
    lines: Sequence[Numbered], known: Sequence[Numbering], crossings: Sequence[list[_Crossing]]
) -> Mapping[StreetName, list[_Told]]:
    """Give for each street what the lines that cross it tell of the numbers there."""
    found: dict[StreetName, list[_Told]] = defaultdict(list)
    for at, mine in enumerate(crossings):
        numbers = known[at]
        if len(numbers.numbers) < FEWEST or not numbers.agrees:
            continue
        for crossing in mine:
            number = _number_at(numbers, crossing.metres)
            if number is not None:
                found[crossing.street].append(_Told(crossing, lines[at].name.side, number))
    return found


def _number_at(numbers: Numbering, metres: float) -> float | None:
    """Give the number at a place of a line, where known ones are near it on both sides or at it."""
    place = int(np.searchsorted(numbers.metres, metres))
    near = np.abs(numbers.metres - metres) <= REACH_M
    if 0 < place < len(numbers.metres):
        pair = numbers.numbers[place - 1 : place + 1]
        if near.any() or abs(pair[1] - pair[0]) <= FARTHEST_APART:
            return float(np.interp(metres, numbers.metres, numbers.numbers))
        return None
    return float(np.median(numbers.numbers[near])) if near.any() else None


def _with(one: Numbered, mine: list[_Crossing], told: Mapping[StreetName, list[_Told]]) -> Numbering:
    """Put what parallel streets tell to a line's own numbers."""
    learned = [
        (crossing.metres, number)
        for crossing in mine
        if (number := _agreed(one.name, crossing, told.get(crossing.street, ()))) is not None
    ]
    if not learned:
        return one.numbers
    metres, numbers = np.array(learned).T
    return numbering(np.concatenate([one.numbers.metres, metres]), np.concatenate([one.numbers.numbers, numbers]))


def _agreed(name: StreetName, here: _Crossing, told: Sequence[_Told]) -> float | None:
    """Give the number on which the nearest parallel streets agree; None where they do not, or one alone tells it."""
    near = []
    for one in told:
        away = float(np.hypot(one.crossing.x - here.x, one.crossing.y - here.y))
        turn = abs(one.crossing.bearing - here.bearing) % 180
        if one.crossing.line == here.line or away > WITHIN_M or min(turn, 180 - turn) > PARALLEL_DEGREES:
            continue
        if not (name.side and one.side and wording.opposite(name.side) == one.side):
            near.append((round(away, 2), one.crossing.line, one.number))
    numbers = np.array([number for _, _, number in sorted(near)[:ASKED]])
    if len(numbers) < FEWEST:
        return None
    middle = float(np.median(numbers))
    return middle if (np.abs(numbers - middle) <= AGREE).sum() > len(numbers) / 2 else None

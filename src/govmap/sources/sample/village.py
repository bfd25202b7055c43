"""A village that the city has grown round: crooked lanes, houses wall to wall and back to back, rooms to let."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np

from govmap.sources.sample.ground import Points


@dataclass(frozen=True, kw_only=True)
class Cottage:
    """One house: its outline and its number in its lane."""

    ring: Points
    lane: int
    number: int
    households: int
    levels: int


@dataclass(frozen=True, kw_only=True)
class Village:
    """Houses, lanes (crooked lines from west to east) and alleys between them (south to north)."""

    houses: tuple[Cottage, ...]
    lanes: tuple[Points, ...]
    alleys: tuple[Points, ...]


@dataclass(frozen=True, kw_only=True)
class _Row:
    """A row of houses: where its walls stand, how far each front lies back, and which lane it looks at."""

    walls: tuple[float, ...]
    fronts: tuple[float, ...]
    front_y: float
    back_y: float
    lane: int
    first: int


def build(facts: Mapping[str, Any], rng: Random) -> Village:
    """
    Lay out a village round the origin of its own plan.

    `facts` holds `strips` (pairs of rows back to back), `blocks` (widths between alleys, m), `house` (least and
    greatest width), `depth`, `lane` and `alley` (widths), `reach` (where the lanes end), `bow` (how crooked, m), `keep`
    (houses that stand) and `homes` (least and greatest number of households a house).
    """
    pairs = [_strip(strip, facts, rng) for strip in range(facts["strips"])]
    rings = [one for lower, upper in pairs for one in (*_houses(lower, upper), *_houses(upper, lower))]
    gone = set(rng.sample(range(len(rings)), len(rings) - facts["keep"]))
    standing = [one for number, one in enumerate(rings) if number not in gone]
    return Village(
        houses=tuple(_cottage(*one, facts, rng) for one in standing),
        lanes=tuple(_bowed(line, facts["bow"]) for line in _lanes(facts)),
        alleys=tuple(_bowed(line, facts["bow"]) for line in _alleys(facts)),
    )


def _pitch(facts: Mapping[str, Any]) -> float:
    return float(2 * facts["depth"] + facts["lane"])


def _strip(strip: int, facts: Mapping[str, Any], rng: Random) -> tuple[_Row, _Row]:
    """Give two rows that share their back wall."""
    south = strip * _pitch(facts)
    back = south + facts["depth"] + rng.uniform(-0.8, 0.8)
    north = south + 2 * facts["depth"]
    return (
        _row(facts, rng, front_y=south, back_y=back, lane=strip, first=1),
        _row(facts, rng, front_y=north, back_y=back, lane=strip + 1, first=2),
    )


def _row(facts: Mapping[str, Any], rng: Random, *, front_y: float, back_y: float, lane: int, first: int) -> _Row:
    walls, fronts, west = [], [], 0.0
    for width in facts["blocks"]:
        cuts = _cuts(width, facts["house"], rng)
        walls += [west + cut for cut in cuts]
        fronts += [rng.uniform(0.0, 1.1) for _ in cuts[1:]] + [math.nan]
        west += width + facts["alley"]
    return _Row(walls=tuple(walls), fronts=tuple(fronts), front_y=front_y, back_y=back_y, lane=lane, first=first)


def _cuts(width: float, house: tuple[float, float], rng: Random) -> list[float]:
    """Cut a block's width into houses."""
    count = round(width / (sum(house) / 2))
    widths = np.array([rng.uniform(*house) for _ in range(count)])
    return [0.0, *np.round(np.cumsum(widths) * width / widths.sum(), 2).tolist()]


def _houses(row: _Row, behind: _Row) -> Iterator[tuple[Points, int, int]]:
    """Give each house's outline with lane and number; corners of neighbours lie on its walls as points."""
    inward = 1.0 if row.back_y > row.front_y else -1.0
    number = row.first
    for house, front in enumerate(row.fronts):
        if math.isnan(front):
            continue
        west, east = row.walls[house : house + 2]
        y = row.front_y + inward * front
        sides = [_corner(row, house - 1, west, front, inward), _corner(row, house + 1, east, front, inward)]
        backs = [(x, row.back_y) for x in behind.walls if west < x < east]
        ring = [(west, y), (east, y), *sides[1], (east, row.back_y), *reversed(backs), (west, row.back_y), *sides[0]]
        yield np.array(ring), row.lane, number
        number += 2


def _corner(row: _Row, neighbour: int, x: float, front: float, inward: float) -> list[tuple[float, float]]:
    """Give the neighbour's front corner where it lies on this house's side wall."""
    if not 0 <= neighbour < len(row.fronts) or not row.fronts[neighbour] > front:
        return []
    return [(x, row.front_y + inward * row.fronts[neighbour])]


def _cottage(ring: Points, lane: int, number: int, facts: Mapping[str, Any], rng: Random) -> Cottage:
    least, most = facts["homes"]
    return Cottage(
        ring=_bowed(ring, facts["bow"]),
        lane=lane,
        number=number,
        households=rng.randint(least, most),
        levels=rng.choice((3, 4, 4, 5, 5, 6)),
    )


def _lanes(facts: Mapping[str, Any]) -> Iterator[Points]:
    west, east = facts["reach"]
    for lane in range(facts["strips"] + 1):
        y = lane * _pitch(facts) - facts["lane"] / 2
        yield np.column_stack([np.linspace(west, east, 16), np.full(16, y)])


def _alleys(facts: Mapping[str, Any]) -> Iterator[Points]:
    north = facts["strips"] * _pitch(facts)
    west = 0.0
    for width in facts["blocks"][:-1]:
        west += width
        yield np.column_stack([np.full(12, west + facts["alley"] / 2), np.linspace(-6, north + 2, 12)])
        west += facts["alley"]


def _bowed(line: Points, bow: float) -> Points:
    x, y = line[:, 0], line[:, 1]
    return np.column_stack(
        [x + 0.7 * bow * np.sin(y / 31 + 0.6), y + bow * np.sin(x / 37) + 0.4 * bow * np.sin(x / 13)]
    )

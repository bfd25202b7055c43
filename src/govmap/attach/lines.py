"""One street as a line with house numbers: how far along it a number lies, from the numbers that are known.

The metres along a street are walked from one of its ends through its own segments, so that bends and second
carriageways do no harm. Numbers that do not rise or fall with the others are left out. Between known numbers a
hundred-block is interpolated; beyond the last it is told for one block more, and only where the streets beside it tell
the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
BLOCK, MIDDLE = 100, 49.5
FARTHEST_APART, BEYOND, BESIDE_M = 400.0, 75.0, 40.0
# What is interpolated or told by streets beside needs more: hundreds next to each other, and a usual length of a block.
NEAR_APART, FEWEST_TOLD, USUAL_BLOCK_M, AGREE_M = 300.0, 3, 250.0, 100.0
SHORTEST_BLOCK_M, LONGEST_BLOCK_M = 30.0, 500.0
FEWEST_AGREEING = 0.7
LEAP, LEAP_M = 300.0, 30.0
INSIDE, BETWEEN, LEARNED, NEXT = 0.97, 0.9, 0.85, 0.8


class Segments(NamedTuple):
    """The segments of one street: their rows in the table of streets, end nodes, lengths and shapes."""

    row: Ints
    start: npt.NDArray[np.object_]
    stop: npt.NDArray[np.object_]
    length_m: Floats
    shape: npt.NDArray[np.object_]


class Stop(NamedTuple):
    """A place on a street: the row of its segment, the point, how sure it is (0 to 1)."""

    row: int
    point: shapely.Point
    score: float


@dataclass(frozen=True)
class Line:
    """A street without gaps, measured in metres from one end: nodes with their metres, segments by their nodes."""

    segments: Segments
    nodes: npt.NDArray[np.object_]
    metres: Floats
    ends: npt.NDArray[np.int64]

    @property
    def length_m(self) -> float:
        """How far it is from end to end."""
        return float(self.metres.max())

    def along(self, points: npt.NDArray[np.object_]) -> tuple[Floats, Floats]:
        """Give the metres along the street of the place nearest to each point, and how far it is to there."""
        near, away = shapely.STRtree(self.segments.shape).query_nearest(points, return_distance=True, all_matches=False)
        order = np.argsort(near[0], kind="stable")
        row = near[1][order]
        share = shapely.line_locate_point(self.segments.shape[row], points, normalized=True)
        first, last = self.metres[self.ends[row, 0]], self.metres[self.ends[row, 1]]
        return first + (last - first) * share, away[order]

    def at(self, metres: float, score: float) -> Stop:
        """Give the place so many metres along: of several segments side by side on that of the smallest row."""
        first, last = self.metres[self.ends[:, 0]], self.metres[self.ends[:, 1]]
        away = np.maximum(np.minimum(first, last) - metres, metres - np.maximum(first, last))
        level = np.where(np.abs(last - first) < self.segments.length_m / 2, 1.0, 0.0)
        best = int(np.lexsort((self.segments.row, level, np.maximum(away, 0.0).round(2)))[0])
        span = last[best] - first[best]
        share = 0.5 if span == 0 else float(np.clip((metres - first[best]) / span, 0.0, 1.0))
        point = shapely.line_interpolate_point(self.segments.shape[best], share, normalized=True)
        return Stop(int(self.segments.row[best]), point, score)


def lines(segments: Segments, *, apart_m: float = 300.0) -> list[Line]:
    """Give the lines of one street: pieces nearer than `apart_m` are one, the numbers run on over the gap."""
    nodes, ends = np.unique(np.concatenate([segments.start, segments.stop]).astype(str), return_inverse=True)
    ends = ends.reshape(2, -1).T
    places = _places(segments, ends, len(nodes))
    graph = _bridged(ends, segments.length_m, places, apart_m)
    found, left = [], np.ones(len(nodes), dtype=bool)
    while left.any():
        reached = np.isfinite(dijkstra(graph, directed=False, indices=int(np.flatnonzero(left)[0])))
        mine = np.flatnonzero(reached[ends[:, 0]])
        found.append(_line(segments, ends, mine, nodes, graph))
        left &= ~reached
    return found


def _places(segments: Segments, ends: Ints, count: int) -> Floats:
    """Give the coordinates of each node, from the ends of the segments' shapes."""
    places = np.zeros((count, 2))
    for column, where in ((0, 0), (1, -1)):
        points = shapely.get_point(segments.shape, where)
        places[ends[:, column]] = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    return places


def _bridged(ends: Ints, length_m: Floats, places: Floats, apart_m: float) -> csr_matrix:
    """Give the street's graph, with straight lines between carriageways side by side and pieces near each other."""
    beside = cKDTree(places).query_pairs(BESIDE_M, output_type="ndarray").astype(np.int64)
    across = np.hypot(*(places[beside[:, 0]] - places[beside[:, 1]]).T) if len(beside) else np.zeros(0)
    pairs = np.vstack([np.sort(ends, axis=1), np.sort(beside, axis=1)])
    cost = np.concatenate([length_m, across])
    graph = _graph(pairs, cost, len(places))
    while (link := _nearest_pieces(graph, places, apart_m)) is not None:
        pairs, cost = np.vstack([pairs, link[:2]]), np.append(cost, link[2])
        graph = _graph(pairs, cost, len(places))
    return graph


def _graph(pairs: Any, cost: Floats, count: int) -> csr_matrix:
    """Give a graph in which of several ways between two nodes the shortest counts."""
    order = np.lexsort((cost, pairs[:, 1], pairs[:, 0]))
    pairs, cost = pairs[order], np.maximum(cost[order], 1e-3)
    first = np.unique(pairs, axis=0, return_index=True)[1]
    return csr_matrix((cost[first], (pairs[first, 0], pairs[first, 1])), shape=(count, count))


def _nearest_pieces(graph: csr_matrix, places: Floats, apart_m: float) -> tuple[int, int, float] | None:
    """Give two nodes of different pieces that lie near each other, and how far; None where none do."""
    pieces, of = connected_components(graph, directed=False)
    for piece in range(1, pieces):
        mine, others = np.flatnonzero(of == piece), np.flatnonzero(of != piece)
        away, near = cKDTree(places[others]).query(places[mine])
        best = int(np.argmin(away.round(3)))
        if away[best] <= apart_m:
            one, other = int(mine[best]), int(others[near[best]])
            return min(one, other), max(one, other), float(away[best])
    return None


def _line(segments: Segments, ends: Ints, mine: Ints, nodes: npt.NDArray[np.object_], graph: csr_matrix) -> Line:
    """Measure one line from its end: the node farthest from the node farthest from its first."""
    own = np.unique(ends[mine])
    first = dijkstra(graph, directed=False, indices=int(own[0]))[own]
    second = dijkstra(graph, directed=False, indices=int(own[_farthest(first)]))[own]
    one, other = own[_farthest(first)], own[_farthest(second)]
    metres = dijkstra(graph, directed=False, indices=int(min(one, other)))[own]
    number = np.full(len(nodes), -1, dtype=np.int64)
    number[own] = np.arange(len(own))
    row, start, stop, length_m, shape = segments
    held = Segments(row[mine], start[mine], stop[mine], length_m[mine], shape[mine])
    return Line(held, nodes[own], metres, number[ends[mine]])


def _farthest(metres: Floats) -> int:
    """Give the place of the largest distance, the first among equals to a millimetre."""
    return int(np.argmax(np.round(metres, 3)))


@dataclass(frozen=True)
class Numbering:
    """The house numbers known along a line: metres, and the numbers there, which rise or fall all the way."""

    metres: Floats
    numbers: Floats
    agreeing: float = 1.0

    def block(self, low: int, length_m: float) -> tuple[float, float] | None:
        """Give the metres of the middle of a block of a hundred numbers and how sure it is; None where not known."""
        if len(self.numbers) == 0 or not self.agrees:
            return None
        order = np.argsort(self.numbers, kind="stable")
        numbers, metres = self.numbers[order], self.metres[order]
        inside = (numbers >= low) & (numbers < low + BLOCK)
        middle = low + MIDDLE
        if inside.any():
            return self._inside(middle, numbers, metres, inside, length_m)
        place = int(np.searchsorted(numbers, middle))
        if 0 < place < len(numbers):
            return _between(middle, numbers[place - 1 : place + 1], metres[place - 1 : place + 1])
        return self._beyond(middle, numbers, metres, length_m)

    def _inside(
        self, middle: float, numbers: Floats, metres: Floats, inside: npt.NDArray[np.bool_], length_m: float
    ) -> tuple[float, float]:
        """Give the middle of a block some numbers of which are known: not farther from them than half a block."""
        slack = min(self.metres_a_number * BLOCK / 2, LONGEST_BLOCK_M / 4)
        thought = float(np.interp(middle, numbers, metres))
        low, high = float(metres[inside].min()), float(metres[inside].max())
        if numbers[-1] < middle or numbers[0] > middle:
            edge = numbers[-1] if numbers[-1] < middle else numbers[0]
            thought = float(np.median(metres[inside])) + self._direction * (middle - edge) * self.metres_a_number
        return float(np.clip(np.clip(thought, low - slack, high + slack), 0.0, length_m)), INSIDE

    def _beyond(self, middle: float, numbers: Floats, metres: Floats, length_m: float) -> tuple[float, float] | None:
        """Give the middle of the block next to the last known number, where the street goes on as far."""
        at = 0 if middle < numbers[0] else -1
        apart = middle - numbers[at]
        if abs(apart) > BLOCK + BEYOND / 2 or len(np.unique(numbers // BLOCK)) < 2:  # noqa: PLR2004 - a slope needs two
            return None
        thought = float(metres[at]) + self._direction * apart * self.metres_a_number
        return (thought, NEXT) if 0 <= thought <= length_m else None

    def learned(self, low: int) -> tuple[float, float] | None:
        """Give the middle of a block between two numbers, of which some were told by parallel streets."""
        order = np.argsort(self.numbers, kind="stable")
        numbers, metres = self.numbers[order], self.metres[order]
        place = int(np.searchsorted(numbers, low + MIDDLE))
        if not self.agrees or len(numbers) < FEWEST_TOLD or not 0 < place < len(numbers):
            return None
        pair = slice(place - 1, place + 1)
        found = _between(low + MIDDLE, numbers[pair], metres[pair], longest_m=USUAL_BLOCK_M)
        return None if found is None else (found[0], LEARNED)

    @property
    def agrees(self) -> bool:
        """Tell whether the numbers of the line follow one another as one street's do."""
        return self.agreeing >= FEWEST_AGREEING

    @property
    def _direction(self) -> float:
        return 1.0 if np.dot(self.metres - self.metres.mean(), self.numbers - self.numbers.mean()) >= 0 else -1.0

    @property
    def metres_a_number(self) -> float:
        """How many metres one number takes, within reason."""
        rise = np.abs(np.subtract.outer(self.numbers, self.numbers))
        run = np.abs(np.subtract.outer(self.metres, self.metres))
        apart = rise >= BLOCK / 2
        usual = float(np.median(run[apart] / rise[apart])) if apart.any() else 1.0
        return float(np.clip(usual, SHORTEST_BLOCK_M / BLOCK, LONGEST_BLOCK_M / BLOCK))


def witnessed(
    own: Numbering, all_numbers: Numbering, low: int, length_m: float
) -> tuple[tuple[float, float] | None, bool]:
    """
    Say where a block lies by a line's own numbers and by those of the streets beside it.

    Parameters
    ----------
    own, all_numbers
        The numbers along the line: its own, and with those that parallel streets tell.
    low, length_m
        The lowest number of the block, and the length of the line.

    Returns
    -------
    place, guessed
        Metres along the line and how sure it is, or None; and whether there was a guess that nothing else bears out.
    """
    found, beside = own.block(low, length_m), all_numbers.learned(low)
    if found is None or found[1] == INSIDE:
        return found or beside, False
    agreed = beside is not None and abs(beside[0] - found[0]) <= AGREE_M
    if found[1] == NEXT:
        return (beside, False) if agreed else (None, True)
    return (found, False) if agreed or beside is None else (None, True)


def _between(
    middle: float, numbers: Floats, metres: Floats, *, longest_m: float = LONGEST_BLOCK_M
) -> tuple[float, float] | None:
    """Give the middle of a block between two known numbers, unless they are too far apart to tell."""
    rise, run = float(numbers[1] - numbers[0]), abs(float(metres[1] - metres[0]))
    if rise > NEAR_APART or not SHORTEST_BLOCK_M <= run * BLOCK / rise <= longest_m:
        return None
    return float(np.interp(middle, numbers, metres)), BETWEEN


def numbering(metres: Floats, numbers: Floats) -> Numbering:
    """Keep the numbers that rise or fall together along a line: the longest run of hundreds without a step back."""
    order = np.lexsort((numbers, metres))
    metres, numbers = metres[order], numbers[order]
    hundreds = (numbers // BLOCK).astype(np.int64)
    up, down = _longest_rise(hundreds), _longest_rise(-hundreds)
    kept = _without_leaps(metres, numbers, up if len(up) >= len(down) else down)
    return Numbering(metres[kept], numbers[kept], len(kept) / max(len(numbers), 1))


def _without_leaps(metres: Floats, numbers: Floats, kept: Ints) -> Ints:
    """Leave out numbers that leap from those beside them, 25227 after 2522: the longest run without a leap is kept."""
    leap = (np.abs(np.diff(numbers[kept])) > LEAP) & (np.abs(np.diff(metres[kept])) < LEAP_M)
    runs = np.split(kept, np.flatnonzero(leap) + 1)
    return max(runs, key=len) if len(runs) > 1 else kept


def _longest_rise(values: Sequence[int] | Ints) -> Ints:
    """Give the places of the longest run that never falls (patience sorting)."""
    from bisect import bisect_right

    tails: list[int] = []
    last: list[int] = []
    before = np.full(len(values), -1, dtype=np.int64)
    for place, value in enumerate(values):
        at = bisect_right(tails, value)
        before[place] = last[at - 1] if at else -1
        tails[at : at + 1] = [int(value)]
        last[at : at + 1] = [place]
    run, place = [], last[-1] if last else -1
    while place >= 0:
        run.append(place)
        place = int(before[place])
    return np.array(run[::-1], dtype=np.int64)

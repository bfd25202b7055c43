"""Who stands where: one place for each label so that none meets another, at the least cost.

First each label in turn, the most important first, takes the cheapest place that is free; then labels that found none,
or a dear one, try every place of theirs while those in the way look for another. The conflict graph is that of
Yamamoto, Camara and Lorena (Tabu search heuristic for point-feature cartographic label placement, 2002); nothing here
is random, and the effort is counted in tries, never in seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely

from govmap.render.labels.candidates import Candidates, Floats, Ints

BETWEEN_MM = 0.18  # free ground around every text, on each side
DEAR = 1.0
TRIES, ROUNDS = 20_000, 6
MOST_IN_THE_WAY = 3
NONE = -1


def meetings(places: Candidates, more: tuple[Ints, Ints] | None = None) -> tuple[Ints, Ints]:
    """Give the pairs of places that cannot both be taken (each pair both ways), sorted."""
    label = places.of("label").astype(np.int64)
    lines = places.leaders()
    with_line = np.flatnonzero(lines != None)  # noqa: E711 - elementwise
    pairs = [_boxes_met(places, label)]
    if len(with_line):
        tree = shapely.STRtree(places.boxes(BETWEEN_MM))
        led, crossed = tree.query(lines[with_line], predicate="intersects")
        one, other = shapely.STRtree(lines[with_line]).query(lines[with_line], predicate="intersects")
        pairs += [np.stack([with_line[led], crossed]), np.stack([crossed, with_line[led]])]
        pairs.append(np.stack([with_line[one], with_line[other]]))
    pairs += [np.stack(more), np.stack(more[::-1])] if more is not None else []
    keys = np.sort(np.concatenate([_keys(some, label) for some in pairs]))
    keys = keys[np.diff(keys, prepend=-1) > 0]  # what numpy's own `unique` does many times slower
    return keys // len(places), keys % len(places)


def _keys(pairs: Ints, label: Ints) -> Ints:
    """Give pairs of places of different labels as one number each."""
    apart = pairs[:, label[pairs[0]] != label[pairs[1]]].astype(np.int64)
    return np.asarray(apart[0] * len(label) + apart[1])


def _boxes_met(places: Candidates, label: Ints) -> Ints:
    """Give the pairs of places whose texts meet; only where one is turned do its edges not say that."""
    shapes, turned = places.boxes(BETWEEN_MM), places.of("angle") % 90 != 0
    first, second = shapely.STRtree(shapes).query(shapes)
    once = (first < second) & (label[first] != label[second])
    first, second = first[once], second[once]
    unsure = np.flatnonzero(turned[first] | turned[second])
    met = np.ones(len(first), dtype=bool)
    met[unsure] = shapely.intersects(shapes[first[unsure]], shapes[second[unsure]])
    first, second = first[met], second[met]
    return np.stack([np.concatenate([first, second]), np.concatenate([second, first])])


@dataclass
class Board:
    """The places that are taken, and how many taken ones stand in the way of each place."""

    label: Ints
    cost: Floats
    drop: Floats
    first: Ints
    beside: Ints
    starts: Ints
    chosen: Ints = field(init=False)
    blocked: Ints = field(init=False)
    tries: int = TRIES

    def __post_init__(self) -> None:
        self.chosen = np.full(len(self.drop), NONE, dtype=np.int64)
        self.blocked = np.zeros(len(self.cost), dtype=np.int64)

    def own(self, label: int) -> slice:
        """Say which places a label has."""
        return slice(int(self.first[label]), int(self.first[label + 1]))

    def near(self, place: int) -> Ints:
        """Give the places that one excludes."""
        return self.beside[self.starts[place] : self.starts[place + 1]]

    def take(self, label: int, place: int) -> None:
        """Let a label stand somewhere, or nowhere."""
        before = self.chosen[label]
        if before != NONE:
            self.blocked[self.near(int(before))] -= 1
        if place != NONE:
            self.blocked[self.near(place)] += 1
        self.chosen[label] = place

    def price(self, label: int) -> float:
        """Say what a label costs now."""
        at = self.chosen[label]
        return float(self.drop[label] if at == NONE else self.cost[at])

    def cheapest(self, label: int) -> int:
        """Give the cheapest free place of a label, or none."""
        mine = self.own(label)
        free = np.where(self.blocked[mine] == 0, self.cost[mine], np.inf)
        if not len(free) or free.min() >= self.drop[label]:
            return NONE
        return int(mine.start + np.argmin(free))


def solve(places: Candidates, drop: Floats, order: Sequence[int], pairs: tuple[Ints, Ints]) -> Ints:
    """
    Choose a place for each label, or none.

    Parameters
    ----------
    places
        Sorted by label.
    drop
        What it costs to leave a label out.
    order
        In which order labels come to their first places.
    pairs
        Which places exclude each other.

    Returns
    -------
    chosen
        The row of `places` of each label, -1 for none.
    """
    label = places.of("label").astype(np.int64)
    starts = np.searchsorted(pairs[0], np.arange(len(places) + 1))
    first = np.searchsorted(label, np.arange(len(drop) + 1))
    board = Board(label, places.of("cost"), drop, first, pairs[1], starts)
    for one in order:
        board.take(one, board.cheapest(one))
    for _ in range(ROUNDS):
        better = [_improve(board, one) for one in order if board.price(one) > DEAR]
        if not any(better) or board.tries <= 0:
            break
    return board.chosen


def _improve(board: Board, label: int) -> bool:
    """Let one label try its cheaper places, cheapest first, while those in the way look for others."""
    mine = board.own(label)
    prices = board.cost[mine]
    found = False
    for place in (mine.start + np.argsort(prices, kind="stable")).tolist():
        if board.cost[place] >= board.price(label) or board.tries <= 0:
            break
        board.tries -= 1
        if _pushed(board, label, place):
            found = True
            break
    return found


def _pushed(board: Board, label: int, place: int) -> bool:
    """Take a place and move those in its way; all as it was where that gains nothing."""
    near = board.near(place)
    standing = near[board.chosen[board.label[near]] == near]
    if len(standing) > MOST_IN_THE_WAY:
        return False
    inside = sorted(board.label[standing].tolist())
    touched = [label, *inside]
    before = [(one, int(board.chosen[one])) for one in touched]
    cost = sum(board.price(one) for one in touched)
    for one in inside:
        board.take(one, NONE)
    board.take(label, place)
    for one in inside:
        board.take(one, board.cheapest(one))
    if sum(board.price(one) for one in touched) < cost - 1e-9:
        return True
    for one, _ in before:
        board.take(one, NONE)
    for one, at in before:
        board.take(one, at)
    return False

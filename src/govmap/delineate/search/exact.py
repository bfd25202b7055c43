"""Best divisions of small ground, proven: every set of atoms that may be a unit, and the cheapest sets that cover all.

A set hangs together, lies within the band, and leaves ground that can still be divided. Sets are grown from one atom,
each further atom taken in or left out for good; what cannot become a unit, or only too dear a one, is not grown on.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from govmap.delineate.problem import Flags, Ints, Reals
from govmap.geometry import compiled

# Words of 64 atoms in which a set is kept, and so the most atoms; the most sets; steps of growing and of covering.
WORDS = 2
ATOMS = 64 * WORDS
SETS = 600_000
STEPS, WORK = 20_000_000, 800_000_000
FEW = 40
FREE, INSIDE, OUTSIDE = 0, 1, 2


class Band(NamedTuple):
    """Weights of the atoms, and what units there must be."""

    weight: Ints
    low: int
    high: int
    units: int


class Graph(NamedTuple):
    """Where the neighbours of each atom begin, and the neighbours one behind the other."""

    first: Ints
    near: Ints


class Sets(NamedTuple):
    """Room for sets found: one row a set, what its atoms add up to, and how many there are."""

    inside: Flags
    value: Reals
    number: Ints


def room(sets: int, atoms: int) -> Sets:
    """Make room for so many sets."""
    return Sets(np.zeros((sets, atoms), dtype=np.bool_), np.zeros(sets), np.zeros(1, dtype=np.int64))


@compiled
def rest_fits(state: Ints, band: Band, graph: Graph, queue: Ints) -> bool:
    """Whether the ground outside a set can be divided into the units that are left, by the weight of its pieces."""
    seen = state == INSIDE
    fewest, most = 0, 0
    for root in range(len(state)):
        if seen[root]:
            continue
        seen[root], queue[0], head, tail, weight = True, root, 0, 1, 0
        while head < tail:
            atom = queue[head]
            head += 1
            weight += band.weight[atom]
            for way in range(graph.first[atom], graph.first[atom + 1]):
                other = graph.near[way]
                if not seen[other]:
                    seen[other], queue[tail] = True, other
                    tail += 1
        fewer = max(1, -(-weight // band.high))
        more = band.units if band.low <= 0 else weight // band.low
        if fewer > more:
            return False
        fewest, most = fewest + fewer, most + more
    return fewest <= band.units - 1 <= most


@compiled
def in_reach(start: int, state: Ints, weight: Ints, left: int, graph: Graph, reach: Flags, queue: Ints) -> None:
    """Flag what a set may still come to hold."""
    reach[:] = False
    reach[start], queue[0], head, tail = True, start, 0, 1
    while head < tail:
        atom = queue[head]
        head += 1
        for way in range(graph.first[atom], graph.first[atom + 1]):
            other = graph.near[way]
            if reach[other] or state[other] == OUTSIDE or (state[other] == FREE and weight[other] > left):
                continue
            reach[other], queue[tail] = True, other
            tail += 1


@compiled
def least_value(held: int, value: float, state: Ints, reach: Flags, gain: Reals, order: Ints, band: Band) -> float:
    """Give the least that a set can come to, were atoms divisible; `order` is by gain a weight. Infinite: too light."""
    for i in order:
        if state[i] != FREE or not reach[i]:
            continue
        space = band.high - held if gain[i] < 0 else band.low - held
        if space <= 0 and (gain[i] >= 0 or band.weight[i] > 0):
            break
        if band.weight[i] > space:
            return float(value + gain[i] * (space / band.weight[i]))
        held += band.weight[i]
        value += gain[i]
    return value if held >= band.low else np.inf


@compiled
def next_atom(state: Ints, reach: Flags, order: Ints, graph: Graph) -> int:
    """Give the most gainful atom beside a set that is still free, -1 where there is none."""
    for i in order:
        if state[i] == FREE and reach[i]:
            for way in range(graph.first[i], graph.first[i + 1]):
                if state[graph.near[way]] == INSIDE:
                    return int(i)
    return -1


@compiled
def is_middle(state: Ints, start: int, cost: Reals) -> bool:
    """Whether a set costs least around the atom it was grown from; of equals the first counts."""
    inside = np.flatnonzero(state == INSIDE)
    own = 0.0
    for i in inside:
        own += cost[i, start]
    for j in inside:
        other = 0.0
        for i in inside:
            other += cost[i, j]
            if other > own:
                break
        if other < own or (other == own and j < start):
            return False
    return True


@compiled
def grow(  # noqa: C901 - one walk through a tree, which calls would slow
    start: int,
    state: Ints,
    gain: Reals,
    order: Ints,
    cost: Reals,
    band: Band,
    graph: Graph,
    found: Sets,
    most: float,
    margin: float,
    steps: int,
) -> tuple[int, float]:
    """
    Find the sets grown from one atom whose gains come to no more than `most`.

    `state` says what lies outside from the first. Only sets around `start` by `cost` count, where `cost` has rows. With
    a finite `margin` no set is looked for that is dearer than the best so far by more, and only the first `FEW` are
    kept. Gives the steps taken, -1 where they or the room for sets did not suffice, and the least value found.
    """
    n = len(state)
    chosen, taken, depth = np.empty(n + 1, np.int64), np.empty(n + 1, np.bool_), 0
    reach, queue = np.zeros(n, np.bool_), np.empty(n, np.int64)
    state[start] = INSIDE
    held, value, best, done = band.weight[start], gain[start], np.inf, 0
    before = found.number[0]
    while True:
        done += 1
        atom = -1
        if held <= band.high:
            in_reach(start, state, band.weight, band.high - held, graph, reach, queue)
            if least_value(held, value, state, reach, gain, order, band) <= most:
                atom = next_atom(state, reach, order, graph)
                fits = atom < 0 and held >= band.low and value <= most and rest_fits(state, band, graph, queue)
                if fits and (len(cost) == 0 or is_middle(state, start, cost)):
                    number = found.number[0]
                    if number >= len(found.value):
                        return -1, best
                    if margin == np.inf or number < before + FEW:
                        found.inside[number] = state == INSIDE
                        found.value[number] = value
                        found.number[0] += 1
                    best = min(best, value)
                    most = min(most, best + margin)
        if atom >= 0:
            chosen[depth], taken[depth], state[atom] = atom, True, INSIDE
            depth, held, value = depth + 1, held + band.weight[atom], value + gain[atom]
            continue
        if done > steps:
            return -1, best
        while depth > 0 and not taken[depth - 1]:
            depth -= 1
            state[chosen[depth]] = FREE
        if depth == 0:
            return done, best
        atom = chosen[depth - 1]
        taken[depth - 1], state[atom] = False, OUTSIDE
        held, value = held - band.weight[atom], value - gain[atom]


def packed(inside: Flags) -> np.ndarray[tuple[int, int], np.dtype[np.uint64]]:
    """Keep each set as bits of whole words."""
    wide = np.zeros((len(inside), ATOMS), dtype=np.bool_)
    wide[:, : inside.shape[1]] = inside
    words: np.ndarray[tuple[int, int], np.dtype[np.uint64]] = np.packbits(wide, axis=1, bitorder="little").view(
        np.uint64
    )
    return words


@compiled
def rarest(inside: Flags, alive: Ints, covered: Flags) -> int:
    """Give the atom not yet covered that the fewest sets hold."""
    count = np.zeros(len(covered), np.int64)
    for row in alive:
        for i in range(len(covered)):
            count[i] += inside[row, i]
    best = -1
    for i in range(len(covered)):
        if not covered[i] and (best < 0 or count[i] < count[best]):
            best = i
    return best


@compiled
def cover(  # noqa: C901, PLR0912 - one walk through a tree, which calls would slow
    inside: Flags, words: Ints, value: Reals, units: int, most: float, work: int
) -> tuple[Ints, bool]:
    """
    Choose sets that hold every atom once, at the least sum of values under `most`.

    Values are not negative, sets sorted by them. Gives the rows chosen, none where nothing is cheap enough, and whether
    that is proven within so much work.
    """
    sets, n = inside.shape
    alive, size = np.empty((units, sets), np.int64), np.zeros(units, np.int64)
    place, atom = np.zeros(units, np.int64), np.zeros(units, np.int64)
    spent, chosen = np.zeros(units + 1), np.zeros(units, np.int64)
    covered, best = np.zeros((units + 1, n), np.bool_), np.zeros(0, np.int64)
    for row in range(sets):
        alive[0, row] = row
    depth, size[0], done = 0, sets, 0
    atom[0] = rarest(inside, alive[0, :sets], covered[0])
    while depth >= 0:
        row = -1
        while place[depth] < size[depth]:
            one = alive[depth, place[depth]]
            place[depth] += 1
            if spent[depth] + value[one] >= most:
                place[depth] = size[depth]
            elif inside[one, atom[depth]]:
                row = one
                break
        if row < 0:
            depth -= 1
            continue
        chosen[depth], spent[depth + 1] = row, spent[depth] + value[row]
        covered[depth + 1] = covered[depth] | inside[row]
        if covered[depth + 1].all():
            if depth == units - 1:
                most, best = spent[depth + 1], chosen.copy()
            continue
        if depth == units - 1:
            continue
        done += size[depth]
        if done > work:
            return best, False
        kept = 0
        for t in range(size[depth]):
            other = alive[depth, t]
            if spent[depth + 1] + value[other] >= most:
                break
            if (words[row, 0] & words[other, 0]) == 0 and (words[row, 1] & words[other, 1]) == 0:
                alive[depth + 1, kept] = other
                kept += 1
        if kept > 0:
            depth, done = depth + 1, done + kept * 16
            size[depth], place[depth] = kept, 0
            atom[depth] = rarest(inside, alive[depth, :kept], covered[depth])
    return best, True


def split_exactly(
    weight: Ints,
    i: Ints,
    j: Ints,
    value: Callable[[Flags], Reals],
    number: int,
    low: int,
    high: int,
    *,
    steps: int = STEPS,
    work: int = WORK,
) -> tuple[Ints | None, bool]:
    """
    Divide a little ground into so many units that hang together, at the least sum of their values.

    Parameters
    ----------
    weight
        Of each atom; meant for up to 20 atoms, at most 128.
    i, j
        Borders across which a unit may go on.
    value
        Says what sets of atoms are worth as units, given one row of flags a set; any finite numbers.
    low, high
        Least and greatest weight of a unit.
    steps, work
        How much may be looked at while sets are grown, and while units are put together to divisions.

    Returns
    -------
    label
        Unit of each atom, counted from 0 in the order of their first atoms; None where none was found.
    proven
        Whether nothing cheaper exists (without a label: nothing at all). Budgets count steps, so that the same input
        gives the same answer.

    Raises
    ------
    ValueError
        More than 128 atoms.
    """
    if len(weight) > ATOMS:
        raise ValueError("at most 128 atoms")
    if number < 1 or len(weight) < number:
        return None, True
    inside, complete = _every_set(Band(weight.astype(np.int64), low, high, number), _graph(len(weight), i, j), steps)
    if not len(inside):
        return None, complete
    # Every division has as many units, so that the same may be added to the value of each.
    worth = value(inside)
    worth = worth - worth.min()
    order = np.argsort(worth, kind="stable")
    inside, worth = inside[order], worth[order]
    rows, proven = cover(inside, packed(inside).view(np.int64), worth, number, np.inf, work)
    if not len(rows):
        return None, complete and proven
    return numbered(np.argmax(inside[rows], axis=0)), complete and proven


def numbered(found: Ints) -> Ints:
    """Number units from 0 in the order of their first atoms."""
    _, first, unit = np.unique(found, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    label: Ints = rank[unit]
    return label


def _graph(n: int, i: Ints, j: Ints) -> Graph:
    here, there = np.concatenate([i, j]), np.concatenate([j, i])
    order = np.lexsort((there, here))
    return Graph(np.searchsorted(here[order], np.arange(n + 1)).astype(np.int64), there[order].astype(np.int64))


def _every_set(band: Band, graph: Graph, steps: int) -> tuple[Flags, bool]:
    """Find every set that may be a unit, each grown from its first atom; say whether all were found."""
    n = len(band.weight)
    found, complete = room(min(SETS, 2**n), n), True
    left, nothing = steps, np.zeros((0, 0))
    order = np.argsort(-band.weight, kind="stable")
    for start in range(n):
        state = np.where(np.arange(n) < start, OUTSIDE, FREE)
        done, _ = grow(start, state, np.zeros(n), order, nothing, band, graph, found, np.inf, np.inf, left)
        complete &= done >= 0
        left -= max(done, 0)
        if done < 0:
            break
    return found.inside[: found.number[0]], complete

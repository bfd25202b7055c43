"""Finds whole districts within their band by annealed moves and swaps of atoms: good ones, soon, and without proof.

Where people are few in number and large in weight, hardly any single move keeps two units in a narrow band; a swap of
two atoms across their border often does. Both are tried, at a price of people out of the band that rises as it cools.
"""

from typing import NamedTuple

import numpy as np

from govmap.delineate.problem import Ints, Reals
from govmap.delineate.search.inertia import SCALE, Inertia, neighbours
from govmap.delineate.search.kernel import below, share
from govmap.geometry import compiled

# Proposals in all; turns after which middles are looked for anew; shares of the mean cost of an atom at which it
# begins and ends; and what a person out of the band costs, in mean costs of a person, at first and at last.
PROPOSALS, TURNS = 2_500_000, 100
HOT, COLD = 10.0, 0.01
CHEAP, DEAR = 2.0, 20.0
SWAPS = 0.5  # of the proposals
MET, SOUGHT = 1, 2


class Land(NamedTuple):
    """What does not change: cost in millions of atoms around atoms, people, and neighbours one behind the other."""

    cost: Reals
    people: Ints
    first: Ints
    near: Ints
    low: int
    high: int


def annealed(problem: Inertia, centres: Ints, *, seed: int = 1) -> Ints | None:
    """Divide, beginning around some middles; None where no division within the band was met."""
    land = Land(problem.cost / SCALE, problem.people, *neighbours(problem), problem.low, problem.high)
    label = _grown(land, centres.copy())
    if (label < 0).any():
        return None
    best, value = _search(land, label, centres.copy(), np.array([seed * 2 + 1], dtype=np.uint64), PROPOSALS)
    return best if np.isfinite(value) else None


@compiled
def _grown(land: Land, centres: Ints) -> Ints:
    """Let units grow from their middles, the cheapest atom next to the unit with fewest people first."""
    n, k = len(land.people), len(centres)
    label = np.full(n, -1, np.int64)
    held = np.zeros(k)
    for s in range(k):
        label[centres[s]] = s
        held[s] = land.people[centres[s]]
    full = np.zeros(k, np.bool_)
    for _ in range(n + k):
        least = -1
        for s in range(k):
            if not full[s] and (least < 0 or held[s] < held[least]):
                least = s
        if least < 0:
            break
        taken = _cheapest_beside(land, label, least, centres[least])
        if taken < 0:
            full[least] = True
        else:
            label[taken] = least
            held[least] += land.people[taken]
    return label


@compiled
def _cheapest_beside(land: Land, label: Ints, unit: int, centre: int) -> int:
    """Give the free atom next to a unit that lies nearest to its middle; -1: there is none."""
    taken, price = -1, np.inf
    for i in range(len(label)):
        if label[i] != unit:
            continue
        for place in range(land.first[i], land.first[i + 1]):
            j = land.near[place]
            if label[j] < 0 and land.cost[j, centre] < price * max(land.people[j], 1):
                taken, price = j, land.cost[j, centre] / max(land.people[j], 1)
    return taken


@compiled
def _over(land: Land, held: float) -> float:
    """Give by how many people a unit misses its band."""
    return max(held - land.high, land.low - held, 0.0)


@compiled
def _stays_whole(land: Land, label: Ints, i: int, mark: Ints, queue: Ints) -> bool:
    """
    Whether the unit of an atom hangs together without it; it is not the last of its unit.

    It does where all neighbours in the unit are met by walking from one of them, mostly through each other at once.
    `mark` holds 0 before and after.
    """
    home, wanted, start = label[i], 0, -1
    for place in range(land.first[i], land.first[i + 1]):
        if label[land.near[place]] == home:
            wanted += 1
            start = land.near[place]
            mark[start] = SOUGHT
    if wanted == 0:
        return False
    mark[i] = mark[start] = MET
    queue[0] = start
    head, tail, met = 0, 1, 1
    while head < tail and met < wanted:
        one = queue[head]
        head += 1
        for place in range(land.first[one], land.first[one + 1]):
            j = land.near[place]
            if label[j] == home and mark[j] != MET:
                met += mark[j] == SOUGHT
                mark[j] = MET
                queue[tail] = j
                tail += 1
    for place in range(tail):
        mark[queue[place]] = 0
    for place in range(land.first[i], land.first[i + 1]):
        mark[land.near[place]] = 0
    mark[i] = 0
    return met == wanted


@compiled
def _borders(land: Land, label: Ints, i: int, unit: int) -> bool:
    """Whether an atom touches a unit."""
    for place in range(land.first[i], land.first[i + 1]):  # noqa: SIM110 - no generators in machine code
        if label[land.near[place]] == unit:
            return True
    return False


@compiled
def _recentred(land: Land, label: Ints, centres: Ints) -> float:
    """Find the middle of every unit; `centres` is changed, what all cost given."""
    total = 0.0
    for s in range(len(centres)):
        inside = np.flatnonzero(label == s)
        least = np.inf
        for j in inside:
            value = 0.0
            for i in inside:
                value += land.cost[i, j]
                if value >= least:
                    break
            if value < least:
                least = value
                centres[s] = j
        total += least
    return total


@compiled
def _partner(land: Land, label: Ints, i: int, here: int, there: int, chance: np.ndarray) -> int:
    """Draw an atom of the unit `there` that touches the unit `here`, for atom i in exchange; -1: none was met."""
    n = len(label)
    begin = below(chance, n)
    for step in range(n):
        j = (begin + step) % n
        if label[j] == there and j != i and _borders(land, label, j, here):
            return j
    return -1


@compiled
def _search(land: Land, label: Ints, centres: Ints, chance: np.ndarray, proposals: int) -> tuple[Ints, float]:
    """Move and swap atoms ever more coldly; give the cheapest division met within the band, and its cost."""
    n, k = len(label), len(centres)
    mark, queue = np.zeros(n, np.int64), np.zeros(n, np.int64)
    held = np.zeros(k)
    for i in range(n):
        held[label[i]] += land.people[i]
    people, out = held.sum(), 0.0
    for s in range(k):
        out += _over(land, held[s])
    total = _recentred(land, label, centres)
    best, value = label.copy(), np.inf
    each = proposals // TURNS
    for turn in range(TURNS):
        cooled = turn / (TURNS - 1)
        heat = total / n * HOT * (COLD / HOT) ** cooled
        dear = total / people * CHEAP * (DEAR / CHEAP) ** cooled
        for _ in range(each):
            i, j, there = _proposed(land, label, chance, mark, queue)
            if i < 0:
                continue
            here = label[i]
            shift = land.people[i]
            change = land.cost[i, centres[there]] - land.cost[i, centres[here]]
            if j >= 0:
                shift -= land.people[j]
                change += land.cost[j, centres[here]] - land.cost[j, centres[there]]
            more = _over(land, held[here] - shift) + _over(land, held[there] + shift)
            more -= _over(land, held[here]) + _over(land, held[there])
            worse = change + dear * more
            if worse > 0 and share(chance) >= np.exp(-worse / heat):
                continue
            if not _moved(land, label, i, j, there, mark, queue):
                continue
            held[here] -= shift
            held[there] += shift
            out += more
            total += change
            if out == 0.0 and total < value:
                value = total
                best[:] = label
        total = _recentred(land, label, centres)
    return best, value


@compiled
def _proposed(land: Land, label: Ints, chance: np.ndarray, mark: Ints, queue: Ints) -> tuple[int, int, int]:
    """Draw an atom that may leave its unit (-1: this one may not), one in exchange or -1, and where it would go."""
    i = below(chance, len(label))
    span = land.first[i + 1] - land.first[i]
    if span == 0:
        return -1, -1, -1
    there = label[land.near[land.first[i] + below(chance, span)]]
    if there == label[i] or not _stays_whole(land, label, i, mark, queue):
        return -1, -1, -1
    j = _partner(land, label, i, label[i], there, chance) if share(chance) < SWAPS else -1
    return i, j, there


@compiled
def _moved(land: Land, label: Ints, i: int, j: int, there: int, mark: Ints, queue: Ints) -> bool:
    """Move an atom, and another in exchange; undo it and say no where that would leave a unit in pieces."""
    here = label[i]
    label[i] = there
    if j < 0:
        return True
    if _borders(land, label, j, here) and _stays_whole(land, label, j, mark, queue):
        label[j] = here
        return True
    label[i] = here
    return False

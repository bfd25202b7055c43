"""Random trees over a piece of ground, cut where every part lies in its band, in machine code."""

from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np

from govmap.delineate.problem import Flags, Ints, Reals
from govmap.delineate.search.kernel import Land, Units, Wishes, below, middles, share, shift, too_far
from govmap.delineate.search.moves import change
from govmap.geometry import compiled

SAME_BLOCK = 0.3
BARRIER = 0.5
# What is cheaper by less is as dear: sums of prices are no more exact.
LEAST = 1e-9


class Range(NamedTuple):
    """Where a tree may be cut: weights that a part may have, and how many parts may lie out of the band of wishes."""

    low: int
    high: int
    out: int


@compiled
def _random_tree(ground: Land, state: Units, atoms: Ints, inside: Ints) -> tuple[Ints, Ints]:
    """
    Grow a random tree over atoms: their order from the root and the place of each one's parent in that order.

    Borders inside a street block are taken early and strong barriers late, so that blocks hang on one branch.
    """
    n = len(atoms)
    order, parent = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    taken = np.zeros(n, dtype=np.bool_)
    fringe = [(0.0, below(state.chance, n), -1)]
    step = 0
    while len(fringe) > 0:
        _, one, above = heappop(fringe)
        if taken[one]:
            continue
        taken[one] = True
        order[step], parent[step] = atoms[one], above
        block = ground.block[atoms[one]]
        for way in range(ground.first[atoms[one]], ground.first[atoms[one] + 1]):
            other = inside[ground.near[way]]
            if other < 0 or taken[other] or not ground.joins[way]:
                continue
            drawn = share(state.chance)
            if block >= 0 and block == ground.block[ground.near[way]]:
                drawn *= SAME_BLOCK
            elif ground.price[way] <= 0:
                drawn += BARRIER
            heappush(fringe, (drawn, other, step))
        step += 1
    return order, parent


@compiled
def _cut(weight: Ints, parent: Ints, low: int, high: int, number: int, chance: np.ndarray) -> Ints:
    """
    Cut a tree into so many parts that all lie in the band; -1 everywhere where this tree has no such cut.

    Atoms are in tree order. From what is left one part after the other is cut off, at random among the cuts that leave
    enough and not too much for the others.
    """
    n = len(weight)
    part = np.zeros(n, dtype=np.int64)
    for last in range(number - 1, 0, -1):
        sums = np.where(part == 0, weight, 0)
        for one in range(n - 1, 0, -1):
            if part[one] == 0:
                sums[parent[one]] += sums[one]
        chosen, seen = -1, 0
        for one in range(1, n):
            rest = sums[0] - sums[one]
            if part[one] == 0 and low <= sums[one] <= high and low * last <= rest <= high * last:
                seen += 1
                if below(chance, seen) == 0:
                    chosen = one
        if chosen < 0:
            part[:] = -1
            return part
        part[chosen] = last
        for one in range(chosen + 1, n):
            if part[one] == 0 and part[parent[one]] == last:
                part[one] = last
    return part


@compiled
def _out(weight: Ints, part: Ints, number: int, wishes: Wishes) -> int:
    """Count the parts out of the band."""
    sums = np.zeros(number, dtype=np.int64)
    for one in range(len(part)):
        sums[part[one]] += weight[one]
    return int(((sums < wishes.low) | (sums > wishes.high)).sum())


@compiled
def paint(ground: Land, state: Units, atoms: Ints, labels: Ints, wishes: Wishes) -> float:
    """Give atoms their labels, and say what that changes."""
    changed = 0.0
    for one in range(len(atoms)):
        if state.label[atoms[one]] != labels[one]:
            changed += change(ground, state, atoms[one], labels[one], wishes)
            shift(ground, state, atoms[one], labels[one], wishes)
    return changed


@compiled
def _walk_cost(ground: Land, state: Units, atoms: Ints, walk: Wishes) -> float:
    """Give what walks inside the units of some atoms cost, around the middles they have now."""
    middle = np.zeros(state.middle.shape)
    middles(ground, atoms, state.label[atoms], middle)
    cost = 0.0
    for atom in atoms:
        cost += too_far(ground, middle[state.label[atom]], atom, walk)
    return cost


@compiled
def best_of_trees(
    ground: Land,
    state: Units,
    wishes: Wishes,
    walk: Wishes,
    atoms: Ints,
    inside: Ints,
    labels: Ints,
    number: int,
    trees: int,
    ends: Range,
) -> bool:
    """
    Lay trees over atoms, cut each, and leave the cheapest division that is better than the present one.

    `inside` holds the place of each atom among `atoms`, -1 for all others; parts are painted with `labels`. `ends` says
    where a tree may be cut, `wishes` what the parts cost. Where walks are asked, `walk` holds their price: for every
    division it is reckoned anew, with middles of its own.
    """
    best, least, cost, far = state.label[atoms], 0.0, 0.0, 0.0
    before = _walk_cost(ground, state, atoms, walk) if walk.far > 0.0 else 0.0
    for _ in range(trees):
        order, parent = _random_tree(ground, state, atoms, inside)
        weight = ground.weight[order]
        part = _cut(weight, parent, ends.low, ends.high, number, state.chance)
        if part[0] < 0 or _out(weight, part, number, wishes) > ends.out:
            continue
        cost += paint(ground, state, order, labels[part], wishes)
        if walk.far > 0.0:
            far = _walk_cost(ground, state, atoms, walk) - before
        if cost + far < least - LEAST:
            best, least = state.label[atoms], cost + far
    paint(ground, state, atoms, best, wishes)
    return least < 0.0


@compiled
def beside(ground: Land, state: Units, atoms: Ints, own: Flags) -> Reals:
    """Give the metres of border that the atoms of some units share with each other unit, at least one a border."""
    shared = np.zeros(len(own))
    for atom in atoms:
        for way in range(ground.first[atom], ground.first[atom + 1]):
            unit = state.label[ground.near[way]]
            if ground.joins[way] and not own[unit]:
                shared[unit] += 1.0 + ground.length[way]
    return shared

"""Mends what single moves cannot: units out of their band are divided anew together with their neighbours.

A few neighbouring units are taken as one piece of ground, a random tree is laid over it and cut where every part lies
in the band. Of many trees the cheapest result stays. The number of trees is fixed.
"""

from heapq import heappop, heappush

import numpy as np

from govmap.delineate.compiled import compiled
from govmap.delineate.improve import Land, Units, Wishes, below, change, share, shift, unit_cost
from govmap.delineate.problem import Ints, Reals

TREES = 60
WIDEST = 4
ROUNDS = 3
STRICT = 10.0
SAME_BLOCK = 0.3
BARRIER = 0.5


def mend(ground: Land, state: Units, wishes: Wishes, *, fixed: bool) -> None:
    """
    Bring units into their band by dividing them anew with one, two or three neighbours.

    Parameters
    ----------
    fixed
        The number of units must stay what it is.
    """
    strict = wishes._replace(band=wishes.band * STRICT)
    for _ in range(ROUNDS):
        out = _out_of_band(state, wishes)
        if not len(out):
            return
        _price(state, strict)
        for unit in out:
            _mend_unit(ground, state, strict, int(unit), fixed)
        _price(state, wishes)


def _out_of_band(state: Units, wishes: Wishes) -> Ints:
    """Name the units out of their band, the farthest first."""
    out = np.maximum(wishes.low - state.weight, state.weight - wishes.high)
    wrong = np.flatnonzero((out > 0) & (state.size > 0))
    return wrong[np.lexsort((wrong, -out[wrong]))]


def _mend_unit(ground: Land, state: Units, wishes: Wishes, unit: int, fixed: bool) -> None:  # noqa: FBT001
    """Try ever wider neighbourhoods until the unit lies in its band."""
    for width in range(2, WIDEST + 1):
        weight = state.weight[unit]
        if state.size[unit] == 0 or wishes.low <= weight <= wishes.high:
            return
        for region in _regions(ground, state, unit, width):
            _redraw(ground, state, wishes, region, _numbers(state, wishes, region, fixed))
            if state.size[unit] == 0 or wishes.low <= state.weight[unit] <= wishes.high:
                return


def _regions(ground: Land, state: Units, unit: int, width: int) -> list[Ints]:
    """Give sets of so many neighbouring units around one: each of its neighbours and what lies nearest to both."""
    found: dict[tuple[int, ...], None] = {}
    for second in _neighbours(ground, state, [unit]):
        region = [unit, second]
        while len(region) < width:
            wider = _neighbours(ground, state, region)
            if not wider:
                break
            region.append(wider[0])
        found[tuple(sorted(region))] = None
    return [np.array(region, dtype=np.int64) for region in found]


def _neighbours(ground: Land, state: Units, region: list[int]) -> list[int]:
    """Name the units that border a region, the longest border first."""
    metres = _borders(ground, state, np.array(region, dtype=np.int64))
    near = np.flatnonzero(metres > 0)
    return [int(unit) for unit in near[np.lexsort((near, -metres[near]))]]


def _numbers(state: Units, wishes: Wishes, region: Ints, fixed: bool) -> Ints:  # noqa: FBT001
    """Give the numbers of units a region can be divided into, nearest to the present number first."""
    total, now = int(state.weight[region].sum()), len(region)
    if fixed:
        return np.array([now])
    free = np.count_nonzero(state.size == 0)
    fewest, most = max(1, -(-total // wishes.high)), min(total // wishes.low, now + 1, now + int(free))
    return np.array(
        sorted(range(max(fewest, now - 1), most + 1), key=lambda one: (abs(one - now), one)), dtype=np.int64
    )


def _redraw(ground: Land, state: Units, wishes: Wishes, region: Ints, numbers: Ints) -> None:
    spare = np.flatnonzero(state.size == 0)[:1]
    for number in numbers:
        labels = np.concatenate([region, spare])[: max(len(region), number)]
        if _best_of_trees(ground, state, wishes, region, labels, int(number), TREES):
            return


@compiled
def _borders(ground: Land, state: Units, region: Ints) -> Reals:
    """Sum the joining metres between a region and every other unit."""
    metres = np.zeros(len(state.size))
    inside = np.zeros(len(state.size), dtype=np.bool_)
    for unit in region:
        inside[unit] = True
    for atom in range(len(ground.weight)):
        if not inside[state.label[atom]]:
            continue
        for way in range(ground.first[atom], ground.first[atom + 1]):
            other = state.label[ground.near[way]]
            if ground.joins[way] and not inside[other]:
                metres[other] += 1.0 + ground.length[way]
    return metres


@compiled
def _price(state: Units, wishes: Wishes) -> None:
    """Reckon the cost of every unit anew."""
    for unit in range(len(state.size)):
        state.cost[unit] = unit_cost(state.weight[unit], state.size[unit], state.area[unit], state.around[unit], wishes)


@compiled
def _members(state: Units, region: Ints) -> Ints:
    """List the atoms of a region."""
    inside = np.zeros(len(state.size), dtype=np.bool_)
    for unit in region:
        inside[unit] = True
    count = 0
    for unit in region:
        count += state.size[unit]
    atoms = np.empty(count, dtype=np.int64)
    end = 0
    for atom in range(len(state.label)):
        if inside[state.label[atom]]:
            atoms[end] = atom
            end += 1
    return atoms


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
def _paint(ground: Land, state: Units, atoms: Ints, labels: Ints, wishes: Wishes) -> float:
    """Give atoms their labels, and say what that changes."""
    changed = 0.0
    for one in range(len(atoms)):
        if state.label[atoms[one]] != labels[one]:
            changed += change(ground, state, atoms[one], labels[one], wishes)
            shift(ground, state, atoms[one], labels[one], wishes)
    return changed


@compiled
def _best_of_trees(
    ground: Land, state: Units, wishes: Wishes, region: Ints, labels: Ints, number: int, trees: int
) -> bool:
    """Lay trees over a region, cut each, and leave the cheapest division that is better than the present one."""
    atoms = _members(state, region)
    inside = np.full(len(ground.weight), -1, dtype=np.int64)
    for one in range(len(atoms)):
        inside[atoms[one]] = one
    best, least = state.label[atoms], 0.0
    cost = 0.0
    for _ in range(trees):
        order, parent = _random_tree(ground, state, atoms, inside)
        part = _cut(ground.weight[order], parent, wishes.low, wishes.high, number, state.chance)
        if part[0] < 0:
            continue
        cost += _paint(ground, state, order, labels[part], wishes)
        if cost < least - 1e-9:
            best, least = state.label[atoms], cost
    _paint(ground, state, atoms, best, wishes)
    return least < 0.0

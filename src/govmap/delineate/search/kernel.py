"""The inner loops of the search, in machine code: what a change costs, whether it may be, and long runs of changes.

All of it stands in one file, because compiled code is kept on disk until its own file changes.
"""

from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np

from govmap.delineate.problem import Flags, Ints, Reals
from govmap.geometry import compiled

CHECK = 1023
SAME_BLOCK = 0.3
BARRIER = 0.5
AGAIN = 0.3


class Wishes(NamedTuple):
    """What the search weighs against each other; one is the price of a border as long as a unit is wide."""

    low: int
    high: int
    near_low: float
    near_high: float
    aim: float
    width_mm: float
    band: float = 40.0
    near: float = 40.0
    block: float = 0.7
    shape: float = 2.0


class Land(NamedTuple):
    """What the search does not change: atoms, and for each its borders one behind the other."""

    weight: Ints
    area: Reals
    outer: Reals
    first: Ints
    near: Ints
    joins: Flags
    length: Reals
    price: Reals
    block: Ints
    slot: Ints
    split: Reals


class Units(NamedTuple):
    """What the search changes: the unit of each atom, and sums for each unit and each street block."""

    label: Ints
    weight: Ints
    size: Ints
    area: Reals
    around: Reals
    cost: Reals
    holder: Ints
    held: Ints
    holders: Ints
    foreign: Ints
    edge: Ints
    place: Ints
    edges: Ints
    mark: Ints
    queue: Ints
    window: Ints
    chance: np.ndarray


@compiled
def draw(chance: np.ndarray) -> np.uint64:
    """Draw the next random number (xorshift)."""
    one = chance[0]
    one ^= one << np.uint64(13)
    one ^= one >> np.uint64(7)
    one ^= one << np.uint64(17)
    chance[0] = one
    return np.uint64(one)


@compiled
def below(chance: np.ndarray, end: int) -> int:
    """Draw a whole number from 0 to end - 1."""
    return int(draw(chance) >> np.uint64(11)) % end


@compiled
def share(chance: np.ndarray) -> float:
    """Draw a number from 0 to 1."""
    return (draw(chance) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@compiled
def off_band(weight: int, wishes: Wishes) -> float:
    """Say how far a unit is from its band: nothing inside, a step at its ends, then steeper and steeper."""
    out = max(wishes.low - weight, weight - wishes.high) / wishes.aim
    cost = wishes.band * (0.05 + out + 10 * out * out) if out > 0 else 0.0
    off = max(wishes.near_low - weight, weight - wishes.near_high) / wishes.aim
    if off > 0:
        cost += wishes.near * (0.05 + off + 10 * off * off)
    return cost


@compiled
def unit_cost(weight: int, size: int, area: float, around: float, wishes: Wishes) -> float:
    """Give the cost of one unit: its distance from the band and its want of roundness (Polsby-Popper)."""
    if size == 0:
        return 0.0
    round_ = 4e4 * np.pi * area / max(around * around, 1.0)
    return off_band(weight, wishes) + wishes.shape * (0.5 - min(round_, 1.0))


@compiled
def _hold(ground: Land, state: Units, block: int, unit: int, more: int) -> None:
    """Count atoms of a block in and out of a unit."""
    start = ground.slot[block]
    end = start + state.holders[block]
    for one in range(start, end):
        if state.holder[one] == unit:
            state.held[one] += more
            if state.held[one] == 0:
                state.holder[one] = state.holder[end - 1]
                state.held[one] = state.held[end - 1]
                state.holders[block] -= 1
            return
    state.holder[end] = unit
    state.held[end] = more
    state.holders[block] += 1


@compiled
def _holds(ground: Land, state: Units, block: int, unit: int) -> int:
    """Say how many atoms of a block a unit holds."""
    start = ground.slot[block]
    for one in range(start, start + state.holders[block]):
        if state.holder[one] == unit:
            return int(state.held[one])
    return 0


@compiled
def _list_edge(state: Units, atom: int) -> None:
    """Keep the list of atoms in the window that border another unit."""
    if state.foreign[atom] > 0:
        if state.place[atom] < 0 and state.window[0] <= atom < state.window[1]:
            state.place[atom] = state.edges[0]
            state.edge[state.edges[0]] = atom
            state.edges[0] += 1
    elif state.place[atom] >= 0:
        last = state.edge[state.edges[0] - 1]
        state.edge[state.place[atom]] = last
        state.place[last] = state.place[atom]
        state.place[atom] = -1
        state.edges[0] -= 1


@compiled
def look_at(state: Units, start: int, end: int) -> None:
    """Let the search propose atoms of a window alone, so that what it needs stays near at hand."""
    for one in range(state.edges[0]):
        state.place[state.edge[one]] = -1
    state.edges[0] = 0
    state.window[0], state.window[1] = start, end
    for atom in range(start, end):
        _list_edge(state, atom)


@compiled
def reckon(state: Units, wishes: Wishes) -> None:
    """Reckon the cost of every unit anew."""
    for unit in range(len(state.size)):
        state.cost[unit] = unit_cost(state.weight[unit], state.size[unit], state.area[unit], state.around[unit], wishes)


@compiled
def count(ground: Land, state: Units, wishes: Wishes) -> None:
    """Fill every sum from the labels."""
    for atom in range(len(ground.weight)):
        unit = state.label[atom]
        state.weight[unit] += ground.weight[atom]
        state.size[unit] += 1
        state.area[unit] += ground.area[atom]
        state.around[unit] += ground.outer[atom]
        for way in range(ground.first[atom], ground.first[atom + 1]):
            if state.label[ground.near[way]] != unit:
                state.around[unit] += ground.length[way]
                state.foreign[atom] += ground.joins[way]
        _list_edge(state, atom)
        if ground.block[atom] >= 0:
            _hold(ground, state, ground.block[atom], unit, 1)
    reckon(state, wishes)


@compiled
def change(ground: Land, state: Units, atom: int, unit: int, wishes: Wishes) -> float:
    """Give what changes when an atom goes to a unit."""
    own = state.label[atom]
    to_own, to_unit, to_rest, price = 0.0, 0.0, ground.outer[atom], 0.0
    for way in range(ground.first[atom], ground.first[atom + 1]):
        other = state.label[ground.near[way]]
        if other == own:
            to_own += ground.length[way]
            price += ground.price[way]
        elif other == unit:
            to_unit += ground.length[way]
            price -= ground.price[way]
        else:
            to_rest += ground.length[way]
    turned = to_own - to_unit
    weight, area = ground.weight[atom], ground.area[atom]
    price += unit_cost(
        state.weight[own] - weight,
        state.size[own] - 1,
        state.area[own] - area,
        state.around[own] + turned - to_rest,
        wishes,
    )
    price += unit_cost(
        state.weight[unit] + weight,
        state.size[unit] + 1,
        state.area[unit] + area,
        state.around[unit] + turned + to_rest,
        wishes,
    )
    return float(price - state.cost[own] - state.cost[unit] + _split_change(ground, state, atom, unit))


@compiled
def _split_change(ground: Land, state: Units, atom: int, unit: int) -> float:
    """Give what the atom's street block costs more when the atom goes to a unit."""
    block = ground.block[atom]
    if block < 0:
        return 0.0
    now = state.holders[block]
    then = now
    if _holds(ground, state, block, state.label[atom]) == 1:
        then -= 1
    if _holds(ground, state, block, unit) == 0:
        then += 1
    return float(ground.split[block] * (min(then - 1, 1) - min(now - 1, 1) + AGAIN * (then - now)))


@compiled
def shift(ground: Land, state: Units, atom: int, unit: int, wishes: Wishes) -> None:
    """Give an atom to a unit and keep every sum."""
    own = state.label[atom]
    state.label[atom] = unit
    turned, to_rest, foreign = 0.0, ground.outer[atom], 0
    for way in range(ground.first[atom], ground.first[atom + 1]):
        near, length, joins = ground.near[way], ground.length[way], ground.joins[way]
        other = state.label[near]
        if other == own:
            turned += length
            foreign += joins
            state.foreign[near] += joins
            _list_edge(state, near)
        elif other == unit:
            turned -= length
            state.foreign[near] -= joins
            _list_edge(state, near)
        else:
            to_rest += length
            foreign += joins
    state.foreign[atom] = foreign
    _list_edge(state, atom)
    _move_sums(ground, state, atom, own, -1, turned - to_rest, wishes)
    _move_sums(ground, state, atom, unit, 1, turned + to_rest, wishes)


@compiled
def _move_sums(ground: Land, state: Units, atom: int, unit: int, sign: int, around: float, wishes: Wishes) -> None:
    """Count an atom into a unit (sign 1) or out of it (sign -1)."""
    state.weight[unit] += sign * ground.weight[atom]
    state.size[unit] += sign
    state.area[unit] += sign * ground.area[atom]
    state.around[unit] += around
    if ground.block[atom] >= 0:
        _hold(ground, state, ground.block[atom], unit, sign)
    state.cost[unit] = unit_cost(state.weight[unit], state.size[unit], state.area[unit], state.around[unit], wishes)


@compiled
def can_leave(ground: Land, state: Units, atom: int) -> bool:
    """Tell whether the atom's unit hangs together without it: its neighbours there must reach each other."""
    unit = state.label[atom]
    state.mark[-1] += 1
    stamp = state.mark[-1]
    wanted, start = 0, -1
    for way in range(ground.first[atom], ground.first[atom + 1]):
        near = ground.near[way]
        if ground.joins[way] and state.label[near] == unit:
            state.mark[near] = -stamp
            wanted += 1
            start = near
    if wanted <= 1:
        return wanted == 1
    return _reached(ground, state, atom, start, stamp, wanted)


@compiled
def _reached(ground: Land, state: Units, without: int, start: int, stamp: int, wanted: int) -> bool:
    """Walk inside a unit from one atom until all marked ones are met, not over the atom that leaves."""
    unit, head, tail, met = state.label[without], 0, 1, 1
    state.queue[0] = start
    state.mark[start] = stamp
    while head < tail:
        atom = state.queue[head]
        head += 1
        for way in range(ground.first[atom], ground.first[atom + 1]):
            near = ground.near[way]
            if not ground.joins[way] or near == without or state.label[near] != unit or state.mark[near] == stamp:
                continue
            if state.mark[near] == -stamp:
                met += 1
                if met == wanted:
                    return True
            state.mark[near] = stamp
            state.queue[tail] = near
            tail += 1
    return False


@compiled
def _other_unit(ground: Land, state: Units, atom: int) -> int:
    """Draw a neighbouring unit of an atom, its own where there is none."""
    start, own = ground.first[atom], state.label[atom]
    ways = ground.first[atom + 1] - start
    turn = below(state.chance, ways)
    for step in range(ways):
        way = start + (turn + step) % ways
        unit = state.label[ground.near[way]]
        if ground.joins[way] and unit != own:
            return int(unit)
    return int(own)


@compiled
def search(ground: Land, state: Units, wishes: Wishes, proposals: int, warm: float, cold: float) -> None:
    """Propose, weigh and take changes in the window while it cools from warm to cold."""
    cooling = (cold / warm) ** (1.0 / max(1, proposals // (CHECK + 1)))
    heat = warm
    for step in range(proposals):
        if step & CHECK == CHECK:
            heat *= cooling
        if state.edges[0] == 0:
            break
        atom = state.edge[below(state.chance, state.edges[0])]
        unit = _other_unit(ground, state, atom)
        if unit == state.label[atom]:
            continue
        worse = change(ground, state, atom, unit, wishes)
        if worse > 0 and share(state.chance) >= np.exp(-worse / heat):
            continue
        if can_leave(ground, state, atom):
            shift(ground, state, atom, unit, wishes)


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
def best_of_trees(
    ground: Land, state: Units, wishes: Wishes, atoms: Ints, inside: Ints, labels: Ints, number: int, trees: int
) -> bool:
    """
    Lay trees over atoms, cut each, and leave the cheapest division that is better than the present one.

    `inside` holds the place of each atom among `atoms`, -1 for all others; parts are painted with `labels`.
    """
    best, least, cost = state.label[atoms], 0.0, 0.0
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


@compiled
def energy(ground: Land, state: Units) -> float:
    """Sum what the search weighs."""
    total = 0.0
    for unit in range(len(state.size)):
        total += state.cost[unit]
    for atom in range(len(ground.weight)):
        for way in range(ground.first[atom], ground.first[atom + 1]):
            if atom < ground.near[way] and state.label[atom] != state.label[ground.near[way]]:
                total += ground.price[way]
    for block in range(len(state.holders)):
        if state.holders[block] > 1:
            total += ground.split[block] * (1.0 + AGAIN * (state.holders[block] - 1))
    return total

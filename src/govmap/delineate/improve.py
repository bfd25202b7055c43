"""The search: atoms at the edge of a unit change over to a neighbour, often where it helps, seldom where it harms.

Every step is one proposal: an atom, the unit it would go to, what that changes; no step leaves a unit in pieces. The
number of proposals is the budget. Sums are of whole numbers (millimetres, square decimetres, households), the random
numbers are our own, so that the same input gives the same plan.
"""

from typing import NamedTuple

import numpy as np

from govmap.delineate.compiled import compiled
from govmap.delineate.problem import Flags, Ints, Problem, Reals

HEAT = ((0.3, 0.01, 0.8), (0.01, 1e-4, 0.2))
CHECK = 1023


class Wishes(NamedTuple):
    """What the search weighs against each other; one is the price of a border as long as a unit is wide."""

    low: int
    high: int
    near_low: float
    near_high: float
    aim: float
    width_mm: float
    band: float = 40.0
    near: float = 4.0
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
    chance: np.ndarray


def land(problem: Problem, wishes: Wishes) -> Land:
    """Lay a problem out for the search."""
    n = len(problem)
    here, there = np.concatenate([problem.i, problem.j]), np.concatenate([problem.j, problem.i])
    order = np.lexsort((there, here))
    twice = np.concatenate([np.arange(len(problem.i))] * 2)[order]
    first = np.zeros(n + 1, dtype=np.int64)
    np.add.at(first, here + 1, 1)
    block = np.unique(problem.block, return_inverse=True)[1] - int((problem.block < 0).any())
    inside = block[block >= 0]
    count = np.bincount(inside)
    return Land(
        weight=problem.weight,
        area=problem.area.astype(np.float64),
        outer=problem.outer.astype(np.float64),
        first=np.cumsum(first),
        near=there[order],
        joins=problem.joins[twice],
        length=problem.length[twice].astype(np.float64),
        price=problem.price[twice] / wishes.width_mm,
        block=block,
        slot=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
        split=_split_price(np.bincount(inside, problem.weight[block >= 0]), wishes),
    )


def _split_price(weight: "Reals | Ints", wishes: Wishes) -> Reals:
    """Give the price of dividing each block: little where it cannot stay whole."""
    return wishes.block * np.where(weight > wishes.high, 0.3, 1.0)


def units(ground: Land, label: Ints, room: int, wishes: Wishes, seed: int) -> Units:
    """Count what each unit holds; `room` is the greatest number of units there may be."""
    n = len(ground.weight)
    state = Units(
        label=label.astype(np.int64),
        weight=np.zeros(room, dtype=np.int64),
        size=np.zeros(room, dtype=np.int64),
        area=np.zeros(room),
        around=np.zeros(room),
        cost=np.zeros(room),
        holder=np.zeros(n, dtype=np.int64),
        held=np.zeros(n, dtype=np.int64),
        holders=np.zeros(len(ground.slot) - 1, dtype=np.int64),
        foreign=np.zeros(n, dtype=np.int64),
        edge=np.zeros(n, dtype=np.int64),
        place=np.full(n, -1, dtype=np.int64),
        edges=np.zeros(1, dtype=np.int64),
        mark=np.zeros(n + 1, dtype=np.int64),
        queue=np.zeros(n, dtype=np.int64),
        chance=np.array([(88172645463325252 + 7919 * seed) % 2**64], dtype=np.uint64),
    )
    _count(ground, state, wishes)
    return state


def anneal(ground: Land, state: Units, wishes: Wishes, proposals: int, heat: float = 1.0) -> None:
    """Search with a fixed budget; `heat` under 1 begins cooler and stays nearer to what there is."""
    for start, end, share in HEAT:
        _search(ground, state, wishes, int(proposals * share), max(start * heat, end), end)


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
    """Keep the list of atoms that border another unit."""
    if state.foreign[atom] > 0 and state.place[atom] < 0:
        state.place[atom] = state.edges[0]
        state.edge[state.edges[0]] = atom
        state.edges[0] += 1
    elif state.foreign[atom] == 0 and state.place[atom] >= 0:
        last = state.edge[state.edges[0] - 1]
        state.edge[state.place[atom]] = last
        state.place[last] = state.place[atom]
        state.place[atom] = -1
        state.edges[0] -= 1


@compiled
def _count(ground: Land, state: Units, wishes: Wishes) -> None:
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
    for unit in range(len(state.size)):
        state.cost[unit] = unit_cost(state.weight[unit], state.size[unit], state.area[unit], state.around[unit], wishes)


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
    return float(ground.split[block] * (min(then - 1, 1) - min(now - 1, 1) + 0.3 * (then - now)))


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
def _search(ground: Land, state: Units, wishes: Wishes, proposals: int, warm: float, cold: float) -> None:
    """Propose, weigh and take changes while it cools from warm to cold."""
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

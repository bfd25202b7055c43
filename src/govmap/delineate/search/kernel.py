"""What the search weighs and keeps count of, in machine code: prices, sums of every unit, atoms that change over.

Compiled code is kept on disk until its own file changes: after a change here, `moves` and `trees` are touched as well.
"""

from typing import NamedTuple

import numpy as np

from govmap.delineate.problem import Flags, Ints, Reals
from govmap.geometry import compiled

AGAIN = 0.3


class Wishes(NamedTuple):
    """
    What the search weighs against each other; one is the price of a border as long as a unit is wide.

    `band` and `near` are the prices of a unit out of `low` to `high` and out of `near_low` to `near_high`, `even` of
    its distance from the aim, `spread` of households far from its middle, `shape` of its want of roundness, `block` of
    a divided street block.
    """

    low: int
    high: int
    near_low: float
    near_high: float
    aim: float
    width_mm: float
    band: float = 40.0
    near: float = 40.0
    block: float = 1.4
    shape: float = 8.0
    even: float = 5.0
    spread: float = 0.0


class Land(NamedTuple):
    """
    What the search does not change: atoms, and for each its borders one behind the other.

    `groups` holds rows of group numbers, by which atoms change over together; `east` and `north` are decimetres.
    """

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
    groups: Ints
    east: Ints
    north: Ints


class Units(NamedTuple):
    """What the search changes: the unit of each atom, and sums for each unit and each street block."""

    label: Ints
    weight: Ints
    size: Ints
    area: Reals
    around: Reals
    east: Ints
    north: Ints
    square: Ints
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
    moving: Ints
    crowd: Ints
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
def unit_cost(
    weight: int, size: int, area: float, around: float, east: int, north: int, square: int, wishes: Wishes
) -> float:
    """Give the cost of one unit: its distance from the band, its want of roundness (Polsby-Popper), its spread."""
    if size == 0:
        return 0.0
    round_ = 4e4 * np.pi * area / max(around * around, 1.0)
    cost = off_band(weight, wishes) + wishes.shape * (0.5 - min(round_, 1.0))
    if wishes.spread > 0.0 and weight > 0:
        cost += wishes.spread * (square - (float(east) * east + float(north) * north) / weight)
    if wishes.even > 0.0:
        off = (weight - wishes.aim) / wishes.aim
        cost += wishes.even * off * off
    return cost


@compiled
def cost_of(state: Units, unit: int, wishes: Wishes) -> float:
    """Give the cost of a unit as it stands."""
    return unit_cost(
        state.weight[unit],
        state.size[unit],
        state.area[unit],
        state.around[unit],
        state.east[unit],
        state.north[unit],
        state.square[unit],
        wishes,
    )


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
def holds(ground: Land, state: Units, block: int, unit: int) -> int:
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
        state.cost[unit] = cost_of(state, unit, wishes)


@compiled
def _place(ground: Land, state: Units, atom: int, unit: int, weight: int) -> None:
    """Count where the weight of a unit lies."""
    east, north = weight * ground.east[atom], weight * ground.north[atom]
    state.east[unit] += east
    state.north[unit] += north
    state.square[unit] += east * ground.east[atom] + north * ground.north[atom]


@compiled
def count(ground: Land, state: Units, wishes: Wishes) -> None:
    """Fill every sum from the labels."""
    for atom in range(len(ground.weight)):
        unit = state.label[atom]
        state.weight[unit] += ground.weight[atom]
        state.size[unit] += 1
        state.area[unit] += ground.area[atom]
        state.around[unit] += ground.outer[atom]
        _place(ground, state, atom, unit, ground.weight[atom])
        for way in range(ground.first[atom], ground.first[atom + 1]):
            if state.label[ground.near[way]] != unit:
                state.around[unit] += ground.length[way]
                state.foreign[atom] += ground.joins[way]
        _list_edge(state, atom)
        if ground.block[atom] >= 0:
            _hold(ground, state, ground.block[atom], unit, 1)
    reckon(state, wishes)


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
    _place(ground, state, atom, unit, sign * ground.weight[atom])
    if ground.block[atom] >= 0:
        _hold(ground, state, ground.block[atom], unit, sign)
    state.cost[unit] = cost_of(state, unit, wishes)


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

"""What the search weighs and keeps count of, in machine code: prices, sums of every unit, atoms that change over.

Compiled code is kept on disk until its own file changes: after a change here, `moves` and `trees` are touched as well.
"""

from typing import NamedTuple

import numpy as np

from govmap.delineate.problem import Flags, Ints, Reals
from govmap.delineate.search.lists import put_in, take_out
from govmap.geometry import compiled, inlined

AGAIN = 0.3
STEP = 0.1
ROUNDS = 24  # in which the middle of a circle is found, to within a twentieth of its radius


class Wishes(NamedTuple):
    """
    What the search weighs against each other; one is the price of a border as long as a unit is wide.

    `band` and `near` are the prices of a unit out of `low` to `high` and out of `near_low` to `near_high`, `even` of
    its distance from the aim, `spread` of households far from its middle, `shape` of its want of roundness, `block` of
    a divided street block. `more` is the price of a further measure out of its band, `far` that of an atom that reaches
    farther than `radius` decimetres from the middle of its unit; no walk is asked where it is 0.
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
    more: float = 40.0
    far: float = 0.0
    radius: float = 1.0


class Land(NamedTuple):
    """
    What the search does not change: atoms, and for each its borders one behind the other.

    `groups` holds rows of group numbers, by which atoms change over together; `east`, `north` and `reach` are
    decimetres, `reach` under 0 where nobody walks to. `more` holds rows of further measures, with `least` and `most` of
    a unit.
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
    reach: Reals
    more: Ints
    least: Ints
    most: Ints


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
    more: Ints
    middle: Reals
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


@inlined
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


@inlined
def _list_edge(state: Units, atom: int) -> None:
    """Keep the list of atoms in the window that border another unit."""
    if state.foreign[atom] <= 0:
        take_out(state.edge, state.place, state.edges, atom)
    elif state.window[0] <= atom < state.window[1]:
        put_in(state.edge, state.place, state.edges, atom)


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
def off_more(ground: Land, row: int, held: int, wishes: Wishes) -> float:
    """Say how far a unit is from the band of a further measure: as for its band, in shares of the most."""
    out = max(ground.least[row] - held, held - ground.most[row]) / max(1, ground.most[row])
    return float(wishes.more * (0.05 + out + 10 * out * out)) if out > 0 else 0.0


@compiled
def too_far(ground: Land, middle: Reals, atom: int, wishes: Wishes) -> float:
    """Say how much farther than wished an atom reaches from the middle of a unit, as a price with an upper end."""
    if ground.reach[atom] < 0.0:
        return 0.0
    east, north = ground.east[atom] - middle[0], ground.north[atom] - middle[1]
    out = np.sqrt(east * east + north * north) + ground.reach[atom] - wishes.radius
    return float(wishes.far * (STEP + min(out / wishes.radius, 1.0))) if out > 0 else 0.0


@compiled
def middles(ground: Land, atoms: Ints, label: Ints, middle: Reals) -> None:
    """
    Find the middle of the smallest circle around the atoms of each label, nearly; `label` is that of each of `atoms`.

    From the mean it goes towards the atom that reaches farthest, ever less far (Badoiu, Clarkson, Computational
    Geometry 40.1, 2008).
    """
    count, far, reached = np.zeros(len(middle)), np.zeros(len(middle)), np.zeros(len(middle), dtype=np.int64)
    middle[:] = 0.0
    for one in range(len(atoms)):
        if ground.reach[atoms[one]] >= 0.0:
            count[label[one]] += 1
            middle[label[one], 0] += ground.east[atoms[one]]
            middle[label[one], 1] += ground.north[atoms[one]]
    for unit in range(len(middle)):
        middle[unit] /= max(1.0, count[unit])
    for turn in range(ROUNDS):
        far[:] = -1.0
        for one in range(len(atoms)):
            unit, atom = label[one], atoms[one]
            east, north = ground.east[atom] - middle[unit, 0], ground.north[atom] - middle[unit, 1]
            off = np.sqrt(east * east + north * north) + ground.reach[atom]
            if off > far[unit] and ground.reach[atom] >= 0.0:
                far[unit], reached[unit] = off, atom
        for unit in range(len(middle)):
            if far[unit] >= 0:
                middle[unit, 0] += (ground.east[reached[unit]] - middle[unit, 0]) / (turn + 2)
                middle[unit, 1] += (ground.north[reached[unit]] - middle[unit, 1]) / (turn + 2)


@compiled
def reckon(ground: Land, state: Units, wishes: Wishes) -> None:
    """Reckon the cost of every unit anew, and where walks are asked its middle."""
    if wishes.far > 0.0:
        middles(ground, np.arange(len(state.label)), state.label, state.middle)
    for unit in range(len(state.size)):
        state.cost[unit] = cost_of(state, unit, wishes)


@inlined
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
        for row in range(len(ground.more)):
            state.more[row, unit] += ground.more[row, atom]
        for way in range(ground.first[atom], ground.first[atom + 1]):
            if state.label[ground.near[way]] != unit:
                state.around[unit] += ground.length[way]
                state.foreign[atom] += ground.joins[way]
        _list_edge(state, atom)
        if ground.block[atom] >= 0:
            _hold(ground, state, ground.block[atom], unit, 1)
    reckon(ground, state, wishes)


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


@inlined
def _move_sums(ground: Land, state: Units, atom: int, unit: int, sign: int, around: float, wishes: Wishes) -> None:
    """Count an atom into a unit (sign 1) or out of it (sign -1)."""
    state.weight[unit] += sign * ground.weight[atom]
    state.size[unit] += sign
    state.area[unit] += sign * ground.area[atom]
    state.around[unit] += around
    _place(ground, state, atom, unit, sign * ground.weight[atom])
    for row in range(len(ground.more)):
        state.more[row, unit] += sign * ground.more[row, atom]
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


@compiled
def beside_cost(ground: Land, state: Units, wishes: Wishes) -> float:
    """Sum what the search weighs beside that: further measures out of their bands, atoms too far from the middle."""
    total = 0.0
    for unit in range(len(state.size)):
        for row in range(len(ground.more) if state.size[unit] > 0 else 0):
            total += off_more(ground, row, state.more[row, unit], wishes)
    for atom in range(len(ground.weight) if wishes.far > 0.0 else 0):
        total += too_far(ground, state.middle[state.label[atom]], atom, wishes)
    return total

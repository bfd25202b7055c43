"""Steps of the search, in machine code: atoms, alone or as a group, go over to a neighbouring unit; runs of steps."""

import numpy as np

from govmap.delineate.search.kernel import (
    AGAIN,
    Land,
    Units,
    Wishes,
    below,
    holds,
    off_band,
    off_more,
    share,
    shift,
    too_far,
    unit_cost,
)
from govmap.geometry import compiled, inlined

# Steps between two coolings, of a hundred proposals those of whole groups, and the most that a step can gain apart from
# the sizes: one whose sizes alone cost more than this and the luck of the draw is not looked at any further.
CHECK = 1023
GROUPS = 4
GAIN = 6.0


@compiled
def gather(ground: Land, state: Units, atom: int, row: int) -> int:
    """List the atoms that hang together with one in its group and unit; -1 for the row stands for the atom alone."""
    unit = state.label[atom]
    state.moving[-1] += 1
    stamp = state.moving[-1]
    state.crowd[0] = atom
    state.moving[atom] = stamp
    if row < 0:
        return 1
    head, tail, group = 0, 1, ground.groups[row, atom]
    while head < tail:
        one = state.crowd[head]
        head += 1
        for way in range(ground.first[one], ground.first[one + 1]):
            near = ground.near[way]
            if (
                ground.joins[way]
                and ground.groups[row, near] == group
                and state.label[near] == unit
                and state.moving[near] != stamp
            ):
                state.moving[near] = stamp
                state.crowd[tail] = near
                tail += 1
    return tail


@compiled
def may_go(ground: Land, state: Units, many: int) -> bool:
    """Tell whether the unit of the gathered atoms hangs together, and is not empty, without them."""
    unit = state.label[state.crowd[0]]
    state.mark[-1] += 1
    stamp, moving = state.mark[-1], state.moving[-1]
    wanted, start = 0, -1
    for one in range(many):
        atom = state.crowd[one]
        for way in range(ground.first[atom], ground.first[atom + 1]):
            near = ground.near[way]
            if (
                ground.joins[way]
                and state.label[near] == unit
                and state.moving[near] != moving
                and state.mark[near] != -stamp
            ):
                state.mark[near] = -stamp
                wanted += 1
                start = near
    if wanted <= 1:
        return wanted == 1
    return _reached(ground, state, unit, start, stamp, wanted)


@compiled
def _reached(ground: Land, state: Units, unit: int, start: int, stamp: int, wanted: int) -> bool:
    """Walk inside a unit from one atom until all marked ones are met, not over the atoms that leave."""
    head, tail, met, moving = 0, 1, 1, state.moving[-1]
    state.queue[0] = start
    state.mark[start] = stamp
    while head < tail:
        atom = state.queue[head]
        head += 1
        for way in range(ground.first[atom], ground.first[atom + 1]):
            near = ground.near[way]
            if (
                not ground.joins[way]
                or state.label[near] != unit
                or state.moving[near] == moving
                or state.mark[near] == stamp
            ):
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
def weigh(ground: Land, state: Units, many: int, unit: int, wishes: Wishes) -> float:
    """Give what changes when the gathered atoms go to a unit together."""
    own, moving = state.label[state.crowd[0]], state.moving[-1]
    to_own, to_unit, to_rest, price, area, weight = 0.0, 0.0, 0.0, 0.0, 0.0, 0
    east, north, square = 0, 0, 0
    for one in range(many):
        atom = state.crowd[one]
        weight += ground.weight[atom]
        right, up = ground.weight[atom] * ground.east[atom], ground.weight[atom] * ground.north[atom]
        east += right
        north += up
        square += right * ground.east[atom] + up * ground.north[atom]
        area += ground.area[atom]
        to_rest += ground.outer[atom]
        for way in range(ground.first[atom], ground.first[atom + 1]):
            near = ground.near[way]
            other = state.label[near]
            if other == own:
                if state.moving[near] != moving:
                    to_own += ground.length[way]
                    price += ground.price[way]
            elif other == unit:
                to_unit += ground.length[way]
                price -= ground.price[way]
            else:
                to_rest += ground.length[way]
    turned = to_own - to_unit
    price += unit_cost(
        state.weight[own] - weight,
        state.size[own] - many,
        state.area[own] - area,
        state.around[own] + turned - to_rest,
        state.east[own] - east,
        state.north[own] - north,
        state.square[own] - square,
        wishes,
    )
    price += unit_cost(
        state.weight[unit] + weight,
        state.size[unit] + many,
        state.area[unit] + area,
        state.around[unit] + turned + to_rest,
        state.east[unit] + east,
        state.north[unit] + north,
        state.square[unit] + square,
        wishes,
    )
    change_ = price - state.cost[own] - state.cost[unit] + _split_change(ground, state, unit, many)
    if wishes.far > 0.0 or len(ground.more) > 0:
        change_ += _beside_change(ground, state, unit, many, wishes)
    return float(change_)


@compiled
def _beside_change(ground: Land, state: Units, unit: int, many: int, wishes: Wishes) -> float:
    """Give what further measures and walks cost more when the gathered atoms go to a unit; middles stay for now."""
    own, price = state.label[state.crowd[0]], 0.0
    for row in range(len(ground.more)):
        count = 0
        for one in range(many):
            count += ground.more[row, state.crowd[one]]
        for name, sign in ((own, -1), (unit, 1)):
            held = state.more[row, name]
            price += off_more(ground, row, held + sign * count, wishes) - off_more(ground, row, held, wishes)
    for one in range(many if wishes.far > 0.0 else 0):
        atom = state.crowd[one]
        price += too_far(ground, state.middle[unit], atom, wishes) - too_far(ground, state.middle[own], atom, wishes)
    return price


@inlined
def _split_change(ground: Land, state: Units, unit: int, many: int) -> float:
    """Give what the street block of the gathered atoms costs more when they go to a unit."""
    atom = state.crowd[0]
    block = ground.block[atom]
    if block < 0:
        return 0.0
    now = state.holders[block]
    then = now
    if holds(ground, state, block, state.label[atom]) == many:
        then -= 1
    if holds(ground, state, block, unit) == 0:
        then += 1
    return float(ground.split[block] * (min(then - 1, 1) - min(now - 1, 1) + AGAIN * (then - now)))


@compiled
def change(ground: Land, state: Units, atom: int, unit: int, wishes: Wishes) -> float:
    """Give what changes when an atom goes to a unit."""
    return weigh(ground, state, gather(ground, state, atom, -1), unit, wishes)


@inlined
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


@inlined
def _too_dear(ground: Land, state: Units, many: int, unit: int, wishes: Wishes, limit: float) -> bool:
    """Tell whether the gathered atoms cost more by the sizes of units alone than the rest of a step can gain."""
    own, weight = state.label[state.crowd[0]], 0
    for one in range(many):
        weight += ground.weight[state.crowd[one]]
    if weight == 0:
        return False
    then = off_band(state.weight[own] - weight, wishes) + off_band(state.weight[unit] + weight, wishes)
    if then <= limit + GAIN:
        return False
    return then - off_band(state.weight[own], wishes) - off_band(state.weight[unit], wishes) > limit + GAIN


@compiled
def search(ground: Land, state: Units, wishes: Wishes, proposals: int, warm: float, cold: float) -> None:
    """Propose, weigh and take changes in the window while it cools from warm to cold."""
    cooling = (cold / warm) ** (1.0 / max(1, proposals // (CHECK + 1)))
    heat, rows, plain = warm, len(ground.groups), wishes.far == 0.0 and len(ground.more) == 0
    for step in range(proposals):
        if step & CHECK == CHECK:
            heat *= cooling
        if state.edges[0] == 0:
            break
        atom = state.edge[below(state.chance, state.edges[0])]
        unit = _other_unit(ground, state, atom)
        if unit == state.label[atom]:
            continue
        row = below(state.chance, rows) if below(state.chance, 100) < GROUPS else -1
        limit = -heat * np.log(share(state.chance))
        many = gather(ground, state, atom, row)
        if plain and _too_dear(ground, state, many, unit, wishes, limit):
            continue
        if weigh(ground, state, many, unit, wishes) <= limit and may_go(ground, state, many):
            for one in range(many):
                shift(ground, state, state.crowd[one], unit, wishes)

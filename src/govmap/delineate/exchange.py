"""The inner loops of keeping a plan, in machine code: which atoms a few neighbouring units exchange at the least cost.

A beam of half-made exchanges is carried on, one atom more at a time, and the cheapest are kept. Where it never
overflows, every exchange that single steps can reach has been weighed. All quantities are whole numbers.
"""

from typing import NamedTuple

import numpy as np

from govmap.delineate.problem import Flags, Ints
from govmap.geometry import compiled

NARROW = 8
PART_MM = 20_000
TIE_BITS = 36
TIE_MOST = 1 << (TIE_BITS - 2)
NEVER = 1 << 62
OUT_BITS = 17
OUT_MOST = (1 << OUT_BITS) - 1
LONGEST = 2


class Region(NamedTuple):
    """
    A few units and their atoms, for each atom its borders one behind the other.

    `cost` is what an atom counts when it lies elsewhere than at `home` (-1: nowhere here); a unit with `vanish` may be
    emptied.
    """

    weight: Ints
    cost: Ints
    home: Ints
    first: Ints
    near: Ints
    joins: Flags
    price: Ints
    vanish: Flags
    low: int
    high: int


Step = tuple[int, int, int, int, int, int]


class Beam(NamedTuple):
    """Half-made exchanges, one a row; for each what moved, what is out of band, units to mend, border, fingerprint."""

    label: Ints
    weight: Ints
    size: Ints
    sums: Ints


class Desk(NamedTuple):
    """Scratch for walks: marks with their last stamp, a queue, the atoms that go along."""

    mark: Ints
    queue: Ints
    along: Ints


MOVED, OUT, BAD, TIE, PRINT = 0, 1, 2, 3, 4


@compiled
def gap(weight: int, size: int, low: int, high: int) -> int:
    """Give what a unit is above its band or short of it; an empty one is not there."""
    return max(low - weight, weight - high, 0) if size > 0 else 0


@compiled
def _least(region: Region, unit: int, weight: int, size: int) -> int:
    """Give the least that must move before a unit lies in its band or is gone."""
    missing = gap(weight, size, region.low, region.high)
    return min(missing, weight) if region.vanish[unit] else missing


@compiled
def _bad(region: Region, unit: int, centre: int, weight: int, size: int, before: Ints) -> int:
    """Tell (1 or 0) whether a unit still has to be mended: the centre out of band, another farther out than before."""
    missing = gap(weight, size, region.low, region.high)
    return int(missing > (0 if unit == centre else before[unit]))


@compiled
def _mix(atom: int, unit: int, units: int) -> int:
    """Give a number that tells this atom in this unit from all others (splitmix64)."""
    one = np.uint64(atom * units + unit + 1) * np.uint64(0x9E3779B97F4A7C15)
    one = (one ^ (one >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    one = (one ^ (one >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return int(np.int64(one ^ (one >> np.uint64(31))))


@compiled
def _walk(region: Region, label: Ints, start: int, desk: Desk, tail: int) -> tuple[int, int]:
    """Put the piece of an atom's unit at the end of the queue; give its new end and how many wished-for were met."""
    stamp, unit, head, met = desk.mark[-1], label[start], tail, 0
    met += desk.mark[start] == -stamp
    desk.queue[tail], desk.mark[start] = start, stamp
    tail += 1
    while head < tail:
        atom = desk.queue[head]
        head += 1
        for way in range(region.first[atom], region.first[atom + 1]):
            near = region.near[way]
            if region.joins[way] and label[near] == unit and desk.mark[near] != stamp:
                met += desk.mark[near] == -stamp
                desk.queue[tail], desk.mark[near] = near, stamp
                tail += 1
    return tail, met


@compiled
def go_along(region: Region, label: Ints, atom: int, desk: Desk) -> int:
    """
    Collect an atom and what cannot stay without it, in `along`, and give how many these are.

    Of the pieces into which its unit would fall the heaviest stays.
    """
    unit, wanted = label[atom], 0
    desk.mark[-1] += 1
    stamp = desk.mark[-1]
    desk.mark[atom], desk.along[0] = stamp, atom
    for way in range(region.first[atom], region.first[atom + 1]):
        near = region.near[way]
        if region.joins[way] and label[near] == unit and desk.mark[near] != -stamp:
            desk.mark[near] = -stamp
            wanted += 1
    tail, heaviest, stays, ends = 0, -1, 0, 0
    for way in range(region.first[atom], region.first[atom + 1]):
        near = region.near[way]
        if not region.joins[way] or label[near] != unit or desk.mark[near] != -stamp:
            continue
        start = tail
        tail, met = _walk(region, label, near, desk, tail)
        if met == wanted:
            return 1
        weight = tail - start + (region.weight[desk.queue[start:tail]].sum() << 20)
        if weight > heaviest:
            heaviest, stays, ends = weight, start, tail
    count = 1
    for place in range(tail):
        if place < stays or place >= ends:
            desk.along[count] = desk.queue[place]
            count += 1
    return count


@compiled
def _effect(region: Region, label: Ints, desk: Desk, count: int, unit: int) -> tuple[int, int, int]:
    """Give weight, change of cost and change of border price where what goes along goes to a unit."""
    desk.mark[-1] += 1
    stamp, own = desk.mark[-1], label[desk.along[0]]
    weight, cost, price = 0, 0, 0
    for place in range(count):
        desk.mark[desk.along[place]] = stamp
    for place in range(count):
        atom = desk.along[place]
        weight += region.weight[atom]
        cost += region.cost[atom] * (int(region.home[atom] != unit) - int(region.home[atom] != own))
        for way in range(region.first[atom], region.first[atom + 1]):
            near = region.near[way]
            if desk.mark[near] == stamp:
                continue
            if label[near] == own:
                price += region.price[way]
            elif label[near] == unit:
                price -= region.price[way]
    return weight, cost, price


@compiled
def _active(region: Region, beam: Beam, row: int, centre: int, before: Ints) -> int:
    """Name the unit to be mended next: the centre first, then what is farthest out."""
    most, found = 0, -1
    for unit in range(len(before)):
        missing = gap(beam.weight[row, unit], beam.size[row, unit], region.low, region.high)
        more = missing if unit == centre else missing - before[unit]
        if unit == centre and more > 0:
            return unit
        if more > most:
            most, found = more, unit
    return found


@compiled
def _weigh(
    region: Region, beam: Beam, row: int, atom: int, unit: int, centre: int, before: Ints, desk: Desk
) -> tuple[int, int, int, int]:
    """Give the rank of an exchange with one step more, what is then out of band, units to mend, and its fingerprint."""
    label, sums = beam.label[row], beam.sums[row]
    own = label[atom]
    count = go_along(region, label, atom, desk)
    if count == beam.size[row, own] and not region.vanish[own]:
        return NEVER, 0, 0, 0
    weight, cost, price = _effect(region, label, desk, count, unit)
    out, bad, fingerprint = sums[OUT], sums[BAD], sums[PRINT]
    for one, sign in ((own, -1), (unit, 1)):
        had, held = beam.weight[row, one], beam.size[row, one]
        has, holds = had + sign * weight, held + sign * count
        out += _least(region, one, has, holds) - _least(region, one, had, held)
        bad += _bad(region, one, centre, has, holds, before) - _bad(region, one, centre, had, held, before)
    for place in range(count):
        fingerprint ^= _mix(desk.along[place], own, len(before)) ^ _mix(desk.along[place], unit, len(before))
    tie = min(max(sums[TIE] + price + PART_MM * count, -TIE_MOST), TIE_MOST)
    return ((sums[MOVED] + cost + out) << TIE_BITS) + tie + TIE_MOST, out, bad, fingerprint


@compiled
def _take(
    region: Region, beam: Beam, row: int, atom: int, unit: int, centre: int, before: Ints, desk: Desk, to: Beam, at: int
) -> None:
    """Write an exchange with one step more into a row of the next beam."""
    _, out, bad, fingerprint = _weigh(region, beam, row, atom, unit, centre, before, desk)
    count = go_along(region, beam.label[row], atom, desk)
    own = beam.label[row, atom]
    weight, cost, price = _effect(region, beam.label[row], desk, count, unit)
    to.label[at], to.weight[at], to.size[at] = beam.label[row], beam.weight[row], beam.size[row]
    for place in range(count):
        to.label[at, desk.along[place]] = unit
    to.weight[at, own] -= weight
    to.weight[at, unit] += weight
    to.size[at, own] -= count
    to.size[at, unit] += count
    to.sums[at, MOVED] = beam.sums[row, MOVED] + cost
    to.sums[at, OUT], to.sums[at, BAD], to.sums[at, PRINT] = out, bad, fingerprint
    to.sums[at, TIE] = beam.sums[row, TIE] + price + PART_MM * count


@compiled
def _steps(
    region: Region,
    label: Ints,
    start: Ints,
    active: int,
    over: bool,  # noqa: FBT001
    free: bool,  # noqa: FBT001
    steps: list[tuple[int, int]],
) -> None:
    """List steps that help the active unit: its atoms to neighbours, where it is short theirs to it; or `free` any."""
    leave = over or region.vanish[active]
    for atom in range(len(label)):
        if label[atom] != start[atom] or (label[atom] == active and not leave and not free):
            continue
        begun = len(steps)
        for way in range(region.first[atom], region.first[atom + 1]):
            unit = label[region.near[way]]
            if not region.joins[way] or unit == label[atom]:
                continue
            if label[atom] != active and (over or unit != active) and not free:
                continue
            known = False
            for one in range(begun, len(steps)):
                known = known or steps[one][1] == unit
            if not known:
                steps.append((atom, unit))


@compiled
def _first(region: Region, start: Ints, centre: int, before: Ints, beam: Beam) -> None:
    """Begin a beam with nothing exchanged."""
    beam.label[0] = start
    beam.weight[0], beam.size[0], beam.sums[0] = 0, 0, 0
    for atom in range(len(start)):
        beam.weight[0, start[atom]] += region.weight[atom]
        beam.size[0, start[atom]] += 1
        beam.sums[0, MOVED] += region.cost[atom] * int(region.home[atom] != start[atom])
    for unit in range(len(before)):
        weight, size = beam.weight[0, unit], beam.size[0, unit]
        before[unit] = gap(weight, size, region.low, region.high)
        beam.sums[0, OUT] += _least(region, unit, weight, size)
        beam.sums[0, BAD] += _bad(region, unit, centre, weight, size, before)


@compiled
def _beam(width: int, atoms: int, units: int) -> Beam:
    return Beam(
        np.zeros((width, atoms), np.int64),
        np.zeros((width, units), np.int64),
        np.zeros((width, units), np.int64),
        np.zeros((width, 5), np.int64),
    )


@compiled
def _next(
    region: Region,
    beam: Beam,
    rows: int,
    start: Ints,
    centre: int,
    before: Ints,
    desk: Desk,
    least: int,
    free: bool,  # noqa: FBT001
) -> tuple[list[Step], Step, int]:
    """
    Weigh every step that carries an exchange of the beam on.

    Gives those worth carrying on, as (rank, out, row, atom, unit, fingerprint), the best that is done, and the number
    of steps.
    """
    found, done, spent = [(least, 0, 0, 0, 0, 0) for _ in range(0)], (least, 0, 0, 0, 0, 0), 0
    for row in range(rows):
        active = _active(region, beam, row, centre, before)
        steps = [(0, 0) for _ in range(0)]
        over = beam.weight[row, active] > region.high
        _steps(region, beam.label[row], start, active, over, free, steps)
        spent += len(steps)
        for atom, unit in steps:
            rank, out, bad, fingerprint = _weigh(region, beam, row, atom, unit, centre, before, desk)
            if rank < done[0] and bad == 0:
                done = (rank, out, row, atom, unit, fingerprint)
            elif rank < done[0]:
                found.append((rank, out, row, atom, unit, fingerprint))
    return found, done, spent


@compiled
def _order(found: list[Step], eager: bool) -> Ints:  # noqa: FBT001
    """Put steps in the order in which they are carried on: the cheapest, of these the nearest to done if `eager`."""
    keys = np.empty(len(found), np.int64)
    for one in range(len(found)):
        rank, out = found[one][0], found[one][1]
        cost = rank >> TIE_BITS
        tie = rank - (cost << TIE_BITS)
        if eager:
            tie = (min(out, OUT_MOST) << (TIE_BITS - OUT_BITS)) + (tie >> OUT_BITS)
        keys[one] = (cost << TIE_BITS) + tie
    return np.argsort(keys, kind="mergesort")


@compiled
def search(
    region: Region,
    start: Ints,
    centre: int,
    width: int,
    budget: int,
    eager: bool,  # noqa: FBT001
    free: bool,  # noqa: FBT001
) -> tuple[bool, Ints]:
    """
    Find the cheapest exchange that brings one unit into its band and no other farther out of it.

    Parameters
    ----------
    start
        Unit of each atom, counted from 0 within the region.
    centre
        The unit to be brought into its band.
    width
        How many half-made exchanges are carried on.
    budget
        Steps that are weighed; after them only a few exchanges are carried on.
    eager
        Of half-made exchanges that will cost as much, carry on those that are nearest to done, else the most compact.
    free
        Any step may follow any other, not those alone that help the unit to be mended next.

    Returns
    -------
    found, label
        Whether there is one, and the unit of each atom after it.
    """
    n, units = len(start), len(region.vanish)
    desk = Desk(np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64))
    now, then, before = _beam(width, n, units), _beam(width, n, units), np.zeros(units, np.int64)
    _first(region, start, centre, before, now)
    best, least, count, spent = start.copy(), NEVER, 1, 0
    while count > 0 and spent <= LONGEST * budget:
        found, done, more = _next(region, now, count, start, centre, before, desk, least, free)
        spent += more
        if done[0] < least:
            least = done[0]
            _take(region, now, done[2], done[3], done[4], centre, before, desk, then, 0)
            best = then.label[0].copy()
        seen, count = {np.int64(0)}, 0
        for one in _order(found, eager):
            rank, _, row, atom, unit, fingerprint = found[one]
            if count < (width if spent <= budget else min(width, NARROW)) and rank < least and fingerprint not in seen:
                seen.add(fingerprint)
                _take(region, now, row, atom, unit, centre, before, desk, then, count)
                count += 1
        now, then = then, now
    return least < NEVER, best

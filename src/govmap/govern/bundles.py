"""Loops in machine code for sharing out work: the best bundle for one worker at given prices, and one-step repairs.

Whole numbers throughout, so that the same input gives the same answer: minutes, and hours as steps of load.
"""

import numpy as np

from govmap.geometry import Bools, Ints, compiled

NEVER = 1 << 40  # minutes beyond any sum: what cannot be
NOBODY = -1


@compiled
def bundle(prices: Ints, minutes: Ints, loads: Ints, dear: Ints, room: int) -> tuple[int, Bools]:
    """
    Give the units that one worker takes most gladly at these prices: an exact knapsack over hours.

    Parameters
    ----------
    prices, minutes
        What taking a unit brings and costs; a unit with `minutes` of NEVER is never taken.
    loads
        Hours of each unit; at most `room` of them count, so that a unit too large for anybody fills one worker.
    dear
        What a load of 0, 1, 2 … hours costs, growing; `room` is the last that can be.

    Returns
    -------
    gain, taken
        What is brought above what it costs; 0 and nothing where nothing pays.
    """
    count = len(prices)
    chosen = np.zeros(count, np.bool_)
    items = np.flatnonzero((minutes < NEVER) & (prices > minutes))
    most = np.full(room + 1, -NEVER, np.int64)
    most[0] = 0
    took = np.zeros((len(items), room + 1), np.bool_)
    for at in range(len(items)):
        item = items[at]
        load, worth = min(loads[item], room), prices[item] - minutes[item]
        for hours in range(room, load - 1, -1):
            if most[hours - load] + worth > most[hours]:
                most[hours] = most[hours - load] + worth
                took[at, hours] = True
    best, gain = 0, 0
    for hours in range(room + 1):
        if most[hours] - (dear[hours] - dear[0]) > gain:
            gain = most[hours] - (dear[hours] - dear[0])
            best = hours
    for at in range(len(items) - 1, -1, -1):
        if took[at, best]:
            chosen[items[at]] = True
            best -= min(loads[items[at]], room)
    return gain, chosen


@compiled
def bundles(prices: Ints, minutes: Ints, loads: Ints, dear: Ints, rooms: Ints) -> tuple[Ints, Bools]:
    """Give the best bundle of every worker; `minutes` and `taken` are (workers, units)."""
    gains = np.zeros(len(rooms), np.int64)
    taken = np.zeros((len(rooms), len(prices)), np.bool_)
    for worker in range(len(rooms)):
        gains[worker], taken[worker] = bundle(prices, minutes[worker], loads, dear[worker], rooms[worker])
    return gains, taken


@compiled
def settle(holder: Ints, minutes: Ints, loads: Ints, dear: Ints, rooms: Ints, vacant: Ints) -> Ints:
    """Move and exchange units between workers as long as that saves minutes; the first saving found is taken."""
    held, hours = holder.copy(), _hours(holder, loads, rooms)
    better = True
    while better:
        better = _moved(held, hours, minutes, loads, dear, rooms, vacant)
        better = _exchanged(held, hours, minutes, loads, dear, rooms) or better
    return held


@compiled
def _hours(holder: Ints, loads: Ints, rooms: Ints) -> Ints:
    hours = np.zeros(len(rooms), np.int64)
    for unit in range(len(holder)):
        if holder[unit] >= 0:
            hours[holder[unit]] += min(loads[unit], rooms[holder[unit]])
    return hours


@compiled
def _freed(unit: int, holder: int, hours: Ints, minutes: Ints, loads: Ints, dear: Ints, rooms: Ints) -> int:
    """Give what it saves that a worker leaves a unit."""
    now = hours[holder]
    return int(minutes[holder, unit] + dear[holder, now] - dear[holder, now - min(loads[unit], rooms[holder])])


@compiled
def _taken(unit: int, taker: int, now: int, minutes: Ints, loads: Ints, dear: Ints, rooms: Ints) -> int:
    """Give what it costs that a worker with so many hours takes a unit."""
    then = now + min(loads[unit], rooms[taker])
    if minutes[taker, unit] >= NEVER or then > rooms[taker]:
        return NEVER
    return int(minutes[taker, unit] + dear[taker, then] - dear[taker, now])


@compiled
def _moved(held: Ints, hours: Ints, minutes: Ints, loads: Ints, dear: Ints, rooms: Ints, vacant: Ints) -> bool:
    found = False
    for unit in range(len(held)):
        now = held[unit]
        saved = vacant[unit] if now < 0 else _freed(unit, now, hours, minutes, loads, dear, rooms)
        best, cost = now, saved
        for taker in range(len(rooms)):
            if taker != now:
                other = _taken(unit, taker, hours[taker], minutes, loads, dear, rooms)
                if other < cost:
                    best, cost = taker, other
        if best != now:
            if now >= 0:
                hours[now] -= min(loads[unit], rooms[now])
            hours[best] += min(loads[unit], rooms[best])
            held[unit] = best
            found = True
    return found


@compiled
def _exchanged(held: Ints, hours: Ints, minutes: Ints, loads: Ints, dear: Ints, rooms: Ints) -> bool:
    found = False
    for one in range(len(held)):
        for other in range(one + 1, len(held)):
            a, b = held[one], held[other]
            if a == b or a < 0 or b < 0:
                continue
            less_a, less_b = hours[a] - min(loads[one], rooms[a]), hours[b] - min(loads[other], rooms[b])
            saved = _freed(one, a, hours, minutes, loads, dear, rooms)
            saved += _freed(other, b, hours, minutes, loads, dear, rooms)
            cost = _taken(other, a, less_a, minutes, loads, dear, rooms)
            cost += _taken(one, b, less_b, minutes, loads, dear, rooms)
            if cost < saved:
                hours[a] = less_a + min(loads[other], rooms[a])
                hours[b] = less_b + min(loads[one], rooms[b])
                held[one], held[other] = b, a
                found = True
    return found

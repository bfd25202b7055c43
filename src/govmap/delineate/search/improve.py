"""The search: atoms at the edge of a unit change over to a neighbour, often where it helps, seldom where it harms.

Every step is one proposal: an atom, the unit it would go to, what that changes; no step leaves a unit in pieces. The
number of proposals is the budget. Sums are of whole numbers (millimetres, square decimetres, households), the random
numbers are our own, so that the same input gives the same plan.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from govmap.delineate.problem import Ints, Problem, Reals
from govmap.delineate.search.coarsen import families
from govmap.delineate.search.kernel import Land, Units, Wishes, count, look_at, reckon
from govmap.delineate.search.moves import search

Told = Callable[[int], None]
WINDOW = 12000
STEPS = 48
# While it is hotter than this, sizes are priced less, the hotter the less: units out of size can be passed through.
STRICT, RELAXED = 0.2, 1.5


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
        near=there[order].astype(np.int32),
        joins=problem.joins[twice],
        length=problem.length[twice].astype(np.float32),
        price=(problem.price[twice] / wishes.width_mm).astype(np.float32),
        block=block,
        slot=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
        split=_split_price(np.bincount(inside, problem.weight[block >= 0]), wishes),
        groups=families(problem, wishes.aim),
        east=np.rint((problem.x - problem.x.mean()) * 10).astype(np.int64),
        north=np.rint((problem.y - problem.y.mean()) * 10).astype(np.int64),
        **_asked(problem),
    )


def _asked(problem: Problem) -> dict[str, Any]:
    """Lay out what is asked beside the band; of nothing there is no row."""
    more = problem.more
    if more is None:
        none = np.zeros(0, dtype=np.int64)
        return {"reach": np.zeros(0), "more": np.zeros((0, len(problem)), np.int64), "least": none, "most": none}
    return {"reach": more.reach_m * 10, "more": more.weight, "least": more.low, "most": more.high}


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
        east=np.zeros(room, dtype=np.int64),
        north=np.zeros(room, dtype=np.int64),
        square=np.zeros(room, dtype=np.int64),
        more=np.zeros((len(ground.more), room), dtype=np.int64),
        middle=np.zeros((room, 2)),
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
        moving=np.zeros(n + 1, dtype=np.int64),
        crowd=np.zeros(n, dtype=np.int64),
        window=np.array([0, n]),
        chance=np.array([(88172645463325252 + 7919 * seed) % 2**64], dtype=np.uint64),
    )
    count(ground, state, wishes)
    return state


def anneal(
    ground: Land, state: Units, wishes: Wishes, proposals: int, warm: float, cold: float, *, told: Told | None = None
) -> None:
    """
    Search with a fixed budget while it cools from warm to cold.

    At first sizes weigh little and shapes are found; the colder, the more sizes weigh. Large ground is looked at window
    by window, again and again while it cools: what lies near in memory is quick.

    Parameters
    ----------
    warm, cold
        How much worse a step may make the whole and still be taken by every third draw.
    told
        Hears of every run of proposals that is done.
    """
    n = len(ground.weight)
    windows = np.linspace(0, n, max(1, round(n / WINDOW)) + 1).astype(np.int64)
    heats = warm * (cold / warm) ** (np.arange(STEPS + 1) / STEPS)
    for now, then in pairwise(heats.tolist()):
        eased = _eased(wishes, now)
        reckon(ground, state, eased)
        for first, last in pairwise(windows.tolist()):
            look_at(state, first, last)
            search(ground, state, eased, int(proposals * (last - first) / n) // STEPS, now, then)
        if told is not None:
            told(proposals // STEPS)
    reckon(ground, state, wishes)
    look_at(state, 0, n)


def _eased(wishes: Wishes, heat: float) -> Wishes:
    """Price sizes and what is asked beside them as far as the heat allows."""
    part = min(1.0, (STRICT / heat) ** RELAXED)
    priced = {name: getattr(wishes, name) * part for name in ("band", "near", "more", "far")}
    return wishes._replace(**priced)

"""The search: atoms at the edge of a unit change over to a neighbour, often where it helps, seldom where it harms.

Every step is one proposal: an atom, the unit it would go to, what that changes; no step leaves a unit in pieces. The
number of proposals is the budget. Sums are of whole numbers (millimetres, square decimetres, households), the random
numbers are our own, so that the same input gives the same plan.
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from govmap.delineate.problem import Ints, Problem, Reals
from govmap.delineate.search.kernel import Land, Units, Wishes, count, look_at, search

HEAT = ((0.3, 0.01, 0.8), (0.01, 1e-4, 0.2))
Told = Callable[[int], None]
WINDOW = 6000
STEPS = 24


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
        window=np.array([0, n]),
        chance=np.array([(88172645463325252 + 7919 * seed) % 2**64], dtype=np.uint64),
    )
    count(ground, state, wishes)
    return state


def anneal(
    ground: Land, state: Units, wishes: Wishes, proposals: int, *, heat: float = 1.0, told: Told | None = None
) -> None:
    """
    Search with a fixed budget; `heat` under 1 begins cooler and stays nearer to what there is.

    `told` hears of every run of proposals that is done.

    Large ground is looked at window by window, again and again while it cools: what lies near in memory is quick.
    """
    n = len(ground.weight)
    windows = np.linspace(0, n, max(1, round(n / WINDOW)) + 1).astype(np.int64)
    steps = STEPS if len(windows) > 2 else 1  # noqa: PLR2004 - one window needs no turns
    for start, end, share in HEAT:
        warm = max(start * heat, end)
        for step in range(steps):
            now, then = (warm * (end / warm) ** (turn / steps) for turn in (step, step + 1))
            for first, last in pairwise(windows):
                look_at(state, first, last)
                search(ground, state, wishes, int(proposals * share * (last - first) / n) // steps, now, then)
            if told is not None:
                told(int(proposals * share) // steps)
    look_at(state, 0, n)

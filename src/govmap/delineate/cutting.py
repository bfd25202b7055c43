"""One unit cut in two, in machine code: random trees are laid over it, and of all their cuts the cheapest stays."""

from heapq import heappop, heappush

import numpy as np

from govmap.delineate.exchange import NEVER, TIE_BITS, TIE_MOST, Region
from govmap.delineate.problem import Ints
from govmap.geometry import compiled


@compiled
def _tree(region: Region, root: int, chance: Ints) -> tuple[Ints, Ints]:
    """Grow a random tree over what hangs together with an atom: order from it, place of each one's parent in that."""
    n = len(region.weight)
    order, parent = np.empty(n, np.int64), np.empty(n, np.int64)
    taken, fringe, step = np.zeros(n, np.bool_), [(0, root, -1)], 0
    while len(fringe) > 0:
        _, atom, above = heappop(fringe)
        if taken[atom]:
            continue
        taken[atom] = True
        order[step], parent[step] = atom, above
        for way in range(region.first[atom], region.first[atom + 1]):
            if region.joins[way] and not taken[region.near[way]]:
                chance[0] = chance[0] * 6364136223846793005 + 1442695040888963407  # Knuth's linear congruence
                # Borders that are dear to cut are grown over early, so that cheap ones are cut.
                drawn = ((chance[0] >> 33) & 0xFFFF) - min(max(region.price[way] >> 2, -0xFFFF), 0xFFFF)
                heappush(fringe, (drawn, region.near[way], step))
        step += 1
    return order[:step], parent[:step]


@compiled
def cut_in_two(region: Region, root: int, trees: int, seed: int) -> tuple[bool, Ints]:
    """
    Divide one unit into a unit in the band and a rest that is one or can be divided into some, at the least cost.

    Of so many random trees over what hangs together with the root every cut is weighed; the side that costs less is
    labelled 1.
    """
    n, best, least = len(region.weight), np.zeros(len(region.weight), np.int64), NEVER
    chance = np.array([seed])
    total, dear = region.weight.sum(), region.cost.sum()
    for _ in range(trees):
        order, parent = _tree(region, root, chance)
        weight, cost = region.weight[order], region.cost[order]
        for one in range(len(order) - 1, 0, -1):
            weight[parent[one]] += weight[one]
            cost[parent[one]] += cost[one]
        for one in range(1, len(order)):
            rest = total - weight[one]
            if not (_divisible(region, weight[one]) and _divisible(region, rest)):
                continue
            if min(weight[one], rest) > region.high or min(cost[one], dear - cost[one]) > least >> TIE_BITS:
                continue
            side = np.zeros(n, np.int64)
            side[order[one]] = 1
            for below in range(one + 1, len(order)):
                side[order[below]] = side[order[parent[below]]] if parent[below] >= one else 0
            price = _price(region, side)
            rank = (min(cost[one], dear - cost[one]) << TIE_BITS) + min(max(price, -TIE_MOST), TIE_MOST) + TIE_MOST
            if rank < least:
                least, best = rank, side if cost[one] <= dear - cost[one] else 1 - side
    return least < NEVER, best


@compiled
def _divisible(region: Region, weight: int) -> bool:
    """Tell whether some number of units of the band adds up to a weight."""
    return weight >= region.low and -(-weight // region.high) <= weight // region.low


@compiled
def _price(region: Region, side: Ints) -> int:
    """Give the price of the borders between two sides."""
    price = 0
    for atom in range(len(side)):
        for way in range(region.first[atom], region.first[atom + 1]):
            if side[atom] < side[region.near[way]]:
                price += region.price[way]
    return price

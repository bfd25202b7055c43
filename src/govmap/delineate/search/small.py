"""The best division of a few atoms, by the prices of the search: every unit that could be is reckoned.

A street block among three units is priced a little more here than by the search (twice for the second cut instead of a
part of it); whoever takes a division from here compares it by what the search says.
"""

import numpy as np

from govmap.delineate.problem import Flags, Ints, Reals
from govmap.delineate.search.exact import split_exactly
from govmap.delineate.search.kernel import AGAIN, Land, Wishes

# The most atoms that are looked at in this way, and the work that is spent on finding units and putting them together.
FEW_ATOMS = 20
STEPS, WORK = 200_000, 20_000_000


def best_of_all(ground: Land, wishes: Wishes, atoms: Ints, number: int) -> Ints | None:
    """
    Divide some atoms that hang together into so many units of the band at the least price.

    The rest of the ground is held by others and stays. What is asked beside the band is not looked at.

    Returns
    -------
    label
        Unit of each of `atoms`, counted from 0; None where they are too many, or no such division was found.
    """
    if len(atoms) > FEW_ATOMS:
        return None
    spot = np.full(len(ground.weight), -1, dtype=np.int64)
    spot[atoms] = np.arange(len(atoms))
    owner = np.repeat(np.arange(len(ground.weight)), np.diff(ground.first))
    way = np.flatnonzero((spot[owner] >= 0) & (spot[ground.near] > spot[owner]))
    i, j = spot[owner[way]], spot[ground.near[way]]
    meets = ground.joins[way]

    def value(inside: Flags) -> Reals:
        return _unit_prices(ground, wishes, atoms, inside) + _border_prices(ground, wishes, atoms, inside, way, (i, j))

    low, high = wishes.low, wishes.high
    return split_exactly(ground.weight[atoms], i[meets], j[meets], value, number, low, high, steps=STEPS, work=WORK)[0]


def _unit_prices(ground: Land, wishes: Wishes, atoms: Ints, inside: Flags) -> Reals:
    """Price the sizes, the spread and the divided blocks of units."""
    weight, east, north = ground.weight[atoms], ground.east[atoms], ground.north[atoms]
    held = inside @ weight
    price = _off(held, wishes.low, wishes.high, wishes.band, wishes.aim)
    price = price + _off(held, wishes.near_low, wishes.near_high, wishes.near, wishes.aim)
    price += wishes.even * ((held - wishes.aim) / wishes.aim) ** 2
    middle = (inside @ (weight * east)) ** 2.0 + (inside @ (weight * north)) ** 2.0
    price += wishes.spread * (inside @ (weight * (east**2 + north**2)) - middle / np.maximum(held, 1))
    half = (1 + AGAIN) / 2
    for block in np.unique(ground.block[atoms][ground.block[atoms] >= 0]):
        own = ground.block == block
        share = inside @ own[atoms].astype(np.int64)
        price += half * ground.split[block] * ((share > 0) & (share < own.sum()))
    return price


def _off(held: Ints, low: float, high: float, price: float, aim: float) -> Reals:
    """Price the distance from a band, as `kernel.off_band` does."""
    out = np.maximum(np.maximum(low - held, held - high), 0) / aim
    found: Reals = np.where(out > 0, price * (0.05 + out + 10 * out**2), 0.0)
    return found


def _border_prices(
    ground: Land, wishes: Wishes, atoms: Ints, inside: Flags, way: Ints, ends: tuple[Ints, Ints]
) -> Reals:
    """Price the borders of units, half of each, and their want of roundness."""
    within = (inside[:, ends[0]] & inside[:, ends[1]]).astype(np.float64)
    length, price = ground.length.astype(np.float64), ground.price.astype(np.float64)
    around = inside @ (ground.outer + _summed(ground, length))[atoms] - 2 * (within @ length[way])
    round_ = 4e4 * np.pi * (inside @ ground.area[atoms]) / np.maximum(around**2, 1.0)
    cost = inside @ _summed(ground, price)[atoms] / 2 - within @ price[way]
    found: Reals = cost + wishes.shape * (0.5 - np.minimum(round_, 1.0))
    return found


def _summed(ground: Land, values: Reals) -> Reals:
    """Sum what the borders of each atom have."""
    return np.diff(np.concatenate([[0.0], np.cumsum(values)])[ground.first])

"""Which units of a search do not have what is asked of them beside their band: further measures, the longest walk."""

import numpy as np

from govmap.delineate.problem import Flags, Ints, Reals
from govmap.delineate.search.kernel import Land, Units, Wishes, beside_cost, energy

# Directions in which the extent of a unit is measured: its ends lie at most 0.2 % farther apart than in one of them.
DIRECTIONS = 32


def is_asked(ground: Land, wishes: Wishes) -> bool:
    """Tell whether anything is asked beside the band."""
    return wishes.far > 0.0 or len(ground.more) > 0


def amiss(ground: Land, state: Units, wishes: Wishes) -> Flags:
    """Flag the units that miss the band of a further measure, or whose ends lie too far apart."""
    short, over = state.more < ground.least[:, None], state.more > ground.most[:, None]
    flags: Flags = (short | over).any(axis=0) & (state.size > 0)
    if wishes.far > 0.0:
        flags |= spans(ground, state.label, len(state.size)) > 2 * wishes.radius
    return flags


def spans(ground: Land, label: Ints, number: int) -> Reals:
    """Give how far apart the ends of each unit lie in a straight line, in decimetres."""
    widest, walked = np.zeros(number), np.flatnonzero(ground.reach >= 0)
    label, reach = label[walked], ground.reach[walked]
    for turn in np.arange(DIRECTIONS) * (np.pi / DIRECTIONS):
        along = np.cos(turn) * ground.east[walked] + np.sin(turn) * ground.north[walked]
        low, high = np.full(number, np.inf), np.full(number, -np.inf)
        np.minimum.at(low, label, along - reach)
        np.maximum.at(high, label, along + reach)
        widest = np.maximum(widest, high - low)
    return widest


def whole_cost(ground: Land, state: Units, wishes: Wishes) -> float:
    """Sum all that the search weighs."""
    cost = float(energy(ground, state))
    return cost + float(beside_cost(ground, state, wishes)) if is_asked(ground, wishes) else cost

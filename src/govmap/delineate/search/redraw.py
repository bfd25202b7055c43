"""Mends what single moves cannot: units out of their band are divided anew together with their neighbours.

A few neighbouring units are taken as one piece of ground, a random tree is laid over it and cut where every part lies
in the band. Of many trees the cheapest result stays. The number of trees is fixed.
"""

from collections.abc import Callable

import numpy as np

from govmap.delineate.problem import Flags, Ints
from govmap.delineate.search.further import amiss, is_asked
from govmap.delineate.search.kernel import Land, Units, Wishes, reckon
from govmap.delineate.search.trees import beside, best_of_trees

# Trees laid over regions of two, three ... units, and over all regions tried for one unit.
TREES = (40, 80, 120, 160)
PATIENCE = 1500
STRICT = 10.0
# What is asked beside the band is worth so much less patience than the band.
FURTHER = 5


def mend(ground: Land, state: Units, wishes: Wishes, *, fixed: bool, patience: int = PATIENCE) -> None:
    """
    Bring units into their band by dividing them anew with one, two or three neighbours.

    Where more than the band is asked of units, those that do not have it are then divided anew in the same way, as long
    as none leaves the band for it.

    Parameters
    ----------
    fixed
        The number of units must stay what it is.
    patience
        Trees laid for one unit, over all its neighbourhoods.
    """
    strict = wishes._replace(band=wishes.band * STRICT)
    out, before = _out_of_band(state, wishes), len(state.size) + 1
    while 0 < len(out) < before:
        reckon(ground, state, strict)
        for unit in out:
            _mend_unit(ground, state, strict, int(unit), fixed, patience, _lies_well)
        reckon(ground, state, wishes)
        out, before = _out_of_band(state, wishes), len(out)
    if is_asked(ground, wishes):
        reckon(ground, state, strict)
        for unit in np.flatnonzero(amiss(ground, state, wishes)):
            _mend_unit(ground, state, strict, int(unit), fixed, patience // FURTHER, _has_all)
        reckon(ground, state, wishes)


def _out_of_band(state: Units, wishes: Wishes) -> Ints:
    """Name the units out of their band, the farthest first."""
    out = np.maximum(wishes.low - state.weight, state.weight - wishes.high)
    wrong = np.flatnonzero((out > 0) & (state.size > 0))
    return wrong[np.lexsort((wrong, -out[wrong]))]


def _mend_unit(
    ground: Land,
    state: Units,
    wishes: Wishes,
    unit: int,
    fixed: bool,  # noqa: FBT001
    left: int,
    well: Callable[[Land, Units, Wishes, int], bool],
) -> None:
    """Try ever wider neighbourhoods until the unit is well or patience is at its end."""
    for width, trees in enumerate(TREES, start=2):
        for region in _regions(ground, state, unit, width):
            if left <= 0 or well(ground, state, wishes, unit):
                return
            numbers = _numbers(state, wishes, region, fixed)
            spent, better = _redraw(ground, state, wishes, region, numbers, trees)
            left -= spent
            if better:  # the unit borders others now
                break


def _lies_well(ground: Land, state: Units, wishes: Wishes, unit: int) -> bool:
    del ground
    return bool(state.size[unit] == 0 or wishes.low <= state.weight[unit] <= wishes.high)


def _has_all(ground: Land, state: Units, wishes: Wishes, unit: int) -> bool:
    return not amiss(ground, state, wishes)[unit]


def _regions(ground: Land, state: Units, unit: int, width: int) -> list[Ints]:
    """Give sets of so many neighbouring units around one: with each neighbour, what borders both the most."""
    found: dict[tuple[int, ...], None] = {}
    for second in _neighbours(ground, state, [unit]):
        for turn in range(min(width - 1, 3)):
            region = [unit, second]
            while len(region) < width:
                wider = _neighbours(ground, state, region)
                if not wider:
                    break
                region.append(wider[min(turn, len(wider) - 1)])
            found[tuple(sorted(region))] = None
    return [np.array(region, dtype=np.int64) for region in found]


def _neighbours(ground: Land, state: Units, region: list[int]) -> list[int]:
    """Name the units that border a region, the longest border first."""
    own = np.zeros(len(state.size), dtype=bool)
    own[region] = True
    metres = beside(ground, state, np.flatnonzero(own[state.label]), own)
    near = np.flatnonzero(metres > 0)
    return [int(unit) for unit in near[np.lexsort((near, -metres[near]))]]


def _numbers(state: Units, wishes: Wishes, region: Ints, fixed: bool) -> Ints:  # noqa: FBT001
    """Give the numbers of units a region can be divided into, nearest to the present number first."""
    total, now = int(state.weight[region].sum()), len(region)
    free = int(np.count_nonzero(state.size == 0))
    change = 0 if fixed else 1
    fewest, most = max(1, -(-total // wishes.high), now - change), min(total // wishes.low, now + min(change, free))
    return np.array(sorted(range(fewest, most + 1), key=lambda one: (abs(one - now), one)), dtype=np.int64)


def _redraw(ground: Land, state: Units, wishes: Wishes, region: Ints, numbers: Ints, trees: int) -> tuple[int, bool]:
    """Divide a region anew into the first number of units that makes it better; say how many trees, and whether."""
    spare, plain = np.flatnonzero(state.size == 0)[:1], wishes._replace(far=0.0)
    atoms = np.flatnonzero(_inside(state, region))
    inside = np.full(len(state.label), -1, dtype=np.int64)
    inside[atoms] = np.arange(len(atoms))
    for turn, number in enumerate(numbers, start=1):
        labels = np.concatenate([region, spare])[: max(len(region), number)]
        if best_of_trees(ground, state, plain, wishes, atoms, inside, labels, int(number), trees):
            return trees * turn, True
    return trees * len(numbers), False


def _inside(state: Units, region: "Ints | list[int]") -> Flags:
    flags = np.zeros(len(state.size), dtype=bool)
    flags[region] = True
    return flags[state.label]

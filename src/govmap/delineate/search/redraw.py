"""Mends what single moves cannot: units out of their band are divided anew together with their neighbours.

A few neighbouring units are taken as one piece of ground, a random tree is laid over it and cut where every part lies
in the band. Of many trees the cheapest result stays. The number of trees is fixed.
"""

import numpy as np

from govmap.delineate.problem import Flags, Ints
from govmap.delineate.search.kernel import Land, Units, Wishes, reckon
from govmap.delineate.search.trees import beside, best_of_trees

# Trees laid over regions of two, three ... units, and over all regions tried for one unit.
TREES = (40, 80, 120, 160)
PATIENCE = 1500
STRICT = 10.0


def mend(ground: Land, state: Units, wishes: Wishes, *, fixed: bool, patience: int = PATIENCE) -> None:
    """
    Bring units into their band by dividing them anew with one, two or three neighbours.

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
        reckon(state, strict)
        for unit in out:
            _mend_unit(ground, state, strict, int(unit), fixed, patience)
        reckon(state, wishes)
        out, before = _out_of_band(state, wishes), len(out)


def _out_of_band(state: Units, wishes: Wishes) -> Ints:
    """Name the units out of their band, the farthest first."""
    out = np.maximum(wishes.low - state.weight, state.weight - wishes.high)
    wrong = np.flatnonzero((out > 0) & (state.size > 0))
    return wrong[np.lexsort((wrong, -out[wrong]))]


def _mend_unit(ground: Land, state: Units, wishes: Wishes, unit: int, fixed: bool, left: int) -> None:  # noqa: FBT001
    """Try ever wider neighbourhoods until the unit lies in its band or patience is at its end."""
    for width, trees in enumerate(TREES, start=2):
        for region in _regions(ground, state, unit, width):
            if _lies_well(state, wishes, unit) or left <= 0:
                return
            numbers = _numbers(state, wishes, region, fixed)
            left -= _redraw(ground, state, wishes, region, numbers, trees)


def _lies_well(state: Units, wishes: Wishes, unit: int) -> bool:
    return bool(state.size[unit] == 0 or wishes.low <= state.weight[unit] <= wishes.high)


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


def _redraw(ground: Land, state: Units, wishes: Wishes, region: Ints, numbers: Ints, trees: int) -> int:
    """Divide a region anew into the first number of units that makes it better; give how many trees that took."""
    spare = np.flatnonzero(state.size == 0)[:1]
    atoms = np.flatnonzero(_inside(state, region))
    inside = np.full(len(state.label), -1, dtype=np.int64)
    inside[atoms] = np.arange(len(atoms))
    for turn, number in enumerate(numbers, start=1):
        labels = np.concatenate([region, spare])[: max(len(region), number)]
        if best_of_trees(ground, state, wishes, atoms, inside, labels, int(number), trees):
            return trees * turn
    return trees * len(numbers)


def _inside(state: Units, region: "Ints | list[int]") -> Flags:
    flags = np.zeros(len(state.size), dtype=bool)
    flags[region] = True
    return flags[state.label]

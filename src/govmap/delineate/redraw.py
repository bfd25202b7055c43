"""Mends what single moves cannot: units out of their band are divided anew together with their neighbours.

A few neighbouring units are taken as one piece of ground, a random tree is laid over it and cut where every part lies
in the band. Of many trees the cheapest result stays. The number of trees is fixed.
"""

import numpy as np

from govmap.delineate.kernel import Land, Units, Wishes, best_of_trees, reckon
from govmap.delineate.problem import Ints

TREES = (40, 80, 160, 240, 320)
WIDEST = 6
ROUNDS = 3
STRICT = 10.0


def mend(ground: Land, state: Units, wishes: Wishes, *, fixed: bool) -> None:
    """
    Bring units into their band by dividing them anew with one, two or three neighbours.

    Parameters
    ----------
    fixed
        The number of units must stay what it is.
    """
    strict = wishes._replace(band=wishes.band * STRICT)
    for _ in range(ROUNDS):
        out = _out_of_band(state, wishes)
        if not len(out):
            return
        reckon(state, strict)
        for unit in out:
            _mend_unit(ground, state, strict, int(unit), fixed)
        reckon(state, wishes)


def _out_of_band(state: Units, wishes: Wishes) -> Ints:
    """Name the units out of their band, the farthest first."""
    out = np.maximum(wishes.low - state.weight, state.weight - wishes.high)
    wrong = np.flatnonzero((out > 0) & (state.size > 0))
    return wrong[np.lexsort((wrong, -out[wrong]))]


def _mend_unit(ground: Land, state: Units, wishes: Wishes, unit: int, fixed: bool) -> None:  # noqa: FBT001
    """Try ever wider neighbourhoods until the unit lies in its band."""
    for width in range(2, WIDEST + 1):
        weight = state.weight[unit]
        if state.size[unit] == 0 or wishes.low <= weight <= wishes.high:
            return
        for region in _regions(ground, state, unit, width):
            _redraw(ground, state, wishes, region, _numbers(state, wishes, region, fixed))
            if state.size[unit] == 0 or wishes.low <= state.weight[unit] <= wishes.high:
                return


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
    own = np.isin(state.label, region)
    metres = np.zeros(len(state.size))
    for atom in np.flatnonzero(own):
        ways = np.arange(ground.first[atom], ground.first[atom + 1])
        ways = ways[ground.joins[ways] & ~own[ground.near[ways]]]
        np.add.at(metres, state.label[ground.near[ways]], 1.0 + ground.length[ways])
    near = np.flatnonzero(metres > 0)
    return [int(unit) for unit in near[np.lexsort((near, -metres[near]))]]


def _numbers(state: Units, wishes: Wishes, region: Ints, fixed: bool) -> Ints:  # noqa: FBT001
    """Give the numbers of units a region can be divided into, nearest to the present number first."""
    total, now = int(state.weight[region].sum()), len(region)
    if fixed:
        return np.array([now])
    free = np.count_nonzero(state.size == 0)
    fewest, most = max(1, -(-total // wishes.high)), min(total // wishes.low, now + 1, now + int(free))
    return np.array(
        sorted(range(max(fewest, now - 1), most + 1), key=lambda one: (abs(one - now), one)), dtype=np.int64
    )


def _redraw(ground: Land, state: Units, wishes: Wishes, region: Ints, numbers: Ints) -> None:
    spare = np.flatnonzero(state.size == 0)[:1]
    atoms = np.flatnonzero(np.isin(state.label, region))
    inside = np.full(len(state.label), -1, dtype=np.int64)
    inside[atoms] = np.arange(len(atoms))
    for number in numbers:
        labels = np.concatenate([region, spare])[: max(len(region), number)]
        if best_of_trees(ground, state, wishes, atoms, inside, labels, int(number), TREES[len(region) - 2]):
            return

"""Does what single moves cannot: neighbouring units are divided anew together.

A few neighbouring units are taken as one piece of ground, a random tree is laid over it and cut where every part lies
in the band. Of many trees the cheapest result stays. The number of trees is fixed. Units out of their band are mended
so; and where a better division lies behind worse ones, pairs of units are recut.
"""

from collections.abc import Callable

import numpy as np

from govmap.delineate.problem import Flags, Ints
from govmap.delineate.search.further import amiss, is_asked
from govmap.delineate.search.kernel import Land, Units, Wishes, reckon
from govmap.delineate.search.small import FEW_ATOMS, best_of_all
from govmap.delineate.search.trees import LEAST, Range, beside, best_of_trees, paint

# Trees laid over regions of two, three ... units, and over all regions tried for one unit.
TREES = (40, 80, 120, 160)
PATIENCE = 1500
STRICT = 10.0
# What is asked beside the band is worth so much less patience than the band.
FURTHER = 5
# How often the pairs of units that changed are looked at again.
ROUNDS = 6


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


def recut(ground: Land, state: Units, wishes: Wishes, *, trees: int) -> None:
    """
    Divide each two neighbouring units anew where that is better, then those beside what changed, and so on.

    Single moves come from one division to another only by way of worse ones. Where atoms are large that way is long,
    and a unit can stay in another's arms for want of it. A pair of which a unit is out of its band may come nearer to
    it so. Random plans are made by the same step (DeFord, Duchin, Solomon, Harvard Data Science Review 3.1, 2021).

    Parameters
    ----------
    trees
        Trees laid over each pair.
    """
    number, changed = np.array([2], dtype=np.int64), np.ones(len(state.size), dtype=bool)
    strict = wishes._replace(band=wishes.band * STRICT)
    reckon(ground, state, strict)
    for _ in range(ROUNDS):
        pairs, changed = _pairs(ground, state, changed), np.zeros(len(state.size), dtype=bool)
        for pair in pairs:
            if not changed[pair].any():  # who changed may border others now, and is looked at in the next round
                changed[pair] = _redraw(ground, state, strict, pair, number, trees, _as_far_out(state, wishes, pair))[1]
        if not changed.any():
            break
    reckon(ground, state, wishes)


def _as_far_out(state: Units, wishes: Wishes, units: Ints) -> Range:
    """Let no unit be farther out of its band than one of these is now, and no more of them be out."""
    weight = state.weight[units]
    out = (weight < wishes.low) | (weight > wishes.high)
    return Range(min(wishes.low, int(weight.min())), max(wishes.high, int(weight.max())), int(out.sum()))


def _pairs(ground: Land, state: Units, chosen: Flags) -> Ints:
    """Give rows of two units that join each other, of which one is chosen."""
    unit = np.repeat(state.label, np.diff(ground.first))
    other = state.label[ground.near]
    rows = ground.joins & (unit < other) & (chosen[unit] | chosen[other])
    found: Ints = np.unique(np.column_stack([unit[rows], other[rows]]), axis=0)
    return found


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


def _redraw(
    ground: Land, state: Units, wishes: Wishes, region: Ints, numbers: Ints, trees: int, ends: Range | None = None
) -> tuple[int, bool]:
    """Divide a region anew into the first number of units that makes it better; say how many trees, and whether."""
    spare, plain = np.flatnonzero(state.size == 0)[:1], wishes._replace(far=0.0)
    atoms = np.flatnonzero(_inside(state, region))
    inside = np.full(len(state.label), -1, dtype=np.int64)
    inside[atoms] = np.arange(len(atoms))
    few = ends is None and len(atoms) <= FEW_ATOMS and not is_asked(ground, wishes)
    ends = ends or Range(wishes.low, wishes.high, 0)
    for turn, number in enumerate(numbers, start=1):
        labels = np.concatenate([region, spare])[: max(len(region), number)]
        if few:
            if _redraw_exactly(ground, state, wishes, atoms, labels, int(number)):
                return trees * turn, True
        elif best_of_trees(ground, state, plain, wishes, atoms, inside, labels, int(number), trees, ends):
            return trees * turn, True
    return trees * len(numbers), False


def _redraw_exactly(ground: Land, state: Units, wishes: Wishes, atoms: Ints, labels: Ints, number: int) -> bool:
    """Divide a few atoms in the best way there is, if it is better than the present one."""
    found, before = best_of_all(ground, wishes, atoms, number), state.label[atoms]
    if found is None:
        return False
    if paint(ground, state, atoms, labels[found], wishes) < -LEAST:
        return True
    paint(ground, state, atoms, before, wishes)
    return False


def _inside(state: Units, region: "Ints | list[int]") -> Flags:
    flags = np.zeros(len(state.size), dtype=bool)
    flags[region] = True
    return flags[state.label]

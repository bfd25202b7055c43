"""The grounds on which reports are looked at: levels of a plan with units enough, and blocks of like households."""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from scipy import sparse

from govmap.assess.chance import Floats
from govmap.assess.reports import Ints, Reports, Tier
from govmap.assess.spots import Ground

MARGIN_M = 1.0
LEAST_SHARED_M = 1e-3


def beside(shapes: npt.NDArray[np.object_]) -> sparse.csr_array:
    """
    Say which units lie beside each other: those whose outlines touch, be it in a corner.

    Parameters
    ----------
    shapes
        Outlines, a valid coverage; a unit without outline (floors of a tower) has no neighbours here.
    """
    tree = shapely.STRtree(shapes)
    one, other = tree.query(shapes, predicate="dwithin", distance=LEAST_SHARED_M)
    return _pairs(one[one < other], other[one < other], len(shapes))


def together(beside_: sparse.csr_array, of: Ints, cell: Ints) -> sparse.csr_array:
    """Add the neighbours within one cell: units that hold different floors of one building."""
    rows = np.unique(np.column_stack([cell, of])[(of >= 0) & (cell >= 0)], axis=0)
    if len(rows) == len(np.unique(rows[:, 0])):
        return beside_
    ones = np.ones(len(rows))
    held = sparse.csr_array((ones, (rows[:, 0], rows[:, 1])), shape=(int(rows[:, 0].max()) + 1, beside_.shape[0]))
    both = sparse.coo_array(held.T @ held)
    first, second = (
        np.concatenate([both.row, sparse.coo_array(beside_).row]),
        np.concatenate([both.col, sparse.coo_array(beside_).col]),
    )
    keep = first < second
    return _pairs(first[keep], second[keep], beside_.shape[0])


def _pairs(one: npt.NDArray[Any], other: npt.NDArray[Any], count: int) -> sparse.csr_array:
    """Give a matrix of 1 for each pair, either way round."""
    pairs = np.unique(np.column_stack([one, other]), axis=0) if len(one) else np.zeros((0, 2), np.int64)
    rows, columns = np.concatenate([pairs[:, 0], pairs[:, 1]]), np.concatenate([pairs[:, 1], pairs[:, 0]])
    return sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(count, count))


def grounds(
    reports: Reports,
    tiers: Sequence[Tier],
    neighbours: Sequence[sparse.csr_array],
    *,
    xy: Floats,
    households: Floats,
    rules: Mapping[str, Any],
    made: dict[int, Ground] | None = None,
) -> dict[str, tuple[Ground, ...]]:
    """
    Choose for each category the grounds to look at it on.

    Levels of the plan count where they have `least_areas` units with households and `reports_an_area` reports each on
    the mean; blocks fill up to `supports`, finer and coarser than the finest level. A category with too few reports
    for that has fewer grounds, and is not tested.

    Parameters
    ----------
    reports, tiers
        What counts, and the levels of the plan, the topmost first.
    neighbours
        Who lies beside whom on each level.
    xy
        The place of each part, in metres.
    households
        Households of each part.
    rules
        As `[spots]` of `layers/reports.toml`.
    made
        Blocks of the same homes made before, by their number; new ones are put in.
    """
    made = {} if made is None else made
    levels = [Ground(tier.level, tier.of, tier.households, near) for tier, near in zip(tiers, neighbours, strict=True)]
    least, supports = int(rules["least_areas"]), int(rules["supports"])
    places = len(np.unique(xy[households > 0], axis=0)) / rules["homes_a_block"]
    found = {}
    for category in reports.every:
        most = int(len(reports.of(category)) / rules["reports_an_area"])
        fit = [one for one in levels if least <= one.areas <= most][-supports:]
        wanted = _targets(fit, rules, min(most, int(places)))
        for count in wanted:
            if count not in made:
                made[count] = blocks(xy, households, count)
        found[category] = (*fit, *(made[count] for count in wanted if made[count].areas >= least))[:supports]
    return found


def _targets(fit: Sequence[Ground], rules: Mapping[str, Any], most: int) -> list[int]:
    """Say how many blocks there should be, the finest first; none where there is no room for clear steps."""
    missing = int(rules["supports"]) - len(fit)
    fine, coarse = (fit[-1].areas * rules[name] for name in ("fine", "coarse")) if fit else rules["blocks"]
    top, bottom = min(fine, most), max(min(coarse, most / 2), rules["least_areas"])
    if missing < 1 or top < bottom * rules["step"] ** (missing - 1):
        return []
    return [round(float(one)) for one in np.geomspace(top, bottom, missing)]


def blocks(xy: Floats, households: Floats, count: int) -> Ground:
    """
    Cut the ground into blocks of about as many households each, by halving the fullest across its longer side.

    Squares of one width would hold a tower's hundreds here and nobody there; blocks of like numbers of households are
    tested alike. What lies where nobody lives counts with the block of the nearest home, as it counts with the unit
    around it.
    """
    lived = np.flatnonzero(households > 0)
    of = np.full(len(xy), -1, dtype=np.int64)
    if not len(lived):
        return Ground("", of, np.zeros(0), sparse.csr_array((0, 0)))
    leaves = _halved(xy[lived], households[lived], count)
    for number, leaf in enumerate(leaves):
        of[lived[leaf.rows]] = number
    rest = np.flatnonzero(households <= 0)
    if len(rest):
        of[rest] = of[lived[_nearest(xy[lived], xy[rest])]]
    people = np.bincount(of[lived], weights=households[lived], minlength=len(leaves)).astype(float)
    shapes = np.array([shapely.box(*leaf.low, *leaf.high) for leaf in leaves], dtype=object)
    return Ground(f"blocks:{people.mean():.0f}", of, people, beside(shapes))


@dataclass(frozen=True)
class _Leaf:
    """A box and the rows of the points in it."""

    rows: Ints
    low: Floats
    high: Floats


def _halved(xy: Floats, weights: Floats, count: int) -> list[_Leaf]:
    """Halve the heaviest box until there are so many; points at one place stay together."""
    heap = [(-float(weights.sum()), 0, _Leaf(np.arange(len(xy)), xy.min(0) - MARGIN_M, xy.max(0) + MARGIN_M))]
    whole: list[_Leaf] = []
    turn = 1
    while heap and len(heap) + len(whole) < count:
        leaf = heapq.heappop(heap)[2]
        halves = _halves(leaf, xy, weights)
        if not halves:
            whole.append(leaf)
        for half in halves:
            heapq.heappush(heap, (-float(weights[half.rows].sum()), turn, half))
            turn += 1
    return sorted([*whole, *(leaf for _, _, leaf in heap)], key=lambda leaf: tuple(leaf.low))


def _halves(leaf: _Leaf, xy: Floats, weights: Floats) -> list[_Leaf]:
    """Cut a box between two points where its weight is halved best; nothing where all lie at one place."""
    for axis in np.argsort(leaf.low - leaf.high, kind="stable").tolist():
        rows = leaf.rows[np.lexsort((leaf.rows, xy[leaf.rows, 1 - axis], xy[leaf.rows, axis]))]
        at = xy[rows, axis]
        gaps = np.flatnonzero(at[1:] > at[:-1])
        if len(gaps):
            held = np.cumsum(weights[rows])
            cut = int(gaps[np.argmin(np.abs(held[gaps] - held[-1] / 2))])
            line = (at[cut] + at[cut + 1]) / 2
            high, low = leaf.high.copy(), leaf.low.copy()
            high[axis], low[axis] = line, line
            return [_Leaf(rows[: cut + 1], leaf.low, high), _Leaf(rows[cut + 1 :], low, leaf.high)]
    return []


def _nearest(homes: Floats, places: Floats) -> Ints:
    """Give the nearest home of each place; of several as near the first."""
    from scipy.spatial import cKDTree

    return np.asarray(cKDTree(homes).query(places)[1], dtype=np.int64)

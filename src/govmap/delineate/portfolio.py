"""Divides one ground: several first divisions, each searched and mended, of which the best stays."""

from dataclasses import replace

import numpy as np

from govmap.delineate.coarsen import clusters
from govmap.delineate.construct import make_whole, power_diagram
from govmap.delineate.criteria import EQUAL, Criteria
from govmap.delineate.improve import anneal, land, units
from govmap.delineate.kernel import Land, Units, Wishes, energy
from govmap.delineate.problem import Ints, Problem, contract
from govmap.delineate.redraw import mend
from govmap.delineate.territories import possible_units

GOLDEN = 0.6180339887498949
# Proposals a border and start, for ground of up to so many atoms: small ground is searched longer.
PROPOSALS = ((3000, 400), (12000, 300), (2**62, 150))
COOL = 0.05
WARM = 0.3
CROWDED = 12
CLUSTERS = 12
MARGIN_OF_EQUAL = 0.8
SMALL, MIDDLE = 1500, 6000


def divide(problem: Problem, number: int, band: tuple[int, int], criteria: Criteria, budget: int | None) -> Ints:
    """
    Divide atoms that hang together into so many units.

    Parameters
    ----------
    number
        How many units; without `criteria.units` one more or less is taken where that brings units into the band.
    band
        Least and greatest weight of a unit.
    budget
        Proposals for the whole search; without it they grow with the ground.

    Returns
    -------
    label
        Unit of each atom, counted from 0.
    """
    order = _along_the_ground(problem)
    problem = _reordered(problem, order)
    number = min(number, len(problem))
    if number <= 1:
        return np.zeros(len(problem), dtype=np.int64)
    wishes = _wishes(problem, number, band, criteria)
    ground = land(problem, wishes)
    starts = _starts(len(problem))
    proposals = budget // starts if budget else _effort(len(problem)) * len(problem.i)
    found = [_one_start(problem, ground, number, wishes, criteria, one, proposals) for one in range(starts)]
    best = min(range(starts), key=lambda one: (*found[one][1], one))
    label = np.empty(len(problem), dtype=np.int64)
    label[order] = found[best][0]
    return label


def _along_the_ground(problem: Problem) -> Ints:
    """Order atoms so that near ones stand near in memory: strips from west to east, south to north in each."""
    strips = max(1, int(np.sqrt(len(problem) / 16)))
    strip = np.floor((problem.x - problem.x.min()) / max(float(np.ptp(problem.x)), 1e-9) * strips)
    return np.lexsort((np.arange(len(problem)), problem.y, strip))


def _reordered(problem: Problem, order: Ints) -> Problem:
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    i, j = rank[problem.i], rank[problem.j]
    moved = {name: getattr(problem, name)[order] for name in ("weight", "x", "y", "area", "outer", "block")}
    return replace(problem, **moved, i=np.minimum(i, j), j=np.maximum(i, j))


def _wishes(problem: Problem, number: int, band: tuple[int, int], criteria: Criteria) -> Wishes:
    """Put the criteria as prices; a unit's width is that of its share of the ground that bears weight."""
    low, high = band
    mean = problem.total / number
    lived = float(problem.area[problem.weight > 0].sum() or problem.area.sum())
    near = MARGIN_OF_EQUAL * EQUAL * mean if criteria.equal else max(high - mean, mean - low, 0) + mean
    wishes = Wishes(
        low=low,
        high=high,
        near_low=mean - near,
        near_high=mean + near,
        aim=max(1.0, mean),
        width_mm=max(1.0, 100 * float(np.sqrt(lived / number))),
    )
    return wishes if "block" in criteria.keep_whole else wishes._replace(block=0.0)


def _starts(atoms: int) -> int:
    """Say how many first divisions are worth their time."""
    return 4 if atoms < SMALL else 2 if atoms < MIDDLE else 1


def _effort(atoms: int) -> int:
    return next(effort for most, effort in PROPOSALS if atoms <= most)


def _one_start(
    problem: Problem, ground: Land, number: int, wishes: Wishes, criteria: Criteria, start: int, proposals: int
) -> tuple[Ints, tuple[int, int, float]]:
    """Search from one first division; give labels and how good they are."""
    turn, seed = (criteria.seed + start - 1) * GOLDEN * np.pi, criteria.seed * 1000 + start
    rough = len(problem) > CROWDED * number
    if rough:
        label = _rough(problem, number, wishes, turn, seed, int(proposals * 0.25))
    else:
        label = make_whole(problem, power_diagram(problem, number, turn=turn), number)
    fixed = criteria.units is not None
    room = number if fixed else max(number + 2, min(len(problem), possible_units(problem.total, *_band(wishes))[1]))
    state = units(ground, label, room, wishes, seed)
    for part, heat in ((0.6 if rough else 0.85, WARM if rough else 1.0), (0.15, COOL)):
        anneal(ground, state, wishes, int(proposals * part), heat=heat)
        mend(ground, state, wishes, fixed=fixed)
        if criteria.equal:
            mend(ground, state, _equal(wishes), fixed=True)
    return state.label, _score(ground, state, wishes)


def _equal(wishes: Wishes) -> Wishes:
    """Narrow the band to a tenth around the mean."""
    low, high = int(np.ceil(wishes.aim * (1 - EQUAL))), int(wishes.aim * (1 + EQUAL))
    return wishes._replace(low=max(low, wishes.low), high=min(high, wishes.high))


def _rough(problem: Problem, number: int, wishes: Wishes, turn: float, seed: int, proposals: int) -> Ints:
    """Divide clusters of atoms first, where units hold many."""
    wanted = min(CLUSTERS, len(problem) / number / 2.5)
    group = clusters(problem, problem.total / number / wanted, int(wanted * number))
    coarse = contract(problem, group)
    label = make_whole(coarse, power_diagram(coarse, number, turn=turn), number)
    ground = land(coarse, wishes)
    state = units(ground, label, number, wishes, seed)
    anneal(ground, state, wishes, proposals)
    return state.label[group]


def _band(wishes: Wishes) -> tuple[int, int]:
    return wishes.low, wishes.high


def _score(ground: Land, state: Units, wishes: Wishes) -> tuple[int, int, float]:
    """Say how good a division is: units out of the band, by how much, then everything else; less is better."""
    held = state.weight[state.size > 0]
    out = np.maximum(np.maximum(wishes.low - held, held - wishes.high), 0)
    return int((out > 0).sum()), int(out.sum()), float(energy(ground, state))

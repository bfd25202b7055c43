"""Divides one ground: several first divisions, each searched and mended, of which the best stays."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from govmap.delineate.criteria import EQUAL, Criteria
from govmap.delineate.problem import Ints, Problem, contract
from govmap.delineate.search.coarsen import clusters
from govmap.delineate.search.construct import make_whole, power_diagram
from govmap.delineate.search.improve import Told, anneal, land, units
from govmap.delineate.search.kernel import Land, Units, Wishes, energy
from govmap.delineate.search.redraw import mend
from govmap.delineate.territories import possible_units

GOLDEN = 0.6180339887498949
# Proposals a border and start, for ground of up to so many atoms: small ground is searched longer.
PROPOSALS = ((3000, 400), (12000, 300), (2**62, 150))
# First divisions tried, likewise.
STARTS = ((1500, 4), (6000, 2), (2**62, 1))
# Shares of the proposals: on clusters, then on single atoms, then once more after mending; and how warm each begins.
ROUGH, FINE, LAST = 0.25, 0.6, 0.15
WARM, COOL = 0.3, 0.05
# Atoms a unit above which clusters are divided first, and the most clusters a unit.
CROWDED, CLUSTERS = 12, 12
MARGIN_OF_EQUAL = 0.8


def divide(
    problem: Problem,
    number: int,
    band: tuple[int, int],
    criteria: Criteria,
    *,
    budget: int | None = None,
    told: Callable[[float], None] | None = None,
) -> Ints:
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
    told
        Hears which share of the search is done.

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
    starts = _by_size(STARTS, problem)
    effort = _by_size(PROPOSALS, problem) * len(problem.i)
    search = _Search(problem, ground, number, wishes, criteria, effort if budget is None else budget // starts)
    heard = _counter(told, starts * search.proposals)
    found = [_one_start(search, one, heard) for one in range(starts)]
    best = min(range(starts), key=lambda one: (*found[one][1], one))
    label = np.empty(len(problem), dtype=np.int64)
    label[order] = found[best][0]
    return label


@dataclass(frozen=True)
class _Search:
    """One problem laid out, with everything that does not change from start to start."""

    problem: Problem
    ground: Land
    number: int
    wishes: Wishes
    criteria: Criteria
    proposals: int

    @property
    def fixed(self) -> bool:
        """Whether the number of units was asked for."""
        return self.criteria.units is not None

    @property
    def room(self) -> int:
        """The greatest number of units there may be."""
        most = possible_units(self.problem.total, self.wishes.low, self.wishes.high)[1]
        return self.number if self.fixed else max(self.number + 2, min(len(self.problem), most))


def _by_size(choices: tuple[tuple[int, int], ...], problem: Problem) -> int:
    return next(choice for most, choice in choices if len(problem) <= most)


def _counter(told: Callable[[float], None] | None, total: int) -> Told | None:
    """Turn proposals done into a share of all."""
    if told is None:
        return None
    spent = 0

    def heard(done: int) -> None:
        nonlocal spent
        spent += done
        told(min(1.0, spent / max(1, total)))

    return heard


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


def _one_start(search: _Search, start: int, told: Told | None) -> tuple[Ints, tuple[int, int, float]]:
    """Search from one first division; give labels and how good they are."""
    ground, wishes, proposals = search.ground, search.wishes, search.proposals
    turn, seed = (search.criteria.seed + start - 1) * GOLDEN * np.pi, search.criteria.seed * 1000 + start
    if len(search.problem) > CROWDED * search.number:
        label = _rough(search, turn, seed, told)
        stages = ((FINE, WARM), (LAST, COOL))
    else:
        label = make_whole(search.problem, power_diagram(search.problem, search.number, turn=turn), search.number)
        stages = ((ROUGH + FINE, 1.0), (LAST, COOL))
    state = units(ground, label, search.room, wishes, seed)
    for part, heat in stages:
        anneal(ground, state, wishes, int(proposals * part), heat=heat, told=told)
        mend(ground, state, wishes, fixed=search.fixed)
        if search.criteria.equal:
            mend(ground, state, _equal(wishes), fixed=True)
    return state.label, _score(ground, state, wishes)


def _equal(wishes: Wishes) -> Wishes:
    """Narrow the band to a tenth around the mean."""
    low, high = int(np.ceil(wishes.aim * (1 - EQUAL))), int(wishes.aim * (1 + EQUAL))
    return wishes._replace(low=max(low, wishes.low), high=min(high, wishes.high))


def _rough(search: _Search, turn: float, seed: int, told: Told | None) -> Ints:
    """Divide clusters of atoms first, where units hold many."""
    problem, number = search.problem, search.number
    wanted = min(CLUSTERS, len(problem) / number / 2.5)
    group = clusters(problem, problem.total / number / wanted, int(wanted * number))
    coarse = contract(problem, group)
    label = make_whole(coarse, power_diagram(coarse, number, turn=turn), number)
    ground = land(coarse, search.wishes)
    state = units(ground, label, number, search.wishes, seed)
    anneal(ground, state, search.wishes, int(search.proposals * ROUGH), told=told)
    return state.label[group]


def _score(ground: Land, state: Units, wishes: Wishes) -> tuple[int, int, float]:
    """Say how good a division is: units out of the band, by how much, then everything else; less is better."""
    held = state.weight[state.size > 0]
    out = np.maximum(np.maximum(wishes.low - held, held - wishes.high), 0)
    return int((out > 0).sum()), int(out.sum()), float(energy(ground, state))

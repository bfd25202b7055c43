"""Divides large ground: cut into districts along lines of little border, each divided by itself, then the seams mended.

A district is given whole units: its weight lets every one of them lie in the band. Districts do not depend on each
other, nor do the stretches of seam that are searched again at the end, so they can be shared among processes; what
comes out is the same however many there are.
"""

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import TypeVar

import numpy as np

from govmap.delineate.criteria import EQUAL, Criteria
from govmap.delineate.problem import Flags, Ints, Problem, Reals, components, cut_out, pieces
from govmap.delineate.search import portfolio
from govmap.delineate.search.construct import make_whole
from govmap.delineate.search.further import amiss, is_asked, whole_cost
from govmap.delineate.search.improve import anneal, land, units
from govmap.delineate.search.kernel import Land, Units, Wishes
from govmap.delineate.search.portfolio import COLD, COOL, priced
from govmap.delineate.search.portfolio import _wishes as wishes_of
from govmap.delineate.search.redraw import mend

Job = TypeVar("Job")
Told = Callable[[float], None]
Crew = ProcessPoolExecutor | None

# Atoms above which ground is cut first; the most atoms of a district, and the fewest units.
LARGE, DISTRICT, FEWEST = 30_000, 12_000, 40
# Atoms of a stretch of seam that is searched by itself.
STRETCH = 4_000
# Proposals a border: most, for ground of up to so many atoms, then ever fewer down to the least; on seams a part of it.
MOST, PLENTY, LEAST, AGAIN = 200.0, 100_000, 50.0, 2 / 3
# Where a cut may lie: shares of the units on its lesser side; how far its weight may be from whole units, in units.
LEAST_SHARE, NEAR_WHOLE = 0.35, 0.15
# A street block is passed whole from side to side up to this many units.
BLOCK = 3.0
TRIES = 12
# Share of the work that the seams are, as progress tells it; trees that are laid there for a unit out of its band.
SEAMS, PATIENCE = 0.15, 200


@dataclass(frozen=True)
class _District:
    """Ground divided by itself: its atoms, and how many units it holds."""

    atoms: Ints
    number: int


def divide(
    problem: Problem,
    number: int,
    band: tuple[int, int],
    criteria: Criteria,
    *,
    budget: int | None = None,
    told: Told | None = None,
    processes: int = 1,
) -> Ints:
    """
    Divide atoms that hang together into so many units, whatever the size of the ground.

    Takes and gives what `portfolio.divide` does, which it is for all but large ground.

    Parameters
    ----------
    processes
        How many may work at the same time; the result does not depend on it.
    """
    if len(problem) <= LARGE:
        return portfolio.divide(problem, number, band, criteria, budget=budget, told=told)
    parts = districts(problem, number, band)
    if len(parts) == 1:
        return portfolio.divide(problem, number, band, criteria, budget=budget, told=told)
    effort = _effort(len(problem)) if budget is None else budget / (1 + AGAIN / 3) / len(problem.i)
    heard = told or _unheard
    home = np.empty(len(problem), dtype=np.int64)
    for one, part in enumerate(parts):
        home[part.atoms] = one
    with _crew(processes) as crew:
        label = _divided(problem, parts, band, criteria, effort, partial(_between, heard, 0.0, 1 - SEAMS), crew)
        return _mended(problem, label, home, band, criteria, effort, partial(_between, heard, 1 - SEAMS, 1.0), crew)


def _effort(atoms: int) -> float:
    """Give the proposals a border that ground of a size can afford."""
    return min(MOST, max(LEAST, MOST * PLENTY / atoms))


def _unheard(share: float) -> None:
    """Nobody listens."""


def _between(told: Told, start: float, end: float, share: float) -> None:
    told(start + (end - start) * share)


def districts(problem: Problem, number: int, band: tuple[int, int]) -> list[_District]:
    """
    Cut the ground in two, and each side again, until no district has too many atoms or few enough units.

    Every district hangs together, and some number of units of the band adds up to its weight; the numbers add up to
    `number`.
    """
    todo, done = [(np.arange(len(problem)), problem, number)], []
    while todo:
        atoms, own, units = todo.pop()
        side = None
        if len(own) > DISTRICT and units >= 2 * FEWEST:
            side = _cut(own, units, band)
        if side is None:
            done.append(_District(atoms, units))
            continue
        first = _units_of(int(own.weight[side].sum()), own.total, units, band)
        for flags, count in ((side, first), (~side, units - first)):
            here = np.flatnonzero(flags)
            todo.append((atoms[here], cut_out(own, here), count))
    return sorted(done, key=lambda one: int(one.atoms[0]))


def _units_of(weight: int, total: int, units: int, band: tuple[int, int]) -> int:
    """Give the number of units nearest to a side's share of the weight that both sides can bear, 0 where none is."""
    low, high = band
    fewest = max(1, -(-weight // high), units - (total - weight) // low)
    most = min(units - 1, weight // low, units - -(-(total - weight) // high))
    if low * units > total or high * units < total:  # it cannot be had anywhere: each side bears its share of the want
        fewest, most = 1, units - 1
    wanted = int(weight * units / total + 0.5)
    return min(max(wanted, fewest), most) if fewest <= most else 0


def _cut(problem: Problem, units: int, band: tuple[int, int]) -> Flags | None:
    """Flag the atoms on one side of the cheapest straight cut whose sides hang together; None where there is none."""
    sizes = [float(np.ptp(values)) for values in (problem.x, problem.y)]
    found: list[tuple[float, int, int]] = []
    orders = []
    for axis, values in enumerate((problem.x, problem.y)):
        key = _with_blocks(problem, values, units)
        orders.append(np.lexsort((np.arange(len(key)), key)))
        if 2 * sizes[axis] >= max(sizes):
            places, price = _prices(problem, key, orders[axis], units)
            best = np.argsort(price, kind="stable")[:TRIES]
            found += [(float(price[one]), axis, int(places[one])) for one in best]
    for _, axis, place in sorted(found):
        label = np.ones(len(problem), dtype=np.int64)
        label[orders[axis][:place]] = 0
        side: Flags = make_whole(problem, label, 2) == 0
        if pieces(problem, side.astype(np.int64)).max() == 1 and _units_of(
            int(problem.weight[side].sum()), problem.total, units, band
        ):
            return side
    return None


def _with_blocks(problem: Problem, values: Reals, units: int) -> Reals:
    """Give each atom the place of its street block along an axis, its own where the block is large or there is none."""
    code = np.unique(problem.block, return_inverse=True)[1]
    size = np.bincount(code)
    middle = np.bincount(code, values) / size
    whole = (problem.block >= 0) & (np.bincount(code, problem.weight)[code] <= BLOCK * problem.total / units)
    whole &= size[code] <= DISTRICT // 20
    return np.where(whole, middle[code], values)


def _prices(problem: Problem, key: Reals, order: Ints, units: int) -> tuple[Ints, Reals]:
    """Give the places in an order where a cut may be, and what the border along it costs."""
    n = len(order)
    rank = np.empty(n, dtype=np.int64)
    rank[order] = np.arange(n)
    ends = np.sort([rank[problem.i], rank[problem.j]], axis=0)
    turns = np.zeros(n + 1, dtype=np.int64)
    np.add.at(turns, ends[0] + 1, problem.price)
    np.add.at(turns, ends[1] + 1, -problem.price)
    price = np.cumsum(turns)[1:n].astype(np.float64)
    share = np.cumsum(problem.weight[order])[:-1] * (units / max(1, problem.total))
    free = (key[order][1:] > key[order][:-1]) & (np.minimum(share, units - share) >= LEAST_SHARE * units)
    whole = free & (np.abs(share - np.rint(share)) <= NEAR_WHOLE)
    places = np.flatnonzero(whole if whole.any() else free)
    return places + 1, price[places]


def _divided(
    problem: Problem,
    parts: Sequence[_District],
    band: tuple[int, int],
    criteria: Criteria,
    effort: float,
    told: Told,
    crew: Crew,
) -> Ints:
    """Divide every district by itself; no two districts share a label."""
    jobs = [(cut_out(problem, part.atoms), part.number) for part in parts]
    work = partial(_one_district, band, criteria, effort)
    label = np.empty(len(problem), dtype=np.int64)
    first = 0
    for part, found in zip(parts, _shared_out(work, jobs, told, crew), strict=True):
        label[part.atoms] = found + first
        first += int(found.max()) + 1
    return np.unique(label, return_inverse=True)[1]


def _one_district(band: tuple[int, int], criteria: Criteria, effort: float, job: tuple[Problem, int]) -> Ints:
    problem, number = job
    return portfolio.divide(problem, number, band, criteria, budget=max(1, int(effort * len(problem.i))))


def _mended(
    problem: Problem,
    label: Ints,
    home: Ints,
    band: tuple[int, int],
    criteria: Criteria,
    effort: float,
    told: Told,
    crew: Crew,
) -> Ints:
    """Search again where districts meet, stretch by stretch."""
    atoms = list(_stretches(problem, label, home))
    jobs = [(cut_out(problem, one), np.unique(label[one], return_inverse=True)[1]) for one in atoms]
    work = partial(_one_stretch, band, criteria, AGAIN * effort)
    label = label.copy()
    first = int(label.max()) + 1
    for here, found in zip(atoms, _shared_out(work, jobs, told, crew), strict=True):
        label[here] = found + first
        first += int(found.max()) + 1
    return np.unique(label, return_inverse=True)[1]


def _one_stretch(band: tuple[int, int], criteria: Criteria, effort: float, job: tuple[Problem, Ints]) -> Ints:
    """Search on from a division as it stands; it is given back where nothing better is found."""
    problem, label = job
    problem = priced(problem, int(label.max()) + 1, criteria)
    wishes = wishes_of(problem, int(label.max()) + 1, band, criteria)
    ground = land(problem, wishes)
    state = units(ground, label, int(label.max()) + 1, wishes, criteria.seed)
    before = _worth(ground, state, wishes, criteria)
    anneal(ground, state, wishes, max(1, int(effort * len(problem.i))), COOL, COLD)
    mend(ground, state, wishes, fixed=True, patience=PATIENCE)
    return state.label if _worth(ground, state, wishes, criteria) < before else label


def _worth(ground: Land, state: Units, wishes: Wishes, criteria: Criteria) -> portfolio.Score:
    """Say how good a division is: units out of the band, out of a tenth around the mean, then everything else."""
    off = np.abs(state.weight - wishes.aim)
    out = int(((state.weight < wishes.low) | (state.weight > wishes.high)).sum())
    uneven = int((off > EQUAL * wishes.aim).sum()) if criteria.equal else 0
    missed = int(amiss(ground, state, wishes).sum()) if is_asked(ground, wishes) else 0
    return out, uneven, missed, whole_cost(ground, state, wishes)


def _stretches(problem: Problem, label: Ints, home: Ints) -> Iterator[Ints]:
    """Give the atoms of the units along seams and of their neighbours, cut into stretches of whole units."""
    i, j = problem.i[problem.joins], problem.j[problem.joins]
    one, other = label[i], label[j]
    near = np.zeros(int(label.max()) + 1, dtype=bool)
    near[one[home[i] != home[j]]] = near[other[home[i] != home[j]]] = True
    ring = (near[one] | near[other]) & (one != other)
    near[one[ring]] = near[other[ring]] = True
    stretch = _bundled(problem, label, near)
    inside = (stretch[one] == stretch[other]) & near[one] & near[other]
    # Units that stand alone in their stretch have nothing to give or take.
    group = components(len(near), one[inside], other[inside])
    group = np.where(near & (np.bincount(group)[group] > 1), group, -1)
    own = group[label]
    order = np.argsort(own, kind="stable")
    numbers, first = np.unique(own[order], return_index=True)
    for number, atoms in zip(numbers, np.split(order, first[1:]), strict=True):
        if number >= 0:
            yield np.sort(atoms)


def _bundled(problem: Problem, label: Ints, near: Flags) -> Ints:
    """Number bundles of units that lie near each other, each of some thousand atoms: halves of halves of the ground."""
    size = np.bincount(label, minlength=len(near))
    at = np.column_stack([np.bincount(label, values) / size for values in (problem.x, problem.y)])
    bundle = np.zeros(len(near), dtype=np.int64)
    todo, count = [np.flatnonzero(near)], 0
    while todo:
        own = todo.pop()
        if size[own].sum() <= STRETCH or len(own) == 1:
            bundle[own] = count
            count += 1
            continue
        axis = int(np.ptp(at[own, 1]) > np.ptp(at[own, 0]))
        order = own[np.argsort(at[own, axis], kind="stable")]
        half = int(np.clip(np.searchsorted(np.cumsum(size[order]), size[own].sum() / 2), 1, len(order) - 1))
        todo += [order[half:], order[:half]]
    return bundle


@contextmanager
def _crew(processes: int) -> Iterator[Crew]:
    """Have processes at hand where they may be started; nobody where not."""
    crew: Crew = None
    if processes > 1 and not getattr(sys, "frozen", False):
        # A fresh process each, as on every platform: what a fork carries over (threads, locks) is not safe.
        with suppress(OSError, ImportError, NotImplementedError):
            fresh = multiprocessing.get_context("spawn")
            crew = ProcessPoolExecutor(processes, mp_context=fresh, initializer=_end_with_parent)
    try:
        yield crew
    finally:
        if crew is not None:
            crew.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """Let a child end when the process that started it was killed: nobody else would tell it to."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _shared_out(work: Callable[[Job], Ints], jobs: Sequence[Job], told: Told, crew: Crew) -> list[Ints]:
    """Do every job, in several processes where they can be had; results in the order of the jobs."""
    if crew is not None and len(jobs) > 1:
        # No right, no memory, or a child that may have no children: one after the other, here.
        with suppress(OSError, BrokenProcessPool, AssertionError):
            return _heard(crew.map(work, jobs), len(jobs), told)
    return _heard(map(work, jobs), len(jobs), told)


def _heard(results: Iterator[Ints], count: int, told: Told) -> list[Ints]:
    done = []
    for one in results:
        done.append(one)
        told(len(done) / count)
    return done

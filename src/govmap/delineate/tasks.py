"""Which ground is divided together and into how many units: community by community, ground by ground."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from govmap.delineate.criteria import Criteria
from govmap.delineate.problem import Ints, Problem, common, contract, cut_out, numbered
from govmap.delineate.search.regions import divide
from govmap.delineate.territories import bind, compact, divisible, grounds, possible_units, tie_islands
from govmap.delineate.verges import with_verges

Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class _Task:
    """Parts that are divided together: which, put together to which atoms, into how many units."""

    parts: Ints
    atom: Ints
    problem: Problem
    number: int


@dataclass(frozen=True, kw_only=True)
class _Place:
    """One community to be divided: its parts, what of them stays together, and how many units were asked for."""

    atoms: pd.DataFrame
    parts: Ints
    problem: Problem
    base: Ints
    units: int | None


def labels(
    atoms: pd.DataFrame,
    problem: Problem,
    criteria: Criteria,
    *,
    together: Ints | None = None,
    progress: Progress | None = None,
    processes: int = 1,
) -> Ints:
    """
    Give every part a number, the same for the parts of one unit.

    Parameters
    ----------
    atoms
        Parts sorted by id, with `community_id`, `compound_id`, `building_id`; units never cross communities.
    together
        Number of a group of each part; the parts of one group come into one unit. Groups count from 0.
    progress
        Told (borders done, borders in all).
    processes
        How many may work on large ground at the same time; the result is the same.
    """
    atoms, problem = with_verges(atoms, problem)
    label = np.full(len(atoms), -1, dtype=np.int64)
    band, done, total = criteria.reach(problem.total), 0, max(1, len(problem.i))
    for task in _tasks(atoms, problem, criteria, together):
        borders = len(task.problem.i)
        budget = None if criteria.budget is None else criteria.budget * borders // total
        told = None if progress is None else partial(_share, progress, done, borders, total)
        found = divide(task.problem, task.number, band, criteria, budget=budget, told=told, processes=processes)
        label[task.parts] = found[task.atom] + label.max() + 1
        done += borders
    if progress is not None:
        progress(total, total)
    return _followed(problem, numbered(atoms["community_id"]), label)


def _share(progress: Progress, done: int, borders: int, total: int, share: float) -> None:
    progress(done + int(borders * share), total)


def _tasks(atoms: pd.DataFrame, problem: Problem, criteria: Criteria, together: Ints | None) -> Iterator[_Task]:
    """Give every ground of every community, with the number of its units."""
    community = numbered(atoms["community_id"])
    weight = np.bincount(community, problem.weight).astype(np.int64)
    wanted = _apportioned(weight, criteria.units) if criteria.units else [None] * len(weight)
    for one, number in enumerate(wanted):
        parts = np.flatnonzero(community == one)
        own = cut_out(problem, parts)
        base = np.arange(len(parts)) if together is None else compact(together[parts])
        if own.total == 0:
            # Ground without any weight is one unit: nothing tells where it should be divided.
            yield _Task(parts=parts, atom=np.zeros(len(parts), dtype=np.int64), problem=own, number=1)
            continue
        here = _Place(atoms=atoms.iloc[parts], parts=parts, problem=own, base=base, units=number)
        yield from _community_tasks(here, criteria, problem.total)


def _community_tasks(here: _Place, criteria: Criteria, total: int) -> Iterator[_Task]:
    """Give the grounds of one community; ground without any weight that joins nothing is left for later."""
    low, high = criteria.reach(total)
    atom = _wholes(here, criteria, (low, high))
    whole = contract(here.problem, atom)
    # An atom heavier than the band is a unit of its own; counted as a full one it leaves the others' band as it is.
    whole = replace(whole, weight=np.minimum(whole.weight, high))
    compound = common(atom, numbered(here.atoms["compound_id"])) if "compound" in criteria.keep_whole else None
    ground, numbers = _grounds(whole, compound, (low, high), criteria.aim(total), here.units)
    for one, number in enumerate(numbers):
        inside = np.flatnonzero(ground == one)
        if number:
            mine = np.flatnonzero(ground[atom] == one)
            yield _Task(
                parts=here.parts[mine],
                atom=np.searchsorted(inside, atom[mine]),
                problem=cut_out(whole, inside),
                number=number,
            )


def _wholes(here: _Place, criteria: Criteria, band: tuple[int, int]) -> Ints:
    """Put together the parts that stay in one unit; give each part the number of its atom."""
    low, high = band
    atom = here.base
    for whole in ("building", "compound"):
        if whole in criteria.keep_whole:
            key = common(atom, numbered(here.atoms[f"{whole}_id"]))
            atom = bind(contract(here.problem, atom), key, high)[atom]
    return tie_islands(contract(here.problem, atom), low, high, here.units)[atom]


def _grounds(
    whole: Problem, compound: Ints | None, band: tuple[int, int], aim: float, units: int | None
) -> tuple[Ints, list[int]]:
    """Say which atoms are divided together, and into how many units; no unit for ground without weight."""
    nowhere = np.full(len(whole), -1, dtype=np.int64)
    for key in (compound, nowhere):
        if key is None:
            continue
        ground = grounds(whole, key, *band)
        weight = np.bincount(ground, whole.weight).astype(np.int64)
        if units is None:
            asked = _asked_numbers(whole, ground, len(weight))
            return ground, [_number(int(one), band, aim, *asked[place]) for place, one in enumerate(weight)]
        numbers = _apportioned(weight, units)
        if all(_possible(int(one), number, band) for one, number in zip(weight, numbers, strict=True)):
            break
    return ground, numbers


def _possible(weight: int, number: int, band: tuple[int, int]) -> bool:
    return weight == 0 or (number * band[0] <= weight <= number * band[1])


def _asked_numbers(whole: Problem, ground: Ints, grounds: int) -> list[tuple[int, int]]:
    """Give the least and the greatest number of units of each ground that further measures allow."""
    fewest, most = np.ones(grounds, dtype=np.int64), np.full(grounds, len(whole), dtype=np.int64)
    if whole.more is not None:
        for counts, low, high in zip(whole.more.weight, whole.more.low, whole.more.high, strict=True):
            size = np.bincount(ground, counts, grounds).astype(np.int64)
            fewest = np.maximum(fewest, -(-size // high))
            most = np.minimum(most, size // low) if low else most
    return list(zip(fewest.tolist(), most.tolist(), strict=True))


def _number(weight: int, band: tuple[int, int], aim: float, least: int, greatest: int) -> int:
    """Choose the number of units nearest to the aim with which all can lie in the band, then in what else is asked."""
    if weight == 0:
        return 0
    wanted = max(1, min(max(int(weight / aim + 0.5), least), greatest))
    if not divisible(weight, *band):
        return wanted
    fewest, most = possible_units(weight, *band)
    return min(max(wanted, fewest), most)


def _apportioned(weight: Ints, units: int) -> list[int]:
    """Share units among grounds by weight (Sainte-Laguë), at least one to each that bears weight."""
    numbers = (weight > 0).astype(np.int64)
    for _ in range(units - int(numbers.sum())):
        numbers[int(np.argmax(weight / (2 * numbers + 1)))] += 1
    return [int(number) for number in numbers]


def _followed(problem: Problem, community: Ints, label: Ints) -> Ints:
    """Give ground that joins nothing to the unit across its longest border, else to the nearest of its community."""
    label = label.copy()
    beside = np.flatnonzero((label[problem.i] < 0) | (label[problem.j] < 0))
    i, j, length = problem.i[beside], problem.j[beside], problem.length[beside]
    for part in np.flatnonzero(label < 0):
        border = np.zeros(label.max() + 1, dtype=np.int64)
        for here, there in ((i, j), (j, i)):
            meets = (here == part) & (label[there] >= 0)
            np.add.at(border, label[there[meets]], length[meets])
        label[part] = np.argmax(border) if border.any() else -1
    for one in np.unique(community[label < 0]):
        lost = np.flatnonzero((community == one) & (label < 0))
        found = np.flatnonzero((community == one) & (label >= 0))
        at = np.column_stack([problem.x, problem.y])
        label[lost] = label[found[cKDTree(at[found]).query(at[lost])[1]]]
    return label

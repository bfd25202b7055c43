"""The whole division: community by community, ground by ground, then names for the units and what came of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from govmap.delineate import explain
from govmap.delineate.criteria import Criteria
from govmap.delineate.problem import Ints, Problem, common, contract, cut_out, measured, numbered, of_parts
from govmap.delineate.search.portfolio import divide
from govmap.delineate.territories import bind, divisible, grounds, possible_units, tie_islands
from govmap.messages import Note, note
from govmap.plan import Plan

if TYPE_CHECKING:
    from govmap.contiguity import Graph

Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Division:
    """
    What a division gives.

    `assignment` holds part_id, unit_id; `units` one row a unit with its sums, `in_band`, and `reason` and `facts` where
    it is not; `reasons` every unit that is out of its band, in pieces or divides a compound, with key and facts;
    `score` the whole in figures, each in its own unit of measure.
    """

    assignment: pd.DataFrame
    units: pd.DataFrame
    reasons: pd.DataFrame
    score: Mapping[str, float]
    notes: tuple[Note, ...]


@dataclass(frozen=True, kw_only=True)
class _Task:
    """Parts that are divided together: which, put together to which atoms, into how many units."""

    parts: Ints
    atom: Ints
    problem: Problem
    number: int


def delineate(atoms: pd.DataFrame, graph: "Graph", criteria: Criteria, *, progress: Progress | None = None) -> Division:
    """
    Divide the parts of every community into units.

    Every unit lies in one community and in one piece, but for islands too small to stand alone, which are joined by
    name. Compounds and buildings that fit the band stay whole.

    Parameters
    ----------
    atoms
        One row a part: `part_id`, `building_id`, `community_id`, `compound_id`, `block_id`, `households`, `residents`,
        `dwellings`, `area_m2`, `x`, `y` in metres, `perimeter_m` if known.
    graph
        Who borders whom.
    criteria
        What is wanted.
    progress
        Told (borders done, borders in all) from time to time, and at the end.
    """
    atoms = atoms.sort_values("part_id", kind="stable", ignore_index=True)
    problem = of_parts(atoms, graph, measured(atoms, criteria.by))
    label = _labels(atoms, problem, criteria, progress)
    unit_id = _named(atoms, problem.weight, label)
    return _told(atoms, problem, criteria, unit_id)


def review(plan: Plan, atoms: pd.DataFrame, graph: "Graph", criteria: Criteria) -> Division:
    """Sum up a plan as it stands, after edits or by hand, in the same way; atoms, graph and criteria as above."""
    atoms = atoms[atoms["part_id"].isin(plan.parts.index)].sort_values("part_id", kind="stable", ignore_index=True)
    unit_id = pd.Series(plan.parts.reindex(atoms["part_id"]).to_numpy(), dtype=object)
    return _told(atoms, of_parts(atoms, graph, measured(atoms, criteria.by)), criteria, unit_id)


def _labels(atoms: pd.DataFrame, problem: Problem, criteria: Criteria, progress: Progress | None) -> Ints:
    """Give every part a number, the same for the parts of one unit."""
    label = np.full(len(atoms), -1, dtype=np.int64)
    band, done, total = criteria.band(problem.total), 0, max(1, len(problem.i))
    for task in _tasks(atoms, problem, criteria):
        borders = len(task.problem.i)
        budget = None if criteria.budget is None else criteria.budget * borders // total
        told = None if progress is None else partial(_share, progress, done, borders, total)
        found = divide(task.problem, task.number, band, criteria, budget=budget, told=told)
        label[task.parts] = found[task.atom] + label.max() + 1
        done += borders
    if progress is not None:
        progress(total, total)
    return _followed(problem, numbered(atoms["community_id"]), label)


def _share(progress: Progress, done: int, borders: int, total: int, share: float) -> None:
    progress(done + int(borders * share), total)


def _tasks(atoms: pd.DataFrame, problem: Problem, criteria: Criteria) -> Iterator[_Task]:
    """Give every ground of every community, with the number of its units."""
    community = numbered(atoms["community_id"])
    weight = np.bincount(community, problem.weight).astype(np.int64)
    wanted = _apportioned(weight, criteria.units) if criteria.units else [None] * len(weight)
    for one, number in enumerate(wanted):
        parts = np.flatnonzero(community == one)
        yield from _community_tasks(atoms.loc[parts], parts, cut_out(problem, parts), criteria, problem.total, number)


def _community_tasks(
    atoms: pd.DataFrame, parts: Ints, own: Problem, criteria: Criteria, total: int, units: int | None
) -> Iterator[_Task]:
    """Give the grounds of one community; ground without any weight that joins nothing is left for later."""
    low, high = criteria.band(total)
    if own.total == 0:
        yield _Task(parts=parts, atom=np.zeros(len(parts), dtype=np.int64), problem=own, number=1)
        return
    atom = _wholes(atoms, own, criteria, (low, high), units)
    whole = contract(own, atom)
    # An atom heavier than the band is a unit of its own; counted as a full one it leaves the others' band as it is.
    whole = replace(whole, weight=np.minimum(whole.weight, high))
    compound = common(atom, numbered(atoms["compound_id"])) if "compound" in criteria.keep_whole else None
    ground, numbers = _grounds(whole, compound, (low, high), criteria.aim(total), units)
    for one, number in enumerate(numbers):
        inside = np.flatnonzero(ground == one)
        if number:
            here = np.flatnonzero(ground[atom] == one)
            yield _Task(
                parts=parts[here],
                atom=np.searchsorted(inside, atom[here]),
                problem=cut_out(whole, inside),
                number=number,
            )


def _wholes(atoms: pd.DataFrame, own: Problem, criteria: Criteria, band: tuple[int, int], units: int | None) -> Ints:
    """Put together the parts that stay in one unit; give each part the number of its atom."""
    low, high = band
    atom = np.arange(len(own))
    for whole in ("building", "compound"):
        if whole in criteria.keep_whole:
            key = common(atom, numbered(atoms[f"{whole}_id"]))
            atom = bind(contract(own, atom), key, high)[atom]
    return tie_islands(contract(own, atom), low, high, units)[atom]


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
            return ground, [_number(int(one), band, aim) for one in weight]
        numbers = _apportioned(weight, units)
        if all(_possible(int(one), number, band) for one, number in zip(weight, numbers, strict=True)):
            break
    return ground, numbers


def _possible(weight: int, number: int, band: tuple[int, int]) -> bool:
    return weight == 0 or (number * band[0] <= weight <= number * band[1])


def _number(weight: int, band: tuple[int, int], aim: float) -> int:
    """Choose the number of units nearest to the aim with which all can lie in the band."""
    if weight == 0:
        return 0
    wanted = max(1, int(weight / aim + 0.5))
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


def _named(atoms: pd.DataFrame, weight: Ints, label: Ints) -> pd.Series:
    """Name each unit after the first of its parts that count, so that the name comes from what it holds."""
    first = np.lexsort((np.arange(len(label)), atoms["building_id"].isna(), weight == 0, label))
    _, place = np.unique(label[first], return_index=True)
    names = pd.Series("u" + atoms["part_id"].to_numpy(dtype=object)[first[place]], index=np.unique(label))
    return pd.Series(names.reindex(label).to_numpy(dtype=object), index=atoms.index, dtype=object)


def _told(atoms: pd.DataFrame, problem: Problem, criteria: Criteria, unit_id: pd.Series) -> Division:
    """Sum up what a division gives."""
    band, aim = criteria.band(problem.total), criteria.aim(problem.total)
    view = explain.View.of(atoms, problem, unit_id)
    reasons = explain.reasons(view, band, criteria.units)
    units = explain.table(view, band, reasons)
    notes = explain.notes(view, units, reasons)
    if criteria.units not in (None, len(units)):
        notes = (*notes, note("delineate_other_number", wanted=criteria.units, count=len(units)))
    return Division(
        assignment=pd.DataFrame({"part_id": atoms["part_id"], "unit_id": unit_id}),
        units=units,
        reasons=reasons,
        score=explain.score(view, band, aim),
        notes=notes,
    )

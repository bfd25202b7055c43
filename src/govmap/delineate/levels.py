"""Levels of units, each inside the one above, and units that stand already: what is divided, kept or put together.

Without a former plan the topmost level is divided first and every unit of it by itself. Where that splits compounds
or buildings that fit, or leaves units out of their band, the lowest level is divided first and its units are put
together as well, and the better of both stays: the one that splits fewer of those, then the one with fewer units out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from govmap.delineate.criteria import Criteria
from govmap.delineate.keep import settle
from govmap.delineate.problem import Ints, Problem, contract, cut_out, numbered
from govmap.delineate.standing import Standing
from govmap.delineate.tasks import Progress, labels
from govmap.delineate.territories import compact, divisible

Range = tuple[int, int]
STEPS = 1000  # of progress a level


@dataclass(frozen=True, kw_only=True)
class Level:
    """One level: the ground weighed by its measure, what is wanted, what stands; how many processes may divide it."""

    atoms: pd.DataFrame
    problem: Problem
    criteria: Criteria
    standing: Standing
    processes: int = 1

    @property
    def total(self) -> int:
        """Weight of everything beside exclusive units."""
        return int(self.problem.weight[~self.standing.beside].sum())

    @property
    def band(self) -> Range:
        """Least and greatest weight of a unit."""
        return self.criteria.band(self.total)


def divide_levels(levels: Sequence[Level], progress: Progress | None = None) -> list[Ints]:
    """
    Divide the ground on every level.

    Parameters
    ----------
    levels
        The topmost first, over the same parts sorted by id.
    progress
        Told (steps done, steps in all) from time to time.

    Returns
    -------
    labels
        For each level the unit of each part: numbers of `standing.names`, then those of new units. Every unit lies in
        one unit of the level above.
    """
    heard = _Progress(progress, len(levels))
    kept = [one for one, level in enumerate(levels) if level.standing.kept]
    if kept:
        return _around(levels, max(kept), heard)
    first = _downward(levels, heard)
    if len(levels) == 1 or not (_split(levels, first) or _out(levels, first)[0]):
        return first
    other = _upward(levels, _Progress(None, len(levels)))  # the bar stands at its end by now
    return min((first, other), key=lambda found: (_split(levels, found), _out(levels, found)))


@dataclass
class _Progress:
    """Shares of one level turned into shares of all of them."""

    told: Progress | None
    levels: int

    def at(self, level: int) -> Progress | None:
        """Give what hears of one level."""
        return None if self.told is None else partial(self._tell, level)

    def _tell(self, level: int, done: int, total: int) -> None:
        if self.told is not None:
            self.told(level * STEPS + STEPS * done // max(total, 1), self.levels * STEPS)


def _downward(levels: Sequence[Level], heard: _Progress) -> list[Ints]:
    """Divide the topmost level first, then every unit of it by itself."""
    ground, found = numbered(levels[0].atoms["community_id"]), list[Ints]()
    sizes = feasible([level.criteria.by for level in levels], [level.band for level in levels])
    for one, level in enumerate(levels):
        band = _narrowed(level, sizes[one])
        found.append(_fresh(level, ground, _glued(levels[one + 1 :]), band, heard.at(one)))
        ground = found[-1]
    return found


def _upward(levels: Sequence[Level], heard: _Progress) -> list[Ints]:
    """Divide the lowest level first, then put its units together."""
    community, last = numbered(levels[0].atoms["community_id"]), len(levels) - 1
    walled = np.column_stack([community, *(np.where(one.standing.held, one.standing.unit, -1) for one in levels)])
    ground = np.unique(walled, axis=0, return_inverse=True)[1].reshape(-1)
    found = [_fresh(levels[last], ground, None, None, heard.at(last))]
    for one in range(last - 1, -1, -1):
        found.insert(0, _fresh(levels[one], community, compact(found[0]), None, heard.at(one)))
    return found


def _around(levels: Sequence[Level], lowest: int, heard: _Progress) -> list[Ints]:
    """Keep the lowest level that stands; put its units together above, divide them below."""
    community = numbered(levels[0].atoms["community_id"])
    found = [_settled(levels[lowest], community, None)]
    for one in range(lowest - 1, -1, -1):
        level, under = levels[one], compact(found[0])
        above = _settled(level, community, under) if level.standing.kept else None
        found.insert(0, _fresh(level, community, under, None, heard.at(one)) if above is None else above)
    for one in range(lowest + 1, len(levels)):
        found.append(_fresh(levels[one], found[-1], _glued(levels[one + 1 :]), None, heard.at(one)))
    return found


def _glued(below: Sequence[Level]) -> Ints | None:
    """Put parts of each locked unit of a lower level together; None where nothing is locked."""
    if not any(level.standing.locked.any() for level in below):
        return None
    group = np.arange(len(below[0].problem))
    for level in reversed(below):
        held, unit = level.standing.held, level.standing.unit
        first = np.unique(unit[held], return_index=True)
        group[held] = group[np.flatnonzero(held)[first[1]]][np.searchsorted(first[0], unit[held])]
    return compact(group)


def _fresh(level: Level, ground: Ints, together: Ints | None, band: Range | None, progress: Progress | None) -> Ints:
    """Divide what is not locked, ground by ground, around what is."""
    standing = level.standing
    label = np.where(standing.held, standing.unit, -1)
    free = np.flatnonzero(~standing.held)
    if len(free):
        rows = level.atoms.iloc[free].assign(community_id=ground[free])
        own = cut_out(apart(level.problem, ground), free)
        group = None if together is None else compact(together[free])
        found = labels(rows, own, _resolved(level, band), together=group, progress=progress, processes=level.processes)
        label[free] = len(standing.names) + found
    return label


def _resolved(level: Level, band: Range | None) -> Criteria:
    """Say what is wanted of the ground that is left, where something is set aside or the band is narrower."""
    wanted, standing = level.criteria, level.standing
    if band is None and not standing.locked.any():
        return wanted
    taken = int((standing.locked & ~standing.apart).sum())
    return replace(
        wanted,
        size=band or level.band,
        units=None if wanted.units is None else max(1, wanted.units - taken),
        target=wanted.target or (None if band else round(wanted.aim(level.total))),
    )


def _settled(level: Level, community: Ints, under: Ints | None) -> Ints:
    """Keep what stands on a level; `under` are the units of the level below, which move as one."""
    standing, problem, unit = level.standing, level.problem, level.standing.unit
    whole: Ints | None = _whole(level)
    if under is not None:
        unit, whole = _most(under, unit, problem), None
        problem, community = contract(problem, under), community[np.unique(under, return_index=True)[1]]
    empty = np.bincount(unit[unit >= 0], minlength=len(standing.names)) == 0
    locked = standing.locked | standing.apart | empty
    wanted = level.criteria
    fixed = wanted.units is not None and wanted.units == int((~(standing.apart | empty)).sum())
    found = settle(
        problem,
        unit,
        wanted.reach(level.total),
        locked=locked,
        whole=whole,
        seed=wanted.seed,
        community=community,
        size_before=standing.sizes,
        fixed=fixed,
    )
    return found if under is None else found[under]


def _most(group: Ints, unit: Ints, problem: Problem) -> Ints:
    """Give the unit that holds most of each group's weight, then of its ground; -1 where none holds any."""
    rows = np.flatnonzero(unit >= 0)
    pairs, place = np.unique(np.column_stack([group[rows], unit[rows]]), axis=0, return_inverse=True)
    weight, area = np.bincount(place, problem.weight[rows]), np.bincount(place, problem.area[rows])
    order = np.lexsort((pairs[:, 1], -area, -weight, pairs[:, 0]))
    first = order[np.unique(pairs[order, 0], return_index=True)[1]]
    most = np.full(int(group.max()) + 1, -1, dtype=np.int64)
    most[pairs[first, 0]] = pairs[first, 1]
    return most


def _whole(level: Level) -> Ints:
    """Number the compounds that fit the band, else the buildings, that are to move as one."""
    keys = [f"{name}_id" for name in ("building", "compound") if name in level.criteria.keep_whole]
    whole = np.full(len(level.atoms), -1, dtype=np.int64)
    for key in keys:
        code = numbered(level.atoms[key])
        known = code >= 0
        weight = np.bincount(code[known], level.problem.weight[known])
        fits = known & (np.append(weight, np.inf)[code] <= level.band[1])
        whole = np.where(fits, code + whole.max() + 1, whole)
    return whole


def apart(problem: Problem, ground: Ints) -> Problem:
    """Take the borders between grounds away; they become outer borders."""
    cross = ground[problem.i] != ground[problem.j]
    outer = problem.outer.copy()
    for end in (problem.i, problem.j):
        np.add.at(outer, end[cross], problem.length[cross])
    kept = {name: getattr(problem, name)[~cross] for name in ("i", "j", "length", "price", "barrier", "joins")}
    return replace(problem, outer=outer, **kept)


# bands of several levels -------------------------------------------------------------------------------------------
def feasible(by: Sequence[str], bands: Sequence[Range]) -> list[list[Range]]:
    """
    Say for each level which sizes of a unit some number of units of the level below adds up to.

    Parameters
    ----------
    by, bands
        Measure and band of each level, the topmost first; levels of different measures say nothing of each other.

    Returns
    -------
    ranges
        For each level the ranges inside its band, in order.
    """
    found = [[bands[-1]]]
    for one in range(len(bands) - 2, -1, -1):
        low, high = bands[one]
        same = by[one] == by[one + 1]
        found.insert(0, _joined(_multiples(found[0], low, high)) if same else [(low, high)])
    return found


def _multiples(ranges: Sequence[Range], low: int, high: int) -> Iterator[Range]:
    for least, most in ranges:
        for count in range(1, high // max(least, 1) + 1):
            start, end = max(low, count * least), min(high, count * most)
            if start <= end:
                yield start, end


def _joined(ranges: Iterator[Range]) -> list[Range]:
    """Put ranges together that touch or overlap."""
    found: list[Range] = []
    for start, end in sorted(ranges):
        if found and start <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _narrowed(level: Level, ranges: Sequence[Range]) -> Range | None:
    """Choose the widest range with which the ground can be divided on both levels; None: the band as it is."""
    if not ranges or list(ranges) == [level.band]:
        return None
    return min(ranges, key=lambda one: (not divisible(level.total, *one), one[0] - one[1], one))


def _split(levels: Sequence[Level], found: Sequence[Ints]) -> int:
    """Count the compounds and buildings that fit the band of a level and lie in several of its units."""
    count = 0
    for level, label in zip(levels, found, strict=True):
        whole = _whole(level)
        pairs = np.unique(np.column_stack([whole, label])[whole >= 0], axis=0)
        count += int((np.unique(pairs[:, 0], return_counts=True)[1] > 1).sum())
    return count


def _out(levels: Sequence[Level], found: Sequence[Ints]) -> tuple[int, int]:
    """Count the units out of their band on all levels, and by how much they are."""
    count, much = 0, 0
    for level, label in zip(levels, found, strict=True):
        low, high = level.band
        weight = np.bincount(label, level.problem.weight).astype(np.int64)[np.unique(label)]
        off = np.maximum(np.maximum(low - weight, weight - high), 0)
        count, much = count + int((off > 0).sum()), much + int(off.sum())
    return count, much

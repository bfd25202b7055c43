"""Whether one step would bring a unit into its band: wholes moved to a neighbour, or exchanged with it; and taking it.

Where there is no such step, that is proven: every step of one whole, or of two, from each side has been looked at. What
more wholes or three units could do is not said here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from govmap.delineate.problem import Flags, Ints, Problem, contract
from govmap.delineate.view import View

MOST_LOOKED_AT = 400  # steps of the right size whose pieces are looked at, by unit
Range = tuple[int, int]


class Step(NamedTuple):
    """A step that helps: whole numbers that leave the unit, those that come, and the other unit."""

    leaves: tuple[int, ...]
    comes: tuple[int, ...]
    other: int


class Answer(NamedTuple):
    """
    What was found; `proven` is the greatest number of wholes from each side of which every step was looked at.

    `pairs` says whether the unit and some neighbour have the size for both to lie in the band.
    """

    step: Step | None
    proven: int
    pairs: bool


@dataclass(frozen=True)
class Mending:
    """
    Units whose wholes may be moved; `unit` and `size` change by `take`, `locked` units neither give nor take.

    `whole` is the number of each part's whole, `first` and `near` are the joining borders of each whole, one behind the
    other.
    """

    band: Range
    locked: Flags
    whole: Ints
    weight: Ints
    first: Ints
    near: Ints
    unit: Ints
    size: Ints

    @classmethod
    def of(cls, view: View, band: Range, locked: Flags) -> "Mending":
        """Begin with a division."""
        whole = view.wholes(band[1])
        problem = contract(view.problem, whole)
        unit = np.empty(len(problem), dtype=np.int64)
        unit[whole] = view.unit
        first, near = _beside(problem)
        return cls(band, locked, whole, problem.weight, first, near, unit, view.weight.copy())

    def step(self, unit: int) -> Answer:
        """Look for a step that brings a unit into its band, puts no other out of it and breaks none into pieces."""
        low, high = self.band
        near = [] if self.locked[unit] else [one for one in self.neighbours(unit) if not self.locked[one]]
        near = [one for one in near if 2 * low <= int(self.size[unit] + self.size[one]) <= 2 * high]
        for most in (1, 2):
            steps = (step for other in near for step in self.sized(unit, other, most))
            for looked, step in enumerate(steps, start=1):
                if looked > MOST_LOOKED_AT:
                    return Answer(None, proven=most - 1, pairs=True)
                if self.stays_whole(unit, step):
                    return Answer(step, proven=most - 1, pairs=True)
        return Answer(None, proven=2, pairs=bool(near))

    def take(self, unit: int, step: Step) -> None:
        """Move the wholes of a step."""
        leaves, comes = list(step.leaves), list(step.comes)
        moved = int(self.weight[leaves].sum() - self.weight[comes].sum())
        self.unit[leaves], self.unit[comes] = step.other, unit
        self.size[unit] -= moved
        self.size[step.other] += moved

    def neighbours(self, unit: int) -> list[int]:
        """Name the units one could exchange wholes with."""
        beside = [self._beside(int(one)) for one in np.flatnonzero(self.unit == unit)]
        found = np.unique(self.unit[np.concatenate(beside)]) if beside else np.zeros(0, np.int64)
        return [int(one) for one in found if one != unit]

    def _beside(self, whole: int) -> Ints:
        return self.near[self.first[whole] : self.first[whole + 1]]

    def sized(self, unit: int, other: int, most: int) -> Iterator[Step]:
        """Give the steps of at most so many wholes after which both units are in the band, that move least first."""
        low, high = self.band
        mine, theirs = self._bundles(unit, other, most), self._bundles(other, unit, most)
        leave, come = (np.array([self.weight[list(one)].sum() for one in side]) for side in (mine, theirs))
        moved = np.subtract.outer(leave, come)
        here, there = self.size[unit] - moved, self.size[other] + moved
        rows = np.argwhere((here >= low) & (here <= high) & (there >= low) & (there <= high))
        cost = leave[rows[:, 0]] + come[rows[:, 1]]
        for row, column in rows[np.lexsort((rows[:, 1], rows[:, 0], cost))]:
            if most in (len(mine[row]), len(theirs[column])):
                yield Step(mine[row], theirs[column], other)

    def _at_border(self, unit: int, other: int) -> Ints:
        """Name the wholes of a unit that touch another unit."""
        mine = np.flatnonzero(self.unit == unit)
        touches = [bool((self.unit[self._beside(int(one))] == other).any()) for one in mine]
        found: Ints = mine[np.array(touches, dtype=bool)]
        return found

    def _bundles(self, unit: int, other: int, most: int) -> list[tuple[int, ...]]:
        """List what could go over together: nothing, wholes at the border, with two also what lies behind one."""
        rim = [int(one) for one in self._at_border(unit, other)]
        found: set[tuple[int, ...]] = {(), *((one,) for one in rim)}
        if most > 1:
            found |= set(combinations(rim, 2))
            for one in rim:
                behind = self._beside(one)
                inside = np.unique(behind[self.unit[behind] == unit])
                found |= {(min(one, int(two)), max(one, int(two))) for two in inside if two != one}
        return sorted(found, key=lambda bundle: (len(bundle), bundle))

    def stays_whole(self, unit: int, step: Step) -> bool:
        """Tell whether neither unit gets more pieces by a step, and none is left empty."""
        mine, theirs = ({int(one) for one in np.flatnonzero(self.unit == name)} for name in (unit, step.other))
        leaves, comes = set(step.leaves), set(step.comes)
        after = (mine - leaves | comes, theirs - comes | leaves)
        return all(
            now and self._pieces(now) <= self._pieces(before) for now, before in zip(after, (mine, theirs), strict=True)
        )

    def _pieces(self, wholes: set[int]) -> int:
        """Count the pieces in which wholes hang together."""
        left, count = set(wholes), 0
        while left:
            todo = [left.pop()]
            count += 1
            while todo:
                near = left.intersection(self._beside(todo.pop()).tolist())
                left -= near
                todo += near
        return count


def mended(view: View, band: Range, locked: Flags) -> Ints:
    """
    Take every step that brings a unit into its band, the unit farthest out first, until none is left.

    Parameters
    ----------
    locked
        Flags units that may not change.

    Returns
    -------
    unit
        Of each part. No unit that was in the band has left it, none has more pieces, none is empty.
    """
    low, high = band
    if not ((view.weight < low) | (view.weight > high)).any():
        return view.unit
    mending = Mending.of(view, band, locked)
    while True:
        off = np.maximum(np.maximum(low - mending.size, mending.size - high), 0)
        out = [int(one) for one in np.lexsort((np.arange(len(off)), -off)) if off[one]]
        helped = next(((unit, step) for unit in out if (step := mending.step(unit).step) is not None), None)
        if helped is None:
            found: Ints = mending.unit[mending.whole]
            return found
        mending.take(*helped)


def mended_labels(atoms: pd.DataFrame, problem: Problem, label: Ints, band: Range, standing: int) -> Ints:
    """Mend the labels of parts; units with a number below `standing` were there before and do not change."""
    view = View.of(atoms, problem, pd.Series(label))
    names = np.array(view.names, dtype=np.int64)
    found: Ints = names[mended(view, band, names < standing)]
    return found


def _beside(problem: Problem) -> tuple[Ints, Ints]:
    """List the joining borders of each atom, one behind the other."""
    i, j = problem.i[problem.joins], problem.j[problem.joins]
    one, other = np.concatenate([i, j]), np.concatenate([j, i])
    order = np.lexsort((other, one))
    return np.searchsorted(one[order], np.arange(len(problem) + 1)), other[order]

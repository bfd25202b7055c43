"""What is asked of units beside their band, looked at whole by whole: would one step bring a unit to it, and is it one.

A step moves one or two wholes (compounds, buildings) from each side between two neighbours. It leaves both in their
band and in as many pieces as before, gives the unit all that is asked, and costs the other nothing that it has. Where
none does, that is proven as far as it was looked at.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from govmap.delineate.criteria import Criteria
from govmap.delineate.mending import MOST_LOOKED_AT, Answer, Mending, Range, Step
from govmap.delineate.problem import Flags, Ints, Problem, Reals, measured
from govmap.delineate.score import span
from govmap.delineate.view import View

DETOUR = 1.3  # a way through streets beside the straight line, as usual in towns (DOMAIN.md, straight-line radii)
# Where more units miss a wish, the wish does not go with the ground: their steps are not looked for one by one.
MOST_MISSING = 60


@dataclass(frozen=True, kw_only=True)
class Beside:
    """Wholes by further measures (a row each) with their bands, and where people live in them; no walk asked is 0."""

    counts: Ints
    low: Ints
    high: Ints
    whole: Ints
    at: Reals
    walk_m: int

    @classmethod
    def of(cls, atoms: pd.DataFrame, problem: Problem, whole: Ints, wanted: Criteria) -> "Beside":
        """Lay out what is asked; `whole` is the number of each part's whole."""
        built = atoms["building_id"].notna().to_numpy(dtype=bool)
        number = int(whole.max()) + 1 if len(whole) else 0
        sums = [np.bincount(whole, measured(atoms, measure), number) for measure, _, _ in wanted.also]
        return cls(
            counts=np.array(sums, dtype=np.int64).reshape(-1, number),
            low=np.array([low for _, low, _ in wanted.also], dtype=np.int64),
            high=np.array([high for _, _, high in wanted.also], dtype=np.int64),
            whole=whole[built],
            at=np.column_stack([problem.x, problem.y])[built],
            walk_m=wanted.walk_m or 0,
        )

    def missed(self, wholes: Flags) -> int:
        """Count the wishes that some wholes do not meet together."""
        held = self.counts[:, wholes].sum(axis=1)
        out = int(((held < self.low) | (held > self.high)).sum())
        return out + bool(self.walk_m and self.walk(wholes) > self.walk_m)

    def walk(self, wholes: Flags) -> int:
        """Give the longest walk between two homes of some wholes, in metres."""
        return round(DETOUR * span(self.at[wholes[self.whole]]))

    def too_much(self, whole: int) -> bool:
        """Tell whether one whole alone goes beyond what is asked, wherever it lies."""
        alone = np.zeros(self.counts.shape[1], dtype=bool)
        alone[whole] = True
        return bool((self.counts[:, whole] > self.high).any() or (self.walk_m and self.walk(alone) > self.walk_m))


@dataclass(frozen=True)
class Meeting:
    """Units whose wholes may be moved until they have what is asked beside the band."""

    mending: Mending
    asked: Beside

    @classmethod
    def of(cls, view: View, band: Range, locked: Flags, wanted: Criteria) -> "Meeting":
        """Begin with a division."""
        mending = Mending.of(view, band, locked)
        return cls(mending, Beside.of(view.atoms, view.problem, mending.whole, wanted))

    def missing(self) -> list[int]:
        """Name the units that do not have all that is asked, in order."""
        return [one for one in range(len(self.mending.size)) if self.asked.missed(self.mending.unit == one)]

    def step(self, unit: int) -> Answer:
        """Look for the step that moves fewest and gives a unit all that is asked."""
        mending = self.mending
        near = [] if mending.locked[unit] else [one for one in mending.neighbours(unit) if not mending.locked[one]]
        for most in (1, 2):
            found = [self._first(unit, other, most) for other in near]
            steps = [step for step, _ in found if step is not None]
            if steps:
                return Answer(min(steps, key=self._moved), proven=most - 1, pairs=True)
            if not all(complete for _, complete in found):
                return Answer(None, proven=most - 1, pairs=True)
        return Answer(None, proven=2, pairs=bool(near))

    def too_much(self, unit: int) -> bool:
        """Tell whether a whole of a unit goes beyond what is asked by itself."""
        return any(self.asked.too_much(int(one)) for one in np.flatnonzero(self.mending.unit == unit))

    def _moved(self, step: Step) -> tuple[int, Step]:
        return int(self.mending.weight[[*step.leaves, *step.comes]].sum()), step

    def _first(self, unit: int, other: int, most: int) -> tuple[Step | None, bool]:
        """Give the first step with one neighbour that will do, and whether all of them were looked at."""
        mine, theirs = self.mending.unit == unit, self.mending.unit == other
        before, looked = self.asked.missed(theirs), 0
        for step in self.mending.sized(unit, other, most):
            if not self._counts_fit(mine, theirs, step, before):
                continue
            looked += 1
            if looked > MOST_LOOKED_AT:
                return None, False
            after = _moved(mine, step.leaves, step.comes), _moved(theirs, step.comes, step.leaves)
            good = not self.asked.missed(after[0]) and self.asked.missed(after[1]) <= before
            if good and self.mending.stays_whole(unit, step):
                return step, True
        return None, True

    def _counts_fit(self, mine: Flags, theirs: Flags, step: Step, before: int) -> bool:
        """Tell whether the further measures of both allow a step: that is quickly seen."""
        if not len(self.asked.low):
            return True
        counts, low, high = self.asked.counts, self.asked.low, self.asked.high
        moved = counts[:, list(step.leaves)].sum(axis=1) - counts[:, list(step.comes)].sum(axis=1)
        here, there = counts[:, mine].sum(axis=1) - moved, counts[:, theirs].sum(axis=1) + moved
        return bool(((here >= low) & (here <= high)).all() and ((there < low) | (there > high)).sum() <= before)


def _moved(held: Flags, leaves: tuple[int, ...], comes: tuple[int, ...]) -> Flags:
    after: Flags = held.copy()
    after[list(leaves)], after[list(comes)] = False, True
    return after


def is_asked(wanted: Criteria) -> bool:
    """Tell whether anything is asked beside the band."""
    return bool(wanted.also) or wanted.walk_m is not None


def met(view: View, band: Range, locked: Flags, wanted: Criteria) -> Ints:
    """
    Take every step that gives a unit what is asked beside its band, until there is none.

    Returns
    -------
    unit
        Of each part. No unit has left its band, has more pieces, or has lost what it had.
    """
    meeting = Meeting.of(view, band, locked, wanted)
    left = meeting.missing()
    while 0 < len(left) <= MOST_MISSING:
        found = next(((unit, step) for unit in left if (step := meeting.step(unit).step) is not None), None)
        if found is None:
            break
        meeting.mending.take(*found)
        left = meeting.missing()
    unit: Ints = meeting.mending.unit[meeting.mending.whole]
    return unit


def met_labels(atoms: pd.DataFrame, problem: Problem, label: Ints, wanted: Criteria, band: Range, held: Flags) -> Ints:
    """Do so with the labels of parts; `held` flags those whose unit does not change."""
    view = View.of(atoms, problem, pd.Series(label))
    names = np.array(view.names, dtype=np.int64)
    locked = np.isin(names, np.unique(label[held]))
    found: Ints = names[met(view, band, locked, wanted)]
    return found

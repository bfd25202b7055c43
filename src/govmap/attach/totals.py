"""Whole numbers given to leaves so that every total is met exactly, the narrowest first, or is left aside and told.

Totals that cross each other (an area and a unit) can be met together although the first alone was spread otherwise:
then what was spread before is mended by moving as few as possible, found by a whole-number programme over the pieces
of ground that the totals cut each other into.
"""

from dataclasses import dataclass, field

import numpy as np

from govmap.attach.leaves import Bools, Floats, Ints
from govmap.shares import share_out

MOST_PIECES = 20_000
MOST_VAIN = 40  # totals that could not be met although all was tried; the rest are told without trying
UNLIKELY = 1000.0  # what a person costs in the programme where nobody was thought to live


@dataclass
class Spread:
    """
    Numbers of leaves, filled from the narrowest statement to the widest.

    `building` is the building of each leaf, in ascending order: what is spread is rounded for buildings first.
    `thought` are the weights of leaves, `backup` weights where nobody was thought to be. `fixed` are leaves that a
    statement speaks of, `exact` those that were counted by themselves and never bend; `low` and `high` are bounds.
    """

    building: Ints
    thought: Floats
    backup: Floats
    low: Floats
    high: Floats
    values: Ints = field(init=False)
    fixed: Bools = field(init=False)
    exact: Bools = field(init=False)

    def __post_init__(self) -> None:
        self.values = np.zeros(len(self.thought), dtype=np.int64)
        self.fixed, self.exact = (np.zeros(len(self.thought), dtype=bool) for _ in range(2))
        self._sets: list[Ints] = []
        self._totals: list[int] = []
        self._vain = 0

    def count(self, leaves: Ints, numbers: Ints) -> None:
        """Take numbers that were counted for the leaves themselves."""
        self.values[leaves] = numbers
        self.fixed[leaves] = self.exact[leaves] = True

    def give(self, leaves: Ints, total: int) -> int:
        """Spread a total over those of its leaves nobody spoke of yet; give what does not fit, 0 where it is met."""
        free = leaves[~self.fixed[leaves]]
        left = total - int(self.values[leaves[self.fixed[leaves]]].sum())
        if left < 0 or (left > 0 and len(free) == 0):
            if self._vain < MOST_VAIN and self._mend(leaves, total):
                return 0
            self._vain += 1
            return left
        self.values[free] = self._shares(free, left)
        self._bound(free, left)
        self._remember(leaves, total)
        return 0

    def _remember(self, leaves: Ints, total: int) -> None:
        self.fixed[leaves] = True
        self._sets.append(leaves)
        self._totals.append(total)

    def _shares(self, leaves: Ints, total: int) -> Ints:
        """Share a total out over buildings, then over the leaves of each."""
        if len(leaves) == 0:
            return np.zeros(0, np.int64)
        weights = self.thought[leaves]
        weights = weights if weights.sum() > 0 else self.backup[leaves]
        heads = np.flatnonzero(np.diff(self.building[leaves], prepend=-1))
        values = share_out(total, np.add.reduceat(weights, heads))
        if len(heads) == len(leaves):
            return values
        pairs = zip(values.tolist(), np.split(weights, heads[1:]), strict=True)
        return np.concatenate([share_out(value, mine) for value, mine in pairs])

    def _bound(self, free: Ints, left: int) -> None:
        """Scale the bounds of leaves to what they got, and let the total narrow them: the rest bounds each."""
        thought = self.thought[free]
        ratio = np.divide(self.values[free], thought, out=np.ones(len(free)), where=thought > 0)
        low, high = self.low[free] * ratio, self.high[free] * ratio
        low, high = np.minimum(low, self.values[free]), np.maximum(high, self.values[free])
        self.low[free] = np.maximum(low, left - (high.sum() - high))
        self.high[free] = np.minimum(high, left - (low.sum() - low))

    # what crosses ----------------------------------------------------------------------------------------------------
    def _mend(self, leaves: Ints, total: int) -> bool:
        """Meet a total together with all given before, if that can be; tell whether it could."""
        sets, totals = self._crossing(leaves)
        sets, totals = [*sets, leaves], [*totals, total]
        ground = np.unique(np.concatenate(sets))
        bends = ground[~self.exact[ground]]
        inside = np.column_stack([np.isin(bends, one, assume_unique=True) for one in sets])
        pieces, piece = np.unique(inside, axis=0, return_inverse=True)
        if not len(bends) or pieces.size > MOST_PIECES:
            return False
        rest = np.array(totals) - [int(self.values[one[self.exact[one]]].sum()) for one in sets]
        now = np.where(self.fixed[bends], self.values[bends], np.rint(self.thought[bends])).astype(np.int64)
        known = np.bincount(piece, self.thought[bends], minlength=len(pieces)) > 0
        found = _nearest(
            pieces.T.astype(float), rest, np.asarray(np.bincount(piece, now, minlength=len(pieces)), dtype=float), known
        )
        if found is None:
            return False
        for number, wanted in enumerate(found.tolist()):
            mine = bends[piece == number]
            if int(self.values[mine].sum()) != wanted or not self.fixed[mine].all():
                self.values[mine] = self._shares(mine, wanted)
        self.low[bends] = np.minimum(self.low[bends], self.values[bends])
        self.high[bends] = np.maximum(self.high[bends], self.values[bends])
        self._remember(leaves, total)
        return True

    def _crossing(self, leaves: Ints) -> tuple[list[Ints], list[int]]:
        """Give the totals that share leaves with this one, and those that share leaves with them."""
        reached = np.zeros(len(self.thought), dtype=bool)
        reached[leaves] = True
        mine: set[int] = set()
        while True:
            more = {at for at, one in enumerate(self._sets) if at not in mine and reached[one].any()}
            if not more:
                return [self._sets[at] for at in sorted(mine)], [self._totals[at] for at in sorted(mine)]
            mine |= more
            for at in more:
                reached[self._sets[at]] = True


def _nearest(holds: Floats, totals: Ints, now: Floats, known: Bools) -> Ints | None:
    """Give whole numbers for pieces that meet all totals and differ least from `now`; None where there are none."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    count = holds.shape[1]
    cost = np.concatenate([np.where(known, 0.0, UNLIKELY), np.ones(count)])
    eye = np.eye(count)
    away = [
        LinearConstraint(np.hstack([eye, -eye]), ub=now),
        LinearConstraint(np.hstack([-eye, -eye]), ub=-now),
    ]
    met = LinearConstraint(np.hstack([holds, np.zeros_like(holds)]), lb=totals, ub=totals)
    whole = np.concatenate([np.ones(count), np.zeros(count)])
    found = milp(cost, integrality=whole, bounds=Bounds(lb=0), constraints=[met, *away])
    if not found.success:
        return None
    values: Ints = np.rint(found.x[:count]).astype(np.int64)
    return values if (values >= 0).all() and (holds @ values == totals).all() else None

"""Proves the best districts of small ground: prices of atoms, every unit that could matter at them, the best cover.

Prices of atoms are raised by column generation: the cheapest cover by shares of units known so far gives prices, and
units are grown that would be cheaper than their atoms' prices, until there are none (Garfinkel and Nemhauser 1970;
Mehrotra, Johnson and Nemhauser 1998). Then a division is at most as much dearer than the bound as its units are dearer
than their prices, so that only units little dearer need be known, all of them.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csc_array, eye_array, hstack

from govmap.delineate.problem import Flags, Ints, Reals
from govmap.delineate.search.exact import (
    FREE,
    WORK,
    Band,
    Graph,
    Sets,
    cover,
    grow,
    packed,
    room,
)
from govmap.delineate.search.inertia import SCALE, Answer, Inertia, neighbours

# Steps of growing while prices are sought, one atom's at first, and all in the end; sets kept.
STEPS_OF_PRICES, STEPS_OF_ATOM, STEPS_OF_ALL, SETS = 5_000_000, 20_000, 30_000_000, 500_000
TURNS = 80
# How far above the bound a cover is looked for, in turn, and how much farther one found by chance may lie.
LADDER, CHANCE = (0.01, 0.03, 0.09, 0.27), 2.5
TINY = 1e-7
MARGIN = 0.02
DEAR = 4.0
MORE_STEPS = 4
ANYTHING = 1e300


@dataclass
class _Columns:
    """Units known, and prices of atoms."""

    problem: Inertia
    cost: Reals
    band: Band
    graph: Graph
    found: Sets
    price: Reals

    @classmethod
    def of(cls, problem: Inertia, price: Reals) -> "_Columns":
        band = Band(problem.people, problem.low, problem.high, problem.units)
        sets = room(SETS, len(problem))
        return cls(problem, problem.cost / SCALE, band, Graph(*neighbours(problem)), sets, price)

    @property
    def inside(self) -> Flags:
        return self.found.inside[: self.found.number[0]]

    def costs(self) -> Reals:
        """What each known unit costs: its value at the prices of now, and its prices."""
        return self.found.value[: self.found.number[0]]

    def grown(self, start: int, most: float, steps: int, margin: float = np.inf) -> tuple[int, float]:
        """Grow units around an atom that are dearer than their prices by `most` at most; their costs are noted."""
        gain = self.cost[:, start] - self.price
        people = np.maximum(self.band.weight, 1)
        ratio = np.where(self.band.weight > 0, gain / people, np.where(gain < 0, -np.inf, np.inf))
        order = np.argsort(ratio, kind="stable")
        state = np.full(len(gain), FREE, dtype=np.int64)
        before = self.found.number[0]
        done = grow(start, state, gain, order, self.cost, self.band, self.graph, self.found, most, margin, steps)
        new = slice(before, self.found.number[0])
        self.found.value[new] = self.found.inside[new] @ self.cost[:, start]
        return done

    def clear(self) -> None:
        """Forget all units."""
        self.found.number[0] = 0


def proven_best(problem: Inertia, price: Reals, most: float) -> Answer | None:
    """
    Find the best division and prove it, if that can be had within the budget.

    Parameters
    ----------
    price
        Of each atom, in millions, to begin with.
    most
        Cost in millions of a division that is known; infinite without one.

    Returns
    -------
    answer
        None where no bound was reached. Its label is None where nothing cheaper than `most` was found; then `proven`
        says that nothing cheaper exists.
    """
    columns = _Columns.of(problem, price.copy())
    bound = _bound(columns)
    if bound is None:
        return None
    label, best, steps = None, most, STEPS_OF_ALL
    for share in LADDER:
        reach = min(share * bound, best - bound)
        steps = _all_units(columns, reach, steps)
        if steps < 0:
            break
        found, value, sure = _cheapest(columns, bound, min(best, bound * (1 + CHANCE * share)))
        if found is not None:
            label, best = found, value
        if sure and best - bound <= reach * (1 + TINY) + TINY:
            return _answer(label, best, best, proven=True)
    return _answer(label, best, bound, proven=False)


def best_of_all(problem: Inertia) -> Answer | None:
    """Find the best division of very small ground from every unit there can be; None: not within the budget."""
    columns = _Columns.of(problem, np.zeros(len(problem)))
    if _all_units(columns, ANYTHING, STEPS_OF_ALL) < 0:
        return None
    label, best, sure = _cheapest(columns, 0.0, ANYTHING)
    return _answer(label, best, best, proven=True) if sure else None


def _answer(label: Ints | None, best: float, bound: float, *, proven: bool) -> Answer:
    objective = round(best * SCALE) if label is not None else 0
    return Answer(label, objective, min(bound, best), proven)


def _bound(columns: _Columns) -> float | None:
    """Find prices at which no unit is cheaper than its atoms; their sum is the bound. None: not within the budget."""
    n, shared, steps, left = len(columns.price), 1.0, STEPS_OF_ATOM, STEPS_OF_PRICES
    dear = DEAR * float(columns.price.sum()) / n
    for turn in range(TURNS):
        total, before = float(columns.price.sum()), columns.found.number[0]
        done = [columns.grown(start, -TINY * total, steps, MARGIN * total)[0] for start in range(n)]
        grown, cut_short = columns.found.number[0] - before, min(done) < 0
        left -= sum(one if one >= 0 else steps for one in done)
        if left < 0:
            return None
        if not grown and not cut_short and turn:
            if shared <= TINY:
                # No unit is cheaper than its prices by more than a trifle.
                return total * (1 - TINY * columns.problem.units)
            dear *= DEAR
        if cut_short and grown < n // 2:
            steps *= MORE_STEPS
        price, shared = _prices(columns, dear)
        columns.price = price if turn % 2 else (columns.price + price) / 2
    return None


def _prices(columns: _Columns, dear: float) -> tuple[Reals, float]:
    """Cover by shares of the units known, and by nothing at a dear price; give the prices, and how much by nothing."""
    n = len(columns.price)
    rows = hstack([csc_array(columns.inside.T.astype(np.float64)), eye_array(n, format="csc")], format="csc")
    cost = np.concatenate([columns.costs(), np.full(n, dear)])
    found = linprog(cost, A_eq=rows, b_eq=np.ones(n), bounds=(0, None), method="highs-ds")
    return found.eqlin.marginals, float(found.x[-n:].sum())


def _all_units(columns: _Columns, reach: float, steps: int) -> int:
    """Find every unit that is dearer than its prices by `reach` at most; give the steps left, -1 if too few."""
    columns.clear()
    for start in range(len(columns.price)):
        done, _ = columns.grown(start, reach, steps)
        steps -= done
        if done < 0 or steps < 0:
            return -1
    return steps


def _cheapest(columns: _Columns, bound: float, most: float) -> tuple[Ints | None, float, bool]:
    """Cover the ground by units known at the least cost under `most`; say whether that is the least of all."""
    over = np.maximum(columns.costs() - columns.inside @ columns.price, 0.0)
    order = np.argsort(over, kind="stable")
    inside, over = columns.inside[order], over[order]
    words = packed(inside).view(np.int64)
    rows, sure = cover(inside, words, over, columns.problem.units, most - bound, WORK)
    if not len(rows):
        return None, most, sure
    return np.argmax(inside[rows], axis=0), float(columns.costs()[order][rows].sum()), sure

"""Divides into districts of least moment of inertia: small ground with proof where it can be had, large nearly."""

import numpy as np

from govmap.delineate.problem import Ints
from govmap.delineate.search.columns import best_of_all, proven_best
from govmap.delineate.search.exact import ATOMS, numbered
from govmap.delineate.search.inertia import SCALE, Answer, Inertia, holds, middles_of
from govmap.delineate.search.middles import Search

# Open columns solved around middles before small ground is looked at by sets, and in all other cases.
LITTLE, MUCH = 1_500, 15_000
# Ground of so many atoms is divided by every unit there can be.
VERY_SMALL = 20


def districts(problem: Inertia, *, seed: int = 1) -> Answer:
    """
    Divide atoms into so many whole units within their band, each as close around one of its atoms as can be.

    Budgets count steps and nodes, never seconds: the same problem and seed give the same division.

    Parameters
    ----------
    problem
        Atoms in an order of their own, such as that of their ids.
    seed
        Draws the first sets of middles.
    """
    if problem.people.max() > problem.high:
        return Answer(None, 0, 0.0, proven=True)
    if problem.units == 1 or len(problem) <= problem.units:
        return _without_choice(problem)
    answer = best_of_all(problem) if len(problem) <= VERY_SMALL else None
    if answer is not None:
        return _settled(problem, answer.label, answer.bound, proven=True)
    search = Search(problem, seed=seed)
    search.begin(seed)
    if len(problem) > ATOMS:
        search.run(MUCH, until_found=True)
        return _told(problem, search, 0.0)
    search.run(LITTLE, until_found=False)
    answer = None if search.proven() else proven_best(problem, search.atom_prices(), search.cost)
    if answer is not None and answer.label is not None:
        search.take(answer.label)
    if answer is not None and answer.proven:
        return _settled(problem, search.label, search.cost, proven=True)
    search.run(MUCH, until_found=True)
    return _told(problem, search, 0.0 if answer is None else answer.bound)


def _told(problem: Inertia, search: Search, bound: float) -> Answer:
    """Say what was found, and whether all sets of middles were seen."""
    proven = search.proven()
    return _settled(problem, search.label, search.cost if proven else bound, proven=proven)


def _without_choice(problem: Inertia) -> Answer:
    """Answer where all atoms are one unit, or each is one."""
    label = np.zeros(len(problem), dtype=np.int64) if problem.units == 1 else np.arange(len(problem))
    if len(problem) < problem.units or not holds(problem, label):
        return Answer(None, 0, 0.0, proven=True)
    return _settled(problem, label, middles_of(problem, label)[1] / SCALE, proven=True)


def _settled(problem: Inertia, label: Ints | None, bound: float, *, proven: bool) -> Answer:
    """Number the units by their first atoms and work out what they cost."""
    if label is None:
        return Answer(None, 0, bound if np.isfinite(bound) else 0.0, proven)
    cost = middles_of(problem, label)[1]
    return Answer(numbered(label), cost, min(bound, cost / SCALE), proven)

"""Districts of least moment of inertia: whole units within a narrow band of people, each close around one of its atoms.

The objective is that of Hess (Hess, Weaver, Siegfeldt, Whelan and Zitlau, Operations Research 1965): people times the
squared distance to the middle atom of their unit. Small ground is divided by sets of atoms, whose best division can be
proven (`columns`), large ground by middles and what they draw to themselves (`middles`).
"""

from dataclasses import dataclass

import numpy as np

from govmap.delineate.problem import Ints, components

SCALE = 1e6


@dataclass(frozen=True, kw_only=True)
class Inertia:
    """
    Atoms to be divided into so many units that hang together, each with `low` to `high` people.

    `cost[i, j]` is what atom i costs in a unit around atom j, a whole number. `i` and `j` are the ends of the borders.
    """

    people: Ints
    cost: Ints
    i: Ints
    j: Ints
    units: int
    low: int
    high: int

    def __len__(self) -> int:
        return len(self.people)


@dataclass(frozen=True)
class Answer:
    """
    A division, what it costs, and what no division can cost less than; `proven` where both meet.

    `label` is None where none was found; with `proven` there is none.
    """

    label: Ints | None
    objective: int
    bound: float
    proven: bool


def around(people: Ints, km: Ints) -> Ints:
    """Give what every atom costs in a unit around every other: people times the square of whole kilometres."""
    cost: Ints = people[:, None] * km.astype(np.int64) ** 2
    return cost


def neighbours(problem: Inertia) -> tuple[Ints, Ints]:
    """Give where the neighbours of each atom begin, and the neighbours one behind the other, in order."""
    here, there = np.concatenate([problem.i, problem.j]), np.concatenate([problem.j, problem.i])
    order = np.lexsort((there, here))
    first = np.searchsorted(here[order], np.arange(len(problem) + 1))
    return first.astype(np.int64), there[order].astype(np.int64)


def middle(problem: Inertia, inside: Ints) -> tuple[int, int]:
    """Give the atom around which some atoms cost least, and what they cost."""
    sums = problem.cost[np.ix_(inside, inside)].sum(axis=0)
    best = int(np.argmin(sums))
    return int(inside[best]), int(sums[best])


def middles_of(problem: Inertia, label: Ints) -> tuple[Ints, int]:
    """Give the middle of every unit, and what all cost."""
    found = [middle(problem, np.flatnonzero(label == unit)) for unit in range(problem.units)]
    return np.array([atom for atom, _ in found], dtype=np.int64), sum(cost for _, cost in found)


def holds(problem: Inertia, label: Ints) -> bool:
    """Whether a division has as many units as asked for, each in one piece and within the band."""
    weight = np.bincount(label, problem.people, problem.units)
    same = label[problem.i] == label[problem.j]
    pieces = components(len(problem), problem.i[same], problem.j[same])
    whole = len(weight) == problem.units == len(np.unique(pieces)) == len(np.unique(label))
    return bool(whole and (weight >= problem.low).all() and (weight <= problem.high).all())

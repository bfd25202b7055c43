"""A division to be looked at: parts with their borders and units, and what stays together in them."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from govmap.delineate.problem import Flags, Ints, Problem, common, numbered, pieces


@dataclass(frozen=True, kw_only=True)
class View:
    """A division to be looked at: parts sorted by id, their borders, and the number of each one's unit in `names`."""

    atoms: pd.DataFrame
    problem: Problem
    names: list[str]
    unit: Ints
    weight: Ints
    piece: Ints

    @classmethod
    def of(cls, atoms: pd.DataFrame, problem: Problem, unit_id: pd.Series) -> "View":
        """Look at parts with their units."""
        unit, names = pd.factorize(unit_id, sort=True)
        weight = np.bincount(unit, problem.weight).astype(np.int64)
        return cls(
            atoms=atoms,
            problem=problem,
            names=list(names),
            unit=unit.astype(np.int64),
            weight=weight,
            piece=pieces(problem, unit.astype(np.int64)),
        )

    @property
    def community(self) -> Ints:
        """Number of the community of each part."""
        return numbered(self.atoms["community_id"])

    @property
    def inside(self) -> Flags:
        """Flag the borders that lie inside a unit."""
        flags: Flags = self.unit[self.problem.i] == self.unit[self.problem.j]
        return flags

    @cached_property
    def pieces_of(self) -> Ints:
        """Count the pieces of each unit."""
        return np.bincount(self.unit[np.unique(self.piece, return_index=True)[1]])

    def flagged(self, units: Collection[str]) -> Flags:
        """Flag the units of these names."""
        flags: Flags = np.isin(np.array(self.names, dtype=object), sorted(units))
        return flags

    def neighbours(self, unit: int) -> list[int]:
        """Name the units one could exchange parts with."""
        problem = self.problem
        one, other = self.unit[problem.i], self.unit[problem.j]
        near = np.concatenate([other[problem.joins & (one == unit)], one[problem.joins & (other == unit)]])
        return [int(name) for name in np.unique(near[near != unit])]

    def across(self, unit: int) -> list[int]:
        """Name the units that lie beside one with a barrier between, that with the longest shore first."""
        problem = self.problem
        one, other = self.unit[problem.i], self.unit[problem.j]
        shore = np.zeros(len(self.names), dtype=np.int64)
        for here, there in ((one, other), (other, one)):
            meets = ~problem.joins & (here == unit) & (there != unit)
            np.add.at(shore, there[meets], problem.length[meets])
        found = [int(name) for name in np.argsort(-shore, kind="stable") if shore[name] > 0]
        return [name for name in found if name not in self.neighbours(unit)]

    def wholes(self, high: int) -> Ints:
        """Number what moves as one: a compound or building that fits the band and lies in one unit, else a part."""
        group = np.arange(len(self.unit))
        for key in ("building_id", "compound_id"):
            code = numbered(self.atoms[key])
            known = np.flatnonzero(code >= 0)
            if not len(known):
                continue
            count = int(code.max()) + 1
            fits = np.bincount(code[known], self.problem.weight[known], count) <= high
            first = np.full(count, -1, dtype=np.int64)
            first[code[known][::-1]] = known[::-1]
            together = known[(fits & (common(code[known], self.unit[known]) >= 0))[code[known]]]
            group[together] = group[first[code[together]]]
        numbers: Ints = np.unique(group, return_inverse=True)[1].astype(np.int64)
        return numbers

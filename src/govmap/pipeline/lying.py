"""Where the parts of a draft lie, by number: what belongs to a few units is found without looking at all the others.

Parts are numbered as `Draft.atoms` and `Plan.parts` have them, which are sorted alike by part.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    from govmap.contiguity import Graph
    from govmap.delineate.edit import Draft

Ints = NDArray[np.int64]
NONE: Ints = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, kw_only=True)
class Groups:
    """Numbers in groups: those of group g stand from `first[g]` to `first[g + 1]` in `numbers`, sorted."""

    first: Ints
    numbers: Ints

    @classmethod
    def of(cls, group: Ints, numbers: Ints, count: int) -> "Groups":
        """Put numbers into their groups; those of no group (-1) are left out."""
        known = np.flatnonzero(group >= 0)
        order = known[np.lexsort((numbers[known], group[known]))]
        first = np.zeros(count + 1, dtype=np.int64)
        np.cumsum(np.bincount(group[known], minlength=count), out=first[1:])
        return cls(first=first, numbers=numbers[order])

    def take(self, groups: Ints) -> Ints:
        """Give all numbers of some groups, one group after another."""
        begin, length = self.first[groups], self.first[groups + 1] - self.first[groups]
        ahead = np.repeat(begin - np.concatenate([[0], np.cumsum(length)[:-1]]), length) if len(groups) else NONE
        return self.numbers[ahead + np.arange(len(ahead))]


@dataclass(frozen=True, kw_only=True)
class Lying:
    """
    The parts of each unit, and what no edit changes: the parts of each building, the borders of each part.

    `ids` names the parts; `members` gives numbers of parts by unit, sorted; `building` the place of the building of
    each part, -1 for none; `node` the place of each part in the graph.
    """

    ids: "pd.Index[Any]"
    members: Mapping[str, Ints]
    building: Ints
    houses: Groups
    node: Ints
    borders: Groups

    @classmethod
    def of(cls, draft: "Draft") -> "Lying":
        """Look where the parts of a draft lie."""
        code, units = pd.factorize(draft.plan.parts.to_numpy(dtype=object))
        every = np.arange(len(code))
        held = Groups.of(code.astype(np.int64), every, len(units))
        members = {str(unit): held.numbers[held.first[at] : held.first[at + 1]] for at, unit in enumerate(units)}
        building, places = pd.factorize(draft.atoms["building_id"])
        graph = draft.graph
        edges = np.arange(len(graph.i))
        borders = Groups.of(np.concatenate([graph.i, graph.j]), np.concatenate([edges, edges]), len(graph.ids))
        return cls(
            ids=pd.Index(draft.atoms["part_id"]),
            members=members,
            building=building.astype(np.int64),
            houses=Groups.of(building.astype(np.int64), every, len(places)),
            node=np.searchsorted(graph.ids, draft.plan.parts.index.to_numpy(dtype=object)).astype(np.int64),
            borders=borders,
        )

    def numbers(self, parts: Iterable[str]) -> Ints:
        """Give the numbers of parts."""
        found: Ints = self.ids.get_indexer(pd.Index(list(parts), dtype=object)).astype(np.int64)
        return found

    def parts(self, units: Iterable[str]) -> Ints:
        """Give the numbers of the parts of some units, sorted; units that are unknown have none."""
        return np.sort(np.concatenate([NONE, *(self.members.get(unit, NONE) for unit in set(units))]))

    def with_neighbours_in_house(self, parts: Ints) -> Ints:
        """Add to parts all others of the buildings that they belong to."""
        houses = np.unique(self.building[parts])
        return np.union1d(parts, self.houses.take(houses[houses >= 0]))

    def between(self, graph: "Graph", parts: Ints) -> tuple[Ints, Ints]:
        """Give the borders between some parts, as numbers of pairs of the graph, and the nodes of these parts."""
        node = self.node[parts]
        inside = np.zeros(len(graph.ids), dtype=bool)
        inside[node] = True
        near = np.unique(self.borders.take(node))
        return near[inside[graph.i[near]] & inside[graph.j[near]]], node

    def moved(self, parts: Ints, before: "NDArray[Any]", after: "NDArray[Any]") -> "Lying":
        """Give where parts lie after some have changed unit."""
        members = dict(self.members)
        for unit in {*before.tolist(), *after.tolist()}:
            stay = np.setdiff1d(members.get(unit, NONE), parts[before == unit], assume_unique=True)
            members[unit] = np.union1d(stay, parts[after == unit])
            if not len(members[unit]):
                del members[unit]
        return replace(self, members=members)

"""The ground as whole numbers: weights of atoms and the borders between them, taken apart and put together.

Lengths are millimetres and areas square decimetres, so that sums are exact and do not depend on their order.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from govmap.contiguity import Graph

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]
Flags = NDArray[np.bool_]

BARRIER_PRICE = 1.6
COMPOUND_PRICE = 3
BARE_PRICE = 10
NOWHERE = -1.0


@dataclass(frozen=True, kw_only=True)
class More:
    """
    What is asked of units beside their band, where something is: bands of further measures, the longest walk.

    `weight` has one row a measure: what each atom counts by it; `low` and `high` are the bands of the measures.
    `reach_m` is how far from its middle an atom reaches, `NOWHERE` where nobody walks to; `span_m` how far apart the
    ends of a unit may lie as the crow flies, 0 where that was not asked.
    """

    weight: Ints
    low: Ints
    high: Ints
    reach_m: Reals
    span_m: float

    def together(self, group: Ints, problem: "Problem", middle: tuple[Reals, Reals]) -> "More":
        """Put the atoms of each group together, which then lies at `middle` (x, y)."""
        n = len(middle[0])
        off = np.hypot(problem.x - middle[0][group], problem.y - middle[1][group])
        off[np.bincount(group, minlength=n)[group] == 1] = 0.0
        reach = np.full(n, NOWHERE)
        np.maximum.at(reach, group, np.where(self.reach_m >= 0, off + self.reach_m, NOWHERE))
        weight = [_summed(n, group, counts) for counts in self.weight]
        return replace(self, weight=np.array(weight, dtype=np.int64).reshape(-1, n), reach_m=reach)

    def take(self, atoms: Ints) -> "More":
        """Give some atoms in a new order."""
        return replace(self, weight=self.weight[:, atoms], reach_m=self.reach_m[atoms])


@dataclass(frozen=True, kw_only=True)
class Problem:
    """
    Atoms to be divided, and every border between two of them.

    `price` is what the border costs when it becomes the border of a unit: its length, less where a barrier runs, under
    nothing along a strong one. `barrier` is its length times the mean strength of what runs along it. `joins` says that
    a unit may go on across the border. `more` is there where more than a band is asked of units.
    """

    weight: Ints
    x: Reals
    y: Reals
    area: Ints
    outer: Ints
    block: Ints
    i: Ints
    j: Ints
    length: Ints
    price: Ints
    barrier: Ints
    joins: Flags
    more: More | None = None

    def __len__(self) -> int:
        return len(self.weight)

    @property
    def total(self) -> int:
        """Weight of all atoms."""
        return int(self.weight.sum())


def measured(atoms: pd.DataFrame, by: str) -> Ints:
    """Give the weight of each part by a measure; of a building in several parts the first counts the building."""
    if by == "buildings":
        counted = atoms["building_id"].notna() & ~atoms["building_id"].duplicated()
        return _rounded(np.asarray(counted, dtype=np.float64))
    column = "area_m2" if by == "area" else by
    return _rounded(pd.to_numeric(atoms[column]).fillna(0).to_numpy(dtype=np.float64))


def numbered(keys: pd.Series) -> Ints:
    """Number the values of a column in their order, -1 where there is none."""
    codes: Ints = pd.factorize(keys, sort=True, use_na_sentinel=True)[0].astype(np.int64)
    return codes


def of_parts(atoms: pd.DataFrame, graph: "Graph", weight: Ints) -> Problem:
    """
    Make the problem whose atoms are the parts; borders between communities are left out.

    Parameters
    ----------
    atoms
        Sorted by `part_id`.
    graph
        Who borders whom; ends that are not among the atoms are passed over.
    weight
        What each part counts.
    """
    place = pd.Series(np.arange(len(atoms)), index=atoms["part_id"].to_numpy())
    spot = place.reindex(graph.ids).fillna(-1).to_numpy(dtype=np.int64)
    i, j = spot[graph.i], spot[graph.j]
    community, compound = numbered(atoms["community_id"]), numbered(atoms["compound_id"])
    kept = (i >= 0) & (j >= 0) & (i != j) & (community[i] == community[j])
    order = np.lexsort((np.maximum(i, j)[kept], np.minimum(i, j)[kept]))
    rows = np.flatnonzero(kept)[order]
    low, high = np.minimum(i, j)[rows], np.maximum(i, j)[rows]
    length = _millimetres(graph.shared_m[rows])
    same = (compound[low] == compound[high]) & (compound[low] >= 0)
    strength = np.clip(np.nan_to_num(np.asarray(graph.strength, dtype=np.float64)[rows]), 0, 1)
    barrier = _rounded(length * strength)
    price = length - _rounded(np.asarray(barrier * BARRIER_PRICE, dtype=np.float64))
    bare = atoms["building_id"].isna().to_numpy()
    # A strip of open ground between two roads must not pay twice for lying apart from both of its sides.
    price = np.where(bare[low] | bare[high], np.maximum(price, length // BARE_PRICE), price)
    return Problem(
        weight=weight,
        x=atoms["x"].to_numpy(dtype=float),
        y=atoms["y"].to_numpy(dtype=float),
        area=_rounded(atoms["area_m2"].to_numpy(dtype=np.float64) * 100),
        outer=_outer(atoms, low, high, length),
        block=numbered(atoms["block_id"]),
        i=low,
        j=high,
        length=length,
        price=np.where(same, length * COMPOUND_PRICE, price),
        barrier=barrier,
        joins=np.asarray(graph.joins, dtype=bool)[rows],
    )


def _millimetres(metres: Reals) -> Ints:
    return _rounded(np.asarray(metres, dtype=np.float64) * 1000)


def _rounded(values: Reals) -> Ints:
    whole: Ints = np.rint(values).astype(np.int64)
    return whole


def _outer(atoms: pd.DataFrame, i: Ints, j: Ints, length: Ints) -> Ints:
    """Give the part of each outline that borders nothing."""
    if "perimeter_m" not in atoms:
        return np.zeros(len(atoms), dtype=np.int64)
    outline = _millimetres(pd.to_numeric(atoms["perimeter_m"]).fillna(0).to_numpy(dtype=float))
    outer: Ints = np.maximum(outline - _summed(len(atoms), i, length) - _summed(len(atoms), j, length), 0)
    return outer


def _summed(n: int, groups: Ints, values: Ints) -> Ints:
    sums = np.zeros(n, dtype=np.int64)
    np.add.at(sums, groups, values)
    return sums


def contract(problem: Problem, group: Ints) -> Problem:
    """Put the atoms of each group together to one; groups are numbered from 0 without a gap."""
    n = _count(group)
    presence = problem.weight + 1e-6 * problem.area + 1e-9
    mass = np.bincount(group, presence, n)
    i, j = group[problem.i], group[problem.j]
    rows = np.flatnonzero(i != j)
    pairs, place = np.unique(np.minimum(i, j)[rows] * n + np.maximum(i, j)[rows], return_inverse=True)
    joins = np.zeros(len(pairs), dtype=bool)
    joins[place[problem.joins[rows]]] = True
    length, price, barrier = (
        _summed(len(pairs), place, values[rows]) for values in (problem.length, problem.price, problem.barrier)
    )
    x, y = (np.bincount(group, presence * values, n) / mass for values in (problem.x, problem.y))
    return Problem(
        weight=_summed(n, group, problem.weight),
        x=x,
        y=y,
        area=_summed(n, group, problem.area),
        outer=_summed(n, group, problem.outer),
        block=common(group, problem.block),
        i=pairs // max(n, 1),
        j=pairs % max(n, 1),
        length=length,
        price=price,
        barrier=barrier,
        joins=joins,
        more=None if problem.more is None else problem.more.together(group, problem, (x, y)),
    )


def _count(group: Ints) -> int:
    return int(group.max()) + 1 if len(group) else 0


def common(group: Ints, key: Ints) -> Ints:
    """Give the key that all atoms of a group have, -1 where they differ."""
    n = _count(group)
    found = np.full(n, -1, dtype=np.int64)
    found[group] = key
    mixed = np.bincount(group, found[group] != key, n) > 0
    same: Ints = np.where(mixed, -1, found)
    return same


def cut_out(problem: Problem, atoms: Ints) -> Problem:
    """Take some atoms for themselves; their borders with the rest become outer borders."""
    spot = np.full(len(problem), -1, dtype=np.int64)
    spot[atoms] = np.arange(len(atoms))
    i, j = spot[problem.i], spot[problem.j]
    inside = (i >= 0) & (j >= 0)
    outer = problem.outer[atoms].copy()
    for here, there in ((i, j), (j, i)):
        leaves = (here >= 0) & (there < 0)
        np.add.at(outer, here[leaves], problem.length[leaves])
    return Problem(
        weight=problem.weight[atoms],
        x=problem.x[atoms],
        y=problem.y[atoms],
        area=problem.area[atoms],
        outer=outer,
        block=problem.block[atoms],
        i=np.minimum(i, j)[inside],
        j=np.maximum(i, j)[inside],
        length=problem.length[inside],
        price=problem.price[inside],
        barrier=problem.barrier[inside],
        joins=problem.joins[inside],
        more=None if problem.more is None else problem.more.take(atoms),
    )


def components(n: int, i: Ints, j: Ints) -> Ints:
    """Number what hangs together, in the order of the first atom of each."""
    if n == 0:
        return np.zeros(0, dtype=np.int64)
    links = coo_array((np.ones(len(i), dtype=np.int8), (i, j)), shape=(n, n))
    found = connected_components(links, directed=False)[1]
    _, first = np.unique(found, return_index=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    numbers: Ints = rank[found]
    return numbers


def pieces(problem: Problem, label: Ints) -> Ints:
    """Number the pieces in which the atoms of each label hang together by joining borders."""
    same = problem.joins & (label[problem.i] == label[problem.j])
    return components(len(problem), problem.i[same], problem.j[same])

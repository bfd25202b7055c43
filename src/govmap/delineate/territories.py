"""What is decided before the search: what stays whole, which islands are joined by name, which ground is divided alone.

A compound or a building that fits the band becomes one atom. A piece of the community that stays below the band is
tied to the nearest atom of another piece. A compound above the band is divided by itself where its size allows.
"""

from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from govmap.delineate.problem import Flags, Ints, Problem, components, pieces


class Shores(NamedTuple):
    """Borders between pieces that do not hang together."""

    i: Ints
    j: Ints
    length: Ints


def possible_units(total: int, low: int, high: int) -> tuple[int, int]:
    """Give the least and the greatest number of units that all lie in the band; (1, 0) or the like: there is none."""
    return max(1, -(-total // high)), total // low


def divisible(total: int, low: int, high: int) -> bool:
    """Tell whether some number of units of the band adds up to the total; nothing at all can go to any unit."""
    fewest, most = possible_units(total, low, high)
    return fewest <= most


def bind(problem: Problem, whole: Ints, high: int) -> Ints:
    """
    Put together what must stay whole and fits.

    Parameters
    ----------
    whole
        Number of the compound or building of each atom, -1 for none.
    high
        Upper end of the band; what weighs more is left apart.

    Returns
    -------
    group
        Number of the atom's group. A whole whose ground lies in pieces is put together piece by piece.
    """
    alone = np.where(whole < 0, -2 - np.arange(len(problem)), whole)
    piece = pieces(problem, alone)
    weight = np.bincount(piece, problem.weight)
    return compact(np.where(weight[piece] <= high, piece, len(weight) + np.arange(len(problem))))


def compact(group: Ints) -> Ints:
    """Number groups from 0 in the order of their first atom."""
    _, first, place = np.unique(group, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return rank[place]


def tie_islands(problem: Problem, low: int, high: int, most: int | None = None) -> Ints:
    """
    Tie every piece below the band to an atom of another piece, so that each group of pieces can hold a unit.

    The smallest is tied first, across the longest border that does not join, else to the nearest atom, and to one that
    leaves room in the band where there is one. Pieces without any weight stay alone: they follow their neighbours.

    Parameters
    ----------
    most
        No more pieces than this may be left, whatever their size.

    Returns
    -------
    group
        Number of the atom's group: an island and the atom it is tied to are one group, all others are alone.
    """
    group = np.arange(len(problem))
    piece = components(len(problem), problem.i[problem.joins], problem.j[problem.joins])
    apart = np.flatnonzero(piece[problem.i] != piece[problem.j])
    shores = Shores(problem.i[apart], problem.j[apart], problem.length[apart])
    while True:
        weight = _sums(piece, problem.weight)
        peopled = np.flatnonzero(weight > 0)
        small = _to_be_tied(weight, peopled, low, most)
        if small is None:
            return compact(group)
        island = piece == small
        mainland = (weight[piece] > 0) & ~island
        room = mainland & (_sums(group, problem.weight)[group] + weight[small] <= high)
        anchor = _anchor(problem, shores, island, room if room.any() else mainland)
        group[island] = group[anchor]
        piece[island] = piece[anchor]


def _sums(group: Ints, weight: Ints) -> Ints:
    return np.bincount(group, weight, len(group)).astype(np.int64)


def _to_be_tied(weight: Ints, peopled: Ints, low: int, most: int | None) -> int | None:
    """Name the lightest piece that cannot stand alone."""
    if len(peopled) < 2:  # noqa: PLR2004 - one piece alone has nothing to be tied to
        return None
    lightest = int(peopled[np.argmin(weight[peopled])])
    too_many = most is not None and len(peopled) > most
    return lightest if weight[lightest] < low or too_many else None


def _anchor(problem: Problem, shores: Shores, island: Flags, ashore: Flags) -> int:
    """Choose the atom an island is tied to."""
    border = np.zeros(len(problem), dtype=np.int64)
    for here, there in ((shores.i, shores.j), (shores.j, shores.i)):
        meets = island[here] & ashore[there]
        np.add.at(border, there[meets], shores.length[meets])
    return int(np.argmax(border)) if border.any() else _nearest(problem, island, ashore)


def _nearest(problem: Problem, island: Flags, ashore: Flags) -> int:
    """Name the atom ashore that is nearest to any peopled atom of the island."""
    lived, shore = np.flatnonzero(island & (problem.weight > 0)), np.flatnonzero(ashore)
    at = np.column_stack([problem.x, problem.y])
    (west, south), (east, north) = at[lived].min(axis=0), at[lived].max(axis=0)
    x, y = at[shore].T
    # No farther than the nearest by the island's box is from any of its corners: only these can be nearest.
    off = np.hypot(np.maximum(np.maximum(west - x, x - east), 0), np.maximum(np.maximum(south - y, y - north), 0))
    near = shore[off <= off.min() + np.hypot(east - west, north - south)]
    distance, place = cKDTree(at[near]).query(at[lived])
    return int(near[place[np.argmin(distance)]])


def grounds(problem: Problem, compound: Ints, low: int, high: int) -> Ints:
    """
    Say which atoms are divided together.

    Every compound above the band that some number of units can fill is a ground of its own; the rest is divided piece
    by piece. Pockets of the rest that cannot stand alone go to the ground with which they share the most metres.

    Parameters
    ----------
    compound
        Number of the compound of each atom, -1 for none.

    Returns
    -------
    ground
        Number of the ground of each atom.
    """
    apart = _great_compounds(problem, compound, low, high)
    ground = pieces(problem, np.where(apart >= 0, apart, -1))
    met = np.flatnonzero(problem.joins & (ground[problem.i] != ground[problem.j]))
    # Floors of one tower join without a metre of border.
    shores = Shores(problem.i[met], problem.j[met], problem.length[met] + 1)
    while True:
        loose = _loose_ground(problem, shores, ground, low, high)
        if loose is None:
            return compact(ground)
        pocket, home = loose
        ground[ground == pocket] = home


def _great_compounds(problem: Problem, compound: Ints, low: int, high: int) -> Ints:
    """Number the atoms of each compound's piece that is divided by itself, -1 for all others."""
    alone = np.where(compound < 0, -2 - np.arange(len(problem)), compound)
    piece = pieces(problem, alone)
    weight = np.bincount(piece, problem.weight)
    heaviest = np.zeros(len(weight), dtype=np.int64)
    np.maximum.at(heaviest, piece, problem.weight)
    great = (weight > high) & (weight // low >= -(-weight // high)) & (heaviest <= high)
    return np.where(great[piece] & (compound >= 0), piece, -1)


def _loose_ground(problem: Problem, shores: Shores, ground: Ints, low: int, high: int) -> tuple[int, int] | None:
    """Name the lightest ground that no number of units can fill, and the neighbour it goes to."""
    i, j = ground[shores.i], ground[shores.j]
    weight = np.bincount(ground, problem.weight).astype(np.int64)
    met = np.unique(np.concatenate([i[i != j], j[i != j]]))
    loose = [int(one) for one in met if not divisible(int(weight[one]), low, high)]
    if not loose:
        return None
    pocket = min(loose, key=lambda one: (weight[one], one))
    border = np.zeros(len(weight))
    for here, there in ((i, j), (j, i)):
        np.add.at(border, there[here == pocket], shores.length[here == pocket])
    border[pocket] = 0
    near = [int(one) for one in np.flatnonzero(border)]
    fits = [one for one in near if divisible(int(weight[one] + weight[pocket]), low, high)]
    return pocket, max(fits or near, key=lambda one: (border[one], -one))

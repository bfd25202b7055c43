"""Puts small neighbouring atoms together for a first, rough search: larger steps, and fewer of them."""

import numpy as np

from govmap.delineate.problem import Ints, Problem, contract
from govmap.delineate.territories import compact

ROUNDS = 12
# Atoms that change over together are so many parts of a unit.
PARTS = (4, 8, 16)


def clusters(problem: Problem, heaviest: float, wanted: int) -> Ints:
    """
    Group atoms of the same street block that share much of their outline.

    Parameters
    ----------
    heaviest
        No group weighs more.
    wanted
        Number of groups at which it is enough.

    Returns
    -------
    group
        Number of each atom's group; every group hangs together.
    """
    group = np.arange(len(problem))
    now = problem
    for _ in range(ROUNDS):
        if len(now) <= wanted:
            break
        pairs = _mutual(now, heaviest)
        if not len(pairs):
            break
        merged = np.arange(len(now))
        merged[pairs[:, 1]] = pairs[:, 0]
        merged = compact(merged)
        now, group = contract(now, merged), merged[group]
    return group


def families(problem: Problem, aim: float) -> Ints:
    """
    Number atoms that may change over together: a row for street blocks, one for each size of cluster.

    `aim` is what a unit should weigh.
    """
    alone = np.where(problem.block >= 0, problem.block, len(problem) + np.arange(len(problem)))
    return np.stack([alone, *(clusters(problem, aim / parts, 1) for parts in PARTS)])


def _mutual(problem: Problem, heaviest: float) -> Ints:
    """Give the pairs of atoms that would each rather join the other than anyone else."""
    i, j = problem.i, problem.j
    fits = problem.joins & (problem.block[i] == problem.block[j]) & (problem.price > 0)
    rows = np.flatnonzero(fits & (problem.weight[i] + problem.weight[j] <= heaviest))
    # Metres shared, against what the two would measure together: small and tightly joined ones come first.
    closeness = problem.price[rows] / np.sqrt(1.0 + problem.area[i[rows]] + problem.area[j[rows]])
    ends = np.concatenate([i[rows], j[rows]])
    both = np.concatenate([np.arange(len(rows))] * 2)
    order = np.lexsort((both, -closeness[both], ends))
    atoms, first = np.unique(ends[order], return_index=True)
    best = np.full(len(problem), -1, dtype=np.int64)
    best[atoms] = both[order][first]
    chosen = np.flatnonzero((best[i[rows]] == best[j[rows]]) & (best[i[rows]] == np.arange(len(rows))))
    return np.column_stack([i[rows[chosen]], j[rows[chosen]]])

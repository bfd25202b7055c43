"""Verges: small ground without buildings goes with the block it borders most.

Streets, verges and gaps between a wall and a road bear nobody. Left to themselves they would tie far places together
and trail along streets; a planner draws the boundary where the blocks end.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from govmap.delineate.problem import BARRIER_PRICE, Ints, Problem, numbered

# Open ground that is larger stands for itself, as a park does.
LARGEST_M2 = 10_000.0


def with_verges(atoms: pd.DataFrame, problem: Problem) -> tuple[pd.DataFrame, Problem]:
    """
    Let small open ground count as ground of the building it goes with.

    Parameters
    ----------
    atoms
        Parts sorted by id: `building_id`, `compound_id`.

    Returns
    -------
    atoms, problem
        The same parts; verges have building, compound and block of their host, and borders cost there what stands
        between.
    """
    host = hosts(atoms, problem)
    verge = host != np.arange(len(host))
    if not verge.any():
        return atoms, problem
    columns = {name: atoms[name].to_numpy(dtype=object)[host] for name in ("building_id", "compound_id")}
    compound = numbered(pd.Series(columns["compound_id"]))
    same = (compound[problem.i] == compound[problem.j]) & (compound[problem.i] >= 0)
    beside = (verge[problem.i] | verge[problem.j]) & ~same
    plain = problem.length - np.rint(problem.barrier * BARRIER_PRICE).astype(np.int64)
    price = np.where(beside, plain, problem.price)
    return atoms.assign(**columns), replace(problem, block=problem.block[host], price=price)


def hosts(atoms: pd.DataFrame, problem: Problem) -> Ints:
    """
    Give the part each part goes with: itself, of small open ground one of the block it borders most.

    Ground inside a compound goes with its compound alone: it is part of what stays whole.
    """
    bare = atoms["building_id"].isna().to_numpy(dtype=bool) & (problem.weight == 0)
    left = bare & (problem.area < 100 * LARGEST_M2)
    host = np.where(bare, -1, np.arange(len(problem)))
    i, j = problem.i[problem.joins], problem.j[problem.joins]
    here, there = np.concatenate([i, j]), np.concatenate([j, i])
    metres = np.tile(problem.length[problem.joins], 2)
    compound = numbered(atoms["compound_id"])
    while True:
        reached = left[here] & (host[there] >= 0)
        rows = np.flatnonzero(reached & ((compound[here] < 0) | (compound[here] == compound[host[there]])))
        if not len(rows):
            break
        chosen = _most(here[rows], host[there[rows]], problem.block, metres[rows])
        host[chosen[:, 0]] = chosen[:, 1]
        left[chosen[:, 0]] = False
    return np.where(host < 0, np.arange(len(host)), host)


def _most(verge: Ints, host: Ints, block: Ints, metres: Ints) -> Ints:
    """Give rows of verge and host: in the block with most metres of border the part with most of them."""
    own = np.where(block[host] >= 0, block[host], block.max() + 1 + host)
    rows = pd.DataFrame({"verge": verge, "block": own, "host": host, "metres": metres})
    shared = pd.DataFrame(rows.groupby(["verge", "block", "host"], as_index=False)["metres"].sum())
    whole = shared.groupby(["verge", "block"])["metres"].transform("sum")
    order = np.lexsort((shared["host"], -shared["metres"], -whole, shared["verge"]))
    first = shared.iloc[order].drop_duplicates("verge")
    found: Ints = first[["verge", "host"]].to_numpy(dtype=np.int64)
    return found

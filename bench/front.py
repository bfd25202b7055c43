"""What no plan can have: python bench/front.py INPUT.npz --barrier 7.5 [--most 440] [--rounds 20].

A plan whose units hold at most so many households and leave at most so many kilometres of barrier inside must cut the
rest of the barriers, and other borders as well: barriers alone leave faces too heavy for one unit. The least of those
other borders is bounded from below by a linear program, the spreading metric of Even, Naor, Rao and Schieber (SIAM
Journal on Computing 28.6, 1999): every border gets a length, and every set of atoms around an atom must be spread as
far as its weight goes beyond a unit. Rows that are broken are added in rounds; each round alone is a bound already. One
line of JSON.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

import towns

TINY = 1e-6
Row = tuple[np.ndarray, np.ndarray, float]


def faces(town: towns.Town, most: float) -> list[np.ndarray]:
    """Give what hangs together without barriers and weighs more than a unit may."""
    ends = town.E[~town.bar]
    links = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(town), len(town)))
    face = connected_components(links, directed=False)[1]
    heavy = np.flatnonzero(np.bincount(face, town.w) > most)
    return [np.flatnonzero(face == one) for one in heavy]


def least_cut(town: towns.Town, atoms: np.ndarray, most: float, rounds: int) -> float:
    """Bound the metres of border that any division of a face into parts of at most so much must cut."""
    spot = np.full(len(town), -1)
    spot[atoms] = np.arange(len(atoms))
    inside = (spot[town.E] >= 0).all(axis=1) & ~town.bar
    ends, length, weight = spot[town.E[inside]], town.L[inside], np.minimum(town.w[atoms], most)
    metric, rows, bound = np.zeros(len(ends)), list[Row](), 0.0
    for _ in range(rounds):
        broken = _broken(ends, metric, weight, most)
        if not broken:
            break
        rows += broken
        found = linprog(
            length, A_ub=-_matrix(rows, len(ends)), b_ub=-np.array([one[2] for one in rows]), method="highs"
        )
        if found.x is None:
            break
        metric, bound = found.x, float(found.fun)
    return bound


def _broken(ends: np.ndarray, metric: np.ndarray, weight: np.ndarray, most: float) -> list[Row]:
    """Give for each atom the row that is broken most: a tree of shortest ways to the atoms nearest to it."""
    n, edge = len(weight), {}
    for one, (i, j) in enumerate(ends.tolist()):
        edge[i, j] = edge[j, i] = one
    links = coo_array((np.maximum(metric, TINY), (ends[:, 0], ends[:, 1])), shape=(n, n)).tocsr()
    far, above = dijkstra(links, directed=False, return_predecessors=True)
    found = []
    for root in range(n):
        # No border is shorter than something, so that whoever lies on the way to an atom comes before it.
        order = np.argsort(far[root], kind="stable")
        held = np.cumsum(weight[order])
        short = held - most - np.cumsum(weight[order] * far[root, order])
        last = int(np.argmax(short))
        if short[last] > TINY * most:
            found.append(_row(order[: last + 1], above[root], weight, held[last] - most, edge))
    return found


def _row(order: np.ndarray, above: np.ndarray, weight: np.ndarray, needed: float, edge: dict) -> Row:
    """Count for each border of a tree what hangs below it."""
    below = dict(zip(order.tolist(), weight[order].tolist(), strict=True))
    ways: dict[int, float] = {}
    for atom in sorted(order.tolist(), key=lambda one: _depth(one, above), reverse=True):
        parent = int(above[atom])
        if parent >= 0:
            ways[edge[atom, parent]] = below[atom]
            below[parent] = below.get(parent, 0.0) + below[atom]
    return np.array(list(ways)), np.array(list(ways.values())), float(needed)


def _depth(atom: int, above: np.ndarray) -> int:
    depth = 0
    while above[atom] >= 0:
        atom, depth = int(above[atom]), depth + 1
    return depth


def _matrix(rows: list[Row], columns: int) -> csr_array:
    place = np.repeat(np.arange(len(rows)), [len(one[0]) for one in rows])
    column, value = (np.concatenate([one[part] for one in rows]) for part in (0, 1))
    return coo_array((value, (place, column)), shape=(len(rows), columns)).tocsr()


def bound(town: towns.Town, barrier_km: float, most: float, rounds: int) -> dict[str, Any]:
    """Bound what any plan must cut that leaves so many kilometres of barrier inside units of at most so much."""
    heavy = faces(town, most)
    bounds = [least_cut(town, one, most, rounds) / 1000 for one in heavy]
    barriers = float(town.L[town.bar].sum()) / 1000
    return {
        "barriers_km": round(barriers, 2),
        "most": most,
        "faces": [[int(town.w[one].sum()), round(least, 2)] for one, least in zip(heavy, bounds, strict=True)],
        "other_borders_at_least_km": round(sum(bounds), 2),
        "cut_at_least_km": round(max(0.0, barriers - barrier_km) + sum(bounds), 2),
    }


def main() -> int:
    """Bound, and tell."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("input", type=Path)
    reader.add_argument("--barrier", type=float, required=True, help="kilometres of barrier that may lie inside units")
    reader.add_argument("--most", type=float, default=440.0, help="households a unit may hold")
    reader.add_argument("--rounds", type=int, default=20)
    asked = reader.parse_args()
    town, began = towns.read(asked.input), time.process_time()
    told = {"input": asked.input.name, **bound(town, asked.barrier, asked.most, asked.rounds)}
    print(json.dumps({**told, "cpu_s": round(time.process_time() - began, 1)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Divide one problem of districts: python bench/districts.py INPUT.npz -o labels.npy [--seed 1] [--cold].

INPUT holds pop, E, D, x, y, geoid, k, L, U; nothing else of it is read. Labels are written in its order, one number an
atom. One line of JSON says what was reached: the objective, what nothing can cost less than, and cpu seconds with
compiled code loaded (`cpu_s`) and the first call of a process (`cold_s`).
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from govmap.delineate.problem import Ints
from govmap.delineate.search.districts import districts
from govmap.delineate.search.inertia import SCALE, Answer, Inertia, around, holds

READ = ("pop", "E", "D", "x", "y", "geoid", "k", "L", "U")


def problem_of(facts: dict[str, Any]) -> tuple[Inertia, Ints]:
    """Give the problem with its atoms sorted by id and place, and the row of each."""
    order = np.lexsort((facts["pop"], facts["y"], facts["x"], facts["geoid"]))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    people = facts["pop"].astype(np.int64)[order]
    ends = np.unique(np.sort(rank[facts["E"]], axis=1), axis=0)
    ends = ends[ends[:, 0] != ends[:, 1]]
    sizes = {"units": int(facts["k"]), "low": int(facts["L"]), "high": int(facts["U"])}
    far = facts["D"][np.ix_(order, order)]
    return Inertia(people=people, cost=around(people, far), i=ends[:, 0], j=ends[:, 1], **sizes), order


def toy() -> Inertia:
    """Give a problem of a moment, which loads all compiled code."""
    at = np.arange(12)
    far = np.abs(at[:, None] - at) + 1 - np.eye(12, dtype=np.int64)
    people = np.full(12, 10)
    return Inertia(people=people, cost=around(people, far), i=at[:-1], j=at[1:], units=3, low=35, high=45)


def timed(problem: Inertia, seed: int) -> tuple[Answer, float]:
    """Give the answer and its cpu seconds."""
    begun = time.process_time()
    answer = districts(problem, seed=seed)
    return answer, time.process_time() - begun


def main() -> None:
    """Solve, write, tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("input", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with np.load(chosen.input) as file:
        facts = {key: file[key] for key in READ}
    problem, order = problem_of(facts)
    loading = timed(toy(), chosen.seed)[1]
    answer, spent = timed(problem, chosen.seed)
    told = {"input": chosen.input.stem, "seed": chosen.seed, "atoms": len(problem), "units": problem.units}
    told |= {"feasible": answer.label is not None and holds(problem, answer.label), "proven": answer.proven}
    told |= {"bound": round(answer.bound, 4), "cpu_s": round(spent, 2), "cold_s": round(loading + spent, 2)}
    if answer.label is not None:
        label = np.empty(len(order), dtype=np.int64)
        label[order] = answer.label
        np.save(chosen.output, label)
        cost = answer.objective / SCALE
        told |= {"objective": round(cost, 4)}
        if answer.bound > 0:
            told |= {"gap_to_bound_percent": round(100 * (cost / answer.bound - 1), 4)}
    print(json.dumps(told))


if __name__ == "__main__":
    main()

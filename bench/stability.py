"""Measure how little a kept plan changes: python bench/stability.py FOLDER [NAME ...].

FOLDER holds NAME.npz in the format of the partition problems. A plan is made with the usual wishes; then in two per
cent of the buildings the households change, in several ways, and the plan is kept. `surplus` is what units are above
the band or short of it after the change, `least` what each unit by itself would have to give or take, given the sizes
of its buildings (units that help each other, or are merged, move fewer). `far` counts units that change and neither
left their band nor border one that did. Cpu seconds are of this process, with compiled code loaded.
"""

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import towns
from govmap.contiguity import Graph
from govmap.delineate import Criteria, delineate, keep
from govmap.delineate.problem import Problem, of_parts, pieces

BAND = (300, 500)
SEEDS = (1, 2, 3, 4, 5)
SHARE = 50
HEAD = "town change seed out out_after surplus left moved ratio least changed far new gone in_pieces cpu_s"
KINDS = ("others", "doubled", "emptied", "a_third", "more")


def changed(kind: str, weight: np.ndarray, seed: int) -> np.ndarray:
    """Change the households of two per cent of the buildings."""
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(weight), len(weight) // SHARE, replace=False)
    here, count = weight[chosen], len(chosen)
    now = weight.copy()
    now[chosen] = {
        "others": rng.permutation(weight)[:count],
        "doubled": 2 * here,
        "emptied": 0 * here,
        "a_third": np.rint(here * rng.uniform(2 / 3, 4 / 3, count)).astype(np.int64),
        "more": here + rng.integers(1, 100, count),
    }[kind]
    return now


def laid(town: towns.Town) -> tuple[pd.DataFrame, Graph]:
    """Give the atoms of a town as parts, and their graph."""
    ids = np.array([f"p{one:07d}" for one in range(len(town))], dtype=object)
    atoms = pd.DataFrame({"part_id": ids, "building_id": ids, "community_id": "c", "compound_id": None})
    atoms["block_id"] = [None if block < 0 else f"b{block:07d}" for block in town.comp]
    atoms = atoms.assign(**dict.fromkeys(("households", "residents", "dwellings"), town.w), area_m2=town.area)
    atoms = atoms.assign(x=town.xy[:, 0], y=town.xy[:, 1], perimeter_m=town.per)
    joins, on_barrier = np.ones(len(town.E), dtype=bool), np.where(town.bar, town.L, 0.0)
    return atoms, Graph(ids, town.E[:, 0], town.E[:, 1], town.L, on_barrier, town.bar * 1.0, joins, joins)


def main(folder: Path, names: list[str]) -> None:
    """Print one line a town, kind of change and seed."""
    print(*HEAD.split(), sep="\t")
    for name in names or sorted(file.stem for file in folder.glob("*.npz")):
        atoms, graph = laid(towns.read(folder / f"{name}.npz"))
        division = delineate(atoms, graph, Criteria(size=BAND))
        unit = pd.factorize(division.assignment["unit_id"], sort=True)[0].astype(np.int64)
        weight = atoms["households"].to_numpy(dtype=np.int64)
        _line(name, "unchanged", 0, of_parts(atoms, graph, weight), weight, unit)
        for kind, seed in ((kind, seed) for kind in KINDS for seed in SEEDS):
            now = of_parts(atoms, graph, changed(kind, weight, seed))
            _line(name, kind, seed, now, weight, unit)


def _line(name: str, kind: str, seed: int, problem: Problem, former: np.ndarray, unit: np.ndarray) -> None:
    units = int(unit.max()) + 1
    before = np.bincount(unit, former).astype(np.int64)
    begun = time.process_time()
    after = keep.settle(problem, unit, BAND, locked=np.zeros(units, dtype=bool), size_before=before)
    spent = time.process_time() - begun
    told = keep.account(problem, unit, after, BAND)
    out = np.flatnonzero(gap(problem, unit))
    ratio = told.moved / max(1, told.surplus)
    figures: list[Any] = [name, kind, seed, len(out), len(told.left), told.surplus, gap(problem, after).sum()]
    figures += [
        told.moved,
        f"{ratio:.2f}",
        least(problem, unit, told.left),
        len(told.changed),
        far(problem, unit, told, out),
    ]
    torn = len(np.unique(pieces(problem, after))) - len(np.unique(after))
    print(*figures, len(told.new), len(told.gone), torn, f"{spent:.1f}", sep="\t", flush=True)


def gap(problem: Problem, unit: np.ndarray) -> np.ndarray:
    """Give what each unit is above its band or short of it."""
    weight = np.bincount(unit, problem.weight).astype(np.int64)
    held = np.bincount(unit) > 0
    return np.where(held, np.maximum(np.maximum(BAND[0] - weight, weight - BAND[1]), 0), 0)


def far(problem: Problem, unit: np.ndarray, told: keep.Account, out: np.ndarray) -> int:
    """Count the units that change and neither are out nor border one that is."""
    near = {*out.tolist(), *told.new}
    for one, other in ((problem.i, problem.j), (problem.j, problem.i)):
        near |= set(unit[other[problem.joins & np.isin(unit[one], out)]].tolist())
    return len(set(told.changed) - near)


def least(problem: Problem, unit: np.ndarray, left: tuple[int, ...]) -> int:
    """Sum the least that units must give to come into their band; short ones count what they lack."""
    missing, total = gap(problem, unit), 0
    weight = np.bincount(unit, problem.weight).astype(np.int64)
    for one in sorted(set(np.flatnonzero(missing).tolist()) - set(left)):
        if weight[one] < BAND[0]:
            total += int(min(missing[one], weight[one]))
            continue
        sums = {0}
        for building in problem.weight[unit == one].tolist():
            sums |= {building + held for held in sums}
        total += min(held for held in sums if held >= missing[one])
    return total


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])

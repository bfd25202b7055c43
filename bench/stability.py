"""Measure how little a kept plan changes: python bench/stability.py FOLDER [NAME ...] [--prove].

FOLDER holds NAME.npz in the format of the partition problems. A plan is made with the usual wishes; then in two per
cent of the buildings the households change, in several ways, and the plan is kept. `surplus` is what units are above
the band or short of it after the change, `least` what each unit by itself would have to give or take, given the sizes
of its buildings (units that help each other, or are merged, move fewer). `far` counts units that change and neither
left their band nor border one that did. Cpu seconds are of this process, with compiled code loaded. `--prove` says
below a line that moves more than 1.5 times the surplus what an integer program finds for each unit by itself: the
fewest households that it and its neighbours must exchange, buildings being whole and units in one piece.
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import towns
from fewest import fewest
from govmap.contiguity import Graph
from govmap.delineate import Criteria, delineate, keep, quarter
from govmap.delineate.problem import Problem, of_parts, pieces

BAND = (300, 500)
SEEDS = (1, 2, 3, 4, 5)
SHARE = 50
DEAR = 1.5
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


def main(folder: Path, names: list[str], *, prove: bool = False) -> None:
    """Print one line a town, kind of change and seed."""
    print(*HEAD.split(), sep="\t")
    for name in names or sorted(file.stem for file in folder.glob("*.npz")):
        atoms, graph = laid(towns.read(folder / f"{name}.npz"))
        division = delineate(atoms, graph, Criteria(size=BAND))
        unit = pd.factorize(division.assignment["unit_id"], sort=True)[0].astype(np.int64)
        weight = atoms["households"].to_numpy(dtype=np.int64)
        line(name, "unchanged", 0, of_parts(atoms, graph, weight), weight, unit)
        for kind, seed in ((kind, seed) for kind in KINDS for seed in SEEDS):
            now = of_parts(atoms, graph, changed(kind, weight, seed))
            ratio = line(name, kind, seed, now, weight, unit)
            if prove and ratio > DEAR:
                print(*proved(now, unit), sep="\n", flush=True)


def proved(problem: Problem, unit: np.ndarray) -> Iterator[str]:
    """Say for each unit out of its band the fewest households that it and its neighbours must exchange."""
    missing = gap(problem, unit)
    weight = np.bincount(unit, problem.weight)
    for one in np.flatnonzero(missing).tolist():
        town = quarter.town_of(problem, unit, unit, BAND, np.zeros(len(missing), dtype=bool), fixed=False, seed=1)
        town.vanish[one] = weight[one] < BAND[0]
        units = np.sort(np.array([one, *town.neighbours(one)], dtype=np.int64))
        part = quarter.part_of(town, units)
        verdict, label = fewest(part.region, part.start, int(np.searchsorted(units, one)))
        moved = "" if label is None else f" {part.region.cost[label != part.start].sum()}"
        yield f"    unit {one}: {missing[one]} out; exchange with its {len(units) - 1} neighbours: {verdict}{moved}"


def line(name: str, kind: str, seed: int, problem: Problem, former: np.ndarray, unit: np.ndarray) -> float:
    """Keep the plan and print one line; give households moved by surplus."""
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
    return ratio


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
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("folder", type=Path)
    reader.add_argument("names", nargs="*")
    reader.add_argument("--prove", action="store_true", help="ask an integer program where much moves")
    asked = reader.parse_args()
    main(asked.folder, asked.names, prove=asked.prove)

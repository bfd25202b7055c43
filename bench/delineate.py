"""Measure our division beside what others reached on the same towns: python bench/delineate.py FOLDER [NAME ...].

FOLDER holds NAME.npz in the format of the partition problems and `metrics.py`, which scores (others' figures stand in
its README). Cpu seconds are of this process, with compiled code loaded.
"""

import importlib.util
import resource
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from govmap.contiguity import Graph
from govmap.delineate import Criteria, delineate

SEEDS = (1, 2, 3, 4, 5)
SHOWN = (
    "units",
    "in_range_percent",
    "units_in_pieces",
    "polsby_popper_mean",
    "cut_km",
    "barrier_inside_km",
    "blocks_split",
    "max_deviation_percent",
)


def town(facts: dict) -> tuple[pd.DataFrame, Graph]:
    """Give the atoms and the graph of one problem."""
    ids = np.array([f"p{one:07d}" for one in range(len(facts["w"]))], dtype=object)
    atoms = pd.DataFrame({"part_id": ids, "building_id": ids, "community_id": "c", "compound_id": None})
    atoms["block_id"] = [None if block < 0 else f"b{block:07d}" for block in facts["comp"]]
    atoms = atoms.assign(households=facts["w"], residents=facts["w"], dwellings=facts["w"], area_m2=facts["area"])
    atoms = atoms.assign(x=facts["xy"][:, 0], y=facts["xy"][:, 1], perimeter_m=facts["per"])
    ends = np.sort(facts["E"], axis=1)
    joins = np.ones(len(ends), dtype=bool)
    on_barrier = np.where(facts["bar"], facts["L"], 0.0)
    return atoms, Graph(ids, ends[:, 0], ends[:, 1], facts["L"], on_barrier, facts["bar"] * 1.0, joins, joins)


def main(folder: Path, names: list[str]) -> None:
    """Print one line a town and seed."""
    spec = importlib.util.spec_from_file_location("metrics", folder / "metrics.py")
    metrics = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(metrics)
    print("town", "seed", "cpu_s", *SHOWN, sep="\t")
    for name in names or sorted(file.stem for file in folder.glob("*.npz")):
        facts = dict(np.load(folder / f"{name}.npz"))
        atoms, graph = town(facts)
        delineate(atoms, graph, Criteria(size=(300, 500), budget=1))  # loads the compiled code
        for seed in SEEDS:
            begun = time.process_time()
            division = delineate(atoms, graph, Criteria(size=(300, 500), seed=seed))
            spent = time.process_time() - begun
            found = metrics.measure(facts, pd.factorize(division.assignment["unit_id"])[0])
            print(name, seed, f"{spent:.1f}", *(found[one] for one in SHOWN), sep="\t")
    print("greatest memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])

"""
Supply against demand beside `access`, and the time it takes to assess a project.

`python bench/access.py [PROJECT.gpkg] [--standard NAME ...] [--dense]`

Without a project only the first part runs. The project is copied, never changed. Times are cpu seconds of this process;
the ratio is that of two runs side by side.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from govmap.assess import access, standards

ORIGINS, SITES, CATCHMENT_M = 100_000, 5_000, 1_000.0
CITY_M, DENSE_M = 30_000.0, 10_000.0
RUNS = 5


def pairs(size_m: float, seed: int) -> tuple[Any, ...]:
    """Give a city: demand, supply, and every pair within the catchment with its cost."""
    rng = np.random.default_rng(seed)
    homes, sites = rng.uniform(0, size_m, (ORIGINS, 2)), rng.uniform(0, size_m, (SITES, 2))
    found = cKDTree(homes).sparse_distance_matrix(cKDTree(sites), CATCHMENT_M, output_type="ndarray")
    order = np.lexsort((found["j"], found["i"]))
    demand, supply = rng.integers(1, 60, ORIGINS), rng.integers(5, 300, SITES)
    return demand, supply, found["i"][order], found["j"][order], found["v"][order]


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.process_time()
    made = work()
    return time.process_time() - begun, made


def beside_access(size_m: float, *, seed: int = 1) -> dict[str, Any]:
    """Compute the same with both, in one run."""
    # this program has the peer's name: its own folder must not be looked in first
    sys.path[:] = [one for one in sys.path if Path(one or ".").resolve() != Path(__file__).resolve().parent]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from access import Access, weights
    demand, supply, origin, site, cost = pairs(size_m, seed)
    steps = access.Steps.load()

    def ours() -> Any:
        weight = steps.of(cost, CATCHMENT_M)
        return access.floating_catchment(origin, site, weight, demand=demand, supply=supply)

    def theirs() -> Any:
        peer = Access(
            demand_df=pd.DataFrame({"id": np.arange(ORIGINS), "pop": demand}), demand_index="id", demand_value="pop",
            supply_df=pd.DataFrame({"id": np.arange(SITES), "places": supply}), supply_index="id",
            supply_value="places", cost_df=pd.DataFrame({"origin": origin, "dest": site, "cost": cost}),
            cost_origin="origin", cost_dest="dest", cost_name="cost",
        )  # fmt: skip
        by_step = {share * CATCHMENT_M: one for share, one in zip(steps.shares, steps.weights, strict=True)}
        return peer.enhanced_two_stage_fca(name="e", max_cost=CATCHMENT_M, weight_fn=weights.step_fn(by_step))

    first, found = timed(ours)
    best = min([first, *(timed(ours)[0] for _ in range(RUNS - 1))])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer_s, told = timed(theirs)
    other = told["e_places"].reindex(np.arange(ORIGINS)).fillna(0.0).to_numpy()
    reached = np.zeros(SITES, bool)
    reached[site] = True
    mass = abs(float((found * demand).sum()) / float(supply[reached].sum()) - 1)
    return {
        "pairs": len(cost), "ours_first_s": round(first, 4), "ours_s": round(best, 4), "access_s": round(peer_s, 3),
        "times_faster": round(peer_s / best, 1), "largest_difference": float(np.abs(found - other).max()),
        "mass_error": mass,
    }  # fmt: skip


def assessed(project: Path, wanted: list[str]) -> dict[str, Any]:
    """Assess a copy of a project by these standards: gaps alone, then everything."""
    from govmap import pipeline
    from govmap.config import from_machine
    from govmap.project import open_project

    told: dict[str, Any] = {"project": project.name, "standards": wanted}
    for only in ("gaps", None):
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(shutil.copy(project, Path(folder) / project.name))
            wall = time.perf_counter()
            with open_project(copy) as opened:
                cpu, report = timed(
                    lambda only=only, opened=opened: pipeline.assess(
                        opened, standards=wanted, only=only, config=from_machine("en")
                    )
                )
            wall = time.perf_counter() - wall
        name = only or "everything"
        told[name] = {"cpu_s": round(cpu, 2), "wall_s": round(wall, 2), "warnings": len(report.warnings)}
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", nargs="?", type=Path)
    parser.add_argument("--standard", action="append")
    parser.add_argument("--dense", action="store_true")
    given = parser.parse_args()
    print(json.dumps({"e2sfca": beside_access(DENSE_M if given.dense else CITY_M)}))
    if given.project:
        print(json.dumps({"assess": assessed(given.project, given.standard or standards.known())}))


if __name__ == "__main__":
    main()

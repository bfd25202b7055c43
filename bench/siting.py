"""The best k sites and the fewest sites beside spopt's: the same optima? how long? and what bounds are worth beyond.

`python bench/siting.py [--largest 500] [--seeds 5]`: towns of homes and places scattered around centres; a home reaches
what lies within its walk. spopt solves with CBC. Seconds are of the processor, model and solver together.
"""

import argparse
import os
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from govmap.assess import covering
from govmap.assess.covering import Chosen, Cover, best, fewest

SIZES = ((100, 20, 3), (200, 30, 4), (300, 40, 5), (400, 50, 5), (500, 60, 6))
OURS_ALONE = ((2_000, 150, 8, 0.08), (2_000, 150, 20, 0.15), (20_000, 400, 20, 0.06), (20_000, 400, 20, 0.1))


def town(seed: int, homes: int, places: int, reach: float) -> Cover:
    """Scatter homes and places around a few centres of a unit square."""
    rng = np.random.default_rng(seed)
    centres = rng.random((max(3, places // 8), 2))
    here = centres[rng.integers(0, len(centres), homes)] + rng.normal(0, 0.12, (homes, 2))
    there = rng.random((places, 2))
    people = rng.integers(1, 400, homes)
    home, place = np.nonzero(np.hypot(*(here[:, None] - there[None]).transpose(2, 0, 1)) < reach)
    return Cover(people, home.astype(np.int64), place.astype(np.int64), places)


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Do some work and count the seconds of the processor, those of a solver's own process too."""
    began = sum(os.times()[:4])
    return work(), sum(os.times()[:4]) - began


def peers(cover: Cover, k: int) -> tuple[tuple[int, float], tuple[int, float]]:
    """Give spopt's optima, most people and fewest places, with the seconds each took (its model included)."""
    import pulp
    from spopt.locate import LSCP, MCLP

    kept = np.flatnonzero(np.diff(cover.table.indptr) > 0)
    cost = np.where(cover.table.toarray()[kept] > 0, 0.0, 1.0)
    solver = pulp.PULP_CBC_CMD(msg=False)

    def covered() -> int:
        model = MCLP.from_cost_matrix(cost, cover.people[kept], 0.5, p_facilities=k)
        model.solve(solver)
        return round(pulp.value(model.problem.objective))

    def needed() -> int:
        model = LSCP.from_cost_matrix(cost, 0.5)
        model.solve(solver)
        return round(pulp.value(model.problem.objective))

    return timed(covered), timed(needed)


def beside_spopt(largest: int, seeds: int) -> None:
    """Solve the same towns with spopt and with ours."""
    print(
        f"{'homes':>6} {'places':>6} {'k':>3} {'seed':>4} {'people':>8} {'spopt':>8} {'s':>7} {'ours s':>7}"
        f" {'sites':>5} {'spopt':>5} {'s':>7} {'ours s':>7}  same"
    )
    same = count = 0
    for homes, places, k in (one for one in SIZES if one[0] <= largest):
        for seed in range(seeds):
            cover = town(seed, homes, places, 0.14)
            (people, s_people), (sites, s_sites) = peers(cover, k)
            most, t_most = timed(lambda cover=cover, k=k: best(cover, k))
            few, t_few = timed(lambda cover=cover: fewest(cover))
            equal = (most.reached, len(few.places)) == (people, sites) and most.exact and few.exact
            same, count = same + equal, count + 1
            print(
                f"{homes:>6} {places:>6} {k:>3} {seed:>4} {most.reached:>8} {people:>8} {s_people:>7.2f} {t_most:>7.2f}"
                f" {len(few.places):>5} {sites:>5} {s_sites:>7.2f} {t_few:>7.2f}  {'yes' if equal else 'NO'}",
                flush=True,
            )
    print(f"equal and proven: {same} of {count}")


def told(name: str, found: Chosen, seconds: float, value: int) -> str:
    """Say one result in a line."""
    gap = abs(found.bound - value) / max(value, 1)
    proof = "proven" if found.exact else "bounded"
    return f"  {name}: {value} (bound {found.bound}, gap {gap:.2%}, {proof}) {seconds:.2f} s"


def ours_alone() -> None:
    """Show larger towns, with the solver and without it."""
    for homes, places, k, reach in OURS_ALONE:
        cover = town(1, homes, places, reach)
        print(f"{homes} homes, {places} places, k = {k}, {len(cover.home)} links")
        found, seconds = timed(lambda cover=cover, k=k: best(cover, k))
        print(told("best", found, seconds, found.reached))
        few, seconds = timed(lambda cover=cover: fewest(cover))
        print(told("fewest", few, seconds, len(few.places)), flush=True)
    covering.MOST_HOMES = -1
    print("without the solver, 500 x 60 (exchanges and the Lagrangian bound alone):")
    gaps = []
    for seed in range(10):
        found = best(town(seed, 500, 60, 0.14), 6)
        gaps.append((found.bound - found.reached) / found.reached)
    print(f"  gap stated: {np.mean(gaps):.3%} on average, {np.max(gaps):.3%} at most")


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", type=int, default=500)
    parser.add_argument("--seeds", type=int, default=5)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    try:
        import spopt.locate  # noqa: F401 - only whether it is there
    except ImportError:
        print("spopt is not there: ours alone")
    else:
        beside_spopt(asked.largest, asked.seeds)
    ours_alone()


if __name__ == "__main__":
    main()

"""Workers to units on random towns: how near the best, proven by HiGHS; how many change when one person's hours do.

    python bench/assign.py [--count 100] [--units 60] [--workers 30] [--exact 5] [--seconds 60]

Three things are printed for each town: what our share-out costs (minutes a month), the bound that HiGHS proves at our
prices (each worker's best bundle as an integer programme of its own: nothing of ours is used but the prices), and for
the first `--exact` towns what HiGHS finds and proves alone on the whole model in `--seconds` seconds.
"""

import argparse
import time
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from govmap.govern.assign import Assigned, People, assign
from govmap.govern.bundles import NEVER
from govmap.govern.posts import posts
from govmap.govern.sharing import FINE, Work

SKILLS = ("elder care", "mediation", "first aid", "sign language")


def town(seed: int, units: int, workers: int) -> tuple[pd.DataFrame, People]:
    """Make up a town: units with work, people with hours, homes, skills and what they did before."""
    rng = np.random.default_rng(seed)
    places, homes = rng.uniform(0, 3000, (units, 2)), np.round(rng.uniform(0, 3000, (workers, 2)) / 500) * 500
    households = rng.integers(100, 500, units)
    load = households * rng.uniform(8, 14, units) / 60
    wants = [[[SKILLS[rng.integers(4)]]] if rng.random() < 0.3 else [] for _ in range(units)]
    frame = pd.DataFrame({"unit_id": [f"u{at:04}" for at in range(units)], "households": households, "load": load})
    frame["wants"] = pd.Series(wants, dtype=object)
    frame.attrs["by"] = "hours"
    walk = np.hypot(*(homes[:, None] - places[None]).transpose(2, 0, 1)) / 67
    known = np.zeros((workers, units))
    before = rng.random(units) < 0.6
    known[rng.integers(0, workers, before.sum()), np.flatnonzero(before)] = rng.uniform(0.5, 1, before.sum())
    rows = pd.DataFrame({"worker_id": [f"w{at:04}" for at in range(workers)], "role": "worker"})
    rows["hours"] = rng.choice([40.0, 80.0, 120.0, 166.0, 166.0, 166.0], workers)
    skills = [list(rng.choice(SKILLS, rng.integers(0, 3), replace=False)) for _ in range(workers)]
    rows["skills"] = pd.Series(skills, dtype=object)
    return frame, People(rows=rows, walk_min=walk, known=known, proposed=np.zeros((workers, units), bool))


def proven(work: Work, prices: np.ndarray) -> int:
    """Let HiGHS prove the bound at these prices: worker by worker the best bundle, as an integer programme."""
    total = int(prices.sum()) + int(work.dear[:, 0].sum()) * FINE
    for worker in range(len(work.rooms)):
        total += _best_bundle(work, worker, prices)
    return -(-total // FINE)


def _best_bundle(work: Work, worker: int, prices: np.ndarray) -> int:
    can = np.flatnonzero(work.minutes[worker] < NEVER)
    steep = np.diff(work.dear[worker, : work.rooms[worker] + 1])
    objective = np.r_[work.minutes[worker, can] * FINE - prices[can], steep * FINE].astype(float)
    load = np.minimum(work.loads[can], work.rooms[worker])
    row = np.r_[load, -np.ones(len(steep))][None, :].astype(float)
    whole = np.r_[np.ones(len(can)), np.zeros(len(steep))]
    found = milp(objective, constraints=LinearConstraint(row, 0, 0), integrality=whole, bounds=Bounds(0, 1),
                 options={"mip_rel_gap": 0.0})  # fmt: skip
    return int(np.floor(found.mip_dual_bound if found.mip_dual_bound is not None else found.fun))


def alone(work: Work, seconds: float) -> tuple[float, float, float]:
    """Let HiGHS solve the whole model alone: what it finds, what it proves, cpu seconds."""
    workers, units = work.minutes.shape
    who, unit = np.nonzero(work.minutes < NEVER)
    hours = [(at, step) for at in range(workers) for step in np.diff(work.dear[at, : work.rooms[at] + 1])]
    owner, steep = np.array([at for at, _ in hours]), np.array([step for _, step in hours])
    cells, more = len(who), len(owner)
    size = cells + more + units
    cover = sparse.csr_matrix((np.ones(cells + units), (np.r_[unit, np.arange(units)],
                               np.r_[np.arange(cells), cells + more + np.arange(units)])), (units, size))  # fmt: skip
    load = np.minimum(work.loads[unit], work.rooms[who])
    worked = sparse.csr_matrix(
        (np.r_[load, -np.ones(more)], (np.r_[who, owner], np.arange(cells + more))), (workers, size)
    )
    objective = np.r_[work.minutes[who, unit], steep, work.vacant].astype(float)
    begin = time.process_time()
    found = milp(
        objective, constraints=[LinearConstraint(cover, 1, 1), LinearConstraint(worked, 0, 0)], bounds=Bounds(0, 1),
        integrality=np.r_[np.ones(cells), np.zeros(more), np.ones(units)],
        options={"mip_rel_gap": 0.0, "time_limit": seconds},
    )  # fmt: skip
    base = float(work.dear[:, 0].sum())
    value = found.fun + base if found.fun is not None else float("inf")
    return value, found.mip_dual_bound + base, time.process_time() - begin


def changed(units: pd.DataFrame, people: People, first: Assigned, worker: int) -> tuple[int, int]:
    """Take a quarter of one person's hours: how many other people's units change, with and without the former."""
    rows = people.rows.copy()
    rows.loc[worker, "hours"] *= 0.75
    who = dict(zip(first.duties["unit_id"], first.duties["worker_id"], strict=True))
    kept = np.array([[who.get(unit) == one for unit in units["unit_id"]] for one in rows["worker_id"]])
    found = []
    for proposed in (kept, np.zeros_like(kept)):
        made = assign(units, replace(people, rows=rows, proposed=proposed), posts()["worker"])
        after = dict(zip(made.duties["unit_id"], made.duties["worker_id"], strict=True))
        moved = [unit for unit in units["unit_id"] if who.get(unit) != after.get(unit)]
        found.append(sum(who.get(unit) != rows["worker_id"][worker] for unit in moved))
    return found[0], found[1]


def main() -> None:
    """Run the towns and print a line each, then the sums."""
    given = argparse.ArgumentParser(description=__doc__)
    for name, value in (("count", 100), ("units", 60), ("workers", 30), ("exact", 5), ("changes", 10)):
        given.add_argument(f"--{name}", type=int, default=value)
    given.add_argument("--first", type=int, default=0)
    given.add_argument("--seconds", type=float, default=60.0)
    asked = given.parse_args()
    assign(*town(0, 6, 3), posts()["worker"])  # compile
    gaps, cpu, moves = [], [], []
    for seed in range(asked.first, asked.first + asked.count):
        units, people = town(seed, asked.units, asked.workers)
        begin = time.process_time()
        made = assign(units, people, posts()["worker"])
        cpu.append(time.process_time() - begin)
        least = proven(made.work, made.shared.prices)
        gaps.append((made.shared.cost - least) / least)
        line = f"{seed:4}  ours {made.shared.cost:8}  HiGHS proves {least:8}  at most {gaps[-1]:.3%} above"
        line += f"  vacant {len(made.vacancies)}  {cpu[-1]:.2f} cpu s"
        assert len(made.duties) + len(made.vacancies) == len(units), "a unit was dropped in silence"
        if seed - asked.first < asked.exact:
            value, bound, took = alone(made.work, asked.seconds)
            line += f"  | HiGHS alone {value:.0f}, proves {bound:.0f}, {took:.1f} cpu s"
        if seed - asked.first < asked.changes:
            moves.append(changed(units, people, made, seed % asked.workers))
            line += f"  | a quarter less of one: {moves[-1][0]} units of others change, {moves[-1][1]} if all is new"
        print(line, flush=True)
    print(f"{len(gaps)} towns of {asked.units} x {asked.workers}: at most {max(gaps):.3%} above the optimum, "
          f"mean {np.mean(gaps):.3%}; {np.mean(cpu):.2f} cpu s a town")  # fmt: skip
    if moves:
        kept, fresh = np.mean(moves, axis=0)
        print(f"one person with a quarter less: {kept:.1f} units of others change, {fresh:.1f} without the former")


if __name__ == "__main__":
    main()

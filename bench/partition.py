"""Divide a partition problem with our own search: labels to a file, one line of JSON with figures, time and memory.

    python bench/partition.py INPUT.npz --target 400 --low 300 --high 500 --seed 1 -o labels.npy
    python bench/partition.py INPUT.npz --verify      the same labels in every run, order of atoms, number of processes
    python bench/partition.py INPUT.npz --scale       time and memory from 10,000 to 1,000,000 atoms, tiles of the input

A target asks for sizes within a tenth of it and exactly as many units as fit it; without one every size of the band is
as good. Seconds are of the processor, of this process and those it starts, never of the clock unless it is said.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

import towns
from govmap.contiguity import Graph
from govmap.delineate import Criteria, delineate

PREFERENCES = ("compact", "barriers", "blocks", "balance")
TILES = (1, 3, 11, 33, 109)
SHUFFLES = (11, 12, 13)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is asked of a division."""

    target: float | None
    low: int
    high: int
    seed: int
    prefer: str | None = None
    processes: int = 1
    budget: int | None = None

    def units(self, total: int) -> int | None:
        """Give the number of units that a target asks for."""
        return None if self.target is None else max(1, round(total / self.target))

    @property
    def middle(self) -> float:
        """The size deviations are measured from."""
        return self.target or (self.low + self.high) / 2

    def criteria(self, total: int) -> Criteria:
        """Say it in the program's words."""
        return Criteria(
            size=(self.low, self.high),
            units=self.units(total),
            target=None if self.target is None else max(1, round(self.target)),
            equal=self.target is not None,
            prefer=self.prefer,
            seed=self.seed,
            budget=self.budget,
        )


def divide(town: towns.Town, wanted: Wanted) -> np.ndarray:
    """Divide a town in canonical order; units are numbered by their first atom."""
    atoms, graph = tables(town)
    division = delineate(atoms, graph, wanted.criteria(int(town.w.sum())), processes=wanted.processes)
    return pd.factorize(division.assignment["unit_id"])[0].astype(np.int64)


def tables(town: towns.Town) -> tuple[pd.DataFrame, Graph]:
    """Give a town as the program takes it."""
    ids = np.array([f"p{one:07d}" for one in range(len(town))], dtype=object)
    atoms = pd.DataFrame({"part_id": ids, "building_id": ids, "community_id": "c", "compound_id": None})
    atoms["block_id"] = [None if block < 0 else f"b{block:07d}" for block in town.comp.tolist()]
    atoms = atoms.assign(households=town.w, residents=town.w, dwellings=town.w, area_m2=town.area)
    atoms = atoms.assign(x=town.xy[:, 0], y=town.xy[:, 1], perimeter_m=town.per)
    joins = np.ones(len(town.E), dtype=bool)
    on_barrier = np.where(town.bar, town.L, 0.0)
    return atoms, Graph(ids, town.E[:, 0], town.E[:, 1], town.L, on_barrier, town.bar * 1.0, joins, joins)


def solve(town: towns.Town, wanted: Wanted) -> np.ndarray:
    """Divide a town whatever the order of its rows; labels in that order."""
    order = towns.canonical(town)
    label = np.empty(len(town), dtype=np.int64)
    label[order] = divide(towns.permuted(town, order), wanted)
    return label


def warm_up(wanted: Wanted) -> None:
    """Load the compiled code with a small town of the same kind of question."""
    side, n = 16, 256
    at = np.arange(n)
    row, column = at // side, at % side
    ends = np.concatenate(
        [
            np.column_stack([at, at + 1])[column < side - 1],
            np.column_stack([at, at + side])[row < side - 1],
        ]
    )
    w = 20 + (at * 37) % 61
    found = {"w": w, "E": ends, "L": np.full(len(ends), 30.0), "bar": (ends[:, 0] % 7) == 0}
    found |= {
        "xy": np.column_stack([column, row]) * 30.0,
        "area": np.full(n, 900.0),
        "comp": row // 4 * 4 + column // 4,
    }
    target = None if wanted.target is None else 400.0
    solve(towns.checked(found), Wanted(target=target, low=380, high=420, seed=1, prefer=wanted.prefer))


def spent() -> float:
    """Processor seconds of this process and of those it started and waited for."""
    times = os.times()
    return time.process_time() + times.children_user + times.children_system


class Memory:
    """The most memory that this process and its children held together, looked at while it is open."""

    def __init__(self) -> None:
        self.peak_mb = 0
        self._over = threading.Event()
        self._eye = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._eye.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._eye.join()

    def _watch(self) -> None:
        while not self._over.wait(0.2):
            self.peak_mb = max(self.peak_mb, held_mb())


def held_mb() -> int:
    """Memory held now by this process and its children; the peak of this one alone where the system has no /proc."""
    own = Path("/proc/self")
    if not (own / "task").is_dir():
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    children = [one for task in (own / "task").iterdir() for one in _read(task / "children").split()]
    pages = [_read(Path("/proc") / one / "statm").split() for one in ["self", *children]]
    return sum(int(one[1]) for one in pages if one) * os.sysconf("SC_PAGE_SIZE") // 2**20


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:  # it ended meanwhile
        return ""


def told(town: towns.Town, wanted: Wanted, *, repeat: int = 1) -> tuple[np.ndarray, dict[str, Any]]:
    """Divide, and say everything about it; of several runs the dearest counts."""
    began = spent()
    warm_up(wanted)
    loaded, runs, walls = spent() - began, [], []
    with Memory() as memory:
        for _ in range(repeat):
            began, clock = spent(), time.perf_counter()
            label = solve(town, wanted)
            runs.append(spent() - began)
            walls.append(time.perf_counter() - clock)
    measured = towns.figures(town, label, target=wanted.middle, low=wanted.low, high=wanted.high)
    facts = {
        "atoms": len(town),
        "units_wanted": wanted.units(int(town.w.sum())),
        **measured,
        "blocks_over_high": towns.must_split(town, wanted.high),
        "blocks_must_split": towns.must_split(town, wanted.middle * 1.1 if wanted.target else wanted.high),
        "cpu_s": round(max(runs), 2),
        "cpu_s_load": round(loaded, 2),
        "wall_s": round(max(walls), 2),
        "memory_mb": memory.peak_mb,
    }
    return label, facts


def cold(arguments: list[str]) -> float:
    """Divide once in a process of its own that has no compiled code; give its processor seconds."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "NUMBA_CACHE_DIR": folder}
        command = [sys.executable, __file__, *arguments, "--first"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout)["cpu_s_first"])


def verify(town: towns.Town, wanted: Wanted) -> list[str]:
    """Give every way in which the division is not what it must be."""
    one = Wanted(**{**vars(wanted), "processes": 1})
    label = solve(town, one)
    found = towns.figures(town, label, target=one.middle, low=one.low, high=one.high)
    number = one.units(int(town.w.sum()))
    faults = [f"{found['units']} units instead of {number}"] if number not in (None, found["units"]) else []
    faults += [f"{found['units_in_pieces']} units in pieces"] if found["units_in_pieces"] else []
    faults += ["another run gives other labels"] if (solve(town, one) != label).any() else []
    two = Wanted(**{**vars(wanted), "processes": 2})
    faults += ["two processes give other labels than one"] if (solve(town, two) != label).any() else []
    for seed in SHUFFLES:
        order = np.random.default_rng(seed).permutation(len(town))
        if (solve(shuffled(town, order, seed), one) != label[order]).any():
            faults.append(f"another order of the atoms ({seed}) gives other labels")
    return faults


def shuffled(town: towns.Town, order: np.ndarray, seed: int) -> towns.Town:
    """Give the town with atoms in another order, and its borders in any order and direction."""
    rng = np.random.default_rng(seed)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    rows, turned = rng.permutation(len(town.E)), rng.random(len(town.E)) < 0.5
    ends = rank[town.E[rows]]
    found = {key: getattr(town, key)[order] for key in ("w", "xy", "area", "per", "ext", "comp")}
    found |= {"E": np.where(turned[:, None], ends[:, ::-1], ends), "L": town.L[rows], "bar": town.bar[rows]}
    return towns.checked(found)


def scale(path: Path, wanted: Wanted) -> None:
    """Print time and memory of ever more tiles, each in a process of its own, and how steeply the time grows."""
    print(
        "atoms", "units", "in range %", "in pieces", "cpu s", "wall s", "memory MB", "cpu s a million n log n", sep="\t"
    )
    rows = []
    for tiles in TILES:
        command = [sys.executable, __file__, str(path), "--tile", str(tiles), *_as_arguments(wanted)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        found = json.loads(done.stdout)
        n, cpu = found["atoms"], found["cpu_s"]
        rows.append((n, cpu))
        shown = (found["units"], found["in_range_percent"], found["units_in_pieces"], cpu, found["wall_s"])
        print(n, *shown, found["memory_mb"], f"{cpu / (n * np.log(n)) * 1e6:.1f}", sep="\t", flush=True)
    n, cpu = np.array(rows).T
    print(f"time grows as n to the {np.polyfit(np.log(n), np.log(cpu), 1)[0]:.3f}", end="; ")
    print(f"n log n as n to the {np.polyfit(np.log(n), np.log(n * np.log(n)), 1)[0]:.3f}")


def _as_arguments(wanted: Wanted) -> list[str]:
    return [word for name, value in vars(wanted).items() if value is not None for word in (f"--{name}", str(value))]


def main() -> int:
    """Do what is asked."""
    asked = _arguments()
    wanted = Wanted(
        target=asked.target,
        low=asked.low,
        high=asked.high,
        seed=asked.seed,
        prefer=asked.prefer,
        processes=asked.processes,
        budget=asked.budget,
    )
    try:
        town = towns.read(asked.input)
    except towns.TownError as fault:
        print(fault, file=sys.stderr)
        return 1
    if asked.scale:
        scale(asked.input, wanted)
        return 0
    town = towns.tiled(town, asked.tile) if asked.tile > 1 else town
    if asked.verify:
        faults = verify(town, wanted)
        print(json.dumps({"input": asked.input.name, "seed": wanted.seed, "faults": faults}))
        return 1 if faults else 0
    if asked.first:
        solve(town, wanted)
        print(json.dumps({"cpu_s_first": round(spent(), 2)}))
        return 0
    label, facts = told(town, wanted, repeat=asked.repeat)
    facts = {"input": asked.input.name, **vars(wanted), **facts}
    if asked.cold:
        tile = ["--tile", str(asked.tile)]
        facts["cpu_s_cold"] = cold([str(asked.input), *tile, *_as_arguments(wanted)])
    if asked.output is not None:
        np.save(asked.output, label)
    print(json.dumps(facts))
    return 0


def _arguments() -> argparse.Namespace:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("input", type=Path, metavar="INPUT.npz")
    reader.add_argument("--target", type=float, help="size aimed at; asks for sizes within a tenth of it")
    reader.add_argument("--low", type=int, default=300, help="least size of a unit")
    reader.add_argument("--high", type=int, default=500, help="greatest size of a unit")
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--prefer", choices=PREFERENCES)
    reader.add_argument("--processes", type=int, default=1, help="processes that large ground is shared among")
    reader.add_argument("--budget", type=int, help="proposals of the search; without it they grow with the ground")
    reader.add_argument("--repeat", type=int, default=1, help="runs, of which the dearest is told")
    reader.add_argument("--tile", type=int, default=1, help="so many copies of the town side by side")
    reader.add_argument("--cold", action="store_true", help="tell the cost without compiled code too")
    reader.add_argument("--verify", action="store_true", help="check what must hold for every input")
    reader.add_argument("--scale", action="store_true", help="tell how time and memory grow")
    reader.add_argument("--first", action="store_true", help=argparse.SUPPRESS)
    reader.add_argument("-o", "--output", type=Path, metavar="LABELS.npy")
    return reader.parse_args()


if __name__ == "__main__":
    sys.exit(main())

"""Ours beside its peers on the same problems, at the same tolerance, in one run and one table.

    python bench/peers.py FOLDER [NAME ...] [--python PYTHON] [--limit 60]

FOLDER holds NAME.npz. Ours is the default and each preference, the worst of seeds 1 to 5 in every column; a peer is
one run, in a process of its own, by PYTHON where the peers are installed elsewhere (`pip install govmap[bench]`, or
another environment). A peer that is missing, fails or does not end is named and passed over. Below the table stands
what of it the project promises.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import partition
import towns
from rivals import PEERS

SEEDS = (1, 2, 3, 4, 5)
TARGET, LOW, HIGH, TOLERANCE, LOOSE = 400, 300, 500, 0.1, 0.25
# Columns of the table: what they are called, and whether more is better.
COLUMNS = {
    "max_deviation_percent": ("max dev %", False),
    "mean_deviation_percent": ("mean %", False),
    "within_10_percent": ("in ±10 %", True),
    "in_range_percent": ("in range %", True),
    "units_in_pieces": ("pieces", False),
    "polsby_popper_mean": ("PP", True),
    "inertia": ("inertia", False),
    "cut_km": ("cut km", False),
    "barrier_inside_km": ("barrier km", False),
    "blocks_split": ("split", False),
}
# What a serious peer may be better in, of these, is one at most.
COMPARED = tuple(key for key in COLUMNS if key not in {"max_deviation_percent", "units_in_pieces"})
# Each is met by at least one preference whose other columns are no worse than METIS's.
FRONT = {
    "helsinki": {"polsby_popper_mean": 0.46, "barrier_inside_km": 7.5, "blocks_split": 14},
    "kouvola": {"polsby_popper_mean": 0.56, "barrier_inside_km": 1.9, "blocks_split": 5},
    "kbh": {"polsby_popper_mean": 0.50, "barrier_inside_km": 45, "blocks_split": 150, "cut_km": 400},
}


@dataclass(frozen=True)
class Row:
    """What one method reached on one problem."""

    method: str
    figures: dict[str, float]
    cpu_s: float
    remark: str = ""


def ours(town: towns.Town, prefer: str | None, seeds: Sequence[int]) -> Row:
    """Divide with each seed; of every column the worst."""
    runs = []
    for seed in seeds:
        wanted = partition.Wanted(target=TARGET, low=LOW, high=HIGH, seed=seed, prefer=prefer)
        runs.append(partition.told(town, wanted)[1])
    worst = {key: (min if more else max)(run[key] for run in runs) for key, (_, more) in COLUMNS.items()}
    name = "ours" if prefer is None else f"ours, {prefer}"
    units = {run["units"] for run in runs}
    wrong = next((one for one in units if one != runs[0]["units_wanted"]), None)
    cpu_s = max(run["cpu_s"] for run in runs)
    return Row(name, {**worst, "units": wrong or runs[0]["units"]}, cpu_s, f"worst of {len(runs)}")


def peer(name: str, path: Path, units: int, strict: float, *, python: str, limit: float) -> Row | str:
    """Let a peer divide; of one that cannot, what it says."""
    for tolerance in (strict, LOOSE) if name.startswith("gerrychain") else (strict,):
        with tempfile.TemporaryDirectory() as folder:
            label = Path(folder) / "labels.npy"
            told = _child([python, name, str(path), "--units", str(units), "--tolerance", str(tolerance)], label, limit)
            if "cpu_s" in told:
                found = towns.figures(towns.read(path), np.load(label), target=TARGET, low=LOW, high=HIGH)
                return Row(name, found, told["cpu_s"], f"{tolerance:.0%}".replace("%", " %"))
    return str(told["fault"])


def _child(words: list[str], label: Path, limit: float) -> dict[str, Any]:
    """Run a peer in a process of its own; a peer that is stopped or dies has a fault too."""
    python, *rest = words
    command = [python, str(Path(__file__).with_name("rivals.py")), *rest, "-o", str(label)]
    # Without it the peers' linear algebra takes every core for itself.
    alone = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    try:
        done = subprocess.run(command, env=alone, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return {"fault": f"nothing within {limit:.0f} s"}
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        return {"fault": f"ended with {done.returncode}"}
    told: dict[str, Any] = json.loads(lines[-1])
    return told


def table(path: Path, preferences: Sequence[str | None], asked: argparse.Namespace) -> Iterator[Row]:
    """Give and print a row for every method."""
    town = towns.read(path)
    units = max(1, round(int(town.w.sum()) / TARGET))
    for name in asked.peers:
        found = peer(name, path, units, asked.tolerance, python=asked.python, limit=asked.limit)
        if isinstance(found, str):
            print(f"| {path.stem} | {name} | {found.splitlines()[0][:90]} |", flush=True)
            continue
        print(line(path.stem, found, units), flush=True)
        yield found
    for prefer in preferences:
        row = ours(town, prefer, asked.seeds)
        print(line(path.stem, row, units), flush=True)
        yield row


def head() -> tuple[str, str]:
    """Give the head of the table."""
    names = ["input", "method", "units/goal", *(label for label, _ in COLUMNS.values()), "cpu s", "note"]
    return " | ".join(["", *names, ""]), "|".join(["", *["---"] * len(names), ""])


def line(name: str, row: Row, units: int) -> str:
    """Give a row of the table."""
    shown = [f"{row.figures[key]:.3g}" if key == "inertia" else f"{row.figures[key]:g}" for key in COLUMNS]
    return " | ".join(
        ["", name, row.method, f"{row.figures['units']:g}/{units}", *shown, f"{row.cpu_s:g}", row.remark, ""]
    )


def _better(one: float, other: float, *, more: bool) -> bool:
    return one > other if more else one < other


def beaten(rows: Sequence[Row], units: int) -> Iterator[str]:
    """Say in what each peer that keeps the number, the range and one piece is better than our default."""
    own = next((row for row in rows if row.method == "ours"), None)
    for row in rows if own is not None else ():
        serious = row.figures["units"] == units and not row.figures["units_in_pieces"]
        if row.method.startswith("ours") or not serious or row.figures["in_range_percent"] < 95:
            continue
        best = [key for key in COMPARED if _better(row.figures[key], own.figures[key], more=COLUMNS[key][1])]
        verdict = "kept" if len(best) <= 1 else "NOT KEPT"
        yield f"{row.method} is better than our default in {', '.join(_shown(best)) or 'nothing'}: {verdict}"


def front(name: str, rows: Sequence[Row], units: int) -> Iterator[str]:
    """Say which preference meets each mark of the front, with its other columns no worse than METIS's."""
    metis = next((row for row in rows if row.method == "METIS"), None)
    if metis is not None and (metis.figures["units"] != units or metis.figures["units_in_pieces"]):
        count, broken = metis.figures["units"], metis.figures["units_in_pieces"]
        yield f"METIS, beside which the marks stand, gives {count:g} units instead of {units}, {broken:g} in pieces"
    for key, mark in FRONT.get(name, {}).items():
        label, more = COLUMNS[key]
        told = []
        for row in rows:
            if row.method.startswith("ours") and not _better(mark, row.figures[key], more=more):
                lost = [] if metis is None else worse(row, metis, key)
                told.append(row.method + (f" (worse than METIS in {', '.join(_shown(lost))})" if lost else ""))
        kept = any("worse" not in one for one in told)
        yield f"{label} {mark:g}: {'; '.join(told) or 'no plan'}: {'kept' if kept else 'NOT KEPT'}"


def worse(row: Row, other: Row, beside: str) -> list[str]:
    """Name the columns, but for one, in which a row is worse than another."""
    columns = [one for one in COLUMNS if one != beside]
    return [one for one in columns if _better(other.figures[one], row.figures[one], more=COLUMNS[one][1])]


def _shown(keys: Sequence[str]) -> list[str]:
    return [COLUMNS[key][0] for key in keys]


def main() -> None:
    """Print the table and what of it is promised."""
    asked = _arguments()
    print(*head(), sep="\n", flush=True)
    said = []
    for path in [asked.folder / f"{name}.npz" for name in asked.names] or sorted(asked.folder.glob("*.npz")):
        rows = list(table(path, asked.prefer, asked))
        town = towns.read(path)
        total = int(town.w.sum())
        said += [f"\n{path.stem}: {towns.must_split(town, 1.1 * TARGET)} blocks of over {1.1 * TARGET:.0f} must split"]
        units = max(1, round(total / TARGET))
        said += [*beaten(rows, units), *front(path.stem, rows, units)]
    print(*said, sep="\n")


def _arguments() -> argparse.Namespace:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("folder", type=Path)
    reader.add_argument("names", nargs="*")
    reader.add_argument("--python", default=sys.executable, help="the interpreter that has the peers")
    reader.add_argument("--limit", type=float, default=60, help="seconds by the clock a peer may take")
    reader.add_argument("--tolerance", type=float, default=TOLERANCE, help="of the peers; ours is a tenth")
    reader.add_argument("--peers", nargs="*", default=list(PEERS), choices=list(PEERS))
    reader.add_argument("--seeds", nargs="*", type=int, default=SEEDS)
    reader.add_argument("--prefer", nargs="*", default=[None, *partition.PREFERENCES], choices=partition.PREFERENCES)
    return reader.parse_args()


if __name__ == "__main__":
    main()

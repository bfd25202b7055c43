"""Our random plans beside gerrychain's, from the same plan, by the same rules: speed, and borders between units.

    python bench/ensemble.py FOLDER [NAME ...] [--samples 1000] [--python PYTHON]

FOLDER holds NAME.npz. Each town is walked whole (units of 300 to 500) by ours and by gerrychain's ReCom, and a piece of
it in three units also by its reversible ReCom, which converges to the same chances as ours: there the mean number of
borders must agree within the noise. gerrychain runs in a process of its own, by PYTHON where it is installed elsewhere.
A change is a plan that differs from the one before. Seconds are of the processor, compiled code loaded.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import towns

LOW, HIGH, PIECE, UNITS = 300, 500, 90, 3
STEPS = {"recom": 1000, "reversible": 30_000}
MOST_CUTS = 60
BATCHES = 20


def piece_of(town: towns.Town, size: int) -> towns.Town:
    """Take the atoms nearest to the middle by borders, as a town of its own."""
    near: list[list[int]] = [[] for _ in range(len(town))]
    for i, j in town.E.tolist():
        near[i].append(j)
        near[j].append(i)
    found = [int(np.argmin(((town.xy - town.xy.mean(axis=0)) ** 2).sum(axis=1)))]
    for atom in found:
        found += [other for other in sorted(near[atom]) if other not in found][: max(0, size - len(found))]
    spot = np.full(len(town), -1, dtype=np.int64)
    spot[found] = np.arange(len(found))
    inside = (spot[town.E] >= 0).all(axis=1)
    rows = {name: getattr(town, name)[found] for name in ("w", "xy", "area", "per", "ext", "comp")}
    ends = np.sort(spot[town.E[inside]], axis=1)
    return towns.checked({**rows, "E": ends, "L": town.L[inside], "bar": town.bar[inside]})


def told(cut: np.ndarray, changes: int, cpu_s: float) -> dict[str, Any]:
    """Sum up a walk: how fast, and the mean number of borders between units with its standard error."""
    length = len(cut) // BATCHES
    means = cut[: length * BATCHES].reshape(BATCHES, length).mean(axis=1)
    error = float(means.std(ddof=1) / np.sqrt(BATCHES))
    return {"changes": changes, "cpu_s": round(cpu_s, 2), "mean": round(float(cut.mean()), 2), "error": round(error, 2)}


# ours ---------------------------------------------------------------------------------------------------------------
def first_plan(town: towns.Town, units: int | None) -> tuple[np.ndarray, Any]:
    """Divide a town; give the labels and the walk around them."""
    from govmap.delineate import Criteria, delineate
    from govmap.delineate.ensemble import around
    from govmap.plan import Plan
    from partition import tables

    atoms, graph = tables(town)
    wanted = Criteria(size=(LOW, HIGH)) if units is None else Criteria(units=units)
    plan = Plan.of("p", 1, delineate(atoms, graph, wanted).assignment)
    order = np.argsort(atoms["part_id"].to_numpy(dtype=object), kind="stable")
    label = np.empty(len(town), dtype=np.int64)
    label[order] = np.unique(plan.parts.to_numpy(dtype=object), return_inverse=True)[1]
    return label, (partial(around, plan, atoms, graph, wanted, keep_labels=True), order)


def ours(town: towns.Town, walk: Any, samples: int) -> dict[str, Any]:
    """Draw plans with our own walk."""
    around, order = walk
    around(samples=2)
    begun = time.process_time()
    found = around(samples=samples)
    spent = time.process_time() - begun
    place = np.empty(len(town), dtype=np.int64)
    place[order] = np.arange(len(town))
    ends = place[town.E]
    cut = np.array([(label[ends[:, 0]] != label[ends[:, 1]]).sum() for label in found.labels])
    return {**told(cut, found.changes, spent), "agreement": round(found.agreement, 3)}


# gerrychain ---------------------------------------------------------------------------------------------------------
def peer(town: towns.Town, label: np.ndarray, kind: str, steps: int) -> dict[str, Any]:
    """Draw plans with gerrychain, every step a plan."""
    import networkx as nx
    from gerrychain import Graph, MarkovChain, Partition, accept, constraints, updaters
    from gerrychain.proposals import recom, reversible_recom
    from gerrychain.tree import bipartition_tree, uniform_spanning_tree

    plain = nx.Graph()
    plain.add_nodes_from((atom, {"people": int(weight)}) for atom, weight in enumerate(town.w))
    plain.add_edges_from(town.E.tolist())
    count = {"people": updaters.Tally("people"), "cut_edges": updaters.cut_edges}
    start = Partition(Graph.from_networkx(plain), dict(enumerate(label.tolist())), count)
    mean = (LOW + HIGH) / 2 if len(set(label)) != UNITS else float(town.w.sum()) / UNITS
    size = {"pop_col": "people", "pop_target": mean, "epsilon": 0.25, "rng": np_random()}
    if kind == "recom":
        trees = partial(bipartition_tree, spanning_tree_fn=uniform_spanning_tree)
        step = partial(recom, bipartition_tree_fn=trees, pair_selection="cut_edges", **size)
    else:
        step = partial(reversible_recom, max_balanced_edge_cuts=MOST_CUTS, **size)
    begun, cut, changes = time.process_time(), [], 0
    for now in MarkovChain(step, constraints.contiguous, accept.always_accept, start, steps):
        cut.append(len(now["cut_edges"]))
        changes += now.parent is not None and now.flips is not None and bool(now.flips)
    return told(np.array(cut[steps // 5 :]), changes, time.process_time() - begun)


def np_random() -> Any:
    """Give the random numbers gerrychain asks for, always the same."""
    import random

    return random.Random(1)


def _child(python: str, path: Path, label: np.ndarray, kind: str, folder: Path) -> dict[str, Any] | None:
    np.save(folder / "label.npy", label)
    words = [python, __file__, str(path), "--peer", kind, "--label", str(folder / "label.npy")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"gerrychain {kind}: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    return dict(json.loads(done.stdout))


def _written(town: towns.Town, folder: Path) -> Path:
    np.savez(folder / "town.npz", **{key: getattr(town, key) for key in towns.KEYS})
    return folder / "town.npz"


def main() -> None:
    """Print one line a walk."""
    asked = _arguments()
    if asked.peer:
        town = towns.read(asked.folder)
        print(json.dumps(peer(town, np.load(asked.label), asked.peer, STEPS[asked.peer])))
        return
    print("town", "units", "walk", "changes", "cpu s", "changes a cpu s", "borders", "standard error", sep="\t")
    for name in asked.names or sorted(file.stem for file in asked.folder.glob("*.npz")):
        whole = towns.read(asked.folder / f"{name}.npz")
        for town, units in ((whole, None), (piece_of(whole, PIECE), UNITS)):
            label, walk = first_plan(town, units)
            rows = {"ours": ours(town, walk, asked.samples)}
            with tempfile.TemporaryDirectory() as folder:
                path = _written(town, Path(folder))
                for kind in ("recom",) if units is None else ("recom", "reversible"):
                    rows[f"gerrychain {kind}"] = _child(asked.python, path, label, kind, Path(folder))
            for walk_name, row in rows.items():
                if row:
                    speed = f"{row['changes'] / max(row['cpu_s'], 0.01):.0f}"
                    facts = (row["changes"], row["cpu_s"], speed, row["mean"], row["error"])
                    print(f"{name} {len(town)}", len(set(label)), walk_name, *facts, sep="\t", flush=True)


def _arguments() -> argparse.Namespace:
    said = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    said.add_argument("folder", type=Path)
    said.add_argument("names", nargs="*")
    said.add_argument("--samples", type=int, default=1000)
    said.add_argument("--python", default=sys.executable)
    said.add_argument("--peer", choices=sorted(STEPS), help=argparse.SUPPRESS)
    said.add_argument("--label", type=Path, help=argparse.SUPPRESS)
    return said.parse_args()


if __name__ == "__main__":
    main()

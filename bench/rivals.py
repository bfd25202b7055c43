"""One peer divides one problem, in a process of its own: python bench/rivals.py PEER INPUT.npz --units 48 -o FILE.npy.

Each peer is given whole households as weights of atoms, shared metres (decimetres, whole) as weights of borders, and
the same tolerance. It is used as its manual says, not tuned. It needs nothing of ours: it may run in an environment in
which only the peers are installed. Prints one line of JSON: processor seconds of the division, or what is missing.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import towns

BURST, BURSTS = 10, 30
ATTEMPTS = 1000
Divide = Callable[[towns.Town, int, float, int], np.ndarray]


def metis(town: towns.Town, units: int, tolerance: float, seed: int) -> np.ndarray:
    """METIS, k-way, units in one piece."""
    import pymetis

    first, near, edge = rows(town)
    options = pymetis.Options(ufactor=round(1000 * tolerance), contig=1, seed=seed)
    found = pymetis.part_graph(
        units,
        xadj=first,
        adjncy=near,
        vweights=town.w,
        eweights=decimetres(town)[edge],
        recursive=False,
        options=options,
    )
    return np.array(found.vertex_part)


def kahip(town: towns.Town, units: int, tolerance: float, seed: int) -> np.ndarray:
    """KaHIP's kaffpa in its strong setting; it cannot be asked for units in one piece."""
    import kahip as peer

    first, near, edge = (one.tolist() for one in rows(town))
    cost = decimetres(town)[edge].tolist()
    label = peer.kaffpa(town.w.tolist(), first, cost, near, units, tolerance, True, seed, peer.STRONG)[1]
    return np.array(label)


def mtkahypar(town: towns.Town, units: int, tolerance: float, seed: int) -> np.ndarray:
    """Mt-KaHyPar in its quality setting; it cannot be asked for units in one piece."""
    import mtkahypar as peer

    works = peer.initialize(1)
    peer.set_seed(seed)
    context = works.context_from_preset(peer.PresetType.QUALITY)
    context.set_partitioning_parameters(units, tolerance, peer.Objective.CUT)
    context.logging = False
    ends = [(int(i), int(j)) for i, j in town.E]
    graph = works.create_graph(context, len(town), len(ends), ends, town.w.tolist(), decimetres(town).tolist())
    found = graph.partition(context)
    return np.array([found.block_id(one) for one in range(len(town))])


def gerrychain_tree(town: towns.Town, units: int, tolerance: float, seed: int) -> np.ndarray:
    """One plan of gerrychain, cut from random trees."""
    start = _first_plan(town, units, tolerance, seed)
    return _labels(start, len(town))


def gerrychain_bursts(town: towns.Town, units: int, tolerance: float, seed: int) -> np.ndarray:
    """Short bursts of gerrychain's ReCom towards fewer metres of border, a fixed number of steps."""
    import random
    from functools import partial

    from gerrychain import constraints, optimization, proposals

    start = _first_plan(town, units, tolerance, seed)
    chance = random.Random(seed)
    recom = partial(proposals.recom, pop_col="w", pop_target=town.w.sum() / units, epsilon=tolerance, rng=chance)
    inside = constraints.within_percent_of_ideal_population(start, tolerance)
    search = optimization.SingleMetricOptimizer(recom, [inside], start, _cut, maximize=False, rng=chance)
    for _ in search.short_bursts(BURST, BURSTS):
        pass
    return _labels(search.best_part, len(town))


def spopt_maxp(town: towns.Town, units: int, tolerance: float, seed: int) -> np.ndarray:
    """spopt's Max-P: as many units as possible that reach the lower end."""
    import geopandas as gpd
    import pandas as pd
    from libpysal.weights import W
    from shapely import points
    from spopt.region import MaxPHeuristic

    np.random.seed(seed)  # noqa: NPY002 - the peer draws from the global state
    frame = pd.DataFrame({"w": town.w, "x": town.xy[:, 0], "y": town.xy[:, 1]})
    atoms = gpd.GeoDataFrame(frame, geometry=points(town.xy))
    near: dict[int, list[int]] = {one: [] for one in range(len(town))}
    for i, j in town.E.tolist():
        near[i].append(j)
        near[j].append(i)
    least = int(np.ceil((1 - tolerance) * town.w.sum() / units))
    search = MaxPHeuristic(atoms, W(near, silence_warnings=True), ["x", "y"], "w", least, 2)
    search.solve()
    return np.array(search.labels_)


PEERS: dict[str, Divide] = {
    "METIS": metis,
    "KaHIP strong": kahip,
    "Mt-KaHyPar quality": mtkahypar,
    "gerrychain tree": gerrychain_tree,
    "gerrychain bursts": gerrychain_bursts,
    "spopt MaxP": spopt_maxp,
}


def rows(town: towns.Town) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give the borders atom by atom: where each atom's begin, the neighbour across each, and its row in `E`."""
    here, there = np.concatenate([town.E, town.E[:, ::-1]]).T
    edge = np.concatenate([np.arange(len(town.E))] * 2)
    order = np.lexsort((there, here))
    first = np.concatenate([[0], np.cumsum(np.bincount(here, minlength=len(town)))])
    return first, there[order], edge[order]


def decimetres(town: towns.Town) -> np.ndarray:
    """Whole weights of borders, none of 0."""
    return np.maximum(np.rint(town.L * 10).astype(np.int64), 1)


def _first_plan(town: towns.Town, units: int, tolerance: float, seed: int) -> Any:
    """Cut a first plan from random trees, by gerrychain."""
    import random
    from functools import partial

    import networkx as nx
    from gerrychain import Graph, Partition, updaters
    from gerrychain.tree import bipartition_tree, recursive_tree_part

    graph = nx.Graph()
    graph.add_nodes_from((one, {"w": int(w)}) for one, w in enumerate(town.w.tolist()))
    graph.add_edges_from((i, j, {"m": m}) for (i, j), m in zip(town.E.tolist(), town.L.tolist(), strict=True))
    own = Graph.from_networkx(graph)
    return Partition.from_random_assignment(
        own,
        units,
        tolerance,
        "w",
        updaters={"population": updaters.Tally("w", alias="population"), "cut_edges": updaters.cut_edges},
        partition_fn=partial(recursive_tree_part, bipartition_tree_fn=partial(bipartition_tree, max_attempts=ATTEMPTS)),
        rng=random.Random(seed),
    )


def _cut(plan: Any) -> float:
    borders = (plan.graph.get_edge_id_from_edge(one) for one in plan["cut_edges"])
    return float(sum(plan.graph.edge_data(one)["m"] for one in borders))


def _labels(plan: Any, n: int) -> np.ndarray:
    label = np.full(n, -1, dtype=np.int64)
    for one, unit in plan.assignment.to_series().items():
        label[plan.graph.original_nx_node_id_for_internal_node_id(one)] = unit
    return label


def main() -> int:
    """Let one peer divide."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("peer", choices=sorted(PEERS))
    reader.add_argument("input", type=Path)
    reader.add_argument("--units", type=int, required=True)
    reader.add_argument("--tolerance", type=float, default=0.1)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("-o", "--output", type=Path, required=True)
    asked = reader.parse_args()
    town = towns.read(asked.input)
    began = time.process_time()
    try:
        label = PEERS[asked.peer](town, asked.units, asked.tolerance, asked.seed)
    except ImportError as fault:
        print(json.dumps({"fault": f"not installed ({fault})"}))
        return 1
    except Exception as fault:  # noqa: BLE001 - whatever a peer dies of is what is told of it
        print(json.dumps({"fault": f"{type(fault).__name__}: {fault}"}))
        return 1
    np.save(asked.output, label)
    print(json.dumps({"cpu_s": round(time.process_time() - began, 2)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())

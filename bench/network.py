"""Measure the walking network: making it, tying doors to it, the nearest site of every category for every building.

    python bench/network.py copenhagen copenhagen_x16
    python bench/network.py copenhagen_x16 --python /somewhere/.venv/bin/python   # that one has pandana

Processor seconds in one run, after a warm-up on the first thousand buildings; reading the extract is in no clock.
pandana gets the same nodes, edges and sites, and is asked for the nearest site of the same categories from each node
it ties a building to. It knows nodes only, so its metres differ from ours by what lies between a door and the next
node; from nodes, where both can be compared, the greatest difference is printed. Beside it, how much longer ways are
than straight lines, by distance: where `layers/walking.toml` says what is taken where there are no streets.
"""

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from govmap.network import Network, Stops, build
from govmap.network.straight import factor
from govmap.network.ways import Ways, ways
from govmap.sources import extract

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
CATEGORIES = 20
WARM = 1000
PEER = """
import json, sys, time
import numpy as np, pandas as pd, pandana
d = np.load(sys.argv[1], allow_pickle=False)
start = time.process_time(); wall = time.time()
net = pandana.Network(pd.Series(d["x"]), pd.Series(d["y"]), pd.Series(d["a"]), pd.Series(d["b"]),
                      pd.DataFrame({"m": d["m"]}), twoway=True)
built = time.process_time() - start, time.time() - wall
start = time.process_time(); wall = time.time()
homes = net.get_node_ids(d["hx"], d["hy"])
tied = time.process_time() - start, time.time() - wall
start = time.process_time(); wall = time.time(); far = {}
for name in [key for key in d.files if key.startswith("site_")]:
    net.set_pois(name, 1e7, 1, pd.Series(d["x"][d[name]]), pd.Series(d["y"][d[name]]))
    found = net.nearest_pois(1e7, name, num_pois=1)[1]
    found.loc[homes]
    far[name] = found.to_numpy()
asked = time.process_time() - start, time.time() - wall
np.savez(sys.argv[2], **far)
print(json.dumps({"built": built, "tied": tied, "asked": asked}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("towns", nargs="+")
    parser.add_argument("--python", help="interpreter of an environment with pandana")
    asked = parser.parse_args()
    for town in asked.towns:
        file = next(path for path in (DATA / f"{town}.osm.pbf", DATA / "big" / f"{town}.osm.pbf") if path.exists())
        tables = extract.read(file).tables
        print(f"\n{town}: {len(tables['buildings']):,} buildings, {len(tables['streets']):,} streets")
        network, homes, sites = ours(tables)
        detours(network, homes)
        if asked.python:
            pandana(tables, network, sites, asked.python)


def ours(tables: Any) -> tuple[Network, Stops, dict[str, Stops]]:
    doors = shapely.point_on_surface(np.asarray(tables["buildings"].geometry, object))
    resources = tables["resources"].sort_values("resource_id")
    largest = resources["category"].value_counts().sort_index(kind="stable").sort_values(ascending=False, kind="stable")
    chosen = {name: resources[resources["category"] == name] for name in largest.index[:CATEGORIES]}
    ground = {name: tables[name] for name in ("barriers", "compounds", "entrances")}
    warm = build(tables["streets"].head(WARM), **ground)
    warm.nearest(warm.stops(doors[:WARM]), warm.stops(doors[:9]))
    network = clocked("network", lambda: build(tables["streets"], **ground))
    print(f"  {network.ways.nodes:,} nodes, {len(network.ways):,} edges, {len(network.pieces_m)} pieces")
    homes = clocked("doors of buildings", lambda: network.stops(doors))
    print(f"  {(~homes.connected).sum()} meet no street")
    sites = clocked("doors of sites", lambda: {name: network.stops(rows.geometry) for name, rows in chosen.items()})
    found = clocked(
        f"nearest of {len(sites)} categories",
        lambda: {name: network.nearest(homes, stops)[1] for name, stops in sites.items()},
    )
    reached = {name: float(np.median(far[np.isfinite(far)])) for name, far in found.items()}
    print("  median metres:", {name: round(metres) for name, metres in reached.items()})
    return network, homes, sites


def clocked(what: str, work: Any) -> Any:
    start, wall = time.process_time(), time.time()
    made = work()
    print(f"  {what:28} {time.process_time() - start:8.3f} s processor {time.time() - wall:8.3f} s wall")
    return made


def detours(network: Network, homes: Stops) -> None:
    """Print how much longer the way is than the straight line, between random doors."""
    rng = np.random.default_rng(1)
    connected = np.flatnonzero(homes.connected)
    some = homes.take(np.sort(rng.choice(connected, min(200, len(connected)), replace=False)))
    one, other, far = network.pairs(some, homes, limit_m=2000)
    door = homes.door[homes.first[:-1].clip(max=len(homes.door) - 1)]
    straight = np.hypot(*(some.door[some.first[:-1]][one] - door[other]).T)
    for low, high in ((100, 300), (300, 500), (500, 1000), (1000, 1400)):
        within = (straight >= low) & (straight < high)
        if within.any():
            ratio = np.percentile(far[within] / straight[within], [25, 50, 75]).round(2)
            print(f"  detour at {low}-{high} m: quartiles {ratio.tolist()} (taken without streets: {factor()})")


def pandana(tables: Any, network: Network, sites: dict[str, Stops], python: str) -> None:
    graph = ways(tables["streets"])
    x, y = np.zeros(graph.nodes), np.zeros(graph.nodes)
    for end, number in ((0, graph.start), (-1, graph.stop)):
        x[number], y[number] = shapely.get_coordinates(shapely.get_point(graph.line, end)).T
    doors = shapely.get_coordinates(shapely.point_on_surface(np.asarray(tables["buildings"].geometry, object)))
    at = {name: np.unique(graph.start[stops.edge]) for name, stops in sites.items()}
    with tempfile.TemporaryDirectory() as folder:
        given, got = Path(folder) / "given.npz", Path(folder) / "got.npz"
        facts = {"x": x, "y": y, "a": graph.start, "b": graph.stop, "m": graph.length / 1e9}
        np.savez(given, **facts, hx=doors[:, 0], hy=doors[:, 1], **{f"site_{name}": rows for name, rows in at.items()})
        told = subprocess.run([python, "-c", PEER, given, got], capture_output=True, text=True, check=False)
        if told.returncode:
            print("  pandana is not there:", told.stderr.strip().splitlines()[-1:])
            return
        for what, (cpu, wall) in json.loads(told.stdout.splitlines()[-1]).items():
            print(f"  pandana {what:20} {cpu:8.3f} s processor {wall:8.3f} s wall")
        theirs = np.load(got)
        nodes = at_nodes(graph, np.column_stack([x, y]))
        worst = 0.0
        for name, rows in list(at.items())[:3]:
            own = network.nearest(nodes, nodes.take(rows))[1]
            both = np.isfinite(own) & (theirs[f"site_{name}"] < 1e7)
            worst = max(worst, float(np.abs(own - theirs[f"site_{name}"])[both].max()))
        print(f"  greatest difference between nodes: {worst:.4f} m (three categories)")


def at_nodes(graph: Ways, xy: np.ndarray) -> Stops:
    """Give a stop at every node."""
    node, edge = np.unique(np.concatenate([graph.start, graph.stop]), return_index=True)
    along = np.where(edge < len(graph), 0, graph.length[edge % len(graph)])
    first = np.arange(len(node) + 1)
    return Stops(first, edge % len(graph), along, np.zeros(len(node), np.int64), xy, np.full(xy.shape, np.nan))


if __name__ == "__main__":
    pd.set_option("display.width", 200)
    main()

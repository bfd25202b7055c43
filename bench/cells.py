"""Measure our cells and contiguity graph beside momepy's on the same footprints and enclosures.

    python bench/cells.py copenhagen menton_monaco
    python bench/cells.py --ours copenhagen_x16

Processor seconds, both in one run after a warm-up; neither reading nor, for momepy, making enclosures and resolving
overlaps is in its clock (both are in ours). Accuracy: of random points in built enclosures, the share that lies in
another cell than that of the truly nearest building of the enclosure, and by how much; ground that was split off or
moved on purpose is left out for both.
"""

import argparse
import resource
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from govmap import contiguity
from govmap.cells import Tessellation, tessellate
from govmap.cells.footprints import arrange
from govmap.geometry import polygonal
from govmap.sources import extract

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
MARGIN_M = 30.0
POINTS = 40_000
SEEN_M = 1e-6


@dataclass(frozen=True)
class Town:
    """A town as both programs get it."""

    name: str
    tables: dict[str, gpd.GeoDataFrame]
    community: gpd.GeoDataFrame


@dataclass(frozen=True)
class Truth:
    """Random points with the enclosure and distance of the truly nearest piece of a footprint."""

    points: np.ndarray
    block: np.ndarray
    distance: np.ndarray
    pieces: np.ndarray
    piece_building: np.ndarray


def main() -> None:
    """Read the command line and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("towns", nargs="+")
    parser.add_argument("--ours", action="store_true", help="leave momepy and the accuracy out")
    parser.add_argument("--chord", type=float, default=0.02)
    asked = parser.parse_args()
    _warm_up()
    rows = [row for name in asked.towns for row in measure(_apart(name), alone=asked.ours, chord_m=asked.chord)]
    print(pd.DataFrame(rows).to_string(index=False))


def _apart(name: str) -> Town:
    """Read in a process of its own, so that the peak of memory is that of the cells."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(read, name).result()


def read(name: str) -> Town:
    """Read an extract, bounded by a box round its buildings."""
    file = next(iter(sorted(DATA.rglob(f"{name}.osm.pbf"))))
    found = extract.read(file)
    tables = {table: found.tables[table] for table in ("buildings", "barriers", "streets", "compounds")}
    west, south, east, north = tables["buildings"].total_bounds
    box = shapely.box(west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M)
    return Town(name, tables, gpd.GeoDataFrame({"community_id": ["c1"]}, geometry=[box], crs=found.crs))


def _warm_up() -> None:
    """Let what is compiled be compiled outside the clock."""
    boxes = [shapely.box(x, y, x + 8, y + 8) for x in (0, 20) for y in (0, 15, 30)]
    boxes[2] = shapely.affinity.rotate(boxes[2], 20)
    buildings = gpd.GeoDataFrame({"building_id": list("abcdef")}, geometry=boxes, crs=32633)
    line = [shapely.LineString([(-20, 12), (60, 12)])]
    barriers = gpd.GeoDataFrame(
        {"barrier_id": ["r"], "kind": ["railway"], "strength": [1.0], "on_ground": [True]}, geometry=line, crs=32633
    )
    street = [shapely.LineString([(15, -20), (15, 60)])]
    streets = gpd.GeoDataFrame(
        {"street_id": ["s"], "kind": ["footway"], "walkable": [True]}, geometry=street, crs=32633
    )
    community = gpd.GeoDataFrame({"community_id": ["c"]}, geometry=[shapely.box(-20, -20, 400, 300)], crs=32633)
    made = tessellate(buildings, barriers, community)
    contiguity.borders(made.cells, barriers, streets)


def clocked(work: Callable[[], Any]) -> tuple[float, Any]:
    """Give processor seconds and the result."""
    begin = time.process_time()
    made = work()
    return time.process_time() - begin, made


def measure(town: Town, *, alone: bool, chord_m: float) -> list[dict[str, Any]]:
    """Measure one town."""
    table = town.tables
    wall = time.perf_counter()
    cells_s, made = clocked(
        lambda: tessellate(
            table["buildings"],
            table["barriers"],
            town.community,
            streets=table["streets"],
            compounds=table["compounds"],
            chord_m=chord_m,
        )
    )
    graph_s, graph = clocked(lambda: contiguity.borders(made.cells, table["barriers"], table["streets"]))
    ours: dict[str, Any] = {
        "town": town.name,
        "program": "govmap",
        "buildings": made.figures["standing"],
        "cells": len(made.cells),
        "pairs": len(graph.i),
        "cells_s": round(cells_s, 2),
        "graph_s": round(graph_s, 2),
        "wall_s": round(time.perf_counter() - wall, 1),
        "peak_MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "valid": bool(shapely.coverage_is_valid(made.cells.geometry.to_numpy())),
        "area_error": abs(made.cells["area_m2"].sum() / town.community.area.sum() - 1),
    }
    if alone:
        return [ours]
    truth = find_truth(town, made)
    cell = dict(zip(made.buildings["building_id"], made.buildings["cell_id"], strict=True))
    held = np.array([cell[building] for building in truth.piece_building], object)
    ours |= accuracy(truth, made.cells.geometry.to_numpy(), made.cells["cell_id"].to_numpy(object), held)
    theirs = _momepy(town, made, truth)
    theirs["times_ours"] = round((theirs["cells_s"] + theirs["graph_s"]) / (cells_s + graph_s), 2)
    return [ours, theirs]


# ---------------------------------------------------------------------------------------------------- momepy


def _momepy(town: Town, made: Tessellation, truth: Truth) -> dict[str, Any]:
    import momepy
    from libpysal.graph import Graph

    footprints = gpd.GeoDataFrame(geometry=_by_building(truth), crs=town.community.crs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cells_s, cells = clocked(lambda: momepy.enclosed_tessellation(footprints, made.blocks[["geometry"]], n_jobs=1))
        names = cells.index.to_numpy()
        cells = cells.reset_index(drop=True)
        graph_s, graph = clocked(lambda: Graph.build_contiguity(cells, rook=False))
        fuzzy_s, _ = clocked(lambda: Graph.build_fuzzy_contiguity(cells))
    building = np.unique(truth.piece_building, return_inverse=True)[1]
    return {
        "town": town.name,
        "program": "momepy",
        "buildings": len(footprints),
        "cells": len(cells),
        "pairs": len(graph.adjacency) // 2,
        "cells_s": round(cells_s, 2),
        "graph_s": round(graph_s, 2),
        "fuzzy_graph_s": round(fuzzy_s, 2),
        "valid": bool(shapely.coverage_is_valid(cells.geometry.to_numpy())),
        "area_error": abs(cells.area.sum() / town.community.area.sum() - 1),
    } | accuracy(truth, cells.geometry.to_numpy(), names, building)


def _by_building(truth: Truth) -> list[Any]:
    pieces = pd.Series(truth.pieces).groupby(truth.piece_building, sort=True)
    return [shapely.union_all(one.to_numpy()) if len(one) > 1 else one.iloc[0] for _, one in pieces]


# ---------------------------------------------------------------------------------------------------- accuracy


def find_truth(town: Town, made: Tessellation, seed: int = 1) -> Truth:
    """Throw points and find the nearest footprint of each one's enclosure, by GEOS's own distance."""
    standing = made.buildings[made.buildings["community_id"].notna()].sort_values("building_id")["building_id"]
    shapes = town.tables["buildings"].set_index("building_id").geometry.loc[standing].to_numpy()
    prints = arrange(polygonal(shapes))
    names = standing.to_numpy(object)[prints.piece_owner]
    blocks = made.blocks.geometry.to_numpy()
    home = _within(prints.piece_point, blocks)
    points, block = _throw(made, blocks, seed)
    distance = np.full(len(points), np.nan)
    for one in np.unique(block):
        held, mine = np.flatnonzero(home == one), np.flatnonzero(block == one)
        tree = shapely.STRtree(prints.piece_shape[held])
        found, far = tree.query_nearest(shapely.points(points[mine]), all_matches=False, return_distance=True)
        distance[mine[found[0]]] = far
    return Truth(points, block, distance, prints.piece_shape, names)


def _within(points: np.ndarray, shapes: np.ndarray) -> np.ndarray:
    home = np.full(len(points), -1)
    point, shape = shapely.STRtree(shapes).query(shapely.points(points), predicate="intersects")
    home[point[::-1]] = shape[::-1]
    return home


def _throw(made: Tessellation, blocks: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Throw points into built enclosures, beside ground that was moved on purpose."""
    rng = np.random.default_rng(seed)
    west, south, east, north = made.blocks.total_bounds
    kept: list[np.ndarray] = []
    moved = made.moved.geometry.to_numpy()
    built = made.blocks["built"].to_numpy(bool)
    while sum(map(len, kept)) < POINTS:
        thrown = rng.uniform((west, south), (east, north), (POINTS, 2))
        home = _within(thrown, blocks)
        good = (home >= 0) & built[home] & (_within(thrown, moved) < 0)
        kept.append(np.column_stack([thrown[good], home[good]]))
    points = np.concatenate(kept)[:POINTS]
    return points[:, :2], points[:, 2].astype(int)


def accuracy(truth: Truth, cells: np.ndarray, names: np.ndarray, piece_cell: np.ndarray) -> dict[str, Any]:
    """Compare the cell each point lies in with the distance of the truly nearest building."""
    cell = _within(truth.points, cells)
    point, piece = _pieces_of(names[cell], piece_cell)
    far = np.full(len(cell), np.inf)
    np.minimum.at(far, point, shapely.distance(shapely.points(truth.points[point]), truth.pieces[piece]))
    known = np.isfinite(truth.distance) & (cell >= 0) & np.isfinite(far)
    excess = (far - truth.distance)[known]
    return {
        "points": int(known.sum()),
        "no_cell": int((~known).sum()),
        "wrong_%": round(100 * float((excess > SEEN_M).mean()), 4),
        "over_2cm_%": round(100 * float((excess > 0.02).mean()), 4),
        "over_5cm": int((excess > 0.05).sum()),
        "worst_m": round(float(excess.max(initial=0)), 4),
    }


def _pieces_of(names: np.ndarray, piece_cell: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    left = pd.DataFrame({"name": names, "point": np.arange(len(names))})
    right = pd.DataFrame({"name": piece_cell, "piece": np.arange(len(piece_cell))})
    both = left.merge(right, on="name")
    return both["point"].to_numpy(), both["piece"].to_numpy()


if __name__ == "__main__":
    main()

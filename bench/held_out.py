"""Make problems nobody tuned on: python bench/held_out.py TOWN -o X.npz [--crop .4] [--turn 30] [--weights 7].

TOWN is a project (its parts and their borders are taken as they would be divided) or an .npz file of the same kind. Of
the ground the greatest piece that hangs together is taken, whole or the share of its atoms nearest to a point; it can
be turned, stretched to another scale, and given other households, so that a known town asks a new question. A border
lies on a barrier where most of it does; one that units may not cross becomes an outer border. One line of JSON says
what came of it.
"""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

import towns

MOSTLY = 0.5
# The heaviest atom there may be, in households, as in the problems that are known.
HEAVIEST = 300


def of_project(path: Path) -> towns.Town:
    """Read the parts of a project, with the borders that units may cross."""
    from govmap.pipeline import units
    from govmap.project import open_project

    with open_project(path) as project:
        tables = {name: project.read(name) for name in ("cells", "parts", "barriers", "streets", "buildings")}
    atoms, graph = units.atoms(tables), units.graph_of(tables)
    spot = pd.Series(np.arange(len(atoms)), index=atoms["part_id"]).reindex(graph.ids).to_numpy()
    kept = graph.joins
    held = {
        "w": np.minimum(atoms["households"].to_numpy(), HEAVIEST),
        "E": np.column_stack([spot[graph.i[kept]], spot[graph.j[kept]]]).astype(np.int64),
        "L": graph.shared_m[kept],
        "bar": (graph.barrier_m > MOSTLY * graph.shared_m)[kept],
        "xy": atoms[["x", "y"]].to_numpy(dtype=float),
        "area": atoms["area_m2"].to_numpy(dtype=float),
        "per": atoms["perimeter_m"].to_numpy(dtype=float),
        "comp": pd.factorize(atoms["block_id"])[0],
    }
    return towns.checked(held)


def only(town: towns.Town, atoms: np.ndarray) -> towns.Town:
    """Take some atoms; their borders with the others become outer borders."""
    spot = np.full(len(town), -1, dtype=np.int64)
    spot[atoms] = np.arange(len(atoms))
    inside = (spot[town.E] >= 0).all(axis=1)
    rows = {name: getattr(town, name)[atoms] for name in ("w", "xy", "area", "per", "comp")}
    return towns.checked({**rows, "E": spot[town.E[inside]], "L": town.L[inside], "bar": town.bar[inside]})


def whole(town: towns.Town) -> towns.Town:
    """Take the piece with the most households of what hangs together."""
    links = coo_array((np.ones(len(town.E)), tuple(town.E.T)), shape=(len(town), len(town)))
    piece = connected_components(links, directed=False)[1]
    return only(town, np.flatnonzero(piece == np.argmax(np.bincount(piece, town.w))))


def cropped(town: towns.Town, share: float, at: tuple[float, float]) -> towns.Town:
    """Take the share of the atoms nearest to a point, which is given in shares of the ground's width and height."""
    low, high = town.xy.min(axis=0), town.xy.max(axis=0)
    far = np.hypot(*(town.xy - low - np.array(at) * (high - low)).T)
    order = np.argsort(far, kind="stable")
    return whole(only(town, np.sort(order[: max(1, round(share * len(town)))])))


def turned(town: towns.Town, degrees: float) -> towns.Town:
    """Turn the ground around its middle."""
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    middle = town.xy.mean(axis=0)
    return replace(town, xy=(town.xy - middle) @ turn + middle)


def scaled(town: towns.Town, by: float) -> towns.Town:
    """Stretch the ground; households stay."""
    metres = {name: getattr(town, name) * by for name in ("xy", "L", "per", "ext")}
    return replace(town, area=town.area * by * by, **metres)


def reweighted(town: towns.Town, seed: int, dense: float) -> towns.Town:
    """Give the households to other atoms that are lived in, and more or fewer of them, each by a chance of its own."""
    rng = np.random.default_rng(seed)
    lived = np.flatnonzero(town.w > 0)
    w = town.w.copy()
    mixed = rng.permutation(w[lived]) * dense * rng.lognormal(0.0, 0.5, len(lived))
    w[lived] = np.clip(np.rint(mixed), 1, HEAVIEST).astype(np.int64)
    return replace(town, w=w)


def main() -> int:
    """Make one problem."""
    asked = _arguments()
    try:
        town = whole(towns.read(asked.town) if asked.town.suffix == ".npz" else of_project(asked.town))
    except towns.TownError as fault:
        print(fault, file=sys.stderr)
        return 1
    town = cropped(town, asked.crop, tuple(asked.at)) if asked.crop < 1 else town
    town = turned(town, asked.turn) if asked.turn else town
    town = scaled(town, asked.scale) if asked.scale != 1 else town
    town = reweighted(town, asked.weights, asked.dense) if asked.weights is not None else town
    np.savez_compressed(asked.output, **{name: getattr(town, name) for name in towns.KEYS})
    barrier = float(town.L[town.bar].sum() / max(1e-9, town.L.sum()))
    told = {"output": asked.output.name, "atoms": len(town), "households": int(town.w.sum()), "borders": len(town.E)}
    told |= {"heaviest": int(town.w.max()), "unlived_share": round(float((town.w == 0).mean()), 2)}
    print(json.dumps({**told, "barrier_share": round(barrier, 3), "blocks": int(town.comp.max()) + 1}))
    return 0


def _arguments() -> argparse.Namespace:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("town", type=Path, metavar="PROJECT.gpkg | TOWN.npz")
    reader.add_argument("--crop", type=float, default=1.0, help="share of the atoms to take")
    reader.add_argument("--at", type=float, nargs=2, default=[0.5, 0.5], metavar=("EAST", "NORTH"))
    reader.add_argument("--turn", type=float, default=0.0, help="degrees")
    reader.add_argument("--scale", type=float, default=1.0, help="how many times as wide")
    reader.add_argument("--weights", type=int, metavar="SEED", help="give the households to other atoms")
    reader.add_argument("--dense", type=float, default=1.0, help="with --weights: so many times the households")
    reader.add_argument("-o", "--output", type=Path, required=True)
    return reader.parse_args()


if __name__ == "__main__":
    sys.exit(main())

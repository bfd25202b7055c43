"""Small worlds on a lattice, made in code, for the laws that every division must keep."""

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.spatial import Delaunay

SIDE = 30.0


@dataclass(frozen=True)
class Border:
    """Contiguity as govmap.contiguity gives it."""

    ids: np.ndarray
    i: np.ndarray
    j: np.ndarray
    shared_m: np.ndarray
    barrier_m: np.ndarray
    strength: np.ndarray
    crossed: np.ndarray
    joins: np.ndarray


@dataclass(frozen=True)
class Hamlet:
    atoms: pd.DataFrame
    graph: Border

    def shuffled(self, seed: int) -> "Hamlet":
        """The same place with its rows in another order, in the frame and in the graph."""
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(self.graph.i))
        turned = rng.random(len(order)) < 0.5
        g = self.graph
        i, j = np.where(turned, g.j[order], g.i[order]), np.where(turned, g.i[order], g.j[order])
        borders = Border(g.ids, i, j, *(getattr(g, name)[order] for name in list(Border.__annotations__)[3:]))
        return Hamlet(self.atoms.sample(frac=1, random_state=seed), borders)


def lattice(
    wide, high, households, *, river=(), ford=(), street_every=4, community=None, compound=None, empty=(), gone=()
) -> Hamlet:
    """A wide x high lattice of cells; no unit crosses a river (left of these columns) but at the fords (rows)."""
    cells = [(x, y) for x in range(wide) for y in range(high) if (x, y) not in gone]
    names = {cell: f"w{cell[0] * 1000 + cell[1]:06d}" for cell in cells}
    weight = np.broadcast_to(households, (wide, high)) if not callable(households) else None
    count = [int(households(*cell) if weight is None else weight[cell]) * (cell not in empty) for cell in cells]
    atoms = pd.DataFrame(
        {
            "part_id": [names[cell] for cell in cells],
            "building_id": [None if cell in empty else names[cell] for cell in cells],
            "cell_id": [names[cell] for cell in cells],
            "community_id": [community(*cell) if community else "c1" for cell in cells],
            "compound_id": [compound(*cell) if compound else None for cell in cells],
            "block_id": [f"b{cell[0] // street_every}-{cell[1] // street_every}" for cell in cells],
            "households": count,
            "residents": [2 * one + 1 for one in count],
            "dwellings": count,
            "area_m2": SIDE * SIDE,
            "x": [cell[0] * SIDE for cell in cells],
            "y": [cell[1] * SIDE for cell in cells],
            "perimeter_m": 4 * SIDE,
            "open": [cell in empty for cell in cells],
        }
    )
    return Hamlet(atoms, _borders(names, set(river), set(ford), street_every))


def _borders(names, river, ford, street_every) -> Border:
    ids = np.array(sorted(names.values()), dtype=object)
    place = {name: at for at, name in enumerate(ids)}
    rows = []
    for (x, y), name in names.items():
        for dx, dy in ((1, 0), (0, 1)):
            if (x + dx, y + dy) not in names:
                continue
            water = dx and x + 1 in river
            street = (dx and (x + 1) % street_every == 0) or (dy and (y + 1) % street_every == 0)
            crossed = bool(water and y in ford)
            strength = 1.0 if water else 0.3 if street else 0.0
            other = names[x + dx, y + dy]
            pair = sorted((place[name], place[other]))
            rows.append((*pair, SIDE if water or street else 0.0, strength, crossed, not water or crossed))
    table = pd.DataFrame(rows, columns=["i", "j", "barrier", "strength", "crossed", "joins"]).sort_values(["i", "j"])
    return Border(
        ids,
        table["i"].to_numpy(dtype=np.int64),
        table["j"].to_numpy(dtype=np.int64),
        np.full(len(table), SIDE),
        table["barrier"].to_numpy(dtype=float),
        table["strength"].to_numpy(dtype=float),
        table["crossed"].to_numpy(dtype=bool),
        table["joins"].to_numpy(dtype=bool),
    )


def random_hamlet(seed: int) -> Hamlet:
    """A place of any kind: rivers, fords, compounds, empty cells, holes, giants, two communities."""
    rng = np.random.default_rng(seed)
    wide, high = int(rng.integers(3, 16)), int(rng.integers(3, 16))
    counts = rng.integers(0, [3, 40, 120, 400][seed % 4], (wide, high))
    counts[rng.random((wide, high)) < 0.02] = 900
    river = set(rng.choice(wide, int(rng.integers(0, 3)), replace=False).tolist())
    ford = set(rng.choice(high, int(rng.integers(0, 2)), replace=False).tolist())
    empty = {(x, y) for x in range(wide) for y in range(high) if rng.random() < 0.1}
    gone = {(x, y) for x in range(wide) for y in range(high) if rng.random() < 0.08}
    halves = seed % 3 == 0

    def compound(x, y):
        key = f"{x // 3}-{y // 5}"
        return f"k{key}" if int(hashlib.md5(f"{seed}{key}".encode()).hexdigest(), 16) % 3 == 0 else None

    return lattice(
        wide,
        high,
        counts,
        river=river,
        ford=ford,
        community=(lambda x, _: "c1" if x < wide // 2 else "c2") if halves else None,
        compound=compound,
        empty=empty,
        gone=gone,
    )


def pieces_of(hamlet: Hamlet, assignment: pd.DataFrame) -> dict[str, list[set[str]]]:
    """The pieces of each unit over joining borders, by a plain walk: other code than the program's."""
    unit = dict(zip(assignment["part_id"], assignment["unit_id"], strict=True))
    near = {part: set() for part in unit}
    g = hamlet.graph
    for i, j, joins in zip(g.i, g.j, g.joins, strict=True):
        one, other = g.ids[i], g.ids[j]
        if joins and unit[one] == unit[other]:
            near[one].add(other)
            near[other].add(one)
    found, met = {}, set()
    for part, own in unit.items():
        if part in met:
            continue
        todo, piece = [part], set()
        while todo:
            now = todo.pop()
            if now not in piece:
                piece.add(now)
                todo += near[now]
        met |= piece
        found.setdefault(own, []).append(piece)
    return found


def random_town(seed: int, parts: int = 40) -> Hamlet:
    """A place on a random planar graph (Delaunay): zeros and giants, islands, an enclave, compounds, communities."""
    rng = np.random.default_rng(seed)
    at = rng.random((parts, 2)) * 30 * np.sqrt(parts)
    ids = np.array([f"w{one:05d}" for one in range(parts)], dtype=object)
    weight = rng.integers(0, [2, 30, 120, 500][seed % 4], parts)
    weight[rng.random(parts) < rng.choice([0.0, 0.3, 0.9])] = 0
    weight[rng.random(parts) < rng.choice([0.0, 0.05])] = 1500
    middle, side = at.mean(axis=0), 30 * np.sqrt(parts)
    district = (at[:, 0] * 3 / side).astype(int)
    community = np.where(rng.random() < 0.3, district, 0)
    enclave = (np.hypot(*(at - middle).T) < side / 5) & (rng.random() < 0.5)
    compound = [f"k{x}-{y}" if (x + y + seed) % 3 == 0 else None for x, y in (at // 70).astype(int)]
    open_ = rng.random(parts) < 0.1
    weight[open_] = 0
    atoms = pd.DataFrame(
        {
            "part_id": ids,
            "building_id": [None if bare else one for one, bare in zip(ids, open_, strict=True)],
            "cell_id": ids,
            "community_id": [f"c{one}" for one in community],
            "compound_id": compound,
            "block_id": [f"b{x}-{y}" for x, y in (at // 100).astype(int)],
            "households": weight,
            "residents": weight * 2,
            "dwellings": weight,
            "shops": weight // 10,
            "area_m2": SIDE * SIDE,
            "x": at[:, 0],
            "y": at[:, 1],
            "perimeter_m": 4 * SIDE,
            "place_id": compound,
            "place_kind": [None if one is None else "campus" for one in compound],
            "open": open_,
        }
    )
    pairs = _triangles(at)
    river = (district[pairs[:, 0]] != district[pairs[:, 1]]) & (rng.random() < 0.5)
    wall = enclave[pairs[:, 0]] != enclave[pairs[:, 1]]
    joins = ~(river | wall) & (rng.random(len(pairs)) > 0.05)
    length = np.round(rng.random(len(pairs)) * SIDE + 0.01, 3)
    strength = np.where(river | wall, 1.0, rng.choice([0.0, 0.3], len(pairs)))
    barrier, crossed = np.where(strength > 0, length, 0.0), np.zeros(len(pairs), dtype=bool)
    return Hamlet(atoms, Border(ids, *pairs.T, length, barrier, strength, crossed, joins))


def _triangles(at: np.ndarray) -> np.ndarray:
    """The pairs of points that are near each other in the plane."""
    if len(at) < 4:
        return np.array([(i, j) for i in range(len(at)) for j in range(i + 1, len(at))], dtype=np.int64).reshape(-1, 2)
    corners = Delaunay(at).simplices
    sides = np.sort(np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]]), axis=1)
    return np.unique(sides, axis=0).astype(np.int64)

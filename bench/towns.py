"""Partition problems as the benches read them: a file checked and put in canonical order, tiles of it, and measures.

A file holds w households, E edges, L shared metres, bar (the edge lies on a barrier), xy, area, per (perimeter), ext
(outer metres) and comp (street block, -1 none). The measures are our own; they need numpy and scipy alone.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

KEYS = ("w", "E", "L", "bar", "xy", "area", "per", "ext", "comp")
NEEDED = ("w", "E", "L", "xy", "area")
WITHIN = 0.1
JOINT_M = 20.0
JOINTS = 40


class TownError(ValueError):
    """A file that holds no partition problem; the text is one sentence for whoever gave it."""


@dataclass(frozen=True)
class Town:
    """Atoms and the borders between them, each border once, ends in ascending order."""

    w: np.ndarray
    E: np.ndarray
    L: np.ndarray
    bar: np.ndarray
    xy: np.ndarray
    area: np.ndarray
    per: np.ndarray
    ext: np.ndarray
    comp: np.ndarray

    def __len__(self) -> int:
        return len(self.w)


def read(path: Path) -> Town:
    """Read a problem; what is missing and can be told from the rest is filled in."""
    try:
        with np.load(path, allow_pickle=False) as file:
            found = {key: file[key] for key in KEYS if key in file}
    except (OSError, ValueError) as fault:
        raise TownError(f"{path} cannot be read as an .npz file: {fault}") from fault
    if lost := [key for key in NEEDED if key not in found]:
        raise TownError(f"{path} has no {', '.join(lost)}.")
    return checked(found)


def checked(found: dict[str, np.ndarray]) -> Town:
    """Check what a file holds, and give it types, one row a border, and what it leaves out."""
    n = len(found["w"])
    if n == 0:
        raise TownError("There are no atoms to divide.")
    w = np.asarray(found["w"], dtype=np.float64)
    if w.shape != (n,) or not np.isfinite(w).all() or (w < 0).any() or (w != np.rint(w)).any():
        raise TownError("w must be whole numbers of households, none below 0.")
    ends, length, bar = _borders(found, n)
    xy = np.asarray(found["xy"], dtype=np.float64)
    area = np.asarray(found["area"], dtype=np.float64)
    if xy.shape != (n, 2) or area.shape != (n,) or not (np.isfinite(xy).all() and np.isfinite(area).all()):
        raise TownError("xy and area must hold one row of numbers for each atom.")
    shared = np.bincount(ends.ravel(), np.repeat(length, 2), n)
    ext = _column(found, "ext", np.maximum(_column(found, "per", shared) - shared, 0))
    per = _column(found, "per", shared + ext)
    comp = by_first(np.maximum(_column(found, "comp", np.full(n, -1)).astype(np.int64), -1))
    return Town(w.astype(np.int64), ends, length, bar, xy, np.maximum(area, 0), per, ext, comp)


def _column(found: dict[str, np.ndarray], key: str, otherwise: np.ndarray) -> np.ndarray:
    values = np.asarray(found.get(key, otherwise), dtype=np.float64)
    if values.shape != otherwise.shape or not np.isfinite(values).all():
        raise TownError(f"{key} must hold one number for each atom.")
    return values


def _borders(found: dict[str, np.ndarray], n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give each border once; one that stands there several times has the metres of all."""
    ends = np.asarray(found["E"]).reshape(-1, 2)
    length = np.asarray(found["L"], dtype=np.float64)
    bar = np.asarray(found.get("bar", np.zeros(len(ends))), dtype=bool)
    if not (len(ends) == len(length) == len(bar)):
        raise TownError("E, L and bar must have the same number of rows.")
    if len(ends) and (ends.min() < 0 or ends.max() >= n or (ends != np.rint(ends)).any()):
        raise TownError(f"E names atoms that are not there; they are counted from 0 to {n - 1}.")
    if not np.isfinite(length).all() or (length < 0).any():
        raise TownError("L must be lengths in metres, none below 0.")
    ends = np.sort(ends.astype(np.int64), axis=1)
    kept = np.flatnonzero(ends[:, 0] != ends[:, 1])
    kept = kept[np.lexsort((length[kept], bar[kept], ends[kept, 1], ends[kept, 0]))]
    pairs, first = np.unique(ends[kept], axis=0, return_index=True)
    if not len(pairs):
        return np.zeros((0, 2), dtype=np.int64), np.zeros(0), np.zeros(0, dtype=bool)
    return pairs, np.add.reduceat(length[kept], first), np.maximum.reduceat(bar[kept], first)


def canonical(town: Town) -> np.ndarray:
    """
    Order atoms by what they are, not by where they stand in the file.

    Atoms alike in all their own facts are told apart by their borders and block, and by those of their neighbours.
    """
    facts = np.column_stack([town.xy, town.w, town.area, town.per, town.ext])
    colour = np.unique(facts, axis=0, return_inverse=True)[1].ravel()
    metres = np.rint(town.L * 1000).astype(np.int64) * 2 + town.bar
    block = np.maximum(town.comp, 0)
    known = colour.max() + 1
    while known < len(colour):
        seen = np.zeros(len(colour), dtype=np.uint64)
        for here, there in (town.E.T, town.E.T[::-1]):
            np.add.at(seen, here, _mixed(_mixed(colour[there]) + metres.astype(np.uint64)))
        held = np.zeros(block.max() + 1, dtype=np.uint64)
        np.add.at(held, block[town.comp >= 0], _mixed(colour[town.comp >= 0]))
        rows = np.column_stack([colour.astype(np.uint64), seen, np.where(town.comp >= 0, held[block], 0)])
        colour = np.unique(rows, axis=0, return_inverse=True)[1].ravel()
        if colour.max() + 1 == known:
            break
        known = colour.max() + 1
    return np.lexsort((np.arange(len(colour)), colour))


def _mixed(numbers: np.ndarray) -> np.ndarray:
    """Scatter whole numbers, so that sums of them tell sets apart (splitmix64)."""
    one = numbers.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    one = (one ^ (one >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    one = (one ^ (one >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return one ^ (one >> np.uint64(31))


def permuted(town: Town, order: np.ndarray) -> Town:
    """Give the same town with its atoms in another order, its borders sorted and its blocks counted anew."""
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    ends = np.sort(rank[town.E], axis=1).reshape(-1, 2)
    rows = np.lexsort((ends[:, 1], ends[:, 0]))
    columns = {key: getattr(town, key)[order] for key in ("w", "xy", "area", "per", "ext")}
    return replace(
        town,
        **columns,
        comp=by_first(town.comp[order]),
        E=ends[rows],
        L=town.L[rows],
        bar=town.bar[rows],
    )


def by_first(keys: np.ndarray) -> np.ndarray:
    """Number keys by the first place where each stands; -1 stays."""
    values, first, place = np.unique(keys, return_index=True, return_inverse=True)
    counted = values >= 0
    rank = np.full(len(values), -1, dtype=np.int64)
    rank[np.flatnonzero(counted)[np.argsort(first[counted], kind="stable")]] = np.arange(int(counted.sum()))
    return rank[place]


def tiled(town: Town, tiles: int) -> Town:
    """Lay copies of a town side by side and join each to its neighbours by some metres along their facing sides."""
    across = int(np.ceil(np.sqrt(tiles)))
    n, low = len(town), town.xy.min(axis=0)
    step = np.ptp(town.xy, axis=0) + JOINT_M
    place = np.array([(one % across, one // across) for one in range(tiles)])
    shift = np.repeat(np.arange(tiles), n)
    sides = {side: _side(town, *side) for side in ((0, 1), (0, -1), (1, 1), (1, -1))}
    east = [_joint(sides[0, 1], sides[0, -1], one, one + 1, n) for one in range(tiles - 1) if (one + 1) % across]
    north = [_joint(sides[1, 1], sides[1, -1], one, one + across, n) for one in range(tiles - across)]
    joints = np.unique(np.concatenate([np.zeros((0, 2), dtype=np.int64), *east, *north]), axis=0)
    ext = np.tile(town.ext, tiles) - np.bincount(joints.ravel(), minlength=n * tiles) * JOINT_M
    blocks = int(town.comp.max()) + 1
    return Town(
        w=np.tile(town.w, tiles),
        E=np.concatenate([(town.E[None] + n * np.arange(tiles)[:, None, None]).reshape(-1, 2), joints]),
        L=np.concatenate([np.tile(town.L, tiles), np.full(len(joints), JOINT_M)]),
        bar=np.concatenate([np.tile(town.bar, tiles), np.zeros(len(joints), dtype=bool)]),
        xy=np.tile(town.xy - low, (tiles, 1)) + place[shift] * step,
        area=np.tile(town.area, tiles),
        per=np.tile(town.per, tiles),
        ext=np.maximum(ext, 0.0),
        comp=np.where(np.tile(town.comp, tiles) >= 0, np.tile(town.comp, tiles) + blocks * shift, -1),
    )


def _side(town: Town, axis: int, way: int) -> np.ndarray:
    """Name the farthest atom towards one side in each of some strips across the town, -1 where a strip is empty."""
    across, along = town.xy[:, 1 - axis], way * town.xy[:, axis]
    strip = np.minimum(((across - across.min()) / max(float(np.ptp(across)), 1e-9) * JOINTS).astype(int), JOINTS - 1)
    order = np.lexsort((along, strip))
    found = np.full(JOINTS, -1, dtype=np.int64)
    found[strip[order]] = order
    return found


def _joint(one: np.ndarray, other: np.ndarray, tile: int, beside: int, n: int) -> np.ndarray:
    met = (one >= 0) & (other >= 0)
    return np.column_stack([one[met] + tile * n, other[met] + beside * n])


def figures(town: Town, label: np.ndarray, *, target: float, low: float, high: float) -> dict[str, float]:
    """Measure a division of a town."""
    label = np.unique(np.asarray(label), return_inverse=True)[1]
    k, (x, y), w = int(label.max()) + 1, town.xy.T, town.w
    total = np.bincount(label, w, k)
    off = np.abs(total - target) / target
    same = label[town.E[:, 0]] == label[town.E[:, 1]]
    around = np.bincount(label, town.ext, k)
    for end in (0, 1):
        around += np.bincount(label[town.E[~same, end]], town.L[~same], k)
    mass = np.maximum(total, 1e-9)
    middle = [np.bincount(label, w * one, k) / mass for one in (x, y)]
    blocks = np.unique(np.column_stack([town.comp, label])[town.comp >= 0], axis=0)
    return {
        "units": k,
        "max_deviation_percent": round(100 * float(off.max()), 1),
        "mean_deviation_percent": round(100 * float(off.mean()), 1),
        "within_10_percent": round(100 * float((off <= WITHIN).mean()), 1),
        "in_range_percent": round(100 * float(((total >= low) & (total <= high)).mean()), 1),
        "units_in_pieces": int((np.bincount(_piece_owners(town, label, same), minlength=k) > 1).sum()),
        "polsby_popper_mean": round(
            float((4 * np.pi * np.bincount(label, town.area, k) / np.maximum(around, 1) ** 2).mean()), 3
        ),
        "inertia": float((w * ((x - middle[0][label]) ** 2 + (y - middle[1][label]) ** 2)).sum()),
        "cut_km": round(float(town.L[~same].sum()) / 1000, 2),
        "barrier_inside_km": round(float(town.L[same & town.bar].sum()) / 1000, 2),
        "blocks_split": int((np.bincount(blocks[:, 0]) > 1).sum()) if len(blocks) else 0,
    }


def _piece_owners(town: Town, label: np.ndarray, same: np.ndarray) -> np.ndarray:
    """Give the unit of every piece in which the atoms of one unit hang together."""
    links = (np.ones(int(same.sum())), (town.E[same, 0], town.E[same, 1]))
    piece = connected_components(coo_array(links, shape=(len(town), len(town))), directed=False)[1]
    owner = np.zeros(piece.max() + 1, dtype=np.int64)
    owner[piece] = label
    return owner


def must_split(town: Town, heaviest: float) -> int:
    """Count the street blocks that hold more households than a unit may."""
    held = town.comp >= 0
    return int((np.bincount(town.comp[held], town.w[held]) > heaviest).sum()) if held.any() else 0

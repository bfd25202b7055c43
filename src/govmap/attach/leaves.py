"""The smallest places that hold people, and which of them a wider place is made of.

A leaf is a part; a building that has no parts (yet) is a leaf itself. Every count and total speaks of a set of leaves:
a stairwell, a building, a compound, a unit of any level or plan, an area by its polygon, a community.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from govmap import addresses as wording
from govmap.attach.places import Texts, texts

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
NOBODY = frozenset({"shed", "garage", "roof", "utility", "ruins", "parking"})
WHOLE = 0.999


@dataclass(frozen=True)
class Leaves:
    """
    Leaves in the order of their building, then of their part.

    `building` is the row of the building, `stair` the number of the stairwell where it has one, `share` what part of
    its building a leaf is by its floors, `counts` whether it stands inside a community and can hold somebody.
    """

    part_id: Texts
    building: Ints
    stair: Texts
    share: Floats
    counts: Bools

    def spread(self, numbers: Floats) -> Floats:
        """Give each leaf its share of a number of its building, as a fraction."""
        return np.asarray(np.nan_to_num(numbers)[self.building] * self.share)


def leaves(buildings: pd.DataFrame, parts: pd.DataFrame | None) -> Leaves:
    """
    Give the leaves of buildings, which are sorted by id and numbered from 0.

    Where there are parts, a building without one (nobody was thought to live there, and it has no ground of its own)
    counts for no total: what it got would be in no unit.
    """
    row_of = pd.Series(np.arange(len(buildings)), index=buildings["building_id"])
    known = parts if parts is not None else pd.DataFrame(columns=["part_id", "building_id"])
    held = known[known["building_id"].isin(row_of.index)].sort_values(["building_id", "part_id"], kind="stable")
    bare = np.setdiff1d(np.arange(len(buildings)), row_of.reindex(held["building_id"]).to_numpy())
    building = np.concatenate([row_of.reindex(held["building_id"]).to_numpy(np.int64), bare]).astype(np.int64)
    nothing = np.full(len(bare), None, dtype=object)
    height = np.concatenate([_floors(held), np.ones(len(bare))])
    part_id = np.concatenate([texts(held, "part_id"), nothing])
    order = np.argsort(building, kind="stable")
    stands = buildings["status"].fillna("standing").ne("demolished").to_numpy(bool)
    inside = stands & buildings["community_id"].notna().to_numpy(bool)
    counts = inside[building] & (named(part_id) | (len(held) == 0))
    share = height / np.bincount(building, height, minlength=len(buildings))[building]
    stair = np.concatenate([_stairs(held), nothing])
    return Leaves(part_id[order], building[order], stair[order], share[order], counts[order])


def _floors(parts: pd.DataFrame) -> Floats:
    """Count the floors of parts, 1 where they are not known."""
    bounds = [
        pd.to_numeric(parts[name], errors="coerce").astype("Float64").to_numpy(float, na_value=np.nan)
        if name in parts
        else np.full(len(parts), np.nan)
        for name in ("floor_from", "floor_to")
    ]
    return np.maximum(np.nan_to_num(bounds[1] - bounds[0] + 1, nan=1.0), 1.0)


def _stairs(parts: pd.DataFrame) -> Texts:
    told = texts(parts, "entrance")
    read = {one: stairwell(f"{one}单元" if one.isalnum() else one) for one in set(told) - {None}}
    return np.array([read.get(one) for one in told], dtype=object)


def named(told: Texts) -> Bools:
    """Tell where a column of text says something."""
    return np.array([one is not None for one in told], dtype=bool)


def stairwell(text: str | None) -> str | None:
    """Give the number of the stairwell that an address or name speaks of; None where it names none."""
    if not isinstance(text, str):
        return None
    return wording.parse(text).entrance or None


class Ground:
    """Which leaves a total is of, and how much of it lies here."""

    def __init__(
        self,
        buildings: pd.DataFrame,
        found: Leaves,
        members: Mapping[str, Collection[str]] | None,
        communities: pd.DataFrame | None,
    ) -> None:
        self._buildings, self._leaves = buildings, found
        self._members = members or {}
        there = named(found.part_id)
        self._leaf_of_part = dict(zip(found.part_id[there], np.flatnonzero(there).tolist(), strict=True))
        self._inside = None if communities is None else shapely.union_all(communities["geometry"].to_numpy(object))
        self._by_name = {
            kind: buildings.groupby(f"{kind}_id").indices if f"{kind}_id" in buildings else {}
            for kind in ("compound", "community")
        }
        self.cut: dict[str, int] = {}

    def of(self, rows: pd.DataFrame) -> list[Ints]:
        """Give the leaves of every total, in the order of the rows."""
        kind, place = texts(rows, "place_kind"), texts(rows, "place_id")
        areas = np.flatnonzero(kind == "area")
        found: list[Ints] = [np.zeros(0, np.int64)] * len(rows)
        if len(areas):
            shapes = rows["geometry"].to_numpy(object)[areas]
            for at, inside in zip(areas, self._in_areas(shapes, place[areas]), strict=True):
                found[at] = self._leaves_of(inside)
        for at in np.flatnonzero(kind != "area"):
            found[at] = self._named(kind[at], place[at])
        return found

    def total(self, kind: str, place: str, shape: Any, given: int, *, told: bool) -> int:
        """Give how much of a total lies here: an area over the edge of the communities counts by its ground inside."""
        if kind != "area" or self._inside is None or shapely.area(shape) == 0:
            return given
        share = float(shapely.area(shapely.intersection(shape, self._inside)) / shapely.area(shape))
        here = given if share > WHOLE else round(given * share)
        if here != given and told:
            self.cut[place] = given - here
        return here

    def _named(self, kind: str, place: str) -> Ints:
        if kind == "unit":
            mine = (self._leaf_of_part.get(part) for part in self._members.get(place, ()))
            rows = np.array(sorted(one for one in mine if one is not None), dtype=np.int64)
            return rows[self._leaves.counts[rows]]
        return self._leaves_of(np.asarray(self._by_name.get(kind, {}).get(place, []), dtype=np.int64))

    def _leaves_of(self, buildings: npt.NDArray[np.signedinteger]) -> Ints:
        wanted = np.zeros(len(self._buildings), dtype=bool)
        wanted[buildings] = True
        return np.flatnonzero(wanted[self._leaves.building] & self._leaves.counts)

    def _in_areas(self, shapes: npt.NDArray[np.object_], names: Texts) -> list[Ints]:
        """
        Give the buildings of areas: those whose inner point lies in them; on a common edge the area of the first name.

        An area that holds no inner point at all has the buildings that reach into it and lie in no other.
        """
        footprints = self._buildings["geometry"].to_numpy(object)
        points = shapely.point_on_surface(footprints)
        area, point = shapely.STRtree(points).query(shapes, predicate="intersects")
        edge = ~shapely.contains_properly(shapes[area], points[point])
        rank = np.unique(names.astype(str), return_inverse=True)[1]
        first = np.full(len(points), len(names), dtype=np.int64)
        np.minimum.at(first, point[edge], rank[area[edge]])
        kept = ~edge | (rank[area] == first[point])
        area, point = area[kept], point[kept]
        order = np.lexsort((point, area))
        found = np.split(point[order], np.searchsorted(area[order], np.arange(1, len(shapes))))
        empty = [at for at, held in enumerate(found) if not len(held)]
        if empty:
            by, building = shapely.STRtree(footprints).query(shapes[empty], predicate="intersects")
            free = ~np.isin(building, point)
            for number, at in enumerate(empty):
                found[at] = np.sort(building[free & (by == number)])
        return [np.asarray(one, dtype=np.int64) for one in found]


def bulk(buildings: pd.DataFrame) -> Floats:
    """Give the floor area of buildings that people could live in, by which a total is spread where nobody was known."""
    levels = pd.to_numeric(buildings.get("levels", pd.Series(1.0, index=buildings.index)), errors="coerce")
    area = shapely.area(buildings["geometry"].to_numpy(object))
    lived = ~buildings["use"].isin(NOBODY).to_numpy(bool) if "use" in buildings else np.ones(len(buildings), bool)
    return np.asarray(np.where(lived, area * levels.fillna(1.0).clip(lower=1.0).to_numpy(float), 0.0))

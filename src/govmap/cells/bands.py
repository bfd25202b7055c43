"""How buildings are divided: into the parts the user knows, the stairwells the office counted, else by estimate.

Stairwells stand side by side along the longer axis of the footprint; floors are those by which households were
estimated, so that a tower without a tag has as many as its height says and not as many as its households need.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from govmap import households as dwelling
from govmap.geometry import Bools, Ints, long_axis, polygonal
from govmap.shares import share_out

STAIRWELL_M = 12.0
SLAB = 1.8
FLATS_A_FLOOR = 4
MOST_STAIRWELLS = 60
DOOR = "door"


@dataclass(frozen=True)
class Band:
    """A part of a building: the stairwell's place from the low end of the axis (0 up), its name, its floors."""

    stair: int
    entrance: str | None
    floor_from: int | None
    floor_to: int | None
    weight: float
    part_id: str
    row: int | None = None
    source: str = "estimated"


def planned(
    rows: gpd.GeoDataFrame,
    leads: Bools,
    entrances: gpd.GeoDataFrame | None,
    split_above: int | None,
    part_most: int | None,
    given: pd.DataFrame | None,
) -> tuple[dict[str, list[Band]], gpd.GeoDataFrame]:
    """
    Give the bands of every building that is divided, and the large buildings of which nothing is known.

    Parameters
    ----------
    rows, leads
        All buildings, whose neighbours tell of their floors, and those a cell is named for: only these are divided.
    """
    plan = _given_bands(rows[leads], given) if given is not None and len(given) else {}
    free = leads & ~rows["building_id"].isin(plan).to_numpy(bool)
    told = np.where(free, np.clip(whole(rows, "stairwells"), 0, MOST_STAIRWELLS), 0)
    large = free & (told < 1) & (whole(rows, "households") > (split_above or np.inf))
    floors, most = _levels(rows, large | (told > 0)), part_most or split_above or 0
    plan |= _told_bands(rows[told > 0], told[told > 0], floors[told > 0], split_above, most)
    return plan | _estimated_bands(rows[large], floors[large], entrances, most), rows[large]


def whole(rows: pd.DataFrame, column: str) -> Ints:
    """Give a column of whole numbers, 0 where there is none."""
    if column not in rows:
        return np.zeros(len(rows), np.int64)
    return rows[column].fillna(0).to_numpy(np.int64)


# ---------------------------------------------------------------------------------------------------- what is given


def _given_bands(leads: pd.DataFrame, given: pd.DataFrame) -> dict[str, list[Band]]:
    """Read the user's own parts of buildings: stairwells in the order of their names, floors from below."""
    known = given.assign(place=np.arange(len(given)))[given["building_id"].isin(leads["building_id"]).to_numpy()]
    return {str(building): list(_read_bands(rows)) for building, rows in known.groupby("building_id", sort=True)}


def _read_bands(rows: pd.DataFrame) -> Iterator[Band]:
    names = sorted({str(one) for one in rows["entrance"].dropna()}, key=_natural)
    number = "households_given" if "households_given" in rows else "households"
    counted = rows[number].notna().all()
    for row in rows.sort_values("part_id", kind="stable").to_dict("records"):
        low, high = _floor(row["floor_from"]), _floor(row["floor_to"])
        floors = (high - low + 1) if low is not None and high is not None else 1
        entrance = None if pd.isna(row["entrance"]) else str(row["entrance"])
        stair = names.index(entrance) if entrance is not None else 0
        weight = float(row[number]) if counted else float(floors)
        yield Band(stair, entrance, low, high, weight, str(row["part_id"]), int(row["place"]))


def _natural(text: str) -> tuple[int, str]:
    digits = "".join(one for one in text if one.isdigit())
    return (int(digits) if digits else 0, text)


def _floor(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


# ---------------------------------------------------------------------------------------------------- estimates


def _told_bands(
    rows: pd.DataFrame, stairs: Ints, floors: Ints, split_above: int | None, most: int
) -> dict[str, list[Band]]:
    """Divide buildings into the stairwells they are known to have; those above the size asked into floors too."""
    plan = {}
    facts = (rows["building_id"], stairs.tolist(), floors.tolist(), whole(rows, "households").tolist())
    for building, count, levels, households in zip(*facts, strict=True):
        large = split_above is not None and households > split_above * count
        heights = _heights(levels or 1, count, households, most) if large else np.ones(1, np.int64)
        if count * len(heights) > 1:
            bands = _named_bands(str(building), count, heights)
            plan[str(building)] = [replace(band, source="told") for band in bands]
    return plan


def _estimated_bands(
    large: pd.DataFrame, floors: Ints, entrances: gpd.GeoDataFrame | None, most: int
) -> dict[str, list[Band]]:
    """Divide large buildings: as many stairwells as stand side by side, then bands of floors."""
    doors = _doors(entrances)
    shapes = polygonal(large["geometry"].to_numpy())
    plan = {}
    for building, households, levels, shape in zip(
        large["building_id"], whole(large, "households"), floors.tolist(), shapes, strict=True
    ):
        bands = _bands(str(building), int(households), levels, _stairwells(shape, doors.get(building, 0)), most)
        if len(bands) > 1:
            plan[str(building)] = bands
    return plan


def _doors(entrances: gpd.GeoDataFrame | None) -> dict[Any, int]:
    if entrances is None or not len(entrances):
        return {}
    doors = entrances[(entrances["kind"] == DOOR) & entrances["building_id"].notna()]
    return {building: int(count) for building, count in doors.groupby("building_id").size().items()}


def _levels(rows: gpd.GeoDataFrame, wanted: Bools) -> Ints:
    """Give the floors by which households were estimated, 0 where nothing is known to estimate by."""
    if not wanted.any() or not {"levels", "height_m", "use"} <= set(rows.columns):
        return whole(rows, "levels")
    floors: Ints = dwelling.levels(rows)
    return floors


def _stairwells(shape: Any, doors: int) -> int:
    """Say how many stairwells a footprint can have side by side: its doors, else by its length, a tower one."""
    low, high, wide = extent(shape)
    fitting = max(1, int((high - low) // STAIRWELL_M))
    if doors > 1:
        return min(doors, max(fitting, 2))
    return fitting if (high - low) >= SLAB * wide else 1


def extent(shape: Any) -> tuple[float, float, float]:
    """Give where a shape begins and ends along its longer axis, and how wide it is."""
    middle, axis = long_axis(shape)
    away = shapely.get_coordinates(shape) - middle
    along, across = away @ axis, away @ np.array([-axis[1], axis[0]])
    return float(along.min()), float(along.max()), float(across.max() - across.min())


def _bands(building: str, households: int, levels: int, stairwells: int, most: int) -> list[Band]:
    """Divide into as few parts as keep each at `most` households."""
    wanted = -(-households // most)
    stairs = min(stairwells, wanted)
    floors = levels or max(1, -(-households // (stairs * FLATS_A_FLOOR)))
    return list(_named_bands(building, stairs, _heights(floors, stairs, households, most)))


def _heights(floors: int, stairs: int, households: int, most: int) -> Ints:
    """Give the floors of as few bands as keep each at `most` households; single floors where none does."""
    for high in range(-(-households // (most * stairs)), floors + 1):
        heights = share_out(floors, np.ones(max(high, 1)))
        if share_out(households, np.tile(heights, stairs).astype(float)).max() <= most:
            return heights
    return np.ones(floors, np.int64)


def _named_bands(building: str, stairs: int, heights: Ints) -> Iterator[Band]:
    tops = np.cumsum(heights)
    for stair in range(stairs):
        for height, top in zip(heights.tolist(), tops.tolist(), strict=True):
            name = f"{building}/{stair + 1}" if stairs > 1 else building
            low, high = (top - height + 1, top) if len(heights) > 1 else (None, None)
            floors = f"/f{low}-{high}" if height > 1 else f"/f{low}"
            part = name + floors if len(heights) > 1 else name
            yield Band(stair, str(stair + 1) if stairs > 1 else None, low, high, height, part)

"""How many households live in each building: counted where somebody counted, else estimated with an interval.

Footprint times levels times use, by the constants of `layers/buildings.toml`. Levels come from the tag, the height, the
neighbours or the kind of building; a total for the community or a place makes the estimates add up to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from govmap import catalog
from govmap.messages import Note, note
from govmap.shares import share_out

COUNTED = "register"
GUESSED = ("estimated", "spread")
_NOBODY = frozenset({"shed", "garage", "roof", "utility", "ruins", "parking"})
_STANDING = frozenset({"standing", "new"})
_MOST_HALVES = 0.5
_TOUCH_M = 0.3
# Shared ground, of all that two footprints cover, above which they show the same house.
_SAME_SHAPE = 0.8


@dataclass(frozen=True)
class _Guess:
    """What is guessed of each building: households as a number with fraction, and whether its levels are known."""

    households: np.ndarray
    known: np.ndarray
    floor_m2: np.ndarray


def estimate(
    buildings: gpd.GeoDataFrame,
    *,
    total: int | None = None,
    totals_by_place: Mapping[str, Mapping[str, int]] | None = None,
    mean_size: float | None = None,
) -> gpd.GeoDataFrame:
    """
    Fill in households, their interval, residents and where the number comes from.

    Counts of a register stay as they are. Buildings outside (where others have a community and they have none), and
    those that do not stand, hold nobody.

    Parameters
    ----------
    buildings
        Rows of the table `buildings`.
    total
        Households of all communities together, to which the estimates are scaled.
    totals_by_place
        Column of `buildings` -> value -> households, as `{"compound_id": {"w12": 1286}}`; they come before `total`.
    mean_size
        Persons a household, where nothing is known.

    Returns
    -------
    buildings
        `households_source` is register, tag, spread (scaled to a total) or estimated.
    """
    given = buildings.sort_values("building_id", kind="stable")
    counted = _counted(given)
    guess = _guessed(given)
    lives = _inside(given) & given["status"].isin(_STANDING).to_numpy()
    dwellings = _numbers(given["dwellings"])
    tagged = lives & ~counted & ~np.isnan(dwellings)
    households = np.where(tagged, dwellings, np.where(lives, _whole(guess.households), 0.0))
    households[counted] = _numbers(given["households"])[counted]
    source = np.where(counted, COUNTED, np.where(tagged, "tag", "estimated")).astype(object)
    weights = np.where(tagged, dwellings, np.where(lives, guess.households, 0.0))
    backup = np.where(lives & ~given["use"].isin(_NOBODY).to_numpy(), guess.floor_m2, 0.0)
    _spread(given, households, source, (weights, backup), total, totals_by_place or {})
    made = _filled(given, households, source, guess.known, mean_size or _settings()["mean_size"]["cn"])
    return made.loc[buildings.index]


def levels(buildings: gpd.GeoDataFrame) -> np.ndarray:
    """
    Give the whole levels that each building is thought to have, as its households are estimated: at least one.

    By its tag, else its height, else its neighbours, else what its use suggests.
    """
    shapes = buildings.geometry.to_numpy()
    area = shapely.area(shapes)
    told = buildings["levels"].notna().to_numpy() | buildings["height_m"].notna().to_numpy()
    use = _small_homes(buildings, _likely_use(buildings, shapes, area), area, told)
    whole: np.ndarray = np.maximum(np.rint(_likely_levels(buildings, use)[0]), 1).astype(np.int64)
    return whole


def figures(buildings: pd.DataFrame) -> dict[str, Any]:
    """Give households, residents and the share of the households that is estimated, in per cent."""
    inside = buildings[_inside(buildings)]
    households = inside["households"].fillna(0).astype(np.int64)
    total = int(households.sum())
    guessed = int(households[inside["households_source"].isin(GUESSED)].sum())
    residents = int(inside["residents"].fillna(0).astype(np.int64).sum())
    return {
        "households": total,
        "residents": residents,
        "estimated_share": round(100 * guessed / total) if total else 0,
    }


def doubts(buildings: pd.DataFrame, total: int | None) -> list[Note]:
    """Say where a given total could not be reached."""
    reached = figures(buildings)["households"]
    if total is None or reached == total:
        return []
    if reached > total:
        return [note("households_total_below_register", total=total, known=reached)]
    return [note("households_no_homes", total=total)]


@cache
def _settings() -> Mapping[str, Any]:
    settings: Mapping[str, Any] = catalog.layer("buildings")["households"]
    return settings


@cache
def _uses() -> pd.DataFrame:
    columns = ["name", "dwelling_m2", "levels", "one_dwelling_below_m2"]
    return pd.DataFrame(list(catalog.layer("buildings")["uses"])).reindex(columns=columns).set_index("name")


def _numbers(column: pd.Series) -> np.ndarray:
    return np.asarray(pd.to_numeric(column, errors="coerce").astype("Float64").to_numpy(dtype=float, na_value=np.nan))


def _counted(buildings: pd.DataFrame) -> np.ndarray:
    source = buildings["households_source"].to_numpy(dtype=object)
    return np.asarray((source == COUNTED) & ~np.isnan(_numbers(buildings["households"])), dtype=bool)


def _inside(buildings: pd.DataFrame) -> np.ndarray:
    """Tell who is in a community; all are while nobody has been told his."""
    known = buildings["community_id"].notna().to_numpy()
    return known if known.any() else np.ones(len(buildings), dtype=bool)


def _guessed(buildings: gpd.GeoDataFrame) -> _Guess:
    """Guess households from floor area and use."""
    shapes = buildings.geometry.to_numpy()
    area, settings = shapely.area(shapes), _settings()
    told = buildings["levels"].notna().to_numpy() | buildings["height_m"].notna().to_numpy()
    use = _small_homes(buildings, _likely_use(buildings, shapes, area), area, told)
    levels, known = _likely_levels(buildings, use)
    floor_area = _numbers(buildings["floor_area_m2"]) if "floor_area_m2" in buildings else np.full(len(area), np.nan)
    shops = np.nan_to_num(_numbers(buildings["shops"])) > 0
    homes = np.where(shops & (levels > 1), levels - 1, levels)
    floor_m2 = np.where(np.isnan(floor_area), area * levels, floor_area)
    lived = np.where(np.isnan(floor_area), area * homes, floor_area)
    facts = _uses().reindex(use)
    size = facts["dwelling_m2"].to_numpy(dtype=float)
    dwellings = np.nan_to_num(lived * settings["gross_to_net"] / size)
    single = np.nan_to_num(facts["one_dwelling_below_m2"].to_numpy(dtype=float)) > area
    dwellings = np.where(single & (dwellings > 0), 1.0, dwellings)
    held = np.where((area < settings["smallest_m2"]) | _drawn_twice(buildings), 0.0, dwellings)
    return _Guess(np.where(single, held, held * settings["occupied"]), known | ~np.isnan(floor_area), floor_m2)


def _drawn_twice(buildings: gpd.GeoDataFrame) -> np.ndarray:
    """Flag what a smaller or earlier footprint shows already: nobody lives in the same house twice."""
    rows = np.flatnonzero(buildings["status"].isin(_STANDING))
    shapes = buildings.geometry.to_numpy()[rows]
    area = shapely.area(shapes)
    point, other = shapely.STRtree(shapes).query(shapely.point_on_surface(shapes), predicate="within")
    # The smaller keeps the ground where cells are made, so it keeps the homes too.
    rank = np.lexsort((np.arange(len(shapes)), area)).argsort()
    less = rank[point] < rank[other]
    outer, inner = np.unique([np.where(less, other, point), np.where(less, point, other)], axis=1)
    alike = (outer != inner) & (area[inner] > _SAME_SHAPE * area[outer])
    outer, inner = outer[alike], inner[alike]
    common = shapely.area(shapely.intersection(shapes[outer], shapes[inner]))
    twice = np.zeros(len(buildings), dtype=bool)
    twice[rows[outer[common > _SAME_SHAPE * (area[outer] + area[inner] - common)]]] = True
    return twice


def _likely_use(buildings: gpd.GeoDataFrame, shapes: np.ndarray, area: np.ndarray) -> np.ndarray:
    """Give the use; where none is known, homes unless the neighbours are none or the building is too deep for rooms."""
    use: np.ndarray = buildings["use"].to_numpy(dtype=object).copy()
    silent = pd.isna(use)
    homes = _uses().index[_uses()["dwelling_m2"].notna()]
    lived_in = np.isin(use.astype(str), homes.to_numpy(dtype=str))
    speaks = ~silent & ~np.isin(use.astype(str), sorted(_NOBODY))
    share = _neighbours_share(shapely.point_on_surface(shapes), lived_in, speaks)
    depth = 2 * area / np.maximum(shapely.length(shapes), 1e-9)
    lived = silent & (depth <= _settings()["deepest_m"]) & (share >= _MOST_HALVES)
    use[lived] = "residential"
    return use


def _small_homes(buildings: gpd.GeoDataFrame, use: np.ndarray, area: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Take small homes of unknown levels for houses where they stand alone, for houses in a row where they touch."""
    small = (use.astype(str) == "residential") & (area < _settings()["small_m2"]) & ~known
    shapes = buildings.geometry.to_numpy()
    at, other = shapely.STRtree(shapes).query(shapes[small], predicate="dwithin", distance=_TOUCH_M)
    touching = np.zeros(len(use), dtype=bool)
    numbers = np.flatnonzero(small)[at]
    touching[numbers[numbers != other]] = True
    return np.asarray(np.where(small, np.where(touching, "terrace", "house"), use), dtype=object)


def _neighbours_share(points: np.ndarray, yes: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Give the share of `yes` among known neighbours within reach; 1 where there are too few."""
    share = np.ones(len(points))
    xy, there = _drawn_at(points)
    known, near = known & there, _settings()["neighbours"]
    if not known.any():
        return share
    tree = cKDTree(xy[known])
    reach = _settings()["neighbours_m"]
    distance, number = tree.query(xy[there], k=list(range(1, near + 1)), distance_upper_bound=reach)
    enough = np.isfinite(distance).all(axis=1)
    share[np.flatnonzero(there)[enough]] = yes[known][number[enough]].mean(axis=1)
    return share


def _drawn_at(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give where points lie, and flag those that do: a building of a list may have no shape yet."""
    xy = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    return xy, np.asarray(np.isfinite(xy).all(axis=1))


def _likely_levels(buildings: gpd.GeoDataFrame, use: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give levels, and whether tag or height tell them; else the neighbours' median, else what the use suggests."""
    settings = _settings()
    levels = _numbers(buildings["levels"])
    from_height = np.maximum(np.round(_numbers(buildings["height_m"]) / settings["level_height_m"]), 1.0)
    levels = np.where(np.isnan(levels), from_height, levels)
    known = ~np.isnan(levels)
    by_use = np.nan_to_num(_uses().reindex(use)["levels"].to_numpy(dtype=float), nan=1.0)
    around = _neighbours_levels(shapely.point_on_surface(buildings.geometry.to_numpy()), levels, use)
    guessed = np.where(np.isnan(around), by_use, around)
    return np.minimum(np.where(known, levels, guessed), settings["levels_max"]), known


def _neighbours_levels(points: np.ndarray, levels: np.ndarray, use: np.ndarray) -> np.ndarray:
    """Give the median of the nearest known levels of the same use, NaN where there are too few within reach."""
    around, near = np.full(len(points), np.nan), _settings()["neighbours"]
    xy, there = _drawn_at(points)
    for kind in sorted({str(one) for one in use}):
        same = there & (use.astype(str) == kind)
        known = same & ~np.isnan(levels)
        if known.sum() < near:
            continue
        reach = _settings()["neighbours_m"]
        distance, number = cKDTree(xy[known]).query(xy[same], k=list(range(1, near + 1)), distance_upper_bound=reach)
        enough = np.isfinite(distance).all(axis=1)
        around[np.flatnonzero(same)[enough]] = np.median(levels[known][number[enough]], axis=1)
    return around


def _whole(households: np.ndarray) -> np.ndarray:
    """Round; a home holds at least one household."""
    return np.where(households > 0, np.maximum(np.floor(households + _MOST_HALVES), 1.0), 0.0)


def _spread(
    buildings: pd.DataFrame,
    households: np.ndarray,
    source: np.ndarray,
    weights: tuple[np.ndarray, np.ndarray],
    total: int | None,
    by_place: Mapping[str, Mapping[str, int]],
) -> None:
    """Scale what is not counted to the totals: places first, then the rest to the whole."""
    free = source != COUNTED
    for column in sorted(by_place):
        for value, wanted in sorted(by_place[column].items()):
            rows = (buildings[column].to_numpy(dtype=object) == value) & _inside(buildings)
            free &= ~_scaled(households, source, weights, rows, free, wanted)
    if total is not None:
        _scaled(households, source, weights, _inside(buildings), free, total)


def _scaled(
    households: np.ndarray,
    source: np.ndarray,
    weights: tuple[np.ndarray, np.ndarray],
    rows: np.ndarray,
    free: np.ndarray,
    wanted: int,
) -> np.ndarray:
    """Make the rows add up to what is wanted: tags stay where they leave room, estimates bend first."""
    bending = rows & free & (source != "tag")
    rest = wanted - int(households[rows & ~bending].sum())
    if rest < 0 or (rest > 0 and not (weights[0][bending].sum() or weights[1][bending].sum())):
        bending = rows & free
        rest = wanted - int(households[rows & ~bending].sum())
    plain, backup = weights
    shares = plain[bending] if plain[bending].sum() > 0 else backup[bending]
    households[bending] = share_out(rest if shares.sum() > 0 else 0, shares)
    source[bending] = "spread"
    return rows


def _filled(
    buildings: gpd.GeoDataFrame, households: np.ndarray, source: np.ndarray, known: np.ndarray, mean_size: float
) -> gpd.GeoDataFrame:
    """Put the columns in: interval by how much was known, residents by the mean size where no register says more."""
    settings, guessed = _settings(), np.isin(source, GUESSED)
    low = np.where(guessed, np.where(known, settings["low_known"], settings["low"]), 1.0)
    high = np.where(guessed, np.where(known, settings["high_known"], settings["high"]), 1.0)
    residents = _numbers(buildings["residents"])
    registered = (source == COUNTED) & ~np.isnan(residents)
    by_size = np.floor(households * mean_size + 0.5)  # each by itself: a count elsewhere must not change it
    columns = {
        "households": households,
        "households_low": np.floor(households * low),
        "households_high": np.ceil(households * high),
        "residents": np.where(registered, residents, by_size),
    }
    whole = {name: pd.array(values.astype(np.int64), dtype="Int64") for name, values in columns.items()}
    return buildings.assign(**whole, households_source=source)

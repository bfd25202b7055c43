"""Codes of units: numbered inside each community from north to south and from west to east, kept for good."""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from govmap.errors import PlanError

if TYPE_CHECKING:
    import geopandas as gpd

BANDS = 10
DIGITS = 3
DIGITS_OF_COMMUNITY = r"[0-9]{12}"
PREFIX = "U"


def number(
    units: "gpd.GeoDataFrame", communities: "gpd.GeoDataFrame", *, former: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """
    Give every unit its code.

    Numbers run through bands of a tenth of the community's north-south extent, north first, and from west to east in
    each, by the representative point of the unit. Where the community has its 12 digits the code has 15, otherwise it
    is U001 and so on, counted on from community to community.

    Parameters
    ----------
    units
        `unit_id`, `community_id`, geometry.
    communities
        `community_id`, `code`, geometry.
    former
        Every code ever given, by unit id, also of units that are no more: units keep theirs, new ones get the next
        free number, and none is given twice.

    Returns
    -------
    codes
        Sorted by unit_id: unit_id, code.
    """
    former = dict(former or {})
    ordered = _ordered(units, communities)
    prefix = _prefixes(communities)
    code = {unit: former[unit] for unit in ordered["unit_id"] if unit in former}
    fresh = ordered[~ordered["unit_id"].isin(list(code))]
    fresh = fresh.assign(prefix=[prefix.get(one, PREFIX) for one in fresh["community_id"]])
    for start, rows in fresh.groupby("prefix", sort=True):
        code |= _counted_on(str(start), list(rows["unit_id"]), former.values())
    ids = sorted(code)
    return pd.DataFrame({"unit_id": ids, "code": [code[unit] for unit in ids]})


def _ordered(units: "gpd.GeoDataFrame", communities: "gpd.GeoDataFrame") -> pd.DataFrame:
    """Put units in the order of their numbers; units without an outline come last in their community."""
    extent = communities.set_index("community_id").geometry.bounds
    point = np.where(units.geometry.is_empty, None, shapely.point_on_surface(units.geometry.to_numpy()))
    x, y = shapely.get_x(point), shapely.get_y(point)
    north = extent["maxy"].reindex(units["community_id"]).to_numpy(dtype=float)
    south = extent["miny"].reindex(units["community_id"]).to_numpy(dtype=float)
    height = np.maximum(north - south, 1e-9)
    band = np.clip(np.floor((north - y) / height * BANDS), 0, BANDS - 1)
    rows = pd.DataFrame({"unit_id": units["unit_id"].to_numpy(), "community_id": units["community_id"].to_numpy()})
    rows = rows.assign(band=band, x=x, y=-y)
    return rows.sort_values(["community_id", "band", "x", "y", "unit_id"], kind="stable", na_position="last")


def _prefixes(communities: pd.DataFrame) -> dict[str, str]:
    """Give the 12 digits of the communities that have them."""
    if "code" not in communities:
        return {}
    codes = zip(communities["community_id"], communities["code"], strict=True)
    return {one: str(code) for one, code in codes if isinstance(code, str) and re.fullmatch(DIGITS_OF_COMMUNITY, code)}


def _counted_on(prefix: str, unit_ids: list[str], given: Iterable[str]) -> dict[str, str]:
    """Number units after the highest number given under a prefix."""
    tails = [code[len(prefix) :] for code in given if str(code).startswith(prefix)]
    highest = max((int(tail) for tail in tails if tail.isdecimal()), default=0)
    last = highest + len(unit_ids)
    if prefix != PREFIX and len(str(last)) > DIGITS:
        raise PlanError("delineate_codes_full", community=prefix, count=last)
    digits = max(DIGITS, len(str(last)))
    return {unit: f"{prefix}{highest + 1 + place:0{digits}d}" for place, unit in enumerate(unit_ids)}

"""Who reaches what on foot: the nearest site of each kind, and supply against demand by floating catchments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from govmap import catalog
from govmap.geometry import Bools, Floats, Ints
from govmap.network import Network, Stops, minutes

SAME_SITE_M = 100.0
NOWHERE = -1


@dataclass(frozen=True)
class Steps:
    """How much a place counts by its share of the longest way: up to `shares[i]` of it, `weights[i]`."""

    shares: tuple[float, ...] = (1.0,)
    weights: tuple[float, ...] = (1.0,)

    @classmethod
    def load(cls) -> "Steps":
        """Read the steps of `layers/catchments.toml` (Luo and Qi 2009)."""
        facts = catalog.layer("catchments")["steps"]
        return cls(tuple(facts["shares"]), tuple(facts["weights"]))

    def of(self, cost: npt.ArrayLike, limit: float) -> Floats:
        """Weigh costs, 0 beyond the limit."""
        step = np.searchsorted(np.asarray(self.shares) * limit, np.asarray(cost, np.float64), side="left")
        return np.append(np.asarray(self.weights, np.float64), 0.0)[step]


@dataclass(frozen=True, eq=False)
class Nearest:
    """Of each home the row of its nearest site (-1: none) and the way to it in metres (inf: none)."""

    site: Ints
    distance_m: Floats


def nearest(network: Network, homes: Stops, sites: Stops, categories: "pd.Series[str]") -> dict[str, Nearest]:
    """
    Find the nearest site of each category for every home, however far.

    Parameters
    ----------
    sites, categories
        The same rows; sorted by key, for of sites equally near the first is taken.

    Returns
    -------
    nearest
        By category, sorted; `site` counts the rows of `sites`.
    """
    found = {}
    for category in sorted(set(categories.dropna())):
        rows = np.flatnonzero((categories == category).to_numpy(bool))
        site, far = network.nearest(homes, sites.take(rows))
        found[category] = Nearest(np.where(site >= 0, rows[site], NOWHERE), far)
    return found


def either(found: Mapping[str, Nearest], categories: Sequence[str], homes: int) -> Nearest:
    """Give the nearest site of several categories; of those equally near that of the category named first."""
    best = Nearest(np.full(homes, NOWHERE), np.full(homes, np.inf))
    for category in categories:
        other = found.get(category)
        if other is not None:
            nearer = other.distance_m < best.distance_m
            best = Nearest(np.where(nearer, other.site, best.site), np.where(nearer, other.distance_m, best.distance_m))
    return best


def reach(found: Mapping[str, Nearest], cells: pd.DataFrame, homes: "pd.Series[str]", sites: "pd.Series[str]") -> Any:
    """
    Give the rows of the table `reach`: of each cell the nearest site of each category from the building that it is of.

    Parameters
    ----------
    cells
        cell_id, building_id.
    homes, sites
        building_id and resource_id of the rows that `found` counts.
    """
    at = pd.Series(np.arange(len(homes)), index=homes.to_numpy())
    mine = cells[cells["building_id"].isin(at.index)].sort_values("cell_id", kind="stable")
    row = at.loc[mine["building_id"]].to_numpy(np.int64)
    cell, ids = mine["cell_id"].to_numpy(), sites.to_numpy()
    frames = []
    for category, one in sorted(found.items()):
        there = one.site[row] >= 0
        far = one.distance_m[row][there]
        columns = {"cell_id": cell[there], "category": category, "site_id": ids[one.site[row][there]]}
        frames.append(pd.DataFrame({**columns, "distance_m": far, "walk_min": minutes(far)}))
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return pd.DataFrame(columns=["cell_id", "category", "site_id", "distance_m", "walk_min"])
    return pd.concat(filled, ignore_index=True).sort_values(["cell_id", "category"], ignore_index=True)


def floating_catchment(
    origin: Ints, site: Ints, weight: Floats, *, demand: npt.ArrayLike, supply: npt.ArrayLike
) -> Floats:
    """
    Give supply for each head of demand that every origin reaches: the enhanced two-step floating catchment area.

    First each site's supply is divided by the weighted demand around it, then each origin sums the weighted ratios of
    the sites around it (Luo and Qi 2009). Nothing is lost: summed over origins, access times demand is the supply of
    all sites that have demand in reach.

    Parameters
    ----------
    origin, site, weight
        Pairs within the catchment and how much each counts.
    demand, supply
        Of every origin and every site.
    """
    wants, has = np.asarray(demand, np.float64), np.asarray(supply, np.float64)
    around = np.asarray(np.bincount(site, weight * wants[origin], minlength=len(has)), np.float64)
    ratio = np.zeros(len(has))
    np.divide(has, around, out=ratio, where=around > 0)
    return np.asarray(np.bincount(origin, weight * ratio[site], minlength=len(wants)), np.float64)


def merged(sites: pd.DataFrame) -> pd.DataFrame:
    """
    Take places that stand in two lists once: the same category and name within 100 m.

    What one list lacks (hours, capacity) comes from the other; the row of a list that somebody wrote goes before OSM's.

    Parameters
    ----------
    sites
        Rows of `resources` with a point.

    Returns
    -------
    sites
        Sorted by resource_id.
    """
    rows = sites.sort_values("resource_id", kind="stable", ignore_index=True)
    if rows.empty:
        return rows
    first = _same_as(rows)
    listed = rows["import_id"].notna().to_numpy(bool)
    order = np.lexsort((np.arange(len(rows)), ~listed, first))
    kept = order[np.unique(first[order], return_index=True)[1]]
    filled = rows.copy()
    for name in ("hours", "capacity", "capacity_unit"):
        values = rows[name].iloc[order].groupby(first[order]).first()
        filled[name] = values.reindex(first).to_numpy()
    return filled.loc[np.sort(kept)].reset_index(drop=True)


def _same_as(rows: pd.DataFrame) -> Ints:
    """Give of each row the first row that is the same place."""
    import shapely
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    name = rows["name"].fillna("").astype(str).str.casefold().str.split().str.join("")
    named = np.flatnonzero((name != "").to_numpy())
    key = pd.factorize(rows["category"].astype(str) + "\n" + name)[0]
    points = rows["geometry"].to_numpy()
    one, other = shapely.STRtree(points[named]).query(points[named], predicate="dwithin", distance=SAME_SITE_M)
    one, other = named[one], named[other]
    same = key[one] == key[other]
    links = coo_array((np.ones(same.sum()), (one[same], other[same])), shape=(len(rows), len(rows)))
    group = connected_components(links, directed=False)[1]
    first = np.full(group.max() + 1, len(rows))
    np.minimum.at(first, group, np.arange(len(rows)))
    return np.asarray(first[group], np.int64)


def capacities(sites: pd.DataFrame, unit: str) -> Floats:
    """Give the capacity of each site in a unit (places or m2), nan where it is unknown or of another unit."""
    words = {str(word).casefold() for word in catalog.layer("catchments")["units"].get(unit, (unit,))} | {unit}
    said = sites["capacity_unit"].fillna("").astype(str).str.strip().str.casefold()
    number = sites["capacity"].to_numpy(np.float64, na_value=np.nan)
    fits: Bools = said.isin(words).to_numpy(bool) & (number > 0)
    return np.where(fits, number, np.nan)

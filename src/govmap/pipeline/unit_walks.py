"""Walks inside units: to the meeting place or the middle, from the outermost homes, to the services of the own unit."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from govmap.geometry import Floats, Ints
from govmap.network import Stops, minutes
from govmap.pipeline.walking import Homes

if TYPE_CHECKING:
    from govmap.network import Network

SIDES = 8
SPAN, NEAR_M = 3.0, 1_000.0  # how much longer than a unit is wide a way inside it is looked for


def meeting_places(resources: pd.DataFrame, units: pd.DataFrame) -> dict[str, Any]:
    """Give the point of the meeting place of units that name a resource as theirs, by unit_id."""
    there = resources[resources["name"].notna() & resources["geometry"].notna()]
    known = there.drop_duplicates("name", keep=False).set_index("name")["geometry"]
    named = units[units["meeting_place"].isin(known.index)]
    return dict(zip(named["unit_id"].astype(str), known.reindex(named["meeting_place"]), strict=True))


@dataclass(frozen=True, eq=False)
class Ground:
    """Homes, the network they leave to, and where each home is (nan where its door meets no street)."""

    homes: Homes
    network: "Network"
    xy: Floats

    @classmethod
    def of(cls, homes: Homes, network: "Network") -> "Ground":
        """Lay out the homes of a project."""
        first, met = homes.stops.first[:-1], homes.stops.connected
        xy = np.full((len(first), 2), np.nan)
        xy[met] = homes.stops.door[first[met]]
        return cls(homes, network, xy)

    @property
    def households(self) -> Ints:
        """Households of each home."""
        return self.homes.frame["households"].to_numpy(np.int64)

    def middle(self, rows: Ints) -> Stops:
        """Give the home nearest to the middle of the households of some homes."""
        return self.homes.stops.take(rows[[_middle(self.xy[rows], self.households[rows])]])

    def reach_m(self, rows: Ints) -> float:
        """Give how far ways between some homes are looked for."""
        known = self.xy[rows][~np.isnan(self.xy[rows, 0])]
        return SPAN * float(np.hypot(*np.ptp(known, axis=0))) + NEAR_M if len(known) else NEAR_M

    def mean_min(self, start: Stops, rows: Ints) -> float:
        """Give the mean minutes from a place to a household of some homes; nan where no way leads to any."""
        at, far = self.ways_m(start, rows)
        weight = self.households[rows][at]
        return float(minutes((far * weight).sum() / weight.sum())) if weight.sum() else float("nan")

    def ways_m(self, start: Stops, rows: Ints) -> tuple[Ints, Floats]:
        """Give the ways from a place to some homes: which of the rows, metres; those no way leads to are left out."""
        homes = self.homes.stops.take(rows)
        for limit_m in (self.reach_m(rows), np.inf):
            _, at, far = self.network.pairs(start, homes, limit_m=limit_m)
            if len(at) == int(homes.connected.sum()):
                break
        return at, far

    def longest_m(self, rows: Ints) -> float:
        """Give the longest walk from one of the outermost of some homes to another of them."""
        homes = self.homes.stops.take(rows)
        far = self.network.pairs(homes.take(_outermost(self.xy[rows])), homes, limit_m=self.reach_m(rows))[2]
        return float(far.max(initial=0.0))


def of_units(ground: Ground, meeting: dict[str, Any]) -> pd.DataFrame:
    """
    Measure the walks inside each unit of every level in which somebody lives.

    Returns
    -------
    walks
        unit_id, walk_min (mean minutes from the meeting place, else the middle, to a household), longest_walk_m,
        estimated (there are no streets).
    """
    units = ground.homes.units
    held = units[ground.households[units["row"].to_numpy(np.int64)] > 0]
    found = []
    for name, some in held.groupby("unit_id", sort=True)["row"]:
        rows, unit = some.to_numpy(np.int64), str(name)
        start = ground.network.stops([meeting[unit]]) if unit in meeting else ground.middle(rows)
        found.append((unit, ground.mean_min(start, rows), ground.longest_m(rows)))
    walks = pd.DataFrame(found, columns=["unit_id", "walk_min", "longest_walk_m"])
    return walks.assign(estimated=ground.network.estimated)


def to_own(
    ground: Ground, unit_of: "pd.Series[str]", sites: pd.DataFrame, stops: Stops, wanted: Collection[str]
) -> pd.DataFrame:
    """
    Measure the walks of homes to the nearest site of each category in their own unit.

    Parameters
    ----------
    unit_of
        Unit by part_id.
    sites
        category and part_id, row by row as `stops`.
    wanted
        The units that are looked at.

    Returns
    -------
    walks
        row (of the homes), category, distance_m; homes whose unit has none are not among them.
    """
    home = pd.Series(ground.homes.frame["part_id"].map(unit_of).to_numpy(object))
    site = pd.Series(sites["part_id"].map(unit_of).to_numpy(object))
    lived = ground.households > 0
    found = []
    for unit in sorted(set(wanted) & set(site.dropna())):
        rows = np.flatnonzero((home == unit).to_numpy() & lived)
        there = np.flatnonzero((site == unit).to_numpy())
        here = ground.homes.stops.take(rows)
        one, other, far = ground.network.pairs(here, stops.take(there), limit_m=ground.reach_m(rows))
        kind = sites["category"].to_numpy(object)[there][other]
        found.append(pd.DataFrame({"row": rows[one], "category": kind, "distance_m": far}))
    every = pd.concat(found) if found else pd.DataFrame({"row": [], "category": [], "distance_m": []})
    nearest = every.groupby(["row", "category"], sort=True)["distance_m"].min()
    return pd.DataFrame(nearest).reset_index()


def points_of(sites: pd.DataFrame) -> pd.DataFrame:
    """Give the sites that lie in a part and have a point."""
    shape = sites["geometry"].to_numpy(object)
    there = ~(shapely.is_missing(shape) | shapely.is_empty(shape)) & sites["part_id"].notna().to_numpy()
    kept: pd.DataFrame = sites[there].sort_values("resource_id", kind="stable", ignore_index=True)
    return kept


def _middle(xy: Floats, count: Ints) -> int:
    """Give the home nearest to the middle of the households, which is the median of each direction."""
    middle = []
    for values in xy.T:
        order = np.argsort(values, kind="stable")
        middle.append(values[order][np.searchsorted(np.cumsum(count[order]), count.sum() / 2)])
    return int(np.nan_to_num(np.hypot(*(xy - middle).T), nan=np.inf).argmin())


def _outermost(xy: Floats) -> Ints:
    """Give the homes that lie farthest out to each of eight sides."""
    angle = np.arange(SIDES) * 2 * np.pi / SIDES
    out = np.nan_to_num(xy @ np.array([np.cos(angle), np.sin(angle)]), nan=-np.inf)
    found: Ints = np.unique(out.argmax(axis=0)).astype(np.int64)
    return found

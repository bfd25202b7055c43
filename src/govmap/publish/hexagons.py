"""Where incidents were reported, as the public may see it: counts by hexagon of 100 m, a week old, none of a few.

A hexagon is made of parts, those whose building (or open ground) has its point in it, so that its count can be held
against the counts of units like any other number (see `history`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from govmap import catalog
from govmap.publish.allowed import Tables, column

KIND = "hexagon"
COLUMNS = ["place_id", "kind", "count", "few", "area", "geometry"]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Rule:
    """How much is told of incidents: from how many on, how old, on ground of what size."""

    fewest: int
    days: int
    hexagon_m: float

    @classmethod
    def known(cls) -> "Rule":
        """Read it from `layers/publish.toml`."""
        facts = catalog.layer("publish")["incidents"]
        return cls(int(facts["fewest"]), int(facts["days"]), float(facts["hexagon_m"]))


def old_enough(incidents: pd.DataFrame | None, at: datetime, *, days: int) -> pd.DataFrame | None:
    """Leave out incidents that are known to be younger; nobody can tell by a new number what happened yesterday."""
    if incidents is None:
        return None
    young = pd.to_datetime(column(incidents, "reported_at"), utc=True, errors="coerce") > at - timedelta(days=days)
    return incidents[~young].reset_index(drop=True)


def places(incidents: pd.DataFrame | None, tables: Tables, rule: Rule) -> pd.DataFrame:
    """
    Count incidents by hexagon.

    Parameters
    ----------
    incidents
        Those that may be told of, with their day; without one nothing says how old it is, and it has no place.

    Returns
    -------
    places
        One row a hexagon with reports: `count` (None where too few), `few` (reports, but too few), `area` (its parts),
        `geometry` (its middle). Names follow the order of places, for a name made of coordinates would tell them.
    """
    where = _points(tables)
    if incidents is None or not where:
        return pd.DataFrame(columns=COLUMNS)
    told = incidents[column(incidents, "reported_at").notna() & column(incidents, "duplicate_of").isna()]
    part = _part_of(told, tables).dropna()
    names = sorted(where)
    cell = _cells(np.array([where[one] for one in names]), rule.hexagon_m)
    key = dict(zip(names, map(tuple, cell.tolist()), strict=True))
    counts = part[part.isin(where)].map(key).value_counts()
    members: dict[tuple[int, int], list[str]] = {}
    for name in names:
        members.setdefault(key[name], []).append(name)
    return _rows({one: int(counts[one]) for one in sorted(counts.index)}, members, rule, tables)


def _rows(
    counts: Mapping[tuple[int, int], int], members: Mapping[tuple[int, int], list[str]], rule: Rule, tables: Tables
) -> pd.DataFrame:
    middles = shapely.points(_middles(np.array(list(counts)).reshape(-1, 2), rule.hexagon_m))
    rows = [
        (f"h{at + 1}", KIND, count if count >= rule.fewest else None, count < rule.fewest, tuple(members[one]))
        for at, (one, count) in enumerate(counts.items())
    ]
    made = pd.DataFrame(rows, columns=COLUMNS[:-1]).astype({"count": object})
    crs = next((frame.crs for frame in tables.values() if isinstance(frame, gpd.GeoDataFrame)), None)
    placed: pd.DataFrame = gpd.GeoDataFrame(made, geometry=middles, crs=crs)
    return placed


def _points(tables: Tables) -> dict[str, tuple[float, float]]:
    """Give each part the point of its building, else of its cell."""
    parts = tables.get("parts")
    if parts is None:
        return {}
    found: dict[str, tuple[float, float]] = {}
    for table, key in (("cells", "cell_id"), ("buildings", "building_id")):
        frame = tables.get(table)
        if frame is None or "geometry" not in frame or key not in parts:
            continue
        points = shapely.get_coordinates(shapely.point_on_surface(frame["geometry"].to_numpy()))
        point = dict(zip(frame[key], map(tuple, points.tolist()), strict=True))
        found |= {part: point[one] for part, one in zip(parts["part_id"], parts[key], strict=True) if one in point}
    return found


def _part_of(incidents: pd.DataFrame, tables: Tables) -> "pd.Series[Any]":
    """Name the part of each incident, of several the first."""
    parts = tables["parts"].sort_values("part_id", kind="stable")
    part = column(incidents, "part_id").astype(object)
    for key in ("building_id", "cell_id"):
        if key in parts:
            first = parts.dropna(subset=key).drop_duplicates(key).set_index(key)["part_id"]
            part = part.where(part.notna(), column(incidents, key).map(first))
    return part


def _cells(points: NDArray[np.float64], across_m: float) -> Whole:
    """Give the hexagon of each point by its two slanting coordinates (pointy tops)."""
    side = across_m / np.sqrt(3)
    r = points[:, 1] * 2 / 3 / side
    q = points[:, 0] / across_m - r / 2
    three = np.column_stack([q, r, -q - r])
    near = np.rint(three)
    worst = np.abs(near - three).argmax(axis=1)
    rows = np.arange(len(points))
    near[rows, worst] = 0
    near[rows, worst] = -near.sum(axis=1)
    return np.asarray(near[:, :2], dtype=np.int64)


def _middles(cells: Whole, across_m: float) -> NDArray[np.float64]:
    side = across_m / np.sqrt(3)
    return np.column_stack([across_m * (cells[:, 0] + cells[:, 1] / 2), side * 1.5 * cells[:, 1]])

"""The radial form: lines from the community's centre to each leader's middle and on to units; spans of control."""

from typing import Any

import numpy as np
import pandas as pd
import shapely

from govmap import catalog
from govmap.govern.posts import posts

CENTRE, LEADER = "centre", "leader"


def spans(duties: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """
    Count what each leader leads.

    Parameters
    ----------
    duties
        In force, with `post`: worker_id, unit_id, post.
    units
        unit_id, code, households.

    Returns
    -------
    spans
        worker_id, post, units, households, codes (of the units), wide (more than one can well keep up with). In the
        order of the codes led, never of persons or numbers.
    """
    rows = _led(duties).merge(units[["unit_id", "code", "households"]], on="unit_id")
    most = int(catalog.layer("roles")["choosing"]["span"])
    found = []
    for (who, post), some in rows.groupby(["worker_id", "post"], sort=True):
        codes = sorted(some["code"].astype(str))
        facts = {"units": len(some), "households": int(some["households"].fillna(0).sum())}
        found.append({"worker_id": who, "post": post, **facts, "codes": codes, "wide": len(some) > most})
    made = pd.DataFrame(found, columns=["worker_id", "post", "units", "households", "codes", "wide"])
    order = sorted(range(len(made)), key=lambda at: (made["codes"].iloc[at], made["worker_id"].iloc[at]))
    return made.iloc[order].reset_index(drop=True)


def spider(duties: pd.DataFrame, units: pd.DataFrame, centre: Any) -> pd.DataFrame:
    """
    Draw the lines of the radial form; where a leader lives plays no part.

    Parameters
    ----------
    duties
        In force, with `post`.
    units
        unit_id, code, geometry.
    centre
        The point of the community's office, or of its middle.

    Returns
    -------
    lines
        kind (`centre`: to the middle of the units that somebody leads, `leader`: on to each unit), worker_id, post,
        unit_id (missing for the first kind), geometry.
    """
    rows = _led(duties).merge(units[["unit_id", "code", "geometry"]], on="unit_id").sort_values(["code", "post"])
    points = shapely.point_on_surface(np.asarray(rows["geometry"], object))
    rows = rows.assign(x=shapely.get_x(points), y=shapely.get_y(points))
    found: list[dict[str, Any]] = []
    for (who, post), some in rows.groupby(["worker_id", "post"], sort=False):
        middle = shapely.Point(some["x"].mean(), some["y"].mean())
        plain = {"worker_id": who, "post": post}
        found.append({"kind": CENTRE, **plain, "unit_id": None, "geometry": shapely.LineString([centre, middle])})
        for unit, x, y in some[["unit_id", "x", "y"]].itertuples(index=False):
            line = shapely.LineString([middle, shapely.Point(x, y)])
            found.append({"kind": LEADER, **plain, "unit_id": unit, "geometry": line})
    return pd.DataFrame(found, columns=["kind", "worker_id", "post", "unit_id", "geometry"])


def _led(duties: pd.DataFrame) -> pd.DataFrame:
    """Give the duties of leaders; where a unit has none, those of the workers who hold it."""
    leads = [name for name, post in posts().items() if post.leads]
    led = duties[duties["post"].isin(leads)]
    rest = duties[duties["post"].notna() & ~duties["unit_id"].isin(led["unit_id"])]
    works = [name for name, post in posts().items() if post.counted]
    rows = pd.concat([led, rest[rest["post"].isin(works)]])
    return rows[["worker_id", "unit_id", "post"]].drop_duplicates().reset_index(drop=True)

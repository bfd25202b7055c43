"""What a new plan does to walks inside units: to the meeting place or middle, and to the services of the own unit.

Dividing moves no door: the way to the nearest clinic anywhere stays as it was. What changes is which unit's place and
which unit's services are one's own, so this is what is measured, in the units that change, before and after.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from govmap import catalog
from govmap.delineate.compare import KEPT, Comparison
from govmap.messages import Note, Voice, note
from govmap.network import minutes
from govmap.pipeline.aligned import aligned
from govmap.pipeline.report import Report
from govmap.pipeline.unit_walks import Ground, meeting_places, points_of, to_own
from govmap.pipeline.walking import homes, network_of
from govmap.plan import Plan
from govmap.project import Project

SIDES = ("before", "after")
MEETING = "meeting_place"
ELDERS = "age_60_plus"
SITES = ["resource_id", "category", "name", "part_id", "geometry"]


def walks_told(
    report: Report, project: Project, plans: Sequence[Plan], levels: Sequence[Comparison], voice: Voice
) -> list[Note]:
    """
    Lay the walks of both plans side by side, in units of the lowest level that change, and write them into the figures.

    Parameters
    ----------
    levels
        The comparison of each level, the lowest last.
    """
    changing = levels[-1].units[levels[-1].units["state"] != KEPT]
    if changing.empty:
        return []
    laid = [_here(project, plan) for plan in plans]
    if any(plan is None for plan in laid):
        return [note("compare_no_walks")]
    ground = Ground.of(homes(project), network_of(project))
    rows = pd.DataFrame(project.read("resources", where={"duplicate_of": [None]}, columns=SITES))
    tables = [
        _of_plan(project, ground, plan, rows, set(changing[f"unit_{side}"].dropna()))
        for side, plan in zip(SIDES, laid, strict=True)
        if plan is not None
    ]
    both = pd.concat([one.add_suffix(f"_{side}") for one, side in zip(tables, SIDES, strict=True)], axis=1).sort_index()
    report.figures["walks"] = [
        {"place": place, **{name: None if pd.isna(one) else round(float(one), 2) for name, one in row.items()}}
        for place, row in both.to_dict("index").items()
    ]
    return _lines(both, voice) + ([note("compare_walks_estimated")] if ground.network.estimated else [])


def _here(project: Project, plan: Plan) -> Plan | None:
    """Lay a plan on the parts of now; None where its own ground is no longer kept."""
    if plan.edition == project.edition:
        return plan
    past = project.read("parts_past", where={"edition": plan.edition}, columns=["part_id", "building_id"])
    now = project.read("parts", columns=["part_id", "building_id"])
    return plan.onto(now, past, project.edition) if len(past) else None


def _of_plan(project: Project, ground: Ground, plan: Plan, rows: pd.DataFrame, wanted: set[str]) -> pd.DataFrame:
    """Measure one plan: by place (the meeting place, each category) households that have one, and mean minutes."""
    sites = points_of(rows)
    stops = ground.network.stops(sites["geometry"].to_numpy(object))
    near = to_own(ground, plan.parts, sites, stops, wanted)
    units = project.read("units", where={"plan_id": plan.plan_id})
    middle = _to_middle(ground, plan, meeting_places(rows, units), wanted)
    every = pd.concat([middle, near], ignore_index=True)
    at = every["row"].to_numpy(np.int64)
    found = {"households": _means(every, ground.households[at], "general")}
    if ELDERS in ground.homes.frame:
        elders = _means(every, ground.homes.frame[ELDERS].fillna(0).to_numpy(np.int64)[at], "elder")
        found["elders"] = elders[elders["count"] >= int(project.profile.facts["publish"]["k"])]
    return pd.concat([one.add_prefix(f"{name}_") for name, one in found.items()], axis=1)


def _means(every: pd.DataFrame, weight: Any, speed: str) -> pd.DataFrame:
    """Give by place who reaches it, and the mean minutes they walk."""
    rows = every.assign(count=weight, walk=minutes(every["distance_m"].to_numpy(float), speed) * weight)
    sums = rows.groupby("category", sort=True)[["count", "walk"]].sum()
    return pd.DataFrame({"count": sums["count"], "min": sums["walk"] / sums["count"].where(sums["count"] > 0)})


def _to_middle(ground: Ground, plan: Plan, meeting: dict[str, Any], wanted: set[str]) -> pd.DataFrame:
    """Give the way of each home of some units to their meeting place, else to the middle of their households."""
    home = pd.Series(ground.homes.frame["part_id"].map(plan.parts).to_numpy(object))
    lived = ground.households > 0
    found = []
    for unit in sorted(wanted):
        rows = np.flatnonzero((home == unit).to_numpy() & lived)
        if len(rows):
            start = ground.network.stops([meeting[unit]]) if unit in meeting else ground.middle(rows)
            at, far = ground.ways_m(start, rows)
            found.append(pd.DataFrame({"row": rows[at], "category": MEETING, "distance_m": far}))
    return pd.concat(found) if found else pd.DataFrame({"row": [], "category": [], "distance_m": []})


def _lines(both: pd.DataFrame, voice: Voice) -> list[Note]:
    """Lay out the places to which walks are known, the meeting place first."""
    layers = catalog.layers("resources")
    order = sorted(both.index, key=lambda place: (place != MEETING, place))
    head = [voice.say(f"compare_walk_{name}") for name in ("place", "min", "households", "elders")]
    rows = [head]
    for place in order:
        row = both.loc[place]
        known = place in layers
        title = layers[place]["layer"]["title"][voice.language] if known else voice.say(f"compare_walk_{place}")
        cells = [
            _pair(row, "households_min", ".1f"),
            _pair(row, "households_count", ",.0f"),
            _pair(row, "elders_min", ".1f"),
        ]
        rows.append([title, *cells])
    return [note("compare_walk_head"), *(note("compare_line", line=f"  {line}") for line in aligned(rows))]


def _pair(row: "pd.Series[float]", name: str, form: str) -> str:
    """Write a figure before and after; a dash where there is none."""
    values = [row.get(f"{name}_{side}", np.nan) for side in SIDES]
    return " → ".join("–" if pd.isna(one) else format(float(one), form) for one in values)

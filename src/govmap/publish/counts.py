"""From parts to units: where each building, resource and incident belongs, and what is counted in each unit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from govmap import sensitive
from govmap.publish.allowed import Tables, column, withheld

GUESSED = ("estimated", "spread")
TALLY = ["unit_id", "theme", "category", "count", "people"]
TOTAL = ["community_id", "theme", "category", "count"]


@dataclass(frozen=True)
class Homes:
    """The unit of every part, building and cell, and the parts of every unit."""

    part: Mapping[Any, str]
    building: Mapping[Any, str]
    cell: Mapping[Any, str]
    parts: Mapping[Any, list[str]]

    def area(self, unit: Any) -> tuple[str, ...]:
        """Give the parts of a unit; one without parts stands for itself."""
        return tuple(self.parts.get(unit, ())) or (str(unit),)

    def of(self, frame: pd.DataFrame) -> "pd.Series[Any]":
        """Give the unit of rows that name a part, a building or a cell."""
        unit = column(frame, "part_id").map(self.part).astype(object)
        unit = unit.where(unit.notna(), column(frame, "building_id").map(self.building))
        unit = unit.where(unit.notna(), column(frame, "cell_id").map(self.cell))
        return unit.where(unit.notna(), None)


def numbers(frame: pd.DataFrame | None, name: str) -> "pd.Series[float]":
    """Give a column as numbers, null as 0."""
    return pd.to_numeric(column(frame, name), errors="raise").fillna(0).astype(float)


def homes(tables: Tables) -> Homes:
    """Find the unit of each part; a building or cell of several units counts with the one of most households."""
    if "parts" not in tables or "plan_parts" not in tables:
        return Homes({}, {}, {}, {})
    placed = tables["plan_parts"][["part_id", "unit_id"]].dropna().merge(tables["parts"], on="part_id", how="left")
    placed = placed.assign(weight=numbers(placed, "households")).sort_values("part_id", kind="stable")
    members: dict[Any, list[str]] = {}
    for part, unit in zip(placed["part_id"], placed["unit_id"], strict=True):
        members.setdefault(unit, []).append(part)
    members |= _members_above(tables.get("units"), members)
    part = dict(zip(placed["part_id"], placed["unit_id"], strict=True))
    return Homes(part, _most(placed, "building_id"), _most(placed, "cell_id"), members)


def _members_above(units: pd.DataFrame | None, members: Mapping[Any, list[str]]) -> dict[Any, list[str]]:
    """Give the parts of the units over others: those of all that lies in them."""
    if units is None:
        return {}
    parent = dict(zip(units["unit_id"], column(units, "parent_unit_id"), strict=True))
    found: dict[Any, list[str]] = {}
    for unit, parts in members.items():
        above, seen = parent.get(unit), {unit}
        while isinstance(above, str) and above not in seen:
            found.setdefault(above, []).extend(parts)
            seen.add(above)
            above = parent.get(above)
    return {unit: sorted(parts) for unit, parts in found.items()}


def _most(placed: pd.DataFrame, place: str) -> dict[Any, str]:
    sums = placed.groupby([place, "unit_id"], sort=True)["weight"].sum().reset_index()
    first = sums.sort_values([place, "weight", "unit_id"], ascending=[True, False, True], kind="stable")
    first = first.drop_duplicates(place)
    return dict(zip(first[place], first["unit_id"], strict=True))


def guesses(tables: Tables, found: Homes) -> pd.DataFrame:
    """Give households of each unit, and how many of them nobody has counted building by building."""
    if "buildings" not in tables or "parts" not in tables or not found.part:
        return pd.DataFrame({"guess": [], "weight": []}, dtype=float)
    buildings, parts = tables["buildings"], tables["parts"]
    source = dict(zip(buildings["building_id"], column(buildings, "households_source"), strict=True))
    parts = parts.assign(unit=parts["part_id"].map(found.part), weight=numbers(parts, "households"))
    parts = parts.assign(guess=parts["weight"].where(parts["building_id"].map(source).isin(GUESSED), 0.0))
    return parts.groupby("unit")[["guess", "weight"]].sum()


def told_incidents(incidents: pd.DataFrame | None, found: Homes) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Give incidents their unit, those of sensitive kinds apart: they never stand below the community."""
    if incidents is None:
        return None, None
    kind, category = column(incidents, "kind"), column(incidents, "category")
    flag = column(incidents, "sensitive").map(lambda one: one is not None and one == True)  # noqa: E712 - also numpy's
    told = kind.isin(withheld("kinds")) | category.isin(withheld("kinds"))
    hidden = flag | told | sensitive.rows(category) | sensitive.rows(kind)
    placed = incidents.assign(unit_id=found.of(incidents))
    return placed[~hidden].reset_index(drop=True), placed[hidden].reset_index(drop=True)


def tally(
    tallies: pd.DataFrame | None, incidents: pd.DataFrame | None, units: pd.DataFrame, *, by_category: bool
) -> pd.DataFrame:
    """Keep the tallies of people and resources; count incidents anew, from those that may be told."""
    parts = [] if tallies is None else [tallies[tallies["theme"] != "incidents"][TALLY]]
    if incidents is not None:
        once = column(incidents, "duplicate_of").isna()  # what repeats another is one matter with it
        told = incidents[incidents["unit_id"].notna() & once]
        category = column(told, "category").fillna("other") if by_category else "all"
        told = told.assign(theme="incidents", category=category, count=1)
        counts = _on_every_level(pd.DataFrame(told)[["unit_id", "theme", "category", "count"]], units)
        parts.append(counts.assign(people=None)[TALLY])
    filled = [part.astype(object) for part in parts if len(part)]
    joined = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=TALLY, dtype=object)
    return joined[joined["unit_id"].isin(set(units["unit_id"]))].reset_index(drop=True)


def _on_every_level(rows: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Count rows in their unit and in all that lie over it."""
    parent = dict(zip(units["unit_id"], column(units, "parent_unit_id"), strict=True))
    levels, above = [rows], rows
    for _ in range(len(parent)):
        above = above.assign(unit_id=above["unit_id"].map(parent)).dropna(subset="unit_id")
        if above.empty:
            break
        levels.append(above)
    every = pd.concat(levels, ignore_index=True)
    return every.groupby(["unit_id", "theme", "category"], sort=True)["count"].sum().reset_index()


def reported(rates: pd.DataFrame, told: pd.DataFrame | None, units: pd.DataFrame, zone: str) -> pd.DataFrame:
    """
    Count for each rate the reports that may be told of its unit or community in its days; none where there is no list.

    Rates come with counts of their own, made of all reports; those of the public leave out the youngest. Days begin at
    midnight of `zone`, by the clock of the office, as they do where the rates are made.
    """
    if told is None or rates.empty:
        return rates.assign(count=pd.Series(np.nan, index=rates.index, dtype=float))
    where = dict(zip(units["unit_id"], column(units, "community_id"), strict=True))
    once = told[told["unit_id"].notna() & column(told, "duplicate_of").isna()]
    found = pd.Series(0.0, index=rates.index)
    for (since, until), rows in rates.groupby([_text(rates, "since"), _text(rates, "until")], sort=True):
        mine = _within(once, str(since), str(until), zone).assign(theme="", category="", count=1)
        mine = pd.DataFrame(mine)[["unit_id", "theme", "category", "count"]]
        sums = dict(mine["unit_id"].map(where).value_counts()) if len(mine) else {}
        if len(mine):
            every = _on_every_level(mine, units)
            sums |= dict(zip(every["unit_id"], every["count"], strict=True))
        found[rows.index] = rows["unit_id"].map(sums).fillna(0).astype(float)
    return rates.assign(count=found)


def _text(frame: pd.DataFrame, name: str) -> "pd.Series[str]":
    """Give days as text, empty where there is none."""
    told = column(frame, name)
    return told.astype(str).str[:10].where(told.notna(), "")


def _within(reports: pd.DataFrame, since: str, until: str, zone: str) -> pd.DataFrame:
    """Keep reports of these days, both included; all where none is named."""
    at = pd.to_datetime(column(reports, "reported_at"), utc=True, errors="coerce")
    day = at.dt.tz_convert(zone).dt.tz_localize(None)
    kept = pd.Series(True, index=reports.index)
    if since:
        kept &= day >= pd.Timestamp(since)
    if until:
        kept &= day < pd.Timestamp(until) + pd.Timedelta(days=1)
    return reports[kept]


def total(units: pd.DataFrame, tallies: pd.DataFrame, secret: pd.DataFrame | None) -> pd.DataFrame:
    """Sum households, residents and tallies over the topmost units of each community."""
    top = pd.DataFrame(units[column(units, "parent_unit_id").isna()])
    where = dict(zip(units["unit_id"], column(units, "community_id"), strict=True))
    tallies = tallies[~tallies["unit_id"].isin(column(units, "parent_unit_id").dropna())]  # each is counted once
    rows = [top.assign(theme="base", category=name, count=numbers(top, name)) for name in ("households", "residents")]
    value = numbers(tallies, "people").where(column(tallies, "people").notna(), numbers(tallies, "count"))
    rows.append(tallies.assign(community_id=tallies["unit_id"].map(where), count=value))
    if secret is not None:
        known = column(secret, "community_id")
        place = known.where(known.notna(), secret["unit_id"].map(where))
        rows.append(pd.DataFrame({"community_id": place, "theme": "incidents", "category": "sensitive", "count": 1.0}))
    joined = pd.concat([row[TOTAL].astype(object) for row in rows], ignore_index=True).dropna(subset="community_id")
    sums = joined.groupby(["community_id", "theme", "category"], sort=True)["count"].sum()
    return sums.astype(float).reset_index()


def without_few(totals: pd.DataFrame, k: int) -> pd.DataFrame:
    """Withhold from everyone how many sensitive incidents a community has, where they are fewer than k."""
    few = (totals["category"] == "sensitive") & (totals["count"] < k)
    return totals.assign(count=totals["count"].astype(object).where(~few, None)) if few.any() else totals

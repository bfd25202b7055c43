"""Sums of what is attached: residents, resources and incidents per unit, on every level of a plan, in one pass."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from govmap.attach.leaves import Ints

TALLIES = ("plan_id", "unit_id", "theme", "category", "count", "people")
COUNTED = ("households", "rooms")  # what is counted and not people


def tallies(
    people: pd.DataFrame,
    resources: pd.DataFrame,
    incidents: pd.DataFrame,
    plan_parts: pd.DataFrame,
    *,
    parents: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """
    Count what lies in each unit of a plan.

    Parameters
    ----------
    people
        What registers say of parts, as `register.by_part` gives it.
    resources, incidents
        Rows with part_id and category, or these counted already (`count`). Incidents of sensitive kinds are counted
        for no unit.
    plan_parts
        plan_id, part_id, unit_id.
    parents
        The unit above of each unit that has one: what lies in a unit lies in those above it.

    Returns
    -------
    tallies
        plan_id, unit_id, theme (residents; of another basis residents_registered, residents_rented; resources,
        incidents), category, count, people: one row each, sorted; people of age bands, else counts.
    """
    told = incidents
    if len(told) and "sensitive" in told:
        told = told[~told["sensitive"].fillna(value=False).astype(bool)]
    frames = [_people(people, plan_parts)]
    frames += [_things(rows, theme, plan_parts) for rows, theme in ((resources, "resources"), (told, "incidents"))]
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in TALLIES})
    every = _lifted(pd.concat(filled, ignore_index=True), parents or {})
    counts = every["category"].isin(COUNTED) | ~every["theme"].str.startswith("residents")
    number = every["number"].astype("Int64")
    every = every.assign(count=number.where(counts, pd.NA), people=number.where(~counts, pd.NA))
    return every.sort_values(list(TALLIES[:4]), ignore_index=True)[list(TALLIES)]


def _lifted(lowest: pd.DataFrame, parents: Mapping[str, str]) -> pd.DataFrame:
    """Add the sums of the units above, level by level."""
    found, level = [lowest], lowest
    while True:
        above = level["unit_id"].map(parents)
        if above.isna().all() or len(found) > len(parents):
            return pd.concat(found, ignore_index=True) if len(found) > 1 else lowest
        rows = level.assign(unit_id=above).dropna(subset="unit_id")
        level = rows.groupby(["plan_id", "unit_id", "theme", "category"], sort=True)["number"].sum().reset_index()
        found.append(level)


def _things(rows: pd.DataFrame, theme: str, plan_parts: pd.DataFrame) -> pd.DataFrame:
    """Count rows by unit and category."""
    if rows.empty:
        return pd.DataFrame(columns=[*TALLIES, "number"])
    number = rows["count"].to_numpy(np.int64) if "count" in rows else np.ones(len(rows), np.int64)
    category = rows["category"].fillna("other")
    return _by_unit(rows["part_id"], category, number, plan_parts).assign(theme=theme)


def _people(people: pd.DataFrame, plan_parts: pd.DataFrame) -> pd.DataFrame:
    """Sum households, people, rooms and age bands by unit and basis."""
    if people.empty:
        return pd.DataFrame(columns=[*TALLIES, "number"])
    what = people["base"].astype(str) + " " + people["category"].astype(str)
    sums = _by_unit(people["part_id"], what, people["number"].to_numpy(np.int64), plan_parts)
    split = sums["category"].str.split(" ", n=1, expand=True)
    theme = np.where(split[0] == "actual", "residents", "residents_" + split[0].astype(str))
    return sums.assign(category=split[1], theme=theme)


def _by_unit(
    parts: "pd.Series[str]", categories: "pd.Series[str]", number: Ints, plan_parts: pd.DataFrame
) -> pd.DataFrame:
    """Sum numbers by plan, unit and category; what lies in no part of the plan is left out."""
    part, known = pd.factorize(parts)
    category, names = pd.factorize(categories)
    rows = []
    for plan_id, mine in plan_parts.groupby("plan_id", sort=True):
        unit, units = pd.factorize(mine["unit_id"], sort=True)
        at = pd.Index(mine["part_id"]).get_indexer(known)
        of = np.append(np.where(at >= 0, unit[at], -1), -1)[part]  # -1, nothing known, takes the last
        there = of >= 0
        key = of[there] * len(names) + category[there]
        size = len(units) * len(names)
        sums, seen = np.zeros(size, np.int64), np.bincount(key, minlength=size)
        np.add.at(sums, key, number[there])
        filled = np.flatnonzero(seen)
        found = {"unit_id": units[filled // len(names)], "category": names[filled % len(names)]}
        rows.append(pd.DataFrame({**found, "number": sums[filled]}).assign(plan_id=plan_id))
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=["unit_id", "category", "number"])

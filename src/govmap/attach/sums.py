"""Sums of what is attached: residents, resources and incidents per unit and plan."""

import numpy as np
import pandas as pd

from govmap.shares import share_out

AGES = ("age_0_6", "age_7_14", "age_15_59", "age_60_plus", "age_80_plus", "living_alone_60")
COUNTS = ("households", "people", *AGES)
TALLIES = ("plan_id", "unit_id", "theme", "category", "count", "people")


def tallies(
    residents: pd.DataFrame,
    resources: pd.DataFrame,
    incidents: pd.DataFrame,
    plan_parts: pd.DataFrame,
    parts: pd.DataFrame,
) -> pd.DataFrame:
    """
    Count what lies in each unit of each plan.

    Incidents of sensitive kinds are counted for no unit. Residents of a building in several parts are spread over them
    by households, whole persons, so that the sums stay.

    Returns
    -------
    tallies
        plan_id, unit_id, theme (residents; of another basis residents_registered, residents_rented; resources,
        incidents), category, count, people: one row each, sorted.
    """
    told = incidents[~incidents["sensitive"].fillna(value=False).astype(bool)] if len(incidents) else incidents
    frames = [_people(residents, plan_parts, parts)]
    frames += [_things(rows, theme, plan_parts) for rows, theme in ((resources, "resources"), (told, "incidents"))]
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in TALLIES})
    every = pd.concat(filled, ignore_index=True)
    every[["count", "people"]] = every[["count", "people"]].astype("Int64")
    return every.sort_values(list(TALLIES[:4]), ignore_index=True)[list(TALLIES)]


def _things(rows: pd.DataFrame, theme: str, plan_parts: pd.DataFrame) -> pd.DataFrame:
    """Count rows by unit and category."""
    if rows.empty:
        return pd.DataFrame(columns=list(TALLIES))
    held = (
        rows[["part_id", "category"]].assign(category=rows["category"].fillna("other")).merge(plan_parts, on="part_id")
    )
    counts = held.groupby(["plan_id", "unit_id", "category"]).size().rename("count").reset_index()
    return counts.assign(theme=theme, people=None)


def _people(residents: pd.DataFrame, plan_parts: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    """Sum households, people and age bands by unit and basis."""
    counted = residents[residents["reason"].isna() & residents["building_id"].notna()] if len(residents) else residents
    if counted.empty:
        return pd.DataFrame(columns=list(TALLIES))
    spread = _over_parts(counted, parts)
    long = spread.melt(["part_id", "base"], list(COUNTS), "category", "number").dropna(subset="number")
    held = long.merge(plan_parts, on="part_id")
    sums = held.groupby(["plan_id", "unit_id", "base", "category"])["number"].sum().reset_index()
    sums["theme"] = np.where(sums["base"] == "actual", "residents", "residents_" + sums["base"].astype(str))
    households = sums["category"] == "households"
    return sums.assign(count=sums["number"].where(households, None), people=sums["number"].where(~households, None))


def _over_parts(counted: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    """Give counts by part: those of a building in several parts are spread over them by households."""
    columns = ["part_id", "base", *COUNTS]
    exact = counted.loc[counted["part_id"].notna(), columns]
    open_ = counted[counted["part_id"].isna()]
    if open_.empty:
        return exact
    weights = parts.assign(weight=parts["households"].fillna(0).astype(float)).sort_values("part_id")
    by_building = dict(iter(weights.groupby("building_id")))
    rows = [
        {"part_id": part, "base": row["base"], **{name: value[place] for name, value in divided.items()}}
        for row in open_.to_dict("records")
        if (group := by_building.get(row["building_id"])) is not None
        for divided in [{name: share_out(int(row[name]), group["weight"]) for name in COUNTS if pd.notna(row[name])}]
        for place, part in enumerate(group["part_id"])
    ]
    return pd.concat([exact, pd.DataFrame(rows, columns=columns)], ignore_index=True)


def reshare(parts: pd.DataFrame, buildings: pd.DataFrame) -> pd.DataFrame:
    """
    Give parts the households and residents that their buildings now have.

    A building of several parts is shared among them by the households they had, else equally, in whole numbers.
    """
    parts = parts.sort_values("part_id", kind="stable", ignore_index=True)
    held = buildings.set_index("building_id")[["households", "residents"]].fillna(0).astype(np.int64)
    weight = parts["households"].fillna(0).to_numpy(dtype=float)
    groups = {str(one): rows for one, rows in parts.groupby("building_id").indices.items() if one in held.index}
    for measure in ("households", "residents"):
        values = parts[measure].fillna(0).to_numpy(dtype=np.int64).copy()
        totals = held[measure]
        for building, rows in groups.items():
            total = int(totals[building])
            values[rows] = total if len(rows) == 1 else share_out(total, weight[rows])
        parts[measure] = values
    return parts

"""How fit each unit is for acting together: its size, shared yards and entrances, walks, neighbours kept.

Small groups whose members know each other act together more easily (Olson 1965). These are plain figures of units, to
be laid beside what is thought good in `layers/fit.toml`; no household and no person is scored.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from govmap import catalog
from govmap.plan import Plan, neighbours_kept

FITS = ("plan_id", "unit_id", "level", "measure", "value")
OF_COMPOUNDS = ("compounds", "compound_share")
ENOUGH = 0.5  # of the households must lie in known compounds, else the map lacks them and nothing is said of yards
LEVEL = "base"


def measures() -> Mapping[str, Mapping[str, Any]]:
    """Give what is measured, with title, unit, limit and source, from `layers/fit.toml`."""
    found: Mapping[str, Mapping[str, Any]] = catalog.layer("fit")["measures"]
    return found


def fits(
    plan: Plan,
    parts: pd.DataFrame,
    entrances: pd.DataFrame,
    walks: pd.DataFrame,
    *,
    before: Plan | None = None,
) -> pd.DataFrame:
    """
    Give the rows of `fits`: every measure of every unit on every level, as far as it is known.

    Parameters
    ----------
    parts
        part_id, building_id, compound_id, households.
    entrances
        entrance_id, building_id, compound_id.
    walks
        unit_id and longest_walk_m; units without one have no such row.
    before
        The plan before this one, over the same parts; without it nothing is said of neighbours.
    """
    parts = parts.sort_values("part_id", kind="stable", ignore_index=True)
    homes = parts.assign(households=parts["households"].fillna(0).astype("int64"))
    known = compounds_known(homes) >= ENOUGH
    found = []
    for tier, former in _beside(plan, before):
        rows = homes.assign(unit_id=tier.parts.reindex(homes["part_id"]).to_numpy(dtype=object))
        rows = rows.dropna(subset=["unit_id"])
        told = _of_homes(rows, entrances)
        told = told if known else told.drop(columns=list(OF_COMPOUNDS))
        told["longest_walk_m"] = walks.set_index("unit_id")["longest_walk_m"].reindex(told.index)
        if former is not None:
            told["neighbours_kept"] = neighbours_kept(former, tier, homes)
        found.append(told)
    return _long(plan, pd.concat(found)) if found else pd.DataFrame(columns=list(FITS))


def compounds_known(parts: pd.DataFrame) -> float:
    """Give the share of all households that lie in a known compound."""
    homes = parts["households"].fillna(0).to_numpy(float)
    return float(homes[parts["compound_id"].notna().to_numpy()].sum() / homes.sum()) if homes.sum() else 0.0


def _beside(plan: Plan, before: Plan | None) -> list[tuple[Plan, Plan | None]]:
    """Give every level with that of the plan before which is as far from the lowest; what is higher has its topmost."""
    mine, theirs = plan.tiers()[::-1], [] if before is None else before.tiers()[::-1]
    return [(tier, theirs[min(at, len(theirs) - 1)] if theirs else None) for at, tier in enumerate(mine)]


def _of_homes(rows: pd.DataFrame, entrances: pd.DataFrame) -> pd.DataFrame:
    """Measure units by their homes: households, compounds, entrances."""
    found = rows.groupby("unit_id")[["households"]].sum()
    held = rows[(rows["households"] > 0) & rows["compound_id"].notna()]
    shares = held.groupby(["unit_id", "compound_id"])["households"].sum()
    found["compounds"] = shares.groupby("unit_id").size().reindex(found.index).fillna(0)
    largest = shares.groupby("unit_id").max().reindex(found.index).fillna(0)
    found["compound_share"] = largest / found["households"].where(found["households"] > 0)
    return found.join(_entrances(rows, entrances))


def _entrances(rows: pd.DataFrame, entrances: pd.DataFrame) -> pd.DataFrame:
    """Count the known entrances of each unit, and the households that share one."""
    whole = {}
    for by in ("building_id", "compound_id"):
        count = entrances[by].dropna().value_counts()
        shared = rows[rows[by].isin(count.index) & (rows["households"] > 0)]
        sums = shared.groupby(["unit_id", by])["households"].sum().reset_index()
        whole[by] = sums.assign(entrances=sums[by].map(count).astype("int64"))
    every = pd.concat([one[["unit_id", "households", "entrances"]] for one in whole.values()])
    sums = every.groupby("unit_id")[["households", "entrances"]].sum()
    return pd.DataFrame(
        {"entrances": sums["entrances"], "households_an_entrance": sums["households"] / sums["entrances"]}
    )


def _long(plan: Plan, told: pd.DataFrame) -> pd.DataFrame:
    """Lay the measures out as rows; what is not known has none."""
    rows = told.astype(float).rename_axis("unit_id").reset_index().melt("unit_id", var_name="measure").dropna()
    rows["value"] = rows["value"].round(6)
    level = [plan.levels.get(str(unit), LEVEL) for unit in rows["unit_id"]]
    rows = rows.assign(plan_id=plan.plan_id, level=level)[list(FITS)]
    return rows.drop_duplicates(["unit_id", "measure"]).sort_values(["unit_id", "measure"], ignore_index=True)


def out_of_line(rows: pd.DataFrame) -> pd.DataFrame:
    """
    Give the rows of `fits` beyond what is thought good, with that limit, by measure and how far beyond.

    Returns
    -------
    rows
        As `fits`, with `limit`; sorted by measure, unit_id.
    """
    known = measures()
    high = rows["measure"].map({name: facts.get("high", np.inf) for name, facts in known.items()}).astype(float)
    low = rows["measure"].map({name: facts.get("low", -np.inf) for name, facts in known.items()}).astype(float)
    over, under = rows["value"] > high, rows["value"] < low
    found = rows.assign(limit=np.where(over, high, low))[over | under]
    return found.sort_values(["measure", "unit_id"], ignore_index=True)

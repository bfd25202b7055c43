"""What became of units: which new unit holds households of which former one."""

import numpy as np
import pandas as pd

from govmap.plan import Plan


def lineage(origin: Plan, now: Plan, parts: pd.DataFrame) -> pd.DataFrame:
    """
    Say on every level where new units come from and where those went that are no more; no unit is listed with itself.

    Parameters
    ----------
    origin
        The plan before the edits.
    parts
        `part_id`, `households`.

    Returns
    -------
    rows
        Sorted: unit_id, former_unit_id, households, as `unit_lineage` holds them.
    """
    tiers = zip(reversed(origin.tiers()), reversed(now.tiers()), strict=False)
    rows = pd.concat([_changed(was, then, parts) for was, then in tiers]).drop_duplicates(["unit_id", "former_unit_id"])
    return rows.sort_values(["unit_id", "former_unit_id"], kind="stable", ignore_index=True)


def _changed(origin: Plan, now: Plan, parts: pd.DataFrame) -> pd.DataFrame:
    """Say on one level what came from where."""
    found = overlap(origin, now, parts)
    stayed = set(origin.units) & set(now.units)
    other = ~(found["unit_id"].isin(stayed) & found["former_unit_id"].isin(stayed))
    return found[other & (found["unit_id"] != found["former_unit_id"])]


def overlap(former: Plan, now: Plan, parts: pd.DataFrame) -> pd.DataFrame:
    """Sum the households of the parts that lie in each pair of a unit now and one before."""
    ids = parts["part_id"].to_numpy()
    rows = pd.DataFrame(
        {
            "unit_id": now.parts.reindex(ids).to_numpy(dtype=object),
            "former_unit_id": former.parts.reindex(ids).to_numpy(dtype=object),
            "households": parts["households"].fillna(0).astype(np.int64).to_numpy(),
        }
    ).dropna(subset=["unit_id", "former_unit_id"])
    return rows.groupby(["unit_id", "former_unit_id"], sort=True)["households"].sum().reset_index()

"""Whom the households know: the share of a unit's households that somebody answered for before."""

from collections.abc import Sequence

import pandas as pd

from govmap.plan import Plan


def known_shares(parts: pd.DataFrame, now: Plan, formers: Sequence[tuple[Plan, pd.DataFrame]]) -> pd.DataFrame:
    """
    Give the share of each unit's households that each worker answered for before.

    Parameters
    ----------
    parts
        `part_id`, `households`.
    now
        The plan whose units are asked for, of every level.
    formers
        Plans with their duties (worker_id, unit_id), the newest first: a household counts by the newest that has it.

    Returns
    -------
    shares
        unit_id, worker_id, share (0 to 1), sorted.
    """
    homes = parts[["part_id"]].assign(homes=parts["households"].fillna(0).astype(float))
    before = _answered(homes["part_id"], formers)
    found = []
    for tier in now.tiers():
        rows = homes.assign(unit_id=homes["part_id"].map(tier.parts)).dropna(subset="unit_id")
        total = rows.groupby("unit_id")["homes"].sum()
        held = (
            rows.merge(before, on="part_id").groupby(["unit_id", "worker_id"], sort=True)["homes"].sum().reset_index()
        )
        held["share"] = held["homes"] / held["unit_id"].map(total).where(lambda one: one > 0, 1.0)
        found.append(held[["unit_id", "worker_id", "share"]])
    made = pd.concat(found) if found else pd.DataFrame(columns=["unit_id", "worker_id", "share"])
    return made.drop_duplicates(["unit_id", "worker_id"]).sort_values(["unit_id", "worker_id"], ignore_index=True)


def _answered(part_ids: "pd.Series[str]", formers: Sequence[tuple[Plan, pd.DataFrame]]) -> pd.DataFrame:
    """Say of each part who answered for it, by the newest plan in which anybody did."""
    made = pd.DataFrame({"part_id": pd.Series([], dtype=object), "worker_id": pd.Series([], dtype=object)})
    for plan, duties in formers:
        pairs = duties.dropna(subset=["worker_id"])[["unit_id", "worker_id"]].drop_duplicates()
        rows = [
            pd.DataFrame({"part_id": part_ids, "unit_id": part_ids.map(tier.parts)}).dropna().merge(pairs, on="unit_id")
            for tier in plan.tiers()
        ]
        fresh = pd.concat(rows)[["part_id", "worker_id"]].drop_duplicates() if rows else made
        fresh = fresh[~fresh["part_id"].isin(made["part_id"])]
        made = pd.concat([made, fresh], ignore_index=True) if len(made) else fresh
    return made

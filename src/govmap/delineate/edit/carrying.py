"""A plan carried over to new cells: what stays keeps its unit, what is gone leaves, what is new joins a neighbour."""

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from govmap.plan import Plan, home

if TYPE_CHECKING:
    from govmap.contiguity import Graph


def carry(
    plan: Plan,
    former_parts: pd.DataFrame,
    parts: pd.DataFrame,
    graph: "Graph",
    *,
    edition: int,
    locked: Collection[str] = (),
) -> tuple[Plan, pd.DataFrame, pd.DataFrame]:
    """
    Carry a plan over to new cells: what stays keeps its unit, what is gone leaves, what is new joins a neighbour.

    A part that stays is known by its id, else by its building. A new part goes to the unit of its community with which
    it shares the most joining metres, else the most metres, else to that of the nearest part. Nothing else moves.

    Parameters
    ----------
    former_parts
        Parts of the plan's edition: part_id, building_id, households.
    parts
        Parts now: part_id, building_id, community_id, households, x, y.
    graph
        Who borders whom now.
    edition
        Number of the edition of the new cells.
    locked
        Units that no new building joins; open ground of theirs that got another id does.

    Returns
    -------
    plan, rows, lineage
        The plan now; part_id, unit_before, unit_after; and sorted by unit_id: unit_id, former_unit_id, households of
        parts that were there before, came and went (lists of part ids).
    """
    parts = parts.sort_values("part_id", kind="stable", ignore_index=True)
    unit = _known(plan, former_parts, parts)
    stays = unit.notna().to_numpy()
    unit = _joined(unit, parts, graph, locked)
    now = pd.Series(unit.to_numpy(), index=parts["part_id"].to_numpy())
    carried = replace(plan, edition=edition, parts=now)
    rows = plan.difference(carried)
    return carried, rows, _lineage(plan, carried, parts, stays)


def _known(plan: Plan, former_parts: pd.DataFrame, parts: pd.DataFrame) -> pd.Series:
    """Give the units of the parts that were there before, by part and else by building."""
    by_part = plan.parts.reindex(parts["part_id"]).to_numpy(dtype=object)
    by_building = home(plan.parts, former_parts, "building_id").reindex(parts["building_id"]).to_numpy(dtype=object)
    return pd.Series(np.where(pd.isna(by_part), by_building, by_part), dtype=object)


def _joined(unit: pd.Series, parts: pd.DataFrame, graph: "Graph", locked: Collection[str]) -> pd.Series:
    """Let every part without a unit join a neighbour, ring by ring, and what borders nothing the nearest part."""
    near, built = _borders(parts, graph), parts["building_id"].notna().to_numpy()
    near = near[pd.isna(unit.to_numpy()[near["part"]])]
    while True:
        reached = near.assign(unit=unit.to_numpy()[near["other"]]).dropna(subset=["unit"])
        reached = reached[pd.isna(unit.to_numpy()[reached["part"]])]
        reached = reached[~(reached["unit"].isin(list(locked)) & built[reached["part"]])]
        if reached.empty:
            break
        metres = reached.groupby(["part", "unit"], sort=True)[["joining_m", "shared_m"]].sum().reset_index()
        best = metres.sort_values(
            ["part", "joining_m", "shared_m", "unit"], ascending=[True, False, False, True], kind="stable"
        ).drop_duplicates("part")
        unit = unit.copy()
        unit.iloc[best["part"].to_numpy()] = best["unit"].to_numpy()
    return _nearest(unit, parts, locked)


def _borders(parts: pd.DataFrame, graph: "Graph") -> pd.DataFrame:
    """Give every border inside a community from both sides: part, other, shared and joining metres."""
    place = pd.Series(np.arange(len(parts)), index=parts["part_id"].to_numpy())
    spot = place.reindex(graph.ids).fillna(-1).to_numpy(dtype=np.int64)
    community = parts["community_id"].to_numpy(dtype=object)
    i, j = spot[graph.i], spot[graph.j]
    known = (i >= 0) & (j >= 0) & (community[i] == community[j])
    i, j = i[known], j[known]
    shared = np.rint(np.asarray(graph.shared_m, dtype=float)[known] * 1000)
    joining = np.where(np.asarray(graph.joins, dtype=bool)[known], shared, 0.0)
    ends = [
        pd.DataFrame({"part": a, "other": b, "shared_m": shared, "joining_m": joining}) for a, b in ((i, j), (j, i))
    ]
    return pd.concat(ends, ignore_index=True)


def _nearest(unit: pd.Series, parts: pd.DataFrame, locked: Collection[str]) -> pd.Series:
    """Give what is left the unit of the nearest part of its community; where there is none, one new unit."""
    at, open_ = parts[["x", "y"]].to_numpy(dtype=float), ~unit.isin(list(locked)).to_numpy()
    for _, rows in parts.groupby("community_id", sort=True):
        mine = rows.index.to_numpy()
        lost = mine[pd.isna(unit.to_numpy()[mine])]
        found = mine[~pd.isna(unit.to_numpy()[mine]) & open_[mine]]
        if not len(lost):
            continue
        unit = unit.copy()
        if len(found):
            unit.iloc[lost] = unit.to_numpy()[found[cKDTree(at[found]).query(at[lost])[1]]]
        else:
            unit.iloc[lost] = "u" + str(parts["part_id"].iat[lost[0]])
    return unit


def _lineage(before: Plan, after: Plan, parts: pd.DataFrame, stays: np.ndarray) -> pd.DataFrame:
    """Say of every unit what it keeps, what came and what went."""
    unit = after.parts.reindex(parts["part_id"]).to_numpy(dtype=object)
    kept = pd.Series(np.where(stays, parts["households"].fillna(0), 0)).groupby(unit).sum().astype("int64")
    rows = before.difference(after)
    came = rows[rows["unit_before"].isna()].groupby("unit_after")["part_id"].agg(list)
    went = rows[rows["unit_after"].isna()].groupby("unit_before")["part_id"].agg(list)
    former = set(before.parts)
    units = sorted(former | set(after.parts))
    return pd.DataFrame(
        {
            "unit_id": units,
            "former_unit_id": pd.Series([one if one in former else None for one in units], dtype=object),
            "households": [int(kept.get(one, 0)) for one in units],
            "came": [came.get(one, []) for one in units],
            "went": [went.get(one, []) for one in units],
        }
    )

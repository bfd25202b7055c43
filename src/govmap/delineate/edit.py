"""A planner's hand: parts moved, moves undone, a plan carried over to new cells. Each gives the rows of a revision."""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from govmap.delineate.problem import components
from govmap.errors import PlanError
from govmap.plan import Plan, home, named

if TYPE_CHECKING:
    from govmap.contiguity import Graph

UNDO = "undo"


def move(
    plan: Plan,
    parts: Iterable[str],
    unit: str,
    graph: "Graph",
    *,
    community: Mapping[str, str] | None = None,
    locked: Collection[str] = (),
    force: bool = False,
) -> tuple[Plan, pd.DataFrame]:
    """
    Move parts to a unit.

    Refused by `PlanError` where a part or the unit is unknown, nothing would change, a unit is locked, a unit would
    reach into another community or fall into more pieces than before.

    Parameters
    ----------
    community
        Community by part id; without it that rule is not looked at.
    locked
        Units that must not change.
    force
        Move although a unit falls into pieces; the caller records that it was forced.

    Returns
    -------
    plan, rows
        The new plan, and part_id, unit_before, unit_after for `revision_parts`.
    """
    if unit not in set(plan.parts):
        raise PlanError("delineate_unknown_unit", unit_id=unit)
    moved = plan.move(parts, unit)
    rows = plan.difference(moved)
    if rows.empty:
        raise PlanError("delineate_nothing_moves", unit_id=unit)
    _refuse_locked(rows, locked)
    _refuse_other_community(plan, rows, unit, community)
    if not force:
        _refuse_pieces(plan, moved, rows, graph)
    return moved, rows


def merge(plan: Plan, units: Iterable[str], unit: str, graph: "Graph", **choices: Any) -> tuple[Plan, pd.DataFrame]:
    """Move every part of some units to another unit; what may be chosen and what is refused is as for `move`."""
    wanted = sorted(set(units) - {unit})
    unknown = sorted(set(wanted) - set(plan.parts))
    if unknown:
        raise PlanError("delineate_unknown_unit", unit_id=unknown[0])
    parts = plan.parts.index[plan.parts.isin(wanted)]
    return move(plan, parts, unit, graph, **choices)


def undo(
    plan: Plan, revisions: pd.DataFrame, revision_parts: pd.DataFrame, author: str, graph: "Graph | None" = None
) -> tuple[Plan, pd.DataFrame, str]:
    """
    Take back the author's own last edit that is not yet undone.

    Refused by `PlanError`, naming the parts, where they lie in other units since; and, where the graph is given, where
    a unit would fall into more pieces than it has now.

    Parameters
    ----------
    revisions
        Rows of the plan: revision_id, parent_id, action, detail, author. An undo has `{"undoes": revision_id}` in its
        detail.
    revision_parts
        revision_id, part_id, unit_before, unit_after.

    Returns
    -------
    plan, rows, revision_id
        The plan after it, the rows of the new revision, and which one is undone.
    """
    last = _last_to_undo(revisions, revision_parts, author)
    done = revision_parts[revision_parts["revision_id"] == last].sort_values("part_id", kind="stable")
    now = plan.parts.reindex(done["part_id"])
    since = [str(part) for (part, unit), after in zip(now.items(), done["unit_after"], strict=True) if unit != after]
    if since:
        raise PlanError("delineate_changed_since", parts=named(since), count=len(since))
    rows = pd.DataFrame(
        {
            "part_id": done["part_id"].to_numpy(),
            "unit_before": done["unit_after"].to_numpy(),
            "unit_after": done["unit_before"].to_numpy(),
        }
    )
    before = plan.replay(rows)
    if graph is not None:
        _refuse_pieces(plan, before, rows, graph)
    return before, rows, last


def _last_to_undo(revisions: pd.DataFrame, revision_parts: pd.DataFrame, author: str) -> str:
    """Name the author's last edit that is not yet undone; a division or a carrying over is no edit."""
    chain = _chain(revisions)
    undone = {_detail(one).get("undoes") for one in chain["detail"]}
    whole = revision_parts["unit_before"].notna() & revision_parts["unit_after"].notna()
    edits = set(revision_parts["revision_id"]) - set(revision_parts.loc[~whole, "revision_id"])
    own = chain[(chain["author"] == author) & (chain["action"] != UNDO)]
    open_ = own[own["revision_id"].isin(edits) & ~own["revision_id"].isin(undone)]
    if open_.empty:
        raise PlanError("delineate_nothing_to_undo")
    return str(open_["revision_id"].iloc[-1])


def _chain(revisions: pd.DataFrame) -> pd.DataFrame:
    """Put revisions in the order of their chain."""
    rows = {row["parent_id"] if isinstance(row["parent_id"], str) else None: row for _, row in revisions.iterrows()}
    ordered: list[pd.Series] = []
    parent = None
    while parent in rows and len(ordered) < len(revisions):
        ordered.append(rows[parent])
        parent = str(rows[parent]["revision_id"])
    return pd.DataFrame(ordered, columns=revisions.columns)


def _detail(detail: Any) -> Mapping[str, Any]:
    if isinstance(detail, str):
        read = json.loads(detail)
        return read if isinstance(read, dict) else {}
    return detail if isinstance(detail, Mapping) else {}


def _refuse_locked(rows: pd.DataFrame, locked: Collection[str]) -> None:
    touched = sorted((set(rows["unit_before"]) | set(rows["unit_after"])) & set(locked))
    if touched:
        raise PlanError("delineate_unit_locked", unit_ids=named(touched), count=len(touched))


def _refuse_other_community(plan: Plan, rows: pd.DataFrame, unit: str, community: Mapping[str, str] | None) -> None:
    if community is None:
        return
    home_of = {community.get(part) for part in plan.members(unit)}
    foreign = [part for part in rows["part_id"] if community.get(part) not in home_of]
    if foreign:
        raise PlanError("delineate_other_community", parts=named(foreign), count=len(foreign))


def _refuse_pieces(before: Plan, after: Plan, rows: pd.DataFrame, graph: "Graph") -> None:
    """Refuse where a unit that changes falls into more pieces than it had."""
    touched = sorted(set(rows["unit_before"]) | set(rows["unit_after"]))
    had, has = piece_counts(before, graph, touched), piece_counts(after, graph, touched)
    broken = [unit for unit in touched if has.get(unit, 0) > max(had.get(unit, 0), 1)]
    if broken:
        parts = list(rows["part_id"])
        raise PlanError("delineate_in_pieces", unit_ids=named(broken), parts=named(parts), count=len(broken))


def piece_counts(plan: Plan, graph: "Graph", units: Collection[str]) -> dict[str, int]:
    """Count the pieces in which the parts of some units hang together by joining borders."""
    chosen = plan.parts[plan.parts.isin(list(units))]
    place = pd.Series(np.arange(len(chosen)), index=chosen.index)
    spot = place.reindex(graph.ids).fillna(-1).to_numpy(dtype=np.int64)
    i, j = spot[graph.i], spot[graph.j]
    unit = pd.factorize(chosen, sort=True)[0]
    joined = (i >= 0) & (j >= 0) & np.asarray(graph.joins, dtype=bool)
    i, j = i[joined], j[joined]
    same = unit[i] == unit[j]
    piece = components(len(chosen), i[same], j[same])
    found = pd.DataFrame({"unit": chosen.to_numpy(), "piece": piece}).drop_duplicates()
    return {str(name): int(count) for name, count in found["unit"].value_counts().items()}


def carry(
    plan: Plan, former_parts: pd.DataFrame, parts: pd.DataFrame, graph: "Graph", *, edition: int
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

    Returns
    -------
    plan, rows, lineage
        The plan now; part_id, unit_before, unit_after; and sorted by unit_id: unit_id, former_unit_id, households of
        parts that were there before, came and went (lists of part ids).
    """
    parts = parts.sort_values("part_id", kind="stable", ignore_index=True)
    unit = _known(plan, former_parts, parts)
    stays = unit.notna().to_numpy()
    unit = _joined(unit, parts, graph)
    carried = Plan(plan.plan_id, edition, pd.Series(unit.to_numpy(), index=parts["part_id"].to_numpy()))
    rows = plan.difference(carried)
    return carried, rows, _lineage(plan, carried, parts, stays)


def _known(plan: Plan, former_parts: pd.DataFrame, parts: pd.DataFrame) -> pd.Series:
    """Give the units of the parts that were there before, by part and else by building."""
    by_part = plan.parts.reindex(parts["part_id"]).to_numpy(dtype=object)
    by_building = home(plan.parts, former_parts, "building_id").reindex(parts["building_id"]).to_numpy(dtype=object)
    return pd.Series(np.where(pd.isna(by_part), by_building, by_part), dtype=object)


def _joined(unit: pd.Series, parts: pd.DataFrame, graph: "Graph") -> pd.Series:
    """Let every part without a unit join a neighbour, ring by ring, and what borders nothing the nearest part."""
    near = _borders(parts, graph)
    near = near[pd.isna(unit.to_numpy()[near["part"]])]
    while True:
        reached = near.assign(unit=unit.to_numpy()[near["other"]]).dropna(subset=["unit"])
        reached = reached[pd.isna(unit.to_numpy()[reached["part"]])]
        if reached.empty:
            break
        metres = reached.groupby(["part", "unit"], sort=True)[["joining_m", "shared_m"]].sum().reset_index()
        best = metres.sort_values(
            ["part", "joining_m", "shared_m", "unit"], ascending=[True, False, False, True], kind="stable"
        ).drop_duplicates("part")
        unit = unit.copy()
        unit.iloc[best["part"].to_numpy()] = best["unit"].to_numpy()
    return _nearest(unit, parts)


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


def _nearest(unit: pd.Series, parts: pd.DataFrame) -> pd.Series:
    """Give what is left the unit of the nearest part of its community; a community without any gets one new unit."""
    at = parts[["x", "y"]].to_numpy(dtype=float)
    for _, rows in parts.groupby("community_id", sort=True):
        mine = rows.index.to_numpy()
        lost = mine[pd.isna(unit.to_numpy()[mine])]
        found = mine[~pd.isna(unit.to_numpy()[mine])]
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

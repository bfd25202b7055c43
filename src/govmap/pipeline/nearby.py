"""The part of a draft that an edit can concern: some units, with all that its rules and sums look at.

An edit of a few units gives on this part what it gives on the whole, in a time that does not grow with the town.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from govmap.delineate.edit import Edit
from govmap.delineate.edit.history import EDITS, chain
from govmap.pipeline.editing import Desk
from govmap.plan import Plan

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from govmap.contiguity import Graph


def near(desk: Desk, units: Iterable[str]) -> Desk:
    """
    Give the desk with these units, those they lie in with all inside, and the buildings that reach into them.

    `desk.draft.atoms` and `graph.ids` are sorted by part.
    """
    draft = desk.draft
    tops = {_top(draft.plan, unit) for unit in units}
    inside = {unit for unit in draft.plan.units if _top(draft.plan, unit) in tops}
    atoms, unit = draft.atoms, draft.plan.parts.to_numpy(dtype=object)
    held = pd.Series(unit).isin(inside).to_numpy()
    shared = atoms["building_id"].isin(set(atoms.loc[held, "building_id"].dropna())).to_numpy()
    here = held | shared
    rows = draft.units
    top = [_top(draft.plan, str(one)) in tops for one in rows["unit_id"]]
    plan = replace(draft.plan, parts=draft.plan.parts[here])
    own = replace(
        draft,
        plan=plan,
        atoms=atoms[here].reset_index(drop=True),
        units=rows[np.array(top, dtype=bool)].reset_index(drop=True),
        graph=_cut_out(draft.graph, plan.parts.index),
        used=frozenset({*draft.used, *rows["unit_id"], *draft.plan.units}),
    )
    return replace(desk, draft=own, measure=replace(desk.measure, weight=desk.measure.weight[here]))


def turning(desk: Desk, revision: str) -> Desk:
    """Give what an undo or redo of a revision can concern: all that was changed since."""
    rows = chain(desk.revisions)
    at = next(place for place, row in enumerate(rows) if row["revision_id"] == revision)
    later = [str(row["revision_id"]) for row in rows[at:]]
    moved = desk.revision_parts[desk.revision_parts["revision_id"].isin(later)]
    told = {unit for row in rows[at:] if row["action"] in EDITS for unit in row["detail"].get("units", {})}
    now = desk.draft.plan.parts.reindex(sorted(set(moved["part_id"]))).dropna()
    units = {*now, *moved["unit_before"].dropna(), *moved["unit_after"].dropna(), *told}
    own = near(desk, sorted(str(one) for one in units))
    parts = desk.revision_parts["part_id"].isin(own.draft.plan.parts.index)
    return replace(own, revision_parts=desk.revision_parts[parts])


def widened(desk: Desk, made: Edit) -> Plan:
    """Give the whole plan after an edit of a part of it."""
    parts = desk.draft.plan.parts.copy()
    rows = made.rows
    parts.iloc[parts.index.get_indexer(pd.Index(rows["part_id"]))] = rows["unit_after"].to_numpy(dtype=object)
    return replace(desk.draft.plan, parts=parts, parents=made.after.parents, levels=made.after.levels)


def _top(plan: Plan, unit: str) -> str:
    """Name the unit above all in which a unit lies, itself where it lies in none."""
    seen = {unit}
    while (over := plan.parents.get(unit)) is not None and over not in seen:
        seen.add(over)
        unit = over
    return unit


def _cut_out(graph: "Graph", ids: "pd.Index[Any]") -> "Graph":
    """Give the borders between some parts."""
    place: NDArray[np.int64] = np.full(len(graph.ids), -1, dtype=np.int64)
    spot = np.searchsorted(graph.ids, ids.to_numpy(dtype=object))
    place[spot] = np.arange(len(ids))
    kept = np.flatnonzero((place[graph.i] >= 0) & (place[graph.j] >= 0))
    pairs = {name: getattr(graph, name)[kept] for name in ("shared_m", "barrier_m", "strength", "crossed", "joins")}
    return replace(graph, ids=graph.ids[spot], i=place[graph.i[kept]], j=place[graph.j[kept]], **pairs)

"""The part of a draft that an edit can concern: some units, with all that its rules and sums look at.

An edit of a few units gives on this part what it gives on the whole, in a time that does not grow with the town.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from govmap.delineate.edit import Edit
from govmap.delineate.edit.history import EDITS, chain
from govmap.pipeline.editing import Desk
from govmap.pipeline.lying import Ints, Lying
from govmap.plan import Plan

if TYPE_CHECKING:
    from govmap.contiguity import Graph


def near(desk: Desk, units: Iterable[str], lying: Lying) -> Desk:
    """
    Give the desk with these units, those they lie in with all inside, and the buildings that reach into them.

    `desk.draft.atoms` and `graph.ids` are sorted by part; `lying` says where the parts lie.
    """
    draft = desk.draft
    inside = _inside(draft.plan, {_top(draft.plan, unit) for unit in units})
    here = lying.with_neighbours_in_house(lying.parts(inside))
    rows = draft.units
    own = replace(
        draft,
        plan=replace(draft.plan, parts=draft.plan.parts.iloc[here]),
        atoms=draft.atoms.iloc[here].reset_index(drop=True),
        units=rows[rows["unit_id"].isin(inside)].reset_index(drop=True),
        graph=_cut_out(draft.graph, *lying.between(draft.graph, here)),
        used=frozenset({*draft.used, *rows["unit_id"], *lying.members}),
    )
    return replace(desk, draft=own, measure=replace(desk.measure, weight=desk.measure.weight[here]))


def turning(desk: Desk, revision: str, lying: Lying) -> Desk:
    """Give what an undo or redo of a revision can concern: all that was changed since."""
    rows = chain(desk.revisions)
    at = next(place for place, row in enumerate(rows) if row["revision_id"] == revision)
    later = [str(row["revision_id"]) for row in rows[at:]]
    moved = desk.revision_parts[desk.revision_parts["revision_id"].isin(later)]
    told = {unit for row in rows[at:] if row["action"] in EDITS for unit in row["detail"].get("units", {})}
    now = desk.draft.plan.parts.reindex(sorted(set(moved["part_id"]))).dropna()
    units = {*now, *moved["unit_before"].dropna(), *moved["unit_after"].dropna(), *told}
    own = near(desk, sorted(str(one) for one in units), lying)
    parts = desk.revision_parts["part_id"].isin(own.draft.plan.parts.index)
    return replace(own, revision_parts=desk.revision_parts[parts])


def widened(desk: Desk, made: Edit, lying: Lying) -> Plan:
    """Give the whole plan after an edit of a part of it."""
    former, rows = desk.draft.plan.parts, made.rows
    unit = former.to_numpy(dtype=object, copy=True)
    unit[lying.numbers(rows["part_id"])] = rows["unit_after"].to_numpy(dtype=object)
    parts = pd.Series(unit, index=former.index)
    return replace(desk.draft.plan, parts=parts, parents=made.after.parents, levels=made.after.levels)


def _top(plan: Plan, unit: str) -> str:
    """Name the unit above all in which a unit lies, itself where it lies in none."""
    seen = {unit}
    while (over := plan.parents.get(unit)) is not None and over not in seen:
        seen.add(over)
        unit = over
    return unit


def _inside(plan: Plan, tops: set[str]) -> set[str]:
    """Name some units with all that lie in them."""
    within: dict[str, list[str]] = {}
    for unit, over in plan.parents.items():
        within.setdefault(over, []).append(unit)
    found: set[str] = set()
    todo = list(tops)
    while todo:
        unit = todo.pop()
        if unit not in found:
            found.add(unit)
            todo += within.get(unit, [])
    return found


def _cut_out(graph: "Graph", pairs: Ints, nodes: Ints) -> "Graph":
    """Give some borders of a graph, between some of its nodes."""
    place: Ints = np.full(len(graph.ids), -1, dtype=np.int64)
    place[nodes] = np.arange(len(nodes))
    kept = {name: getattr(graph, name)[pairs] for name in ("shared_m", "barrier_m", "strength", "crossed", "joins")}
    return replace(graph, ids=graph.ids[nodes], i=place[graph.i[pairs]], j=place[graph.j[pairs]], **kept)

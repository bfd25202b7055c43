"""A planner's hand: parts moved between units, and taken back; every edit is one revision more."""

import pandas as pd

from govmap.delineate import edit
from govmap.errors import PlanError
from govmap.messages import note
from govmap.pipeline.division import graph_of, write_units
from govmap.pipeline.report import Report
from govmap.project import Change, Project, plan_of

GROUND = ("cells", "parts", "barriers", "streets", "buildings")


def move(project: Project, unit: str, parts: list[str], *, plan_id: str | None = None) -> Report:
    """
    Move parts to another unit.

    Raises
    ------
    PlanError
        There is no such unit or part, a unit is locked, or one would fall into pieces.
    """
    wanted = plan_id or project.active_plan_id()
    ground = project.reading(*GROUND)
    graph = graph_of(ground)
    homes = ground["parts"].merge(ground["cells"][["cell_id", "community_id"]], on="cell_id")
    community = dict(zip(homes["part_id"], homes["community_id"], strict=True))
    with project.change("edit move", {"plan": wanted, "unit": unit, "parts": parts}) as change:
        plan = plan_of(change.session, wanted)
        units = change.session.read("units", where={"plan_id": wanted})
        target = _unit_named(units, unit)
        locked = units.loc[units["locked"].astype("boolean").fillna(False).astype(bool), "unit_id"]
        after, moves = edit.move(plan, parts, target, graph, community=community, locked=set(locked))
        change.revise(after, moves, action="move", parent=_head(change, wanted))
        write_units(change, after, ground, graph)
    return Report(
        figures={"plan": wanted, "parts_moved": len(moves)},
        notes=[note("edit_moved", parts=len(moves), unit_code=unit)],
    )


def undo(project: Project, *, plan_id: str | None = None) -> Report:
    """
    Take back the author's own last change that is not yet undone.

    Raises
    ------
    PlanError
        There is none, or someone else has changed its parts since.
    """
    wanted = plan_id or project.active_plan_id()
    ground = project.reading(*GROUND)
    graph = graph_of(ground)
    with project.change("edit undo", {"plan": wanted}) as change:
        plan = plan_of(change.session, wanted)
        revisions = change.session.read("revisions", where={"plan_id": wanted})
        rows = change.session.read("revision_parts", where={"revision_id": revisions["revision_id"].tolist()})
        before, moves, undone = edit.undo(plan, revisions, rows, project.author, graph)
        change.revise(before, moves, action="undo", parent=_head(change, wanted), detail={"undoes": undone})
        write_units(change, before, ground, graph)
    told = note("edit_undone", parts=len(moves))
    return Report(figures={"plan": wanted, "parts_moved": len(moves)}, notes=[told])


def _unit_named(units: pd.DataFrame, wanted: str) -> str:
    found = units.loc[(units["unit_id"] == wanted) | (units["code"] == wanted), "unit_id"]
    if found.empty:
        raise PlanError("edit_no_unit", wanted=wanted, known=units["code"].dropna().sort_values().tolist()[:10])
    return str(found.iloc[0])


def _head(change: Change, plan_id: str) -> str | None:
    head = change.session.read("plans", where={"plan_id": plan_id})["head_revision"].iloc[0]
    return None if head is None else str(head)

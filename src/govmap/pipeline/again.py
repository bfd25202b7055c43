"""A new draft that begins as a plan stands: what is adopted is changed in a copy, never in place."""

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from govmap.errors import PlanError
from govmap.messages import note
from govmap.pipeline.division import store_plan
from govmap.pipeline.former import called, criteria_of, plan_to_go_on_from
from govmap.pipeline.report import Report
from govmap.project import Project, plan_of

if TYPE_CHECKING:
    import pandas as pd

READ = ("units", "plans", "parts", "project")
SINCE = {"valid_from": None, "valid_to": None}


def again(project: Project, plan: str | None = None, *, name: str | None = None) -> Report:
    """
    Make a draft of a plan's units, codes and duties, which becomes the active plan.

    Parameters
    ----------
    plan
        By id or name; without it the active one.
    name
        What the draft is called; without it as the plan, with a number behind.

    Raises
    ------
    PlanError
        There is no such plan, or it stands on former buildings.
    """
    wanted = str(plan_to_go_on_from(project, plan or "active", ()))
    tables = project.reading(*READ)
    with project.store.reading() as session:
        before = plan_of(session, wanted)
    if before.edition != project.edition:
        raise PlanError("agree_again_former_cells", plan=wanted)
    plans = tables["plans"]
    turn = 1 + int((plans["base_plan_id"] == wanted).sum())
    digest = hashlib.sha256(f"again|{wanted}|{turn}|{before.fingerprint}".encode()).hexdigest()
    draft = replace(before, plan_id=f"p{digest[:12]}")
    former = called(project)[wanted]
    units = tables["units"][tables["units"]["plan_id"] == wanted].drop(columns=["plan_id"])
    fresh: pd.DataFrame = units.assign(**SINCE)
    title = name or f"{former} ({turn + 1})"
    made, _ = store_plan(project, draft, fresh, criteria_of(project, wanted), title, tables, wanted)
    figures = {"plan": made, "base_plan": wanted, "name": title, "units": len(fresh)}
    told = note("agree_again_done", name=title, former=former, count=len(fresh))
    return Report(figures=figures, notes=[told], next=f"govmap map {project.path.name} -o map.html")

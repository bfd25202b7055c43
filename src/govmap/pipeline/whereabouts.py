"""How far a project is: what it holds, which steps were gone, which usually comes next, what strangers changed."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from govmap.errors import InputError
from govmap.messages import note
from govmap.pipeline.report import Report, titled
from govmap.project import BASE_TABLES, Project, facts_of

COUNTED = ("buildings", "residents", "resources", "incidents", "workers", "imports", "comments")
OF_PLANS = {"attach": "tallies", "assess": "gaps", "assign": "duties"}
WAY = ("base", "lists", "delineate", "attach", "assess", "assign", "hand")


def standing(project: Project) -> dict[str, Any]:
    """
    Say how far a project is.

    Returns
    -------
    facts
        `title`, `profile`, `counts` (rows of the main tables), `plans` (id, name, status, units), `active`, `gone`
        (which steps have left something behind), `stale` (the ground was changed since), `next` (the step that
        usually comes now).
    """
    with project.store.reading() as session:
        facts = facts_of(session.read("project"))
        counts = {name: session.count(name) for name in COUNTED}
        plans = _plans(session)
        active = facts.get("active_plan_id")
        gone = _gone(session, facts, counts, active)
        names = session.read("communities", columns=["community_id", "name"])["name"].dropna()
    stale = "cells_base" in facts and facts.get("base_version", "0") != facts["cells_base"]
    title = facts.get("title") or "、".join(names[:3]) or project.path.stem
    told = {"title": title, "profile": project.profile.name, "counts": counts, "plans": plans, "active": active}
    left = [step for step in WAY if not gone.get(step)]
    return told | {"gone": gone, "stale": stale, "next": "delineate" if stale and active else left[0]}


def _plans(session: Any) -> list[dict[str, Any]]:
    plans = session.read("plans", columns=["plan_id", "name", "status", "created_at"])
    units = session.counts("units", by=["plan_id"]) if len(plans) else pd.DataFrame({"plan_id": [], "count": []})
    many = dict(zip(units["plan_id"], units["count"], strict=True))
    ordered = plans.sort_values(["created_at", "plan_id"], kind="stable").to_dict("records")
    return [
        {"id": row["plan_id"], "name": row["name"], "status": row["status"], "units": int(many.get(row["plan_id"], 0))}
        for row in ordered
    ]


def _gone(session: Any, facts: Mapping[str, str], counts: Mapping[str, int], active: str | None) -> dict[str, bool]:
    """Tell which steps have left something behind; those that follow a plan for the active one."""
    gone = {"base": counts["buildings"] > 0, "lists": counts["imports"] > 0}
    gone |= {"cells": facts.get("edition", "0") != "0", "delineate": active is not None}
    for step, table in OF_PLANS.items():
        gone[step] = active is not None and session.count(table, where={"plan_id": active}) > 0
    return gone


def take_in(project: Project) -> Report:
    """
    Take what another program wrote to the project as known: cells are made anew where it changed the base data.

    Raises
    ------
    InputError
        Nobody else has changed anything.
    """
    with project.change("take_in") as change:
        strange = change.session.foreign_changes()
        if not strange:
            raise InputError("desk_nothing_foreign")
        change.session.acknowledge(strange)
        base = sorted(set(strange) & set(BASE_TABLES))
        if base:
            change.base_changed()
    report = Report(figures={"tables": strange, "base": base})
    report.notes = [note("desk_taken_in", tables=[titled(name) for name in strange])]
    report.notes += [note("desk_taken_in_base")] if base and project.edition else []
    return report

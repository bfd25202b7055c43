"""A plan on its way to being binding: proposed, put on notice, taken back, adopted, retired.

Each step is written down with who took it and when; what a step asks for stands in `layers/agreement.toml`, who may
take it in `govern.agreement`. Names are as they were typed: without accounts nobody is asked for a password.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from govmap.errors import InputError, PlanError
from govmap.govern import agreement
from govmap.govern.agreement import ADOPT, NOTICE, PROPOSE, RETIRE, WITHDRAW, Standing
from govmap.messages import Note, Voice, note
from govmap.pipeline import agreed
from govmap.pipeline.former import called, plan_to_go_on_from
from govmap.pipeline.incidents import rules_of
from govmap.pipeline.report import Report
from govmap.project import Change, Project, now

LONGEST_NAME, LONGEST_NUMBER, LONGEST_REASON = 60, 120, 500
LONGEST_NOTICE_DAYS = 366


@dataclass(frozen=True, kw_only=True)
class Taking:
    """A step as it is asked for, before it is looked at."""

    step: str
    by: str
    facts: Mapping[str, Any]


def propose(project: Project, plan: str | None = None, *, by: str | None = None) -> Report:
    """
    Propose a draft, so that it can be put on notice.

    Raises
    ------
    PlanError
        There is no such plan, it is no draft, or its cells are not those of now.
    """
    with project.change("agree propose", {"plan": plan}) as change:
        standing = _standing(change, project, plan)
        row = _plan_row(change, standing.plan_id)
        if str(row["edition"]) != change.get("edition"):
            raise PlanError("agree_former_cells", plan=standing.called)
        _take(change, standing, Taking(step=PROPOSE, by=named(by, project), facts={}))
        report = _report(standing, "proposed")
        report.warnings += agreed.worth_knowing(change, standing.plan_id)
    report.next = f"govmap agree notice {project.path.name}"
    return report


def notice(
    project: Project,
    plan: str | None = None,
    *,
    begins: str | None = None,
    ends: str | None = None,
    working_days: int | None = None,
    by: str | None = None,
    output: Path | None = None,
    voice: Voice | None = None,
) -> Report:
    """
    Put a proposed plan on notice: the days are kept, and it cannot be edited until it is taken back.

    Parameters
    ----------
    begins, ends
        Days as 2026-05-01; without them from today on, for as many working days as `layers/agreement.toml` says.
    working_days
        How many, where that is to be another number.
    output
        Write the public map here as well; the plan must be the active one.

    Raises
    ------
    PlanError
        The plan is not proposed, or a map of it is asked for while another one is active.
    InputError
        A day is not understood, the end lies before the beginning, or further than a year away.
    """
    with project.change("agree notice", {"plan": plan, "begins": begins, "ends": ends}) as change:
        standing = _standing(change, project, plan)
        if output is not None and change.get("active_plan_id") != standing.plan_id:
            raise PlanError("agree_map_not_active", plan=standing.called)
        workdays = rules_of(change.get).workdays
        first = day(begins) or today(project)
        last = day(ends) or agreement.notice_ends(first, workdays, working_days)
        if not 0 <= (last - first).days <= LONGEST_NOTICE_DAYS:
            raise InputError("agree_notice_span", begins=first.isoformat(), ends=last.isoformat())
        asked = Taking(step=NOTICE, by=named(by, project), facts={"begins": first, "ends": last})
        _take(change, standing, asked)
        report = _report(standing, "on_notice", begins=first.isoformat(), ends=last.isoformat())
        short = agreement.too_short(first, last, workdays)
    report.warnings += [short] if short else []
    if output is not None:
        from govmap.pipeline.outputs import map_

        made = map_(project, output, "public", voice=voice or Voice())
        report.files, report.notes = made.files, [*report.notes, *made.notes]
    report.next = f"govmap agree adopt {project.path.name} --document NUMBER"
    return report


def withdraw(project: Project, plan: str | None = None, *, reason: str | None = None, by: str | None = None) -> Report:
    """
    Take a plan back that is proposed or on notice, so that it can be changed; its objections stay listed.

    Raises
    ------
    PlanError
        It is neither.
    """
    with project.change("agree withdraw", {"plan": plan}) as change:
        standing = _standing(change, project, plan)
        facts = {"reason": _said(reason, LONGEST_REASON)}
        _take(change, standing, Taking(step=WITHDRAW, by=named(by, project), facts=facts))
        report = _report(standing, "draft")
        row = _plan_row(change, standing.plan_id)
        if str(row["edition"]) != change.get("edition"):
            report.warnings.append(note("agree_back_on_former_cells", plan=standing.plan_id))
    return report


def adopt(
    project: Project,
    plan: str | None = None,
    *,
    document_no: str,
    effective: str | None = None,
    by: str | None = None,
) -> Report:
    """
    Adopt a plan whose notice is over: its codes are fixed, the plan adopted before is retired, lineage is written.

    Parameters
    ----------
    document_no
        Number of the decision.
    effective
        From which day it holds, as 2026-05-01; without it from today on.
    by
        Who decides: somebody else than those who drew or proposed it.

    Raises
    ------
    PlanError
        The plan is not on notice, the notice still runs, objections are open, or it is the same person.
    InputError
        There is no number of the decision, or a day is not understood.
    """
    number = _said(document_no, LONGEST_NUMBER)
    if number is None:
        raise InputError("agree_no_document")
    with project.change("agree adopt", {"plan": plan, "document_no": number}) as change:
        standing = _standing(change, project, plan)
        begins = agreement.as_day(standing.last(NOTICE).get("begins"))
        holds = day(effective) or today(project)
        if begins is not None and holds < begins:
            raise InputError("agree_effective_early", effective=holds.isoformat(), begins=begins.isoformat())
        facts = {"document_no": number, "effective": holds}
        _take(change, standing, Taking(step=ADOPT, by=named(by, project), facts=facts))
        followed = agreed.adopted(change, standing.plan_id, holds)
        for former in followed.retired:
            _write_step(change, former, RETIRE, named(by, project), {"document_no": number, "effective": holds})
        report = _report(standing, "adopted", document_no=number, effective=holds.isoformat())
    report.figures |= followed.figures
    report.notes += followed.notes
    name, before = project.path.name, followed.former
    compared = f"govmap compare {name} {before} {standing.plan_id} -o changes.xlsx"
    report.next = compared if before else f"govmap map {name} -o map.html"
    return report


def retire(
    project: Project,
    plan: str | None = None,
    *,
    document_no: str | None = None,
    effective: str | None = None,
    reason: str | None = None,
    by: str | None = None,
) -> Report:
    """
    Retire an adopted plan without another in its place; its units are valid up to the day before.

    Raises
    ------
    PlanError
        It is not adopted.
    """
    with project.change("agree retire", {"plan": plan, "document_no": document_no}) as change:
        standing = _standing(change, project, plan)
        holds = day(effective) or today(project)
        facts = {"document_no": _said(document_no, LONGEST_NUMBER), "effective": holds}
        facts["reason"] = _said(reason, LONGEST_REASON)
        _take(change, standing, Taking(step=RETIRE, by=named(by, project), facts=facts))
        agreed.ended(change, standing.plan_id, holds)
        return _report(standing, "retired", effective=holds.isoformat())


# read ----------------------------------------------------------------------------------------------------------------
def standing_of(session: Any, plan_id: str) -> Standing:
    """
    Read where a plan is on its way.

    Raises
    ------
    PlanError
        There is no such plan.
    """
    plans = session.read("plans", where={"plan_id": plan_id})
    if plans.empty:
        raise PlanError("plan_unknown", plan=plan_id)
    revisions = session.read("revisions", where={"plan_id": plan_id})
    mine = revisions[~revisions["action"].isin(agreement.MACHINES)]
    return Standing(
        plan_id=plan_id,
        status=str(plans["status"].iloc[0]),
        steps=session.read("agreements", where={"plan_id": plan_id}),
        objections=pd.DataFrame(session.read("objections", where={"plan_id": plan_id})),
        drafters=agreement.drafters(revisions),
        changed_at=None if mine.empty else mine["at"].max(),
        name=called(session)[plan_id],
    )


def today(project: Project) -> date:
    """Give the day it is in the office."""
    return now().astimezone(ZoneInfo(rules_of(project.fact).zone)).date()


def day(text: str | None) -> date | None:
    """
    Read a day as people type it: 2026-05-01, 2026/5/1, 2026年5月1日; None where none is given.

    Raises
    ------
    InputError
        It is none.
    """
    if text is None or not text.strip():
        return None
    plain = text.strip().replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").replace(".", "-")
    try:
        year, month, number = (int(one) for one in plain.split("-"))
        return date(year, month, number)
    except ValueError:
        raise InputError("agree_bad_day", given=text[:40]) from None


# below ---------------------------------------------------------------------------------------------------------------
def _standing(change: Change, project: Project, plan: str | None) -> Standing:
    wanted = str(plan_to_go_on_from(project, plan or "active", ()))
    return standing_of(change.session, wanted)


def _take(change: Change, standing: Standing, asked: Taking) -> None:
    """Look whether a step may be taken, then write it and the new state."""
    by_when = now().astimezone(ZoneInfo(rules_of(change.get).zone)).date()
    agreement.refuse(asked.step, standing, by=asked.by, today=by_when)
    _write_step(change, standing.plan_id, asked.step, asked.by, asked.facts)
    state = str(agreement.ways()[asked.step]["to"])
    change.session.upsert("plans", pd.DataFrame([{"plan_id": standing.plan_id, "status": state}]))


def _write_step(change: Change, plan_id: str, step: str, by: str, facts: Mapping[str, Any]) -> None:
    turn = 1 + change.session.count("agreements", where={"plan_id": plan_id})
    row = {"plan_id": plan_id, "turn": turn, "step": step, "by": by, "at": change.at, **facts}
    change.session.append("agreements", pd.DataFrame([row]).astype({"turn": "Int64"}))


def _plan_row(change: Change, plan_id: str) -> "pd.Series[Any]":
    row: pd.Series[Any] = change.session.read("plans", where={"plan_id": plan_id}).iloc[0]
    return row


def named(by: str | None, project: Project) -> str:
    """Give the name of whoever takes a step: as typed, else that of the person at this machine."""
    return _said(by, LONGEST_NAME) or project.author


def _said(text: str | None, longest: int) -> str | None:
    """Give what was typed in one line, None where it is nothing."""
    told = " ".join((text or "").split())
    if len(told) > longest:
        raise InputError("agree_too_long", longest=longest, given=told[:20])
    return told or None


def _report(standing: Standing, state: str, **facts: Any) -> Report:
    figures = {"plan": standing.plan_id, "status": state, **facts}
    told: list[Note] = [note(f"agree_done_{state}", plan=standing.called, **facts)]
    return Report(figures=figures, notes=told)

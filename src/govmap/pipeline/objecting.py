"""What people say of a plan: objections to one on notice, with their answers, and comments pinned to a unit or place.

Staff write them down, also from slips of paper. Nobody is named in them: names and numbers of people are blotted out as
the import gate does. Objections leave the office in no publication.
"""

from dataclasses import dataclass
from typing import Any

import pandas as pd
import shapely

from govmap.errors import InputError, PlanError
from govmap.govern import agreement
from govmap.govern.agreement import Standing
from govmap.messages import Note, note
from govmap.pipeline import agreeing
from govmap.pipeline.former import called, plan_to_go_on_from
from govmap.pipeline.report import Report
from govmap.project import Change, Project

LONGEST = 2000
ON_NOTICE = "on_notice"
OPEN, DONE = "open", "done"
Degrees = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Pinned:
    """Where something said belongs: a unit, by code, id or name, or a place in degrees (longitude, latitude)."""

    unit: str | None = None
    at: Degrees | None = None


def object_(
    project: Project,
    text: str,
    where: Pinned | None = None,
    *,
    plan: str | None = None,
    channel: str = "paper",
    received: str | None = None,
    by: str | None = None,
) -> Report:
    """
    Write down an objection to a plan that is on notice.

    Parameters
    ----------
    text
        What is objected to, without names.
    channel
        How it came, a word of `layers/agreement.toml`.
    received
        The day on which it came; without it today. One after the end of the notice is kept and marked as late.
    by
        Who writes it down.

    Raises
    ------
    PlanError
        The plan is not on notice, or has no such unit.
    InputError
        There is no text, or too much; the place lies elsewhere; the way or the day is not understood.
    """
    if channel not in agreement.listed("channels"):
        raise InputError("agree_channel_unknown", given=channel, known=list(agreement.listed("channels")))
    with project.change("agree object", {"plan": plan, "channel": channel}) as change:
        standing = _standing(change, project, plan)
        if standing.status != ON_NOTICE:
            state = note(f"agree_state_{standing.status}")
            raise PlanError("agree_no_objections_now", plan=standing.called, state=state)
        came = agreeing.day(received) or agreeing.today(project)
        ends = agreement.as_day(standing.last(agreement.NOTICE).get("ends"))
        told, masked = _masked(text)
        number = 1 + int(standing.objections["number"].max()) if len(standing.objections) else 1
        late = ends is not None and came > ends
        row = {"plan_id": standing.plan_id, "number": number, "received": came, "channel": channel, "text": told}
        row |= {"by": agreeing.named(by, project), "at": change.at, "late": late}
        row |= _place(change, project, standing.plan_id, where or Pinned())
        _put(change, "objections", row)
    report = Report(figures={"plan": standing.plan_id, "objection": number, "late": late, "masked": masked})
    report.notes = [note("agree_objection_kept", number=number, plan=standing.called)]
    report.notes += [note("agree_objection_late", ends=str(ends))] if late else []
    report.notes += [note("agree_masked")] if masked else []
    return report


def answer(
    project: Project, number: int, text: str, outcome: str, *, plan: str | None = None, by: str | None = None
) -> Report:
    """
    Answer an objection; a later answer takes the place of a former one.

    Raises
    ------
    PlanError
        There is no such objection, or the plan is decided already.
    InputError
        There is no text, or the outcome is no word of `layers/agreement.toml`.
    """
    if outcome not in agreement.listed("outcomes"):
        raise InputError("agree_outcome_unknown", given=outcome, known=list(agreement.listed("outcomes")))
    with project.change("agree answer", {"plan": plan, "objection": number, "outcome": outcome}) as change:
        standing = _standing(change, project, plan)
        if number not in set(standing.objections["number"].astype(int)):
            raise PlanError("agree_no_objection", number=number, plan=standing.called)
        if standing.status in ("adopted", "retired"):
            raise PlanError("agree_decided", plan=standing.called, state=note(f"agree_state_{standing.status}"))
        told, masked = _masked(text)
        row = {"plan_id": standing.plan_id, "number": number, "outcome": outcome, "answer": told}
        row |= {"answered_by": agreeing.named(by, project), "answered_at": change.at}
        change.session.upsert("objections", pd.DataFrame([row]).astype({"number": "Int64"}))
        still = standing_after(change, standing.plan_id)
    report = Report(figures={"plan": standing.plan_id, "objection": number, "open": still.open, "masked": masked})
    report.notes = [note("agree_answered", number=number, left=len(still.open))]
    report.notes += [note("agree_masked")] if masked else []
    report.notes += [note("agree_change_first", number=number)] if number in still.not_yet_in else []
    return report


def comment(
    project: Project, text: str, where: Pinned | None = None, *, plan: str | None = None, by: str | None = None
) -> Report:
    """
    Pin a comment to a unit or place of a plan, in whatever state that is.

    Raises
    ------
    PlanError
        There is no such plan or unit.
    InputError
        There is no text, or the place lies elsewhere.
    """
    with project.change("agree comment", {"plan": plan}) as change:
        standing = _standing(change, project, plan)
        told, masked = _masked(text)
        known = set(change.session.read("comments", columns=["comment_id"])["comment_id"])
        count = 1 + change.session.count("comments", where={"plan_id": standing.plan_id})
        while f"{standing.plan_id}-{count}" in known:
            count += 1
        row: dict[str, Any] = {
            "comment_id": f"{standing.plan_id}-{count}",
            "plan_id": standing.plan_id,
            "state": OPEN,
            "text": told,
        }
        row |= {"by": agreeing.named(by, project), "at": change.at}
        row |= _place(change, project, standing.plan_id, where or Pinned())
        _put(change, "comments", row)
    figures = {"plan": standing.plan_id, "comment": row["comment_id"], "unit_id": row["unit_id"], "masked": masked}
    report = Report(figures=figures, notes=[note("agree_comment_kept", comment=row["comment_id"])])
    report.notes += [note("agree_masked")] if masked else []
    return report


def settle(project: Project, comment_id: str, *, done: bool = True) -> Report:
    """
    Mark a comment as done, or as open again.

    Raises
    ------
    InputError
        There is no such comment.
    """
    state = DONE if done else OPEN
    with project.change("agree settle", {"comment": comment_id, "state": state}) as change:
        if change.session.count("comments", where={"comment_id": comment_id}) == 0:
            raise InputError("agree_no_comment", comment=comment_id)
        change.session.upsert("comments", pd.DataFrame([{"comment_id": comment_id, "state": state}]))
    return Report(figures={"comment": comment_id, "state": state}, notes=[note(f"agree_comment_{state}")])


def listed(project: Project, plan: str | None = None, *, by: str | None = None) -> Report:
    """
    Show where a plan is on its way: its steps, what may be done next, objections with their answers, comments.

    For those inside the office: it says who did what.
    """
    wanted = str(plan_to_go_on_from(project, plan or "active", ()))
    with project.store.reading() as session:
        standing = agreeing.standing_of(session, wanted)
        units = session.read("units", where={"plan_id": wanted}, columns=["unit_id", "code"])
        comments = session.read("comments", where={"plan_id": wanted})
    code = dict(zip(units["unit_id"], units["code"], strict=True))
    figures: dict[str, Any] = {"plan": wanted, "status": standing.status, "drafters": list(standing.drafters)}
    figures["steps"] = [_plainly(row) for row in standing.steps.to_dict("records")]
    figures["objections"] = [_located(row, code, project) for row in standing.objections.to_dict("records")]
    figures["comments"] = [_located(row, code, project) for row in comments.to_dict("records")]
    hindered = _hindrances(project, standing, by)
    report = Report(figures={**figures, "may": {step: reason is None for step, reason in hindered.items()}})
    report.shown = [note("agree_shown", plan=wanted, state=note(f"agree_state_{standing.status}"))]
    report.shown += [_step_told(row) for row in figures["steps"]]
    report.shown += [_objection_told(row) for row in figures["objections"]]
    report.shown += [_comment_told(row) for row in figures["comments"]]
    ways = agreement.ways()
    hints = (one for step, one in hindered.items() if one is not None and standing.status in ways[step]["from"])
    report.notes += list(hints)
    return report


def hindrances(project: Project, plan: str | None = None, *, by: str | None = None) -> dict[str, Note | None]:
    """Say of every step what stands against it, None where it may be taken."""
    wanted = str(plan_to_go_on_from(project, plan or "active", ()))
    with project.store.reading() as session:
        return _hindrances(project, agreeing.standing_of(session, wanted), by)


def plans(project: Project) -> list[dict[str, Any]]:
    """List the plans, the newest first: id, name (else the hour it was made), status, whether it is the active one."""
    rows = project.read("plans").sort_values(["created_at", "plan_id"], ascending=[False, True])
    active = project.fact("active_plan_id")
    name = called(project)
    return [
        {"plan": one, "name": name[one], "status": state, "active": one == active}
        for one, state in zip(rows["plan_id"], rows["status"], strict=True)
    ]


def standing_after(change: Change, plan_id: str) -> Standing:
    """Read where a plan is now, inside a change."""
    return agreeing.standing_of(change.session, plan_id)


# below ---------------------------------------------------------------------------------------------------------------
def _hindrances(project: Project, standing: Standing, by: str | None) -> dict[str, Note | None]:
    day = agreeing.today(project)
    return {step: agreement.hindrance(step, standing, by=by, today=day) for step in agreement.STEPS}


def _standing(change: Change, project: Project, plan: str | None) -> Standing:
    return agreeing.standing_of(change.session, str(plan_to_go_on_from(project, plan or "active", ())))


def _masked(text: str) -> tuple[str, bool]:
    """Blot out who is named in a text; say whether anything was."""
    from govmap.sources import masking

    plain = "\n".join(" ".join(line.split()) for line in text.strip().splitlines()).strip()
    if not plain:
        raise InputError("agree_no_text")
    if len(plain) > LONGEST:
        raise InputError("agree_too_long", longest=LONGEST, given=plain[:20])
    told = masking.people(plain)
    return told, told != plain


def _place(change: Change, project: Project, plan_id: str, where: Pinned) -> dict[str, Any]:
    """Find the unit that is named, or in which a place lies, and the place in the project's own system."""
    units = change.session.read("units", where={"plan_id": plan_id})
    leaves = units[~units["unit_id"].isin(set(units["parent_unit_id"].dropna()))]
    point = None if where.at is None else _point(project, where.at)
    if where.unit is not None and where.unit.strip():
        return {"unit_id": _unit(units, where.unit.strip(), plan_id), "geometry": point}
    if point is None:
        return {"unit_id": None, "geometry": None}
    hits = [one for one, shape in zip(leaves["unit_id"], leaves["geometry"], strict=True) if shape.intersects(point)]
    grounds = list(change.session.read("communities")["geometry"])
    if not hits and not any(shape.dwithin(point, 1000) for shape in grounds):
        raise InputError("agree_place_far")
    return {"unit_id": str(hits[0]) if hits else None, "geometry": point}


def _unit(units: pd.DataFrame, wanted: str, plan_id: str) -> str:
    for column in ("unit_id", "code", "name"):
        found = units.loc[units[column] == wanted, "unit_id"]
        if len(found) == 1:
            return str(found.iloc[0])
    raise PlanError("levels_no_unit", wanted=wanted, plan=plan_id, known=sorted(units["code"].dropna())[:10])


def _point(project: Project, at: Degrees) -> shapely.Point:
    from pyproj import Transformer

    east, north = Transformer.from_crs(4326, project.crs, always_xy=True).transform(*at)
    if not (abs(east) < float("inf") and abs(north) < float("inf")):
        raise InputError("agree_place_far")
    return shapely.Point(east, north)


def _put(change: Change, table: str, row: dict[str, Any]) -> None:
    import geopandas as gpd

    facts = pd.DataFrame([{name: value for name, value in row.items() if name != "geometry"}])
    if "number" in facts:
        facts = facts.astype({"number": "Int64", "late": "boolean"})
    change.session.append(
        table, gpd.GeoDataFrame(facts, geometry=[row["geometry"]], crs=change.session.read(table).crs)
    )


def _plainly(row: Any) -> dict[str, Any]:
    """Give a row for programs: days and moments as text, nothing where there is nothing."""
    told: dict[str, Any] = {}
    for name, value in row.items():
        empty = value is None or (not isinstance(value, str | bool) and pd.isna(value))
        moment = value if isinstance(value, pd.Timestamp) else None
        told[str(name)] = None if empty else moment.isoformat() if moment is not None else value
    return {name: f"{one}" if hasattr(one, "isoformat") else one for name, one in told.items()}


def _located(row: Any, code: dict[Any, Any], project: Project) -> dict[str, Any]:
    """Give a row with the code of its unit and its place in degrees."""
    from pyproj import Transformer

    point = row.pop("geometry", None)
    told = {**_plainly(row), "unit": code.get(row.get("unit_id")), "at_degrees": None}
    if point is not None and not point.is_empty:
        lon, lat = Transformer.from_crs(project.crs, 4326, always_xy=True).transform(point.x, point.y)
        told["at_degrees"] = [round(lon, 7), round(lat, 7)]
    return told


def _step_told(row: dict[str, Any]) -> Note:
    span = note("agree_span", begins=row["begins"], ends=row["ends"]) if row["begins"] else ""
    number = note("agree_document", number=row["document_no"]) if row["document_no"] else ""
    holds = note("agree_from_day", day=row["effective"]) if row["effective"] else ""
    more = [one for one in (span, number, holds, row["reason"]) if one]
    facts = {"step": note(f"agree_step_{row['step']}"), "by": row["by"], "at": str(row["at"])[:10]}
    return note("agree_line_step_more", **facts, more=more) if more else note("agree_line_step", **facts)


def _objection_told(row: dict[str, Any]) -> Note:
    facts = {"number": row["number"], "day": row["received"], "text": row["text"], "unit_code": row["unit"] or "–"}
    if row["outcome"] is None:
        return note("agree_line_open", **facts)
    return note("agree_line_answered", **facts, answer=row["answer"], outcome=note(f"agree_outcome_{row['outcome']}"))


def _comment_told(row: dict[str, Any]) -> Note:
    facts = {"comment": row["comment_id"], "text": row["text"], "unit_code": row["unit"] or "–"}
    return note(f"agree_line_comment_{row['state']}", **facts)

"""Units handed to people by hand: who answers for what, put there, taken away, proposals accepted or set free.

People stand in the order of their role and name, never of their work: nobody is ranked. What lists say of a unit gives
way to what is decided here and stays stored (`replaced`), so that nothing is lost.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from govmap.errors import InputError
from govmap.govern import duties as following
from govmap.govern.duties import REPLACED
from govmap.govern.posts import Post, deputy_of, post_of, posts, posts_of
from govmap.messages import Note, Voice, note
from govmap.pipeline import assigned, unposting
from govmap.pipeline.report import Report
from govmap.plan import Plan, named
from govmap.project import Change, Project, plan_of
from govmap.schema import TABLES

DUTIES = "duties"
FIXED, PROPOSED, STANDS_IN = "fixed", "proposed", "stands_in"
MOST_TOLD = 5


@dataclass(frozen=True)
class Office:
    """Units, people and duties of the active plan: `units` by code, `workers` and `duties` with their `post`."""

    plan: Plan
    units: pd.DataFrame
    workers: pd.DataFrame
    duties: pd.DataFrame
    hours: "pd.Series[float]"

    def levels(self) -> dict[str, str]:
        """Give the posts that the plan has and somebody can have, with the level of their units."""
        there = set(self.units["level"])
        found = {name: level for name, post in posts().items() if (level := post.level(there)) is not None}
        used = set(self.workers["post"].dropna())
        return {name: one for name, one in found.items() if name in used or posts()[name].facts.get("always", False)}


def overview(project: Project, *, voice: Voice) -> Report:
    """
    Say who answers for what: post by post the units with their people and vacancies, and people with their work.

    Raises
    ------
    PlanError
        There is no plan yet.
    """
    office = _office_of(project)
    people = _people(office)
    every = [_post(office, name, level, voice) for name, level in office.levels().items()]
    project.has_read("assign list", workers=len(office.workers))
    vacant = {one["post"]: one["vacant"] for one in every}
    with project.store.reading() as session:
        action = unposting.last(session, office.plan.plan_id)
    back = None if action is None else voice.say(f"people_action_{action}")
    report = Report(figures={"plan": office.plan.plan_id, "posts": every, "workers": people, "undo": back})
    for one in every:
        facts = {"post": one["title"], "count": len(one["units"]), "vacant": len(vacant[one["post"]])}
        report.shown.append(note("people_post", **facts))
    return report


def give(
    project: Project, worker_id: str, units: Sequence[str], *, post: str | None = None, deputy: bool = False
) -> Report:
    """
    Put somebody on units; whoever had them for the same post gives way.

    Parameters
    ----------
    units
        By code, id or name.
    post
        Which post; without it the one that the person's role means.
    deputy
        Only to stand in: nobody gives way.

    Raises
    ------
    InputError
        There is no such person or unit, the role is no post of this plan, or nobody can stand in for himself.
    """
    with project.change("assign give", {"worker": worker_id, "units": list(units), "deputy": deputy}) as change:
        office = _office(change.session, change.get("active_plan_id"))
        worker = _worker(office, worker_id)
        name = _post_for(office, worker, post)
        wanted = _units(office, units, office.levels()[name])
        rows = _stood_in(office, worker, name, wanted) if deputy else _held(office, worker, name, wanted)
        _write(change, office, rows, "stands_in" if deputy else "give")
    key = "people_stands_in" if deputy else "people_given"
    return _done(office, key, wanted, name=str(worker["name"] or worker_id))


def take(project: Project, units: Sequence[str], *, post: str, worker_id: str | None = None) -> Report:
    """
    Make units vacant of a post; with `worker_id` take only this person away, also one who stands in.

    Raises
    ------
    InputError
        There is no such unit or post, or nobody was there.
    """
    with project.change("assign take", {"units": list(units), "post": post, "worker": worker_id}) as change:
        office = _office(change.session, change.get("active_plan_id"))
        wanted = _units(office, units, _level(office, post))
        rows = office.duties
        mine = _of_post(rows, post, also_deputies=worker_id is not None) & rows["unit_id"].isin(wanted)
        if worker_id is not None:
            mine &= rows["worker_id"] == worker_id
        mine &= rows["state"] != REPLACED
        if not mine.any():
            raise InputError("people_nobody_there", post=posts()[post].title)
        _write(change, office, _set_aside(rows, mine), "take")
    return _done(office, "people_taken", wanted)


def fix(project: Project, units: Sequence[str] = (), *, post: str | None = None, fixed: bool = True) -> Report:
    """
    Accept proposals, so that later assignments leave them; or set accepted ones free again.

    Parameters
    ----------
    units
        By code, id or name; all of the plan where none is given.
    post
        Only those of one post.

    Raises
    ------
    InputError
        There is no such unit, or nothing to accept or to set free.
    """
    before, after = (PROPOSED, FIXED) if fixed else (FIXED, PROPOSED)
    with project.change("assign fix", {"units": list(units), "post": post, "fixed": fixed}) as change:
        office = _office(change.session, change.get("active_plan_id"))
        rows = office.duties
        mine = rows["state"] == before
        if units:
            mine &= rows["unit_id"].isin(_units(office, units, None))
        if post is not None:
            mine &= rows["post"] == post
        if not mine.any():
            raise InputError("people_nothing_proposed" if fixed else "people_nothing_fixed")
        _write(change, office, rows.assign(state=rows["state"].mask(mine, after)), "fix" if fixed else "free")
    count = int(mine.sum())
    return Report(figures={"count": count}, notes=[note("people_fixed" if fixed else "people_freed", count=count)])


# read ----------------------------------------------------------------------------------------------------------------
def _office_of(project: Project) -> Office:
    active = project.active_plan_id()
    with project.store.reading() as session:
        return _office(session, active)


def _office(session: Any, plan_id: str | None) -> Office:
    if plan_id is None:
        from govmap.errors import PlanError

        raise PlanError("plan_none_yet")
    units = pd.DataFrame(session.read("units", where={"plan_id": plan_id}).drop(columns="geometry"))
    units = units.assign(code=units["code"].fillna(units["unit_id"]), level=units["level"].fillna("base"))
    workers = pd.DataFrame(session.read("workers").drop(columns="geometry"))
    workers = workers.assign(post=workers["role"].map(post_of).astype(object))
    duties = session.read(DUTIES, where={"plan_id": plan_id})
    loads = session.read("loads", where={"plan_id": plan_id}, columns=["unit_id", "hours"])
    return Office(
        plan=plan_of(session, plan_id),
        units=units.sort_values(["code", "unit_id"], ignore_index=True),
        workers=workers,
        duties=duties.assign(post=posts_of(duties, workers)),
        hours=loads.groupby("unit_id")["hours"].sum().astype(float),
    )


def _people(office: Office) -> list[dict[str, Any]]:
    """Give people in the order of posts and names, with their hours and what they have."""
    order = {name: at for at, name in enumerate(posts())}
    live = office.duties[~office.duties["state"].isin([REPLACED, STANDS_IN])]
    homes = office.units.set_index("unit_id")["households"]
    code = office.units.set_index("unit_id")["code"]
    found = []
    for row in office.workers.to_dict("records"):
        own = live[(live["worker_id"] == row["worker_id"]) & live["unit_id"].isin(code.index)]
        units = sorted(set(own["unit_id"]), key=lambda one: str(code[one]))
        post = row["post"] if isinstance(row["post"], str) else None
        given = None if pd.isna(row["capacity_hours_month"]) else float(row["capacity_hours_month"])
        usual = posts()[post].hours(row["role"]) if post and posts()[post].counted else None
        found.append({
            "worker_id": row["worker_id"], "name": row["name"] or row["worker_id"], "role": row["role"], "post": post,
            "organisation": row["organisation"], "capacity_hours": given if given is not None else usual,
            "assumed": given is None, "hours": _hours(office, units, post), "units": units,
            "households": int(homes.reindex(units).fillna(0).sum()),
            "_order": (order.get(post or "", len(order)), str(row["role"] or ""), str(row["name"] or "")),
        })  # fmt: skip
    found.sort(key=lambda one: (one.pop("_order"), one["worker_id"]))
    return found


def _hours(office: Office, units: Sequence[str], post: str | None) -> float | None:
    """Sum the hours a month of units, where they were worked out and the post counts them."""
    if post is None or not posts()[post].counted or office.hours.empty:
        return None
    return round(float(office.hours.reindex(list(units)).fillna(0.0).sum()), 1)


def _post(office: Office, name: str, level: str, voice: Voice) -> dict[str, Any]:
    """Give one post: its units in the order of codes, who has each and why, who stands in, which are vacant."""
    post = posts()[name]
    rows = office.units[office.units["level"] == level]
    live = office.duties[office.duties["state"] != REPLACED]
    held = live[_of_post(live, name, also_deputies=True) & live["unit_id"].isin(rows["unit_id"])]
    by_unit = {str(unit): some for unit, some in held.groupby("unit_id")}
    called = dict(zip(office.workers["worker_id"], office.workers["name"], strict=True))
    units = []
    for unit in rows[["unit_id", "code", "name", "households"]].to_dict("records"):
        mine = by_unit.get(str(unit["unit_id"]), held.iloc[:0])
        duty = [_duty(one, called, voice) for one in mine.sort_values("worker_id").to_dict("records")]
        holders = [one for one in duty if not one["deputy"]]
        hours = float(office.hours.get(str(unit["unit_id"]), 0.0)) if post.counted and len(office.hours) else None
        facts = {**unit, "households": int(unit["households"] or 0), "hours": hours}
        units.append({**facts, "held": holders, "deputies": [one for one in duty if one["deputy"]]})
    vacant = [one["code"] for one in units if not one["held"]]
    title = voice.say("people_title", title=post.title)
    return {"post": name, "title": title, "level": level, "counted": post.counted, "units": units, "vacant": vacant}


def _duty(row: Mapping[Any, Any], called: Mapping[str, Any], voice: Voice) -> dict[str, Any]:
    """Give one duty: who, in which state, and what speaks for it."""
    reason = row["reason"] if isinstance(row["reason"], dict) else {}
    state = row["state"] or "listed"
    told = [voice.tell(one) for one in assigned.why(reason)] if state == PROPOSED else []
    who = str(row["worker_id"])
    return {"worker_id": who, "name": called.get(who) or who, "state": state, "deputy": state == STANDS_IN, "why": told}


# found ---------------------------------------------------------------------------------------------------------------
def _worker(office: Office, worker_id: str) -> "pd.Series[Any]":
    rows = office.workers[office.workers["worker_id"] == worker_id]
    if rows.empty:
        raise InputError("people_unknown", who=worker_id[:40])
    row: pd.Series[Any] = rows.iloc[0]
    return row


def _post_for(office: Office, worker: "pd.Series[Any]", post: str | None) -> str:
    """Name the post that somebody is put on: as asked, else the one that the role means."""
    wanted = post or worker["post"]
    if wanted is None or pd.isna(wanted):
        raise InputError("people_no_post", role=str(worker["role"] or "?"), known=[one.title for one in _there(office)])
    _level(office, str(wanted))
    return str(wanted)


def _there(office: Office) -> list[Post]:
    return [posts()[name] for name in office.levels()]


def _level(office: Office, post: str) -> str:
    levels = office.levels()
    if post not in levels:
        known = [one.title for one in _there(office)]
        raise InputError("people_post_unknown", post=posts()[post].title if post in posts() else post[:40], known=known)
    return levels[post]


def _units(office: Office, words: Sequence[str], level: str | None) -> list[str]:
    """Find units of a level by id, code or name."""
    rows = office.units if level is None else office.units[office.units["level"] == level]
    found = []
    for word in words:
        hits = next((hit for name in ("unit_id", "code", "name") if len(hit := rows[rows[name] == word]) == 1), None)
        if hits is None:
            raise InputError("people_no_unit", wanted=word[:40], known=named(rows["code"]))
        found.append(str(hits["unit_id"].iloc[0]))
    if not found:
        raise InputError("people_no_units_named")
    return sorted(set(found))


def _of_post(rows: pd.DataFrame, post: str, *, also_deputies: bool) -> "pd.Series[bool]":
    """Tell which duties are of a post; deputies know theirs by the reason alone."""
    mine = rows["post"] == post
    if also_deputies:
        said = [one.get("post") if isinstance(one, dict) else None for one in rows["reason"].astype(object)]
        mine = mine | ((rows["state"] == STANDS_IN) & (pd.Series(said, index=rows.index, dtype=object) == post))
    found: pd.Series[bool] = mine.astype(bool)
    return found


# written -------------------------------------------------------------------------------------------------------------
def _held(office: Office, worker: "pd.Series[Any]", post: str, units: Sequence[str]) -> pd.DataFrame:
    """Put somebody on units; the others of the post are set aside there."""
    who, rows = str(worker["worker_id"]), office.duties
    here = rows["unit_id"].isin(units) & _of_post(rows, post, also_deputies=False)
    own = here & (rows["worker_id"] == who)
    standing = rows["unit_id"].isin(units) & (rows["state"] == STANDS_IN) & (rows["worker_id"] == who)
    listed = own & ~_made(rows)
    rows = _set_aside(rows, (here & ~own) | standing | (own & _made(rows)))
    rows = rows.assign(
        state=rows["state"].mask(rows["said_id"].notna() & listed.reindex(rows.index, fill_value=False), None)
    )
    has = set(rows.loc[rows["unit_id"].isin(units) & (rows["worker_id"] == who) & rows["state"].isna(), "unit_id"])
    made = [_row(office, worker, unit, FIXED, post) for unit in units if unit not in has]
    return _with(rows, made)


def _stood_in(office: Office, worker: "pd.Series[Any]", post: str, units: Sequence[str]) -> pd.DataFrame:
    """Let somebody stand in on units, instead of whoever did so for this post."""
    who, rows = str(worker["worker_id"]), office.duties
    live = rows["state"] != REPLACED
    holds = live & rows["unit_id"].isin(units) & (rows["worker_id"] == who) & (rows["post"] == post)
    if holds.any():
        raise InputError("people_own_deputy", who=str(worker["name"] or who))
    before = rows["unit_id"].isin(units) & (rows["state"] == STANDS_IN) & _of_post(rows, post, also_deputies=True)
    return _with(rows[~before], [_row(office, worker, unit, STANDS_IN, post) for unit in units])


def _made(rows: pd.DataFrame) -> "pd.Series[bool]":
    """Tell which duties an assignment or a hand made, and no list."""
    found: pd.Series[bool] = rows["state"].isin([FIXED, PROPOSED, STANDS_IN])
    return found


def _set_aside(rows: pd.DataFrame, which: "pd.Series[bool]") -> pd.DataFrame:
    """Take duties out that were made here; those of lists stay stored as replaced."""
    left = rows[~(which & _made(rows))]
    listed = (which & ~_made(rows)).reindex(left.index)
    return left.assign(state=left["state"].mask(listed, REPLACED).astype(object))


def _row(office: Office, worker: "pd.Series[Any]", unit: str, state: str, post: str) -> dict[str, Any]:
    role = str(worker["role"] or "")
    if post_of(role) != post:
        role = next(iter(posts()[post].facts["words"]), "")
    facts = dict.fromkeys(TABLES[DUTIES].names) | {"plan_id": office.plan.plan_id, "unit_id": unit}
    facts |= {"worker_id": worker["worker_id"], "role": deputy_of(role) if state == STANDS_IN else role}
    return {**facts, "state": state, "reason": {"post": post, "by_hand": True}}


def _with(rows: pd.DataFrame, made: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    if not made:
        return rows
    fresh = pd.DataFrame(list(made), columns=TABLES[DUTIES].names, dtype=object)
    every = pd.concat([rows.astype(object), fresh], ignore_index=True)
    return every.drop_duplicates(following.KEY, keep="last")


def _write(change: Change, office: Office, rows: pd.DataFrame, action: str) -> None:
    plain = rows[list(TABLES[DUTIES].names)].sort_values(following.KEY, ignore_index=True)
    plain = plain.assign(state=plain["state"].replace({np.nan: None}))
    change.session.replace(DUTIES, plain, where={"plan_id": office.plan.plan_id})
    unposting.remember(change, office.plan.plan_id, action, office.duties)


def _done(office: Office, key: str, units: Sequence[str], **facts: Any) -> Report:
    code = office.units.set_index("unit_id")["code"]
    shown = [str(code[one]) for one in units]
    told: list[Note] = [note(key, unit_codes=named(shown), **facts)]
    return Report(figures={"plan": office.plan.plan_id, "units": shown}, notes=told)

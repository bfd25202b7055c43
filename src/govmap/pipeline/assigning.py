"""Workers to units: the posts of the plan filled one after another, what was fixed kept, what is vacant told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from govmap.errors import InputError
from govmap.govern import assign as sharing
from govmap.govern.bundles import NOBODY
from govmap.govern.posts import Post, deputy_of, post_of, posts, posts_of
from govmap.messages import Note, note
from govmap.pipeline import assigned as telling
from govmap.pipeline.report import Progress, Report, quiet
from govmap.pipeline.staffing import REPLACED, Staff, people, staff_of, unit_named
from govmap.project import Change, Project
from govmap.schema import TABLES

DUTIES = "duties"
FIXED, PROPOSED, STANDS_IN = "fixed", "proposed", "stands_in"
WAYS = ("hours", "households")
Decided = dict[str, dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class Choosing:
    """How an assignment is asked for, in the words of a face."""

    roles: Sequence[str] = ()
    fix: Sequence[str] = ()
    wants: Sequence[str] = ()
    keep: bool = True
    by: str | None = None
    deputies: bool = False


@dataclass
class Filled:
    """One post of the plan after it was filled: its units, who has them, who stands in."""

    post: Post
    level: str
    units: pd.DataFrame
    by: str
    people: sharing.People
    made: sharing.Assigned
    deputies: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["unit_id", "worker_id"]))


def assign(project: Project, choosing: Choosing | None = None, *, progress: Progress = quiet) -> Report:
    """
    Give the units of the active plan to workers, post by post, and write what was proposed and fixed as duties.

    Raises
    ------
    PlanError
        There is no plan yet.
    InputError
        Nobody is in the list of workers; a role, worker or unit that is named is not known.
    """
    wanted = choosing or Choosing()
    progress("progress_assign", 0.0)
    staff = staff_of(project, wanted.wants)
    by, told = _measure(project, staff, wanted.by)
    staff = staff_of(project, wanted.wants) if by == "hours" and staff.loads.empty else staff
    chosen = _posts(staff, wanted.roles)
    decided = _decided(staff, wanted, chosen)
    fixed = _fixed(staff, wanted, chosen, decided)
    filled: list[Filled] = []
    for at, (post, level) in enumerate(chosen.items()):
        progress("progress_assign", at / len(chosen))
        filled.append(_fill(staff, posts()[post], level, by, fixed.get(post, {}), wanted))
    with project.change("assign", {"roles": list(chosen), "keep": wanted.keep, "by": by}) as change:
        before, after = _write(change, staff, filled, decided, keep=wanted.keep)
    project.has_read("assign", workers=len(staff.workers))
    progress("progress_assign", 1.0)
    return telling.told(staff, filled, before, after, [*told, *staff.notes], project.path.name)


def _measure(project: Project, staff: Staff, by: str | None) -> tuple[str, list[Note]]:
    """Say by what the work is shared out; hours are reckoned first where nobody has done so."""
    if by not in (None, *WAYS):
        raise InputError("assign_by_unknown", given=by, known=list(WAYS))
    if by == "households":
        return by, []
    if staff.loads.empty:
        from govmap.pipeline import loading

        loading.load(project)
        return "hours", [note("assign_hours_reckoned")]
    return "hours", []


def _posts(staff: Staff, roles: Sequence[str]) -> dict[str, str]:
    """Name the posts to be filled with their level: those that anybody has, and those of every plan."""
    levels = set(staff.units["level"])
    there = {name: level for name, post in posts().items() if (level := post.level(levels)) is not None}
    if not roles:
        people_ = set(staff.workers["post"].dropna())
        return {
            name: level for name, level in there.items() if name in people_ or posts()[name].facts.get("always", False)
        }
    found = {}
    for word in roles:
        post = post_of(word)
        if post is None:
            raise InputError("assign_no_role", given=word, known=[one.title for one in posts().values()])
        if post not in there:
            raise InputError("assign_no_level", given=word)
        found[post] = there[post]
    return {name: found[name] for name in posts() if name in found}


def _decided(staff: Staff, wanted: Choosing, chosen: Mapping[str, str]) -> Decided:
    """Say what somebody fixed here, now or before: post -> unit_id -> worker_id."""
    found: Decided = {post: {} for post in chosen}
    before = staff.duties[staff.duties["state"] == FIXED]
    for post, unit, who in before[["post", "unit_id", "worker_id"]].itertuples(index=False):
        if wanted.keep and post in found:
            found[post][unit] = who
    for given in wanted.fix:
        word, _, unit_word = (one.strip() for one in given.partition("="))
        post, who = _worker_named(staff, word, given, chosen)
        for unit in unit_named(staff.units[staff.units["level"] == chosen[post]], unit_word, given):
            found[post][unit] = who
    return found


def _fixed(staff: Staff, wanted: Choosing, chosen: Mapping[str, str], decided: Decided) -> Decided:
    """Say who stays where: as was decided, else as lists say, unless all is to be new."""
    found = {post: dict(units) for post, units in decided.items()}
    level = dict(zip(staff.units["unit_id"], staff.units["level"], strict=True))
    said = staff.duties[staff.duties["state"].isna()] if wanted.keep else staff.duties.iloc[:0]
    for post, unit, who in said[["post", "unit_id", "worker_id"]].itertuples(index=False):
        if post in found and level.get(unit) == chosen[post]:
            found[post].setdefault(unit, who)
    return found


def _worker_named(staff: Staff, word: str, given: str, chosen: Mapping[str, str]) -> tuple[str, str]:
    """Give the post and id of a worker by id or name."""
    from govmap.govern.posts import plain

    workers = staff.workers
    rows = workers[workers["worker_id"] == word]
    if rows.empty:
        rows = workers[[isinstance(one, str) and plain(one) == plain(word) for one in workers["name"]]]
    if len(rows) != 1:
        key = "assign_no_worker" if rows.empty else "assign_worker_several"
        raise InputError(key, given=given, word=word, ids=list(rows["worker_id"]))
    post = rows["post"].iloc[0]
    if post not in chosen:
        raise InputError("assign_fix_other_post", given=given, role=str(rows["role"].iloc[0] or "?"))
    return str(post), str(rows["worker_id"].iloc[0])


def _fill(staff: Staff, post: Post, level: str, by: str, fixed: Mapping[str, str], wanted: Choosing) -> Filled:
    """Fill one post of every unit of a level."""
    rows = staff.units[staff.units["level"] == level].sort_values("unit_id", ignore_index=True)
    homes = rows["households"].fillna(0).astype(float)
    load = rows["unit_id"].map(staff.loads).fillna(0.0) if by == "hours" else homes
    units = rows[["unit_id", "households"]].assign(load=load)
    wants = [staff.wants[one] if post.facts.get("wants") else [] for one in rows["unit_id"]]
    units["wants"] = pd.Series(wants, index=units.index, dtype=object)
    units.attrs["by"] = by
    there = people(staff, post.name, rows, keep=wanted.keep)
    made = sharing.assign(units, there, post, fixed=fixed, between_min=staff.between(rows))
    filled = Filled(post, level, rows, by, there, made)
    if wanted.deputies and len(there.rows) > 1:
        filled.deputies = _deputies(units, there, made)
    return filled


def _deputies(units: pd.DataFrame, there: sharing.People, made: sharing.Assigned) -> pd.DataFrame:
    place = {who: at for at, who in enumerate(there.rows["worker_id"])}
    has = dict(zip(made.duties["unit_id"], made.duties["worker_id"], strict=True))
    holder = np.array([place[has[one]] if one in has else NOBODY for one in units["unit_id"]], np.int64)
    found = sharing.stand_ins(holder, sharing.ways(there))
    rows = np.flatnonzero(found != NOBODY)
    ids = there.rows["worker_id"].to_numpy()[found[rows]]
    return pd.DataFrame({"unit_id": units["unit_id"].to_numpy()[rows], "worker_id": ids})


# what is written -----------------------------------------------------------------------------------------------------
def _write(
    change: Change, staff: Staff, filled: Sequence[Filled], decided: Decided, *, keep: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put what is proposed in the place of what was proposed before; give all duties before and after."""
    plan_id = staff.plan.plan_id
    before = change.session.read(DUTIES, where={"plan_id": plan_id})
    ours = {one.post.name for one in filled}
    rows = before[~_made_here(before).isin(ours)]
    rows = _set_aside(rows, staff, filled, decided, keep=keep)
    live = rows[rows["state"] != REPLACED]
    there = set(zip(posts_of(live, staff.workers), live["unit_id"], live["worker_id"], strict=True))
    fresh = pd.DataFrame(
        [row for one in filled for row in _rows(staff, one, there)], columns=TABLES[DUTIES].names, dtype=object
    )
    after = pd.concat([rows, fresh], ignore_index=True) if len(fresh) else rows
    after = after.drop_duplicates(list(TABLES[DUTIES].key), keep="last")
    after = after.sort_values(list(TABLES[DUTIES].key), ignore_index=True)
    change.session.replace(DUTIES, after, where={"plan_id": plan_id})
    return before, after


def _made_here(rows: pd.DataFrame) -> "pd.Series[Any]":
    """Name the post of each duty that an assignment made; None of those that lists tell."""
    made = [one.get("post") if isinstance(one, dict) else None for one in rows["reason"].astype(object)]
    return pd.Series(made, index=rows.index, dtype=object)


def _set_aside(
    rows: pd.DataFrame, staff: Staff, filled: Sequence[Filled], decided: Decided, *, keep: bool
) -> pd.DataFrame:
    """Set aside what lists say where something else was decided, or all is made new; else take it up again."""
    has = {
        (one.post.name, str(unit)): str(who)
        for one in filled
        for unit, who in one.made.duties[["unit_id", "worker_id"]].itertuples(index=False)
    }
    state = []
    posts_ = posts_of(rows, staff.workers)
    for post, unit, who, now in zip(posts_, rows["unit_id"], rows["worker_id"], rows["state"], strict=True):
        other = has.get((post, unit), who) != who
        moved = other and (not keep or unit in decided.get(post or "", {}))
        known = (post, unit) in has
        state.append(REPLACED if moved else None if known and now == REPLACED else now)
    return rows.assign(state=pd.Series(state, index=rows.index, dtype=object))


def _rows(staff: Staff, one: Filled, there: set[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Give a post as rows of `duties`; what a list says already is not said again."""
    plain = dict.fromkeys(TABLES[DUTIES].names) | {"plan_id": staff.plan.plan_id}
    words = dict(zip(staff.workers["worker_id"], staff.workers["role"], strict=True))
    rows = []
    for unit, who, fixed, reason in one.made.duties.itertuples(index=False):
        if (one.post.name, unit, who) in there:
            continue
        facts = {**plain, "worker_id": who, "unit_id": unit, "role": words.get(who) or ""}
        reason_ = {"post": one.post.name, "by": one.by, **reason}
        rows.append({**facts, "state": FIXED if fixed else PROPOSED, "reason": reason_})
    for unit, who in one.deputies.itertuples(index=False):
        facts = {**plain, "worker_id": who, "unit_id": unit, "role": deputy_of(words.get(who) or "")}
        rows.append({**facts, "state": STANDS_IN, "reason": {"post": one.post.name}})
    return rows

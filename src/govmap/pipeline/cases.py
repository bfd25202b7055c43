"""Incidents at work: looked up, listed, moved on with their log, and the way they go chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pandas as pd

from govmap import govern
from govmap.errors import InputError
from govmap.govern.lifecycle import Given, Lifecycle
from govmap.govern.stages import plain, renamed, vocabulary
from govmap.messages import Note, note
from govmap.pipeline import counting
from govmap.pipeline.incidents import Rules, rules_of
from govmap.pipeline.report import Report
from govmap.project import Change, Project, now

SHOWN = 30
ONE_SECOND, AT_ONCE = timedelta(seconds=1), timedelta(seconds=10)
LISTED = [
    "incident_id", "external_no", "kind", "category", "sensitive", "severity", "stage", "stage_said", "reported_at",
    "due_at", "closed_at", "community_id", "building_id", "duplicate_of",
]  # fmt: skip
CHOSEN_BY = ("incident_id", "stage", "due_at", "closed_at")


@dataclass(frozen=True)
class Chosen:
    """Every incident, those wanted in the order in which they are shown, and how many of all are open."""

    rows: pd.DataFrame
    wanted: pd.DataFrame
    open: int

    @property
    def figures(self) -> dict[str, Any]:
        """Give the numbers over all incidents, whichever are wanted."""
        counts = {"incidents": len(self.rows), "open": self.open, "overdue": int(self.rows["overdue"].sum())}
        return {**counts, "stages": stages_of(self.rows)}


def chosen(
    project: Project,
    rules: Rules,
    columns: list[str],
    *,
    stage: str | None = None,
    late: bool = False,
    done: bool = False,
) -> Chosen:
    """
    Choose incidents by stage and deadline, those past theirs first, then by deadline.

    Parameters
    ----------
    columns
        What to read of each beside what choosing needs: a page reads little of all, and all of few.

    Raises
    ------
    InputError
        There is no such stage.
    """
    rows = project.read("incidents", columns=[name for name in LISTED if name in {*CHOSEN_BY, *columns}])
    rows = rows.assign(overdue=_overdue(rows, rules))
    open_ = ~rows["stage"].isin(rules.lifecycle.terminal) & rows["closed_at"].isna()
    wanted = rows if done or stage else rows[open_]
    if stage:
        wanted = wanted[wanted["stage"] == stage_named(rules.lifecycle, stage)]
    wanted = wanted[wanted["overdue"]] if late else wanted
    order = ["overdue", "due_at", "incident_id"]
    return Chosen(rows, wanted.sort_values(order, ascending=[False, True, True], kind="stable"), int(open_.sum()))


def listed(
    project: Project, *, stage: str | None = None, late: bool = False, done: bool = False, for_: str | None = None
) -> Report:
    """
    List incidents, those past their deadline first, then by deadline.

    Parameters
    ----------
    stage, late, done
        Only those at one stage; only those past their deadline; those that are done too.
    for_
        Only those that this worker answers for, by id or name; never a complaint that names him or her.

    Raises
    ------
    InputError
        There is no such stage, or nobody of that name.
    """
    rules = rules_of(project.fact)
    found = chosen(project, rules, LISTED, stage=stage, late=late, done=done)
    wanted = _of_worker(project, found.wanted, for_) if for_ else found.wanted
    figures = found.figures
    head = note("incident_list_head", count=figures["incidents"], open=figures["open"], late=figures["overdue"])
    shown = [head, *stage_lines(found.rows, rules.lifecycle)]
    shown += [_line(row, rules) for row in wanted.head(SHOWN).to_dict("records")]
    if len(wanted) > SHOWN:
        shown.append(note("incident_more", count=len(wanted) - SHOWN))
    if for_:
        shown.insert(1, note("incident_for_head", count=len(wanted)))
    return Report(figures={**figures, "listed": rows_of(wanted)}, shown=shown)


def rows_of(incidents: pd.DataFrame) -> list[dict[Any, Any]]:
    """Give rows as plain facts, None where nothing is known."""
    return [_plain(row) for row in incidents.to_dict("records")]


def _of_worker(project: Project, rows: pd.DataFrame, word: str) -> pd.DataFrame:
    """Keep what one worker answers for."""
    from govmap.pipeline import answering

    who = answering.worker_named(project, word)
    places = project.read("incidents", columns=["incident_id", "part_id", "cell_id", "against"])
    asked = rows[["incident_id", "building_id", "category", "sensitive"]].merge(places, on="incident_id")
    found = answering.answers(project, asked)
    return rows[rows["incident_id"].isin(found.loc[found["worker_id"] == who, "incident_id"])]


def shown(project: Project, name: str) -> Report:
    """
    Show one incident, its log, and where it can go.

    Raises
    ------
    InputError
        There is no such incident, or several have this number.
    """
    rules = rules_of(project.fact)
    row = {column: value for column, value in found(project, name).items() if column != "against"}
    log = project.read("incident_log", where={"incident_id": row["incident_id"]}).sort_values("at", kind="stable")
    history = _history(row, log, rules.lifecycle)
    told = [_head(row, rules)]
    if row["duplicate_of"] is not None:
        told.append(note("incident_is_repeat", name=row["duplicate_of"]))
    told += [
        note("incident_log_line", at=_local(one["at"], rules), stage=one["said"], actor=one["actor"], note=one["note"])
        for one in history
    ]
    onward = rules.lifecycle.onward(row["stage"])
    told.append(_next(onward, rules.lifecycle))
    logged = [{"at": one["at"], "stage": one["stage"], "actor": one["actor"], "note": one["note"]} for one in history]
    return Report(figures={"incident": row, "log": logged, "next": onward}, shown=told)


def move(project: Project, name: str, stage: str, *, role: str, given: Given | None = None) -> Report:
    """
    Move an incident on: the incident, its log and the audit in one transaction.

    Raises
    ------
    InputError
        No such incident, stage or role, no way there, not by this role, or something that the move needs is missing.
    StaleError
        It came to its stage later than now.
    """
    from govmap.sources import masking

    at, told = now(), given or Given()
    told = replace(told, note=masking.people(told.note) if told.note else None)
    with project.change("incident move", {"stage": stage, "role": role}) as change:
        rules = rules_of(change.get)
        row = found(change.session, name)
        if told.duplicate_of is not None:
            told = _repeating(change.session, row, told)
        log = change.session.read("incident_log", where={"incident_id": row["incident_id"]})
        since = None if log.empty else log["at"].max().to_pydatetime()
        if since is not None and since - AT_ONCE < at <= since:
            at = since + ONE_SECOND  # two moves in one second keep their order
        stands = govern.Incident(
            incident_id=row["incident_id"], stage=row["stage"], since=since, sensitive=bool(row["sensitive"])
        )
        wanted = stage_named(rules.lifecycle, stage)
        moved = rules.lifecycle.advance(stands, wanted, at=at, actor=project.author, role=role, given=told)
        change.session.append("incident_log", pd.DataFrame([moved.log]))
        changes = {"incident_id": row["incident_id"], "lifecycle": rules.lifecycle.name, **moved.changes}
        change.session.upsert("incidents", pd.DataFrame([changes]))
        if "duplicate_of" in changes:
            counting.tallied_again(change)
    done = Report(figures={"incident_id": row["incident_id"], "stage": wanted, "at": at.isoformat()})
    done.notes = [
        note("incident_moved", name=row["external_no"] or row["incident_id"], stage=rules.lifecycle.titled(wanted))
    ]
    if stands.sensitive and (told.note or told.responsible):
        done.warnings = [note("incident_moved_note_dropped")]
    ways = rules.lifecycle.onward(wanted)
    done.figures["next"] = ways
    done.notes.append(_next(ways, rules.lifecycle))
    return done


def lifecycle(project: Project, name: str | None = None) -> Report:
    """
    Show the way incidents go, or choose another; stages are then read anew where the new way knows them.

    Raises
    ------
    InputError
        There is none of this name.
    """
    from govmap import catalog

    if name is None:
        return _way_shown(rules_of(project.fact).lifecycle, sorted(catalog.layers("lifecycles")))
    wanted = Lifecycle.load(name)
    with project.change("incident lifecycle", {"name": name}) as change:
        before = rules_of(change.get).lifecycle
        change.set("lifecycle", name)
        rows = change.session.read(
            "incidents", columns=["incident_id", "stage", "stage_said", "closed_at", "reported_at"]
        )
        known = {one: renamed(before.stages[one], wanted) for one in before.stages}
        words = rows["stage"].map(known).astype(object)
        words = words.where(words.notna(), rows["stage"].where(rows["stage"].notna(), rows["stage_said"]))
        read = govern.read_stages(rows.assign(stage=words), wanted)
        fresh = rows[["incident_id"]].assign(stage=read.stage, stage_said=read.said, lifecycle=name)
        changed = int((read.stage.fillna("") != rows["stage"].fillna("")).sum())
        if len(fresh):
            change.session.upsert("incidents", fresh)
            _log_renamed(change, fresh[(fresh["stage"] != rows["stage"]) & fresh["stage"].notna()])
    report = Report(figures={"lifecycle": name, "changed": changed, "unknown": sum(count for _, count in read.unknown)})
    report.notes = [note("lifecycle_set", title=wanted.title, count=changed)]
    return report


def _log_renamed(change: Change, rows: pd.DataFrame) -> None:
    """Where an incident was moved here before, its log tells too that its stage is called otherwise now."""
    log = change.session.read("incident_log", columns=["incident_id"])
    ours = rows.loc[rows["incident_id"].isin(set(log["incident_id"])), ["incident_id", "stage"]]
    if len(ours):
        entries = ours.assign(at=pd.Timestamp(change.at), actor_id=change.author, note=None)
        change.session.append("incident_log", entries)


def found(reads: Any, name: str) -> dict[Any, Any]:
    """
    Find one incident by its own id or the number of its list.

    Raises
    ------
    InputError
        There is none, or several have this number.
    """
    for column in ("incident_id", "external_no"):
        rows = reads.read("incidents", where={column: name})
        if len(rows) > 1:
            raise InputError("incident_several", name=name, ids=rows["incident_id"].tolist()[:SHOWN])
        if len(rows):
            return _plain(rows.iloc[0].to_dict())
    raise InputError("incident_unknown", name=name)


def stage_named(cycle: Lifecycle, word: str) -> str:
    """
    Give the stage that is meant by its id, title or a word of lists.

    Raises
    ------
    InputError
        None is.
    """
    known = vocabulary(cycle).get(plain(word))
    if known is None:
        raise InputError("lifecycle_no_stage", name=word, known=[one.title for one in cycle.stages.values()])
    return known


def stages_of(incidents: pd.DataFrame) -> dict[str, int]:
    """Count incidents by stage; those of no known stage under an empty word."""
    return {str(stage): int(count) for stage, count in incidents["stage"].fillna("").value_counts().items()}


def stage_lines(incidents: pd.DataFrame, cycle: Lifecycle) -> list[Note]:
    """Give a line a stage, in the order of the way."""
    counts = stages_of(incidents)
    order = [*cycle.stages, *sorted(set(counts) - set(cycle.stages))]
    return [note("incident_stage_line", stage=_title(cycle, one), count=counts[one]) for one in order if one in counts]


def in_short(project: Project) -> tuple[list[Note], dict[str, Any]]:
    """Say in short for `info` how many incidents stand where, and how many are late or sensitive."""
    rows = project.read("incidents", columns=["incident_id", "stage", "due_at", "closed_at", "sensitive"])
    if rows.empty:
        return [], {}
    rules = rules_of(project.fact)
    late, secret = int(_overdue(rows, rules).sum()), int(rows["sensitive"].fillna(value=False).astype(bool).sum())
    told = [note("info_incidents", stages=stage_lines(rows, rules.lifecycle))]
    told += [note("info_incidents_late", count=late)] if late else []
    told += [note("info_incidents_sensitive", count=secret)] if secret else []
    return told, {"stages": stages_of(rows), "overdue": late, "sensitive": secret}


def _overdue(rows: pd.DataFrame, rules: Rules) -> "pd.Series[bool]":
    return govern.overdue(rows, pd.Timestamp(now()), terminal=rules.lifecycle.terminal)


def _title(cycle: Lifecycle, stage: str | None) -> Any:
    return cycle.titled(stage) if stage else note("incident_stage_none")


def _stage_of(row: Mapping[Any, Any], rules: Rules) -> Any:
    if row.get("stage") is None and row.get("stage_said"):
        return note("incident_said", said=row["stage_said"])
    return _title(rules.lifecycle, row.get("stage"))


def _line(row: Mapping[Any, Any], rules: Rules) -> Note:
    row = _plain(row)
    category = note("incident_secret_category") if row["sensitive"] else row["category"] or ""
    return note(
        "incident_line_late" if row["overdue"] else "incident_line",
        name=row["external_no"] or row["incident_id"],
        stage=_stage_of(row, rules),
        due=_local(row["due_at"], rules),
        category=category,
    )


def _head(row: Mapping[Any, Any], rules: Rules) -> Note:
    name = row["external_no"] or row["incident_id"]
    facts = {"name": name, "stage": _stage_of(row, rules), "reported": _local(row["reported_at"], rules)}
    if row["closed_at"] is not None:
        return note("incident_shown_closed", closed=_local(row["closed_at"], rules), **facts)
    return note("incident_shown", due=_local(row["due_at"], rules), **facts)


def _history(row: Mapping[Any, Any], log: pd.DataFrame, cycle: Lifecycle) -> list[dict[str, Any]]:
    """Give the log, what a list itself says before and behind it."""
    told: list[dict[str, Any]] = []
    here = len(log) and log["at"].iloc[0] == row["reported_at"]  # written down at the desk: its log begins with it
    if row["reported_at"] is not None and not here:
        told.append({"at": row["reported_at"], "stage": cycle.first, "said": note("incident_log_first")})
    told += [
        {"at": one["at"], "stage": one["stage"], "actor": one["actor_id"], "note": one["note"]}
        for one in map(_plain, log.to_dict("records"))
    ]
    if row["closed_at"] is not None and log.empty:
        told.append({"at": row["closed_at"], "stage": cycle.closing, "said": note("incident_log_last")})
    return [{"actor": None, "note": None, "said": cycle.titled(one["stage"]), **one} for one in told]


def _next(ways: list[str], cycle: Lifecycle) -> Note:
    return note("incident_next", stages=[cycle.stages[one].title for one in ways])


def _way_shown(cycle: Lifecycle, names: list[str]) -> Report:
    others = [note("lifecycle_other", title=Lifecycle.load(one).title, name=one) for one in names if one != cycle.name]
    shown = [note("lifecycle_now", title=cycle.title, name=cycle.name, others=others)]
    for one, stage in cycle.stages.items():
        ways = [
            note(
                "lifecycle_way_shown",
                stage=cycle.stages[way.to].title,
                roles=[cycle.roles[role] for role in way.roles],
            )
            for way in cycle.ways
            if one in way.from_
        ]
        shown.append(note("lifecycle_stage_shown", stage=stage.title, id=one, ways=ways))
    figures = {"lifecycle": cycle.name, "known": names, "stages": list(cycle.stages), "roles": list(cycle.roles)}
    return Report(figures=figures, shown=shown)


def _repeating(session: Any, row: Mapping[Any, Any], told: Given) -> Given:
    """Name the incident that is repeated by its id; nothing repeats itself."""
    of = str(found(session, str(told.duplicate_of))["incident_id"])
    known = session.read("incidents", columns=["incident_id", "duplicate_of"])
    links = dict(zip(known["incident_id"], known["duplicate_of"], strict=True))
    root = govern.settled({row["incident_id"]: of}, links)
    if not root:
        raise InputError("incident_unknown", name=of)
    return replace(told, duplicate_of=root[row["incident_id"]])


def _local(at: Any, rules: Rules) -> Any:
    """Give a moment by the office's clock."""
    if at is None or pd.isna(at):
        return note("incident_never")
    return pd.Timestamp(at).tz_convert(rules.zone).strftime("%Y-%m-%d %H:%M")


def _plain(row: Mapping[Any, Any]) -> dict[Any, Any]:
    return {
        name: None if value is None or pd.isna(value) else value for name, value in row.items() if name != "geometry"
    }

"""Incidents on their way in: stages, deadlines, communities, what is sensitive taken away, what may be a repeat told.

A list's own words of stages become those of the project's life cycle; a deadline that a list does not give comes from
the table; of an incident of a sensitive kind nothing stays that says where or what.
"""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from govmap import catalog, govern
from govmap.govern.deadlines import table as read_table
from govmap.govern.duplicates import OPEN
from govmap.govern.lifecycle import default_for
from govmap.govern.stages import Read
from govmap.messages import Note, note
from govmap.pipeline import complaints
from govmap.schema import TABLES

if TYPE_CHECKING:
    from govmap.project import Change

WIPED = (
    "geometry", "category", "severity", "stage_said", "responsible", "address", "building_id", "part_id", "cell_id",
    "street_id", "placed_by", "place_score", "read_as", "text", "against",
)  # fmt: skip
PAIRS = "repeats"
COMPARED = ["incident_id", "category", "reported_at", "building_id", "geometry", "sensitive", "duplicate_of"]
MOST_COMPARED = 100_000
MOST_TOLD = 8
BY_LIST, BY_TABLE = "list", "table"


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What a project says of its incidents: their way, their deadlines, its days off, its clock."""

    lifecycle: govern.Lifecycle
    deadlines: tuple[govern.Deadline, ...]
    workdays: govern.Workdays
    zone: str


def rules_of(fact: Callable[[str], str | None]) -> Rules:
    """
    Read a project's rules of incidents.

    Parameters
    ----------
    fact
        Gives a fact of the project by its key, as `Project.fact` and `Change.get` do: `profile`, and where the office
        said so `lifecycle`, `deadlines` (rows, JSON) and `days_off` (off and worked, JSON).
    """
    profile = fact("profile") or "generic"
    cycle = govern.Lifecycle.load(fact("lifecycle") or default_for(profile))
    own = fact(f"deadlines/{cycle.name}")
    days = json.loads(fact("days_off") or "{}")
    return Rules(
        lifecycle=cycle,
        deadlines=read_table(json.loads(own) if own else cycle.deadlines),
        workdays=govern.Workdays.load(profile, off=days.get("off", ()), worked=days.get("worked", ())),
        zone=str(catalog.profile(profile).facts["time"]["zone"]),
    )


def take_in(change: "Change", rows: pd.DataFrame, cells: pd.DataFrame) -> tuple[pd.DataFrame, list[Note]]:
    """
    Bring incidents of a list into the project's form.

    Parameters
    ----------
    rows
        As the gate and `attach` gave them: `stage` in the list's own words, `text` where it had sentences.
    cells
        Of the project: they know their community.

    Returns
    -------
    rows, told
        The rows to be stored, and what the user is to know: unknown words, dates that contradict, deadlines that came
        from the table, how many are sensitive.
    """
    rules = rules_of(change.get)
    read = govern.read_stages(rows, rules.lifecycle)
    rows = rows.assign(stage=read.stage, stage_said=read.said, lifecycle=rules.lifecycle.name)
    rows, named = complaints.named(change.session, rows)
    dated, told = _with_deadlines(rows, rules)
    return with_communities(dated, cells), [*_stages_told(read), *told, *named]


def with_communities(rows: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Say in which community each incident lies, then take away what is sensitive; what was known of them stays."""
    where = dict(zip(cells["cell_id"], cells["community_id"], strict=True))
    codes, unique = pd.factorize(rows["cell_id"])
    found = pd.Series(np.array([*(where.get(one) for one in unique), None], dtype=object)[codes], index=rows.index)
    secret = _secret(rows)
    before = rows["community_id"] if "community_id" in rows else pd.Series(None, index=rows.index, dtype=object)
    community = found.where(~secret | found.notna(), before)
    return wiped(rows.assign(community_id=community.astype(object).where(community.notna(), None)))


def wiped(rows: pd.DataFrame) -> pd.DataFrame:
    """Take from incidents of sensitive kinds all that says where or what: the community and the clock stay."""
    secret = _secret(rows)
    if not secret.any():
        return rows
    rows = rows.copy()
    for name in WIPED:
        if name in rows:
            rows.loc[secret, name] = None
    rows.loc[secret, "reason"] = "sensitive"
    return rows


def with_moves(change: "Change", before: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """
    Let a newer list change stages, but not those of incidents that were moved here: what was done here is known here.

    One that the newer list calls sensitive loses its place.

    Parameters
    ----------
    before, rows
        The same incidents as they stand in the project and as the list would have them, by `incident_id`.
    """
    log = change.session.read("incident_log", columns=["incident_id"])
    here = rows["incident_id"].isin(set(log["incident_id"]))
    if not here.any():
        return wiped(rows)
    stands = before.set_index("incident_id").reindex(rows["incident_id"])
    rows = rows.copy()
    for name in ("stage", "stage_said", "closed_at", "responsible", "duplicate_of"):
        if name in rows and name in stands:
            rows[name] = rows[name].where(~here, pd.Series(stands[name].to_numpy(), index=rows.index))
    return wiped(rows)


def repeats(session: Any, rows: pd.DataFrame, text: "pd.Series[Any] | None" = None) -> list[Note]:
    """
    Look among new incidents and those of the project for what may be one, and keep the suggestions for choosing.

    Parameters
    ----------
    rows
        New incidents, not stored yet, as `take_in` gave them.
    text
        What was said of each, where the list had sentences; it is compared and not stored.
    """
    stored = session.count("incidents")
    if len(rows) + stored > MOST_COMPARED:
        return [note("incident_repeats_ask")]
    old = session.read("incidents", columns=COMPARED) if stored else rows[COMPARED].iloc[:0]
    old = old[~old["incident_id"].isin(rows["incident_id"])]
    frames = [frame[COMPARED].astype(object) for frame in (old, rows) if len(frame)]
    if not frames:
        return []
    every = pd.concat(frames, ignore_index=True)
    every["reported_at"] = pd.to_datetime(every["reported_at"], utc=True)
    said = pd.Series([None] * len(old) + (text.tolist() if text is not None else [None] * len(rows)), dtype=object)
    return keep_pairs(session, govern.suggest(every, text=said), among=set(every["incident_id"]))


def repeats_again(session: Any) -> list[Note]:
    """Look once more among all incidents of the project, as they lie now."""
    if session.count("incidents") > MOST_COMPARED:
        return []
    rows = session.read("incidents", columns=COMPARED)
    return keep_pairs(session, govern.suggest(rows), among=set(rows["incident_id"]))


def keep_pairs(session: Any, found: pd.DataFrame, *, among: Collection[str]) -> list[Note]:
    """
    Store suggestions that nobody has decided on yet, and say how many wait.

    Parameters
    ----------
    among
        The incidents that were compared: suggestions of others are gone with them.
    """
    known = session.read(PAIRS)
    known = known[known["incident_id"].isin(among) & known["duplicate_of"].isin(among)]
    fresh = found[~found["incident_id"].isin(set(known["incident_id"]))].assign(by=None, at=None)
    frames = [frame[TABLES[PAIRS].names].astype(object) for frame in (known, fresh) if len(frame)]
    session.delete(PAIRS)
    if not frames:
        return []
    rows = pd.concat(frames, ignore_index=True)
    rows["at"] = pd.to_datetime(rows["at"], utc=True)
    session.append(PAIRS, rows)
    waiting = int((rows["state"] == OPEN).sum())
    return [note("incident_repeats", count=waiting)] if waiting else []


def _with_deadlines(rows: pd.DataFrame, rules: Rules) -> tuple[pd.DataFrame, list[Note]]:
    """
    Fill in until when, where a list does not say; say of which years the days off are not known.

    A list that tells of no stage and no closing at all is a record of what happened: nothing in it is due.
    """
    given = rows["due_at"].notna()
    if rows[["stage", "stage_said", "closed_at"]].isna().all(axis=None):
        return rows.assign(due_by=pd.Series(BY_LIST, index=rows.index, dtype=object).where(given, None)), []
    found = govern.due(rows, rules.deadlines, rules.workdays, zone=rules.zone)
    by = np.where(given, BY_LIST, np.where(found.notna(), BY_TABLE, ""))
    dated = rows.assign(
        due_at=rows["due_at"].where(given, found),
        due_by=pd.Series(by, index=rows.index, dtype=object).where(by != "", None),
    )
    filled = dated["due_by"] == BY_TABLE
    if not filled.any():
        return dated, []
    told = [note("incident_due_filled", count=int(filled.sum()))]
    years = rules.workdays.unknown_years(pd.to_datetime(rows.loc[filled, "reported_at"], utc=True))
    return dated, [*told, *([note("incident_years_unknown", years=[str(year) for year in years])] if years else [])]


def _stages_told(read: Read) -> list[Note]:
    """Say which words nobody knew, and which rows contradict themselves."""
    told = []
    if read.unknown:
        words = [f"{word} ({count})" for word, count in read.unknown[:MOST_TOLD]]
        told.append(note("incident_stage_unknown", count=sum(count for _, count in read.unknown), words=words))
    if read.closed_but_open:
        told.append(note("incident_closed_but_open", count=read.closed_but_open))
    if read.closed_early:
        told.append(note("incident_closed_early", count=read.closed_early))
    return told


def _secret(rows: pd.DataFrame) -> "pd.Series[bool]":
    secret: pd.Series[bool] = rows["sensitive"].fillna(value=False).astype(bool)
    return secret

"""Incidents as the desk works on them: the way with its counts, a page of rows with places, one added by a click.

What is of a sensitive kind is a number of its community here too: neither place nor category is shown. Nobody is named,
and the office that handles an incident is shown with that incident alone.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import shapely

from govmap import sensitive
from govmap.errors import InputError
from govmap.messages import Voice, note
from govmap.pipeline import cases, counting, storing
from govmap.pipeline.handmade import Degrees, metres
from govmap.pipeline.incidents import Rules, rules_of
from govmap.pipeline.report import Report
from govmap.project import Change, Project, now
from govmap.schema import TABLES

TABLE = "incidents"
KINDS = ("event", "need", "complaint", "suggestion")
NAMED_BY = ("incident_id", "external_no", "category")
ROWS = 100
LONGEST = 80
SUGGESTED = 200
NOTED_LONGEST = 1000


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which incidents are to be shown: at one stage, late ones, done ones too, with a word in number or category."""

    stage: str | None = None
    late: bool = False
    done: bool = False
    word: str | None = None
    page: int = 0


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was found: what it is, how urgent, what is noted of it; `number` of another register, if it has one."""

    category: str
    kind: str = "event"
    severity: str | None = None
    text: str | None = None
    number: str | None = None


def board(project: Project, wanted: Wanted, *, voice: Voice) -> Report:
    """
    Show incidents: stages with counts, the ways between them, a page of those wanted, where each of these lies.

    Raises
    ------
    InputError
        There is no such stage.
    """
    rules = rules_of(project.fact)
    chosen = cases.chosen(project, rules, list(NAMED_BY), stage=wanted.stage, late=wanted.late, done=wanted.done)
    told, rows = chosen.figures, _with_word(chosen.wanted, wanted.word)
    page = rows.iloc[wanted.page * ROWS : (wanted.page + 1) * ROWS]
    figures: dict[str, Any] = {name: told[name] for name in ("incidents", "open", "overdue")}
    figures |= {"wanted": len(rows), "page": wanted.page, "pages": -(-len(rows) // ROWS)}
    figures["rows"] = _shown(project, page, rules, voice)
    figures |= _way(rules, told["stages"], voice)
    figures |= _suggested(project)
    return Report(figures=figures)


def one(project: Project, name: str, *, voice: Voice) -> Report:
    """
    Show one incident with its log, in sentences.

    Raises
    ------
    InputError
        There is no such incident, or several have this number.
    """
    told = cases.shown(project, name)
    row = told.figures["incident"]
    offices = project.read(TABLE, columns=["responsible"])["responsible"].dropna()
    facts = {key: row[key] for key in ("incident_id", "stage", "responsible", "sensitive")}
    facts["offices"] = sorted(offices.unique())[:SUGGESTED]
    return Report(figures={**facts, "lines": [voice.tell(line) for line in told.shown[:-1]]})


def add(project: Project, at: Degrees, found: Found) -> Report:
    """
    Write down an incident that was found at a place, at the first stage of its way.

    What is sensitive by its words keeps its community and its clock alone.

    Raises
    ------
    InputError
        It has no category, its kind is unknown, the place lies outside, or another one has its number.
    """
    from govmap.sources import masking

    words = [_line(text) for text in (found.category, found.severity, found.number)]
    category, severity, number = (masking.people(one) if one else None for one in words)
    if category is None or found.kind not in KINDS:
        raise InputError("cases_no_category" if category is None else "cases_no_kind", kind=found.kind, known=KINDS)
    text = masking.people((found.text or "").strip()[:NOTED_LONGEST]) or None
    with project.change("incident add", {"kind": found.kind}) as change:
        place = shapely.points(metres(project, [at])[0])
        _refuse_outside(change, place)
        facts = {"category": category, "kind": found.kind, "severity": severity, "external_no": number}
        rows = _row(change, project, place, {**facts, "sensitive": _secret(category, text)})
        rows, told = storing.prepared(change, TABLE, rows)
        change.session.append(TABLE, rows[[name for name in TABLES[TABLE].names if name in rows]])
        kept = rows.iloc[0].to_dict()
        _logged(change, kept, None if kept["sensitive"] else text)
        counting.tallied_again(change)
    figures = {"incident_id": kept["incident_id"], "number": kept["external_no"], "sensitive": bool(kept["sensitive"])}
    done = "cases_added_secret" if kept["sensitive"] else "cases_added"
    return Report(figures=figures, notes=[note(done, number=kept["external_no"]), *told])


# shown ---------------------------------------------------------------------------------------------------------------
def _with_word(rows: pd.DataFrame, word: str | None) -> pd.DataFrame:
    sought = (word or "").strip().casefold()
    if not sought or rows.empty:
        return rows
    said = rows[list(NAMED_BY)].fillna("").agg("\n".join, axis=1).str.casefold()
    return rows[said.str.contains(sought, regex=False)]


def _shown(project: Project, page: pd.DataFrame, rules: Rules, voice: Voice) -> list[dict[str, Any]]:
    """Give a page of rows as a table shows them, each with its place in degrees where it has one."""
    asked = {"incident_id": page["incident_id"].tolist()}
    stored = project.read(TABLE, where=asked, columns=[*cases.LISTED, "geometry"])
    places = dict(zip(stored["incident_id"], stored["geometry"].to_crs(4326), strict=True)) if len(stored) else {}
    facts = pd.DataFrame(stored).drop(columns="geometry").merge(page[["incident_id", "overdue"]], on="incident_id")
    rows = cases.rows_of(facts.set_index("incident_id", drop=False).loc[page["incident_id"]])
    buildings = [row["building_id"] for row in rows if row["building_id"]]
    known = project.read("buildings", where={"building_id": buildings}, columns=["building_id", "name", "number"])
    called = {one: name or number for one, name, number in known.to_numpy(object)}
    return [_line_of(row, places.get(row["incident_id"]), called, rules, voice) for row in rows]


def _line_of(
    row: Mapping[str, Any], place: Any, called: Mapping[str, Any], rules: Rules, voice: Voice
) -> dict[str, Any]:
    due = None if row["due_at"] is None else row["due_at"].tz_convert(rules.zone).strftime("%Y-%m-%d")
    category = voice.say("incident_secret_category") if row["sensitive"] else row["category"]
    where = called.get(row["building_id"]) if row["building_id"] else None
    stage = voice.say("cases_stage", stage=rules.lifecycle.titled(row["stage"]))
    facts = {"name": row["external_no"] or row["incident_id"], "stage": row["stage"], "stage_said": stage, "due": due}
    facts |= {"incident_id": row["incident_id"], "late": bool(row["overdue"])}
    facts |= {"category": category, "kind": row["kind"]}
    there = place is not None and not row["sensitive"]
    return {**facts, "where": where, "at": [round(place.x, 6), round(place.y, 6)] if there else None}


def _way(rules: Rules, counts: Mapping[str, int], voice: Voice) -> dict[str, Any]:
    """Give the way: stages in their order with counts, roles, and who may take which step with what."""
    cycle = rules.lifecycle
    stages = [
        {"id": one, "title": stage.title[voice.language], "count": counts.get(one, 0), "done": stage.terminal}
        for one, stage in cycle.stages.items()
    ]
    ways = [{"from": way.from_, "to": way.to, "roles": way.roles, "needs": way.needs} for way in cycle.ways]
    roles = [{"id": one, "title": title[voice.language]} for one, title in cycle.roles.items()]
    return {
        "way": cycle.title[voice.language],
        "closing": cycle.closing,
        "stages": stages,
        "ways": ways,
        "roles": roles,
    }


def _suggested(project: Project) -> dict[str, list[str]]:
    """Give the words that the project's incidents use already, the most frequent first."""
    rows = project.read(TABLE, columns=["category", "severity"])
    return {
        "categories": rows["category"].value_counts().head(SUGGESTED).index.tolist(),
        "severities": rows["severity"].value_counts().head(SUGGESTED).index.tolist(),
    }


# written -------------------------------------------------------------------------------------------------------------
def _line(text: str | None) -> str | None:
    told = " ".join((text or "").split())
    if len(told) > LONGEST:
        raise InputError("cases_long", longest=LONGEST, given=told[:20])
    return told or None


def _secret(category: str, text: str | None) -> bool:
    said = sensitive.rows(pd.Series([text or ""], dtype=object), sentences=True)
    return bool(sensitive.rows(pd.Series([category], dtype=object))[0] or said[0])


def _refuse_outside(change: Change, place: Any) -> None:
    grounds = change.session.read("communities", columns=["community_id", "geometry"])["geometry"].to_numpy()
    if not shapely.intersects(grounds, place).any():
        raise InputError("base_outside")


def _row(change: Change, project: Project, place: Any, facts: Mapping[str, Any]) -> pd.DataFrame:
    """Give the row as the gate would: at the first stage, reported now, with a number of its own day."""
    import geopandas as gpd

    rules = rules_of(change.get)
    known = change.session.read(TABLE, columns=["incident_id", "external_no"])
    number = facts["external_no"]
    if number is not None and (known["external_no"] == number).any():
        raise InputError("cases_number_taken", number=number)
    day = now().astimezone(_zone(rules)).strftime("%Y%m%d")
    taken = set(known["external_no"].dropna()) | set(known["incident_id"])
    number = number or next(f"{day}-{at:02d}" for at in range(1, len(taken) + 2) if f"{day}-{at:02d}" not in taken)
    digest = hashlib.sha256(f"{number} {place.wkt}".encode()).hexdigest()[:12]
    row = dict.fromkeys(TABLES[TABLE].names) | {**facts, "external_no": number, "incident_id": f"h{digest}"}
    row |= {"stage": rules.lifecycle.first, "reported_at": pd.Timestamp(change.at), "geometry": place}
    frame = gpd.GeoDataFrame([row], geometry="geometry", crs=project.crs)
    times = ("reported_at", "due_at", "closed_at")
    rows: pd.DataFrame = frame.assign(**{name: pd.to_datetime(frame[name], utc=True) for name in times})
    return rows


def _zone(rules: Rules) -> Any:
    from zoneinfo import ZoneInfo

    return ZoneInfo(rules.zone)


def _logged(change: Change, row: Mapping[Any, Any], text: str | None) -> None:
    entry = {"incident_id": row["incident_id"], "stage": row["stage"], "at": pd.Timestamp(change.at)}
    change.session.append("incident_log", pd.DataFrame([{**entry, "actor_id": change.author, "note": text}]))

"""The sections on who answers and on needs matched to resources: plain lists by unit, nobody ranked."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from govmap import catalog
from govmap.render.place import Frame, column
from govmap.render.report.desk import NOTHING, Desk, numbers, records
from govmap.render.report.paper import Cell, Section, Table, cells

ROWS_MOST = 60


def duties_section(desk: Desk) -> Section:
    """Write the section on who answers."""
    made = desk.writer("duties")
    if not desk.released.internal:
        made.say(desk.say("report_duties_public"))
        made.add(_public(desk))
        return made.done()
    duties, workers = desk.table("duties"), desk.table("workers")
    if duties.empty:
        made.say(desk.say("report_duties_missing" if len(workers) else "report_workers_missing"), "missing")
        return made.done()
    rows = duties.merge(workers.drop(columns="role", errors="ignore"), on="worker_id", how="left")
    vacant = vacancies(desk)
    made.say(
        desk.say("report_duties_told", people=int(rows["worker_id"].nunique()), count=int(rows["unit_id"].nunique()))
    )
    if vacant:
        made.say(desk.say("report_vacant", count=len(vacant), listed=desk.several(vacant, 20)), "caveat")
    made.add(_roster(desk, rows, set(vacant)))
    made.add(_span(desk, rows))
    made.say(desk.say("report_duties_source"), "source")
    made.say(desk.say("report_duties_caveat"), "caveat")
    return made.done()


def vacancies(desk: Desk) -> list[str]:
    """Name the units of the lowest level for which nobody answers, nor for any above them."""
    held = set(column(desk.table("duties"), "unit_id").dropna())
    parent = dict(zip(desk.units["unit_id"], column(desk.units, "parent_unit_id"), strict=True))
    found = []
    for unit in desk.base["unit_id"]:
        chain: list[Any] = [unit]
        while parent.get(chain[-1]) is not None and parent[chain[-1]] not in chain:
            chain.append(parent[chain[-1]])
        if not held & set(chain):
            found.append(str(unit))
    return found


def _public(desk: Desk) -> Table | None:
    """List the office and the meeting place of each unit, where they are entered."""
    units = desk.units
    known = column(units, "responsible_org").notna() | column(units, "meeting_place").notna()
    if not known.any():
        return None
    rows = [
        cells([desk.unit(one["unit_id"]), str(one["responsible_org"] or NOTHING), str(one["meeting_place"] or NOTHING)])
        for one in records(
            units.assign(
                responsible_org=column(units, "responsible_org"), meeting_place=column(units, "meeting_place")
            )[known]
        )
    ]
    head = tuple(desk.say(f"report_{name}") for name in ("unit", "organisation", "meeting_place"))
    return Table(desk.say("report_roster"), head, tuple(rows))


def _roster(desk: Desk, rows: Frame, vacant: set[str]) -> Table:
    """List unit by unit; a unit without anybody stands in red."""
    order = {str(unit): at for at, unit in enumerate(desk.units["unit_id"])}
    rows = rows.assign(_at=rows["unit_id"].map(order)).dropna(subset="_at")
    rows = rows.sort_values(["_at", "role", "worker_id"], kind="stable", na_position="last")
    told: list[tuple[float, tuple[Cell, ...]]] = []
    for one in records(rows):
        name = str(one.get("name") or one["worker_id"])
        state = f"report_state_{one.get('state')}"
        facts = [
            role_of(desk, one.get("role")),
            name,
            str(one.get("organisation") or ""),
            str(one.get("office_phone") or ""),
        ]
        facts += [desk.say(state) if desk.voice.knows(state) else ""]
        told.append((one["_at"], cells([desk.unit(one["unit_id"]), *facts])))
    for unit in vacant:
        nobody = Cell(desk.say("report_nobody"), red=True)
        told.append((order[unit], cells([Cell(desk.unit(unit), red=True), "", nobody, "", "", ""])))
    told.sort(key=lambda one: one[0])
    names = ("unit", "role", "worker", "organisation", "phone", "state")
    head = tuple(desk.say(f"report_{name}") for name in names)
    widths = (0.2, 0.16, 0.16, 0.24, 0.14, 0.1)
    return Table(desk.say("report_roster"), head, tuple(one for _, one in told), frozenset(), widths)


def role_of(desk: Desk, role: Any) -> str:
    """Call a role by its title; a word of the list's own stays."""
    post = catalog.layer("roles").get("posts", {}).get(str(role), {})
    return desk.title(post.get("title"), role or "")


def _span(desk: Desk, rows: Frame) -> Table | None:
    """Say for how many units and households each role answers, all its people together."""
    rows = rows.assign(role=column(rows, "role").fillna(""))
    if rows.empty:
        return None
    homes = dict(zip(desk.units["unit_id"], numbers(desk.units, "households"), strict=True))
    made = []
    for role, mine in rows.groupby("role", sort=True):
        people, units = mine["worker_id"].nunique(), mine["unit_id"].nunique()
        each = mine.groupby("worker_id")["unit_id"].nunique()
        share = pd.Series([homes.get(unit, float("nan")) for unit in mine["unit_id"]]).sum() / max(people, 1)
        span = f"{each.min()} – {each.max()}" if each.min() != each.max() else f"{each.min()}"
        told = [
            role_of(desk, role) or NOTHING,
            desk.number(people),
            desk.number(units),
            span,
            desk.number(share, about=True),
        ]
        made.append(cells(told))
    head = tuple(desk.say(f"report_{name}") for name in ("role", "workers", "units", "units_each", "households_each"))
    return Table(desk.say("report_span"), head, tuple(made), frozenset({1, 2, 3, 4}))


# needs and resources --------------------------------------------------------------------------------------------------
def matches_section(desk: Desk) -> Section:
    """Write the section on needs and resources: what was matched, what is unmet, what is idle."""
    made = desk.writer("matches")
    matches = desk.table("matches")
    needs = _open_needs(desk)
    if matches.empty:
        made.say(desk.say("report_matches_missing"), "missing")
        return made.done()
    matches = matches.assign(amount=numbers(matches, "amount"))
    unmet = needs[~needs["incident_id"].isin(set(matches["need_id"]))]
    idle = _idle(desk.table("resources"), matches)
    facts = {"met": int(matches["need_id"].nunique()), "unmet": len(unmet), "idle": int((idle["free"] > 0).sum())}
    made.say(desk.say("report_matches_told", **facts))
    made.add(_side_by_side(desk, unmet, idle))
    made.add(_matched(desk, matches))
    made.say(desk.say("report_matches_source"), "source")
    made.say(desk.say("report_matches_caveat"), "caveat")
    return made.done()


def _open_needs(desk: Desk) -> Frame:
    """Give the needs that are open: neither closed nor a repeat of another."""
    rows = desk.table("incidents")
    if rows.empty:
        return pd.DataFrame({"incident_id": [], "category": []})
    open_ = column(rows, "closed_at").isna() & column(rows, "duplicate_of").isna()
    return rows[open_ & (column(rows, "kind") == "need") & ~column(rows, "stage").isin(desk.terminal)]


def _idle(resources: Frame, matches: Frame) -> Frame:
    """Say of each resource whose capacity is known what is free after the matches."""
    known = resources[numbers(resources, "capacity").notna()] if len(resources) else resources
    taken = matches.groupby("resource_id")["amount"].sum()
    ids = column(known, "resource_id")
    capacity = numbers(known, "capacity")
    return pd.DataFrame(
        {
            "resource_id": ids,
            "category": column(known, "category"),
            "capacity": capacity,
            "free": (capacity - ids.map(taken).fillna(0).astype(float)).clip(lower=0),
        }
    )


def _side_by_side(desk: Desk, unmet: Frame, idle: Frame) -> Table | None:
    """Lay what is unmet, by kind, beside what is idle, by kind: never one without the other."""
    asked = column(unmet, "category").fillna("").value_counts().sort_index().sort_values(ascending=False, kind="stable")
    left = [(desk.kind(kind or "–"), int(count)) for kind, count in asked.items()]
    free = (
        idle.groupby("category", sort=True)[["free", "capacity"]]
        .sum()
        .sort_values("free", ascending=False, kind="stable")
    )
    right = [(desk.category(one["category"]), one["free"], one["capacity"]) for one in records(free.reset_index())]
    if not left and not right:
        return None
    rows = []
    for at in range(min(max(len(left), len(right)), ROWS_MOST)):
        need, count = left[at] if at < len(left) else ("", None)
        told: list[Cell | str] = [Cell(need, red=bool(need)), "" if count is None else desk.number(count)]
        place = right[at] if at < len(right) else None
        told += [place[0], desk.number(place[1]), desk.number(place[2])] if place else ["", "", ""]
        rows.append(cells(told))
    head = tuple(desk.say(f"report_{name}") for name in ("unmet", "cases", "idle", "free", "capacity"))
    return Table(
        desk.say("report_unmet_and_idle"), head, tuple(rows), frozenset({1, 3, 4}), (0.34, 0.1, 0.34, 0.11, 0.11)
    )


def _matched(desk: Desk, matches: Frame) -> Table:
    resources, incidents = desk.table("resources"), desk.table("incidents")
    kind = dict(zip(column(resources, "resource_id"), column(resources, "category"), strict=True))
    name = dict(zip(column(resources, "resource_id"), column(resources, "name"), strict=True))
    need = dict(zip(column(incidents, "incident_id"), column(incidents, "category"), strict=True))
    rows = []
    for one in records(matches.sort_values(["need_id", "resource_id"], kind="stable").head(ROWS_MOST)):
        place = one["resource_id"]
        called = " · ".join(
            str(each) for each in (name.get(place) or place, desk.category(kind.get(place, ""))) if each
        )
        told = [str(one["need_id"]), desk.kind(need.get(one["need_id"]) or "–"), called]
        rows.append(cells([*told, desk.number(one["amount"]), why_matched(desk, one.get("reason"))]))
    head = tuple(desk.say(f"report_{name}") for name in ("number", "asked", "place", "amount", "why"))
    title = desk.say("report_matched", shown=len(rows), count=len(matches))
    return Table(title, head, tuple(rows), frozenset({3}), (0.15, 0.15, 0.27, 0.08, 0.35))


def why_matched(desk: Desk, stored: Any) -> str:
    """Say why a resource was chosen for a need, from the facts that `match` keeps."""
    facts = json.loads(stored) if isinstance(stored, str) else stored
    if not isinstance(facts, Mapping):
        return ""
    told = []
    if facts.get("walk_min") is not None:
        told.append(desk.say("match_why_walk", minutes=round(float(facts["walk_min"]))))
    if facts.get("choices") is not None:
        told.append(desk.say(f"match_why_{'nearest' if facts.get('nearest') else 'room'}", count=int(facts["choices"])))
    told += [] if facts.get("inside", True) else [desk.say("match_why_outside")]
    told += [] if facts.get("capacity_known", True) else [desk.say("match_why_ask")]
    return ("；" if desk.voice.language == "zh" else "; ").join(told)

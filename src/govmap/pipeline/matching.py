"""Needs of the project matched to its resources, inside and outside the boundary; unmet and idle side by side."""

from typing import Any

import numpy as np
import pandas as pd
import shapely

from govmap import catalog
from govmap.govern import match as matching
from govmap.messages import Note, note
from govmap.pipeline import walking
from govmap.pipeline.incidents import rules_of
from govmap.pipeline.report import Progress, Report, quiet
from govmap.project import Project, now

TABLES = ("incidents", "resources", "buildings", "units", "plan_parts", "parts")
NEED = "need"
SHOWN = 30


def match(project: Project, *, progress: Progress = quiet) -> Report:
    """
    Match the open needs of a project to its resources, and write the table `matches`.

    Needs are incidents of the kind `need` that are neither closed nor repeats nor sensitive.
    """
    progress("progress_match", 0.0)
    tables = project.reading(*TABLES)
    needs, secret = _needs(project, tables)
    resources = _resources(tables)
    network = walking.network_of(project)
    homes, places = (network.stops(np.asarray(rows["geometry"], object)) for rows in (needs, resources))
    ways = _ways(network, homes, places, resources)
    progress("progress_match", 0.4)
    made = matching.match(needs, resources, ways, closed=_closed(resources))
    with project.change("match") as change:
        change.session.replace("matches", made.matches)
    progress("progress_match", 1.0)
    report = _told(needs, resources, made, secret)
    report.notes += walking.notes_of(network, homes)
    report.next = f"govmap report {project.path.name} -o report.html"
    return report


def _needs(project: Project, tables: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, int]:
    """Give the open needs with their kind, amount and place; say how many are secret."""
    cycle = rules_of(project.fact).lifecycle
    rows = tables["incidents"][tables["incidents"]["kind"] == NEED]
    open_ = ~rows["stage"].isin(cycle.terminal) & rows["closed_at"].isna() & rows["duplicate_of"].isna()
    secret = rows["sensitive"].fillna(value=False).astype(bool)
    rows = rows[open_ & ~secret].sort_values("incident_id", ignore_index=True)
    buildings = tables["buildings"].set_index("building_id")["geometry"]
    homes = shapely.point_on_surface(np.asarray(buildings.reindex(rows["building_id"]), object))
    own = np.asarray(rows["geometry"], object) if "geometry" in rows else np.full(len(rows), None, object)
    points = np.where(shapely.is_missing(homes), own, homes)
    needs = pd.DataFrame({"need_id": rows["incident_id"], "name": rows["external_no"].fillna(rows["incident_id"])})
    needs["kind"] = pd.Series([matching.kind_of(one) for one in rows["category"]], index=needs.index, dtype=object)
    needs["category"] = rows["category"]
    amount = pd.to_numeric(rows["amount_needed"]) if "amount_needed" in rows else pd.Series(np.nan, index=rows.index)
    needs["amount"] = np.ceil(amount.fillna(1.0).clip(lower=1.0)).astype(np.int64)
    needs["geometry"] = points
    needs["placed"] = ~(shapely.is_missing(points) | shapely.is_empty(points))
    return needs, int((open_ & secret).sum())


def _resources(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Give the resources that anything is known of, in the order of their ids, and whether they lie inside."""
    rows = tables["resources"].sort_values("resource_id", ignore_index=True)
    rows = rows[rows["duplicate_of"].isna()]
    helping = {one for facts in matching.kinds().values() for one in facts["resources"]}
    rows = rows[rows["category"].isin(helping) & rows["geometry"].notna()].reset_index(drop=True)
    capacity = pd.to_numeric(rows["capacity"]).astype(float)
    return rows.assign(inside=rows["cell_id"].notna(), capacity=capacity, reach_min=rows["reach_min"].astype(float))


def _ways(network: Any, needs: Any, resources: Any, rows: pd.DataFrame) -> pd.DataFrame:
    """Give every pair of need and resource as far apart as anybody would walk."""
    from govmap.network import SPEED_M_S, minutes

    usual = catalog.layer("needs")["choosing"]["walk_min"]
    asked = [facts.get("walk_min", usual) for facts in matching.kinds().values()]
    longest = max([*asked, *rows["reach_min"].dropna()])
    limit_m = float(longest) * SPEED_M_S["general"] * 60
    need, resource, metres = network.pairs(needs, resources, limit_m=limit_m + 1.0)
    frame = pd.DataFrame({"need": need, "resource": resource, "metres": metres})
    return frame.assign(walk_min=minutes(metres))


def _closed(resources: pd.DataFrame) -> set[tuple[str, str]]:
    """Tell which resources are closed whenever a kind of need wants them; unknown hours close nothing."""
    from govmap.assess import hours

    today = now().date()
    found: set[tuple[str, str]] = set()
    for kind, facts in matching.kinds().items():
        moments = [hours.moment(one, today=today) for one in facts.get("at", ())]
        if not moments:
            continue
        rows = resources[resources["category"].isin(facts["resources"])]
        shut = np.all([hours.states(rows["hours"], one) == hours.CLOSED for one in moments], axis=0)
        found |= {(kind, one) for one in rows["resource_id"].to_numpy(object)[shut]}
    return found


# what is told ---------------------------------------------------------------------------------------------------------
def _told(needs: pd.DataFrame, resources: pd.DataFrame, made: matching.Matched, secret: int) -> Report:
    report = Report()
    met = set(made.matches["need_id"]) - set(made.unmet["need_id"])
    if needs.empty:
        report.shown.append(note("match_no_needs"))
    else:
        report.shown.append(note("match_head", count=len(needs), met=len(met), unmet=len(made.unmet)))
    report.shown += _by_kind(needs, made)
    report.shown += _idle_lines(made.idle)
    report.shown += _lines(needs, resources, made.matches)
    report.warnings += [note("match_secret", count=secret)] if secret else []
    unknown = int(made.idle["capacity"].isna().sum())
    report.notes += [note("match_capacity_unknown", count=unknown, of=len(made.idle))] if unknown else []
    report.notes.append(note("match_weights"))
    report.figures = _figures(needs, made, secret)
    return report


def _title(kind: object) -> Any:
    return matching.kinds()[kind]["title"] if isinstance(kind, str) else note("match_other_kind")


def _by_kind(needs: pd.DataFrame, made: matching.Matched) -> list[Note]:
    """Tell kind by kind how many needs are met, and of the others why not."""
    found = []
    for kind, rows in needs.assign(kind=needs["kind"].fillna("")).groupby("kind"):
        left = made.unmet[made.unmet["need_id"].isin(rows["need_id"])]
        reasons = left["reason"].value_counts().sort_index()
        why_not = [
            note("match_unmet", count=int(count), why=note(f"match_why_{reason}")) for reason, count in reasons.items()
        ]
        facts = {"count": len(rows), "met": len(rows) - len(left)}
        found.append(note("match_kind", kind=_title(kind or None), why=why_not or note("match_all_met"), **facts))
    return found


def _idle_lines(idle: pd.DataFrame) -> list[Note]:
    """Tell category by category how much room is left, of resources whose room is known."""
    known = idle[idle["capacity"].notna()]
    layers = catalog.layers("resources")
    found = []
    for name, rows in known.groupby("category"):
        facts = {"count": len(rows), "idle": int(rows["idle"].sum()), "of": int(rows["capacity"].sum())}
        found.append(note("match_idle", category=layers[str(name)]["layer"]["title"], **facts))
    return found


def _lines(needs: pd.DataFrame, resources: pd.DataFrame, matches: pd.DataFrame) -> list[Note]:
    """Tell need by need what could meet it, in the order of the needs."""
    name = dict(zip(needs["need_id"], needs["name"], strict=True))
    called = resources["name"].where(resources["name"].notna(), resources["resource_id"])
    place = dict(zip(resources["resource_id"], called, strict=True))
    found = [
        note("match_line", need=name[need], kind=_title(reason["kind"]), place=place[resource], why=why(reason))
        for need, resource, reason in matches[["need_id", "resource_id", "reason"]].head(SHOWN).itertuples(index=False)
    ]
    return [*found, note("match_more", count=len(matches) - SHOWN)] if len(matches) > SHOWN else found


def why(reason: dict[str, Any]) -> list[Note]:
    """Say in words why a resource was chosen for a need: the facts of `matches.reason`."""
    found = [note("match_why_walk", minutes=round(reason["walk_min"]))]
    found.append(note("match_why_nearest" if reason["nearest"] else "match_why_room", count=reason["choices"]))
    found += [] if reason["inside"] else [note("match_why_outside")]
    found += [] if reason["capacity_known"] else [note("match_why_ask")]
    found += [note("match_why_terms", text=reason[one]) for one in ("terms", "serves") if reason.get(one)]
    return found


def _figures(needs: pd.DataFrame, made: matching.Matched, secret: int) -> dict[str, Any]:
    idle = made.idle.assign(capacity=made.idle["capacity"].astype(object), idle=made.idle["idle"].astype(object))
    idle = idle.where(idle.notna(), None)
    return {
        "needs": len(needs), "met": len(needs) - len(made.unmet), "sensitive": secret,
        "matches": made.matches.to_dict("records"), "unmet": made.unmet.to_dict("records"),
        "idle": idle.to_dict("records"),
    }  # fmt: skip

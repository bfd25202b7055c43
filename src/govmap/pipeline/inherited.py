"""A division that stands already, taken in as a plan: from polygons, from a list of buildings, or from prose."""

import dataclasses
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from govmap import contiguity
from govmap.attach.former import Former as Taken
from govmap.attach.former import Ground, former
from govmap.delineate import Criteria, edit, review
from govmap.errors import TableError
from govmap.messages import Note, Voice, note
from govmap.pipeline.division import DIVIDED, store_plan
from govmap.pipeline.report import Progress, Report, quiet
from govmap.pipeline.units import atoms, graph_of, unit_rows
from govmap.plan import Plan
from govmap.project import Project

if TYPE_CHECKING:
    from govmap.contiguity import Graph
    from govmap.sources.gate import Admitted

WRITTEN = ("name", "code", "bounds_text", "responsible_org", "meeting_place")
MOST_TOLD, FEWEST_IN_GAP, TIMES_USUAL = 5, 10, 3


def take_in(project: Project, admitted: "Admitted", file: Path, *, voice: Voice, progress: Progress = quiet) -> Report:
    """
    Make a plan of a former division, which becomes the active one.

    Parts that no unit claims join a neighbour, or are a unit of their own where they are as many as a unit has; both
    are told. What was not understood, overlaps, and buildings in no unit come back as a list.

    Raises
    ------
    TableError
        No unit of the list could be found on the ground.
    """
    voice = project.profile.voice(voice.language)
    tables = project.reading(*dict.fromkeys((*DIVIDED, "addresses", "aliases")))
    ground = Ground(*(tables[name] for name in ("parts", "buildings", "addresses", "cells", "compounds", "aliases")))
    found = former(pd.DataFrame(admitted.rows), ground)
    if found.parts.empty and not admitted.rows_kept:
        raise TableError("former_no_rows", where=str(file), rows=admitted.rows_in)
    if found.parts.empty:
        raise TableError("former_nothing_found", where=str(file), rows=admitted.rows_kept)
    rows, graph = atoms(tables), graph_of(tables, progress)
    gaps = _gaps(found, rows, graph)
    plan, joined = _whole(found, gaps, rows, graph, project.edition)
    wanted = Criteria()
    division = review(plan, rows, graph, wanted)
    units = _gaps_named(_as_written(unit_rows(plan, division, tables), plan, found, admitted), gaps, voice)
    plan_id, known = store_plan(project, plan, units, wanted, file.stem, tables)
    figures = _figures(plan_id, units, found, joined, pd.DataFrame(admitted.rows)) | {
        "gaps": gaps.nunique(),
        "parts_in_gaps": len(gaps),
    }
    report = Report(figures=figures, next=f"govmap map {project.path.name} -o map.html")
    report.notes = [note("former_done", plan=plan_id, count=len(units), parts=len(found.parts))]
    report.notes += [note("delineate_same", plan=plan_id)] if known else []
    report.warnings = [*_told(found, joined, gaps, units, admitted)]
    report.files = _written(project, file, _with_left_out(found, plan, units, tables), voice)
    return report


def _gaps(found: Taken, rows: pd.DataFrame, graph: "Graph") -> "pd.Series[Any]":
    """
    Give the parts of large gaps with the unit that each becomes: part_id -> unit_id.

    A gap is ground of one community, in one piece, that no unit claims; it is large where it holds as many households
    as a usual unit of the list, or three times as many buildings. Smaller ones are forgotten buildings or such as no
    list of homes has, and join a neighbour.
    """
    facts = rows.set_index("part_id").assign(built=rows["building_id"].notna().to_numpy())[["built", "households"]]
    usual = facts.reindex(found.parts["part_id"]).groupby(found.parts["unit"].to_numpy()).sum().median()
    row = rows.set_index("part_id").reindex(graph.ids)
    free = ~row.index.isin(found.parts["part_id"])
    same = row["community_id"].to_numpy(object)[graph.i] == row["community_id"].to_numpy(object)[graph.j]
    tied = graph.joins & free[graph.i] & free[graph.j] & same
    piece = contiguity.components(len(graph.ids), graph.i[tied], graph.j[tied])
    parts = facts.reindex(graph.ids).assign(piece=piece, part_id=graph.ids)[free]
    size = parts.groupby("piece")[["built", "households"]].transform("sum")
    homes = size["households"] >= max(usual["households"], FEWEST_IN_GAP)
    large = parts[homes | (size["built"] >= TIMES_USUAL * max(usual["built"], FEWEST_IN_GAP))]
    first = large.groupby("piece")["part_id"].transform("min")
    return pd.Series(("u" + first).to_numpy(object), index=large["part_id"].to_numpy(object))


def _gaps_named(units: pd.DataFrame, gaps: "pd.Series[Any]", voice: Voice) -> pd.DataFrame:
    """Call the units made of gaps by a number, so that they are seen on map and list."""
    ids = sorted(set(gaps))
    names = {one: voice.say("former_gap_name", number=number) for number, one in enumerate(ids, start=1)}
    own = units["unit_id"].map(names)
    return units.assign(name=own.where(own.notna(), units["name"]).astype(object))


def _with_left_out(found: Taken, plan: Plan, units: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> Taken:
    """List each building that is in no unit of the list, with the unit that it is in now."""
    if not found.left_out:
        return found
    parts = tables["parts"].dropna(subset=["building_id"]).drop_duplicates("building_id")
    unit = parts.set_index("building_id")["part_id"].map(plan.parts)
    name = unit.map(units.set_index("unit_id")["name"])
    called = tables["buildings"].set_index("building_id")["name"]
    rows = [
        (0, name.get(one), None, f"{called.get(one)} [{one}]" if isinstance(called.get(one), str) else one, "left_out")
        for one in found.left_out
    ]
    more = pd.DataFrame(rows, columns=["row", "unit", "place", "text", "reason"]).assign(area_m2=float("nan"))
    findings = pd.concat([found.findings, more], ignore_index=True) if len(found.findings) else more
    return dataclasses.replace(found, findings=findings)


def _whole(
    found: Taken, gaps: "pd.Series[Any]", rows: pd.DataFrame, graph: "Graph", edition: int
) -> tuple[Plan, pd.DataFrame]:
    """Give every part a unit: those that nobody claims join a neighbour, but for large gaps; give these too."""
    first = found.parts.sort_values("part_id").drop_duplicates("unit").set_index("unit")["part_id"]
    ids = found.parts["unit"].map("u" + first)
    told = pd.Series(ids.to_numpy(object), index=found.parts["part_id"].to_numpy(object))
    claimed = Plan("former", edition, pd.concat([told, gaps]) if len(gaps) else told)
    plan, moves, _ = edit.carry(claimed, rows[rows["part_id"].isin(claimed.parts.index)], rows, graph, edition=edition)
    digest = hashlib.sha256(plan.fingerprint.encode()).hexdigest()[:12]
    return Plan(f"p{digest}", edition, plan.parts), moves


def _as_written(units: pd.DataFrame, plan: Plan, found: Taken, admitted: "Admitted") -> pd.DataFrame:
    """Give units the names, codes and words that the list has for them."""
    listed = pd.DataFrame(admitted.rows).drop_duplicates("unit").set_index("unit")
    name_of = dict(zip(plan.parts.reindex(found.parts["part_id"]), found.parts["unit"], strict=True))
    own = units["unit_id"].map(name_of)
    said = pd.DataFrame({column: own.map(listed[column]) for column in WRITTEN if column in listed}, dtype=object)
    said["name"] = said["name"].fillna(own) if "name" in said else own
    codes = said.get("code", pd.Series([None] * len(units)))
    if codes.dropna().duplicated().any():
        said = said.drop(columns="code", errors="ignore")  # a code of two units is none
    rows = units.copy()
    for column in said:
        before = rows[column] if column in rows else pd.Series([None] * len(rows), index=rows.index)
        rows[column] = said[column].where(said[column].notna(), before).astype(object)
    return rows


def _figures(
    plan_id: str, units: pd.DataFrame, found: Taken, joined: pd.DataFrame, rows: pd.DataFrame
) -> dict[str, Any]:
    counts = found.findings["reason"].value_counts()
    return {
        "plan": plan_id,
        "units": len(units),
        "parts_claimed": len(found.parts),
        "parts_joined": len(joined),
        "buildings_left_out": len(found.left_out),
        "units_lost": len(set(rows["unit"].dropna().map(str)) - set(found.parts["unit"].map(str))),
        "findings": {str(reason): int(count) for reason, count in counts.items()},
        "overlaps": [
            {"unit": unit, "other": other, "area_m2": area} for unit, other, area in _overlapping(found.findings)
        ],
    }


def _examples(reason: str, rows: pd.DataFrame) -> list[str] | list[Note]:
    """Give what was found in the words of the list; of an overlap both units and how much ground they share."""
    if reason != "overlap":
        return list(rows["text"])
    return [
        note("former_overlap_of", one=unit, other=other, area=round(area)) for unit, other, area in _overlapping(rows)
    ]


def _overlapping(findings: pd.DataFrame) -> list[tuple[str, str, float]]:
    """Give the pairs of units that overlap, and the ground that both have in square metres."""
    rows = findings[findings["reason"] == "overlap"]
    return list(zip(rows["unit"].map(str), rows["text"], rows["area_m2"].astype(float), strict=True))


def _told(
    found: Taken, joined: pd.DataFrame, gaps: "pd.Series[Any]", units: pd.DataFrame, admitted: "Admitted"
) -> list[Note]:
    """Say what was left out, not understood, and where stated households are others than those known here."""
    told = [
        note(f"former_{reason}", count=len(rows), examples=_examples(str(reason), rows[:MOST_TOLD]))
        for reason, rows in found.findings.groupby("reason", sort=True)
    ]
    if found.left_out:
        told.append(note("former_left_out", count=len(found.left_out), parts=len(joined)))
    lost = sorted(set(pd.DataFrame(admitted.rows)["unit"].dropna().astype(str)) - set(found.parts["unit"].map(str)))
    if lost:
        told.append(note("former_units_lost", count=len(lost), examples=lost[:MOST_TOLD]))
    if len(gaps):
        told.append(note("former_gaps", count=gaps.nunique(), parts=len(gaps)))
    stated = pd.DataFrame(admitted.rows).groupby("unit")["households"].sum(min_count=1)
    known = units.set_index("name")["households"]
    both = pd.DataFrame({"stated": stated, "known": known.groupby(level=0).sum()}).dropna()
    off = both[both["stated"] != both["known"]]
    if len(off):
        pairs = [f"{name}: {int(row.stated)} / {int(row.known)}" for name, row in off.iterrows()]
        told.append(note("former_households_differ", count=len(off), of=len(both), examples=pairs[:MOST_TOLD]))
    return told


def _written(project: Project, file: Path, found: Taken, voice: Voice) -> list[Path]:
    """Write what was found beside the project, row by row, in the user's language."""
    if found.findings.empty:
        return []
    from govmap.exports.files import write_whole
    from govmap.sources import returned

    rows = found.findings
    table = pd.DataFrame({
        voice.say("rejects_row"): rows["row"].astype(str).where(rows["row"] > 0, ""),
        voice.say("former_unit"): rows["unit"].fillna("").astype(str),
        voice.say("former_place"): ["" if pd.isna(place) else str(int(place) + 1) for place in rows["place"]],
        voice.say("former_text"): [
            text if pd.isna(area) else f"{text} ({area:,.0f} m²)"
            for text, area in zip(rows["text"], rows["area_m2"], strict=True)
        ],
        voice.say("rejects_reason"): [voice.say(f"former_reason_{reason}") for reason in rows["reason"]],
    })  # fmt: skip
    path = project.path.with_name(f"{project.path.stem}.{file.stem}.findings.xlsx")
    write_whole(path, returned.workbook(table))
    return [path]

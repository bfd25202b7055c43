"""Registers attached to the parts as they are now, put into buildings, and counted by unit."""

from typing import Any

import pandas as pd

from govmap import attach as attaching
from govmap.config import Config
from govmap.messages import Note, note
from govmap.pipeline import choices, counting, duties, incidents, twins
from govmap.pipeline.division import ensure_cells
from govmap.pipeline.report import Progress, Report, quiet, titled
from govmap.project import Project
from govmap.schema import TABLES

ATTACHED = ("residents", "resources", "incidents")
PLACES = (
    "parts",
    "buildings",
    "addresses",
    "cells",
    "plan_parts",
    "compounds",
    "communities",
    "aliases",
    "units",
    "streets",
)
# Where rows say no more than a point.
BY_POINT = {
    "parts": ("part_id", "building_id", "cell_id", "floor_from", "entrance"),
    "buildings": ("building_id", "cell_id", "reason"),
    "cells": ("cell_id", "building_id", "community_id", "geometry"),
}
MOST_TOLD = 5


def attach(project: Project, *, config: Config, progress: Progress = quiet) -> Report:
    """Attach every register to the parts as they are now, put counted households into buildings, count by unit."""
    ensure_cells(project, None, config=config, progress=progress)
    progress("progress_attach", 0.0)
    with project.change("attach") as change:
        session = change.session
        places = places_of(session)
        told: list[Note] = []
        reasons: dict[str, dict[str, int]] = {}
        attached: dict[str, pd.DataFrame] = {}
        for table in ATTACHED:
            attached[table] = rows = placed(session.read(table), table, places)
            if table == "incidents":
                rows = incidents.with_communities(rows, places["cells"])
            session.replace(table, rows[[name for name in TABLES[table].names if name in rows]])
            reasons[table] = dict(attaching.reasons(rows).itertuples(index=False))
            told += [*_told(table, reasons[table]), *_ways(table, rows), *_read_as(table, rows)]
        told += [*incidents.repeats_again(session), *twins.look(session)]
        told += counting.recounted(change, tell=True)
        figures = counting.tallied(change)
        told += duties.settle(change)
    progress("progress_attach", 1.0)
    voice = project.profile.voice(config.language)
    unclear = choices.found(attached, places)
    vacant, answering = duties.vacancies(project)
    figures |= {"duties": answering} if answering else {}
    return Report(
        figures={"attached": reasons, "placed_by": _placed_by(attached), "choices": len(unclear), **figures},
        notes=[*told, *vacant],
        warnings=choices.told(unclear),
        files=[*choices.write(project, unclear, voice), *twins.write(project, voice)],
        next=f"govmap map {project.path.name} -o map.html",
    )


def places_of(session: Any) -> dict[str, pd.DataFrame]:
    """Read the tables by which rows are placed."""
    areas = session.read("residents", where={"place_kind": "area"}, columns=["place_kind", "place_id", "geometry"])
    places = {name: session.read(name) for name in PLACES} | {"units": counting.units_in_order(session)}
    return places | {"areas": areas}


def places_for(session: Any, rows: pd.DataFrame, table: str) -> dict[str, pd.DataFrame]:
    """Read the tables by which these rows are placed; where all say no more than a point, no name need be known."""
    if table == "residents" or attaching.worded(rows, table):
        return places_of(session)
    found = {name: session.read(name, columns=list(columns)) for name, columns in BY_POINT.items()}
    blank = {name: session.read(name, where={TABLES[name].key[0]: []}) for name in PLACES if name not in found}
    return {**found, **blank}


def placed(rows: pd.DataFrame, table: str, places: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Say where rows belong, and keep no point of a person: of residents only areas keep their shape."""
    plan_parts = places["plan_parts"]
    rows = _with_outlines(rows, places.get("areas")) if table == "residents" else rows
    found = attaching.attach(
        rows,
        table,
        places["parts"],
        places["buildings"],
        places["addresses"],
        places["cells"],
        plan_parts if len(plan_parts) else None,
        compounds=places["compounds"],
        communities=places["communities"],
        aliases=places["aliases"],
        units=places["units"],
        streets=places["streets"],
    )
    if table == "residents" and "geometry" in found:
        found["geometry"] = found["geometry"].where(found["place_kind"] == "area", None)
    return found


def _with_outlines(rows: pd.DataFrame, areas: pd.DataFrame | None) -> pd.DataFrame:
    """Give areas that a table names by their code the outline that another list has of them."""
    lacking = (rows["place_kind"] == "area") & rows["geometry"].isna()
    if not lacking.any():
        return rows
    outlines: dict[str, Any] = {}
    for frame in (rows, *([] if areas is None else [areas])):
        drawn = frame[(frame["place_kind"] == "area") & frame["geometry"].notna()]
        outlines = {**dict(zip(drawn["place_id"], drawn["geometry"], strict=True)), **outlines}
    found = [outlines.get(code, shape) for code, shape in zip(rows["place_id"], rows["geometry"], strict=True)]
    fresh = pd.Series(found, index=rows.index, dtype=object)
    return rows.assign(geometry=rows["geometry"].astype(object).where(~lacking, fresh))


def _told(table: str, reasons: dict[str, int]) -> list[Note]:
    if not reasons:
        return []
    attached = reasons.get("attached", 0)
    found = [note("attach_done", table=titled(table), rows=sum(reasons.values()), attached=attached)]
    for reason, count in reasons.items():
        if reason != "attached":
            found.append(note("attach_left", table=titled(table), count=count, reason=note(f"attach_reason_{reason}")))
    return found


def _placed_by(attached: dict[str, pd.DataFrame]) -> dict[str, dict[str, int]]:
    """Count for each table by what its rows were placed: id, address, point, block of a street and so on."""
    return {
        table: {str(how): int(count) for how, count in rows["placed_by"].value_counts().sort_index().items()}
        for table, rows in attached.items()
        if len(rows)
    }


def _ways(table: str, rows: pd.DataFrame) -> list[Note]:
    """Say by what the rows were placed."""
    by = rows["placed_by"].value_counts() if "placed_by" in rows else pd.Series(dtype="int64")
    ways = [note("attach_way", how=note(f"attach_by_{how}"), count=int(by[how])) for how in sorted(by.index)]
    return [note("attach_ways", table=titled(table), ways=ways)] if ways else []


def _read_as(table: str, rows: pd.DataFrame) -> list[Note]:
    """Say which names were taken for known ones with a slip of the pen."""
    words = "place_id" if table == "residents" else "address"
    if words not in rows:
        return []
    slips = rows[rows["read_as"].notna()]
    pairs = list(dict.fromkeys(f"{said} → {known}" for said, known in zip(slips[words], slips["read_as"], strict=True)))
    return [note("attach_read_as", table=titled(table), count=len(slips), examples=pairs[:MOST_TOLD])] if pairs else []

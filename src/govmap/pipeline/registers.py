"""Registers into a project through the gate, attached to parts and units, and counted."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely

from govmap import attach as attaching
from govmap import households as dwelling
from govmap.config import Config
from govmap.errors import InputError
from govmap.messages import Note, Voice, note
from govmap.pipeline import inherited
from govmap.pipeline.counting import counted
from govmap.pipeline.division import ensure_cells, graph_of, write_units
from govmap.pipeline.report import Progress, Report, quiet, titled
from govmap.project import BASE_TABLES, Change, Project, new_project, open_project, plan_of
from govmap.schema import TABLES

if TYPE_CHECKING:
    from govmap.sources.files import RawTable
    from govmap.sources.gate import Admitted

ATTACHED = ("residents", "resources", "incidents")
FIRST = ("buildings", "communities")
PLANNED = "units"
PLACES = ("parts", "buildings", "addresses", "cells", "plan_parts", "compounds", "communities", "aliases", "units")
NEAR_M = 20_000.0
MOST_TOLD = 5
WEB = "EPSG:3857"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How to read a user's file, in the words of a face."""

    crs: str | None = None
    columns: tuple[str, ...] = ()
    encoding: str | None = None
    sheet: str | None = None
    datum: str | None = None
    layer: str | None = None
    date_order: str | None = None

    @property
    def says_something(self) -> bool:
        """Tell whether anything was said of how to read the file, so that reading it again may give something else."""
        return self != Reading()

    @property
    def mapping(self) -> dict[str, str]:
        """
        Give their column -> ours, from `THEIRS=OURS` words.

        Raises
        ------
        InputError
            A word is not of this form.
        """
        pairs = [word.rpartition("=")[::2] for word in self.columns]
        bad = [word for word, (theirs, ours) in zip(self.columns, pairs, strict=True) if not theirs or not ours]
        if bad:
            raise InputError("import_bad_column_flag", given=bad[0])
        return dict(pairs)


def import_table(
    path: Path,
    table: str,
    file: Path,
    reading: Reading,
    *,
    config: Config,
    voice: Voice,
    progress: Progress = quiet,
) -> Report:
    """
    Take in a user's own list or layer: every row is kept, or comes back with its reason.

    Raises
    ------
    TableError
        The file cannot be read as a table, or lacks what the table is about.
    InputError
        There is no such table, or no project yet and this table cannot begin one.
    """
    from govmap.sources import files, gate

    if table not in gate.ADMITTED:
        raise InputError("import_table_unknown", table=table, tables=list(gate.ADMITTED))
    progress("progress_import", 0.0)
    raw = files.rows(file, encoding=reading.encoding, sheet=reading.sheet, layer=reading.layer, project_path=path)
    with _project(path, table, raw, reading, config) as project:
        before = project.read("imports", where={"table": table, "sha256": raw.sha256})
        if len(before) and not reading.says_something:
            return Report(
                figures=_nothing_new(table, raw), notes=[note("import_known", table=titled(table), file=file.name)]
            )
        if table in (*ATTACHED, PLANNED):
            ensure_cells(project, None, config=config, progress=progress)
        admitted = _admit(project, raw, table, reading)
        made = inherited.take_in(project, admitted, file, voice=voice) if table == PLANNED else None
        _store(project, table, raw, admitted)
    progress("progress_import", 1.0)
    report = _report(path, table, raw, admitted, voice)
    return report if made is None else _with_plan(report, made)


def _with_plan(report: Report, made: Report) -> Report:
    """Say beside the rows what plan was made of them."""
    return replace(
        made,
        figures={**report.figures, **made.figures},
        notes=[*report.notes, *made.notes],
        warnings=[*report.warnings, *made.warnings],
        files=[*report.files, *made.files],
    )


def _nothing_new(table: str, raw: "RawTable") -> dict[str, Any]:
    return {"table": table, "rows_in": raw.rows_in, "rows_kept": 0, "rows_rejected": 0, "known": True}


def attach(project: Project, *, config: Config, progress: Progress = quiet) -> Report:
    """Attach every register to the parts as they are now, put counted households into buildings, count by unit."""
    ensure_cells(project, None, config=config, progress=progress)
    progress("progress_attach", 0.0)
    with project.change("attach") as change:
        session = change.session
        places = {name: session.read(name) for name in PLACES}
        told: list[Note] = []
        reasons: dict[str, dict[str, int]] = {}
        for table in ATTACHED:
            rows = _attached(session.read(table), table, places)
            session.replace(table, rows[[name for name in TABLES[table].names if name in rows]])
            reasons[table] = dict(attaching.reasons(rows).itertuples(index=False))
            told += [*_told(table, reasons[table]), *_read_as(table, rows)]
        told += _count_households(change, places)
        figures = _tally(change)
    progress("progress_attach", 1.0)
    return Report(
        figures={"attached": reasons, **figures}, notes=told, next=f"govmap map {project.path.name} -o map.html"
    )


# import ------------------------------------------------------------------------------------------------------------
@contextmanager
def _project(path: Path, table: str, raw: "RawTable", reading: Reading, config: Config) -> Iterator[Project]:
    """Open the project, or begin one from buildings or a boundary of the user's own."""
    if path.exists() or table not in FIRST:
        with open_project(path) as project:
            yield project
        return
    profile = "cn" if config.language == "zh" else "generic"
    with new_project(path, _system_of(raw, table, reading), profile_name=profile) as project:
        with project.change("language") as change:
            change.set("language", config.language)
        yield project


def _system_of(raw: "RawTable", table: str, reading: Reading) -> Any:
    """Find the metric system of ground that nobody has named yet: the zone of what the list itself says."""
    import geopandas as gpd

    from govmap.crs import GEOGRAPHIC, local_metric
    from govmap.sources import gate

    columns = reading.mapping or None
    tried = gate.admit(raw, table, crs=WEB, columns=columns, datum=reading.datum, source_crs=reading.crs)
    shapes = gpd.GeoSeries(tried.rows["geometry"], crs=WEB).dropna()
    if shapes.empty:
        raise InputError("import_nothing_kept", where=str(raw.path), reasons=list(tried.reasons))
    return local_metric(*shapes.to_crs(GEOGRAPHIC).total_bounds)


def _admit(project: Project, raw: "RawTable", table: str, reading: Reading) -> "Admitted":
    from govmap.sources import gate

    shapes = project.read("buildings", columns=["building_id", "geometry"])
    ground = project.read("communities")["geometry"].to_numpy()
    around = [*shapely.total_bounds(ground)] if len(ground) else [*shapely.total_bounds(shapes["geometry"].to_numpy())]
    bounds = (around[0] - NEAR_M, around[1] - NEAR_M, around[2] + NEAR_M, around[3] + NEAR_M)
    key = TABLES[table].key if table != PLANNED else ()
    before = frozenset(project.read("imports", where={"table": table, "sha256": raw.sha256})["import_id"])
    taken: frozenset[str] = frozenset()
    if len(key) == 1:
        rows = project.read(table, columns=[*key, "import_id"])
        taken = frozenset(rows.loc[~rows["import_id"].isin(before), key[0]])
    return gate.admit(
        raw,
        table,
        crs=project.crs,
        project_bounds=bounds if len(ground) or len(shapes) else None,
        columns=reading.mapping or None,
        datum=reading.datum,
        source_crs=reading.crs,
        zone=str(project.profile.facts["time"]["zone"]),
        date_order=reading.date_order,
        footprints=shapes["geometry"].tolist(),
        taken=taken,
    )


def _store(project: Project, table: str, raw: "RawTable", admitted: "Admitted") -> None:
    """Write the rows that passed, and what is to be known of the import; the same file read otherwise replaces them."""
    arguments = {"table": table, "file": raw.path.name}
    with project.change("import", arguments) as change:
        session = change.session
        for replaced in {table} - {PLANNED} | {"imports", "rejects"}:
            session.delete(replaced, where={"import_id": admitted.import_id})
        rows = _placed(session, table, admitted.rows) if table in ATTACHED else admitted.rows
        if table != PLANNED:
            _write(change, table, rows)
        row: dict[str, Any] = {
            "import_id": admitted.import_id,
            "table": table,
            "file": raw.path.name,
            "sha256": raw.sha256,
        }
        row |= {"mapping": admitted.mapping, "rows_in": admitted.rows_in, "rows_kept": admitted.rows_kept}
        row |= {"rows_rejected": admitted.rows_rejected, "at": change.at}
        session.append("imports", pd.DataFrame([row]))
        session.append("rejects", admitted.rejects)
        if table in BASE_TABLES or table == "parts":
            change.base_changed()


def _placed(session: Any, table: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Say where rows belong, and keep no point of a person: of residents only areas keep their shape."""
    placed = _attached(rows, table, {name: session.read(name) for name in PLACES})
    if table == "residents":
        areas = placed["place_kind"] == "area"
        placed["geometry"] = placed["geometry"].where(areas, None) if "geometry" in placed else None
    return placed


def _write(change: Change, table: str, rows: pd.DataFrame) -> None:
    stored = rows[[name for name in TABLES[table].names if name in rows]]
    change.session.append(table, stored)
    if table == "buildings":
        everything = change.session.read("buildings")
        change.session.replace("buildings", dwelling.estimate(everything))


def _report(path: Path, table: str, raw: "RawTable", admitted: "Admitted", voice: Voice) -> Report:
    figures = {"rows_in": admitted.rows_in, "rows_kept": admitted.rows_kept, "rows_rejected": admitted.rows_rejected}
    report = Report(figures={"table": table, **figures, "reasons": admitted.reasons, "rejects": None})
    report.notes = [note("import_done", table=titled(table), **figures), *admitted.notes]
    if not admitted.rows_rejected:
        report.next = f"govmap attach {path.name}"
        return report
    from govmap.sources import gate

    ending = ".xlsx" if raw.path.suffix.lower() in (".xlsx", ".xls", ".ods") else ".csv"
    rejects = path.with_name(f"{path.stem}.{raw.path.stem}.rejects{ending}")
    gate.rejects_file(raw, admitted.rejects, rejects, voice)
    report.figures["rejects"] = rejects.name
    report.files = [rejects]
    report.warnings = [note("import_rejected", count=admitted.rows_rejected, file=rejects.name)]
    return report


# attach ------------------------------------------------------------------------------------------------------------
def _attached(rows: pd.DataFrame, table: str, places: dict[str, pd.DataFrame]) -> pd.DataFrame:
    plan_parts = places["plan_parts"]
    return attaching.attach(
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
    )


def _told(table: str, reasons: dict[str, int]) -> list[Note]:
    if not reasons:
        return []
    attached = reasons.get("attached", 0)
    found = [note("attach_done", table=titled(table), rows=sum(reasons.values()), attached=attached)]
    for reason, count in reasons.items():
        if reason != "attached":
            found.append(note("attach_left", table=titled(table), count=count, reason=note(f"attach_reason_{reason}")))
    return found


def _read_as(table: str, rows: pd.DataFrame) -> list[Note]:
    """Say which names were taken for known ones with a slip of the pen."""
    words = "place_id" if table == "residents" else "address"
    if words not in rows:
        return []
    slips = rows[rows["read_as"].notna()]
    pairs = list(dict.fromkeys(f"{said} → {known}" for said, known in zip(slips[words], slips["read_as"], strict=True)))
    return [note("attach_read_as", table=titled(table), count=len(slips), examples=pairs[:MOST_TOLD])] if pairs else []


def _count_households(change: Change, places: dict[str, pd.DataFrame]) -> list[Note]:
    """Put what was counted into buildings and parts, and sum the units of every plan of this edition anew."""
    session = change.session
    buildings, told = counted(change, places["buildings"])
    if buildings[["households", "residents"]].equals(places["buildings"][["households", "residents"]]):
        return told
    numbers = ["building_id", "households", "households_low", "households_high", "residents", "households_source"]
    session.upsert("buildings", pd.DataFrame(buildings[numbers]))
    parts = attaching.reshare(places["parts"], buildings)
    session.replace("parts", parts)
    inside = buildings.loc[buildings["cell_id"].notna(), "households"].fillna(0)
    change.set("cells_most", str(int(inside.max()) if len(inside) else 0))
    ground = {"cells": places["cells"], "parts": parts, "buildings": buildings}
    edition = int(change.get("edition") or "0")
    plans = session.read("plans", where={"edition": edition})["plan_id"]
    if len(plans):
        graph = graph_of(ground | {name: session.read(name) for name in ("barriers", "streets")})
        for plan_id in plans:
            write_units(change, plan_of(session, plan_id), ground, graph)
    return told


def _tally(change: Change) -> dict[str, Any]:
    """Count what lies in each unit of the active plan."""
    active = change.get("active_plan_id")
    if active is None:
        return {"tallies": 0}
    session = change.session
    residents, resources, incidents = (session.read(table) for table in ATTACHED)
    plan_parts = session.read("plan_parts", where={"plan_id": active})
    rows = attaching.tallies(residents, resources, incidents, plan_parts, session.read("parts"))
    session.replace("tallies", rows, where={"plan_id": active})
    return {"tallies": len(rows)}

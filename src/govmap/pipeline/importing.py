"""Registers into a project through the gate: every row is kept, or comes back with its reason."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely

from govmap.config import Config
from govmap.errors import InputError
from govmap.memory import without_sweeps
from govmap.messages import Note, Voice
from govmap.pipeline import (
    choices,
    forgetting,
    inherited,
    numbered,
    remembering,
    returning,
    stairwells,
    storing,
    telling,
    twins,
)
from govmap.pipeline.attaching import ATTACHED
from govmap.pipeline.division import ensure_cells
from govmap.pipeline.remembering import Reading
from govmap.pipeline.report import Progress, Report, quiet, titled
from govmap.pipeline.storing import PLANNED, Taking
from govmap.project import Change, Project, new_project, open_project
from govmap.schema import TABLES

if TYPE_CHECKING:
    import pandas as pd

    from govmap.pipeline.updating import Changes
    from govmap.sources.files import RawTable
    from govmap.sources.gate import Admitted

__all__ = ["Reading", "Taking", "import_table"]

FIRST = ("buildings", "communities")
NEAR_M = 20_000.0
WEB = "EPSG:3857"
PLAINLY = Taking()
Ask = Callable[[Report], bool]


def import_table(
    path: Path,
    table: str,
    file: Path,
    reading: Reading,
    taking: Taking = PLAINLY,
    *,
    config: Config,
    voice: Voice,
    progress: Progress = quiet,
    ask: Ask | None = None,
) -> Report:
    """
    Take in a user's own list or layer: every row is kept, or comes back with its reason.

    Parameters
    ----------
    taking
        Whether it is a newer export of a list that is there (`update`, `replace`), rejected rows that come back
        (`again`; recognised without it too), only to be looked at (`look`), or a list of persons to be kept by name.
    ask
        Shown what an update would change before anything is written; nothing is written where it says no.

    Raises
    ------
    TableError
        The file cannot be read as a table, or lacks what the table is about.
    InputError
        There is no such table, or no project yet and this table cannot begin one.
    """
    from govmap.sources import gate

    if table == choices.TABLE:
        with open_project(path) as project:
            return choices.take_in(project, remembering.rows(file, reading, (), project_path=path))
    if table == twins.TABLE:
        with open_project(path) as project:
            return twins.take_in(project, file)
    _check(table, taking, list(gate.ADMITTED))
    progress("progress_import", 0.0)
    with without_sweeps():
        report = _imported(path, table, file, reading, taking, config=config, voice=voice, progress=progress, ask=ask)
    progress("progress_import", 1.0)
    return report


def _imported(
    path: Path,
    table: str,
    file: Path,
    reading: Reading,
    taking: Taking,
    *,
    config: Config,
    voice: Voice,
    progress: Progress,
    ask: Ask | None,
) -> Report:
    given, told, back = _given(path, table, file, reading, taking)
    with _project(path, given, config) as project:
        if not given.taking.look and table in (*ATTACHED, PLANNED):
            ensure_cells(project, None, config=config, progress=progress)
        report = _returned(project, given, voice) if back else _taken(project, given, voice, ask)
    report.notes = [*told, *report.notes]
    return telling.weighed(report)


@dataclass(frozen=True, kw_only=True)
class _Given:
    """A list as it was given: its rows, and how it is to be read and taken in."""

    table: str
    raw: "RawTable"
    reading: Reading
    taking: Taking
    said: bool


def _given(path: Path, table: str, file: Path, reading: Reading, taking: Taking) -> tuple[_Given, list[Note], bool]:
    """Read a file as it is said, else as its like was read before; tell whether its rows come back to an import."""
    from govmap.sources import returned

    earlier = remembering.past(path, table)
    raw = remembering.rows(file, reading, earlier, project_path=path, table=table)
    back = returned.is_returned(raw.header)
    if taking.again and not back:
        raise InputError("again_not_ours", where=str(file))
    if table == "buildings" and numbered.comes_back(raw.header):
        # the list of numbers speaks of buildings that are there: it updates them, the first time and when corrected
        raw, back, taking = returned.back(raw).raw if back else raw, False, replace(taking, update=True)
    whole, told = (reading, []) if back else remembering.completed(reading, raw, earlier)
    given = _Given(table=table, raw=raw, reading=whole, taking=taking, said=reading.says_something)
    return given, told, back


def _check(table: str, taking: Taking, tables: list[str]) -> None:
    if table not in tables:
        raise InputError("import_table_unknown", table=table, tables=tables)
    if table == PLANNED and (taking.update or taking.replace or taking.again):
        raise InputError("update_not_for_plans")
    if taking.keep_persons and table != "residents":
        raise InputError("persons_of_residents_only", table=titled(table))


# through the gate ----------------------------------------------------------------------------------------------------
@contextmanager
def _project(path: Path, given: _Given, config: Config) -> Iterator[Project]:
    """Open the project, or begin one from buildings or a boundary of the user's own."""
    if path.exists() or given.table not in FIRST or given.taking.look:
        with open_project(path) as project:
            yield project
        return
    profile = "cn" if config.language == "zh" else "generic"
    with new_project(path, _system_of(given), profile_name=profile) as project:
        with project.change("language") as change:
            change.set("language", config.language)
        yield project


def _system_of(given: _Given) -> Any:
    """Find the metric system of ground that nobody has named yet: the zone of what the list itself says."""
    import geopandas as gpd

    from govmap.crs import GEOGRAPHIC, local_metric
    from govmap.sources import gate

    reading, raw = given.reading, given.raw
    columns = reading.mapping or None
    tried = gate.admit(raw, given.table, crs=WEB, columns=columns, datum=reading.datum, source_crs=reading.crs)
    shapes = gpd.GeoSeries(tried.rows["geometry"], crs=WEB).dropna()
    if shapes.empty:
        raise InputError("import_nothing_kept", where=str(raw.path), reasons=list(tried.reasons))
    return local_metric(*shapes.to_crs(GEOGRAPHIC).total_bounds)


def _admit(
    project: Project,
    given: _Given,
    *,
    raw: "RawTable | None" = None,
    columns: Mapping[str, str] | None = None,
    import_id: str | None = None,
) -> "Admitted":
    """Send rows through the gate, with what it must know of the project."""
    from govmap.sources import gate

    reading, table, raw = given.reading, given.table, raw or given.raw
    shapes = project.read("buildings", columns=["building_id", "geometry"])
    admitted = gate.admit(
        raw,
        table,
        crs=project.crs,
        project_bounds=_bounds(project, shapes),
        columns=columns or reading.mapping or None,
        datum=reading.datum,
        source_crs=reading.crs,
        zone=str(project.profile.facts["time"]["zone"]),
        date_order=reading.date_order,
        footprints=shapes["geometry"].tolist(),
        taken=_taken_keys(project, given, joins=columns is not None),
        import_id=import_id,
    )
    if table == stairwells.TABLE:
        return stairwells.taken(project, raw, admitted, update=given.taking.update, whole=given.taking.replace)
    return numbered.taken(project, raw, admitted) if table == "buildings" else admitted


def _bounds(project: Project, buildings: "pd.DataFrame") -> tuple[float, float, float, float] | None:
    """Give the ground near which a list's points are thought to lie; None while there is none."""
    ground = project.read("communities")["geometry"]
    ground = ground if len(ground) else buildings["geometry"].dropna()
    if ground.empty:
        return None
    west, south, east, north = shapely.total_bounds(ground.to_numpy())
    return west - NEAR_M, south - NEAR_M, east + NEAR_M, north + NEAR_M


def _taken_keys(project: Project, given: _Given, *, joins: bool) -> frozenset[str]:
    """Name the keys that a row may not have, for another import brought them; an update comes to change just those."""
    key = TABLES[given.table].key
    if len(key) != 1 or given.taking.update or given.table == PLANNED:
        return frozenset()
    rows = project.read(given.table, columns=[*key, "import_id"])
    if joins:
        return frozenset(rows[key[0]])
    before = project.read("imports", where={"table": given.table, "sha256": given.raw.sha256})["import_id"]
    return frozenset(rows.loc[~rows["import_id"].isin(before), key[0]])


# into the project ----------------------------------------------------------------------------------------------------
def _taken(project: Project, given: _Given, voice: Voice, ask: Ask | None) -> Report:
    """Take a list in, or say that it is there already."""
    known, import_id = _import_id(project, given)
    if known is not None and not given.said and not given.taking.look and not given.taking.keep_persons:
        return _known(project, given, known, voice)
    admitted = _admit(project, given, import_id=import_id)
    if given.taking.look or (given.taking.update and ask is not None):
        looked = _looked(project, given, admitted)
        if given.taking.look or (ask is not None and not ask(looked)):
            return looked
    report = _written(project, given, admitted, voice)
    rejected = _rejected(given.table, given.raw, admitted)
    return telling.with_rejects(report, project, rejected, given.raw.path, voice)


def _import_id(project: Project, given: _Given) -> tuple[dict[str, Any] | None, str]:
    """Give the import that brought this very list, if it still stands as it came, and the id that it will have now."""
    from govmap.sources import gate

    first = gate.id_of(given.table, given.raw)
    rows = project.read("imports", where={"table": given.table, "sha256": given.raw.sha256})
    if rows.empty:
        return None, first
    with project.store.reading() as session:
        upon = forgetting.built_upon(session)
    stands = [row for row in rows.to_dict("records") if row["import_id"] not in upon]
    if stands or not given.taking.update:
        row = {str(name): value for name, value in (stands or rows.to_dict("records"))[-1].items()}
        return row, str(row["import_id"])
    number = 2
    while f"{first}-{number}" in set(rows["import_id"]):
        number += 1
    return None, f"{first}-{number}"


def _known(project: Project, given: _Given, row: dict[str, Any], voice: Voice) -> Report:
    """Say that the list stands there already; give the file of its rejects again where it is gone."""
    from govmap.sources import columns

    report = telling.known_already(given.table, given.raw, row)
    name = telling.rejects_name(project, given.raw.path)
    rejects = project.read("rejects", where={"import_id": row["import_id"]})
    if rejects.empty or project.path.with_name(name).exists():
        return report
    known = columns.recognise(given.raw.frame[list(given.raw.header)], given.table, given=given.reading.mapping)
    reduced = bool((row["mapping"].get("found") or {}).get("reduced"))
    rejected = telling.Rejected(table=given.table, raw=given.raw, rows=rejects, columns=known, reduced=reduced)
    return telling.with_rejects(report, project, rejected, given.raw.path, voice)


def _rejected(table: str, raw: "RawTable", admitted: "Admitted") -> telling.Rejected:
    reduced = bool(admitted.found.get("reduced"))
    return telling.Rejected(table=table, raw=raw, rows=admitted.rejects, columns=admitted.columns, reduced=reduced)


class _OnlyLookedError(Exception):
    """Ends a change of which nothing is to stay."""


def _looked(project: Project, given: _Given, admitted: "Admitted") -> Report:
    """Try what a list would change, and leave everything as it is."""
    found: Changes | None = None
    told: list[Note] = []
    with suppress(_OnlyLookedError), project.change("look") as change:
        found, told = storing.store(change, given.table, admitted, given.taking, record=_record(given, admitted, ()))
        raise _OnlyLookedError
    report = telling.told_of(project, given.table, admitted, found, look=True)
    report.notes += told
    if found is not None:
        rejected = admitted.rows_rejected
        report.warnings += telling.vanished(found, replace=given.taking.replace, rejected=rejected)
    return report


def _written(project: Project, given: _Given, admitted: "Admitted", voice: Voice) -> Report:
    """Write what passed: all of it or nothing."""
    table, raw, made = given.table, given.raw, None
    files = [telling.rejects_name(project, raw.path)] if admitted.rows_rejected else []
    record = _record(given, admitted, files)
    with project.change("import", {"table": table, "file": raw.path.name}) as change:
        if table == PLANNED:
            made = _plan_made(project, change, given, admitted, record, voice)
        found, told = storing.store(change, table, admitted, given.taking, record=record)
        if given.taking.keep_persons:
            told += storing.keep_persons(change, project.persons, raw, admitted)
    report = telling.told_of(project, table, admitted, found, look=False)
    report.notes += told
    if found is not None:
        report.warnings += telling.vanished(found, replace=given.taking.replace, rejected=admitted.rows_rejected)
    return report if made is None else _with_plan(report, made)


def _record(given: _Given, admitted: "Admitted", files: Sequence[str]) -> dict[str, Any]:
    """Give what is to be known of an import: how it was read, what was written beside the project, never a cell."""
    mapping = {**admitted.mapping, "header": remembering.header_of(given.raw), "files": list(files)}
    mapping |= {"said": given.reading.said} if given.reading.says_something else {}
    return {"file": given.raw.path.name, "sha256": given.raw.sha256, "mapping": mapping}


def _plan_made(
    project: Project, change: Change, given: _Given, admitted: "Admitted", record: dict[str, Any], voice: Voice
) -> Report:
    """Make a plan of a former division, and keep in the record how it can be taken back."""
    before, plans = change.get("active_plan_id"), set(change.session.read("plans")["plan_id"])
    made = inherited.take_in(project, admitted, given.raw.path, voice=voice)
    plan_id = made.figures["plan"]
    record["mapping"]["plan"] = {"plan_id": plan_id, "known": plan_id in plans, "before": before}
    record["mapping"]["files"] += [file.name for file in made.files]
    return made


def _returned(project: Project, given: _Given, voice: Voice) -> Report:
    """Take in corrected rows that were rejected before, and give what is rejected still."""
    admit = partial(_admit, project, given)
    report, still = returning.again(project, given.table, given.raw, admit)
    if still is None:
        return report
    rejects = project.read("rejects", where={"import_id": still.row["import_id"]})
    rejects = rejects[rejects["row"].isin(still.raw.frame["source_row"])]
    rejected = replace(_rejected(given.table, still.raw, still.admitted), rows=rejects)
    return telling.with_rejects(report, project, rejected, Path(str(still.row["file"])), voice)


def _with_plan(report: Report, made: Report) -> Report:
    """Say beside the rows what plan was made of them."""
    return replace(
        made,
        figures={**report.figures, **made.figures},
        notes=[*report.notes, *made.notes],
        warnings=[*report.warnings, *made.warnings],
        files=[*report.files, *made.files],
    )

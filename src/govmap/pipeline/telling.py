"""What is told of an import: its figures, its sentences, and the file of rejected rows beside the project."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from govmap.messages import Note, Voice, note
from govmap.pipeline import worked_out
from govmap.pipeline.report import Report, titled

if TYPE_CHECKING:
    from govmap.pipeline.updating import Changes
    from govmap.project import Project
    from govmap.sources.columns import Columns
    from govmap.sources.files import RawTable
    from govmap.sources.gate import Admitted

MANY = 0.5
NOT_IN_NAMES, LONGEST_STEM, TOLD_APART = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*]'), 100, 6
ALREADY = "already_there"
LOUD = frozenset({
    "import_unplaced", "import_datum_suspected", "import_communities_overlap", "import_counted_twice",
})  # fmt: skip
BESIDE_THE_LIST = frozenset({
    "total_row", "example_row", "not_a_row", "column_numbers", "header_again", "blank_row",
})  # fmt: skip


def told_of(project: "Project", table: str, admitted: "Admitted", found: "Changes | None", *, look: bool) -> Report:
    """Say what passed the gate and what did not; of an update also what it changes."""
    figures = {"rows_in": admitted.rows_in, "rows_kept": admitted.rows_kept, "rows_rejected": admitted.rows_rejected}
    report = Report(figures={"table": table, "import_id": admitted.import_id, **figures, "reasons": admitted.reasons})
    report.figures |= {"rejects": None, "look": look, **worked_out.facts(admitted)}
    report.notes = [note("import_looked" if look else "import_done", table=titled(table), **figures)]
    report.notes += worked_out.told(table, admitted)
    report.notes += [one for one in admitted.notes if one.key != worked_out.TABLED]
    if found is not None:
        report.figures["changes"] = found.figures
        report.notes += found.notes
    if not admitted.rows_in:
        report.warnings.append(note("import_no_rows"))
    undrawn = int(admitted.rows["geometry"].isna().sum()) if table == "buildings" and found is None else 0
    report.figures |= {"rows_without_shape": undrawn} if table == "buildings" and found is None else {}
    if undrawn:
        report.warnings.append(note("import_without_shape", count=undrawn))
    already = admitted.reasons.get(ALREADY, 0)
    if already > MANY * admitted.rows_in:
        report.warnings.append(note("import_looks_newer", count=already, of=admitted.rows_in))
    report.next = f"govmap attach {project.path.name}"
    return report


def weighed(report: Report) -> Report:
    """Set what a reader must not miss behind the rest, as a warning."""
    loud = [one for one in report.notes if one.key in LOUD]
    report.notes = [one for one in report.notes if one.key not in LOUD]
    report.warnings = [*loud, *report.warnings]
    return report


def vanished(found: "Changes", *, replace: bool, rejected: int) -> list[Note]:
    """Say what became of rows that the newer list no longer has."""
    if found.vanished.empty:
        return []
    word = "update_vanished_kept" if not replace else "update_vanished_gone"
    word = "update_vanished_wait" if replace and rejected else word
    return [note(word, count=len(found.vanished), rejected=rejected)]


def rejects_name(project: "Project", file: Path) -> str:
    """Name the file of rejected rows of a list."""
    ending = ".xlsx" if file.suffix.lower() in (".xlsx", ".xls", ".ods") else ".csv"
    stem = NOT_IN_NAMES.sub("_", file.stem.encode("utf-8", "replace").decode())
    if len(stem.encode()) > LONGEST_STEM:  # so many bytes a file system allows, with what stands before and behind
        told = hashlib.sha256(stem.encode()).hexdigest()[:TOLD_APART]
        stem = f"{stem.encode()[:LONGEST_STEM].decode(errors='ignore')}-{told}"
    return f"{project.path.stem}.{stem}.rejects{ending}"


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """Rows that were rejected: the list they are of, what its columns are, and what kind of list it is."""

    table: str
    raw: "RawTable"
    rows: pd.DataFrame
    columns: "Columns"
    reduced: bool


def with_rejects(report: Report, project: "Project", rejected: Rejected, file: Path, voice: Voice) -> Report:
    """Write the rejected rows of a file beside the project and say so; in a list of persons nobody is named."""
    from govmap.sources import gate, persons

    path, raw, rejects = project.path.with_name(rejects_name(project, file)), rejected.raw, rejected.rows
    if rejects.empty:
        return report
    hidden, bands = frozenset(rejected.columns.withheld), None
    if rejected.table == "residents":
        if rejected.reduced:
            bands = persons.age_bands(raw.frame, rejected.columns, today=pd.Timestamp.now().normalize())
        raw = persons.unnamed(raw, rejected.columns, everywhere=True)
        hidden = persons.telling(rejected.columns) if rejected.reduced else hidden
    path = gate.rejects_file(raw, rejects, path, voice, hidden=hidden, bands=bands)
    report.figures["rejects"] = path.name
    report.files = [*report.files, path]
    beside = int(rejects["reason_code"].isin(BESIDE_THE_LIST).sum())
    facts = {"count": len(rejects), "file": path.name, "beside": beside}
    if beside == len(rejects):  # a total or a remark is no row that could be corrected
        report.notes = [*report.notes, note("import_beside_the_list", **facts)]
    else:
        key = "import_rejected_and_beside" if beside else "import_rejected"
        report.warnings = [*report.warnings, note(key, **facts)]
    report.next = None
    return report


def known_already(table: str, raw: "RawTable", row: dict[str, Any]) -> Report:
    """Say that a list was taken in before, with the counts of then."""
    figures = {"table": table, "import_id": row["import_id"], "known": True, "rows_in": raw.rows_in}
    figures |= {"rows_kept": int(row["rows_kept"]), "rows_rejected": int(row["rows_rejected"]), "rows_new": 0}
    told = note("import_known", table=titled(table), file=raw.path.name)
    return Report(figures={**figures, "rejects": None}, notes=[told])

"""Rejected rows that were corrected and are dropped again: they join the import that they were rejected from.

The import stays whole: rows in = rows kept + rows rejected, as before, with fewer rejected. A row that was taken in
once is not taken in twice, however often the file is dropped.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from govmap.errors import InputError
from govmap.messages import Note, note
from govmap.pipeline import counting, forgetting, storing, worked_out
from govmap.pipeline.report import Report, titled
from govmap.project import BASE_TABLES, Change, Project
from govmap.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from govmap.sources.files import RawTable
    from govmap.sources.gate import Admitted

    Admit = Callable[..., Admitted]


def again(project: Project, table: str, raw: "RawTable", admit: "Admit") -> "tuple[Report, Still | None]":
    """
    Take in the corrected rows of a file of rejects.

    Parameters
    ----------
    raw
        The file as it came back.
    admit
        Sends rows through the gate: `admit(raw=…, columns=…, import_id=…)`.

    Returns
    -------
    report, still
        What was done; the rows that are rejected still, for the file that is written anew (None where nothing was new).

    Raises
    ------
    InputError
        The rows are of no import of this table, or of several.
    TableError
        Row numbers are gone or repeated.
    """
    from govmap.sources import returned

    came = returned.back(raw)
    row = _import_of(project, table, came.imports, raw.path)
    rejects = project.read("rejects", where={"import_id": row["import_id"]})
    own = _still_open(came.raw, rejects)
    if not len(own.frame):
        return _nothing_new(table, came.raw, row), None
    own = _as_first(own, row)
    said = [word.rpartition("=")[::2] for word in (row["mapping"].get("said") or {}).get("columns", ())]
    mapping = {theirs: ours for theirs, ours in said if theirs in own.header}
    admitted = admit(raw=own, columns=mapping, import_id=row["import_id"])
    with project.change("import_again", {"table": table, "file": raw.path.name}) as change:
        kept, left, told = _join(change, table, admitted, row, own.frame["source_row"])
    return _report(table, raw, row, admitted, kept, left, told), Still(own, admitted, row)


@dataclass(frozen=True)
class Still:
    """What is rejected still: the rows as they came back, and the import they are of."""

    raw: "RawTable"
    admitted: "Admitted"
    row: dict[str, Any]


def _import_of(project: Project, table: str, ids: frozenset[str], where: Path) -> dict[str, Any]:
    """Find the import that rows come back to."""
    rows = project.read("imports", where={"import_id": sorted(ids)})
    if rows.empty:
        raise InputError("again_no_import", where=str(where))
    if len(rows) > 1 or len(ids) > 1:
        raise InputError("again_several_imports", where=str(where), files=sorted(set(rows["file"])))
    row = {str(name): value for name, value in rows.iloc[0].to_dict().items()}
    if row["table"] != table:
        raise InputError("again_other_table", where=str(where), theirs=titled(str(row["table"])), given=titled(table))
    if table == storing.PLANNED:
        raise InputError("again_not_for_plans", where=str(where))
    return row


def _still_open(raw: "RawTable", rejects: pd.DataFrame) -> "RawTable":
    """Leave out rows that are not rejected any more."""
    waits = raw.frame["source_row"].isin(rejects["row"]).to_numpy(bool)
    shapes = None if raw.geometry is None else raw.geometry[waits]
    return replace(raw, frame=raw.frame[waits].reset_index(drop=True), geometry=shapes)


def _as_first(raw: "RawTable", row: dict[str, Any]) -> "RawTable":
    """Give a list of persons its columns back, empty: rows that come back hold no names, and count as persons still."""
    reduced = (row["mapping"].get("found") or {}).get("reduced")
    lost = [theirs for theirs in row["mapping"]["columns"] if theirs not in raw.header]
    if not reduced or not lost:
        return raw
    frame = raw.frame.assign(**dict.fromkeys(lost, ""))
    return replace(raw, header=(*raw.header, *lost), frame=frame)


def _join(
    change: Change, table: str, admitted: "Admitted", row: dict[str, Any], came: "pd.Series[Any]"
) -> tuple[int, int, list[Note]]:
    """Write the rows that pass now, and take them off the rejects; give how many passed and how many wait still."""
    session, import_id = change.session, str(row["import_id"])
    rows, told = storing.prepared(change, table, admitted.rows)
    stands = session.read(table, where={"import_id": import_id})
    double = _counted_already(stands, rows, admitted) if table == "residents" else np.zeros(len(rows), dtype=bool)
    session.append(table, rows.loc[~double, [name for name in TABLES[table].names if name in rows]])
    wrong = pd.concat([admitted.rejects, _doubles(rows[double])], ignore_index=True)
    kept = admitted.rows_in - len(wrong)
    opened = session.read("rejects", where={"import_id": import_id})
    mine = set(came)
    left = pd.concat([opened[~opened["row"].isin(mine)], wrong], ignore_index=True)
    session.replace("rejects", left.astype({"row": "int64"}), where={"import_id": import_id})
    mapping = dict(row["mapping"])
    if table in (*BASE_TABLES, "parts") and kept:
        base = mapping.get("base", [change.get("base_version") or "0"])[0]
        change.base_changed()
        mapping["base"] = [base, change.get("base_version")]
    counts = {"rows_kept": int(row["rows_kept"]) + kept, "rows_rejected": int(row["rows_rejected"]) - kept}
    session.upsert("imports", pd.DataFrame([{"import_id": import_id, **counts, "mapping": mapping}]))
    if table in forgetting.COUNTED:
        told += counting.recounted(change)
    return kept, len(left), told


def _counted_already(stands: pd.DataFrame, rows: pd.DataFrame, admitted: "Admitted") -> "npt.NDArray[np.bool_]":
    """Tell places that the list counted in another row: adding them up would be a guess; persons add up."""
    if admitted.found.get("reduced"):
        return np.zeros(len(rows), dtype=bool)
    known = set(zip(stands["place_kind"], stands["place_id"], stands["base"], strict=True))
    places = zip(rows["place_kind"], rows["place_id"], rows["base"], strict=True)
    return np.array([one in known for one in places], dtype=bool)


def _doubles(rows: pd.DataFrame) -> pd.DataFrame:
    told = {"import_id": rows["import_id"], "row": rows["source_row"], "reason_code": "place_again"}
    return pd.DataFrame({**told, "their_column": None, "raw": [{} for _ in range(len(rows))]})


def _report(
    table: str, raw: "RawTable", row: dict[str, Any], admitted: "Admitted", kept: int, left: int, told: list[Note]
) -> Report:
    figures = {
        "table": table,
        "import_id": row["import_id"],
        "again": True,
        "rows_in": raw.rows_in,
        "rows_kept": kept,
        "rows_rejected": admitted.rows_in - kept,
        "rows_known": raw.rows_in - admitted.rows_in,
        "reasons": admitted.reasons,
        "rejects": None,
        "of_import": {"rows_in": int(row["rows_in"]), "rows_kept": int(row["rows_kept"]) + kept, "rows_rejected": left},
    }
    done = note("again_done", file=str(row["file"]), rows=kept, rejected=figures["rows_rejected"], left=left)
    known = [note("again_known", count=figures["rows_known"])] if figures["rows_known"] else []
    persons = [note("again_persons")] if admitted.found.get("reduced") and kept else []
    said = [one for one in admitted.notes if one.key != worked_out.TABLED and _of_this_file(one, raw)]
    return Report(figures=figures, notes=[done, *known, *persons, *said, *told])


def _of_this_file(told: Note, raw: "RawTable") -> bool:
    """Tell whether a note on columns is about one that came back; the others were told when the list first came."""
    columns = told.facts.get("columns")
    return not isinstance(columns, list) or not set(raw.header).isdisjoint(columns)


def _nothing_new(table: str, raw: "RawTable", row: dict[str, Any]) -> Report:
    figures = {"table": table, "import_id": row["import_id"], "again": True, "known": True, "rows_in": raw.rows_in}
    figures |= {"rows_kept": 0, "rows_rejected": 0, "rows_known": raw.rows_in, "rejects": None}
    return Report(figures=figures, notes=[note("again_nothing_new", file=str(row["file"]), count=raw.rows_in)])

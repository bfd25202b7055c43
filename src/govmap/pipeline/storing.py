"""What passed the gate written into the project: new rows, changed rows, and what is to be known of the import."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from govmap.messages import Note, note
from govmap.pipeline import counting, duties, enclosing, forgetting, incidents, numbered, updating
from govmap.pipeline.aside import lay_aside, row_keys, take_out
from govmap.pipeline.attaching import ATTACHED, placed, places_for
from govmap.pipeline.updating import Changes
from govmap.project import BASE_TABLES, Change
from govmap.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from govmap.sources.files import RawTable
    from govmap.sources.gate import Admitted

PLANNED = "units"
WIDE, MOST_TOLD, HALF = ("compound", "unit", "community"), 3, 0.5


@dataclass(frozen=True, kw_only=True)
class Taking:
    """How a list is to be taken in, in the words of a face."""

    update: bool = False
    replace: bool = False
    look: bool = False
    again: bool = False
    keep_persons: bool = False


def store(
    change: Change, table: str, admitted: "Admitted", taking: Taking, *, record: "Mapping[str, Any]"
) -> tuple[Changes | None, list[Note]]:
    """
    Write the rows that passed and the row of the import; the same list read otherwise takes the place of the former.

    Parameters
    ----------
    record
        What is to be kept of the import beside its counts: file, sha256, mapping.
    """
    session = change.session
    for row in session.read("imports", where={"import_id": admitted.import_id}).to_dict("records"):
        forgetting.undone(change, {str(name): value for name, value in row.items()})
    base = change.get("base_version") or "0"
    found: Changes | None = None
    told: list[Note] = []
    if table != PLANNED:
        rows, told = prepared(change, table, admitted.rows)
        told += overlapping(session, rows, admitted.import_id) if table == "communities" and not taking.update else []
        found = changes_of(session, table, rows, admitted) if taking.update else None
        told += doubled(session, rows, admitted) if table == "residents" and found is None else []
        _append(session, table, rows) if found is None else _write_changes(change, admitted, found, taking)
        told += enclosing.take_in(change, rows, found) if found is not None and numbered.is_form(admitted) else []
    if table in (*BASE_TABLES, "parts"):
        change.base_changed()
        record = {**record, "mapping": {**record["mapping"], "base": [base, change.get("base_version")]}}
    _record(change, table, admitted, record)
    if table in forgetting.COUNTED:
        told += counting.recounted(change)
    told += duties.take_in(change, table, admitted, record["mapping"].get("plan"))
    return found, told


def prepared(change: Change, table: str, rows: pd.DataFrame) -> tuple[pd.DataFrame, list[Note]]:
    """Say where rows belong; bring incidents into the project's form."""
    if table not in ATTACHED:
        return rows, []
    places = places_for(change.session, rows, table)
    found = placed(rows, table, places)
    left = [] if places["cells"].empty else unplaced(found, table)  # before there is ground, nothing has a place yet
    if table != "incidents":
        return found, left
    found, told = incidents.take_in(change, found, places["cells"])
    told += left
    return found, [*told, *incidents.repeats(change.session, found, found.get("text"))]


def unplaced(found: pd.DataFrame, table: str) -> list[Note]:
    """Say of how many rows the place is not known here, and why; which places, where that names no person's home."""
    rows = found[found["reason"].notna()]
    if "sensitive" in rows:
        rows = rows[~rows["sensitive"].astype("boolean").fillna(value=False).to_numpy(bool)]
    if rows.empty:
        return []
    counts = rows["reason"].value_counts(sort=False).sort_index()
    reasons = [
        note("import_unplaced_reason", reason=note(f"attach_reason_{why}"), count=int(n)) for why, n in counts.items()
    ]
    wide = rows[rows["place_kind"].isin(WIDE)]["place_id"] if table == "residents" else rows.get("name")
    first = [] if wide is None else [str(one) for one in dict.fromkeys(wide.dropna())][:MOST_TOLD]
    told = note("import_unplaced_such", places=first) if first else None
    return [note("import_unplaced", count=len(rows), of=len(found), reasons=reasons, such=told)]


def overlapping(session: Any, rows: pd.DataFrame, import_id: str) -> list[Note]:
    """Say which boundaries of a list lie over communities that stand already: one of the two is too many."""
    stands = session.read("communities")
    stands = stands[stands["geometry"].notna() & (stands["import_id"] != import_id)]
    fresh = rows[rows["geometry"].notna()]
    if stands.empty or fresh.empty:
        return []
    tree = shapely.STRtree(stands["geometry"].to_numpy(object))
    one, other = tree.query(fresh["geometry"].to_numpy(object), predicate="intersects")
    mine, theirs = fresh["geometry"].to_numpy(object)[one], stands["geometry"].to_numpy(object)[other]
    smaller = np.minimum(shapely.area(mine), shapely.area(theirs))
    over = shapely.area(shapely.intersection(mine, theirs)) > HALF * smaller
    called = stands["name"].fillna(stands["community_id"]).to_numpy(object)[other[over]]
    return [note("import_communities_overlap", names=sorted({str(one) for one in called}))] if over.any() else []


def changes_of(session: Any, table: str, rows: pd.DataFrame, admitted: "Admitted") -> Changes:
    """Compare a newer list with what stands in the project."""
    return updating.changes(table, session.read(table), rows, admitted)


def doubled(session: Any, rows: pd.DataFrame, admitted: "Admitted") -> list[Note]:
    """Say where a list of residents counts places that another list has counted: they would count twice."""
    from govmap.sources.persons import COUNTS

    count = updating.already_counted(session.read("residents"), rows, COUNTS)
    if not count or admitted.found.get("reduced"):
        return []
    return [note("import_counted_twice", count=count, of=len(rows))]


def keep_persons(change: Change, file: Any, raw: "RawTable", admitted: "Admitted") -> list[Note]:
    """Keep the persons of a list by name, in their own file; the project knows only that it was done, and how many."""
    from govmap.sources import persons

    if not admitted.found.get("reduced"):
        return [note("persons_none")]
    kept = raw.frame.loc[~raw.frame["source_row"].isin(admitted.rejects["row"]), "source_row"]
    named = persons.by_name(raw, admitted.columns, kept)
    named["place_id"] = named["source_row"].map(dict(admitted.places)).astype(object)
    count = file.replace(admitted.import_id, named)
    change.written["persons"] = count
    told = "persons_kept" if file.owner_only else "persons_kept_open"
    return [note(told, count=count, file=file.path.name), note("persons_law")]


def _append(session: Any, table: str, rows: pd.DataFrame) -> None:
    session.append(table, rows[[name for name in TABLES[table].names if name in rows]])


def _write_changes(change: Change, admitted: "Admitted", found: Changes, taking: Taking) -> None:
    """Lay aside what changes, then write it; rows that are no more in the list go only where that was asked for."""
    session, table = change.session, found.table
    changed, before = found.changed, found.before
    if table == "incidents" and len(changed):
        changed = incidents.with_moves(change, before, changed)
        before = incidents.wiped(before.assign(sensitive=changed["sensitive"].to_numpy()))
    # A row that was rejected now stands in the list all the same: nothing goes while there are any.
    gone = found.vanished if taking.replace and not admitted.rows_rejected else found.vanished.iloc[:0]
    former = before if gone.empty else pd.concat([before, gone], ignore_index=True)
    lay_aside(change, admitted.import_id, table, former)
    if len(former):
        take_out(change, table, row_keys(former, table))
    for rows in (changed, found.added):
        if len(rows):
            _append(session, table, rows)


def _record(change: Change, table: str, admitted: "Admitted", record: "Mapping[str, Any]") -> None:
    row = {"import_id": admitted.import_id, "table": table, **record, "rows_in": admitted.rows_in}
    row |= {"rows_kept": admitted.rows_kept, "rows_rejected": admitted.rows_rejected, "at": change.at}
    # Two lists may come in within one second: what came later is told by the turn.
    before = change.session.read("imports", columns=["import_id", "turn"])["turn"].dropna()
    row["turn"] = 1 + int(before.max()) if len(before) else 1
    change.session.append("imports", pd.DataFrame([row]))
    change.session.append("rejects", admitted.rejects)

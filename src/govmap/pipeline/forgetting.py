"""Imports taken back, and registers forgotten: out of every table, file and free page of the project.

To take an import back is for a mistake of yesterday: everything is as if it had never come. To forget is for good: what
was learnt from the register goes too, and the file is written anew so that nothing of it is left in its free space.
"""

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from govmap import addresses
from govmap.config import Config
from govmap.errors import InputError
from govmap.messages import Note, note
from govmap.pipeline import counting, duties, enclosing, photos, twins
from govmap.pipeline.aside import ASIDE, laid_aside, row_keys, take_out
from govmap.pipeline.division import ensure_cells
from govmap.pipeline.report import Progress, Report, quiet, titled
from govmap.project import BASE_TABLES, Change, Project

LAST, REJECTS = "last", ".rejects."
COUNTED = ("residents", "buildings", "parts")
OF_INCIDENTS = ("rates", "spots", "answered", "months", "recurring")
# What the next attach writes anew.
BESIDE = dict.fromkeys(("residents", "incidents"), ("choices.xlsx",)) | {"resources": ("choices.xlsx", "repeats.xlsx")}
WORDS_OF = {"residents": "place_id", "resources": "address", "incidents": "address"}


def imports(project: Project) -> Report:
    """List what was taken in: which file into which table, when, and how many rows."""
    rows = project.read("imports").sort_values(["turn", "import_id"], ignore_index=True)
    listed = [
        {
            "import_id": row["import_id"], "table": row["table"], "file": row["file"], "at": row["at"].isoformat(),
            "rows_in": row["rows_in"], "rows_kept": row["rows_kept"], "rows_rejected": row["rows_rejected"],
        }
        for row in rows.to_dict("records")
    ]  # fmt: skip
    shown = [
        note("imports_line", **{**one, "table": titled(one["table"]), "at": one["at"][:16].replace("T", " ")})
        for one in listed
    ]
    return Report(figures={"imports": listed}, shown=shown or [note("imports_none")])


def take_back(project: Project, which: str, *, config: Config, progress: Progress = quiet) -> Report:
    """
    Take one import back: rows it brought go, rows it changed are as they were, counts are made anew.

    Parameters
    ----------
    which
        `last`, the number of an import, or the name of its file.

    Raises
    ------
    InputError
        There is no such import, several files had that name, or a later import builds upon it.
    """
    row = _one(project.read("imports"), which)
    table, file = str(row["table"]), str(row["file"])
    with project.change("import_undo", {"table": table, "import_id": row["import_id"]}) as change:
        gone = undone(change, row)
        settle(change, [table])
    if table == "residents":
        project.persons.remove([str(row["import_id"])])
    if table in (*BASE_TABLES, "parts") and project.edition:
        ensure_cells(project, None, config=config, progress=progress)
    files = [path.name for path in _files_out(project.path, [row["mapping"]])]
    figures = {"import_id": row["import_id"], "table": table, "file": file, "rows_taken_back": gone}
    told = [note("imports_taken_back", table=titled(table), file=file, rows=gone)]
    told += [note("forget_files", files=files)] if files else []
    return Report(figures={**figures, "files_removed": files}, notes=told)


def undone(change: Change, row: dict[str, Any]) -> int:
    """
    Take out what an import brought and put back what it changed, inside a change; say how many rows it had brought.

    Raises
    ------
    InputError
        A later import changed rows of this one, or its plan was edited since.
    """
    session, import_id, table = change.session, str(row["import_id"]), str(row["table"])
    _refuse_built_upon(session, import_id, table)
    duties.taken_out(change, import_id)
    if table == "units":
        gone = _plan_taken_back(change, row)
    else:
        before = laid_aside(change, import_id, table)
        brought = session.read(table, where={"import_id": import_id})
        gone = len(brought)
        _log_out(session, table, brought, before)
        session.delete(table, where={"import_id": import_id})
        if len(before):
            take_out(change, table, row_keys(before, table))
            session.append(table, before)
        if table == "buildings":
            enclosing.put_back(change, import_id)
        _base_back(change, row)
    if table in duties.TELLING:
        duties.put_back(change, import_id)
    for name in (ASIDE, "rejects", "imports"):
        session.delete(name, where={"import_id": import_id})
    return gone


def settle(change: Change, tables: Collection[str]) -> list[Note]:
    """Make anew what was counted from registers that have changed."""
    told = list(counting.recounted(change)) if set(tables) & set(COUNTED) else []
    told += duties.settle(change) if set(tables) & set(duties.TELLING) else []
    if "resources" in tables:
        twins.look(change.session)
    counting.tallied_again(change)
    for name in OF_INCIDENTS if "incidents" in tables else ():
        change.session.delete(name)  # what was made of reports that may be gone
    return told


def forget(project: Project, table: str, import_id: str | None = None, *, progress: Progress = quiet) -> Report:
    """
    Remove a register everywhere and for good: rows, counts made of them, rejects, what was learnt, files beside.

    Parameters
    ----------
    import_id
        Only what this import brought; without it every list that was taken into the table.

    Raises
    ------
    InputError
        No list was taken into the table, or the import is none of its.
    """
    every = project.read("imports", where={"table": table})
    rows = every if import_id is None else every[every["import_id"] == import_id]
    left = _workers_left(project, table) or _found_by_hand(project, table)
    if rows.empty and not (table == "residents" and project.persons.exists()) and not left:
        known = [titled(one) for one in sorted(set(project.read("imports")["table"]))]
        raise InputError("forget_nothing", table=titled(table), known=known)
    progress("progress_forget", 0.0)
    with project.change("forget", {"table": table}) as change:
        gone = sum(undone(change, row) for row in _latest_first(change.session, rows))
        gone += duties.forgotten(change) if table == "workers" and import_id is None else 0
        gone += photos.forgotten(change) if table == "workers" else 0
        gone += _by_hand_out(change.session, table) if import_id is None else 0
        learnt = _unlearn(change.session, table)
        _scrub_audit(change.session, table, set(rows["file"]))
        told = settle(change, [table])
    persons = project.persons.remove(list(rows["import_id"]) if import_id else None) if table == "residents" else 0
    files = _files_out(project.path, rows["mapping"], beside=BESIDE.get(table, ()))
    files += _naming_workers(project) if table == "workers" and import_id is None else []
    whole = project.store.compact()
    progress("progress_forget", 1.0)
    figures = {"table": table, "rows": gone, "imports": len(rows), "aliases": learnt, "persons": persons}
    figures |= {"files_removed": [file.name for file in files], "rewritten": whole}
    report = Report(figures=figures, notes=[note("forget_done", table=titled(table), rows=gone, imports=len(rows))])
    report.notes += [note("forget_aliases", count=learnt)] if learnt else []
    report.notes += [note("forget_persons", count=persons)] if persons else []
    report.notes += [note("forget_files", files=[file.name for file in files])] if files else []
    report.notes += [*told, note("forget_originals", files=sorted(set(rows["file"])))]
    report.warnings = [] if whole else [note("forget_not_rewritten")]
    return report


# which import --------------------------------------------------------------------------------------------------------
def _one(rows: pd.DataFrame, which: str) -> dict[str, Any]:
    """Find the import that is meant."""
    ordered = rows.sort_values(["turn", "import_id"])
    found = ordered.tail(1) if which == LAST else ordered[ordered["import_id"] == which]
    if found.empty:
        found = ordered[ordered["file"] == Path(which).name]
    if found.empty:
        raise InputError("imports_unknown", which=which, known=list(ordered["file"].tail(5)))
    if len(found) > 1:
        raise InputError("imports_several", which=which, known=list(found["import_id"]))
    return {str(name): value for name, value in found.iloc[0].to_dict().items()}


def _latest_first(session: Any, rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Order imports so that none is taken back before those that changed its rows."""
    left = {row["import_id"]: row for row in rows.sort_values(["turn", "import_id"]).to_dict("records")}
    upon = built_upon(session)
    ordered: list[dict[str, Any]] = []
    while left:
        free = [one for one in left if not (upon.get(one, set()) & set(left))]
        one = (free or list(left))[-1]
        ordered.append({str(name): value for name, value in left.pop(one).items()})
    return ordered


def built_upon(session: Any) -> dict[str, set[str]]:
    """Say which imports changed rows of which: an import -> those built upon it."""
    found: dict[str, set[str]] = {}
    rows = session.read(ASIDE, columns=["import_id", "row"])
    for later, row in zip(rows["import_id"], rows["row"], strict=True):
        if row.get("import_id"):
            found.setdefault(str(row["import_id"]), set()).add(str(later))
    return found


def _refuse_built_upon(session: Any, import_id: str, table: str) -> None:
    later = sorted(built_upon(session).get(import_id, ()))
    if later:
        names = session.read("imports", where={"import_id": later})["file"]
        raise InputError("imports_built_upon", table=titled(table), files=sorted(set(names)))


# what else an import left ---------------------------------------------------------------------------------------------
def _log_out(session: Any, table: str, brought: pd.DataFrame, before: pd.DataFrame) -> None:
    """Take out what was written of incidents that are no more."""
    if table == "incidents" and len(brought):
        gone = sorted(set(brought["incident_id"]) - set(before["incident_id"]))
        for name, column in (("incident_log", "incident_id"), ("repeats", "incident_id"), ("repeats", "duplicate_of")):
            session.delete(name, where={column: gone})


def _base_back(change: Change, row: dict[str, Any]) -> None:
    """Say that the ground is as it was before the import, or where cells were made since, that it changed again."""
    base = (row["mapping"] or {}).get("base")
    if base is None:
        return
    if (change.get("base_version"), change.get("cells_base")) == (base[1], base[0]):
        change.set("base_version", base[0])
    else:
        change.base_changed()


def _plan_taken_back(change: Change, row: dict[str, Any]) -> int:
    """Take out the plan that a former division came in as, unless somebody has worked on it since."""
    session, made = change.session, (row["mapping"] or {}).get("plan") or {}
    plan_id = made.get("plan_id")
    plans = session.read("plans")
    mine = plans[plans["plan_id"] == plan_id]
    if mine.empty or made.get("known"):
        return 0
    revisions = session.read("revisions", where={"plan_id": plan_id})
    draft = mine["status"].iloc[0] == "draft"
    if len(revisions) > 1 or not draft or (plans["base_plan_id"] == plan_id).any():
        raise InputError("imports_plan_in_use", plan=plan_id)
    session.delete("revision_parts", where={"revision_id": list(revisions["revision_id"])})
    said = ("agreements", "objections", "comments")
    drawn = ("revisions", "unit_lineage", "units", "plan_parts", "tallies", "duties", "plans")
    for name in (*drawn, *said, *OF_INCIDENTS[:3]):
        session.delete(name, where={"plan_id": plan_id})
    if change.get("active_plan_id") == plan_id:
        _active_back(change, made.get("before"), plans)
    return int(row["rows_kept"])


def _active_back(change: Change, before: str | None, plans: pd.DataFrame) -> None:
    """Make the plan active that was so before, where it still stands."""
    if before is not None and (plans["plan_id"] == before).any():
        change.set("active_plan_id", before)
    else:
        change.unset("active_plan_id")


def _workers_left(project: Project, table: str) -> bool:
    """Tell whether lists of units have named workers, who are to be forgotten too."""
    return table == "workers" and len(project.read("workers", columns=["worker_id"])) > 0


def _found_by_hand(project: Project, table: str) -> bool:
    """Tell whether incidents stand here that no list brought: somebody wrote them down at the desk."""
    if table != "incidents":
        return False
    return bool(project.read(table, columns=["incident_id", "import_id"])["import_id"].isna().any())


def _by_hand_out(session: Any, table: str) -> int:
    if table != "incidents":
        return 0
    rows = session.read(table)
    brought = rows[rows["import_id"].isna()]
    _log_out(session, table, brought, rows.iloc[:0])
    return int(session.delete(table, where={"incident_id": list(brought["incident_id"])})) if len(brought) else 0


def _naming_workers(project: Project) -> list[Path]:
    """Delete the files of rejected rows of lists of units: people who answer are named in them too."""
    units = project.read("imports", where={"table": "units"})
    named = [[name for name in (mapping or {}).get("files", []) if REJECTS in name] for mapping in units["mapping"]]
    return _files_out(project.path, [{"files": names} for names in named])


def _unlearn(session: Any, table: str) -> int:
    """Take out choices that were made for words of this register and of no other."""
    if table not in WORDS_OF:
        return 0
    spoken: set[str] = set()
    for name, column in WORDS_OF.items():
        words = session.read(name, columns=[column])[column].dropna()
        spoken |= {form for text in words for form in (text, addresses.normalise(text))}
    texts = session.read("aliases", columns=["text"])["text"]
    gone = [text for text in texts if text not in spoken and addresses.normalise(text) not in spoken]
    return session.delete("aliases", where={"text": gone}) if gone else 0


def _scrub_audit(session: Any, table: str, files: set[str]) -> None:
    """Leave in the audit that lists came in, and by whom, but not what they were called."""
    rows = session.read("audit", where={"command": ["import", "import_again", "attach", "choices"]})
    if rows.empty:
        return
    told = [row or {} for row in rows["arguments"]]
    hit = [row.get("table") == table and row.get("file") in files for row in told]
    fresh = pd.Series([{name: value for name, value in row.items() if name != "file"} for row in told], dtype=object)
    changed = rows.assign(arguments=fresh)[hit]
    if len(changed):
        session.upsert("audit", changed)


def _files_out(project: Path, mappings: Iterable[Any], *, beside: Collection[str] = ()) -> list[Path]:
    """Delete the files that imports wrote beside the project; the user's own list is not ours to delete."""
    names = {name for mapping in mappings for name in (mapping or {}).get("files", [])}
    names |= {f"{project.stem}.{name}" for name in beside}
    found = [project.with_name(name) for name in sorted(names) if Path(name).name == name]
    there = [file for file in found if file.is_file()]
    for file in there:
        file.unlink()
    return there

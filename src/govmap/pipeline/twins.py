"""Resources that stand there twice, in a list and on the map: suggested, decided in a workbook, counted once.

The workbook lies beside the project while anything is open; given back by `import PROJECT repeats FILE` its yes and no
are remembered. What was decided can be changed the same way: it stands in the workbook with its answer.
"""

from pathlib import Path
from typing import Any

import pandas as pd

from govmap import catalog, govern
from govmap.govern.duplicates import OPEN
from govmap.messages import Note, Voice, note
from govmap.pipeline import counting, repeats
from govmap.pipeline.repeats import OTHER, SAME
from govmap.pipeline.report import Report
from govmap.project import Project
from govmap.schema import TABLES

TABLE, PAIRS = "repeats", "twins"
COMPARED = ["resource_id", "category", "name", "import_id", "geometry"]
FIELDS = ("choice", "name", "of", "category", "address", "of_address", "metres", "id", "of_id")
MOST_COMPARED = 200_000


def look(session: Any) -> list[Note]:
    """Look for repeats among the resources as they lie now, keep what was decided, and mark what counts once."""
    if session.count("resources") > MOST_COMPARED:
        return []
    rows = session.read("resources", columns=[*COMPARED, "duplicate_of"])
    there = set(rows["resource_id"])
    known = session.read(PAIRS)
    decided = known[(known["state"] != OPEN) & known["resource_id"].isin(there) & known["duplicate_of"].isin(there)]
    fresh = govern.suggest_twins(rows)
    fresh = fresh[~fresh["resource_id"].isin(decided["resource_id"])].assign(state=OPEN, by=None, at=None)
    frames = [frame[TABLES[PAIRS].names].astype(object) for frame in (decided, fresh) if len(frame)]
    session.delete(PAIRS)
    if frames:
        every = pd.concat(frames, ignore_index=True)
        session.append(PAIRS, every.assign(at=pd.to_datetime(every["at"], utc=True)))
    _mark(session, rows, decided)
    return [note("twins_found", count=len(fresh))] if len(fresh) else []


def _mark(session: Any, rows: pd.DataFrame, decided: pd.DataFrame) -> None:
    """Write which resources repeat another, where that has changed."""
    same = decided[decided["state"] == SAME]
    links = dict(zip(same["resource_id"], same["duplicate_of"], strict=True))
    now = rows["resource_id"].map(links).astype(object)
    now = now.where(now.notna(), None)
    changed = [a != b for a, b in zip(now, rows["duplicate_of"].where(rows["duplicate_of"].notna(), None), strict=True)]
    if any(changed):
        session.upsert("resources", pd.DataFrame({"resource_id": rows["resource_id"], "duplicate_of": now})[changed])


def write(project: Project, voice: Voice) -> list[Path]:
    """Write the list beside the project, where something is open."""
    from govmap.exports import listing
    from govmap.exports.files import write_whole

    pairs = project.read(PAIRS)
    if not (pairs["state"] == OPEN).any():
        return []
    rows = _told(project, pairs, voice)
    columns = tuple(listing.Column(name, voice.say(f"twin_head_{name}")) for name in FIELDS)
    path = project.path.with_name(f"{project.path.stem}.repeats.xlsx")
    sheet = voice.say("twin_sheet")
    lines = (voice.say("twin_lines", file=path.name),)
    write_whole(path, listing.workbook([listing.Listing(sheet, sheet, lines, columns, rows)]))
    return [path]


def _told(project: Project, pairs: pd.DataFrame, voice: Voice) -> pd.DataFrame:
    """Give the pairs with what a person needs to decide, the open ones first."""
    facts = project.read("resources", columns=["resource_id", "category", "name", "address"]).set_index("resource_id")
    one, of = facts.reindex(pairs["resource_id"]), facts.reindex(pairs["duplicate_of"])
    titles = {name: layer["layer"]["title"][voice.language] for name, layer in catalog.layers("resources").items()}
    answers = {SAME: voice.say("twin_yes"), OTHER: voice.say("twin_no")}
    rows = {
        "choice": pairs["state"].map(answers).to_numpy(object),
        "name": one["name"].to_numpy(), "of": of["name"].to_numpy(),
        "category": one["category"].map(titles).fillna(one["category"]).to_numpy(),
        "address": one["address"].to_numpy(), "of_address": of["address"].to_numpy(),
        "metres": pairs["distance_m"].round().astype("Int64").to_numpy(), "id": pairs["resource_id"].to_numpy(),
        "of_id": pairs["duplicate_of"].to_numpy(), "open": (pairs["state"] == OPEN).to_numpy(),
        "score": pairs["score"].to_numpy(),
    }  # fmt: skip
    frame = pd.DataFrame(rows).sort_values(["open", "score", "id"], ascending=[False, False, True], ignore_index=True)
    return frame.drop(columns=["open", "score"])


def take_in(project: Project, file: Path) -> Report:
    """
    Take in a list with yes or no in its first column.

    Raises
    ------
    InputError
        The file is not such a list, or a cell is neither yes nor no.
    """
    said = repeats.chosen(file, "twin_head_", FIELDS)
    with project.change("import", {"table": TABLE, "file": file.name}) as change:
        session = change.session
        known = session.read(PAIRS).set_index("resource_id")
        mine = said[said["id"].isin(known.index)]
        mine = mine[mine["of_id"].to_numpy() == known["duplicate_of"].reindex(mine["id"]).to_numpy()]
        if len(mine):
            rows = {"resource_id": mine["id"], "state": mine["choice"], "by": change.author}
            session.upsert(PAIRS, pd.DataFrame(rows).assign(at=pd.Timestamp(change.at)))
        look(session)
        counting.tallied_again(change)
        left = session.count(PAIRS, where={"state": OPEN})
    count = {name: int((mine["choice"] == name).sum()) for name in (SAME, OTHER)}
    figures = {"table": TABLE, "rows_in": len(said), "rows_kept": len(mine), "rows_rejected": len(said) - len(mine)}
    reasons = {"twin_unknown": len(said) - len(mine)} if len(said) > len(mine) else {}
    report = Report(figures={**figures, "reasons": reasons, "rejects": None, "same": count[SAME], "open": left})
    report.notes = [note("twins_taken", accepted=count[SAME], refused=count[OTHER], open=left)]
    return report

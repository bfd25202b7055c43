"""Possible repeats among incidents: found, written as a list for choosing, and what was chosen taken in."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from govmap import govern
from govmap.errors import GovmapError, InputError
from govmap.govern.duplicates import OPEN
from govmap.govern.stages import plain
from govmap.messages import LANGUAGES, Note, Voice, note
from govmap.pipeline import counting
from govmap.pipeline.incidents import COMPARED, PAIRS, keep_pairs, rules_of
from govmap.pipeline.report import Report
from govmap.project import Change, Project

FIELDS = (
    "choice", "number", "of", "category", "at", "of_at", "address", "of_address", "score", "why", "id", "of_id",
)  # fmt: skip
SAME, OTHER = "same", "other"


def find(project: Project, output: Path | None = None, *, voice: Voice) -> Report:
    """
    Look through all incidents for possible repeats, keep what is found, and write it as a list for choosing.

    What was decided before is not asked again.

    Raises
    ------
    InputError
        The file's ending is not .xlsx, or it cannot be written.
    """
    from govmap.exports import listing
    from govmap.exports.files import write_whole

    if output is not None and output.suffix.lower() != ".xlsx":
        raise InputError("template_not_xlsx", where=str(output))
    with project.change("incident repeats") as change:
        incidents = change.session.read("incidents", columns=COMPARED)
        told = keep_pairs(change.session, govern.suggest(incidents), among=set(incidents["incident_id"]))
        rows = _told(change, voice)
        zone = rules_of(change.get).zone
    figures = {"repeats": len(rows), "listed": rows.drop(columns="choice").to_dict("records")}
    if rows.empty:
        return Report(figures=figures, notes=[note("repeat_none")])
    if output is None:
        return Report(figures=figures, notes=told)
    for name in ("at", "of_at"):
        rows[name] = rows[name].dt.tz_convert(zone).dt.strftime("%Y-%m-%d %H:%M")
    columns = tuple(listing.Column(name, voice.say(f"repeat_head_{name}")) for name in FIELDS)
    sheet = voice.say("repeat_sheet")
    write_whole(output, listing.workbook([listing.Listing(sheet, sheet, (), columns, rows)]))
    return Report(figures=figures, files=[output], notes=[note("repeat_written", count=len(rows), file=output.name)])


def decide(project: Project, file: Path) -> Report:
    """
    Take in a list with yes or no in its first column: yes is stored as `duplicate_of`, no is not asked again.

    Raises
    ------
    InputError
        The file is not such a list, or a cell is neither yes nor no.
    """
    said = chosen(file, "repeat_head_", FIELDS)
    with project.change("incident repeats", {"file": file.name}) as change:
        session = change.session
        known = session.read("incidents", columns=["incident_id", "duplicate_of"])
        links = dict(zip(known["incident_id"], known["duplicate_of"], strict=True))
        yes: dict[str, str] = dict(said.loc[said["choice"] == SAME, ["id", "of_id"]].itertuples(index=False))
        kept = govern.settled(yes, links)
        if kept:
            rows = {"incident_id": list(kept), "duplicate_of": list(kept.values())}
            session.upsert("incidents", pd.DataFrame(rows, dtype=object))
            counting.tallied_again(change)
        refused = said[(said["choice"] == OTHER) & said["id"].isin(set(links))]
        left = _remember(change, kept, refused)
    figures = {"accepted": len(kept), "refused": len(refused), "open": left, "left_out": len(yes) - len(kept)}
    report = Report(figures=figures)
    report.notes = [note("repeat_taken", accepted=len(kept), refused=len(refused), open=left)]
    if figures["left_out"]:
        report.warnings = [note("repeat_loop", count=figures["left_out"])]
    return report


def _remember(change: Change, kept: dict[str, str], refused: pd.DataFrame) -> int:
    """Write down what was decided and by whom; say how many suggestions are still open."""
    decided = [(one, of, SAME) for one, of in kept.items()]
    decided += [(one, of, OTHER) for one, of in zip(refused["id"], refused["of_id"], strict=True)]
    if decided:
        rows = pd.DataFrame(decided, columns=["incident_id", "duplicate_of", "state"], dtype=object)
        change.session.upsert(PAIRS, rows.assign(by=change.author, at=pd.Timestamp(change.at)))
    return change.session.count(PAIRS, where={"state": OPEN})


def _told(change: Change, voice: Voice) -> pd.DataFrame:
    """Give the open suggestions with what a person needs to decide."""
    pairs = change.session.read(PAIRS, where={"state": OPEN})
    names = ["incident_id", "external_no", "category", "reported_at", "address"]
    facts = change.session.read("incidents", columns=names).set_index("incident_id")
    one, of = facts.reindex(pairs["incident_id"]), facts.reindex(pairs["duplicate_of"])
    number, of_number = (
        frame["external_no"].where(frame["external_no"].notna(), frame.index.to_series()) for frame in (one, of)
    )
    rows = {
        "choice": None, "number": number.to_numpy(), "of": of_number.to_numpy(), "category": one["category"].to_numpy(),
        "at": one["reported_at"].array, "of_at": of["reported_at"].array, "address": one["address"].to_numpy(),
        "of_address": of["address"].to_numpy(), "score": pairs["score"].to_numpy(),
        "why": [voice.tell(_why(row)) for row in pairs.to_dict("records")],
        "id": pairs["incident_id"].to_numpy(), "of_id": pairs["duplicate_of"].to_numpy(),
    }  # fmt: skip
    frame = pd.DataFrame(rows)
    return frame.sort_values(["score", "id"], ascending=[False, True], ignore_index=True)


def _why(row: dict[Any, Any]) -> Note:
    facts = {"metres": round(row["distance_m"]), "hours": f"{row['hours']:g}"}
    if row["likeness"] is None or pd.isna(row["likeness"]):
        return note("repeat_why_place", **facts)
    return note("repeat_why_words", likeness=round(100 * row["likeness"]), **facts)


def chosen(file: Path, heads_of: str, fields: Sequence[str]) -> pd.DataFrame:
    """
    Read the ids and choices of a list, in either language: `id`, `of_id`, `choice` (`same` or `other`), where chosen.

    Parameters
    ----------
    heads_of, fields
        What the keys of its headers begin with, and the columns that it has.

    Raises
    ------
    InputError
        The file is not such a list, or a cell is neither yes nor no.
    """
    from govmap.sources import files, values

    try:
        raw = files.rows(file)
    except GovmapError as error:
        raise InputError("repeat_bad_file", where=str(file)) from error
    heads = {plain(Voice(one).say(f"{heads_of}{name}")): name for name in fields for one in LANGUAGES}
    names = {theirs: heads[plain(theirs)] for theirs in raw.header if plain(theirs) in heads}
    if not {"choice", "id", "of_id"} <= set(names.values()):
        raise InputError("repeat_bad_file", where=str(file))
    cells = raw.frame[list(names)].rename(columns=names)
    flags = values.flags(cells["choice"])
    if flags.bad.any():
        row = int(flags.bad.argmax())
        given, at = str(cells["choice"].iloc[row]), int(raw.frame["source_row"].iloc[row])
        raise InputError("repeat_bad_choice", where=str(file), row=at, given=given)
    choice = flags.values.map({True: SAME, False: OTHER})
    return cells[["id", "of_id"]].assign(choice=choice)[choice.notna().to_numpy()]

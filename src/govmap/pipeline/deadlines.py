"""The table of deadlines and the days off of a project: shown, written as a workbook to be changed, and taken in."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from govmap import govern
from govmap.errors import GovmapError, InputError
from govmap.govern.deadlines import MEASURES, NAMED
from govmap.govern.deadlines import table as read_table
from govmap.govern.stages import plain
from govmap.messages import LANGUAGES, Note, Voice, note
from govmap.pipeline.incidents import BY_TABLE, Rules, rules_of
from govmap.pipeline.report import Report
from govmap.project import Change, Project

if TYPE_CHECKING:
    from govmap.sources.files import RawTable

FIELDS = (*NAMED, *MEASURES, "source")
DAYS = ("day", "state")
APART = "、"
OFF, WORKED = "off", "worked"
HEADER_WITHIN = 5


def show(project: Project) -> Report:
    """Show the table as it is: which incidents have how long."""
    rules = rules_of(project.fact)
    rows = [_row(one) for one in rules.deadlines]
    shown = [note("lifecycle_other", title=rules.lifecycle.title, name=rules.lifecycle.name)]
    shown += [note("deadline_shown", what=_what(one), amount=_amount(one)) for one in rules.deadlines]
    return Report(figures={"lifecycle": rules.lifecycle.name, "deadlines": rows}, shown=shown)


def write(project: Project, output: Path, *, voice: Voice) -> Report:
    """
    Write the table and the days off as a workbook of two sheets, to be changed and given back.

    Raises
    ------
    InputError
        The file's ending is not .xlsx, or it cannot be written.
    """
    from govmap.exports import listing
    from govmap.exports.files import write_whole

    if output.suffix.lower() != ".xlsx":
        raise InputError("template_not_xlsx", where=str(output))
    rules = rules_of(project.fact)
    rows = pd.DataFrame([_row(one) for one in rules.deadlines], columns=list(FIELDS), dtype=object)
    for name in NAMED:
        rows[name] = rows[name].map(lambda words: APART.join(words) if isinstance(words, list) else None)
    sheets = [
        _sheet("deadline_sheet", FIELDS, rows, voice),
        _sheet("deadline_sheet_days", DAYS, _days(rules.workdays, voice), voice),
    ]
    write_whole(output, listing.workbook(sheets))
    told = note("deadline_written", count=len(rows), file=output.name)
    return Report(figures={"deadlines": len(rows)}, files=[output], notes=[told])


def take_in(project: Project, file: Path) -> Report:
    """
    Take the office's own table over, and give incidents whose deadline came from the table their new one.

    A workbook as `write` gives it (the sheet of days off may be missing), a list of one sheet, or TOML with
    `[[deadlines]]` and `[days]`.

    Raises
    ------
    InputError
        The file is no such table; a row gives no period, several or one that cannot be meant; a day is none.
    """
    rows, days = _toml(file) if file.suffix.lower() == ".toml" else _listed(file)
    try:
        known = read_table(rows)
    except InputError as error:
        raise _at(error, file) from None
    if not known:
        raise InputError("deadline_bad_column", where=str(file))
    with project.change("incident deadlines", {"file": file.name}) as change:
        cycle = rules_of(change.get).lifecycle
        govern.Workdays.load(change.get("profile") or "generic", off=days[OFF], worked=days[WORKED])
        change.set(f"deadlines/{cycle.name}", json.dumps([_row(one) for one in known], ensure_ascii=False))
        if any(days.values()):
            change.set("days_off", json.dumps(days, ensure_ascii=False))
        changed = _dated_anew(change, rules_of(change.get))
    count = sum(len(one) for one in days.values())
    told = note("deadline_taken", count=len(known), days=count, changed=changed)
    return Report(figures={"deadlines": len(known), "days": count, "changed": changed}, notes=[told])


def _dated_anew(change: Change, rules: Rules) -> int:
    """Give incidents whose deadline came from the table the one of the new table; say how many changed."""
    names = ["incident_id", "kind", "category", "severity", "reported_at", "due_at", "due_by"]
    rows = change.session.read("incidents", columns=names)
    ours = rows[rows["due_by"] == BY_TABLE]
    if ours.empty:
        return 0
    due = govern.due(ours, rules.deadlines, rules.workdays, zone=rules.zone)
    differs = ~((due == ours["due_at"]) | (due.isna() & ours["due_at"].isna()))
    by = pd.Series(BY_TABLE, index=ours.index, dtype=object).where(due.notna(), None)
    fresh = ours[["incident_id"]].assign(due_at=due, due_by=by)[differs]
    if len(fresh):
        change.session.upsert("incidents", fresh)
    return len(fresh)


def _row(one: govern.Deadline) -> dict[str, Any]:
    words = {name: list(getattr(one, name)) for name in NAMED if getattr(one, name)}
    return {**words, one.measure: one.amount, **({"source": one.source} if one.source else {})}


def _what(one: govern.Deadline) -> Any:
    words = [word for name in NAMED for word in getattr(one, name)]
    return words or note("deadline_all")


def _amount(one: govern.Deadline) -> Note:
    return note(f"deadline_{one.measure}", amount=one.amount)


def _sheet(key: str, fields: tuple[str, ...], rows: pd.DataFrame, voice: Voice) -> Any:
    from govmap.exports.listing import Column, Listing

    columns = tuple(Column(name, voice.say(f"deadline_head_{name}")) for name in fields)
    return Listing(voice.say(key), voice.say(key), (), columns, rows)


def _days(workdays: govern.Workdays, voice: Voice) -> pd.DataFrame:
    """List the days off and the days worked instead, day by day."""
    told = [(day, voice.say("deadline_off")) for day in workdays.off]
    told += [(day, voice.say("deadline_worked")) for day in workdays.worked]
    return pd.DataFrame(sorted(told), columns=list(DAYS), dtype=object)


def _listed(file: Path) -> tuple[list[dict[str, Any]], dict[str, list[str]]]:
    """Read a workbook or another list: rows of the table, days off and days worked."""
    from govmap.sources import files

    raw = _sheet_of(file, "deadline_sheet") if file.suffix.lower() == ".xlsx" else files.rows(file)
    cells = _columns(raw or files.rows(file), FIELDS)
    if not set(cells.columns) & set(MEASURES):
        raise InputError("deadline_bad_file", where=str(file))
    rows = [_read(row) for row in cells.to_dict("records")]
    days = _sheet_of(file, "deadline_sheet_days") if file.suffix.lower() == ".xlsx" else None
    return [row for row in rows if row], _read_days(days)


def _sheet_of(file: Path, key: str) -> "RawTable | None":
    """Read the sheet of this name in any language; None where there is none."""
    from govmap.sources import files

    for language in LANGUAGES:
        try:
            return files.rows(file, sheet=Voice(language).say(key))
        except GovmapError:
            continue
    return None


def _field(theirs: str, fields: tuple[str, ...]) -> str | None:
    """Say which of our columns a header means, in either language."""
    said = {plain(Voice(one).say(f"deadline_head_{name}")): name for name in fields for one in LANGUAGES}
    return said.get(plain(theirs)) or (theirs if theirs in fields else None)


def _read(row: Mapping[Any, str]) -> dict[str, Any]:
    """Read one row: words by commas, periods as whole numbers where they are any."""
    found: dict[str, Any] = {}
    for name, cell in row.items():
        text = cell.strip()
        if not text:
            continue
        if name in NAMED:
            found[name] = [
                word.strip() for word in text.replace("，", APART).replace(",", APART).split(APART) if word.strip()
            ]
        elif name in MEASURES:
            whole = text.removesuffix(".0")
            found[name] = int(whole) if whole.isascii() and whole.isdigit() else text
        else:
            found[name] = text
    return found if set(found) & {*NAMED, *MEASURES} else {}


def _columns(raw: "RawTable", fields: tuple[str, ...]) -> pd.DataFrame:
    """Give the columns that we know under our names, also where the title was taken for the header."""
    cells = raw.frame[list(raw.header)].set_axis(raw.frame["source_row"].astype(int), axis=0)
    for row in range(-1, min(HEADER_WITHIN, len(cells))):
        header = list(raw.header) if row < 0 else cells.iloc[row].tolist()
        names = [_field(theirs, fields) for theirs in header]
        if any(names):
            below = cells.iloc[row + 1 :].set_axis([one or "" for one in names], axis=1)
            return below.loc[:, [bool(one) for one in names]]
    return pd.DataFrame(index=cells.index)


def _read_days(raw: "RawTable | None") -> dict[str, list[str]]:
    days: dict[str, list[str]] = {OFF: [], WORKED: []}
    if raw is None or raw.frame.empty:
        return days
    cells = _columns(raw, DAYS)
    if "day" not in cells:
        raise InputError("deadline_bad_file", where=str(raw.path))
    worked = {plain(Voice(one).say("deadline_worked")) for one in LANGUAGES} | {WORKED}
    for row, facts in zip(cells.index, cells.to_dict("records"), strict=True):
        day = facts["day"].strip()
        moment = pd.to_datetime(day.replace("年", "-").replace("月", "-").replace("日", ""), errors="coerce")
        if day and pd.isna(moment):
            raise InputError("deadline_bad_date", where=str(raw.path), row=int(row), given=day)
        if day:
            days[WORKED if plain(facts.get("state", "")) in worked else OFF].append(moment.strftime("%Y-%m-%d"))
    return {name: sorted(set(found)) for name, found in days.items()}


def _toml(file: Path) -> tuple[list[dict[str, Any]], dict[str, list[str]]]:
    try:
        facts = tomllib.loads(file.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise InputError("deadline_bad_file", where=str(file)) from None
    rows, days = facts.get("deadlines", []), facts.get("days", {})
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows) or not isinstance(days, dict):
        raise InputError("deadline_bad_file", where=str(file))
    listed = {name: days.get(name, []) for name in (OFF, WORKED)}
    if not all(isinstance(one, list) for one in listed.values()):
        raise InputError("deadline_bad_file", where=str(file))
    return rows, {name: [str(day) for day in one] for name, one in listed.items()}


def _at(error: InputError, file: Path) -> InputError:
    """Say in which file the row is."""
    return InputError(error.code, where=f"{file}: {error.where}", **error.note.facts)

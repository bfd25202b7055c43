"""The office's own form filled from a project: its columns understood once and remembered."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from govmap import catalog
from govmap.errors import InputError
from govmap.messages import Note, Voice, note
from govmap.pipeline import rosters
from govmap.pipeline.outputs import not_the_project, released_for, remember
from govmap.pipeline.report import Report
from govmap.project import Project, now
from govmap.publish import Released

if TYPE_CHECKING:
    from govmap.exports.office.book import Book
    from govmap.exports.office.matching import Matched
    from govmap.exports.office.reading import Form
    from govmap.exports.office.sheet import Sheet
    from govmap.exports.roster import Roster

TABLES = ("roster", "unit_roster", "units", "buildings")
KEPT = "form/"
OF_A_UNIT = ("unit", "unit_code", "worker", "worker_phone", "bounds")


@dataclass(frozen=True)
class Filling:
    """How a list is written: the form, what its columns are, its sheet, the level of units, words for its places."""

    form: Path | None = None
    columns: tuple[str, ...] = ()
    sheet: str | None = None
    level: str | None = None
    places: tuple[str, ...] = ()

    @property
    def given(self) -> list[str]:
        """Name the options that were given and make sense for a form alone."""
        said = {"--column": self.columns, "--sheet": self.sheet, "--set": self.places}
        return [name for name, value in said.items() if value and self.form is None]


@dataclass
class _Opened:
    """A form that is read: the workbook, the sheet of the list and where on it the list lies."""

    book: "Book"
    sheet: "Sheet"
    part: str
    form: "Form"
    places: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        """Name the form by its header, whatever month it is for."""
        return KEPT + hashlib.sha256("\n".join(self.form.names.values()).encode()).hexdigest()[:16]


def fill_form(
    project: Project, wanted: str, output: Path, audience: str, *, internal: bool, how: Filling, voice: Voice
) -> Report:
    """
    Fill the office's own form.

    Raises
    ------
    InputError
        The form is no workbook that can be filled, has no header with words that are known, or a column or field is
        named that is not there.
    """
    from govmap.exports.files import write_whole
    from govmap.exports.office.matching import level_asked, match

    form = _form(project, wanted, output, how)
    released = released_for(project, audience, internal=internal)
    opened = _opened(form, how)
    levels = rosters.rows_of(released, "unit_roster", voice, level=None).levels
    level = how.level or level_asked(opened.form.names, levels) or levels[-1]
    given = _remembered(project, opened.key) | _pairs(how.columns)
    names = {column: name for column, name in opened.form.names.items() if column not in opened.form.reckoned}
    matched = match(names, given=given, levels=levels, level=level, sensitive=_sensitive)
    if not matched.fields:
        raise InputError("office_no_header", where=str(form))
    of_buildings = wanted in ("roster", "buildings") and matched.of_buildings
    made = rosters.rows_of(released, "roster" if of_buildings else "unit_roster", voice, level=level)
    written = _filled(opened, matched, made, released, _pairs(how.places), of_buildings=of_buildings)
    write_whole(output, opened.book.packed())
    beside = remember(project, released, "export", output)
    rosters.read_of_workers(project, released)
    _keep(project, opened.key, _pairs(how.columns))
    report = _report(written, opened, matched, made, released, output, voice)
    report.files += beside
    return report


def _form(project: Project, wanted: str, output: Path, how: Filling) -> Path:
    """Say where the form is, if it can be filled at all."""
    if how.form is None or wanted not in TABLES:
        raise InputError("office_table", wanted=wanted, known=list(TABLES))
    not_the_project(project, output)
    if output.suffix.lower() != how.form.suffix.lower() and how.form.suffix.lower() in (".xlsx", ".xlsm"):
        raise InputError("office_other_ending", where=str(output), ending=how.form.suffix)
    if output.exists() and how.form.exists() and output.samefile(how.form):
        raise InputError("office_onto_itself", where=str(output))
    return how.form


def _opened(form: Path, how: Filling) -> _Opened:
    """Read a form and find its list: on the sheet that is named, else on the first that has one."""
    from govmap.exports.office import book, filling, matching, reading
    from govmap.exports.office.sheet import Sheet

    read = book.read(form)
    strings = read.strings()
    wanted = [(name, part) for name, part in read.sheets if how.sheet in (None, name)]
    if not wanted:
        raise InputError("office_no_sheet", where=str(form), wanted=how.sheet, known=[name for name, _ in read.sheets])
    for name, part in wanted:
        sheet = Sheet(name, read.xml(part), strings)
        found = reading.find(sheet, matching.known_words())
        if found is not None:
            return _Opened(read, sheet, part, found, filling.asked(sheet))
    raise InputError("office_no_header", where=str(form))


def _sensitive(name: str) -> str | None:
    """Tell whether a column must not be told, by the words that an import refuses."""
    from govmap.sources.columns import sensitive

    return sensitive(pd.DataFrame({name: pd.Series([], dtype=object)})).get(name)


def _pairs(given: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for one in given:
        theirs, equals, ours = one.rpartition("=")
        if not equals or not theirs.strip():
            raise InputError("office_no_pair", given=one)
        pairs[theirs.strip()] = ours.strip()
    return pairs


def _remembered(project: Project, key: str) -> dict[str, str]:
    known: dict[str, str] = json.loads(project.fact(key) or "{}")
    return known


def _keep(project: Project, key: str, given: Mapping[str, str]) -> None:
    """Remember what the user said of the columns of a form: its words, never what stands in it."""
    known = _remembered(project, key)
    if not given or {**known, **given} == known or project.store.read_only:
        return
    with project.change("form", {"columns": len(given)}) as change:
        change.set(key, json.dumps({**known, **given}, ensure_ascii=False, sort_keys=True))


# writing -----------------------------------------------------------------------------------------------------------
def _filled(
    opened: _Opened,
    matched: "Matched",
    made: "Roster",
    released: Released,
    said: Mapping[str, str],
    *,
    of_buildings: bool,
) -> dict[str, Any]:
    """Fill the sheet, or a copy of it for every unit where the form has a place for the unit's name."""
    from govmap.exports.office import copying, filling
    from govmap.exports.office.reading import plain
    from govmap.exports.office.sheet import Sheet

    words = _place_words()
    fields = filling.fitted(opened.form, matched.fields, opened.sheet.merges, of_buildings=of_buildings)
    each = any(words.get(plain(one)) in OF_A_UNIT and plain(one) not in map(plain, said) for one in opened.places)
    groups = [rows for _, rows in made.rows.groupby("unit_id", sort=False)] if each else []
    groups = [rows.assign(no=range(1, len(rows) + 1)).reset_index(drop=True) for rows in groups or [made.rows]]
    names = copying.names_for([str(rows["unit"].iloc[0]) for rows in groups]) if each else [opened.sheet.name]
    copies = [opened.part] + [copying.duplicate(opened.book, opened.sheet.name, name) for name in names[1:]]
    if names[0] != opened.sheet.name:
        copying.rename(opened.book, opened.sheet.name, names[0])
    strings, empty = opened.book.strings(), set()
    for name, part, rows in zip(names, copies, groups, strict=True):
        sheet = Sheet(name, opened.book.xml(part), strings)
        places = _places(rows, made, released, said, each=each)
        empty |= {one for one in opened.places if not places.get(plain(one))}
        moved = filling.fill(opened.book, part, sheet, filling.Plan(opened.form, fields, rows), places)
    _elsewhere(opened, copies, _places(made.rows, made, released, said, each=False))
    opened.book.forget_results()
    where = {"sheets": names, "first_row": moved.first, "last_row": moved.new_last}
    return {"fields": fields, "empty": sorted(empty), **where}


def _elsewhere(opened: _Opened, done: list[str], places: Mapping[str, str]) -> None:
    """Write the places {{...}} of the other sheets too."""
    from govmap.exports.office import filling
    from govmap.exports.office.sheet import Sheet

    strings = opened.book.strings()
    for name, part in opened.book.sheets:
        sheet = None if part in done else Sheet(name, opened.book.xml(part), strings)
        if sheet is not None and filling.asked(sheet):
            filling.fill_places(sheet, places)
            opened.book.put(part, sheet.document)


def _place_words() -> dict[str, str]:
    from govmap.exports.office.reading import plain

    return {plain(word): name for name, words in catalog.layer("rosters")["places"].items() for word in [name, *words]}


def _places(
    rows: pd.DataFrame, made: "Roster", released: Released, said: Mapping[str, str], *, each: bool
) -> dict[str, str]:
    """Say what stands for each word in a place {{...}}; what the user says stands over it."""
    from govmap.exports.office.reading import plain

    today = now().date()
    plans = released.tables["plans"].set_index("plan_id")["name"]
    facts: dict[str, Any] = {"date": today.isoformat(), "year": today.year, "month": today.month, "day": today.day}
    facts |= {"plan": plans.get(released.plan_id, released.plan_id), "units": made.rows["unit_id"].nunique()}
    facts["community"] = "、".join(dict.fromkeys(one for one in rows["community"] if isinstance(one, str)))
    units = rows.drop_duplicates("unit_id")
    for name in ("households", "residents"):
        count = units[f"unit_{name}"]
        facts[name] = f"{int(count.sum()):,}" if len(count) and count.notna().all() else ""
    facts["buildings"] = int(units["buildings"].sum())
    if each and len(rows):
        facts |= {name: rows[name].iloc[0] for name in OF_A_UNIT if name in rows}
    given = {plain(word): text for word, text in said.items()}
    told = {word: _text(facts.get(name)) for word, name in _place_words().items()}
    return told | given


def _text(fact: Any) -> str:
    return "" if fact is None or (isinstance(fact, float) and pd.isna(fact)) else str(fact)


# telling -----------------------------------------------------------------------------------------------------------
def _report(
    written: Mapping[str, Any],
    opened: _Opened,
    matched: "Matched",
    made: "Roster",
    released: Released,
    output: Path,
    voice: Voice,
) -> Report:
    """Say what went where, and what stayed empty and why."""
    names = opened.form.names
    understood = {names[column]: name for column, name in written["fields"].items()}
    figures = {name: written[name] for name in ("sheets", "first_row", "last_row")}
    figures |= {"rows": len(made.rows), "units": int(made.rows["unit_id"].nunique()), "level": made.level}
    figures |= {"columns": understood, "columns_personal": dict(matched.personal)}
    figures |= {"columns_by_hand": list(matched.by_hand), "columns_unknown": list(matched.unknown)}
    figures |= {"places_empty": written["empty"], "vacant": len(made.vacant), "audience": released.audience}
    figures |= {"suppressed": len(released.suppressed), "lesser_buildings": made.lesser}
    report = Report(figures=figures, files=[output])
    titles = {theirs: rosters.title_of(ours, voice) for theirs, ours in understood.items()}
    pairs = [theirs if theirs == ours else f"{theirs} → {ours}" for theirs, ours in titles.items()]
    report.notes = [note("office_done", rows=len(made.rows), sheet=written["sheets"][0], columns=pairs)]
    if len(written["sheets"]) > 1:
        report.notes.append(note("office_each", count=len(written["sheets"])))
    report.notes += [*_left_empty(matched, written), *_empty_columns(written, made, names, released)]
    report.notes += rosters.told(made, released)
    return report


def _left_empty(matched: "Matched", written: Mapping[str, Any]) -> list[Note]:
    kinds = {"office_personal": list(matched.personal), "office_by_hand": list(matched.by_hand)}
    notes = [note(key, columns=columns) for key, columns in kinds.items() if columns]
    if matched.unknown:
        notes.append(note("office_unknown", columns=list(matched.unknown), first=matched.unknown[0]))
    if written["empty"]:
        notes.append(note("office_places", places=written["empty"], first=written["empty"][0]))
    return notes


def _empty_columns(
    written: Mapping[str, Any], made: "Roster", names: Mapping[int, str], released: Released
) -> list[Note]:
    """Name columns that were understood and for which the project, or this audience, has nothing."""
    rows = made.rows
    empty = [
        names[column]
        for column, found in written["fields"].items()
        if "@" not in found and not (found.startswith("worker") and made.missing and released.internal)
        if found not in rows or not rows[found].notna().any()
    ]
    return [note("office_nothing", columns=empty)] if empty else []

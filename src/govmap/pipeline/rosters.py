"""Rosters: who answers for which buildings, and the list of units, as workbooks, documents and CSV for people."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from govmap import catalog
from govmap.errors import InputError
from govmap.messages import Note, Voice, note
from govmap.pipeline.outputs import not_the_project, released_for, remember
from govmap.pipeline.report import Report, titled
from govmap.project import Project, now
from govmap.publish import Released

if TYPE_CHECKING:
    from govmap.exports.listing import Column, Listing
    from govmap.exports.roster import Roster

LISTS = ("roster", "unit_roster")
ROSTER = (
    "no", "unit_code", "unit", "compound", "building", "address", "part", "use", "levels", "households",
    "residents", "worker", "worker_role", "worker_phone", "building_leader", "building_leader_phone", "source",
    "building_id",
)  # fmt: skip
UNITS = (
    "no", "unit_code", "unit", "level", "kind", "bounds", "covers", "buildings", "households", "residents",
    "area", "worker", "worker_role", "worker_phone", "building_leader", "building_leader_phone", "responsible_org",
    "meeting_place",
)  # fmt: skip
WHO = ("worker", "worker_role", "worker_phone")
ONLY_WHERE_SEVERAL = ("community", "kind", "level")
OF_LISTS = ("publish_suppressed", "publish_places_withheld")
SHOWN = 8


def export_list(
    project: Project, wanted: str, output: Path, audience: str, *, internal: bool, level: str | None, voice: Voice
) -> Report:
    """
    Write the roster (`roster`: a row a building) or the list of units (`unit_roster`) as .xlsx, .docx or .csv.

    Of a plan with several levels, workbooks and documents have a list of units for each, the wanted level first and
    then from the top, unless `level` asks for one alone; CSV has the wanted level, or the lowest.

    Raises
    ------
    InputError
        Another ending; an audience that this is not for; a level that the plan does not have.
    """
    not_the_project(project, output)
    ending = output.suffix.lower()
    if ending not in (".xlsx", ".docx", ".csv"):
        raise InputError("roster_ending", where=str(output), wanted=titled(wanted), ending=output.suffix or "?")
    released = released_for(project, audience, internal=internal)
    made = rows_of(released, wanted, voice, level=level)
    listings = [_listing(made, wanted, released, project, voice)]
    others = _other_levels(made, wanted, level) if ending != ".csv" else ()
    lists = [rows_of(released, "unit_roster", voice, level=one) for one in others]
    listings += [_listing(one, "unit_roster", released, project, voice) for one in lists]
    _write(listings, output, project, voice, internal=released.internal)
    beside = remember(project, released, "export", output)
    read_of_workers(project, released)
    units = int(made.rows["unit_id"].nunique())
    figures = {"rows": len(made.rows), "units": units, "level": made.level, "vacant": len(made.vacant)}
    figures |= {"sheets": len(listings) if ending != ".csv" else 1}
    figures |= {"suppressed": len(released.suppressed), "audience": audience, "lesser_buildings": made.lesser}
    report = Report(figures=figures, files=[output, *beside])
    report.notes = [note("roster_done", rows=len(made.rows), count=units)]
    report.notes += told(made, released)
    return report


def _other_levels(made: "Roster", wanted: str, level: str | None) -> tuple[str, ...]:
    """Name the levels of which a list of units goes beside a list: that of a roster's own, and those above it."""
    own = (made.level,) if wanted == "roster" else ()
    above = [one for one in made.levels if one != made.level] if level is None else []
    return (*own, *above)


def rows_of(released: Released, wanted: str, voice: Voice, *, level: str | None) -> "Roster":
    """Give the rows of a list by its name."""
    from govmap.exports import roster

    return (roster.buildings if wanted == "roster" else roster.units)(released, voice, level=level)


def read_of_workers(project: Project, released: Released) -> None:
    """Write down that names of workers were read, and how many."""
    workers = released.tables.get("workers")
    if workers is not None and len(workers):
        project.has_read("export", workers=len(workers))


def told(made: "Roster", released: Released) -> list[Note]:
    """Say what a reader of the list should know."""
    notes = [one for one in released.notes if one.key in OF_LISTS]
    if not released.internal:
        notes.append(note("roster_public"))
    elif made.missing:
        notes.append(note("roster_nobody"))
    elif made.vacant:
        notes.append(note("roster_vacancies", count=len(made.vacant), examples=list(made.vacant[:SHOWN])))
    notes += [note("roster_only_counted", count=made.only_counted)] if made.only_counted else []
    return notes + ([note("roster_lesser", count=made.lesser)] if made.lesser else [])


def title_of(field: str, voice: Voice) -> str:
    """Give the title of a field in the words of the profile."""
    name, _, level = field.partition("@")
    title = str(catalog.layer("rosters")[name]["title"][voice.language])
    level_word = voice.say(f"level_{level}") if level and voice.knows(f"level_{level}") else level
    words = {"unit": level_word or voice.say("roster_unit"), "code": voice.say("roster_code")}
    if level and name == "unit_code":
        return voice.say("roster_code_of", level=level_word)
    text = title.format_map(words)
    return text[:1].upper() + text[1:]


def _listing(made: "Roster", wanted: str, released: Released, project: Project, voice: Voice) -> "Listing":
    from govmap.exports.listing import Listing

    columns = _columns(made, ROSTER if wanted == "roster" else UNITS, released, voice)
    rows = _shown(made, wanted, released, voice)
    units = wanted == "unit_roster"
    key = "roster_title_units" if units else "roster_title"
    plans = released.tables["plans"].set_index("plan_id")["name"]
    about = voice.say("roster_about", plan=plans.get(released.plan_id, released.plan_id), date=now().date().isoformat())
    lines = [about]
    if not released.internal and made.rows["unit_households"].isna().any():
        lines.append(voice.say("roster_withheld"))
    if "source" in {column.field for column in columns} and _guessed(rows, voice):
        lines.append(voice.say("roster_estimated"))
    place = "、".join(dict.fromkeys(one for one in made.rows["community"] if isinstance(one, str)))
    sums = _unit_sums(rows, voice) if units else _sums(rows, voice)
    title, sheet = voice.say(key, place=place or project.path.stem), voice.say("roster_sheet")
    if units:
        named = {"level": _level_word(made, voice)}
        several = len(made.levels) > 1
        sheet = voice.say("roster_sheet_level", **named) if several else voice.say("roster_sheet_units")
        title = voice.say("roster_title_level", place=place or project.path.stem, **named) if several else title
    return Listing(sheet, title, tuple(lines), columns, rows, sums)


def _level_word(made: "Roster", voice: Voice) -> str:
    """Name the level of a list as people do."""
    return voice.say(f"level_{made.level}") if voice.knows(f"level_{made.level}") else made.level


def _columns(made: "Roster", fields: Sequence[str], released: Released, voice: Voice) -> tuple["Column", ...]:
    """Choose the columns that this audience sees and that say something; who answers always, to be filled in."""
    from govmap.exports.listing import Column

    known = catalog.layer("rosters")
    above = [one for one in made.levels if f"unit@{one}" in made.rows and one != made.level]
    wanted = list(fields)
    place = wanted.index("unit_code")
    wanted[place:place] = [field for one in above for field in (f"unit_code@{one}", f"unit@{one}")]
    wanted.insert(1, "community")
    facts = {field: known[field.partition("@")[0]] for field in wanted}
    return tuple(
        Column(field, title_of(_of_level(field, made), voice), facts[field].get("kind", "text"))
        for field in wanted
        if (released.internal or not facts[field].get("inside")) and _says(field, made.rows)
    )


def _of_level(field: str, made: "Roster") -> str:
    """Name the level of a unit where the plan has several."""
    return f"{field}@{made.level}" if field in ("unit", "unit_code") and len(made.levels) > 1 else field


def _says(field: str, rows: pd.DataFrame) -> bool:
    """Tell whether a column says something: a unit without a name is called by its code already."""
    if field in WHO:
        return True
    if field not in rows or not rows[field].replace("", None).notna().any():
        return False
    if field.partition("@")[0] == "unit":
        return not rows[field].equals(rows[field.replace("unit", "unit_code", 1)].rename(field))
    return field not in ONLY_WHERE_SEVERAL or len(set(rows[field].dropna())) > 1


def _shown(made: "Roster", wanted: str, released: Released, voice: Voice) -> pd.DataFrame:
    """Write marks where a number is withheld or nobody answers."""
    rows = made.rows.copy()
    for field in ("unit_households", "unit_residents", "households", "residents"):
        if field in rows and not released.internal and wanted == "unit_roster":
            rows[field] = rows[field].astype(object).where(rows[field].notna(), voice.say("roster_withheld_mark"))
    if "worker" in rows and not made.missing:
        rows["worker"] = rows["worker"].astype(object).where(rows["worker"].notna(), voice.say("roster_vacant"))
    return rows


def _guessed(rows: pd.DataFrame, voice: Voice) -> bool:
    words = {voice.say("roster_source_spread"), voice.say("roster_source_estimated")}
    return "source" in rows and bool(rows["source"].isin(words).any())


def _sums(rows: pd.DataFrame, voice: Voice) -> tuple[tuple[int, dict[str, Any]], ...]:
    """Total every unit behind its rows, and all at the end."""
    found: list[tuple[int, dict[str, Any]]] = []
    for _, some in rows.groupby("unit_id", sort=False):
        first, buildings = some.iloc[0], int(some["building_id"].nunique())
        called = first["unit"] if first["unit"] == first["unit_code"] else f"{first['unit_code']} {first['unit']}"
        facts = {"unit": called, "buildings": buildings}
        shown = "households" not in rows and pd.notna(first["unit_households"])
        if shown:
            label = voice.say("roster_subtotal_households", households=int(first["unit_households"]), **facts)
        else:
            label = voice.say("roster_subtotal", **facts)
        found.append((int(some.index[-1]) + 1, {"unit_code": label, **_people(some)}))
    if rows.empty:
        return ()
    total = voice.say("roster_total", count=len(found), buildings=int(rows["building_id"].nunique()))
    return (*found, (len(rows), {"unit_code": total, **_people(rows)}))


def _people(rows: pd.DataFrame) -> dict[str, Any]:
    return {name: int(rows[name].fillna(0).sum()) for name in ("households", "residents") if name in rows}


def _unit_sums(rows: pd.DataFrame, voice: Voice) -> tuple[tuple[int, dict[str, Any]], ...]:
    """Total the list of units; what is withheld of one leaves no total of all."""
    row: dict[str, Any] = {"unit_code": voice.say("roster_total_units", count=len(rows))}
    for name in ("buildings", "households", "residents", "area"):
        if name in rows and not rows[name].map(lambda one: isinstance(one, str)).any() and rows[name].notna().any():
            row[name] = int(pd.to_numeric(rows[name]).fillna(0).sum())
    return ((len(rows), row),) if len(rows) else ()


def _write(listings: Sequence["Listing"], output: Path, project: Project, voice: Voice, *, internal: bool) -> None:
    from govmap.exports import listing, sheets
    from govmap.exports.files import write_whole

    mark = voice.say("roster_internal") if internal else None
    paper = str(project.profile.facts["print"]["paper"])
    if output.suffix.lower() == ".xlsx":
        write_whole(output, listing.workbook(listings, paper=paper, mark=mark))
        return
    if output.suffix.lower() == ".docx":
        from govmap.exports import pages

        write_whole(output, pages.document(listings, paper=paper, mark=mark, language=voice.language))
        return
    first = listings[0]
    frame = first.rows.reindex(columns=[column.field for column in first.columns])
    frame = frame.set_axis([column.title for column in first.columns], axis=1)
    write_whole(output, sheets.text("roster", frame, output)[0])

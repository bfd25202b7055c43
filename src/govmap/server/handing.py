"""What is handed out: maps, sheets, pictures, lists, forms, reports and safe copies, as files of one job."""

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from govmap import pipeline
from govmap.errors import InputError
from govmap.pipeline.report import Report
from govmap.server.steps import Given, Option, Step, Work
from govmap.server.ways import plans

if TYPE_CHECKING:
    from govmap.project import Project

AUDIENCES = ("public", "official", "planner", "worker")
KINDS = ("board", "carry", "wall", "door", "change", "numbering")
PAPERS = ("A4", "A3", "A2", "A1", "A0", "Letter", "Tabloid")
TABLES = (
    "units",
    "buildings",
    "residents",
    "resources",
    "incidents",
    "workers",
    "duties",
    "gaps",
    "sites",
    "loads",
    "tallies",
    "unit_lineage",
)
FORMATS = ("xlsx", "csv", "geojson", "gpkg", "parquet")
INSIDE = ("carry", "door", "numbering")
TOGETHER = 3  # so many files and more come as one


def units(project: "Project") -> list[tuple[str, str]]:
    """List the units of the active plan: code and name."""
    plan = pipeline.active_or_none(project)
    if plan is None:
        return []
    rows = project.read("units", where={"plan_id": plan}, columns=["plan_id", "unit_id", "code", "name"])
    rows = rows[rows["code"].notna()].sort_values("code")
    return [
        (code, f"{code} {name}" if name and name != code else code)
        for code, name in zip(rows["code"], rows["name"], strict=True)
    ]


def workers(project: "Project") -> list[tuple[str, str]]:
    """List the workers by name."""
    rows = project.read("workers", columns=["worker_id", "name"]).sort_values(["name", "worker_id"])
    return list(zip(rows["worker_id"], rows["name"].fillna(rows["worker_id"]), strict=True))


def _audience(given: Given, work: Work) -> tuple[str, str, bool]:
    """Give the audience, its word for a file's name, and whether it is one inside the office."""
    audience = given["audience"] or "public"
    return audience, work.voice.say(f"desk_for_{audience}"), audience != "public"


def map_(project: "Project", given: Given, work: Work) -> Report:
    """Draw the map as one file."""
    audience, called, internal = _audience(given, work)
    output = work.output("map", ".html", audience=called)
    return pipeline.map_(project, output, audience, internal=internal, **work.how)


def report(project: "Project", given: Given, work: Work) -> Report:
    """Write the report to read, or to edit."""
    audience, called, internal = _audience(given, work)
    output = work.output("report", f".{given['paper_form'] or 'html'}", audience=called)
    return pipeline.report_(project, output, audience, internal=internal, **work.how)


def atlas(project: "Project", given: Given, work: Work) -> Report:
    """Print sheets as one PDF."""
    kind = given["sheet_kind"] or "board"
    how = pipeline.Printing(
        kind=kind,
        units=tuple(given.many("unit")),
        worker=given["worker"],
        paper=given["paper"],
        internal=kind in INSIDE,
        names=not given["no_names"],
        large=bool(given["large"]),
        headline=given["headline"],
        line=given["line"],
        former=given["former"],
    )
    output = work.output(f"atlas_{kind}", ".pdf")
    return pipeline.atlas(project, output, how, **work.how)


def share(project: "Project", given: Given, work: Work) -> Report:
    """Make one picture of each unit, all of them also in one file."""
    how = pipeline.Printing(
        units=tuple(given.many("unit")),
        worker=given["worker"],
        names=not given["no_names"],
        headline=given["headline"],
        line=given["line"],
    )
    made = pipeline.share(project, work.job.output("pictures"), how, **work.how)
    return _together(made, work.output("share", ".zip"))


def roster(project: "Project", given: Given, work: Work) -> Report:
    """Write who answers for which buildings, or the list of units."""
    audience, called, internal = _audience(given, work)
    table = given["roster"] or "roster"
    output = work.output(table, f".{given['list_form'] or 'xlsx'}", audience=called)
    return pipeline.export(project, table, output, audience, internal=internal, voice=work.voice)


def fill(project: "Project", given: Given, work: Work) -> Report:
    """Fill the office's own form."""
    if not given["upload"]:
        raise InputError("desk_no_form")
    audience, _, internal = _audience(given, work)
    form = work.uploads.get(given["upload"]).path
    how = pipeline.Filling(form=form, columns=tuple(given.many("columns")), places=tuple(given.many("places")))
    output = work.job.output(f"{form.stem}-{work.voice.say('desk_file_filled')}{form.suffix}")
    made = pipeline.export(
        project, given["roster"] or "unit_roster", output, audience, internal=internal, how=how, voice=work.voice
    )
    work.uploads.drop(given["upload"])
    return made


def export(project: "Project", given: Given, work: Work) -> Report:
    """Write one table for other programs."""
    audience, called, internal = _audience(given, work)
    table = given["table"] or "units"
    title = work.voice.say(f"table_{table}")
    output = work.output("table", f".{given['format'] or 'xlsx'}", audience=called, table=title)
    return pipeline.export(project, table, output, audience, internal=internal, voice=work.voice)


def form(project: "Project", _given: Given, work: Work) -> Report:
    """Write the list in which buildings are numbered."""
    return pipeline.form(project, "buildings", work.output("form", ".xlsx"), voice=work.voice)


def template(_project: "Project", given: Given, work: Work) -> Report:
    """Give an empty list to fill."""
    table = given["table"] or "residents"
    title = work.voice.say(f"table_{table}")
    return pipeline.template(table, work.output("template", ".xlsx", table=title), voice=work.voice)


def backup(project: "Project", _given: Given, work: Work) -> Report:
    """Copy the project safely, also while it is open."""
    return pipeline.backup(project, work.output("backup", ".gpkg"))


def published(project: "Project", given: Given, work: Work) -> Report:
    """Take in what another copy published, or note the number under which maps are approved."""
    told = []
    if given["seen"]:
        told.append(pipeline.seen(project, work.uploads.get(given["seen"]).path))
        work.uploads.drop(given["seen"])
    if given["map_number"]:
        told.append(pipeline.map_numbered(project, given["map_number"]))
    if not told:
        raise InputError("desk_nothing_published")
    first = told[0]
    for one in told[1:]:
        first.figures |= one.figures
        first.notes = [*first.notes, *one.notes]
    return first


def _together(made: Report, archive: Path) -> Report:
    """Put many files into one as well: a browser asks before it takes a second one."""
    pictures = [file for file in made.files if file.suffix == ".png"]
    if len(pictures) >= TOGETHER:
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as bundle:
            for file in pictures:
                bundle.write(file, file.name)
        made.files = [archive, *made.files]
    return made


AUDIENCE = Option(name="audience", kind="choice", choices=AUDIENCES, start="public")
UNITS = Option(name="unit", kind="many", choices=units, more=True)
WORKER = Option(name="worker", kind="choice", choices=workers, more=True)
SAID = (
    Option(name="no_names", kind="flag", more=True),
    Option(name="headline", kind="text", more=True),
    Option(name="line", kind="text", more=True),
)
PRINTED = (
    Option(name="sheet_kind", kind="choice", choices=KINDS, start="board"),
    Option(name="paper", kind="choice", choices=PAPERS),
    Option(name="large", kind="flag"),
    UNITS,
    WORKER,
    *SAID,
)
ROSTER = Option(name="roster", kind="choice", choices=("roster", "unit_roster"), start="unit_roster")
FILLING = (
    Option(name="upload", kind="upload"),
    ROSTER,
    AUDIENCE,
    Option(name="columns", kind="many", more=True),
    Option(name="places", kind="many", more=True),
)
TEMPLATES = ("residents", "resources", "incidents", "workers", "units", "buildings")


LISTED = (ROSTER, Option(name="list_form", kind="choice", choices=("xlsx", "docx", "csv"), start="xlsx"), AUDIENCE)
TABLED = (
    Option(name="table", kind="choice", choices=TABLES, start="units"),
    Option(name="format", kind="choice", choices=FORMATS, start="xlsx"),
    AUDIENCE,
)
PAPER = Option(name="paper_form", kind="choice", choices=("html", "docx"), start="html")
EMPTY = Option(name="table", kind="choice", choices=TEMPLATES, start="residents")
FORMER = Option(name="former", kind="choice", choices=plans, more=True)
HANDED = (
    ("map", map_, (AUDIENCE,)),
    ("atlas", atlas, (*PRINTED, FORMER)),
    ("share", share, (UNITS, WORKER, *SAID)),
    ("report", report, (PAPER, AUDIENCE)),
    ("roster", roster, LISTED),
    ("fill", fill, FILLING),
    ("export", export, TABLED),
    ("form", form, ()),
    ("template", template, (EMPTY,)),
    ("backup", backup, ()),
)
SEEN = (Option(name="seen", kind="upload"), Option(name="map_number", kind="text"))
STEPS = (
    *(Step(name=name, run=run, options=options, writes=False, room="hand") for name, run, options in HANDED),
    Step(name="published", run=published, options=SEEN, room="hand"),
)

"""The steps by which a community comes into being: made, lists taken in, divided, attached, assessed, assigned."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from govmap import catalog, pipeline
from govmap.errors import InputError
from govmap.messages import LANGUAGES
from govmap.pipeline.report import Report
from govmap.project import open_project
from govmap.server.speech import ClickVoice
from govmap.server.steps import Given, Option, Step, Work
from govmap.server.uploads import safe_name

if TYPE_CHECKING:
    from govmap.config import Config
    from govmap.project import Project

BY = ("households", "residents", "dwellings", "buildings", "shops", "area", "load")
PREFER = ("compact", "barriers", "blocks", "balance")
PRESETS = {name: facts["title"] for name, facts in catalog.layer("presets").items()}
EXCLUSIVE = {kind["name"]: kind["title"] for kind in catalog.layer("exclusive")["kinds"]}
STANDARDS = {name: facts["standard"]["title"] for name, facts in catalog.layers("standards").items()}
DATUMS = ("wgs84", "gcj02", "bd09", "cgcs2000")
LISTS = (
    "residents",
    "resources",
    "incidents",
    "workers",
    "units",
    "buildings",
    "communities",
    "compounds",
    "barriers",
    "entrances",
    "parts",
    "aliases",
)


def plans(project: "Project") -> list[tuple[str, str]]:
    """List the plans: id and name."""
    rows = project.read("plans").sort_values(["created_at", "plan_id"], kind="stable")
    from govmap.pipeline.former import called

    name = called(project)
    return [(one, name[one]) for one in rows["plan_id"]]


def taken(project: "Project") -> list[tuple[str, str]]:
    """List what was taken in, the last first: number and file."""
    rows = project.read("imports").sort_values(["turn", "import_id"], ascending=False)
    return list(zip(rows["import_id"], rows["file"], strict=True))


# making --------------------------------------------------------------------------------------------------------------
MAKING = (
    Option(name="name", kind="text"),
    Option(name="folder", kind="text"),
    Option(name="title", kind="text"),
    Option(name="profile", kind="choice", choices=("cn", "uk", "us", "generic")),
    Option(name="language", kind="choice", choices=LANGUAGES),
    Option(name="extract", kind="upload"),
    Option(name="extract_path", kind="text"),
    Option(name="place", kind="text"),
    Option(name="ground", kind="text"),
    Option(name="ground_file", kind="upload"),
    Option(name="buildings_file", kind="upload"),
    Option(name="whole", kind="flag"),
    Option(name="total", kind="number", least=0),
)


def make(given: Given, work: Work) -> Report:
    """
    Make a project and open it.

    Raises
    ------
    InputError
        Nothing was said of what it is made of, or a file of its name stands already.
    """
    path = _new_path(given, work)
    config = replace(work.config, language=given["language"] or work.config.language)
    report = _fetched(path, given, work, config) if _of_osm(given) else _begun(path, given, work, config)
    work.opened.open(path)
    if given["title"]:
        with work.opened.writing("make") as project, project.change("title") as change:
            change.set("title", given["title"])
    for option in ("extract", "ground_file", "buildings_file"):
        if given[option]:
            work.uploads.drop(given[option])
    report.files = []
    return report


def _of_osm(given: Given) -> bool:
    return any(given[name] for name in ("extract", "extract_path", "place"))


def _new_path(given: Given, work: Work) -> Path:
    name = safe_name(given["name"] or given["title"] or "govmap")
    folder = Path(given["folder"]).expanduser() if given["folder"] else work.opened.home
    if not folder.is_dir():
        raise InputError("desk_no_folder", where=str(folder))
    path = folder / (name if name.lower().endswith(".gpkg") else f"{name}.gpkg")
    if path.exists():
        raise InputError("desk_name_taken", where=path.name)
    return path


def _fetched(path: Path, given: Given, work: Work, config: "Config") -> Report:
    extract = work.uploads.get(given["extract"]).path if given["extract"] else None
    if given["extract_path"]:
        extract = Path(given["extract_path"]).expanduser()
    ground = str(work.uploads.get(given["ground_file"]).path) if given["ground_file"] else given["ground"]
    source = pipeline.Source(osm=extract, place=given["place"], boundary=ground, whole=bool(given["whole"]))
    how = {"households": given["total"], "profile": given["profile"]}
    return pipeline.fetch(path, source, **how, config=config, progress=work.job.tell)


def _begun(path: Path, given: Given, work: Work, config: "Config") -> Report:
    """Begin with layers of the office's own: the boundary, the buildings."""
    lists = (("communities", given["ground_file"]), ("buildings", given["buildings_file"]))
    told = [
        pipeline.import_table(path, table, work.uploads.get(number).path, pipeline.Reading(), config=config, **work.how)
        for table, number in lists
        if number
    ]
    if not told:
        raise InputError("desk_nothing_to_make_of")
    with open_project(path) as project, project.change("profile") as change:
        change.set("profile", given["profile"] or project.profile.name)
    merged = told[0]
    for one in told[1:]:
        merged.notes, merged.warnings = [*merged.notes, *one.notes], [*merged.warnings, *one.warnings]
    return merged


# lists ---------------------------------------------------------------------------------------------------------------
READING = (
    Option(name="upload", kind="upload"),
    Option(name="table", kind="choice", choices=LISTS),
    Option(name="columns", kind="many"),
    Option(name="sheet", kind="text"),
    Option(name="layer", kind="text"),
    Option(name="encoding", kind="text"),
    Option(name="crs", kind="text"),
    Option(name="datum", kind="choice", choices=DATUMS),
    Option(name="date_order", kind="choice", choices=("dmy", "mdy")),
)
TAKING = tuple(Option(name=name, kind="flag") for name in ("update", "replace", "again", "keep_persons"))


def _reading(given: Given) -> "pipeline.Reading":
    words = {name: given[name] for name in ("sheet", "layer", "encoding", "crs", "datum", "date_order")}
    return pipeline.Reading(columns=tuple(given.many("columns")), **words)


def _file(given: Given, work: Work) -> Path:
    if not given["upload"]:
        raise InputError("desk_no_upload")
    return work.uploads.get(given["upload"]).path


def look(project: "Project", given: Given, work: Work) -> Report:
    """Look at a list."""
    file, reading = _file(given, work), _reading(given)
    voice = ClickVoice(work.voice.language, work.voice.words, work.opened.plan_names)
    told = work.job.tell
    return _plainly(
        pipeline.look(project, given["table"], file, reading, config=work.config, voice=voice, progress=told)
    )


def take(project: "Project", given: Given, work: Work) -> Report:
    """Take a list in, and say which of its rows were not."""
    file = _file(given, work)
    update = bool(given["update"] or given["replace"])
    more = {name: bool(given[name]) for name in ("replace", "again", "keep_persons")}
    wanted = pipeline.Taking(update=update, **more)
    table = given["table"] or "residents"
    report = pipeline.import_table(project.path, table, file, _reading(given), wanted, config=work.config, **work.how)
    work.uploads.drop(given["upload"])
    return _with_rejected(project, report, work)


def correct(project: "Project", import_id: str, cells: Mapping[int, Mapping[str, str]], work: Work) -> Report:
    """Take rejected rows in that were corrected at the page, and say which still wait."""
    from govmap.pipeline import correcting

    file = work.job.output("corrected.csv")
    report = correcting.correct(project, import_id, cells, file.parent, config=work.config, **work.how)
    return _with_rejected(project, report, work)


def _with_rejected(project: "Project", report: Report, work: Work) -> Report:
    """Add the rows that were not taken in, with what stood in them."""
    from govmap.pipeline import correcting

    if report.figures.get("import_id"):
        report.figures["rejected"] = correcting.waiting(project, str(report.figures["import_id"]), work.voice)
    return _plainly(report)


def _plainly(report: Report) -> Report:
    """Leave out the lines that say what the columns mean: the page shows them as a table."""
    report.notes = [one for one in report.notes if not one.key.startswith(("found_column", "import_columns"))]
    return report


def back(project: "Project", given: Given, work: Work) -> Report:
    """Take an import back."""
    return pipeline.take_back(project, given["import"] or "last", config=work.config, progress=work.job.tell)


def forget(project: "Project", given: Given, work: Work) -> Report:
    """Remove one list, or a whole register, for good."""
    if given["import"]:
        rows = project.read("imports", where={"import_id": given["import"]})
        table = str(rows["table"].iloc[0]) if len(rows) else given["table"] or "residents"
        return pipeline.forget(project, table, given["import"], progress=work.job.tell)
    if not given["table"]:
        raise InputError("desk_nothing_to_forget")
    return pipeline.forget(project, given["table"], progress=work.job.tell)


# the way -------------------------------------------------------------------------------------------------------------
def divide(project: "Project", given: Given, work: Work) -> Report:
    """Divide the community, or offer several divisions."""
    if given["split"]:
        pipeline.cells(project, split_above=given["split"], config=work.config, progress=work.job.tell)
    words = {name: given[name] for name in ("units", "by", "prefer", "seed")}
    words |= {
        "size": None if given["preset"] else _size(given),
        "equal": bool(given["equal"]),
        "hard": not given["soft"],
        "walk_m": given["walk"],
    }
    words["preset"] = "+".join(given.many("preset")) or None
    keep = given["keep"]
    if given["options"]:
        keep = keep or pipeline.active_or_none(project)
    wanted = pipeline.criteria_for(project, keep, exclusive=given.many("exclusive"), **words)
    how = {"keep": keep, "name": given["name"], "config": work.config, "progress": work.job.tell}
    if given["options"]:
        return pipeline.options(project, wanted, given["options"], voice=work.voice, **how)
    return pipeline.delineate(project, wanted, **how)


def _size(given: Given) -> str | None:
    """
    Give the band in words, where one was said.

    Raises
    ------
    InputError
        Only one of its ends was said.
    """
    low, high = given["low"], given["high"]
    if low is None and high is None:
        return None
    if low is None or high is None or low > high:
        raise InputError("desk_half_a_band")
    return f"{low}-{high}"


def attach(project: "Project", _given: Given, work: Work) -> Report:
    """Attach the lists to units."""
    return pipeline.attach(project, config=work.config, progress=work.job.tell)


def assess(project: "Project", given: Given, work: Work) -> Report:
    """Say where service is missing."""
    return pipeline.assess(
        project, standards=given.many("standard") or None, at=given["at"], config=work.config, **work.how
    )


def assign(project: "Project", given: Given, work: Work) -> Report:
    """Give units to workers."""
    wanted = pipeline.Choosing(by=given["load_by"], keep=not given["fresh"], deputies=bool(given["deputies"]))
    return pipeline.assign(project, wanted, progress=work.job.tell)


def check(project: "Project", _given: Given, work: Work) -> Report:
    """Try every rule."""
    return pipeline.check(project, voice=work.voice)


DIVIDING = (
    Option(name="low", kind="number", least=1),
    Option(name="high", kind="number", least=1),
    Option(name="units", kind="number", least=1, most=100_000),
    Option(name="by", kind="choice", choices=BY),
    Option(name="preset", kind="many", choices=PRESETS),
    Option(name="keep", kind="choice", choices=plans),
    Option(name="equal", kind="flag"),
    Option(name="split", kind="number", least=1, more=True),
    Option(name="prefer", kind="choice", choices=PREFER, more=True),
    Option(name="walk", kind="number", least=1, more=True),
    Option(name="exclusive", kind="many", choices=EXCLUSIVE, more=True),
    Option(name="soft", kind="flag", more=True),
    Option(name="options", kind="number", least=2, most=5, more=True),
    Option(name="name", kind="text", more=True),
    Option(name="seed", kind="number", more=True),
)
ASSESSING = (
    Option(name="standard", kind="many", choices=STANDARDS),
    Option(name="at", kind="text", more=True),
)
ASSIGNING = (
    Option(name="load_by", kind="choice", choices=("hours", "households")),
    Option(name="deputies", kind="flag"),
    Option(name="fresh", kind="flag", more=True),
)
CHOICE = (Option(name="plan", kind="choice", choices=plans),)
STEPS = (
    Step(name="look", run=look, options=READING, writes=False),
    Step(name="import", run=take, options=(*READING, *TAKING)),
    Step(name="take_back", run=back, options=(Option(name="import", kind="choice", choices=taken),)),
    Step(
        name="forget",
        run=forget,
        options=(
            Option(name="import", kind="choice", choices=taken),
            Option(name="table", kind="choice", choices=LISTS),
        ),
    ),
    Step(name="take_in", run=lambda project, _given, _work: pipeline.take_in(project)),
    Step(name="delineate", run=divide, options=DIVIDING, room="way"),
    Step(
        name="choose",
        run=lambda project, given, _work: pipeline.choose(project, given["plan"] or ""),
        options=CHOICE,
        room="way",
    ),
    Step(name="attach", run=attach, room="way"),
    Step(name="assess", run=assess, options=ASSESSING, room="way"),
    Step(name="assign", run=assign, options=ASSIGNING, room="way"),
    Step(name="match", run=lambda project, _given, work: pipeline.match(project, progress=work.job.tell), room="way"),
    Step(
        name="score",
        run=lambda project, given, work: pipeline.score(project, given["plan"], progress=work.job.tell),
        options=CHOICE,
        writes=False,
        room="way",
    ),
    Step(name="check", run=check, writes=False, room="way"),
)

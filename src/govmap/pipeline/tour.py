"""The whole way on the built-in sample community: what a newcomer sees first, and what every part is tried on."""

import json
from pathlib import Path
from typing import Any

from govmap import catalog
from govmap.config import from_machine
from govmap.messages import Voice, note
from govmap.pipeline.assessing import assess
from govmap.pipeline.assigning import assign
from govmap.pipeline.attaching import attach
from govmap.pipeline.base_data import Source, fetch
from govmap.pipeline.division import criteria, delineate
from govmap.pipeline.importing import Reading, import_table
from govmap.pipeline.matching import match
from govmap.pipeline.outputs import check, map_
from govmap.pipeline.report import Progress, Report, quiet
from govmap.pipeline.reporting import report_
from govmap.project import Project, open_project

IMPORTED = ("residents", "resources", "incidents", "workers")
SIZE = "300-500"
DEMO_PROJECT = "project.gpkg"
SHOWN = (".html", ".docx")


def demo(folder: Path, *, voice: Voice, progress: Progress = quiet) -> Report:
    """Make the sample community, and of it a project, a map and a report, all in one folder."""
    from govmap.exports.files import write_whole
    from govmap.sources import sample

    folder.mkdir(parents=True, exist_ok=True)
    made = sample.write(folder / "sources", language=voice.language)
    project = folder / DEMO_PROJECT
    project.unlink(missing_ok=True)
    config = from_machine(voice.language)
    profile = "cn" if voice.language == "zh" else "generic"
    source = Source(osm=made.osm, boundary=made.boundary)
    reports = {"fetch": fetch(project, source, profile=profile, config=config, progress=progress)}
    voice = catalog.profile(profile).voice(voice.language)
    for table in IMPORTED:
        key = f"import {table}"
        reports[key] = import_table(
            project, table, made.lists[table], Reading(), config=config, voice=voice, progress=progress
        )
    with open_project(project) as opened:
        with opened.change("demo") as change:
            change.set("title", voice.say("demo_title", name=made.boundary))
        reports["attach"] = attach(opened, config=config, progress=progress)
        wanted = criteria(size=SIZE, units=None, by="households", seed=1)
        reports["delineate"] = delineate(opened, wanted, config=config, progress=progress)
        reports["attach"] = attach(opened, config=config, progress=progress)
        reports["assess"] = assess(opened, config=config, voice=voice, progress=progress)
        reports["assign"] = assign(opened, progress=progress)
        reports["match"] = match(opened, progress=progress)
        reports |= _handed_out(opened, folder, voice, progress)
        reports["check"] = check(opened, voice=voice)
    file = folder / "report.json"
    write_whole(file, _as_json(reports, voice))
    return _summary(folder, reports, file)


def _handed_out(project: Project, folder: Path, voice: Voice, progress: Progress) -> dict[str, Report]:
    """Write what a community hands out: the map for the public and for the office, the report to read and to edit."""
    how: dict[str, Any] = {"voice": voice, "progress": progress}
    return {
        "map": map_(project, folder / "map.html", "public", **how),
        "map for the office": map_(project, folder / "map-official.html", "official", internal=True, **how),
        "report": report_(project, folder / "report.html", "official", internal=True, **how),
        "paper": report_(project, folder / "report.docx", "official", internal=True, **how),
    }


def _as_json(reports: dict[str, Report], voice: Voice) -> bytes:
    told = {step: _facts(report, voice) for step, report in reports.items()}
    return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True, default=str).encode()


def _facts(report: Report, voice: Voice) -> dict[str, Any]:
    said = [voice.tell(one) for one in (*report.shown, *report.notes)]
    return {"figures": report.figures, "said": said, "warnings": [voice.tell(one) for one in report.warnings]}


def _summary(folder: Path, reports: dict[str, Report], file: Path) -> Report:
    every = list(reports.values())
    summary = Report(figures={step: report.figures for step, report in reports.items()})
    told = [note("demo_done", folder=str(folder)), *(one for report in every for one in report.notes)]
    summary.notes = [one for at, one in enumerate(told) if one not in told[:at]]
    summary.warnings = [one for report in every for one in report.warnings]
    summary.files = [
        folder / DEMO_PROJECT,
        *(one for report in every for one in report.files if one.suffix in SHOWN),
        file,
    ]
    summary.ok = all(report.ok for report in every)
    summary.next = f"govmap info {folder / 'project.gpkg'}"
    return summary

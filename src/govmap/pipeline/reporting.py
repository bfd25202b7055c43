"""The report that a meeting reads: from the stored tables, through the gate, to a page or a document."""

import json
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from govmap.errors import InputError
from govmap.messages import Voice, note
from govmap.pipeline.eight import Number, eight
from govmap.pipeline.former import called
from govmap.pipeline.incidents import rules_of
from govmap.pipeline.outputs import not_the_project, released_for, remember, title_of
from govmap.pipeline.report import Progress, Report, quiet, titled
from govmap.project import Project
from govmap.publish import Released

if TYPE_CHECKING:
    from govmap.render.report.paper import Paper, Tile

ENDINGS = (".html", ".docx")
WITHHELD = "_withheld"
MAP_WIDTH_MM, MAP_MOST_MM = 170.0, 150.0


def report_(
    project: Project,
    output: Path,
    audience: str = "public",
    *,
    internal: bool = False,
    voice: Voice,
    progress: Progress = quiet,
) -> Report:
    """
    Write the report of the active plan as one offline page (.html) or as a document to be edited (.docx).

    It reads what is stored and works nothing out anew; a section whose table is empty says what would fill it.

    Raises
    ------
    InputError
        The ending is none of the two, or the audience is unknown, or inside the office and `internal` was not given.
    PlanError
        There is no plan yet.
    """
    from govmap.exports.files import write_whole
    from govmap.render.report import document, page, pictures

    if output.suffix.lower() not in ENDINGS:
        raise InputError("report_ending", where=str(output), known=list(ENDINGS))
    not_the_project(project, output)
    progress("progress_report", 0.0)
    released = released_for(project, audience, internal=internal)
    numbers = eight(project, released)
    paper = compose(project, released, numbers, voice)
    progress("progress_report", 0.5)
    if output.suffix.lower() == ".html":
        content = page.build(paper)
    else:
        content = document.build(paper, at=datetime.combine(released.at.date(), time.min))
    write_whole(output, content)
    beside = remember(project, released, "report", output)
    progress("progress_report", 1.0)
    report = Report(figures=_figures(released, numbers), files=[output, *beside], notes=list(released.notes))
    if output.suffix.lower() == ".docx" and voice.language == "zh" and not pictures.writes_chinese():
        report.warnings.append(note("report_no_font"))
    return report


def compose(project: Project, released: Released, numbers: tuple[Number, ...], voice: Voice) -> "Paper":
    """Put the report together out of what was released and the eight figures."""
    from govmap.render.report import whole
    from govmap.render.report.desk import Desk
    from govmap.render.scene import sheet_of

    names = {plan: released.worded(name) for plan, name in called(project).items()}
    newest, printed = project.fact("osm_newest"), project.profile.facts.get("print", {})
    desk = Desk(
        released=released,
        voice=voice,
        sheet=sheet_of(released, width_mm=MAP_WIDTH_MM, most_mm=MAP_MOST_MM),
        data_date=newest[:10] if newest else None,
        credit=voice.say("scene_osm") if newest is not None else None,
        length=printed.get("length", "m"),
        levels=project.profile.facts.get("levels"),
        terminal=frozenset(rules_of(project.fact).lifecycle.terminal),
        assessed=json.loads(project.fact("assessed") or "{}"),
        plan_names=names,
    )
    name = names.get(released.plan_id, released.plan_id)
    tiles = [tile(one, voice, internal=released.internal) for one in numbers]
    title = released.worded(project.fact("title") or title_of(released, project))
    return whole.paper(desk, tiles, title=title, plan_name=name, format_=printed.get("paper", "A4"))


def tile(number: Number, voice: Voice, *, internal: bool = True) -> "Tile":
    """Tell one of the eight figures in a language; what to do where it is unknown is told inside the office alone."""
    from govmap.render.report.paper import Tile

    known = internal or number.value is not None or number.told.key.endswith(WITHHELD)
    told = number.told if known else note("eight_unknown_public")
    return Tile(
        title=voice.say(f"eight_{number.key}"),
        value=_value(number, voice),
        told=voice.tell(told),
        source=voice.say("eight_source", table=titled(number.source)),
        state=number.state,
        state_word=voice.say(f"eight_state_{number.state}"),
    )


def _value(number: Number, voice: Voice) -> str:
    if number.value is None:
        return voice.say("eight_value_unknown")
    sign = "+" if number.key == "change" and number.value > 0 else ""
    return f"{'≈' if number.about else ''}{sign}{number.value:,.0f}"


def _figures(released: Released, numbers: tuple[Number, ...]) -> dict[str, object]:
    figures: dict[str, object] = {"audience": released.audience, "plan": released.plan_id}
    return figures | {"suppressed": len(released.suppressed), "eight": [one.facts for one in numbers]}

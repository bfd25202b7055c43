"""Tables, rosters, filled forms and empty lists at the command line: one thin function a command."""

from pathlib import Path
from typing import Annotated

import typer

from govmap.cli.face import HELP, Json, Lang, Output, ProjectPath, argument, face, option


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    for name, command in (("export", export), ("template", template)):
        app.command(name, help=HELP.say(f"cli_{name}"))(command)


def export(
    project: ProjectPath,
    table: Annotated[str, argument("export", metavar="TABLE|roster|unit_roster")],
    output: Output,
    audience: Annotated[str, option("for", "--for", metavar="public|official|planner|worker")] = "public",
    internal: Annotated[bool, option("internal", "--internal")] = False,
    form: Annotated[Path | None, option("form", "--template", metavar="FORM.xlsx")] = None,
    column: Annotated[list[str] | None, option("form_column", "--column", metavar="THEIRS=OURS")] = None,
    sheet: Annotated[str | None, option("form_sheet", "--sheet")] = None,
    level: Annotated[str | None, option("form_level", "--level")] = None,
    place: Annotated[list[str] | None, option("form_set", "--set", metavar="WORD=TEXT")] = None,
    code20: Annotated[str | None, option("code20", "--code20", metavar="000000")] = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Write a table for other programs, a roster for people, or the office's own form."""
    with face("export", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap import pipeline

        columns, places = tuple(column or ()), tuple(place or ())
        how = pipeline.Filling(form=form, columns=columns, sheet=sheet, level=level, places=places)
        made = pipeline.export(
            opened, table, output, audience, internal=internal, code20=code20, how=how, voice=shown.voice
        )
        shown.show(made)


def template(
    table: Annotated[str, argument("table", metavar="TABLE")],
    output: Output,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Give an empty list to fill."""
    with face("template", lang, json) as shown:
        from govmap import pipeline

        shown.show(pipeline.template(table, output, voice=shown.voice))

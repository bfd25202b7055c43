"""Lists to be filled in, at the command line."""

from typing import Annotated

import typer

from govmap.cli.face import HELP, Json, Lang, Output, ProjectPath, argument, face


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("form", help=HELP.say("cli_form"))(form)


def form(
    project: ProjectPath,
    table: Annotated[str, argument("form", metavar="buildings")],
    output: Output,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Write a list to be filled in and imported again."""
    with face("form", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap import pipeline

        shown.show(pipeline.form(opened, table, output, voice=shown.voice))

"""The report at the command line."""

from pathlib import Path
from typing import Annotated

import typer

from govmap.cli.face import HELP, Json, Lang, Output, ProjectPath, face, option


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("report", help=HELP.say("cli_report"))(report)


def report(
    project: ProjectPath,
    output: Output = Path("report.html"),
    audience: Annotated[str, option("for", "--for", metavar="public|official|planner|worker")] = "public",
    internal: Annotated[bool, option("internal", "--internal")] = False,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Write the report that a meeting reads."""
    with face("report", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap import pipeline

        shown.show(
            pipeline.report_(opened, output, audience, internal=internal, voice=shown.voice, progress=shown.progress)
        )

"""What other copies published and under which number, at the command line."""

from pathlib import Path
from typing import Annotated

import typer

from govmap.cli.face import HELP, Json, Lang, ProjectPath, face, option
from govmap.errors import InputError


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("publish", help=HELP.say("cli_publish"))(publish)


def publish(
    project: ProjectPath,
    seen: Annotated[Path | None, option("seen", "--seen", metavar="FILE")] = None,
    map_number: Annotated[str | None, option("map_number", "--map-number", metavar="TEXT")] = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Take in what another copy published, or note the number under which maps are approved."""
    with face("publish", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap import pipeline

        if seen is None and map_number is None:
            raise InputError("publish_nothing_asked")
        told = [] if seen is None else [pipeline.seen(opened, seen)]
        told += [] if map_number is None else [pipeline.map_numbered(opened, map_number)]
        for report in told:
            shown.show(report)

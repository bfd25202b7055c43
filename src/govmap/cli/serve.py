"""The desk at the command line."""

from pathlib import Path
from typing import Annotated

import typer

from govmap.cli.face import HELP, Json, Lang, argument, face, option


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("serve", help=HELP.say("cli_serve"))(serve)


def serve(
    project: Annotated[Path | None, argument("serve_project", metavar="[PROJECT]")] = None,
    port: Annotated[int, option("serve_port", "--port", min=0, max=65_535)] = 0,
    browser: Annotated[bool, option("serve_browser", "--browser/--no-browser")] = True,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Open the desk in the browser."""
    with face("serve", lang, json, project) as shown:
        import sys

        from govmap.messages import note
        from govmap.pipeline import Report
        from govmap.server import serving

        def say(url: str) -> None:
            shown.show(Report(figures={"url": url}, shown=[note("desk_at", url=url)], notes=[note("desk_how_to_end")]))
            sys.stdout.flush()  # a program that has begun the desk waits for its address

        serving.run(project, port=port, browser=browser, config=shown.config, say=say)
        shown.show(Report(notes=[note("desk_ended")])) if not json else None

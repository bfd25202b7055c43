"""Assessment at the command line: one thin function."""

from pathlib import Path
from typing import Annotated

import typer

from govmap.cli.face import HELP, Json, Lang, ProjectPath, face, option


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("assess", help=HELP.say("cli_assess"))(assess)


def assess(
    project: ProjectPath,
    standard: Annotated[list[str] | None, option("assess_standard", "--standard", metavar="NAME|FILE.toml")] = None,
    at: Annotated[str | None, option("assess_at", "--at", metavar="WHEN")] = None,
    category: Annotated[list[str] | None, option("assess_category", "--category", metavar="KIND")] = None,
    complete: Annotated[list[str] | None, option("assess_complete", "--complete", metavar="KIND|all")] = None,
    only: Annotated[str | None, option("assess_only", "--only", metavar="gaps|incidents|load|sites")] = None,
    weights: Annotated[Path | None, option("assess_weights", "--weights", metavar="FILE.toml")] = None,
    k: Annotated[int | None, option("assess_k", "--k", min=1, max=100)] = None,
    since: Annotated[str | None, option("assess_since", "--since", metavar="YYYY-MM-DD")] = None,
    until: Annotated[str | None, option("assess_until", "--until", metavar="YYYY-MM-DD")] = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Say where service is missing and why."""
    with face("assess", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap import pipeline

        report = pipeline.assess(
            opened,
            standards=standard,
            at=at,
            categories=category or (),
            complete=complete or (),
            only=only,
            weights=weights,
            k=k,
            since=since,
            until=until,
            config=shown.config,
            voice=shown.voice,
            progress=shown.progress,
        )
        shown.show(report)

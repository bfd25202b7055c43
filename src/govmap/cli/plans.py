"""Plans weighed and chosen at the command line: one thin function a command."""

from pathlib import Path
from typing import Annotated

import typer

from govmap.cli.face import HELP, Json, Lang, ProjectPath, argument, face, option

SomePlan = Annotated[str | None, argument("some_plan", metavar="[PLAN]")]
OnePlan = Annotated[str, argument("plan", metavar="PLAN")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    for name, command in (("score", score), ("choose", choose), ("compare", compare)):
        app.command(name, help=HELP.say(f"cli_{name}"))(command)


def score(
    project: ProjectPath,
    plan: SomePlan = None,
    against: Annotated[int | None, option("against", "--against", min=20, max=100_000)] = None,
    seed: Annotated[int, option("seed", "--seed", min=0)] = 1,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Say how good a plan is."""
    with face("score", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap import pipeline

        shown.show(pipeline.score(opened, plan, against=against, seed=seed, progress=shown.progress))


def choose(project: ProjectPath, plan: OnePlan, lang: Lang = None, json: Json = False) -> None:
    """Make a plan the active one."""
    with face("choose", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap import pipeline

        shown.show(pipeline.choose(opened, plan))


def compare(
    project: ProjectPath,
    before: Annotated[str, argument("plan_before", metavar="PLAN")],
    after: Annotated[str, argument("plan_after", metavar="[PLAN]")] = "active",
    output: Annotated[Path | None, option("changes", "-o", "--output", metavar="FILE.xlsx|.csv")] = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Say what changes from one plan to another."""
    with face("compare", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap import pipeline

        report = pipeline.compare(opened, before, after, output=output, voice=shown.voice, progress=shown.progress)
        shown.show(report)

"""Who answers for which unit, and which resource for which need, at the command line."""

from typing import Annotated

import typer

from govmap.cli.face import HELP, Json, Lang, ProjectPath, face, option


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    for name, command in (("assign", assign), ("match", match)):
        app.command(name, help=HELP.say(f"cli_{name}"))(command)


def assign(
    project: ProjectPath,
    role: Annotated[list[str] | None, option("assign_role", "--role")] = None,
    fix: Annotated[list[str] | None, option("assign_fix", "--fix", metavar="WORKER=UNIT")] = None,
    want: Annotated[list[str] | None, option("assign_want", "--want", metavar="UNIT=WORD")] = None,
    keep: Annotated[bool, option("assign_keep", "--keep/--fresh")] = True,
    by: Annotated[str | None, option("assign_by", "--by", metavar="hours|households")] = None,
    deputies: Annotated[bool, option("assign_deputies", "--deputies")] = False,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Give units to workers."""
    with face("assign", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap import pipeline

        wanted = pipeline.Choosing(
            roles=tuple(role or ()),
            fix=tuple(fix or ()),
            wants=tuple(want or ()),
            keep=keep,
            by=by,
            deputies=deputies,
        )
        shown.show(pipeline.assign(opened, wanted, progress=shown.progress))


def match(project: ProjectPath, lang: Lang = None, json: Json = False) -> None:
    """Match needs to resources."""
    with face("match", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap import pipeline

        shown.show(pipeline.match(opened, progress=shown.progress))

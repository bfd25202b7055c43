"""Printed sheets and pictures to share at the command line."""

from pathlib import Path
from typing import Annotated

import typer

from govmap.cli.face import HELP, Json, Lang, Output, ProjectPath, argument, face, option

Units = Annotated[list[str] | None, option("atlas_unit", "--unit", metavar="CODE")]
Worker = Annotated[str | None, option("atlas_worker", "--worker", metavar="ID")]
Names = Annotated[bool, option("atlas_names", "--names/--no-names")]
Headline = Annotated[str | None, option("atlas_headline", "--headline")]
Line = Annotated[str | None, option("atlas_line", "--line", metavar="TELEPHONE")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    for name, command in (("atlas", atlas), ("share", share), ("photo", photo)):
        app.command(name, help=HELP.say(f"cli_{name}"))(command)


def atlas(
    project: ProjectPath,
    output: Output = Path("atlas.pdf"),
    kind: Annotated[str, option("atlas_kind", "--kind", metavar="board|carry|wall|door|change|numbering")] = "board",
    unit: Units = None,
    worker: Worker = None,
    paper: Annotated[str | None, option("atlas_paper", "--paper", metavar="A4|A3|A2|A1|A0|Letter|Tabloid")] = None,
    large: Annotated[bool, option("atlas_large", "--large")] = False,
    names: Names = True,
    headline: Headline = None,
    line: Line = None,
    former: Annotated[str | None, option("atlas_former", "--former", metavar="PLAN")] = None,
    with_names: Annotated[bool, option("atlas_with_names", "--with-names")] = False,
    cover: Annotated[bool | None, option("atlas_cover", "--cover/--no-cover")] = None,
    audience: Annotated[str | None, option("for", "--for", metavar="public|official|planner|worker")] = None,
    internal: Annotated[bool, option("internal", "--internal")] = False,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Print sheets as one PDF."""
    with face("atlas", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap import pipeline

        how = pipeline.Printing(
            kind=kind,
            units=tuple(unit or ()),
            worker=worker,
            paper=paper,
            audience=audience,
            internal=internal,
            names=names,
            large=large,
            headline=headline,
            line=line,
            former=former,
            cover=cover,
            with_names=with_names,
        )
        shown.show(pipeline.atlas(opened, output, how, voice=shown.voice, progress=shown.progress))


def share(
    project: ProjectPath,
    output: Output = Path("share"),
    unit: Units = None,
    worker: Worker = None,
    names: Names = True,
    headline: Headline = None,
    line: Line = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Make one picture of each unit."""
    with face("share", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap import pipeline

        how = pipeline.Printing(units=tuple(unit or ()), worker=worker, names=names, headline=headline, line=line)
        shown.show(pipeline.share(opened, output, how, voice=shown.voice, progress=shown.progress))


def photo(
    project: ProjectPath,
    worker: Annotated[str, argument("photo_worker", metavar="WORKER")],
    file: Annotated[Path | None, argument("photo_file", metavar="FILE")] = None,
    remove: Annotated[bool, option("photo_remove", "--remove")] = False,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Keep the photo of somebody who answers for units, for boards."""
    with face("photo", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap import pipeline

        shown.show(pipeline.photo(opened, worker, file, remove=remove))

"""Lists taken in, taken back and forgotten: one thin function a command."""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from govmap.cli.face import HELP, Face, Json, Lang, ProjectPath, argument, face, option

if TYPE_CHECKING:
    from collections.abc import Callable

    from govmap.pipeline import Report

SomeTable = Annotated[str, argument("table", metavar="TABLE")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    for name, command in (("import", import_), ("imports", imports), ("forget", forget)):
        app.command(name, help=HELP.say(f"cli_{name}"))(command)


def import_(
    project: ProjectPath,
    table: SomeTable,
    file: Annotated[Path, argument("file", metavar="FILE")],
    crs: Annotated[str | None, option("crs", "--crs")] = None,
    column: Annotated[list[str] | None, option("column", "--column", metavar="THEIRS=OURS")] = None,
    encoding: Annotated[str | None, option("encoding", "--encoding")] = None,
    sheet: Annotated[str | None, option("sheet", "--sheet")] = None,
    layer: Annotated[str | None, option("layer", "--layer")] = None,
    datum: Annotated[str | None, option("datum", "--datum", metavar="wgs84|gcj02|bd09|cgcs2000")] = None,
    date_order: Annotated[str | None, option("date_order", "--date-order", metavar="dmy|mdy")] = None,
    update: Annotated[bool, option("update", "--update")] = False,
    replace: Annotated[bool, option("replace", "--replace")] = False,
    look: Annotated[bool, option("look", "--look")] = False,
    again: Annotated[bool, option("again", "--again")] = False,
    keep_persons: Annotated[bool, option("keep_persons", "--keep-persons")] = False,
    yes: Annotated[bool, option("yes", "--yes")] = False,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Take in a list or layer of the user's own."""
    with face("import", lang, json, project) as shown:
        from govmap import pipeline

        there = project.exists()
        with shown.opened(project) if there else nullcontext():  # also what goes wrong is said in the project's words
            pass
        how = pipeline.Reading(
            crs=crs,
            columns=tuple(column or ()),
            encoding=encoding,
            sheet=sheet,
            layer=layer,
            datum=datum,
            date_order=date_order,
        )
        wanted = pipeline.Taking(
            update=update or replace, replace=replace, look=look, again=again, keep_persons=keep_persons
        )
        said: dict[str, Any] = {"config": shown.config, "voice": shown.voice, "progress": shown.progress}
        ask = None if yes or json else _asked(shown)
        report = pipeline.import_table(project, table, file, how, wanted, ask=ask, **said)
        with shown.opened(project) if project.exists() and not there else nullcontext():
            shown.show(report)


def _asked(shown: Face) -> "Callable[[Report], bool] | None":
    """Ask before an update is written, where somebody sits at a terminal."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None

    def ask(report: "Report") -> bool:
        for told in (*report.notes, *report.warnings):
            print(shown.voice.tell(told), file=sys.stderr)
        print(shown.voice.say("update_ask"), end=" ", file=sys.stderr, flush=True)
        return sys.stdin.readline().strip().casefold() in shown.voice.say("update_ask_yes").split("|")

    return ask


def imports(
    project: ProjectPath,
    undo: Annotated[str | None, option("undo_import", "--undo", metavar="last|IMPORT|FILE")] = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Say what was taken in, or take one list back."""
    with face("imports", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap import pipeline

        if undo is None:
            shown.show(pipeline.imports(opened))
        else:
            shown.show(pipeline.take_back(opened, undo, config=shown.config, progress=shown.progress))


def forget(
    project: ProjectPath,
    table: SomeTable,
    import_id: Annotated[str | None, option("one_import", "--import", metavar="IMPORT")] = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Remove a register everywhere, for good."""
    with face("forget", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap import pipeline

        shown.show(pipeline.forget(opened, table, import_id, progress=shown.progress))

"""Incidents at the command line: one thin function a command."""

from pathlib import Path
from typing import Annotated

import typer

from govmap.cli.face import HELP, Json, Lang, ProjectPath, argument, face, option
from govmap.cli.program import Program

incident_app = Program(help=HELP.say("cli_incident"))

Name = Annotated[str, argument("incident", metavar="NUMBER")]
GivenFile = Annotated[Path | None, argument("incident_file", metavar="[FILE]")]
OutputFile = Annotated[Path | None, option("output", "-o", "--output", metavar="FILE.xlsx")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(incident_app, name="incident")


@incident_app.callback()
def incident(lang: Lang = None) -> None:
    """Take the language before the command too."""
    with face("incident", lang, as_json=False):
        return


@incident_app.command("list", help=HELP.say("cli_incident_list"))
def list_(
    project: ProjectPath,
    stage: Annotated[str | None, option("incident_stage", "--stage")] = None,
    late: Annotated[bool, option("incident_late", "--late")] = False,
    done: Annotated[bool, option("incident_done", "--done")] = False,
    for_: Annotated[str | None, option("incident_for", "--for", metavar="WORKER")] = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """List incidents."""
    with face("incident list", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap.pipeline import cases

        shown.show(cases.listed(opened, stage=stage, late=late, done=done, for_=for_))


@incident_app.command("show", help=HELP.say("cli_incident_show"))
def show(project: ProjectPath, name: Name, lang: Lang = None, json: Json = False) -> None:
    """Show one incident."""
    with face("incident show", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap.pipeline import cases

        shown.show(cases.shown(opened, name))


@incident_app.command("move", help=HELP.say("cli_incident_move"))
def move(
    project: ProjectPath,
    name: Name,
    stage: Annotated[str, argument("stage", metavar="STAGE")],
    role: Annotated[str, option("incident_role", "--role")],
    note: Annotated[str | None, option("incident_note", "--note")] = None,
    responsible: Annotated[str | None, option("incident_responsible", "--responsible")] = None,
    resident: Annotated[
        bool | None, option("incident_resident", "--resident-satisfied/--resident-not-satisfied")
    ] = None,
    office: Annotated[bool | None, option("incident_office", "--office-satisfied/--office-not-satisfied")] = None,
    repeats: Annotated[str | None, option("incident_repeats", "--repeats", metavar="NUMBER")] = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Move an incident on."""
    with face("incident move", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap.govern.lifecycle import Given
        from govmap.pipeline import cases

        given = Given(
            note=note,
            responsible=responsible,
            satisfied_resident=resident,
            satisfied_office=office,
            duplicate_of=repeats,
        )
        shown.show(cases.move(opened, name, stage, role=role, given=given))


@incident_app.command("lifecycle", help=HELP.say("cli_incident_lifecycle"))
def lifecycle(
    project: ProjectPath,
    name: Annotated[str | None, argument("lifecycle", metavar="[NAME]")] = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Show or choose the way incidents go."""
    with face("incident lifecycle", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap.pipeline import cases

        shown.show(cases.lifecycle(opened, name))


@incident_app.command("deadlines", help=HELP.say("cli_incident_deadlines"))
def deadlines(
    project: ProjectPath,
    file: GivenFile = None,
    output: OutputFile = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Show, write or take in the table of deadlines."""
    with face("incident deadlines", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap.pipeline import deadlines

        if file is not None:
            shown.show(deadlines.take_in(opened, file))
        elif output is not None:
            shown.show(deadlines.write(opened, output, voice=shown.voice))
        else:
            shown.show(deadlines.show(opened))


@incident_app.command("repeats", help=HELP.say("cli_incident_repeats"))
def repeats(
    project: ProjectPath,
    file: GivenFile = None,
    output: OutputFile = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Find and decide on possible repeats."""
    with face("incident repeats", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap.pipeline import repeats

        if file is not None:
            shown.show(repeats.decide(opened, file))
        else:
            shown.show(repeats.find(opened, output, voice=shown.voice))

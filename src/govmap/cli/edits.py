"""A planner's hand at the command line: one thin function an edit."""

from collections.abc import Callable
from typing import Annotated

from govmap.cli.face import HELP, Json, Lang, ProjectPath, argument, face, option
from govmap.cli.program import Program

edit_app = Program(help=HELP.say("cli_edit"))

Unit = Annotated[str, argument("unit", metavar="UNIT")]
Units = Annotated[list[str], argument("edit_units", metavar="UNIT ...")]
SomeUnits = Annotated[list[str] | None, argument("edit_units", metavar="[UNIT ...]")]
PlanId = Annotated[str | None, option("plan", "--plan")]
Force = Annotated[bool, option("edit_force", "--force")]
System = Annotated[str | None, option("edit_crs", "--crs")]
Every = Annotated[bool, option("edit_all", "--all")]


@edit_app.callback()
def edit(lang: Lang = None) -> None:
    """Take the language before the edit too."""
    with face("edit", lang, as_json=False):
        return


@edit_app.command("move", help=HELP.say("cli_edit_move"))
def move(
    project: ProjectPath,
    unit: Unit,
    parts: Annotated[list[str] | None, argument("edit_parts", metavar="[PART ...]")] = None,
    within: Annotated[str | None, option("edit_within", "--within")] = None,
    crs: System = None,
    force: Force = False,
    plan: PlanId = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Move parts to another unit."""
    with face("edit move", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap.pipeline import editing

        report = editing.move(opened, unit, parts or [], within=within, crs=crs, force=force, plan_id=plan)
        shown.show(report)


@edit_app.command("split", help=HELP.say("cli_edit_split"))
def split(
    project: ProjectPath,
    unit: Unit,
    line: Annotated[str | None, option("edit_line", "--line")] = None,
    into: Annotated[int | None, option("edit_number", "--into", min=2, metavar="N")] = None,
    crs: System = None,
    force: Force = False,
    plan: PlanId = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Divide a unit."""
    with face("edit split", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap.pipeline import editing

        report = editing.split(opened, unit, line=line, number=into, crs=crs, force=force, plan_id=plan)
        shown.show(report)


@edit_app.command("merge", help=HELP.say("cli_edit_merge"))
def merge(
    project: ProjectPath,
    units: Units,
    into: Annotated[str | None, option("edit_into", "--into", metavar="UNIT")] = None,
    force: Force = False,
    plan: PlanId = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Put units together."""
    with face("edit merge", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap.pipeline import editing

        shown.show(editing.merge(opened, units, into=into, force=force, plan_id=plan))


@edit_app.command("rename", help=HELP.say("cli_edit_rename"))
def rename(
    project: ProjectPath,
    unit: Unit,
    name: Annotated[str, argument("edit_name", metavar="NAME")],
    plan: PlanId = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Give a unit a name."""
    with face("edit rename", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap.pipeline import editing

        shown.show(editing.rename(opened, unit, name, plan_id=plan))


def _locking(command: str) -> Callable[..., None]:
    def change(
        project: ProjectPath,
        units: SomeUnits = None,
        every: Every = False,
        plan: PlanId = None,
        lang: Lang = None,
        json: Json = False,
    ) -> None:
        """Keep units from being changed, or let them be changed again."""
        with face(f"edit {command}", lang, json, project) as shown, shown.opened(project) as opened:
            from govmap.pipeline import editing

            way = {"lock": editing.lock, "unlock": editing.unlock}[command]
            shown.show(way(opened, units or [], every=every, plan_id=plan))

    return change


def _turning(command: str) -> Callable[..., None]:
    def change(
        project: ProjectPath, force: Force = False, plan: PlanId = None, lang: Lang = None, json: Json = False
    ) -> None:
        """Take back your own last change, or make it again."""
        with face(f"edit {command}", lang, json, project) as shown, shown.opened(project) as opened:
            from govmap.pipeline import editing

            way = {"undo": editing.undo, "redo": editing.redo}[command]
            shown.show(way(opened, force=force, plan_id=plan))

    return change


for _command in ("lock", "unlock"):
    edit_app.command(_command, help=HELP.say(f"cli_edit_{_command}"))(_locking(_command))


@edit_app.command("exclusive", help=HELP.say("cli_edit_exclusive"))
def exclusive(
    project: ProjectPath,
    unit: Unit,
    kind: Annotated[str | None, argument("edit_kind", metavar="[KIND]")] = None,
    back: Annotated[bool, option("edit_back", "--back")] = False,
    reason: Annotated[str | None, option("edit_reason", "--reason")] = None,
    plan: PlanId = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Make a unit an exclusive one, or one like the others again."""
    with face("edit exclusive", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap.errors import InputError
        from govmap.pipeline import editing

        if back == (kind is not None):
            raise InputError("edit_kind_or_back", known=editing.exclusive_kinds(shown.voice))
        shown.show(editing.exclusive(opened, unit, kind, reason=reason, voice=shown.voice, plan_id=plan))


for _command in ("undo", "redo"):
    edit_app.command(_command, help=HELP.say(f"cli_edit_{_command}"))(_turning(_command))

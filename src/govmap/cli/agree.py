"""The way of a plan from draft to adopted at the command line: one thin function a step."""

from pathlib import Path
from typing import Annotated

import typer

from govmap.cli.face import HELP, Json, Lang, ProjectPath, argument, face, option
from govmap.cli.program import Program

agree_app = Program(help=HELP.say("cli_agree"))

SomePlan = Annotated[str | None, argument("some_plan", metavar="[PLAN]")]
PlanOption = Annotated[str | None, option("plan", "--plan")]
By = Annotated[str | None, option("agree_by", "--by", metavar="NAME")]
Reason = Annotated[str | None, option("agree_reason", "--reason")]
Effective = Annotated[str | None, option("agree_effective", "--effective", metavar="2026-05-01")]
Text = Annotated[str, argument("agree_text", metavar="TEXT")]
Unit = Annotated[str | None, option("agree_unit", "--unit", metavar="UNIT")]
Spot = Annotated[tuple[float, float] | None, option("agree_at", "--at", metavar="LON LAT")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(agree_app, name="agree")


@agree_app.callback()
def agree(lang: Lang = None) -> None:
    """Take the language before the step too."""
    with face("agree", lang, as_json=False):
        return


@agree_app.command("propose", help=HELP.say("cli_agree_propose"))
def propose(project: ProjectPath, plan: SomePlan = None, by: By = None, lang: Lang = None, json: Json = False) -> None:
    """Propose a draft."""
    with face("agree propose", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap.pipeline import agreeing

        shown.show(agreeing.propose(opened, plan, by=by))


@agree_app.command("notice", help=HELP.say("cli_agree_notice"))
def notice(
    project: ProjectPath,
    plan: SomePlan = None,
    begins: Annotated[str | None, option("agree_begins", "--from", metavar="2026-05-01")] = None,
    ends: Annotated[str | None, option("agree_ends", "--to", metavar="2026-05-12")] = None,
    days: Annotated[int | None, option("agree_days", "--days", min=1, max=250)] = None,
    output: Annotated[Path | None, option("agree_map", "-o", "--output", metavar="FILE.html")] = None,
    by: By = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Put a plan on notice."""
    with face("agree notice", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap.pipeline import agreeing

        shown.show(
            agreeing.notice(
                opened, plan, begins=begins, ends=ends, working_days=days, by=by, output=output, voice=shown.voice
            )
        )


@agree_app.command("withdraw", help=HELP.say("cli_agree_withdraw"))
def withdraw(
    project: ProjectPath,
    plan: SomePlan = None,
    reason: Reason = None,
    by: By = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Take a plan back to be changed."""
    with face("agree withdraw", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap.pipeline import agreeing

        shown.show(agreeing.withdraw(opened, plan, reason=reason, by=by))


@agree_app.command("adopt", help=HELP.say("cli_agree_adopt"))
def adopt(
    project: ProjectPath,
    document: Annotated[str, option("agree_document", "--document", metavar="NUMBER")],
    plan: SomePlan = None,
    effective: Effective = None,
    by: By = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Adopt a plan."""
    with face("agree adopt", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap.pipeline import agreeing

        shown.show(agreeing.adopt(opened, plan, document_no=document, effective=effective, by=by))


@agree_app.command("retire", help=HELP.say("cli_agree_retire"))
def retire(
    project: ProjectPath,
    plan: SomePlan = None,
    document: Annotated[str | None, option("agree_document", "--document", metavar="NUMBER")] = None,
    effective: Effective = None,
    reason: Reason = None,
    by: By = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Retire an adopted plan."""
    with face("agree retire", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap.pipeline import agreeing

        shown.show(agreeing.retire(opened, plan, document_no=document, effective=effective, reason=reason, by=by))


@agree_app.command("draft", help=HELP.say("cli_agree_draft"))
def draft(
    project: ProjectPath,
    plan: SomePlan = None,
    name: Annotated[str | None, option("agree_name", "--name")] = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Make a draft that begins as a plan stands."""
    with face("agree draft", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap.pipeline.again import again

        shown.show(again(opened, plan, name=name))


@agree_app.command("object", help=HELP.say("cli_agree_object"))
def object_(
    project: ProjectPath,
    text: Text,
    unit: Unit = None,
    at: Spot = None,
    channel: Annotated[str, option("agree_channel", "--channel")] = "paper",
    received: Annotated[str | None, option("agree_received", "--received", metavar="2026-05-01")] = None,
    plan: PlanOption = None,
    by: By = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Write an objection down."""
    with face("agree object", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap.pipeline import objecting

        where = objecting.Pinned(unit=unit, at=at)
        report = objecting.object_(opened, text, where, plan=plan, channel=channel, received=received, by=by)
        shown.show(report)


@agree_app.command("answer", help=HELP.say("cli_agree_answer"))
def answer(
    project: ProjectPath,
    number: Annotated[int, argument("agree_number", metavar="NUMBER", min=1)],
    text: Text,
    outcome: Annotated[str, option("agree_outcome", "--outcome", metavar="accepted|partly|declined|explained")],
    plan: PlanOption = None,
    by: By = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Answer an objection."""
    with face("agree answer", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap.pipeline import objecting

        shown.show(objecting.answer(opened, number, text, outcome, plan=plan, by=by))


@agree_app.command("comment", help=HELP.say("cli_agree_comment"))
def comment(
    project: ProjectPath,
    text: Text,
    unit: Unit = None,
    at: Spot = None,
    plan: PlanOption = None,
    by: By = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Pin a comment to a unit or place."""
    with face("agree comment", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap.pipeline import objecting

        shown.show(objecting.comment(opened, text, objecting.Pinned(unit=unit, at=at), plan=plan, by=by))


@agree_app.command("settle", help=HELP.say("cli_agree_settle"))
def settle(
    project: ProjectPath,
    comment_id: Annotated[str, argument("agree_comment", metavar="COMMENT")],
    again: Annotated[bool, option("agree_open", "--open")] = False,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Mark a comment as done."""
    with face("agree settle", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap.pipeline import objecting

        shown.show(objecting.settle(opened, comment_id, done=not again))


@agree_app.command("list", help=HELP.say("cli_agree_list"))
def list_(project: ProjectPath, plan: SomePlan = None, lang: Lang = None, json: Json = False) -> None:
    """Show where a plan is on its way."""
    with face("agree list", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap.pipeline import objecting

        shown.show(objecting.listed(opened, plan))

"""A plan from draft to adopted: steps, objections and their answers, comments."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from govmap.pipeline import agreeing, objecting
from govmap.pipeline.again import again
from govmap.server.answers import Open, Speaking, done

router = APIRouter(prefix="/api/agree")
Name = Annotated[str | None, Field(max_length=60)]
Plan = Annotated[str | None, Field(max_length=120)]
Day = Annotated[str | None, Field(max_length=20)]
Text = Annotated[str, Field(max_length=4000)]
Degree = Annotated[float, Field(ge=-180, le=180)]


class Step(BaseModel):
    """A step of a plan, and who takes it."""

    plan: Plan = None
    by: Name = None


class Notice(Step):
    """From when to when a plan is on notice."""

    begins: Day = None
    ends: Day = None


class Back(Step):
    """Why a plan is taken back."""

    reason: Annotated[str | None, Field(max_length=500)] = None


class Decision(Back):
    """By which paper, and from when."""

    document_no: Annotated[str, Field(max_length=200)] = ""
    effective: Day = None


class Copy(Step):
    """What a copy is called."""

    name: Annotated[str | None, Field(max_length=80)] = None


class Said(Step):
    """What is said, and of what place."""

    text: Text
    unit: Plan = None
    at: tuple[Degree, Degree] | None = None

    @property
    def where(self) -> objecting.Pinned:
        """Say where it belongs."""
        return objecting.Pinned(unit=self.unit, at=self.at)


class Objection(Said):
    """How and when an objection came."""

    channel: Annotated[str, Field(max_length=20)] = "paper"
    received: Day = None


class Reply(Step):
    """What is answered to an objection."""

    number: Annotated[int, Field(ge=1, le=1_000_000)]
    text: Text
    outcome: Annotated[str, Field(max_length=20)]


class Settled(BaseModel):
    """Whether a comment is done."""

    comment: Annotated[str, Field(max_length=120)]
    done: bool = True


@router.get("")
def shown(opened: Open, voice: Speaking, plan: Annotated[str | None, Query(max_length=120)] = None) -> dict[str, Any]:
    """Show where a plan is, what may be done with it, and why not."""
    with opened.reading() as project:
        report = objecting.listed(project, plan)
        against = objecting.hindrances(project, plan)
        plans = objecting.plans(project)
    told = {step: None if one is None else voice.tell(one) for step, one in against.items()}
    return done(report, voice) | {"against": told, "plans": plans}


@router.post("/propose")
def propose(given: Step, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Propose a draft."""
    with opened.writing("agree") as project:
        return done(agreeing.propose(project, given.plan, by=given.by), voice)


@router.post("/notice")
def notice(given: Notice, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Put a plan on notice."""
    with opened.writing("agree") as project:
        report = agreeing.notice(project, given.plan, begins=given.begins, ends=given.ends, by=given.by)
        return done(report, voice)


@router.post("/withdraw")
def withdraw(given: Back, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Take a plan back to be changed."""
    with opened.writing("agree") as project:
        return done(agreeing.withdraw(project, given.plan, reason=given.reason, by=given.by), voice)


@router.post("/adopt")
def adopt(given: Decision, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Adopt a plan."""
    with opened.writing("agree") as project:
        number, holds = given.document_no, given.effective
        return done(agreeing.adopt(project, given.plan, document_no=number, effective=holds, by=given.by), voice)


@router.post("/retire")
def retire(given: Decision, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Retire an adopted plan."""
    facts = {"document_no": given.document_no, "effective": given.effective, "reason": given.reason}
    with opened.writing("agree") as project:
        return done(agreeing.retire(project, given.plan, by=given.by, **facts), voice)


@router.post("/draft")
def draft(given: Copy, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Make a draft that begins as a plan stands."""
    with opened.writing("agree") as project:
        return done(again(project, given.plan, name=given.name), voice)


@router.post("/objections")
def object_(given: Objection, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Write an objection down."""
    facts: dict[str, Any] = {"plan": given.plan, "channel": given.channel, "by": given.by, "received": given.received}
    with opened.writing("agree") as project:
        return done(objecting.object_(project, given.text, given.where, **facts), voice)


@router.post("/answers")
def answer(given: Reply, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Answer an objection."""
    with opened.writing("agree") as project:
        report = objecting.answer(project, given.number, given.text, given.outcome, plan=given.plan, by=given.by)
        return done(report, voice)


@router.post("/comments")
def comment(given: Said, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Pin a comment to a unit or place."""
    with opened.writing("agree") as project:
        return done(objecting.comment(project, given.text, given.where, plan=given.plan, by=given.by), voice)


@router.post("/settle")
def settle(given: Settled, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Mark a comment as done or open."""
    with opened.writing("agree") as project:
        return done(objecting.settle(project, given.comment, done=given.done), voice)

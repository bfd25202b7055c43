"""Units and the people who answer for them, handed out by hand."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from govmap.pipeline import posting, unposting
from govmap.server.answers import Open, Speaking, done

router = APIRouter(prefix="/api/people")
Word = Annotated[str, Field(max_length=120)]
Units = Annotated[list[Word], Field(max_length=5000)]


class Giving(BaseModel):
    """Who is put on which units."""

    worker: Word
    units: Units
    post: Word | None = None
    deputy: bool = False


class Taking(BaseModel):
    """Which units become vacant of a post, or lose one person."""

    units: Units
    post: Word
    worker: Word | None = None


class Fixing(BaseModel):
    """Which proposals are accepted, or set free; all where no unit is named."""

    units: Units = []
    post: Word | None = None
    fixed: bool = True


@router.get("")
def people(opened: Open, voice: Speaking) -> dict[str, Any]:
    """Say who answers for what."""
    with opened.reading() as project:
        return done(posting.overview(project, voice=voice), voice)


@router.post("/give")
def give(given: Giving, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Put somebody on units."""
    with opened.writing("people") as project:
        report = posting.give(project, given.worker, given.units, post=given.post, deputy=given.deputy)
        return done(report, voice)


@router.post("/take")
def take(given: Taking, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Make units vacant."""
    with opened.writing("people") as project:
        return done(posting.take(project, given.units, post=given.post, worker_id=given.worker), voice)


@router.post("/fix")
def fix(given: Fixing, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Accept proposals, or set accepted ones free."""
    with opened.writing("people") as project:
        return done(posting.fix(project, given.units, post=given.post, fixed=given.fixed), voice)


@router.post("/undo")
def undo(opened: Open, voice: Speaking) -> dict[str, Any]:
    """Take the last change back."""
    with opened.writing("people") as project:
        return done(unposting.undo(project), voice)

"""Incidents at the desk: listed by stage, looked at, moved on, and one written down where it was found."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from govmap.govern.lifecycle import Given
from govmap.pipeline import cases, casework
from govmap.server.answers import Open, Speaking, done

router = APIRouter(prefix="/api/cases")
Word = Annotated[str, Field(max_length=120)]
Degree = Annotated[float, Field(ge=-180, le=180)]


class Asked(BaseModel):
    """Which incidents are wanted."""

    stage: Word | None = None
    word: Word | None = None
    late: bool = False
    done: bool = False
    page: Annotated[int, Field(ge=0, le=100_000)] = 0


class Move(BaseModel):
    """Which incident goes to which stage, by whose hand, and what is told with it."""

    incident: Word
    stage: Word
    role: Word
    note: Annotated[str | None, Field(max_length=1000)] = None
    responsible: Word | None = None
    satisfied_resident: bool | None = None
    satisfied_office: bool | None = None
    duplicate_of: Word | None = None


class Adding(BaseModel):
    """What was found where."""

    at: tuple[Degree, Degree]
    category: Word
    kind: Word = "event"
    severity: Word | None = None
    number: Word | None = None
    text: Annotated[str | None, Field(max_length=1000)] = None


class Way(BaseModel):
    """Which way incidents go."""

    name: Word


@router.get("")
def board(opened: Open, voice: Speaking, asked: Annotated[Asked, Query()]) -> dict[str, Any]:
    """List incidents, a page at a time."""
    wanted = casework.Wanted(**asked.model_dump())
    with opened.reading() as project:
        return done(casework.board(project, wanted, voice=voice), voice)


@router.get("/one")
def one(opened: Open, voice: Speaking, incident: Annotated[str, Query(max_length=120)]) -> dict[str, Any]:
    """Show one incident with its log."""
    with opened.reading() as project:
        return done(casework.one(project, incident, voice=voice), voice)


@router.post("/move")
def move(given: Move, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Move an incident on."""
    told = Given(**given.model_dump(exclude={"incident", "stage", "role"}))
    with opened.writing("cases") as project:
        return done(cases.move(project, given.incident, given.stage, role=given.role, given=told), voice)


@router.post("/add")
def add(given: Adding, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Write down what was found at a place."""
    found = casework.Found(**given.model_dump(exclude={"at"}))
    with opened.writing("cases") as project:
        return done(casework.add(project, given.at, found), voice)


@router.post("/way")
def way(given: Way, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Choose the way that incidents go."""
    with opened.writing("cases") as project:
        return done(cases.lifecycle(project, given.name), voice)

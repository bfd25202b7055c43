"""The desk itself: what is open, what has changed, language and name of the person, steps at work."""

import asyncio
import time
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from govmap import pipeline
from govmap.messages import LANGUAGES
from govmap.server.answers import LANGUAGE_COOKIE, Open, Speaking, Working, language_of

router = APIRouter(prefix="/api")
LONGEST_S, LOOK_S, FOREIGN_S = 20.0, 0.1, 3.0


class Person(BaseModel):
    """Who sits at the desk."""

    name: str = Field(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f]+$")


class Language(BaseModel):
    """In which language the page speaks."""

    language: str = Field(pattern=f"^({'|'.join(LANGUAGES)})$")


@router.get("/desk")
def desk(opened: Open, request: Request) -> dict[str, Any]:
    """Say what is open."""
    path, version = opened.path, opened.version
    facts = {"name": path.name if path else None, "folder": str(path.parent if path else opened.home)}
    facts |= opened.kept("whereabouts", pipeline.standing) if path else {}
    return {"ok": True, **facts, "version": version, "person": opened.person, "language": language_of(request)}


@router.put("/desk/person")
def person(given: Person, opened: Open) -> dict[str, Any]:
    """Say who sits at the desk: changes are signed with it."""
    opened.person = given.name.strip() or opened.person
    return {"ok": True, "person": opened.person}


@router.put("/desk/language")
def language(given: Language, response: Response) -> dict[str, Any]:
    """Choose the language for this browser."""
    response.set_cookie(LANGUAGE_COOKIE, given.language, max_age=31_536_000, samesite="strict", httponly=True)
    return {"ok": True, "language": given.language}


@router.get("/changes")
async def changes(
    opened: Open, voice: Speaking, after: Annotated[int, Query(ge=0)] = 0, foreign: Annotated[int, Query(ge=0)] = 0
) -> dict[str, Any]:
    """Wait for a version after the one the page knows, or for another program's changes; at most 20 seconds."""
    until, look = time.monotonic() + LONGEST_S, 0.0
    strange: list[str] = []
    while True:
        if time.monotonic() >= look:
            strange = await run_in_threadpool(opened.foreign)
            look = time.monotonic() + FOREIGN_S
        if opened.version > after or len(strange) != foreign or opened.closing or time.monotonic() >= until:
            return {
                "ok": True,
                "version": opened.version,
                "foreign": [voice.say(f"table_{name}") for name in strange],
                "busy": opened.busy,
                "ending": opened.closing,
            }
        await asyncio.sleep(LOOK_S)


@router.get("/jobs/{number}")
def job(number: str, jobs: Working) -> dict[str, Any]:
    """Say how far a step is."""
    return {"ok": True, **jobs.get(number).facts()}


@router.delete("/jobs/{number}")
def cancel(number: str, jobs: Working) -> dict[str, Any]:
    """Call a step off."""
    return {"ok": True, **jobs.cancel(number).facts()}

"""Where work begins: projects to open, and a new one made of what was dropped."""

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Body
from pydantic import BaseModel, Field

from govmap import pipeline
from govmap.errors import InputError
from govmap.messages import Voice
from govmap.pipeline.report import Report
from govmap.server import ways
from govmap.server.answers import Speaking, Whole
from govmap.server.steps import Step, Work

router = APIRouter(prefix="/api/start")
MAKE = Step(name="make", run=lambda _project, _given, _work: Report(), options=ways.MAKING)
MOST = 200


class Chosen(BaseModel):
    """A project to be opened, by its name in the folder or its whole path."""

    path: str = Field(min_length=1, max_length=1000, pattern=r"^[^\x00-\x1f]+$")


@router.get("/projects")
def projects(desk: Whole) -> dict[str, Any]:
    """List the project files of the folder, the last changed first."""
    home = desk.opened.home
    found = [(file.stat().st_mtime, file) for file in home.glob("*.gpkg") if file.is_file()]
    ordered = [file.name for _, file in sorted(found, key=lambda one: (-one[0], one[1].name))]
    return {"ok": True, "folder": str(home), "projects": ordered[:MOST], "more": max(0, len(ordered) - MOST)}


@router.get("/imports")
def imports(desk: Whole) -> dict[str, Any]:
    """List what was taken in, the last first."""
    with desk.opened.reading() as project:
        found: list[dict[str, Any]] = pipeline.imports(project).figures["imports"]
    return {"ok": True, "imports": found[::-1]}


@router.post("/open")
def open_(chosen: Chosen, desk: Whole) -> dict[str, Any]:
    """Open a project."""
    path = Path(chosen.path).expanduser()
    path = path if path.is_absolute() else desk.opened.home / path
    if path.suffix.lower() != ".gpkg":
        raise InputError("project_suffix", where=path.name)
    desk.opened.open(path)
    desk.opened.home = path.parent
    return {"ok": True, "name": path.name, "version": desk.opened.version}


@router.post("/make")
def make(said: Annotated[dict[str, Any], Body(max_length=40)], desk: Whole, voice: Speaking) -> dict[str, Any]:
    """Begin to make a project."""
    given = MAKE.check(said)
    plain = Voice(voice.language, voice.words)
    job = desk.jobs.start(
        "make",
        lambda job: ways.make(given, Work(opened=desk.opened, uploads=desk.uploads, job=job, voice=plain)),
        voice=voice,
    )
    return {"ok": True, "job": job.id}

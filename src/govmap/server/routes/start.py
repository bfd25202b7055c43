"""Where work begins: projects to open, and a new one made of what was dropped."""

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query
from pydantic import BaseModel, Field

from govmap import pipeline
from govmap.errors import InputError
from govmap.messages import Voice
from govmap.pipeline import correcting
from govmap.pipeline.report import Report
from govmap.server import ways
from govmap.server.answers import Speaking, Whole
from govmap.server.steps import Given, Step, Work

router = APIRouter(prefix="/api/start")
MAKE = Step(name="make", run=lambda _project, _given, _work: Report(), options=ways.MAKING)
MOST = 200
RowNumber = Annotated[str, Field(pattern=r"^[0-9]{1,9}$")]
Cell = Annotated[str, Field(max_length=400)]


class Chosen(BaseModel):
    """A project to be opened, by its name in the folder or its whole path."""

    path: str = Field(min_length=1, max_length=1000, pattern=r"^[^\x00-\x1f]+$")


class Correcting(BaseModel):
    """An import, and the cells of its rejected rows that were corrected: row -> column -> what stands there now."""

    number: Annotated[str, Field(max_length=60)]
    cells: Annotated[dict[RowNumber, Annotated[dict[Cell, Cell], Field(max_length=200)]], Field(max_length=200)]


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


@router.get("/rejects")
def rejects(desk: Whole, voice: Speaking, number: Annotated[str, Query(max_length=60)]) -> dict[str, Any]:
    """List the rejected rows of an import, to be corrected."""
    with desk.opened.reading() as project:
        return {"ok": True, "rejected": correcting.waiting(project, number, voice)}


@router.post("/correct")
def correct(given: Correcting, desk: Whole, voice: Speaking) -> dict[str, Any]:
    """Begin to take corrected rows in."""
    cells = {int(row): told for row, told in given.cells.items()}
    plain = Voice(voice.language, voice.words)
    step = Step(name="correct", run=lambda project, _given, work: ways.correct(project, given.number, cells, work))
    job = desk.jobs.start(
        "correct",
        lambda job: step.work(Given({}), Work(opened=desk.opened, uploads=desk.uploads, job=job, voice=plain)),
        voice=voice,
    )
    return {"ok": True, "job": job.id}


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

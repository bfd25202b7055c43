"""Every step of the pipeline: what can be said to it, and its run as a job."""

from typing import Annotated, Any

from fastapi import APIRouter, Body

from govmap.messages import Voice
from govmap.server.answers import Speaking, Whole
from govmap.server.jobs import Job
from govmap.server.steps import Step, Work

router = APIRouter(prefix="/api/steps")
Said = Annotated[dict[str, Any], Body(max_length=60)]


@router.get("")
def steps(desk: Whole, voice: Speaking) -> dict[str, Any]:
    """List the steps with their options, as the project stands."""
    if desk.opened.path is None:
        return {"ok": True, "steps": [_told(one, None, voice) for one in desk.table.steps.values()]}
    with desk.opened.reading() as project:
        return {"ok": True, "steps": [_told(one, project, voice) for one in desk.table.steps.values()]}


@router.post("/{name}")
def run(name: str, said: Said, desk: Whole, voice: Speaking) -> dict[str, Any]:
    """Begin a step; how far it is stands under `/api/jobs`."""
    step = desk.table.get(name)
    given = step.check(said)
    plain = Voice(voice.language, voice.words)
    job = desk.jobs.start(name, lambda job: step.work(given, _work(desk, job, plain)), voice=voice)
    return {"ok": True, "job": job.id}


def _work(desk: Whole, job: Job, voice: Voice) -> Work:
    return Work(opened=desk.opened, uploads=desk.uploads, job=job, voice=voice)


def _told(step: Step, project: Any, voice: Voice) -> dict[str, Any]:
    options = [
        {"name": one.name, "kind": one.kind, "least": one.least, "most": one.most, "start": one.start, "more": one.more}
        | {"choices": one.offered(project, voice), "open": callable(one.choices)}
        for one in step.options
    ]
    return {"name": step.name, "room": step.room, "options": options}

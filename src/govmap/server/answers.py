"""How the desk answers: JSON with `ok`, errors as one sentence, with the status of their kind."""

import json
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from govmap.errors import BusyError, GovmapError, InputError, NetworkError, NotAProjectError, StaleError
from govmap.messages import LANGUAGES, Voice
from govmap.pipeline.report import Report, facts_of, failure, plain
from govmap.server.jobs import Jobs
from govmap.server.opened import Opened
from govmap.server.speech import ClickVoice
from govmap.server.steps import Table
from govmap.server.uploads import Uploads

LANGUAGE_COOKIE = "govmap_language"
STATUS: tuple[tuple[type[GovmapError], int], ...] = (
    (StaleError, 409),
    (BusyError, 423),
    (NotAProjectError, 415),
    (NetworkError, 424),
    (GovmapError, 422),
)
CODES = {"desk_no_project": 409, "desk_no_job": 404, "desk_no_file": 404, "desk_no_such": 404, "desk_fault": 500}


class Answer(JSONResponse):
    """JSON of our facts: what is no number is null, numbers of arrays are numbers."""

    def render(self, content: Any) -> bytes:
        """Write the facts."""
        return json.dumps(plain(content), ensure_ascii=False, separators=(",", ":")).encode()


def done(report: Report, voice: Voice) -> dict[str, Any]:
    """Give what a step did: the facts of its command, the sentences, and the files by name."""
    said = [voice.tell(one) for one in (*report.shown, *report.notes)]
    return facts_of(report, voice) | {"said": said, "files": [file.name for file in report.files]}


def language_of(request: Request) -> str:
    """Give the language of the page that asks: its own word, else the cookie, else the machine's."""
    asked = request.query_params.get("lang") or request.headers.get("x-govmap-language")
    asked = asked or request.cookies.get(LANGUAGE_COOKIE)
    return asked if asked in LANGUAGES else opened_of(request).config.language


@dataclass(frozen=True)
class Desk:
    """What the routes work with."""

    opened: Opened
    jobs: Jobs
    uploads: Uploads
    table: Table


def opened_of(request: Request) -> Opened:
    """Give the open project."""
    opened: Opened = request.app.state.opened
    return opened


def jobs_of(request: Request) -> Jobs:
    """Give the steps at work."""
    jobs: Jobs = request.app.state.jobs
    return jobs


def desk_of(request: Request) -> Desk:
    """Give the desk's parts."""
    desk: Desk = request.app.state.desk
    return desk


def voice_of(request: Request) -> ClickVoice:
    """Give the voice of the page's language with the words of the project; it names buttons, not commands."""
    opened = opened_of(request)
    plain = opened.voice(language_of(request))
    return ClickVoice(plain.language, plain.words, opened.plan_names)


Open = Annotated[Opened, Depends(opened_of)]
Working = Annotated[Jobs, Depends(jobs_of)]
Whole = Annotated[Desk, Depends(desk_of)]
Speaking = Annotated[ClickVoice, Depends(voice_of)]


def refused(error: GovmapError, voice: Voice) -> Answer:
    """Say what is wrong, with the status of its kind."""
    status = CODES.get(error.code) or next(status for kind, status in STATUS if isinstance(error, kind))
    return Answer({"ok": False, "error": failure(error, voice)}, status)


def on_error(request: Request, error: Exception) -> Answer:
    """Answer what a user can mend."""
    if not isinstance(error, GovmapError):
        error = InputError("desk_fault")
    return refused(error, voice_of(request))


def on_bad_request(request: Request, error: Exception) -> Answer:
    """Answer a request that is not of the form a route knows."""
    first = error.errors()[0] if isinstance(error, RequestValidationError) and error.errors() else {}
    where = ".".join(str(one) for one in first.get("loc", ()))
    told = InputError("desk_bad_request", where=where[:120] or None)
    return refused(told, voice_of(request))


def on_http(request: Request, error: Exception) -> Answer:
    """Answer what the framework itself refuses: no such page, no such method."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = getattr(error, "headers", None)
    told = failure(InputError("desk_no_such", page=request.url.path[:120]), voice_of(request))
    return Answer({"ok": False, "error": told}, status, headers=headers)

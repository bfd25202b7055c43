"""The desk put together: the guard around all, the routes of every room, one table from errors to answers."""

import secrets
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from govmap.errors import GovmapError
from govmap.server import answers, deciding, guard, handing, ways
from govmap.server.jobs import Jobs
from govmap.server.routes import agreeing, assigning, base, cases, desk, files, page, redraw, start, steps, uploads
from govmap.server.steps import Table
from govmap.server.uploads import Uploads

if TYPE_CHECKING:
    from govmap.server.opened import Opened

ROUTES = (page, desk, files, start, steps, uploads, redraw, base, assigning, cases, agreeing)
LARGE = {"/api/uploads": 4_000_000_000, "/api/redraw/": 20_000_000}


def create(
    opened: "Opened",
    *,
    secret: str | None = None,
    port: int,
    keys: guard.Keys | None = None,
    limits: guard.Limits | None = None,
) -> FastAPI:
    """
    Put the desk together for one open project (or none yet).

    Parameters
    ----------
    secret
        Signs the cookie; a new one each time the desk starts, so that cookies end with it.
    port
        Where the desk listens: part of its name, which every request must know.
    keys
        Those of whoever makes the addresses, where they are made elsewhere.
    limits
        How large and slow bodies may be.
    """
    app = FastAPI(
        title="govmap", openapi_url=None, docs_url=None, redoc_url=None, default_response_class=answers.Answer
    )
    app.state.opened = opened
    app.state.jobs = Jobs(opened.folder / "jobs")
    table = Table()
    table.add(*ways.STEPS, *handing.STEPS, *deciding.STEPS)
    app.state.desk = answers.Desk(opened, app.state.jobs, Uploads(opened.folder / "uploads"), table)
    app.state.keys = keys or guard.Keys(secret or secrets.token_urlsafe(32), port)
    for one in ROUTES:
        app.include_router(one.router)
    app.add_exception_handler(GovmapError, answers.on_error)
    app.add_exception_handler(RequestValidationError, answers.on_bad_request)
    app.add_exception_handler(HTTPException, answers.on_http)
    app.add_exception_handler(Exception, answers.on_error)
    bounds = limits or guard.Limits(routes=LARGE)
    app.add_middleware(guard.Guard, keys=app.state.keys, port=port, limits=bounds, version=lambda: opened.version)
    return app

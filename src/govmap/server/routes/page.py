"""The page of the desk and the packs of its map, made once a version and language."""

import secrets
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from govmap.server.answers import Open, Speaking, opened_of, voice_of

if TYPE_CHECKING:
    from govmap.messages import Voice
    from govmap.render.content import Content
    from govmap.server.opened import Opened

router = APIRouter()
VERSION = "X-Govmap-Version"


def content_of(opened: "Opened", voice: "Voice") -> "Content":
    """Give what the page is made of, as the project stands."""
    from govmap.pipeline.desk_page import live, live_of_nothing

    if opened.path is None:
        return live_of_nothing(voice, title="govmap")
    return opened.kept(f"page {voice.language}", lambda project: live(project, voice))


@router.get("/", response_class=HTMLResponse)
def page(opened: Open, voice: Speaking) -> HTMLResponse:
    """Give the page, its scripts marked for this one answer."""
    from govmap.pipeline.desk_page import live_page

    version, made = opened.version, content_of(opened, voice)
    html, policy = live_page(made, nonce=secrets.token_urlsafe(18), version=version)
    return HTMLResponse(html, headers={"Content-Security-Policy": policy})


@router.get("/favicon.ico")
def favicon() -> Response:
    """Give no picture: the page carries its own."""
    return Response(status_code=204)


@router.get("/pack/{name}")
def pack(name: str, request: Request) -> Response:
    """Give one pack of the map, or nothing where it has no rows."""
    opened = opened_of(request)
    version, made = opened.version, content_of(opened, voice_of(request))
    sheaf = made.pack(name) if name in (*made.names, "facts") else None
    headers = {VERSION: str(version), "Cache-Control": "private, no-cache"}
    if sheaf is None:
        return Response(status_code=204, headers=headers)
    headers["ETag"] = f'"{sheaf.etag}"'
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(sheaf.data, media_type="application/octet-stream", headers=headers)

"""The page of the desk and the packs of its map, made once a version and language."""

import secrets
from html import escape
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, StreamingResponse

from govmap.errors import GovmapError, InputError
from govmap.render.opening import opening, policy
from govmap.server.answers import Open, Speaking, opened_of, voice_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from govmap.messages import Voice
    from govmap.render.content import Content
    from govmap.server.opened import Opened

router = APIRouter()
VERSION = "X-Govmap-Version"
PAGE = "page {}"  # what is kept of it, by language


def content_of(opened: "Opened", voice: "Voice") -> "Content":
    """Give what the page is made of, as the project stands."""
    from govmap.pipeline.desk_page import live, live_of_nothing

    if opened.path is None:
        return live_of_nothing(voice, title="govmap")
    return opened.kept(PAGE.format(voice.language), lambda project: live(project, voice))


@router.get("/", response_class=HTMLResponse)
def page(opened: Open, voice: Speaking) -> Response:
    """Give the page, its scripts marked for this one answer; its beginning at once where the rest takes a while."""
    nonce = secrets.token_urlsafe(18)
    headers = {"Content-Security-Policy": policy(nonce)}
    if opened.path is None or opened.has(PAGE.format(voice.language)):
        return HTMLResponse(_whole(opened, voice, nonce), headers=headers)
    return StreamingResponse(_by_pieces(opened, voice, nonce), media_type="text/html; charset=utf-8", headers=headers)


def _whole(opened: "Opened", voice: "Voice", nonce: str) -> str:
    from govmap.pipeline.desk_page import live_page

    version, made = opened.version, content_of(opened, voice)
    return live_page(made, nonce=nonce, version=version)


def _by_pieces(opened: "Opened", voice: "Voice", nonce: str) -> "Iterator[str]":
    """Give the beginning of the page, then the rest, or why there is none."""
    yield opening(voice, title=opened.path.stem if opened.path else "govmap", nonce=nonce)
    try:
        from govmap.pipeline.desk_page import after_opening  # takes a while the first time

        whole = _whole(opened, voice, nonce)
    except Exception as error:
        known = error if isinstance(error, GovmapError) else InputError("desk_fault")
        said = (known.message(voice), known.hint(voice) or "")
        yield "".join(f'<p role="alert" class="desk-fault">{escape(one)}</p>' for one in said)
        if known is not error:
            raise
        return
    yield after_opening(whole)


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

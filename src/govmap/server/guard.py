"""Who may ask the desk anything: a browser of this computer that was opened by the desk itself.

Every request passes here before any route: it comes from loopback, names us as its host, asks for a plain path, carries
the cookie that the one-time address has given, and, where it changes something, comes from our own page. Bodies are
bounded in size and in time. Every answer carries the headers that keep a page from being framed, sniffed or led astray.
"""

import asyncio
import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from itsdangerous import BadSignature, TimestampSigner
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from govmap.messages import LANGUAGES, catalogue

LOOPBACK = ("127.0.0.1", "::1")
NAMES = ("127.0.0.1", "localhost", "[::1]")
SAFE = ("GET", "HEAD")
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
SIGN_DAYS = 7
HIDDEN = (b"%2f", b"%5c", b"%00", b"%25")
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
}
REFUSED = {
    400: "desk_refused_path",
    403: "desk_refused",
    408: "desk_too_slow",
    411: "desk_no_length",
    413: "desk_too_large",
}


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How large and how slow a body may be; routes with a bound of their own stand in `routes` by the path's start."""

    body: int = 1_000_000
    routes: Mapping[str, int] | None = None
    idle_s: float = 10.0
    whole_s: float = 30.0  # for a body of the common size; a larger one has as many times longer

    def of(self, path: str) -> int:
        """Give the most bytes that a request to this path may carry."""
        own = [size for start, size in (self.routes or {}).items() if path.startswith(start)]
        return max(own, default=self.body)


class _RefusedError(Exception):
    """A body that is too large or too slow."""


class Keys:
    """The one-time token of the address and the cookie that it is changed for."""

    def __init__(self, secret: str, port: int) -> None:
        self._signer = TimestampSigner(secret, salt="govmap-desk")
        self._tokens: set[str] = set()
        self.cookie = f"govmap_{port}"

    def token(self) -> str:
        """Make a token that opens the desk once."""
        made = secrets.token_urlsafe(32)
        self._tokens.add(made)
        return made

    def take(self, token: str) -> bool:
        """Tell whether a token is one of ours; it is used up."""
        found = next((one for one in self._tokens if hmac.compare_digest(one.encode(), token.encode())), None)
        self._tokens.discard(found or "")
        return found is not None

    def signed(self) -> str:
        """Give the cookie's value."""
        return self._signer.sign(secrets.token_hex(8)).decode()

    def knows(self, value: str) -> bool:
        """Tell whether a cookie's value is one that we signed, not long ago."""
        try:
            self._signer.unsign(value, max_age=SIGN_DAYS * 86_400)
        except BadSignature:
            return False
        return True


class Guard:
    """The gate of the server, around the whole application."""

    def __init__(
        self, app: ASGIApp, *, keys: Keys, port: int, limits: Limits, version: Callable[[], int] = lambda: 0
    ) -> None:
        self._app, self._keys, self._limits, self._version = app, keys, limits, version
        self._hosts = {f"{name}:{port}" for name in NAMES} | ({*NAMES} if port == 80 else set())  # noqa: PLR2004 - http's own
        self._origins = {f"http://{host}" for host in self._hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through to its route, or answer it here."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # we speak nothing else
            return
        headers = _headers(scope)
        status = self._fault(scope, headers)
        token = parse_qs(scope["query_string"].decode("ascii", "replace")).get("token", [""])[0]
        if status == 0 and scope["path"] == "/" and token and self._keys.take(token):
            await self._let_in(send)
            return
        if status == 0 and not self._keys.knows(_cookie(headers, self._keys.cookie)):
            status = 403
        if status:
            await _refuse(send, status, scope)
            return
        await self._pass_on(scope, receive, send)

    def _fault(self, scope: Scope, headers: Mapping[str, str]) -> int:
        """Give the status with which a request is refused for what it is, 0 where it may ask."""
        client = scope.get("client")
        if client is None or client[0] not in LOOPBACK or headers.get("host", "").lower() not in self._hosts:
            return 403
        if _crooked(scope):
            return 400
        if not self._ours(scope["method"], scope["path"], headers):
            return 403
        return self._size_fault(scope, headers)

    def _ours(self, method: str, path: str, headers: Mapping[str, str]) -> bool:
        """Tell whether a request can come from our own page; a link that leads to the desk can come from anywhere."""
        origin = headers.get("origin")
        if origin is not None and origin.lower() not in self._origins:
            return False
        if method in SAFE:
            return path == "/" or headers.get("sec-fetch-site", "none") in ("none", "same-origin")
        return method in UNSAFE and origin is not None and headers.get("x-govmap") == "1"

    def _size_fault(self, scope: Scope, headers: Mapping[str, str]) -> int:
        length = headers.get("content-length", "0")
        if not length.isdecimal():
            return 400
        return 413 if int(length) > self._limits.of(scope["path"]) else 0

    async def _let_in(self, send: Send) -> None:
        """Change the token for the cookie, and lead to the same page without it."""
        cookie = f"{self._keys.cookie}={self._keys.signed()}"
        value = f"{cookie}; Path=/; HttpOnly; SameSite=Strict; Max-Age={SIGN_DAYS * 86_400}"
        # A page and no redirect: a browser that was led here by a file or another program sends a strict cookie only
        # to a page that our own page asks for.
        said = " · ".join(catalogue(language)["desk_opening"] for language in reversed(LANGUAGES))
        head = '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=/"><title>govmap</title>'
        body = f"{head}<h1>govmap</h1><p>{said}</p>".encode()
        await _answer(send, 200, body, "text/html; charset=utf-8", {"set-cookie": value})

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        bounded = _Bounded(receive, self._limits, self._limits.of(scope["path"]))

        async def sending(message: Message) -> None:
            if bounded.refused:  # the framework makes an answer of its own of a body that broke off
                return
            if message["type"] == "http.response.start":
                message = {**message, "headers": _completed(message.get("headers", []), self._told(scope))}
            await send(message)

        with suppress(_RefusedError):
            small = self._limits.of(scope["path"]) == self._limits.body
            await self._app(scope, await bounded.collected() if small else bounded, sending)
        if bounded.refused:
            await _refuse(send, bounded.refused, scope)

    def _told(self, scope: Scope) -> dict[str, str]:
        """Say the version after a change, so that the page that made it need not ask what has changed."""
        return {"x-govmap-version": str(self._version())} if scope["method"] in UNSAFE else {}


class _Bounded:
    """A body as it comes in, for as long and as much as is allowed."""

    def __init__(self, receive: Receive, limits: Limits, most: int) -> None:
        self._receive, self._idle_s, self._most = receive, limits.idle_s, most
        self._until = time.monotonic() + limits.whole_s * max(1.0, most / limits.body)
        self._read, self._whole = 0, False
        self.refused = 0  # the status, once it has been too much or too slow

    async def __call__(self) -> Message:
        if self._whole:  # what comes now is the end of the connection, for which an answer may wait long
            return await self._receive()
        wait = min(self._idle_s, self._until - time.monotonic())
        try:
            message = await asyncio.wait_for(self._receive(), max(0.0, wait))
        except TimeoutError:
            raise self._refusal(408) from None
        self._read += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        if self._read > self._most:
            raise self._refusal(413)
        return message

    async def collected(self) -> Receive:
        """Take the whole of a small body before any route runs: also one that reads none is not asked so slowly."""
        pieces = [await self()]
        while not self._whole:
            pieces.append(await self())
        body = b"".join(one.get("body", b"") for one in pieces)
        waiting = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Message:
            return waiting.pop() if waiting else await self._receive()

        return again

    def _refusal(self, status: int) -> _RefusedError:
        self.refused = status
        return _RefusedError()


def _headers(scope: Scope) -> dict[str, str]:
    """Give the headers by name; one that comes twice counts as none that we know."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key = name.decode("latin-1").lower()
        found[key] = value.decode("latin-1") if key not in found or key == "cookie" else "\0twice"
    return found


def _crooked(scope: Scope) -> bool:
    """Tell a path that could lead elsewhere than it seems."""
    raw = (scope.get("raw_path") or scope["path"].encode()).split(b"?")[0].lower()
    steps = scope["path"].replace("\\", "/").split("/")
    if any(not letter.isprintable() or letter == "\\" for letter in scope["path"]):
        return True
    return ".." in steps or "." in steps or "" in steps[1:-1] or any(hidden in raw for hidden in HIDDEN)


def _cookie(headers: Mapping[str, str], name: str) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return found.value if found else ""


def _completed(headers: list[tuple[bytes, bytes]], more: Mapping[str, str] | None = None) -> list[tuple[bytes, bytes]]:
    """Add our headers where a route has not set its own."""
    known = {name.lower() for name, _ in headers}
    given = {**HEADERS, **(more or {})}.items()
    ours = [(name.encode(), value.encode()) for name, value in given if name.encode() not in known]
    return [*headers, *ours]


async def _refuse(send: Send, status: int, scope: Scope) -> None:
    """Say why in both languages: who is refused here has told us none."""
    said = [catalogue(language)[REFUSED[status]] for language in reversed(LANGUAGES)]
    headers = {"connection": "close"}
    if scope["path"].startswith("/api"):
        import json

        error = {"code": REFUSED[status], "message": " ".join(said), "where": None, "hint": None}
        body = json.dumps({"ok": False, "error": error}, ensure_ascii=False).encode()
        await _answer(send, status, body, "application/json", headers)
    else:
        await _answer(send, status, "\n".join(said).encode(), "text/plain; charset=utf-8", headers)


async def _answer(send: Send, status: int, body: bytes, kind: str, more: Mapping[str, str]) -> None:
    given = {"content-type": kind, "content-length": str(len(body)), **more}
    headers = _completed([(name.encode(), value.encode()) for name, value in given.items()])
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

"""Every route, from the route table: whoever is not the desk's own page is refused before any of our code runs."""

import os
import re
import socket
import time
from typing import Any

import pytest

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
EXAMPLES = int(os.environ.get("GOVMAP_EXAMPLES", "4"))  # of requests to each route; more on a quiet machine
VALUES = {"number": "j1", "name": "units", "unit": "U001", "plan": "p1"}


def table(served: Any) -> list[tuple[str, str]]:
    """Every method and path that the application knows, its places filled."""
    paths = served.app.openapi()["paths"]
    found = [
        (method.upper(), re.sub(r"\{(\w+)\}", lambda place: VALUES.get(place[1], "x1"), path))
        for path, methods in paths.items()
        for method in methods
    ]
    assert len(found) >= 18, "the route table is empty or was not read"
    return sorted(found)


def statuses(served: Any, body: bytes = b"", **headers: str | None) -> dict[str, int]:
    return {f"{method} {path}": served.ask(method, path, body, **headers).status for method, path in table(served)}


def test_no_route_answers_without_the_cookie_or_with_a_wrong_one(served: Any) -> None:
    for cookie in (None, f"govmap_{served.port}=forged.aaaa.bbbb", "govmap_1=" + served.cookie.partition("=")[2]):
        assert set(statuses(served, cookie=cookie).values()) == {403}, cookie


def test_no_route_answers_a_foreign_origin_or_host(served: Any) -> None:
    for headers in (
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": f"http://localhost.evil.example:{served.port}"},
        {"host": "evil.example"},
        {"host": f"127.0.0.1:{served.port + 1}"},
        {"host": f"govmap.evil.example:{served.port}"},
    ):
        assert set(statuses(served, **headers).values()) == {403}, headers


def test_nothing_is_changed_for_a_page_that_is_not_ours(served: Any) -> None:
    unsafe = [(method, path) for method, path in table(served) if method in UNSAFE]
    assert unsafe
    for headers in ({"x_govmap": None}, {"x_govmap": "0"}, {"origin": None}):
        got = {(method, path): served.ask(method, path, b"{}", **headers).status for method, path in unsafe}
        assert set(got.values()) == {403}, headers


def test_other_sites_learn_nothing_by_reading(served: Any) -> None:
    for site in ("cross-site", "same-site"):
        reads = [path for method, path in table(served) if method == "GET" and path != "/"]
        assert {served.ask("GET", path, origin=None, sec_fetch_site=site).status for path in reads} == {403}


def test_crooked_paths_are_refused_on_every_route(served: Any) -> None:
    crooked = (
        "../../etc/passwd",
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e/x",
        "..\\..\\x",
        "x%00",
        "x%5c..%5cy",
        "%252e%252e",
    )
    seen = set()
    for method, path in table(served):
        for bend in crooked:
            seen.add(served.ask(method, f"{path.rstrip('/')}/{bend}").status)
    assert seen == {400}


def test_a_body_that_is_too_large_is_refused_on_every_route(served: Any) -> None:
    for method, path in table(served):
        most = 400_000 if path.startswith("/api/uploads") else 50_000
        said = served.ask(method, path, b"", content_length=str(most + 1))
        assert said.status == 413, (method, path)


def test_a_body_that_grows_beyond_its_bound_is_refused_on_every_route(served: Any) -> None:
    headers = {"content_length": None, "transfer_encoding": "chunked", "content_type": "application/json"}
    for method, path in table(served):
        size = 420_000 if path.startswith("/api/uploads") and method == "PUT" else 60_000
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (size, b"x" * size)
        if path.startswith("/api/uploads") and method != "PUT":
            continue  # reads no body, and its bound is that of a file
        assert served.ask(method, path, body, **headers).status == 413, (method, path)


def test_a_slow_body_is_refused_on_every_route(served: Any) -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in served.ours.items())
    waiting = {}
    for method, path in table(served):
        if path.startswith("/api/uploads") and method != "PUT":
            continue
        asked = socket.create_connection(("127.0.0.1", served.port), timeout=20)
        asked.sendall(f"{method} {path} HTTP/1.1\r\n{head}Content-Length: 1000\r\n\r\n".encode() + b'{"a"')
        waiting[method, path] = asked
    began = time.monotonic()
    for route, asked in waiting.items():
        line = asked.recv(200).split(b"\r\n")[0]
        asked.close()
        assert b" 408 " in line, (route, line)
    assert time.monotonic() - began < 10


def test_nobody_from_another_computer_is_answered(served: Any) -> None:
    import asyncio

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    headers = [(name.lower().encode(), value.encode()) for name, value in served.ours.items()]
    scope = {"type": "http", "method": "GET", "path": "/api/desk", "raw_path": b"/api/desk", "query_string": b""}
    scope |= {"headers": headers, "client": ("192.168.1.7", 40_000)}
    asyncio.run(served.app.build_middleware_stack()(scope, receive, send))
    assert sent[0]["status"] == 403


def test_the_address_opens_the_desk_once(served: Any) -> None:
    token = served.app.state.keys.token()
    first = served.ask("GET", f"/?token={token}", cookie=None, origin=None)
    assert first.status == 200
    cookie = first.getheader("set-cookie")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert served.ask("GET", f"/?token={token}", cookie=None, origin=None).status == 403
    assert served.ask("GET", "/?token=" + "x" * 43, cookie=None, origin=None).status == 403
    assert served.ask("GET", "/api/desk", cookie=cookie.partition(";")[0], origin=None).status == 200


def test_every_answer_keeps_the_page_from_being_framed_sniffed_or_led_astray(served: Any) -> None:
    for method, path in table(served):
        said = served.ask(method, path, b"{}", content_type="application/json")
        assert said.getheader("x-content-type-options") == "nosniff", path
        assert said.getheader("x-frame-options") == "DENY", path
        assert said.getheader("referrer-policy") == "no-referrer", path
        assert "default-src 'none'" in said.getheader("content-security-policy"), path
        assert said.getheader("access-control-allow-origin") is None, path


def test_each_page_has_a_nonce_of_its_own_that_all_its_scripts_carry(served: Any) -> None:
    seen = set()
    for _ in range(2):
        said = served.ask("GET", "/", origin=None)
        nonce = re.search(r"script-src 'nonce-([\w-]+)'", said.getheader("content-security-policy"))
        assert nonce is not None
        seen.add(nonce[1])
        page = said.content.decode()
        assert "unsafe" not in said.getheader("content-security-policy")
        tags = re.findall(r"<(?:script|style)\b(?![^>]*application/json)(?![^>]*text/plain)[^>]*>", page)
        assert tags
        assert all(f'nonce="{nonce[1]}"' in tag for tag in tags)
    assert len(seen) == 2


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_no_request_of_any_form_makes_the_desk_fail(served: Any) -> None:
    import schemathesis
    from hypothesis import HealthCheck, Phase, given, settings

    ours = {"Cookie": served.cookie, "Origin": served.origin, "X-Govmap": "1"}
    failed: list[Any] = []
    schema = schemathesis.openapi.from_dict(served.app.openapi())
    for told in schema.get_all_operations():
        operation = told.ok()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            said = case.call(base_url=served.origin, headers=ours)
            if said.status_code >= 500:
                failed.append((case.method, case.path, str(case.body)[:200]))

        ask()
    assert not failed

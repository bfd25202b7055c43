"""The desk's page: packs are asked for one by one, and taken anew after a change."""

import http.server
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from govmap.messages import Voice
from govmap.pipeline.desk_page import live_of_nothing, live_page
from govmap.render import opening, symbology, webmap
from govmap.render.content import Content, content

if not (symbology.STATIC / "map.js").is_file():
    pytest.skip("needs the built page: npm --prefix web run build", allow_module_level=True)

NONCE = "n0-nce_1"


@dataclass
class Desk:
    """A desk of a page and its packs: what it holds may be changed between two questions."""

    made: Content
    version: int = 1
    asked: list[tuple[str, int]] = field(default_factory=list)
    url: str = ""
    begun: bool = False  # whether the page comes in two pieces

    def answer(self, path: str, mark: str | None) -> tuple[int, bytes, dict[str, str]]:
        told = {"X-Govmap-Version": str(self.version)}
        if path == "/":
            page = live_page(self.made, nonce=NONCE, version=self.version)
            if self.begun:
                page = opening.opening(Voice("en"), title="Well", nonce=NONCE) + webmap.after_opening(page)
            return 200, page.encode(), {"Content-Type": "text/html", "Content-Security-Policy": opening.policy(NONCE)}
        if not path.startswith("/pack/"):
            return 404, b"", {}
        sheaf = self.made.pack(path.removeprefix("/pack/").partition("?")[0])
        if sheaf is None:
            return 204, b"", told
        if mark == sheaf.etag:
            return 304, b"", told
        return 200, sheaf.data, told | {"ETag": sheaf.etag, "Content-Type": "application/octet-stream"}


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Content], Desk]]:
    """Serve pages, without the desk's own tools, on loopback while a test looks at them."""
    monkeypatch.setattr(webmap, "there", lambda *names: names[:1])
    running: list[http.server.ThreadingHTTPServer] = []

    def start(made: Content) -> Desk:
        desk = Desk(made)

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, data, headers = desk.answer(self.path, self.headers.get("If-None-Match"))
                desk.asked.append((self.path, status))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        desk.url = f"http://127.0.0.1:{server.server_address[1]}/"
        return desk

    yield start
    for one in running:
        one.shutdown()
        one.server_close()


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    made = context.new_page()
    made.told = []
    made.on("console", lambda one: made.told.append(one.text) if one.type in ("error", "warning") else None)
    made.on("pageerror", lambda one: made.told.append(str(one)))
    yield made
    context.close()


def opened(page: Any, desk: Desk) -> Any:
    page.goto(desk.url)
    page.wait_for_selector("body[data-ready]", timeout=30_000)
    return page


def of(released: Any) -> Content:
    return content(released, Voice("en"), title="Well", desk=True)


def test_the_desks_page_asks_for_its_packs_and_for_nothing_else(released, serve, page):
    desk = serve(of(released("planner")))
    opened(page, desk)
    assert page.locator(".units li").count() == 6
    assert page.evaluate("govmap.desk.tables.buildings.text('id', 0)").startswith("w")
    assert not [path for path, _ in desk.asked if path != "/" and not path.startswith("/pack/")]
    assert not page.told


def test_a_page_whose_beginning_was_sent_before_it_was_made_is_the_same_page(released, serve, page):
    desk = serve(of(released("planner")))
    desk.begun = True
    opened(page, desk)
    assert page.locator(".units li").count() == 6
    assert page.title() == "Well"
    assert page.evaluate("document.body.getElementsByTagName('style').length") == 0
    assert page.evaluate("document.compatMode") == "CSS1Compat"
    assert not page.told


def test_only_what_changed_is_sent_again_and_the_choice_stays(town, released, serve, page):
    desk = serve(of(released("planner")))
    opened(page, desk)
    page.evaluate("govmap.desk.choose({kind: 'unit', row: 1})")
    tables = town()
    tables["units"] = tables["units"].assign(name=[f"Renamed {at}" for at in range(6)], code=list("fedcba"))
    desk.made, desk.version, desk.asked = of(released("planner", tables)), 2, []
    page.evaluate("govmap.page.reload()")
    assert page.inner_text(".card h2") == "Unit e Renamed 1"
    assert page.evaluate("govmap.desk.choice.row") == 4, "it stands in another row now"
    sent = {path.split("/")[-1].partition("?")[0] for path, status in desk.asked if status == 200}
    assert {"facts", "units"} <= sent
    assert not sent & {"areas", "ways", "compounds", "communities"}
    assert not page.told


def test_the_page_stands_before_there_are_units_or_anything(town, released, serve, page):
    tables = town()
    bare = {name: frame.iloc[:0] if name in ("units", "plan_parts") else frame for name, frame in tables.items()}
    for made in (of(released("planner", bare)), live_of_nothing(Voice("zh"), title="井")):
        opened(page, serve(made))
        page.mouse.click(900, 400)
        assert page.evaluate("govmap.page.desk.tables.units.rows") == 0
    assert not page.told


def test_scripts_and_styles_of_the_desk_carry_the_nonce_of_the_answer(released):
    made = of(released("planner"))
    html = webmap.live(made, nonce=NONCE, version=7)
    assert html.count("<script") == html.count("<script type=") + html.count(f'<script nonce="{NONCE}">')
    assert html.count("<style") == html.count(f'<style nonce="{NONCE}">')
    assert "http-equiv" not in html
    rules = dict(one.partition(" ")[::2] for one in opening.policy(NONCE).split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == f"'nonce-{NONCE}'"
    assert not [one for one in rules.values() if "unsafe" in one or "http" in one]


def test_words_and_keys_of_the_desk_are_in_no_file(released):
    made = content(released("planner"), Voice("en"), title="Well")
    assert not [key for words in made.facts["words"].values() for key in words if key.startswith("desk_")]
    assert made.names == of(released("planner")).names
    assert "w23" not in webmap.build(released("planner"), Voice("en"), title="Well")


def test_the_same_pack_has_the_same_mark_and_another_another(town, released):
    tables = town()
    changed = tables | {"units": tables["units"].assign(name="Other")}
    one, same, other = (of(released("planner", some)) for some in (tables, town(), changed))
    assert one.pack("units") == same.pack("units")
    assert one.pack("units").etag != other.pack("units").etag
    assert one.pack("ways") == other.pack("ways")
    assert one.pack("nothing of the kind") is None

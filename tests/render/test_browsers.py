"""Other browsers: an old Chromium without what is newer, one that starts no workers, and Firefox."""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from govmap.messages import Voice
from govmap.render import content, symbology, webmap

if not (symbology.STATIC / "map.js").is_file():
    pytest.skip("needs the built page: npm --prefix web run build", allow_module_level=True)

NEWER = ("DecompressionStream", "OffscreenCanvas", "structuredClone", "CompressionStream", "ResizeObserver")
WITHOUT = {
    "all that is newer": "".join(f"delete window.{one};" for one in NEWER) + "delete Array.prototype.at;",
    "workers": "delete window.Worker;",
    "workers that may start": "window.Worker = function () { throw new Error('not for files'); };",
    "workers that work": """
      const Real = window.Worker;
      window.Worker = function () { return new Real("data:text/javascript,throw new Error('no')"); };
    """,
}
DRAWN = """() => {
  const seen = new Set();
  for (const canvas of document.querySelectorAll('.leaflet-tile-pane canvas')) {
    const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    for (let i = 0; i < data.length; i += 4 * 97) seen.add([data[i], data[i + 1], data[i + 2]].join());
  }
  return seen.size;
}"""


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, offline=True)
    made = context.new_page()
    made.told = []
    made.on("pageerror", lambda one: made.told.append(str(one)))
    yield made
    context.close()


@pytest.fixture
def file(released: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(content, "READ_HERE", 0)
    made = tmp_path / "map.html"
    made.write_text(webmap.build(released("planner"), Voice("zh"), title="井"), "utf-8")
    return made


@pytest.mark.parametrize("missing", list(WITHOUT))
def test_the_map_opens_without(page: Any, file: Path, missing: str) -> None:
    page.add_init_script(WITHOUT[missing])
    page.goto(file.as_uri())
    page.wait_for_selector("body[data-ready]", timeout=30_000)
    assert page.locator(".units li").count() == 6
    assert page.evaluate("govmap.desk.tables.buildings.text('name', 0)").startswith("House")
    page.wait_for_function(f"({DRAWN})() > 12")
    assert page.told == []


def test_packs_are_read_by_workers_where_there_are_some(page: Any, file: Path) -> None:
    started: list[str] = []
    page.on("worker", lambda one: started.append(one.url))
    page.goto(file.as_uri())
    page.wait_for_selector("body[data-ready]", timeout=30_000)
    assert started
    assert all(one.startswith("blob:") for one in started)
    page.wait_for_timeout(200)
    assert page.workers == [], "they are let go when all is read"


def test_small_packs_are_read_by_the_page_itself(page: Any, released: Any, tmp_path: Path) -> None:
    started: list[str] = []
    page.on("worker", lambda one: started.append(one.url))
    file = tmp_path / "map.html"
    file.write_text(webmap.build(released("planner"), Voice("zh"), title="井"), "utf-8")
    page.goto(file.as_uri())
    page.wait_for_selector("body[data-ready]", timeout=30_000)
    assert started == []


def test_a_browser_that_only_takes_a_picture_takes_it_of_the_whole_map(file: Path, tmp_path: Path) -> None:
    """Its clock jumps over every wait, and so over the work of workers, unless the page stays awake."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("needs a Chromium on the path")
    quiet = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
    asked = [path, "--headless", *quiet, f"--user-data-dir={tmp_path}", "--virtual-time-budget=9000", "--dump-dom"]
    told = subprocess.run([*asked, file.as_uri()], capture_output=True, text=True, timeout=60, check=True).stdout
    assert "data-ready=" in told
    assert all(f"U00{at}" in told for at in range(1, 7))


class Firefox:
    """A Firefox steered by the protocol it was born with: messages with their length before them."""

    def __init__(self, port: int) -> None:
        self._line = socket.create_connection(("127.0.0.1", port), timeout=90)
        self._asked = 0
        self._next()
        self.ask("WebDriver:NewSession", capabilities={"alwaysMatch": {"pageLoadStrategy": "normal"}})

    def ask(self, command: str, **facts: Any) -> Any:
        self._asked += 1
        told = json.dumps([0, self._asked, command, facts]).encode()
        self._line.sendall(b"%d:%s" % (len(told), told))
        _, _, error, result = self._next()
        assert error is None, error
        return result

    def run(self, script: str) -> Any:
        return self.ask("WebDriver:ExecuteScript", script=script, args=[])["value"]

    def close(self) -> None:
        self._line.close()

    def _next(self) -> Any:
        size = b""
        while not size.endswith(b":"):
            size += self._line.recv(1)
        data = b""
        while len(data) < int(size[:-1]):
            data += self._line.recv(int(size[:-1]) - len(data))
        return json.loads(data)


@pytest.fixture
def firefox(tmp_path: Path) -> Iterator[Firefox]:
    path = shutil.which("firefox-esr") or shutil.which("firefox")
    if path is None:
        pytest.skip("needs a Firefox on the path (Debian: firefox-esr)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / "user.js").write_text(f'user_pref("marionette.port", {port});\n', "utf-8")
    asked = [path, "--headless", "--marionette", "--profile", str(tmp_path), "--no-remote"]
    with subprocess.Popen(asked, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            with closing(_reached(port)) as steered:
                yield steered
        finally:
            running.terminate()


def _reached(port: int) -> Firefox:
    for _ in range(600):
        with suppress(ConnectionRefusedError):
            return Firefox(port)
        time.sleep(0.1)
    pytest.fail("Firefox did not start within a minute")


def test_firefox_opens_draws_and_answers(firefox: Firefox, file: Path) -> None:
    firefox.ask("WebDriver:Navigate", url=file.as_uri())
    for _ in range(300):
        if firefox.run("return document.body.hasAttribute('data-ready')") and firefox.run(f"return ({DRAWN})()") > 12:
            break
        time.sleep(0.1)
    assert firefox.run(f"return ({DRAWN})()") > 12
    assert firefox.run("return document.querySelectorAll('.units li').length") == 6
    firefox.run("document.querySelector('.units button').click()")
    assert "U001" in firefox.run("return document.querySelector('.card h2').textContent")
    assert firefox.run("return document.querySelector('.broken')") is None
    assert firefox.run(f"const {{desk}} = window.govmap; return desk.tables.units.shapes.hit(...{MIDDLE})") == 0


MIDDLE = "desk.tables.units.shapes.middle(0)"

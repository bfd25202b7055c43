"""No request leaves a map, whoever it is for, in whatever language, whatever is opened on it."""

from collections.abc import Iterator
from typing import Any

import pytest

from govmap.messages import LANGUAGES, Voice
from govmap.render import symbology, webmap

if not (symbology.STATIC / "map.js").is_file():
    pytest.skip("needs the built page: npm --prefix web run build", allow_module_level=True)

AUDIENCES = ("public", "official", "planner", "worker")
OWN = ("file:", "data:", "blob:")
# Everything that can be pressed, chosen or unfolded, in every view and on everything that can be chosen.
EVERYTHING = """async () => {
  const { desk, findings } = govmap.page, pause = () => new Promise((done) => setTimeout(done, 5));
  const tables = { unit: "units", building: "buildings", resource: "resources", incident: "incidents",
    compound: "compounds", address: "addresses" };
  const press = (within) => {
    const all = (what) => Array.from(document.querySelectorAll(within + " " + what));
    for (const one of all("details")) one.open = true;
    for (const one of all("button:not([disabled]):not(.language)")) if (one.isConnected) one.click();
    for (const one of all("input[type=checkbox]")) { one.click(); one.click(); }
    for (const one of all("select")) {
      one.selectedIndex = one.options.length - 1;
      one.dispatchEvent(new Event("change", { bubbles: true }));
    }
  };
  let pressed = 0;
  for (const view of findings.views().concat("units")) {
    findings.look(view);
    press(".findings");
    await pause();
  }
  for (const kind of Object.keys(tables)) {
    const table = desk.tables[tables[kind]];
    for (let row = 0; table && row < Math.min(3, table.rows); row++, pressed++) {
      desk.choose({ kind, row });
      await pause();
    }
  }
  desk.choose(null);
  press("#govmap-panel");
  press("#map_govmap");
  for (const one of document.querySelectorAll(".leaflet-control a[role=button]")) one.click();
  await pause();
  return pressed;
}"""


@pytest.fixture(scope="module")
def trapped(chromium: Any) -> Iterator[tuple[Any, list[str], list[str]]]:
    """A page with its network trapped: what it asks of others is written down and goes nowhere."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, offline=True)
    asked, told = list[str](), list[str]()

    def trap(route: Any) -> None:
        if route.request.url.startswith(OWN):
            route.continue_()
        else:
            asked.append(route.request.url)
            route.abort()

    context.route("**/*", trap)
    page = context.new_page()
    page.on("dialog", lambda one: one.dismiss())
    page.on("pageerror", lambda one: told.append(str(one)))
    page.on("request", lambda one: None if one.url.startswith(OWN) else asked.append(one.url))
    page.on("websocket", lambda one: asked.append(one.url))
    context.on("page", lambda one: one is page or asked.append("a window was opened"))
    yield page, asked, told
    context.close()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("audience", AUDIENCES)
def test_nothing_is_asked_of_the_network(trapped, filled, released, tmp_path, audience, language) -> None:
    page, asked, told = trapped
    told.clear()
    file = tmp_path / "map.html"
    file.write_text(webmap.build(released(audience, filled()), Voice(language), title="Well"), "utf-8")
    page.goto(file.as_uri())
    page.wait_for_selector("body[data-ready]")
    page.fill("#govmap-search", "High")
    page.wait_for_selector("#govmap-hits li")
    assert page.evaluate(EVERYTHING) > 10
    page.wait_for_timeout(100)
    assert asked == []
    assert told == []


def test_the_trap_catches(trapped) -> None:
    page, asked, _ = trapped
    page.set_content("<img src='http://192.0.2.1/x.png'>")
    page.wait_for_timeout(100)
    assert asked
    asked.clear()

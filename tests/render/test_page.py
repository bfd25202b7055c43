"""The map in a browser: what a reader sees and does, with the network trapped."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from govmap.messages import PLAIN_WORDS, Voice
from govmap.render import symbology, webmap
from govmap.render.content import filled

if not (symbology.STATIC / "map.js").is_file():
    pytest.skip("needs the built page: npm --prefix web run build", allow_module_level=True)

HOSTILE = (
    "{{7*7}}",
    "<img src=x onerror=window.bad=1>",
    "</script><script>window.bad=1</script>",
    "${window.bad=1}",
    "\u2028window.bad=1\u2029",
    "<svg onload=window.bad=1>",
    "javascript:window.bad=1",
    "'\"`><b>",
)
OLD = "".join(
    f"delete {one};"
    for one in ("window.DecompressionStream", "window.OffscreenCanvas", "Array.prototype.at", "window.structuredClone")
)
OURS = (
    r"INTERNAL|English|OpenStreetMap contributors|openstreetmap.org.copyright|ODbL"
    r"|U00\d|Quarter|one house is too big|the hall|base|event|noise"
    r"|Worker Person|head|Centre"
)
COLOURS = """() => {
  const seen = new Set();
  for (const canvas of document.querySelectorAll('.leaflet-tile-pane canvas')) {
    const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    for (let i = 0; i < data.length; i += 4 * 97) seen.add([data[i], data[i + 1], data[i + 2]].join());
  }
  return seen.size;
}"""
PLACE = """(name) => {
  const table = govmap.desk.tables.buildings, names = table.texts.name;
  const row = names.index.indexOf(names.words.indexOf(name) + 1);
  const [lon, lat] = govmap.desk.origin.degrees(...table.shapes.middle(row));
  const point = map_govmap.latLngToContainerPoint([lat, lon]);
  const frame = map_govmap.getContainer().getBoundingClientRect();
  return [frame.left + point.x, frame.top + point.y];
}"""
SPILT = """() => {
  const panel = document.getElementById('govmap-panel').getBoundingClientRect();
  return [...document.querySelectorAll('#govmap-panel *')].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.width > 0 && (box.right > panel.right + 1 || box.left < panel.left - 1);
  }).map((one) => one.className);
}"""
FOCUS = "document.activeElement.id || document.activeElement.className || document.activeElement.tagName"


class Seen:
    """A page, and everything it asked for or complained of."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.asked: list[str] = []
        self.told: list[str] = []
        page.on("request", lambda one: self.asked.append(one.url))
        page.on("console", lambda one: self.told.append(one.text) if one.type in ("error", "warning") else None)
        page.on("pageerror", lambda one: self.told.append(str(one)))

    def open(self, html: str, folder: Path) -> Any:
        file = folder / "map.html"
        file.write_text(html, encoding="utf-8")
        self.page.goto(file.as_uri())
        self.page.wait_for_selector("body[data-ready]", timeout=30_000)
        return self.page

    def text(self) -> str:
        return str(self.page.inner_text("#govmap-panel"))


@pytest.fixture
def seen(chromium: Any) -> Iterator[Seen]:
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, offline=True)
    yield Seen(context.new_page())
    context.close()


def quiet(seen: Seen) -> None:
    """Nothing was asked of anyone, and nothing went wrong."""
    assert not [url for url in seen.asked if not url.startswith(("file:", "data:", "blob:"))]
    assert not seen.told


def test_hostile_names_are_text_and_run_nowhere(town, released, seen, tmp_path):
    names = iter(range(10**6))
    tables = town(lambda plain: f"{plain} {HOSTILE[next(names) % len(HOSTILE)]}")
    for audience in ("public", "planner"):
        html = webmap.build(released(audience, tables), Voice("en"), title=" ".join(HOSTILE))
        page = seen.open(html, tmp_path)
        for kind, rows in (("unit", 6), ("building", 25), ("resource", 1), ("compound", 1), ("address", 6)):
            for row in range(rows):
                page.evaluate(f"govmap.desk.choose({{kind: '{kind}', row: {row}}})")
        page.click(".back")
        for one in HOSTILE:
            page.fill("#govmap-search", one)
            page.wait_for_timeout(200)
        assert page.evaluate("window.bad") is None
        assert page.inner_text("h1").startswith("{{7*7}} <img src=x onerror=window.bad=1>")
        assert page.locator("#govmap-panel img, #govmap-panel script, #govmap-panel b").count() == 0
        assert page.evaluate("document.title").startswith("{{7*7}} <img")
    quiet(seen)


def test_search_finds_a_unit_a_building_an_address_and_a_resource(released, seen, tmp_path):
    page = seen.open(webmap.build(released(), Voice("en"), title="Well"), tmp_path)
    for asked, heading in (
        ("U004", "Unit U004 Quarter U004"),
        ("house 7", "House 7"),
        ("3 high", "House 2"),
        ("dr exa", "Dr Example"),
    ):
        page.fill("#govmap-search", asked)
        page.wait_for_selector("#govmap-hits li")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        assert page.inner_text(".card h2") == heading
    page.fill("#govmap-search", "nowhere at all")
    page.wait_for_selector(".search .told:not(:empty)")
    assert page.inner_text(".search .told") == "Nothing found."
    quiet(seen)


def test_the_language_changes_at_once_and_nothing_is_left_untranslated(released, seen, tmp_path):
    page = seen.open(webmap.build(released("official"), Voice("en"), title="X"), tmp_path)
    page.evaluate("govmap.desk.choose({kind: 'unit', row: 3})")
    assert "households" in seen.text().lower()
    page.click(".language")
    assert page.get_attribute("html", "lang") == "zh-CN"
    words = re.sub(OURS, "", seen.text())
    assert not re.findall(r"[A-Za-z]{4,}", words), "an English word in the Chinese page"
    assert not re.findall(r"\{\w+\}|map_", seen.text())
    page.click(".language")
    assert page.get_attribute("html", "lang") == "en"
    quiet(seen)


def test_the_page_fills_its_texts_as_the_program_does(released, seen, tmp_path, monkeypatch):
    text = "{count} {count:{unit} is|{units} are} left of {all}"
    page = seen.open(webmap.build(released("official"), Voice("en"), title="X"), tmp_path)
    monkeypatch.setattr("govmap.messages.catalogue", lambda language: {"left": text})
    page.evaluate("(text) => { govmap.desk.facts.words.en.map_left = text; }", filled(text, PLAIN_WORDS["en"]))
    for count in (0, 1, 2, 1001):
        told = page.evaluate("(count) => govmap.desk.say('left', {count, all: '{count}'})", count)
        assert told == Voice("en").say("left", count=count, all="{count}")


def test_a_click_on_the_map_tells_of_the_building_and_of_its_unit(released, seen, tmp_path):
    page = seen.open(webmap.build(released("planner"), Voice("en"), title="Well"), tmp_path)
    page.evaluate("govmap.desk.show('resources', false); govmap.desk.show('incidents', false)")
    place = page.evaluate(PLACE, "House 9")
    page.mouse.click(*place)
    page.wait_for_selector(".card h2")
    assert page.inner_text(".card h2") == "House 9"
    assert "40" in seen.text()
    page.click(".card .link")
    assert page.inner_text(".card h2").startswith("Unit U0")
    assert "160" in seen.text()
    quiet(seen)


def test_the_public_page_shows_no_count_of_a_building(released, seen, tmp_path):
    page = seen.open(webmap.build(released(), Voice("en"), title="Well"), tmp_path)
    page.evaluate("govmap.desk.choose({kind: 'building', row: 5})")
    assert "ouseholds" not in page.inner_text(".card")
    assert "INTERNAL" not in seen.text()


def test_the_map_is_drawn(released, seen, tmp_path):
    page = seen.open(webmap.build(released(), Voice("en"), title="Well"), tmp_path)
    page.wait_for_timeout(300)
    assert page.evaluate(COLOURS) > 12


def test_an_old_browser_opens_it_too(released, seen, tmp_path):
    seen.page.add_init_script(OLD)
    page = seen.open(webmap.build(released(), Voice("zh"), title="Well"), tmp_path)
    assert page.locator(".units li").count() == 6
    quiet(seen)


@pytest.mark.parametrize(
    ("width", "height", "language"),
    [(1366, 768, "en"), (1366, 768, "zh"), (390, 844, "en"), (390, 844, "zh"), (3840, 2160, "zh")],
)
def test_nothing_is_cut_or_lies_over_another(released, seen, tmp_path, width, height, language):
    seen.page.set_viewport_size({"width": width, "height": height})
    title = "幸福里社区第一网格化治理试点" if language == "zh" else "Community of the Long Name by the River"
    page = seen.open(webmap.build(released("official"), Voice(language), title=title), tmp_path)
    for choice in ("null", "{kind: 'unit', row: 3}", "{kind: 'building', row: 2}"):
        page.evaluate(f"govmap.desk.choose({choice})")
        assert not page.evaluate(SPILT)
        boxes = [page.locator(one).bounding_box() for one in ("#govmap-panel", "#map_govmap")]
        panel, chart = boxes
        apart = panel["x"] + panel["width"] <= chart["x"] + 1 or chart["y"] + chart["height"] <= panel["y"] + 1
        assert apart
        assert min(chart["width"], chart["height"]) > 250


def test_everything_can_be_reached_by_keyboard(released, seen, tmp_path):
    page = seen.open(webmap.build(released("official"), Voice("en"), title="Well"), tmp_path)
    page.keyboard.press("Tab")
    reached = set()
    for _ in range(60):
        reached.add(page.evaluate(FOCUS))
        page.keyboard.press("Tab")
    assert {"govmap-search", "language", "map_govmap", "leaflet-control-zoom-in", "govmap-home"} <= reached
    page.focus(".units button")
    page.keyboard.press("Enter")
    assert page.inner_text(".card h2").startswith("Unit U001")
    page.keyboard.press("Escape")
    assert page.locator(".units li").count() == 6

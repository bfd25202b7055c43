"""The tools of the map in a browser: measuring, pictures, tables, links that bring a view back, and the search."""

import io
import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from PIL import Image

from govmap.messages import Voice
from govmap.render import online, symbology, webmap

if not (symbology.STATIC / "map.js").is_file():
    pytest.skip("needs the built page: npm --prefix web run build", allow_module_level=True)

INCH_M = 0.0254
CLICK = """([east, south]) => {
  const [west, , , north] = govmap.desk.facts.bounds;
  const latlng = L.latLng(north - south / 1e6, west + east / 1e6);
  map_govmap.fire('click', {latlng, containerPoint: map_govmap.latLngToContainerPoint(latlng)});
}"""
STATE = """() => JSON.stringify([
  map_govmap.getZoom(), ...['lat', 'lng'].map((one) => Math.round(map_govmap.getCenter()[one] * 1e5)),
  govmap.desk.choice, govmap.desk.language,
  govmap.page.findings.view, govmap.page.findings.service, govmap.page.findings.cases.which,
  govmap.page.findings.cases.stop, govmap.desk.shown, [...govmap.desk.hiddenCategories],
])"""
SETTLED = """async (row) => {
  for (let turn = 0; turn < 60; turn++) {
    const { choice } = govmap.desk;
    if ((choice ? choice.row : null) === row) return true;
    await new Promise((later) => setTimeout(later, 50));
  }
  return false;
}"""
SAID = ".govmap-said"


@pytest.fixture(scope="module")
def context(chromium: Any) -> Iterator[Any]:
    """One window for all tests of this file."""
    context = chromium.new_context(viewport={"width": 1000, "height": 640}, offline=True, accept_downloads=True)
    yield context
    context.close()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Path]]:
    """Give a folder for the pages of this file, and those that were made."""
    return tmp_path_factory.mktemp("pages"), {}


@pytest.fixture
def opened(
    context: Any, released: Callable[..., Any], assessed: Callable[..., Any], made: tuple[Path, dict[str, Path]]
) -> Iterator[Callable[..., Any]]:
    """Open a page of an audience; nothing may go wrong in it, and nothing may be asked for."""
    wrong: list[str] = []
    pages = []
    folder, known = made

    def open_(audience: str = "official", language: str = "en", place: str = "", **choices: Any) -> Any:
        page = context.new_page()
        pages.append(page)
        page.on("pageerror", lambda one: wrong.append(str(one)))
        page.on("request", lambda one: wrong.append(one.url) if one.url.startswith("http") else None)
        key = f"{audience} {language} {sorted(choices)}"
        if key not in known:
            html = webmap.build(released(audience, assessed()), Voice(language), title="Well", **choices)
            known[key] = folder / f"{len(known)}.html"
            known[key].write_text(html, "utf-8")
        page.goto(known[key].as_uri() + place)
        page.wait_for_selector("body[data-ready]", timeout=30_000)
        return page

    yield open_
    for page in pages:
        page.close()
    assert not wrong


def saved(page: Any, button: str) -> tuple[str, bytes]:
    with page.expect_download() as download:
        page.click(button)
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


# ------------------------------------------------------------------------------------------------------- measuring


def test_a_length_and_an_area_are_measured_with_clicks(opened):
    page = opened("public")
    page.click("#govmap-tool-measure")
    assert "first point" in page.inner_text(SAID)
    east, north = (100 / metres * 1e6 for metres in (math.cos(math.radians(23.05)) * 111_412.84, 110_770))
    for corner in ((500, 500), (500 + east, 500), (500 + east, 500 + north)):
        page.evaluate(CLICK, corner)
    assert page.evaluate("govmap.desk.choice") is None, "a measuring click chooses nothing"
    told = page.inner_text(SAID)
    length, area = (int(one.replace(",", "")) for one in re.findall(r"([\d,]+) m", told))
    assert length == pytest.approx(200, abs=1)
    assert area == pytest.approx(5000, rel=0.01)
    page.click("#govmap-tool-measure")
    assert page.inner_text(SAID) == ""


def test_the_keyboard_measures_too(opened):
    page = opened("public", "zh")
    page.focus("#govmap-tool-measure")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.evaluate("map_govmap.panBy([200, 0], {animate: false})")
    page.keyboard.press("Enter")
    assert re.search(r"长度：\d+ 米", page.inner_text(SAID))
    page.keyboard.press("Backspace")
    assert "下一个点" in page.inner_text(SAID)
    page.keyboard.press("Escape")
    assert page.get_attribute("#govmap-tool-measure", "aria-pressed") == "false"


def test_feet_where_the_profile_has_feet(opened):
    page = opened("public", length="ft")
    page.click("#govmap-tool-measure")
    for corner in ((500, 500), (1500, 500)):
        page.evaluate(CLICK, corner)
    assert re.search(r"Length: \d+ ft", page.inner_text(SAID))


# --------------------------------------------------------------------------------------------- pictures and tables


def test_the_picture_has_three_hundred_dots_an_inch_and_all_that_is_on_the_map(opened):
    page = opened("official", map_number="GS(2026)0001")
    name, data = saved(page, "#govmap-tool-picture")
    assert name.startswith("Well missing services")
    assert data[37:41] == b"pHYs"
    picture = Image.open(io.BytesIO(data))
    assert [round(one) for one in picture.info["dpi"]] == [300, 300]
    wide = page.evaluate("map_govmap.getSize().x")
    assert picture.width == round(wide * 300 / 96)
    assert picture.height > page.evaluate("map_govmap.getSize().y") * 300 / 96
    colours = len(picture.convert("RGB").resize((400, 300), Image.Resampling.NEAREST).getcolors(120_000))
    assert colours > 60
    stamp = picture.convert("RGB").crop((picture.width - 500, 0, picture.width, 150))
    assert (140, 47, 8) in {colour for _, colour in stamp.getcolors(80_000)}, "the stamp of what stays inside"


def test_the_table_of_the_view_opens_in_a_spreadsheet(opened):
    page = opened("official")
    name, data = saved(page, "#govmap-tool-sheet")
    lines = data.decode("utf-8-sig").splitlines()
    assert data.startswith(b"\xef\xbb\xbf")
    assert name.endswith(".csv")
    assert lines[0].startswith("Code,Name,Service")
    assert lines[1].startswith("U004,Quarter U004,")
    assert ",400," in lines[1]
    page.click("#govmap-look-incidents")
    lines = saved(page, "#govmap-tool-sheet")[1].decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + 8, "what is open, and no more"
    for view in ("units", "duties"):
        page.click(f"#govmap-look-{view}")
        assert len(saved(page, "#govmap-tool-sheet")[1].splitlines()) >= 7


# ----------------------------------------------------------------------------------------------------------- links


def test_the_address_brings_the_same_view_back(opened):
    page = opened("official")
    page.click("#govmap-look-incidents")
    page.click("#govmap-cases-reported")
    page.focus("#govmap-month")
    page.keyboard.press("Home")
    page.evaluate(
        "govmap.desk.show('compounds', false); govmap.desk.hiddenCategories.add(0); govmap.desk.tell('layers')"
    )
    page.evaluate("map_govmap.setView(map_govmap.getCenter(), 18, {animate: false})")
    page.evaluate("govmap.desk.choose({kind: 'building', row: 5})")
    page.click(".language")
    again = opened("official", place=page.evaluate("location.hash"))
    assert again.evaluate(STATE) == page.evaluate(STATE)
    assert "2026-01" in again.inner_text(".time .when")


def test_the_address_tells_no_place_on_earth(opened):
    page = opened("official")
    page.evaluate("map_govmap.panBy([40, 30], {animate: false})")
    page.evaluate("govmap.desk.choose({kind: 'resource', row: 0})")
    told = unquote(page.evaluate("location.hash"))
    assert "pick=resource/" in told
    assert not re.search(r"11[67]\.|23\.0|116\d{4}|2305", told)


@pytest.mark.parametrize("kind", ["unit", "building", "resource", "incident", "compound", "address", "street"])
def test_what_was_chosen_is_chosen_again(opened, kind):
    page = opened("planner")
    page.evaluate(f"govmap.desk.choose({{kind: '{kind}', row: 0}})")
    again = opened("planner", place=page.evaluate("location.hash"))
    chosen = again.evaluate("govmap.desk.choice")
    assert chosen["kind"] == kind
    assert again.inner_text(".card h2") == page.inner_text(".card h2")


def test_the_back_button_goes_to_what_was_chosen_before(opened):
    page = opened("planner")
    for row in (1, 3):
        page.evaluate(f"govmap.desk.choose({{kind: 'unit', row: {row}}})")
    page.go_back()
    assert page.evaluate(SETTLED, 1)
    page.go_back()
    assert page.evaluate(SETTLED, None)
    page.go_forward()
    assert page.evaluate(SETTLED, 1)


def test_an_address_of_another_map_harms_nothing(opened):
    page = opened(
        "public", place="#at=x,1,2&pick=building/9999999/9999999/&look=duties&service=zz&month=1&hide=,x&lang=fr"
    )
    assert page.evaluate("govmap.desk.choice") is None
    assert page.evaluate("govmap.page.findings.view") == "units"


# ---------------------------------------------------------------------------------------------------------- search


def test_streets_and_names_in_pinyin_are_found_by_kind(opened):
    page = opened("public")
    page.fill("#govmap-search", "high street")
    page.wait_for_selector("#govmap-hits [role=option]")
    heads = page.locator("#govmap-hits .head").all_inner_texts()
    assert heads[0] == "Streets"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.inner_text(".card h2") == "High Street"
    assert page.locator(".card .link").count() > 0, "the units along it"
    for asked in ("ly", "liuyuan"):
        page.fill("#govmap-search", asked)
        page.wait_for_selector("#govmap-hits [role=option]:has-text('柳园')")
    name, data = saved(page, ".search .drop .link")
    assert "柳园" in data.decode("utf-8-sig")
    assert name.endswith(".csv")


# ------------------------------------------------------------------------------------------------------ online maps


def test_a_base_map_of_the_network_is_asked_for_only_when_it_is_switched_on(context, released, tmp_path):
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if one.url.startswith("http") else None)
    html = webmap.build(released("planner"), Voice("en"), title="Well", online_base=online.online("osm"))
    (tmp_path / "map.html").write_text(html, "utf-8")
    page.goto((tmp_path / "map.html").as_uri())
    page.wait_for_selector("body[data-ready]", timeout=30_000)
    page.wait_for_timeout(200)
    assert asked == []
    page.check("#govmap-layer-online")
    page.wait_for_timeout(300)
    assert asked
    assert all(one.startswith("https://tile.openstreetmap.org/") for one in asked)
    assert "Base map © OpenStreetMap contributors" in page.inner_text(".leaflet-control-attribution")
    assert not page.is_checked("#govmap-layer-base"), "our own base map makes room"
    page.close()

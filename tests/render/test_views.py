"""What each reader sees first, clicked through: figures, gaps, who answers, what is open, months, the wall display."""

import datetime as dt
import json
import re
from pathlib import Path

import pandas as pd
import pytest

from govmap.messages import LANGUAGES, Voice, catalogue, note
from govmap.publish import release
from govmap.render import standing, symbology, webmap
from govmap.render.figures import Figure

if not (symbology.STATIC / "map.js").is_file():
    pytest.skip("needs the built page: npm --prefix web run build", allow_module_level=True)

VIEWS = Path(__file__).parents[2] / "web" / "src" / "views"
EIGHT = (
    Figure("overdue", 3, "red", note("eight_overdue_told", open=8)),
    Figure("worst_gap", 400, "red", note("eight_worst_gap_told", where="U004", category="Clinic"), about=True),
    Figure("units", 6, "ok", note("eight_units_told")),
    Figure("households", 960, "ok", note("eight_households_told")),
    Figure("out_of_band", None, "unknown", note("eight_out_of_band_unknown")),
    Figure("workers", 1, "ok", note("eight_workers_told", answering=1)),
    Figure("vacant", 5, "red", note("eight_vacant_told", of=6)),
    Figure("change", 4, "ok", note("eight_change_told", month="2026-02", count=8, before=4)),
)


@pytest.fixture
def opened(chromium, released, assessed, tmp_path):
    """Open the page of an audience with the network off, and tell of everything that went wrong."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, offline=True)
    wrong: list[str] = []

    def open_(audience="official", language="en", place="", *, before=None, some=None):
        page = context.new_page()
        page.on("pageerror", lambda one: wrong.append(str(one)))
        page.on("console", lambda one: wrong.append(one.text) if one.type in ("error", "warning") else None)
        passed = released(audience, assessed() if some is None else some)
        html = webmap.build(passed, Voice(language), title="Well", numbers=EIGHT, before=before)
        (tmp_path / "map.html").write_text(html, "utf-8")
        page.goto((tmp_path / "map.html").as_uri() + place)
        page.wait_for_selector("body[data-ready]", timeout=30_000)
        return page

    yield open_
    context.close()
    assert not wrong


def sum_of(page) -> str:
    return page.inner_text(".cases .sum")


# ------------------------------------------------------------------------------------------- the three questions


def test_the_worst_gap_its_reason_and_what_would_help_are_one_click_away(opened):
    page = opened()
    page.click("#govmap-eight-worst_gap")
    why = page.inner_text(".why")
    for one in ("U004", "400 of 416 people are short", "Dr Example", "6 min on foot", "Lime Hall"):
        assert one in why, one
    page.click(".why .link")
    assert page.inner_text(".card h2") == "Dr Example"


def test_a_unit_tells_who_is_responsible_and_what_is_open(opened):
    page = opened()
    page.click("#govmap-look-units")
    page.click(".units button")
    assert page.inner_text(".card h2").startswith("Unit U001")
    assert "Worker Person" in page.inner_text(".answers")
    assert "000-4711" in page.inner_text(".answers")
    page.click(".open summary")
    lines = page.locator(".open li").all_inner_texts()
    assert lines
    page.click(".open li button")
    assert "filed" in page.inner_text(".card")


def test_of_a_unit_without_anybody_it_is_said(opened):
    page = opened()
    page.evaluate("govmap.desk.choose({kind: 'unit', row: 3})")
    assert "obody answers" in page.inner_text(".answers")


def test_the_months_lead_from_what_was_open_then_to_what_is_overdue_now(opened):
    page = opened()
    page.click("#govmap-look-incidents")
    assert sum_of(page) == "8 open on the map. 3 overdue"
    page.focus("#govmap-month")
    page.keyboard.press("Home")
    assert "2026-01" in page.inner_text(".time .when")
    assert sum_of(page).startswith("0 open")
    page.click("#govmap-cases-reported")
    assert sum_of(page).startswith("12 reported")
    page.focus("#govmap-month")
    page.keyboard.press("End")
    page.click("#govmap-cases-overdue")
    assert sum_of(page) == "3 past their date on the map."
    assert all("due 2026-02-20" in one for one in page.locator(".cases ol >> nth=1").locator("li").all_inner_texts())


MIDDLE = """() => {
  const table = govmap.desk.tables.incidents, rows = [];
  for (let row = 0; row < table.rows; row++) {
    if (table.text('closed', row) === null) rows.push(table.shapes.middle(row));
  }
  const mean = (at) => rows.reduce((sum, one) => sum + one[at], 0) / rows.length;
  const [lon, lat] = govmap.desk.origin.degrees(mean(0), mean(1));
  const point = map_govmap.latLngToContainerPoint([lat, lon]);
  const frame = map_govmap.getContainer().getBoundingClientRect();
  return [frame.left + point.x, frame.top + point.y];
}"""
SAME = """() => {
  const table = govmap.desk.tables.incidents, seen = new Set();
  for (let row = 0; row < table.rows; row++) {
    const one = table.shapes.middle(row);
    const [lon, lat] = govmap.desk.origin.degrees(...one);
    if (seen.has(String(one))) map_govmap.setView([lat, lon], 20, {animate: false});
    seen.add(String(one));
  }
}"""


def test_many_cases_stand_in_one_circle_that_a_click_parts_and_those_of_one_place_are_told_in_turn(opened):
    page = opened()
    page.click("#govmap-look-incidents")
    page.evaluate("map_govmap.setMinZoom(10); map_govmap.setZoom(13, {animate: false})")
    page.wait_for_timeout(300)
    page.mouse.click(*page.evaluate(MIDDLE))
    page.wait_for_timeout(600)
    assert page.evaluate("map_govmap.getZoom()") > 13
    page.evaluate(SAME)
    page.wait_for_timeout(300)
    box = page.locator("#map_govmap").bounding_box()
    told = []
    for _ in range(3):
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        told.append(page.evaluate("govmap.desk.choice.row"))
    assert told[0] != told[1]
    assert told[0] == told[2]


def test_open_cases_come_first_without_asking(opened):
    page = opened()
    page.click("#govmap-look-incidents")
    assert page.get_attribute("#govmap-cases-open", "aria-pressed") == "true"


# ------------------------------------------------------------------------------------------------ the figures


def test_red_figures_stand_on_top_and_each_leads_to_its_place(opened):
    page = opened()
    tiles = page.locator(".tile").all_inner_texts()
    assert len(tiles) == 8
    assert "look at this" in tiles[0]
    for key, found in (
        ("overdue", "3 past their date"), ("vacant", "U002"), ("workers", "U002"), ("change", "8 reported"),
    ):  # fmt: skip
        page.click(f"#govmap-eight-{key}")
        assert found in page.inner_text(".findings"), key
    page.click("#govmap-eight-out_of_band")
    assert "govmap delineate" in page.inner_text(".eight")


@pytest.mark.parametrize("audience", ["public", "worker"])
def test_the_public_and_a_worker_get_no_figures_of_those_who_steer(released, assessed, audience):
    html = webmap.build(released(audience, assessed()), Voice("en"), title="Well", numbers=EIGHT)
    facts = json.loads(re.search(r'id="govmap-facts">([^<]*)<', html)[1])
    assert facts["numbers"] == []
    assert ('id="govmap-pack-incidents"' in html) == (audience == "worker")


# ----------------------------------------------------------------------------------------- need, towers, own unit


def test_need_and_supply_are_shown_in_nine_colours_with_their_bounds(opened):
    page = opened()
    page.click("#govmap-look-gaps")
    page.select_option("#govmap-look-service", index=1)
    page.click("#govmap-form-need")
    assert page.locator(".need .nine").count() == 9
    assert "300" in page.inner_text(".need")
    ranks = page.evaluate(
        "[...document.querySelectorAll('.need .nine')].map((one) => getComputedStyle(one).backgroundColor)"
    )
    assert len(set(ranks)) == 9


def test_a_worker_chooses_a_unit_once_and_opens_on_it_the_next_time(opened):
    page = opened("worker")
    page.select_option("#govmap-own", label="U003 Quarter U003")
    assert page.inner_text(".card h2").startswith("Unit U003")
    place = page.evaluate("location.hash")
    assert "me=U003" in place
    again = opened("worker", "zh", place)
    assert "U003" in again.inner_text(".card h2")
    assert again.locator(".tile").count() == 0


def test_a_tower_that_units_share_is_told_floor_by_floor(opened, town):
    tower = town()
    parts = pd.concat(
        [
            tower["parts"],
            pd.DataFrame({"part_id": ["w5a"], "building_id": ["w5"], "cell_id": ["w5"], "households": 40}),
        ],
        ignore_index=True,
    )
    low = [1.0 if one == "w5" else 10.0 if one == "w5a" else None for one in parts["part_id"]]
    high = [None if one is None else one + 8 for one in low]
    tower["parts"] = parts.assign(entrance="A", floor_from=low, floor_to=high)
    more = pd.DataFrame({"plan_id": ["p1"], "part_id": ["w5a"], "unit_id": ["U001"]})
    tower["plan_parts"] = pd.concat([tower["plan_parts"], more], ignore_index=True)
    page = opened("planner", some=tower)
    page.evaluate("govmap.desk.choose({kind: 'building', row: govmap.desk.tables.parts.numbers.building[0]})")
    rows = page.locator(".floors tbody tr").all_inner_texts()
    assert [re.sub(r"\s+", " ", row) for row in rows] == ["10 to 18 U001", "1 to 9 U005"]


# ------------------------------------------------------------------------------------------------ plan beside plan


def test_a_planner_sees_which_buildings_move_and_from_where_to_where(opened, town):
    then = town()
    then["plan_parts"] = then["plan_parts"].replace({"unit_id": {"U001": "U002"}})
    at = dt.datetime(2026, 3, 1, 4, tzinfo=dt.UTC)
    before = release(then, audience="planner", plan_id="p1", edition=1, at=at)
    page = opened("planner", before=before)
    page.click("#govmap-look-moved")
    assert "160 households in 4 buildings" in page.inner_text(".moved")
    assert "U002 → U001" in page.inner_text(".moved ol")
    page.click("#govmap-side-by-side")
    frames = [page.locator(one).bounding_box() for one in ("#map_govmap", "#govmap-beside")]
    assert frames[0]["x"] + frames[0]["width"] <= frames[1]["x"] + 1
    assert abs(frames[0]["width"] - frames[1]["width"]) < 4
    page.click(".leaflet-control-zoom-in")
    page.wait_for_timeout(500)
    page.click("#govmap-look-units")
    assert page.locator("#govmap-beside").count() == 0


def test_another_plan_never_reaches_a_public_page(released, town):
    html = webmap.build(released("public"), Voice("en"), title="Well", before=released("planner"))
    assert "govmap-pack-former" not in html
    assert "govmap-pack-moves" not in html


# -------------------------------------------------------------------------------------------------- wall display


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (3840, 2160)])
def test_the_wall_display_is_large_and_needs_no_pointer(opened, width, height):
    page = opened(place="#screen=1")
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_timeout(300)
    for name in (".tile .value", ".tile .sentence"):
        drawn = page.evaluate(
            f"(() => {{ const one = document.querySelector('{name}'); const zoom = govmap.desk.scale;"
            " return parseFloat(getComputedStyle(one).fontSize) * zoom; })()"
        )
        assert drawn >= height / 80, name
    lines = "document.querySelector('.leaflet-tile').getContext('2d').getTransform().a / govmap.desk.scale"
    page.wait_for_function(f"() => Math.abs({lines} - 1) < 0.01")  # lines on the ground are as much larger
    tiles = [one.bounding_box() for one in page.locator(".tile").all()]
    assert all(box["y"] + box["height"] <= height for box in tiles)
    panel = page.locator("#govmap-panel").bounding_box()
    chart = page.locator("#map_govmap").bounding_box()
    assert panel["x"] + panel["width"] <= chart["x"] + 2
    assert chart["width"] > width / 2
    assert not page.locator(".search").is_visible()
    page.keyboard.press("Escape")
    assert page.evaluate("location.hash") == ""
    assert page.locator(".search").is_visible()


# ------------------------------------------------------------------------------------------------------- words


def test_every_word_of_the_views_is_in_both_catalogues():
    source = "".join(file.read_text("utf-8") for file in sorted(VIEWS.glob("*.ts")))
    asked = set(re.findall(r'\b(?:say|head)\("([a-z_]*[a-z])"', source))
    for kind in ("cases", "cases_sum"):
        asked |= {f"{kind}_{which}" for which in ("open", "overdue", "reported")}
    asked |= {"form_short", "form_need", "state_red", "state_ok", "state_unknown", "look_incidents", "look_moved"}
    assert len(asked) > 45
    for language in LANGUAGES:
        assert not {f"map_{one}" for one in asked} - set(catalogue(language)), language


def test_no_english_is_left_in_the_chinese_views(opened):
    page = opened(language="zh")
    for key in ("overdue", "change", "vacant"):
        page.click(f"#govmap-eight-{key}")
        words = re.sub(
            r"Quarter|noise|event|INTERNAL|English|Clinic|govmap delineate.*",
            "",
            page.inner_text("#govmap-panel .body"),
        )
        assert not re.findall(r"[A-Za-z]{5,}|\{\w+\}|map_", words.split("图层与图例")[0]), key


def test_what_ends_an_incident_is_read_from_the_ways_of_working():
    rows = pd.DataFrame(
        {
            "stage": ["filed", "closed", None, None, "rated", "handling"],
            "closed_at": [None, None, None, pd.Timestamp("2026-01-01", tz="UTC"), None, None],
            "duplicate_of": [None, None, None, None, None, "i1"],
        }
    )
    assert standing.standing(rows).tolist() == [0, 1, 2, 1, 1, 1]
    assert {"closed", "declined", "merged"} <= standing.endings()

"""Findings on the map: who may see which, and what a reader of the page sees and does with them."""

import json
import re
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from govmap import catalog
from govmap.messages import LANGUAGES, Voice, catalogue
from govmap.render import findings, symbology, webmap
from govmap.render.compact import header

if not (symbology.STATIC / "map.js").is_file():
    pytest.skip("needs the built page: npm --prefix web run build", allow_module_level=True)

WEB = Path(__file__).parents[2] / "web" / "src"
OURS = r"Quarter|Lime Hall|Example"  # names in the data
CLINIC, SCHOOL, MEALS = "cn_15min/health_station", "cn_15min/primary_school", "cn_15min/elder_meals"
UNITS = [f"U{at:03d}" for at in range(1, 7)]
OFFICE = {"sites", "spots", "answered", "loads", "duties"}
FIX = {
    "key": "fix_new_site",
    "facts": {
        "place": "Lime Hall",
        "kind": {"en": "public building", "zh": "公共建筑"},
        "service": {"en": "Clinic", "zh": "卫生服务站"},
        "people": 300,
    },
}


def whole(**columns) -> dict:
    return {"plan_id": "p1", "level": "base", **columns}


def assessed(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The town with findings that can be counted by eye: 416 people a unit, U004 worst off, U006 not judged."""
    short = [0, 40, 200, 400, 100, None]
    clinics = whole(
        unit_id=UNITS, category="clinic", standard=CLINIC, people=416, households=160, people_short=short,
        households_short=[0, 15, 77, 154, 38, None], elders_short=[0, 9, 50, 90, 20, None], children_short=0,
        share_short=[None if one is None else one / 416 for one in short], share_estimated=1.0,
        reason=[None, "none", "none", "none", "full", "unlisted"], site_id=["r1"] * 5 + [None],
        distance_m=[100.0, 310.0, 350.0, 420.0, 90.0, None], walk_min=[1.5, 4.7, 5.3, 6.4, 1.4, None],
        fixes=[[], [], [], [FIX], [], []],
    )  # fmt: skip
    schools = clinics | {"category": "school", "standard": SCHOOL, "people_short": [0, 0, 0, 30, 0, 0], "fixes": None}
    schools |= {"share_short": [0, 0, 0, 30 / 416, 0, 0], "reason": [None, None, None, "none", None, None]}
    meals = clinics | {"category": "elder_meals", "standard": MEALS, "people_short": None, "reason": "unlisted"}
    meals |= {"share_short": None, "fixes": None, "site_id": None, "walk_min": None, "distance_m": None}
    rates = whole(
        unit_id=UNITS, category="all", count=[80, 70, 60, 50, 40, 2], households=160, raw=0.5,
        rate=[0.5, 0.44, 0.37, 0.31, 0.25, None], low=0.2, high=0.6, too_small=[False] * 5 + [True],
        share_estimated=1.0, since="2025-01-01", until="2025-12-31",
    )  # fmt: skip
    kinds = ["hot", "none", "none", "unstable", "cold", "few"]
    spots = whole(unit_id=UNITS, category="all", z=0.0, p=0.0, q=0.0, kind=kinds, stable_levels=3)
    answered = whole(
        unit_id=UNITS, category="all", cases=50, open=4, overdue=2, responded=0.95, resolved=0.9,
        satisfied_resident=0.8, satisfied_office=None, hours_median=30.0,
    )  # fmt: skip
    hours = [40.0, 40.0, 40.0, 90.0, 40.0, 40.0]
    loads = [whole(unit_id=unit, item="households", hours=hour) for unit, hour in zip(UNITS, hours, strict=True)]
    loads += [whole(unit_id=unit, item="incidents/event", hours=10.0) for unit in UNITS]
    places = {
        "plan_id": "p1", "category": "clinic", "standard": CLINIC, "place_id": ["b1", "b2"],
        "name": ["Lime Hall", None],
        "place_kind": ["public_building", "open_ground"], "rank": [1, 2], "people_covered": [300, 380],
        "gain": [300, 80], "bound": 380.0, "reason": "proven",
    }  # fmt: skip
    spots_of_places = [shapely.Point(500_050, 2_550_050), shapely.Point(500_120, 2_550_020)]
    sites = gpd.GeoDataFrame(places, geometry=spots_of_places, crs="EPSG:32650")
    gaps = pd.concat([pd.DataFrame(one) for one in (clinics, schools, meals)], ignore_index=True)
    made = {"gaps": gaps, "rates": pd.DataFrame(rates), "spots": pd.DataFrame(spots), "sites": sites}
    made |= {"answered": pd.DataFrame(answered), "loads": pd.DataFrame(loads).assign(share_estimated=0.5)}
    return tables | made


def page_of(released, town, audience="public", language="en") -> str:
    return webmap.build(released(audience, assessed(town())), Voice(language), title="Well")


def pack(html: str, name: str) -> dict:
    found = re.search(rf'<script type="text/plain" id="govmap-pack-{name}">([^<]*)</script>', html)
    assert found, f"no {name} in the page"
    return header(found[1])


def packs_in(html: str) -> set[str]:
    return set(re.findall(r'id="govmap-pack-([a-z]+)"', html))


def test_the_public_page_holds_gaps_and_rates_and_nothing_of_the_office(released, town):
    html = page_of(released, town)
    assert {"gaps", "rates"} <= packs_in(html)
    assert not OFFICE & packs_in(html)
    inside = packs_in(page_of(released, town, "official"))
    assert inside >= OFFICE
    columns = {one["name"]: one for one in pack(html, "gaps")["columns"]}
    assert not columns["site"]["words"]
    assert not columns["help_en"]["words"]


def test_the_worst_gap_comes_first_and_is_told_in_both_languages(released, town):
    html = page_of(released, town, "official")
    columns = {one["name"]: one for one in pack(html, "gaps")["columns"]}
    assert "Lime Hall" in columns["help_en"]["words"][0]
    assert "卫生服务站" in columns["help_zh"]["words"][0]
    facts = json.loads(re.search(r'id="govmap-facts">([^<]*)<', html)[1])
    assert [one["key"] for one in facts["services"]] == sorted([CLINIC, SCHOOL, MEALS])
    assert all(one["source"]["zh"] and one["title"]["en"] for one in facts["services"])
    assert facts["span"] == {"since": "2025-01-01", "until": "2025-12-31"}
    assert facts["work"]["most"] == catalog.layer("loads")["fair"]["most_of_mean"]


def test_a_standard_of_the_users_own_is_called_by_its_row(released, town):
    tables = assessed(town())
    tables["gaps"] = tables["gaps"].assign(standard="ours/warm_room", category="nothing_known")
    one = findings.services(released("official", tables))[0]
    assert one["title"]["en"] == "warm room"
    assert one["source"] is None


def test_without_findings_the_page_is_as_it_was(released, town):
    html = webmap.build(released(), Voice("en"), title="Well")
    assert not {"gaps", "sites", "rates", "spots", "answered", "loads"} & packs_in(html)


def test_the_order_of_rows_changes_nothing(released, town):
    mixed = {name: frame.sample(frac=1, random_state=3) for name, frame in assessed(town()).items()}
    one = webmap.build(released("official", mixed), Voice("zh"), title="Well")
    assert one == page_of(released, town, "official", "zh")


def test_every_word_that_a_finding_may_ask_for_is_in_both_catalogues():
    source = "".join((WEB / name).read_text("utf-8") for name in ("findpanel.ts", "why.ts"))
    asked = set(re.findall(r'"([a-z]+(?:_[a-z]+)+)"', source)) - {"site_row", "incident_kind"}
    asked |= {f"look_{view}" for view in ("units", "gaps", "rates", "spots", "work", "duties", "service", "category")}
    asked |= {f"gap_{reason}" for reason in findings.REASONS} | {"duty_proposed", "duty_stands_in"}
    asked |= {f"spot_{kind}" for kind in ("hot", "cold", "none", "unstable", "few")}
    asked |= {f"spot_{kind}_why" for kind in ("hot", "cold", "none", "unstable")}
    assert len(asked) > 60
    for language in LANGUAGES:
        assert not {f"map_{one}" for one in asked} - set(catalogue(language)), language


# ------------------------------------------------------------------------------------------------------- in a browser


def reported(town, counts):
    """The town with so many reports of the year in a house of each unit."""
    town = town()
    first = town["buildings"].merge(town["parts"][["building_id", "part_id"]]).merge(town["plan_parts"])
    first = first.sort_values("building_id").drop_duplicates("unit_id").set_index("unit_id")["building_id"]
    houses = [first[unit] for unit, count in zip(UNITS, counts, strict=True) for _ in range(count)]
    some = pd.DataFrame({"incident_id": [f"n{at}" for at in range(len(houses))], "building_id": houses})
    return town | {"incidents": some.assign(category="noise", sensitive=False, reported_at="2025-07-01")}


@pytest.fixture
def opened(chromium, released, town, tmp_path):
    """Open the page of an audience with the network off, and tell of everything that went wrong."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, offline=True)
    wrong: list[str] = []

    def open_(audience="official", language="en", some=None):
        page = context.new_page()
        page.on("pageerror", lambda one: wrong.append(str(one)))
        page.on("console", lambda one: wrong.append(one.text) if one.type in ("error", "warning") else None)
        html = page_of(released, town, audience, language) if some is None else some
        (tmp_path / "map.html").write_text(html, "utf-8")
        page.goto((tmp_path / "map.html").as_uri())
        page.wait_for_selector("body[data-ready]", timeout=30_000)
        return page

    yield open_
    context.close()
    assert not wrong


def choose(page, view: str, service: str | None = None) -> None:
    page.click(f"#govmap-look-{view}")
    if service:
        page.select_option("#govmap-look-service", label=service)


def rows(page) -> list[str]:
    return [" ".join(text.split()) for text in page.locator(".findings .ranked li").all_inner_texts()]


def test_an_official_opens_on_what_is_missing_and_a_click_says_why(opened):
    page = opened()
    assert page.get_attribute("#govmap-look-gaps", "aria-pressed") == "true"
    assert rows(page)[0].startswith("U004 Quarter U004 · Community health station within 300 m 400 short · 96 %")
    page.click(".findings .ranked button")
    why = page.inner_text(".why")
    for told in (
        "400 of 416 people are short (96 %)", "100 % of these people are estimated", "90", "none within the walk",
        "Dr Example", "6 min on foot (420 m)", "Lime Hall", "GB 50180", "not seen in its source",
    ):  # fmt: skip
        assert told in why, told
    page.click(".why .link")
    assert page.inner_text(".card h2") == "Dr Example"


def test_new_places_are_numbered_and_lead_to_the_map(opened):
    page = opened()
    choose(page, "gaps", "Community health station within 300 m")
    assert rows(page)[-2:] == ["Lime Hall · public building +300 people", "open ground +80 people"]
    page.click(".numbered button")


def test_a_service_that_nobody_listed_is_said_to_be_not_judged(opened):
    page = opened()
    choose(page, "gaps")
    label = next(one for one in page.locator("#govmap-look-service option").all_inner_texts() if "not judged" in one)
    choose(page, "gaps", label)
    assert rows(page) == []
    assert "nobody was judged" in page.inner_text(".findings")


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Reports, not events"), ("zh", "统计的是上报，不是实际发生的全部事件")]
)
def test_reports_are_never_shown_without_saying_that_they_are_reports(opened, language, words):
    page = opened(language=language)
    for view in ("rates", "spots"):
        choose(page, view)
        assert words in page.inner_text(".findings .caution")
    assert len(rows(page)) == 2


def test_few_reports_give_no_rate_but_are_hatched(opened, released, town):
    page = opened(some=page_of(released, lambda: reported(town, [80, 70, 60, 50, 40, 2]), "public"))
    choose(page, "rates")
    assert len(rows(page)) == 4, "two reports are few, and another unit stands with them"
    assert page.locator("#govmap-look-category").count() == 0, "there is but one kind"
    page.evaluate("govmap.desk.choose({kind: 'unit', row: 0})")
    assert "rounded numbers" in page.inner_text(".why")
    page.evaluate("govmap.desk.choose({kind: 'unit', row: 5})")
    assert "none is given" in page.inner_text(".why")
    assert "answered" not in page.inner_text(".why").lower()


def test_work_is_shown_part_by_part_beside_the_fair_share(opened):
    page = opened()
    choose(page, "work")
    assert rows(page)[0] == "U004 Quarter U004 100 h a month"
    assert page.locator(".measure .over").count() == 1
    page.click(".findings .ranked button")
    assert "Calls at households" in page.inner_text(".why")
    assert "nobody is scored" in page.inner_text(".why")


def test_units_that_nobody_answers_for_are_listed(opened):
    page = opened()
    choose(page, "duties")
    assert [row.split()[0] for row in rows(page)] == UNITS[1:]


def test_every_view_colours_the_map_and_leaves_no_english_in_the_chinese_page(opened):
    page = opened(language="zh")
    page.click("#govmap-look-units")
    seen = set()
    for view in ("units", "gaps", "rates", "spots", "work", "duties"):
        choose(page, view)
        page.wait_for_timeout(400)
        seen.add(page.screenshot(clip={"x": 400, "y": 60, "width": 900, "height": 640}))
        words = re.sub(OURS, "", page.inner_text(".findings"))
        assert not re.findall(r"[A-Za-z]{4,}|\{\w+\}|map_", words), view
    assert len(seen) == 6


def test_nothing_is_cut_on_a_phone(opened):
    page = opened(language="zh")
    page.set_viewport_size({"width": 390, "height": 844})
    for view in ("gaps", "rates", "work", "duties"):
        page.evaluate(f"document.getElementById('govmap-look-{view}').click()")
        assert page.evaluate("(one => one.scrollWidth - one.clientWidth)(document.querySelector('.findings'))") <= 1

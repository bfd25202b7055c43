"""What people do at the desk by clicks: numbers, people on units, a plan from draft to adopted, two plans compared."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from govmap import pipeline
from govmap.config import Config
from govmap.messages import Voice
from govmap.project import open_project
from govmap.server.opened import Opened

if TYPE_CHECKING:
    from conftest import Running

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
WAIT_MS = 20_000


@pytest.fixture(scope="module")
def staffed(town: Path, sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town with its list of workers, nobody assigned."""
    path = Path(shutil.copy(town, tmp_path_factory.mktemp("staffed") / "town.gpkg"))
    config = Config(language="en", cache=path.parent / "cache", threads=1)
    lists = sorted(sources.glob("workers.*"))
    pipeline.import_table(path, "workers", lists[0], pipeline.Reading(), config=config, voice=Voice("en"))
    with open_project(path) as project:
        smaller = pipeline.criteria(size="80-130", units=None, by="households", seed=1)
        pipeline.delineate(project, smaller, name="small", config=config)
    return path


@pytest.fixture
def opened(staffed: Path, tmp_path: Path) -> Opened:
    """A copy of it, open at a desk at which somebody sits."""
    path = Path(shutil.copy(staffed, tmp_path / "town.gpkg"))
    made = Opened(Config(language="en", cache=tmp_path / "cache", threads=1), home=tmp_path)
    made.open(path)
    made.person = "Zhao Yi"
    return made


@pytest.fixture
def desk(served: "Running") -> "Running":
    return served


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("needs a Chromium")
    with playwright.sync_playwright() as started:
        made = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield made
        made.close()


@pytest.fixture
def page(desk: "Running", browser: Any) -> Iterator[Any]:
    """The desk in a browser; an error of its scripts fails the test."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en-GB")
    made = context.new_page()
    made.set_default_timeout(WAIT_MS)
    errors: list[str] = []
    made.on("pageerror", lambda error: errors.append(str(error)))
    made.goto(f"{desk.origin}/?token={desk.app.state.keys.token()}")
    made.wait_for_selector('body[data-desk="ready"]')
    yield made
    assert errors == []
    context.close()


def read(desk: "Running", table: str) -> Any:
    with desk.opened.reading() as project:
        return project.read(table)


def spot(page: Any, table: str, column: str, value: str) -> tuple[float, float]:
    """Where the middle of a row of the map stands on the screen."""
    where = page.evaluate(
        """([table, column, value]) => {
          const { desk, map } = window.govmap.page;
          const rows = desk.tables[table];
          const { index, words } = rows.texts[column];
          const row = index.indexOf(words.indexOf(value) + 1);
          const [x, y] = rows.shapes.middle(row);
          const [lon, lat] = desk.origin.degrees(x, y);
          map.setView([lat, lon], table === "buildings" ? 19 : map.getZoom(), { animate: false });
          const box = map.getContainer().getBoundingClientRect();
          const at = map.latLngToContainerPoint([lat, lon]);
          return [box.left + at.x, box.top + at.y];
        }""",
        [table, column, value],
    )
    return where[0], where[1]


def test_five_buildings_are_numbered_by_five_clicks_and_the_last_is_taken_back(page: Any, desk: "Running") -> None:
    rows = read(desk, "buildings")
    rows = rows[rows["cell_id"].notna() & rows["compound_id"].isna() & (rows.geometry.area > 150)]
    box = rows.geometry.minimum_rotated_rectangle().area / rows.geometry.area
    wanted = list(rows[box < 1.05]["building_id"].iloc[:5])
    page.click('[data-mode="base"]')
    page.click('[data-tool="number"]')
    page.fill('[name="start"]', "3")
    for at, one in enumerate(wanted):
        page.mouse.click(*spot(page, "buildings", "id", one))
        page.locator(".desk-sign.number").nth(at).wait_for()
    numbers = read(desk, "buildings").set_index("building_id")["number"]
    assert [numbers[one] for one in wanted] == ["3", "4", "5", "6", "7"]
    assert page.input_value('[name="start"]') == "8"
    page.click('[data-do="undo"]')
    page.locator('.desk-notice:has-text("Taken back")').wait_for()
    numbers = read(desk, "buildings").set_index("building_id")["number"]
    assert [numbers[one] for one in wanted] == ["3", "4", "5", "6", None]


def test_a_building_is_drawn_and_the_ground_divided_anew(page: Any, desk: "Running") -> None:
    count = len(read(desk, "buildings"))
    page.click('[data-mode="base"]')
    page.click('[data-tool="add_box"]')
    page.fill('[name="households"]', "9")
    ground = read(desk, "communities").geometry.iloc[0]
    free = ground.difference(read(desk, "buildings").geometry.union_all().buffer(6)).buffer(-14).representative_point()
    from pyproj import Transformer

    way = Transformer.from_crs(read(desk, "communities").crs, 4326, always_xy=True)
    at = page.evaluate(
        """([lon, lat]) => {
          const { map } = window.govmap.page;
          map.setView([lat, lon], 19, { animate: false });
          const box = map.getContainer().getBoundingClientRect();
          const p = map.latLngToContainerPoint([lat, lon]);
          return [box.left + p.x, box.top + p.y];
        }""",
        list(way.transform(free.x, free.y)),
    )
    page.mouse.click(at[0] - 25, at[1] - 15)
    page.mouse.click(at[0] + 25, at[1] + 15)
    page.wait_for_selector('[data-do="ground"]')
    rows = read(desk, "buildings")
    assert len(rows) == count + 1
    page.click('[data-do="ground"]')
    page.wait_for_selector('[data-do="ground"]', state="detached")
    new = read(desk, "buildings").set_index("building_id").loc[sorted(set(rows["building_id"]) - {None})]
    drawn = new[new["outline_source"] == "hand"]
    assert drawn["cell_id"].notna().all()
    assert int(drawn["households"].iloc[0]) == 9


def test_a_plan_is_proposed_noticed_objected_to_answered_and_adopted_by_another_person(
    page: Any, desk: "Running"
) -> None:
    page.click('[data-mode="agree"]')
    page.click('[data-step="propose"] [type="submit"]')
    page.wait_for_selector('[data-step="notice"]')
    page.fill('[data-step="notice"] [name="begins"]', "2024-03-04")
    page.fill('[data-step="notice"] [name="ends"]', "2024-03-13")
    page.click('[data-step="notice"] [type="submit"]')
    page.wait_for_selector('[data-form="object"]')
    code = str(read(desk, "units")["code"].iloc[0])
    page.mouse.click(*spot(page, "units", "code", code))
    page.locator(f'.agree .place .where:has-text("{code}")').wait_for()
    page.fill('[name="object_text"]', "Our yard is cut in two. Mrs Miller, 13812345678")
    page.click('[data-form="object"] [type="submit"]')
    page.wait_for_selector('[data-objection="1"]')
    assert "13812345678" not in page.inner_text('[data-objection="1"]')
    assert page.query_selector('[data-step="adopt"] [type="submit"]') is None
    page.fill('[data-objection="1"] [name="answer_text"]', "The line follows the wall.")
    page.click('[data-objection="1"] [type="submit"]')
    page.wait_for_selector('[data-step="adopt"] [type="submit"]')
    page.fill('[data-step="adopt"] [name="document_no"]', "No. 12")
    page.click('[data-step="adopt"] [type="submit"]')
    page.wait_for_selector(".desk-notice.alert")
    assert "Zhao Yi" in page.inner_text(".desk-notice.alert")
    page.fill('[data-step="adopt"] [name="by"]', "Wang Fang")
    page.click('[data-step="adopt"] [type="submit"]')
    page.wait_for_selector('[data-step="retire"]')
    steps = read(desk, "agreements")
    assert list(steps["step"]) == ["propose", "notice", "adopt"]
    assert list(steps["by"]) == ["Zhao Yi", "Zhao Yi", "Wang Fang"]
    plans = read(desk, "plans").set_index("name")["status"]
    assert plans["small"] == "adopted"
    assert read(desk, "objections")["unit_id"].notna().all()


def test_a_person_dragged_onto_a_vacant_unit_answers_for_it(page: Any, desk: "Running") -> None:
    page.click('[data-mode="people"]')
    page.click('[data-post="worker"]')
    page.wait_for_selector(".workers button")
    worker = page.get_attribute(".workers button >> nth=0", "data-worker")
    row = page.query_selector('#desk-stage .units li.empty[data-code="U002"]') or page.query_selector(
        "#desk-stage .units li.empty"
    )
    code, unit = row.get_attribute("data-code"), row.get_attribute("data-unit")
    x, y = spot(page, "units", "code", code)
    page.hover(f'[data-worker="{worker}"]')
    page.mouse.down()
    page.mouse.move(x - 4, y - 4, steps=4)
    page.mouse.move(x, y, steps=2)
    page.mouse.up()
    page.wait_for_selector(f'#desk-stage [data-unit="{unit}"] .duty.fixed')
    duties = read(desk, "duties")
    mine = duties[(duties["unit_id"] == unit) & (duties["state"] == "fixed")]
    assert list(mine["worker_id"]) == [worker]
    page.click('.people [data-do="undo"]')
    page.wait_for_selector(f'#desk-stage [data-unit="{unit}"] .duty.fixed', state="detached")
    assert not (read(desk, "duties")["worker_id"] == worker).any()


def test_what_was_found_is_written_down_by_a_click_and_moved_on_by_another(page: Any, desk: "Running") -> None:
    page.click('[data-mode="cases"]')
    page.click('[data-do="add"]')
    page.mouse.click(*spot(page, "units", "code", str(read(desk, "units")["code"].iloc[0])))
    page.locator('.where:has-text("set")').wait_for()
    page.fill('[data-form="add"] [name="category"]', "Street light")
    page.fill('[data-form="add"] [name="text"]', "dark since Monday, 13812345678")
    page.click('[data-do="save"]')
    page.click("button.case")
    page.click('[data-form="move"] [type="submit"]')
    page.locator(".log li >> nth=2").wait_for()
    row = read(desk, "incidents").iloc[0]
    assert (row["category"], row["stage"]) == ("Street light", "accepted")
    assert row["cell_id"] is not None
    assert "138" not in str(read(desk, "incident_log")["note"].iloc[0])


def test_a_person_picked_up_by_keys_is_put_down_by_keys_and_several_units_are_given_at_once(
    page: Any, desk: "Running"
) -> None:
    page.click('[data-mode="people"]')
    page.click('[data-post="worker"]')
    page.focus(".workers button >> nth=1")
    worker = page.get_attribute(".workers button >> nth=1", "data-worker")
    page.keyboard.press("Enter")
    page.wait_for_selector("#desk-stage .units li >> nth=0 >> text=here")
    page.focus("#desk-stage .units li >> nth=0 >> button >> text=here")
    page.keyboard.press("Enter")
    page.wait_for_selector("#desk-stage .units li >> nth=0 >> .duty.fixed")
    page.press(f'[data-worker="{worker}"]', "Enter")
    for at in (2, 3):
        page.check(f"#desk-stage .units li >> nth={at} >> [type=checkbox]")
    page.select_option(".bulk select", worker)
    page.click(".bulk button.first")
    page.locator(".units .duty.fixed").nth(2).wait_for()
    assert set(read(desk, "duties")["worker_id"]) == {worker}


def test_two_plans_are_compared_and_the_papers_made(page: Any, desk: "Running") -> None:
    with desk.opened.writing("divide") as project:
        wanted = pipeline.criteria(size="40-70", units=None, by="households", seed=1)
        pipeline.delineate(project, wanted, name="smaller", config=desk.opened.config)
    page.reload()
    page.wait_for_selector('body[data-desk="ready"]')
    page.click('[data-mode="compare"]')
    page.click(".compare .first")
    page.wait_for_selector(".compare .tiles")
    assert page.locator(".compare table tbody tr").count() > 3
    page.click('[data-make="pdf"]')
    page.wait_for_selector(".papers a.file")
    with page.expect_download() as got:
        page.click(".papers a.file")
    assert Path(got.value.path()).read_bytes().startswith(b"%PDF")
    page.click('[data-view="beside"]')
    page.wait_for_selector(".desk-twin .leaflet-container, .desk-twin.leaflet-container")
    page.click("tr.leads >> nth=0")
    seen = "[...document.querySelectorAll('.desk-plan')].map(one => one.textContent)"
    assert [one.split(" · ")[1] for one in page.evaluate(seen)] == ["small", "smaller"]
    page.click('[data-mode="map"]')
    assert page.query_selector(".desk-twin") is None


def test_what_another_program_changed_is_named_in_words_and_taken_in_by_a_click(page: Any, desk: "Running") -> None:
    with closing(sqlite3.connect(desk.opened.path, timeout=20)) as other, other:  # as GDAL leaves it
        other.execute("UPDATE gpkg_contents SET last_change = '2030-01-01T00:00:00.000Z' WHERE table_name = 'workers'")
    told = page.locator(".desk-notice:has(button.first)")
    told.wait_for()
    assert "workers" in told.inner_text()
    assert "_" not in told.inner_text()
    told.locator("button.first").click()
    page.locator('.desk-notice:has-text("taken in")').wait_for()
    assert desk.opened.foreign() == []


def test_a_form_that_was_not_chosen_is_asked_for_by_its_button(page: Any) -> None:
    page.click('[data-mode="hand"]')
    page.click('[data-step="fill"] summary')
    page.click('[data-run="fill"]')
    page.locator('.desk-notice.alert:has-text("No form to be filled has been chosen")').wait_for()

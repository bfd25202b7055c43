"""A planner at the desk: from dropped files to a printed atlas by clicks alone, in both languages."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from govmap.project import open_project

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FOUR = {
    "zh": ("community.osm", "实有人口统计表.xlsx", "网格员名单.xlsx", "资源清单.csv"),
    "en": ("community.osm", "residents.xlsx", "workers.xlsx", "resources.csv"),
}
WAIT_MS = 90_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("needs a Chromium")
    with playwright.sync_playwright() as started:
        made = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield made
        made.close()


class Clerk:
    """Somebody at the desk who can click, drag and read, and no more."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def see(self, selector: str) -> Any:
        found = self.page.locator(selector).first
        found.wait_for(timeout=WAIT_MS)
        return found

    def click(self, selector: str) -> None:
        self.see(selector).click(timeout=WAIT_MS)

    def open(self, mode: str) -> None:
        self.click(f'#desk-rail [data-mode="{mode}"]')
        self.see(f'body[data-mode="{mode}"]')

    def step(self, name: str) -> str:
        card = self.see(f'[data-step="{name}"]')
        if card.get_attribute("open") is None:
            card.locator("summary").first.click()
        card.locator(f'[data-run="{name}"]').click()
        done = card.locator(".desk-result")
        done.wait_for(timeout=WAIT_MS)
        return str(done.inner_text())

    def spot(self, building: str) -> tuple[float, float]:
        """Where a building stands on the screen, brought there as one drags the map."""
        where = self.page.evaluate(
            """(building) => {
              const { desk, map } = window.govmap.page;
              const { index, words } = desk.tables.buildings.texts.id;
              const row = index.indexOf(words.indexOf(building) + 1);
              const [lon, lat] = desk.origin.degrees(...desk.tables.buildings.shapes.middle(row));
              map.setView([lat, lon], 19, { animate: false });
              const box = map.getContainer().getBoundingClientRect();
              const at = map.latLngToContainerPoint([lat, lon]);
              return [box.left + at.x, box.top + at.y];
            }""",
            building,
        )
        return where[0], where[1]


@pytest.fixture(params=["zh", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sources(language: str, tmp_path: Path) -> Path:
    from govmap.sources import sample

    folder = tmp_path / "from the office"
    sample.write(folder, language=language)
    return folder


@pytest.fixture
def desk(language: str, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The desk as it is started by a double click, in a folder with Chinese letters and spaces; it ends cleanly."""
    folder = tmp_path / "桌面 (1)"
    folder.mkdir()
    environment = {**os.environ, "GOVMAP_CACHE": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "govmap", "serve", "--no-browser", "--json", "--lang", language]
    served = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert served.stdout is not None
        yield json.loads(served.stdout.readline())["url"], folder
    finally:
        served.send_signal(signal.SIGINT)
        assert served.wait(30) == 0
        served.stdout.close()  # type: ignore[union-attr] # it was opened above
    assert [file.name for file in folder.iterdir() if file.name.endswith(("-wal", "-shm", "-journal"))] == []
    assert not list((tmp_path / "cache" / "desks").glob("work-*"))


def test_a_community_comes_from_dropped_files_to_a_printed_atlas_by_clicks(
    language: str, sources: Path, desk: tuple[str, Path], browser: Any
) -> None:
    url, folder = desk
    context = browser.new_context(viewport={"width": 1366, "height": 768}, accept_downloads=True)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    clerk = Clerk(page)
    page.goto(url)

    project = folder / ("幸福社区.gpkg" if language == "zh" else "Happiness.gpkg")
    try:
        made(clerk, sources, language, folder)
        divided(clerk)
        numbered(clerk, project)
        redrawn(clerk, project)
        assigned(clerk, project)
        adopted(clerk, project)
        printed(clerk)
    except BaseException:
        page.screenshot(path=sources / "seen.png")
        raise
    finally:
        context.close()
    assert faults == []


def made(clerk: Clerk, sources: Path, language: str, folder: Path) -> None:
    """Four files are dropped; the project is made; three lists are recognised and taken in."""
    clerk.see('body[data-desk="ready"]')
    clerk.page.set_input_files(".making .desk-file", [sources / name for name in FOUR[language]])
    clerk.see(".desk-files li:nth-child(4)")
    clerk.page.fill('.making [name="title"]', "幸福社区" if language == "zh" else "Happiness")
    clerk.click(".making .make")
    clerk.click(".take-all")
    clerk.see(".desk-lists .taken:nth-child(3)")
    counts = clerk.page.locator(".desk-lists .taken .reconciled").all_inner_texts()
    numbers = [[int(one.replace(",", "")) for one in re.findall(r"[\d,]+", text)] for text in counts]
    assert all(came == kept + rejected for came, kept, rejected in numbers)
    assert sum(kept for _, kept, _ in numbers) > 80
    assert list(folder.glob("*.rejects.*"))
    clerk.click(".go-on")
    clerk.see('body[data-mode="steps"]')


def divided(clerk: Clerk) -> None:
    assert re.search(r"\d", clerk.step("delineate"))
    clerk.step("attach")


def numbered(clerk: Clerk, project: Path) -> None:
    """Two buildings are numbered by two clicks."""
    with open_project(project) as opened:
        rows = opened.read("buildings")
    rows = rows[rows["cell_id"].notna() & rows["compound_id"].isna() & (rows.geometry.area > 150)]
    box = rows.geometry.minimum_rotated_rectangle().area / rows.geometry.area  # its middle lies inside, to be clicked
    wanted = list(rows[box < 1.05]["building_id"].iloc[:2])
    clerk.open("base")
    clerk.click('[data-tool="number"]')
    clerk.page.fill('[name="start"]', "8")
    for at, one in enumerate(wanted):
        clerk.page.mouse.click(*clerk.spot(one))
        clerk.page.locator(".desk-sign.number").nth(at).wait_for(timeout=WAIT_MS)
    with open_project(project) as opened:
        numbers = opened.read("buildings").set_index("building_id")["number"]
    assert [numbers[one] for one in wanted] == ["8", "9"]


def redrawn(clerk: Clerk, project: Path) -> None:
    """One building at a border goes to the neighbouring unit by a click, and back by undo."""
    with open_project(project) as opened:
        before, plan = opened.plan(), opened.active_plan_id()
        parts = opened.read("parts").set_index("part_id")["building_id"]
        shapes = opened.read("buildings").set_index("building_id").geometry
        units = opened.read("units", where={"plan_id": plan}).set_index("unit_id")["code"]
    homes = before.parts.rename("unit_id").reset_index()
    small = homes.groupby(homes["part_id"].map(parts))["unit_id"].agg(["nunique", "first"])
    alone = small[small["nunique"] == 1]["first"]
    places = shapes[alone.index].centroid
    near = {one: places[alone != alone[one]].distance(places[one]).idxmin() for one in alone.index}
    building = min(near, key=lambda one: places[one].distance(places[near[one]]))
    target = alone[near[building]]
    clerk.open("redraw")
    clerk.see('body[data-redraw="ready"]')
    clerk.click(f'[data-unit="{target}"] .aim')
    clerk.click('[data-tool="click"]')
    clerk.page.mouse.click(*clerk.spot(building))
    clerk.page.wait_for_timeout(1500)
    until = time.monotonic() + 20
    after = before
    while after == before and time.monotonic() < until:
        clerk.page.wait_for_timeout(200)
        with open_project(project) as opened:
            after = opened.plan()
    changed = after.parts[after.parts != before.parts]
    assert set(changed) == {target}, (units[target], building)
    assert set(changed.index.map(parts)) == {building}


def assigned(clerk: Clerk, project: Path) -> None:
    clerk.open("steps")
    clerk.step("assign")
    with open_project(project) as opened:
        assert len(opened.read("duties"))


def adopted(clerk: Clerk, project: Path) -> None:
    """Proposed, on notice, adopted by somebody else."""
    clerk.open("agree")
    clerk.click('[data-step="propose"] [type="submit"]')
    clerk.see('[data-step="notice"]')
    clerk.page.fill('[data-step="notice"] [name="begins"]', "2024-03-04")
    clerk.page.fill('[data-step="notice"] [name="ends"]', "2024-03-13")
    clerk.click('[data-step="notice"] [type="submit"]')
    clerk.see('[data-step="adopt"]')
    clerk.page.fill('[data-step="adopt"] [name="document_no"]', "2024-12")
    clerk.page.fill('[data-step="adopt"] [name="by"]', "Wang Fang")
    clerk.click('[data-step="adopt"] [type="submit"]')
    clerk.see('[data-step="retire"]')
    with open_project(project) as opened:
        assert "adopted" in set(opened.read("plans")["status"])


def printed(clerk: Clerk) -> None:
    """The wall map is one PDF, kept by a click; the safe copy is one plain file."""
    clerk.open("hand")
    clerk.see('[data-step="atlas"]').locator("summary").first.click()
    clerk.page.select_option('[data-step="atlas"] [name="sheet_kind"]', "wall")
    clerk.step("atlas")
    with clerk.page.expect_download() as got:
        clerk.click('[data-step="atlas"] a.file')
    assert Path(got.value.path()).read_bytes().startswith(b"%PDF")
    clerk.step("backup")
    with clerk.page.expect_download() as got:
        clerk.click('[data-step="backup"] a.file')
    assert Path(got.value.path()).read_bytes().startswith(b"SQLite format 3\x00")

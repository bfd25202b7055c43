"""Somebody at the desk who can click, drag and read, and no more; the stations of a plan, walked by clicks alone."""

import os
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from govmap.project import open_project

if TYPE_CHECKING:
    from collections.abc import Callable

SPOT = """(building) => {
  const { desk, map } = window.govmap.page;
  const { index, words } = desk.tables.buildings.texts.id;
  const row = index.indexOf(words.indexOf(building) + 1);
  const [lon, lat] = desk.origin.degrees(...desk.tables.buildings.shapes.middle(row));
  map.setView([lat, lon], 19, { animate: false });
  const box = map.getContainer().getBoundingClientRect();
  const at = map.latLngToContainerPoint([lat, lon]);
  return [box.left + at.x, box.top + at.y];
}"""
HAN = re.compile("[\u4e00-\u9fff]")
SEEN = os.environ.get("GOVMAP_SEEN")
NOTED_S, PATIENCE_S = (
    2.0,
    10.0,
)  # a wait that is written down, and the longest without progress and a way to call it off
NEIGHBOURS = 300  # buildings among which one at a border is looked for


@dataclass(frozen=True)
class Office:
    """
    Who sits at the desk, what they drop on it, how many units it must come to, by which band if one is said.

    `later` is the language of somebody who takes over before anything is redrawn.
    """

    language: str
    title: str
    files: tuple[Path, ...]
    units: int
    band: tuple[int, int] | None = None
    later: str | None = None


@dataclass
class Clerk:
    """A person before the page."""

    page: Any
    wait_ms: int = 90_000
    waited: dict[str, float] = field(default_factory=dict)

    def see(self, selector: str) -> Any:
        """Wait for something; whoever waits long is told how far it is, and can call it off."""
        found = self.page.locator(selector).first
        began, told = time.monotonic(), False
        while not found.is_visible():
            assert (time.monotonic() - began) * 1000 < self.wait_ms, selector
            told = told or self.page.locator(".desk-task button").first.is_visible()
            self.page.wait_for_timeout(50)
        self._waited(selector, time.monotonic() - began, told=told)
        return found

    def _waited(self, what: str, seconds: float, *, told: bool) -> None:
        if seconds > NOTED_S:
            self.waited[what] = seconds
        assert told or seconds < PATIENCE_S * busy(), f"{seconds:.0f} s without a word: {what}"

    def click(self, selector: str) -> None:
        self.see(selector).click(timeout=self.wait_ms)

    def open(self, mode: str) -> None:
        self.click(f'#desk-rail [data-mode="{mode}"]')
        self.see(f'body[data-mode="{mode}"]')

    def step(self, name: str) -> str:
        card = self.see(f'[data-step="{name}"]')
        if card.get_attribute("open") is None:
            card.locator("summary").first.click()
        card.locator(f'[data-run="{name}"]').click()
        return str(self.see(f'[data-step="{name}"] .desk-result').inner_text())

    def spot(self, building: str) -> tuple[float, float]:
        """Where a building stands on the screen, brought there as one drags the map."""
        where = self.page.evaluate(SPOT, building)
        return where[0], where[1]


def busy() -> float:
    """Say how many times longer everything takes because others use this machine as well."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def walk(clerk: Clerk, office: Office, folder: Path) -> None:
    """
    Go from dropped files to a printed atlas.

    With GOVMAP_SEEN=FOLDER in the environment every station leaves a picture there and says how long it took.
    """
    project = folder / f"{office.title}.gpkg"
    stations: dict[str, Callable[[], None]] = {
        "made": lambda: made(clerk, office, folder),
        "divided": lambda: divided(clerk, project, office),
        "numbered": lambda: numbered(clerk, project),
        "handed over": lambda: handed_over(clerk, office),
        "redrawn": lambda: redrawn(clerk, project),
        "assigned": lambda: assigned(clerk, project),
        "adopted": lambda: adopted(clerk, project),
        "printed": lambda: printed(clerk),
    }
    for name, station in stations.items():
        began = time.monotonic()
        try:
            station()
        finally:
            if SEEN:
                place = Path(SEEN) / f"{office.language}-{office.title}-{name}.png"
                clerk.page.screenshot(path=place)
                waits = {step: round(seconds, 1) for step, seconds in clerk.waited.items()}
                print(f"{place.stem}: {time.monotonic() - began:.1f} s, of it {waits}", flush=True)
                clerk.waited.clear()


def made(clerk: Clerk, office: Office, folder: Path) -> None:
    """Four files are dropped; the project is made; three lists are recognised and taken in."""
    clerk.see('body[data-desk="ready"]')
    clerk.page.set_input_files(".making .desk-file", list(office.files))
    clerk.see(".desk-files li:nth-child(4)")
    clerk.page.set_input_files(".making .desk-file", [office.files[1]])  # a slip of the hand is told, and taken away
    clerk.see(".desk-files li:nth-child(5) .twice")
    clerk.click(".desk-files li:nth-child(5) .close")
    clerk.page.locator(".desk-files li:nth-child(5)").wait_for(state="detached", timeout=clerk.wait_ms)
    clerk.page.fill('.making [name="title"]', office.title)
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


def divided(clerk: Clerk, project: Path, office: Office) -> None:
    if office.band:
        clerk.page.fill('[data-step="delineate"] [name="low"]', str(office.band[0]))
        clerk.page.fill('[data-step="delineate"] [name="high"]', str(office.band[1]))
    assert re.search(r"\d", clerk.step("delineate"))
    clerk.step("attach")
    with open_project(project) as opened:
        assert opened.store.count("units") >= office.units


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
        clerk.page.locator(".desk-sign.number").nth(at).wait_for(timeout=clerk.wait_ms)
    with open_project(project) as opened:
        numbers = opened.read("buildings").set_index("building_id")["number"]
    assert [numbers[one] for one in wanted] == ["8", "9"]


def handed_over(clerk: Clerk, office: Office) -> None:
    """Somebody who reads another language takes over: the page speaks it, and nothing of the former is left in it."""
    if office.later is None:
        return
    seen = "#desk-rail, #desk-stage h1"
    assert HAN.search(clerk.page.inner_text("#desk-stage h1"))
    clerk.click('[data-foot="language"]')
    clerk.see(f'html[lang^="{office.later}"]')
    words = "".join(clerk.page.locator(seen).all_inner_texts())
    assert set(HAN.findall(words)) <= set("中文"), words  # the way back alone


def redrawn(clerk: Clerk, project: Path) -> None:
    """One building at a border goes to the neighbouring unit by a click."""
    with open_project(project) as opened:
        before, plan = opened.plan(), opened.active_plan_id()
        parts = opened.read("parts").set_index("part_id")["building_id"]
        shapes = opened.read("buildings").set_index("building_id").geometry
        units = opened.read("units", where={"plan_id": plan}).set_index("unit_id")["code"]
    homes = before.parts.rename("unit_id").reset_index()
    small = homes.groupby(homes["part_id"].map(parts))["unit_id"].agg(["nunique", "first"])
    alone = small[small["nunique"] == 1]["first"]
    places = shapes[alone.index[:: max(1, len(alone) // NEIGHBOURS)]].centroid
    alone = alone[places.index]
    near = {one: places[alone != alone[one]].distance(places[one]).idxmin() for one in alone.index}
    building = min(near, key=lambda one: places[one].distance(places[near[one]]))
    target = alone[near[building]]
    clerk.open("redraw")
    clerk.see('body[data-redraw="ready"]')
    clerk.page.fill('.redraw-filter [type="search"]', units[target])  # hundreds of units are not all in the table
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

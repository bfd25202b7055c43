"""Redraw at the desk: strokes by HTTP and by hand in a browser count what the project counts."""

import base64
import json
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, sync_playwright

from govmap import pipeline
from govmap.check import NEEDED, findings
from govmap.config import Config
from govmap.pipeline import draft_ground
from govmap.project import open_project

BROWSER = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run")
STATIC = Path(__file__).parents[2] / "src" / "govmap" / "render" / "static" / "live.js"


@pytest.fixture(scope="module")
def town(town: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample community in many small units, so that there are borders to draw at."""
    path = Path(shutil.copy(town, tmp_path_factory.mktemp("redraw") / "town.gpkg"))
    with open_project(path) as project:
        config = Config(language="en", cache=path.parent / "cache", threads=1)
        pipeline.delineate(project, pipeline.criteria(size="30-60", units=None, by="households", seed=1), config=config)
    return path


def told(served, method: str, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
    sent = b"" if body is None else json.dumps(body).encode()
    answer = served.ask(method, f"/api/redraw/{path}", sent, content_type="application/json")
    return answer.status, json.loads(answer.content)


def columns(ground: dict[str, Any]) -> dict[str, np.ndarray]:
    return {name: np.frombuffer(base64.b64decode(coded), "<i4") for name, coded in ground["columns"].items()}


def border(ground: dict[str, Any]) -> tuple[int, str]:
    """Number of a part at a border, and the unit beyond."""
    column = columns(ground)
    unit = column["unit"]
    at = np.flatnonzero(unit[column["one"]] != unit[column["other"]])[0]
    return int(column["one"][at]), ground["units"][unit[column["other"][at]]]["id"]


def test_a_stroke_is_answered_with_what_the_units_hold_now(served) -> None:
    status, ground = told(served, "GET", "ground")
    assert status == 200
    part, unit = border(ground)
    stroke = {"units": [unit], "parts": [part], "to": [0], "revision": ground["revision"], "force": True}
    status, answer = told(served, "POST", "stroke", stroke)
    assert status == 200, answer
    with served.opened.reading() as project:
        stored = project.read("units", where={"plan_id": project.active_plan_id()}).set_index("unit_id")
        assert findings(project.reading(*NEEDED)) == []
    for row in answer["rows"]:
        assert row["households"] == stored["households"][row["id"]]
        assert row["size"] == row["households"]
    status, back = told(served, "POST", "undo", {"revision": answer["revision"]})
    assert (status, back["parts"]) == (200, [part])
    assert told(served, "POST", "settle", {})[1]["settled"]
    assert not told(served, "POST", "settle", {})[1]["settled"]
    again = told(served, "GET", "ground")[1]
    assert (columns(again)["unit"] == columns(ground)["unit"]).all()


def test_a_page_that_knows_an_older_revision_is_told_so_and_nothing_is_written(served) -> None:
    ground = told(served, "GET", "ground")[1]
    part, unit = border(ground)
    stroke = {"units": [unit], "parts": [part], "to": [0], "revision": "r0"}
    status, answer = told(served, "POST", "stroke", stroke)
    assert (status, answer["error"]["code"]) == (409, "drafting_stale")
    assert told(served, "GET", "ground")[1]["revision"] == ground["revision"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("stroke", {"units": ["u"], "parts": [999_999], "to": [0]}),
        ("stroke", {"units": [], "parts": [], "to": []}),
        ("stroke", {"units": ["u"], "parts": [-1], "to": [0]}),
        ("stroke", {"units": ["u"], "parts": [0], "to": [7]}),
        ("split", {"unit": "nobody", "number": 2}),
        ("split", {"unit": "nobody"}),
        ("merge", {"units": []}),
        ("found", {"parts": []}),
        ("rebalance", {"units": ["nobody", "nowhere"]}),
        ("lock", {"units": [], "every": False}),
        ("exclusive", {"unit": "nobody", "kind": "moon"}),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(served, path: str, body: Any) -> None:
    status, answer = told(served, "POST", path, body)
    assert status == 422
    assert answer["error"]["message"]


@pytest.mark.skipif(not shutil.which("chromium") or not STATIC.exists(), reason="needs chromium and the built page")
def test_a_brush_stroke_by_hand_counts_what_the_desk_counts(served, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = draft_ground.unit_rows

    def late(*given: Any) -> Any:  # others hear of the new version before the page that made it has its answer
        time.sleep(0.4)
        return rows(*given)

    monkeypatch.setattr(draft_ground, "unit_rows", late)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=list(BROWSER))
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{served.origin}/?token={served.app.state.keys.token()}", wait_until="commit", timeout=120_000)
        page.wait_for_selector("body[data-desk=ready]", state="attached", timeout=120_000)
        page.click("[data-mode=redraw]")
        page.wait_for_selector("body[data-redraw=ready]", state="attached", timeout=60_000)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        brushed(page)
        wait = "() => !govmap.live.rail.modes.redraw.work.waiting"
        page.wait_for_function(wait, timeout=60_000)
        page.wait_for_timeout(500)
        assert not [url for url in asked if "/pack/" in url or "/ground" in url], (
            "the page's own stroke loads nothing anew"
        )
        shown = page.evaluate(SUMS)
        with served.opened.reading() as project:
            units = project.read("units", where={"plan_id": project.active_plan_id()})
            stored = units.set_index("unit_id")[["households", "residents", "buildings"]].astype(int)
            assert project.store.count("revisions", where={"action": "move"}) == 1
        assert shown == {unit: row.tolist() for unit, row in stored.iterrows()}
        page.keyboard.press("Control+z")
        page.wait_for_function("() => govmap.live.rail.modes.redraw.work.turns[1] === 1", timeout=60_000)
        assert page.evaluate(SUMS) != shown
        assert faults == []
        browser.close()


SUMS = """() => {
  const { draft } = govmap.live.rail.modes.redraw.work;
  const { households, residents } = draft.sums;
  const rows = draft.units.map((row, at) => [row.id, [households[at], residents[at], draft.buildings[at]]]);
  return Object.fromEntries(rows);
}"""


def brushed(page: Page) -> None:
    """Draw a stroke over parts of another unit that the guard lets pass; which they are the page's own model says."""
    where = page.evaluate(
        """() => {
          const { work, sheet, live } = govmap.live.rail.modes.redraw;
          const { unit, near, columns } = work.draft;
          for (let part = 0; part < unit.length; part++) {
            for (let at = near.first[part]; at < near.first[part + 1]; at++) {
              if (unit[near.near[at]] === unit[part] || columns.households[part] === 0) continue;
              const middle = work.shapes.middle(columns.cell[part]);
              const [lon, lat] = live.page.desk.origin.degrees(middle[0], middle[1]);
              live.page.map.setView([lat, lon], 19, { animate: false });
              govmap.live.rail.modes.redraw.aim(unit[near.near[at]]);
              return [lon, lat];
            }
          }
        }"""
    )
    assert where
    page.click("[data-tool=brush]")
    box = page.locator(".folium-map").bounding_box()
    assert box
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(middle[0] - 3, middle[1])
    page.mouse.down()
    page.mouse.move(middle[0] + 3, middle[1], steps=3)
    page.mouse.up()

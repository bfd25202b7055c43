"""How quick the desk is: python bench/desk.py PROJECT.gpkg [--copies 12] [--strokes 12] [--parts 300] [--places 4].

The desk is begun as its user begins it, a program of its own, and opened in headless Chromium. Some units of a copy of
the project are first put together, so that there is ground for large strokes, and the others locked; with `--copies`
the project is laid out so many times side by side before, for a town of 100,000 parts.

`first paint` is from asking for the address until something stands on the screen, `drawn` until the map does: cold just
after the program has begun, warm the second time. A stroke is drawn with the mouse: `painted` is from lifting the
button to the frame that shows it, `while drawing` from a move of the mouse to its frame, `acknowledged` from lifting
the button until the desk has said that it is safe, all by the page's clock. After every stroke the sums of all units in
the page are held beside those in the project. Ends with 1 where they differ. Measure on a quiet machine.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from govmap.pipeline.drafting import Drafting
from govmap.project import open_project
from towns_laid import lay

BROWSER = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run")
ROOM = 6  # so many times the parts of a stroke lie in the unit that it takes them from
PATIENCE_MS = 300_000
CLOCKS = """() => {
  const told = (window.benchTold = { up: [], move: [], saved: [], made: [] });
  const after = (event, list) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => list.push(performance.now() - event.timeStamp);
    channel.port2.postMessage(0);
  });
  window.addEventListener("pointerup", (event) => { told.at = event.timeStamp; after(event, told.up); }, true);
  window.addEventListener("pointermove", (event) => event.buttons && after(event, told.move), true);
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.name === "redraw-stroke") told.made.push(entry.detail);
      const ours = entry.name === "redraw-saved" && entry.detail === "stroke";
      if (ours) told.saved.push(entry.startTime + entry.duration - told.at);
    }
  }).observe({ entryTypes: ["measure"] });
}"""
PLACE = """([id, from, size]) => {
  const mode = govmap.live.rail.modes.redraw, { work, live } = mode, { draft } = work, { columns } = draft;
  const [own, other] = [draft.place.get(id), draft.place.get(from)];
  const middle = (part) => work.shapes.middle(columns.cell[part]);
  const mine = draft.members(own).map(middle).filter(Boolean);
  const at = [0, 1].map((axis) => mine.reduce((sum, one) => sum + one[axis], 0) / mine.length);
  const far = (part) => Math.hypot(middle(part)[0] - at[0], middle(part)[1] - at[1]);
  const near = draft.members(other).filter(middle).sort((a, b) => far(a) - far(b)).slice(0, size).map(middle);
  const origin = live.page.desk.origin, degrees = near.map(([x, y]) => origin.degrees(x, y));
  const lons = degrees.map((one) => one[0]), lats = degrees.map((one) => one[1]);
  const box = [[Math.min(...lats), Math.min(...lons)], [Math.max(...lats), Math.max(...lons)]];
  live.page.map.fitBounds(box, { animate: false, padding: [80, 80] });
  mode.aim(own);
  mode.use("brush");
  for (let step = 0; step < 5; step++) mode.resize(1);
  const frame = live.page.map.getContainer().getBoundingClientRect();
  const point = ([lat, lon]) => live.page.map.latLngToContainerPoint([lat, lon]);
  const [low, high] = [point(box[0]), point(box[1])];
  return [frame.left + low.x, frame.top + high.y, frame.left + high.x, frame.top + low.y];
}"""
SUMS = """() => {
  const { draft } = govmap.live.rail.modes.redraw.work, { households, residents, weight } = draft.sums;
  const rows = draft.units.map((row, at) => [row.id, [households[at], residents[at], draft.buildings[at]]]);
  return Object.fromEntries(rows.filter((row, at) => !draft.units[at].gone && !draft.units[at].upper));
}"""
RESTING = "() => !govmap.live.rail.modes.redraw.work.waiting"
PENDING = "() => govmap.live.rail.modes.redraw.sheet.pending.size"


def gathered(path: Path, places: int, size: int) -> list[tuple[str, str]]:
    """Put units around some others together and lock the rest; give each of those with what lies around it."""
    found: list[tuple[str, str]] = []
    with open_project(path, author="bench") as project:
        draft = Drafting(project)
        for _ in range(places):
            around = _around(draft, {unit for pair in found for unit in pair}, size)
            if around is None:
                break
            own, units = around
            if len(units) > 1:
                draft.merge(project, units, into=units[0], force=True)
            found.append((own, units[0]))
        mine = {unit for pair in found for unit in pair}
        draft.lock(project, [unit for unit in draft.held.desk.draft.leaves if unit not in mine])
        draft.settle(project)
    return found


def _around(draft: Drafting, taken: set[str], size: int) -> tuple[str, list[str]] | None:
    """Name a unit, and so many around it that a stroke has room; each time elsewhere."""
    graph, plan = draft.held.graph, draft.held.desk.draft.plan
    unit = plan.parts.reindex(graph.ids).to_numpy(dtype=object)
    one, other = unit[graph.i[graph.joins]], unit[graph.j[graph.joins]]
    near: dict[str, set[str]] = {}
    for here, there in zip(one[one != other], other[one != other], strict=True):
        near.setdefault(here, set()).add(there)
        near.setdefault(there, set()).add(here)
    count = plan.parts.value_counts()
    free = sorted(set(near) - taken)
    for own in np.random.default_rng(len(taken)).permutation(free):
        units: list[str] = []
        todo = sorted(near[own] - taken)
        for each in todo:
            if sum(count[units]) >= size * ROOM:
                return str(own), units
            units.append(each)
            todo += sorted(near[each] - taken - {own, *todo})
    return None


@contextmanager
def begun(path: Path, cache: Path) -> Iterator[str]:
    """Begin the desk; give its address."""
    line = [sys.executable, "-m", "govmap", "serve", str(path), "--no-browser", "--lang", "en", "--json"]
    environment = {**os.environ, "GOVMAP_CACHE": str(cache), "PYTHONDONTWRITEBYTECODE": ""}
    with subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, text=True) as desk:
        assert desk.stdout is not None
        try:
            yield str(json.loads(desk.stdout.readline())["url"])
        finally:
            desk.terminate()


def opened(browser: Browser, url: str, label: str) -> Page:
    """Open the desk and print when something stood on the screen, and when the map did."""
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.set_default_timeout(PATIENCE_MS)
    _timed(page, url, f"{label} cold")
    _timed(page, re.sub(r"\?.*", "", url), f"{label} warm")
    return page


def _timed(page: Page, url: str, label: str) -> None:
    asked = time.time()
    page.goto(url, wait_until="commit")
    page.wait_for_selector("body[data-desk=ready]", state="attached")
    told = "() => performance.timeOrigin + performance.getEntriesByName('first-contentful-paint')[0].startTime"
    page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length")
    painted = page.evaluate(told) / 1000 - asked
    print(f"{label}: first paint {painted:.2f} s, drawn {time.time() - asked:.2f} s", flush=True)


def stroked(page: Page, place: tuple[str, str], size: int, *, left: bool, up: bool) -> None:
    """Draw a stroke of so many parts with the mouse, row after row from one of four corners."""
    west, north, east, south = page.evaluate(PLACE, [*place, size])
    rows = np.linspace(north, south, 1 + max(1, int((south - north) // 120)))[:: -1 if up else 1]
    first, last = (east, west) if left else (west, east)
    page.mouse.move(first, rows[0])
    page.mouse.down()
    for y in rows.tolist():
        for x in np.linspace(first, last, 9).tolist():
            page.mouse.move(x, y)
            if page.evaluate(PENDING) >= size:
                page.mouse.up()
                return
        first, last = last, first
    page.mouse.up()


def drawn(page: Page, path: Path, places: list[tuple[str, str]], strokes: int, size: int) -> int:
    """Draw the strokes and print what they cost; give how often a sum differed."""
    page.click("[data-mode=redraw]")
    page.wait_for_selector("body[data-redraw=ready]", state="attached")
    page.evaluate(CLOCKS)
    wrong = 0
    for turn in range(strokes):
        way = turn // len(places)
        stroked(page, places[turn % len(places)], size, left=way % 2 == 1, up=way // 2 % 2 == 1)
        page.wait_for_timeout(300)
        page.wait_for_function(RESTING)
        wrong += page.evaluate(SUMS) != stored(path)
        page.keyboard.press("Control+z")
        page.wait_for_timeout(300)
        page.wait_for_function(RESTING)
    told = page.evaluate("() => benchTold")
    print(f"strokes: {len(told['made'])} of {strokes} made, parts {sorted(told['made'])}")
    for name, key in (("painted", "up"), ("while drawing", "move"), ("acknowledged", "saved")):
        rows = sorted(told[key])
        if rows:
            print(f"{name}: {statistics.median(rows):.0f} ms median, {rows[-1]:.0f} most, of {len(rows)}")
    print(f"sums of all units beside the project's: {wrong} of {strokes} strokes differ", flush=True)
    return wrong


def stored(path: Path) -> dict[str, list[int]]:
    """Give what the project holds of every unit of the lowest level."""
    with open_project(path) as project:
        units = project.read("units", where={"plan_id": project.active_plan_id()})
    units = units[~units["unit_id"].isin(set(units["parent_unit_id"].dropna()))].set_index("unit_id")
    sums = units[["households", "residents", "buildings"]].astype(int)
    return {str(unit): row.tolist() for unit, row in sums.iterrows()}


def main() -> int:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("project", type=Path)
    for name, usual in (("copies", 1), ("strokes", 12), ("parts", 300), ("places", 4)):
        asked.add_argument(f"--{name}", type=int, default=usual)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        path = Path(folder) / "town.gpkg"
        if given.copies > 1:
            lay(given.project, path, given.copies)
        else:
            shutil.copy(given.project, path)
        with open_project(path) as project:
            parts = project.store.count("plan_parts", where={"plan_id": project.active_plan_id()})
        size = min(given.parts, parts // (2 * ROOM))
        places = gathered(path, given.places, size)
        print(f"{parts} parts, {len(places)} places for strokes of {size}", flush=True)
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=list(BROWSER))
        with begun(path, Path(folder) / "cache") as url:
            page = opened(browser, url, given.project.stem)
            wrong = drawn(page, path, places, given.strokes, size)
            browser.close()
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())

"""How quick a stroke is: python bench/desk.py PROJECT.gpkg [--copies 12] [--strokes 12] [--parts 300] [--page].

Strokes of so many parts are made at the borders of a divided project: `acknowledged` is what a stroke costs the server
until it is safe, in cpu seconds and on the clock, `behind` what is written when the hand rests. With `--copies` the
project is first laid out so many times side by side, for a town of 100,000 parts. With `--page` the desk is served and
opened in headless Chromium: `paint` is a stroke from the end of the hand's move until it is drawn, by the page's clock.
On a busy machine read the cpu seconds.
"""

import argparse
import shutil
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
from playwright.sync_api import sync_playwright

from govmap.config import from_machine
from govmap.errors import GovmapError
from govmap.pipeline.drafting import Drafting
from govmap.project import open_project
from govmap.server import guard
from govmap.server.app import create
from govmap.server.opened import Opened
from govmap.server.serving import listen
from towns_laid import lay

BROWSER = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run")
STROKE = """(wanted) => {
  const mode = govmap.live.rail.modes.redraw, { draft } = mode.work;
  const rows = [];
  for (let turn = 0; turn < 8; turn++) {
    const first = Math.floor(((turn + 1) * draft.parts) / 10), own = draft.unit[first];
    const parts = [first], seen = new Set(parts);
    for (let at = 0; at < parts.length && parts.length < wanted; at++) {
      for (let edge = draft.near.first[parts[at]]; edge < draft.near.first[parts[at] + 1]; edge++) {
        const next = draft.near.near[edge];
        if (!seen.has(next) && parts.length < wanted) { seen.add(next); parts.push(next); }
      }
    }
    const box = mode.work.shapes.middle(draft.columns.cell[first]);
    const [lon, lat] = mode.live.page.desk.origin.degrees(box[0], box[1]);
    mode.live.page.map.setView([lat, lon], 16, { animate: false });
    mode.target = own;
    const to = new Int32Array(parts.length).fill(own);
    const begun = performance.now();
    const touched = draft.apply(parts, to);
    mode.sheet.renew(parts);
    mode.heard(touched);
    rows.push([parts.length, performance.now() - begun]);
  }
  return rows;
}"""


def blot(draft: Drafting, size: int, rng: np.random.Generator) -> dict[int, str]:
    """Take parts of one unit that hang together at a border, to be moved into the unit beyond."""
    graph, plan = draft.held.graph, draft.held.desk.draft.plan
    unit = plan.parts.reindex(graph.ids).to_numpy(object)
    one = rng.choice(np.flatnonzero((unit[graph.i] != unit[graph.j]) & graph.joins))
    own, beyond = unit[graph.i[one]], unit[graph.j[one]]
    inside = graph.joins & (unit[graph.i] == own) & (unit[graph.j] == own)
    near: dict[int, list[int]] = {}
    for here, there in zip(graph.i[inside].tolist(), graph.j[inside].tolist(), strict=True):
        near.setdefault(here, []).append(there)
        near.setdefault(there, []).append(here)
    todo, most = [int(graph.i[one])], min(size, int((unit == own).sum()) - 1)
    for at in todo:
        todo += [there for there in near.get(at, ()) if there not in todo][: max(0, most - len(todo))]
    numbers = draft.held.row_of.get_indexer(graph.ids[todo[: max(1, most)]])
    return dict.fromkeys(map(int, numbers), str(beyond))


def acknowledged(path: Path, strokes: int, size: int) -> None:
    """Print what strokes cost until they are safe."""
    rng = np.random.default_rng(1)
    with open_project(path, author="bench") as project:
        began = time.process_time()
        draft = Drafting(project)
        print(f"laid out: {len(draft.held.ids)} parts, {time.process_time() - began:.2f} cpu s")
        rows: list[tuple[int, float, float]] = []
        while len(rows) < strokes:
            moves = blot(draft, size, rng)
            cpu, clock = time.process_time(), time.perf_counter()
            try:
                draft.stroke(project, moves, force=True)
            except GovmapError:
                continue
            rows.append((len(moves), time.process_time() - cpu, time.perf_counter() - clock))
        told = [statistics.median(row[at] for row in rows) for at in range(3)]
        print(f"acknowledged: {told[1] * 1000:.0f} ms cpu, {told[2] * 1000:.0f} ms clock, median of {strokes}", end="")
        print(f" strokes of {told[0]:.0f} parts (the most {max(row[0] for row in rows)})")
        began = time.process_time()
        draft.settle(project)
        print(f"behind: {time.process_time() - began:.2f} cpu s")


def painted(path: Path, size: int) -> None:
    """Print how long a stroke takes to the screen."""
    opened = Opened(from_machine("en"), home=path.parent)
    opened.open(path)
    listening = listen(0)
    port = int(listening.getsockname()[1])
    keys = guard.Keys("a secret of the bench", port)
    server = uvicorn.Server(uvicorn.Config(create(opened, port=port, keys=keys), log_level="critical", lifespan="off"))
    threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True).start()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=list(BROWSER))
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.set_default_timeout(300_000)
        page.goto(f"http://127.0.0.1:{port}/?token={keys.token()}", wait_until="commit")
        page.wait_for_selector("body[data-desk=ready]", state="attached")
        print(f"first paint of the desk: {first_paint(page):.0f} ms after the page came, by the page's clock")
        page.click("[data-mode=redraw]")
        page.wait_for_selector("body[data-redraw=ready]", state="attached")
        rows = page.evaluate(STROKE, size)
        told = sorted(row[1] for row in rows)
        print(f"paint: {statistics.median(told):.0f} ms median, {told[-1]:.0f} most, of {rows[0][0]} parts")
        browser.close()
    server.should_exit = True


def first_paint(page: Any) -> float:
    """Give when something was first drawn, after the page's own bytes had come."""
    told = """() => performance.getEntriesByName('first-contentful-paint')[0].startTime
      - performance.getEntriesByType('navigation')[0].responseEnd"""
    return float(page.evaluate(told))


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("project", type=Path)
    for name, usual in (("copies", 1), ("strokes", 12), ("parts", 300)):
        asked.add_argument(f"--{name}", type=int, default=usual)
    asked.add_argument("--page", action="store_true")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "town.gpkg"
        if given.copies > 1:
            lay(given.project, path, given.copies)
        else:
            shutil.copy(given.project, path)
        acknowledged(path, given.strokes, given.parts)
        if given.page:
            painted(path, given.parts)


if __name__ == "__main__":
    main()

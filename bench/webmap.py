"""The web map beside plain folium: python bench/webmap.py PROJECT.gpkg [--peers] [--vectorgrid DIST] [--keep FOLDER].

A town of 100,000 buildings with names, numbers, households and levels, 500 units, 20,000 incidents of six attributes
and a drawn base map is laid out of copies of a divided project (each scaled and shifted its own way, so that no copy
packs like another), released, drawn and opened in headless Chromium. Beside it, in the same run, folium draws 50,000 of
the same buildings: all in one GeoJSON layer, as it comes and with `prefer_canvas`; as plain folium is mostly written,
with an object for each building that has a popup and a tooltip of its own (`--singly`, minutes); and, where
Leaflet.VectorGrid lies in a folder (`npm pack leaflet.vectorgrid`), as its slices. An empty page comes last: nothing
can be usable sooner. `usable` is one thing for all pages, of the page's own clock: the whole map is
drawn, the pointer is set on the largest thing in view, the page has said what it is, and a picture of the screen has
been taken that shows both. `all_cpu` is what every process of the browser worked until then, less what it works for an
empty page; `cpu` is the page's main thread alone. Frames are gaps between animation frames: while the map is moved by 9
pixels each, and while it is zoomed. On a busy machine read `all_cpu` and the ratios. Each page gets a browser of its
own.
"""

import argparse
import datetime as dt
import json
import math
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from govmap.messages import Voice
from govmap.project import open_project
from govmap.publish import release
from govmap.render import webmap

BUILDINGS, UNITS, INCIDENTS, PEERS = 100_000, 500, 20_000, 50_000
ACROSS = 4
AT = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
HOME = Path(__file__).parent.parent
BROWSER = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--disable-quic",
)  # fmt: skip
Tables = dict[str, pd.DataFrame]

FRAMES = """async ([pan, steps]) => {
  const map = window[Object.keys(window).find(one => one.startsWith("map_"))];
  const gaps = [];
  const next = () => new Promise(done => requestAnimationFrame(done));
  const watch = async (frames, move) => {
    let last = await next();
    for (let at = 0; at < frames; at++) { move(at); const now = await next(); gaps.push(now - last); last = now; }
  };
  if (pan) await watch(steps, at => map.panBy([at % 120 < 60 ? 9 : -9, at % 40 < 20 ? 5 : -5], {animate: false}));
  else for (const step of [1, 1, -1, -1]) await watch(steps, at => at === 0 && map.setZoom(map.getZoom() + step));
  return gaps;
}"""
USABLE = (
    "() => { const found = performance.getEntriesByName('govmap-usable')[0]; return found ? found.startTime : null; }"
)
PAINTED = """() => new Promise(done =>
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"""
LARGEST = HOME / "bench" / "webmap_largest.js"
SAID = "() => [...document.querySelectorAll('.tip, .leaflet-tooltip')].some(one => one.textContent.trim() !== '')"
JQUERY = "window.$ = t => { const one = document.createElement('div'); one.innerHTML = t; return [one.firstChild]; };"
TICK = os.sysconf("SC_CLK_TCK")
HIT = """() => {
  const { desk } = govmap, { shapes } = desk.tables.buildings;
  const began = performance.now();
  let found = 0;
  for (let at = 0; at < 1000; at++) {
    const row = (at * 97) % shapes.rows, [x, y] = shapes.middle(row);
    if (shapes.hit(x, y) >= 0) found++;
  }
  return [found, performance.now() - began];
}"""


def town(project: Path, buildings: int = BUILDINGS) -> Tables:
    """Lay copies of a divided project side by side until there are buildings enough."""
    with open_project(project) as opened:
        tables = opened.reading("communities", "buildings", "addresses", "features", "parts", "plan_parts", "units")
        plan = opened.active_plan_id()
    tables["units"] = tables["units"][tables["units"]["plan_id"] == plan]
    tables["plan_parts"] = tables["plan_parts"][tables["plan_parts"]["plan_id"] == plan]
    copies = math.ceil(buildings / len(tables["buildings"]))
    shares = np.diff(np.linspace(0, UNITS, copies + 1).astype(int))
    laid = [_copy(tables, at, int(share)) for at, share in enumerate(shares)]
    made = {name: _joined([one[name] for one in laid]) for name in laid[0]}
    made["buildings"] = made["buildings"].iloc[:buildings]
    kept = set(made["buildings"]["building_id"])
    made["addresses"] = made["addresses"][made["addresses"]["building_id"].isin(kept)]
    made["plan_parts"] = made["plan_parts"].assign(plan_id="p1")
    whole = shapely.union_all([shapely.box(*one) for one in made["communities"].bounds.to_numpy()])
    made["communities"] = gpd.GeoDataFrame(
        {"community_id": ["c1"], "name": ["Town"]}, geometry=[whole], crs=made["units"].crs
    )
    return made | {"incidents": _incidents(made["buildings"])}


def _copy(tables: Tables, at: int, share: int) -> Tables:
    """Give one copy: scaled and shifted, its keys and names its own, its units put together to so many."""
    west, south, east, north = tables["communities"].total_bounds
    scale = 1 + at * 0.003
    across, up = at % ACROSS * (east - west) * 1.05, at // ACROSS * (north - south) * 1.05
    key = f"{at}-"

    def moved(frame: gpd.GeoDataFrame) -> np.ndarray:
        shapes = shapely.clip_by_rect(frame.geometry.to_numpy(), west - 200, south - 200, east + 200, north + 200)
        return shapely.transform(shapes, lambda xy: (xy - (west, south)) * scale + (west + across, south + up))

    units, home = _together(tables["units"], share)
    parts = tables["parts"]
    made = {
        "communities": tables["communities"],
        "buildings": _named(tables["buildings"]),
        "addresses": tables["addresses"].dropna(subset=["building_id", "house_number"]).drop_duplicates("building_id"),
        "features": tables["features"],
        "parts": parts,
        "plan_parts": tables["plan_parts"].assign(unit_id=tables["plan_parts"]["unit_id"].map(home)),
        "units": units,
    }
    made = {name: frame.assign(geometry=moved(frame)) if "geometry" in frame else frame for name, frame in made.items()}
    for name, frame in made.items():
        ids = [one for one in frame.columns if one.endswith("_id") and one not in ("community_id", "plan_id")]
        made[name] = frame.assign(**{one: key + frame[one].astype(str).where(frame[one].notna()) for one in ids})
    made["units"] = made["units"].assign(code=made["units"]["unit_id"])
    there = ~shapely.is_empty(made["features"].geometry)
    return made | {"features": made["features"][there]}


def _together(units: pd.DataFrame, share: int) -> tuple[gpd.GeoDataFrame, dict[str, str]]:
    """Put neighbouring units together to so many."""
    order = np.argsort(gpd.GeoSeries(units.geometry).hilbert_distance().to_numpy(), kind="stable")
    group = np.empty(len(units), int)
    group[order] = np.arange(len(units)) * share // len(units)
    names = np.array([f"U{one:03d}" for one in range(share)])
    shapes = [shapely.coverage_union_all(units.geometry.to_numpy()[group == one]) for one in range(share)]
    made = {"plan_id": "p1", "unit_id": names, "code": names, "community_id": "c1", "level": "base", "kind": "base"}
    sums = {
        one: [int(units[one].fillna(0)[group == at].sum()) for at in range(share)]
        for one in ("households", "residents")
    }
    frame = gpd.GeoDataFrame({**made, "parent_unit_id": None, **sums}, geometry=shapes, crs=units.crs)
    return frame, dict(zip(units["unit_id"], names[group], strict=True))


def _named(buildings: pd.DataFrame) -> pd.DataFrame:
    """Give every building a name and levels of its own."""
    rng = np.random.default_rng(len(buildings))
    names = [f"Willow Court {rng.integers(1, 400)}, house {at % 97 + 1}" for at in range(len(buildings))]
    levels = rng.integers(1, 12, len(buildings)).astype(float)
    return buildings.assign(name=names, levels=levels, community_id="c1")


def _joined(frames: list[pd.DataFrame]) -> Any:
    made = pd.concat(frames, ignore_index=True)
    return gpd.GeoDataFrame(made, geometry="geometry", crs=frames[0].crs) if "geometry" in made else made


def _incidents(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give incidents near buildings, each with six attributes."""
    rng = np.random.default_rng(4)
    spot = shapely.point_on_surface(buildings.geometry.to_numpy()[rng.integers(0, len(buildings), INCIDENTS)])
    day = pd.to_datetime(AT) - pd.to_timedelta(rng.integers(1, 700, INCIDENTS), unit="D")
    told = {
        "incident_id": [f"i{at:05d}" for at in range(INCIDENTS)],
        "kind": rng.choice(["event", "component"], INCIDENTS),
        "category": rng.choice(["noise", "waste", "parking", "lighting", "water", "lift", "road", "tree"], INCIDENTS),
        "severity": rng.choice(["low", "normal", "urgent"], INCIDENTS),
        "stage": rng.choice(["open", "in_hand", "closed"], INCIDENTS),
        "reported_at": day,
        "due_at": day + pd.to_timedelta(rng.integers(1, 30, INCIDENTS), unit="D"),
        "closed_at": pd.Series(day).where(rng.random(INCIDENTS) < 0.8),
    }
    return gpd.GeoDataFrame(told, geometry=spot, crs=buildings.crs)


def ours(tables: Tables, folder: Path) -> tuple[Path, float]:
    """Release and draw the town; give the file and the cpu seconds that took."""
    began = time.process_time()
    released = release(tables, audience="official", plan_id="p1", edition=1, at=AT)
    page = webmap.build(released, Voice("en"), title="Town")
    target = folder / "govmap.html"
    target.write_text(page, "utf-8")
    return target, time.process_time() - began


def plain(tables: Tables, folder: Path, *, canvas: bool) -> tuple[Path, float]:
    """Draw half of the buildings as folium does."""
    began = time.process_time()
    buildings = tables["buildings"].iloc[:PEERS][["name", "households", "levels", "geometry"]].to_crs(4326)
    west, south, east, north = buildings.total_bounds
    chart = folium.Map(
        location=[(south + north) / 2, (west + east) / 2], zoom_start=13, tiles=None, prefer_canvas=canvas
    )
    tip = folium.GeoJsonTooltip(["name", "households", "levels"])
    folium.GeoJson(buildings, name="buildings", tooltip=tip).add_to(chart)
    target = folder / ("folium_canvas.html" if canvas else "folium.html")
    chart.save(target)
    return target, time.process_time() - began


def singly(tables: Tables, folder: Path, count: int) -> tuple[Path, float]:
    """Draw buildings as most people write it: an object for each, with a popup and a tooltip of its own."""
    began = time.process_time()
    buildings = tables["buildings"].iloc[:count][["name", "households", "levels", "geometry"]].to_crs(4326)
    west, south, east, north = buildings.total_bounds
    chart = folium.Map(location=[(south + north) / 2, (west + east) / 2], zoom_start=13, tiles=None)
    facts = zip(buildings["name"], buildings["households"], buildings["levels"], buildings.geometry, strict=True)
    for name, households, levels, shape in facts:
        told = f"<b>{name}</b><br>{households} households, {levels} levels"
        for part in shapely.get_parts(shape):
            ring = [(y, x) for x, y in part.exterior.coords]
            folium.Polygon(ring, fill=True, weight=1, popup=told, tooltip=name).add_to(chart)
    target = folder / "folium_singly.html"
    chart.save(target)
    return target, time.process_time() - began


def sliced(tables: Tables, folder: Path, script: str) -> tuple[Path, float]:
    """Draw half of the buildings with Leaflet.VectorGrid's slicer."""
    began = time.process_time()
    buildings = tables["buildings"].iloc[:PEERS][["name", "households", "levels", "geometry"]].to_crs(4326)
    west, south, east, north = buildings.total_bounds
    chart = folium.Map(location=[(south + north) / 2, (west + east) / 2], zoom_start=13, tiles=None)
    page = str(chart.get_root().render())
    draw = (
        f"L.vectorGrid.slicer({buildings.to_json(drop_id=True)}, {{rendererFactory: L.canvas.tile, interactive: true,"
        f"maxZoom: 19}}).addTo({chart.get_name()});"
    )
    target = folder / "vectorgrid.html"
    target.write_text(page.replace("</html>", f"<script>{script}</script><script>{draw}</script></html>"), "utf-8")
    return target, time.process_time() - began


@contextmanager
def browser() -> Iterator[Any]:
    """Start one Chromium that gets Leaflet from the folder of the page code and nothing else."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as player:
        started = player.chromium.launch(executable_path=path, args=list(BROWSER))
        yield started
        started.close()


def worked() -> float:
    """Give the cpu seconds of all processes below this one that still run."""
    stats = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            name, _, rest = file.read_text("utf-8").rpartition(")")
            fields = rest.split()
            stats[int(name.split(" ", 1)[0])] = (int(fields[1]), sum(map(int, fields[11:13])) / TICK)
    ours, found = {os.getpid()}, 0.0
    while more := {one for one, (parent, _) in stats.items() if parent in ours and one not in ours}:
        found += sum(stats[one][1] for one in more)
        ours |= more
    return found


def _offline(route: Any) -> None:
    """Answer what folium fetches: Leaflet in full, of jQuery the one call that popups make, the rest with nothing."""
    url = route.request.url
    if url.startswith(("file:", "blob:")):
        route.continue_()
    elif re.search(r"/leaflet(\.min)?\.(js|css)$", url):
        route.fulfill(
            path=str(HOME / "web/node_modules/leaflet/dist" / ("leaflet.css" if url.endswith("css") else "leaflet.js"))
        )
    elif "jquery" in url:
        route.fulfill(body=JQUERY, content_type="text/javascript")
    else:
        route.fulfill(body="", content_type="text/javascript" if url.endswith("js") else "text/css")


def opened(file: Path | None) -> dict[str, Any]:
    """Open a page in a browser of its own, wait until it can be used, move it about; an empty page for comparison."""
    with browser() as started:
        page = started.new_page(viewport={"width": 1366, "height": 768})
        page.set_default_timeout(900_000)
        page.route("**/*", _offline)
        probe = page.context.new_cdp_session(page)
        probe.send("Performance.enable", {"timeDomain": "threadTicks"})
        before = worked()
        told = {"usable_s": _usable(page, file) / 1000, "all_cpu_s": worked() - before}
        if file is None:
            return told
        metrics = {one["name"]: one["value"] for one in probe.send("Performance.getMetrics")["metrics"]}
        told |= {"cpu_s": metrics["TaskDuration"], "heap_mb": metrics["JSHeapUsedSize"] / 1e6}
        pan = np.array(page.evaluate(FRAMES, [True, 90]))
        zoom = np.array(page.evaluate(FRAMES, [False, 40]))
        if file.name == "govmap.html":
            told["hits"], told["hit_1000_ms"] = page.evaluate(HIT)
        return told | {"pan_median_ms": float(np.median(pan)), "pan_worst_ms": pan.max(), "zoom_worst_ms": zoom.max()}


def _usable(page: Any, file: Path | None) -> float:
    """Give the moment at which all is drawn, what lies under the pointer is said, and the screen shows both."""
    page.goto("about:blank" if file is None else file.as_uri(), wait_until="commit")
    if file is not None and file.name == "govmap.html":
        page.wait_for_function(USABLE)
    else:
        page.wait_for_load_state("load")
    where = None if file is None else page.evaluate(LARGEST.read_text("utf-8"))
    if where is not None:
        page.mouse.move(where[0] - 3, where[1] - 3)
        page.mouse.move(*where)
        page.wait_for_function(SAID)
    page.evaluate(PAINTED)
    page.screenshot(clip={"x": 600, "y": 300, "width": 64, "height": 64})
    return float(page.evaluate("performance.now()"))


def main() -> None:
    """Print one line a page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("project", type=Path)
    parser.add_argument("--buildings", type=int, default=BUILDINGS, help="16 times Copenhagen has 134,800")
    parser.add_argument("--peers", action="store_true", help="draw folium's maps too")
    parser.add_argument("--singly", type=int, nargs="?", const=PEERS, help="one object a building, of so many")
    parser.add_argument("--vectorgrid", type=Path, help="Leaflet.VectorGrid.bundled.min.js, for its slices")
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    tables = town(asked.project, asked.buildings)
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        made = [(f"govmap {asked.buildings:,}", *ours(tables, folder))]
        if asked.peers:
            made += [(f"folium {PEERS:,}", *plain(tables, folder, canvas=False))]
            made += [(f"prefer_canvas {PEERS:,}", *plain(tables, folder, canvas=True))]
        if asked.singly:
            name = f"plain folium, one object a building {asked.singly:,}"
            made += [(name, *singly(tables, folder, asked.singly))]
        if asked.vectorgrid:
            made += [(f"VectorGrid {PEERS:,}", *sliced(tables, folder, asked.vectorgrid.read_text("utf-8")))]
        empty = opened(None)
        idle = empty["all_cpu_s"]
        for name, file, built in made:
            told = opened(file)
            told["all_cpu_s"] -= idle
            facts = {"mb": file.stat().st_size / 1e6, "built_cpu_s": built, **told, "load": os.getloadavg()[0]}
            print(json.dumps({"page": name} | {key: round(float(one), 2) for key, one in facts.items()}), flush=True)
        print(json.dumps({"page": "empty", "usable_s": round(empty["usable_s"], 2)}), flush=True)
        if not asked.vectorgrid:
            print(json.dumps({"page": "VectorGrid", "not run": "no file of it was named"}), flush=True)


if __name__ == "__main__":
    main()

"""A million incidents into a large project, beside a plain program that stores too.

    python bench/registers.py FOLDER --extract CITY.osm.pbf [--rows 1000000] [--size 650-1000] [--rounds 3]

FOLDER keeps the project between runs (fetched, cut into cells and divided once: some minutes; again where an older
govmap made it) and what is written here. The size band gives copenhagen_x16 about 3,000 units.
The plain program is what a careful analyst would write: pandas.read_csv, points, to_crs, sjoin with the units, groupby,
pyogrio to a new GeoPackage. Each runs as a process of its own, in turn; figures are cpu seconds (user and system,
start of Python and imports included) and peak memory.
"""

import argparse
import json
import os
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

CATEGORIES = (
    "noise", "parking", "lighting", "refuse", "water", "lift", "trees", "road surface", "dogs", "neighbours",
    "vandalism", "smell",
)  # fmt: skip
STAGES = ("reported", "accepted", "in progress", "closed")
PLAIN = """
import sys, geopandas as gpd, pandas as pd
source, units, target = sys.argv[1:]
rows = pd.read_csv(source)
points = gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy(rows["longitude"], rows["latitude"]), crs="EPSG:4326")
ground = gpd.read_file(units)
points = points.to_crs(ground.crs)
joined = points.sjoin(ground[["unit_id", "geometry"]], how="left", predicate="intersects")
tally = joined.groupby(["unit_id", "category"]).size().reset_index(name="count")
joined.drop(columns="index_right").to_file(target, layer="incidents", driver="GPKG", engine="pyogrio")
tally.to_csv(target + ".csv", index=False)
"""
PLAIN_TALLY = """
import sys, time, geopandas as gpd
points, units = sys.argv[1:]
rows, ground = gpd.read_file(points, layer="incidents", columns=["category"]), gpd.read_file(units)
began = time.process_time()
joined = rows.sjoin(ground[["unit_id", "geometry"]], how="left", predicate="intersects")
joined.groupby(["unit_id", "category"]).size().reset_index(name="count")
print(time.process_time() - began)
"""
TALLY = """
import sys, time
from pathlib import Path
from govmap.pipeline.counting import tallied
from govmap.project import open_project
with open_project(Path(sys.argv[1])) as project, project.change("bench") as change:
    began = time.process_time()
    tallied(change)
    print(time.process_time() - began)
"""


@dataclass(frozen=True)
class Cost:
    """What one process took."""

    cpu_s: float
    peak_mb: float
    said: str


def run(*command: str) -> Cost:
    """Run a process to its end; its cpu time and peak memory are the kernel's own figures."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        said, complained = child.communicate()
        status = child.returncode
    if status:
        raise SystemExit(f"{command[:3]}: {complained or said}")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, said)


def apart(*command: str) -> Cost:
    """Run a process under a parent of its own, so that the figures are of it alone."""
    inner = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import json, registers as r; "
    inner += "c = r.run(*sys.argv[1:]); print(json.dumps([c.cpu_s, c.peak_mb, c.said]))"
    done = subprocess.run([sys.executable, "-c", inner, *command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return Cost(*json.loads(done.stdout))


def govmap(*words: str) -> Cost:
    """Run one of our commands."""
    return apart(sys.executable, "-m", "govmap", *words, "--json")


def ready_project(folder: Path, extract: Path, size: str) -> Path:
    """Give the divided project, made where it is not there yet or is of an older govmap."""
    project = folder / "city.gpkg"
    if not usable(project):
        print("fetching, cutting and dividing once; this takes minutes", file=sys.stderr)
        for old in (project, *folder.glob("incidents_*.csv")):
            old.unlink(missing_ok=True)
        govmap("fetch", str(project), "--osm", str(extract), "--whole")
        govmap("delineate", str(project), "--size", size, "--by", "households")
    return project


def usable(project: Path) -> bool:
    """Tell whether a project stands there, with the tables of today and a plan."""
    from govmap.errors import GovmapError
    from govmap.project import open_project

    try:
        with open_project(project) as opened:
            return bool(opened.active_plan_id())
    except GovmapError:
        return False


def incidents(project: Path, rows: int, seed: int, path: Path) -> None:
    """Write a list of incidents by the buildings of a project: a third at one, the others anywhere near."""
    import shapely
    from pyproj import Transformer

    from govmap.project import open_project

    rng = np.random.default_rng(seed)
    with open_project(project) as opened:
        houses = opened.read("buildings", columns=["building_id", "geometry"])["geometry"]
        back = Transformer.from_crs(opened.crs, "EPSG:4326", always_xy=True)
    middle = shapely.get_coordinates(shapely.centroid(houses.to_numpy()))
    chosen = middle[rng.integers(0, len(middle), rows)]
    at = chosen + rng.normal(0, 1, (rows, 2)) * np.where(rng.random(rows) < 1 / 3, 2.0, 60.0)[:, None]
    lon, lat = back.transform(at[:, 0], at[:, 1])
    moment = pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 365 * 86_400, rows), unit="s")
    table = {
        "ticket no": [f"T{number:09d}" for number in rng.permutation(rows)],
        "category": np.array(CATEGORIES)[rng.integers(0, len(CATEGORIES), rows)],
        "reported at": moment.strftime("%Y-%m-%d %H:%M:%S"),
        "status": np.array(STAGES)[rng.integers(0, len(STAGES), rows)],
        "longitude": np.round(lon, 6),
        "latitude": np.round(lat, 6),
    }
    pd.DataFrame(table).to_csv(path, index=False)


def unit_layer(project: Path, path: Path) -> int:
    """Write the active plan's units as the plain program would have them."""
    import geopandas as gpd

    from govmap.project import open_project

    with open_project(project) as opened:
        units = opened.read("units", where={"plan_id": opened.active_plan_id()})
    units = gpd.GeoDataFrame(units[units["level"] == "base"] if "base" in set(units["level"]) else units)
    units[["unit_id", "geometry"]].to_file(path, driver="GPKG", engine="pyogrio")
    return len(units)


def measured(folder: Path, project: Path, source: Path) -> dict[str, Cost | float]:
    """One round: the plain program, our import into a fresh copy, and the tallies alone."""
    work, plain, units = folder / "work.gpkg", folder / "plain.gpkg", folder / "units.gpkg"
    for old in (work, plain):
        old.unlink(missing_ok=True)
    shutil.copy(project, work)
    theirs = apart(sys.executable, "-c", PLAIN, str(source), str(units), str(plain))
    ours = govmap("import", str(work), "incidents", str(source))
    said = json.loads(ours.said)
    if said["rows_in"] != said["rows_kept"] + said["rows_rejected"]:
        raise SystemExit(f"rows are lost: {said}")
    tally = apart(sys.executable, "-c", TALLY, str(work))
    join = apart(sys.executable, "-c", PLAIN_TALLY, str(plain), str(units))
    return {"plain": theirs, "ours": ours, "tally": float(tally.said), "sjoin": float(join.said)}


def stored(work: Path) -> tuple[int, int]:
    """Count the incidents that lie in the project, and those among them that have a cell."""
    with sqlite3.connect(f"{work.resolve().as_uri()}?mode=ro", uri=True) as opened:
        found = opened.execute("SELECT count(*), count(cell_id) FROM incidents").fetchone()
    return int(found[0]), int(found[1])


def main() -> None:
    """Measure some rounds and print the table."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("folder", type=Path)
    words.add_argument("--extract", type=Path, required=True)
    words.add_argument("--rows", type=int, default=1_000_000)
    words.add_argument("--size", default="650-1000")
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--seed", type=int, default=1)
    given = words.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    project = ready_project(given.folder, given.extract, given.size)
    source = given.folder / f"incidents_{given.rows}_{given.seed}.csv"
    if not source.exists():
        incidents(project, given.rows, given.seed, source)
    print(f"{given.rows} rows, {unit_layer(project, given.folder / 'units.gpkg')} units, {os.cpu_count()} cores")
    ratios, tallies = [], []
    for number in range(given.rounds):
        found = measured(given.folder, project, source)
        plain, ours = found["plain"], found["ours"]
        ratios.append(ours.cpu_s / plain.cpu_s)
        tallies.append(found["tally"] / found["sjoin"])
        print(
            f"round {number + 1}: plain {plain.cpu_s:.1f} s {plain.peak_mb:.0f} MB, ours {ours.cpu_s:.1f} s"
            f" {ours.peak_mb:.0f} MB, ratio {ratios[-1]:.2f}; tally {found['tally']:.2f} s, sjoin + groupby"
            f" {found['sjoin']:.2f} s, ratio {tallies[-1]:.2f}"
        )
    print(f"stored, of these in a cell: {stored(given.folder / 'work.gpkg')}")
    print(
        f"median ratio {statistics.median(ratios):.2f} (bar 2.0), of tallies {statistics.median(tallies):.2f} (bar 1.5)"
    )


if __name__ == "__main__":
    main()

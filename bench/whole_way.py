"""The whole way, extract to map, on real extracts: seconds, memory, units in range.

    python bench/whole_way.py FOLDER_OF_EXTRACTS [NAME ...]

Each step is a process of its own, as a user runs it; seconds are wall and cpu of the process, memory its peak.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BOXES = {"real_merge6": "12.5222,55.6376,12.6240,55.6972"}  # six places in one file: one box of them, Copenhagen


def run(arguments: list[str]) -> tuple[dict, float, float, float]:
    """Run one command; give its JSON, wall and cpu seconds, peak MB."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    timed = ["/usr/bin/time", "-f", "%M", sys.executable, "-m", "govmap", *arguments, "--json"]
    done = subprocess.run(timed, capture_output=True, text=True, check=False)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - began
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    said = done.stderr.strip().splitlines()
    if not done.stdout.strip():
        raise SystemExit(f"{arguments}: {done.stderr}")
    return json.loads(done.stdout), wall, cpu, int(said[-1]) / 1024


def whole_way(extract: Path, folder: Path, size: str) -> dict:
    """Go from one extract to its map; give one row of the table."""
    name = extract.name.removesuffix(".osm.pbf")
    project = folder / f"{name}.gpkg"
    box = ["--bbox", BOXES[name]] if name in BOXES else []
    steps = {
        "fetch": ["fetch", str(project), "--osm", str(extract), "--whole", *box],
        "delineate": ["delineate", str(project), "--size", size],
        "map": ["map", str(project), "-o", str(folder / f"{name}.html")],
        "check": ["check", str(project)],
    }
    row: dict = {"name": name}
    for step, arguments in steps.items():
        told, wall, cpu, peak = run(arguments)
        if told["error"]:
            raise SystemExit(f"{name} {step}: {told['error']}")
        row[step] = {"wall": wall, "cpu": cpu, "mb": peak, "told": told}
    row["html_mb"] = (folder / f"{name}.html").stat().st_size / 1e6
    return row


def shown(row: dict) -> str:
    """Give one line of the table."""
    divided = row["delineate"]["told"]
    steps = "  ".join(
        f"{step} {row[step]['wall']:6.1f} s {row[step]['mb']:5.0f} MB"
        for step in ("fetch", "delineate", "map", "check")
    )
    told = {key: divided.get(key) for key in ("units", "units_in_band", "in_band_percent", "units_in_pieces")}
    faults = [finding["rule"] for finding in row["check"]["told"]["findings"]]
    return f"{row['name']:24} {steps}  html {row['html_mb']:.2f} MB  {told}  faults {faults}"


def main() -> None:
    """Print one line an extract."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--size", default="300-500")
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    extracts = sorted(asked.folder.rglob("*.osm.pbf"), key=lambda file: file.stat().st_size)
    chosen = [file for file in extracts if not asked.names or file.name.removesuffix(".osm.pbf") in asked.names]
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for extract in chosen:
            (folder / extract.name.replace(".osm.pbf", ".gpkg")).unlink(missing_ok=True)
            print(shown(whole_way(extract, folder, asked.size)), flush=True)


if __name__ == "__main__":
    main()

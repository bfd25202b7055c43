"""Printed sheets beside matplotlib: python bench/atlas.py PROJECT.gpkg [--kind board] [--units 60] [--copies 16].

Tells what sheets of a divided project take: processor seconds and kilobytes a page, the seconds before the first page
(reading and the publication gate), the largest memory of the process, how many buildings with a number show it or its
key, how many label boxes meet. In the same run matplotlib draws the same ground of the first sheets as plain PDF pages
(polygons, lines, a number at each building's middle, no solver), from tables that are read already. Memory is that of a
child process that prints and does nothing else; a book of thousands of pages tells it at every tenth. With `--copies`
the project is first laid out so many times side by side, with addresses, services and the drawn ground.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from govmap.messages import Voice
from govmap.pipeline import printing
from govmap.project import open_project
from govmap.render.atlas import lettering, press
from towns_laid import lay

INCH_MM = 25.4
PEER_PAGES = 12


def main() -> None:
    """Measure one project."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("project", type=Path)
    parser.add_argument("--kind", default="board", choices=printing.KINDS)
    parser.add_argument("--units", type=int, default=60, help="so many units, in the order of their codes; 0 for all")
    parser.add_argument("--copies", type=int, default=1, help="lay the project out so many times")
    parser.add_argument("--keep", type=Path, help="where the PDFs are left")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        print(json.dumps(printed(asked)))
        return
    with tempfile.TemporaryDirectory() as folder:
        asked.keep = asked.keep or Path(folder)
        asked.keep.mkdir(parents=True, exist_ok=True)
        if asked.copies > 1:
            small, asked.project = asked.project, asked.keep / "laid.gpkg"
            print(f"{lay(small, asked.project, asked.copies, drawn=True):,} parts", flush=True)
        words = [str(asked.project), "--kind", asked.kind, "--units", str(asked.units), "--keep", str(asked.keep)]
        told = subprocess.run(
            [sys.executable, __file__, *words, "--child"], check=True, stdout=subprocess.PIPE, text=True
        ).stdout
        ours, peer = json.loads(told.splitlines()[-1]), drawn_plainly(asked)
    print(f"{'':14}{'pages':>7}{'cpu s/page':>12}{'kB/page':>9}{'memory MB':>11}")
    for name, row in (("govmap", ours), ("matplotlib", peer)):
        print(f"{name:14}{row['pages']:7}{row['seconds']:12.3f}{row['kilobytes']:9.1f}{row.get('memory', 0):11}")
    print(f"govmap before the first page: {ours['before']:.1f} s")
    print(f"a page of govmap takes {ours['seconds'] / peer['seconds']:.2f} of one of matplotlib")
    print(f"{ours['shown']} of {ours['numbers']} buildings with a number show it or its key")
    print(f"{ours['meeting']} label boxes meet")


class Tenths:
    """Say at every tenth of a book how far it is, what a page has cost and the largest memory until then."""

    def __init__(self, began: list[float]) -> None:
        self.began, self.told = began, 0

    def __call__(self, _: str, share: float) -> None:
        """Hear how far the book is."""
        if share * 10 < self.told + 1 or not self.began:
            return
        self.told = int(share * 10)
        spent = time.process_time() - self.began[0]
        print(f"{share:5.0%} {spent:8.1f} cpu s {memory_mb():6} MB", file=sys.stderr, flush=True)


def memory_mb() -> int:
    """Give the largest memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def opened(asked: argparse.Namespace) -> Any:
    """Open a copy, so that nothing is remembered in the project itself."""
    copy = asked.keep / "measured.gpkg"
    shutil.copy(asked.project, copy)
    return open_project(copy)


def printed(asked: argparse.Namespace) -> dict[str, Any]:
    """Print and count."""
    counts = {"numbers": 0, "shown": 0, "meeting": 0}
    place = lettering.place

    def watched(wanted: Any, *words: Any, **more: Any) -> Any:
        found = place(wanted, *words, **more)
        boxes = np.array([one.box for one in found.placed], dtype=object)
        first, second = shapely.STRtree(boxes).query(boxes, predicate="intersects")
        counts["meeting"] += int((first < second).sum())
        counts["numbers"] += sum(one.label_id.startswith("b:") for one in wanted)
        counts["shown"] += len({one.label_id for one in found.placed if one.label_id.startswith("b:")})
        return found

    lettering.place = watched
    first: list[float] = []
    set_pages = press.pdf

    def timed(*words: Any, **more: Any) -> None:
        first.append(time.process_time())
        set_pages(*words, **more)

    press.pdf = timed
    target = asked.keep / f"{asked.kind}.pdf"
    with opened(asked) as project:
        began = time.process_time()
        figures = printing.atlas(
            project, target, how(asked, project), voice=Voice("en"), progress=Tenths(first)
        ).figures
        before, seconds = first[0] - began, time.process_time() - first[0]
    pages = int(figures["pages"])
    size = target.stat().st_size / 1024
    return {
        "pages": pages,
        "seconds": seconds / pages,
        "kilobytes": size / pages,
        "memory": memory_mb(),
        "before": before,
    } | counts


def how(asked: argparse.Namespace, project: Any) -> printing.Printing:
    """Choose the first units by code."""
    units = project.read("units")
    units = units[units["plan_id"] == project.active_plan_id()]
    lowest = units[~units["unit_id"].isin(units["parent_unit_id"].dropna())].sort_values(["code", "unit_id"])
    chosen = tuple(lowest["code"].head(asked.units)) if asked.units else ()
    return printing.Printing(kind=asked.kind, internal=asked.kind in printing.INSIDE, units=chosen)


def drawn_plainly(asked: argparse.Namespace) -> dict[str, Any]:
    """Draw the ground of the first sheets with matplotlib, number by number at the middle of each building."""
    import matplotlib as mpl

    mpl.use("pdf")
    from matplotlib.backends.backend_pdf import PdfPages

    sheets = sheets_of(asked)
    with opened(asked) as project:
        tables = {name: project.read(name) for name in ("buildings", "features", "units", "addresses")}
    numbers = tables["addresses"].dropna(subset=["house_number", "building_id"])
    called = numbers.groupby("building_id")["house_number"].first()
    target = asked.keep / "matplotlib.pdf"
    began = time.process_time()
    with PdfPages(target) as book:
        for sheet in sheets:
            plain_page(book, sheet, tables, called)
    seconds = time.process_time() - began
    return {
        "pages": len(sheets),
        "seconds": seconds / len(sheets),
        "kilobytes": target.stat().st_size / 1024 / len(sheets),
    }


def sheets_of(asked: argparse.Namespace) -> list[Any]:
    """Give the maps of the first pages, without drawing them."""
    leaves: list[Any] = []
    own = press.pdf

    def stopped(_: Any, some: Any, *__: Any, **___: Any) -> None:
        leaves.extend(some)
        raise StopIteration

    press.pdf = stopped
    try:
        with opened(asked) as project:
            printing.atlas(project, asked.keep / "none.pdf", how(asked, project), voice=Voice("en"))
    except StopIteration:
        pass
    finally:
        press.pdf = own
    return [leaf.sheet for leaf in leaves if leaf.sheet is not None and leaf.unit_id][:PEER_PAGES]


def plain_page(book: Any, sheet: Any, tables: dict[str, Any], called: Any) -> None:
    """Draw one page as geopandas and matplotlib do without more ado."""
    import matplotlib.pyplot as plt

    west, south, east, north = sheet.window
    figure, axes = plt.subplots(figsize=(sheet.width_mm / INCH_MM, sheet.height_mm / INCH_MM))
    seen = {name: tables[name].cx[west:east, south:north] for name in ("features", "buildings", "units")}
    for name, style in (
        ("features", {"color": "#dddddd"}),
        ("buildings", {"color": "#e3b98a", "edgecolor": "#555555"}),
        ("units", {"facecolor": "none", "edgecolor": "#7a1f1f"}),
    ):
        if len(seen[name]):
            seen[name].plot(ax=axes, **style)
    for key, shape in zip(seen["buildings"]["building_id"], seen["buildings"].geometry, strict=True):
        if key in called.index:
            axes.text(shape.centroid.x, shape.centroid.y, called[key], fontsize=6, ha="center")
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    book.savefig(figure)
    plt.close(figure)


if __name__ == "__main__":
    main()

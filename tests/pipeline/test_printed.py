"""Promises of printed sheets, kept by looking at the PDF as others do: poppler, GDAL, a threshold of one bit."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pikepdf
import pytest
import shapely
from PIL import Image

from govmap.messages import Voice
from govmap.pipeline import printing
from govmap.project import open_project
from govmap.render.atlas import chart as charts
from govmap.render.atlas import lettering, press
from govmap.render.atlas.desk import Leaf
from govmap.render.labels import Labelling, Wanted

EDGE_MM, DARK, COPIER_PPI = 6.0, 128, 300
INCH_MM = 25.4
KINDS = ("board", "carry")
SOME = ("U001", "U002", "U003", "U004", "U005")
FEW = {"board": 80, "carry": 10}


@dataclass
class Book:
    """A printed book, its leaves, what was asked of the label solver, and the tables of the project."""

    file: Path
    figures: dict
    leaves: list[Leaf]
    labels: list[tuple[list[Wanted], Labelling]]
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)


def tool(name: str, *words: object) -> str:
    if shutil.which(name) is None:
        pytest.skip(f"needs {name}")
    return subprocess.run([name, *map(str, words)], capture_output=True, check=True).stdout.decode("utf-8")


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def text_of(book: Book, page: int | None = None) -> str:
    span = [] if page is None else ["-f", page + 1, "-l", page + 1]
    return squeezed(tool("pdftotext", *span, "-raw", book.file, "-"))


def grey(book: Book, page: int, ppi: int) -> np.ndarray:
    target = book.file.with_name(f"{book.file.stem}-{page}-{ppi}")
    tool("pdftoppm", "-gray", "-png", "-singlefile", "-r", ppi, "-f", page + 1, "-l", page + 1, book.file, target)
    return np.asarray(Image.open(target.with_suffix(".png")).convert("L"))


def run(project: Path, kind: str, target: Path, units: Sequence[str] = ()) -> dict:
    with open_project(project) as opened:
        how = printing.Printing(kind=kind, internal=kind in printing.INSIDE, units=units)
        return dict(printing.atlas(opened, target, how, voice=Voice("en")).figures)


@pytest.fixture(scope="session")
def books(divided_sample: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Book]:
    """Board sheets of the whole sample, carry sheets of some units."""
    folder = tmp_path_factory.mktemp("printed")
    made, place, pdf = {}, lettering.place, press.pdf
    with pytest.MonkeyPatch.context() as patch:
        for kind in KINDS:
            leaves, labels = [], []
            patch.setattr(lettering, "place", kept(place, labels))
            patch.setattr(press, "pdf", seen(pdf, leaves))
            project = Path(shutil.copy(divided_sample, folder / f"{kind}.gpkg"))
            figures = run(project, kind, folder / f"{kind}.pdf", SOME if kind == "carry" else ())
            made[kind] = Book(folder / f"{kind}.pdf", figures, leaves, labels)
    with open_project(divided_sample) as project:
        names = ("buildings", "addresses", "units", "parts", "plan_parts", "incidents", "residents", "barriers")
        tables = {name: project.read(name) for name in names}
        tables["units"] = tables["units"][tables["units"]["plan_id"] == project.active_plan_id()]
        tables["plan_parts"] = tables["plan_parts"][tables["plan_parts"]["plan_id"] == project.active_plan_id()]
    for book in made.values():
        book.tables = tables
    return made


def kept(call: Callable[..., Labelling], into: list) -> Callable[..., Labelling]:
    def watched(wanted: list[Wanted], *words: object, **more: object) -> Labelling:
        found = call(wanted, *words, **more)
        into.append((list(wanted), found))
        return found

    return watched


def seen(call: Callable[..., None], into: list) -> Callable[..., None]:
    def watched(desk: object, leaves: list[Leaf], target: Path, **more: object) -> None:
        into.extend(leaves)
        call(desk, leaves, target, **more)

    return watched


@pytest.fixture(params=KINDS)
def book(books: dict[str, Book], request: pytest.FixtureRequest) -> Book:
    return books[request.param]


def test_no_label_meets_another_and_95_of_100_buildings_with_a_number_show_it_or_its_key(book: Book) -> None:
    asked = shown = 0
    for wanted, found in book.labels:
        boxes = np.array([one.box for one in found.placed], dtype=object)
        first, second = shapely.STRtree(boxes).query(boxes, predicate="intersects")
        assert not (first < second).any()
        named = {one.label_id for one in found.placed}
        mine = [one.label_id for one in wanted if one.label_id.startswith("b:")]
        asked, shown = asked + len(mine), shown + len(named.intersection(mine))
    assert asked > FEW[book.file.stem]
    assert shown >= 0.95 * asked


def test_every_building_with_a_house_number_is_on_a_map_that_numbers_it(books: dict[str, Book]) -> None:
    book = books["board"]
    numbered = book.tables["addresses"].dropna(subset=["house_number", "building_id"])["building_id"]
    placed = book.tables["plan_parts"].merge(book.tables["parts"], on="part_id")["building_id"]
    wanted = set(numbered) & set(placed)
    shown = {one.label_id[2:] for _, found in book.labels for one in found.placed if one.label_id.startswith("b:")}
    assert len(wanted) > 50
    assert len(wanted & shown) >= 0.95 * len(wanted)


def test_every_font_is_embedded_as_a_subset_and_none_is_drawn_as_type_3(book: Book) -> None:
    rows = tool("pdffonts", book.file).splitlines()[2:]
    assert rows
    assert all(re.search(r"\byes yes yes\b", row) and "Type 3" not in row for row in rows)


def test_whoever_searches_finds_every_label(book: Book) -> None:
    maps = [at for at, leaf in enumerate(book.leaves) if leaf.sheet is not None and leaf.unit_id is not None]
    told = text_of(book)
    for _, found in book.labels:
        assert [one.text for one in found.placed if squeezed(one.text) not in told] == []
    assert maps


def test_every_page_stands_once_and_says_which_of_how_many_it_is(book: Book) -> None:
    with pikepdf.open(book.file) as document:
        pages = len(document.pages)
        drawn = [b"".join(one.read_bytes() for one in _streams(page)) for page in document.pages]
        assert len(document.open_outline().root) > 0
        assert str(document.Root.Lang) == "en"
    assert pages == len(book.leaves) == book.figures["pages"]
    assert len(set(drawn)) == pages
    assert [f"{at + 1}of{pages}" in text_of(book, at) for at in range(pages)] == [True] * pages


def test_each_unit_of_the_plan_has_its_sheet(books: dict[str, Book]) -> None:
    units = books["board"].tables["units"]
    lowest = units[~units["unit_id"].isin(units["parent_unit_id"].dropna())]
    assert {leaf.unit_id for leaf in books["board"].leaves if leaf.unit_id} == set(lowest["unit_id"])


def _streams(page: pikepdf.Page) -> list[pikepdf.Stream]:
    found = page.obj.Contents
    return list(found) if isinstance(found, pikepdf.Array) else [found]


def test_what_a_sheet_lists_are_the_buildings_of_its_unit(books: dict[str, Book]) -> None:
    book = books["board"]
    parts = book.tables["plan_parts"].merge(book.tables["parts"], on="part_id")
    numbers = book.tables["addresses"].dropna(subset=["house_number", "building_id"])
    numbers = numbers.groupby("building_id")["house_number"].first()
    asked = 0
    for unit, rows in parts.groupby("unit_id"):
        pages = [at for at, leaf in enumerate(book.leaves) if leaf.unit_id == unit]
        told = "".join(text_of(book, at) for at in pages)
        wanted = numbers.reindex(rows["building_id"].unique()).dropna()
        asked += len(wanted)
        assert [one for one in wanted if squeezed(str(one)) not in told] == []
    assert asked > 50


def test_a_board_tells_nothing_of_what_happened_or_how_old_people_are(books: dict[str, Book]) -> None:
    told = text_of(books["board"])
    incidents = books["board"].tables["incidents"]
    hidden = set()
    for name in ("incident_id", "text", "kind", "category", "status"):
        if name in incidents and name in ("incident_id", "text"):
            hidden |= {str(one) for one in incidents[name].dropna()}
    long = {squeezed(one) for one in hidden if len(squeezed(one)) > 5}
    assert len(long) > 20
    assert [one for one in sorted(long) if one in told] == []


def test_nothing_stands_where_office_printers_do_not_reach(book: Book) -> None:
    ppi = 60
    edge = int(EDGE_MM / INCH_MM * ppi)
    for at in range(min(len(book.leaves), 5)):
        page = grey(book, at, ppi)
        strips = (page[:edge], page[-edge:], page[:, :edge], page[:, -edge:])
        assert min(int(one.min()) for one in strips) > 250


@pytest.fixture(scope="session")
def copied(books: dict[str, Book]) -> list[tuple[Leaf, np.ndarray]]:
    """The first sheets of two units, as a copier without greys gives them."""
    book = books["board"]
    some = [at for at, leaf in enumerate(book.leaves) if leaf.sheet is not None and leaf.unit_id and leaf.first]
    return [(book.leaves[at], grey(book, at, COPIER_PPI) < DARK) for at in some[:2]]


def test_copied_in_black_and_white_borders_and_labels_stay_apart(
    books: dict[str, Book], copied: list[tuple[Leaf, np.ndarray]]
) -> None:
    book, per_mm, shares = books["board"], COPIER_PPI / INCH_MM, list[float]()
    for leaf, black in copied:
        frame = leaf.page.map
        border = _drawn(leaf, [book.tables["units"].set_index("unit_id")["geometry"][leaf.unit_id]])
        steps = shapely.line_interpolate_point(border, np.arange(0, border.length, 0.5))
        near = [_dark(black, per_mm, frame.x + one.x, frame.y + one.y, 0.8) for one in steps]
        assert len(near) > 200
        assert np.mean([one > 0 for one in near]) > 0.97
        drawn = next((found.placed for _, found in book.labels if any(_shows(found, leaf, book))), ())
        shares += [_ink(black, per_mm, frame, one.box) for one in drawn if one.kind == "area" and one.angle == 0]
    assert len(shares) > 5
    assert min(shares) > 0.05
    assert max(shares) < 0.65


def test_copied_in_black_and_white_dashes_stay_dashes(
    books: dict[str, Book], copied: list[tuple[Leaf, np.ndarray]]
) -> None:
    """Borders of other units and walls: broken lines on paper too, neither gone nor run together."""
    tables, looked = books["board"].tables, 0
    units = tables["units"]
    walls = tables["barriers"].loc[tables["barriers"]["kind"].isin(charts.WALLS), "geometry"]
    for leaf, black in copied:
        own = units.set_index("unit_id")["geometry"][leaf.unit_id]
        others = units.loc[units["unit_id"] != leaf.unit_id, "geometry"]
        for shapes in (walls, others):
            line = shapely.difference(_drawn(leaf, shapes), shapely.buffer(_drawn(leaf, [own]), 2.5))
            points = shapely.line_interpolate_point(line, np.arange(0, line.length, 0.2))
            if len(points) < 100:
                continue
            at = [(leaf.page.map.x + one.x, leaf.page.map.y + one.y) for one in points]
            share = np.mean([_dark(black, COPIER_PPI / INCH_MM, x, y, 0.1) > 0.3 for x, y in at])
            assert 0.4 < share < 0.95
            looked += 1
    assert looked > 1


def _drawn(leaf: Leaf, shapes: Sequence[shapely.Geometry]) -> shapely.Geometry:
    """Give outlines and lines of the ground as they lie in the frame of a sheet, in millimetres, as one."""
    areas = shapely.get_dimensions(np.array(shapes, dtype=object)) == 2
    lines = np.where(areas, shapely.boundary(np.array(shapes, dtype=object)), np.array(shapes, dtype=object))
    paper = shapely.transform(shapely.union_all(leaf.sheet.paper(lines)), lambda xy: xy / 100)
    frame = leaf.page.map
    return shapely.line_merge(shapely.intersection(paper, shapely.box(4, 4, frame.wide - 4, frame.high - 4)))


def _shows(found: Labelling, leaf: Leaf, book: Book) -> list[bool]:
    parts = book.tables["plan_parts"].merge(book.tables["parts"], on="part_id")
    mine = set(parts.loc[parts["unit_id"] == leaf.unit_id, "building_id"])
    return [one.label_id[2:] in mine for one in found.placed if one.label_id.startswith("b:")]


def _dark(black: np.ndarray, per_mm: float, x: float, y: float, around_mm: float) -> float:
    west, north, east, south = (
        round(one * per_mm) for one in (x - around_mm, y - around_mm, x + around_mm, y + around_mm)
    )
    return float(black[north:south, west:east].mean())


def _ink(black: np.ndarray, per_mm: float, frame: object, box: shapely.Polygon) -> float:
    west, north, east, south = box.bounds
    rows = slice(round((frame.y + north) * per_mm), round((frame.y + south) * per_mm))
    columns = slice(round((frame.x + west) * per_mm), round((frame.x + east) * per_mm))
    return float(black[rows, columns].mean())


def test_gdal_reads_from_every_page_of_a_map_where_it_lies(books: dict[str, Book]) -> None:
    book = books["carry"]
    if shutil.which("gdalinfo") is None or "PDF -raster" not in tool("gdalinfo", "--formats"):
        pytest.skip("needs a gdalinfo that reads PDF")
    maps = [at for at, leaf in enumerate(book.leaves) if leaf.sheet is not None]
    for at in maps[:3]:
        found = json.loads(tool("gdalinfo", "-json", f"PDF:{at + 1}:{book.file}"))
        leaf = book.leaves[at]
        x, across, _, y, _, down = found["geoTransform"]
        per_mm = found["size"][0] / leaf.page.wide
        west, south, east, north = leaf.sheet.window
        frame = leaf.page.map
        off = np.array(
            [
                x + frame.x * per_mm * across - west,
                x + frame.right * per_mm * across - east,
                y + frame.y * per_mm * down - north,
                y + frame.low * per_mm * down - south,
            ]
        )
        assert np.abs(off * leaf.sheet.mm_per_m).max() < 0.2


QGIS = """
import json, os, sys
from qgis.core import QgsApplication, QgsRasterLayer
app = QgsApplication([], False)
app.initQgis()
layer = QgsRasterLayer(sys.argv[1], "page", "gdal")
edge = layer.extent()
told = {"valid": layer.isValid(), "crs": layer.crs().authid(), "wide": layer.width(), "high": layer.height()}
told["extent"] = [edge.xMinimum(), edge.yMinimum(), edge.xMaximum(), edge.yMaximum()]
print(json.dumps(told), flush=True)
os._exit(0)  # its own clean-up needs a screen
"""


def _fails(*words: str) -> bool:
    return subprocess.run(words, check=False, capture_output=True).returncode != 0


def qgis(file: str, folder: Path) -> dict:
    python, script = "/usr/bin/python3", folder / "look.py"
    if not Path(python).exists() or _fails(python, "-c", "import qgis.core"):
        pytest.skip("needs the QGIS of the system")
    script.write_text(QGIS)
    plain = {"QT_QPA_PLATFORM": "offscreen", "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "PATH": "/usr/bin"}
    told = subprocess.run([python, script, file], capture_output=True, env=plain, timeout=120, check=True).stdout
    return json.loads(told.decode().splitlines()[-1])


def test_qgis_shows_the_corners_of_a_unit_within_half_a_metre(books: dict[str, Book], tmp_path: Path) -> None:
    book = books["carry"]
    at = next(one for one, leaf in enumerate(book.leaves) if leaf.sheet is not None and leaf.unit_id and leaf.first)
    leaf, found = book.leaves[at], qgis(f"PDF:{at + 1}:{book.file}", tmp_path)
    assert found["valid"]
    west, _, east, north = found["extent"]
    pixel = (east - west) / found["wide"]
    per_mm = found["wide"] / leaf.page.wide
    unit = book.tables["units"].set_index("unit_id")["geometry"][leaf.unit_id]
    corners = shapely.get_coordinates(unit)
    drawn = shapely.get_coordinates(leaf.sheet.paper(shapely.points(corners))) / 100
    seen_x = west + (leaf.page.map.x + drawn[:, 0]) * per_mm * pixel
    seen_y = north - (leaf.page.map.y + drawn[:, 1]) * per_mm * pixel
    assert len(corners) > 4
    assert np.hypot(seen_x - corners[:, 0], seen_y - corners[:, 1]).max() < 0.5


def test_the_same_project_gives_the_same_bytes(books: dict[str, Book], divided_sample: Path, tmp_path: Path) -> None:
    project = Path(shutil.copy(divided_sample, tmp_path / "again.gpkg"))
    run(project, "carry", tmp_path / "carry.pdf", SOME)
    assert (tmp_path / "carry.pdf").read_bytes() == books["carry"].file.read_bytes()

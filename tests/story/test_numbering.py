"""Sixty buildings without a number get them by the form alone, and then registers find their houses."""

import json
import random
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from govmap import pipeline
from govmap.config import from_machine
from govmap.messages import Voice
from govmap.pipeline import Taking
from govmap.project import open_project
from govmap.sources.sample.canvas import Canvas
from govmap.sources.sample.ground import Ground

COMPOUNDS = ("幸福小区", "阳光花园", "纺织厂宿舍")
A_COMPOUND, ADDRESSES = 20, 3000
NUMERALS = "零一二三四五六七八九十"
CONFIG, ZH = from_machine("zh"), Voice("zh")
HEADER = 5
GROUND = Ground(origin=(-30.0, 30.0))


def rectangle(x: float, y: float, wide: float, deep: float) -> np.ndarray:
    return GROUND.lay(np.array([(x, y), (x + wide, y), (x + wide, y + deep), (x, y + deep)]))


@pytest.fixture(scope="module", name="bare")
def fixture_bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three compounds of twenty slabs each, none with a name, a number or an address."""
    folder = tmp_path_factory.mktemp("numbered")
    canvas = Canvas(GROUND)
    for place, name in enumerate(COMPOUNDS):
        west = place * 320.0
        canvas.ring(rectangle(west, 0, 300, 260), {"landuse": "residential", "name": name})
        canvas.way(
            np.array([(west - 10, -10), (west - 10, 270)]), {"highway": "tertiary", "name": f"纺织{place + 1}路"}
        )
        for at in range(A_COMPOUND):
            corner = (west + 10 + 72 * (at % 4), 10 + 50 * (at // 4))
            canvas.ring(rectangle(*corner, 60, 14), {"building": "apartments"})
    edge = canvas.ring(rectangle(-20, -20, 980, 300), {})
    canvas.relation(
        [("way", edge, "outer")],
        {"boundary": "administrative", "type": "boundary", "admin_level": "10", "name": "纺织社区"},
    )
    canvas.write(folder / "bare.osm")
    project = folder / "town.gpkg"
    pipeline.fetch(project, pipeline.Source(osm=folder / "bare.osm", boundary="纺织社区"), profile="cn", config=CONFIG)
    return project


def written(project: Path, name: str = "form.xlsx") -> tuple[Path, openpyxl.Workbook, list[list[object]]]:
    with open_project(project) as opened:
        report = pipeline.form(opened, "buildings", project.with_name(name), voice=ZH)
    book = openpyxl.load_workbook(report.files[0])
    rows = [[cell.value for cell in row] for row in book.active.iter_rows(min_row=HEADER)]
    return report.files[0], book, rows


def filled(project: Path) -> tuple[Path, dict[str, tuple[str, int]]]:
    """Fill the form in as a clerk would: numbers as they stand on the houses, 2 stairwells, 18 floors, 4 homes each."""
    file, book, rows = written(project)
    head, *body = rows
    column = {name: place + 1 for place, name in enumerate(head)}
    truth: dict[str, tuple[str, int]] = {}
    turn: dict[str, int] = {}
    for at, row in enumerate(body):
        compound, building = str(row[column["小区"] - 1]), str(row[column["楼栋编码"] - 1])
        number = turn[compound] = turn.get(compound, 0) + 1
        truth[building] = (compound, number)
        cells = {"楼号": [number, f"{number}号楼", f"{number}栋"][at % 3], "单元数": 2, "层数": 18, "每层户数": 4}
        for name, value in cells.items():
            book.active.cell(HEADER + 1 + at, column[name], value)
    book.save(file)
    return file, truth


def addresses(truth: dict[str, tuple[str, int]]) -> pd.DataFrame:
    rng, rows = random.Random(4), []
    for number in range(ADDRESSES):
        building, (compound, house) = rng.choice(sorted(truth.items()))
        stair, room = rng.randint(1, 2), rng.randint(1, 18) * 100 + rng.randint(1, 4)
        chinese = NUMERALS[house] if house <= 10 else f"十{NUMERALS[house - 10]}" if house < 20 else "二十"
        text = rng.choice([
            f"{compound}{house}号楼{stair}单元{room}室",
            f"{compound}{house}栋{room}",
            f"{compound}{house}幢{stair}单元",
            f"{compound} {house} 号楼",
            f"纺织社区{compound}{house}號樓",
            f"{compound}{chinese}号楼{stair}单元",
            f"{compound}{house}-{stair}-{room}",
            f"{compound}{str(house).translate(str.maketrans('0123456789', '０１２３４５６７８９'))}号楼",
        ])  # fmt: skip
        rows.append({"工单编号": f"T{number:05}|{building}", "类别": "噪音", "事发地址": text})
    return pd.DataFrame(rows)


@pytest.fixture(scope="module", name="numbered")
def fixture_numbered(bare: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, tuple[str, int]]]:
    file, truth = filled(bare)
    report = pipeline.import_table(
        bare, "buildings", file, pipeline.Reading(), Taking(update=True), config=CONFIG, voice=ZH
    )
    assert report.figures["rows_kept"] == 60, json.dumps(report.figures, ensure_ascii=False)
    return bare, truth


def test_the_form_is_printed_and_protected_as_an_office_needs_it(bare: Path) -> None:
    _, book, rows = written(bare, "print.xlsx")
    sheet = book.active
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.print_title_rows) == (
        "landscape", 9, f"${HEADER}:${HEADER}",
    )  # fmt: skip
    assert sheet.freeze_panes == f"A{HEADER + 1}"
    assert sheet.protection.sheet
    by_name = {name: sheet.cell(HEADER + 1, place + 1) for place, name in enumerate(rows[0])}
    assert by_name["楼栋编码"].protection.locked
    assert not by_name["楼号"].protection.locked
    assert len(rows) == 61
    lists = {one.type: str(one.sqref) for one in sheet.data_validations.dataValidation}
    assert {"whole", "list"} <= set(lists)


def test_marks_go_compound_by_compound_along_a_walk_and_stay(bare: Path) -> None:
    first = written(bare, "one.xlsx")[2]
    again = written(bare, "two.xlsx")[2]
    assert [row[:2] for row in first] == [row[:2] for row in again]
    marks = [str(row[0]) for row in first[1:]]
    assert marks == [f"{letter}-{number}" for letter in "ABC" for number in range(1, 21)]
    compounds = [row[2] for row in first[1:]]
    assert [len(set(compounds[at : at + 20])) for at in (0, 20, 40)] == [1, 1, 1]
    with open_project(bare) as project:
        shapes = project.read("buildings").set_index("building_id").geometry.centroid
    way = shapes.loc[[row[1] for row in first[1:21]]]
    steps = np.hypot(np.diff(way.x), np.diff(way.y))
    assert steps.sum() < 20 * 80  # in the order of their ids it were the same rows walked from west each time
    assert way.y.iloc[0] == pytest.approx(way.y.max(), abs=1)


def test_sixty_buildings_numbered_by_the_form_are_found_by_three_thousand_addresses(
    numbered: tuple[Path, dict[str, tuple[str, int]]],
) -> None:
    project, truth = numbered
    list_ = project.with_name("tickets.csv")
    addresses(truth).to_csv(list_, index=False, encoding="utf-8-sig")
    pipeline.import_table(project, "incidents", list_, pipeline.Reading(), config=CONFIG, voice=ZH)
    with open_project(project) as opened:
        pipeline.attach(opened, config=CONFIG)
        rows = opened.read("incidents")
    meant = rows["external_no"].str.partition("|")[2]
    found = rows["building_id"].notna()
    assert len(rows) == ADDRESSES
    assert (rows["building_id"] == meant).mean() >= 0.97
    assert (rows.loc[found, "building_id"] == meant[found]).mean() >= 0.995


def test_stairwells_and_floors_become_parts_with_their_households(
    numbered: tuple[Path, dict[str, tuple[str, int]]],
) -> None:
    project, truth = numbered
    with open_project(project) as opened:
        pipeline.cells(opened, config=CONFIG)
        buildings, parts, cells = opened.read("buildings"), opened.read("parts"), opened.read("cells")
        assert set(buildings["dwellings"].dropna()) == {2 * 18 * 4}
        stairs = parts[parts["building_id"].isin(truth)]
        assert stairs.groupby("building_id").size().eq(2).all()
        assert set(stairs["households"]) == {18 * 4}
        assert set(stairs["source"]) == {"told"}
        assert stairs["cell_id"].isin(cells["cell_id"]).all()
        assert stairs["cell_id"].is_unique
        pipeline.cells(opened, split_above=40, config=CONFIG)
        bands = opened.read("parts")
        bands = bands[bands["building_id"].isin(truth)]
    assert bands["households"].max() <= 40
    per_floor = bands["households"] / (bands["floor_to"] - bands["floor_from"] + 1)
    assert per_floor.eq(4).all()
    assert bands.groupby("building_id")["households"].sum().eq(144).all()


def test_what_cannot_be_is_given_back_and_the_rest_is_taken(bare: Path, tmp_path: Path) -> None:
    project = tmp_path / "town.gpkg"
    project.write_bytes(bare.read_bytes())
    file, book, rows = written(project)
    sheet, column = book.active, {name: place + 1 for place, name in enumerate(rows[0])}
    sheet.cell(HEADER + 1, column["楼栋编码"], "w99999")
    sheet.cell(HEADER + 2, column["单元数"], 900)
    sheet.cell(HEADER + 3, column["楼号"], "77号楼")
    sheet.cell(HEADER + 4, column["楼号"], "77栋")
    sheet.cell(HEADER + 5, column["楼栋编码"]).value = None
    sheet.cell(HEADER + 6, column["状态"], "已拆除")
    sheet.cell(HEADER + 7, column["层数"], "很高")
    book.save(file)
    report = pipeline.import_table(
        project, "buildings", file, pipeline.Reading(), Taking(update=True), config=CONFIG, voice=ZH
    )
    assert report.figures["reasons"] == {
        "form_number_again": 2, "form_no_id": 1, "form_out_of_range": 1, "form_unknown_building": 1, "bad_float": 1,
    }  # fmt: skip
    assert report.figures["rows_in"] == 60 == report.figures["rows_kept"] + report.figures["rows_rejected"]
    told = [one.key for one in report.notes]
    assert "form_missing" in told
    with open_project(project) as opened:
        stands = opened.read("buildings").set_index("building_id")
    assert stands.loc[str(rows[6][1]), "status"] == "demolished"
    assert stands["geometry"].notna().all()


def test_the_form_without_the_word_update_updates_all_the_same(bare: Path, tmp_path: Path) -> None:
    project = tmp_path / "town.gpkg"
    project.write_bytes(bare.read_bytes())
    file, book, rows = written(project)
    book.active.cell(HEADER + 1, rows[0].index("层数") + 1, 33)
    book.save(file)
    report = pipeline.import_table(project, "buildings", file, pipeline.Reading(), config=CONFIG, voice=ZH)
    assert report.figures["rows_kept"] == 60
    with open_project(project) as opened:
        assert opened.read("buildings").set_index("building_id").loc[str(rows[1][1]), "levels"] == 33


def test_compounds_written_into_the_form_hold_their_buildings_and_go_with_the_import(
    bare: Path, tmp_path: Path
) -> None:
    project = tmp_path / "town.gpkg"
    project.write_bytes(bare.read_bytes())
    file, book, rows = written(project)
    sheet, column = book.active, {name: place + 1 for place, name in enumerate(rows[0])}
    assert not sheet.cell(HEADER + 1, column["小区"]).protection.locked
    first = str(rows[1][2])
    other = next(name for name in COMPOUNDS if name != first)
    for at in range(3):
        sheet.cell(HEADER + 1 + at, column["小区"], "新苑小区")
        sheet.cell(HEADER + 1 + at, column["楼号"], f"新苑小区{at + 1}号楼")
    sheet.cell(HEADER + 4, column["小区"], other)
    sheet.cell(HEADER + 4, column["楼号"], "44号楼")
    book.save(file)
    ids = [str(row[1]) for row in rows[1:5]]
    with open_project(project) as opened:
        before = opened.read("compounds").sort_values("compound_id").to_wkb(hex=True)
    report = pipeline.import_table(project, "buildings", file, pipeline.Reading(), config=CONFIG, voice=ZH)
    assert {"form_compounds_joined", "form_compounds_made"} <= {one.key for one in report.notes}
    with open_project(project) as opened:
        pipeline.cells(opened, config=CONFIG)
        buildings = opened.read("buildings").set_index("building_id").loc[ids]
        named = opened.read("compounds").set_index("compound_id")["name"]
        cells = opened.read("cells").set_index("building_id").loc[ids]
        assert buildings["compound_id"].map(named).tolist() == ["新苑小区"] * 3 + [other]
        assert (cells["compound_id"] == cells.index.map(buildings["compound_id"])).all()
        assert buildings["number"].tolist()[:3] == ["1号楼", "2号楼", "3号楼"]
        pipeline.take_back(opened, "last", config=CONFIG)
        assert opened.read("compounds").sort_values("compound_id").to_wkb(hex=True).equals(before)
        assert opened.read("buildings").set_index("building_id").loc[ids, "compound_id"].map(named).eq(first).all()

"""A planner brings last year's division, as prose, as a list of buildings and as polygons."""

from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest

from govmap import pipeline
from govmap.config import from_machine
from govmap.errors import TableError
from govmap.messages import Voice
from govmap.pipeline.report import Report
from govmap.project import open_project

HEAD = ["序号", "社区", "网格名称", "四至范围", "包含小区/楼栋", "户数", "网格长", "电话"]
ROWS = [
    [1, "幸福社区", "第一网格", "东至幸福街", "幸福小区1-16号楼（除7号楼）", 690, "王敏", "13812345678"],
    [2, None, "第二网格", None, "新华里、翠园1-6栋、沿街商铺", 600, "李强", None],
    [3, None, "第三网格", None, "石桥村、石桥一巷单号1-21号、幸福小区7号楼", None, None, None],
    [4, None, "第四网格", None, "阳光花园、机械厂宿舍东院、机械厂宿舍西院、锦绣苑", None, None, None],
]


def brought(town: Path, file: Path) -> Report:
    how = pipeline.Reading()
    return pipeline.import_table(town, "units", file, how, config=from_machine("zh"), voice=Voice("zh"))


def prose(folder: Path) -> Path:
    book = openpyxl.Workbook()
    for row in (["网格划分明细表"], HEAD, *ROWS, ["合计", None, None, None, None, 1290]):
        book.active.append(row)
    book.active.merge_cells("A1:H1")
    book.save(folder / "网格划分.xlsx")
    return folder / "网格划分.xlsx"


def test_prose_of_last_year_becomes_a_plan_and_what_is_not_understood_comes_back(town: Path, tmp_path: Path) -> None:
    report = brought(town, prose(tmp_path))
    assert (report.figures["rows_in"], report.figures["rows_kept"], report.figures["rows_rejected"]) == (5, 4, 1)
    assert report.figures["findings"] == {"unknown_name": 1}
    with open_project(town) as project:
        units = project.read("units", where={"plan_id": report.figures["plan"]})
        plan = project.plan()
        parts = project.read("parts").merge(project.read("buildings")[["building_id", "name", "compound_id"]])
        compounds = project.read("compounds").set_index("name")["compound_id"]
        assert project.active_plan_id() == report.figures["plan"]
        assert pipeline.check(project, voice=Voice("en")).ok
    assert set(units["name"]) == {row[2] for row in ROWS}
    named = dict(zip(units["unit_id"], units["name"], strict=True))
    here = parts[parts["compound_id"] == compounds["幸福小区"]]
    found = {name: named[plan.parts[part]] for name, part in zip(here["name"], here["part_id"], strict=True)}
    assert found["7号楼"] == "第三网格"
    assert {found[f"{number}号楼"] for number in range(1, 17) if number != 7} == {"第一网格"}
    findings = openpyxl.load_workbook(next(one for one in report.files if "findings" in one.name)).active
    assert [cell.value for cell in findings[2]] == ["4", "第二网格", "12", "沿街商铺", "这里没有这个名称"]


def test_the_same_list_twice_is_one_plan(town: Path, tmp_path: Path) -> None:
    file = prose(tmp_path)
    first = brought(town, file)
    with open_project(town) as project:
        before = len(project.read("plans"))
    assert brought(town, file).figures["known"]
    with open_project(town) as project:
        assert len(project.read("plans")) == before
        assert project.active_plan_id() == first.figures["plan"]


def test_our_own_units_come_back_as_the_same_division(town: Path, tmp_path: Path) -> None:
    with open_project(town) as project:
        plan = project.plan()
        units = project.read("units", where={"plan_id": plan.plan_id})
    layer = tmp_path / "units.geojson"
    gpd.GeoDataFrame(units[["code", "geometry"]]).to_crs(4326).to_file(layer, driver="GeoJSON")
    report = brought(town, layer)
    with open_project(town) as project:
        again = project.plan()
        codes = project.read("units", where={"plan_id": again.plan_id}).set_index("unit_id")["code"]
    was = units.set_index("unit_id")["code"]
    assert report.figures["units"] == len(units)
    built = plan.parts.index[~plan.parts.index.str.startswith("o")]
    assert (again.parts[built].map(codes) == plan.parts[built].map(was)).mean() > 0.99


def test_a_list_of_which_nothing_stands_here_is_refused_and_nothing_changes(town: Path, tmp_path: Path) -> None:
    file = tmp_path / "elsewhere.csv"
    file.write_text("网格名称,包含小区/楼栋\n甲,东风小区1-3号楼\n乙,西风小区\n", "utf-8")
    with open_project(town) as project:
        before = project.active_plan_id()
    with pytest.raises(TableError) as error:
        brought(town, file)
    assert error.value.code == "former_nothing_found"
    with open_project(town) as project:
        assert project.active_plan_id() == before
        assert not (project.read("imports")["file"] == file.name).any()


def test_ground_that_no_unit_of_the_list_claims_is_told_and_where_it_is_large_stays_apart(
    town: Path, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    for row in (HEAD, [1, "幸福社区", "第一网格", None, "新华里", None, None, None]):
        book.active.append(row)
    book.save(tmp_path / "一个网格.xlsx")
    report = brought(town, tmp_path / "一个网格.xlsx")
    with open_project(town) as project:
        units = project.read("units", where={"plan_id": report.figures["plan"]})
        assert pipeline.check(project, voice=Voice("en")).ok
    assert report.figures["gaps"] >= 1
    assert {"第一网格", "不在清单内1"} <= set(units["name"])
    findings = openpyxl.load_workbook(next(one for one in report.files if "findings" in one.name)).active
    told = [row[4].value for row in findings.iter_rows(min_row=2)]
    assert told.count("不在清单的任何网格里；现在归在这里") == report.figures["buildings_left_out"]

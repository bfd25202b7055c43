"""Imports taken back leave nothing behind, and registers forgotten are gone everywhere."""

from pathlib import Path

import estate
import pandas as pd
import pytest
from estate import LAT, LON, house, layer, listed, take, take_back

from govmap import pipeline
from govmap.check import NEEDED, findings
from govmap.errors import InputError
from govmap.project import open_project
from govmap.store.persons import PersonsFile

POINT = f"{LON + 0.0001:.6f},{LAT + 0.0001:.6f}"
LISTS = {
    "residents": ("楼栋,户数,人口,60岁以上", *(f"幸福小区{n}号楼,{n + 3},{3 * n + 5},{n}" for n in range(1, 9))),
    "resources": ("名称,类别,经度,纬度", f"社区诊所,clinic,{POINT}", f"小菜场,market,{POINT}"),
    "incidents": (
        "工单编号,类别,上报时间,地址",
        "A1,噪声,2025-01-03 08:00,幸福小区3号楼",
        "A2,漏水,2025-01-04 09:30,幸福小区5号楼",
    ),
    "workers": ("姓名,办公电话,岗位", "王小明,0571-88888888,网格员"),
    "entrances": ("building_id,经度,纬度", f"h1,{POINT}"),
    "parts": ("building_id,单元,户数", "h1,1,6", "h1,2,6"),
    "units": ("网格名称,包含楼栋", "第一网格,幸福小区1-6号楼", "第二网格,幸福小区7-12号楼"),
}  # fmt: skip


def a_list(folder: Path, table: str) -> Path:
    if table == "buildings":
        return layer(folder / "new.geojson", house(13, households=40))
    if table in ("compounds", "barriers"):
        facts = {"compound_id": "k1", "name": "东苑"} if table == "compounds" else {"barrier_id": "q1", "kind": "wall"}
        shape = house(14, **facts)
        if table == "barriers":
            shape["geometry"] = {"type": "LineString", "coordinates": shape["geometry"]["coordinates"][0][:3]}
        return layer(folder / f"{table}.geojson", shape)
    return listed(folder / f"{table}.csv", *LISTS[table])


@pytest.mark.parametrize("table", [*LISTS, "buildings", "compounds", "barriers"])
def test_import_then_undo_gives_equal_exports(table: str, home: Path, tmp_path: Path) -> None:
    before = estate.tables(home)
    report = take(home, table, a_list(tmp_path, table))
    assert report.figures["rows_kept"] > 0
    assert table in (changed := estate.differ(before, estate.tables(home))) or table == "units"
    assert "imports" in changed
    back = take_back(home)
    assert back.figures["table"] == table
    assert estate.differ(before, estate.tables(home)) == []


@pytest.mark.parametrize("table", ["residents", "resources", "incidents", "units"])
def test_what_was_attached_and_counted_meanwhile_goes_back_too(table: str, home: Path, tmp_path: Path) -> None:
    before = estate.tables(home)
    take(home, table, a_list(tmp_path, table))
    estate.attach(home)
    if table == "residents":
        assert {"buildings", "parts", "units", "tallies"} <= set(estate.differ(before, estate.tables(home)))
    take_back(home)
    assert estate.differ(before, estate.tables(home)) == []


def test_after_cells_were_made_anew_an_import_of_houses_leaves_a_project_that_is_right(
    home: Path, tmp_path: Path
) -> None:
    before = estate.tables(home)
    take(home, "buildings", a_list(tmp_path, "buildings"))
    estate.attach(home)
    take_back(home)
    after = estate.tables(home)
    assert {"buildings", "compounds", "residents"}.isdisjoint(estate.differ(before, after))
    with open_project(home) as project:
        assert findings(project.reading(*NEEDED)) == []
        assert "h13" not in set(project.read("parts")["building_id"])


def test_registers_come_and_go_in_any_order(home: Path, tmp_path: Path) -> None:
    one = listed(tmp_path / "one.csv", "楼栋,户数", "幸福小区1号楼,50", "幸福小区2号楼,9")
    two = listed(tmp_path / "two.csv", "楼栋,户数,人口", "幸福小区3号楼,8,20", "幸福小区4号楼,60,90")
    start = estate.tables(home)
    take(home, "residents", two)
    estate.attach(home)
    only_two = estate.tables(home)
    take_back(home)
    assert estate.differ(start, estate.tables(home)) == []
    for file in (one, two):
        take(home, "residents", file)
    take_back(home, one.name)
    assert set(estate.differ(only_two, estate.tables(home))) <= {"imports", "tallies"}  # only the hour differs
    take_back(home, two.name)
    assert estate.differ(start, estate.tables(home)) == []


def test_a_plan_that_somebody_worked_on_is_not_taken_back(home: Path, tmp_path: Path) -> None:
    plan = take(home, "units", a_list(tmp_path, "units")).figures["plan"]
    with open_project(home) as project:
        units = project.read("units", where={"plan_id": plan})
        parts = project.read("plan_parts", where={"plan_id": plan})
        mine = parts.loc[parts["unit_id"] == units["unit_id"].iloc[0], "part_id"]
        pipeline.move(project, units["unit_id"].iloc[1], list(mine[:1]), force=True)
    before = estate.tables(home)
    with pytest.raises(InputError, match="edited") as caught:
        take_back(home)
    assert caught.value.code == "imports_plan_in_use"
    assert estate.differ(before, estate.tables(home)) == []


def test_an_import_is_named_by_number_by_file_or_as_the_last(home: Path, tmp_path: Path) -> None:
    first = take(home, "resources", a_list(tmp_path, "resources")).figures["import_id"]
    take(home, "workers", a_list(tmp_path, "workers"))
    with pytest.raises(InputError) as caught:
        take_back(home, "nothing.csv")
    assert caught.value.code == "imports_unknown"
    assert take_back(home, first).figures["file"] == "resources.csv"
    assert take_back(home, "workers.csv").figures["rows_taken_back"] == 1


def test_forget_takes_what_was_counted_learnt_and_written_beside(home: Path, tmp_path: Path) -> None:
    before = estate.tables(home)
    bad = listed(tmp_path / "户数.csv", *LISTS["residents"], "幸福小区9号楼,约40,9,1")
    report = take(home, "residents", bad)
    rejects = home.with_name(report.figures["rejects"])
    assert rejects.is_file()
    estate.attach(home)
    report = estate.forget(home, "residents")
    assert (report.figures["rows"], report.figures["imports"]) == (8, 1)
    assert report.figures["rewritten"]
    assert not rejects.exists()
    assert estate.differ(before, estate.tables(home)) == []
    with open_project(home) as project:
        audit = project.read("audit")
        assert list(project.store.findings()) == []
    assert (audit["command"] == "forget").sum() == 1
    assert "户数.csv" not in audit.to_csv()
    with pytest.raises(InputError) as caught:
        estate.forget(home, "residents")
    assert caught.value.code == "forget_nothing"


def test_one_of_two_lists_can_be_forgotten(home: Path, tmp_path: Path) -> None:
    one = listed(tmp_path / "one.csv", "名称,类别,经度,纬度", f"诊所甲,clinic,{POINT}")
    two = listed(tmp_path / "two.csv", "名称,类别,经度,纬度", f"诊所乙,clinic,{POINT}")
    take(home, "resources", one)
    take(home, "resources", two)
    with open_project(home) as project:
        imports = project.read("imports", where={"file": "one.csv"})
    estate.forget(home, "resources", imports["import_id"].iloc[0])
    with open_project(home) as project:
        assert project.read("resources")["name"].tolist() == ["诊所乙"]


def test_fetched_rows_are_no_register_and_stay(home: Path, tmp_path: Path) -> None:
    numbers = listed(tmp_path / "numbers.csv", "building_id,户数", "h1,77")
    take(home, "buildings", numbers, update=True)
    with open_project(home) as project:
        houses = project.read("imports", where={"table": "buildings"})
        last = houses.loc[houses["file"] == "numbers.csv", "import_id"].iloc[0]
    estate.forget(home, "buildings", last)
    with open_project(home) as project:
        row = project.read("buildings", where={"building_id": "h1"}).iloc[0]
        assert (row["name"], row["households_source"]) == ("幸福小区1号楼", "estimated")
        assert project.store.count("former_rows") == 0


def test_choices_that_were_made_for_words_of_a_register_go_with_it(home: Path, tmp_path: Path) -> None:
    take(home, "residents", listed(tmp_path / "a.csv", "地址,户数", "老供销社,5", "幸福小区1号楼,4"))
    take(home, "incidents", listed(tmp_path / "b.csv", "工单编号,类别,地址", "A1,噪声,老粮站", "A2,噪声,幸福小区2号楼"))
    with open_project(home) as project, project.change("choices") as change:
        rows = [{"text": text, "building_id": "h1", "by": "me", "at": change.at} for text in ("老供销社", "老粮站")]
        change.session.append("aliases", pd.DataFrame(rows))
    estate.attach(home)
    report = estate.forget(home, "residents")
    assert report.figures["aliases"] == 1
    with open_project(home) as project:
        assert project.read("aliases")["text"].tolist() == ["老粮站"]


def test_a_read_of_persons_is_written_down_without_saying_whose(home: Path) -> None:
    with open_project(home) as project:
        project.has_read("look", persons=3)
        row = project.read("audit", where={"command": "look"}).iloc[0]
    assert row["read"] == {"persons": 3}
    assert row["arguments"] == {}


def test_where_the_disk_keeps_nobody_out_of_a_file_this_is_said(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PersonsFile, "owner_only", False)
    named = listed(tmp_path / "a.csv", "姓名,楼栋,年龄", "孙七,幸福小区1号楼,70", "郑十,幸福小区2号楼,30")
    said = estate.told(take(home, "residents", named, keep_persons=True))
    assert "persons_kept_open" in said
    assert "persons_kept" not in said

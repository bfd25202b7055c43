"""Lists say who answers, in any order; rosters, edits, new plans, undo and forget all know it."""

import sqlite3
from pathlib import Path

import estate
import pandas as pd
import pytest
from estate import attach, forget, listed, take, take_back, told

from govmap import pipeline
from govmap.exports.answering import answering
from govmap.messages import Voice
from govmap.pipeline import editing, outputs
from govmap.project import open_project

UNITS = (
    "网格名称,包含楼栋,网格长,联系电话,网格员",
    "第一网格,幸福小区1-6号楼,王敏,0571-88880001,李强、赵六",
    "第二网格,幸福小区7-12号楼,王敏,0571-88880001,空缺",
)
WORKERS = (
    "工号,姓名,办公电话,岗位,负责网格",
    "G7,李强,0571-88880007,专职网格员,第二网格",
    "G8,周九,,网格员,1-2网格",
    "G9,吴十,,网格员,第九网格",
)


def who(path: Path) -> dict[str, set[tuple[str, str]]]:
    """Name and role of those who answer for each unit of the active plan, as an outsider to the storing reads it."""
    with open_project(path) as project:
        released = outputs.released_for(project, "planner", internal=True)
    tables = released.tables
    units, workers = tables["units"], tables["workers"].set_index("worker_id")
    found: dict[str, set[tuple[str, str]]] = {
        name if isinstance(name, str) else code: set() for name, code in zip(units["name"], units["code"], strict=True)
    }
    called = {
        unit: name if isinstance(name, str) else code for unit, name, code in units[["unit_id", "name", "code"]].values
    }
    for row in tables["duties"].to_dict("records"):
        found[called[row["unit_id"]]].add((workers["name"][row["worker_id"]], row["role"]))
    return found


LISTED = {
    "第一网格": {("王敏", "网格长"), ("李强", "网格员"), ("赵六", "网格员")},
    "第二网格": {("王敏", "网格长")},
}
BOTH = {
    "第一网格": LISTED["第一网格"] | {("周九", "网格员")},
    "第二网格": LISTED["第二网格"] | {("李强", "专职网格员"), ("周九", "网格员")},
}


def test_last_years_list_says_who_answers_and_names_are_told_nowhere_in_public(home: Path, tmp_path: Path) -> None:
    report = take(home, "units", listed(tmp_path / "units.csv", *UNITS))
    assert {"duties_done"} <= told(report)
    assert who(home) == LISTED
    with open_project(home) as project:
        assert len(project.read("workers")) == 3  # one person in two units is one worker
        public = outputs.released_for(project, "public", internal=False)
        assert not {"workers", "duties", "duties_said"} & set(public.tables)
        out = tmp_path / "map.html"
        pipeline.map_(project, out, "public", voice=Voice("zh"))
    assert not [name for name in ("王敏", "李强", "88880001") if name in out.read_text("utf-8")]


@pytest.mark.parametrize("order", [("units", "workers"), ("workers", "units")])
def test_both_lists_make_the_same_in_either_order(order: tuple[str, str], home: Path, tmp_path: Path) -> None:
    files = {"units": listed(tmp_path / "units.csv", *UNITS), "workers": listed(tmp_path / "workers.csv", *WORKERS)}
    reports = [take(home, table, files[table]) for table in order]
    assert who(home) == BOTH
    assert "duties_unknown_unit" in told(reports[-1])
    with open_project(home) as project:
        workers = project.read("workers").set_index("name")
    assert workers["worker_id"]["李强"] == "G7"  # the list of workers has the say on who somebody is
    assert workers["office_phone"]["李强"] == "0571-88880007"
    assert sorted(workers.index) == ["吴十", "周九", "李强", "王敏", "赵六"]


@pytest.mark.parametrize("last", ["units", "workers"])
def test_taken_back_everything_is_as_before(last: str, home: Path, tmp_path: Path) -> None:
    files = {"units": listed(tmp_path / "units.csv", *UNITS), "workers": listed(tmp_path / "workers.csv", *WORKERS)}
    [first] = set(files) - {last}
    take(home, first, files[first])
    before = estate.tables(home)
    take(home, last, files[last])
    assert "duties" in estate.differ(before, estate.tables(home))
    take_back(home, f"{last}.csv")
    assert estate.differ(before, estate.tables(home)) == []


def test_a_newer_list_of_workers_gives_new_duties_and_can_be_taken_back(home: Path, tmp_path: Path) -> None:
    take(home, "units", listed(tmp_path / "units.csv", *UNITS))
    take(home, "workers", listed(tmp_path / "workers.csv", *WORKERS))
    before = estate.tables(home)
    newer = [
        row.replace("李强,0571-88880007,专职网格员,第二网格", "李强,0571-88880007,专职网格员,第一网格")
        for row in WORKERS
    ]
    take(home, "workers", listed(tmp_path / "newer.csv", *newer), update=True)
    assert ("李强", "专职网格员") in who(home)["第一网格"]
    assert ("李强", "专职网格员") not in who(home)["第二网格"]
    take_back(home, "newer.csv")
    assert estate.differ(before, estate.tables(home)) == []


def test_duties_go_along_with_edits_and_come_back(home: Path, tmp_path: Path) -> None:
    take(home, "units", listed(tmp_path / "units.csv", *UNITS))
    with open_project(home) as project:
        merged = editing.merge(project, ["第一网格", "第二网格"], force=True)
    assert list(who(home).values()) == [LISTED["第一网格"] | LISTED["第二网格"]]
    assert merged.ok
    with open_project(home) as project:
        editing.undo(project, force=True)
    assert who(home) == LISTED


def test_a_new_plan_takes_duties_along_and_says_what_is_vacant(home: Path, tmp_path: Path) -> None:
    take(home, "units", listed(tmp_path / "units.csv", *UNITS[:2], "第二网格,幸福小区7-12号楼,,,"))
    with open_project(home) as project:
        kept = pipeline.delineate(project, keep="active", name="kept", config=estate.CONFIG)
        keys = {one.key for one in kept.notes}
    assert {"duties_in_plan", "duties_vacant"} <= keys
    assert who(home)["第一网格"] == LISTED["第一网格"]
    assert who(home)["第二网格"] == set()
    with open_project(home) as project:
        figures = pipeline.info(project).figures["duties"]
    assert (figures["duties"], figures["workers"], len(figures["units_vacant"])) == (3, 3, 1)


def test_forgotten_workers_leave_no_name_and_no_duty(home: Path, tmp_path: Path) -> None:
    take(home, "units", listed(tmp_path / "units.csv", *UNITS))
    take(home, "workers", listed(tmp_path / "workers.csv", *WORKERS))
    forget(home, "workers")
    attach(home)
    with sqlite3.connect(home) as store:
        assert [
            store.execute(f"SELECT count(*) FROM {one}").fetchone() for one in ("workers", "duties", "duties_said")
        ] == [(0,)] * 3
    content = b"".join(file.read_bytes() for file in home.parent.glob(f"{home.stem}*.gpkg*"))
    assert not [name for name in ("王敏", "李强", "周九", "88880001") if name.encode() in content]


def test_who_answers_stands_in_the_roster(home: Path, tmp_path: Path) -> None:
    take(home, "units", listed(tmp_path / "units.csv", *UNITS))
    with open_project(home) as project:
        report = pipeline.export(project, "roster", tmp_path / "r.csv", "planner", internal=True, voice=Voice("zh"))
        tables = outputs.released_for(project, "planner", internal=True).tables
    chains = {unit: [unit] for unit in tables["units"]["unit_id"]}
    assert answering(tables, chains).roles == ("网格员", "网格长")
    rows = pd.read_csv(tmp_path / "r.csv", dtype=str)
    assert report.figures["vacant"] == 0
    assert rows.set_index("楼栋")["责任人"].map(lambda one: "王敏" in one).all()


LED = (
    "网格名称,小区,楼栋,楼栋长,楼栋长办公电话",
    "第一网格,幸福小区,1号楼,陈一,0571-88880011",
    "第一网格,幸福小区,2号楼,冯二、陈一,",
    "第二网格,幸福小区,3号楼,无,",
    "第二网格,幸福小区,99号楼,褚三,",
)


def test_leaders_of_buildings_stand_beside_their_building_and_go_with_their_list(home: Path, tmp_path: Path) -> None:
    report = take(home, "units", listed(tmp_path / "led.csv", *LED))
    assert {"leaders_done", "leaders_unknown"} <= {one.key for one in report.notes}
    doors = ("姓名,岗位,负责网格", "卫四,单元长,幸福小区4号楼2单元", "蒋五,网格员,第一网格")
    take(home, "workers", listed(tmp_path / "workers.csv", *doors))
    assert who(home) == {"第一网格": {("蒋五", "网格员")}, "第二网格": set(), "不在清单内1": set()}
    with open_project(home) as project:
        pipeline.export(project, "roster", tmp_path / "in.csv", "planner", internal=True, voice=Voice("zh"))
        pipeline.export(project, "roster", tmp_path / "out.csv", "public", voice=Voice("zh"))
    rows = pd.read_csv(tmp_path / "in.csv", dtype=str).set_index("楼栋")
    assert rows["楼栋长"].dropna().to_dict() == {
        "幸福小区1号楼": "陈一", "幸福小区2号楼": "冯二、陈一", "幸福小区4号楼": "卫四（2单元）",
    }  # fmt: skip
    assert rows["楼栋长电话"].dropna().unique().tolist() == ["0571-88880011", "—、0571-88880011"]
    assert not [one for one in ("陈一", "卫四", "楼栋长") if one in (tmp_path / "out.csv").read_text("utf-8-sig")]
    forget(home, "workers")
    with open_project(home) as project:
        assert project.read("leaders").empty


def test_workers_forgotten_are_in_no_rejected_row_and_in_no_file_of_rejects(home: Path, tmp_path: Path) -> None:
    bad = listed(tmp_path / "units.csv", f"{UNITS[0]},户数", *(f"{row},9" for row in UNITS[1:]), "三,,郑十一,,孙七,约9")
    report = take(home, "units", bad)
    rejects = home.with_name(report.figures["rejects"])
    assert "郑十一" in rejects.read_text("utf-8-sig")
    with open_project(home) as project:
        assert "郑十一" not in project.read("rejects").to_csv()
    assert rejects.name in forget(home, "workers").figures["files_removed"]
    for file in home.parent.glob(f"{home.stem}*"):
        assert not [name for name in ("郑十一", "孙七", "王敏") if name.encode() in file.read_bytes()], file

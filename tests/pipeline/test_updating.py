"""A newer export of the same list: what it adds, changes and no longer has, told before it is written, and undone."""

from pathlib import Path

import estate
import pandas as pd
import pytest
from estate import LAT, LON, listed, take, take_back, told

from govmap.errors import InputError
from govmap.project import open_project

TICKETS = "工单编号,类别,状态,上报时间,地址"
OLD = ("001,噪声,待处理,2025-01-03 08:00,幸福小区3号楼", "002,漏水,待处理,2025-01-04 09:30,幸福小区5号楼", "003,噪声,已办结,2025-01-05 10:00,幸福小区7号楼")  # fmt: skip  # noqa: E501
NEW = ("002,漏水,已办结,2025-01-04 09:30,幸福小区6号楼", "001,噪声,待处理,2025-01-03 08:00,幸福小区3号楼", "004,垃圾,待处理,2025-01-09 10:00,幸福小区1号楼")  # fmt: skip  # noqa: E501


def rows(path: Path, table: str) -> pd.DataFrame:
    with open_project(path) as project:
        return pd.DataFrame(project.read(table))


@pytest.fixture
def tickets(home: Path, tmp_path: Path) -> Path:
    take(home, "incidents", listed(tmp_path / "old.csv", TICKETS, *OLD))
    return home


def test_tickets_are_updated_by_their_number(tickets: Path, tmp_path: Path) -> None:
    before = estate.tables(tickets)
    newer = listed(tmp_path / "new.csv", TICKETS, *NEW)
    changes = take(tickets, "incidents", newer, look=True, update=True).figures["changes"]
    assert estate.differ(before, estate.tables(tickets)) == []
    report = take(tickets, "incidents", newer, update=True)
    assert report.figures["changes"] == changes
    assert {name: changes[name] for name in ("added", "changed", "unchanged", "vanished")} == {
        "added": 1, "changed": 1, "unchanged": 1, "vanished": 1
    }  # fmt: skip
    assert {"stage", "address"} <= set(changes["columns"])
    assert changes["changed_ids"] == ["002"]
    found = rows(tickets, "incidents").set_index("incident_id")
    assert found["building_id"].to_dict() == {"001": "h3", "002": "h6", "003": "h7", "004": "h1"}
    take_back(tickets)
    assert estate.differ(before, estate.tables(tickets)) == []


def test_what_vanished_goes_only_where_that_is_said_and_comes_back_with_undo(tickets: Path, tmp_path: Path) -> None:
    before = estate.tables(tickets)
    report = take(tickets, "incidents", listed(tmp_path / "new.csv", TICKETS, *NEW), update=True, replace=True)
    assert "update_vanished_gone" in told(report)
    assert sorted(rows(tickets, "incidents")["incident_id"]) == ["001", "002", "004"]
    take_back(tickets)
    assert estate.differ(before, estate.tables(tickets)) == []


def test_nothing_vanishes_while_rows_of_the_newer_list_are_rejected(tickets: Path, tmp_path: Path) -> None:
    bad = [*NEW[:2], "003,噪声,已办结,昨天,幸福小区7号楼"]
    report = take(tickets, "incidents", listed(tmp_path / "new.csv", TICKETS, *bad), update=True, replace=True)
    assert "update_vanished_wait" in told(report)
    assert "003" in set(rows(tickets, "incidents")["incident_id"])


def test_the_same_export_twice_changes_nothing_and_an_older_one_can_come_again(tickets: Path, tmp_path: Path) -> None:
    old, new = tmp_path / "old.csv", listed(tmp_path / "new.csv", TICKETS, *NEW)
    take(tickets, "incidents", new, update=True)
    once = estate.tables(tickets)
    assert take(tickets, "incidents", new, update=True).figures["known"]
    assert estate.differ(once, estate.tables(tickets)) == []
    report = take(tickets, "incidents", old, update=True)
    assert report.figures["changes"]["changed"] == 1
    assert rows(tickets, "incidents").set_index("incident_id").loc["002", "building_id"] == "h5"
    with pytest.raises(InputError) as caught:
        take_back(tickets, "new.csv")
    assert caught.value.code == "imports_built_upon"
    take_back(tickets)
    assert estate.differ(once, estate.tables(tickets)) == []


def test_without_update_a_newer_export_is_told_not_doubled(tickets: Path, tmp_path: Path) -> None:
    report = take(tickets, "incidents", listed(tmp_path / "new.csv", TICKETS, *NEW))
    assert report.figures["reasons"] == {"already_there": 2}
    assert "import_looks_newer" in told(report)
    assert len(rows(tickets, "incidents")) == 4


def test_an_empty_cell_takes_nothing_away(home: Path, tmp_path: Path) -> None:
    point = f"{LON + 0.0001:.6f},{LAT + 0.0001:.6f}"
    take(
        home, "resources", listed(tmp_path / "a.csv", "资源编号,名称,类别,容量,经度,纬度", f"Z1,诊所,clinic,12,{point}")
    )
    newer = listed(tmp_path / "b.csv", "资源编号,名称,类别,容量,经度,纬度", f"Z1,新诊所,clinic,,{point}")
    report = take(home, "resources", newer, update=True)
    assert report.figures["changes"]["columns"] == {"name": 1}
    assert rows(home, "resources")[["name", "capacity"]].to_numpy().tolist() == [["新诊所", 12.0]]


def test_what_was_edited_by_hand_stays_and_is_told(home: Path, tmp_path: Path) -> None:
    with open_project(home) as project, project.change("hand") as change:
        row = pd.DataFrame([{"building_id": "h1", "levels": 9.0, "edited_by_hand": True}])
        change.session.upsert("buildings", row)
    report = take(home, "buildings", listed(tmp_path / "a.csv", "building_id,层数", "h1,3", "h2,7"), update=True)
    assert report.figures["changes"]["kept_by_hand"] == 1
    assert "update_by_hand" in told(report)
    found = rows(home, "buildings").set_index("building_id")["levels"]
    assert (found["h1"], found["h2"]) == (9.0, 7.0)


def test_residents_are_updated_by_place_and_basis(home: Path, tmp_path: Path) -> None:
    first = ("楼栋,口径,户数,人口", "幸福小区1号楼,常住,5,12", "幸福小区1号楼,户籍,4,9", "幸福小区2号楼,常住,7,20")
    then = ("楼栋,口径,户数,人口", "幸福小区1号楼,户籍,6,9", "幸福小区1号楼,常住,5,12", "幸福小区3号楼,常住,1,2")
    take(home, "residents", listed(tmp_path / "march.csv", *first))
    before = estate.tables(home)
    changes = take(home, "residents", listed(tmp_path / "april.csv", *then), update=True).figures["changes"]
    assert (changes["added"], changes["changed"], changes["unchanged"], changes["vanished"]) == (1, 1, 1, 1)
    found = rows(home, "residents").set_index(["place_id", "base"])["households"].to_dict()
    assert found[("幸福小区1号楼", "registered")] == 6
    assert len(found) == 4
    take_back(home)
    assert estate.differ(before, estate.tables(home)) == []


def test_a_second_list_of_the_same_places_without_update_is_told(home: Path, tmp_path: Path) -> None:
    take(home, "residents", listed(tmp_path / "march.csv", "楼栋,户数", "幸福小区1号楼,5"))
    report = take(home, "residents", listed(tmp_path / "april.csv", "楼栋,户数", "幸福小区1号楼,6"))
    assert "import_counted_twice" in told(report)


def test_an_answer_of_no_writes_nothing(tickets: Path, tmp_path: Path) -> None:
    from govmap import pipeline

    before, asked = estate.tables(tickets), []

    def refuse(report: pipeline.Report) -> bool:
        asked.append(report.figures["changes"]["changed"])
        return False

    report = pipeline.import_table(
        tickets, "incidents", listed(tmp_path / "new.csv", TICKETS, *NEW), pipeline.Reading(),
        pipeline.Taking(update=True), config=estate.CONFIG, voice=estate.VOICE, ask=refuse,
    )  # fmt: skip
    assert (asked, report.figures["look"]) == ([1], True)
    assert estate.differ(before, estate.tables(tickets)) == []


def test_a_division_is_not_updated(home: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        take(home, "units", listed(tmp_path / "u.csv", "网格名称,包含楼栋", "一,幸福小区1号楼"), update=True)
    assert caught.value.code == "update_not_for_plans"


def test_a_ticket_that_turns_out_sensitive_leaves_no_place_behind(tickets: Path, tmp_path: Path) -> None:
    newer = listed(tmp_path / "new.csv", TICKETS, "003,家庭暴力,已办结,2025-01-05 10:00,幸福小区7号楼")
    take(tickets, "incidents", newer, update=True)
    found = rows(tickets, "incidents").set_index("incident_id").loc["003"]
    assert bool(found["sensitive"])
    assert pd.isna(found[["address", "building_id", "cell_id", "category"]]).all()
    former = rows(tickets, "former_rows")["row"].iloc[0]
    assert {"address", "building_id", "geometry", "cell_id"}.isdisjoint(former)

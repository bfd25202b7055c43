"""A list comes in once, however often it is dropped; to look writes nothing."""

from pathlib import Path

import estate
import pytest
from estate import listed, take

from govmap.project import open_project

ROWS = ("楼栋,户数", "幸福小区1号楼,5", "幸福小区2号楼,7", "幸福小区3号楼,约40")


def test_import_twice_is_once(home: Path, tmp_path: Path) -> None:
    file = listed(tmp_path / "a.csv", *ROWS)
    first = take(home, "residents", file)
    once = estate.tables(home)
    copy = listed(tmp_path / "copy of a.csv", *ROWS)
    for again in (file, copy):
        report = take(home, "residents", again)
        assert report.figures["known"]
        same = ("rows_in", "rows_kept", "rows_rejected", "import_id")
        assert [report.figures[name] for name in same] == [first.figures[name] for name in same]
        assert estate.differ(once, estate.tables(home)) == []


def test_a_lost_file_of_rejects_is_written_again(home: Path, tmp_path: Path) -> None:
    file = listed(tmp_path / "a.csv", *ROWS)
    rejects = home.with_name(take(home, "residents", file).figures["rejects"])
    content = rejects.read_bytes()
    rejects.unlink()
    assert take(home, "residents", file).figures["rejects"] == rejects.name
    assert rejects.read_bytes() == content


def test_to_look_writes_nothing(home: Path, tmp_path: Path) -> None:
    before, files = estate.tables(home), set(tmp_path.iterdir())
    file = listed(tmp_path / "a.csv", *ROWS)
    with open_project(home) as project:
        audit = project.store.count("audit")
    report = take(home, "residents", file, look=True)
    assert (report.figures["rows_kept"], report.figures["rows_rejected"], report.files) == (2, 1, [])
    assert estate.differ(before, estate.tables(home)) == []
    with open_project(home) as project:
        assert project.store.count("audit") == audit
    assert {path for path in tmp_path.iterdir() if path.suffix != ".csv"} == files


def test_an_imported_register_counts_at_once(home: Path, tmp_path: Path) -> None:
    take(home, "residents", listed(tmp_path / "a.csv", *ROWS[:3]))
    with open_project(home) as project:
        found = project.read("buildings").set_index("building_id")
    assert found.loc[["h1", "h2"], "households"].tolist() == [5, 7]
    assert found.loc[["h1", "h2"], "households_source"].tolist() == ["register", "register"]


class StoppedError(Exception):
    """What ends a change half-way."""


def _inside_and_out(home: Path) -> None:
    with open_project(home) as project, project.change("outer") as outer:
        with project.change("inner") as inner:
            inner.session.delete("units")
        assert inner is outer
        raise StoppedError


def test_a_change_inside_a_change_is_part_of_it(home: Path) -> None:
    before = estate.tables(home)
    with pytest.raises(StoppedError):
        _inside_and_out(home)
    assert estate.differ(before, estate.tables(home)) == []


def test_buildings_without_a_shape_are_kept_and_told(home: Path, tmp_path: Path) -> None:
    file = listed(tmp_path / "b.csv", "楼栋编码,名称,层数,户数", "z1,幸福小区20号楼,6,30", "z2,幸福小区21号楼,6,")
    report = take(home, "buildings", file)
    assert (report.figures["rows_kept"], report.figures["rows_without_shape"]) == (2, 2)
    assert "import_without_shape" in estate.told(report)
    with open_project(home) as project:
        found = project.read("buildings").set_index("building_id")
    assert found.loc["z1", "households"] == 30
    assert found.loc[["z1", "z2"], "geometry"].isna().all()


PARTS = (
    "小区,楼号,单元,起始层,终止层",
    "幸福小区,1号楼,1单元,1,6",
    "幸福小区,1号楼,2单元,1,3",
    "幸福小区,1号楼,2单元,3,6",
    "幸福小区,99号楼,1单元,1,6",
)


def test_parts_named_by_their_address_are_of_that_building_or_go_back(home: Path, tmp_path: Path) -> None:
    report = take(home, "parts", listed(tmp_path / "a.csv", *PARTS))
    assert report.figures["reasons"] == {"part_overlaps": 1, "part_without_building": 1}
    with open_project(home) as project:
        parts = project.read("parts", where={"import_id": report.figures["import_id"]})
    assert parts["building_id"].tolist() == ["h1", "h1"]
    take(home, "residents", listed(tmp_path / "b.csv", *ROWS[:2]))
    with open_project(home) as project:
        rows = project.read("parts", where={"building_id": "h1"})
    assert sorted(rows["entrance"]) == ["1单元", "2单元"]
    assert rows["households"].sum() == 5


def test_one_stairwell_is_taken_once_however_it_is_written_and_only_what_stays_is_in_the_way(
    home: Path, tmp_path: Path
) -> None:
    bands = ("1单元,1,6", "一单元,1,3", "1单元,7,9", "1,8,12", "１单元,10,12", ",1,6", "2单元,1,6")
    rows = [PARTS[0], *(f"幸福小区,1号楼,{one}" for one in bands)]
    report = take(home, "parts", listed(tmp_path / "a.csv", *rows))
    assert report.figures["reasons"] == {"part_overlaps": 3}
    with open_project(home) as project:
        parts = project.read("parts", where={"import_id": report.figures["import_id"]})
    assert sorted(zip(parts["entrance"], parts["floor_from"], strict=True)) == [
        ("1单元", 1), ("1单元", 7), ("2单元", 1), ("１单元", 10),
    ]  # fmt: skip


def test_a_newer_list_of_parts_does_not_stand_beside_what_it_tells_anew(home: Path, tmp_path: Path) -> None:
    take(home, "parts", listed(tmp_path / "a.csv", *PARTS[:2]))
    newer = listed(tmp_path / "b.csv", PARTS[0], "幸福小区,1号楼,1单元,4,9", "幸福小区,1号楼,2单元,1,3")
    report = take(home, "parts", newer, update=True)
    assert (report.figures["rows_kept"], report.figures["reasons"]) == (1, {"part_overlaps": 1})
    whole = [*newer.read_text("utf-8").splitlines(), "幸福小区,1号楼,3单元,1,2"]
    report = take(home, "parts", listed(tmp_path / "c.csv", *whole), update=True, replace=True)
    assert (report.figures["rows_kept"], report.figures["reasons"]) == (3, {})


def test_a_corrected_part_comes_in_from_the_file_of_rejects(home: Path, tmp_path: Path) -> None:
    name = take(home, "parts", listed(tmp_path / "a.csv", *PARTS)).figures["rejects"]
    text = home.with_name(name).read_text("utf-8-sig").replace("99号楼", "2号楼")
    report = take(home, "parts", listed(tmp_path / "again.csv", *text.splitlines()))
    assert (report.figures["rows_kept"], report.figures["rows_rejected"]) == (1, 1)


@pytest.mark.parametrize("name", ["表" * 82, "a\n\x1b[31mb", "\udcff", "a?:b|c"])
def test_the_file_of_rejects_has_a_name_that_any_disk_takes(name: str, home: Path, tmp_path: Path) -> None:
    try:
        file = listed(tmp_path / f"{name}.csv", *ROWS)
    except OSError:
        pytest.skip("this disk takes no such name")
    rejects = take(home, "residents", file).figures["rejects"]
    assert rejects.isprintable()
    assert not set(rejects) & set('<>:"/|?*')
    assert len(rejects.encode()) <= 160
    assert home.with_name(rejects).is_file()

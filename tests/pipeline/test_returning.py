"""Rejected rows that were corrected join their import, and the import stays whole."""

from pathlib import Path

import estate
import openpyxl
import pytest
from estate import cells_of, listed, take, take_back, told

from govmap.check import NEEDED, findings
from govmap.errors import InputError, TableError
from govmap.pipeline import correcting
from govmap.project import open_project

HEADER = "楼栋,户数,人口"
GOOD = [f"幸福小区{n}号楼,{n + 3},{3 * n}" for n in range(1, 6)]


def balance(path: Path) -> tuple[int, int, int]:
    with open_project(path) as project:
        row = project.read("imports", where={"table": "residents"}).iloc[0]
        assert project.store.count("rejects", where={"import_id": row["import_id"]}) == row["rows_rejected"]
        assert findings(project.reading(*NEEDED)) == []
    assert row["rows_in"] == row["rows_kept"] + row["rows_rejected"]
    return int(row["rows_in"]), int(row["rows_kept"]), int(row["rows_rejected"])


def corrected(path: Path, *pairs: tuple[str, str]) -> Path:
    text = path.read_text("utf-8-sig")
    for wrong, right in pairs:
        assert wrong in text
        text = text.replace(wrong, right)
    path.write_text(text, "utf-8-sig")
    return path


@pytest.fixture
def rejected(home: Path, tmp_path: Path) -> Path:
    """The file of two rejected rows of seven."""
    rows = [*GOOD, "幸福小区6号楼,约40,9", "幸福小区7号楼,若干户,5"]
    report = take(home, "residents", listed(tmp_path / "户数.csv", HEADER, *rows))
    assert report.figures["rows_rejected"] == 2
    return home.with_name(report.figures["rejects"])


@pytest.mark.parametrize("flag", [True, False])
def test_corrected_rows_join_their_import(flag: bool, home: Path, rejected: Path) -> None:  # noqa: FBT001 - a case
    assert balance(home) == (7, 5, 2)
    report = take(home, "residents", corrected(rejected, ("约40", "40"), ("若干户", "12")), again=flag)
    assert (report.figures["rows_in"], report.figures["rows_kept"], report.figures["rows_rejected"]) == (2, 2, 0)
    assert balance(home) == (7, 7, 0)
    with open_project(home) as project:
        found = project.read("residents").set_index("source_row")["households"].to_dict()
        assert len(project.read("imports", where={"table": "residents"})) == 1
    assert (found[7], found[8]) == (40, 12)


def test_what_is_wrong_still_comes_back_with_its_reason(home: Path, rejected: Path) -> None:
    report = take(home, "residents", corrected(rejected, ("约40", "40"), ("若干户", "不少户")))
    assert balance(home) == (7, 6, 1)
    again = home.with_name(report.figures["rejects"])
    assert [row[0] for row in cells_of(again)[1:]] == ["8"]
    assert "不少户" in cells_of(again)[1]
    take(home, "residents", corrected(again, ("不少户", "12")))
    assert balance(home) == (7, 7, 0)


def test_dropped_again_and_again_nothing_is_doubled(home: Path, rejected: Path) -> None:
    corrected(rejected, ("约40", "40"))
    kept = rejected.read_bytes()
    take(home, "residents", rejected)
    once = estate.tables(home)
    rejected.write_bytes(kept)
    report = take(home, "residents", rejected)
    assert report.figures["rows_known"] == 1
    assert report.figures["rows_in"] == 1 + report.figures["rows_kept"] + report.figures["rows_rejected"]
    assert estate.differ(once, estate.tables(home)) == []
    take(home, "residents", corrected(rejected, ("若干户", "12")))
    rejected.write_bytes(kept)
    assert take(home, "residents", rejected).figures["known"]
    assert balance(home) == (7, 7, 0)


def test_rows_that_came_back_go_with_their_import(home: Path, rejected: Path, tmp_path: Path) -> None:
    take(home, "residents", corrected(rejected, ("约40", "40"), ("若干户", "12")))
    take_back(home)
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    with open_project(home) as project:
        assert project.store.count("residents") == 0
        assert project.store.count("rejects") == 0


def test_a_place_corrected_to_one_that_was_counted_is_not_added_up(home: Path, rejected: Path) -> None:
    report = take(home, "residents", corrected(rejected, ("幸福小区6号楼,约40", "幸福小区5号楼,40")))
    assert report.figures["rows_kept"] == 0
    assert balance(home) == (7, 5, 2)


def test_a_workbook_of_rejects_comes_back_as_a_workbook(home: Path, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["资源编号", "名称", "类别", "容量", "楼栋"], ["001", "诊所", "clinic", "很多张", "幸福小区1号楼"], ["002", "小店", "shop", 3, "幸福小区2号楼"]):  # fmt: skip  # noqa: E501
        book.active.append(row)
    book.save(tmp_path / "资源.xlsx")
    report = take(home, "resources", tmp_path / "资源.xlsx")
    path = home.with_name(report.figures["rejects"])
    book = openpyxl.load_workbook(path)
    cell = next(cell for row in book.active.iter_rows() for cell in row if cell.value == "很多张")
    cell.value = 10
    book.save(path)
    assert take(home, "resources", path, again=True).figures["rows_kept"] == 1
    with open_project(home) as project:
        found = project.read("resources").set_index("resource_id")["capacity"].to_dict()
    assert found == {"001": 10.0, "002": 3.0}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ((("\n7,", "\nsieben,"),), "again_numbers_gone"),
        ((("\n8,", "\n7,"),), "again_row_twice"),
    ],
)
def test_numbers_that_are_gone_or_twice_are_asked_for(
    change: tuple[tuple[str, str], ...], code: str, home: Path, rejected: Path
) -> None:
    before = estate.tables(home)
    with pytest.raises(TableError) as caught:
        take(home, "residents", corrected(rejected, *change))
    assert caught.value.code == code
    assert estate.differ(before, estate.tables(home)) == []


def test_what_is_no_file_of_rejects_is_refused(home: Path, rejected: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        take(home, "residents", listed(tmp_path / "a.csv", HEADER, *GOOD), again=True)
    assert caught.value.code == "again_not_ours"
    with pytest.raises(InputError) as caught:
        take(home, "resources", rejected)
    assert caught.value.code == "again_other_table"
    copy = rejected.rename(tmp_path / "mine.csv")
    take_back(home)
    with pytest.raises(InputError) as caught:
        take(home, "residents", copy)
    assert caught.value.code == "again_no_import"


def test_persons_that_come_back_are_counted_without_their_names(home: Path, tmp_path: Path) -> None:
    rows = ["张某某,1950-01-01,幸福小区1号楼", "李某某,1990-13-45,幸福小区1号楼"]
    report = take(home, "residents", listed(tmp_path / "p.csv", "姓名,出生日期,地址", *rows))
    assert report.figures["rows_rejected"] == 1
    path = home.with_name(report.figures["rejects"])
    rows = cells_of(path)
    assert (rows[0][4:], rows[1][4:]) == (["地址", "年龄段"], ["幸福小区1号楼", ""])
    rows[1][5] = "60-79"
    path.write_text("\n".join(",".join(row) for row in rows), "utf-8-sig")
    report = take(home, "residents", path)
    assert "again_persons" in told(report)
    with open_project(home) as project:
        counted = project.read("residents")[["people", "age_60_plus", "age_80_plus"]].sum()
        assert counted.tolist() == [2, 2, 0]
    assert balance(home) == (2, 2, 0)


def test_persons_rejected_for_another_reason_come_back_with_their_age_band(home: Path, tmp_path: Path) -> None:
    rows = ["张某某,1950-01-01,幸福小区1号楼,常住", "李某某,1930-02-03,幸福小区1号楼,某某口径"]
    report = take(home, "residents", listed(tmp_path / "p.csv", "姓名,出生日期,地址,人口性质", *rows))
    path = home.with_name(report.figures["rejects"])
    back = cells_of(path)
    assert back[1][4:] == ["幸福小区1号楼", "某某口径", "80+"]
    assert "1930" not in path.read_text("utf-8-sig")
    back[1][5] = "常住"
    path.write_text("\n".join(",".join(row) for row in back), "utf-8-sig")
    take(home, "residents", path)
    with open_project(home) as project:
        assert project.read("residents")[["people", "age_60_plus", "age_80_plus"]].sum().tolist() == [2, 2, 1]


def test_a_newer_list_of_persons_leaves_no_band_of_the_older_one(home: Path, tmp_path: Path) -> None:
    header, older = "姓名,出生日期,地址", ["张某某,1930-01-01,幸福小区1号楼", "李某某,1950-03-05,幸福小区1号楼"]
    take(home, "residents", listed(tmp_path / "a.csv", header, *older))
    take(home, "residents", listed(tmp_path / "b.csv", header, "李某某,1950-03-05,幸福小区1号楼"), update=True)
    names = ["people", "age_60_plus", "age_80_plus"]
    with open_project(home) as project:
        assert project.read("residents")[names].sum().tolist() == [1, 1, 0]
    take(
        home,
        "residents",
        listed(tmp_path / "c.csv", "姓名,地址", *(f"{one}某某,幸福小区1号楼" for one in "王郑")),
        update=True,
    )
    with open_project(home) as project:
        assert project.read("residents")[names].isna().iloc[0].tolist() == [False, True, True]


def test_rows_corrected_on_the_page_join_their_import(home: Path, rejected: Path, tmp_path: Path) -> None:
    with open_project(home) as project:
        number = str(project.read("imports", where={"table": "residents"})["import_id"].iloc[0])
        waiting = correcting.waiting(project, number, estate.VOICE)
        assert [one["cells"]["户数"] for one in waiting] == ["约40", "若干户"]
        how = {"config": estate.CONFIG, "voice": estate.VOICE}
        first = waiting[0]["row"]
        report = correcting.correct(project, number, {first: {"户数": "40"}}, tmp_path, **how)
        assert report.figures["rows_kept"] == 1
        assert [one["row"] for one in correcting.waiting(project, number, estate.VOICE)] == [waiting[1]["row"]]
        for cells in ({first: {"户数": "41"}}, {waiting[1]["row"]: {"姓名": "x"}}, {}):
            with pytest.raises(InputError):
                correcting.correct(project, number, cells, tmp_path, **how)
    assert balance(home) == (7, 6, 1)

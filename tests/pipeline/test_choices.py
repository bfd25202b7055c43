"""Names that fit several places: told, listed for a choice, and remembered once chosen."""

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from govmap import pipeline
from govmap.config import from_machine
from govmap.errors import TableError
from govmap.messages import Voice
from govmap.pipeline.report import Report
from govmap.project import open_project

CONFIG = from_machine("zh")


def given(town: Path, table: str, file: Path) -> Report:
    return pipeline.import_table(town, table, file, pipeline.Reading(), config=CONFIG, voice=Voice("zh"))


def attached(town: Path) -> Report:
    with open_project(town) as project:
        return pipeline.attach(project, config=CONFIG)


def incidents(town: Path) -> pd.DataFrame:
    with open_project(town) as project:
        return project.read("incidents").set_index("external_no")


@pytest.fixture(name="asked")
def fixture_asked(home: Path, tmp_path: Path) -> tuple[Path, str, list[str]]:
    """An estate with two buildings of one name, and a ticket that names it."""
    with open_project(home) as project, project.change("test") as change:
        buildings = project.read("buildings")
        twins = buildings[buildings["cell_id"].notna()]["building_id"].sort_values().head(2).tolist()
        rows = buildings[buildings["building_id"].isin(twins)].assign(name="老供销社")
        change.session.upsert("buildings", pd.DataFrame(rows[["building_id", "name"]]))
    book = openpyxl.Workbook()
    for row in (["工单编号", "事件类别", "事发地址"], ["T1", "噪音", "老供销社"], ["T2", "绿化", "老供销社"]):
        book.active.append(row)
    book.save(tmp_path / "工单.xlsx")
    given(home, "incidents", tmp_path / "工单.xlsx")
    return home, "老供销社", twins


def test_what_is_ambiguous_is_told_with_its_candidates_and_listed(asked: tuple[Path, str, list[str]]) -> None:
    town, text, twins = asked
    report = attached(town)
    assert report.figures["choices"] == 1
    (told,) = [one for one in report.warnings if one.key == "choices_open"]
    words = Voice("zh").tell(told)
    assert text in words
    assert all(one in words for one in twins)
    sheet = openpyxl.load_workbook(report.files[0]).active
    assert [cell.value for cell in sheet[1]][:3] == ["名单里的写法", "行数", "选择"]
    assert [cell.value for cell in sheet[2]][:3] == [text, 2, None]
    assert sheet.data_validations.dataValidation[0].formula1 == "=$D2:$E2"


@pytest.mark.parametrize("way", ["words", "number", "id"])
def test_a_choice_given_back_is_remembered(asked: tuple[Path, str, list[str]], way: str) -> None:
    town, _, twins = asked
    file = attached(town).files[0]
    book = openpyxl.load_workbook(file)
    candidates = [book.active.cell(2, column).value for column in (4, 5)]
    at = [twins[1] in one for one in candidates].index(True)
    book.active.cell(2, 3).value = {"words": candidates[at], "number": at + 1, "id": twins[1]}[way]
    book.save(file)
    report = given(town, "aliases", file)
    assert (report.figures["rows_in"], report.figures["rows_kept"], report.figures["rows_rejected"]) == (1, 1, 0)
    again = attached(town)
    assert again.figures["choices"] == 0
    found = incidents(town)
    assert set(found["building_id"]) == {twins[1]}
    assert set(found["placed_by"]) == {"alias"}
    with open_project(town) as project:
        (row,) = project.read("aliases").to_dict("records")
    assert (row["text"], row["building_id"]) == ("老供销社", twins[1])
    assert row["by"]
    given(town, "aliases", file)
    with open_project(town) as project:
        assert len(project.read("aliases")) == 1


def test_another_choice_later_moves_what_was_placed_by_the_first(
    asked: tuple[Path, str, list[str]], tmp_path: Path
) -> None:
    town, text, twins = asked
    for wanted in twins:
        book = openpyxl.Workbook()
        for row in (["别名", "楼栋"], [text, wanted]):
            book.active.append(row)
        book.save(tmp_path / "别名.xlsx")
        given(town, "aliases", tmp_path / "别名.xlsx")
        attached(town)
        assert set(incidents(town)["building_id"]) == {wanted}


def test_choices_left_empty_or_unknown_are_told_and_change_nothing(
    asked: tuple[Path, str, list[str]], tmp_path: Path
) -> None:
    town, text, _ = asked
    book = openpyxl.Workbook()
    for row in (["别名", "楼栋"], [text, None], ["村口", "没有这栋楼"]):
        book.active.append(row)
    book.save(tmp_path / "别名.xlsx")
    report = given(town, "aliases", tmp_path / "别名.xlsx")
    assert report.figures["reasons"] == {"choice_empty": 1, "choice_unknown": 1}
    assert [one.key for one in report.warnings] == ["choices_unknown"]
    with open_project(town) as project:
        assert project.read("aliases").empty


def test_a_list_that_is_none_of_choices_is_refused(home: Path, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(TableError) as told:
        given(home, "aliases", tmp_path / "x.csv")
    assert told.value.code == "choices_column_missing"

"""Rosters and lists of units as a user asks for them at the command line, in both languages."""

import csv
import json
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from govmap.cli.commands import app
from govmap.errors import InputError
from govmap.pipeline import Filling, export, outputs
from govmap.project import open_project
from govmap.publish import release

RUN = CliRunner()


def told(*arguments: object) -> dict[str, object]:
    result = RUN.invoke(app, ["export", *map(str, arguments), "--json"])
    assert result.exit_code == 0, result.output
    found: dict[str, object] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_roster_speaks_the_users_language_and_adds_up(town: Path, tmp_path: Path, language: str) -> None:
    output = tmp_path / "分工表.xlsx"
    facts = told(town, "roster", "-o", output, "--for", "planner", "--internal", "--lang", language)
    book = openpyxl.load_workbook(output)
    sheet, units = book.worksheets
    header = next(row for row in sheet.iter_rows(values_only=True) if row[1] in ("网格编码", "Unit code"))
    assert "户数" in header or "Households" in header
    column = next(at for at, word in enumerate(header) if word in ("户数", "Households"))
    body = [row for row in sheet.iter_rows(values_only=True) if isinstance(row[0], int)]
    with open_project(town) as project:
        rows = project.read("units", where={"plan_id": project.active_plan_id()})
    assert sum(row[column] or 0 for row in body) == rows["households"].sum()
    assert len(body) == facts["rows"]
    assert facts["units"] == len(rows)
    assert [row[1] for row in units.iter_rows(values_only=True) if isinstance(row[0], int)] == sorted(rows["code"])
    total = [row for row in sheet.iter_rows(values_only=True) if row[0] is None and row[column] is not None][-1]
    assert total[column] == rows["households"].sum()


def test_a_public_roster_holds_no_household_of_a_building_and_no_worker(town: Path, tmp_path: Path) -> None:
    output = tmp_path / "roster.csv"
    facts = told(town, "roster", "-o", output, "--lang", "zh")
    assert output.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(output.read_text("utf-8-sig").splitlines()))
    assert facts["audience"] == "public"
    assert rows[0][:4] == ["序号", "网格编码", "小区（院落）", "楼栋"]
    assert not {"户数", "人口", "责任人", "办公电话"} & set(rows[0])
    assert len(rows) == facts["rows"] + 1


def test_the_list_of_units_withholds_what_would_give_people_away(
    town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "units.xlsx"
    told(town, "unit_roster", "-o", output, "--lang", "zh")
    assert "—" not in [cell for row in openpyxl.load_workbook(output).active.values for cell in row]
    monkeypatch.setattr(
        outputs, "release", lambda tables, **how: release(tables, **{**how, "k": 300, "previous": None})
    )
    told(town, "unit_roster", "-o", output, "--lang", "zh")
    rows = [row for row in openpyxl.load_workbook(output).active.values if isinstance(row[0], int)]
    hidden = [row for row in rows if "—" in row]
    assert 0 < len(hidden) < len(rows)
    with open_project(town) as project:
        units = project.read("units", where={"plan_id": project.active_plan_id()}).set_index("code")
    small = set(units.index[(units["households"] > 0) & (units["households"] < 300)])
    assert small
    assert small <= {row[1] for row in hidden}
    assert not any(units.loc[row[1], "residents"] in row for row in hidden)


@pytest.mark.parametrize(
    ("table", "name", "how", "code"),
    [
        ("roster", "a.gpkg", Filling(), "roster_ending"),
        ("units", "a.csv", Filling(columns=("x=unit",)), "roster_only_lists"),
        ("nothing", "a.csv", Filling(), "export_no_table"),
        ("roster", "a.xlsx", Filling(level="街道"), "roster_no_level"),
    ],
)
def test_what_cannot_be_exported_is_told_before_anything_is_written(
    town: Path, tmp_path: Path, table: str, name: str, how: Filling, code: str
) -> None:
    with open_project(town) as project, pytest.raises(InputError) as caught:
        export(project, table, tmp_path / name, "public", how=how)
    assert caught.value.code == code
    assert not (tmp_path / name).exists()


def test_the_project_is_never_written_over(town: Path) -> None:
    with open_project(town) as project, pytest.raises(InputError):
        export(project, "units", town, "public")


def test_a_list_of_units_comes_back_as_the_same_division(town: Path, tmp_path: Path) -> None:
    output = tmp_path / "网格一览.xlsx"
    told(town, "unit_roster", "-o", output, "--for", "planner", "--internal", "--lang", "zh")
    with open_project(town) as project:
        before = project.plan().parts
        weight = project.read("parts").set_index("part_id")["households"].fillna(0)
        code = project.read("units").set_index(["plan_id", "unit_id"])["code"]
        old = {unit: code[project.active_plan_id(), unit] for unit in set(before)}
    result = RUN.invoke(app, ["import", str(town), "units", str(output), "--lang", "zh"])
    assert result.exit_code == 0, result.output
    with open_project(town) as project:
        after = project.plan().parts.reindex(before.index)
        code = project.read("units").set_index(["plan_id", "unit_id"])["code"]
        new = {unit: code[project.active_plan_id(), unit] for unit in set(after)}
    same = before.map(old) == after.map(new)
    share = weight.reindex(before.index)[same].sum() / weight.sum()
    assert share > 0.75  # the nameless houses of the village, which no words tell apart, are the rest

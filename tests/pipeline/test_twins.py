"""Resources that stand there twice are listed beside the project, decided in the list, and counted once."""

from pathlib import Path

import openpyxl
import pytest
from estate import CONFIG, LAT, LON, attach, listed, take

from govmap import pipeline
from govmap.errors import InputError
from govmap.project import open_project

HEADER = "编号,名称,类别,经度,纬度"


def clinics(path: Path) -> int:
    with open_project(path) as project:
        told = project.read("tallies", where={"theme": "resources", "category": "clinic"})
    return int(told["count"].sum())


def decided(project: Path, answer: str) -> Path:
    """Write the same answer to every pair of the list, as a clerk would."""
    file = project.with_name(f"{project.stem}.repeats.xlsx")
    book = openpyxl.load_workbook(file)
    head = next(row[0].row for row in book.active.iter_rows() if str(row[0].value).startswith(("是否", "The same")))
    for row in range(head + 1, book.active.max_row + 1):
        book.active.cell(row, 1, answer)
    book.save(file)
    return file


def test_what_stands_in_two_lists_is_asked_about_counted_once_and_can_be_two_again(home: Path, tmp_path: Path) -> None:
    for number, name in enumerate(("卫生服务站", "幸福社区卫生服务站")):
        row = f"r{number},{name},clinic,{LON + 0.0001 + number * 0.0002},{LAT + 0.0001}"
        take(home, "resources", listed(tmp_path / f"{number}.csv", HEADER, row))
    report = attach(home)
    assert "twins_found" in {one.key for one in report.notes}
    assert clinics(home) == 2
    done = take(home, "repeats", decided(home, "是"))
    assert (done.figures["same"], done.figures["open"], clinics(home)) == (1, 0, 1)
    attach(home)
    assert clinics(home) == 1
    with open_project(home) as project:
        pipeline.export(project, "resources", tmp_path / "out.csv", "public")
        assert len((tmp_path / "out.csv").read_text("utf-8-sig").splitlines()) == 2
        pipeline.take_back(project, "1.csv", config=CONFIG)
        assert project.read("twins").empty
    assert clinics(home) == 1


def test_a_no_is_remembered_and_a_list_of_something_else_is_refused(home: Path, tmp_path: Path) -> None:
    rows = [f"r{n},长者食堂,canteen,{LON + 0.0001 + n * 0.00003},{LAT}" for n in range(2)]
    take(home, "resources", listed(tmp_path / "one.csv", HEADER, rows[0]))
    take(home, "resources", listed(tmp_path / "two.csv", HEADER, rows[1]))
    attach(home)
    assert take(home, "repeats", decided(home, "否")).figures["rows_kept"] == 1
    assert "twins_found" not in {one.key for one in attach(home).notes}
    with pytest.raises(InputError):
        take(home, "repeats", tmp_path / "one.csv")

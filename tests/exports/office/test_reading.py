"""Where the list of a form lies, whatever stands above and below it."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook

from govmap.exports.office import book, filling, reading
from govmap.exports.office.figuring import figure
from govmap.exports.office.matching import known_words
from govmap.exports.office.sheet import Sheet


def opened(rows: Sequence[Sequence[Any]], folder: Path, merges: Sequence[str] = ()) -> tuple[book.Book, Sheet]:
    made = Workbook()
    for row in rows:
        made.active.append(list(row))
    for one in merges:
        made.active.merge_cells(one)
    made.save(folder / "form.xlsx")
    read = book.read(folder / "form.xlsx")
    name, part = read.sheets[0]
    return read, Sheet(name, read.xml(part), read.strings())


HEAD = ("网格", "小区", "楼栋", "户数")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("表",), HEAD, (None,) * 4, ("合计", None, None, 0)], (2, 3, 3, 4)),
        ([HEAD, ("合计",)], (1, 2, 1, 2)),
        ([HEAD, ("a", "b", "c", 1), ("a", "b", "c", 1), ("制表人：",)], (1, 2, 3, None)),
        ([HEAD, ("a", "b", "c", 1), (), ("填报日期",)], (1, 2, 2, None)),
        ([HEAD], (1, 2, 1, None)),
        ([HEAD, ("a", "b", "c", 1), (), ("总计", None, None, "=SUM(D2:D2)")], (1, 2, 2, 4)),
        ([(), ("x",), HEAD, ("a", "b", "c", 1), ("小计", None, None, 1), ("总计",)], (3, 4, 5, 6)),
    ],
)
def test_the_list_lies_between_its_header_and_what_ends_it(
    tmp_path: Path, rows: list[tuple[Any, ...]], expected: tuple[Any, ...]
) -> None:
    _, sheet = opened(rows, tmp_path)
    form = reading.find(sheet, known_words())
    assert form is not None
    assert (form.head, form.first, form.last, form.total) == expected


def test_a_header_of_two_rows_names_columns_by_both(tmp_path: Path) -> None:
    rows = [("表",), ("序号", "网格长", None, "户数"), (None, "姓名", "电话", None), (1, "x", "y", 2)]
    _, sheet = opened(rows, tmp_path, ("A1:D1", "A2:A3", "D2:D3", "B2:C2"))
    form = reading.find(sheet, known_words())
    assert form is not None
    assert list(form.names.values()) == ["序号", "网格长›姓名", "网格长›电话", "户数"]
    assert form.first == 4


def test_a_sheet_without_words_that_are_known_is_no_form(tmp_path: Path) -> None:
    _, sheet = opened([("颜色", "重量"), ("红", 2)], tmp_path)
    assert reading.find(sheet, known_words()) is None


def test_groups_have_their_totals_and_the_whole_has_one(tmp_path: Path) -> None:
    rows = [HEAD, ("甲", "x", "1", 3), ("小计", None, None, "=SUM(D2:D2)"), ("乙", "x", "1", 3), ("小计",), ("总计",)]
    read, sheet = opened(rows, tmp_path)
    form = reading.find(sheet, known_words())
    assert form is not None
    frame = pd.DataFrame({"unit_id": ["a", "a", "b"], "unit": ["A", "A", "B"], "households": [1, 2, 4]})
    filling.fill(read, read.sheets[0][1], sheet, filling.Plan(form, {1: "unit", 4: "households"}, frame), {})
    back = load_workbook(io.BytesIO(read.packed()), data_only=True).active
    assert [[cell.value for cell in row] for row in back.iter_rows(min_row=2)] == [
        ["A", None, None, 1],
        ["A", None, None, 2],
        ["小计", None, None, 3],
        ["B", None, None, 4],
        ["小计", None, None, 4],
        ["总计", None, None, 7],
    ]


def test_no_rows_leave_an_empty_one_and_take_the_examples_out(tmp_path: Path) -> None:
    read, sheet = opened(
        [HEAD, ("甲", "x", "1", 3), ("乙", "x", "1", 3), ("合计", None, None, "=SUM(D2:D3)")], tmp_path
    )
    form = reading.find(sheet, known_words())
    assert form is not None
    frame = pd.DataFrame({"unit_id": [], "unit": []}, dtype=object)
    filling.fill(read, read.sheets[0][1], sheet, filling.Plan(form, {1: "unit"}, frame), {})
    back = load_workbook(io.BytesIO(read.packed())).active
    assert [[cell.value for cell in row] for row in back.iter_rows(min_row=2)] == [
        [None] * 4,
        ["合计", None, None, "=SUM(D2:D2)"],
    ]


def test_words_that_would_be_formulas_are_words(tmp_path: Path) -> None:
    read, sheet = opened([HEAD, (None,) * 4], tmp_path)
    form = reading.find(sheet, known_words())
    assert form is not None
    evil = ["=1+1", "+86", "@x", "\t=x", "=cmd|' /C calc'!A0", "<b>&\x01]]>"]
    frame = pd.DataFrame({"unit_id": evil, "unit": evil})
    filling.fill(read, read.sheets[0][1], sheet, filling.Plan(form, {1: "unit"}, frame), {})
    cells = [row[0] for row in load_workbook(io.BytesIO(read.packed())).active.iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.value for cell in cells] == [*evil[:-1], "<b>&]]>"]


@pytest.mark.parametrize(
    ("formula", "result"),
    [
        ("=SUM(A1:B2)", 10),
        ("=SUM(A1:B2,5)-A1*2", 13),
        ("=ROUND(AVERAGE(A1:B2)/3,2)", 0.83),
        ('=COUNTA(A1:C2)&""', None),
        ("=COUNTA(A1:C2)", 5),
        ("=COUNT(A1:C2)", 4),
        ("=SUBTOTAL(109,A1:B2)", 10),
        ("=-(A1+B1)/B2", -0.75),
        ("=ROW()", 3),
        ("=A1/0", None),
        ("=A3", None),
        ("=IF(A1>0,1,2)", None),
        ("=MAX(A1:B2)-MIN(A1:B2)", 3),
        ("=SUM(Sheet9!A1)", None),
    ],
)
def test_results_of_simple_formulas_are_there_before_anybody_opens_the_file(
    tmp_path: Path, formula: str, result: float | None
) -> None:
    read, sheet = opened([(1, 2, "x"), (3, 4, None), (formula,)], tmp_path)
    figure(sheet)
    read.put(read.sheets[0][1], sheet.document)
    assert load_workbook(io.BytesIO(read.packed()), data_only=True).active["A3"].value == result

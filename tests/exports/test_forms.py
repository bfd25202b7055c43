"""Forms hold what was known as text and numbers, and their headers are understood in both languages."""

import io

import openpyxl
import pandas as pd
import pytest

from govmap.exports.forms import Field, form
from govmap.messages import Voice
from govmap.pipeline import numbering
from govmap.pipeline.numbered import comes_back
from govmap.sources import columns

FIELDS = (
    Field(name="mark", head="Mark", width=8),
    Field(name="number", head="Number", width=8, open=True),
    Field(name="floors", head="Floors", width=8, open=True, least=1, most=9, refusal="1 to 9"),
)
ROWS = pd.DataFrame({
    "mark": ["A-1", "A-2", "B-1"], "number": ["=1+1", "@x", None], "floors": pd.array([3, None, 2], dtype="Int64"),
    "group": ["a", "a", "b"],
})  # fmt: skip


def sheet(**more: object) -> openpyxl.worksheet.worksheet.Worksheet:
    choices = {"title": "=Title", "notes": ["+note"], "group": "group"} | more
    return openpyxl.load_workbook(io.BytesIO(form(ROWS, FIELDS, **choices))).active


def test_nothing_that_stands_in_a_form_is_a_formula() -> None:
    cells = [cell for row in sheet().iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert sheet()["B4"].value == "=1+1"


@pytest.mark.parametrize("title", ["Numbers: [A/B]*?", "'", "", "楼" * 60])
def test_any_title_makes_a_sheet(title: str) -> None:
    assert sheet(title=title).title


def test_open_cells_can_be_written_and_others_not() -> None:
    locked = {cell.column_letter: cell.protection.locked for cell in sheet()[4]}
    assert locked == {"A": True, "B": False, "C": False}


def test_the_same_rows_give_the_same_bytes() -> None:
    how = {"title": "t", "notes": [], "group": "group"}
    assert form(ROWS, FIELDS, **how) == form(ROWS, FIELDS, **how)
    assert sheet(paper="Letter").page_setup.paperSize == 1


COMPOUNDS = pd.DataFrame({"name": ["幸福小区", None], "name_zh": [None, "阳光花园"]})


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_header_of_the_form_of_buildings_is_understood_when_it_comes_back(language: str) -> None:
    fields = numbering._fields(Voice(language), COMPOUNDS)
    heads = [field.head for field in fields]
    assert comes_back(heads)
    found = columns.recognise(pd.DataFrame([[""] * len(heads)], columns=heads), "buildings")
    names = {"number": "name", "compound": "compound"}
    assert dict(found.ours) == {field.head: names.get(field.name, field.name) for field in fields}
    assert found.left_out == ()
    lists = [",".join(field.choices) for field in fields if field.choices]
    assert max(map(len, lists)) <= 255  # what a workbook takes as a list

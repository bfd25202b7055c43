"""Empty lists: what an office fills in comes back through the gate, column for column."""

import io
from pathlib import Path

import openpyxl
import pytest

from govmap import catalog
from govmap.errors import InputError
from govmap.exports.templates import heading, template
from govmap.messages import Voice
from govmap.sources import columns, files, gate

TABLES = sorted(catalog.layer("templates"))
METRIC = "EPSG:32649"


def filled(table: str, language: str, path: Path) -> Path:
    """The empty list with its own example written once more below, as an office would write it."""
    book = openpyxl.load_workbook(io.BytesIO(template(table, Voice(language))))
    sheet = book.active
    for cell in sheet[2]:
        value = cell.value
        own = value.split("：")[-1].split(": ")[-1] if cell.column == 1 else value
        sheet.cell(3, cell.column, own)
    book.save(path)
    return path


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("table", TABLES)
def test_a_filled_list_comes_in_whole_and_the_example_is_passed_over(table: str, language: str, tmp_path: Path) -> None:
    raw = files.rows(filled(table, language, tmp_path / "list.xlsx"))
    admitted = gate.admit(raw, table, crs=METRIC)
    assert admitted.reasons == {"example_row": 1}
    assert admitted.rows_kept == 1
    assert list(admitted.columns.ours.values()) == list(catalog.layer("templates")[table])
    assert not admitted.columns.left_out


@pytest.mark.parametrize("table", TABLES)
def test_every_heading_speaks_both_languages_and_is_known_by_either(table: str) -> None:
    known = {plain: name for plain, (_, name) in columns.vocabulary(table).items()}
    for name in catalog.layer("templates")[table]:
        chinese, english = heading(table, name).rstrip("）").split("（")
        assert known[columns.plain(chinese)] == name
        assert known[columns.plain(english)] == name


def test_cells_refuse_numbers_out_of_bounds_and_offer_the_choices() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(template("residents", Voice("zh")))).active
    rules = {str(rule.sqref).split(":")[0]: rule for rule in sheet.data_validations.dataValidation}
    assert (rules["D2"].type, rules["D2"].formula1) == ("list", '"户籍,常住,出租"')
    assert (rules["E2"].type, rules["E2"].formula1, rules["E2"].showErrorMessage) == ("whole", "0", True)
    assert rules["E2"].prompt == "整数，不小于 0，例如：24"


def test_the_same_list_has_the_same_bytes() -> None:
    assert template("workers", Voice("en")) == template("workers", Voice("en"))


def test_an_unknown_table_is_told_with_those_there_are() -> None:
    with pytest.raises(InputError) as error:
        template("cells", Voice("en"))
    assert error.value.code == "template_table_unknown"

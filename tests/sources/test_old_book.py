"""Workbooks of Excel 97 (.xls), as WPS and old offices write them: read like others, and looked at before."""

from contextlib import suppress
from pathlib import Path

import old_book
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from old_book import Day, Formula

from govmap.errors import TableError
from govmap.sources import files

HEADER = ["小区", "楼号", "户数"]


def test_words_numbers_days_errors_and_results_of_formulas_come_in(tmp_path: Path) -> None:
    rows = [
        HEADER,
        ["幸福小区", "1号楼", 12],
        ["和平小区", Formula("2号楼"), "#N/A"],
        ["和平小区", Day(45356), Formula("#REF!")],
    ]
    raw = files.rows(old_book.write(tmp_path / "a.xls", rows, hidden=[["说明", "x"]]))
    assert raw.header == tuple(HEADER)
    assert raw.frame["楼号"].tolist() == ["1号楼", "2号楼", "2024-03-05"]
    assert raw.frame["户数"].tolist() == ["12", "#N/A", "#REF!"]


def test_words_that_go_on_in_the_next_record_stay_whole(tmp_path: Path) -> None:
    rows = [HEADER, *([f"幸福小区{n}期，名字很长很长{n}", f"{n}号楼", n] for n in range(1500))]
    raw = files.rows(old_book.write(tmp_path / "a.xls", rows))
    assert raw.frame[HEADER].to_numpy().tolist() == [[a, b, str(c)] for a, b, c in rows[1:]]


def test_days_of_a_book_that_counts_from_1904_are_those_days(tmp_path: Path) -> None:
    raw = files.rows(old_book.write(tmp_path / "a.xls", [["日期"], [Day(43894)]], since_1904=True))
    assert raw.found["since_1904"]
    assert pd.Timestamp(raw.frame["日期"].iloc[0]) == pd.Timestamp("2024-03-05")


@settings(max_examples=25)
@given(data=st.data())
def test_whatever_byte_is_another_it_is_a_list_or_one_sentence(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = old_book.write(tmp_path_factory.mktemp("old") / "a.xls", [HEADER, ["幸福小区", "1号楼", 12]])
    content = bytearray(path.read_bytes())
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=4)):
        content[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(bytes(content[: data.draw(st.sampled_from([None, len(content) // 2, 600]))]))
    with suppress(TableError):
        assert files.rows(path).rows_in <= 65_536

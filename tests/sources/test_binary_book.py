"""Binary workbooks (.xlsb): read like others, and looked at before."""

from pathlib import Path

import binary_book
import pytest

from govmap.errors import TableError
from govmap.sources import files


def test_words_numbers_and_errors_of_a_binary_workbook_come_in(tmp_path: Path) -> None:
    rows = {0: ["楼栋", "户数"], 1: ["1号楼", 12], 2: ["2号楼", "#N/A"], 3: ["3号楼", 3.5]}
    raw = files.rows(binary_book.write(tmp_path / "a.xlsb", rows))
    assert raw.header == ("楼栋", "户数")
    assert raw.frame["户数"].tolist() == ["12", "#N/A", "3.5"]


def test_a_stray_cell_far_away_is_refused_before_memory_is_taken(tmp_path: Path) -> None:
    far = {0: ["楼栋", "户数"], 1_048_575: ["" for _ in range(16_383)] + ["x"]}
    with pytest.raises(TableError) as caught:
        files.rows(binary_book.write(tmp_path / "a.xlsb", far))
    assert caught.value.code == "file_far_cell"


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_a_part_that_was_cut_off_is_refused_in_one_sentence(tmp_path: Path, kept: float) -> None:
    path = binary_book.write(tmp_path / "a.xlsb", {0: ["楼栋"], 1: ["1号楼"]})
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(TableError) as caught:
        files.rows(path)
    assert caught.value.code.startswith("file_")

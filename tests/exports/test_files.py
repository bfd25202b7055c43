"""A file is written whole or not at all, and what stands in the way is told in one sentence."""

import errno
import os
from pathlib import Path

import pytest

from govmap.errors import InputError
from govmap.exports.files import write_whole
from govmap.messages import Voice


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "export_disk_full"),
        (errno.EDQUOT, "export_disk_full"),
        (errno.EACCES, "export_in_use"),
        (errno.EROFS, "export_not_writable"),
    ],
)
def test_what_the_system_refuses_is_told_and_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    path = tmp_path / "分工表.xlsx"
    path.write_text("old")

    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(InputError) as caught:
        write_whole(path, b"new")
    assert caught.value.code == code
    assert caught.value.message(Voice("zh"))
    assert caught.value.hint(Voice("zh"))
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_a_folder_is_no_file_and_a_file_no_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        write_whole(tmp_path, b"x")
    assert caught.value.code == "export_is_folder"
    (tmp_path / "a").write_text("x")
    with pytest.raises(InputError) as caught:
        write_whole(tmp_path / "a" / "b.csv", b"x")
    assert caught.value.code == "export_no_folder"


def test_a_name_as_long_as_the_system_allows_is_written(tmp_path: Path) -> None:
    path = tmp_path / f"{'网' * 80}.csv"
    write_whole(path, b"x")
    assert path.read_bytes() == b"x"

"""Dropped files: under a safe name, as many as there is room for, gone when they are not needed."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govmap.errors import InputError
from govmap.server.uploads import LONGEST_NAME, MOST, NOT_IN_NAMES, Uploads, safe_name


@given(st.text(min_size=1, max_size=300))
def test_whatever_a_file_is_called_it_lies_in_the_desks_own_folder(name: str) -> None:
    try:
        safe = safe_name(name)
    except InputError:
        return
    assert len(safe) <= LONGEST_NAME + 1
    assert safe not in (".", "..")
    assert not set(safe) & set(NOT_IN_NAMES)
    assert safe.isprintable()
    folder = Path("/desk")
    assert (folder / safe).parent == folder


def test_names_keep_their_words_and_their_ending() -> None:
    assert safe_name("C:\\Users\\张三\\桌面\\网格 (1).xlsx") == "网格 (1).xlsx"
    assert safe_name("../../etc/passwd") == "passwd"
    assert safe_name("x" * 400 + ".xlsx").endswith(".xlsx")


def test_no_more_files_wait_than_there_is_room_for(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    for at in range(MOST):
        uploads.begin(f"{at}.csv")
    with pytest.raises(InputError):
        uploads.begin("one more.csv")
    uploads.drop("u1")
    uploads.begin("one more.csv")


def test_the_files_of_a_shapefile_lie_together_and_go_together(served: Any) -> None:
    first = served.ask("PUT", "/api/uploads/towns.shp", b"12345")
    number = __import__("json").loads(first.content)["upload"]
    second = __import__("json").loads(served.ask("PUT", f"/api/uploads/towns.dbf?beside={number}", b"1").content)
    assert (second["upload"], second["name"], second["kind"]) == (number, "towns.shp", "layer")
    upload = served.app.state.desk.uploads.get(number)
    assert sorted(file.name for file in upload.folder.iterdir()) == ["towns.dbf", "towns.shp"]
    assert served.ask("DELETE", f"/api/uploads/{number}").status == 200
    assert not upload.folder.exists()


def test_of_a_file_that_was_too_large_nothing_stays(served: Any) -> None:
    body = b"%x\r\n%b\r\n0\r\n\r\n" % (500_000, b"x" * 500_000)
    said = served.ask("PUT", "/api/uploads/big.csv", body, content_length=None, transfer_encoding="chunked")
    assert said.status == 413
    assert not any(file.is_file() for file in (served.opened.folder / "uploads").rglob("*"))

"""Files get their name when they are whole, and nothing in use is replaced."""

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest
from pyproj import CRS

from govmap.errors import BusyError, ProjectError
from govmap.store import connection, fresh
from govmap.store.connection import Way
from govmap.store.geopackage import created, open_file

ZONE = CRS.from_epsg(32650)


def make(path: Path, plan: str = "p") -> Path:
    with created(path, ZONE) as store, store.writing() as session:
        session.append("plans", pd.DataFrame({"plan_id": [plan]}))
    return path


def plans(path: Path) -> list[str]:
    store = open_file(path)
    found = store.read("plans")["plan_id"].tolist()
    assert list(store.findings()) == []
    store.close()
    return found


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


# --- a new project --------------------------------------------------------------------------------------------------


def test_an_error_of_the_work_inside_is_not_taken_for_one_of_the_folder(tmp_path: Path) -> None:
    for fault in (FileNotFoundError("their list"), FileExistsError("their map"), ConnectionError("their server")):
        with pytest.raises(type(fault)) as error, created(tmp_path / "a.gpkg", ZONE):
            raise fault
        assert error.value is fault
    assert names(tmp_path) == []


def test_a_taken_name_is_told_before_any_work_is_done(tmp_path: Path) -> None:
    path = make(tmp_path / "a.gpkg", "old")
    worked = []
    with pytest.raises(ProjectError) as error, created(path, ZONE):
        worked.append(1)
    assert error.value.code == "project_exists"
    assert worked == []
    assert plans(path) == ["old"]


def test_two_that_make_the_same_project_at_once_do_not_lose_the_first(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    with pytest.raises(ProjectError) as error, created(path, ZONE):
        make(path, "first")
    assert error.value.code == "project_exists"
    assert plans(path) == ["first"]
    assert names(tmp_path) == ["a.gpkg"]


def _no_links(*_: object) -> None:
    raise PermissionError(1, "Operation not permitted")


def test_a_stick_that_knows_no_links_can_hold_a_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.link", _no_links)
    path = make(tmp_path / "a.gpkg", "new")
    assert plans(path) == ["new"]
    assert names(tmp_path) == ["a.gpkg"]
    other = tmp_path / "b.gpkg"
    with pytest.raises(ProjectError) as error, created(other, ZONE):
        make(other, "first")
    assert error.value.code == "project_exists"
    assert plans(other) == ["first"]


def test_what_a_killed_program_left_beside_a_deleted_project_is_not_taken_for_the_new_one_s(tmp_path: Path) -> None:
    """SQLite would play the old WAL into the new file."""
    old, path = tmp_path / "old.gpkg", tmp_path / "a.gpkg"
    make(old, "old")
    store = open_file(old)
    with store.writing() as session:
        session.append("plans", pd.DataFrame({"plan_id": [f"old{at}" for at in range(500)]}))
    Path(f"{path}-wal").write_bytes(Path(f"{old}-wal").read_bytes())
    store.close()
    make(path, "new")
    assert plans(path) == ["new"]
    assert names(tmp_path) == ["a.gpkg", "old.gpkg"]


def test_a_project_still_open_somewhere_does_not_get_its_name_with_half_its_content(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    with pytest.raises(RuntimeError, match="open"), created(path, ZONE) as store:  # noqa: PT012 - the whole block is tried
        held = connection.connect(store.path, Way.WRITE, wait_s=1)
        held.execute("SELECT * FROM project").fetchone()
    held.close()
    assert not path.exists()


@pytest.mark.skipif(os.name == "nt", reason="needs the rights of POSIX")
@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_new_file_has_the_rights_that_the_user_gives_to_new_files(tmp_path: Path, mask: int, mode: int) -> None:
    before = os.umask(mask)
    try:
        path = make(tmp_path / "a.gpkg")
        store = open_file(path)
        store.backup(str(tmp_path / "b.gpkg"))
        store.close()
    finally:
        os.umask(before)
    assert [stat.S_IMODE(one.stat().st_mode) for one in (path, tmp_path / "b.gpkg")] == [mode, mode]


def test_a_name_as_long_as_the_disk_takes_is_no_hindrance(tmp_path: Path) -> None:
    path = tmp_path / ("网" * 80 + ".gpkg")
    assert plans(make(path)) == ["p"]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way of a folder")
    for path in (tmp_path / "file" / "a.gpkg", tmp_path / ("x" * 300) / "a.gpkg"):
        with pytest.raises(ProjectError) as error, created(path, ZONE):
            pass
        assert error.value.code == "project_not_writable"
    assert names(tmp_path) == ["file"]


def test_nothing_but_the_finished_file_has_ever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    with created(path, ZONE) as store:
        assert not path.exists()
        assert all(name.startswith(".govmap-") for name in names(tmp_path))
        assert str(store.path) != str(path)
    assert names(tmp_path) == ["a.gpkg"]


# --- a copy ---------------------------------------------------------------------------------------------------------


def test_a_copy_never_goes_over_the_project_itself(tmp_path: Path) -> None:
    store = open_file(make(tmp_path / "a.gpkg"))
    (tmp_path / "same.gpkg").symlink_to(tmp_path / "a.gpkg")
    for same in ("a.gpkg", "same.gpkg"):
        with pytest.raises(ValueError, match="itself"):
            store.backup(str(tmp_path / same))
    store.close()
    assert plans(tmp_path / "a.gpkg") == ["p"]


def test_a_copy_does_not_go_over_a_project_that_someone_works_in(tmp_path: Path) -> None:
    source, target = open_file(make(tmp_path / "a.gpkg", "ours")), open_file(make(tmp_path / "b.gpkg", "theirs"))
    assert target.count("plans") == 1
    with pytest.raises(BusyError) as error:
        source.backup(str(target.path))
    assert error.value.code == "store_target_open"
    with target.writing() as session:
        session.append("plans", pd.DataFrame({"plan_id": ["theirs too"]}))
    target.close()
    assert plans(tmp_path / "b.gpkg") == ["theirs", "theirs too"]
    source.backup(str(tmp_path / "b.gpkg"))
    source.close()
    assert plans(tmp_path / "b.gpkg") == ["ours"]
    assert names(tmp_path) == ["a.gpkg", "b.gpkg"]


def test_a_copy_over_one_that_a_killed_program_left_is_the_new_one_alone(tmp_path: Path) -> None:
    source, target = open_file(make(tmp_path / "a.gpkg", "ours")), make(tmp_path / "b.gpkg", "theirs")
    open_one = open_file(target)
    with open_one.writing() as session:
        session.append("plans", pd.DataFrame({"plan_id": [f"t{at}" for at in range(500)]}))
    left = Path(f"{target}-wal").read_bytes()
    open_one.close()
    Path(f"{target}-wal").write_bytes(left)
    source.backup(str(target))
    source.close()
    assert plans(target) == ["ours"]


def test_a_copy_that_fails_leaves_what_stood_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = open_file(make(tmp_path / "a.gpkg", "ours")), make(tmp_path / "b.gpkg", "theirs")

    def full(_: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(fresh, "_to_disk", full)
    with pytest.raises(ProjectError) as error:
        source.backup(str(target))
    assert error.value.code == "project_not_writable"
    source.close()
    assert plans(target) == ["theirs"]
    assert names(tmp_path) == ["a.gpkg", "b.gpkg"]


def test_a_copy_is_one_plain_file_whole_in_itself(tmp_path: Path) -> None:
    source = open_file(make(tmp_path / "a.gpkg"))
    with source.writing() as session:
        session.append("plans", pd.DataFrame({"plan_id": ["in the wal"]}))
    source.backup(str(tmp_path / "folder" / "b.gpkg"))
    source.close()
    with closing(sqlite3.connect(tmp_path / "folder" / "b.gpkg")) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert plans(tmp_path / "folder" / "b.gpkg") == ["in the wal", "p"]

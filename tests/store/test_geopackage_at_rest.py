"""The project file at rest: one plain file, whole when it is copied, and what is no project is refused."""

import os
import shutil
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest
from made_rows import ZONE, cells, raw

from govmap.errors import NotAProjectError, ProjectError
from govmap.schema import SCHEMA_VERSION
from govmap.store.geopackage import GeoPackage, created, open_file


def beside(path: Path) -> list[str]:
    return sorted(one.name for one in path.parent.iterdir() if one != path)


def test_closing_leaves_one_plain_file(path: Path) -> None:
    store = open_file(path)
    with store.writing() as session:
        session.append("cells", cells(50))
    assert path.with_name(path.name + "-wal").exists()
    store.close()
    assert beside(path) == []
    assert path.read_bytes()[18:20] == b"\x01\x01"


def test_the_last_to_leave_makes_the_file_plain(path: Path) -> None:
    first, second = open_file(path), open_file(path)
    with first.writing() as session:
        session.append("cells", cells(50))
    assert second.count("cells") == 50
    first.close()
    with second.writing() as session:
        session.append("cells", cells(5, first=50))
    second.close()
    assert beside(path) == []
    assert path.read_bytes()[18:20] == b"\x01\x01"
    assert open_and_count(path) == 55


def open_and_count(path: Path) -> int:
    store = open_file(path)
    try:
        assert list(store.findings()) == []
        return store.count("cells")
    finally:
        store.close()


def test_a_copy_a_second_after_a_finished_command_holds_everything(path: Path, tmp_path: Path) -> None:
    store = open_file(path)
    for turn in range(5):
        with store.writing() as session:
            session.append("cells", cells(500, first=500 * turn))
    store.checkpoint()
    time.sleep(1)
    copy = tmp_path / "stick" / "copy.gpkg"
    copy.parent.mkdir()
    subprocess.run(["cp", path, copy], check=True)  # not from here: reading the file would drop our locks
    assert open_and_count(copy) == 2500
    with store.writing() as session:
        session.append("cells", cells(1, first=9000))
    store.close()
    assert open_and_count(path) == 2501


def test_what_is_deleted_is_gone_from_the_bytes(path: Path) -> None:
    store = open_file(path)
    secret = "SECRETNAME"
    frame = pd.DataFrame({"worker_id": [f"w{at}" for at in range(400)], "name": [f"{secret}{at}" for at in range(400)]})
    with store.writing() as session:
        session.append("workers", frame)
    store.checkpoint()
    assert secret.encode() in subprocess.run(["cat", path], capture_output=True, check=True).stdout
    with store.writing() as session:
        session.delete("workers")
    store.close()
    assert secret.encode() not in path.read_bytes()


def test_a_backup_is_whole_while_others_write(filled: GeoPackage, path: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup.gpkg"
    other = open_file(path)
    with other.writing() as session:
        session.append("cells", cells(100, first=2000))
        filled.backup(str(target))
    other.close()
    assert open_and_count(target) == 40
    assert not [name for name in beside(target) if "backup" in name]
    filled.backup(str(target))
    assert open_and_count(target) == 140


def test_creation_leaves_nothing_when_it_fails(tmp_path: Path) -> None:
    def make() -> None:
        with created(tmp_path / "new.gpkg", ZONE) as store:
            with store.writing() as session:
                session.append("cells", cells(10))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        make()
    assert list(tmp_path.iterdir()) == []


def test_creation_never_goes_over_a_file_that_stands(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(ProjectError) as error, created(path, ZONE):
        pass
    assert error.value.code == "project_exists"
    assert path.read_bytes() == before
    assert beside(path) == []


def test_the_same_project_made_twice_holds_the_same(tmp_path: Path) -> None:
    made = []
    for name in ("a.gpkg", "b.gpkg"):
        with created(tmp_path / name, ZONE) as store, store.writing() as session:
            session.append("cells", cells(20))
        opened = open_file(tmp_path / name)
        made.append(opened.read("cells"))
        opened.close()
    pd.testing.assert_frame_equal(pd.DataFrame(made[0]), pd.DataFrame(made[1]))


def test_what_is_no_project_is_refused_in_one_sentence(tmp_path: Path) -> None:
    text, other, folder = tmp_path / "a.gpkg", tmp_path / "b.gpkg", tmp_path / "c.gpkg"
    text.write_text("not a database at all, but long enough to be read as one")
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE project (key, value)")
        connection.commit()
    folder.mkdir()
    for path, code in ((text, "project_not_ours"), (other, "project_not_ours"), (folder, "project_missing")):
        with pytest.raises(ProjectError) as error:
            open_file(path)
        assert error.value.code == code
        assert error.value.where == str(path)
    with pytest.raises(ProjectError) as error:
        open_file(tmp_path / "none.gpkg")
    assert error.value.code == "project_missing"


def test_a_cut_file_is_refused(path: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.gpkg"
    cut.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(NotAProjectError):
        open_file(cut)


def test_a_project_of_a_newer_program_is_refused(path: Path) -> None:
    with raw(path) as connection:
        connection.execute("UPDATE project SET value = ? WHERE key = 'schema_version'", (str(SCHEMA_VERSION + 1),))
        connection.commit()
    with pytest.raises(ProjectError) as error:
        open_file(path)
    assert error.value.code == "project_newer"


def test_a_file_that_cannot_be_written_can_be_read(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_file(path)
    with store.writing() as session:
        session.append("cells", cells(12))
    store.close()
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    shutil.copy(path, shelf / "read.gpkg")
    monkeypatch.setattr(os, "access", lambda *_: False)
    held = open_file(shelf / "read.gpkg")
    assert held.count("cells") == 12
    with pytest.raises(ProjectError) as error, held.writing():
        pass
    assert error.value.code == "project_read_only"
    held.close()
    assert beside(shelf / "read.gpkg") == []

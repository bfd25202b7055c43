"""What can be opened, to write or only to look, and what a user is told of the rest."""

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest
from holding import ZONE, copied, has, put
from killing import here, undisturbed

from govmap.errors import BusyError, NotAProjectError, ProjectError
from govmap.store import connection, geopackage
from govmap.store.connection import Way
from govmap.store.geopackage import created, open_file


def test_a_second_opening_in_one_process_loses_nobody_s_commits(path: Path) -> None:
    """Who opens the file by other means than SQLite drops the locks; then another takes itself for the last one."""
    first = open_file(path)
    put(first, "before")
    second = open_file(path)
    assert undisturbed([sys.executable, here("hammer.py"), "edit", path, "other", "1"]).code == 0
    put(first, "after")
    put(second, "after too")
    first.close()
    second.close()
    assert has(path, "before", "after", "after too")
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT text FROM aliases").fetchall() == [("other 000000",)]


def foreign_geopackage(path: Path) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("CREATE TABLE project (key TEXT, value TEXT)")
        raw.execute("INSERT INTO project VALUES ('crs', 'theirs')")
        raw.commit()


def empty(path: Path) -> None:
    path.touch()


def prose(path: Path) -> None:
    path.write_text("not a database, but long enough to be taken for one " * 20)


@pytest.mark.parametrize("make", [foreign_geopackage, empty, prose])
def test_a_file_that_is_not_ours_is_left_to_the_byte(tmp_path: Path, make: object) -> None:
    path = tmp_path / "theirs.gpkg"
    make(path)
    before = path.read_bytes()
    with pytest.raises(NotAProjectError) as error:
        open_file(path)
    assert error.value.code == "project_not_ours"
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_a_damaged_file_is_told_so(path: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.gpkg"
    cut.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(NotAProjectError) as error:
        open_file(cut)
    assert error.value.code == "store_damaged"


def test_a_project_that_lacks_a_column_or_table_is_told_so(path: Path) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("ALTER TABLE plans DROP COLUMN status")
        raw.execute("DROP TABLE votes")
    with pytest.raises(ProjectError) as error:
        open_file(path)
    assert error.value.code == "store_other_tables"
    assert "plans.status" in str(error.value)
    assert "votes.vote_id" in str(error.value)


def test_a_project_of_an_older_govmap_gets_what_it_did_not_know(path: Path) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("INSERT INTO votes (vote_id, quorum) VALUES ('v1', 3)")
        raw.execute("ALTER TABLE votes DROP COLUMN eligible")
        for name in ("sites", "norms"):
            raw.execute(f"DELETE FROM gpkg_contents WHERE table_name = '{name}'")
            raw.execute(f"DELETE FROM gpkg_data_columns WHERE table_name = '{name}'")
            raw.execute(f"DELETE FROM gpkg_geometry_columns WHERE table_name = '{name}'")
            raw.execute(f"DELETE FROM gpkg_extensions WHERE table_name = '{name}'")
            raw.execute(f"DELETE FROM layer_styles WHERE f_table_name = '{name}'")
            raw.execute(f"DROP TABLE {name}")
        raw.execute("DROP TABLE rtree_sites_geometry")
        raw.execute("UPDATE project SET value = 'older' WHERE key = 'schema_print'")
        raw.commit()
    with closing(open_file(path)) as store:
        assert store.read("votes")["quorum"].tolist() == [3], "rows stay as they are"
        assert store.read("votes")["eligible"].isna().all()
        assert store.read("sites").empty
        assert [one for one in store.foreign_changes() if one != "votes"] == []
        assert list(store.findings()) == []
    open_file(path).close()


def test_an_older_project_that_cannot_be_brought_up_to_date_where_it_lies_is_told_so(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("ALTER TABLE votes DROP COLUMN eligible")
        raw.execute("UPDATE project SET value = 'older' WHERE key = 'schema_print'")
        raw.commit()
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(ProjectError) as error:
        open_file(path)
    assert error.value.code == "store_older_read_only"


def test_a_file_held_by_another_program_is_busy_and_not_unknown(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geopackage, "_WAIT_S", 0.2)
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("BEGIN EXCLUSIVE")
        with pytest.raises(BusyError):
            open_file(path)
    assert has(path)


def test_a_file_that_another_program_reads_as_a_plain_one_can_be_opened_and_written(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("BEGIN")
        raw.execute("SELECT * FROM project").fetchone()
        began = time.monotonic()
        opened = open_file(path)
        assert opened.count("project") > 0
        assert time.monotonic() - began < 10
        raw.execute("COMMIT")
        put(opened, "written")
        opened.close()
    assert has(path, "written")


def test_a_folder_is_no_project_and_a_vanished_one_is_not_made_anew(tmp_path: Path, path: Path) -> None:
    (tmp_path / "folder.gpkg").mkdir()
    for missing in (tmp_path / "folder.gpkg", tmp_path / "none.gpkg", tmp_path / "a" / "b.gpkg"):
        with pytest.raises(ProjectError) as error:
            open_file(missing)
        assert error.value.code == "project_missing"
    opened = open_file(path)
    opened.close()
    path.unlink()
    with pytest.raises(ProjectError):
        opened.count("cells")
    opened.close()
    assert not path.exists()


LOOK = """
import os, sys
from pathlib import Path
import geopandas, pyproj, sqlalchemy.dialects.sqlite
from govmap.errors import GovmapError
from govmap.store.geopackage import open_file
pyproj.CRS.from_epsg(32650)
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
for path in map(Path, sys.argv[1:]):
    try:
        store = open_file(path)
        told = f"{store._way.name} {store.read_only} {store.count('plans')}"
        try:
            with store.writing(): told += " written"
        except GovmapError as error:
            told += f" {error.code}"
        store.close()
    except GovmapError as error:
        told = error.code
    print(path.parent.name, told)
"""


@pytest.fixture
def shelf() -> Iterator[Path]:
    """A folder that others than its owner can get into."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
        for one in Path(folder).iterdir():
            one.chmod(0o755)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs the rights of POSIX")
def test_a_project_without_the_right_to_write_can_be_looked_at(shelf: Path) -> None:
    """At rest, left in WAL mode, with its WAL, half copied, and while its owner works on it."""
    live = shelf / "live" / "a.gpkg"
    live.parent.mkdir()
    with created(live, ZONE):
        pass
    copied(live, shelf / "rest")
    owner = open_file(live)
    for plan in "ab":
        with owner.writing() as session:
            session.append("plans", pd.DataFrame({"plan_id": [plan]}))
        if plan == "a":
            owner.checkpoint()
            copied(live, shelf / "header")
    copied(live, shelf / "half", "-wal")
    copied(live, shelf / "both", "-wal", "-shm")
    (shelf / "closed").mkdir()
    copied(live, shelf / "closed").chmod(0o000)
    for folder in shelf.iterdir():
        for file in folder.iterdir():
            file.chmod(file.stat().st_mode & 0o444)
        folder.chmod(0o555)
    files = sorted(str(folder / "a.gpkg") for folder in shelf.iterdir())
    before = {file: sorted(one.name for one in Path(file).parent.iterdir()) for file in files}
    told = subprocess.run([sys.executable, "-c", LOOK, *files], capture_output=True, text=True, check=True, cwd="/")
    assert told.stdout.splitlines() == [
        "both READ True 2 project_read_only",
        "closed store_not_readable",
        "half store_left_open",
        "header REST True 1 project_read_only",
        "live READ True 2 project_read_only",
        "rest READ True 0 project_read_only",
    ]
    assert {file: sorted(one.name for one in Path(file).parent.iterdir()) for file in files} == before
    for file in (live, Path(f"{live}-wal"), Path(f"{live}-shm")):
        file.chmod(0o644)
    live.parent.chmod(0o755)
    owner.close()


def test_a_share_of_windows_is_not_taken_for_a_host(tmp_path: Path) -> None:
    class Share(type(tmp_path)):  # type: ignore[misc] # a path of the system's kind that says it lies on a share
        def resolve(self, strict: bool = False) -> "Share":  # noqa: FBT001, FBT002 - as pathlib has it
            return self

        def as_posix(self) -> str:
            return "//server/网格/a b.gpkg"

        def __fspath__(self) -> str:
            return self.as_posix()

    assert connection._uri(Share("a"), Way.READ) == "file:////server/%E7%BD%91%E6%A0%BC/a%20b.gpkg?mode=ro"

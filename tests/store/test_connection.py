"""How a file is opened, held and left, and what a user is told when that cannot be."""

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import hammer
import pandas as pd
import pytest
import sqlalchemy as sa
from killing import beside, here, undisturbed
from pyproj import CRS

from govmap.errors import BusyError, NotAProjectError, ProjectError
from govmap.store import connection, geopackage
from govmap.store.connection import Way
from govmap.store.geopackage import GeoPackage, created, open_file
from govmap.store.session import Session

ZONE = CRS.from_epsg(32650)
HAMMER = [sys.executable, here("hammer.py")]
SIDES = ("-wal", "-shm", "-journal")


@pytest.fixture
def path(tmp_path: Path, blank: bytes) -> Path:
    file = tmp_path / "网格 50%?#.gpkg"
    file.write_bytes(blank)
    return file


def put(store: GeoPackage, *keys: str) -> None:
    with store.writing() as session:
        put_in(session, *keys)


def put_in(session: Session, *keys: str) -> None:
    session.upsert("project", pd.DataFrame({"key": keys, "value": "1"}))


def has(path: Path, *keys: str) -> bool:
    opened = open_file(path)
    found = set(opened.read("project")["key"])
    opened.close()
    return set(keys) <= found


def copied(path: Path, folder: Path, *endings: str) -> Path:
    """Copy by another process, as a file manager does: reading the file here would drop our own locks."""
    folder.mkdir(exist_ok=True)
    for ending in ("", *endings):
        subprocess.run(["cp", f"{path}{ending}", folder], check=True)
    return folder / path.name


# --- opening --------------------------------------------------------------------------------------------------------


def test_a_second_opening_in_one_process_loses_nobody_s_commits(path: Path) -> None:
    """Who opens the file by other means than SQLite drops the locks; then another takes itself for the last one."""
    first = open_file(path)
    put(first, "before")
    second = open_file(path)
    assert undisturbed([*HAMMER, "edit", path, "other", "1"]).code == 0
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


# --- read-only ------------------------------------------------------------------------------------------------------

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


# --- all or nothing -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("leaving", [SystemExit, KeyboardInterrupt, GeneratorExit, ZeroDivisionError])
def test_a_block_left_by_any_exception_leaves_nothing_and_holds_nothing(
    store: GeoPackage, path: Path, leaving: type[BaseException]
) -> None:
    with suppress(leaving), store.writing() as session:
        session.replace("cells", hammer.cells(3000, 1))
        session.upsert("project", pd.DataFrame({"key": ["half"], "value": ["1"]}))
        raise leaving
    assert store.count("cells") == 0
    other = open_file(path)
    put(other, "whole")
    other.close()
    assert list(store.findings()) == []
    assert not has(path, "half")


def test_ctrl_c_in_the_middle_of_a_big_write_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    hammer.make(path, "20000")
    with beside([*HAMMER, "replace", path, "20000", "2"], once="ready") as running:
        time.sleep(0.5)
        running.process.send_signal(signal.SIGINT)
        running.process.wait(60)
        safe = "safe 2" in running.said()
    opened = open_file(path)
    stands = opened.read("cells", columns=["block_id"])["block_id"]
    # Whole either way: a change may be safe a moment before the program could say so, but what it said is so.
    assert len(stands) == 20_000
    assert set(stands) in ([{"g2"}] if safe else [{"g1"}, {"g2"}])
    assert list(opened.findings()) == []
    opened.close()
    assert [one.name for one in tmp_path.iterdir()] == ["a.gpkg"]


def fill_the_disk(store: GeoPackage, session: Session) -> None:
    [[pages]] = session._rows("PRAGMA page_count")
    session._rows(f"PRAGMA max_page_count = {pages + 20}")
    session.append("cells", hammer.cells(20_000, 1))


def test_a_disk_that_is_full_is_told_and_nothing_is_half_written(store: GeoPackage) -> None:
    before = store.read("project")
    with pytest.raises(ProjectError) as error, store.writing() as session:  # noqa: PT012 - the whole block is tried
        put_in(session, "half")
        fill_the_disk(store, session)
    assert error.value.code == "project_disk_full"
    pd.testing.assert_frame_equal(store.read("project"), before)
    assert store.count("cells") == 0
    assert list(store.findings()) == []


@pytest.mark.parametrize("more", [False, True])
def test_nobody_goes_on_after_a_full_disk_has_undone_everything(store: GeoPackage, *, more: bool) -> None:
    """SQLite may undo the whole transaction by itself: what came after would stand alone, half of a change."""
    before = store.read("project")
    with pytest.raises(RuntimeError, match="over"), store.writing() as session:  # noqa: PT012 - the whole block is tried
        put_in(session, "half")
        with suppress(sa.exc.OperationalError):
            fill_the_disk(store, session)
        if more:
            put_in(session, "other half")
    pd.testing.assert_frame_equal(store.read("project"), before)


STARVED = """
import resource, sys
from pathlib import Path
import pandas as pd
from govmap.errors import GovmapError
from govmap.store.geopackage import open_file
path = Path(sys.argv[1])
store = open_file(path)
size = path.stat().st_size
with store.writing() as session:
    session.append("attachments", pd.DataFrame({"attachment_id": ["a"], "content": [bytes(200_000)]}))
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
for leave in (store.checkpoint, store.close):
    try:
        leave()
        print("tidy")
    except GovmapError as error:
        print(error.code, error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit on the size of files")
def test_what_is_saved_but_cannot_be_brought_into_the_one_file_is_told_and_not_lost(path: Path) -> None:
    told = subprocess.run([sys.executable, "-c", STARVED, path], capture_output=True, text=True, check=False)
    lines = told.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["store_not_tidied"] * 2, told.stderr
    assert f"{path.name}-wal" in lines[0]
    opened = open_file(path)
    assert len(opened.read("attachments")["content"][0]) == 200_000
    opened.close()
    assert connection.is_plain(path)


# --- with others ----------------------------------------------------------------------------------------------------


def test_a_command_does_not_wait_for_a_slow_reader(store: GeoPackage, path: Path) -> None:
    with closing(connection.bare(path, Way.READ, wait_s=1)) as raw:
        raw.execute("BEGIN")
        raw.execute("SELECT * FROM project").fetchone()
        put(store, "written")
        began = time.monotonic()
        store.checkpoint()
        assert time.monotonic() - began < 5
        raw.execute("COMMIT")
    store.checkpoint()
    assert Path(f"{path}-wal").stat().st_size == 0


def test_the_last_to_leave_makes_the_file_plain_whoever_it_is(path: Path) -> None:
    first, second = open_file(path), open_file(path)
    put(first, "one")
    assert second.count("project") > 0
    first.close()
    assert not connection.is_plain(path)
    put(second, "two")
    second.close()
    assert connection.is_plain(path)
    assert not any(Path(f"{path}{ending}").exists() for ending in SIDES)
    assert has(path, "one", "two")


def test_closing_twice_is_closing_once(path: Path) -> None:
    opened = open_file(path)
    opened.close()
    opened.close()
    assert connection.is_plain(path)


def test_threads_of_one_program_share_a_store(store: GeoPackage) -> None:
    faults: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for at in range(10):
                put(store, f"{name}-{at}")
                store.read("project")
        except BaseException as error:  # noqa: BLE001 - told below
            faults.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert {f"{name}-{at}" for name in "abcd" for at in range(10)} <= set(store.read("project")["key"])


def test_processes_that_come_and_go_lose_nothing_and_are_never_told_locked(path: Path) -> None:
    """The file turns from plain to shared and back under each other's hands."""
    number = 12
    with (
        beside([*HAMMER, "come-and-go", path, "a", str(number)], once="ready") as first,
        beside([*HAMMER, "come-and-go", path, "b", str(number)], once="ready") as second,
        beside([*HAMMER, "edit", path, "c", str(number)], once="ready") as third,
    ):
        running = (first, second, third)
        codes = [one.process.wait(120) for one in running]
        assert codes == [0, 0, 0], [one.complained() for one in running]
        said = [line for one in running for line in one.said() if line != "ready"]
    assert len(said) == 3 * number
    opened = open_file(path)
    assert set(said) == set(opened.read("aliases")["text"])
    assert list(opened.findings()) == []
    opened.close()
    assert connection.is_plain(path)
    assert [one.name for one in path.parent.iterdir()] == [path.name]


# --- what was deleted -----------------------------------------------------------------------------------------------


def test_what_was_deleted_or_written_over_is_in_no_byte_of_the_file(path: Path) -> None:
    store = open_file(path)
    secret = "张三丰SECRET"
    rows = pd.DataFrame({"worker_id": [f"w{at:04d}" for at in range(1500)], "name": f"{secret}-" + "x" * 40})
    with store.writing() as session:
        assert session._rows("PRAGMA secure_delete") == [(1,)]
        session.append("workers", rows)
    for _ in range(3):
        with store.writing() as session:
            session.upsert("workers", rows.sample(400, random_state=1).assign(name="gone"))
            session.delete("workers", where={"worker_id": rows["worker_id"].iloc[::3].tolist()})
            session.append("workers", rows.iloc[::3])
    with store.writing() as session:
        session.delete("workers", where={"worker_id": rows["worker_id"].tolist()})
    store.close()
    assert secret.encode() not in path.read_bytes()


def test_findings_name_what_is_wrong_with_the_file(path: Path) -> None:
    store = open_file(path)
    with store.writing() as session:
        session.append("cells", hammer.cells(50, 1))
    assert list(store.findings()) == []
    with store.writing() as session:
        session._run("UPDATE rtree_cells_geometry SET minx = 0, maxx = 1 WHERE id = 7")
    assert list(store.findings()) == ["rtree_cells_geometry: 1 rows out of step"]
    row = str(store.read("cells")["cell_id"].iloc[25])
    store.close()
    place = path.read_bytes().index(row.encode())
    with path.open("r+b") as file:
        file.seek(place - place % 4096)  # the page of that row
        file.write(b"\xff" * 4096)
    opened = open_file(path)
    assert len(list(opened.findings())) > 0
    opened.close()

"""How a file is opened, held and left, and what a user is told when that cannot be."""

import signal
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from pathlib import Path

import hammer
import pandas as pd
import pytest
import sqlalchemy as sa
from holding import SIDES, has, put, put_in
from killing import beside, here

from govmap.errors import ProjectError
from govmap.store import connection
from govmap.store.connection import Way
from govmap.store.geopackage import GeoPackage, open_file
from govmap.store.session import Session

HAMMER = [sys.executable, here("hammer.py")]


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

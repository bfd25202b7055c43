"""Two thousand people come in by name; no byte of the project's folder names one of them, then or after `forget`."""

import csv
import io
import os
import re
import shutil
import signal
import sqlite3
import stat
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import estate
import openpyxl
import pytest

from govmap import pipeline
from govmap.project import open_project
from govmap.store import connection

PEOPLE, KILLS, CODINGS = 2000, 5, ("utf-8", "utf-16-le", "utf-16-be", "gb18030")
FAMILY, ID_PREFIX, PHONE_PREFIX = "欧阳", "4401039", "1391234"
GIVEN = "婧媛翀璟煊鑫焱垚淼骁赟龘祎昶晟玥珺瑄琨璠"
WORDS = ("户主", "配偶", "子", "女")
HEADER = ["姓名", "身份证号", "与户主关系", "出生日期", "联系电话", "民族", "地址", "房号", "备注", "帮扶人"]


def person(number: int) -> dict[str, str]:
    """Somebody whose name, number and telephone stand nowhere else."""
    a, b, c = number // 400 % 20, number // 20 % 20, number % 20
    year = 1930 + number % 90
    return {
        "name": f"{FAMILY}{GIVEN[a]}{GIVEN[b]}{GIVEN[c]}",
        "id": f"{ID_PREFIX}{number:04d}"[:6] + f"{year}0{1 + number % 9}1{number % 10}{number % 1000:03d}{number % 10}",
        "phone": f"{PHONE_PREFIX}{number:04d}",
        "born": f"{year}-0{1 + number % 9}-1{number % 10}",
    }


def row(number: int) -> list[str]:
    one, next_ = person(number), person((number + 1) % PEOPLE)
    address = f"幸福小区{1 + number % 12}号楼{1 + number % 2}单元"
    if number % 50 == 7:
        address += f"{one['name']}家"  # what people write where an address should stand
    if number % 50 == 9:
        address = f"{address} {one['phone']} {next_['name']}隔壁"
    if number % 100 == 11:
        address = f"{one['name']}家"
    born = "1990-13-45" if number % 40 == 3 else one["born"]  # comes back to be corrected
    remark = f"{next_['name']}的邻居，电话{one['phone']}，证件{one['id']}"
    return [one["name"], one["id"], WORDS[number % 4], born, one["phone"], "汉族", address, str(100 + number // 4), remark, next_["name"]]  # fmt: skip  # noqa: E501


def lists(folder: Path) -> tuple[Path, Path, Path]:
    """A workbook of persons, a newer export of it, and a GBK list of households by their heads."""
    folder.mkdir()
    people = [row(number) for number in range(PEOPLE)]
    for name, rows in (("人口.xlsx", people), ("人口新.xlsx", [*people[:-5], *people[5:10]])):
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("人口")
        for cells in (["某某社区人口信息表"], HEADER, *rows):
            sheet.append(cells)
        book.save(folder / name)
    page = io.StringIO(newline="")
    writer = csv.writer(page)
    writer.writerow(["户主", "户号", "家庭人口", "住址", "电话", "备注"])
    for number in range(0, PEOPLE, 4):
        one = person(number)
        size = "若干口" if number % 80 == 8 else "3"
        where = f"幸福小区{1 + number % 12}号楼{one['name']}家"
        writer.writerow([one["name"], f"H{number}", size, where, one["phone"], f"找{one['name']}"])
    (folder / "住户.csv").write_bytes(page.getvalue().encode("gbk", "replace"))
    return folder / "人口.xlsx", folder / "人口新.xlsx", folder / "住户.csv"


SECRETS = re.compile(
    b"|".join(
        re.escape(text.encode(coding)) for text in (FAMILY, ID_PREFIX[:6] + "19", PHONE_PREFIX) for coding in CODINGS
    )
)


def named_in(*folders: Path, but: str = "") -> dict[str, bytes]:
    """Files that hold a piece of a name, a number of identity or a telephone number, packed ones unpacked."""
    found = {}
    for path in sorted(one for folder in folders for one in folder.rglob("*") if one.is_file()):
        if but and path.name.startswith(but):
            continue
        pieces = [path.name.encode(), path.read_bytes()]
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                pieces += [packed.read(name) for name in packed.namelist()]
        hit = next((match for piece in pieces if (match := SECRETS.search(piece))), None)
        if hit:
            found[path.name] = hit.group()
    return found


@pytest.fixture
def careless(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite as its makers ship it: what is deleted stays in the file unless a program asks otherwise."""
    connect = sqlite3.connect

    def opened(*words: object, **more: object) -> sqlite3.Connection:
        raw = connect(*words, **more)
        raw.execute("PRAGMA secure_delete = OFF").fetchall()
        return raw

    monkeypatch.setattr(sqlite3, "connect", opened)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return estate.build(tmp_path_factory.mktemp("estate"))


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    return lists(tmp_path_factory.mktemp("given") / "lists")


@pytest.fixture
def folder(tmp_path: Path, built: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with the project alone, and a folder for temporary files that is watched too."""
    (tmp_path / "tmp").mkdir()
    (tmp_path / "office").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    shutil.copy(built, tmp_path / "office" / "project.gpkg")
    yield tmp_path / "office"
    assert named_in(tmp_path / "tmp") == {}


def test_no_file_of_the_project_names_anybody(folder: Path, given: tuple[Path, Path, Path], careless: None) -> None:
    del careless
    path = folder / "project.gpkg"
    people, newer, households = given
    report = estate.take(path, "residents", people)
    assert (report.figures["rows_in"], report.figures["rows_rejected"]) == (PEOPLE, PEOPLE // 40)
    assert named_in(folder) == {}
    estate.take(path, "residents", folder / report.figures["rejects"])
    estate.take(path, "residents", newer, update=True)
    assert estate.take(path, "residents", households).figures["rows_rejected"] == PEOPLE // 80
    estate.attach(path)
    with open_project(path) as project:
        assert int(project.read("residents")["people"].sum()) > PEOPLE
        for table in ("buildings", "units"):
            pipeline.export(project, table, folder / f"{table}.csv", "planner", internal=True)
    assert named_in(folder) == {}
    estate.take_back(path)
    assert named_in(folder) == {}
    estate.forget(path, "residents")
    assert named_in(folder) == {}
    assert not list(folder.glob("*.rejects.*"))


def test_persons_that_are_kept_lie_in_a_file_of_their_own_until_they_are_forgotten(
    folder: Path, given: tuple[Path, Path, Path], careless: None
) -> None:
    del careless
    path, kept = folder / "project.gpkg", folder / "project.persons.gpkg"
    people, _, households = given
    report = estate.take(path, "residents", people, keep_persons=True)
    estate.take(path, "residents", households, keep_persons=True)
    assert {"persons_kept", "persons_law"} <= estate.told(report)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert named_in(folder, but=kept.name) == {}
    content = kept.read_bytes()
    assert person(0)["name"].encode() in content
    assert not re.search(rb"440103(19|20)", content), "numbers of identity papers are kept nowhere"
    assert "汉族".encode() not in content
    with open_project(path) as project:
        assert len(project.persons.read()) == PEOPLE - PEOPLE // 40 + PEOPLE // 4 - PEOPLE // 80
        written = project.read("audit")["written"]
        assert {row["persons"] for row in written if row} == {PEOPLE - PEOPLE // 40, PEOPLE // 4 - PEOPLE // 80}
    first = report.figures["import_id"]
    estate.forget(path, "residents", first)
    with open_project(path) as project:
        assert set(project.persons.read()["relation"]) == {None}
    estate.forget(path, "residents")
    assert not kept.exists()
    assert named_in(folder) == {}


def test_taking_an_import_back_takes_its_persons_too(folder: Path, given: tuple[Path, Path, Path]) -> None:
    path = folder / "project.gpkg"
    estate.take(path, "residents", given[2], keep_persons=True)
    estate.take_back(path)
    assert named_in(folder) == {}


def test_a_disk_that_keeps_nothing_from_others_gets_no_persons(
    folder: Path, given: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from govmap.errors import ProjectError
    from govmap.store import persons

    monkeypatch.setattr(persons.stat, "S_IMODE", lambda _: 0o777)  # as a stick's file system says of every file
    before = estate.tables(folder / "project.gpkg")
    with pytest.raises(ProjectError) as caught:
        estate.take(folder / "project.gpkg", "residents", given[2], keep_persons=True)
    assert caught.value.code == "persons_not_private"
    assert named_in(folder) == {}
    assert estate.differ(before, estate.tables(folder / "project.gpkg")) == []


def test_our_own_pragma_is_set_on_every_connection(folder: Path, careless: None) -> None:
    del careless
    way = connection.Way.WRITE
    raw = connection.connect(folder / "project.gpkg", way, wait_s=1)
    assert raw.execute("PRAGMA secure_delete").fetchone()[0] == 1
    raw.close()


def work_killed(path: Path, file: Path, after_s: float) -> float:
    """Take a list in, in a child of this process that is killed after a while; say how long it lived."""
    began = time.monotonic()
    pid = os.fork()
    if pid == 0:
        try:
            estate.take(path, "residents", file, keep_persons=True)
        finally:
            os._exit(0)
    while time.monotonic() - began < after_s:
        if os.waitpid(pid, os.WNOHANG)[0]:
            return time.monotonic() - began
        time.sleep(0.005)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return after_s


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and kill -9")
def test_a_killed_import_leaves_the_old_or_the_new_and_names_nobody(
    folder: Path, given: tuple[Path, Path, Path]
) -> None:
    path, original = folder / "project.gpkg", folder.parent / "original.gpkg"
    shutil.copy(path, original)
    old = estate.tables(path)
    whole_s = work_killed(path, given[2], 120.0)
    new = estate.tables(path)
    assert estate.differ(old, new)
    ends = []
    for turn in range(KILLS):
        for rest in folder.iterdir():
            rest.unlink()
        shutil.copy(original, path)
        work_killed(path, given[2], (turn + 0.7) / KILLS * whole_s)
        assert named_in(folder, but="project.persons.gpkg") == {}
        found = estate.tables(path)
        changed = estate.differ(old, found)
        assert not changed or set(estate.differ(new, found)) <= {"imports"}, (turn, changed)
        ends.append(bool(changed))
        with open_project(path) as project:
            assert list(project.store.findings()) == []
            assert changed or len(project.persons.known(project.read("imports")["import_id"])) == 0
    assert False in ends, "no kill came before the end"
    estate.take(path, "residents", given[2], keep_persons=True)
    estate.forget(path, "residents")
    assert named_in(folder) == {}

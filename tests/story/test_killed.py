"""kill -9 in the middle of whole commands, while a second process edits: all of the old or all of the new."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import hammer
import pytest

from govmap.check import NEEDED, findings
from govmap.project import open_project

TIMES = 7
PATIENCE_S = 120.0
WATCHED = ("communities", "buildings", "cells", "parts", "plans", "plan_parts", "revisions", "units", "imports")

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and kill -9")


@dataclass
class Forked:
    """A child of this process, which has imported everything already: its life is the work alone."""

    pid: int
    log: Path
    code: int | None = None

    def said(self) -> list[str]:
        """Whole lines; one that the kill cut in two is none."""
        return self.log.read_text("utf-8").split("\n")[:-1]

    def within(self, seconds: float) -> bool:
        """Wait so long at most, and tell whether it ended."""
        until = time.monotonic() + seconds
        while self.code is None and time.monotonic() < until:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
            time.sleep(0.002)
        return self.code is not None

    def kill(self) -> None:
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)
            assert self.within(PATIENCE_S)


@contextmanager
def forked(work: Callable[[], object], log: Path) -> Iterator[Forked]:
    pid = os.fork()
    if pid == 0:
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(out, 1)
        os.dup2(out, 2)
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - the child's for good
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - the child's for good
        code = 1
        try:
            work()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    child = Forked(pid, log)
    try:
        yield child
    finally:
        child.kill()


def command(*words: object) -> Callable[[], None]:
    def run() -> None:
        from govmap.cli import main

        sys.argv = ["govmap", *map(str, words)]
        main()

    return run


def counts(project: Path) -> dict[str, int]:
    with open_project(project) as opened:
        return {table: opened.store.count(table) for table in WATCHED}


def undisturbed(work: Callable[[], None], log: Path) -> float:
    began = time.monotonic()
    with forked(work, log) as child:
        assert child.within(PATIENCE_S)
        assert child.code == 0, child.log.read_text("utf-8")
    return time.monotonic() - began


def fresh(town: Path, turn: Path) -> None:
    for rest in turn.parent.glob(f"{turn.name}*"):
        rest.unlink()
    shutil.copy(town, turn)


@pytest.mark.parametrize("step", ["fetch", "delineate", "import"])
def test_a_killed_command_leaves_all_of_the_old_or_all_of_the_new(
    step: str, sample, town: Path, tmp_path: Path
) -> None:
    turn, log, more = tmp_path / "turn.gpkg", tmp_path / "log", tmp_path / "more.csv"
    rows = [f"Room {number},culture,幸福路{number}号\n" for number in range(400)]
    more.write_text("name,category,address\n" + "".join(rows), "utf-8")
    work = {
        "fetch": command("fetch", turn, "--osm", sample.osm, "--whole"),
        "delineate": command("delineate", turn, "--size", "250-450"),
        "import": command("import", turn, "resources", more),
    }[step]
    fresh(town, turn)
    before = counts(turn)
    seconds = undisturbed(work, log)
    after = counts(turn)
    chance, ends = random.Random(step), []
    for number in range(TIMES):
        fresh(town, turn)
        name = f"e{number}"
        with forked(lambda name=name: hammer.edit(turn, name), tmp_path / "edits") as editing:
            with forked(work, log) as child:
                child.within((number + chance.random()) / TIMES * 1.2 * seconds)
            editing.kill()
            acknowledged = set(editing.said())
        with open_project(turn) as opened:
            assert list(opened.store.findings()) == []
            found = {table: opened.store.count(table) for table in WATCHED}
            assert found in (before, after), (step, number)
            if step != "fetch":  # after a fetch cells are stale until they are made anew
                assert findings(opened.reading(*NEEDED)) == []
            assert acknowledged <= set(opened.read("aliases")["text"]), "an acknowledged edit is lost"
        ends.append(found == after and before != after)
    assert not all(ends), "no kill came before the end: the moments are too late"


def test_a_killed_first_fetch_leaves_no_project_or_a_whole_one(sample, tmp_path: Path) -> None:
    project, log = tmp_path / "made.gpkg", tmp_path / "log"
    work = command("fetch", project, "--osm", sample.osm, "--boundary", sample.boundary)
    seconds = undisturbed(work, log)
    whole = counts(project)
    for number in range(4):
        project.unlink(missing_ok=True)
        with forked(work, log) as child:
            child.within((number + 0.5) / 4 * seconds)
        if project.exists():
            assert counts(project) == whole


def test_a_plain_copy_one_second_after_a_command_holds_everything(sample, tmp_path: Path) -> None:
    project = tmp_path / "made.gpkg"
    line = [sys.executable, "-m", "govmap", "fetch", project, "--osm", sample.osm, "--boundary", sample.boundary]
    subprocess.run(line, check=True, capture_output=True)
    time.sleep(1)
    (tmp_path / "copy.gpkg").write_bytes(project.read_bytes())
    assert counts(tmp_path / "copy.gpkg") == counts(project)
    assert not list(tmp_path.glob("made.gpkg-*"))

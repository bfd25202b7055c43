"""kill -9 at any moment: the project holds all of the old or all of the new, and every edit that was acknowledged."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from govmap.store.geopackage import GeoPackage, open_file

WORKER = Path(__file__).with_name("crash_worker.py")
ROUNDS, AFTER_COMMIT, CELLS = 20, 5, 4000
PATIENCE_S = 60.0

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and kill -9")


@dataclass
class Running:
    """A worker and the file in which it says what it has finished."""

    workers: "Workers"
    pid: int
    acks: Path

    def said(self) -> list[str]:
        """Whole lines alone: the worker may have been killed in the middle of one."""
        text = self.acks.read_text() if self.acks.exists() else ""
        lines = text.split("\n")[:-1]
        assert not [line for line in lines if line.startswith("error")], lines
        return lines

    def until(self, wanted: str) -> float:
        """Wait until the worker has said something that begins so."""
        began = time.monotonic()
        while not any(line.startswith(wanted) for line in self.said()):
            assert time.monotonic() - began < PATIENCE_S, f"never said {wanted}"
            time.sleep(0.001)
        return time.monotonic() - began

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        return self.workers.ask({"wait": self.pid})


class Workers:
    """The process that forks workers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number = 0
        self.process = subprocess.Popen(
            [sys.executable, WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, order: dict[str, Any]) -> int:
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def start(self, job: str, path: Path, **arguments: Any) -> Running:
        self.number += 1
        acks = self.folder / f"acks-{self.number}"
        pid = self.ask({"job": job, "acks": str(acks), "path": str(path), **arguments})
        return Running(self, pid, acks)


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    started = Workers(tmp_path_factory.mktemp("acks"))
    yield started
    started.process.stdin.close()
    assert started.process.wait(PATIENCE_S) == 0
    started.process.stdout.close()


@pytest.fixture
def path(tmp_path: Path, workers: Workers) -> Path:
    file = tmp_path / "project.gpkg"
    made = workers.start("create", file, number=10)
    made.until("made")
    made.wait()
    return file


def replaced(workers: Workers, path: Path, generation: int) -> float:
    """Put a generation in place undisturbed; gives the seconds from the beginning to the closed file."""
    running = workers.start("bulk", path, number=CELLS, generation=generation)
    running.until("opened")
    seconds = running.until("closed")
    assert running.wait() == 0
    return seconds


def beside_edits(workers: Workers, path: Path, generation: int) -> float:
    """Put a generation in place while another process edits; gives the seconds it took."""
    editor = workers.start("edits", path, name="w")
    editor.until("w")
    seconds = replaced(workers, path, generation)
    editor.kill()
    editor.wait()
    return seconds


def generation_of(store: GeoPackage) -> int:
    """The one generation that everything in the file is of."""
    facts = store.read("project").set_index("key")["value"]
    generation = int(facts["generation"])
    cells = store.read("cells")
    parts = store.read("plan_parts")
    heights = {round(top - bottom) for bottom, top in cells.geometry.bounds[["miny", "maxy"]].itertuples(index=False)}
    assert (len(cells), set(cells["edition"])) == (CELLS, {generation})
    assert heights == {1 + generation % 8}
    assert (len(parts), set(parts["unit_id"])) == (CELLS, {f"g{generation}"})
    return generation


def test_a_kill_leaves_all_of_the_old_or_all_of_the_new_and_every_acknowledged_edit(
    workers: Workers, path: Path
) -> None:
    replaced(workers, path, 1)
    window = beside_edits(workers, path, 2)
    moments, now, outcomes, told = random.Random(8), 2, [], []
    for turn in range(ROUNDS):
        editor = workers.start("edits", path, name=f"e{turn:02d}")
        editor.until("e")
        bulk = workers.start("bulk", path, number=CELLS, generation=now + 1)
        if turn < ROUNDS - AFTER_COMMIT:  # anywhere before, in and behind the transaction
            bulk.until("opened")
            time.sleep((turn + moments.random()) / (ROUNDS - AFTER_COMMIT) * 1.2 * window)
        else:  # as soon as it is acknowledged: in the checkpoint, in the closing
            bulk.until("done")
            time.sleep(moments.random() * 0.04)
        bulk.kill()
        if turn % 2:
            time.sleep(0.03)
        editor.kill()
        bulk.wait()
        editor.wait()
        told.append(editor.said())
        before, now = now, check(path, told)
        assert now in (before, before + 1)
        assert now == before + 1 or f"done {before + 1}" not in bulk.said()
        outcomes.append(now - before)
    assert outcomes[0] == 0
    assert outcomes[-AFTER_COMMIT:] == [1] * AFTER_COMMIT
    replaced(workers, path, now + 1)
    assert check(path, told) == now + 1


def check(path: Path, told: list[list[str]]) -> int:
    """Open what was left: sound, of one generation, with every acknowledged edit and at most one more."""
    store = open_file(path)
    assert list(store.findings()) == []
    generation = generation_of(store)
    kept = set(store.read("revisions")["revision_id"])
    for acknowledged in told:
        assert set(acknowledged) <= kept
        name = acknowledged[0].split("-")[0]
        assert sum(one.startswith(f"{name}-") for one in kept) - len(acknowledged) in (0, 1)
    head = store.read("plans")["head_revision"][0]
    assert head == max(one for one in kept if one.startswith(told[-1][0].split("-")[0]))
    store.close()
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    return generation


def test_a_project_killed_in_the_making_is_not_there_or_whole(workers: Workers, tmp_path: Path) -> None:
    first = workers.start("create", tmp_path / "first.gpkg", number=CELLS)
    first.until("opened")
    window = first.until("made")
    first.wait()
    moments, stood = random.Random(9), []
    for turn in range(8):
        path = tmp_path / f"new-{turn}.gpkg"
        making = workers.start("create", path, number=CELLS)
        making.until("opened")
        time.sleep((turn + moments.random()) / 8 * 1.4 * window)
        making.kill()
        making.wait()
        stood.append(path.exists())
        assert path.exists() or "made" not in making.said()
        if path.exists():
            store = open_file(path)
            assert list(store.findings()) == []
            assert store.count("cells") == CELLS
            store.close()
    assert not stood[0]


def test_edits_of_three_processes_at_once_are_all_kept(workers: Workers, path: Path) -> None:
    editors = [workers.start("edits", path, name=f"p{number}") for number in range(3)]
    for editor in editors:
        editor.until("p")
    time.sleep(1.0)
    for editor in editors:
        editor.kill()
        editor.wait()
    store = open_file(path)
    kept = set(store.read("revisions")["revision_id"])
    acknowledged = {line for editor in editors for line in editor.said()}
    assert len(acknowledged) > 10
    assert acknowledged <= kept
    assert len(kept) <= len(acknowledged) + len(editors)
    store.close()

"""kill -9 in the middle of whole commands, while a second process edits: all of the old or all of the new."""

import os
import shutil
import sys
from pathlib import Path

import killing
import pytest

from govmap.check import NEEDED, findings
from govmap.project import open_project

TIMES = 7
READY = "import govmap.pipeline, govmap.sources.extract, govmap.sources.gate, sys; print('ready', flush=True);"
GO = "from govmap.cli import main; sys.argv[0] = 'govmap'; main()"
HAMMER = Path(__file__).parent.parent / "store" / "hammer.py"
WATCHED = (
    "communities",
    "buildings",
    "cells",
    "parts",
    "plans",
    "plan_parts",
    "revisions",
    "units",
    "imports",
    "resources",
)

pytestmark = pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs kill -9")


def command(*words: object) -> list[str]:
    return [sys.executable, "-c", READY + GO, *map(str, words)]


def counts(project: Path) -> dict[str, int]:
    with open_project(project) as opened:
        return {table: opened.store.count(table) for table in WATCHED}


@pytest.mark.parametrize("step", ["fetch", "delineate", "import"])
def test_a_killed_command_leaves_all_of_the_old_or_all_of_the_new(
    step: str, sample, town: Path, tmp_path: Path
) -> None:
    words = {
        "fetch": ("fetch", "turn.gpkg", "--osm", sample.osm, "--whole"),
        "delineate": ("delineate", "turn.gpkg", "--size", "250-450"),
        "import": ("import", "turn.gpkg", "resources", tmp_path / "more.csv"),
    }[step]
    (tmp_path / "more.csv").write_text(
        "name,category,address\n" + "".join(f"Room {n},culture,幸福路{n}号\n" for n in range(400)), "utf-8"
    )
    turn = tmp_path / "turn.gpkg"
    line = command(*(turn if word == "turn.gpkg" else word for word in words))
    before = counts(shutil.copy(town, turn))
    quiet = killing.undisturbed(line, once="ready")
    assert quiet.code == 0, quiet.complained
    after = counts(turn)
    assert after != before

    def fresh(_: int) -> list[str]:
        for rest in tmp_path.glob("turn.gpkg*"):
            rest.unlink()
        shutil.copy(town, turn)
        return line

    ends = []
    for number in range(TIMES):
        fresh(number)
        editor = [sys.executable, HAMMER, "edit", turn, f"e{number}"]
        with killing.beside(editor, once=f"e{number}") as editing:
            end = next(killing.killed(lambda _: line, times=1, within_s=1.3 * quiet.seconds, seed=number, once="ready"))
            editing.kill()
        with open_project(turn) as opened:
            assert list(opened.store.findings()) == []
            found = {table: opened.store.count(table) for table in WATCHED}
            assert found in (before, after), (step, end)
            if step != "fetch" or found == before:  # after a fetch cells are stale until they are made anew
                assert findings(opened.reading(*NEEDED)) == []
            edits = set(opened.read("aliases")["text"])
        assert set(editing.said()) - {"ready"} <= edits, "an acknowledged edit is lost"
        ends.append(found == after)
    assert not all(ends), "no kill came before the end: the moments are too late"


def test_a_plain_copy_one_second_after_a_command_holds_everything(sample, tmp_path: Path) -> None:
    project = tmp_path / "made.gpkg"
    done = killing.undisturbed(command("fetch", project, "--osm", sample.osm, "--boundary", sample.boundary))
    assert done.code == 0, done.complained
    (tmp_path / "copy.gpkg").write_bytes(project.read_bytes())
    assert counts(tmp_path / "copy.gpkg") == counts(project)
    assert not list(tmp_path.glob("made.gpkg-*"))


def test_a_killed_first_fetch_leaves_no_project_or_a_whole_one(sample, tmp_path: Path) -> None:
    project = tmp_path / "made.gpkg"
    line = command("fetch", project, "--osm", sample.osm, "--boundary", sample.boundary)
    quiet = killing.undisturbed(line, once="ready")
    whole = counts(project)
    for _ in killing.killed(lambda _: line, times=4, within_s=quiet.seconds, seed=3, once="ready"):
        if project.exists():
            assert counts(project) == whole
            project.unlink()

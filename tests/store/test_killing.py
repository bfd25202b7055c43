"""kill -9 at the level of a project: all of the old or all of the new, and every edit that was said to be safe."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import hammer
import pytest
from killing import Running, beside, here, killed

from govmap.project import Project, open_project

HAMMER = [sys.executable, here("hammer.py")]
CELLS = 4000

pytestmark = pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs kill -9")


def seconds(work: Callable[..., None], *arguments: object) -> float:
    began = time.monotonic()
    work(*arguments)
    return time.monotonic() - began


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "网格.gpkg"
    hammer.make(file, str(CELLS))
    return file


@pytest.fixture
def editor(path: Path) -> Iterator[Running]:
    with beside([*HAMMER, "edit", path, "editor"], once="editor") as running:
        yield running


def generation_of(project: Project) -> int:
    """The one generation that everything in the file is of."""
    tables = project.reading("cells", "plan_parts", "project", "audit")
    generation = int(tables["project"].set_index("key")["value"]["generation"])
    assert (len(tables["cells"]), set(tables["cells"]["block_id"])) == (CELLS, {f"g{generation}"})
    bounds = tables["cells"].geometry.bounds
    assert set((bounds["maxy"] - bounds["miny"]).round()) == {1 + generation % 8}
    assert tables["plan_parts"]["unit_id"].tolist() == [f"g{generation}"] * CELLS
    audited = tables["audit"].loc[tables["audit"]["command"] == "turn over", "arguments"]
    listed = [facts["generation"] for facts in audited]
    assert len(set(listed)) == len(listed)
    assert max(listed) == generation
    return generation


def look(path: Path, safe: list[str]) -> int:
    """Open what was left: sound, of one generation, with all that had been said to be safe before we looked."""
    with open_project(path) as project:
        assert list(project.store.findings()) == []
        assert {line for line in safe if line != "ready"} <= set(project.read("aliases")["text"])
        return generation_of(project)


def test_a_change_that_is_killed_is_there_whole_or_not_at_all_and_others_edits_stay(
    path: Path, editor: Running
) -> None:
    def command(turn: int) -> list[str | Path]:
        return [*HAMMER, "replace", path, str(CELLS), str(turn + 3)]

    within_s = 1.5 * seconds(hammer.replace, path, str(CELLS), "2")
    stands = 2
    for end in killed(command, times=4, within_s=within_s, seed=8, once="ready"):
        assert "Traceback" not in end.complained
        found = look(path, editor.said())
        assert found in (stands, end.turn + 3)
        assert found == end.turn + 3 or f"safe {end.turn + 3}" not in end.said
        stands = found
    editor.kill()
    assert editor.complained() == ""
    assert len(editor.said()) > 10
    assert look(path, editor.said()) == stands
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_new_project_that_is_killed_is_there_whole_or_not_at_all_and_can_be_made_again(tmp_path: Path) -> None:
    path = tmp_path / "new.gpkg"
    within_s = 1.2 * seconds(hammer.make, tmp_path / "first.gpkg", str(CELLS))
    for end in killed(lambda _: [*HAMMER, "make", path, str(CELLS)], times=2, within_s=within_s, seed=9, once="ready"):
        assert "Traceback" not in end.complained
        assert path.exists() or "made" not in end.said
        if path.exists():
            assert look(path, []) == 1
            path.unlink()
    hammer.make(path, str(CELLS))
    assert look(path, []) == 1


def test_the_harness_finds_a_program_that_leaves_halves(tmp_path: Path) -> None:
    file = tmp_path / "halves"
    program = f"import time; f = open({str(file)!r}, 'w'); f.write('one'); f.flush(); print('ready', flush=True)\n"
    program += "time.sleep(0.5); f.write('two'); f.flush(); print('safe', flush=True); time.sleep(60)"
    found = []
    for end in killed(lambda _: [sys.executable, "-c", program], times=2, within_s=4.0, seed=14, once="ready"):
        assert not end.finished
        found.append((file.read_text(), end.said))
    assert found == [("one", ("ready",)), ("onetwo", ("ready", "safe"))]

"""kill -9 at the level of a project: all of the old or all of the new, and every edit that was said to be safe."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from killing import End, Running, beside, here, killed, undisturbed

from govmap.project import Project, open_project

HAMMER = [sys.executable, here("hammer.py")]
CELLS = 3000

pytestmark = pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs kill -9")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "网格.gpkg"
    assert undisturbed([*HAMMER, "make", file, str(CELLS)]).code == 0
    return file


@pytest.fixture
def editor(path: Path) -> Iterator[Running]:
    with beside([*HAMMER, "edit", path, "editor"], once="editor") as running:
        yield running


def generation_of(project: Project) -> int:
    """The one generation that everything in the file is of."""
    tables = project.reading("cells", "plan_parts", "project", "audit")
    facts = tables["project"].set_index("key")["value"]
    generation = int(facts["generation"])
    assert (len(tables["cells"]), set(tables["cells"]["block_id"])) == (CELLS, {f"g{generation}"})
    bounds = tables["cells"].geometry.bounds
    assert set((bounds["maxy"] - bounds["miny"]).round()) == {1 + generation % 8}
    assert tables["plan_parts"]["unit_id"].tolist() == [f"g{generation}"] * CELLS
    turned = tables["audit"][tables["audit"]["command"] == "turn over"]
    assert [facts["generation"] for facts in turned.sort_values("at")["arguments"]][-1:] != []
    assert len(turned) == len({facts["generation"] for facts in turned["arguments"]})
    assert max(facts["generation"] for facts in turned["arguments"]) == generation
    return generation


def look(path: Path, said: list[str]) -> int:
    """Open what was left: sound, of one generation, with all that was said to be safe before we looked."""
    with open_project(path) as project:
        assert list(project.store.findings()) == []
        aliases = set(project.read("aliases")["text"])
        assert {line for line in said if line != "ready"} <= aliases
        return generation_of(project)


def test_a_change_that_is_killed_is_there_whole_or_not_at_all_and_others_edits_stay(
    path: Path, editor: Running
) -> None:
    quiet = undisturbed([*HAMMER, "replace", path, str(CELLS), "2"], once="ready")
    assert quiet.code == 0, quiet.complained
    stands, ends = 2, []

    def command(turn: int) -> list[str | Path]:
        return [*HAMMER, "replace", path, str(CELLS), str(turn + 3)]

    for end in killed(command, times=6, within_s=1.2 * quiet.seconds, seed=8, once="ready"):
        assert "Traceback" not in end.complained
        found = look(path, editor.said())
        assert found in (stands, end.turn + 3)
        assert found == end.turn + 3 or not safe(end)
        stands = found
        ends.append(found == end.turn + 3)
    assert not ends[0]
    assert len(editor.said()) > 10
    editor.kill()
    assert editor.complained() == ""
    assert look(path, editor.said()) == stands
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def safe(end: End) -> bool:
    return any(line.startswith("safe") for line in end.said)


def test_a_new_project_that_is_killed_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    def command(turn: int) -> list[str | Path]:
        return [*HAMMER, "make", tmp_path / f"{turn}.gpkg", str(CELLS)]

    quiet = undisturbed([*HAMMER, "make", tmp_path / "first.gpkg", str(CELLS)], once="ready")
    for end in killed(command, times=4, within_s=1.2 * quiet.seconds, seed=9, once="ready"):
        made = tmp_path / f"{end.turn}.gpkg"
        assert "Traceback" not in end.complained
        assert made.exists() or "made" not in end.said
        if made.exists():
            assert look(made, []) == 1
    assert not (tmp_path / "0.gpkg").exists()


def test_the_same_name_can_be_made_after_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    for end in killed(lambda _: [*HAMMER, "make", path, str(CELLS)], times=1, within_s=0.2, seed=1, once="ready"):
        assert not end.finished
    assert undisturbed([*HAMMER, "make", path, str(CELLS)]).code == 0
    assert look(path, []) == 1


def test_the_harness_sees_what_a_program_left(tmp_path: Path) -> None:
    """A program that is not whole in itself is found out: else the tests above would prove nothing."""
    file = tmp_path / "halves"
    program = f"import time; f = open({str(file)!r}, 'w'); print('ready', flush=True)\n"
    program += "f.write('one'); f.flush(); time.sleep(0.4); f.write('two'); f.flush(); print('safe', flush=True)"
    ends, found = [], []
    for end in killed(lambda _: [sys.executable, "-c", program], times=2, within_s=4.0, seed=3, once="ready"):
        ends.append(end)
        found.append(file.read_text())
    assert found[-1] == "onetwo"
    assert [end.said[-1] for end in ends][-1] == "safe"

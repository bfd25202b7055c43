import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from govmap.cli.commands import app
from govmap.messages import catalogue

COMMANDS = sorted(command.name or command.callback.__name__ for command in app.registered_commands)


def run(*words: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, [str(word) for word in words])
    return done.exit_code, done.stdout, done.stderr


def test_help_imports_nothing_heavy() -> None:
    code = "import sys; sys.argv = ['govmap', '--help']\nfrom govmap.cli import main\n"
    code += "try: main()\nexcept SystemExit: pass\n"
    code += "print([name for name in ('pandas', 'geopandas', 'shapely', 'sqlalchemy', 'numba') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_in_both_languages(command: str) -> None:
    key = f"cli_{command}"
    assert catalogue("en")[key] != catalogue("zh")[key]


def test_a_user_s_mistake_is_one_sentence_and_exit_1(tmp_path: Path) -> None:
    code, out, err = run("info", tmp_path / "none.gpkg")
    assert code == 1
    assert out == ""
    assert "There is no project here." in err
    assert "Traceback" not in err


def test_a_wrong_word_is_exit_2(tmp_path: Path) -> None:
    assert run("info")[0] == 2
    assert run("info", tmp_path / "x.gpkg", "--lang", "xx")[0] == 2


def test_json_is_one_object_with_the_error_in_it(tmp_path: Path) -> None:
    code, out, err = run("info", tmp_path / "none.gpkg", "--json", "--lang", "zh")
    told = json.loads(out)
    assert code == 1
    assert err == ""
    assert told["ok"] is False
    assert told["error"]["code"] == "project_missing"
    assert told["error"]["where"].endswith("none.gpkg")
    assert told["error"]["message"] == catalogue("zh")["project_missing"]


@pytest.mark.parametrize("content", [b"", b"not a project", b"SQLite format 3\0" + bytes(200)])
def test_some_other_file_is_no_project(tmp_path: Path, content: bytes) -> None:
    other = tmp_path / "other.gpkg"
    other.write_bytes(content)
    code, _, err = run("check", other)
    assert code == 1
    assert "Traceback" not in err
    assert other.read_bytes() == content


def test_an_extract_in_an_odd_folder_is_read(tmp_path: Path) -> None:
    from govmap.sources import sample

    folder = tmp_path / "张三 桌面" / "网格 (1)"
    made = sample.write(folder, language="en")
    project = folder / "社区 {0}.gpkg"
    code, out, err = run("fetch", project, "--osm", made.osm, "--boundary", made.boundary, "--json")
    assert code == 0, err
    assert json.loads(out)["tables"]["buildings"]["kept"] > 50
    code, _, err = run("map", project, "-o", folder / "map.html")
    assert code == 1
    assert "no plan" in err
    code, _, err = run("map", project, "--for", "planner", "-o", folder / "map.html")
    assert code == 1
    assert "--internal" in err

import os
import re
import shlex
import shutil
from pathlib import Path

import pytest
import typer.main
from typer.testing import CliRunner

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def commands() -> list[list[str]]:
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    lines = [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [shlex.split(line) for line in lines if line.startswith("govmap ")]


def test_every_command_of_the_tour_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from govmap.cli.commands import app
    from govmap.sources import sample

    monkeypatch.chdir(tmp_path)

    made = sample.write(tmp_path / "sources")
    shutil.copy(made.osm, tmp_path / "my.osm")
    shutil.copy(made.lists["residents"], tmp_path / "residents.xlsx")
    shutil.copy(made.lists["workers"], tmp_path / "workers.xlsx")
    told = commands()
    assert len(told) >= 9
    for words in told:
        done = CliRunner().invoke(app, words[1:])
        assert done.exit_code == 0, (words, done.stderr)
    assert (tmp_path / "my.html").stat().st_size > 100_000
    assert (tmp_path / "units.geojson").is_file()
    assert (tmp_path / "copy.gpkg").is_file()


@pytest.mark.parametrize("command", ["demo", "fetch", "import", "cells", "delineate", "edit", "attach", "map", "check"])
def test_every_command_is_told_of(command: str) -> None:
    assert re.search(rf"`?(govmap|scripts/)[ /]?{command}\b", README), command


def test_the_readme_names_no_command_that_there_is_not() -> None:
    from govmap.cli.commands import app

    group = typer.main.get_command(app)
    for words in re.findall(r"govmap ([a-z]+)", README):
        assert words in group.commands or words == "divides", words


def test_the_scripts_it_names_are_there() -> None:
    for name in re.findall(r"scripts/(\w+)", README):
        assert os.access(ROOT / "scripts" / name, os.X_OK), name
    assert (ROOT / "docs" / "map.png").is_file()


@pytest.mark.parametrize(("system", "spoken"), [("zh_CN.UTF-8", "zh"), ("C.UTF-8", "en"), ("de_DE.UTF-8", "en")])
def test_the_demo_speaks_the_machine_s_language_else_english(
    system: str, spoken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from govmap.cli import commands
    from govmap.pipeline.report import Report

    told = []
    monkeypatch.setattr(
        "govmap.pipeline.tour.demo", lambda folder, *, voice, progress: told.append(voice.language) or Report()
    )
    monkeypatch.delenv("GOVMAP_LANG")
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("LANG", system)
    for words in ([], ["--lang", "zh"], ["--lang", "en"]):
        CliRunner().invoke(commands.app, ["demo", str(tmp_path), *words])
    assert told == [spoken, "zh", "en"]

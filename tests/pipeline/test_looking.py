"""A list is recognised by its columns before anything is taken in; how far a project is, is told."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from govmap import pipeline
from govmap.config import Config
from govmap.messages import Voice
from govmap.pipeline.looking import guesses, meanings
from govmap.project import open_project
from govmap.sources import files, sample


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return {language: sample.write(tmp_path_factory.mktemp("lists"), language=language) for language in ("en", "zh")}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_of_the_offices_lists_is_recognised_by_its_columns(lists: dict[str, Any], language: str) -> None:
    made = lists[language]
    assert set(made.lists) >= {"residents", "resources", "incidents", "workers"}
    for table, file in made.lists.items():
        assert guesses(files.rows(file))[0] == {"plans": "units"}.get(table, table), file.name


def test_the_order_of_columns_changes_no_guess(lists: dict[str, Any]) -> None:
    raw = files.rows(lists["zh"].lists["residents"])
    from dataclasses import replace

    turned = replace(raw, header=raw.header[::-1], frame=raw.frame[[*raw.frame.columns[::-1]]])
    assert guesses(turned) == guesses(raw)


def test_what_a_column_can_mean_is_told_in_both_languages() -> None:
    for language in ("en", "zh"):
        told = meanings("residents", Voice(language))
        assert len({one["ours"] for one in told}) == len(told)
        assert all(one["title"] for one in told)
    assert "户数" in {one["title"] for one in meanings("residents", Voice("zh"))}


def test_the_next_step_is_the_first_that_has_left_nothing_behind(lists: dict[str, Any], tmp_path: Path) -> None:
    path, made = tmp_path / "a.gpkg", lists["en"]
    config = Config(language="en", cache=tmp_path / "cache", threads=1)
    pipeline.fetch(path, pipeline.Source(osm=made.osm, whole=True), profile="generic", config=config)
    with open_project(path) as project:
        assert pipeline.standing(project)["next"] == "lists"
    workers = made.lists["workers"]
    pipeline.import_table(path, "workers", workers, pipeline.Reading(), config=config, voice=Voice("en"))
    with open_project(path) as project:
        told = pipeline.standing(project)
        assert (told["next"], told["active"], told["stale"]) == ("delineate", None, False)
        wanted = pipeline.criteria(size="300-500", units=None, by="households", seed=1)
        pipeline.delineate(project, wanted, config=config)
        told = pipeline.standing(project)
        assert told["next"] in ("attach", "assess")
        assert told["plans"][0]["units"] == len(project.read("units"))
        with project.change("edit") as change:
            change.base_changed()
        assert (pipeline.standing(project)["stale"], pipeline.standing(project)["next"]) == (True, "delineate")


def test_an_empty_frame_is_guessed_as_something_and_not_as_a_failure() -> None:
    raw: Any = type("Raw", (), {"header": ("x",), "frame": pd.DataFrame({"x": ["1"]}), "geometry": None})
    assert len(guesses(raw)) == len(set(guesses(raw)))

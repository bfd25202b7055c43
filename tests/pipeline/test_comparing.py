import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from govmap import pipeline
from govmap.cli.commands import app
from govmap.config import from_machine
from govmap.delineate import Criteria
from govmap.errors import InputError, PlanError
from govmap.messages import LANGUAGES, Voice
from govmap.project import open_project

STATES = ("kept", "changed", "new", "gone")


@pytest.fixture
def two_plans(town):
    """A project with two plans, and their ids."""
    with open_project(town) as project:
        first = project.active_plan_id()
        report = pipeline.delineate(project, Criteria(size=(60, 120)), name="fewer", config=from_machine("en"))
        return town, first, report.figures["plan"]


def test_the_figures_say_who_moves(two_plans):
    town, first, second = two_plans
    with open_project(town) as project:
        report = pipeline.compare(project, first, second, voice=Voice("en"))
        before, after = project.plan(first), project.plan(second)
    assert report.figures["households_moved"] > 0
    assert report.figures["parts_moved"] <= len(before.parts)
    assert report.figures["units_gone"] >= len(before.units) - len(after.units) > 0
    assert report.figures["score_before"]["units"] == len(before.units)
    assert report.figures["score_after"]["units"] == len(after.units)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_is_told_in_both_languages(two_plans, language):
    town, first, _ = two_plans
    with open_project(town) as project:
        voice = project.profile.voice(language)
        report = pipeline.compare(project, first, "fewer", voice=voice)
    told = [voice.tell(one) for one in report.shown]
    assert len(told) > 20
    assert not any("compare_" in line or "{" in line for line in told)


def test_the_command_gives_one_object_and_a_table_of_old_and_new(two_plans, tmp_path):
    town, first, second = two_plans
    file = tmp_path / "changes.csv"
    done = CliRunner().invoke(app, ["compare", str(town), first, "-o", str(file), "--json"])
    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout)
    assert (facts["before"], facts["after"]) == (first, second)
    assert {"households_moved", "parts_moved", "compounds_moved"} <= set(facts)
    rows = pd.read_csv(file)
    assert list(rows)[:2] == ["Old code", "New code"]
    assert rows.loc[rows["Goes on"] == "no", "Households"].sum() == facts["households_moved"]


def test_what_cannot_be_compared_is_refused_with_a_reason(two_plans, tmp_path):
    town, first, _ = two_plans
    with open_project(town) as project:
        for names, error in (((first, first), "compare_one_plan"), ((first, "nowhere"), "plan_unknown")):
            with pytest.raises(PlanError) as refused:
                pipeline.compare(project, *names, voice=Voice("en"))
            assert refused.value.code == error
        with pytest.raises(InputError) as refused:
            pipeline.compare(project, first, "fewer", output=tmp_path / "x.pdf", voice=Voice("en"))
    assert refused.value.code == "compare_ending"


def test_elders_walks_and_every_level_are_stated(town):
    config = from_machine("en")
    with open_project(town) as project:
        plans = [
            pipeline.delineate(project, pipeline.criteria(levels=levels), config=config).figures["plan"]
            for levels in (("grid=300-500", "microgrid=30-100"), ("grid=200-400", "microgrid=60-150"))
        ]
        report = pipeline.compare(project, *plans, voice=Voice("en"))
    assert [one["level"] for one in report.figures["levels"]] == ["grid", "microgrid"]
    assert report.figures["levels"][-1]["households_moved"] == report.figures["households_moved"]
    assert report.figures["age_60_plus_moved"] > 0
    walks = {one["place"]: one for one in report.figures["walks"]}
    assert walks["meeting_place"]["households_count_before"] == walks["meeting_place"]["households_count_after"] > 0
    assert walks["meeting_place"]["elders_min_before"] > walks["meeting_place"]["households_min_before"]
    told = [one.key for one in report.shown]
    assert {"compare_elders", "compare_walk_head", "compare_no_duties", "levels_level"} <= set(told)
    kept = [one["units_kept"] == sum(one[f"units_{name}"] for name in STATES) for one in report.figures["levels"]]
    assert told.count("compare_unit_head") == kept.count(False)

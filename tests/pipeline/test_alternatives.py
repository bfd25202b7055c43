import json
import shutil

import pytest
from typer.testing import CliRunner

from govmap import pipeline
from govmap.cli.commands import app
from govmap.config import from_machine
from govmap.delineate import Criteria
from govmap.errors import PlanError
from govmap.messages import Voice
from govmap.pipeline import alternatives
from govmap.project import open_project

CONFIG = from_machine("en")


def choices(project, number=3, wanted=None, language="en", **more):
    wanted = wanted or Criteria(size=(30, 60))
    return pipeline.options(project, wanted, number, voice=Voice(language), config=CONFIG, **more)


def run(*words):
    done = CliRunner().invoke(app, [str(word) for word in words])
    return done.exit_code, done.stdout, done.stderr


def equal(offered):
    return next(one for one in offered[2].figures["options"] if one["kind"] == "equal")


@pytest.fixture(scope="module")
def offered(divided_sample, tmp_path_factory):
    """The sample with three options beside its plan, and what was said of them; not to be changed by a test."""
    path = shutil.copy(divided_sample, tmp_path_factory.mktemp("offered") / "town.gpkg")
    with open_project(path) as project:
        before = project.active_plan_id()
        return path, before, choices(project)


def test_options_differ_in_kind_and_are_stored_as_drafts_with_names(offered):
    path, before, report = offered
    with open_project(path) as project:
        plans = project.read("plans").set_index("plan_id")
        parts = {one["plan"]: project.plan(one["plan"]) for one in report.figures["options"]}
    kinds = [one["kind"] for one in report.figures["options"]]
    order = ["stable", *alternatives.KINDS]
    assert kinds[0] == "stable"
    assert "equal" in kinds
    assert kinds == sorted(kinds, key=order.index)
    for one in report.figures["options"][1:]:
        assert plans["name"][one["plan"]] == one["name"] == Voice("en").say(f"alternatives_kind_{one['kind']}")
    assert set(plans["status"]) == {"draft"}
    groups = {
        plan.parts.groupby(plan.parts).transform(lambda rows: min(rows.index)).str.cat() for plan in parts.values()
    }
    assert len(groups) == len(kinds)
    assert len(kinds) == 3 or len(kinds) + len(report.figures["dropped"]) == alternatives.MOST
    assert set(plans.index) == {before, *parts}


def test_the_plan_that_was_active_stays_so_and_is_the_option_that_moves_nobody(offered):
    path, before, report = offered
    with open_project(path) as project:
        assert project.active_plan_id() == before == report.figures["active_plan"]
    stable = report.figures["options"][0]
    assert (stable["plan"], stable["households_moved"]) == (before, 0)
    assert "alternatives_as_it_stands" in [told.key for told in report.notes]


def test_each_option_is_best_at_what_it_is_for_or_it_is_said(offered):
    figures = {one["kind"]: one for one in offered[2].figures["options"]}
    assert figures["stable"]["households_moved"] == min(one["households_moved"] for one in figures.values())
    assert figures["equal"]["mean_deviation_percent"] == min(one["mean_deviation_percent"] for one in figures.values())
    outdone = {
        kind
        for kind, (term, sign) in alternatives.AIMS.items()
        if kind in figures and sign * figures[kind][term] < max(sign * one[term] for one in figures.values())
    }
    told = {one.facts["kind"].key for one in offered[2].notes if one.key == "alternatives_not_best"}
    assert told == {f"alternatives_kind_{kind}" for kind in outdone}


def test_options_stand_side_by_side_in_one_table_in_the_user_s_language(offered, tmp_path):
    voice = Voice("en")
    lines = [voice.tell(told) for told in offered[2].shown]
    count = len(offered[2].figures["options"])
    assert lines[1].startswith(f"2  {offered[2].figures['options'][1]['name']} (")
    table = lines[lines.index("") + 1 :]
    assert table[0].split() == ["Plan", *(str(one) for one in range(1, count + 1))]
    starts = {line[: table[0].index("1")].strip() for line in table}
    assert {"Compactness (1 is a circle)", "Households that change their unit"} <= starts
    path = shutil.copy(offered[0], tmp_path / "zh.gpkg")
    code, out, err = run("delineate", path, "--size", "30-60", "--options", 2, "--lang", "zh")
    assert code == 0, err
    assert out.startswith("1  变动户数最少 (")
    assert "改变单元的户数" in out


def test_options_that_come_out_the_same_are_said_and_left_out(town):
    with open_project(town) as project:
        before = len(project.read("plans"))
        report = choices(project, 3, Criteria(size=(1000, 2000)))
        stored = len(project.read("plans")) - before
    dropped = report.figures["dropped"]
    assert len(report.figures["options"]) + len(dropped) == alternatives.MOST
    assert dropped
    assert stored == sum(one["plan"] != report.figures["active_plan"] for one in report.figures["options"])
    assert [told.key for told in report.notes].count("alternatives_same") == len(dropped)


def test_without_a_plan_the_first_option_becomes_the_active_one(town):
    with open_project(town) as project, project.change("test") as change:
        change.session.delete("project", where={"key": "active_plan_id"})
    with open_project(town) as project:
        report = choices(project, 2)
        assert report.figures["options"][0]["kind"] == "default"
        assert project.active_plan_id() == report.figures["options"][0]["plan"]
        assert "households_moved" not in report.figures["options"][0]


def test_locked_units_stay_in_every_option(town):
    with open_project(town) as project:
        plan = project.plan()
        locked = plan.units[2]
        with project.change("test") as change:
            units = change.session.read("units", where={"plan_id": plan.plan_id, "unit_id": locked})
            change.session.upsert("units", units.assign(locked=True))
        report = choices(project, 2)
        for one in report.figures["options"]:
            other = project.plan(one["plan"]).parts
            mine = set(plan.members(locked))
            assert set(other.index[other == other[min(mine)]]) == mine


def test_another_plan_can_be_chosen_by_its_name(offered, tmp_path):
    path = shutil.copy(offered[0], tmp_path / "town.gpkg")
    code, _, err = run("choose", path, "most equal sizes")
    assert code == 0, err
    with open_project(path) as project:
        assert project.active_plan_id() == equal(offered)["plan"]
    code, _, err = run("choose", path, "no such plan")
    assert code == 1
    assert "no such plan" in err


def test_a_score_is_a_table_in_both_languages_and_json(offered):
    code, english, err = run("score", offered[0])
    assert code == 0, err
    assert "Compactness (1 is a circle): " in english
    code, chinese, _ = run("score", offered[0], "most equal sizes", "--lang", "zh")
    assert code == 0
    assert "紧凑度" in chinese
    told = json.loads(run("score", offered[0], "most equal sizes", "--json")[1])
    assert told["plan"] == equal(offered)["plan"]
    assert told["compactness_mean"] == equal(offered)["compactness_mean"]


def test_a_score_says_where_a_plan_stands_among_random_ones(offered):
    code, out, err = run("score", offered[0], "most equal sizes", "--against", 60)
    assert code == 0, err
    assert "Beside 60 random plans" in out
    assert "- Nearer to the size aimed at, on average, than " in out
    told = json.loads(run("score", offered[0], "most equal sizes", "--against", 60, "--json")[1])
    again = json.loads(run("score", offered[0], "most equal sizes", "--against", 60, "--json", "--seed", 1)[1])
    assert told == again
    terms = told["against"]["terms"]
    assert told["against"]["samples"] == 60
    assert terms["compactness_mean"]["own"] == pytest.approx(told["compactness_mean"], abs=1e-3)
    assert all(
        one["worse_percent"] + one["same_percent"] + one["better_percent"] == pytest.approx(100)
        for one in terms.values()
    )


def test_a_plan_that_has_no_rival_says_so(town):
    with open_project(town) as project:
        pipeline.delineate(project, Criteria(size=(5000, 9000)), name="whole", config=CONFIG)
        report = pipeline.score(project, against=20)
    assert report.figures["against"]["different"] == 0
    assert {told.key for told in report.shown} & {"alternatives_only", "alternatives_none_free"}


def test_a_plan_on_former_cells_is_refused_with_a_hint(offered, tmp_path):
    path = shutil.copy(offered[0], tmp_path / "town.gpkg")
    with open_project(path) as project:
        with project.change("test") as change:
            change.set("edition", str(project.edition + 1))
        with pytest.raises(PlanError) as caught:
            pipeline.score(project)
    assert caught.value.code == "alternatives_other_edition"
    assert caught.value.hint(Voice("en"))


def test_the_graph_is_made_once_for_all_options(town, monkeypatch):
    from govmap import contiguity

    made = []
    between = contiguity.between_parts
    monkeypatch.setattr(contiguity, "between_parts", lambda *given: made.append(1) or between(*given))
    with open_project(town) as project:
        report = choices(project)
    assert len(report.figures["options"]) > 1
    assert len(made) == 1

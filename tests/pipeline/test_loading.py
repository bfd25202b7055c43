import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from govmap import pipeline
from govmap.cli.commands import app
from govmap.config import from_machine
from govmap.delineate import Criteria
from govmap.errors import InputError
from govmap.messages import LANGUAGES
from govmap.pipeline.weighing import minutes_by_part, write_minutes
from govmap.project import open_project


def test_every_unit_has_its_hours_item_by_item_with_source(town):
    with open_project(town) as project:
        report = pipeline.load(project)
        rows, plan = project.read("loads"), project.plan()
    assert set(rows["unit_id"]) == set(plan.units)
    assert {"households", "living_alone_60", "age_80_plus", "patrol", "travel"} <= set(rows["item"])
    assert (rows["source"] != "").all()
    assert rows["hours"].to_numpy() == pytest.approx((rows["amount"] * rows["minutes_each"] / 60).to_numpy(), abs=1e-3)
    (level,) = report.figures["load"]["levels"]
    assert level["hours"] == pytest.approx(rows["hours"].sum(), abs=0.01)
    assert level["ratio"] >= 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_is_told_in_both_languages(town, language):
    with open_project(town) as project:
        report, voice = pipeline.load(project), project.profile.voice(language)
    told = [voice.tell(one) for one in (*report.shown, *report.notes)]
    assert len(told) > 10
    assert not any("{" in line or "load_" in line for line in told)


def test_own_weights_hold_until_others_are_given(town, tmp_path):
    file = tmp_path / "weights.toml"
    file.write_text('[[items]]\nname = "households"\ntimes_month = 1\nminutes = 60\n', "utf-8")
    with open_project(town) as project:
        pipeline.load(project, weights=file)
        pipeline.load(project)
        rows = project.read("loads", where={"item": "households"})
    assert rows["hours"].to_numpy() == pytest.approx(rows["amount"].to_numpy())
    assert set(rows["source"]) == {"weights.toml"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("items = 3", "load_no_items"),
        ("[[items", "load_not_toml"),
        ('[[items]]\nname = "x"\ncounts = "religion"', "load_bad_counts"),
    ],
)
def test_weights_that_cannot_be_used_are_refused_with_the_file_named(town, tmp_path, text, code):
    file = tmp_path / "weights.toml"
    file.write_text(text, "utf-8")
    with open_project(town) as project:
        for given, wanted in ((file, code), (tmp_path / "none.toml", "load_no_file")):
            with pytest.raises(InputError) as refused:
                pipeline.load(project, weights=given)
            assert (refused.value.code, refused.value.where) == (wanted, str(given))
        assert project.fact("load_weights") is None


def test_fits_measure_every_unit_and_the_neighbours_kept_from_the_plan_before(town):
    with open_project(town) as project:
        first = project.active_plan_id()
        pipeline.load(project)
        before = project.read("fits")
        pipeline.delineate(project, Criteria(size=(60, 120)), config=from_machine("en"))
        pipeline.load(project)
        fits = project.read("fits")
    assert "neighbours_kept" not in set(before["measure"])
    kept = fits[(fits["measure"] == "neighbours_kept") & (fits["plan_id"] != first)]
    assert len(kept)
    assert kept["value"].between(0, 1).all()
    assert set(fits["plan_id"]) == {first, *kept["plan_id"]}


def test_a_division_by_load_counts_minutes_of_work(town):
    done = CliRunner().invoke(app, ["delineate", str(town), "--by", "load", "--units", "5", "--json"])
    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout)
    with open_project(town) as project:
        plan, parts, minutes = project.plan(), project.read("parts"), minutes_by_part(project)
        stored = parts.set_index("part_id")["load_min"]
        even = pipeline.load(project).figures["load"]["levels"][0]["ratio"]
        write_minutes(project)
        assert project.read("parts")["load_min"].equals(parts["load_min"])
    assert stored.reindex(minutes.index).astype("int64").tolist() == minutes.tolist()
    sizes = minutes.groupby(plan.parts.reindex(minutes.index)).sum()
    assert len(sizes) == facts["units"] == 5
    assert sizes.max() / sizes.mean() <= 1.3
    assert even <= 1.4


def test_incidents_count_once_and_never_without_a_place(town):
    with open_project(town) as project:
        pipeline.load(project)
        before = project.read("loads")
        with project.change("test") as change:
            rows = change.session.read("incidents")
            first = rows["incident_id"].iloc[0]
            repeats = rows["incident_id"].ne(first)
            change.session.upsert(
                "incidents", pd.DataFrame(rows.loc[repeats, ["incident_id"]]).assign(duplicate_of=first)
            )
        pipeline.load(project)
        after = project.read("loads")
    assert before["item"].str.startswith("incidents").any()
    assert after.loc[after["item"].str.startswith("incidents"), "amount"].sum() <= 1

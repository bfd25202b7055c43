import pandas as pd
import pytest

from govmap import pipeline
from govmap.errors import PlanError
from govmap.messages import LANGUAGES, note
from govmap.pipeline.assessing import assess
from govmap.pipeline.siting import site
from govmap.project import open_project


def test_new_sites_stand_in_the_table_and_fixes_in_the_gaps(town):
    with open_project(town) as project:
        assess(project, standards=["cn_15min"], only="gaps")
        report = site(project, standards=["cn_15min"], k=2)
        sites, gaps = project.read("sites"), project.read("gaps")
    assert len(sites)
    assert sites["rank"].max() <= 2
    assert (sites["people_covered"] <= sites["bound"]).all()
    short = gaps.groupby("standard")["people_short"].sum()
    covered = sites.groupby("standard")["people_covered"].max()
    assert (covered <= short.reindex(covered.index)).all()
    fixed = gaps[gaps["fixes"].map(len) > 0]
    assert len(fixed)
    assert (fixed["people_short"] > 0).all()
    for row in fixed.itertuples():
        for fix in row.fixes:
            assert 0 < fix["people"] <= row.people_short
            assert fix["kind"] in {"new_site", "shared_use", "longer_hours"}
    assert report.figures["sites"]


def test_every_fix_can_be_said_in_both_languages(town):
    with open_project(town) as project:
        assess(project, standards=["cn_15min"], only="gaps")
        report = site(project, standards=["cn_15min"])
        fixes = [fix for some in project.read("gaps")["fixes"] for fix in some]
        for language in LANGUAGES:
            voice = project.profile.voice(language)
            told = [voice.tell(note(fix["key"], **fix["facts"])) for fix in fixes]
            told += [voice.tell(one) for one in (*report.shown, *report.notes)]
            assert not any("{" in line for line in told)


def test_a_closed_site_is_a_matter_of_longer_hours(town):
    with open_project(town) as project:
        assess(project, standards=["cn_15min"], at="Sun 03:00", only="gaps")
        site(project, standards=["cn_15min"], at="Sun 03:00")
        gaps = project.read("gaps")
    closed = gaps[gaps["reason"] == "closed"]
    assert len(closed)
    assert closed["fixes"].map(lambda some: any(fix["kind"] == "longer_hours" for fix in some)).any()


def test_a_second_run_changes_nothing(town):
    with open_project(town) as project:
        site(project, standards=["cn_15min"])
        first = pd.DataFrame(project.read("sites")).to_csv()
        site(project, standards=["cn_15min"])
        assert pd.DataFrame(project.read("sites")).to_csv() == first


def test_without_a_plan_there_is_one_clear_sentence(town):
    with open_project(town) as project:
        with project.change("test") as change:
            change.unset("active_plan_id")
        for step in (site, pipeline.load):
            with pytest.raises(PlanError) as refused:
                step(project)
            assert refused.value.code == "plan_none_yet"

"""The eight figures: counted from the tables, red where something must be looked at, unknown said as unknown."""

import datetime as dt

import pandas as pd
import pytest

from govmap.messages import LANGUAGES, Voice
from govmap.pipeline.eight import KEYS, eight
from govmap.pipeline.incidents import rules_of
from govmap.pipeline.outputs import released_for
from govmap.pipeline.reporting import tile
from govmap.project import now, open_project


@pytest.fixture
def project(town, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1770000000")  # 2 February 2026
    with open_project(town) as opened:
        yield opened


def found(project, audience="official"):
    return {one.key: one for one in eight(project, released_for(project, audience, internal=audience != "public"))}


def write(project, table, frame):
    with project.change("test") as change:
        change.session.replace(table, frame)


def months(project, *counts, notable=None):
    first = [dt.date(2025, 12 - at, 1) for at in range(len(counts))][::-1]
    rows = pd.DataFrame(
        {"community_id": project.read("communities")["community_id"].iloc[0], "category": "all"}
        | {"month": first, "count": counts, "notable": [None] * (len(counts) - 1) + [notable], "whole": True}
    )
    write(project, "months", rows)


def test_there_are_eight_each_once_the_red_ones_first(project):
    told = eight(project, released_for(project, "official", internal=True))
    assert sorted(one.key for one in told) == sorted(KEYS)
    states = [one.state == "red" for one in told]
    assert states == sorted(states, reverse=True)


def test_units_and_households_are_those_of_the_plan(project):
    units = project.read("units")
    assert found(project)["units"].value == len(units)
    assert found(project)["households"].value == units["households"].sum()


def test_units_outside_the_band_are_counted_and_red(project):
    units = project.read("units")
    out = ((units["households"] < 30) | (units["households"] > 60)).sum()
    one = found(project)["out_of_band"]
    assert (one.value, one.state) == (out, "red" if out else "ok")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_known_says_what_to_import_or_run(project, language):
    for table in ("workers", "duties", "incidents", "gaps", "months"):
        write(project, table, project.read(table).iloc[:0])
    told = found(project)
    for key in ("workers", "vacant", "overdue", "worst_gap", "change"):
        assert (told[key].value, told[key].state) == (None, "unknown")
        assert "govmap " in tile(told[key], Voice(language)).told
        assert "govmap " not in tile(told[key], Voice(language), internal=False).told


def test_units_that_nobody_answers_for_are_red(project):
    units = project.read("units")
    write(project, "workers", pd.DataFrame({"worker_id": ["k1", "k2"], "name": ["Ann", "Bob"]}))
    rows = {"worker_id": "k1", "plan_id": units["plan_id"].iloc[0], "unit_id": [units["unit_id"].iloc[0]], "role": ""}
    write(project, "duties", pd.DataFrame(rows))
    told = found(project)
    assert (told["workers"].value, told["vacant"].value, told["vacant"].state) == (2, len(units) - 1, "red")


def test_the_worst_gap_is_that_of_most_people_short_in_one_unit(project):
    units = project.read("units")
    ids = list(units["unit_id"].iloc[:2])
    gaps = pd.DataFrame({"plan_id": units["plan_id"].iloc[0], "unit_id": ids, "level": "base", "category": "clinic",
                         "standard": "uk/x", "people": 90, "people_short": [40, 70]})  # fmt: skip
    write(project, "gaps", gaps)
    one = found(project)["worst_gap"]
    assert (one.value, one.state) == (70, "red")
    assert units["code"].iloc[1] in Voice("en").tell(one.told)
    write(project, "gaps", gaps.assign(people_short=0))
    assert (found(project)["worst_gap"].value, found(project)["worst_gap"].state) == (0, "ok")


def test_the_change_is_that_between_the_last_two_whole_months(project):
    months(project, 30, 22, 25)
    one = found(project)["change"]
    assert (one.value, one.state) == (3, "ok")
    months(project, 30, 22, 65, notable="high")
    assert (found(project)["change"].value, found(project)["change"].state) == (43, "red")
    months(project, 30)
    assert found(project)["change"].value is None


def test_the_public_gets_no_count_under_k(project):
    stage = rules_of(project.fact).lifecycle.first
    late = (
        project.read("incidents")
        .iloc[:3]
        .assign(due_at=pd.Timestamp("2025-01-01", tz="UTC"), closed_at=pd.NaT, stage=stage, duplicate_of=None)
    )
    write(project, "incidents", late)
    assert found(project)["overdue"].value == 3
    few, nobody = found(project, "public")["overdue"], late.assign(due_at=pd.Timestamp("2035-01-01", tz="UTC"))
    write(project, "incidents", nobody)
    assert (few.value, few.told) == (None, found(project, "public")["overdue"].told), "a few and nobody look alike"
    months(project, 30, 22, 4)
    assert found(project, "public")["change"].value is None


def test_the_public_is_told_of_no_overdue_report_that_is_sensitive_or_younger_than_a_week(project):
    first = project.read("incidents").iloc[:1].assign(
        due_at=pd.Timestamp("2025-01-01", tz="UTC"), closed_at=pd.NaT, duplicate_of=None, sensitive=False,
        stage=rules_of(project.fact).lifecycle.first, reported_at=pd.Timestamp("2024-12-01", tz="UTC"),
    )  # fmt: skip
    late = pd.concat([first] * 32, ignore_index=True)
    late["incident_id"] = [f"late{at}" for at in range(len(late))]
    late.loc[12:21, "sensitive"] = True
    late.loc[22:, "reported_at"] = pd.Timestamp(now())
    write(project, "incidents", late)
    assert found(project)["overdue"].value == 32
    assert found(project, "public")["overdue"].value == 10

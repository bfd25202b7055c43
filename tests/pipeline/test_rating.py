"""What is said of reports: stored by plan, sensitive ones nowhere, repeats once, and never more than is known."""

import json
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from govmap.errors import InputError
from govmap.messages import LANGUAGES
from govmap.pipeline.forgetting import forget
from govmap.pipeline.rating import days_of, rate
from govmap.pipeline.report import Report
from govmap.project import Project, open_project

TABLES = ("rates", "spots", "answered", "months", "recurring")


@pytest.fixture(scope="module")
def rated(divided_sample: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report]:
    """The sample with its reports looked at; not to be changed by a test."""
    path = Path(shutil.copy(divided_sample, tmp_path_factory.mktemp("rated") / "town.gpkg"))
    with open_project(path) as project:
        return path, rate(project)


def frames(project: Project) -> dict[str, pd.DataFrame]:
    return {table: project.read(table) for table in TABLES}


def set_incidents(project: Project, **columns: object) -> None:
    rows = project.read("incidents", columns=["incident_id"])
    with project.change("test") as change:
        change.session.upsert("incidents", rows.assign(**columns))


def test_every_unit_has_its_rates_and_reports_add_up(rated: tuple[Path, Report]) -> None:
    path, report = rated
    with open_project(path) as project:
        found, units = frames(project), project.read("units")
        plan = project.active_plan_id()
    mine = found["rates"][found["rates"]["category"] == "all"]
    below = mine[mine["level"] != "community"]
    assert set(below["unit_id"]) == set(units.loc[units["plan_id"] == plan, "unit_id"])
    assert below["count"].sum() == mine.loc[mine["level"] == "community", "count"].sum()
    assert below["count"].sum() == report.figures["counted"]["placed"]
    assert below["households"].sum() == units.loc[units["plan_id"] == plan, "households"].sum()
    assert (below["low"] <= below["rate"]).all()
    assert (below["rate"] <= below["high"]).all()
    assert below["too_small"].tolist() == (below["households"] < 100).tolist()
    assert below["share_estimated"].between(0, 1).all()


def test_sensitive_reports_are_in_no_table_but_as_the_total_of_a_community(rated: tuple[Path, Report]) -> None:
    path, _ = rated
    with open_project(path) as project:
        found, incidents = frames(project), project.read("incidents")
    secret = incidents[incidents["sensitive"].astype(bool)]
    assert len(secret)
    told = found["rates"][found["rates"]["category"] == "sensitive"]
    assert set(told["level"]) == {"community"}
    assert told["count"].isna().all()
    plain = len(incidents) - len(secret)
    assert found["months"].loc[found["months"]["category"] == "all", "count"].sum() <= plain
    assert found["answered"].loc[found["answered"]["level"] == "community", "cases"].max() <= plain


def test_the_number_of_few_sensitive_reports_is_told_nowhere(rated: tuple[Path, Report]) -> None:
    path, report = rated
    assert report.figures["counted"]["sensitive"] is None
    keys = [one.key for one in report.notes]
    assert "rating_left_sensitive_few" in keys
    assert "rating_left_sensitive" not in keys
    shutil.copy(path, many := path.parent / "many.gpkg")
    with open_project(many) as project:
        rows = project.read("incidents", columns=["incident_id", "sensitive"])
        with project.change("test") as change:
            change.session.upsert("incidents", rows.assign(sensitive=True, community_id="r1"))
        assert rate(project).figures["counted"]["sensitive"] == len(rows)
        told = project.read("rates")
        assert told.loc[told["category"] == "sensitive", "count"].tolist() == [len(rows)]
        assert told.loc[told["category"] == "all", "count"].sum() == 0
        assert project.read("recurring").empty


def test_an_accepted_repeat_counts_once(rated: tuple[Path, Report], town: Path) -> None:
    _, before = rated
    with open_project(town) as project:
        pairs = project.read("repeats")
        with project.change("test") as change:
            change.session.upsert("incidents", pairs[["incident_id", "duplicate_of"]])
        counted = rate(project).figures["counted"]
    assert len(pairs)
    assert counted["repeats"] == len(pairs)
    assert counted["reports"] == before.figures["counted"]["reports"] - len(pairs)


def test_only_days_asked_for_count_but_months_are_always_whole(rated: tuple[Path, Report], town: Path) -> None:
    path, before = rated
    with open_project(path) as project:
        whole = project.read("months")
    with open_project(town) as project:
        report = rate(project, since=date(2025, 7, 1), until=date(2025, 9, 30))
        found = frames(project)
    assert 0 < report.figures["counted"]["reports"] < before.figures["counted"]["reports"]
    assert report.figures["counted"]["outside_window"] > 0
    assert set(found["rates"]["since"].astype(str)) == {"2025-07-01"}
    all_months = [one.loc[one["category"] == "all", ["month", "count"]] for one in (found["months"], whole)]
    assert all_months[0].equals(all_months[1])
    assert (pd.to_datetime(found["recurring"]["first"]) >= pd.Timestamp("2025-07-01")).all()


def test_the_same_is_found_again_and_takes_the_place_of_what_was_there(rated: tuple[Path, Report], town: Path) -> None:
    path, _ = rated
    with open_project(path) as project:
        before = frames(project)
    with open_project(town) as project:
        rate(project, since=date(2025, 11, 1))
        rate(project)
        after = frames(project)
    for table in TABLES:
        pd.testing.assert_frame_equal(before[table], after[table])


def test_without_a_plan_streets_and_months_are_still_looked_at(town: Path) -> None:
    with open_project(town) as project:
        with project.change("test") as change:
            change.unset("active_plan_id")
        report = rate(project)
        assert "rating_no_plan" in {one.key for one in report.warnings}
        assert len(project.read("months"))
        assert len(project.read("recurring"))
        assert project.read("rates").empty


def test_no_reports_at_all_are_normal_life(town: Path) -> None:
    with open_project(town) as project:
        with project.change("test") as change:
            change.session.delete("incidents")
        report = rate(project)
        assert [one.key for one in report.notes] == ["rating_none"]
        found = frames(project)
    assert (found["rates"]["count"] == 0).all()
    assert set(found["spots"]["kind"]) <= {"few"}
    assert all(found[table].empty for table in ("answered", "months", "recurring"))


def test_reports_without_days_or_stages_are_counted_where_they_can_be(town: Path) -> None:
    with open_project(town) as project:
        nothing = dict.fromkeys(("stage", "stage_said", "closed_at", "reported_at", "due_at"))
        set_incidents(project, **nothing)
        report = rate(project)
        found = frames(project)
    assert report.figures["counted"]["without_day"] == report.figures["counted"]["reports"]
    assert found["rates"]["count"].sum() > 0
    assert all(found[table].empty for table in ("answered", "months", "recurring"))


def test_no_streets_are_normal_life(town: Path) -> None:
    with open_project(town) as project:
        with project.change("test") as change:
            change.session.delete("streets")
        rate(project)
        assert project.read("recurring").empty
        assert len(project.read("rates"))


def test_what_is_said_says_that_it_is_reports_and_rests_on_estimates(rated: tuple[Path, Report]) -> None:
    path, report = rated
    with open_project(path) as project:
        voices = [project.profile.voice(language) for language in LANGUAGES]
    told = [[voice.tell(one) for one in (*report.shown, *report.notes, *report.warnings)] for voice in voices]
    assert all(len(one) == len(told[0]) for one in told)
    assert any("reports, not events" in one for one in told[0])
    assert any("上报，不是" in one for one in told[1])
    assert {"rating_caveat", "rating_estimated", "rating_too_small"} <= {one.key for one in report.notes}
    json.dumps(report.figures, default=lambda value: value.item() if isinstance(value, np.generic) else str(value))


def test_what_was_made_of_reports_goes_with_them(rated: tuple[Path, Report], tmp_path: Path) -> None:
    path = Path(shutil.copy(rated[0], tmp_path / "town.gpkg"))
    with open_project(path) as project:
        forget(project, "incidents")
        assert all(found.empty for found in frames(project).values())


@pytest.mark.parametrize("written", ["2025-07-01", "2025-7-1", "2025年7月1日", "20250701", "２０２５/７/１"])
def test_a_day_is_read_as_people_write_it_year_first(written: str) -> None:
    assert days_of(written, None).since == date(2025, 7, 1)


def test_a_unit_whose_reports_come_from_where_nobody_lives_is_named(town: Path) -> None:
    with open_project(town) as project:
        parts, plan = project.read("parts"), project.plan()
        empty = parts[(parts["households"].fillna(0) == 0) & parts["part_id"].isin(plan.parts.index)].iloc[0]
        place = {"part_id": empty["part_id"], "building_id": empty["building_id"], "cell_id": empty["cell_id"]}
        set_incidents(project, **place, community_id="r1")
        report = rate(project)
    assert report.figures["visited"] == [plan.parts[empty["part_id"]]]
    assert "rating_visited" in {one.key for one in report.notes}


def test_units_of_every_level_are_looked_at_and_add_up(town: Path) -> None:
    with open_project(town) as project:
        plan = project.active_plan_id()
        units = project.read("units", where={"plan_id": plan})
        above = units.iloc[[0, 1]].assign(
            unit_id=["g1", "g2"], level="grid", parent_unit_id=None, code=["G1", "G2"], geometry=units.geometry.iloc[0]
        )
        half = len(units) // 2
        parents = ["g1"] * half + ["g2"] * (len(units) - half)
        with project.change("test") as change:
            change.session.upsert("units", units.assign(parent_unit_id=parents, level="microgrid"))
            change.session.append("units", above)
        rate(project)
        found = project.read("rates", where={"category": "all"}).set_index("unit_id")
        spots = project.read("spots", where={"category": "all"})
    assert found["level"].value_counts().to_dict() == {"microgrid": len(units), "grid": 2, "community": 1}
    for one in ("g1", "g2"):
        inside = [unit for unit, parent in zip(units["unit_id"], parents, strict=True) if parent == one]
        assert found.loc[one, "count"] == found.loc[inside, "count"].sum()
        assert found.loc[one, "households"] == found.loc[inside, "households"].sum()
    assert spots["level"].value_counts().to_dict() == {"microgrid": len(units), "grid": 2}


@pytest.mark.parametrize(
    ("days", "key"), [(("2025-13-01", None), "rating_bad_day"), (("2025-05-02", "2025-05-01"), "rating_days_backwards")]
)
def test_days_that_are_none_are_refused_in_a_sentence(
    rated: tuple[Path, Report], days: tuple[str, str | None], key: str
) -> None:
    with open_project(rated[0]) as project, pytest.raises(InputError) as error:
        rate(project, since=days[0], until=days[1])
    assert error.value.code == key

"""Levels, locks, exclusive units and kept plans of the sample community, from the words of a face to the map."""

import json
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from govmap import pipeline
from govmap.check import NEEDED, findings
from govmap.config import from_machine
from govmap.delineate.score import terms
from govmap.errors import InputError, PlanError
from govmap.messages import LANGUAGES, Voice
from govmap.project import Project, open_project

CONFIG = from_machine("en")


def divided(project: Project, keep: str | None = None, lock: tuple[str, ...] = (), **words: object):
    wanted = pipeline.criteria_for(project, keep, **words)
    report = pipeline.delineate(project, wanted, keep=keep, lock=lock, config=CONFIG)
    assert findings(project.reading(*NEEDED)) == []
    for language in LANGUAGES:
        assert all(Voice(language).tell(told) for told in report.notes)
    return report


def units_of(project: Project) -> pd.DataFrame:
    return project.read("units", where={"plan_id": project.active_plan_id()}).set_index("unit_id")


def test_one_call_gives_levels_with_codes_outlines_and_figures_of_each(town: Path, tmp_path: Path) -> None:
    with open_project(town) as project:
        report = divided(project, preset="cn_grid+cn_microgrid")
        units = units_of(project)
        assert [one["level"] for one in report.figures["levels"]] == ["grid", "microgrid"]
        assert [one["units"] for one in report.figures["levels"]] == units["level"].value_counts()[::-1].tolist()
        assert report.figures["units"] == report.figures["levels"][-1]["units"]
        assert all(terms(one) for one in report.figures["levels"])
        micro, grids = units[units["level"] == "microgrid"], units[units["level"] == "grid"]
        assert set(project.read("plan_parts", where={"plan_id": report.figures["plan"]})["unit_id"]) == set(micro.index)
        assert set(micro["parent_unit_id"]) == set(grids.index)
        above = grids["code"].reindex(micro["parent_unit_id"]).tolist()
        assert [code.rpartition("-")[0] for code in micro["code"]] == above
        assert grids["households"].sum() == micro["households"].sum()
        assert grids["geometry"].area.sum() == pytest.approx(micro["geometry"].area.sum())
        assert units["bounds_text"].notna().all()
        pipeline.attach(project, config=CONFIG)
        pipeline.map_(project, tmp_path / "map.html", "public", voice=Voice("en"))
        pipeline.export(project, "units", tmp_path / "units.csv", "planner", internal=True)
        assert len(pd.read_csv(tmp_path / "units.csv")) == len(units)
        pipeline.export(project, "roster", tmp_path / "roster.xlsx", "planner", internal=True, voice=Voice("en"))
        book = openpyxl.load_workbook(tmp_path / "roster.xlsx", read_only=True)
        assert book.sheetnames == ["Roster", "Micro-grids", "Grids"]
        listed = [
            sum(isinstance(row[0], int) for row in book[name].iter_rows(values_only=True)) for name in book.sheetnames
        ]
        assert listed[1:] == [len(micro), len(grids)]


def test_totals_that_are_published_count_every_household_and_incident_once(town: Path) -> None:
    from govmap.publish import counts

    with open_project(town) as project:
        divided(project, preset="cn_grid+cn_microgrid")
        pipeline.attach(project, config=CONFIG)
        units = units_of(project).reset_index()
        tallies = project.read("tallies", where={"plan_id": project.active_plan_id()})
        sums = counts.total(units, tallies, None).groupby(["theme", "category"])["count"].sum()
        parts = project.read("parts")
        assert sums["base", "households"] == parts["households"].sum()
        lowest = ~tallies["unit_id"].isin(units["parent_unit_id"].dropna())
        there = tallies[lowest & (tallies["theme"] == "incidents")]["count"].sum()
        assert there > 0
        assert sums["incidents"].sum() == there


def test_micro_grids_cut_the_tower_and_leave_none_out_of_its_band_without_a_reason(town: Path) -> None:
    with open_project(town) as project:
        report = divided(project, preset="cn_microgrid")
        units = units_of(project)
        parts = project.read("parts").merge(project.plan().rows(), on="part_id")
        out = units[~units["households"].between(30, 100)]
        assert out["out_of_band_reason"].map(lambda told: bool(json.loads(told or "[]"))).all()
        assert report.figures["units_in_band"] == report.figures["units"]
        tall = parts.groupby("building_id")["households"].sum()
        tower = str(tall[tall > 100].idxmax())
        held = parts[parts["building_id"] == tower].groupby("unit_id")["households"].sum()
        assert len(held) > 1
        assert held.max() <= 100
        assert report.figures["compounds_split_fitting"] == 0
        small = set(tall[tall <= 100].index)
        split = parts[parts["building_id"].isin(small)].groupby("building_id")["unit_id"].agg(set)
        assert split.map(len).max() == 1


def test_units_of_every_level_say_where_their_households_come_from(town: Path) -> None:
    with open_project(town) as project:
        first = divided(project, preset="cn_grid+cn_microgrid").figures["plan"]
        second = divided(project, preset="cn_grid+cn_microgrid", seed=9).figures["plan"]
        assert second != first
        rows = project.read("unit_lineage", where={"plan_id": second})
        came = rows.groupby("unit_id")["households"].sum()
        assert came.to_dict() == units_of(project)["households"].to_dict()
        level = project.read("units").set_index(["plan_id", "unit_id"])["level"]
        here = level.loc[list(zip(rows["plan_id"], rows["unit_id"], strict=True))].to_numpy()
        there = level.loc[list(zip(rows["former_plan_id"], rows["former_unit_id"], strict=True))].to_numpy()
        assert (here == there).all()


def test_finer_parts_that_stand_are_not_thrown_away_for_larger_units(town: Path) -> None:
    with open_project(town) as project:
        divided(project, preset="cn_building_group")
        edition = project.edition
        fine = project.plan()
        divided(project, size="300-500")
        assert project.edition == edition
        assert project.plan(fine.plan_id) == fine


def test_a_plan_that_is_kept_and_fits_is_the_same_plan_again(town: Path) -> None:
    with open_project(town) as project:
        first = divided(project, preset="cn_grid+cn_microgrid").figures["plan"]
        report = divided(project, keep="active")
        assert report.figures["plan"] == first
        told = [one for one in report.notes if one.key.startswith("keep_")]
        assert told[0].key == "keep_unchanged" or told[0].facts["moved"] == 0


def test_locked_units_keep_their_ground_code_and_lock_in_a_new_division(town: Path) -> None:
    with open_project(town) as project:
        divided(project, preset="cn_microgrid")
        before, code = project.plan(), units_of(project)["code"]
        lock = code.sort_values().iloc[2]
        unit = code.index[code == lock][0]
        divided(project, preset="cn_microgrid", lock=(lock,), seed=7)
        assert project.plan().members(unit) == before.members(unit)
        assert units_of(project)["locked"].to_dict() == {one: one == unit for one in units_of(project).index}
        divided(project, keep="active")
        assert units_of(project).loc[unit, "locked"]
        assert [told.key for told in divided(project, size="300-500").warnings] == ["levels_locks_left"]
        with pytest.raises(PlanError) as refused:
            divided(project, lock=("nowhere",))
        assert refused.value.code == "levels_no_unit"


def test_places_of_a_kind_become_exclusive_units_and_stay_so(town: Path) -> None:
    with open_project(town) as project:
        report = divided(project, size="300-500", exclusive=("campus",))
        units = units_of(project)
        lone = units[units["kind"] == "exclusive"]
        assert report.figures["exclusive"] == len(lone) == 1
        assert lone["exclusive_kind"].tolist() == ["campus"]
        assert lone["out_of_band_reason"].isna().all()
        divided(project, keep="active", equal=True)
        again = units_of(project)
        assert again[again["kind"] == "exclusive"].index.tolist() == lone.index.tolist()
        with pytest.raises(InputError) as refused:
            divided(project, exclusive=("mars",))
        assert refused.value.code == "levels_no_place"


def test_a_unit_above_that_does_not_hold_its_units_is_found(town: Path) -> None:
    with open_project(town) as project:
        divided(project, preset="cn_grid+cn_microgrid")
        tables = project.reading(*NEEDED)
        units = tables["units"]
        above = units["parent_unit_id"].dropna().iloc[0]
        for change in (
            units.assign(households=units["households"].where(units["unit_id"] != above, 1)),
            units[units["unit_id"] != above],
            units.assign(parent_unit_id=units["parent_unit_id"].where(units["unit_id"] != above, above)),
        ):
            assert "unit_levels_differ" in {one.rule for one in findings({**tables, "units": change})}

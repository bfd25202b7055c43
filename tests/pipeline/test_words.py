"""Codes and bounds of units as a project keeps them."""

import json
from pathlib import Path

import pandas as pd
import pytest

from govmap import pipeline
from govmap.config import from_machine
from govmap.delineate import Criteria
from govmap.errors import PlanError
from govmap.pipeline import editing, words
from govmap.project import Project, open_project


def units_of(project: Project) -> pd.DataFrame:
    return project.read("units", where={"plan_id": project.active_plan_id()})


def codes_of(project: Project) -> dict[str, str]:
    rows = units_of(project)
    return dict(zip(rows["unit_id"], rows["code"], strict=True))


def written_anew(project: Project) -> dict[str, str | None]:
    rows = units_of(project)
    tables = project.reading(*words.NEEDED, "parts", "project")
    return words.bounds_of(rows, tables, plan=project.plan()).to_dict()


def stored(project: Project) -> dict[str, str | None]:
    rows = units_of(project)
    return dict(zip(rows["unit_id"], rows["bounds_text"], strict=True))


def merged(project: Project) -> None:
    """Merge the first two units that may be."""
    names = sorted(codes_of(project).values())
    for one, other in ((one, other) for one in names for other in names if one < other):
        try:
            editing.merge(project, [one, other])
        except PlanError:
            continue
        return
    pytest.fail("no two units could be merged")


def test_every_unit_with_an_outline_has_its_bounds_from_the_streets_around(town: Path) -> None:
    with open_project(town) as project:
        rows = units_of(project)
        texts = rows.loc[~rows.geometry.is_empty, "bounds_text"]
        assert texts.str.fullmatch(r"north: .+; east: .+; south: .+; west: .+").all()
        assert texts.str.contains("Mill Lane|High Street|Ring Way").any()
        inside = rows.loc[rows.geometry.is_empty, "bounds_text"]
        assert inside.str.fullmatch(r"inside: Kingfisher Tower, entrance \d, floors? \d.*").all()
        assert stored(project) == written_anew(project)


def test_after_an_edit_the_bounds_are_those_of_a_plan_made_so(town: Path) -> None:
    with open_project(town) as project:
        before = stored(project)
        merged(project)
        assert stored(project) == written_anew(project)
        assert stored(project) != before
        editing.undo(project)
        assert stored(project) == before


def test_a_code_that_went_is_not_given_again_and_comes_back_with_its_unit(town: Path) -> None:
    with open_project(town) as project:
        first = codes_of(project)
        merged(project)
        (gone,) = set(first) - set(codes_of(project))
        assert json.loads(project.fact(words.GONE + project.active_plan_id()) or "{}") == {gone: first[gone]}
        largest = units_of(project).sort_values(["households", "unit_id"]).iloc[-1]["code"]
        editing.split(project, largest, number=2)
        (new,) = set(codes_of(project).values()) - set(first.values())
        assert new > max(first.values())
        editing.undo(project)
        editing.undo(project)
        assert codes_of(project) == first


def test_codes_of_an_adopted_plan_stay_with_their_units_and_are_given_to_no_other(town: Path) -> None:
    config = from_machine("en")
    with open_project(town) as project:
        adopted, first = project.active_plan_id(), codes_of(project)
        with project.change("adopt") as change:
            plans = change.session.read("plans", where={"plan_id": adopted})
            change.session.upsert("plans", plans.assign(status="adopted"))
        pipeline.delineate(project, Criteria(size=(40, 80), seed=3), config=config)
        second = codes_of(project)
        lies = project.read("plan_parts").merge(project.read("parts")[["part_id", "households"]], on="part_id")
        was = lies[lies["plan_id"] == adopted].set_index("part_id")
        now = lies[lies["plan_id"] == project.active_plan_id()].set_index("part_id")
        for unit, code in second.items():
            if code in first.values():
                (old,) = [one for one, given in first.items() if given == code]
                held = set(was.index[was["unit_id"] == old]) & set(now.index[now["unit_id"] == unit])
                weight = was.loc[sorted(held), "households"].fillna(0).sum()
                whole = was.loc[was["unit_id"] == old, "households"].fillna(0).sum()
                assert weight * 2 >= whole
            else:
                assert code > max(first.values())


def test_drafts_begin_at_one(town: Path) -> None:
    with open_project(town) as project:
        pipeline.delineate(project, Criteria(size=(40, 80), seed=3), config=from_machine("en"))
        names = sorted(codes_of(project).values())
        assert names == [f"U{number:03d}" for number in range(1, len(names) + 1)]


def test_reasons_name_units_and_compounds_as_people_do(town: Path) -> None:
    with open_project(town) as project:
        pipeline.delineate(project, Criteria(size=(57, 61), seed=3), config=from_machine("en"))
        told = units_of(project)["out_of_band_reason"].dropna().map(json.loads)
        assert len(told)
        unit_ids, compounds = set(units_of(project)["unit_id"]), set(project.read("compounds")["compound_id"])
        for one in (one for many in told for one in many):
            for fact in one["facts"].values():
                named = fact if isinstance(fact, list) else [fact]
                assert not {str(word) for word in named} & (unit_ids | compounds)
        assert any(one["key"].endswith("_help") for many in told for one in many)


def test_units_are_exported_with_twenty_digits_where_they_are_asked_for(town: Path, tmp_path: Path) -> None:
    config = from_machine("en")
    with open_project(town) as project:
        with project.change("number") as change:
            rows = change.session.read("communities")
            change.session.upsert("communities", rows.assign(code="420102001005"))
        pipeline.delineate(project, Criteria(size=(40, 80), seed=3), config=config)
        pipeline.export(project, "units", tmp_path / "units.geojson", "public", code20="010200")
    rows = [one["properties"] for one in json.loads((tmp_path / "units.geojson").read_text("utf-8"))["features"]]
    assert rows
    assert all(row["code_20"] == f"010200420102001005{row['code'][-2:]}" for row in rows)

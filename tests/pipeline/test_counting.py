"""Registers come and go in any order, and what is counted follows from what is there and nothing else."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shapely
from estate import EAST, LAT, LON, NORTH, attach, box, layer, listed, place, shape, take

from govmap import pipeline
from govmap.config import from_machine
from govmap.pipeline import counting
from govmap.project import Project, open_project

CONFIG = from_machine("en")
BUILDINGS = ["building_id", *counting.NUMBERS[1:]]
PARTS = ["part_id", "households", "residents"]


def numbers(project: Project) -> tuple[pd.DataFrame, ...]:
    """What registers may change, for comparison."""
    tables = project.reading("buildings", "parts", "units", "tallies")
    units = tables["units"][["plan_id", "unit_id", "households", "residents"]]
    return tables["buildings"][BUILDINGS], tables["parts"][PARTS], units, tables["tallies"]


def same(one: tuple[pd.DataFrame, ...], other: tuple[pd.DataFrame, ...]) -> bool:
    return all(pd.DataFrame(a).equals(pd.DataFrame(b)) for a, b in zip(one, other, strict=True))


def put(project: Project, import_id: str, *rows: dict[str, Any]) -> list[str]:
    """Add rows of residents and count; give the keys of what is told."""
    blank = {"base": "actual", "import_id": import_id}
    with project.change("test") as change:
        frame = pd.DataFrame([blank | {"source_row": at} | row for at, row in enumerate(rows)]).astype(object)
        frame = frame.where(frame.notna(), None)
        change.session.append("residents", frame)
        told = counting.recounted(change, tell=True)
        counting.tallied(change)
    return [one.key for one in told]


def take_out(project: Project, import_id: str) -> None:
    with project.change("test") as change:
        change.session.delete("residents", where={"import_id": import_id})
        counting.recounted(change)
        counting.tallied(change)


def homes_of(project: Project, unit: str, plan_id: str | None = None) -> int:
    parts = project.read("parts").set_index("part_id")["households"]
    return int(parts.reindex(project.plan(plan_id).members(unit)).sum())


@pytest.fixture(name="bare")
def fixture_bare(town: Path) -> Path:
    """The divided sample without its registers."""
    with open_project(town) as project, project.change("test") as change:
        change.session.delete("residents")
        counting.recounted(change)
        counting.tallied(change)
    return town


def test_registers_that_come_and_go_leave_what_was_there(bare: Path) -> None:
    with open_project(bare) as project:
        before = numbers(project)
        house = project.read("buildings").dropna(subset="cell_id")["building_id"].iloc[3]
        unit = project.plan().units[0]
        one = {"place_kind": "building", "place_id": house, "building_id": house, "households": 3, "people": 8}
        other = {"place_kind": "unit", "place_id": unit, "households": 77}
        put(project, "i1", one)
        put(project, "i2", other)
        both = numbers(project)
        take_out(project, "i1")
        take_out(project, "i2")
        assert same(numbers(project), before)
        put(project, "i2", other)
        put(project, "i1", one)
        assert same(numbers(project), both)
        assert not same(both, before)
        assert homes_of(project, unit) == 77


def test_a_total_of_an_upper_unit_is_met_by_the_units_in_it(town: Path) -> None:
    with open_project(town) as project:
        wanted = pipeline.criteria(preset="cn_grid+cn_microgrid")
        pipeline.delineate(project, wanted, config=CONFIG)
        with project.change("test") as change:
            change.session.delete("residents")
        plan = project.plan()
        upper = min(plan.parents.values())
        assert put(project, "i1", {"place_kind": "unit", "place_id": upper, "households": 444, "people": 999}) == []
        inside = [unit for unit in plan.units if plan.parents[unit] == upper]
        assert sum(homes_of(project, unit) for unit in inside) == 444
        rows = project.read("tallies", where={"plan_id": plan.plan_id, "theme": "residents", "category": "people"})
        people = rows.set_index("unit_id")["people"].astype(int)
        assert people[upper] == 999 == people.reindex(inside).fillna(0).sum()
        units = project.read("units", where={"plan_id": plan.plan_id}).set_index("unit_id")["households"]
        assert int(units[upper]) == 444


def test_a_total_of_a_unit_of_last_years_plan_goes_to_its_ground(bare: Path) -> None:
    with open_project(bare) as project:
        old = project.active_plan_id()
        unit = project.plan().units[0]
        pipeline.delineate(project, pipeline.criteria(size="60-120"), config=CONFIG)
        assert project.active_plan_id() != old
        assert unit in project.plan().units  # an id recurs with other ground
        assert homes_of(project, unit) != homes_of(project, unit, old)
        assert put(project, "i1", {"place_kind": "unit", "place_id": f"{old}/{unit}", "households": 51}) == []
        assert homes_of(project, unit, old) == 51


def test_an_area_and_a_unit_that_cross_are_both_met(bare: Path) -> None:
    with open_project(bare) as project:
        unit = project.plan().units[0]
        ground = project.read("units", where={"unit_id": unit}).geometry.iloc[0]
        west, south, east, north = ground.bounds
        half = shapely.box((west + east) / 2, south - 80, east + 80, north + 80)
        buildings = project.read("buildings")
        points = shapely.point_on_surface(buildings.geometry.to_numpy())
        inside = shapely.intersects(half, points) & buildings["community_id"].notna().to_numpy()
        area = {"place_kind": "area", "place_id": "a", "households": 90, "geometry": half}
        assert set(put(project, "i1", area, {"place_kind": "unit", "place_id": unit, "households": 60})) <= {
            "attach_areas_cut"
        }
        assert homes_of(project, unit) == 60
        after = project.read("buildings")["households"]
        ground = shapely.union_all(project.read("communities").geometry.to_numpy())
        share = half.intersection(ground).area / half.area
        assert int(after[inside].sum()) == (90 if share > 0.999 else round(90 * share))


def test_estimates_do_not_remember_what_registers_said(bare: Path) -> None:
    with open_project(bare) as project:
        before = project.read("buildings")
        fresh = counting.estimated(before.assign(households=5, residents=9, households_source="spread"))
        assert fresh["households"].tolist() == before["households"].tolist()
        assert fresh["households_source"].tolist() == before["households_source"].tolist()


@pytest.mark.parametrize("first", ["outlines", "table"])
def test_a_table_of_areas_by_code_is_counted_in_the_outlines_of_another_list(
    first: str, home: Path, tmp_path: Path
) -> None:
    areas = [shape(box(*place(1), 5 * EAST, 1.5 * NORTH), OA21CD="E00079001")]
    areas.append(shape(box(LON, LAT + 1.5 * NORTH, 5 * EAST, 2 * NORTH), OA21CD="E00079002"))
    outlines = layer(tmp_path / "OA_2021_EW_BGC.geojson", *areas)
    table = listed(
        tmp_path / "ts041.csv", "date,geography code,Number of households", "2021,E00079001,70", "2021,E00079002,90"
    )
    lists = {"outlines": outlines, "table": table}
    for name in (first, next(one for one in lists if one != first)):
        report = take(home, "residents", lists[name])
        assert (report.figures["rows_kept"], report.figures["rows_rejected"]) == (2, 0)
    attach(home)
    with open_project(home) as project:
        assert int(project.read("buildings")["households"].sum()) == 160
        assert project.read("residents")["reason"].isna().all()

"""The homes that people leave from: every part inside with its units and its door."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from govmap.messages import Voice
from govmap.pipeline.walking import homes, network_of, notes_of
from govmap.project import open_project

BANDS = {"age_0_6", "age_7_14", "age_15_59", "age_60_plus", "age_80_plus", "living_alone_60"}


def test_every_part_of_a_building_inside_is_a_home_with_its_unit_and_its_door(town: Path) -> None:
    with open_project(town) as project:
        found = homes(project)
        parts = project.read("parts").set_index("part_id")
        plan = project.plan()
        units = project.read("units").set_index("unit_id")
    frame = found.frame
    assert frame["part_id"].is_monotonic_increasing
    assert set(frame["part_id"]) == set(parts.index[parts["building_id"].notna()])
    assert (frame["unit_id"] == frame["part_id"].map(plan.parts)).all()
    assert frame["households"].sum() == parts["households"].sum()
    assert frame["cell_id"].notna().all()
    assert len(found.stops) == len(frame)
    assert found.stops.connected.all()
    held = found.units.merge(frame["households"], left_on="row", right_index=True)
    assert (held.groupby("unit_id")["households"].sum() == units["households"].reindex(sorted(set(plan.parts)))).all()
    assert set(found.units["level"]) == set(units["level"])


def test_ages_are_those_of_the_registers_and_missing_where_nobody_counted(town: Path) -> None:
    with open_project(town) as project:
        told = project.read("tallies", where={"plan_id": project.active_plan_id(), "theme": "residents"})
        frame = homes(project).frame
        with project.change("test") as change:
            change.session.delete("residents")
        bare = homes(project).frame
    for band in BANDS & set(told["category"]):
        assert frame[band].sum() == told.loc[told["category"] == band, "people"].sum()
    assert BANDS & set(frame)
    assert not BANDS & set(bare)


def test_units_above_hold_the_homes_of_those_below(town: Path) -> None:
    with open_project(town) as project:
        plan_id = project.active_plan_id()
        units = project.read("units", where={"plan_id": plan_id})
        above = units.iloc[:1].assign(unit_id="all", level="grid", parent_unit_id=None, code="ALL")
        with project.change("test") as change:
            change.session.upsert("units", pd.concat([units.assign(parent_unit_id="all"), above]))
        found = homes(project)
    assert found.units.groupby("level")["row"].nunique().to_dict() == {
        "base": len(found.frame),
        "grid": len(found.frame),
    }
    assert found.units.duplicated(["row", "unit_id"]).sum() == 0


def test_a_known_door_is_where_people_leave(town: Path) -> None:
    with open_project(town) as project:
        entrances = project.read("entrances")
        found = homes(project)
    building, doors = next(iter(entrances[entrances["building_id"].notna()].groupby("building_id")))
    row = found.frame.index[found.frame["building_id"] == building][0]
    assert sorted(found.stops.take([row]).door.tolist()) == sorted(shapely.get_coordinates(doors.geometry).tolist())


def test_the_network_is_made_once_and_anew_when_streets_change(town: Path) -> None:
    with open_project(town) as project:
        network = network_of(project)
        assert network_of(project) is network
        assert homes(project) is homes(project)
        with project.change("test") as change:
            change.session.delete("streets")
        assert network_of(project).estimated
        told = notes_of(network_of(project), homes(project).stops)
    assert [one.key for one in told] == ["walk_no_streets"]


def test_without_a_plan_homes_lie_in_no_unit(town: Path) -> None:
    with open_project(town) as project:
        with project.change("test") as change:
            change.unset("active_plan_id")
        with project.change("test") as change:
            change.session.delete("project", where={"key": "active_plan_id"})
        found = homes(project)
    assert found.units.empty
    assert found.frame["unit_id"].isna().all()
    assert len(found.frame)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_doors_that_meet_no_street_and_separate_pieces_are_told(town: Path, language: str) -> None:
    with open_project(town) as project:
        network = network_of(project)
    stops = network.stops([shapely.Point(0, 0), shapely.Point(*network.walls.gates[0])])
    told = [Voice(language).tell(one) for one in notes_of(network, stops)]
    assert len(told) == 2
    assert "1" in told[0]
    assert np.isinf(network.nearest(stops.take([0]), stops.take([1]))[1][0])

"""Registers in place of estimates: what was counted stays, totals are met exactly, and it says which is which."""

import pandas as pd
import pytest
import shapely
from court import Court, X, Y, court
from test_attach import put, residents

from govmap import attach


@pytest.fixture(name="here")
def fixture_here() -> Court:
    return court()


def counted(here: Court, *rows: dict[str, object], units: pd.Series | None = None) -> attach.register.Counted:
    return attach.households(here.buildings, put(here, residents(*rows), "residents"), units=units)


def test_a_count_replaces_the_estimate_and_nothing_else(here: Court) -> None:
    after = counted(here, {"place_id": "幸福小区1号楼", "households": 13, "people": 31}).buildings.set_index(
        "building_id"
    )
    before = here.buildings.set_index("building_id")
    assert after.loc["w11", ["households", "residents", "households_source"]].tolist() == [13, 31, "register"]
    assert after.loc["w11", ["households_low", "households_high"]].tolist() == [13, 13]
    rest = before.index != "w11"
    assert (after.loc[rest, "households"] == before.loc[rest, "households"]).all()
    assert (after.loc[rest, "residents"] == before.loc[rest, "residents"]).all()
    assert (after.loc[rest, "households_source"] == "estimated").all()


def test_stairwells_add_up_to_their_building(here: Court) -> None:
    rows = [{"place_id": f"幸福小区4号楼{n}单元", "households": 20 + n} for n in (1, 2)]
    assert counted(here, *rows).buildings.set_index("building_id").loc["w14", "households"] == 43


def test_a_total_of_a_compound_is_met_exactly_beside_what_was_counted(here: Court) -> None:
    found = counted(
        here,
        {"place_id": "和平小区3号楼", "households": 1},
        {"place_kind": "compound", "place_id": "和平小区", "households": 100},
    )
    inside = found.buildings[found.buildings["compound_id"] == "r2"].set_index("building_id")
    assert int(inside["households"].sum()) == 100
    assert inside["households_source"].tolist() == ["spread", "spread", "register", "spread"]
    assert inside["households"].tolist() == [14, 28, 1, 57]
    assert found.notes == ()


def test_narrow_totals_stand_within_wide_ones(here: Court) -> None:
    units = pd.Series({f"w{row}{n}": f"U{row}" for row in (1, 2) for n in range(1, 5)})
    found = counted(
        here,
        {"place_kind": "community", "place_id": "幸福社区", "households": 500, "people": 1300},
        {"place_kind": "compound", "place_id": "和平小区", "households": 100},
        {"place_kind": "unit", "place_id": "U1", "people": 400},
        {"place_kind": "area", "place_id": "i-1", "households": 50, "geometry": shapely.box(X, Y, X + 50, Y + 50)},
        units=units,
    ).buildings
    inside = found[found["community_id"].notna()]
    assert int(inside["households"].sum()) == 500
    assert int(inside["residents"].sum()) == 1300
    assert int(inside.loc[inside["compound_id"] == "r2", "households"].sum()) == 100
    assert int(inside.loc[inside["compound_id"] == "r1", "residents"].sum()) == 400
    assert inside.set_index("building_id").loc["w11", "households"] == 50


def test_a_total_smaller_than_its_buildings_is_told_and_left(here: Court) -> None:
    found = counted(
        here,
        {"place_id": "和平小区3号楼", "households": 80},
        {"place_kind": "compound", "place_id": "和平小区", "households": 50},
    )
    assert [one.key for one in found.notes] == ["attach_total_does_not_fit"]
    assert found.buildings.set_index("building_id").loc["w21", "households"] == 10


def test_an_area_that_lies_partly_outside_counts_by_its_ground(here: Court) -> None:
    half = shapely.box(X - 50, Y, X + 50, Y + 50)
    placed = put(
        here, residents({"place_kind": "area", "place_id": "i-1", "people": 90, "geometry": half}), "residents"
    )
    found = attach.households(here.buildings, placed, communities=here.communities)
    assert found.buildings.set_index("building_id").loc["w11", "residents"] == 45
    assert [(one.key, one.facts["people"]) for one in found.notes] == [("attach_areas_cut", 45)]


def test_an_area_elsewhere_is_outside(here: Court) -> None:
    far = shapely.box(X + 5000, Y, X + 5100, Y + 50)
    placed = put(here, residents({"place_kind": "area", "place_id": "i-1", "people": 90, "geometry": far}), "residents")
    assert placed["reason"].tolist() == ["outside"]


def test_many_totals_that_do_not_fit_are_told_in_one_sentence(here: Court) -> None:
    rows = [{"place_id": f"幸福小区{n}号楼", "people": 500} for n in range(1, 5)]
    boxes = [shapely.box(X + 50 * n, Y, X + 50 * n + 50, Y + 50) for n in range(4)]
    rows += [{"place_kind": "area", "place_id": f"a{n}", "people": 5, "geometry": one} for n, one in enumerate(boxes)]
    assert [one.key for one in counted(here, *rows).notes] == ["attach_totals_do_not_fit"]


def test_doing_it_twice_changes_nothing(here: Court) -> None:
    rows = [
        {"place_id": "和平小区3号楼", "households": 7},
        {"place_kind": "compound", "place_id": "和平小区", "households": 99},
    ]
    once = counted(here, *rows).buildings
    placed = put(here, residents(*rows), "residents")
    twice = attach.households(once, placed).buildings
    pd.testing.assert_frame_equal(pd.DataFrame(once), pd.DataFrame(twice))


def test_those_who_live_there_stand_over_those_registered_there(here: Court) -> None:
    rows = [
        {"place_id": "建设路12号", "households": 9, "base": "registered"},
        {"place_id": "建设路12号", "households": 15},
        {"place_id": "建设路14号", "households": 21, "base": "registered"},
        {"place_id": "建设路14号", "households": 99, "base": "rented"},
    ]
    after = counted(here, *rows).buildings.set_index("building_id")["households"]
    assert (after["w11"], after["w12"]) == (15, 21)

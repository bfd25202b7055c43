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


def counted(
    here: Court, *rows: dict[str, object], members: dict[str, list[str]] | None = None
) -> attach.register.Counted:
    placed = put(here, residents(*rows), "residents")
    return attach.households(here.buildings, placed, parts=here.parts, members=members)


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
    members = {f"U{row}": [one for one in here.parts["part_id"] if one.startswith(f"w{row}")] for row in (1, 2)}
    found = counted(
        here,
        {"place_kind": "community", "place_id": "幸福社区", "households": 500, "people": 1300},
        {"place_kind": "compound", "place_id": "和平小区", "households": 100},
        {"place_kind": "unit", "place_id": "U1", "people": 400},
        {"place_kind": "area", "place_id": "i-1", "households": 50, "geometry": shapely.box(X, Y, X + 50, Y + 50)},
        members=members,
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
    told = {one.key: one.facts["people"] for one in found.notes}
    assert told == {"attach_areas_cut": 45, "counts_not_covered": 494}


def test_an_area_elsewhere_is_outside(here: Court) -> None:
    far = shapely.box(X + 5000, Y, X + 5100, Y + 50)
    placed = put(here, residents({"place_kind": "area", "place_id": "i-1", "people": 90, "geometry": far}), "residents")
    assert placed["reason"].tolist() == ["outside"]


def test_many_totals_that_do_not_fit_are_told_in_one_sentence(here: Court) -> None:
    rows = [{"place_id": f"幸福小区{n}号楼", "people": 500} for n in range(1, 5)]
    boxes = [shapely.box(X + 50 * n, Y, X + 50 * n + 50, Y + 50) for n in range(4)]
    rows += [{"place_kind": "area", "place_id": f"a{n}", "people": 5, "geometry": one} for n, one in enumerate(boxes)]
    keys = [one.key for one in counted(here, *rows).notes]
    assert keys.count("attach_totals_do_not_fit") == 1
    assert "attach_total_does_not_fit" not in keys


def test_the_order_of_rows_and_buildings_changes_nothing(here: Court) -> None:
    rows = [
        {"place_id": "和平小区3号楼", "households": 7},
        {"place_kind": "compound", "place_id": "和平小区", "households": 99},
        {"place_kind": "community", "place_id": "幸福社区", "people": 1234},
    ]
    placed = put(here, residents(*rows), "residents")
    one = attach.households(here.buildings, placed, parts=here.parts)
    turned = attach.households(here.buildings.iloc[::-1], placed.iloc[::-1], parts=here.parts.iloc[::-1])
    pd.testing.assert_frame_equal(pd.DataFrame(one.buildings), pd.DataFrame(turned.buildings.loc[one.buildings.index]))
    pd.testing.assert_frame_equal(one.parts, turned.parts)


def test_those_who_live_there_stand_over_those_registered_there(here: Court) -> None:
    rows = [
        {"place_id": "建设路12号", "households": 9, "base": "registered"},
        {"place_id": "建设路12号", "households": 15},
        {"place_id": "建设路14号", "households": 21, "base": "registered"},
        {"place_id": "建设路14号", "households": 99, "base": "rented"},
    ]
    after = counted(here, *rows).buildings.set_index("building_id")["households"]
    assert (after["w11"], after["w12"]) == (15, 21)


def of_part(found: attach.register.Counted, measure: str = "households") -> dict[str, int]:
    assert found.parts is not None
    return {part: int(n) for part, n in zip(found.parts["part_id"], found.parts[measure], strict=True)}


def test_counts_of_stairwells_land_on_their_parts(here: Court) -> None:
    found = counted(
        here,
        {"place_id": "幸福小区4号楼1单元", "households": 30, "people": 77},
        {"place_id": "幸福小区4号楼2单元", "households": 5, "people": 9},
    )
    assert (of_part(found)["w14-1"], of_part(found)["w14-2"]) == (30, 5)
    assert (of_part(found, "residents")["w14-1"], of_part(found, "residents")["w14-2"]) == (77, 9)


def test_the_rest_of_a_building_goes_to_the_stairwells_nobody_counted(here: Court) -> None:
    found = counted(
        here, {"place_id": "幸福小区4号楼", "households": 50}, {"place_id": "幸福小区4号楼1单元", "households": 30}
    )
    assert (of_part(found)["w14-1"], of_part(found)["w14-2"]) == (30, 20)
    assert found.notes == ()


def test_floors_of_a_tower_divide_what_is_counted_for_the_tower(here: Court) -> None:
    found = counted(here, {"place_id": "幸福小区3号楼", "households": 31})
    assert sorted((of_part(found)["w13f1"], of_part(found)["w13f9"])) == [15, 16]


def test_stairwells_that_exceed_their_building_are_told(here: Court) -> None:
    found = counted(
        here, {"place_id": "幸福小区4号楼", "households": 20}, {"place_id": "幸福小区4号楼1单元", "households": 30}
    )
    assert [one.key for one in found.notes] == ["attach_total_does_not_fit"]
    assert of_part(found)["w14-1"] == 30


def test_persons_known_by_the_building_alone_come_on_top_of_those_of_its_stairwells(here: Court) -> None:
    rows = residents({"place_id": "幸福小区4号楼", "people": 10}, {"place_id": "幸福小区4号楼1单元", "people": 30})
    placed = put(here, rows, "residents").assign(adds=True)
    found = attach.households(here.buildings, placed, parts=here.parts)
    assert found.buildings.set_index("building_id").loc["w14", "residents"] == 40
    assert (of_part(found, "residents")["w14-1"], of_part(found, "residents")["w14-2"]) == (35, 5)


def test_of_two_lists_of_the_same_place_the_later_counts_and_this_is_told(here: Court) -> None:
    rows = residents({"place_id": "建设路12号", "households": 9}, {"place_id": "建设路12号", "households": 11})
    placed = put(here, rows, "residents").assign(turn=[1, 0])
    found = attach.households(here.buildings, placed, parts=here.parts)
    assert found.buildings.set_index("building_id").loc["w11", "households"] == 9
    assert [(one.key, one.facts["count"]) for one in found.notes] == [("counts_superseded", 1)]


def test_a_unit_is_counted_by_its_floors_too(here: Court) -> None:
    found = counted(
        here,
        {"place_kind": "unit", "place_id": "U1", "households": 41},
        {"place_kind": "unit", "place_id": "U2", "households": 9},
        members={"U1": ["w11", "w12", "w13f1", "w14-1", "w14-2"], "U2": ["w13f9", "w21"]},
    )
    parts = of_part(found)
    assert sum(parts[one] for one in ("w11", "w12", "w13f1", "w14-1", "w14-2")) == 41
    assert parts["w13f9"] + parts["w21"] == 9
    assert int(found.buildings["households"].sum()) == sum(parts.values()) + 10  # one building lies outside


def test_a_point_on_the_edge_of_two_areas_counts_in_one(here: Court) -> None:
    middle = Y + 25
    rows = [
        {"place_kind": "area", "place_id": name, "households": 100, "geometry": shapely.box(X, low, X + 200, high)}
        for name, low, high in (("a", Y, middle), ("b", middle, Y + 50))
    ]
    found = counted(here, *rows)
    assert int(found.buildings.set_index("building_id").loc[["w11", "w12", "w13", "w14"], "households"].sum()) == 100
    assert [one.key for one in found.notes] == ["attach_total_does_not_fit"]


def test_an_area_without_a_middle_of_a_building_has_those_that_reach_into_it(here: Court) -> None:
    edge = shapely.box(X + 35, Y, X + 45, Y + 50)
    found = counted(here, {"place_kind": "area", "place_id": "a", "households": 7, "geometry": edge})
    assert found.buildings.set_index("building_id").loc["w11", "households"] == 7
    assert found.notes == ()


def test_an_area_and_a_unit_that_cross_are_both_met(here: Court) -> None:
    found = counted(
        here,
        {"place_kind": "area", "place_id": "a", "households": 60, "geometry": shapely.box(X, Y, X + 100, Y + 100)},
        {"place_kind": "compound", "place_id": "幸福小区", "households": 170},
        members={},
    )
    rows = found.buildings.set_index("building_id")["households"]
    assert int(rows[["w11", "w12", "w21", "w22"]].sum()) == 60
    assert int(rows[["w11", "w12", "w13", "w14"]].sum()) == 170
    assert found.notes == ()


def test_what_a_building_says_of_itself_stands_within_totals_and_yields_to_a_register(here: Court) -> None:
    own = here.buildings.assign(households_given=pd.array([None] * 4 + [25] + [None] * 4, dtype="Int64"))
    own["households"] = own["households"].where(own["households_given"].isna(), own["households_given"]).astype("Int64")
    wide = put(here, residents({"place_kind": "compound", "place_id": "和平小区", "households": 100}), "residents")
    found = attach.households(own, wide, parts=here.parts).buildings.set_index("building_id")
    assert found.loc["w21", ["households", "households_source"]].tolist() == [25, "register"]
    assert int(found.loc[["w21", "w22", "w23", "w24"], "households"].sum()) == 100
    told = put(here, residents({"place_id": "和平小区1号楼", "households": 31}), "residents")
    after = attach.households(own, told, parts=here.parts).buildings.set_index("building_id")
    assert after.loc["w21", "households"] == 31


def test_several_bases_in_one_row_are_kept_apart(here: Court) -> None:
    row = {"place_id": "幸福小区1号楼", "households": 20, "people": 50}
    rows = residents(row).assign(
        households_registered=12, people_registered=33, rooms_rented=9, people_rented=17, shops=2, workplaces=1
    )
    placed = put(here, rows, "residents")
    found = attach.households(here.buildings.assign(shops=None, workplaces=None), placed, parts=here.parts)
    after = found.buildings.set_index("building_id").loc["w11"]
    assert after[["households", "residents", "shops", "workplaces"]].tolist() == [20, 50, 2, 1]
    long = attach.by_part(found.buildings, placed, parts=found.parts)
    told = long.set_index(["base", "category"])["number"].astype(int).to_dict()
    assert told == {
        ("actual", "households"): 20, ("actual", "people"): 50, ("registered", "households"): 12,
        ("registered", "people"): 33, ("rented", "rooms"): 9, ("rented", "people"): 17,
    }  # fmt: skip


def test_totals_are_tallied_on_every_level_and_add_up(here: Court) -> None:
    rows = residents(
        {"place_kind": "compound", "place_id": "幸福小区", "households": 101, "base": "registered"},
        {"place_kind": "community", "place_id": "幸福社区", "people": 777},
    )
    placed = put(here, rows, "residents")
    people = attach.by_part(here.buildings, placed, parts=here.parts, communities=here.communities)
    none = pd.DataFrame(columns=["part_id", "category"])
    table = attach.tallies(people, none, none, here.plan_parts, parents={"U1": "G", "U2": "G"})
    told = table.set_index(["unit_id", "theme", "category"])
    assert int(told.loc[("U1", "residents_registered", "households"), "count"]) == 101
    below = [int(told.loc[(unit, "residents", "people"), "people"]) for unit in ("U1", "U2")]
    assert sum(below) == 777 == int(told.loc[("G", "residents", "people"), "people"])


def test_the_interval_of_a_spread_number_holds_it_and_keeps_to_the_total(here: Court) -> None:
    found = counted(here, {"place_kind": "compound", "place_id": "和平小区", "households": 100}).buildings
    inside = found[found["compound_id"] == "r2"]
    assert (inside["households_low"] <= inside["households"]).all()
    assert (inside["households"] <= inside["households_high"]).all()
    assert (inside["households_low"] < inside["households_high"]).all()
    assert (inside["households_high"] <= 100).all()


def test_parts_have_the_intervals_of_their_buildings_and_what_was_counted_is_certain(here: Court) -> None:
    found = counted(
        here,
        {"place_kind": "compound", "place_id": "和平小区", "households": 100},
        {"place_id": "幸福小区4号楼1单元", "households": 30},
    )
    assert found.parts is not None
    parts = found.parts.set_index("part_id")
    assert tuple(parts.loc["w14-1", ["households_low", "households", "households_high"]]) == (30, 30, 30)
    assert (parts["households_low"] <= parts["households"]).all()
    assert (parts["households"] <= parts["households_high"]).all()
    assert parts.loc["w14-2", "households_low"] < parts.loc["w14-2", "households_high"]
    sums = parts.groupby("building_id")["households_high"].sum()
    whole = found.buildings.set_index("building_id").loc[sums.index, "households_high"]
    assert (sums >= whole).all()


def test_a_count_that_no_building_can_hold_is_told(here: Court) -> None:
    found = counted(here, {"place_id": "幸福小区1号楼", "people": 4135})
    assert [(one.key, one.facts["first"]) for one in found.notes] == [("counts_implausible", ["1号楼"])]


def test_a_unit_is_meant_as_the_first_plan_has_it_and_last_years_name_is_still_understood(here: Court) -> None:
    units = pd.DataFrame(
        [
            {"plan_id": "now", "unit_id": "u1", "code": None, "name": "第一网格"},
            {"plan_id": "then", "unit_id": "u1", "code": None, "name": "第三网格"},
            {"plan_id": "then", "unit_id": "u2", "code": None, "name": "第一网格"},
        ]
    )
    rows = [
        {"place_kind": "unit", "place_id": name, "people": 5} for name in ("第一网格", "第三网格", "u2", "第九网格")
    ]
    placed = put(here, residents(*rows), "residents", units=units)
    assert placed["place_id"].tolist() == ["now/u1", "then/u1", "then/u2", "第九网格"]
    assert placed["reason"].tolist() == [None, None, None, "unknown_unit"]
    again = put(here, placed, "residents", units=units)
    assert again["place_id"].tolist() == placed["place_id"].tolist()

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from govmap import households as dwelling
from govmap.schema import TABLES

COLUMNS = TABLES["buildings"].names


def houses(*rows: dict[str, Any]) -> gpd.GeoDataFrame:
    """Buildings of 20 by 15 m in a row, 100 m apart, unless a row says otherwise."""
    made = []
    for number, facts in enumerate(rows):
        wide, deep = facts.pop("size", (20, 15))
        x = facts.pop("x", 100 * number)
        plain = dict.fromkeys(COLUMNS) | {"building_id": f"w{number:03}", "status": "standing", "edited_by_hand": False}
        made.append(plain | facts | {"geometry": shapely.box(x, 0, x + wide, deep)})
    frame = gpd.GeoDataFrame(pd.DataFrame(made, columns=COLUMNS, dtype=object), geometry="geometry", crs="EPSG:32649")
    return frame.astype({"edited_by_hand": bool})


def counts(buildings: gpd.GeoDataFrame, **choices: Any) -> list[int]:
    return [int(one) for one in dwelling.estimate(buildings, **choices)["households"]]


def test_footprint_levels_and_use_give_the_estimate_with_an_interval() -> None:
    row = dwelling.estimate(houses({"use": "apartments", "levels": 6})).iloc[0]
    assert row["households"] == round(300 * 6 * 0.85 / 85 * 0.9)
    assert row["households_source"] == "estimated"
    assert row["households_low"] < row["households"] < row["households_high"]
    assert row["residents"] == round(row["households"] * 2.6)


def test_levels_come_from_the_height_then_the_neighbours_then_the_use() -> None:
    by_height = counts(houses({"use": "apartments", "height_m": 18}))
    assert by_height == counts(houses({"use": "apartments", "levels": 6}))
    towers = [{"use": "apartments", "levels": 30, "x": x} for x in (0, 25, 75)]
    made = counts(houses(*towers, {"use": "apartments", "x": 50}, {"use": "apartments", "x": 5000}))
    assert made[3] == made[0]
    assert made[4] == counts(houses({"use": "apartments", "levels": 6}))[0]


def test_known_levels_make_a_narrower_interval() -> None:
    known, guessed = dwelling.estimate(houses({"use": "apartments", "levels": 6}, {"use": "apartments"})).to_dict(
        "records"
    )
    width = [one["households_high"] - one["households_low"] for one in (known, guessed)]
    assert width[0] < width[1]


@pytest.mark.parametrize(
    "use", ["retail", "office", "school", "industrial", "shed", "garage", "roof", "hotel", "military"]
)
def test_nobody_lives_in_what_is_no_home(use: str) -> None:
    assert counts(houses({"use": use, "levels": 10})) == [0]


def test_village_houses_dormitories_and_houses_have_sizes_of_their_own() -> None:
    rows = [{"use": use, "levels": 4} for use in ("apartments", "village", "dormitory", "house")]
    flats, village, dormitory, house = counts(houses(*rows))
    assert dormitory > village > flats > house >= 1


def test_shops_take_the_ground_floor() -> None:
    plain, with_shops = counts(
        houses({"use": "apartments", "levels": 6}, {"use": "apartments", "levels": 6, "shops": 3})
    )
    assert with_shops == pytest.approx(plain * 5 / 6, abs=1)


def test_the_floor_area_of_a_podium_with_towers_counts_and_not_its_tallest_part() -> None:
    flat = houses({"use": "apartments", "levels": 30, "floor_area_m2": 2000.0, "size": (60, 40)})
    assert counts(flat) == [round(2000 * 0.85 / 85 * 0.9)]


def test_a_building_of_unknown_use_is_a_home_unless_too_deep_or_among_others() -> None:
    assert counts(houses({"levels": 6}))[0] > 0
    assert counts(houses({"levels": 6, "size": (80, 80)})) == [0]
    shops = [{"use": "retail", "x": x} for x in (0, 25, 75)]
    assert counts(houses(*shops, {"levels": 6, "x": 50}))[3] == 0


def test_a_house_drawn_twice_is_counted_once_and_a_tower_in_its_podium_is_another() -> None:
    block = {"use": "apartments", "levels": 6}
    [home] = counts(houses(block))
    assert counts(houses(block | {"x": 0, "size": (20.5, 15)}, block | {"x": 0})) == [0, home]
    assert counts(houses(block | {"x": 0}, block | {"x": 0})) == [home, 0]
    assert counts(houses(block | {"x": 0, "size": (20.5, 15)}, block | {"x": 0, "status": "demolished"}))[0] > 0
    assert counts(houses(block | {"x": 0, "size": (60, 40)}, block | {"x": 0}))[1] == home


def test_small_homes_of_unknown_levels_are_houses() -> None:
    assert counts(houses({"size": (10, 10)})) == [1]
    assert counts(houses({"use": "residential", "size": (4, 4)})) == [0]


def test_flats_of_a_tag_are_taken_as_they_are() -> None:
    row = dwelling.estimate(houses({"use": "apartments", "levels": 6, "dwellings": 24})).iloc[0]
    assert (row["households"], row["households_source"]) == (24, "tag")
    assert row["households_low"] == row["households_high"] == 24


def test_a_register_is_never_changed() -> None:
    rows = houses(
        {"use": "apartments", "households": 17, "residents": 40, "households_source": "register"}, {"use": "apartments"}
    )
    made = dwelling.estimate(rows, total=100)
    assert list(made["households"]) == [17, 83]
    assert made["residents"].iloc[0] == 40
    assert list(made["households_source"]) == ["register", "spread"]


def test_a_total_is_met_exactly() -> None:
    rows = houses(*[{"use": "apartments", "levels": 1 + number % 9} for number in range(37)])
    made = dwelling.estimate(rows, total=4839)
    assert made["households"].sum() == 4839
    assert set(made["households_source"]) == {"spread"}
    assert dwelling.doubts(made, 4839) == []


def test_totals_of_compounds_come_before_the_whole() -> None:
    rows = houses(
        *[{"use": "apartments", "levels": 6, "compound_id": "a" if number < 3 else "b"} for number in range(6)]
    )
    made = dwelling.estimate(rows, total=1000, totals_by_place={"compound_id": {"a": 700}})
    assert made["households"][:3].sum() == 700
    assert made["households"][3:].sum() == 300


def test_tags_give_way_only_where_the_total_leaves_no_room() -> None:
    rows = houses({"use": "apartments", "dwellings": 24}, {"use": "apartments", "levels": 6})
    assert counts(rows, total=50) == [24, 26]
    assert sum(counts(rows, total=20)) == 20


def test_a_total_below_the_register_is_told() -> None:
    rows = houses({"use": "apartments", "households": 90, "households_source": "register"})
    made = dwelling.estimate(rows, total=50)
    assert made["households"].sum() == 90
    assert [note.key for note in dwelling.doubts(made, 50)] == ["households_total_below_register"]


def test_a_total_without_homes_goes_to_what_stands_and_sheds_stay_empty() -> None:
    made = dwelling.estimate(houses({"use": "office", "levels": 5}, {"use": "shed"}), total=10)
    assert list(made["households"]) == [10, 0]
    nothing = dwelling.estimate(houses({"use": "shed"}), total=10)
    assert [note.key for note in dwelling.doubts(nothing, 10)] == ["households_no_homes"]


def test_nobody_lives_outside_or_in_what_does_not_stand() -> None:
    rows = houses(
        {"use": "apartments", "community_id": "r1"},
        {"use": "apartments"},
        {"use": "apartments", "community_id": "r1", "status": "demolished"},
        {"use": "apartments", "community_id": "r1", "status": "construction"},
        {"use": "apartments", "community_id": "r1", "status": "new"},
    )
    made = counts(rows, total=101)
    assert sum(made) == 101
    assert [one > 0 for one in made] == [True, False, False, False, True]


def test_figures_say_what_share_is_estimated() -> None:
    rows = houses(
        {"use": "apartments", "households": 30, "households_source": "register"},
        {"use": "apartments", "dwellings": 30},
        {"use": "apartments", "levels": 6},
    )
    made = dwelling.estimate(rows, total=100)
    assert dwelling.figures(made)["households"] == 100
    assert dwelling.figures(made)["estimated_share"] == 40


def test_an_empty_table_stays_empty() -> None:
    made = dwelling.estimate(houses({"use": "house"}).iloc[:0], total=5)
    assert len(made) == 0
    assert dwelling.figures(made) == {"households": 0, "residents": 0, "estimated_share": 0}


@given(st.permutations(range(12)), st.integers(12, 3000))
def test_the_order_of_the_rows_changes_nothing(order: list[int], total: int) -> None:
    rows = houses(
        *[{"use": "apartments" if number % 3 else None, "levels": number % 5 or None} for number in range(12)]
    )
    plain = dwelling.estimate(rows, total=total).set_index("building_id")["households"]
    shuffled = dwelling.estimate(rows.iloc[order], total=total).set_index("building_id")["households"]
    assert plain.sum() == total
    assert shuffled[plain.index].tolist() == plain.tolist()

"""Blocks, crossings and stretches on the streets of a small town with a grid of numbers."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from court import CRS, X, Y

from govmap import attach
from govmap.attach.blocks import Streets, hundreds
from govmap.attach.lines import numbering

SIDE = 120.0
ACROSS = ["Main Street", "East Oak Street", "East Elm Street", "East Fir Street", "East Ash Street"]
UP = ["First Street", "North Second Street", "North Third Street", "North Fourth Street", "North Fifth Street"]


def town(*, turned: float = 0.0) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Five streets across and five up, blocks of 120 m; numbers on three of each, a hundred a block from the corner."""
    streets, houses = [], []
    for row in range(5):
        for at in range(4):
            ends = [(at * SIDE, row * SIDE), ((at + 1) * SIDE, row * SIDE)]
            streets.append((f"a{row}{at}", f"n{row}{at}", f"n{row}{at + 1}", ACROSS[row], ends))
            streets.append((f"u{row}{at}", f"n{at}{row}", f"n{at + 1}{row}", UP[row], [end[::-1] for end in ends]))
    for row, at, number in [(r, a, n) for r in (0, 2, 4) for a in range(4) for n in (2, 40, 80)]:
        away = at * SIDE + number * SIDE / 100
        houses.append((ACROSS[row], at * 100 + number, away, row * SIDE + 12))
        houses.append((UP[row], at * 100 + number + 1, row * SIDE - 12, away))
    frame = gpd.GeoDataFrame(
        [{"street_id": key, "from_node": a, "to_node": b, "name": name, "kind": "residential",
          "length_m": SIDE, "geometry": shapely.LineString(ends)} for key, a, b, name, ends in streets], crs=CRS,
    )  # fmt: skip
    addresses = gpd.GeoDataFrame(
        [{"building_id": None, "street": name, "house_number": str(number), "full": None,
          "geometry": shapely.Point(x, y)} for name, number, x, y in houses], crs=CRS,
    )  # fmt: skip
    for one in (frame, addresses):
        one["geometry"] = one.geometry.rotate(turned, origin=(0, 0)).translate(X, Y)
    return frame, addresses


@pytest.fixture(name="streets", scope="module")
def fixture_streets() -> Streets:
    return Streets(*town())


def place(streets: Streets, text: str) -> tuple[float, float] | None:
    found = streets.find(text)
    if found is None or found.stop is None:
        return None
    return round(found.stop.point.x - X), round(found.stop.point.y - Y)


def reason(streets: Streets, text: str) -> str | None:
    found = streets.find(text)
    return None if found is None else found.reason


@pytest.mark.parametrize(
    ("text", "x", "y"),
    [
        ("100 block of Main St", 1.5, 0),
        ("300 BLK MAIN ST", 3.5, 0),
        ("0 block of E Elm St", 0.5, 2),
        ("200 blk of E Ash Street", 2.5, 4),
        ("100 block First Street", 0, 1.5),
        ("300 block of N Third St", 2, 3.5),
    ],
)
def test_a_block_lies_in_the_middle_of_its_hundred(streets: Streets, text: str, x: float, y: float) -> None:
    found = place(streets, text)
    assert found is not None
    assert abs(found[0] - x * SIDE) <= 15
    assert abs(found[1] - y * SIDE) <= 15


@pytest.mark.parametrize("text", ["200 block of East Oak Street", "100 block of E Fir St"])
def test_a_street_without_numbers_has_those_of_the_streets_beside_it(streets: Streets, text: str) -> None:
    found = place(streets, text)
    row = 1 if "Oak" in text else 3
    assert found is not None
    assert found[1] == round(row * SIDE)
    assert abs(found[0] - (int(text[0]) + 0.5) * SIDE) <= 20
    answer = streets.find(text)
    assert answer is not None
    assert answer.stop is not None
    assert answer.stop.score < 0.9


def test_a_name_without_its_side_may_be_on_the_other_side(streets: Streets) -> None:
    assert reason(streets, "200 block of Elm Street") == "block_side"
    found = streets.find("200 block of Elm Street")
    assert found is not None
    assert [one.label for one in found.among] == ["East Elm Street 200-299"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("900 block of Main St", "block_unknown"),
        ("100 block of Birch St", "unknown_street"),
        ("Main St & Birch St", "unknown_street"),
        ("Main St & East Elm St", "crossing_unknown"),
    ],
)
def test_what_is_not_known_is_not_guessed(streets: Streets, text: str, why: str) -> None:
    assert reason(streets, text) == why


def test_a_block_beyond_the_last_number_is_told_only_where_streets_beside_it_say_the_same() -> None:
    frame, addresses = town()
    known = addresses["house_number"].astype(int)
    alone = addresses[(addresses["street"] == "Main Street") & (known < 200)]
    beside = addresses[(addresses["street"] != "Main Street") | (known < 200)]
    assert reason(Streets(frame, alone), "200 block of Main St") == "block_unsure"
    found = place(Streets(frame, beside), "200 block of Main St")
    assert found is not None
    assert abs(found[0] - 2.5 * SIDE) <= 20


def test_numbers_three_hundreds_apart_tell_nothing_of_the_blocks_between_them() -> None:
    frame, addresses = town()
    known = addresses["house_number"].astype(int)
    ends = addresses[(addresses["street"] == "Main Street") & ((known < 20) | (known > 370))]
    assert reason(Streets(frame, ends), "200 block of Main St") == "block_unknown"


def test_a_crossing_lies_where_two_streets_meet(streets: Streets) -> None:
    assert place(streets, "N Third St & E Elm St") == (2 * SIDE, 2 * SIDE)
    assert place(streets, "Elm Street at Third Street") == (2 * SIDE, 2 * SIDE)


def test_a_stretch_lies_between_its_crossings(streets: Streets) -> None:
    assert place(streets, "Main St between First St and N Third St") == (SIDE, 0)


@pytest.mark.parametrize("turned", [30.0, 117.0])
def test_a_turned_town_has_the_same_blocks(turned: float) -> None:
    plain_, other = Streets(*town()), Streets(*town(turned=turned))
    for text in ("100 block of Main St", "200 block of East Oak Street", "300 block of N Third St"):
        one, two = plain_.find(text), other.find(text)
        assert one is not None
        assert two is not None
        assert one.stop is not None
        assert two.stop is not None
        assert plain_.ids[one.stop.row] == other.ids[two.stop.row]


def test_the_order_of_the_tables_does_not_matter() -> None:
    frame, addresses = town()
    one = Streets(frame, addresses)
    other = Streets(frame.sample(frac=1, random_state=3), addresses.sample(frac=1, random_state=4))
    for text in ("100 block of Main St", "200 block of East Oak Street", "N Third St & E Elm St"):
        assert place(one, text) == place(other, text)


def test_a_number_out_of_line_does_no_harm() -> None:
    frame, addresses = town()
    wrong = addresses.iloc[[0]].assign(house_number="4302")
    there = Streets(frame, pd.concat([addresses, wrong], ignore_index=True))
    assert place(there, "100 block of Main St") == place(Streets(frame, addresses), "100 block of Main St")


def test_numbers_that_step_back_are_left_out() -> None:
    metres = np.arange(6) * 100.0
    kept = numbering(metres, np.array([10.0, 110.0, 910.0, 210.0, 310.0, 410.0]))
    assert kept.numbers.tolist() == [10.0, 110.0, 210.0, 310.0, 410.0]


@pytest.mark.parametrize(
    ("texts", "blocks"),
    [
        ([f"{number}00 MAIN ST" for number in range(30)], True),
        ([f"{number}00 MAIN ST" for number in range(19)], False),
        ([f"{number} MAIN ST" for number in range(1, 60)], False),
    ],
)
def test_a_list_of_full_hundreds_is_one_of_blocks(texts: list[str], *, blocks: bool) -> None:
    assert hundreds(texts, [1] * len(texts)) is blocks


# on the ground -----------------------------------------------------------------------------------------------------
def attached(texts: list[str], **facts: Any) -> pd.DataFrame:
    frame, addresses = town()
    ground = shapely.box(X - 50, Y - 50, X + 5 * SIDE, Y + 5 * SIDE)
    half = shapely.box(X - 50, Y - 50, X + 2.5 * SIDE, Y + 5 * SIDE)
    cells = gpd.GeoDataFrame(
        {"cell_id": ["k1", "k2"], "community_id": "k", "building_id": ["w1", None],
         "geometry": [half, shapely.difference(ground, half)]}, crs=CRS,
    )  # fmt: skip
    parts = pd.DataFrame([
        {"part_id": key, "building_id": building, "cell_id": key, "entrance": None, "floor_from": None,
         "households": 1} for key, building in (("k1", "w1"), ("k2", None))
    ])  # fmt: skip
    house = gpd.GeoDataFrame(
        [{"building_id": "w1", "cell_id": "k1", "reason": None, "osm_id": "w1", "name": "Town Hall",
          "compound_id": None, "geometry": shapely.box(X, Y, X + 9, Y + 9)}], crs=CRS,
    )  # fmt: skip
    rows = {
        "address": texts,
        "import_id": "i",
        "sensitive": False,
        "building_id": None,
        "part_id": None,
        "geometry": None,
    }
    listed = gpd.GeoDataFrame(pd.DataFrame(rows | facts, index=range(len(texts))), geometry="geometry", crs=CRS)
    return attach.attach(listed, "incidents", parts, house, addresses, cells, None, streets=frame)


def test_incidents_of_blocks_lie_on_the_segment_and_its_ground_and_in_no_building() -> None:
    found = attached(["100 block of Main St", "300 block of Main St", "900 block of Main St", "Town Hall"])
    assert found["street_id"].tolist() == ["a01", "a03", None, None]
    assert found["cell_id"].tolist() == ["k1", "k2", None, "k1"]
    assert found["building_id"].tolist() == [None, None, None, "w1"]
    assert found["reason"].tolist() == [None, None, "block_unknown", None]
    assert found["placed_by"].tolist() == ["block", "block", None, "text"]


def test_numbers_are_blocks_only_in_lists_of_blocks() -> None:
    few = attached(["100 MAIN ST"] * 3)
    many = attached(["100 MAIN ST", "200 MAIN ST"] * 20)
    assert set(few["reason"]) == {"unknown_address"}
    assert set(many["street_id"]) == {"a01", "a02"}


def test_a_sensitive_incident_gets_neither_point_nor_segment() -> None:
    found = attached(["100 block of Main St"], sensitive=True)
    assert found["geometry"].isna().all()
    assert found[["street_id", "cell_id", "part_id"]].isna().all(axis=None)


def test_a_second_attach_finds_the_same_and_forgets_its_own_points() -> None:
    once = attached(["100 block of Main St", "E Elm St & N Third St", "Town Hall"])
    columns = ["building_id", "part_id", "cell_id", "street_id", "reason", "placed_by"]
    rows = once.drop(columns=["read_as", "among"])
    frame, _ = town()
    again = attached(rows["address"].tolist(), **{name: rows[name].tolist() for name in columns},
                     geometry=rows["geometry"].tolist())  # fmt: skip
    assert again[columns].astype(object).equals(once[columns].astype(object))
    assert len(frame) == 40


@pytest.mark.parametrize(
    "text", ["200 block of Elm Street", "200 BLK ELM ST", "250 Elm St.", "200  block  of  elm street"]
)
def test_a_choice_of_a_street_is_remembered_however_the_block_is_written(text: str) -> None:
    frame, addresses = town()
    from govmap.attach.waysides import Waysides

    aliases = pd.DataFrame(
        {"text": ["200 block of Elm Street"], "building_id": [None], "meaning": ["East Elm Street 200-299"]}
    )
    sides = Waysides(frame, addresses, aliases)
    answer = sides._answer(text, Streets(frame, addresses))
    assert answer is not None
    assert answer.stop is not None
    assert answer.stop.score == 1.0
    other = sides._answer("300 block of Elm Street", Streets(frame, addresses))
    assert other is None or other.stop is None or other.stop.score < 1.0


def along_main(numbers: list[tuple[int, float]]) -> Streets:
    """The town with numbers on Main Street alone, so many metres along it."""
    frame, addresses = town()
    points = [shapely.Point(X + metres, Y + 12) for _, metres in numbers]
    mine = pd.DataFrame({"street": "Main Street", "house_number": [str(one) for one, _ in numbers]})
    return Streets(
        frame, gpd.GeoDataFrame(mine.assign(building_id=None, full=None), geometry=points, crs=addresses.crs)
    )


def test_a_block_whose_numbers_end_early_stays_before_its_corner() -> None:
    streets = along_main([(1, 3), (95, 110), (101, 130), (103, 200), (105, 228)])
    assert place(streets, "100 BLK MAIN ST") == (228, 0)


def test_a_block_is_not_guessed_onto_a_stretch_that_has_houses_of_another() -> None:
    """Between 103 and 303 the 200s would lie in the middle, but there stands number 311."""
    known = [(103, 10), (119, 60), (303, 130), (311, 170), (319, 200)]
    assert place(along_main(known), "200 BLK MAIN ST") is None
    assert reason(along_main(known), "200 BLK MAIN ST") == "block_unsure"

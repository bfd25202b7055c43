"""Sheets of one unit: what stands beside the map has room there."""

from dataclasses import replace

import pandas as pd
import pytest

from govmap.messages import Voice
from govmap.render.atlas import answering, fonts, houses, one_unit, tables
from govmap.render.atlas.desk import Desk
from govmap.render.atlas.near import Near
from govmap.render.atlas.tables import Column, Table

pytestmark = pytest.mark.skipif(fonts.family() is None, reason="needs a font that sheets are written in")

LONG = "the lamp over the second door of the stairwell beside the bicycle stand is broken again"


@pytest.fixture
def desk(released):
    let = released()
    units = let.tables["units"][["unit_id"]].assign(unit_code=lambda rows: rows["unit_id"], unit="Quarter")
    rows = pd.DataFrame({"unit_id": "U001", "building_id": ["w0", "w1"], "building": ["1", "2"], "compound": None})
    rows = rows.reindex(columns=["unit_id", "building_id", "compound", "street", "building", "part", "address"])
    return Desk(near=Near.of(let), voice=Voice("en"), title="Well", paper="A4", rows=rows, units=units, called={})


def carried(desk, lines):
    """Give the sheets of a unit that has so many open incidents, each described at length."""
    columns = [Column("No.", 0.1), Column("What", 0.6), Column("Where", 0.3)]
    listed = Table(columns, [(str(at), LONG, "1") for at in range(lines)], desk.type_mm, least_mm=400)
    return one_unit.Kind(name="carry", marks={}, before={"U001": listed}, facts={})


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_what_goes_on_over_several_rows_has_room_reserved_before_a_page_is_added(desk, paper):
    desk = replace(desk, paper=paper)
    kind = carried(desk, 3)
    sheets = one_unit.leaves(desk, "U001", kind)
    (front,) = (leaf.paint.args[-1] for leaf in sheets[:1])
    assert len(front.before.lines) > len(kind.before["U001"].lines)
    assert front.boxes.before.high >= front.before.high * (len(front.before.lines) + 1)
    assert [sum(map(len, page)) for page in front.before_pages] == [len(front.before.lines)]
    assert len(sheets) == 1


def test_many_long_rows_leave_room_for_buildings_and_go_on_behind(desk):
    sheets = one_unit.leaves(desk, "U001", carried(desk, 60))
    front = sheets[0].paint.args[-1]
    shown = [row for page in front.before_pages for strip in page for row in strip]
    assert shown == list(range(len(front.before.lines)))
    assert front.boxes.places.high >= tables.FEW * front.places.table.high
    assert len(sheets) == len(front.before_pages) + len(front.pages) - 1 > 1


def test_a_fact_that_is_too_long_ends_after_a_whole_thing(desk):
    told = "Covers: " + ", ".join(f"{at} Long Mill Street" for at in range(1, 60))
    lines = answering._fact(told, 2.7, 60.0)
    assert len(lines) == answering.MOST_LINES
    assert " ".join(lines).endswith("Street …")
    assert answering._fact("Covers: Mill Street", 2.7, 60.0) == ["Covers: Mill Street"]


def test_a_name_that_the_list_tells_anyway_is_not_told_twice_but_a_number_is(desk):
    row = {"building_id": "w0", "building": "文化宫"}
    assert houses._on_map(replace(desk, called={"w0": "文化宫"}), row, "花园  文化宫") is None
    assert (
        houses._on_map(
            replace(desk, called={"w0": "A long name of a ho…"}), row | {"building": "A long name of a house"}, "A"
        )
        is None
    )
    assert houses._on_map(replace(desk, called={"w0": "3"}), row | {"building": "3号楼"}, "3号楼") == "3"
    assert (
        houses._on_map(replace(desk, called={"w0": "1座 Block 1"}), row | {"building": "1座 Block 1"}, "1座 Block 1")
        is None
    )


def test_what_goes_on_behind_has_the_title_of_its_kind(desk):
    kind = replace(carried(desk, 60), more="atlas_more_buildings", lists=False)
    assert one_unit.leaves(desk, "U001", kind)[1].title == desk.say("atlas_more_buildings", unit="unit U001 Quarter")

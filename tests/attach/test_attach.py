"""Every row is attached or has a reason, and nothing is counted twice."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from court import CRS, Court, X, Y, court
from hypothesis import given, settings
from hypothesis import strategies as st

from govmap import attach
from govmap.attach.gazetteer import Gazetteer
from govmap.messages import Voice


@pytest.fixture(name="here", scope="module")
def fixture_here() -> Court:
    return court()


def incidents(*rows: dict[str, Any]) -> gpd.GeoDataFrame:
    blank = {
        "building_id": None,
        "part_id": None,
        "address": None,
        "category": "噪音",
        "sensitive": False,
        "geometry": None,
    }
    frame = pd.DataFrame([blank | row for row in rows], columns=list(blank), dtype=object)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=CRS)


def residents(*rows: dict[str, Any]) -> pd.DataFrame:
    blank = {
        "place_kind": "address", "place_id": None, "base": "actual", "households": None, "people": None,
        "age_0_6": None, "age_7_14": None, "age_15_59": None, "age_60_plus": None, "age_80_plus": None,
        "living_alone_60": None, "building_id": None, "part_id": None, "geometry": None,
    }  # fmt: skip
    frame = pd.DataFrame([blank | row for row in rows], columns=list(blank), dtype=object)
    frame["source_row"] = np.arange(len(frame))
    counts = [name for name in blank if name in ("households", "people", *attach.register.AGES)]
    frame[counts] = frame[counts].astype("Int64")
    return frame


def put(here: Court, rows: pd.DataFrame, table: str = "incidents", **more: Any) -> pd.DataFrame:
    facts = {"compounds": here.compounds, "communities": here.communities} | more
    return attach.attach(rows, table, here.parts, here.buildings, here.addresses, here.cells, here.plan_parts, **facts)


def people(here: Court, rows: pd.DataFrame) -> pd.DataFrame:
    placed = rows.assign(reason=None) if "reason" not in rows else rows
    return attach.by_part(here.buildings, placed, parts=here.parts, communities=here.communities)


def one(here: Court, table: str = "incidents", **row: Any) -> tuple[Any, ...]:
    frame = residents(row) if table == "residents" else incidents(row)
    return tuple(put(here, frame, table)[["building_id", "part_id", "cell_id", "reason"]].iloc[0])


def test_a_building_id_is_believed_first(here: Court) -> None:
    assert one(here, building_id="w11", geometry=shapely.Point(X + 225, Y + 50)) == ("w11", "w11", "w11", None)


@pytest.mark.parametrize(
    ("address", "building"),
    [
        ("幸福小区1号楼", "w11"), ("和平小区一栋", "w21"), ("幸福小区２幢３单元501", "w12"), ("建设路12号", "w11"),
        ("建设路十四号", "w12"), ("幸福小区建设路12号", None), ("7A Elm St", "w22"), ("w21", "w21"),
        ("幸福社区幸福小区1号楼", "w11"),
    ],
)  # fmt: skip
def test_addresses_find_their_building(here: Court, address: str, building: str | None) -> None:
    assert one(here, address=address)[0] == building


def test_a_number_that_two_compounds_have_is_not_guessed_at(here: Court) -> None:
    assert one(here, address="3号楼") == (None, None, None, "ambiguous")
    assert one(here, address="幸福小区3号楼")[0] == "w13"
    assert one(here, address="和平小区3号楼")[0] == "w23"


def test_a_point_settles_which_of_two_is_meant(here: Court) -> None:
    assert one(here, address="3号楼", geometry=shapely.Point(X + 120, Y + 70))[0] == "w23"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"address": "没有这条路9号"}, "unknown_address"),
        ({"address": "幸福小区"}, "compound_only"),
        ({"address": "建设路16号"}, "address_without_building"),
        ({"building_id": "w404"}, "unknown_building"),
        ({"part_id": "w404"}, "unknown_part"),
        ({"building_id": "w99"}, "building_outside"),
        ({"geometry": shapely.Point(X + 5000, Y)}, "outside"),
        ({}, "no_place"),
    ],
)
def test_what_cannot_be_attached_has_its_reason(here: Court, row: dict[str, Any], reason: str) -> None:
    assert one(here, **row)[3] == reason
    assert Voice("zh").say(f"attach_reason_{reason}")
    assert Voice("en").say(f"attach_reason_{reason}")


def test_for_an_address_in_no_building_those_next_to_it_are_offered(here: Court) -> None:
    known = here.addresses.to_dict("records")
    known[-1] |= {"geometry": shapely.Point(X + 45, Y + 25)}
    for rows in (known, known[::-1]):
        found = Gazetteer(here.buildings, pd.DataFrame(rows)).find("建设路16号")
        assert (found.reason, sorted(found.among)) == ("address_without_building", ["w11", "w12"])


def test_an_address_that_is_not_known_leaves_the_word_to_the_point(here: Court) -> None:
    assert one(here, address="没有这条路9号", geometry=shapely.Point(X + 75, Y + 25)) == ("w12", "w12", "w12", None)


def test_open_ground_holds_what_lies_on_it(here: Court) -> None:
    assert one(here, geometry=shapely.Point(X + 225, Y + 50)) == (None, "o1", "o1", None)


def test_a_point_on_a_shared_edge_belongs_to_one_cell(here: Court) -> None:
    assert one(here, geometry=shapely.Point(X + 50, Y + 50))[2] == "w11"


def test_stairwells_and_floors(here: Court) -> None:
    assert one(here, address="幸福小区4号楼2单元")[1] == "w14-2"
    assert one(here, part_id="w14-2")[:2] == ("w14", "w14-2")
    assert one(here, address="幸福小区3号楼")[1] == "w13f1"
    assert one(here, table="residents", place_id="幸福小区4号楼2单元", households=3)[1] == "w14-2"
    assert one(here, table="residents", place_id="幸福小区4号楼", households=3)[:2] == ("w14", None)


def test_an_alias_learned_once_is_used(here: Court) -> None:
    aliases = pd.DataFrame({"text": ["老供销社大院"], "building_id": ["w23"]})
    assert put(here, incidents({"address": "老供销社大院"}), aliases=aliases)["building_id"].tolist() == ["w23"]


def test_counts_of_wider_places_stay_with_them(here: Court) -> None:
    rows = residents(
        {"place_kind": "compound", "place_id": "和平小区", "households": 90},
        {"place_kind": "compound", "place_id": "没有小区", "households": 9},
        {"place_kind": "unit", "place_id": "U2", "people": 5},
        {"place_kind": "unit", "place_id": "第一网格", "people": 5},
        {"place_kind": "community", "place_id": "幸福社区", "people": 5},
        {"place_kind": "area", "place_id": "i-1", "people": 5, "geometry": shapely.box(X, Y, X + 10, Y + 10)},
        {"place_kind": "area", "place_id": "E0001", "people": 5},
    )  # fmt: skip
    units = pd.DataFrame({"unit_id": ["U1", "U2"], "code": ["001", "002"], "name": ["第一网格", None]})
    found = put(here, rows, "residents", units=units)
    assert found["place_id"].tolist() == ["r2", "没有小区", "U2", "U1", "k", "i-1", "E0001"]
    assert found["reason"].tolist() == [None, "unknown_compound", None, None, None, None, "unknown_area"]


def random_incidents(seed: int, count: int = 300) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(seed)
    texts = ["幸福小区3号楼", "3号楼", "建设路12号", "无处可寻", None, None]
    rows = [
        {
            "address": texts[rng.integers(0, 6)],
            "category": ["噪音", "绿化", None][rng.integers(0, 3)],
            "sensitive": bool(rng.random() < 0.1),
            "geometry": None
            if rng.random() < 0.3
            else shapely.Point(X + rng.integers(-2, 28) * 10, Y + rng.integers(-2, 12) * 10),
        }
        for _ in range(count)
    ]
    return incidents(*rows)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000))
def test_attached_and_reported_add_up_to_all_and_order_does_not_matter(seed: int) -> None:
    here = court()
    rows = random_incidents(seed)
    found = put(here, rows)
    assert len(found) == len(rows)
    assert (found["reason"].isna() == found["part_id"].notna()).all()
    assert int(attach.reasons(found)["rows"].sum()) == len(rows)
    shuffled = put(here, rows.sample(frac=1, random_state=seed))
    back = shuffled.assign(at=rows.sample(frac=1, random_state=seed).index).sort_values("at", ignore_index=True)
    for name in ("building_id", "part_id", "cell_id", "reason"):
        assert back[name].tolist() == found[name].tolist()
    none = incidents()
    sums = attach.tallies(people(here, residents()), none, found, here.plan_parts)
    told = found[found["reason"].isna() & ~found["sensitive"].astype(bool)]
    assert int(sums["count"].sum()) == len(told)


def test_sensitive_incidents_are_counted_for_no_unit(here: Court) -> None:
    found = put(here, incidents({"building_id": "w11", "sensitive": True}, {"building_id": "w11"}))
    sums = attach.tallies(people(here, residents()), incidents(), found, here.plan_parts)
    assert sums[["unit_id", "theme", "category", "count"]].to_numpy().tolist() == [["U1", "incidents", "噪音", 1]]


def test_residents_of_a_divided_building_are_spread_over_its_parts_and_none_is_lost(here: Court) -> None:
    split = here.plan_parts.assign(
        unit_id=here.plan_parts["part_id"].where(here.plan_parts["part_id"].str.startswith("w14"), "U")
    )
    rows = put(
        here, residents({"place_id": "幸福小区4号楼", "households": 31, "people": 77, "age_60_plus": 5}), "residents"
    )
    sums = attach.tallies(people(here, rows), incidents(), incidents(), split)
    told = sums[sums["category"] == "people"].set_index("unit_id")["people"]
    assert told.to_dict() == {"w14-1": 39, "w14-2": 38}
    homes = sums[sums["category"] == "households"].set_index("unit_id")["count"]
    assert homes.to_dict() == {"w14-1": 16, "w14-2": 15}
    assert int(sums[sums["category"] == "age_60_plus"]["people"].sum()) == 5


def test_bases_are_kept_apart(here: Court) -> None:
    rows = put(
        here,
        residents({"place_id": "建设路12号", "people": 30}, {"place_id": "建设路12号", "people": 12, "base": "rented"}),
        "residents",
    )
    sums = attach.tallies(people(here, rows), incidents(), incidents(), here.plan_parts)
    assert sums.set_index("theme")["people"].to_dict() == {"residents": 30, "residents_rented": 12}


def test_nothing_attached_gives_an_empty_table(here: Court) -> None:
    sums = attach.tallies(people(here, residents()), incidents(), incidents(), here.plan_parts)
    assert sums.empty
    assert list(sums.columns) == ["plan_id", "unit_id", "theme", "category", "count", "people"]

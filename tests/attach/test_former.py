"""Last year's division taken in: polygons, lists, prose; what is not understood is told."""

from typing import Any

import pandas as pd
import pytest
import shapely
from court import X, Y, court

from govmap.attach.former import Former, Ground, former

COURT = court()
GROUND = Ground(COURT.parts, COURT.buildings, COURT.addresses, COURT.cells, COURT.compounds)


def taken(*rows: dict[str, Any]) -> Former:
    return former(pd.DataFrame([{"source_row": number, **row} for number, row in enumerate(rows, start=2)]), GROUND)


def units(found: Former) -> dict[str, str]:
    return dict(zip(found.parts["part_id"], found.parts["unit"], strict=True))


def told(found: Former) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in found.findings[["row", "text", "reason"]].itertuples(index=False)]


def test_prose_gives_buildings_by_compound_and_number() -> None:
    found = taken(
        {"unit": "一", "covers": "幸福小区1-4号楼（除3号楼）"}, {"unit": "二", "covers": "幸福小区3栋、和平小区"}
    )
    assert units(found) == {
        "w11": "一", "w12": "一", "w14-1": "一", "w14-2": "一", "w13f1": "二", "w13f9": "二",
        "w21": "二", "w22": "二", "w23f1": "二", "w23f9": "二", "w24-1": "二", "w24-2": "二",
    }  # fmt: skip
    assert found.findings.empty
    assert found.left_out == ()


def test_a_compound_may_be_named_whole_but_for_some_buildings() -> None:
    assert set(units(taken({"unit": "一", "covers": "和平小区（除3号楼、4号楼）"}))) == {"w21", "w22"}


def test_an_address_may_hold_a_range() -> None:
    assert set(units(taken({"unit": "一", "address": "和平小区1-2号楼"}))) == {"w21", "w22"}


def test_stairwells_and_sides_of_a_street() -> None:
    found = taken(
        {"unit": "一", "covers": "幸福小区4号楼1单元"}, {"unit": "二", "covers": "建设路双号2-12号、建设路14号"}
    )
    assert units(found) == {"w14-1": "一", "w11": "二", "w12": "二"}
    assert "w14" not in found.left_out


@pytest.mark.parametrize("covers", ["建设路单号1-99号", "建设路13号"])
def test_a_stretch_without_houses_is_told(covers: str) -> None:
    assert told(taken({"unit": "一", "covers": covers})) == [(2, "建设路", "unknown_street")]


def test_the_narrower_word_goes_before_the_wider_whatever_the_order() -> None:
    for rows in ((0, 1), (1, 0)):
        said = ({"unit": "一", "covers": "幸福小区"}, {"unit": "二", "covers": "幸福小区2号楼"})
        found = taken(*(said[row] for row in rows))
        assert units(found)["w12"] == "二"
        assert units(found)["w11"] == "一"
        assert found.findings.empty


def test_a_building_claimed_twice_stays_with_the_first_and_is_told() -> None:
    found = taken({"unit": "一", "covers": "幸福小区1-2号楼"}, {"unit": "二", "covers": "幸福小区2号楼"})
    assert units(found)["w12"] == "一"
    assert told(found) == [(3, "w12: 一", "claimed_twice")]


def test_what_is_not_understood_is_shown_at_its_place() -> None:
    found = taken({"unit": "一", "covers": "幸福小区1号楼、沿街商铺、和平小区9号楼，东至护城河"})
    assert set(told(found)) == {
        (2, "沿街商铺", "unknown_name"),
        (2, "和平小区9号楼", "unknown_building"),
        (2, "东至护城河", "not_understood"),
    }
    assert dict(zip(found.findings["text"], found.findings["place"], strict=True))["沿街商铺"] == 8


def test_a_list_of_buildings_gives_each_its_unit() -> None:
    rows = [
        {"unit": "一", "address": "幸福小区1号楼"},
        {"unit": "二", "address": "幸福小区4号楼2单元"},
        {"unit": "二", "building_id": "w21"},
    ]
    found = taken(*rows, {"unit": "二", "address": "8号楼"})
    assert units(found) == {"w11": "一", "w14-2": "二", "w21": "二"}
    assert told(found) == [(5, "8号楼", "unknown_building")]
    assert "w12" in found.left_out


def test_a_number_that_two_compounds_have_is_not_guessed() -> None:
    assert told(taken({"unit": "一", "address": "3号楼"})) == [(2, "3号楼", "ambiguous")]


def test_polygons_take_the_buildings_of_which_they_hold_most() -> None:
    west, east = shapely.box(X, Y, X + 80, Y + 100), shapely.box(X + 75, Y, X + 260, Y + 100)
    found = taken({"unit": "西", "geometry": west}, {"unit": "东", "geometry": east})
    assert {part for part, unit in units(found).items() if unit == "西"} == {"w11", "w21", "w12", "w22"}
    assert units(found)["o1"] == "东"
    assert (2, "东", "overlap") in told(found)
    assert found.findings.set_index("reason")["area_m2"]["overlap"] == 500
    assert {row[1] for row in told(found) if row[2] == "building_cut"} == {"w12", "w22"}


def test_words_go_before_polygons_and_buildings_in_none_are_left_out() -> None:
    west = shapely.box(X, Y, X + 50, Y + 100)
    found = taken({"unit": "西", "geometry": west}, {"unit": "东", "covers": "幸福小区1号楼"})
    assert units(found) == {"w11": "东", "w21": "西"}
    assert found.left_out == ("w12", "w13", "w14", "w22", "w23", "w24")


def test_empty_rows_and_no_rows_claim_nothing() -> None:
    found = taken({"unit": "一", "covers": "", "geometry": shapely.Polygon()})
    assert found.parts.empty
    assert found.findings.empty
    assert former(pd.DataFrame(columns=["source_row", "unit", "geometry"]), GROUND).parts.empty

"""A square of four units between streets, a river and a railway, and what a clerk would write of them."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, MultiPolygon, affinity, box, unary_union

from govmap.catalog import profile
from govmap.delineate import bounds
from govmap.sources import sides

ZH, EN = profile("cn").voice("zh"), profile("generic").voice("en")
CRS = "EPSG:32633"


def frame(rows):
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS)


def square(name, x, y, **more):
    return {"unit_id": name, "code": name.upper(), "community_id": "c", "geometry": box(x, y, x + 200, y + 200)} | more


def streets(*rows):
    kinds = [
        {"street_id": f"s{n}", "name": name, "kind": kind, "geometry": LineString(line)}
        for n, (name, kind, line) in enumerate(rows)
    ]
    return frame(kinds)


def barriers(*rows):
    kinds = [
        {"barrier_id": f"b{n}", "name": name, "kind": kind, "on_ground": ground, "geometry": LineString(line)}
        for n, (name, kind, ground, line) in enumerate(rows)
    ]
    return frame(kinds)


def areas(key, *rows):
    kinds = [
        {key: f"a{n}", "name": name, "name_zh": name_zh, "kind": kind, "geometry": shape}
        for n, (name, name_zh, kind, shape) in enumerate(rows)
    ]
    return frame(kinds)


FOUR = frame([square("a", 0, 200), square("b", 200, 200), square("c", 0, 0), square("d", 200, 0)])
TOWN = {
    "streets": streets(
        ("人民路", "primary", [(405, -50), (405, 450)]),
        ("中山路", "secondary", [(-50, 410), (450, 410)]),
        ("中街", "residential", [(0, 203), (400, 203)]),
    ),
    "barriers": barriers(
        ("护城河", "river", True, [(-50, 0), (450, 0)]), (None, "railway", True, [(0, -50), (0, 450)])
    ),
}


def told(units, tables, voice=ZH, **how):
    return bounds.texts(units, tables, voice, **how).to_dict()


def test_the_bounds_are_told_as_a_clerk_writes_them():
    found = told(FOUR, TOWN)
    assert found["a"] == "东至网格B，南至中街，西至铁路，北至中山路"
    assert found["b"] == "东至人民路，南至中街，西至网格A，北至中山路"
    assert found["c"] == "东至网格D，南至护城河，西至铁路，北至中街"
    assert found["d"] == "东至人民路，南至护城河，西至网格C，北至中街"


def test_english_names_the_same_sides():
    assert told(FOUR, TOWN, EN)["a"] == "north: 中山路; east: unit B; south: 中街; west: railway"


@pytest.mark.parametrize("voice", [ZH, EN])
def test_what_is_written_can_be_read_back_as_a_boundary(voice):
    read = sides.read(told(FOUR, TOWN, voice)["d"])
    assert read is not None
    assert (read["E"], read["S"], read["N"]) == ("人民路", "护城河", "中街")
    assert sides.read(told(FOUR, TOWN, voice)["c"])["W"] == ("铁路" if voice is ZH else "railway")


@pytest.mark.parametrize("degrees", [-40, -20, 15, 30, 44])
def test_a_town_that_is_turned_keeps_one_side_for_each_street(degrees):
    def turned(rows):
        return rows.assign(geometry=rows.geometry.map(lambda one: affinity.rotate(one, degrees, origin=(200, 200))))

    found = told(turned(FOUR), {name: turned(rows) for name, rows in TOWN.items()})
    assert found["d"] == "东至人民路，南至护城河，西至网格C，北至中街"


def test_the_order_of_rows_changes_nothing():
    mixed = {name: rows.sample(frac=1, random_state=3) for name, rows in TOWN.items()}
    assert told(FOUR.sample(frac=1, random_state=5), mixed) == told(FOUR, TOWN)


def test_a_street_behind_a_row_of_houses_bounds_nobody():
    behind = streets(("后街", "residential", [(0, 430), (400, 430)]))
    assert "北至后街" in told(FOUR, {"streets": behind})["a"]
    row = frame([{"building_id": "w1", "geometry": box(-20, 412, 420, 420)}])
    assert "北至社区边界" in told(FOUR, {"streets": behind, "buildings": row})["a"]


def test_a_street_that_only_crosses_bounds_nobody():
    crossing = streets(("横路", "primary", [(100, 300), (100, 500)]))
    assert "横路" not in told(FOUR, {"streets": crossing})["a"]


def test_tunnels_and_bridges_over_the_border_are_passed_over():
    under = streets(("东隧道", "primary", [(0, 400), (400, 400)]))
    over = barriers(("高架铁路", "railway", False, [(0, 400), (400, 400)]))
    assert "北至社区边界" in told(FOUR, {"streets": under, "barriers": over})["a"]


def test_a_wall_counts_less_than_a_street_and_more_than_a_neighbour():
    wall = barriers((None, "wall", True, [(200, 0), (200, 400)]))
    assert "东至围墙" in told(FOUR, {"barriers": wall})["a"]
    street = streets(("小巷", "residential", [(210, 0), (210, 400)]))
    assert "东至小巷" in told(FOUR, {"barriers": wall, "streets": street})["a"]


def test_a_compound_or_park_beyond_is_named_unless_the_unit_lies_in_it():
    compound = areas("compound_id", ("Happy Court", "幸福小区", "residential", box(200, 200, 400, 400)))
    park = areas("feature_id", ("Park", "公园", "green", box(-100, 100, 0, 500)))
    found = told(FOUR, {"compounds": compound, "features": park})
    assert found["a"] == "东至幸福小区，南至网格C，西至公园，北至社区边界"
    assert "北至幸福小区" in found["d"]
    whole = areas("compound_id", ("Happy Court", "幸福小区", "residential", box(-50, -50, 450, 450)))
    assert "幸福小区" not in "".join(told(FOUR, {"compounds": whole}).values())


def test_places_that_are_not_published_bound_nobody():
    secret = areas("feature_id", ("Camp", "营房", "land use", box(200, 200, 400, 400))).assign(**{"class": "military"})
    assert "东至网格B" in told(FOUR, {"features": secret})["a"]


def test_chinese_names_are_taken_in_chinese_only():
    road = streets(("Nathan Road", "primary", [(405, -50), (405, 450)]))
    known = areas("feature_id", ("Nathan Road", "弥敦道", "road", LineString([(405, -50), (405, 450)])))
    assert "东至弥敦道" in told(FOUR, {"streets": road, "features": known})["b"]
    assert "east: Nathan Road" in told(FOUR, {"streets": road, "features": known}, EN)["b"]


def test_the_community_beyond_is_named():
    two = frame([square("a", 0, 0), square("b", 200, 0, community_id="e")])
    names = frame([{"community_id": "e", "name": "East", "name_zh": "东风社区", "geometry": box(200, 0, 400, 200)}])
    assert told(two, {"communities": names})["a"].startswith("东至东风社区")


def test_a_unit_without_outline_has_no_bounds_and_only_what_is_asked_for_is_written():
    floors = pd.concat([FOUR, frame([square("e", 0, 0) | {"geometry": MultiPolygon()}])], ignore_index=True)
    found = told(floors, TOWN)
    assert found["e"] is None
    assert told(floors, TOWN, only=["b", "e"]) == {"b": found["b"], "e": None}
    assert told(FOUR.iloc[:0], TOWN) == {}


def test_units_of_several_levels_are_not_each_others_neighbours():
    grids = frame([square("p", 0, 0) | {"geometry": box(0, 0, 400, 400)}]).assign(level="grid")
    found = told(pd.concat([FOUR.assign(level="microgrid"), grids], ignore_index=True), TOWN)
    assert found["p"] == "东至人民路，南至护城河，西至铁路，北至中山路"
    assert found["a"] == "东至网格B，南至中街，西至铁路，北至中山路"


def test_an_enclave_and_a_unit_around_it_have_all_four_sides():
    hole = box(80, 80, 120, 120)
    ring = frame(
        [square("a", 0, 0) | {"geometry": box(0, 0, 200, 200).difference(hole)}, square("b", 0, 0) | {"geometry": hole}]
    )
    found = told(ring, {})
    assert found["b"] == "东至网格A，南至网格A，西至网格A，北至网格A"
    assert found["a"].count("社区边界") == 4


def test_any_outline_gets_four_sides():
    rng = np.random.default_rng(7)
    for _ in range(20):
        lots = [box(x, y, x + 40, y + 40) for x, y in rng.integers(0, 8, (12, 2)) * 40]
        shape = unary_union(lots)
        found = told(frame([square("a", 0, 0) | {"geometry": shape}]), TOWN)
        assert sides.read(found["a"]).keys() == set("NESW")

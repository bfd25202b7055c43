"""Elements of OpenStreetMap to tables: buildings, their addresses and doors, compounds, numbers as mappers write."""

from pathlib import Path

import numpy as np
import pytest
import shapely
from osm_tables import by_id, dropped, tables
from osm_world import World

from govmap import catalog
from govmap.sources import extract
from govmap.sources.osm import numbers
from govmap.sources.osm.addresses import full_text
from govmap.sources.osm.rules import Rules


def test_a_courtyard_of_a_relation_stays_a_hole(tmp_path: Path) -> None:
    world = World()
    outer = world.box(0, 0, 40, 40)
    inner = world.box(10, 10, 20, 20)
    world.relation(("way", outer, "outer"), ("way", inner, "inner"), type="multipolygon", building="apartments")
    rows = tables(world, tmp_path)["buildings"]
    assert list(rows["building_id"]) == ["r1"]
    assert rows.area.iloc[0] == pytest.approx(1600 - 400, rel=5e-3)


def test_a_courtyard_is_found_where_the_tags_stand_on_the_outline(tmp_path: Path) -> None:
    world = World()
    outer = world.box(0, 0, 40, 40, building="yes", name="old custom")
    inner = world.box(10, 10, 20, 20)
    world.relation(("way", outer, "outer"), ("way", inner, "inner"), type="multipolygon")
    rows = tables(world, tmp_path)["buildings"]
    assert list(rows["building_id"]) == ["w1"]
    assert rows.area.iloc[0] == pytest.approx(1200, rel=5e-3)


def test_a_building_on_its_outline_and_its_relation_counts_once(tmp_path: Path) -> None:
    world = World()
    outer = world.box(0, 0, 40, 40, building="yes")
    inner = world.box(10, 10, 20, 20)
    world.relation(("way", outer, "outer"), ("way", inner, "inner"), type="multipolygon", building="yes")
    found = extract.read(world.write(tmp_path / "world.osm"))
    assert list(found.tables["buildings"]["building_id"]) == ["w1"]
    assert found.tables["buildings"].area.iloc[0] == pytest.approx(1200, rel=5e-3)
    assert found.counts["buildings"]["dropped"] == {"twin_of_outline": 1}


def test_a_relation_of_two_outlines_is_one_building(tmp_path: Path) -> None:
    world = World()
    one, other = world.box(0, 0, 10, 10), world.box(20, 0, 10, 10)
    world.relation(("way", one, "outer"), ("way", other, "outer"), type="multipolygon", building="yes")
    rows = tables(world, tmp_path)["buildings"]
    assert len(rows) == 1
    assert len(rows.geometry.iloc[0].geoms) == 2


def test_parts_inside_an_outline_are_no_buildings_but_raise_it(tmp_path: Path) -> None:
    world = World()
    world.box(0, 0, 60, 40, building="yes", building__levels="3")
    for number in range(2):
        world.box(2 + 30 * number, 5, 20, 20, building__part="yes", building__levels="30", height="90")
    rows = tables(world, tmp_path)["buildings"]
    assert list(rows["building_id"]) == ["w1"]
    assert rows["levels"].iloc[0] == 30
    assert rows["height_m"].iloc[0] == 90
    assert rows["floor_area_m2"].iloc[0] == pytest.approx(800 * 30 + 1600 * 3, rel=6e-3)


def test_a_part_without_an_outline_is_a_building(tmp_path: Path) -> None:
    world = World()
    world.box(0, 0, 20, 20, building__part="yes")
    world.box(50, 0, 20, 20, building="yes")
    assert list(tables(world, tmp_path)["buildings"]["building_id"]) == ["w1", "w2"]


@pytest.mark.parametrize(
    ("tags", "status"),
    [
        ({"building": "house"}, "standing"),
        ({"building": "construction"}, "construction"),
        ({"construction:building": "yes"}, "construction"),
        ({"building": "proposed"}, "proposed"),
        ({"demolished:building": "yes"}, "demolished"),
        ({"razed:building": "house"}, "demolished"),
        ({"building": "ruins"}, "standing"),
    ],
)
def test_what_does_not_stand_is_told_apart(tags: dict[str, str], status: str, tmp_path: Path) -> None:
    world = World()
    world.box(0, 0, 10, 10, **tags)
    world.box(50, 0, 10, 10, building="yes")
    row = by_id(tables(world, tmp_path)["buildings"]).loc["w1"]
    assert row["status"] == status


def test_building_no_is_no_building_and_a_point_has_no_outline(tmp_path: Path) -> None:
    world = World()
    world.box(0, 0, 10, 10, building="no")
    world.box(50, 0, 10, 10, building="yes")
    world.node(30, 30, building="yes", name="a point")
    assert dropped(world, tmp_path, "buildings") == {"no_outline": 1, "not_a_building": 1}


def test_broken_outlines_are_dropped_and_counted_by_reason(tmp_path: Path) -> None:
    world = World()
    world.box(0, 0, 10, 10, building="yes")
    world.way((20, 0), (30, 0), (30, 10), (20, 10), building="yes")
    world.way((40, 0), (50, 0), (40, 0), building="yes")
    whole = world.way((60, 0), (70, 0), (70, 10), (60, 0), building="yes")
    world.ways[whole][0][1] = 999_999
    outer = world.box(100, 0, 10, 10)
    world.relation(("way", outer, "outer"), ("way", 888_888, "outer"), type="multipolygon", building="yes")
    reasons = {"incomplete_relation": 1, "missing_nodes": 1, "not_closed": 1, "too_few_points": 1}
    assert dropped(world, tmp_path, "buildings") == reasons


def test_an_outline_that_crosses_itself_is_repaired(tmp_path: Path) -> None:
    world = World()
    world.way((0, 0), (20, 20), (20, 0), (0, 20), (0, 0), building="yes")
    found = extract.read(world.write(tmp_path / "world.osm"))
    rows = found.tables["buildings"]
    assert rows.is_valid.all()
    assert rows.area.iloc[0] == pytest.approx(200, rel=6e-3)
    assert "fetch_repaired" in [note.key for note in found.notes]


def test_use_comes_from_tags_then_name_then_the_ground_below(tmp_path: Path) -> None:
    world = World()
    told = [
        ({"building": "apartments"}, "apartments"),
        ({"building": "yes", "shop": "supermarket"}, "retail"),
        ({"building": "yes", "amenity": "school"}, "school"),
        ({"building": "yes", "name": "学生公寓3号楼"}, "dormitory"),
        ({"building": "yes", "name": "3号楼"}, "apartments"),
        ({"building": "garages"}, "garage"),
        ({"building": "yes"}, "industrial"),
    ]
    for number, (tags, _) in enumerate(told):
        world.box(100 * number, 0, 20, 10, **tags)
    world.box(580, -20, 100, 100, landuse="industrial")
    world.box(-50, 200, 20, 20, building="yes")
    rows = by_id(tables(world, tmp_path)["buildings"])
    assert [rows.loc[f"w{number + 1}", "use"] for number in range(len(told))] == [use for _, use in told]
    assert rows.loc["w9", "use"] is None


def test_every_use_of_the_rules_is_a_use_with_titles_in_both_languages() -> None:
    settings = catalog.layer("buildings")
    uses = {use["name"] for use in settings["uses"]}
    assert set(settings["names"]) <= uses
    assert all(use["title"]["zh"] and use["title"]["en"] for use in settings["uses"])


def test_buildings_know_their_compound_and_their_shops(tmp_path: Path) -> None:
    world = World()
    world.box(0, 0, 100, 100, landuse="residential", name="幸福小区")
    home = world.box(10, 10, 20, 20, building="apartments")
    world.node(15, 15, shop="convenience")
    world.node(18, 15, amenity="restaurant")
    row = by_id(tables(world, tmp_path)["buildings"]).loc[f"w{home}"]
    assert row["compound_id"] == "w1"
    assert row["shops"] == 2


def test_a_building_has_all_its_addresses_once(tmp_path: Path) -> None:
    world = World()
    world.box(0, 0, 40, 10, building="yes", addr__street="Nørregade", addr__housenumber="2;4")
    world.node(5, 5, addr__street="Nørregade", addr__housenumber="6")
    world.node(6, 6, addr__street="Nørregade", addr__housenumber="6", shop="books")
    rows = tables(world, tmp_path)["addresses"]
    assert sorted(rows["full"]) == ["Nørregade 2", "Nørregade 4", "Nørregade 6"]
    assert set(rows["building_id"]) == {"w1"}
    assert dropped(world, tmp_path, "addresses") == {"duplicate": 1}


def test_an_address_beside_a_building_belongs_to_it_one_far_off_to_none(tmp_path: Path) -> None:
    world = World()
    world.box(0, 0, 20, 10, building="yes")
    world.box(0, 12, 3, 3, building="shed")
    near = world.node(10, 14, addr__housenumber="1", addr__street="A")
    far = world.node(10, 60, addr__housenumber="2", addr__street="A")
    rows = by_id(tables(world, tmp_path)["addresses"])
    assert rows.loc[f"n{near}", "building_id"] == "w1"
    assert rows.loc[f"n{far}", "building_id"] is None


def test_a_range_of_numbers_is_counted_and_left_out(tmp_path: Path) -> None:
    world = World()
    world.box(0, 0, 20, 10, building="yes")
    world.way((0, 20), (50, 20), addr__interpolation="odd")
    assert dropped(world, tmp_path, "addresses") == {"interpolation": 1}


@pytest.mark.parametrize(
    ("street", "number", "country", "full"),
    [
        ("中山路", "12", None, "中山路12号"),
        ("中山路", "12号", None, "中山路12号"),
        ("中山路", "甲12", None, "中山路甲12"),
        ("彌敦道 Nathan Road", "36-44", None, "彌敦道 Nathan Road 36-44"),
        ("High Street", "12", None, "12 High Street"),
        ("Rue Grimaldi", "7", None, "7 Rue Grimaldi"),
        ("Nørregade", "12B", None, "Nørregade 12B"),
        ("Broadway", "1700", "US", "1700 Broadway"),
        (None, "12", None, "12"),
        ("Only Street", None, None, "Only Street"),
        (None, None, None, None),
    ],
)
def test_street_and_number_stand_in_the_order_of_the_country(street, number, country, full) -> None:
    assert full_text(street, number, country=country) == full


def test_a_house_takes_the_street_of_its_relation(tmp_path: Path) -> None:
    world = World()
    house = world.box(0, 0, 20, 10, building="house", addr__housenumber="5")
    world.relation(("way", house, "house"), type="associatedStreet", name="Rue Longue")
    assert tables(world, tmp_path)["addresses"]["full"].iloc[0] == "5 Rue Longue"


def test_doors_belong_to_buildings_and_gates_to_compounds(tmp_path: Path) -> None:
    world = World()
    world.box(0, 0, 100, 100, landuse="residential", name="幸福小区")
    door = world.node(15, 10, entrance="staircase")
    service = world.node(25, 10, entrance="garage")
    corners = [world.node(10, 10), door, service, world.node(30, 10), world.node(30, 20), world.node(10, 20)]
    world.way_of([*corners, corners[0]], building="apartments")
    gate = world.node(50, 1, barrier="gate")
    rows = by_id(tables(world, tmp_path)["entrances"])
    assert dict(rows["kind"]) == {f"n{door}": "door", f"n{service}": "service", f"n{gate}": "gate"}
    assert rows.loc[f"n{door}", "building_id"] == "w2"
    assert rows.loc[f"n{gate}", "compound_id"] == "w1"
    assert rows.loc[f"n{gate}", "building_id"] is None


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"landuse": "residential", "name": "梅一小区"}, "residential"),
        ({"landuse": "residential", "name": "崂山二村"}, "residential"),
        ({"landuse": "residential", "name": "乳山新村"}, "residential"),
        ({"landuse": "residential", "name": "石牌村"}, "village"),
        ({"landuse": "residential", "name": "石科院生活区"}, "danwei"),
        ({"landuse": "residential", "name": "铁路局家属院"}, "danwei"),
        ({"amenity": "school", "name": "实验小学"}, "school"),
        ({"landuse": "commercial", "name": "科技园"}, "business"),
        ({"leisure": "park", "name": "人民公园"}, "scenic"),
        ({"landuse": "residential"}, None),
        ({"building": "yes", "amenity": "school", "name": "教学楼"}, None),
    ],
)
def test_the_kind_of_a_compound(tags: dict[str, str], kind: str | None, tmp_path: Path) -> None:
    world = World()
    world.box(0, 0, 100, 100, **tags)
    world.way((0, -10), (50, -10), highway="residential")
    assert list(tables(world, tmp_path)["compounds"]["kind"]) == ([kind] if kind else [])


def test_a_wall_around_homes_is_a_compound_one_around_a_field_is_none(tmp_path: Path) -> None:
    world = World()
    world.box(0, 0, 80, 80, barrier="wall")
    world.box(10, 10, 20, 10, building="apartments")
    world.box(40, 10, 20, 10, building="apartments")
    world.box(200, 0, 80, 80, barrier="fence")
    rows = tables(world, tmp_path)["compounds"]
    assert list(rows["compound_id"]) == ["w1"]
    assert rows["kind"].iloc[0] == "residential"


def test_houses_of_a_chinese_village_let_rooms(tmp_path: Path) -> None:
    world = World()
    world.box(0, 0, 100, 100, landuse="residential", name="石牌村")
    world.box(10, 10, 10, 10, building="yes")
    world.box(30, 10, 10, 10, building="school")
    rows = by_id(tables(world, tmp_path)["buildings"])
    assert dict(rows["use"]) == {"w2": "village", "w3": "school"}


def test_the_same_ground_twice_is_one_compound(tmp_path: Path) -> None:
    world = World()
    world.box(0, 0, 100, 100, landuse="residential", name="幸福小区")
    world.box(0, 0, 100, 101, landuse="residential", name="幸福小区")
    world.box(10, 10, 10, 10, building="yes")
    assert list(tables(world, tmp_path)["compounds"]["compound_id"]) == ["w1"]


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("6", 6), ("2.5", 2.5), ("2,5", 2.5), ("5;6", 6), ("１２", 12), ("0", None), ("-1", 1), ("9999", None),
        ("", None), ("many", None),
    ],
)  # fmt: skip
def test_levels_as_mappers_write_them(text: str, levels: float | None) -> None:
    assert numbers.levels(text) == levels


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("12", 12), ("12 m", 12), ("12,5", 12.5), ("40'", 12.19), ("40 ft", 12.19), ("5'6\"", 1.68), ("0", None),
        ("tall", None),
    ],
)  # fmt: skip
def test_heights_as_mappers_write_them(text: str, metres: float | None) -> None:
    assert numbers.metres(text) == metres


@pytest.mark.parametrize(("text", "flats"), [("1-8", 8), ("1-8;10", 9), ("1,2,3", 3), ("", None), (None, None)])
def test_flats_are_counted(text: str | None, flats: int | None) -> None:
    assert numbers.flats(text) == flats


def test_the_stricter_rule_wins_whatever_the_order() -> None:
    named = [("any", ["shop=*"]), ("food", ["shop=food"]), ("fresh", ["shop=food&fresh=yes"]), ("old", ["name=*村"])]
    for order in (named, named[::-1]):
        rules = Rules(order)
        assert rules.match({"shop": "food", "fresh": "yes"}) == "fresh"
        assert rules.match({"fresh": "no", "shop": "food"}) == "food"
        assert rules.match({"shop": "toys"}) == "any"
        assert rules.match({"shop": "no"}) is None
        assert rules.match({"name": "石牌村"}) == "old"


def test_areas_do_not_overlap_themselves_on_real_data(shared: Path) -> None:
    found = extract.read(shared / "data" / "beijing_xueyuanlu.osm.pbf").tables
    for name in ("buildings", "compounds", "boundaries"):
        assert shapely.is_valid(found[name].geometry.to_numpy()).all()
    streets = found["streets"]
    assert np.allclose(streets.length, streets["length_m"])
    barriers = found["barriers"]
    assert barriers["barrier_id"].is_unique

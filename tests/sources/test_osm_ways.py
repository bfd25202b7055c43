"""Elements of OpenStreetMap to tables: barriers, streets, the base map, resources and boundaries."""

from pathlib import Path

import pytest
from osm_tables import by_id, dropped, tables
from osm_world import World

from govmap import catalog
from govmap.schema import TABLES
from govmap.sources import extract


@pytest.mark.parametrize(
    ("tags", "kind", "strength", "on_ground"),
    [
        ({"railway": "rail"}, "railway", 1.0, True),
        ({"railway": "rail", "service": "yard"}, "siding", 0.5, True),
        ({"railway": "rail", "tunnel": "yes"}, "railway", 1.0, False),
        ({"railway": "tram"}, "tram", 0.3, True),
        ({"waterway": "river"}, "river", 1.0, True),
        ({"waterway": "canal", "tunnel": "culvert"}, "canal", 1.0, False),
        ({"highway": "motorway"}, "motorway", 1.0, True),
        ({"highway": "trunk", "bridge": "yes", "layer": "1"}, "trunk", 1.0, False),
        ({"highway": "primary", "layer": "-1"}, "primary", 0.8, False),
        ({"highway": "primary", "bridge": "no", "layer": "0"}, "primary", 0.8, True),
        ({"highway": "residential", "covered": "yes"}, "street", 0.2, False),
        ({"barrier": "city_wall"}, "city_wall", 1.0, True),
        ({"barrier": "wall"}, "wall", 0.5, True),
        ({"railway": "subway"}, None, None, None),
        ({"highway": "footway"}, None, None, None),
        ({"railway": "abandoned"}, None, None, None),
    ],
)
def test_what_bars_and_how_strongly(tags, kind, strength, on_ground, tmp_path: Path) -> None:
    world = World()
    world.way((0, 0), (100, 0), **tags)
    world.box(0, 20, 10, 10, building="yes")
    rows = tables(world, tmp_path)["barriers"]
    found = [(row.kind, row.strength, bool(row.on_ground)) for row in rows.itertuples()]
    assert found == ([(kind, strength, on_ground)] if kind else [])


def test_a_river_bars_by_its_banks_and_not_by_its_middle(tmp_path: Path) -> None:
    world = World()
    world.box(0, 0, 200, 40, natural="water", water="river")
    world.way((-100, 20), (300, 20), waterway="river", name="护城河")
    world.box(0, 100, 10, 10, building="yes")
    rows = by_id(tables(world, tmp_path)["barriers"])
    assert set(rows["kind"]) == {"river"}
    assert rows.length["w1"] == pytest.approx(480, rel=5e-3)
    assert rows.length["w2"] == pytest.approx(200, rel=5e-3)


def test_the_middle_line_of_a_canal_within_its_banks_is_left_out_and_counted(tmp_path: Path) -> None:
    world = World()
    world.box(0, 0, 200, 40, natural="water", water="canal")
    world.way((10, 20), (190, 20), waterway="canal")
    world.box(0, 100, 10, 10, building="yes")
    found = extract.read(world.write(tmp_path / "world.osm"))
    assert list(found.tables["barriers"]["kind"]) == ["canal"]
    assert found.counts["barriers"]["dropped"] == {"inside_banks": 1}


def test_streets_are_cut_where_they_meet_and_make_a_network(tmp_path: Path) -> None:
    world = World()
    world.way((0, 0), (50, 0), (100, 0), (150, 0), highway="residential", name="A")
    world.way((50, 0), (50, 80), highway="footway")
    world.way((100, -40), (100, 0), (100, 40), highway="motorway")
    world.box(0, 20, 10, 10, building="yes")
    rows = tables(world, tmp_path)["streets"]
    assert list(rows["street_id"]) == ["w1", "w1/2", "w1/3", "w2", "w3", "w3/2"]
    assert list(rows["length_m"]) == pytest.approx([50, 50, 50, 80, 40, 40], rel=5e-3)
    ends = {}
    for row in rows.itertuples():
        for node, point in ((row.from_node, row.geometry.coords[0]), (row.to_node, row.geometry.coords[-1])):
            assert ends.setdefault(node, point) == point
    assert len(ends) == 7
    assert list(rows["walkable"]) == [True, True, True, True, False, False]


@pytest.mark.parametrize(
    ("tags", "walkable"),
    [
        ({"highway": "service", "foot": "no"}, False),
        ({"highway": "service", "access": "private"}, True),
        ({"highway": "path", "access": "no"}, False),
        ({"highway": "trunk"}, False),
        ({"highway": "trunk", "sidewalk": "both"}, True),
        ({"highway": "trunk", "foot": "yes"}, True),
        ({"highway": "steps"}, True),
    ],
)
def test_who_may_walk(tags: dict[str, str], *, walkable: bool, tmp_path: Path) -> None:
    world = World()
    world.way((0, 0), (50, 0), **tags)
    world.box(0, 20, 10, 10, building="yes")
    assert list(tables(world, tmp_path)["streets"]["walkable"]) == [walkable]


def test_a_planned_road_is_no_street(tmp_path: Path) -> None:
    world = World()
    world.way((0, 0), (50, 0), highway="construction")
    world.box(0, 20, 10, 10, building="yes")
    assert dropped(world, tmp_path, "streets") == {"no_street": 1}


def test_a_line_that_leaves_the_extract_is_kept_as_far_as_it_is_in_it(tmp_path: Path) -> None:
    world = World()
    way = world.way((0, 0), (50, 0), (100, 0), (150, 0), (200, 0), highway="residential")
    world.ways[way][0][2] = 999_999
    world.box(0, 20, 10, 10, building="yes")
    rows = tables(world, tmp_path)
    assert list(rows["streets"]["length_m"]) == pytest.approx([50, 50], rel=5e-3)
    assert rows["barriers"].length.iloc[0] == pytest.approx(100, rel=5e-3)


def test_the_base_map_has_every_kind(tmp_path: Path) -> None:
    world = World()
    world.box(0, 0, 50, 50, natural="water")
    world.box(100, 0, 50, 50, leisure="park", name="人民公园")
    world.box(200, 0, 50, 50, landuse="residential")
    world.way((0, 100), (100, 100), highway="primary", name="中山路", name__en="Zhongshan Road")
    world.way((0, 120), (100, 120), railway="rail")
    world.way((0, 140), (100, 140), railway="rail", tunnel="yes")
    world.node(10, 10, place="neighbourhood", name="老城")
    rows = tables(world, tmp_path)["features"]
    assert sorted(rows["kind"]) == ["green", "label", "land use", "rail", "road", "water"]
    road = rows[rows["kind"] == "road"].iloc[0]
    assert (road["class"], road["name"], road["name_zh"]) == ("primary", "中山路", "中山路")


def test_resources_have_a_category_hours_and_capacity(tmp_path: Path) -> None:
    world = World()
    world.node(0, 0, amenity="pharmacy", name="药店", opening_hours="Mo-Su 08:00-22:00")
    world.box(50, 0, 40, 40, amenity="school", name="第三中学", capacity="1200")
    world.box(150, 0, 40, 40, amenity="school", name="实验小学")
    world.node(170, 20, amenity="school")
    world.node(300, 0, shop="bicycle")
    world.node(320, 0, amenity="place_of_worship", religion="buddhist")
    world.node(340, 0, disused="yes", shop="bakery")
    world.way((0, 100), (50, 100), highway="residential")
    found = extract.read(world.write(tmp_path / "world.osm"))
    rows = by_id(found.tables["resources"])
    assert sorted(rows["category"]) == ["middle_school", "other_shop", "pharmacy", "school"]
    assert rows.loc["n1", "hours"] == "Mo-Su 08:00-22:00"
    assert rows.loc["w1", "capacity"] == 1200
    assert found.counts["resources"]["dropped"] == {"duplicate": 1}


def test_every_category_has_titles_a_sign_and_tags() -> None:
    layers = catalog.layers("resources")
    assert {"clinic", "pharmacy", "kindergarten", "school", "market", "shop", "bus_stop", "park", "toilet"} <= set(
        layers
    )
    for name, one in layers.items():
        layer = one["layer"]
        assert layer["name"] == name
        assert layer["title"]["zh"]
        assert layer["title"]["en"]
        assert layer["source"]["osm"]
        assert layer["style"]["icon"]
        assert layer["style"]["colour"].startswith("#")


def test_barrier_strengths_are_those_of_the_rules_of_the_ground() -> None:
    strengths = {kind["name"]: kind["strength"] for kind in catalog.layer("barriers")["kinds"]}
    never_crossed = {name for name, strength in strengths.items() if strength == 1}
    assert never_crossed == {"railway", "river", "canal", "coast", "city_wall", "motorway", "trunk"}
    assert all(0 < strength <= 1 for strength in strengths.values())


def test_boundaries_have_names_and_levels(tmp_path: Path) -> None:
    world = World()
    ring = world.box(0, 0, 500, 500)
    world.relation(
        ("way", ring, "outer"), type="boundary", boundary="administrative", admin_level="10", name="幸福社区"
    )
    world.box(10, 10, 10, 10, building="yes")
    world.box(600, 0, 100, 100, place="neighbourhood", name="Old Town")
    rows = by_id(tables(world, tmp_path)["boundaries"])
    assert rows.loc["r1", "admin_level"] == 10
    assert rows.loc["r1", "name_zh"] == "幸福社区"
    assert bool(rows.loc["r1", "complete"])
    assert rows.loc["r1", "area_m2"] == pytest.approx(250_000, rel=5e-3)
    assert rows.loc["w3", "name_zh"] is None


def test_missing_text_is_none_and_never_a_number(tmp_path: Path) -> None:
    world = World()
    world.box(0, 0, 10, 10, building="yes")
    world.way((0, 20), (50, 20), highway="service")
    for name, rows in tables(world, tmp_path).items():
        for column in TABLES[name]:
            if column.type == "str":
                assert rows[column.name].dtype == object
                assert all(one is None or isinstance(one, str) for one in rows[column.name])

"""The town of the sample: what it promises to hold is on the map."""

import itertools
from collections import Counter, defaultdict
from typing import Any

import numpy as np
import shapely
from sample_written import Written

CARRIAGEWAYS = ("trunk", "primary", "secondary", "tertiary", "residential", "living_street", "service")


def test_about_three_hundred_buildings_and_five_thousand_households_live_inside(zh: Written) -> None:
    assert 270 <= len(zh.inside) <= 330
    assert 4800 <= sum(row["户数"] for row in zh.rows("residents")[:-1]) <= 5200


def test_the_english_town_is_small(both: dict[str, Written]) -> None:
    assert 75 <= len(both["en"].inside) <= 110


def test_a_tower_of_32_storeys_has_264_households_and_two_stairwells_with_doors(zh: Written) -> None:
    [tower] = [way for way in zh.buildings if way.tags.get("building:levels") == "32"]
    doors = [zh.node_tags[ref] for ref in tower.refs if zh.node_tags.get(ref, {}).get("entrance")]
    assert [door["ref"] for door in doors] in (["1单元", "2单元"], ["2单元", "1单元"])
    assert tower in zh.within("阳光花园")
    [row] = [row for row in zh.rows("residents") if (row["小区"], row["楼栋"]) == ("阳光花园", tower.tags["name"])]
    assert row["户数"] == 264


def test_a_slab_of_five_stairwells_is_one_long_footprint(zh: Written) -> None:
    [slab] = [way for way in zh.within("幸福小区") if way.tags.get("name") == "5号楼"]
    long, short = sorted(_sides(slab.shape), reverse=True)
    assert long > 65
    assert long > 5 * short
    [row] = [row for row in zh.rows("residents") if (row["小区"], row["楼栋"]) == ("幸福小区", "5号楼")]
    assert row["户数"] == 60


def test_a_podium_carries_four_towers_as_parts(zh: Written) -> None:
    podium = zh.named("万福广场", "building")
    towers = zh.tagged(building_part="apartments")
    assert len(towers) == 4
    assert all(podium.shape.covers(tower.shape) for tower in towers)
    assert sum(podium.shape.contains(point) for point in (way.shape.centroid for way in zh.buildings)) == 1


def test_two_halves_of_a_works_housing_share_a_wall_and_no_gate(zh: Written) -> None:
    west, east = (zh.named(f"机械厂宿舍{half}", "landuse") for half in ("西院", "东院"))
    wall = west.shape.intersection(east.shape)
    assert wall.length > 100
    assert wall.area == 0
    common = set(west.refs) & set(east.refs)
    assert len(common) > 4
    assert not any("barrier" in zh.node_tags.get(ref, {}) for ref in common)
    assert any(way.tags.get("barrier") == "wall" and common <= set(way.refs) for way in zh.ways)


def test_a_village_of_120_houses_stands_wall_to_wall(zh: Written) -> None:
    houses = [way.shape for way in zh.within("石桥村")]
    assert len(houses) == 120
    tree = shapely.STRtree(houses)
    pairs = [(i, j) for i, j in tree.query(houses, "dwithin", 0.02).T if i != j]
    touching = {i for i, j in pairs if houses[i].boundary.intersection(houses[j].buffer(0.02)).length > 3}
    assert len(touching) >= 114
    assert _overlap(houses) < 0.01


def test_village_rooms_are_let(zh: Written) -> None:
    rows = [row for row in zh.rows("residents") if row["小区"] == "石桥村"]
    assert len(rows) == 120
    assert all(row["备注"] == f"出租房间{row['户数']}间" for row in rows)
    assert 600 < sum(row["户数"] for row in rows) < 1000


def test_shops_stand_under_flats(zh: Written) -> None:
    flats = [way.shape for way in zh.tagged(building="apartments")]
    shops = [ref for ref, tags in zh.node_tags.items() if "shop" in tags or tags.get("amenity") == "pharmacy"]
    under = [ref for ref in shops if any(one.contains(shapely.Point(zh.nodes[ref])) for one in flats)]
    assert len(under) >= 12
    numbers = [tags for tags in zh.node_tags.values() if tags.get("addr:street") == "建设路"]
    assert sorted(int(tags["addr:housenumber"]) for tags in numbers) == list(range(13, 48, 2))


def test_a_canal_is_crossed_by_bridges_alone(either: Written) -> None:
    [canal] = either.tagged(waterway="canal")
    over = [way for way in either.ways if "highway" in way.tags and way.line.intersects(canal.line)]
    assert len(over) >= 4
    assert {way.tags.get("bridge") for way in over} == {"yes"}


def test_arterial_roads_carry_their_names(zh: Written) -> None:
    for name, kind in (("中山路", "primary"), ("人民路", "secondary"), ("环城东路", "trunk"), ("建设路", "secondary")):
        assert {way.tags["highway"] for way in zh.ways if way.tags.get("name") == name} == {kind}


def test_there_are_a_school_a_market_a_railway_and_daily_places(zh: Written) -> None:
    assert zh.tagged(amenity="school")
    assert zh.tagged(railway="rail")
    assert zh.tagged(leisure="park")
    kinds = {tags.get("amenity") or tags.get("highway") or tags.get("shop") for tags in zh.node_tags.values()}
    assert kinds >= {"marketplace", "clinic", "pharmacy", "kindergarten", "bus_stop", "toilets", "community_centre"}


def test_several_compounds_have_a_building_3(either: Written) -> None:
    name = {"zh": "3号楼", "en": "Block 3"}[either.language]
    compounds = [way for way in either.ways if way.tags.get("landuse") == "residential" and "name" in way.tags]
    holding = [one for one in compounds if any(way.tags.get("name") == name for way in either.within(one.tags["name"]))]
    assert len(holding) >= 2


def test_an_enclave_lies_beyond_the_ring_road(either: Written) -> None:
    assert shapely.get_num_geometries(either.ground) == 2
    enclave, main = sorted(shapely.get_parts(either.ground), key=shapely.area)
    road = {"zh": "环城东路", "en": "Ring Way"}[either.language]
    carriageways = shapely.union_all([way.line for way in either.ways if way.tags.get("name") == road])
    assert shapely.shortest_line(enclave, main).crosses(carriageways)
    assert sum(enclave.contains(way.shape) for way in either.buildings) >= 4


def test_one_building_is_only_in_the_register_one_gone_one_new(zh: Written) -> None:
    rows = zh.rows("residents")
    [gone] = [row for row in rows if row["备注"] == "2025年已拆除"]
    [new] = [row for row in rows if row["备注"] == "在建，未入住"]
    assert (gone["户数"], new["户数"]) == (0, 0)
    assert [way.tags["building"] for way in zh.within(gone["小区"]) if way.tags.get("name") == gone["楼栋"]] == ["yes"]
    [being_built] = zh.tagged(building="construction")
    assert being_built.tags["name"] == new["楼栋"]
    assert being_built in zh.within(new["小区"])
    missing = [row for row in rows if row["楼栋"] and not _on_the_map(zh, row)]
    assert [(row["小区"], row["楼栋"]) for row in missing] == [("幸福小区", "17号楼")]


def _on_the_map(zh: Written, row: dict[str, Any]) -> bool:
    return any(way.tags.get("name") == row["楼栋"] for way in zh.within(row["小区"]))


def test_floors_are_mostly_unknown_as_in_real_extracts(zh: Written) -> None:
    known = [way for way in zh.inside if "building:levels" in way.tags]
    assert 0.03 < len(known) / len(zh.inside) < 0.2


def test_buildings_are_valid_and_hardly_overlap(either: Written) -> None:
    shapes = [way.shape for way in either.buildings]
    assert all(shape.is_valid for shape in shapes)
    assert _overlap(shapes) < 0.5


def _overlap(shapes: list[Any]) -> float:
    tree = shapely.STRtree(shapes)
    pairs = [(i, j) for i, j in tree.query(shapes, "intersects").T if i < j]
    return max((shapes[i].intersection(shapes[j]).area for i, j in pairs), default=0.0)


def test_no_building_stands_on_a_street_in_the_water_or_across_a_wall(either: Written) -> None:
    shapes = [way.shape.buffer(-0.1) for way in either.buildings]
    streets = [way.line.buffer(1.5) for way in either.ways if way.tags.get("highway") in CARRIAGEWAYS]
    walls = [way.line for way in either.ways if way.tags.get("barrier") in ("wall", "fence")]
    water = [way.shape for way in either.ways if way.tags.get("natural") == "water"]
    found = shapely.STRtree(shapes).query([*streets, *walls, *water], "intersects")
    assert [either.buildings[i].tags for i in found[1]] == []


def test_the_streets_are_one_network(either: Written) -> None:
    streets = [way for way in either.ways if "highway" in way.tags and way.tags.get("area") != "yes"]
    leader: dict[str, str] = {}
    for way in streets:
        for before, after in itertools.pairwise(way.refs):
            leader[_lead(leader, before)] = _lead(leader, after)
    assert len({_lead(leader, ref) for way in streets for ref in way.refs}) == 1


def _lead(leader: dict[str, str], ref: str) -> str:
    while leader.setdefault(ref, ref) != ref:
        ref = leader[ref]
    return ref


def test_streets_meet_in_nodes_and_busy_ones_are_crossed_at_crossings(either: Written) -> None:
    used = defaultdict(set)
    for way in either.ways:
        if "highway" in way.tags:
            for ref in way.refs:
                used[ref].add(way.tags["highway"])
    crossed = [ref for ref, kinds in used.items() if "footway" in kinds and kinds & {"trunk", "primary", "secondary"}]
    assert len(crossed) >= 10
    assert all(either.node_tags.get(ref, {}).get("highway") == "crossing" for ref in crossed)


def test_every_walled_compound_has_a_gate_where_a_street_passes(either: Written) -> None:
    on_streets = {ref for way in either.ways if "highway" in way.tags for ref in way.refs}
    walls = [way for way in either.ways if way.tags.get("barrier") in ("wall", "fence") and way.line.is_closed]
    assert len(walls) >= 4
    for wall in walls:
        gates = [ref for ref in wall.refs if "gate" in either.node_tags.get(ref, {}).get("barrier", "")]
        assert gates, wall.tags
        assert set(gates) <= on_streets


def test_it_is_no_lattice(either: Written) -> None:
    turns = Counter(round(_turn(way.shape)) for way in either.buildings)
    assert len(turns) >= 8
    assert max(turns.values()) < 0.3 * len(either.buildings)


def _sides(shape: Any) -> tuple[float, float]:
    corners = shapely.get_coordinates(shape.minimum_rotated_rectangle)
    return tuple(float(one) for one in np.hypot(*np.diff(corners[:3], axis=0).T))


def _turn(shape: Any) -> float:
    corners = shapely.get_coordinates(shape.minimum_rotated_rectangle)
    x, y = corners[1] - corners[0]
    return float(np.degrees(np.arctan2(y, x)) % 90)


def test_the_reader_of_real_extracts_keeps_every_building_and_finds_the_kinds_of_compounds(zh: Written) -> None:
    told = zh.extract.counts["buildings"]
    assert told["kept"] == len(zh.buildings)
    assert told["dropped"] == {"part_of_building": 5}
    kinds = set(zh.extract.tables["compounds"]["kind"])
    assert kinds >= {"residential", "danwei", "village", "school", "business"}
    bars = zh.extract.tables["barriers"]
    assert {"canal", "railway", "trunk", "wall"} <= set(bars["kind"])
    assert bool(zh.extract.tables["boundaries"].set_index("name").loc["幸福社区", "complete"])

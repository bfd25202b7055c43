"""The sample communities: what they promise to hold is on the map and in the lists, and nothing in them is real."""

import csv
import hashlib
import itertools
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from openpyxl import load_workbook

from govmap.messages import LANGUAGES, Voice
from govmap.sources import extract, files, gate, sample

CARRIAGEWAYS = ("trunk", "primary", "secondary", "tertiary", "residential", "living_street", "service")


@dataclass(frozen=True)
class Way:
    number: int
    refs: list[str]
    tags: dict[str, str]
    line: Any

    @property
    def shape(self) -> Any:
        return shapely.Polygon(self.line.coords)


@dataclass(frozen=True)
class Written:
    """A sample on disk, read again without any code of ours but the extract's reader."""

    language: str
    made: sample.Sample

    @cached_property
    def root(self) -> ET.Element:
        return ET.parse(self.made.osm).getroot()

    @cached_property
    def nodes(self) -> dict[str, tuple[float, float]]:
        lon, lat = np.array([[float(n.get("lon")), float(n.get("lat"))] for n in self.root.iter("node")]).T
        laid = gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs=4326).to_crs(self.extract.crs)
        names = [n.get("id") for n in self.root.iter("node")]
        return dict(zip(names, zip(laid.x, laid.y, strict=True), strict=True))

    @cached_property
    def node_tags(self) -> dict[str, dict[str, str]]:
        return {n.get("id"): _tags(n) for n in self.root.iter("node") if len(n)}

    @cached_property
    def ways(self) -> list[Way]:
        return [self._way(one) for one in self.root.iter("way")]

    def _way(self, element: ET.Element) -> Way:
        refs = [nd.get("ref") for nd in element.iter("nd")]
        line = shapely.LineString([self.nodes[ref] for ref in refs])
        return Way(int(element.get("id")), refs, _tags(element), line)

    def tagged(self, **wanted: str) -> list[Way]:
        return [way for way in self.ways if all(way.tags.get(key.replace("_", ":")) == v for key, v in wanted.items())]

    def named(self, name: str, key: str) -> Way:
        [way] = [way for way in self.ways if way.tags.get("name") == name and key in way.tags]
        return way

    @cached_property
    def buildings(self) -> list[Way]:
        return [way for way in self.ways if "building" in way.tags]

    @cached_property
    def extract(self) -> extract.Extract:
        return extract.read(self.made.osm)

    @cached_property
    def ground(self) -> Any:
        boundaries = self.extract.tables["boundaries"]
        return boundaries.set_index("name").geometry[self.made.boundary]

    @cached_property
    def inside(self) -> list[Way]:
        return [way for way in self.buildings if self.ground.contains(way.shape.representative_point())]

    def within(self, compound: str) -> list[Way]:
        ground = self.named(compound, "landuse").shape
        return [way for way in self.buildings if ground.contains(way.shape.representative_point())]

    def rows(self, table: str, *, skip: int = 1) -> list[dict[str, Any]]:
        page = load_workbook(self.made.lists[table]).active
        head, *rows = list(page.iter_rows(values_only=True))[skip:]
        return [dict(zip(head, row, strict=True)) for row in rows]


def _tags(element: ET.Element) -> dict[str, str]:
    return {tag.get("k"): tag.get("v") for tag in element.iter("tag")}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Written]:
    folder = tmp_path_factory.mktemp("sample")
    return {language: Written(language, sample.write(folder / language, language=language)) for language in LANGUAGES}


@pytest.fixture
def zh(both: dict[str, Written]) -> Written:
    return both["zh"]


@pytest.fixture(params=LANGUAGES)
def either(request: pytest.FixtureRequest, both: dict[str, Written]) -> Written:
    return both[request.param]


# --- the files ------------------------------------------------------------------------------------------------------


def _hashes(made: sample.Sample) -> dict[str, str]:
    every = {"osm": made.osm, **made.lists}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in every.items()}


def test_the_same_seed_gives_the_same_bytes_in_another_process_with_other_hashes(
    either: Written, tmp_path: Path
) -> None:
    program = (
        "import sys; from pathlib import Path; from govmap.sources import sample;"
        "sample.write(Path(sys.argv[1]), language=sys.argv[2])"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "TZ": "America/New_York"}
    subprocess.run([sys.executable, "-c", program, tmp_path, either.language], check=True, env=environment)
    again = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in tmp_path.iterdir()}
    every = [either.made.osm, *either.made.lists.values()]
    assert again == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in every}


def test_another_seed_gives_other_counts_in_the_same_town(zh: Written, tmp_path: Path) -> None:
    other = Written("zh", sample.write(tmp_path, seed=2))
    ours, theirs = _hashes(zh.made), _hashes(other.made)
    assert {name for name in ours if ours[name] != theirs[name]} >= {"osm", "residents", "incidents"}
    assert [way.tags for way in zh.tagged(highway="primary")] == [way.tags for way in other.tagged(highway="primary")]


def test_everything_says_that_it_is_made_up(either: Written) -> None:
    word = {"zh": "虚构", "en": "fictional"}[either.language]
    assert "fictional" in either.root.get("generator")
    assert all(word in _tags(relation)["note"] for relation in either.root.iter("relation"))
    assert all(
        word in str(load_workbook(either.made.lists[name]).active["A1"].value) for name in ("residents", "plans")
    )
    assert all(word in str(row["姓名" if either.language == "zh" else "Name"]) for row in either.rows("workers"))
    assert all(Voice(either.language).tell(note) for note in either.made.notes)


def test_it_lies_in_an_ordinary_utm_zone_far_out_at_sea(both: dict[str, Written]) -> None:
    assert both["zh"].extract.crs.to_epsg() == 32650
    assert both["en"].extract.crs.to_epsg() == 32631


def test_the_extract_is_whole_osm_xml(either: Written) -> None:
    numbers = {kind: [int(e.get("id")) for e in either.root.iter(kind)] for kind in ("node", "way", "relation")}
    for kind, found in numbers.items():
        assert found == sorted(set(found)), kind
        assert min(found) > 0, kind
    known = {kind: {str(number) for number in found} for kind, found in numbers.items()}
    assert {ref for way in either.ways for ref in way.refs} <= known["node"]
    members = {(m.get("type"), m.get("ref")) for m in either.root.iter("member")}
    assert all(ref in known[kind] for kind, ref in members)
    bounds = either.root.find("bounds")
    lats = [float(node.get("lat")) for node in either.root.iter("node")]
    assert (float(bounds.get("minlat")), float(bounds.get("maxlat"))) == (min(lats), max(lats))
    assert len({element.get("timestamp") for element in either.root if element.tag != "bounds"}) == 1


# --- the town -------------------------------------------------------------------------------------------------------


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


# --- the lists ------------------------------------------------------------------------------------------------------


def test_the_register_adds_up(either: Written) -> None:
    *rows, total = either.rows("residents")
    head = Voice(either.language).say("sample_residents_head").split("|")
    assert total[head[0]] == Voice(either.language).say("sample_total")
    for name in head[5:13]:
        assert total[name] == sum(row[name] for row in rows), name
    for row in rows:
        people, young, school, grown, old, oldest, alone = (row[name] for name in head[6:13])
        assert people == young + school + grown + old
        assert 0 <= max(oldest, alone) <= old + 1
        assert min(young, school, grown) >= 0


def test_every_address_of_the_register_is_on_the_map_or_near_one_that_is(zh: Written) -> None:
    mapped = {(t.get("addr:street"), t.get("addr:housenumber")) for t in [*zh.node_tags.values(), *_all_tags(zh)]}
    written = [row["地址"] for row in zh.rows("residents") if row["地址"]]
    parsed = [re.fullmatch(r"(\D+?)(\d+)号", address).groups() for address in written]
    share = sum(pair in mapped for pair in parsed) / len(parsed)
    assert 0.85 < share < 1.0


def _all_tags(zh: Written) -> list[dict[str, str]]:
    return [way.tags for way in zh.ways]


def test_a_compound_is_known_by_its_sum_alone(either: Written) -> None:
    head = Voice(either.language).say("sample_residents_head").split("|")
    sums = [row for row in either.rows("residents") if row[head[1]] and not row[head[2]] and not row[head[3]]]
    assert len(sums) == 1
    assert sums[0][head[5]] >= 100


def test_the_resources_are_in_the_offices_encoding(zh: Written) -> None:
    content = zh.made.lists["resources"].read_bytes()
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")
    rows = list(csv.DictReader(content.decode("gbk").splitlines()))
    assert len(rows) > 25
    assert {row["地址"] for row in rows if not row["经度"]} == {"市场街10号", "幸福小区6号楼"}


def test_a_year_of_incidents_is_as_untidy_as_a_hotlines(zh: Written) -> None:
    text = zh.made.lists["incidents"].read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(text.decode("utf-8-sig").splitlines()))
    assert 1000 < len(rows) < 1300
    assert {row["上报时间"][:7] for row in rows} == {f"2025-{month:02d}" for month in range(1, 13)}
    assert len(rows) - len({row["工单编号"] for row in rows}) == 3
    assert 0.15 < sum(not row["经度"] for row in rows) / len(rows) < 0.3
    assert sum(row["经度"].startswith("21.") for row in rows) >= 2
    assert all(not row["办结时间"] or row["办结时间"] >= row["上报时间"] for row in rows)


def test_reports_come_from_where_they_say(either: Written) -> None:
    head = Voice(either.language).say("sample_incidents_head").split("|")
    rows = csv.DictReader(either.made.lists["incidents"].read_text("utf-8-sig").splitlines())
    placed = [(float(row[head[9]]), float(row[head[10]])) for row in rows if row[head[9]]]
    laid = gpd.GeoSeries([shapely.Point(one) for one in placed], crs=4326).to_crs(either.extract.crs)
    assert laid.within(either.ground.buffer(60)).mean() > 0.98


def test_no_telephone_could_ring_anywhere(either: Written) -> None:
    head = Voice(either.language).say("sample_incidents_head").split("|")
    rows = csv.DictReader(either.made.lists["incidents"].read_text("utf-8-sig").splitlines())
    numbers = [row[head[-1]] for row in rows]
    numbers += [row[Voice(either.language).say("sample_workers_head").split("|")[2]] for row in either.rows("workers")]
    assert all(number.startswith("000") for number in numbers)


def test_last_years_plan_is_prose_with_ranges_exceptions_and_odd_numbers(zh: Written) -> None:
    rows = zh.rows("plans")
    assert list(rows[0]) == [
        "序号",
        "社区",
        "网格名称",
        "四至范围",
        "包含小区/楼栋",
        "户数",
        "人口",
        "网格长",
        "电话",
        "备注",
    ]
    assert rows[0]["包含小区/楼栋"] == "幸福小区1-8号楼（除3号楼）、建设路单号12-48号、沿街商铺"
    assert re.fullmatch("东至.+，南至.+，西至.+，北至.+", rows[0]["四至范围"])
    assert [row["社区"] for row in rows] == ["幸福社区"] + [None] * 12
    now = sum(row["户数"] for row in zh.rows("residents")[:-1])
    assert abs(sum(row["户数"] for row in rows) / now - 1) < 0.06


def test_the_gate_takes_every_list_and_rejects_only_what_is_wrong(either: Written) -> None:
    rejected = {}
    for table in ("residents", "resources", "incidents", "workers"):
        raw = files.rows(either.made.lists[table])
        bounds = tuple(either.extract.tables["buildings"].total_bounds)
        admitted = gate.admit(raw, table, crs=either.extract.crs, project_bounds=bounds)
        rejected[table] = admitted.rows_rejected
        assert admitted.rows_kept > 0
    assert rejected["residents"] == 1  # the row of sums
    assert rejected["resources"] == 0
    assert rejected["workers"] == 0
    assert 3 <= rejected["incidents"] <= 12


def test_telephones_do_not_pass_the_gate(zh: Written) -> None:
    raw = files.rows(zh.made.lists["incidents"])
    admitted = gate.admit(raw, "incidents", crs=zh.extract.crs)
    every = admitted.rows.astype(str).to_csv() + admitted.rejects.astype(str).to_csv()
    assert "000-" not in every

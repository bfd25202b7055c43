import json
import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from osm_world import DEGREES_X, DEGREES_Y, LAT, LON, World

from govmap.errors import BoundaryError, InputError
from govmap.messages import Voice
from govmap.sources import boundary, extract, rings, sides


def town(**ring: str) -> World:
    """Four named streets 400 m by 300 m with houses inside and outside, a compound, a boundary."""
    world = World()
    world.way((-50, 300), (450, 300), highway="primary", name="中山路", name__en="Zhongshan Road")
    world.way((400, -50), (400, 350), highway="secondary", name="人民路")
    world.way((-50, 0), (450, 0), waterway="river", name="护城河")
    world.way((0, -50), (0, 350), railway="rail")
    for x in range(4):
        for y in range(3):
            world.box(40 + 90 * x, 40 + 90 * y, 20, 12, building="apartments")
    world.box(600, 100, 20, 12, building="house")
    world.box(30, 30, 130, 130, landuse="residential", name="幸福小区")
    outline = world.box(10, 10, 200, 280)
    world.relation(
        ("way", outline, "outer"),
        **{"type": "boundary", "boundary": "administrative", "admin_level": "10", "name": "幸福社区"} | ring,
    )
    return world


def read(world: World, tmp_path: Path) -> extract.Extract:
    return extract.read(world.write(tmp_path / "world.osm"))


def told(found: boundary.Resolved, key: str) -> list[str]:
    return [Voice("en").tell(note) for note in found.notes if note.key == key]


def area(found: boundary.Resolved) -> float:
    return float(found.communities.area.sum())


def refused(found: extract.Extract, wanted: object, **choices: bool) -> InputError:
    with pytest.raises(InputError) as fault:
        boundary.resolve(found, wanted, **choices)
    for language in ("en", "zh"):
        assert fault.value.message(Voice(language))
        assert fault.value.hint(Voice(language))
    return fault.value


# ---- names


@pytest.mark.parametrize("name", ["幸福社区", "r1", " 幸福社区 "])
def test_a_boundary_is_found_by_name_or_id(name: str, tmp_path: Path) -> None:
    found = boundary.resolve(read(town(), tmp_path), name)
    assert list(found.communities["community_id"]) == ["r1"]
    assert list(found.communities["name"]) == ["幸福社区"]
    assert area(found) == pytest.approx(200 * 280, rel=5e-3)


def test_any_language_of_the_name_will_do(tmp_path: Path) -> None:
    world = town(name="Xingfu", **{"name:zh": "幸福社区", "name:en": "Happiness", "alt_name": "老城;老街"})
    found = read(world, tmp_path)
    for name in ("Xingfu", "幸福社区", "happiness", "老街"):
        assert list(boundary.resolve(found, name).communities["community_id"]) == ["r1"]


def test_a_compound_will_do_and_it_is_said(tmp_path: Path) -> None:
    found = boundary.resolve(read(town(), tmp_path), "幸福小区")
    assert area(found) == pytest.approx(130 * 130, rel=5e-3)
    assert told(found, "fetch_taken_compound")


def test_several_names_are_several_communities(tmp_path: Path) -> None:
    found = boundary.resolve(read(town(), tmp_path), "幸福社区，幸福小区")
    assert len(found.communities) == 2
    assert told(found, "fetch_overlap")


def test_an_unknown_name_lists_what_comes_near(tmp_path: Path) -> None:
    fault = refused(read(town(), tmp_path), "幸福里")
    assert fault.code == "fetch_unknown_boundary"
    assert "幸福社区" in fault.note.facts["candidates"]


def test_a_name_that_two_things_bear_lists_their_ids(tmp_path: Path) -> None:
    world = town()
    other = world.box(500, 0, 200, 200)
    world.relation(
        ("way", other, "outer"), type="boundary", boundary="administrative", admin_level="10", name="幸福社区"
    )
    fault = refused(read(world, tmp_path), "幸福社区")
    assert fault.code == "fetch_ambiguous"
    assert "r1" in fault.message(Voice("zh"))
    assert "r2" in fault.message(Voice("zh"))


def test_a_boundary_without_a_building_is_refused(tmp_path: Path) -> None:
    world = town()
    world.box(2000, 0, 200, 200, place="neighbourhood", name="Nowhere")
    fault = refused(read(world, tmp_path), "Nowhere")
    assert fault.code == "fetch_boundary_elsewhere"
    assert fault.note.facts["kilometres"] == pytest.approx(1.4, abs=0.1)


# ---- rings


def broken(cut: float, *, at: float = 200) -> World:
    """A ring of two ways whose ends are `cut` metres apart."""
    world = World()
    world.box(100, 100, 20, 12, building="apartments")
    world.box(-100, -100, 20, 12, building="apartments")
    world.box(500, 500, 20, 12, building="apartments")
    one = world.way((0, 0), (300, 0), (300, at))
    other = world.way((300, at + cut), (300, 300), (0, 300), (0, 0))
    world.relation(
        ("way", one, "outer"),
        ("way", other, "outer"),
        type="boundary",
        boundary="administrative",
        admin_level="10",
        name="断社区",
    )
    return world


def test_a_gap_of_up_to_thirty_metres_is_closed_and_said(tmp_path: Path) -> None:
    found = boundary.resolve(read(broken(25), tmp_path), "断社区")
    assert area(found) == pytest.approx(90_000, rel=5e-3)
    assert re.search(r"1 gap, the widest 25\.\d m", told(found, "fetch_ring_gaps")[0])


def test_a_wider_gap_is_refused_with_its_width(tmp_path: Path) -> None:
    fault = refused(read(broken(80, at=100), tmp_path), "断社区")
    assert fault.code == "fetch_ring_open"
    assert fault.note.facts["apart"] == pytest.approx(80, abs=1)


def test_a_ring_that_leaves_the_data_follows_its_edge(tmp_path: Path) -> None:
    world = World()
    for x in (0, 180, 380):
        for y in (0, 180, 380):
            world.box(x, y, 20, 20, building="apartments")
    seen = world.way((100, -10), (100, 300), (300, 300), (300, -10))
    world.relation(
        ("way", seen, "outer"),
        ("way", 777, "outer"),
        type="boundary",
        boundary="administrative",
        admin_level="10",
        name="半社区",
    )
    found = boundary.resolve(read(world, tmp_path), "半社区")
    assert area(found) == pytest.approx(200 * 300, rel=0.02)
    assert told(found, "fetch_ring_edge")


def test_of_a_ring_mostly_missing_nothing_is_guessed(tmp_path: Path) -> None:
    world = World()
    for x in (0, 380):
        for y in (0, 380):
            world.box(x, y, 20, 20, building="apartments")
    seen = world.way((150, 200), (200, 210), (250, 200))
    world.relation(
        ("way", seen, "outer"),
        ("way", 777, "outer"),
        type="boundary",
        boundary="administrative",
        admin_level="10",
        name="无社区",
    )
    assert refused(read(world, tmp_path), "无社区").code == "fetch_ring_open"


def test_real_open_rings_close_or_say_how_far_they_are_open(shared: Path) -> None:
    found = extract.read(shared / "data" / "helsinki_center.osm.pbf")
    closed = boundary.resolve(found, "Kluuvi")
    assert 60 < area(closed) / 10_000 < 120
    beijing = extract.read(shared / "data" / "beijing_xueyuanlu.osm.pbf")
    fault = refused(beijing, "矿业大学社区居委会")
    assert fault.code == "fetch_ring_open"
    assert fault.note.facts["missing"] == 1


def test_joining_ends_takes_the_nearest_first() -> None:
    chains = shapely.linestrings([[(0, 0), (10, 0)], [(12, 0), (20, 0)], [(25, 0), (40, 0)]])
    pieces = rings.join_ends(chains, 10.0)
    assert sorted(np.round(shapely.length(pieces)).tolist()) == [2.0, 5.0]


# ---- sides


FOUR = "N=中山路;E=人民路;S=护城河;W=铁路"


@pytest.mark.parametrize(
    "text",
    [
        FOUR,
        "北＝中山路；东＝人民路；南＝护城河；西＝铁路",
        "n = Zhongshan Road; e=人民路; s=护城河; w=railway",
        "东至人民路，南至护城河，西至铁路，北至中山路",
        "东临人民路,南靠护城河,西邻铁路,北到中山路。",
    ],
)
def test_four_sides_enclose_a_face_in_any_spelling(text: str, tmp_path: Path) -> None:
    found = boundary.resolve(read(town(), tmp_path), text)
    assert area(found) == pytest.approx(400 * 300, rel=5e-3)
    assert "12.0 ha" in told(found, "fetch_sides_face")[0] or "12.1 ha" in told(found, "fetch_sides_face")[0]


def test_gaps_between_sides_are_closed_up_to_thirty_metres_and_said(tmp_path: Path) -> None:
    world = town()
    world.ways[2] = (world.ways[2][0], {"highway": "secondary", "name": "other"})
    world.way((400, -50), (400, 130), highway="secondary", name="人民路")
    world.way((400, 155), (400, 280), highway="secondary", name="人民路")
    found = boundary.resolve(read(world, tmp_path), FOUR)
    assert area(found) == pytest.approx(400 * 300, rel=5e-3)
    assert "2 gaps" in told(found, "fetch_gaps_closed")[0]


def test_sides_further_apart_are_refused_with_the_corner_and_its_width(tmp_path: Path) -> None:
    world = town()
    world.ways[2] = (world.ways[2][0], {"highway": "secondary", "name": "other"})
    world.way((400, -50), (400, 200), highway="secondary", name="人民路")
    fault = refused(read(world, tmp_path), FOUR)
    assert fault.code == "fetch_sides_apart"
    assert re.search(r"中山路 – 人民路: (100|101|99) m", fault.message(Voice("zh")))


def test_a_hole_in_a_side_is_refused_with_its_width(tmp_path: Path) -> None:
    world = town()
    world.ways[2] = (world.ways[2][0], {"highway": "secondary", "name": "other"})
    world.way((400, -50), (400, 100), highway="secondary", name="人民路")
    world.way((400, 200), (400, 350), highway="secondary", name="人民路")
    fault = refused(read(world, tmp_path), FOUR)
    assert fault.code == "fetch_sides_gap"
    assert fault.note.facts["needed"] == 120


def test_a_dual_carriageway_gives_the_ground_within(tmp_path: Path) -> None:
    world = town()
    world.way((-50, 312), (450, 312), highway="primary", name="中山路")
    found = boundary.resolve(read(world, tmp_path), FOUR)
    assert area(found) == pytest.approx(400 * 300, rel=5e-3)


def test_two_streets_may_make_one_side(tmp_path: Path) -> None:
    world = town()
    world.ways[2] = (world.ways[2][0], {"highway": "secondary", "name": "other"})
    world.way((400, -50), (400, 150), highway="secondary", name="南段路")
    world.way((400, 150), (400, 350), highway="secondary", name="北段路")
    found = boundary.resolve(read(world, tmp_path), "N=中山路;E=南段路+北段路;S=护城河;W=铁路")
    assert area(found) == pytest.approx(400 * 300, rel=5e-3)


def test_an_unknown_side_names_streets_that_come_near(tmp_path: Path) -> None:
    fault = refused(read(town(), tmp_path), "N=中山北路;E=人民路;S=护城河;W=铁路")
    assert fault.code == "fetch_side_unknown"
    assert "中山路" in fault.note.facts["candidates"]


def test_two_sides_are_too_few(tmp_path: Path) -> None:
    assert refused(read(town(), tmp_path), "N=中山路;E=人民路").code == "fetch_too_few_sides"


def test_a_name_is_not_taken_for_sides() -> None:
    for text in ("幸福社区", "东至社区", "Newton", "北京路", "E=", "a;b"):
        assert sides.read(text) is None


# ---- files and shapes


def degrees(x: float, y: float, wide: float, high: float) -> shapely.Polygon:
    return shapely.box(
        LON + x * DEGREES_X, LAT + y * DEGREES_Y, LON + (x + wide) * DEGREES_X, LAT + (y + high) * DEGREES_Y
    )


@pytest.mark.parametrize("ending", ["geojson", "gpkg", "shp"])
def test_a_file_gives_one_community_a_polygon(ending: str, tmp_path: Path) -> None:
    rows = gpd.GeoDataFrame(
        {"code": ["440106001001", "440106001002"], "name": ["一社区", "二社区"]},
        geometry=[degrees(0, 0, 190, 300), degrees(200, 0, 200, 300)],
        crs="EPSG:4326",
    ).to_crs("EPSG:32649" if ending != "geojson" else "EPSG:4326")
    rows.to_file(tmp_path / f"社区.{ending}", encoding="utf-8")
    found = boundary.resolve(read(town(), tmp_path), str(tmp_path / f"社区.{ending}"))
    assert list(found.communities["community_id"]) == ["440106001001", "440106001002"]
    assert list(found.communities["code"]) == ["440106001001", "440106001002"]
    assert list(found.communities["name_zh"]) == ["一社区", "二社区"]
    assert found.communities.area.iloc[0] == pytest.approx(190 * 300, rel=5e-3)


def test_a_closed_line_in_a_file_is_taken_for_its_inside(tmp_path: Path) -> None:
    ring = shapely.get_exterior_ring(degrees(0, 0, 400, 300))
    gpd.GeoDataFrame(geometry=[ring], crs="EPSG:4326").to_file(tmp_path / "traced.geojson")
    found = boundary.resolve(read(town(), tmp_path), tmp_path / "traced.geojson")
    assert area(found) == pytest.approx(120_000, rel=5e-3)
    assert list(found.communities["community_id"]) == ["traced"]


def test_a_file_elsewhere_or_without_areas_is_refused(tmp_path: Path) -> None:
    found = read(town(), tmp_path)
    gpd.GeoDataFrame(geometry=[shapely.Point(LON, LAT)], crs="EPSG:4326").to_file(tmp_path / "points.geojson")
    gpd.GeoDataFrame(geometry=[shapely.box(10, 50, 11, 51)], crs="EPSG:4326").to_file(tmp_path / "elsewhere.geojson")
    assert refused(found, tmp_path / "points.geojson").code == "fetch_boundary_no_area"
    assert refused(found, tmp_path / "elsewhere.geojson").code == "fetch_boundary_elsewhere"


def test_a_bowtie_in_a_file_is_repaired(tmp_path: Path) -> None:
    corners = [(LON + x * DEGREES_X, LAT + y * DEGREES_Y) for x, y in ((0, 0), (400, 300), (400, 0), (0, 300), (0, 0))]
    shape = {"type": "Polygon", "coordinates": [corners]}
    (tmp_path / "bowtie.geojson").write_text(
        json.dumps(
            {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": shape}]}
        )
    )
    found = boundary.resolve(read(town(), tmp_path), tmp_path / "bowtie.geojson")
    assert found.communities.is_valid.all()
    assert area(found) == pytest.approx(60_000, rel=5e-3)


def test_shapes_in_degrees_are_taken_as_they_are(tmp_path: Path) -> None:
    rows = gpd.GeoDataFrame({"name": ["幸福社区"]}, geometry=[degrees(0, 0, 400, 300)], crs="EPSG:4326")
    found = boundary.resolve(read(town(), tmp_path), rows)
    assert list(found.communities["name"]) == ["幸福社区"]
    assert area(found) == pytest.approx(120_000, rel=5e-3)


# ---- no boundary


def test_a_small_extract_takes_the_built_up_outline_and_says_so(tmp_path: Path) -> None:
    read_ = read(town(), tmp_path)
    found = boundary.resolve(read_, None)
    ground = found.communities.geometry.iloc[0]
    assert shapely.covers(ground, read_.tables["buildings"].geometry.to_numpy()).all()
    assert told(found, "fetch_built_up")


def test_the_built_up_outline_takes_the_name_that_the_map_writes_on_it(tmp_path: Path) -> None:
    world = town()
    world.node(100, 100, place="town", name="幸福镇")
    world.node(120, 100, place="neighbourhood", name="老城")
    assert list(boundary.resolve(read(world, tmp_path), None).communities["name_zh"]) == ["幸福镇"]
    assert list(boundary.resolve(read(town(), tmp_path), None).communities["name"]) == [None]


def test_a_large_extract_without_a_boundary_is_refused_with_candidates(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(boundary, "MOST_BUILDINGS", 5)
    found = read(town(), tmp_path)
    fault = refused(found, None)
    assert isinstance(fault, BoundaryError)
    assert fault.code == "fetch_needs_boundary"
    assert "幸福社区 (6 buildings)" in fault.message(Voice("en"))
    assert "--whole" in (fault.hint(Voice("zh")) or "")
    assert len(boundary.resolve(found, None, whole=True).communities) == 1


def test_the_real_city_is_refused_and_whole_holds_every_building(shared: Path) -> None:
    found = extract.read(shared / "data" / "copenhagen.osm.pbf")
    assert refused(found, None).code == "fetch_needs_boundary"
    ground = boundary.resolve(found, None, whole=True).communities.geometry.iloc[0]
    shapely.prepare(ground)
    standing = found.tables["buildings"]
    assert shapely.covers(ground, standing.geometry.to_numpy()[(standing["status"] == "standing").to_numpy()]).all()

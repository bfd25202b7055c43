"""The sample communities: what they promise to hold is on the map and in the lists, and nothing in them is real."""

import csv
import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from openpyxl import load_workbook
from sample_written import Written, _tags

from govmap.messages import Voice
from govmap.sources import files, gate, sample


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

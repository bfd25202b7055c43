"""The same again gives the same; and a second fetch keeps what people did."""

import contextlib
import json
import os
import random
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from govmap import pipeline
from govmap.check import NEEDED, findings
from govmap.config import from_machine
from govmap.errors import PlanError
from govmap.project import open_project

EXPORTED = {"units": "u.geojson", "cells": "c.geojson", "plan_parts": "pp.csv", "parts": "p.csv"}


def shuffled(osm: Path, target: Path, seed: int) -> Path:
    """Write the same elements in another order, kinds in their blocks as the format asks."""
    root = ET.parse(osm).getroot()
    order = random.Random(seed)
    blocks = [[one for one in root if one.tag == tag] for tag in ("bounds", "node", "way", "relation")]
    for block in blocks:
        order.shuffle(block)
    root[:] = [one for block in blocks for one in block]
    ET.ElementTree(root).write(target, encoding="utf-8", xml_declaration=True)
    return target


def run(folder: Path, hash_seed: str, *commands: tuple[str, ...]) -> None:
    """Run commands one after another in a process of their own."""
    env = {**os.environ, "PYTHONHASHSEED": hash_seed, "SOURCE_DATE_EPOCH": "1700000000"}
    code = "import json, sys; from govmap.cli.commands import app\n"
    code += "sys.exit(any(app(words, standalone_mode=False) for words in json.loads(sys.argv[1])))"
    line = [sys.executable, "-c", code, json.dumps(commands)]
    done = subprocess.run(line, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (commands, done.stderr)


def test_the_same_input_and_seed_give_equal_exports_in_any_order_and_any_process(sample, tmp_path: Path) -> None:
    made: list[dict[str, bytes]] = []
    for number, hash_seed in enumerate(("0", "4242")):
        folder = tmp_path / f"run{number}"
        folder.mkdir()
        shuffled(sample.osm, folder / "town.osm", seed=number)
        inside = ("--for", "planner", "--internal")
        commands = [
            ("fetch", "town.gpkg", "--osm", "town.osm", "--boundary", sample.boundary),
            ("delineate", "town.gpkg", "--size", "300-500"),
            *(("export", "town.gpkg", table, "-o", name, *inside) for table, name in EXPORTED.items()),
            ("map", "town.gpkg", "-o", "map.html"),
        ]
        run(folder, hash_seed, *commands)
        made.append(
            {file.name: file.read_bytes() for file in folder.iterdir() if file.suffix in (".geojson", ".csv", ".html")}
        )
    assert made[0].keys() == made[1].keys()
    assert len(made[0]) == len(EXPORTED) + 1
    assert [name for name in made[0] if made[0][name] != made[1][name]] == []


def changed(osm: Path, target: Path, *, added: int, gone: int, among: set[str]) -> tuple[Path, set[str], set[str]]:
    """Write an extract in which houses came and, of those named, some went; give the ids of both."""
    root = ET.parse(osm).getroot()
    houses = [way for way in root.findall("way") if any(tag.get("k") == "building" for tag in way.findall("tag"))]
    order = random.Random(7)
    members = {one.get("ref") for relation in root.findall("relation") for one in relation.findall("member")}
    free = [way for way in houses if way.get("id") not in members]
    free = [way for way in free if f"w{way.get('id')}" in among]
    torn = order.sample(free, gone)
    for way in torn:
        root.remove(way)
    nodes = {node.get("id"): node for node in root.findall("node")}
    next_id = max(int(one.get("id")) for one in root if one.get("id")) + 1
    fresh: set[str] = set()
    at = max(number for number, one in enumerate(root) if one.tag == "node") + 1
    for way in order.sample([one for one in free if one not in torn], added):
        corner = nodes[way.findall("nd")[0].get("ref")]
        lat, lon = float(corner.get("lat")), float(corner.get("lon"))
        refs = []
        for north, east in ((0, 0), (0, 6e-5), (5e-5, 6e-5), (5e-5, 0)):
            point = {"id": str(next_id), "version": "1", "lat": f"{lat + north:.7f}", "lon": f"{lon + east:.7f}"}
            root.insert(at, ET.Element("node", point))
            at += 1
            refs.append(str(next_id))
            next_id += 1
        house = ET.Element("way", {"id": str(next_id), "version": "1"})
        for ref in [*refs, refs[0]]:
            ET.SubElement(house, "nd", {"ref": ref})
        ET.SubElement(house, "tag", {"k": "building", "v": "apartments"})
        root.insert(at + len(root.findall("way")), house)
        fresh.add(f"w{next_id}")
        next_id += 1
    ET.ElementTree(root).write(target, encoding="utf-8", xml_declaration=True)
    return target, fresh, {f"w{way.get('id')}" for way in torn}


@pytest.fixture
def refetched(sample, town: Path, tmp_path: Path):
    with open_project(town) as project:
        before = {name: project.read(name) for name in ("plans", "plan_parts", "units", "revisions")}
    among = set(before["plan_parts"]["part_id"])
    extract, fresh, torn = changed(sample.osm, tmp_path / "later.osm", added=50, gone=50, among=among)
    config = from_machine("en")
    report = pipeline.fetch(town, pipeline.Source(osm=extract), config=config)
    with open_project(town) as project:
        pipeline.cells(project, split_above=500, config=config)
    ids = report.figures["changed"]["ids"]
    redrawn = set(ids["redrawn"])  # a new house on the ground of one that went counts as the same, drawn anew
    assert len(redrawn) <= 3
    return town, before, ids, fresh, torn - redrawn


def test_fetching_again_loses_no_plan_and_says_what_moved(refetched) -> None:
    town, before, _, fresh, torn = refetched
    with open_project(town) as project:
        after = {name: project.read(name) for name in ("plans", "plan_parts", "units", "unit_lineage", "revisions")}
        buildings = project.read("buildings")
        assert findings(project.reading(*NEEDED)) == []
    assert set(after["plans"]["plan_id"]) == set(before["plans"]["plan_id"])
    stays = before["plan_parts"].merge(after["plan_parts"], on=["plan_id", "part_id"])
    assert (stays["unit_id_x"] == stays["unit_id_y"]).all(), "a part that stays keeps its unit"
    assert len(stays) > 200
    kept = dict(zip(before["units"]["unit_id"], before["units"]["code"], strict=True))
    codes = dict(zip(after["units"]["unit_id"], after["units"]["code"], strict=True))
    assert {unit: codes[unit] for unit in kept if unit in codes} == {unit: kept[unit] for unit in kept if unit in codes}
    assert len(after["revisions"]) == len(before["revisions"]) + len(before["plans"])
    went = {part for parts in after["unit_lineage"]["went"].dropna() for part in parts}
    came = {part for parts in after["unit_lineage"]["came"].dropna() for part in parts}
    standing = buildings[buildings["cell_id"].notna()]
    own = set(standing.loc[standing["cell_id"] == standing["building_id"], "building_id"])
    assert fresh & own <= came
    assert len(fresh & own) > 20
    assert not torn & set(after["plan_parts"]["part_id"])
    assert torn <= went
    _lists_what_osm_changed(refetched)


def _lists_what_osm_changed(refetched) -> None:
    _, _, ids, fresh, torn = refetched
    assert torn <= set(ids["gone"])
    assert set(ids["added"]) <= fresh
    assert len(ids["added"]) + len(ids["redrawn"]) == len(fresh)


def test_fetching_the_same_again_changes_nothing(sample, town: Path) -> None:
    config = from_machine("en")
    with open_project(town) as project:
        before = {name: project.read(name) for name in ("buildings", "plan_parts", "cells", "units")}
    pipeline.fetch(town, pipeline.Source(osm=sample.osm), config=config)
    with open_project(town) as project:
        pipeline.cells(project, split_above=500, config=config)
        after = {name: project.read(name) for name in before}
    for name, rows in before.items():
        assert rows.drop(columns="geometry", errors="ignore").equals(
            after[name].drop(columns="geometry", errors="ignore")
        ), name


def test_a_building_edited_by_hand_stays_as_it_was_left(sample, town: Path) -> None:
    with open_project(town) as project:
        rows = project.read("buildings")
        chosen = rows[rows["households"] > 10].iloc[:3][["building_id"]].assign(name="Kept", edited_by_hand=True)
        with project.change("test") as change:
            change.session.upsert("buildings", chosen)
    pipeline.fetch(town, pipeline.Source(osm=sample.osm), config=from_machine("en"))
    with open_project(town) as project:
        after = project.read("buildings").set_index("building_id").loc[chosen["building_id"]]
    assert (after["name"] == "Kept").all()


def test_dividing_again_with_the_same_wishes_is_the_same_plan(town: Path) -> None:
    config = from_machine("en")
    wanted = pipeline.criteria(size="300-500", units=None, by="households", seed=1)
    with open_project(town) as project:
        first = pipeline.delineate(project, wanted, config=config).figures["plan"]
        second = pipeline.delineate(project, wanted, config=config).figures["plan"]
        assert first == second


def first_move(project) -> str:
    """Move some part that may move to another unit; most moves are refused."""
    units = project.read("units")
    rows = project.read("plan_parts")
    for part, unit in zip(rows["part_id"], rows["unit_id"], strict=True):
        for code in units.loc[units["unit_id"] != unit, "code"]:
            with contextlib.suppress(PlanError):
                pipeline.move(project, code, [part])
                return part
    raise AssertionError("no part may move at all")


def test_edit_then_undo_changes_nothing(town: Path) -> None:
    with open_project(town) as project:
        before = project.plan()
        assert first_move(project)
        assert project.plan().fingerprint != before.fingerprint
        assert findings(project.reading(*NEEDED)) == []
        pipeline.undo(project)
        assert project.plan().fingerprint == before.fingerprint
        assert findings(project.reading(*NEEDED)) == []

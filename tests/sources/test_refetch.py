from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from osm_world import World

from govmap.messages import Voice
from govmap.sources import extract, refetch


def village(tmp_path: Path, *, without: frozenset[int] = frozenset(), more: int = 0, **changed: dict[str, str]):
    """Ten houses in a row of one street; leave some out, add some, change tags of house `h3`."""
    world = World()
    world.way((-100, 50), (1200, 50), highway="residential", name="中山路")
    for number in range(10 + more):
        tags = {"building": "apartments", "building:levels": "6"} | changed.get(f"h{number}", {})
        id_ = world.box(40 * number, 0, 20, 12, **tags)
        if number in without:
            del world.ways[id_]
            world.ways[1000 + number] = world.ways.pop(1000 + number, ([], {}))
            del world.ways[1000 + number]
    return extract.read(world.write(tmp_path / "world.osm")).tables


def row(tables, building_id: str) -> pd.Series:
    return tables["buildings"].set_index("building_id").loc[building_id]


def with_facts(tables, building_id: str, **facts):
    rows = tables["buildings"].copy()
    at = rows.index[rows["building_id"] == building_id][0]
    for name, value in facts.items():
        rows.loc[at, name] = value
    return {**tables, "buildings": rows}


def ids_of(tables) -> list[str]:
    return list(tables["buildings"]["building_id"])


def test_the_same_again_changes_nothing(tmp_path: Path) -> None:
    tables = village(tmp_path)
    merged, changes = refetch.merge(tables, tables)
    for name, rows in tables.items():
        pd.testing.assert_frame_equal(merged[name], rows)
    assert [note.key for note in changes.notes] == ["refetch_nothing"]


def test_new_houses_come_in_and_gone_ones_stay_as_demolished(tmp_path: Path) -> None:
    old = village(tmp_path)
    new = village(tmp_path, more=2)
    new = {**new, "buildings": new["buildings"][new["buildings"]["building_id"] != "w5"]}
    merged, changes = refetch.merge(old, new)
    assert changes.added == ["w12", "w13"]
    assert changes.gone == ["w5"]
    assert row(merged, "w12")["status"] == "new"
    assert row(merged, "w5")["status"] == "demolished"
    assert row(merged, "w5")["cell_id"] is None
    assert sorted(ids_of(merged)) == sorted({*ids_of(old), "w12", "w13"})


def test_a_new_house_stands_from_the_next_fetch_on_and_a_lost_one_may_come_back(tmp_path: Path) -> None:
    old, new = village(tmp_path), village(tmp_path, more=1)
    once, _ = refetch.merge(old, new)
    twice, changes = refetch.merge(once, new)
    assert row(twice, "w12")["status"] == "standing"
    assert changes.retagged == []
    gone, _ = refetch.merge(new, old)
    back, changes = refetch.merge(gone, new)
    assert row(gone, "w12")["status"] == "demolished"
    assert row(back, "w12")["status"] == "standing"
    assert changes.retagged == ["w12"]


def test_what_was_edited_by_hand_stays_and_is_named_where_the_map_differs(tmp_path: Path) -> None:
    old = with_facts(village(tmp_path), "w4", edited_by_hand=True, name="三号楼", levels=7.0)
    merged, changes = refetch.merge(old, village(tmp_path, h2={"building:levels": "9"}))
    assert row(merged, "w4")["levels"] == 7
    assert row(merged, "w4")["name"] == "三号楼"
    assert changes.kept_by_hand == ["w4"]


def test_a_house_edited_by_hand_stays_although_the_map_has_lost_it(tmp_path: Path) -> None:
    old = with_facts(village(tmp_path), "w4", edited_by_hand=True)
    new = village(tmp_path)
    new = {**new, "buildings": new["buildings"][new["buildings"]["building_id"] != "w4"]}
    merged, changes = refetch.merge(old, new)
    assert row(merged, "w4")["status"] == "standing"
    assert (changes.gone, changes.kept_by_hand) == ([], ["w4"])


def test_counts_of_a_register_and_cells_stay_with_the_house(tmp_path: Path) -> None:
    facts = {"households": 48, "residents": 130, "households_source": "register", "cell_id": "w4", "community_id": "r1"}
    old = with_facts(village(tmp_path), "w4", **facts)
    merged, changes = refetch.merge(old, village(tmp_path, h2={"building:levels": "9"}))
    kept = row(merged, "w4")
    assert {name: kept[name] for name in facts} == facts
    assert kept["levels"] == 9
    assert changes.retagged == ["w4"]


def test_imported_rows_stay(tmp_path: Path) -> None:
    old = village(tmp_path)
    added = old["buildings"].iloc[[0]].assign(building_id="b1", osm_id=None, import_id="i1", source_row=3)
    old = {
        **old,
        "buildings": pd.concat([old["buildings"].astype(object), added.astype(object)]).set_geometry(
            "geometry", crs=old["buildings"].crs
        ),
    }
    merged, changes = refetch.merge(old, village(tmp_path))
    assert row(merged, "b1")["import_id"] == "i1"
    assert changes.kept_by_hand == []


def test_another_outline_is_taken_and_named(tmp_path: Path) -> None:
    old, new = village(tmp_path), village(tmp_path)
    shapes = new["buildings"].geometry.copy()
    shapes.iloc[0] = shapes.iloc[0].buffer(2)
    new = {**new, "buildings": new["buildings"].set_geometry(shapes)}
    merged, changes = refetch.merge(old, new)
    assert changes.reshaped == [new["buildings"]["building_id"].iloc[0]]
    assert merged["buildings"].area.iloc[0] == pytest.approx(shapes.iloc[0].area)


def test_a_house_drawn_anew_keeps_its_id_and_its_addresses_follow(tmp_path: Path) -> None:
    old = with_facts(village(tmp_path), "w4", households=48, households_source="register")
    new = village(tmp_path, h2={"addr:street": "中山路", "addr:housenumber": "3"})
    for name in ("buildings", "addresses"):
        rows = new[name]
        new[name] = rows.assign(building_id=rows["building_id"].replace({"w4": "r77"}))
    new["buildings"] = new["buildings"].assign(osm_id=new["buildings"]["osm_id"].replace({"w4": "r77"}))
    merged, changes = refetch.merge(old, new)
    assert row(merged, "w4")["osm_id"] == "r77"
    assert row(merged, "w4")["households"] == 48
    assert list(merged["addresses"]["building_id"]) == ["w4"]
    assert (changes.added, changes.gone, changes.redrawn) == ([], [], ["w4"])
    again, changes = refetch.merge(merged, new)
    assert row(again, "w4")["osm_id"] == "r77"
    assert (changes.added, changes.gone, changes.redrawn) == ([], [], [])


def test_what_lies_beyond_the_new_data_is_not_gone(tmp_path: Path) -> None:
    old = village(tmp_path)
    new = {
        name: rows[rows.geometry.centroid.x < old["buildings"].geometry.centroid.x.median()]
        for name, rows in old.items()
    }
    merged, changes = refetch.merge(old, new)
    assert len(merged["buildings"]) == len(old["buildings"])
    assert len(changes.gone) <= 2


def test_other_tables_follow_the_map_and_keep_what_is_ours(tmp_path: Path) -> None:
    old = village(tmp_path)
    ours = old["barriers"].iloc[[0]].assign(barrier_id="b1", edited_by_hand=True)
    old = {**old, "barriers": pd.concat([old["barriers"], ours]).sort_values("barrier_id", ignore_index=True)}
    new = village(tmp_path)
    merged, changes = refetch.merge(old, new)
    assert sorted(merged["barriers"]["barrier_id"]) == ["b1", "w1"]
    assert changes.others["barriers"] == {"added": 0, "gone": 0, "changed": 0}


def test_changes_can_be_told_and_counted(tmp_path: Path) -> None:
    old, new = village(tmp_path), village(tmp_path, more=3)
    _, changes = refetch.merge(old, new)
    assert changes.figures["counts"]["added"] == 3
    for language in ("en", "zh"):
        assert all(Voice(language).tell(note) for note in changes.notes)


def test_fifty_come_and_fifty_go(shared: Path) -> None:
    tables = extract.read(shared / "data" / "copenhagen.osm.pbf").tables
    rng = np.random.default_rng(7)
    came, went = rng.permutation(len(tables["buildings"]))[:100].reshape(2, 50)
    old = {**tables, "buildings": tables["buildings"].drop(index=came)}
    new = {**tables, "buildings": tables["buildings"].drop(index=went)}
    merged, changes = refetch.merge(old, new)
    assert changes.added == sorted(tables["buildings"]["building_id"].iloc[came])
    assert changes.gone == sorted(tables["buildings"]["building_id"].iloc[went])
    assert len(merged["buildings"]) == len(tables["buildings"])

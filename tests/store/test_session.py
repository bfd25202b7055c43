"""One transaction: looking up, writing whole, refusing what does not belong, and knowing a stranger's edit."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import sqlalchemy as sa
from pyproj import CRS

from govmap.errors import ProjectError
from govmap.schema import TABLES
from govmap.store import connection, standard
from govmap.store.connection import Way
from govmap.store.geopackage import GeoPackage, created

ZONE = CRS.from_epsg(32650)
BULK = 2500


@pytest.fixture
def path(tmp_path: Path, blank: bytes) -> Path:
    file = tmp_path / "a.gpkg"
    file.write_bytes(blank)
    return file


def cells(count: int, *, first: int = 0, edition: int = 1) -> gpd.GeoDataFrame:
    at = first + np.arange(count)
    data = {"cell_id": [f"c{one:06d}" for one in at], "edition": edition, "straddles": False}
    return gpd.GeoDataFrame(data, geometry=shapely.box(10.0 * at, 0, 10.0 * at + 9, 9), crs=ZONE)


def theirs(path: Path, *statements: str) -> None:
    """What another program does to the file."""
    with closing(connection.bare(path, Way.WRITE, wait_s=1)) as raw:
        for statement in statements:
            raw.execute(statement)


def their_edit(path: Path, table: str) -> None:
    theirs(path, f"UPDATE gpkg_contents SET last_change = '2031-01-01T00:00:00.000Z' WHERE table_name = '{table}'")


# --- looking up -----------------------------------------------------------------------------------------------------


@pytest.fixture
def filled(store: GeoPackage) -> GeoPackage:
    frame = cells(40)
    frame["edition"] = np.arange(40) % 4
    frame["building_id"] = [None if at % 2 else f"b{at}" for at in range(40)]
    frame["area_m2"] = np.arange(40) / 7
    frame["straddles"] = np.arange(40) < 5
    with store.writing() as session:
        session.append("cells", frame)
        moments = pd.to_datetime(["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"])
        session.append("plans", pd.DataFrame({"plan_id": ["p", "q"], "created_at": moments}))
        session.append(
            "conventions", pd.DataFrame({"convention_id": ["a"], "version": [1], "adopted_at": "2026-03-01"})
        )
    return store


LOOKED_UP: list[tuple[str, dict[str, Any], int]] = [
    ("cells", {"edition": np.int64(3)}, 10),
    ("cells", {"edition": np.array([1, 2])}, 20),
    ("cells", {"edition": pd.Series([1, 2, 2], dtype="Int64")}, 20),
    ("cells", {"edition": pd.Index([1])}, 10),
    ("cells", {"edition": {0, 1}}, 20),
    ("cells", {"edition": 2.0}, 10),
    ("cells", {"building_id": float("nan")}, 20),
    ("cells", {"building_id": [None, "b0", "b2"]}, 22),
    ("cells", {"building_id": [None]}, 20),
    ("cells", {"building_id": []}, 0),
    ("cells", {"straddles": True}, 5),
    ("cells", {"straddles": [np.bool_(True), False]}, 40),
    ("cells", {"area_m2": 1 / 7}, 1),
    ("cells", {"area_m2": [1 / 7, 3 / 7, 38 / 7]}, 3),
    ("cells", {"cell_id": [f"c{at:06d}" for at in range(200_000)]}, 40),
    ("cells", {"cell_id": ["' OR 1=1 --", '"', "网格", "a,b"]}, 0),
    ("cells", {}, 40),
    ("plans", {"created_at": pd.Timestamp("2026-01-02T08:00:00+08:00")}, 1),
    ("plans", {"created_at": [pd.Timestamp("2026-01-02T00:00:00Z"), pd.Timestamp("2026-01-01T00:00:00Z")]}, 2),
    ("conventions", {"adopted_at": "2026-03-01", "version": [np.int32(1)]}, 1),
]


@pytest.mark.parametrize(("table", "where", "count"), LOOKED_UP)
def test_rows_are_found_whatever_type_the_sought_value_comes_in(
    filled: GeoPackage, table: str, where: dict[str, Any], count: int
) -> None:
    assert filled.count(table, where=where) == count
    assert len(filled.read(table, where=where)) == count
    with filled.writing() as session:
        assert session.delete(table, where=where) == count


@pytest.mark.parametrize("where", [{"edition": "3"}, {"cell_id": 3}, {"cell_id": ["a", 3]}, {"nothing": 1}])
def test_a_sought_value_of_another_type_or_column_is_a_fault_that_rises(
    filled: GeoPackage, where: dict[str, Any]
) -> None:
    with pytest.raises(TypeError):
        filled.read("cells", where=where)


def test_a_column_that_is_not_there_is_a_fault_and_not_a_text(filled: GeoPackage) -> None:
    with pytest.raises(TypeError, match="no column"):
        filled.read("cells", columns=["cell_id", "colour"])


def test_the_shapes_alone_can_be_read(filled: GeoPackage) -> None:
    frame = filled.read("cells", columns=["geometry"])
    assert list(frame.columns) == ["geometry"]
    assert len(frame) == 40
    assert frame.crs == ZONE
    assert len(filled.read("cells", columns=[])) == 40


# --- writing --------------------------------------------------------------------------------------------------------


def dump(path: Path, table: str) -> list[tuple[Any, ...]]:
    with closing(connection.bare(path, Way.READ, wait_s=1)) as raw:
        return raw.execute(f"SELECT * FROM {table} ORDER BY fid").fetchall()


@pytest.mark.parametrize("count", [30, BULK])
def test_the_file_is_the_same_whatever_the_order_of_the_rows(tmp_path: Path, count: int) -> None:
    found = []
    for seed in (1, 2):
        path = tmp_path / f"{seed}.gpkg"
        with created(path, ZONE) as store, store.writing() as session:
            session.append("cells", cells(count).sample(frac=1, random_state=seed))
        found.append(dump(path, "cells"))
    assert found[0] == found[1]


@pytest.mark.parametrize("count", [20, BULK])
@pytest.mark.parametrize("work", ["append", "replace", "upsert"])
def test_a_change_that_fails_leaves_nothing_also_where_the_error_is_caught(
    store: GeoPackage, count: int, work: str
) -> None:
    rows = pd.concat([cells(count, first=100), cells(1)])
    rows.loc[rows.index[-1], "edition"] = 7
    with store.writing() as session:
        session.append("cells", cells(10))
        if work == "upsert":
            rows["cell_id"] = rows["cell_id"].where(rows["cell_id"] != "c000000", None)
        if work == "replace":
            rows = pd.concat([rows, cells(1)])
        with pytest.raises((sa.exc.IntegrityError, TypeError)):
            getattr(session, work)("cells", rows)
        session.append("cells", cells(5, first=10))
    assert store.read("cells")["cell_id"].tolist() == [f"c{at:06d}" for at in range(15)]
    assert list(store.findings()) == []
    with store.writing() as session:
        session.append("cells", cells(3, first=50))
    assert list(store.findings()) == []


def test_nothing_is_written_by_a_session_whose_transaction_is_over(store: GeoPackage) -> None:
    with store.writing() as session:
        session.append("plans", pd.DataFrame({"plan_id": ["p"]}))
    with pytest.raises(Exception, match=r"over|closed"):
        session.append("plans", pd.DataFrame({"plan_id": ["q"]}))
    assert store.read("plans")["plan_id"].tolist() == ["p"]


def test_an_empty_frame_writes_nothing_and_replaces_everything(store: GeoPackage) -> None:
    with store.writing() as session:
        session.append("cells", cells(3))
        session.append("cells", cells(0))
        session.upsert("cells", pd.DataFrame())
    assert store.count("cells") == 3
    with store.writing() as session:
        session.replace("cells", pd.DataFrame())
    assert store.count("cells") == 0
    assert store.read("cells").crs == ZONE


def test_only_a_row_with_its_whole_key_is_written(store: GeoPackage) -> None:
    for rows in (pd.DataFrame({"edition": [1]}), pd.DataFrame({"cell_id": ["a", None]})):
        with pytest.raises(TypeError, match="key"), store.writing() as session:
            session.append("cells", rows)
    with pytest.raises(TypeError, match="key"), store.writing() as session:
        session.upsert("plan_parts", pd.DataFrame({"plan_id": ["p"], "unit_id": ["u"]}))


def test_the_last_of_two_rows_with_one_key_wins_an_upsert(store: GeoPackage) -> None:
    rows = pd.DataFrame({"plan_id": ["p", "p"], "name": ["first", "second"]})
    with store.writing() as session:
        session.upsert("plans", rows)
    assert store.read("plans")["name"].tolist() == ["second"]


def test_shapes_in_another_crs_are_a_fault_that_rises(store: GeoPackage) -> None:
    with pytest.raises(TypeError, match="WGS 84"), store.writing() as session:
        session.append("cells", cells(2).set_crs(4326, allow_override=True))
    with store.writing() as session:
        session.append("cells", cells(2).set_crs(None, allow_override=True))
    assert store.read("cells").crs == ZONE


def test_a_shape_of_another_kind_than_its_column_is_a_fault_that_rises(store: GeoPackage) -> None:
    frame = cells(2).set_geometry([shapely.Point(1, 2), shapely.box(0, 0, 1, 1)], crs=ZONE)
    with pytest.raises(TypeError, match="MULTIPOLYGON"), store.writing() as session:
        session.append("cells", frame)


def test_a_mixed_table_gives_back_the_kinds_it_got(store: GeoPackage) -> None:
    shapes = [shapely.Point(1, 2), shapely.box(0, 0, 1, 1), shapely.MultiPolygon([shapely.box(0, 0, 1, 1)]), None]
    frame = gpd.GeoDataFrame({"feature_id": list("abcd")}, geometry=shapes, crs=ZONE)
    with store.writing() as session:
        session.append("features", frame)
    assert [one and one.geom_type for one in store.read("features").geometry] == [
        "Point",
        "Polygon",
        "MultiPolygon",
        None,
    ]


def test_what_another_program_left_in_a_column_is_told_with_its_place(store: GeoPackage, path: Path) -> None:
    with store.writing() as session:
        session.append("buildings", pd.DataFrame({"building_id": ["a"], "households": [3]}))
    theirs(path, "UPDATE buildings SET households = 'many'")
    with pytest.raises(ProjectError) as error:
        store.read("buildings")
    assert error.value.code == "store_strange_value"
    assert "households" in str(error.value)
    theirs(path, "UPDATE buildings SET households = 5")
    assert store.read("buildings")["households"].tolist() == [5]


# --- a stranger's edit ----------------------------------------------------------------------------------------------


def test_a_table_that_only_a_stranger_ever_filled_is_named(store: GeoPackage, path: Path) -> None:
    assert store.foreign_changes() == []
    their_edit(path, "zones")
    assert store.foreign_changes() == ["zones"]


def test_a_strangers_edit_is_not_forgotten_when_we_write_to_the_same_table(store: GeoPackage, path: Path) -> None:
    with store.writing() as session:
        session.append("cells", cells(3))
    assert store.foreign_changes() == []
    their_edit(path, "cells")
    with store.writing() as session:
        session.upsert("cells", pd.DataFrame({"cell_id": ["c000001"], "block_id": ["ours"]}))
    assert store.foreign_changes() == ["cells"]
    with store.writing() as session:
        session.replace("cells", cells(1, first=9), where={"cell_id": "c000000"})
    assert store.foreign_changes() == ["cells"]
    with store.writing() as session:
        session.acknowledge(["cells"])
    assert store.foreign_changes() == []


def test_what_we_write_whole_is_ours_again(store: GeoPackage, path: Path) -> None:
    their_edit(path, "cells")
    with store.writing() as session:
        session.replace("cells", cells(3))
    assert store.foreign_changes() == []


def test_an_edit_that_fails_acknowledges_nothing(store: GeoPackage, path: Path) -> None:
    their_edit(path, "cells")
    with suppress(ZeroDivisionError), store.writing() as session:
        session.acknowledge(["cells"])
        raise ZeroDivisionError
    assert store.foreign_changes() == ["cells"]


def test_a_stranger_without_the_functions_cannot_put_the_index_out_of_step(store: GeoPackage, path: Path) -> None:
    with store.writing() as session:
        session.append("cells", cells(3))
    with closing(sqlite3.connect(path)) as raw, pytest.raises(Exception, match="ST_IsEmpty"):
        raw.execute("UPDATE cells SET geometry = NULL")


def test_every_trigger_is_back_after_work_in_bulk(store: GeoPackage, path: Path) -> None:
    with store.writing() as session:
        session.append("cells", cells(BULK))
        session.replace("cells", cells(BULK, first=7))
        session.delete("cells")
    with closing(connection.bare(path, Way.READ, wait_s=1)) as raw:
        stored = dict(raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall())
    wanted = [standard.triggers(table.name) for table in TABLES.values() if table.geometry]
    assert stored == {name: sql for each in wanted for name, sql in each.items()}

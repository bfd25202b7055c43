"""The project file: what goes in comes out, all or nothing, valid for others, and whole when it is copied."""

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from made_rows import WITH_SHAPES, ZONE, cells, raw, rows
from pyproj import CRS

from govmap.errors import BusyError
from govmap.schema import TABLES
from govmap.store import geopackage
from govmap.store.geopackage import GeoPackage, created, open_file


@pytest.mark.parametrize(
    ("where", "count"),
    [
        (None, 40),
        ({"edition": 2}, 10),
        ({"edition": np.int64(2)}, 10),
        ({"edition": [1, 2]}, 40),
        ({"edition": [np.int64(2)]}, 10),
        ({"edition": []}, 0),
        ({"edition": 1, "cell_id": ["c000001", "c000035"]}, 1),
        ({"building_id": None}, 40),
        ({"straddles": False, "edition": 2}, 10),
        ({"cell_id": "c' OR 1=1 --"}, 0),
    ],
)
def test_conditions_hold_together(filled: GeoPackage, where: Any, count: int) -> None:
    assert filled.count("cells", where=where) == count
    assert len(filled.read("cells", where=where)) == count


def test_only_the_columns_asked_for_are_read(filled: GeoPackage) -> None:
    frame = filled.read("cells", columns=["cell_id", "edition"])
    assert list(frame.columns) == ["cell_id", "edition"]
    assert not isinstance(frame, gpd.GeoDataFrame)
    assert isinstance(filled.read("cells", columns=["cell_id", "geometry"]), gpd.GeoDataFrame)


def test_an_empty_table_reads_as_an_empty_frame_with_its_columns(store: GeoPackage) -> None:
    frame = store.read("cells")
    assert (len(frame), list(frame.columns), frame.crs) == (0, TABLES["cells"].names, ZONE)


def test_replace_takes_out_what_it_names_and_no_more(filled: GeoPackage) -> None:
    with filled.writing() as session:
        session.replace("cells", cells(3, first=100, edition=2), where={"edition": 2})
    assert filled.count("cells", where={"edition": 1}) == 30
    assert filled.read("cells", where={"edition": 2})["cell_id"].tolist() == ["c000100", "c000101", "c000102"]
    with filled.writing() as session:
        session.replace("cells", cells(2, first=500))
    assert filled.read("cells")["cell_id"].tolist() == ["c000500", "c000501"]


def test_upsert_changes_only_the_columns_given(filled: GeoPackage) -> None:
    new = pd.DataFrame({"cell_id": ["c000000", "c000777"], "block_id": ["b1", "b2"]})
    before = filled.read("cells", where={"cell_id": "c000000"}).geometry[0]
    with filled.writing() as session:
        session.upsert("cells", new)
    after = filled.read("cells", where={"cell_id": ["c000000", "c000777"]}).set_index("cell_id")
    assert after["block_id"].tolist() == ["b1", "b2"]
    assert after.loc["c000000", "geometry"] == before
    assert after.loc["c000000", "edition"] == 1
    assert after.loc["c000777", "geometry"] is None


def test_delete_says_how_many(filled: GeoPackage) -> None:
    with filled.writing() as session:
        assert session.delete("cells", where={"edition": 2}) == 10
        assert session.delete("cells", where={"edition": 2}) == 0
        assert session.delete("cells") == 30


def test_a_key_that_stands_already_rises_and_leaves_nothing(filled: GeoPackage) -> None:
    def write() -> None:
        with filled.writing() as session:
            session.append("plans", pd.DataFrame({"plan_id": ["p"]}))
            session.append("cells", cells(3, first=29))

    with pytest.raises(Exception, match="UNIQUE"):
        write()
    assert filled.count("cells") == 40
    assert filled.count("plans") == 0


def test_reads_inside_a_writing_block_see_what_it_wrote(store: GeoPackage) -> None:
    with store.writing() as session:
        session.append("cells", cells(5))
        assert session.count("cells") == 5
        assert len(session.read("cells")) == 5


def test_an_error_undoes_everything(filled: GeoPackage) -> None:
    before = filled.read("cells")

    def write() -> None:
        with filled.writing() as session:
            session.replace("cells", cells(3000, first=9000))
            session.append("plans", pd.DataFrame({"plan_id": ["p"]}))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write()
    pd.testing.assert_frame_equal(pd.DataFrame(filled.read("cells")), pd.DataFrame(before))
    assert filled.count("plans") == 0
    assert list(filled.findings()) == []


def test_a_reader_sees_one_moment_while_another_writes(filled: GeoPackage, path: Path) -> None:
    other = open_file(path)
    with filled.reading() as session:
        before = session.count("cells")
        with other.writing() as writing:
            writing.append("cells", cells(5, first=800))
        assert session.count("cells") == before
    assert filled.count("cells") == before + 5
    other.close()


def test_a_second_writer_waits_and_then_is_told(
    filled: GeoPackage, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(geopackage, "_WAIT_S", 0.3)
    other = open_file(path)
    with filled.writing() as session:
        session.append("plans", pd.DataFrame({"plan_id": ["p"]}))
        began = time.monotonic()
        with pytest.raises(BusyError), other.writing():
            pass
        assert time.monotonic() - began >= 0.25
    with other.writing() as session:
        session.append("plans", pd.DataFrame({"plan_id": ["q"]}))
    assert filled.count("plans") == 2
    other.close()


def index_rows(path: Path, table: str) -> list[tuple[int, ...]]:
    with raw(path) as connection:
        return connection.execute(f"SELECT * FROM rtree_{table}_geometry ORDER BY id").fetchall()


def check_index(path: Path, table: str) -> int:
    """Every shape that is one has a box round it in the index, by code of the test's own; gives how many."""
    with raw(path) as connection:
        stored = connection.execute(f"SELECT fid, geometry FROM {table} ORDER BY fid").fetchall()
        triggers = connection.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'").fetchone()[0]
    shapes = {fid: shapely.from_wkb(data[8 if data[3] >> 4 & 1 else 40 :]) for fid, data in stored if data}
    full = {fid: one for fid, one in shapes.items() if not one.is_empty}
    boxes = index_rows(path, table)
    assert [row[0] for row in boxes] == sorted(full)
    for fid, west, east, south, north in boxes:
        left, below, right, above = full[fid].bounds
        assert west <= left <= west + 0.5
        assert east - 0.5 <= right <= east
        assert south <= below <= south + 0.5
        assert north - 0.5 <= above <= north
    assert triggers == 7 * len(WITH_SHAPES)
    return len(boxes)


@pytest.mark.parametrize("name", WITH_SHAPES)
def test_the_index_holds_the_shapes_of_every_table(store: GeoPackage, path: Path, name: str) -> None:
    with store.writing() as session:
        session.append(name, rows(TABLES[name], 40))
    assert 20 < check_index(path, name) < 40
    assert list(store.findings()) == []


@pytest.mark.parametrize("count", [50, 3000])
def test_the_index_keeps_step_with_every_change(store: GeoPackage, path: Path, count: int) -> None:
    with store.writing() as session:
        session.append("cells", cells(count))
        session.append("cells", cells(count, first=count))
    assert check_index(path, "cells") == 2 * count
    moved = cells(20, first=5)
    moved["geometry"] = moved.geometry.translate(1000, 1000)
    moved.loc[3, "geometry"] = None
    moved.loc[4, "geometry"] = shapely.Polygon()
    with store.writing() as session:
        session.upsert("cells", moved)
        session.delete("cells", where={"cell_id": ["c000000", "c000001"]})
    assert check_index(path, "cells") == 2 * count - 4
    with store.writing() as session:
        session.upsert("cells", cells(20, first=5))
        session.replace("cells", cells(count, first=9 * count, edition=3), where={"cell_id": ["c000002"]})
    assert check_index(path, "cells") == 3 * count - 3
    with store.writing() as session:
        session.replace("cells", cells(count, first=2))
    assert check_index(path, "cells") == count
    assert list(store.findings()) == []


def test_an_index_out_of_step_and_a_damaged_file_are_found(filled: GeoPackage, path: Path) -> None:
    with raw(path) as connection:
        connection.execute("DELETE FROM rtree_cells_geometry WHERE id = 3")
        connection.execute("INSERT INTO rtree_streets_geometry VALUES (99, 0, 1, 0, 1)")
        connection.commit()
    found = " ".join(filled.findings())
    assert "rtree_cells_geometry" in found
    assert "rtree_streets_geometry" in found
    assert "rtree_units_geometry" not in found


def validated(path: Path) -> subprocess.CompletedProcess[str]:
    pytest.importorskip("osgeo_utils", reason="needs gdal-utils for its validator")
    command = [sys.executable, "-m", "osgeo_utils.samples.validate_gpkg", "--extra", "--warning-as-error", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_file_is_a_valid_geopackage_empty_and_full_and_after_edits(store: GeoPackage, path: Path) -> None:
    assert validated(path).returncode == 0
    with store.writing() as session:
        for name, table in TABLES.items():
            if name != "project":
                session.append(name, rows(table, 30))
        session.append("cells", cells(2500, first=1000))
    with store.writing() as session:
        session.delete("cells", where={"cell_id": ["c001000"]})
        session.upsert(
            "units", pd.DataFrame({"plan_id": ["plan_id-00001"], "unit_id": ["unit_id-00001"], "name": ["乙"]})
        )
    store.checkpoint()
    result = validated(path)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_validator_would_notice(path: Path) -> None:
    with raw(path) as connection:
        connection.execute("DELETE FROM gpkg_geometry_columns WHERE table_name = 'cells'")
        connection.commit()
    assert validated(path).returncode != 0


GDAL_READS = """
import sys, pyogrio
path = sys.argv[1]
layers = dict(pyogrio.list_layers(path).tolist())
cells = pyogrio.read_dataframe(path, layer="cells")
print(len(layers), layers["cells"], layers["plans"], len(cells), cells.crs.to_epsg(), cells.geometry.is_valid.all())
print(pyogrio.read_dataframe(path, layer="cells", bbox=(735000, 2423000, 735010, 2423005)).cell_id.tolist())
"""


def test_gdal_reads_every_layer_in_a_process_of_its_own(filled: GeoPackage, path: Path) -> None:
    filled.checkpoint()
    told = subprocess.run([sys.executable, "-c", GDAL_READS, path], capture_output=True, text=True, check=True)
    first, second = told.stdout.splitlines()
    assert first == f"{len(TABLES) + 1} MultiPolygon None 40 32650 True"
    assert second == "['c000000']"


def test_a_crs_without_a_code_is_kept(tmp_path: Path) -> None:
    own = CRS.from_proj4("+proj=tmerc +lat_0=0 +lon_0=113.5 +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m +no_defs")
    path = tmp_path / "own.gpkg"
    with created(path, own) as store, store.writing() as session:
        session.append("cells", cells(3).set_crs(own, allow_override=True))
    opened = open_file(path)
    assert opened.read("cells").crs == own
    opened.close()
    result = validated(path)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_extent_and_the_moment_of_a_change_are_told_to_others(filled: GeoPackage, path: Path) -> None:
    with raw(path) as connection:
        sql = "SELECT min_x, min_y, max_x, max_y, last_change FROM gpkg_contents WHERE table_name = 'cells'"
        *extent, moment = connection.execute(sql).fetchone()
    assert extent == pytest.approx(filled.read("cells").total_bounds, abs=1.0)
    assert abs(datetime.now(UTC) - datetime.fromisoformat(moment)) < timedelta(minutes=1)


def test_an_edit_by_another_program_is_seen_until_acknowledged(filled: GeoPackage, path: Path) -> None:
    assert filled.foreign_changes() == []
    with raw(path) as connection:
        connection.execute("UPDATE cells SET block_id = 'theirs' WHERE cell_id = 'c000003'")
        sql = "UPDATE gpkg_contents SET last_change = '2031-01-01T00:00:00.000Z' WHERE table_name = 'cells'"
        connection.execute(sql)
        connection.commit()
    assert filled.foreign_changes() == ["cells"]
    with filled.writing() as session:
        session.append("plans", pd.DataFrame({"plan_id": ["p"]}))
    assert filled.foreign_changes() == ["cells"]
    with filled.writing() as session:
        session.acknowledge(["cells"])
    assert filled.foreign_changes() == []

"""The project file: what goes in comes out, all or nothing, valid for others, and whole when it is copied."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from govmap.errors import BusyError, NotAProjectError, ProjectError
from govmap.schema import SCHEMA_VERSION, TABLES, Column, Table
from govmap.store import blob, geopackage
from govmap.store.geopackage import GeoPackage, created, open_file
from govmap.store.values import plain, typed

ZONE = CRS.from_epsg(32650)
EAST, NORTH = 735_000.0, 2_423_000.0
ODD_TEXTS = [
    "幸福小区",
    "it's",
    'say "x"',
    "{{7*7}}",
    "a\\b\nc",
    "😀",
    " lead and trail ",
    "0012",
    "",
    "<img>",
    "\u2028",
]
WITH_SHAPES = sorted(name for name, table in TABLES.items() if table.geometry)


# --- making rows ----------------------------------------------------------------------------------------------------


def box(at: int) -> shapely.Polygon:
    x, y = EAST + 13.37 * at, NORTH + 7.1 * (at % 97)
    return shapely.box(x, y, x + 9.5, y + 6.25)


def shape(kind: str, at: int) -> Any:
    """A shape of a column's kind; every fifth is missing, every seventh empty, some have several members or holes."""
    if at % 5 == 4:
        return None
    pierced = shapely.difference(box(at), box(at).centroid.buffer(1.0))
    line = shapely.LineString(shapely.get_coordinates(box(at))[:3])
    several = {
        "POINT": [box(at).centroid, shapely.Point()],
        "LINESTRING": [line, shapely.LineString()],
        "MULTILINESTRING": [line, shapely.MultiLineString([line, box(at + 50).exterior.coords])],
        "MULTIPOLYGON": [pierced, shapely.MultiPolygon([pierced, box(at + 900)]), shapely.Polygon()],
        "GEOMETRY": [pierced, line, box(at).centroid, shapely.GeometryCollection()],
    }[kind]
    return several[-1] if at % 7 == 6 else several[at % (len(several) - 1 or 1)]


def value(column: Column, at: int, *, key: bool) -> Any:
    if not key and at % 3 == 2:
        return None
    made = {
        "str": f"{column.name}-{at:05d}" if key else ODD_TEXTS[at % len(ODD_TEXTS)],
        "int": at if key else (-1) ** at * 3**at % 2**53,
        "float": at / 7 - 3,
        "bool": bool(at % 2),
        "json": {"中": [1, 2.5, None, "x"], "at": at, "deep": {"b": True}},
        "time": datetime(2026, 3, 1, 8, 0, 0, 123_000, UTC) + timedelta(hours=at),
        "date": f"2026-02-{at % 28 + 1:02d}",
        "blob": bytes([at % 256, 0, 255]),
    }
    return made[column.type]


def rows(table: Table, count: int, *, first: int = 0) -> pd.DataFrame:
    """Rows of every type, with gaps, in an order that is not the key's."""
    order = [first + int(at) for at in np.random.default_rng(count).permutation(count)]
    data = {column.name: [value(column, at, key=column.required) for at in order] for column in table}
    frame = pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in data.items()})
    if not table.geometry:
        return frame
    return gpd.GeoDataFrame(frame, geometry=[shape(table.geometry, at) for at in order], crs=ZONE)


def cells(count: int, *, first: int = 0, edition: int = 1) -> gpd.GeoDataFrame:
    shapes = [box(first + at) for at in range(count)]
    data = {"cell_id": [f"c{first + at:06d}" for at in range(count)], "edition": edition, "straddles": False}
    return gpd.GeoDataFrame(data, geometry=shapes, crs=ZONE)


def same(left: Any, right: Any) -> bool:
    if isinstance(left, shapely.Geometry):
        return bool(shapely.equals_identical(left, right))
    if pd.api.types.is_scalar(left) and pd.isna(left):
        return bool(pd.api.types.is_scalar(right) and pd.isna(right))
    return bool(left == right)


def alone(one: Any) -> Any:
    """A MULTI shape of one member comes back as the member."""
    several = isinstance(one, shapely.Geometry) and shapely.get_num_geometries(one) == 1
    return shapely.get_geometry(one, 0) if several else one


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "网格 (1).gpkg"
    with created(file, ZONE):
        pass
    return file


def raw(path: Path) -> Any:
    connection = sqlite3.connect(path)
    geopackage.register(connection)
    return closing(connection)


# --- round trips ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(TABLES))
def test_what_goes_into_a_table_comes_out_of_it_sorted_by_key(store: GeoPackage, name: str) -> None:
    table = TABLES[name]
    frame = rows(table, 40)
    if name == "project":
        frame["value"] = frame["value"].fillna("x")
    with store.writing() as session:
        session.append(name, frame)
    back = store.read(name)
    if name == "project":
        back = back[back["key"].str.startswith("key-")].reset_index(drop=True)
    expected = frame.sort_values(list(table.key)).reset_index(drop=True)
    assert list(back.columns) == table.names
    for column in table.names:
        pairs = list(zip(map(alone, expected[column]), back[column], strict=True))
        if column == "geometry":
            pairs = [(a, b) for a, b in pairs if a is None or not a.is_empty or not b.is_empty]
        assert all(same(a, b) for a, b in pairs), [pair for pair in pairs if not same(*pair)][:3]


def test_whole_numbers_stay_whole_beside_missing_ones(store: GeoPackage) -> None:
    frame = pd.DataFrame({"building_id": ["a", "b"], "households": pd.array([12, None], dtype="Int64")})
    with store.writing() as session:
        session.append("buildings", frame)
    assert str(store.read("buildings")["households"].dtype) == "Int64"


def test_shapes_come_back_in_the_projects_crs_to_the_last_bit(store: GeoPackage) -> None:
    frame = cells(3000)
    with store.writing() as session:
        session.append("cells", frame)
    back = store.read("cells")
    assert back.crs == ZONE
    assert shapely.equals_identical(back.geometry.to_numpy(), frame.geometry.to_numpy()).all()


def test_numpy_numbers_are_stored_as_numbers_and_not_as_bytes(store: GeoPackage, path: Path) -> None:
    frame = pd.DataFrame({"building_id": ["a"], "households": np.array([3], dtype=np.int64), "levels": np.float32(2.5)})
    frame["shops"] = pd.Series([np.int32(4)], dtype=object)
    with store.writing() as session:
        session.append("buildings", frame)
    with raw(path) as connection:
        sql = "SELECT typeof(households), typeof(levels), typeof(shops), households, shops FROM buildings"
        assert connection.execute(sql).fetchone() == ("integer", "real", "integer", 3, 4)


def test_a_time_of_any_zone_is_kept_in_utc_to_the_millisecond(store: GeoPackage, path: Path) -> None:
    noon = datetime(2026, 1, 2, 12, 0, 0, 123_456, timezone(timedelta(hours=8)))
    with store.writing() as session:
        session.append("plans", pd.DataFrame({"plan_id": ["p"], "created_at": [noon]}))
    with raw(path) as connection:
        assert connection.execute("SELECT created_at FROM plans").fetchone() == ("2026-01-02T04:00:00.123Z",)
    assert store.read("plans")["created_at"][0] == pd.Timestamp("2026-01-02T04:00:00.123Z")


@pytest.mark.parametrize(
    ("column", "wrong"),
    [
        ("households", "12"),
        ("households", 1.5),
        ("name", 12),
        ("levels", "three"),
        ("source_row", b"\x01"),
    ],
)
def test_a_value_of_another_type_is_refused_and_nothing_is_written(
    store: GeoPackage, column: str, wrong: object
) -> None:
    frame = pd.DataFrame({"building_id": ["good", "bad"], column: pd.Series([None, wrong], dtype=object)})
    with pytest.raises(TypeError), store.writing() as session:
        session.append("buildings", frame)
    assert store.count("buildings") == 0


def test_a_time_without_zone_and_a_json_nan_are_refused(store: GeoPackage) -> None:
    naive = pd.DataFrame({"plan_id": ["p"], "created_at": [datetime(2026, 1, 2)]})  # noqa: DTZ001 - the fault itself
    with pytest.raises(TypeError), store.writing() as session:
        session.append("plans", naive)
    with pytest.raises((TypeError, ValueError), match="JSON"), store.writing() as session:
        session.append("plans", pd.DataFrame({"plan_id": ["p"], "criteria": [{"a": float("nan")}]}))
    assert store.count("plans") == 0


def test_a_column_the_schema_does_not_know_is_refused(store: GeoPackage) -> None:
    with pytest.raises(TypeError), store.writing() as session:
        session.append("workers", pd.DataFrame({"worker_id": ["w"], "id_number": ["440101"]}))


MISSING = [None, float("nan"), np.float64("nan"), pd.NA, pd.NaT, np.datetime64("NaT")]


@pytest.mark.parametrize("kind", ["str", "int", "float", "bool", "json", "time", "date", "blob"])
@pytest.mark.parametrize("missing", MISSING, ids=repr)
def test_every_way_to_say_missing_becomes_null(kind: str, missing: object) -> None:
    assert plain([missing], Column("x", kind)) == [None]


DTYPES = ["int8", "int64", "uint16", "Int64", "float32", "float64", "Float64", "bool", "boolean", "object", "string"]


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_of_a_frame_becomes_a_plain_value(dtype: str) -> None:
    text = dtype in ("object", "string")
    kind = "str" if text else "bool" if "bool" in dtype else "float" if "loat" in dtype else "int"
    series = pd.Series(["1", "0"] if text else [1, 0], dtype=dtype)
    made = plain(series.tolist(), Column("x", kind))
    assert {type(one) for one in made} <= {int, float, str}
    assert [float(one) for one in made] == [1.0, 0.0]


_TIMES = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_VALUES = st.one_of(
    st.tuples(st.just("str"), st.text(st.characters(exclude_categories=["Cs"]))),
    st.tuples(st.just("int"), st.integers(-(2**62), 2**62)),
    st.tuples(st.just("float"), st.floats(allow_nan=False)),
    st.tuples(st.just("bool"), st.booleans()),
    st.tuples(st.just("time"), _TIMES.map(lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000))),
    st.tuples(st.just("json"), st.dictionaries(st.text(max_size=5), _JSON, max_size=3)),
)


@given(_VALUES)
def test_any_value_survives_the_way_through_sqlite(pair: tuple[str, Any]) -> None:
    kind, given_value = pair
    column = Column("x", kind)
    with closing(sqlite3.connect(":memory:")) as connection:
        [stored] = plain([given_value], column)
        [back] = connection.execute("SELECT ?", (stored,)).fetchone()
    assert same(typed([back], column)[0], given_value)


def test_boxes_of_other_writers_are_read_whatever_their_size() -> None:
    point, code = shapely.Point(3, 4), b"GP\x00"
    for kind, length in enumerate((0, 32, 48, 48, 64)):
        for order in (0, 1):
            head = code + bytes([kind << 1 | order]) + b"\0" * 4 + b"\0" * length
            [back] = blob.from_geopackage([head + shapely.to_wkb(point, byte_order=order)])
            assert back == point
    assert blob.edge(1, code + b"\x01" + b"\0" * 4 + shapely.to_wkb(point)) == 3.0


# --- asking and changing --------------------------------------------------------------------------------------------


@pytest.fixture
def filled(store: GeoPackage) -> GeoPackage:
    with store.writing() as session:
        session.append("cells", cells(30))
        session.append("cells", cells(10, first=30, edition=2))
    return store


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


# --- R-tree ---------------------------------------------------------------------------------------------------------


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


# --- for other programs ---------------------------------------------------------------------------------------------


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


# --- the file at rest -----------------------------------------------------------------------------------------------


def beside(path: Path) -> list[str]:
    return sorted(one.name for one in path.parent.iterdir() if one != path)


def test_closing_leaves_one_plain_file(path: Path) -> None:
    store = open_file(path)
    with store.writing() as session:
        session.append("cells", cells(50))
    assert path.with_name(path.name + "-wal").exists()
    store.close()
    assert beside(path) == []
    assert path.read_bytes()[18:20] == b"\x01\x01"


def test_the_last_to_leave_makes_the_file_plain(path: Path) -> None:
    first, second = open_file(path), open_file(path)
    with first.writing() as session:
        session.append("cells", cells(50))
    assert second.count("cells") == 50
    first.close()
    with second.writing() as session:
        session.append("cells", cells(5, first=50))
    second.close()
    assert beside(path) == []
    assert path.read_bytes()[18:20] == b"\x01\x01"
    assert open_and_count(path) == 55


def open_and_count(path: Path) -> int:
    store = open_file(path)
    try:
        assert list(store.findings()) == []
        return store.count("cells")
    finally:
        store.close()


def test_a_copy_a_second_after_a_finished_command_holds_everything(path: Path, tmp_path: Path) -> None:
    store = open_file(path)
    for turn in range(5):
        with store.writing() as session:
            session.append("cells", cells(500, first=500 * turn))
    store.checkpoint()
    time.sleep(1)
    copy = tmp_path / "stick" / "copy.gpkg"
    copy.parent.mkdir()
    subprocess.run(["cp", path, copy], check=True)  # not from here: reading the file would drop our locks
    assert open_and_count(copy) == 2500
    with store.writing() as session:
        session.append("cells", cells(1, first=9000))
    store.close()
    assert open_and_count(path) == 2501


def test_what_is_deleted_is_gone_from_the_bytes(path: Path) -> None:
    store = open_file(path)
    secret = "SECRETNAME"
    frame = pd.DataFrame({"worker_id": [f"w{at}" for at in range(400)], "name": [f"{secret}{at}" for at in range(400)]})
    with store.writing() as session:
        session.append("workers", frame)
    store.checkpoint()
    assert secret.encode() in subprocess.run(["cat", path], capture_output=True, check=True).stdout
    with store.writing() as session:
        session.delete("workers")
    store.close()
    assert secret.encode() not in path.read_bytes()


def test_a_backup_is_whole_while_others_write(filled: GeoPackage, path: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup.gpkg"
    other = open_file(path)
    with other.writing() as session:
        session.append("cells", cells(100, first=2000))
        filled.backup(str(target))
    other.close()
    assert open_and_count(target) == 40
    assert not [name for name in beside(target) if "backup" in name]
    filled.backup(str(target))
    assert open_and_count(target) == 140


def test_creation_leaves_nothing_when_it_fails(tmp_path: Path) -> None:
    def make() -> None:
        with created(tmp_path / "new.gpkg", ZONE) as store:
            with store.writing() as session:
                session.append("cells", cells(10))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        make()
    assert list(tmp_path.iterdir()) == []


def test_creation_never_goes_over_a_file_that_stands(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(ProjectError) as error, created(path, ZONE):
        pass
    assert error.value.code == "project_exists"
    assert path.read_bytes() == before
    assert beside(path) == []


def test_the_same_project_made_twice_holds_the_same(tmp_path: Path) -> None:
    made = []
    for name in ("a.gpkg", "b.gpkg"):
        with created(tmp_path / name, ZONE) as store, store.writing() as session:
            session.append("cells", cells(20))
        opened = open_file(tmp_path / name)
        made.append(opened.read("cells"))
        opened.close()
    pd.testing.assert_frame_equal(pd.DataFrame(made[0]), pd.DataFrame(made[1]))


# --- files that are not ours ----------------------------------------------------------------------------------------


def test_what_is_no_project_is_refused_in_one_sentence(tmp_path: Path) -> None:
    text, other, folder = tmp_path / "a.gpkg", tmp_path / "b.gpkg", tmp_path / "c.gpkg"
    text.write_text("not a database at all, but long enough to be read as one")
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE project (key, value)")
        connection.commit()
    folder.mkdir()
    for path, code in ((text, "project_not_ours"), (other, "project_not_ours"), (folder, "project_missing")):
        with pytest.raises(ProjectError) as error:
            open_file(path)
        assert error.value.code == code
        assert error.value.where == str(path)
    with pytest.raises(ProjectError) as error:
        open_file(tmp_path / "none.gpkg")
    assert error.value.code == "project_missing"


def test_a_cut_file_is_refused(path: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.gpkg"
    cut.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(NotAProjectError):
        open_file(cut)


def test_a_project_of_a_newer_program_is_refused(path: Path) -> None:
    with raw(path) as connection:
        connection.execute("UPDATE project SET value = ? WHERE key = 'schema_version'", (str(SCHEMA_VERSION + 1),))
        connection.commit()
    with pytest.raises(ProjectError) as error:
        open_file(path)
    assert error.value.code == "project_newer"


def test_a_file_that_cannot_be_written_can_be_read(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_file(path)
    with store.writing() as session:
        session.append("cells", cells(12))
    store.close()
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    shutil.copy(path, shelf / "read.gpkg")
    monkeypatch.setattr(os, "access", lambda *_: False)
    held = open_file(shelf / "read.gpkg")
    assert held.count("cells") == 12
    with pytest.raises(ProjectError) as error, held.writing():
        pass
    assert error.value.code == "project_read_only"
    held.close()
    assert beside(shelf / "read.gpkg") == []

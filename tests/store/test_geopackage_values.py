"""Values of every kind go into the project file and come out the same."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from made_rows import ZONE, alone, cells, raw, rows, same

from govmap.schema import TABLES, Column
from govmap.store import blob
from govmap.store.geopackage import GeoPackage
from govmap.store.values import plain, typed


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

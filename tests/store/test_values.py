"""Values pass one door in both directions: what is not of its column's type never reaches a file."""

import json
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from sqlite3 import connect
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from govmap.schema import Column
from govmap.store.values import plain, typed

COLUMNS = {kind: Column("x", kind) for kind in ("str", "int", "float", "bool", "json", "time", "date", "blob")}
EIGHT_HOURS = timezone(timedelta(hours=8))

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
_MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.sampled_from([UTC, EIGHT_HOURS]))  # noqa: DTZ001
KINDS: dict[str, st.SearchStrategy[Any]] = {
    "str": st.text(st.characters(exclude_categories=["Cs"])),
    "int": st.integers(-(2**63), 2**63 - 1),
    "float": st.floats(allow_nan=False),
    "bool": st.booleans(),
    "json": _JSON.filter(lambda value: value is not None),
    "time": _MOMENTS.map(lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)),
    "date": st.dates().map(date.isoformat),
    "blob": st.binary(),
}


def through_sqlite(values: list[Any], kind: str) -> "pd.Series[Any]":
    with closing(connect(":memory:")) as raw:
        raw.execute("CREATE TABLE t (at INTEGER PRIMARY KEY, x)")
        raw.executemany("INSERT INTO t (x) VALUES (?)", [(one,) for one in plain(values, COLUMNS[kind])])
        return typed(tuple(row[0] for row in raw.execute("SELECT x FROM t ORDER BY at")), COLUMNS[kind])


@pytest.mark.parametrize("kind", sorted(KINDS))
@given(data=st.data())
def test_a_column_comes_back_as_it_went_with_its_gaps(kind: str, data: st.DataObject) -> None:
    values = data.draw(st.lists(st.none() | KINDS[kind], max_size=6))
    back = through_sqlite(values, kind)
    assert [None if isinstance(one, float | type(pd.NA) | type(pd.NaT)) and pd.isna(one) else one for one in back] == (
        values
    )
    assert len(back) == len(values)


@pytest.mark.parametrize(
    ("kind", "full", "gappy"),
    [
        ("str", "object", "object"),
        ("int", "int64", "Int64"),
        ("float", "float64", "float64"),
        ("bool", "bool", "boolean"),
        ("json", "object", "object"),
        ("time", "datetime64[us, UTC]", "datetime64[us, UTC]"),
        ("date", "object", "object"),
        ("blob", "object", "object"),
    ],
)
def test_the_dtype_follows_from_type_and_gaps_alone(kind: str, full: str, gappy: str) -> None:
    stored = {"str": "a", "json": "{}", "time": "2026-01-01T00:00:00.000Z", "date": "2026-01-01", "blob": b""}
    value = stored.get(kind, 1)
    assert str(typed((value,), COLUMNS[kind]).dtype) == full
    assert str(typed((value, None), COLUMNS[kind]).dtype) == gappy
    assert str(typed((), COLUMNS[kind]).dtype) == full


WRONG: list[tuple[str, Any]] = [
    ("str", 12),
    ("str", b"a"),
    ("str", ["a"]),
    ("int", "12"),
    ("int", 1.5),
    ("int", float("inf")),
    ("int", 2**63),
    ("int", -(2**63) - 1),
    ("int", b"\x03\0\0\0\0\0\0\0"),
    ("float", "1.5"),
    ("bool", "no"),
    ("bool", 2),
    ("bool", "True"),
    ("json", float("inf")),
    ("json", {"a": float("nan")}),
    ("json", {"a": {1, 2}}),
    ("json", {"a": datetime(2026, 1, 1, tzinfo=UTC)}),
    ("time", datetime(2026, 1, 1)),  # noqa: DTZ001 - the fault itself
    ("time", "2026-01-01 08:00"),
    ("time", 5),
    ("time", np.datetime64("2026-01-01")),
    ("date", "tomorrow"),
    ("date", "2026-02-30"),
    ("date", 5),
    ("blob", 5),
    ("blob", "text"),
]


@pytest.mark.parametrize(("kind", "value"), WRONG, ids=repr)
def test_a_value_of_another_type_is_a_fault_that_rises(kind: str, value: object) -> None:
    with pytest.raises((TypeError, ValueError, OverflowError)):
        plain([None, value], COLUMNS[kind])


LIKE: list[tuple[str, Any, Any]] = [
    ("int", np.int64(3), 3),
    ("int", np.uint8(3), 3),
    ("int", 3.0, 3),
    ("int", np.float32(3), 3),
    ("int", Decimal(3), 3),
    ("int", np.bool_(True), 1),
    ("float", np.float32(0.5), 0.5),
    ("float", np.int16(2), 2.0),
    ("float", Decimal("0.5"), 0.5),
    ("bool", np.bool_(False), 0),
    ("bool", 1, 1),
    ("bool", 0.0, 0),
    ("str", np.str_("楼"), "楼"),
    ("date", date(2026, 3, 1), "2026-03-01"),
    ("date", datetime(2026, 3, 1, 23, tzinfo=EIGHT_HOURS), "2026-03-01"),
    ("date", pd.Timestamp("2026-03-01T23:00"), "2026-03-01"),
    ("date", np.datetime64("2026-03-01T23:00"), "2026-03-01"),
    ("time", datetime(2026, 1, 1, 7, 59, 59, 999_999, EIGHT_HOURS), "2025-12-31T23:59:59.999Z"),
    ("time", pd.Timestamp("2026-01-01T08:00:00.123456789+08:00"), "2026-01-01T00:00:00.123Z"),
    ("time", "2026-01-01T08:00:00+08:00", "2026-01-01T00:00:00.000Z"),
    ("time", datetime(812, 1, 1, tzinfo=UTC), "0812-01-01T00:00:00.000Z"),
    ("json", {"b": np.int64(1), "a": [np.float64(0.5), np.bool_(True)]}, '{"a":[0.5,true],"b":1}'),
    ("json", "text", '"text"'),
    ("blob", bytearray(b"a\0"), b"a\0"),
    ("blob", memoryview(b"a\0"), b"a\0"),
]


@pytest.mark.parametrize(("kind", "value", "stored"), LIKE, ids=lambda one: repr(getattr(one, "obj", one)))
def test_what_frames_hold_becomes_what_engines_take(kind: str, value: object, stored: object) -> None:
    [made] = plain([value], COLUMNS[kind])
    assert (made, type(made)) == (stored, type(stored))


NAMES_OF_NOTHING = [None, float("nan"), np.float32("nan"), np.float64("nan"), pd.NA, pd.NaT, np.datetime64("NaT")]


@pytest.mark.parametrize("kind", sorted(COLUMNS))
def test_every_name_of_nothing_is_null(kind: str) -> None:
    assert plain(NAMES_OF_NOTHING, COLUMNS[kind]) == [None] * len(NAMES_OF_NOTHING)


FRAMES: list[tuple[str, Callable[[], "pd.Series[Any]"]]] = [
    ("int", lambda: pd.Series([1, None], dtype="Int64")),
    ("int", lambda: pd.Series([1.0, np.nan])),
    ("float", lambda: pd.Series([1.0, None], dtype="Float32")),
    ("bool", lambda: pd.Series([True, None], dtype="boolean")),
    ("str", lambda: pd.Series(["1", None], dtype="string")),
    ("str", lambda: pd.Series(["1", None], dtype="category")),
    ("time", lambda: pd.Series(pd.to_datetime(["2026-01-01T00:00:00Z", None]))),
]


@pytest.mark.parametrize(("kind", "made"), FRAMES)
def test_gaps_of_every_dtype_become_null(kind: str, made: Callable[[], "pd.Series[Any]"]) -> None:
    first, second = plain(made().tolist(), COLUMNS[kind])
    assert first in (1, "1", "2026-01-01T00:00:00.000Z")
    assert second is None


def test_a_name_that_utf8_cannot_hold_is_kept_as_far_as_it_can() -> None:
    name = b"\xcd\xf8\xb8\xf1.xlsx".decode("utf-8", "surrogateescape")
    assert plain([name, "网格", None], COLUMNS["str"]) == ["????.xlsx", "网格", None]
    [told] = plain([{"file": name}], COLUMNS["json"])
    assert json.loads(told) == {"file": "????.xlsx"}


@pytest.mark.parametrize(("kind", "left"), [("int", "abc"), ("float", "abc"), ("time", "soon"), ("json", "{")])
def test_what_another_program_left_there_rises_and_is_not_guessed(kind: str, left: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        typed((left, None), COLUMNS[kind])


def test_times_of_other_writers_are_read() -> None:
    theirs = ("2026-01-01T08:00:00+08:00", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000Z", None)
    read = typed(theirs, COLUMNS["time"])
    assert read.iloc[:3].unique().tolist() == [pd.Timestamp("2026-01-01T00:00:00Z")]
    assert read.isna().tolist() == [False, False, False, True]

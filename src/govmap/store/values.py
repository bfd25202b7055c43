"""Values as frames hold them to values as engines take them, and back.

sqlite3 stores a numpy integer as bytes without an error, PostgreSQL a NaN in a text column as the word NaN: so every
value passes here, typed by the schema's column, before either engine sees it, those that rows are looked up by too.
"""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd

from govmap.schema import Column

_LARGEST_INT = 2**63
_NOTHING = type(None)


def plain(values: Sequence[Any], column: Column) -> list[Any]:
    """
    Give the values of one column as int, float, bool, str, bytes or None.

    Text that UTF-8 cannot hold (a file's name in some old code page) gets question marks where it does not.

    Raises
    ------
    TypeError, ValueError, OverflowError
        A value is not of the column's type: a fault of ours, which must not reach a file.
    """
    make, own = _WRITERS[column.type], _OWN.get(column.type)
    made: list[Any] = list(values)
    if not set(map(type, made)) <= {own, _NOTHING}:  # most are what they should be
        made = [value if type(value) is own else None if _missing(value) else make(value) for value in made]
    return _encodable(made) if column.type in ("str", "json") else made


def plain_column(cells: "pd.Series[Any]", column: Column) -> list[Any]:
    """Give a whole column as `plain` gives its values: at once where pandas knows that all are what they should be."""
    quick = _QUICK.get(column.type)
    made = quick(cells) if quick else None
    return plain(cells.tolist(), column) if made is None else made


def _whole(cells: "pd.Series[Any]") -> list[Any] | None:
    if isinstance(cells.dtype, pd.Int64Dtype):
        return _with_gaps(cells.to_numpy("int64", na_value=0), cells.isna())
    return cells.tolist() if str(cells.dtype) == "int64" else None


def _fractions(cells: "pd.Series[Any]") -> list[Any] | None:
    if str(cells.dtype) != "float64":
        return None
    values = cells.to_numpy()
    return _with_gaps(values, np.isnan(values))


def _moments(cells: "pd.Series[Any]") -> list[Any] | None:
    if not isinstance(cells.dtype, pd.DatetimeTZDtype):
        return None
    moments = cells.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype("datetime64[ms]")
    return _with_gaps(np.datetime_as_string(moments, timezone="UTC"), np.isnat(moments))


def _truths(cells: "pd.Series[Any]") -> list[Any] | None:
    if isinstance(cells.dtype, pd.BooleanDtype):
        return _with_gaps(cells.to_numpy("int64", na_value=0), cells.isna())
    return cells.astype("int64").tolist() if str(cells.dtype) == "bool" else None


def _with_gaps(values: "np.ndarray[Any, Any]", missing: Any) -> list[Any]:
    """Give values as Python's own, None where one is missing."""
    listed: list[Any] = values.tolist()
    for place in np.flatnonzero(missing).tolist():
        listed[place] = None
    return listed


def typed(values: Sequence[Any], column: Column) -> "pd.Series[Any]":
    """
    Give the values an engine returned as a series: whole numbers stay whole beside missing ones, text is object.

    Raises
    ------
    ValueError, TypeError
        Another program left a value there that is not of the column's type.
    """
    if column.type == "int":
        return pd.Series(values, dtype="Int64" if None in values else "int64")
    if column.type == "float":
        return pd.Series(np.array(values, dtype="float64"))  # None becomes NaN
    if column.type == "bool":
        flags = [None if value is None else bool(value) for value in values]
        return pd.Series(flags, dtype="boolean" if None in flags else "bool")
    if column.type == "time":
        moments = pd.to_datetime(pd.Series(values, dtype=object), utc=True, format="ISO8601")
        return moments.dt.as_unit("us")  # the same in an empty table as in a full one
    if column.type == "json":
        values = [None if value is None else json.loads(value) for value in values]
    return pd.Series(values, dtype=object)


def _missing(value: Any) -> bool:
    if isinstance(value, float | np.floating):
        return bool(value != value)  # noqa: PLR0124 - only NaN differs from itself
    if isinstance(value, np.datetime64):
        return bool(np.isnat(value))
    return value is None or value is pd.NA or value is pd.NaT


def _int(value: Any) -> int:
    if isinstance(value, str | bytes) or int(value) != value:
        raise TypeError(f"not a whole number: {value!r}")
    if not -_LARGEST_INT <= int(value) < _LARGEST_INT:
        raise TypeError(f"too large a number: {value!r}")
    return int(value)


def _float(value: Any) -> float:
    if isinstance(value, str | bytes):
        raise TypeError(f"not a number: {value!r}")
    return float(value)


def _bool(value: Any) -> int:
    if not isinstance(value, bool | np.bool_ | int | np.integer | float | np.floating) or value not in (0, 1):
        raise TypeError(f"neither true nor false: {value!r}")
    return int(value)


def _time(value: Any) -> str:
    moment = value if isinstance(value, datetime) else pd.Timestamp(value)
    if moment.tzinfo is None:
        raise TypeError(f"a time without its zone: {value!r}")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _date(value: Any) -> str:
    if isinstance(value, str):
        return date.fromisoformat(value).isoformat()
    if isinstance(value, np.datetime64):
        value = pd.Timestamp(value)
    if not isinstance(value, date):
        raise TypeError(f"not a date: {value!r}")
    return date(value.year, value.month, value.day).isoformat()


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"not text: {value!r}")
    return str(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False, separators=(",", ":"), default=_own)


def _own(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"not for JSON: {value!r}")


def _bytes(value: Any) -> bytes:
    if not isinstance(value, bytes | bytearray | memoryview):
        raise TypeError(f"not bytes: {value!r}")
    return bytes(value)


def _encodable(texts: list[str | None]) -> list[str | None]:
    try:
        "".join(filter(None, texts)).encode()
    except UnicodeEncodeError:
        return [text and text.encode(errors="replace").decode() for text in texts]
    return texts


_QUICK: dict[str, Callable[["pd.Series[Any]"], list[Any] | None]] = {
    "int": _whole,
    "float": _fractions,
    "bool": _truths,
    "time": _moments,
}
_OWN: dict[str, type] = {"str": str, "blob": bytes}
_WRITERS: dict[str, Callable[[Any], Any]] = {
    "str": _text,
    "int": _int,
    "float": _float,
    "bool": _bool,
    "time": _time,
    "date": _date,
    "json": _json,
    "blob": _bytes,
}

"""Values as frames hold them to values as engines take them, and back.

sqlite3 stores a numpy integer as bytes without an error, PostgreSQL a NaN in a text column as the word NaN: so every
value passes here, typed by the schema's column, before either engine sees it.
"""

import json
import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from govmap.schema import Column

_MILLISECONDS = "%Y-%m-%dT%H:%M:%S.%f"


def plain(values: Sequence[Any], column: Column) -> list[Any]:
    """
    Give the values of one column as int, float, bool, str, bytes or None.

    Raises
    ------
    TypeError
        A value is not of the column's type: a fault of ours, which must not reach a file.
    """
    make = _WRITERS[column.type]
    return [None if _missing(value) else make(value) for value in values]


def typed(values: Sequence[Any], column: Column) -> "pd.Series[Any]":
    """Give the values an engine returned as a series: whole numbers stay whole beside missing ones, text is object."""
    if column.type == "int":
        return pd.Series(values, dtype="Int64" if None in values else "int64")
    if column.type == "float":
        return pd.Series([np.nan if value is None else value for value in values], dtype="float64")
    if column.type == "bool":
        flags = [None if value is None else bool(value) for value in values]
        return pd.Series(flags, dtype="boolean" if None in flags else "bool")
    if column.type == "time":
        return pd.to_datetime(pd.Series(values, dtype=object), utc=True, format="ISO8601")
    if column.type == "json":
        values = [None if value is None else json.loads(value) for value in values]
    return pd.Series(values, dtype=object)


def _missing(value: Any) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))


def _int(value: Any) -> int:
    if isinstance(value, str | bytes) or int(value) != value:
        raise TypeError(f"not a whole number: {value!r}")
    return int(value)


def _float(value: Any) -> float:
    if isinstance(value, str | bytes):
        raise TypeError(f"not a number: {value!r}")
    return float(value)


def _time(value: Any) -> str:
    moment = pd.Timestamp(value).to_pydatetime() if not isinstance(value, datetime) else value
    if moment.tzinfo is None:
        raise TypeError(f"a time without its zone: {value!r}")
    return moment.astimezone(UTC).strftime(_MILLISECONDS)[:-3] + "Z"


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"not text: {value!r}")
    return value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False, separators=(",", ":"), default=_own)


def _own(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"not for JSON: {value!r}")


_WRITERS: dict[str, Callable[[Any], Any]] = {
    "str": _text,
    "int": _int,
    "float": _float,
    "bool": lambda value: int(bool(value)),
    "time": _time,
    "date": lambda value: value if isinstance(value, str) else pd.Timestamp(value).date().isoformat(),
    "json": _json,
    "blob": bytes,
}

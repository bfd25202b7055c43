"""Rows as they were before an import changed them, laid aside so that the import can be taken back.

They lie in the project's own table `former_rows` and hold what that project held already: no more of anybody.
"""

import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely

from govmap.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Collection

    from govmap.project import Change

ASIDE = "former_rows"
NUMBERS = {"int": "Int64", "float": "Float64", "bool": "boolean"}


def lay_aside(change: "Change", import_id: str, table: str, rows: pd.DataFrame) -> None:
    """Keep rows as they stand now, under the import that is about to change them or take them out."""
    if rows.empty:
        return
    keys = row_keys(rows, table)
    listed = packed(rows, table)
    frame = pd.DataFrame({"import_id": import_id, "row_table": table, "row_key": keys, "row": listed})
    change.session.append(ASIDE, frame)


def laid_aside(change: "Change", import_id: str, table: str) -> pd.DataFrame:
    """Give the rows of a table as they were before an import, in the columns of the schema."""
    stored = change.session.read(ASIDE, where={"import_id": import_id, "row_table": table})
    return unpacked(stored["row"].tolist(), table)


def packed(rows: pd.DataFrame, table: str) -> list[dict[str, Any]]:
    """Give rows as they are laid aside: plain JSON, empty cells left out."""
    return [_packed(row) for row in _plain(rows, table)]


def unpacked(rows: list[dict[str, Any]], table: str) -> pd.DataFrame:
    """Give rows that were laid aside, in the columns of the schema."""
    known = TABLES[table]
    data = {column.name: _typed([row.get(column.name) for row in rows], column.type) for column in known}
    frame = pd.DataFrame(data, index=pd.RangeIndex(len(rows)))
    if known.geometry:
        shapes = [row.get("geometry") for row in rows]
        frame["geometry"] = pd.Series([None if one is None else shapely.from_wkb(one) for one in shapes], dtype=object)
    return frame


def row_keys(rows: pd.DataFrame, table: str) -> list[str]:
    """Write the key of each row as one text."""
    columns = [rows[name].astype(str) for name in TABLES[table].key]
    return [json.dumps(key, ensure_ascii=False) if len(key) > 1 else key[0] for key in zip(*columns, strict=True)]


def take_out(change: "Change", table: str, keys: "Collection[str]") -> int:
    """Take rows out by their keys as one text; say how many."""
    known = TABLES[table].key
    if len(known) == 1:
        return change.session.delete(table, where={known[0]: list(keys)}) if keys else 0
    return sum(
        change.session.delete(table, where=dict(zip(known, _key(table, key), strict=True))) for key in sorted(keys)
    )


def _key(table: str, key: str) -> list[Any]:
    kinds = {column.name: column.type for column in TABLES[table]}
    pairs = zip(TABLES[table].key, json.loads(key), strict=True)
    return [int(value) if kinds[name] == "int" else value for name, value in pairs]


def _plain(rows: pd.DataFrame, table: str) -> list[dict[str, Any]]:
    """Give rows as JSON holds them: times and dates as text, shapes as the digits of their WKB."""
    frame = pd.DataFrame({name: rows[name].astype(object) for name in TABLES[table].names if name in rows})
    for column in TABLES[table]:
        if column.type in ("time", "date") and column.name in frame:
            frame[column.name] = frame[column.name].map(lambda one: None if pd.isna(one) else one.isoformat())
    if "geometry" in frame:
        frame["geometry"] = shapely.to_wkb(frame["geometry"].to_numpy(object), hex=True)
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _packed(row: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is empty."""
    told = {name: value for name, value in row.items() if isinstance(value, dict | list) or not pd.isna(value)}
    return {name: value.item() if hasattr(value, "item") else value for name, value in told.items()}


def _typed(values: list[Any], kind: str) -> "pd.Series[Any]":
    if kind in NUMBERS:
        return pd.Series(values, dtype=NUMBERS[kind])
    if kind == "time":
        return pd.to_datetime(pd.Series(values, dtype=object), utc=True, format="ISO8601")
    if kind == "date":
        return pd.to_datetime(pd.Series(values, dtype=object)).dt.date
    return pd.Series(values, dtype=object)

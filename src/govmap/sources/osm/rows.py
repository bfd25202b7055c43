"""Rows in the shape of `schema`: columns in order and of one type, sorted by key; and the count of what was dropped."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from govmap.schema import TABLES, Column

_NULLABLE = {"int": "Int64", "float": "float64", "bool": "boolean"}
_NEVER_NULL = frozenset({"edited_by_hand", "on_ground", "walkable", "complete"})


@dataclass
class Tally:
    """How many things were read for a table, kept, and dropped for which reason."""

    read: int = 0
    kept: int = 0
    dropped: Counter[str] = field(default_factory=Counter)

    def drop(self, reason: str, count: float = 1) -> None:
        """Count things that were read and not kept."""
        if count:
            self.dropped[reason] += int(count)

    def told(self) -> dict[str, Any]:
        """Give the count as plain facts."""
        return {"read": self.read, "kept": self.kept, "dropped": dict(sorted(self.dropped.items()))}


def frame(table: str, columns: Mapping[str, Any], geometry: Iterable[Any], crs: CRS | str | None) -> gpd.GeoDataFrame:
    """Put columns into the shape of a table of `schema`, sorted by its key; what is not given is empty."""
    shape = TABLES[table]
    shapes = np.asarray(list(geometry), dtype=object)
    data = {column.name: _column(column, columns.get(column.name), len(shapes)) for column in shape}
    rows = gpd.GeoDataFrame(data, geometry=_as(shape.geometry, shapes), crs=crs)
    return rows.sort_values(list(shape.key), kind="stable", ignore_index=True)


def texts(values: Iterable[Any]) -> pd.Series:
    """Give a column of text whose missing values are None."""
    return pd.Series([None if one is None or one != one else one for one in values], dtype=object)  # noqa: PLR0124 -- NaN


def smallest_holder(points: np.ndarray, areas: np.ndarray) -> np.ndarray:
    """Give for each point the number of the smallest area that holds it, -1 where none does."""
    holder = np.full(len(points), -1)
    if not len(points) or not len(areas):
        return holder
    at, of = shapely.STRtree(areas).query(points, predicate="intersects")
    sizes = shapely.area(areas)[of]
    order = np.lexsort((of, sizes, at))
    first = np.unique(at[order], return_index=True)[1]
    holder[at[order][first]] = of[order][first]
    return holder


def picked(values: Sequence[Any], numbers: np.ndarray) -> list[Any]:
    """Give `values[number]`, None where the number is -1."""
    return [values[number] if number >= 0 else None for number in numbers]


def has_han(text: str | None) -> bool:
    """Tell whether a text holds a Chinese character."""
    return bool(text) and any("\u3400" <= letter <= "\u9fff" for letter in text or "")


def name_of(tags: Mapping[str, str]) -> str | None:
    """Give the name that people on the spot use."""
    return tags.get("name") or tags.get("name:zh") or tags.get("name:en") or tags.get("official_name") or None


def chinese_name(tags: Mapping[str, str]) -> str | None:
    """Give the Chinese name, where there is one."""
    for key in ("name:zh", "name:zh-Hans", "name:zh-Hant", "name"):
        if has_han(tags.get(key)):
            return tags[key]
    return None


def _column(column: Column, given: Sequence[Any] | None, length: int) -> pd.Series:
    if column.name in _NEVER_NULL:
        return pd.Series([False] * length if given is None else list(given), dtype=bool)
    values = [None] * length if given is None else list(given)
    if column.type in _NULLABLE:
        return pd.Series([None if one is None or one != one else one for one in values], dtype=_NULLABLE[column.type])  # noqa: PLR0124 -- NaN
    return texts(values)


def _as(kind: str | None, shapes: np.ndarray) -> np.ndarray:
    """Make single shapes multiple where the table says so."""
    makers: dict[str, tuple[int, Callable[[np.ndarray], Any]]] = {
        "MULTIPOLYGON": (3, shapely.multipolygons),
        "MULTILINESTRING": (1, shapely.multilinestrings),
    }
    if kind not in makers or not len(shapes):
        return shapes
    single, make = makers[kind]
    lone = shapely.get_type_id(shapes) == single
    made = shapes.copy()
    made[lone] = make(shapes[lone][:, None]) if lone.any() else []
    return made

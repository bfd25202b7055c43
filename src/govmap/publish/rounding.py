"""Rounding that repeats itself and that nobody outside the office can compute: to fives, up or down by chance.

The chance of an area comes from a key of each of its parts, and that from what the office alone knows of the part. So
two copies with the same data publish the same numbers, and asking twice tells nothing more; an area changes its number
only when its own data does. Source of the method: cell keys of the Australian Bureau of Statistics (Fraser & Wooton
2005); random rounding to base 5: Statistics Canada.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

BASE = 5
SIZE = 8


def keys_of(parts: pd.DataFrame) -> dict[str, int]:
    """Give each part a key from its id and its counts of households and residents."""
    told = parts.reindex(columns=["part_id", "households", "residents"]).astype(object)
    told = told.where(told.notna(), None)
    return {str(row[0]): _number("\t".join(map(str, row))) for row in told.itertuples(index=False)}


def rounded(value: float, statistic: str, area: Iterable[str], keys: Mapping[str, int]) -> int:
    """
    Round a count to a multiple of five, up as often as it lies near the upper one, so that sums stay true on average.

    Parameters
    ----------
    statistic
        What is counted: two statistics of one area are rounded apart.
    area
        Parts of the area; those without a key count by their id alone.
    """
    whole = int(value)
    rest = whole % BASE
    if rest == 0:
        return whole
    key = 0
    for part in area:
        key ^= keys.get(part, _number(part))
    chance = _number(f"{statistic}\t{key}\t{whole}") / 2 ** (8 * SIZE)
    return whole - rest + (BASE if chance * BASE < rest else 0)


def span(shown: float | None, k: int) -> tuple[float, float]:
    """Give what a published number leaves open, to one who knows that none under k is shown; all, where withheld."""
    if shown is None:
        return 0.0, np.inf
    if shown == 0:
        return 0.0, 0.0
    return float(max(shown - BASE + 1, k)), float(shown + BASE - 1)


def column_of(
    values: "pd.Series[Any]", statistics: Sequence[str], areas: Sequence[Sequence[str]], keys: Mapping[str, int]
) -> "pd.Series[Any]":
    """Round a column of counts, row by row; what is withheld stays so."""
    told = [
        None if pd.isna(value) else rounded(value, statistic, area, keys)
        for value, statistic, area in zip(values, statistics, areas, strict=True)
    ]
    return pd.Series(told, index=values.index, dtype=object)


def _number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=SIZE).digest(), "big")

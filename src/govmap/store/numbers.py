"""Rows counted by the words of some columns, without a row of them being made: a million in a second or two.

The engine hands over whole columns of a stretch of rows as one text; what the words are is looked up once a word.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

STRETCH = 100_000
BETWEEN, NOTHING = "\x1f", "\x1e"
Ints = npt.NDArray[np.int64]
Ask = Callable[[str, tuple[Any, ...]], Sequence[Any]]


def counted(
    ask: Ask,
    table: str,
    by: Sequence[str],
    where: tuple[str, tuple[Any, ...]],
    through: Mapping[str, Mapping[str, str]],
) -> pd.DataFrame:
    """
    Count rows by the values of text columns.

    Parameters
    ----------
    ask
        Gives the rows of a statement.
    where
        Condition as SQL (or nothing) and its values.
    through
        Column -> what is counted in the place of its values; rows whose value is none of these are left out.

    Returns
    -------
    counts
        The columns and `count`, sorted; one row each that occurs.
    """
    known: list[dict[str, int]] = [{} for _ in by]
    first, last = ask(f'SELECT min(rowid), max(rowid) FROM "{table}"', ())[0]
    found: list[Ints] = []
    for start in range(first or 0, (last or -1) + 1, STRETCH):
        columns = _stretch(ask, table, by, where, start)
        if columns and columns[0]:
            found.append(_codes(columns, by, known, through))
    return _table(found, by, known)


def _stretch(
    ask: Ask, table: str, by: Sequence[str], where: tuple[str, tuple[Any, ...]], start: int
) -> list[list[str]]:
    """Give the columns of a stretch of rows as lists of words."""
    condition, values = where
    near = f"{condition} AND" if condition else " WHERE"
    near += " rowid BETWEEN ? AND ?"
    ends = (*values, start, start + STRETCH - 1)
    texts = ", ".join(f'group_concat(coalesce("{name}", char(30)), char(31))' for name in by)
    count, *joined = ask(f'SELECT count(*), {texts} FROM "{table}"{near}', ends)[0]
    columns = [text.split(BETWEEN) if text is not None else [] for text in joined]
    if all(len(column) == count for column in columns):
        return columns
    # a word holds the very sign that stands between words: then row by row
    listed = ", ".join(f'coalesce("{name}", char(30))' for name in by)
    return [list(column) for column in zip(*ask(f'SELECT {listed} FROM "{table}"{near}', ends), strict=True)]


def _codes(
    columns: list[list[str]], by: Sequence[str], known: list[dict[str, int]], through: Mapping[str, Mapping[str, str]]
) -> Ints:
    """Give the different combinations of a stretch as numbers of their words, and below them how often each occurs."""
    key, sizes = np.zeros(len(columns[0]), np.int64), []
    left_out = np.zeros(len(columns[0]), dtype=bool)
    for name, words, numbers in zip(by, columns, known, strict=True):
        told = through.get(name)
        of = {}
        for word in set(words):
            meant = word if told is None else told.get(word)
            of[word] = -1 if meant is None else numbers.setdefault(meant, len(numbers))
        code = np.array([of[word] for word in words], dtype=np.int64)
        left_out |= code < 0
        sizes.append(max(len(numbers), 1))
        key = key * sizes[-1] + code
    different, count = np.unique(key[~left_out], return_counts=True)
    rows: list[Ints] = [count]
    for size in sizes[::-1]:
        rows.insert(0, different % size)
        different = different // size
    return np.stack(rows)


def _table(found: list[Ints], by: Sequence[str], known: list[dict[str, int]]) -> pd.DataFrame:
    every = np.concatenate(found, axis=1) if found else np.zeros((len(by) + 1, 0), np.int64)
    frame = pd.DataFrame(dict(zip([*by, "count"], every, strict=True)))
    sums = frame.groupby(list(by), sort=False)["count"].sum().reset_index()
    for name, numbers in zip(by, known, strict=True):
        words = np.array([None if word == NOTHING else word for word in numbers], dtype=object)
        sums[name] = pd.Series(words[sums[name].to_numpy(np.int64)], dtype=object)
    return sums.sort_values(list(by), kind="stable", ignore_index=True)[[*by, "count"]]

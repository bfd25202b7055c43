"""Until when an incident must be done: a table of hours or working days by kind, category and severity.

The first row that fits counts; a row without a word fits all. The table of a life cycle stands in its file, an office
may give its own.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from govmap.errors import InputError
from govmap.govern.workdays import Workdays

MEASURES = ("hours", "working_days", "days")
LONGEST = {"hours": 24 * 366, "working_days": 366, "days": 366}
NAMED = ("kind", "category", "severity")


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """One row: which incidents it is for, and how long they may take, in one of three measures."""

    kind: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    severity: tuple[str, ...] = ()
    measure: str = "working_days"
    amount: int = 0
    source: str | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any], *, where: str | None = None) -> Self:
        """
        Read one row of a table.

        Raises
        ------
        InputError
            Not exactly one of hours, working_days and days is given, or it is no number that can be meant.
        """
        given = [name for name in MEASURES if row.get(name) not in (None, "")]
        if len(given) != 1:
            raise InputError("deadline_one_measure", where=where)
        amount = row[given[0]]
        if isinstance(amount, bool) or not isinstance(amount, int) or not 0 <= amount <= LONGEST[given[0]]:
            raise InputError("deadline_bad_amount", where=where, given=str(amount))
        words = {name: tuple(row.get(name) or ()) for name in NAMED}
        return cls(**words, measure=given[0], amount=amount, source=row.get("source"))

    def fits(self, kind: str, category: str, severity: str) -> bool:
        """Tell whether an incident falls under this row: categories by a part of the word, the others by the whole."""
        said = (_plain(kind), _plain(category), _plain(severity))
        whole = all(not words or said[at] in map(_plain, words) for at, words in ((0, self.kind), (2, self.severity)))
        return whole and (not self.category or any(_plain(word) in said[1] for word in self.category))


def table(rows: Iterable[Mapping[str, Any]]) -> tuple[Deadline, ...]:
    """Read a whole table; see `Deadline.of`."""
    return tuple(Deadline.of(row, where=str(number)) for number, row in enumerate(rows, start=1))


def due(incidents: pd.DataFrame, deadlines: Sequence[Deadline], workdays: Workdays, *, zone: str) -> "pd.Series[Any]":
    """
    Say until when each incident must be done.

    Hours count from the report on; days run to the end of the last day where people live, working days begin the day
    after the report.

    Parameters
    ----------
    incidents
        `reported_at` (UTC), `kind`, `category`, `severity`.
    zone
        Where the office lies.

    Returns
    -------
    due
        Moments in UTC; none where nobody knows when it was reported, or no row fits.
    """
    reported = pd.to_datetime(incidents["reported_at"], utc=True)
    row = _fitting(incidents, deadlines)
    measure = np.array([one.measure for one in deadlines] + [""], dtype=object)[row]
    amount = np.array([one.amount for one in deadlines] + [0], dtype=np.int64)[row]
    found = reported + pd.to_timedelta(amount, unit="h")
    local = reported.dt.tz_convert(zone).dt.tz_localize(None).dt.normalize().astype("datetime64[ns]")
    days = workdays.after(local, np.where(measure == "working_days", amount, 0))
    last = days.where(
        pd.Series(measure == "working_days", index=local.index), local + pd.to_timedelta(amount, unit="D")
    )
    end = last + pd.Timedelta(hours=23, minutes=59, seconds=59)
    evening = end.dt.tz_localize(zone, ambiguous=np.zeros(len(end), bool), nonexistent="shift_forward")
    hours = pd.Series(measure == "hours", index=reported.index)
    found = found.where(hours, evening.dt.tz_convert("UTC"))
    told: pd.Series[Any] = found.where(pd.Series(measure != "", index=reported.index)).dt.as_unit("us")
    return told


def overdue(incidents: pd.DataFrame, now: pd.Timestamp, *, terminal: Iterable[str]) -> "pd.Series[bool]":
    """
    Tell which incidents should have been done by now and are not: neither at an end nor with a day of closing.

    Of one at no known stage nobody can say so.
    """
    stage = incidents["stage"]
    open_ = stage.notna() & ~stage.isin(list(terminal)) & incidents["closed_at"].isna()
    return open_ & (pd.to_datetime(incidents["due_at"], utc=True) < now)


def _fitting(incidents: pd.DataFrame, deadlines: Sequence[Deadline]) -> "np.ndarray[Any, np.dtype[np.int64]]":
    """Give the number of the first row that fits each incident; -1 where none does."""
    keys = [incidents[name].astype(object).where(incidents[name].notna(), "") for name in NAMED]
    codes = [pd.factorize(key) for key in keys]
    together = np.zeros(len(incidents), dtype=np.int64)
    for place, words in codes:
        together = together * max(1, len(words)) + place
    _, first, inverse = np.unique(together, return_index=True, return_inverse=True)
    found = [
        next((at for at, one in enumerate(deadlines) if one.fits(*(str(key.iloc[row]) for key in keys))), -1)
        for row in first
    ]
    return np.array(found, dtype=np.int64)[inverse] if len(incidents) else np.zeros(0, dtype=np.int64)


def _plain(word: str) -> str:
    return unicodedata.normalize("NFKC", str(word)).strip().casefold()

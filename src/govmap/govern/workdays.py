"""Working days: weekends, days off and days worked instead, from `layers/calendars/` and what the office adds."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from govmap import catalog
from govmap.errors import InputError

Days = npt.NDArray[np.datetime64]
MONDAY = 4  # the first day of numpy's count of days was a Thursday
WEEK = 7
LONGEST_SPAN_DAYS = 366


@dataclass(frozen=True)
class Workdays:
    """Which days are worked, and of which years the days off are known."""

    weekend: frozenset[int]
    off: frozenset[str]
    worked: frozenset[str]
    years: frozenset[int]

    @classmethod
    def load(cls, name: str, *, off: Iterable[str] = (), worked: Iterable[str] = ()) -> Self:
        """
        Read a country's calendar; where the office gives days of a year, they are those of that year.

        A span is written FROM/TO.

        Raises
        ------
        InputError
            A day is not written as 2026-05-01.
        """
        known = catalog.layers("calendars")
        facts = known.get(name, known["generic"])
        ours_off, ours_worked = _spread(off), _spread(worked)
        own = {day[:4] for day in ours_off | ours_worked}
        days_off = {day for day in _spread(facts["off"]) if day[:4] not in own} | (ours_off - ours_worked)
        days_worked = {day for day in _spread(facts.get("worked", ())) if day[:4] not in own} | ours_worked
        years = {*facts["years"], *map(int, own)}
        return cls(frozenset(facts["weekend"]), frozenset(days_off), frozenset(days_worked), frozenset(years))

    def after(self, day: "pd.Series[Any]", count: npt.NDArray[np.int64]) -> "pd.Series[Any]":
        """Give the n-th working day after each day (days without a zone); 0 is the day itself."""
        found = pd.Series(pd.NaT, index=day.index, dtype="datetime64[ns]")
        there = day.notna()
        if not there.any():
            return found
        days = day[there].to_numpy().astype("datetime64[D]")
        wanted = np.asarray(count, dtype=np.int64)[there.to_numpy()]
        worked = self._between(days.min(), days.max() + np.timedelta64(int(wanted.max()) * 3 + 60, "D"))
        place = np.searchsorted(worked, days, side="right") + wanted - 1
        reached = np.where(wanted > 0, worked[np.clip(place, 0, len(worked) - 1)], days)
        found[there] = reached.astype("datetime64[ns]")
        return found

    def unknown_years(self, day: "pd.Series[Any]") -> list[int]:
        """Name the years of these days whose days off nobody has told."""
        return sorted({int(year) for year in day.dropna().dt.year.unique()} - self.years)

    def _between(self, first: np.datetime64, last: np.datetime64) -> Days:
        days = np.arange(first, last + np.timedelta64(1, "D"), dtype="datetime64[D]")
        weekday = (days.astype(np.int64) - MONDAY) % WEEK + 1
        free = np.isin(weekday, sorted(self.weekend)) | np.isin(days, self._off)
        return np.asarray(days[~free | np.isin(days, self._worked)])

    @cached_property
    def _off(self) -> Days:
        return np.array(sorted(self.off), dtype="datetime64[D]")

    @cached_property
    def _worked(self) -> Days:
        return np.array(sorted(self.worked), dtype="datetime64[D]")


def _spread(days: Iterable[str]) -> set[str]:
    """Write out spans day by day."""
    found: set[str] = set()
    for text in days:
        first, _, last = str(text).strip().partition("/")
        try:
            span = pd.date_range(pd.Timestamp(first), pd.Timestamp(last or first))
        except ValueError:
            raise InputError("deadline_bad_day", given=str(text)) from None
        if len(span) == 0 or len(span) > LONGEST_SPAN_DAYS:
            raise InputError("deadline_bad_day", given=str(text))
        found.update(span.strftime("%Y-%m-%d"))
    return found

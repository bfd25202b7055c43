"""Until when incidents must be done, and which days count."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govmap.errors import InputError
from govmap.govern import Deadline, Lifecycle, Workdays, due, overdue
from govmap.govern.deadlines import table

CN = Workdays.load("cn")
ZONE = "Asia/Shanghai"


def one(
    reported: str | None, kind: str = "event", category: str = "路面", severity: str | None = "一般"
) -> pd.DataFrame:
    facts = {"reported_at": [reported], "kind": [kind], "category": [category], "severity": [severity]}
    frame = pd.DataFrame(facts, dtype=object)
    return frame.assign(reported_at=pd.to_datetime(frame["reported_at"], utc=True))


def until(incidents: pd.DataFrame, *rows: dict[str, object], days: Workdays = CN, zone: str = ZONE) -> list[str | None]:
    found = due(incidents, table(rows), days, zone=zone)
    return [None if pd.isna(at) else at.tz_convert(zone).strftime("%Y-%m-%d %H:%M") for at in found]


def test_hours_count_from_the_report() -> None:
    assert until(one("2026-03-02T01:30Z"), {"hours": 24}) == ["2026-03-03 09:30"]


def test_working_days_begin_the_day_after_and_leave_out_weekends() -> None:
    friday = one("2026-03-06T02:00Z")
    assert until(friday, {"working_days": 1}) == ["2026-03-09 23:59"]
    assert until(friday, {"working_days": 5}) == ["2026-03-13 23:59"]
    assert until(friday, {"working_days": 0}) == ["2026-03-06 23:59"], "the same day"


def test_days_off_are_left_out_and_days_worked_instead_count() -> None:
    assert until(one("2026-02-13T02:00Z"), {"working_days": 1}) == ["2026-02-14 23:59"], "a Saturday that is worked"
    assert until(one("2026-02-14T02:00Z"), {"working_days": 1}) == ["2026-02-24 23:59"], "after the spring festival"
    assert until(one("2026-09-30T02:00Z"), {"working_days": 3}) == ["2026-10-10 23:59"]


def test_the_day_is_the_office_s_own() -> None:
    late_evening_in_utc = one("2026-03-02T17:00Z")
    assert until(late_evening_in_utc, {"days": 1}) == ["2026-03-04 23:59"]
    assert until(late_evening_in_utc, {"days": 1}, zone="UTC") == ["2026-03-03 23:59"]


def test_the_first_row_that_fits_counts_and_one_without_words_fits_all() -> None:
    rows = ({"severity": ["紧急"], "hours": 2}, {"kind": ["complaint"], "days": 13}, {"category": ["积水"], "days": 1}, {"days": 7})  # fmt: skip  # noqa: E501
    assert until(one("2026-03-02T01:00Z", "complaint", severity="紧急"), *rows) == ["2026-03-02 11:00"]
    assert until(one("2026-03-02T01:00Z", "complaint"), *rows) == ["2026-03-15 23:59"]
    assert until(one("2026-03-02T01:00Z", category="道路积水"), *rows) == ["2026-03-03 23:59"]
    assert until(one("2026-03-02T01:00Z", severity=None), *rows) == ["2026-03-09 23:59"]
    assert until(one("2026-03-02T01:00Z"), *rows[:3]) == [None]
    assert until(one(None), *rows) == [None]


def test_the_hotline_gives_an_enquiry_three_working_days_and_a_complaint_thirteen() -> None:
    rows = Lifecycle.load("hotline").deadlines
    assert until(one("2026-03-02T01:00Z", "need"), *rows) == ["2026-03-05 23:59"]
    assert until(one("2026-03-02T01:00Z", "complaint"), *rows) == ["2026-03-19 23:59"]
    assert until(one("2026-03-02T01:00Z", "complaint", severity="紧急"), *rows) == ["2026-03-03 09:00"]


@pytest.mark.parametrize(
    "row",
    [{}, {"hours": 2, "days": 1}, {"hours": "soon"}, {"hours": -1}, {"hours": 1.5}, {"days": 10_000}, {"hours": True}],
)
def test_a_row_that_cannot_be_meant_is_refused(row: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Deadline.of(row)


def test_days_that_the_office_gives_are_those_of_that_year() -> None:
    own = Workdays.load("cn", off=["2026-05-01/2026-05-03"], worked=["2026-05-09"])
    assert until(one("2026-04-30T01:00Z"), {"working_days": 1}, days=own) == ["2026-05-04 23:59"]
    assert "2025-10-01" in own.off, "other years stay"
    assert "2026-10-01" not in own.off
    assert Workdays.load("cn").unknown_years(pd.Series(pd.to_datetime(["2031-01-01", "2026-01-01"]))) == [2031]
    for wrong in ("soon", "2026-13-01", "2026-05-03/2026-05-01", "2020-01-01/2026-01-01"):
        with pytest.raises(InputError):
            Workdays.load("cn", off=[wrong])


def test_overdue_is_what_is_open_after_its_time() -> None:
    now = pd.Timestamp("2026-03-10", tz="UTC")
    rows = pd.DataFrame({"stage": ["filed", "closed", "filed", "filed", "filed", None]})
    rows["due_at"] = pd.to_datetime(
        ["2026-03-01", "2026-03-01", "2026-03-11", "2026-03-01", None, "2026-03-01"], utc=True
    )
    rows["closed_at"] = pd.to_datetime([None, None, None, "2026-03-02", None, None], utc=True)
    assert overdue(rows, now, terminal={"closed"}).tolist() == [True, False, False, False, False, False]


@settings(max_examples=50, deadline=None)
@given(
    days=st.lists(st.dates(min_value=pd.Timestamp("2024-01-01").date(), max_value=pd.Timestamp("2027-12-31").date()), min_size=1, max_size=20),  # noqa: E501
    count=st.integers(0, 40),
)  # fmt: skip
def test_between_the_report_and_the_last_day_lie_so_many_working_days(days: list, count: int) -> None:
    reported = pd.Series(pd.to_datetime(days))
    last = CN.after(reported, np.full(len(days), count))
    for first, end in zip(reported, last, strict=True):
        between = CN._between(np.datetime64(first, "D") + 1, np.datetime64(end, "D")) if count else []
        assert len(between) == count
        assert count == 0 or between[-1] == np.datetime64(end, "D")

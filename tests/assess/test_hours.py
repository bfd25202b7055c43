"""Moments and opening hours, as people write them."""

from datetime import date

import pandas as pd
import pytest

from govmap.assess.hours import CLOSED, OPEN, UNKNOWN, as_osm, moment, state, states
from govmap.errors import InputError

MONDAY = date(2026, 9, 28)
HOLIDAYS = {"2026-10-01", "2026-10-02", "2026-10-03"}


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Sat 20:00", "2026-10-10 20:00"),  # the first of October 2026 makes the third a holiday
        ("周六 20:00", "2026-10-10 20:00"),
        ("星期六晚上8点", "2026-10-10 20:00"),
        ("周六晚上8点半", "2026-10-10 20:30"),
        ("Saturday 8pm", "2026-10-10 20:00"),
        ("monday 12am", "2026-09-28 00:00"),
        ("周一上午9点", "2026-09-28 09:00"),
        ("2026-10-01 10:00", "2026-10-01 10:00"),
        ("2026年10月1日 下午3点", "2026-10-01 15:00"),
        ("周日１０：３０", "2026-10-04 10:30"),
    ],
)
def test_moments_are_understood_in_both_languages(given: str, shown: str) -> None:
    assert moment(given, today=MONDAY, off=HOLIDAYS).shown == shown


def test_a_day_that_is_named_may_be_a_holiday() -> None:
    assert moment("2026-10-01 10:00", today=MONDAY, off=HOLIDAYS).holiday
    assert not moment("2026-10-04 10:00", today=MONDAY, off=HOLIDAYS).holiday


@pytest.mark.parametrize("given", ["20:00", "Sat", "周六", "Sat 25:00", "2026-02-30 10:00", "soon", "", "8"])
def test_what_is_no_moment_is_refused(given: str) -> None:
    with pytest.raises(InputError) as error:
        moment(given, today=MONDAY)
    assert error.value.code == "hours_bad_moment"


@pytest.mark.parametrize(
    ("written", "osm"),
    [
        ("周一至周五 9:00-17:00", "Mo-Fr 09:00-17:00"),
        ("周六至周日 8:00-18:00", "Sa-Su 08:00-18:00"),
        ("每天8:00—20:00", "Mo-Su 08:00-20:00"),
        ("工作日上午9点至11点半，下午2点至5点", "Mo-Fr 09:00-11:30,14:00-17:00"),
        ("周一、周三、周五 9:00-11:30、14:00-17:00", "Mo,We,Fr 09:00-11:30,14:00-17:00"),
        ("周一至周五9:00-17:00，节假日休息", "Mo-Fr 09:00-17:00; PH off"),
        ("周二至周日 9:00－16:30（周一闭馆）", "Tu-Su 09:00-16:30; Mo off"),
        ("周末及节假日 9:00-17:00", "Sa-Su,PH 09:00-17:00"),
        ("晚上8点-凌晨2点", "Mo-Su 20:00-02:00"),
        ("24小时", "24/7"),
        ("always", "24/7"),
        ("2nd Sa 10:00-13:00", "Sa[2] 10:00-13:00"),
        ("Mo-Fr 09:00-17:00; PH off", "Mo-Fr 09:00-17:00; PH off"),
    ],
)
def test_hours_in_words_of_an_office_are_those_of_the_map(written: str, osm: str) -> None:
    assert as_osm(written) == osm


@pytest.mark.parametrize("written", ["预约开放", "周一至周五预约", "see notice", "周一至周五", "", "by appointment"])
def test_hours_that_cannot_be_read_whole_are_unknown(written: str) -> None:
    at = moment("Mon 10:00", today=MONDAY)
    assert state(written, at) == UNKNOWN


def test_open_closed_and_unknown_are_told_apart() -> None:
    at = moment("Sat 20:00", today=MONDAY)
    rows = pd.Series(["Mo-Su 08:00-22:00", "周一至周五 9:00-17:00", None, "24/7"], dtype=object)
    assert states(rows, at).tolist() == [OPEN, CLOSED, UNKNOWN, OPEN]


def test_holidays_are_those_of_the_calendar_given_and_no_other() -> None:
    hours = "Mo-Fr 09:00-17:00; PH off"
    day = moment("2026-10-01 10:00", today=MONDAY, off=HOLIDAYS)
    assert state(hours, day) == CLOSED
    assert state(hours, moment("2026-10-01 10:00", today=MONDAY)) == OPEN
    assert state("PH,Su 10:00-14:00", day) == OPEN


def test_hours_past_midnight_belong_to_the_evening_before() -> None:
    late = moment("2026-10-04 01:00", today=MONDAY)  # the night of Saturday
    assert state("Sa 20:00-02:00", late) == OPEN

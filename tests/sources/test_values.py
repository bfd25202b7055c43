"""Numbers, times and yes or no as people write them."""

import pandas as pd
import pytest

from govmap.sources import values


def cells(*texts: str) -> pd.Series:
    return pd.Series(list(texts), dtype=object)


@pytest.mark.parametrize(
    ("text", "number"),
    [("12", 12), ("1,234", 1234), ("１２", 12), ("十二户", 12), ("120户", 120), ("12.0", 12), (" 12 ", 12),
     ("1 234", 1234), ("一百零五", 105), ("3人", 3), ("0012", 12), ("1e3", 1000)],
)  # fmt: skip
def test_numbers_with_one_meaning_are_read(text: str, number: int) -> None:
    parsed = values.numbers(cells(text), whole=True)
    assert parsed.values[0] == number
    assert not parsed.bad[0]


@pytest.mark.parametrize("text", ["约120", "12.5", "-3", "1.234,5", "12,5", "1,23,4", "十几", "inf", "#REF!", "12/13"])
def test_numbers_that_would_be_a_guess_are_bad(text: str) -> None:
    parsed = values.numbers(cells(text), whole=True)
    assert parsed.bad[0]
    assert pd.isna(parsed.values[0])


@pytest.mark.parametrize("text", ["", " ", "-", "——", "/", "无", "N/A", "null", "NaN"])
def test_nothing_is_nothing_and_not_bad(text: str) -> None:
    parsed = values.numbers(cells(text), whole=True)
    assert not parsed.bad[0]
    assert pd.isna(parsed.values[0])


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024年3月5日", "2024-03-04 16:00"),
        ("2024.3.5", "2024-03-04 16:00"),
        ("2024-03-05 14:05", "2024-03-05 06:05"),
        ("2024/3/5 下午2:05", "2024-03-05 06:05"),
        ("2024年3月5日14时5分", "2024-03-05 06:05"),
        ("2024-03-05T14:05:00Z", "2024-03-05 14:05"),
        ("2024-03-05T14:05:00+09:00", "2024-03-05 05:05"),
        ("20240305140500", "2024-03-05 06:05"),
        ("5 Mar 2024", "2024-03-04 16:00"),
        ("March 5, 2024 2:05 pm", "2024-03-05 06:05"),
        ("２０２４－０３－０５", "2024-03-04 16:00"),
    ],
)
def test_times_are_read_in_the_stated_zone(text: str, moment: str) -> None:
    parsed = values.times(cells(text), zone="Asia/Shanghai")
    assert parsed.values[0] == pd.Timestamp(moment, tz="UTC")


@pytest.mark.parametrize(
    "text", ["2024-02-30", "昨天", "2024-3-5 25:00", "0000-00-00", "1024-01-01", "2024-13-01", "12:30"]
)
def test_times_that_cannot_be_are_bad(text: str) -> None:
    assert values.times(cells(text, "2024-03-05"), zone="UTC").bad.tolist() == [True, False]


def test_day_and_month_are_decided_once_for_the_column() -> None:
    parsed = values.times(cells("03/05/2024", "25/05/2024"), zone="UTC")
    assert parsed.decided == "dmy"
    assert parsed.values[0] == pd.Timestamp("2024-05-03", tz="UTC")


def test_day_and_month_that_nothing_tells_apart_are_bad() -> None:
    parsed = values.times(cells("03/05/2024", "04/05/2024"), zone="UTC")
    assert parsed.decided == "unsure"
    assert parsed.bad.all()
    assert not values.times(cells("03/05/2024"), zone="UTC", order="mdy").bad.any()


def test_a_column_of_serial_numbers_is_dates_and_a_lone_one_is_not() -> None:
    assert values.times(cells("45356", "45357.5"), zone="UTC").values[0] == pd.Timestamp("2024-03-05", tz="UTC")
    assert values.times(cells("45356", "2024-03-05"), zone="UTC").bad.tolist() == [True, False]


def test_a_clock_set_back_or_forward_loses_nothing() -> None:
    parsed = values.times(cells("2024-11-03 01:30:00", "2024-03-10 02:30:00"), zone="America/New_York")
    assert not parsed.bad.any()
    assert parsed.values.notna().all()


def test_ages_are_whole_years_on_the_day() -> None:
    parsed = values.ages(cells("1950-06-02", "1950-06-01", "1950年", "2090-01-01", ""), pd.Timestamp("2024-06-01"))
    assert parsed.values.tolist()[:3] == [73, 74, 73]
    assert parsed.bad.tolist() == [False, False, False, True, False]


def test_yes_and_no() -> None:
    parsed = values.flags(cells("是", "否", "", "也许", "YES", "0"))
    assert parsed.values.tolist() == [True, False, pd.NA, pd.NA, True, False]
    assert parsed.bad.tolist() == [False, False, False, True, False, False]


def test_digits_without_end_are_no_number() -> None:
    found = values.numbers(pd.Series(["1 " * 20_000, "9" * 50_000, "1," * 20_000, "12 户"]), whole=True)
    assert found.bad.tolist() == [True, True, True, False]

"""Dates and numbers as offices write them: tables of examples."""

import pandas as pd
import pytest

from govmap.sources import plain, values
from govmap.sources.moments import SINCE_1900, SINCE_1904, times


def cells(*texts: str) -> pd.Series:
    return pd.Series(list(texts), dtype=object)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024年3月5日", "2024-03-05"), ("2024.3.5", "2024-03-05"), ("2024/3/5 8:05", "2024-03-05 08:05"),
        ("20240305", "2024-03-05"), ("20240305 080500", "2024-03-05 08:05"), ("2024-03-05 24:00", "2024-03-06"),
        ("2024年3月5日 星期二 上午8:05", "2024-03-05 08:05"), ("2024年3月5日下午3点半", "2024-03-05 15:30"),
        ("2024年3月5日（周二）8时", "2024-03-05 08:00"), ("二〇二四年三月五日", "2024-03-05"),
        ("民国113年3月5日", "2024-03-05"), ("2024-3-5 晚上8:05", "2024-03-05 20:05"),
        ("2024-3-5 凌晨0:05", "2024-03-05 00:05"), ("Tue, 5 Mar 2024 8:05 PM", "2024-03-05 20:05"),
        ("２０２４年３月５日", "2024-03-05"), ("2024-03-05 08:05:00.123", "2024-03-05 08:05"),
    ],
)  # fmt: skip
def test_dates_as_offices_write_them_are_read(text: str, moment: str) -> None:
    parsed = values.times(cells(text), zone="UTC")
    assert parsed.values[0] == pd.Timestamp(moment, tz="UTC")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("3月5日", "no_year"), ("3-5", "no_year"), ("24.3.5", "no_year"), ("24年3月5日", "no_year"),
        ("2024年3月", "no_day"), ("2024-3", "no_day"), ("二〇二四年三月上旬", "no_day"), ("March 2024", "no_day"),
        ("2024-03-05 24:30", "bad_time"), ("2024-3-5 上午14:00", "bad_time"), ("2024-3-5 晚上12:00", "bad_time"),
        ("昨天", "bad_time"), ("2024-02-30", "bad_time"), ("2024年", "bad_time"), ("1709597100", "bad_time"),
    ],
)  # fmt: skip
def test_dates_that_would_be_a_guess_are_bad_and_it_is_said_why(text: str, reason: str) -> None:
    parsed = values.times(cells(text, "2024-03-05"), zone="UTC")
    assert parsed.bad.tolist() == [True, False]
    assert parsed.reasons is not None
    assert parsed.reasons[0] == reason


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("１,２３４", 1234),
        ("1.2万", 12_000),
        ("3千", 3000),
        ("〇", 0),
        ("一百零五", 105),
        ("1'234", 1234),
        ("12 户", 12),
    ],
)
def test_numbers_as_offices_write_them_are_read(text: str, number: int) -> None:
    assert values.numbers(cells(text), whole=True).values[0] == number


@pytest.mark.parametrize("text", ["约300", "300+", "300多", "三百五", "万", "1.23456万", "<5", "12-14"])
def test_numbers_that_two_would_read_differently_are_bad(text: str) -> None:
    parsed = values.numbers(cells(text), whole=True)
    assert parsed.bad[0]
    assert pd.isna(parsed.values[0])


@pytest.mark.parametrize("text", ["-", "无", "/", "——", "不详", "N/A", ""])
def test_words_for_nothing_are_nothing(text: str) -> None:
    parsed = values.numbers(cells(text), whole=True)
    assert not parsed.bad[0]


def test_a_long_column_is_read_as_a_short_one() -> None:
    odd = [
        "2024-02-30 10:00:00",
        "3月5日",
        "",
        " 2024/3/5 ",
        "2024-03-05 08:05:00",
        "1850-01-01 00:00:00",
        "2024/03/05 08:05",
    ]
    short = values.times(cells(*odd), zone="Asia/Shanghai")
    long = values.times(cells(*odd, *["2024-03-05 08:05:00"] * 3000), zone="Asia/Shanghai")
    assert long.values.iloc[: len(odd)].tolist() == short.values.tolist()
    assert long.bad[: len(odd)].tolist() == short.bad.tolist()


def test_a_long_plain_text_is_cut_as_the_reader_of_rows_cuts_it() -> None:
    lines = ["小区,楼号,户数"] + [f"幸福小区,{n}号楼,{n % 7}" for n in range(60_000)]
    lines[500], lines[900] = "", ",,"
    text = "\r\n".join(lines) + "\r\n"
    found = plain.look(text, ",")
    assert found is not None
    assert found.head == [line.split(",") if line else [] for line in lines[: len(found.head)]]
    frame = found.below(0, 3)
    assert frame is not None
    assert frame.to_numpy().tolist() == [line.split(",") if line else [""] * 3 for line in lines[1:]]
    assert plain.look(text.replace("幸福小区,7号楼", '"幸福小区",7号楼'), ",") is None
    ragged = plain.look(text.replace("幸福小区,77号楼,0", "幸福小区,77号楼"), ",")
    assert ragged is not None
    assert ragged.below(0, 3) is None


def test_serial_numbers_are_days_since_the_book_began_to_count() -> None:
    cells = pd.Series(["43894", "43895.5"])
    since_1900, since_1904 = (
        times(cells, zone="UTC", since=since).values.dt.strftime("%Y-%m-%d %H").tolist()
        for since in (SINCE_1900, SINCE_1904)
    )
    assert since_1900 == ["2020-03-04 00", "2020-03-05 12"]
    assert since_1904 == ["2024-03-05 00", "2024-03-06 12"]


@pytest.mark.parametrize(("written", "day"), [("05.03.2024", "2024-03-05"), ("5. 3. 2024", "2024-03-05")])
def test_between_points_the_day_comes_first(written: str, day: str) -> None:
    parsed = times(pd.Series([written]), zone="UTC")
    assert (parsed.decided, parsed.values.dt.strftime("%Y-%m-%d").tolist()) == ("dmy", [day])


def test_a_month_before_the_day_between_points_is_seen_where_it_must_be() -> None:
    assert times(pd.Series(["03.25.2024", "03.05.2024"]), zone="UTC").decided == "mdy"
    assert times(pd.Series(["05.03.2024", "05/03/2024"]), zone="UTC").decided == "unsure"

"""Dates, times and ages as people write them, to UTC: read where there is one meaning, else named as bad and why."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from govmap import addresses
from govmap.sources.texts import Parsed, as_column, clean, each

SERIALS = (20_000, 80_000)
# The day with the number nought, as [MS-XLS] 2.4.77 and ECMA-376 18.17.4.1 have it.
SINCE_1900, SINCE_1904 = "1899-12-30", "1904-01-01"
YEARS = (1900, 2100)
# Read by the compiled parser, each tried on what those before it have left.
USUAL = (
    "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d",
    "%Y-%m-%dT%H:%M:%S", "%Y年%m月%d日",
)  # fmt: skip
WORTHWHILE = 2000
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS = {name: month for month, name in enumerate(_MONTHS, start=1)}
_WEEKDAY = r"(?:[\s,(]*(?:星期|周|礼拜)[一二三四五六日天][)]?)?"
_HALF = r"上午|下午|中午|晚上|夜里|深夜|晚|早上|清晨|凌晨|傍晚|am|pm|a\.m\.|p\.m\."
_CLOCK = (
    rf"(?:[\st,]*(?P<half>{_HALF})?\s*(?P<hour>\d{{1,2}})\s*(?:[:时点h]|时许|点许)\s*(?:(?P<minute>\d{{1,2}}|半)\s*(?:分许?|:)?"
    rf"\s*(?:(?P<second>\d{{1,2}})(?:[.,]\d+)?\s*秒?)?)?\s*(?P<after>am|pm|a\.m\.|p\.m\.)?)?\s*(?P<zone>z|utc|gmt|[-+]\d{{2}}:?\d{{2}})?"
)
_ERA = r"(?:(?P<era>民国|民國)\s*)?"
YEAR_FIRST = re.compile(
    rf"{_ERA}(?:公元)?(?P<year>\d{{4}}|(?<=国)\d{{2,3}}|(?<=國)\d{{2,3}})\s*[-/.年]\s*(?P<month>\d{{1,2}})\s*[-/.月]\s*(?P<day>\d{{1,2}})"
    rf"\s*[日号]?{_WEEKDAY}{_CLOCK}"
)
YEAR_LAST = re.compile(r"(?P<a>\d{1,2})\s*[-/.]\s*(?P<b>\d{1,2})\s*[-/.]\s*(?P<year>\d{4})" + _CLOCK)
NAMED = re.compile(
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
    r"(?:(?P<d1>\d{1,2})(?:st|nd|rd|th)?[\s-]+(?P<m1>[a-z]{3})[a-z]*\.?|(?P<m2>[a-z]{3})[a-z]*\.?\s+(?P<d2>\d{1,2})(?:st|nd|rd|th)?)[\s,-]+(?P<year>\d{4})"
    + _CLOCK
)
DIGITS = re.compile(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:[\st]?(?P<hour>\d{2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2}))?)?"
)
NO_YEAR = re.compile(r"\d{1,2}\s*(?:月|[-/.])\s*\d{1,2}\s*[日号]?" + _WEEKDAY + _CLOCK)
SHORT_YEAR = re.compile(r"'?\d{2}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*[日号]?" + _CLOCK)
NO_DAY = re.compile(
    r"\d{4}\s*(?:[-/.]\s*\d{1,2}|年\s*\d{1,2}\s*月?(?:份|[上中下]旬|初|中|底|末)?)|[a-z]{3,9}\.?,?\s+\d{4}"
)
DOTTED = re.compile(r"\d+\s*\.\s*\d+\s*\.")
LEADING_DAY = re.compile(r"(?:(?:星期|周|礼拜)[一二三四五六日天][\s,，]*)(?=\d|民国|民國)")
WRITTEN = re.compile(r"[〇零○一二三四五六七八九十]+(?=[年月日号时点分])")
NOON, DAY, ROC_START, EVENING = 12, 24, 1911, 5
AFTERNOON = frozenset({"下午", "傍晚", "pm", "p.m."})
NIGHT = frozenset({"晚上", "夜里", "晚", "深夜"})
MORNING = frozenset({"am", "a.m.", "凌晨", "清晨", "上午", "早上"})


def since_of(found: Mapping[str, Any]) -> str:
    """Name the day that serial numbers of a list count from, by what was found of its file."""
    return SINCE_1904 if found.get("since_1904") else SINCE_1900


def times(cells: "pd.Series[Any]", *, zone: str, order: str | None = None, since: str = SINCE_1900) -> Parsed:
    """
    Read moments, to UTC.

    Parameters
    ----------
    cells
        Text; year-month-day in any of the usual writings, with or without a clock, or Excel's serial numbers where
        the whole column is of them.
    zone
        Where a moment without a zone was noted down.
    order
        `dmy` or `mdy` for 03/05/2024; decided once for the column from a day over 12 where None.
    since
        The day from which the workbook counts serial numbers; of a book that an old Macintosh began it is another.

    Returns
    -------
    parsed
        `decided` is the order or `serial`; `unsure` where day and month could be either, and then those are bad.
        `reasons` tells dates without a year or with two digits of it (`no_year`) and months without a day
        (`no_day`) from other bad ones (`bad_time`).
    """
    local = _usual(cells)
    moments = pd.Series(_in_zone(local, zone).to_numpy(), index=cells.index).dt.tz_localize("UTC")
    rest = local.isna().to_numpy()
    words = each(cells[rest], clean)
    unique = pd.Series(words.unique(), dtype=object)
    serial = bool(rest.all()) and _all_serials(unique)
    order = order or _order(unique)
    if rest.any():
        read = (
            _serials(unique, zone, since)
            if serial
            else as_column([_moment(text, zone, order) for text in unique], unique.index)
        )
        by_text = dict(zip(unique, pd.to_datetime(read, utc=True).dt.as_unit("us"), strict=True))
        moments[rest] = pd.Series([by_text[text] for text in words], index=words.index, dtype="datetime64[us, UTC]")
    bad, reasons = np.zeros(len(cells), dtype=bool), np.full(len(cells), None, dtype=object)
    bad[rest] = (moments[rest].isna() & (words != "")).to_numpy(bool)
    reasons[bad] = [_reason(text) for text in words[bad[rest]]]
    return Parsed(moments, bad, "serial" if serial else order, reasons)


def ages(cells: "pd.Series[Any]", today: pd.Timestamp) -> Parsed:
    """Read years of age on a day from dates of birth (also year and month alone)."""
    found = each(cells, lambda text: _age(text, today))
    bad = np.array([one is _BAD for one in found], dtype=bool)
    return Parsed(pd.to_numeric(found.where(~bad, None)).astype("Float64").astype("Int64"), bad)


_BAD = object()


def _usual(cells: "pd.Series[Any]") -> "pd.Series[Any]":
    """Read what is written in one of the usual ways, where many cells are; the others come as missing."""
    local = pd.Series(np.full(len(cells), "NaT", dtype="datetime64[us]"), index=cells.index)
    if len(cells) < WORTHWHILE:
        return local
    rest = np.arange(len(cells))
    for form in USUAL:
        if len(rest) < WORTHWHILE:
            break
        tried = pd.to_datetime(cells.iloc[rest[:WORTHWHILE]], format=form, errors="coerce")
        if tried.isna().all():
            continue
        read = pd.to_datetime(cells.iloc[rest], format=form, errors="coerce").dt.as_unit("us")
        good = (read.notna() & read.dt.year.between(*YEARS)).to_numpy()
        local.iloc[rest[good]] = read.to_numpy()[good]
        rest = rest[~good]
    return local


def _in_zone(local: "pd.Series[Any]", zone: str) -> "pd.Series[Any]":
    """Take clocks of a place to UTC, without the zone; the second of two equal hours is meant where one is repeated."""
    placed = local.dt.tz_localize(zone, ambiguous=np.zeros(len(local), bool), nonexistent="shift_forward")
    utc: pd.Series[Any] = placed.dt.tz_convert("UTC").dt.tz_localize(None)
    return utc


def _order(cells: Iterable[str]) -> str | None:
    """
    Decide whether day or month comes first, by a number over 12; None where no date asks, `unsure` if none tells.

    Between points the day comes first: of the date patterns of Unicode's CLDR none writes month.day.year.
    """
    found = [one for text in cells if (one := YEAR_LAST.fullmatch(text.casefold()))]
    pairs = [(int(one["a"]), int(one["b"])) for one in found]
    if not pairs:
        return None
    if all(DOTTED.match(one[0]) for one in found) and all(b <= NOON for _, b in pairs):
        return "dmy"
    day_first, month_first = any(a > NOON for a, _ in pairs), any(b > NOON for _, b in pairs)
    if day_first and month_first:
        return "unsure"
    return "dmy" if day_first else "mdy" if month_first else "unsure"


def _all_serials(cells: "pd.Series[Any]") -> bool:
    filled = [text for text in cells if text]
    low, high = SERIALS
    return bool(filled) and all(re.fullmatch(r"\d{5}(?:\.\d+)?", text) and low < float(text) < high for text in filled)


def _serials(cells: "pd.Series[Any]", zone: str, since: str) -> "pd.Series[Any]":
    days = pd.to_numeric(cells.where(cells != "", None)).astype("float64")
    local = pd.Timestamp(since) + pd.to_timedelta(days, unit="D").dt.round("s")
    placed: pd.Series[Any] = _in_zone(local.dt.as_unit("us"), zone).dt.tz_localize("UTC")
    return placed


def _reason(text: str) -> str:
    if NO_DAY.fullmatch(WRITTEN.sub(lambda found: str(addresses.numeral(found[0])), text.casefold())):
        return "no_day"
    yearless = NO_YEAR.fullmatch(text.casefold()) or SHORT_YEAR.fullmatch(text.casefold())
    return "no_year" if yearless else "bad_time"


def _moment(text: str, zone: str, order: str | None) -> Any:
    text = WRITTEN.sub(lambda found: str(addresses.numeral(found[0])), LEADING_DAY.sub("", text.casefold()))
    found = YEAR_FIRST.fullmatch(text) or DIGITS.fullmatch(text) or YEAR_LAST.fullmatch(text) or NAMED.fullmatch(text)
    if not found:
        return pd.NaT
    parts = found.groupdict()
    day, hour = _day(parts, order), _hour(parts)
    if day is None or hour is None or not YEARS[0] <= day[0] <= YEARS[1]:
        return pd.NaT
    minute, second = 30 if parts.get("minute") == "半" else int(parts.get("minute") or 0), int(parts.get("second") or 0)
    if hour == DAY and (minute or second):
        return pd.NaT
    try:
        naive = pd.Timestamp(*day, hour % DAY, minute, second) + pd.Timedelta(days=hour // DAY)
    except ValueError:
        return pd.NaT
    try:
        return _placed(naive, parts.get("zone"), zone)
    except ValueError:  # an hour that no place on earth has
        return pd.NaT


def _placed(naive: pd.Timestamp, stated: str | None, zone: str) -> pd.Timestamp:
    if stated:
        offset = "+00:00" if stated in ("z", "utc", "gmt") else stated
        return pd.Timestamp(f"{naive.isoformat()}{offset}").tz_convert("UTC")
    return naive.tz_localize(zone, ambiguous=False, nonexistent="shift_forward").tz_convert("UTC")


def _day(parts: dict[str, Any], order: str | None) -> tuple[int, int, int] | None:
    year = int(parts["year"]) + (ROC_START if parts.get("era") else 0)
    if "a" in parts:
        a, b = int(parts["a"]), int(parts["b"])
        if order == "unsure":
            return (year, a, b) if a == b else None
        return (year, b, a) if order == "dmy" else (year, a, b)
    if "m1" in parts:
        month = MONTHS.get(parts["m1"] or parts["m2"] or "")
        return None if month is None else (year, month, int(parts["d1"] or parts["d2"]))
    return year, int(parts["month"]), int(parts["day"])


def _hour(parts: dict[str, Any]) -> int | None:
    """Give the hour of the day, 24 for the end of it; None where it contradicts the half of the day."""
    hour = int(parts.get("hour") or 0)
    half = parts.get("half") or parts.get("after") or ""
    if half in NIGHT and (hour <= EVENING or hour == NOON):
        return hour if half != "晚上" and hour < EVENING else None  # 晚上12点 may begin the day or end it
    if half in AFTERNOON | NIGHT and hour < NOON:
        return hour + NOON
    if half in MORNING and hour == NOON:
        return 0
    if half in MORNING and hour > NOON:
        return None
    return hour if hour <= DAY else None


def _age(text: str, today: pd.Timestamp) -> Any:
    text = clean(text).casefold()
    if not text:
        return None
    short = re.fullmatch(r"(\d{4})\s*(?:[-/.年]\s*(\d{1,2})\s*月?)?年?", text)
    if short and int(short[2] or 7) > NOON:
        return _BAD
    born = pd.Timestamp(int(short[1]), int(short[2] or 7), 1, tz="UTC") if short else _moment(text, "UTC", None)
    if born is pd.NaT or born.year < YEARS[0] or born.tz_localize(None) > today:
        return _BAD
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))

"""Numbers, times and yes or no as people write them: parsed where there is one meaning, else named as bad."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from govmap import addresses

Flags = npt.NDArray[np.bool_]
MISSING = frozenset(["", "-", "--", "—", "——", "/", "\\", "\\n", "无", "暂无", "不详", "未知", "空"]) | frozenset(
    ["n/a", "na", "null", "none", "nan", "nil", "unknown"]
)
YES = frozenset(
    {"1", "是", "有", "对", "true", "t", "yes", "y", "√", "✓", "满意", "非常满意", "基本满意", "satisfied", "共享"}
)
NO = frozenset(
    {"0", "否", "无", "没有", "不", "false", "f", "no", "n", "×", "✗", "x", "不满意", "不共享", "unsatisfied"}
)
UNITS = re.compile(
    r"(?<=[\d.一二三四五六七八九十百千万两〇零])\s*"
    r"(?:户|人|口|套|栋|幢|层|楼|个|名|间|处|家|张|床|座|岁|周岁|米|分钟|小时|平方米|m2|㎡|m|hh|households?|persons?|people|min|h)$"
)
GROUPED = re.compile(r"[-+]?\d{1,3}(?:(?:,\d{3})+|(?: \d{3})+)(?:\.\d+)?")
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?")
PLAIN_WHOLE, PLAIN = re.compile(r"[0-9]{1,12}"), re.compile(r"[0-9]{1,12}(?:\.[0-9]+)?")
LARGEST = 1e12
SAMPLE, MOSTLY_DIFFERENT = 1000, 0.9
SERIALS = (20_000, 80_000)
SERIAL_START = pd.Timestamp("1899-12-30")
YEARS = (1900, 2100)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS = {name: month for month, name in enumerate(_MONTHS, start=1)}
_CLOCK = (
    r"(?:[\st]*(?P<half>上午|下午|中午|晚上|早上|凌晨|傍晚|am|pm)?\s*(?P<hour>\d{1,2})\s*[:时点h]\s*(?:(?P<minute>\d{1,2})\s*(?:分|:)?"
    r"\s*(?:(?P<second>\d{1,2})(?:\.\d+)?\s*秒?)?)?\s*(?P<after>am|pm)?)?\s*(?P<zone>z|utc|gmt|[-+]\d{2}:?\d{2})?"
)
YEAR_FIRST = re.compile(
    r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?号?" + _CLOCK
)
YEAR_LAST = re.compile(r"(?P<a>\d{1,2})\s*[-/.]\s*(?P<b>\d{1,2})\s*[-/.]\s*(?P<year>\d{4})" + _CLOCK)
NAMED = re.compile(
    r"(?:(?P<d1>\d{1,2})[\s-]+(?P<m1>[a-z]{3})[a-z]*\.?|(?P<m2>[a-z]{3})[a-z]*\.?\s+(?P<d2>\d{1,2})(?:st|nd|rd|th)?)[\s,-]+(?P<year>\d{4})"
    + _CLOCK
)
DIGITS = re.compile(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?)?"
)


@dataclass(frozen=True)
class Parsed:
    """The values of a column, which cells are bad, and what was decided for the whole column (`order`, `serial`)."""

    values: "pd.Series[Any]"
    bad: Flags
    decided: str | None = None


def clean(text: str) -> str:
    """Give a cell without width, outer spaces and the marks people use for nothing."""
    text = text if text.isascii() else unicodedata.normalize("NFKC", text)
    text = text.strip().strip("\u200b\ufeff'").strip()
    return "" if text.casefold() in MISSING else text


def texts(cells: "pd.Series[Any]") -> "pd.Series[Any]":
    """Give text as it stands, without outer spaces; None where there is none."""
    return _each(cells, lambda text: text.strip() if clean(text) else None)


def numbers(cells: "pd.Series[Any]", *, whole: bool, negative: bool = False) -> Parsed:
    """Read numbers: 1,234 and １２ and 十二户; a fraction where whole ones are wanted is bad, and so is 约120."""
    found = _each(cells, lambda text: _number(text, whole=whole, negative=negative))
    bad = np.array([one is _BAD for one in found], dtype=bool)
    values = pd.to_numeric(found.where(~bad, None), errors="raise")
    return Parsed(values.astype("Float64").astype("Int64" if whole else "float64"), bad)


def flags(cells: "pd.Series[Any]") -> Parsed:
    """Read yes and no."""
    found = _each(cells, _flag)
    bad = np.array([one is _BAD for one in found], dtype=bool)
    return Parsed(found.where(~bad, None).astype("boolean"), bad)


def times(cells: "pd.Series[Any]", *, zone: str, order: str | None = None) -> Parsed:
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

    Returns
    -------
    parsed
        `decided` is the order or `serial`; `unsure` where day and month could be either, and then those are bad.
    """
    cleaned = _each(cells, clean)
    unique = pd.Series(cleaned.unique(), dtype=object)
    serial = _all_serials(unique)
    order = order or _order(unique)
    moments = _serials(unique) if serial else _moments(unique, zone, order)
    if serial:
        moments = moments.dt.tz_localize(zone, ambiguous=np.zeros(len(moments), bool), nonexistent="shift_forward")
    by_text = pd.Series(moments.dt.tz_convert("UTC").array, index=unique.array)
    values = pd.Series(by_text.reindex(cleaned).array, index=cells.index)
    bad = (values.isna() & (cleaned != "")).to_numpy(bool)
    return Parsed(values, bad, "serial" if serial else order)


def ages(cells: "pd.Series[Any]", today: pd.Timestamp) -> Parsed:
    """Read years of age on a day from dates of birth (also year and month alone)."""
    found = _each(cells, lambda text: _age(text, today))
    bad = np.array([one is _BAD for one in found], dtype=bool)
    return Parsed(pd.to_numeric(found.where(~bad, None)).astype("Float64").astype("Int64"), bad)


_BAD = object()


def _each(cells: "pd.Series[Any]", read: Callable[[str], Any]) -> "pd.Series[Any]":
    """Read every different cell once, or all of them where nearly all differ."""
    first = cells.iloc[:SAMPLE].tolist()
    if len(cells) > SAMPLE and len(set(first)) > MOSTLY_DIFFERENT * SAMPLE:
        every = np.empty(len(cells), dtype=object)
        every[:] = [read(text if isinstance(text, str) else "") for text in cells.tolist()]
        return pd.Series(every, index=cells.index, dtype=object)
    codes, unique = pd.factorize(cells, use_na_sentinel=False)
    answers = np.empty(len(unique), dtype=object)
    answers[:] = [read(text if isinstance(text, str) else "") for text in unique]
    return pd.Series(answers[codes], index=cells.index, dtype=object)


def _number(text: str, *, whole: bool, negative: bool) -> Any:
    if (PLAIN_WHOLE if whole else PLAIN).fullmatch(text):  # nearly all are: the others take ten times as long
        return int(text) if whole else float(text)
    text = UNITS.sub("", clean(text).casefold().replace("\u00a0", " ")).strip()
    if not text:
        return None
    numeral = addresses.numeral(text)
    if numeral is not None:
        return numeral
    text = text.replace(",", "").replace(" ", "") if GROUPED.fullmatch(text) else text
    if not NUMBER.fullmatch(text):
        return _BAD
    value = float(text)
    if abs(value) > LARGEST or (value < 0 and not negative) or (whole and not value.is_integer()):
        return _BAD
    return int(value) if whole else value


def _flag(text: str) -> Any:
    text = unicodedata.normalize("NFKC", text).strip().casefold()
    if text in YES:
        return True
    if text in NO:
        return False
    return None if not clean(text) else _BAD


def _order(cells: Iterable[str]) -> str | None:
    """Decide whether day or month comes first, by a number over 12; None where no date asks, `unsure` if none tells."""
    pairs = [(int(found["a"]), int(found["b"])) for text in cells if (found := YEAR_LAST.fullmatch(text.casefold()))]
    if not pairs:
        return None
    day_first, month_first = any(a > 12 for a, _ in pairs), any(b > 12 for _, b in pairs)  # noqa: PLR2004 - months
    if day_first and month_first:
        return "unsure"
    return "dmy" if day_first else "mdy" if month_first else "unsure"


def _all_serials(cells: "pd.Series[Any]") -> bool:
    filled = [text for text in cells if text]
    low, high = SERIALS
    return bool(filled) and all(re.fullmatch(r"\d{5}(?:\.\d+)?", text) and low < float(text) < high for text in filled)


def _serials(cells: "pd.Series[Any]") -> "pd.Series[Any]":
    days = pd.to_numeric(cells.where(cells != "", None)).astype("float64")
    return SERIAL_START + pd.to_timedelta(days, unit="D").dt.round("s")


def _moments(cells: "pd.Series[Any]", zone: str, order: str | None) -> "pd.Series[Any]":
    """Read unique texts: the common writing at once, the others one by one."""
    moments = pd.to_datetime(cells.str.replace("/", "-"), format="%Y-%m-%d %H:%M:%S", errors="coerce").dt.as_unit("us")
    moments = moments.where(moments.dt.year.between(*YEARS))
    local = moments.dt.tz_localize(zone, ambiguous=np.zeros(len(moments), bool), nonexistent="shift_forward")
    rest = (local.isna() & (cells != "")).to_numpy()
    local = local.dt.tz_convert("UTC")
    if rest.any():
        single = [_moment(text.casefold(), zone, order) for text in cells[rest]]
        local[rest] = pd.Series(single, index=cells.index[rest], dtype="datetime64[us, UTC]")
    return local


def _moment(text: str, zone: str, order: str | None) -> Any:
    found = YEAR_FIRST.fullmatch(text) or DIGITS.fullmatch(text) or YEAR_LAST.fullmatch(text) or NAMED.fullmatch(text)
    if not found:
        return pd.NaT
    parts = found.groupdict()
    day = _day(parts, order)
    if day is None or not YEARS[0] <= day[0] <= YEARS[1]:
        return pd.NaT
    try:
        naive = pd.Timestamp(*day, _hour(parts), int(parts.get("minute") or 0), int(parts.get("second") or 0))
    except ValueError:
        return pd.NaT
    return _placed(naive, parts.get("zone"), zone)


def _placed(naive: pd.Timestamp, stated: str | None, zone: str) -> pd.Timestamp:
    if stated:
        offset = "+00:00" if stated in ("z", "utc", "gmt") else stated
        return pd.Timestamp(f"{naive.isoformat()}{offset}").tz_convert("UTC")
    return naive.tz_localize(zone, ambiguous=False, nonexistent="shift_forward").tz_convert("UTC")


def _day(parts: dict[str, Any], order: str | None) -> tuple[int, int, int] | None:
    year = int(parts["year"])
    if "a" in parts:
        a, b = int(parts["a"]), int(parts["b"])
        if order == "unsure":
            return (year, a, b) if a == b else None
        return (year, b, a) if order == "dmy" else (year, a, b)
    if "m1" in parts:
        month = MONTHS.get(parts["m1"] or parts["m2"] or "")
        return None if month is None else (year, month, int(parts["d1"] or parts["d2"]))
    return year, int(parts["month"]), int(parts["day"])


def _hour(parts: dict[str, Any]) -> int:
    hour = int(parts.get("hour") or 0)
    half = parts.get("half") or parts.get("after") or ""
    noon = 12
    if half in ("下午", "晚上", "傍晚", "pm") and hour < noon:
        return hour + noon
    if half in ("am", "凌晨", "上午", "早上") and hour == noon:
        return 0
    return hour


def _age(text: str, today: pd.Timestamp) -> Any:
    text = clean(text).casefold()
    if not text:
        return None
    short = re.fullmatch(r"(\d{4})\s*(?:[-/.年]\s*(\d{1,2})\s*月?)?年?", text)
    born = pd.Timestamp(int(short[1]), int(short[2] or 7), 1, tz="UTC") if short else _moment(text, "UTC", None)
    if born is pd.NaT or born.year < YEARS[0] or born.tz_localize(None) > today:
        return _BAD
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))

"""Which places are open at a moment: opening hours as OSM writes them, and as a Chinese office does."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from govmap.errors import InputError
from govmap.geometry import Ints

if TYPE_CHECKING:
    from collections.abc import Collection

OPEN, CLOSED, UNKNOWN = 1, 0, -1
DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_CHINESE = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6, "1": 0, "2": 1, "3": 2, "4": 3}
_CHINESE |= {"5": 4, "6": 5, "7": 6}
_ENGLISH = {"mo": 0, "tu": 1, "we": 2, "th": 3, "fr": 4, "sa": 5, "su": 6}
_LATE = ("下午", "晚上", "夜里", "傍晚", "pm", "p.m.")
_EARLY = ("上午", "早上", "凌晨", "清晨", "am", "a.m.")
_WEEK, _NOON, _LAST_HOUR, _LAST_MINUTE = 7, 12, 24, 60
_LOOKED_AHEAD = 370


@dataclass(frozen=True)
class Moment:
    """A moment that was asked for, and whether it is a public holiday; `given` is how it was asked."""

    at: datetime
    holiday: bool
    given: str

    @property
    def shown(self) -> str:
        """The moment as 2026-05-02 20:00."""
        return self.at.strftime("%Y-%m-%d %H:%M")


def moment(given: str, *, today: date, off: "Collection[str]" = ()) -> Moment:
    """
    Understand a moment: `Sat 20:00`, `周六 20:00`, `周六晚上8点半`, `2026-05-02 20:00`.

    A day of the week alone means the next one that is no public holiday, today included.

    Parameters
    ----------
    today
        From which day on a day of the week is looked for.
    off
        Public holidays as 2026-05-01.

    Raises
    ------
    InputError
        No day, no time, or none that exists.
    """
    text = _plain(given)
    day, rest = _day(text, today, off)
    clock = _clock(rest)
    if day is None or clock is None:
        raise InputError("hours_bad_moment", given=given)
    return Moment(datetime.combine(day, clock), day.isoformat() in off, given)


def states(hours: "pd.Series[Any]", at: Moment) -> Ints:
    """Tell of each place whether it is open (1), closed (0) or nobody knows (-1: no hours, or none to be read)."""
    texts, known = pd.factorize(hours)
    found = np.array([*(state(str(one), at) for one in known), UNKNOWN], np.int64)
    return np.asarray(found[texts], np.int64)


def state(hours: str, at: Moment) -> int:
    """Tell whether one place is open at a moment."""
    from opening_hours import OpeningHours, validate

    # On this one day "PH" is that day of the week or never, so the calendar of `layers/calendars` decides and no other.
    text = re.sub(r"\bPH\b", DAYS[at.at.weekday()], as_osm(hours)) if at.holiday else as_osm(hours)
    if not validate(text):
        return UNKNOWN
    told = OpeningHours(text)
    if told.is_open(at.at):
        return OPEN
    return CLOSED if told.is_closed(at.at) else UNKNOWN


# words -------------------------------------------------------------------------------------------------------------
def as_osm(hours: str) -> str:
    """Write hours in Chinese words as OSM does; what is no Chinese, or cannot be read whole, stays as it is."""
    text = _plain(hours)
    if text.lower() in _ALWAYS:
        return "24/7"
    if text.isascii():
        return re.sub(r"\b([1-5])(?:st|nd|rd|th)\s+(Mo|Tu|We|Th|Fr|Sa|Su)\b", r"\2[\1]", text)
    rules: list[tuple[list[str], list[str]]] = []
    for found in _SAID.finditer(text):
        kind = str(found.lastgroup)
        word = _WORDS[kind](found)
        if kind in _OF_DAYS and (not rules or rules[-1][1]):
            rules.append(([], []))
        elif not rules:
            rules.append((["Mo-Su"], []))
        rules[-1][0 if kind in _OF_DAYS else 1].append(word)
    whole = not re.sub(_FILLERS, "", _SAID.sub("", text))
    if not whole or not rules or any(not times for _, times in rules):
        return text
    return "; ".join(f"{','.join(days)} {','.join(times)}" for days, times in rules)


_ALWAYS = frozenset({"always", "24h", "24小时", "全天", "全天开放", "24小时营业", "24小时开放", "全天候", "全天24小时"})
_ONE_TIME = r"(?:上午|中午|下午|早上|晚上|晚|早|凌晨|傍晚)?\s*\d{1,2}\s*(?:[:点时]\s*(?:半|\d{1,2}分?)?)?"
_SAID = re.compile(
    r"(?P<days>(?:周|星期|礼拜)[一二三四五六日天]\s*(?:至|到|-)\s*(?:周|星期|礼拜)?[一二三四五六日天])"
    r"|(?P<day>(?:周|星期|礼拜)[一二三四五六日天]+)"
    r"|(?P<every>每天|每日|天天|全周|工作日|周末|双休日|(?:法定)?节假日)"
    rf"|(?P<times>{_ONE_TIME}\s*(?:-|至|到)\s*{_ONE_TIME})"
    r"|(?P<allday>全天|24小时)"
    r"|(?P<off>休息|不开放|不营业|闭馆|关闭|关门|不对外)"
)
_OF_DAYS = frozenset({"days", "day", "every"})
_FILLERS = r"[\s,;:.、/()（）及和与]|开放|营业|时间|服务|每周|均|对外|为"
_EVERY = {"工作日": "Mo-Fr", "周末": "Sa-Su", "双休日": "Sa-Su", "节假日": "PH", "法定节假日": "PH"}


def _two_days(found: "re.Match[str]") -> str:
    letters = re.findall("[一二三四五六日天]", found[0])
    return f"{DAYS[_CHINESE[letters[0]]]}-{DAYS[_CHINESE[letters[1]]]}"


def _some_days(found: "re.Match[str]") -> str:
    return ",".join(DAYS[_CHINESE[one]] for one in re.findall("[一二三四五六日天]", found[0].lstrip("星期礼拜周")))


def _span(found: "re.Match[str]") -> str:
    """Write a span of time; the end lies in the same half of the day where nothing else is said."""
    first, last = (_minutes(one) for one in re.split(r"-|至|到", found[0], maxsplit=1))
    if last <= first and re.match(r"下午|晚", found[0].strip()) and "凌晨" not in found[0] and last < _NOON * 60:
        last += _NOON * 60
    return "-".join(f"{at // 60:02d}:{at % 60:02d}" for at in (first, last))


def _minutes(text: str) -> int:
    found = re.findall(r"\d+", text)
    hour, minute = int(found[0]), 30 if "半" in text else int(found[1] if len(found) > 1 else 0)
    late = any(word in text for word in ("下午", "晚", "傍晚")) and hour < _NOON
    return (hour + (_NOON if late else 0)) * 60 + minute


_WORDS: dict[str, Callable[["re.Match[str]"], str]] = {
    "days": _two_days,
    "day": _some_days,
    "every": lambda found: _EVERY.get(found[0], "Mo-Su"),
    "times": _span,
    "allday": lambda _: "00:00-24:00",
    "off": lambda _: "off",
}


def _plain(text: str) -> str:
    """Bring full-width letters, dashes and punctuation to one form."""
    wide = {ord("　"): " ", ord("："): ":", ord("；"): ";", ord("，"): ",", ord("。"): " "}
    dashes = dict.fromkeys(map(ord, "—–－~～‐"), "-")
    digits = {ord("０") + n: str(n) for n in range(10)}
    return re.sub(r"-+", "-", str(text).translate({**wide, **dashes, **digits})).strip()


def _day(text: str, today: date, off: "Collection[str]") -> tuple[date | None, str]:
    """Find the day in a moment, and what is left of it."""
    dated = re.search(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[t\s]*", text, re.IGNORECASE)
    if dated:
        rest = text[: dated.start()] + " " + text[dated.end() :]
        try:
            return date(*map(int, dated.groups())), rest
        except ValueError:
            return None, rest
    for pattern, number in _WEEKDAYS:
        named = re.search(pattern, text, re.IGNORECASE)
        if named:
            return _next(today, number(named), off), text[: named.start()] + " " + text[named.end() :]
    return None, text


_WEEKDAYS: tuple[tuple[str, Callable[["re.Match[str]"], int]], ...] = (
    (r"(?:周|星期|礼拜)([一二三四五六日天1-7])", lambda found: _CHINESE[found[1]]),
    (
        r"\b(mo|tu|we|th|fr|sa|su)(?:n|nday|e|es|esday|d|dnesday|u|ur|urs|ursday|i|iday|t|turday|nday)?\b\.?",
        lambda found: _ENGLISH[found[1].lower()],
    ),
)


def _next(today: date, weekday: int, off: "Collection[str]") -> date:
    """Give the next such day of the week that is no public holiday."""
    first = today + timedelta(days=(weekday - today.weekday()) % _WEEK)
    days = (first + timedelta(days=_WEEK * n) for n in range(_LOOKED_AHEAD // _WEEK))
    return next((day for day in days if day.isoformat() not in off), first)


def _clock(text: str) -> time | None:
    """Read the time of a moment: 20:00, 8pm, 晚上8点半."""
    found = re.search(r"(\d{1,2})\s*(?:[:点时]\s*(\d{1,2}|半)?)?", text)
    low = text.lower()
    if found is None or not (re.search(r"[:点时]", found[0]) or any(word in low for word in (*_LATE, *_EARLY))):
        return None
    hour, minute = int(found[1]), 30 if found[2] == "半" else int(found[2] or 0)
    if any(word in low for word in _LATE) and hour < _NOON:
        hour += _NOON
    elif any(word in low for word in _EARLY) and hour == _NOON:
        hour = 0
    return time(hour, minute) if hour < _LAST_HOUR and minute < _LAST_MINUTE else None

"""Charts of a report, drawn by hand as SVG: sizes in their band, stacked hours, months, intervals, need by supply.

A colour never speaks alone: what is out of its band also has a mark, parts of a stack also stand in the table below.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from govmap.render.svg import FAINT, INK, SOFT, Drawing, shortened, width_mm

WIDTH = 170.0
IN_BAND, RED, BAND, EXPECTED = "#4477aa", "#b2182b", "#dcebdc", "#228833"
STACK = ("#4477aa", "#ee8866", "#44bb99", "#eedd88", "#aa4499", "#99ddff", "#bbcc33", "#777777")
NEED_BY_SUPPLY = (  # rows: need from high to low; columns: supply from low to high
    ("#b2182b", "#dd8a6f", "#8f9fc4"),
    ("#e5a58d", "#e9dcc8", "#a9c6dd"),
    ("#f4e3d3", "#d6e3ea", "#c2dfe8"),
)
ROW, TEXT, SMALL = 4.6, 2.6, 2.2
ROWS_MOST = 26
LABELS, VALUES = 34.0, 16.0
TICKS = 4

Height: TypeAlias = Callable[[float], float]


@dataclass(frozen=True)
class Bar:
    """One unit in a chart: its label, its value, and whether it must be looked at."""

    label: str
    value: float
    red: bool = False
    low: float | None = None
    high: float | None = None
    hollow: bool = False


def sizes(bars: Sequence[Bar], low: float, high: float, *, title: str, band: str) -> Drawing:
    """Draw sizes of units from the largest down, the band shaded; lying where they are few, standing where many."""
    return _lying(bars, low, high, title, band) if len(bars) <= ROWS_MOST else _standing(bars, low, high, title, band)


def _lying(bars: Sequence[Bar], low: float, high: float, title: str, band: str) -> Drawing:
    made = Drawing(WIDTH, ROW * len(bars) + 11, title)
    most = _round_up(max([high, *(bar.value for bar in bars)]))
    room = WIDTH - LABELS - VALUES
    bottom = 5 + ROW * len(bars)
    left, right = LABELS + low / most * room, LABELS + high / most * room
    made.rect(left, 4, right - left, bottom - 4, BAND)
    made.text((left + right) / 2, 2.8, band, SMALL, SOFT, anchor="middle")
    for at, bar in enumerate(bars):
        y = 5 + at * ROW
        made.text(LABELS - 1.5, y + 3.1, shortened(bar.label, TEXT, LABELS - 3), TEXT, anchor="end")
        made.rect(LABELS, y + 0.7, bar.value / most * room, ROW - 1.4, RED if bar.red else IN_BAND)
        made.text(
            LABELS + bar.value / most * room + 1, y + 3.1, _told(bar), TEXT, RED if bar.red else INK, bold=bar.red
        )
    _axis_below(made, LABELS, room, most, bottom)
    return made


def _told(bar: Bar) -> str:
    return f"{bar.value:,.0f}{' !' if bar.red else ''}"


def _standing(bars: Sequence[Bar], low: float, high: float, title: str, band: str) -> Drawing:
    """Many bars side by side; only those out of the band have their label."""
    high_mm, left = 52.0, 14.0
    made = Drawing(WIDTH, high_mm + 18, title)
    most = _round_up(max([high, *(bar.value for bar in bars)]))
    room, each = WIDTH - left - 2, (WIDTH - left - 2) / len(bars)
    up = _heights(high_mm, most)
    made.rect(left, up(high), room, up(low) - up(high), BAND)
    made.text(left + room - 1, up(high) - 0.8, band, SMALL, SOFT, anchor="end")
    said = 0.0
    for at, bar in enumerate(bars):
        x = left + at * each
        made.rect(x, up(bar.value), max(each * 0.86, 0.15), up(0) - up(bar.value), RED if bar.red else IN_BAND)
        if bar.red and x + each / 2 - 1 >= said:
            place = f"rotate(-60 {round(x * 100 + each * 50 + 90)} {round(high_mm * 100 + 560)})"
            made.text(x + each / 2 + 0.9, high_mm + 5.6, bar.label, 2.0, RED, anchor="end", transform=place)
            said = x + each / 2 + 2.6
    _axis_left(made, left, most, up)
    return made


def stacks(
    rows: Sequence[tuple[str, Sequence[float]]],
    names: Sequence[str],
    *,
    title: str,
    mark: tuple[float, float, str] | None = None,
) -> Drawing:
    """Draw stacked hours a unit, the names of the parts above; `mark` is a band (low, high, what it is)."""
    legend = -(-len(names) // 4)
    top = 5.0 * legend + (5 if mark else 2)
    made = Drawing(WIDTH, top + ROW * len(rows) + 7, title)
    most = _round_up(max([mark[1] if mark else 0.0, *(sum(parts) for _, parts in rows), 1.0]))
    room, bottom = WIDTH - LABELS - VALUES, top + ROW * len(rows)
    _names(made, names)
    if mark:
        left, right = LABELS + mark[0] / most * room, LABELS + mark[1] / most * room
        made.rect(left, top - 0.6, max(right - left, 0.3), bottom - top + 0.6, BAND)
        made.text(min((left + right) / 2, WIDTH - 25), top - 1.4, mark[2], SMALL, SOFT, anchor="middle")
    for at, (label, parts) in enumerate(rows):
        x, y = LABELS, top + at * ROW
        made.text(LABELS - 1.5, y + 3.1, shortened(label, TEXT, LABELS - 3), TEXT, anchor="end")
        for place, value in enumerate(parts):
            wide = value / most * room
            made.rect(x, y + 0.7, wide, ROW - 1.4, STACK[place % len(STACK)])
            x += wide
        made.text(x + 1, y + 3.1, f"{sum(parts):,.0f}", TEXT)
    _axis_below(made, LABELS, room, most, bottom)
    return made


def _names(made: Drawing, names: Sequence[str]) -> None:
    for at, name in enumerate(names):
        x, y = 2 + (at % 4) * (WIDTH / 4), (at // 4) * 5.0
        made.rect(x, y + 0.4, 4, 3, STACK[at % len(STACK)])
        made.text(x + 5.5, y + 2.9, shortened(name, SMALL, WIDTH / 4 - 8), SMALL)


@dataclass(frozen=True)
class Month:
    """Reports of one month, and what was to be expected."""

    label: str
    count: float | None
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    notable: bool = False


def months(found: Sequence[Month], *, title: str, words: Mapping[str, str]) -> Drawing:
    """Draw reports by month as columns over the interval of what was to be expected."""
    high_mm, left = 44.0, 14.0
    made = Drawing(WIDTH, high_mm + 19, title)
    values = [one for month in found for one in (month.count, month.high, month.expected) if one is not None]
    most = _round_up(max([1.0, *values]))
    each = (WIDTH - left - 2) / max(len(found), 1)
    up = _heights(high_mm, most)
    for at, month in enumerate(found):
        x = left + at * each
        if month.low is not None and month.high is not None:
            made.rect(x, up(month.high), each, up(month.low) - up(month.high), BAND)
        if month.count is not None:
            made.rect(
                x + each * 0.2, up(month.count), each * 0.6, up(0) - up(month.count), RED if month.notable else IN_BAND
            )
            if each > width_mm(f"{month.count:,.0f}", 2.0):
                bold = {"bold": True} if month.notable else {}
                made.text(x + each / 2, up(month.count) - 0.6, f"{month.count:,.0f}", 2.0, INK, anchor="middle", **bold)
        if month.expected is not None:
            made.line(x, up(month.expected), x + each, up(month.expected), EXPECTED, 0.4)
    _month_labels(made, found, left, each, high_mm)
    _axis_left(made, left, most, up)
    _month_legend(made, words, high_mm + 15)
    return made


def _month_labels(made: Drawing, found: Sequence[Month], left: float, each: float, high_mm: float) -> None:
    step = max(1, -(-len(found) * 11 // int(WIDTH - left)))
    for at in range(0, len(found), step):
        made.text(left + (at + 0.5) * each, high_mm + 8.2, found[at].label, 2.0, SOFT, anchor="middle")


def _month_legend(made: Drawing, words: Mapping[str, str], y: float) -> None:
    x = 14.0
    for name, colour in (("count", IN_BAND), ("notable", RED), ("expected", EXPECTED), ("interval", BAND)):
        if name in words:
            made.rect(x, y, 4, 0.8 if name == "expected" else 2.6, colour)
            made.text(x + 5.2, y + 2.3, words[name], SMALL)
            x += 9 + width_mm(words[name], SMALL)


def intervals(bars: Sequence[Bar], *, title: str, middle: float | None, middle_word: str, places: int = 1) -> Drawing:
    """Draw rates as points with their interval; hollow where there is too little to go by."""
    made = Drawing(WIDTH, ROW * len(bars) + 12, title)
    most = _round_up(max([1e-9, *(bar.high if bar.high is not None else bar.value for bar in bars)]))
    room, bottom = WIDTH - LABELS - VALUES, 5 + ROW * len(bars)
    if middle is not None:
        x = LABELS + min(middle / most, 1) * room
        made.line(x, 4, x, bottom, EXPECTED, 0.4, stroke_dasharray=(1.2, 0.8))
        made.text(x, 2.8, middle_word, SMALL, SOFT, anchor="middle")
    for at, bar in enumerate(bars):
        y = 5 + at * ROW + ROW / 2
        made.text(LABELS - 1.5, y + 0.9, shortened(bar.label, TEXT, LABELS - 3), TEXT, anchor="end")
        colour = SOFT if bar.hollow else IN_BAND
        low, high = (bar.value if one is None else one for one in (bar.low, bar.high))
        made.line(LABELS + low / most * room, y, LABELS + high / most * room, y, colour, 0.5)
        fill = "#ffffff" if bar.hollow else colour
        made.circle(LABELS + bar.value / most * room, y, 1.1, fill, stroke=colour, stroke_width=0.35)
        made.text(LABELS + high / most * room + 2, y + 0.9, f"{bar.value:,.{places}f}", TEXT, colour)
    _axis_below(made, LABELS, room, most, bottom)
    return made


def matrix(
    told: Mapping[tuple[int, int], str],
    counts: Mapping[tuple[int, int], int],
    *,
    title: str,
    need: Sequence[str],
    supply: Sequence[str],
    sides: tuple[str, str],
) -> Drawing:
    """Draw need by supply, three by three: how many units stand in each field, and which."""
    left, top, wide, high = 30.0, 10.0, 46.0, 15.0
    made = Drawing(WIDTH, top + 3 * high + 6, title)
    made.text(left + 1.5 * wide, 3.0, sides[1], TEXT, INK, anchor="middle", bold=True)
    made.text(1, top - 1.5, sides[0], TEXT, INK, bold=True)
    for column, name in enumerate(supply):
        made.text(left + (column + 0.5) * wide, 8.0, name, SMALL, SOFT, anchor="middle")
    for row, name in enumerate(need):
        made.text(left - 2, top + (row + 0.55) * high, name, SMALL, SOFT, anchor="end")
        for column in range(3):
            _field(made, left + column * wide, top + row * high, (wide, high), (row, column), told, counts)
    return made


def _field(
    made: Drawing,
    x: float,
    y: float,
    size: tuple[float, float],
    at: tuple[int, int],
    told: Mapping[tuple[int, int], str],
    counts: Mapping[tuple[int, int], int],
) -> None:
    fill = NEED_BY_SUPPLY[at[0]][at[1]]
    ink = "#ffffff" if at == (0, 0) else INK
    made.rect(x + 0.4, y + 0.4, size[0] - 0.8, size[1] - 0.8, fill)
    made.text(x + 2, y + 5.4, f"{counts.get(at, 0):,}", 3.6, ink, bold=True)
    made.text(x + 2, y + 11, shortened(told.get(at, ""), SMALL, size[0] - 4), SMALL, ink)


def pairs(rows: Sequence[tuple[str, float | None, float | None]], *, title: str, names: tuple[str, str]) -> Drawing:
    """Draw two shares a row, one above the other: what residents say and what the office says."""
    made = Drawing(WIDTH, 8 + 7.2 * len(rows) + 7, title)
    _names(made, names)
    room = WIDTH - LABELS - VALUES
    for at, (label, *both) in enumerate(rows):
        y = 7 + at * 7.2
        made.text(LABELS - 1.5, y + 4.2, shortened(label, TEXT, LABELS - 3), TEXT, anchor="end")
        for place, value in enumerate(both):
            if value is not None:
                made.rect(LABELS, y + 0.6 + place * 3, value * room, 2.6, STACK[place])
                made.text(LABELS + value * room + 1, y + 2.8 + place * 3, f"{value:.0%}", SMALL)
    _axis_below(made, LABELS, room, 1.0, 7 + 7.2 * len(rows), percent=True)
    return made


# axes -----------------------------------------------------------------------------------------------------------------
def _heights(high_mm: float, most: float) -> Height:
    """Give the function that turns values into heights on paper."""
    return lambda value: 4 + (high_mm - 2) * (1 - value / most)


def _axis_below(made: Drawing, left: float, room: float, most: float, y: float, *, percent: bool = False) -> None:
    for step in range(TICKS + 1):
        x, value = left + room * step / TICKS, most * step / TICKS
        made.line(x, y, x, y + 0.8, FAINT, 0.15)
        made.text(x, y + 3.4, f"{value:.0%}" if percent else _tick(value, most), SMALL, SOFT, anchor="middle")
    made.line(left, y, left + room, y, FAINT, 0.2)


def _axis_left(made: Drawing, left: float, most: float, up: Height) -> None:
    for step in range(TICKS + 1):
        value = most * step / TICKS
        made.line(left - 0.8, up(value), WIDTH - 2, up(value), FAINT, 0.12)
        made.text(left - 1.4, up(value) + 0.8, _tick(value, most), SMALL, SOFT, anchor="end")


def _tick(value: float, most: float) -> str:
    return f"{value:,.0f}" if most >= TICKS * 2 else f"{value:.3g}"


def _round_up(value: float) -> float:
    """Give the next round number that four ticks divide well."""
    power = 1e-9
    while power * 10 <= value:
        power *= 10
    for step in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10):
        if step * power * (1 + 1e-9) >= value:
            return float(f"{step * power:.6g}")
    return value


__all__ = ["Bar", "Month", "intervals", "matrix", "months", "pairs", "sizes", "stacks"]

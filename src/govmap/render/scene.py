"""A map of units on paper: the drawn ground, units, labels, scale bar and north, in millimetres, as SVG.

The same scene stands in reports and on printed sheets. It is drawn of what `publish.release` gave and of nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from govmap.messages import Voice
from govmap.publish import Released
from govmap.render import symbology
from govmap.render.place import Frame, Shapes, column, shapes_of
from govmap.render.svg import FAINT, INK, PER_MM, SOFT, Drawing, hatch, path_of, shortened, width_mm

MARGIN_SHARE, MARGIN_M = 0.04, 25.0
OFFICIAL_DIGITS = 15
FINE_MM = 0.06  # what is smaller on paper is left out of lines and outlines
BUILDINGS_FROM = 1 / 15  # millimetres a metre: 1 : 15,000
SMALL_WAYS_FROM = 1 / 7
SMALL_WAY, MAIN_WAY = 30, 60
ZOOM_17_M = 0.75  # metres a pixel at zoom 17, in middle latitudes
LABEL_MOST, LABEL_LEAST = 3.2, 1.5
UNIT_LINE, FINE_LINE, MANY_UNITS = 0.3, 0.18, 60
FOOT_MM = 9.0
ENTRY_MM = 5.0
FEET = 0.3048
STEPS = (1, 2, 5)


@dataclass(frozen=True)
class Sheet:
    """Where on the ground a map lies, and how large it is on paper."""

    window: tuple[float, float, float, float]
    width_mm: float
    height_mm: float

    @property
    def mm_per_m(self) -> float:
        """Millimetres of paper a metre of ground."""
        return self.width_mm / (self.window[2] - self.window[0])

    def paper(self, shapes: Shapes) -> Shapes:
        """Bring shapes from metres to hundredths of a millimetre, y downward."""
        return np.asarray(shapely.transform(shapes, self._turn))

    def _turn(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        west, _, _, north = self.window
        scale = self.mm_per_m * PER_MM
        return np.column_stack([(points[:, 0] - west) * scale, (north - points[:, 1]) * scale])


@dataclass(frozen=True)
class Entry:
    """One line of a legend."""

    kind: Literal["fill", "hatch", "disc", "line"]
    colour: str
    text: str
    size_mm: float = 2.0


@dataclass(frozen=True, kw_only=True)
class Show:
    """
    What a map says of units.

    Parameters
    ----------
    fills
        Colour by unit; `hatched` stands for units of which nothing is said.
    discs
        Radius in millimetres and colour by unit.
    """

    fills: Mapping[str, str] = field(default_factory=dict)
    hatched: frozenset[str] = frozenset()
    discs: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    labels: bool = True
    legend: Sequence[Entry] = ()


def sheet_of(released: Released, *, width_mm: float, most_mm: float) -> Sheet | None:
    """Lay a sheet around communities and units, as high as they need and no higher than there is room."""
    frames = [released.tables.get(name, pd.DataFrame()) for name in ("communities", "units")]
    shapes = [shapes_of(frame) for frame in frames if len(frame) and "geometry" in frame]
    edges = shapely.total_bounds(np.concatenate(shapes)) if shapes else np.full(4, np.nan)
    if not np.isfinite(edges).all():
        return None
    west, south, east, north = (float(one) for one in edges)
    margin = MARGIN_M + MARGIN_SHARE * max(east - west, north - south)
    wide, high = east - west + 2 * margin, north - south + 2 * margin
    height_mm = min(width_mm * high / wide, most_mm)
    wide = max(wide, high * width_mm / height_mm)
    high = wide * height_mm / width_mm
    x, y = (west + east) / 2, (south + north) / 2
    return Sheet((x - wide / 2, y - high / 2, x + wide / 2, y + high / 2), width_mm, height_mm)


def lowest(units: Frame) -> Frame:
    """Keep the units that no other lies in."""
    return units[~units["unit_id"].isin(column(units, "parent_unit_id").dropna())].reset_index(drop=True)


def short(code: str) -> str:
    """Give the last three digits of an official code, any other code whole."""
    return code[-3:] if len(code) == OFFICIAL_DIGITS and code.isdigit() else code


# the ground -----------------------------------------------------------------------------------------------------------
def ground(released: Released, sheet: Sheet) -> str:
    """Draw what lies under the units: areas, ways, buildings; the same for every map of a sheet."""
    made = Drawing(sheet.width_mm, sheet.height_mm, "")
    made.rect(0, 0, sheet.width_mm, sheet.height_mm, "#f7f5f1")
    features = released.tables.get("features")
    if features is not None and len(features):
        _areas(made, features, sheet)
    if sheet.mm_per_m >= BUILDINGS_FROM and "buildings" in released.tables:
        standing = released.tables["buildings"]
        standing = standing[(column(standing, "status") != "demolished").to_numpy()]
        made.path(path_of(on_paper(standing, sheet), least_points=4), "#d9d2c7")
    if features is not None and len(features):
        _ways(made, features, sheet)
    return "".join(made.parts)


def on_paper(frame: Frame, sheet: Sheet) -> Shapes:
    """Clip shapes to the sheet, in paper measure, without what is too fine to be seen."""
    cut = shapely.clip_by_rect(shapes_of(frame), *sheet.window)
    drawn = sheet.paper(cut[~(shapely.is_missing(cut) | shapely.is_empty(cut))])
    return np.asarray(shapely.simplify(drawn, FINE_MM * PER_MM))


def _styled(features: Frame, styles: Mapping[str, Any], dimension: int) -> "pd.Series[Any]":
    own = column(features, "class")
    own = own.where(own.isin(list(styles)), column(features, "kind"))
    fits = shapely.get_dimensions(shapes_of(features)) == dimension
    return own.where(own.isin(list(styles)) & fits, None)


def _areas(made: Drawing, features: Frame, sheet: Sheet) -> None:
    style = _styled(features, symbology.AREAS, 2)
    for name in sorted(set(style.dropna()), key=lambda one: (symbology.AREAS[one][1], one)):
        made.path(path_of(on_paper(features[(style == name).to_numpy()], sheet)), symbology.AREAS[name][0])


def _ways(made: Drawing, features: Frame, sheet: Sheet) -> None:
    """Draw ways, all edges first, so that crossings stay open."""
    style = _styled(features, symbology.WAYS, 1)
    least = 0 if sheet.mm_per_m >= SMALL_WAYS_FROM else SMALL_WAY + 1
    names = [
        name for name in sorted(set(style.dropna())) if symbology.WAYS[name][5] >= least or name in ("river", "canal")
    ]
    names = sorted(names, key=lambda one: (symbology.WAYS[one][5], one))
    paths = {name: path_of(on_paper(features[(style == name).to_numpy()], sheet)) for name in names}
    round_: dict[str, Any] = {"stroke_linejoin": "round", "stroke_linecap": "round"}
    for name in names:
        _, casing, wide, _, _, order = symbology.WAYS[name]
        if casing:
            made.path(paths[name], stroke=casing, stroke_width=_way_mm(wide, order, sheet) + 0.16, **round_)
    for name in names:
        fill, _, wide, _, dashes, order = symbology.WAYS[name]
        more = round_ | ({"stroke_dasharray": (0.5, 0.4)} if dashes else {})
        made.path(paths[name], stroke=fill, stroke_width=_way_mm(wide, order, sheet), **more)


def _way_mm(pixels: float, order: int, sheet: Sheet) -> float:
    least = 0.45 if order >= MAIN_WAY else 0.22 if order > SMALL_WAY else 0.1
    return round(min(max(pixels * ZOOM_17_M * sheet.mm_per_m, least), 2.4), 2)


# the map --------------------------------------------------------------------------------------------------------------
def draw(
    released: Released,
    sheet: Sheet,
    voice: Voice,
    *,
    key: str,
    title: str,
    show: Show,
    below: str,
    units: Frame | None = None,
    data_date: str | None = None,
    credit: str | None = None,
    length: str = "m",
) -> Drawing:
    """
    Draw one map.

    Parameters
    ----------
    key
        A word of its own, for the names inside the drawing.
    title
        What it shows, for those who cannot see it.
    below
        The drawn ground (`ground`), or a reference to it where the page holds it already.
    units
        The units that are drawn, those of the lowest level without it.
    data_date, credit
        How old the data is, and whose it is; both stand under the map.
    length
        Unit of the scale bar: m or ft.
    """
    rows = 1 + -(-len(show.legend) // _columns(sheet)) if show.legend else 1
    made = Drawing(sheet.width_mm, sheet.height_mm + FOOT_MM + ENTRY_MM * (rows - 1), title)
    made.add(hatch(f"{key}-hatched"))
    made.add(f'<clipPath id="{key}-frame"><rect {_frame(sheet)}/></clipPath><g clip-path="url(#{key}-frame)">')
    made.add(below)
    every = released.tables["units"]
    base = lowest(every) if units is None else units.reset_index(drop=True)
    upper = every[every["unit_id"].isin(column(base, "parent_unit_id").dropna())]
    shapes = outlines(base, sheet)
    _fill(made, base, shapes, show, f"url(#{key}-hatched)")
    _lines(made, shapes, outlines(upper, sheet), released, sheet)
    _discs(made, base, shapes, show)
    if show.labels:
        _labels(made, base, shapes)
    made.add("</g>")
    made.rect(0, 0, sheet.width_mm, sheet.height_mm, "none", stroke=SOFT, stroke_width=0.2)
    _foot(made, sheet, voice, data_date, credit, length)
    _legend(made, sheet, show.legend, f"url(#{key}-hatched)")
    return made


def _frame(sheet: Sheet) -> str:
    return f'width="{round(sheet.width_mm * PER_MM)}" height="{round(sheet.height_mm * PER_MM)}"'


def outlines(units: Frame, sheet: Sheet) -> Shapes:
    """Give outlines on paper, neighbours along the very same line; empty where a unit has none of its own."""
    shapes = shapes_of(units).copy()
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    shapes[~there] = shapely.Polygon()
    if there.any():
        shapes[there] = shapely.coverage_simplify(sheet.paper(shapes[there]), 0.15 * PER_MM)
    return shapes


def _fill(made: Drawing, units: Frame, shapes: Shapes, show: Show, hatching: str) -> None:
    wanted = units["unit_id"].map(dict(show.fills))
    for colour in sorted(set(wanted.dropna())):
        made.path(path_of(shapes[(wanted == colour).to_numpy()]), colour, fill_opacity=0.55, fill_rule="evenodd")
    hidden = units["unit_id"].isin(show.hatched).to_numpy()
    made.path(path_of(shapes[hidden]), hatching, fill_rule="evenodd")


def _lines(made: Drawing, shapes: Shapes, upper: Shapes, released: Released, sheet: Sheet) -> None:
    """Draw the borders of units, of those above them, and of the communities."""
    wide = FINE_LINE if len(shapes) > MANY_UNITS else UNIT_LINE
    borders = path_of(shapes)
    made.path(borders, stroke="#ffffff", stroke_width=2.3 * wide, stroke_linejoin="round")
    made.path(borders, stroke="#3c434a", stroke_width=wide, stroke_linejoin="round")
    made.path(path_of(upper), stroke=INK, stroke_width=0.6, stroke_linejoin="round")
    communities = released.tables.get("communities")
    if communities is not None and len(communities):
        edge = path_of(on_paper(communities, sheet))
        made.path(edge, stroke="#8b1a1a", stroke_width=0.6, stroke_dasharray=(2.4, 0.8, 0.4, 0.8))


def _discs(made: Drawing, units: Frame, shapes: Shapes, show: Show) -> None:
    """Draw the largest first, so that none hides a smaller one."""
    places = dict(zip(units["unit_id"], _middles(shapes), strict=True))
    known = [(radius, unit, colour) for unit, (radius, colour) in show.discs.items() if unit in places]
    for radius, unit, colour in sorted(known, key=lambda one: (-one[0], one[1])):
        x, y, _ = places[unit]
        if np.isfinite(x):
            made.circle(x, y, radius, colour, fill_opacity=0.75, stroke=INK, stroke_width=0.15)


def _middles(shapes: Shapes) -> NDArray[np.float64]:
    """Give where a label has most room in each shape, and the radius there, in millimetres; NaN without a shape."""
    found = np.full((len(shapes), 3), np.nan)
    single, owner = shapely.get_parts(shapes, return_index=True)
    single, owner = single[shapely.area(single) > 0], owner[shapely.area(single) > 0]
    if not len(single):
        return found
    order = np.lexsort((-shapely.area(single), owner))
    rows, first = np.unique(owner[order], return_index=True)
    spoke = shapely.maximum_inscribed_circle(single[order][first], 0.3 * PER_MM)
    middle = shapely.get_point(spoke, 0)
    found[rows] = np.column_stack([shapely.get_x(middle), shapely.get_y(middle), shapely.length(spoke)]) / PER_MM
    return found


def _labels(made: Drawing, units: Frame, shapes: Shapes) -> None:
    """Write the code of each unit that has room for it."""
    codes = column(units, "code").fillna(units["unit_id"]).astype(str)
    for code, (x, y, radius) in zip(codes, _middles(shapes), strict=True):
        told = short(code)
        room = 2 * radius * 0.96
        size = min(LABEL_MOST, room / max(width_mm(told, 1.0), 0.1))
        if np.isfinite(radius) and size >= LABEL_LEAST:
            made.text(x, y + size * 0.36, told, round(size, 2), INK, anchor="middle", halo="#ffffff", bold=True)


# under the map --------------------------------------------------------------------------------------------------------
def _foot(made: Drawing, sheet: Sheet, voice: Voice, data_date: str | None, credit: str | None, length: str) -> None:
    top = sheet.height_mm + 2.2
    along, told = _scale(sheet, length)
    for at, colour in enumerate((INK, "#ffffff", INK, "#ffffff")):
        made.rect(1 + at * along / 4, top + 2.6, along / 4, 1.0, colour, stroke=INK, stroke_width=0.12)
    made.text(1, top + 1.6, "0", 2.2, INK)
    made.text(1 + along, top + 1.6, voice.say(f"scene_{length}", count=told), 2.2, INK, anchor="middle")
    x = along + 18
    made.path(_arrow(x, top), INK)
    made.text(x + 1.8, top + 3.6, voice.say("scene_north"), 2.4, INK, bold=True)
    said = [voice.say("scene_date", date=data_date)] if data_date else [voice.say("scene_no_date")]
    said += [credit] if credit else []
    room = sheet.width_mm - x - 10
    made.text(sheet.width_mm - 1, top + 3.4, shortened(" · ".join(said), 2.2, room), 2.2, SOFT, anchor="end")


def _arrow(x: float, top: float) -> str:
    points = [(x, top), (x + 1.3, top + 4.2), (x, top + 3.2), (x - 1.3, top + 4.2)]
    return "M" + "L".join(f"{round(one * PER_MM)} {round(two * PER_MM)}" for one, two in points) + "z"


def _scale(sheet: Sheet, length: str) -> tuple[float, int]:
    """Give how long the scale bar is in millimetres and what it stands for: a round length of up to a quarter."""
    each = sheet.mm_per_m * (FEET if length == "ft" else 1.0)
    most = sheet.width_mm / 4 / each
    power = 10 ** int(np.floor(np.log10(max(most, 1.0))))
    told = max(step * power for step in STEPS if step * power <= max(most, 1.0))
    return told * each, int(told)


def _columns(sheet: Sheet) -> int:
    return max(1, int(sheet.width_mm // 56))


def _legend(made: Drawing, sheet: Sheet, entries: Sequence[Entry], hatching: str) -> None:
    columns = _columns(sheet)
    wide = sheet.width_mm / columns
    for at, entry in enumerate(entries):
        x, y = 1 + (at % columns) * wide, sheet.height_mm + FOOT_MM + (at // columns) * ENTRY_MM - 0.4
        _sign(made, entry, x, y, hatching)
        made.text(x + 6.5, y + 2.4, shortened(entry.text, 2.4, wide - 7.5), 2.4, INK)


def _sign(made: Drawing, entry: Entry, x: float, y: float, hatching: str) -> None:
    if entry.kind == "disc":
        made.circle(x + 2.4, y + 1.6, entry.size_mm, entry.colour, fill_opacity=0.75, stroke=INK, stroke_width=0.15)
    elif entry.kind == "line":
        made.line(x, y + 1.6, x + 5, y + 1.6, entry.colour, 0.6)
    else:
        made.rect(x, y, 5, 3.2, entry.colour if entry.kind == "fill" else "#ffffff", stroke=FAINT, stroke_width=0.15)
        if entry.kind == "hatch":
            made.rect(x, y, 5, 3.2, hatching)

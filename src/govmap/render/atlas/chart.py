"""The map of a sheet: ground, units, buildings, walls, doors, services, names and numbers, in millimetres of paper.

One unit stands out and its neighbours are greyed; without one all units are coloured, as on a wall map.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from govmap.publish import Released
from govmap.render import symbology
from govmap.render.atlas import lettering
from govmap.render.atlas.near import Near
from govmap.render.atlas.paper import Window
from govmap.render.place import Frame, Shapes, column, shapes_of
from govmap.render.scene import Sheet, ground, on_paper, outlines
from govmap.render.svg import INK, PER_MM, SOFT, Drawing, path_of

SQUARE_MM = 45.0
WALLS = ("wall", "fence", "city_wall", "hedge")
RAILS = ("rail", "railway")
OWN, OTHERS = "#fff3c4", "#ffffff"
OWN_BUILDING, OTHER_BUILDING = "#e3b98a", "#dedede"
EDGE, SHEET = "#7a1f1f", "#1f4e79"
ICON = 15.0
SYMBOLS_TO = 4000  # the coarsest scale, as 1 : N, at which services are drawn
DOORS_TO = 2000
WALLS_TO = 10_000
ALONG_M = 15.0


@dataclass(frozen=True, kw_only=True)
class Want:
    """
    What a map is to show.

    Parameters
    ----------
    unit_id
        The unit that stands out; all are coloured without one.
    called
        What is written on buildings, by `building_id`; `own` are all that belong to the unit.
    titles
        What units are called, by `unit_id`.
    marks
        Numbered points, as of open incidents: what is written and where, in metres.
    larger, least_mm
        How much larger than on A4 words are written, and the smallest type there may be.
    frames
        Ground of sheets that is drawn, in metres.
    squares, keyed
        Whether places are found by squares, and whether a number may stand for a word; a list tells both.
    """

    unit_id: str | None = None
    called: Mapping[str, str] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    titles: Mapping[str, str] = field(default_factory=dict)
    marks: Sequence[tuple[str, Any]] = ()
    frames: Sequence[Window] = ()
    services: bool = True
    language: str = "en"
    larger: float = 1.0
    least_mm: float = 0.0
    squares: bool = True
    keyed: bool = True


@dataclass(frozen=True)
class Chart:
    """A drawn map: SVG, what is on it, and which numbers of buildings it shows, or a key for."""

    svg: str
    sheet: Sheet
    signs: tuple[tuple[str, str, str], ...]
    key: Mapping[str, int]
    labelled: frozenset[str]
    wanted: int


def draw(near: Near, sheet: Sheet, want: Want, name: str) -> Chart:
    """Draw one map; `name` is a word of its own for the names inside the drawing."""
    here = near.within(sheet.window)
    made = Drawing(sheet.width_mm, sheet.height_mm, "")
    made.add(f'<clipPath id="{name}"><rect width="{_n(sheet.width_mm)}" height="{_n(sheet.height_mm)}"/></clipPath>')
    made.add(f'<g clip-path="url(#{name})">')
    made.add(ground(here, sheet))
    signs: list[tuple[str, str, str]] = []
    _units(made, here, sheet, want)
    _buildings(made, here, sheet, want, signs)
    _walls(made, here, sheet, signs)
    _edges(made, here, sheet, want, signs)
    blocked = [*_doors(made, here, sheet, signs), *_services(made, here, sheet, want, signs)]
    blocked += _marks(made, sheet, want, signs)
    _frames(made, sheet, want)
    lines = _squares(made, sheet) if want.squares else None
    placed = lettering.write(made, here, sheet, want, blocked)
    made.add("</g>")
    made.rect(0, 0, sheet.width_mm, sheet.height_mm, "none", stroke=INK, stroke_width=0.3)
    if lines is not None:
        _letters(made, sheet, lines)
    return Chart(
        "".join(made.parts),
        sheet,
        tuple(signs),
        placed.key,
        placed.labelled,
        placed.wanted,
    )


def scale(sheet: Sheet) -> int:
    """Give the scale of a sheet, as 1 : N."""
    return round(1000 / sheet.mm_per_m)


# what is drawn --------------------------------------------------------------------------------------------------------
def _units(made: Drawing, here: Released, sheet: Sheet, want: Want) -> None:
    """Colour units: one that stands out, the others veiled; or all, neighbours apart."""
    units = lettering.lowest_units(here)
    shapes = outlines(units, sheet)
    own = (units["unit_id"] == want.unit_id).to_numpy(bool)
    if want.unit_id is not None:
        made.path(path_of(shapes[own]), OWN, fill_opacity=0.45, fill_rule="evenodd")
        made.path(_veil(shapes[own], sheet), OTHERS, fill_opacity=0.55, fill_rule="evenodd")
        return
    colours = column(units, "colour")
    for colour in sorted(set(colours.dropna())):
        drawn = path_of(shapes[(colours == colour).to_numpy()])
        made.path(drawn, colour, fill_opacity=0.38, fill_rule="evenodd")


def _veil(own: Shapes, sheet: Sheet) -> str:
    page = shapely.box(0, 0, sheet.width_mm * PER_MM, sheet.height_mm * PER_MM)
    return path_of(np.array([page.difference(shapely.union_all(own))], dtype=object))


def _buildings(made: Drawing, here: Released, sheet: Sheet, want: Want, signs: list[tuple[str, str, str]]) -> None:
    standing = _standing(here)
    if standing.empty or scale(sheet) > 15_000:  # noqa: PLR2004 - smaller than a dot
        return
    own = _own(standing, want)
    line: dict[str, Any] = {"stroke": "#6b5436", "stroke_width": 0.12, "stroke_linejoin": "round"}
    if want.unit_id is not None:
        made.path(path_of(on_paper(standing[~own], sheet), least_points=4), OTHER_BUILDING)
    made.path(path_of(on_paper(standing[own], sheet), least_points=4), OWN_BUILDING, **line)
    if own.any():
        signs.append(("building", OWN_BUILDING, "building" if want.unit_id is not None else "any_building"))


def _standing(here: Released) -> Frame:
    buildings = here.tables.get("buildings")
    if buildings is None:
        return Frame({"building_id": [], "geometry": []})
    return buildings[(column(buildings, "status") != "demolished").to_numpy()].reset_index(drop=True)


def _own(frame: Frame, want: Want) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    """Tell which rows belong to the unit of the sheet."""
    if want.unit_id is None:
        return np.asarray(column(frame, "unit_id").notna().to_numpy(bool))
    if want.own:
        return np.asarray(frame["building_id"].isin(list(want.own)).to_numpy(bool))
    return np.asarray((column(frame, "unit_id") == want.unit_id).to_numpy(bool))


def _walls(made: Drawing, here: Released, sheet: Sheet, signs: list[tuple[str, str, str]]) -> None:
    barriers = here.tables.get("barriers")
    if barriers is None or barriers.empty or scale(sheet) > WALLS_TO:
        return
    kinds = column(barriers, "kind")
    drawn = path_of(on_paper(barriers[kinds.isin(WALLS).to_numpy()], sheet))
    made.path(drawn, stroke="#6d4c41", stroke_width=0.28, stroke_dasharray=(1.1, 0.35))
    if drawn:
        signs.append(("wall", "#6d4c41", "wall"))


def _edges(made: Drawing, here: Released, sheet: Sheet, want: Want, signs: list[tuple[str, str, str]]) -> None:
    """Draw the borders of units, that of the unit of the sheet strongest, each on a white ground of its own."""
    units = lettering.lowest_units(here)
    shapes = outlines(units, sheet)
    own = (units["unit_id"] == want.unit_id).to_numpy(bool)
    joined: dict[str, Any] = {"stroke_linejoin": "round"}
    others = path_of(shapes[~own])
    wide = 0.3 if want.unit_id is not None else 0.5
    made.path(others, stroke="#ffffff", stroke_width=wide + 0.5, **joined)
    made.path(others, stroke="#4a4a4a", stroke_width=wide, stroke_dasharray=(2.2, 0.9), **joined)
    border = path_of(shapes[own])
    made.path(border, stroke="#ffffff", stroke_width=1.5, **joined)
    made.path(border, stroke=EDGE, stroke_width=0.8, **joined)
    if border:
        signs.append(("edge", EDGE, "own"))
    if others:
        signs.append(("dashed", "#4a4a4a", "others" if want.unit_id is not None else "units"))
    communities = here.tables.get("communities")
    if want.unit_id is None and communities is not None and len(communities):
        made.path(
            path_of(on_paper(communities, sheet)), stroke=EDGE, stroke_width=0.9, stroke_dasharray=(3, 0.8, 0.5, 0.8)
        )
        signs.append(("edge", EDGE, "community"))


def _doors(made: Drawing, here: Released, sheet: Sheet, signs: list[tuple[str, str, str]]) -> list[Any]:
    """Draw gates as squares and doors as triangles; give the room they take."""
    entrances = here.tables.get("entrances")
    if entrances is None or entrances.empty or scale(sheet) > DOORS_TO:
        return []
    kinds, places = column(entrances, "kind"), _points(entrances, sheet)
    taken = []
    for kind, (x, y) in zip(kinds, places, strict=True):
        if not _inside(x, y, sheet):
            continue
        if kind == "gate":
            made.rect(x - 0.8, y - 0.8, 1.6, 1.6, "#ffffff", stroke=INK, stroke_width=0.3)
        else:
            made.path(_triangle(x, y), INK)
        taken.append(shapely.box(x - 0.9, y - 0.9, x + 0.9, y + 0.9))
    signs += [(kind, INK, kind) for kind in ("gate", "door") if (kinds == kind).any() and taken]
    return taken


def _services(made: Drawing, here: Released, sheet: Sheet, want: Want, signs: list[tuple[str, str, str]]) -> list[Any]:
    """Draw services by their symbol, at most one in a place, those with a standard first."""
    resources = here.tables.get("resources")
    if not want.services or resources is None or resources.empty or scale(sheet) > SYMBOLS_TO:
        return []
    facts = {one["key"]: one for one in symbology.categories(set(column(resources, "category").dropna()))}
    icons = symbology.drawings({one["icon"] for one in facts.values()})
    rows = sorted(
        zip(column(resources, "category"), _points(resources, sheet), resources["resource_id"], strict=True),
        key=lambda one: (not facts.get(one[0], {}).get("main", False), str(one[2])),
    )
    taken: list[Any] = []
    for category, (x, y), _ in rows:
        box = shapely.box(x - 1.7, y - 1.7, x + 1.7, y + 1.7)
        if category not in facts or not _inside(x, y, sheet) or any(shapely.intersects(box, one) for one in taken):
            continue
        fact = facts[category]
        made.circle(x, y, 1.55, fact["colour"], stroke="#ffffff", stroke_width=0.25)
        made.add(_icon(icons.get(fact["icon"], ""), x, y, 2.0))
        taken.append(box)
        sign = (f"icon:{fact['icon']}", fact["colour"], fact["title"][want.language])
        if sign not in signs:
            signs.append(sign)
    return taken


def _marks(made: Drawing, sheet: Sheet, want: Want, signs: list[tuple[str, str, str]]) -> list[Any]:
    taken = []
    for told, place in want.marks:
        ((x, y),) = shapely.get_coordinates(sheet.paper(np.array([place], dtype=object))) / PER_MM
        if _inside(x, y, sheet):
            made.circle(x, y, 1.8, "#b2182b", stroke="#ffffff", stroke_width=0.3)
            made.text(x, y + 0.75, told, 2.1 if len(told) < 3 else 1.6, "#ffffff", anchor="middle", bold=True)  # noqa: PLR2004
            taken.append(shapely.box(x - 1.9, y - 1.9, x + 1.9, y + 1.9))
    if taken:
        signs.append(("mark", "#b2182b", "incident"))
    return taken


def _frames(made: Drawing, sheet: Sheet, want: Want) -> None:
    """Draw where sheets lie, inside the frame of the map."""
    for west, south, east, north in shapely.bounds(frames_on(sheet, want)).tolist():
        made.rect(west, south, east - west, north - south, "none", stroke=SHEET, stroke_width=0.18)


def frames_on(sheet: Sheet, want: Want) -> Shapes:
    """Give the ground of sheets on a map, in millimetres of its paper; what lies beyond the map ends at its edge."""
    left, _, _, top = sheet.window
    lower, upper = (0.0, 0.0), (sheet.width_mm, sheet.height_mm)
    corners = [((one[0] - left, top - one[3]), (one[2] - left, top - one[1])) for one in want.frames]
    held = np.clip(np.array(corners).reshape(-1, 2, 2) * sheet.mm_per_m, lower, upper).reshape(-1, 4)
    return np.asarray(shapely.box(*held.T), dtype=object)


def _icon(path: str, x: float, y: float, size: float) -> str:
    share = size * PER_MM / ICON
    at = f"translate({_n(x - size / 2)} {_n(y - size / 2)}) scale({share:.2f})"
    return f'<path transform="{at}" d="{path}" fill="#ffffff"/>' if path else ""


def icon(name: str, x: float, y: float, size: float) -> str:
    """Draw the symbol of a service, white, around a place."""
    return _icon(symbology.drawings({name}).get(name, ""), x, y, size)


def _triangle(x: float, y: float) -> str:
    points = [(x, y - 0.6), (x + 0.6, y + 0.5), (x - 0.6, y + 0.5)]
    return "M" + "L".join(f"{_n(one)} {_n(two)}" for one, two in points) + "z"


def _points(frame: Frame, sheet: Sheet) -> Any:
    """Give the places of rows in millimetres of paper."""
    return shapely.get_coordinates(shapely.centroid(sheet.paper(shapes_of(frame)))) / PER_MM


def _inside(x: float, y: float, sheet: Sheet) -> bool:
    return bool(2 < x < sheet.width_mm - 2 and 2 < y < sheet.height_mm - 2)  # noqa: PLR2004 - room for the sign


# squares --------------------------------------------------------------------------------------------------------------
def lines_of(sheet: Sheet) -> tuple[list[float], list[float]]:
    """Say where the lines lie that cut a sheet into squares, across and down, the edges with them."""
    wide = max(2, round(sheet.width_mm / SQUARE_MM))
    high = max(2, round(sheet.height_mm / SQUARE_MM))
    x = [sheet.width_mm * at / wide for at in range(wide + 1)]
    y = [sheet.height_mm * at / high for at in range(high + 1)]
    return x, y


def _squares(made: Drawing, sheet: Sheet) -> tuple[list[float], list[float]]:
    """Draw the lines of the squares by which a place is found."""
    x, y = lines_of(sheet)
    for one in x[1:-1]:
        made.line(one, 0, one, sheet.height_mm, SOFT, 0.08, stroke_opacity=0.35)
    for one in y[1:-1]:
        made.line(0, one, sheet.width_mm, one, SOFT, 0.08, stroke_opacity=0.35)
    return x, y


def _letters(made: Drawing, sheet: Sheet, lines: tuple[list[float], list[float]]) -> None:
    """Write letters over the columns and numbers beside the rows, in the frame."""
    x, y = lines
    for at, (one, two) in enumerate(pairwise(x)):
        _tab(made, (one + two) / 2, 1.3, chr(65 + at))
        _tab(made, (one + two) / 2, sheet.height_mm - 1.3, chr(65 + at))
    for at, (one, two) in enumerate(pairwise(y)):
        _tab(made, 1.3, (one + two) / 2, str(at + 1))
        _tab(made, sheet.width_mm - 1.3, (one + two) / 2, str(at + 1))


def _tab(made: Drawing, x: float, y: float, told: str) -> None:
    made.rect(x - 1.3, y - 1.3, 2.6, 2.6, "#ffffff", stroke=INK, stroke_width=0.12)
    made.text(x, y + 0.75, told, 2.1, INK, anchor="middle", bold=True)


def square(x: float, y: float, lines: tuple[Sequence[float], Sequence[float]]) -> str:
    """Name the square in which a place of the paper lies."""
    across = int(np.clip(np.searchsorted(lines[0], x, side="right") - 1, 0, len(lines[0]) - 2))
    down = int(np.clip(np.searchsorted(lines[1], y, side="right") - 1, 0, len(lines[1]) - 2))
    return f"{chr(65 + across)}{down + 1}"


def squares_on(near: Near, sheet: Sheet) -> Mapping[str, str]:
    """Name the square of every building whose middle is on a sheet."""
    if "buildings" not in near.trees:
        return {}
    here, lines = near.rows("buildings", sheet.window), lines_of(sheet)
    standing = here[(column(here, "status") != "demolished").to_numpy()]
    return {
        building: square(x, y, lines)
        for building, (x, y) in zip(standing["building_id"], _points(standing, sheet), strict=True)
        if 0 <= x <= sheet.width_mm and 0 <= y <= sheet.height_mm
    }


def streets_on(near: Near, sheet: Sheet, unit_id: str) -> Mapping[str, tuple[str, ...]]:
    """Name the squares of a sheet that each named street in or along a unit passes."""
    if "streets" not in near.trees:
        return {}
    streets, lines = near.rows("streets", sheet.window), lines_of(sheet)
    named = streets[column(streets, "name").notna().to_numpy()]
    own = shapely.buffer(shapely.union_all(near.shapes_by("units", [unit_id])), ALONG_M)
    box = shapely.intersection(shapely.box(*sheet.window), own)
    cut = shapely.intersection(shapes_of(named), box)
    found: dict[str, set[str]] = {}
    for name, line in zip(named["name"], cut, strict=True):
        if shapely.is_empty(line):
            continue
        drawn = shapely.segmentize(sheet.paper(np.array([line], dtype=object)), 8 * PER_MM)
        for x, y in shapely.get_coordinates(drawn) / PER_MM:
            found.setdefault(str(name), set()).add(square(x, y, lines))
    return {name: tuple(sorted(squares)) for name, squares in sorted(found.items())}


def _n(value: float) -> str:
    return str(round(float(value) * PER_MM))

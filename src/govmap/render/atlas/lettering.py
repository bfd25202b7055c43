"""The words on a map: numbers on buildings, names of streets, neighbours, parks and waters, by the label solver."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from govmap.publish import Released
from govmap.render.atlas.fonts import measured
from govmap.render.labels import Obstacle, Placed, Wanted, place
from govmap.render.place import Frame, Shapes, column, shapes_of
from govmap.render.scene import Sheet, lowest, short
from govmap.render.svg import INK, PER_MM, Drawing, path_of

if TYPE_CHECKING:
    from govmap.render.atlas.chart import Want

INSET = 3.2
NUMBER, NUMBER_LEAST, NUMBER_MOST = 2.3, 1.6, 3.8
ROOM_MM, FILLING, LONGER = 0.2, 0.5, 1.4  # how much of the width of a building its number takes
STREET, STREET_LEAST = 2.3, 1.7
UNIT, UNIT_LEAST = 5.0, 2.2
UNIT_MANY, MANY = 2.6, 60
CROWDED = 400  # more units than that, and lines that lead to their codes would cover the map
NEIGHBOUR = 3.4
GROUND_NAME = 2.1
SMALLEST_MM2, SMALLEST_NEIGHBOUR_MM2 = 60.0, 40.0
NUMBERS_TO = 4000
GROUND_MM = 0.25  # of white around a text
FAR_LONGER = 4  # than its name must a street be, to be named where buildings are too small for numbers
ON_BORDER, ON_OWN_BORDER = 2.0, 8.0
BORDER_MM, STRAIGHT_MM, STROKE_MM = 0.8, 0.1, 20.0
COLOURS = {"b": INK, "u": "#111111", "n": "#555555", "s": "#3d4852", "g": "#2f6b3a", "w": "#1f5f8b"}
NOTHING: Frame = pd.DataFrame()


@dataclass(frozen=True)
class Written:
    """What came of the words: buildings with a number of a key, those that are named, how many were asked."""

    key: Mapping[str, int]
    labelled: frozenset[str]
    wanted: int


def lowest_units(here: Released) -> Frame:
    """Give the units of the lowest level that are near."""
    return lowest(here.tables["units"])


def write(made: Drawing, here: Released, sheet: Sheet, want: "Want", blocked: Iterable[Any]) -> Written:
    """Ask the solver for all words of a map and write them where it says."""
    asked = [
        *_numbers(here, sheet, want),
        *_units(here, sheet, want),
        *_streets(here, sheet, want),
        *_ground(here, sheet, want),
    ]
    frame = (0.0, 0.0, sheet.width_mm, sheet.height_mm)
    standing = [Obstacle(list(blocked)), Obstacle(_tabs(sheet)), *_borders(here, sheet, want), _sheets(sheet, want)]
    found = place(asked, [one for one in standing if len(one.shapes)], frame, measure=measured)
    for one in found.placed:
        _write(made, one, halo=bool(want.least_mm))
    mine = [one for one in found.placed if one.label_id.startswith("b:")]
    keys = {one.label_id[2:]: one.key for one in mine if one.key is not None}
    wanted = sum(one.label_id.startswith("b:") for one in asked)
    return Written(keys, frozenset(one.label_id[2:] for one in mine), wanted)


def _write(made: Drawing, one: Placed, *, halo: bool) -> None:
    """
    Write a text, on white ground of its own unless it stands on its own building.

    Pictures get a `halo` around each letter. In a PDF every halo is the outline of its letters once more, which makes
    two thirds of a page: there the ground is one light shape, which a copier without greys keeps white.
    """
    kind = one.label_id[0]
    bare = kind == "b" and one.key is None and one.leader is None
    if not (bare or halo):
        ground = shapely.transform(shapely.buffer(one.box, GROUND_MM, quad_segs=2), lambda xy: xy * PER_MM)
        made.path(path_of(np.array([ground])), "#ffffff", fill_opacity=0.75)
    if one.leader is not None:
        (x, y), (to_x, to_y) = one.leader
        made.line(x, y, to_x, to_y, INK, 0.12)
        made.circle(x, y, 0.25, INK)
    more: dict[str, Any] = {}
    if one.angle:
        more["transform"] = f"rotate({one.angle:.1f} {round(one.x * PER_MM)} {round(one.y * PER_MM)})"
    white = "#ffffff" if halo and not bare else None
    fill = "#7a1f1f" if one.key is not None else COLOURS[kind]
    made.text(one.x, one.y, one.text, one.size_mm, fill, anchor="middle", halo=white, bold=one.bold, **more)


# what is asked for ----------------------------------------------------------------------------------------------------
def _numbers(here: Released, sheet: Sheet, want: "Want") -> list[Wanted]:
    buildings = here.tables.get("buildings", NOTHING)
    if not want.called or buildings.empty or 1000 / sheet.mm_per_m > NUMBERS_TO:
        return []
    mine = buildings[buildings["building_id"].isin(list(want.called)).to_numpy()]
    ids, drawn = mine["building_id"].to_numpy(object), _mm(sheet.paper(shapes_of(mine)))
    rooms = 2 * shapely.length(shapely.maximum_inscribed_circle(drawn, ROOM_MM))
    return [
        Wanted(
            label_id=f"b:{key}",
            text=want.called[key],
            anchor=shape,
            kind="area",
            size_mm=max(_number_size(want.called[key], room, want.larger), want.least_mm),
            least_mm=max(NUMBER_LEAST * want.larger, want.least_mm),
            priority=6 + min(float(shape.area), 99) / 100,
            bold=True,
            leader=True,
            keyed=want.keyed,
        )
        for key, shape, room in zip(ids, drawn, rooms.tolist(), strict=True)
        if _on(shape, sheet)
    ]


def _number_size(told: str, room_mm: float, larger: float) -> float:
    """Write larger on a building with room for it: a board is read standing."""
    size = min(room_mm * FILLING, NUMBER_MOST * larger)
    return size if size > NUMBER * larger and measured(told, size, bold=True) <= room_mm * LONGER else NUMBER * larger


def _units(here: Released, sheet: Sheet, want: "Want") -> list[Wanted]:
    """Name the neighbours at the frame, or all units on a wall map."""
    units = lowest_units(here)
    units = units[(units["unit_id"] != want.unit_id).to_numpy(bool)]
    codes = column(units, "code").fillna(units["unit_id"]).astype(str)
    names = [want.titles.get(unit, short(code)) for unit, code in zip(units["unit_id"], codes, strict=True)]
    page = _page(sheet)
    alone = want.unit_id is None
    found = []
    for unit, name, shape in zip(units["unit_id"], names, _mm(sheet.paper(shapes_of(units))), strict=True):
        seen = _largest(shapely.intersection(shape, page))
        if seen is None or seen.area < (8 if alone else SMALLEST_NEIGHBOUR_MM2):
            continue
        size = (UNIT if len(units) <= MANY else UNIT_MANY) if alone else NEIGHBOUR
        found.append(
            Wanted(
                label_id=f"{'u' if alone else 'n'}:{unit}",
                text=name,
                anchor=seen,
                kind="area",
                size_mm=max(size * want.larger, want.least_mm),
                least_mm=max(UNIT_LEAST * want.larger, want.least_mm),
                priority=9.0 if alone else 5.0,
                bold=True,
                leader=alone and len(units) <= CROWDED,
                under=alone,
                within=not alone,
            )
        )
    return found


def _streets(here: Released, sheet: Sheet, want: "Want") -> list[Wanted]:
    streets = here.tables.get("streets", NOTHING)
    if streets.empty:
        return []
    named = streets[column(streets, "name").notna().to_numpy()]
    drawn = shapely.intersection(_mm(sheet.paper(shapes_of(named))), _page(sheet))
    least = 1 if 1000 / sheet.mm_per_m <= NUMBERS_TO else FAR_LONGER
    found = []
    for name, rows in pd.Series(range(len(named))).groupby(named["name"].to_numpy(object), sort=True):
        pieces = drawn[rows.to_numpy()]
        if shapely.length(pieces).sum() < least * measured(str(name), STREET_LEAST):
            continue
        line = shapely.line_merge(shapely.union_all(pieces))
        found.append(
            Wanted(
                label_id=f"s:{name}",
                text=str(name),
                anchor=line,
                kind="line",
                size_mm=max(STREET * want.larger, want.least_mm),
                least_mm=max(STREET_LEAST * want.larger, want.least_mm),
                priority=4.0,
            )
        )
    return found


def _ground(here: Released, sheet: Sheet, want: "Want") -> list[Wanted]:
    """Name parks and waters that are large enough."""
    features = here.tables.get("features", NOTHING)
    if features.empty:
        return []
    named = column(features, "name").notna() & column(features, "kind").isin(["green", "water"])
    rows = features[(named & (shapely.get_dimensions(shapes_of(features)) == 2)).to_numpy()]  # noqa: PLR2004 - areas
    found: dict[str, Wanted] = {}
    for name, kind, shape in zip(rows["name"], rows["kind"], _mm(sheet.paper(shapes_of(rows))), strict=True):
        seen = _largest(shapely.intersection(shapely.make_valid(shape), _page(sheet)))
        if seen is None or seen.area < SMALLEST_MM2 or str(name) in found:
            continue
        found[str(name)] = Wanted(
            label_id=f"{'g' if kind == 'green' else 'w'}:{name}",
            text=str(name),
            anchor=seen,
            kind="area",
            size_mm=max(GROUND_NAME * want.larger, want.least_mm),
            least_mm=max(STREET_LEAST * want.larger, want.least_mm),
            priority=2.0,
            within=True,
        )
    return [found[name] for name in sorted(found)]


# what stands in the way -----------------------------------------------------------------------------------------------
def _tabs(sheet: Sheet) -> list[Any]:
    """Keep the frame free, in which letters and numbers of the squares stand."""
    return [shapely.box(0, 0, sheet.width_mm, sheet.height_mm).difference(_page(sheet))]


def _borders(here: Released, sheet: Sheet, want: "Want") -> list[Obstacle]:
    """Keep words off borders, above all off that of the unit of the sheet: what covers it takes it from the eye."""
    units = lowest_units(here)
    edges = shapely.boundary(shapely.intersection(_mm(sheet.paper(shapes_of(units))), _page(sheet)))
    own = (units["unit_id"] == want.unit_id).to_numpy(bool)
    drawn = ((edges[some & ~shapely.is_empty(edges)], cost) for some, cost in ((~own, ON_BORDER), (own, ON_OWN_BORDER)))
    return [Obstacle(list(_strokes(some)), cost=cost, wide_mm=BORDER_MM) for some, cost in drawn]


def _sheets(sheet: Sheet, want: "Want") -> Obstacle:
    """Keep words off the edges of sheets where they can stand elsewhere."""
    from govmap.render.atlas.chart import frames_on

    return Obstacle(list(_strokes(shapely.boundary(frames_on(sheet, want)))), cost=ON_BORDER, wide_mm=BORDER_MM)


def _strokes(edges: Shapes) -> Shapes:
    """Give lines in short straight strokes: words are held against those near them, not against all."""
    lines = shapely.segmentize(shapely.simplify(shapely.get_parts(edges), STRAIGHT_MM), STROKE_MM)
    points, line = shapely.get_coordinates(lines, return_index=True)
    along = line[1:] == line[:-1]
    return np.asarray(shapely.linestrings(np.stack([points[:-1][along], points[1:][along]], axis=1)))


def _page(sheet: Sheet) -> Any:
    return shapely.box(INSET, INSET, sheet.width_mm - INSET, sheet.height_mm - INSET)


def _mm(shapes: Shapes) -> Shapes:
    return np.asarray(shapely.transform(shapes, lambda points: points / PER_MM), dtype=object)


def _on(shape: Any, sheet: Sheet) -> bool:
    """Tell whether most of a building is on the sheet."""
    return bool(shapely.contains(_page(sheet), shapely.point_on_surface(shape)))


def _largest(shape: Any) -> Any:
    parts = [one for one in shapely.get_parts(shape) if one.area > 0]
    return max(parts, key=lambda one: one.area, default=None)

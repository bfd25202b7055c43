"""Sheets of one unit, the board that hangs in public and the one that is carried: map, panel, buildings, more maps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import shapely

from govmap.render.atlas import answering, furniture, houses, inset, tables
from govmap.render.atlas import chart as charts
from govmap.render.atlas.desk import Desk, Leaf
from govmap.render.atlas.lettering import INSET, NUMBERS_TO
from govmap.render.atlas.paper import Box, Layout, Window, best, layout, needed, sheet, tiles
from govmap.render.atlas.tables import Strips, Table
from govmap.render.scene import Sheet
from govmap.render.svg import Drawing

RIGHT, BELOW = 68.0, 84.0
FEWER_LINES = 2  # to write on, where that spares a page
SIGNS = 10  # that a legend has room for where it is not drawn yet
BEHIND = (1.75, 1.5, 1.35, 1.2)  # how much larger what stands on a page of its own is written
FINE = 2500  # of further maps where the first is too coarse to number buildings on it
WHO_WIDE = 76.0


@dataclass(frozen=True, kw_only=True)
class Kind:
    """
    What a sheet of a unit holds besides its map and its buildings.

    `marks` are numbered points on the map, `before` is a table that stands before that of the buildings, as of open
    incidents, `more` the key of the title over what it had no room for, and `facts` lines under who answers; `lists`
    says whether its buildings are listed too. So many rows at the end of `before` are `blank`, to write on.
    """

    name: str
    marks: Mapping[str, Sequence[tuple[str, object]]]
    before: Mapping[str, Table]
    facts: Mapping[str, Sequence[str]]
    lists: bool = True
    blank: int = 0
    more: str = "atlas_more_incidents"


BOARD = Kind(name="board", marks={}, before={}, facts={})


def leaves(desk: Desk, unit_id: str, kind: Kind) -> list[Leaf]:
    """Give the pages of one unit: its map with who answers, further maps where it is large, and what had no room."""
    where = bounds(desk, unit_id)
    if where is None:
        return []
    full = layout(desk.paper, wide=False, panel="none", room=0)
    front, at = _best_front(desk, unit_id, kind, where, full.map)
    page = front.page
    paint = partial(_front, desk, unit_id, kind, front)
    title, under = desk.unit_title(unit_id), _under(desk, unit_id)
    first = Leaf(kind=kind.name, title=title, page=page, unit_id=unit_id, sheet=front.sheet, paint=paint)
    more = _more_maps(desk, unit_id, kind, where, at)
    if front.before is not None:
        told = desk.say(kind.more, unit=title)
        rest = front.before_pages[1:]
        more += tables.listing(desk, full, kind.name, told, under, front.before, unit_id, pages=rest)
    if kind.lists:
        told = desk.say("atlas_more_buildings", unit=title)
        places, rest = _behind(front, full.map, as_is=bool(kind.blank))
        table, rows = places.table, partial(houses.keyed, places, front.keys)
        notes = desk.say("atlas_notes") if kind.blank else ""
        more += tables.listing(desk, full, kind.name, told, under, table, unit_id, pages=rest, told=rows, notes=notes)
    return [first, *more]


def _behind(front: "_Front", full: Box, *, as_is: bool) -> tuple[houses.Places, Sequence[Strips]]:
    """Give the buildings that the first page has no room for; larger where all of them stand on one page."""
    rest, table = front.pages[1:], front.places.table
    if as_is or len(rest) != 1:
        return front.places, rest
    rows = list(dict.fromkeys(row for strip in rest[0] for row in strip))  # a heading that stands again but once
    lines, ids = [table.lines[row] for row in rows], [front.places.ids[row] for row in rows]
    goes_on = frozenset(at for at, row in enumerate(rows) if row in table.goes_on)
    fewer = tables.larger(replace(table, lines=lines, goes_on=goes_on), full, BEHIND, even=True)
    return replace(front.places, table=fewer, ids=ids), tables.flow(fewer, full)


@dataclass(frozen=True, kw_only=True)
class _Front:
    """
    The first page of a unit: where things stand on it, and which rows of its tables it holds.

    `keys` are filled when the map is drawn, and read by the pages after it.
    """

    page: Layout
    sheet: Sheet
    boxes: "_Boxes"
    places: houses.Places
    pages: Sequence[Strips]
    before: Table | None
    before_pages: Sequence[Strips]
    keys: dict[str, int]


def _best_front(desk: Desk, unit_id: str, kind: Kind, where: Window, full: Box) -> tuple[_Front, int]:
    """Lay out the first page, with a lower panel where that draws the map at a larger scale."""
    right, below = (RIGHT + 14 * desk.large) * desk.larger, BELOW * (1.3 if desk.large else 1.0) * desk.larger
    page, at = best(desk.paper, where, right=right, below=below)
    front = _sparing(desk, unit_id, kind, page, sheet(where, page.map, at), full)
    need = _need(desk, front)
    if need < below:
        lower, closer = best(desk.paper, where, right=right, below=need)
        if closer < at:
            return _sparing(desk, unit_id, kind, lower, sheet(where, lower.map, closer), full), closer
    return front, at


def _sparing(desk: Desk, unit_id: str, kind: Kind, page: Layout, whole: Sheet, full: Box) -> _Front:
    """Lay out the first page, with fewer lines to write on where that spares a page."""
    front = _laid(desk, unit_id, kind, page, whole, full)
    if len(front.pages) == 1 or not kind.blank or front.before is None:
        return front
    fewer = replace(front.before, lines=kind.before[unit_id].lines[:-FEWER_LINES], goes_on=frozenset())
    shorter = replace(kind, before={unit_id: fewer}, blank=kind.blank - FEWER_LINES)
    tight = _laid(desk, unit_id, shorter, page, whole, full)
    return tight if len(tight.pages) == 1 == len(tight.before_pages) else front


def _need(desk: Desk, front: _Front) -> float:
    """Say how high a panel under the map must be to hold what the first page holds, in the usual size of letters."""
    boxes, table = front.boxes, replace(front.places.table, size=desk.type_mm)
    rows = -(-len(table.lines) // table.beside(boxes.places))
    signs = furniture.legend_height(desk, boxes.who.wide, SIGNS)
    return max(boxes.who.high + 2 + signs, boxes.before.high + table.high * (rows + 2))


def _laid(desk: Desk, unit_id: str, kind: Kind, page: Layout, whole: Sheet, full: Box) -> _Front:
    before = kind.before.get(unit_id)
    boxes = _boxes(desk, page, kind, unit_id, before)
    if before is not None:
        before, _ = tables.unfolded(before, boxes.before, full)
        boxes = _boxes(desk, page, kind, unit_id, before)  # once more: what goes on over several rows is higher
    places = houses.listed(desk, unit_id, whole)
    if kind.lists:
        table, rows = tables.unfolded(tables.larger(places.table, boxes.places), boxes.places, full)
        ids = [None if row is None else places.ids[row] for row in rows]
        places = replace(places, table=tables.closer(table, full, first=boxes.places), ids=ids)
    pages = tables.flow(places.table, full, first=boxes.places) if kind.lists else [()]
    if before is not None and kind.blank:
        before = tables.spared(before, full, first=boxes.before, blank=kind.blank)
    held = [] if before is None else tables.flow(before, full, first=boxes.before)
    if before is not None and kind.blank and len(pages) == len(held) == 1:
        before, boxes = _more_lines(before, boxes, places.table, pages[0])
        held = tables.flow(before, full, first=boxes.before)
    return _Front(
        page=page, sheet=whole, boxes=boxes, places=places, pages=pages, before=before, before_pages=held, keys={}
    )


def _more_lines(before: Table, boxes: "_Boxes", below: Table, strips: Strips) -> "tuple[Table, _Boxes]":
    """Give the room that nothing needs to lines to write on."""
    used = below.high * (max(map(len, strips)) + 1) + 3 if strips else 0.0
    more = max(0, int((boxes.places.high - used) // before.high))
    first, rest, grown = boxes.before, boxes.places, more * before.high
    return (
        replace(before, lines=[*before.lines, *[(None,) * len(before.columns)] * more]),
        replace(
            boxes,
            before=replace(first, high=first.high + grown),
            places=replace(rest, y=rest.y + grown, high=rest.high - grown),
        ),
    )


@dataclass(frozen=True)
class _Boxes:
    """Where on the panel things stand."""

    who: Box
    legend: Box
    before: Box
    places: Box


def _boxes(desk: Desk, page: Layout, kind: Kind, unit_id: str, before: Table | None) -> _Boxes:
    """Divide the panel: beside the map one thing under the other, under the map side by side."""
    panel = page.panel
    beside = panel.high > panel.wide * 1.6
    wide = panel.wide if beside else WHO_WIDE * (1.35 if desk.large else 1.0) * desk.larger
    high = answering.height(desk, kind.facts.get(unit_id, ()), unit_id, wide)
    wanted = 0.0 if before is None else before.high * (len(before.lines) + 1) + 3
    if beside:
        signs = furniture.legend_height(desk, panel.wide, 11)
        who = Box(panel.x, panel.y, panel.wide, high)
        legend = Box(panel.x, who.low + 2, panel.wide, signs)
        left = max(0.0, panel.low - legend.low - 2)
        share = min(wanted, left * (0.55 if kind.lists else 1.0))
        first = Box(panel.x, legend.low + 2, panel.wide, share)
        return _Boxes(who, legend, first, Box(panel.x, first.low, panel.wide, max(0.0, left - share)))
    who = Box(panel.x, panel.y, wide, min(high, panel.high))
    legend = Box(panel.x, who.low + 2, wide, max(0.0, panel.high - who.high - 2))
    x, rest = panel.x + wide + 4, panel.wide - wide - 4
    share = min(wanted, panel.high * (0.55 if kind.lists else 1.0))
    return _Boxes(who, legend, Box(x, panel.y, rest, share), Box(x, panel.y + share, rest, panel.high - share))


# painting -------------------------------------------------------------------------------------------------------------
def _front(desk: Desk, unit_id: str, kind: Kind, front: _Front) -> Drawing:
    title, page, boxes = desk.unit_title(unit_id), front.page, front.boxes
    made = furniture.begin(page, title)
    taken = inset.draw(made, desk, unit_id, front.sheet, page.head)
    furniture.head(made, desk, page, title, _under(desk, unit_id), taken=taken)
    drawn = map_of(desk, unit_id, kind, front.sheet, "map")
    furniture.on_page(made, drawn, page.map)
    answering.draw(made, desk, kind.facts.get(unit_id, ()), unit_id, boxes.who)
    furniture.legend(made, desk, drawn, boxes.legend)
    if front.before is not None:
        tables.draw(made, front.before, front.before_pages[0], boxes.before)
    front.keys.update(drawn.key)
    tables.draw(made, front.places.table, front.pages[0], boxes.places, partial(houses.keyed, front.places, front.keys))
    furniture.foot(made, desk, page, front.sheet)
    return made


def map_of(
    desk: Desk, unit_id: str, kind: Kind, where: Sheet, name: str, *, least_mm: float = 0.0, keyed: bool = True
) -> charts.Chart:
    """Draw the map of a unit."""
    own = desk.rows_of(unit_id)["building_id"]
    called = {one: desk.called[one] for one in own if one in desk.called}
    want = charts.Want(
        unit_id=unit_id,
        called=called,
        own=frozenset(own),
        titles=desk.titles,
        marks=tuple(kind.marks.get(unit_id, ())),
        language=desk.voice.language,
        larger=desk.larger,
        least_mm=least_mm,
        squares=not least_mm,
        keyed=keyed and not least_mm,
    )
    return charts.draw(desk.near, where, want, name)


def _under(desk: Desk, unit_id: str) -> str:
    row = desk.unit(unit_id)
    told = [desk.headline or desk.title, str(row.get("bounds") or "")]
    return "　".join(one for one in told if one)


def _more_maps(desk: Desk, unit_id: str, kind: Kind, where: tuple[float, float, float, float], at: int) -> list[Leaf]:
    """Cover a unit that is too large for one sheet by several that overlap."""
    if at <= NUMBERS_TO:
        return []
    upright = where[3] - where[1] >= where[2] - where[0]
    full = layout(desk.paper, wide=not upright, panel="none", room=0)
    wanted = _with_buildings(desk, unit_id, tiles(where, full.map, FINE))
    return [
        Leaf(
            kind=kind.name,
            title=desk.say("atlas_part", unit=desk.unit_title(unit_id), at=number, of=len(wanted)),
            page=full,
            unit_id=unit_id,
            sheet=one,
            first=False,
            paint=partial(_tile, desk, unit_id, kind, full, one, number, len(wanted)),
        )
        for number, one in enumerate(wanted, 1)
    ]


def _with_buildings(desk: Desk, unit_id: str, some: Sequence[Sheet]) -> list[Sheet]:
    """Keep the sheets on which buildings of a unit stand that no other shows; those on its ground where it has none."""
    own = desk.near.shapes_by("buildings", desk.rows_of(unit_id)["building_id"])
    if len(own):
        return needed(some, shapely.point_on_surface(own), INSET)
    return [one for one in some if shapely.intersects(shapely.box(*one.window), _shape(desk, unit_id))]


def _tile(desk: Desk, unit_id: str, kind: Kind, page: Layout, where: Sheet, number: int, of: int) -> Drawing:
    title = desk.say("atlas_part", unit=desk.unit_title(unit_id), at=number, of=of)
    made = furniture.begin(page, title)
    taken = inset.draw(made, desk, unit_id, where, page.head)
    furniture.head(made, desk, page, title, _under(desk, unit_id), taken=taken)
    furniture.on_page(made, map_of(desk, unit_id, kind, where, "map", keyed=False), page.map)
    furniture.foot(made, desk, page, where)
    return made


def bounds(desk: Desk, unit_id: str) -> Window | None:
    """Give the edges of a unit's ground, in metres; None where it has none."""
    shape = _shape(desk, unit_id)
    if shape is None or shape.is_empty:
        return None
    homes = desk.near.shapes_by("buildings", desk.rows_of(unit_id)["building_id"])  # of upper floors, on other ground
    west, south, east, north = shapely.total_bounds([shape, *homes]).tolist()
    return west, south, east, north


def _shape(desk: Desk, unit_id: str) -> Any:
    """Give the ground of a unit; its buildings where it has none of its own, as upper floors have none."""
    own = desk.near.shapes_by("units", [unit_id])
    if len(own) and own[0] is not None and not own[0].is_empty:
        return own[0]
    mine = desk.near.shapes_by("buildings", desk.rows_of(unit_id)["building_id"])
    return shapely.union_all(mine) if len(mine) else None

"""Sheets of one unit, the board that hangs in public and the one that is carried: map, panel, buildings, more maps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import shapely

from govmap.render.atlas import chart as charts
from govmap.render.atlas import furniture, houses, inset, tables
from govmap.render.atlas.desk import LARGE_MM, Desk, Leaf, Person
from govmap.render.atlas.fonts import fitted, measured, wrapped
from govmap.render.atlas.lettering import NUMBERS_TO
from govmap.render.atlas.paper import Box, Layout, Window, best, layout, sheet, tiles
from govmap.render.atlas.tables import Strips, Table
from govmap.render.scene import Sheet
from govmap.render.svg import FAINT, INK, SOFT, Drawing

RIGHT, BELOW = 68.0, 84.0
SIGNS = 10  # that a legend has room for where it is not drawn yet
FINE = 2500  # of further maps where the first is too coarse to number buildings on it
WHO_WIDE = 76.0
QR_MM = 17.0
LINE = "_"
FACE_MM = 24.0  # how high a photo is
NOBODY = (Person("", "", ""),)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """
    What a sheet of a unit holds besides its map and its buildings.

    `marks` are numbered points on the map, `before` is a table that stands before that of the buildings, as of open
    incidents, and `facts` lines under who answers; `lists` says whether
    its buildings are listed too. So many rows at the end of `before` are `blank`, to write on.
    """

    name: str
    marks: Mapping[str, Sequence[tuple[str, object]]]
    before: Mapping[str, Table]
    facts: Mapping[str, Sequence[str]]
    lists: bool = True
    blank: int = 0


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
        told = desk.say("atlas_more_incidents", unit=title)
        rest = front.before_pages[1:]
        more += tables.listing(desk, full, kind.name, told, under, front.before, unit_id, pages=rest)
    if kind.lists:
        told, rest = desk.say("atlas_more_buildings", unit=title), front.pages[1:]
        table, rows = front.places.table, partial(houses.keyed, front.places, front.keys)
        more += tables.listing(desk, full, kind.name, told, under, table, unit_id, pages=rest, told=rows)
    return [first, *more]


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
    front = _laid(desk, unit_id, kind, page, sheet(where, page.map, at), full)
    need = _need(desk, front)
    if need < below:
        lower, closer = best(desk.paper, where, right=right, below=need)
        if closer < at:
            return _laid(desk, unit_id, kind, lower, sheet(where, lower.map, closer), full), closer
    return front, at


def _need(desk: Desk, front: _Front) -> float:
    """Say how high a panel under the map must be to hold what the first page holds, in the usual size of letters."""
    boxes, table = front.boxes, replace(front.places.table, size=desk.type_mm)
    rows = -(-len(table.lines) // table.beside(boxes.places))
    signs = furniture.legend_height(desk, boxes.who.wide, SIGNS)
    return max(boxes.who.high + 2 + signs, boxes.before.high + table.high * (rows + 2))


def _laid(desk: Desk, unit_id: str, kind: Kind, page: Layout, whole: Sheet, full: Box) -> _Front:
    boxes = _boxes(desk, page, kind, unit_id)
    places = houses.listed(desk, unit_id, whole)
    table = tables.larger(places.table, boxes.places) if kind.lists else places.table
    places = replace(places, table=tables.closer(table, full, first=boxes.places))
    pages = tables.flow(places.table, full, first=boxes.places) if kind.lists else [()]
    before = kind.before.get(unit_id)
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


def _boxes(desk: Desk, page: Layout, kind: Kind, unit_id: str) -> _Boxes:
    """Divide the panel: beside the map one thing under the other, under the map side by side."""
    panel = page.panel
    beside = panel.high > panel.wide * 1.6
    wide = panel.wide if beside else WHO_WIDE * (1.35 if desk.large else 1.0) * desk.larger
    high = _who_height(desk, kind, unit_id, wide)
    before = kind.before.get(unit_id)
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


def _who_height(desk: Desk, kind: Kind, unit_id: str, page_wide: float) -> float:
    size = _who_size(desk)
    some = people_of(desk, unit_id)[:3]
    face = any(one.photo for one in some)
    room = page_wide - 6 - QR_MM - (FACE_MM * 0.75 * desk.larger + 2) * face
    taller = sum(measured(_named(desk, one), size * 1.15, bold=True) > room for one in some)
    lines = 3.6 * len(some) + 1.35 * taller + 1.4 * (bool(desk.line) + bool(desk.headline)) + 0.9
    facts = 1.35 * len(kind.facts.get(unit_id, ())) * 2.7 * desk.larger
    return max(lines * size + facts + 4, QR_MM + 8, (FACE_MM * desk.larger + 4) * face)


def _who_size(desk: Desk) -> float:
    return LARGE_MM if desk.large else 3.4 * desk.larger


# painting -------------------------------------------------------------------------------------------------------------
def _front(desk: Desk, unit_id: str, kind: Kind, front: _Front) -> Drawing:
    title, page, boxes = desk.unit_title(unit_id), front.page, front.boxes
    made = furniture.begin(page, title)
    taken = inset.draw(made, desk, unit_id, front.sheet, page.head)
    furniture.head(made, desk, page, title, _under(desk, unit_id), taken=taken)
    drawn = map_of(desk, unit_id, kind, front.sheet, "map")
    furniture.on_page(made, drawn, page.map)
    _who(made, desk, unit_id, kind, boxes.who)
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


def people_of(desk: Desk, unit_id: str) -> tuple[Person, ...]:
    """Give who answers; a line to write on where nobody is known, and words for it where nobody is named yet."""
    if unit_id in desk.untold:
        return (Person("", desk.say("atlas_untold"), ""),)
    return desk.people.get(unit_id) or NOBODY


def _who(made: Drawing, desk: Desk, unit_id: str, kind: Kind, box: Box) -> None:
    """Write who answers, with lines to write on where nobody is named, the line above them, and the unit's code."""
    size, row = _who_size(desk), desk.unit(unit_id)
    made.rect(box.x, box.y, box.wide, box.high, "#f5f7f8", stroke=FAINT, stroke_width=0.2)
    people = people_of(desk, unit_id)[:3]
    taken = _face(made, desk, people, box)
    x, y, room = box.x + 2 + taken, box.y + size * 1.25, box.wide - 6 - QR_MM - taken
    made.text(x, y, fitted(desk.say("atlas_who"), size * 0.8, room), size * 0.8, SOFT, bold=True)
    for person in people:
        y = _person(made, desk, person, Box(x, y, room, size), silent=unit_id in desk.untold)
    extra = [desk.line and desk.say("atlas_line", line=desk.line), *kind.facts.get(unit_id, ())]
    extra += [desk.say(f"atlas_{key}", told=row[key]) for key in ("responsible_org", "meeting_place") if row.get(key)]
    small = size * 0.85 if desk.large else 2.7 * desk.larger
    for one in extra:
        for line in wrapped(str(one or ""), small, box.wide - 4 - taken, most=2) if one else ():
            y += small * 1.35
            if y < box.low - 0.6:
                made.text(x, y, line, small, INK)
    _qr(made, str(row["unit_code"]), box.right - QR_MM - 2, box.y + 2)


def _person(made: Drawing, desk: Desk, person: Person, at: Box, *, silent: bool) -> float:
    """Write one person under what stands at `at.y`, in the room of its width; give where the last line stands."""
    x, y, room, size = at.x, at.y + at.high * 1.5, at.wide, at.high
    role, name = person.role or desk.say("atlas_answers"), person.name or desk.say("atlas_blank")
    told = name if silent else _named(desk, person)
    if measured(told, size * 1.15, bold=True) > room:
        made.text(x, y, fitted(role, size * 0.8, room), size * 0.8, SOFT)
        y += size * 1.35
        told = name
    made.text(x, y, _fitted(told, size * 1.15, room, bold=True), size * 1.15, INK, bold=True)
    y += size * 1.45
    phone = "" if silent else desk.say("atlas_phone", phone=person.phone or desk.say("atlas_blank"))
    made.text(x, y, _fitted(phone, size * 1.1, room), size * 1.1, INK)
    return y + size * 0.45


def _named(desk: Desk, person: Person) -> str:
    """Give role and name, or a line to write it on."""
    role, name = person.role or desk.say("atlas_answers"), person.name or desk.say("atlas_blank")
    return f"{role}  {name}"


def _fitted(told: str, size: float, room: float, *, bold: bool = False) -> str:
    """Cut a text to its room; a line to write on just ends there."""
    while told.endswith(LINE * 2) and measured(told, size, bold=bold) > room:
        told = told[:-1]
    return fitted(told, size, room, bold=bold)


def _face(made: Drawing, desk: Desk, people: Sequence[Person], box: Box) -> float:
    """Show the first photo there is of those who answer; give how much of the width it takes."""
    photo = next((one.photo for one in people if one.photo), None)
    if photo is None:
        return 0.0
    high = min(FACE_MM * desk.larger, box.high - 4)
    made.picture(box.x + 2, box.y + 2, high * 0.75, high, photo)
    return high * 0.75 + 2


def _qr(made: Drawing, code: str, x: float, y: float) -> None:
    """Draw the unit's code, and nothing else, for a telephone's camera."""
    import segno

    rows = [list(row) for row in segno.make(code, micro=False, error="m").matrix]
    each = (QR_MM - 2) / len(rows)
    dark = [
        f"M{round((x + 1 + across * each) * 100)} {round((y + 1 + down * each) * 100)}"
        f"h{round(each * 100)}v{round(each * 100)}h-{round(each * 100)}z"
        for down, row in enumerate(rows)
        for across, one in enumerate(row)
        if one
    ]
    made.rect(x, y, QR_MM, QR_MM, "#ffffff")
    made.path("".join(dark), INK, shape_rendering="crispEdges")
    made.text(x + QR_MM / 2, y + QR_MM + 2.2, fitted(code, 2.2, QR_MM), 2.2, INK, anchor="middle")


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
    """Keep the sheets on which buildings of a unit stand; those on its ground where it has none."""
    own = desk.near.shapes_by("buildings", desk.rows_of(unit_id)["building_id"])
    stands = shapely.union_all(shapely.point_on_surface(own)) if len(own) else None
    ground = _shape(desk, unit_id) if stands is None else stands
    return [one for one in some if shapely.intersects(shapely.box(*one.window), ground)]


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

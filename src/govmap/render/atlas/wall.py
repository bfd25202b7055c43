"""The wall map: the whole community on one sheet, units in colours of their own, their table beside it."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import shapely

from govmap.render.atlas import chart as charts
from govmap.render.atlas import furniture, tables
from govmap.render.atlas.desk import Desk, Leaf
from govmap.render.atlas.paper import Box, Layout, Window, best, layout, sheet
from govmap.render.atlas.tables import Column, Line, Strips, Table
from govmap.render.place import shapes_of
from govmap.render.scene import Sheet
from govmap.render.svg import Drawing

RIGHT, BELOW = 0.24, 0.3  # the most of the longer side that the panel takes
SIGNS = 72.0
LARGER_TYPE = (2.6, 2.3, 2.0, 1.75, 1.5, 1.35, 1.2)  # a wall is read from further away
NAMED = 2500  # the coarsest scale, as 1 : N, at which buildings carry their numbers


def leaves(desk: Desk) -> list[Leaf]:
    """Give the one sheet, and pages for units that had no room in its table."""
    where = bounds(desk)
    if where is None:
        return []
    wanted = unit_table(desk)
    full = layout(desk.paper, wide=False, panel="none", room=0)
    rows = -(-len(wanted.lines) // max(1, int((full.map.wide - SIGNS * desk.larger) // wanted.least_mm)))
    below = min(full.high * BELOW, max(42.0 * desk.larger, wanted.high * (rows + 2)))
    page, at = best(desk.paper, where, right=max(wanted.least_mm, full.high * RIGHT), below=below)
    box = _table_box(desk, page)
    wanted = tables.closer(tables.larger(wanted, box, LARGER_TYPE), full.map, first=box)
    shown, *rest = tables.flow(wanted, full.map, first=box)
    title = desk.say("atlas_kind_wall")
    whole = sheet(where, page.map, at)
    paint = partial(_paint, desk, page, whole, wanted, shown, box)
    first = Leaf(kind="wall", title=title, page=page, sheet=whole, paint=paint)
    return [first, *tables.listing(desk, full, "wall", title, desk.title, wanted, None, pages=rest)]


def bounds(desk: Desk) -> Window | None:
    """Give the ground of all units and communities."""
    frames = [desk.released.tables[name] for name in ("communities", "units") if name in desk.released.tables]
    shapes = np.concatenate([shapes_of(one) for one in frames if len(one)] or [np.array([], dtype=object)])
    edges = shapely.total_bounds(shapes)
    if not np.isfinite(edges).all():
        return None
    west, south, east, north = (float(one) for one in edges)
    return west, south, east, north


def unit_table(desk: Desk) -> Table:
    """List the units with their counts and who answers."""
    lines: list[Line] = []
    for row in desk.units.to_dict("records"):
        people = desk.people.get(str(row["unit_id"]), ())
        name = f"{row['unit_code']} {row['unit']}" if row["unit"] != row["unit_code"] else str(row["unit_code"])
        who = people[0].name if people else ""
        phone = people[0].phone if people else ""
        lines.append((name, _count(desk, row, "buildings"), _count(desk, row, "households"), who, phone))
    named = any(desk.people.values())
    columns = [
        Column(desk.say("atlas_col_unit"), 0.2, bold=True),
        Column(desk.say("atlas_col_buildings"), 0.13, anchor="end"),
        Column(desk.say("atlas_col_households"), 0.15, anchor="end"),
        Column(desk.say("atlas_col_worker"), 0.27),
        Column(desk.say("atlas_col_phone"), 0.25),
    ]
    if not named:
        columns, lines = columns[:3], [line[:3] for line in lines]
    return Table(columns, lines, desk.type_mm, least_mm=(88 if named else 44) * desk.larger)


def _count(desk: Desk, row: Any, name: str) -> str:
    value = row.get(name)
    return desk.say("atlas_withheld") if value is None or value != value else f"{int(value):,}"  # noqa: PLR0124 - NaN


def _table_box(desk: Desk, page: Layout) -> Box:
    """Leave room for the legend over the table, or left of it under the map."""
    panel = page.panel
    if panel.high > panel.wide:
        signs = furniture.legend_height(desk, panel.wide, 16)
        return Box(panel.x, panel.y + signs + 3, panel.wide, panel.high - signs - 3)
    wide = SIGNS * desk.larger
    return Box(panel.x + wide, panel.y, panel.wide - wide, panel.high)


def _paint(desk: Desk, page: Layout, whole: Sheet, wanted: Table, shown: Strips, box: Box) -> Drawing:
    title = desk.say("atlas_kind_wall")
    made = furniture.begin(page, title)
    furniture.head(made, desk, page, f"{desk.title} {title}", desk.headline or about(desk))
    drawn = overview(desk, whole, numbers=charts.scale(whole) <= NAMED)
    furniture.on_page(made, drawn, page.map)
    panel = page.panel
    beside = panel.high > panel.wide
    signs = Box(
        panel.x, panel.y, panel.wide if beside else (SIGNS - 4) * desk.larger, box.y - panel.y if beside else panel.high
    )
    furniture.legend(made, desk, drawn, signs)
    tables.draw(made, wanted, shown, box)
    furniture.foot(made, desk, page, whole, counts=True)
    return made


def about(desk: Desk) -> str:
    """Name the plan, where it has a name, and how much it divides."""
    counts = desk.say("atlas_cover_counts", units=len(desk.units), buildings=int(desk.rows["building_id"].nunique()))
    return "　".join(one for one in (desk.plan and desk.say("atlas_cover_plan", plan=desk.plan), counts) if one)


def overview(desk: Desk, whole: Sheet, *, numbers: bool, frames: Sequence[Window] = ()) -> charts.Chart:
    """Draw all units of the community, with the numbers of buildings where they can be read, and frames of sheets."""
    called = desk.called if numbers else {}
    want = charts.Want(
        called=called,
        frames=frames,
        titles=desk.titles,
        services=numbers,
        language=desk.voice.language,
        larger=desk.larger,
        keyed=False,
    )
    return charts.draw(desk.near, whole, want, "map")

"""Cover, overview with the ground of every sheet, contents and indexes: what makes pages a book."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from govmap.render.atlas import furniture, index, tables, wall
from govmap.render.atlas.desk import Desk, Leaf
from govmap.render.atlas.paper import Box, Layout, best, layout, sheet
from govmap.render.atlas.tables import Column, Line, Table
from govmap.render.scene import Sheet
from govmap.render.svg import Drawing

RIGHT, BELOW = 40.0, 30.0
MOST_SHEETS = 40  # whose edges can still be told apart
SIGNS, SIGNS_WIDE, NARROW = 6, 72.0, 38.0  # of a legend that leaves room for contents
FEWEST_LISTED = 4  # sheets; fewer need no contents


def bound(desk: Desk, leaves: Sequence[Leaf], kind: str) -> list[Leaf]:
    """Put a cover and contents before pages, and indexes behind them."""
    where = wall.bounds(desk)
    if where is None or not leaves:
        return list(leaves)
    full = layout(desk.paper, wide=False, panel="none", room=0)
    contents = _contents(desk, leaves)
    page, at = best(desk.paper, where, right=RIGHT, below=BELOW)
    whole = sheet(where, page.map, at)
    title = desk.say("atlas_document", title=desk.title, kind=desk.say(f"atlas_kind_{kind}"))
    short = _shortly(desk, page, contents(_numbers(leaves, 1)))
    paint = partial(_cover, desk, page, whole, kind, tuple(leaves), short)
    cover = Leaf(kind="cover", title=desk.say("atlas_overview"), page=page, sheet=whole, paint=paint)
    few = short is not None or sum(leaf.first for leaf in leaves) < FEWEST_LISTED
    before = 1 if few else 1 + len(tables.flow(contents([]), full.map))
    told = contents(_numbers(leaves, before))
    named = desk.say("atlas_contents")
    pages = [] if few else tables.listing(desk, full, "contents", named, title, told, None, first=True)
    return [cover, *pages, *leaves, *index.leaves(desk, leaves, before, full, title)]


def _shortly(desk: Desk, page: Layout, told: Table) -> tuple[Table, Box] | None:
    """Say where on the overview the contents have room, if they have any."""
    panel = page.panel
    if panel.high > panel.wide:
        signs = furniture.legend_height(desk, panel.wide, SIGNS)
        box = Box(panel.x, panel.y + signs + 2, panel.wide, panel.high - signs - 2)
    else:
        box = Box(panel.x + SIGNS_WIDE * desk.larger, panel.y, panel.wide - SIGNS_WIDE * desk.larger, panel.high)
    narrow = replace(told, least_mm=min(told.least_mm, NARROW * desk.larger))
    strip = replace(box, wide=(box.wide + tables.BETWEEN_MM) / narrow.beside(box) - tables.BETWEEN_MM)
    return (narrow, box) if len(told.lines) <= narrow.fits(box) and narrow.holds(strip) else None


def _numbers(leaves: Sequence[Leaf], before: int) -> list[int]:
    return [before + at for at in range(1, len(leaves) + 1)]


def _contents(desk: Desk, leaves: Sequence[Leaf]) -> Callable[[Sequence[int]], Table]:
    """Give the table of contents, which has as many rows whatever the numbers are."""
    firsts = [at for at, leaf in enumerate(leaves) if leaf.first]

    def table(numbers: Sequence[int]) -> Table:
        lines: list[Line] = [(leaves[at].title, str(numbers[at]) if numbers else "") for at in firsts]
        columns = [Column(desk.say("atlas_contents"), 0.82), Column(desk.say("atlas_col_page"), 0.18, anchor="end")]
        return Table(columns, lines, desk.type_mm, least_mm=84 * desk.larger)

    return table


def _cover(
    desk: Desk, page: Layout, whole: Sheet, kind: str, leaves: Sequence[Leaf], short: tuple[Table, Box] | None
) -> Drawing:
    """Draw the overview: all units, and where the sheets lie."""
    title = desk.say("atlas_document", title=desk.title, kind=desk.say(f"atlas_kind_{kind}"))
    made = furniture.begin(page, title)
    furniture.head(made, desk, page, title, desk.headline or wall.about(desk))
    sheets = [leaf.sheet.window for leaf in leaves if leaf.sheet is not None]
    drawn = wall.overview(desk, whole, numbers=False, frames=sheets if len(sheets) <= MOST_SHEETS else ())
    furniture.on_page(made, drawn, page.map)
    wide = page.panel.wide if short is None or short[1].x == page.panel.x else SIGNS_WIDE * desk.larger - 4
    furniture.legend(made, desk, drawn, Box(page.panel.x, page.panel.y, wide, page.panel.high))
    if short is not None:
        wanted, box = short
        tables.draw(made, wanted, tables.flow(wanted, box)[0], box, even=box.x != page.panel.x)
    furniture.foot(made, desk, page, whole, counts=True)
    return made

"""Cover, overview with the ground of every sheet, contents and indexes: what makes pages a book."""

from collections.abc import Callable, Sequence
from functools import partial

from govmap.render.atlas import furniture, index, tables, wall
from govmap.render.atlas.desk import Desk, Leaf
from govmap.render.atlas.paper import Box, Layout, best, layout, sheet
from govmap.render.atlas.tables import Column, Line, Table
from govmap.render.scene import Sheet
from govmap.render.svg import Drawing

RIGHT, BELOW = 40.0, 30.0
SHEET = "#1f4e79"
MOST_SHEETS = 150
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
    paint = partial(_cover, desk, page, whole, kind, tuple(leaves))
    cover = Leaf(kind="cover", title=desk.say("atlas_overview"), page=page, sheet=whole, paint=paint)
    few = sum(leaf.first for leaf in leaves) < FEWEST_LISTED
    before = 1 if few else 1 + len(tables.flow(contents([]), full.map))
    told = contents(_numbers(leaves, before))
    named = desk.say("atlas_contents")
    pages = [] if few else tables.listing(desk, full, "contents", named, title, told, None, first=True)
    return [cover, *pages, *leaves, *index.leaves(desk, leaves, before, full, title)]


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


def _cover(desk: Desk, page: Layout, whole: Sheet, kind: str, leaves: Sequence[Leaf]) -> Drawing:
    """Draw the overview: all units, and where the sheets lie."""
    title = desk.say("atlas_document", title=desk.title, kind=desk.say(f"atlas_kind_{kind}"))
    made = furniture.begin(page, title)
    furniture.head(made, desk, page, title, desk.headline or wall.about(desk))
    drawn = wall.overview(desk, whole, numbers=False)
    furniture.on_page(made, drawn, page.map)
    sheets = [leaf for leaf in leaves if leaf.sheet is not None]
    if len(sheets) <= MOST_SHEETS:
        for leaf in sheets:
            _where(made, leaf, whole, page.map)
    furniture.legend(made, desk, drawn, Box(page.panel.x, page.panel.y, page.panel.wide, page.panel.high))
    furniture.foot(made, desk, page, whole, counts=True)
    return made


def _where(made: Drawing, leaf: Leaf, whole: Sheet, box: Box) -> None:
    """Draw the ground of one sheet."""
    if leaf.sheet is None:
        return
    west, south, east, north = leaf.sheet.window
    scale = whole.mm_per_m
    x, y = box.x + (west - whole.window[0]) * scale, box.y + (whole.window[3] - north) * scale
    wide, high = (east - west) * scale, (north - south) * scale
    left, top = max(x, box.x), max(y, box.y)
    right, low = min(x + wide, box.right), min(y + high, box.low)
    made.rect(left, top, right - left, low - top, "none", stroke=SHEET, stroke_width=0.18)

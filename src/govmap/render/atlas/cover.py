"""Cover, overview with the ground of every sheet, contents and indexes: what makes pages a book."""

from collections.abc import Callable, Sequence
from functools import partial

from govmap.render.atlas import chart as charts
from govmap.render.atlas import furniture, wall
from govmap.render.atlas.desk import Desk, Leaf
from govmap.render.atlas.fonts import measured
from govmap.render.atlas.furniture import Column, Line, Table
from govmap.render.atlas.paper import Box, Layout, best, layout, sheet
from govmap.render.scene import Sheet
from govmap.render.svg import Drawing

RIGHT, BELOW = 40.0, 30.0
SHEET = "#1f4e79"
MOST_SHEETS = 150


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
    pages = furniture.listing(desk, full, "contents", desk.say("atlas_contents"), title, contents([]), None, first=True)
    before = 1 + len(pages)
    told = contents(_numbers(leaves, before))
    pages = furniture.listing(desk, full, "contents", desk.say("atlas_contents"), title, told, None, first=True)
    indexes = _index(desk, leaves, before, full, title)
    return [cover, *pages, *leaves, *indexes]


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


# indexes --------------------------------------------------------------------------------------------------------------
def _index(desk: Desk, leaves: Sequence[Leaf], before: int, full: Layout, title: str) -> list[Leaf]:
    """List every named street with the sheets and squares it passes, from A to Z, Chinese names by their sound."""
    found: dict[str, list[str]] = {}
    for at, leaf in enumerate(leaves, before + 1):
        if leaf.sheet is None or leaf.unit_id is None:
            continue
        code = desk.unit(leaf.unit_id)["unit_code"]
        for name, squares in charts.streets_on(desk.near, leaf.sheet, leaf.unit_id).items():
            found.setdefault(name, []).append(
                desk.say("atlas_index_entry", code=code, page=at, squares=" ".join(squares))
            )
    if not found:
        return []
    lines: list[Line] = []
    size = desk.type_mm * 0.95
    room = (full.map.wide - 4) / 2 * 0.66 - 2
    for name in sorted(found, key=_sound):
        for row, told in enumerate(_rows(found[name], size, room)):
            lines.append((name if row == 0 else None, told))
    columns = [Column(desk.say("atlas_col_street"), 0.34, bold=True), Column(desk.say("atlas_col_squares"), 0.66)]
    wanted = Table(columns, lines, size, least_mm=84 * desk.larger)
    return furniture.listing(desk, full, "index", desk.say("atlas_index_streets"), title, wanted, None, first=True)


def _rows(told: Sequence[str], size: float, room: float) -> list[str]:
    """Fill rows with entries, none cut in two."""
    rows = [""]
    for one in told:
        joined = f"{rows[-1]}; {one}" if rows[-1] else one
        if rows[-1] and measured(joined, size) > room:
            rows.append(one)
        else:
            rows[-1] = joined
    return rows


def _sound(name: str) -> tuple[str, str]:
    """Give the sound of a name, by which Chinese indexes are sorted."""
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(name)).casefold(), name

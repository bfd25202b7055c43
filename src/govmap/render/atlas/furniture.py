"""What stands around a map: head, foot with scale bar and north, the legend of what is on this sheet, tables."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from govmap.render.atlas.chart import Chart, icon, scale
from govmap.render.atlas.desk import Desk, Leaf
from govmap.render.atlas.fonts import fitted, measured, wrapped
from govmap.render.atlas.paper import Box, Layout
from govmap.render.scene import Sheet
from govmap.render.svg import FAINT, INK, PER_MM, SOFT, Drawing

FEET = 0.3048
BAR_MM = 55.0
STEPS = (1, 2, 5)
STAMP = "#b2182b"
ENTRY = 4.3
BASE = 0.36  # of the size of letters: how far the base line lies under their middle


def begin(page: Layout, title: str) -> Drawing:
    """Begin a page on white paper."""
    made = Drawing(page.wide, page.high, title)
    made.rect(0, 0, page.wide, page.high, "#ffffff")
    return made


def head(made: Drawing, desk: Desk, page: Layout, title: str, under: str) -> None:
    """Write what the sheet is, whose it is, and the stamp where it must not leave the office."""
    box, larger = page.head, desk.larger
    big, small = 6.6 * larger, 3.0 * larger
    room = box.wide
    if desk.released.internal:
        told = desk.say("atlas_internal")
        size = 3.6 * larger
        wide = measured(told, size, bold=True) + 5 * larger
        made.rect(box.right - wide, box.y + 0.6, wide, 7.2 * larger, "#ffffff", stroke=STAMP, stroke_width=0.5)
        made.text(box.right - wide / 2, box.y + 0.6 + 4.9 * larger, told, size, STAMP, anchor="middle", bold=True)
        room -= wide + 4
    made.text(box.x, box.y + big * 0.86, fitted(title, big, room, bold=True), big, INK, bold=True)
    below = box.y + big * 0.86 + small * 1.55
    made.text(box.x, below, fitted(under, small, room), small, SOFT)


def foot(made: Drawing, desk: Desk, page: Layout, sheet: Sheet | None, *, counts: bool = False) -> None:
    """Write scale bar, scale and north, how old the data is, whose it is, how much is estimated, and the CRS."""
    box, larger = page.foot, desk.larger
    x = box.x
    if sheet is not None:
        x = _bar(made, desk, sheet, box) + 6 * larger
        made.path(_arrow(x, box.y + 1.2 * larger, larger), INK)
        made.text(x + 2.2 * larger, box.y + 5.2 * larger, desk.voice.say("scene_north"), 2.8 * larger, INK, bold=True)
        x += 9 * larger
    told = [desk.voice.say("scene_date", date=desk.data_date) if desk.data_date else desk.voice.say("scene_no_date")]
    told += [desk.credit] if desk.credit else []
    told += [desk.crs] if desk.crs and sheet is not None else []
    share = desk.released.estimated_share if counts else None
    told += [desk.say("atlas_estimated", share=round(100 * share))] if share else []
    told += [desk.say("atlas_draft")] if desk.draft else []
    lines = wrapped(" · ".join(told), 2.1 * larger, box.right - x, most=2)
    for at, line in enumerate(lines):
        made.text(box.right, box.y + (4.0 + 2.9 * at) * larger, line, 2.1 * larger, SOFT, anchor="end")


def number(made: Drawing, page: Layout, desk: Desk, at: int, of: int) -> None:
    """Write which page this is."""
    told, size = desk.say("atlas_page", at=at, of=of), 2.6 * desk.larger
    made.text(page.foot.right, page.foot.low - 0.6, told, size, INK, anchor="end")
    made.text(page.foot.x, page.foot.low - 0.6, fitted(desk.title, size, page.foot.wide * 0.6), size, SOFT)


def _bar(made: Drawing, desk: Desk, sheet: Sheet, box: Box) -> float:
    """Draw the scale bar, which stays true when someone prints to the page's size; give where it ends."""
    larger = desk.larger
    each = sheet.mm_per_m * (FEET if desk.length == "ft" else 1.0)
    most = BAR_MM * larger / each
    power = 10 ** (len(str(int(most))) - 1)
    told = int(max(step * power for step in STEPS if step * power <= most))
    along, top, size = told * each, box.y + 3.6 * larger, 2.4 * larger
    for at, colour in enumerate((INK, "#ffffff", INK, "#ffffff")):
        made.rect(box.x + 0.2 + at * along / 4, top, along / 4, 1.3 * larger, colour, stroke=INK, stroke_width=0.15)
    made.text(box.x, top - 0.8, "0", size, INK)
    made.text(box.x + along / 2, top - 0.8, f"{told // 2:,}" if told > 1 else "", size, INK, anchor="middle")
    end = desk.voice.say(f"scene_{desk.length}", count=told)
    made.text(box.x + along, top - 0.8, end, size, INK, anchor="middle")
    said, x = desk.say("atlas_scale", scale=f"{scale(sheet):,}"), box.x + along + 9 * larger
    made.text(x, top + 1.2 * larger, said, 2.8 * larger, INK, bold=True)
    return float(x + measured(said, 2.8 * larger, bold=True))


def _arrow(x: float, top: float, larger: float) -> str:
    points = [(0.0, 0.0), (1.6, 5.2), (0.0, 4.0), (-1.6, 5.2)]
    told = (f"{round((x + one * larger) * PER_MM)} {round((top + two * larger) * PER_MM)}" for one, two in points)
    return f"M{'L'.join(told)}z"


def on_page(made: Drawing, chart: Chart, box: Box) -> None:
    """Put a map into its place on the page."""
    made.add(f'<g transform="translate({round(box.x * PER_MM)} {round(box.y * PER_MM)})">{chart.svg}</g>')


# the legend -----------------------------------------------------------------------------------------------------------
def legend(made: Drawing, desk: Desk, chart: Chart, box: Box) -> float:
    """Explain what is on this sheet, in as many columns as there is room for; give how high it became."""
    signs = list(dict.fromkeys(chart.signs))
    entry, size = ENTRY * desk.larger, 2.4 * desk.larger
    made.text(box.x, box.y + size, desk.say("atlas_legend"), size, SOFT, bold=True)
    columns = max(1, int(box.wide // (34 * desk.larger)))
    rows = max(1, int((box.high - entry) // entry))
    shown = signs[: columns * rows]
    used = -(-len(shown) // columns)
    for at, (sign, colour, told) in enumerate(shown):
        x = box.x + (at % columns) * box.wide / columns
        y = box.y + entry * (1 + at // columns) + 0.6
        _sign(made, sign, colour, x, y + entry / 2 - 0.5)
        words = told if sign.startswith("icon:") else desk.say(f"atlas_sign_{told}")
        made.text(x + 6.4, y + entry / 2 + 0.3, fitted(words, size, box.wide / columns - 7), size, INK)
    return entry * (1 + used) + 1


def legend_height(desk: Desk, wide: float, count: int = 10) -> float:
    """Say how high a legend of so many signs is."""
    columns = max(1, int(wide // (34 * desk.larger)))
    return ENTRY * desk.larger * (1 + -(-count // columns)) + 1


def _sign(made: Drawing, sign: str, colour: str, x: float, y: float) -> None:
    if sign.startswith("icon:"):
        made.circle(x + 2.5, y, 1.6, colour)
        made.add(icon(sign[5:], x + 2.5, y, 2.0))
    elif sign == "mark":
        made.circle(x + 2.5, y, 1.6, colour)
        made.text(x + 2.5, y + 0.7, "1", 2.0, "#ffffff", anchor="middle", bold=True)
    elif sign == "gate":
        made.rect(x + 1.7, y - 0.8, 1.6, 1.6, "#ffffff", stroke=INK, stroke_width=0.3)
    elif sign == "door":
        made.path(_delta(x + 2.5, y), INK)
    elif sign == "building":
        made.rect(x, y - 1.3, 5, 2.6, colour, stroke="#6b5436", stroke_width=0.12)
    else:
        dashes = {"wall": (1.1, 0.35), "dashed": (2.2, 0.9)}.get(sign)
        more = {"stroke_dasharray": dashes} if dashes else {}
        made.line(x, y, x + 5, y, colour, 0.8 if sign == "edge" else 0.35, **more)


def _delta(x: float, y: float) -> str:
    points = [(x, y - 0.6), (x + 0.6, y + 0.5), (x - 0.6, y + 0.5)]
    return "M" + "L".join(f"{round(one * PER_MM)} {round(two * PER_MM)}" for one, two in points) + "z"


# tables ---------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Column:
    """A column of a table: its title, its share of the width, and how it is written."""

    title: str
    share: float
    bold: bool = False
    anchor: str = "start"
    box: bool = False


Line = Sequence[str | None]


@dataclass(frozen=True)
class Table:
    """Rows of one line each; a row whose first cell stands alone is a heading over those that follow."""

    columns: Sequence[Column]
    lines: Sequence[Line]
    size: float
    row: float = 1.6
    least_mm: float = 58.0

    @property
    def high(self) -> float:
        """Give the height of a row."""
        return self.size * self.row

    def fits(self, box: Box) -> int:
        """Say how many rows a box takes."""
        return self.beside(box) * max(0, int((box.high - self.high) // self.high))

    def beside(self, box: Box) -> int:
        """Say how many columns of the whole table stand beside each other."""
        return max(1, int((box.wide + 4) // (self.least_mm + 4)))


def table(made: Drawing, wanted: Table, lines: Sequence[Line], box: Box) -> None:
    """Write rows of a table into a box, in as many strips beside each other as there is room for."""
    strips = wanted.beside(box)
    each = max(1, int((box.high - wanted.high) // wanted.high))
    strips = min(strips, max(1, -(-len(lines) // each)))
    wide = (box.wide - 4 * (strips - 1)) / strips
    for at in range(strips):
        some = lines[at * each : (at + 1) * each]
        if some:
            _strip(made, wanted, some, Box(box.x + at * (wide + 4), box.y, wide, box.high))


def _strip(made: Drawing, wanted: Table, lines: Sequence[Line], box: Box) -> None:
    size, high = wanted.size, wanted.high
    whole = sum(one.share for one in wanted.columns)
    widths = [one.share / whole * box.wide for one in wanted.columns]
    edges = [box.x + sum(widths[:at]) for at in range(len(widths) + 1)]
    made.rect(box.x, box.y, box.wide, high, "#e9edf0")
    for at, one in enumerate(wanted.columns):
        x, base = _at(one.anchor, edges, at, box.y + high / 2, size * 0.92)
        told = fitted(one.title, size * 0.92, widths[at] - 1.2, bold=True)
        made.text(x, base, told, size * 0.92, INK, anchor=one.anchor, bold=True)
    for row, line in enumerate(lines):
        y = box.y + high * (row + 1)
        made.line(box.x, y + high, box.x + box.wide, y + high, FAINT, 0.12)
        _line(made, wanted, line, edges, y)


def _line(made: Drawing, wanted: Table, line: Line, edges: Sequence[float], y: float) -> None:
    size, high = wanted.size, wanted.high
    if len(line) == 1:
        made.rect(edges[0], y, edges[-1] - edges[0], high, "#f5f2ea")
        told = fitted(str(line[0]), size, edges[-1] - edges[0] - 2, bold=True)
        made.text(edges[0] + 1, y + high / 2 + size * BASE, told, size, INK, bold=True)
        return
    for at, (one, cell) in enumerate(zip(wanted.columns, line, strict=True)):
        wide = edges[at + 1] - edges[at]
        if one.box:
            made.rect(edges[at] + 0.5, y + 0.5, wide - 1, high - 1, "none", stroke=SOFT, stroke_width=0.15)
        if cell:
            x, base = _at(one.anchor, edges, at, y + high / 2, size)
            made.text(
                x, base, fitted(str(cell), size, wide - 1.6, bold=one.bold), size, INK, anchor=one.anchor, bold=one.bold
            )


def _at(anchor: str, edges: Sequence[float], at: int, middle: float, size: float) -> tuple[float, float]:
    x = {"start": edges[at] + 0.8, "end": edges[at + 1] - 0.8, "middle": (edges[at] + edges[at + 1]) / 2}[anchor]
    return x, middle + size * BASE


def listing(
    desk: Desk,
    page: Layout,
    kind: str,
    title: str,
    under: str,
    wanted: Table,
    unit_id: str | None,
    *,
    start: int = 0,
    lines: Callable[[slice], Sequence[Line]] | None = None,
    first: bool = False,
) -> list[Leaf]:
    """Give pages that hold nothing but the rows of a table from `start` on; `lines` gives those of a page late."""
    each = max(1, wanted.fits(page.map))
    told = lines or (lambda some: wanted.lines[some])
    return [
        Leaf(
            kind=kind,
            title=title,
            page=page,
            unit_id=unit_id,
            first=first and at == start,
            paint=partial(
                _listed, desk, page, title, under, wanted, told, slice(at, min(at + each, len(wanted.lines)))
            ),
        )
        for at in range(start, len(wanted.lines), each)
    ]


def _listed(
    desk: Desk,
    page: Layout,
    title: str,
    under: str,
    wanted: Table,
    lines: Callable[[slice], Sequence[Line]],
    some: slice,
) -> Drawing:
    made = begin(page, title)
    head(made, desk, page, title, under)
    table(made, wanted, lines(some), page.map)
    foot(made, desk, page, None)
    return made

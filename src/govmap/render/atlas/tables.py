"""Tables on sheets: rows of one line each, in strips beside each other, over as many pages as they need.

No page holds a row or two alone, no heading stands at the foot of a strip, and a group that goes on has its heading
again.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

from govmap.render.atlas.desk import Desk, Leaf
from govmap.render.atlas.fonts import fitted, measured, wrapped
from govmap.render.atlas.furniture import begin, foot, head
from govmap.render.atlas.paper import Box, Layout
from govmap.render.svg import FAINT, INK, SOFT, Drawing

BASE = 0.36  # of the size of letters: how far the base line lies under their middle
BETWEEN_MM = 4.0
HEADING_MM = 11.0  # of a table that stands under another
ASIDE = 1.6  # of the width of a cell that stays free
LINES_MM = 9.0  # between lines to write on
FEW = 5  # rows that a page of their own must at least hold
CLOSER = 0.86  # of the height of rows, where that spares a page
TITLE, TITLE_LEAST = 0.92, 0.74
CELL_LEAST = 0.75  # of its size: how small a cell is written before its end is left out
LARGER_TYPE = (1.5, 1.35, 1.2)

Line: TypeAlias = Sequence[str | None]
Strips: TypeAlias = tuple[tuple[int, ...], ...]
Told: TypeAlias = Callable[[Sequence[int]], Sequence[Line]]


@dataclass(frozen=True)
class Column:
    """A column of a table: its title, its share of the width, and how it is written."""

    title: str
    share: float
    bold: bool = False
    anchor: str = "start"
    box: bool = False


@dataclass(frozen=True)
class Table:
    """
    Rows of one line each; a row whose first cell stands alone is a heading over those that follow.

    Rows that go on with what the row before them tells stand under it, not on another page or strip.
    """

    columns: Sequence[Column]
    lines: Sequence[Line]
    size: float
    row: float = 1.6
    least_mm: float = 58.0
    goes_on: frozenset[int] = frozenset()

    @property
    def high(self) -> float:
        """Give the height of a row."""
        return self.size * self.row

    def each(self, box: Box) -> int:
        """Say how many rows a strip takes, under its title."""
        return max(0, int((box.high - self.high + 1e-6) // self.high))

    def beside(self, box: Box) -> int:
        """Say how many strips of the whole table stand beside each other."""
        return max(1, int((box.wide + BETWEEN_MM) // (self.least_mm + BETWEEN_MM)))

    def holds(self, box: Box, least: float = 1.0) -> bool:
        """Tell whether every cell has room in one strip of the width of a box, written `least` of its size."""
        whole = sum(one.share for one in self.columns)
        rooms = [one.share / whole * box.wide - ASIDE for one in self.columns]
        return all(
            measured(cell, self.size * least, bold=one.bold) <= room
            for line in self.lines
            if len(line) > 1
            for cell, one, room in zip(line, self.columns, rooms, strict=True)
            if cell
        )

    def fits(self, box: Box) -> int:
        """Say how many rows a box takes."""
        return self.beside(box) * self.each(box)


# over pages -----------------------------------------------------------------------------------------------------------
def flow(wanted: Table, then: Box, *, first: Box | None = None) -> list[Strips]:
    """
    Divide the rows of a table over pages and strips, by their numbers.

    Parameters
    ----------
    then
        Where the rows stand on pages of their own.
    first
        The room that they have before, on a sheet with a map; the first entry tells of it, also where it has none.
    """
    pages = _filled(wanted, then, first, 0)
    alone = len(pages) > 1 and 0 < _rows(pages[-1]) < FEW <= _rows(pages[-2])
    if not alone:
        return pages
    last = len(wanted.lines) - max(row for strip in pages[-2] for row in strip) - 1
    whole = (held for held in range(last + 1, last + FEW + 1) if len(wanted.lines) - held not in wanted.goes_on)
    tries = (_filled(wanted, then, first, held_back) for held_back in whole)
    return next((found for found in tries if _rows(found[-1]) >= FEW), pages)


def closer(wanted: Table, then: Box, *, first: Box) -> Table:
    """Set rows a little closer where that spares a page."""
    tight = replace(wanted, row=wanted.row * CLOSER)
    return tight if len(flow(tight, then, first=first)) == 1 < len(flow(wanted, then, first=first)) else wanted


def suited(wanted: Table) -> Table:
    """Give each column the share of the width that what stands in it needs, and leave out those that say nothing."""
    rows = [line for line in wanted.lines if len(line) > 1]
    said = [at for at in range(len(wanted.columns)) if any(line[at] for line in rows)] if rows else []
    if not said:
        return wanted
    columns = []
    for at in said:
        one = wanted.columns[at]
        cells = max(measured(line[at] or "", wanted.size, bold=one.bold) for line in rows)
        title = measured(one.title, wanted.size * TITLE, bold=True)
        columns.append(replace(one, share=max(cells, title) + 2 * ASIDE))
    lines = [line if len(line) == 1 else [line[at] for at in said] for line in wanted.lines]
    return replace(wanted, columns=columns, lines=lines)


def unfolded(wanted: Table, *boxes: Box) -> tuple[Table, list[int | None]]:
    """
    Write what would be cut over several rows, as narrow as strips are in any of these boxes.

    Returns
    -------
    table
        With the rows that go on under those they belong to.
    rows
        Which row of before each one is; None for those that go on.
    """
    wide = min((one.wide + BETWEEN_MM) / wanted.beside(one) - BETWEEN_MM for one in boxes)
    whole = sum(one.share for one in wanted.columns)
    rooms = [one.share / whole * wide - ASIDE for one in wanted.columns]
    lines: list[Line] = []
    rows: list[int | None] = []
    for at, line in enumerate(wanted.lines):
        told = zip(line, wanted.columns, rooms, strict=True) if line[1:] else ()
        cells = [over_rows(cell, wanted.size, room, bold=one.bold) for cell, one, room in told]
        for down in range(max(map(len, cells), default=1)):
            lines.append([one[down] if down < len(one) else None for one in cells] if cells else line)
            rows.append(None if down else at)
    return replace(wanted, lines=lines, goes_on=frozenset(at for at, row in enumerate(rows) if row is None)), rows


def over_rows(cell: str | None, size: float, room: float, *, bold: bool = False) -> Sequence[str | None]:
    """Give the lines of a cell: one where it has room or can be written a little smaller."""
    if not cell or measured(cell, size * CELL_LEAST, bold=bold) <= room:
        return [cell]
    return wrapped(cell, size, room, bold=bold)


def larger(wanted: Table, box: Box, shares: Sequence[float] = LARGER_TYPE, *, even: bool = False) -> Table:
    """
    Write as large as all of a table still stands in a box without a cell cut: what hangs is read standing.

    Strips are `even` where they are as wide as if there were as many as the box takes.
    """
    for share in shares:
        tried = replace(wanted, size=wanted.size * share, least_mm=wanted.least_mm * share)
        strips, _, _ = _page(tried, box, 0, len(tried.lines), None, even=False)
        beside = tried.beside(box) if even else max(1, len(strips))
        wide = (box.wide - BETWEEN_MM * (beside - 1)) / beside
        if sum(map(len, strips)) == len(wanted.lines) > 1 and tried.holds(
            replace(box, wide=wide), CELL_LEAST if even else 1.0
        ):
            return tried
    return wanted


def spared(wanted: Table, then: Box, *, first: Box, blank: int) -> Table:
    """Leave out as many of the blank rows at the end as would need a page of their own."""
    whole = len(wanted.lines)
    least = len(flow(replace(wanted, lines=wanted.lines[: whole - blank]), then, first=first))
    some = (replace(wanted, lines=wanted.lines[: whole - less]) for less in range(blank + 1))
    return next(one for one in some if len(flow(one, then, first=first)) <= least)


def _rows(page: Strips) -> int:
    return sum(len(strip) for strip in page)


def _filled(wanted: Table, then: Box, first: Box | None, held_back: int) -> list[Strips]:
    """Fill page after page; of the last but one so many rows are held back for the last."""
    total = len(wanted.lines)
    pages: list[Strips] = []
    at, heading = 0, None
    boxes = [first] if first is not None else []
    while at < total or len(pages) < len(boxes):
        box = boxes[len(pages)] if len(pages) < len(boxes) else then
        end = total - held_back if held_back and total - at > held_back else total
        page, reached, heading = _page(wanted, box, at, end, heading, even=box is then)
        if reached == at and box is then:
            break  # a page that takes no row at all
        pages.append(page)
        at = reached
        held_back = 0 if at == end < total else held_back
    return pages


def _page(
    wanted: Table, box: Box, at: int, end: int, heading: int | None, *, even: bool
) -> tuple[Strips, int, int | None]:
    most, beside = wanted.each(box), wanted.beside(box)
    least = most
    if even and end - at <= most * (beside - 1):
        least = min(most, max(-(-(end - at + beside) // beside), FEW))
    found = _strips(wanted, least, beside, at, end, heading)
    for each in range(least + 1, most + 1):
        if found[1] == end and not wanted.goes_on.intersection(_begins(wanted, found[0])) - {at}:
            break
        found = _strips(wanted, each, beside, at, end, heading)
    return found


def _begins(wanted: Table, strips: Strips) -> Iterator[int]:
    """Give the row with which each strip begins, under its heading."""
    for strip in strips:
        yield next((row for row in strip if len(wanted.lines[row]) > 1), strip[0])


def _strips(
    wanted: Table, each: int, beside: int, at: int, end: int, heading: int | None
) -> tuple[Strips, int, int | None]:
    """Fill strips of so many rows."""
    strips = []
    for _ in range(beside):
        strip, at, heading = _strip(wanted, each, at, end, heading)
        if strip:
            strips.append(strip)
    return tuple(strips), at, heading


def _strip(wanted: Table, each: int, at: int, end: int, heading: int | None) -> tuple[tuple[int, ...], int, int | None]:
    lines, begun = wanted.lines, at
    rows: list[int] = []
    while at < end and len(rows) < each:
        if len(lines[at]) == 1:
            if each > 1 and len(rows) == each - 1 and at + 1 < end:
                break
            heading = at
        elif not rows and heading is not None and each > 1:
            rows.append(heading)
        rows.append(at)
        at += 1
    at = _whole(wanted, begun, at, end)
    return tuple(row for row in rows if row < at), at, heading


def _whole(wanted: Table, begun: int, at: int, end: int) -> int:
    """Give back rows of something that would go on in the next strip, unless a strip is too short for all of it."""
    back = at
    while at < end and back > begun and (back in wanted.goes_on or (back < at and len(wanted.lines[back - 1]) == 1)):
        back -= 1
    return back if back > begun else at


def listing(
    desk: Desk,
    page: Layout,
    kind: str,
    title: str,
    under: str,
    wanted: Table,
    unit_id: str | None,
    *,
    pages: Sequence[Strips] | None = None,
    told: Told | None = None,
    first: bool = False,
    notes: str = "",
) -> list[Leaf]:
    """
    Give pages that hold nothing but rows of a table; `told` gives those of a page when it is drawn.

    Where there is a heading for `notes`, what is left free of the last page is ruled to write on.
    """
    found = flow(wanted, page.map) if pages is None else pages
    return [
        Leaf(
            kind=kind,
            title=title,
            page=page,
            unit_id=unit_id,
            first=first and at == 0,
            paint=partial(_listed, desk, page, title, under, wanted, strips, told, notes * (at == len(found) - 1)),
        )
        for at, strips in enumerate(found)
    ]


def stacked(desk: Desk, page: Layout, kind: str, under: str, some: Sequence[tuple[str, Table]]) -> list[Leaf]:
    """Give one page on which short tables stand under each other, each under its title; none where they are longer."""
    boxes, y = [], page.map.y
    for at, (_, wanted) in enumerate(some):
        over = HEADING_MM * desk.larger if at else 0.0
        rows = -(-len(wanted.lines) // wanted.beside(page.map))
        boxes.append(Box(page.map.x, y + over, page.map.wide, wanted.high * (rows + 1) + 1e-3))
        y = boxes[-1].low + 2
    fits = [
        sum(map(len, _page(one, box, 0, len(one.lines), None, even=False)[0])) == len(one.lines)
        for (_, one), box in zip(some, boxes, strict=True)
    ]
    if y > page.map.low or not all(fits):
        return []
    title = some[0][0]
    paint = partial(_stacked, desk, page, under, some, boxes)
    return [
        Leaf(kind=kind, title=" · ".join(one for one, _ in some) if len(some) > 1 else title, page=page, paint=paint)
    ]


def _stacked(desk: Desk, page: Layout, under: str, some: Sequence[tuple[str, Table]], boxes: Sequence[Box]) -> Drawing:
    made = begin(page, some[0][0])
    head(made, desk, page, some[0][0], under)
    for at, ((title, wanted), box) in enumerate(zip(some, boxes, strict=True)):
        if at:
            size = 4.4 * desk.larger
            made.text(box.x, box.y - 2 * desk.larger, fitted(title, size, box.wide, bold=True), size, INK, bold=True)
        draw(made, wanted, _page(wanted, box, 0, len(wanted.lines), None, even=False)[0], box, even=True)
    foot(made, desk, page, None)
    return made


def _listed(
    desk: Desk, page: Layout, title: str, under: str, wanted: Table, strips: Strips, told: Told | None, notes: str
) -> Drawing:
    made = begin(page, title)
    head(made, desk, page, title, under)
    draw(made, wanted, strips, page.map, told, even=True)
    if notes:
        y = page.map.y + wanted.high * (max(map(len, strips)) + 1) + LINES_MM
        _ruled(made, notes, wanted.size, replace(page.map, y=y, high=page.map.low - y))
    foot(made, desk, page, None)
    return made


def _ruled(made: Drawing, title: str, size: float, box: Box) -> None:
    """Rule a box to write on, under its title; nothing where there is no room for a line."""
    for at in range(int(box.high // LINES_MM)):
        y = box.y + LINES_MM * (at + 1)
        made.line(box.x, y, box.right, y, FAINT, 0.15)
        if not at:
            made.text(box.x, y - LINES_MM * 0.3, fitted(title, size, box.wide, bold=True), size, INK, bold=True)


# on paper -------------------------------------------------------------------------------------------------------------
def draw(
    made: Drawing, wanted: Table, strips: Strips, box: Box, told: Told | None = None, *, even: bool = False
) -> None:
    """Write strips of rows into a box; `even` ones are as wide as if there were as many as the box takes."""
    count = wanted.beside(box) if even else max(1, len(strips))
    wide = (box.wide - BETWEEN_MM * (count - 1)) / count
    for at, rows in enumerate(strips):
        lines = told(rows) if told else [wanted.lines[row] for row in rows]
        _drawn(made, wanted, lines, Box(box.x + at * (wide + BETWEEN_MM), box.y, wide, box.high))


def _drawn(made: Drawing, wanted: Table, lines: Sequence[Line], box: Box) -> None:
    high = wanted.high
    whole = sum(one.share for one in wanted.columns)
    widths = [one.share / whole * box.wide for one in wanted.columns]
    edges = [box.x + sum(widths[:at]) for at in range(len(widths) + 1)]
    made.rect(box.x, box.y, box.wide, high, "#e9edf0")
    for at, one in enumerate(wanted.columns):
        _title(made, one, edges, at, box.y + high / 2, wanted.size)
    for row, line in enumerate(lines):
        y = box.y + high * (row + 1)
        made.line(box.x, y + high, box.x + box.wide, y + high, FAINT, 0.12)
        _line(made, wanted, line, edges, y)


def _title(made: Drawing, one: Column, edges: Sequence[float], at: int, middle: float, size: float) -> None:
    """Write the title of a column, smaller where it has little room."""
    room = edges[at + 1] - edges[at] - 1.2
    need = measured(one.title, size * TITLE, bold=True)
    share = TITLE if need <= room else max(TITLE_LEAST, TITLE * room / need)
    x, base = _at(one.anchor, edges, at, middle, size * share)
    told = fitted(one.title, size * share, room + 0.3, bold=True)
    made.text(x, base, told, size * share, INK, anchor=one.anchor, bold=True)


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
            need, room = measured(str(cell), size, bold=one.bold), wide - ASIDE
            smaller = size if need <= room else max(CELL_LEAST, room / need) * size
            x, base = _at(one.anchor, edges, at, y + high / 2, smaller)
            shown = fitted(str(cell), smaller, room + 0.01, bold=one.bold)
            made.text(x, base, shown, smaller, INK, anchor=one.anchor, bold=one.bold)


def _at(anchor: str, edges: Sequence[float], at: int, middle: float, size: float) -> tuple[float, float]:
    x = {"start": edges[at] + 0.8, "end": edges[at + 1] - 0.8, "middle": (edges[at] + edges[at + 1]) / 2}[anchor]
    return x, middle + size * BASE

"""What stands around a map: head, foot with scale bar and north, the legend of what is on this sheet."""

from govmap.render.atlas.chart import Chart, icon, scale
from govmap.render.atlas.desk import Desk
from govmap.render.atlas.fonts import fitted, measured, wrapped
from govmap.render.atlas.paper import Box, Layout
from govmap.render.scene import Sheet
from govmap.render.svg import INK, PER_MM, SOFT, Drawing

FEET = 0.3048
BAR_MM = 55.0
STEPS = (1, 2, 5)
STAMP = "#b2182b"
ENTRY = 4.3
CLOSER = 0.75  # of their size: how small words of the legend may become


def begin(page: Layout, title: str) -> Drawing:
    """Begin a page on white paper."""
    made = Drawing(page.wide, page.high, title)
    made.rect(0, 0, page.wide, page.high, "#ffffff")
    return made


def head(made: Drawing, desk: Desk, page: Layout, title: str, under: str, *, taken: float = 0.0) -> None:
    """Write what the sheet is, whose it is, and the stamp where it must not leave the office; the right is `taken`."""
    larger = desk.larger
    box = Box(page.head.x, page.head.y, page.head.wide - taken, page.head.high)
    big, small = 6.6 * larger, 3.0 * larger
    room = box.wide
    if desk.released.internal:
        told = desk.say("atlas_internal_named" if desk.by_name else "atlas_internal")
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
        _told(made, words, x + 6.4, y + entry / 2 + 0.3, size, box.wide / columns - 7)
    return entry * (1 + used) + 1


def _told(made: Drawing, words: str, x: float, y: float, size: float, room: float) -> None:
    """Write words, a little smaller where that spares their end."""
    smaller = max(CLOSER * size, min(size, size * room / measured(words, size)))
    made.text(x, y, fitted(words, smaller, room + 0.05), smaller, INK)


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

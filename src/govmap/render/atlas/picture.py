"""The picture of a unit for the group chat: 1080 points wide, read at thumb's width, what a board says and no more."""

import io
import re

from govmap.render.atlas import answering, furniture, one_unit
from govmap.render.atlas import chart as charts
from govmap.render.atlas.desk import Desk
from govmap.render.atlas.fonts import fitted, shrunk, wrapped
from govmap.render.atlas.paper import Box, scale_of, sheet
from govmap.render.atlas.press import INCH_MM, png
from govmap.render.scene import Sheet
from govmap.render.svg import INK, SOFT, Drawing

WIDE_PX, PER_MM = 1080, 10.0
WIDE = WIDE_PX / PER_MM
LEAST = 2.8  # 28 points
MOST_BYTES = 500_000
MOST_ROWS = 14
EDGE, HEAD = 3.0, 15.0
COLOURS = (128, 64, 32)


def unit(desk: Desk, unit_id: str) -> bytes | None:
    """Draw the picture of a unit; None where it has no ground."""
    bounds = one_unit.bounds(desk, unit_id)
    if bounds is None:
        return None
    drawing = _drawn(desk, unit_id, bounds)
    made = png(desk, drawing, ppi=PER_MM * INCH_MM)
    return _small(made)


def named(desk: Desk, unit_id: str) -> str:
    """Give the name of the picture's file, from the unit's code."""
    row = desk.unit(unit_id)
    return re.sub(r"[^\w.-]+", "_", str(row["unit_code"])).strip("._") or "unit"


def _drawn(desk: Desk, unit_id: str, bounds: tuple[float, float, float, float]) -> Drawing:
    wide = WIDE - 2 * EDGE
    shape = (bounds[3] - bounds[1]) / max(bounds[2] - bounds[0], 1.0)
    frame = Box(EDGE, HEAD, wide, min(120.0, max(72.0, wide * shape)))
    whole = sheet(bounds, frame, scale_of(bounds, frame))
    people = answering.people_of(desk, unit_id)[: answering.PEOPLE]
    row = desk.unit(unit_id)
    covers = wrapped(str(row.get("covers") or ""), 3.2, wide, most=MOST_ROWS) if row.get("covers") else []
    extra = [desk.say("atlas_line", line=desk.line)] if desk.line else []
    high = frame.low + 8 + 7.4 * len(people) + 5.4 * len(extra) + 4.6 * len(covers) + 8
    made = Drawing(WIDE, high, desk.unit_title(unit_id))
    made.rect(0, 0, WIDE, high, "#ffffff")
    made.text(EDGE, 7.4, fitted(desk.unit_title(unit_id), 6.4, wide, bold=True), 6.4, INK, bold=True)
    made.text(EDGE, 12.4, fitted(desk.headline or desk.title, 3.6, wide), 3.6, SOFT)
    furniture.on_page(made, _map(desk, unit_id, whole), frame)
    y = frame.low + 3
    for person in people:
        y += 7.4
        role, blank = person.role or desk.say("atlas_answers"), desk.say("atlas_blank")
        told = f"{role} {person.name or blank}  {person.phone or ''}".strip()
        kept, size = shrunk(told, 4.8, wide, LEAST, bold=True)
        made.text(EDGE, y, kept, size, INK, bold=True)
    for one in extra:
        y += 5.4
        made.text(EDGE, y, fitted(one, 3.8, wide), 3.8, INK)
    y += 1.5
    for one in covers:
        y += 4.6
        made.text(EDGE, y, one, 3.2, INK)
    date = desk.voice.say("scene_date", date=desk.data_date) if desk.data_date else desk.voice.say("scene_no_date")
    told = " · ".join(one for one in (date, desk.credit) if one)
    made.text(EDGE, high - 2.4, fitted(told, LEAST, wide), LEAST, SOFT)
    return made


def _map(desk: Desk, unit_id: str, whole: Sheet) -> charts.Chart:
    return one_unit.map_of(desk, unit_id, one_unit.BOARD, whole, "map", least_mm=LEAST)


def _small(made: bytes) -> bytes:
    """Bring a picture under half a megabyte by fewer colours; it is flat, so that nobody sees it."""
    from PIL import Image

    if len(made) <= MOST_BYTES * 0.2:
        return made
    for count in COLOURS:
        held = io.BytesIO()
        with Image.open(io.BytesIO(made)) as picture:
            picture.convert("RGB").quantize(count, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
                held, "PNG", optimize=True
            )
        if len(held.getvalue()) <= MOST_BYTES:
            break
    return held.getvalue()

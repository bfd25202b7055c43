"""Where a sheet lies: the whole ground in miniature, the unit dark in it, the frame of the sheet around."""

import numpy as np
import shapely

from govmap.render.atlas.desk import Desk
from govmap.render.atlas.paper import Box
from govmap.render.scene import Sheet
from govmap.render.svg import PER_MM, SOFT, Drawing, path_of

WIDE, HIGH, GAP = 30.0, 13.5, 3.0
OWN, FRAME, GROUND = "#7a1f1f", "#1f4e79", "#e9edf0"
DOT_MM = 0.9
SMALLEST_MM = 1.6
NEARLY_ALL = 0.85  # a unit that is the whole ground needs no miniature


def draw(made: Drawing, desk: Desk, unit_id: str, shown: Sheet, head: Box) -> float:
    """Draw the miniature at the right end of a page's head; give how much of its width is taken."""
    whole = desk.near.whole
    own = desk.near.shapes_by("units", [unit_id])
    if whole is None or not len(own) or own[0] is None or own[0].is_empty or own[0].area > NEARLY_ALL * whole.area:
        return 0.0
    west, south, east, north = whole.bounds
    scale = min(WIDE * desk.larger / (east - west), HIGH * desk.larger / (north - south))
    wide, high = (east - west) * scale, (north - south) * scale
    window = Sheet((west, south, east, north), wide, high)
    at = f"translate({round((head.right - wide) * PER_MM)} {round(head.y * PER_MM)})"
    made.add(f'<g transform="{at}">')
    made.path(path_of(window.paper(np.array([whole], dtype=object))), GROUND, stroke=SOFT, stroke_width=0.18)
    made.path(path_of(window.paper(shapely.simplify(own[:1], 0.1 / scale))), OWN)
    x, y = shapely.get_coordinates(window.paper(shapely.point_on_surface(own[:1])))[0] / PER_MM
    if shapely.area(own[0]) * scale**2 < DOT_MM**2:
        made.circle(x, y, DOT_MM, OWN)
    _frame(made, window, shown)
    made.add("</g>")
    return float(wide) + GAP


def _frame(made: Drawing, window: Sheet, shown: Sheet) -> None:
    """Draw the ground of the sheet, as far as it lies on the miniature."""
    scale, (west, _, _, north) = window.mm_per_m, window.window
    left, top = max(0.0, (shown.window[0] - west) * scale), max(0.0, (north - shown.window[3]) * scale)
    right = min(window.width_mm, (shown.window[2] - west) * scale)
    low = min(window.height_mm, (north - shown.window[1]) * scale)
    if right - left > SMALLEST_MM and low - top > SMALLEST_MM:
        made.rect(left, top, right - left, low - top, "none", stroke=FRAME, stroke_width=0.25)

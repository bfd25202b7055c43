"""The base map, drawn from `features` so that nothing is asked of the network: areas, ways and the names of places."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely

from govmap.render import symbology
from govmap.render.compact import Pack
from govmap.render.place import Frame, Ground, column, ordered, shapes_of

AREA_TOLERANCE_M = 1.0
WAY_TOLERANCE_M = 0.6
MANY, WIDER, COARSE = 8_000, 3.0, 4  # where so much is drawn, it is drawn simpler, on a grid of so many micro-degrees
SMALLEST_NAMED_M2 = 4000.0


def features_of(features: Frame | None, here: Ground) -> dict[str, Pack]:
    """Pack the base map: areas, ways and the names of places."""
    if features is None or features.empty:
        return {}
    seen = features[here.seen(features)].reset_index(drop=True)
    dimension = shapely.get_dimensions(shapes_of(seen))
    areas, lines, points = (seen[dimension == one] for one in (2, 1, 0))
    return {"areas": _areas(areas, here), "ways": _ways(lines, here), "places": _places(areas, points, here)}


def _styled(frame: Frame, styles: Mapping[str, Any]) -> "pd.Series[Any]":
    """Name the style of each row: its class, else its kind; null where neither is drawn."""
    own = column(frame, "class")
    own = own.where(own.isin(list(styles)), column(frame, "kind"))
    return own.where(own.isin(list(styles)), None)


def _clipped(frame: Frame, here: Ground, tolerance: float) -> Frame:
    cut = shapely.clip_by_rect(shapes_of(frame), *here.window)
    cut = shapely.simplify(cut, tolerance * (WIDER if _step(frame) > 1 else 1))
    kept = ~shapely.is_empty(cut)
    return frame[kept].assign(geometry=cut[kept])


def _step(frame: Frame) -> int:
    return COARSE if len(frame) > MANY else 1


def _areas(areas: Frame, here: Ground) -> Pack:
    areas = areas.assign(style=_styled(areas, symbology.AREAS))
    areas = _clipped(areas[areas["style"].notna()], here, AREA_TOLERANCE_M)
    rows, shapes = ordered(areas, here, ("feature_id",))
    return Pack(len(rows)).shapes(shapes, step=_step(areas)).texts("class", rows["style"])


def _ways(lines: Frame, here: Ground) -> Pack:
    lines = lines.assign(style=_styled(lines, symbology.WAYS))
    lines = _clipped(lines[lines["style"].notna()], here, WAY_TOLERANCE_M)
    rows, shapes = ordered(lines, here, ("feature_id",))
    pack = Pack(len(rows)).shapes(shapes, step=_step(lines)).texts("class", rows["style"])
    return pack.texts("name", column(rows, "name")).texts("name_zh", column(rows, "name_zh"))


def _places(areas: Frame, points: Frame, here: Ground) -> Pack:
    """Names of settlements and stations, and of waters and parks large enough to carry one."""
    size = shapely.area(shapes_of(areas))
    named = column(areas, "name").notna() & column(areas, "kind").isin(["water", "green"]) & (size > SMALLEST_NAMED_M2)
    large = areas[named]
    middle = shapely.point_on_surface(shapely.clip_by_rect(shapes_of(large), *here.window))
    zoom = np.clip(19 - np.log2(np.sqrt(np.maximum(size[named], 1)) / 40), 12, 18)
    large = large.assign(geometry=middle, style=column(large, "kind"), zoom=np.ceil(zoom))
    points = points.assign(
        style="place", zoom=[symbology.PLACES.get(one, symbology.PLACES_OTHERWISE) for one in column(points, "class")]
    )
    both = [pd.DataFrame(frame) for frame in (points[column(points, "name").notna()], large) if len(frame)]
    if not both:
        return Pack(0)
    rows, shapes = ordered(pd.concat(both, ignore_index=True), here, ("feature_id",))
    pack = Pack(len(rows)).shapes(shapes).texts("class", rows["style"]).numbers("from", rows["zoom"])
    return pack.texts("name", column(rows, "name")).texts("name_zh", column(rows, "name_zh"))

"""The 180th meridian, where degrees jump from 180 to -180: a town on both sides of it is laid together east of it."""

from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from govmap.crs import WIDEST_PROJECT_DEGREES
from govmap.sources.osm.elements import Box, Elements

ROUND, HALF_ROUND = 360.0, 180.0


def eastward(xy: np.ndarray) -> np.ndarray:
    """Count points west of Greenwich on beyond 180 degrees."""
    return np.column_stack([np.mod(xy[:, 0], ROUND), xy[:, 1]])


def lies_across(lon: np.ndarray) -> bool:
    """Tell whether places far from each other in degrees are one place on both sides of the 180th meridian."""
    if not lon.size or np.ptp(lon) < HALF_ROUND:
        return False
    return bool(np.ptp(np.mod(lon, ROUND)) <= WIDEST_PROJECT_DEGREES)


def crosses(box: Box) -> bool:
    """Tell whether a box is written over the 180th meridian: from a west such as 179.9 to an east such as -179.9."""
    return box[0] > 0 > box[2] and box[2] + ROUND - box[0] < HALF_ROUND


def unrolled(box: Box) -> Box:
    """Give a box over the 180th meridian with its east beyond 180; another as it is."""
    return (box[0], box[1], box[2] + ROUND, box[3]) if crosses(box) else box


def shape_of(box: Box) -> Any:
    """Give the ground of a box in plain degrees: two pieces where it lies over the 180th meridian."""
    if not crosses(box):
        return shapely.box(*box)
    west, south, east, north = box
    return shapely.multipolygons(
        [shapely.box(west, south, HALF_ROUND, north), shapely.box(-HALF_ROUND, south, east, north)]
    )


def laid_together(elements: Elements) -> Elements:
    """Lay everything east of the 180th meridian."""
    return replace(elements.moved(eastward), box=unrolled(elements.box) if elements.box else None)

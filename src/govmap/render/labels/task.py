"""The labels of one map as numbers: what each names, as far as it lies on the map, and who comes first."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from govmap.render.labels import candidates as around
from govmap.render.labels.candidates import Floats, Ints, Shapes
from govmap.render.labels.measure import Measure
from govmap.render.labels.streets import slots
from govmap.render.labels.words import Wanted

Frame: TypeAlias = tuple[float, float, float, float]
AREA = 2
LEFT_OUT, AGAIN = 60.0, 2.5  # what it costs to leave out a label; to name a street only once
POLE_MM, NEARLY = 0.2, 0.85  # a label stands in the middle where there is nearly as much room as elsewhere


@dataclass(frozen=True)
class Task:
    """The labels of one map: every street counts once for each stretch that may carry its name."""

    wanted: tuple[Wanted, ...]
    owner: Ints
    shapes: Shapes
    poles: Floats
    streets: tuple[Floats, ...]
    drop: Floats
    order: tuple[int, ...]
    number: str  # as wide as the widest number of a key

    @cached_property
    def kinds(self) -> NDArray[np.str_]:
        """Say of each label what it names: a point, an area or a line."""
        return np.array([one.kind for one in self.wanted])[self.owner]

    @cached_property
    def under(self) -> NDArray[np.bool_]:
        """Tell of each label whether it names ground on which other things stand."""
        return np.array([one.under for one in self.wanted], dtype=bool)[self.owner]


def task_of(wanted: Sequence[Wanted], frame: Frame, measure: Measure, key_from: int) -> Task:
    """Cut what is named to the frame and number the labels."""
    owner: list[int] = []
    shapes: list[Any] = []
    streets: list[Floats] = []
    drop: list[float] = []
    for at, one in enumerate(wanted):
        rows = slots(one, frame, measure) if one.kind == "line" else [np.empty((0, len(around.COLUMNS)))]
        for nth, places in enumerate(rows):
            owner.append(at)
            shapes.append(_seen(one, frame))
            streets.append(places)
            drop.append(AGAIN if nth else LEFT_OUT * max(one.priority, 0.1))
    outlines = np.array(shapes, dtype=object)
    order = sorted(range(len(owner)), key=lambda one: (-drop[one], one))
    numbers = np.array(owner, dtype=np.int64)
    number = "8" * len(str(key_from + sum(one.keyed for one in wanted)))
    poles = _poles(outlines)
    return Task(tuple(wanted), numbers, outlines, poles, tuple(streets), np.array(drop), tuple(order), number)


def _seen(wanted: Wanted, frame: Frame) -> Any:
    """Give the largest piece of an area that lies on the map, a point that does; None for all else."""
    if wanted.kind == "line":
        return None
    if wanted.kind == "point":
        x, y = wanted.anchor.x, wanted.anchor.y
        return wanted.anchor if frame[0] <= x <= frame[2] and frame[1] <= y <= frame[3] else None
    cut = shapely.clip_by_rect(shapely.force_2d(wanted.anchor), *frame)
    parts = [
        one for one in shapely.get_parts(shapely.get_parts(cut)) if shapely.get_dimensions(one) == AREA and one.area > 0
    ]
    return max(parts, key=lambda one: (round(one.area, 6), one.wkb)) if parts else None


def _poles(shapes: Shapes) -> Floats:
    """Give the roomiest point of each area, the point itself of others."""
    found = np.full((len(shapes), 2), np.nan)
    kind = shapely.get_dimensions(shapes)
    found[kind == 0] = shapely.get_coordinates(shapes[kind == 0])
    if (kind == AREA).any():
        spokes = shapely.maximum_inscribed_circle(shapes[kind == AREA], POLE_MM)
        poles, middles = shapely.get_point(spokes, 0), shapely.centroid(shapes[kind == AREA])
        inside = shapely.covers(shapes[kind == AREA], middles)
        free = shapely.distance(shapely.boundary(shapes[kind == AREA]), middles)
        best = np.where(inside & (free >= NEARLY * shapely.length(spokes)), middles, poles)
        found[kind == AREA] = shapely.get_coordinates(best)
    return found

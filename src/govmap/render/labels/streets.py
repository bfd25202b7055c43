"""Where names of streets may stand: along stretches that are nearly straight, again after some distance."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely

from govmap.render.labels.candidates import COLUMNS, Candidates, Floats, sized, upright
from govmap.render.labels.measure import Measure
from govmap.render.labels.words import Wanted

BENT, BENT_COST = 0.8, 1.5  # of the letters' height, that a street may leave the straight line under its name
END_FREE = 0.4  # of the letters' height, free at both ends
STEP_MM, MOST_STEPS = 3.0, 12
OFF_MIDDLE = 0.5
SMALLER = 0.8


def slots(wanted: Wanted, frame: tuple[float, float, float, float], measure: Measure) -> list[Floats]:
    """Give for each stretch of a street that gets its name the places it may take; the longest stretch first."""
    found: list[Floats] = []
    for line in _pieces(wanted.anchor, frame):
        wide, _ = sized(wanted, wanted.text, wanted.least_mm, measure)
        if found and line.length < max(wanted.every_mm / 2, 1.5 * wide):
            break
        count = max(1, int(line.length // wanted.every_mm))
        for at in range(count):
            low, high = line.length * at / count, line.length * (at + 1) / count
            places = list(_along(line, low, high, wanted, measure))
            found += [np.array(places)] if places else []
    return found


def _pieces(anchor: Any, frame: tuple[float, float, float, float]) -> list[Any]:
    """Give the pieces of a street within the frame, joined where they meet, longest first."""
    cut = shapely.clip_by_rect(shapely.force_2d(anchor), *frame)
    lines = _lines(cut)
    parts = list(shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines)))) if lines else []
    return sorted(parts, key=lambda one: (-round(one.length, 6), one.wkb))


def _lines(cut: Any) -> list[Any]:
    parts = shapely.get_parts(shapely.get_parts(cut))
    return [one for one in parts if shapely.get_dimensions(one) == 1 and one.length > 0]


def _along(line: Any, low: float, high: float, wanted: Wanted, measure: Measure) -> Iterator[tuple[float, ...]]:
    """Try the name all along a stretch, in its own size and a smaller one."""
    coordinates = shapely.get_coordinates(line)
    at = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(coordinates, axis=0).T))])
    for size in sorted({wanted.size_mm, max(wanted.least_mm, SMALLER * wanted.size_mm)}, reverse=True):
        wide, tall = sized(wanted, wanted.text, size, measure)
        need = wide + 2 * END_FREE * tall
        if high - low < need:
            continue
        steps = max(1, min(MOST_STEPS, int((high - low - need) / STEP_MM)))
        for middle in np.linspace(low + need / 2, high - need / 2, steps + 1):
            place = _straight(coordinates, at, middle, wide, tall)
            if place is not None:
                x, y, angle, bent = place
                off = OFF_MIDDLE * abs(middle - (low + high) / 2) / max(high - low, 1e-9)
                cost = off + BENT_COST * bent + (SMALLER if size < wanted.size_mm else 0.0)
                yield (0.0, x, y, wide, tall, angle, size, cost, np.nan, np.nan, 0.0, 1.0)


def _straight(
    points: Floats, at: Floats, middle: float, wide: float, tall: float
) -> tuple[float, float, float, float] | None:
    """Lay a name along a stretch of line; nothing where it bends too much under it."""
    first, last = middle - wide / 2, middle + wide / 2
    inner = points[(at > first) & (at < last)]
    ends = np.column_stack([np.interp([first, last], at, points[:, axis]) for axis in (0, 1)])
    along = ends[1] - ends[0]
    length = float(np.hypot(*along))
    if length < 0.5 * wide:  # it turns back on itself
        return None
    off = ((inner - ends[0]) @ np.array([-along[1], along[0]])) / length if len(inner) else np.zeros(1)
    spread = np.append(off, 0.0)
    bent = float(spread.max() - spread.min()) / tall
    if bent > BENT:
        return None
    lift = float(spread.max() + spread.min()) / 2
    x, y = ends.mean(axis=0) + lift * np.array([-along[1], along[0]]) / length
    return float(x), float(y), upright(*along), bent


def numbered(rows: Floats, at: int) -> Candidates:
    """Give places to the label of this number."""
    rows = rows.copy()
    rows[:, COLUMNS.index("label")] = at
    return Candidates(rows)

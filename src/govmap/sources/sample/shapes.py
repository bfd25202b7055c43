"""Footprints round their own middle, in metres: what stands in a town."""

import math
from collections.abc import Callable, Mapping

import numpy as np
import shapely

from govmap.sources.sample.ground import Points


def footprint(shape: str, width: float, depth: float) -> Points:
    """Give the outline of a shape without its closing point, anticlockwise."""
    outline = np.array(SHAPES[shape](width / 2, depth / 2), dtype=float)
    return outline if shapely.is_ccw(shapely.linearrings(outline)) else outline[::-1]


def doors(outline: Points, count: int) -> Points:
    """Give the places of the stairwells' doors: side by side on the north side."""
    west, east = outline[:, 0].min(), outline[:, 0].max()
    ring = shapely.linearrings(outline)
    across = west + (east - west) * (np.arange(count) + 0.5) / count
    cuts = [shapely.intersection(ring, shapely.linestrings([(x, -999.0), (x, 999.0)])) for x in across]
    return np.array([(x, shapely.bounds(cut)[3]) for x, cut in zip(across, cuts, strict=True)])


Outline = list[tuple[float, float]]


def _slab(x: float, y: float) -> Outline:
    return [(-x, -y), (x, -y), (x, y), (-x, y)]


def _notched(x: float, y: float) -> Outline:
    """Three bays with recessed stairwells between them."""
    bay, deep = x / 3, min(1.6, y / 3)
    steps = [(x, y), (bay + 2, y), (bay + 2, y - deep), (bay - 2, y - deep), (bay - 2, y)]
    return [(-x, -y), (x, -y), *steps, *[(-a, b) for a, b in reversed(steps)]]


def _stepped(x: float, y: float) -> Outline:
    """Two halves, one set back."""
    back = min(2.4, y / 2)
    return [(-x, -y), (0, -y), (0, -y + back), (x, -y + back), (x, y), (0, y), (0, y - back), (-x, y - back)]


def _tower(x: float, y: float) -> Outline:
    """A cross with four arms, as most point towers."""
    a, b = x * 0.5, y * 0.5
    corner = [
        (x, -b),
        (x, b),
        (a, b),
        (a, y),
        (-a, y),
        (-a, b),
        (-x, b),
        (-x, -b),
        (-a, -b),
        (-a, -y),
        (a, -y),
        (a, -b),
    ]
    return [(float(p), float(q)) for p, q in corner]


def _butterfly(x: float, y: float) -> Outline:
    """Two wings bent to the south, joined by a core."""
    return [
        (-x, -y), (-x * 0.45, -y), (-x * 0.3, -y * 0.35), (x * 0.3, -y * 0.35), (x * 0.45, -y), (x, -y),
        (x, y * 0.35), (x * 0.4, y * 0.6), (x * 0.25, y), (-x * 0.25, y), (-x * 0.4, y * 0.6), (-x, y * 0.35),
    ]  # fmt: skip


def _ell(x: float, y: float) -> Outline:
    arm = min(x, y) * 0.8
    return [(-x, -y), (x, -y), (x, -y + arm), (-x + arm, -y + arm), (-x + arm, y), (-x, y)]


def _cup(x: float, y: float) -> Outline:
    arm = min(x, y) * 0.55
    return [(-x, -y), (x, -y), (x, y), (x - arm, y), (x - arm, -y + arm), (-x + arm, -y + arm), (-x + arm, y), (-x, y)]


def _tee(x: float, y: float) -> Outline:
    arm = y * 0.8
    stem = x * 0.3
    return [(-x, y), (-x, y - arm), (-stem, y - arm), (-stem, -y), (stem, -y), (stem, y - arm), (x, y - arm), (x, y)]


def _hall(x: float, y: float) -> Outline:
    """A hall with a porch."""
    porch = x * 0.25
    return [(-x, -y + 3), (-porch, -y + 3), (-porch, -y), (porch, -y), (porch, -y + 3), (x, -y + 3), (x, y), (-x, y)]


def _oval(x: float, y: float) -> Outline:
    """A running track: two straights and two half circles."""
    straight = x - y
    bends = np.linspace(-math.pi / 2, math.pi / 2, 9)
    east = [(straight + y * math.cos(t), y * math.sin(t)) for t in bends]
    return east + [(-p, -q) for p, q in east]


def _round(x: float, y: float) -> Outline:
    return [(x * math.cos(t), y * math.sin(t)) for t in np.linspace(0, 2 * math.pi, 20, endpoint=False)]


def _pond(x: float, y: float) -> Outline:
    """An outline as of something dug by hand."""
    turns = np.linspace(0, 2 * math.pi, 26, endpoint=False)
    reach = 0.86 + 0.1 * np.sin(2 * turns + 0.7) + 0.06 * np.sin(3 * turns)
    return [(x * r * math.cos(t), y * r * math.sin(t)) for t, r in zip(turns, reach, strict=True)]


SHAPES: Mapping[str, Callable[[float, float], Outline]] = {
    "slab": _slab,
    "notched": _notched,
    "stepped": _stepped,
    "tower": _tower,
    "butterfly": _butterfly,
    "ell": _ell,
    "cup": _cup,
    "tee": _tee,
    "hall": _hall,
    "oval": _oval,
    "round": _round,
    "pond": _pond,
}

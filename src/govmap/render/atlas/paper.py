"""Paper: sizes, the edge that printers cannot reach, and where on a page the map and what belongs to it stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
import shapely

from govmap.errors import InputError
from govmap.render.place import Shapes
from govmap.render.scene import Sheet

SIZES = {
    "A4": (210.0, 297.0),
    "A3": (297.0, 420.0),
    "A2": (420.0, 594.0),
    "A1": (594.0, 841.0),
    "A0": (841.0, 1189.0),
    "Letter": (215.9, 279.4),
    "Tabloid": (279.4, 431.8),
}
EDGE = 8.0  # office printers leave out the outer 6 mm
GAP = 3.0
HEAD, FOOT = 15.0, 13.0
SCALES = (500, 750, 1000, 1250, 1500, 2000, 2500, 3000, 4000, 5000, 6000, 7500, 10_000)
COARSER = (12_500, 15_000, 20_000, 25_000, 30_000, 40_000, 50_000, 60_000, 75_000, 100_000, 150_000, 200_000, 500_000)
AROUND = 0.05  # of its width, that a map shows of what surrounds a unit
AROUND_M = 8.0
OVERLAP = 0.1
LARGER = {"A3": 1.15, "Tabloid": 1.15, "A2": 1.35, "A1": 1.7, "A0": 2.1}  # than on A4: words and signs

Window = tuple[float, float, float, float]
Side = Literal["right", "below", "none"]


@dataclass(frozen=True)
class Box:
    """A rectangle on a page, in millimetres from its upper left corner."""

    x: float
    y: float
    wide: float
    high: float

    @property
    def right(self) -> float:
        """Give the right edge."""
        return self.x + self.wide

    @property
    def low(self) -> float:
        """Give the lower edge."""
        return self.y + self.high


@dataclass(frozen=True)
class Layout:
    """A page: its size, where its head and foot, the map and the panel beside or under it stand."""

    wide: float
    high: float
    head: Box
    map: Box
    panel: Box
    foot: Box


def size(paper: str) -> tuple[float, float]:
    """
    Give width and height of a paper, upright.

    Raises
    ------
    InputError
        There is no such paper.
    """
    known = {name.lower(): name for name in SIZES}
    if paper.lower() not in known:
        raise InputError("atlas_no_paper", wanted=paper, known=list(SIZES))
    return SIZES[known[paper.lower()]]


def layout(paper: str, *, wide: bool, panel: Side, room: float) -> Layout:
    """Lay a page out: `room` is the width or height of the panel."""
    short, long = size(paper)
    page_wide, page_high = (long, short) if wide else (short, long)
    inner, tall = page_wide - 2 * EDGE, page_high - 2 * EDGE
    over, under = HEAD * LARGER.get(paper, 1.0), FOOT * LARGER.get(paper, 1.0)
    head, foot = Box(EDGE, EDGE, inner, over), Box(EDGE, EDGE + tall - under, inner, under)
    top, high = EDGE + over, tall - over - under - 1.5
    if panel == "right":
        at = Box(EDGE, top, inner - room - GAP, high)
        beside = Box(at.right + GAP, top, room, high)
    elif panel == "below":
        at = Box(EDGE, top, inner, high - room - GAP)
        beside = Box(EDGE, at.low + GAP, inner, room)
    else:
        at, beside = Box(EDGE, top, inner, high), Box(EDGE, top, 0, 0)
    return Layout(page_wide, page_high, head, at, beside, foot)


def best(paper: str, bounds: Window, *, right: float, below: float) -> tuple[Layout, int]:
    """Choose the page on which a place is drawn largest, upright where nothing is gained by turning it."""
    sides: tuple[Side, Side] = ("below", "right")
    pages = [
        layout(paper, wide=wide, panel=side, room=right if side == "right" else below)
        for wide, side in product((False, True), sides)
    ]
    return min(((page, scale_of(bounds, page.map)) for page in pages), key=lambda one: (one[1], -_used(bounds, one[0])))


def _used(bounds: Window, page: Layout) -> float:
    """Say how well the shape of a map fits that of a place."""
    here = (bounds[2] - bounds[0] + 1) / (bounds[3] - bounds[1] + 1)
    return -abs(float(np.log(here * page.map.high / page.map.wide)))


def scale_of(bounds: Window, frame: Box) -> int:
    """Give the largest round scale (as 1 : N) at which a place with something around it fits into a frame."""
    wide, high = (_with_around(one) for one in (bounds[2] - bounds[0], bounds[3] - bounds[1]))
    need = max(wide / frame.wide, high / frame.high) * 1000
    return next((one for one in (*SCALES, *COARSER) if one >= need), int(np.ceil(need / 1e6)) * 1_000_000)


def _with_around(length: float) -> float:
    return length * (1 + AROUND) + 2 * AROUND_M


def sheet(bounds: Window, frame: Box, scale: int) -> Sheet:
    """Put a place in the middle of a frame, at a scale."""
    wide, high = frame.wide * scale / 1000, frame.high * scale / 1000
    x, y = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    return Sheet((x - wide / 2, y - high / 2, x + wide / 2, y + high / 2), frame.wide, frame.high)


def tiles(bounds: Window, frame: Box, scale: int) -> Sequence[Sheet]:
    """Cover a place by sheets that overlap by a tenth, row by row from the north-west."""
    wide, high = frame.wide * scale / 1000, frame.high * scale / 1000
    wests = _starts(bounds[0], bounds[2], wide)
    souths = _starts(bounds[1], bounds[3], high)
    return [
        Sheet((west, south, west + wide, south + high), frame.wide, frame.high)
        for south in reversed(souths)
        for west in wests
    ]


def needed(some: Sequence[Sheet], points: Shapes, edge_mm: float) -> list[Sheet]:
    """
    Leave out sheets whose places all stand on others too, those with the fewest first.

    Parameters
    ----------
    points
        Places in metres; a sheet without any is left out.
    edge_mm
        How far inside the frame a place must lie to count, where it lies so on any sheet.
    """
    whole = np.array([shapely.box(*one.window) for one in some], dtype=object)[:, None]
    inner = np.array([shapely.box(*one.window).buffer(-edge_mm / one.mm_per_m) for one in some], dtype=object)[:, None]
    shows = np.asarray(shapely.intersects(inner, points), dtype=bool)
    shows |= np.asarray(shapely.intersects(whole, points), dtype=bool) & ~shows.any(axis=0)
    kept = np.asarray(shows.any(axis=1), dtype=bool)
    for at in np.argsort(shows.sum(axis=1), kind="stable"):
        others = kept & (np.arange(len(kept)) != at)
        kept[at] &= not shows[others].any(axis=0)[shows[at]].all()
    return [one for one, stays in zip(some, kept, strict=True) if stays]


def _starts(low: float, high: float, length: float) -> list[float]:
    need = _with_around(high - low)
    count = max(1, int(np.ceil((need - length * OVERLAP) / (length * (1 - OVERLAP)))))
    whole = length * (count - (count - 1) * OVERLAP)
    first = (low + high) / 2 - whole / 2
    return [first + at * length * (1 - OVERLAP) for at in range(count)]

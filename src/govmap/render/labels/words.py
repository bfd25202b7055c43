"""What is asked of the labels of one map, and what comes back; millimetres of paper, y downward."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["point", "area", "line"]
Point = tuple[float, float]
NEVER = float("inf")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """
    One label that is asked for.

    Parameters
    ----------
    label_id
        A name of its own; order of placing, where all else is equal.
    text
        What is written, in one line.
    anchor
        What it names: a point, an area (a building, a unit) or a line (a street, all its pieces as one).
    size_mm, least_mm
        How large it is written, and how small where there is little room.
    priority
        Which of two labels gives way: the smaller one.
    bold
        Whether it is written in bold.
    clear_mm
        Free ground between a point and its label: the radius of its sign.
    leader
        Whether it may stand aside with a line that leads to it.
    keyed
        Whether a number may stand for it, told in a list beside the map.
    under
        Whether it is ground on which other things stand, as a unit under its buildings: their labels may lie on it, and
        its own on them.
    within
        Whether it stands on what it names or nowhere: beside a lake its name would name the park.
    every_mm
        After how many millimetres a line is named again.
    """

    label_id: str
    text: str
    anchor: Any
    kind: Kind
    size_mm: float = 2.4
    least_mm: float = 1.7
    priority: float = 1.0
    bold: bool = False
    clear_mm: float = 0.6
    leader: bool = False
    keyed: bool = False
    under: bool = False
    within: bool = False
    every_mm: float = 90.0


@dataclass(frozen=True)
class Obstacle:
    """
    Shapes on which labels should not lie; `cost` for a label wholly on them, without it they never may.

    Shapes that are straight lines of two points may be given with how `wide_mm` they are drawn.
    """

    shapes: Sequence[Any]
    cost: float = NEVER
    wide_mm: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Placed:
    """
    One label in its place.

    `x`, `y` is the middle of its base line (text-anchor: middle), about which it is turned by `angle` degrees
    clockwise; `box` is the ground its letters cover; `leader` leads from what it names to the box; `key` is the number
    that stands for the text, which is then what is written.
    """

    label_id: str
    text: str
    x: float
    y: float
    angle: float
    size_mm: float
    bold: bool
    kind: Kind
    box: Any
    leader: tuple[Point, Point] | None = None
    key: int | None = None


@dataclass(frozen=True)
class Labelling:
    """All labels of a map in their places, the list of keys (number, text) and the ids for which no place was found."""

    placed: tuple[Placed, ...]
    keys: tuple[tuple[int, str], ...]
    missed: tuple[str, ...]

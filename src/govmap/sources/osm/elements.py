"""What a reader of OSM hands on: points, lines and areas with their tags, and what gave no shape."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
import shapely
from pyproj import CRS, Transformer

Tags = Mapping[str, str]
Box = tuple[float, float, float, float]
Move = Callable[[np.ndarray], np.ndarray]
LOCAL_FROM = 10**12


@dataclass(frozen=True)
class Things:
    """Things of one kind: ids such as `n7`, `w123`, `r45`, their tags and shapes, and the node ids of lines."""

    ids: list[str] = field(default_factory=list)
    tags: list[Tags] = field(default_factory=list)
    shapes: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=object))
    refs: list[list[int]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, chosen: np.ndarray) -> "Things":
        """Give some of them: numbers or a mask."""
        numbers = np.flatnonzero(chosen) if chosen.dtype == bool else chosen
        return Things(
            [self.ids[number] for number in numbers],
            [self.tags[number] for number in numbers],
            self.shapes[numbers],
            [self.refs[number] for number in numbers] if self.refs else [],
        )

    def values(self, key: str) -> list[str | None]:
        """Give the value of one tag for all."""
        return [tags.get(key) for tags in self.tags]


@dataclass(frozen=True)
class Failed:
    """A thing that should have had a shape, and why it has none."""

    id: str
    tags: Tags
    reason: str


@dataclass(frozen=True)
class Ring:
    """A boundary whose ring is incomplete in the data: the lines of it that are there."""

    boundary_id: str
    tags: Tags
    lines: np.ndarray
    ways: int
    missing: int


@dataclass(frozen=True, kw_only=True)
class Elements:
    """Everything of one extract that can matter, in degrees or, after `to`, in metres."""

    points: Things
    lines: Things
    areas: Things
    failed: list[Failed] = field(default_factory=list)
    rings: list[Ring] = field(default_factory=list)
    streets_of: Mapping[str, str] = field(default_factory=dict)
    outside: Mapping[str, int] = field(default_factory=dict)
    repaired: int = 0
    cut: int = 0
    no_relations: bool = False
    reordered: bool = False
    newest: datetime | None = None
    box: Box | None = None

    def to(self, crs: CRS) -> "Elements":
        """Move everything from degrees into a metric system."""
        return self.moved(_mover(crs))

    def moved(self, move: Move) -> "Elements":
        """Move every place by a rule for pairs of numbers."""
        return replace(
            self,
            points=_moved(self.points, move),
            lines=_moved(self.lines, move),
            areas=_moved(self.areas, move),
            rings=[replace(ring, lines=shapely.transform(ring.lines, move)) for ring in self.rings],
        )


def name_of_id(kind: str, number: int) -> str:
    """Give the id of a thing as text: `w12`; `w-3` for one that was never uploaded."""
    return f"{kind}{LOCAL_FROM - number}" if number > LOCAL_FROM else f"{kind}{number}"


def _mover(crs: CRS) -> Move:
    transformer = Transformer.from_crs("EPSG:4326", crs, always_xy=True)

    def move(xy: np.ndarray) -> np.ndarray:
        return np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))

    return move


def _moved(things: Things, move: Move) -> Things:
    return replace(things, shapes=shapely.transform(things.shapes, move)) if len(things) else things

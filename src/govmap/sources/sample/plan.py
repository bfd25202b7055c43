"""The plan of a sample town, read from its file into rows; the words of the file are explained at its head."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from govmap.sources.sample.ground import Ground, Points, turned

Tags = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class House:
    """A row of a place's building table."""

    number: str
    at: tuple[float, float]
    width: float
    depth: float
    turn: float
    shape: str
    use: str
    levels: int
    levels_known: bool
    stairwells: int
    households: int
    doors: bool


@dataclass(frozen=True, kw_only=True)
class Area:
    """Ground that is drawn: a ring of the plan, closed without its first point."""

    ring: Points
    tags: Tags


@dataclass(frozen=True, kw_only=True)
class Stroke:
    """A line that is drawn."""

    line: Points
    tags: Tags


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A point that is drawn."""

    at: Points
    tags: Tags


@dataclass(frozen=True, kw_only=True)
class Place:
    """A compound, a street block or simply a part of the town, in the town's plan."""

    name: str
    facts: Mapping[str, Any]
    houses: tuple[House, ...]
    areas: tuple[Area, ...]
    parts: tuple[Area, ...]
    strokes: tuple[Stroke, ...]
    spots: tuple[Spot, ...]
    ring: Points | None


@dataclass(frozen=True, kw_only=True)
class Town:
    """A whole plan."""

    language: str
    ground: Ground
    facts: Mapping[str, Any]
    places: tuple[Place, ...] = field(default=())


@cache
def town(language: str) -> Town:
    """Read the plan of the town that speaks a language."""
    file = files("govmap.sources.sample") / "towns" / f"{language}.toml"
    facts = tomllib.loads(file.read_text("utf-8"))
    ground = Ground(
        origin=tuple(facts["origin"]),
        turn=facts["turn"],
        waves_x=tuple(tuple(wave) for wave in facts["waves_x"]),
        waves_y=tuple(tuple(wave) for wave in facts["waves_y"]),
    )
    places = tuple(_place(one, language) for one in facts["place"])
    return Town(language=language, ground=ground, facts=facts, places=places)


def tags(text: str, language: str) -> Tags:
    """Read `key=value;key=value`; a name with `|` in it goes on in English."""
    read: Tags = {}
    for pair in filter(None, (one.strip() for one in text.split(";"))):
        key, _, value = pair.partition("=")
        own, _, english = value.partition("|")
        read[key] = own
        if english:
            read |= {f"{key}:{language}": own, f"{key}:en": english}
    return read


def points(text: str) -> Points:
    """Read `x,y x,y`."""
    return np.array([[float(one) for one in pair.split(",")] for pair in text.split()])


def _place(facts: Mapping[str, Any], language: str) -> Place:
    at, turn = np.array(facts.get("at", (0.0, 0.0)), dtype=float), float(facts.get("turn", 0.0))
    areas, lines, spots = (_rows(facts, name) for name in ("areas", "lines", "spots"))
    return Place(
        name=facts.get("name", "").partition("|")[0],
        facts=facts,
        houses=tuple(_house(row, at, turn) for row in _rows(facts, "buildings")),
        areas=tuple(_area(row, at, turn, language) for row in areas),
        parts=tuple(_area(row, np.zeros(2), 0.0, language) for row in _rows(facts, "parts")),
        strokes=tuple(
            Stroke(line=turned(points(rest), turn) + at, tags=tags(head, language)) for head, rest in map(_split, lines)
        ),
        spots=tuple(
            Spot(at=turned(points(rest), turn)[0] + at, tags=tags(head, language)) for head, rest in map(_split, spots)
        ),
        ring=turned(points(facts["ring"]), turn) + at if "ring" in facts else None,
    )


def _rows(facts: Mapping[str, Any], name: str) -> list[str]:
    lines = (line.split("#")[0].strip() for line in facts.get(name, "").splitlines())
    return [line for line in lines if line]


def _split(row: str) -> tuple[str, str]:
    head, _, rest = row.rpartition(" : ")
    return head.strip(), rest.strip()


def _area(row: str, at: Points, turn: float, language: str) -> Area:
    """Read `tags : x,y x,y x,y` or `tags : shape x y width depth turn`."""
    from govmap.sources.sample.shapes import footprint

    head, rest = _split(row)
    if rest[0].isalpha():
        shape, *numbers = rest.split()
        x, y, width, depth, lean = (float(one) for one in numbers)
        ring = turned(footprint(shape, width, depth), lean) + np.array([x, y])
    else:
        ring = points(rest)
    return Area(ring=turned(ring, turn) + at, tags=tags(head, language))


def _house(row: str, at: Points, turn: float) -> House:
    """Read `number x y width depth turn shape use levels homes`; see the head of a town's file."""
    number, x, y, width, depth, lean, shape, use, levels, homes = row.split()
    place = turned(np.array([[float(x), float(y)]]), turn)[0] + at
    floors = int(levels.rstrip("!"))
    stairwells, households = _homes(homes.rstrip("*"), floors - use.endswith("+shops"))
    return House(
        number=number,
        at=(float(place[0]), float(place[1])),
        width=float(width),
        depth=float(depth),
        turn=float(lean) + turn,
        shape=shape,
        use=use,
        levels=floors,
        levels_known=levels.endswith("!"),
        stairwells=stairwells,
        households=households,
        doors=homes.endswith("*"),
    )


def _homes(text: str, floors: int) -> tuple[int, int]:
    """Read `3x2` (stairwells, homes a floor in each), `2x4=264` (and how many in all) or `-`."""
    if text == "-":
        return 1, 0
    grid, _, total = text.partition("=")
    stairwells, homes = (int(one) for one in grid.split("x"))
    return stairwells, int(total) if total else stairwells * homes * floors

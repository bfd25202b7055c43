"""Blocks, crossings and stretches of streets to the segment on which they lie: 1700 WESTWOOD AV, CHARLES ST & PRATT ST.

Where a block lies is told by the house numbers known along its street. A name that is told without the side of the town
(PRATT ST) is put only where no other side can be meant; what cannot be told is left with its reason, not guessed at.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from govmap import addresses as wording
from govmap.addresses import StreetName, Way
from govmap.attach.corners import contradicted, corners, on_stretch
from govmap.attach.lines import BLOCK, INSIDE, MIDDLE, Line, Numbering, Segments, Stop, lines, numbering, witnessed
from govmap.attach.parallels import Numbered, shared

ALONG_M, MEET_M, ONE_CROSSING_M, EDGE_M = 80.0, 25.0, 100.0, 150.0
FEWEST, MOSTLY_HUNDREDS = 20, 0.9
SURE_CROSSING, SURE_STRETCH = 0.97, 0.9


@dataclass(frozen=True)
class Candidate:
    """A stretch that a text may mean: the name and hundred as people would tell it apart, and the place."""

    label: str
    stop: Stop


@dataclass(frozen=True)
class OnStreet:
    """Where on the streets a text lies, or why it is not known, and what it may mean where that is not sure."""

    how: str
    stop: Stop | None = None
    reason: str | None = None
    among: tuple[Candidate, ...] = ()


class _Known(NamedTuple):
    """A line with its own numbers, with those that parallel streets tell beside them, and where others cross it."""

    line: Line
    numbers: Numbering
    all_numbers: Numbering
    crossings: npt.NDArray[np.float64]


def hundreds(texts: Iterable[str], rows: Iterable[int]) -> bool:
    """
    Tell whether a list writes blocks as house numbers, 1700 for 1700 to 1799: nearly all its numbers are full hundreds.

    `rows` says how many rows of the list have each text.
    """
    full = total = 0
    for text, count in zip(texts, rows, strict=True):
        found = wording.way(text)
        if found is not None and found.kind == "number" and found.number is not None:
            total += count
            full += count if found.number % BLOCK == 0 else 0
    return total >= FEWEST and full >= MOSTLY_HUNDREDS * total


class Streets:
    """The streets of a project with their house numbers, for texts that name stretches of them."""

    def __init__(self, streets: gpd.GeoDataFrame, addresses: pd.DataFrame) -> None:
        self._all = streets.sort_values("street_id", kind="stable", ignore_index=True)
        self.ids = self._all["street_id"].to_numpy(object)
        self._rows: dict[StreetName, list[int]] = defaultdict(list)
        self._by_core: dict[str, list[StreetName]] = defaultdict(list)
        self._written: dict[StreetName, str] = {}
        names = self._all["name"].astype(object).where(self._all["name"].notna(), None)
        known = {one: wording.street_name(one) for one in sorted(set(names.dropna()))}
        for row, told in enumerate(names):
            if told is not None:
                self._rows[known[told]].append(row)
                self._written.setdefault(known[told], told)
        for name in sorted(self._rows):
            self._by_core[name.core].append(name)
        self._houses = _houses(addresses)

    def find(self, text: str, found: Way | None = None) -> OnStreet | None:
        """Say where a text lies; None where it means no block, crossing or stretch of a street."""
        found = found or wording.way(text)
        if found is None:
            return None
        if found.kind in ("block", "number") and found.number is not None:
            return self._block(found.streets[0], found.number // BLOCK * BLOCK)
        if found.kind == "crossing":
            return self._crossing(*found.streets)
        return self._between(*found.streets)

    def named(self, text: str) -> list[StreetName]:
        """Give the streets that a name may mean: the kind of street and the side of the town may be left unsaid."""
        wanted = wording.street_name(text)
        known = [one for one in self._by_core.get(wanted.core, ()) if not wanted.kind or one.kind in ("", wanted.kind)]
        exact = [one for one in known if one.kind == wanted.kind] or known
        sided = [one for one in exact if one.side == wanted.side] if wanted.side else exact
        return sided or [one for one in exact if not one.side]

    # blocks --------------------------------------------------------------------------------------------------------
    def _block(self, street: str, low: int) -> OnStreet:
        names = self.named(street)
        if not names:
            return OnStreet("block", reason="unknown_street")
        found = {name: self._stops(name, low) for name in names}
        among = tuple(
            Candidate(f"{self._written[name]} {low}-{low + BLOCK - 1}", stop)
            for name in names
            for stop in found[name][0]
        )
        if not among:
            guessed = any(found[name][2] for name in names)
            return OnStreet("block", reason="block_unsure" if guessed else "block_unknown")
        sure = len(among) == 1 and all(found[name][0] or not found[name][1] for name in names)
        if sure and not self._other_side_unknown(wording.street_name(street), names):
            return OnStreet("block", among[0].stop)
        return OnStreet("block", reason="block_ambiguous" if len(among) > 1 else "block_side", among=among)

    def _other_side_unknown(self, wanted: StreetName, names: list[StreetName]) -> bool:
        """Tell whether a name without its side may mean a street on the other side of the town that is not known."""
        sides = {name.side for name in names if name.side}
        return not wanted.side and any(wording.opposite(side) not in sides for side in sides)

    def _stops(self, name: StreetName, low: int) -> tuple[list[Stop], bool, bool]:
        """Give where a block lies on a street, whether it may lie elsewhere on it, and whether it was guessed."""
        stops, open_, guesses = [], False, False
        for line, numbers, all_numbers, crossings in self._known[name]:
            found, guessed = witnessed(numbers, all_numbers, low, line.length_m)
            if found is not None and found[1] < INSIDE and contradicted(found[0], numbers, low, crossings):
                found, guessed = None, True
            guesses |= guessed
            if found is not None:
                stops.append(line.at(on_stretch(found[0], numbers, low, crossings), found[1]))
            elif guessed or self._may_hold(line, all_numbers, low):
                open_ = True
        best = max((stop.score for stop in stops), default=0.0)
        return [stop for stop in stops if stop.score == best or best < INSIDE], open_, guesses

    def _may_hold(self, line: Line, numbers: Numbering, low: int) -> bool:
        """Tell whether a block may lie on a line though it is not known where: its numbers are not, or it goes on."""
        if len(np.unique(numbers.numbers // BLOCK)) < 2:  # noqa: PLR2004 - a slope needs two
            return True
        order = np.argsort(numbers.numbers, kind="stable")
        ends = np.array([0.0, line.length_m])
        at = numbers.metres[order[[0, -1]]]
        ends = ends if at[0] <= at[1] else ends[::-1]
        reach = np.abs(ends - at) / numbers.metres_a_number
        lowest, highest = numbers.numbers[order[0]] - reach[0], numbers.numbers[order[-1]] + reach[1]
        if lowest - BLOCK / 2 <= low + MIDDLE <= highest + BLOCK / 2:
            return True
        beyond = ends[1] if low + MIDDLE > highest else ends[0]
        end = line.at(float(beyond), 1.0).point
        return bool(shapely.distance(end, self._rim) < EDGE_M)

    @cached_property
    def _rim(self) -> shapely.Geometry:
        hull = shapely.convex_hull(shapely.geometrycollections(self._all.geometry.to_numpy()))
        return shapely.Polygon(hull).exterior if hull.geom_type == "Polygon" else hull

    @cached_property
    def _known(self) -> dict[StreetName, list[_Known]]:
        """Measure every street and number it; once, when the first block is asked for."""
        every = [
            Numbered(name, line, self._own_numbers(line, name))
            for name in sorted(self._rows)
            for line in lines(self._segments(name))
        ]
        found: dict[StreetName, list[_Known]] = defaultdict(list)
        for one, both, crossings in zip(every, shared(every), corners(every), strict=True):
            found[one.name].append(_Known(one.line, one.numbers, both, crossings))
        return found

    def _segments(self, name: StreetName) -> Segments:
        rows = np.array(self._rows[name], dtype=np.int64)
        mine = self._all.iloc[rows]
        shapes = mine.geometry.to_numpy()
        start, stop = (mine[column].astype(str).to_numpy(object) for column in ("from_node", "to_node"))
        return Segments(rows, start, stop, shapely.length(shapes), shapes)

    def _own_numbers(self, line: Line, name: StreetName) -> Numbering:
        """Put the house numbers of a street onto its line: those with its name that stand along it."""
        told = [self._houses[one] for one in self._told_as(name) if one in self._houses]
        if not told:
            return Numbering(np.zeros(0), np.zeros(0))
        numbers = np.concatenate([numbers for numbers, _ in told])
        metres, away = line.along(np.concatenate([points for _, points in told]))
        near = away <= ALONG_M
        return numbering(metres[near], numbers[near])

    def _told_as(self, name: StreetName) -> list[StreetName]:
        """Give the names under which a street's houses may stand: its own, and without the side where it has one."""
        alone = len({one.side for one in self._by_core[name.core] if one.kind == name.kind}) == 1
        return [name, StreetName(name.core, name.kind)] if name.side and alone else [name]

    # crossings -----------------------------------------------------------------------------------------------------
    def _crossing(self, one: str, other: str) -> OnStreet:
        found = [self.named(text) for text in (one, other)]
        if not all(found):
            return OnStreet("crossing", reason="unknown_street")
        stops = [stop for a, b in product(*found) if a != b for stop in self._meetings(a, b)]
        if not stops:
            return OnStreet("crossing", reason="crossing_unknown")
        middle = _middle(stops)
        if middle is None:
            labels = [f"{self._written_at(stop)} {number}" for number, stop in enumerate(stops, start=1)]
            among = tuple(Candidate(label, stop) for label, stop in zip(labels, stops, strict=True))
            return OnStreet("crossing", reason="block_ambiguous", among=among)
        return OnStreet("crossing", middle)

    def _written_at(self, stop: Stop) -> str:
        return str(self._all["name"].iloc[stop.row])

    def _meetings(self, one: StreetName, other: StreetName) -> list[Stop]:
        """Give the places where two streets meet: at their common nodes, else where they come near each other."""
        mine, theirs = self._segments(one), self._segments(other)
        common = sorted(set(mine.start) | set(mine.stop), key=str)
        shared = [node for node in common if node in set(theirs.start) | set(theirs.stop)]
        stops = []
        for node in shared:
            at = int(np.flatnonzero((mine.start == node) | (mine.stop == node))[0])
            point = shapely.get_point(mine.shape[at], 0 if mine.start[at] == node else -1)
            stops.append(Stop(int(mine.row[at]), point, SURE_CROSSING))
        if stops:
            return stops
        near, away = shapely.STRtree(mine.shape).query_nearest(
            theirs.shape, max_distance=MEET_M, return_distance=True, all_matches=False
        )
        if not len(away):
            return []
        best = int(np.lexsort((near[1], away.round(3)))[0])
        touch = shapely.shortest_line(mine.shape[near[1][best]], theirs.shape[near[0][best]])
        return [Stop(int(mine.row[near[1][best]]), shapely.get_point(touch, 0), SURE_STRETCH)]

    def _between(self, street: str, one: str, other: str) -> OnStreet:
        names = self.named(street)
        corners = [self._crossing(street, text) for text in (one, other)]
        bad = next((corner for corner in corners if corner.stop is None), None)
        if not names or bad is not None:
            return OnStreet("stretch", reason="unknown_street" if bad is None else bad.reason)
        points = np.array([corner.stop.point for corner in corners if corner.stop is not None], dtype=object)
        for name in names:
            for line, *_ in self._known[name]:
                metres, away = line.along(points)
                if away.max() <= MEET_M:
                    return OnStreet("stretch", line.at(float(metres.mean()), SURE_STRETCH))
        return OnStreet("stretch", reason="crossing_unknown")


def _middle(stops: list[Stop]) -> Stop | None:
    """Give the one of several places that lies in their middle where they are one crossing, else None."""
    points = np.array([stop.point for stop in stops], dtype=object)
    x, y = shapely.get_x(points), shapely.get_y(points)
    if max(np.ptp(x), np.ptp(y)) > ONE_CROSSING_M:
        return None
    away = np.hypot(x - x.mean(), y - y.mean()).round(2)
    rows = np.array([stop.row for stop in stops])
    return stops[int(np.lexsort((rows, away))[0])]


def _houses(addresses: pd.DataFrame) -> dict[StreetName, tuple[np.ndarray, np.ndarray]]:
    """Give the house numbers of each street with their points."""
    rows = addresses.dropna(subset=["street", "house_number"])
    shapes = rows["geometry"].to_numpy(object) if "geometry" in rows else np.full(len(rows), None, dtype=object)
    number = rows["house_number"].astype(str).map(_first_number)
    good = shapely.is_geometry(shapes) & number.notna().to_numpy()
    rows, shapes, number = rows[good], shapes[good], number[good].to_numpy(np.float64)
    known = {one: wording.street_name(one) for one in sorted(set(rows["street"]))}
    order = np.lexsort((shapely.get_y(shapes), shapely.get_x(shapes), number))
    names = rows["street"].map(known).to_numpy(object)[order]
    places: dict[StreetName, list[int]] = defaultdict(list)
    for place, name in zip(order, names, strict=True):
        places[name].append(int(place))
    return {name: (number[held], shapes[held]) for name, held in places.items()}


def _first_number(text: str) -> float | None:
    hit = re.match(r"\s*(\d{1,6})", text)
    return float(hit[1]) if hit else None

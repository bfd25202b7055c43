"""The walking network: one answer for nearest sites, pairs, matrices, ways and ranges that all steps share."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from govmap.geometry import Floats, Ints
from govmap.network import drawing, search, straight
from govmap.network.stops import Stops, meet
from govmap.network.walls import Walls, walls
from govmap.network.ways import Ways, metres, ways

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_AT_ONCE = 2_000_000  # pairs of stops looked at before their results are put away


@dataclass(frozen=True)
class Network:
    """Streets to walk on and walls not to walk through; without any street, distances are estimated."""

    ways: Ways
    walls: Walls

    @property
    def estimated(self) -> bool:
        """Tell whether distances are straight lines times a detour, because there are no streets."""
        return len(self.ways) == 0

    @property
    def detour(self) -> float:
        """How many times the straight line an estimated distance is."""
        return straight.factor()

    @property
    def pieces_m(self) -> Floats:
        """Metres of each connected piece of the network, the longest first."""
        return np.sort(self.ways.piece_nm / 1e9)[::-1]

    def stops(self, points: "Sequence[Any] | Any", owner: Ints | None = None, count: int | None = None) -> Stops:
        """
        Find where points meet the streets, once for many questions.

        Parameters
        ----------
        points
            Shapely points in metres; sorted by their key, for ties go to the earlier. Missing points meet nothing.
        owner, count
            The stop each point belongs to and how many stops there are, where a stop has several doors.
        """
        shapes = np.asarray(points, object)
        there = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
        of = np.arange(len(shapes)) if owner is None else np.asarray(owner, np.int64)
        many = count if count is not None else int(of.max(initial=-1)) + 1
        doors = shapely.get_coordinates(shapes[there])
        if self.estimated:
            return straight.doors(doors, of[there], many)
        return meet(doors, of[there], many, self.ways, self.walls)

    def nearest(self, origins: Stops, sites: Stops, *, limit_m: float = np.inf) -> tuple[Ints, Floats]:
        """
        Give of each origin the nearest site: its row (-1 where none is within the limit) and metres (inf).

        Of sites equally near the one of the lowest row is given.
        """
        limit = search.whole(limit_m)
        if self.estimated:
            who, far = straight.nearest(origins, sites, limit, search.NONE)
            return who, metres(far, search.NONE)
        dist, source, _ = search.field(self.ways.half(), self.ways.ends(), sites.packed(), limit)
        met = search.by_edge(len(self.ways), sites.first, sites.edge)
        who, far = search.nearest(self.ways.ends(), dist, source, origins.packed(), sites.packed(), met, limit)
        return who, metres(far, search.NONE)

    def pairs(self, origins: Stops, sites: Stops, *, limit_m: float) -> tuple[Ints, Ints, Floats]:
        """Give every pair within a limit, sorted: row of the origin, row of the site, metres."""
        limit = search.whole(limit_m)
        if self.estimated:
            one, other, far = straight.pairs(origins, sites, limit)
        elif len(sites) <= len(origins):
            other, one, far = self._pairs(sites, origins, limit)
        else:
            one, other, far = self._pairs(origins, sites, limit)
        order = np.lexsort((other, one))
        return one[order], other[order], metres(far[order], search.NONE)

    def matrix(self, origins: Stops, destinations: Stops) -> Floats:
        """Give metres between all origins (rows) and destinations (columns), inf where there is no way."""
        one, other, far = self.pairs(origins, destinations, limit_m=np.inf)
        filled = np.full((len(origins), len(destinations)), np.inf)
        filled[one, other] = far
        return filled

    def path(self, origin: Stops, destination: Stops) -> shapely.LineString:
        """Give the shortest way from one stop to one other as a line from door to door, empty where there is none."""
        if self.estimated:
            return straight.path(origin, destination)
        return drawing.path(self.ways, origin, destination)

    def range(self, sites: Stops, limit_m: float) -> shapely.MultiLineString:
        """Give the streets, and parts of them, within some metres of any site."""
        if self.estimated:
            return straight.around(sites, limit_m)
        return drawing.around(self.ways, sites, search.whole(limit_m))

    def _pairs(self, one: Stops, others: Stops, limit: int) -> tuple[Ints, Ints, Ints]:
        """Search from each stop of the first kind, some at a time."""
        met = search.by_edge(len(self.ways), others.first, others.edge)
        some = max(1, MOST_AT_ONCE // max(len(others), 1))
        found = [
            search.pairs(
                self.ways.half(), self.ways.edge, self.ways.ends(), one.packed(), others.packed(), met,
                low, min(low + some, len(one)), limit,
            )
            for low in range(0, len(one), some)
        ]  # fmt: skip
        nothing = np.zeros(0, np.int64)
        a, b, far = (
            np.concatenate([nothing, *column]) for column in (zip(*found, strict=True) if found else ((), (), ()))
        )
        return a, b, far


def build(
    streets: pd.DataFrame,
    *,
    barriers: pd.DataFrame | None = None,
    compounds: pd.DataFrame | None = None,
    entrances: pd.DataFrame | None = None,
) -> Network:
    """
    Make the walking network.

    Parameters
    ----------
    streets
        The table `streets`; only what is walkable is walked. A bridge or an underpass is a street like any other.
    barriers
        The table `barriers`: no step from a door to its street crosses one of strength 1 on the ground.
    compounds, entrances
        The tables: the wall of a compound whose gates are known is passed by these or by a street alone.
    """
    return Network(ways(streets), walls(barriers, compounds, entrances))

"""Ways and ranges as lines: how one walks from a door to a site, and all streets within some metres of sites."""

from typing import Any

import numpy as np
import shapely
from shapely.ops import substring

from govmap.geometry import Floats, Ints
from govmap.network import search
from govmap.network.stops import Stops
from govmap.network.ways import NM, Ways

ALONG = -1


def path(ways: Ways, origin: Stops, destination: Stops) -> shapely.LineString:
    """Give the shortest way between two stops as one line, empty where there is none."""
    dist, _, came = search.field(ways.half(), ways.ends(), origin.packed(), search.NONE - 1)
    offers = _offers(ways, dist, origin, destination)
    if not offers:
        return shapely.LineString()
    _, at, end, begun = min(offers)
    edge = int(destination.edge[at])
    if end == ALONG:
        middle = [_between(ways, edge, origin.along[begun], destination.along[at])]
    else:
        begun, middle = _walked(ways, came, origin, int((ways.start, ways.stop)[end][edge]))
        middle.append(_between(ways, edge, end * ways.length[edge], destination.along[at]))
    return _line(np.array([*_steps(origin, begun), *np.concatenate(middle), *_steps(destination, at)[::-1]]))


def _offers(ways: Ways, dist: Ints, origin: Stops, destination: Stops) -> list[tuple[int, int, int, int]]:
    """
    Give every way to arrive: nm, the place where one does, by which end of its street, and the place of leaving.

    Where one leaves and arrives on the same street the end is ALONG; else the place of leaving is not known here.
    """
    found = []
    for at, (edge, along, leg) in enumerate(zip(destination.edge, destination.along, destination.leg, strict=True)):
        for end, rest in enumerate((along, ways.length[edge] - along)):
            far = dist[(ways.start, ways.stop)[end][edge]]
            if far < search.NONE:
                found.append((int(far + rest + leg), at, end, 0))
        for begun in np.flatnonzero(origin.edge == edge):
            straight = abs(origin.along[begun] - along) + origin.leg[begun] + leg
            found.append((int(straight), at, ALONG, int(begun)))
    return found


def _walked(ways: Ways, came: Ints, origin: Stops, node: int) -> tuple[int, list[Floats]]:
    """Go back from a node to where the way began: the place of leaving, and the lines walked in order."""
    lines: list[Floats] = []
    while came[node] >= 0:
        half = came[node]
        edge = ways.edge[half]
        before = int(np.searchsorted(ways.first, half, side="right") - 1)
        xy = shapely.get_coordinates(ways.line[edge])
        lines.append(xy if ways.start[edge] == before else xy[::-1])
        node = before
    begun = int(-2 - came[node])
    edge = origin.edge[begun]
    loop = ways.start[edge] == ways.stop[edge] and 2 * origin.along[begun] > ways.length[edge]
    end = 0 if ways.start[edge] == node and not loop else ways.length[edge]
    lines.append(_between(ways, edge, origin.along[begun], end))
    return begun, lines[::-1]


def _between(ways: Ways, edge: Any, start: Any, stop: Any) -> Floats:
    """Give the points of a street from one place on it to another."""
    piece = substring(ways.line[edge], start / NM, stop / NM)
    return np.asarray(shapely.get_coordinates(piece), np.float64)


def _steps(stops: Stops, at: int) -> list[Floats]:
    return [stops.door[at]] if np.isnan(stops.via[at, 0]) else [stops.door[at], stops.via[at]]


def _line(points: Floats) -> shapely.LineString:
    moved = np.append(True, (np.abs(np.diff(points, axis=0)) > 0).any(axis=1))
    kept = points[moved]
    return shapely.LineString(kept if len(kept) > 1 else np.repeat(kept, 2, axis=0))


def around(ways: Ways, sites: Stops, limit: int) -> shapely.MultiLineString:
    """Give all streets, and parts of streets, within a limit in nm of any site."""
    dist, _, _ = search.field(ways.half(), ways.ends(), sites.packed(), limit)
    left = np.where(dist < search.NONE, limit - dist, 0)
    every, rest = np.arange(len(ways)), limit - sites.leg
    edge = np.concatenate([every, every, sites.edge])
    start = np.concatenate([every * 0, ways.length - left[ways.stop], sites.along - rest])
    stop = np.concatenate([left[ways.start], ways.length, sites.along + rest])
    pieces = _joined(edge, np.maximum(start, 0), np.minimum(stop, ways.length[edge]))
    return shapely.MultiLineString([_between(ways, *piece) for piece in zip(*pieces, strict=True)])


def _joined(edge: Ints, start: Ints, stop: Ints) -> tuple[Ints, Ints, Ints]:
    """Put pieces of streets together that touch."""
    order = np.lexsort((start, edge))
    order = order[start[order] < stop[order]]
    edge, start, stop = edge[order], start[order], stop[order]
    farthest = np.zeros(len(edge), np.int64)
    new = np.ones(len(edge), bool)
    for row in range(len(edge)):
        same = row > 0 and edge[row] == edge[row - 1]
        new[row] = not same or start[row] > farthest[row - 1]
        farthest[row] = max(stop[row], farthest[row - 1]) if same else stop[row]
    heads = np.flatnonzero(new)
    return edge[heads], start[heads], farthest[np.append(heads[1:], len(edge))[: len(heads)] - 1]

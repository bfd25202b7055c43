"""Closes lines to areas: small gaps by a straight piece, what leaves the data along the data's edge; both are said."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

_TOUCH_M = 0.001
_EDGE_M = 200.0
_OVER_M = 0.01
_SLIVER_M2 = 1.0
_LARGER = 3.0


@dataclass(frozen=True)
class Closed:
    """What came of closing: the area, or None and how far the ends are apart; gaps closed, in metres."""

    area: Any = None
    gaps_m: list[float] = field(default_factory=list)
    along_edge_m: float = 0.0
    known_share: float = 1.0
    widest_m: float = 0.0


def close(lines: np.ndarray, window: Any, *, gap_m: float) -> Closed:
    """
    Close the lines of one boundary to an area.

    Parameters
    ----------
    lines
        What is there of the ring, in any order and direction.
    window
        The ground that the data covers.
    gap_m
        Ends this near each other are joined by a straight piece.
    """
    chains = merged(lines)
    pieces = join_ends(chains, gap_m)
    gaps = [float(gap) for gap in np.round(shapely.length(pieces), 1)]
    whole = merged(np.concatenate([chains, pieces]))
    area = _areas(whole)
    ends = open_ends(whole)
    if area is not None and not len(ends):
        return Closed(area, gaps)
    return _along_edge(whole, ends, window, gaps)


def merged(lines: np.ndarray) -> np.ndarray:
    """Join lines that share ends to chains, cut where they cross."""
    parts = shapely.get_parts(lines)
    parts = parts[(shapely.get_dimensions(parts) == 1) & (shapely.length(parts) > 0)]
    return np.asarray(shapely.get_parts(shapely.line_merge(shapely.union_all(parts))) if len(parts) else parts)


def open_ends(chains: np.ndarray) -> np.ndarray:
    """Give the end points at which no other chain begins."""
    loose = chains[~shapely.is_closed(chains)] if len(chains) else chains
    xy = shapely.get_coordinates(np.concatenate([shapely.get_point(loose, 0), shapely.get_point(loose, -1)]))
    places, count = np.unique(xy, axis=0, return_counts=True)
    return np.asarray(shapely.points(places[count == 1]), dtype=object)


def join_ends(chains: np.ndarray, gap_m: float) -> np.ndarray:
    """Give straight pieces from every open end to the nearest open end or other chain within the gap, nearest first."""
    ends = open_ends(chains)
    pieces: list[Any] = []
    done: set[int] = set()
    for distance, one, other in _near_ends(ends, gap_m):
        if one not in done and other not in done and distance > 0:
            pieces.append(shapely.linestrings([*shapely.get_coordinates(ends[[one, other]])]))
            done |= {one, other}
    for number in range(len(ends)):
        if number not in done:
            pieces += _to_chain(ends[number], chains, gap_m)
    return np.array(pieces, dtype=object)


def _near_ends(ends: np.ndarray, gap_m: float) -> list[tuple[float, int, int]]:
    if not len(ends):
        return []
    one, other = shapely.STRtree(ends).query(ends, predicate="dwithin", distance=gap_m)
    pairs = one < other
    one, other = one[pairs], other[pairs]
    distance = shapely.distance(ends[one], ends[other])
    return sorted(zip(distance.tolist(), one.tolist(), other.tolist(), strict=True))


def _to_chain(end: Any, chains: np.ndarray, gap_m: float) -> list[Any]:
    """Give the piece from an end to the nearest chain that does not end there."""
    others = chains[shapely.distance(chains, end) > _TOUCH_M]
    if not len(others):
        return []
    distance = shapely.distance(others, end)
    nearest = int(np.argmin(distance))
    if distance[nearest] > gap_m:
        return []
    return [_through(end, others[nearest], _OVER_M)]


def _areas(chains: np.ndarray) -> Any:
    """Give all ground that chains enclose, None where they enclose none."""
    faces = shapely.get_parts(shapely.polygonize(chains)) if len(chains) else np.empty(0, dtype=object)
    faces = faces[shapely.area(faces) > _SLIVER_M2]
    return shapely.union_all(faces) if len(faces) else None


def _along_edge(chains: np.ndarray, ends: np.ndarray, window: Any, gaps: list[float]) -> Closed:
    """Close what leaves the data along its edge, on the side to which the lines bend."""
    edge = shapely.boundary(window)
    far = (shapely.distance(edge, ends) > _EDGE_M) & shapely.within(ends, window)
    widest = float(np.max(shapely.distance(ends[far], edge))) if far.any() else 0.0
    if far.any() or not len(chains):
        return Closed(gaps_m=gaps, widest_m=_widest(ends) or widest)
    reach = [_through(end, edge, 1.0) for end in ends[shapely.within(ends, window)]]
    net = shapely.union_all(np.array([*chains, *reach, edge], dtype=object))
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(net)))
    faces = faces[shapely.within(shapely.point_on_surface(faces), window)]
    area = _bent_to(faces, chains)
    if area is None:
        return Closed(gaps_m=gaps, widest_m=_widest(ends))
    rim = shapely.boundary(area)
    along = shapely.length(shapely.intersection(rim, shapely.buffer(edge, _TOUCH_M)))
    return Closed(area, gaps, float(along), 1.0 - float(along) / shapely.length(rim), _widest(ends))


def _through(end: Any, line: Any, beyond_m: float) -> Any:
    """Give a piece from an end to the nearest point of a line and a little beyond, so that the two surely cross."""
    (x0, y0), (x1, y1) = shapely.get_coordinates(shapely.shortest_line(end, line))
    factor = beyond_m / max(float(np.hypot(x1 - x0, y1 - y0)), 1e-9)
    return shapely.linestrings([(x0, y0), (x1 + (x1 - x0) * factor, y1 + (y1 - y0) * factor)])


def _bent_to(faces: np.ndarray, chains: np.ndarray) -> Any:
    """
    Give the face on the hollow side of the lines: the one that holds most of what lines and chord enclose.

    None where no face holds half of it, or where the face is so much larger that the other side may be meant.
    """
    hollow = _hollow(chains)
    held = shapely.area(shapely.intersection(faces, hollow))
    best = int(np.argmax(held)) if len(faces) else -1
    if best < 0 or held[best] < 0.5 * hollow.area or faces[best].area > _LARGER * hollow.area:
        return None
    return faces[best]


def _hollow(chains: np.ndarray) -> Any:
    """Give the ground between a line and its chord."""
    if len(chains) > 1 or shapely.get_num_points(chains[0]) < 3:  # noqa: PLR2004 -- no ground
        return shapely.convex_hull(shapely.union_all(chains))
    return shapely.make_valid(shapely.polygons(shapely.get_coordinates(chains[0])))


def _widest(ends: np.ndarray) -> float:
    """Give the greatest distance from an end to the nearest other one."""
    if len(ends) < 2:  # noqa: PLR2004 -- a pair
        return 0.0
    apart = shapely.distance(ends[:, None], ends[None, :])
    np.fill_diagonal(apart, np.inf)
    return float(apart.min(axis=1).max())

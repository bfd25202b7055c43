"""The built-up outline: the ground of all buildings and what lies close between them, joined along the streets."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from shapely.ops import substring

NEAR_M = 100.0
# Half the width of the ground along a street that joins two pieces, and the longest such way.
STREET_M = 12.0
LONGEST_WAY_M = 2000.0
# A piece beside no street goes straight to one that is so near.
LONGEST_LEG_M = 150.0
_BACK_M = 80.0
_TILE_M = 2000.0


def built_up(shapes: np.ndarray, streets: pd.DataFrame) -> Any:
    """
    Give the ground on which the buildings stand, and the streets by which one walks from piece to piece of it.

    Every building lies inside. Pieces with no way of at most 2 km between them stay apart: the outline may be a
    multipolygon.

    Parameters
    ----------
    shapes
        Footprints, in metres.
    streets
        `from_node`, `to_node`, `length_m`, `walkable`, geometry.
    """
    ground = _ground(shapes)
    ways = _ways_between(shapely.get_parts(ground), streets[streets["walkable"].astype(bool)])
    if not len(ways):
        return ground
    strips = shapely.buffer(ways, STREET_M, quad_segs=2, join_style="mitre")
    return shapely.multipolygons(_filled(shapely.get_parts(shapely.union_all([ground, *strips]))))


def _ground(shapes: np.ndarray) -> Any:
    """Go 100 m out, 80 m back in, and fill the holes."""
    wide = _dissolved(shapely.buffer(shapely.convex_hull(shapes), NEAR_M, quad_segs=2))
    filled = shapely.union_all(_filled(shapely.get_parts(wide)))
    back = shapely.buffer(filled, -_BACK_M, quad_segs=2)
    ground = shapely.union_all(_filled(shapely.get_parts(shapely.simplify(back, 1.0))))
    shapely.prepare(ground)
    left_out = shapes[~shapely.covers(ground, shapes)]
    if len(left_out):
        ground = shapely.union_all([ground, *shapely.buffer(left_out, 1.0)])
    return shapely.multipolygons(_filled(shapely.get_parts(ground)))


def _dissolved(shapes: np.ndarray) -> Any:
    """Unite tile by tile, then the tiles: much faster than all at once."""
    middle = (shapely.bounds(shapes)[:, :2] // _TILE_M).astype(np.int64)
    _, tile = np.unique(middle, axis=0, return_inverse=True)
    order = np.argsort(tile.ravel(), kind="stable")
    starts = np.flatnonzero(np.diff(tile.ravel()[order])) + 1
    return shapely.union_all([shapely.union_all(group) for group in np.split(shapes[order], starts)])


def _filled(parts: np.ndarray) -> np.ndarray:
    return np.asarray(shapely.polygons(shapely.get_exterior_ring(parts)), dtype=object)


def _ways_between(parts: np.ndarray, streets: pd.DataFrame) -> np.ndarray:
    """Give the lines of the shortest ways that join all pieces which streets can join."""
    if len(parts) == 1 or streets.empty:
        return np.array([], dtype=object)
    names, line = np.concatenate([streets["from_node"], streets["to_node"]]), streets["geometry"].to_numpy()
    ends = np.column_stack(np.split(pd.factorize(names, sort=True)[0] + len(parts), 2))
    piece, street = _reached(parts, line)
    passing = np.bincount(street, minlength=len(line)) == 0
    pairs, ways = [ends[passing]], [line[passing]]
    met_on = np.flatnonzero(~passing)
    order = np.argsort(street, kind="stable")
    for one, mine in zip(met_on, np.split(piece[order], np.searchsorted(street[order], met_on)[1:]), strict=True):
        met, legs = _stopping(parts[mine], mine, line[one], ends[one])
        pairs, ways = [*pairs, met], [*ways, legs]
    met, legs = np.sort(np.concatenate(pairs), axis=1), np.concatenate(ways)
    length = shapely.length(legs)
    order = np.lexsort((length, met[:, 1], met[:, 0]))
    first = order[np.unique(met[order], axis=0, return_index=True)[1]]
    return _least_tree(met[first], length[first] + 1e-3, legs[first], len(parts))


def _reached(parts: np.ndarray, line: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give pairs of a piece and a street in it, else the street nearest to it."""
    tree = shapely.STRtree(line)
    piece, street = tree.query(parts, predicate="intersects")
    lonely = np.setdiff1d(np.arange(len(parts)), piece)
    near, nearest = tree.query_nearest(parts[lonely], max_distance=LONGEST_LEG_M, all_matches=False)
    return np.concatenate([piece, lonely[near]]), np.concatenate([street, nearest])


def _stopping(shapes: np.ndarray, piece: np.ndarray, line: Any, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut a street where it meets pieces: who is joined by each cut, and its line with the legs to them."""
    bridge = shapely.shortest_line(shapes, line)
    at = shapely.line_locate_point(line, shapely.get_point(bridge, -1))
    order = np.lexsort((piece, at))
    stops = np.concatenate([ends[:1], piece[order], ends[1:]])
    places = [0.0, *at[order], line.length]
    legs = [None, *bridge[order], None]
    cuts = [
        shapely.union_all([substring(line, *places[one : one + 2]), *filter(None, legs[one : one + 2])])
        for one in range(len(places) - 1)
    ]
    return np.column_stack([stops[:-1], stops[1:]]), np.array(cuts, dtype=object)


def _least_tree(pairs: np.ndarray, length: np.ndarray, ways: np.ndarray, pieces: int) -> np.ndarray:
    """Join the pieces, numbered first among the nodes, by the shortest ways: what of `ways` these are made of."""
    n = int(pairs.max()) + 1
    graph = coo_array((length, (pairs[:, 0], pairs[:, 1])), shape=(n, n)).tocsr()
    away, before, source = dijkstra(
        graph, directed=False, indices=np.arange(pieces), min_only=True, return_predecessors=True
    )
    one, other = source[pairs[:, 0]], source[pairs[:, 1]]
    whole = away[pairs[:, 0]] + away[pairs[:, 1]] + length
    meets = np.flatnonzero((one != other) & (one >= 0) & (other >= 0) & (whole <= LONGEST_WAY_M))
    row = {(int(a), int(b)): at for at, (a, b) in enumerate(pairs)}
    chosen: set[int] = set()
    joined = np.arange(pieces)
    for meet in meets[np.lexsort((meets, whole[meets]))]:
        if joined[one[meet]] != joined[other[meet]]:
            joined[joined == joined[one[meet]]] = joined[other[meet]]
            chosen |= {
                int(meet),
                *_way_back(int(pairs[meet, 0]), before, row),
                *_way_back(int(pairs[meet, 1]), before, row),
            }
    return ways[sorted(chosen)]


def _way_back(node: int, before: np.ndarray, row: dict[tuple[int, int], int]) -> Iterator[int]:
    """Give the rows of the ways from a node back to its piece."""
    while (last := int(before[node])) >= 0:
        yield row[min(last, node), max(last, node)]
        node = last

"""Who borders whom, and what stands between, as one graph.

Borders are read from the cells' shared vertices, so any process can ask, also on cells that came back from a file. A
shared edge that lies on a barrier carries its strength; an edge never to be crossed (water, rail, strength 1) keeps its
two cells apart unless a walkable street crosses it there, or the barrier is a dead end that one can go round.
"""

from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from govmap.geometry import (
    Bools,
    Floats,
    Ints,
    Mesh,
    SegmentGrid,
    Shapes,
    compiled,
    lengths,
    meetings,
    mesh,
    nodes,
    outlines,
    segments,
    sums,
)

LEAST_SHARED_M = 1e-3
ON_LINE_M = 1e-6
AT_POINT_M = 1e-5
ALONG = 1e-4
NEVER_CROSSED = 1.0
BARRING_KINDS = frozenset({"river", "canal", "water", "coast", "riverbank", "dock", "railway", "rail"})


@dataclass(frozen=True)
class Graph:
    """
    Neighbours as pairs i < j of places in `ids`, sorted.

    `shared_m` is the length of their common border, `barrier_m` what of it lies on any barrier, `strength` the mean
    strength of barriers over the whole border by metres (0 none, 1 never crossed all along), `crossed` whether a
    walkable street crosses where the border is never to be crossed else, `joins` whether the two count as connected.
    """

    ids: NDArray[np.object_]
    i: Ints
    j: Ints
    shared_m: Floats
    barrier_m: Floats
    strength: Floats
    crossed: Bools
    joins: Bools


def borders(cells: gpd.GeoDataFrame, barriers: gpd.GeoDataFrame, streets: gpd.GeoDataFrame | None = None) -> Graph:
    """
    Give the graph of cells.

    Parameters
    ----------
    cells
        A coverage with `cell_id` and, where a barrier was led round buildings, `straddles`.
    barriers
        Lines with `kind`, `strength` and `on_ground`.
    streets
        Lines with `walkable`.
    """
    rows = cells.sort_values("cell_id", kind="stable")
    shapes = rows.geometry.to_numpy()
    edges = mesh(shapes)
    edges = edges.take((edges.left >= 0) & (edges.right >= 0))
    strength, barring = _on_barriers(edges, barriers)
    round_ = _led_round(edges, rows, barriers)
    strength, barring = np.where(round_, NEVER_CROSSED, strength), barring | round_
    _, community = np.unique(rows["community_id"].astype(str), return_inverse=True)
    barring = closing(edges.left, edges.right, barring, community)
    crossed = _crossed(edges, barring, streets)
    return _graph(rows["cell_id"].to_numpy(object), edges, strength, barring, crossed)


def between_parts(graph: Graph, parts: pd.DataFrame) -> Graph:
    """
    Give the graph of parts from the graph of their cells.

    Parts of one cell are joined floor by floor (others each to the next); every part of a cell borders the parts of
    the cell's neighbours, and the metres are shared out among them.
    """
    rows = parts.sort_values("part_id", kind="stable", ignore_index=True)
    cell = pd.Index(graph.ids).get_indexer(pd.Index(rows["cell_id"]))
    if (cell < 0).all() or len(rows) == 0:
        return _empty(rows["part_id"].to_numpy(object))
    order = np.argsort(cell, kind="stable")
    order = order[cell[order] >= 0]
    count = np.bincount(cell[order], minlength=len(graph.ids))
    first = np.cumsum(count) - count
    across = _across(graph, order, first, count)
    stacked = _stacked(graph, rows, cell)
    return _sorted(rows["part_id"].to_numpy(object), across, stacked)


def pieces(graph: Graph, label: ArrayLike) -> Ints:
    """Number the pieces: nodes of one label that connect through joins have one number; no label is a label too."""
    _, code = np.unique(pd.factorize(np.asarray(label, object))[0], return_inverse=True)
    kept = graph.joins & (code[graph.i] == code[graph.j])
    return components(len(graph.ids), graph.i[kept], graph.j[kept])


def components(count: int, one: Ints, other: Ints) -> Ints:
    """Number the groups that pairs tie together, in the order of their least members."""
    return np.asarray(_grouped(count, np.asarray(one, np.int64), np.asarray(other, np.int64)))


@compiled
def _grouped(count: int, one: Any, other: Any) -> Any:
    lead = np.arange(count)
    for k in range(len(one)):
        a, b = one[k], other[k]
        while lead[a] != a:
            lead[a] = lead[lead[a]]
            a = lead[a]
        while lead[b] != b:
            lead[b] = lead[lead[b]]
            b = lead[b]
        lead[max(a, b)] = min(a, b)
    groups = 0
    for k in range(count):
        if lead[k] == k:
            lead[k] = groups
            groups += 1
        else:
            lead[k] = lead[lead[k]]
    return lead


def closing(left: Ints, right: Ints, barred: Bools, community: NDArray[Any]) -> Bools:
    """
    Tell which barred edges close something: no way round them leads from one side to the other.

    `left` and `right` are faces (-1: outside), `community` that of each face; no way leads through another community.
    """
    inner = (left >= 0) & (right >= 0)
    inner[inner] = community[left[inner]] == community[right[inner]]
    open_ = inner & ~barred
    side = components(len(community), left[open_], right[open_])
    closed = barred & inner
    closed[closed] = side[left[closed]] != side[right[closed]]
    return closed


# ---------------------------------------------------------------------------------------------------- barriers


def _on_ground(barriers: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    ground = barriers["on_ground"].fillna(value=True).astype(bool) & (barriers["strength"].fillna(0) > 0)
    return barriers[ground]


def bars(barriers: gpd.GeoDataFrame) -> Bools:
    """Tell which barriers are never crossed: water, rail, and what has strength 1."""
    return np.asarray(barriers["kind"].isin(BARRING_KINDS) | (barriers["strength"] >= NEVER_CROSSED), bool)


def _on_barriers(edges: Mesh, barriers: gpd.GeoDataFrame) -> tuple[Floats, Bools]:
    """Give the strongest barrier each edge lies on, and whether one of those is never crossed."""
    used = _on_ground(barriers)
    a, b, row = segments(used.geometry.to_numpy())
    edge, piece = SegmentGrid.of(a, b).at(edges.middles, within=ON_LINE_M)
    strength, barring = np.zeros(len(edges.start)), np.zeros(len(edges.start), bool)
    np.maximum.at(strength, edge, used["strength"].to_numpy(float)[row[piece]])
    barring[edge[bars(used)[row[piece]]]] = True
    return strength, barring


def _led_round(edges: Mesh, cells: gpd.GeoDataFrame, barriers: gpd.GeoDataFrame) -> Bools:
    """
    Find the edges along which a barrier was led round a building.

    A straddling cell is cut by the barring lines through it; what is not its largest part lies beyond the barrier, and
    the border of that part is where the barrier was led.
    """
    found = np.zeros(len(edges.start), bool)
    straddles = cells["straddles"] if "straddles" in cells else pd.Series(data=False, index=cells.index)
    straddling = np.flatnonzero(straddles.fillna(value=False).to_numpy(bool))
    used = _on_ground(barriers)
    lines = used.geometry.to_numpy()[bars(used)]
    if not len(straddling) or not len(lines):
        return found
    shapes = cells.geometry.to_numpy()
    tree = shapely.STRtree(lines)
    flag = np.zeros(len(shapes), bool)
    flag[straddling] = True
    near = np.flatnonzero(flag[edges.left] | flag[edges.right])
    for row in straddling:
        beyond = _beyond(shapes[row], lines[tree.query(shapes[row], predicate="intersects")])
        mine = near[(edges.left[near] == row) | (edges.right[near] == row)]
        a, b, _ = outlines(beyond)
        found[mine[SegmentGrid.of(a, b).at(edges.take(mine).middles, within=ON_LINE_M)[0]]] = True
    return found


def _beyond(shape: Any, lines: Shapes) -> Shapes:
    """Cut a shape by lines and give all parts but the largest."""
    net = shapely.union_all([shapely.boundary(shape), *shapely.intersection(lines, shape)])
    parts = np.asarray(shapely.get_parts(shapely.polygonize(shapely.get_parts(net))), object)
    parts = parts[shapely.contains(shape, shapely.point_on_surface(parts))]
    return np.delete(parts, np.argmax(shapely.area(parts))) if len(parts) else parts


# ---------------------------------------------------------------------------------------------------- crossings


def _crossed(edges: Mesh, barring: Bools, streets: gpd.GeoDataFrame | None) -> Bools:
    """Tell which barring edges a walkable street crosses, inside them or at their ends."""
    crossed = np.zeros(len(edges.start), bool)
    if streets is None or not barring.any():
        return crossed
    rows = np.flatnonzero(barring)
    p, q, _ = segments(streets.geometry.to_numpy()[streets["walkable"].fillna(value=False).to_numpy(bool)])
    a, b = edges.xy[edges.start[rows]], edges.xy[edges.stop[rows]]
    street, edge = SegmentGrid.of(a, b).beside(p, q, within=ON_LINE_M)
    pair, t, s = meetings(p[street], q[street], a[edge], b[edge], ON_LINE_M)
    place = a[edge[pair]] + s[:, None] * (b - a)[edge[pair]]
    point = nodes(np.round(place / AT_POINT_M))[1]
    rays = _rays(point, p[street[pair]], q[street[pair]], t, np.full(len(pair), -1))
    walls = _rays(point, a[edge[pair]], b[edge[pair]], s, edge[pair])
    crossed[rows[_between_rays(*(np.concatenate(two) for two in zip(rays, walls, strict=True)))]] = True
    return crossed


def _rays(point: Ints, a: Floats, b: Floats, along: Floats, name: Ints) -> tuple[Ints, Floats, Ints]:
    """Give the directions in which pieces leave points on them, each once: point, angle, name."""
    long = lengths(a, b)
    onward, back = (1 - along) * long > AT_POINT_M, along * long > AT_POINT_M
    angle = np.arctan2(*(b - a).T[::-1])
    turned = np.where(angle > 0, angle - np.pi, angle + np.pi)
    found = np.column_stack(
        [
            np.concatenate([point[onward], point[back]]),
            np.concatenate([name[onward], name[back]]),
            np.concatenate([angle[onward], turned[back]]),
        ]
    )
    found = np.unique(found, axis=0)
    return found[:, 0].astype(np.int64), found[:, 2], found[:, 1].astype(np.int64)


def _between_rays(point: Ints, angle: Floats, name: Ints) -> Ints:
    """Give the names of walls that have a street (name -1) on both sides before the next wall round their point."""
    order = np.lexsort((name < 0, angle, point))
    point, angle, name = point[order], angle[order], name[order]
    wall = name >= 0
    street = ~wall & ~_along_a_wall(point, angle, wall)
    seen = np.concatenate([[0], np.cumsum(street)])
    begin = np.flatnonzero(np.diff(point, prepend=-1))
    group = np.cumsum(np.diff(point, prepend=-1) != 0) - 1
    end = np.append(begin[1:], len(point))
    total = (seen[end] - seen[begin])[group]
    rows = np.flatnonzero(wall)
    before, after = _neighbour_walls(rows, point)
    left = seen[after] - seen[rows] + np.where(after > rows, 0, total[rows])
    right = seen[rows] - seen[before] + np.where(before < rows, 0, total[rows])
    return np.unique(name[rows[(left > 0) & (right > 0)]])


def _along_a_wall(point: Ints, angle: Floats, wall: Bools) -> Bools:
    """Tell which directions are those of a wall at the same point: the street runs along it."""
    along = np.zeros(len(point), bool)
    rows = np.flatnonzero(wall)
    for turn in (-2 * np.pi, 0.0, 2 * np.pi):
        key = point[rows] * 20.0 + angle[rows] + turn
        order = np.sort(key)
        mine = point * 20.0 + angle
        after = np.searchsorted(order, mine - ALONG)
        near = after < len(order)
        along[near] |= order[after[near]] < mine[near] + ALONG
    return along


def _neighbour_walls(rows: Ints, point: Ints) -> tuple[Ints, Ints]:
    """Give for each wall the one before and after it round its point, itself where it is alone."""
    head = np.diff(point[rows], prepend=-1) != 0
    group = np.cumsum(head) - 1
    begin = np.flatnonzero(head)
    end = np.append(begin[1:], len(rows)) - 1
    place = np.arange(len(rows))
    before = np.where(head, end[group], place - 1)
    after = np.where(place == end[group], begin[group], place + 1)
    return rows[before], rows[after]


# ---------------------------------------------------------------------------------------------------- graphs


def _graph(ids: NDArray[np.object_], edges: Mesh, strength: Floats, barring: Bools, crossed: Bools) -> Graph:
    """Sum edges by pair of cells."""
    i, j = np.minimum(edges.left, edges.right), np.maximum(edges.left, edges.right)
    pairs, number = np.unique(i * max(len(ids), 1) + j, return_inverse=True)
    long = edges.lengths

    def total(metres: Floats) -> Floats:
        return sums(number, metres, len(pairs))

    shared, passable = total(long), total(long * (~barring | crossed))
    return Graph(
        ids=ids,
        i=pairs // max(len(ids), 1),
        j=pairs % max(len(ids), 1),
        shared_m=shared,
        barrier_m=total(long * (strength > 0)),
        strength=np.clip(total(long * strength) / np.maximum(shared, ON_LINE_M), 0, 1),
        crossed=total(crossed.astype(float)) > 0,
        joins=(shared > LEAST_SHARED_M) & (passable > LEAST_SHARED_M),
    )


def _empty(ids: NDArray[np.object_]) -> Graph:
    none, nil, no = np.zeros(0, np.int64), np.zeros(0), np.zeros(0, bool)
    return Graph(ids, none, none, nil, nil, nil, no, no)


def _across(graph: Graph, order: Ints, first: Ints, count: Ints) -> Graph:
    """Repeat each pair of cells for every pair of their parts."""
    times = count[graph.i] * count[graph.j]
    pair = np.repeat(np.arange(len(graph.i)), times)
    turn = np.arange(len(pair)) - np.repeat(np.cumsum(times) - times, times)
    wide = count[graph.j][pair]
    one = order[first[graph.i[pair]] + turn // np.maximum(wide, 1)]
    other = order[first[graph.j[pair]] + turn % np.maximum(wide, 1)]
    return Graph(
        graph.ids,
        np.minimum(one, other),
        np.maximum(one, other),
        graph.shared_m[pair] / times[pair],
        graph.barrier_m[pair] / times[pair],
        graph.strength[pair],
        graph.crossed[pair],
        graph.joins[pair],
    )


def _stacked(graph: Graph, parts: pd.DataFrame, cell: Ints) -> Graph:
    """Join parts of one cell, floor above floor; a floor counts as half of the cell's border."""
    around = sums(graph.i, graph.shared_m, len(graph.ids))
    around += sums(graph.j, graph.shared_m, len(graph.ids))
    floor = parts["floor_from"].fillna(0).to_numpy(float) if "floor_from" in parts else np.zeros(len(parts))
    order = np.lexsort((np.arange(len(parts)), floor, cell))
    order = order[cell[order] >= 0]
    same = cell[order[1:]] == cell[order[:-1]]
    one, other = order[:-1][same], order[1:][same]
    metres = np.maximum(around[cell[one]] / 2, 1.0)
    nil, no = np.zeros(len(one)), np.zeros(len(one), bool)
    return Graph(graph.ids, np.minimum(one, other), np.maximum(one, other), metres, nil, nil, no, ~no)


def _sorted(ids: NDArray[np.object_], *graphs: Graph) -> Graph:
    """Put the pairs of several graphs in order."""
    columns = {
        name: np.concatenate([getattr(graph, name) for graph in graphs])
        for name in ("i", "j", "shared_m", "barrier_m", "strength", "crossed", "joins")
    }
    order = np.lexsort((columns["j"], columns["i"]))
    return replace(graphs[0], ids=ids, **{name: column[order] for name, column in columns.items()})

"""Shortest ways in machine code: Dijkstra's search from many stops at once, in whole nanometres, ties to the lower row.

A stop meets the streets at one place or several (`first`, `edge`, `along`, `leg`, see `stops`). A search starts at the
ends of these streets and is read off at the ends of others; two stops on one street are also joined along it.
"""

from typing import Any

import numpy as np

from govmap.geometry import Floats, Ints, compiled

NONE = 1 << 62  # no way: more than any way is long


@compiled
def _less(heap: Any, i: int, j: int) -> bool:
    return bool(heap[i, 0] < heap[j, 0] or (heap[i, 0] == heap[j, 0] and heap[i, 1] < heap[j, 1]))


@compiled
def _swap(heap: Any, i: int, j: int) -> None:
    for k in range(3):
        heap[i, k], heap[j, k] = heap[j, k], heap[i, k]


@compiled
def _push(heap: Any, size: int, far: int, who: int, node: int) -> int:
    heap[size, 0], heap[size, 1], heap[size, 2] = far, who, node
    i = size
    while i > 0 and _less(heap, i, (i - 1) // 2):
        _swap(heap, i, (i - 1) // 2)
        i = (i - 1) // 2
    return size + 1


@compiled
def _pop(heap: Any, size: int) -> int:
    """Move the least entry behind the end of the heap."""
    size -= 1
    _swap(heap, 0, size)
    i = 0
    while True:
        least = i
        for child in (2 * i + 1, 2 * i + 2):
            if child < size and _less(heap, child, least):
                least = child
        if least == i:
            return size
        _swap(heap, i, least)
        i = least


@compiled
def _better(far: int, who: int, node: int, dist: Any, source: Any) -> bool:
    return bool(far < dist[node] or (far == dist[node] and who < source[node]))


@compiled
def _spread(
    half: Any, size: int, limit: int, heap: Any, dist: Any, source: Any, came: Any, seen: Any, count: int
) -> int:
    """Walk on from what lies on the heap; `seen` lists the nodes reached, `came` the half-edge by which."""
    first, to, weight = half
    while size > 0:
        size = _pop(heap, size)
        far, who, node = heap[size, 0], heap[size, 1], heap[size, 2]
        if far != dist[node] or who != source[node]:
            continue
        for k in range(first[node], first[node + 1]):
            new = far + weight[k]
            if new <= limit and _better(new, who, to[k], dist, source):
                if dist[to[k]] == NONE:
                    seen[count] = to[k]
                    count += 1
                dist[to[k]], source[to[k]], came[to[k]] = new, who, k
                size = _push(heap, size, new, who, to[k])
    return count


@compiled
def _begin(
    stops: Any, ends: Any, low: int, high: int, limit: int, heap: Any, dist: Any, source: Any, came: Any, seen: Any
) -> tuple[int, int]:
    """Lay the ends of the streets that some stops meet on the heap."""
    first, edge, along, leg = stops
    start, stop, length = ends
    size = count = 0
    for who in range(low, high):
        for a in range(first[who], first[who + 1]):
            for end in range(2):
                node = start[edge[a]] if end == 0 else stop[edge[a]]
                far = leg[a] + (along[a] if end == 0 else length[edge[a]] - along[a])
                if far <= limit and _better(far, who, node, dist, source):
                    if dist[node] == NONE:
                        seen[count] = node
                        count += 1
                    dist[node], source[node], came[node] = far, who, -2 - a
                    size = _push(heap, size, far, who, node)
    return size, count


@compiled
def field(half: Any, ends: Any, stops: Any, limit: int) -> Any:
    """Give of every node the way to the nearest of all stops: nm, which stop, and by which half-edge one came."""
    nodes = len(half[0]) - 1
    dist, source = np.full(nodes, NONE), np.full(nodes, NONE)
    came, seen = np.full(nodes, -1), np.empty(nodes, np.int64)
    heap = np.empty((len(half[1]) + 2 * len(stops[1]) + 1, 3), np.int64)
    size, count = _begin(stops, ends, 0, len(stops[0]) - 1, limit, heap, dist, source, came, seen)
    _spread(half, size, limit, heap, dist, source, came, seen, count)
    return dist, source, came


@compiled
def nearest(ends: Any, dist: Any, source: Any, here: Any, sites: Any, by_edge: Any, limit: int) -> Any:
    """Read the nearest site of each stop off a field: which (-1: none within the limit) and nm."""
    start, stop, length = ends
    first, edge, along, leg = here
    site_edge_first, site_at, site_owner = by_edge
    who, far = np.full(len(first) - 1, -1), np.full(len(first) - 1, NONE)
    for i in range(len(first) - 1):
        for a in range(first[i], first[i + 1]):
            e = edge[a]
            for end in range(2):
                node = start[e] if end == 0 else stop[e]
                if dist[node] < NONE:
                    new = dist[node] + leg[a] + (along[a] if end == 0 else length[e] - along[a])
                    if new <= limit and (new < far[i] or (new == far[i] and source[node] < who[i])):
                        far[i], who[i] = new, source[node]
            for k in range(site_edge_first[e], site_edge_first[e + 1]):
                b = site_at[k]
                new = leg[a] + sites[3][b] + abs(along[a] - sites[2][b])
                if new <= limit and (new < far[i] or (new == far[i] and site_owner[k] < who[i])):
                    far[i], who[i] = new, site_owner[k]
    return who, far


@compiled
def _closest_on(
    e: int, node: int, base: int, ends: Any, others: Any, by_edge: Any, best: Any, found: Any, many: int
) -> int:
    """Offer every other stop on an edge the way by one of its ends."""
    start, _, length = ends
    edge_first, at, owner = by_edge
    for k in range(edge_first[e], edge_first[e + 1]):
        b = at[k]
        new = base + others[3][b] + (others[2][b] if start[e] == node else length[e] - others[2][b])
        if start[e] == node:  # a street that begins and ends at one place is met from both sides
            new = min(new, base + others[3][b] + (length[e] - others[2][b])) if ends[1][e] == node else new
        if best[owner[k]] == NONE:
            found[many] = owner[k]
            many += 1
        best[owner[k]] = min(best[owner[k]], new)
    return many


@compiled
def _along_the_same(who: int, one: Any, others: Any, by_edge: Any, best: Any, found: Any, many: int) -> int:
    """Offer other stops on the streets of a stop the way along them."""
    edge_first, at, owner = by_edge
    for a in range(one[0][who], one[0][who + 1]):
        e = one[1][a]
        for k in range(edge_first[e], edge_first[e + 1]):
            b = at[k]
            new = one[3][a] + others[3][b] + abs(one[2][a] - others[2][b])
            if best[owner[k]] == NONE:
                found[many] = owner[k]
                many += 1
            best[owner[k]] = min(best[owner[k]], new)
    return many


@compiled
def pairs(
    half: Any, edge_of: Any, ends: Any, one: Any, others: Any, by_edge: Any, low: int, high: int, limit: int
) -> Any:
    """Give every pair of stops `low` to `high` of one kind and others within a limit: rows of both, and nm."""
    nodes, count_others = len(half[0]) - 1, len(others[0]) - 1
    dist, source = np.full(nodes, NONE), np.full(nodes, NONE)
    came, seen = np.full(nodes, -1), np.empty(nodes, np.int64)
    heap = np.empty((len(half[1]) + 2 * len(one[1]) + 1, 3), np.int64)
    best, found = np.full(count_others, NONE), np.empty(count_others, np.int64)
    a, b, far = [0 for _ in range(0)], [0 for _ in range(0)], [0 for _ in range(0)]
    for who in range(low, high):
        size, count = _begin(one, ends, who, who + 1, limit, heap, dist, source, came, seen)
        count = _spread(half, size, limit, heap, dist, source, came, seen, count)
        many = _along_the_same(who, one, others, by_edge, best, found, 0)
        for n in range(count):
            node = seen[n]
            for k in range(half[0][node], half[0][node + 1]):
                many = _closest_on(edge_of[k], node, dist[node], ends, others, by_edge, best, found, many)
            dist[node], source[node], came[node] = NONE, NONE, -1
        for n in range(many):
            if best[found[n]] <= limit:
                a.append(who)
                b.append(found[n])
                far.append(best[found[n]])
            best[found[n]] = NONE
    return np.array(a), np.array(b), np.array(far)


def by_edge(edges: int, first: Ints, edge: Ints) -> tuple[Ints, Ints, Ints]:
    """Sort places where stops meet streets by street: first of each street, place, stop it belongs to."""
    owner = np.repeat(np.arange(len(first) - 1), np.diff(first))
    order = np.lexsort((owner, edge)) if len(edge) else np.zeros(0, np.int64)
    starts = np.concatenate([[0], np.cumsum(np.bincount(edge, minlength=edges))]).astype(np.int64)
    return starts, order.astype(np.int64), owner[order].astype(np.int64)


def whole(limit_m: float | Floats) -> int:
    """Give a limit in nm."""
    return NONE - 1 if np.isinf(limit_m) else int(np.rint(float(limit_m) * 1e9))

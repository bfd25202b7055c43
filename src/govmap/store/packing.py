"""The R-tree of a GeoPackage, packed whole: many boxes at once, where SQLite would put them in one by one.

The three plain tables behind SQLite's R-tree are written as its file format has them (sqlite.org/rtree.html, "Shadow
tables"; GDAL does the same): boxes are put into leaves tile by tile (sort-tile-recursive, Leutenegger and others 1997),
leaves into nodes, up to one root. Boxes are rounded outward to 4-byte floats, as SQLite does.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

_HEAD = np.dtype([("depth", ">u2"), ("cells", ">u2")])
_CELL = np.dtype([("id", ">i8"), ("box", ">f4", 4)])
Run = Callable[[str, Iterable[tuple[Any, ...]]], object]
Ids = npt.NDArray[np.int64]
Boxes = npt.NDArray[np.float64]


def pack(run_many: Run, tree: str, node_bytes: int, ids: Ids, boxes: Boxes) -> None:
    """
    Fill an R-tree, whose tables are empty, with boxes.

    Parameters
    ----------
    run_many
        Runs a statement for many rows.
    tree, node_bytes
        Its name, and the size of its nodes.
    ids, boxes
        Keys of rows, and min x, max x, min y, max y of each.
    """
    most = (node_bytes - _HEAD.itemsize) // _CELL.itemsize
    keys, edges, node_of = ids, _outward(boxes), [_tiles(boxes, most)]
    rows: list[tuple[Ids, Any, Ids]] = []
    while True:
        nodes = node_of[-1]
        rows.append((keys, edges, nodes))
        count = int(nodes.max()) + 1
        if count == 1:
            break
        edges = _around(edges, nodes, count)
        keys = np.arange(count, dtype=np.int64)
        node_of.append(_tiles(edges.astype(float), most))
    _write(run_many, tree, node_bytes, rows)


def _write(run_many: Run, tree: str, node_bytes: int, levels: list[tuple[Ids, Any, Ids]]) -> None:
    """Write the levels, leaves first in the list; the root is node 1, the others follow from the top down."""
    counts = [int(nodes.max()) + 1 for _, _, nodes in levels]
    firsts = [1 + sum(counts[level + 1 :]) for level in range(len(levels))]
    put = f'INSERT INTO "{tree}_'
    for level in reversed(range(len(levels))):
        keys, edges, nodes = levels[level]
        numbers = keys if level == 0 else keys + firsts[level - 1]
        depth = len(levels) - 1 if firsts[level] == 1 else 0
        run_many(f'{put}node" VALUES (?, ?)', _nodes(numbers, edges, nodes, firsts[level], depth, node_bytes))
        owner = nodes + firsts[level]
        order = np.argsort(numbers, kind="stable")
        rows = zip(numbers[order].tolist(), owner[order].tolist(), strict=True)
        run_many(f'{put}{"rowid" if level == 0 else "parent"}" VALUES (?, ?)', rows)


def _nodes(ids: Ids, edges: Any, nodes: Ids, first: int, depth: int, node_bytes: int) -> Iterator[tuple[int, bytes]]:
    """Give the bytes of each node of a level."""
    order = np.lexsort((ids, nodes))
    counts = np.bincount(nodes)
    starts = np.append(0, np.cumsum(counts)[:-1])
    place = np.arange(len(ids)) - np.repeat(starts, counts)
    cells = np.zeros((len(counts), int(counts.max())), dtype=_CELL)
    cells["id"][nodes[order], place] = ids[order]
    cells["box"][nodes[order], place] = edges[order]
    heads = np.zeros(len(counts), dtype=_HEAD)
    heads["depth"], heads["cells"] = depth, counts
    for number, (head, row) in enumerate(zip(heads, cells, strict=True), start=first):
        yield number, (head.tobytes() + row.tobytes()).ljust(node_bytes, b"\0")


def _tiles(boxes: Boxes, most: int) -> Ids:
    """Say into which node each box goes: upright strips of equal numbers, each cut into nodes from south to north."""
    count = len(boxes)
    nodes = -(-count // most)
    strips = int(np.ceil(np.sqrt(nodes)))
    x, y = boxes[:, 0] + boxes[:, 1], boxes[:, 2] + boxes[:, 3]
    strip = np.empty(count, dtype=np.int64)
    strip[np.lexsort((y, x))] = np.arange(count) * strips // count
    order = np.lexsort((x, y, strip))
    sizes = np.bincount(strip, minlength=strips)
    parts = -(-sizes // most)
    inside = np.arange(count) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    within = inside * np.repeat(parts, sizes) // np.repeat(np.maximum(sizes, 1), sizes)
    found = np.empty(count, dtype=np.int64)
    found[order] = np.repeat(np.cumsum(parts) - parts, sizes) + within
    return found


def _outward(boxes: Boxes) -> Any:
    edges = boxes.astype(np.float32)
    for place, side in enumerate((-np.inf, np.inf, -np.inf, np.inf)):
        inward = edges[:, place] > boxes[:, place] if side < 0 else edges[:, place] < boxes[:, place]
        edges[inward, place] = np.nextafter(edges[inward, place], np.float32(side))
    return edges


def _around(edges: Any, nodes: Ids, count: int) -> Any:
    """Give the box of each node."""
    boxes = np.empty((count, 4), dtype=np.float32)
    for place, (least, start) in enumerate(((np.minimum, np.inf), (np.maximum, -np.inf)) * 2):
        boxes[:, place] = start
        least.at(boxes[:, place], nodes, edges[:, place])
    return boxes

"""Ridges: the exact lines half-way between buildings, by Boost.Polygon's segment Voronoi diagram.

Only outlines are sites, walls between buildings of one enclosure are given; so what is kept are the ridges outside the
footprints between two different owners. A ridge between a corner and a wall is a parabola and is drawn by chords.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any

import numpy as np
import pyvoronoi

from govmap.cells.footprints import GRID_M, Footprints
from govmap.cells.strokes import Strokes
from govmap.geometry import Bools, Floats, Ints, compiled
from govmap.memory import without_sweeps

FRAME_MM = 1_000_000
SAME_MM = 0.01
START_POINT, SEGMENT = 1, 3
MOST_CHORDS = 500
INSIDE, OUTSIDE = 1, 2


@dataclass(frozen=True)
class Sites:
    """Outlines as sites: from node to node of the arrangement with their owner on the left, sorted by enclosure."""

    start: Ints
    stop: Ints
    owner: Ints
    enclosure: Ints


@dataclass(frozen=True)
class _Diagram:
    """A diagram in millimetres round `middle`; half-edges 2k and 2k + 1 are twins; the frame's sites stand last."""

    a: Floats
    b: Floats
    middle: Ints
    vertex: Floats
    begins: Ints
    cell: Ints
    site: Ints
    category: Ints


@dataclass(frozen=True)
class _Drawn:
    """Ridges of one diagram: new points, and ends as numbers of these or, from -1 down, nodes of the arrangement."""

    xy: Floats
    p: Ints
    q: Ints
    left: Ints
    right: Ints
    enclosure: int


def ridges(
    prints: Footprints,
    enclosure: Ints,
    *,
    chord_m: float = 0.02,
    threads: int = 1,
    tick: Callable[[float], None] | None = None,
) -> Strokes:
    """
    Give the walls and ridges between the owners of each enclosure, as strokes to be cut into it.

    Parameters
    ----------
    prints
        The arrangement of footprints.
    enclosure
        The enclosure of each of its pieces (-1: none).
    chord_m
        Largest distance between a parabola and its chords.
    threads
        How many diagrams may be made at once.
    tick
        Told now and then the share that is done.
    """
    sites = _sites(prints, enclosure)
    with without_sweeps():
        drawn = list(_drawings(sites, np.round(prints.mesh.xy / GRID_M).astype(np.int64), chord_m, threads, tick))
    return _strokes(_walls(prints, enclosure), drawn)


def _drawings(
    sites: Sites, grid: Ints, chord_m: float, threads: int, tick: Callable[[float], None] | None
) -> Iterator[_Drawn]:
    """Draw enclosure by enclosure, in order whoever is ready first."""
    heads = np.flatnonzero(np.diff(sites.enclosure, prepend=-1))
    spans = list(pairwise([*heads.tolist(), len(sites.start)]))
    given = (Sites(*(one[head:tail] for one in vars(sites).values())) for head, tail in spans)
    with ThreadPoolExecutor(max(1, threads)) as pool:
        drawn = pool.map(lambda held: _draw(grid, held, chord_m), given)
        for (_, tail), one in zip(spans, drawn, strict=True):
            yield one
            if tick:
                tick(tail / len(sites.start))


# ---------------------------------------------------------------------------------------------------- sites


def _sites(prints: Footprints, enclosure: Ints) -> Sites:
    mesh = prints.mesh
    left, right = _of(enclosure, mesh.left), _of(enclosure, mesh.right)
    apart = (left != right) & ~prints.courtyard
    on_left, on_right = np.flatnonzero(apart & (left >= 0)), np.flatnonzero(apart & (right >= 0))
    start = np.concatenate([mesh.start[on_left], mesh.stop[on_right]])
    stop = np.concatenate([mesh.stop[on_left], mesh.start[on_right]])
    owner = prints.piece_owner[np.concatenate([mesh.left[on_left], mesh.right[on_right]])]
    ground = np.concatenate([left[on_left], right[on_right]])
    kept = np.flatnonzero(_several_owners(ground, owner))
    order = kept[np.argsort(ground[kept], kind="stable")]
    return Sites(start[order], stop[order], owner[order], ground[order])


def _of(enclosure: Ints, piece: Ints) -> Ints:
    return np.where(piece >= 0, enclosure[piece], -1) if len(enclosure) else np.full(len(piece), -1)


def _several_owners(ground: Ints, owner: Ints) -> Bools:
    """Tell which sites lie in an enclosure that several owners share."""
    count = int(ground.max(initial=-1)) + 1
    low, high = np.full(count, np.iinfo(np.int64).max), np.full(count, -1)
    np.minimum.at(low, ground, owner)
    np.maximum.at(high, ground, owner)
    return np.asarray(low[ground] != high[ground])


def _walls(prints: Footprints, enclosure: Ints) -> Strokes:
    """Give the walls between two owners inside one enclosure."""
    mesh, owner = prints.mesh, prints.piece_owner
    left, right = _of(enclosure, mesh.left), _of(enclosure, mesh.right)
    both = np.flatnonzero((left == right) & (left >= 0))
    return Strokes(
        mesh.xy, mesh.start[both], mesh.stop[both], owner[mesh.left[both]], owner[mesh.right[both]], left[both]
    )


def _strokes(walls: Strokes, drawn: list[_Drawn]) -> Strokes:
    """Join walls and ridges; the arrangement's nodes stand first."""
    base = len(walls.xy) + np.cumsum([0] + [len(one.xy) for one in drawn])
    ends = [
        [np.where(code >= 0, code + first, -1 - code) for code in (one.p, one.q)]
        for one, first in zip(drawn, base, strict=False)
    ]
    return Strokes(
        np.concatenate([walls.xy, *(one.xy for one in drawn)]),
        np.concatenate([walls.start, *(p for p, _ in ends)]),
        np.concatenate([walls.stop, *(q for _, q in ends)]),
        np.concatenate([walls.left, *(one.left for one in drawn)]),
        np.concatenate([walls.right, *(one.right for one in drawn)]),
        np.concatenate([walls.face, *(np.full(len(one.p), one.enclosure) for one in drawn)]),
    )


# ---------------------------------------------------------------------------------------------------- diagrams


def _draw(grid: Ints, sites: Sites, chord_m: float) -> _Drawn:
    """Make the diagram of one enclosure and draw the ridges between its owners."""
    found = _diagram(grid[sites.start], grid[sites.stop])
    bare = (found.a, found.b, found.vertex, found.begins, found.cell, found.site, found.category)
    edge, left, right = _between_owners(bare, sites.owner)
    xy, p, q, row = _chords(bare, edge, sites.start, sites.stop, chord_m / GRID_M)
    return _Drawn((xy + found.middle) * GRID_M, p, q, left[row], right[row], int(sites.enclosure[0]))


def _diagram(a: Ints, b: Ints) -> _Diagram:
    """Make the diagram of segments in whole millimetres, with a frame far outside so that every ridge ends."""
    low, high = np.minimum(a, b).min(0), np.maximum(a, b).max(0)
    middle = (low + high) // 2
    far = int(2 * np.hypot(*(high - low))) + FRAME_MM
    corner = np.array([[-far, -far], [far, -far], [far, far], [-far, far]])
    first, second = np.concatenate([a - middle, corner]), np.concatenate([b - middle, np.roll(corner, -1, 0)])
    maker = pyvoronoi.Pyvoronoi(1)
    for segment in np.stack([first, second], 1).tolist():
        maker.AddSegment(segment)
    maker.Construct()
    return _read(maker, first, second, middle)


def _read(maker: Any, first: Ints, second: Ints, middle: Ints) -> _Diagram:
    """Copy a diagram into arrays. Cells list their edges and vertices in order: that spares an object an edge."""
    cells = maker.GetCells()
    closed = [one for one in cells if len(one.vertices) == len(one.edges) + 1]
    half = np.fromiter(chain.from_iterable([one.edges for one in closed]), np.int64)
    begins, cell = np.full(maker.CountEdges(), -1), np.full(maker.CountEdges(), -1)
    begins[half] = np.fromiter(chain.from_iterable([one.vertices[:-1] for one in closed]), np.int64)
    cell[half] = np.repeat([one.cell_identifier for one in closed], [len(one.edges) for one in closed])
    for row in np.flatnonzero(cell < 0).tolist():
        edge = maker.GetEdge(row)
        begins[row], cell[row] = edge.start, edge.cell
    vertex = np.array([(one.X, one.Y) for one in maker.GetVertices()])
    site, category = np.array([one.site for one in cells]), np.array([one.source_category for one in cells])
    return _Diagram(first.astype(float), second.astype(float), middle, vertex, begins, cell, site, category)


@compiled
def _cross(a: Any, b: Any, v: Any) -> float:
    """Tell on which side of the line a-b a point lies: positive is left."""
    return float((b[0] - a[0]) * (v[1] - a[1]) - (b[1] - a[1]) * (v[0] - a[0]))


@compiled
def _side(a: Any, b: Any, v: Any, w: Any) -> int:
    """Tell whether an edge v-w beside the outline piece a-b lies inside the footprint (on the left) or outside."""
    c, d = _cross(a, b, v), _cross(a, b, w)
    return INSIDE if (c if abs(c) > abs(d) else d) > 0.0 else OUTSIDE


@compiled
def _side_of_end(a: Any, b: Any, v: Any, w: Any) -> int:
    """
    Tell on which side an edge v-w lies that stands on an end of the outline piece a-b.

    Where two pieces go straight on, it runs through their common end; then the part outside counts.
    """
    low = min(_cross(a, b, v), _cross(a, b, w))
    return OUTSIDE if low < -SAME_MM * np.hypot(b[0] - a[0], b[1] - a[1]) else INSIDE


@compiled
def _point(diagram: Any, cell: int) -> Any:
    """Give the corner that a cell belongs to."""
    a, b, _, _, _, site, category = diagram
    return a[site[cell]] if category[cell] == START_POINT else b[site[cell]]


@compiled
def _ends_in(diagram: Any, segment: int, corner: int) -> bool:
    """Tell whether a segment cell's piece ends in a corner cell's point."""
    a, b, _, _, _, site, _ = diagram
    p, s = _point(diagram, corner), site[segment]
    return bool((a[s, 0] == p[0] and a[s, 1] == p[1]) or (b[s, 0] == p[0] and b[s, 1] == p[1]))


@compiled
def _corners(diagram: Any, owner: Any) -> Any:
    """
    Find for every corner's cell on which side of the outline it lies, and whose it is.

    A corner's cell lies between its own two pieces; where they have different owners, all of it is equally near to
    both, and the lower one has it.
    """
    a, b, vertex, begins, cell, site, category = diagram
    side, whose = np.zeros(len(site), np.int64), np.full(len(site), -1)
    for edge in range(len(begins) // 2):
        for one in range(2):
            corner, piece = cell[2 * edge + one], cell[2 * edge + 1 - one]
            if category[corner] >= SEGMENT or category[piece] < SEGMENT or site[piece] >= len(owner):
                continue
            if not _ends_in(diagram, piece, corner):
                continue
            v, w, s = begins[2 * edge], begins[2 * edge + 1], site[piece]
            side[corner] = _side_of_end(a[s], b[s], vertex[v], vertex[w])
            whose[corner] = owner[s] if whose[corner] < 0 else min(whose[corner], owner[s])
    return side, whose


@compiled
def _between_owners(diagram: Any, owner: Any) -> Any:
    """Find the edges outside the footprints that lie between two owners: edge, owner on its left, on its right."""
    a, b, vertex, begins, cell, site, category = diagram
    side, whose = _corners(diagram, owner)
    for one in range(len(site)):
        if category[one] >= SEGMENT and site[one] < len(owner):
            whose[one] = owner[site[one]]
    kept = np.empty((len(begins) // 2, 3), np.int64)
    put = 0
    for edge in range(len(begins) // 2):
        left, right, v, w = cell[2 * edge], cell[2 * edge + 1], begins[2 * edge], begins[2 * edge + 1]
        if v < 0 or w < 0 or whose[left] < 0 or whose[right] < 0 or whose[left] == whose[right]:
            continue
        lies = side[left]
        for one, other in ((left, right), (right, left)):
            if category[one] >= SEGMENT:
                s = site[one]
                if category[other] < SEGMENT and _ends_in(diagram, one, other):
                    lies = _side_of_end(a[s], b[s], vertex[v], vertex[w])
                else:
                    lies = _side(a[s], b[s], vertex[v], vertex[w])
        if lies == OUTSIDE:
            kept[put] = edge, whose[left], whose[right]
            put += 1
    return kept[:put, 0].copy(), kept[:put, 1].copy(), kept[:put, 2].copy()


# ---------------------------------------------------------------------------------------------------- chords


@compiled
def _parabola(diagram: Any, edge: int) -> Any:
    """
    Give the frame of an edge between a corner and a wall: origin on the wall's line below the focus, direction along.

    The last number is the focus's signed height over the line, 0 where the edge is straight.
    """
    a, b, _, _, cell, _, category = diagram
    corner, wall = cell[2 * edge], cell[2 * edge + 1]
    if category[corner] >= SEGMENT:
        corner, wall = wall, corner
    if category[corner] >= SEGMENT or category[wall] < SEGMENT or _ends_in(diagram, wall, corner):
        return 0.0, 0.0, 1.0, 0.0, 0.0
    s, focus = diagram[5][wall], _point(diagram, corner)
    dx, dy = b[s, 0] - a[s, 0], b[s, 1] - a[s, 1]
    long = np.hypot(dx, dy)
    dx, dy = dx / long, dy / long
    fx, fy = focus[0] - a[s, 0], focus[1] - a[s, 1]
    along, height = fx * dx + fy * dy, fy * dx - fx * dy
    return a[s, 0] + along * dx, a[s, 1] + along * dy, dx, dy, height


@compiled
def _chord_count(frame: Any, v: Any, w: Any, chord: float) -> int:
    _, _, dx, dy, height = frame
    if abs(height) < 1.0:
        return 1
    run = abs((w[0] - v[0]) * dx + (w[1] - v[1]) * dy)
    return min(MOST_CHORDS, max(1, int(np.ceil(run / np.sqrt(8.0 * abs(height) * chord)))))


@compiled
def _node(diagram: Any, edge: int, v: int, start: Any, stop: Any) -> int:
    """Give the arrangement's node, as -1 - node, that a vertex stands on, or behind inside a footprint; else 0."""
    a, b, vertex, _, cell, site, category = diagram
    for one in range(2):
        piece, corner = cell[2 * edge + one], cell[2 * edge + 1 - one]
        s = site[piece]
        if category[piece] >= SEGMENT and category[corner] < SEGMENT and _ends_in(diagram, piece, corner):
            p = _point(diagram, corner)
            if _cross(a[s], b[s], vertex[v]) > SAME_MM * np.hypot(b[s, 0] - a[s, 0], b[s, 1] - a[s, 1]):
                return int(-1 - (start[s] if a[s, 0] == p[0] and a[s, 1] == p[1] else stop[s]))
        if abs(vertex[v, 0] - a[s, 0]) < SAME_MM and abs(vertex[v, 1] - a[s, 1]) < SAME_MM:
            return int(-1 - start[s])
        if abs(vertex[v, 0] - b[s, 0]) < SAME_MM and abs(vertex[v, 1] - b[s, 1]) < SAME_MM:
            return int(-1 - stop[s])
    return 0


@compiled
def _chords(diagram: Any, kept: Any, start: Any, stop: Any, chord: float) -> Any:
    """Draw edges as chords: new points, first and second end of each chord, row of its edge."""
    _, _, vertex, begins, _, _, _ = diagram
    count = np.empty(len(kept), np.int64)
    for row in range(len(kept)):
        edge = kept[row]
        v, w = vertex[begins[2 * edge]], vertex[begins[2 * edge + 1]]
        count[row] = _chord_count(_parabola(diagram, edge), v, w, chord)
    total = count.sum()
    number = np.full(len(vertex), -1)
    xy = np.empty((total + len(kept), 2))
    p, q, of = np.empty(total, np.int64), np.empty(total, np.int64), np.empty(total, np.int64)
    points, put = 0, 0
    for row in range(len(kept)):
        edge = kept[row]
        ends = np.zeros(2, np.int64)
        for one in range(2):
            v = begins[2 * edge + one]
            ends[one] = _node(diagram, edge, v, start, stop)
            if ends[one] == 0:
                if number[v] < 0:
                    number[v] = points
                    xy[points] = vertex[v]
                    points += 1
                ends[one] = number[v]
        last = ends[0]
        frame = _parabola(diagram, edge)
        for k in range(1, count[row] + 1):
            here = ends[1]
            if k < count[row]:
                _on_parabola(frame, vertex[begins[2 * edge]], vertex[begins[2 * edge + 1]], k / count[row], xy[points])
                here = points
                points += 1
            p[put], q[put], of[put] = last, here, row
            last = here
            put += 1
    return xy[:points], p, q, of


@compiled
def _on_parabola(frame: Any, v: Any, w: Any, share: float, out: Any) -> None:
    """Put the point some share of the way from v to w on the parabola into `out`."""
    ox, oy, dx, dy, height = frame
    u0 = (v[0] - ox) * dx + (v[1] - oy) * dy
    u1 = (w[0] - ox) * dx + (w[1] - oy) * dy
    u = u0 + (u1 - u0) * share
    up = (u * u + height * height) / (2.0 * height)
    out[0] = ox + u * dx - up * dy
    out[1] = oy + u * dy + up * dx

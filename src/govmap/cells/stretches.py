"""Long narrow ground without buildings, as between two roads or a wall and a street, is cut across into stretches.

Whole, such ground touches blocks that lie far apart, and whoever gets it seems to reach round all of them.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from scipy.spatial import cKDTree

from govmap.cells.openspace import Ground
from govmap.cells.planar import pieces, polygons
from govmap.cells.strokes import Cut, Strokes, cut
from govmap.geometry import Floats, Ints, Shapes, nodes, segments

STRETCH_M = 100.0
"""About as long as the ground is that one row of houses fronts."""
NARROW = 3.0
"""Ground is narrow where it is so many times longer than it is wide."""
LATTICE_M, FINE_M, FINE_M2 = 10.0, 5.0, 4_000.0
"""Steps of the lattice by which ground is shared out, and the finer one for small ground."""
MOST_POINTS = 200_000
ROUNDS = 12
AROUND_M = 50.0


def cut_across(ground: Ground, home: Ints) -> Ground:
    """
    Cut long narrow blocks in which nothing stands into stretches; each is a block of its own.

    Parameters
    ----------
    home
        The block in which each piece of a footprint stands, -1 for none.
    """
    enclosures = ground.enclosures
    whole = len(enclosures.shapes)
    lines, face = _cuts(enclosures.shapes, _long(ground, home))
    if not len(face):
        return ground
    made = cut(enclosures.mesh, _strokes(lines, face), enclosures.shapes)
    left, right, parent = _numbered(made, np.unique(face), whole)
    apart = left != right
    mesh = made.mesh.faces(left, right).take(apart)
    new = np.arange(whole, whole + len(parent))
    shapes = np.concatenate([enclosures.shapes, np.empty(len(parent), object)])
    changed = np.unique(np.concatenate([face, new]))
    shapes[changed] = polygons(mesh, len(shapes))[changed]
    community = np.concatenate([enclosures.community, enclosures.community[parent]])
    barred = np.append(enclosures.barred, False)[made.source][apart]
    refined = replace(enclosures, mesh=mesh, shapes=shapes, community=community, barred=barred)
    return Ground(refined, np.concatenate([ground.block, new]))


def _long(ground: Ground, home: Ints) -> Ints:
    """Name the blocks without a footprint that are worth more than one stretch."""
    shapes = ground.enclosures.shapes
    bare = np.ones(len(shapes) + 1, bool)
    bare[home] = False
    own = ground.block == np.arange(len(shapes))
    return np.flatnonzero(bare[:-1] & own & (_stretches(shapes) > 1))


def _stretches(shapes: Shapes) -> Ints:
    """Say into how many stretches ground is cut: it is as long and wide as an oblong of its area and outline."""
    quarter, area = shapely.length(shapes) / 4, shapely.area(shapes)
    long = quarter + np.sqrt(np.maximum(quarter**2 - area, 0))
    wide = area / np.maximum(long, 1e-9)
    count = np.where(long > NARROW * wide, np.rint(long / np.maximum(wide, STRETCH_M)), 1)
    return np.asarray(count, np.int64)


def _cuts(shapes: Shapes, faces: Ints) -> tuple[Shapes, Ints]:
    """Give the lines between the stretches of every face, and the face each is for."""
    lines, face = [np.zeros(0, object)], [np.zeros(0, np.int64)]
    for one, number in zip(faces.tolist(), _stretches(shapes[faces]).tolist(), strict=True):
        seeds = _middles(shapes[one], number)
        if len(seeds) > 1:
            around = shapely.box(*shapely.bounds(shapes[one])).buffer(AROUND_M)
            found = shapely.voronoi_polygons(shapely.multipoints(seeds), only_edges=True, extend_to=around)
            lines.append(np.asarray(shapely.get_parts(found), object))
            face.append(np.full(len(lines[-1]), one))
    return np.concatenate(lines), np.concatenate(face)


def _middles(shape: Any, number: int) -> Floats:
    """Give the middles of so many stretches: points far apart, each drawn to what is nearest to it (Lloyd)."""
    points = _lattice(shape, number)
    at = [int(np.lexsort((points[:, 1], points[:, 0]))[0])]
    far = np.hypot(*(points - points[at[0]]).T)
    for _ in range(number - 1):
        at.append(int(np.argmax(far)))
        far = np.minimum(far, np.hypot(*(points - points[at[-1]]).T))
    middles = points[at]
    for _ in range(ROUNDS):
        own = cKDTree(middles).query(points)[1]
        count = np.bincount(own, minlength=number)
        sums = np.stack([np.bincount(own, points[:, axis], number) for axis in (0, 1)], 1)
        middles = np.where(count[:, None] > 0, sums / np.maximum(count, 1)[:, None], middles)
    return np.asarray(np.unique(np.round(middles, 3), axis=0))


def _lattice(shape: Any, number: int) -> Floats:
    """Give points of a lattice inside a shape, of its outline where too few fall inside."""
    west, south, east, north = shapely.bounds(shape)
    step = FINE_M if shapely.area(shape) < FINE_M2 else LATTICE_M
    step = max(step, float(np.sqrt((east - west) * (north - south) / MOST_POINTS)))
    x, y = np.meshgrid(np.arange(west + step / 2, east, step), np.arange(south + step / 2, north, step))
    points = np.stack([x.ravel(), y.ravel()], 1)
    shapely.prepare(shape)
    points = points[shapely.contains_xy(shape, points)]
    return points if len(points) > number else shapely.get_coordinates(shapely.segmentize(shape, step))


def _strokes(lines: Shapes, face: Ints) -> Strokes:
    a, b, row = segments(lines)
    xy, number = nodes(np.concatenate([a, b]))
    none = np.full(len(a), -1)
    return Strokes(xy, number[: len(a)], number[len(a) :], none, none, face[row])


def _numbered(made: Cut, faces: Ints, count: int) -> tuple[Ints, Ints, Ints]:
    """Number the pieces of faces, the first as the face was: left and right of edges, the face each new one is of."""
    found = pieces(made.mesh)
    mine = np.flatnonzero(np.isin(found.face, faces))
    more = np.delete(mine, np.unique(found.face[mine], return_index=True)[1])
    number = found.face.copy()
    number[more] = count + np.arange(len(more))
    return np.append(number, -1)[found.left], np.append(number, -1)[found.right], found.face[more]

"""Open space: wide empty ground inside a built block is split off along a line some way from the buildings."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from scipy.spatial import cKDTree

from govmap.cells.enclosures import Enclosures
from govmap.cells.footprints import Footprints
from govmap.cells.planar import pieces, polygons
from govmap.cells.strokes import Cut, Strokes, cut
from govmap.geometry import Bools, Floats, Ints, Shapes, nodes, outlines

FAR_M = 80.0
LEAST_M2 = 10_000.0
LEAST_WIDTH_M = 30.0
LATTICE_M = 20.0
CLUMP_M = 40.0
QUARTER_PIECES = 4


@dataclass(frozen=True)
class Ground:
    """Enclosures after wide open ground became enclosures of its own; `block` is the one each was part of."""

    enclosures: Enclosures
    block: Ints


def split_off(enclosures: Enclosures, prints: Footprints, home: Ints) -> Ground:
    """Split wide open ground off the enclosures in which pieces of footprints stand (`home`, by piece)."""
    face, near = _built_ground(enclosures, prints, home)
    whole = np.arange(len(enclosures.shapes))
    if not len(face):
        return Ground(enclosures, whole)
    made = cut(enclosures.mesh, strokes_of(near, face), enclosures.shapes)
    left, right, parent = _far_faces(made, face, near, len(whole))
    apart = left != right
    mesh = made.mesh.faces(left, right).take(apart)
    block = np.concatenate([whole, parent])
    shapes = np.concatenate([enclosures.shapes, np.empty(len(parent), object)])
    changed = np.unique(np.concatenate([parent, np.arange(len(whole), len(block))]))
    shapes[changed] = polygons(mesh, len(block))[changed]
    barred = np.append(enclosures.barred, False)[made.source][apart]
    refined = replace(enclosures, mesh=mesh, shapes=shapes, community=enclosures.community[block], barred=barred)
    return Ground(refined, block)


def _built_ground(enclosures: Enclosures, prints: Footprints, home: Ints) -> tuple[Ints, Shapes]:
    """Give the enclosures that have wide ground beyond `FAR_M` from their buildings, and the ground within it."""
    area = shapely.area(enclosures.shapes)
    held = np.flatnonzero((home >= 0) & (area[home] > LEAST_M2))
    held = held[np.argsort(home[held], kind="stable")]
    faces, grounds = [], []
    for group in np.split(held, np.flatnonzero(np.diff(home[held])) + 1) if len(held) else ():
        face = int(home[group[0]])
        near = _near(enclosures.shapes[face], prints.piece_shape[group])
        if near is not None:
            faces.append(face)
            grounds.append(near)
    return np.array(faces, np.int64), np.array(grounds, object)


def _near(shape: Any, prints: Shapes) -> Any:
    """Give the ground within `FAR_M` of footprints where it leaves wide ground of a shape over, else nothing."""
    corners = shapely.get_coordinates(shapely.segmentize(prints, CLUMP_M))
    if not _may_leave_ground(shape, corners):
        return None
    near = shapely.union_all(shapely.buffer(_clumps(corners), FAR_M, quad_segs=QUARTER_PIECES))
    rest = np.asarray(shapely.get_parts(shapely.difference(shape, near)), object)
    return near if _wide(rest).any() else None


def _clumps(corners: Floats) -> Shapes:
    """Give boxes round corners that lie close together: far fewer shapes to unite, and hardly another line."""
    _, clump = np.unique(np.floor(corners / CLUMP_M), axis=0, return_inverse=True)
    order = np.argsort(clump.ravel(), kind="stable")
    heads = np.flatnonzero(np.diff(clump.ravel()[order], prepend=-1))
    low, high = np.minimum.reduceat(corners[order], heads), np.maximum.reduceat(corners[order], heads)
    return np.asarray(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]), object)


def _may_leave_ground(shape: Any, corners: Floats) -> bool:
    """Look at a lattice of points whether any is far from all corners: no wide ground slips between its points."""
    west, south, east, north = shapely.bounds(shape)
    x, y = np.meshgrid(np.arange(west, east, LATTICE_M), np.arange(south, north, LATTICE_M))
    points = np.stack([x.ravel(), y.ravel()], 1)
    points = points[np.isinf(cKDTree(corners).query(points, distance_upper_bound=FAR_M)[0])]
    shapely.prepare(shape)
    return bool(shapely.contains_xy(shape, points).any())


def _wide(shapes: Shapes) -> Bools:
    """Tell which shapes are worth a cell of their own."""
    wide = shapely.area(shapes) > LEAST_M2
    wide[wide] = ~shapely.is_empty(shapely.buffer(shapes[wide], -LEAST_WIDTH_M / 2, quad_segs=1))
    return np.asarray(wide)


def strokes_of(near: Shapes, face: Ints) -> Strokes:
    """Give the outlines of ground, each to be cut into its face."""
    a, b, row = outlines(near)
    xy, number = nodes(np.concatenate([a, b]))
    none = np.full(len(a), -1)
    return Strokes(xy, number[: len(a)], number[len(a) :], none, none, face[row])


def _far_faces(made: Cut, face: Ints, near: Shapes, count: int) -> tuple[Ints, Ints, Ints]:
    """Number the far pieces as new faces: faces left and right of every edge, the face each new one was part of."""
    found = pieces(made.mesh)
    shape = polygons(made.mesh.faces(found.left, found.right), len(found.face))
    row = np.full(count, -1)
    row[face] = np.arange(len(face))
    maybe = np.flatnonzero(row[found.face] >= 0)
    points = shapely.point_on_surface(shape[maybe])
    far = maybe[~shapely.intersects(near[row[found.face[maybe]]], points) & _wide(shape[maybe])]
    number = found.face.copy()
    number[far] = count + np.arange(len(far))
    return np.append(number, -1)[found.left], np.append(number, -1)[found.right], found.face[far]

from itertools import pairwise

import numpy as np
import pytest
import shapely

from govmap.cells.planar import pieces, polygons
from govmap.cells.strokes import Strokes, cut
from govmap.geometry import mesh, nodes


def strokes(*given):
    """Strokes through one face: (first point, second point, label left, label right, face)."""
    xy, number = nodes(np.array([point for p, q, *_ in given for point in (p, q)], float))
    left, right, face = (np.array([one[k] for one in given]) for k in (2, 3, 4))
    return Strokes(xy, number[::2], number[1::2], left, right, face)


def test_a_stroke_divides_its_face_and_gives_the_neighbour_its_node():
    shapes = np.array([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)])
    made = cut(mesh(shapes), strokes(((-5, 4), (15, 4), 7, 8, 0)), shapes)
    found = pieces(made.mesh)
    halves = polygons(made.mesh.faces(found.left, found.right), len(found.face))
    assert sorted(shapely.area(halves)) == [40, 60, 100]
    assert shapely.coverage_is_valid(halves)
    assert (10, 4) in halves[found.face == 1][0].exterior.coords
    assert made.left_label[made.source < 0].tolist() == [7]
    assert made.right_label[made.source < 0].tolist() == [8]


def test_strokes_outside_their_face_and_loose_ends_are_dropped():
    shapes = np.array([shapely.box(0, 0, 10, 10)])
    given = strokes(((20, 0), (30, 0), 1, 2, 0), ((-5, 4), (5, 4), 1, 2, 0))
    made = cut(mesh(shapes), given, shapes)
    assert (made.source >= 0).all()


def test_a_stroke_along_an_edge_or_through_a_corner_does_no_harm():
    shapes = np.array([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)])
    given = strokes(((10, -2), (10, 12), 1, 2, 0), ((-1, -1), (11, 11), 1, 2, 0), ((0, 10), (10, 0), 1, 2, 0))
    made = cut(mesh(shapes), given, shapes)
    found = pieces(made.mesh)
    halves = polygons(made.mesh.faces(found.left, found.right), len(found.face))
    assert shapely.coverage_is_valid(halves)
    assert shapely.area(halves).sum() == pytest.approx(200)


def test_a_closed_stroke_inside_a_face_leaves_a_hole():
    shapes = np.array([shapely.box(0, 0, 10, 10)])
    ring = [(3, 3), (6, 3), (6, 6), (3, 6), (3, 3)]
    made = cut(mesh(shapes), strokes(*((p, q, 1, 0, 0) for p, q in pairwise(ring))), shapes)
    found = pieces(made.mesh)
    inside, around = sorted(polygons(made.mesh.faces(found.left, found.right), 2), key=lambda shape: shape.area)
    assert inside.area == 9
    assert len(around.interiors) == 1

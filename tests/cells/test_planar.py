import numpy as np
import shapely

from govmap.cells.planar import containing, polygons, trace
from govmap.geometry import mesh


def test_tracing_gives_every_face_its_outline():
    shapes = [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 3, 1)]
    rings = trace(mesh(shapes))
    assert sorted(rings.area.tolist()) == [-3, 1, 2]


def test_a_ring_that_touches_itself_becomes_two():
    hole = shapely.Polygon([(5, 0), (7, 3), (3, 3)])
    outer = shapely.Polygon([(0, 0), (5, 0), (10, 0), (10, 10), (0, 10)]).difference(hole)
    again = polygons(mesh([outer, hole]), 2)
    assert shapely.is_valid(again).all()
    assert shapely.equals(again, [outer, hole]).all()


def test_polygons_come_back_from_their_mesh():
    ring = shapely.box(0, 0, 10, 10).difference(shapely.box(2, 2, 4, 4)).difference(shapely.box(6, 6, 8, 8))
    both = shapely.MultiPolygon(
        [shapely.box(20, 0, 22, 2), shapely.box(30, 0, 40, 10).difference(shapely.box(31, 1, 33, 3))]
    )
    shapes = [ring, shapely.box(2, 2, 4, 4), both]
    assert shapely.equals(polygons(mesh(shapes), 3), shapes).all()


def test_a_hole_is_not_held_by_what_fills_it():
    outer, filling = shapely.box(0, 0, 10, 10), shapely.box(2, 2, 4, 4)
    assert containing(np.array([outer, filling]), np.array([filling])).tolist() == [0]

import numpy as np
import pytest
import shapely
from ground import STREET, barriers, box, buildings, communities, line

from govmap.cells import tessellate

LONG, WIDE, DEEP = 600.0, 20.0, 100.0
HOUSES = [box(x, y, x + 20, y + 20) for x in range(20, 580, 80) for y in (40, 160)]


def between_two_roads():
    """Two rows of blocks, and between them a strip of 600 by 20 m with a road on each side."""
    roads = [(line((0, y), (LONG, y)), "street", STREET) for y in (DEEP, DEEP + WIDE)]
    return tessellate(buildings(HOUSES), barriers(*roads), communities(box(0, 0, LONG, 2 * DEEP + WIDE)))


def bare(found):
    return found.cells[found.cells["building_id"].isna()]


def test_a_strip_between_two_roads_is_cut_into_stretches_of_about_a_hundred_metres():
    found = bare(between_two_roads())
    east = found.bounds["maxx"] - found.bounds["minx"]
    assert len(found) == 6
    assert east.between(60, 140).all()
    assert found["block_id"].is_unique


def test_stretches_tile_the_strip_and_share_their_corners_with_the_cells_beside():
    found = between_two_roads()
    assert shapely.coverage_is_valid(found.cells.geometry.to_numpy())
    assert bare(found).area.sum() == pytest.approx(LONG * WIDE)


def test_a_square_without_buildings_stays_whole():
    street = line((60, 0), (60, 300)), "street", STREET
    found = tessellate(buildings([box(20, 140, 40, 160)]), barriers(street), communities(box(0, 0, 360, 300)))
    assert bare(found).area.tolist() == [pytest.approx(300 * 300)]


def test_a_ring_round_a_compound_is_cut_so_that_no_stretch_surrounds_it():
    wall = box(20, 20, 320, 320)
    given = buildings([box(60, 60, 280, 280)]), barriers((shapely.boundary(wall), "wall", STREET))
    found = bare(tessellate(*given, communities(box(0, 0, 340, 340))))
    assert len(found) >= 10
    assert not found.geometry.convex_hull.contains(shapely.centroid(wall)).any()


def test_cells_with_stretches_are_the_same_whatever_the_order_of_rows():
    roads = [(line((0, y), (LONG, y)), "street", STREET) for y in (DEEP, DEEP + WIDE)]
    whole = communities(box(0, 0, LONG, 2 * DEEP + WIDE))
    rng = np.random.default_rng(1)
    one = tessellate(buildings(HOUSES), barriers(*roads), whole)
    order = rng.permutation(len(HOUSES))
    two = tessellate(buildings(HOUSES).iloc[order], barriers(*roads).iloc[::-1], whole)
    assert one.cells.to_wkb().equals(two.cells.to_wkb())

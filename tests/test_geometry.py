import numpy as np
import pytest
import shapely

from govmap.geometry import (
    SegmentGrid,
    compactness,
    long_axis,
    meetings,
    mesh,
    nodes,
    outlines,
    polygonal,
    sums,
)


def test_what_has_no_surface_becomes_empty():
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    kinds = [
        bow,
        None,
        shapely.Point(1, 1),
        shapely.LineString([(0, 0), (1, 1)]),
        shapely.Polygon(),
        shapely.box(0, 0, 1, 1),
    ]
    found = polygonal(kinds)
    assert shapely.area(found).tolist() == [0.5, 0, 0, 0, 0, 1]
    assert set(shapely.get_type_id(found)) <= {3, 6}


def test_repairing_keeps_the_surfaces_of_a_mixed_shape():
    mixed = shapely.GeometryCollection([shapely.box(0, 0, 1, 1), shapely.Point(5, 5), shapely.box(3, 0, 4, 1)])
    assert polygonal([mixed])[0].area == 2


def test_heights_are_dropped():
    assert not shapely.has_z(polygonal([shapely.force_3d(shapely.box(0, 0, 1, 1), 7)]))[0]


def test_a_circle_is_compact_and_a_thread_is_not():
    round_, square, thread, nothing = compactness(
        [
            shapely.Point(0, 0).buffer(10, quad_segs=64),
            shapely.box(0, 0, 1, 1),
            shapely.box(0, 0, 100, 0.1),
            shapely.Polygon(),
        ]
    )
    assert round_ == pytest.approx(1, abs=1e-3)
    assert square == pytest.approx(np.pi / 4)
    assert thread < 0.01
    assert nothing == 0


def test_the_long_axis_runs_along_the_longer_side():
    slab = shapely.affinity.rotate(shapely.box(-20, -5, 20, 5), 30, origin=(0, 0))
    middle, axis = long_axis(slab)
    assert middle == pytest.approx([0, 0], abs=1e-9)
    assert axis == pytest.approx([np.cos(np.pi / 6), np.sin(np.pi / 6)])


def test_the_long_axis_does_not_depend_on_the_way_the_outline_runs():
    slab = shapely.affinity.rotate(shapely.box(-20, -5, 20, 5), 30, origin=(0, 0))
    for turn in range(4):
        ring = np.roll(shapely.get_coordinates(slab)[:-1], turn, axis=0)
        for way in (1, -1):
            assert long_axis(shapely.Polygon(ring[::way]))[1] == pytest.approx(long_axis(slab)[1])


def test_outlines_have_their_polygon_on_the_left_whichever_way_it_was_drawn():
    ring = shapely.box(0, 0, 10, 10).difference(shapely.box(3, 3, 6, 6))
    for shape in (ring, shapely.reverse(ring)):
        a, b, _ = outlines([shape])
        step = (b - a) / np.linalg.norm(b - a, axis=1)[:, None]
        left = (a + b) / 2 + 0.1 * np.column_stack([-step[:, 1], step[:, 0]])
        assert shapely.contains_xy(shape, left).all()


def test_a_mesh_knows_who_is_on_either_side():
    two = mesh([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    inner = (two.left >= 0) & (two.right >= 0)
    assert inner.sum() == 1
    assert two.lengths[inner].tolist() == [1]
    assert len(two.start) == 7


def test_nodes_are_distinct_points_in_order():
    xy, number = nodes(np.array([[2.0, 1], [1, 1], [2, 1], [1, 0]]))
    assert xy.tolist() == [[1, 0], [1, 1], [2, 1]]
    assert number.tolist() == [2, 1, 2, 0]


def test_sums_count_nothing_as_nought():
    assert sums(np.array([0, 2, 2]), np.array([1.5, 1, 1]), 4).tolist() == [1.5, 0, 2, 0]


def test_the_grid_finds_what_a_search_of_all_pieces_finds():
    rng = np.random.default_rng(3)
    a = rng.uniform(0, 900, (300, 2))
    b = a + rng.normal(0, rng.choice([1, 30, 400], (300, 1)), (300, 2))
    grid = SegmentGrid.of(a, b)
    lines = shapely.linestrings(np.stack([a, b], 1))
    on = a + (b - a) * rng.uniform(0, 1, (300, 1))
    point, piece = grid.at(on, within=1e-6)
    near = shapely.dwithin(shapely.points(on)[:, None], lines[None, :], 1e-6)
    assert sorted(zip(point, piece, strict=True)) == list(zip(*np.nonzero(near), strict=True))


def test_the_grid_finds_every_piece_that_another_meets():
    rng = np.random.default_rng(4)
    a, p = rng.uniform(0, 900, (2, 200, 2))
    b, q = a + rng.normal(0, 200, (200, 2)), p + rng.normal(0, 200, (200, 2))
    found = set(zip(*SegmentGrid.of(a, b).beside(p, q), strict=True))
    crossing = shapely.intersects(
        shapely.linestrings(np.stack([p, q], 1))[:, None], shapely.linestrings(np.stack([a, b], 1))[None, :]
    )
    assert set(zip(*np.nonzero(crossing), strict=True)) <= found


def test_an_empty_grid_finds_nothing():
    none = np.zeros((0, 2))
    grid = SegmentGrid.of(none, none)
    assert len(grid.at(np.ones((3, 2)))[0]) == 0
    assert len(grid.beside(np.ones((3, 2)), np.zeros((3, 2)))[0]) == 0


@pytest.mark.parametrize(
    ("p", "q", "a", "b", "expected"),
    [
        ((0, 0), (2, 2), (0, 2), (2, 0), [(0.5, 0.5)]),
        ((0, 0), (1, 0), (1, -1), (1, 1), [(1.0, 0.5)]),
        ((0, 0), (4, 0), (1, 0), (2, 0), [(0.25, 0.0), (0.5, 1.0)]),
        ((0, 0), (1, 0), (0, 1), (1, 1), []),
        ((0, 0), (1, 0), (2, 0), (3, 0), []),
    ],
)
def test_pieces_meet_where_they_cross_touch_or_run_together(p, q, a, b, expected):
    given = [np.array([point], float) for point in (p, q, a, b)]
    _, t, s = meetings(*given, 1e-6)
    assert sorted(zip(t.tolist(), s.tolist(), strict=True)) == expected

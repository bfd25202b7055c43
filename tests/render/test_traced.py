"""Shapes as columns of whole numbers, and read back the plain way."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from govmap.render.traced import MICRO, Traced, traced


def signed(value: int) -> int:
    return -(value + 1) // 2 if value % 2 else value // 2


def rows(found: Traced) -> list[list[list[tuple[float, float]]]]:
    """Read shapes back: rows of paths of points in degrees."""
    moves = {name: iter(values.tolist()) for name, values in found.moves.items()}
    sizes, told, first, before = iter(found.counts["points"].tolist()), [], (0, 0), (1, 0)
    for count in found.counts["paths"].tolist():
        told.append([])
        for _ in range(count):
            first = (first[0] + signed(next(moves["x"])), first[1] + signed(next(moves["y"])))
            path, before = (squarely if "quarter" in moves else plainly)(moves, first, before, next(sizes))
            told[-1].append([(x * found.grid.east / MICRO, y * found.grid.north / MICRO) for x, y in path])
    assert [one for one in moves.values() if next(one, None) is not None] == []
    return told


def plainly(moves, first, before, size):
    path = [first]
    for _ in range(size - 1):
        path.append((path[-1][0] + signed(next(moves["dx"])), path[-1][1] + signed(next(moves["dy"]))))
    return path, before


def squarely(moves, first, before, size):
    """Read one ring, with the longest side of the ring before."""
    quarter, long, skew = next(moves["quarter"]), next(moves["long"]), signed(next(moves["skew"]))
    side = back(before, *unquartered(long, skew, quarter))
    path, base = [first, (first[0] + side[0], first[1] + side[1])], side
    along, across = turned(base, *side)
    for at in range(1, size - 1):
        forth = abs(along) >= abs(across)
        if at == size - 2:
            left = turned(base, first[0] - path[-1][0], first[1] - path[-1][1])
            onwards, aside = signed(next(moves["close"])) + left[1 if forth else 0], signed(next(moves["off"]))
        else:
            sign = -1 if (along if forth else -across) < 0 else 1
            onwards, aside = sign * signed(next(moves["ahead"])), signed(next(moves["aside"]))
        along, across = (aside, onwards) if forth else (onwards, aside)
        side = back(base, along, across)
        path.append((path[-1][0] + side[0], path[-1][1] + side[1]))
    return path, base


def angle(x: int, y: int) -> tuple[int, float, float]:
    quarter = (0 if x >= 0 else 2) if abs(y) <= abs(x) else (1 if y >= 0 else 3)
    along, across = quartered(x, y, quarter)
    length = math.sqrt(along * along + across * across)
    return quarter, across / (length + along), across / length


def quartered(x: int, y: int, quarter: int) -> tuple[int, int]:
    return [(x, y), (y, -x), (-x, -y), (-y, x)][quarter]


def unquartered(along: int, across: int, quarter: int) -> tuple[int, int]:
    return [(along, across), (-across, along), (-along, -across), (across, -along)][quarter]


def turned(base: tuple[int, int], x: int, y: int) -> tuple[int, int]:
    quarter, half, sine = angle(*base)
    along, across = quartered(x, y, quarter)
    along += math.floor(half * across + 0.5)
    across -= math.floor(sine * along + 0.5)
    return along + math.floor(half * across + 0.5), across


def back(base: tuple[int, int], along: int, across: int) -> tuple[int, int]:
    quarter, half, sine = angle(*base)
    along -= math.floor(half * across + 0.5)
    across += math.floor(sine * along + 0.5)
    return unquartered(along - math.floor(half * across + 0.5), across, quarter)


def near(grid) -> float:
    return max(grid) / MICRO * 0.51


@pytest.mark.parametrize("square", [False, True])
def test_areas_read_back_with_holes_and_pieces(square):
    ring = shapely.box(10, 50, 10.01, 50.01).difference(shapely.box(10.002, 50.002, 10.004, 50.004))
    two = shapely.MultiPolygon([shapely.box(-3, 1, -2.99, 1.01), shapely.box(-2.98, 1, -2.97, 1.01)])
    found = traced(np.array([ring, two, None], dtype=object), step=1, square=square)
    told = rows(found)
    assert [len(row) for row in told] == [2, 2, 0]
    assert shapely.Polygon(told[0][0], [told[0][1]]).hausdorff_distance(ring) < near(found.grid) * 1.5
    assert ("quarter" in found.moves) == square


def test_lines_and_points_read_back_also_among_areas_that_are_square():
    shapes = [shapely.Point(113.3, 23.1), shapely.LineString([(0, 0), (0.5, 0.25)]), shapely.box(1, 1, 2, 2)]
    found = traced(np.array(shapes, dtype=object), step=2, square=True)
    told = rows(found)
    assert told[0][0][0] == pytest.approx((113.3, 23.1), abs=near(found.grid))
    assert np.array(told[1][0]) == pytest.approx(np.array([(0, 0), (0.5, 0.25)]), abs=near(found.grid))
    assert len(told[2][0]) == 4


@given(st.lists(st.lists(st.tuples(st.integers(-60, 60), st.integers(-60, 60)), min_size=3, max_size=9), max_size=6))
@settings(max_examples=150, deadline=None)
def test_every_ring_reads_back_point_by_point(rings):
    shapes = [shapely.Polygon([(30 + x / 1e5, 60 + y / 1e5) for x, y in ring]) for ring in rings]
    plain, square = (traced(np.array(shapes, dtype=object), step=1, square=one) for one in (False, True))
    for before, after in zip(rows(plain), rows(square), strict=True):
        assert [canonical(ring) for ring in before] == [canonical(ring) for ring in after]


def canonical(ring):
    """Give a ring from its least beginning, for where it begins is free."""
    return min(ring[at:] + ring[:at] for at in range(len(ring)))


def test_houses_with_right_angles_tell_next_to_nothing_aside():
    house = shapely.Polygon([(0, 0), (30, 0), (30, 12), (14, 12), (14, 20), (0, 20)])
    houses = [shapely.affinity.rotate(shapely.affinity.translate(house, 0, 40 * at), 17) for at in range(40)]
    shapes = shapely.transform(np.array(houses, dtype=object), lambda xy: xy / 111_195)
    moves = traced(shapes, step=2, square=True).moves
    for name in ("skew", "aside", "close", "off"):
        assert np.percentile(moves[name], 90) <= 4, name


def test_the_grid_is_as_wide_as_it_is_high():
    for latitude in (0, 31.2, 55.7, 78):
        grid = traced(
            np.array([shapely.box(9, latitude, 9.01, latitude + 0.01)], dtype=object), step=2, square=True
        ).grid
        assert grid.east * math.cos(math.radians(latitude)) == pytest.approx(grid.north, rel=1e-3)
    assert traced(np.array([None], dtype=object), step=1, square=False).grid == (1, 1)


def test_a_ring_that_collapses_on_the_grid_is_left_out():
    tiny = shapely.box(10, 50, 10 + 2e-7, 50 + 2e-7)
    for square in (False, True):
        assert rows(traced(np.array([tiny], dtype=object), step=1, square=square)) == [[]]


def test_rings_run_one_way_and_holes_the_other():
    hole = [(2, 2), (4, 2), (4, 4), (2, 4)]
    for ring in (hole, hole[::-1]):
        shape = shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [ring])
        for square in (False, True):
            outer, inner = rows(traced(np.array([shape], dtype=object), step=1, square=square))[0]
            assert shapely.LinearRing(outer).is_ccw != shapely.LinearRing(inner).is_ccw

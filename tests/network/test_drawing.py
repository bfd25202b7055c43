import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from lanes import compound, gates, points, streets

from govmap.network import build

CROSS = ([(0, 0), (100, 0)], [(100, 0), (200, 0)], [(100, 0), (100, 100)])


def drawn(network, one, other) -> list[tuple[float, float]]:
    path = network.path(network.stops(points(one)), network.stops(points(other)))
    return [tuple(xy) for xy in shapely.get_coordinates(path).tolist()]


def test_a_way_leads_from_door_to_door_along_the_streets() -> None:
    network = build(streets(*CROSS))
    assert drawn(network, (50, 10), (110, 60)) == [(50, 10), (50, 0), (100, 0), (100, 60), (110, 60)]
    assert drawn(network, (110, 60), (50, 10)) == drawn(network, (50, 10), (110, 60))[::-1]
    assert drawn(network, (20, 5), (70, -7)) == [(20, 5), (20, 0), (70, 0), (70, -7)]


def test_a_way_out_of_a_compound_leads_through_its_gate() -> None:
    network = build(streets(*CROSS[:2]), compounds=compound(0, 10, 100, 110), entrances=gates((90, 10)))
    assert drawn(network, (10, 70), (10, -3)) == [(10, 70), (90, 10), (90, 0), (10, 0), (10, -3)]


def test_a_street_that_ends_where_it_began_is_left_by_the_nearer_side() -> None:
    ring = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    network = build(streets(ring, [(0, 0), (-100, 0)]))
    assert drawn(network, (0, 60), (-50, 0)) == [(0, 60), (0, 0), (-50, 0)]
    assert drawn(network, (60, 0), (-50, 0)) == [(60, 0), (0, 0), (-50, 0)]
    assert network.path(*(network.stops(points(xy)) for xy in ((10, 0), (0, 10)))).length == 20


def test_a_range_holds_what_lies_within_its_metres_and_no_more() -> None:
    network = build(streets(*CROSS))
    site = network.stops(points((60, 0)))
    assert network.range(site, 30).length == 60
    assert network.range(site, 60).length == 60 + 40 + 20 + 20
    assert network.range(site, 1000).length == 300
    assert network.range(network.stops(points((60, 10))), 5).is_empty


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 200), st.integers(-20, 20)), min_size=1, max_size=5), st.integers(1, 300))
def test_every_place_of_a_range_is_within_it_and_every_place_outside_is_not(doors, limit) -> None:
    network = build(streets(*CROSS))
    sites = network.stops(points(*doors))
    found = network.range(sites, limit)
    spots = [*points(*[(x, 0) for x in range(1, 200, 9)]), *points(*[(100, y) for y in range(1, 100, 9)])]
    _, far = network.nearest(network.stops(spots), sites)
    for spot, metres in zip(spots, far, strict=True):
        if metres < limit - 1e-6:
            assert found.distance(spot) == pytest.approx(0, abs=1e-6)
        elif metres > limit + 1e-6:
            assert found.is_empty or found.distance(spot) > 0

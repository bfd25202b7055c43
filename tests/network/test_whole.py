from itertools import pairwise

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from lanes import barriers, compound, gates, points, streets

from govmap.network import Network, build

CROSS = ([(0, 0), (100, 0)], [(100, 0), (200, 0)], [(100, 0), (100, 100)])


def metres(network: Network, one: tuple[float, float], other: tuple[float, float]) -> float:
    return float(network.matrix(network.stops(points(one)), network.stops(points(other)))[0, 0])


def test_a_walk_is_the_steps_to_the_street_the_way_along_it_and_the_steps_to_the_door() -> None:
    network = build(streets(*CROSS))
    assert metres(network, (50, 10), (110, 60)) == 10 + 50 + 60 + 10
    assert metres(network, (20, 5), (70, -7)) == 5 + 50 + 7  # both on one street
    assert metres(network, (50, 10), (50, 10)) == 20


def test_what_nobody_may_walk_is_not_walked_and_what_nothing_is_said_of_is() -> None:
    lines = streets(*CROSS, [(0, 0), (0, 100)], [(0, 100), (100, 100)], walkable=[True, True, False, True, None])
    assert metres(build(lines), (50, 0), (95, 100)) == 50 + 100 + 95


def test_streets_without_node_ids_meet_where_their_ends_lie() -> None:
    lines = streets(*CROSS).assign(from_node=None, to_node=None)
    assert metres(build(lines), (50, 0), (100, 50)) == 100
    lines.loc[0, ["from_node", "to_node"]] = ["n1", "n2"]  # one street drawn by hand beside fetched ones
    assert metres(build(lines), (50, 0), (100, 50)) == 100


def test_two_ways_over_each_other_do_not_meet() -> None:
    under, over = [(0, 0), (200, 0)], [(100, -50), (100, 50)]
    network = build(streets(under, over, [(0, 0), (0, -50)], [(0, -50), (100, -50)]))
    assert metres(network, (90, 0), (100, 40)) == 90 + 50 + 100 + 90


def test_a_river_is_crossed_by_a_street_and_never_by_steps() -> None:
    banks = [(0, 0), (200, 0)], [(0, 50), (200, 50)], [(200, 0), (200, 50)]
    door, shop = (20, 40), (20, -5)
    river = barriers([(-500, 45), (150, 45)])
    assert metres(build(streets(*banks)), door, shop) == 10 + 180 + 50 + 180 + 5
    assert metres(build(streets(*banks), barriers=river), door, shop) == 40 + 5
    assert (
        metres(build(streets(*banks), barriers=barriers([(-500, 45), (150, 45)], on_ground=False)), door, shop) == 425
    )
    assert metres(build(streets(*banks), barriers=barriers([(-500, 45), (150, 45)], strength=0.8)), door, shop) == 425


def test_a_door_shut_in_on_all_sides_meets_nothing_and_is_out_of_reach() -> None:
    moat = barriers([(40, 5), (60, 5), (60, 25), (40, 25), (40, 5)])
    network = build(streets(*CROSS), barriers=moat)
    stops = network.stops(points((50, 15), (150, 10)))
    assert stops.connected.tolist() == [False, True]
    who, far = network.nearest(stops, network.stops(points((100, 0))))
    assert who.tolist() == [-1, 0]
    assert far.tolist() == [np.inf, 60]
    assert network.path(stops.take([0]), stops.take([1])).is_empty


def test_a_walled_compound_is_left_by_its_gates() -> None:
    yard, gate = compound(0, 10, 100, 110), gates((90, 10), (100, 100))
    network = build(streets(*CROSS[:2]), compounds=yard, entrances=gate)
    assert metres(network, (10, 10 + 60), (10, -3)) == pytest.approx(100 + 10 + 80 + 3)
    assert metres(build(streets(*CROSS[:2]), compounds=yard), (10, 70), (10, -3)) == 73  # no gate known: no wall known
    inner = [(90, 10), (90, 70)], [(90, 0), (90, 10)]
    joined = streets([(0, 0), (90, 0)], [(90, 0), (200, 0)], *inner)
    assert metres(build(joined, compounds=yard, entrances=gate), (80, 50), (10, -3)) == 10 + 50 + 80 + 3


def test_of_several_gates_and_of_several_doors_the_best_is_taken() -> None:
    yard = compound(0, 10, 200, 60)
    network = build(streets([(0, 0), (200, 0)]), compounds=yard, entrances=gates((10, 10), (190, 10)))
    house = network.stops(points((100, 10 + 40)))
    west, east = network.stops(points((0, 0))), network.stops(points((200, 0)))
    assert network.matrix(house, west) == network.matrix(house, east) == pytest.approx(np.hypot(90, 40) + 10 + 10)
    doors = network.stops(points((5, 2), (150, 2), (60, 0)), np.array([0, 0, 1]), 3)
    assert network.matrix(doors, west).ravel().tolist() == [7, 60, np.inf]
    assert network.matrix(doors, east).ravel().tolist() == [52, 140, np.inf]


def test_a_lone_footway_in_a_yard_does_not_cut_its_houses_off() -> None:
    network = build(streets([(0, 0), (1000, 0)], [(40, 30), (60, 30)]))
    door, neighbour = (45, 35), (60, 32)
    assert metres(network, door, neighbour) == 5 + 15 + 2
    assert metres(network, door, (100, 0)) == 35 + 55


def test_sites_equally_near_give_the_earlier_one() -> None:
    network = build(streets(*CROSS))
    sites = network.stops(points((150, 0), (50, 0), (50, 0), (100, 50)))
    assert network.nearest(network.stops(points((100, 0), (50, 1))), sites)[0].tolist() == [0, 1]


def test_limits_are_kept_to_the_last_digit() -> None:
    network = build(streets(*CROSS))
    here, there = network.stops(points((0, 0))), network.stops(points((100, 100), (99, 0)))
    assert network.nearest(here, there.take([0]), limit_m=200)[1].tolist() == [200]
    assert network.nearest(here, there.take([0]), limit_m=199.999)[0].tolist() == [-1]
    assert [found.tolist() for found in network.pairs(here, there, limit_m=199.999)] == [[0], [1], [99]]


def test_nobody_asking_and_nothing_to_reach_are_answers_too() -> None:
    network = build(streets(*CROSS))
    nothing, some = network.stops([]), network.stops(points((0, 0)))
    assert network.nearest(some, nothing)[0].tolist() == [-1]
    assert len(network.nearest(nothing, some)[0]) == len(network.pairs(nothing, some, limit_m=5)[0]) == 0
    assert network.matrix(some, nothing).shape == (1, 0)
    assert network.range(nothing, 100).is_empty
    assert network.stops([None, shapely.Point()]).connected.tolist() == [False, False]
    assert len(some.take([])) == 0


def test_without_streets_distances_are_straight_lines_with_a_detour_and_say_so() -> None:
    network = build(streets())
    assert network.estimated
    here, there = network.stops(points((0, 0), (9, 0))), network.stops(points((30, 40), (30, 40), (0, 10)))
    assert network.matrix(here, there)[0].tolist() == pytest.approx([50 * 1.4, 50 * 1.4, 14])
    assert network.nearest(here, there)[0].tolist() == [2, 2]
    assert network.nearest(here, there.take([0, 1]))[0].tolist() == [0, 0]
    assert network.nearest(here, there, limit_m=13.9)[0].tolist() == [-1, -1]
    assert network.path(here.take([0]), there.take([0])).length == 50
    assert network.range(here, 14).length == pytest.approx(2 * 2 * np.pi * 10, rel=0.01)
    assert len(network.nearest(here, network.stops([]))[0]) == 2
    assert not build(streets(*CROSS)).estimated


# ------------------------------------------------------------------------------------------------------- laws


@st.composite
def towns(draw: st.DrawFn) -> tuple[pd.DataFrame, np.ndarray]:
    """A lattice with some streets missing, and doors anywhere around it."""
    size = draw(st.integers(2, 5))
    spots = [(100.0 * x, 100.0 * y) for x in range(size) for y in range(size)]
    near = [(a, b) for a in spots for b in spots if a < b and abs(a[0] - b[0]) + abs(a[1] - b[1]) == 100]
    kept = draw(st.lists(st.sampled_from(near), min_size=1, unique=True))
    place = st.tuples(*[st.integers(-30, 100 * size).map(float)] * 2)
    return streets(*[list(pair) for pair in kept]), np.array(draw(st.lists(place, min_size=4, max_size=14)))


def by_networkx(network: Network, one: int, other: int, doors: np.ndarray) -> float:
    """Put both doors' places into a graph of their own, and ask networkx."""
    graph, ways = nx.MultiGraph(), network.ways
    stops = network.stops(shapely.points(doors[[one, other]]))
    owner = np.repeat([0, 1], np.diff(stops.first))
    cuts: dict[int, list] = {}
    for row, edge in enumerate(stops.edge):
        cuts.setdefault(int(edge), []).append((int(stops.along[row]), ("place", row)))
        graph.add_edge(("place", row), ("door", int(owner[row])), far=int(stops.leg[row]))
    for edge, (start, stop, length) in enumerate(zip(ways.start, ways.stop, ways.length, strict=True)):
        chain = [(0, int(start)), *sorted(cuts.get(edge, []), key=lambda cut: cut[0]), (int(length), int(stop))]
        for (a, before), (b, after) in pairwise(chain):
            graph.add_edge(before, after, far=b - a)
    try:
        return nx.dijkstra_path_length(graph, ("door", 0), ("door", 1), weight="far") / 1e9
    except (nx.NetworkXNoPath, nx.NodeNotFound):
        return np.inf


@settings(max_examples=40, deadline=None)
@given(towns())
def test_all_answers_agree_with_each_other_and_with_networkx(town: tuple[pd.DataFrame, np.ndarray]) -> None:
    lines, doors = town
    network = build(lines)
    half = len(doors) // 2
    here, there = (network.stops(shapely.points(some)) for some in (doors[:half], doors[half:]))
    far = network.matrix(here, there)
    assert np.array_equal(far, network.matrix(there, here).T)
    assert far[0, 0] == by_networkx(network, 0, half, doors)
    who, least = network.nearest(here, there)
    assert np.array_equal(least, far.min(axis=1))
    assert np.array_equal(who, np.where(np.isinf(least), -1, far.argmin(axis=1)))
    one, other, near = network.pairs(here, there, limit_m=150)
    rows, columns = np.nonzero(far <= 150)
    assert np.array_equal(one, rows)
    assert np.array_equal(other, columns)
    assert np.array_equal(near, far[rows, columns])
    path = network.path(here.take([0]), there.take([0]))
    assert path.is_empty if np.isinf(far[0, 0]) else path.length == pytest.approx(far[0, 0], abs=1e-6)


@settings(max_examples=20, deadline=None)
@given(towns(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(town: tuple[pd.DataFrame, np.ndarray], random) -> None:
    lines, doors = town
    order = list(range(len(lines)))
    random.shuffle(order)
    found = []
    for rows in (lines, lines.iloc[order]):
        network = build(rows)
        stops = network.stops(shapely.points(doors))
        found.append((network.matrix(stops, stops).tobytes(), network.path(stops.take([0]), stops.take([-1])).wkt))
    assert found[0] == found[1]

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from govmap import contiguity

CRS = "EPSG:32633"


def lattice(wide, high, side=10.0, communities=None):
    """Square cells a, b, c … from south-west, row by row."""
    shapes = [shapely.box(x * side, y * side, (x + 1) * side, (y + 1) * side) for y in range(high) for x in range(wide)]
    names = [chr(97 + k) for k in range(len(shapes))]
    return gpd.GeoDataFrame(
        {"cell_id": names, "community_id": communities or ["c"] * len(names), "straddles": [False] * len(names)},
        geometry=shapes,
        crs=CRS,
    )


def noded(cells, *points):
    """Give every cell the points that lie on its outline as vertices."""
    spots = [shapely.Point(point) for point in points]

    def with_points(shape):
        ring = list(shape.exterior.coords[:-1])
        for spot in spots:
            if shape.exterior.distance(spot) < 1e-9 and (spot.x, spot.y) not in ring:
                ring.append((spot.x, spot.y))
        along = sorted(ring, key=lambda point: shape.exterior.project(shapely.Point(point)))
        return shapely.Polygon(along)

    return cells.set_geometry([with_points(shape) for shape in cells.geometry])


def barriers(*given):
    return gpd.GeoDataFrame(
        {
            "barrier_id": [str(k) for k in range(len(given))],
            "kind": np.array([kind for _, kind, _ in given], object),
            "strength": np.array([strength for *_, strength in given], float),
            "on_ground": np.ones(len(given), bool),
        },
        geometry=[shapely.LineString(points) for points, *_ in given],
        crs=CRS,
    )


def streets(*given, walkable=True):
    return gpd.GeoDataFrame(
        {"street_id": [str(k) for k in range(len(given))], "walkable": np.full(len(given), walkable)},
        geometry=[shapely.LineString(points) for points in given],
        crs=CRS,
    )


def pairs(graph, column="joins"):
    return {
        f"{graph.ids[i]}{graph.ids[j]}": value
        for i, j, value in zip(graph.i, graph.j, getattr(graph, column).tolist(), strict=True)
    }


def test_neighbours_share_an_edge_and_not_a_corner():
    graph = contiguity.borders(lattice(2, 2), barriers())
    assert pairs(graph, "shared_m") == {"ab": 10, "ac": 10, "bd": 10, "cd": 10}
    assert all(graph.joins)


def test_a_street_weakens_a_border_and_does_not_part_it():
    graph = contiguity.borders(lattice(2, 1), barriers(([(10, -5), (10, 25)], "street", 0.2)))
    assert pairs(graph, "strength") == {"ab": pytest.approx(0.2)}
    assert pairs(graph, "barrier_m") == {"ab": 10}
    assert pairs(graph) == {"ab": True}


def test_strength_is_the_mean_over_the_border():
    cells = noded(lattice(2, 1), (10, 4))
    graph = contiguity.borders(cells, barriers(([(10, 0), (10, 4)], "primary", 0.8)))
    assert pairs(graph, "strength") == {"ab": pytest.approx(0.32)}
    assert pairs(graph, "barrier_m") == {"ab": pytest.approx(4)}


@pytest.mark.parametrize(("kind", "strength"), [("railway", 1.0), ("canal", 0.7), ("trunk", 1.0)])
def test_rail_water_and_strength_one_keep_neighbours_apart(kind, strength):
    graph = contiguity.borders(lattice(2, 1), barriers(([(10, -5), (10, 25)], kind, strength)))
    assert pairs(graph) == {"ab": False}


def test_what_is_not_on_the_ground_keeps_nobody_apart():
    bridge = barriers(([(10, -5), (10, 25)], "railway", 1.0)).assign(on_ground=False)
    graph = contiguity.borders(lattice(2, 1), bridge)
    assert pairs(graph) == {"ab": True}
    assert pairs(graph, "barrier_m") == {"ab": 0}


def test_a_walkable_street_across_joins_where_it_crosses_only():
    rail = barriers(([(-5, 10), (35, 10)], "railway", 1.0))
    graph = contiguity.borders(lattice(3, 2), rail, streets([(15, 2), (15, 18)]))
    assert pairs(graph) == {"ab": True, "bc": True, "de": True, "ef": True, "ad": False, "be": True, "cf": False}
    assert pairs(graph, "crossed")["be"]


def test_a_street_nobody_may_walk_joins_nobody():
    rail = barriers(([(-5, 10), (35, 10)], "railway", 1.0))
    graph = contiguity.borders(lattice(3, 2), rail, streets([(15, 2), (15, 18)], walkable=False))
    assert not pairs(graph)["be"]


def test_a_street_that_ends_at_the_barrier_or_runs_along_it_joins_nobody():
    rail = barriers(([(-5, 10), (35, 10)], "railway", 1.0))
    graph = contiguity.borders(lattice(3, 2), rail, streets([(15, 2), (15, 10)], [(-5, 10), (35, 10)]))
    assert not pairs(graph)["be"]


def test_two_streets_that_meet_on_the_barrier_cross_it_together():
    rail = barriers(([(-5, 10), (35, 10)], "trunk", 1.0))
    halves = streets([(15, 2), (15, 10)], [(15, 10), (18, 18)])
    cells = noded(lattice(3, 2), (15, 10))
    assert pairs(contiguity.borders(cells, rail, halves))["be"]
    assert pairs(contiguity.borders(lattice(3, 2), rail, halves))["be"]


def test_a_crossing_at_a_corner_joins_the_cells_on_both_sides_of_the_street():
    rail = barriers(([(-5, 10), (35, 10)], "railway", 1.0))
    graph = contiguity.borders(lattice(3, 2), rail, streets([(10, -5), (10, 25)]))
    joined = pairs(graph)
    assert (joined["ad"], joined["be"], joined["cf"]) == (True, True, False)


def test_a_dead_end_keeps_nobody_apart():
    cells = lattice(2, 2)
    graph = contiguity.borders(cells, barriers(([(10, -5), (10, 10)], "railway", 1.0)))
    assert pairs(graph)["ab"]
    assert pairs(graph, "strength")["ab"] == 1


def test_a_way_round_through_another_community_is_none():
    cells = lattice(2, 2, communities=["c", "c", "d", "d"])
    graph = contiguity.borders(cells, barriers(([(10, -5), (10, 10)], "railway", 1.0)))
    assert not pairs(graph)["ab"]


def test_a_border_partly_free_joins():
    cells = noded(lattice(2, 1), (10, 6))
    closed = barriers(([(10, 0), (10, 6), (25, 6)], "railway", 1.0))
    graph = contiguity.borders(cells, closed)
    assert pairs(graph)["ab"]


def test_a_barrier_led_round_a_building_still_parts():
    """Cell a reaches over the railway with a nose: the border round the nose is the barrier."""
    a = shapely.Polygon([(0, 0), (30, 0), (30, 10), (20, 10), (20, 15), (10, 15), (10, 10), (0, 10)])
    b = shapely.Polygon([(0, 10), (10, 10), (10, 15), (20, 15), (20, 10), (30, 10), (30, 30), (0, 30)])
    cells = gpd.GeoDataFrame(
        {"cell_id": ["a", "b"], "community_id": ["c", "c"], "straddles": [True, False]}, geometry=[a, b], crs=CRS
    )
    rail = barriers(([(-5, 10), (35, 10)], "railway", 1.0))
    assert pairs(contiguity.borders(cells, rail)) == {"ab": False}
    assert pairs(contiguity.borders(cells, rail), "strength") == {"ab": pytest.approx(1)}
    assert pairs(contiguity.borders(cells.assign(straddles=False), rail)) == {"ab": True}


def test_cells_from_a_file_give_the_same_graph():
    cells = lattice(4, 3).set_geometry(shapely.multipolygons([[shape] for shape in lattice(4, 3).geometry]))
    again = cells.set_geometry(gpd.GeoSeries(shapely.from_wkb(shapely.to_wkb(cells.geometry.to_numpy())), crs=CRS))
    rail = barriers(([(-5, 10), (45, 10)], "railway", 1.0))
    for one, other in zip(
        vars(contiguity.borders(lattice(4, 3), rail)).values(),
        vars(contiguity.borders(again.sample(frac=1, random_state=2), rail)).values(),
        strict=True,
    ):
        assert np.array_equal(one, other)


def test_pieces_hang_together_by_label_and_joins():
    rail = barriers(([(-5, 10), (35, 10)], "railway", 1.0))
    graph = contiguity.borders(lattice(3, 2), rail)
    assert len(set(contiguity.pieces(graph, ["u"] * 6))) == 2
    assert len(set(contiguity.pieces(graph, ["u", "v", "u", "w", "w", "w"]))) == 4
    found = contiguity.pieces(graph, [None, None, "u", np.nan, "w", "w"])
    assert found[0] == found[1]
    assert len(found) == 6


def test_floors_stand_on_one_another_and_border_the_neighbours():
    graph = contiguity.borders(lattice(2, 1), barriers())
    parts = pd.DataFrame(
        {
            "part_id": ["a/f1-5", "a/f11-15", "a/f6-10", "b"],
            "cell_id": ["a", "a", "a", "b"],
            "floor_from": [1, 11, 6, None],
        }
    )
    stacked = contiguity.between_parts(graph, parts)
    found = {(stacked.ids[i], stacked.ids[j]) for i, j in zip(stacked.i, stacked.j, strict=True)}
    assert found == {
        ("a/f1-5", "a/f6-10"),
        ("a/f11-15", "a/f6-10"),
        ("a/f1-5", "b"),
        ("a/f11-15", "b"),
        ("a/f6-10", "b"),
    }
    across = (stacked.ids[stacked.j] == "b").nonzero()
    assert stacked.shared_m[across].sum() == pytest.approx(10)
    assert (np.diff(stacked.i) >= 0).all()
    assert (stacked.i < stacked.j).all()


def test_parts_of_undivided_cells_have_the_graph_of_the_cells():
    graph = contiguity.borders(lattice(3, 2), barriers(([(-5, 10), (35, 10)], "railway", 1.0)))
    same = contiguity.between_parts(graph, pd.DataFrame({"part_id": list("abcdef"), "cell_id": list("abcdef")}))
    for one, other in zip(vars(graph).values(), vars(same).values(), strict=True):
        assert np.array_equal(one, other)


def test_one_cell_has_no_neighbours():
    graph = contiguity.borders(lattice(1, 1), barriers(), streets())
    assert len(graph.i) == 0
    assert contiguity.pieces(graph, ["u"]).tolist() == [0]
    parts = contiguity.between_parts(graph, pd.DataFrame({"part_id": ["a"], "cell_id": ["a"]}))
    assert parts.ids.tolist() == ["a"]

from dataclasses import replace

import numpy as np
from hamlets import lattice

from govmap.delineate import Criteria, delineate
from govmap.delineate.problem import measured, of_parts
from govmap.delineate.verges import hosts, with_verges

ROAD = {(x, 4) for x in range(12)}


def two_sides_of_a_road(**choices):
    """Houses on both sides of a road that is ground of its own, row 4 of 9, cell by cell."""
    return lattice(12, 9, 10, empty=ROAD, **choices)


def problem_of(hamlet):
    atoms = hamlet.atoms.sort_values("part_id", ignore_index=True)
    return atoms, of_parts(atoms, hamlet.graph, measured(atoms, "households"))


def is_road(atoms):
    return atoms["building_id"].isna().to_numpy()


def test_a_road_goes_with_the_houses_beside_it_and_houses_with_themselves():
    atoms, problem = problem_of(two_sides_of_a_road())
    host, road = hosts(atoms, problem), is_road(atoms)
    assert (host[~road] == np.flatnonzero(~road)).all()
    assert (np.hypot(problem.x - problem.x[host], problem.y - problem.y[host])[road] == 30).all()
    assert not road[host].any()


def test_a_verge_lies_in_building_compound_and_block_of_its_host():
    atoms, problem = problem_of(two_sides_of_a_road(compound=lambda x, _: "k1" if x < 6 else None))
    host = hosts(atoms, problem)
    rows, found = with_verges(atoms, problem)
    for name in ("building_id", "compound_id"):
        assert rows[name].tolist() == atoms[name].iloc[host].tolist()
    assert (found.block == problem.block[host]).all()
    assert found.weight.tolist() == problem.weight.tolist()


def test_a_park_and_ground_where_people_are_counted_stand_for_themselves():
    atoms, problem = problem_of(two_sides_of_a_road())
    large = replace(problem, area=np.where(is_road(atoms), 2_000_000, problem.area))
    lived = replace(problem, weight=np.full(len(problem), 5))
    for other in (large, lived):
        assert hosts(atoms, other).tolist() == list(range(len(atoms)))


def test_ground_behind_other_ground_goes_where_that_goes():
    hamlet = lattice(6, 3, 10, empty={(x, y) for x in range(3) for y in range(3)})
    atoms, problem = problem_of(hamlet)
    host = hosts(atoms, problem)
    assert not is_road(atoms)[host].any()


def test_ground_without_any_neighbour_that_is_built_on_stays_by_itself():
    hamlet = lattice(4, 4, 10, river={2}, empty={(x, y) for x in (0, 1) for y in range(4)})
    atoms, problem = problem_of(hamlet)
    apart = is_road(atoms)
    assert (hosts(atoms, problem)[apart] == np.flatnonzero(apart)).all()


def test_units_end_where_the_road_ends_and_none_trails_along_it():
    division = delineate(*vars(two_sides_of_a_road()).values(), Criteria(size=(200, 280)))
    unit = division.assignment.set_index("part_id")["unit_id"]
    for x, _ in ROAD:
        own = unit[f"w{x * 1000 + 4:06d}"]
        assert own in {unit[f"w{x * 1000 + 3:06d}"], unit[f"w{x * 1000 + 5:06d}"]}


def test_the_same_whatever_the_order_of_rows():
    hamlet = two_sides_of_a_road()
    one, two = problem_of(hamlet), problem_of(hamlet.shuffled(3))
    assert hosts(*one).tolist() == hosts(*two).tolist()

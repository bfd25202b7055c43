from dataclasses import replace

import numpy as np
import pandas as pd
from hamlets import lattice, random_hamlet
from hypothesis import given, settings
from hypothesis import strategies as st

from govmap.delineate import Criteria, delineate
from govmap.delineate.problem import Problem, measured, of_parts, pieces
from govmap.delineate.trimming import trimmed_labels

VERGE = 0


def laid_out(hamlet):
    atoms = hamlet.atoms.sort_values("part_id", kind="stable", ignore_index=True)
    return atoms, of_parts(atoms, hamlet.graph, measured(atoms, "households"))


def ground(borders, outer, block=None):
    """A verge, which is part 0, among houses; `borders` are rows of two parts, metres, and the barrier among them."""
    n = len(outer)
    i, j, length, barrier = np.array(borders, dtype=np.int64).T
    bare = (i == VERGE) | (j == VERGE)
    atoms = pd.DataFrame({"building_id": [None, *(f"w{one}" for one in range(1, n))], "compound_id": None})
    problem = Problem(
        weight=np.array([0] + [10] * (n - 1)),
        x=np.arange(n) * 1.0,
        y=np.zeros(n),
        area=np.full(n, 90_000),
        outer=np.array(outer, dtype=np.int64),
        block=np.full(n, -1) if block is None else np.array(block),
        i=i,
        j=j,
        length=length,
        price=np.where(bare, np.maximum(length - barrier, length // 10), length - barrier),
        barrier=barrier,
        joins=np.ones(len(i), dtype=bool),
    )
    return atoms, problem


def trimmed(atoms, problem, label, standing=0):
    return trimmed_labels(atoms, problem, np.array(label, dtype=np.int64), standing).tolist()


def test_a_finger_along_a_road_goes_to_the_unit_it_reaches_into():
    atoms, problem = laid_out(lattice(6, 3, 10, empty={(x, 1) for x in range(6)}, street_every=9))
    straight = (problem.x >= 90).astype(np.int64)
    finger = np.where((problem.y == 30) & (problem.x < 150), 0, straight)
    assert trimmed(atoms, problem, finger) == straight.tolist()
    assert trimmed(atoms, problem, straight) == straight.tolist()


def test_units_that_stood_before_neither_give_nor_take_a_verge():
    atoms, problem = ground([(0, 1, 60, 0), (0, 2, 100, 0), (1, 2, 50, 0)], [0, 300, 300])
    assert trimmed(atoms, problem, [0, 0, 1]) == [1, 0, 1]
    assert trimmed(atoms, problem, [0, 0, 1], standing=1) == [0, 0, 1]
    assert trimmed(atoms, problem, [1, 1, 0], standing=1) == [1, 1, 0]


def test_a_verge_that_holds_its_unit_together_stays():
    borders = [(0, 1, 30, 0), (0, 2, 30, 0), (0, 3, 100, 0)]
    assert trimmed(*ground(borders, [0, 200, 200, 200]), [0, 0, 0, 1]) == [0, 0, 0, 1]
    assert trimmed(*ground([*borders, (1, 2, 5, 0)], [0, 200, 200, 200]), [0, 0, 0, 1]) == [1, 0, 0, 1]


def test_no_unit_comes_to_lie_inside_another_for_a_verge():
    borders = [(0, 1, 60, 0), (0, 2, 100, 0), (1, 2, 40, 0)]
    assert trimmed(*ground(borders, [0, 0, 300]), [0, 0, 1]) == [0, 0, 1]
    assert trimmed(*ground(borders, [0, 100, 300]), [0, 0, 1]) == [1, 0, 1]


def test_a_verge_does_not_cross_a_stronger_barrier_than_it_would_leave():
    assert trimmed(*ground([(0, 1, 60, 30), (0, 2, 100, 20)], [0, 300, 300]), [0, 0, 1]) == [1, 0, 1]
    assert trimmed(*ground([(0, 1, 60, 20), (0, 2, 100, 55)], [0, 300, 300]), [0, 0, 1]) == [0, 0, 1]


def test_a_block_that_lies_in_one_unit_is_not_divided_for_a_verge():
    borders = [(0, 1, 60, 0), (0, 2, 100, 0), (1, 2, 50, 0)]
    assert trimmed(*ground(borders, [0, 300, 300], block=[0, 0, 1]), [0, 0, 1]) == [0, 0, 1]
    assert trimmed(*ground(borders, [0, 300, 300], block=[0, 0, 0]), [0, 0, 1]) == [1, 0, 1]


def test_ground_of_a_compound_and_ground_that_counts_stay():
    atoms, problem = ground([(0, 1, 60, 0), (0, 2, 100, 0), (1, 2, 50, 0)], [0, 300, 300])
    assert trimmed(atoms.assign(compound_id=["k", "k", None]), problem, [0, 0, 1]) == [0, 0, 1]
    assert trimmed(atoms, replace(problem, weight=np.array([1, 10, 10])), [0, 0, 1]) == [0, 0, 1]


@settings(max_examples=30, derandomize=True, deadline=None)
@given(st.integers(0, 10_000))
def test_borders_get_cheaper_and_shorter_and_nothing_else_changes(seed):
    atoms, problem = laid_out(random_hamlet(seed))
    community = pd.factorize(atoms["community_id"])[0]
    label = pieces(problem, 10_000 * community + (problem.x // 90).astype(np.int64))
    found = np.array(trimmed(atoms, problem, label))
    weights = [np.bincount(one, problem.weight, label.max() + 1).tolist() for one in (label, found)]
    assert weights[0] == weights[1]
    assert pieces(problem, found).max() <= pieces(problem, label).max()
    assert set(found) == set(label)
    before, after = (one[problem.i] != one[problem.j] for one in (label, found))
    assert problem.price[after].sum() <= problem.price[before].sum() - (found != label).any()
    assert problem.length[after].sum() <= problem.length[before].sum()


def test_a_plan_gives_a_verge_to_the_unit_that_it_borders_most():
    counts = np.array([[50, 50], [0, 34], [33, 33]])
    place = lattice(3, 2, counts, empty={(1, 0)}, street_every=9)
    unit = delineate(place.atoms, place.graph, Criteria(size=(95, 105))).assignment.set_index("part_id")["unit_id"]
    west, verge, east = (unit[f"w{x * 1000:06d}"] for x in range(3))
    assert verge == east != west

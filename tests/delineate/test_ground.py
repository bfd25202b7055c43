"""What happens before the search: contraction, islands, grounds, clusters, first divisions."""

import numpy as np
import pandas as pd
import pytest
from hamlets import lattice, random_hamlet

from govmap import geometry
from govmap.delineate import territories
from govmap.delineate.problem import common, contract, cut_out, measured, numbered, of_parts, pieces
from govmap.delineate.search import construct
from govmap.delineate.search.coarsen import clusters


def problem_of(hamlet, by="households"):
    atoms = hamlet.atoms.sort_values("part_id", ignore_index=True)
    return atoms, of_parts(atoms, hamlet.graph, measured(atoms, by))


def outline(problem):
    return problem.outer.sum() + 2 * problem.length.sum()


@pytest.mark.parametrize("seed", range(8))
def test_contraction_keeps_every_sum(seed):
    _, problem = problem_of(random_hamlet(seed))
    group = territories.compact(np.random.default_rng(seed).integers(0, 9, len(problem)))
    small = contract(problem, group)
    inner = group[problem.i] == group[problem.j]
    assert (small.total, small.area.sum(), small.outer.sum()) == (
        problem.total,
        problem.area.sum(),
        problem.outer.sum(),
    )
    assert small.length.sum() == problem.length[~inner].sum()
    assert small.price.sum() == problem.price[~inner].sum()
    assert (small.i < small.j).all()
    assert len(np.unique(small.i * len(small) + small.j)) == len(small.i)


def test_what_is_cut_out_keeps_its_outline():
    _, problem = problem_of(lattice(6, 6, 10))
    atoms = np.flatnonzero(problem.x < 90)
    own = cut_out(problem, atoms)
    assert own.total == problem.weight[atoms].sum()
    assert outline(own) == len(atoms) * 4 * 30_000


def test_a_group_has_a_key_only_where_all_its_atoms_have_it():
    assert common(np.array([0, 0, 1, 1, 2]), np.array([4, 4, 4, 5, -1])).tolist() == [4, -1, -1]


def test_strips_of_open_ground_never_pay_for_lying_apart_and_strong_barriers_do():
    hamlet = lattice(4, 4, 10, river={2}, empty={(2, y) for y in range(4)})
    atoms, problem = problem_of(hamlet)
    bare = atoms["building_id"].isna().to_numpy()
    beside = bare[problem.i] | bare[problem.j]
    assert (problem.price[beside] > 0).all()
    _, wet = problem_of(lattice(4, 4, 10, river={2}))
    assert (wet.price[wet.barrier == 30_000] < 0).all()


def test_buildings_in_several_parts_count_once():
    atoms = pd.DataFrame({"building_id": ["a", "a", None, "b"]})
    assert measured(atoms, "buildings").tolist() == [1, 0, 0, 1]


@pytest.mark.parametrize("seed", range(8))
def test_islands_are_tied_until_every_group_can_hold_a_unit(seed):
    _, problem = problem_of(random_hamlet(seed))
    group = territories.tie_islands(problem, 300, 500)
    tied = contract(problem, group)
    piece = pieces(tied, np.zeros(len(tied), dtype=np.int64))
    weight = np.bincount(piece, tied.weight)
    peopled = weight[weight > 0]
    assert len(peopled) <= 1 or (peopled >= 300).all()


def test_no_more_grounds_are_left_than_asked_for():
    _, problem = problem_of(lattice(12, 4, 50, river={3, 6, 9}))
    for most in (1, 2, 3, 4):
        tied = contract(problem, territories.tie_islands(problem, 300, 500, most))
        assert pieces(tied, np.zeros(len(tied), dtype=np.int64)).max() + 1 == most


def test_an_island_is_tied_where_there_is_room():
    households = lambda x, y: 450 if y != 3 else 100  # noqa: E731
    _, problem = problem_of(lattice(3, 6, lambda x, y: 20 if x == 2 else households(x, y), river={2}))
    group = territories.tie_islands(problem, 300, 500)
    assert contract(problem, group).weight.max() <= 500


def test_wholes_above_the_band_are_left_apart():
    hamlet = lattice(8, 4, 50, compound=lambda x, y: "small" if x < 2 else "great" if x > 3 else None)
    atoms, problem = problem_of(hamlet)
    group = territories.bind(problem, numbered(atoms["compound_id"]), 500)
    count = pd.Series(group).groupby(atoms["compound_id"].fillna("")).nunique()
    assert count.to_dict() == {"": 8, "great": 16, "small": 1}


def test_a_compound_that_no_number_of_units_fills_is_divided_with_the_rest():
    hamlet = lattice(8, 8, 25, compound=lambda x, y: "awkward" if x < 3 and y < 7 else None)
    atoms, problem = problem_of(hamlet)
    assert problem.weight[atoms["compound_id"] == "awkward"].sum() == 525
    ground = territories.grounds(problem, numbered(atoms["compound_id"]), 300, 500)
    assert set(ground) == {0}


@pytest.mark.parametrize("seed", range(12))
def test_first_divisions_are_whole_and_hold_what_was_asked(seed):
    _, problem = problem_of(random_hamlet(seed))
    piece = pieces(problem, np.zeros(len(problem), dtype=np.int64))
    own = cut_out(problem, np.flatnonzero(piece == np.argmax(np.bincount(piece))))
    number = max(1, min(len(own) // 3, 9))
    label = construct.make_whole(own, construct.power_diagram(own, number, turn=seed), number)
    assert sorted(set(label)) == list(range(number))
    assert pieces(own, label).max() + 1 == number


@pytest.mark.parametrize("seed", range(8))
def test_clusters_hang_together_in_one_block_and_stay_light(seed):
    atoms, problem = problem_of(random_hamlet(seed))
    group = clusters(problem, 100, 1)
    assert (pieces(problem, group) + 1).max() == group.max() + 1
    assert atoms["block_id"].groupby(group).nunique().max() == 1
    several = np.bincount(group)[group] > 1
    assert np.bincount(group, problem.weight)[group][several].max(initial=0) <= 100


def test_code_is_compiled_without_a_place_to_keep_it(monkeypatch):
    asked = []

    def jit(**choices):
        asked.append(choices)
        if choices.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return lambda function: function

    monkeypatch.setattr(geometry, "njit", jit)
    assert geometry.compiled(abs)(-3) == 3
    assert [one.get("cache", False) for one in asked] == [True, False]

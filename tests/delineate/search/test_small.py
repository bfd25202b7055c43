"""Divisions of a few atoms, against every one there is; pairs of units divided anew."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from govmap.delineate import Criteria
from govmap.delineate.problem import Problem, cut_out, pieces
from govmap.delineate.search.further import whole_cost
from govmap.delineate.search.improve import land, units
from govmap.delineate.search.portfolio import _wishes, divide
from govmap.delineate.search.redraw import mend, recut
from govmap.delineate.search.small import FEW_ATOMS, best_of_all

BAND = (60, 100)


def ground_of(weight: np.ndarray, *, barrier: float = 0.2, seed: int = 1, block: bool = False) -> Problem:
    """Squares of thirty metres with so many households; barriers lie where chance puts them."""
    rows, columns = weight.shape
    n, chance = weight.size, np.random.default_rng(seed)
    at = np.arange(n).reshape(rows, columns)
    i = np.concatenate([at[:, :-1].ravel(), at[:-1].ravel()])
    j = np.concatenate([at[:, 1:].ravel(), at[1:].ravel()])
    length = np.full(len(i), 30_000)
    runs = np.where(chance.random(len(i)) < barrier, length, 0)
    row, column = np.divmod(np.arange(n), columns)
    rim = (row == 0) * 1 + (row == rows - 1) + (column == 0) + (column == columns - 1)
    return Problem(
        weight=weight.ravel().astype(np.int64),
        x=30.0 * column,
        y=30.0 * row,
        area=np.full(n, 90_000),
        outer=30_000 * rim,
        block=column // 2 if block else np.full(n, -1),
        i=i,
        j=j,
        length=length,
        price=length - np.rint(1.6 * runs).astype(np.int64),
        barrier=runs,
        joins=np.ones(len(i), dtype=bool),
    )


def laid_out(problem: Problem, number: int, band=BAND, **wanted):
    wishes = _wishes(problem, number, band, Criteria(size=band, **wanted))
    return land(problem, wishes), wishes


def cost(ground, wishes, label) -> float:
    return whole_cost(ground, units(ground, np.array(label), int(max(label)) + 1, wishes, 1), wishes)


def every_division(problem, number, band):
    """Every division in the band, by trying all labels."""
    for rest in product(range(number), repeat=len(problem) - 1):
        label = np.array((0, *rest))
        held = np.bincount(label, problem.weight, number)
        fits = ((held >= band[0]) & (held <= band[1])).all()
        if fits and len(np.unique(label)) == number == pieces(problem, label).max() + 1:
            yield label


@pytest.mark.parametrize(("seed", "number", "equal"), [(1, 2, False), (2, 2, True), (3, 3, False), (4, 3, True)])
def test_of_a_few_atoms_nothing_is_cheaper_by_the_prices_of_the_search(seed, number, equal):
    weight = np.random.default_rng(seed).integers(0, 2 * 75 * number // 9, (3, 3))
    problem = ground_of(weight, seed=seed, block=number == 2)
    ground, wishes = laid_out(problem, number, equal=equal)
    found = best_of_all(ground, wishes, np.arange(9), number)
    costs = [cost(ground, wishes, label) for label in every_division(problem, number, BAND)]
    assert (found is None) == (not costs)
    assert found is None or cost(ground, wishes, found) == pytest.approx(min(costs))


def test_a_few_atoms_amid_others_are_divided_as_cheaply_as_can_be():
    problem = ground_of(np.random.default_rng(5).integers(10, 30, (4, 4)))
    ground, wishes = laid_out(problem, 4)
    west = np.flatnonzero(np.arange(16) % 4 < 2)
    label = np.where(np.arange(16) % 4 < 2, 0, 2 + np.arange(16) // 8)
    found = best_of_all(ground, wishes, west, 2)
    label[west] = found
    ways = every_division(cut_out(problem, west), 2, BAND)
    assert cost(ground, wishes, label) == pytest.approx(min(_painted(ground, wishes, label, west, way) for way in ways))


def _painted(ground, wishes, label, atoms, way):
    label = label.copy()
    label[atoms] = way
    return cost(ground, wishes, label)


def test_more_atoms_than_a_few_are_left_to_the_search():
    problem = ground_of(np.full((3, 7), 10))
    ground, wishes = laid_out(problem, 3)
    assert len(problem) == FEW_ATOMS + 1
    assert best_of_all(ground, wishes, np.arange(21), 3) is None


@pytest.mark.parametrize("seed", range(4))
def test_the_division_of_a_few_atoms_is_the_best_there_is(seed):
    problem = ground_of(np.random.default_rng(seed).integers(5, 40, (3, 3)), seed=seed)
    number = max(1, round(problem.total / 80))
    ground, wishes = laid_out(problem, number)
    costs = [cost(ground, wishes, label) for label in every_division(problem, number, BAND)]
    label = divide(problem, number, BAND, Criteria(size=BAND, seed=seed + 1))
    if costs and len(np.unique(label)) == number:
        assert cost(ground, wishes, label) <= min(costs) + 1e-6


# Heavy ground in two corners, light ground between.
POKING = np.array([[60, 10, 20, 30], [2, 2, 2, 2], [40, 10, 10, 12]])


def test_a_unit_does_not_stay_in_the_arms_of_another():
    problem = ground_of(POKING, barrier=0.0)
    ground, wishes = laid_out(problem, 2, (90, 110))
    arms = np.array([[0, 1, 0, 0], [0, 1, 1, 0], [1, 1, 1, 0]]).ravel()
    arms[[4, 8]] = [1, 1]
    state = units(ground, arms, 2, wishes, 1)
    before = whole_cost(ground, state, wishes)
    recut(ground, state, wishes, trees=200)
    assert whole_cost(ground, state, wishes) < before - 1
    assert pieces(problem, state.label).max() == 1
    assert np.array_equal(state.weight, np.bincount(state.label, problem.weight))


def test_a_pair_comes_nearer_to_its_band_and_no_unit_more_leaves_it():
    # Both ends weigh too little alone, and the street between them can only go to one of them.
    problem = ground_of(np.array([[56, 0, 46]]), barrier=0.0)
    wide = replace(problem, weight=np.array([46, 14, 56]))
    ground, wishes = laid_out(wide, 2)
    state = units(ground, np.array([0, 1, 1]), 2, wishes, 1)
    recut(ground, state, wishes, trees=50)
    assert sorted(state.weight.tolist()) == [56, 60]


def test_where_no_division_of_a_few_atoms_fits_the_band_mending_leaves_them_as_they_are():
    problem = ground_of(np.array([[50, 50, 1, 50, 50]]), barrier=0.0)
    ground, wishes = laid_out(problem, 2, (99, 100))
    label = np.array([0, 0, 0, 1, 1])
    state = units(ground, label, 2, wishes, 1)
    mend(ground, state, wishes, fixed=True)
    assert state.label.tolist() == label.tolist()

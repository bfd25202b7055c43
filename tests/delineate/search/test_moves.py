"""Steps of the search: what they cost, what they may not do, and that the same seed gives the same division."""

from dataclasses import replace

import numpy as np
import pytest

from govmap.delineate import Criteria
from govmap.delineate.problem import Problem, pieces
from govmap.delineate.search.improve import anneal, land, units
from govmap.delineate.search.kernel import energy, shift
from govmap.delineate.search.moves import change, gather, may_go, weigh
from govmap.delineate.search.portfolio import WEIGHTS, _wishes, divide

SIDE, NUMBER, BAND = 12, 9, (120, 200)


def lattice(seed=1):
    rng = np.random.default_rng(seed)
    n = SIDE * SIDE
    row, column = np.divmod(np.arange(n), SIDE)
    east, north = np.flatnonzero(column < SIDE - 1), np.flatnonzero(row < SIDE - 1)
    i, j = np.concatenate([east, north]), np.concatenate([east + 1, north + SIDE])
    length = np.full(len(i), 20_000, dtype=np.int64)
    crosses = (column[i] // 4 != column[j] // 4) | (row[i] // 3 != row[j] // 3)
    barrier = np.where(crosses, length, 0)
    rim = (row == 0) * 1 + (row == SIDE - 1) + (column == 0) + (column == SIDE - 1)
    return Problem(
        weight=rng.integers(0, 21, n),
        x=20.0 * column,
        y=20.0 * row,
        area=np.full(n, 40_000),
        outer=20_000 * rim,
        block=(row // 3) * 3 + column // 4,
        i=i,
        j=j,
        length=length,
        price=length - np.rint(1.6 * barrier).astype(np.int64),
        barrier=barrier,
        joins=np.ones(len(i), dtype=bool),
    )


def laid_out(seed=1):
    problem = lattice(seed)
    criteria = Criteria(size=BAND, units=NUMBER, equal=True)
    wishes = _wishes(problem, NUMBER, BAND, criteria)
    ground = land(problem, wishes)
    label = (np.arange(len(problem)) // SIDE // 4) * 3 + np.arange(len(problem)) % SIDE // 4
    return problem, ground, wishes, units(ground, label, NUMBER, wishes, seed)


@pytest.mark.parametrize("row", [-1, 0, 1, 2, 3])
def test_a_step_changes_the_whole_by_what_it_is_said_to_cost(row):
    problem, ground, wishes, state = laid_out()
    for atom in range(0, len(problem), 7):
        for unit in set(state.label[ground.near[ground.first[atom] : ground.first[atom + 1]]]) - {state.label[atom]}:
            many = gather(ground, state, atom, row)
            if not may_go(ground, state, many):
                continue
            said, before = weigh(ground, state, many, unit, wishes), energy(ground, state)
            for one in state.crowd[:many].copy():
                shift(ground, state, one, unit, wishes)
            assert energy(ground, state) - before == pytest.approx(said, abs=1e-5)


def can_leave(ground, state, atom):
    return may_go(ground, state, gather(ground, state, atom, -1))


def test_an_atom_that_holds_its_unit_together_may_not_leave():
    problem, ground, wishes, _ = laid_out()
    label = np.ones(len(problem), dtype=np.int64)
    label[[0, 1, 2]] = 0
    state = units(ground, label, 2, wishes, 1)
    assert not can_leave(ground, state, 1)
    assert can_leave(ground, state, 0)


def test_the_last_atom_of_a_unit_stays():
    problem, ground, wishes, _ = laid_out()
    label = np.ones(len(problem), dtype=np.int64)
    label[0] = 0
    assert not can_leave(ground, units(ground, label, 2, wishes, 1), 0)


def test_sums_after_a_search_are_those_counted_anew():
    problem, ground, wishes, state = laid_out()
    anneal(ground, state, wishes, 20_000, 1.0, 0.01)
    anew = units(ground, state.label, NUMBER, wishes, 1)
    for name in ("weight", "size", "area", "around", "east", "north", "square", "holders", "foreign"):
        np.testing.assert_array_equal(getattr(state, name), getattr(anew, name))
    np.testing.assert_allclose(state.cost, anew.cost)
    assert len(np.unique(pieces(problem, state.label))) == NUMBER


def test_a_change_not_made_costs_what_a_made_one_gives_back():
    _, ground, wishes, state = laid_out()
    atom, unit = 3, state.label[4]
    own, there = state.label[atom], change(ground, state, atom, unit, wishes)
    shift(ground, state, atom, unit, wishes)
    assert change(ground, state, atom, own, wishes) == pytest.approx(-there, abs=1e-5)


@pytest.mark.parametrize("prefer", list(WEIGHTS))
def test_equal_units_lie_within_a_tenth_in_one_piece_under_every_preference(prefer):
    problem = lattice(2)
    label = divide(problem, NUMBER, BAND, Criteria(size=BAND, units=NUMBER, equal=True, prefer=prefer))
    held, mean = np.bincount(label, problem.weight), problem.total / NUMBER
    assert len(held) == NUMBER == len(np.unique(pieces(problem, label)))
    assert np.abs(held - mean).max() <= 0.1 * mean


def test_the_same_seed_gives_the_same_division_however_borders_are_listed():
    problem = lattice(3)
    criteria = Criteria(size=BAND, units=NUMBER, equal=True, seed=5)
    turned = np.arange(len(problem.i))[::-1]
    names = ("i", "j", "length", "price", "barrier", "joins")
    other = replace(problem, **{name: getattr(problem, name)[turned] for name in names})
    first = divide(problem, NUMBER, BAND, criteria)
    np.testing.assert_array_equal(first, divide(problem, NUMBER, BAND, criteria))
    np.testing.assert_array_equal(first, divide(other, NUMBER, BAND, criteria))


def test_whole_street_blocks_matter_more_where_blocks_are_preferred():
    problem = lattice(4)

    def divided(prefer):
        label = divide(problem, NUMBER, BAND, Criteria(size=BAND, units=NUMBER, prefer=prefer))
        return len(np.unique(np.column_stack([problem.block, label]), axis=0))

    assert divided("blocks") <= divided("balance")

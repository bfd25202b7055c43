"""What is asked beside the band: it is searched for, and where nothing is asked nothing changes."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govmap.delineate import Criteria
from govmap.delineate.problem import NOWHERE, More, Problem, contract, cut_out
from govmap.delineate.search.further import amiss, spans, whole_cost
from govmap.delineate.search.improve import land, units
from govmap.delineate.search.kernel import middles, reckon, shift
from govmap.delineate.search.moves import gather, may_go, weigh
from govmap.delineate.search.portfolio import _wishes, divide

SIDE, STEP_M, NUMBER, BAND = 12, 20.0, 9, (120, 200)


def lattice(seed=1, **more):
    """Twelve by twelve atoms of 10 households, twenty metres apart; `more` is asked beside the band."""
    n = SIDE * SIDE
    row, column = np.divmod(np.arange(n), SIDE)
    east, north = np.flatnonzero(column < SIDE - 1), np.flatnonzero(row < SIDE - 1)
    i, j = np.concatenate([east, north]), np.concatenate([east + 1, north + SIDE])
    length = np.full(len(i), 20_000, dtype=np.int64)
    rim = (row == 0) * 1 + (row == SIDE - 1) + (column == 0) + (column == SIDE - 1)
    problem = Problem(
        weight=np.random.default_rng(seed).integers(5, 16, n),
        x=STEP_M * column,
        y=STEP_M * row,
        area=np.full(n, 40_000),
        outer=20_000 * rim,
        block=np.full(n, -1),
        i=i,
        j=j,
        length=length,
        price=length,
        barrier=np.zeros(len(i), dtype=np.int64),
        joins=np.ones(len(i), dtype=bool),
    )
    return replace(problem, more=asked(n, **more)) if more else problem


def asked(n, counts=(), low=0, high=0, span_m=0.0):
    rows = np.array([counts], dtype=np.int64) if len(counts) else np.zeros((0, n), dtype=np.int64)
    ends = np.full(len(rows), low), np.full(len(rows), high)
    return More(weight=rows, low=ends[0], high=ends[1], reach_m=np.zeros(n), span_m=span_m)


def laid_out(problem, label=None):
    criteria = Criteria(size=BAND, units=NUMBER)
    wishes = _wishes(problem, NUMBER, BAND, criteria)
    ground = land(problem, wishes)
    if label is None:
        label = (np.arange(len(problem)) // SIDE // 4) * 3 + np.arange(len(problem)) % SIDE // 4
    return ground, wishes, units(ground, label, NUMBER, wishes, 1)


def missed(problem, label):
    ground, wishes, state = laid_out(problem, label)
    return int(amiss(ground, state, wishes).sum())


def in_the_west(high_west=5):
    """A further measure that lies in the west alone."""
    return np.where(np.arange(SIDE * SIDE) % SIDE < 4, high_west, 0)


def test_a_step_changes_the_whole_by_what_it_is_said_to_cost_with_all_that_is_asked():
    problem = lattice(counts=in_the_west(), low=0, high=40, span_m=60.0)
    ground, wishes, state = laid_out(problem)
    for atom in range(0, len(problem), 5):
        for unit in set(state.label[ground.near[ground.first[atom] : ground.first[atom + 1]]]) - {state.label[atom]}:
            many = gather(ground, state, atom, -1)
            if not may_go(ground, state, many):
                continue
            said, before = weigh(ground, state, many, unit, wishes), whole_cost(ground, state, wishes)
            shift(ground, state, atom, unit, wishes)
            assert whole_cost(ground, state, wishes) - before == pytest.approx(said, abs=1e-5)


def test_a_further_measure_is_brought_into_its_band_where_it_can_be():
    counts, count = in_the_west(), {"without": 0, "with": 0}
    for seed in (1, 2, 3):
        plain, wanted = lattice(seed), lattice(seed, counts=counts, low=0, high=55)
        criteria = Criteria(size=BAND, units=NUMBER, seed=seed)
        found = divide(wanted, NUMBER, BAND, criteria)
        held = np.bincount(found, wanted.weight, NUMBER)
        assert ((held >= BAND[0]) & (held <= BAND[1])).all()
        count["with"] += missed(wanted, found)
        count["without"] += missed(wanted, divide(plain, NUMBER, BAND, criteria))
    assert count["with"] < count["without"] / 2


def test_ends_of_units_come_as_near_as_asked_where_they_can():
    span = 3.2 * STEP_M * np.sqrt(2)
    problem = lattice(span_m=float(span))
    found = divide(problem, NUMBER, BAND, Criteria(size=BAND, units=NUMBER))
    without = divide(lattice(), NUMBER, BAND, Criteria(size=BAND, units=NUMBER))
    assert missed(problem, found) <= missed(problem, without)
    assert missed(problem, found) <= 2


def test_what_is_asked_and_lies_within_it_anyway_changes_no_division():
    criteria = Criteria(size=BAND, units=NUMBER)
    wide = lattice(counts=in_the_west(), low=0, high=10_000)
    assert missed(wide, divide(wide, NUMBER, BAND, criteria)) == 0


@settings(max_examples=10, deadline=None)
@given(
    seed=st.integers(0, 2**20),
    high=st.integers(1, 200),
    span=st.floats(0, 400),
    units_=st.integers(1, 12),
)
def test_whatever_is_asked_every_unit_hangs_together_and_none_is_lost(seed, high, span, units_):
    counts = np.random.default_rng(seed).integers(0, 20, SIDE * SIDE)
    problem = lattice(seed, counts=counts, low=min(high, 3), high=high, span_m=span)
    wanted = Criteria(size=(60, 900), units=units_, seed=seed)
    found = divide(problem, units_, (60, 900), wanted, budget=3000)
    again = divide(problem, units_, (60, 900), wanted, budget=3000)
    assert (found == again).all()
    assert len(np.unique(found)) == units_
    from govmap.delineate.problem import pieces

    assert pieces(problem, found).max() + 1 == units_


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**20))
def test_extents_are_those_of_the_farthest_pair_and_circles_hold_everybody(seed):
    rng = np.random.default_rng(seed)
    problem = lattice(seed, span_m=50.0)
    label = rng.integers(0, NUMBER, len(problem))
    ground, wishes, state = laid_out(problem, label)
    at = np.column_stack([ground.east, ground.north])
    found = spans(ground, label, NUMBER)
    for unit in np.unique(label):
        mine = at[label == unit]
        apart = np.sqrt(((mine[:, None] - mine[None]) ** 2).sum(axis=2)).max()
        assert 0.998 * apart - 1e-6 <= found[unit] <= apart + 1e-6
        radius = np.hypot(*(mine - state.middle[unit]).T).max()
        assert radius <= 0.64 * apart + 1e-6  # Jung: 0.578, and what the approximation adds
    reckon(ground, state, wishes)
    middle = np.zeros((NUMBER, 2))
    middles(ground, np.arange(len(label)), label, middle)
    assert (middle == state.middle).all()


def test_what_is_asked_goes_along_where_atoms_are_put_together_or_taken_out():
    n = SIDE * SIDE
    problem = lattice(counts=np.arange(n), low=0, high=9, span_m=10.0)
    bare = replace(problem.more, reach_m=np.where(np.arange(n) == 3, NOWHERE, 0.0))
    group = np.arange(n) // 2
    coarse = contract(replace(problem, more=bare), group)
    assert coarse.more.weight[0].tolist() == np.bincount(group, np.arange(n)).tolist()
    assert coarse.more.reach_m[0] == pytest.approx(STEP_M / 2)
    assert coarse.more.reach_m[1] >= 0
    alone = contract(replace(problem, more=bare), np.arange(n))
    assert alone.more.reach_m.tolist() == bare.reach_m.tolist()
    part = cut_out(problem, np.array([5, 7]))
    assert part.more.weight.tolist() == [[5, 7]]
    assert contract(lattice(), group).more is None

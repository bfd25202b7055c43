"""Totals that nest and totals that cross are met exactly together, or one of them is told."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from govmap.attach.totals import Spread


def spread(thought: list[float]) -> Spread:
    weights = np.array(thought, dtype=float)
    return Spread(np.arange(len(weights)), weights, np.ones(len(weights)), weights * 0.5, weights * 2)


def test_an_area_that_crosses_two_units_bends_until_all_totals_are_met() -> None:
    numbers = spread([10, 10, 10, 10])
    area, one, other = np.array([0, 1, 2]), np.array([0, 1]), np.array([2, 3])
    assert [numbers.give(area, 100), numbers.give(one, 30), numbers.give(other, 90)] == [0, 0, 0]
    values = numbers.values
    assert (values[area].sum(), values[one].sum(), values[other].sum()) == (100, 30, 90)


def test_what_was_counted_never_bends() -> None:
    numbers = spread([10, 10, 10])
    numbers.count(np.array([0]), np.array([40]))
    assert numbers.give(np.array([0, 1]), 50) == 0
    assert numbers.give(np.array([1, 2]), 5) == -5
    assert numbers.values.tolist() == [40, 10, 0]


def test_a_total_of_nothing_leaves_nobody() -> None:
    numbers = spread([10, 20])
    assert numbers.give(np.array([0, 1]), 0) == 0
    assert numbers.values.tolist() == [0, 0]
    assert numbers.high.tolist() == [0, 0]


def test_where_nobody_was_thought_to_live_a_total_goes_by_what_stands_there() -> None:
    numbers = Spread(np.arange(3), np.zeros(3), np.array([100.0, 300.0, 0.0]), np.zeros(3), np.zeros(3))
    assert numbers.give(np.arange(3), 40) == 0
    assert numbers.values.tolist() == [10, 30, 0]


def test_a_total_narrows_what_is_not_known_and_one_building_alone_is_known() -> None:
    numbers = spread([10, 30, 5])
    numbers.give(np.array([0, 1]), 40)
    numbers.give(np.array([2]), 9)
    assert (numbers.low[2], numbers.high[2]) == (9, 9)
    assert numbers.low[0] >= 5
    assert numbers.high[1] <= 35


@st.composite
def crossings(draw: st.DrawFn) -> tuple[list[float], list[tuple[list[int], int]]]:
    """Leaves with a truth, and totals of any sets of them that the truth meets."""
    count = draw(st.integers(2, 9))
    truth = draw(st.lists(st.integers(0, 50), min_size=count, max_size=count))
    thought = draw(st.lists(st.integers(0, 40).map(float), min_size=count, max_size=count))
    sets = draw(st.lists(st.sets(st.integers(0, count - 1), min_size=1), min_size=1, max_size=6))
    return thought, [(sorted(one), sum(truth[at] for at in one)) for one in sets]


@given(crossings())
@settings(max_examples=150, deadline=None)
def test_totals_that_can_be_met_together_are_all_met(case: tuple[list[float], list[tuple[list[int], int]]]) -> None:
    thought, totals = case
    numbers = spread(thought)
    assert [numbers.give(np.array(leaves), total) for leaves, total in totals] == [0] * len(totals)
    for leaves, total in totals:
        assert numbers.values[leaves].sum() == total
    assert (numbers.values >= 0).all()
    fixed = numbers.fixed
    assert (numbers.low[fixed] <= numbers.values[fixed] + 1e-6).all()
    assert (numbers.values[fixed] <= numbers.high[fixed] + 1e-6).all()


@given(crossings(), st.integers(1, 30))
@settings(max_examples=60, deadline=None)
def test_a_total_that_contradicts_the_others_is_told_and_changes_nothing(
    case: tuple[list[float], list[tuple[list[int], int]]], more: int
) -> None:
    thought, totals = case
    numbers = spread(thought)
    for leaves, total in totals:
        numbers.give(np.array(leaves), total)
    before = numbers.values.copy()
    leaves, total = totals[0]
    assert numbers.give(np.array(leaves), total + more) != 0
    assert numbers.values.tolist() == before.tolist()

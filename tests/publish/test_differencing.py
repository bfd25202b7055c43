"""What publications give away together is found, and withheld."""

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from govmap.publish.differencing import Told, leaks, protect

K = 10


def told(areas: list[str], values: list[float | None], *, ours: list[bool] | None = None, room: float = 0) -> Told:
    """Numbers of areas, each a word whose letters are its parts; `room` is what rounding leaves to either side."""
    low = [0.0 if one is None else max(0.0, one - room) for one in values]
    high = [np.inf if one is None else one + room for one in values]
    mine = [True] * len(areas) if ours is None else ours
    return Told(tuple(map(frozenset, areas)), np.array(low), np.array(high), np.array(mine))


def test_a_boundary_that_moved_by_one_house_gives_its_people_away() -> None:
    found = leaks(told(["abc", "ab"], [203, 200]), K)
    assert [(set(one.parts), one.low, one.high) for one in found] == [({"c"}, 3, 3)]


def test_whoever_is_not_there_is_not_given_away() -> None:
    assert leaks(told(["abc", "ab"], [200, 200]), K) == []


def test_what_rounding_leaves_open_is_no_leak() -> None:
    assert leaks(told(["abc", "ab"], [205, 200], room=4), K) == []


def test_a_total_less_all_that_is_shown_gives_away_what_is_withheld() -> None:
    found = leaks(told(["abc", "a", "b", "c"], [407, 200, 200, None]), K)
    assert {frozenset(one.parts) for one in found} == {frozenset("c")}


def test_three_plans_give_away_what_no_two_do() -> None:
    areas, values = ["abcd", "cd", "abe"], [100.0, 40, 63]
    for one in range(3):
        assert leaks(told([*areas[:one], *areas[one + 1 :]], [*values[:one], *values[one + 1 :]]), K) == []
    assert [set(one.parts) for one in leaks(told(areas, values), K)] == [{"e"}]


def test_of_ours_the_least_number_is_withheld_until_nothing_leaks() -> None:
    areas, values = ["abc", "def", "ab", "cdef"], [203.0, 150, 200, 153]
    rows, left = protect(told(areas, values, ours=[False, False, True, True]), K)
    assert left == []
    assert set(rows) <= {2, 3}
    assert leaks(told(areas, values).without(rows), K) == []


def test_what_was_published_before_and_leaks_is_said_and_nothing_of_ours_is_lost_in_vain() -> None:
    rows, left = protect(told(["abc", "ab", "xyz"], [203, 200, 500], ours=[False, False, True]), K)
    assert [set(one.parts) for one in left] == [{"c"}]
    assert rows == []


def test_numbers_of_two_times_that_contradict_each_other_are_still_compared() -> None:
    found = leaks(told(["abc", "abc", "ab"], [203, 205, 199]), K)
    assert {frozenset(one.parts) for one in found} == {frozenset("c")}


def _by_definition(areas: list[frozenset[str]], told_: Told) -> set[frozenset[str]]:
    """Bound every piece, area, overlap, difference and union by a linear program of its own."""
    letters = sorted(set().union(*areas))
    targets = {frozenset(one) for one in areas}
    for one, other in combinations(areas, 2):
        if one & other:
            targets |= {one & other, one - other, other - one, one | other}
    found = set()
    for target in targets - {frozenset()}:
        cost = np.array([1.0 if letter in target else 0.0 for letter in letters])
        rows = np.array([[1.0 if letter in area else 0.0 for letter in letters] for area in areas])
        shown = np.isfinite(told_.high)
        limits = np.vstack([rows[shown], -rows]), np.concatenate([told_.high[shown], -told_.low])
        least = linprog(cost, A_ub=limits[0], b_ub=limits[1])
        most = linprog(-cost, A_ub=limits[0], b_ub=limits[1])
        if least.fun > 1e-6 and most.status == 0 and -most.fun < K - 1e-6:
            found.add(target)
    return found


LETTERS = "abcdefg"
AREAS = st.lists(st.sets(st.sampled_from(LETTERS), min_size=1).map(frozenset), min_size=1, max_size=6, unique=True)


@settings(max_examples=40, deadline=None)
@given(AREAS, st.lists(st.integers(0, 30), min_size=7, max_size=7), st.sampled_from([0, 2, 4]), st.booleans())
def test_every_leak_by_the_definition_is_found_and_none_stays_after_withholding(areas, people, room, hint) -> None:
    world = dict(zip(LETTERS, map(float, people), strict=True))
    sums = [sum(world[part] for part in area) for area in areas]
    given_ = told([], [])
    given_ = Told(
        tuple(areas),
        np.array([max(0.0, one - room) for one in sums]),
        np.array([one + room for one in sums]),
        np.ones(len(areas), bool),
    )
    wanted = _by_definition(list(areas), given_)
    found = {one.parts for one in leaks(given_, K, truth=world if hint else None)}
    assert wanted <= found
    for one in found - wanted:  # pieces and remainders are looked at besides
        assert 0 < sum(world[part] for part in one) < K
    rows, left = protect(given_, K, truth=world if hint else None)
    assert left == []
    assert _by_definition(list(areas), given_.without(rows)) == set()

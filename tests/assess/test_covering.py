from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govmap.assess import covering
from govmap.assess.covering import Cover, best, fewest


def near(seed, homes, places, reach):
    """Homes and places scattered over a square; a home reaches what is near."""
    rng = np.random.default_rng(seed)
    one, other = rng.random((homes, 2)), rng.random((places, 2))
    people = rng.integers(0, 50, homes)
    far = np.hypot(*(one[:, None] - other[None]).transpose(2, 0, 1))
    home, place = np.nonzero(far < reach)
    return Cover(people, home, place, places)


def by_hand(cover, k):
    """The most people that any k places reach, by trying all of them."""
    table = cover.table.toarray() > 0
    sets = combinations(range(cover.places), min(k, cover.places))
    return max(int(cover.people[table[:, list(one)].any(axis=1)].sum()) for one in sets)


def fewest_by_hand(cover):
    table = cover.table.toarray() > 0
    wanted = table.any(axis=1)
    for k in range(cover.places + 1):
        for one in combinations(range(cover.places), k):
            if (table[:, list(one)].any(axis=1) == wanted).all():
                return k
    raise AssertionError


covers = st.builds(
    near, st.integers(0, 10_000), st.integers(1, 25), st.integers(1, 9), st.sampled_from([0.1, 0.3, 0.6])
)


@settings(max_examples=60, deadline=None)
@given(covers, st.integers(1, 4))
def test_no_other_choice_reaches_more_people(cover, k):
    found = best(cover, k)
    assert found.reached == by_hand(cover, k) == found.bound
    assert found.exact
    assert len(found.places) <= k
    assert found.gains.sum() == found.reached == cover.reached(found.places)
    assert (np.diff(found.gains) <= 0).all()


@settings(max_examples=40, deadline=None)
@given(covers)
def test_no_fewer_places_reach_everybody(cover):
    found = fewest(cover)
    assert len(found.places) == fewest_by_hand(cover) == found.bound
    assert found.reached == cover.reachable


@settings(max_examples=40, deadline=None)
@given(covers, st.integers(1, 4))
def test_bounds_without_the_solver_are_never_beaten(cover, k):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(covering, "MOST_HOMES", -1)
        found, few = best(cover, k), fewest(cover)
    assert found.reached <= by_hand(cover, k) <= found.bound
    assert found.exact == (found.reached == found.bound)
    assert few.bound <= fewest_by_hand(cover) <= len(few.places)
    assert few.reached == cover.reachable


def test_the_solver_alone_finds_what_exchanges_find():
    for seed in range(6):
        cover = covering._merged(near(seed, 120, 20, 0.2))
        found, proven = covering._by_highs(cover, 4)
        chosen = best(cover, 4)
        assert cover.reached(found) == proven == chosen.reached == chosen.bound


def test_the_order_of_rows_changes_nothing():
    cover = near(3, 200, 30, 0.2)
    order = np.random.default_rng(1).permutation(200)
    back = np.argsort(order)
    mixed = np.random.default_rng(2).permutation(len(cover.home))
    other = Cover(cover.people[order], back[cover.home][mixed], cover.place[mixed], 30)
    for one, two in zip((best(cover, 5), fewest(cover)), (best(other, 5), fewest(other)), strict=True):
        assert one.places.tolist() == two.places.tolist()
        assert one.gains.tolist() == two.gains.tolist()


def test_of_places_that_reach_as_many_the_first_is_taken():
    cover = Cover(np.array([5, 5, 7]), np.array([0, 1, 0, 1, 2, 2]), np.array([1, 1, 2, 2, 3, 0]), 4)
    assert best(cover, 2).places.tolist() == [1, 0]
    assert best(cover, 2).gains.tolist() == [10, 7]


def test_a_place_that_adds_nobody_is_not_chosen():
    cover = Cover(np.array([3, 4]), np.array([0, 1, 1]), np.array([0, 0, 1]), 2)
    assert best(cover, 2).places.tolist() == [0]
    assert fewest(cover).places.tolist() == [0]


@pytest.mark.parametrize(("homes", "places"), [(0, 0), (3, 0), (0, 4), (3, 4)])
def test_where_nobody_reaches_anything_nothing_is_chosen(homes, places):
    none = np.zeros(0, dtype=np.int64)
    cover = Cover(np.full(homes, 7), none, none, places)
    for found in (best(cover, 2), fewest(cover)):
        assert (len(found.places), found.reached, found.bound, found.exact) == (0, 0, 0, True)


def test_large_cases_are_bounded_within_a_few_per_cent():
    found = best(near(1, 6_000, 700, 0.05), 8)
    assert found.reached >= 0.97 * found.bound


@pytest.mark.filterwarnings("ignore")
def test_optima_equal_those_of_spopt():
    locate = pytest.importorskip("spopt.locate")
    pulp = pytest.importorskip("pulp")
    for seed in range(3):
        cover = near(seed, 80, 18, 0.25)
        kept = np.flatnonzero(np.diff(cover.table.indptr) > 0)
        cost = np.where(cover.table.toarray()[kept] > 0, 0.0, 1.0)
        model = locate.MCLP.from_cost_matrix(cost, cover.people[kept], 0.5, p_facilities=3)
        model.solve(pulp.PULP_CBC_CMD(msg=False))
        assert best(cover, 3).reached == round(pulp.value(model.problem.objective))
        least = locate.LSCP.from_cost_matrix(cost, 0.5)
        least.solve(pulp.PULP_CBC_CMD(msg=False))
        assert len(fewest(cover).places) == round(pulp.value(least.problem.objective))

"""Annealed moves and swaps: whatever they give is a division that holds, and the same every time."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import Delaunay

from govmap.delineate.search import annealed as room
from govmap.delineate.search.annealed import annealed
from govmap.delineate.search.inertia import Inertia, around, holds, middles_of


def ground(seed: int, n: int, units: int, share: float) -> Inertia:
    rng = np.random.default_rng(seed)
    at = rng.random((n, 2)) * 200
    corners = Delaunay(at).simplices
    ends = np.unique(np.sort(np.concatenate([corners[:, :2], corners[:, 1:], corners[:, ::2]]), axis=1), axis=0)
    people = np.exp(rng.normal(5, 1, n)).astype(np.int64)
    mean = people.sum() / units
    far = np.rint(np.hypot(*(at[:, None] - at).transpose(2, 0, 1))).astype(np.int16)
    band = {"low": int(np.ceil(mean * (1 - share))), "high": int(mean * (1 + share))}
    return Inertia(people=people, cost=around(people, far), i=ends[:, 0], j=ends[:, 1], units=units, **band)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(6, 60), units=st.integers(2, 4), share=st.sampled_from([0.05, 0.3]))
def test_what_is_given_holds(seed: int, n: int, units: int, share: float) -> None:
    problem = ground(seed, n, units, share)
    centres = np.random.default_rng(seed).permutation(n)[:units].astype(np.int64)
    label = annealed(problem, centres)
    again = annealed(problem, centres)
    assert (label is None) == (again is None)
    if label is not None:
        assert holds(problem, label)
        assert (label == again).all()


def test_most_wide_bands_are_met_and_the_first_division_is_bettered() -> None:
    met = [annealed(ground(seed, 50, 4, 0.1), np.arange(4)) for seed in range(8)]
    assert sum(one is not None for one in met) >= 7
    problem = ground(1, 50, 4, 0.1)
    land = room.Land(problem.cost / 1e6, problem.people, *room.neighbours(problem), problem.low, problem.high)
    first = room._grown(land, np.arange(4))
    assert middles_of(problem, met[1])[1] < middles_of(problem, first)[1]


def test_an_atom_leaves_only_a_unit_that_stays_whole() -> None:
    chain = Inertia(
        people=np.ones(5, dtype=np.int64), cost=np.ones((5, 5), dtype=np.int64), i=np.arange(4), j=np.arange(1, 5),
        units=2, low=1, high=4,
    )  # fmt: skip
    land = room.Land(chain.cost / 1e6, chain.people, *room.neighbours(chain), 1, 4)
    label, mark, queue = np.array([0, 0, 0, 0, 1]), np.zeros(5, dtype=np.int64), np.zeros(5, dtype=np.int64)
    assert [room._stays_whole(land, label, i, mark, queue) for i in range(5)] == [True, False, False, True, False]
    assert (mark == 0).all()

"""What chance alone would give."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from govmap.assess import chance

P = st.lists(st.floats(0, 1), min_size=1, max_size=40)


@given(P)
def test_false_discoveries_are_held_down_as_scipy_does(p: list[float]) -> None:
    assert np.allclose(chance.false_discovery(p), stats.false_discovery_control(p), atol=1e-12)


def test_what_was_not_tested_counts_as_no_test() -> None:
    found = chance.false_discovery([0.01, np.nan, 0.04])
    assert np.allclose(found[[0, 2]], [0.02, 0.04])
    assert np.isnan(found[1])


@given(st.integers(0, 50), st.integers(1, 50))
def test_the_interval_of_a_share_holds_the_share_and_stays_a_share(yes: int, more: int) -> None:
    low, high = chance.share_interval([yes], [yes + more])
    share = yes / (yes + more)
    known = stats.binomtest(yes, yes + more).proportion_ci(method="wilson")
    assert np.allclose([low[0], high[0]], [known.low, known.high], atol=1e-9)
    assert 0 <= low[0] <= share <= high[0] <= 1


def test_nothing_is_said_of_a_share_of_none() -> None:
    low, high = chance.share_interval([0], [0])
    assert np.isnan([low[0], high[0]]).all()


def test_a_count_to_come_lies_in_its_interval_as_often_as_said() -> None:
    rng = np.random.default_rng(5)
    for mean, variance in ((4.0, 4.0), (4.0, 12.0), (40.0, 90.0)):
        low, high = chance.count_interval([mean], [variance], level=0.9)
        drawn = (
            rng.poisson(mean, 20_000)
            if variance == mean
            else rng.negative_binomial(mean**2 / (variance - mean), mean / variance, 20_000)
        )
        assert 0.9 <= ((drawn >= low[0]) & (drawn <= high[0])).mean() <= 0.97


def test_where_nothing_is_expected_nothing_is_within() -> None:
    low, high = chance.count_interval([0.0], [0.0], level=0.99)
    assert (low[0], high[0]) == (0.0, 0.0)


def test_the_tail_of_poisson_is_that_of_scipy() -> None:
    count, mean = np.arange(12), np.full(12, 3.3)
    assert np.allclose(chance.poisson_tail(count, mean), stats.poisson.sf(count - 1, 3.3))

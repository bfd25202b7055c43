"""Rates that do not take chance for trouble."""

import numpy as np
import pytest
from esda.smoothing import Empirical_Bayes
from hypothesis import assume, given
from hypothesis import strategies as st

from govmap import catalog
from govmap.assess import rates
from govmap.assess.reports import ALL, Reports, Tier, categories_of

RULES = catalog.layer("reports")["rates"]
UNITS = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 400)), min_size=2, max_size=40)


@given(UNITS)
def test_the_rate_is_that_of_esda_wherever_units_differ_more_than_by_chance(units: list[tuple[int, int]]) -> None:
    counts, households = (np.array(one, dtype=float) for one in zip(*units, strict=True))
    assume(counts.sum() > 0)
    found = rates.empirical_bayes(counts, households)
    _, spread = rates._moments(counts, households)
    if spread > 0:
        assert np.abs(found.rate - Empirical_Bayes(counts, households).r.ravel()).max() < 1e-9
    else:
        assert np.allclose(found.rate, counts.sum() / households.sum(), atol=1e-12)


@given(UNITS)
def test_every_rate_lies_between_its_own_count_and_the_common_rate_and_within_its_interval(
    units: list[tuple[int, int]],
) -> None:
    counts, households = (np.array(one, dtype=float) for one in zip(*units, strict=True))
    found = rates.empirical_bayes(counts, households)
    common = counts.sum() / households.sum()
    assert (found.rate >= np.minimum(found.raw, common) - 1e-12).all()
    assert (found.rate <= np.maximum(found.raw, common) + 1e-12).all()
    assert (found.low <= found.rate).all()
    assert (found.rate <= found.high).all()


def test_the_interval_holds_the_true_rate_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    for unlike in (0.2, 0.5, 1.0):
        held = []
        for _ in range(60):
            households = rng.integers(100, 500, 30).astype(float)
            true = 0.05 * rng.gamma(1 / unlike**2, unlike**2, 30)
            found = rates.empirical_bayes(rng.poisson(true * households), households)
            held.append(((found.low <= true) & (true <= found.high)).mean())
        assert 0.9 <= np.mean(held) <= 1.0, unlike


def test_units_alike_are_not_told_apart() -> None:
    rng = np.random.default_rng(1)
    households = np.full(60, 300.0)
    apart = 0
    for _ in range(40):
        counts = rng.poisson(0.05 * households)
        found = rates.empirical_bayes(counts, households)
        apart += int((found.low > counts.sum() / households.sum()).sum())
    assert apart <= 0.01 * 40 * 60


def test_a_unit_without_households_has_no_rate() -> None:
    found = rates.empirical_bayes([3, 5, 2], [0, 100, 120])
    assert np.isnan([found.rate[0], found.low[0], found.raw[0]]).all()
    assert not np.isnan(found.rate[1:]).any()


@pytest.mark.parametrize("counts", [[], [0], [4]])
def test_no_unit_and_one_unit_are_normal_life(counts: list[int]) -> None:
    found = rates.empirical_bayes(counts, [50] * len(counts))
    assert len(found.rate) == len(counts)
    assert (found.high >= found.rate).all()


def test_every_unit_of_every_level_has_a_row_and_small_ones_are_marked() -> None:
    reports = Reports(np.array([0, 0, 1, 3]), np.array([0, -1, 0, 0]), ("noise",))
    lower = Tier("micro", np.array(["a", "b"], object), np.array([60.0, 300.0]), np.array([0, 0, 1, -1]))
    upper = Tier("grid", np.array(["g"], object), np.array([360.0]), np.array([0, 0, 0, -1]))
    found = rates.rates(reports, [upper, lower], rules=RULES).set_index(["level", "category", "unit_id"])
    assert len(found) == 2 * 3
    assert found.loc[("micro", ALL, "a"), "count"] == 3
    assert found.loc[("micro", "noise", "a"), "count"] == 2
    assert found.loc[("grid", ALL, "g"), "count"] == 3
    assert list(found["too_small"][lambda one: one].index.get_level_values("unit_id")) == ["a", "a"]


def test_only_categories_with_enough_reports_are_looked_at_alone() -> None:
    import pandas as pd

    told = pd.Series(["noise"] * 5 + ["lift"] * 3 + ["parking"] * 5 + ["rare", None, "all", "all", "all"])
    assert categories_of(told, least=3, most=2) == ("noise", "parking")
    assert categories_of(told, least=3, most=9) == ("lift", "noise", "parking")

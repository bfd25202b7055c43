"""Rounded numbers repeat themselves, stay near, keep sums true on average and cannot be worked out from outside."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from govmap.publish.rounding import BASE, keys_of, rounded, span

PARTS = pd.DataFrame({"part_id": [f"w{n}" for n in range(200)], "households": range(200), "residents": range(200)})
KEYS = keys_of(PARTS)


@given(st.integers(0, 10_000), st.sets(st.sampled_from(sorted(KEYS)), max_size=20))
def test_a_rounded_number_is_a_near_multiple_of_five_whatever_the_order_of_parts(value: int, area: set[str]) -> None:
    shown = rounded(value, "residents", sorted(area), KEYS)
    assert shown % BASE == 0
    assert abs(shown - value) < BASE
    assert shown == rounded(value, "residents", sorted(area, reverse=True), KEYS)


@given(st.integers(10, 10_000))
def test_the_span_of_a_shown_number_holds_the_true_one(value: int) -> None:
    low, high = span(rounded(value, "residents", ["w1"], KEYS), 10)
    assert low <= value <= high


def test_sums_stay_true_on_average() -> None:
    values = np.random.default_rng(1).integers(10, 500, 4000)
    shown = [rounded(int(value), "residents", [f"w{at % 200}", f"x{at}"], KEYS) for at, value in enumerate(values)]
    assert abs(sum(shown) - values.sum()) < 4 * 2.0 * np.sqrt(len(values))  # four deviations of an even chance


def test_two_copies_of_the_same_data_publish_the_same_and_other_data_another_draw() -> None:
    again = keys_of(PARTS.sample(frac=1, random_state=3))
    other = keys_of(PARTS.assign(households=PARTS["households"] + 1))
    areas = [[f"w{n}", f"w{n + 1}"] for n in range(150)]
    first = [rounded(12, "residents", area, KEYS) for area in areas]
    assert first == [rounded(12, "residents", area, again) for area in areas]
    assert first != [rounded(12, "residents", area, other) for area in areas]


def test_nobody_stays_nobody_and_what_is_withheld_says_nothing() -> None:
    assert rounded(0, "residents", ["w1"], KEYS) == 0
    assert span(0, 10) == (0, 0)
    assert span(None, 10) == (0, np.inf)

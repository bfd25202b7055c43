"""Who lives where: counted goes before estimated, and estimates add up."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govmap.assess.people import people
from govmap.assess.standards import BANDS

AGES = {"age_0_6": 0.1, "age_7_14": 0.1, "age_15_59": 0.6, "age_60_plus": 0.2, "age_80_plus": 0.05}


def _homes(residents: list[int], households: list[int], **more: list[object]) -> pd.DataFrame:
    count = len(residents)
    frame = {"building_id": [f"b{one}" for one in range(count)], "households": households, "residents": residents}
    return pd.DataFrame({**frame, **more})


def test_people_are_residents_else_households_times_their_size() -> None:
    found = people(_homes([7, 0, 0], [3, 2, 3]), narrow={"people": {"b0"}}, ages=AGES, household_size=2.6)
    assert found.of("all").tolist() == [7, 5, 8]  # 5 households of 2.6 persons are 13 people, rounded once
    assert found.estimated("all").tolist() == [False, True, True]
    assert found.counted("all")


def test_what_is_known_of_a_wider_area_alone_is_an_estimate() -> None:
    found = people(_homes([7, 6], [3, 2]), narrow={}, ages=AGES, household_size=2.5)
    assert found.estimated("all").all()
    assert not found.counted("all")


def test_bands_are_counted_where_registers_know_them_and_shared_out_elsewhere() -> None:
    homes = _homes([100, 150, 40, 10], [40, 60, 20, 5], age_60_plus=pd.array([30, 45, None, None], dtype="Int64"))
    narrow = {"people": {"b0", "b1"}, "age_60_plus": {"b0", "b1"}}
    found = people(homes, narrow=narrow, ages=AGES, household_size=2.5)
    assert found.of("age_60_plus").tolist() == [30, 45, 12, 3]  # three of ten, as among the 250 counted
    assert found.estimated("age_60_plus").tolist() == [False, False, True, True]
    assert found.of("age_0_6").sum() == 30  # the country's share
    assert not found.counted("age_0_6")


def test_a_handful_of_people_says_nothing_of_the_others() -> None:
    homes = _homes([10, 90], [4, 36], age_60_plus=pd.array([10, None], dtype="Int64"))
    found = people(homes, narrow={"people": {"b0"}, "age_60_plus": {"b0"}}, ages=AGES, household_size=2.5)
    assert found.of("age_60_plus").tolist() == [10, 18]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 150)), max_size=20), st.floats(1.0, 4.0))
def test_estimates_are_whole_never_more_than_all_and_add_up(rows: list[tuple[int, int]], size: float) -> None:
    residents, households = ([one[at] for one in rows] for at in (0, 1))
    found = people(_homes(residents, households), narrow={}, ages=AGES, household_size=size)
    every = found.of("all")
    assert every.sum() == pytest.approx(sum(residents) + round(sum(h for r, h in rows if r == 0) * size), abs=0)
    for band in BANDS:
        assert found.of(band).dtype == np.int64
        assert (found.of(band) <= every).all()
        assert found.of(band).sum() == round(every.sum() * AGES[band])

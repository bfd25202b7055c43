"""Streets where reports come again."""

import numpy as np
import pandas as pd
import shapely

from govmap import catalog
from govmap.assess import streets
from govmap.assess.reports import ALL

RULES = {**catalog.layer("reports")["recurring"], "categories": ("noise",)}


def ways(count: int = 40, length_m: float = 100.0) -> pd.DataFrame:
    return pd.DataFrame({"street_id": [f"s{one:02d}" for one in range(count)], "length_m": length_m, "lived": True})


def told(*rows: tuple[int, str | None, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["street", "category", "day"])


def scattered(count: int = 60, seed: int = 3) -> list[tuple[int, str | None, int]]:
    rng = np.random.default_rng(seed)
    return [(int(one), None, int(day)) for one, day in rng.integers(0, [40, 365], (count, 2))]


def test_a_street_with_reports_on_many_days_is_told_and_one_bad_night_is_not() -> None:
    again = [(7, "noise", day) for day in range(0, 200, 10)]
    night = [(9, "noise", 50)] * 20
    found = streets.recurring(told(*again, *night, *scattered()), ways(), rules=RULES)
    assert set(found["street_id"]) == {"s07"}
    row = found[found["category"] == ALL].iloc[0]
    assert row["days"] >= 20
    assert (row["first"], row["last"]) <= (0, 190) or row["first"] == 0
    assert set(found["category"]) == {ALL, "noise"}


def test_noise_is_told_of_hardly_any_street() -> None:
    many = [len(streets.recurring(told(*scattered(seed=one)), ways(), rules=RULES)) > 0 for one in range(60)]
    assert np.mean(many) <= 0.05


def test_a_long_street_may_have_more_reports() -> None:
    longer = ways()
    longer.loc[3, "length_m"] = 4000.0
    rows = [(3, None, day) for day in range(0, 300, 10)] + scattered(seed=5)
    assert "s03" not in set(streets.recurring(told(*rows), longer, rules=RULES)["street_id"])
    assert "s03" in set(streets.recurring(told(*rows), ways(), rules=RULES)["street_id"])


def test_reports_without_street_or_day_are_passed_over() -> None:
    assert streets.recurring(told((-1, None, 3), (2, None, -1)), ways(), rules=RULES).empty
    assert streets.recurring(told(), ways(0), rules=RULES).empty


def test_each_house_lies_along_its_nearest_street_and_a_far_one_along_none() -> None:
    lines = np.array([shapely.LineString([(0, 0), (100, 0)]), shapely.LineString([(0, 40), (100, 40)])], object)
    houses = np.array([shapely.box(10, 5, 20, 15), shapely.box(10, 30, 20, 35), shapely.box(10, 300, 20, 310)], object)
    assert streets.along(houses, lines, within_m=60).tolist() == [0, 1, -1]
    middle = np.array([shapely.box(10, 15, 20, 25)], object)
    assert streets.along(middle, lines, within_m=60).tolist() == [0]
    assert streets.along(houses, lines[:0], within_m=60).tolist() == [-1, -1, -1]

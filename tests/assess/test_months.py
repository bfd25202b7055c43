"""Months beside what the months before let expect."""

import numpy as np
import pandas as pd

from govmap import catalog
from govmap.assess import months
from govmap.assess.reports import ALL

RULES = {**catalog.layer("reports")["months"], "categories": ("noise",)}
FEBRUARY = 14


def days(counts: list[int], *, start: str = "2022-01-01") -> list[int]:
    """Spread so many reports over each month, one on its first and last day."""
    first = np.datetime64(start, "M")
    found: list[int] = []
    for step, count in enumerate(counts):
        begin = (first + step).astype("datetime64[D]").astype(int)
        end = (first + step + 1).astype("datetime64[D]").astype(int) - 1
        found += np.linspace(begin, end, count).astype(int).tolist()
    return found


def looked(when: list[int], category: str | None = "noise") -> pd.DataFrame:
    rows = pd.DataFrame({"community_id": "c", "category": category, "day": when})
    return months.months(rows, rules=RULES)


def of(found: pd.DataFrame, category: str = ALL) -> pd.DataFrame:
    return found[found["category"] == category].reset_index(drop=True)


def test_months_count_every_report_and_sum_to_the_whole() -> None:
    found = looked(days([5, 0, 9, 4]))
    assert of(found)["count"].tolist() == [5, 0, 9, 4]
    assert of(found, "noise")["count"].tolist() == [5, 0, 9, 4]
    assert str(of(found)["month"].iloc[1])[:10] == "2022-02-01"


def test_a_month_far_above_those_before_is_high_and_one_far_below_low() -> None:
    found = of(looked(days([30, 28, 31, 30, 29, 31, 70, 30, 5])))
    assert found["notable"].dropna().to_dict() == {6: "high", 8: "low"}
    assert found["expected"].isna().tolist() == [True] * 3 + [False] * 6


def test_of_a_season_that_comes_every_year_nothing_is_said() -> None:
    year = [20, 20, 20, 20, 20, 60, 60, 60, 20, 20, 20, 20]
    found = of(looked(days(year * 4)))
    assert found["notable"].iloc[24:].isna().all()
    assert abs(found["expected"].iloc[29] - 60) < 1


def test_steady_chance_is_hardly_ever_notable() -> None:
    rng = np.random.default_rng(8)
    told = [of(looked(days((rng.poisson(12, 30) + 2).tolist())))["notable"].notna().sum() for _ in range(30)]
    assert np.mean(told) / 27 <= 0.02


def test_a_month_that_the_list_cuts_is_not_judged_nor_a_ground_for_others() -> None:
    when = days([30, 30, 30, 30, 30])
    cut = [day for day in when if day < max(when) - FEBRUARY]
    found = of(looked(cut))
    assert found["whole"].tolist() == [True, True, True, True, False]
    assert np.isnan(found["expected"].iloc[-1])
    assert found["notable"].isna().all()


def test_a_first_report_of_a_kind_never_seen_needs_more_than_one_to_be_notable() -> None:
    when = days([20] * 8)
    rows = pd.DataFrame({"community_id": "c", "category": None, "day": when})
    one = pd.DataFrame({"community_id": "c", "category": "noise", "day": [max(when) - 3]})
    found = months.months(pd.concat([rows, one], ignore_index=True), rules=RULES)
    assert of(found, "noise")["notable"].isna().all()


def test_the_change_is_between_the_last_two_whole_months() -> None:
    when = days([10, 12, 15, 40])
    cut = [day for day in when if day < max(when) - FEBRUARY]
    told = months.change(looked(cut)).iloc[0]
    assert (told["count"], told["before"], told["change"]) == (15, 12, 3)
    assert str(told["month"])[:7] == "2022-03"
    assert pd.isna(months.change(looked(days([10]))).iloc[0]["change"])


def test_no_reports_and_no_days_are_normal_life() -> None:
    assert months.months(pd.DataFrame({"community_id": [], "category": [], "day": []}), rules=RULES).empty
    assert looked([-1, -1]).empty
    assert months.change(looked([])).empty

"""How cases were answered, by unit and never by person."""

import numpy as np
import pandas as pd

from govmap import catalog
from govmap.assess import answering
from govmap.assess.reports import ALL, Reports, Tier

RULES = catalog.layer("reports")["answered"]
TIER = Tier("base", np.array(["a", "b"], object), np.array([10.0, 10.0]), np.array([0, 1]))


def cases(count: int, **facts: object) -> pd.DataFrame:
    plain = {"staged": True, "waiting": False, "done": True, "overdue": False, "hours": 10.0}
    plain |= {"satisfied_resident": np.nan, "satisfied_office": np.nan}
    return pd.DataFrame({name: [value] * count for name, value in (plain | facts).items()})


def looked(rows: pd.DataFrame, part: list[int]) -> pd.DataFrame:
    reports = Reports(np.array(part, dtype=np.int64), np.full(len(part), -1), ())
    return answering.answered(reports, rows, [TIER], rules=RULES).set_index("unit_id")


def test_shares_are_of_those_where_something_is_known() -> None:
    rows = pd.concat(
        [
            cases(12),
            cases(4, done=False, waiting=True, hours=np.nan),
            cases(4, done=False, overdue=True, hours=np.nan),
            cases(5, staged=False, done=False, hours=np.nan),
        ],
        ignore_index=True,
    )
    found = looked(rows, [0] * 25).loc["a"]
    assert (found["cases"], found["open"], found["overdue"]) == (25, 8, 4)
    assert found["responded"] == 16 / 20
    assert found["resolved"] == 12 / 20
    assert found["resolved_low"] < found["resolved"] < found["resolved_high"]


def test_what_residents_and_office_say_stands_side_by_side() -> None:
    rows = pd.concat([cases(8, satisfied_resident=1.0, satisfied_office=1.0), cases(4, satisfied_resident=0.0)])
    rows = pd.concat([rows, cases(8, satisfied_resident=0.0, satisfied_office=1.0)], ignore_index=True)
    found = looked(rows, [0] * 20).loc["a"]
    assert found["satisfied_resident"] == 8 / 20
    assert found["satisfied_office"] == 1.0
    assert found["satisfied_gap"] == 0.5
    assert (found["rated_resident"], found["rated_office"]) == (20, 16)


def test_of_few_cases_no_share_is_given_but_their_number() -> None:
    found = looked(cases(9, satisfied_resident=1.0), [1] * 9).loc["b"]
    assert found["cases"] == 9
    assert found[[*answering.SHARES, "resolved_low", "satisfied_gap", "hours_median"]].isna().all()


def test_a_unit_without_cases_has_no_row_and_no_reports_give_none() -> None:
    assert list(looked(cases(12), [1] * 12).index) == ["b"]
    assert looked(cases(0), []).empty


def test_nothing_in_the_answer_names_a_person() -> None:
    found = answering.answered(
        Reports(np.array([0]), np.array([-1]), ()), cases(1).assign(responsible="Ms Li"), [TIER], rules=RULES
    )
    assert "Ms Li" not in found.to_csv()
    assert set(found["category"]) == {ALL}

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from govmap.errors import PlanError
from govmap.govern import agreement
from govmap.govern.agreement import Standing
from govmap.govern.workdays import Workdays

DAY = date(2026, 11, 20)
STATES = ("draft", "proposed", "on_notice", "adopted", "retired")


def standing(status: str = "on_notice", **more: object) -> Standing:
    notice = {"turn": 2, "step": "notice", "by": "Li Ming", "begins": date(2026, 11, 9), "ends": date(2026, 11, 17)}
    steps = pd.DataFrame([{"turn": 1, "step": "propose", "by": "Li Ming"}, notice])
    objections = pd.DataFrame({"number": [], "outcome": [], "answered_at": []}, dtype=object)
    facts = {"steps": steps, "objections": objections, "drafters": ("Zhao Yi",), **more}
    return Standing(plan_id="p1", status=status, **facts)  # type: ignore[arg-type]


def objections(outcome: str | None, answered: str | None) -> pd.DataFrame:
    row = {"number": 1, "outcome": outcome, "answered_at": pd.Timestamp(answered) if answered else pd.NaT}
    return pd.DataFrame([row]).astype({"outcome": object})


@pytest.mark.parametrize("step", agreement.STEPS)
def test_a_step_leads_only_from_the_states_that_the_layer_names(step: str) -> None:
    for state in STATES:
        hindered = agreement.hindrance(step, standing(state), by="Wang Fang", today=DAY)
        assert (hindered is None) == (state in agreement.ways()[step]["from"]), (step, state)


@pytest.mark.parametrize("by", ["Li Ming", "li  ming", "ＬＩ ＭＩＮＧ", "Zhao Yi", "ZHAOYI"])
def test_nobody_adopts_what_he_or_she_drew_or_proposed_however_the_name_is_typed(by: str) -> None:
    with pytest.raises(PlanError, match="cannot adopt"):
        agreement.refuse("adopt", standing(), by=by, today=DAY)
    agreement.refuse("adopt", standing(), by="Wang Fang", today=DAY)


def test_a_plan_is_adopted_the_day_after_its_notice_at_the_earliest() -> None:
    with pytest.raises(PlanError, match="2026-11-17"):
        agreement.refuse("adopt", standing(), by="Wang Fang", today=date(2026, 11, 17))
    agreement.refuse("adopt", standing(), by="Wang Fang", today=date(2026, 11, 18))


def test_an_objection_without_answer_holds_adoption_up() -> None:
    with pytest.raises(PlanError, match="not answered"):
        agreement.refuse("adopt", standing(objections=objections(None, None)), by="Wang Fang", today=DAY)


def test_an_accepted_objection_must_be_in_the_plan_before_it_is_adopted() -> None:
    accepted = objections("accepted", "2026-11-18T08:00Z")
    for changed, may in (("2026-11-01T08:00Z", False), ("2026-11-18T09:00Z", True), (None, False)):
        at = None if changed is None else pd.Timestamp(changed)
        found = agreement.hindrance("adopt", standing(objections=accepted, changed_at=at), by="Wang Fang", today=DAY)
        assert (found is None) == may
    declined = standing(objections=objections("declined", "2026-11-18T08:00Z"))
    assert agreement.hindrance("adopt", declined, by="Wang Fang", today=DAY) is None


@given(st.dates(date(2025, 1, 1), date(2026, 12, 1)), st.integers(1, 30))
def test_a_notice_lasts_so_many_working_days(begins: date, days: int) -> None:
    workdays = Workdays.load("cn")
    ends = agreement.notice_ends(begins, workdays, days)
    between = pd.Series(pd.date_range(begins, ends)[1:])
    back = workdays.after(pd.Series([pd.Timestamp(begins)] * days), np.arange(1, days + 1))
    assert back.iloc[-1].date() == ends
    assert set(back) <= set(between)
    assert back.is_unique


def test_a_short_notice_is_told_and_not_refused() -> None:
    workdays = Workdays.load("cn")
    assert agreement.too_short(date(2026, 11, 9), date(2026, 11, 11), workdays).key == "agree_notice_short"
    assert agreement.too_short(date(2026, 11, 9), date(2026, 11, 17), workdays) is None


def test_units_that_go_on_keep_their_first_day() -> None:
    units = pd.DataFrame({"unit_id": ["a", "b", "c"], "code": ["U1", "U2", "U3"]})
    former = pd.DataFrame({"code": ["U1", "U2"], "valid_from": [date(2024, 1, 1), None]})
    days = agreement.validity(units, former, {"U1", "U2"}, date(2026, 12, 1))
    assert list(days) == [date(2024, 1, 1), date(2026, 12, 1), date(2026, 12, 1)]


def test_only_people_count_as_drafters() -> None:
    rows = pd.DataFrame({"action": ["delineate", "carry", "move"], "author": ["Zhao", "root", "Li"]})
    assert agreement.drafters(rows) == ("Li", "Zhao")

"""Duties follow their units: renumbered, kept, merged, divided, and back; what cannot follow is named."""

from datetime import date

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from govmap.govern.duties import KEY, heirs, in_force, into_plan, through_edit, vacant
from govmap.plan import Plan
from govmap.schema import TABLES

PARTS = pd.DataFrame({"part_id": list("abcdefgh"), "households": [10, 20, 30, 40, 0, 0, 5, 5]})


def plan(text: str, plan_id: str = "p1") -> Plan:
    """One letter a part, in the order of PARTS: the unit it lies in."""
    units = [f"u{letter}" for letter in text]
    return Plan(plan_id, 1, pd.Series(units, index=PARTS["part_id"].to_numpy(object), dtype=object))


def duties(*pairs: tuple[str, str], plan_id: str = "p1") -> pd.DataFrame:
    rows = [{"worker_id": who, "plan_id": plan_id, "unit_id": unit, "role": "r", "said_id": who} for who, unit in pairs]
    return pd.DataFrame(rows, columns=TABLES["duties"].names, dtype=object)


def held(rows: pd.DataFrame) -> set[tuple[str, str]]:
    return set(zip(rows["worker_id"], rows["unit_id"], strict=True))


def test_a_worker_keeps_the_households_whatever_the_units_are_called() -> None:
    made = into_plan(duties(("w1", "u1"), ("w2", "u2")), plan("11112222"), plan("88889999", "p2"), PARTS)
    assert held(made.duties) == {("w1", "u8"), ("w2", "u9")}
    assert set(made.duties["plan_id"]) == {"p2"}
    assert made.lost.empty


def test_both_answer_for_units_put_together_and_one_for_both_pieces() -> None:
    merged = into_plan(duties(("w1", "u1"), ("w2", "u2")), plan("11112222"), plan("99999999", "p2"), PARTS)
    assert held(merged.duties) == {("w1", "u9"), ("w2", "u9")}
    split = into_plan(duties(("w1", "u1")), plan("11111111"), plan("44445555", "p2"), PARTS)
    assert held(split.duties) == {("w1", "u4"), ("w1", "u5")}


def test_a_unit_scattered_over_others_is_told_as_lost() -> None:
    made = into_plan(duties(("w1", "u1"), ("w3", "u3")), plan("33333311"), plan("33423324", "p2"), PARTS)
    assert list(made.lost["worker_id"]) == ["w1"]
    assert "w1" not in set(made.duties["worker_id"])


def test_exactly_half_is_no_majority() -> None:
    pairs = heirs(plan("33333311"), plan("33333324"), PARTS)
    assert set(zip(pairs["former_unit_id"], pairs["unit_id"], strict=True)) == {
        ("u3", "u3"),
        ("u1", "u2"),
        ("u1", "u4"),
    }  # both pieces are wholly of u1, though neither is more than half of it
    mixed = heirs(plan("33333312"), plan("33333344"), PARTS)
    assert set(mixed["former_unit_id"]) == {"u1", "u2", "u3"}


def test_a_merge_taken_back_leaves_duties_as_they_were() -> None:
    before, after = plan("11112222"), plan("11111111")
    first = duties(("w1", "u1"), ("w2", "u2"))
    merged = through_edit(first, before, after, PARTS)
    assert held(merged.duties[merged.duties["unit_id"] == "u1"]) == {("w1", "u1"), ("w2", "u1")}
    back = through_edit(merged.duties, after, before, PARTS)
    assert held(back.duties) == held(first)
    assert back.duties["followed_from"].isna().all()


@settings(max_examples=60, deadline=None)
@given(
    st.text("1234", min_size=8, max_size=8),
    st.text("12345", min_size=8, max_size=8),
    st.lists(st.tuples(st.sampled_from(["w1", "w2", "w3"]), st.sampled_from(["u1", "u2", "u3", "u4"])), unique=True),
)
def test_an_edit_and_its_opposite_change_nothing_that_is_in_force(
    first: str, second: str, pairs: list[tuple[str, str]]
) -> None:
    before, after = plan(first), plan(second)
    rows = duties(*(pair for pair in pairs if pair[1] in before.units))
    there = through_edit(rows, before, after, PARTS)
    assert not there.duties.duplicated(KEY).any()
    again = through_edit(there.duties, after, before, PARTS)
    units = {("p1", unit) for unit in before.units}
    shown = in_force(again.duties, units, date(2026, 1, 1))
    assert held(shown) >= held(rows)
    extra = (
        shown[~shown.apply(lambda row: (row["worker_id"], row["unit_id"]) in held(rows), axis=1)]
        if len(shown)
        else shown
    )
    assert extra["followed_from"].notna().all()
    shuffled = through_edit(rows.iloc[::-1].reset_index(drop=True), before, after, PARTS)
    assert held(shuffled.duties) == held(there.duties)


def test_only_duties_of_today_and_of_units_that_are_there_are_in_force() -> None:
    rows = duties(("w1", "u1"), ("w2", "u1"), ("w3", "u1"), ("w4", "u9"))
    rows["from"] = [None, date(2026, 3, 1), None, None]
    rows["to"] = [date(2025, 12, 31), None, "2026-03-01", None]
    assert held(in_force(rows, {("p1", "u1"), ("p2", "u9")}, date(2026, 2, 1))) == {("w3", "u1")}
    assert held(in_force(rows, {("p1", "u1"), ("p2", "u9")}, date(2026, 3, 1))) == {("w2", "u1"), ("w3", "u1")}


def test_a_unit_is_held_by_who_answers_for_the_one_above_it() -> None:
    both = Plan("p1", 1, plan("11223344").parts, {"u1": "t1", "u2": "t1", "u3": "t2", "u4": "t2"})
    assert vacant(duties(("w1", "t1"), ("w2", "u3")), both) == ("u4",)


def test_heads_of_units_stay_on_the_level_that_is_most_like_theirs() -> None:
    now = Plan("p2", 1, plan("15263748").parts, {f"u{n}": "t1" if n in "1526" else "t2" for n in "12345678"})
    made = into_plan(duties(("w1", "u1"), ("w2", "u2")), plan("11112222"), now, PARTS)
    assert held(made.duties) == {("w1", "t1"), ("w2", "t2")}

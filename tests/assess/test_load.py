import pandas as pd
import pytest

from govmap.assess import load
from govmap.errors import InputError
from govmap.plan import Plan

PLAN = Plan(
    "p",
    1,
    pd.Series({"a": "u1", "b": "u1", "c": "u2"}, dtype=object),
    {"u1": "g", "u2": "g"},
    {"u1": "microgrid", "u2": "microgrid", "g": "grid"},
)
COUNTS = pd.DataFrame({"households": [10.0, 20.0, 4.0], "age_80_plus": [1.0, 0.0, 2.0]}, index=["a", "b", "c"])
NO_WALKS = pd.DataFrame({"unit_id": [], "walk_min": [], "estimated": []})
OWN = [
    {"name": "households", "times_month": 1, "minutes": 6},
    {"name": "age_80_plus", "times_month": 2, "minutes": 30},
    {"name": "incidents", "minutes": 60, "minutes_by": {"event": 30, "Lift": 90}},
    {"name": "patrol", "times_month": 4, "minutes": 15},
    {"name": "travel", "times_month": 10},
    {"name": "living_alone_60", "times_month": 0},
]
ITEMS = load.items(OWN)


def hours(rows):
    return rows.set_index(["unit_id", "item"])["hours"].to_dict()


def test_calls_and_visits_are_counted_by_eye():
    rows = load.loads(PLAN, load.counted(ITEMS, COUNTS, pd.DataFrame(index=COUNTS.index)), ITEMS, NO_WALKS)
    assert hours(rows) == {
        ("u1", "households"): 3.0,
        ("u2", "households"): 0.4,
        ("g", "households"): 3.4,
        ("u1", "age_80_plus"): 1.0,
        ("u2", "age_80_plus"): 2.0,
        ("g", "age_80_plus"): 3.0,
    }
    assert rows.set_index("unit_id").loc["g", "level"].unique() == ["grid"]


def test_incidents_weigh_by_category_then_kind_and_are_those_of_a_month():
    cases = pd.DataFrame(
        {
            "part_id": ["a", "a", "b", "c"],
            "kind": ["event", "complaint", "event", None],
            "category": ["x", "Lift", "Lift", "y"],
        }
    )
    rows = load.loads(PLAN, load.handled(ITEMS, cases, 2.0), ITEMS, NO_WALKS)
    assert hours(rows) == {
        ("u1", "incidents/event"): 1.0,  # 30 and 90 minutes in two months
        ("u1", "incidents/complaint"): 0.75,
        ("u2", "incidents"): 0.5,
        ("g", "incidents"): 0.5,
        ("g", "incidents/event"): 1.0,
        ("g", "incidents/complaint"): 0.75,
    }


def test_patrol_and_ways_there_and_back_are_in_hours_a_month():
    walks = pd.DataFrame({"unit_id": ["u1", "g"], "walk_min": [3.0, 6.0], "estimated": [False, True]})
    amounts = load.patrolled(ITEMS, pd.Series({"a": 500.0, "b": 0.0, "c": 1000.0}))
    rows = load.loads(PLAN, amounts, ITEMS, walks)
    assert hours(rows) == {
        ("u1", "patrol"): 0.5,
        ("u2", "patrol"): 1.0,
        ("g", "patrol"): 1.5,
        ("u1", "travel"): 1.0,
        ("g", "travel"): 2.0,
    }
    assert rows.set_index(["unit_id", "item"])["share_estimated"].to_dict()[("g", "travel")] == 1.0


def test_units_add_up_to_the_unit_they_lie_in():
    amounts = load.counted(ITEMS, COUNTS, pd.DataFrame(index=COUNTS.index))
    sums = load.loads(PLAN, amounts, ITEMS, NO_WALKS).groupby("level")["hours"].sum()
    assert sums["grid"] == pytest.approx(sums["microgrid"])


def test_estimates_are_marked_by_their_share():
    thought = pd.DataFrame({"households": [10.0, 0.0, 4.0]}, index=COUNTS.index)
    rows = load.loads(PLAN, load.counted(ITEMS, COUNTS, thought), ITEMS, NO_WALKS).set_index(["unit_id", "item"])
    assert rows.loc[("u1", "households"), "share_estimated"] == pytest.approx(1 / 3, abs=1e-6)
    assert rows.loc[("u2", "households"), "share_estimated"] == 1.0
    assert rows.loc[("u1", "age_80_plus"), "share_estimated"] == 0.0


def test_what_nobody_counted_has_no_row():
    amounts = load.counted(ITEMS, COUNTS[["households"]], pd.DataFrame(index=COUNTS.index))
    assert set(amounts["item"]) == {"households"}
    empty = load.counted(ITEMS, COUNTS.head(0), pd.DataFrame())
    assert load.loads(PLAN, empty, ITEMS, NO_WALKS).empty


def test_an_item_that_happens_never_is_left_out_and_a_new_one_may_be_added():
    assert "living_alone_60" not in {one.name for one in ITEMS}
    shops = {
        "name": "shops",
        "counts": "shops",
        "times_month": 1,
        "minutes": 10,
        "title": {"zh": "商铺", "en": "Shops"},
    }
    added = load.items([*OWN, shops])[-1]
    assert (added.counts, added.title["zh"]) == ("shops", "商铺")


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"minutes": 5}, "load_no_name"),
        ({"name": "petitions", "counts": "petitions"}, "load_bad_counts"),
        ({"name": "households", "minutes": -1}, "load_bad_number"),
        ({"name": "households", "minutes": "ten"}, "load_bad_number"),
        ({"name": "households", "times_month": True}, "load_bad_number"),
        ({"name": "incidents", "minutes_by": {"event": float("inf")}}, "load_bad_number"),
    ],
)
def test_weights_that_cannot_be_meant_are_refused(row, code):
    with pytest.raises(InputError) as refused:
        load.items([row])
    assert refused.value.code == code
    assert str(refused.value)


def test_the_weights_of_the_program_have_titles_and_sources_in_both_languages():
    for one in load.items():
        assert set(one.title) == set(one.source) == {"zh", "en"}


def test_minutes_of_parts_are_whole_and_sum_all_items():
    amounts = load.counted(ITEMS, COUNTS, pd.DataFrame(index=COUNTS.index))
    assert load.minutes_of(amounts).to_dict() == {"a": 120, "b": 120, "c": 144}


def test_balance_leaves_exclusive_units_out_and_counts_units_without_work():
    amounts = load.counted(ITEMS, COUNTS, pd.DataFrame(index=COUNTS.index))
    rows = load.loads(PLAN, amounts, ITEMS, NO_WALKS)
    units = pd.DataFrame({"unit_id": ["u1", "u2", "u3", "u4", "g"], "level": ["microgrid"] * 4 + ["grid"]})
    units["kind"] = ["base", "base", "base", "exclusive", "base"]
    found = load.balance(rows, units).set_index("level")
    assert found.loc["microgrid", ["units", "hours", "most", "unit_id"]].tolist() == [3, 6.4, 4.0, "u1"]
    assert found.loc["microgrid", "ratio"] == pytest.approx(4.0 / (6.4 / 3))
    assert found.loc["grid", "ratio"] == 1.0
    assert load.balance(rows.head(0), units)["ratio"].tolist() == [1.0, 1.0]

"""People short, why, and by unit: counted by eye on a lane of eleven homes."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lane import HOMES, at, homes, lane, people, standard

from govmap.assess import access, gaps
from govmap.assess.gaps import CLOSED, FULL, NONE, Grouping, Opening
from govmap.assess.standards import Standard

ALL = np.ones(HOMES, bool)
NOWHERE = access.Nearest(np.full(HOMES, -1), np.full(HOMES, np.inf))


def _nearest(*metres: float) -> access.Nearest:
    network = lane()
    found = access.nearest(network, homes(network), at(network, *metres), pd.Series(["clinic"] * len(metres)))
    return found["clinic"]


def _supply(one: Standard, capacity: list[float], *metres: float) -> gaps.Supply:
    network = lane()
    pairs = network.pairs(homes(network), at(network, *metres), limit_m=one.limit_m)
    return gaps.supply(one, people(), pairs, np.array(capacity))


def _units(*rows: tuple[int, str, str]) -> Grouping:
    return Grouping.of(pd.DataFrame(rows, columns=["row", "unit_id", "level"]))


def _rows(judged: gaps.Judged, units: Grouping, *, who: object = None, walks: bool = False) -> pd.DataFrame:
    group = who or people()
    ids = pd.Series([f"site{number}" for number in range(4)])
    made = gaps.gaps(judged, group, units, plan_id="p", sites=ids, estimated_walks=walks)  # type: ignore[arg-type]
    return made.set_index("unit_id")


HALVES = _units(
    *((row, "near" if row <= 5 else "far", "microgrid") for row in range(HOMES)),
    *((row, "whole", "grid") for row in range(HOMES)),
)


def test_those_beyond_the_walk_are_short_and_the_last_metre_counts() -> None:
    judged = gaps.judge(standard(300), people(), _nearest(0.0), ALL)
    assert judged.short[NONE].tolist() == [0, 0, 0, 0] + [10] * 7
    assert judged.households_short.tolist() == [0, 0, 0, 0] + [5] * 7
    assert judged.people_short.sum() == 70


def test_gaps_are_counted_on_every_level() -> None:
    rows = _rows(gaps.judge(standard(300), people(), _nearest(0.0), ALL), HALVES)
    assert rows["people"].to_dict() == {"far": 50, "near": 60, "whole": 110}
    assert rows["people_short"].to_dict() == {"far": 50, "near": 20, "whole": 70}
    assert rows["level"].to_dict() == {"far": "microgrid", "near": "microgrid", "whole": "grid"}
    assert rows.loc["near", "share_short"] == pytest.approx(20 / 60)
    assert rows.loc["near", "elders_short"] == 6
    assert rows.loc["near", "children_short"] == 4
    assert rows.loc["near", "households_short"] == 10
    assert (rows["reason"] == NONE).all()


def test_the_nearest_site_is_that_of_most_of_those_short_and_the_way_their_median() -> None:
    rows = _rows(gaps.judge(standard(100), people(), _nearest(0.0, 900.0), ALL), HALVES)
    # short in `near` are the homes at 200 to 500 m: the one at 500 is nearer to the site at 900
    assert rows.loc["near", "site_id"] == "site0"
    assert rows.loc["near", "distance_m"] == 300.0
    assert rows.loc["far", "site_id"] == "site1"


def test_a_standard_for_elders_counts_elders() -> None:
    judged = gaps.judge(standard(300, whom="age_60_plus", speed="elder"), people(), _nearest(0.0), ALL)
    rows = _rows(judged, HALVES)
    assert rows.loc["whole", ["people", "people_short", "elders_short"]].tolist() == [33, 21, 21]
    assert pd.isna(rows.loc["whole", "children_short"])
    assert rows.loc["far", "walk_min"] == pytest.approx(800 / 0.8 / 60)


def test_minutes_are_walked_at_the_pace_of_those_they_are_for() -> None:
    by_minutes = {"distance_m": None, "walk_min": 10.0}
    assert standard(**by_minutes).limit_m == pytest.approx(10 * 60 * 1.1)  # type: ignore[arg-type]
    assert standard(**by_minutes, speed="elder").limit_m == pytest.approx(480.0)  # type: ignore[arg-type]


def test_ages_nobody_counted_are_not_told_as_elders_short() -> None:
    who = people(guessed=True)
    rows = _rows(gaps.judge(standard(300), who, _nearest(0.0), ALL), HALVES, who=who)
    assert rows["elders_short"].isna().all()
    assert (rows["share_estimated"] == 1.0).all()


def test_walks_without_streets_make_every_number_an_estimate() -> None:
    rows = _rows(gaps.judge(standard(300), people(), _nearest(0.0), ALL), HALVES, walks=True)
    assert (rows["share_estimated"] == 1.0).all()


def test_a_closed_site_is_told_apart_from_none_and_one_without_hours_from_both() -> None:
    # a closed site at 0, one that does not say at 500, an open one at 1,000
    opening = Opening(_nearest(1_000.0), _nearest(500.0))
    judged = gaps.judge(standard(200), people(), _nearest(0.0, 500.0, 1_000.0), ALL, opening=opening)
    assert judged.short[CLOSED].tolist() == [10, 10, 10, 0, 0, 0, 0, 0, 0, 0, 0]
    assert judged.unsure.tolist() == [0, 0, 0, 10, 10, 10, 10, 10, 0, 0, 0]
    assert judged.short[NONE].sum() == 0
    rows = _rows(judged, HALVES)
    assert rows.loc["near", "reason"] == CLOSED
    assert pd.isna(rows.loc["far", "reason"])


def test_a_site_is_full_where_the_places_in_reach_are_not_enough() -> None:
    # 12 places within 300 m of four homes of ten people; enough would be one for every two
    one = standard(300, places=0.5)
    offered = _supply(one, [12.0], 0.0)
    judged = gaps.judge(one, people(), _nearest(0.0), ALL, offered=offered)
    # weights 1, 1 (0 and 100 m), 0.68 (200), 0.22 (300): 12 places to 29 weighted people
    a_head = 12 / 29 * np.array([1, 1, 0.68, 0.22])
    lacking = np.clip(1 - a_head / 0.5, 0, 1) * 10
    assert judged.short[FULL][:4].sum() == round(lacking.sum())
    assert judged.short[NONE].tolist() == [0] * 4 + [10] * 7
    assert (judged.people_short <= 10).all()


def test_nobody_calls_a_place_full_while_another_in_reach_keeps_its_size_to_itself() -> None:
    one = standard(300, places=0.5)
    offered = _supply(one, [1.0, np.nan], 0.0, 100.0)
    assert (offered.known, offered.sites) == (1, 2)
    assert gaps.judge(one, people(), _nearest(0.0, 100.0), ALL, offered=offered).short[FULL].sum() == 0


def test_enough_places_are_enough() -> None:
    one = standard(1_000, places=0.1)
    judged = gaps.judge(one, people(), _nearest(0.0), ALL, offered=_supply(one, [1_000.0], 0.0))
    assert judged.people_short.sum() == 0


def test_where_no_site_is_listed_anywhere_nobody_is_judged() -> None:
    judged = gaps.judge(standard(300), people(), NOWHERE, ALL, listed=False)
    rows = _rows(judged, HALVES)
    assert rows["people_short"].isna().all()
    assert (rows["reason"] == gaps.UNLISTED).all()
    assert gaps.ranked(rows.reset_index()).empty
    complete = _rows(gaps.judge(standard(300), people(), NOWHERE, ALL, listed=True), HALVES)
    assert complete.loc["whole", "people_short"] == 110
    assert pd.isna(complete.loc["whole", "site_id"])


def test_a_door_without_a_street_is_not_judged() -> None:
    connected = ALL.copy()
    connected[10] = False
    judged = gaps.judge(standard(300), people(), _nearest(0.0), connected)
    assert judged.people_short.sum() == 60
    told = gaps.totals(judged, people())
    assert told["people_not_judged"] == 10
    assert told["share_within"] == pytest.approx(0.4)


def test_gaps_are_ranked_by_reason_then_people_then_share_then_name() -> None:
    rows = pd.DataFrame({
        "unit_id": ["a", "b", "c", "d", "e", "f"], "standard": "s",
        "people_short": pd.array([5, 9, 9, 90, 0, None], dtype="Int64"), "level": "grid",
        "share_short": [0.5, 0.1, 0.9, 1.0, 0.0, np.nan],
        "reason": [NONE, NONE, NONE, CLOSED, None, gaps.UNLISTED],
    })  # fmt: skip
    assert gaps.ranked(rows)["unit_id"].tolist() == ["c", "b", "a", "d"]
    assert gaps.with_rank(rows)["rank"].fillna(0).tolist() == [3, 2, 1, 4, 0, 0]


def test_totals_say_the_share_of_each_counted_age() -> None:
    told = gaps.totals(gaps.judge(standard(300), people(), _nearest(0.0), ALL), people())
    assert told["within_by_age"]["age_60_plus"] == pytest.approx(round(4 / 11, 4))
    assert told["households_within"] == pytest.approx(round(4 / 11, 4))
    assert told["by_reason"] == {NONE: 70, FULL: 0, CLOSED: 0}


@settings(max_examples=60, deadline=None)
@given(
    metres=st.lists(st.integers(0, 1_000), min_size=1, max_size=4), limit=st.integers(1, 1_200),
    capacity=st.integers(0, 30), places=st.floats(0.01, 3.0), split=st.booleans(),
)  # fmt: skip
def test_nobody_is_short_twice_and_levels_add_up(
    metres: list[int], limit: int, capacity: int, places: float, *, split: bool
) -> None:
    one = standard(float(limit), places=places)
    where = [float(x) for x in metres]
    offered = _supply(one, [float(capacity + 1)] * len(where), *where)
    opening = Opening(_nearest(where[0]), _nearest(*where)) if split else None
    judged = gaps.judge(one, people(), _nearest(*where), ALL, opening=opening, offered=offered)
    assert (judged.people_short <= 10).all()
    assert (judged.people_short >= 0).all()
    assert (judged.unsure + judged.people_short <= 10).all()
    rows = _rows(judged, HALVES, who=people())
    assert rows.loc["near", "people_short"] + rows.loc["far", "people_short"] == rows.loc["whole", "people_short"]
    assert (rows["elders_short"].fillna(0) <= rows["people_short"]).all()
    assert (rows["share_short"] <= 1).all()

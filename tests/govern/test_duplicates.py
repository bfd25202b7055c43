"""Incidents that may be one."""

import numpy as np
import pandas as pd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from govmap.govern import settled, suggest
from govmap.govern.duplicates import Nearness

X, Y = 500_000.0, 3_450_000.0


def incidents(*rows: tuple) -> pd.DataFrame:
    """Id, category, hours since the first, metres to the east (None: no point), building."""
    frame = pd.DataFrame([row[:2] for row in rows], columns=["incident_id", "category"], dtype=object)
    start = pd.Timestamp("2026-03-01", tz="UTC")
    frame["reported_at"] = [start + pd.Timedelta(hours=row[2]) for row in rows]
    frame["building_id"] = [row[4] if len(row) > 4 else None for row in rows]
    frame["geometry"] = [None if row[3] is None else shapely.Point(X + row[3], Y) for row in rows]
    return frame.assign(sensitive=False, duplicate_of=None)


def pairs(frame: pd.DataFrame, text: list[str | None] | None = None) -> dict[str, str]:
    found = suggest(frame, text=None if text is None else pd.Series(text, dtype=object))
    found = found[found["state"] == "open"]
    return dict(zip(found["incident_id"], found["duplicate_of"], strict=True))


def test_the_same_thing_reported_again_next_door_is_suggested() -> None:
    assert pairs(incidents(("a", "积水", 0, 0), ("b", "积水", 3, 10))) == {"b": "a"}


def test_another_kind_another_place_or_another_week_is_not() -> None:
    rows = [("a", "积水", 0, 0), ("b", "噪音", 1, 0), ("c", "积水", 1, 400), ("d", "积水", 200, 0)]
    assert pairs(incidents(*rows)) == {}


def test_those_without_a_point_are_the_same_by_their_building() -> None:
    assert pairs(
        incidents(("a", "积水", 0, None, "w1"), ("b", "积水", 2, None, "w1"), ("c", "积水", 3, None, "w2"))
    ) == {"b": "a"}


def test_no_edge_of_a_square_divides_neighbours() -> None:
    for shift in np.linspace(0, 240, 49):
        assert pairs(incidents(("a", "x", 0, shift), ("b", "x", 1, shift + 25))) == {"b": "a"}, shift


def test_like_words_make_sure_and_unlike_words_end_it() -> None:
    rows = incidents(("a", "x", 0, 0), ("b", "x", 30, 30), ("c", "x", 31, 0))
    said = ["小区门口路面积水严重，行人无法通过", "门口路面积水很严重，行人不能通过", "三单元电梯停运"]
    assert pairs(rows, said) == {"b": "a"}
    assert "b" not in pairs(rows), "place and time alone are not near enough"
    found = suggest(incidents(("a", "x", 0, 0), ("c", "x", 1, 0)), text=pd.Series(["路面积水", "电梯停运"]))
    assert found["state"].tolist() == ["unlike"], "not asked again when the words are gone"


def test_sensitive_incidents_and_known_duplicates_are_left_alone() -> None:
    rows = incidents(("a", "x", 0, 0), ("b", "x", 1, 0), ("c", "x", 2, 0))
    rows.loc[1, "sensitive"] = True
    rows.loc[2, "duplicate_of"] = "a"
    assert pairs(rows) == {}


def test_the_later_repeats_the_earlier_and_the_nearest_of_several() -> None:
    rows = incidents(("z", "x", 0, 40), ("y", "x", 1, 0), ("a", "x", 2, 2))
    assert pairs(rows)["a"] == "y"


def test_order_of_the_rows_changes_nothing() -> None:
    rng = np.random.default_rng(3)
    rows = [
        (f"i{at:03}", f"c{rng.integers(3)}", float(rng.integers(100)), float(rng.integers(300))) for at in range(200)
    ]
    frame = incidents(*rows)
    shuffled = frame.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(suggest(frame), suggest(shuffled))


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(st.tuples(st.sampled_from("xy"), st.integers(0, 100), st.integers(0, 200)), max_size=25),
)
def test_every_suggestion_is_near_and_earlier(rows: list) -> None:
    frame = incidents(*[(f"i{at}", kind, hour, east) for at, (kind, hour, east) in enumerate(rows)])
    found = suggest(frame)
    facts = frame.set_index("incident_id")
    near = Nearness()
    for one, of in zip(found["incident_id"], found["duplicate_of"], strict=True):
        a, b = facts.loc[one], facts.loc[of]
        assert a["category"] == b["category"]
        assert a["reported_at"] >= b["reported_at"]
        assert a["geometry"].distance(b["geometry"]) <= near.metres
        assert (a["reported_at"] - b["reported_at"]) <= pd.Timedelta(hours=near.hours)
    assert found["incident_id"].is_unique


def test_accepted_chains_end_at_their_beginning_and_loops_are_left_out() -> None:
    known = {"a": None, "b": "a", "c": None, "d": None}
    assert settled({"c": "b"}, known) == {"c": "a"}
    assert settled({"a": "c", "c": "a"}, known) == {}
    assert settled({"d": "gone", "gone": "a"}, known) == {}
    assert settled({"d": "d"}, known) == {}

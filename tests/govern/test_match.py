"""Needs and resources: the most needs met, by the nearest that fits; what is not met says why, what is idle is told."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from govmap.govern.match import kind_of, match


def needs_of(*kinds: str | None, amount: int = 1, placed: bool = True) -> pd.DataFrame:
    rows = pd.DataFrame({"need_id": [f"n{at}" for at in range(len(kinds))]})
    rows["kind"] = pd.Series(list(kinds), dtype=object)
    return rows.assign(amount=amount, placed=placed)


def places_of(*categories: str, capacity: float | list[float] = 1.0, shared: object = True) -> pd.DataFrame:
    rows = pd.DataFrame({"resource_id": [f"r{at}" for at in range(len(categories))], "category": list(categories)})
    rows = rows.assign(
        capacity=capacity, reach_min=np.nan, inside=True, provider_type="public", terms=None, serves=None
    )
    return rows.assign(hours=None, shared=pd.Series([shared] * len(rows), dtype=object))


def ways_of(metres: list[list[float]]) -> pd.DataFrame:
    far = np.array(metres, float).reshape(len(metres), -1)
    need, resource = np.nonzero(np.isfinite(far))
    return pd.DataFrame({"need": need, "resource": resource, "metres": far[need, resource]}).assign(
        walk_min=far[need, resource] / 80
    )


def met(made) -> dict[str, str]:
    return dict(zip(made.matches["need_id"], made.matches["resource_id"], strict=True))


def test_more_needs_met_go_before_shorter_ways() -> None:
    made = match(
        needs_of("meals", "meals"), places_of("elder_meals", "elder_meals"), ways_of([[10, 500], [10, np.inf]])
    )
    assert met(made) == {"n0": "r1", "n1": "r0"}
    assert made.unmet.empty
    assert made.matches["cost_m"].tolist() == [500.0, 10.0]


def test_of_what_fits_the_nearest_is_taken_and_says_so() -> None:
    made = match(needs_of("meals"), places_of("elder_meals", "elder_meals"), ways_of([[300, 200]]))
    reason = made.matches["reason"].iloc[0]
    assert met(made) == {"n0": "r1"}
    assert (reason["nearest"], reason["choices"], reason["capacity_known"]) == (True, 2, True)


def test_what_is_not_met_says_why() -> None:
    def why(needs: pd.DataFrame, places: pd.DataFrame, metres: float = 100.0, **more: object) -> str:
        made = match(needs, places, ways_of([[metres]]), **more)
        assert made.matches.empty
        return made.unmet["reason"].iloc[0]

    assert why(needs_of(None), places_of("elder_meals")) == "no_kind"
    assert why(needs_of("meals"), places_of("clinic")) == "none_of_kind"
    assert why(needs_of("meals"), places_of("elder_meals"), 5000.0) == "none_in_reach"
    assert why(needs_of("meals"), places_of("elder_meals"), closed={("meals", "r0")}) == "closed"
    assert why(needs_of("room"), places_of("culture", shared=False)) == "not_shared"
    assert why(needs_of("meals"), places_of("elder_meals", capacity=0.0)) == "full"
    assert why(needs_of("meals", placed=False), places_of("elder_meals"), np.inf) == "no_place"


def test_a_need_for_several_is_met_in_part_and_the_rest_is_told() -> None:
    made = match(needs_of("meals", amount=5), places_of("elder_meals", capacity=3.0), ways_of([[100]]))
    assert made.matches["amount"].tolist() == [3.0]
    assert made.unmet[["amount", "reason"]].to_numpy().tolist() == [[2, "full"]]
    assert made.idle["idle"].tolist() == [0.0]


def test_a_place_with_known_room_comes_before_a_nearer_one_that_nobody_asked() -> None:
    made = match(needs_of("meals"), places_of("food", "food", capacity=[np.nan, 4.0]), ways_of([[100, 200]]))
    assert met(made) == {"n0": "r1"}


def test_how_far_a_place_reaches_by_its_own_word_goes_before_the_usual_walk() -> None:
    places = places_of("elder_meals").assign(reach_min=1.0)
    assert match(needs_of("meals"), places, ways_of([[200]])).unmet["reason"].tolist() == ["none_in_reach"]


def test_nothing_is_matched_from_nothing() -> None:
    nothing = ways_of([[]])
    made = match(needs_of(), places_of(), nothing)
    assert (len(made.matches), len(made.unmet), len(made.idle)) == (0, 0, 0)
    assert match(needs_of("meals"), places_of(), nothing).unmet["reason"].tolist() == ["none_of_kind"]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_no_need_is_lost_and_no_place_takes_more_than_it_has(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count, many = int(rng.integers(1, 9)), int(rng.integers(1, 6))
    needs = needs_of(*rng.choice(["meals", "health"], count)).assign(amount=rng.integers(1, 4, count))
    places = places_of(*rng.choice(["food", "clinic"], many), capacity=list(rng.integers(0, 5, many).astype(float)))
    made = match(needs, places, ways_of(rng.uniform(0, 1500, (count, many)).tolist()))
    told = made.matches.groupby("need_id")["amount"].sum().add(made.unmet.set_index("need_id")["amount"], fill_value=0)
    assert told.sort_index().tolist() == needs["amount"].tolist()
    assert (made.idle["idle"] >= 0).all()
    assert (made.matches["amount"] >= 1).all()


def test_words_of_needs_are_kinds_and_the_longest_word_decides() -> None:
    words = ("老年助餐", "加装电梯咨询", "Help with shopping", "充电", "路灯维修", "Repair of a roof", None)
    assert [kind_of(one) for one in words] == ["meals", "advice", "shopping", "charging", None, None, None]

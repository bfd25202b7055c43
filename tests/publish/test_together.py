"""Publications through the gate, one after another, held together by an attacker who has all numbers of all."""

import datetime as dt
from itertools import combinations

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from govmap.publish import Released, release

K, ROUND = 10, 5
AT = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
AGE = "residents/age_60_plus"
WHOM = {"clinic": "residents", "canteen": AGE}


def community(people: list[int], elders: list[int], units: list[int], plan: str) -> dict[str, pd.DataFrame]:
    """One part a building, each in one of the units; everybody lives in households of two."""
    parts = [f"w{at}" for at in range(len(people))]
    place = pd.Series([f"U{one}" for one in units], index=parts)
    homes = pd.Series([-(-one // 2) for one in people], index=parts)
    names = sorted(place.unique())

    def sums(values: pd.Series) -> list[int]:
        return [int(one) for one in values.groupby(place).sum().reindex(names)]

    old, all_ = sums(pd.Series(elders, index=parts)), sums(pd.Series(people, index=parts))
    gaps = pd.DataFrame(
        {"plan_id": plan, "unit_id": names * 2, "category": ["clinic"] * len(names) + ["canteen"] * len(names),
         "standard": "x/one", "people": all_ + old}
    )  # fmt: skip
    gaps["people_short"] = [one if at % 2 else one * 2 // 3 for at, one in enumerate(gaps["people"])]
    return {
        "communities": pd.DataFrame({"community_id": ["c1"], "name": ["Well"]}),
        "parts": pd.DataFrame(
            {"part_id": parts, "building_id": parts, "cell_id": parts, "households": list(homes), "residents": people}
        ),
        "plan_parts": pd.DataFrame({"plan_id": plan, "part_id": parts, "unit_id": place.tolist()}),
        "units": pd.DataFrame(
            {"plan_id": plan, "unit_id": names, "community_id": "c1", "code": names, "parent_unit_id": None,
             "households": sums(homes), "residents": all_}
        ),
        "gaps": gaps.assign(share_short=0.5)[gaps["people"] > 0],
        "tallies": pd.DataFrame(
            {"plan_id": plan, "unit_id": names, "theme": "residents", "category": "age_60_plus", "count": old,
             "people": old}
        ),
    }  # fmt: skip


def let(tables: dict[str, pd.DataFrame], plan: str, previous: pd.DataFrame | None = None) -> Released:
    return release(tables, audience="public", plan_id=plan, edition=1, k=K, previous=previous, at=AT)


Span = tuple[frozenset[str], float, float]


def of_fives(area: frozenset[str], shown: float | None) -> list[Span]:
    """What a count rounded to fives leaves open to one who knows that none under k is shown."""
    if shown is None or pd.isna(shown):
        return []
    return [(area, max(shown - ROUND + 1, K) if shown else 0, shown + ROUND - 1 if shown else 0)]


def of_tens(area: frozenset[str], shown: float | None) -> list[Span]:
    """What is left open by a count that was rounded to fives and then to tens."""
    return [] if shown is None or pd.isna(shown) else [(area, max(shown - 9, K), shown + 4)]


def read_off(made: Released, tables: dict[str, pd.DataFrame]) -> dict[str, list[Span]]:
    """Read all numbers of people with their areas off the tables that were published, as anybody could."""
    areas = tables["plan_parts"].groupby("unit_id")["part_id"].agg(frozenset)
    whole = frozenset(tables["parts"]["part_id"])
    shown: dict[str, list[Span]] = {"households": [], "residents": [], AGE: []}
    for row in made.tables["units"].to_dict("records"):
        for name in ("households", "residents"):
            shown[name] += of_fives(areas[row["unit_id"]], row[name])
    for row in made.tables["tallies"].to_dict("records"):
        shown[AGE] += of_fives(areas[row["unit_id"]], row["people"])
    for row in made.tables["totals"].to_dict("records"):
        name = row["category"] if row["theme"] == "base" else f"{row['theme']}/{row['category']}"
        shown[name] += of_fives(whole, row["count"])
    for row in made.tables["gaps"].to_dict("records"):
        short_are_all = row["share_short"] == 1
        for shown_people in (row["people"], row["people_short"] if short_are_all else None):
            shown[WHOM[row["category"]]] += of_tens(areas[row["unit_id"]], shown_people)
    return shown


def given_away(told: list[Span]) -> list[tuple[list[str], float, float]]:
    """Bound every area, overlap, difference and union by all that is known together."""
    if not told:
        return []
    letters = sorted(set().union(*(area for area, _, _ in told)))
    rows = np.array([[letter in area for letter in letters] for area, _, _ in told], dtype=float)
    low, high = np.array([one for _, one, _ in told]), np.array([one for _, _, one in told])
    targets = {area for area, _, _ in told}
    for one, other in combinations(sorted(targets, key=sorted), 2):
        targets |= {one & other, one - other, other - one, one | other}
    found = []
    limits = {"A_ub": np.vstack([rows, -rows]), "b_ub": np.concatenate([high, -low])}
    for target in sorted(targets - {frozenset()}, key=sorted):
        cost = np.array([float(letter in target) for letter in letters])
        most = linprog(-cost, **limits)
        if most.status == 0 and -most.fun < K - 1e-6:
            least = linprog(cost, **limits).fun
            found += [(sorted(target), least, -most.fun)] if least > 1e-6 else []
    return found


@st.composite
def plans(draw: st.DrawFn) -> tuple[list[int], list[int], list[list[int]]]:
    """Draw a community of several houses, its elders, and three plans of which each moves a few houses."""
    count = draw(st.integers(4, 6))
    people = draw(st.lists(st.sampled_from([0, 2, 3, 7, 30, 80, 104, 151]), min_size=count, max_size=count))
    elders = [draw(st.integers(0, one)) for one in people]
    found = [draw(st.lists(st.integers(0, 2), min_size=count, max_size=count))]
    for _ in range(2):
        moved = list(found[-1])
        for _ in range(draw(st.integers(0, 2))):
            moved[draw(st.integers(0, count - 1))] = draw(st.integers(0, 2))
        found.append(moved)
    return people, elders, found


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plans())
def test_no_union_or_difference_of_what_three_plans_publish_gives_away_fewer_than_k(drawn) -> None:
    """The second and third are told by another copy, which knows what the one before published."""
    people, elders, units = drawn
    known: pd.DataFrame | None = None
    every: dict[str, list[Span]] = {"households": [], "residents": [], AGE: []}
    for at, places in enumerate(units):
        tables = community(people, elders, places, f"p{at}")
        made = let(tables, f"p{at}", known)
        known = made.publications if known is None else pd.concat([known, made.publications], ignore_index=True)
        for statistic, told in read_off(made, tables).items():
            every[statistic] += told
    for statistic, told in every.items():  # what fewer publications give away all of them do: more is known, not less
        assert given_away(list(dict.fromkeys(told))) == [], statistic


def test_the_attacker_finds_what_an_empty_house_moved_about_gives_away() -> None:
    """Rounding alone is no shelter: each way of counting the same people narrows them down."""
    told = [("ab", 200.0), ("abx", 205.0), ("x", 0.0), ("abcx", 210.0)]
    spans = [span for area, shown in told for span in of_fives(frozenset(area), shown)]
    assert given_away(spans) == []
    assert given_away([*spans, *of_fives(frozenset("abc"), 205.0)])[0] == (["c"], 2.0, 8.0)


def test_whom_a_service_is_for_is_told_no_nearer_than_the_people_of_the_unit() -> None:
    """Two roundings of one count, each by its own rule, would leave less open than either."""
    tables = community([104, 151, 87, 233], [31, 44, 12, 70], [0, 1, 2, 2], "p1")
    made = let(tables, "p1").tables
    people = dict(zip(made["units"]["unit_id"], made["units"]["residents"], strict=True))
    elders = dict(zip(made["tallies"]["unit_id"], made["tallies"]["people"], strict=True))
    for row in made["gaps"].to_dict("records"):
        shown = (elders if row["category"] == "canteen" else people)[row["unit_id"]]
        assert row["people"] == (shown + 5) // 10 * 10
        assert row["share_short"] != 1 or row["people_short"] == row["people"]


def test_what_an_older_copy_told_too_much_of_is_said_and_no_number_of_it_is_shown_again() -> None:
    tables = community([6, 200, 300], [0, 0, 0], [0, 1, 2], "p1")
    row = {"publication_id": "x", "at": AT, "audience": "public", "plan_id": "p0", "edition": 1}
    old = pd.DataFrame([row | {"statistic": "residents", "area": "w0", "value": '{"value": 6}'}])
    released = let(tables, "p1", old)
    assert released.tables["units"].set_index("unit_id")["residents"].isna()["U0"]
    assert released.privacy_report["leaks_of_before"] == 1
    assert "publish_past_leaks" in [one.key for one in released.notes]

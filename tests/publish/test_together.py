"""Two publications through the gate, held together by an attacker who has all numbers of both."""

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


def community(people: list[int], elders: list[int], units: list[int], plan: str) -> dict[str, pd.DataFrame]:
    """One part a building, each in one of the units; everybody lives in households of two."""
    parts = [f"w{at}" for at in range(len(people))]
    place = pd.Series([f"U{one}" for one in units], index=parts)
    homes = pd.Series([-(-one // 2) for one in people], index=parts)
    names = sorted(place.unique())

    def sums(values: pd.Series) -> list[int]:
        return [int(one) for one in values.groupby(place).sum().reindex(names)]

    old = sums(pd.Series(elders, index=parts))
    return {
        "communities": pd.DataFrame({"community_id": ["c1"], "name": ["Well"]}),
        "parts": pd.DataFrame(
            {"part_id": parts, "building_id": parts, "cell_id": parts, "households": list(homes), "residents": people}
        ),
        "plan_parts": pd.DataFrame({"plan_id": plan, "part_id": parts, "unit_id": place.tolist()}),
        "units": pd.DataFrame(
            {"plan_id": plan, "unit_id": names, "community_id": "c1", "code": names, "parent_unit_id": None,
             "households": sums(homes), "residents": sums(pd.Series(people, index=parts))}
        ),
        "tallies": pd.DataFrame(
            {"plan_id": plan, "unit_id": names, "theme": "residents", "category": "age_60_plus", "count": old,
             "people": old}
        ),
    }  # fmt: skip


def let(tables: dict[str, pd.DataFrame], plan: str, previous: pd.DataFrame | None = None) -> Released:
    return release(tables, audience="public", plan_id=plan, edition=1, k=K, previous=previous, at=AT)


def read_off(made: Released, tables: dict[str, pd.DataFrame]) -> dict[str, list[tuple[frozenset[str], float | None]]]:
    """Read all numbers of people with their areas off the tables that were published, as anybody could."""
    areas = tables["plan_parts"].groupby("unit_id")["part_id"].agg(frozenset)
    whole = frozenset(tables["parts"]["part_id"])
    shown: dict[str, list[tuple[frozenset[str], float | None]]] = {"households": [], "residents": [], AGE: []}
    for row in made.tables["units"].to_dict("records"):
        for name in ("households", "residents"):
            shown[name].append((areas[row["unit_id"]], row[name]))
    for row in made.tables["tallies"].to_dict("records"):
        shown[AGE].append((areas[row["unit_id"]], row["people"]))
    for row in made.tables["totals"].to_dict("records"):
        name = row["category"] if row["theme"] == "base" else f"{row['theme']}/{row['category']}"
        shown[name].append((whole, row["count"]))
    return shown


def given_away(told: list[tuple[frozenset[str], float | None]]) -> list[tuple[list[str], float, float]]:
    """Bound every area, overlap, difference and union, by what rounding to fives and the rule of k leave open."""
    known = [(area, float(one)) for area, one in told if one is not None and not pd.isna(one)]
    letters = sorted(set().union(*(area for area, _ in told)))
    rows = np.array([[letter in area for letter in letters] for area, _ in known], dtype=float)
    high = np.array([one + ROUND - 1 if one else 0 for _, one in known])
    low = np.array([max(one - ROUND + 1, K) if one else 0 for _, one in known])
    if not known:
        return []
    targets = {area for area, _ in told}
    for one, other in combinations(sorted(targets, key=sorted), 2):
        targets |= {one & other, one - other, other - one, one | other}
    found = []
    for target in sorted(targets - {frozenset()}, key=sorted):
        cost = np.array([float(letter in target) for letter in letters])
        limits = {"A_ub": np.vstack([rows, -rows]), "b_ub": np.concatenate([high, -low])}
        most = linprog(-cost, **limits)
        if most.status == 0 and -most.fun < K - 1e-6 and linprog(cost, **limits).fun > 1e-6:
            found.append((sorted(target), linprog(cost, **limits).fun, -most.fun))
    return found


@st.composite
def pairs(draw: st.DrawFn) -> tuple[list[int], list[int], list[int], list[int]]:
    """Draw a community of several houses, its elders, and two plans of which one moves a few houses."""
    count = draw(st.integers(4, 7))
    people = draw(st.lists(st.sampled_from([0, 2, 3, 7, 30, 80, 150]), min_size=count, max_size=count))
    elders = [draw(st.integers(0, one)) for one in people]
    first = draw(st.lists(st.integers(0, 2), min_size=count, max_size=count))
    second = list(first)
    for _ in range(draw(st.integers(0, 2))):
        second[draw(st.integers(0, count - 1))] = draw(st.integers(0, 2))
    return people, elders, first, second


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pairs())
def test_no_union_or_difference_of_what_two_plans_publish_gives_away_fewer_than_k(drawn) -> None:
    people, elders, first, second = drawn
    one, other = community(people, elders, first, "p1"), community(people, elders, second, "p2")
    before = let(one, "p1")
    after = let(other, "p2", before.publications)
    shown, more = read_off(before, one), read_off(after, other)
    for statistic, told in shown.items():
        assert given_away(told) == [], statistic
        assert given_away([*told, *more[statistic]]) == [], statistic


def test_the_attacker_finds_what_an_empty_house_moved_about_gives_away() -> None:
    """Rounding alone is no shelter: each way of counting the same people narrows them down."""
    told = [(frozenset("ab"), 200.0), (frozenset("abx"), 205.0), (frozenset("x"), 0.0), (frozenset("abcx"), 210.0)]
    assert given_away(told) == []
    assert given_away([*told, (frozenset("abc"), 205.0)])[0] == (["c"], 2.0, 8.0)


def test_what_an_older_copy_told_too_much_of_is_said_and_no_number_of_it_is_shown_again() -> None:
    tables = community([6, 200, 300], [0, 0, 0], [0, 1, 2], "p1")
    row = {"publication_id": "x", "at": AT, "audience": "public", "plan_id": "p0", "edition": 1}
    old = pd.DataFrame([row | {"statistic": "residents", "area": "w0", "value": '{"value": 6}'}])
    released = let(tables, "p1", old)
    assert released.tables["units"].set_index("unit_id")["residents"].isna()["U0"]
    assert released.privacy_report["leaks_of_before"] == 1
    assert "publish_past_leaks" in [one.key for one in released.notes]

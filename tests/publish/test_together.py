"""Publications through the gate, one after another, held together by an attacker who has all numbers of all."""

import datetime as dt
import os
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from govmap.publish import Released, release

EXAMPLES = int(os.environ.get("GOVMAP_EXAMPLES", "4"))  # 200 on a quiet machine
K, ROUND, FEWEST = 10, 5, 5
AT = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
AGE, SHORT, REPORTS, IN_DAYS = "residents/age_60_plus", "short of a clinic", "incidents/all", "incidents/january"
WHOM = {"clinic": "residents", "canteen": AGE}
LAST_JANUARY = 2  # of three reports two are of January


@dataclass(frozen=True)
class Homes:
    """People of each part, of whom so many are old, so many lack a clinic, and from whom so many reports came."""

    people: list[int]
    elders: list[int]
    short: list[int]
    reports: list[int]

    @property
    def names(self) -> list[str]:
        return [f"w{at}" for at in range(len(self.people))]

    @property
    def households(self) -> list[int]:
        return [-(-one // 2) for one in self.people]

    def truth(self) -> dict[str, dict[str, int]]:
        """What is counted of each part."""
        january = [one * LAST_JANUARY // 3 for one in self.reports]
        told = {"households": self.households, "residents": self.people, AGE: self.elders, SHORT: self.short}
        told |= {REPORTS: self.reports, IN_DAYS: january}
        return {name: dict(zip(self.names, values, strict=True)) for name, values in told.items()}


def community(homes: Homes, units: list[int], plan: str) -> dict[str, pd.DataFrame]:
    """One part a building, each in one of the units; everybody lives in households of two."""
    parts, truth = homes.names, homes.truth()
    place = pd.Series([f"U{one}" for one in units], index=parts)
    names = sorted(place.unique())

    def sums(name: str) -> list[int]:
        return [int(one) for one in pd.Series(truth[name]).groupby(place).sum().reindex(names)]

    old, all_ = sums(AGE), sums("residents")
    gaps = pd.DataFrame(
        {"plan_id": plan, "unit_id": names * 2, "category": ["clinic"] * len(names) + ["canteen"] * len(names),
         "standard": "x/one", "people": all_ + old, "people_short": sums(SHORT) + old}
    )  # fmt: skip
    tallies = [("age_60_plus", None, old), ("people", None, all_), ("households", sums("households"), None)]
    where = [part for part, count in truth[REPORTS].items() for _ in range(count)]
    days = ["2026-01-15" if at < truth[IN_DAYS][part] else "2025-06-01"
            for part, count in truth[REPORTS].items() for at in range(count)]  # fmt: skip
    rates = pd.DataFrame({"plan_id": plan, "unit_id": [*names, "c1"], "category": "all", "level": "base"})
    rates = rates.assign(since=None, until=None) if plan == "p0" else rates.assign(since="2026-01-01", until=None)
    counts = pd.Series(truth[REPORTS if plan == "p0" else IN_DAYS])
    above, below = (
        [*counts.groupby(place).sum().reindex(names), counts.sum()],
        [*sums("households"), sum(sums("households"))],
    )
    rates["rate"] = np.array(above) / np.maximum(below, 1)
    rates = rates.assign(count=above, households=below, low=0.01, high=0.9, too_small=False)
    return {
        "communities": pd.DataFrame({"community_id": ["c1"], "name": ["Well"]}),
        "parts": pd.DataFrame(
            {"part_id": parts, "building_id": parts, "cell_id": parts, "households": homes.households,
             "residents": homes.people}
        ),
        "plan_parts": pd.DataFrame({"plan_id": plan, "part_id": parts, "unit_id": place.tolist()}),
        "units": pd.DataFrame(
            {"plan_id": plan, "unit_id": names, "community_id": "c1", "code": names, "parent_unit_id": None,
             "households": sums("households"), "residents": all_}
        ),
        "gaps": gaps.assign(share_short=0.5)[gaps["people"] > 0],
        "tallies": pd.concat(
            [pd.DataFrame({"plan_id": plan, "unit_id": names, "theme": "residents", "category": name, "count": count,
                           "people": people}, dtype=object) for name, count, people in tallies], ignore_index=True
        ),
        "incidents": pd.DataFrame(
            {"incident_id": [f"i{at}" for at in range(len(where))], "category": "noise", "sensitive": False,
             "building_id": where, "part_id": where, "cell_id": where, "reported_at": days}
        ),
        "rates": rates,
        "months": pd.DataFrame(
            {"community_id": ["c1"], "category": "all", "month": "2026-01-01", "count": sum(truth[IN_DAYS].values())}
        ),
    }  # fmt: skip


def let(tables: dict[str, pd.DataFrame], plan: str, previous: pd.DataFrame | None = None) -> Released:
    return release(tables, audience="public", plan_id=plan, edition=1, k=K, previous=previous, at=AT)


Span = tuple[frozenset[str], float, float]


def of_fives(area: frozenset[str], shown: float | None, fewest: int = K) -> list[Span]:
    """What a count rounded to fives leaves open to one who knows that none under k is shown."""
    if shown is None or pd.isna(shown):
        return []
    return [(area, max(shown - ROUND + 1, fewest) if shown else 0, shown + ROUND - 1 if shown else 0)]


def of_tens(area: frozenset[str], shown: float | None) -> list[Span]:
    """What is left open by a count that was rounded to fives and then to tens."""
    return [] if shown is None or pd.isna(shown) else [(area, max(shown - 9, K), shown + 8)]


def of_short(area: frozenset[str], row: dict[str, Any]) -> list[Span]:
    """What people short leave open: to tens, halves up, but where they may be all."""
    shown = row["people_short"]
    if shown is None or pd.isna(shown) or not shown:
        return [] if shown is None or pd.isna(shown) else [(area, 0, 0)]
    return of_tens(area, shown) if shown == row["people"] else [(area, max(shown - 5, K), shown + 4)]


def of_rate(area: frozenset[str], rate: float | None, homes: float | None) -> list[Span]:
    """
    What a rate leaves open: of one that can be had of shown numbers, their rounding; any other is of exact ones.

    The second is what a neighbour with a calculator does: rate times households, both as near as they are shown.
    """
    if rate is None or homes is None or pd.isna(rate):
        return []
    if not rate:
        return [(area, 0, 0)]
    shown = [one for one in range(ROUND, int(2 * rate * homes) + 10, ROUND) if float(f"{one / homes:.2g}") == rate]
    if shown:
        return [(area, max(shown[0] - ROUND + 1, FEWEST), shown[-1] + ROUND - 1)]
    room = 0.5 * 10.0 ** (np.floor(np.log10(rate)) - 1)
    return [(area, (rate - room) * (homes - ROUND + 1), (rate + room) * (homes + ROUND - 1))]


def read_off(made: Released, tables: dict[str, pd.DataFrame]) -> dict[str, list[Span]]:
    """Read all numbers of people with their areas off the tables that were published, as anybody could."""
    areas: dict[str, frozenset[str]] = dict(tables["plan_parts"].groupby("unit_id")["part_id"].agg(frozenset))
    areas["c1"] = frozenset(tables["parts"]["part_id"])
    shown: dict[str, list[Span]] = {"households": [], "residents": [], AGE: [], SHORT: [], REPORTS: [], IN_DAYS: []}
    named = {"residents/people": "residents", "residents/households": "households"}
    homes = {}
    for row in made.tables["units"].to_dict("records"):
        homes[row["unit_id"]] = row["households"]
        for name in ("households", "residents"):
            shown[name] += of_fives(areas[row["unit_id"]], row[name])
    for row in made.tables["tallies"].to_dict("records"):
        name = f"{row['theme']}/{row['category']}"
        value = row["count"] if row["people"] is None or pd.isna(row["people"]) else row["people"]
        shown[named.get(name, name)] += of_fives(areas[row["unit_id"]], value, FEWEST if name == REPORTS else K)
    for row in made.tables["totals"].to_dict("records"):
        name = row["category"] if row["theme"] == "base" else f"{row['theme']}/{row['category']}"
        homes |= {"c1": row["count"]} if name == "households" else {}
        shown[named.get(name, name)] += of_fives(areas["c1"], row["count"], FEWEST if name == REPORTS else K)
    for row in made.tables["gaps"].to_dict("records"):
        shown[WHOM[row["category"]]] += of_tens(areas[row["unit_id"]], row["people"])
        shown[SHORT if row["category"] == "clinic" else AGE] += of_short(areas[row["unit_id"]], row)
    for row in made.tables["rates"].to_dict("records"):
        name = IN_DAYS if row["since"] else REPORTS
        shown[name] += of_rate(areas[row["unit_id"]], row["rate"], homes[row["unit_id"]])
    for count in made.tables["months"]["count"]:
        shown[IN_DAYS] += of_fives(areas["c1"], count)
    return shown


def given_away(
    told: list[Span], k: int = K, truth: dict[str, int] | None = None
) -> list[tuple[list[str], float, float]]:
    """Bound every area, overlap, difference and union by all that is known together; of k or more none can be fewer."""
    if not told:
        return []
    letters = sorted(set().union(*(area for area, _, _ in told)))
    rows = np.array([[letter in area for letter in letters] for area, _, _ in told], dtype=float)
    low, high = np.array([one for _, one, _ in told]), np.array([one for _, _, one in told])
    targets = {area for area, _, _ in told}
    for one, other in combinations(sorted(targets, key=sorted), 2):
        targets |= {one & other, one - other, other - one, one | other}
    if truth is not None:
        sums = rows @ [truth[letter] for letter in letters]
        assert (low <= sums).all(), "what a number leaves open holds the truth"
        assert (sums <= high).all(), "what a number leaves open holds the truth"
        targets = {one for one in targets if 0 < sum(truth[part] for part in one) < k}
    found = []
    limits = {"A_ub": np.vstack([rows, -rows]), "b_ub": np.concatenate([high, -low])}
    for target in sorted(targets - {frozenset()}, key=sorted):
        cost = np.array([float(letter in target) for letter in letters])
        most = linprog(-cost, **limits)
        if most.status == 0 and -most.fun < k - 1e-6:
            least = linprog(cost, **limits).fun
            found += [(sorted(target), least, -most.fun)] if least > 1e-6 else []
    return found


@st.composite
def plans(draw: st.DrawFn) -> tuple[Homes, list[list[int]]]:
    """Draw a community of several houses, and three plans of which each moves a few houses."""
    count = draw(st.integers(4, 6))
    people = draw(st.lists(st.sampled_from([0, 2, 3, 7, 30, 80, 104, 151, 233]), min_size=count, max_size=count))
    elders, short = ([draw(st.integers(0, one)) for one in people] for _ in range(2))
    reports = draw(st.lists(st.sampled_from([0, 0, 1, 3, 4, 6, 17, 32]), min_size=count, max_size=count))
    found = [draw(st.lists(st.integers(0, 2), min_size=count, max_size=count))]
    for _ in range(2):
        moved = list(found[-1])
        for _ in range(draw(st.integers(0, 2))):
            moved[draw(st.integers(0, count - 1))] = draw(st.integers(0, 2))
        found.append(moved)
    return Homes(people, elders, short, reports), found


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plans())
def test_no_union_or_difference_of_what_three_plans_publish_gives_away_fewer_than_k(drawn) -> None:
    """The second and third are told by another copy, which knows what the one before published."""
    homes, units = drawn
    known: pd.DataFrame | None = None
    truth = homes.truth()
    every: dict[str, list[Span]] = {name: [] for name in truth}
    for at, places in enumerate(units):
        tables = community(homes, places, f"p{at}")
        made = let(tables, f"p{at}", known)
        known = made.publications if known is None else pd.concat([known, made.publications], ignore_index=True)
        for statistic, told in read_off(made, tables).items():
            every[statistic] += told
    for statistic, told in every.items():  # what fewer publications give away all of them do: more is known, not less
        fewest = FEWEST if statistic in (REPORTS, IN_DAYS) else K
        assert given_away(list(dict.fromkeys(told)), fewest, truth[statistic]) == [], statistic


def test_the_attacker_finds_what_an_empty_house_moved_about_gives_away() -> None:
    """Rounding alone is no shelter: each way of counting the same people narrows them down."""
    told = [("ab", 200.0), ("abx", 205.0), ("x", 0.0), ("abcx", 210.0)]
    spans = [span for area, shown in told for span in of_fives(frozenset(area), shown)]
    assert given_away(spans) == []
    assert given_away([*spans, *of_fives(frozenset("abc"), 205.0)])[0] == (["c"], 2.0, 8.0)


def test_whom_a_service_is_for_is_told_no_nearer_than_the_people_of_the_unit() -> None:
    """Two roundings of one count, each by its own rule, would leave less open than either."""
    tables = community(Homes([104, 151, 87, 233], [31, 44, 12, 70], [60, 100, 60, 150], [0] * 4), [0, 1, 2, 2], "p1")
    made = let(tables, "p1").tables
    people = dict(zip(made["units"]["unit_id"], made["units"]["residents"], strict=True))
    old = made["tallies"][made["tallies"]["category"] == "age_60_plus"]
    elders = dict(zip(old["unit_id"], old["people"], strict=True))
    for row in made["gaps"].to_dict("records"):
        shown = (elders if row["category"] == "canteen" else people)[row["unit_id"]]
        assert row["people"] == (shown + 5) // 10 * 10
        assert row["share_short"] != 1 or row["people_short"] == row["people"]


def test_what_an_older_copy_told_too_much_of_is_said_and_no_number_of_it_is_shown_again() -> None:
    tables = community(Homes([6, 200, 300], [0] * 3, [0] * 3, [0] * 3), [0, 1, 2], "p1")
    row = {"publication_id": "x", "at": AT, "audience": "public", "plan_id": "p0", "edition": 1}
    old = pd.DataFrame([row | {"statistic": "residents", "area": "w0", "value": '{"value": 6}'}])
    released = let(tables, "p1", old)
    assert released.tables["units"].set_index("unit_id")["residents"].isna()["U0"]
    assert released.privacy_report["leaks_of_before"] == 1
    assert "publish_past_leaks" in [one.key for one in released.notes]

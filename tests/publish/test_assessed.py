"""What the public gets of results: rounded, enough people behind every number, nothing to subtract or sensitive."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govmap.publish import release

AT = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def world(short, people=None) -> dict[str, pd.DataFrame]:
    """Units of one building each under one district, with this many people short of a clinic in each."""
    ids = [f"U{at}" for at in range(len(short))]
    people = [400] * len(ids) if people is None else people
    homes = [one // 2 for one in people]
    units = pd.DataFrame(
        {"plan_id": "p1", "unit_id": [*ids, "D"], "community_id": "c1", "code": [*ids, "D"],
         "level": ["base"] * len(ids) + ["grid"], "parent_unit_id": ["D"] * len(ids) + [None],
         "households": [*homes, sum(homes)], "residents": [*people, sum(people)]}
    )  # fmt: skip
    parts = pd.DataFrame({"part_id": ids, "building_id": ids, "cell_id": ids, "households": homes, "residents": people})
    gaps = pd.DataFrame(
        {"plan_id": "p1", "unit_id": [*ids, "D"], "category": "clinic", "standard": "x/clinic",
         "people": [*people, sum(people)], "people_short": [*short, sum(short)], "elders_short": 3, "walk_min": 7.0,
         "fixes": None}
    ).assign(share_short=lambda rows: rows["people_short"] / rows["people"])  # fmt: skip
    plan_parts = pd.DataFrame({"plan_id": "p1", "part_id": ids, "unit_id": ids})
    return {"units": units, "parts": parts, "plan_parts": plan_parts, "gaps": gaps}


def let(tables, audience="public"):
    return release(tables, audience=audience, plan_id="p1", edition=1, at=AT).tables


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 400), min_size=2, max_size=7))
def test_no_gap_shown_stands_for_fewer_than_k_people_and_none_can_be_subtracted(short):
    gaps = let(world(short))["gaps"]
    shown = gaps[gaps["people_short"].notna()]
    assert all(one == 0 or one >= 10 for one in shown["people_short"])
    assert all(one % 10 == 0 for one in shown["people_short"])
    below = gaps[gaps["unit_id"] != "D"]
    hidden = below[below["people_short"].isna()]
    true = dict(zip([f"U{at}" for at in range(len(short))], short, strict=True))
    whole = gaps.loc[gaps["unit_id"] == "D", "people_short"].iloc[0]
    if len(hidden) == 1 and whole is not None and not pd.isna(whole):
        assert not 0 < true[hidden["unit_id"].iloc[0]] < 10


def test_the_public_gets_no_ages_of_people_short_and_no_proposals():
    assert not {"elders_short", "fixes", "households_short", "site_id"} & set(let(world([100, 200, 300]))["gaps"])
    assert {"elders_short", "fixes"} <= set(let(world([100, 200, 300]), "official")["gaps"])


def test_where_nothing_is_listed_nobody_is_told_to_be_short():
    tables = world([100, 200, 300])
    tables["gaps"]["people_short"] = None
    assert let(tables)["gaps"]["people_short"].isna().all()


@pytest.mark.parametrize("table", ["spots", "answered", "recurring", "loads", "fits", "matches", "sites"])
def test_what_stays_inside_does_not_reach_the_public(table):
    rows = pd.DataFrame({"plan_id": ["p1"], "unit_id": ["U0"], "category": ["noise"], "need_id": ["i1"]})
    assert table not in let(world([100, 200]) | {table: rows})
    assert table in let(world([100, 200]) | {table: rows}, "official")


@pytest.mark.parametrize("audience", ["public", "official"])
def test_rows_of_sensitive_kinds_reach_nobody(audience):
    rows = pd.DataFrame(
        {"plan_id": "p1", "unit_id": "U0", "category": ["domestic violence", "家庭暴力", "all"], "count": 20,
         "households": 200, "rate": 0.1, "low": 0.05, "high": 0.2, "too_small": False}
    )  # fmt: skip
    assert list(let(world([100, 200]) | {"rates": rows}, audience)["rates"]["category"]) == ["all"]


def reports(counts, *, at="2026-01-15") -> pd.DataFrame:
    """So many reports in each unit."""
    where = [f"U{unit}" for unit, count in enumerate(counts) for _ in range(count)]
    ids = [f"i{one}" for one in range(len(where))]
    return pd.DataFrame(
        {"incident_id": ids, "category": "noise", "sensitive": False, "building_id": where, "part_id": where,
         "cell_id": where, "reported_at": at}
    )  # fmt: skip


def rates(units, **more) -> pd.DataFrame:
    """Exact rates, as `assess` leaves them."""
    made = {"count": 40, "households": 200, "rate": 0.0612345, "low": 0.0512345, "high": 0.0712345, "raw": 0.2}
    return pd.DataFrame({"plan_id": "p1", "unit_id": units, "category": "all", "too_small": False, **made, **more})


def told_rates(tables) -> pd.DataFrame:
    return let(tables)["rates"].set_index("unit_id")


def test_rates_on_few_households_or_few_reports_are_withheld_from_the_public():
    few = {"incidents": reports([80, 40, 4]), "rates": rates(["U0", "U1", "U2"])}
    tables = world([100, 100, 100], [400, 180, 400]) | few
    found = told_rates(tables)
    assert found["rate"].notna().to_dict() == {"U0": True, "U1": False, "U2": False}
    assert found["too_small"].tolist() == [False, True, True]
    assert not {"count", "raw", "households"} & set(found.columns)
    assert let(tables, "official")["rates"]["rate"].notna().all()


def test_a_rate_of_the_public_is_that_of_the_numbers_beside_it():
    """Whoever takes it times the households that are shown comes to the reports that are shown, and no nearer."""
    counts, people = [43, 77, 112, 31], [444, 1032, 648, 706]
    tables = world([100] * 4, people) | {"incidents": reports(counts), "rates": rates(["U0", "U1", "U2", "U3", "D"])}
    made = let(tables)
    told = made["tallies"].set_index("unit_id")["count"]
    homes = made["units"].set_index("unit_id")["households"]
    found = made["rates"].set_index("unit_id")
    assert found["rate"].notna().all()
    for unit, row in found.iterrows():
        assert row["rate"] == float(f"{told[unit] / homes[unit]:.2g}")
        assert row["low"] * homes[unit] <= told[unit] - 4
        assert row["high"] * homes[unit] >= told[unit] + 4


def test_rates_of_some_days_count_the_reports_of_these_days_and_are_written_down():
    both = pd.concat([reports([40, 50], at="2026-01-15"), reports([30, 20], at="2025-06-01")], ignore_index=True)
    both["incident_id"] = [f"i{one}" for one in range(len(both))]
    days = rates(["U0", "U1", "c1"], since="2026-01-01", until="2026-01-31")
    tables = world([100, 100], [400, 600]) | {"incidents": both, "rates": days}
    released = release(tables, audience="public", plan_id="p1", edition=1, at=AT)
    found = released.tables["rates"].set_index("unit_id")["rate"]
    assert (found["U0"], found["U1"], found["c1"]) == (0.2, 0.17, 0.18)
    written = released.publications[released.publications["statistic"] == "incidents/days/2026-01-01/2026-01-31"]
    assert written["area"].tolist() == ["U0", "U0 U1", "U1"]


@pytest.mark.parametrize(("zone", "counted"), [("Asia/Shanghai", (0.1, 0.1)), ("UTC", (0.1, 0.0))])
def test_days_of_a_rate_begin_and_end_by_the_clock_of_the_office(zone, counted):
    """Six in the morning of the first of January in Shanghai is the evening before in UTC."""
    early = [reports([20], at=f"2026-01-{day}T06:00+08:00") for day in ("01", "02")]
    tables = world([100, 100], [400, 400]) | {"incidents": pd.concat(early, ignore_index=True)}
    told = []
    for day in ("2026-01-01", "2026-01-02"):
        days = {"rates": rates(["U0"], since=day, until=day)}
        made = release(tables | days, audience="public", plan_id="p1", edition=1, at=AT, zone=zone)
        told.append(float(made.tables["rates"]["rate"].iloc[0] or 0))
    assert tuple(told) == counted


def test_where_no_report_can_be_counted_anew_no_rate_is_told():
    assert told_rates(world([100, 100]) | {"rates": rates(["U0", "U1"])})["rate"].isna().all()


def test_months_of_the_public_are_rounded_and_none_is_under_k():
    rows = pd.DataFrame({"community_id": "c1", "category": ["all", "all", "noise"],
                         "month": ["2026-01-01", "2026-02-01", "2026-02-01"], "count": [43, 7, 40]})  # fmt: skip
    shown = let(world([100, 200]) | {"months": rows})["months"]["count"].tolist()
    assert shown in ([45, None], [40, None])


def test_one_count_of_one_area_is_rounded_one_way_however_it_came_about():
    """The reports of the only month are all reports: two roundings would tell more of them than one."""
    for count in (41, 43, 44, 48):
        rows = pd.DataFrame({"community_id": ["c1"], "category": "all", "month": "2026-01-01", "count": count})
        made = let(world([100]) | {"months": rows, "incidents": reports([count])})
        totals = made["totals"].set_index("category")["count"]
        assert made["months"]["count"].tolist() == [totals["all"]]


def test_what_a_norm_asks_for_is_that_of_the_people_who_are_shown():
    rows = pd.DataFrame(
        {"community_id": "c1", "category": ["nursery", "community_office", "own"], "people": 803,
         "have": [2.0, None, 1.0],
         "standard": ["cn_15min/nursery", "cn_15min/community_service", "mine/own"], "need": [3.6135, 120.9, 7.77],
         "short": [1.6135, None, 6.77], "unit": "places", "source": "x"}
    )  # fmt: skip
    made = let(world([100, 200], [400, 403]) | {"norms": rows})
    totals = made["totals"].set_index("category")["count"]
    told = made["norms"].set_index("category")
    assert "people" not in told
    assert told.loc["nursery", "need"] == round(0.0045 * totals["residents"], 1)
    assert told.loc["community_office", "need"] == round(0.3 * totals["households"], 1)
    assert told.loc["nursery", "short"] == round(0.0045 * totals["residents"] - 2, 1)
    assert told.loc["own", ["need", "short"]].isna().all(), "whom it counts is not known"


def test_of_a_withheld_gap_nothing_says_that_somebody_is_short_or_why_it_is_withheld():
    tables = world([7, 300, 120, 0, 200])
    tables["gaps"] = tables["gaps"].assign(reason=["none", "none", "none", None, "none", "none"])
    gaps = let(tables)["gaps"]
    hidden = gaps[gaps["people_short"].isna()]
    assert len(hidden) >= 2
    assert set(hidden["withheld"]) == {"withheld"}
    assert hidden[["people", "share_short", "reason", "walk_min"]].isna().all(axis=None)


def test_no_estimated_share_tells_of_fewer_than_k_households():
    """Of fifty households a tenth would be one to five."""
    people = [100, 400, 2400]
    tables = world([50, 50, 50], people)
    sources = pd.DataFrame({"building_id": ["U0", "U1", "U2"], "households_source": "register", "cell_id": "x"})
    extra = pd.DataFrame({"part_id": ["x0", "x1", "x2"], "building_id": ["x0", "x1", "x2"], "cell_id": "x",
                          "households": 2, "residents": 4})  # fmt: skip
    more = pd.DataFrame({"plan_id": "p1", "part_id": extra["part_id"], "unit_id": ["U0", "U1", "U2"]})
    guessed = pd.DataFrame({"building_id": extra["part_id"], "households_source": "estimated", "cell_id": "x"})
    tables["parts"] = pd.concat([tables["parts"], extra], ignore_index=True)
    tables["plan_parts"] = pd.concat([tables["plan_parts"], more], ignore_index=True)
    tables["buildings"] = pd.concat([sources, guessed], ignore_index=True)
    released = release(tables, audience="public", plan_id="p1", edition=1, at=AT)
    share = released.tables["units"].set_index("unit_id")["estimated_share"]
    homes = released.tables["units"].set_index("unit_id")["households"]
    assert (share[["U0", "U1", "U2"]] > 0).all()
    assert all(share[unit] * (homes[unit] + 4) >= 10 for unit in ("U0", "U1", "U2"))
    assert share["U2"] == 0.1
    assert released.estimated_share == 0.01

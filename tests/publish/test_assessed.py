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


def test_rates_on_few_households_or_few_reports_are_withheld_from_the_public():
    rows = pd.DataFrame(
        {"plan_id": "p1", "unit_id": ["U0", "U1", "U2"], "category": "all", "count": [40, 40, 4],
         "households": [200, 90, 200], "rate": 0.1, "low": 0.05, "high": 0.2, "too_small": False, "raw": 0.1}
    )  # fmt: skip
    tables = world([100, 200, 300]) | {"rates": rows}
    found = let(tables)["rates"].set_index("unit_id")
    assert found["rate"].notna().to_dict() == {"U0": True, "U1": False, "U2": False}
    assert not {"count", "raw", "households"} & set(found.columns)
    assert let(tables, "official")["rates"]["rate"].notna().all()


def test_months_of_the_public_are_rounded_and_none_is_under_k():
    rows = pd.DataFrame({"community_id": "c1", "category": ["all", "all", "noise"],
                         "month": ["2026-01-01", "2026-02-01", "2026-02-01"], "count": [43, 7, 40]})  # fmt: skip
    assert let(world([100, 200]) | {"months": rows})["months"]["count"].tolist() == [45, None]


def test_shares_and_rates_of_the_public_are_too_short_to_work_counts_out_of():
    tables = world([120, 200, 0])
    rates = pd.DataFrame(
        {"plan_id": "p1", "unit_id": ["U0", "U1", "U2"], "level": "base", "category": "all", "rate": 0.0612345,
         "low": 0.0512345, "high": 0.0712345, "count": 12, "households": 200, "too_small": False,
         "share_estimated": [0.0, 0.04, 0.4321]}
    )  # fmt: skip
    shown = let({**tables, "rates": rates})["rates"]
    assert shown["rate"].tolist() == [0.061] * 3
    assert shown["share_estimated"].tolist() == [0.0, 0.1, 0.5], "a little is not nothing"
    sources = tables["parts"][["building_id"]].assign(households_source=["estimated", "register", "tag", None][:3])
    told = let({**tables, "buildings": sources.assign(cell_id=sources["building_id"], households=[200, 200, 200])})
    share = pd.to_numeric(told["units"]["estimated_share"]).dropna()
    assert len(share)
    assert ((share * 10).round(6) % 1 == 0).all()

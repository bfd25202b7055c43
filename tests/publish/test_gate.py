"""The gate before everything that leaves the house."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govmap.publish import Released, allowed, release
from govmap.publish.suppress import suppress
from govmap.schema import TABLES

AT = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
AUDIENCES = ("public", "official", "planner", "worker")


def world(counts=(200, 300, 400), **more) -> dict[str, pd.DataFrame]:
    """Units U0, U1 … of one building each, with these residents."""
    count = len(counts)
    ids, units = [f"w{at}" for at in range(count)], [f"U{at}" for at in range(count)]
    people = list(counts)
    homes = [-(-one // 2) for one in people]
    tables = {
        "communities": pd.DataFrame({"community_id": ["c1"], "name": ["Well"]}),
        "buildings": pd.DataFrame(
            {"building_id": ids, "community_id": "c1", "cell_id": ids, "name": None, "use": "apartments",
             "households": homes, "residents": people, "households_source": "register", "status": "standing"}
        ),
        "parts": pd.DataFrame(
            {"part_id": ids, "building_id": ids, "cell_id": ids, "households": homes, "residents": people}
        ),
        "plan_parts": pd.DataFrame({"plan_id": "p1", "part_id": ids, "unit_id": units}),
        "units": pd.DataFrame(
            {"plan_id": "p1", "unit_id": units, "community_id": "c1", "code": units, "parent_unit_id": None,
             "households": homes, "residents": people, "out_of_band_reason": "small"}
        ),
    }  # fmt: skip
    return tables | more


def let(tables, audience="public", **choices) -> Released:
    return release(tables, audience=audience, plan_id="p1", edition=1, at=AT, **choices)


def value(frame: pd.DataFrame, **where) -> object:
    for name, wanted in where.items():
        frame = frame[frame[name] == wanted]
    found = frame["count"].iloc[0] if "count" in frame else frame["residents"].iloc[0]
    return None if pd.isna(found) else found


def test_no_personal_column_of_any_table_reaches_the_public():
    for name, table in TABLES.items():
        assert not set(allowed.allowed(name, public=True)) & table.personal, name


def test_inside_the_office_only_names_and_office_phones_of_workers_are_personal():
    found = {
        (name, one)
        for name, table in TABLES.items()
        for one in set(allowed.allowed(name, public=False)) & table.personal
    }
    assert found == {("workers", "name"), ("workers", "office_phone")}


@pytest.mark.parametrize("audience", AUDIENCES)
def test_what_is_on_no_list_passes_for_nobody(audience):
    residents = pd.DataFrame({"place_id": ["w0"], "people": [3], "import_id": ["i1"], "source_row": [2]})
    tables = world(residents=residents, surprises=pd.DataFrame({"text": ["secret"]}))
    tables["buildings"] = tables["buildings"].assign(owner="Zhang Example")
    released = let(tables, audience)
    assert "residents" not in released.tables
    assert "surprises" not in released.tables
    assert "owner" not in released.tables["buildings"]
    assert "owner" in released.privacy_report["tables"]["buildings"]["dropped"]


def test_public_buildings_carry_no_counts_and_workers_stay_inside():
    workers = pd.DataFrame({"worker_id": ["k1"], "name": ["Ann Example"], "office_phone": ["000"], "geometry": [None]})
    tables = world(workers=workers)
    assert not {"households", "residents", "dwellings"} & set(let(tables).tables["buildings"])
    assert "workers" not in let(tables).tables
    inside = let(tables, "official").tables
    assert list(inside["workers"]["name"]) == ["Ann Example"]
    assert "geometry" not in inside["workers"], "where a worker lives is nobody's business"
    assert list(inside["buildings"]["residents"]) == [200, 300, 400]


def test_a_unit_under_k_is_withheld_and_another_with_it():
    released = let(world((6, 300, 40, 500)))
    shown = released.tables["units"].set_index("unit_id")
    assert shown["residents"].isna().tolist() == [True, False, True, False]
    assert shown["households"].isna().tolist() == [True, False, True, False]
    assert shown["withheld"].tolist() == ["withheld", None, "withheld", None], "why is itself told of people"
    assert value(released.tables["totals"], theme="base", category="residents") in (845, 850)
    assert {(one["unit_id"], one["reason"]) for one in released.suppressed if one["statistic"] == "base"} == {
        ("U0", "under_k"),
        ("U2", "complementary"),
    }


def test_where_nobody_is_left_to_hide_behind_the_total_is_withheld():
    released = let(world((6, 0, 0)))
    assert value(released.tables["totals"], theme="base", category="residents") is None
    assert released.tables["units"]["residents"].isna().tolist() == [True, False, False]


def test_the_parts_of_a_withheld_whole_are_withheld():
    tables = world((8, 300, 400, 4, 4, 150, 150))
    tables["units"]["parent_unit_id"] = [None, None, None, "U0", "U0", "U1", "U1"]
    shown = let(tables).tables["units"].set_index("unit_id")["residents"]
    assert shown.isna().tolist() == [True, True, False, True, True, True, True], (
        "U1 stands with U0, and its parts with it"
    )


def test_age_groups_are_told_together_or_not_at_all():
    tallies = pd.DataFrame(
        [("p1", f"U{unit}", "residents", age, count, count) for unit, row in enumerate([(90, 4), (60, 30), (80, 50)])
         for age, count in zip(("age_15_59", "age_60_plus"), row, strict=True)],
        columns=["plan_id", "unit_id", "theme", "category", "count", "people"],
    )  # fmt: skip
    released = let(world((94, 90, 130), tallies=tallies))
    shown = released.tables["tallies"].set_index(["unit_id", "category"])["people"]
    assert shown.isna().groupby("unit_id").all().tolist() == [True, True, False]
    assert value(released.tables["totals"], category="age_60_plus") in (80, 85)


def test_few_households_show_no_age_groups():
    counts = {"category": "age_60_plus", "count": [20, 50, 60], "people": [20, 50, 60]}
    tallies = pd.DataFrame({"plan_id": "p1", "unit_id": ["U0", "U1", "U2"], "theme": "residents", **counts})
    shown = let(world((70, 300, 400), tallies=tallies)).tables["tallies"].set_index("unit_id")["people"]
    assert shown.isna()["U0"], "35 households"
    assert not shown.isna()["U2"]


def incidents(rows) -> pd.DataFrame:
    kinds = {"noise": False, "violence": False, "theft": True}
    return pd.DataFrame(
        [(f"i{at}", kind, kinds[kind], place, place, place, "note") for at, (kind, place) in enumerate(rows)],
        columns=["incident_id", "category", "sensitive", "building_id", "part_id", "cell_id", "responsible"],
    )


def test_the_public_learns_of_incidents_by_unit_alone():
    rows = [("noise", "w0")] * 12 + [("noise", "w1")] * 3 + [("noise", "w2")] * 30
    released = let(world(incidents=incidents(rows)))
    assert "incidents" not in released.tables
    tallies = released.tables["tallies"]
    assert tallies.set_index("unit_id")["count"].isna().to_dict() == {"U0": True, "U1": True, "U2": False}
    assert set(tallies["category"]) == {"all"}
    assert value(released.tables["totals"], theme="incidents", category="all") == 45


@pytest.mark.parametrize("audience", AUDIENCES)
def test_sensitive_incidents_stand_for_the_whole_community_only(audience):
    rows = [("noise", "w0")] * 12 + [("violence", "w0")] * 7 + [("theft", "w1")] * 6
    tallies = pd.DataFrame(
        {
            "plan_id": "p1",
            "unit_id": ["U0"],
            "theme": "incidents",
            "category": "violence",
            "count": [7],
            "people": [None],
        }
    )
    released = let(world(incidents=incidents(rows), tallies=tallies), audience)
    told = released.tables["tallies"]
    assert not set(told[told["theme"] == "incidents"]["category"]) & {"violence", "theft"}
    shown = value(released.tables["totals"], theme="incidents", category="sensitive")
    assert shown in ((10, 15) if audience == "public" else (13,))
    if audience != "public":
        assert set(released.tables["incidents"]["category"]) == {"noise"}
        assert "responsible" not in released.tables["incidents"]


def test_military_sites_and_helping_residents_vanish_from_the_public_form():
    resources = pd.DataFrame(
        {"resource_id": ["r0", "r1", "r2"], "category": ["shop", "clinic", "shop"], "name": ["Mess", "Clinic", "Zhang"],
         "provider_type": [None, "public", "resident"], "building_id": ["w1", "w0", "w0"]}
    )  # fmt: skip
    tables = world(resources=resources)
    tables["buildings"].loc[1, "use"] = "military"
    public, inside = let(tables).tables, let(tables, "planner").tables
    assert list(public["buildings"]["building_id"]) == ["w0", "w2"]
    assert list(public["resources"]["resource_id"]) == ["r1"]
    assert len(inside["buildings"]) == 3


def test_only_the_rows_of_the_plan_pass():
    tables = world()
    other = tables["units"].assign(plan_id="p2", residents=7)
    tables["units"] = pd.concat([other, tables["units"]], ignore_index=True)
    assert set(let(tables).tables["units"]["plan_id"]) == {"p1"}


def test_the_estimated_share_is_said_of_each_unit_and_of_all():
    tables = world((100, 100, 200))
    tables["buildings"]["households_source"] = ["estimated", "register", "spread"]
    released = let(tables)
    assert released.tables["units"]["estimated_share"].tolist() == [1, 0, 1]
    assert released.estimated_share == 0.8, "of so few no nearer than in tenths"
    assert let(tables, "official").estimated_share == 0.75


def test_publications_hold_what_was_published_and_repeat_themselves():
    tables = world((6, 300, 40, 500))
    first = let(tables)
    rows = first.publications
    assert list(rows.columns) == TABLES["publications"].names
    told = rows[rows["statistic"] == "residents"].set_index("area")["value"].map(json.loads)
    withheld = {"value": None, "low": 0, "high": None}
    assert told["w0"] == told["w2"] == withheld
    assert told["w1"] == {"value": 300, "low": 296, "high": 304}
    assert told["w0 w1 w2 w3"]["value"] in (845, 850), "the total of the community is published too"
    assert not rows.duplicated(["publication_id", "statistic", "area"]).any()
    again = let(tables, previous=rows).publications
    assert again.drop(columns="at").equals(rows.drop(columns="at")), "the same numbers under the same name"
    assert len(let(world((6, 301, 40, 500)), previous=rows).publications)
    assert let(tables, "official").publications.empty


def test_what_a_new_boundary_would_give_away_is_withheld_and_the_old_copy_is_taken_in():
    before = world((3, 200, 300))
    before["plan_parts"]["unit_id"] = ["U1", "U1", "U2"]
    before["units"] = before["units"].iloc[1:].assign(residents=[203, 300], households=[102, 150])
    exact = let(before).publications
    exact["value"] = [
        json.dumps({"value": json.loads(one)["value"]}) for one in exact["value"]
    ]  # a copy that did not round
    exact.loc[(exact["statistic"] == "residents") & (exact["area"] == "w0 w1"), "value"] = json.dumps({"value": 203})
    after = world((0, 200, 303))
    after["plan_parts"]["unit_id"] = ["U2", "U1", "U2"]
    after["units"] = after["units"].iloc[1:].assign(residents=[200, 303], households=[100, 152])
    alone, held = let(after), let(after, previous=exact)
    assert alone.tables["units"]["residents"].notna().all()
    assert held.privacy_report["differencing_checked"]
    for low, high in _differences(exact, held.publications):
        assert not (low > 0 and high < 10)


def _differences(*publications):
    """The span of every area less another of the same statistic that lies in it."""
    rows = pd.concat(publications)
    for _, same in rows.groupby("statistic"):
        told = [
            (set(area.split(" ")), json.loads(value)) for area, value in zip(same["area"], same["value"], strict=True)
        ]
        for one, outer in told:
            for other, inner in told:
                if other < one and outer["value"] is not None and inner["value"] is not None:
                    low = outer.get("low", outer["value"]) - inner.get("high", inner["value"])
                    yield low, outer.get("high", outer["value"]) - inner.get("low", inner["value"])


def test_the_order_of_rows_changes_nothing():
    tables = world((6, 300, 40, 500), incidents=incidents([("noise", "w0")] * 12 + [("violence", "w3")] * 3))
    mixed = {name: frame.sample(frac=1, random_state=3).reset_index(drop=True) for name, frame in tables.items()}
    one, other = let(tables), let(mixed)
    for name, frame in one.tables.items():
        pd.testing.assert_frame_equal(frame, other.tables[name])
    assert one.privacy_report == other.privacy_report


def test_the_report_can_be_written_as_json():
    json.dumps(let(world((6, 300, 40))).privacy_report)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 60), min_size=2, max_size=2), min_size=1, max_size=9),
    st.integers(1, 3),
    st.integers(2, 20),
)
def test_nothing_under_k_can_be_had_by_taking_what_is_shown_from_the_total(rows, communities, k):
    values = np.array(rows, dtype=float)
    groups = np.arange(len(values)) % communities
    found = suppress(values, groups, k)
    shown = values[~found.rows]
    assert not ((shown > 0) & (shown < k)).any()
    for group in set(groups) - found.totals:
        hidden = values[found.rows & (groups == group)]
        rest = hidden.sum(axis=0)
        assert ((rest == 0) | (rest >= k)).all()
        assert ((hidden > 0).sum(axis=0) != 1).all(), "one alone is the total minus the rest"

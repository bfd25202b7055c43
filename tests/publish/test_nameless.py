"""Keys of a form that says not where it lies: none of the source's, the same in every table."""

import json
import re

import pandas as pd
import pytest
import row

from govmap.publish.nameless import KEYS


@pytest.fixture
def released():
    tables = row.town()
    osm = {one: f"w{9_000_000 + at}" for at, one in enumerate(tables["buildings"]["building_id"])}
    for name, frame in tables.items():
        keys = [key for key in ("building_id", "cell_id", "part_id", "address_id") if key in frame]
        tables[name] = frame.assign(**{key: frame[key].map(osm) for key in keys})
    for name in ("plan_parts", "units"):  # units are named after their first house
        tables[name] = tables[name].assign(
            unit_id="u" + tables[name]["unit_id"].map({"U1": "w9000000", "U2": "w9000003"})
        )
    tables["communities"] = tables["communities"].assign(community_id="r77")
    for name in ("buildings", "units"):
        tables[name] = tables[name].assign(community_id="r77")
    return row.public(tables, georeferenced=False)


def test_no_key_of_openstreetmap_is_in_a_form_without_a_place(released):
    for name, frame in released.tables.items():
        told = frame.drop(columns=["geometry", "name", "full"], errors="ignore").astype(str).to_dict("list")
        assert not re.search(r"w9\d{6}|\br77\b", json.dumps(told)), name
    assert released.tables["buildings"]["building_id"].tolist() == [f"b{at}" for at in range(1, 7)]


def test_tables_can_still_be_joined(released):
    tables = released.tables
    both = tables["parts"].merge(tables["plan_parts"], on="part_id").merge(tables["buildings"], on="building_id")
    assert len(both) == 6
    assert (both["unit_id_x"] == both["unit_id_y"]).all()
    assert set(tables["units"]["community_id"]) == set(tables["communities"]["community_id"]) == {"c1"}


def test_a_form_with_a_place_and_one_of_the_office_keep_their_keys():
    tables = row.town()
    assert set(row.public(tables).tables["buildings"]["building_id"]) == set(tables["buildings"]["building_id"])


def test_the_order_of_rows_changes_no_number():
    tables = row.town()
    mixed = {name: frame.sample(frac=1, random_state=3) for name, frame in tables.items()}
    one, other = (row.public(some, georeferenced=False).tables for some in (tables, mixed))
    for name, frame in one.items():
        pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(other[name]), obj=name)


def test_every_key_that_the_public_gets_is_numbered_or_our_own():
    from govmap.publish.allowed import PUBLIC

    ours = {"plan_id", "parent_unit_id", "import_id", "place_id"}
    keys = {one for names in PUBLIC.values() for one in names.split() if one.endswith("_id")}
    assert keys - ours == set(KEYS)

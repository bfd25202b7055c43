import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from govmap import catalog
from govmap.assess import siting
from govmap.assess.covering import Cover

EDGE = 200.0


def block(number):
    """A square of ground, one beside the other."""
    return shapely.box(number * EDGE, 0, (number + 1) * EDGE, EDGE)


def ground():
    """Four blocks: a civic house, homes over shops, open ground, water; a room to let and a park."""
    uses = ["civic", "residential", None, None]
    cells = gpd.GeoDataFrame(
        {"cell_id": ["c0", "c1", "c2", "c3"], "building_id": ["w0", "w1", None, None]},
        geometry=[block(one) for one in range(4)],
        crs=32650,
    )
    buildings = pd.DataFrame(
        {
            "building_id": ["w0", "w1", "w9"],
            "cell_id": ["c0", "c1", None],
            "name": ["Hall", None, "Beyond"],
            "use": [*uses[:2], "civic"],
            "shops": [None, 2, None],
            "status": "standing",
            "geometry": [shapely.box(50, 50, 70, 70), shapely.box(250, 50, 280, 80), shapely.box(-99, 0, -50, 40)],
        }
    )
    resources = pd.DataFrame(
        {
            "resource_id": ["r0", "r1", "r2"],
            "category": ["vacant_room", "culture", "shop"],
            "name": ["Empty shop", "Club", "Kiosk"],
            "shared": [None, True, False],
            "terms": [None, None, ""],
            "building_id": ["w1", "w0", "w1"],
            "cell_id": ["c1", "c0", "c1"],
            "geometry": [shapely.Point(260, 60), shapely.Point(60, 60), shapely.Point(270, 60)],
        }
    )
    features = pd.DataFrame(
        {
            "feature_id": ["f0", "f1"],
            "kind": ["green", "green"],
            "class": ["park", "cemetery"],
            "name": ["Mill Green", "Rest"],
            "geometry": [shapely.box(10, 100, 110, 190), shapely.box(120, 100, 190, 190)],
        }
    )
    return {"cells": cells, "buildings": buildings, "resources": resources, "features": features}


def kinds(found):
    return dict(zip(found["place_id"], found["place_kind"], strict=True))


def test_places_are_rooms_and_ground_that_exist_here_the_users_own_first():
    found = siting.places(ground(), barred=np.array([block(3)], dtype=object))
    assert kinds(found) == {
        "r0": "vacant_room",
        "r1": "shared_place",
        "w0": "public_building",
        "w1": "commercial_building",
        "c2": "open_ground",
        "f0": "green_ground",
    }
    assert found["turn"].is_monotonic_increasing
    assert found.set_index("place_id").loc["r0", "size_m2"] == 900


def test_a_building_that_a_fire_station_has_taken_is_no_place():
    tables = ground()
    tables["resources"].loc[1, ["category", "shared"]] = ["fire_station", False]
    assert "w0" not in kinds(siting.places(tables))


def test_a_demolished_building_is_no_place():
    tables = ground()
    tables["buildings"].loc[0, "status"] = "demolished"
    assert "w0" not in kinds(siting.places(tables))


def test_places_suit_a_service_by_room_or_ground_and_by_size():
    found = siting.places(ground())

    def suits(category):
        return set(found["place_id"].iloc[siting.fitting(found, category)])

    assert suits("playground") == {"c2", "c3", "f0"}  # out of doors: no room, however large
    assert suits("clinic") == {"r0", "r1", "w0", "w1", "c2", "c3"}  # a house may be built on open ground, not in a park
    assert suits("kindergarten") == {"c2", "c3"}
    assert suits("toilet") == set(found["place_id"])


def test_dense_places_of_a_kind_are_thinned_to_the_largest_and_peoples_own_stay():
    tables = ground()
    spots = [(10 + 3 * one, 10) for one in range(12)]
    houses = pd.DataFrame(
        {
            "building_id": [f"h{one:02}" for one in range(12)],
            "cell_id": "c0",
            "name": None,
            "use": "retail",
            "shops": None,
            "status": "standing",
            "geometry": [shapely.box(x, y, x + 2, y + 2 + one / 10) for one, (x, y) in enumerate(spots)],
        }
    )
    rooms = pd.concat([tables["resources"].iloc[[0]].assign(resource_id=f"own{one}") for one in range(12)])
    found = siting.places({**tables, "buildings": houses, "resources": rooms})
    assert sum(kinds(found)[one] == "vacant_room" for one in found["place_id"]) == 12
    assert [one for one in found["place_id"] if one.startswith("h")] == ["h11"]


def test_without_any_place_the_table_is_empty_but_whole():
    empty = {name: table.head(0) for name, table in ground().items()}
    found = siting.places(empty)
    assert found.empty
    assert list(found.columns) == [*siting.PLACES, "geometry"]
    none = np.zeros(0, dtype=np.int64)
    sited = siting.sited(np.array([5]), siting.fitting(found, "clinic"), (none, none), 3)
    assert (len(sited.chosen.places), sited.reachable, sited.short) == (0, 0, 5)
    assert sited.table(found, plan_id="p", category="clinic", standard="s").empty


def test_new_sites_are_told_with_what_each_adds_and_the_proof():
    found = siting.places(ground())
    rows = siting.fitting(found, "clinic")
    short = np.array([30, 20, 5, 0])
    pairs = (np.array([0, 1, 2, 3, 2]), np.array([0, 0, 3, 3, 1]))
    sited = siting.sited(short, rows, pairs, 2)
    table = sited.table(found, plan_id="p", category="clinic", standard="s/clinic")
    assert table[["rank", "gain", "people_covered"]].to_numpy().tolist() == [[1, 50, 50], [2, 5, 55]]
    assert table["place_id"].tolist() == ["r0", "r1"]
    assert (table["bound"] == 55).all()
    assert (table["reason"] == siting.PROVEN).all()
    assert len(sited.needed.places) == 2


def test_each_unit_gets_the_place_that_reaches_most_of_its_own():
    cover = Cover(np.array([10, 4, 6, 3]), np.array([0, 1, 2, 2, 1, 3]), np.array([0, 0, 1, 2, 2, 2]), 4)
    people = siting.by_unit(cover, np.array([0, 1, 2, 3]), np.array([0, 0, 1, 2]), 4)
    place, reached = siting.most_by_unit(people, np.array([2]))
    assert place.tolist() == [0, 2, 2, -1]  # of two as good for the second unit the one chosen for all
    assert reached.tolist() == [14, 6, 3, 0]


@pytest.mark.parametrize("name", ["vacant_room", "open_ground", "green_ground"])
def test_kinds_of_places_have_titles(name):
    assert set(siting.kind_title(name)) == {"zh", "en"}


def test_every_service_named_in_the_rules_is_a_layer():
    rules, layers = catalog.layer("siting"), set(catalog.layers("resources"))
    named = {one for where in ("outdoor", "either", "elsewhere") for one in rules[where]["categories"]}
    shared = {one for kinds_ in rules["shared_use"].values() for one in kinds_} | set(rules["shared_use"])
    assert named | shared <= layers

"""Places that must not be found are in no public table, by no name, and leave no hole."""

import pandas as pd
import pytest
import shapely
from row import AT, frame, public, said, town

from govmap import catalog
from govmap.publish import release


@pytest.mark.parametrize("use", sorted(catalog.layer("publish")["withheld"]["uses"]))
def test_a_building_of_a_withheld_use_goes_from_every_table_and_its_ground_is_open_ground(use: str) -> None:
    released = public(town(use))
    assert "w2" not in said(released)
    assert len(released.tables["buildings"]) == 5
    assert len(released.tables["cells"]) == 6, "a hole would show where it stands"
    assert list(released.tables["units"]["residents"]) == [300, 300], "whoever lives there still counts"
    inside = release(town(use), audience="planner", plan_id="p1", edition=1, at=AT)
    assert len(inside.tables["buildings"]) == 6


def test_what_stands_on_withheld_ground_goes_with_it() -> None:
    ground = shapely.box(500_070, 2_549_990, 500_135, 2_550_030)  # round w2 and w3
    features = frame(
        [
            ground,
            shapely.LineString([(500_075, 2_550_000), (500_130, 2_550_000)]),
            ground.exterior,
            shapely.box(500_200, 2_549_990, 500_210, 2_550_000),
        ],
        feature_id=["f1", "f2", "f3", "f4"], kind="land use", **{"class": ["military", "service", "fence", "park"]},
    )  # fmt: skip
    resources = frame(
        [shapely.Point(500_085, 2_550_005), shapely.Point(500_165, 2_550_005)],
        resource_id=["r1", "r2"],
        category="clinic",
        name=["Ward", "Clinic"],
    )
    compounds = frame(
        [shapely.box(500_072, 2_549_992, 500_130, 2_550_028)], compound_id=["k1"], name=["Camp"], kind="danwei"
    )
    released = public(town(features=features, resources=resources, compounds=compounds))
    assert list(released.tables["buildings"]["building_id"]) == ["w0", "w1", "w4", "w5"]
    assert list(released.tables["features"]["feature_id"]) == ["f4"]
    assert list(released.tables["resources"]["name"]) == ["Clinic"]
    assert "Camp" not in said(released)


def test_a_refuge_hides_its_house_and_is_counted_nowhere() -> None:
    resources = frame(
        [shapely.Point(500_045, 2_550_005), shapely.Point(500_045, 2_550_006)],
        resource_id=["r1", "r2"], category=["refuge", "social_care"], name=["Safe house", "Safe house"],
        building_id=["w1", "w1"], osm_id=["n7", "n7"],
    )  # fmt: skip
    tallies = pd.DataFrame(
        {"plan_id": "p1", "unit_id": ["U1"], "theme": "resources", "category": "refuge", "count": [1], "people": [None]}
    )
    released = public(town(resources=resources, tallies=tallies))
    text = said(released)
    assert "Safe house" not in text
    assert "refuge" not in text
    assert "w1" not in text


def test_names_and_borders_above_the_county_are_left_out() -> None:
    features = frame(
        [shapely.Point(500_100, 2_550_000)] * 3, feature_id=["f1", "f2", "f3"], kind="label",
        name=["Land", "Province", "Quarter"], **{"class": ["country", "state", "quarter"]},
    )  # fmt: skip
    assert list(public(town(features=features)).tables["features"]["name"]) == ["Quarter"]


def test_a_form_without_georeference_holds_no_coordinates_and_keeps_its_shapes() -> None:
    tables = town()
    placed, unplaced = public(tables), public(tables, georeferenced=False)
    assert placed.georeferenced
    assert not unplaced.georeferenced
    for name, one in unplaced.tables.items():
        if "geometry" in one:
            assert one.crs is None, name
            assert one.total_bounds.max() < 1000, name
            assert one.area.round(6).tolist() == placed.tables[name].area.round(6).tolist()
    assert release(tables, audience="official", plan_id="p1", edition=1, at=AT, georeferenced=False).georeferenced

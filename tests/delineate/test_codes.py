import geopandas as gpd
import pytest
from shapely import MultiPolygon, box

from govmap.delineate import codes
from govmap.errors import PlanError


def community(name, south, north, code=None):
    return {"community_id": name, "code": code, "geometry": box(0, south, 100, north)}


def units(*rows):
    shapes = [
        {"unit_id": name, "community_id": where, "geometry": box(x, y, x + 4, y + 4)} for name, where, x, y in rows
    ]
    return gpd.GeoDataFrame(shapes, geometry="geometry", crs="EPSG:32633")


def frame(*rows):
    return gpd.GeoDataFrame(list(rows), geometry="geometry", crs="EPSG:32633")


def given(found):
    return dict(zip(found["unit_id"], found["code"], strict=True))


def test_numbers_run_from_north_to_south_and_from_west_to_east():
    place = units(("a", "c", 80, 92), ("b", "c", 5, 90), ("d", "c", 50, 50), ("e", "c", 1, 2))
    found = given(codes.number(place, frame(community("c", 0, 100))))
    assert found == {"b": "U001", "a": "U002", "d": "U003", "e": "U004"}


def test_the_community_gives_its_twelve_digits():
    place = units(("a", "c", 5, 90), ("b", "c", 5, 5))
    found = given(codes.number(place, frame(community("c", 0, 100, "420102001005"))))
    assert found == {"a": "420102001005001", "b": "420102001005002"}


@pytest.mark.parametrize("code", ["42010200100", "4201020010055", "42010200100X", "", None])
def test_a_code_that_is_not_twelve_digits_is_not_used(code):
    place = units(("a", "c", 5, 90))
    assert given(codes.number(place, frame(community("c", 0, 100, code)))) == {"a": "U001"}


def test_communities_without_code_are_counted_on():
    place = units(("a", "c2", 5, 5), ("b", "c1", 5, 5), ("d", "c1", 5, 90), ("e", "c3", 5, 5))
    found = given(
        codes.number(place, frame(community("c1", 0, 100), community("c2", 0, 100), community("c3", 0, 9, "1" * 12)))
    )
    assert found == {"d": "U001", "b": "U002", "a": "U003", "e": "1" * 12 + "001"}


def test_former_codes_stay_and_none_is_given_twice():
    place = units(("a", "c", 5, 5), ("new", "c", 5, 90), ("newer", "c", 5, 50))
    found = given(codes.number(place, frame(community("c", 0, 100)), former={"a": "U002", "gone": "U007"}))
    assert found == {"a": "U002", "new": "U008", "newer": "U009"}


def test_the_order_of_rows_changes_nothing():
    place = units(*((f"u{n}", "c", (n * 37) % 90, (n * 53) % 90) for n in range(40)))
    where = frame(community("c", 0, 100))
    assert codes.number(place.sample(frac=1, random_state=3), where).equals(codes.number(place, where))


def test_a_unit_without_outline_is_numbered_last():
    place = units(("a", "c", 5, 5), ("floor", "c", 0, 0))
    place.loc[1, "geometry"] = MultiPolygon()
    assert given(codes.number(place, frame(community("c", 0, 100)))) == {"a": "U001", "floor": "U002"}


def test_more_than_a_thousand_units_get_longer_numbers_or_a_clear_refusal():
    place = units(*((f"u{n:04d}", "c", n % 90, n // 90) for n in range(1001)))
    assert codes.number(place, frame(community("c", 0, 100)))["code"].str.len().eq(5).all()
    with pytest.raises(PlanError):
        codes.number(place, frame(community("c", 0, 100, "1" * 12)))

import geopandas as gpd
import pytest
from hypothesis import given as given_
from hypothesis import settings
from hypothesis import strategies as st
from shapely import MultiPolygon, box

from govmap.delineate import codes
from govmap.errors import GovmapError, PlanError


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


def inside(place, **parents):
    return place.assign(parent_unit_id=[parents.get(unit) for unit in place["unit_id"]])


NESTED = {"m1": "a", "m2": "a", "m3": "b", "g1": "m2"}


def nested():
    rows = [(name, "c", x, y) for name, x, y in (("a", 5, 90), ("b", 5, 5), ("m1", 1, 90), ("m2", 60, 90))]
    return inside(units(*rows, ("m3", "c", 5, 5), ("g1", "c", 60, 91)), **NESTED)


def test_what_lies_inside_a_unit_has_its_code_and_two_digits_more():
    with_digits = given(codes.number(nested(), frame(community("c", 0, 100, "420102001005"))))
    assert with_digits == {
        "a": "420102001005001",
        "b": "420102001005002",
        "m1": "42010200100500101",
        "m2": "42010200100500102",
        "m3": "42010200100500201",
        "g1": "4201020010050010201",
    }
    without = given(codes.number(nested(), frame(community("c", 0, 100))))
    assert (without["b"], without["m2"], without["m3"], without["g1"]) == ("U002", "U001-02", "U002-01", "U001-02-01")


@pytest.mark.parametrize("digits", [None, "420102001005"])
def test_numbers_inside_units_do_not_use_up_numbers_of_units(digits):
    where = frame(community("c", 0, 100, digits))
    former = given(codes.number(nested(), where))
    more = units(("a", "c", 5, 90), ("new", "c", 5, 50))
    found = given(codes.number(more, where, former=former))
    assert found["a"] == former["a"]
    assert found["new"].endswith("003")


def test_a_unit_that_moved_into_another_gets_a_code_of_that_one():
    where = frame(community("c", 0, 100, "420102001005"))
    former = given(codes.number(nested(), where))
    moved = inside(nested().drop(columns="parent_unit_id"), **{**NESTED, "m2": "b"})
    found = given(codes.number(moved, where, former=former))
    assert found["m2"] == "42010200100500202"
    assert found["g1"] == "4201020010050020201"
    assert {unit: found[unit] for unit in "ab"} == {unit: former[unit] for unit in "ab"}


def test_codes_given_elsewhere_for_good_are_not_given_again():
    place = units(("a", "c", 5, 90), ("b", "c", 5, 5))
    found = given(codes.number(place, frame(community("c", 0, 100)), given=["U004", "U002-07"]))
    assert found == {"a": "U005", "b": "U006"}


def test_a_unit_has_room_for_ninety_nine_inside_it():
    rows = [("a", "c", 5, 50), *((f"m{n:03d}", "c", n % 90, n) for n in range(100))]
    place = inside(units(*rows), **{f"m{n:03d}": "a" for n in range(100)})
    with pytest.raises(PlanError) as refused:
        codes.number(place, frame(community("c", 0, 200, "420102001005")))
    assert refused.value.code == "delineate_codes_full_inside"
    open_ = given(codes.number(place, frame(community("c", 0, 200))))
    assert len(set(open_.values())) == 101


@settings(max_examples=40, deadline=None)
@given_(st.lists(st.sets(st.integers(0, 12), min_size=1), min_size=1, max_size=8), st.booleans())
def test_no_code_is_ever_given_to_two_units(steps, official):
    """Units come and go; what each was called is kept for it alone."""
    where, ever = frame(community("c", 0, 200, "420102001005" if official else None)), {}
    for step in steps:
        place = units(*((f"u{n}", "c", (n * 37) % 90, (n * 53) % 190) for n in sorted(step)))
        now = given(codes.number(place, where, former=ever))
        assert all(ever.get(unit, code) == code for unit, code in now.items())
        ever |= now
        assert len(set(ever.values())) == len(ever)


def test_the_twenty_digits_are_object_community_and_number():
    assert codes.export20("420102001005007", "010200") == "01020042010200100507"
    assert codes.export20("420102001005001", "010200", divided=False) == "01020042010200100500"


@pytest.mark.parametrize(
    ("code", "kind", "fault"),
    [
        ("420102001005007", "0102", "delineate_code20_kind"),
        ("420102001005007", "０１０２００", "delineate_code20_kind"),
        ("U007", "010200", "delineate_code20_code"),
        ("42010200100500701", "010200", "delineate_code20_code"),
        ("420102001005107", "010200", "delineate_code20_full"),
    ],
)
def test_what_twenty_digits_cannot_say_is_told(code, kind, fault):
    with pytest.raises(GovmapError) as refused:
        codes.export20(code, kind)
    assert refused.value.code == fault


def test_a_table_of_units_gets_twenty_digits_and_none_for_what_lies_inside():
    rows = nested()
    numbered = codes.number(rows, frame(community("c", 0, 100, "420102001005")))
    found = codes.in_twenty(rows.merge(numbered, on="unit_id"), "010200")
    assert found.tolist() == ["01020042010200100501", "01020042010200100502", None, None, None, None]

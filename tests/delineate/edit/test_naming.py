from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from drafts import draft_of
from hamlets import lattice

from govmap.delineate import edit
from govmap.errors import PlanError

BUILDINGS = pd.DataFrame({"building_id": ["w000000", "w001000", "w002000"], "name": ["Mill", "Kiln", "Kiln"]})
COMPOUNDS = pd.DataFrame({"compound_id": ["k0-0", "k1-0"], "name": ["幸福小区", None]})
NAMES = {"buildings": BUILDINGS, "compounds": COMPOUNDS}


@pytest.fixture
def draft():
    hamlet = lattice(4, 2, 10, compound=lambda x, _: f"k{x // 2}-0")
    return draft_of(hamlet, lambda x, _: "ab"[x // 2], a={"name": "Old town"})


def error_of(way, *words) -> PlanError:
    with pytest.raises(PlanError) as caught:
        way(*words)
    return caught.value


@pytest.mark.parametrize("wanted", ["a", "U-a", "u-a", "old town", "Ｏld Town ", "A"])
def test_a_unit_is_known_by_code_id_and_name(draft, wanted):
    assert edit.unit_named(draft, wanted) == "a"


def test_a_unit_that_is_not_there_is_refused_with_some_that_are(draft):
    error = error_of(edit.unit_named, draft, "c")
    assert (error.code, error.note.facts["known"]) == ("edit_no_unit", ["U-a", "U-b"])


def test_a_name_of_two_units_is_not_guessed_at():
    draft = draft_of(lattice(2, 1, 1), lambda x, _: "ab"[x], a={"name": "Mill"}, b={"name": "mill"})
    assert error_of(edit.unit_named, draft, "Mill").code == "edit_name_of_several"


def test_parts_are_known_by_building_compound_and_name(draft):
    west = ["w000000", "w000001", "w001000", "w001001"]
    assert edit.parts_named(draft, ["w003001"], NAMES) == ["w003001"]
    assert edit.parts_named(draft, ["k0-0"], NAMES) == west
    assert edit.parts_named(draft, ["幸福小区", "Mill", "w003001"], NAMES) == [*west, "w003001"]


def test_all_parts_of_a_tower_go_by_its_building():
    flat = draft_of(lattice(2, 1, 10), lambda x, _: "ab"[x])
    floors = flat.atoms.iloc[[0, 0]].assign(part_id=["w000000/1", "w000000/2"])
    towers = pd.concat([flat.atoms.iloc[1:], floors], ignore_index=True)
    draft = replace(flat, atoms=towers)
    assert edit.parts_named(draft, ["w000000"], NAMES) == ["w000000/1", "w000000/2"]


def test_what_names_nothing_or_several_places_is_refused(draft):
    assert error_of(edit.parts_named, draft, ["Kiln"], NAMES).note.facts["places"] == ["w001000", "w002000"]
    error = error_of(edit.parts_named, draft, ["w000000", "w9", "barn"], NAMES)
    assert (error.code, error.note.facts["places"]) == ("edit_no_place", ["w9", "barn"])


def test_an_area_takes_the_cells_that_lie_in_it_with_more_than_half(draft):
    x, y = draft.atoms["x"], draft.atoms["y"]
    shapes = shapely.box(x - 15, y - 15, x + 15, y + 15)
    cells = gpd.GeoDataFrame({"cell_id": draft.atoms["cell_id"]}, geometry=shapes)
    assert edit.parts_within(draft, cells, shapely.box(-15, -15, 31, 15)) == ["w000000", "w001000"]
    assert edit.parts_within(draft, cells, shapely.box(-15, -15, 29, 15)) == ["w000000"]
    assert error_of(edit.parts_within, draft, cells, shapely.box(-15, -15, -1, 15)).code == "edit_area_empty"


def test_a_compound_that_an_edit_divides_is_named(draft):
    moved = draft.plan.move(["w001000"], "b")
    assert edit.divided(draft, moved.parts, "compound_id") == ["k0-0"]
    assert edit.divided(draft, draft.plan.parts, "compound_id") == []

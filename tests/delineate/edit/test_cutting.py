import geopandas as gpd
import numpy as np
import pytest
import shapely
from drafts import draft_of, weight
from hamlets import SIDE, lattice

from govmap.delineate import Criteria, edit
from govmap.delineate.edit.cutting import sides
from govmap.errors import PlanError

HALF = SIDE / 2


def cells_of(hamlet) -> gpd.GeoDataFrame:
    """The squares of a lattice, as cells."""
    x, y = hamlet.atoms["x"], hamlet.atoms["y"]
    shapes = shapely.box(x - HALF, y - HALF, x + HALF, y + HALF)
    return gpd.GeoDataFrame({"cell_id": hamlet.atoms["cell_id"]}, geometry=shapes, crs="EPSG:32632")


def cut(hamlet, line: str, draft=None):
    draft = draft or draft_of(hamlet, lambda *_: "a")
    return edit.by_line(draft, "a", cells_of(hamlet), shapely.from_wkt(line), weight(draft))


def columns(group, at: int) -> set[str]:
    return {part[1:4] for part in group.index[group == group.loc["w000000"]]} if at else set()


def test_a_line_parts_the_cells_on_its_two_sides():
    group = cut(lattice(4, 2, 100), "LINESTRING (45 -40, 45 100)")
    assert columns(group, 1) == {"000", "001"}


def test_a_line_that_ends_inside_is_drawn_on_until_it_leaves():
    group = cut(lattice(4, 4, 100), "LINESTRING (45 20, 45 60)")
    assert columns(group, 1) == {"000", "001"}


def test_a_cell_lies_where_most_of_it_does():
    assert columns(cut(lattice(4, 2, 100), "LINESTRING (32 -40, 32 100)"), 1) == {"000", "001"}
    assert columns(cut(lattice(4, 2, 100), "LINESTRING (28 -40, 28 100)"), 1) == {"000"}
    assert columns(cut(lattice(4, 2, 100), "LINESTRING (44 -40, 44 100)"), 1) == {"000", "001"}


def test_a_crooked_line_is_followed():
    group = cut(lattice(4, 4, 100), "LINESTRING (15 -40, 15 45, 75 45, 75 140)")
    mine = set(group.index[group == group.loc["w000000"]])
    assert mine == {"w000000", "w000001", *(f"w00{x}00{y}" for x in (0, 1, 2) for y in (2, 3))}


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("LINESTRING (500 0, 500 90)", "edit_line_misses"),
        ("LINESTRING (-15 -50, -15 200)", "edit_line_misses"),
        ("LINESTRING (-14 -50, -14 200)", "edit_line_one_side"),
        ("LINESTRING (30 30, 30 30)", "edit_line_misses"),
    ],
)
def test_a_line_that_parts_nothing_is_refused(line, key):
    with pytest.raises(PlanError) as refused:
        cut(lattice(4, 4, 100), line)
    assert refused.value.code == key


def test_a_stray_cell_goes_to_the_side_it_hangs_together_with():
    hamlet = lattice(6, 6, 100)
    group = cut(hamlet, "LINESTRING (75 -40, 75 90, 52 90, 52 93, 75 93, 75 200)")
    assert columns(group, 1) == {"000", "001", "002"}
    poked = cut(hamlet, "LINESTRING (75 -40, 75 75, 135 75, 135 106, 100 106, 100 104, 75 104, 75 200)")
    assert len(set(poked)) == 2


def test_sides_alternate_where_a_line_crosses_twice():
    hamlet = lattice(5, 5, 100, gone={(x, y) for x in (1, 2, 3) for y in (1, 2, 3, 4)})
    side = sides(cells_of(hamlet)["geometry"].to_numpy(), shapely.from_wkt("LINESTRING (-40 75, 200 75)"))
    names = dict(zip(hamlet.atoms["part_id"], side, strict=True))
    assert names["w000004"] == names["w004004"] != names["w002000"]


def test_ground_that_lies_apart_takes_the_side_that_is_nearest():
    hamlet = lattice(7, 2, 100, gone={(4, 0), (4, 1)})
    group = cut(hamlet, "LINESTRING (45 -40, 45 100)")
    assert group["w006000"] == group["w002000"] != group["w000000"]


@pytest.mark.parametrize("number", [2, 3, 4])
def test_a_unit_is_divided_into_pieces_of_like_size(number):
    hamlet = lattice(6, 6, 10)
    draft = draft_of(hamlet, lambda *_: "a")
    group = edit.in_pieces(draft, "a", number, Criteria(size=(30, 500)), weight(draft))
    made = edit.split(draft, "a", group, weight(draft))
    sizes = made.after.parts.value_counts().to_numpy() * 10
    assert len(sizes) == number
    assert np.abs(sizes - 360 / number).max() <= 36 / number + 10


def test_a_unit_without_households_is_divided_by_area():
    draft = draft_of(lattice(4, 4, 0), lambda *_: "a")
    group = edit.in_pieces(draft, "a", 2, Criteria(size=(30, 500)), weight(draft))
    assert sorted(group.value_counts()) == [8, 8]


def test_more_pieces_than_buildings_are_refused():
    draft = draft_of(lattice(2, 1, 100), lambda *_: "a")
    with pytest.raises(PlanError) as refused:
        edit.in_pieces(draft, "a", 3, Criteria(size=(30, 500)), weight(draft))
    assert refused.value.code == "edit_not_so_many"
    assert refused.value.note.facts["made"] < 3


def test_one_compound_is_divided_where_it_is_all_there_is():
    draft = draft_of(lattice(4, 4, 100, compound=lambda *_: "k"), lambda *_: "a")
    group = edit.in_pieces(draft, "a", 2, Criteria(size=(30, 5000)), weight(draft))
    assert group.nunique() == 2

"""A building has as many floors as its tag or height says, and the stairwells its office counted."""

import numpy as np
from ground import box
from test_parts import settled, slab

from govmap.cells import divide, parts


def tower(**columns):
    return settled([box(10, 10, 50, 50)], box(0, 0, 60, 60), **columns)


def test_floors_of_a_tower_without_a_tag_are_those_of_its_height_and_not_those_its_homes_would_need():
    cells, rows = tower(households=[840], residents=[2000], levels=[None], height_m=[210.0], use=["apartments"])
    made = parts(cells, rows, split_above=100)
    assert made["floor_to"].max() == 70
    assert made["households"].sum() == 840
    assert made["households"].max() <= 100


def test_where_not_even_a_height_is_known_floors_follow_the_use():
    cells, rows = tower(households=[840], residents=[2000], levels=[None], height_m=[None], use=["apartments"])
    assert parts(cells, rows, split_above=100)["floor_to"].max() == 6


def test_stairwells_that_were_counted_become_parts_whatever_size_is_asked():
    cells, rows = slab(households=[40, 1], residents=[100, 2], stairwells=[3, None], levels=[6, 2])
    made = divide(cells, rows)
    mine = made.parts[made.parts["building_id"] == "w001"]
    assert mine["entrance"].tolist() == ["1", "2", "3"]
    assert mine["households"].tolist() == [14, 13, 13]
    assert set(mine["source"]) == {"told"}
    assert mine["cell_id"].is_unique
    assert set(mine["cell_id"]) <= set(made.cells["cell_id"])


def test_counted_stairwells_above_the_size_are_cut_by_floors_too():
    cells, rows = slab(households=[144, 1], residents=[360, 2], stairwells=[2, None], levels=[18, 2])
    mine = parts(cells, rows, split_above=40).query("building_id == 'w001'")
    floors = (mine["floor_to"] - mine["floor_from"] + 1).astype(int)
    assert np.array_equal(mine["households"].astype(int), floors * 4)
    assert mine["households"].max() <= 40
    assert set(mine["entrance"]) == {"1", "2"}


def test_one_stairwell_that_fits_leaves_the_building_whole():
    cells, rows = slab(households=[20, 1], residents=[50, 2], stairwells=[1, 1], levels=[6, 2])
    assert parts(cells, rows, split_above=40)["part_id"].tolist() == ["w001", "w002"]

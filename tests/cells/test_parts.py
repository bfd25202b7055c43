import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from ground import BAR, CRS, barriers, box, buildings, communities, hamlet, line, placed

from govmap.cells import divide, parts, tessellate
from govmap.schema import TABLES

NOTHING = barriers()


def settled(shapes, bounds, given=NOTHING, **columns):
    """Cells of some footprints, and the buildings as the project holds them."""
    rows = buildings(shapes, **columns)
    made = tessellate(rows, given, communities(bounds))
    return made.cells, rows.merge(made.buildings, on="building_id")


def slab(**columns):
    """A slab of 60 by 12 metres with five stairwells' worth of length, and a house."""
    return settled([box(20, 20, 80, 32), box(20, 60, 30, 70)], box(0, 0, 100, 90), **columns)


def sums(table):
    return table.groupby("building_id")[["households", "residents"]].sum().astype(int)


# plain parts ---------------------------------------------------------------------------------------------------------


def test_every_cell_has_a_part_and_the_table_is_the_schemas():
    cells, rows = settled([box(10, 10, 20, 20)], box(0, 0, 600, 60), households=[3], residents=[8])
    table = parts(cells, rows)
    assert table.columns.tolist() == TABLES["parts"].names
    assert set(table["cell_id"]) == set(cells["cell_id"])
    assert table["part_id"].tolist() == [*sorted(cells["cell_id"])]
    assert table["building_id"].tolist() == [None, "w001"]
    assert table["households"].tolist() == [0, 3]
    assert table["residents"].tolist() == [0, 8]


def test_a_shed_with_people_has_a_part_of_its_own_on_its_neighbours_ground():
    cells, rows = settled(
        [box(0, 0, 10, 10), box(12, 0, 15, 3), box(16, 0, 19, 3)], box(-10, -10, 30, 20), use=["house", "shed", "shed"]
    )
    rows["households"] = [2, 1, 0]
    table = parts(cells, rows)
    assert table["part_id"].tolist() == ["w001", "w002"]
    assert table["cell_id"].tolist() == ["w001", "w001"]
    assert table["households"].tolist() == [2, 1]


def test_who_has_no_cell_has_no_part():
    cells, rows = settled([box(10, 10, 20, 20), box(900, 0, 910, 10)], box(0, 0, 50, 50), households=[1, 5])
    assert parts(cells, rows)["part_id"].tolist() == ["w001"]


def test_unknown_households_count_as_none():
    cells, rows = slab()
    rows["households"] = pd.array([None, 2], dtype="Int64")
    assert parts(cells, rows, split_above=1)["households"].sum() == 2


# stairwells and floors -----------------------------------------------------------------------------------------------


def test_a_slab_is_divided_side_by_side_along_its_length():
    cells, rows = slab(households=[100, 1], residents=[260, 2], levels=[6.0, 2.0])
    made = divide(cells, rows, split_above=50)
    stairs = made.parts[made.parts["building_id"] == "w001"]
    assert stairs["part_id"].tolist() == ["w001/1", "w001/2"]
    assert stairs["cell_id"].tolist() == ["w001", "w001/2"]
    assert stairs["entrance"].tolist() == ["1", "2"]
    assert stairs["households"].tolist() == [50, 50]
    assert stairs["source"].tolist() == ["estimated"] * 2
    shapes = made.cells.set_index("cell_id").geometry
    west, east = box(20, 20, 50, 32), box(50, 20, 80, 32)
    assert shapes["w001"].intersection(west).area == pytest.approx(360, abs=1e-6)
    assert shapes["w001/2"].intersection(east).area == pytest.approx(360, abs=1e-6)


def test_cutting_keeps_a_valid_coverage_and_the_facts_of_the_cell():
    cells, rows = slab(households=[100, 1])
    made = divide(cells, rows, split_above=20)
    shapes = made.cells.geometry.to_numpy()
    assert shapely.coverage_is_valid(shapes)
    assert shapely.area(shapes).sum() == pytest.approx(cells["area_m2"].sum(), rel=1e-12)
    assert made.cells["area_m2"].to_numpy() == pytest.approx(shapely.area(shapes))
    assert made.cells.columns.tolist() == cells.columns.tolist()
    mine = made.cells[made.cells["building_id"] == "w001"]
    assert len(mine) == 5
    assert len(set(mine["block_id"])) == 1
    assert made.cells["cell_id"].is_unique


def test_a_tower_is_divided_by_floors_on_one_cell():
    cells, rows = settled(
        [box(20, 20, 44, 44), box(70, 20, 80, 30)], box(0, 0, 100, 60), households=[264, 1], levels=[32.0, 2.0]
    )
    made = divide(cells, rows, split_above=100)
    bands = made.parts[made.parts["building_id"] == "w001"].sort_values("floor_from")
    assert bands["part_id"].tolist() == ["w001/f1-11", "w001/f12-22", "w001/f23-32"]
    assert bands["floor_to"].tolist() == [11, 22, 32]
    assert bands["households"].tolist() == [91, 91, 82]
    assert set(bands["cell_id"]) == {"w001"}
    assert len(made.cells) == len(cells)


def test_doors_say_how_many_stairwells_a_tower_has():
    cells, rows = settled([box(20, 20, 48, 44)], box(0, 0, 100, 60), households=[264], levels=[32.0])
    doors = gpd.GeoDataFrame(
        {"entrance_id": ["n1", "n2"], "building_id": ["w001"] * 2, "kind": ["door"] * 2},
        geometry=[placed(shapely.Point(27, 20)), placed(shapely.Point(41, 20))],
        crs=CRS,
    )
    made = divide(cells, rows, doors, split_above=200)
    assert made.parts["part_id"].tolist() == ["w001/1", "w001/2"]
    assert made.parts["households"].tolist() == [132, 132]


def test_a_long_and_high_slab_is_divided_by_stairwell_and_floor():
    cells, rows = slab(households=[600, 1], levels=[12.0, 2.0])
    table = divide(cells, rows, split_above=50).parts
    mine = table[table["building_id"] == "w001"]
    assert (mine["households"] <= 50).all()
    assert mine["households"].sum() == 600
    assert mine["cell_id"].nunique() == 5


def test_what_cannot_be_divided_far_enough_is_told():
    cells, rows = settled([box(20, 20, 44, 44)], box(0, 0, 100, 60), households=[500], levels=[2.0])
    made = divide(cells, rows, split_above=100)
    assert made.parts["households"].tolist() == [250, 250]
    assert [note.key for note in made.notes] == ["cells_divided", "cells_too_large"]


def test_buildings_up_to_the_limit_stay_whole():
    cells, rows = slab(households=[50, 1])
    made = divide(cells, rows, split_above=50)
    assert made.parts["part_id"].tolist() == ["w001", "w002"]
    assert made.notes == []


def test_a_footprint_of_which_others_took_a_half_is_divided_on_what_is_left():
    cells, rows = settled([box(20, 20, 80, 32), box(20, 19, 52, 33)], box(0, 0, 100, 60), households=[90, 0])
    made = divide(cells, rows, split_above=50)
    assert shapely.coverage_is_valid(made.cells.geometry.to_numpy())
    assert made.cells["cell_id"].tolist() == ["w001", "w001/2", "w002"]
    print_ = box(52, 20, 80, 32)
    shares = shapely.area(shapely.intersection(made.cells.geometry.to_numpy()[:2], print_)) / print_.area
    assert shares == pytest.approx([0.5, 0.5], abs=0.01)


def test_dividing_again_after_the_counts_changed_is_dividing_anew():
    cells, rows = slab(households=[100, 1])
    once = divide(cells, rows, split_above=20)
    rows["households"] = [40, 1]
    again = divide(once.cells, rows, split_above=20)
    assert again.parts["part_id"].tolist() == ["w001/1", "w001/2", "w002"]
    assert again.cells["cell_id"].tolist() == ["w001", "w001/2", "w002"]
    assert shapely.coverage_is_valid(again.cells.geometry.to_numpy())


def test_parts_alone_leave_the_cells_as_they_are():
    cells, rows = slab(households=[100, 1])
    table = parts(cells, rows, split_above=20)
    assert len(table) == 6
    assert set(table["cell_id"]) == {"w001", "w002"}


# given parts ---------------------------------------------------------------------------------------------------------


def given(*rows):
    table = pd.DataFrame(rows, columns=["part_id", "building_id", "entrance", "floor_from", "floor_to", "households"])
    return table.assign(
        cell_id=None, residents=None, source="given", import_id="i1", source_row=range(1, len(rows) + 1)
    )


def test_given_stairwells_go_before_estimates():
    cells, rows = slab(households=[100, 1], residents=[250, 2])
    known = given(
        ("p10", "w001", "10单元", None, None, 20),
        ("p2", "w001", "2单元", None, None, 30),
        ("p1", "w001", "1单元", None, None, 50),
    )
    made = divide(cells, rows, split_above=10, given=known)
    mine = made.parts[made.parts["building_id"] == "w001"].set_index("part_id")
    assert mine.loc[["p1", "p2", "p10"], "cell_id"].tolist() == ["w001", "w001/2", "w001/3"]
    assert mine.loc[["p1", "p2", "p10"], "households"].tolist() == [50, 30, 20]
    assert mine.loc[["p1", "p2", "p10"], "source_row"].tolist() == [3, 2, 1]
    assert set(mine["source"]) == {"given"}
    assert set(mine["import_id"]) == {"i1"}


def test_given_parts_always_add_up_to_their_building():
    cells, rows = slab(households=[101, 1], residents=[250, 2])
    known = given(("a", "w001", None, 1, 3, None), ("b", "w001", None, 4, 10, 40))
    table = divide(cells, rows, given=known).parts
    assert sums(table).loc["w001"].tolist() == [101, 250]
    assert table.set_index("part_id").loc[["a", "b"], "households"].tolist() == [30, 71]


def test_given_parts_of_unknown_buildings_are_left_alone():
    cells, rows = slab(households=[1, 1])
    table = divide(cells, rows, given=given(("a", "w999", None, None, None, 3))).parts
    assert table["part_id"].tolist() == ["w001", "w002"]


# laws ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(8))
def test_dividing_random_hamlets_keeps_every_law(seed):
    world = hamlet(seed)
    made = tessellate(world.buildings, world.barriers, world.communities)
    rows = world.buildings.merge(made.buildings, on="building_id")
    rng = np.random.default_rng(seed)
    rows["households"], rows["residents"] = rng.integers(0, 90, (2, len(rows)))
    found = divide(made.cells, rows, split_above=20)
    shapes = found.cells.geometry.to_numpy()
    assert shapely.coverage_is_valid(shapes)
    assert (shapely.get_type_id(shapes) == 3).all()
    assert shapely.is_valid(shapes).all()
    assert shapely.area(shapes).sum() == pytest.approx(made.cells["area_m2"].sum(), rel=1e-9)
    assert set(found.parts["cell_id"]) == set(found.cells["cell_id"])
    assert found.parts["part_id"].is_unique
    wanted = rows[rows["cell_id"].notna()].set_index("building_id")[["households", "residents"]]
    wanted = wanted[(wanted > 0).any(axis=1)]
    pd.testing.assert_frame_equal(
        sums(found.parts).loc[wanted.index], wanted, check_dtype=False, check_index_type=False
    )
    again = divide(made.cells.sample(frac=1, random_state=1), rows.sample(frac=1, random_state=2), split_above=20)
    pd.testing.assert_frame_equal(again.parts, found.parts)
    assert shapely.to_wkb(again.cells.geometry.to_numpy()).tolist() == shapely.to_wkb(shapes).tolist()


def test_a_building_across_a_barrier_can_be_divided():
    rail = barriers((line((-5, 26), (105, 26)), "railway", BAR))
    cells, rows = settled([box(20, 20, 80, 32), box(20, 60, 30, 70)], box(0, 0, 100, 90), rail, households=[100, 1])
    made = divide(cells, rows, split_above=50)
    assert shapely.coverage_is_valid(made.cells.geometry.to_numpy())
    assert made.cells.set_index("cell_id")["straddles"].to_dict() == {"w001": True, "w001/2": True, "w002": False}

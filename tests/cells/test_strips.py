import numpy as np
import pytest
import shapely
from ground import STREET, barriers, box, buildings, communities, line

from govmap.cells import tessellate

LONG, WIDE, DEEP = 500.0, 20.0, 100.0
HOUSES = [box(x, y, x + 20, y + 20) for x in range(20, 480, 60) for y in (40, 160)]
KIOSK = box(5, 104, 15, 114)
ROADS = [(line((0, y), (LONG, y)), "street", STREET) for y in (DEEP, DEEP + WIDE)]
WHOLE = communities(box(0, 0, LONG, 2 * DEEP + WIDE))


def verge():
    """Two rows of blocks, between them a verge of 500 by 20 m, and at one end of it a kiosk."""
    return tessellate(buildings([KIOSK, *HOUSES]), barriers(*ROADS), WHOLE)


def test_who_stands_at_the_end_of_a_verge_does_not_get_all_of_it():
    cell = verge().cells.set_index("building_id").geometry["w001"].bounds
    assert cell[2] - cell[0] == pytest.approx(15 + 30, abs=1)


def test_the_rest_of_a_verge_is_open_ground_in_stretches_and_blocks_of_their_own():
    found = verge().cells
    bare = found[found["building_id"].isna()]
    assert len(bare) in range(4, 7)
    assert bare.area.sum() == pytest.approx((LONG - 45) * WIDE, rel=0.01)
    assert bare["block_id"].is_unique
    assert not set(bare["block_id"]) & set(found["block_id"].drop(bare.index))


def test_cells_beside_strips_tile_the_ground():
    found = verge().cells.geometry.to_numpy()
    assert shapely.coverage_is_valid(found)
    assert shapely.area(found).sum() == pytest.approx(WHOLE.area.sum())
    assert (shapely.get_type_id(found) == 3).all()


def test_gardens_behind_houses_and_courts_before_them_stay_with_the_houses():
    street = line((0, 100), (400, 100)), "street", STREET
    rows = [box(x, y, x + 20, y + 15) for x in range(0, 400, 25) for y in (5, 80)]
    back = tessellate(buildings(rows), barriers(street), communities(box(0, 0, 400, 150)))
    assert back.cells["building_id"].notna().sum() == len(rows)
    inner = back.cells[back.cells["building_id"].isna()]
    assert (inner.bounds["miny"] >= 99).all()


def test_cells_with_strips_are_the_same_whatever_the_order_of_rows():
    order = np.random.default_rng(1).permutation(1 + len(HOUSES))
    again = tessellate(buildings([KIOSK, *HOUSES]).iloc[order], barriers(*ROADS).iloc[::-1], WHOLE)
    assert again.cells.to_wkb().equals(verge().cells.to_wkb())

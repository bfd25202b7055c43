"""Door sheets: every stairwell, floor and door once, houses of few doors beside each other, nothing cut."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govmap.render.atlas import door, fonts
from govmap.render.atlas.paper import layout

pytestmark = pytest.mark.skipif(fonts.family() is None, reason="needs a font that sheets are written in")

NOTE = "Floors, stairwells or doors are assumed: check on the spot."
TITLES = ["1 Mill Lane", "幸福小区12号楼", "The Old Corn Exchange and Weavers' Hall, 12, 14, 16A Long Mill Street"]


@st.composite
def house(draw):
    wells = [str(at) for at in range(draw(st.integers(1, 14)))]
    floors, doors = draw(st.integers(1, 60)), draw(st.integers(1, 12))
    return door._House(draw(st.sampled_from(TITLES)), wells, 1, floors, doors, draw(st.sampled_from(["", NOTE])))


@settings(deadline=None, max_examples=30)
@given(houses=st.lists(house(), max_size=15), paper=st.sampled_from(["A4", "Letter", "A3"]))
def test_every_stairwell_and_floor_stands_once_in_order_and_inside_the_page(houses, paper):
    box = layout(paper, wide=False, panel="none", room=0).map
    parts = [part for house in houses for part in door._parts(house, box)]
    pages = door._pages(door._shelves(parts, box.wide), box.high)
    shown = [house for page in pages for shelf in page for house in shelf]
    assert shown == parts
    assert sum(len(one.wells) * one.floors for one in shown) == sum(len(one.wells) * one.floors for one in houses)
    for page in pages:
        row = door._row(page, box.high)
        assert sum(door._tall(shelf) + (row - door.ROW) * door._floors(shelf) for shelf in page) <= box.high + 1e-6
        for shelf in page:
            assert len(shelf) == 1 or sum(one.wide + door.GAP for one in shelf) - door.GAP <= box.wide + 1e-6


def test_houses_of_one_door_stand_beside_each_other_with_their_note_whole():
    box = layout("A4", wide=False, panel="none", room=0).map
    shelves = door._shelves([door._House(f"{at} Mill Lane", ["1"], 1, 2, 1, NOTE) for at in range(8)], box.wide)
    assert len(shelves) < 8 / 2
    for one in shelves[0]:
        told, _ = fonts.shrunk(NOTE, door.NOTE_MM, one.wide, door.NOTE_MM * door.NOTE_LEAST)
        assert told == NOTE

"""Numbers of a whole compound: along a short walk from the first house, or odd and even by sides."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govmap.errors import InputError
from govmap.pipeline import along, describing, fencing, handmade
from govmap.project import open_project

PLACES = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), min_size=1, max_size=25)


def decimetres(places: np.ndarray) -> np.ndarray:
    return np.rint(10 * np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))).astype(int)


def length(apart: np.ndarray, order: list[int]) -> int:
    return int(apart[order[:-1], order[1:]].sum())


def to_the_nearest(apart: np.ndarray, first: int) -> list[int]:
    order, left = [first], set(range(len(apart))) - {first}
    while left:
        order.append(min(left, key=lambda place: (apart[order[-1], place], place)))
        left.remove(order[-1])
    return order


@given(PLACES, st.data())
@settings(max_examples=60, derandomize=True, deadline=None)
def test_a_walk_takes_every_house_once_and_is_no_longer_than_going_to_the_nearest(
    some: list[tuple[int, int]], data: st.DataObject
) -> None:
    places = np.array(some, dtype=float)
    first = data.draw(st.integers(0, len(some) - 1))
    order = along.walked(places, first)
    assert order[0] == first
    assert sorted(order) == list(range(len(some)))
    apart = decimetres(places)
    assert length(apart, order) <= length(apart, to_the_nearest(apart, first))


@given(PLACES, st.data())
@settings(max_examples=60, derandomize=True, deadline=None)
def test_sides_have_odd_and_even_numbers_each_once_and_the_first_is_one(
    some: list[tuple[int, int]], data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, len(some) - 1))
    numbers = along.sided(np.array(some, dtype=float), first)
    assert numbers[first] == 1
    for rest in (1, 0):
        mine = sorted(one for one in numbers if one % 2 == rest)
        assert mine == list(range(2 - rest, 2 - rest + 2 * len(mine), 2))


def test_two_rows_of_houses_are_numbered_as_one_would_walk_them() -> None:
    places = np.array([(30.0 * at, 40.0 * row) for row in range(2) for at in range(4)])
    assert along.walked(places, 0) == [0, 1, 2, 3, 7, 6, 5, 4]
    assert along.sided(places, 0) == [1, 3, 5, 7, 2, 4, 6, 8]


@pytest.mark.parametrize("way", ["walked", "sides"])
def test_a_compound_is_numbered_by_one_click_and_taken_back_by_one(home: Path, way: str) -> None:
    from estate import EAST, LAT, LON, NORTH

    with open_project(home) as project:
        west, south, east, north = LON - EAST / 2, LAT - NORTH / 2, LON + 5.5 * EAST, LAT + 3.5 * NORTH
        ring = [(west, south), (east, south), (east, north), (west, north)]
        with pytest.raises(InputError, match="h1"):
            describing.number_compound(project, "h1")
        fencing.compound(project, ring, "幸福小区")
        before = project.read("buildings").set_index("building_id")["number"]
        report = describing.number_compound(project, "h1", sides=way == "sides", after="号楼")
        after = project.read("buildings").set_index("building_id")["number"]
        assert after["h1"] == "1号楼"
        assert sorted(after) == sorted(report.figures["numbers"].values())
        assert len(set(after)) == 12
        handmade.undo(project)
        back = project.read("buildings").set_index("building_id")["number"]
        assert back.fillna("").equals(before.fillna(""))

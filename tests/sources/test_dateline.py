"""A town on both sides of the 180th meridian is one town."""

from pathlib import Path

import numpy as np
import osm_world
import pytest
import shapely
from osm_world import World

from govmap.sources import extract
from govmap.sources.osm import dateline

AT, LAT = 180.0, -16.8


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three houses of 20 by 10 m in a row, one a side of the meridian and one on it, and a street."""
    world = World()
    for x in (-60, -10, 60):
        world.box(x, 0, 20, 10, building="house")
    world.way((-100, 20), (100, 20), highway="residential", name="Main Road")
    monkeypatch.setattr(osm_world, "LON", AT)
    monkeypatch.setattr(osm_world, "LAT", LAT)
    text = world.xml()
    for far in sorted({word.split('"')[0] for word in text.split('lon="')[1:]}):
        if float(far) > AT:
            text = text.replace(f'lon="{far}"', f'lon="{float(far) - 360:.7f}"')
    (tmp_path / "town.osm").write_text(text, encoding="utf-8")
    return tmp_path / "town.osm"


def test_houses_on_both_sides_of_the_meridian_stand_beside_each_other(town: Path) -> None:
    found = extract.read(town)
    west, _, east, _ = found.tables["buildings"].total_bounds
    assert len(found.tables["buildings"]) == 3
    assert 135 < east - west < 150
    assert found.tables["streets"]["length_m"].sum() == pytest.approx(200, rel=0.06)


def test_a_box_may_be_written_over_the_meridian(town: Path) -> None:
    found = extract.read(town, bbox=(179.9998, -16.81, -179.9993, -16.79))
    assert len(found.tables["buildings"]) == 2


def test_far_places_are_not_taken_for_one_over_the_meridian() -> None:
    assert dateline.lies_across(np.array([179.9, -179.9]))
    assert not dateline.lies_across(np.array([139.7, -58.4]))
    assert not dateline.lies_across(np.array([-0.1, 0.1]))
    assert not dateline.lies_across(np.empty(0))


def test_a_box_over_the_meridian_is_two_pieces_and_another_one() -> None:
    assert shapely.get_num_geometries(dateline.shape_of((179.9, 0, -179.9, 1))) == 2
    assert dateline.shape_of((1, 0, 2, 1)).equals(shapely.box(1, 0, 2, 1))

"""A town on both sides of the 180th meridian is one town: read whole, drawn whole."""

import re
from pathlib import Path

import osm_world
import pytest
import shapely
from osm_world import World

from govmap.errors import InputError
from govmap.render.place import _around
from govmap.sources import extract
from govmap.sources.osm.dateline import crosses


@pytest.fixture
def fiji(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four houses at -150, -20, +100 and +200 metres from the meridian, the second one upon it, and a street."""
    monkeypatch.setattr(osm_world, "LON", 180.0 - 300 * osm_world.DEGREES_X)
    world = World()
    for x in (150, 280, 400, 500):
        world.box(x, 0, 30, 20, building="yes")
    world.way((100, 50), (600, 50), highway="residential", name="Meridian Road")
    west = re.sub(r'lon="(18\d[^"]*)"', lambda told: f'lon="{float(told[1]) - 360}"', world.xml())
    assert 'lon="-179.' in west
    path = tmp_path / "fiji.osm"
    path.write_text(west, "utf-8")
    return path


@pytest.mark.parametrize(
    ("box", "kept"), [(None, 4), ((179.99, 22.9, -179.99, 23.1), 4), ((179.99, 22.9, 180.0, 23.1), 2)]
)
def test_a_town_over_the_meridian_is_read_whole_and_a_box_may_lie_over_it(fiji: Path, box, kept: int) -> None:
    found = extract.read(fiji, bbox=box)
    houses = found.tables["buildings"].geometry
    assert len(houses) == kept
    assert houses.area.to_numpy() == pytest.approx([600] * kept, rel=0.01)
    east, north = houses.total_bounds[2:] - houses.total_bounds[:2]
    assert east < 450
    assert north < 50
    assert found.tables["streets"].geometry.length.sum() == pytest.approx(500, rel=0.01)


def test_a_map_of_it_counts_degrees_on(fiji: Path) -> None:
    houses = extract.read(fiji).tables["buildings"]
    ground = _around(houses.total_bounds, houses.crs)
    west, south, east, north = ground.bounds
    assert 179.9 < west < 180 < east < 180.1
    drawn = ground.degrees(houses.geometry.to_numpy())
    assert shapely.box(west - 0.001, south - 0.001, east + 0.001, north + 0.001).contains(shapely.union_all(drawn))


def test_a_box_round_half_the_world_is_no_box_over_the_meridian(fiji: Path) -> None:
    assert not crosses((10.0, 0.0, -10.0, 1.0))
    with pytest.raises(InputError) as refused:
        extract.read(fiji, bbox=(10.0, 22.9, -10.0, 23.1))
    assert refused.value.code == "fetch_bad_bbox"

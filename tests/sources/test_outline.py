"""The built-up outline: every building inside, pieces joined where one can walk."""

import numpy as np
import pandas as pd
import pytest
import shapely

from govmap.sources import outline

EAST = 1000.0


def houses(at: float) -> np.ndarray:
    return shapely.box(at + np.arange(4) * 30.0, 0.0, at + np.arange(4) * 30.0 + 12, 10.0)


def street(*points: tuple[float, float], walkable: bool = True) -> dict[str, object]:
    line = shapely.LineString(points)
    ends = {"from_node": str(points[0]), "to_node": str(points[-1])}
    return {**ends, "length_m": line.length, "walkable": walkable, "geometry": line}


def outlined(*streets: dict[str, object]) -> shapely.MultiPolygon:
    columns = ["from_node", "to_node", "length_m", "walkable", "geometry"]
    shapes = np.concatenate([houses(0.0), houses(EAST)])
    area = outline.built_up(shapes, pd.DataFrame(list(streets), columns=columns))
    assert shapely.covers(area, shapes).all()
    return area


WAY = (street((50.0, -8.0), (400.0, -60.0)), street((400.0, -60.0), (EAST + 20, -8.0)))


def test_far_pieces_are_joined_along_the_street_between_them() -> None:
    area = outlined(*WAY)
    assert len(area.geoms) == 1
    assert shapely.covers(area, shapely.union_all([one["geometry"] for one in WAY]))
    assert area.area < outlined().area + 2.5 * outline.STREET_M * EAST


@pytest.mark.parametrize("streets", [(), (street((50.0, -8.0), (EAST, -8.0), walkable=False),), WAY[:1]])
def test_without_a_way_on_foot_pieces_stay_apart(streets: tuple[dict[str, object], ...]) -> None:
    assert len(outlined(*streets).geoms) == 2


def test_the_shorter_of_two_ways_is_taken() -> None:
    around = (street((50.0, -8.0), (500.0, -700.0)), street((500.0, -700.0), (EAST + 20, -8.0)))
    assert outlined(*WAY, *around).equals(outlined(*WAY))


def test_pieces_beside_a_street_but_not_on_it_are_led_to_it() -> None:
    assert len(outlined(street((-200.0, -70.0), (EAST + 400, -70.0))).geoms) == 1


def test_the_order_of_streets_changes_nothing() -> None:
    assert outlined(*WAY).wkb == outlined(*reversed(WAY)).wkb


def test_no_way_is_longer_than_two_kilometres() -> None:
    assert len(outlined(street((50.0, -8.0), (500.0, -1200.0)), street((500.0, -1200.0), (EAST, -8.0))).geoms) == 2

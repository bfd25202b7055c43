"""Where a map lies."""

import numpy as np
import shapely

from govmap.render.place import _around


def test_a_map_over_the_180th_meridian_counts_degrees_on() -> None:
    here = _around(np.array([819_000.0, 8_140_000.0, 821_500.0, 8_141_000.0]), "EPSG:32760")
    west, _, east, _ = here.bounds
    shape = here.degrees(np.array([shapely.box(819_000, 8_140_000, 821_500, 8_141_000)]))[0]
    assert 179 < west < 180 < east < 181
    assert shape.bounds[2] - shape.bounds[0] < 0.1


def test_a_map_elsewhere_keeps_its_degrees() -> None:
    here = _around(np.array([500_000.0, 5_000_000.0, 501_000.0, 5_001_000.0]), "EPSG:32610")
    assert here.bounds[0] < -122
    assert here.degrees(np.array([shapely.Point(500_000, 5_000_000)]))[0].x < 0

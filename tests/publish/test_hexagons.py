"""What the public learns of where incidents were reported: by ground of 100 m, a week old, none of a few."""

import datetime as dt

import numpy as np
import pandas as pd
import shapely
from row import AT, public, town

from govmap.publish.hexagons import _cells, _middles


def reports(*rows: tuple[str, int, float]) -> pd.DataFrame:
    """So many reports at a building, so many days ago."""
    made = [(place, AT - dt.timedelta(days=age)) for place, count, age in rows for _ in range(count)]
    return pd.DataFrame(
        {
            "incident_id": [f"i{at}" for at in range(len(made))],
            "category": "noise",
            "building_id": [place for place, _ in made],
            "reported_at": pd.to_datetime([when for _, when in made], utc=True),
            "responsible": "Zhang Example",
        }
    )


def test_reports_are_told_by_hexagon_in_fives_and_fewer_than_five_not_at_all() -> None:
    places = public(town(incidents=reports(("w0", 12, 30), ("w5", 4, 30)))).tables["incident_places"]
    assert list(places.columns) == ["place_id", "kind", "count", "geometry"]
    assert len(places) == 1
    assert places["count"].iloc[0] in (10, 15)
    assert shapely.distance(places.geometry.iloc[0], shapely.Point(500_005, 2_550_005)) < 58


def test_what_is_younger_than_a_week_or_has_no_day_has_no_place() -> None:
    assert public(town(incidents=reports(("w0", 30, 6.9)))).tables["incident_places"].empty
    undated = reports(("w0", 30, 20)).assign(reported_at=None)
    assert public(town(incidents=undated)).tables["incident_places"].empty


def test_young_reports_change_no_number_of_a_unit() -> None:
    old, more = reports(("w0", 20, 30)), reports(("w0", 20, 30), ("w0", 9, 1))
    one, other = (public(town(incidents=some)).tables["tallies"] for some in (old, more))
    pd.testing.assert_frame_equal(one, other)


def test_sensitive_reports_have_no_place() -> None:
    secret = reports(("w0", 40, 30)).assign(category="violence")
    assert public(town(incidents=secret)).tables["incident_places"].empty


def test_every_point_lies_in_the_hexagon_that_is_said() -> None:
    points = np.random.default_rng(1).uniform(-1000, 1000, (2000, 2))
    far = np.linalg.norm(points - _middles(_cells(points, 100.0), 100.0), axis=1)
    assert far.max() <= 100 / np.sqrt(3) + 1e-9
    around = [
        _middles(_cells(points, 100.0) + step, 100.0) for step in ([1, 0], [0, 1], [-1, 1], [-1, 0], [0, -1], [1, -1])
    ]
    assert all((np.linalg.norm(points - one, axis=1) >= far - 1e-9).all() for one in around), (
        "no other middle is nearer"
    )

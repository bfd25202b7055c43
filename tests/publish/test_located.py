"""Incidents and resources that came with an address alone stand where they were found."""

import pandas as pd
import shapely
from row import AT, box, frame, public, town

from govmap.publish import release

STREET = shapely.LineString([(500_000, 2_549_995), (500_200, 2_549_995)])


def incidents() -> pd.DataFrame:
    points = [shapely.Point(500_100, 2_550_020), None, None, None]
    return frame(
        points, incident_id=["i1", "i2", "i3", "i4"], kind="complaint", category="noise", reported_at="2026-01-01",
        building_id=["w1", "w3", None, None], street_id=[None, None, "s1", None], sensitive=[False] * 4,
    )  # fmt: skip


def inside(**more: pd.DataFrame):
    tables = town(incidents=incidents(), streets=frame([STREET], street_id=["s1"], name=["Road"]), **more)
    return release(tables, audience="official", plan_id="p1", edition=1, at=AT).tables


def test_an_incident_without_a_point_stands_at_its_building_or_in_the_middle_of_its_street():
    told = inside()["incidents"].set_index("incident_id").geometry
    assert told["i1"].equals(shapely.Point(500_100, 2_550_020))
    assert box(3).contains(told["i2"])
    assert told["i3"].equals(shapely.Point(500_100, 2_549_995))
    assert told["i4"] is None


def test_a_resource_without_a_point_stands_at_its_building_unless_that_is_kept_from_the_public():
    shop = frame([None, None], resource_id=["r1", "r2"], category="shop", name="Shop", building_id=["w2", "w4"])
    told = public(town(resources=shop)).tables["resources"].set_index("resource_id").geometry
    assert box(2).contains(told["r1"])
    hidden = public(town("military", resources=shop)).tables["resources"].set_index("resource_id").geometry
    assert "r1" not in hidden
    assert box(4).contains(hidden["r2"])


def test_of_sensitive_incidents_no_point_is_made_up():
    secret = incidents().assign(sensitive=True)
    assert inside()["incidents"].shape[0] == 4
    tables = town(incidents=secret)
    assert "incidents" not in public(tables).tables
    told = release(tables, audience="official", plan_id="p1", edition=1, at=AT).tables
    assert told["incidents"].empty

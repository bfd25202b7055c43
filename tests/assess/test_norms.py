"""Norms a head of a community."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from lane import TITLE, standard

from govmap.assess.norms import Ground, norms
from govmap.assess.standards import Amount

SQUARE = shapely.MultiPolygon([shapely.box(0, 0, 100, 100)])


def _ground(sites: list[tuple[str, float | None, str | None]], *green: shapely.Geometry) -> Ground:
    frame = pd.DataFrame(sites, columns=["category", "capacity", "capacity_unit"]).assign(community_id="k")
    classes = ["park"] * (len(green) - 1) + ["cemetery"] if green else []
    ground = pd.DataFrame({"kind": "green", "class": classes, "geometry": list(green)})
    return Ground(
        communities=gpd.GeoDataFrame({"community_id": ["k"]}, geometry=[SQUARE]),
        people={"k": 1_000}, households={"k": 400}, sites=frame, green=ground,
    )  # fmt: skip


def _norm(**facts: object) -> Amount:
    given = {"amount": 40.0, "per": 1000.0, "unit": "places", "source": TITLE, "verified": True, **facts}
    return Amount(**given)  # type: ignore[arg-type] # words of a norm


def _row(ground: Ground, **facts: object) -> pd.Series:
    (row,) = norms((standard(norm=_norm(**facts)), standard()), ground, language="en").to_dict("records")
    return pd.Series(row)


def test_capacity_is_held_against_people() -> None:
    row = _row(_ground([("clinic", 25.0, "places"), ("clinic", 5.0, "床位"), ("shop", 99.0, "places")]))
    assert row[["people", "have", "need", "short"]].tolist() == [1_000, 30.0, 40.0, 10.0]
    assert (row["unit"], row["source"]) == ("places", "clinic")


def test_what_one_site_does_not_say_nobody_knows() -> None:
    row = _row(_ground([("clinic", 25.0, "places"), ("clinic", None, None)]))
    assert np.isnan(row["have"])
    assert np.isnan(row["short"])
    assert np.isnan(_row(_ground([]))["have"])


def test_a_norm_may_count_sites_or_speak_of_households() -> None:
    ground = _ground([("clinic", None, None), ("clinic", None, None)])
    row = _row(ground, amount=1.0, per=100.0, of="households", measure="sites", unit="sites")
    assert row[["have", "need", "short"]].tolist() == [2.0, 4.0, 2.0]


def test_green_ground_is_measured_inside_once_and_only_what_is_public() -> None:
    park, over = shapely.box(-50, 0, 20, 100), shapely.box(10, 0, 30, 100)
    cemetery = shapely.box(60, 0, 100, 100)
    row = _row(_ground([], park, over, cemetery), amount=4.0, per=1.0, unit="m2", measure="green")
    assert row[["have", "need", "short"]].tolist() == pytest.approx([3_000.0, 4_000.0, 1_000.0])
    row = _row(_ground([], park, over, cemetery), amount=4.0, per=1_000.0, unit="ha", measure="green")
    assert row[["have", "need", "short"]].tolist() == pytest.approx([0.3, 4.0, 3.7])

"""Rows that say where they lie by a point alone: within a metre, once, and never lost."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from court import CRS, Court, X, Y, court
from hypothesis import given, settings
from hypothesis import strategies as st

from govmap import attach
from govmap.attach.places import TOLERANCE_M

HERE = court()
COORDINATE = st.integers(-40, 300).map(lambda one: one / 2) | st.floats(-20, 270, allow_nan=False)


def lying(points: list[tuple[float, float]], here: Court = HERE) -> pd.DataFrame:
    shapes = [shapely.Point(X + x, Y + y) for x, y in points]
    rows = gpd.GeoDataFrame({"category": ["x"] * len(points)}, geometry=shapes, crs=CRS)
    return attach.attach(rows, "incidents", here.parts, here.buildings, here.addresses, here.cells)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(COORDINATE, COORDINATE), min_size=1, max_size=30))
def test_a_point_belongs_to_one_cell_that_holds_it_or_is_told_to_lie_outside(points: list[tuple[float, float]]) -> None:
    found = lying(points)
    shapes = HERE.cells.set_index("cell_id").geometry
    away = np.array([shapes.distance(one).min() for one in found.geometry])
    lost = found["cell_id"].isna().to_numpy()
    assert (found.loc[lost, "reason"] == "outside").all()
    assert (away[lost] > TOLERANCE_M - 1e-6).all()
    assert (away[~lost] <= TOLERANCE_M).all()
    for cell, point, how in zip(found["cell_id"], found.geometry, found["placed_by"], strict=True):
        if cell is not None:
            holding = sorted(shapes.index[shapes.intersects(point)])
            assert cell == holding[0] if holding else shapes[cell].distance(point) <= TOLERANCE_M
            assert how == ("point" if holding else "near")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(COORDINATE, COORDINATE), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_a_point_lies_where_it_lies_whatever_stands_beside_it(
    points: list[tuple[float, float]], rng: st.DataObject
) -> None:
    together = lying(points)
    order = list(range(len(points)))
    rng.shuffle(order)  # type: ignore[attr-defined]
    shuffled = lying([points[at] for at in order])
    one = lying(points[:1])
    for name in ("cell_id", "part_id", "building_id", "reason", "placed_by"):
        assert [shuffled[name][order.index(at)] for at in range(len(points))] == together[name].tolist()
        assert one[name][0] == together[name][0]


def test_the_order_of_the_cells_does_not_matter() -> None:
    points = [(50.0, 50.0), (100.0, 50.0), (200.0, 50.0), (50.0, 25.0), (-0.5, 10.0)]
    turned = Court(**{**vars(HERE), "cells": HERE.cells.iloc[::-1], "parts": HERE.parts.iloc[::-1]})
    assert lying(points)["cell_id"].tolist() == lying(points, turned)["cell_id"].tolist()


@pytest.mark.parametrize(("away", "how"), [(0.0, "point"), (0.9, "near"), (1.0, "near"), (1.1, None)])
def test_a_metre_outside_is_still_on_the_ground(away: float, how: str | None) -> None:
    found = lying([(-away, 25.0)])
    assert found["placed_by"][0] == how
    assert (found["reason"][0] is None) == (how is not None)


def test_a_row_without_a_place_is_told() -> None:
    rows = gpd.GeoDataFrame({"category": ["x", "x"]}, geometry=[None, shapely.Point()], crs=CRS)
    found = attach.attach(rows, "incidents", HERE.parts, HERE.buildings, HERE.addresses, HERE.cells)
    assert found["cell_id"].isna().all()
    assert set(found["reason"]) <= {"no_place", "outside"}

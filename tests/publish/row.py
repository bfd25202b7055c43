"""Six houses in a row, to be seen through the gate by the public."""

import datetime as dt
import json

import geopandas as gpd
import pandas as pd
import shapely

from govmap.publish import release

AT = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
CRS = "EPSG:32650"


def box(at: float, side: float = 10.0) -> shapely.Polygon:
    return shapely.box(500_000 + at * 40, 2_550_000, 500_000 + at * 40 + side, 2_550_000 + side)


def frame(shapes, **columns) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS)


def town(use: str | None = None, **more: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Six houses in a row, of 100 people each; `w2` is of the given use."""
    ids = [f"w{at}" for at in range(6)]
    uses = ["apartments"] * 6
    uses[2] = use or uses[2]
    units = ["U1"] * 3 + ["U2"] * 3
    shapes = [box(at) for at in range(6)]
    return {
        "communities": frame([shapely.box(499_980, 2_549_980, 500_300, 2_550_040)], community_id=["c1"], name=["Well"]),
        "buildings": frame(
            shapes, building_id=ids, community_id="c1", cell_id=ids, name=[f"House {one}" for one in ids], use=uses
        ),
        "addresses": frame(shapes, address_id=ids, building_id=ids, full=[f"{one} Road" for one in ids]),
        "cells": frame(shapes, cell_id=ids, building_id=ids, compound_id=None, edition=1),
        "parts": pd.DataFrame({"part_id": ids, "building_id": ids, "cell_id": ids, "households": 50, "residents": 100}),
        "plan_parts": pd.DataFrame({"plan_id": "p1", "part_id": ids, "unit_id": units}),
        "units": frame(
            [shapely.box(499_990, 2_549_990, 500_110, 2_550_030), shapely.box(500_110, 2_549_990, 500_240, 2_550_030)],
            plan_id="p1", unit_id=["U1", "U2"], community_id="c1", code=["U1", "U2"], parent_unit_id=None,
            households=150, residents=300,
        ),
    } | more  # fmt: skip


def public(tables: dict[str, pd.DataFrame], **choices):
    return release(tables, audience="public", plan_id="p1", edition=1, at=AT, **choices)


def said(released) -> str:
    return json.dumps(
        {
            name: one.drop(columns="geometry", errors="ignore").astype(str).to_dict("list")
            for name, one in released.tables.items()
        }
    )

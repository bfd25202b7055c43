"""Tables of which nobody may know where they lie are written in metres from a corner, without a coordinate system."""

import json

import geopandas as gpd
import pytest
import shapely

from govmap.exports import tables


@pytest.fixture
def units() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"unit_id": ["U1"]}, geometry=[shapely.box(10, 20, 110, 220)], crs=None)


def test_geojson_holds_metres_and_names_no_system(units, tmp_path):
    tables.write("units", units, tmp_path / "u.geojson")
    told = json.loads((tmp_path / "u.geojson").read_text("utf-8"))
    assert "crs" not in told
    assert shapely.geometry.shape(told["features"][0]["geometry"]).bounds == (10, 20, 110, 220)


def test_a_list_says_metres_and_not_degrees(units, tmp_path):
    tables.write("units", units, tmp_path / "u.csv")
    head = (tmp_path / "u.csv").read_text("utf-8-sig").splitlines()[0]
    assert "x_m" in head
    assert "lon" not in head


@pytest.mark.parametrize("ending", ["gpkg", "fgb", "zip", "parquet", "xlsx"])
def test_every_other_form_is_written_too(units, tmp_path, ending):
    tables.write("units", units, tmp_path / f"u.{ending}")
    assert (tmp_path / f"u.{ending}").stat().st_size > 0

"""Hexagons known by code and middle alone are given back with what to do; drawn ones are areas like any other."""

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from govmap.sources import files, gate

CODES = ("89a901291abffff", "89a9012a3cfffff", "89a901295b7ffff", "89a901284afffff")
MIDDLES = ((-51.158, -30.053), (-51.211, -30.100), (-51.231, -30.033), (-51.200, -30.020))


def listed(folder: Path) -> Path:
    rows = [f"{code},{lon},{lat},159" for code, (lon, lat) in zip(CODES, MIDDLES, strict=True)]
    path = folder / "hexgrid.csv"
    path.write_text("id,lon,lat,population\n" + "\n".join(rows) + "\n", "utf-8")
    return path


def test_people_of_a_hexagon_are_not_put_into_the_house_in_its_middle(tmp_path: Path) -> None:
    admitted = gate.admit(files.rows(listed(tmp_path)), "residents", crs="EPSG:31982")
    assert admitted.reasons == {"hexagon_without_shape": 4}


def test_drawn_hexagons_are_taken_as_areas(tmp_path: Path) -> None:
    shapes = [shapely.Point(*middle).buffer(0.001, quad_segs=2) for middle in MIDDLES]
    layer = gpd.GeoDataFrame({"id": CODES, "population": 159}, geometry=shapes, crs="EPSG:4326")
    layer.to_file(tmp_path / "hexgrid.gpkg", driver="GPKG")
    admitted = gate.admit(files.rows(tmp_path / "hexgrid.gpkg"), "residents", crs="EPSG:31982")
    assert admitted.reasons == {}
    assert set(admitted.rows["place_kind"]) == {"area"}


@pytest.mark.parametrize("ids", [("8", "81", "82", "83"), ("810000000000001", "810000000000002", "8f", "x")])
def test_other_numbers_are_no_hexagons(tmp_path: Path, ids: tuple[str, ...]) -> None:
    rows = [f"{one},{lon},{lat},15" for one, (lon, lat) in zip(ids, MIDDLES, strict=True)]
    (tmp_path / "list.csv").write_text("code,lon,lat,people\n" + "\n".join(rows) + "\n", "utf-8")
    admitted = gate.admit(files.rows(tmp_path / "list.csv"), "residents", crs="EPSG:31982")
    assert "hexagon_without_shape" not in admitted.reasons

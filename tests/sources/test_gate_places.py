"""The gate and places: coordinates, datums and shapes are right, rejected or asked about, never guessed."""

from pathlib import Path

import geopandas as gpd
import nasty
import numpy as np
import pytest
import shapely
from gating import PLACES, admit, by_row, listed, place_rows, told
from nasty import CRS, LAT, LON, ORIGIN

from govmap import crs as datums
from govmap.errors import TableError
from govmap.messages import Voice


def test_points_that_cannot_be_here_are_rejected_one_by_one(tmp_path: Path) -> None:
    good = [(LON + n / 1e4, LAT) for n in range(6)]
    odd = [(LAT, LON), (118.5, 31.2), (0, 0), (500_123, 3_450_000), ("abc", LAT), ("", LAT), ("", ""), (np.inf, LAT)]
    admitted = admit(listed(tmp_path, PLACES, *place_rows(*good, *odd)), "resources")
    assert by_row(admitted) == {
        8: "swapped", 9: "far", 11: "coordinates_range", 12: "bad_coordinate", 13: "bad_coordinate",
        15: "bad_coordinate",
    }  # fmt: skip
    kept = admitted.rows.set_index("source_row")
    assert kept.loc[[10, 14], "geometry"].isna().all()
    assert "import_zero_coordinates" in told(admitted)
    assert kept.loc[2, "geometry"].distance(shapely.Point(ORIGIN)) < 30


def test_a_file_of_swapped_coordinates_is_asked_about(tmp_path: Path) -> None:
    with pytest.raises(TableError) as caught:
        admit(listed(tmp_path, PLACES, *place_rows(*[(LAT, LON)] * 5)), "resources")
    assert caught.value.code == "import_swapped"


def test_metres_in_degree_columns_are_asked_about_with_the_systems_that_would_fit(tmp_path: Path) -> None:
    path = listed(tmp_path, PLACES, *place_rows(*[(ORIGIN[0] + n, ORIGIN[1]) for n in range(5)]))
    with pytest.raises(TableError) as caught:
        admit(path, "resources")
    assert caught.value.code == "import_crs_unknown"
    assert CRS in caught.value.hint(Voice("en"))
    assert admit(path, "resources", source_crs=CRS).rows_kept == 5


@pytest.mark.parametrize(
    "cells", [("117°0'0\"E", "31°11′2.4″N"), ("东经117度", "北纬31度11分2.4秒"), ("117.000", "31.184")]
)
def test_degrees_are_read_as_written(tmp_path: Path, cells: tuple[str, str]) -> None:
    admitted = admit(listed(tmp_path, PLACES, *place_rows(cells)), "resources")
    assert admitted.rows["geometry"].iloc[0].distance(shapely.Point(ORIGIN)) < 30


@pytest.mark.parametrize("text", [f"{LON},{LAT}", f"{LAT}，{LON}", f"({LON} {LAT})", f"{LON};{LAT}"])
def test_both_numbers_in_one_cell_are_told_apart(tmp_path: Path, text: str) -> None:
    admitted = admit(listed(tmp_path, ["名称", "坐标"], ["a", text]), "resources")
    assert admitted.rows["geometry"].iloc[0].distance(shapely.Point(ORIGIN)) < 30


def shifted_list(tmp_path: Path, datum: str) -> tuple[Path, list[shapely.Polygon]]:
    rng = np.random.default_rng(5)
    at = [shapely.Point(ORIGIN[0] + x, ORIGIN[1] + y) for x, y in rng.uniform(-400, 400, (120, 2))]
    ground = gpd.GeoSeries(at, crs=CRS).to_crs(4326)
    lon, lat = datums.from_wgs84(ground.x.to_numpy(), ground.y.to_numpy(), datum)
    path = listed(tmp_path, PLACES, *place_rows(*zip(lon, lat, strict=True)))
    return path, [point.buffer(8) for point in at]


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_shifted_datum_is_told_and_never_shifted_unasked(tmp_path: Path, datum: str) -> None:
    path, footprints = shifted_list(tmp_path, datum)
    unasked = admit(path, "resources", footprints=footprints)
    suspicion = [one for one in unasked.notes if one.key == "import_datum_suspected"]
    assert [one.facts["datum"] for one in suspicion] == [datum]
    assert unasked.rows.geometry.distance(footprints[0].centroid).iloc[0] > 300
    asked = admit(path, "resources", footprints=footprints, datum=datum)
    assert asked.rows.geometry.iloc[0].distance(footprints[0].centroid) < 0.01
    assert "import_datum_suspected" not in told(asked)


@pytest.mark.parametrize(("header", "datum"), [("百度经度", "bd09"), ("经度(GCJ-02)", "gcj02"), ("lng (BD09)", "bd09")])
def test_a_column_that_names_its_datum_is_asked_about(tmp_path: Path, header: str, datum: str) -> None:
    path = listed(tmp_path, ["名称", "类别", header, "纬度"], *place_rows((LON, LAT)))
    with pytest.raises(TableError) as caught:
        admit(path, "resources")
    assert caught.value.code == "import_datum_stated"
    assert datum in caught.value.hint(Voice("zh"))
    assert admit(path, "resources", datum="wgs84").rows_kept == 1


def test_a_list_that_fits_raises_no_suspicion(tmp_path: Path) -> None:
    path, footprints = shifted_list(tmp_path, "wgs84")
    assert "import_datum_suspected" not in told(admit(path, "resources", footprints=footprints))


def test_buildings_from_points_get_a_small_outline_and_those_without_a_place_a_reason(tmp_path: Path) -> None:
    rows = [
        ["幸福小区", "3", str(LON), str(LAT), "40"],
        ["和平小区", "3号楼", str(LON + 0.00005), str(LAT), ""],
        ["和平小区", "4", "", "", ""],
    ]
    admitted = admit(listed(tmp_path, ["小区", "楼号", "经度", "纬度", "户数"], *rows), "buildings")
    assert admitted.rows["name"].tolist() == ["幸福小区3号楼", "和平小区3号楼", "和平小区4号楼"]
    assert admitted.rows["outline_source"].tolist() == ["point", "point", None]
    assert admitted.rows["reason"].tolist() == [None, None, "no_outline"]
    assert admitted.rows["households_source"].tolist() == ["register", None, None]
    first, second = admitted.rows.geometry.iloc[:2]
    assert not first.intersects(second)
    assert 1 < first.area <= 144


def test_shapes_are_repaired_or_rejected_and_never_lost(tmp_path: Path) -> None:
    x, y = ORIGIN
    shapes = [
        shapely.box(x, y, x + 10, y + 10),
        shapely.Polygon([(x, y), (x + 10, y + 10), (x + 10, y), (x, y + 10)]),
        shapely.Polygon(),
        None,
        shapely.LineString([(x, y), (x + 10, y), (x + 10, y + 10), (x, y)]),
        shapely.LineString([(x, y), (x + 10, y)]),
        shapely.GeometryCollection([shapely.Point(x, y), shapely.box(x, y, x + 5, y + 5)]),
        shapely.Polygon([(x, y, 3), (x + 10, y, 3), (x + 10, y + 10, 3)]),
        shapely.MultiPolygon([shapely.box(x, y, x + 5, y + 5), shapely.box(x + 20, y, x + 25, y + 5)]),
    ]
    frame = gpd.GeoDataFrame({"name": [f"b{n}" for n in range(len(shapes))]}, geometry=shapes, crs=CRS)
    admitted = admit(nasty.layer(tmp_path / "a.gpkg", frame, "GPKG"), "buildings")
    assert by_row(admitted) == {3: "geometry_empty", 6: "geometry_kind"}
    assert admitted.rows.geometry.geom_type.dropna().unique().tolist() == ["MultiPolygon"]
    assert admitted.rows.geometry.is_valid.where(admitted.rows.geometry.notna(), True).all()
    assert admitted.rows.loc[admitted.rows["name"] == "b1", "geometry"].iloc[0].area == pytest.approx(50)
    assert admitted.rows.loc[admitted.rows["name"] == "b3", "reason"].tolist() == ["no_outline"]
    assert "import_repaired" in told(admitted)


def test_an_unprojected_shapefile_is_asked_about(tmp_path: Path) -> None:
    parts = nasty.gbk_shapefile(tmp_path)
    del parts["poi.prj"]
    path = nasty.zipped(tmp_path / "a.zip", parts)
    with pytest.raises(TableError) as caught:
        admit(path, "resources")
    assert caught.value.code == "import_crs_unknown"
    assert CRS in caught.value.hint(Voice("zh"))
    kept = admit(path, "resources", source_crs=CRS)
    assert kept.rows["category"].tolist() == ["clinic", "pharmacy", "park"]


def test_plots_that_share_an_address_are_counted_each_on_its_own_ground(tmp_path: Path) -> None:
    x, y = ORIGIN
    plots = [shapely.box(x + 20 * n, y, x + 20 * n + 15, y + 10) for n in range(3)]
    frame = gpd.GeoDataFrame({"SITUS_ADDR": ["1 A ST", "1 A ST", "2 A ST"], "HHS": [3, 4, 5]}, geometry=plots, crs=CRS)
    frame.to_file(tmp_path / "plots.geojson", driver="GeoJSON")
    admitted = admit(tmp_path / "plots.geojson", "residents")
    assert admitted.rows["place_kind"].tolist() == ["area", "area", "address"]
    assert admitted.rows["households"].tolist() == [3, 4, 5]

"""QGIS as Debian ships it draws every layer of a project: empty, full, of mixed shapes, in a CRS without a code."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from pyproj import CRS, Transformer

from govmap.catalog import layer
from govmap.schema import TABLES
from govmap.store.geopackage import created

ZONE = CRS.from_epsg(32650)
OWN = CRS.from_proj4("+proj=tmerc +lat_0=0 +lon_0=113.5 +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m +no_defs")
PYTHON = "/usr/bin/python3"  # Debian's own, for which its QGIS was built
DRAWER = Path(__file__).with_name("qgis_drawer.py")
SPATIAL = sorted(name for name, table in TABLES.items() if table.geometry)
GROUND = shapely.box(500_000, 3_000_000, 500_030, 3_000_020)
LINE = shapely.LineString([(500_000, 3_000_000), (500_020, 3_000_010), (500_030, 3_000_000)])
SHAPES = {"POINT": GROUND.centroid, "LINESTRING": LINE, "MULTILINESTRING": LINE, "MULTIPOLYGON": GROUND}
LAYERS = {"fill": "SimpleFill", "line": "SimpleLine", "marker": "SimpleMarker"}


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
    return {**kept, "QT_QPA_PLATFORM": "offscreen", "LC_ALL": "C.UTF-8"}


@pytest.fixture(scope="module", autouse=True)
def _qgis() -> None:
    probe = [PYTHON, "-c", "import qgis.core"]
    if (
        not Path(PYTHON).exists()
        or subprocess.run(probe, capture_output=True, env=_environment(), check=False).returncode
    ):
        pytest.skip("needs QGIS and its python (Debian's packages qgis and python3-qgis)")


def drawn(path: Path) -> list[dict[str, Any]]:
    command = [PYTHON, str(DRAWER), str(path), ",".join(SPATIAL)]
    told = subprocess.run(command, capture_output=True, text=True, env=_environment(), check=False, timeout=120)
    assert told.returncode == 0, told.stderr[-2000:]
    return json.loads(told.stdout.splitlines()[-1])


def frame(name: str, shapes: list[Any], crs: CRS, **columns: list[Any]) -> gpd.GeoDataFrame:
    table = TABLES[name]
    keys = {key: [f"{key}{at}" for at in range(len(shapes))] for key in table.key}
    kinds = {column.name: column.type for column in table}
    keys = {key: list(range(len(shapes))) if kinds[key] == "int" else ids for key, ids in keys.items()}
    return gpd.GeoDataFrame({**keys, **columns}, geometry=shapes, crs=crs)


def place(crs: CRS) -> tuple[float, float]:
    """Where the corner of the ground lies on the earth."""
    return Transformer.from_crs(crs, 4326, always_xy=True).transform(500_000, 3_000_000)


def test_an_empty_project_opens_whole(tmp_path: Path) -> None:
    path = tmp_path / "空.gpkg"
    with created(path, ZONE):
        pass
    seen = drawn(path)
    assert sorted(one["name"] for one in seen) == SPATIAL
    for one in seen:
        assert (one["valid"], one["count"]) == (True, 0), one
        kind_known = TABLES[one["name"]].geometry != "GEOMETRY"  # without a shape a mixed table has no kind to draw
        assert one["styled"] == (one["name"] in layer("qgis")) or not kind_known, one
    assert [one.name for one in tmp_path.iterdir()] == [path.name], "a look leaves nothing beside the file"


@pytest.mark.parametrize("crs", [ZONE, OWN], ids=["with a code", "without a code"])
def test_every_layer_is_drawn_by_its_own_style(tmp_path: Path, crs: CRS) -> None:
    path = tmp_path / "a.gpkg"
    with created(path, crs) as store, store.writing() as session:
        for name in SPATIAL:
            if TABLES[name].geometry != "GEOMETRY":
                session.append(name, frame(name, [SHAPES[str(TABLES[name].geometry)]], crs))
    seen = {one["name"]: one for one in drawn(path)}
    for name, style in layer("qgis").items():
        one = seen[name]
        assert one["valid"], name
        assert one["styled"], name
        if TABLES[name].geometry == "GEOMETRY":
            continue  # below
        assert one["label"] == style.get("label"), name
        assert one["place"] == pytest.approx(place(crs), abs=1e-6), name
        assert (one["renderer"], one["symbols"]) == ("singleSymbol", [LAYERS[style["symbol"]]]), name
        assert one["colours"] == [[int(part) for part in style["colour"].split(",")]], name
        assert one["seen"] > 0, name


def test_points_lines_and_areas_of_one_table_are_all_seen(tmp_path: Path) -> None:
    """QGIS makes a layer of each kind; a fill as the one style would leave points and lines unseen."""
    path = tmp_path / "a.gpkg"
    mixed = [GROUND.centroid, LINE, GROUND]
    with created(path, ZONE) as store, store.writing() as session:
        for name in ("features", "projects"):
            session.append(name, frame(name, mixed, ZONE))
    found = drawn(path)
    for name in ("features", "projects"):
        seen = [one for one in found if one["name"] == name]
        assert len(seen) == 3
        for one in seen:
            assert (one["valid"], one["styled"], one["count"]) == (True, True, 1)
            assert one["symbols"] == ["SimpleFill", "SimpleLine", "SimpleMarker"]
            assert one["seen"] > 0, one


def test_every_unit_has_a_colour_whatever_its_code(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    codes = ["U001", "U002", "440101001001003", "幸福网格", "", None]
    units = frame("units", [GROUND] * len(codes), ZONE, code=codes)
    with created(path, ZONE) as store, store.writing() as session:
        session.append("units", units)
    [seen] = [one for one in drawn(path) if one["name"] == "units"]
    colours = [colour for colour, _, _ in seen["computed"]]
    assert [faults for _, *faults in seen["computed"]] == [["", ""]] * len(codes)
    assert len(set(colours[:3])) == 3
    assert all(colour is None or len(colour.split(",")) == 4 for colour in colours)
    assert seen["seen"] > 100

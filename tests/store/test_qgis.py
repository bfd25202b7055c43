"""QGIS as Debian ships it, headless: every layer of a project opens with its style, and edits keep the file sound."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from pyproj import CRS

from govmap.catalog import layer
from govmap.schema import TABLES, Table
from govmap.store.geopackage import created, open_file

ZONE = CRS.from_epsg(32650)
READER = Path(__file__).with_name("qgis_reader.py")
ROWS = 12


def _python_of_qgis() -> str | None:
    python = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else shutil.which("python3")
    if python is None:
        return None
    found = subprocess.run([python, "-c", "import qgis.core"], capture_output=True, env=_environment(), check=False)
    return python if found.returncode == 0 else None


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return {**kept, "QT_QPA_PLATFORM": "offscreen", "LC_ALL": "C.UTF-8"}


@pytest.fixture(scope="module")
def python() -> str:
    found = _python_of_qgis()
    if found is None:
        pytest.skip("needs QGIS and its python (Debian's packages qgis and python3-qgis)")
    return found


def _row(table: Table, at: int) -> dict[str, Any]:
    values = {"int": at, "float": at / 2, "bool": bool(at % 2), "json": {"at": at}, "date": "2026-01-02", "blob": b"x"}
    values["time"] = pd.Timestamp("2026-01-02T03:04:05.678Z")
    row = {column.name: values.get(column.type, f"{column.name}-{at:02d}") for column in table}
    return {**row, **({"name": f"幸福{at}"} if "name" in row else {})}


def _shape(kind: str, at: int) -> Any:
    x, y = 735_000 + 20 * at, 2_423_000
    ground = shapely.box(x, y, x + 15, y + 10)
    lines = ground.exterior if kind.endswith("LINESTRING") else ground
    shapes = {
        "POINT": ground.centroid,
        "LINESTRING": shapely.LineString(lines.coords[:3] if lines is not ground else []),
    }
    return shapes.get(kind, shapely.LineString(lines.coords) if lines is not ground else ground)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("qgis") / "网格.gpkg"
    with created(file, ZONE) as store, store.writing() as session:
        for name, table in TABLES.items():
            if name == "project":
                continue
            frame = pd.DataFrame([_row(table, at) for at in range(ROWS)])
            if table.geometry:
                frame = gpd.GeoDataFrame(frame, geometry=[_shape(table.geometry, at) for at in range(ROWS)], crs=ZONE)
            session.append(name, frame)
    return file


@pytest.fixture(scope="module")
def layers(python: str, path: Path) -> dict[str, Any]:
    return _seen(python, path)["layers"]


def _seen(python: str, path: Path, *edit: str) -> dict[str, Any]:
    command = [python, str(READER), str(path), ",".join(TABLES), *edit]
    told = subprocess.run(command, capture_output=True, text=True, env=_environment(), check=False, timeout=120)
    assert told.returncode == 0, told.stderr[-2000:]
    return json.loads(told.stdout.splitlines()[-1])


def test_every_layer_opens_with_its_crs_and_all_its_rows(layers: dict[str, Any]) -> None:
    assert sorted(layers) == sorted(TABLES)
    for name, seen in layers.items():
        assert seen["valid"], name
        assert seen["count"] == ROWS or name == "project", name
        assert seen["spatial"] == bool(TABLES[name].geometry), name
        if seen["spatial"]:
            assert seen["crs"] == "EPSG:32650", name
            assert seen["with_shape"] == ROWS, name


def test_text_numbers_times_and_json_are_what_they_are(layers: dict[str, Any]) -> None:
    assert "幸福3" in layers["buildings"]["texts"]
    assert layers["buildings"]["fields"]["edited_by_hand"] == "Boolean"
    assert layers["plans"]["fields"]["created_at"] == "DateTime"
    assert layers["plans"]["fields"]["criteria"] == "JSON"


def test_every_layer_with_a_style_is_drawn_in_it(layers: dict[str, Any]) -> None:
    for name, style in layer("qgis").items():
        seen = layers[name]
        assert seen["styled"], (name, seen["message"])
        assert seen["colour"] == style["colour"], name
        assert seen["label"] == style.get("label"), name
        assert seen["faults"] == [], name
    assert len(set(layers["units"]["colours"])) > 1


def test_every_layer_with_a_shape_but_the_most_inner_has_a_style(layers: dict[str, Any]) -> None:
    bare = {name for name, seen in layers.items() if seen["spatial"] and not seen["styled"]}
    assert bare <= {"residents"}


def test_an_edit_in_qgis_moves_the_index_and_is_noticed(python: str, path: Path) -> None:
    seen = _seen(python, path, "cells", "cell_id", "cell_id-03", "block_id", "theirs")
    assert seen["edited"] == [True]
    store = open_file(path)
    assert list(store.findings()) == []
    assert store.foreign_changes() == ["cells"]
    edited = store.read("cells", where={"cell_id": "cell_id-03"})
    assert edited["block_id"][0] == "theirs"
    assert edited.geometry[0].bounds == (740_060.0, 2_428_000.0, 740_075.0, 2_428_010.0)
    store.close()

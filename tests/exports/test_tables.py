"""Tables as files for others: whole or not at all, equal bytes for equal tables, readable by our own gate."""

import time
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

from govmap.errors import InputError
from govmap.exports import tables
from govmap.messages import Voice
from govmap.sources import files

ENDINGS = tuple(tables.WRITERS)


def buildings() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "building_id": ["w2", "w1", "w3"],
            "name": ["=1+1", "幸福小区3号楼", None],
            "households": pd.array([1, None, 3], dtype="Int64"),
            "levels": [1.5, np.nan, 2],
            "edited_by_hand": pd.array([True, None, False], dtype="boolean"),
            "households_source": ["register", None, "spread"],
            "made": pd.to_datetime(["2024-01-01 01:02:03", None, "2024-01-02"], utc=True, format="ISO8601"),
            "facts": [{"b": 1, "a": "二"}, None, None],
        },
        geometry=[shapely.box(500000, 3450000, 500010, 3450010), shapely.box(500020, 3450000, 500030, 3450010), None],
        crs="EPSG:32650",
    )


@pytest.mark.parametrize("ending", ENDINGS)
def test_equal_tables_give_equal_bytes_whatever_the_order_and_the_day(
    tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables.write("buildings", buildings(), tmp_path / f"a{ending}")
    later = time.time() + 400 * 86_400
    monkeypatch.setattr(time, "time", lambda: later)
    time.sleep(1.1)
    tables.write("buildings", buildings().iloc[::-1], tmp_path / f"b{ending}")
    assert (tmp_path / f"a{ending}").read_bytes() == (tmp_path / f"b{ending}").read_bytes()


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_is_written_is_read_back_by_the_gate(tmp_path: Path, ending: str) -> None:
    tables.write("buildings", buildings(), tmp_path / f"a{ending}")
    raw = files.rows(tmp_path / f"a{ending}")
    ids = raw.frame[raw.header[0]]
    assert sorted(ids) == ["w1", "w2", "w3"]
    number = next(name for name in raw.header if name.startswith("household"))
    assert dict(zip(ids, raw.frame[number], strict=True)) == {"w1": "", "w2": "1", "w3": "3"}
    assert dict(zip(ids, raw.frame["name"], strict=True))["w1"] == "幸福小区3号楼"


@pytest.mark.parametrize("ending", [".geojson", ".gpkg", ".fgb", ".zip"])
def test_shapes_lie_where_they_lay(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    tables.write("buildings", buildings(), path)
    back = (
        gpd.read_file(f"/vsizip/{path}" if ending == ".zip" else path)
        .to_crs("EPSG:32650")
        .set_index("building_id" if ending != ".zip" else "building_i")
    )
    for key, shape in zip(buildings()["building_id"], buildings().geometry, strict=True):
        assert (back.geometry[key] is None) == (shape is None)
        assert shape is None or back.geometry[key].hausdorff_distance(shape) < 0.02


def test_cells_that_would_be_formulas_are_defused(tmp_path: Path) -> None:
    frame = pd.DataFrame({"name": ["=1+1", "+86", "-x", "@SUM(A1)", "\tx", "plain", "-5"], "n": range(7)})
    tables.write("groups", frame, tmp_path / "a.xlsx")
    cells = [row[0] for row in openpyxl.load_workbook(tmp_path / "a.xlsx").active.iter_rows(min_row=2)]
    assert [cell.data_type for cell in cells] == ["s"] * 7
    assert cells[0].value == "=1+1"
    tables.write("groups", frame, tmp_path / "a.csv")
    lines = (tmp_path / "a.csv").read_bytes().decode("utf-8-sig").split("\r\n")
    assert [line[0] for line in lines[1:6]] == ["'"] * 5
    assert lines[6].startswith("plain")
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_workbook_holds_numbers_as_numbers(tmp_path: Path) -> None:
    tables.write("buildings", buildings(), tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    rows = list(sheet.iter_rows(values_only=True))
    assert sheet.title == "buildings"
    assert rows[0][:3] == ("building_id", "name", "households")
    assert rows[2][:4] == ("w2", "=1+1", 1, 1.5)


def test_a_geopackage_of_ours_passes_the_standard(tmp_path: Path) -> None:
    from osgeo_utils.samples import validate_gpkg

    tables.write("buildings", buildings(), tmp_path / "a.gpkg")
    validate_gpkg.check(str(tmp_path / "a.gpkg"))


def test_a_shapefile_says_its_encoding_and_the_names_it_shortened(tmp_path: Path) -> None:
    notes = tables.write("buildings", buildings().assign(households_low=1, name="长" * 200), tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.read("buildings.cpg") == b"UTF-8"
        names = dict(line.split("\t") for line in archive.read("buildings_columns.txt").decode().splitlines())
    assert names["household2"] == "households_source"
    assert [one.key for one in notes] == ["export_text_cut"]
    assert Voice("zh").tell(notes[0])


@pytest.mark.parametrize(
    ("name", "frame", "code"),
    [
        ("a.doc", buildings(), "export_ending"),
        ("a.geojson", pd.DataFrame({"building_id": ["a"]}), "export_no_shapes"),
        (
            "a.zip",
            buildings().assign(geometry=[shapely.Point(0, 0), shapely.box(0, 0, 1, 1), None]),
            "export_mixed_shapes",
        ),
        ("missing/../../no/such\0/a.csv", buildings(), None),
    ],
)
def test_what_cannot_be_written_is_said_and_leaves_the_old_file(
    tmp_path: Path, name: str, frame: pd.DataFrame, code: str | None
) -> None:
    if code is None:
        with pytest.raises((InputError, ValueError)):
            tables.write("buildings", frame, tmp_path / name)
        return
    (tmp_path / name).write_text("old")
    with pytest.raises(InputError) as caught:
        tables.write("buildings", frame, tmp_path / name)
    assert caught.value.code == code
    assert caught.value.message(Voice("zh"))
    assert caught.value.hint(Voice("en"))
    assert (tmp_path / name).read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == [name]


def test_an_empty_table_is_a_file_too(tmp_path: Path) -> None:
    empty = buildings().iloc[:0]
    for ending in ENDINGS:
        tables.write("buildings", empty, tmp_path / f"a{ending}")
        assert (tmp_path / f"a{ending}").stat().st_size > 0


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_a_unit_without_ground_has_no_place_in_a_list(tmp_path: Path, ending: str) -> None:
    frame = buildings().assign(geometry=[shapely.MultiPolygon(), shapely.box(500020, 3450000, 500030, 3450010), None])
    tables.write("buildings", frame, tmp_path / f"a{ending}")
    back = files.rows(tmp_path / f"a{ending}").frame
    assert [bool(cell) for cell in back["lon"]] == [True, False, False]

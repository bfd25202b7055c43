"""Tables as Parquet: what other programs need to know stands in them, and our own gate reads them back whole."""

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from arro3.io import read_parquet

from govmap.exports import tables
from govmap.sources import files


def layer() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "community_id": ["c2", "c1", "c3"],
            "name": ["幸福", None, "O'Brien"],
            "households": pd.array([2**60 + 1, None, 3], dtype="Int64"),
            "share": [0.1, float("nan"), 3.0],
            "edited": pd.array([True, None, False], dtype="boolean"),
            "made": pd.to_datetime(["2024-03-05 08:05:00.25+08:00", None, "2024-01-02"], utc=True, format="ISO8601"),
            "facts": [{"b": 1, "a": "二"}, None, [1]],
        },
        geometry=[shapely.box(0, 0, 10, 20), shapely.Point(5, 50, 7), None],
        crs="EPSG:32650",
    )


def written(folder: Path, frame: pd.DataFrame) -> Path:
    assert tables.write("communities", frame, folder / "a.parquet") == ()
    return folder / "a.parquet"


def test_the_file_says_what_geoparquet_wants_it_to_say(tmp_path: Path) -> None:
    geo = json.loads(read_parquet(written(tmp_path, layer())).schema.metadata_str["geo"])
    column = geo["columns"].pop("geometry")
    assert geo == {"version": "1.0.0", "primary_column": "geometry", "columns": {}}
    assert column.pop("crs")["id"] == {"authority": "EPSG", "code": 32650}
    assert column == {"encoding": "WKB", "geometry_types": ["Point", "Polygon"], "bbox": [0, 0, 10, 50]}


def test_columns_keep_their_kinds_and_their_gaps(tmp_path: Path) -> None:
    whole = read_parquet(written(tmp_path, layer())).read_all()
    assert whole["households"].to_pylist() == [None, 2**60 + 1, 3]  # in the order of the key
    assert whole["share"].to_pylist() == [None, 0.1, 3.0]
    assert whole["edited"].to_pylist() == [None, True, False]
    times = whole["made"].to_pylist()
    assert [one and one.isoformat() for one in times] == [
        None, "2024-03-05T00:05:00.250000+00:00", "2024-01-02T00:00:00+00:00",
    ]  # fmt: skip
    assert whole["facts"].to_pylist() == [None, '{"a": "二", "b": 1}', "[1]"]


def test_our_own_gate_reads_it_back(tmp_path: Path) -> None:
    raw = files.rows(written(tmp_path, layer()))
    assert raw.crs == "EPSG:32650"
    assert raw.geometry is not None
    assert [one and one.wkt for one in raw.geometry] == [
        "POINT (5 50)", "POLYGON ((10 0, 10 20, 0 20, 0 0, 10 0))", None,
    ]  # fmt: skip
    assert raw.frame["name"].tolist() == ["", "幸福", "O'Brien"]


@pytest.mark.parametrize("rows", [0, 3])
def test_a_table_without_shapes_is_plain_parquet(tmp_path: Path, rows: int) -> None:
    frame = pd.DataFrame(layer().drop(columns="geometry")).head(rows)
    whole = read_parquet(written(tmp_path, frame)).read_all()
    assert (whole.num_rows, whole.column_names) == (rows, list(frame.columns))
    assert "geo" not in whole.schema.metadata_str


def test_a_layer_without_rows_can_be_written(tmp_path: Path) -> None:
    raw = files.rows(written(tmp_path, layer().head(0)))
    assert (len(raw.frame), raw.crs) == (0, "EPSG:32650")

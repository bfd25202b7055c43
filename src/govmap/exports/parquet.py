"""Tables as Parquet, with shapes as GeoParquet 1.0.0 (opengeospatial/geoparquet, format-specs/geoparquet.md)."""

import io
import json
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from govmap.messages import Note

GEOMETRY, VERSION, MADE_BY = "geometry", "1.0.0", "govmap"
Written = tuple[bytes, tuple[Note, ...]]


def geoparquet(table: str, frame: pd.DataFrame, path: object) -> Written:
    """
    Write Parquet: numbers, truths, times in UTC and text as such, shapes as WKB in their own coordinates.

    A table without shapes becomes a plain Parquet file. Nothing in it tells when or by which version it was made.
    """
    del table, path
    import arro3.core as arrow
    from arro3.io import write_parquet

    names = [str(name) for name in frame.columns]
    columns = [_shapes(frame) if name == GEOMETRY else _column(frame[name]) for name in names]
    says = {"geo": _geo(frame)} if isinstance(frame, gpd.GeoDataFrame) else {}
    page = io.BytesIO()
    write_parquet(
        arrow.Table.from_arrays(columns, names=names),
        page,
        compression="snappy",
        created_by=MADE_BY,
        key_value_metadata=says,
        skip_arrow_metadata=True,
    )
    return page.getvalue(), ()


def _shapes(frame: pd.DataFrame) -> Any:
    import arro3.core as arrow

    made = shapely.to_wkb(shapely.force_2d(frame.geometry.to_numpy(object)), flavor="iso", byte_order=1)
    return arrow.Array(made.tolist(), type=arrow.DataType.binary())


def _column(cells: "pd.Series[Any]") -> Any:
    """Give a column as its kind is held in Parquet; lists and facts as JSON, whatever else is mixed as text."""
    import arro3.core as arrow

    kind = arrow.DataType
    if isinstance(cells.dtype, pd.DatetimeTZDtype):
        return _times(cells)
    there = cells.notna()
    values = cells.astype(object).where(there, None).tolist()
    for fits, held, made in (
        (pd.api.types.is_bool_dtype, kind.bool(), bool),
        (pd.api.types.is_integer_dtype, kind.int64(), int),
        (pd.api.types.is_float_dtype, kind.float64(), float),
    ):
        if fits(cells.dtype):
            return arrow.Array([None if one is None else made(one) for one in values], type=held)
    return arrow.Array([None if one is None else _text(one) for one in values], type=kind.string())


def _times(cells: "pd.Series[Any]") -> Any:
    """Give times in UTC, to the microsecond."""
    import arro3.core as arrow

    since = cells.dt.tz_convert("UTC").dt.as_unit("us").astype("int64").astype(object).where(cells.notna(), None)
    counted = arrow.Array(since.tolist(), type=arrow.DataType.int64())
    return counted.cast(arrow.DataType.timestamp("us", tz="UTC"))


def _text(cell: Any) -> str:
    if isinstance(cell, dict | list):
        return json.dumps(cell, ensure_ascii=False, sort_keys=True)
    return str(cell)


def _geo(frame: gpd.GeoDataFrame) -> str:
    """Say where the shapes are, as the format wants it."""
    there = frame.geometry[frame.geometry.notna() & ~frame.geometry.is_empty]
    column: dict[str, Any] = {"encoding": "WKB", "geometry_types": sorted(set(there.geom_type))}
    column["crs"] = None if frame.crs is None else frame.crs.to_json_dict()
    if len(there):
        column["bbox"] = [float(one) for one in there.total_bounds]
    says = {"version": VERSION, "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}
    return json.dumps(says, ensure_ascii=False, sort_keys=True)

"""Tables with shapes as layers: GeoJSON, GeoPackage, FlatGeobuf, Shapefile in an archive."""

import io
import json
import tempfile
import warnings
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from govmap.errors import InputError
from govmap.messages import Note, note

LONG_AGO, LONG_AGO_DAY = "2000-01-01T00:00:00.000Z", "2000-01-01"
ZIP_DAY = (1980, 1, 1, 0, 0, 0)
SHORT_NAME, LONGEST_TEXT = 10, 254
SHAPES = {"Polygon": "MultiPolygon"}
Written = tuple[bytes, tuple[Note, ...]]


def geojson(table: str, frame: pd.DataFrame, path: Path) -> Written:
    """Write GeoJSON in degrees, as RFC 7946 wants it; in metres from a corner where nobody may know the place."""
    shaped = _shaped(frame, path)
    if shaped.crs is None:
        return _by_gdal(table, shaped, "GeoJSON", "layer.geojson", COORDINATE_PRECISION=2), ()
    frame = shaped.to_crs(4326)
    return _by_gdal(table, frame, "GeoJSON", "layer.geojson", RFC7946="YES", COORDINATE_PRECISION=7), ()


def geopackage(table: str, frame: pd.DataFrame, path: Path) -> Written:
    """Write a GeoPackage of one layer; a table without shapes becomes one of attributes."""
    del path
    return _by_gdal(table, frame, "GPKG", "layer.gpkg", GEOMETRY_NAME="geometry"), ()


def flatgeobuf(table: str, frame: pd.DataFrame, path: Path) -> Written:
    """Write FlatGeobuf, with its index where every row has a shape."""
    frame = _shaped(frame, path)
    index = "NO" if frame.geometry.isna().any() else "YES"
    return _by_gdal(table, frame, "FlatGeobuf", "layer.fgb", SPATIAL_INDEX=index), ()


def shapefile(table: str, frame: pd.DataFrame, path: Path) -> Written:
    """
    Write a Shapefile in an archive, in UTF-8 and saying so, with a list of the names that had to be shortened.

    Raises
    ------
    InputError
        The shapes are of several kinds, which a Shapefile cannot hold.
    """
    frame = _shaped(frame, path)
    kinds = {SHAPES.get(kind, kind) for kind in frame.geometry.geom_type.dropna()}
    if len(kinds) > 1:
        raise InputError("export_mixed_shapes", where=str(path), kinds=sorted(kinds))
    frame = _plain(frame)
    long = [name for name in frame.columns if name != "geometry" and _longest(frame[name]) > LONGEST_TEXT]
    short = _short_names([str(name) for name in frame.columns if name != "geometry"])
    with tempfile.TemporaryDirectory(prefix="govmap-") as folder:
        target = Path(folder) / f"{table}.shp"
        _write(
            frame.rename(columns=short),
            target,
            "ESRI Shapefile",
            table,
            ENCODING="UTF-8",
            DBF_DATE_LAST_UPDATE=LONG_AGO_DAY,
        )
        names = "".join(f"{new}\t{name}\n" for name, new in short.items())
        (Path(folder) / f"{table}_columns.txt").write_text(names, "utf-8")
        content = packed(sorted(Path(folder).iterdir()))
    return content, (note("export_text_cut", columns=long, length=LONGEST_TEXT),) if long else ()


def packed(files: list[Path]) -> bytes:
    """Put files into an archive that does not tell when it was made."""
    page = io.BytesIO()
    with zipfile.ZipFile(page, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.writestr(zipfile.ZipInfo(file.name, ZIP_DAY), file.read_bytes(), zipfile.ZIP_DEFLATED)
    return page.getvalue()


def _shaped(frame: pd.DataFrame, path: Path) -> gpd.GeoDataFrame:
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError("export_no_shapes", where=str(path), ending=path.suffix)
    return frame


def _by_gdal(table: str, frame: pd.DataFrame, driver: str, name: str, **options: Any) -> bytes:
    with tempfile.TemporaryDirectory(prefix="govmap-") as folder:
        target = Path(folder) / name
        _write(_plain(frame), target, driver, table, **options)
        return target.read_bytes()


def _write(frame: pd.DataFrame, target: Path, driver: str, table: str, **options: Any) -> None:
    """Write by GDAL, which is told a day long ago wherever it would note the present one."""
    shapes = {"geometry_type": _kind(frame), "promote_to_multi": None} if "geometry" in frame else {}
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": LONG_AGO})
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*(truncated|Value .* of field).*", category=RuntimeWarning)
            warnings.filterwarnings("ignore", message=".*crs.* was not provided.*", category=UserWarning)
            pyogrio.write_dataframe(frame, target, driver=driver, layer=table, **shapes, **options)
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _kind(frame: pd.DataFrame) -> str:
    kinds = {SHAPES.get(kind, kind) for kind in frame["geometry"].geom_type.dropna()}
    return kinds.pop() if len(kinds) == 1 else "Unknown"


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Give columns as every format holds them: times and lists as text, shapes of one kind."""
    plain = pd.DataFrame({name: _plain_column(frame[name]) for name in frame.columns if name != "geometry"})
    if not isinstance(frame, gpd.GeoDataFrame):
        return plain
    shaped: pd.DataFrame = gpd.GeoDataFrame(
        plain, geometry=[_multiple(shape) for shape in frame.geometry], crs=frame.crs
    )
    return shaped


def _multiple(shape: Any) -> Any:
    return shapely.MultiPolygon([shape]) if getattr(shape, "geom_type", "") == "Polygon" else shape


def _plain_column(cells: "pd.Series[Any]") -> "pd.Series[Any]":
    if isinstance(cells.dtype, pd.DatetimeTZDtype):
        return pd.Series(cells.dt.strftime("%Y-%m-%dT%H:%M:%SZ").astype(object).where(cells.notna(), None))
    if cells.dtype == object:
        return cells.map(
            lambda cell: json.dumps(cell, ensure_ascii=False, sort_keys=True) if isinstance(cell, dict | list) else cell
        )
    return cells


def _longest(cells: "pd.Series[Any]") -> int:
    return int(cells.map(lambda cell: len(cell.encode()) if isinstance(cell, str) else 0).max()) if len(cells) else 0


def _short_names(names: list[str]) -> dict[str, str]:
    """Shorten names to what dBase holds, each still its own."""
    taken: set[str] = set()
    short = {}
    for name in names:
        chosen, number = name[:SHORT_NAME], 2
        while chosen in taken:
            chosen = f"{name[: SHORT_NAME - len(str(number))]}{number}"
            number += 1
        taken.add(chosen)
        short[name] = chosen
    return short

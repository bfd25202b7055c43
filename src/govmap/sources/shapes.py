"""Layers of other people's vector files, as text cells and shapes: every record is given or named as unread.

pyogrio reads them in bulk; where it stops at a damaged record, fiona reads record by record, so that one bad record
costs one record.
"""

import codecs
import glob
import itertools
import json
import re
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import fiona
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyogrio
import shapely
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from fiona._err import CPLE_BaseError
from fiona.errors import FionaError
from pyogrio.errors import CRSError, DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

from govmap.errors import TableError
from govmap.sources import jsons, kml, sheets
from govmap.sources.heading import OUR_COLUMN, once_each

# What views of a base may take: steps of its machine, a thousand at a time, and bytes of one cell.
STEPS, MOST_STEPS, MOST_BYTES = 1000, 30_000, 50_000_000
LARGEST_EXACT = 2**53
SHX_HEAD, SHX_ENTRY = 100, 8
READ_FAULTS = (
    CRSError, DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError, FionaError, ValueError,
    shapely.errors.GEOSException,
)  # fmt: skip
MARKED_UP = ("kml", "gpx")
JSONS, DBASED = ("GeoJSON", "GeoJSONSeq", "ESRIJSON", "TopoJSON"), ("shapefile", "dbase")
# In these every byte is a letter, so that bytes never contradict them; programs write them without being asked.
ANY_BYTES = ("iso8859", "cp125", "latin")
Shapes = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Layer:
    """One layer: text cells with `source_row`, shapes, where they are, records that could not be read."""

    frame: pd.DataFrame
    geometry: Shapes | None
    crs: str | None
    unread: tuple[int, ...] = ()
    found: dict[str, Any] = field(default_factory=dict)


def read(path: Path, kind: str, *, layer: str | None = None, encoding: str | None = None) -> Layer:
    """
    Read one layer of a vector file.

    Parameters
    ----------
    path
        A file of the given kind; its own letters are worked out where it is a Shapefile.
    kind
        As `kinds` and `jsons` found it from the content.
    layer
        Which one, where there are several with records.
    encoding
        Of a Shapefile's table; worked out where None.
    """
    with warnings.catch_warnings(record=True) as told, _openable(path, kind, encoding) as (source, recoded):
        warnings.simplefilter("always")
        chosen = _chosen_layer(source, path, layer)
        letters = None if kind in JSONS else encoding or (_dbase_encoding(path) if kind in DBASED else None)
        found: dict[str, Any] = {"format": kind, "layer": chosen}
        found |= {"encoding": letters or recoded} if letters or recoded else {}
        try:
            read_ = _in_bulk(source, chosen, letters, found)
        except READ_FAULTS:
            read_ = _one_by_one(source, path, chosen, letters, found)
        _refuse_cut(source, path, kind, chosen, read_)
        _refuse_uneven(path, kind)
        read_ = _with_spoilt(source, read_) if kind == "geopackage" else read_
        if kind == "kml" and not read_.unread:
            read_ = replace(read_, frame=kml.completed(Path(source), chosen, read_.frame))
    read_ = _with_gaps(path, read_) if kind == "GeoJSON" else read_
    return replace(read_, found=read_.found | _told(told))


def _refuse_cut(source: str, path: Path, kind: str, layer: str, read_: Layer) -> None:
    """Refuse a FlatGeobuf that says it has more records than can be found in it: it was cut off."""
    if kind != "flatgeobuf":
        return
    promised = int(pyogrio.read_info(source, layer=layer)["features"])
    if promised > len(read_.frame) + len(read_.unread):  # also where nothing at all is left
        raise TableError("file_cut_off", where=str(path), promised=promised, found=len(read_.frame))


def _refuse_uneven(path: Path, kind: str) -> None:
    """Refuse a Shapefile whose table has other rows than it has shapes: GDAL drops what is over in silence."""
    if kind != "shapefile":
        return
    beside = {one.suffix.lower(): one for one in path.parent.glob(f"{glob.escape(path.stem)}.*")}
    if ".dbf" not in beside or ".shp" not in beside:
        return
    shapes = _indexed(beside[".shx"]) if ".shx" in beside else _counted(beside[".shp"])
    with beside[".dbf"].open("rb") as table:
        head = table.read(12)
    if len(head) < 12:  # noqa: PLR2004 - where dBase counts
        return
    told, first, wide = (int.from_bytes(head[a:b], "little") for a, b in ((4, 8), (8, 10), (10, 12)))
    whole = (beside[".dbf"].stat().st_size - first + 1) // wide if wide else told
    rows = min(told, max(whole, 0)) if told == shapes else told
    if rows != shapes:
        raise TableError("file_uneven_shapefile", where=str(path), rows=rows, shapes=shapes)


def _indexed(index: Path) -> int:
    return max(0, index.stat().st_size - SHX_HEAD) // SHX_ENTRY


def _counted(file: Path) -> int:
    """Count the shapes of a file without its index, from the head of one to the next."""
    size, at, count = file.stat().st_size, SHX_HEAD, 0
    with file.open("rb") as shapes:
        while at + SHX_ENTRY <= size:
            shapes.seek(at + 4)
            at += SHX_ENTRY + 2 * int.from_bytes(shapes.read(4), "big")
            count += 1
    return count


def _with_gaps(path: Path, read_: Layer) -> Layer:
    """Name entries of GeoJSON that are no feature, or whose shape is none: GDAL passes over them in silence."""
    missing = ~shapely.is_geometry(read_.geometry) if read_.geometry is not None else np.ones(len(read_.frame), bool)
    states = jsons.states_of_features(path, some_without_shape=bool(missing.any()))
    features = [number for number, state in enumerate(states or (), start=1) if state != "none"]
    if states is None or len(features) != len(read_.frame) or read_.unread:
        return read_
    frame = read_.frame.assign(**{OUR_COLUMN: np.array(features, dtype=np.int64)})
    spoilt = missing & np.array([states[number - 1] == "shaped" for number in features], dtype=bool)
    unread = [number for number, state in enumerate(states, start=1) if state == "none"]
    return without(replace(read_, frame=frame), spoilt, unread)


def without(read_: Layer, spoilt: npt.NDArray[np.bool_], unread: Sequence[int] = ()) -> Layer:
    """Take out records whose shape cannot be read, and name them."""
    gone = sorted([*read_.unread, *unread, *read_.frame.loc[spoilt, OUR_COLUMN].tolist()])
    geometry = None if read_.geometry is None else read_.geometry[~spoilt]
    return replace(read_, frame=read_.frame[~spoilt].reset_index(drop=True), geometry=geometry, unread=tuple(gone))


def _with_spoilt(source: str, read_: Layer) -> Layer:
    """Name records of a GeoPackage that hold bytes for a shape which are none."""
    if read_.geometry is None or read_.unread or shapely.is_geometry(read_.geometry).all():
        return read_
    missing = np.flatnonzero(~shapely.is_geometry(read_.geometry))
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as base, suppress(sqlite3.Error):
        sql = "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?"
        column = base.execute(sql, (read_.found["layer"],)).fetchone()[0].replace('"', '""')
        table = str(read_.found["layer"]).replace('"', '""')
        there = [row[0] for row in base.execute(f'SELECT "{column}" IS NOT NULL FROM "{table}" ORDER BY rowid')]
        if len(there) == len(read_.frame):
            spoilt = np.zeros(len(there), dtype=bool)
            spoilt[missing] = np.array(there, dtype=bool)[missing]
            return without(read_, spoilt)
    return read_


def _told(told: Sequence[warnings.WarningMessage]) -> dict[str, Any]:
    """Keep what GDAL complained of, once each, for those who want to know."""
    texts = sorted({str(one.message) for one in told})
    return {"warnings": texts} if texts else {}


@contextmanager
def _openable(path: Path, kind: str, encoding: str | None) -> Iterator[tuple[str, str | None]]:
    """Give GDAL a name that it takes for nothing else, after looking for traps, and an encoding that was not UTF-8."""
    with tempfile.TemporaryDirectory(prefix="govmap-") as folder:
        if kind in MARKED_UP:
            copy, found = kml.utf8_copy(path, Path(folder), encoding)
            _refuse_traps(copy, path, kind)
            yield str(copy), found
        elif kind in JSONS:
            copy, found = jsons.utf8_copy(path, Path(folder), encoding)
            yield f"{kind}:{copy}", found
        elif kind == "geopackage":
            yield str(_copied_database(path, Path(folder) / "layer.gpkg")), None
        elif kind == "shapefile" and not path.with_suffix(_ending(path, ".shx")).is_file():
            with _restoring_the_index():
                yield str(_copied_shapefile(path, Path(folder))), None
        else:
            yield str(path), None


@contextmanager
def _restoring_the_index() -> Iterator[None]:
    """Let GDAL make the .shx that is missing anew."""
    pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": "YES"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": None})


def _copied_shapefile(path: Path, folder: Path) -> Path:
    """Copy the parts of a Shapefile to where a new index may be written."""
    for one in path.parent.iterdir():
        if one.stem == path.stem and one.suffix.lower() in (".shp", ".dbf", ".prj", ".cpg"):
            shutil.copyfile(one, folder / f"layer{one.suffix.lower()}")
    return folder / "layer.shp"


def _copied_database(path: Path, copy: Path) -> Path:
    """Copy a database by its own means: GDAL never opens a file that another program may be writing."""
    busy = any(Path(f"{path}{ending}").exists() for ending in ("-wal", "-journal"))
    mode = "mode=ro" if busy else "immutable=1"  # else SQLite would lay its own files beside one that is at rest
    try:
        with (
            closing(sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True)) as theirs,
            closing(sqlite3.connect(copy)) as ours,
        ):
            theirs.backup(ours)
            _try_views(ours)
    except sqlite3.Error as fault:
        raise TableError("file_layer_broken", where=str(path), detail=str(fault)) from fault
    return copy


def _try_views(base: sqlite3.Connection) -> None:
    """
    Read every view to its end before GDAL does: one may go on for ever, or make of nothing more than memory holds.

    A view that asks for functions which only GDAL has is left to it.
    """
    left = iter(range(MOST_STEPS))
    base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_BYTES)
    base.set_progress_handler(lambda: next(left, None) is None, STEPS)
    for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall():
        quoted = str(name).replace('"', '""')
        try:
            for _ in base.execute(f'SELECT * FROM "{quoted}"'):
                pass
        except sqlite3.OperationalError as fault:
            if "interrupt" in str(fault):
                raise
    base.set_progress_handler(None, 0)


def _refuse_traps(copy: Path, path: Path, kind: str) -> None:
    """Refuse XML that declares entities, or is of another kind; what GDAL makes of other XML is not for us."""
    try:
        _, root = next(iterparse(str(copy), events=("start",), forbid_dtd=True))
    except DefusedXmlException as fault:
        raise TableError("file_trap", where=str(path)) from fault
    except (SyntaxError, StopIteration, ValueError) as fault:
        raise TableError("file_layer_broken", where=str(path), detail=str(fault)) from fault
    if root.tag.rpartition("}")[2] != kind:
        raise TableError("file_kind_unknown", where=str(path))


def _chosen_layer(source: str, path: Path, wanted: str | None) -> str:
    try:
        names = [str(name) for name, _ in pyogrio.list_layers(source)]
    except READ_FAULTS as fault:
        raise TableError("file_layer_broken", where=str(path), detail=_first_line(fault)) from fault
    if not names and path.suffix.lower() == ".fgb":
        raise TableError("file_layer_broken", where=str(path), detail="no header")
    if wanted is not None and wanted not in names:
        raise TableError("file_no_such_layer", where=str(path), layer=wanted, layers=names)
    if wanted is not None or len(names) == 1:
        return wanted or names[0]
    filled = [name for name in names if _records(source, name)]
    if len(filled) == 1:
        return filled[0]
    raise TableError("file_several_layers" if filled else "file_empty", where=str(path), layers=filled)


def _records(source: str, layer: str) -> int:
    """Count records; a layer that cannot be read, such as a view of somebody's own making, has none for us."""
    with suppress(*READ_FAULTS):
        return int(pyogrio.read_info(source, layer=layer, force_feature_count=True)["features"])
    return 0


def _in_bulk(source: str, layer: str, encoding: str | None, found: dict[str, Any]) -> Layer:
    meta, _, wkb, values = pyogrio.raw.read(source, layer=layer, encoding=encoding, datetime_as_string=True)
    if _inexact(meta, values):
        raise ValueError("whole numbers beyond the exact ones")
    cells = {
        name: list(map(_as_text, column.tolist()))
        for name, column in zip(once_each([str(name) for name in meta["fields"]]), values, strict=True)
    }
    geometry = shapely.from_wkb(wkb, on_invalid="raise") if wkb is not None else None
    length = len(geometry) if geometry is not None else len(values[0]) if values else 0
    frame = pd.DataFrame(cells, dtype=object, index=range(length))
    frame[OUR_COLUMN] = np.arange(1, length + 1, dtype=np.int64)
    return Layer(frame, _curves_straight(geometry), meta.get("crs"), found=found)


def _inexact(meta: dict[str, Any], values: list[npt.NDArray[Any]]) -> bool:
    """Tell whether an integer column came as floats (it has nulls) and holds numbers that floats do not hold."""
    whole = [str(kind).startswith("int64") for kind in meta.get("dtypes", [])]
    return any(
        is_whole and column.dtype.kind == "f" and bool(np.nanmax(np.abs(column), initial=0) >= LARGEST_EXACT)
        for is_whole, column in zip(whole, values, strict=True)
    )


def _one_by_one(source: str, path: Path, layer: str, encoding: str | None, found: dict[str, Any]) -> Layer:
    """Read record by record; a record that cannot be read is named by its number."""
    rows: list[dict[str, str]] = []
    shapes: list[Any] = []
    numbers, unread = [], []
    try:
        with fiona.open(source, layer=layer, encoding=encoding) as records:
            crs = _system(records)
            for number, record in enumerate(_each(records), start=1):
                read_ = _record(record)
                if read_ is None:
                    unread.append(number)
                    continue
                rows.append(read_[0])
                shapes.append(read_[1])
                numbers.append(number)
    except READ_FAULTS as fault:
        raise TableError("file_layer_broken", where=str(path), detail=_first_line(fault)) from fault
    frame = pd.DataFrame(rows, dtype=object).fillna("")
    frame.columns = pd.Index(once_each([str(name) for name in frame.columns]))
    frame[OUR_COLUMN] = np.array(numbers, dtype=np.int64)
    geometry = np.array(shapes, dtype=object) if any(shape is not None for shape in shapes) else None
    return Layer(frame, geometry, crs, tuple(unread), found | {"record_by_record": True})


def _system(records: Any) -> str | None:
    """Give the system that a file states; None where it cannot be read, so that the user is asked."""
    try:
        return records.crs_wkt or None
    except CPLE_BaseError:
        return None


def _each(records: Any) -> Iterator[Any]:
    """Give every record, or the fault in its place."""
    every = iter(records)
    for _ in range(len(records) + 1):
        try:
            yield next(every)
        except StopIteration:
            return
        except READ_FAULTS as fault:
            yield fault


def _record(record: Any) -> tuple[dict[str, str], Any] | None:
    if isinstance(record, Exception) or record is None:
        return None
    try:
        shape = shapely.from_geojson(json.dumps(record.geometry.__geo_interface__)) if record.geometry else None
    except (shapely.errors.GEOSException, ValueError, TypeError):
        return None
    return {name: _as_text(value) for name, value in record.properties.items()}, shape


def _curves_straight(geometry: Shapes | None) -> Shapes | None:
    """Give shapes without heights."""
    return None if geometry is None else shapely.force_2d(geometry)


def _as_text(value: Any) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str):
        return re.sub(r"^(\d{4})/(\d\d)/(\d\d)", r"\1-\2-\3", value)
    return sheets.as_text(value)


def _first_line(fault: BaseException) -> str:
    """Give the first line of a fault, files of ours by their name alone."""
    line = (str(fault).strip().splitlines() or [type(fault).__name__])[0][:200]
    line = re.sub(r"<[^<>]* at 0x[0-9a-f]+>\s*", "", line)  # how Python writes an object
    return re.sub(r"\S*govmap-[^/\\]+[/\\]", "", line)


def _dbase_encoding(path: Path) -> str:
    """
    Work out the encoding of a Shapefile's table from its own bytes.

    A .cpg that the bytes contradict is not believed; without one most Chinese files are GBK, which nothing in them
    says.
    """
    pieces = _dbase_texts(path.with_suffix(_ending(path, ".dbf")))
    stated, sure = _stated_encoding(path), sheets.certain_encoding(pieces)
    if stated and sure and codecs.lookup(stated).name.startswith(ANY_BYTES):
        return sure
    if stated and all(sheets.decodes(piece, stated) for piece in pieces):
        return stated
    if sure is None:
        raise TableError("file_encoding_unsure", where=str(path), likely=sheets.likely_encodings(b"\n".join(pieces)))
    return sure


def _stated_encoding(path: Path) -> str | None:
    file = path.with_suffix(_ending(path, ".cpg"))
    if not file.is_file():
        return None
    name = file.read_text("ascii", errors="replace").strip()
    name = f"cp{name}" if name.isdigit() else name
    try:
        codecs.lookup(name)
    except LookupError:
        return None
    return name


def _ending(path: Path, ending: str) -> str:
    """Give an ending in the case in which it stands beside the file."""
    beside = {one.suffix for one in path.parent.iterdir() if one.stem == path.stem}
    return next((one for one in sorted(beside) if one.lower() == ending), ending)


def _dbase_texts(file: Path) -> list[bytes]:
    """Give the names of the fields and the texts in them (up to some thousands) as bytes."""
    if not file.is_file():
        return []
    content = file.read_bytes()
    header, width = int.from_bytes(content[8:10], "little"), int.from_bytes(content[10:12], "little")
    fields = [content[at : at + 32] for at in range(32, header - 1, 32) if content[at : at + 1] != b"\r"]
    names = [one[:11].split(b"\0")[0] for one in fields if len(one) == 32]  # noqa: PLR2004 - a dBase field descriptor
    places = np.cumsum([1, *(one[16] for one in fields if len(one) == 32)])  # noqa: PLR2004
    texts = [
        content[start + a : start + b].rstrip(b" \0")
        for start in range(header, min(len(content), header + 5000 * max(width, 1)), max(width, 1))
        for a, b in itertools.pairwise(places.tolist())
    ]
    return [text for text in [*names, *texts] if any(byte > 127 for byte in text)]  # noqa: PLR2004 - beyond ASCII

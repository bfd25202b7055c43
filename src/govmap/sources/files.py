"""People's own lists and layers as raw rows: whatever the kind of file, text cells with the row number they know.

What a file is is told by its content, not by its ending. What the cells mean is for `columns` and `gate`; nothing is
dropped here: a record that cannot be read is named in `unread`.
"""

import gzip
import hashlib
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from govmap.errors import TableError
from govmap.sources import heading, jsons, kinds, pages, parquet, shapes, sheets
from govmap.sources.heading import OUR_COLUMN

SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
MAPINFO_PARTS = (".tab", ".dat", ".map", ".id", ".ind", ".mif", ".mid")
MOST_NAMED = 8
LISTS = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xlsb", ".xls", ".et", ".ods", ".json", ".html", ".htm"})
LAYERS = frozenset({".shp", ".geojson", ".gpkg", ".fgb", ".kml", ".gpx", ".tab", ".mif", ".parquet", ".geoparquet"})
PERHAPS = frozenset({".txt", ".json", ".html", ".htm"})  # often a note beside the list
LARGEST_MEMBER = 2_000_000_000
# No list of words and numbers packs to less than a hundredth; small ones may.
HARMLESS, MOST_PACKED, BLOCK = 50_000_000, 100, 1 << 20
SHEETS = frozenset({"text", "workbook", "page", "records"})
GEODATABASE = re.compile(r"(?:[^/]+/)*[^/]+\.gdb/")
NO_WIDTHS: npt.NDArray[np.int64] = np.array([], dtype=np.int64)


@dataclass(frozen=True)
class RawTable:
    """A list or layer as it came: text cells with `source_row`, shapes where it has them, and what was found out."""

    path: Path
    header: tuple[str, ...]
    frame: pd.DataFrame
    geometry: npt.NDArray[np.object_] | None
    crs: str | None
    found: Mapping[str, Any]
    widths: npt.NDArray[np.int64] | None = None
    shared: frozenset[tuple[int, str]] = frozenset()
    unread: tuple[int, ...] = ()

    @property
    def rows_in(self) -> int:
        """Count the rows, those that could not be read with them."""
        return len(self.frame) + len(self.unread)

    @cached_property
    def sha256(self) -> str:
        """Give the fingerprint of the content: the same for a copy, another after a change of any cell."""
        digest = hashlib.sha256("\x1f".join(self.header).encode())
        for name in self.header:
            digest.update("\x1f".join(self.frame[name]).encode("utf-8", "surrogatepass") + b"\x1e")
        if self.geometry is not None:
            digest.update(b"".join(shapely.to_wkb(self.geometry[shapely.is_geometry(self.geometry)])))
        digest.update(f"{self.crs}|{self.unread}|{len(self.frame)}".encode())
        return digest.hexdigest()


def rows(
    path: Path | str,
    *,
    encoding: str | None = None,
    sheet: str | None = None,
    layer: str | None = None,
    project_path: Path | str | None = None,
) -> RawTable:
    """
    Read a list or layer.

    Parameters
    ----------
    path
        CSV or another text of cells, a workbook (.xlsx, .xls, .ods), a page with a table, JSON records, GeoJSON
        (also of ESRI, TopoJSON, in lines), GeoPackage, Shapefile, FlatGeobuf, (Geo)Parquet, KML, GPX, MapInfo, a
        geodatabase, dBase; each also in an archive.
    encoding, sheet, layer
        Said by the user where it cannot be worked out, or to choose.
    project_path
        The open project, which may not be read as a list.

    Returns
    -------
    raw
        Every row of the file; `found` says what was worked out.
    """
    path = Path(path)
    _check_path(path, project_path)
    with _readable(path), _unpacked(path) as (inner, told), _told_of(path, inner):
        kind = told if told != "json" else jsons.driver(inner) or "records"
        if kind in SHEETS:
            return _from_sheet(path, _sheet(inner, kind, encoding, sheet))
        if kind == "parquet":
            return _from_layer(path, parquet.read(inner))
        return _from_layer(path, shapes.read(inner, kind, layer=layer, encoding=encoding))


def _check_path(path: Path, project_path: Path | str | None) -> None:
    try:
        there = path.exists()
    except (OSError, ValueError) as fault:  # a name that no disk can have
        raise TableError("file_missing", where=str(path)) from fault
    if not there:
        raise TableError("file_missing", where=str(path))
    if not path.is_file():
        raise TableError("file_not_a_file", where=str(path))
    if path.stat().st_size == 0:
        raise TableError("file_empty", where=str(path))
    if project_path is not None and Path(project_path).exists() and path.samefile(project_path):
        raise TableError("file_is_the_project", where=str(path))


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Say of a file that lies there and cannot be read that it is so: it is closed to the user, or its disk fails."""
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError as fault:
        raise TableError("file_unreadable", where=str(path)) from fault
    yield


@contextmanager
def _told_of(path: Path, inner: Path) -> Iterator[None]:
    """Say what is wrong of the user's own file, not of what was unpacked from it."""
    try:
        yield
    except TableError as fault:
        if fault.where != str(inner) or inner == path:
            raise
        raise TableError(fault.code, where=str(path), **fault.note.facts) from fault


def _some(names: Sequence[str]) -> list[str]:
    """Give so many names as a sentence bears."""
    return [*names[:MOST_NAMED], *(["…"] if len(names) > MOST_NAMED else [])]


def _sheet(path: Path, kind: str, encoding: str | None, sheet: str | None) -> heading.Sheet:
    if kind == "workbook":
        return sheets.workbook_sheet(path, sheet=sheet)
    if kind == "page":
        return pages.page_sheet(path, encoding=encoding, sheet=sheet)
    if kind == "records":
        return jsons.record_sheet(path, encoding=encoding)
    return sheets.text_sheet(path, path.read_bytes(), encoding=encoding)


def _from_sheet(path: Path, sheet: heading.Sheet) -> RawTable:
    body = heading.body(sheet, str(path))
    names = tuple(str(name) for name in body.frame.columns if name != OUR_COLUMN)
    return RawTable(
        path, names, body.frame, None, None, {**sheet.found, **body.found}, widths=body.widths, shared=body.shared
    )


def _from_layer(path: Path, layer: shapes.Layer) -> RawTable:
    names = tuple(str(name) for name in layer.frame.columns if name != OUR_COLUMN)
    if not len(layer.frame) and not names and not layer.unread:
        raise TableError("file_empty", where=str(path))
    found = layer.found | {"crs": layer.crs}
    return RawTable(path, names, layer.frame, layer.geometry, layer.crs, found, unread=layer.unread)


@contextmanager
def _unpacked(path: Path) -> Iterator[tuple[Path, str]]:
    """Give the file itself, or the one list or layer inside an archive, with its kind."""
    kind = kinds.kind(path)
    if kind not in ("archive", "gzip"):
        yield path, kind
        return
    with tempfile.TemporaryDirectory(prefix="govmap-") as folder:
        inner = _unpack_one(path, Path(folder)) if kind == "archive" else _unzip(path, Path(folder))
        found = "geodatabase" if inner.is_dir() else kinds.kind(inner)
        if found in ("archive", "gzip"):
            raise TableError("file_nothing_in_archive", where=str(path))
        yield inner, found


def _unzip(path: Path, folder: Path) -> Path:
    """Unpack a gzipped file, as far as it is not larger than a list can be."""
    target, written = folder / f"layer{PurePosixPath(path.stem).suffix or '.csv'}", 0
    most = max(HARMLESS, MOST_PACKED * path.stat().st_size)
    try:
        with gzip.open(path, "rb") as source, target.open("wb") as sink:
            while block := source.read(BLOCK):
                written += len(block)
                if written > most:
                    raise TableError("file_bomb", where=str(path), megabytes=written // 1_000_000)
                sink.write(block)
    except (OSError, EOFError, zlib.error) as fault:
        raise TableError("file_archive_broken", where=str(path)) from fault
    return target


def _unpack_one(path: Path, folder: Path) -> Path:
    """Write the one list or layer of an archive, under a name of ours, and nothing else."""
    with zipfile.ZipFile(path) as packed:
        members = [one for one in packed.infolist() if not one.is_dir() and "__MACOSX" not in one.filename]
        bases = sorted({found[0] for one in members if (found := GEODATABASE.match(one.filename))})
        mains = [one for one in members if _suffix(one) in LISTS | LAYERS and not GEODATABASE.match(one.filename)]
        surely = [one for one in mains if _suffix(one) not in PERHAPS]
        mains = surely or mains
        if len(bases) + len(mains) != 1:
            names = [*bases, *(PurePosixPath(one.filename).name for one in mains)]
            raise TableError(
                "file_several_in_archive" if names else "file_nothing_in_archive", where=str(path), files=_some(names)
            )
        wanted = [one for one in members if one.filename.startswith(bases[0])] if bases else _parts(members, mains[0])
        size, packed_size = sum(one.file_size for one in wanted), sum(one.compress_size for one in wanted)
        if size > LARGEST_MEMBER or (size > HARMLESS and size > MOST_PACKED * packed_size):
            raise TableError("file_bomb", where=str(path), megabytes=size // 1_000_000)
        if bases:
            (folder / "layer.gdb").mkdir()
        for one in wanted:
            name = f"layer.gdb/{PurePosixPath(one.filename).name}" if bases else f"layer{_suffix(one)}"
            _unpack(packed, one, folder / name, path)
    return folder / "layer.gdb" if bases else folder / f"layer{_suffix(mains[0])}"


def _parts(members: list[zipfile.ZipInfo], main: zipfile.ZipInfo) -> list[zipfile.ZipInfo]:
    """Give a member with those that belong to it."""
    ending = _suffix(main)
    among = SHAPEFILE_PARTS if ending == ".shp" else MAPINFO_PARTS if ending in (".tab", ".mif") else ()
    return [one for one in members if one is main or (one is not main and _beside(one, main, among))]


def _beside(one: zipfile.ZipInfo, main: zipfile.ZipInfo, among: tuple[str, ...]) -> bool:
    same = one.filename.rpartition(".")[0] == main.filename.rpartition(".")[0]
    return same and _suffix(one) in among and _suffix(one) != _suffix(main)


def _suffix(one: zipfile.ZipInfo) -> str:
    return PurePosixPath(one.filename).suffix.lower()


def _unpack(packed: zipfile.ZipFile, one: zipfile.ZipInfo, target: Path, path: Path) -> None:
    try:
        with packed.open(one) as source, target.open("wb") as sink:
            shutil.copyfileobj(source, sink)
    except (zipfile.BadZipFile, RuntimeError, OSError, EOFError, NotImplementedError, ValueError) as fault:
        raise TableError("file_archive_broken", where=str(path)) from fault
    except Exception as fault:
        if re.match(r"zlib|lzma|bz2", type(fault).__module__ or ""):
            raise TableError("file_archive_broken", where=str(path)) from fault
        raise

"""People's own lists and layers as raw rows: whatever the kind of file, text cells with the row number they know.

What a file is is told by its content, not by its ending. What the cells mean is for `columns` and `gate`; nothing is
dropped here: a record that cannot be read is named in `unread`.
"""

import hashlib
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
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
from govmap.sources import heading, shapes, sheets
from govmap.sources.heading import OUR_COLUMN

WORKBOOK_PARTS = ("xl/workbook.xml", "content.xml")
SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
LAYER_KINDS = {".geojson": "geojson", ".json": "geojson", ".gpkg": "geopackage", ".fgb": "flatgeobuf", ".kml": "kml"}
LARGEST_TEXT, LARGEST_MEMBER, HEAD = 4_000_000_000, 2_000_000_000, 4096
# No list of words and numbers packs to less than a hundredth; small ones may.
HARMLESS, MOST_PACKED = 50_000_000, 100
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
        CSV or another text of cells, a workbook (.xlsx, .xls, .ods), GeoJSON, GeoPackage, Shapefile (also zipped),
        FlatGeobuf, KML.
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
    with _unpacked(path) as (inner, kind), _told_of(path, inner):
        if kind in ("text", "workbook"):
            return _from_sheet(path, _sheet(inner, kind, encoding, sheet))
        return _from_layer(path, shapes.read(inner, kind, layer=layer, encoding=encoding))


def _check_path(path: Path, project_path: Path | str | None) -> None:
    if not path.exists():
        raise TableError("file_missing", where=str(path))
    if not path.is_file():
        raise TableError("file_not_a_file", where=str(path))
    if path.stat().st_size == 0:
        raise TableError("file_empty", where=str(path))
    if project_path is not None and Path(project_path).exists() and path.samefile(project_path):
        raise TableError("file_is_the_project", where=str(path))


@contextmanager
def _told_of(path: Path, inner: Path) -> Iterator[None]:
    """Say what is wrong of the user's own file, not of what was unpacked from it."""
    try:
        yield
    except TableError as fault:
        if fault.where != str(inner) or inner == path:
            raise
        raise TableError(fault.code, where=str(path), **fault.note.facts) from fault


def _sheet(path: Path, kind: str, encoding: str | None, sheet: str | None) -> heading.Sheet:
    if kind == "workbook":
        return sheets.workbook_sheet(path, sheet=sheet)
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
    kind = _kind(path)
    if kind != "archive":
        yield path, kind
        return
    with tempfile.TemporaryDirectory(prefix="govmap-") as folder:
        inner = _unpack_one(path, Path(folder))
        yield inner, _kind(inner)


def _kind(path: Path) -> str:
    """Tell what a file is by its first bytes; the ending decides only among kinds of text."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head.startswith(b"PK\x03\x04"):
        return _packed_kind(path)
    for mark, kind in (
        (b"\xd0\xcf\x11\xe0", "workbook"),
        (b"SQLite format 3\0", "geopackage"),
        (b"fgb", "flatgeobuf"),
        (b"\0\0\x27\x0a", "shapefile"),
    ):
        if head.startswith(mark):
            return kind
    return _text_kind(path, head)


def _text_kind(path: Path, head: bytes) -> str:
    """Tell kinds of text apart."""
    if path.suffix.lower() in (".dbf", ".shx", ".prj", ".cpg") and path.with_suffix(".shp").exists():
        raise TableError("file_beside_a_shapefile", where=str(path), name=path.with_suffix(".shp").name)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"{", b"[")):
        return "geojson"
    if start.startswith(b"<"):
        lowered = head.lower()
        if b"<html" in lowered or b"<table" in lowered or b"<workbook" in lowered or b"<!doctype html" in lowered:
            raise TableError("file_is_a_web_page", where=str(path))
        return "kml"
    if path.stat().st_size > LARGEST_TEXT:
        raise TableError("file_too_large", where=str(path), megabytes=path.stat().st_size // 1_000_000)
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")):
        raise TableError("file_kind_unknown", where=str(path))
    return "text"


def _packed_kind(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as packed:
            names = packed.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as fault:
        raise TableError("file_archive_broken", where=str(path)) from fault
    return "workbook" if any(name in WORKBOOK_PARTS for name in names) else "archive"


def _unpack_one(path: Path, folder: Path) -> Path:
    """Write the one list or layer of an archive, under a name of ours, and nothing else."""
    with zipfile.ZipFile(path) as packed:
        members = [one for one in packed.infolist() if not one.is_dir() and "__MACOSX" not in one.filename]
        mains = [
            one for one in members if _suffix(one) in (".shp", ".csv", ".tsv", ".xlsx", ".xls", ".ods", *LAYER_KINDS)
        ]
        if len(mains) != 1:
            names = [PurePosixPath(one.filename).name for one in mains]
            raise TableError(
                "file_several_in_archive" if mains else "file_nothing_in_archive", where=str(path), files=names
            )
        main = mains[0]
        wanted = [main] if _suffix(main) != ".shp" else [one for one in members if _beside(one, main)]
        size, packed_size = sum(one.file_size for one in wanted), sum(one.compress_size for one in wanted)
        if size > LARGEST_MEMBER or (size > HARMLESS and size > MOST_PACKED * packed_size):
            raise TableError("file_bomb", where=str(path), megabytes=size // 1_000_000)
        for one in wanted:
            _unpack(packed, one, folder / f"layer{_suffix(one)}", path)
    return folder / f"layer{_suffix(main)}"


def _beside(one: zipfile.ZipInfo, main: zipfile.ZipInfo) -> bool:
    same = one.filename.rpartition(".")[0] == main.filename.rpartition(".")[0]
    return same and _suffix(one) in SHAPEFILE_PARTS


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

"""What a file is, told by its content and not by its ending; what we cannot read is named, with what to do instead."""

import re
import zipfile
from pathlib import Path

from govmap.errors import TableError

HEAD, LARGEST_TEXT = 4096, 4_000_000_000
WORKBOOK_PARTS = ("xl/workbook.xml", "content.xml", "xl/workbook.bin")
OLE, OLE_SECTOR, OLE_ENTRY = b"\xd0\xcf\x11\xe0", 512, 128
READ = (
    (b"SQLite format 3\0", "geopackage"),
    (b"fgb", "flatgeobuf"),
    (b"\0\0\x27\x0a", "shapefile"),
    (b"\x1f\x8b", "gzip"),
    (b"PAR1", "parquet"),
)
REFUSED = (
    (b"%PDF", "file_is_pdf"),
    (b"\x89PNG", "file_is_a_picture"),
    (b"\xff\xd8\xff", "file_is_a_picture"),
    (b"GIF8", "file_is_a_picture"),
    (b"BM", "file_is_a_picture"),
    (b"II*\0", "file_is_a_picture"),
    (b"MM\0*", "file_is_a_picture"),
    (b"RIFF", "file_is_a_picture"),
    (b"{\\rtf", "file_is_a_document"),
    (b"Rar!", "file_other_archive"),
    (b"7z\xbc\xaf", "file_other_archive"),
    (b"BZh", "file_other_archive"),
    (b"\xfd7zXZ", "file_other_archive"),
    (b"\x28\xb5\x2f\xfd", "file_other_archive"),
    (b"AC10", "file_is_a_drawing"),
    (b"AutoCAD Binary DXF", "file_is_a_drawing"),
    (b"ID;P", "file_is_sylk"),
)
JSON = re.compile(rb"\x1e?\s*\{\s*[\"}]|\[\s*[\[{\]\"\d-]")
# What a program wrote and no reader of JSON takes: remarks, a name before it, keys without quotation marks.
LIKE_JSON = re.compile(
    rb"(?:\s++|//[^\n]*+\n|/\*.*?\*/|(?:(?:var|let|const)\s++)?[\w.$]++\s*+[=(])*+[\[{\s]*\{\s*+[\"'\w$]++\s*+:",
    re.DOTALL,
)
DXF = re.compile(rb"\s*0\r?\n\s*SECTION\r?\n")
DBASE = frozenset({0x03, 0x83, 0x8B, 0x30, 0xF5})
# Letters that lists are written in: ASCII, hanzi, signs of full width.
WRITTEN = re.compile(r"[\t\r\n -~\u2010-\u203b\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
MOSTLY = 0.95


def kind(path: Path) -> str:
    """
    Tell what a file is by its first bytes.

    Raises
    ------
    TableError
        It is of a kind that is no list and no layer, or that we do not read.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head.startswith(b"PK\x03\x04"):
        return _packed(path)
    if head.startswith(OLE):
        return _old_office(path)
    if head[4:].startswith(b"\x0a\x09OSMHeader"):
        raise TableError("file_is_osm", where=str(path))
    if head[257:262] == b"ustar":
        raise TableError("file_other_archive", where=str(path))
    for mark, told in READ:
        if head.startswith(mark):
            return told
    for mark, key in REFUSED:
        if head.startswith(mark):
            raise TableError(key, where=str(path))
    if path.suffix.lower() in (".dbf", ".shx", ".prj", ".cpg"):
        return _shapefile_part(path, head)
    return _text(path, head)


def wide_encoding(head: bytes) -> str | None:
    """Name the kind of UTF-16 in which bytes without a mark make text, where they do."""
    head = head[: len(head) // 2 * 2]
    for name in ("utf-16-le", "utf-16-be"):
        try:
            text = head.decode(name)
        except UnicodeDecodeError:
            continue
        if text and len(WRITTEN.findall(text)) >= MOSTLY * len(text) and "\n" in text.replace("\r", "\n"):
            return name
    return None


def _text(path: Path, head: bytes) -> str:
    """Tell kinds of text apart."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    lowered = head.lower()
    if JSON.match(start):
        return "json"
    if LIKE_JSON.match(start):
        raise TableError("file_json_no_layer", where=str(path))
    if DXF.match(head):
        raise TableError("file_is_a_drawing", where=str(path))
    if path.suffix.lower() in (".tab", ".mif") and (lowered.startswith((b"!table", b"version"))):
        return "mapinfo"
    if start.startswith(b"<"):
        return _marked_up(path, lowered)
    if path.stat().st_size > LARGEST_TEXT:
        raise TableError("file_too_large", where=str(path), megabytes=path.stat().st_size // 1_000_000)
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")) and not wide_encoding(head):
        raise TableError("file_kind_unknown", where=str(path))
    return "text"


def _marked_up(path: Path, lowered: bytes) -> str:
    if re.search(rb"<osm[\s>]|<osmchange", lowered):
        raise TableError("file_is_osm", where=str(path))
    if b"urn:schemas-microsoft-com:office:spreadsheet" in lowered and b"<workbook" in lowered:
        return "page"
    if re.search(rb"<kml[\s>]|<gpx[\s>]", lowered.partition(b"<![cdata[")[0]):  # what it tells of a place may be a page
        return "gpx" if re.search(rb"<gpx[\s>]", lowered) else "kml"
    if any(mark in lowered for mark in (b"<html", b"<table", b"<!doctype html")):
        return "page"
    return "kml"


def _packed(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as packed:
            names = packed.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as fault:
        raise TableError("file_archive_broken", where=str(path)) from fault
    if any(name in ("word/document.xml", "ppt/presentation.xml") for name in names):
        raise TableError("file_is_a_document", where=str(path))
    return "workbook" if any(name in WORKBOOK_PARTS for name in names) else "archive"


def _old_office(path: Path) -> str:
    """Tell by the names of its streams what a container of old Office holds."""
    with path.open("rb") as file:
        head = file.read(OLE_SECTOR)
        size = 1 << min(int.from_bytes(head[30:32], "little"), 12)
        file.seek((int.from_bytes(head[48:52], "little") + 1) * size)
        listed = file.read(max(size, 8 * OLE_ENTRY))
    streams = {
        listed[at : at + 64].decode("utf-16-le", "replace").split("\0")[0].casefold()
        for at in range(0, len(listed) - OLE_ENTRY + 1, OLE_ENTRY)
    }
    if streams & {"encryptedpackage", "encryptioninfo"}:
        raise TableError("file_has_password", where=str(path))
    if streams & {"worddocument", "powerpoint document", "__properties_version1.0"}:
        raise TableError("file_is_a_document", where=str(path))
    return "workbook"


def _shapefile_part(path: Path, head: bytes) -> str:
    """Tell a part of a Shapefile from a dBase table that stands alone."""
    if path.with_suffix(".shp").exists():
        raise TableError("file_beside_a_shapefile", where=str(path), name=path.with_suffix(".shp").name)
    promised = int.from_bytes(head[4:8], "little") * int.from_bytes(head[10:12], "little")
    if path.suffix.lower() != ".dbf" or head[0] not in DBASE or promised > path.stat().st_size:
        raise TableError("file_kind_unknown", where=str(path))
    return "dbase"

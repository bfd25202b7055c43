"""What a workbook holds, looked at before it is read: how far its cells lie, errors, formulas without results.

The reader makes room for every cell up to the farthest, so that one stray cell could take all memory; and it reads an
error and a formula that was never calculated as nothing at all, which would be a silent loss.
"""

import lzma
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from govmap.errors import TableError
from govmap.sources import binary_extents, old_extents

MOST_CELLS, SPARSE_CELLS, SPARSEST = 20_000_000, 2_000_000, 0.05
MOST_REPEATED = 100_000
LARGEST_UNPACKED, LARGEST_RATIO, SMALL = 1_500_000_000, 400, 100_000
CHUNK, LARGEST_INDEX, LONGEST_CELL = 4_000_000, 20_000_000, 2_000_000
UNCALCULATED, TRUE = "#?", frozenset({"1", "true"})
# Any quotation marks, prefix and size: what XML allows, a hostile writer uses.
CELL = re.compile(rb"""<(?:\w+:)?c\b[^>]*?\br\s*=\s*["']([A-Za-z]{1,20})(\d{1,20})["']""")
ROW = re.compile(rb"""<(?:\w+:)?row\b[^>]*?\br\s*=\s*["'](\d{1,20})["']""")
_INSIDE, _AT = rb"(?:(?!</c>).)*?", rb'[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*'
ERROR = re.compile(rb'<c\b(?=[^>]*\bt="e")' + _AT + rb">" + _INSIDE + rb"<v>([^<]{1,40})</v>", re.DOTALL)
FORMULA = re.compile(
    rb"<c\b" + _AT + rb">\s*<f\b(?:[^>]*/>|" + _INSIDE + rb"</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>", re.DOTALL
)
REPEATED = re.compile(rb'<table:table-row\b[^>]*number-rows-repeated="(\d+)"[^>]*>(.*?)</table:table-row>', re.DOTALL)
BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, ParseError, DefusedXmlException, KeyError, EOFError, OSError,
    NotImplementedError, RuntimeError, ValueError, IndexError, struct.error,
)  # fmt: skip
Cell = tuple[int, int]


@dataclass
class Extent:
    """One sheet: its rows and columns, cells that are there, and what stands where the reader sees nothing."""

    rows: int = 0
    columns: int = 0
    filled: int = 0
    lost: dict[Cell, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Book:
    """What is to be known of a workbook before it is read: its sheets by name, and whether its days begin in 1904."""

    sheets: dict[str, Extent]
    since_1904: bool = False


def look(path: Path) -> Book:
    """
    Look at the sheets of a workbook; of an open document only whether it can be read.

    Raises
    ------
    TableError
        Reading it would take all memory, or its parts cannot be found.
    """
    try:
        book = _packed(path) if zipfile.is_zipfile(path) else _old(path)
    except BROKEN as fault:
        raise TableError("file_workbook_broken", where=str(path), detail=type(fault).__name__) from fault
    for name, extent in book.sheets.items():
        area = extent.rows * extent.columns
        if area > MOST_CELLS or (area > SPARSE_CELLS and extent.filled < SPARSEST * area):
            raise TableError("file_far_cell", where=str(path), sheet=name, rows=extent.rows, columns=extent.columns)
    return book


def _old(path: Path) -> Book:
    found, since_1904 = old_extents.look(path)
    return Book({name: Extent(*one) for name, one in found.items()}, since_1904)


def _packed(path: Path) -> Book:
    with zipfile.ZipFile(path) as packed:
        _refuse_bomb(path, packed)
        if "content.xml" in packed.namelist():
            _refuse_repeats(path, packed)
            return Book({})
        if binary_extents.BOOK in packed.namelist():
            sheets = {name: Extent(*found) for name, found in binary_extents.sheets(packed).items()}
            return Book(sheets, binary_extents.since_1904(packed))
        index = fromstring(_index(packed, "xl/workbook.xml"), forbid_dtd=True)
        told = [one.get("date1904", "") for one in index.iter() if one.tag.rpartition("}")[2] == "workbookPr"]
        sheets = {name: _extent(packed, part) for name, part in _sheets(packed, index)}
        return Book(sheets, since_1904=bool(TRUE.intersection(told)))


def column_number(letters: str) -> int:
    """Give the number of a column by its letters, A being 1."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _refuse_bomb(path: Path, packed: zipfile.ZipFile) -> None:
    size = sum(one.file_size for one in packed.infolist())
    if size > LARGEST_UNPACKED or size > LARGEST_RATIO * max(path.stat().st_size, SMALL):
        raise TableError("file_bomb", where=str(path), megabytes=size // 1_000_000)


def _refuse_repeats(path: Path, packed: zipfile.ZipFile) -> None:
    """Refuse an open-document sheet that says of a filled row that it stands there a hundred thousand times."""
    for found in REPEATED.finditer(packed.read("content.xml")):
        if int(found[1]) > MOST_REPEATED and (b"office:value" in found[2] or b"<text:p" in found[2]):
            raise TableError("file_far_cell", where=str(path), sheet="content.xml", rows=int(found[1]), columns=1)


def _sheets(packed: zipfile.ZipFile, index: Any) -> Iterator[tuple[str, str]]:
    """Give the name of each sheet and the part that holds it."""
    targets = {
        one.get("Id"): one.get("Target", "")
        for one in fromstring(_index(packed, "xl/_rels/workbook.xml.rels"), forbid_dtd=True)
    }
    for one in index.iter():
        if one.tag.rpartition("}")[2] != "sheet":
            continue
        key = next((value for name, value in one.attrib.items() if name.rpartition("}")[2] == "id"), "")
        target = targets.get(key, "")
        part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        if part in packed.namelist():
            yield one.get("name", ""), part


def _index(packed: zipfile.ZipFile, part: str) -> bytes:
    if packed.getinfo(part).file_size > LARGEST_INDEX:
        raise KeyError(part)
    return packed.read(part)


def _extent(packed: zipfile.ZipFile, part: str) -> Extent:
    extent = Extent()
    letters: set[bytes] = set()
    for chunk in _chunks(packed, part):
        extent.filled += chunk.count(b"<c ") + chunk.count(b":c ")
        extent.rows = max([extent.rows, *map(int, ROW.findall(chunk))])
        for found in CELL.finditer(chunk):
            letters.add(found[1].upper())
            extent.rows = max(extent.rows, int(found[2]))
        _note_lost(chunk, extent)
    extent.columns = max((column_number(one.decode()) for one in letters), default=0)
    return extent


def _note_lost(chunk: bytes, extent: Extent) -> None:
    if b't="e"' in chunk:
        for found in ERROR.finditer(chunk):
            extent.lost[int(found[2]) - 1, column_number(found[1].decode()) - 1] = found[3].decode("utf-8", "replace")
    if b"<f" in chunk:
        for found in FORMULA.finditer(chunk):
            extent.lost[int(found[2]) - 1, column_number(found[1].decode()) - 1] = UNCALCULATED


def _chunks(packed: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """Give a part piece by piece, cut before cells."""
    rest = b""
    with packed.open(part) as file:
        while block := file.read(CHUNK):
            rest += block
            cut = max(rest.rfind(b"<c "), rest.rfind(b"<row "))
            if cut > 0 or len(rest) > CHUNK + LONGEST_CELL:
                cut = cut if cut > 0 else len(rest)
                yield rest[:cut]
                rest = rest[cut:]
    yield rest

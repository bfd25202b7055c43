"""How far the cells of a binary workbook (.xlsb) lie, and its errors, record by record as [MS-XLSB] 2.1.4 has them."""

import posixpath
import zipfile
from collections.abc import Iterator

from defusedxml.ElementTree import fromstring

BOOK, RELATIONS = "xl/workbook.bin", "xl/_rels/workbook.bin.rels"
ROW, SHEET, FACTS = 0, 0x9C, 0x99
CELLS = range(1, 12)  # blank, numbers, errors, truths, words, and what formulas gave
ERRORS, LARGEST_SHEET = (3, 11), 400_000_000
MORE, SEVEN, LENGTHS, CELL_HEAD = 0x80, 0x7F, 4, 8
SAID = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
Found = tuple[int, int, int, dict[tuple[int, int], str]]


def sheets(packed: zipfile.ZipFile) -> dict[str, Found]:
    """
    Look at each sheet: rows and columns up to the farthest cell, the number of cells, errors by their place.

    Raises
    ------
    KeyError, ValueError
        Parts are missing, far too large or cut off.
    """
    targets = {one.get("Id"): one.get("Target", "") for one in fromstring(packed.read(RELATIONS), forbid_dtd=True)}
    found = {}
    for kind, content in _records(packed.read(BOOK)):
        if kind == SHEET:
            key, rest = _words(content[8:])
            part = posixpath.normpath(posixpath.join("/xl", targets.get(key, ""))).lstrip("/")
            if part in packed.namelist():
                found[_words(rest)[0]] = _sheet(packed, part)
    return found


def since_1904(packed: zipfile.ZipFile) -> bool:
    """Tell whether the days of a book begin in 1904 (2.4.822)."""
    return any(kind == FACTS and content[:1] and content[0] & 1 for kind, content in _records(packed.read(BOOK)))


def _sheet(packed: zipfile.ZipFile, part: str) -> Found:
    if packed.getinfo(part).file_size > LARGEST_SHEET:
        raise ValueError(part)
    row = rows = columns = filled = 0
    errors: dict[tuple[int, int], str] = {}
    for kind, content in _records(packed.read(part)):
        if kind == ROW:
            row = _number(content)
        elif kind in CELLS:
            column = _number(content)
            rows, columns, filled = max(rows, row + 1), max(columns, column + 1), filled + 1
            if kind in ERRORS:
                errors[row, column] = SAID.get(content[CELL_HEAD], "#N/A")
    return rows, columns, filled, errors


def _records(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Give the kind and the content of each record; kind and length take seven bits a byte."""
    at = 0
    while at < len(content):
        kind, at = content[at], at + 1
        if kind & MORE:
            kind, at = kind & SEVEN | (content[at] & SEVEN) << 7, at + 1
        length = 0
        for place in range(LENGTHS):
            byte, at = content[at], at + 1
            length |= (byte & SEVEN) << 7 * place
            if not byte & MORE:
                break
        yield kind, content[at : at + length]
        at += length


def _number(content: bytes) -> int:
    if len(content) < LENGTHS:
        raise ValueError("cut off")
    return int.from_bytes(content[:LENGTHS], "little")


def _words(content: bytes) -> tuple[str, bytes]:
    end = LENGTHS + 2 * _number(content)
    return content[LENGTHS:end].decode("utf-16-le", "replace"), content[end:]

"""A binary workbook (.xlsb) made by hand as [MS-XLSB] has it, since no library of ours writes one."""

import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

ROW, ERROR, REAL, TEXT = 0, 3, 5, 6
SHEET, END_OF_SHEETS, END_OF_BOOK, DIMENSION, DATA, END_OF_DATA = 0x9C, 0x90, 0x84, 0x94, 0x91, 0x92
TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>'
)
RELATION = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}" Target="{}"/></Relationships>'
)


def write(path: Path, rows: Mapping[int, Sequence[str | float]]) -> Path:
    """Write one sheet of words, numbers and errors, rows by their number from nought."""
    book = _record(SHEET, struct.pack("<II", 0, 1) + _words("rId1") + _words("名单"))
    book += _record(END_OF_SHEETS, b"") + _record(END_OF_BOOK, b"")
    sheet = _record(DIMENSION, struct.pack("<IIII", 0, max(rows), 0, max(map(len, rows.values())) - 1)) + _record(
        DATA, b""
    )
    for number, row in rows.items():
        sheet += _record(ROW, struct.pack("<IIHBBBI", number, 0, 300, 0, 0, 0, 0))
        for place, cell in enumerate(row):
            there = struct.pack("<II", place, 0)
            if cell == "#N/A":
                sheet += _record(ERROR, there + b"\x2a")
            elif isinstance(cell, str):
                sheet += _record(TEXT, there + _words(cell)) if cell else b""
            else:
                sheet += _record(REAL, there + struct.pack("<d", cell))
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("[Content_Types].xml", TYPES)
        packed.writestr("_rels/.rels", RELATION.format("officeDocument", "xl/workbook.bin"))
        packed.writestr("xl/workbook.bin", book)
        packed.writestr("xl/_rels/workbook.bin.rels", RELATION.format("worksheet", "worksheets/sheet1.bin"))
        packed.writestr("xl/worksheets/sheet1.bin", sheet + _record(END_OF_DATA, b""))
    return path


def _words(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _record(kind: int, content: bytes) -> bytes:
    """Write a record: its kind and its length, seven bits a byte, then what it holds."""
    head = bytes([kind | 0x80, 1]) if kind > 0x7F else bytes([kind])
    length = len(content)
    while length > 0x7F:
        head += bytes([length & 0x7F | 0x80])
        length >>= 7
    return head + bytes([length]) + content

"""How far the cells of an old workbook (.xls) lie, its errors and where its days begin, as [MS-CFB] and [MS-XLS] say.

The reader makes room for every cell up to the farthest, and reads an error as nothing at all.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

from govmap.sources.binary_extents import SAID

MARK, ENTRY, FAT_IN_HEAD = b"\xd0\xcf\x11\xe0", 128, 109
LAST, STREAM = 0xFFFFFFFA, 2
BOOKS = ("workbook", "book")
SHEET, WORKSHEET, DATES, LOCKED, END, SUBSTREAM = 0x85, 0, 0x22, 0x2F, 0x0A, 0x809
LABELS = (0x204, 0xFD, 0xD6)
NUMBERS = (0x203, 0x27E, 0x06)
MANY, ERROR_OR_TRUTH, FORMULA = 0xBD, 0x205, 0x06
CELLS = frozenset({*LABELS, *NUMBERS, MANY, ERROR_OR_TRUTH})
WIDE, GAVE_ERROR, NO_NUMBER = 0x600, 2, b"\xff\xff"
Found = tuple[int, int, int, dict[tuple[int, int], str]]


def look(path: Path) -> tuple[dict[str, Found], bool]:
    """
    Look at each sheet: rows and columns up to the farthest cell, the number of cells, errors by their place.

    Returns
    -------
    sheets, since_1904
        Nothing where the file is no container of old Office or holds no workbook.

    Raises
    ------
    ValueError, struct.error
        The container or the workbook in it is cut off or contradicts itself.
    """
    content = path.read_bytes()
    book = _stream(content) if content.startswith(MARK) else b""
    sheets: dict[str, Found] = {}
    since_1904, wide = False, True
    for kind, record in _records(book, 0):
        if kind == LOCKED:  # the reader says so
            return {}, False
        if kind == SUBSTREAM:
            wide = int(struct.unpack_from("<H", record)[0]) >= WIDE
        elif kind == DATES:
            since_1904 = record[:1] == b"\1"
        elif kind == SHEET and record[5] & 0x0F == WORKSHEET:
            sheets[_title(record, wide=wide)] = _sheet(book, struct.unpack_from("<I", record)[0])
    return sheets, since_1904


def _stream(content: bytes) -> bytes:
    """Give the stream of a container that holds the workbook; empty where there is none of an ordinary size."""
    size = 1 << struct.unpack_from("<H", content, 30)[0]
    folder, small = struct.unpack_from("<I", content, 48)[0], struct.unpack_from("<I", content, 56)[0]
    table = _table(content, size)
    listed = _chained(content, table, folder, size)
    for at in range(0, len(listed) - ENTRY + 1, ENTRY):
        length, kind = struct.unpack_from("<HB", listed, at + 64)
        name = listed[at : at + max(0, length - 2)].decode("utf-16-le", "replace").casefold()
        start, long = struct.unpack_from("<II", listed, at + 116)
        if kind == STREAM and name in BOOKS and long >= small:
            return _chained(content, table, start, size)[:long]
    return b""


def _table(content: bytes, size: int) -> tuple[int, ...]:
    """Give the table that says of each sector which one follows it."""
    places = list(struct.unpack_from(f"<{FAT_IN_HEAD}I", content, 76))
    more, count = struct.unpack_from("<II", content, 68)
    for _ in range(min(count, len(content) // size)):
        if more >= LAST:
            break
        places += struct.unpack_from(f"<{size // 4 - 1}I", content, (more + 1) * size)
        more = struct.unpack_from("<I", content, (more + 2) * size - 4)[0]
    sectors = [content[(one + 1) * size : (one + 2) * size] for one in places if one < LAST]
    return tuple(each[0] for piece in sectors for each in struct.iter_unpack("<I", piece[: len(piece) // 4 * 4]))


def _chained(content: bytes, table: tuple[int, ...], start: int, size: int) -> bytes:
    """Follow the sectors of a stream; one that never ends, or leaves the file, contradicts itself."""
    pieces: list[bytes] = []
    while start < LAST:
        if start >= len(table) or len(pieces) * size > len(content):
            raise ValueError("sectors")
        pieces.append(content[(start + 1) * size : (start + 2) * size])
        start = table[start]
    return b"".join(pieces)


def _records(book: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Give the records of one part of the book, up to its end."""
    while at + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, at)
        if kind == END:
            return
        yield kind, book[at + 4 : at + 4 + length]
        at += 4 + length


def _title(record: bytes, *, wide: bool) -> str:
    count = record[6]
    if not wide:
        return record[7 : 7 + count].decode("cp1252", "replace")
    letters, start = ("utf-16-le", 2) if record[7] & 1 else ("latin-1", 1)
    return record[8 : 8 + count * start].decode(letters, "replace")


def _sheet(book: bytes, at: int) -> Found:
    rows = columns = filled = 0
    errors: dict[tuple[int, int], str] = {}
    for kind, record in _records(book, at):
        if kind not in CELLS:
            continue
        row, first = struct.unpack_from("<HH", record)
        last = struct.unpack_from("<H", record, len(record) - 2)[0] if kind == MANY else first
        rows, columns, filled = max(rows, row + 1), max(columns, last + 1), filled + 1 + max(0, last - first)
        code = _error(kind, record)
        if code is not None:
            errors[row, first] = SAID.get(code, "#N/A")
    return rows, columns, filled, errors


def _error(kind: int, record: bytes) -> int | None:
    """Give the code of an error that a cell holds or that its formula gave."""
    if kind == ERROR_OR_TRUTH:
        return record[6] if record[7:8] == b"\1" else None
    gave = record[6:14]
    return gave[2] if kind == FORMULA and gave[:1] == bytes([GAVE_ERROR]) and gave[6:] == NO_NUMBER else None

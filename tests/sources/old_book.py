"""A workbook of Excel 97 (.xls) made by hand as [MS-XLS] and [MS-CFB] have it, since no library of ours writes one."""

import struct
from collections.abc import Sequence
from pathlib import Path

Cell = str | float | int | None
Merge = tuple[int, int, int, int]  # first row, last row, first column, last column, from nought
SECTOR, MOST = 512, 8224
FREE, END, TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
BOOK, SHEET = 0x0005, 0x0010
GENERAL, DAY = 0, 1  # which of our two formats a cell has
ERRORS = {"#NULL!": 0x00, "#DIV/0!": 0x07, "#VALUE!": 0x0F, "#REF!": 0x17, "#NAME?": 0x1D, "#NUM!": 0x24, "#N/A": 0x2A}


class Day(float):
    """A number that is shown as a day."""


class Formula(str):
    """A formula, by the text or error that it gave when it was last calculated; empty if it never was."""

    __slots__ = ()


def write(
    path: Path,
    rows: Sequence[Sequence[Cell]],
    *,
    merged: Sequence[Merge] = (),
    since_1904: bool = False,
    shared: bool = True,
    hidden: Sequence[Sequence[Cell]] = (),
    name: str = "名单",
) -> Path:
    """
    Write a sheet, perhaps with a hidden one before it, into a container of old Office.

    Parameters
    ----------
    shared
        Words stand once for the whole book, as Excel 97 and WPS write them; else each in its cell.
    """
    sheets = [("封面", hidden, 1)] if hidden else []
    sheets.append((name, rows, 0))
    words = _words([row for _, table, _ in sheets for row in table]) if shared else {}
    bodies = [_sheet(table, words, merged if not covered else ()) for _, table, covered in sheets]
    heads = [_record(0x85, struct.pack("<IBB", 0, covered, 0) + _short(title)) for title, _, covered in sheets]
    front = _begin(BOOK) + _record(0x42, struct.pack("<H", 1200)) + _record(0x22, struct.pack("<H", since_1904))
    front += _format(164, "yyyy-mm-dd") + _style(0) + _style(164)
    back = _table(words) + _record(0x0A, b"")
    at = len(front) + sum(map(len, heads)) + len(back)
    book = front
    for (title, _, covered), body in zip(sheets, bodies, strict=True):
        book += _record(0x85, struct.pack("<IBB", at, covered, 0) + _short(title))
        at += len(body)
    path.write_bytes(container(book + back + b"".join(bodies)))
    return path


def container(stream: bytes, name: str = "Workbook") -> bytes:
    """Put one stream into a container of old Office; it is filled up so that it needs no small sectors."""
    stream = stream.ljust(4096, b"\0")
    stream += b"\0" * (-len(stream) % SECTOR)
    count = len(stream) // SECTOR
    tables = 1
    while tables * (SECTOR // 4) < count + tables + 1:
        tables += 1
    chain = [*range(1, count), END, END, *([TABLE] * tables)]
    chain += [FREE] * (tables * (SECTOR // 4) - len(chain))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    head += struct.pack("<IIIIIIIII", 0, tables, count, 0, 4096, END, 0, END, 0)
    places = [count + 1 + number for number in range(tables)]
    head += struct.pack("<109I", *places, *([FREE] * (109 - tables)))
    folder = _entry("Root Entry", 5, 1, END, 0) + _entry(name, 2, FREE, 0, len(stream)) + _entry("", 0, FREE, 0, 0) * 2
    return head + stream + folder + struct.pack(f"<{len(chain)}I", *chain)


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = (name + "\0").encode("utf-16-le") if name else b""
    head = text.ljust(64, b"\0") + struct.pack("<HBB", len(text), kind, 1)
    return head + struct.pack("<III", FREE, FREE, child) + b"\0" * 36 + struct.pack("<IQ", start, size)


def _record(kind: int, content: bytes) -> bytes:
    pieces = [content[at : at + MOST] for at in range(0, len(content), MOST)] or [b""]
    kinds = [kind, *[0x3C] * (len(pieces) - 1)]
    return b"".join(struct.pack("<HH", one, len(piece)) + piece for one, piece in zip(kinds, pieces, strict=True))


def _begin(kind: int) -> bytes:
    return _record(0x809, struct.pack("<HHHHII", 0x600, kind, 0x0DBB, 0x07CC, 0, 6))


def _short(text: str) -> bytes:
    return struct.pack("<BB", len(text), 1) + text.encode("utf-16-le")


def _long(text: str) -> bytes:
    return struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")


def _format(number: int, text: str) -> bytes:
    return _record(0x41E, struct.pack("<H", number) + _long(text))


def _style(number: int) -> bytes:
    return _record(0xE0, struct.pack("<HHHBBBBIIH", 0, number, 0, 0, 0, 0, 0, 0, 0, 0))


def _words(rows: Sequence[Sequence[Cell]]) -> dict[str, int]:
    plain = (cell for row in rows for cell in row if type(cell) is str and cell and cell not in ERRORS)
    return {text: number for number, text in enumerate(dict.fromkeys(plain))}


def _table(words: dict[str, int]) -> bytes:
    """Write the words of the book; those that do not fit into a record go on in the next, a word cut in two."""
    pieces, piece = [], struct.pack("<II", len(words), len(words))
    for text in words:
        letters = text.encode("utf-16-le")
        if len(piece) + 5 > MOST:
            pieces, piece = [*pieces, piece], b""
        piece += struct.pack("<HB", len(text), 1)
        while len(piece) + len(letters) > MOST:
            room = (MOST - len(piece)) // 2 * 2
            pieces, piece, letters = [*pieces, piece + letters[:room]], b"\1", letters[room:]
        piece += letters
    kinds = [0xFC, *[0x3C] * len(pieces)]
    return b"".join(
        struct.pack("<HH", one, len(content)) + content for one, content in zip(kinds, [*pieces, piece], strict=True)
    )


def _sheet(rows: Sequence[Sequence[Cell]], words: dict[str, int], merged: Sequence[Merge]) -> bytes:
    wide = max(map(len, rows), default=0)
    body = _begin(SHEET) + _record(0x200, struct.pack("<IIHHH", 0, len(rows), 0, wide, 0))
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            if cell is not None and cell != "":
                body += _cell(number, place, cell, words)
    if merged:
        body += _record(0xE5, struct.pack("<H", len(merged)) + b"".join(struct.pack("<HHHH", *one) for one in merged))
    return body + _record(0x0A, b"")


def _cell(row: int, place: int, cell: Cell, words: dict[str, int]) -> bytes:
    there = struct.pack("<HHH", row, place, DAY if isinstance(cell, Day) else GENERAL)
    if isinstance(cell, Formula):
        return _formula(there, str(cell))
    if isinstance(cell, str) and cell in ERRORS:
        return _record(0x205, there + struct.pack("<BB", ERRORS[cell], 1))
    if isinstance(cell, str):
        return (
            _record(0xFD, there + struct.pack("<I", words[cell]))
            if cell in words
            else _record(0x204, there + _long(cell))
        )
    if isinstance(cell, int) and not isinstance(cell, bool) and abs(cell) < 1 << 29:
        return _record(0x27E, there + struct.pack("<i", (cell << 2) | 2))
    return _record(0x203, there + struct.pack("<d", float(cell or 0)))


def _formula(there: bytes, gave: str) -> bytes:
    head = b"\x02\0" + bytes([ERRORS[gave]]) + b"\0\0\0\xff\xff" if gave in ERRORS else b"\0\0\0\0\0\0\xff\xff"
    told = _record(0x06, there + head + struct.pack("<HIH", 0, 0, 3) + b"\x1e\x01\0")
    return told if gave in ERRORS else told + _record(0x207, _long(gave))

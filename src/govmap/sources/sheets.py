"""Cells of text files and workbooks, as they stand: rows of text, and what was worked out on the way.

What the first row of a list is, and what its columns mean, is for `heading` and `columns`.
"""

import codecs
import csv
import datetime as dt
import io
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from govmap.errors import TableError
from govmap.memory import without_sweeps
from govmap.sources import extents, heading, kinds, plain, quoted
from govmap.sources.heading import Sheet

DELIMITERS = (",", "\t", ";", "|", "，", "；")
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
COMMON_SHARE, LOOKED_AT_ROWS, LONGEST_CELL = 0.9, 200, 1_000_000
SAMPLE = 300_000
KEPT_TEXT = re.compile(r'^="([^"]*)"$')


def text_sheet(path: Path, content: bytes, *, encoding: str | None = None) -> Sheet:
    """Read a text file whose cells stand between commas, tabs, semicolons or bars."""
    text, encoding = decoded(content, str(path), encoding=encoding)
    if "\0" in text:
        raise TableError("file_not_a_list", where=str(path))
    stated = re.match(r"sep=(.)\r?\n", text)
    delimiter = stated[1] if stated else _delimiter(text)
    found = {"format": "text", "encoding": encoding, "delimiter": delimiter}
    long = None if stated else plain.look(text, delimiter)
    if long is not None:
        return Sheet(long.head, found=found, plain=long)
    csv.field_size_limit(LONGEST_CELL)
    try:
        with without_sweeps():
            rows = quoted.rows(text, delimiter)
    except csv.Error as fault:
        raise TableError("file_text_broken", where=str(path), detail=str(fault)) from fault
    rows[:1] = [[]] if stated else rows[:1]
    if '="' in text:  # text that a program has kept from becoming a number: ="0012"
        rows = [[KEPT_TEXT.sub(r"\1", cell) for cell in row] for row in rows]
    return Sheet(rows, found=found)


@contextmanager
def _no_complaints() -> Iterator[None]:
    """Keep what a reader in machine code says of its own faults off the screen; we say it in a sentence."""
    try:
        kept = os.dup(2)
    except OSError:  # a program without a screen
        yield
        return
    try:
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - a device, not a file
            os.dup2(nowhere.fileno(), 2)
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def decoded(content: bytes, where: str, *, encoding: str | None = None) -> tuple[str, str]:
    """Give the text of bytes and the encoding they are in; where that is not certain the user is asked."""
    encoding = encoding or next((name for mark, name in MARKS if content.startswith(mark)), None)
    if encoding is None and b"\0" in content[: kinds.HEAD]:
        encoding = kinds.wide_encoding(content[: kinds.HEAD])
    encoding = encoding or ("utf-8" if decodes(content, "utf-8") else certain_encoding([content[:SAMPLE]]))
    if encoding is None:
        raise TableError("file_encoding_unsure", where=where, likely=likely_encodings(content))
    try:
        return content.decode(encoding), encoding
    except LookupError as fault:
        raise TableError("file_encoding_unknown", where=where, encoding=encoding) from fault
    except UnicodeError as fault:
        raise TableError("file_encoding_wrong", where=where, encoding=encoding) from fault


def certain_encoding(pieces: Sequence[bytes]) -> str | None:
    """Name the encoding of some bytes, where there is no doubt; a letter may be cut at the end of a piece."""
    if all(decodes(piece, "utf-8") for piece in pieces):
        return "utf-8"
    shares = {
        "gb18030": max(_common(pieces, "gb18030", "gb2312"), _hanzi(pieces, "gb18030")),
        "big5": _common(pieces, "big5hkscs", "big5"),
    }
    sure = [name for name, share in shares.items() if share >= COMMON_SHARE]
    if len(sure) > 1:
        sure = [max(sure, key=lambda name: _frequent(pieces, name))]
    return sure[0] if sure else None


def likely_encodings(content: bytes) -> list[str]:
    """Name some encodings in which the bytes make words, for the user to choose from."""
    from charset_normalizer import from_bytes

    names = [match.encoding for match in from_bytes(content[:200_000], preemptive_behaviour=False)]
    return list(dict.fromkeys([*names[:3], "gb18030", "cp1252"]))[:4]


def workbook_sheet(path: Path, *, sheet: str | None = None) -> Sheet:
    """Read one sheet of a workbook (.xlsx, .xls, .ods); several filled ones are for the user to choose from."""
    import python_calamine as calamine

    looked = extents.look(path)
    try:
        with _no_complaints(), calamine.CalamineWorkbook.from_path(str(path)) as book:
            chosen = _chosen(path, book, sheet, looked.sheets)
            return replace(chosen, found={**chosen.found, "since_1904": True}) if looked.since_1904 else chosen
    except calamine.PasswordError as fault:
        raise TableError("file_has_password", where=str(path)) from fault
    except (calamine.CalamineError, OSError, ValueError) as fault:
        raise TableError("file_workbook_broken", where=str(path), detail=_first_line(fault)) from fault
    except BaseException as fault:
        if type(fault).__name__ == "PanicException":  # a fault inside the reader, which is no Exception
            raise TableError("file_workbook_broken", where=str(path), detail=_first_line(fault)) from fault
        raise


def _chosen(path: Path, book: Any, wanted: str | None, found: dict[str, extents.Extent]) -> Sheet:
    names = list(book.sheet_names)
    if wanted is not None and wanted not in names:
        raise TableError("file_no_such_sheet", where=str(path), sheet=wanted, sheets=names)
    sheets = [_cells(book, name, found.get(name)) for name in ([wanted] if wanted is not None else _shown(book))]
    filled = [sheet for sheet in sheets if any(cell.strip() for row in sheet.rows for cell in row)]
    lists = [sheet for sheet in filled if heading.is_list(sheet)] if len(filled) > 1 else filled
    if not filled:
        covered = [] if wanted is not None else _covered(book)
        raise TableError("file_only_hidden" if covered else "file_empty", where=str(path), sheets=covered)
    if len(lists) != 1:
        raise TableError("file_several_sheets", where=str(path), sheets=[sheet.found["sheet"] for sheet in filled])
    return lists[0]


def _covered(book: Any) -> list[str]:
    """Name the hidden sheets that hold something."""
    import python_calamine as calamine

    names = [one.name for one in book.sheets_metadata if one.typ == calamine.SheetTypeEnum.WorkSheet]
    hidden = [name for name in names if name not in _shown(book)]
    return [name for name in hidden if any(map(any, book.get_sheet_by_name(name).to_python()))]


def _shown(book: Any) -> list[str]:
    import python_calamine as calamine

    return [
        one.name
        for one in book.sheets_metadata
        if one.visible == calamine.SheetVisibleEnum.Visible and one.typ == calamine.SheetTypeEnum.WorkSheet
    ]


def _cells(book: Any, name: str, extent: extents.Extent | None) -> Sheet:
    """Read the cells of a sheet; where the reader sees nothing though something stands there, say so in its place."""
    sheet = book.get_sheet_by_name(name)
    rows = [[as_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    for (row, column), text in (extent.lost if extent else {}).items():
        if row < len(rows) and column < len(rows[row]) and not rows[row][column]:
            rows[row][column] = text
    merged = tuple(sorted(sheet.merged_cell_ranges or ()))
    return Sheet(rows, merged, {"format": "workbook", "sheet": name})


def as_text(cell: Any) -> str:
    """Write a cell of a workbook as its owner sees it: no `.0` behind a whole number, dates as year-month-day."""
    if isinstance(cell, str):
        return cell
    if cell is None or isinstance(cell, bool):
        return "" if cell is None else str(cell).upper()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)  # noqa: PLR2004 - exact integers
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ") if cell.time() != dt.time() else cell.date().isoformat()
    return str(cell)


def _first_line(fault: BaseException) -> str:
    return (str(fault).strip().splitlines() or [type(fault).__name__])[0][:200]


def _delimiter(text: str) -> str:
    """Choose the mark that cuts the first rows into the most equal numbers of cells; a comma if none does."""
    head = "\n".join(re.split(r"\r\n|\r|\n", text[:200_000])[:LOOKED_AT_ROWS])
    return max(DELIMITERS, key=lambda mark: (_evenness(head, mark), -DELIMITERS.index(mark)))


def _evenness(head: str, mark: str) -> float:
    try:
        widths = [len(row) for row in csv.reader(io.StringIO(head, newline=""), delimiter=mark) if any(row)]
    except csv.Error:
        return 0.0
    counts = Counter(width for width in widths if width > 1)
    if not counts:
        return 0.0
    width, rows = max(counts.items(), key=lambda item: (item[1], item[0]))
    return rows / len(widths) + 0.001 * min(width, 100)


def decodes(piece: bytes, encoding: str) -> bool:
    """Tell whether bytes can be read in an encoding; a letter may be cut at the end."""
    return _read(piece, encoding) is not None


def _read(piece: bytes, encoding: str) -> str | None:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(piece)
    except UnicodeError:
        return None


def _beyond_ascii(pieces: Sequence[bytes], encoding: str) -> list[str] | None:
    texts = [_read(piece, encoding) for piece in pieces]
    if None in texts:
        return None
    return [letter for text in texts if text is not None for letter in text if letter > "\x7f"]


def _common(pieces: Sequence[bytes], encoding: str, everyday: str) -> float:
    """Give the share of letters beyond ASCII that lie in the everyday set of an encoding."""
    letters = _beyond_ascii(pieces, encoding)
    if not letters:
        return 0.0
    counts = Counter(letters)
    return sum(count for letter, count in counts.items() if _can(letter, everyday)) / len(letters)


def _hanzi(pieces: Sequence[bytes], encoding: str) -> float:
    """Give the share of letters that are written in a row of three or more hanzi, as rare as they may be."""
    letters = _beyond_ascii(pieces, encoding)
    if not letters:
        return 0.0
    text = "".join(piece for one in pieces if (piece := _read(one, encoding)))
    runs = re.findall(r"[一-鿿，。（）、：；－～０-９Ａ-Ｚａ-ｚ]{3,}", text)
    plain = sum(len(run) for run in runs)
    return plain / len(letters)


def _frequent(pieces: Sequence[bytes], encoding: str) -> int:
    letters = _beyond_ascii(pieces, encoding) or []
    return sum(letter in FREQUENT for letter in letters)


def _can(letter: str, encoding: str) -> bool:
    try:
        letter.encode(encoding)
    except UnicodeError:
        return False
    return True


FREQUENT = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学"
    "法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外"
    "號樓號棟區處數時間經緯地址名稱類別設施人口街道路弄巷小区楼栋号户数名称类别社区网格单元门牌事件问题内容编号序电话"
)

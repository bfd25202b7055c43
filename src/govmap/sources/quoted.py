"""Rows of a text with quotation marks: one that is opened and not closed takes its own row along, not those below."""

import csv
import io
import re
from itertools import islice

MOST_OPEN = 1000


def rows(text: str, delimiter: str) -> list[list[str]]:
    """
    Cut a text into rows of cells.

    A row whose quotation mark is not closed comes back as one cell, so that it is rejected; the rows below it are read
    as if it were not there. So does one that seems to be closed by the mark that opens a cell further down: behind that
    stands what stands behind no closing mark. Behind `MOST_OPEN` such rows marks mean nothing: each line is
    a row.

    Raises
    ------
    csv.Error
        A cell is longer than any list needs, or the text is no list.
    """
    found: list[list[str]] = []
    lines = list(io.StringIO(text, newline=""))
    begin = 0
    for _ in range(MOST_OPEN):
        more, opened = _read(lines, begin, delimiter)
        found += more
        if opened is None:
            return found
        found.append([lines[opened].rstrip("\r\n")])
        begin = opened + 1
    plain = csv.reader(islice(lines, begin, None), delimiter=delimiter, quoting=csv.QUOTE_NONE)
    return found + list(plain)


def _read(lines: list[str], begin: int, delimiter: str) -> tuple[list[list[str]], int | None]:
    """Read from a line on, up to a row that swallows lines for want of a closing mark; tell where that begins."""
    reader = csv.reader(islice(lines, begin, None), delimiter=delimiter)
    found: list[list[str]] = []
    last = 0
    for row in reader:
        start, last = last, reader.line_num
        if last - start > 1 and not _closed("".join(lines[begin + start : begin + last]), delimiter):
            return found, begin + start
        found.append(row)
    return found, None


def _closed(row: str, delimiter: str) -> bool:
    """Tell whether every quotation mark of a row of several lines is closed before a delimiter or the end; spaces may
    stand between.
    """
    tight = re.sub(rf'"[ \t]+(?=[{re.escape(delimiter)}\r\n]|$)', '"', row)
    try:
        list(csv.reader(io.StringIO(tight, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        return False
    return True

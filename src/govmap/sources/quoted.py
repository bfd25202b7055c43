"""Rows of a text with quotation marks: one that is opened and never closed takes its own row along, not the rest."""

import csv
import io
from itertools import islice

MOST_OPEN = 1000


def rows(text: str, delimiter: str) -> list[list[str]]:
    """
    Cut a text into rows of cells.

    A row whose quotation mark is never closed comes back as one cell, so that it is rejected; the rows below it are
    read as if it were not there.

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
    return found + _read(lines, begin, delimiter)[0]


def _read(lines: list[str], begin: int, delimiter: str) -> tuple[list[list[str]], int | None]:
    """Read from a line on; where the last row swallows lines for want of a closing mark, tell where it begins."""
    reader = csv.reader(islice(lines, begin, None), delimiter=delimiter)
    found, last = [], 0
    for row in reader:
        start, last = last, reader.line_num
        found.append(row)
    if not found or last - start < 2 or sum(line.count('"') for line in lines[begin + start :]) % 2 == 0:  # noqa: PLR2004
        return found, None
    return found[:-1], begin + start

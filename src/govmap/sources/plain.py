"""Long texts whose every line has the same number of cells, cut into columns at once.

Only where nothing can be meant in two ways: no quotation mark, line ends of one kind, as many marks in every line as in
the header. Every other text goes through the reader that looks at each row.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

LONG_BYTES, HEAD_ROWS, LONGEST_LINE, SAMPLE = 500_000, 80, 1_000_000, 1000
NEW_LINE = ord("\n")


@dataclass(frozen=True)
class Plain:
    """A long text: its bytes in UTF-8, the mark between cells, where lines end and how many cells each has."""

    content: bytes
    delimiter: str
    ends: npt.NDArray[np.int64]
    widths: npt.NDArray[np.int64]

    @property
    def head(self) -> list[list[str]]:
        """Give the first rows."""
        return self._rows(self.content[: int(self.ends[: HEAD_ROWS + 1][-1])])

    def every_row(self) -> list[list[str]]:
        """Give all rows, one by one."""
        return self._rows(self.content)

    def below(self, last: int, width: int) -> pd.DataFrame | None:
        """Give the rows below row `last`, numbered from 0, in columns; None where one has another number of cells."""
        widths = self.widths[last + 1 :]
        if not len(widths) or not np.isin(widths, (0, width)).all():
            return None
        content = self.content[int(self.ends[last]) + 1 :].decode()
        if (widths == 0).any():
            content = "\n".join(line or self.delimiter * (width - 1) for line in content.split("\n"))
        cells = content.replace("\n", self.delimiter).split(self.delimiter)
        columns = {place: _shared(cells[place::width]) for place in range(width)}
        return pd.DataFrame(columns, dtype=object)

    def _rows(self, content: bytes) -> list[list[str]]:
        return [line.split(self.delimiter) if line else [] for line in content.decode().split("\n")]


def _shared(cells: list[str]) -> npt.NDArray[np.object_]:
    """Give a column; where few texts come again and again, each is kept once."""
    if len(set(cells[:SAMPLE])) <= SAMPLE // 2:
        kept: dict[str, str] = {}
        cells = [kept.setdefault(text, text) for text in cells]
    column = np.empty(len(cells), dtype=object)
    column[:] = cells
    return column


def look(text: str, delimiter: str) -> Plain | None:
    """Look at a text; None where it is short, or not so plain that the quick way cannot err."""
    if len(text) < LONG_BYTES or len(delimiter.encode()) > 1 or '"' in text:
        return None
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if "\r" in text:
        return None
    try:
        content = text.removesuffix("\n").encode()
    except UnicodeEncodeError:
        return None
    letters = np.frombuffer(content, dtype=np.uint8)
    ends = np.append(np.flatnonzero(letters == NEW_LINE), len(content)).astype(np.int64)
    starts = np.append(0, ends[:-1] + 1)
    if (ends - starts).max() > LONGEST_LINE:
        return None
    marks = np.searchsorted(np.flatnonzero(letters == ord(delimiter)), np.append(0, ends))
    return Plain(content, delimiter, ends, np.where(ends > starts, np.diff(marks) + 1, 0))

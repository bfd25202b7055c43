"""The corpus of broken and hostile files: what a case is, and how one is added; the files stand in their own modules.

`outcome` is rows kept and rows rejected, or the key of the one sentence by which the whole file is refused.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nasty import HEADER, LAT, LON, ROWS

Outcome = tuple[int, int] | str
Writer = Callable[[Path], Path]


@dataclass(frozen=True)
class Case:
    """One file: a name, the table, how it is written into a folder, and what must come of it."""

    name: str
    table: str
    write: Writer
    outcome: Outcome


CASES: list[Case] = []


def case(name: str, table: str, outcome: Outcome) -> Callable[[Writer], Writer]:
    def add(write: Writer) -> Writer:
        CASES.append(Case(name, table, write, outcome))
        return write

    return add


def said(name: str, table: str, outcome: Outcome, content: bytes | str, file: str = "a.csv") -> None:
    """Add a case whose bytes are at hand."""
    packed = content.encode() if isinstance(content, str) else content

    @case(name, table, outcome)
    def write(folder: Path) -> Path:
        (folder / file).write_bytes(packed)
        return folder / file


def lines(*rows: list[str], mark: str = ",", end: str = "\n") -> str:
    return end.join(mark.join(row) for row in rows)


def feature(geometry: object, **facts: object) -> dict[str, object]:
    return {"type": "Feature", "properties": facts, "geometry": geometry}


PLAIN = lines(HEADER, *ROWS)
SPOTS = ["名称", "类别", "经度", "纬度"]
POINT = {"type": "Point", "coordinates": [LON, LAT]}

"""What a report is made of, whatever it is written as: sections of sentences, tables, pictures and figures."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

State: TypeAlias = Literal["red", "ok", "unknown"]
Kind: TypeAlias = Literal["text", "point", "source", "caveat", "missing"]


@dataclass(frozen=True)
class Tile:
    """One of the figures that a report begins with: what it is, the value, a sentence, and where it comes from."""

    title: str
    value: str
    told: str
    source: str
    state: State
    state_word: str


@dataclass(frozen=True)
class Words:
    """One paragraph: a sentence, a point of a list, a source, a caveat, or what would fill a section."""

    text: str
    kind: Kind = "text"


@dataclass(frozen=True)
class Cell:
    """One cell of a table; `red` for what must be looked at, `faint` for what is only an estimate or not verified."""

    text: str
    red: bool = False
    faint: bool = False


@dataclass(frozen=True)
class Table:
    """Rows under a head; columns of numbers stand to the right; `widths` are shares of the page."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numbers: frozenset[int] = frozenset()
    widths: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Picture:
    """
    A drawing.

    `svg` stands alone; `inline` is the same for a page that holds the shared ground already, where there is one.
    """

    title: str
    svg: str
    width_mm: float
    height_mm: float
    inline: str | None = None


Block: TypeAlias = Words | Table | Picture


@dataclass(frozen=True)
class Section:
    """One section: a heading and its blocks in order."""

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, kw_only=True)
class Paper:
    """
    A whole report.

    Parameters
    ----------
    stamp
        What is written large where the report must stay inside.
    lines
        What stands under the title: plan, dates, audience.
    shared
        SVG that the drawings inside a page refer to.
    """

    language: str
    title: str
    stamp: str | None
    lines: tuple[str, ...]
    tiles: tuple[Tile, ...]
    tiles_title: str
    sections: tuple[Section, ...]
    contents: str
    foot: str
    paper: str = "A4"
    shared: str = ""


def heading(text: str) -> str:
    """Begin a heading with a capital, where a word of the profile stands first; Chinese stays as it is."""
    return text[:1].upper() + text[1:]


def cells(row: Sequence[Cell | str]) -> tuple[Cell, ...]:
    """Give a row of cells of texts and cells."""
    return tuple(one if isinstance(one, Cell) else Cell(one) for one in row)


@dataclass
class Writer:
    """A section being written."""

    key: str
    title: str
    blocks: list[Block] = field(default_factory=list)

    def say(self, text: str, kind: Kind = "text") -> None:
        """Add a paragraph; of an empty text nothing comes."""
        if text:
            self.blocks.append(Words(text, kind))

    def add(self, block: Block | None) -> None:
        """Add a table or picture, where there is one."""
        if block is not None:
            self.blocks.append(block)

    def done(self) -> Section:
        """Give the section."""
        return Section(self.key, self.title, tuple(self.blocks))

"""The letters of the machine: the font of sheets, how wide a text is in it, and which signs nobody can write."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from govmap.errors import InputError
from govmap.render.svg import FONTS, clean, width_mm

if TYPE_CHECKING:
    import typst

WANTED = tuple(one.strip("' ") for one in FONTS.split(",") if "sans-serif" not in one)
BOLD_FROM = 600
REGULAR, BOLD = 400, 700
SPACE, STROKE = " ", "/"
FIRST_WIDE = 0x2E80  # where the signs of East Asia begin
CLOSING = "，。、；：）》”！？」"
COLOURED = ("CBDT", "sbix", "COLR", "SVG ")  # tables that only fonts of coloured pictures have


@dataclass(frozen=True)
class Face:
    """One cut of the font: which signs it has and how far each moves on, in shares of the size."""

    advances: Mapping[int, float]

    def width(self, text: str, size_mm: float) -> float:
        """Give the width of a text in millimetres."""
        return size_mm * sum(self.advances.get(ord(one), 1.0) for one in text)


def measured(text: str, size_mm: float, *, bold: bool = False) -> float:
    """Give the width of a text as it is printed; about so where the machine has none of our fonts."""
    cut = _face(bold=bold)
    return width_mm(text, size_mm) if cut is None else cut.width(clean(text), size_mm)


def fitted(text: str, size_mm: float, room_mm: float, *, bold: bool = False) -> str:
    """Cut a text to the room there is, with dots for what is left out."""
    kept = clean(text)
    if measured(kept, size_mm, bold=bold) <= room_mm:
        return kept
    while kept and measured(f"{kept}…", size_mm, bold=bold) > room_mm:
        kept = kept[:-1]
    return f"{kept}…"


def shrunk(text: str, size_mm: float, room_mm: float, least_mm: float, *, bold: bool = False) -> tuple[str, float]:
    """Make a text smaller where it is too long, and cut it only where even the least size is; give it and its size."""
    full = measured(text, size_mm, bold=bold)
    smaller = size_mm if full <= room_mm else max(least_mm, size_mm * 0.99 * room_mm / full)
    return fitted(text, smaller, room_mm, bold=bold), smaller


def wrapped(text: str, size_mm: float, room_mm: float, *, most: int = 99, bold: bool = False) -> list[str]:
    """
    Break a text into lines: between words, and in Chinese between any two signs; the last line is cut at `most`.

    A word that is wider than a line is broken where it reaches the end.
    """
    lines, line = [], ""
    pieces = (part for one in _pieces(clean(text)) for part in _broken(one, size_mm, room_mm, bold=bold))
    for piece in pieces:
        if line and measured((line + piece).rstrip(), size_mm, bold=bold) > room_mm:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    lines.append(line.rstrip())
    if len(lines) > most:
        lines = [*lines[: most - 1], SPACE.join(lines[most - 1 :])]
    return [fitted(one, size_mm, room_mm, bold=bold) for one in lines if one] or [""]


def check(texts: Iterable[str], where: str) -> None:
    """
    Make sure that every sign of these texts can be printed.

    Typst leaves out in silence what no font has, so the fonts' own tables are asked.

    Raises
    ------
    InputError
        No font of the machine has a sign.
    """
    known = signs()
    left = sorted({one for text in texts for one in text if not one.isspace() and ord(one) not in known})
    missing = [one for one in left if ord(one) not in _everything()]
    if missing:
        told = [f"{one} (U+{ord(one):04X})" for one in missing[:8]]
        raise InputError("atlas_no_glyph", signs=told, where=where)


@cache
def signs() -> frozenset[int]:
    """Give the signs of the font of sheets; none where the machine has none of ours."""
    known = _face(bold=False)
    return frozenset() if known is None else frozenset(known.advances)


def _pieces(text: str) -> list[str]:
    """Cut a text where a line may end: after a space, stroke or closing mark, and around every other wide sign."""
    found: list[str] = []
    word = ""
    for one in text:
        wide, closing = ord(one) >= FIRST_WIDE and not word[-1:].isdigit(), one in CLOSING  # 10号 stays whole
        if (wide and not closing) or (word and word[-1] in CLOSING and not closing):
            found += [word] if word else []
            word = ""
        word += one
        if one in (SPACE, STROKE):
            found.append(word)
            word = ""
    return found + ([word] if word else [])


def _broken(word: str, size_mm: float, room_mm: float, *, bold: bool) -> Iterator[str]:
    """Give a word in pieces that have room in a line; at least a sign each."""
    piece = ""
    for one in word if measured(word.rstrip(), size_mm, bold=bold) > room_mm else ():
        if piece and measured(piece + one, size_mm, bold=bold) > room_mm:
            yield piece
            piece = ""
        piece += one
    yield piece or word


@cache
def machine() -> "typst.Fonts":
    """Give the fonts of the machine, looked for once: Typst would read them again for every chapter and keep each."""
    import typst

    return typst.Fonts()


@cache
def family() -> str | None:
    """Name the font of sheets: the first of ours that the machine has."""
    known = set(machine().families())
    return next((one for one in WANTED if one in known), None)


@cache
def _face(*, bold: bool) -> Face | None:
    from fontTools.ttLib import TTFont

    name = family()
    cuts = [one for one in machine().fonts() if one.family == name and one.path and one.style == "normal"]
    if not cuts:
        return None
    cut = min(cuts, key=lambda one: (abs(one.weight - (BOLD if bold else REGULAR)), one.path, one.index))
    with TTFont(cut.path, fontNumber=cut.index, lazy=True) as font:
        head, metrics = font["head"].unitsPerEm, font["hmtx"].metrics
        return Face({sign: metrics[glyph][0] / head for sign, glyph in font.getBestCmap().items()})


@cache
def _everything() -> frozenset[int]:
    """
    Give all signs that any font of the machine has; asked only where the first font does not suffice.

    Signs of coloured fonts do not count, nor those that plain fonts share with them: they would be drawn as pictures,
    which cannot be searched and which some printers leave out.
    """
    from fontTools.ttLib import TTFont, TTLibError

    plain: set[int] = set()
    coloured: set[int] = set()
    for one in machine().fonts():
        if not one.path:
            continue
        try:
            with TTFont(one.path, fontNumber=one.index, lazy=True) as font:
                found = coloured if any(name in font for name in COLOURED) else plain
                found |= set(font.getBestCmap() or {})
        except (TTLibError, OSError, KeyError):
            continue
    return frozenset(plain - coloured)

"""Numbers as mappers write them: "5;6", "12,5 m", "40'", "１２", "1-8"."""

import re
import unicodedata

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_FEET = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(?:'|ft|feet)\s*(?:(\d+(?:\.\d+)?)\s*(?:\"|in)?)?\s*$")
_SPAN = re.compile(r"^\s*(\d+)\s*[-–]\s*(\d+)\s*$")
LEVELS_MOST = 200.0
HEIGHT_MOST_M = 900.0
FLATS_MOST = 5000


def levels(text: str | None) -> float | None:
    """Read a number of levels; of several the highest; None where none can be meant."""
    found = max(_numbers(text), default=0.0)
    return found if 0 < found <= LEVELS_MOST else None


def metres(text: str | None) -> float | None:
    """Read a height in metres, or in feet where it says so; of several the highest."""
    feet = _FEET.match(_plain(text))
    found = float(feet[1]) * 0.3048 + float(feet[2] or 0) * 0.0254 if feet else max(_numbers(text), default=0.0)
    return round(found, 2) if 0 < found <= HEIGHT_MOST_M else None


def count(text: str | None) -> int | None:
    """Read a whole number, as of dwellings or seats."""
    found = _numbers(text)
    return int(found[0]) if len(found) == 1 and 0 < found[0] <= FLATS_MOST else None


def flats(text: str | None) -> int | None:
    """Count the flats that `addr:flats` lists: "1-8;10" are nine."""
    pieces = [piece for piece in re.split(r"[;,]", _plain(text)) if piece.strip()]
    sizes = [_size(piece) for piece in pieces]
    total = sum(size for size in sizes if size)
    return total if 0 < total <= FLATS_MOST and all(sizes) else None


def layer(text: str | None) -> int:
    """Read `layer`; what cannot be read lies on the ground."""
    found = re.match(r"\s*([-+]?\d+)", _plain(text))
    return int(found[1]) if found else 0


def _size(piece: str) -> int:
    span = _SPAN.match(piece)
    return max(int(span[2]) - int(span[1]) + 1, 0) if span else 1


def _numbers(text: str | None) -> list[float]:
    return [float(one.replace(",", ".")) for one in _NUMBER.findall(_plain(text))]


def _plain(text: str | None) -> str:
    return unicodedata.normalize("NFKC", text) if text else ""

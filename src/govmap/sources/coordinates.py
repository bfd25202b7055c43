"""Coordinates as people write them, to numbers: two columns, one column of both, degrees with minutes, well-known text.

Nothing is decided here about the system they are in; a cell that cannot be read is named.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely

from govmap.sources import values

if TYPE_CHECKING:
    import pandas as pd

DECIMAL_COMMA = re.compile(r"\s*-?\d{1,3},\d+\s*")
NORTHERNMOST = 90
_MARKS = str.maketrans(
    {"′": "'", "’": "'", "‘": "'", "´": "'", "″": '"', "”": '"', "“": '"', "º": "°", "˚": "°", "－": "-"}
)
_SIDES = {"东经": "e", "西经": "w", "北纬": "n", "南纬": "s", "东": "e", "西": "w", "北": "n", "南": "s"}
DEGREES = re.compile(
    r"(?P<front>[nsew])?\s*(?P<sign>[-+]?)\s*(?P<d>\d{1,3}(?:\.\d+)?)\s*(?:°|度|d|deg|:|\s(?=\d))?\s*"
    r"(?:(?P<m>\d{1,2}(?:\.\d+)?)\s*(?:'(?!')|分|m|:|\s(?=\d))?\s*)?(?:(?P<s>\d{1,2}(?:\.\d+)?)\s*(?:\"|秒|s|'')?\s*)?(?P<side>[nsew])?"
)
PAIR = re.compile(r"\s*([-+]?\d{1,10}(?:\.\d+)?)\s*[,，;；、|/\s]\s*([-+]?\d{1,10}(?:\.\d+)?)\s*")
SIDED = re.compile(
    r"([^,，;；、nsew]*[nsew]|[nsew][^,，;；、nsew]*)\s*[,，;；、]?\s*([^,，;；、nsew]*[nsew]|[nsew][^,，;；、nsew]*)"
)
POINT = re.compile(r"(?:SRID=(\d{3,6});)?\s*POINT\s*Z?\s*\(", re.IGNORECASE)
SRID = re.compile(r"\s*SRID\s*=\s*(\d+)\s*;", re.IGNORECASE)
HEX = re.compile(r"0[01][0-9A-Fa-f]{8,}")
SRID_FLAG = 0x20000000
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Shapes = npt.NDArray[np.object_]
LatitudeFirst = Callable[[Floats, Floats], bool]


def column(cells: "pd.Series[Any]") -> tuple[Floats, Flags]:
    """Read plain numbers, also with a comma for the point in all of them, and degrees with minutes and seconds."""
    filled = (text for text in cells.tolist() if text.strip())
    first = next(filled, None)
    if first and DECIMAL_COMMA.fullmatch(first) and all(DECIMAL_COMMA.fullmatch(text) for text in filled):
        cells = cells.str.replace(",", ".")
    parsed = values.numbers(cells, whole=False, negative=True)
    numbers, bad = parsed.values.to_numpy(float).copy(), parsed.bad.copy()
    for row in np.flatnonzero(bad):
        value = from_degrees(str(cells.iloc[row]))
        if value is not None:
            numbers[row], bad[row] = value, False
    return numbers, bad


def both(cells: "pd.Series[Any]", latitude_first: LatitudeFirst) -> tuple[Floats, Floats, Flags]:
    """Read two numbers out of each cell; which is the latitude is decided once for those that do not say it."""
    every = values.cleaned(cells).tolist()
    x, y = np.full(len(every), np.nan), np.full(len(every), np.nan)
    bad, sure = np.zeros(len(every), dtype=bool), np.zeros(len(every), dtype=bool)
    for row, text in enumerate(every):
        if not text:
            continue
        pair = PAIR.fullmatch(text.strip("()[]{}（）【】 "))
        if pair:
            x[row], y[row] = float(pair[1]), float(pair[2])
            continue
        found = _spelled_out(text)
        bad[row], sure[row] = found is None, found is not None
        x[row], y[row] = found or (np.nan, np.nan)
    told, turned = _told_by_size(x, y)
    open_ = ~sure & ~bad & ~told
    turned = (turned & ~sure) | (open_ & bool(open_.any() and latitude_first(x[open_], y[open_])))
    x[turned], y[turned] = y[turned], x[turned].copy()
    return x, y, bad


def _told_by_size(x: Floats, y: Floats) -> tuple[Flags, Flags]:
    """Tell which pairs of degrees say themselves which is the longitude, beyond 90; and of which it is the second."""
    far = np.abs(np.stack([x, y])) > NORTHERNMOST
    degrees = np.maximum(np.abs(x), np.abs(y)) <= 2 * NORTHERNMOST
    return degrees & (far[0] != far[1]), degrees & far[1] & ~far[0]


def from_degrees(text: str) -> float | None:
    """Read one coordinate in degrees, minutes and seconds."""
    text = values.clean(text).casefold().translate(_MARKS)
    for word, letter in _SIDES.items():
        text = text.replace(word, letter)
    found = DEGREES.fullmatch(text.strip())
    if not found or (found["front"] and found["side"]):
        return None
    minutes, seconds = float(found["m"] or 0), float(found["s"] or 0)
    if minutes >= 60 or seconds >= 60 or ("." in found["d"] and found["m"]):  # noqa: PLR2004 - minutes of a degree
        return None
    value = float(found["d"]) + minutes / 60 + seconds / 3600
    side = found["front"] or found["side"]
    return -value if found["sign"] == "-" or side in ("s", "w") else value


def shapes(cells: "pd.Series[Any]") -> tuple[Shapes, Flags, set[int]]:
    """Read shapes of well-known text or bytes (as hex); cells that cannot be read, and the systems that cells state."""
    every = [text.strip() for text in values.cleaned(cells).tolist()]
    stated: set[int] = set()
    plain: list[Any] = []
    for text in every:
        if found := SRID.match(text):
            stated.add(int(found[1]))
        elif HEX.fullmatch(text):
            stated |= _srid_of(text)
        plain.append(SRID.sub("", text) or None)
    made = np.full(len(every), None, dtype=object)
    packed = np.array([bool(text and HEX.fullmatch(text)) for text in plain], dtype=bool)
    column_ = np.array([*plain, None], dtype=object)[:-1]
    made[packed] = _read(shapely.from_wkb, column_[packed])
    made[~packed] = _read(shapely.from_wkt, column_[~packed])
    unread = ~shapely.is_geometry(made) & np.array([bool(text) for text in plain], dtype=bool)
    return shapely.force_2d(made), unread, stated


def _read(reader: Callable[..., Any], cells: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Read shapes; one by one where a kind of shape is among them that cannot be read at all, such as an arc."""
    try:
        return np.asarray(reader(cells, on_invalid="ignore"), dtype=object)
    except NotImplementedError:
        made = np.full(len(cells), None, dtype=object)
        for at, cell in enumerate(cells):
            with suppress(NotImplementedError):
                made[at] = reader(cell, on_invalid="ignore")
        return made


def _spelled_out(text: str) -> tuple[float, float] | None:
    """Read a cell that says which number is which: by its letters, or as POINT (x y)."""
    if POINT.match(text):
        point = shapely.from_wkt(SRID.sub("", text), on_invalid="ignore")
        at = shapely.get_x(point), shapely.get_y(point)
        return (float(at[0]), float(at[1])) if np.isfinite(at).all() else None
    lowered = text.casefold().translate(_MARKS)
    for word, letter in _SIDES.items():
        lowered = lowered.replace(word, letter)
    found = SIDED.fullmatch(lowered.strip("()[]（） "))
    if not found:
        return _in_minutes(lowered)
    sides = ["n" if re.search("[ns]", part) else "e" for part in found.groups()]
    numbers = [from_degrees(part) for part in found.groups()]
    if None in numbers or sides[0] == sides[1]:
        return None
    first, second = float(numbers[0] or 0), float(numbers[1] or 0)
    return (second, first) if sides[0] == "n" else (first, second)


def _in_minutes(text: str) -> tuple[float, float] | None:
    """Read two coordinates in minutes without letters, where one of them is beyond any latitude."""
    parts = re.split(r"\s*[,，;；、]\s*", text.strip("()[]（） "))
    numbers = [from_degrees(part) for part in parts]
    if len(numbers) != 2 or numbers[0] is None or numbers[1] is None:  # noqa: PLR2004 - a pair
        return None
    if abs(numbers[0]) > NORTHERNMOST or abs(numbers[1]) > NORTHERNMOST:
        return (numbers[1], numbers[0]) if abs(numbers[1]) > NORTHERNMOST else (numbers[0], numbers[1])
    return None


def _srid_of(text: str) -> set[int]:
    """Give the system that bytes of PostGIS state."""
    head = bytes.fromhex(text[:18]) if len(text) % 2 == 0 and len(text) >= 18 else b""  # noqa: PLR2004 - nine bytes
    if not head:
        return set()
    order = "little" if head[0] == 1 else "big"
    kind = int.from_bytes(head[1:5], order)  # type: ignore[arg-type]  # one of the two words
    return {int.from_bytes(head[5:9], order)} if kind & SRID_FLAG else set()  # type: ignore[arg-type]  # as above

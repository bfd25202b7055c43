"""Tables as small binary packs for the browser: whole numbers as varints, shapes as deltas of micro-degrees, deflated.

A pack is a length, a JSON header and the columns one after another, each column of texts with its words as a JSON list
behind it, so that a page reads them when it first needs one; `web/src/unpack.ts` reads packs. In a page
it stands as text of seven bits a character, which adds half of what base64 would. Rows keep the order they are given
in, so sort by `hilbert_order` first: near rows are then near in the file, which packs smaller and lets the page skip
whole runs of rows that lie outside a tile.
"""

import json
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

MICRO = 1_000_000
POLYGON, MULTIPOLYGON = 3, 6
RING_POINTS, LINE_POINTS = 3, 2
SEVEN = 7
MARKS = tuple(b"\0\r&<{")
NEXT = 1  # tells of a text that comes once: the next of those
HILBERT_LEVEL = 16

Shapes = NDArray[np.object_]
Integers = NDArray[np.int64]


@dataclass
class Pack:
    """A table on its way to the browser."""

    rows: int
    _columns: list[dict[str, Any]] = field(default_factory=list)
    _bytes: list[bytes] = field(default_factory=list)
    _kept: dict[str, Integers] = field(default_factory=dict)

    def numbers(
        self, name: str, values: Iterable[Any], *, scale: int = 1, beside: str | None = None, rising: bool = False
    ) -> "Pack":
        """
        Add whole numbers from 0 up, or null.

        Parameters
        ----------
        scale
            Keeps decimals, as 10 for tenths.
        beside
            A column added before, of which this one is about a share: only what differs is written.
        rising
            Most rows are a little more than the row before: only the steps are written.
        """
        column = pd.to_numeric(pd.Series(list(values), dtype=object), errors="raise").astype(float).to_numpy()
        known = np.isfinite(column)
        whole = np.rint(np.where(known, column, 0) * scale).astype(np.int64)
        facts: dict[str, Any] = {"scale": scale}
        if beside is not None:
            other = self._kept[beside]
            share = float(np.median(whole[other > 0] / other[other > 0])) if (other > 0).any() else 0.0
            expected = np.floor(share * other + 0.5).astype(np.int64)
            facts |= {"beside": beside, "share": share}
        else:
            expected = _last(whole, known) if rising else np.zeros(len(whole), np.int64)
            facts |= {"rising": True} if rising else {}
        self._kept[name] = whole
        coded = zigzag(whole - expected) if "share" in facts or rising else whole
        return self._add(name, "number", varints(np.where(known, coded + 1, 0)), **facts)

    def texts(self, name: str, values: Iterable[Any]) -> "Pack":
        """
        Add texts or nulls; each different text is kept once, the commonest first, those that come once in their order.

        A text is told by its place among those that come several times, or as the next of those that come once.
        """
        codes, unique = pd.factorize(pd.Series(list(values), dtype=object))
        times = np.bincount(codes[codes >= 0], minlength=len(unique))
        order = np.argsort(-times, kind="stable")
        several = int((times > 1).sum())
        told = np.full(len(unique) + 1, NEXT, np.int64)
        told[order[:several]] = np.arange(NEXT + 1, NEXT + 1 + several)
        told[-1] = 0
        words = _written([str(unique[at]) for at in order])
        self._add(name, "text", varints(told[codes]), several=several, words=len(words))
        self._bytes.append(words)
        return self

    def shapes(self, shapes: Shapes, *, step: int = 1) -> "Pack":
        """
        Add the shapes in degrees: rings of polygons without their last point, lines, or points.

        Parameters
        ----------
        step
            Size of the grid in micro-degrees; where much is to be packed, a coarser one packs smaller.
        """
        paths = _paths(shapes, step)
        first = np.diff(paths.first, axis=0, prepend=np.zeros((1, 2), np.int64))
        delta = np.diff(paths.points, axis=0, prepend=np.zeros((1, 2), np.int64))
        delta[paths.start] = first
        for name, values in (("paths", paths.per_row), ("points", paths.per_path)):
            self._add(name, "count", varints(values))
        for name, axis in (("x", 0), ("y", 1)):
            self._add(name, "delta", planes(zigzag(delta[:, axis])), step=step)
        return self

    def _add(self, name: str, kind: str, data: bytes, **facts: Any) -> "Pack":
        self._columns.append({"name": name, "kind": kind, "bytes": len(data), **facts})
        self._bytes.append(data)
        return self

    def raw(self) -> bytes:
        """Give the pack before it is deflated."""
        head = _written({"rows": self.rows, "columns": self._columns})
        return len(head).to_bytes(4, "little") + head + b"".join(self._bytes)

    def deflated(self, level: int = 9) -> bytes:
        """Give the pack deflated, as it is sent."""
        packer = zlib.compressobj(level, zlib.DEFLATED, -15)
        return packer.compress(self.raw()) + packer.flush()

    def text(self) -> str:
        """Give the pack deflated, as text that can stand in a page."""
        return folded(self.deflated())


def _written(told: Any) -> bytes:
    return json.dumps(told, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def folded(data: bytes) -> str:
    """Write bytes as characters of seven bits; what HTML or a template would take for a mark stands above them."""
    bits = np.unpackbits(np.frombuffer(data, np.uint8))
    sevens = np.append(bits, np.zeros(-len(bits) % SEVEN, np.uint8)).reshape(-1, SEVEN)
    codes = np.packbits(sevens, axis=1)[:, 0] >> 1
    codes[np.isin(codes, MARKS)] |= 128
    return codes.tobytes().decode("latin-1")


def unfolded(text: str) -> bytes:
    """Read bytes back from text."""
    codes = np.asarray(np.frombuffer(text.encode("latin-1"), np.uint8) & 127, dtype=np.uint8)
    bits = np.unpackbits(codes[:, None], axis=1)[:, 1:].ravel()
    return np.packbits(bits[: len(bits) // 8 * 8]).tobytes()


def inflated(text: str) -> bytes:
    """Read a pack back as `raw` gave it."""
    return zlib.decompress(unfolded(text), -15)


def header(text: str) -> dict[str, Any]:
    """Read what a pack says of itself: its rows, and its columns with the words of those that are texts."""
    raw = inflated(text)
    at = 4 + int.from_bytes(raw[:4], "little")
    found: dict[str, Any] = json.loads(raw[4:at])
    for one in found["columns"]:
        at += one["bytes"]
        if "words" in one:
            size, at = one["words"], at + one["words"]
            one["words"] = json.loads(raw[at - size : at])
    return found


@dataclass(frozen=True)
class _Paths:
    """Paths of whole micro-degrees."""

    per_row: Integers
    per_path: Integers
    start: Integers
    points: NDArray[np.int64]

    @property
    def first(self) -> NDArray[np.int64]:
        return self.points[self.start]


def _last(values: Integers, known: NDArray[np.bool_]) -> Integers:
    """Give for each row the last value known before it, 0 before the first."""
    at = np.maximum.accumulate(np.where(known, np.arange(len(values)), -1))
    before = np.concatenate([[-1], at[:-1]]).astype(np.int64)
    return np.where(before >= 0, values[before], 0)


def _paths(shapes: Shapes, step: int) -> _Paths:
    """
    Take shapes apart into paths, on the grid of micro-degrees, without repeated points and collapsed rings.

    Rings run one way and holes the other, so that a page may fill many shapes at once and holes stay open.
    """
    single, row = shapely.get_parts(shapely.orient_polygons(shapes), return_index=True)
    area = shapely.get_type_id(single) == POLYGON
    rings, ring_of = shapely.get_rings(single[area], return_index=True)
    lines = np.concatenate([rings, single[~area]])
    owner = np.concatenate([row[area][ring_of], row[~area]])
    closed = np.arange(len(lines)) < len(rings)
    order = np.argsort(owner, kind="stable")
    return _on_grid(lines[order], owner[order], closed[order], (len(shapes), step))


def _on_grid(lines: Shapes, owner: Integers, closed: NDArray[np.bool_], size: tuple[int, int]) -> _Paths:
    rows, step = size
    degrees, path = shapely.get_coordinates(lines, return_index=True)
    points = np.rint(degrees * (MICRO / step)).astype(np.int64)
    begins = np.diff(path, prepend=-1) != 0
    ends = np.append(begins[1:], True) if len(begins) else begins
    keep = begins | (np.diff(points, axis=0, prepend=points[:1]) != 0).any(axis=1)
    keep &= ~(ends & closed[path])
    left = np.bincount(path[keep], minlength=len(lines))
    least = np.where(closed, RING_POINTS, np.where(shapely.get_dimensions(lines) == 1, LINE_POINTS, 1))
    good = left >= least
    keep &= good[path]
    per_path = left[good]
    per_row = np.bincount(owner[good], minlength=rows)
    start = np.concatenate([[0], np.cumsum(per_path)[:-1]]).astype(np.int64) if len(per_path) else np.zeros(0, np.int64)
    return _Paths(per_row, per_path, start, points[keep])


def zigzag(values: Integers) -> Integers:
    """Fold the sign into the lowest bit."""
    return (values << 1) ^ (values >> 63)


def planes(values: Integers) -> bytes:
    """Code whole numbers from 0 up as four bytes each, all lowest bytes first: what is alike packs together."""
    told = values.astype("<u4").view(np.uint8).reshape(-1, 4)
    return np.ascontiguousarray(told.T).tobytes()


def varints(values: Integers) -> bytes:
    """Code whole numbers from 0 up, seven bits a byte, lowest first."""
    left = values.astype(np.uint64)
    size = np.ones(len(left), np.int64)
    rest = left >> np.uint64(7)
    while rest.any():
        size += rest > 0
        rest >>= np.uint64(7)
    place = np.concatenate([[0], np.cumsum(size)[:-1]]).astype(np.int64)
    coded = np.zeros(int(size.sum()), np.uint8)
    for step in range(int(size.max(initial=0))):
        here = size > step
        byte = (left[here] >> np.uint64(7 * step)) & np.uint64(127)
        more = np.where(size[here] > step + 1, 128, 0)
        coded[place[here] + step] = byte.astype(np.uint8) | more.astype(np.uint8)
    return coded.tobytes()


def hilbert_order(shapes: Shapes, *, first: Integers | None = None) -> NDArray[np.intp]:
    """Order rows along a Hilbert curve, within the order of `first` where given; equal places keep their order."""
    bounds = shapely.bounds(shapes)
    middle = np.nan_to_num((bounds[:, :2] + bounds[:, 2:]) / 2)
    low, high = middle.min(axis=0, initial=np.inf), middle.max(axis=0, initial=-np.inf)
    span = np.maximum(high - low, 1e-9)
    side = 2**HILBERT_LEVEL - 1
    grid = ((middle - low) / span * side).astype(np.int64)
    along = _hilbert(grid[:, 0], grid[:, 1])
    return np.lexsort((along,) if first is None else (along, first))


def _hilbert(x: Integers, y: Integers) -> Integers:
    """Give the place along the curve, quadrant by quadrant from the largest down."""
    x, y = x.copy(), y.copy()
    along = np.zeros(len(x), np.int64)
    side = 1 << (HILBERT_LEVEL - 1)
    while side:
        right, top = (x & side) > 0, (y & side) > 0
        along += side * side * ((3 * right) ^ top)
        flip = ~top & right
        x, y = (
            np.where(flip, (side << 1) - 1 - (x & (2 * side - 1)), x),
            np.where(flip, (side << 1) - 1 - (y & (2 * side - 1)), y),
        )
        x, y = np.where(~top, y, x), np.where(~top, x, y)
        side >>= 1
    return along


def pack_json(facts: Mapping[str, Any] | Sequence[Any] | str | None) -> str:
    """
    Write facts as JSON that is safe inside HTML, inside a script and through a second pass of a template engine.

    The one way by which data leaves Python for a page.
    """
    text = json.dumps(facts, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for mark, safe in _UNSAFE:
        text = text.replace(mark, safe)
    return _HALF_PAIR.sub(lambda half: f"\\u{ord(half[0]):04x}", text)


_HALF_PAIR = re.compile("[\ud800-\udfff]")
_UNSAFE = (
    ("<", "\\u003c"),
    (">", "\\u003e"),
    ("&", "\\u0026"),
    ("\u2028", "\\u2028"),
    ("\u2029", "\\u2029"),
    ("{{", "\\u007b\\u007b"),
    ("{%", "\\u007b%"),
    ("{#", "\\u007b#"),
)

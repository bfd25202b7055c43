"""Tables as small binary packs for the browser: numbers and shapes as small whole numbers (`traced`), deflated.

A pack is a length, a JSON header and the columns one after another, each column of texts with its words as a JSON list
behind it, so that a page reads them when it first needs one; `web/src/unpack.ts` reads packs. In a page
it stands as text of seven bits a character (`coding`), which adds less than half of what base64 would. Rows keep the
order they are given in, so sort by `hilbert_order` first: near rows are then near in the file, which packs smaller and
lets the page skip whole runs of rows that lie outside a tile.
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

from govmap.render.coding import Integers, folded, unfolded, varints, wide, zigzag
from govmap.render.traced import Shapes, traced

NEXT = 1  # tells of a text that comes once: the next of those
HILBERT_LEVEL = 16
LARGE = 4096  # bytes from which on a column is deflated for itself
BEST, MEMORY = 9, 9  # as hard as deflating can work, and as much as it may take
WAYS = (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FILTERED)


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

    def texts(self, name: str, values: Iterable[Any], *, around: Iterable[Any] | None = None) -> "Pack":
        """
        Add texts or nulls; each different text is kept once, the commonest first, those that come once in their order.

        A text is told by its place among those that come several times, or as the next of those that come once.

        Parameters
        ----------
        around
            The texts of the column added last, which most of these hold, as an address its house number: what stands
            before and behind is written, as a pair, so that one pair serves a whole street.
        """
        facts = {} if around is None else {"around": self._columns[-1]["name"]}
        told = values if around is None else map(_around, values, around)
        codes, unique = pd.factorize(pd.Series(list(told), dtype=object))
        times = np.bincount(codes[codes >= 0], minlength=len(unique))
        order = np.argsort(-times, kind="stable")
        several = int((times > 1).sum())
        at = np.full(len(unique) + 1, NEXT, np.int64)
        at[order[:several]] = np.arange(NEXT + 1, NEXT + 1 + several)
        at[-1] = 0
        words = _written([one if isinstance(one, tuple) else str(one) for one in unique[order]])
        self._add(name, "text", varints(at[codes]), several=several, words=len(words), **facts)
        self._bytes.append(words)
        return self

    def shapes(self, shapes: Shapes, *, step: int = 1, square: bool = False) -> "Pack":
        """
        Add the shapes in degrees: rings of polygons without their last point, lines, or points.

        Parameters
        ----------
        step
            Size of the grid in micro-degrees; where much is to be packed, a coarser one packs smaller.
        square
            The shapes are areas, and most of their angles are right ones, as those of buildings.
        """
        found = traced(shapes, step=step, square=square)
        for name, values in found.counts.items():
            self._add(name, "count", varints(values))
        for name, values in found.moves.items():
            self._add(name, "move", wide(values), count=len(values))
        self._columns[-1]["grid"] = found.grid
        return self

    def _add(self, name: str, kind: str, data: bytes, **facts: Any) -> "Pack":
        self._columns.append({"name": name, "kind": kind, "bytes": len(data), **facts})
        self._bytes.append(data)
        return self

    def raw(self) -> bytes:
        """Give the pack before it is deflated."""
        return b"".join(self._told())

    def deflated(self, level: int = BEST) -> bytes:
        """Give the pack deflated, as it is sent; a large column for itself, in the way in which it packs smallest."""
        pieces = [b""]
        for data in self._told():
            if len(data) < LARGE and len(pieces[-1]) < LARGE:
                pieces[-1] += data
            else:
                pieces.append(data)
        ends = [zlib.Z_SYNC_FLUSH] * (len(pieces) - 1) + [zlib.Z_FINISH]
        return b"".join(_deflated(data, level, end) for data, end in zip(pieces, ends, strict=True))

    def _told(self) -> list[bytes]:
        head = _written({"rows": self.rows, "columns": self._columns})
        return [len(head).to_bytes(4, "little") + head, *self._bytes]

    def text(self) -> str:
        """Give the pack deflated, as text that can stand in a page."""
        return folded(self.deflated())


def _deflated(data: bytes, level: int, end: int) -> bytes:
    """Deflate a piece of a stream; a large one also as numbers that seldom repeat, if that comes out smaller."""
    ways = WAYS if level == BEST and len(data) >= LARGE else WAYS[:1]
    packers = [zlib.compressobj(level, zlib.DEFLATED, -15, MEMORY, way) for way in ways]
    return min((packer.compress(data) + packer.flush(end) for packer in packers), key=len)


def _around(text: Any, held: Any) -> Any:
    """Give what stands before and behind a text that another one holds; the other as it is where it does not."""
    if text is None or not held:
        return text
    before, found, after = str(text).partition(str(held))
    return (before, after) if found else text


def _written(told: Any) -> bytes:
    return json.dumps(told, separators=(",", ":"), ensure_ascii=True).encode("ascii")


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


def _last(values: Integers, known: NDArray[np.bool_]) -> Integers:
    """Give for each row the last value known before it, 0 before the first."""
    at = np.maximum.accumulate(np.where(known, np.arange(len(values)), -1))
    before = np.concatenate([[-1], at[:-1]]).astype(np.int64)
    return np.where(before >= 0, values[before], 0)


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

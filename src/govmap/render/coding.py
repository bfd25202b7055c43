"""Whole numbers as bytes, and bytes as text that can stand in a page: the lowest floor of what the browser reads.

Numbers that are mostly small and sometimes large are told in `wide` bytes, texts and counts in `varints`. In a page a
pack stands as characters of seven bits, which adds a seventh; `web/src/coding.ts` reads all of it back.
"""

import numpy as np
from numpy.typing import NDArray

SEVEN = 7
MARKS = tuple(b"\0\r&<{")  # what HTML or a template would take for a mark
PAIRED = 128  # first of the characters that stand for a mark and the seven bits after it; all are of two bytes in UTF-8
LAST = 1024  # first of those that stand for a mark with nothing after it
PLAIN, LONG, FAR = 224, 255, 31 * 256  # first bytes that are the number itself; that announce four bytes; from where on

Integers = NDArray[np.int64]


def zigzag(values: Integers) -> Integers:
    """Fold the sign into the lowest bit."""
    return (values << 1) ^ (values >> 63)


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


def wide(values: Integers) -> bytes:
    """
    Code whole numbers from 0 to 2**32: a first byte for each, then what some need beside.

    Below 224 the first byte is the number; up to 254 it holds the upper bits of what is over, and one more byte the
    lower; 255 says that four bytes hold the number, the lowest first. What is alike stands together and packs small.
    """
    over = values - PLAIN
    far = over >= FAR
    first = np.where(over < 0, values, np.where(far, LONG, PLAIN + (over >> 8))).astype(np.uint8)
    size = np.where(over < 0, 0, np.where(far, 4, 1))
    place = np.cumsum(size) - size
    rest = np.zeros(int(size.sum()), np.uint8)
    rest[place[size == 1]] = (over[size == 1] & 255).astype(np.uint8)
    for byte in range(4):
        rest[place[far] + byte] = ((values[far] >> 8 * byte) & 255).astype(np.uint8)
    return first.tobytes() + rest.tobytes()


def folded(data: bytes) -> str:
    """Write bytes as characters of seven bits; a mark is told together with the seven bits that come after it."""
    bits = np.unpackbits(np.frombuffer(data, np.uint8))
    sevens = np.append(bits, np.zeros(-len(bits) % SEVEN, np.uint8)).reshape(-1, SEVEN)
    codes = np.packbits(sevens, axis=1)[:, 0] >> 1
    rank = _RANK[codes]
    leads = _leading(rank >= 0)
    pairs = PAIRED + rank * 128 + np.append(codes[1:], np.uint8(0))
    told = np.where(leads, pairs, codes)
    if len(told) and leads[-1]:
        told[-1] = LAST + rank[-1]
    return str(told[~np.append(False, leads[:-1])[: len(told)]].astype("<u2").tobytes(), "utf-16-le")


def _leading(mark: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which marks take the next seven bits along: of marks in a row the first, the third and so on."""
    place = np.arange(len(mark))
    before = np.maximum.accumulate(np.where(mark, -1, place))  # the last that is no mark
    return np.asarray((place - before) % 2 == 1)


def unfolded(text: str) -> bytes:
    """Read bytes back from text."""
    told = np.frombuffer(text.encode("utf-16-le"), "<u2").astype(np.int64)
    pair, last = (told >= PAIRED) & (told < LAST), told >= LAST
    size = 1 + pair
    place = np.cumsum(size) - size
    codes = np.zeros(int(size.sum()), np.uint8)
    rank = np.where(last, told - LAST, np.where(pair, (told - PAIRED) >> 7, 0))
    codes[place] = np.where(pair | last, np.array(MARKS, np.uint8)[rank], told & 127)
    codes[place[pair] + 1] = told[pair] & 127
    bits = np.unpackbits(codes[:, None], axis=1)[:, 1:].ravel()
    return np.packbits(bits[: len(bits) // 8 * 8]).tobytes()


_RANK = np.full(128, -1)
_RANK[list(MARKS)] = np.arange(len(MARKS))

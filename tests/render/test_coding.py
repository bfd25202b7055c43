"""Whole numbers as bytes, and bytes as text that no parser takes for a mark."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from govmap.render.coding import folded, unfolded, varints, wide, zigzag

MARKS = b"\0\r&<{"


def numbers(data: bytes) -> list[int]:
    found, value, shift = [], 0, 0
    for byte in data:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            found.append(value)
            value, shift = 0, 0
    return found


def widely(data: bytes, count: int) -> list[int]:
    rest, found = iter(data[count:]), []
    for first in data[:count]:
        if first < 224:
            found.append(first)
        elif first < 255:
            found.append(224 + ((first - 224) << 8) + next(rest))
        else:
            found.append(sum(next(rest) << 8 * byte for byte in range(4)))
    assert next(rest, None) is None, "nothing is left over"
    return found


def signed(value: int) -> int:
    return -(value + 1) // 2 if value % 2 else value // 2


@given(st.lists(st.integers(0, 2**52)))
def test_varints_read_back(values):
    assert numbers(varints(np.array(values, dtype=np.int64))) == values


@given(st.lists(st.one_of(st.integers(0, 300), st.integers(8100, 8200), st.integers(0, 2**32 - 1))))
def test_wide_numbers_read_back(values):
    assert widely(wide(np.array(values, dtype=np.int64)), len(values)) == values


@given(st.lists(st.integers(-(2**40), 2**40)))
def test_signs_fold_and_unfold(values):
    folded = zigzag(np.array(values, dtype=np.int64))
    assert [signed(int(one)) for one in folded] == values


@given(st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(MARKS + b"\1")).map(bytes)))
@example(b"")
@example(b"\0")
@example(b"\0" * 7)
@example(b"\0" * 8)
def test_any_bytes_read_back_from_text_that_no_parser_takes_for_a_mark(data):
    text = folded(data)
    assert unfolded(text) == data
    assert not set(text) & set(MARKS.decode())
    assert not any(0x300 <= ord(one) < 0x400 for one in text), "no accent that would join the letter before it"
    assert len(text.encode("utf-8")) <= len(data) * 8 / 7 + 2, "a seventh is added and no more"

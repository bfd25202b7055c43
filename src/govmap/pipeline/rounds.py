"""A walk past places, as a clerk with a list in hand would go: near ones one after another, no long way back."""

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
DECIMETRES = 10
MOST_TURNED, MOST_PASSES = 600, 12
MOST_WALKED, STRIP_M = 3000, 40  # more places than these are walked strip by strip, as a field is ploughed


def walk(x: npt.ArrayLike, y: npt.ArrayLike, *, first: int | None = None) -> Ints:
    """
    Give the order in which to go past places, from the first on, else from the one in the north-west corner.

    Always to the nearest that is left, then stretches are turned round as long as that makes the way shorter (2-opt;
    G. A. Croes, 1958), in whole decimetres, ties to the first: the same places give the same way on every machine.

    Parameters
    ----------
    x, y
        Metres; the order in which places are given decides only between equals.
    first
        The row at which the way begins; more places than `MOST_WALKED` are ploughed from a corner all the same.
    """
    at = np.rint(np.column_stack([x, y]).astype(float) * DECIMETRES).astype(np.int64)
    if len(at) < 2:  # noqa: PLR2004 - one place is no walk
        return np.arange(len(at))
    if len(at) > MOST_WALKED:
        return _ploughed(at)
    away = np.rint(np.hypot(*(at[:, None, :] - at[None, :, :]).transpose(2, 0, 1).astype(float))).astype(np.int64)
    corner = int(np.lexsort((np.arange(len(at)), at[:, 0] - at[:, 1]))[0])
    order = _nearest_first(away, corner if first is None else first)
    return _turned(order, away) if len(at) <= MOST_TURNED else order


def _ploughed(at: Ints) -> Ints:
    strip = -at[:, 1] // (STRIP_M * DECIMETRES)
    forth = np.where(strip % 2 == 0, at[:, 0], -at[:, 0])
    return np.asarray(np.lexsort((np.arange(len(at)), forth, strip)))


def _nearest_first(away: Ints, first: int) -> Ints:
    left = np.ones(len(away), dtype=bool)
    order = [first]
    left[first] = False
    while left.any():
        rest = np.flatnonzero(left)
        order.append(int(rest[np.argmin(away[order[-1], rest])]))
        left[order[-1]] = False
    return np.array(order, dtype=np.int64)


def _turned(order: Ints, away: Ints) -> Ints:
    """Turn stretches round while that shortens the way; its beginning stays, its end is free."""
    order = order.copy()
    for _ in range(MOST_PASSES):
        better = False
        for start in range(1, len(order) - 1):
            before, first, ends = order[start - 1], order[start], order[start + 1 :]
            after = np.append(order[start + 2 :], -1)
            loose = np.where(after < 0, 0, away[ends, after])
            tied = np.where(after < 0, 0, away[first, after])
            gain = away[before, first] + loose - away[before, ends] - tied
            best = int(np.argmax(gain))
            if gain[best] > 0:
                order[start : start + 2 + best] = order[start : start + 2 + best][::-1]
                better = True
        if not better:
            break
    return order

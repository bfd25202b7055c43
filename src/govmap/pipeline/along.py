"""The order in which the buildings of a compound are numbered from the first on: along the way, or by two sides.

Along the way goes from each building to one near it, without crossing back: the shortest walk that begins at the first
building, found by taking the nearest and then by turning stretches round while that shortens it. By sides follows the
longest extent of the buildings: what stands at the side of the first one has odd numbers, the other side even ones.
"""

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
ROUNDS = 60  # far more than a compound of 500 buildings has needed
LEAST_M = 1e-6


def walked(places: Points, first: int) -> list[int]:
    """
    Order places along a short walk that begins at one of them.

    Parameters
    ----------
    places
        x and y in metres, one row a place.
    first
        The row at which the walk begins.

    Returns
    -------
    order
        Rows in the order of the walk. Of places equally near the earlier row comes first.
    """
    apart = np.hypot(*(places[:, None, :] - places[None, :, :]).transpose(2, 0, 1))
    order = _nearest(apart, first)
    for _ in range(ROUNDS):
        if not _turned(order, apart):
            break
    return [int(one) for one in order]


def sided(places: Points, first: int) -> list[int]:
    """
    Number places by two sides of the way through them, odd and even, both from the end of the first one.

    Returns
    -------
    numbers
        1, 3, 5 or 2, 4, 6 for each row; the first place has 1, so that it is its side that has the odd ones.
    """
    middle = places - places.mean(axis=0)
    axis = np.linalg.svd(middle, full_matrices=False)[2][0] if len(places) > 1 else np.array([1.0, 0.0])
    along, across = middle @ axis, middle @ np.array([-axis[1], axis[0]])
    along = along if along[first] <= 0 else -along
    odd = (across >= 0) == bool(across[first] >= 0)
    numbers = np.zeros(len(places), dtype=int)
    for side, low in ((odd, 1), (~odd, 2)):
        rows = np.flatnonzero(side)
        ahead = np.where(rows == first, -np.inf, along[rows])
        numbers[rows[np.lexsort((rows, ahead))]] = low + 2 * np.arange(len(rows))
    return [int(one) for one in numbers]


def _nearest(apart: Points, first: int) -> npt.NDArray[np.int64]:
    left = np.ones(len(apart), dtype=bool)
    order = [first]
    left[first] = False
    while left.any():
        rows = np.flatnonzero(left)
        order.append(int(rows[np.argmin(apart[order[-1], rows])]))
        left[order[-1]] = False
    return np.array(order, dtype=np.int64)


def _turned(order: npt.NDArray[np.int64], apart: Points) -> bool:
    """Turn every stretch round whose turning shortens the walk; say whether any did. The walk may end anywhere."""
    changed = False
    for begin in range(1, len(order) - 1):
        before, head = order[begin - 1], order[begin]
        ends = np.arange(begin + 1, len(order))
        tail = order[ends]
        follow = order[np.minimum(ends + 1, len(order) - 1)]
        open_end = ends == len(order) - 1
        now = apart[before, head] + np.where(open_end, 0.0, apart[tail, follow])
        then = apart[before, tail] + np.where(open_end, 0.0, apart[head, follow])
        best = int(np.argmin(then - now))
        if (then - now)[best] < -LEAST_M:
            end = int(ends[best])
            order[begin : end + 1] = order[begin : end + 1][::-1].copy()
            changed = True
    return changed

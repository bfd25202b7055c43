"""The order in which the buildings of a compound are numbered from the first on: along the way, or by two sides.

Along the way goes from each building to one near it, without crossing back: the shortest walk that begins at the first
building, found by taking the nearest and then by turning stretches round while that shortens it. By sides follows the
longest extent of the buildings: what stands at the side of the first one has odd numbers, the other side even ones.
"""

import numpy as np
import numpy.typing as npt

from govmap.pipeline.rounds import walk

Points = npt.NDArray[np.float64]


def walked(places: Points, first: int) -> list[int]:
    """
    Order places along a short walk that begins at one of them.

    Parameters
    ----------
    places
        x and y in metres, one row a place.
    first
        The row at which the walk begins; very many places are walked from a corner, see `rounds.walk`.

    Returns
    -------
    order
        Rows in the order of the walk. Of places equally near the earlier row comes first.
    """
    return [int(one) for one in walk(*places.T, first=first)]


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

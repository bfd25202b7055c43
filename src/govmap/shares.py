"""Whole numbers shared out by weights, so that the shares add up: households over buildings, floors over parts."""

from typing import Any

import numpy as np
import numpy.typing as npt


def share_out(total: int, weights: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """
    Divide a whole number in proportion to weights by the largest remainder; ties go to the first.

    Where all weights are 0 the shares are equal; without weights there are none.
    """
    weight: npt.NDArray[Any] = np.asarray(weights, dtype=float)
    if total <= 0 or not len(weight):
        return np.zeros(len(weight), dtype=np.int64)
    # against the largest first, so that tiny weights do not vanish nor huge ones overflow
    part = weight / weight.max() if weight.max() > 0 else np.ones(len(weight))
    exact = part * (total / part.sum())
    whole = np.floor(exact)
    order = np.argsort(whole - exact, kind="stable")
    share: npt.NDArray[np.int64] = whole.astype(np.int64)
    share[order[: max(total - int(whole.sum()), 0)]] += 1
    return share

"""What chance alone would give: false discoveries among many tests, intervals of shares and of counts to come."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]


def false_discovery(p: npt.ArrayLike) -> Floats:
    """
    Give for each p-value the least false discovery rate at which it would be kept (Benjamini and Hochberg 1995).

    Valid where tests are independent or positively dependent, as those of neighbours are. NaN stays NaN and counts as
    no test.
    """
    values = np.asarray(p, dtype=float)
    found = np.full(len(values), np.nan)
    known = np.flatnonzero(~np.isnan(values))
    order = known[np.argsort(values[known], kind="stable")]
    ranked = values[order] * len(order) / np.arange(1, len(order) + 1)
    found[order] = np.minimum(np.minimum.accumulate(ranked[::-1])[::-1], 1.0)
    return found


def share_interval(yes: npt.ArrayLike, of: npt.ArrayLike, *, level: float = 0.95) -> tuple[Floats, Floats]:
    """Give the interval of a share (Wilson 1927): it stays within 0 and 1 and does not vanish at either end."""
    from scipy.special import ndtri

    count, total = np.asarray(yes, dtype=float), np.asarray(of, dtype=float)
    z = float(ndtri(0.5 + level / 2))
    n = np.where(total > 0, total, np.nan)
    share = count / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # at 0 and 1 the share is its own end; rounding would put it a hair inside
    return np.where(count > 0, middle - half, 0.0 * n), np.where(count < total, middle + half, n / n)


def count_interval(mean: npt.ArrayLike, variance: npt.ArrayLike, *, level: float) -> tuple[Floats, Floats]:
    """
    Give the interval in which a count to come lies with a chance of `level`, of a negative binomial.

    Where the variance does not exceed the mean it is that of Poisson. A mean of 0 gives 0 to 0.
    """
    from scipy import stats

    m, v = np.asarray(mean, dtype=float), np.asarray(variance, dtype=float)
    tail = (1 - level) / 2
    wide = v > m * (1 + 1e-9)
    size = np.where(wide, m * m / np.where(wide, v - m, 1.0), 1.0)
    size = np.where(size > 0, size, 1.0)
    chance = size / (size + m)

    def at(q: float) -> Any:
        return np.where(wide, stats.nbinom.ppf(q, size, chance), stats.poisson.ppf(q, np.maximum(m, 0.0)))

    return np.where(m > 0, at(tail), 0.0), np.where(m > 0, at(1 - tail), 0.0)


def poisson_tail(count: npt.ArrayLike, mean: npt.ArrayLike) -> Floats:
    """Give the chance of so many or more where so many are to be expected."""
    from scipy.special import gammainc

    k, m = np.asarray(count, dtype=float), np.asarray(mean, dtype=float)
    found: Floats = np.where(k > 0, gammainc(np.maximum(k, 1.0), np.maximum(m, 0.0)), 1.0)
    return found

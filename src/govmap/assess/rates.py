"""Reports per household of each unit, drawn to the common rate as far as chance asks for it, with intervals.

A unit of forty households with two reports is no worse than one of four hundred with ten: its rate is known badly, and
is said so. What is counted are reports, never what happened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from govmap.assess.chance import Floats
from govmap.assess.reports import Reports, Tier

STRENGTHS = 40
COLUMNS = ("unit_id", "level", "category", "count", "households", "rate", "low", "high", "raw", "too_small")


@dataclass(frozen=True)
class Rates:
    """Rates a household with their intervals, and the rates as they were counted (NaN without households)."""

    rate: Floats
    low: Floats
    high: Floats
    raw: Floats


def empirical_bayes(counts: npt.ArrayLike, households: npt.ArrayLike, *, level: float = 0.95) -> Rates:
    """
    Estimate the rates of units from counts, each drawn to the common rate by what chance explains.

    The rate is Marshall's (1991, JRSS C 40:283, global mean and moments), the mean of a Gamma posterior: equal to
    `esda.smoothing.Empirical_Bayes`, but where units differ less than chance alone would have it (there the variance
    by moments is negative), all have the common rate.

    The interval is of the Gamma posterior averaged over how strongly to draw, all strengths held equally likely
    beforehand (uniform shrinkage prior; Christiansen and Morris 1997, JASA 92:618): with the one strength that the
    moments give, it would hold the true rate far too seldom where units are few or alike.

    Parameters
    ----------
    counts
        Reports of each unit.
    households
        Households of each unit; a unit without any has no rate (NaN).
    level
        The chance that the interval holds the unit's rate.
    """
    e, b = np.asarray(counts, dtype=float), np.asarray(households, dtype=float)
    known = b > 0
    found = Rates(*(np.full(len(b), np.nan) for _ in range(4)))
    if not known.any():
        return found
    e, b = e[known], b[known]
    mean, spread = _moments(e, b)
    weight = spread / (spread + mean / b) if spread > 0 else np.zeros(len(b))
    rate = weight * (e / b) + (1 - weight) * mean
    low, high = _interval(e, b, mean, level)
    found.rate[known], found.raw[known] = rate, e / b
    found.low[known], found.high[known] = np.minimum(low, rate), np.maximum(high, rate)
    return found


def _moments(e: Floats, b: Floats) -> tuple[float, float]:
    """Give the common rate and how much the true rates vary about it, by moments."""
    mean = float(e.sum() / b.sum())
    return mean, float((b * (e / b - mean) ** 2).sum() / b.sum() - mean / b.mean())


def _interval(e: Floats, b: Floats, mean: float, level: float) -> tuple[Floats, Floats]:
    """Give the ends of the posterior averaged over strengths, as the Gamma of the same mean and variance."""
    from scipy.special import gammaincinv

    if mean <= 0:
        upper = float(gammaincinv(0.5, level)) / b.sum()
        return np.zeros(len(b)), np.full(len(b), upper)
    strength = (np.arange(STRENGTHS) + 0.5) / STRENGTHS
    scale = (b.mean() * strength / (1 - strength))[:, None]
    chance = _likely(e, b, mean * scale, scale)[:, None]
    middle = (mean * scale + e) / (scale + b)
    first = (chance * middle).sum(0)
    second = (chance * (middle / (scale + b) + middle**2)).sum(0)
    variance = second - first**2
    shape = first**2 / variance
    tail = (1 - level) / 2
    return gammaincinv(shape, tail) * variance / first, gammaincinv(shape, 1 - tail) * variance / first


def _likely(e: Floats, b: Floats, shape: Floats, scale: Floats) -> Floats:
    """Give the chance of each strength, given all counts: they are negative binomial."""
    from scipy.special import gammaln

    told = gammaln(shape + e) - gammaln(shape) + shape * np.log(scale) - (shape + e) * np.log(scale + b)
    logs = told.sum(1)
    weight = np.exp(logs - logs.max())
    found: Floats = weight / weight.sum()
    return found


def rates(reports: Reports, tiers: Sequence[Tier], *, rules: Mapping[str, Any]) -> pd.DataFrame:
    """
    Give the rates of all units of every level, by category and in all.

    Parameters
    ----------
    reports
        What counts, by part.
    tiers
        The levels; units of one level are drawn to their own common rate.
    rules
        `level` of the intervals and `too_small_households`, under which a rate is marked.

    Returns
    -------
    rates
        Sorted by level as given, category and unit: unit_id, level, category, count, households, rate, low, high and
        raw (reports a household in the time looked at), too_small.
    """
    frames = [_rates_of(tier, category, reports.of(category), rules) for tier in tiers for category in reports.every]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(COLUMNS))


def _rates_of(tier: Tier, category: str, part: npt.NDArray[np.int64], rules: Mapping[str, Any]) -> pd.DataFrame:
    unit = tier.of[part]
    counts = np.bincount(unit[unit >= 0], minlength=len(tier.units))
    found = empirical_bayes(counts, tier.households, level=rules["level"])
    return pd.DataFrame(
        {
            "unit_id": tier.units,
            "level": tier.level,
            "category": category,
            "count": counts.astype(np.int64),
            "households": tier.households.astype(np.int64),
            "rate": found.rate,
            "low": found.low,
            "high": found.high,
            "raw": found.raw,
            "too_small": tier.households < rules["too_small_households"],
        }
    )

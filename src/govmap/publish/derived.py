"""What is worked out of numbers that are published already: rates, norms a head, shares that are estimated.

A quotient of exact counts tells them nearer than their rounding does, to everybody who has the number below the line.
So each one here is made of published numbers alone: a reader can work it out, and learns nothing more from it.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from govmap import catalog
from govmap.publish.allowed import column
from govmap.publish.rounding import BASE

Numbers: TypeAlias = NDArray[np.float64]
LEAST_DENOMINATOR = 100
FIGURES = 2  # of a rate that count
FINENESS = np.array([1, 2, 4, 5, 10, 20, 50, 100])  # into how many steps a share may be told
TENTHS, HUNDREDTHS = 10, 100
ROOM = BASE - 1
EVEN = 1e-9


def rates(found: pd.DataFrame, homes: Mapping[Any, Any], k: int) -> pd.DataFrame:
    """
    Give rates a household, of reports and households as they are published, with their intervals.

    The interval is the exact one of a Poisson count (Garwood 1936), widened by what rounding leaves open above and
    below the line. Too small is what stands on under 100 households or fewer than k reports.

    Parameters
    ----------
    found
        The table `rates`, `count` as it is published.
    homes
        Published households by unit and community.
    """
    count, below = known(column(found, "count")), known(found["unit_id"].map(homes))
    small = ~((below >= LEAST_DENOMINATOR) & ((count >= k) | (count == 0)))
    below = np.where(small, np.nan, below)
    told = {"rate": count / below, **_interval(count, below)}
    shown = {name: _figures(np.where(small, np.nan, values)) for name, values in told.items()}
    return found.assign(**shown, too_small=small)


def _interval(count: Numbers, below: Numbers) -> dict[str, Numbers]:
    from scipy.special import gammaincinv

    tail = (1 - float(catalog.layer("reports")["rates"]["level"])) / 2
    room = np.where(count > 0, ROOM, 0)
    least = np.maximum(count - room, 0)
    low = np.where(least > 0, gammaincinv(np.maximum(least, 1), tail), 0.0)
    return {"low": low / (below + ROOM), "high": gammaincinv(count + room + 1, 1 - tail) / (below - ROOM)}


def norms(found: pd.DataFrame, totals: pd.DataFrame) -> pd.DataFrame:
    """
    Give what a community needs for as many people or households as are published of it.

    Of a standard that is not in `layers/standards/` nobody can say whom it counts: what it asks for is left out.
    """
    people = found["community_id"].map(totals_of(totals, "residents"))
    homes = found["community_id"].map(totals_of(totals, "households"))
    rules = [_norm(str(one)) for one in found["standard"]]
    a_head = np.array([float(one["amount"]) / float(one["per"]) if one else np.nan for one in rules])
    of_homes = np.array([one.get("of") == "households" for one in rules], dtype=bool)
    need = np.asarray(a_head * np.where(of_homes, known(homes), known(people)), dtype=float)
    lack = np.maximum(need - known(column(found, "have")), 0.0)
    return found.assign(need=blank(need.round(1)), short=blank(lack.round(1)))


def _norm(standard: str) -> Mapping[str, Any]:
    group, _, row = standard.partition("/")
    rule: Mapping[str, Any] = catalog.layers("standards").get(group, {}).get(row, {}).get("norm", {})
    return rule


def totals_of(totals: pd.DataFrame, category: str) -> dict[Any, Any]:
    """Give published households or residents by community."""
    rows = totals[(totals["theme"] == "base") & (totals["category"] == category)]
    return dict(zip(rows["community_id"], rows["count"], strict=True))


def about(share: "pd.Series[Any]", of: "pd.Series[Any]", k: int, *, most: int = TENTHS) -> "pd.Series[Any]":
    """
    Tell which share is estimated in steps, upwards so that a little is not nothing.

    No step is finer than k of those of whom it is a share: neither the estimated nor the counted can be told to be
    fewer.

    Parameters
    ----------
    of
        The published number of which each is a share, row by row; unknown is taken for none.
    most
        The finest steps, where there are enough people.
    """
    told = pd.to_numeric(share, errors="coerce").to_numpy(dtype=float)
    least = np.nan_to_num(known(of)) - ROOM
    at = np.searchsorted(FINENESS, np.clip(least / k, 1, most), side="right") - 1
    steps = FINENESS[at]
    return pd.Series(blank(np.round(np.ceil(told * steps - EVEN) / steps, 2) + 0.0), index=share.index)


def known(values: "pd.Series[Any]") -> Numbers:
    """Give numbers, NaN for what is withheld or missing."""
    return np.asarray(pd.to_numeric(values, errors="coerce"), dtype=np.float64)


def blank(values: Numbers) -> NDArray[Any]:
    """Give numbers with None for NaN."""
    told = values.astype(object)
    told[np.isnan(values)] = None
    return told


def _figures(values: Numbers) -> NDArray[Any]:
    return np.array([None if np.isnan(one) else float(f"{one:.{FIGURES}g}") for one in values], dtype=object)

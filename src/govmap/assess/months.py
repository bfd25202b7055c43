"""Reports month by month, each beside what the months before it let expect; nothing is said of a month not yet over."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from govmap.assess.chance import Floats, count_interval
from govmap.assess.reports import ALL, Ints, numbered

YEAR = 12
HIGH, LOW = "high", "low"
COLUMNS = ("community_id", "category", "month", "count", "expected", "low", "high", "notable", "whole")


def months(reports: pd.DataFrame, *, rules: Mapping[str, Any]) -> pd.DataFrame:
    """
    Count reports by month and say which months stand out.

    Expected are the same months of earlier years where there are at least `least_years`, else the mean of up to
    `window` months before (at least `least_months`), by days, for months differ in length. The interval is that of a
    count to come: negative binomial, as wide as the months before scatter and as few as they are.

    Parameters
    ----------
    reports
        One row a report: `community_id`, `category` (None: other), `day` (days since 1970-01-01 by the office's clock;
        -1: unknown). Rows without community or day are passed over.
    rules
        As `[months]` of `layers/reports.toml`; `categories`: those to be looked at beside all together.

    Returns
    -------
    months
        Sorted by community, category (all first) and month: community_id, category, month (its first day), count,
        expected, low, high (NaN where too little is known), notable (high, low or None), whole (False for a month that
        begins or ends outside the list: of it nothing is expected).
    """
    known = reports[(reports["day"] >= 0) & reports["community_id"].notna()]
    frames = [_of_community(str(one), rows, rules) for one, rows in known.groupby("community_id", sort=True)]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(COLUMNS))


def change(found: pd.DataFrame) -> pd.DataFrame:
    """
    Give for each community the last whole month beside the one before, all reports together.

    Returns
    -------
    change
        community_id, month, count, before, change (missing with one month alone).
    """
    rows = found[(found["category"] == ALL) & found["whole"].astype(bool)].sort_values(["community_id", "month"])
    last = rows.groupby("community_id", sort=True).tail(1).set_index("community_id")
    before = rows.groupby("community_id", sort=True)["count"].shift(1)
    last = last.assign(before=before.reindex(rows.index).groupby(rows["community_id"]).last())
    told = last.reset_index()[["community_id", "month", "count", "before"]].astype({"before": "Int64"})
    return told.assign(change=told["count"] - told["before"])


def _of_community(community: str, reports: pd.DataFrame, rules: Mapping[str, Any]) -> pd.DataFrame:
    days = reports["day"].to_numpy(np.int64).astype("datetime64[D]")
    number = days.astype("datetime64[M]").astype(np.int64)
    first, count = int(number.min()), int(number.max() - number.min()) + 1
    starts = (first + np.arange(count + 1)).astype("datetime64[M]").astype("datetime64[D]")
    length = np.diff(starts).astype(np.int64)
    whole = _whole(days, starts, rules["complete_within_days"])
    names = (ALL, *rules["categories"])
    counts = np.zeros((len(names), count), dtype=np.int64)
    category = numbered(reports["category"], rules["categories"])
    counts[0] = np.bincount(number - first, minlength=count)
    for row in range(1, len(names)):
        counts[row] = np.bincount(number[category == row - 1] - first, minlength=count)
    expected, low, high = _expected(counts, length, whole, (first + np.arange(count)) % YEAR, rules)
    notable = np.full(counts.shape, None, dtype=object)
    notable[counts > high], notable[counts < low] = HIGH, LOW
    stretched = {
        "count": counts, "expected": expected, "low": low, "high": high, "notable": notable,
    }  # fmt: skip
    rows = {"community_id": community, "category": np.repeat(np.array(names, dtype=object), count)}
    rows |= {"month": np.tile(starts[:-1].astype("datetime64[s]"), len(names))}
    rows |= {name: values.ravel() for name, values in stretched.items()}
    return pd.DataFrame({**rows, "whole": np.tile(whole, len(names))})


def _whole(days: npt.NDArray[Any], starts: npt.NDArray[Any], within: int) -> npt.NDArray[np.bool_]:
    """Tell which months the list covers from end to end: the first and last may be cut."""
    found = np.ones(len(starts) - 1, dtype=bool)
    if int((days.min() - starts[0]).astype(np.int64)) > within:
        found[0] = False
    if int((starts[-1] - days.max()).astype(np.int64)) - 1 > within:
        found[-1] = False
    return found


def _expected(
    counts: Ints, length: Ints, whole: npt.NDArray[np.bool_], season: Ints, rules: Mapping[str, Any]
) -> tuple[Floats, Floats, Floats]:
    """Give what to expect of each month with its interval, NaN where too little was before."""
    shape = counts.shape
    expected, low, high = (np.full(shape, np.nan) for _ in range(3))
    for month in np.flatnonzero(whole):
        earlier = np.flatnonzero(whole[:month])
        same = earlier[season[earlier] == season[month]]
        seasonal = len(same) >= rules["least_years"]
        base = same if seasonal else earlier[earlier >= month - rules["window"]]
        if not seasonal and len(base) < rules["least_months"]:
            continue
        share = length[month] / length[base].sum()
        expected[:, month] = counts[:, base].sum(1) * share
        grouped = earlier if seasonal else base
        spread = _spread(counts[:, grouped], length[grouped], season[grouped] if seasonal else np.zeros(len(grouped)))
        # of nothing seen before half a report is held possible, as Jeffreys' prior does
        mean = np.maximum(expected[:, month], 0.5 * share)
        variance = spread * mean * (1 + 1 / len(base))
        low[:, month], high[:, month] = count_interval(mean, variance, level=rules["level"])
    return expected, low, high


def _spread(counts: Ints, length: Ints, group: npt.NDArray[Any]) -> Floats:
    """Give how many times more the counts scatter about the mean of their group than those of Poisson, at least 1."""
    scatter, free = np.zeros(len(counts)), 0
    for one in np.unique(group):
        mine = group == one
        mean = counts[:, mine].sum(1, keepdims=True) * (length[mine] / length[mine].sum())
        scatter += ((counts[:, mine] - mean) ** 2 / np.where(mean > 0, mean, 1.0)).sum(1)
        free += int(mine.sum()) - 1
    return np.maximum(scatter / max(free, 1), 1.0)

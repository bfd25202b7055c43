"""Streets where reports come again and again: on more days than their length would let expect.

Ten calls about one night are one day. So days are compared, not reports; what lies along no street is left out.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from govmap.assess.chance import Floats, false_discovery, poisson_tail
from govmap.assess.reports import ALL, Ints, numbered

COLUMNS = ("street_id", "category", "incidents", "days", "first", "last", "expected", "q")


def along(shapes: npt.NDArray[np.object_], streets: npt.NDArray[np.object_], *, within_m: float) -> Ints:
    """Give the nearest street of each shape, -1 where none is near; of several as near the first."""
    found = np.full(len(shapes), -1, dtype=np.int64)
    if len(shapes) and len(streets):
        shape, street = shapely.STRtree(streets).query_nearest(shapes, max_distance=within_m, all_matches=True)
        order = np.lexsort((street, shape))
        found[shape[order][::-1]] = street[order][::-1]
    return found


def recurring(reports: pd.DataFrame, streets: pd.DataFrame, *, rules: Mapping[str, Any]) -> pd.DataFrame:
    """
    Find the streets with reports on more days than chance by length would give.

    Parameters
    ----------
    reports
        One row a report: `street` (row of `streets`, -1: none), `category` (None: other), `day` (whole days, any
        origin; -1: unknown). Those without street or day are passed over.
    streets
        `street_id`, `length_m`, `lived` (whether anybody lives or reports along it: where nobody does nothing is to be
        expected).
    rules
        As `[recurring]` of `layers/reports.toml`; `categories`: those to be looked at beside all together.

    Returns
    -------
    recurring
        Sorted by category, all first, then by q, days and street_id: street_id, category, incidents, days, first and
        last (as `day`), expected (reports by length), q (false discovery rate among the streets of one category).
    """
    street, day = (reports[name].to_numpy(np.int64) for name in ("street", "day"))
    category = numbered(reports["category"], rules["categories"])
    usable = (street >= 0) & (day >= 0)
    length = np.where(
        streets["lived"].to_numpy(bool), np.maximum(streets["length_m"].to_numpy(float), rules["least_length_m"]), 0.0
    )
    ids = streets["street_id"].to_numpy(object)
    frames = []
    for number, name in enumerate((ALL, *rules["categories"]), start=-1):
        mine = usable & ((category == number) | (number < 0))
        frames.append(_of_category(name, street[mine], day[mine], ids, length, rules))
    kept = [one for one in frames if len(one)]
    return pd.concat(kept, ignore_index=True) if kept else pd.DataFrame(columns=list(COLUMNS))


def _of_category(
    category: str, street: Ints, day: Ints, ids: npt.NDArray[np.object_], length: Floats, rules: Mapping[str, Any]
) -> pd.DataFrame:
    kept = length[street] > 0
    street, day = street[kept], day[kept]
    if not len(street):
        return pd.DataFrame(columns=list(COLUMNS))
    incidents = np.bincount(street, minlength=len(ids))
    days = np.bincount(np.unique(np.column_stack([street, day]), axis=0)[:, 0], minlength=len(ids))
    expected = length * (incidents.sum() / length.sum())
    exposed = np.flatnonzero(length > 0)
    q = np.ones(len(ids))
    q[exposed] = false_discovery(poisson_tail(days[exposed], expected[exposed]))
    often = (days >= rules["least_days"]) & (incidents >= rules["least_reports"]) & (days > expected)
    rows = np.flatnonzero(often & (q <= rules["level"]))
    spans = pd.Series(day).groupby(street).agg(["min", "max"]).reindex(rows)
    found = pd.DataFrame(
        {
            "street_id": ids[rows],
            "category": category,
            "incidents": incidents[rows].astype(np.int64),
            "days": days[rows].astype(np.int64),
            "first": spans["min"].to_numpy(np.int64),
            "last": spans["max"].to_numpy(np.int64),
            "expected": expected[rows],
            "q": q[rows],
        }
    )
    return found.sort_values(["q", "days", "street_id"], ascending=[True, False, True], ignore_index=True)

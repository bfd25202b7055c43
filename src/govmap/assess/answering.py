"""How cases were answered in each unit: taken in hand, solved, on time, and what residents and the office thought.

Of units, never of workers. Where cases are few no share is given; where there are enough, its interval.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from govmap.assess.chance import Floats, share_interval
from govmap.assess.reports import ALL, Ints, Reports, Tier

SHARES = ("responded", "resolved", "satisfied_resident", "satisfied_office")
SIDES = ("resident", "office")


def answered(reports: Reports, cases: pd.DataFrame, tiers: Sequence[Tier], *, rules: Mapping[str, Any]) -> pd.DataFrame:
    """
    Give how the cases of each unit were answered, by category and in all.

    Parameters
    ----------
    reports
        Part and category of each case.
    cases
        In the same order: `staged` (somebody knows how far it is), `waiting` (nobody has taken it in hand), `done`,
        `overdue`, `hours` from report to end (NaN where not known), `satisfied_resident` and `satisfied_office` (1, 0,
        NaN where nobody said).
    tiers
        The levels of units.
    rules
        `least`: under so many cases no share is given; `level` of the intervals.

    Returns
    -------
    answered
        One row a unit and category that has cases: unit_id, level, category, cases, open, overdue, the shares
        `responded` (of those of known stage), `resolved` (likewise), `satisfied_resident`, `satisfied_office` (of those
        where somebody said), each with `_low`, `_high` and NaN where too few; how many were `rated_resident`,
        `rated_office`; `satisfied_gap`, office less resident of the cases that both rated; hours_median.
    """
    facts = _facts(cases)
    frames = []
    for tier in tiers:
        for category in reports.every:
            mine = np.ones(len(cases), bool)
            if category != ALL:
                mine = reports.category == reports.categories.index(category)
            unit = tier.of[reports.part]
            mine &= unit >= 0
            rows = _of_units(unit[mine], {name: values[mine] for name, values in facts.items()}, len(tier.units), rules)
            rows = rows.assign(unit_id=tier.units, level=tier.level, category=category)
            frames.append(rows[rows["cases"] > 0])
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame({"unit_id": [], "category": []})


def _facts(cases: pd.DataFrame) -> dict[str, Floats]:
    """Give each measure as 1, 0 or NaN where nobody knows."""
    staged = cases["staged"].to_numpy(bool)
    done = cases["done"].to_numpy(bool)
    waiting = cases["waiting"].to_numpy(bool)
    facts: dict[str, Floats] = {
        "open": (staged & ~done).astype(float),
        "overdue": cases["overdue"].to_numpy(bool).astype(float),
        "responded": np.where(staged, ~waiting, np.nan),
        "resolved": np.where(staged, done, np.nan),
        "hours": cases["hours"].to_numpy(float),
    }
    said = {side: cases[f"satisfied_{side}"].to_numpy(float) for side in SIDES}
    facts |= {f"satisfied_{side}": values for side, values in said.items()}
    facts["gap"] = said["office"] - said["resident"]
    return facts


def _of_units(unit: Ints, facts: Mapping[str, Floats], count: int, rules: Mapping[str, Any]) -> pd.DataFrame:
    """Sum one category by unit."""
    rows: dict[str, npt.NDArray[Any]] = {"cases": np.bincount(unit, minlength=count)}
    for name in ("open", "overdue"):
        rows[name] = np.bincount(unit, weights=facts[name], minlength=count).astype(np.int64)
    for name in SHARES:
        yes, of = _sums(unit, facts[name], count)
        enough = of >= rules["least"]
        low, high = share_interval(yes, of, level=rules["level"])
        share = np.divide(yes, of, out=np.full(count, np.nan), where=of > 0)
        for ending, values in (("", share), ("_low", low), ("_high", high)):
            rows[name + ending] = np.where(enough, values, np.nan)
        if name.startswith("satisfied_"):
            rows[f"rated_{name.removeprefix('satisfied_')}"] = of.astype(np.int64)
    difference, both = _sums(unit, facts["gap"], count)
    rows["satisfied_gap"] = np.where(both >= rules["least"], difference / np.maximum(both, 1), np.nan)
    rows["hours_median"] = _medians(unit, facts["hours"], count, rules["least"])
    return pd.DataFrame(rows)


def _sums(unit: Ints, values: Floats, count: int) -> tuple[Floats, Floats]:
    """Give the sum of what is known by unit, and of how many it is known."""
    known = ~np.isnan(values)
    total = np.bincount(unit[known], weights=values[known], minlength=count).astype(float)
    return total, np.bincount(unit[known], minlength=count).astype(float)


def _medians(unit: Ints, hours: Floats, count: int, least: int) -> Floats:
    known = ~np.isnan(hours)
    grouped = pd.Series(hours[known]).groupby(unit[known])
    enough = grouped.median()[grouped.size() >= least]
    return np.asarray(enough.reindex(range(count)), dtype=np.float64)

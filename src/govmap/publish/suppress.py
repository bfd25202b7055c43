"""Withholding: counts that stand for fewer than k people, and those that the totals would give them away by."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from govmap.publish.allowed import column
from govmap.publish.counts import numbers

SPLIT_HOUSEHOLDS = 40
NOT_OF_PEOPLE = ("resources", "incidents")
PAIR = 2

Flags: TypeAlias = NDArray[np.bool_]
Values: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Suppressed:
    """Which rows are withheld, for themselves or for another's sake, and the groups whose total is withheld too."""

    primary: Flags
    complementary: Flags
    totals: frozenset[Any]

    @property
    def rows(self) -> Flags:
        """Every row withheld."""
        return np.asarray(self.primary | self.complementary)


@dataclass(frozen=True)
class Closed:
    """Units, tallies and totals as the public may see them, and what was taken out: one entry a unit and statistic."""

    units: pd.DataFrame
    tallies: pd.DataFrame
    totals: pd.DataFrame
    suppressed: tuple[Mapping[str, Any], ...]


def suppress(values: Values, groups: NDArray[Any], k: int, *, forced: Flags | None = None) -> Suppressed:
    """
    Withhold rows under k, and as many more that no total gives them away.

    Parameters
    ----------
    values
        One row a unit, one column a statistic; a row is withheld or shown as a whole.
    groups
        The group whose totals are published beside its rows.
    forced
        Rows withheld for another reason.
    """
    primary = np.asarray(((values > 0) & (values < k)).any(axis=1))
    if forced is not None:
        primary |= forced & (values > 0).any(axis=1)
    hidden = primary.copy()
    open_groups = sorted(set(groups[primary]))
    lost = {one for one in open_groups if not _complete(values, hidden, np.flatnonzero(groups == one), k)}
    return Suppressed(primary, np.asarray(hidden & ~primary), frozenset(lost))


def _complete(values: Values, hidden: Flags, rows: NDArray[np.intp], k: int) -> bool:
    """Withhold the smallest rows of a group until what is withheld is k or more; false where none is left to take."""
    while True:
        inside = values[rows[hidden[rows]]]
        total, filled = inside.sum(axis=0), (inside > 0).sum(axis=0)
        weak = (total > 0) & ((total < k) | (filled < PAIR))
        if not weak.any():
            return True
        statistic = int(np.flatnonzero(weak)[0])
        left = rows[~hidden[rows] & (values[rows, statistic] > 0)]
        if len(left) == 0:
            return False
        hidden[left[np.lexsort((left, values[left, statistic]))[0]]] = True


def close(
    units: pd.DataFrame,
    tallies: pd.DataFrame,
    totals: pd.DataFrame,
    k: int,
    *,
    fewest: int | None = None,
    homes: "pd.Series[Any] | None" = None,
) -> Closed:
    """
    Withhold what the public may not see of units, tallies and totals.

    Households and residents of a unit are withheld together, where either are fewer than k; so is the whole split of
    its people by age and the like, which a unit of few households (`homes`: as they are shown) never shows; incidents
    are withheld where they are less than `fewest` (k without it).
    """
    people = np.column_stack([numbers(units, name) for name in ("residents", "households")])
    nobody = np.zeros(len(units), dtype=bool)
    base = by_levels(units, people, nobody, k)
    small = ((numbers(units, "households") if homes is None else homes) < SPLIT_HOUSEHOLDS).to_numpy() | base.rows
    split = by_levels(units, _matrix(units, tallies[~tallies["theme"].isin(NOT_OF_PEOPLE)]), small, k)
    told = by_levels(units, _matrix(units, tallies[tallies["theme"] == "incidents"]), nobody, fewest or k)
    found = {"base": base, "split": split, "incidents": told}
    return Closed(_units(units, base), _tallies(units, tallies, found), _totals(totals, found, k), _list(units, found))


def _matrix(units: pd.DataFrame, tallies: pd.DataFrame) -> Values:
    """Give one row a unit, one column a theme and category."""
    if tallies.empty:
        return np.zeros((len(units), 1))
    value = numbers(tallies, "people").where(column(tallies, "people").notna(), numbers(tallies, "count"))
    statistic = tallies["theme"].astype(str) + "/" + tallies["category"].astype(str)
    table = value.groupby([tallies["unit_id"], statistic]).sum().unstack(fill_value=0)
    return np.asarray(table.reindex(units["unit_id"]).fillna(0).to_numpy(), dtype=float)


def by_levels(units: pd.DataFrame, values: Values, forced: Flags, k: int) -> Suppressed:
    """From the top down: the parts of a withheld whole are withheld, or they would add up to it."""
    parent, unit, depth = column(units, "parent_unit_id"), units["unit_id"], _depths(units)
    group = parent.fillna(column(units, "community_id")).fillna("").to_numpy()
    primary, complementary = np.zeros(len(units), dtype=bool), np.zeros(len(units), dtype=bool)
    lost: set[Any] = set()
    for level in range(int(depth.max(initial=-1)) + 1):
        here = depth == level
        under = parent.isin(set(unit[primary | complementary])).to_numpy()
        found = suppress(values[here], group[here], k, forced=(forced | under)[here])
        primary[here], complementary[here] = found.primary, found.complementary
        lost |= found.totals
    return Suppressed(primary, complementary, frozenset(lost))


def _depths(units: pd.DataFrame) -> NDArray[np.int64]:
    """Count the levels above each unit."""
    parent = dict(zip(units["unit_id"], column(units, "parent_unit_id"), strict=True))
    depth = np.zeros(len(units), np.int64)
    above = units["unit_id"].map(parent)
    while above.isin(list(parent)).any():
        depth += above.isin(list(parent)).to_numpy()
        above = above.map(parent)
    return depth


def _units(units: pd.DataFrame, base: Suppressed) -> pd.DataFrame:
    why = np.where(base.primary, "under_k", np.where(base.complementary, "complementary", ""))
    shown = units.assign(withheld=pd.Series(why, dtype=object).where(why != "", None))
    for name in ("households", "residents", "estimated_share"):
        if name in shown:
            shown[name] = shown[name].astype(object).where(~base.rows & shown[name].notna(), None)
    return shown


def _tallies(units: pd.DataFrame, tallies: pd.DataFrame, found: Mapping[str, Suppressed]) -> pd.DataFrame:
    gone = {name: set(units["unit_id"][one.rows]) for name, one in found.items()}
    theme, unit = tallies["theme"], tallies["unit_id"]
    hidden = (theme == "incidents") & unit.isin(gone["incidents"])
    hidden |= ~theme.isin(NOT_OF_PEOPLE) & unit.isin(gone["split"])
    shown = tallies.copy()
    for name in ("count", "people"):
        shown[name] = shown[name].astype(object).where(~hidden & shown[name].notna(), None)
    return shown


def _totals(totals: pd.DataFrame, found: Mapping[str, Suppressed], k: int) -> pd.DataFrame:
    """Withhold totals under k, and those by which a unit could be found out."""
    theme, value = totals["theme"], totals["count"]
    hidden = (theme != "resources") & (value > 0) & (value < k)
    for name, one in found.items():
        ours = ~theme.isin(["base", *NOT_OF_PEOPLE]) if name == "split" else theme == name
        hidden |= ours & totals["community_id"].isin(one.totals)
    return totals.assign(count=value.astype(object).where(~hidden, None))


def _list(units: pd.DataFrame, found: Mapping[str, Suppressed]) -> tuple[Mapping[str, Any], ...]:
    ids = units["unit_id"].tolist()
    return tuple(
        {"unit_id": ids[row], "statistic": name, "reason": reason}
        for name, one in found.items()
        for reason, rows in (("under_k", one.primary), ("complementary", one.complementary))
        for row in np.flatnonzero(rows).tolist()
    )

"""What changes from one plan to another: parts, households, compounds, units, and for whom worker and services do.

A unit that only has another name is the same unit: the units of both plans are matched by the households they share,
and what lies in matched units has not moved.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from govmap.delineate.problem import Ints, components
from govmap.plan import Plan, home

PEOPLE = ("households", "residents")
# Groups that feel a move most, where registers count them.
GROUPS = ("age_60_plus", "age_80_plus", "living_alone_60")
# One household shared outweighs any number of parts shared up to this, and a part outweighs the same name.
PART_SHARE = 4096
KEPT, CHANGED, NEW, GONE = "kept", "changed", "new", "gone"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """
    What changes from one plan to another.

    Parameters
    ----------
    households_moved, residents_moved, parts_moved
        What lies in another unit than before; parts that one of the plans does not know have come or gone instead.
    compounds_moved, compounds_split, compounds_joined
        Compounds most of whose households change unit, that were whole and are not, that are whole and were not.
    moves
        Sorted by both: unit_before, unit_after, households, residents, parts, same (whether the units are matched).
    units
        Sorted: unit_before, unit_after, state (kept, changed, new, gone), households_before, households_after,
        households_stay, households_come, households_go.
    moved
        Every part that moves: part_id, unit_before, unit_after, households, residents.
    parts
        Every part that either knows: part_id, building_id, unit_before, unit_after, goes_on (as which unit the former
        goes on).
    groups
        People of `GROUPS` who move with their parts, as far as registers count them.
    households_with_worker, households_keep_worker, households_without
        Households for whom a worker answered, those of them who keep one, those of them who have none any more.
    workers
        By worker_id: households_before, households_after, households_come, households_go. Empty without duties.
    services
        By category of resource: households whose unit loses the last one or gains the first, and how many have one in
        their unit before and after. Empty without resources.
    """

    households_moved: int
    residents_moved: int
    parts_moved: int
    parts_came: int
    parts_gone: int
    compounds_moved: int
    compounds_split: int
    compounds_joined: int
    households_change_worker: int
    households_with_worker: int
    households_keep_worker: int
    households_without: int
    groups: Mapping[str, int]
    moves: pd.DataFrame
    units: pd.DataFrame
    moved: pd.DataFrame
    parts: pd.DataFrame
    workers: pd.DataFrame
    services: pd.DataFrame

    @property
    def figures(self) -> Mapping[str, int]:
        """The whole in numbers, for programs."""
        names = ("households", "residents", "parts", "compounds")
        found = {f"{name}_moved": getattr(self, f"{name}_moved") for name in names}
        for name in _COUNTED:
            found[name] = getattr(self, name)
        found |= {f"{name}_moved": count for name, count in self.groups.items()}
        states = self.units["state"].value_counts()
        return {**found, **{f"units_{state}": int(states.get(state, 0)) for state in (KEPT, CHANGED, NEW, GONE)}}


_COUNTED = (
    "parts_came", "parts_gone", "compounds_split", "compounds_joined", "households_change_worker",
    "households_with_worker", "households_keep_worker", "households_without",
)  # fmt: skip


def compare(
    before: Plan,
    after: Plan,
    parts: pd.DataFrame,
    *,
    former_parts: pd.DataFrame | None = None,
    duties: pd.DataFrame | None = None,
    resources: pd.DataFrame | None = None,
) -> Comparison:
    """
    Compare two plans, on the lowest level of each; for another level give its `Plan.tiers`.

    Parameters
    ----------
    parts
        Parts of the second plan's edition: part_id, building_id, households, residents, compound_id where known, and
        `GROUPS` as far as registers count them.
    former_parts
        Parts of the first plan's edition where that is another one: part_id, building_id, households. Parts are then
        known by their building.
    duties
        Who answers for which unit: worker_id, plan_id, unit_id. Where the second plan has none, workers go with the
        unit that goes on.
    resources
        category and part_id.
    """
    rows = _rows(before, after, parts, former_parts)
    both = rows.dropna(subset=["unit_before", "unit_after"])
    goes_on = _matched(both)
    rows["goes_on"] = rows["unit_before"].map(goes_on)
    moves = rows["unit_before"].notna() & rows["unit_after"].notna() & (rows["goes_on"] != rows["unit_after"])
    moved = rows[moves]
    workers, served = _workers(rows, goes_on, before, after, duties)
    return Comparison(
        households_moved=int(moved["households"].sum()),
        residents_moved=int(moved["residents"].sum()),
        parts_moved=len(moved),
        parts_came=int(rows["unit_before"].isna().sum()),
        parts_gone=_gone(before, rows, former_parts),
        **_compounds(rows, goes_on),
        **served,
        groups={name: int(moved[name].sum()) for name in GROUPS if name in moved},
        moves=_moves(both, goes_on),
        units=_units(before, after, rows, goes_on),
        moved=moved[["part_id", "unit_before", "unit_after", *PEOPLE]].reset_index(drop=True),
        parts=rows[["part_id", "building_id", "unit_before", "unit_after", "goes_on"]],
        workers=workers,
        services=_services(rows, resources),
    )


def _rows(before: Plan, after: Plan, parts: pd.DataFrame, former: pd.DataFrame | None) -> pd.DataFrame:
    """Give one row a part of the second plan: its unit in both, None where a plan does not know it."""
    rows = parts.sort_values("part_id", kind="stable", ignore_index=True)
    unit = before.parts.reindex(rows["part_id"]).to_numpy(dtype=object)
    if former is not None:
        by_building = home(before.parts, former, "building_id").reindex(rows["building_id"]).to_numpy(dtype=object)
        unit = np.where(pd.isna(unit), by_building, unit)
    found = pd.DataFrame({"part_id": rows["part_id"].to_numpy(dtype=object), "unit_before": unit})
    found["unit_after"] = after.parts.reindex(rows["part_id"]).to_numpy(dtype=object)
    found["building_id"] = rows["building_id"].to_numpy(dtype=object)
    found["compound_id"] = rows["compound_id"].to_numpy(dtype=object) if "compound_id" in rows else None
    for name in (*PEOPLE, *(group for group in GROUPS if group in rows)):
        found[name] = rows[name].fillna(0).astype("int64").to_numpy()
    return found[found["unit_before"].notna() | found["unit_after"].notna()].reset_index(drop=True)


def _matched(both: pd.DataFrame) -> dict[str, str]:
    """
    Say which unit of the second plan each of the first goes on as.

    So matched that the households that stay in the unit are most in all (an assignment problem, solved for units that
    share parts with each other at a time).
    """
    shares = both.groupby(["unit_before", "unit_after"], sort=True).agg(
        households=("households", "sum"), parts=("part_id", "size")
    )
    one, firsts = pd.factorize(shares.index.get_level_values(0), sort=True)
    other, seconds = pd.factorize(shares.index.get_level_values(1), sort=True)
    same = np.asarray(firsts)[one] == np.asarray(seconds)[other]
    count = np.minimum(shares["parts"].to_numpy(), PART_SHARE // 2 - 1)
    worth = shares["households"].to_numpy() * PART_SHARE + 2 * count + same
    group = components(len(firsts) + len(seconds), one, len(firsts) + other)
    found: dict[str, str] = {}
    order = np.argsort(group[one], kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(group[one][order])) + 1) if len(order) else ():
        for first, second in _assigned(one[rows], other[rows], worth[rows]):
            found[str(firsts[first])] = str(seconds[second])
    return found


def _assigned(one: Ints, other: Ints, worth: Ints) -> list[tuple[int, int]]:
    """Match two sides so that the worth of the pairs is greatest; only pairs that share something."""
    left, row = np.unique(one, return_inverse=True)
    right, column = np.unique(other, return_inverse=True)
    table = np.zeros((len(left), len(right)), dtype=np.int64)
    table[row, column] = worth
    pairs = zip(*linear_sum_assignment(table, maximize=True), strict=True)
    return [(int(left[i]), int(right[j])) for i, j in pairs if table[i, j]]


def _gone(before: Plan, rows: pd.DataFrame, former: pd.DataFrame | None) -> int:
    """Count the parts of the first plan that are no longer there, known by part or by building."""
    left = before.parts.index.difference(pd.Index(rows["part_id"]))
    if former is None:
        return len(left)
    building = former.set_index("part_id")["building_id"].reindex(left)
    return int((~building.isin(rows["building_id"].dropna())).sum())


def _compounds(rows: pd.DataFrame, goes_on: Mapping[str, str]) -> dict[str, int]:
    """Count compounds that change unit, that are divided anew, and that are put together."""
    known = rows.dropna(subset=["compound_id", "unit_before", "unit_after"])
    if known.empty:
        return {"compounds_moved": 0, "compounds_split": 0, "compounds_joined": 0}
    index = known["part_id"]
    then, now = (home(pd.Series(known[side].to_numpy(), index=index), known, "compound_id") for side in _SIDES)
    units = known.groupby("compound_id", sort=True)[list(_SIDES)].nunique()
    whole_then, whole_now = units["unit_before"] == 1, units["unit_after"] == 1
    return {
        "compounds_moved": int((then.map(goes_on) != now).sum()),
        "compounds_split": int((whole_then & ~whole_now).sum()),
        "compounds_joined": int((~whole_then & whole_now).sum()),
    }


_SIDES = ("unit_before", "unit_after")


def _moves(both: pd.DataFrame, goes_on: Mapping[str, str]) -> pd.DataFrame:
    """Give the table from old to new."""
    found = both.groupby(list(_SIDES), sort=True).agg(
        households=("households", "sum"), residents=("residents", "sum"), parts=("part_id", "size")
    )
    found = found.reset_index()
    found["same"] = found["unit_before"].map(goes_on) == found["unit_after"]
    return found


def _units(before: Plan, after: Plan, rows: pd.DataFrame, goes_on: Mapping[str, str]) -> pd.DataFrame:
    """Give one row a unit that goes on, is new or is gone."""
    pairs: list[tuple[str | None, str | None]] = [(one, goes_on.get(one)) for one in before.units]
    taken = set(goes_on.values())
    pairs += [(None, one) for one in after.units if one not in taken]
    found = pd.DataFrame(pairs, columns=list(_SIDES), dtype=object)
    then, now = (rows.groupby(side)["households"].sum() for side in _SIDES)
    stays = rows[rows["goes_on"].notna() & (rows["goes_on"] == rows["unit_after"])]
    stay = stays.groupby("unit_before")["households"].sum()
    parts_stay = stays.groupby("unit_before")["part_id"].size()
    sizes = [rows.groupby(side)["part_id"].size() for side in _SIDES]
    found["households_before"] = _counted(found["unit_before"], then)
    found["households_after"] = _counted(found["unit_after"], now)
    found["households_stay"] = _counted(found["unit_before"], stay)
    found["households_come"] = found["households_after"] - found["households_stay"]
    found["households_go"] = found["households_before"] - found["households_stay"]
    kept = _counted(found["unit_before"], parts_stay)
    whole = (kept == _counted(found["unit_before"], sizes[0])) & (kept == _counted(found["unit_after"], sizes[1]))
    state = np.where(found["unit_before"].isna(), NEW, np.where(found["unit_after"].isna(), GONE, CHANGED))
    found.insert(2, "state", np.where((state == CHANGED) & whole, KEPT, state))
    return found


def _counted(units: pd.Series, counts: pd.Series) -> pd.Series:
    return units.map(counts).fillna(0).astype("int64")


# who feels it ------------------------------------------------------------------------------------------------------
def _workers(
    rows: pd.DataFrame, goes_on: Mapping[str, str], before: Plan, after: Plan, duties: pd.DataFrame | None
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Say of each worker whose households come and go, and count the households for whom another one answers."""
    columns = ["worker_id", "households_before", "households_after", "households_come", "households_go"]
    served = dict.fromkeys(("change_worker", "with_worker", "keep_worker", "without"), 0)
    held = {} if duties is None else _held(duties, before)
    if not held:
        return pd.DataFrame(columns=columns), {f"households_{name}": count for name, count in served.items()}
    later = _held(duties, after) if duties is not None else {}
    later = later or {goes_on[unit]: workers for unit, workers in held.items() if unit in goes_on}
    both = rows.dropna(subset=list(_SIDES)).groupby(list(_SIDES), sort=True)["households"].sum().reset_index()
    count = {worker: [0, 0, 0, 0] for workers in (*held.values(), *later.values()) for worker in workers}
    for one, other, households in zip(*(both[name] for name in (*_SIDES, "households")), strict=True):
        then, now = held.get(one, frozenset()), later.get(other, frozenset())
        flags = (then != now, bool(then), bool(then & now), bool(then) and not now)
        for name, flag in zip(served, flags, strict=True):
            served[name] += int(households) if flag else 0
        for place, workers in enumerate((then, now, now - then, then - now)):
            for worker in workers:
                count[worker][place] += int(households)
    table = pd.DataFrame([(worker, *count[worker]) for worker in sorted(count)], columns=columns)
    return table, {f"households_{name}": number for name, number in served.items()}


def _held(duties: pd.DataFrame, plan: Plan) -> dict[str, frozenset[str]]:
    """Give the workers who answer for each unit of a plan's lowest level."""
    mine = duties[(duties["plan_id"] == plan.plan_id) & duties["unit_id"].isin(plan.units)]
    return {str(unit): frozenset(rows) for unit, rows in mine.groupby("unit_id")["worker_id"]}


def _services(rows: pd.DataFrame, resources: pd.DataFrame | None) -> pd.DataFrame:
    """Count by category the households that have one in their unit, before and after."""
    columns = ["category", "households_before", "households_after", "households_gain", "households_lose"]
    if resources is None or resources.empty:
        return pd.DataFrame(columns=columns)
    placed = resources[["category", "part_id"]].dropna().merge(rows[["part_id", *_SIDES]], on="part_id")
    found = []
    for category, here in placed.groupby("category", sort=True):
        has = [rows[side].isin(here[side].dropna()).to_numpy() for side in _SIDES]
        flags = (has[0], has[1], has[1] & ~has[0], has[0] & ~has[1])
        found.append((str(category), *(int(rows["households"].to_numpy()[one].sum()) for one in flags)))
    return pd.DataFrame(found, columns=columns)

"""Duties follow their units: into a new plan, through edits, and back again; what cannot follow is named.

A duty goes to each unit that holds more than half of its former unit, or that has more than half of its own from it. So
a worker keeps the households that he or she had, whether units are renumbered, merged or divided.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import pandas as pd

from govmap.plan import Plan

KEY = ["worker_id", "plan_id", "unit_id", "role"]
REPLACED = "replaced"  # set aside by an assignment that made everything new
HOMES = 1_000_000  # a household outweighs any number of empty parts


@dataclass(frozen=True)
class Followed:
    """Duties after a change: all rows to be stored, those that found no unit, new units that nobody came along to."""

    duties: pd.DataFrame
    lost: pd.DataFrame
    without: tuple[str, ...] = ()


def heirs(before: Plan, after: Plan, parts: pd.DataFrame) -> pd.DataFrame:
    """
    Say which units go on from which.

    Parameters
    ----------
    parts
        `part_id`, `households`; parts that one of the plans does not have are passed over.

    Returns
    -------
    pairs
        former_unit_id, unit_id, sorted: the unit holds more than half of the former, or has more than half from it.
    """
    pairs = [_pairs(one, _alike(one, after), parts) for one in before.tiers()]
    found = pd.concat(pairs).drop_duplicates()
    return found.sort_values(["former_unit_id", "unit_id"], kind="stable", ignore_index=True)


def into_plan(duties: pd.DataFrame, before: Plan, after: Plan, parts: pd.DataFrame) -> Followed:
    """Give the duties of a new plan: those of the one it goes on from, as far as their units go on."""
    mine = duties[(duties["plan_id"] == before.plan_id) & duties["unit_id"].isin(_every(before))]
    pairs = heirs(before, after, parts)
    rows = mine.merge(pairs, left_on="unit_id", right_on="former_unit_id", suffixes=("_was", ""))
    made = rows.assign(plan_id=after.plan_id, followed_from=None)[list(duties.columns)]
    lost = mine[~mine["unit_id"].isin(pairs["former_unit_id"])]
    return Followed(_once(made), lost.reset_index(drop=True))


def through_edit(duties: pd.DataFrame, before: Plan, after: Plan, parts: pd.DataFrame) -> Followed:
    """
    Give the duties of a plan after an edit.

    Those of units that are no more stay stored, so that they stand again when the unit comes back; `followed_from`
    marks what went on to another unit meanwhile, and is taken away then.
    """
    was, now = _every(before), _every(after)
    new, gone = now - was, was - now
    back = new & set(duties["unit_id"])
    kept = duties[~duties["followed_from"].isin(back)]
    pairs = heirs(before, after, parts)
    changed = pairs[pairs["former_unit_id"].isin(gone) | pairs["unit_id"].isin(new - back)]
    changed = changed[changed["former_unit_id"] != changed["unit_id"]]
    stood = kept[kept["unit_id"].isin(was)]
    rows = stood.merge(changed, left_on="unit_id", right_on="former_unit_id", suffixes=("_was", ""))
    rows = rows.assign(followed_from=rows["former_unit_id"])[list(duties.columns)]
    lost = stood[stood["unit_id"].isin(gone) & ~stood["unit_id"].isin(changed["former_unit_id"])]
    found = _once(pd.concat([kept, rows], ignore_index=True) if len(rows) else kept)
    without = new - set(found["unit_id"]) if len(stood) else set()
    return Followed(found, lost.reset_index(drop=True), tuple(sorted(without)))


def in_force(duties: pd.DataFrame, units: Collection[tuple[str, str]], day: date) -> pd.DataFrame:
    """Keep the duties of units that are there, by plan_id and unit_id, on a day on which they hold; none set aside."""
    if "state" in duties:
        duties = duties[duties["state"].isna() | (duties["state"] != REPLACED)]
    holds = [_holds(one, other, day) for one, other in zip(duties["from"], duties["to"], strict=True)]
    there = set(units)
    pairs = zip(duties["plan_id"], duties["unit_id"], holds, strict=True)
    here = [holds_now and (plan_id, unit) in there for plan_id, unit, holds_now in pairs]
    return duties[np.array(here, dtype=bool)].reset_index(drop=True)


def vacant(duties: pd.DataFrame, plan: Plan) -> tuple[str, ...]:
    """Name the units of the lowest level for which nobody answers, nor for any above them."""
    held = set(duties["unit_id"])
    return tuple(unit for unit in plan.units if not held & set(_chain(plan, unit)))


def _chain(plan: Plan, unit: str) -> list[str]:
    chain = [unit]
    while (above := plan.parents.get(chain[-1])) is not None and above not in chain:
        chain.append(above)
    return chain


def _every(plan: Plan) -> set[str]:
    """Name the units of every level that hold parts."""
    return {unit for tier in plan.tiers() for unit in tier.units}


def _alike(tier: Plan, after: Plan) -> Plan:
    """Find the level of a plan that is the one of another: of its name, else of most nearly as many units."""
    names = {tier.levels[unit] for unit in tier.units if unit in tier.levels}
    tiers = after.tiers()
    for one in tiers[::-1]:
        if names & {after.levels[unit] for unit in one.units if unit in after.levels}:
            return one
    return min(tiers, key=lambda one: abs(len(one.units) - len(tier.units)))


def _pairs(before: Plan, after: Plan, parts: pd.DataFrame) -> pd.DataFrame:
    rows = pd.DataFrame({
        "former_unit_id": parts["part_id"].map(before.parts),
        "unit_id": parts["part_id"].map(after.parts),
        "weight": parts["households"].fillna(0).astype(np.int64) * HOMES + 1,
    })  # fmt: skip
    own = rows.groupby("unit_id")["weight"].sum()
    theirs = rows.groupby("former_unit_id")["weight"].sum()
    both = rows.dropna().groupby(["former_unit_id", "unit_id"], sort=True)["weight"].sum().reset_index()
    most = (2 * both["weight"] > both["unit_id"].map(own)) | (2 * both["weight"] > both["former_unit_id"].map(theirs))
    return both.loc[most, ["former_unit_id", "unit_id"]]


def _once(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep one row a duty, what was said before what followed, in the order of the key."""
    order = rows.assign(_later=rows["followed_from"].notna()).sort_values([*KEY, "_later", "said_id"], kind="stable")
    return order.drop_duplicates(KEY).drop(columns="_later").reset_index(drop=True)


def _holds(begins: object, ends: object, day: date) -> bool:
    first, last = _day(begins), _day(ends)
    return (first is None or first <= day) and (last is None or day <= last)


def _day(value: object) -> date | None:
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return date.fromisoformat(str(value)[:10])

"""Units that hold other units: whole units are hung elsewhere, put together or divided; no part moves on its own."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from govmap.delineate.criteria import Criteria
from govmap.delineate.edit.draft import Draft, Edit, Turn, placed, vanishing
from govmap.delineate.edit.moves import INHERITED, MERGE, MOVE, SPLIT
from govmap.delineate.edit.rules import refuse
from govmap.delineate.problem import Ints, measured, of_parts
from govmap.delineate.tasks import labels
from govmap.errors import PlanError
from govmap.plan import Plan


def holds_units(draft: Draft, unit: str) -> bool:
    """Tell whether a unit holds other units."""
    return unit in set(draft.plan.parents.values())


def inside(draft: Draft, units: Collection[str]) -> list[str]:
    """Name the units right below some units, sorted."""
    return sorted(one for one, over in draft.plan.parents.items() if over in units)


def hang(draft: Draft, units: Iterable[str], above: str, *, force: bool = False) -> Edit:
    """
    Move whole units into another unit of the level right above theirs.

    Raises
    ------
    PlanError
        A unit lies on another level, or nothing would change; and unless `force`: what `move` refuses on that level.
    """
    wanted = sorted(set(units))
    level = _depth(draft.plan, above) + 1
    wrong = [one for one in wanted if one not in draft.plan.parents or _depth(draft.plan, one) != level]
    if wrong:
        raise PlanError("edit_not_below", unit_codes=draft.shown(wrong), above=draft.shown([above]), count=len(wrong))
    moved = {one: above for one in wanted if draft.plan.parents[one] != above}
    if not moved:
        raise PlanError("edit_nothing_moves", unit_codes=draft.shown([above]))
    return _hung(draft, moved, MOVE, {}, force=force)


def merge_above(draft: Draft, units: Iterable[str], unit: str, *, force: bool = False) -> Edit:
    """Put units that hold others together with another one of their level, which keeps its code; raises as `hang`."""
    wanted = sorted(set(units) - {unit})
    if not wanted:
        raise PlanError("edit_merge_needs_two", unit_codes=draft.shown([unit]))
    level = _depth(draft.plan, unit)
    wrong = [one for one in wanted if not holds_units(draft, one) or _depth(draft.plan, one) != level]
    if wrong or not holds_units(draft, unit):
        raise PlanError("edit_not_beside", unit_codes=draft.shown([unit, *wanted]))
    moved = dict.fromkeys(inside(draft, wanted), unit)
    return _hung(draft, moved, MERGE, {}, gone=wanted, together=True, force=force)


def split_above(draft: Draft, unit: str, group: "pd.Series[Any]", weight: Ints, *, force: bool = False) -> Edit:
    """
    Divide a unit that holds others along the borders of these; the heaviest group keeps its code.

    Parameters
    ----------
    group
        Number of the group of each part of the unit, by part id; a unit inside goes where most of it lies.
    weight
        What each row of `draft.atoms` counts.

    Raises
    ------
    PlanError
        All units inside would come into one group; and unless `force`: what `split` refuses.
    """
    chosen, held = _groups_of_units(draft, unit, group, weight)
    if len(set(chosen.values())) == 1:
        raise PlanError("edit_splits_nothing", unit_codes=draft.shown([unit]))
    order = sorted(set(chosen.values()), key=lambda one: (-held[one], one))
    known = draft.facts.get(unit, {})
    inherited = {name: known[name] for name in INHERITED if name in known}
    used, ids = {*draft.used, *draft.facts, *draft.leaves}, {order[0]: unit}
    for one in order[1:]:
        first = min(child for child, number in chosen.items() if number == one)
        ids[one] = _unused(f"{known.get('level', 'base')}-{first}", used)
        used.add(ids[one])
    made: dict[str, Turn] = {ids[one]: (None, inherited) for one in order[1:]}
    moved = {child: ids[one] for child, one in chosen.items() if ids[one] != unit}
    return _hung(draft, moved, SPLIT, made, together=True, force=force, more={"split": unit})


def units_in_pieces(draft: Draft, unit: str, number: int, criteria: Criteria, weight: Ints) -> "pd.Series[Any]":
    """
    Divide a unit that holds others into so many pieces of like size, made of these.

    Returns
    -------
    group
        Number of its piece by part id.

    Raises
    ------
    PlanError
        It cannot be divided into so many: it holds too few units, or islands.
    """
    child = _right_below(draft.plan, unit)
    here = np.flatnonzero(draft.atoms["part_id"].isin(child.index))
    rows = draft.atoms.iloc[here].sort_values("part_id", kind="stable", ignore_index=True)
    by = criteria.by if weight[here].sum() else "area"
    wanted = Criteria(units=number, by=by, keep_whole=(), equal=True, seed=criteria.seed)
    together = pd.factorize(child.reindex(rows["part_id"]))[0].astype(np.int64)
    found = labels(rows, of_parts(rows, draft.graph, measured(rows, by)), wanted, together=together)
    if len(set(found.tolist())) != number:
        made = len(set(found.tolist()))
        raise PlanError("edit_not_so_many", unit_codes=draft.shown([unit]), wanted=number, made=made)
    return pd.Series(found, index=rows["part_id"].to_numpy())


def _hung(
    draft: Draft,
    moved: Mapping[str, str],
    action: str,
    made: Mapping[str, Turn],
    *,
    gone: Collection[str] = (),
    together: bool = False,
    force: bool,
    more: Mapping[str, Any] | None = None,
) -> Edit:
    """Hang units elsewhere, by what is known of them."""
    # The code of a unit begins with that of the unit above: the old one comes back when the edit is taken back.
    told = ("parent_unit_id", "code")
    was = {one: {name: draft.facts[one][name] for name in told if name in draft.facts[one]} for one in moved}
    turns: dict[str, Turn] = {one: (was[one], {"parent_unit_id": over}) for one, over in moved.items()}
    facts: dict[str, Turn] = {**made, **turns}
    after = placed(draft.plan, facts)
    facts |= {one: (draft.facts.get(one, {}), None) for one in gone} | vanishing(draft, after)
    after = placed(draft.plan, facts)
    forced = refuse(draft, after, gone=gone, together=together, force=force)
    return Edit(action=action, before=draft.plan, after=after, facts=facts, forced=forced, more=more or {})


def _groups_of_units(
    draft: Draft, unit: str, group: "pd.Series[Any]", weight: Ints
) -> tuple[dict[str, int], dict[int, int]]:
    """Give the group in which most of each unit inside lies, by weight and then by parts, and the weight of groups."""
    child = _right_below(draft.plan, unit).reindex(group.index)
    weigh = pd.Series(weight, index=draft.atoms["part_id"].to_numpy()).reindex(group.index).fillna(0)
    rows = pd.DataFrame({"child": child.to_numpy(), "group": group.to_numpy(), "weight": weigh.to_numpy(np.int64)})
    share = rows.groupby(["child", "group"], sort=True)["weight"].agg(["sum", "size"]).reset_index()
    share = share.sort_values(["child", "sum", "size", "group"], ascending=[True, False, False, True], kind="stable")
    most = share.drop_duplicates("child").set_index("child")["group"]
    held = rows.groupby(rows["child"].map(most).astype(np.int64))["weight"].sum()
    chosen = {str(one): int(number) for one, number in most.items()}
    return chosen, dict(zip(held.index.to_numpy().tolist(), held.to_numpy().tolist(), strict=True))


def _right_below(plan: Plan, unit: str) -> "pd.Series[Any]":
    """Give by part the unit right below a unit in which it lies."""
    for lower, upper in zip(reversed(plan.tiers()), reversed(plan.tiers()[:-1]), strict=False):
        if unit in set(upper.parts):
            return lower.parts[upper.parts == unit]
    return plan.parts.iloc[:0]


def _depth(plan: Plan, unit: str) -> int:
    """Count the units above a unit."""
    return 1 + _depth(plan, plan.parents[unit]) if unit in plan.parents else 0


def _unused(name: str, used: set[str]) -> str:
    """Give the name, or with a number behind it where a unit has or had it."""
    return next(one for one in (name, *(f"{name}-{number}" for number in range(2, len(used) + 3))) if one not in used)

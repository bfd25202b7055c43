"""Parts from unit to unit: moved, units put together, a unit divided."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from govmap.delineate.edit.draft import Draft, Edit, Facts, placed, vanishing, weights
from govmap.delineate.edit.rules import refuse
from govmap.delineate.problem import Ints
from govmap.errors import PlanError
from govmap.plan import Plan, named

MOVE, MERGE, SPLIT = "move", "merge", "split"
INHERITED = ("parent_unit_id", "level", "kind", "exclusive_kind", "responsible_org", "meeting_place")


def move(draft: Draft, parts: Iterable[str], unit: str, *, force: bool = False) -> Edit:
    """
    Move parts to a unit.

    Raises
    ------
    PlanError
        A part or the unit is unknown, or nothing would change; and unless `force`: a unit is locked, would fall into
        more pieces than it has, reach into another community or be left without parts.
    """
    refuse_unknown(draft, [unit])
    after = draft.plan.move(parts, unit)
    if draft.plan.lies_as(after):
        raise PlanError("edit_nothing_moves", unit_codes=draft.shown([unit]))
    forced = refuse(draft, after, force=force)
    return _edit(draft, after, MOVE, forced)


def merge(draft: Draft, units: Iterable[str], unit: str, *, force: bool = False) -> Edit:
    """
    Put units together with another one, which keeps its code; raises as `move` does.

    An island that belonged to one of them by name belongs to the whole by name.
    """
    wanted = sorted(set(units) - {unit})
    refuse_unknown(draft, [unit, *wanted])
    if not wanted:
        raise PlanError("edit_merge_needs_two", unit_codes=draft.shown([unit]))
    parts = draft.plan.parts.index[draft.plan.parts.isin(wanted)]
    after = draft.plan.move(parts, unit)
    forced = refuse(draft, after, gone=wanted, together=True, force=force)
    return _edit(draft, after, MERGE, forced)


def split(draft: Draft, unit: str, group: "pd.Series[Any]", weight: Ints, *, force: bool = False) -> Edit:
    """
    Divide a unit; the heaviest group keeps its code, the others become new units.

    Parameters
    ----------
    group
        Number of the group of each part of the unit, by part id.
    weight
        What each row of `draft.atoms` counts.

    Raises
    ------
    PlanError
        There is no such unit, or all its parts are in one group; and unless `force`: it is locked, or falls into more
        pieces than there are groups and islands of its own.
    """
    refuse_unknown(draft, [unit])
    ids = _new_units(draft, unit, group, weight)
    if len(ids) == 1:
        raise PlanError("edit_splits_nothing", unit_codes=draft.shown([unit]))
    known = draft.facts.get(unit, {})
    inherited = {name: known[name] for name in INHERITED if name in known}
    made: dict[str, tuple[Facts | None, Facts | None]] = {one: (None, inherited) for one in ids.values() if one != unit}
    after = draft.plan
    for number, one in sorted(ids.items()):
        after = after.move(group.index[group == number], one)
    after = placed(after, made)
    forced = refuse(draft, after, together=True, force=force)
    return Edit(action=SPLIT, before=draft.plan, after=after, facts=made, forced=forced, more={"split": unit})


def _edit(draft: Draft, after: Plan, action: str, forced: tuple[str, ...]) -> Edit:
    facts = vanishing(draft, after)
    return Edit(action=action, before=draft.plan, after=placed(after, facts), facts=facts, forced=forced)


def refuse_unknown(draft: Draft, units: Iterable[str]) -> None:
    """Refuse units that hold no parts themselves: unknown ones, and those that hold other units."""
    leaves = set(draft.leaves)
    wrong = sorted(set(units) - leaves)
    above = sorted(set(wrong) & set(draft.plan.parents.values()))
    if above:
        inside = [unit for unit, over in draft.plan.parents.items() if over == above[0]]
        raise PlanError("edit_holds_units", unit_codes=draft.shown(above[:1]), inside=draft.shown(inside))
    if wrong:
        raise PlanError("edit_no_unit", wanted=named(wrong), known=draft.shown(leaves))


def _new_units(draft: Draft, unit: str, group: "pd.Series[Any]", weight: Ints) -> Mapping[int, str]:
    """Name the unit of each group: the heaviest, else the one with more parts, else with the first, keeps its id."""
    weigh = pd.Series(weight, index=draft.atoms["part_id"].to_numpy()).reindex(group.index).fillna(0)
    frame = pd.DataFrame({"group": group.to_numpy(), "weight": weigh.to_numpy(), "part": group.index.astype(str)})
    held = frame.groupby("group").agg(weight=("weight", "sum"), parts=("part", "size"), first=("part", "min"))
    held = held.sort_values(["weight", "parts", "first"], ascending=[False, False, True], kind="stable")
    used = {*draft.used, *draft.facts, *draft.leaves}
    ids = {int(held.index[0]): unit}
    for number in sorted(int(one) for one in held.index[1:]):
        mine = frame[frame["group"] == number].sort_values(["weight", "part"], ascending=[False, True], kind="stable")
        ids[number] = unused_unit(list(mine["part"]), used)
        used.add(ids[number])
    return ids


def unused_unit(parts: list[str], used: set[str]) -> str:
    """Name a new unit after one of its parts, as a division does, and never as one that was there before."""
    free = (f"u{part}" for part in parts if f"u{part}" not in used)
    again = (f"u{parts[0]}-{number}" for number in range(2, len(used) + 3))
    return next(free, None) or next(one for one in again if one not in used)


def heaviest(draft: Draft, units: Iterable[str], weight: Ints) -> str:
    """Name the unit that holds most; of two that hold as much the one with more parts, then the first by id."""
    wanted = list(units)
    refuse_unknown(draft, wanted)
    held = weights(draft.plan, draft.atoms, weight)
    return min(wanted, key=lambda one: (-held.get(one, 0), -len(draft.plan.members(one)), one))

"""What a brush does: many parts at once, each to its own unit; and a unit founded on some parts."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd

from govmap.delineate.edit.draft import Draft, Edit, Turn, placed, vanishing
from govmap.delineate.edit.moves import INHERITED, MOVE, SPLIT, heaviest, refuse_unknown, unused_unit
from govmap.delineate.edit.rules import refuse
from govmap.delineate.problem import Ints
from govmap.errors import PlanError
from govmap.plan import Plan, named


def shift(draft: Draft, unit_of: Mapping[str, str], *, force: bool = False) -> Edit:
    """
    Move each part to its own unit, all in one revision: what was rubbed out goes back, a proposal is taken over.

    Raises
    ------
    PlanError
        As `move` does; and where the units that would be left without parts are not meant to be no more.
    """
    refuse_unknown(draft, unit_of.values())
    after = _shifted(draft.plan, unit_of)
    if draft.plan.lies_as(after):
        raise PlanError("edit_nothing_moves", unit_codes=draft.shown(set(unit_of.values())))
    forced = refuse(draft, after, force=force)
    facts = vanishing(draft, after)
    return Edit(action=MOVE, before=draft.plan, after=placed(after, facts), facts=facts, forced=forced)


def found(draft: Draft, parts: Iterable[str], weight: Ints, *, force: bool = False) -> Edit:
    """
    Make a new unit of some parts; it inherits from the unit that had most of them.

    Parameters
    ----------
    weight
        What each row of `draft.atoms` counts.

    Raises
    ------
    PlanError
        A part is unknown, nothing was named, or these parts are a unit already; and unless `force` as `move` does.
    """
    wanted = sorted(set(parts))
    _refuse_unknown_parts(draft.plan, wanted)
    held = draft.plan.parts.loc[wanted]
    if not wanted or (len(set(held)) == 1 and len(draft.plan.members(str(held.iloc[0]))) == len(wanted)):
        raise PlanError("edit_splits_nothing", unit_codes=draft.shown(set(held)))
    here = draft.atoms["part_id"].isin(wanted).to_numpy()
    mine = replace(draft, plan=replace(draft.plan, parts=held), atoms=draft.atoms[here])
    donor = heaviest(mine, sorted(set(held)), weight[here])
    known = draft.facts.get(donor, {})
    new = unused_unit(wanted, {*draft.used, *draft.facts, *draft.leaves})
    made: dict[str, Turn] = {new: (None, {name: known[name] for name in INHERITED if name in known})}
    after = placed(draft.plan.move(wanted, new), made)
    facts = made | vanishing(draft, after)
    forced = refuse(draft, after, force=force)
    after = placed(after, facts)
    return Edit(action=SPLIT, before=draft.plan, after=after, facts=facts, forced=forced, more={"split": donor})


def _shifted(plan: Plan, unit_of: Mapping[str, str]) -> Plan:
    _refuse_unknown_parts(plan, sorted(unit_of))
    parts = plan.parts.copy()
    parts.loc[list(unit_of)] = pd.Series(unit_of, dtype=object)
    return replace(plan, parts=parts)


def _refuse_unknown_parts(plan: Plan, parts: list[str]) -> None:
    unknown = [part for part in parts if part not in plan.parts.index]
    if unknown:
        raise PlanError("delineate_unknown_parts", parts=named(unknown), count=len(unknown))

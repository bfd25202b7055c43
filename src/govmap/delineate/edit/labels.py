"""What a planner says of units without moving a part: names, locks, exclusive units."""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from govmap.delineate.edit.draft import Draft, Edit, Turn
from govmap.errors import PlanError

RENAME, LOCK, UNLOCK, EXCLUSIVE, BASE = "rename", "lock", "unlock", "exclusive", "base"
USUAL: Mapping[str, Any] = {"locked": False, "kind": "base", "level": "base"}
LONGEST_NAME = 80


def rename(draft: Draft, unit: str, name: str) -> Edit:
    """
    Give a unit a name, or none by an empty one.

    Raises
    ------
    PlanError
        The unit is unknown, has this name already, another unit goes by it, or it is too long.
    """
    plain = " ".join("".join(one for one in name if unicodedata.category(one)[0] != "C" or one == "\t").split())
    if len(plain) > LONGEST_NAME:
        raise PlanError("edit_name_too_long", count=len(plain), most=LONGEST_NAME)
    taken = _goes_by(draft, plain) - {unit} if plain else set()
    if taken:
        raise PlanError("edit_name_taken", name=plain, unit_codes=draft.shown(taken))
    return _changed(draft, RENAME, {unit: {"name": plain or None}})


def lock(draft: Draft, units: Iterable[str]) -> Edit:
    """Lock units, so that nothing moves into or out of them; refused by `PlanError` where all are locked already."""
    return _changed(draft, LOCK, {unit: {"locked": True} for unit in units})


def unlock(draft: Draft, units: Iterable[str]) -> Edit:
    """Unlock units; refused by `PlanError` where none is locked."""
    return _changed(draft, UNLOCK, {unit: {"locked": False} for unit in units})


def exclusive(draft: Draft, unit: str, kind: str, *, reason: str | None = None) -> Edit:
    """
    Make a unit an exclusive one (a mall, a campus, a park ...), which the size band does not bind.

    `reason` says why, in the planner's words, and is kept in the revision. Refused by `PlanError` where the unit is
    unknown or of this kind already.
    """
    more = {"reason": reason} if reason else {}
    return _changed(draft, EXCLUSIVE, {unit: {"kind": "exclusive", "exclusive_kind": kind}}, more)


def base(draft: Draft, unit: str) -> Edit:
    """Make an exclusive unit one like the others again; refused by `PlanError` where it is one already."""
    return _changed(draft, BASE, {unit: {"kind": "base", "exclusive_kind": None}})


def _changed(
    draft: Draft, action: str, wanted: Mapping[str, Mapping[str, Any]], more: Mapping[str, Any] | None = None
) -> Edit:
    """Keep what differs from what is known of the units."""
    facts = draft.facts
    unknown = sorted(set(wanted) - set(facts))
    if unknown:
        raise PlanError("edit_no_unit", wanted=unknown, known=draft.shown(facts))
    turns: dict[str, Turn] = {}
    for unit, new in sorted(wanted.items()):
        old = {name: value_of(facts[unit], name) for name in new}
        if old != dict(new):
            turns[unit] = (old, dict(new))
    if not turns:
        raise PlanError("edit_nothing_changes", unit_codes=draft.shown(wanted))
    return Edit(action=action, before=draft.plan, after=draft.plan, facts=turns, more=more or {})


def value_of(facts: Mapping[str, Any], name: str) -> Any:
    """Give a fact of a unit as it counts: not locked, and one like the others, where nothing is said."""
    value = facts.get(name)
    return USUAL.get(name) if value is None else value


def _goes_by(draft: Draft, name: str) -> set[str]:
    """Name the units that are known by a name, code or id."""
    sought = folded(name)
    facts = draft.facts.items()
    return {
        unit for unit, known in facts if sought in {folded(one) for one in (unit, known.get("name"), known.get("code"))}
    }


def folded(text: Any) -> str:
    """Give a text as names are compared: whatever its width and case."""
    return unicodedata.normalize("NFKC", text).strip().casefold() if isinstance(text, str) else ""

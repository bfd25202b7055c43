"""What an edit looks at, and what it gives: a plan with its units and its ground, and one revision more."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from govmap.plan import Plan, named

if TYPE_CHECKING:
    from govmap.contiguity import Graph

Facts = Mapping[str, Any]
Turn = tuple[Facts | None, Facts | None]
KEPT = (
    "code", "parent_unit_id", "level", "kind", "exclusive_kind", "name", "locked", "responsible_org", "meeting_place",
    "valid_from", "valid_to",
)  # fmt: skip
COLUMNS = ("unit_id", *KEPT)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """
    A plan as it stands, the rows of its units and the ground it lies on.

    `units` holds the rows of `units` on every level, `atoms` one row a part (part_id, building_id, cell_id,
    community_id, compound_id, households and what else is counted), `graph` who borders whom, `used` the ids of units
    that were ever given in this plan.
    """

    plan: Plan
    units: pd.DataFrame
    atoms: pd.DataFrame
    graph: "Graph"
    used: Collection[str] = ()

    @cached_property
    def facts(self) -> dict[str, dict[str, Any]]:
        """What is known of each unit beyond its parts, by unit id."""
        rows = self.units.reindex(columns=list(COLUMNS)).astype(object)
        plain = ({str(name): _plain(value) for name, value in row.items()} for row in rows.to_dict("records"))
        return {str(row.pop("unit_id")): _present(row) for row in plain}

    @property
    def leaves(self) -> list[str]:
        """Ids of the units that hold parts themselves, sorted."""
        return self.plan.units

    def shown(self, units: Collection[str]) -> list[str]:
        """Name units for a sentence: by their codes, at most ten."""
        code = dict(zip(self.units["unit_id"], self.units.get("code", self.units["unit_id"]), strict=True))
        return named(sorted(code[one] if isinstance(code.get(one), str) else one for one in units))

    def locked(self) -> frozenset[str]:
        """Ids of the units that are locked, or lie in one that is."""
        facts = self.facts
        closed = {unit for unit, known in facts.items() if known.get("locked")}
        return frozenset(unit for unit in set(facts) | set(self.leaves) if closed & set(self._upward(unit)))

    def _upward(self, unit: str) -> list[str]:
        found = [unit]
        while (above := self.plan.parents.get(found[-1])) is not None and above not in found:
            found.append(above)
        return found


@dataclass(frozen=True, kw_only=True)
class Edit:
    """
    One revision more: the plan before and after, what changes of units, and which hard rules it breaks by force.

    `facts` holds by unit what is known of it before and after: None where the unit is not there, else the facts that
    differ. `more` goes into the detail of the revision.
    """

    action: str
    before: Plan
    after: Plan
    facts: Mapping[str, Turn] = field(default_factory=dict)
    forced: tuple[str, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def rows(self) -> pd.DataFrame:
        """Rows of `revision_parts`: part_id, unit_before, unit_after."""
        return self.before.difference(self.after)

    @cached_property
    def changes(self) -> pd.DataFrame:
        """What changes unit on the lowest level where anything does: part_id, unit_before, unit_after."""
        was, now = differing(self.before, self.after)
        return was.difference(now)

    @property
    def detail(self) -> dict[str, Any]:
        """What the revision keeps: enough to take the edit back."""
        told: dict[str, Any] = {"units": {unit: list(turn) for unit, turn in sorted(self.facts.items())}}
        if self.forced:
            told["forced"] = list(self.forced)
        return {**self.more, **told}

    @property
    def gone(self) -> list[str]:
        """Ids of the units that are no more, sorted."""
        return sorted(unit for unit, (_, after) in self.facts.items() if after is None)

    @property
    def made(self) -> list[str]:
        """Ids of the units that are new, sorted."""
        return sorted(unit for unit, (before, _) in self.facts.items() if before is None)

    def knowing(self, unit: str, **facts: Any) -> "Edit":
        """Give the edit with more facts of a unit that it makes."""
        before, after = self.facts[unit]
        return replace(self, facts={**self.facts, unit: (before, {**(after or {}), **facts})})


def differing(before: Plan, after: Plan) -> tuple[Plan, Plan]:
    """Give two plans on the lowest level on which they differ; as they are where they nowhere do."""
    for was, now in zip(reversed(before.tiers()), reversed(after.tiers()), strict=False):
        if not was.lies_as(now):
            return was, now
    return before, after


def placed(plan: Plan, facts: Mapping[str, Turn]) -> Plan:
    """Give the plan with the parents and levels of units as they are after an edit."""
    parents, levels = dict(plan.parents), dict(plan.levels)
    for unit, (_, after) in facts.items():
        for known, name in ((parents, "parent_unit_id"), (levels, "level")):
            if after is None:
                known.pop(unit, None)
            elif name in after:
                known.pop(unit, None)
                if after[name] is not None:
                    known[unit] = after[name]
    return replace(plan, parents=parents, levels=levels)


def vanishing(draft: Draft, after: Plan) -> dict[str, Turn]:
    """Say of the units that hold no part any more, on every level, that they are gone."""
    held = {unit for tier in after.tiers() for unit in tier.units}
    was = {unit for tier in draft.plan.tiers() for unit in tier.units}
    return {unit: (draft.facts.get(unit, {}), None) for unit in sorted(was - held)}


def weights(plan: Plan, atoms: pd.DataFrame, weight: Any) -> dict[str, int]:
    """Sum a weight of the parts by unit; `weight` has one number a row of `atoms`."""
    unit = plan.parts.reindex(atoms["part_id"]).to_numpy(dtype=object)
    sums = pd.Series(np.asarray(weight, dtype=np.int64)).groupby(unit).sum()
    return {str(one): int(total) for one, total in sums.items()}


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, np.generic):
        return value.item()
    return value if isinstance(value, str | bool | int | float) else str(value)


def _present(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None and value is not False}

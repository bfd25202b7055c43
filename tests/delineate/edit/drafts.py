"""Drafts over small lattices, and chains of edits as the tables of a project hold them."""

from dataclasses import replace

import numpy as np
import pandas as pd
from hamlets import Hamlet, lattice

from govmap.delineate.edit import Draft, Edit
from govmap.delineate.edit.draft import COLUMNS
from govmap.plan import Plan


def draft_of(hamlet: Hamlet, unit_of, **facts) -> Draft:
    """Put every part into the unit that `unit_of(x, y)` names; `facts` are those of units, by id."""
    column = (hamlet.atoms["x"] // 30).astype(int)
    row = (hamlet.atoms["y"] // 30).astype(int)
    unit = [unit_of(*place) for place in zip(column, row, strict=True)]
    plan = Plan.of("p", 1, pd.DataFrame({"part_id": hamlet.atoms["part_id"], "unit_id": unit}))
    return standing(plan, hamlet, {one: facts.get(one, {}) for one in plan.units})


def standing(plan: Plan, hamlet: Hamlet, facts) -> Draft:
    rows = [
        {"unit_id": one, "code": f"U-{one}", "kind": "base", "level": "base", **facts[one]} for one in sorted(facts)
    ]
    units = pd.DataFrame(rows).reindex(columns=list(COLUMNS))
    return Draft(plan=plan, units=units.astype(object), atoms=hamlet.atoms, graph=hamlet.graph)


def east_and_west() -> Draft:
    """Four by four cells of 100 households, cut in the middle."""
    return draft_of(lattice(4, 4, 100), lambda x, _: "west" if x < 2 else "east")


def weight(draft: Draft) -> np.ndarray:
    return draft.atoms["households"].to_numpy(dtype=np.int64)


class Chain:
    """A plan with its history, as a project keeps it."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.revisions: list[dict] = []
        self.rows: list[pd.DataFrame] = []

    def add(self, made: Edit, author: str = "ann") -> Edit:
        name = f"r{len(self.revisions)}"
        parent = self.revisions[-1]["revision_id"] if self.revisions else None
        row = {"revision_id": name, "parent_id": parent, "action": made.action, "author": author}
        self.revisions.append({**row, "detail": made.detail})
        self.rows.append(made.rows.assign(revision_id=name))
        self.draft = self._after(made)
        return made

    def _after(self, made: Edit) -> Draft:
        facts = {unit: dict(known) for unit, known in self.draft.facts.items()}
        for unit, (_, after) in made.facts.items():
            if after is None:
                facts.pop(unit)
            else:
                facts[unit] = {**facts.get(unit, {}), **after}
        rows = [{"unit_id": unit, **known} for unit, known in sorted(facts.items())]
        units = pd.DataFrame(rows).reindex(columns=self.draft.units.columns).astype(object)
        used = {*self.draft.used, *made.facts}
        return replace(self.draft, plan=made.after, units=units, used=frozenset(used))

    @property
    def tables(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Revisions and their parts, in no order."""
        columns = ["revision_id", "parent_id", "action", "author", "detail"]
        revisions = pd.DataFrame(self.revisions, columns=columns)
        parts = pd.concat(self.rows) if self.rows else pd.DataFrame(columns=["revision_id", "part_id"])
        return revisions.sample(frac=1, random_state=1), parts.sample(frac=1, random_state=1)

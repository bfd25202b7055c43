"""What a sitting knows of a plan and its ground, and whether that is still what is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from govmap.delineate import edit
from govmap.delineate.edit import Draft
from govmap.errors import PlanError, StaleError
from govmap.messages import note
from govmap.pipeline import edited
from govmap.pipeline.catching_up import BEHIND
from govmap.pipeline.editing import GROUND, SETTLED, Desk
from govmap.pipeline.lying import Lying
from govmap.pipeline.units import atoms, graph_of
from govmap.project import Change, Project, facts_of, plan_of

if TYPE_CHECKING:
    import numpy as np

    from govmap.contiguity import Graph

OF_THE_PLAN = ("plans", "plan_parts", "units", "revisions", "revision_parts")
STAMPS = ("edition", "cells_fingerprint", *(f"changed:{name}" for name in GROUND if name != "project"))


@dataclass(frozen=True, kw_only=True)
class Held:
    """A plan and its ground as they stood at one moment; `turns`: edits to be taken back, undos to be taken back."""

    desk: Desk
    graph: "Graph"
    head: str
    stamp: tuple[str | None, ...]
    foreign: frozenset[str]
    behind: bool
    lying: Lying
    turns: tuple[list[str], list[str]]

    @property
    def row_of(self) -> "pd.Index[Any]":
        """Ids of the parts, in the order in which the page numbers them."""
        return self.lying.ids

    @cached_property
    def ids(self) -> "np.ndarray[Any, Any]":
        """Ids of the parts by number."""
        return self.row_of.to_numpy(dtype=object)


def laid_out(
    project: Project,
    plan_id: str,
    *,
    tables: Mapping[str, pd.DataFrame] | None = None,
    graph: "Graph | None" = None,
) -> Held:
    """Read a plan and its ground as they stand at one moment; the ground may be known already."""
    with project.store.reading() as session:
        wanted = GROUND if tables is None else ("project",)
        ground = {**(tables or {}), **{name: session.read(name) for name in wanted}}
        facts = facts_of(ground["project"])
        plan = plan_of(session, plan_id)
        row = session.read("plans", where={"plan_id": plan_id}).iloc[0]
        units = pd.DataFrame(session.read("units", where={"plan_id": plan_id}).drop(columns="geometry"))
        revisions = session.read("revisions", where={"plan_id": plan_id})
        rows = session.read("revision_parts", where={"revision_id": edit.edits_of(revisions)})
        foreign = frozenset(session.foreign_changes())
    if row["status"] in SETTLED or str(plan.edition) != facts.get("edition"):
        raise PlanError("edit_settled", plan=plan_id, status=note(f"agree_state_{row['status']}"))
    graph = graph or graph_of(ground)
    every = atoms(ground)
    here = every[every["part_id"].isin(plan.parts.index)].reset_index(drop=True)
    ever = frozenset(edit.units_ever(revisions))
    draft = Draft(plan=plan, units=units, atoms=here, graph=graph, used=ever)
    measure = edited.Measure.of(draft, row["criteria"])
    desk = Desk(
        draft=draft, tables=ground, revisions=revisions, revision_parts=rows, measure=measure, author=project.author
    )
    return Held(
        desk=desk,
        graph=graph,
        head=str(row["head_revision"]),
        stamp=_stamp(facts),
        foreign=foreign,
        lying=Lying.of(draft),
        turns=edit.standing(revisions, project.author),
        behind=f"{BEHIND}{plan_id}" in facts,
    )


def _stamp(facts: Mapping[str, str | None]) -> tuple[str | None, ...]:
    return tuple(facts.get(name) for name in STAMPS)


def _watched(foreign: Any) -> frozenset[str]:
    return frozenset(foreign) & {*GROUND, *OF_THE_PLAN} - {"project"}


def is_fresh(session: Any, facts: Mapping[str, str | None], held: Held, plan_id: str) -> bool:
    """Tell whether the plan and its ground are stored as they are held; `facts` are those of the project."""
    row = session.read("plans", where={"plan_id": plan_id}, columns=["plan_id", "status", "head_revision"])
    same = len(row) == 1 and row["head_revision"].iloc[0] == held.head and row["status"].iloc[0] not in SETTLED
    strange = _watched(session.foreign_changes()) - _watched(held.foreign)
    return same and _stamp(facts) == held.stamp and not strange


def refuse_stale(change: Change, held: Held, plan_id: str, expected: str | None) -> None:
    """Refuse where the page, or what is held here, is older than what is stored."""
    if expected not in (None, held.head) or not is_fresh(change.session, change.facts, held, plan_id):
        raise StaleError("drafting_stale", plan=plan_id)

"""What an edit leaves in a project, and what is said of it: revision, units, lineage, tallies, sizes."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from govmap.delineate import Criteria, edit
from govmap.delineate.edit import Draft, Edit
from govmap.delineate.problem import Ints, measured
from govmap.messages import Note, note
from govmap.pipeline import counting, duties
from govmap.pipeline.catching_up import BEHIND
from govmap.pipeline.report import Report
from govmap.pipeline.units import write_units
from govmap.plan import Plan, named
from govmap.project import Change, plan_of

TURNS = ("undo", "redo")
Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True, kw_only=True)
class Measure:
    """What is counted in the units of a plan, and the band that each should lie in."""

    criteria: Criteria
    weight: Ints
    band: tuple[int, int]
    bands: Mapping[str, tuple[int, int]]

    @classmethod
    def of(cls, draft: Draft, wished: Mapping[str, Any]) -> "Measure":
        """Take the wishes for the lowest level of a plan."""
        chain = Criteria.from_json(json.dumps(wished)).chain
        weight = measured(draft.atoms, chain[-1].by)
        total = int(weight.sum())
        bands = {one.level: one.band(total) for one in chain if one.by == chain[-1].by}
        return cls(criteria=chain[-1], weight=weight, band=chain[-1].band(total), bands=bands)

    def band_of(self, facts: Mapping[str, Any]) -> tuple[int, int]:
        """Give the band of a unit's level; where another measure is asked there, that of the lowest one."""
        return self.bands.get(str(facts.get("level")), self.band)

    def sizes(self, draft: Draft) -> dict[str, int]:
        """Sum what lies in each unit, on every level."""
        tiers = [edit.weights(tier, draft.atoms, self.weight) for tier in draft.plan.tiers()]
        return {unit: size for tier in tiers for unit, size in tier.items()}

    def place(self, size: int | None, facts: Mapping[str, Any]) -> str | None:
        """Say where a size lies: inside, below or above the band; nothing binds an exclusive unit."""
        if size is None or facts.get("kind") == "exclusive":
            return None
        low, high = self.band_of(facts)
        return "below" if size < low else "above" if size > high else "inside"


# written ------------------------------------------------------------------------------------------------------------
def write(change: Change, draft: Draft, made: Edit, tables: Tables, measure: Measure) -> Report:
    """Write an edit with everything that follows from it, and say what it changed."""
    session, plan_id = change.session, draft.plan.plan_id
    head = session.read("plans", where={"plan_id": plan_id}, columns=["plan_id", "head_revision"])["head_revision"]
    parent = None if head.iloc[0] is None else str(head.iloc[0])
    revision = change.revise(made.after, made.rows, action=made.action, parent=parent, detail=made.detail)
    write_facts(change, made)
    codes = dict(zip(draft.units["unit_id"], draft.units["code"], strict=True))
    write_units(change, plan_of(session, plan_id), dict(tables), draft.graph, codes_before=codes)
    write_lineage(change, made.after, tables["parts"])
    units = pd.DataFrame(session.read("units", where={"plan_id": plan_id}).drop(columns="geometry"))
    if len(made.changes):  # what lies in units stays the same where no part changes over
        recount(change, plan_id, touched(made))
    told = report(draft, made, units, measure, revision, tables["compounds"])
    told.notes += duties.through_edit(change, draft.plan, tables["parts"])
    if change.get(f"{BEHIND}{plan_id}") is not None:
        change.unset(f"{BEHIND}{plan_id}")
    return told


def write_facts(change: Change, made: Edit) -> None:
    """Put what is known of units where it changes; rows of units that are no more go when units are written anew."""
    for unit, (before, after) in sorted(made.facts.items()):
        if after is None:
            continue
        known = dict.fromkeys(edit.KEPT) | {"kind": "base", "level": "base", "locked": False} if before is None else {}
        row = {"plan_id": made.after.plan_id, "unit_id": unit, **known, **after}
        change.session.upsert("units", pd.DataFrame([row]).astype(object))


def write_lineage(change: Change, plan: Plan, parts: pd.DataFrame) -> None:
    """Say anew which units come from which since the plan was made, and what each holds of the plan it began from."""
    session, plan_id = change.session, plan.plan_id
    revisions = session.read("revisions", where={"plan_id": plan_id})
    hands = edit.edits_of(revisions)
    rows = session.read("revision_parts", where={"revision_id": hands})
    found = edit.lineage(edit.origin(plan, revisions, rows), plan, parts)
    stored = session.read("unit_lineage", where={"plan_id": plan_id, "edition": plan.edition})
    own = stored["former_plan_id"] == plan_id
    carried = own & ((stored["unit_id"] == stored["former_unit_id"]) | (stored["former_unit_id"] == ""))
    others = [_since(change, plan, former, parts) for former in sorted(set(stored.loc[~own, "former_plan_id"]))]
    fresh = [found.assign(former_plan_id=plan_id), *(one for one in others if one is not None)]
    rewritten = {plan_id, *(one["former_plan_id"].iloc[0] for one in others if one is not None and len(one))}
    kept = stored[carried | ~stored["former_plan_id"].isin(rewritten)]
    session.delete("unit_lineage", where={"plan_id": plan_id, "edition": plan.edition})
    session.append("unit_lineage", kept)
    for one in fresh:
        session.append("unit_lineage", one.assign(plan_id=plan_id, edition=plan.edition))


def _since(change: Change, plan: Plan, former_id: str, parts: pd.DataFrame) -> pd.DataFrame | None:
    """Give what units hold of those of a former plan; None where that one lies on other cells or is gone."""
    if change.session.count("plans", where={"plan_id": former_id, "edition": plan.edition}) == 0:
        return None
    return edit.overlap(plan_of(change.session, former_id), plan, parts).assign(former_plan_id=former_id)


def recount(change: Change, plan_id: str, units: list[str]) -> None:
    """Count anew what lies in units and those above them, where it was counted before."""
    session = change.session
    if not units or session.count("tallies", where={"plan_id": plan_id}) == 0:
        return
    session.replace("tallies", counting.tallies_of(change, plan_id), where={"plan_id": plan_id})


def touched(made: Edit) -> list[str]:
    """Name the units that an edit changes, on the level where anything does, sorted."""
    rows = made.changes
    return sorted({*rows["unit_before"].dropna(), *rows["unit_after"].dropna(), *made.facts})


# told ---------------------------------------------------------------------------------------------------------------
def report(
    draft: Draft, made: Edit, units: pd.DataFrame, measure: Measure, revision: str, compounds: pd.DataFrame
) -> Report:
    """Say what an edit changed: figures, sizes before and after, what it divides."""
    rows = made.changes
    households = draft.atoms.set_index("part_id")["households"]
    moved = int(households.reindex(rows["part_id"]).fillna(0).sum())
    after = Draft(plan=made.after, units=units, atoms=draft.atoms, graph=draft.graph)
    sizes = _sizes(draft, after, made, measure)
    figures: dict[str, Any] = {"plan": draft.plan.plan_id, "revision": revision, "action": made.action}
    figures |= {"parts_moved": len(rows), "households_moved": moved, "forced": list(made.forced)}
    again = made.action in TURNS
    told = [_headline(draft, after, made, moved), *(_size_note(one, measure, again=again) for one in sizes)]
    found = Report(figures={**figures, "by": measure.criteria.by, "units": sizes}, notes=told)
    found.warnings = [*(note("edit_forced", rule=note(f"edit_rule_{rule}")) for rule in made.forced)]
    found.warnings += [] if again else _divided(draft, made, compounds)
    return found


def _sizes(draft: Draft, after: Draft, made: Edit, measure: Measure) -> list[dict[str, Any]]:
    """Give each unit that changes with its size before and after, and where both lie."""
    was, now = (measure.sizes(one) for one in (draft, after))
    found = []
    for unit in touched(made):
        known = after.facts.get(unit) or draft.facts.get(unit, {})
        size = {"before": was.get(unit), "after": now.get(unit)}
        low, high = measure.band_of(known)
        place = {name: measure.place(size[name], known) for name in ("before", "after")}
        row = {"unit_id": unit, "code": known.get("code"), "name": known.get("name"), "kind": known.get("kind", "base")}
        row |= {**size, "low": low, "high": high}
        row |= {"place_before": place["before"], "place_after": place["after"], "locked": bool(known.get("locked"))}
        found.append(row)
    return sorted(found, key=lambda one: (str(one["code"] or ""), one["unit_id"]))


def _size_note(row: Mapping[str, Any], measure: Measure, *, again: bool) -> Note:
    facts: dict[str, Any] = {"unit_code": row["code"] or row["unit_id"], "what": note(f"edit_by_{measure.criteria.by}")}
    if row["after"] is None:
        if row["before"] is None:
            return note("edit_size_none", unit_code=facts["unit_code"])
        return note("edit_size_gone", **facts, before=row["before"])
    place = note(f"edit_place_{row['place_after'] or 'free'}", low=row["low"], high=row["high"])
    if row["before"] is None:
        return note("edit_size_back" if again else "edit_size_new", **facts, after=row["after"], place=place)
    if row["before"] == row["after"]:
        return note("edit_size_same", **facts, after=row["after"], place=place)
    return note("edit_size", **facts, before=row["before"], after=row["after"], place=place)


def _headline(draft: Draft, after: Draft, made: Edit, moved: int) -> Note:
    """Say in one sentence what was done."""
    units = sorted(made.facts) or touched(made)
    facts: dict[str, Any] = {"parts": len(made.changes), "households": moved}
    if made.action in TURNS:
        return note(f"edit_done_{made.action}", action=note(f"edit_action_{made.more['turned']}"), **facts)
    if made.action == "split":
        return note("edit_done_split", unit_codes=draft.shown([made.more["split"]]), made=after.shown(made.made))
    if made.action in ("move", "merge"):
        targets = after.shown(set(made.changes["unit_after"]))
        return note(f"edit_done_{made.action}", unit_codes=targets, gone=draft.shown(made.gone), **facts)
    known = after.facts.get(units[0], {})
    key = "edit_done_unnamed" if made.action == "rename" and not known.get("name") else f"edit_done_{made.action}"
    more = {name: known.get(fact) or "" for name, fact in (("name", "name"), ("kind", "exclusive_kind"))}
    return Note(key, {"unit_codes": after.shown(units), **more})


def _divided(draft: Draft, made: Edit, compounds: pd.DataFrame) -> Iterable[Note]:
    """Say which compounds and buildings lie in several units now that lay in one."""
    called = dict(zip(compounds["compound_id"], compounds["name"], strict=True))
    for key, told in (("compound_id", "edit_divides_compounds"), ("building_id", "edit_divides_buildings")):
        places = edit.divided(draft, made.after.parts, key)
        shown = [called[one] if isinstance(called.get(one), str) else one for one in places]
        if places:
            yield Note(told, {"count": len(places), "places": named(shown)})

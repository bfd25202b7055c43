"""What a stroke leaves in a project at once, and what follows from it a moment later.

At once, in one transaction: the revision, who lies where, the rows of the units with their sums and codes, and who
answers for them. Behind it, when the hand rests: outlines, measures, bounds and reasons, lineage and what is counted in
units, by the very functions by which a single edit writes them. A fact of the project says that this is still to do, so
that a desk that was cut off takes it up where it stopped.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from govmap.delineate import edit
from govmap.delineate.edit import Draft, Edit
from govmap.messages import Note
from govmap.pipeline import duties, edited, words
from govmap.pipeline.catching_up import BEHIND
from govmap.pipeline.units import shaped, write_units
from govmap.plan import Plan, sums
from govmap.project import Change, Project, plan_of

if TYPE_CHECKING:
    from govmap.contiguity import Graph

SUMMED = ["households", "residents", "buildings"]
WRITTEN = ["plan_id", "unit_id", "community_id", "code", "out_of_band_reason", *SUMMED]
Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True, kw_only=True)
class Written:
    """A revision as it was written, and the rows of `units` as they stand now, without their shapes."""

    revision: str
    rows: pd.DataFrame
    units: pd.DataFrame
    notes: tuple[Note, ...] = ()


def behind(project: Project) -> list[str]:
    """Name the plans whose units are still to be drawn after strokes."""
    keys = project.read("project", columns=["key"])["key"]
    return sorted(str(key).removeprefix(BEHIND) for key in keys if str(key).startswith(BEHIND))


def may_wait(draft: Draft, made: Edit) -> bool:
    """Tell whether outlines may wait: an edit of the lowest level, in a plan whose units all have a code."""
    above = set(made.before.parents.values()) | set(made.after.parents.values())
    hung = any(unit in above or _hung(turn) for unit, turn in made.facts.items() if turn[0] is None or _hung(turn))
    return not hung and bool(draft.units["code"].notna().all())


def _hung(turn: Any) -> bool:
    """Tell whether a unit that stays comes to lie in another one."""
    before, after = turn
    return before is not None and after is not None and "parent_unit_id" in {**before, **after}


def at_once(change: Change, whole: Draft, part: Draft, made: Edit, tables: Tables, head: str | None) -> Written:
    """
    Write an edit so far as nothing may be lost of it.

    Parameters
    ----------
    whole, part
        The draft, and as much of it as the edit was made on.

    Raises
    ------
    StaleError
        Someone else revised the plan since `head`.
    """
    plan_id, rows = whole.plan.plan_id, made.rows
    revision = change.revise(made.after, rows, action=made.action, parent=head, detail=made.detail)
    edited.write_facts(change, made)
    units = _counted(_known(whole.units, made), made, part.atoms)
    if made.made or made.gone:
        change.session.delete("units", where={"plan_id": plan_id, "unit_id": made.gone})
        units = _coded(change, whole, made, units, tables)
    units = _told_apart(units, made, part.graph)
    changed = units[units["unit_id"].isin(_touched(made))]
    change.session.upsert("units", changed[WRITTEN])
    if change.get(f"{BEHIND}{plan_id}") is None:
        change.set(f"{BEHIND}{plan_id}", revision)
    notes = duties.through_edit(change, whole.plan, tables["parts"]) if made.made or made.gone else []
    return Written(revision=revision, rows=rows, units=units, notes=tuple(notes))


def settle(change: Change, plan_id: str, tables: Tables, graph: "Graph") -> None:
    """Draw, measure, describe and count the units as they lie now; inside a change."""
    if change.get(f"{BEHIND}{plan_id}") is None:
        return
    plan = plan_of(change.session, plan_id)
    write_units(change, plan, dict(tables), graph)
    edited.write_lineage(change, plan, tables["parts"])
    edited.recount(change, plan_id, plan.units)
    change.unset(f"{BEHIND}{plan_id}")


# below ---------------------------------------------------------------------------------------------------------------
def _known(units: pd.DataFrame, made: Edit) -> pd.DataFrame:
    """Give the rows of the units with what is known of them after the edit, sorted by id."""
    if not made.facts:
        return units
    rows: dict[str, dict[Any, Any]] = {str(row["unit_id"]): row for row in units.astype(object).to_dict("records")}
    blank = dict.fromkeys(units.columns) | {"plan_id": made.after.plan_id, "kind": "base", "level": "base"}
    for unit, (_, after) in made.facts.items():
        if after is None:
            rows.pop(unit, None)
        else:
            rows[unit] = {**rows.get(unit, {**blank, "unit_id": unit, "locked": False}), **after}
    return pd.DataFrame([rows[unit] for unit in sorted(rows)], columns=units.columns).astype(object)


def _touched(made: Edit) -> set[str]:
    """Name the units that an edit changes, and all above them."""
    found = {*made.rows["unit_before"].dropna(), *made.rows["unit_after"].dropna(), *made.facts}
    for parents in (made.before.parents, made.after.parents):
        for unit in sorted(found):
            over = parents.get(unit)
            while over is not None and over not in found:
                found.add(over)
                over = parents.get(over)
    return found


def _counted(units: pd.DataFrame, made: Edit, atoms: pd.DataFrame) -> pd.DataFrame:
    """Sum anew what the units hold that an edit touches, and those above them."""
    touched = _touched(made)
    held = counts(made.after, [one for one in touched if one not in made.gone], atoms)
    at = pd.Index(units["unit_id"])
    sums = {name: units[name].to_numpy(dtype=object, copy=True) for name in SUMMED}
    for name, numbers in sums.items():
        numbers[at.get_indexer(held.index)] = held[name].astype(object)
    for over in _upward(made.after, touched):
        inside = (units["parent_unit_id"] == over).to_numpy()
        for numbers in sums.values():
            numbers[at.get_loc(over)] = int(numbers[inside].astype("int64").sum())
    return units.assign(**sums)


def _upward(plan: Plan, touched: set[str]) -> list[str]:
    """Name the units of these that hold others, the lowest first."""
    over = touched & set(plan.parents.values())
    depth = dict.fromkeys(over, 0)
    for unit in over:
        above = plan.parents.get(unit)
        while above is not None:
            depth[unit] += 1
            above = plan.parents.get(above)
    return sorted(over, key=lambda one: (-depth[one], one))


def counts(plan: Plan, units: list[str], atoms: pd.DataFrame) -> pd.DataFrame:
    """
    Sum what some units of the lowest level hold: households, residents, buildings, by unit id.

    Only these units are looked at, with all parts of the buildings that reach into them.
    """
    unit = plan.parts.reindex(atoms["part_id"])
    inside = unit.isin(units).to_numpy()
    shared = inside | atoms["building_id"].isin(set(atoms.loc[inside, "building_id"].dropna())).to_numpy()
    held = sums(unit[shared], atoms[shared]).set_index("unit_id")[SUMMED]
    return held[held.index.isin(units)]


def _coded(change: Change, draft: Draft, made: Edit, units: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Give units that are new their code by where their ground lies, and remember the codes of those that are gone."""
    import geopandas as gpd

    drawn = _drawn(made, tables)
    shape = dict(zip(drawn["unit_id"], drawn["geometry"], strict=True))
    community = dict(zip(drawn["unit_id"], drawn["community_id"], strict=True))
    known = units.set_index("unit_id")["community_id"]
    units = units.assign(community_id=[community.get(one, known[one]) for one in units["unit_id"]])
    shapes = gpd.GeoSeries([shape.get(one) for one in units["unit_id"]], crs=tables["cells"].crs)
    placed = gpd.GeoDataFrame(units, geometry=shapes)
    code = words.kept_codes(change, draft.plan.plan_id, placed, draft.units)
    return units.assign(code=code.reindex(units["unit_id"]).to_numpy(dtype=object))


def _drawn(made: Edit, tables: Tables) -> pd.DataFrame:
    """Draw the units that are new, and nothing else."""
    parts, mine = tables["parts"], made.after.parts[made.after.parts.isin(made.made)]
    cells = set(parts.loc[parts["part_id"].isin(mine.index), "cell_id"])
    near = parts[parts["cell_id"].isin(cells)]
    plan = Plan(made.after.plan_id, made.after.edition, made.after.parts.reindex(near["part_id"]).dropna())
    ground = tables["cells"][tables["cells"]["cell_id"].isin(cells)]
    drawn = shaped(plan, {**tables, "parts": near, "cells": ground})
    return pd.DataFrame(drawn[drawn["unit_id"].isin(made.made)])


def _told_apart(units: pd.DataFrame, made: Edit, graph: "Graph") -> pd.DataFrame:
    """Say of a unit that an edit left in pieces that it is so, until its reasons are looked for."""
    if not (made.forced or made.action in edited.TURNS) or made.rows.empty:
        return units
    count = edit.piece_counts(made.after, graph, _touched(made))
    silent = units["unit_id"].map(count).fillna(0).gt(1) & units["out_of_band_reason"].isna()
    told = [json.dumps([_apart(count[one])], sort_keys=True) for one in units.loc[silent, "unit_id"]]
    reasons = units["out_of_band_reason"].astype(object)
    reasons[silent] = told
    return units.assign(out_of_band_reason=reasons)


def _apart(pieces: int) -> dict[str, Any]:
    """Give the reason of a unit in pieces as it is stored."""
    return {"key": "drafting_in_pieces", "facts": {"pieces": pieces}}

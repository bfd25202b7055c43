"""What registers say of households goes before estimates: counted anew from what is there, whenever that changes.

Nothing here adds to what was counted before. Estimates are made again from the buildings' own rows, registers are put
over them, parts and units follow: so registers may come and go in any order, and the numbers are always the same.
"""

from collections.abc import Collection
from typing import Any

import pandas as pd

from govmap import attach as attaching
from govmap import households as dwelling
from govmap.messages import Note
from govmap.plan import Plan
from govmap.project import Change, plan_of

OWN = ("households", "residents", "shops", "workplaces")
NUMBERS = [
    "building_id", "households", "households_low", "households_high", "residents", "households_source", "shops",
    "workplaces",
]  # fmt: skip
NUMBERS_OF_PARTS = ["part_id", "households", "households_low", "households_high", "residents"]
SENSITIVE, REPEATS = "sensitive", "duplicate_of"


def recounted(change: Change, *, tell: bool = False) -> list[Note]:
    """
    Count households, residents, shops and workplaces anew; buildings, parts and the units of this edition follow.

    Parameters
    ----------
    tell
        Say what of the registers does not fit together also where no number changed.

    Returns
    -------
    notes
        What of the registers does not fit together.
    """
    session = change.session
    before, parts = session.read("buildings"), session.read("parts")
    buildings = estimated(before, _total(change))
    buildings, made, told = counted(change, buildings, parts)
    if made is None or (_same(before, buildings, NUMBERS) and _same(parts, made, NUMBERS_OF_PARTS)):
        return told if tell else []
    session.upsert("buildings", pd.DataFrame(buildings[NUMBERS]))
    session.replace("parts", made)
    inside = buildings.loc[buildings["cell_id"].notna(), "households"].fillna(0)
    change.set("cells_most", str(int(inside.max()) if len(inside) else 0))
    _rewrite_units(change, buildings, made)
    return told


def estimated(buildings: pd.DataFrame, total: int | None = None) -> pd.DataFrame:
    """Estimate households from what the buildings' own rows say, whatever registers made of them since."""
    own = {name: buildings[f"{name}_given"] for name in OWN}
    source = pd.Series("register", index=buildings.index, dtype=object).where(own["households"].notna(), None)
    fresh = buildings.assign(**own, households_source=source)
    made: pd.DataFrame = dwelling.estimate(fresh, total=total)
    return made


def counted(
    change: Change, buildings: pd.DataFrame, parts: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, pd.DataFrame | None, list[Note]]:
    """Put registers over estimates: buildings, their parts where there are any, and what did not fit together."""
    session = change.session
    residents = registers(session)
    found = attaching.households(
        buildings,
        residents,
        parts=parts,
        members=members(change, residents),
        communities=session.read("communities"),
    )
    names = _names(session, buildings)
    return found.buildings, found.parts, [_in_names(one, names) for one in found.notes]


def _names(session: Any, buildings: pd.DataFrame) -> dict[str, str]:
    """Give what people call compounds and buildings, by their ids."""
    compounds = session.read("compounds", columns=["compound_id", "name", "name_zh"])
    called = compounds["name"].fillna(compounds["name_zh"])
    found = dict(zip(buildings["building_id"], buildings["name"], strict=True))
    found |= dict(zip(compounds["compound_id"], called, strict=True))
    called = {one: f"{name} [{one}]" for one, name in found.items() if isinstance(name, str)}
    return called | _unit_names(session)


def _unit_names(session: Any) -> dict[str, str]:
    """Give the units of every plan as people call them: by name, else by code, with the plan where it is not active."""
    active = next(iter(session.read("project", where={"key": "active_plan_id"})["value"]), None)
    plans = session.read("plans", columns=["plan_id", "name"])
    of_plan = dict(zip(plans["plan_id"], plans["name"].fillna(plans["plan_id"]), strict=True))
    units = session.read("units", columns=["plan_id", "unit_id", "name", "code"])
    called = units["name"].fillna(units["code"]).fillna(units["unit_id"])
    return {
        f"{plan}/{unit}": str(name) if plan == active else f"{name} [{of_plan.get(plan, plan)}]"
        for plan, unit, name in zip(units["plan_id"], units["unit_id"], called, strict=True)
    }


def _in_names(told: Note, names: dict[str, str]) -> Note:
    """Call the places of a note as people do."""
    facts = dict(told.facts)
    if "place" in facts:
        facts["place"] = names.get(facts["place"], facts["place"])
    if isinstance(facts.get("first"), list):
        facts["first"] = [names.get(one, one) if isinstance(one, str) else one for one in facts["first"]]
    return Note(told.key, facts)


def registers(session: Any) -> pd.DataFrame:
    """Read the residents, with what kind of list each row is from and which list came later."""
    rows = session.read("residents")
    imports = session.read("imports", where={"table": "residents"}).sort_values(["turn", "import_id"])
    turn = dict(zip(imports["import_id"], range(len(imports)), strict=True))
    told = dict(zip(imports["import_id"], imports["mapping"], strict=True))
    adds = {one for one, mapping in told.items() if ((mapping or {}).get("found") or {}).get("reduced")}
    turns = rows["import_id"].map(turn).fillna(-1).astype("int64")
    made: pd.DataFrame = rows.assign(turn=turns, adds=rows["import_id"].isin(adds))
    return made


def members(change: Change, residents: pd.DataFrame) -> dict[str, Collection[str]]:
    """
    Give the parts of the units that totals speak of, as PLAN/UNIT: of any level, and of last year's plan too.

    A unit without its plan is that of the active one, else of the newest that has it.
    """
    wanted = set(residents.loc[residents["place_kind"] == "unit", "place_id"].dropna().astype(str))
    found: dict[str, Collection[str]] = {}
    for plan_id in plans_in_order(change.session) if wanted else ():
        within = f"{plan_id}/"
        mine = {one.removeprefix(within): one for one in sorted(wanted - set(found)) if one.startswith(within)}
        asked = {one: one for one in wanted - set(found) if "/" not in one} | mine
        if not asked:
            continue
        plan = _on_this_ground(change, plan_of(change.session, plan_id))
        for tier in plan.tiers()[::-1]:
            of = tier.parts[tier.parts.isin(set(asked))]
            found.update({asked[str(unit)]: frozenset(held.index) for unit, held in of.groupby(of)})
    return found


def plans_in_order(session: Any) -> list[str]:
    """Name the plans, the active one first, then the newest."""
    plans = session.read("plans", columns=["plan_id", "created_at"])
    newest = plans.sort_values(["created_at", "plan_id"], ascending=[False, True])["plan_id"].tolist()
    active = set(session.read("project", where={"key": "active_plan_id"})["value"])
    return sorted(newest, key=lambda one: one not in active)


def units_in_order(session: Any) -> pd.DataFrame:
    """Read the units, those of the plan first by which a name is understood that several plans have."""
    units: pd.DataFrame = session.read("units")
    turn = {plan_id: at for at, plan_id in enumerate(plans_in_order(session))}
    return units.loc[units["plan_id"].map(turn).sort_values(kind="stable").index].reset_index(drop=True)


def tallied(change: Change) -> dict[str, Any]:
    """Count what lies in each unit of the active plan, on every level; give how many rows that made."""
    active = change.get("active_plan_id")
    if active is None:
        return {"tallies": 0}
    rows = tallies_of(change, active)
    change.session.replace("tallies", rows, where={"plan_id": active})
    return {"tallies": len(rows)}


def tallied_again(change: Change) -> None:
    """Count the units of the active plan anew, where they were counted before."""
    if change.session.count("tallies"):
        tallied(change)


def tallies_of(change: Change, plan_id: str) -> pd.DataFrame:
    """Give the rows of `tallies` of one plan."""
    session = change.session
    residents, parts = registers(session), session.read("parts")
    people = pd.DataFrame(columns=["part_id", "base", "category", "number"])
    if len(residents):
        people = attaching.by_part(
            session.read("buildings"),
            residents,
            parts=parts,
            members=members(change, residents),
            communities=session.read("communities"),
        )
    plan = plan_of(session, plan_id)
    through = {"part_id": dict(zip(plan.parts.index, plan.parts, strict=True))}
    by = ["part_id", "category"]
    resources = session.counts("resources", by=by, where={REPEATS: [None]}, through=through)
    once = {SENSITIVE: [False, None], REPEATS: [None]}  # what repeats another is one matter with it
    incidents = session.counts("incidents", by=by, where=once, through=through)
    units = pd.DataFrame({"plan_id": plan_id, "part_id": plan.units, "unit_id": plan.units})
    things = attaching.tallies(people.head(0), resources, incidents, units, parents=plan.parents)
    lives = attaching.tallies(people, resources.head(0), incidents.head(0), plan.rows(), parents=plan.parents)
    return pd.concat([lives, things], ignore_index=True)


def _on_this_ground(change: Change, plan: Plan) -> Plan:
    """Bring a plan of former cells to the parts of now: by part where it still is, else by building."""
    edition = int(change.get("edition") or "0")
    if plan.edition == edition:
        return plan
    past = change.session.read("parts_past", where={"edition": plan.edition}, columns=["part_id", "building_id"])
    now = change.session.read("parts", columns=["part_id", "building_id"])
    return plan.onto(now, past, edition)


def _total(change: Change) -> int | None:
    text = change.get("households_total")
    return int(text) if text else None


def _same(before: pd.DataFrame, after: pd.DataFrame, columns: list[str]) -> bool:
    key = columns[0]
    one, other = (frame[columns].sort_values(key, ignore_index=True).astype(object) for frame in (before, after))
    return bool(one.where(one.notna(), None).equals(other.where(other.notna(), None)))


def _rewrite_units(change: Change, buildings: pd.DataFrame, parts: pd.DataFrame) -> None:
    """Sum the units of every plan of this edition anew."""
    from govmap.pipeline.units import graph_of, write_units

    session = change.session
    plans = session.read("plans", where={"edition": int(change.get("edition") or "0")})["plan_id"]
    if plans.empty:
        return
    ground = {"cells": session.read("cells"), "parts": parts, "buildings": buildings}
    graph = graph_of(ground | {name: session.read(name) for name in ("barriers", "streets")})
    for plan_id in plans:
        write_units(change, plan_of(session, plan_id), ground, graph)

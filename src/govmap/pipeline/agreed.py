"""What adoption leaves in a project: the plan before it retired, days of validity, and which unit came from which."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd

from govmap.delineate import edit
from govmap.govern import agreement, duties
from govmap.messages import Note, note
from govmap.plan import Plan, named
from govmap.project import Change, plan_of

ADOPTED, RETIRED = "adopted", "retired"


@dataclass(frozen=True, kw_only=True)
class Followed:
    """What followed from an adoption: plans retired, the one that units come from, how many went on as they were."""

    retired: tuple[str, ...]
    former: str | None
    units: int
    unchanged: int

    @property
    def figures(self) -> dict[str, Any]:
        """Give it for programs."""
        facts = {"retired": list(self.retired), "former": self.former}
        return {**facts, "units": self.units, "units_unchanged": self.unchanged}

    @property
    def notes(self) -> list[Note]:
        """Give it for people."""
        told = [note("agree_codes_fixed", count=self.units)]
        told += [note("agree_retired_too", plans=list(self.retired))] if self.retired else []
        told += [note("agree_unchanged", count=self.unchanged, of=self.units)] if self.former else []
        return told


def adopted(change: Change, plan_id: str, effective: date) -> Followed:
    """Retire what was adopted before, write from when units are valid and where they come from; inside a change."""
    session = change.session
    plans = session.read("plans")
    retired = sorted(plans.loc[(plans["status"] == ADOPTED) & (plans["plan_id"] != plan_id), "plan_id"])
    for former in retired:
        session.upsert("plans", pd.DataFrame([{"plan_id": former, "status": RETIRED}]))
        ended(change, former, effective)
    base = plans.set_index("plan_id")["base_plan_id"].get(plan_id)
    known = set(plans["plan_id"])
    former_id = retired[-1] if retired else base if isinstance(base, str) and base in known else None
    units = pd.DataFrame(session.read("units", where={"plan_id": plan_id}, columns=["plan_id", "unit_id", "code"]))
    same = _gone_on(change, plan_id, former_id) if former_id else frozenset()
    before = session.read("units", where={"plan_id": former_id or ""}, columns=["code", "valid_from"])
    days = agreement.validity(units, before, same, effective)
    session.upsert("units", units[["plan_id", "unit_id"]].assign(valid_from=days, valid_to=None))
    change.set("active_plan_id", plan_id)
    return Followed(retired=tuple(retired), former=former_id, units=len(units), unchanged=len(same))


def ended(change: Change, plan_id: str, effective: date) -> None:
    """Let the units of a plan be valid up to the day before another one holds; inside a change."""
    units = change.session.read("units", where={"plan_id": plan_id}, columns=["plan_id", "unit_id"])
    if len(units):
        change.session.upsert("units", pd.DataFrame(units).assign(valid_to=effective - timedelta(days=1)))


def worth_knowing(change: Change, plan_id: str) -> list[Note]:
    """Say what a plan that is proposed still lacks: codes, people who answer, numbers that nobody counted."""
    session = change.session
    units = session.read("units", where={"plan_id": plan_id}, columns=["unit_id", "code"])
    told = [note("agree_ground_stale")] if change.get("cells_base") != (change.get("base_version") or "0") else []
    uncoded = units.loc[units["code"].isna(), "unit_id"]
    told += [note("agree_without_code", count=len(uncoded), examples=named(uncoded))] if len(uncoded) else []
    rows = session.read("duties", where={"plan_id": plan_id})
    if len(rows):
        there = [(plan_id, one) for one in units["unit_id"]]
        held = duties.in_force(rows, there, change.at.date())
        vacant = duties.vacant(held, plan_of(session, plan_id))
        code = dict(zip(units["unit_id"], units["code"], strict=True))
        shown = named(str(code.get(one) or one) for one in vacant)
        told += [note("agree_vacant", count=len(vacant), examples=shown)] if vacant else []
    return told


def _gone_on(change: Change, plan_id: str, former_id: str) -> frozenset[str]:
    """Write which units come from which of a former plan; give the codes of those that hold what they held."""
    session = change.session
    plan, former = plan_of(session, plan_id), plan_of(session, former_id)
    parts, past = _parts(session, plan.edition), _parts(session, former.edition)
    if parts.empty or past.empty:
        return frozenset()
    if former.edition != plan.edition:
        former = former.onto(parts, past, plan.edition)
    pairs = zip(reversed(plan.tiers()), reversed(former.tiers()), strict=False)
    found = pd.concat([edit.overlap(before, after, parts) for after, before in pairs])
    rows = found.drop_duplicates(["unit_id", "former_unit_id"]).sort_values(["unit_id", "former_unit_id"])
    where: dict[str, Any] = {"plan_id": plan_id, "former_plan_id": former_id, "edition": plan.edition}
    session.replace("unit_lineage", rows.assign(**where), where=where)
    holds, held = _holds(session, plan), _holds(session, former)
    return frozenset(code for code, ids in holds.items() if held.get(code) == ids)


def _parts(session: Any, edition: int) -> pd.DataFrame:
    """Read the parts of an edition: those of now, else those kept of the past."""
    cells = session.read("cells", columns=["cell_id", "edition"])
    current = len(cells) > 0 and int(cells["edition"].iloc[0]) == edition
    rows = session.read("parts") if current else session.read("parts_past", where={"edition": edition})
    return pd.DataFrame(rows)[["part_id", "building_id", "cell_id", "households"]]


def _holds(session: Any, plan: Plan) -> dict[str, frozenset[str]]:
    """Give the parts that each unit of every level holds, by its code."""
    units = session.read("units", where={"plan_id": plan.plan_id}, columns=["unit_id", "code"])
    code = {str(unit): str(one) for unit, one in zip(units["unit_id"], units["code"], strict=True) if not pd.isna(one)}
    found: dict[str, frozenset[str]] = {}
    for tier in plan.tiers():
        for unit, rows in tier.parts.groupby(tier.parts.to_numpy(dtype=object)):
            if str(unit) in code:
                found[code[str(unit)]] = frozenset(map(str, rows.index))
    return found

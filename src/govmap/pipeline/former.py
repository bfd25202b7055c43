"""The plan that a division goes on from: what of it stays, what is locked, and what its units take along."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pandas as pd

from govmap import catalog
from govmap.delineate import Criteria, edit
from govmap.errors import PlanError
from govmap.messages import Note, note
from govmap.pipeline.units import locked_units
from govmap.plan import Plan, named
from govmap.project import Project, plan_of

if TYPE_CHECKING:
    import geopandas as gpd

    from govmap.contiguity import Graph

ACTIVE = "active"
TAKEN_ALONG = ("name", "responsible_org", "meeting_place", "valid_from", "kind", "exclusive_kind", "level")


@dataclass(frozen=True)
class Former:
    """A plan as it lies on the cells of now, its rows of `units`, and what of it stays."""

    plan: Plan | None = None
    keep: bool = False
    locked: tuple[str, ...] = ()
    exclusive: tuple[str, ...] = ()
    units: "gpd.GeoDataFrame | None" = None
    same_wishes: bool = False

    @property
    def given(self) -> dict[str, Any]:
        """What `delineate.delineate` asks for."""
        facts = {"former": self.plan, "keep": self.keep, "locked": self.locked, "exclusive": self.exclusive}
        if self.units is None or not self.same_wishes:
            return facts
        return {**facts, "sizes": dict(zip(self.units["unit_id"], self.units["households"], strict=True))}

    @property
    def kept(self) -> str | None:
        """The plan whose codes stay."""
        return self.plan.plan_id if self.plan is not None else None

    def carried(self, units: pd.DataFrame) -> pd.DataFrame:
        """Let units that stay take along their names and what else people wrote of them."""
        if self.units is None:
            return units
        was = self.units.set_index("unit_id")
        stays = units["unit_id"].isin(was.index) & (self.keep | units["unit_id"].isin([*self.locked, *self.exclusive]))
        rows = units.copy()
        for column in TAKEN_ALONG:
            old = rows["unit_id"].map(was[column].to_dict())
            fresh = rows[column].astype(object) if column in rows else pd.Series([None] * len(rows), index=rows.index)
            rows[column] = old.where(stays & old.notna(), fresh).astype(object)
        rows["locked"] = rows["unit_id"].isin(self.locked)
        return rows

    @property
    def told(self) -> list[Note]:
        """Say what was locked."""
        if self.plan is None or self.units is None:
            return []
        code = dict(zip(self.units["unit_id"], self.units["code"], strict=True))
        found = []
        if self.locked:
            locked = named(str(code.get(one) or one) for one in self.locked)
            found.append(note("levels_locked", count=len(self.locked), examples=locked))
        return found


def plan_to_go_on_from(project: Project, keep: str | None, lock: Sequence[str]) -> str | None:
    """
    Find the plan that is kept, by id, by name or as `active`; without it the active one where units are locked.

    Raises
    ------
    PlanError
        There is no such plan.
    """
    if keep is None and not lock:
        return None
    if keep is None or keep == ACTIVE:
        return project.active_plan_id()
    plans = project.read("plans", columns=["plan_id", "name"])
    found = plans.loc[(plans["plan_id"] == keep) | (plans["name"] == keep), "plan_id"]
    if found.empty:
        raise PlanError("plan_unknown", plan=keep)
    return str(found.iloc[-1])


def criteria_of(project: Project, plan_id: str | None) -> Criteria:
    """Read what a plan was made for, the usual without a plan."""
    if plan_id is None:
        return Criteria()
    wished = project.read("plans", where={"plan_id": plan_id})["criteria"].iloc[0]
    return Criteria.from_json(json.dumps(wished))


def former(
    project: Project,
    plan_id: str | None,
    ground: pd.DataFrame,
    graph: "Graph",
    *,
    keep: bool,
    lock: Sequence[str],
    wanted: Criteria | None = None,
) -> Former:
    """
    Read the plan that is gone on from, carried over where it stands on former cells.

    Raises
    ------
    PlanError
        It has no such unit.
    """
    if plan_id is None:
        return Former()
    with project.store.reading() as session:
        plan = plan_of(session, plan_id)
        units = session.read("units", where={"plan_id": plan_id})
        past = session.read("parts_past", where={"edition": plan.edition})
    locked = [_unit_named(units, one, plan_id) for one in lock]
    if keep:
        locked += locked_units(units)
    if plan.edition != project.edition:
        carried, _, _ = edit.carry(plan, past, ground, graph, edition=project.edition, locked=locked)
        plan = replace(plan, edition=project.edition, parts=carried.parts)
    exclusive = tuple(units.loc[units["kind"] == "exclusive", "unit_id"]) if keep else ()
    same = wanted is not None and wanted.by == "households" and wanted == criteria_of(project, plan_id)
    return Former(plan, keep, tuple(sorted(set(locked))), exclusive, units, same)


def _unit_named(units: pd.DataFrame, wanted: str, plan_id: str) -> str:
    """Find a unit by id, code or name."""
    for column in ("unit_id", "code", "name"):
        found = units.loc[units[column] == wanted, "unit_id"]
        if len(found) == 1:
            return str(found.iloc[0])
    known = named(units["code"].dropna().sort_values())
    raise PlanError("levels_no_unit", wanted=wanted, plan=plan_id, known=known)


def called(reads: Any) -> dict[str, str]:
    """
    Say what people call each plan: the name it was given, else the hour it was made, by the office's clock.

    Parameters
    ----------
    reads
        What reads tables: a project or a session.
    """
    profile = reads.read("project", where={"key": "profile"})["value"]
    zone = ZoneInfo(str(catalog.profile(profile.iloc[0] if len(profile) else "generic").facts["time"]["zone"]))
    rows = reads.read("plans", columns=["plan_id", "name", "created_at"])
    told = {}
    for plan, name, at in zip(rows["plan_id"], rows["name"], rows["created_at"], strict=True):
        given = isinstance(name, str) and name not in ("", plan)
        told[str(plan)] = name if given else f"{at.to_pydatetime().astimezone(zone):%Y-%m-%d %H:%M}"
    return told

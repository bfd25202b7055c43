"""Plans: the parts divided among units, on every level; a plan stored with what is to be said of it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from govmap.config import Config
from govmap.delineate import Criteria, Division, explain
from govmap.delineate import delineate as divide_into_units
from govmap.delineate.wishes import level_title, measure, wished
from govmap.errors import InputError, StaleError
from govmap.messages import Note, note
from govmap.pipeline import duties, weighing
from govmap.pipeline.former import criteria_of, former, plan_to_go_on_from
from govmap.pipeline.ground import cells, ensure_cells
from govmap.pipeline.places import with_places
from govmap.pipeline.report import Progress, Report, quiet
from govmap.pipeline.units import atoms, graph_of, locked_units, unit_rows, write_units
from govmap.plan import Plan, named
from govmap.project import Change, Project, facts_of, plan_of

if TYPE_CHECKING:
    from govmap.contiguity import Graph

__all__ = [
    "atoms",
    "cells",
    "criteria",
    "criteria_for",
    "delineate",
    "ensure_cells",
    "graph_of",
    "unit_rows",
    "write_units",
]

SIZES = {"size", "units", "preset", "levels", "by", "target"}
DIVIDED = (
    "cells", "parts", "buildings", "barriers", "streets", "communities", "compounds", "zones", "features", "units",
    "plans", "plan_parts", "project",
)  # fmt: skip


def criteria(*, size: str | None = None, units: int | None = None, **words: Any) -> Criteria:
    """Read what a good unit is from the words of a face; see `delineate.wishes.wished`."""
    return wished(size=size, units=units, **words)


def criteria_for(project: Project, keep: str | None, **words: Any) -> Criteria:
    """Read what a good unit is; where a plan is kept and no size is given, what that plan was made for holds on."""
    said = {name: one for name, one in words.items() if one is not None and one != ()}
    if keep is None or SIZES & set(said):
        return criteria(**said)
    stored = criteria_of(project, plan_to_go_on_from(project, keep, ()))
    told = {name: one for name, one in said.items() if name not in ("equal", "hard") or one != getattr(Criteria, name)}
    exclusive = tuple({*stored.exclusive, *told.pop("exclusive", ())})
    also = tuple(measure(one) for one in told.pop("also", ())) or stored.also
    return replace(stored, **told, exclusive=exclusive, also=also)


def delineate(
    project: Project,
    wanted: Criteria | None = None,
    *,
    keep: str | None = None,
    lock: Sequence[str] = (),
    name: str | None = None,
    config: Config,
    progress: Progress = quiet,
) -> Report:
    """
    Divide the community into units, on every level that is wanted: a new plan, which becomes the active one.

    Parameters
    ----------
    wanted
        Without it what the plan that is kept was made for.
    keep
        A plan, or `active`: only its units that left their band change.
    lock
        Units of that plan, else of the active one, that never change: ids, codes or names.

    Raises
    ------
    InputError
        There is nothing to divide.
    PlanError
        There is no such plan or unit.
    """
    found = propose(project, wanted, keep=keep, lock=lock, config=config, progress=progress)
    return store(project, found, name=name)


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """A division that is not stored yet: the plan, the rows of its units, what it was made of, what is to be told."""

    plan: Plan
    division: Division
    units: pd.DataFrame
    wanted: Criteria
    base: str | None
    former: Plan | None
    tables: dict[str, pd.DataFrame]
    graph: "Graph"
    notes: tuple[Note, ...]
    proposals: tuple[Note, ...]
    warnings: tuple[Note, ...]


def propose(
    project: Project,
    wanted: Criteria | None = None,
    *,
    keep: str | None = None,
    lock: Sequence[str] = (),
    config: Config,
    progress: Progress = quiet,
    beside: Proposed | None = None,
) -> Proposed:
    """
    Divide the community as `delineate` does, and store nothing but the cells that were missing.

    `beside` is another division made just before: its graph serves again while the ground is the same.
    """
    base = plan_to_go_on_from(project, keep, lock)
    wanted = wanted or criteria_of(project, base)
    made = ensure_cells(project, _split_above(project, wanted), config=config, progress=progress)
    if wanted.measures("load"):
        weighing.write_minutes(project)
    tables = project.reading(*DIVIDED)
    if tables["cells"].empty:
        raise InputError("delineate_nothing", where=str(project.path))
    graph = _graph(tables, beside, progress)
    ground = with_places(atoms(tables), tables, wanted.exclusive)
    stands = former(project, base, ground, graph, keep=keep is not None, lock=lock, wanted=wanted)
    told = partial(_share, progress)
    division = divide_into_units(ground, graph, wanted, **stands.given, processes=config.threads, progress=told)
    plan = _new_plan(project, tables, division, wanted, stands.locked)
    return Proposed(
        plan=plan,
        division=division,
        units=stands.carried(unit_rows(plan, division, tables, stands.kept)),
        wanted=wanted,
        base=base,
        former=stands.plan,
        tables=tables,
        graph=graph,
        notes=(*made.notes, *stands.told),
        proposals=_proposed(ground, tables["compounds"], wanted),
        warnings=(*made.warnings, *(_locks_left(tables) if base is None else ())),
    )


def _graph(tables: dict[str, pd.DataFrame], beside: Proposed | None, progress: Progress) -> "Graph":
    """Give the graph over the parts: the one that is there where it is of the same cells, barriers and streets."""
    if beside is not None and _ground(beside.tables) == _ground(tables):
        return beside.graph
    return graph_of(tables, progress)


def _ground(tables: dict[str, pd.DataFrame]) -> tuple[str | None, ...]:
    facts = facts_of(tables["project"])
    return tuple(facts.get(name) for name in ("edition", "base_version", "cells_fingerprint"))


def _locks_left(tables: dict[str, pd.DataFrame]) -> tuple[Note, ...]:
    """Say that the active plan has locked units, where a division does not keep to them."""
    active = facts_of(tables["project"]).get("active_plan_id")
    units = tables["units"][tables["units"]["plan_id"] == active]
    code = units.loc[units["unit_id"].isin(locked_units(units)), "code"].dropna()
    if code.empty:
        return ()
    return (note("levels_locks_left", plan=active, count=len(code), examples=named(code.sort_values())),)


def store(project: Project, found: Proposed, *, name: str | None = None, active: bool = True) -> Report:
    """Store a division as a plan; without `active` the plan that was active stays so."""
    before = project.fact("active_plan_id")
    plan_id, known = store_plan(
        project, found.plan, found.units, found.wanted, name, found.tables, found.base, active=active
    )
    report = _report(found.division, found.units, plan_id, next_=f"govmap map {project.path.name} -o map.html")
    report.notes = [*found.notes, *report.notes, *found.proposals]
    report.notes += [note("delineate_same", plan=plan_id)] if known else []
    report.notes += duties.told_of(project, plan_id, found.base or before)
    report.warnings = list(found.warnings)
    return report


def _report(division: Division, units: pd.DataFrame, plan_id: str, *, next_: str) -> Report:
    """Say what came of it: the lowest level in figures, and where there are several each of them."""
    levels = [
        {"level": one.level, **{name: round(value, 4) for name, value in one.score.items()}} for one in division.tiers
    ]
    figures: dict[str, Any] = {
        "plan": plan_id,
        **{name: value for name, value in levels[-1].items() if name != "level"},
    }
    figures["exclusive"] = int((units["kind"] == "exclusive").sum())
    code = dict(zip(units["unit_id"], units["code"], strict=True))
    report = Report(figures={**figures, "levels": levels}, next=next_)
    several = len(levels) > 1
    for one in division.tiers:
        report.notes += [note("levels_level", level=level_title(one.level))] if several else []
        report.notes += [_by_code(told, code) for told in one.notes]
    return report


def _proposed(ground: pd.DataFrame, compounds: pd.DataFrame, wanted: Criteria) -> tuple[Note, ...]:
    """Propose grounds that may be better as exclusive units, where households are what is counted."""
    if wanted.by != "households":
        return ()
    low, _ = wanted.band(int(ground["households"].sum()))
    found = explain.exclusive_candidates(ground, compounds, low)
    return explain.exclusive_notes(found[~found["kind"].isin(wanted.exclusive)])


def _by_code(told: Note, code: dict[str, str]) -> Note:
    """Name units by the code that people know, not by their id."""
    facts = {
        name: [code.get(one, one) for one in fact] if isinstance(fact, list) else code.get(fact, fact)
        for name, fact in told.facts.items()
        if isinstance(fact, list | str)
    }
    return Note(told.key, {**told.facts, **facts})


def _share(progress: Progress, done: int, total: int) -> None:
    progress("progress_delineate", done / max(1, total))


def _split_above(project: Project, wanted: Criteria) -> int | None:
    """A building above the upper end of the lowest band is divided, where households are what is counted."""
    if not any(one.by == "households" for one in wanted.chain):
        return None
    buildings = project.read("buildings", columns=["building_id", "households", "reason"])
    total = int(buildings.loc[buildings["reason"].isna(), "households"].fillna(0).sum())
    return min(one.band(total)[1] for one in wanted.chain if one.by == "households")


def _new_plan(
    project: Project, tables: dict[str, pd.DataFrame], division: Division, wanted: Criteria, locked: Sequence[str]
) -> Plan:
    """Make the plan of a division; its id says what it was made of."""
    edition = int(tables["cells"]["edition"].iloc[0])
    rows = pd.concat([one.units for one in division.tiers]).drop_duplicates("unit_id", keep="last")
    levels = dict(zip(rows["unit_id"], rows["level"], strict=True))
    plan = replace(Plan.of("new", edition, division.assignment), parents=division.parents, levels=levels)
    content = f"{project.fact('cells_fingerprint')}|{wanted.to_json()}|{plan.fingerprint}"
    content += f"|{json.dumps(sorted(locked))}" if locked else ""
    return replace(plan, plan_id="p" + hashlib.sha256(content.encode()).hexdigest()[:12])


def store_plan(
    project: Project,
    plan: Plan,
    units: pd.DataFrame,
    wanted: Criteria,
    name: str | None,
    tables: dict[str, pd.DataFrame],
    base: str | None = None,
    *,
    active: bool = True,
) -> tuple[str, bool]:
    """Write the plan, or only make it the active one where it stands already as it was made; give its id."""
    facts = facts_of(tables["project"])
    with project.change("delineate", {"criteria": wanted.to_json(), "name": name}) as change:
        if (change.get("edition"), change.get("base_version")) != (facts.get("edition"), facts.get("base_version")):
            raise StaleError("project_stale", where=str(project.path))
        base = base or change.get("active_plan_id")
        plan, known = _named(change, plan)
        if active:
            change.set("active_plan_id", plan.plan_id)
        if known:
            return plan.plan_id, True
        row: dict[str, Any] = {"plan_id": plan.plan_id, "name": name or plan.plan_id, "base_plan_id": base}
        row |= {"edition": plan.edition}
        row |= {
            "criteria": json.loads(wanted.to_json()),
            "status": "draft",
            "created_at": change.at,
            "head_revision": None,
        }
        change.session.append("plans", pd.DataFrame([row]))
        moves = Plan.empty(plan.plan_id, plan.edition).difference(plan)
        change.revise(plan, moves, action="delineate", parent=None)
        change.session.append("units", units.assign(plan_id=plan.plan_id))
        if base is not None:
            _write_lineage(change, plan, base, tables["parts"])
            duties.into_plan(change, plan, base, tables["parts"])
    return plan.plan_id, False


def _named(change: Change, plan: Plan) -> tuple[Plan, bool]:
    """Find a name: the same division under the same wishes is the same plan, unless that one was edited since."""
    rows = change.session.read("plans")
    wanted, number = plan.plan_id, 1
    while wanted in set(rows["plan_id"]):
        if plan_of(change.session, wanted).fingerprint == plan.fingerprint:
            return replace(plan, plan_id=wanted), True
        number += 1
        wanted = f"{plan.plan_id}-{number}"
    return replace(plan, plan_id=wanted), False


def _write_lineage(change: Change, plan: Plan, former_id: str, parts: pd.DataFrame) -> None:
    """Say which units the households come from: the lowest level from the lowest, the topmost from the topmost."""
    mine, theirs = plan.tiers(), plan_of(change.session, former_id).tiers()
    pairs = [*zip(mine[::-1], theirs[::-1], strict=False), (mine[0], theirs[0])]
    found = pd.concat([_shared(after, before, parts) for after, before in pairs])
    rows = found.drop_duplicates(["unit_id", "former_unit_id"]).sort_values(["unit_id", "former_unit_id"])
    rows = rows.assign(plan_id=plan.plan_id, former_plan_id=former_id, edition=plan.edition)
    if len(rows):
        change.session.append("unit_lineage", rows)


def _shared(after: Plan, before: Plan, parts: pd.DataFrame) -> pd.DataFrame:
    """Sum the households that a unit has from a former unit."""
    former = before.rows().rename(columns={"unit_id": "former_unit_id"})[["part_id", "former_unit_id"]]
    rows = after.rows().merge(former, on="part_id").merge(parts[["part_id", "households"]], on="part_id")
    rows["households"] = rows["households"].fillna(0).astype(np.int64)
    return pd.DataFrame(rows.groupby(["unit_id", "former_unit_id"], as_index=False)["households"].sum())

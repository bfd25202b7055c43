"""Cells and plans: the ground divided among buildings, the parts among units."""

import hashlib
import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from govmap import contiguity
from govmap import plan as plans
from govmap.cells import divide, tessellate
from govmap.config import Config
from govmap.delineate import Criteria, Division, codes, edit, review
from govmap.delineate import delineate as divide_into_units
from govmap.errors import InputError, StaleError
from govmap.messages import Note, note
from govmap.pipeline.report import Progress, Report, quiet
from govmap.plan import Plan
from govmap.project import BASE_TABLES, Change, Project, facts_of, plan_of

if TYPE_CHECKING:
    from govmap.contiguity import Graph

GROUND = ("communities", "buildings", "entrances", "compounds", "barriers", "streets", "parts", "project")
TRIES = 3
PARTS_A_UNIT = 4  # parts of half a unit would leave no choice when units are put together
PLACED = ("building_id", "community_id", "cell_id", "reason")


@dataclass(frozen=True)
class Ground:
    """Cells, parts and their graph, made from one state of the base data."""

    cells: pd.DataFrame
    parts: pd.DataFrame
    buildings: pd.DataFrame
    graph: "Graph"
    base_version: str
    foreign: tuple[str, ...]
    split_above: int | None
    notes: tuple[Note, ...]

    @property
    def fingerprint(self) -> str:
        """Tell cells and parts apart from those of another edition, numbers of households aside."""
        digest = hashlib.sha256()
        for table, columns in (
            (self.cells, ["cell_id", "building_id", "compound_id"]),
            (self.parts, ["part_id", "cell_id"]),
        ):
            for column in columns:
                digest.update("\0".join(table[column].fillna("").astype(str)).encode())
        for wkb in shapely.to_wkb(self.cells["geometry"].to_numpy()):
            digest.update(wkb)
        return digest.hexdigest()


def criteria(*, size: str | None, units: int | None, by: str, seed: int) -> Criteria:
    """Read what a good unit is from the words of a face."""
    if size is None:
        return Criteria(units=units, by=by, seed=seed)
    return Criteria.parse(size, units=units, by=by, seed=seed)


def cells(project: Project, *, split_above: int | None = None, config: Config, progress: Progress = quiet) -> Report:
    """Divide the ground among the buildings: a new edition where anything changed."""
    for _ in range(TRIES):
        ground = _ground(project, split_above, config, progress)
        try:
            return _store_ground(project, ground)
        except StaleError:
            continue  # the base data changed while we worked: once more from what it is now
    raise StaleError("project_stale", where=str(project.path))


def delineate(
    project: Project, wanted: Criteria, *, name: str | None = None, config: Config, progress: Progress = quiet
) -> Report:
    """Divide the community into units: a new plan, which becomes the active one."""
    made = ensure_cells(project, _split_above(project, wanted), config=config, progress=progress)
    tables = project.reading(
        "cells",
        "parts",
        "buildings",
        "barriers",
        "streets",
        "communities",
        "compounds",
        "units",
        "plan_parts",
        "project",
    )
    if tables["cells"].empty:
        raise InputError("delineate_nothing", where=str(project.path))
    graph = graph_of(tables, progress)
    division = divide_into_units(atoms(tables), graph, wanted, progress=partial(_share, progress))
    plan = _new_plan(project, tables, division, wanted)
    units = _units(plan, division, tables)
    plan_id, known = _store_plan(project, plan, units, wanted, name, tables)
    score = {name: round(value, 4) for name, value in division.score.items()}
    report = Report(figures={"plan": plan_id, **score}, next=f"govmap map {project.path.name} -o map.html")
    named = dict(zip(units["unit_id"], units["code"], strict=True))
    report.notes = [*made.notes, *(_by_code(one, named) for one in division.notes)]
    report.notes += [note("delineate_same", plan=plan_id)] if known else []
    report.warnings = list(made.warnings)
    return report


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
    """A building above the upper end of the band is divided, where households are what is counted."""
    if wanted.by != "households":
        return None
    buildings = project.read("buildings", columns=["building_id", "households", "reason"])
    inside = buildings.loc[buildings["reason"].isna(), "households"]
    return wanted.band(int(inside.fillna(0).sum()))[1]


def ensure_cells(project: Project, split_above: int | None, *, config: Config, progress: Progress = quiet) -> Report:
    """Make cells where there are none, or where the base data changed since."""
    with project.store.reading() as session:
        facts = facts_of(session.read("project"))
        foreign = set(session.foreign_changes()) & set(BASE_TABLES)
    fresh = facts.get("cells_base") == facts.get("base_version", "0") and not foreign
    if fresh and _split_as_wanted(facts, split_above):
        return Report()
    return cells(project, split_above=split_above, config=config, progress=progress)


def _split_as_wanted(facts: dict[str, str], split_above: int | None) -> bool:
    was = int(facts.get("cells_split") or 0) or None
    if split_above is None or was == split_above:
        return True
    return int(facts.get("cells_most") or 0) <= min(split_above, was or split_above)


def graph_of(tables: dict[str, pd.DataFrame], progress: Progress = quiet) -> "Graph":
    """Give the graph over the parts that stand in the tables."""
    progress("progress_graph", 0.0)
    borders = contiguity.borders(tables["cells"], tables["barriers"], tables["streets"])
    graph = contiguity.between_parts(borders, tables["parts"])
    progress("progress_graph", 1.0)
    return graph


def atoms(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Give one row a part: what delineation asks of it, from parts, cells and buildings."""
    cells_ = pd.DataFrame(tables["cells"].drop(columns="geometry"))
    shapes = tables["cells"]["geometry"].to_numpy()
    points = shapely.get_coordinates(shapely.point_on_surface(shapes))
    cells_ = cells_.assign(x=points[:, 0], y=points[:, 1], perimeter_m=shapely.length(shapes))
    cells_["open"] = cells_["building_id"].isna()
    parts = tables["parts"][["part_id", "cell_id", "building_id", "households", "residents"]]
    ground = ["cell_id", "community_id", "compound_id", "block_id", "area_m2", "perimeter_m", "x", "y", "open"]
    joined = parts.merge(cells_[ground], on="cell_id", how="left", validate="many_to_one")
    dwellings = tables["buildings"][["building_id", "dwellings"]]
    joined = joined.merge(dwellings, on="building_id", how="left", validate="many_to_one")
    shared = joined.groupby("cell_id")["part_id"].transform("size")
    joined[["area_m2", "perimeter_m"]] = joined[["area_m2", "perimeter_m"]].div(shared, axis=0)
    for column in ("households", "residents", "dwellings"):
        joined[column] = joined[column].fillna(0).astype("int64")
    return joined.sort_values("part_id", ignore_index=True)


# cells -------------------------------------------------------------------------------------------------------------
def _ground(project: Project, split_above: int | None, config: Config, progress: Progress) -> Ground:
    with project.store.reading() as session:
        base = {table: session.read(table) for table in GROUND}
        foreign = tuple(session.foreign_changes())
    facts = facts_of(base["project"])
    made = tessellate(
        base["buildings"],
        base["barriers"],
        base["communities"],
        streets=base["streets"],
        compounds=base["compounds"],
        threads=config.threads,
        progress=progress,
    )
    placed = _placed(base["buildings"], made.buildings)
    given = base["parts"][base["parts"]["source"] == "given"]
    most = None if split_above is None else max(1, split_above // PARTS_A_UNIT)
    divided = divide(made.cells, placed, base["entrances"], split_above=split_above, part_most=most, given=given)
    borders = contiguity.borders(divided.cells, base["barriers"], base["streets"])
    graph = contiguity.between_parts(borders, divided.parts)
    told = (*made.notes, *divided.notes)
    version = facts.get("base_version", "0")
    return Ground(divided.cells, divided.parts, placed, graph, version, foreign, split_above, told)


def _placed(buildings: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Give the buildings with community, cell and reason as the tessellation found them."""
    rest = buildings.drop(columns=["community_id", "cell_id", "reason"])
    return rest.merge(pd.DataFrame(found)[list(PLACED)], on="building_id", how="left", validate="one_to_one")


def _store_ground(project: Project, ground: Ground) -> Report:
    with project.change("cells", {"split_buildings": ground.split_above}) as change:
        foreign = tuple(change.session.foreign_changes())
        if (change.get("base_version") or "0") != ground.base_version or foreign != ground.foreign:
            raise StaleError("project_stale", where=str(project.path))
        same = change.get("cells_fingerprint") == ground.fingerprint
        edition = int(change.get("edition") or "0") + (0 if same else 1)
        told = _write_ground(change, ground, edition)
        change.session.acknowledge(BASE_TABLES)
    figures = {"edition": edition, "cells": len(ground.cells), "parts": len(ground.parts)}
    done = note("cells_done", cells=len(ground.cells), parts=len(ground.parts), edition=edition)
    return Report(
        figures=figures, notes=[done, *ground.notes, *told], next=f"govmap delineate {project.path.name} --size 300-500"
    )


def _write_ground(change: Change, ground: Ground, edition: int) -> list[Note]:
    session = change.session
    former = int(change.get("edition") or "0")
    former_parts = session.read("parts")
    if edition != former:
        _keep_past(change, former)
        session.replace("cells", ground.cells.assign(edition=edition))
    session.replace("parts", ground.parts)
    session.upsert("buildings", pd.DataFrame(ground.buildings[["building_id", "community_id", "cell_id", "reason"]]))
    most = ground.buildings.loc[ground.buildings["cell_id"].notna(), "households"].fillna(0).max()
    facts = {"edition": edition, "cells_base": ground.base_version, "cells_fingerprint": ground.fingerprint}
    facts |= {"cells_split": ground.split_above or 0, "cells_most": 0 if pd.isna(most) else int(most)}
    for key, value in facts.items():
        change.set(key, str(value))
    carried = session.read("plans", where={"edition": former})
    return [
        told
        for plan_id, status in zip(carried["plan_id"], carried["status"], strict=True)
        if edition == former or status in ("draft", "proposed")
        for told in _carry(change, plan_id, ground, former_parts, edition)
    ]


def _keep_past(change: Change, former: int) -> None:
    """Keep the former edition's ground while a plan that stays in it, or a publication, refers to it."""
    session = change.session
    held = session.read("plans", where={"edition": former, "status": ["on_notice", "adopted", "retired"]})
    if held.empty and session.count("publications", where={"edition": former}) == 0:
        return
    past = session.read("cells")
    session.replace("cells_past", past, where={"edition": former})
    parts = session.read("parts").drop(columns=["import_id", "source_row"])
    session.replace("parts_past", parts.assign(edition=former), where={"edition": former})


def _carry(change: Change, plan_id: str, ground: Ground, former_parts: pd.DataFrame, edition: int) -> list[Note]:
    """Carry one draft plan over to the new ground: what stays keeps its unit, what is new joins a neighbour."""
    session = change.session
    plan = plan_of(session, plan_id)
    tables = {"cells": ground.cells, "parts": ground.parts, "buildings": ground.buildings}
    carried, moves, lineage = edit.carry(plan, former_parts, atoms(tables), ground.graph, edition=edition)
    if edition != plan.edition:
        head = session.read("plans", where={"plan_id": plan_id})["head_revision"].iloc[0]
        change.revise(carried, moves, action="carry", parent=head, detail={"edition": edition})
        rows = lineage.assign(plan_id=plan_id, former_plan_id=plan_id, edition=edition)
        session.append("unit_lineage", rows.fillna({"former_unit_id": ""}))
    write_units(change, carried, tables, ground.graph)
    if moves.empty:
        return []
    came, gone = int(moves["unit_before"].isna().sum()), int(moves["unit_after"].isna().sum())
    return [note("cells_carried", plan=plan_id, came=came, gone=gone, moved=len(moves) - came - gone)]


# plans -------------------------------------------------------------------------------------------------------------
def _units(plan: Plan, division: Division, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Give the rows of `units`: outlines, measures, codes, and why a unit is not as it should be."""
    units = plans.outlines(plan, tables["parts"], tables["cells"]).assign(plan_id=plan.plan_id)
    units = units.merge(codes.number(units, tables["communities"]), on="unit_id", validate="one_to_one")
    units["level"], units["kind"], units["locked"] = "base", "base", False
    reasons = division.reasons
    told = {unit: _reason_text(rows) for unit, rows in reasons.groupby("unit_id")}
    rows: pd.DataFrame = units.assign(out_of_band_reason=units["unit_id"].map(told).astype(object))
    return rows


def _reason_text(rows: pd.DataFrame) -> str:
    """Keep reasons as keys and facts, so that each reader gets them in their language."""
    told = [{"key": key, "facts": facts} for key, facts in zip(rows["key"], rows["facts"], strict=True)]
    return json.dumps(told, ensure_ascii=False, sort_keys=True)


def write_units(change: Change, plan: Plan, tables: dict[str, pd.DataFrame], graph: "Graph") -> None:
    """Write outlines, measures and reasons of a plan's units anew; names, codes and locks stay, new ones get a code."""
    session = change.session
    stored = session.read("units", where={"plan_id": plan.plan_id})
    kept = pd.DataFrame(stored.drop(columns="geometry"))
    shaped = plans.outlines(plan, tables["parts"], tables["cells"]).assign(plan_id=plan.plan_id)
    stay = [name for name in kept.columns if name not in shaped.columns]
    merged = shaped.merge(kept[["unit_id", *stay]], on="unit_id", how="left", validate="one_to_one")
    former = dict(zip(stored["unit_id"], stored["code"], strict=True))
    code = codes.number(shaped, session.read("communities"), former=former).set_index("unit_id")["code"]
    wished = session.read("plans", where={"plan_id": plan.plan_id})["criteria"].iloc[0]
    found = review(plan, atoms(tables), graph, Criteria.from_json(json.dumps(wished)))
    told = {unit: _reason_text(rows) for unit, rows in found.reasons.groupby("unit_id")}
    merged["code"] = merged["unit_id"].map(code).astype(object)
    merged["out_of_band_reason"] = merged["unit_id"].map(told).astype(object)
    new = merged["kind"].isna()
    merged.loc[new, ["kind", "level"]] = "base"
    merged["locked"] = merged["locked"].astype("boolean").fillna(value=False).astype(bool)
    session.replace("units", merged, where={"plan_id": plan.plan_id})


def _new_plan(project: Project, tables: dict[str, pd.DataFrame], division: Division, wanted: Criteria) -> Plan:
    edition = int(tables["cells"]["edition"].iloc[0])
    plan = Plan.of("new", edition, division.assignment)
    content = f"{project.fact('cells_fingerprint')}|{wanted.to_json()}|{plan.fingerprint}"
    return Plan("p" + hashlib.sha256(content.encode()).hexdigest()[:12], edition, plan.parts)


def _store_plan(
    project: Project,
    plan: Plan,
    units: pd.DataFrame,
    wanted: Criteria,
    name: str | None,
    tables: dict[str, pd.DataFrame],
) -> tuple[str, bool]:
    """Write the plan, or only make it the active one where it stands already as it was made; give its id."""
    facts = facts_of(tables["project"])
    with project.change("delineate", {"criteria": wanted.to_json(), "name": name}) as change:
        if (change.get("edition"), change.get("base_version")) != (facts.get("edition"), facts.get("base_version")):
            raise StaleError("project_stale", where=str(project.path))
        base = change.get("active_plan_id")
        plan, known = _named(change, plan)
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
    return plan.plan_id, False


def _named(change: Change, plan: Plan) -> tuple[Plan, bool]:
    """Find a name: the same division under the same wishes is the same plan, unless that one was edited since."""
    rows = change.session.read("plans")
    wanted, number = plan.plan_id, 1
    while wanted in set(rows["plan_id"]):
        if plan_of(change.session, wanted).fingerprint == plan.fingerprint:
            return Plan(wanted, plan.edition, plan.parts), True
        number += 1
        wanted = f"{plan.plan_id}-{number}"
    return Plan(wanted, plan.edition, plan.parts), False


def _write_lineage(change: Change, plan: Plan, former_id: str, parts: pd.DataFrame) -> None:
    former = plan_of(change.session, former_id).rows().rename(columns={"unit_id": "former_unit_id"})
    joined = (
        plan.rows()
        .merge(former[["part_id", "former_unit_id"]], on="part_id")
        .merge(parts[["part_id", "households"]], on="part_id")
    )
    if joined.empty:
        return
    joined["households"] = joined["households"].fillna(0).astype(np.int64)
    rows = joined.groupby(["unit_id", "former_unit_id"], as_index=False)["households"].sum()
    rows = rows.assign(plan_id=plan.plan_id, former_plan_id=former_id, edition=plan.edition)
    change.session.append("unit_lineage", rows)

"""Cells: the ground divided among buildings, a new edition where anything changed."""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
import shapely

from govmap import contiguity
from govmap.cells import divide, tessellate
from govmap.config import Config
from govmap.delineate import edit
from govmap.errors import StaleError
from govmap.messages import Note, note
from govmap.pipeline import counting
from govmap.pipeline.report import Progress, Report, quiet
from govmap.pipeline.units import atoms, write_units
from govmap.project import BASE_TABLES, Change, Project, facts_of, plan_of
from govmap.schema import TABLES

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


def cells(project: Project, *, split_above: int | None = None, config: Config, progress: Progress = quiet) -> Report:
    """Divide the ground among the buildings: a new edition where anything changed."""
    for _ in range(TRIES):
        ground = _ground(project, split_above, config, progress)
        try:
            return _store_ground(project, ground)
        except StaleError:
            continue  # the base data changed while we worked: once more from what it is now
    raise StaleError("project_stale", where=str(project.path))


def ensure_cells(project: Project, split_above: int | None, *, config: Config, progress: Progress = quiet) -> Report:
    """Make cells where there are none, or where the base data changed since."""
    with project.store.reading() as session:
        facts = facts_of(session.read("project"))
        foreign = set(session.foreign_changes()) & set(BASE_TABLES)
    fresh = facts.get("cells_base") == facts.get("base_version", "0") and not foreign
    if fresh and _split_as_wanted(facts, split_above):
        return Report()
    kept = int(facts.get("cells_split") or 0) or None  # nobody asks now: stairwells that stand stay
    return cells(project, split_above=split_above or kept, config=config, progress=progress)


def _split_as_wanted(facts: dict[str, str], split_above: int | None) -> bool:
    was = int(facts.get("cells_split") or 0) or None
    if split_above is None or (was is not None and was <= split_above):
        return True  # finer parts do no harm: a building that fits stays whole
    return int(facts.get("cells_most") or 0) <= min(split_above, was or split_above)


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
        told += counting.recounted(change)  # what was counted for stairwells goes to the parts of now
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
    parts = session.read("parts")
    parts = parts[[name for name in parts if name in TABLES["parts_past"].names]]
    session.replace("parts_past", parts.assign(edition=former), where={"edition": former})


def _carry(change: Change, plan_id: str, ground: Ground, former_parts: pd.DataFrame, edition: int) -> list[Note]:
    """Carry one draft plan over to the new ground: what stays keeps its unit, what is new joins a neighbour."""
    session = change.session
    plan = plan_of(session, plan_id)
    tables = {"cells": ground.cells, "parts": ground.parts, "buildings": ground.buildings}
    units = session.read("units", where={"plan_id": plan_id}, columns=["unit_id", "locked"])
    locked = units.loc[units["locked"].astype("boolean").fillna(value=False).astype(bool), "unit_id"].tolist()
    carried, moves, lineage = edit.carry(
        plan, former_parts, atoms(tables), ground.graph, edition=edition, locked=locked
    )
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

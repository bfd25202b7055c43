"""The walking network of a project and the homes that people leave from, made once within a command."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
import shapely

from govmap import attach as attaching
from govmap.households import GUESSED
from govmap.messages import Note, note
from govmap.network import Network, Stops, build
from govmap.pipeline.counting import members, registers
from govmap.project import Change, Project, facts_of, now, plan_of

if TYPE_CHECKING:
    from govmap.geometry import Ints, Shapes
    from govmap.plan import Plan

GROUND = ("streets", "barriers", "compounds", "entrances")
HOMES = ("parts", "buildings", "entrances", "communities")
COUNTED = ("cells", "compounds", "residents", "imports", "plans", "plan_parts", "units")
DOOR = "door"
KNOWN = "actual"
OWN = ["part_id", "building_id", "cell_id", "community_id", "unit_id", "households", "residents", "estimated"]
METRES_IN_KM = 1000.0
WRITTEN = "changed:"


@dataclass(frozen=True)
class Homes:
    """
    Where people leave from.

    `frame` has one row a part of a building inside the boundary, sorted by `part_id`: building_id, cell_id,
    community_id, unit_id (lowest level, None without a plan), households, residents, `estimated` (the households were
    not counted), and one column an age band that registers know, missing where they do not. `units` says which rows lie
    in which unit of every level: row, unit_id, level. `stops` are the doors, row by row.
    """

    frame: pd.DataFrame
    units: pd.DataFrame
    stops: Stops


@dataclass
class _Made:
    """What was made of one state of a project."""

    state: Any
    things: dict[Any, Any]


_MADE: "WeakKeyDictionary[Project, _Made]" = WeakKeyDictionary()


def network_of(project: Project) -> Network:
    """Give the walking network of a project."""
    made = _made(project)
    if "network" not in made:
        tables = project.reading(*GROUND)
        made["network"] = build(
            tables["streets"],
            barriers=tables["barriers"],
            compounds=tables["compounds"],
            entrances=tables["entrances"],
        )
    network: Network = made["network"]
    return network


def homes(project: Project, plan_id: str | None = None) -> Homes:
    """
    Give the homes of a project with their units in a plan (the active one; none where there is no plan yet).

    A building's doors (`entrances` of kind door) are where its people leave from, else a point inside it.
    """
    wanted = plan_id or project.fact("active_plan_id")
    made = _made(project)
    if ("homes", wanted) not in made:
        made["homes", wanted] = _homes(project, wanted)
    found: Homes = made["homes", wanted]
    return found


def notes_of(network: Network, stops: Stops) -> list[Note]:
    """Say what of the network a reader of distances should know: no streets, doors that meet none, separate pieces."""
    if network.estimated:
        return [note("walk_no_streets", factor=network.detour)]
    told = []
    lost = int((~stops.connected).sum())
    if lost:
        told.append(note("walk_not_connected", count=lost))
    pieces = network.pieces_m
    if len(pieces) > 1:
        told.append(note("walk_pieces", count=len(pieces) - 1, km=round(float(pieces[1:].sum()) / METRES_IN_KM, 1)))
    return told


def _made(project: Project) -> dict[Any, Any]:
    """Give what was made of the project as it stands; forget it where anything was written since."""
    state = _state(project)
    made = _MADE.get(project)
    if made is None or made.state != state:
        made = _MADE[project] = _Made(state, {})
    return made.things


def _state(project: Project) -> Any:
    """Tell when each table that the network and the homes are made of was last written."""
    facts = project.read("project")
    asked = facts["key"].isin([f"{WRITTEN}{table}" for table in (*GROUND, *HOMES, *COUNTED)])
    return tuple(facts.loc[asked, "value"])


def _homes(project: Project, plan_id: str | None) -> Homes:
    with project.store.reading() as session:
        tables = {table: session.read(table) for table in HOMES}
        plan = plan_of(session, plan_id) if plan_id else None
        change = Change(session, now(), project.author, {**facts_of(session.read("project"))})
        ages = _ages(change, tables)
    frame = _frame(tables, plan).join(ages, on="part_id")
    stops = _stops(network_of(project), tables["buildings"], tables["entrances"])
    at = pd.Index(tables["buildings"]["building_id"]).get_indexer(frame["building_id"])
    return Homes(frame, _units(frame, plan), stops.take(at))


def _frame(tables: dict[str, pd.DataFrame], plan: "Plan | None") -> pd.DataFrame:
    """Give the parts inside the boundary with what their buildings know."""
    buildings = tables["buildings"].set_index("building_id")
    inside = tables["parts"]["building_id"].isin(buildings.index[buildings["cell_id"].notna()])
    rows = tables["parts"][inside].sort_values("part_id", ignore_index=True)
    of = buildings.reindex(rows["building_id"])
    unit = pd.Series(None, index=rows.index, dtype=object) if plan is None else rows["part_id"].map(plan.parts)
    return rows.assign(
        community_id=of["community_id"].to_numpy(object),
        unit_id=unit.astype(object).where(unit.notna(), None),
        households=rows["households"].fillna(0).astype("int64"),
        residents=rows["residents"].fillna(0).astype("int64"),
        estimated=of["households_source"].isin(GUESSED).to_numpy(bool),
    )[OWN]


def _units(frame: pd.DataFrame, plan: "Plan | None") -> pd.DataFrame:
    """Say which rows lie in which unit, level by level."""
    found = [pd.DataFrame({"row": np.zeros(0, np.int64), "unit_id": [], "level": []}, dtype=object)]
    unit, levels, parents = frame["unit_id"], plan.levels if plan else {}, plan.parents if plan else {}
    for _ in () if plan is None else plan.tiers():
        mine = unit.dropna()
        found.append(pd.DataFrame({"row": mine.index, "unit_id": mine, "level": mine.map(levels)}))
        unit = unit.map(parents)
    every = pd.concat(found, ignore_index=True).astype({"row": "int64"})
    return every.sort_values(["unit_id", "row"], ignore_index=True)


def _ages(change: Change, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Give what registers say of the age of those who live in each part, one column a band; missing is unknown."""
    residents = registers(change.session)
    if residents.empty:
        return pd.DataFrame(index=pd.Index([], name="part_id"))
    counts = attaching.by_part(
        tables["buildings"],
        residents,
        parts=tables["parts"],
        members=members(change, residents),
        communities=tables["communities"],
    )
    bands = counts[(counts["base"] == KNOWN) & ~counts["category"].isin(["households", "people", "rooms"])]
    wide = bands.pivot_table(index="part_id", columns="category", values="number", aggfunc="sum")
    return wide.astype("Int64").rename_axis(columns=None)


def _stops(network: Network, buildings: pd.DataFrame, entrances: pd.DataFrame) -> Stops:
    """Give the doors of buildings; a point inside those without a known door."""
    known = entrances[(entrances["kind"] == DOOR) & entrances["building_id"].isin(buildings["building_id"])]
    known = known.sort_values(["building_id", "entrance_id"])
    of_door = pd.Index(buildings["building_id"]).get_indexer(known["building_id"])
    rest: Ints = np.setdiff1d(np.arange(len(buildings)), of_door)
    inside: Shapes = shapely.point_on_surface(np.asarray(buildings["geometry"], object)[rest])
    points = np.concatenate([np.asarray(known["geometry"], object), np.asarray(inside, object)])
    return network.stops(points, np.concatenate([of_door, rest]), len(buildings))

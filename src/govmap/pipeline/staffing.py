"""What an assignment stands on, read from a project: units with their work, people with their walks, who was known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from govmap import catalog
from govmap.errors import InputError
from govmap.govern import duties as following
from govmap.govern.assign import People
from govmap.govern.former import known_shares
from govmap.govern.posts import post_of, posts_of
from govmap.messages import Note, note
from govmap.pipeline import walking
from govmap.plan import Plan
from govmap.project import Project, now, plan_of

if TYPE_CHECKING:
    from govmap.network import Network, Stops

TABLES = ("workers", "duties", "units", "plans", "parts", "loads", "tallies")
LONGEST_CHAIN = 5
REPLACED = following.REPLACED


@dataclass(frozen=True)
class Staff:
    """
    Everything that is known before anybody is assigned.

    `units` of every level, sorted by code; `workers` with `post`; `duties` with `post` that are in force or were set
    aside; `loads` hours a month by unit, empty where none are known; `known` unit_id, worker_id, share; `walk_min`
    workers × units and `between_min` units × units in minutes.
    """

    plan: Plan
    units: pd.DataFrame
    workers: pd.DataFrame
    duties: pd.DataFrame
    loads: "pd.Series[float]"
    known: pd.DataFrame
    wants: Mapping[str, list[list[str]]]
    walk_min: pd.DataFrame
    between_min: pd.DataFrame
    notes: tuple[Note, ...]

    def between(self, units: pd.DataFrame) -> Any:
        """Give minutes on foot between units, in their order."""
        ids = list(units["unit_id"])
        return self.between_min.reindex(index=ids, columns=ids).to_numpy(float)


def staff_of(project: Project, wants: Sequence[str] = ()) -> Staff:
    """
    Read what an assignment stands on.

    Parameters
    ----------
    wants
        `UNIT=WORD`: what somebody says that a unit wants of who answers for it.

    Raises
    ------
    PlanError
        There is no plan yet.
    InputError
        Nobody is in the list of workers, or what a unit wants is not understood.
    """
    active = project.active_plan_id()
    with project.store.reading() as session:
        tables = {name: session.read(name) for name in TABLES}
        plan = plan_of(session, active)
        formers = _formers(session, tables, active)
    workers = tables["workers"].sort_values("worker_id", ignore_index=True)
    if workers.empty:
        raise InputError("assign_nobody")
    workers = workers.assign(post=workers["role"].map(post_of).astype(object))
    units = tables["units"][tables["units"]["plan_id"] == active]
    units = units.assign(code=units["code"].fillna(units["unit_id"])).sort_values(
        ["code", "unit_id"], ignore_index=True
    )
    listed = tables["duties"].assign(state=tables["duties"]["state"].mask(tables["duties"]["state"] == REPLACED, None))
    duties = following.in_force(listed, {(active, one) for one in units["unit_id"]}, now().date())
    duties = duties.assign(post=posts_of(duties, workers))
    loads = tables["loads"][tables["loads"]["plan_id"] == active]
    network = walking.network_of(project)
    middles = network.stops(middles_of(project, units))
    ids = list(units["unit_id"])
    between = pd.DataFrame(np.nan, index=ids, columns=ids)
    for _, rows in units.reset_index(drop=True).groupby("level"):
        at, names = rows.index.to_numpy(np.int64), list(rows["unit_id"])
        stops = middles.take(at)
        between.loc[names, names] = walking_minutes(network.matrix(stops, stops))
    walk, told = _walks(network, middles, units, workers)
    return Staff(
        plan=plan,
        units=units,
        workers=workers,
        duties=duties,
        loads=loads.groupby("unit_id")["hours"].sum().astype(float),
        known=known_shares(tables["parts"], plan, formers),
        wants=_wants(units, tables["tallies"], wants),
        walk_min=walk,
        between_min=between,
        notes=tuple(told),
    )


def people(staff: Staff, post: str, units: pd.DataFrame, *, keep: bool = True) -> People:
    """Give who can have a post, with what is known between them and some units; without `keep` no former proposal."""
    rows = staff.workers[staff.workers["post"] == post].reset_index(drop=True)
    ids, wanted = list(rows["worker_id"]), list(units["unit_id"])
    known = staff.known.pivot_table(index="worker_id", columns="unit_id", values="share", aggfunc="max")
    shares = known.reindex(index=ids, columns=wanted).fillna(0.0).to_numpy(float).reshape(len(ids), len(wanted))
    walk = staff.walk_min.reindex(index=ids, columns=wanted).to_numpy(float).reshape(len(ids), len(wanted))
    words = [_words(a) + _words(b) for a, b in zip(rows["skills"], rows["languages"], strict=True)]
    frame = rows[["worker_id", "role"]].assign(hours=rows["capacity_hours_month"].astype(float))
    frame["skills"] = pd.Series(words, index=frame.index, dtype=object)
    before = staff.duties[(staff.duties["state"] == "proposed") & (staff.duties["role"].map(post_of) == post)]
    pairs = set(zip(before["worker_id"], before["unit_id"], strict=True)) if keep else set()
    proposed = np.array([[(who, unit) in pairs for unit in wanted] for who in ids], bool).reshape(walk.shape)
    return People(rows=frame, walk_min=walk, known=shares, proposed=proposed)


def _words(cell: object) -> list[str]:
    """Divide a cell of skills or languages into words."""
    text = cell if isinstance(cell, str) else ""
    for mark in "、,，;；/|\n":
        text = text.replace(mark, " · ")
    return [one.strip() for one in text.split("·") if one.strip()]


def _formers(session: Any, tables: Mapping[str, pd.DataFrame], active: str) -> list[tuple[Plan, pd.DataFrame]]:
    """Give the plan and those it goes on from, each with its duties, the newest first."""
    base = dict(zip(tables["plans"]["plan_id"], tables["plans"]["base_plan_id"], strict=True))
    found: list[tuple[Plan, pd.DataFrame]] = []
    one: Any = active
    while isinstance(one, str) and one in base and len(found) < LONGEST_CHAIN:
        rows = tables["duties"][tables["duties"]["plan_id"] == one]
        had = rows[~rows["state"].isin(["proposed", "stands_in"])] if one == active else rows
        found.append((plan_of(session, one), had))
        one = base[one]
    return found


def _walks(
    network: "Network", middles: "Stops", units: pd.DataFrame, workers: pd.DataFrame
) -> tuple[pd.DataFrame, list[Note]]:
    """Give minutes on foot from the home of each worker, as far as known, to the middle of each unit's households."""
    there = workers[workers["geometry"].notna()] if "geometry" in workers else workers.iloc[:0]
    ids = list(units["unit_id"])
    if there.empty or not ids:
        blank = pd.DataFrame(np.nan, index=list(workers["worker_id"]), columns=ids)
        return blank, [note("assign_no_homes")]
    homes = network.stops(np.asarray(there["geometry"], object))
    minutes = walking_minutes(network.matrix(homes, middles))
    told = [note("walk_no_streets", factor=network.detour)] if network.estimated else []
    if len(there) < len(workers):
        told.append(note("assign_homes_missing", count=len(workers) - len(there), of=len(workers)))
    return pd.DataFrame(minutes, index=list(there["worker_id"]), columns=ids).reindex(list(workers["worker_id"])), told


def walking_minutes(metres: Any) -> Any:
    """Give minutes on foot, nan where there is no way."""
    from govmap.network import minutes

    found = np.asarray(minutes(metres), float)
    return np.where(np.isfinite(found), found, np.nan)


def middles_of(project: Project, units: pd.DataFrame) -> Any:
    """Give for each unit the door nearest to the middle of its households; a point inside where nobody lives."""
    homes = walking.homes(project)
    doors, first = homes.stops.door, homes.stops.first
    connected = np.diff(first) > 0
    xy = np.full((len(homes.frame), 2), np.nan)
    xy[connected] = doors[first[:-1][connected]]
    weight = homes.frame["households"].to_numpy(float)
    found = shapely.point_on_surface(np.asarray(units["geometry"], object))
    rows_of = {str(unit): rows.to_numpy(np.int64) for unit, rows in homes.units.groupby("unit_id")["row"]}
    for at, unit in enumerate(units["unit_id"]):
        rows = rows_of.get(str(unit), np.zeros(0, np.int64))
        rows = rows[connected[rows] & (weight[rows] > 0)]
        if len(rows):
            middle = (xy[rows] * weight[rows, None]).sum(axis=0) / weight[rows].sum()
            far = np.hypot(*(xy[rows] - middle).T)
            found[at] = shapely.Point(xy[rows[int(far.argmin())]])
    return found


def _wants(units: pd.DataFrame, tallies: pd.DataFrame, said: Sequence[str]) -> dict[str, list[list[str]]]:
    """Say what each unit wants: by the share of people in a band, and as somebody says."""
    found: dict[str, list[list[str]]] = {str(one): [] for one in units["unit_id"]}
    residents = dict(zip(units["unit_id"], units["residents"], strict=True))
    bands = tallies[tallies["theme"] == "residents"]
    for facts in catalog.layer("roles")["wants"].values():
        rows = bands[bands["category"] == facts["measure"]]
        for unit, people_ in zip(rows["unit_id"], rows["people"], strict=True):
            total = residents.get(unit)
            if unit in found and pd.notna(total) and pd.notna(people_) and total and people_ / total >= facts["share"]:
                found[str(unit)].append(list(facts["skills"]))
    for one in said:
        unit, _, word = (text.strip() for text in one.partition("="))
        for wanted in unit_named(units, unit, one):
            found[wanted].append([word])
    return found


def unit_named(units: pd.DataFrame, word: str, given: str) -> tuple[str, ...]:
    """
    Find the units that a word means.

    Raises
    ------
    InputError
        None, or perhaps several.
    """
    from govmap.govern.units_said import Names

    meant = Names(units).meant(word, every=catalog.layer("roles")["all"]["words"])
    if not meant.units or meant.unknown or meant.ambiguous:
        raise InputError("assign_no_unit", given=given, word=word)
    return meant.units

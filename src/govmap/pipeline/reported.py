"""The incidents of a project as reports that count: by part, category, street and day, read once for all that asks."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from govmap import catalog, govern
from govmap.assess import streets as ways
from govmap.assess.chance import Floats
from govmap.assess.reports import Ints, Reports, Tier, categories_of, numbered
from govmap.households import GUESSED
from govmap.pipeline.incidents import Rules, rules_of
from govmap.plan import Plan
from govmap.project import Project, now, plan_of

READ = [
    "incident_id", "category", "sensitive", "duplicate_of", "community_id", "part_id", "cell_id", "building_id",
    "street_id", "stage", "stage_said", "reported_at", "due_at", "closed_at", "satisfied_resident", "satisfied_office",
    "import_id",
]  # fmt: skip
TABLES = {
    "parts": ["part_id", "cell_id", "building_id", "households"],
    "cells": ["cell_id", "community_id", "geometry"],
    "buildings": ["building_id", "households_source", "geometry"],
    "streets": ["street_id", "length_m", "kind", "geometry"],
}
COMMUNITY, BASE = "community", "base"
UNKNOWN_DAY = -1
HOUR = np.timedelta64(3_600_000_000, "us")


@dataclass(frozen=True)
class Window:
    """From which day to which day reports count, both included; None where nothing is said."""

    since: date | None = None
    until: date | None = None

    def holds(self, day: Ints) -> npt.NDArray[np.bool_]:
        """Tell the days inside; where an end is set, those of unknown day are not."""
        found = np.ones(len(day), dtype=bool)
        if self.since is not None:
            found &= day >= _number(self.since)
        if self.until is not None:
            found &= (day <= _number(self.until)) & (day >= 0)
        return found


@dataclass(frozen=True)
class Ground:
    """The tables that say where reports lie, and the plan."""

    tables: Mapping[str, pd.DataFrame]
    plan: Plan | None
    units: pd.DataFrame

    @cached_property
    def households(self) -> Floats:
        """Households of each part."""
        return np.asarray(self.tables["parts"]["households"].fillna(0), dtype=float)

    @cached_property
    def cell(self) -> Ints:
        """The row of the cell of each part, -1: none."""
        return _rows(self.tables["cells"]["cell_id"], self.tables["parts"]["cell_id"])

    @cached_property
    def xy(self) -> Floats:
        """A point inside the cell of each part."""
        points = shapely.get_coordinates(shapely.point_on_surface(self.tables["cells"].geometry.to_numpy()))
        return np.asarray(np.vstack([points, [[0.0, 0.0]]])[self.cell], dtype=float)

    @cached_property
    def estimated(self) -> Floats:
        """Households of each part that nobody has counted."""
        source = self.tables["buildings"].set_index("building_id")["households_source"]
        guessed = self.tables["parts"]["building_id"].map(source).isin(GUESSED).to_numpy(bool)
        found: Floats = self.households * guessed
        return found

    @cached_property
    def tiers(self) -> list[Tier]:
        """The levels of the plan, the topmost first; none without a plan."""
        found = []
        parts = self.tables["parts"]["part_id"]
        for plan in self.plan.tiers() if self.plan is not None else ():
            unit = parts.map(plan.parts)
            ids = np.array(sorted(set(unit.dropna())), dtype=object)
            named = Counter(plan.levels[one] for one in ids if one in plan.levels).most_common(1)
            level = named[0][0] if named else BASE
            found.append(self._tier(level, ids, _rows(pd.Series(ids, dtype=object), unit)))
        return found

    @cached_property
    def communities(self) -> Tier:
        """The communities, as the level over all."""
        known = self.tables["cells"]["community_id"]
        ids = np.array(sorted(set(known.dropna())), dtype=object)
        of_cell = np.append(_rows(pd.Series(ids, dtype=object), known), -1)
        return self._tier(COMMUNITY, ids, of_cell[self.cell])

    def _tier(self, level: str, ids: npt.NDArray[np.object_], of: Ints) -> Tier:
        held = np.bincount(of[of >= 0], weights=self.households[of >= 0], minlength=len(ids)).astype(float)
        return Tier(level, ids, held, of)


@dataclass(frozen=True)
class Taken:
    """
    What counts, what not and why.

    `frame` holds the reports that count, sensitive ones left out: incident_id, community_id, `part` (row of parts or
    -1), `street` (row of streets or -1), `day` (since 1970 by the office's clock, -1: unknown), category (None where it
    has none or is too rare to be looked at alone), and what `answering` asks. `categories` are those looked at alone.
    """

    frame: pd.DataFrame
    categories: tuple[str, ...]
    left: Mapping[str, int]
    secret: "pd.Series[Any]"
    rules: Rules

    @property
    def placed(self) -> pd.DataFrame:
        """The reports that lie in a part."""
        return self.frame[self.frame["part"] >= 0]

    def reports(self, rows: pd.DataFrame) -> Reports:
        """Give rows of `frame` as arrays."""
        category = numbered(rows["category"], self.categories)
        return Reports(np.asarray(rows["part"], dtype=np.int64), category, self.categories)


def ground_of(project: Project) -> Ground:
    """Read where reports can lie, and the active plan where it stands on the cells of now."""
    active = project.fact("active_plan_id")
    with project.store.reading() as session:
        tables = {name: session.read(name, columns=list(columns)) for name, columns in TABLES.items()}
        plan = plan_of(session, active) if active else None
        here = plan is not None and plan.edition == project.edition
        units = session.read("units", where={"plan_id": [active] if here else []})
    return Ground(tables, plan if here else None, units)


def taken(project: Project, ground: Ground, window: Window) -> Taken:
    """
    Read the incidents and take those that count.

    Those of sensitive kinds are only counted by community. What an office accepted as a repeat counts with what it
    repeats; what lies outside the window or in no community does not count.
    """
    rules = rules_of(project.fact)
    rows = project.read("incidents", columns=READ)
    day = _days(rows["reported_at"], rules.zone)
    repeat, inside = rows["duplicate_of"].notna().to_numpy(), window.holds(day)
    secret = rows["sensitive"].fillna(value=False).to_numpy(bool)
    part = _part_of(rows, ground.tables["parts"])
    here = (part >= 0) | rows["community_id"].notna().to_numpy()
    counts = inside & ~repeat
    kept = counts & here & ~secret
    frame = rows[kept].assign(
        day=day[kept],
        part=part[kept],
        street=_rows(ground.tables["streets"]["street_id"], rows.loc[kept, "street_id"]),
    )
    layer = catalog.layer("reports")["categories"]
    categories = categories_of(frame["category"], least=layer["least"], most=layer["most"])
    frame["category"] = frame["category"].astype(object).where(frame["category"].isin(categories), None)
    left = {
        "repeats": int((repeat & inside).sum()),
        "sensitive": int((secret & counts).sum()),
        "outside_window": int((~inside).sum()),
        "elsewhere": int((counts & ~here & ~secret).sum()),
        "without_day": int((frame["day"] < 0).sum()),
        "without_part": int((frame["part"] < 0).sum()),
        "other_categories": int(frame["category"].isna().sum()),
    }
    return Taken(frame, categories, left, rows.loc[secret & counts, "community_id"], rules)


def with_streets(rows: pd.DataFrame, ground: Ground, rules: Mapping[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Put reports on streets: that of their own where a list named one, else the nearest to their building.

    Returns
    -------
    rows, streets
        The reports, `street` filled; the streets with `lived`: whether a building or a report is along it.
    """
    streets = ground.tables["streets"]
    road = np.flatnonzero(~streets["kind"].isin(rules["beside"]).to_numpy())
    lines = streets.geometry.to_numpy()[road]
    buildings = ground.tables["buildings"]
    near = np.append(ways.along(buildings.geometry.to_numpy(), lines, within_m=rules["within_m"]), -1)
    of_building = np.append(road, -1)[near]
    own = rows["street"].to_numpy(np.int64)
    by_home = of_building[_rows(buildings["building_id"], rows["building_id"])]
    street = np.where(own >= 0, own, by_home)
    lived = np.zeros(len(streets) + 1, dtype=bool)
    lived[of_building] = True
    lived[street] = True
    return rows.assign(street=street), streets[["street_id", "length_m"]].assign(lived=lived[:-1])


def cases_of(rows: pd.DataFrame, rules: Rules, layer: Mapping[str, Any]) -> pd.DataFrame:
    """
    Give how far each case is; lists that tell of no stage and no end at all are records and no cases.

    Cases not taken on and those put together with another are left out.
    """
    told = rows[["stage", "stage_said", "closed_at"]].notna().any(axis=1)
    known = told.groupby(rows["import_id"].fillna("")).transform("any")
    void = set(layer["void"].get(rules.lifecycle.name, ()))
    rows = rows[known & ~rows["stage"].isin(void)]
    closed = rows["closed_at"].notna()
    first = [rules.lifecycle.first]
    hours = (pd.to_datetime(rows["closed_at"], utc=True) - pd.to_datetime(rows["reported_at"], utc=True)) / HOUR
    done = rows["stage"].isin(rules.lifecycle.terminal) | closed
    return rows.assign(
        done=done,
        staged=rows["stage"].notna() | closed,
        waiting=rows["stage"].isin(layer["waiting"].get(rules.lifecycle.name, first)) & ~done,
        overdue=govern.overdue(rows, pd.Timestamp(now()), terminal=rules.lifecycle.terminal),
        hours=hours.clip(lower=0).where(done),
        satisfied_resident=rows["satisfied_resident"].astype("Float64"),
        satisfied_office=rows["satisfied_office"].astype("Float64"),
    )


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _days(at: "pd.Series[Any]", zone: str) -> Ints:
    """Give days since 1970 by the office's clock."""
    moments = pd.to_datetime(at, utc=True)
    local = moments.dt.tz_convert(zone).dt.tz_localize(None).to_numpy("datetime64[D]")
    unknown = np.isnat(local)
    found: Ints = np.where(unknown, UNKNOWN_DAY, local.astype(np.int64))
    return found


def _rows(known: "pd.Series[Any]", wanted: "pd.Series[Any]") -> Ints:
    """Give the row of each wanted id, -1 where it is unknown."""
    return np.asarray(pd.Index(known.astype(object)).get_indexer(pd.Index(wanted.astype(object))), dtype=np.int64)


def _part_of(rows: pd.DataFrame, parts: pd.DataFrame) -> Ints:
    """Give the part of each report: its own, else the first of its building, else the first of its cell."""
    found = _rows(parts["part_id"], rows["part_id"])
    for name in ("building_id", "cell_id"):
        first = parts.dropna(subset=name).drop_duplicates(name)
        at = np.append(first.index.to_numpy(np.int64), -1)[_rows(first[name], rows[name])]
        found = np.where(found >= 0, found, at)
    return found.astype(np.int64)

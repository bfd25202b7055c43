"""What may leave the house: tables and an audience in, `Released` out, the only thing render and exports accept.

Columns pass by an allow-list. The public sees counts of people by unit alone, none of fewer than k, and none that the
totals would give away: where a unit is withheld, others are withheld with it until the withheld ones together hold k
people or more. Everyone beyond the public is inside the office (`--internal`). Differences between two publications
are not looked at here yet: what was published is written down so that they can be.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from govmap import catalog
from govmap.messages import Note, note
from govmap.schema import TABLES

Audience: TypeAlias = Literal["public", "official", "planner", "worker"]
Tables: TypeAlias = Mapping[str, pd.DataFrame]

SPLIT_HOUSEHOLDS = 40
SENSITIVE_KINDS = frozenset({"violence", "child", "suicide", "mental_health", "family"})
WITHHELD_USES = frozenset({"military", "barracks", "bunker", "prison", "refuge"})
WITHHELD_CLASSES = WITHHELD_USES | {"danger_area", "naval_base", "airfield_military"}
GUESSED = ("estimated", "spread")

PUBLIC: Mapping[str, str] = {
    "communities": "community_id name name_zh code geometry",
    "buildings": "building_id community_id compound_id name use levels height_m status unit_id geometry",
    "addresses": "address_id building_id street house_number full geometry",
    "compounds": "compound_id name name_zh kind geometry",
    "barriers": "barrier_id kind name strength on_ground geometry",
    "streets": "street_id kind name walkable geometry",
    "features": "feature_id kind class name name_zh geometry",
    "cells": "cell_id edition community_id building_id compound_id block_id area_m2 straddles geometry",
    "parts": "part_id building_id cell_id entrance floor_from floor_to",
    "plans": "plan_id name edition status created_at",
    "plan_parts": "plan_id part_id unit_id",
    "units": "plan_id unit_id community_id code parent_unit_id level kind name households residents buildings area_m2"
    " compactness responsible_org meeting_place bounds_text valid_from valid_to withheld estimated_share geometry",
    "zones": "zone_id kind name geometry",
    "resources": "resource_id category name provider_type provider_seat serves terms reach_min capacity capacity_unit"
    " hours shared building_id unit_id geometry",
    "tallies": "plan_id unit_id theme category count people",
    "totals": "community_id theme category count",
}
INTERNAL: Mapping[str, str] = {
    "buildings": "cell_id reason osm_id dwellings households households_low households_high residents shops workplaces"
    " households_source outline_source edited_by_hand",
    "addresses": "entrance source",
    "entrances": "entrance_id building_id compound_id kind geometry",
    "compounds": "households",
    "parts": "households residents source",
    "units": "locked out_of_band_reason",
    "unit_lineage": "plan_id unit_id former_plan_id former_unit_id edition households",
    "zones": "stakeholders",
    "resources": "contact_role osm_id",
    "incidents": "incident_id kind category severity stage reported_at due_at closed_at building_id unit_id geometry",
    "workers": "worker_id name office_phone role organisation",
    "duties": "worker_id plan_id unit_id role share from to",
    "gaps": "plan_id unit_id category standard people_short share_short reason site_id walk_min",
}
PERSONAL_INSIDE: Mapping[str, frozenset[str]] = {"workers": frozenset({"name", "office_phone"})}
PLAN_TABLES = ("plans", "plan_parts", "units", "unit_lineage", "tallies", "duties", "gaps")


@dataclass(frozen=True)
class Released:
    """Tables that one audience may see; made by `release` alone."""

    tables: Tables
    audience: Audience
    plan_id: str
    edition: int
    k: int
    at: datetime
    suppressed: tuple[Mapping[str, Any], ...]
    publications: pd.DataFrame
    privacy_report: Mapping[str, Any]
    estimated_share: float | None = None
    notes: tuple[Note, ...] = ()

    @property
    def internal(self) -> bool:
        """Tell whether this must stay inside the office."""
        return self.audience != "public"


@dataclass(frozen=True)
class Suppressed:
    """Which rows are withheld, for themselves or for another's sake, and the groups whose total is withheld too."""

    primary: NDArray[np.bool_]
    complementary: NDArray[np.bool_]
    totals: frozenset[Any]

    @property
    def rows(self) -> NDArray[np.bool_]:
        """Every row withheld."""
        return self.primary | self.complementary


def release(
    tables: Tables,
    *,
    audience: Audience,
    plan_id: str,
    edition: int,
    k: int = 10,
    previous: pd.DataFrame | None = None,
    at: datetime,
) -> Released:
    """
    Let through what one audience may see of a plan.

    Parameters
    ----------
    tables
        Tables of the project by name; of tables that hold several plans only the rows of `plan_id` pass.
    audience
        `public` gets aggregates; the others are inside the office.
    edition
        Edition of the cells that the plan stands on.
    k
        Fewest people that a published count may stand for.
    previous
        The table `publications`: a publication already written there is not written again.
    at
        Moment of publication, with its zone.
    """
    ours = _of_plan(tables, plan_id)
    open_, held = (_withhold_places(ours)) if audience == "public" else (ours, {})
    homes = _homes(open_)
    made, suppressed, unsure = _counts(open_, homes, k=k, public=audience == "public")
    passed, dropped = _columns({**open_, **made}, audience)
    rows = _publications(passed, homes, audience, plan_id, edition, at)
    if previous is not None and not rows.empty and rows["publication_id"].iat[0] in set(previous["publication_id"]):
        rows = rows.iloc[:0]
    report = _report(passed, dropped, suppressed, {**held, **unsure}, (audience, plan_id, edition, k, at))
    share = _guessed_overall(open_, homes)
    return Released(passed, audience, plan_id, edition, k, at, suppressed, rows, report, share, _notes(report))


def _of_plan(tables: Tables, plan_id: str) -> dict[str, pd.DataFrame]:
    """Sort every table by its key and keep the rows of one plan."""
    kept: dict[str, pd.DataFrame] = {}
    for name in sorted(tables):
        frame = tables[name]
        if name in PLAN_TABLES and "plan_id" in frame:
            frame = frame[frame["plan_id"] == plan_id]
        key = [column for column in TABLES[name].key if column in frame] if name in TABLES else []
        kept[name] = (frame.sort_values(key, kind="stable") if key else frame).reset_index(drop=True)
    return kept


def _withhold_places(tables: Tables) -> tuple[dict[str, pd.DataFrame], dict[str, int]]:
    """Take out places whose whereabouts must not be published, with everything that stands on them."""
    kept = dict(tables)
    hidden = _column(tables.get("buildings"), "use").isin(WITHHELD_USES)
    ids = set(_column(tables.get("buildings"), "building_id")[hidden]) if hidden.any() else set()
    secret = {name for name, facts in _resource_layers().items() if facts["layer"].get("publish") is False}
    drop = {
        "buildings": lambda frame: _column(frame, "building_id").isin(ids),
        "addresses": lambda frame: _column(frame, "building_id").isin(ids),
        "cells": lambda frame: _column(frame, "building_id").isin(ids),
        "features": lambda frame: _column(frame, "class").isin(WITHHELD_CLASSES),
        "resources": lambda frame: (
            _column(frame, "building_id").isin(ids)
            | _column(frame, "category").isin(secret | WITHHELD_USES)
            | _column(frame, "provider_type").eq("resident")
        ),
    }
    held: dict[str, int] = {}
    for name in drop.keys() & kept.keys():
        gone = drop[name](kept[name])
        held[f"{name}_withheld"] = int(gone.sum())
        kept[name] = kept[name][~gone].reset_index(drop=True)
    return kept, held


def _resource_layers() -> Mapping[str, Mapping[str, Any]]:
    return catalog.layers("resources") if (catalog.folder() / "resources").is_dir() else {}


def _column(frame: pd.DataFrame | None, name: str) -> "pd.Series[Any]":
    """Give a column, empty or of nulls where it is missing."""
    if frame is None:
        return pd.Series([], dtype=object)
    return frame[name] if name in frame else pd.Series([None] * len(frame), index=frame.index, dtype=object)


@dataclass(frozen=True)
class _Homes:
    """The unit of every part, building and cell, and the parts of every unit."""

    part: Mapping[str, str]
    building: Mapping[str, str]
    cell: Mapping[str, str]
    parts: Mapping[str, list[str]]

    def of(self, frame: pd.DataFrame) -> "pd.Series[Any]":
        """Give the unit of rows that name a part, a building or a cell."""
        unit = _column(frame, "part_id").map(self.part)
        unit = unit.fillna(_column(frame, "building_id").map(self.building))
        unit = unit.fillna(_column(frame, "cell_id").map(self.cell))
        return unit.astype(object).where(unit.notna(), None)


def _homes(tables: Tables) -> _Homes:
    """Find the unit of each part; a building or cell of several units counts with the one of most households."""
    if "parts" not in tables or "plan_parts" not in tables:
        return _Homes({}, {}, {}, {})
    placed = tables["plan_parts"][["part_id", "unit_id"]].dropna().merge(tables["parts"], on="part_id", how="left")
    placed["weight"] = _numbers(placed, "households")

    def most(place: str) -> dict[str, str]:
        sums = placed.groupby([place, "unit_id"], sort=True)["weight"].sum().reset_index()
        first = sums.sort_values([place, "weight", "unit_id"], ascending=[True, False, True], kind="stable")
        return dict(first.drop_duplicates(place)[[place, "unit_id"]].itertuples(index=False, name=None))

    members = placed.sort_values("part_id").groupby("unit_id")["part_id"].agg(list).to_dict()
    part = dict(placed[["part_id", "unit_id"]].itertuples(index=False, name=None))
    return _Homes(part, most("building_id"), most("cell_id"), members)


def _numbers(frame: pd.DataFrame | None, name: str) -> "pd.Series[float]":
    return pd.to_numeric(_column(frame, name), errors="raise").fillna(0).astype(float)


def _counts(
    tables: Tables, homes: _Homes, *, k: int, public: bool
) -> tuple[dict[str, pd.DataFrame], tuple[Mapping[str, Any], ...], dict[str, int]]:
    """Bring units, tallies and totals into the form the audience may see, and say what was withheld."""
    made = {
        name: tables[name].assign(unit_id=homes.of(tables[name]))
        for name in ("buildings", "resources")
        if name in tables
    }
    units = tables["units"].assign(withheld=None, estimated_share=_guessed(tables, homes))
    incidents, unsure = _incidents(tables.get("incidents"), homes)
    if incidents is not None:
        made["incidents"] = incidents[~incidents["hidden"]].drop(columns="hidden").reset_index(drop=True)
    tallies = _tallies(tables.get("tallies"), made.get("incidents"), units, by_category=not public)
    if not public:
        return {**made, "units": units, "tallies": tallies, "totals": _totals(units, tallies, incidents)}, (), unsure
    closed = _Closed(units, tallies, k)
    totals = _totals(units, tallies, incidents)
    made |= {"units": closed.units(), "tallies": closed.tallies(), "totals": closed.totals(totals)}
    return made, closed.list(), unsure


def _guessed(tables: Tables, homes: _Homes) -> NDArray[np.float64]:
    """Share of each unit's households that is estimated, in hundredths."""
    units = tables["units"]["unit_id"]
    sums = _guesses(tables, homes)
    share = (sums["guess"] / sums["weight"].where(sums["weight"] > 0)).round(2)
    return np.asarray(units.map(share), dtype=float)


def _guessed_overall(tables: Tables, homes: _Homes) -> float | None:
    """Share of all households in units that is estimated."""
    sums = _guesses(tables, homes).sum()
    return round(float(sums["guess"] / sums["weight"]), 2) if sums["weight"] > 0 else None


def _guesses(tables: Tables, homes: _Homes) -> pd.DataFrame:
    """Households of each unit, and how many of them nobody has counted building by building."""
    if "buildings" not in tables or "parts" not in tables or not homes.part:
        return pd.DataFrame({"guess": [], "weight": []}, dtype=float)
    source = _column(tables["buildings"], "households_source").set_axis(tables["buildings"]["building_id"])
    parts = tables["parts"]
    parts = parts.assign(unit=parts["part_id"].map(homes.part), weight=_numbers(parts, "households"))
    parts["guess"] = parts["weight"].where(parts["building_id"].map(source).isin(GUESSED), 0.0)
    return parts.groupby("unit")[["guess", "weight"]].sum()


def _incidents(incidents: pd.DataFrame | None, homes: _Homes) -> tuple[pd.DataFrame | None, dict[str, int]]:
    """Give incidents their unit and mark those of sensitive kinds, which never stand below the community."""
    if incidents is None:
        return None, {}
    kind, category = _column(incidents, "kind"), _column(incidents, "category")
    flag = _column(incidents, "sensitive").fillna(value=False).astype(bool)
    hidden = flag | kind.isin(SENSITIVE_KINDS) | category.isin(SENSITIVE_KINDS)
    return incidents.assign(unit_id=homes.of(incidents), hidden=hidden), {"incidents_sensitive": int(hidden.sum())}


def _tallies(
    tallies: pd.DataFrame | None, incidents: pd.DataFrame | None, units: pd.DataFrame, *, by_category: bool
) -> pd.DataFrame:
    """Keep the tallies of people and resources; count incidents anew from those that may be told."""
    names = ["unit_id", "theme", "category", "count", "people"]
    kept = pd.DataFrame(columns=names) if tallies is None else tallies[tallies["theme"] != "incidents"][names]
    if incidents is None:
        return kept.reset_index(drop=True)
    told = incidents[incidents["unit_id"].notna()]
    told = told.assign(theme="incidents", category=told["category"].fillna("other") if by_category else "all")
    counts = told.groupby(["unit_id", "theme", "category"]).size().rename("count").reset_index().assign(people=None)
    both = [frame for frame in (kept, counts[names]) if not frame.empty]
    joined = pd.concat([frame.astype(object) for frame in both], ignore_index=True) if both else kept
    return joined[joined["unit_id"].isin(set(units["unit_id"]))].reset_index(drop=True)


def _totals(units: pd.DataFrame, tallies: pd.DataFrame, incidents: pd.DataFrame | None) -> pd.DataFrame:
    """Sum households, residents and tallies over the topmost units of each community."""
    top = units[_column(units, "parent_unit_id").isna()]
    where = dict(top[["unit_id", "community_id"]].itertuples(index=False, name=None))
    rows = [
        top.assign(theme="base", category=name, count=_numbers(top, name))[
            ["community_id", "theme", "category", "count"]
        ]
        for name in ("households", "residents")
    ]
    summed = tallies.assign(community_id=tallies["unit_id"].map(where))
    summed["count"] = _numbers(summed, "people").where(_column(summed, "people").notna(), _numbers(summed, "count"))
    rows.append(summed[["community_id", "theme", "category", "count"]])
    if incidents is not None:
        secret = incidents[incidents["hidden"]]
        rows.append(
            pd.DataFrame(
                {
                    "community_id": secret["unit_id"].map(where),
                    "theme": "incidents",
                    "category": "sensitive",
                    "count": 1.0,
                }
            )
        )
    all_ = pd.concat([row.astype(object) for row in rows], ignore_index=True).dropna(subset="community_id")
    return all_.groupby(["community_id", "theme", "category"], sort=True)["count"].sum().astype(float).reset_index()


def suppress(
    values: NDArray[np.float64], groups: NDArray[Any], k: int, *, forced: NDArray[np.bool_] | None = None
) -> Suppressed:
    """
    Withhold rows under k, and as many more that no total gives them away.

    Parameters
    ----------
    values
        One row a unit, one column a statistic; a row is withheld or shown as a whole.
    groups
        The group whose totals are published beside its rows.
    forced
        Rows withheld for another reason.
    """
    primary = ((values > 0) & (values < k)).any(axis=1)
    if forced is not None:
        primary |= forced & (values > 0).any(axis=1)
    hidden = primary.copy()
    lost = set()
    for group in sorted(set(groups[primary])):
        if not _complete(values, hidden, np.flatnonzero(groups == group), k):
            lost.add(group)
    return Suppressed(primary, hidden & ~primary, frozenset(lost))


def _complete(values: NDArray[np.float64], hidden: NDArray[np.bool_], rows: NDArray[np.intp], k: int) -> bool:
    """Withhold the smallest rows of a group until what is withheld is k or more; false where none is left to take."""
    while True:
        inside = values[rows[hidden[rows]]]
        total, filled = inside.sum(axis=0), (inside > 0).sum(axis=0)
        weak = (total > 0) & ((total < k) | (filled < 2))  # noqa: PLR2004 - one alone is total minus the rest
        if not weak.any():
            return True
        column = int(np.flatnonzero(weak)[0])
        left = rows[~hidden[rows] & (values[rows, column] > 0)]
        if len(left) == 0:
            return False
        hidden[left[np.lexsort((left, values[left, column]))[0]]] = True


class _Closed:
    """The public's form of units, tallies and totals, with what was taken out of them."""

    def __init__(self, units: pd.DataFrame, tallies: pd.DataFrame, k: int) -> None:
        self._units, self._tallies, self._k = units, tallies, k
        self._depth = _depths(units)
        residents, households = _numbers(units, "residents"), _numbers(units, "households")
        people = residents.where(residents > 0, households).to_numpy()
        self._base = self._level_by_level(people[:, None], np.zeros(len(units), bool))
        small = (households < SPLIT_HOUSEHOLDS).to_numpy() | self._base.rows
        themes = tallies["theme"].isin(["resources", "incidents"])
        self._split = self._level_by_level(self._matrix(tallies[~themes]), small)
        self._told = self._level_by_level(
            self._matrix(tallies[tallies["theme"] == "incidents"]), np.zeros(len(units), bool)
        )

    def _matrix(self, tallies: pd.DataFrame) -> NDArray[np.float64]:
        value = _numbers(tallies, "people").where(_column(tallies, "people").notna(), _numbers(tallies, "count"))
        columns = tallies["theme"].astype(str) + "/" + tallies["category"].astype(str)
        table = value.groupby([tallies["unit_id"], columns]).sum().unstack(fill_value=0)
        found = table.reindex(self._units["unit_id"]).fillna(0).to_numpy(dtype=float)
        return found if found.shape[1] else np.zeros((len(self._units), 1))

    def _level_by_level(self, values: NDArray[np.float64], forced: NDArray[np.bool_]) -> Suppressed:
        """From the top down: the parts of a withheld whole are withheld, or they would add up to it."""
        parent, unit = _column(self._units, "parent_unit_id"), self._units["unit_id"]
        group = parent.fillna(_column(self._units, "community_id")).fillna("").to_numpy()
        primary, complementary = np.zeros(len(unit), bool), np.zeros(len(unit), bool)
        lost: set[Any] = set()
        for depth in range(int(self._depth.max(initial=-1)) + 1):
            here = self._depth == depth
            gone = set(unit[primary | complementary])
            found = suppress(values[here], group[here], self._k, forced=(forced | parent.isin(gone).to_numpy())[here])
            primary[here], complementary[here] = found.primary, found.complementary
            lost |= found.totals
        return Suppressed(primary, complementary, frozenset(lost))

    def units(self) -> pd.DataFrame:
        """Units with the counts that may be told."""
        why = np.where(self._base.primary, "under_k", np.where(self._base.complementary, "complementary", ""))
        shown = self._units.assign(withheld=pd.Series(why, dtype=object).where(why != "", None))
        for name in ("households", "residents", "estimated_share"):
            if name in shown:
                shown[name] = shown[name].astype(object).where(~self._base.rows, None)
        return shown

    def tallies(self) -> pd.DataFrame:
        """Tallies with nulls where a count is withheld."""
        gone = {"split": self._names(self._split.rows), "incidents": self._names(self._told.rows)}
        theme, unit = self._tallies["theme"], self._tallies["unit_id"]
        hidden = (theme == "incidents") & unit.isin(gone["incidents"])
        hidden |= ~theme.isin(["resources", "incidents"]) & unit.isin(gone["split"])
        shown = self._tallies.copy()
        for name in ("count", "people"):
            shown[name] = shown[name].astype(object).where(~hidden & shown[name].notna(), None)
        return shown

    def totals(self, totals: pd.DataFrame) -> pd.DataFrame:
        """Totals of the communities, without those under k and those that would give a unit away."""
        theme, value = totals["theme"], totals["count"]
        lost = {"base": self._base.totals, "incidents": self._told.totals}
        hidden = pd.Series(
            [
                one in lost.get(name, self._split.totals)
                for one, name in zip(totals["community_id"], theme, strict=True)
            ],
            dtype=bool,
        )
        hidden |= (theme != "resources") & (value > 0) & (value < self._k)
        return totals.assign(count=value.astype(object).where(~hidden, None))

    def _names(self, rows: NDArray[np.bool_]) -> set[str]:
        return set(self._units["unit_id"][rows])

    def list(self) -> tuple[Mapping[str, Any], ...]:
        """One entry a unit and statistic withheld."""
        found = [("base", self._base), ("split", self._split), ("incidents", self._told)]
        return tuple(
            {"unit_id": str(self._units["unit_id"].iat[row]), "statistic": name, "reason": reason}
            for name, one in found
            for reason, rows in (("under_k", one.primary), ("complementary", one.complementary))
            for row in np.flatnonzero(rows)
        )


def _depths(units: pd.DataFrame) -> NDArray[np.int64]:
    """How many levels lie above each unit."""
    parent = dict(zip(units["unit_id"], _column(units, "parent_unit_id"), strict=True))
    depth = np.zeros(len(units), np.int64)
    above = units["unit_id"].map(parent)
    while above.isin(list(parent)).any():
        depth += above.isin(list(parent)).to_numpy()
        above = above.map(parent)
    return depth


def _columns(tables: Tables, audience: Audience) -> tuple[dict[str, pd.DataFrame], dict[str, list[str]]]:
    """Keep the columns on the list; say what was left behind, whole tables too."""
    kept: dict[str, pd.DataFrame] = {}
    dropped: dict[str, list[str]] = {}
    for name, frame in tables.items():
        allowed = _allowed(name, audience)
        names = [column for column in allowed if column in frame]
        dropped[name] = [str(column) for column in frame.columns if column not in names]
        if names:
            kept[name] = frame[names].copy()
    return kept, dropped


def _allowed(table: str, audience: Audience) -> list[str]:
    names = PUBLIC.get(table, "").split()
    if audience == "public":
        personal = TABLES[table].personal if table in TABLES else frozenset()
    else:
        names = [*(one for one in names if one != "geometry"), *INTERNAL.get(table, "").split()]
        names += ["geometry"] if "geometry" in PUBLIC.get(table, "").split() and "geometry" not in names else []
        personal = (TABLES[table].personal if table in TABLES else frozenset()) - PERSONAL_INSIDE.get(
            table, frozenset()
        )
    return [one for one in names if one not in personal]


def _publications(
    tables: Tables, homes: _Homes, audience: Audience, plan_id: str, edition: int, at: datetime
) -> pd.DataFrame:
    """Write down what the public gets of people: one row a statistic and area, the area as its parts."""
    if audience != "public":
        return pd.DataFrame(columns=TABLES["publications"].names)
    units = tables["units"].set_index("unit_id")
    area = {unit: " ".join(homes.parts.get(unit, [])) or str(unit) for unit in units.index}
    rows = [
        (name, area[unit], _value(value))
        for name in ("households", "residents")
        if name in units
        for unit, value in units[name].items()
    ]
    tallies = tables["tallies"][tables["tallies"]["theme"] != "resources"]
    rows += [
        (f"{one.theme}/{one.category}", area[one.unit_id], _value(one.people if pd.notna(one.people) else one.count_))
        for one in tallies.rename(columns={"count": "count_"}).itertuples()
    ]
    rows.sort()
    told = json.dumps([audience, plan_id, edition, rows], ensure_ascii=False)
    name = "p" + hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return pd.DataFrame(
        [(name, at, audience, plan_id, edition, *row) for row in rows], columns=TABLES["publications"].names
    )


def _value(value: Any) -> str:
    return json.dumps({"value": None if pd.isna(value) else int(value)})


def _report(
    tables: Tables,
    dropped: Mapping[str, list[str]],
    suppressed: tuple[Mapping[str, Any], ...],
    held: Mapping[str, int],
    facts: tuple[str, str, int, int, datetime],
) -> dict[str, Any]:
    """Say what passed, what was left behind and why."""
    audience, plan_id, edition, k, at = facts
    return {
        "audience": audience,
        "plan_id": plan_id,
        "edition": edition,
        "k": k,
        "at": at.isoformat(),
        "tables": {
            name: {"rows": len(frame), "columns": list(frame.columns), "dropped": dropped[name]}
            for name, frame in sorted(tables.items())
        },
        "tables_withheld": sorted(set(dropped) - set(tables)),
        "rows_withheld": {name: count for name, count in sorted(held.items()) if count},
        "suppressed": [dict(one) for one in suppressed],
        "differencing_checked": False,
    }


def _notes(report: Mapping[str, Any]) -> tuple[Note, ...]:
    """What a user should know of it."""
    units = {one["unit_id"] for one in report["suppressed"]}
    told = [note("publish_suppressed", count=len(units), k=report["k"])] if units else []
    places = sum(count for name, count in report["rows_withheld"].items() if name.endswith("_withheld"))
    if places:
        told.append(note("publish_places_withheld", count=places))
    if report["rows_withheld"].get("incidents_sensitive"):
        told.append(note("publish_sensitive", count=report["rows_withheld"]["incidents_sensitive"]))
    return tuple(told)


def crs_of(released: Released) -> Any:
    """Give the metric system of the released shapes."""
    for frame in released.tables.values():
        if isinstance(frame, gpd.GeoDataFrame) and "geometry" in frame and frame.crs is not None:
            return frame.crs
    return None

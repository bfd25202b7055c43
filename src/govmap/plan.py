"""Plan: which part lies in which unit, an immutable value; and what follows from it, outlines and sums."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from govmap.errors import PlanError

if TYPE_CHECKING:
    import geopandas as gpd

NAMED = 10
HELD = ("households", "residents")
Objects = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Plan:
    """
    Which part lies in which unit.

    `parts` holds the unit of each part, by part id and sorted: that of the lowest level, where units nest. `parents`
    holds the unit above of each unit that has one, `levels` the name of each unit's level where it is known. Two plans
    are equal when id, edition, all parts and all parents are.
    """

    plan_id: str
    edition: int
    parts: pd.Series
    parents: Mapping[str, str] = field(default_factory=dict)
    levels: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        parts = self.parts.astype(object).sort_index(kind="stable")
        if parts.index.has_duplicates:
            twice = sorted(set(parts.index[parts.index.duplicated()]))
            raise PlanError("delineate_part_twice", parts=named(twice), count=len(twice))
        parts.index.name, parts.name = "part_id", "unit_id"
        object.__setattr__(self, "parts", parts)

    @classmethod
    def of(cls, plan_id: str, edition: int, rows: pd.DataFrame) -> "Plan":
        """Make a plan of rows with part_id and unit_id, as `plan_parts` holds them."""
        return cls(plan_id, edition, pd.Series(rows["unit_id"].to_numpy(), index=rows["part_id"].to_numpy()))

    @classmethod
    def empty(cls, plan_id: str, edition: int) -> "Plan":
        """Make a plan without parts, where a chain of revisions begins."""
        return cls(plan_id, edition, pd.Series([], index=pd.Index([], dtype=object), dtype=object))

    def __eq__(self, other: object) -> bool:
        same = isinstance(other, Plan) and (self.plan_id, self.edition) == (other.plan_id, other.edition)
        return same and isinstance(other, Plan) and self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash((self.plan_id, self.edition, self.fingerprint))

    @property
    def fingerprint(self) -> str:
        """Give a short text that is the same for the same parts in the same units."""
        links = sorted(self.parents.items())
        rows = "\n".join(f"{one}\t{other}" for one, other in (*self.parts.items(), *links))
        return hashlib.sha256(rows.encode()).hexdigest()[:16]

    @property
    def units(self) -> list[str]:
        """Ids of the units, sorted."""
        return list(self._units)

    @cached_property
    def _units(self) -> list[str]:
        return sorted(pd.unique(self.parts))

    def members(self, unit: str) -> list[str]:
        """Ids of the parts of a unit, sorted."""
        return list(self.parts.index[self.parts == unit])

    def nested(self, units: pd.DataFrame) -> "Plan":
        """Give the plan with the parents and levels of rows of `units`; units of other plans are passed over."""
        mine = units[units["plan_id"] == self.plan_id] if "plan_id" in units else units
        above, level = mine["parent_unit_id"], mine["level"]
        parents = {str(one): str(over) for one, over in zip(mine["unit_id"], above, strict=True) if not pd.isna(over)}
        levels = {str(one): str(name) for one, name in zip(mine["unit_id"], level, strict=True) if not pd.isna(name)}
        return replace(self, parents=parents, levels=levels)

    def lifted(self) -> "Plan | None":
        """Give the same ground by the units one level up, None where nothing is above; a unit without parent stays."""
        if not any(unit in self.parents for unit in self._units):
            return None
        return replace(self, parts=self.parts.map(lambda unit: self.parents.get(unit, unit)))

    def tiers(self) -> "list[Plan]":
        """
        Give the plan on every level, the topmost first and the plan itself last.

        Raises
        ------
        PlanError
            A unit lies above itself.
        """
        return list(self._tiers)

    @cached_property
    def _tiers(self) -> "list[Plan]":
        found, above = [self], self.lifted()
        while above is not None:
            if len(found) > len(self.parents):
                raise PlanError("delineate_parents_in_a_ring", plan=self.plan_id)
            found.append(above)
            above = above.lifted()
        return found[::-1]

    def lies_as(self, other: "Plan") -> bool:
        """Tell whether another plan has the same parts in the same units, of the lowest level."""
        same = self.parts.index.equals(other.parts.index)
        return same and np.array_equal(self.parts.to_numpy(dtype=object), other.parts.to_numpy(dtype=object))

    def rows(self) -> pd.DataFrame:
        """Give the rows of `plan_parts`."""
        return pd.DataFrame(
            {"plan_id": self.plan_id, "part_id": self.parts.index.to_numpy(), "unit_id": self.parts.to_numpy()}
        )

    def move(self, parts: Iterable[str], unit: str) -> "Plan":
        """Give the plan in which these parts lie in that unit; no rule is looked at (`delineate.edit` does)."""
        wanted = sorted(set(parts))
        unknown = [part for part in wanted if part not in self.parts.index]
        if unknown:
            raise PlanError("delineate_unknown_parts", parts=named(unknown), count=len(unknown))
        changed = self.parts.copy()
        changed.loc[wanted] = unit
        return replace(self, parts=changed)

    def difference(self, other: "Plan") -> pd.DataFrame:
        """
        Give the rows by which another plan differs.

        Returns
        -------
        rows
            Sorted by part_id: part_id, unit_before, unit_after; None where a plan does not know the part.
        """
        if self.parts.index.equals(other.parts.index):
            every, columns_ = self.parts.index, [plan.parts for plan in (self, other)]
        else:
            every = self.parts.index.union(other.parts.index, sort=True)
            columns_ = [plan.parts.reindex(every) for plan in (self, other)]
        before, after = map(_or_none, columns_)
        differs = np.asarray(before != after, dtype=bool)
        columns = {"part_id": every.to_numpy(dtype=object), "unit_before": before, "unit_after": after}
        return pd.DataFrame({name: pd.Series(values[differs], dtype=object) for name, values in columns.items()})

    def onto(self, parts: pd.DataFrame, past: pd.DataFrame, edition: int) -> "Plan":
        """
        Bring a plan of former cells to the parts of now: by part where it still is, else by building.

        Parameters
        ----------
        parts, past
            `part_id`, `building_id` of now, and of the plan's own edition.
        edition
            That of `parts`.
        """
        building = past.set_index("part_id")["building_id"].reindex(self.parts.index)
        unit = pd.Series(self.parts.to_numpy(), index=building.to_numpy())
        unit = unit[unit.index.notna() & ~unit.index.duplicated()]
        by_part = parts["part_id"].map(self.parts)
        found = by_part.where(by_part.notna(), parts["building_id"].map(unit))
        rows = parts.assign(unit_id=found).dropna(subset="unit_id")
        return replace(self, edition=edition, parts=rows.set_index("part_id")["unit_id"])

    def replay(self, revision_parts: pd.DataFrame) -> "Plan":
        """
        Give the plan after a chain of revisions, begun from this one.

        Parameters
        ----------
        revision_parts
            Rows of part_id, unit_before, unit_after in the order of the chain. Each must begin where the last ended.
        """
        state = dict(self.parts.items())
        broken = []
        rows = (_or_none(revision_parts[name]) for name in ("part_id", "unit_before", "unit_after"))
        for part, before, after in zip(*rows, strict=True):
            if state.get(part) != before:
                broken.append(part)
            state[part] = after
        if broken:
            raise PlanError("delineate_chain_broken", parts=named(broken), count=len(broken))
        left = {part: unit for part, unit in state.items() if unit is not None}
        return replace(self, parts=pd.Series(left, dtype=object))


def named(ids: Iterable[str]) -> list[str]:
    """Give at most ten ids for a sentence, with dots where there are more."""
    listed = list(ids)
    return listed[:NAMED] + (["…"] if len(listed) > NAMED else [])


def _or_none(column: pd.Series) -> Objects:
    values = column.to_numpy(dtype=object).copy()
    values[pd.isna(values)] = None
    return values


def sums(unit_of: pd.Series, parts: pd.DataFrame) -> pd.DataFrame:
    """
    Sum what units hold.

    A building in several units counts in the one that has most of its households, so that sums stay the same.

    Parameters
    ----------
    unit_of
        Unit by part id.
    parts
        `part_id`, `building_id`, `households`, `residents`.

    Returns
    -------
    units
        Sorted by unit_id: unit_id, households, residents, buildings.
    """
    units = pd.Index(sorted(set(unit_of)), dtype=object)
    at = units.get_indexer(pd.Index(_lying(unit_of, parts["part_id"])))
    house = units.get_indexer(pd.Index(home(unit_of, parts, "building_id")))
    found = {name: _summed(at, parts[name].fillna(0).to_numpy("int64"), len(units)) for name in HELD}
    found["buildings"] = np.bincount(house, minlength=len(units))
    return pd.DataFrame({"unit_id": units.to_numpy(dtype=object), **found})


def _summed(group: NDArray[np.int64], values: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Sum whole numbers by group; those of no group (-1) are left out."""
    found = np.zeros(count, dtype=np.int64)
    np.add.at(found, group[group >= 0], values[group >= 0])
    return found


def _lying(unit_of: pd.Series, parts: pd.Series) -> Objects:
    """Give the unit of each part, nothing for a part without one."""
    known, wanted = unit_of.index.to_numpy(dtype=object), parts.to_numpy(dtype=object)
    if len(known) == len(wanted) and np.array_equal(known, wanted):
        return unit_of.to_numpy(dtype=object)
    found: Objects = unit_of.reindex(parts).to_numpy(dtype=object)
    return found


def home(unit_of: pd.Series, parts: pd.DataFrame, by: str) -> pd.Series:
    """
    Give the unit that has most of the households of each building or cell.

    Where two have as many, the one with more parts, then the one whose id comes first. Parts without a unit are passed
    over.
    """
    group, groups = pd.factorize(parts[by], sort=True)
    unit, units = pd.factorize(_lying(unit_of, parts["part_id"]), sort=True)
    known = np.flatnonzero((group >= 0) & (unit >= 0))
    pair, row, size = np.unique(group[known] * len(units) + unit[known], return_inverse=True, return_counts=True)
    homes = np.bincount(row, parts["households"].fillna(0).to_numpy(dtype=float)[known], minlength=len(pair))
    of, one = np.divmod(pair, max(len(units), 1))
    order = np.lexsort((one, -size, -homes, of))
    first = order[np.append(True, np.diff(of[order]) > 0)] if len(order) else order
    index = pd.Index(groups[of[first]], name=by, dtype=object)
    return pd.Series(units[one[first]], index=index, name="unit_id", dtype=object)


def neighbours_kept(before: Plan, after: Plan, parts: pd.DataFrame) -> pd.Series:
    """
    Give the share of their former neighbours with whom households still share a unit, the mean of each unit.

    Neighbours are the other households of the same unit. Households that had none, or whose parts the plan before does
    not know, are passed over.

    Parameters
    ----------
    parts
        `part_id`, `households`.

    Returns
    -------
    shares
        0 to 1, by unit_id of the second plan; units that have nobody with former neighbours are not among them.
    """
    then, now = (plan.parts.reindex(parts["part_id"]).to_numpy(dtype=object) for plan in (before, after))
    rows = pd.DataFrame({"then": then, "now": now, "homes": parts["households"].fillna(0).to_numpy("int64")})
    shared = rows.dropna().groupby(["then", "now"], sort=True)["homes"].sum().reset_index()
    others = shared.groupby("then")["homes"].transform("sum") - 1
    shared = shared[(others > 0) & (shared["homes"] > 0)].assign(others=others)
    kept = shared["homes"] * (shared["homes"] - 1) / shared["others"]
    sums = pd.DataFrame({"now": shared["now"], "kept": kept, "homes": shared["homes"]}).groupby("now").sum()
    found: pd.Series = (sums["kept"] / sums["homes"]).rename_axis("unit_id")
    return found


def outlines(plan: Plan, parts: pd.DataFrame, cells: "gpd.GeoDataFrame") -> "gpd.GeoDataFrame":
    """
    Draw the units: the cells of each put together, and what they measure.

    A cell is drawn with the unit that has most of its households. A unit that has most of no cell (floors of a tower)
    gets an empty outline.

    Parameters
    ----------
    parts
        `part_id`, `building_id`, `cell_id`, `households`, `residents`.
    cells
        `cell_id`, `community_id`, geometry: a valid coverage.

    Returns
    -------
    units
        Sorted by unit_id: unit_id, community_id, households, residents, buildings, area_m2, compactness
        (Polsby-Popper), geometry.
    """
    import geopandas as gpd

    cells = cells.sort_values("cell_id", kind="stable")
    unit = home(plan.parts, parts, "cell_id").reindex(cells["cell_id"]).to_numpy(dtype=object)
    units = sums(plan.parts, parts)
    shape = _put_together(unit, cells.geometry.to_numpy())
    shapes = np.array([shape.get(one, shapely.MultiPolygon()) for one in units["unit_id"]], dtype=object)
    units["geometry"] = shapes
    units["community_id"] = _communities(plan, parts, cells).reindex(units["unit_id"]).to_numpy(dtype=object)
    units["area_m2"] = shapely.area(shapes)
    units["compactness"] = _compactness(shapes)
    order = [name for name in units.columns if name != "geometry"] + ["geometry"]
    return gpd.GeoDataFrame(units[order], geometry="geometry", crs=cells.crs)


def above(units: "gpd.GeoDataFrame", parents: Mapping[str, str]) -> "gpd.GeoDataFrame":
    """
    Draw the units one level up: the units inside each put together, with their sums.

    Parameters
    ----------
    units
        As `outlines` or this function gives them; what has no parent is left out.
    """
    import geopandas as gpd

    rows = units.assign(parent=units["unit_id"].map(dict(parents))).dropna(subset=["parent"])
    sums_ = ["households", "residents", "buildings", "area_m2"]
    held = rows.groupby("parent", sort=True).agg({**dict.fromkeys(sums_, "sum"), "community_id": "first"})
    shape = _put_together(rows["parent"].to_numpy(dtype=object), rows["geometry"].to_numpy())
    shapes = np.array([shape[one] for one in held.index], dtype=object)
    found = held.rename_axis("unit_id").reset_index().assign(compactness=_compactness(shapes), geometry=shapes)
    return gpd.GeoDataFrame(found[[*rows.columns.drop("parent")]], geometry="geometry", crs=units.crs)


def _compactness(shapes: Objects) -> NDArray[np.float64]:
    """Give the Polsby-Popper measure, 0 for what has no area."""
    area, around = shapely.area(shapes), shapely.length(shapes)
    measure: NDArray[np.float64] = np.where(area > 0, 4 * np.pi * area / np.maximum(around, 1e-9) ** 2, 0.0)
    return measure


def _put_together(unit: np.ndarray, shapes: np.ndarray) -> dict[str, shapely.MultiPolygon]:
    """Unite the cells of each unit, as a coverage: no vertex is moved."""
    rows = pd.Series(np.arange(len(unit)), index=unit)
    rows = rows[rows.index.notna()]
    found = {}
    for one, mine in rows.groupby(level=0, sort=True):
        whole = shapely.coverage_union_all(shapes[mine.to_numpy()])
        pieces = [piece for piece in shapely.get_parts(whole) if piece.geom_type == "Polygon"]
        found[str(one)] = shapely.MultiPolygon(pieces)
    return found


def _communities(plan: Plan, parts: pd.DataFrame, cells: pd.DataFrame) -> pd.Series:
    """Give the community of each unit: that of most of its parts, for a part may be put into another's by force."""
    of_cell = cells.set_index("cell_id")["community_id"]
    rows = parts[["part_id", "cell_id"]].sort_values("part_id", kind="stable")
    unit = plan.parts.reindex(rows["part_id"]).to_numpy(dtype=object)
    community = pd.Series(of_cell.reindex(rows["cell_id"]).to_numpy(dtype=object), index=unit)
    known = community.notna().to_numpy() & ~pd.isna(unit)
    held = pd.DataFrame({"unit_id": unit[known], "community_id": community[known].to_numpy()})
    counts = held.groupby(["unit_id", "community_id"], sort=True).size().rename("parts").reset_index()
    ranked = counts.sort_values(["unit_id", "parts"], ascending=[True, False], kind="stable").drop_duplicates("unit_id")
    return ranked.set_index("unit_id")["community_id"]

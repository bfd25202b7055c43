"""The rows of a plan's units: what delineation asks of the parts, and what it tells of every unit."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import shapely

from govmap import contiguity
from govmap import plan as plans
from govmap.delineate import Criteria, Division, explain, review
from govmap.pipeline import words
from govmap.pipeline.report import Progress, quiet
from govmap.plan import Plan
from govmap.project import Change
from govmap.shares import share_out

OF_BUILDINGS = ("dwellings", "shops")
LOAD = "load_min"

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

    from govmap.contiguity import Graph


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
    counts = tables["buildings"][["building_id", *OF_BUILDINGS]]
    joined = joined.merge(counts, on="building_id", how="left", validate="many_to_one")
    shared = joined.groupby("cell_id")["part_id"].transform("size")
    joined[["area_m2", "perimeter_m"]] = joined[["area_m2", "perimeter_m"]].div(shared, axis=0)
    joined["load"] = joined["part_id"].map(tables["parts"].set_index("part_id").get(LOAD, pd.Series(dtype=float)))
    for column in ("households", "residents", "load", *OF_BUILDINGS):
        joined[column] = joined[column].fillna(0).astype("int64")
    return _shared_out(joined.sort_values("part_id", ignore_index=True))


def _shared_out(rows: pd.DataFrame) -> pd.DataFrame:
    """Share what is known of whole buildings among their parts, by households."""
    several = rows["building_id"].notna() & rows["building_id"].duplicated(keep=False)
    for _, mine in rows[several].groupby("building_id", sort=True):
        for column in OF_BUILDINGS:
            rows.loc[mine.index, column] = share_out(int(mine[column].iloc[0]), mine["households"])
    return rows


def unit_rows(
    plan: Plan, division: Division, tables: dict[str, pd.DataFrame], kept: str | None = None
) -> "gpd.GeoDataFrame":
    """
    Give the rows of `units` of a new plan, of every level: outlines, measures, codes, and why one is as it is.

    Parameters
    ----------
    kept
        The plan that was kept to: its units keep their codes.
    """
    units = shaped(plan, tables)
    told = pd.concat([one.units for one in division.tiers]).drop_duplicates("unit_id", keep="last")
    facts = told.set_index("unit_id")[["level", "kind", "exclusive_kind"]].reindex(units["unit_id"])
    units[list(facts.columns)] = facts.to_numpy(dtype=object)
    units["code"] = units["unit_id"].map(words.new_codes(units, plan, tables, kept=kept)).astype(object)
    units["bounds_text"] = _by_level(units, lambda rows: words.bounds_of(rows, tables, plan=plan))
    known = words.called(units, tables["buildings"], tables["compounds"])
    units["out_of_band_reason"] = units["unit_id"].map(_reason_texts(division, known)).astype(object)
    units["locked"] = False
    return units


def shaped(plan: Plan, tables: dict[str, pd.DataFrame]) -> "gpd.GeoDataFrame":
    """Give the rows of a plan's units that follow from its parts, of every level, sorted by id."""
    level = plans.outlines(plan, tables["parts"], tables["cells"])
    found = [level]
    while level["unit_id"].isin(list(plan.parents)).any():
        level = plans.above(level, plan.parents)
        found.append(level)
    rows = pd.concat(found).drop_duplicates("unit_id").sort_values("unit_id", ignore_index=True)
    parent = pd.Series([plan.parents.get(one) for one in rows["unit_id"]], dtype=object)
    made: gpd.GeoDataFrame = rows.assign(plan_id=plan.plan_id, parent_unit_id=parent)
    return made


def _by_level(units: "gpd.GeoDataFrame", tell: "Callable[[gpd.GeoDataFrame], pd.Series]") -> pd.Series:
    """Tell something of units level by level, so that none is the neighbour of what it lies in."""
    levels = units["level"].fillna("")
    told = pd.concat([tell(units[levels == one]) for one in sorted(set(levels))]) if len(units) else pd.Series()
    texts: pd.Series = units["unit_id"].map(told).astype(object)
    return texts


def _reason_texts(division: Division, known: dict[str, str]) -> dict[str, str]:
    """Give the reasons of the units of every level; `known` is what people call units, compounds and buildings."""
    every = pd.concat([one.reasons for one in division.tiers])
    return {str(unit): _reason_text(rows, known) for unit, rows in every.groupby("unit_id")}


def _reason_text(rows: pd.DataFrame, known: dict[str, str]) -> str:
    """Keep reasons and what would help as keys and facts, so that each reader gets them in their language."""
    notes = [words.in_words(one, known) for one in explain.with_help(rows)]
    told = [{"key": one.key, "facts": dict(one.facts)} for one in notes]
    return json.dumps(told, ensure_ascii=False, sort_keys=True)


def write_units(
    change: Change,
    plan: Plan,
    tables: dict[str, pd.DataFrame],
    graph: "Graph",
    *,
    codes_before: Mapping[str, str] | None = None,
) -> None:
    """
    Write outlines, measures and reasons of a plan's units anew; names, codes and locks stay, new ones get a code.

    `codes_before` are the codes by unit id as they stood before an edit that gives some back.
    """
    session = change.session
    stored = session.read("units", where={"plan_id": plan.plan_id})
    kept = pd.DataFrame(stored.drop(columns="geometry"))
    plan = _placed(plan.nested(stored), stored, tables)
    units = shaped(plan, tables)
    stay = [name for name in kept.columns if name not in units.columns]
    merged = units.merge(kept[["unit_id", *stay]], on="unit_id", how="left", validate="one_to_one")
    wished = session.read("plans", where={"plan_id": plan.plan_id})["criteria"].iloc[0]
    exclusive = list(stored.loc[stored["kind"] == "exclusive", "unit_id"])
    locked = locked_units(stored)
    criteria = Criteria.from_json(json.dumps(wished))
    found = review(plan, atoms(tables), graph, criteria, exclusive=exclusive, locked=locked)
    merged["code"] = merged["unit_id"].map(words.kept_codes(change, plan.plan_id, units, stored)).astype(object)
    new = merged["kind"].isna()
    merged.loc[new, "kind"] = "base"
    merged.loc[new, "level"] = found.level
    was = stored if codes_before is None else stored.assign(code=stored["unit_id"].map(dict(codes_before)))
    merged["bounds_text"] = _by_level(
        merged, lambda rows: words.rewritten(change, rows, _of_level(was, rows), plan=plan)
    )
    known = words.called(merged, tables["buildings"], session.read("compounds"))
    merged["out_of_band_reason"] = merged["unit_id"].map(_reason_texts(found, known)).astype(object)
    merged["locked"] = merged["locked"].astype("boolean").fillna(value=False).astype(bool)
    session.replace("units", merged, where={"plan_id": plan.plan_id})


def locked_units(units: pd.DataFrame) -> list[str]:
    """Name the units that are locked."""
    locked = units["locked"].astype("boolean").fillna(value=False).astype(bool)
    return [str(one) for one in units.loc[locked, "unit_id"]]


def _of_level(stored: "gpd.GeoDataFrame", rows: pd.DataFrame) -> "gpd.GeoDataFrame":
    return stored[stored["level"].fillna("").isin(set(rows["level"].fillna("")))]


def _placed(plan: Plan, stored: "gpd.GeoDataFrame", tables: dict[str, pd.DataFrame]) -> Plan:
    """Put units that are new into the unit above in which the ground of their first part lay."""
    new = [unit for unit in plan.units if unit not in set(stored["unit_id"])] if plan.parents else []
    if not new:
        return plan
    lowest = stored[~stored["unit_id"].isin(set(plan.parents.values()))]
    cells = tables["cells"].set_index("cell_id")["geometry"]
    home = tables["parts"].set_index("part_id")["cell_id"]
    places = shapely.point_on_surface(cells.loc[home.loc[[plan.members(unit)[0] for unit in new]]].to_numpy())
    lies = shapely.STRtree(lowest["geometry"].to_numpy()).nearest(places)
    was = lowest["unit_id"].to_numpy(dtype=object)[lies]
    parents = {unit: plan.parents[old] for unit, old in zip(new, was, strict=True) if old in plan.parents}
    return replace(plan, parents={**plan.parents, **parents})

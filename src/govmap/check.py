"""Every invariant of a project: tables in, findings out.

Each rule is a small function over the tables of one moment; what it yields is either a fault of the data (someone
edited the file by other means, or we made a mistake) or nothing. What is allowed but worth knowing is in the
reports of the steps, not here.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from govmap import catalog, contiguity, sensitive
from govmap.messages import Note, note

Tables = Mapping[str, pd.DataFrame]
AREA_TOLERANCE = 1e-9
LEAST_FOOTPRINT_SHARE = 0.99
CROSSING_TOLERANCE_M = 0.05
SHOWN_IDS = 10
NORM_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Finding:
    """A rule that does not hold, the rows it concerns, and what to say of it."""

    rule: str
    ids: tuple[str, ...]

    @property
    def note(self) -> Note:
        """What to tell the user: how many rows, and the first of them."""
        return note(f"check_{self.rule}", count=len(self.ids), first=list(self.ids[:SHOWN_IDS]))


NEEDED = (
    "communities", "buildings", "barriers", "streets", "compounds", "cells", "parts", "plans", "plan_parts",
    "revisions", "revision_parts", "units", "imports", "rejects", "residents", "tallies", "incidents", "incident_log",
    "gaps", "norms", "agreements", "objections", "comments", "offers", "base_edits",
)  # fmt: skip
OFFERED = ("open", "taken", "left")


def findings(tables: Tables) -> list[Finding]:
    """Try every rule on the tables named in `NEEDED`."""
    tried = ((rule, sorted({f"{one}" for one in ids(tables)})) for rule, ids in RULES.items())
    return [Finding(rule, tuple(ids)) for rule, ids in tried if ids]


# cells and parts ---------------------------------------------------------------------------------------------------
def _cells_in_pieces(tables: Tables) -> Iterator[str]:
    cells = tables["cells"]
    shapes = cells["geometry"].to_numpy()
    wrong = (shapely.get_num_geometries(shapes) != 1) | ~shapely.is_valid(shapes)
    yield from cells["cell_id"][wrong]


def _coverage_invalid(tables: Tables) -> Iterator[str]:
    for community_id, cells in tables["cells"].groupby("community_id", sort=True):
        if not shapely.coverage_is_valid(cells["geometry"].to_numpy()):
            yield f"{community_id}"


def _boundary_not_covered(tables: Tables) -> Iterator[str]:
    cells = tables["cells"]
    if cells.empty:
        return
    covered = pd.Series(shapely.area(cells["geometry"].to_numpy())).groupby(cells["community_id"].to_numpy()).sum()
    communities = tables["communities"]
    for community_id, shape in zip(communities["community_id"], communities["geometry"], strict=True):
        if abs(covered.get(community_id, 0.0) - shape.area) > AREA_TOLERANCE * shape.area:
            yield community_id


def _cell_without_part(tables: Tables) -> Iterator[str]:
    yield from set(tables["cells"]["cell_id"]) - set(tables["parts"]["cell_id"])


def _part_without_cell(tables: Tables) -> Iterator[str]:
    parts = tables["parts"]
    yield from parts["part_id"][~parts["cell_id"].isin(tables["cells"]["cell_id"])]


def _cell_over_barrier(tables: Tables) -> Iterator[str]:
    """No cell crosses a barrier of strength 1; a straddling building's own ground is led round."""
    lines = barring_lines(tables["barriers"], tables["communities"])
    cells = tables["cells"][~tables["cells"]["straddles"].astype(bool)]
    if lines is None or cells.empty:
        return
    inside = shapely.buffer(cells["geometry"].to_numpy(), -CROSSING_TOLERANCE_M, quad_segs=1)
    pieces = shapely.get_parts(lines)
    piece, cell = shapely.STRtree(inside).query(pieces, predicate="intersects")[:2]
    length = shapely.length(shapely.intersection(pieces[piece], inside[cell]))
    yield from cells["cell_id"].to_numpy()[cell[length > CROSSING_TOLERANCE_M]]


def barring_lines(barriers: pd.DataFrame, communities: pd.DataFrame) -> Any:
    """Give the on-ground lines of strength 1 that close a face, as one shape; None where there are none."""
    bar = barriers[(barriers["strength"] >= 1) & barriers["on_ground"].astype(bool)]
    if bar.empty:
        return None
    edge = shapely.boundary(shapely.union_all(communities["geometry"].to_numpy()))
    net = shapely.node(shapely.union_all([*bar["geometry"].to_numpy(), edge]))
    _, cuts, dangles, _ = shapely.polygonize_full(shapely.get_parts(net))
    closed = shapely.difference(net, shapely.union(cuts, dangles))
    inside = shapely.union_all(communities["geometry"].to_numpy())
    kept = shapely.difference(shapely.intersection(closed, inside), shapely.buffer(edge, CROSSING_TOLERANCE_M))
    return None if shapely.is_empty(kept) else kept


# buildings ---------------------------------------------------------------------------------------------------------
def _inside(tables: Tables) -> pd.DataFrame:
    buildings = tables["buildings"]
    return buildings[buildings["cell_id"].notna() & (buildings["status"] != "demolished")]


def _building_without_cell_or_reason(tables: Tables) -> Iterator[str]:
    buildings = tables["buildings"]
    if tables["cells"].empty:
        return
    known = buildings["cell_id"].isin(tables["cells"]["cell_id"])
    yield from buildings["building_id"][~known & (buildings["cell_id"].notna() | buildings["reason"].isna())]


def _building_in_wrong_community(tables: Tables) -> Iterator[str]:
    buildings = _inside(tables)
    shapes = dict(zip(tables["communities"]["community_id"], tables["communities"]["geometry"], strict=True))
    points = shapely.point_on_surface(buildings["geometry"].to_numpy())
    for community_id, rows in buildings.groupby("community_id", dropna=False).indices.items():
        shape = shapes.get(community_id)
        if shape is None:
            yield from buildings["building_id"].iloc[rows]
            continue
        shapely.prepare(shape)
        out = ~shapely.intersects(shape, points[rows])
        yield from buildings["building_id"].iloc[rows][out]


def _footprint_outside_cell(tables: Tables) -> Iterator[str]:
    """A main building has 99 % of its footprint on the ground of its parts; those drawn over others apart."""
    buildings = _inside(tables)
    own = _ground_of(tables)
    buildings = buildings[buildings["building_id"].isin(own.index)]
    if buildings.empty:
        return
    footprint = shapely.make_valid(buildings["geometry"].to_numpy())
    beyond = shapely.difference(footprint, own.loc[buildings["building_id"]].to_numpy())
    ground = shapely.union_all(tables["communities"]["geometry"].to_numpy())
    tree = shapely.STRtree(footprint)
    spare = 1 - LEAST_FOOTPRINT_SHARE
    for row in np.flatnonzero(shapely.area(beyond) > spare * shapely.area(footprint)):
        others = [footprint[near] for near in tree.query(footprint[row], predicate="intersects") if near != row]
        shared = shapely.area(shapely.intersection(footprint[row], shapely.union_all(others)))
        inside = shapely.area(shapely.intersection(beyond[row], ground))
        if shared <= spare * footprint[row].area < inside:
            yield buildings["building_id"].iloc[row]


def _ground_of(tables: Tables) -> "pd.Series[Any]":
    """Give each building's ground: the cells of its parts as one shape."""
    parts = tables["parts"][["building_id", "cell_id"]].dropna().drop_duplicates()
    shapes = tables["cells"].set_index("cell_id")["geometry"]
    parts = parts[parts["cell_id"].isin(shapes.index)]
    ground = pd.Series(shapes.loc[parts["cell_id"]].to_numpy(), index=parts["building_id"].to_numpy(), dtype=object)
    several = ground.index.duplicated(keep=False)
    merged = {one: shapely.union_all(list(ground[several].loc[[one]])) for one in sorted(set(ground.index[several]))}
    whole: pd.Series[Any] = pd.concat([ground[~several], pd.Series(merged, dtype=object)])
    return whole


def _sums_of_building_differ(tables: Tables) -> Iterator[str]:
    parts = tables["parts"].dropna(subset=["building_id"])
    buildings = _inside(tables).set_index("building_id")
    for column in ("households", "residents"):
        held = parts.groupby("building_id")[column].sum(min_count=1)
        wanted = buildings[column].reindex(held.index).fillna(0)
        yield from held.index[held.fillna(0).to_numpy(dtype=float) != wanted.to_numpy(dtype=float)]
        left = buildings[~buildings.index.isin(held.index) & (buildings[column].fillna(0) != 0)]
        yield from left.index


# plans -------------------------------------------------------------------------------------------------------------
def _current_plans(tables: Tables) -> pd.DataFrame:
    cells = tables["cells"]
    edition = 0 if cells.empty else int(cells["edition"].iloc[0])
    plans = tables["plans"]
    return plans[plans["edition"] == edition]


def _part_not_in_one_unit(tables: Tables) -> Iterator[str]:
    wanted = set(tables["parts"]["part_id"])
    for plan_id in _current_plans(tables)["plan_id"]:
        held = tables["plan_parts"][tables["plan_parts"]["plan_id"] == plan_id]
        yield from (f"{plan_id}/{part}" for part in wanted ^ set(held["part_id"]))
        wrong = held["part_id"].duplicated() | held["unit_id"].isna()
        yield from (f"{plan_id}/{part}" for part in held["part_id"][wrong])


def _revisions_do_not_give_the_plan(tables: Tables) -> Iterator[str]:
    for plan_id, head in zip(tables["plans"]["plan_id"], tables["plans"]["head_revision"], strict=True):
        replayed = replay(tables["revisions"], tables["revision_parts"], head)
        held = tables["plan_parts"][tables["plan_parts"]["plan_id"] == plan_id]
        if replayed != dict(zip(held["part_id"], held["unit_id"], strict=True)):
            yield plan_id


def replay(revisions: pd.DataFrame, revision_parts: pd.DataFrame, head: str | None) -> dict[str, str]:
    """Follow the chain that ends in `head` from its beginning: part_id -> unit_id."""
    parents = dict(zip(revisions["revision_id"], revisions["parent_id"], strict=True))
    chain: list[str] = []
    while head is not None and head in parents:
        chain.append(head)
        head = parents[head]
    by_revision = dict(iter(revision_parts.groupby("revision_id", sort=False)))
    state: dict[str, str] = {}
    for revision_id in reversed(chain):
        moves = by_revision.get(revision_id)
        if moves is None:
            continue
        for part_id, unit in zip(moves["part_id"], moves["unit_after"], strict=True):
            state.pop(part_id, None) if pd.isna(unit) else state.__setitem__(part_id, unit)
    return state


def _unit_sums_differ(tables: Tables) -> Iterator[str]:
    parts = tables["parts"].set_index("part_id")
    for plan_id in _current_plans(tables)["plan_id"]:
        held = tables["plan_parts"][tables["plan_parts"]["plan_id"] == plan_id]
        units = tables["units"][tables["units"]["plan_id"] == plan_id].set_index("unit_id")
        units = units[~units.index.isin(units["parent_unit_id"].dropna())]  # upper levels: `_unit_levels_differ`
        counted = parts.reindex(held["part_id"])[["households", "residents"]].fillna(0).astype(int)
        sums = counted.groupby(held["unit_id"].to_numpy()).sum()
        yield from (f"{plan_id}/{unit}" for unit in set(units.index) ^ set(sums.index))
        both = sums.index.intersection(units.index)
        wrong = (sums.loc[both] != units.loc[both, ["households", "residents"]].fillna(0).astype(int)).any(axis=1)
        yield from (f"{plan_id}/{unit}" for unit in both[wrong])


def _unit_levels_differ(tables: Tables) -> Iterator[str]:
    """A unit over others is there, lies in their community and holds what they hold, and none lies above itself."""
    summed = ["households", "residents", "buildings"]
    for plan_id in _current_plans(tables)["plan_id"]:
        units = tables["units"][tables["units"]["plan_id"] == plan_id].set_index("unit_id")
        parent = units["parent_unit_id"].dropna()
        yield from (f"{plan_id}/{unit}" for unit in sorted(set(parent) - set(units.index)))
        known = parent[parent.isin(units.index)]
        held = units.loc[known.index, summed].fillna(0).astype(int).groupby(known.to_numpy()).sum()
        wrong = (held != units.loc[held.index, summed].fillna(0).astype(int)).any(axis=1)
        yield from (f"{plan_id}/{unit}" for unit in held.index[wrong])
        away = units.loc[known.index, "community_id"].to_numpy() != units.loc[known, "community_id"].to_numpy()
        yield from (f"{plan_id}/{unit}" for unit in known.index[away])
        above = known
        for _ in range(len(units)):
            above = above.map(known).dropna()
            if above.empty:
                break
        yield from (f"{plan_id}/{unit}" for unit in above.index)


def _unit_in_pieces(tables: Tables) -> Iterator[str]:
    """A unit lies in one piece by the rule of the ground, unless the plan says why not."""
    plans = _current_plans(tables)
    if plans.empty:
        return
    borders = contiguity.borders(tables["cells"], tables["barriers"], tables["streets"])
    graph = contiguity.between_parts(borders, tables["parts"])
    for plan_id in plans["plan_id"]:
        held = tables["plan_parts"][tables["plan_parts"]["plan_id"] == plan_id].set_index("part_id")["unit_id"]
        units = held.reindex(graph.ids).to_numpy()
        piece = pd.Series(contiguity.pieces(graph, units))
        count = piece.groupby(units).nunique()
        told = tables["units"][(tables["units"]["plan_id"] == plan_id) & tables["units"]["out_of_band_reason"].notna()]
        yield from (f"{plan_id}/{unit}" for unit in count.index[count > 1] if unit not in set(told["unit_id"]))


def _codes_repeat(tables: Tables) -> Iterator[str]:
    units = tables["units"].dropna(subset=["code"])
    yield from units["code"][units.duplicated(["plan_id", "code"])]


# decisions ---------------------------------------------------------------------------------------------------------
def _adopted_more_than_one(tables: Tables) -> Iterator[str]:
    """A plan covers all communities, so that one at the most is binding."""
    adopted = tables["plans"].loc[tables["plans"]["status"] == "adopted", "plan_id"]
    yield from adopted if len(adopted) > 1 else ()


def _plan_state_unfounded(tables: Tables) -> Iterator[str]:
    """A plan is where the last step that was written of it leads; without any it is a draft."""
    ways = catalog.layer("agreement")["steps"]
    last = tables["agreements"].sort_values("turn").drop_duplicates("plan_id", keep="last")
    leads = {plan: ways.get(step, {}).get("to") for plan, step in zip(last["plan_id"], last["step"], strict=True)}
    plans = tables["plans"]
    states = zip(plans["plan_id"], plans["status"], strict=True)
    yield from (plan for plan, state in states if state != leads.get(plan, "draft"))


def _objection_unanswered(tables: Tables) -> Iterator[str]:
    """An answer has a known outcome and words; nothing was adopted over an open objection."""
    rows = tables["objections"]
    known = catalog.layer("agreement")["objections"]["outcomes"]
    wrong = rows["outcome"].notna() & (~rows["outcome"].isin(known) | rows["answer"].isna())
    adopted = set(tables["plans"].loc[tables["plans"]["status"] == "adopted", "plan_id"])
    wrong |= rows["outcome"].isna() & rows["plan_id"].isin(adopted)
    yield from (f"{plan}/{number}" for plan, number in rows.loc[wrong, ["plan_id", "number"]].to_numpy())


def _said_of_no_plan(tables: Tables) -> Iterator[str]:
    """Steps, objections and comments are of plans that are there."""
    known = tables["plans"]["plan_id"]
    for name in ("agreements", "objections", "comments"):
        rows = tables[name]["plan_id"].dropna()
        yield from rows[~rows.isin(known)]


# by hand -----------------------------------------------------------------------------------------------------------
def _offers_broken(tables: Tables) -> Iterator[str]:
    """An open difference of the map is of a building that is there, except where it offers a new one."""
    rows = tables["offers"]
    lost = ~rows["row_key"].isin(tables["buildings"]["building_id"]) & (rows["kind"] != "added")
    wrong = ~rows["state"].isin(OFFERED) | ((rows["state"] == "open") & (rows["table"] == "buildings") & lost)
    yield from rows.loc[wrong, "offer_id"]


def _base_edits_out_of_turn(tables: Tables) -> Iterator[str]:
    """Changes by hand stand in one line, so that it is known which is taken back first."""
    rows = tables["base_edits"]
    yield from rows.loc[rows["turn"].isna() | rows["turn"].duplicated(keep=False), "edit_id"]


# registers ---------------------------------------------------------------------------------------------------------
def _rows_lost(tables: Tables) -> Iterator[str]:
    imports = tables["imports"]
    wrong = imports["rows_in"] != imports["rows_kept"] + imports["rows_rejected"]
    yield from imports["import_id"][wrong]


# incidents ---------------------------------------------------------------------------------------------------------
def _sensitive_told(tables: Tables) -> Iterator[str]:
    """An incident of a sensitive kind says neither where nor what."""
    incidents = tables["incidents"]
    flag = incidents["sensitive"].fillna(value=False).astype(bool).to_numpy()
    kind = sensitive.rows(incidents["category"]) | sensitive.rows(incidents["kind"])
    says = ("category", "address", "building_id", "part_id", "cell_id", "street_id", "geometry")
    placed = incidents[[name for name in says if name in incidents]].notna().any(axis=1).to_numpy()
    yield from incidents["incident_id"][(flag | kind) & placed]


def _incident_stage_unknown(tables: Tables) -> Iterator[str]:
    incidents = tables["incidents"].dropna(subset=["stage", "lifecycle"])
    known = {(cycle, stage) for cycle, facts in catalog.layers("lifecycles").items() for stage in facts["stages"]}
    pairs = incidents[["lifecycle", "stage"]].drop_duplicates().itertuples(index=False, name=None)
    wrong = {pair for pair in pairs if pair not in known}
    told = zip(incidents["incident_id"], incidents["lifecycle"], incidents["stage"], strict=True)
    yield from (one for one, cycle, stage in told if (cycle, stage) in wrong)


def _incident_log_lost(tables: Tables) -> Iterator[str]:
    """The last entry of an incident's log is the stage at which it stands."""
    log, incidents = tables["incident_log"], tables["incidents"]
    last = log.sort_values("at", kind="stable").drop_duplicates("incident_id", keep="last").set_index("incident_id")
    stands = incidents.set_index("incident_id")["stage"].reindex(last.index)
    yield from last.index[(last["stage"] != stands).to_numpy()]


def _repeats_broken(tables: Tables) -> Iterator[str]:
    """No incident repeats itself, also not by way of others; what it repeats may lie in a list that is not here."""
    incidents = tables["incidents"].dropna(subset="duplicate_of")
    links = dict(zip(incidents["incident_id"], incidents["duplicate_of"], strict=True))
    for one, first in links.items():
        seen, at = {one}, first
        while at in links and at not in seen:
            seen.add(at)
            at = links[at]
        if at == one:
            yield one


# services ----------------------------------------------------------------------------------------------------------
def _gaps_more_than_people(tables: Tables) -> Iterator[str]:
    """Of no group more are short than there are, nor do elders, children or shares go beyond what holds them."""
    gaps = tables["gaps"]
    number = gaps[[*_GAP_NUMBERS, "share_short", "share_estimated"]].astype("Float64").fillna(0)
    wrong = (number < 0).any(axis=1) | (number[["share_short", "share_estimated"]] > 1).any(axis=1)
    wrong |= (number["people_short"] > number["people"]) | (number["households_short"] > number["households"])
    wrong |= (number["elders_short"] > number["people_short"]) & _whole_group(gaps)
    yield from _gap_ids(gaps[wrong.to_numpy(bool)])


_GAP_NUMBERS = ("people", "households", "people_short", "households_short", "elders_short", "children_short")


def _whole_group(gaps: pd.DataFrame) -> "pd.Series[bool]":
    """Tell where elders were counted among everybody, so that they cannot be more than these."""
    told: pd.Series[bool] = gaps["elders_short"].notna() & gaps["children_short"].notna()
    return told


def _gap_ids(gaps: pd.DataFrame) -> Iterator[str]:
    for row in gaps[["plan_id", "unit_id", "standard"]].itertuples(index=False, name=None):
        yield "/".join(map(str, row))


def _norms_do_not_add_up(tables: Tables) -> Iterator[str]:
    """What is short of a norm is what it needs beyond what there is, and never less than nothing."""
    norms = tables["norms"].dropna(subset=["have", "short"])
    lacks = np.maximum(norms["need"].to_numpy(float) - norms["have"].to_numpy(float), 0.0)
    wrong = np.abs(lacks - norms["short"].to_numpy(float)) > NORM_TOLERANCE * (1 + norms["need"].to_numpy(float))
    yield from norms["community_id"][wrong] + "/" + norms["standard"][wrong]


RULES: dict[str, Callable[[Tables], Iterator[Any]]] = {
    "cells_in_pieces": _cells_in_pieces,
    "coverage_invalid": _coverage_invalid,
    "boundary_not_covered": _boundary_not_covered,
    "cell_without_part": _cell_without_part,
    "part_without_cell": _part_without_cell,
    "cell_over_barrier": _cell_over_barrier,
    "building_without_cell_or_reason": _building_without_cell_or_reason,
    "building_in_wrong_community": _building_in_wrong_community,
    "footprint_outside_cell": _footprint_outside_cell,
    "sums_of_building_differ": _sums_of_building_differ,
    "part_not_in_one_unit": _part_not_in_one_unit,
    "revisions_do_not_give_the_plan": _revisions_do_not_give_the_plan,
    "unit_sums_differ": _unit_sums_differ,
    "unit_levels_differ": _unit_levels_differ,
    "unit_in_pieces": _unit_in_pieces,
    "codes_repeat": _codes_repeat,
    "adopted_more_than_one": _adopted_more_than_one,
    "plan_state_unfounded": _plan_state_unfounded,
    "objection_unanswered": _objection_unanswered,
    "said_of_no_plan": _said_of_no_plan,
    "offers_broken": _offers_broken,
    "base_edits_out_of_turn": _base_edits_out_of_turn,
    "rows_lost": _rows_lost,
    "sensitive_told": _sensitive_told,
    "incident_stage_unknown": _incident_stage_unknown,
    "incident_log_lost": _incident_log_lost,
    "repeats_broken": _repeats_broken,
    "gaps_more_than_people": _gaps_more_than_people,
    "norms_do_not_add_up": _norms_do_not_add_up,
}

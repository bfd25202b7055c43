"""The rules of the ground, computed again with other code than the program's: overlays and a plain graph search."""

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from govmap.check import NEEDED, RULES, findings
from govmap.project import open_project

Tables = dict[str, pd.DataFrame]
WATER_AND_RAIL = {"river", "canal", "water", "railway", "rail", "waterway"}


@pytest.fixture(scope="module")
def tables(walked: Path) -> Tables:
    with open_project(walked / "project.gpkg") as project:
        return project.reading(*NEEDED, "entrances")


def standing(tables: Tables) -> gpd.GeoDataFrame:
    buildings = tables["buildings"]
    return buildings[buildings["cell_id"].notna()]


def test_cells_tile_every_community_without_gap_or_overlap(tables: Tables) -> None:
    cells, communities = tables["cells"], tables["communities"]
    for _, community in communities.iterrows():
        own = cells[cells["community_id"] == community["community_id"]]
        whole = own.geometry.union_all()
        assert whole.symmetric_difference(community.geometry).area <= 1e-6
        assert own.geometry.area.sum() == pytest.approx(community.geometry.area, rel=1e-9)
    assert (cells.geometry.geom_type == "Polygon").all()
    assert cells["area_m2"].to_numpy() == pytest.approx(cells.geometry.area.to_numpy())


def test_every_standing_building_inside_has_a_cell_with_its_footprint_in_it(tables: Tables) -> None:
    inside = standing(tables)
    places = inside.assign(geometry=inside.geometry.representative_point())
    homes = gpd.sjoin(places, tables["communities"][["community_id", "geometry"]], predicate="within", how="left")
    assert (homes["community_id_left"] == homes["community_id_right"]).all()
    cells = tables["cells"].set_index("cell_id")
    own = tables["parts"].groupby("building_id")["cell_id"].agg(set)
    for building in inside.itertuples():
        ground = cells.loc[sorted(own.get(building.building_id, {building.cell_id}))].geometry.union_all()
        share = building.geometry.intersection(ground).area / building.geometry.area
        joined = building.cell_id != building.building_id and building.building_id not in own.index
        assert share >= 0.99 or joined or cells.loc[building.cell_id, "straddles"], building.building_id


def test_buildings_outside_or_gone_say_why(tables: Tables) -> None:
    rest = tables["buildings"][tables["buildings"]["cell_id"].isna()]
    assert len(rest)
    assert set(rest["reason"]) <= {"outside", "demolished", "no_outline", "construction"}
    outside = rest[rest["reason"] == "outside"]
    ground = tables["communities"].geometry.union_all()
    assert not outside.geometry.representative_point().within(ground).any()


def test_no_cell_crosses_the_canal_the_ring_road_or_the_railway(tables: Tables) -> None:
    bars = tables["barriers"][(tables["barriers"]["strength"] >= 1) & tables["barriers"]["on_ground"].astype(bool)]
    assert set(bars["kind"]) >= {"railway", "trunk"}
    assert set(bars["kind"]) & {"canal", "river"}
    ground = tables["communities"].geometry.union_all()
    cells = tables["cells"][~tables["cells"]["straddles"].astype(bool)]
    crossing = 0
    for line in bars.geometry:
        through = line.intersection(ground)
        if not ground.boundary.buffer(5).contains(through):
            inside = cells.geometry.buffer(-0.05).intersection(through).length
            crossing += int((inside > 0.5).sum())
    closed = bars[bars.geometry.intersection(ground).length > 300]
    assert len(closed)
    assert crossing <= 2, "only dead ends may lie inside a cell"


def test_sums_are_the_same_over_buildings_parts_and_units(tables: Tables) -> None:
    for column in ("households", "residents"):
        buildings = int(standing(tables)[column].fillna(0).sum())
        parts = int(tables["parts"][column].fillna(0).sum())
        units = int(tables["units"][column].fillna(0).sum())
        assert buildings == parts == units


def test_every_part_is_in_exactly_one_unit_and_every_cell_has_a_part(tables: Tables) -> None:
    assert tables["plan_parts"]["part_id"].is_unique
    assert set(tables["plan_parts"]["part_id"]) == set(tables["parts"]["part_id"])
    assert set(tables["parts"]["cell_id"]) == set(tables["cells"]["cell_id"])


def test_replaying_the_revisions_gives_the_plan(tables: Tables) -> None:
    chain = {row.parent_id or None: row.revision_id for row in tables["revisions"].itertuples()}
    state: dict[str, str] = {}
    at = None
    while at in chain:
        at = chain[at]
        for move in tables["revision_parts"][tables["revision_parts"]["revision_id"] == at].itertuples():
            assert state.get(move.part_id) == (move.unit_before or None)
            state[move.part_id] = move.unit_after
    assert at == tables["plans"]["head_revision"].iloc[0]
    assert state == dict(zip(tables["plan_parts"]["part_id"], tables["plan_parts"]["unit_id"], strict=True))


def neighbours(tables: Tables) -> dict[str, set[str]]:
    """Who joins whom: by an edge over 1 mm, not of water, rail or strength 1 unless a walkable street crosses it."""
    cells = tables["cells"].reset_index(drop=True)
    bars = tables["barriers"]
    bars = bars[bars["on_ground"].astype(bool) & ((bars["strength"] >= 1) | bars["kind"].isin(WATER_AND_RAIL))]
    wall = bars.geometry.union_all().buffer(0.02)
    walk = tables["streets"][tables["streets"]["walkable"].astype(bool)].geometry.union_all()
    left, right = cells.sindex.query(cells.geometry, predicate="intersects")
    joined: dict[str, set[str]] = defaultdict(set)
    for i, j in zip(left[left < right], right[left < right], strict=True):
        edge = cells.geometry[i].boundary.intersection(cells.geometry[j].boundary)
        free = edge.difference(wall)
        if free.length > 0.001 or (edge.length > 0.001 and walk.intersects(edge.buffer(0.05))):
            joined[cells["cell_id"][i]].add(cells["cell_id"][j])
            joined[cells["cell_id"][j]].add(cells["cell_id"][i])
    return joined


def test_every_unit_is_in_one_piece_or_says_why_not(tables: Tables) -> None:
    joined = neighbours(tables)
    parts = tables["parts"].merge(tables["plan_parts"], on="part_id")
    told = set(tables["units"].loc[tables["units"]["out_of_band_reason"].notna(), "unit_id"])
    for unit, rows in parts.groupby("unit_id"):
        own = set(rows["cell_id"])
        seen, queue = set(), [min(own)]
        while queue:
            cell = queue.pop()
            if cell not in seen:
                seen.add(cell)
                queue += joined[cell] & own
        assert seen == own or unit in told, unit


def test_codes_run_from_north_to_south_and_west_to_east(tables: Tables) -> None:
    units = tables["units"].sort_values("code")
    for community_id, own in units.groupby("community_id"):
        shape = tables["communities"].set_index("community_id").geometry[community_id]
        south, north = shape.bounds[1], shape.bounds[3]
        points = own.geometry.representative_point()
        band = np.minimum(((north - points.y) / (north - south) * 10).astype(int), 9)
        order = list(zip(band, points.x, strict=True))
        assert order == sorted(order)
        assert own["code"].is_unique


BREAKS: dict[str, Callable[[Tables], None]] = {}


def breaks(rule: str) -> Callable[[Callable[[Tables], None]], Callable[[Tables], None]]:
    def keep(change: Callable[[Tables], None]) -> Callable[[Tables], None]:
        BREAKS[rule] = change
        return change

    return keep


def put(tables: Tables, name: str, row: int, column: str, value: object) -> None:
    tables[name].loc[tables[name].index[row], column] = value


@breaks("cells_in_pieces")
def _two_pieces(tables: Tables) -> None:
    shape = tables["cells"].geometry.iloc[0]
    middle = shape.representative_point().buffer(1)
    far = shapely.affinity.translate(middle, 9e3)
    tables["cells"].geometry = [shapely.MultiPolygon([shape, far]), *tables["cells"].geometry[1:]]


@breaks("coverage_invalid")
def _overlap(tables: Tables) -> None:
    tables["cells"].geometry = [tables["cells"].geometry.iloc[0].buffer(1), *tables["cells"].geometry[1:]]


@breaks("boundary_not_covered")
def _hole(tables: Tables) -> None:
    tables["cells"] = tables["cells"].iloc[1:]


@breaks("cell_without_part")
def _no_part(tables: Tables) -> None:
    tables["parts"] = tables["parts"].iloc[1:]


@breaks("part_without_cell")
def _nowhere(tables: Tables) -> None:
    put(tables, "parts", 0, "cell_id", "nowhere")


@breaks("cell_over_barrier")
def _across(tables: Tables) -> None:
    ground = tables["communities"].geometry.union_all()
    west, south, east, north = ground.bounds
    wall = shapely.LineString([(west - 9, (south + north) / 2), (east + 9, (south + north) / 2 + 1)])
    row = tables["barriers"].iloc[[0]].assign(barrier_id="new", strength=1.0, on_ground=True, geometry=[wall])
    tables["barriers"] = pd.concat([tables["barriers"], row], ignore_index=True)


@breaks("building_without_cell_or_reason")
def _unexplained(tables: Tables) -> None:
    outside = int(np.flatnonzero(tables["buildings"]["cell_id"].isna())[0])
    put(tables, "buildings", outside, "reason", None)


@breaks("building_in_wrong_community")
def _elsewhere(tables: Tables) -> None:
    inside = int(np.flatnonzero(tables["buildings"]["cell_id"].notna())[0])
    put(tables, "buildings", inside, "community_id", "another")


@breaks("footprint_outside_cell")
def _moved(tables: Tables) -> None:
    inside = np.flatnonzero(tables["buildings"]["cell_id"].notna() & (tables["buildings"].geometry.area > 200))
    shapes = list(tables["buildings"].geometry)
    shapes[inside[0]] = shapely.affinity.scale(shapes[inside[0]], 9, 9)
    for row in range(len(shapes)):
        if row != inside[0]:
            shapes[row] = shapes[row].representative_point().buffer(0.1)
    tables["buildings"].geometry = shapes


@breaks("sums_of_building_differ")
def _one_more(tables: Tables) -> None:
    row = int(np.flatnonzero(tables["parts"]["building_id"].notna())[0])
    put(tables, "parts", row, "households", int(tables["parts"]["households"].iloc[row]) + 1)


@breaks("part_not_in_one_unit")
def _left_out(tables: Tables) -> None:
    tables["plan_parts"] = tables["plan_parts"].iloc[1:]


@breaks("revisions_do_not_give_the_plan")
def _unrecorded(tables: Tables) -> None:
    put(tables, "revision_parts", 0, "unit_after", "another")


@breaks("unit_sums_differ")
def _unit_more(tables: Tables) -> None:
    put(tables, "units", 0, "residents", 1)


@breaks("unit_levels_differ")
def _under_one_that_is_none(tables: Tables) -> None:
    put(tables, "units", 0, "parent_unit_id", "nowhere")


@breaks("unit_in_pieces")
def _scattered(tables: Tables) -> None:
    tables["units"] = tables["units"].assign(out_of_band_reason=None)
    units = sorted(set(tables["plan_parts"]["unit_id"]))
    rows = tables["plan_parts"]["part_id"].isin(tables["parts"]["part_id"].iloc[::3])
    tables["plan_parts"].loc[rows, "unit_id"] = units[0]


@breaks("codes_repeat")
def _same_code(tables: Tables) -> None:
    put(tables, "units", 0, "code", tables["units"]["code"].iloc[1])


@breaks("rows_lost")
def _lost(tables: Tables) -> None:
    put(tables, "imports", 0, "rows_kept", 0)


def test_nothing_is_wrong_with_the_walked_project(tables: Tables) -> None:
    assert findings(tables) == []


@breaks("sensitive_told")
def _place_of_a_sensitive_one(tables: Tables) -> None:
    put(tables, "incidents", 0, "sensitive", value=True)
    put(tables, "incidents", 0, "address", "幸福小区3号楼")


@breaks("incident_stage_unknown")
def _no_such_stage(tables: Tables) -> None:
    put(tables, "incidents", 0, "lifecycle", "grid_loop")
    put(tables, "incidents", 0, "stage", "forgotten in a drawer")


@breaks("incident_log_lost")
def _moved_without_a_trace(tables: Tables) -> None:
    one = tables["incidents"]["incident_id"].iloc[0]
    at = pd.Timestamp("2024-03-05", tz="UTC")
    put(tables, "incidents", 0, "stage", "closed")
    entry = {"incident_id": one, "stage": "reported", "at": at, "actor_id": None, "note": None}
    tables["incident_log"] = pd.DataFrame([entry])


@breaks("repeats_broken")
def _round_and_round(tables: Tables) -> None:
    first, second = tables["incidents"]["incident_id"].iloc[:2]
    put(tables, "incidents", 0, "duplicate_of", second)
    put(tables, "incidents", 1, "duplicate_of", first)


@breaks("gaps_more_than_people")
def _more_short_than_there_are(tables: Tables) -> None:
    numbers = dict.fromkeys(("households", "households_short", "elders_short", "children_short"), 0)
    row = {"plan_id": "p", "unit_id": "u", "standard": "own/clinic", "people": 10, "people_short": 11, **numbers}
    tables["gaps"] = pd.DataFrame([{**row, "share_short": 1.0, "share_estimated": 0.0}])


@breaks("norms_do_not_add_up")
def _short_of_nothing(tables: Tables) -> None:
    row = {"community_id": "c", "standard": "own/park", "have": 5.0, "need": 7.0, "short": 1.0}
    tables["norms"] = pd.DataFrame([row])


@breaks("adopted_more_than_one")
def _two_hold(tables: Tables) -> None:
    plan = tables["plans"].iloc[[0]].assign(status="adopted")
    tables["plans"] = pd.concat([plan, plan.assign(plan_id="another")], ignore_index=True)


@breaks("plan_state_unfounded")
def _adopted_by_nobody(tables: Tables) -> None:
    put(tables, "plans", 0, "status", "adopted")


@breaks("objection_unanswered")
def _an_outcome_without_words(tables: Tables) -> None:
    plan = tables["plans"]["plan_id"].iloc[0]
    row = {"plan_id": plan, "number": 1, "outcome": "declined", "answer": None}
    tables["objections"] = pd.DataFrame([row])


@breaks("said_of_no_plan")
def _a_comment_on_nothing(tables: Tables) -> None:
    tables["comments"] = pd.DataFrame([{"comment_id": "m1", "plan_id": "gone", "text": "Here?"}])


@breaks("offers_broken")
def _an_offer_of_no_building(tables: Tables) -> None:
    row = {"offer_id": "o1", "kind": "gone", "table": "buildings", "row_key": "nowhere", "state": "open"}
    tables["offers"] = pd.DataFrame([row])


@breaks("base_edits_out_of_turn")
def _two_edits_at_one_turn(tables: Tables) -> None:
    tables["base_edits"] = pd.DataFrame({"edit_id": ["e1", "e2"], "turn": [3, 3]})


@pytest.mark.parametrize("rule", sorted(RULES))
def test_check_finds_what_is_broken(rule: str, tables: Tables) -> None:
    broken = {name: rows.copy() for name, rows in tables.items()}
    BREAKS[rule](broken)
    assert rule in {finding.rule for finding in findings(broken)}

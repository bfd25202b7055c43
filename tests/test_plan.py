import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from govmap.errors import PlanError
from govmap.plan import Plan, above, home, outlines, sums

ROWS = pd.DataFrame({"part_id": ["b", "a", "c", "d"], "unit_id": ["u1", "u1", "u2", "u2"]})
PLAN = Plan.of("p", 1, ROWS)
PARTS = pd.DataFrame(
    {
        "part_id": ["a", "b", "c", "d"],
        "building_id": ["h1", "h2", "h2", None],
        "cell_id": ["k1", "k2", "k2", "k3"],
        "households": [10, 4, 6, 0],
        "residents": [20, 8, 12, 0],
    }
)
CELLS = gpd.GeoDataFrame(
    {"cell_id": ["k1", "k2", "k3"], "community_id": "c"},
    geometry=[shapely.box(x, 0, x + 10, 10) for x in (0, 10, 20)],
    crs="EPSG:32633",
)


def test_the_order_of_rows_changes_nothing():
    other = Plan.of("p", 1, ROWS.sample(frac=1, random_state=5))
    assert other == PLAN
    assert hash(other) == hash(PLAN)
    assert other.fingerprint == PLAN.fingerprint
    assert other.rows().equals(PLAN.rows())


def test_a_plan_differs_by_id_edition_and_parts():
    assert Plan.of("q", 1, ROWS) != PLAN
    assert Plan.of("p", 2, ROWS) != PLAN
    assert PLAN.move(["a"], "u2") != PLAN
    assert PLAN != "p"


def test_a_part_stands_once():
    with pytest.raises(PlanError) as refused:
        Plan.of("p", 1, pd.concat([ROWS, ROWS.head(1)]))
    assert refused.value.note.facts["parts"] == ["b"]


def test_moving_leaves_the_plan_as_it_was():
    moved = PLAN.move(["a"], "u2")
    assert (PLAN.parts["a"], moved.parts["a"]) == ("u1", "u2")
    assert moved.members("u2") == ["a", "c", "d"]
    assert moved.units == ["u1", "u2"]
    with pytest.raises(PlanError):
        PLAN.move(["x"], "u2")


def test_a_frame_given_is_not_kept():
    rows = ROWS.copy()
    plan = Plan.of("p", 1, rows)
    rows["unit_id"] = "changed"
    assert plan == PLAN


def test_difference_names_what_moved_came_and_went():
    other = Plan.of("p", 2, pd.DataFrame({"part_id": ["a", "b", "c", "e"], "unit_id": ["u1", "u2", "u2", "u3"]}))
    assert PLAN.difference(other).to_dict("records") == [
        {"part_id": "b", "unit_before": "u1", "unit_after": "u2"},
        {"part_id": "d", "unit_before": "u2", "unit_after": None},
        {"part_id": "e", "unit_before": None, "unit_after": "u3"},
    ]
    assert PLAN.difference(PLAN).empty


def test_replayed_revisions_give_the_plan():
    rng = np.random.default_rng(1)
    plan, chain = PLAN, [Plan.empty("p", 1).difference(PLAN)]
    for _ in range(30):
        moved = plan.move(rng.choice(["a", "b", "c", "d"], 2, replace=False), f"u{rng.integers(4)}")
        chain.append(plan.difference(moved))
        plan = moved
    assert Plan.empty("p", 1).replay(pd.concat(chain, ignore_index=True)) == plan


def test_a_chain_that_does_not_fit_is_refused():
    rows = pd.DataFrame({"part_id": ["a"], "unit_before": ["u9"], "unit_after": ["u2"]})
    with pytest.raises(PlanError) as refused:
        PLAN.replay(rows)
    assert refused.value.note.facts["parts"] == ["a"]


def test_sums_count_a_building_once():
    found = sums(PLAN.parts, PARTS).set_index("unit_id")
    assert found["households"].to_dict() == {"u1": 14, "u2": 6}
    assert found["buildings"].to_dict() == {"u1": 1, "u2": 1}
    assert home(PLAN.parts, PARTS, "building_id").to_dict() == {"h1": "u1", "h2": "u2"}


def test_a_cell_is_drawn_with_the_unit_that_has_most_of_its_households():
    drawn = outlines(PLAN, PARTS, CELLS.sample(frac=1, random_state=2)).set_index("unit_id")
    assert drawn["area_m2"].to_dict() == {"u1": 100.0, "u2": 200.0}
    assert drawn["compactness"]["u1"] == pytest.approx(np.pi / 4)
    assert drawn["community_id"].unique().tolist() == ["c"]
    assert shapely.coverage_is_valid(drawn.geometry.to_numpy())
    assert drawn.geometry.union_all().area == CELLS.geometry.union_all().area
    assert str(drawn.crs) == "EPSG:32633"


def test_equal_shares_of_a_cell_go_to_one_unit_whatever_the_order():
    parts = PARTS.assign(households=[10, 5, 5, 0])
    for seed in range(4):
        rows = parts.sample(frac=1, random_state=seed)
        assert outlines(PLAN, rows, CELLS).set_index("unit_id")["area_m2"].to_dict() == {"u1": 200.0, "u2": 100.0}


def test_a_unit_without_a_cell_of_its_own_has_an_empty_outline():
    plan = PLAN.move(["b"], "floor")
    drawn = outlines(plan, PARTS, CELLS).set_index("unit_id")
    assert drawn.loc["floor", "geometry"].is_empty
    assert drawn.loc["floor", ["households", "area_m2", "compactness"]].tolist() == [4, 0, 0]
    assert set(drawn.geometry.geom_type) == {"MultiPolygon"}


def nested() -> Plan:
    """Two grids, of two micro-grids and of one, and an exclusive unit beside them."""
    rows = pd.DataFrame({"part_id": list("abcde"), "unit_id": ["m1", "m1", "m2", "m3", "x"]})
    units = pd.DataFrame(
        {
            "plan_id": "p",
            "unit_id": ["m1", "m2", "m3", "x", "g1", "g2"],
            "parent_unit_id": ["g1", "g1", "g2", None, None, None],
            "level": ["microgrid"] * 3 + ["grid"] * 3,
        }
    )
    return Plan.of("p", 1, rows).nested(units)


def test_a_plan_knows_its_units_on_every_level():
    top, low = nested().tiers()
    assert low == nested()
    assert top.parts.to_dict() == {"a": "g1", "b": "g1", "c": "g1", "d": "g2", "e": "x"}
    assert top.lifted() is None
    assert (low.levels["m1"], top.levels["g2"]) == ("microgrid", "grid")


def test_a_plan_that_changes_keeps_what_lies_above():
    moved = nested().move(["c"], "m3")
    assert moved.parents == nested().parents
    assert moved.tiers()[0].parts["c"] == "g2"
    assert nested() != Plan.of("p", 1, nested().rows())


def test_units_that_lie_above_each_other_are_refused():
    ring = Plan("p", 1, pd.Series({"a": "m"}), parents={"m": "g", "g": "m"})
    with pytest.raises(PlanError) as refused:
        ring.tiers()
    assert refused.value.code == "delineate_parents_in_a_ring"


def test_units_above_are_drawn_and_summed_from_those_inside():
    shapes = [shapely.MultiPolygon([shapely.box(x, 0, x + 1, 1)]) for x in range(3)]
    units = gpd.GeoDataFrame(
        {"unit_id": ["m1", "m2", "m3"], "community_id": "c", "households": [3, 4, 5], "residents": [6, 8, 10]}
        | {"buildings": 1, "area_m2": 1.0, "compactness": 0.7},
        geometry=shapes,
    )
    found = above(units, nested().parents)
    assert found["unit_id"].tolist() == ["g1", "g2"]
    assert found[["households", "residents", "buildings"]].to_numpy().tolist() == [[7, 14, 2], [5, 10, 1]]
    assert [shape.area for shape in found.geometry] == [2, 1]
    assert found["compactness"].tolist() == pytest.approx([4 * np.pi * 2 / 36, np.pi / 4])

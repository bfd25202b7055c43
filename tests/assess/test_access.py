"""Nearest sites, places known from two lists, and supply against demand."""

import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from lane import HOMES, at, homes, lane

from govmap.assess import access


def _pairs(rng: np.random.Generator, origins: int, sites: int, limit: float) -> tuple[np.ndarray, ...]:
    one, other = rng.uniform(0, 3_000, (origins, 2)), rng.uniform(0, 3_000, (sites, 2))
    cost = np.hypot(*(one[:, None] - other[None]).transpose(2, 0, 1))
    origin, site = np.nonzero(cost <= limit)
    return origin, site, cost[origin, site]


def test_the_nearest_site_of_each_kind_is_found_and_ties_go_to_the_first() -> None:
    network = lane()
    sites = at(network, 200.0, 800.0, 500.0)
    found = access.nearest(network, homes(network), sites, pd.Series(["clinic", "clinic", "shop"]))
    assert found["clinic"].site.tolist() == [0] * 6 + [1] * 5  # the home in the middle is as near to both
    assert found["clinic"].distance_m.tolist() == [200, 100, 0, 100, 200, 300, 200, 100, 0, 100, 200]
    assert found["shop"].distance_m.max() == 500.0


def test_either_of_two_kinds_serves() -> None:
    network = lane()
    found = access.nearest(network, homes(network), at(network, 0.0, 1_000.0), pd.Series(["market", "supermarket"]))
    both = access.either(found, ("market", "supermarket", "shop"), HOMES)
    assert both.distance_m.tolist() == [0, 100, 200, 300, 400, 500, 400, 300, 200, 100, 0]
    assert both.site.tolist() == [0] * 6 + [1] * 5
    assert np.isinf(access.either(found, ("shop",), HOMES).distance_m).all()


def test_reach_tells_the_way_of_each_cell_from_its_own_building() -> None:
    network = lane()
    ids = pd.Series([f"b{number:02d}" for number in range(HOMES)])
    found = access.nearest(network, homes(network), at(network, 0.0), pd.Series(["clinic"]))
    cells = pd.DataFrame({"cell_id": ["c2", "c1", "open"], "building_id": ["b07", "b01", None]})
    rows = access.reach(found, cells, ids, pd.Series(["r1"]))
    assert rows["cell_id"].tolist() == ["c1", "c2"]
    assert rows["distance_m"].tolist() == [100.0, 700.0]
    assert rows["walk_min"].tolist() == pytest.approx([100 / 66, 700 / 66])


def test_supply_is_shared_by_those_who_reach_it() -> None:
    # Two sites of 10 places: one reached by 20 people, one by 20 and 30.
    origin, site = np.array([0, 0, 1]), np.array([0, 1, 1])
    found = access.floating_catchment(origin, site, np.ones(3), demand=[20, 30], supply=[10, 10])
    assert found.tolist() == [10 / 20 + 10 / 50, 10 / 50]


def test_steps_count_up_to_their_end_and_nothing_beyond() -> None:
    steps = access.Steps((0.5, 1.0), (1.0, 0.4))
    assert steps.of([0.0, 50.0, 50.1, 100.0, 100.1, np.inf], 100.0).tolist() == [1.0, 1.0, 0.4, 0.4, 0.0, 0.0]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.integers(1, 12))
def test_no_place_is_lost_or_made(seed: int, origins: int, sites: int) -> None:
    rng = np.random.default_rng(seed)
    origin, site, cost = _pairs(rng, origins, sites, 900.0)
    demand, supply = rng.integers(0, 50, origins), rng.integers(0, 30, sites)
    weight = access.Steps.load().of(cost, 900.0)
    found = access.floating_catchment(origin, site, weight, demand=demand, supply=supply)
    wanted = np.zeros(sites, bool)
    wanted[site[(demand[origin] > 0) & (weight > 0)]] = True
    assert (found * demand).sum() == pytest.approx(supply[wanted].sum(), rel=1e-12)


@pytest.mark.parametrize("seed", [1, 2])
def test_catchments_equal_those_of_access(seed: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the peer's own
        from access import Access, weights
    rng = np.random.default_rng(seed)
    limit = 900.0
    origin, site, cost = _pairs(rng, 400, 60, limit)
    demand, supply = rng.integers(1, 500, 400), rng.integers(1, 40, 60)
    steps = access.Steps.load()
    found = access.floating_catchment(origin, site, steps.of(cost, limit), demand=demand, supply=supply)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = Access(
            demand_df=pd.DataFrame({"id": np.arange(400), "pop": demand}), demand_index="id", demand_value="pop",
            supply_df=pd.DataFrame({"id": np.arange(60), "places": supply}), supply_index="id", supply_value="places",
            cost_df=pd.DataFrame({"origin": origin, "dest": site, "cost": cost}), cost_origin="origin",
            cost_dest="dest", cost_name="cost",
        )  # fmt: skip
        by_step = {share * limit: weight for share, weight in zip(steps.shares, steps.weights, strict=True)}
        made = peer.enhanced_two_stage_fca(name="e", max_cost=limit, weight_fn=weights.step_fn(by_step))
    told = made["e_places"].reindex(np.arange(400)).fillna(0.0).to_numpy()
    assert np.abs(found - told).max() < 1e-12


def _sites(*rows: tuple[object, ...]) -> pd.DataFrame:
    names = ["resource_id", "category", "name", "import_id", "hours", "capacity", "capacity_unit", "x"]
    frame = pd.DataFrame([dict(zip(names, row, strict=True)) for row in rows])
    return gpd.GeoDataFrame(frame.drop(columns="x"), geometry=[shapely.Point(x, 0) for x in frame["x"]])


def test_a_place_in_two_lists_counts_once_and_keeps_what_each_knows() -> None:
    found = access.merged(_sites(
        ("n1", "clinic", "Health  Centre", None, "Mo-Fr 08:00-18:00", None, None, 0.0),
        ("i1", "clinic", "health centre", "list", None, 40.0, "places", 60.0),
        ("i2", "clinic", "health centre", "list", None, 10.0, "places", 900.0),
        ("n2", "shop", "Health Centre", None, None, None, None, 0.0),
        ("n3", "clinic", None, None, None, None, None, 0.0),
        ("n4", "clinic", None, None, None, None, None, 0.0),
    ))  # fmt: skip
    assert found["resource_id"].tolist() == ["i1", "i2", "n2", "n3", "n4"]
    first = found.iloc[0]
    assert (first["hours"], first["capacity"]) == ("Mo-Fr 08:00-18:00", 40.0)


def test_capacities_of_another_unit_are_not_known() -> None:
    rows = _sites(
        ("a", "clinic", None, None, None, 40.0, "个床位", 0.0), ("b", "clinic", None, None, None, 30.0, "Places", 0.0),
        ("c", "clinic", None, None, None, 20.0, "visits/h", 0.0),
        ("d", "clinic", None, None, None, None, "places", 0.0),
        ("e", "clinic", None, None, None, 40.0, "床位", 0.0),
    )  # fmt: skip
    known = access.capacities(rows, "places")
    assert np.isnan(known).tolist() == [True, False, True, True, False]

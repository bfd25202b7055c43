"""Clusters of reports: equal to the peer's numbers, silent on noise, found where they are."""

import importlib.util
from pathlib import Path
from types import ModuleType

import esda
import libpysal
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from govmap import catalog
from govmap.assess import lattices, spots
from govmap.assess.reports import ALL, Reports, Tier

RULES = catalog.layer("reports")["spots"]
QUARTERS = np.array(["", "HH", "LH", "LL", "HL"])


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    path = Path(__file__).resolve().parents[2] / "bench" / "spots.py"
    spec = importlib.util.spec_from_file_location("bench_spots", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["bench_spots"] = module
    spec.loader.exec_module(module)
    return module


def neighbours(seed: int, count: int) -> tuple[sparse.csr_array, libpysal.weights.W]:
    """Join random points that lie near each other, and each to the next, so that none is alone."""
    xy = np.random.default_rng(seed).random((count, 2))
    near = np.hypot(*(xy[:, None] - xy[None]).T) < 0.25
    near[np.arange(count - 1), np.arange(1, count)] = near[np.arange(1, count), np.arange(count - 1)] = True
    np.fill_diagonal(near, val=False)
    told = {one: np.flatnonzero(near[one]).tolist() for one in range(count)}
    return sparse.csr_array(near.astype(float)), libpysal.weights.W(told, silence_warnings=True)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.integers(12, 60))
def test_gi_star_and_local_moran_are_those_of_esda(seed: int, count: int) -> None:
    near, told = neighbours(seed, count)
    values = np.random.default_rng(seed).gamma(2, 1, count)
    theirs = esda.G_Local(values, told, transform="B", star=True, permutations=0)
    assert np.abs(spots.gi_star(values, near) - theirs.Zs).max() < 1e-9
    moran = esda.Moran_Local(values, told, transformation="r", permutations=0)
    ours = spots.local_moran(values, near)
    for one, other in ((ours.value, moran.Is), (ours.expected, moran.EIc), (ours.variance, moran.VIc)):
        assert np.abs(one - other).max() < 1e-9
    assert (QUARTERS[moran.q] == ours.quarter).all()
    assert np.allclose(ours.z, (moran.Is - moran.EIc) / np.sqrt(moran.VIc), atol=1e-9)


def test_where_all_are_alike_nothing_stands_out() -> None:
    near, _ = neighbours(1, 12)
    assert (spots.gi_star(np.full(12, 3.0), near) == 0).all()
    assert (spots.local_moran(np.full(12, 3.0), near).z == 0).all()


def test_a_unit_without_neighbours_is_looked_at_alone() -> None:
    near = sparse.csr_array((12, 12))
    values = np.array([9.0] + [1.0] * 11)
    assert spots.gi_star(values, near)[0] > 3
    assert (spots.local_moran(values, near).value == 0).all()


def test_residuals_are_of_like_scatter_for_small_and_large_areas() -> None:
    rng = np.random.default_rng(2)
    for mean in (1.0, 4.0, 30.0, 400.0):
        drawn = spots.residuals(rng.poisson(mean, 20_000), mean)
        assert 0.7 < drawn.var() < 1.15
        assert abs(drawn.mean()) < 0.15


@pytest.mark.parametrize(("units", "homes", "reports"), [(20, 60, 40.0), (60, 8, 10.0)])
def test_pure_noise_is_hardly_ever_called_hot(bench: ModuleType, units: int, homes: int, reports: float) -> None:
    assert bench.measure(units, homes, reports, trials=40)["any"] <= 0.05


@pytest.mark.parametrize(("units", "homes", "reports", "cluster"), [(20, 60, 40.0, 2), (60, 8, 10.0, 5)])
def test_most_clusters_of_three_times_the_rate_are_found(
    bench: ModuleType, units: int, homes: int, reports: float, cluster: int
) -> None:
    assert bench.measure(units, homes, reports, cluster=cluster, trials=40)["found"] >= 0.8


def field(side: int = 12) -> tuple[Tier, np.ndarray, np.ndarray, sparse.csr_array]:
    """A field of square units, four homes of five households in each."""
    x, y = np.meshgrid(np.arange(2 * side), np.arange(2 * side))
    xy = np.column_stack([x.ravel(), y.ravel()]) * 50.0 + 25.0
    of = (xy // 100).astype(int)
    number = of[:, 0] * side + of[:, 1]
    ids = np.array([f"u{one:03d}" for one in range(side * side)], object)
    households = np.full(len(xy), 5.0)
    column, row = np.divmod(np.arange(side * side), side)
    shapes = shapely.box(column * 100.0, row * 100.0, column * 100.0 + 100, row * 100.0 + 100)
    return Tier("base", ids, np.full(len(ids), 20.0), number), xy, households, lattices.beside(shapes)


def looked(tier: Tier, xy: np.ndarray, households: np.ndarray, near: sparse.csr_array, part: np.ndarray) -> spots.Found:
    reports = Reports(part, np.full(len(part), -1), ())
    grounds = lattices.grounds(reports, [tier], [near], xy=xy, households=households, rules=RULES)
    return spots.spots(reports, [tier], grounds, households=households, rules=RULES)


def test_a_cluster_is_told_where_it_is_and_a_calm_unit_beside_it_is_not() -> None:
    tier, xy, households, near = field()
    rng = np.random.default_rng(4)
    hot = (np.abs(xy - 600) < 150).all(1)
    part = np.repeat(np.arange(len(xy)), rng.poisson(np.where(hot, 12.0, 3.0)))
    found = looked(tier, xy, households, near, part).spots.set_index("unit_id")
    told = set(found.index[found["kind"] == spots.HOT])
    inside = set(tier.units[np.unique(tier.of[hot])])
    assert told
    assert told <= inside
    assert (found.loc[sorted(told), "stable_levels"] == 3).all()
    assert (found.loc[sorted(told), "z"] > 2).all()


def test_the_order_of_reports_changes_nothing() -> None:
    tier, xy, households, near = field()
    part = np.random.default_rng(4).integers(0, len(xy), 900)
    one, other = (looked(tier, xy, households, near, rows).spots for rows in (part, part[::-1].copy()))
    assert one.equals(other)


def test_too_few_reports_are_not_tested() -> None:
    tier, xy, households, near = field()
    found = looked(tier, xy, households, near, np.arange(20))
    assert set(found.spots["kind"]) == {spots.FEW}
    assert found.spots["z"].isna().all()
    assert len(found.grounds[ALL]) < RULES["supports"]


def test_nobody_living_anywhere_is_normal_life() -> None:
    tier, xy, households, near = field()
    empty = Tier("base", tier.units, tier.households * 0, tier.of)
    found = looked(empty, xy, households * 0, near, np.arange(400))
    assert set(found.spots["kind"]) == {spots.FEW}


def test_blocks_hold_like_numbers_of_households_and_every_home_once() -> None:
    rng = np.random.default_rng(9)
    xy = rng.normal(0, 200, (3000, 2))
    households = rng.integers(0, 12, 3000).astype(float)
    ground = lattices.blocks(xy, households, 100)
    assert ground.areas == len(ground.households) == 100
    assert ground.households.sum() == households.sum()
    assert ground.households.max() < 2.6 * ground.households.min()
    assert (ground.of >= 0).all()
    assert (ground.beside.sum(axis=1) >= 2).all()
    assert (ground.beside != ground.beside.T).nnz == 0


def test_homes_at_one_place_stay_in_one_block() -> None:
    xy = np.repeat(np.array([[0.0, 0.0], [10.0, 0.0], [20.0, 5.0]]), 50, axis=0)
    ground = lattices.blocks(xy, np.ones(150), 40)
    assert len(ground.households) == 3
    assert all(len(set(ground.of[start : start + 50])) == 1 for start in (0, 50, 100))


def test_units_on_floors_of_one_tower_are_beside_each_other() -> None:
    outlines = np.array([shapely.box(0, 0, 1, 1), shapely.MultiPolygon(), shapely.box(5, 5, 6, 6)], object)
    near = lattices.beside(outlines)
    assert near.nnz == 0
    joined = lattices.together(near, np.array([0, 1, 2]), np.array([0, 0, 1]))
    assert joined.toarray().tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]


def test_units_that_touch_in_a_corner_are_beside_each_other() -> None:
    shapes = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 1, 2, 2), shapely.box(3, 0, 4, 1)], object)
    assert lattices.beside(shapes).toarray().tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]

"""Districts of least moment of inertia: against all divisions of tiny ground and proven ones of real ground."""

import importlib.util
from itertools import product
from math import comb
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import Delaunay

from govmap.delineate.search.columns import proven_best
from govmap.delineate.search.districts import districts
from govmap.delineate.search.inertia import SCALE, Inertia, around, holds, middles_of
from govmap.delineate.search.middles import Search, sets_under

BENCH = Path(__file__).resolve().parents[3] / "bench" / "districts.py"


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench_districts", BENCH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def facts_of(seed: int, n: int, units: int, share: float) -> dict:
    """A random planar problem in the format of the files; people differ a hundredfold."""
    rng = np.random.default_rng(seed)
    at = rng.random((n, 2)) * 200
    corners = Delaunay(at).simplices
    ends = np.unique(
        np.sort(np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]]), axis=1), axis=0
    )
    people = np.exp(rng.normal(5, 1, n)).astype(np.int64)
    people[rng.integers(n)] = 0
    mean = people.sum() / units
    far = np.rint(np.hypot(*(at[:, None] - at).transpose(2, 0, 1))).astype(np.int16)
    sizes = {"k": units, "L": int(np.ceil(mean * (1 - share))), "U": int(mean * (1 + share))}
    geoid = np.array([f"{row:05d}" for row in rng.permutation(n)])
    return {"pop": people, "E": ends, "D": far, "x": at[:, 0], "y": at[:, 1], "geoid": geoid, **sizes}


def least(problem: Inertia) -> int | None:
    """The least objective of all divisions, by trying every one."""
    best = None
    for rest in product(range(problem.units), repeat=len(problem) - 1):
        label = np.array((0, *rest))
        if len(np.unique(label)) == problem.units and holds(problem, label):
            cost = middles_of(problem, label)[1]
            best = cost if best is None else min(best, cost)
    return best


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(5, 8), units=st.integers(2, 3), share=st.sampled_from([0.1, 0.3, 0.6]))
def test_tiny_ground_is_divided_as_well_as_can_be(
    bench: ModuleType, seed: int, n: int, units: int, share: float
) -> None:
    problem, _ = bench.problem_of(facts_of(seed, n, units, share))
    answer = districts(problem)
    best = least(problem)
    assert (answer.label is None) == (best is None)
    if best is not None:
        assert holds(problem, answer.label)
        assert answer.objective == best
        assert answer.bound <= best / SCALE + 1e-6


@pytest.mark.parametrize(("n", "units", "share"), [(30, 3, 0.02), (60, 5, 0.05), (150, 4, 0.01)])
def test_units_are_whole_within_the_band_and_no_bound_lies_above(
    bench: ModuleType, n: int, units: int, share: float
) -> None:
    problem, _ = bench.problem_of(facts_of(n, n, units, share))
    answer = districts(problem, seed=2)
    assert holds(problem, answer.label)
    assert answer.bound <= answer.objective / SCALE + 1e-6


def test_the_order_of_rows_changes_nothing(bench: ModuleType) -> None:
    facts = facts_of(7, 40, 3, 0.03)
    turned = np.random.default_rng(1).permutation(40)
    rank = np.argsort(turned)
    other = facts | {key: facts[key][turned] for key in ("pop", "x", "y", "geoid")}
    other |= {"E": rank[facts["E"]][::-1], "D": facts["D"][np.ix_(turned, turned)]}
    (problem, order), (moved, place) = bench.problem_of(facts), bench.problem_of(other)
    label, again = districts(problem).label, districts(moved).label
    assert (facts["geoid"][order] == other["geoid"][place]).all()
    assert (label == again).all()


def test_both_ways_agree_where_both_prove(bench: ModuleType) -> None:
    problem, _ = bench.problem_of(facts_of(3, 30, 4, 0.05))
    search = Search(problem)
    search.run(60_000, until_found=True)
    by_sets = proven_best(problem, search.atom_prices(), np.inf)
    assert search.proven()
    assert by_sets.proven
    assert by_sets.objective / SCALE == pytest.approx(search.cost)


def test_every_set_of_middles_is_listed(bench: ModuleType) -> None:
    problem, _ = bench.problem_of(facts_of(5, 9, 3, 0.3))
    ground = Search(problem).ground
    assert len(sets_under(ground.cost, ground.people, ground.band, 3, 1e30)) == comb(9, 3)


def test_a_band_that_cannot_be_met_has_no_answer() -> None:
    line = np.arange(6)
    far = np.abs(line[:, None] - line)
    people = np.array([1, 1, 50, 1, 1, 1])
    problem = Inertia(people=people, cost=around(people, far), i=line[:-1], j=line[1:], units=2, low=27, high=28)
    assert districts(problem).label is None


@pytest.mark.parametrize("name", ["ME_county", "WV_county", "NH_tract"])
@pytest.mark.parametrize("seed", [1, 5])
def test_proven_optima_of_real_ground_are_met(shared: Path, bench: ModuleType, name: str, seed: int) -> None:
    with np.load(shared / "instances" / "districts" / f"{name}.npz") as file:
        facts = {key: file[key] for key in file.files}
    problem, _ = bench.problem_of(facts)
    answer = districts(problem, seed=seed)
    assert holds(problem, answer.label)
    assert answer.objective / SCALE == pytest.approx(float(facts["ref_obj"]), rel=1e-7)
    assert answer.proven

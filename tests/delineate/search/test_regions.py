"""Large ground: cut into districts, divided in as many processes as there are, the seams searched again."""

import numpy as np
import pytest
from hamlets import lattice
from hypothesis import given, settings
from hypothesis import strategies as st

from govmap.delineate.criteria import Criteria
from govmap.delineate.problem import cut_out, measured, of_parts, pieces
from govmap.delineate.search import regions

BAND = (60, 100)


@pytest.fixture(autouse=True)
def _small_is_large(monkeypatch):
    """Ground of some hundred atoms counts as large."""
    monkeypatch.setattr(regions, "LARGE", 300)
    monkeypatch.setattr(regions, "DISTRICT", 150)
    monkeypatch.setattr(regions, "FEWEST", 5)
    monkeypatch.setattr(regions, "STRETCH", 120)


def ground(wide, high, households, **choices):
    hamlet = lattice(wide, high, households, **choices)
    atoms = hamlet.atoms.sort_values("part_id", ignore_index=True)
    return of_parts(atoms, hamlet.graph, measured(atoms, "households"))


def uneven(x, y):
    return (7 * x + 13 * y) % 11 + 3


def units_of(problem):
    return round(problem.total / 80)


def whole_and_counted(problem, label, number):
    assert len(np.unique(label)) == number
    assert pieces(problem, label).max() + 1 == number


def test_districts_hold_every_atom_once_and_whole_units():
    problem = ground(30, 30, uneven)
    parts = regions.districts(problem, units_of(problem), BAND)
    assert len(parts) > 3
    assert sorted(np.concatenate([one.atoms for one in parts])) == list(range(len(problem)))
    assert sum(one.number for one in parts) == units_of(problem)
    for one in parts:
        own = cut_out(problem, one.atoms)
        assert pieces(own, np.zeros(len(own), dtype=np.int64)).max() == 0
        assert one.number * BAND[0] <= own.total <= one.number * BAND[1]


def test_districts_meet_along_a_river_where_there_is_one():
    problem = ground(24, 20, 5, river=[11], ford=[3, 15])
    west, east = sorted((one.atoms for one in regions.districts(problem, 30, BAND)[:2]), key=lambda one: one[0])
    cut = {float(problem.x[one].max()) for one in (west, east)} | {float(problem.x[one].min()) for one in (west, east)}
    assert cut & {300.0, 330.0}


def test_large_ground_has_the_units_asked_for_and_none_in_pieces():
    problem = ground(28, 24, uneven)
    number = units_of(problem)
    label = regions.divide(problem, number, BAND, Criteria(size=BAND, units=number, equal=True))
    whole_and_counted(problem, label, number)
    weight = np.bincount(label, problem.weight)
    assert ((weight >= BAND[0]) & (weight <= BAND[1])).all()


def test_two_processes_give_what_one_gives():
    problem = ground(22, 20, uneven)
    number = units_of(problem)
    wanted = Criteria(size=BAND, units=number, equal=True)
    alone = regions.divide(problem, number, BAND, wanted, budget=40_000)
    again = regions.divide(problem, number, BAND, wanted, budget=40_000)
    shared = regions.divide(problem, number, BAND, wanted, budget=40_000, processes=2)
    assert (alone == again).all()
    assert (alone == shared).all()


def test_where_no_process_can_be_started_the_work_is_done_here(monkeypatch):
    def refused(*_, **__):
        raise PermissionError

    monkeypatch.setattr(regions, "ProcessPoolExecutor", refused)
    problem = ground(22, 20, uneven)
    number = units_of(problem)
    label = regions.divide(problem, number, BAND, Criteria(size=BAND, units=number), budget=20_000, processes=2)
    whole_and_counted(problem, label, number)


def test_a_fault_in_the_work_is_not_taken_for_a_lack_of_processes(monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr(regions.portfolio, "divide", broken)
    problem = ground(22, 20, uneven)
    with pytest.raises(ZeroDivisionError):
        regions.divide(problem, units_of(problem), BAND, Criteria(size=BAND))


def test_progress_grows_and_ends_at_all():
    heard = []
    problem = ground(22, 20, uneven)
    regions.divide(problem, units_of(problem), BAND, Criteria(size=BAND), budget=20_000, told=heard.append)
    assert len(heard) > 3
    assert heard == sorted(heard)
    assert heard[-1] == pytest.approx(1.0)


def test_stretches_hold_whole_units_along_the_seams_each_in_one_piece():
    problem = ground(24, 24, 8)
    label = (problem.x // 90 * 100 + problem.y // 90).astype(np.int64)
    label = np.unique(label, return_inverse=True)[1]
    home = (problem.x // 360 * 10 + problem.y // 360).astype(np.int64)
    found = list(regions._stretches(problem, label, home))
    held = np.concatenate(found)
    assert len(held) == len(set(held.tolist()))
    for one in found:
        assert set(label[one]).isdisjoint(label[np.setdiff1d(np.arange(len(problem)), one)])
        own = cut_out(problem, one)
        assert pieces(own, np.zeros(len(own), dtype=np.int64)).max() == 0
    seam = problem.joins & (home[problem.i] != home[problem.j])
    assert np.isin(problem.i[seam], held).mean() > 0.9


def test_searching_a_seam_again_never_makes_it_worse():
    problem = ground(12, 12, 5)
    label = np.unique((problem.x // 120 * 100 + problem.y // 120).astype(np.int64), return_inverse=True)[1]
    wanted = Criteria(size=BAND, units=9, equal=True)
    found = regions._one_stretch(BAND, wanted, 30.0, (problem, label))
    weight = np.bincount(found, problem.weight)
    assert len(weight) == 9
    assert (np.abs(weight - 80) <= 8).all()
    whole_and_counted(problem, found, 9)


def test_ground_without_enough_units_stays_one_district():
    problem = ground(24, 24, 5)
    assert len(regions.districts(problem, 9, (300, 340))) == 1
    label = regions.divide(problem, 9, (300, 340), Criteria(size=(300, 340), units=9), budget=20_000)
    whole_and_counted(problem, label, 9)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(
    wide=st.integers(18, 26),
    weights=st.lists(st.sampled_from([0, 0, 1, 4, 9, 30, 95]), min_size=7, max_size=40),
    number=st.integers(8, 60),
    river=st.booleans(),
)
def test_any_large_ground_is_cut_into_districts_that_add_up(wide, weights, number, river):
    problem = ground(
        wide,
        18,
        lambda x, y: weights[(5 * x + 3 * y) % len(weights)],
        river=[wide // 2] if river else (),
        ford=[4, 12],
    )
    if problem.total == 0:
        return
    parts = regions.districts(problem, number, BAND)
    assert sorted(np.concatenate([one.atoms for one in parts])) == list(range(len(problem)))
    assert sum(one.number for one in parts) == number
    assert all(one.number >= 1 for one in parts)
    for one in parts:
        own = cut_out(problem, one.atoms)
        assert pieces(own, np.zeros(len(own), dtype=np.int64)).max() == 0

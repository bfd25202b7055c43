from collections import Counter
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hamlets import lattice, random_hamlet
from hypothesis import given, settings
from hypothesis import strategies as st

from govmap.contiguity import Graph
from govmap.delineate import Criteria, delineate, keep, quarter
from govmap.delineate.problem import measured, numbered, of_parts, pieces

BAND = (300, 500)
FREE = np.zeros(0, dtype=bool)


def town(wide, high, households, **more):
    place = lattice(wide, high, households, **more)
    atoms = place.atoms.sort_values("part_id", kind="stable", ignore_index=True)
    return of_parts(atoms, place.graph, measured(atoms, "households")), atoms


def columns(high, *widths):
    """Units that are so many columns wide, from west to east."""
    return np.repeat(np.arange(len(widths)), np.array(widths) * high)


def settled(problem, unit, band=BAND, locked=(), **more):
    flags = np.zeros(int(unit.max()) + 1, dtype=bool)
    flags[list(locked)] = True
    return keep.settle(problem, unit, band, locked=flags, **more)


def weights(problem, label):
    return np.bincount(label, problem.weight).astype(int).tolist()


def gap(problem, label, band=BAND):
    weight = np.bincount(label, problem.weight).astype(int)
    held = np.bincount(label) > 0
    return np.where(held, np.maximum(np.maximum(band[0] - weight, weight - band[1]), 0), 0)


def piece_counts(problem, label):
    first = np.unique(pieces(problem, label), return_index=True)[1]
    return Counter(label[first].tolist())


def test_nothing_moves_where_every_unit_meets_its_band():
    problem, _ = town(12, 4, 25)
    unit = columns(4, 4, 4, 4)
    assert (settled(problem, unit) == unit).all()


def test_a_unit_above_its_band_gives_the_fewest_households_to_a_neighbour():
    counts = np.full((8, 4), 25)
    counts[1, 1] = 160
    counts[3] = [25, 7, 40, 25]
    problem, _ = town(8, 4, counts)
    unit = columns(4, 4, 4)
    assert weights(problem, unit) == [532, 400]
    after = settled(problem, unit)
    told = keep.account(problem, unit, after, BAND)
    assert (told.moved, told.surplus, told.changed) == (32, 32, (0, 1))


def test_a_unit_short_of_its_band_takes_from_the_neighbour_that_has_enough():
    counts = np.full((12, 4), 25)
    counts[4:8] = [30, 30, 30, 30]
    counts[1:4] = 18
    problem, _ = town(12, 4, counts)
    unit = columns(4, 4, 4, 4)
    assert weights(problem, unit) == [316, 480, 400]
    told = keep.account(problem, unit, settled(problem, unit, (330, 500)), (330, 500))
    assert (told.left, told.moved, told.surplus, told.changed) == ((), 30, 14, (0, 1))


def test_what_the_neighbours_have_no_room_for_travels_on_along_a_chain():
    counts = np.full((12, 4), 31)
    counts[8:] = 20
    counts[0, 0] = 62
    problem, _ = town(12, 4, counts)
    unit = columns(4, 4, 4, 4)
    assert weights(problem, unit) == [527, 496, 320]
    after = settled(problem, unit)
    told = keep.account(problem, unit, after, BAND)
    assert told.left == ()
    assert told.changed == (0, 1, 2)
    assert told.moved == 2 * 31


def test_a_unit_twice_too_large_is_divided_where_nobody_has_room():
    counts = np.full((8, 4), 31)
    counts[:4] = 45
    problem, _ = town(8, 4, counts)
    unit = columns(4, 4, 4)
    after = settled(problem, unit)
    told = keep.account(problem, unit, after, BAND)
    assert (told.left, told.new, told.changed) == ((), (2,), (0, 2))
    assert told.moved <= 720 / 2
    assert keep.account(problem, unit, settled(problem, unit, fixed=True), BAND).new == ()


def test_new_households_by_the_thousand_become_units_of_their_own():
    counts = np.full((16, 6), 20)
    counts[4:] = 60
    problem, _ = town(16, 6, counts)
    unit = np.where(np.arange(96) < 24, 0, -1)
    after = settled(problem, unit)
    told = keep.account(problem, unit, after, BAND)
    assert (told.left, told.moved) == ((), 0)
    assert (after[:24] == 0).all()


def test_a_unit_that_is_nearly_empty_goes_up_in_a_neighbour():
    counts = np.full((8, 4), 20)
    counts[:4] = 2
    problem, _ = town(8, 4, counts)
    unit = columns(4, 4, 4)
    told = keep.account(problem, unit, settled(problem, unit), BAND)
    assert (told.gone, told.left, told.moved) == ((0,), (), 32)
    assert keep.account(problem, unit, settled(problem, unit, fixed=True), BAND).gone == ()


def test_a_locked_neighbour_neither_gives_nor_takes():
    counts = np.full((12, 4), 25)
    counts[5, 0] = 200
    problem, _ = town(12, 4, counts)
    unit = columns(4, 4, 4, 4)
    after = settled(problem, unit, locked=[0])
    assert ((after == 0) == (unit == 0)).all()
    assert gap(problem, after).sum() == 0
    assert (settled(problem, unit, locked=[0, 2]) == unit).all()


def test_a_compound_moves_whole_or_not_at_all():
    counts = np.full((8, 4), 25)
    counts[0] = 60
    problem, atoms = town(8, 4, counts, compound=lambda x, _: "k" if x == 3 else None)
    unit = columns(4, 4, 4)
    assert weights(problem, unit) == [540, 400]
    whole = numbered(atoms["compound_id"])
    after = settled(problem, unit, whole=whole)
    assert len(set(after[whole >= 0])) == 1
    assert keep.account(problem, unit, after, BAND).moved == 100


def test_a_new_building_joins_the_neighbour_with_room():
    counts = np.full((8, 4), 25)
    counts[:4] = 33
    problem, _ = town(8, 4, counts)
    unit = columns(4, 4, 4)
    unit[13] = -1
    after = settled(problem, unit)
    assert after[13] == 1
    assert (np.delete(after, 13) == np.delete(unit, 13)).all()


def test_a_new_building_among_locked_units_is_joined_by_name_to_the_nearest_that_may_change():
    problem, _ = town(12, 4, 25)
    unit = columns(4, 4, 4, 4)
    unit[5] = -1
    after = settled(problem, unit, locked=[0, 1])
    assert after[5] == 2
    assert (np.delete(after, 5) == np.delete(unit, 5)).all()


def test_a_new_place_beyond_a_river_is_a_unit_of_its_own_where_it_fills_one():
    problem, _ = town(8, 4, 25, river=(4,))
    unit = np.where(np.arange(32) < 16, 0, -1)
    assert settled(problem, unit).tolist() == [0] * 16 + [1] * 16
    small, _ = town(8, 4, np.repeat([25, 5], 16).reshape(8, 4), river=(4,))
    assert (settled(small, unit) == 0).all()


def test_a_small_piece_that_came_off_goes_to_its_neighbour():
    counts = np.full((8, 4), 25)
    unit = np.array([0 if x < 4 else 1 for x in range(8) for y in range(4) if x != 2 or y == 0])
    unit[9:13] = [1, 1, 1, 0]
    counts[3, 3] = 10
    problem, _ = town(8, 4, counts, gone={(2, 1), (2, 2), (2, 3)})
    assert piece_counts(problem, unit)[0] == 2
    after = settled(problem, unit, (90, 600), pieces_before=np.array([1, 1]))
    assert piece_counts(problem, after) == {0: 2, 1: 1}
    after = settled(problem, unit, (200, 600), pieces_before=np.array([1, 1]))
    assert piece_counts(problem, after) == {0: 1, 1: 1}
    assert keep.account(problem, unit, after, (200, 600)).moved == 10


def test_a_unit_that_was_out_of_its_band_before_and_has_not_changed_is_left_alone():
    problem, _ = town(8, 4, np.repeat([40, 20], 16).reshape(8, 4))
    unit = columns(4, 4, 4)
    assert (settled(problem, unit, size_before=np.array([640, 320])) == unit).all()
    assert (settled(problem, unit, size_before=np.array([630, 320])) != unit).any()


def test_few_households_too_many_do_not_move_hundreds():
    problem, _ = town(6, 1, np.array([[250], [252], [249], [250], [249], [250]]))
    unit = columns(1, 2, 2, 2)
    after = settled(problem, unit)
    assert (after == unit).all()
    assert keep.account(problem, unit, after, BAND).left == (0,)


def test_the_first_and_the_second_run_give_the_same():
    problem, _ = town(12, 8, lambda x, y: (x * 7 + y * 11) % 40)
    unit = columns(8, 3, 3, 3, 3)
    first = settled(problem, unit, (100, 160))
    assert (first == settled(problem, unit, (100, 160))).all()


def one_unit_too_full(each):
    """Two units of 28 buildings, the western one 20 above the band; its buildings hold `each` households."""
    problem, _ = town(14, 4, np.repeat([each, 10], 28).reshape(14, 4))
    unit = columns(4, 7, 7)
    most = 28 * each - 20
    return problem, unit, (200, most)


@pytest.mark.parametrize(("each", "again"), [(60, True), (20, False)])
def test_only_an_exchange_that_moves_far_more_than_is_missing_is_looked_for_again(monkeypatch, each, again):
    problem, unit, band = one_unit_too_full(each)
    looked = list[int]()
    monkeypatch.setattr(quarter, "_looked_for_again", lambda *given: looked.append(given[1]) or [])
    told = keep.account(problem, unit, settled(problem, unit, band, fixed=True), band)
    assert (bool(looked), told.moved) == (again, each)


def test_what_the_first_search_does_not_find_is_found_by_looking_again(monkeypatch):
    problem, unit, band = one_unit_too_full(60)
    monkeypatch.setattr(quarter, "_exchanged", lambda *_, **__: [])
    told = keep.account(problem, unit, settled(problem, unit, band, fixed=True), band)
    assert (told.left, told.moved, told.changed) == ((), 60, (0, 1))


def test_what_is_dear_is_tried_in_another_order_too():
    rng = np.random.default_rng(23)
    wide, high = int(rng.integers(9, 16)), int(rng.integers(3, 6))
    problem, _ = town(wide, high, rng.integers(8, 60, (wide, high)))
    unit = columns(high, *[3] * (wide // 3 - 1), wide - 3 * (wide // 3 - 1))
    sizes = weights(problem, unit)
    band = (int(min(sizes) * 0.9), max(sizes) - int(rng.integers(3, 20)))
    assert sum(sizes) > len(sizes) * band[1]  # one unit stays out in any way; the first one found moves 110
    told = keep.account(problem, unit, settled(problem, unit, band), band)
    assert (len(told.left), told.moved) == (1, 50)


def least_by_trying_all(problem, unit, band, near):
    """The fewest households that bring all units into the band, by trying every plan; other code than the program's."""
    best, number = None, int(unit.max()) + 1
    for label in product(range(number), repeat=len(unit)):
        tried = np.array(label)
        moved = int(problem.weight[tried != unit].sum())
        if (best is not None and moved >= best) or len(set(label)) < number:
            continue
        if {*unit[tried != unit].tolist(), *tried[tried != unit].tolist()} - near or gap(problem, tried, band).any():
            continue
        best = moved if max(piece_counts(problem, tried).values()) == 1 else best
    return best


@pytest.mark.parametrize("seed", range(12))
def test_on_small_ground_no_plan_at_all_moves_fewer(seed):
    rng = np.random.default_rng(seed)
    problem, _ = town(5, 2, rng.integers(1, 30, (5, 2)))
    unit = np.array([0, 0, 0, 0, 1, 1, 1, 1, 2, 2]) if seed % 2 else np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
    heaviest = max(weights(problem, unit))
    band = (min(weights(problem, unit)), heaviest - 3)
    wanted = least_by_trying_all(problem, unit, band, {0, 1, 2} if weights(problem, unit)[1] == heaviest else {0, 1})
    after = settled(problem, unit, band, fixed=True)
    told = keep.account(problem, unit, after, band)
    if wanted is None or wanted > max(band[0], 20 * 3):
        assert told.left
    else:
        assert (told.left, told.moved) == ((), wanted)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.integers(0, 10_000))
def test_whatever_changes_no_unit_falls_to_pieces_and_those_in_band_stay_in_it(seed):
    rng = np.random.default_rng(seed)
    place = random_hamlet(seed)
    atoms = place.atoms.sort_values("part_id", kind="stable", ignore_index=True)
    division = delineate(atoms, place.graph, Criteria(size=BAND, budget=2000))
    unit = pd.factorize(division.assignment["unit_id"], sort=True)[0].astype(np.int64)
    weight = measured(atoms, "households") * rng.choice([0, 1, 1, 1, 3], len(atoms))
    built = seed % 2 == 1
    unit[(rng.random(len(unit)) < 0.05) & built] = -1
    problem = of_parts(atoms, place.graph, weight)
    before = piece_counts(problem, np.where(unit < 0, int(unit.max()) + 1 + np.arange(len(unit)), unit))
    locked = rng.random(int(unit.max()) + 1) < 0.2
    after = keep.settle(problem, unit, BAND, locked=locked, community=numbered(atoms["community_id"]))
    assert (after >= 0).all()
    for one in np.flatnonzero(locked):
        assert ((after == one) == (unit == one)).all()
    start = gap(problem, np.where(unit < 0, after, unit))
    assert gap(problem, after)[: len(locked)].sum() <= max(start[: len(locked)].sum(), 0)
    # New ground between locked units is joined by name, and its unit then lies in more pieces.
    assert built or sum(one - 1 for one in piece_counts(problem, after).values()) <= sum(
        one - 1 for one in before.values()
    )
    homes = pd.Series(atoms["community_id"].to_numpy()).groupby(after).nunique()
    assert (homes == 1).all()


def kbh(shared):
    facts = dict(np.load(shared / "instances" / "osm" / "kbh.npz"))
    ids = np.array([f"p{one:07d}" for one in range(len(facts["w"]))], dtype=object)
    atoms = pd.DataFrame({"part_id": ids, "building_id": ids, "community_id": "c", "compound_id": None})
    atoms["block_id"] = [None if block < 0 else f"b{block:07d}" for block in facts["comp"]]
    atoms = atoms.assign(households=facts["w"], residents=facts["w"], dwellings=facts["w"], area_m2=facts["area"])
    atoms = atoms.assign(x=facts["xy"][:, 0], y=facts["xy"][:, 1], perimeter_m=facts["per"])
    ends = np.sort(facts["E"], axis=1)
    joins = np.ones(len(ends), dtype=bool)
    on_barrier = np.where(facts["bar"], facts["L"], 0.0)
    return atoms, Graph(ids, ends[:, 0], ends[:, 1], facts["L"], on_barrier, facts["bar"] * 1.0, joins, joins)


@pytest.fixture(scope="module")
def copenhagen(shared):
    atoms, graph = kbh(shared)
    division = delineate(atoms, graph, Criteria(size=BAND, budget=400_000))
    return atoms, graph, pd.factorize(division.assignment["unit_id"], sort=True)[0].astype(np.int64)


CHAINED = 5


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_after_changes_in_two_percent_of_buildings_little_more_moves_than_must(copenhagen, seed):
    atoms, graph, unit = copenhagen
    rng = np.random.default_rng(seed)
    weight = atoms["households"].to_numpy(dtype=np.int64).copy()
    chosen = rng.choice(len(weight), len(weight) // 50, replace=False)
    weight[chosen] = rng.permutation(weight)[: len(chosen)]
    problem = of_parts(atoms, graph, weight)
    size = np.bincount(unit, atoms["households"]).astype(np.int64)
    after = settled(problem, unit, size_before=size)
    told = keep.account(problem, unit, after, BAND)
    near = np.flatnonzero(gap(problem, unit))
    for one, other in ((problem.i, problem.j), (problem.j, problem.i)):
        near = np.union1d(near, unit[other[problem.joins & np.isin(unit[one], np.flatnonzero(gap(problem, unit)))]])
    assert all(gap(problem, unit)[one] and weights(problem, unit)[one] == size[one] for one in told.left)
    assert told.moved <= 1.5 * (told.surplus - gap(problem, after).sum())
    # A chain through a neighbour's neighbour is the last resort; it may touch one unit more, and no other run does.
    beyond = set(told.changed) - {*near.tolist(), *told.new}
    assert len(beyond) <= (1 if seed == CHAINED else 0)


def test_a_hundred_random_changes_of_buildings_never_touch_a_locked_unit(copenhagen):
    atoms, graph, first = copenhagen
    rng = np.random.default_rng(1)
    locked = rng.random(int(first.max()) + 1) < 0.3
    weight, unit = atoms["households"].to_numpy(dtype=np.int64).copy(), first.copy()
    for step in range(100):
        one = int(rng.integers(len(weight)))
        former, size = unit.copy(), np.bincount(unit, weight).astype(np.int64)
        if step % 3 == 0 and not locked[min(first[one], len(locked) - 1)]:
            former[one] = -1  # as if built just now
        weight[one] = [int(rng.integers(0, 300)), 0, 2 * weight[one]][step % 3]
        open_ = np.concatenate([locked, np.zeros(int(unit.max()) + 1 - len(locked), dtype=bool)])
        unit = keep.settle(of_parts(atoms, graph, weight), former, BAND, locked=open_, size_before=size)
    for one in np.flatnonzero(locked):
        assert ((unit == one) == (first == one)).all()
    assert (unit != first).any()

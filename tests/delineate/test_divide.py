import os
import subprocess
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hamlets import Border, lattice, pieces_of, random_hamlet

from govmap.delineate import Criteria, delineate, review
from govmap.messages import LANGUAGES, Voice
from govmap.plan import Plan

BAND = Criteria(size=(300, 500))


def divided(hamlet, criteria=BAND):
    return delineate(hamlet.atoms, hamlet.graph, criteria)


@cache
def random_division(seed):
    hamlet, band = random_hamlet(seed), [(300, 500), (20, 60)][seed % 2]
    return hamlet, divided(hamlet, Criteria(size=band, budget=20_000)), band


def units_of(hamlet, division):
    return division.assignment.set_index("part_id")["unit_id"].reindex(hamlet.atoms["part_id"]).to_numpy()


def sizes(hamlet, division):
    return hamlet.atoms["households"].groupby(units_of(hamlet, division)).sum()


@pytest.mark.parametrize("seed", range(24))
def test_every_part_lies_in_exactly_one_unit_and_sums_are_kept(seed):
    hamlet, division, _ = random_division(seed)
    assert sorted(division.assignment["part_id"]) == sorted(hamlet.atoms["part_id"])
    assert division.assignment["unit_id"].notna().all()
    for column in ("households", "residents"):
        assert division.units[column].sum() == hamlet.atoms[column].sum()
        assert (
            division.units.set_index("unit_id")[column]
            == hamlet.atoms[column].groupby(units_of(hamlet, division)).sum()
        ).all()
    assert division.units["buildings"].sum() == hamlet.atoms["building_id"].nunique()
    assert division.units["area_m2"].sum() == pytest.approx(hamlet.atoms["area_m2"].sum())


@pytest.mark.parametrize("seed", range(24))
def test_units_lie_in_one_community_and_in_one_piece_or_say_why(seed):
    hamlet, division, _ = random_division(seed)
    community = hamlet.atoms["community_id"].groupby(units_of(hamlet, division)).nunique()
    assert (community == 1).all()
    told = set(division.reasons.loc[division.reasons["about"] == "pieces", "unit_id"])
    found = pieces_of(hamlet, division.assignment)
    assert {unit for unit, pieces in found.items() if len(pieces) > 1} == told
    counted = dict(zip(division.units["unit_id"], division.units["pieces"], strict=True))
    assert counted == {unit: len(pieces) for unit, pieces in found.items()}


@pytest.mark.parametrize("seed", range(24))
def test_what_is_joined_by_name_could_not_stand_alone(seed):
    hamlet, division, (low, _) = random_division(seed)
    count = hamlet.atoms.set_index("part_id")["households"]
    community = hamlet.atoms.set_index("part_id")["community_id"]
    whole = pieces_of(hamlet, division.assignment.assign(unit_id=lambda rows: rows["part_id"].map(community)))
    ground = {part: piece for pieces in whole.values() for piece in map(frozenset, pieces) for part in piece}
    for pieces in pieces_of(hamlet, division.assignment).values():
        reached = [ground[min(piece)] for piece in pieces]
        assert sum(count[list(one)].sum() >= low for one in reached) <= 1
        assert len(set(reached)) == len(reached)


@pytest.mark.parametrize("seed", range(24))
def test_every_unit_out_of_its_band_says_why_in_both_languages(seed):
    hamlet, division, (low, high) = random_division(seed)
    total = sizes(hamlet, division)
    units = division.units.set_index("unit_id")
    assert (units["in_band"] == total.between(low, high)).all()
    assert units.loc[~units["in_band"], "reason"].notna().all()
    assert units.loc[units["in_band"], "reason"].isna().all()
    for language in LANGUAGES:
        voice = Voice(language)
        for _, row in division.reasons.iterrows():
            assert "{" not in voice.say(row["key"], **row["facts"])
        assert all(voice.tell(told) for told in division.notes)


@pytest.mark.parametrize("seed", [0, 3, 5, 10])
def test_the_order_of_rows_changes_nothing(seed):
    hamlet = random_hamlet(seed)
    one, other = divided(hamlet), divided(hamlet.shuffled(seed + 1))
    pd.testing.assert_frame_equal(one.assignment, other.assignment)
    pd.testing.assert_frame_equal(one.units, other.units)
    pd.testing.assert_frame_equal(one.reasons, other.reasons)
    assert (one.score, one.notes) == (other.score, other.notes)


def test_hash_seed_and_process_change_nothing():
    program = (
        "import sys, hashlib; sys.path.insert(0, sys.argv[1]); from hamlets import random_hamlet;"
        "from govmap.delineate import Criteria, delineate; h = random_hamlet(2);"
        "d = delineate(h.atoms, h.graph, Criteria(size=(300, 500)));"
        "print(hashlib.sha256((d.assignment.to_csv() + d.units.to_csv() + repr(d.score)).encode()).hexdigest())"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program, str(Path(__file__).parent)],
            env={**os.environ, "PYTHONHASHSEED": seed, "OMP_NUM_THREADS": threads, "NUMBA_NUM_THREADS": threads},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed, threads in (("0", "1"), ("77", "2"))
    }
    assert len(told) == 1


def test_another_seed_gives_another_plan_of_the_same_place():
    hamlet = lattice(16, 16, 30)
    one, other = (divided(hamlet, Criteria(size=(300, 500), seed=seed)) for seed in (1, 2))
    assert not one.assignment.equals(other.assignment)


def test_a_plain_town_is_divided_into_units_of_the_band():
    hamlet = lattice(20, 20, 40)
    division = divided(hamlet)
    assert division.units["in_band"].all()
    assert division.score["units"] == 40
    assert division.score["units_in_pieces"] == 0


def test_a_community_below_the_band_is_one_unit_and_says_so():
    division = divided(lattice(3, 3, 10))
    assert len(division.units) == 1
    assert division.units["reason"].tolist() == ["delineate_community_small"]


def test_a_community_without_households_is_one_unit_and_says_so():
    division = divided(lattice(4, 3, 0))
    assert len(division.units) == 1
    assert "delineate_nothing_to_count" in [told.key for told in division.notes]


def test_one_part_alone_is_one_unit():
    division = divided(lattice(1, 1, 400))
    assert division.units["in_band"].tolist() == [True]


def test_a_building_above_the_band_is_a_unit_of_its_own():
    hamlet = lattice(9, 9, lambda x, y: 900 if (x, y) == (4, 4) else 40)
    division = divided(hamlet)
    total = sizes(hamlet, division)
    assert total.max() == 900
    row = division.units.loc[~division.units["in_band"]].iloc[0]
    assert (row["reason"], row["facts"]["building"]) == ("delineate_building_exceeds", "w004004")
    assert division.units["in_band"].sum() == len(division.units) - 1


def test_compounds_that_fit_stay_whole():
    hamlet = lattice(18, 18, 30, compound=lambda x, y: f"k{x // 3}-{y // 4}" if (x // 3 + y // 4) % 2 else None)
    division = divided(hamlet)
    assert division.score["compounds_split"] == 0
    assert division.units["in_band"].all()


def test_a_compound_above_the_band_is_divided_by_itself():
    hamlet = lattice(16, 16, 25, compound=lambda x, y: "great" if 4 <= x < 12 and 4 <= y < 11 else None)
    division = divided(hamlet)
    inside = (hamlet.atoms["compound_id"] == "great").groupby(units_of(hamlet, division)).mean()
    assert set(inside) == {0.0, 1.0}
    assert set(division.reasons["key"]) == {"delineate_compound_too_large"}
    assert division.units["in_band"].all()


def test_a_pocket_behind_a_great_compound_is_not_left_alone():
    hamlet = lattice(12, 12, 25, compound=lambda x, y: "great" if y in {9, 10} or x in {9, 10} else None)
    division = divided(hamlet)
    assert division.score["units_in_pieces"] == 0
    assert division.units["in_band"].all()


def test_no_unit_crosses_the_river_but_at_the_ford():
    dry = lattice(12, 10, 30, river={6})
    assert divided(dry).score["units_in_pieces"] == 0
    west = (dry.atoms["x"] < 6 * 30.0).groupby(units_of(dry, divided(dry))).mean()
    assert set(west) == {0.0, 1.0}


def test_an_island_below_the_band_is_joined_by_name_and_listed():
    hamlet = lattice(13, 8, 30, river={12})
    division = divided(hamlet)
    found = division.reasons.loc[division.reasons["about"] == "pieces"]
    assert found["key"].tolist() == ["delineate_joined_by_name"]
    assert found["facts"].iloc[0]["size"] == 8 * 30
    assert division.units["in_band"].all()


def test_an_island_that_reaches_the_band_has_units_of_its_own():
    hamlet = lattice(16, 8, 30, river={12})
    division = divided(hamlet)
    east = (hamlet.atoms["x"] >= 12 * 30.0).groupby(units_of(hamlet, division)).mean()
    assert set(east) == {0.0, 1.0}


def test_open_ground_beyond_a_river_follows_its_neighbour():
    hamlet = lattice(9, 8, 30, river={8}, empty={(8, y) for y in range(8)})
    division = divided(hamlet)
    assert division.units["in_band"].all()
    assert set(division.reasons["key"]) == {"delineate_open_ground_apart"}


def test_a_number_of_units_is_kept():
    for number in (1, 2, 7, 12):
        division = divided(lattice(14, 14, 20), Criteria(units=number))
        assert len(division.units) == number


def test_a_number_that_cannot_be_had_is_told():
    hamlet = lattice(3, 1, 100)
    division = divided(hamlet, Criteria(units=5))
    assert len(division.units) == 3
    assert "delineate_other_number" in [told.key for told in division.notes]
    crowded = divided(lattice(14, 14, 20), Criteria(units=2, size=(300, 500)))
    assert set(crowded.units["reason"]) == {"delineate_number_asked"}


def test_a_plan_reviewed_as_it_was_made_says_the_same():
    hamlet = random_hamlet(3)
    division = divided(hamlet)
    again = review(Plan.of("p", 1, division.assignment), hamlet.atoms, hamlet.graph, BAND)
    pd.testing.assert_frame_equal(again.units, division.units)
    pd.testing.assert_frame_equal(again.reasons, division.reasons)
    assert (again.score, again.notes) == (division.score, division.notes)


def test_a_review_sees_what_an_edit_changed():
    hamlet = lattice(10, 10, 30)
    plan = Plan.of("p", 1, divided(hamlet).assignment)
    far = [part for part in plan.parts.index if plan.parts[part] != plan.units[0]][-1]
    edited = review(plan.move([far], plan.units[0]), hamlet.atoms, hamlet.graph, BAND)
    assert edited.score["units_in_pieces"] >= 1
    assert plan.units[0] in set(edited.reasons["unit_id"])


def test_equal_units_lie_within_a_tenth_of_the_mean():
    division = divided(lattice(20, 20, 12), Criteria(units=12, equal=True))
    mean = 20 * 20 * 12 / 12
    assert (abs(division.units["size"] - mean) <= 0.1 * mean).all()


@pytest.mark.parametrize("by", ["residents", "dwellings", "buildings", "area"])
def test_other_measures_are_counted(by):
    hamlet = lattice(12, 12, 30)
    counted = {"residents": 61, "dwellings": 30, "buildings": 1, "area": 900}[by]
    band = (10 * counted, 20 * counted)
    division = divided(hamlet, Criteria(size=band, by=by))
    assert division.units["in_band"].all()
    assert division.units["size"].sum() == 144 * counted


def test_a_building_in_parts_stays_whole_where_it_fits():
    hamlet = lattice(10, 10, 30)
    pairs = hamlet.atoms["building_id"].str[:-1] + (hamlet.atoms["y"] // 60).astype(int).astype(str)
    hamlet.atoms["building_id"] = pairs
    division = divided(hamlet)
    assert division.score["buildings_split"] == 0
    assert division.units["buildings"].sum() == pairs.nunique()


def test_progress_is_told_to_the_end():
    told = []
    hamlet = lattice(10, 10, 30, community=lambda x, _: f"c{x // 5}")
    delineate(hamlet.atoms, hamlet.graph, BAND, progress=lambda done, total: told.append((done, total)))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert len({total for _, total in told}) == 1
    assert told[-1][0] == told[-1][1]


def test_inputs_are_left_as_they_were():
    hamlet = random_hamlet(4)
    before = hamlet.atoms.copy()
    divided(hamlet)
    pd.testing.assert_frame_equal(hamlet.atoms, before)


def test_a_large_place_of_many_small_ones_is_divided_without_a_hang():
    hamlet = lattice(60, 40, lambda x, y: (x * 7 + y * 13) % 50, river={10, 25, 40})
    division = divided(hamlet, Criteria(size=(300, 500), budget=400_000))
    assert division.units["in_band"].mean() >= 0.98
    assert np.isfinite(list(division.score.values())).all()


def test_a_tower_is_cut_by_its_floors_and_each_unit_of_it_hangs_together():
    hamlet = lattice(3, 3, 20)
    floors = [f"w001001/f{floor:02d}" for floor in range(12)]
    tower = hamlet.atoms[hamlet.atoms["part_id"] == "w001001"]
    bands = pd.concat([tower.assign(part_id=floor, households=30, area_m2=75.0) for floor in floors])
    atoms = pd.concat([hamlet.atoms[hamlet.atoms["part_id"] != "w001001"], bands], ignore_index=True)
    graph = stacked(hamlet.graph, "w001001", floors)
    division = delineate(atoms, graph, Criteria(size=(30, 100)))
    assert division.units["in_band"].all()
    assert division.score["units_in_pieces"] == 0
    assert division.units["buildings"].sum() == 9
    assert division.units["households"].sum() == 8 * 20 + 12 * 30


def stacked(graph, part, floors):
    """The graph in which one part is a pile of floors: each joins the next without a metre, the lowest the street."""
    ids = np.array(sorted([one for one in graph.ids if one != part] + floors), dtype=object)
    place = {one: at for at, one in enumerate(ids)}
    named = [floors[0] if one == part else one for one in graph.ids]
    ends = [(place[named[i]], place[named[j]]) for i, j in zip(graph.i, graph.j, strict=True)]
    ends += [(place[one], place[other]) for one, other in pairwise(floors)]
    i, j = np.sort(np.array(ends), axis=1).T
    flat, yes = np.zeros(len(floors) - 1), np.ones(len(floors) - 1, dtype=bool)
    numbers = (np.append(getattr(graph, name), flat) for name in ("shared_m", "barrier_m", "strength"))
    return Border(ids, i, j, *numbers, np.append(graph.crossed, yes), np.append(graph.joins, yes))

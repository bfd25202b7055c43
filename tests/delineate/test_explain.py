"""What is told of a division: only what is true, and what would help."""

import json
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hamlets import lattice, pieces_of, random_hamlet

from govmap.delineate import Criteria, delineate, explain, review
from govmap.delineate.mending import Mending, mended
from govmap.delineate.problem import measured, of_parts
from govmap.messages import LANGUAGES, Voice
from govmap.plan import Plan

LOW, HIGH = BAND = (300, 500)


def view_of(hamlet, unit_of):
    atoms = hamlet.atoms.sort_values("part_id", ignore_index=True)
    return explain.View.of(
        atoms, of_parts(atoms, hamlet.graph, measured(atoms, "households")), atoms.apply(unit_of, axis=1)
    )


def column(part, width=3):
    return f"u{int(part['x'] // 30) // width}"


def told(hamlet, unit_of, **how):
    found = explain.reasons(view_of(hamlet, unit_of), BAND, **how)
    return found.set_index("unit_id")


def test_a_building_above_the_band_is_named_with_what_would_help():
    found = told(lattice(3, 3, lambda x, y: 600 if (x, y) == (1, 1) else 5), lambda _: "u")
    row = found.loc["u"]
    assert (row["key"], row["help"]) == ("delineate_building_exceeds", "delineate_building_exceeds_help")
    assert row["facts"] | {"building": "w001001", "weight": 600, "high": 500} == row["facts"]


def test_an_island_names_the_unit_across_the_water():
    found = told(
        lattice(12, 4, lambda x, _: 30 if x < 9 else 20, river={9}),
        lambda part: "isle" if part["x"] >= 270 else column(part),
    )
    row = found.loc["isle"]
    assert row["key"] == "delineate_island"
    assert row["facts"]["across"] == ["u2"]
    assert row["help"] == "delineate_island_help"


def test_ground_between_two_numbers_names_the_bands_that_would_do():
    found = told(lattice(6, 4, 23), column)
    assert set(found["key"]) == {"delineate_ground_between"}
    facts = found["facts"].iloc[0]
    assert (facts["total"], facts["raised"], facts["lowered"]) == (552, 552, 276)


def test_locked_neighbours_are_named():
    hamlet = lattice(6, 4, lambda x, _: 40 if x < 3 else 22)
    assert told(hamlet, column).loc["u1", "key"].startswith("delineate_step")
    row = told(hamlet, column, locked=["u0"]).loc["u1"]
    assert (row["key"], row["help"]) == ("delineate_locked_beside", "delineate_locked_help")
    assert row["facts"]["locked"] == ["u0"]
    assert told(hamlet, column, locked=["u1"]).loc["u1", "key"] == "delineate_locked"


def test_a_step_that_would_help_is_named_and_helps():
    hamlet = lattice(6, 4, lambda x, _: 40 if x < 3 else 22)
    facts = told(hamlet, column).loc["u1", "facts"]
    sizes = {"u0": 480, "u1": 264}
    weight = hamlet.atoms.set_index("part_id")["households"]
    moved = sum(weight[part] for part in facts["comes"]) - sum(weight[part] for part in facts["leaves"])
    assert LOW <= sizes["u1"] + moved <= HIGH
    assert LOW <= sizes["u0"] - moved <= HIGH


def test_an_impossible_number_comes_before_what_follows_from_it():
    found = told(lattice(6, 6, 40), column, number=2)
    assert set(found["key"]) == {"delineate_number_asked"}
    assert (found["facts"].iloc[0]["fewest"], found["facts"].iloc[0]["most"]) == (3, 4)


def test_neighbours_without_room_are_counted():
    found = told(lattice(9, 4, lambda x, _: 41 if x < 6 else 5), column).loc["u2"]
    assert (found["key"], found["facts"]["neighbours"]) == ("delineate_neighbours_overflow", 1)
    full = told(lattice(9, 4, lambda x, _: 45 if 3 <= x < 6 else 41), column).loc["u1"]
    assert full["key"] == "delineate_neighbours_full"


def hangs_together(parts, near):
    todo, met = [next(iter(parts))], set()
    while todo:
        now = todo.pop()
        if now not in met:
            met.add(now)
            todo += near[now] & parts
    return met == parts


def brute_steps(hamlet, unit_of, unit):
    """Every exchange of up to two parts for up to two, tried in full by other code than the program's."""
    label = {row["part_id"]: unit_of(row) for _, row in hamlet.atoms.iterrows()}
    weight, near = hamlet.atoms.set_index("part_id")["households"].to_dict(), {part: set() for part in label}
    for i, j in zip(hamlet.graph.i, hamlet.graph.j, strict=True):
        near[hamlet.graph.ids[i]].add(hamlet.graph.ids[j])
        near[hamlet.graph.ids[j]].add(hamlet.graph.ids[i])
    mine = {part for part in label if label[part] == unit}
    for other in set(label.values()) - {unit}:
        theirs = {part for part in label if label[part] == other}
        some = [[set(one) for n in range(3) for one in combinations(sorted(side), n)] for side in (mine, theirs)]
        for leaves, comes in product(*some):
            after = mine - leaves | comes, theirs - comes | leaves
            fits = all(LOW <= sum(weight[part] for part in side) <= HIGH for side in after)
            if fits and all(hangs_together(side, near) for side in after):
                return True
    return False


@pytest.mark.parametrize("seed", range(12))
def test_no_step_helps_means_that_none_does(seed):
    rng = np.random.default_rng(seed)
    hamlet = lattice(4, 4, rng.choice([20, 60, 90, 150, 310], (4, 4)))
    view = view_of(hamlet, lambda part: column(part, 2) + ("n" if part["y"] >= 60 else ""))
    mending = Mending.of(view, BAND, view.flagged([]))
    for unit in np.flatnonzero((view.weight < LOW) | (view.weight > HIGH)):
        found = mending.step(int(unit))
        assert found.step is not None or found.proven == 2
        named = dict(zip(view.atoms["part_id"], view.unit, strict=True))
        assert (found.step is not None) == brute_steps(hamlet, lambda part, of=named: of[part["part_id"]], unit)


@pytest.mark.parametrize("seed", range(6))
def test_when_no_pair_fits_no_exchange_between_two_units_helps(seed):
    rng = np.random.default_rng(seed)
    counts = rng.choice([10, 30, 240], (3, 4))
    hamlet = lattice(3, 4, counts)
    view = view_of(hamlet, lambda part: column(part, 1))
    mending = Mending.of(view, BAND, view.flagged([]))
    weight = hamlet.atoms.sort_values("part_id")["households"].to_numpy()
    for unit in np.flatnonzero((view.weight < LOW) | (view.weight > HIGH)):
        if not mending.step(int(unit)).pairs:
            for other in view.neighbours(int(unit)):
                both = weight[np.isin(view.unit, [unit, other])]
                halves = [sum(chosen) for n in range(len(both)) for chosen in combinations(both, n)]
                assert not any(LOW <= half <= HIGH and LOW <= both.sum() - half <= HIGH for half in halves)


def test_compounds_move_whole():
    hamlet = lattice(6, 4, lambda x, _: 40 if x < 3 else 20, compound=lambda x, _: "k" if x == 2 else None)
    facts = told(hamlet, column).loc["u1", "facts"]
    held = {part for part in facts["comes"] if part.startswith("w002")}
    assert held in (set(), {f"w00200{y}" for y in range(4)})


def test_a_divided_compound_says_whether_it_could_come_together():
    def split(part):
        return "u0" if part["x"] < 60 else "u1"

    hamlet = lattice(4, 4, lambda _x, _y: 50, compound=lambda x, _: "k" if x in (1, 2) else None)
    assert set(told(hamlet, split)["key"]) == {"delineate_compound_no_room"}
    roomy = lattice(4, 5, lambda x, _: 45 if x in (0, 3) else 15, compound=lambda x, _: "k" if x in (1, 2) else None)
    tight = told(roomy, split)
    assert set(tight["key"]) == {"delineate_compound_no_room"}
    loose = lattice(4, 5, lambda x, _: 65 if x in (0, 3) else 10, compound=lambda x, _: "k" if x in (1, 2) else None)
    assert set(told(loose, split)["key"]) == {"delineate_compound_divided"}


@pytest.mark.parametrize("seed", range(6))
def test_every_reason_and_help_can_be_told_in_both_languages(seed):
    hamlet = random_hamlet(seed)
    division = delineate(hamlet.atoms, hamlet.graph, Criteria(size=(250, 320), budget=5_000))
    out = set(division.units.loc[~division.units["in_band"], "unit_id"])
    assert out <= set(division.reasons.loc[division.reasons["about"] == "size", "unit_id"])
    for unit, rows in division.reasons.groupby("unit_id"):
        for note, language in product(explain.with_help(rows), LANGUAGES):
            assert Voice(language).tell(note), unit
    json.dumps(division.reasons["facts"].tolist())


def test_reasons_do_not_depend_on_the_order_of_rows():
    hamlet = random_hamlet(5)
    plan = Plan.of("p", 1, delineate(hamlet.atoms, hamlet.graph, Criteria(size=(250, 320), budget=5_000)).assignment)
    first, other = (
        review(plan, one.atoms, one.graph, Criteria(size=(250, 320))) for one in (hamlet, hamlet.shuffled(4))
    )
    assert first.reasons.to_dict("records") == other.reasons.to_dict("records")
    assert first.score == other.score


# the score ---------------------------------------------------------------------------------------------------------
def test_a_score_counts_what_can_be_counted_by_eye():
    hamlet = lattice(6, 4, lambda x, _: 30 if x < 3 else 40, compound=lambda x, _: f"k{x}" if x in (0, 2) else None)
    found = explain.score(view_of(hamlet, column), BAND, 400)
    wanted = {"units": 2, "units_in_band": 2, "size_least": 360, "size_median": 420, "size_most": 480}
    wanted |= {"compounds_fitting": 2, "compounds_split": 0, "compounds_split_fitting": 0, "buildings_split": 0}
    wanted |= {"blocks_split": 1, "blocks_too_large": 1, "border_m": 120, "units_in_pieces": 0}
    wanted |= {"largest_deviation_percent": 20, "mean_deviation_percent": 15, "walk_longest_m": round(np.hypot(60, 90))}
    assert {name: found[name] for name in wanted} == wanted


def test_the_farthest_way_is_the_same_by_hull_and_by_all_pairs(monkeypatch):
    hamlet = random_hamlet(8)
    view = view_of(hamlet, lambda part: column(part, 6))
    plain = explain.spans(view)
    monkeypatch.setattr("govmap.delineate.score.HULL_FROM", 3)
    assert explain.spans(view) == pytest.approx(plain)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_score_is_a_table_in_words(language):
    hamlet, voice = lattice(6, 4, 30), Voice(language)
    figures = dict(explain.score(view_of(hamlet, column), BAND, 400))
    terms = explain.terms(figures)
    assert len({voice.tell(term.label) for term in terms}) == len(terms) == 13
    assert [term.key for term in explain.terms(figures | {"households_moved": 97})][-1] == "households_moved"
    lines = [voice.tell(line) for line in explain.rows(figures | {"households_moved": 1097})]
    assert any("1,097" in line for line in lines)
    assert any("0.1 " in line for line in lines)


def test_large_grounds_with_hardly_any_household_are_proposed_as_exclusive_units():
    atoms = pd.DataFrame(
        {
            "compound_id": ["k1", "k1", "k2", "k3", None],
            "households": [2, 3, 400, 0, 9],
            "area_m2": [8e3, 8e3, 5e4, 5e3, 9e4],
        }
    )
    compounds = pd.DataFrame(
        {
            "compound_id": ["k1", "k2", "k3", "k4"],
            "name": ["Campus", "Mall", None, "Park"],
            "kind": ["school", "business", "school", "scenic"],
        }
    )
    found = explain.exclusive_candidates(atoms, compounds, 300)
    assert found[["compound_id", "households", "area_m2"]].to_numpy().tolist() == [["k1", 5, 16_000.0]]
    (proposed,) = explain.exclusive_notes(found)
    assert "Campus" in Voice("en").tell(proposed)
    assert "--exclusive school" in Voice("zh").tell(proposed)
    assert explain.exclusive_notes(found.iloc[:0]) == ()


@pytest.mark.parametrize("seed", range(8))
def test_mending_brings_units_into_the_band_and_puts_none_out(seed):
    rng = np.random.default_rng(seed)
    hamlet = lattice(8, 6, rng.choice([10, 25, 60], (8, 6)))
    view = view_of(hamlet, lambda part: f"{column(part, 4)}-{int(part['y'] // 60)}")
    low, high = band = (150, 260)
    unit = mended(view, band, view.flagged(["u0-0"]))
    after = np.bincount(unit, view.problem.weight)
    was, now = ((weight >= low) & (weight <= high) for weight in (view.weight, after))
    assert (now | ~was).all()
    assert (unit[view.unit == view.names.index("u0-0")] == view.names.index("u0-0")).all()
    rows = pd.DataFrame({"part_id": view.atoms["part_id"], "unit_id": unit})
    assert all(len(found) == 1 for found in pieces_of(hamlet, rows).values())
    again = explain.View.of(view.atoms, view.problem, pd.Series(unit))
    left = set(np.flatnonzero(~now)) - {view.names.index("u0-0")}
    locked = np.arange(len(after)) == view.names.index("u0-0")
    assert all(Mending.of(again, band, locked).step(int(one)).step is None for one in left)

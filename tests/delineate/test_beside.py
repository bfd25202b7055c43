"""What is asked beside the band: single steps towards it, kept plans too, and the proof where there is none."""

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hamlets import lattice

from govmap.delineate import Criteria, delineate
from govmap.delineate.beside import Meeting, met
from govmap.delineate.divide import review
from govmap.delineate.explain import View
from govmap.delineate.problem import measured, of_parts, pieces
from govmap.messages import LANGUAGES, Voice
from govmap.plan import Plan

BAND = (150, 350)
WISH = Criteria(size=BAND, also=(("buildings", 0, 12),))


def uneven():
    """Two units of 14 and 10 buildings of 20 households, and the plan they are."""
    hamlet = lattice(6, 4, 20)
    x, y = hamlet.atoms["x"] / 30, hamlet.atoms["y"] / 30
    west = (x < 3) | ((x < 4) & (y < 2))
    parts = pd.DataFrame({"part_id": hamlet.atoms["part_id"], "unit_id": np.where(west, "west", "east")})
    return hamlet, Plan.of("p", 1, parts)


def kept(hamlet, plan, wanted, **choices):
    return delineate(hamlet.atoms, hamlet.graph, wanted, former=plan, **choices)


def moved(plan, division):
    now = division.assignment.set_index("part_id")["unit_id"]
    return int((now != plan.parts.reindex(now.index)).sum())


def test_a_kept_plan_moves_least_for_what_is_asked_beside_its_band():
    hamlet, plan = uneven()
    division = kept(hamlet, plan, WISH)
    assert moved(plan, division) == 2
    assert division.score["units_out_of_also"] == 0
    again = replace(plan, parts=division.assignment.set_index("part_id")["unit_id"])
    assert moved(again, kept(hamlet, again, WISH)) == 0


def test_a_kept_plan_moves_nothing_where_nothing_more_is_asked_or_it_may_not():
    hamlet, plan = uneven()
    assert moved(plan, kept(hamlet, plan, Criteria(size=BAND))) == 0
    division = kept(hamlet, plan, WISH, locked=["east"])
    assert moved(plan, division) == 0
    assert division.reasons["help"].tolist() == ["levels_beside_double_help"]


def test_a_walk_is_looked_after_in_a_kept_plan():
    hamlet, plan = uneven()
    wish = Criteria(size=BAND, walk_m=round(1.3 * np.hypot(60, 90)) + 1)
    division = kept(hamlet, plan, wish)
    assert kept(hamlet, plan, Criteria(size=BAND)).score["walk_longest_m"] > division.score["walk_longest_m"]
    assert division.score["units_out_of_walk"] == 0
    assert moved(plan, division) == 1
    assert "levels_kept_wishes" in {told.key for told in division.notes}


def test_the_step_that_would_help_is_named_and_helps():
    hamlet, plan = uneven()
    told = review(plan, hamlet.atoms, hamlet.graph, WISH).reasons
    row = told[told["about"] == "also"].iloc[0]
    assert (row["help"], row["facts"]["other"]) == ("levels_beside_give_help", "east")
    parts = plan.parts.copy()
    parts[[*row["facts"]["leaves"]]] = "east"
    assert review(replace(plan, parts=parts), hamlet.atoms, hamlet.graph, WISH).reasons.empty


def test_a_whole_that_is_too_much_by_itself_is_named_as_the_reason():
    hamlet = lattice(6, 4, 20, compound=lambda x, _: "k" if x < 3 else None)
    wanted = Criteria(size=BAND, also=(("residents", 0, 400),), walk_m=60)
    division = delineate(hamlet.atoms, hamlet.graph, wanted)
    unit = division.assignment.set_index("part_id")["unit_id"]["w000000"]
    told = division.reasons[division.reasons["unit_id"] == unit]
    assert set(told["about"]) == {"also", "walk"}
    assert set(told["help"]) == {"levels_beside_whole_help"}


def test_what_a_locked_unit_misses_is_put_down_to_the_lock():
    hamlet, plan = uneven()
    told = review(plan, hamlet.atoms, hamlet.graph, WISH, locked=["west"]).reasons
    assert told["help"].tolist() == ["levels_beside_locked_help"]


def test_every_help_can_be_said():
    facts = {"neighbours": 2, "leaves": ["a"], "comes": ["b"], "other": "U002"}
    ways = ("locked", "whole", "give", "take", "swap", "single", "double")
    for language, way in product(LANGUAGES, ways):
        assert "{" not in Voice(language).say(f"levels_beside_{way}_help", **facts)


def steps(problem, unit, one, wanted, atoms):
    """Every exchange of up to two parts for up to two that would do, tried in full by other code than the program's."""

    def missed(side):
        rows = atoms.iloc[sorted(side)]
        return sum(not low <= measured(rows, name).sum() <= high for name, low, high in wanted.also)

    mine = set(np.flatnonzero(unit == one).tolist())
    for other in set(unit.tolist()) - {one}:
        theirs = set(np.flatnonzero(unit == other).tolist())
        some = [[set(few) for n in range(3) for few in combinations(sorted(side), n)] for side in (mine, theirs)]
        for leaves, comes in product(*some):
            after = mine - leaves | comes, theirs - comes | leaves
            label = unit.copy()
            label[sorted(after[0])], label[sorted(after[1])] = one, other
            fits = all(BAND[0] <= problem.weight[sorted(side)].sum() <= BAND[1] for side in after)
            if not fits or missed(after[0]) or missed(after[1]) > missed(theirs):
                continue
            if pieces(problem, label).max() <= pieces(problem, unit).max():
                yield leaves, comes


@pytest.mark.parametrize("seed", range(6))
def test_no_step_helps_means_that_none_does(seed):
    chance = np.random.default_rng(seed)
    hamlet = lattice(4, 3, chance.choice([20, 60, 90], (4, 3)))
    atoms = hamlet.atoms.sort_values("part_id", ignore_index=True)
    atoms["residents"] = chance.choice([30, 60, 200], len(atoms))
    wanted = Criteria(size=BAND, also=(("residents", 200, 520),))
    problem = of_parts(atoms, hamlet.graph, measured(atoms, "households"))
    view = View.of(atoms, problem, "u" + (atoms["x"] // 60).astype(int).astype(str))
    meeting = Meeting.of(view, BAND, view.flagged([]), wanted)
    for unit in meeting.missing():
        found = meeting.step(unit)
        assert found.step is not None or found.proven == 2
        assert (found.step is not None) == any(True for _ in steps(problem, view.unit, unit, wanted, atoms))


@pytest.mark.parametrize("seed", range(4))
def test_steps_towards_wishes_never_cost_a_unit_its_band_its_wholeness_or_what_it_had(seed):
    chance = np.random.default_rng(seed)
    hamlet = lattice(8, 6, chance.choice([10, 30, 50], (8, 6)))
    atoms = hamlet.atoms.sort_values("part_id", ignore_index=True)
    atoms["residents"] = chance.choice([20, 60, 150], len(atoms))
    wanted = Criteria(size=BAND, also=(("residents", 300, 800),), walk_m=200)
    problem = of_parts(atoms, hamlet.graph, measured(atoms, "households"))
    view = View.of(atoms, problem, "u" + (atoms["x"] // 60).astype(int).astype(str))
    after = met(view, BAND, view.flagged(["u0"]), wanted)
    assert ((after == 0) == (view.unit == 0)).all()
    assert pieces(problem, after).max() <= pieces(problem, view.unit).max()
    before_out, out = (
        [not BAND[0] <= one <= BAND[1] for one in np.bincount(label, problem.weight)] for label in (view.unit, after)
    )
    assert sum(out) <= sum(before_out)
    missing = [
        Meeting.of(View.of(atoms, problem, pd.Series(label)), BAND, view.flagged([]), wanted).missing()
        for label in (view.unit, after)
    ]
    assert len(missing[1]) <= len(missing[0])

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hamlets import lattice, pieces_of, random_hamlet

from govmap.delineate import Criteria, delineate, review
from govmap.delineate.ensemble import TERMS, around, effective, place, split_r_hat
from govmap.plan import Plan

BAND = Criteria(size=(300, 500))


def planned(hamlet, criteria=BAND):
    return Plan.of("p", 1, delineate(hamlet.atoms, hamlet.graph, criteria).assignment)


def drawn(hamlet, criteria=BAND, plan=None, **more):
    plan = plan or planned(hamlet, criteria)
    return plan, around(plan, hamlet.atoms, hamlet.graph, criteria, keep_labels=True, **{"samples": 40, **more})


def by_part(hamlet, column):
    return hamlet.atoms.sort_values("part_id")[column].to_numpy()


def compound(x, y):
    return f"k{x // 3}-{y // 3}" if (x // 3 + y // 3) % 2 else None


TOWNS = {
    "plain": lambda: lattice(14, 12, 25),
    "compounds": lambda: lattice(15, 12, 25, compound=compound),
    "great compound": lambda: lattice(
        14, 12, 25, compound=lambda x, y: "great" if 4 <= x < 10 and 2 <= y < 9 else None
    ),
    "island": lambda: lattice(13, 8, 30, river={12}),
    "two communities": lambda: lattice(14, 12, 25, community=lambda x, _: f"c{x // 7}"),
    "open ground": lambda: lattice(12, 12, 30, empty={(x, 5) for x in range(12)}, river={9}, ford={5}),
    "giant": lambda: lattice(12, 12, lambda x, y: 900 if (x, y) == (6, 6) else 30),
    "random 2": lambda: random_hamlet(2),
    "random 11": lambda: random_hamlet(11),
}


@pytest.mark.parametrize("town", TOWNS)
def test_every_random_plan_keeps_the_rules_of_the_plan(town):
    hamlet = TOWNS[town]()
    plan, found = drawn(hamlet)
    weight, community, whole = (by_part(hamlet, name) for name in ("households", "community_id", "compound_id"))
    ids, own = np.sort(hamlet.atoms["part_id"]), plan.parts.to_numpy()
    pieces = {unit: len(one) for unit, one in pieces_of(hamlet, plan.rows()).items()}
    fits = pd.Series(weight).groupby(pd.Series(own)).sum().between(300, 500)
    kept_whole = {one for one in set(whole) - {None} if len(set(own[whole == one])) == 1}
    for label in found.labels:
        assert len(set(label)) == len(plan.units)
        size = pd.Series(weight).groupby(label).sum()
        assert ((size >= 300) & (size <= 500)).sum() >= fits.sum()
        assert pd.Series(community).groupby(label).nunique().max() == 1
        now = pieces_of(hamlet, pd.DataFrame({"part_id": ids, "unit_id": label}))
        assert sum(len(one) > 1 for one in now.values()) <= sum(one > 1 for one in pieces.values())
        assert all(len(set(label[whole == one])) == 1 for one in kept_whole)
        inside = [set(whole[(label == unit) & (weight > 0)]) for unit in set(label)]
        assert town != "great compound" or all(len(one) == 1 for one in inside if "great" in one)
    assert found.free + found.kept == len(plan.units)


def test_units_that_may_not_change_stay_as_they_are():
    hamlet = lattice(14, 12, 25)
    plan = planned(hamlet)
    still = plan.units[:3]
    _, found = drawn(hamlet, plan=plan, still=still)
    own = plan.parts.to_numpy()
    for unit in still:
        mine = own == unit
        for label in found.labels:
            assert len(set(label[mine])) == 1
            assert (label[~mine] != label[mine][0]).all()
    assert (found.kept, found.free) == (3, len(plan.units) - 3)


def test_units_of_different_parents_exchange_nothing():
    hamlet = lattice(14, 12, 25)
    plan = planned(hamlet)
    parent = {unit: f"g{place // 4}" for place, unit in enumerate(plan.units)}
    _, found = drawn(hamlet, plan=plan, apart=parent)
    over = plan.parts.map(parent)
    for label in found.labels:
        assert over.groupby(label).nunique().max() == 1
    assert found.different > 0


def test_bands_of_further_measures_are_kept():
    hamlet = lattice(12, 12, 30)
    hamlet.atoms["residents"] = np.random.default_rng(1).integers(40, 100, len(hamlet.atoms))
    wanted = Criteria(size=(300, 500), also=(("residents", 500, 1100),))
    plan = planned(hamlet)
    before = pd.Series(by_part(hamlet, "residents")).groupby(plan.parts.to_numpy()).sum().between(500, 1100)
    _, found = drawn(hamlet, wanted, plan=plan)
    for label in found.labels:
        size = pd.Series(by_part(hamlet, "residents")).groupby(label).sum()
        assert size.between(500, 1100).sum() >= before.sum()
    assert found.kept == (~before).sum()


def test_the_same_seed_gives_the_same_random_plans_whatever_the_order_of_rows():
    hamlet = lattice(12, 10, 30)
    plan, one = drawn(hamlet, seed=4)
    other = drawn(hamlet.shuffled(3), plan=plan, seed=4)[1]
    assert (one.labels == other.labels).all()
    assert (drawn(hamlet, plan=plan, seed=5)[1].labels != one.labels).any()


def test_a_plan_is_measured_as_by_its_score():
    hamlet = lattice(15, 12, 25, compound=compound, river={7}, ford={3, 8})
    plan, found = drawn(hamlet)
    score = review(plan, hamlet.atoms, hamlet.graph, BAND).score
    for term in TERMS:
        assert found.own[term] == pytest.approx(score[term], abs=0.05 if "percent" in term else 6e-4), term
    again = found.labels[-1]
    other = Plan.of("q", 1, pd.DataFrame({"part_id": plan.parts.index, "unit_id": [f"u{one}" for one in again]}))
    score = review(other, hamlet.atoms, hamlet.graph, BAND).score
    for term in TERMS:
        assert found.samples[term][-1] == pytest.approx(score[term], abs=0.05 if "percent" in term else 6e-4), term


def test_where_only_one_plan_keeps_the_rules_it_is_said_and_nothing_hangs():
    hamlet = lattice(4, 1, 100)
    rows = pd.DataFrame({"part_id": np.sort(hamlet.atoms["part_id"]), "unit_id": ["a", "a", "b", "b"]})
    _, found = drawn(hamlet, Criteria(size=(200, 200)), plan=Plan.of("p", 1, rows), samples=20)
    assert (found.free, found.different) == (2, 0)
    assert (place(found)["same_percent"] == 100).all()


@pytest.mark.parametrize("households", [0, 400, 5])
def test_a_single_unit_has_no_other_plan(households):
    hamlet = lattice(2, 2, households // 4)
    _, found = drawn(hamlet, samples=5)
    assert (found.different, found.proposals) == (0, 0)


def test_a_good_plan_stands_above_random_ones_and_shares_are_of_a_hundred():
    hamlet = lattice(20, 16, 25)
    found = drawn(hamlet, samples=60)[1]
    places = place(found).set_index("term")
    total = places["worse_percent"] + places["same_percent"] + places["better_percent"]
    assert total.to_numpy() == pytest.approx(100)
    assert places.loc["compactness_mean", "worse_percent"] >= 95
    assert (places["low"] <= places["middle"]).all()
    assert (places["middle"] <= places["high"]).all()


def test_halves_that_differ_are_seen():
    rng = np.random.default_rng(1)
    alike = rng.normal(size=1000)
    assert split_r_hat(alike) < 1.02
    assert split_r_hat(alike + (np.arange(1000) >= 500)) > 1.1
    assert effective(alike) > 400
    assert effective(np.repeat(rng.normal(size=10), 100)) < 60


# the chances of plans: all plans of a small lattice, each with its number of spanning trees ---------------------------
def trees(cells):
    """Count the spanning trees of a set of lattice cells by Kirchhoff; 0 where they lie in pieces."""
    cells = sorted(cells)
    laplace = np.zeros((len(cells), len(cells)))
    for (i, one), (j, other) in combinations(enumerate(cells), 2):
        if abs(one[0] - other[0]) + abs(one[1] - other[1]) == 1:
            laplace[[i, j], [j, i]] = -1
            laplace[[i, j], [i, j]] += 1
    return round(np.linalg.det(laplace[1:, 1:])) if len(cells) > 1 else 1


def chances(wide, high, units, band):
    """The share of each plan, named by the sets of its cells, in proportion to the product of its trees."""
    cells = [(x, y) for x in range(wide) for y in range(high)]
    found = {}
    for rest in product(range(units), repeat=len(cells) - 1):
        label = (0, *rest)
        size = np.bincount(label, minlength=units)
        first = [label.index(unit) if unit in label else -1 for unit in range(units)]
        if first != sorted(first) or size.min() < band[0] or size.max() > band[1]:
            continue
        sets = [frozenset(cell for cell, own in zip(cells, label, strict=True) if own == unit) for unit in range(units)]
        weight = np.prod([trees(one) for one in sets])
        if weight:
            found[frozenset(sets)] = weight
    total = sum(found.values())
    return {plan: weight / total for plan, weight in found.items()}


@pytest.mark.parametrize(("wide", "high", "units", "band"), [(4, 4, 2, (8, 8)), (4, 3, 2, (5, 7)), (3, 3, 3, (2, 4))])
def test_random_plans_are_met_in_proportion_to_their_spanning_trees(wide, high, units, band):
    expected = chances(wide, high, units, band)
    hamlet = lattice(wide, high, 1)
    begin = min(expected, key=lambda sets: sorted(map(sorted, sets)))
    unit = {f"w{x * 1000 + y:06d}": f"u{n}" for n, one in enumerate(sorted(begin, key=sorted)) for x, y in one}
    plan = Plan.of("p", 1, pd.DataFrame({"part_id": unit.keys(), "unit_id": unit.values()}))
    samples = 2500
    _, found = drawn(hamlet, Criteria(size=band, keep_whole=()), plan=plan, samples=samples)
    place_of = {part: (int(part[1:]) // 1000, int(part[1:]) % 1000) for part in plan.parts.index}
    cells = list(place_of.values())
    met = dict.fromkeys(expected, 0)
    for label in found.labels:
        sets = frozenset(
            frozenset(cell for cell, own in zip(cells, label, strict=True) if own == one) for one in set(label)
        )
        met[sets] += 1
    wanted = np.array(list(expected.values())) * samples
    chi = ((np.array(list(met.values())) - wanted) ** 2 / wanted).sum()
    # 4.5 standard deviations above its mean; plans in a row are nearly independent here.
    assert chi <= len(expected) - 1 + 4.5 * np.sqrt(2 * (len(expected) - 1)), chi
    uniform = ((np.array(list(met.values())) - samples / len(expected)) ** 2).sum() / (samples / len(expected))
    assert uniform > 2 * chi

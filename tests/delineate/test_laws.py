"""Laws that every division keeps, on random planar places: a valid plan or an explanation, and never a hang."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
from hamlets import pieces_of, random_town
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from govmap.delineate import Criteria, delineate, review
from govmap.plan import Plan

BANDS = [(30, 100), (300, 500), (100, 110), (1, 3), (5000, 9000)]
NESTED = [((300, 500), (30, 100)), ((300, 500), (160, 170)), ((30, 100), (9, 9))]
law = settings(
    max_examples=8, derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
seeds = st.integers(0, 10_000)
sizes = st.integers(1, 60)
bands = st.sampled_from(BANDS)


@cache
def town(seed, parts):
    return random_town(seed, parts)


def wanted(band, **choices):
    return Criteria(size=band, budget=1500, **choices)


def plan_of(division):
    return replace(Plan.of("p", 1, division.assignment), parents=division.parents)


def one_each(values, groups):
    """Whether each group has one value alone."""
    pairs = pd.DataFrame({"group": np.asarray(groups), "value": values.to_numpy()}).drop_duplicates()
    return not pairs["group"].duplicated().any()


def holds(hamlet, division, *, apart=()):
    """Every law of a division on all of its levels."""
    for tier in division.tiers:
        unit = tier.assignment.set_index("part_id")["unit_id"].reindex(hamlet.atoms["part_id"])
        known = unit.notna().to_numpy()
        rows = hamlet.atoms[known]
        assert one_each(rows["community_id"], unit[known].to_numpy())
        units = tier.units.set_index("unit_id")
        assert set(units.index) == set(unit.dropna())
        assert (units["households"] == rows["households"].groupby(unit[known].to_numpy()).sum()).all()
        base = units[units["kind"] == "base"]
        told = tier.reasons.groupby("about")["unit_id"].agg(set)
        assert set(base.index[~base["in_band"]]) == told.get("size", set())
        every = pd.DataFrame({"part_id": unit.index, "unit_id": unit.where(known, unit.index)})
        count = {one: len(pieces) for one, pieces in pieces_of(hamlet, every).items()}
        assert {one for one in units.index if count[one] > 1} == told.get("pieces", set())
    parts = division.assignment["part_id"]
    assert sorted(parts) == sorted(hamlet.atoms["part_id"])
    assert division.assignment["unit_id"].notna().all()
    assert set(division.units.loc[division.units["kind"] == "exclusive", "unit_id"]) == set(apart)
    for tier in division.tiers[1:]:
        inside = tier.units[tier.units["kind"] == "base"]
        sums = inside.groupby("parent_unit_id")["households"].sum()
        above = tier.above.units.set_index("unit_id")["households"]
        assert sums.sort_index().equals(above.sort_index().rename_axis("parent_unit_id"))


@law
@given(seeds, sizes, bands)
def test_any_place_and_any_band_give_a_valid_plan_that_explains_itself(seed, parts, band):
    hamlet = town(seed, parts)
    holds(hamlet, delineate(hamlet.atoms, hamlet.graph, wanted(band)))


@law
@given(seeds, sizes, st.integers(1, 20))
def test_a_number_of_units_is_made_or_it_is_told_that_it_is_not(seed, parts, number):
    hamlet = town(seed, parts)
    division = delineate(hamlet.atoms, hamlet.graph, Criteria(units=number, budget=1500))
    holds(hamlet, division)
    told = "delineate_other_number" in [one.key for one in division.notes]
    assert (len(division.units) != number) == told


@law
@given(
    seeds, st.integers(2, 60), st.sampled_from([((300, 500), (30, 100)), ((300, 500), (160, 170)), ((30, 100), (9, 9))])
)
def test_levels_lie_one_inside_the_other(seed, parts, nested):
    hamlet = town(seed, parts)
    chain = [wanted(band, level=name) for band, name in zip(nested, ("grid", "microgrid"), strict=True)]
    division = delineate(hamlet.atoms, hamlet.graph, Criteria.nested(chain))
    holds(hamlet, division)
    upper, lower = (tier.assignment.set_index("part_id")["unit_id"] for tier in division.tiers)
    assert one_each(upper, lower)
    assert {lower[part]: upper[part] for part in lower.index} == division.parents
    assert not set(upper) & set(lower)


@law
@given(seeds, st.integers(2, 60), bands, st.integers(0, 5), st.booleans())
def test_locked_units_never_change(seed, parts, band, which, keep):
    hamlet = town(seed, parts)
    plan = plan_of(delineate(hamlet.atoms, hamlet.graph, wanted((30, 100))))
    lock = [plan.units[which % len(plan.units)]]
    division = delineate(hamlet.atoms, hamlet.graph, wanted(band), former=plan, keep=keep, locked=lock)
    holds(hamlet, division)
    assert plan_of(division).members(lock[0]) == plan.members(lock[0])


@law
@given(seeds, st.integers(2, 60), st.integers(0, 5))
def test_a_locked_unit_stays_with_all_that_lies_in_it(seed, parts, which):
    hamlet = town(seed, parts)
    chain = Criteria.nested([wanted((300, 500), level="grid"), wanted((30, 100), level="microgrid")])
    plan = plan_of(delineate(hamlet.atoms, hamlet.graph, chain))
    names = sorted(set(plan.parents.values()) | set(plan.parts))
    lock = names[which % len(names)]
    again = delineate(hamlet.atoms, hamlet.graph, replace(chain, seed=2), former=plan, keep=False, locked=[lock])
    holds(hamlet, again)
    for before, after in zip(plan.tiers(), plan_of(again).tiers(), strict=True):
        if lock in set(before.parts):
            assert after.members(lock) == before.members(lock)
    inside = [unit for unit in plan.units if plan.parents.get(unit) == lock]
    assert all(plan_of(again).members(unit) == plan.members(unit) for unit in inside)


@law
@given(seeds, sizes, st.sampled_from([(30, 100), (300, 500)]))
def test_a_plan_that_is_kept_and_fits_stays_as_it_is(seed, parts, band):
    hamlet = town(seed, parts)
    division = delineate(hamlet.atoms, hamlet.graph, wanted(band))
    if division.units["in_band"].all():
        again = delineate(hamlet.atoms, hamlet.graph, wanted(band), former=plan_of(division))
        pd.testing.assert_frame_equal(again.assignment, division.assignment)


@law
@given(seeds, st.integers(2, 60), st.floats(0, 0.3))
def test_a_plan_that_is_kept_when_counts_change_stays_valid(seed, parts, share):
    hamlet = town(seed, parts)
    plan = plan_of(delineate(hamlet.atoms, hamlet.graph, wanted((30, 100))))
    rng = np.random.default_rng(seed)
    grown = hamlet.atoms["households"] + (rng.random(parts) < share) * rng.integers(0, 80, parts)
    changed = replace(hamlet, atoms=hamlet.atoms.assign(households=grown))
    holds(changed, delineate(changed.atoms, changed.graph, wanted((30, 100)), former=plan))


@law
@given(seeds, st.integers(2, 60), bands, st.booleans())
def test_exclusive_places_are_units_of_their_own(seed, parts, band, nested):
    hamlet = town(seed, parts)
    criteria = wanted(band, exclusive=("campus",))
    if nested:
        criteria = replace(criteria, level="upper", finer=wanted((10, 20), level="lower"))
    division = delineate(hamlet.atoms, hamlet.graph, criteria)
    rows = hamlet.atoms.dropna(subset="place_id")
    unit = division.assignment.set_index("part_id")["unit_id"]
    apart = set(unit.loc[rows["part_id"]])
    holds(hamlet, division, apart=apart)
    lies = rows.groupby(unit.loc[rows["part_id"]].to_numpy())[["community_id", "place_id"]].nunique()
    assert (lies == 1).all(axis=None)
    assert set(unit.loc[hamlet.atoms.loc[hamlet.atoms["place_id"].isna(), "part_id"]]).isdisjoint(apart)


@law
@given(seeds, sizes, bands)
def test_a_review_says_what_the_division_said(seed, parts, band):
    hamlet = town(seed, parts)
    division = delineate(hamlet.atoms, hamlet.graph, wanted(band, finer=wanted((5, 20), level="lower")))
    again = review(plan_of(division), hamlet.atoms, hamlet.graph, wanted(band, finer=wanted((5, 20), level="lower")))
    pd.testing.assert_frame_equal(again.units, division.units)
    pd.testing.assert_frame_equal(again.reasons, division.reasons)


@law
@given(seeds, st.integers(2, 60), bands)
def test_the_order_of_rows_changes_nothing(seed, parts, band):
    hamlet = town(seed, parts)
    criteria = wanted(band, finer=wanted((5, 20), level="lower"), exclusive=("campus",))
    mixed = hamlet.shuffled(seed)
    one, other = (delineate(place.atoms, place.graph, criteria) for place in (hamlet, mixed))
    pd.testing.assert_frame_equal(one.assignment, other.assignment)
    pd.testing.assert_frame_equal(one.units, other.units)

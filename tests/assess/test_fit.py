import pandas as pd
import pytest

from govmap.assess import fit
from govmap.plan import Plan, neighbours_kept

PARTS = pd.DataFrame(
    {
        "part_id": list("abcdef"),
        "building_id": ["w1", "w2", "w3", "w4", "w5", None],
        "compound_id": ["k", "k", "m", None, None, None],
        "households": [10, 20, 30, 40, 0, 0],
    }
)
ENTRANCES = pd.DataFrame(
    {"entrance_id": ["e1", "e2", "e3"], "building_id": [None, None, "w4"], "compound_id": ["k", "k", None]}
)
WALKS = pd.DataFrame({"unit_id": ["u1", "u2"], "longest_walk_m": [120.0, 900.0]})


def plan(name, units):
    return Plan(name, 1, pd.Series({part: unit for unit, inside in units.items() for part in inside}, dtype=object))


NOW = plan("now", {"u1": "abc", "u2": "def"})


def values(rows):
    return rows.set_index(["unit_id", "measure"])["value"].to_dict()


def test_units_are_measured_by_eye():
    found = values(fit.fits(NOW, PARTS, ENTRANCES, WALKS))
    assert found["u1", "households"] == 60
    assert found["u1", "compounds"] == 2
    assert found["u1", "compound_share"] == 0.5
    assert (found["u1", "entrances"], found["u1", "households_an_entrance"]) == (2, 15)
    assert (found["u2", "compounds"], found["u2", "compound_share"]) == (0, 0)
    assert (found["u2", "entrances"], found["u2", "households_an_entrance"]) == (1, 40)
    assert found["u2", "longest_walk_m"] == 900
    assert ("u1", "neighbours_kept") not in found


def test_where_few_compounds_are_known_nothing_is_said_of_them():
    bare = PARTS.assign(compound_id=["k", None, None, None, None, None])
    told = {measure for _, measure in values(fit.fits(NOW, bare, ENTRANCES.head(0), WALKS))}
    assert told == {"households", "longest_walk_m"}


def test_neighbours_kept_are_those_who_shared_a_unit_before():
    before = plan("then", {"x": "ab", "y": "cdef"})
    found = values(fit.fits(NOW, PARTS, ENTRANCES, WALKS, before=before))
    # u1: 30 households keep all 29 neighbours, 30 keep 29 of 69; u2: 40 keep 39 of 69
    assert found["u1", "neighbours_kept"] == pytest.approx((30 + 30 * 29 / 69) / 60, abs=1e-6)
    assert found["u2", "neighbours_kept"] == pytest.approx(39 / 69, abs=1e-6)


def test_the_same_units_under_other_names_keep_all_neighbours():
    other = plan("then", {"p": "abc", "q": "def"})
    assert neighbours_kept(other, NOW, PARTS).tolist() == [1.0, 1.0]


def test_units_of_one_household_say_nothing_of_neighbours():
    parts = PARTS.assign(households=[1, 0, 0, 0, 0, 0])
    assert neighbours_kept(NOW, NOW, parts).empty


def test_upper_units_are_compared_with_the_level_as_far_from_the_lowest():
    upper = Plan("now", 1, NOW.parts, {"u1": "g", "u2": "g"}, {"u1": "microgrid", "u2": "microgrid", "g": "grid"})
    found = values(fit.fits(upper, PARTS, ENTRANCES, WALKS, before=upper))
    assert found["g", "households"] == 100
    assert {found[unit, "neighbours_kept"] for unit in ("u1", "u2", "g")} == {1.0}


def test_what_lies_beyond_the_limits_is_named_with_the_limit():
    beyond = fit.out_of_line(fit.fits(NOW, PARTS, ENTRANCES, WALKS))
    told = {(row.unit_id, row.measure): row.limit for row in beyond.itertuples()}
    assert told == {("u2", "compound_share"): 0.5, ("u2", "longest_walk_m"): 800}


def test_every_measure_has_a_title_and_a_source():
    for facts in fit.measures().values():
        assert set(facts["title"]) == set(facts["source"]) == {"zh", "en"}
    assert set(values(fit.fits(NOW, PARTS, ENTRANCES, WALKS, before=NOW))) >= {("u1", one) for one in fit.measures()}

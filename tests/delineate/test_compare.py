from itertools import permutations

import numpy as np
import pandas as pd

from govmap.delineate.compare import compare
from govmap.plan import Plan


def place(rows):
    """Parts of rows like 'a 10 k': id, households, compound."""
    cut = [row.split() for row in rows]
    return pd.DataFrame(
        {
            "part_id": [row[0] for row in cut],
            "building_id": [f"w{row[0].rstrip('0123456789')}" for row in cut],
            "compound_id": [row[2] if len(row) > 2 else None for row in cut],
            "households": [int(row[1]) for row in cut],
            "residents": [2 * int(row[1]) for row in cut],
        }
    )


def plan(name, units, edition=1):
    parts = {part: unit for unit, inside in units.items() for part in inside}
    return Plan(name, edition, pd.Series(parts, dtype=object))


PARTS = place(["a 10 k", "b 20 k", "c 30 m", "d 40 m", "e 0", "f 5"])
FIRST = plan("one", {"u1": "ab", "u2": "cd", "u3": "ef"})


def test_a_plan_compared_with_itself_changes_nothing():
    found = compare(FIRST, plan("two", {"u1": "ab", "u2": "cd", "u3": "ef"}), PARTS)
    assert (found.households_moved, found.parts_moved, found.compounds_moved) == (0, 0, 0)
    assert set(found.units["state"]) == {"kept"}
    assert found.moved.empty


def test_units_that_only_have_other_names_have_not_moved():
    found = compare(FIRST, plan("two", {"x": "ab", "u1": "cd", "u2": "ef"}), PARTS)
    assert found.figures["parts_moved"] == 0
    assert found.figures["units_kept"] == 3


def test_what_moves_is_counted_in_households_residents_parts_and_compounds():
    found = compare(FIRST, plan("two", {"u1": "a", "u2": "bcd", "u3": "ef"}), PARTS)
    assert (found.households_moved, found.residents_moved, found.parts_moved) == (20, 40, 1)
    assert (found.compounds_moved, found.compounds_split, found.compounds_joined) == (1, 1, 0)
    units = found.units.set_index("unit_after")
    assert units.loc["u2", ["state", "households_before", "households_after"]].tolist() == ["changed", 70, 90]
    assert units.loc["u2", ["households_stay", "households_come", "households_go"]].tolist() == [70, 20, 0]
    assert units["state"].to_dict() == {"u1": "changed", "u2": "changed", "u3": "kept"}
    assert found.moves[["unit_before", "unit_after", "households"]].to_numpy().tolist() == [
        ["u1", "u1", 10],
        ["u1", "u2", 20],
        ["u2", "u2", 70],
        ["u3", "u3", 5],
    ]


def test_a_divided_unit_goes_on_as_its_larger_half_and_a_merged_one_is_gone():
    found = compare(FIRST, plan("two", {"n1": "a", "n2": "b", "n3": "cdef"}), PARTS)
    states = {(row.unit_before, row.unit_after): row.state for row in found.units.itertuples()}
    assert states == {("u1", "n2"): "changed", ("u2", "n3"): "changed", ("u3", None): "gone", (None, "n1"): "new"}
    assert found.households_moved == 10 + 5


def test_units_without_households_are_matched_by_their_parts():
    parts = place(["a 0", "b 0", "c 0"])
    found = compare(plan("one", {"u1": "ab", "u2": "c"}), plan("two", {"x1": "ab", "x2": "c"}), parts)
    assert found.parts_moved == 0


def test_plans_of_two_editions_are_compared_through_their_buildings():
    former = place(["a 10", "b 20", "c 30", "z 9"])
    parts = place(["a1 5", "a2 5", "b 20", "c 30", "n 7"])
    found = compare(
        plan("one", {"u1": "ab", "u2": "cz"}),
        plan("two", {"u1": ["a1", "b"], "u2": ["a2", "c", "n"]}, edition=2),
        parts,
        former_parts=former,
    )
    assert (found.parts_moved, found.households_moved) == (1, 5)
    assert (found.parts_came, found.parts_gone) == (1, 1)


def test_households_that_get_another_worker_are_counted():
    duties = pd.DataFrame({"worker_id": ["A", "B"], "plan_id": "one", "unit_id": ["u1", "u2"], "role": "lead"})
    after = plan("two", {"x": "a", "u2": "bcd", "u3": "ef"})
    found = compare(FIRST, after, PARTS, duties=duties)
    assert found.households_change_worker == 20
    workers = found.workers.set_index("worker_id")
    assert workers.loc["A"].tolist() == [30, 10, 0, 20]
    assert workers.loc["B"].tolist() == [70, 90, 20, 0]
    swapped = pd.DataFrame({"worker_id": ["B", "A"], "plan_id": "two", "unit_id": ["x", "u2"], "role": "lead"})
    found = compare(FIRST, after, PARTS, duties=pd.concat([duties, swapped]))
    assert found.households_change_worker == 10 + 70
    assert compare(FIRST, after, PARTS).workers.empty


def test_households_whose_unit_loses_or_gains_a_service_are_counted():
    resources = pd.DataFrame({"category": ["clinic", "market"], "part_id": ["b", "e"]})
    found = compare(FIRST, plan("two", {"u1": "a", "u2": "bcd", "u3": "ef"}), PARTS, resources=resources)
    services = found.services.set_index("category")
    assert services.loc["clinic"].tolist() == [30, 90, 70, 10]
    assert services.loc["market"].tolist() == [5, 5, 0, 0]


def test_the_order_of_rows_changes_nothing():
    after = plan("two", {"n1": "ac", "n2": "bd", "n3": "ef"})
    first, second = (compare(FIRST, after, rows) for rows in (PARTS, PARTS.sample(frac=1, random_state=1)))
    assert first.figures == second.figures
    assert first.units.equals(second.units)
    assert first.moved.equals(second.moved)


def test_no_other_matching_of_units_leaves_more_households_where_they_are():
    rng = np.random.default_rng(2)
    ids = [f"p{one}" for one in range(60)]
    parts = pd.DataFrame({"part_id": ids, "building_id": ids, "households": rng.integers(0, 50, 60)})
    parts["residents"] = parts["households"]
    sides = [pd.Series([f"{name}{one}" for one in rng.integers(0, 4, 60)], index=ids) for name in "uv"]
    found = compare(Plan("one", 1, sides[0]), Plan("two", 1, sides[1]), parts)
    held = pd.crosstab(sides[0], sides[1], parts["households"].to_numpy(), aggfunc="sum").fillna(0).to_numpy()
    best = max(sum(held[one, other] for one, other in enumerate(order)) for order in permutations(range(4)))
    assert found.households_moved == held.sum() - best


def test_elders_who_move_are_counted_where_registers_know_them():
    parts = PARTS.assign(age_60_plus=[3, 5, 7, None, 0, 1], living_alone_60=[1, 2, 0, 0, 0, 0])
    found = compare(FIRST, plan("two", {"u1": "a", "u2": "bcd", "u3": "ef"}), parts)
    assert found.groups == {"age_60_plus": 5, "living_alone_60": 2}
    assert found.figures["age_60_plus_moved"] == 5
    assert compare(FIRST, FIRST, PARTS).groups == {}


def test_households_that_keep_a_worker_and_those_left_without_are_counted():
    one = pd.DataFrame({"worker_id": ["A", "B", "B"], "plan_id": "one", "unit_id": ["u1", "u1", "u2"], "role": "lead"})
    two = pd.DataFrame({"worker_id": ["B", "C"], "plan_id": "two", "unit_id": ["u1", "u3"], "role": "lead"})
    after = plan("two", {"u1": "ab", "u2": "cd", "u3": "ef"})
    found = compare(FIRST, after, PARTS, duties=pd.concat([one, two])).figures
    assert found["households_with_worker"] == 100
    assert found["households_keep_worker"] == 30
    assert found["households_without"] == 70
    assert found["households_change_worker"] == 105


def test_duties_of_another_level_do_not_count():
    duties = pd.DataFrame({"worker_id": ["A"], "plan_id": "one", "unit_id": ["grid"], "role": "lead"})
    assert compare(FIRST, FIRST, PARTS, duties=duties).workers.empty

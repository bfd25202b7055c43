import json

import numpy as np
import pandas as pd
import pytest
from hamlets import lattice, pieces_of, random_hamlet

from govmap.delineate import Criteria, delineate, edit
from govmap.errors import PlanError
from govmap.plan import Plan


@pytest.fixture
def town():
    hamlet = lattice(4, 4, 100)
    plan = Plan.of("p", 1, pd.DataFrame({"part_id": hamlet.atoms["part_id"], "unit_id": "east"}))
    west = [f"w{x:03d}{y:03d}" for x in (0, 1) for y in range(4)]
    return hamlet, plan.move(west, "west")


def history(*edits):
    """The tables of a chain of edits: (revision, author, action, detail, rows)."""
    parents = [None, *(one[0] for one in edits)]
    names = ["revision_id", "author", "action", "detail"]
    revisions = pd.DataFrame([one[:4] for one in edits], columns=names)
    revisions.insert(1, "parent_id", parents[:-1])
    parts = pd.concat([rows.assign(revision_id=one) for one, *_, rows in edits], ignore_index=True)
    return revisions.sample(frac=1, random_state=1), parts.sample(frac=1, random_state=1)


def test_a_part_is_moved_and_the_rows_say_so(town):
    hamlet, plan = town
    moved, rows = edit.move(plan, ["w002000"], "west", hamlet.graph)
    assert moved.parts["w002000"] == "west"
    assert rows.to_dict("records") == [{"part_id": "w002000", "unit_before": "east", "unit_after": "west"}]
    assert plan.parts["w002000"] == "east"
    assert plan.replay(rows) == moved


@pytest.mark.parametrize(
    ("parts", "unit", "key"),
    [
        (["w999999"], "west", "delineate_unknown_parts"),
        (["w002000"], "north", "delineate_unknown_unit"),
        (["w000000"], "west", "delineate_nothing_moves"),
        ([], "west", "delineate_nothing_moves"),
        (["w003003"], "west", "delineate_in_pieces"),
        (["w002000", "w002001", "w002002"], "west", None),
    ],
)
def test_a_move_that_breaks_a_rule_is_refused_with_a_reason(town, parts, unit, key):
    hamlet, plan = town
    if key is None:
        edit.move(plan, parts, unit, hamlet.graph)
        return
    with pytest.raises(PlanError) as refused:
        edit.move(plan, parts, unit, hamlet.graph)
    assert refused.value.code == key


def test_a_unit_is_not_broken_in_two_by_what_leaves_it(town):
    hamlet, plan = town
    plan = plan.move([f"w001{y:03d}" for y in range(4)], "east")
    with pytest.raises(PlanError) as refused:
        edit.move(plan, [f"w00{x}{y:03d}" for x in (1, 2) for y in (1,)] + ["w003001"], "west", hamlet.graph)
    assert refused.value.code == "delineate_in_pieces"
    forced, _ = edit.move(plan, ["w003001"], "west", hamlet.graph, force=True)
    assert forced.parts["w003001"] == "west"


def test_locked_units_never_change(town):
    hamlet, plan = town
    for locked in (["east"], ["west"]):
        with pytest.raises(PlanError) as refused:
            edit.move(plan, ["w002000"], "west", hamlet.graph, locked=locked, force=True)
        assert refused.value.code == "delineate_unit_locked"


def test_a_part_does_not_leave_its_community(town):
    hamlet, plan = town
    community = {part: "c1" if part < "w002" else "c2" for part in plan.parts.index}
    with pytest.raises(PlanError) as refused:
        edit.move(plan, ["w002000"], "west", hamlet.graph, community=community, force=True)
    assert refused.value.code == "delineate_other_community"


def test_units_are_merged(town):
    hamlet, plan = town
    merged, rows = edit.merge(plan, ["east"], "west", hamlet.graph)
    assert merged.units == ["west"]
    assert len(rows) == 8


@pytest.mark.parametrize("seed", range(6))
def test_an_edit_undone_changes_nothing(seed):
    hamlet = random_hamlet(seed)
    division = delineate(hamlet.atoms, hamlet.graph, Criteria(size=(40, 160), budget=5000))
    plan = Plan.of("p", 1, division.assignment)
    rng = np.random.default_rng(seed)
    parts = rng.choice(plan.parts.index.to_numpy(), 3, replace=False)
    done = 0
    for part in parts:
        for unit in plan.units:
            try:
                moved, rows = edit.move(plan, [part], unit, hamlet.graph)
            except PlanError:
                continue
            before = {u: len(p) for u, p in pieces_of(hamlet, plan.rows()).items()}
            after = {u: len(p) for u, p in pieces_of(hamlet, moved.rows()).items()}
            assert all(after[u] <= max(before.get(u, 1), 1) for u in after)
            back, inverse, undone = edit.undo(moved, *history(("r1", "ann", "move", "{}", rows)), "ann")
            assert (back, undone) == (plan, "r1")
            assert moved.replay(inverse) == plan
            done += 1
    assert done or len(plan.units) < 3


def test_undo_takes_back_ones_own_last_edit_and_not_an_undo(town):
    hamlet, plan = town
    one, first = edit.move(plan, ["w002000"], "west", hamlet.graph)
    two, second = edit.move(one, ["w002001"], "west", hamlet.graph)
    back, third, undone = edit.undo(
        two, *history(("a", "ann", "move", None, first), ("b", "ann", "move", None, second)), "ann", hamlet.graph
    )
    assert (undone, back) == ("b", one)
    tables = history(
        ("a", "ann", "move", None, first),
        ("b", "ann", "move", None, second),
        ("c", "ann", "undo", json.dumps({"undoes": "b"}), third),
    )
    begun, _, undone = edit.undo(back, *tables, "ann", hamlet.graph)
    assert (undone, begun) == ("a", plan)
    with pytest.raises(PlanError) as refused:
        edit.undo(plan, *history(("c", "ann", "undo", {"undoes": "b"}, third)), "ann")
    assert refused.value.code == "delineate_nothing_to_undo"


def test_undo_leaves_what_others_did(town):
    hamlet, plan = town
    one, first = edit.move(plan, ["w002000"], "west", hamlet.graph)
    two, second = edit.move(one, ["w002001"], "west", hamlet.graph)
    tables = history(("a", "ann", "move", None, first), ("b", "bo", "move", None, second))
    back, _, undone = edit.undo(two, *tables, "ann", None)
    assert undone == "a"
    assert back.parts["w002001"] == "west"


def test_undo_is_refused_where_another_changed_the_parts_since_and_names_them(town):
    hamlet, plan = town
    one, first = edit.move(plan, ["w002000", "w002001"], "west", hamlet.graph)
    two, second = edit.move(one, ["w002001"], "east", hamlet.graph)
    with pytest.raises(PlanError) as refused:
        edit.undo(two, *history(("a", "ann", "move", None, first), ("b", "bo", "move", None, second)), "ann")
    assert refused.value.note.facts["parts"] == ["w002001"]


def test_a_division_is_not_undone(town):
    hamlet, plan = town
    made = Plan.empty("p", 1).difference(plan)
    with pytest.raises(PlanError):
        edit.undo(plan, *history(("a", "ann", "delineate", None, made)), "ann", hamlet.graph)


def carried(plan, former, now):
    return edit.carry(plan, former.atoms, now.atoms, now.graph, edition=2)


def test_an_unchanged_place_moves_nothing(town):
    hamlet, plan = town
    again, rows, lineage = carried(plan, hamlet, hamlet.shuffled(1))
    assert rows.empty
    assert again.parts.equals(plan.parts)
    assert again.edition == 2
    assert lineage["households"].tolist() == [800, 800]
    assert lineage[["came", "went"]].map(len).to_numpy().sum() == 0


def test_new_parts_join_a_neighbour_and_vanished_ones_leave_and_nothing_else_moves(town):
    hamlet, plan = town
    now = lattice(6, 4, 100, gone={(0, 0), (5, 3)})
    again, rows, lineage = carried(plan, hamlet, now)
    assert set(again.parts.index) == set(now.atoms["part_id"])
    stays = sorted(set(again.parts.index) & set(plan.parts.index))
    assert again.parts[stays].equals(plan.parts[stays])
    new = [part for part in again.parts.index if part not in plan.parts.index]
    assert set(again.parts[new]) == {"east"}
    assert plan.replay(rows).parts.equals(again.parts)
    told = lineage.set_index("unit_id")
    assert told.loc["west", "went"] == ["w000000"]
    assert told.loc["east", "came"] == new
    assert told["households"].tolist() == [800, 700]


def test_a_building_divided_since_keeps_its_unit(town):
    hamlet, plan = town
    now = lattice(4, 4, 100)
    now.atoms["part_id"] = now.atoms["part_id"] + "/1"
    now.graph.ids[:] = [one + "/1" for one in now.graph.ids]
    again, _, lineage = carried(plan, hamlet, now)
    assert again.parts.to_list() == plan.parts.to_list()
    assert lineage["households"].tolist() == [800, 800]


def test_a_new_part_prefers_a_neighbour_it_is_joined_to():
    before, now = lattice(3, 3, 100, gone={(1, 1)}), lattice(3, 3, 100, river={1})
    west = [f"w000{y:03d}" for y in range(3)]
    plan = Plan.of("p", 1, pd.DataFrame({"part_id": before.atoms["part_id"], "unit_id": "east"})).move(west, "west")
    again, _, _ = edit.carry(plan, before.atoms, now.atoms, now.graph, edition=2)
    assert again.parts["w001001"] == "east"


def test_a_new_community_gets_a_unit_of_its_own(town):
    hamlet, plan = town
    now = lattice(6, 4, 100, community=lambda x, _: "c1" if x < 4 else "c2")
    again, _, lineage = carried(plan, hamlet, now)
    assert again.parts["w005003"] == "uw004000"
    row = lineage[lineage["unit_id"] == "uw004000"].iloc[0]
    assert row["former_unit_id"] is None
    assert len(row["came"]) == 8


def test_vanished_units_leave_lineage(town):
    hamlet, plan = town
    now = lattice(2, 4, 100)
    again, _, lineage = carried(plan, hamlet, now)
    assert again.units == ["west"]
    row = lineage.set_index("unit_id").loc["east"]
    assert (row["households"], len(row["went"])) == (0, 8)

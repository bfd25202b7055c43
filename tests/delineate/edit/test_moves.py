import numpy as np
import pandas as pd
import pytest
from drafts import draft_of, east_and_west, standing, weight
from hamlets import lattice, pieces_of, random_hamlet

from govmap.delineate import Criteria, delineate, edit
from govmap.errors import PlanError
from govmap.plan import Plan


def refused(way, *words, **choices) -> PlanError:
    with pytest.raises(PlanError) as caught:
        way(*words, **choices)
    return caught.value


def test_a_part_is_moved_and_the_rows_say_so():
    draft = east_and_west()
    made = edit.move(draft, ["w002000"], "west")
    assert made.after.parts["w002000"] == "west"
    assert made.rows.to_dict("records") == [{"part_id": "w002000", "unit_before": "east", "unit_after": "west"}]
    assert draft.plan.parts["w002000"] == "east"
    assert draft.plan.replay(made.rows) == made.after


@pytest.mark.parametrize(
    ("parts", "unit", "key"),
    [
        (["w999999"], "west", "delineate_unknown_parts"),
        (["w002000"], "north", "edit_no_unit"),
        (["w000000"], "west", "edit_nothing_moves"),
        ([], "west", "edit_nothing_moves"),
        (["w003003"], "west", "edit_in_pieces"),
        (["w002000", "w002001", "w002002"], "west", None),
    ],
)
def test_a_move_that_breaks_a_rule_is_refused_with_a_reason(parts, unit, key):
    draft = east_and_west()
    if key is None:
        edit.move(draft, parts, unit)
    else:
        assert refused(edit.move, draft, parts, unit).code == key


def test_what_would_be_cut_off_is_named():
    draft = draft_of(
        lattice(4, 4, lambda x, y: 10 if (x, y) == (3, 3) else 100), lambda x, _: "west" if x < 1 else "east"
    )
    error = refused(edit.move, draft, ["w002003", "w003002"], "west")
    assert error.code == "edit_in_pieces"
    assert error.note.facts["cut_off"] == ["w002003", "w003002", "w003003"]


def test_a_unit_is_not_broken_in_two_by_what_leaves_it():
    draft = draft_of(lattice(4, 4, 100), lambda x, _: "west" if x < 1 else "east")
    across = [f"w{x:03d}001" for x in (1, 2, 3)]
    assert refused(edit.move, draft, across, "west").note.facts["unit_codes"] == ["U-east"]
    forced = edit.move(draft, across, "west", force=True)
    assert forced.forced == ("pieces",)
    assert forced.detail["forced"] == ["pieces"]


@pytest.mark.parametrize("locked", ["east", "west"])
def test_a_locked_unit_changes_by_force_only_and_that_is_written_down(locked):
    draft = draft_of(lattice(4, 4, 100), lambda x, _: "west" if x < 2 else "east", **{locked: {"locked": True}})
    assert refused(edit.move, draft, ["w002000"], "west").code == "edit_locked"
    assert refused(edit.merge, draft, ["east"], "west").code == "edit_locked"
    assert edit.move(draft, ["w002000"], "west", force=True).forced == ("locked",)


def test_a_unit_inside_a_locked_one_is_locked():
    hamlet = lattice(4, 4, 100)
    flat = draft_of(hamlet, lambda x, _: "west" if x < 2 else "east")
    plan = flat.plan.nested(pd.DataFrame({"unit_id": ["east", "west"], "parent_unit_id": "all", "level": "low"}))
    draft = standing(plan, hamlet, {"all": {"locked": True}, "east": {}, "west": {}})
    assert refused(edit.move, draft, ["w002000"], "west").code == "edit_locked"
    assert refused(edit.move, draft, ["w002000"], "all").code == "edit_holds_units"


def test_a_part_does_not_leave_its_community():
    hamlet = lattice(4, 4, 100, community=lambda x, _: "c1" if x < 2 else "c2")
    draft = draft_of(hamlet, lambda x, _: "west" if x < 2 else "east")
    assert refused(edit.move, draft, ["w002000"], "west").code == "edit_other_community"
    assert "community" in edit.move(draft, ["w002000"], "west", force=True).forced


def test_a_unit_is_not_left_without_parts_but_put_together():
    draft = draft_of(lattice(3, 1, 100), lambda x, _: "west" if x < 1 else "east")
    assert refused(edit.move, draft, ["w000000"], "east").code == "edit_left_empty"
    assert edit.move(draft, ["w000000"], "east", force=True).gone == ["west"]
    merged = edit.merge(draft, ["west"], "east")
    assert (merged.gone, merged.after.units, merged.forced) == (["west"], ["east"], ())
    assert merged.facts["west"] == ({"code": "U-west", "kind": "base", "level": "base"}, None)


def test_units_that_do_not_touch_are_not_put_together():
    draft = draft_of(lattice(3, 1, 100), lambda x, _: "abc"[x])
    assert refused(edit.merge, draft, ["a"], "c").code == "edit_in_pieces"
    assert refused(edit.merge, draft, ["a"], "a").code == "edit_merge_needs_two"
    assert refused(edit.merge, draft, ["x"], "a").code == "edit_no_unit"
    assert edit.merge(draft, ["a", "b"], "c").after.units == ["c"]


def test_an_island_by_name_goes_with_its_unit():
    hamlet = lattice(4, 1, 100, river={3})
    draft = draft_of(hamlet, lambda x, _: "west" if x in (0, 3) else "east")
    merged = edit.merge(draft, ["west"], "east")
    assert merged.after.units == ["east"]


def test_the_heaviest_keeps_the_code():
    draft = draft_of(lattice(3, 1, lambda x, _: (50, 90, 90)[x]), lambda x, _: "abc"[x])
    assert edit.heaviest(draft, ["a", "c", "b"], weight(draft)) == "b"
    assert edit.heaviest(draft, ["a"], weight(draft)) == "a"


def test_a_split_leaves_the_larger_side_its_id_and_no_id_is_given_twice():
    draft = draft_of(lattice(4, 1, lambda x, _: 100 + x), lambda *_: "uw000000")
    group = pd.Series([0, 0, 1, 1], index=draft.plan.parts.index)
    made = edit.split(draft, "uw000000", group, weight(draft))
    assert made.after.parts.tolist() == ["uw001000", "uw001000", "uw000000", "uw000000"]
    assert made.facts == {"uw001000": (None, {"level": "base", "kind": "base"})}
    assert made.made == ["uw001000"]
    assert refused(edit.split, draft, "uw000000", group * 0, weight(draft)).code == "edit_splits_nothing"


def test_a_split_is_refused_where_a_side_would_lie_in_pieces():
    draft = draft_of(lattice(4, 1, 100), lambda *_: "a")
    group = pd.Series([0, 1, 0, 1], index=draft.plan.parts.index)
    assert refused(edit.split, draft, "a", group, weight(draft)).code == "edit_in_pieces"
    assert edit.split(draft, "a", group, weight(draft), force=True).forced == ("pieces",)


@pytest.mark.parametrize("seed", range(4))
def test_no_move_that_is_let_through_leaves_more_pieces(seed):
    hamlet = random_hamlet(seed)
    division = delineate(hamlet.atoms, hamlet.graph, Criteria(size=(40, 160), budget=5000))
    plan = Plan.of("p", 1, division.assignment)
    draft = standing(plan, hamlet, {unit: {} for unit in plan.units})
    done = 0
    for part in np.random.default_rng(seed).choice(plan.parts.index.to_numpy(), 3, replace=False):
        for unit in plan.units:
            try:
                made = edit.move(draft, [part], unit)
            except PlanError:
                continue
            before = {u: len(p) for u, p in pieces_of(hamlet, plan.rows()).items()}
            after = {u: len(p) for u, p in pieces_of(hamlet, made.after.rows()).items()}
            assert all(after[u] <= max(before.get(u, 1), 1) for u in after)
            assert set(after) == set(before)
            done += 1
    assert done or len(plan.units) < 3

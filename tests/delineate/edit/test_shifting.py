import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import pytest
from drafts import Chain, draft_of, east_and_west, weight
from hamlets import lattice

from govmap.delineate import edit
from govmap.errors import PlanError


def test_parts_go_each_to_its_own_unit_in_one_revision():
    draft = draft_of(lattice(6, 2, 100), lambda x, _: f"u{x // 2}")
    made = edit.shift(draft, {"w001000": "u1", "w004000": "u1"})
    assert dict(zip(made.rows["part_id"], made.rows["unit_after"], strict=True)) == {"w001000": "u1", "w004000": "u1"}
    assert made.action == "move"
    assert draft.plan.replay(made.rows) == made.after


def test_a_shift_to_one_unit_is_a_move():
    draft = east_and_west()
    one, other = edit.shift(draft, {"w002000": "west"}), edit.move(draft, ["w002000"], "west")
    assert one.after == other.after
    assert one.detail == other.detail


@pytest.mark.parametrize(
    ("unit_of", "key"),
    [
        ({"w002000": "north"}, "edit_no_unit"),
        ({"w000000": "west"}, "edit_nothing_moves"),
        ({"w999": "west"}, "delineate_unknown_parts"),
        ({"w003003": "west", "w000000": "east"}, "edit_in_pieces"),
    ],
)
def test_a_shift_that_breaks_a_rule_is_refused(unit_of, key):
    with pytest.raises(PlanError) as refused:
        edit.shift(east_and_west(), unit_of)
    assert refused.value.code == key


def test_a_unit_is_founded_on_parts_of_two_and_undone_again():
    draft = east_and_west()
    chain = Chain(draft)
    parts = ["w001000", "w002000", "w002001"]
    made = chain.add(edit.found(draft, parts, weight(draft)))
    new = made.made[0]
    assert made.after.members(new) == parts
    assert made.more == {"split": "east"}
    chain.add(edit.undo(chain.draft, *chain.tables, "ann"))
    assert chain.draft.plan == draft.plan


@pytest.mark.parametrize("parts", [[], ["w002000", "w002001", "w002002", "w002003"]])
def test_nothing_and_a_whole_unit_found_no_unit(parts):
    draft = draft_of(lattice(4, 4, 100), lambda x, _: f"u{x}")
    with pytest.raises(PlanError) as refused:
        edit.found(draft, parts, weight(draft))
    assert refused.value.code == "edit_splits_nothing"

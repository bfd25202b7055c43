from dataclasses import replace

import numpy as np
import pytest
from drafts import Chain, draft_of, east_and_west, standing, weight
from hamlets import lattice
from hypothesis import given, settings
from hypothesis import strategies as st

from govmap.delineate import edit
from govmap.delineate.edit.draft import Edit
from govmap.errors import PlanError
from govmap.plan import Plan


def code_of(way, *words, **choices) -> str:
    with pytest.raises(PlanError) as caught:
        way(*words, **choices)
    return caught.value.code


def undone(chain: Chain, author: str = "ann") -> Edit:
    return chain.add(edit.undo(chain.draft, *chain.tables, author), author)


def redone(chain: Chain, author: str = "ann") -> Edit:
    return chain.add(edit.redo(chain.draft, *chain.tables, author), author)


def test_undo_takes_back_ones_own_last_edit_and_then_the_one_before():
    chain = Chain(east_and_west())
    begun = chain.draft.plan
    chain.add(edit.move(chain.draft, ["w002000"], "west"))
    one = chain.draft.plan
    chain.add(edit.move(chain.draft, ["w002001"], "west"))
    assert undone(chain).more == {"undoes": "r1", "turned": "move"}
    assert chain.draft.plan == one
    undone(chain)
    assert chain.draft.plan == begun
    assert code_of(edit.undo, chain.draft, *chain.tables, "ann") == "edit_nothing_to_undo"
    assert code_of(edit.undo, chain.draft, *chain.tables, "bo") == "edit_nothing_to_undo"


def test_redo_takes_ones_own_last_undo_back_until_one_edits_anew():
    chain = Chain(east_and_west())
    assert code_of(edit.redo, chain.draft, *chain.tables, "ann") == "edit_nothing_to_redo"
    chain.add(edit.move(chain.draft, ["w002000"], "west"))
    chain.add(edit.move(chain.draft, ["w002001"], "west"))
    last = chain.draft.plan
    undone(chain)
    undone(chain)
    assert redone(chain).more == {"redoes": "r3", "turned": "move"}
    redone(chain)
    assert chain.draft.plan == last
    assert code_of(edit.redo, chain.draft, *chain.tables, "ann") == "edit_nothing_to_redo"
    undone(chain)
    chain.add(edit.rename(chain.draft, "west", "Mill"))
    assert code_of(edit.redo, chain.draft, *chain.tables, "ann") == "edit_nothing_to_redo"
    undone(chain)
    undone(chain)
    assert chain.draft.plan == east_and_west().plan
    assert code_of(edit.undo, chain.draft, *chain.tables, "ann") == "edit_nothing_to_undo"


def test_undo_leaves_what_others_did():
    chain = Chain(east_and_west())
    chain.add(edit.move(chain.draft, ["w002000"], "west"))
    chain.add(edit.move(chain.draft, ["w002001"], "west"), "bo")
    undone(chain)
    assert chain.draft.plan.parts[["w002000", "w002001"]].tolist() == ["east", "west"]


def test_undo_is_refused_where_another_changed_the_parts_since_and_names_them():
    chain = Chain(east_and_west())
    chain.add(edit.move(chain.draft, ["w002000", "w002001"], "west"))
    chain.add(edit.move(chain.draft, ["w002001"], "east"), "bo")
    with pytest.raises(PlanError) as refused:
        edit.undo(chain.draft, *chain.tables, "ann", force=True)
    assert refused.value.code == "edit_changed_since"
    assert refused.value.note.facts["parts"] == ["w002001"]


def test_undo_is_refused_where_the_unit_to_go_back_to_is_no_more():
    chain = Chain(draft_of(lattice(4, 1, 100), lambda x, _: "aabc"[x]))
    chain.add(edit.move(chain.draft, ["w001000"], "b"))
    chain.add(edit.merge(chain.draft, ["a"], "b"), "bo")
    with pytest.raises(PlanError) as refused:
        edit.undo(chain.draft, *chain.tables, "ann")
    assert refused.value.code == "edit_unit_gone_since"
    assert refused.value.note.facts["unit_codes"] == ["U-a"]


def test_undo_of_a_split_is_refused_where_another_used_the_new_unit_since():
    chain = Chain(draft_of(lattice(5, 1, 100), lambda x, _: "a" if x < 4 else "b"))
    group = chain.draft.plan.parts.iloc[:4].map(lambda _: 0)
    group.iloc[2:] = 1
    made = chain.add(edit.split(chain.draft, "a", group, weight(chain.draft)))
    (new,) = made.made
    chain.add(edit.rename(chain.draft, new, "Mill"), "bo")
    assert code_of(edit.undo, chain.draft, *chain.tables, "ann") == "edit_unit_changed_since"
    undone(chain, "bo")
    chain.add(edit.move(chain.draft, ["w001000"], new), "bo")
    with pytest.raises(PlanError) as refused:
        edit.undo(chain.draft, *chain.tables, "ann")
    assert refused.value.note.facts["parts"] == ["w001000"]


def test_undo_and_redo_bring_units_back_with_what_was_known_of_them():
    known = {"name": "Mill", "responsible_org": "committee"}
    chain = Chain(draft_of(lattice(4, 1, 100), lambda x, _: "aabb"[x], a=known))
    chain.add(edit.merge(chain.draft, ["a"], "b"))
    assert set(chain.draft.facts) == {"b"}
    undone(chain)
    assert chain.draft.facts["a"] == {"code": "U-a", "kind": "base", "level": "base", **known}
    redone(chain)
    assert set(chain.draft.facts) == {"b"}


def test_names_locks_and_kinds_are_taken_back():
    chain = Chain(east_and_west())
    begun = chain.draft.facts
    chain.add(edit.rename(chain.draft, "west", "Mill"))
    chain.add(edit.lock(chain.draft, ["west", "east"]))
    chain.add(edit.exclusive(chain.draft, "east", "park", reason="few live there"))
    assert chain.revisions[-1]["detail"]["reason"] == "few live there"
    assert chain.draft.facts["east"]["exclusive_kind"] == "park"
    assert [undone(chain).more["turned"] for _ in range(3)] == ["exclusive", "lock", "rename"]
    assert chain.draft.facts == begun
    assert redone(chain).more["turned"] == "rename"
    chain.add(edit.rename(chain.draft, "west", "Kiln"), "bo")
    assert code_of(edit.undo, chain.draft, *chain.tables, "ann") == "edit_unit_changed_since"


def test_what_was_done_by_force_can_be_taken_back_and_made_again():
    chain = Chain(draft_of(lattice(4, 4, 100), lambda x, _: "west" if x < 2 else "east", west={"locked": True}))
    begun = chain.draft.plan
    chain.add(edit.move(chain.draft, ["w003003"], "west", force=True))
    assert set(chain.revisions[-1]["detail"]["forced"]) == {"locked", "pieces"}
    assert undone(chain).forced == ("locked",)
    assert chain.draft.plan == begun
    assert set(redone(chain).forced) == {"locked", "pieces"}


def test_an_undo_that_breaks_a_rule_now_is_refused():
    chain = Chain(east_and_west())
    chain.add(edit.move(chain.draft, ["w002000"], "west"))
    chain.add(edit.lock(chain.draft, ["west"]), "bo")
    assert code_of(edit.undo, chain.draft, *chain.tables, "ann") == "edit_locked"
    assert edit.undo(chain.draft, *chain.tables, "ann", force=True).forced == ("locked",)


def test_a_state_with_pieces_may_come_back():
    hamlet = lattice(4, 1, 100)
    chain = Chain(draft_of(hamlet, lambda x, _: "abab"[x]))
    begun = chain.draft.plan
    chain.add(edit.move(chain.draft, ["w001000"], "a"))
    undone(chain)
    assert chain.draft.plan == begun


def test_a_state_with_pieces_of_the_units_above_may_come_back():
    hamlet = lattice(8, 1, 100)
    flat = draft_of(hamlet, lambda x, _: "abcd"[x // 2])
    parents = {"a": "g1", "b": "g2", "c": "g1", "d": "g2"}
    facts = {unit: {"parent_unit_id": over} for unit, over in parents.items()}
    chain = Chain(standing(replace(flat.plan, parents=parents), hamlet, {**facts, "g1": {}, "g2": {}}))
    begun = chain.draft.plan
    chain.add(edit.merge(chain.draft, ["b"], "a"))
    assert chain.draft.plan.parents == {"a": "g1", "c": "g1", "d": "g2"}
    undone(chain)
    assert chain.draft.plan == begun


def test_a_division_is_not_undone():
    draft = east_and_west()
    chain = Chain(draft)
    made = Edit(action="delineate", before=Plan.empty("p", 1), after=draft.plan)
    chain.revisions.append(
        {"revision_id": "r0", "parent_id": None, "action": "delineate", "author": "ann", "detail": {}}
    )
    chain.rows.append(made.rows.assign(revision_id="r0"))
    assert code_of(edit.undo, draft, *chain.tables, "ann") == "edit_nothing_to_undo"
    chain.add(edit.move(draft, ["w002000"], "west"))
    revisions, rows = chain.tables
    assert edit.edits_of(revisions) == ["r1"]
    hands = rows[rows["revision_id"] == "r1"]
    assert edit.origin(chain.draft.plan, revisions, hands) == draft.plan


def test_ids_and_codes_of_units_that_are_no_more_are_remembered():
    chain = Chain(draft_of(lattice(4, 1, 100), lambda x, _: "aabb"[x]))
    chain.add(edit.merge(chain.draft, ["a"], "b"))
    undone(chain)
    chain.add(edit.merge(chain.draft, ["b"], "a"))
    assert edit.units_ever(chain.tables[0]) == {"a": "U-a", "b": "U-b"}


def some_edit(chain: Chain, rng: np.random.Generator) -> Edit:
    """Try an edit of any kind; many are refused."""
    draft = chain.draft
    units = draft.leaves
    unit, other = (str(one) for one in rng.choice(units, 2))
    parts = rng.choice(draft.plan.parts.index.to_numpy(), int(rng.integers(1, 4)), replace=False)
    mine = draft.plan.parts.index[draft.plan.parts == unit]
    half = draft.plan.parts[mine].map(lambda _: 0)
    half.iloc[: len(half) // 2] = 1
    ways = [
        lambda: edit.move(draft, parts, unit),
        lambda: edit.merge(draft, [unit], other),
        lambda: edit.split(draft, unit, half, weight(draft)),
        lambda: edit.rename(draft, unit, f"n{rng.integers(9)}"),
        lambda: edit.lock(draft, [unit]),
        lambda: edit.unlock(draft, [unit]),
        lambda: edit.exclusive(draft, unit, "park"),
        lambda: edit.base(draft, unit),
    ]
    return ways[int(rng.integers(len(ways)))]()


@settings(max_examples=8, deadline=None, derandomize=True)
@given(st.integers(0, 10_000))
def test_all_that_was_done_can_be_undone_and_done_again(seed):
    rng = np.random.default_rng(seed)
    chain = Chain(draft_of(lattice(6, 4, 100, river={4}, ford={1}), lambda x, y: f"u{x // 2}{y // 2}"))
    states = [(chain.draft.plan, chain.draft.facts)]
    while len(states) < 8:
        try:
            chain.add(some_edit(chain, rng))
        except PlanError:
            continue
        states.append((chain.draft.plan, chain.draft.facts))
    for plan, facts in reversed(states[:-1]):
        undone(chain)
        assert chain.draft.plan.parts.equals(plan.parts)
        assert chain.draft.facts == facts
    for plan, facts in states[1:]:
        redone(chain)
        assert chain.draft.plan.parts.equals(plan.parts)
        assert chain.draft.facts == facts


def test_lineage_says_where_new_units_come_from_and_gone_ones_went():
    draft = draft_of(lattice(6, 1, 100), lambda x, _: "aaabbc"[x])
    now = replace(draft.plan.move(["w002000"], "a2").move(["w005000"], "b"))
    rows = edit.lineage(draft.plan, now, draft.atoms)
    assert rows.to_numpy().tolist() == [["a2", "a", 100], ["b", "c", 100]]
    assert edit.lineage(now, now, draft.atoms).empty

import pytest
from drafts import draft_of, east_and_west
from hamlets import lattice

from govmap.delineate import edit
from govmap.errors import PlanError


def code_of(way, *words) -> str:
    with pytest.raises(PlanError) as caught:
        way(*words)
    return caught.value.code


def test_a_name_is_given_trimmed_and_taken_away():
    draft = east_and_west()
    named = edit.rename(draft, "west", "  the\told \u200b Mill\n")
    assert named.facts == {"west": ({"name": None}, {"name": "the old Mill"})}
    draft = draft_of(lattice(2, 1, 1), lambda x, _: "ab"[x], a={"name": "Mill"})
    assert edit.rename(draft, "a", " ").facts == {"a": ({"name": "Mill"}, {"name": None})}


@pytest.mark.parametrize("name", ["Mill", "mill", "Ｍill", "U-b", "b"])
def test_no_two_units_go_by_one_name(name):
    draft = draft_of(lattice(2, 1, 1), lambda x, _: "ab"[x], b={"name": "Mill"})
    assert code_of(edit.rename, draft, "a", name) == "edit_name_taken"


def test_what_changes_nothing_is_refused():
    draft = draft_of(lattice(2, 1, 1), lambda x, _: "ab"[x], a={"name": "Mill", "locked": True})
    assert code_of(edit.rename, draft, "a", "Mill") == "edit_nothing_changes"
    assert code_of(edit.lock, draft, ["a"]) == "edit_nothing_changes"
    assert code_of(edit.unlock, draft, ["b"]) == "edit_nothing_changes"
    assert code_of(edit.base, draft, "a") == "edit_nothing_changes"
    assert code_of(edit.rename, draft, "a", "x" * 81) == "edit_name_too_long"
    assert code_of(edit.lock, draft, ["z"]) == "edit_no_unit"


def test_locking_all_lists_only_those_that_were_open():
    draft = draft_of(lattice(2, 1, 1), lambda x, _: "ab"[x], a={"locked": True})
    assert set(edit.lock(draft, ["a", "b"]).facts) == {"b"}


def test_an_exclusive_unit_has_a_kind_and_goes_back_without_one():
    draft = draft_of(lattice(2, 1, 1), lambda x, _: "ab"[x], a={"kind": "exclusive", "exclusive_kind": "park"})
    assert edit.exclusive(draft, "b", "mall").facts["b"][1] == {"kind": "exclusive", "exclusive_kind": "mall"}
    assert edit.exclusive(draft, "a", "mall").facts["a"][0] == {"kind": "exclusive", "exclusive_kind": "park"}
    assert edit.base(draft, "a").facts["a"][1] == {"kind": "base", "exclusive_kind": None}

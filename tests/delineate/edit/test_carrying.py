import pandas as pd
import pytest
from hamlets import lattice

from govmap.delineate import edit
from govmap.plan import Plan


@pytest.fixture
def town():
    hamlet = lattice(4, 4, 100)
    plan = Plan.of("p", 1, pd.DataFrame({"part_id": hamlet.atoms["part_id"], "unit_id": "east"}))
    west = [f"w{x:03d}{y:03d}" for x in (0, 1) for y in range(4)]
    return hamlet, plan.move(west, "west")


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


def test_no_new_building_joins_a_locked_unit(town):
    hamlet, plan = town
    now = lattice(6, 4, 100)
    again, _, _ = edit.carry(plan, hamlet.atoms, now.atoms, now.graph, edition=2, locked=["east"])
    new = [part for part in again.parts.index if part not in plan.parts.index]
    assert set(again.parts[new]) == {"west"}
    both, _, _ = edit.carry(plan, hamlet.atoms, now.atoms, now.graph, edition=2, locked=["east", "west"])
    assert set(both.parts[new]) == {f"u{min(new)}"}


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

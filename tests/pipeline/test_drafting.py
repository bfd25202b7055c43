"""A sitting: quick edits leave what single edits leave, nothing is written over another's work, all can be undone."""

import itertools
import shutil
from pathlib import Path
from typing import Any

import estate
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from govmap.check import NEEDED, findings
from govmap.errors import GovmapError, PlanError, StaleError
from govmap.messages import Voice
from govmap.pipeline import draft_ground, drafting, editing, rebalancing
from govmap.pipeline.drafting import Drafting
from govmap.project import Project, open_project

LEFT = ("plan_parts", "units", "unit_lineage", "tallies", "duties", "revisions", "revision_parts")
KINDS = (
    "move",
    "split",
    "move",
    "merge",
    "force",
    "undo",
    "undo",
    "redo",
    "rename",
    "lock",
    "move",
    "unlock",
    "exclusive",
)


def left_by(project: Project) -> dict[str, str]:
    """What an edit may change, as text: the same text is the same bytes."""
    told = {}
    for name, table in project.reading(*LEFT).items():
        plain = pd.DataFrame(table.drop(columns="geometry", errors="ignore"))
        if "geometry" in table:
            plain["shape"] = shapely.to_wkb(table["geometry"].to_numpy(), hex=True)
        told[name] = plain.to_json(orient="records", date_format="iso", default_handler=str)
    return told


def result(way, *words: Any, **choices: Any) -> Any:
    try:
        return way(*words, **choices).figures["units"]
    except GovmapError as error:
        return error.code


def border_part(draft: Drafting, rng: np.random.Generator) -> tuple[int, str, str]:
    """Number, unit and neighbouring unit of a part that lies at the border of its unit."""
    graph = draft.held.graph
    unit = draft.held.desk.draft.plan.parts.reindex(graph.ids).to_numpy(object)
    borders = np.flatnonzero((unit[graph.i] != unit[graph.j]) & graph.joins)
    one = rng.choice(borders)
    return int(draft.held.row_of.get_indexer([graph.ids[graph.i[one]]])[0]), unit[graph.i[one]], unit[graph.j[one]]


def both_ways(kind: str, slow: Project, quick: Project, draft: Drafting, rng: np.random.Generator) -> None:
    part, own, other = border_part(draft, rng)
    name, force = f"Mill {rng.integers(9)}", kind == "force"
    part_id, voice = str(draft.held.ids[part]), Voice("en")
    ways = {
        "move": lambda: (result(editing.move, slow, other, [part_id]), result(draft.stroke, quick, {part: other})),
        "force": lambda: (
            result(editing.move, slow, other, [part_id], force=force),
            result(draft.stroke, quick, {part: other}, force=force),
        ),
        "merge": lambda: (result(editing.merge, slow, [own, other]), result(draft.merge, quick, [own, other])),
        "split": lambda: (result(editing.split, slow, own, number=2), result(draft.split, quick, own, number=2)),
        "undo": lambda: (result(editing.undo, slow), result(draft.undo, quick)),
        "redo": lambda: (result(editing.redo, slow), result(draft.redo, quick)),
        "rename": lambda: (result(editing.rename, slow, own, name), result(draft.rename, quick, own, name)),
        "lock": lambda: (result(editing.lock, slow, [own]), result(draft.lock, quick, [own])),
        "unlock": lambda: (
            result(editing.unlock, slow, every=True),
            result(draft.lock, quick, [], locked=False, every=True),
        ),
        "exclusive": lambda: (
            result(editing.exclusive, slow, own, "park", voice=voice),
            result(draft.exclusive, quick, own, "park", voice=voice),
        ),
    }
    one, two = ways[kind]()
    assert one == two, kind


def test_what_a_sitting_leaves_is_what_single_edits_leave(town: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    rng = np.random.default_rng(5)
    other = Path(shutil.copy(town, tmp_path / "other.gpkg"))
    with open_project(town, author="ann") as slow, open_project(other, author="ann") as quick:
        draft = Drafting(quick)
        for turn, kind in enumerate(KINDS):
            both_ways(kind, slow, quick, draft, rng)
            if turn % 6 == 4:
                assert findings(quick.reading(*NEEDED)) == [], "what is acknowledged holds every rule, outlines or not"
                draft.settle(quick)
        draft.settle(quick)
        assert left_by(quick) == left_by(slow)


def test_what_was_cut_off_before_its_outlines_were_written_is_taken_up(town: Path) -> None:
    rng = np.random.default_rng(2)
    with open_project(town, author="ann") as project:
        draft = Drafting(project)
        done = 0
        while done < 2:
            part, _, other = border_part(draft, rng)
            done += isinstance(result(draft.stroke, project, {part: other}, force=True), list)
        before = project.read("units")["geometry"].area.round(3).tolist()
    with open_project(town, author="ann") as project:
        assert findings(project.reading(*NEEDED)) == []
        assert drafting.settled(project) == [project.active_plan_id()]
        assert project.read("units")["geometry"].area.round(3).tolist() != before
        assert drafting.settled(project) == []


def test_nothing_is_written_over_what_another_did_meanwhile(home: Path) -> None:
    with open_project(home, author="ann") as project, open_project(home, author="bob") as beside:
        draft = Drafting(project)
        units = draft.held.desk.draft.leaves
        editing.rename(beside, units[0], "Brook")
        with pytest.raises(StaleError):
            draft.rename(project, units[0], "Mill")
        assert draft.refresh(project)
        assert not draft.refresh(project)
        draft.rename(project, units[0], "Mill")
        with pytest.raises(StaleError):
            draft.rename(project, units[0], "Hill", expected="r0")
        assert set(project.read("units")["name"].dropna()) == {"Mill"}


def test_a_stroke_is_refused_whole_and_says_why(home: Path) -> None:
    with open_project(home, author="ann") as project:
        draft = Drafting(project)
        first, other = draft.held.desk.draft.leaves[:2]
        every = [number for number, unit in enumerate(draft.held.desk.draft.plan.parts) if unit == first]
        before = left_by(project)
        assert result(draft.stroke, project, dict.fromkeys(every, other)) == "edit_left_empty"
        assert result(draft.stroke, project, {9999: other}) == "drafting_no_part"
        assert result(draft.stroke, project, {every[0]: "nobody"}) == "edit_no_unit"
        assert result(draft.split, project, first, line=[(1.0, 2.0), (1.1, 2.0)]) == "edit_line_misses"
        assert left_by(project) == before


def test_a_new_unit_never_takes_the_id_of_one_that_stands_elsewhere(home: Path) -> None:
    with open_project(home, author="ann") as project:
        draft = Drafting(project)
        before = dict(draft.held.desk.draft.plan.parts.items())
        for numbers in ([0, 4], [0]):  # the second lies in a unit that was named after another part
            draft.found(project, numbers)
        assert len(set(draft.held.desk.draft.plan.parts)) == len(set(before.values())) + 2
        draft.undo(project)
        draft.undo(project)
        assert dict(draft.held.desk.draft.plan.parts.items()) == before


def test_the_ground_of_the_page_counts_what_the_project_counts(town: Path) -> None:
    with open_project(town, author="ann") as project:
        draft = Drafting(project)
        told, ages = draft_ground.ground(draft), draft_ground.ages(draft, project)
        stored = project.read("units").set_index("unit_id")
        for row in told["units"]:
            assert row["households"] == stored["households"][row["id"]]
        wanted = project.read("tallies")
        wanted = wanted[(wanted["theme"] == "residents") & (wanted["category"] == "age_60_plus")]
        sums = {unit: counts["age_60_plus"] for unit, counts in draft_ground.ages_of(draft, ages).items()}
        assert {unit: count for unit, count in sums.items() if count} == dict(
            zip(wanted["unit_id"], wanted["people"], strict=True)
        )
        assert "part" not in told
        assert len(draft_ground.cells(draft, project)) > 100


def test_a_proposal_changes_nothing_and_can_be_taken(town: Path) -> None:
    with open_project(town, author="ann") as project:
        draft = Drafting(project)
        units = draft.held.desk.draft.leaves[:4]
        before = left_by(project)
        found = [rebalancing.rebalance(draft, draft.held.desk.draft.leaves, anew=anew) for anew in (False, True)]
        assert left_by(project) == before
        for proposal in found:
            assert set(proposal.moves.values()) <= set(draft.held.desk.draft.leaves)
            assert proposal.figures["out_after"] <= proposal.figures["out_before"]
        moved = next(one for one in found if one.moves) if any(one.moves for one in found) else None
        if moved is not None:
            draft.stroke(project, moved.moves, force=True)
            sizes = draft.held.desk.measure.sizes(draft.held.desk.draft)
            assert [sizes[row["id"]] for row in moved.units] == [row["after"] for row in moved.units]
        with pytest.raises(GovmapError):
            rebalancing.rebalance(draft, units[:1])


NUMBERS = itertools.count()  # no file is laid over one that was open


class Sitting(RuleBasedStateMachine):
    """A sitting over twelve houses beside a plain model: who lies where, and a stack of former states."""

    origin: Path

    @initialize()
    def begin(self) -> None:
        path = Path(shutil.copy(self.origin, self.origin.with_name(f"machine{next(NUMBERS)}.gpkg")))
        self.project = open_project(path, author="ann")
        self.draft = Drafting(self.project)
        self.now = self.plan()
        self.done: list[dict[str, str]] = []
        self.undone: list[dict[str, str]] = []

    def plan(self) -> dict[str, str]:
        return dict(self.draft.held.desk.draft.plan.parts.items())

    def made(self, way, *words: Any, **choices: Any) -> bool:
        before = dict(self.now)
        try:
            way(self.project, *words, **choices)
        except PlanError:
            assert self.plan() == before
            return False
        self.done.append(before)
        self.undone = []
        return True

    @rule(number=st.integers(0, 11), unit=st.integers(0, 20), force=st.booleans())
    def stroke(self, number: int, unit: int, *, force: bool) -> None:
        units = sorted(set(self.now.values()))
        wanted, part = units[unit % len(units)], str(self.draft.held.ids[number])
        if self.made(self.draft.stroke, {number: wanted}, force=force):
            self.now[part] = wanted

    @rule(one=st.integers(0, 20), other=st.integers(0, 20))
    def merge(self, one: int, other: int) -> None:
        units = sorted(set(self.now.values()))
        keep, gone = units[one % len(units)], units[other % len(units)]
        if self.made(self.draft.merge, [gone, keep], into=keep):
            self.now = {part: keep if unit == gone else unit for part, unit in self.now.items()}

    @rule(numbers=st.sets(st.integers(0, 11), min_size=1, max_size=4))
    def found(self, numbers: set[int]) -> None:
        known = set(self.now.values())
        if self.made(self.draft.found, sorted(numbers)):
            new = set(self.plan().values()) - known
            assert len(new) == 1
            self.now |= dict.fromkeys((str(self.draft.held.ids[one]) for one in numbers), new.pop())

    @rule()
    def undo(self) -> None:
        if not self.done:
            assert result(self.draft.undo, self.project) == "edit_nothing_to_undo"
            return
        self.draft.undo(self.project)
        self.undone.append(self.now)
        self.now = self.done.pop()

    @rule()
    def redo(self) -> None:
        if not self.undone:
            assert result(self.draft.redo, self.project) == "edit_nothing_to_redo"
            return
        self.draft.redo(self.project)
        self.done.append(self.now)
        self.now = self.undone.pop()

    @rule()
    def settle(self) -> None:
        self.draft.settle(self.project)

    @invariant()
    def it_is_as_the_model(self) -> None:
        if not hasattr(self, "project"):
            return
        assert self.plan() == self.now
        stored = self.project.plan()
        assert dict(stored.parts.items()) == self.now
        units = self.project.read("units", where={"plan_id": self.draft.plan_id}, columns=["unit_id", "households"])
        atoms = self.draft.held.desk.draft.atoms.set_index("part_id")["households"]
        sums = atoms.groupby(pd.Series(self.now)).sum()
        assert dict(zip(units["unit_id"], units["households"], strict=True)) == dict(sums.items())

    def teardown(self) -> None:
        if hasattr(self, "project"):
            while self.done:
                self.undo()
            assert findings(self.project.reading(*NEEDED)) == []
            self.project.close()


def test_any_sequence_of_edits_undo_and_redo_equals_a_plain_model(tmp_path: Path) -> None:
    path = estate.build(tmp_path)
    kind = type("SittingHere", (Sitting,), {"origin": path})
    chosen = settings(
        max_examples=6, stateful_step_count=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(kind, settings=chosen)

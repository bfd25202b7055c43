"""A sitting: quick edits leave what single edits leave, nothing is written over another's work, all can be undone."""

import itertools
import os
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
SAID = ("name", "locked", "exclusive_kind")
State = tuple[dict[str, str], dict[str, tuple[Any, ...]]]  # the unit of each part, and what is said of each unit


class Sitting(RuleBasedStateMachine):
    """A sitting over a small estate beside a plain model: who lies where, what units are called, former states."""

    origin: Path
    parts: int

    @initialize()
    def begin(self) -> None:
        path = Path(shutil.copy(self.origin, self.origin.with_name(f"machine{next(NUMBERS)}.gpkg")))
        self.project = open_project(path, author="ann")
        self.draft = Drafting(self.project)
        self.now = self.seen()
        self.done: list[State] = []
        self.undone: list[State] = []

    def seen(self) -> State:
        draft = self.draft.held.desk.draft
        return dict(draft.plan.parts.items()), {unit: said_of(draft.facts[unit]) for unit in draft.leaves}

    def unit(self, number: int) -> str:
        units = sorted(set(self.now[0].values()))
        return units[number % len(units)]

    def part(self, number: int) -> str:
        return str(self.draft.held.ids[number % self.parts])

    def numbers(self, given: set[int]) -> list[int]:
        return sorted({one % self.parts for one in given})

    def made(self, way, *words: Any, **choices: Any) -> bool:
        before = self.now
        try:
            way(self.project, *words, **choices)
        except PlanError:
            assert self.seen() == before
            return False
        self.done.append(before)
        self.undone = []
        return True

    def become(self, unit_of: dict[str, str], said: dict[str, tuple[Any, ...]] | None = None) -> None:
        """Expect that parts lie so; of units that are new only what they are is taken from the sitting."""
        former, told, fresh = *self.now, self.seen()[1]
        parts = former | unit_of
        known = {unit: (said or {}).get(unit) or told.get(unit) or fresh[unit] for unit in set(parts.values())}
        self.now = parts, known

    @rule(numbers=st.sets(st.integers(0, 40), min_size=1, max_size=3), unit=st.integers(0, 20), force=st.booleans())
    def stroke(self, numbers: set[int], unit: int, *, force: bool) -> None:
        wanted, moved = self.unit(unit), self.numbers(numbers)
        if self.made(self.draft.stroke, dict.fromkeys(moved, wanted), force=force):
            self.become({self.part(one): wanted for one in moved})

    @rule(pairs=st.dictionaries(st.integers(0, 40), st.integers(0, 20), min_size=2, max_size=4), force=st.booleans())
    def shift(self, pairs: dict[int, int], *, force: bool) -> None:
        moves = {number % self.parts: self.unit(unit) for number, unit in sorted(pairs.items())}
        if self.made(self.draft.stroke, moves, force=force):
            self.become({self.part(one): unit for one, unit in moves.items()})

    @rule(one=st.integers(0, 20), other=st.integers(0, 20), force=st.booleans())
    def merge(self, one: int, other: int, *, force: bool) -> None:
        keep, gone = self.unit(one), self.unit(other)
        if self.made(self.draft.merge, [gone, keep], into=keep, force=force):
            self.become({part: keep for part, unit in self.now[0].items() if unit == gone})

    @rule(numbers=st.sets(st.integers(0, 40), min_size=1, max_size=4), force=st.booleans())
    def found(self, numbers: set[int], *, force: bool) -> None:
        wanted, known = self.numbers(numbers), set(self.now[0].values())
        if self.made(self.draft.found, wanted, force=force):
            new = set(self.seen()[0].values()) - known
            assert len(new) == 1
            name = new.pop()
            self.become({self.part(one): name for one in wanted})

    @rule(unit=st.integers(0, 20), number=st.integers(2, 3), force=st.booleans())
    def split(self, unit: int, number: int, *, force: bool) -> None:
        wanted, known = self.unit(unit), set(self.now[0].values())
        if self.made(self.draft.split, wanted, number=number, force=force):
            mine = {part: self.seen()[0][part] for part, one in self.now[0].items() if one == wanted}
            assert len(set(mine.values())) == number
            assert not set(mine.values()) & (known - {wanted})
            self.become(mine)

    @rule(unit=st.integers(0, 20), name=st.sampled_from(["", "Mill", "Brook"]))
    def rename(self, unit: int, name: str) -> None:
        wanted = self.unit(unit)
        _, locked, kind = self.now[1][wanted]
        if self.made(self.draft.rename, wanted, name):
            self.become({}, {wanted: (name or None, locked, kind)})

    @rule(unit=st.integers(0, 20), locked=st.booleans())
    def lock(self, unit: int, *, locked: bool) -> None:
        wanted = self.unit(unit)
        name, _, kind = self.now[1][wanted]
        if self.made(self.draft.lock, [wanted], locked=locked):
            self.become({}, {wanted: (name, locked, kind)})

    @rule(unit=st.integers(0, 20), kind=st.sampled_from([None, "park"]))
    def exclusive(self, unit: int, kind: str | None) -> None:
        wanted = self.unit(unit)
        name, locked, _ = self.now[1][wanted]
        if self.made(self.draft.exclusive, wanted, kind, voice=Voice("en")):
            self.become({}, {wanted: (name, locked, kind)})

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

    @rule()
    def another_desk(self) -> None:
        """Another desk on the same file reads what this one left."""
        self.draft = Drafting(self.project)

    @invariant()
    def it_is_as_the_model(self) -> None:
        if not hasattr(self, "project"):
            return
        assert self.seen() == self.now
        lying = self.draft.held.lying
        held = {self.part(one): unit for unit, members in lying.members.items() for one in members.tolist()}
        assert held == self.now[0]
        assert drafting.can_turn(self.draft.held) == (len(self.done), len(self.undone))
        stored = self.project.plan()
        assert dict(stored.parts.items()) == self.now[0]
        units = self.project.read("units", where={"plan_id": self.draft.plan_id})
        told = {row["unit_id"]: said_of(row) for row in units.to_dict("records")}
        assert {unit: told[unit] for unit in self.now[1]} == self.now[1]
        atoms = self.draft.held.desk.draft.atoms.set_index("part_id")["households"]
        sums = atoms.groupby(pd.Series(self.now[0])).sum()
        lowest = units[units["unit_id"].isin(self.now[1])]
        assert dict(zip(lowest["unit_id"], lowest["households"], strict=True)) == dict(sums.items())
        assert set(units["unit_id"]) - set(self.now[1]) == set(stored.parents.values())
        assert not units["code"].duplicated().any()

    def teardown(self) -> None:
        if hasattr(self, "project"):
            while self.done:
                self.undo()
                self.it_is_as_the_model()
            assert findings(self.project.reading(*NEEDED)) == []
            self.project.close()


def said_of(known: Any) -> tuple[Any, ...]:
    """What is said of a unit by hand: its name, whether it is locked, what it is for."""
    name, locked, kind = (known.get(one) for one in SAID)
    return name if isinstance(name, str) else None, bool(locked), kind if isinstance(kind, str) else None


def any_sequence(path: Path, *, examples: int, steps: int) -> None:
    """Walk through random sequences of edits; more of them, and longer ones, where the environment says so."""
    with open_project(path) as project:
        parts = len(Drafting(project).held.ids)
    kind = type("SittingHere", (Sitting,), {"origin": path, "parts": parts})
    chosen = settings(
        max_examples=int(os.environ.get("GOVMAP_EXAMPLES", examples)),
        stateful_step_count=int(os.environ.get("GOVMAP_STEPS", steps)),
        deadline=None,
        derandomize="GOVMAP_EXAMPLES" not in os.environ,  # whoever looks deeper looks elsewhere each time
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(kind, settings=chosen)


def test_any_sequence_of_edits_undo_and_redo_equals_a_plain_model(tmp_path: Path) -> None:
    any_sequence(estate.build(tmp_path), examples=5, steps=12)


def test_who_sits_down_under_another_name_takes_back_their_own_edits(tmp_path: Path) -> None:
    with open_project(estate.build(tmp_path), author="ann") as project:
        draft = Drafting(project)
        unit = draft.held.desk.draft.leaves[0]
        draft.rename(project, unit, "Mill")
        project.author = "bo"
        draft.sign("bo")
        assert result(draft.undo, project) == "edit_nothing_to_undo"
        draft.rename(project, unit, "Brook")
        draft.undo(project)
        assert draft.held.desk.draft.facts[unit]["name"] == "Mill"
        draft.sign("ann")
        assert drafting.can_turn(draft.held) == (1, 0)

"""One open project: facts, plans and their revisions, changes that are whole, and many who work at once."""

import getpass
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from hammer import PLAN
from killing import beside, here
from pyproj import CRS

from govmap.errors import InputError, PlanError, ProjectError, StaleError
from govmap.plan import Plan
from govmap.project import Project, new_project, now, open_project, plan_of, revision_id, whoami

ZONE = CRS.from_epsg(4526)
PARTS = [f"w{at}" for at in range(40)]


def begun(project: Project, plan_id: str = PLAN) -> Plan:
    """A plan with its first revision: every part in unit u0."""
    plan = Plan(plan_id, 1, pd.Series("u0", index=PARTS))
    with project.change("delineate", {"name": plan_id}) as change:
        change.session.append("plans", pd.DataFrame({"plan_id": [plan_id], "edition": [1], "created_at": [change.at]}))
        change.revise(plan, Plan.empty(plan_id, 1).difference(plan), action="delineate", parent=None)
        change.set("active_plan_id", plan_id)
    return plan


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "社区.gpkg"
    with new_project(file, ZONE, profile_name="cn", author="maker"):
        pass
    return file


@pytest.fixture
def project(path: Path) -> Iterator[Project]:
    with open_project(path, author="planner") as opened:
        yield opened


def head(project: Project, plan_id: str = PLAN) -> str | None:
    return project.read("plans", where={"plan_id": plan_id})["head_revision"].iloc[0]


# --- made, opened ---------------------------------------------------------------------------------------------------


def test_a_new_project_knows_its_crs_profile_and_that_there_is_nothing_yet(project: Project, path: Path) -> None:
    assert project.crs == ZONE
    assert project.profile.name == "cn"
    assert project.edition == 0
    assert project.path == path
    with pytest.raises(PlanError) as error:
        project.active_plan_id()
    assert error.value.code == "plan_none_yet"
    assert project.read("audit")[["command", "author"]].to_numpy().tolist() == [["create", "maker"]]


@pytest.mark.parametrize("name", ["a.sqlite", "a", "a.gpkg.zip"])
def test_a_project_has_the_ending_that_other_programs_know(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as error, new_project(tmp_path / name, ZONE, profile_name="cn"):
        pass
    assert error.value.code == "project_suffix"
    assert list(tmp_path.iterdir()) == []


def test_a_project_whose_making_fails_is_not_there(tmp_path: Path) -> None:
    with suppress(ZeroDivisionError), new_project(tmp_path / "a.gpkg", ZONE, profile_name="cn") as project:
        begun(project)
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_leaving_a_project_by_an_error_leaves_one_plain_file(path: Path) -> None:
    with suppress(KeyboardInterrupt), open_project(path) as project:
        begun(project)
        raise KeyboardInterrupt
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    with open_project(path) as project:
        assert project.plan().units == ["u0"]


# --- changes --------------------------------------------------------------------------------------------------------


def test_a_change_is_written_whole_with_one_row_of_the_audit(project: Project) -> None:
    with project.change("import", {"file": "居民.xlsx", "columns": ["a"], "crs": None, "again": False}) as change:
        change.set("osm_newest", "2026-01-01")
        assert change.get("osm_newest") == "2026-01-01"
        assert project.fact("osm_newest") is None, "nobody else sees it yet"
    assert project.fact("osm_newest") == "2026-01-01"
    audit = project.read("audit", where={"command": "import"})
    assert audit["arguments"].tolist() == [{"columns": ["a"], "file": "居民.xlsx"}]
    assert audit["author"].tolist() == ["planner"]
    assert audit["at"].iloc[0] == pd.Timestamp(change.at)


def test_a_change_that_fails_leaves_no_row_not_even_of_the_audit(project: Project) -> None:
    before = {name: project.read(name) for name in ("project", "audit", "plans", "revisions")}
    with suppress(ZeroDivisionError), project.change("delineate") as change:
        change.set("active_plan_id", "p")
        change.session.append("plans", pd.DataFrame({"plan_id": ["p"]}))
        raise ZeroDivisionError
    for name, frame in before.items():
        pd.testing.assert_frame_equal(project.read(name), frame)


def test_everything_is_in_the_one_file_after_every_change(project: Project, path: Path) -> None:
    begun(project)
    assert Path(f"{path}-wal").stat().st_size == 0


def test_a_changed_base_is_counted(project: Project) -> None:
    for wanted in ("1", "2"):
        with project.change("fetch") as change:
            change.base_changed()
        assert project.fact("base_version") == wanted


def test_several_tables_are_read_as_they_stand_at_one_moment(project: Project) -> None:
    tables = project.reading("project", "plans")
    assert sorted(tables) == ["plans", "project"]
    assert tables["plans"].empty


# --- plans ----------------------------------------------------------------------------------------------------------


def test_a_plan_is_the_sum_of_its_revisions(project: Project) -> None:
    plan = begun(project)
    for at in range(4):
        moved = plan.move(PARTS[at : at + 5], f"u{at}")
        with project.change("move") as change:
            change.revise(moved, plan.difference(moved), action="move", parent=head(project))
        plan = moved
    assert project.plan() == plan
    assert project.plan(PLAN) == plan
    assert replayed(project) == plan


def replayed(project: Project) -> Plan:
    """Go back from the head to the beginning, then forward again; the chain must hold every revision once."""
    revisions = project.read("revisions", where={"plan_id": PLAN}).set_index("revision_id")
    chain, at = [], head(project)
    while at is not None:
        chain.append(at)
        at = revisions["parent_id"][at]
    assert sorted(chain) == sorted(revisions.index)
    rows = project.read("revision_parts")
    plan = Plan.empty(PLAN, 1)
    for revision in reversed(chain):
        plan = plan.replay(rows[rows["revision_id"] == revision])
    return plan


def test_a_part_that_goes_leaves_the_plan(project: Project) -> None:
    plan = begun(project)
    moves = pd.DataFrame({"part_id": PARTS[:2], "unit_before": "u0", "unit_after": [None, None]})
    with project.change("carry") as change:
        change.revise(plan, moves, action="carry", parent=head(project))
    assert project.plan().parts.index.tolist() == sorted(PARTS[2:])


def test_a_revision_on_an_old_state_is_refused_and_changes_nothing(project: Project) -> None:
    plan = begun(project)
    old = head(project)
    faster = plan.move(["w1"], "u1")
    with project.change("move") as change:
        change.revise(faster, plan.difference(faster), action="move", parent=old)
    slower = plan.move(["w2"], "u2")
    for parent in (old, None, "rffff"):
        with pytest.raises(StaleError), project.change("move") as change:
            change.revise(slower, plan.difference(slower), action="move", parent=parent)
    assert project.plan() == faster
    assert len(project.read("revisions")) == 2
    assert project.read("audit")["command"].value_counts()["move"] == 1


def test_a_revision_of_a_plan_that_is_not_there_is_refused(project: Project) -> None:
    plan = Plan("none", 1, pd.Series("u0", index=PARTS))
    with pytest.raises(StaleError), project.change("move") as change:
        change.revise(plan, Plan.empty("none", 1).difference(plan), action="move", parent=None)
    with pytest.raises(PlanError) as error:
        project.plan("none")
    assert error.value.code == "plan_unknown"


def test_plans_beside_one_another_do_not_touch(project: Project) -> None:
    begun(project, "p")
    begun(project, "q")
    with project.change("move") as change:
        before = plan_of(change.session, "q")
        after = before.move(PARTS, "u9")
        change.revise(after, before.difference(after), action="move", parent=head(project, "q"))
    assert project.plan("p").units == ["u0"]
    assert project.plan("q").units == ["u9"]


def test_a_revision_is_named_by_its_content_whatever_the_order_of_its_rows() -> None:
    moves = pd.DataFrame({"part_id": PARTS, "unit_before": "u0", "unit_after": [None, *["u1"] * 39]})
    name = revision_id("p", None, "move", moves, author="a")
    assert name == revision_id("p", None, "move", moves.sample(frac=1, random_state=1), author="a", detail={})
    others = [
        revision_id("q", None, "move", moves, author="a"),
        revision_id("p", "r1", "move", moves, author="a"),
        revision_id("p", None, "undo", moves, author="a"),
        revision_id("p", None, "move", moves.iloc[1:], author="a"),
        revision_id("p", None, "move", moves, author="b"),
        revision_id("p", None, "move", moves, author="a", detail={"undoes": "r1"}),
    ]
    assert len({name, *others}) == 7


def test_four_programs_that_move_parts_of_one_plan_at_once_leave_one_unbroken_chain(path: Path) -> None:
    number = 40
    with open_project(path) as project:
        begun(project)
    hammer = [sys.executable, here("hammer.py"), "move", path]
    with ExitStack() as stack:
        running = [stack.enter_context(beside([*hammer, name, str(number)], once="ready")) for name in "abcd"]
        codes = [one.process.wait(120) for one in running]
        assert codes == [0] * 4, [one.complained() for one in running]
        said = [line.split() for one in running for line in one.said() if line != "ready"]
    won = [words[1] for words in said if words[0] == "won"]
    assert len(said) == 4 * number
    assert len(won) + sum(words == ["stale"] for words in said) == 4 * number
    assert len(won) >= number
    with open_project(path) as project:
        revisions = project.read("revisions", where={"action": "move"})
        assert sorted(revisions["revision_id"]) == sorted(won)
        assert not revisions["parent_id"].duplicated().any()
        assert replayed(project) == project.plan()
        assert len(project.read("audit", where={"command": "move"})) == len(won)
        assert list(project.store.findings()) == []


# --- the machine ----------------------------------------------------------------------------------------------------


def test_the_present_can_be_set_where_builds_must_repeat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    assert now() == datetime(2026, 1, 1, tzinfo=UTC)
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    assert now().tzinfo is UTC


def test_an_account_without_a_name_is_no_hindrance(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert whoami() == "unknown"


def test_a_project_that_cannot_be_written_can_be_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    with open_project(path) as project:
        assert project.crs == ZONE
        with pytest.raises(ProjectError) as error, project.change("move"):
            pass
    assert error.value.code == "project_read_only"

"""The stages of incidents, who moves them, and what a move needs."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govmap import catalog
from govmap.errors import InputError, StaleError
from govmap.govern import Incident, Lifecycle
from govmap.govern.lifecycle import Given
from govmap.govern.stages import plain, vocabulary
from govmap.messages import Voice

NAMES = ("grid_loop", "hotline")
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EVERYTHING = Given(note="done", responsible="parks", satisfied_resident=True, satisfied_office=False, duplicate_of="b")


def test_every_file_of_lifecycles_can_be_loaded() -> None:
    assert set(NAMES) <= set(catalog.layers("lifecycles"))
    for name in catalog.layers("lifecycles"):
        assert Lifecycle.load(name).name == name


@pytest.mark.parametrize("name", NAMES)
def test_every_stage_is_reached_and_every_open_one_can_be_left(name: str) -> None:
    cycle = Lifecycle.load(name)
    reached, waiting = {cycle.first}, [cycle.first]
    while waiting:
        for one in cycle.onward(waiting.pop()):
            if one not in reached:
                reached.add(one)
                waiting.append(one)
    assert reached == set(cycle.stages)
    assert all(cycle.onward(one) for one in set(cycle.stages) - cycle.terminal)
    assert cycle.closing in cycle.terminal
    assert cycle.first not in cycle.terminal


@pytest.mark.parametrize("name", NAMES)
def test_every_name_in_a_move_is_known(name: str) -> None:
    cycle = Lifecycle.load(name)
    for way in cycle.ways:
        assert {*way.from_, way.to} <= set(cycle.stages)
        assert set(way.roles) <= set(cycle.roles)
        assert way.roles
        assert all(hasattr(Given(), one) for one in way.needs)


@pytest.mark.parametrize("name", NAMES)
def test_no_word_of_lists_means_two_stages(name: str) -> None:
    cycle = Lifecycle.load(name)
    meant: dict[str, set[str]] = {}
    for one, stage in cycle.stages.items():
        for word in (one, *stage.title.values(), *stage.words):
            meant.setdefault(plain(word), set()).add(one)
    assert {word: stages for word, stages in meant.items() if len(stages) > 1} == {}
    assert set(vocabulary(cycle).values()) == set(cycle.stages)


def test_a_ticket_goes_the_whole_way_and_each_step_is_logged() -> None:
    cycle, stage, since = Lifecycle.load("grid_loop"), "collected", None
    steps = [("filed", "centre"), ("dispatched", "centre"), ("handling", "office"), ("handled", "office"),
             ("verified", "worker"), ("closed", "leader")]  # fmt: skip
    for hour, (to, role) in enumerate(steps, start=1):
        at = AT + timedelta(hours=hour)
        stands = Incident(incident_id="a", stage=stage, since=since)
        moved = cycle.advance(stands, to, at=at, actor="lin", role=role, given=EVERYTHING)
        assert moved.log == {"incident_id": "a", "stage": to, "at": at, "actor_id": "lin", "note": "done"}
        stage, since = moved.changes["stage"], at
    assert moved.changes["closed_at"] == since
    assert moved.changes["satisfied_office"] is False


def test_only_those_who_may_move_it_can() -> None:
    cycle = Lifecycle.load("grid_loop")
    with pytest.raises(InputError) as told:
        cycle.advance(Incident(incident_id="a", stage="verified"), "closed", at=AT, actor="x", role="worker", given=EVERYTHING)  # fmt: skip  # noqa: E501
    assert told.value.code == "lifecycle_not_by_role"
    assert "网格中心" in told.value.message(Voice("zh"))
    assert "closed" not in cycle.moves("verified", "worker")
    assert cycle.moves("verified", "leader") == ["closed"]


@pytest.mark.parametrize(("to", "code"), [("closed", "lifecycle_no_way"), ("nowhere", "lifecycle_no_stage")])
def test_there_is_no_way_past_a_stage(to: str, code: str) -> None:
    with pytest.raises(InputError) as told:
        Lifecycle.load("grid_loop").advance(
            Incident(incident_id="a", stage="filed"), to, at=AT, actor="x", role="centre", given=EVERYTHING
        )
    assert told.value.code == code
    assert told.value.hint(Voice("zh"))


def test_dispatching_needs_an_office_and_closing_a_call_the_content_of_both_sides() -> None:
    cycle = Lifecycle.load("hotline")
    with pytest.raises(InputError) as told:
        cycle.advance(Incident(incident_id="a", stage="accepted"), "dispatched", at=AT, actor="x", role="centre")
    assert told.value.code == "lifecycle_needs"
    assert "承办单位" in told.value.message(Voice("zh"))
    half = Given(satisfied_resident=True)
    with pytest.raises(InputError):
        cycle.advance(Incident(incident_id="a", stage="called_back"), "rated", at=AT, actor="x", role="centre", given=half)  # fmt: skip  # noqa: E501
    whole = Given(satisfied_resident=True, satisfied_office=False)
    moved = cycle.advance(
        Incident(incident_id="a", stage="called_back"), "rated", at=AT, actor="x", role="centre", given=whole
    )
    assert (moved.changes["satisfied_resident"], moved.changes["satisfied_office"]) == (True, False)
    assert "closed_at" not in moved.changes, "it was closed before"


def test_what_is_opened_again_has_no_day_of_closing() -> None:
    moved = Lifecycle.load("grid_loop").advance(
        Incident(incident_id="a", stage="closed"), "filed", at=AT, actor="x", role="leader", given=Given(note="again")
    )
    assert moved.changes["closed_at"] is None
    assert moved.changes["satisfied_office"] is None


def test_time_does_not_run_backwards() -> None:
    stands = Incident(incident_id="a", stage="collected", since=AT)
    with pytest.raises(StaleError):
        Lifecycle.load("grid_loop").advance(stands, "filed", at=AT, actor="x", role="centre")


def test_of_a_sensitive_incident_neither_note_nor_office_is_kept() -> None:
    stands = Incident(incident_id="a", stage="filed", sensitive=True)
    moved = Lifecycle.load("grid_loop").advance(stands, "dispatched", at=AT, actor="x", role="centre", given=EVERYTHING)
    assert moved.log["note"] is None
    assert "responsible" not in moved.changes


def test_unknown_names_are_told_with_those_there_are() -> None:
    with pytest.raises(InputError, match="grid_loop"):
        Lifecycle.load("circus")
    with pytest.raises(InputError, match="leader"):
        Lifecycle.load("grid_loop").moves("filed", "clown")


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(NAMES), data=st.data())
def test_whoever_moves_however_the_log_ends_where_the_incident_stands(name: str, data: st.DataObject) -> None:
    cycle = Lifecycle.load(name)
    stage, since, log, closed = cycle.first, None, [], None
    for step in range(data.draw(st.integers(1, 12))):
        role = data.draw(st.sampled_from(sorted(cycle.roles)))
        ways = cycle.moves(stage, role)
        if not ways:
            continue
        at = AT + timedelta(minutes=step)
        to = data.draw(st.sampled_from(ways))
        stands = Incident(incident_id="a", stage=stage, since=since)
        moved = cycle.advance(stands, to, at=at, actor="x", role=role, given=EVERYTHING)
        log.append(moved.log)
        closed = moved.changes.get("closed_at", closed)
        stage, since = moved.changes["stage"], at
        assert (stage in cycle.terminal) == (closed is not None)
        assert log[-1]["stage"] == stage
    assert len({(one["stage"], one["at"]) for one in log}) == len(log)

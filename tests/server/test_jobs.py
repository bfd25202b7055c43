"""Steps at work: progress, an end that is told, called off without a trace."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from govmap.errors import InputError
from govmap.messages import Voice, note
from govmap.pipeline.report import Report
from govmap.server.jobs import Job, Jobs
from govmap.server.opened import Opened


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Jobs]:
    made = Jobs(tmp_path)
    yield made
    made.end()


def ended(job: Job) -> Job:
    until = time.monotonic() + 10
    while job.state in ("waiting", "running"):
        assert time.monotonic() < until
        time.sleep(0.005)
    return job


def test_what_a_step_said_and_made_is_told(jobs: Jobs) -> None:
    def run(job: Job) -> Report:
        job.tell("progress_map", 0.5)
        file = job.output("map.html")
        file.write_text("<p>")
        return Report(figures={"units": 3, "share": float("nan")}, notes=[note("backup_done", file="x")], files=[file])

    job = ended(jobs.start("map", run, voice=Voice("en")))
    facts = job.facts()
    assert (facts["state"], facts["progress"]) == ("done", 1.0)
    assert facts["result"]["units"] == 3
    assert facts["result"]["share"] is None
    assert facts["files"] == [{"name": "map.html", "size": 3}]
    assert "x" in facts["said"][0]
    assert jobs.file(job.id, "map.html").read_text() == "<p>"
    for name in ("../map.html", "other", str(job.folder / "map.html")):
        with pytest.raises(InputError):
            jobs.file(job.id, name)


def test_a_users_mistake_is_a_sentence_and_a_fault_of_ours_ends_that_step_alone(
    jobs: Jobs, capsys: pytest.CaptureFixture[str]
) -> None:
    def mistaken(_: Job) -> Report:
        raise InputError("project_suffix", where="a.txt")

    def broken(_: Job) -> Report:
        return {}["nothing"]  # type: ignore[return-value]

    first = ended(jobs.start("x", mistaken, voice=Voice("zh")))
    second = ended(jobs.start("x", broken, voice=Voice("en")))
    third = ended(jobs.start("x", lambda _: Report(), voice=Voice("en")))
    assert first.error is not None
    assert (first.state, first.error["code"], first.error["where"]) == ("failed", "project_suffix", "a.txt")
    assert second.error is not None
    assert second.error["code"] == "desk_fault"
    assert "KeyError" in capsys.readouterr().err
    assert third.state == "done"


def test_a_step_that_is_called_off_leaves_the_project_as_it_was(jobs: Jobs, opened: Opened) -> None:
    held: list[Any] = []

    def run(job: Job) -> Report:
        with opened.writing("x") as project, project.change("title") as change:
            change.set("title", "never")
            held.append(job)
            while True:
                job.tell("progress_map", 0.1)
                time.sleep(0.005)

    job = jobs.start("x", run, voice=Voice("en"))
    while not held:
        time.sleep(0.005)
    waiting = jobs.start("y", lambda _: Report(), voice=Voice("en"))
    jobs.cancel(waiting.id)
    jobs.cancel(job.id)
    assert ended(job).state == "cancelled"
    assert ended(waiting).state == "cancelled"
    with opened.reading() as project:
        assert project.fact("title") != "never"
    opened.close()

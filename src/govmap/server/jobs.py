"""Steps that take longer than a click: one at a time in a thread of its own, with progress, an end and its files."""

import itertools
import queue
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from govmap.errors import GovmapError, InputError
from govmap.messages import Voice
from govmap.pipeline.report import Report, facts_of, failure, plain

KEPT = 60  # jobs that are remembered


class CancelledError(Exception):
    """The person has called the step off; what it had begun to write is undone."""


@dataclass
class Job:
    """One run of one step."""

    id: str
    name: str
    voice: Voice
    folder: Path
    state: str = "waiting"  # waiting, running, done, failed, cancelled
    stage: str = ""
    progress: float = 0.0
    said: list[str] = field(default_factory=list)
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    files: dict[str, Path] = field(default_factory=dict)
    cancelled: bool = False

    def tell(self, key: str, share: float) -> None:
        """
        Take a pipeline's progress.

        Raises
        ------
        CancelledError
            The step was called off.
        """
        if self.cancelled:
            raise CancelledError
        self.stage, self.progress = self.voice.say(key), min(1.0, max(0.0, float(share)))

    def output(self, name: str) -> Path:
        """Name a file of this job, in a folder that goes with the desk."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / name

    def facts(self) -> dict[str, Any]:
        """Give what a page shows of it."""
        files = [{"name": name, "size": file.stat().st_size} for name, file in self.files.items() if file.is_file()]
        told = {"id": self.id, "name": self.name, "state": self.state, "stage": self.stage, "progress": self.progress}
        return told | {"said": self.said, "result": self.result, "error": self.error, "files": files}


Run = Callable[[Job], Report]


class Jobs:
    """The steps of this desk, one after another."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._jobs: dict[str, Job] = {}
        self._waiting: queue.SimpleQueue[tuple[Job, Run] | None] = queue.SimpleQueue()
        self._numbers = itertools.count(1)
        self._thread: threading.Thread | None = None

    def start(self, name: str, run: Run, *, voice: Voice) -> Job:
        """Put a step at the end of the row."""
        number = f"j{next(self._numbers)}"
        job = Job(number, name, voice, self._folder / number)
        self._jobs[number] = job
        for old in list(self._jobs)[:-KEPT]:
            if self._jobs[old].state not in ("waiting", "running"):
                del self._jobs[old]
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="govmap-steps", daemon=True)
            self._thread.start()
        self._waiting.put((job, run))
        return job

    def get(self, number: str) -> Job:
        """
        Give a job.

        Raises
        ------
        InputError
            There is none of this number.
        """
        if number not in self._jobs:
            raise InputError("desk_no_job", job=number[:20])
        return self._jobs[number]

    def cancel(self, number: str) -> Job:
        """Call a step off: at once while it waits, else when it next tells how far it is."""
        job = self.get(number)
        job.cancelled = True
        return job

    def file(self, number: str, name: str) -> Path:
        """
        Give a file that a job has made.

        Raises
        ------
        InputError
            The job has none of this name.
        """
        file = self.get(number).files.get(name)
        if file is None or not file.is_file():
            raise InputError("desk_no_file", file=name[:120])
        return file

    def end(self, wait_s: float = 10.0) -> None:
        """Call off what runs and wait for it."""
        for job in self._jobs.values():
            job.cancelled = True
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join(wait_s)

    def _work(self) -> None:
        while (given := self._waiting.get()) is not None:
            self._run(*given)

    def _run(self, job: Job, run: Run) -> None:
        if job.cancelled:
            job.state = "cancelled"
            return
        job.state = "running"
        try:
            report = run(job)
        except CancelledError:
            job.state = "cancelled"
        except GovmapError as error:
            job.error, job.state = failure(error, job.voice), "failed"
        except Exception:  # noqa: BLE001 - a fault of ours ends this step alone; the terminal gets the trace
            traceback.print_exc(file=sys.stderr)
            job.error, job.state = failure(InputError("desk_fault"), job.voice), "failed"
        else:
            _tell(job, report)


def _tell(job: Job, report: Report) -> None:
    voice = job.voice
    job.said = [voice.tell(one) for one in (*report.shown, *report.notes)]
    job.files = {file.name: file for file in report.files}
    job.result = plain(facts_of(report, voice) | {"files": list(job.files)})
    job.progress, job.state = 1.0, "done"

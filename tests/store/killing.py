"""kill -9 for any command line, at moments that a seed chooses; what stands afterwards is the caller's to judge.

    quiet = killing.undisturbed(command, once="ready")
    for end in killing.killed(lambda turn: command, times=10, within_s=quiet.seconds, seed=1, once="ready"):
        ...look at the file; end.said holds what the program had told, end.finished whether it was through already

`beside(command)` runs a second program meanwhile; each line it prints is an edit that it was told is safe.
"""

import os
import random
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE_S = 120.0
GLANCE_S = 0.002

Command = Sequence[str | os.PathLike[str]]


@dataclass(frozen=True)
class End:
    """How one run ended: what it had said in whole lines, and whether it was through before the moment came."""

    turn: int
    after_s: float
    seconds: float
    finished: bool
    code: int
    said: tuple[str, ...]
    complained: str


class Running:
    """A program that runs in a process group of its own, so that a kill takes its children too."""

    def __init__(self, command: Command, *, environment: Mapping[str, str] | None = None) -> None:
        self._folder = ExitStack()
        folder = Path(self._folder.enter_context(tempfile.TemporaryDirectory(prefix="killing-")))
        self._files = folder / "out", folder / "err"
        self._texts: tuple[str, ...] | None = None
        self.began = time.monotonic()
        with self._files[0].open("wb") as out, self._files[1].open("wb") as err:
            self.process = subprocess.Popen(
                [os.fspath(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
                env=None if environment is None else {**os.environ, **environment},
            )

    def said(self) -> list[str]:
        """The lines so far; one that a kill cut in two is none."""
        return self._text(0).split("\n")[:-1]

    def complained(self) -> str:
        return self._text(1)

    def until(self, line: str) -> None:
        """Wait for a line that begins so."""
        while not any(one.startswith(line) for one in self.said()):
            ended = self.process.poll() is not None
            assert not ended or any(one.startswith(line) for one in self.said()), self.complained()
            assert time.monotonic() - self.began < PATIENCE_S, f"never said {line}"
            time.sleep(GLANCE_S)

    def kill(self) -> int:
        """Kill the program and its children and give its exit code; what it said can still be read."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        code = self.process.wait(PATIENCE_S)
        self._texts = self._texts or (self._text(0), self._text(1))
        self._folder.close()
        return code

    def _text(self, at: int) -> str:
        return self._files[at].read_text("utf-8", "replace") if self._texts is None else self._texts[at]


def undisturbed(command: Command, *, once: str | None = None, environment: Mapping[str, str] | None = None) -> End:
    """Run a command to its end; the seconds count from the line that begins with `once`."""
    with beside(command, once=once, environment=environment) as running:
        began = time.monotonic()
        running.process.wait(PATIENCE_S)
        return _end(running, 0, 0.0, time.monotonic() - began, finished=True)


def killed(
    command: Callable[[int], Command],
    *,
    times: int,
    within_s: float,
    seed: int,
    once: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[End]:
    """
    Run a command again and again, each time killed a little later; the caller looks at what it left between two.

    Parameters
    ----------
    command
        Gives the words of the command line for a turn, 0 to `times` - 1.
    within_s
        The moments lie, one in each of `times` equal stretches, between 0 and this.
    once
        The clock begins when the program says a line that begins so (it has imported what it needs, say).
    """
    chance = random.Random(seed)
    for turn in range(times):
        after_s = (turn + chance.random()) / times * within_s
        with beside(command(turn), once=once, environment=environment) as running:
            began = time.monotonic()
            finished = _ended_within(running, after_s)
            end = _end(running, turn, after_s, time.monotonic() - began, finished=finished)
        yield end


@contextmanager
def beside(
    command: Command, *, once: str | None = None, environment: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """Run a program meanwhile, from its line `once` on; it is killed at the end, and what it said can be read then."""
    running = Running(command, environment=environment)
    try:
        if once is not None:
            running.until(once)
        yield running
    finally:
        running.kill()


def _ended_within(running: Running, seconds: float) -> bool:
    try:
        running.process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _end(running: Running, turn: int, after_s: float, seconds: float, *, finished: bool) -> End:
    code = running.kill()
    return End(turn, after_s, seconds, finished, code, tuple(running.said()), running.complained())


def here(name: str) -> Path:
    """A program that lies beside this one."""
    return Path(__file__).with_name(name)

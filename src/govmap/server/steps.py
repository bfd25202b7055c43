"""What a step at the desk is: its options, checked before it runs, and what it is given to run with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from govmap.errors import InputError
from govmap.messages import Voice
from govmap.pipeline.report import Report

if TYPE_CHECKING:
    from govmap.config import Config
    from govmap.project import Project
    from govmap.server.jobs import Job
    from govmap.server.opened import Opened
    from govmap.server.uploads import Uploads

Choices = Sequence[str] | Mapping[str, Mapping[str, str]] | Callable[["Project"], Sequence[tuple[str, str]]]
LONGEST = 400
TURN_S = 120.0  # a step waits so long for its turn: what follows from strokes may still be written


@dataclass(frozen=True, kw_only=True)
class Option:
    """
    One thing that may be said to a step; `desk_option_NAME` is its label.

    Parameters
    ----------
    kind
        `number`, `text`, `flag`, `choice`, `many` (several choices or words) or `upload` (a dropped file's number).
    choices
        The values, whose labels are `desk_choice_VALUE`; or values with their titles; or what gives values and labels
        from the project.
    more
        Shown only when more options are asked for.
    """

    name: str
    kind: str
    choices: Choices = ()
    least: int = 0
    most: int = 10_000_000
    start: Any = None
    more: bool = False

    def offered(self, project: "Project | None", voice: Voice) -> list[tuple[str, str]]:
        """Give the values with their labels."""
        if callable(self.choices):
            return [] if project is None else [(value, str(label)) for value, label in self.choices(project)]
        if isinstance(self.choices, Mapping):
            return [(value, titles[voice.language]) for value, titles in self.choices.items()]
        return [(value, _label(value, voice)) for value in self.choices]

    def checked(self, value: Any) -> Any:
        """
        Give a value as the step takes it; None where nothing was said.

        Raises
        ------
        InputError
            It is not of the option's kind, or out of its bounds.
        """
        if value is None or value in ("", []):
            return None
        if not self._fits(value):
            raise InputError("desk_bad_option", option=self.name, value=str(value)[:60])
        return value

    def _fits(self, value: Any) -> bool:
        if self.kind == "number":
            return isinstance(value, int) and not isinstance(value, bool) and self.least <= value <= self.most
        if self.kind == "flag":
            return isinstance(value, bool)
        if self.kind == "many":
            return isinstance(value, list) and len(value) <= LONGEST and all(map(self._word, value))
        return self._word(value)

    def _word(self, value: Any) -> bool:
        if not isinstance(value, str) or len(value) > LONGEST or "\0" in value:
            return False
        return callable(self.choices) or not self.choices or value in self.choices


def _label(value: str, voice: Voice) -> str:
    key = next((one for one in (f"desk_choice_{value}", f"table_{value}") if voice.knows(one)), None)
    return voice.say(key) if key else value


@dataclass(frozen=True)
class Given:
    """What was said to one run of a step, checked."""

    said: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.said.get(name)

    def many(self, name: str) -> list[str]:
        """Give several words, none where none was said."""
        return list(self.said.get(name) or ())


@dataclass(frozen=True)
class Work:
    """What a step has to work with: the desk, its own job, the voice of what it writes."""

    opened: "Opened"
    uploads: "Uploads"
    job: "Job"
    voice: Voice

    @property
    def config(self) -> "Config":
        """The machine's settings."""
        return self.opened.config

    @cached_property
    def how(self) -> dict[str, Any]:
        """What most steps take beside their project: voice and progress."""
        return {"voice": self.voice, "progress": self.job.tell}

    def output(self, key: str, ending: str, **facts: Any) -> Path:
        """Name a file to hand out: `desk_file_KEY` filled, after the project."""
        path = self.opened.path
        name = self.voice.say(f"desk_file_{key}", name=path.stem if path else "govmap", **facts)
        return self.job.output(f"{name}{ending}")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the desk; `desk_step_NAME` is its title, `desk_step_NAME_about` says what it does."""

    name: str
    run: Callable[["Project", Given, Work], Report]
    options: Sequence[Option] = ()
    writes: bool = True
    room: str = ""  # `way` or `hand` where it has a card of its own

    def check(self, said: Mapping[str, Any]) -> Given:
        """
        Check what was said.

        Raises
        ------
        InputError
            There is no such option, or a value is not of its kind.
        """
        known = {one.name: one for one in self.options}
        strange = sorted(set(said) - set(known))
        if strange:
            raise InputError("desk_bad_option", option=strange[0][:40], value="")
        given = {name: known[name].checked(value) for name, value in said.items()}
        return Given({name: value for name, value in given.items() if value is not None})

    def work(self, given: Given, work: Work) -> Report:
        """Run the step on the open project; it grows by a version where the step writes."""
        if not self.writes:
            with work.opened.reading() as project:
                return self.run(project, given, work)
        try:
            with work.opened.writing(self.name, wait_s=TURN_S) as project:
                return self.run(project, given, work)
        except BaseException:
            work.opened.changed()  # a step may have finished a part before it failed
            raise


@dataclass
class Table:
    """All steps by name."""

    steps: dict[str, Step] = field(default_factory=dict)

    def add(self, *steps: Step) -> None:
        """Add steps."""
        for one in steps:
            self.steps[one.name] = one

    def get(self, name: str) -> Step:
        """
        Give a step.

        Raises
        ------
        InputError
            There is none of this name.
        """
        if name not in self.steps:
            raise InputError("desk_no_such", page=name[:40])
        return self.steps[name]

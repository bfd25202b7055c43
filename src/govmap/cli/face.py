"""What all commands share: language, one JSON object on request, progress, errors as one sentence, the line `next:`."""

import contextlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from govmap import config
from govmap.cli.mistakes import UsageError
from govmap.errors import GovmapError
from govmap.messages import LANGUAGES, Voice

if TYPE_CHECKING:
    from govmap.pipeline import Report
    from govmap.project import Project


def asked_language(arguments: list[str]) -> str:
    """Give the language of help texts before options are read: `--lang`, else the machine's."""
    for at, word in enumerate(arguments):
        name, _, value = word.partition("=")
        if name == "--lang":
            value = value or (arguments[at + 1] if at + 1 < len(arguments) else "")
            if value in LANGUAGES:
                return value
    return config.spoken_language()


HELP = Voice(asked_language(sys.argv[1:]))


def option(key: str, *names: str, **more: Any) -> Any:
    """Give an option whose help stands in the catalogue as `cli_option_KEY`."""
    return typer.Option(*names, readable=False, help=HELP.say(f"cli_option_{key}"), **more)


def argument(key: str, **more: Any) -> Any:
    """Give an argument whose help stands in the catalogue as `cli_argument_KEY`."""
    return typer.Argument(readable=False, help=HELP.say(f"cli_argument_{key}"), **more)


def known_language(ctx: typer.Context, value: str | None) -> str | None:
    """Give the language that was asked for, if it is one of ours."""
    if value is not None and value not in LANGUAGES:
        raise UsageError(ctx, "usage_language", value=value, known=list(LANGUAGES))
    return value


ProjectPath = Annotated[Path, argument("project", metavar="PROJECT")]
Lang = Annotated[str | None, option("lang", "--lang", metavar="|".join(LANGUAGES), callback=known_language)]
Json = Annotated[bool, option("json", "--json")]
Output = Annotated[Path, option("output", "-o", "--output")]


@dataclass
class Face:
    """One run of one command, as the person or program at the terminal sees it."""

    command: str
    voice: Voice
    as_json: bool
    config: config.Config
    project_path: str | None = None
    warnings: list[str] = field(default_factory=list)

    def progress(self, key: str, share: float) -> None:
        """Show how far a stage is, on a terminal only."""
        if self.as_json or not sys.stderr.isatty():
            return
        width = 30
        bar = "#" * int(share * width)
        print(f"\r{self.voice.say(key):<40} [{bar:<{width}}] {share:>4.0%}", end="", file=sys.stderr, flush=True)
        if share >= 1:
            print(file=sys.stderr)

    @contextlib.contextmanager
    def opened(self, path: Path) -> Iterator["Project"]:
        """Open a project, with nothing left behind by a desk, and take its words for unit, worker and code."""
        from govmap.pipeline.catching_up import catch_up
        from govmap.project import open_project

        with open_project(path) as project:
            catch_up(project)
            self.speak(project)
            yield project

    def speak(self, project: "Project") -> None:
        """Take the words of a project's profile."""
        self.voice = project.profile.voice(self.voice.language)

    def show(self, report: "Report") -> None:
        """Show a report: one JSON object, or sentences."""
        self.warnings = [self.voice.tell(one) for one in report.warnings]
        if self.as_json:
            from govmap.pipeline.report import facts_of

            self._emit(facts_of(report, self.voice))
        else:
            self._sentences(report)
        if not report.ok:
            raise typer.Exit(1)

    def _sentences(self, report: "Report") -> None:
        for told in report.shown:
            print(self.voice.tell(told))
        for told in report.notes:
            print(self.voice.tell(told), file=sys.stderr)
        for warning in self.warnings:
            print(self.voice.say("cli_warning", told=warning), file=sys.stderr)
        for file in report.files:
            print(self.voice.say("cli_file", file=str(file)), file=sys.stderr)
        if report.next:
            print(self.voice.say("cli_next", command=report.next), file=sys.stderr)

    def fail(self, error: GovmapError) -> None:
        """Show one sentence: what, where and what to do."""
        if self.as_json:
            from govmap.pipeline.report import failure

            self._emit({"ok": False, "error": failure(error, self.voice)})
            return
        message, hint = error.message(self.voice), error.hint(self.voice)
        where = f"{error.where}: " if error.where else ""
        print(self.voice.say("cli_error", told=f"{where}{message}"), file=sys.stderr)
        if hint:
            print(hint, file=sys.stderr)

    def _emit(self, facts: dict[str, Any]) -> None:
        head = {"ok": facts.pop("ok"), "command": self.command, "project": self.project_path}
        body = {**head, "warnings": self.warnings, "error": None, **facts}
        print(json.dumps(body, ensure_ascii=False, default=_plain))


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else str(value)


@contextlib.contextmanager
def face(command: str, lang: str | None, as_json: bool, path: Path | None = None) -> Iterator[Face]:
    """Run one command: a user's mistake ends with exit code 1 and one sentence; our own faults rise."""
    machine = config.from_machine(lang)
    shown = Face(command, Voice(machine.language), as_json, machine, str(path) if path else None)
    try:
        yield shown
    except GovmapError as error:
        shown.fail(error)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        print(shown.voice.say("cli_interrupted"), file=sys.stderr)
        raise typer.Exit(130) from None

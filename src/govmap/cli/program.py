"""The program as Typer builds it, with help pages and mistakes in our words and in the asked language."""

import functools
import sys
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.models import CommandFunctionType

from govmap.cli import mistakes, pages
from govmap.cli.face import HELP, Face, asked_language
from govmap.config import from_machine
from govmap.messages import Voice


class Command(TyperCommand):
    """One command: its page and what was typed wrong are told by us."""

    allow_extra_args = True  # so that we find them, and say which

    def get_help(self, ctx: Any) -> str:
        """Give the help page."""
        return pages.page(ctx, HELP)

    def get_help_option(self, ctx: Any) -> Any:
        """Give `--help` with its text in the asked language."""
        return _told(super().get_help_option(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words of the command."""
        try:
            rest = super().parse_args(ctx, args)
        except typer.TyperException as error:
            raise mistakes.of(error, ctx) from error
        if rest and not ctx.resilient_parsing:
            raise mistakes.UsageError(ctx, "usage_extra", words=rest)
        return rest


class Group(TyperGroup):
    """Several commands under one name: the program itself, and `edit`, `agree`, `incident` in it."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{**settings, "invoke_without_command": True})

    def get_help(self, ctx: Any) -> str:
        """Give the help page."""
        return pages.page(ctx, HELP)

    def get_help_option(self, ctx: Any) -> Any:
        """Give `--help` with its text in the asked language."""
        return _told(super().get_help_option(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words up to the command; without any, show what there is."""
        if not args and self.no_args_is_help and not ctx.resilient_parsing:
            print(self.get_help(ctx), file=sys.stderr)
            raise typer.Exit(mistakes.EXIT_CODE)
        try:
            return super().parse_args(ctx, args)
        except typer.TyperException as error:
            raise mistakes.of(error, ctx) from error

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command of a name."""
        if self.get_command(ctx, args[0]) is None and not ctx.resilient_parsing:
            raise mistakes.no_such_command(ctx, args[0])
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was named; options alone name none."""
        given = super().invoke(ctx)
        if ctx.invoked_subcommand is None:
            raise mistakes.UsageError(ctx, "usage_no_command")
        return given

    def main(self, args: Any = None, *more: Any, **settings: Any) -> Any:
        """Run the program and end it with its exit code: 0 done, 1 cannot be done, 2 not understood."""
        alone = settings.get("standalone_mode", True)
        run = functools.partial(super().main, args, *more, **{**settings, "standalone_mode": False})
        return sys.exit(_ended(run, sys.argv[1:] if args is None else list(args))) if alone else run()


class Program(typer.Typer):
    """Commands that share one frame."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(
            cls=Group,
            no_args_is_help=True,
            add_completion=False,
            pretty_exceptions_enable=False,
            rich_markup_mode=None,
            **settings,
        )

    def command(self, name: str | None = None, **settings: Any) -> Callable[[CommandFunctionType], CommandFunctionType]:
        """Take in a command."""
        return super().command(name, **{"cls": Command, **settings})


def _told(option: Any) -> Any:
    if option is not None:
        option.help = HELP.say("usage_help")
    return option


def _ended(run: Callable[[], int | None], words: list[str]) -> int:
    voice = Voice(asked_language(words))
    try:
        return run() or 0
    except mistakes.UsageError as found:
        mistake = found
    except typer.TyperException as error:
        mistake = mistakes.of(error, None)
    except typer.Abort:
        print(voice.say("cli_interrupted"), file=sys.stderr)
        return 1
    project = mistake.ctx.params.get("project") if mistake.ctx else None
    machine = from_machine(voice.language)
    shown = Face(mistake.command, voice, "--json" in words, machine, str(project) if project else None)
    shown.fail(mistake)
    return mistakes.EXIT_CODE

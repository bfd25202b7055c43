"""What was typed wrong at the command line, said in the asked language: what, and how it is written."""

from difflib import get_close_matches
from typing import Any

import typer

from govmap.cli import pages
from govmap.errors import InputError
from govmap.messages import Voice, note

EXIT_CODE = 2
NEAR = 0.7  # of 1: less likeness than this is a guess that misleads


class UsageError(InputError):
    """A command line that cannot be understood; `ctx` is the command that was being read."""

    def __init__(self, ctx: typer.Context | None, key: str, /, **facts: Any) -> None:
        super().__init__(key, **facts)
        self.ctx = ctx

    def hint(self, voice: Voice) -> str | None:
        """Say how the command is written and where the rest stands."""
        if self.ctx is None:
            return None
        return voice.say("usage_how", usage=pages.usage(self.ctx, voice), command=self.ctx.command_path)

    @property
    def command(self) -> str:
        """The command that was being read, without the program's own name."""
        names = [] if self.ctx is None else [self.ctx.info_name or ""]
        above = self.ctx.parent if self.ctx else None
        while above is not None:
            names.insert(0, above.info_name or "")
            above = above.parent
        return " ".join(names[1:])


def of(error: typer.TyperException, ctx: typer.Context | None) -> UsageError:
    """Give what the reader of the command line found wrong, as a mistake of ours."""
    make = KINDS.get(type(error).__name__, _other)
    return make(error, ctx)


def no_such_command(ctx: typer.Context, word: str) -> UsageError:
    """Give the mistake of a command that there is not, with the nearest ones that there are."""
    names = _full_names(ctx.command)
    near = [full for last in get_close_matches(word.lower(), names, cutoff=NEAR) for full in names[last]]
    return _with_guess(ctx, "usage_command", near, word=word)


def _full_names(command: Any) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for name, one in pages.commands(command):
        names.setdefault(name, []).insert(0, name)
        for within, _ in pages.commands(one):
            names.setdefault(within, []).append(f"{name} {within}")
    return names


def _with_guess(ctx: typer.Context | None, key: str, near: list[str], **facts: Any) -> UsageError:
    return UsageError(ctx, key, guess=note("usage_guess", near=near) if near else "", **facts)


def _missing(error: typer.TyperException, ctx: typer.Context | None) -> UsageError:
    param = vars(error)["param"]
    return UsageError(ctx, "usage_missing", name=pages.name_of(param), what=(param.help or "").rstrip(".。"))


def _no_such_option(error: typer.TyperException, ctx: typer.Context | None) -> UsageError:
    found = vars(error)
    return _with_guess(ctx, "usage_option", sorted(found["possibilities"] or ()), name=found["option_name"])


def _option_without_or_with(error: typer.TyperException, ctx: typer.Context | None) -> UsageError:
    name = vars(error)["option_name"]
    params: list[Any] = ctx.command.get_params(ctx) if ctx else []
    flags = [param for param in params if getattr(param, "is_flag", False)]
    if any(name in (*param.opts, *param.secondary_opts) for param in flags):
        return UsageError(ctx, "usage_takes_none", name=name)
    what = next((param.help or "" for param in params if name in param.opts), "")
    return UsageError(ctx, "usage_no_value", name=name, what=what.rstrip(".。"))


def _value(error: typer.TyperException, ctx: typer.Context | None) -> UsageError:
    param: Any = vars(error).get("param")
    cause: Any = error.__cause__
    found = cause.errors()[0] if hasattr(cause, "errors") else {}
    key = VALUES.get(found.get("type", ""))
    if param is None or key is None:
        return _other(error, ctx)
    limit = next((bound for name, bound in found.get("ctx", {}).items() if name in ("ge", "le")), None)
    return UsageError(ctx, key, name=pages.name_of(param), value=str(found["input"]), limit=limit)


def _other(error: typer.TyperException, ctx: typer.Context | None) -> UsageError:
    return UsageError(ctx, "usage_other", told=error.format_message())


KINDS = {
    "MissingParameter": _missing,
    "NoSuchOption": _no_such_option,
    "BadOptionUsage": _option_without_or_with,
    "BadParameter": _value,
}
VALUES = {
    "int_parsing": "usage_no_number",
    "int_parsing_size": "usage_no_number",
    "int_from_float": "usage_no_number",
    "float_parsing": "usage_no_number",
    "greater_than_equal": "usage_too_small",
    "less_than_equal": "usage_too_large",
}

"""The help page of a command, laid out by us: in the asked language, with Chinese letters counted two columns wide."""

import inspect
import re
import shutil
import unicodedata
from collections.abc import Iterator
from typing import Any

import typer

from govmap.messages import Voice

WIDEST = 80  # columns; longer lines are hard to read
NARROWEST = 50
FIRST_COLUMN = 30  # names longer than this have their text on the next line
INDENT = "  "
OPENING, CLOSING = "（《「“‘", "，。、：；？！）》」”’…"
WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
PIECE = re.compile(rf"\s+|\[[^\]]+\]|[{OPENING}]*(?:[^\s{WIDE}{OPENING}{CLOSING}]+|[{WIDE}])[{CLOSING}]*|.")


def page(ctx: typer.Context, voice: Voice) -> str:
    """Give the whole help page of the command in hand."""
    blocks = [usage(ctx, voice)]
    if ctx.command.help:
        blocks.append(_indented(wrapped(inspect.cleandoc(ctx.command.help), _room() - len(INDENT))))
    params = [one for one in _params(ctx) if not one.hidden]
    for kind in ("argument", "option"):
        rows = [(_name(one, ctx, voice), _told(one, voice)) for one in params if one.param_type_name == kind]
        blocks += _section(voice.say(f"usage_{kind}s"), rows)
    blocks += _section(voice.say("usage_commands"), [(name, one.help or "") for name, one in commands(ctx.command)])
    return "\n\n".join(blocks)


def usage(ctx: typer.Context, voice: Voice) -> str:
    """Give the line that says how the command in hand is written."""
    head = voice.say("usage_line", command=ctx.command_path)
    rest = " ".join(_pieces(ctx, voice))
    lines = wrapped(rest, _room() - columns(head) - 1)
    return f"\n{'':{columns(head) + 1}}".join([f"{head} {lines[0]}", *lines[1:]])


def commands(command: Any) -> list[tuple[str, Any]]:
    """Give the commands within a command that may be shown, by name, in the order of the program."""
    return [(name, one) for name, one in getattr(command, "commands", {}).items() if not one.hidden]


def columns(text: str) -> int:
    """Count the columns that a text takes on a console."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def wrapped(text: str, room: int) -> list[str]:
    """
    Break a text into lines no wider than `room` columns.

    Chinese may break after any letter, but no line begins with a closing mark or ends with an opening one; what stands
    in brackets stays together; a word that is wider than the room stays whole, for what is cut cannot be copied.
    """
    lines = [""]
    for piece in PIECE.findall(" ".join(text.split("\n"))):
        if columns(lines[-1]) + columns(piece.rstrip()) > room and lines[-1].strip():
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines]


def _params(ctx: typer.Context) -> list[Any]:
    return list(ctx.command.get_params(ctx))


def _room() -> int:
    return max(min(shutil.get_terminal_size().columns, WIDEST) - 2, NARROWEST)


def _indented(lines: list[str], by: str = INDENT) -> str:
    return "\n".join(f"{by}{line}" for line in lines)


def _section(title: str, rows: list[tuple[str, str]]) -> list[str]:
    return ["\n".join([title, *_definitions(rows)])] if rows else []


def _definitions(rows: list[tuple[str, str]]) -> Iterator[str]:
    first = min(max(columns(name) for name, _ in rows), FIRST_COLUMN) + 2
    for name, told in rows:
        lines = wrapped(told, _room() - first - len(INDENT))
        gap = first - columns(name)
        if gap < len(INDENT):
            yield f"{INDENT}{name}"
        else:
            yield f"{INDENT}{name}{'':{gap}}{lines[0]}".rstrip()
            lines = lines[1:]
        yield from (f"{INDENT}{'':{first}}{line}" for line in lines)


def _pieces(ctx: typer.Context, voice: Voice) -> Iterator[str]:
    params = _params(ctx)
    for one in params:
        if not _is_option(one):
            name = name_of(one)
            yield name if one.required or name.startswith("[") else f"[{name}]"
    yield from (f"{name_of(one)} {_kind(one, ctx, voice)}" for one in params if _is_option(one) and one.required)
    if commands(ctx.command):
        yield voice.say("usage_some_command")
    yield voice.say("usage_some_options")


def name_of(param: Any) -> str:
    """Give the name under which a user writes an argument or option."""
    return str(param.opts[0] if _is_option(param) else param.metavar or param.name.upper())


def _is_option(param: Any) -> bool:
    return bool(param.param_type_name == "option")


def _name(param: Any, ctx: typer.Context, voice: Voice) -> str:
    if not _is_option(param):
        return name_of(param)
    names = ", ".join(sorted(param.opts, key=len))
    if param.is_flag:
        return " / ".join([names, *param.secondary_opts])
    return f"{names} {_kind(param, ctx, voice)}"


def _kind(param: Any, ctx: typer.Context, voice: Voice) -> str:
    if param.metavar:
        return str(param.metavar)
    shown = param.display_type(ctx)
    kind = "number" if "int" in shown or "float" in shown else "file" if "path" in shown else "text"
    return voice.say(f"usage_{kind}")


def _told(param: Any, voice: Voice) -> str:
    more = [one for one in (_default(param, voice), _range(param, voice)) if one]
    if param.required:
        more.append(voice.say("usage_required"))
    comma = voice.say("usage_comma")
    return f"{param.help or ''}  [{comma.join(more)}]" if more else param.help or ""


def _default(param: Any, voice: Voice) -> str:
    value = param.default
    if value is None or callable(value) or (value is False and not getattr(param, "secondary_opts", ())):
        return ""
    if isinstance(value, bool):
        value = (param.opts if value else param.secondary_opts)[0].lstrip("-")
    return voice.say("usage_default", value=str(value)) if str(value) else ""


def _range(param: Any, voice: Voice) -> str:
    least, most = (getattr(param, end, None) for end in ("min", "max"))
    if least is None and most is None:
        return ""
    kind = "between" if None not in (least, most) else "most" if least is None else "least"
    return voice.say(f"usage_{kind}", least=least, most=most)

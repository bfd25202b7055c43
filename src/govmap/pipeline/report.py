"""What a step gives back to the face that called it, and how every face turns it into facts for programs."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from govmap.errors import GovmapError
from govmap.messages import Note, Voice, note

Progress = Callable[[str, float], None]


def quiet(key: str, share: float) -> None:
    """Show no progress."""
    del key, share


def titled(table: str) -> Note:
    """Name a table for people."""
    return note(f"table_{table}")


@dataclass
class Report:
    """
    What was done and left out.

    `figures` are for programs, `shown` is the answer itself (standard output), `notes` say what was done, `warnings`
    what the user should look at, `next` is the command that usually follows.
    """

    figures: dict[str, Any] = field(default_factory=dict)
    shown: list[Note] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    next: str | None = None
    ok: bool = True


def facts_of(report: Report, voice: Voice) -> dict[str, Any]:
    """Give what was done as facts: `ok`, the figures, the warnings as sentences, the files by their paths."""
    warnings = [voice.tell(one) for one in report.warnings]
    return {"ok": report.ok, "warnings": warnings, **report.figures, "files": [str(file) for file in report.files]}


def failure(error: GovmapError, voice: Voice) -> dict[str, Any]:
    """Give what is wrong as facts: `code` for programs, `message`, `where` and `hint` for people."""
    return {"code": error.code, "message": error.message(voice), "where": error.where, "hint": error.hint(voice)}


def plain(value: Any) -> Any:
    """Give a fact as JSON knows it: numbers of arrays as numbers, what is not a number as null, the rest as text."""
    if isinstance(value, Mapping):
        return {str(name): plain(fact) for name, fact in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    if hasattr(value, "item") and not isinstance(value, str):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)

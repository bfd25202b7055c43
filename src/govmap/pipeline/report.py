"""What a step gives back to the face that called it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from govmap.messages import Note, note

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

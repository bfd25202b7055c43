"""The eight figures as the web map tells them: a value, a state, and in every language what it is and says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from govmap.messages import Note, Voice

State: TypeAlias = Literal["red", "ok", "unknown"]


@dataclass(frozen=True)
class Figure:
    """
    One figure of the page.

    `key` names it, `value` is None where it is unknown, `told` is the sentence that goes with it, and `about` says
    that it rests on estimates.
    """

    key: str
    value: float | None
    state: State
    told: Note
    about: bool = False


def figures(found: Iterable[Figure], voices: Mapping[str, Voice]) -> list[dict[str, Any]]:
    """Tell figures in every language of the page, in the order in which they came."""
    return [
        {
            "key": one.key,
            "value": one.value,
            "state": one.state,
            "about": one.about,
            "month": one.told.facts.get("month"),
            "title": {language: voice.say(f"eight_{one.key}") for language, voice in voices.items()},
            "told": {language: voice.tell(one.told) for language, voice in voices.items()},
        }
        for one in found
    ]

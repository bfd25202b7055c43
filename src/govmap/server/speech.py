"""Sentences for people who click: where a sentence names a command or an option, the desk names its button instead."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from govmap.messages import Voice

_FILE = r"[^\s,;，。；：）)]+\.(?:xlsx|html|docx|gpkg|csv|toml)"
_PLACE = rf"(?:{_FILE}|[A-Z]{{3,}}|项目文件|项目|方案|文件|清单|…|\.\.\.|\{{file\}})"
_TABLE = r"(?:residents|resources|incidents|workers|buildings|units|aliases|roster|unit_roster|load)"
_SUB = r"(?:move|merge|exclusive|split|rename|undo|repeats|deadlines|list|load)"
_OPTION = r"(?:--?[a-z][\w-]*(?:[ =](?:\"[^\"]*\"|[^\s\-,;，。；：）)][^\s,;，。；：）)]*))?)"
_COMMAND = re.compile(rf"govmap (?P<name>[a-z]+)(?: {_SUB}\b)?(?: (?:{_PLACE}|{_TABLE}\b|{_OPTION}))*")
_PLAN = re.compile(r"p[0-9a-f]{8,}")  # what a plan's id looks like
_FLAG = re.compile(r"--(?P<name>[a-z][\w-]*)(?:[ =](?:[A-Z]{3,}(?:\.\w+)?\b|文件|类别|\"[^\"]*\"))?")


def for_clicks(text: str, voice: Voice) -> str:
    """Name buttons in the place of commands, and the page's words in the place of options."""
    if "govmap " not in text and "--" not in text:
        return text
    return _FLAG.sub(lambda found: _named(voice, found), _COMMAND.sub(lambda found: _at(voice, found), text))


def _no_plans() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class ClickVoice(Voice):
    """A voice that speaks of the desk's buttons, and of plans by the names that people see there."""

    plans: Callable[[], Mapping[str, str]] = _no_plans

    def say(self, key: str, /, **facts: Any) -> str:
        """Give the text of a key as it is said at the desk: `desk_says_KEY` where there is one."""
        own = f"desk_says_{key}"
        return for_clicks(super().say(own if self.knows(own) else key, **facts), self)

    def _told(self, fact: Any) -> Any:
        if isinstance(fact, str) and _PLAN.fullmatch(fact):
            return self.plans().get(fact, fact)
        return super()._told(fact)


def _at(voice: Voice, found: re.Match[str]) -> str:
    key = f"desk_at_{found['name']}"
    return Voice(voice.language, voice.words).say(key) if voice.knows(key) else found[0]  # "a govmap project"


def _named(voice: Voice, found: re.Match[str]) -> str:
    key, plain = f"desk_option_{found['name'].replace('-', '_')}", Voice(voice.language, voice.words)
    word = plain.say(key) if plain.knows(key) else found["name"].replace("-", " ")
    return plain.say("desk_quoted", word=word)

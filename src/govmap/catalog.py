"""Reads `layers/`: one TOML file a kind of data, and the profiles with a country's words and rules."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from govmap.messages import Voice


@dataclass(frozen=True)
class Profile:
    """A country's words, code rule, threshold k, paper and presets."""

    name: str
    facts: Mapping[str, Any]

    def voice(self, language: str) -> Voice:
        """Give a voice that uses this profile's words."""
        return Voice(language, {word: titles[language] for word, titles in self.facts["words"].items()})


def folder() -> Traversable:
    """Give `layers/`, in a wheel or in an editable install."""
    inside = files("govmap") / "layers"
    return inside if inside.is_dir() else files("govmap") / ".." / ".." / "layers"


@cache
def layer(name: str) -> Mapping[str, Any]:
    """Read `layers/NAME.toml`; NAME may hold a folder, as `resources/clinic`."""
    file = folder()
    for step in f"{name}.toml".split("/"):
        file = file / step
    return tomllib.loads(file.read_text("utf-8"))


@cache
def layers(group: str) -> Mapping[str, Mapping[str, Any]]:
    """Read every file of one folder of `layers/`, by name."""
    names = sorted(file.name for file in (folder() / group).iterdir() if file.name.endswith(".toml"))
    return {name[:-5]: layer(f"{group}/{name[:-5]}") for name in names}


def profile(name: str) -> Profile:
    """Read a profile: cn, uk, us or generic."""
    return Profile(name, layer(f"profiles/{name}"))

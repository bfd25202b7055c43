"""The posts that a plan's units have (1+N: head, worker, contacts), as `layers/roles.toml` configures them."""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd

from govmap import catalog


@dataclass(frozen=True)
class Post:
    """One post: its name, its words, and what `layers/roles.toml` says of it."""

    name: str
    facts: Mapping[str, Any]

    @property
    def title(self) -> Mapping[str, str]:
        """What it is called, by language."""
        title: Mapping[str, str] = self.facts["title"]
        return title

    @property
    def counted(self) -> bool:
        """Tell whether hours are shared out, and not units."""
        return bool(self.facts["counted"])

    @property
    def leads(self) -> bool:
        """Tell whether who has it leads the unit."""
        return bool(self.facts["leads"])

    @property
    def most(self) -> int:
        """Give how many units one person can have; 0 for any number."""
        return int(self.facts["most"])

    def hours(self, role: str | None) -> float:
        """Give the hours a month of somebody of whom the list gives none, by the word of the role."""
        part = {plain(one) for one in self.facts.get("part_time", ())}
        return float(self.facts["hours_part_time" if role and plain(role) in part else "hours"])

    def level(self, levels: Collection[str]) -> str | None:
        """Name the level of a plan whose units have this post, None where it has none."""
        return next((one for one in self.facts["levels"] if one in levels), None)


@cache
def posts() -> Mapping[str, Post]:
    """Give every post by its name, in the order in which they are filled."""
    return {name: Post(name, facts) for name, facts in catalog.layer("roles")["posts"].items()}


def post_of(role: object) -> str | None:
    """Name the post that a word of a list means; None where none does."""
    return _by_word().get(plain(role)) if isinstance(role, str) else None


def posts_of(duties: pd.DataFrame, workers: pd.DataFrame) -> "pd.Series[Any]":
    """Name the post of each duty: by its own role, else by that of whoever has it; deputies have none."""
    role = dict(zip(workers["worker_id"], workers["role"], strict=True))
    mark = tuple(plain(one) for one in catalog.layer("roles")["deputies"]["mark"].values())
    found = [
        None
        if isinstance(said, str) and plain(said).endswith(mark)
        else post_of(said) or (post_of(role.get(who)) if not said else None)
        for said, who in zip(duties["role"], duties["worker_id"], strict=True)
    ]
    return pd.Series(found, index=duties.index, dtype=object)


def deputy_of(role: str) -> str:
    """Give the word for who stands in for a role, in the language of the word."""
    mark: Mapping[str, str] = catalog.layer("roles")["deputies"]["mark"]
    return role + mark["zh" if any("一" <= letter <= "鿿" for letter in role) else "en"]


@cache
def _by_word() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name, post in posts().items():
        for word in (name, *post.title.values(), *post.facts["words"]):
            found.setdefault(plain(word), name)
    return found


def plain(word: str) -> str:
    """Give a word as words of lists are compared: without width, case, spaces and marks."""
    text = unicodedata.normalize("NFKC", word).casefold()
    return "".join(letter for letter in text if letter.isalnum())

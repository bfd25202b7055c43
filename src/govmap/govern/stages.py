"""Words of lists (待处理, 已办结, open, closed) to stages of a life cycle; unknown words are kept and told."""

import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from govmap.govern.lifecycle import Lifecycle, Stage


@dataclass(frozen=True, kw_only=True)
class Read:
    """Stages by row, the list's own words where nobody knows them, and what in the rows contradicts itself."""

    stage: "pd.Series[Any]"
    said: "pd.Series[Any]"
    unknown: tuple[tuple[str, int], ...]
    closed_but_open: int
    closed_early: int


def read_stages(incidents: pd.DataFrame, cycle: Lifecycle) -> Read:
    """
    Say at which stage each incident stands.

    Parameters
    ----------
    incidents
        `stage` in the words of the list, `closed_at`, `reported_at`.

    Returns
    -------
    read
        A word that is known gives its stage; an unknown one gives none and is kept in `said`. Where nothing is said, a
        day of closing says it; where that is missing too, the stage stays open.
    """
    words = incidents["stage"].astype(object).where(incidents["stage"].notna(), None)
    codes, unique = pd.factorize(words)
    known = vocabulary(cycle)
    answers = np.array([*(known.get(plain(one)) for one in unique), None], dtype=object)
    stage = pd.Series(answers[codes], index=incidents.index, dtype=object)
    said = words.where(stage.isna(), None)
    closed = incidents["closed_at"].notna()
    by_day = stage.isna() & words.isna() & closed
    stage = stage.mask(by_day, cycle.closing)
    counts = said.dropna().value_counts()
    early = closed & incidents["reported_at"].notna() & before(incidents["closed_at"], incidents["reported_at"])
    return Read(
        stage=stage.where(stage.notna(), None),
        said=said,
        unknown=tuple((str(word), int(count)) for word, count in counts.items()),
        closed_but_open=int((closed & stage.notna() & ~stage.isin(cycle.terminal)).sum()),
        closed_early=int(early.sum()),
    )


def before(earlier: "pd.Series[Any]", later: "pd.Series[Any]") -> "pd.Series[bool]":
    """Tell moments that lie before others; a bare day lies before nothing of that day."""
    whole = earlier.dt.second.eq(0) & earlier.dt.minute.eq(0)
    found: pd.Series[bool] = (earlier < later) & ~(whole & (later - earlier < pd.Timedelta(days=1)))
    return found


def vocabulary(cycle: Lifecycle) -> dict[str, str]:
    """Give every word by which a stage of this life cycle is known: its id, its titles, the words of lists."""
    found: dict[str, str] = {}
    for one, stage in cycle.stages.items():
        for word in (one, *stage.title.values(), *stage.words):
            found.setdefault(plain(word), one)
    return found


def renamed(stage: Stage, cycle: Lifecycle) -> str | None:
    """Say what a stage of another life cycle is in this one: by its name or any of its words; what was done is done."""
    known = vocabulary(cycle)
    words = (stage.stage_id, *stage.title.values(), *stage.words)
    found = next((known[plain(word)] for word in words if plain(word) in known), None)
    return found or (cycle.closing if stage.terminal else None)


def plain(word: str) -> str:
    """Give a word without width, case, spaces, marks and the ending 状态."""
    text = unicodedata.normalize("NFKC", str(word)).casefold()
    return "".join(letter for letter in text if letter.isalnum()).removesuffix("状态")

"""Words that people typed, before the public reads them: telephones, personal numbers and persons are masked.

Names of units, meeting places and the like are written by planners as they come, now and then with somebody's telephone
or name in them. What is looked for stands in `layers/publish.toml`; of names only those are found that show as names.
"""

import re
from functools import cache
from typing import Any

import pandas as pd
from pandas.api.types import is_string_dtype

from govmap import catalog
from govmap.publish.allowed import Tables

TYPED = {
    "communities": ("name", "name_zh"),
    "units": ("name", "responsible_org", "meeting_place", "bounds_text"),
    "plans": ("name",),
    "zones": ("name",),
    "compounds": ("name", "name_zh"),
    "resources": ("hours", "terms", "serves"),
}
NO_WORDS = ("_id", "code", "geometry", "kind", "class", "category", "theme", "standard", "status", "level")
HAN = "[\u4e00-\u9fff]"


def masked(tables: Tables) -> tuple[dict[str, pd.DataFrame], dict[str, int]]:
    """
    Mask what tells of a person in all texts of tables.

    Returns
    -------
    tables
        The same tables with the mask in the place of what was found.
    found
        How many cells of each column, as `table.column`, were changed.
    """
    made, found = dict(tables), dict[str, int]()
    for name, frame in tables.items():
        for column in frame.columns:
            if str(column).endswith(NO_WORDS) or not is_string_dtype(frame[column].dtype):
                continue
            words = _changed(frame[column], typed=column in TYPED.get(name, ()))
            if words:
                ours = frame[column].map(lambda one, words=words: isinstance(one, str) and one in words).astype(bool)
                made[name] = made[name].assign(**{str(column): frame[column].where(~ours, frame[column].map(words))})
                found[f"{name}.{column}"] = int(ours.sum())
    return made, found


def mask(text: str, *, typed: bool = True) -> str:
    """Mask what tells of a person in one text; `typed`: names of persons too."""
    always, names = _patterns()
    cover = catalog.layer("publish")["words"]["mask"]
    text = always.sub(cover, text)
    return names.sub(cover, text) if typed else text


def _changed(cells: "pd.Series[Any]", *, typed: bool) -> dict[str, str]:
    """Give the texts of a column that are masked, each once, with what they become."""
    texts = sorted({one for one in cells if isinstance(one, str)})
    told = ((one, mask(one, typed=typed)) for one in texts)
    return {one: made for one, made in told if made != one}


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    said = catalog.layer("publish")["words"]
    surname = f"[{said['surnames']}]"
    names = [one.replace("{name}", f"{surname}{HAN}{{1,2}}").replace("{surname}", surname) for one in said["typed"]]
    return _any(said["always"]), _any(names)


def _any(patterns: list[str]) -> re.Pattern[str]:
    """Join patterns into one; what holds for one of them alone is written inside it."""
    told = [re.sub(r"^\(\?i\)(.*)$", r"(?i:\1)", one, flags=re.DOTALL) for one in patterns]
    return re.compile("|".join(told))

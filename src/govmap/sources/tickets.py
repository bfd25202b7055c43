"""Rows of incidents: what kind they are, which of them are sensitive, and no more of their words than is needed.

What was said in sentences is read, so that a sensitive kind is known also where its category hides it and repeated
reports are found, and it is not stored.
"""

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from govmap import sensitive
from govmap.messages import note
from govmap.sources import masking, values
from govmap.sources.columns import Columns
from govmap.sources.sieve import Sieve, given

KINDS = (
    ("complaint", re.compile(r"投诉|诉求|举报|complain")),
    ("suggestion", re.compile(r"建议|意见|suggest|feedback")),
    ("need", re.compile(r"求助|需求|帮助|咨询|need|help|enquir|inquir")),
    ("event", re.compile(r"事件|案件|event|incident|report|request")),
)
WORDED = ("category", "severity", "stage", "address", "responsible")
SENTENCES = "text"
FEW, FEW_SHARE = 12, 0.02
Flags = npt.NDArray[np.bool_]


def incidents(sieve: Sieve, frame: pd.DataFrame) -> pd.DataFrame:
    """Say what each incident is; `frame` knows already where it lies."""
    blank = pd.Series([None] * len(frame), index=frame.index, dtype=object)
    kind, category = frame.get("kind", blank), frame.get("category", blank)
    frame["category"] = category.where(category.notna(), kind)
    frame["kind"] = _each(kind.fillna("").astype(str), _kind)
    stated = frame["sensitive"].fillna(value=False).to_numpy(bool) if "sensitive" in frame else False
    frame["sensitive"] = stated | sensitive.rows(frame["category"]) | sensitive.rows(kind) | _said(sieve)
    cells = given(sieve, SENTENCES)
    frame[SENTENCES] = blank if cells is None else values.texts(cells)
    if cells is not None:
        sieve.notes.append(note("incident_text_not_stored", column=cells.name))
    sieve.secret = frame["sensitive"].to_numpy(bool)
    return _without_people(sieve, frame)


def _said(sieve: Sieve) -> Flags:
    """Tell rows of which any other column names a sensitive kind: one of few different values, or sentences."""
    found = np.zeros(len(sieve.frame), dtype=bool)
    for theirs in sieve.raw.header:
        ours = sieve.columns.ours.get(theirs)
        if not _may_tell(theirs, ours, sieve.columns):
            continue
        cells = sieve.frame[theirs]
        few = cells.nunique() <= min(max(FEW, FEW_SHARE * len(cells)), len(cells) / 2)
        found |= sensitive.rows(cells, sentences=not few)
    return found


def _may_tell(theirs: str, ours: str | None, columns: Columns) -> bool:
    """Tell whether a column may say what an incident is about: the sentences, or one that we do not keep otherwise."""
    return ours == SENTENCES or (ours is None and theirs not in columns.withheld)


def _without_people(sieve: Sieve, frame: pd.DataFrame) -> pd.DataFrame:
    """Blot people out of the words that are kept; of an address nothing is left in their place, so that it is found."""
    changed = 0
    for name in WORDED:
        if name in frame:
            before = frame[name]
            frame[name] = masking.column(before)
            changed += int((before.notna() & (before != frame[name])).sum())
    frame["address"] = _each(frame["address"], lambda text: text.replace(masking.STARS, "").strip() or None)
    if changed:
        sieve.notes.append(note("incident_people_masked", count=changed))
    return frame


def _each(cells: "pd.Series[Any]", read: Any) -> "pd.Series[Any]":
    """Read every different text once; nothing stays nothing."""
    codes, unique = pd.factorize(cells)
    answers = np.array([*(read(text) for text in unique), None], dtype=object)
    return pd.Series(answers[codes], index=cells.index, dtype=object)


def _kind(text: str) -> str:
    folded = text.casefold()
    return next((name for name, word in KINDS if word.search(folded)), "event")

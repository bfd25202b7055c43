"""Complaints that name a worker: told apart when they come in; only the worker's id is kept, of others nothing."""

from typing import Any

import pandas as pd

from govmap.messages import Note, note
from govmap.sources.roles import key

COMPLAINT = "complaint"
SHORTEST_NAME = 2


def named(session: Any, rows: pd.DataFrame) -> tuple[pd.DataFrame, list[Note]]:
    """
    Say of each complaint which worker it names, in its own column or in its sentences.

    Parameters
    ----------
    rows
        Incidents of a list: kind, sensitive, `against` in the list's words and `text`, where it had them.

    Returns
    -------
    rows, told
        `against` holds a worker_id or nothing; names of anybody else are not kept.
    """
    workers = session.read("workers", columns=["worker_id", "name"]).sort_values("worker_id")
    blank = pd.Series([None] * len(rows), index=rows.index, dtype=object)
    complaint = (rows["kind"] == COMPLAINT) & ~rows["sensitive"].fillna(value=False).astype(bool)
    known = _names(workers)
    said, text = (rows.get(name, blank) for name in ("against", "text"))
    found = [
        _who(one, sentences, known) if here else None
        for one, sentences, here in zip(said, text, complaint, strict=True)
    ]
    rows = rows.assign(against=pd.Series(found, index=rows.index, dtype=object))
    count, others = int(rows["against"].notna().sum()), int((said.notna() & rows["against"].isna()).sum())
    told = [note("complaint_hidden", count=count)] if count else []
    return rows, [*told, note("complaint_names_left_out", count=others)] if others else told


def _names(workers: pd.DataFrame) -> dict[str, str]:
    """Give the worker of each id and of each name that only one of them has."""
    names = {str(one): str(one) for one in workers["worker_id"]}
    keys = [key(one) if isinstance(one, str) else "" for one in workers["name"]]
    for who, name in zip(workers["worker_id"], keys, strict=True):
        if len(name) >= SHORTEST_NAME and keys.count(name) == 1:
            names.setdefault(name, str(who))
    return names


def _who(said: object, text: object, known: dict[str, str]) -> str | None:
    if isinstance(said, str):
        return known.get(said.strip()) or known.get(key(said))
    if isinstance(text, str):
        words = key(text)
        hits = sorted({who for name, who in known.items() if name != who and name in words})
        return hits[0] if hits else None
    return None

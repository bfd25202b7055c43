"""Rejected rows corrected at the desk, cell by cell: they go through the gate again as if their file had come back.

What stood in a row is what its import kept of it: without the columns that must not be stored.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from govmap.config import Config
from govmap.errors import InputError
from govmap.messages import Voice
from govmap.pipeline.importing import Reading, Taking, import_table
from govmap.pipeline.report import Progress, Report, quiet
from govmap.project import Project

Cells = Mapping[int, Mapping[str, str]]
MOST_ROWS, LONGEST = 200, 400


def waiting(project: Project, import_id: str, voice: Voice, *, most: int = MOST_ROWS) -> list[dict[str, Any]]:
    """List the rejected rows of an import: number, column, reason, and the cells that may be corrected."""
    rows = project.read("rejects", where={"import_id": import_id}).sort_values("row")
    return [
        {
            "row": int(row["row"]),
            "column": row["their_column"] or "",
            "reason": voice.say(f"reason_{row['reason_code']}"),
            "cells": {str(name): str(cell) for name, cell in (row["raw"] or {}).items()},
        }
        for row in rows.head(most).to_dict("records")
    ]


def correct(
    project: Project,
    import_id: str,
    cells: Cells,
    folder: Path,
    *,
    config: Config,
    voice: Voice,
    progress: Progress = quiet,
) -> Report:
    """
    Take in rejected rows with some of their cells as somebody has corrected them; the others wait on.

    Parameters
    ----------
    cells
        Number of the row -> column of the list -> what is to stand there.
    folder
        Where the corrected rows are written to be read again.

    Raises
    ------
    InputError
        There is no such import, a row is not rejected any more, or it has no such column.
    """
    from govmap.sources import returned

    found = project.read("imports", where={"import_id": import_id})
    if found.empty or not cells:
        raise InputError("correct_nothing")
    frame = _corrected(project, import_id, cells)
    file = folder / f"{Path(str(found['file'].iloc[0])).stem}.csv"
    head = [voice.say(key) for key in returned.OURS]
    file.write_bytes(returned.text(frame.set_axis([*head, *frame.columns[len(head) :]], axis=1)))
    table = str(found["table"].iloc[0])
    report = import_table(
        project.path, table, file, Reading(), Taking(again=True), config=config, voice=voice, progress=progress
    )
    file.unlink()
    return report


def _corrected(project: Project, import_id: str, cells: Cells) -> pd.DataFrame:
    rejects = project.read("rejects", where={"import_id": import_id}).set_index("row")
    told = []
    for row, fresh in sorted(cells.items()):
        if row not in rejects.index:
            raise InputError("correct_no_row", row=row)
        raw = {str(name): str(cell) for name, cell in (rejects["raw"][row] or {}).items()}
        unknown = sorted(set(fresh) - set(raw))
        if unknown:
            raise InputError("correct_no_column", row=row, column=unknown[0][:40])
        told.append({"#row": str(row), "#why": "", "#where": "", "#import": import_id, **raw, **_plain(fresh)})
    return pd.DataFrame(told, dtype=object).fillna("")


def _plain(fresh: Mapping[str, str]) -> dict[str, str]:
    return {name: " ".join(cell.split())[:LONGEST] for name, cell in fresh.items()}

"""What was decided by hand of people and units, taken back step by step, as long as nothing else changed it since.

What the duties of a plan were before a change lies in the project's own table `former_rows`; it goes when workers are
forgotten, as every other trace of them.
"""

import hashlib
import json
from typing import Any

import pandas as pd

from govmap.errors import PlanError
from govmap.messages import note
from govmap.pipeline.aside import ASIDE, packed, unpacked
from govmap.pipeline.report import Report
from govmap.project import Change, Project

TABLE = "duties"
KEPT = 40  # so many changes back


def remember(change: Change, plan_id: str, action: str, before: pd.DataFrame) -> None:
    """Lay aside what the duties of a plan were before the change that has just been written."""
    after = change.session.read(TABLE, where={"plan_id": plan_id})
    rows = _steps(change.session, plan_id)
    turn = 1 + (int(rows["row_key"].max()) if len(rows) else 0)
    told = {"action": action, "before": packed(before, TABLE), "after": _digest(after)}
    fresh = {"import_id": _id(plan_id), "row_table": TABLE, "row_key": f"{turn:09d}", "row": told}
    change.session.append(ASIDE, pd.DataFrame([fresh]))
    for old in rows["row_key"].iloc[: max(0, len(rows) + 1 - KEPT)]:
        _drop(change.session, plan_id, old)


def last(session: Any, plan_id: str) -> str | None:
    """Name the change that could be taken back now; None where there is none, or something else came since."""
    rows = _steps(session, plan_id)
    if rows.empty:
        return None
    told = rows["row"].iloc[-1]
    stands = _digest(session.read(TABLE, where={"plan_id": plan_id}))
    return str(told["action"]) if told["after"] == stands else None


def undo(project: Project) -> Report:
    """
    Take back the last change of people and units of the active plan.

    Raises
    ------
    PlanError
        There is none, or duties were changed in another way since.
    """
    plan_id = project.active_plan_id()
    with project.change("assign undo") as change:
        rows = _steps(change.session, plan_id)
        if rows.empty:
            raise PlanError("people_nothing_to_undo")
        action = last(change.session, plan_id)
        if action is None:
            raise PlanError("people_changed_since")
        before = unpacked(rows["row"].iloc[-1]["before"], TABLE)
        change.session.replace(TABLE, before, where={"plan_id": plan_id})
        _drop(change.session, plan_id, rows["row_key"].iloc[-1])
    told = note("people_undone", action=note(f"people_action_{action}"))
    return Report(figures={"plan": plan_id, "action": action}, notes=[told])


def forgotten(change: Change) -> None:
    """Take out all that was laid aside here."""
    every = change.session.read(ASIDE, where={"row_table": TABLE}, columns=["import_id"])["import_id"].unique()
    change.session.delete(ASIDE, where={"import_id": [one for one in every if one.startswith(_id(""))]})


def _id(plan_id: str) -> str:
    return f"people/{plan_id}"


def _steps(session: Any, plan_id: str) -> pd.DataFrame:
    rows: pd.DataFrame = session.read(ASIDE, where={"import_id": _id(plan_id), "row_table": TABLE})
    return rows.sort_values("row_key", ignore_index=True)


def _drop(session: Any, plan_id: str, turn: str) -> None:
    session.delete(ASIDE, where={"import_id": _id(plan_id), "row_table": TABLE, "row_key": turn})


def _digest(rows: pd.DataFrame) -> str:
    """Give one word for duties as they stand, whatever the order of their rows."""
    told = sorted(json.dumps(row, sort_keys=True, ensure_ascii=False, default=str) for row in packed(rows, TABLE))
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]

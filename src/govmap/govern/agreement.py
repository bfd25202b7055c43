"""How a division becomes binding: the steps from draft to retired, and who may take which, when.

draft -> proposed -> on notice -> adopted -> retired; a plan that is proposed or on notice may be taken back to be
changed. The steps, the length of the notice and the rule of two people stand in `layers/agreement.toml`.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from govmap import catalog
from govmap.errors import PlanError
from govmap.govern.workdays import Workdays
from govmap.messages import Note, note

PROPOSE, NOTICE, ADOPT, RETIRE, WITHDRAW = "propose", "notice", "adopt", "retire", "withdraw"
STEPS = (PROPOSE, NOTICE, WITHDRAW, ADOPT, RETIRE)
MACHINES = frozenset({"carry"})  # revisions that new cells make, and no drafter
SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Standing:
    """
    Where a plan is on its way: its status, what the steps so far say, who drew it, its objections.

    `steps` are rows of `agreements` of the plan in their order, `objections` its rows of `objections`, `drafters` those
    who made or changed it, `changed_at` when that was last, `name` what people call it.
    """

    plan_id: str
    status: str
    steps: pd.DataFrame
    objections: pd.DataFrame
    drafters: tuple[str, ...] = ()
    changed_at: Any = None
    name: str = ""

    @property
    def called(self) -> str:
        """Give what people call the plan."""
        return self.name or self.plan_id

    def last(self, step: str) -> Mapping[str, Any]:
        """Give the row of the last time that a step was taken, an empty one where it never was."""
        rows = self.steps[self.steps["step"] == step]
        return {} if rows.empty else {str(name): value for name, value in rows.iloc[-1].to_dict().items()}

    @property
    def open(self) -> list[int]:
        """Number the objections that nobody has answered."""
        rows = self.objections
        return sorted(int(one) for one in rows.loc[rows["outcome"].isna(), "number"])

    @property
    def not_yet_in(self) -> list[int]:
        """Number the objections that were accepted, while the plan is still as it was."""
        rows = self.objections[self.objections["outcome"].isin(_changing())]
        late = [not _before(answered, self.changed_at) for answered in rows["answered_at"]]
        return sorted(int(one) for one in rows.loc[np.array(late, dtype=bool), "number"])


def drafters(revisions: pd.DataFrame) -> tuple[str, ...]:
    """Name those who made or changed a plan: the authors of its revisions, sorted."""
    rows = revisions[~revisions["action"].isin(MACHINES)]
    return tuple(sorted({str(one) for one in rows["author"].dropna()}))


def ways() -> Mapping[str, Mapping[str, Any]]:
    """Give the steps by name: the states from which each leads, and to which."""
    found: Mapping[str, Mapping[str, Any]] = catalog.layer("agreement")["steps"]
    return found


def listed(which: str) -> tuple[str, ...]:
    """Name the `channels` through which objections come, or the `outcomes` of answers."""
    return tuple(catalog.layer("agreement")["objections"][which])


def refuse(step: str, standing: Standing, *, by: str, today: date) -> None:
    """
    Refuse a step that cannot be taken now, or not by this person.

    Raises
    ------
    PlanError
        The plan is in another state; it is to be decided by somebody who drew or proposed it; the notice still runs;
        objections are open, or were accepted and are not in the plan yet.
    """
    reason = hindrance(step, standing, by=by, today=today)
    if reason is not None:
        raise PlanError(reason.key, **reason.facts)


def hindrance(step: str, standing: Standing, *, by: str | None, today: date) -> Note | None:
    """Say what stands against a step, None where nothing does; without `by` whoever takes it is not looked at."""
    if standing.status not in ways()[step]["from"]:
        state = note(f"agree_state_{standing.status}")
        return note(f"agree_not_{step}", plan=standing.called, state=state)
    return _against_adoption(standing, by, today) if step == ADOPT else None


def _against_adoption(standing: Standing, by: str | None, today: date) -> Note | None:
    ends = as_day(standing.last(NOTICE).get("ends"))
    if ends is not None and today <= ends:
        return note("agree_notice_runs", plan=standing.called, ends=ends.isoformat())
    if standing.open:
        return note("agree_objections_open", count=len(standing.open), numbers=standing.open[:SHOWN])
    if standing.not_yet_in:
        return note("agree_objections_not_in", count=len(standing.not_yet_in), numbers=standing.not_yet_in[:SHOWN])
    proposer = standing.last(PROPOSE).get("by")
    if by is not None and not may_decide(by, (*standing.drafters, *([proposer] if proposer else []))):
        return note("agree_same_person", by=by)
    return None


def may_decide(by: str, drawn_by: Iterable[str]) -> bool:
    """Tell whether somebody may adopt what these people drew and proposed: nobody decides on his or her own plan."""
    if not catalog.layer("agreement")["deciding"]["by_another"]:
        return True
    return person(by) not in {person(one) for one in drawn_by}


def person(name: str) -> str:
    """Give a name as names are compared: without width, case and spaces."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def notice_ends(begins: date, workdays: Workdays, working_days: int | None = None) -> date:
    """
    Give the last day of a notice: so many working days after the day on which it was put up.

    Without a number as many as `layers/agreement.toml` says.
    """
    count = working_days if working_days is not None else int(catalog.layer("agreement")["notice"]["working_days"])
    days = workdays.after(pd.Series([pd.Timestamp(begins)]), np.array([count], dtype=np.int64))
    found: date = days.iloc[0].date()
    return found


def too_short(begins: date, ends: date, workdays: Workdays) -> Note | None:
    """Say that a notice is shorter than usual, or that days off of its years are not known."""
    least = int(catalog.layer("agreement")["notice"]["least_working_days"])
    if ends < notice_ends(begins, workdays, least):
        return note("agree_notice_short", least=least)
    unknown = workdays.unknown_years(pd.Series([pd.Timestamp(begins), pd.Timestamp(ends)]))
    return note("agree_days_unknown", years=[str(one) for one in unknown]) if unknown and workdays.years else None


def as_day(value: Any) -> date | None:
    """Read a stored day."""
    if value is None or pd.isna(value):
        return None
    return value.date() if hasattr(value, "date") else value if isinstance(value, date) else date.fromisoformat(value)


def validity(units: pd.DataFrame, former: pd.DataFrame, same: Iterable[str], effective: date) -> "pd.Series[Any]":
    """
    Give since when each unit is valid: one that goes on unchanged since it was, every other from the day on.

    Parameters
    ----------
    units, former
        `unit_id`, `code`; the former ones with `valid_from`.
    same
        Codes of units that hold what they held.

    Returns
    -------
    days
        In the order of `units`.
    """
    since = dict(zip(former["code"], former["valid_from"], strict=True))
    stays = set(same)
    kept = [since.get(code) if code in stays else None for code in units["code"]]
    return pd.Series([as_day(one) or effective for one in kept], index=units.index, dtype=object)


def _changing() -> list[str]:
    return list(catalog.layer("agreement")["objections"]["changes_plan"])


def _before(one: Any, other: Any) -> bool:
    known = not (pd.isna(one) or other is None or pd.isna(other))
    return bool(known and one <= other)

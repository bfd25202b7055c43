"""What registers say of households goes before estimates: after every fetch, and when a register is attached."""

from typing import Any

import pandas as pd

from govmap import attach as attaching
from govmap.messages import Note
from govmap.plan import home
from govmap.project import Change, plan_of


def counted(change: Change, buildings: pd.DataFrame) -> tuple[pd.DataFrame, list[Note]]:
    """Put counted households and residents in place of estimated ones, and spread the totals that are known."""
    residents = change.session.read("residents")
    if residents.empty:
        return buildings, []
    communities = change.session.read("communities")
    found = attaching.households(buildings, residents, units=_units_of_buildings(change), communities=communities)
    return found.buildings, list(found.notes)


def _units_of_buildings(change: Change) -> "pd.Series[Any] | None":
    active = change.get("active_plan_id")
    if active is None:
        return None
    return home(plan_of(change.session, active).parts, change.session.read("parts"), "building_id")

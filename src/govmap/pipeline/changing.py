"""What a notice of change tells: of each building the unit it was in, whether that goes on, and who answered there."""

from typing import TYPE_CHECKING

import pandas as pd

from govmap.errors import InputError
from govmap.exports.covering import natural
from govmap.pipeline import printed
from govmap.pipeline.comparing import compared
from govmap.project import Project, plan_of

if TYPE_CHECKING:
    from govmap.render.atlas.change import Former
    from govmap.render.atlas.desk import Desk


def former_of(project: Project, desk: "Desk", wanted: str | None) -> "Former":
    """
    Hold the plan of a desk against the one before, by the same match of units as `govmap compare`.

    Parameters
    ----------
    wanted
        The plan before, by id or name; the one that this plan came from without it.

    Raises
    ------
    InputError
        There is no such plan, or none that this one came from.
    """
    from govmap.render.atlas.change import Former, Was

    before = _plan_before(project, desk, wanted)
    with project.store.reading() as session:
        plans = [plan_of(session, one) for one in (before, desk.released.plan_id)]
        counted = pd.DataFrame({"part_id": pd.Series([], dtype=object)})
        rows = compared(session, plans[0], plans[1], project.edition, counted).parts.dropna(subset="unit_after")
        units = session.read("units", where={"plan_id": before}, columns=["unit_id", "code"])
        named = session.read("plans", where={"plan_id": before}, columns=["plan_id", "name"])
    inside = printed.office(project, before)
    people, _ = printed.answering(inside, public=not desk.released.internal)
    code = dict(zip(units["unit_id"], units["code"].fillna(units["unit_id"]), strict=True))
    found = {}
    for (building, unit), some in rows.dropna(subset="building_id").groupby(["building_id", "unit_after"], sort=True):
        units_before = sorted(set(some["unit_before"].dropna()), key=lambda one: natural(str(code.get(one, one))))
        here = desk.released.called("building_id", str(building)), desk.released.called("unit_id", str(unit))
        found[here] = Was(
            codes=tuple(str(code.get(one, one)) for one in units_before),
            moved=bool((some["goes_on"] != some["unit_after"]).any()),
            people=tuple(dict.fromkeys(one for unit_ in units_before for one in people.get(str(unit_), ()))),
        )
    return Former(name=_name(named), buildings=found)


def _plan_before(project: Project, desk: "Desk", wanted: str | None) -> str:
    plans = project.read("plans", columns=["plan_id", "name", "base_plan_id"]).set_index("plan_id")
    active = desk.released.plan_id
    before = wanted or plans["base_plan_id"].get(active)
    by_name = plans.index[plans["name"] == before].tolist()
    before = before if before in plans.index else next(iter(by_name), None)
    if before is None or before == active:
        others = [str(one) for one in plans.index if one != active]
        raise InputError("atlas_no_former", known=others) if others else InputError("atlas_one_plan")
    return str(before)


def _name(plan: pd.DataFrame) -> str:
    """Give the name that somebody gave to a plan; nothing where it has its id alone."""
    row = plan.iloc[0]
    return str(row["name"]) if isinstance(row["name"], str) and row["name"] != row["plan_id"] else ""

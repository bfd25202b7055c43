"""What sheets are drawn from: the tables that they show and no others, through the publication gate, and who answers.

A whole city is printed in bounded memory, so that only the columns that stand on paper are read.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from govmap.errors import InputError
from govmap.pipeline.outputs import released_for
from govmap.pipeline.photos import photos_of
from govmap.project import Project
from govmap.schema import TABLES

if TYPE_CHECKING:
    from govmap.publish import Released
    from govmap.render.atlas.desk import Person

SHOWN = (
    "communities", "buildings", "addresses", "entrances", "compounds", "barriers", "streets", "features", "parts",
    "plans", "plan_parts", "units", "resources", "workers", "duties", "tallies", "publications",
)  # fmt: skip
OFFICE = ("plans", "units", "workers", "duties", "attachments")
UNSEEN = {
    "buildings": "osm_id reason height_m floor_area_m2 households_low households_high shops workplaces outline_source"
    " households_given residents_given shops_given workplaces_given edited_by_hand import_id source_row",
    "addresses": "entrance source import_id source_row",
    "streets": "from_node to_node length_m",
}
SETTLED = ("on_notice", "adopted", "retired")
UNSURE = ("proposed", "stands_in")
OF_PLAN = ("plan_parts", "units", "duties", "tallies")


def released_of(project: Project, audience: str, *, internal: bool, incidents: bool) -> "Released":
    """Let through what an audience may see of the active plan on paper."""
    names = (*SHOWN, *(("incidents",) if incidents else ()))
    tables = _read(project, names, project.active_plan_id())
    return released_for(project, audience, internal=internal, tables=tables)


def office(project: Project, plan_id: str | None = None) -> "Released":
    """Give units, workers and duties of the active plan, or of another, as the office itself sees them."""
    wanted = plan_id or project.active_plan_id()
    tables = _read(project, OFFICE, wanted)
    return released_for(project, "official", internal=True, plan_id=wanted, tables=tables)


def answering(inside: "Released", *, public: bool) -> tuple[dict[str, tuple["Person", ...]], frozenset[str]]:
    """
    Find who answers for each unit, as the office itself publishes them: name, role and office telephone.

    What hangs in public names nobody before it is sure: of a plan that was never on notice or adopted those alone
    whose duty is settled. They pass the gate as the office's own; a board shows of them what the list of workers was
    filled with for that.

    Returns
    -------
    people
        By unit; of those without anybody of their own, whoever answers for the unit above.
    untold
        Units for which somebody is only proposed, and therefore not named.
    """
    from govmap.exports.answering import facts

    tables = dict(inside.tables)
    plans, duties, units = tables["plans"], tables["duties"], tables["units"]
    sure = duties
    if public and not plans["status"].isin(SETTLED).any():
        sure = duties[~duties["state"].isin(UNSURE)]
    parent = dict(zip(units["unit_id"], units["parent_unit_id"], strict=True))
    listed, faces = facts({**tables, "duties": sure}), _faces(tables)
    named = {str(unit): _persons(rows, faces) for unit, rows in listed.groupby("unit_id", sort=True)}
    hoped = set(duties["unit_id"])
    found, untold = {}, set()
    for unit in units["unit_id"]:
        above = chain(unit, parent)
        first = next((one for one in above if one in named), None)
        if first is not None:
            found[unit] = named[first]
        elif hoped.intersection(above):
            untold.add(unit)
    return found, frozenset(untold)


def chain(unit: str, parent: Mapping[str, Any]) -> list[str]:
    """Give a unit and all above it, from itself up."""
    found: list[str] = []
    above: Any = unit
    while isinstance(above, str) and above not in found:
        found.append(above)
        above = parent.get(above)
    return found


def of_worker(inside: "Released", worker: str) -> set[str]:
    """
    Name the units for which somebody answers, those in them too.

    Raises
    ------
    InputError
        Nobody has this id or name.
    """
    workers, duties, units = (inside.tables[name] for name in ("workers", "duties", "units"))
    found = workers[(workers["worker_id"] == worker) | (workers["name"] == worker)]
    if found.empty:
        raise InputError("atlas_no_worker", wanted=worker)
    held = set(duties.loc[duties["worker_id"].isin(found["worker_id"]), "unit_id"])
    parent = dict(zip(units["unit_id"], units["parent_unit_id"], strict=True))
    return {unit for unit in units["unit_id"] if held & set(chain(unit, parent))}


def _faces(tables: Mapping[str, pd.DataFrame]) -> Mapping[tuple[str, str], bytes]:
    """Give photos by name and telephone, by which lists know people."""
    photos = photos_of(tables["attachments"])
    rows = tables["workers"][["worker_id", "name", "office_phone"]].itertuples(index=False, name=None)
    return {(_text(name), _text(phone)): photos[key] for key, name, phone in rows if key in photos}


def _persons(rows: pd.DataFrame, faces: Mapping[tuple[str, str], bytes]) -> tuple["Person", ...]:
    from govmap.render.atlas.desk import Person

    told = (tuple(map(_text, row)) for row in rows[["worker_role", "worker", "worker_phone"]].itertuples(index=False))
    return tuple(Person(role, name, phone, faces.get((name, phone))) for role, name, phone in told)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _read(project: Project, names: tuple[str, ...], plan_id: str) -> dict[str, pd.DataFrame]:
    """Read tables at one moment, of one plan where they hold several, without what paper does not show."""
    plan = {"plan_id": plan_id}
    found = {}
    with project.store.reading() as session:
        for name in names:
            columns = [one for one in TABLES[name].names if one not in UNSEEN.get(name, "").split()]
            found[name] = session.read(name, columns=columns, where=plan if name in OF_PLAN else None)
    return found

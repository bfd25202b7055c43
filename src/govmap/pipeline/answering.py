"""Who answers for which report, who leads whom: read from a project, for lists, maps and the report."""

from typing import Any

import pandas as pd
import shapely

from govmap.errors import InputError
from govmap.govern import duties as following
from govmap.govern import routing, spans
from govmap.govern.posts import plain, posts_of
from govmap.project import Project, now

READ = ("duties", "workers", "units", "buildings", "parts", "plan_parts", "resources", "communities")
OFFICE = "community_office"


def answers(project: Project, incidents: pd.DataFrame) -> pd.DataFrame:
    """
    Say who answers for each incident by the active plan; see `govern.routing.answers`.

    Parameters
    ----------
    incidents
        Rows of the table with incident_id, building_id, cell_id, category, sensitive, against.
    """
    tables, duties, units = _standing(project)
    parents = dict(zip(units["unit_id"], units["parent_unit_id"], strict=True))
    return routing.answers(incidents.assign(unit_id=_units_of(incidents, tables)), duties, parents)


def radial(project: Project) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the lines of the radial form and the span of each leader of the active plan."""
    tables, duties, units = _standing(project)
    offices = tables["resources"]
    inside = offices[(offices["category"] == OFFICE) & offices["cell_id"].notna() & offices["geometry"].notna()]
    shape = shapely.union_all(list(tables["communities"]["geometry"].dropna()))
    centre = inside.sort_values("resource_id")["geometry"].iloc[0] if len(inside) else shapely.point_on_surface(shape)
    return spans.spider(duties, units, centre), spans.spans(duties, units)


def worker_named(project: Project, word: str) -> str:
    """
    Give the id of a worker by id or name.

    Raises
    ------
    InputError
        Nobody is called so, or several are.
    """
    workers = project.read("workers", columns=["worker_id", "name"])
    rows = workers[workers["worker_id"] == word]
    if rows.empty:
        rows = workers[[isinstance(one, str) and plain(one) == plain(word) for one in workers["name"]]]
    if len(rows) != 1:
        key = "assign_no_worker" if rows.empty else "assign_worker_several"
        raise InputError(key, given=word, word=word, ids=list(rows["worker_id"]))
    return str(rows["worker_id"].iloc[0])


def _standing(project: Project) -> tuple[dict[str, pd.DataFrame], pd.DataFrame, pd.DataFrame]:
    """Read the tables, the duties in force with their post, and the units of the active plan."""
    active = project.active_plan_id()
    tables = project.reading(*READ)
    units = tables["units"][tables["units"]["plan_id"] == active]
    units = units.assign(code=units["code"].fillna(units["unit_id"]))
    tables["plan_parts"] = tables["plan_parts"][tables["plan_parts"]["plan_id"] == active]
    duties = following.in_force(tables["duties"], {(active, str(one)) for one in units["unit_id"]}, now().date())
    return tables, duties.assign(post=posts_of(duties, tables["workers"])), units


def _units_of(incidents: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> "pd.Series[Any]":
    """Give the unit in which each incident lies: by its part, its building, else its cell."""
    parts = tables["parts"].merge(tables["plan_parts"], on="part_id").sort_values("part_id")
    found = pd.Series(None, index=incidents.index, dtype=object)
    for name in ("part_id", "building_id", "cell_id"):
        if name in incidents:
            of = parts.dropna(subset=[name]).drop_duplicates(name).set_index(name)["unit_id"]
            found = found.where(found.notna(), incidents[name].map(of))
    return found.where(found.notna(), None)

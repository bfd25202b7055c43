"""Residents by name for a sheet that is carried: read from the file of persons beside the project, never from it.

Who is read is counted in the project's audit before the first page is made. Names go to the sheet and nowhere else.
"""

from dataclasses import dataclass

import pandas as pd

from govmap.errors import InputError
from govmap.project import Project

KIND = "carry"


@dataclass(frozen=True)
class Named:
    """Residents of some units (`unit_id`, `building_id`, `door`, `name`), and how many nobody could place."""

    rows: pd.DataFrame
    unplaced: int


def permitted(project: Project, kind: str) -> None:
    """
    Make sure that residents may be named at all.

    Raises
    ------
    InputError
        The sheet is of another kind, no persons are kept beside the project, or the project can only be read, so that
        its audit could not tell of it.
    """
    if kind != KIND:
        raise InputError("atlas_by_name_carry")
    if not project.persons.exists():
        raise InputError("atlas_no_persons", file=project.persons.path.name)
    if project.store.read_only:
        raise InputError("atlas_by_name_read_only")


def of_units(project: Project, units: list[str]) -> Named:
    """Read the residents of units, and write down in the audit how many were read."""
    with project.store.reading() as session:
        imports = session.read("imports", columns=["import_id", "table"])
        lists = session.read("residents", columns=["import_id", "place_id", "building_id", "part_id"])
        parts = session.read("parts", columns=["part_id", "building_id"])
        plan = session.read("plan_parts", where={"plan_id": project.active_plan_id()}, columns=["part_id", "unit_id"])
    persons = project.persons.known(imports.loc[imports["table"] == "residents", "import_id"])
    found = _housed(persons, lists.dropna(subset=["place_id"]), parts.merge(plan, on="part_id"))
    mine = found[found["unit_id"].isin(units)].reset_index(drop=True)
    project.has_read("atlas --with-names", persons=len(mine))
    return Named(mine, len(persons) - len(found))


def _housed(persons: pd.DataFrame, lists: pd.DataFrame, homes: pd.DataFrame) -> pd.DataFrame:
    """Say in which building and unit persons live; those of a divided building only where their stairwell is known."""
    places = lists.drop_duplicates(["import_id", "place_id"])
    placed = persons.dropna(subset=["place_id", "name"]).merge(places, on=["import_id", "place_id"])
    whole = homes.groupby("building_id")["unit_id"].agg(["first", "nunique"])
    alone = whole.loc[whole["nunique"] == 1, "first"]
    by_part = placed["part_id"].map(homes.drop_duplicates("part_id").set_index("part_id")["unit_id"])
    unit = by_part.where(by_part.notna(), placed["building_id"].map(alone))
    door = placed["room"].where(placed["room"].notna(), placed["address"])
    made = placed.assign(unit_id=unit, door=door)[["unit_id", "building_id", "door", "name"]]
    return made.dropna(subset=["unit_id", "building_id"]).sort_values(list(made.columns), kind="stable")

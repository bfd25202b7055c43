"""What sheets are filled with beyond what was released: numbers on buildings, open cases, doors, former units."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from govmap.errors import InputError
from govmap.exports.covering import natural, numbered
from govmap.messages import note
from govmap.project import Project

if TYPE_CHECKING:
    from govmap.render.atlas.book import Material
    from govmap.render.atlas.desk import Desk

MOST_NUMBERS = 2
LONGEST = 28  # of a name on a map, counted in half-width signs
WIDE_FROM = 0x2E80  # signs of East Asia, twice as wide
HAN = re.compile(r"[\u4e00-\u9fff]{2,}")
FLOORS, DOORS, SLAB = 6, 2, 11  # assumed where nobody told; above the last a building is a tower


def paper(name: str) -> str:
    """
    Give a paper's name as it is usually written.

    Raises
    ------
    InputError
        There is no such paper.
    """
    from govmap.render.atlas.paper import SIZES, size

    size(name)
    return next(one for one in SIZES if one.lower() == name.lower())


def plan_name(plans: pd.DataFrame) -> str:
    """Give the name that somebody gave to a plan; nothing where it has its id alone."""
    named = plans[plans["name"].notna() & (plans["name"] != plans["plan_id"])]
    return str(named["name"].iloc[0]) if len(named) else ""


def called(tables: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Say what is written on each building of a map: its number, else its name, its house numbers, its mark."""
    buildings, addresses = tables["buildings"], tables.get("addresses", pd.DataFrame())
    houses: dict[str, str] = {}
    if len(addresses):
        known = addresses[addresses["building_id"].notna() & addresses["house_number"].notna()]
        houses = {str(one): _houses(rows) for one, rows in known.groupby("building_id", sort=True)["house_number"]}
    found = {}
    for row in buildings.to_dict("records"):
        told = _called(row, houses.get(row["building_id"]))
        if told and row.get("status") != "demolished":
            found[str(row["building_id"])] = told
    return found


def _called(row: Mapping[Any, Any], houses: str | None) -> str | None:
    number, name, mark = (row.get(one) if isinstance(row.get(one), str) else None for one in ("number", "name", "mark"))
    counted = numbered(name)
    told = number or (str(counted) if counted is not None else None) or houses or _native(name) or mark
    if told and _wide(told) > LONGEST and mark:
        return str(mark)
    return told if told is None or _wide(told) <= LONGEST else _begun(told)


def _wide(told: str) -> int:
    return sum(2 if ord(one) >= WIDE_FROM else 1 for one in told)


def _begun(told: str) -> str:
    """Give the beginning of a long name, after a whole word where it has several."""
    most = next(at for at in range(len(told), 0, -1) if _wide(told[:at]) < LONGEST)
    cut = told.rfind(" ", most // 2, most)
    return f"{told[: cut if cut > 0 else most]}…"


def _native(name: str | None) -> str | None:
    """Give of a long name in two scripts (海運大廈 Ocean Terminal) the one in Chinese, which is whole on a map."""
    first = (name or "").split(" ", 1)[0]
    return first if name and _wide(name) > LONGEST and HAN.fullmatch(first) else name


def _houses(numbers: "pd.Series[Any]") -> str:
    """Join house numbers of one building: 13, 13/15, 13–21."""
    found = sorted({str(one) for one in numbers if one}, key=natural)
    if len(found) <= MOST_NUMBERS:
        return "/".join(found)
    return f"{found[0]}–{found[-1]}"


def material(project: Project, desk: "Desk", kind: str, *, former: str | None = None) -> "Material":
    """
    Gather what a kind of sheet needs.

    Raises
    ------
    InputError
        A change notice was asked for and there is no plan from which things change; a numbering sheet, and no building
        has a mark yet.
    """
    from govmap.render.atlas.book import Material

    if kind == "carry":
        return Material(incidents=_open(project, desk))
    if kind == "door":
        return Material(stairwells=_stairwells(desk))
    if kind == "change":
        from govmap.pipeline.changing import former_of

        return Material(former=former_of(project, desk, former))
    if kind == "numbering":
        return _marks(desk)
    return Material()


def _open(project: Project, desk: "Desk") -> pd.DataFrame:
    """Give the open incidents that have a place, the oldest first."""
    from govmap.pipeline.incidents import rules_of

    held = desk.released.tables.get("incidents", pd.DataFrame())
    if held.empty:
        return held
    closed = frozenset(rules_of(project.fact).lifecycle.terminal)
    left = held[~held["stage"].isin(closed) & held["closed_at"].isna() & held["duplicate_of"].isna()]
    left = left[left["unit_id"].notna()]
    return left.sort_values(["reported_at", "incident_id"], kind="stable").reset_index(drop=True)


def _stairwells(desk: "Desk") -> pd.DataFrame:
    """Say of every home building how many stairwells, floors and doors a floor it has, and what of it is assumed."""
    buildings = desk.released.tables["buildings"]
    parts = desk.released.tables["parts"]
    doors = parts.dropna(subset=["building_id", "entrance"]).groupby("building_id")["entrance"].unique()
    rows = []
    for row in buildings.to_dict("records"):
        named = sorted((str(one) for one in doors.get(row["building_id"], ())), key=natural)
        wells = _count(row.get("stairwells")) or len(named) or None
        known = wells is not None
        floors, a_floor = _count(row.get("levels")), _count(row.get("homes_a_floor"))
        homes = _count(row.get("dwellings")) or _count(row.get("households"))
        if not homes and not wells:
            continue
        if wells is None and homes:  # of a slab: six floors, two doors a landing
            wells = max(1, -(-homes // ((floors or FLOORS) * (a_floor or DOORS)))) if (floors or 0) <= SLAB else 1
        each = a_floor or _each(homes, wells or 1, floors)
        rows.append(
            {
                "building_id": row["building_id"],
                "stairwells": named or [str(at + 1) for at in range(wells or 1)],
                "floors": floors or FLOORS,
                "doors": each or DOORS,
                "assumed": not (known and floors and a_floor),
            }
        )
    return pd.DataFrame(rows, columns=["building_id", "stairwells", "floors", "doors", "assumed"])


def _count(value: Any) -> int | None:
    return int(value) if value is not None and not pd.isna(value) and value > 0 else None


def _each(homes: int | None, wells: int, floors: int | None) -> int | None:
    return None if not homes or not floors else min(8, max(1, -(-homes // (wells * floors))))


def _marks(desk: "Desk") -> "Material":
    from govmap.render.atlas.book import Material

    buildings = desk.released.tables["buildings"]
    marked = buildings[buildings["mark"].notna()]
    if marked.empty:
        raise InputError("atlas_no_marks", what=note("atlas_kind_numbering"))
    return Material(marks=marked)

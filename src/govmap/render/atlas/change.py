"""The notice of change: for each building the unit it was in and the one it is in now, who answered and who answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from govmap.errors import InputError
from govmap.render.atlas import tables
from govmap.render.atlas.desk import Desk, Leaf, Person
from govmap.render.atlas.houses import building_of
from govmap.render.atlas.paper import Box, layout
from govmap.render.atlas.tables import Column, Line, Table

LARGER_TYPE = (2.4, 2.0, 1.7, 1.45, 1.2)
NOTHING = "–"


@dataclass(frozen=True, kw_only=True)
class Was:
    """Where a building was before: the codes of its units, who answered there, and whether it changes unit."""

    codes: tuple[str, ...]
    moved: bool
    people: tuple[Person, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Former:
    """The plan before: its name where it has one, and where each building was, by building and by unit of now."""

    name: str = ""
    buildings: Mapping[tuple[str, str], Was] = field(default_factory=dict)


def leaves(desk: Desk, former: Former, units: Sequence[str]) -> list[Leaf]:
    """
    Give one notice for each compound or street that a person would hang up, the buildings in walking order.

    Where nothing changes there is no notice.

    Raises
    ------
    InputError
        Nothing changes anywhere.
    """
    rows = desk.rows[desk.rows["unit_id"].isin(list(units))]
    notices: dict[str, list[Line]] = {}
    changing: set[str] = set()
    for row in rows.to_dict("records"):
        told = building_of(row)
        if told is None:
            continue
        group = str(row.get("compound") or row.get("street") or desk.say("atlas_other_buildings"))
        line, changes = _line(desk, row, told, former)
        notices.setdefault(group, []).append(line)
        changing |= {group} if changes else set()
    if not changing:
        raise InputError("atlas_no_change")
    page = layout(desk.paper, wide=False, panel="none", room=0)
    found = []
    for group in (one for one in notices if one in changing):
        wanted = _table(desk, notices[group], page.map)
        title = f"{group}　{desk.say('atlas_change_title')}"
        found += tables.listing(desk, page, "change", title, _about(desk, former), wanted, None, first=True)
    return found


def _table(desk: Desk, lines: Sequence[Line], box: Box) -> Table:
    """Write as large as all of it fits on one page, for it is read standing; several pages in the usual size."""
    columns, sizes = _columns(desk), [desk.type_mm * (1.0 if desk.large else one) for one in LARGER_TYPE]
    some = [tables.suited(Table(columns, lines, size, least_mm=400)) for size in sizes]
    return next((one for one in some[:-1] if len(lines) <= one.each(box) and one.holds(box)), some[-1])


def _line(desk: Desk, row: Mapping[Any, Any], told: str, former: Former) -> tuple[Line, bool]:
    """Tell of one building, and whether its unit, the unit's code or who answers is another one."""
    unit = str(row["unit_id"])
    was = former.buildings.get((str(row["building_id"]), unit), Was(codes=(), moved=True))
    now, before = str(row["unit_code"]), desk.say("atlas_joint").join(was.codes)
    people = desk.people.get(unit, ())
    said = now if now != before else desk.say("atlas_redrawn", code=now) if was.moved else desk.say("atlas_unchanged")
    who = desk.say("atlas_untold") if unit in desk.untold else _first(people) or desk.say("atlas_blank")
    phone = people[0].phone if people else ""
    changes = was.moved or now != before or (bool(people or was.people) and people != was.people)
    return (told, before or NOTHING, _first(was.people), said, who, phone), changes


def _first(people: Sequence[Person]) -> str:
    return people[0].name if people else ""


def _about(desk: Desk, former: Former) -> str:
    before, after = former.name or desk.say("atlas_plan_before"), desk.plan or desk.say("atlas_plan_after")
    since = desk.released.tables["units"]["valid_from"].dropna()
    told = [desk.say("atlas_change_about", before=before, after=after)]
    told += [desk.say("atlas_change_from", date=str(max(since))[:10])] if len(since) else []
    return " ".join(told)


def _columns(desk: Desk) -> list[Column]:
    return [
        Column(desk.say("atlas_col_building"), 0.27),
        Column(desk.say("atlas_col_former"), 0.12),
        Column(desk.say("atlas_col_former_worker"), 0.15),
        Column(desk.say("atlas_col_now"), 0.14, bold=True),
        Column(desk.say("atlas_col_worker"), 0.17, bold=True),
        Column(desk.say("atlas_col_phone"), 0.15),
    ]

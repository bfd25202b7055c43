"""Which buildings a sheet of a unit lists, in which order, under which headings, and in which square each lies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from govmap.render.atlas import chart as charts
from govmap.render.atlas.desk import Desk
from govmap.render.atlas.fonts import FIRST_WIDE, measured
from govmap.render.atlas.index import natural
from govmap.render.atlas.tables import ASIDE, CELL_LEAST, Column, Line, Table
from govmap.render.scene import Sheet


@dataclass(frozen=True)
class Places:
    """The list of a unit's buildings, and which building each row tells of."""

    table: Table
    ids: Sequence[str | None]


def listed(desk: Desk, unit_id: str, where: Sheet) -> Places:
    """
    List the buildings that people know, by compound or street, with the square of the map in which each lies.

    A compound or street of one building needs no heading: it stands with the others of its kind at the end.
    """
    squares = charts.squares_on(desk.near, where)
    groups: dict[str, list[tuple[Any, str]]] = {}
    unnamed = 0
    for row in _in_order(desk.rows_of(unit_id)):
        told = _told(desk, row)
        unnamed += told is None
        if told is not None:
            groups.setdefault(str(row.get("compound") or row.get("street") or ""), []).append((row, told))
    lines: list[Line] = []
    ids: list[str | None] = []
    for name, some in _with_singles_last(desk, groups):
        lines.append((name,))
        ids.append(None)
        for row, told in some:
            building = row["building_id"]
            lines.append((_on_map(desk, row, told), told, squares.get(building, "–")))
            ids.append(building)
    if unnamed:
        lines.append((desk.say("atlas_unnamed", count=unnamed),))
        ids.append(None)
    columns = [
        Column(desk.say("atlas_col_map"), 0.19, bold=True),
        Column(desk.say("atlas_col_building"), 0.62),
        Column(desk.say("atlas_col_square"), 0.19, anchor="end"),
    ]
    return Places(Table(columns, lines, desk.type_mm, least_mm=(46 if not desk.large else 84) * desk.larger), ids)


def _with_singles_last(
    desk: Desk, groups: Mapping[str, list[tuple[Any, str]]]
) -> list[tuple[str, list[tuple[Any, str]]]]:
    many = [(name, some) for name, some in groups.items() if name and len(some) > 1]
    alone = [
        (row, f"{name}  {told}" if row.get("compound") and name not in told else told)
        for name, some in groups.items()
        if not name or len(some) == 1
        for row, told in some
    ]
    return [*many, (desk.say("atlas_other_buildings"), alone)] if alone else many


def _in_order(rows: pd.DataFrame) -> list[dict[Any, Any]]:
    """Keep the way of a person, but list the houses of a compound that have no names by their addresses."""
    listed = list(enumerate(rows.to_dict("records")))
    first: dict[Any, int] = {}
    for at, row in listed:
        first.setdefault(row.get("compound"), at)

    def key(one: tuple[int, dict[Any, Any]]) -> Any:
        at, row = one
        home, bare = row.get("compound"), not row.get("building")
        return (first[home], bare, natural(row.get("address")) if bare else (), at) if home else (at, False, (), at)

    return [row for _, row in sorted(listed, key=key)]


def _on_map(desk: Desk, row: Mapping[Any, Any], told: str) -> str | None:
    """Give what the map says of a building, where that is not a name which stands in the list anyway."""
    short = desk.called.get(row["building_id"])
    bare = (short or "").removesuffix("…")
    named = any(one.startswith(bare) for one in (told, str(row.get("building") or "")))
    number = bare[:1].isdigit() and " " not in bare and max(map(ord, bare)) < FIRST_WIDE
    return None if not bare or (named and not number) else short


def building_of(row: Mapping[Any, Any]) -> str | None:
    """Name a building: its name or number, the part of it, and its address; None where nobody knows it."""
    told = [str(row[name]) for name in ("building", "part", "address") if row.get(name)]
    return "  ".join(told) or None


def with_compound(row: Mapping[Any, Any]) -> str:
    """Name a building with its compound before it, run together as Chinese writes it, else with a space between."""
    compound, told = str(row.get("compound") or ""), building_of(row) or ""
    wide = bool(compound and told) and ord(compound[-1]) >= FIRST_WIDE
    return f"{compound}{told}" if wide else f"{compound} {told}".strip()


def _told(desk: Desk, row: Mapping[str, Any]) -> str | None:
    """Name a building; one of which nobody knows more than which floors are meant is called nameless."""
    told = building_of(row)
    bare = told is not None and not row.get("building") and not row.get("address")
    called = desk.called.get(row["building_id"]) or desk.say("atlas_nameless")
    return f"{called}  {told}" if bare else told


def keyed(places: Places, keys: Mapping[str, int], rows: Sequence[int]) -> list[Line]:
    """Put the number that the map shows instead of a building's own in front of it."""
    held = ((places.ids[row], places.table.lines[row]) for row in rows)
    return [(_key(places.table, keys[one], line), *line[1:]) if one and one in keys else line for one, line in held]


def _key(table: Table, key: int, line: Line) -> str:
    """Say which number of the map stands for which building; the next cell tells it where there is no room."""
    told = f"{key} = {line[0]}"
    room = table.columns[0].share / sum(one.share for one in table.columns) * table.least_mm - ASIDE
    fits = bool(line[0]) and measured(told, table.size * CELL_LEAST, bold=True) <= room
    return told if fits else f"{key} ="

"""The numbering sheet: the map with the marks of `govmap form`, and its list on paper with boxes to write in."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from govmap.render.atlas import one_unit
from govmap.render.atlas.desk import Desk, Leaf
from govmap.render.atlas.houses import with_compound
from govmap.render.atlas.tables import Column, Line, Table

BOXES = ("number", "wells", "levels", "each", "homes")


def leaves(desk: Desk, marks: pd.DataFrame, units: Sequence[str]) -> list[Leaf]:
    """Give a map of each unit with its marks, and the list whose rows are those of the form."""
    mark = dict(zip(marks["building_id"].astype(str), marks["mark"].astype(str), strict=True))
    marked = replace(desk, called=mark)
    tables = {unit: _table(desk, unit, mark) for unit in units}
    held = [unit for unit in units if tables[unit].lines]
    kind = one_unit.Kind(name="numbering", marks={}, before=tables, facts={}, lists=False, more="atlas_more_buildings")
    return [leaf for unit in held for leaf in one_unit.leaves(marked, unit, kind)]


def _table(desk: Desk, unit: str, mark: dict[str, str]) -> Table:
    rows = desk.rows_of(unit).drop_duplicates("building_id")
    known = [(mark[row["building_id"]], row) for row in rows.to_dict("records") if row["building_id"] in mark]
    lines: list[Line] = [
        (told, with_compound(row), *[None] * len(BOXES)) for told, row in sorted(known, key=lambda one: _rank(one[0]))
    ]
    columns = [
        Column(desk.say("atlas_col_mark"), 0.12, bold=True),
        Column(desk.say("atlas_col_known"), 0.3),
        *(Column(desk.say(f"atlas_col_{name}"), 0.116, box=True, anchor="middle") for name in BOXES),
    ]
    return Table(columns, lines, desk.type_mm, row=2.2, least_mm=400)


def _rank(mark: str) -> tuple[int, str, int]:
    letter, _, number = mark.rpartition("-")
    return len(letter), letter, int(number) if number.isdecimal() else 0

"""Residents by name behind a sheet that is carried: door and name, building by building, on pages of their own."""

from collections.abc import Mapping

import pandas as pd

from govmap.render.atlas import tables
from govmap.render.atlas.desk import Desk, Leaf
from govmap.render.atlas.houses import building_of
from govmap.render.atlas.index import natural
from govmap.render.atlas.paper import layout
from govmap.render.atlas.tables import Column, Line, Table


def by_unit(rows: pd.DataFrame) -> Mapping[str, pd.DataFrame]:
    """Sort residents (`unit_id`, `building_id`, `door`, `name`) by unit."""
    return {str(unit): some for unit, some in rows.groupby("unit_id", sort=True)} if len(rows) else {}


def leaves(desk: Desk, unit_id: str, named: pd.DataFrame) -> list[Leaf]:
    """Give the pages that name the residents of a unit, in the order in which a person walks."""
    page = layout(desk.paper, wide=False, panel="none", room=0)
    houses = desk.rows_of(unit_id).drop_duplicates("building_id").to_dict("records")
    lived = {str(key): some for key, some in named.groupby("building_id", sort=True)}
    lines: list[Line] = []
    for row in (one for one in houses if str(one["building_id"]) in lived):
        here = building_of(row) or desk.called.get(str(row["building_id"])) or desk.say("atlas_nameless")
        lines.append((" ".join(one for one in (row.get("compound"), here) if one),))
        some = lived[str(row["building_id"])]
        told = zip(some["door"].fillna("").astype(str), some["name"].astype(str), strict=True)
        lines += sorted(told, key=lambda one: (natural(one[0]), one[1]))
    columns = [Column(desk.say("atlas_col_home"), 0.6), Column(desk.say("atlas_col_name"), 0.4, bold=True)]
    wanted = Table(columns, lines, desk.type_mm, least_mm=84 * desk.larger)
    title = desk.say("atlas_residents", unit=desk.unit_title(unit_id))
    return tables.listing(desk, page, "carry", title, desk.say("atlas_residents_about"), wanted, unit_id)

"""The sheet that is carried: what is open in a unit, without who complained, its facts, and lines to write on."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from govmap.render.atlas.desk import Desk
from govmap.render.atlas.houses import with_compound
from govmap.render.atlas.one_unit import Kind
from govmap.render.atlas.tables import Column, Line, Table

NOTES = 4


def kind(desk: Desk, incidents: pd.DataFrame, units: Sequence[str]) -> Kind:
    """Number what is open in each unit, the oldest first, and gather the facts of the unit."""
    places = _places(desk)
    marks: dict[str, Sequence[tuple[str, object]]] = {}
    tables: dict[str, Table] = {}
    facts: dict[str, Sequence[str]] = {}
    held = {str(unit): rows for unit, rows in incidents.groupby("unit_id")} if len(incidents) else {}
    for unit in units:
        rows = held.get(unit, incidents.head(0))
        numbered = list(enumerate(rows.to_dict("records"), 1))
        marks[unit] = [(str(at), row["geometry"]) for at, row in numbered if row.get("geometry") is not None]
        tables[unit] = Table(
            _columns(desk), _lines(desk, numbered, places), desk.type_mm * 0.95, row=1.75, least_mm=400
        )
        facts[unit] = _facts(desk, unit)
    return Kind(name="carry", marks=marks, before=tables, facts=facts, blank=NOTES + 1)


def _columns(desk: Desk) -> list[Column]:
    return [
        Column(desk.say("atlas_col_no"), 0.08, bold=True),
        Column(desk.say("atlas_col_incident"), 0.34),
        Column(desk.say("atlas_col_place"), 0.32),
        Column(desk.say("atlas_col_due"), 0.26, anchor="end"),
    ]


def _lines(desk: Desk, numbered: Sequence[tuple[int, Any]], places: dict[str, str]) -> list[Line]:
    told: list[Line] = [
        (
            str(at),
            str(row["category"] or ""),
            places.get(str(row.get("building_id")), ""),
            _day(row.get("due_at")),
        )
        for at, row in numbered
    ]
    return [*told, (desk.say("atlas_notes"),), *[(None, None, None, None)] * NOTES]


def _places(desk: Desk) -> dict[str, str]:
    """Name buildings shortly, with their compound."""
    return {str(row["building_id"]): with_compound(row) for row in desk.rows.to_dict("records")}


def _facts(desk: Desk, unit: str) -> list[str]:
    row = desk.unit(unit)
    counts = {
        name: desk.say("atlas_withheld") if row.get(name) is None else int(float(str(row[name])))
        for name in ("households", "residents", "buildings")
    }
    told = [desk.say("atlas_fact_households", **counts)]
    return told + ([desk.say("atlas_fact_covers", told=row["covers"])] if row.get("covers") else [])


def _day(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(pd.Timestamp(value).date())

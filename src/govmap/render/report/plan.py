"""The section on the plan: its map, sizes beside the band, the table of units, and why some are out of their band."""

from typing import Any

import pandas as pd

from govmap.render import symbology
from govmap.render.band import out_of_band
from govmap.render.packs import reason
from govmap.render.place import Frame, column, shapes_of
from govmap.render.report import charts
from govmap.render.report.desk import Desk, numbers, records
from govmap.render.report.paper import Cell, Picture, Section, Table, Writer, cells
from govmap.render.scene import Entry, Show, short

BARS_MOST = 420
BY = {
    "households": "report_by_households",
    "residents": "report_by_residents_number",
    "buildings": "report_by_buildings",
}


def section(desk: Desk) -> Section:
    """Write the section."""
    made = desk.writer("plan")
    units = desk.units
    if units.empty:
        made.say(desk.say("report_plan_missing"), "missing")
        return made.done()
    out = out_of_band(units, desk.table("plans"))
    _sums(desk, made)
    made.add(_map(desk))
    _sizes(desk, made, out)
    _reasons(desk, made, out)
    made.add(_table(desk, out))
    _origin(desk, made)
    return made.done()


def _sums(desk: Desk, made: Writer) -> None:
    """Say how many units there are of each level, and what they hold."""
    units = desk.units
    for level in dict.fromkeys(column(units, "level").fillna("base")):
        mine = units[column(units, "level").fillna("base") == level]
        households = pd.to_numeric(column(mine, "households"), errors="coerce").dropna()
        facts = {"level": desk.level(level), "count": len(mine)}
        if len(households) < len(mine):
            made.say(desk.say("report_plan_level_withheld", **facts, known=len(households)))
            continue
        about = (desk.released.estimated_share or 0) > 0
        facts |= {"households": desk.number(households.sum(), about=about)}
        facts |= {"least": int(households.min()), "most": int(households.max())}
        made.say(desk.say("report_plan_level", **facts))
    exclusive = int((column(units, "kind") == "exclusive").sum())
    if exclusive:
        made.say(desk.say("report_plan_exclusive", count=exclusive))


def _map(desk: Desk) -> Picture | None:
    base = desk.base
    colour = symbology.colours(shapes_of(base))
    fills = {unit: symbology.PALETTE[one] for unit, one in zip(base["unit_id"], colour, strict=True)}
    legend = [
        Entry("line", "#3c434a", desk.say("report_map_unit_border")),
        Entry("line", "#8b1a1a", desk.say("report_map_community_border")),
    ]
    return desk.map("plan", desk.say("report_map_plan"), Show(fills=fills, legend=legend), base)


def _sizes(desk: Desk, made: Writer, out: "pd.Series[bool] | None") -> None:
    """Draw the sizes of the units of each level that has a band."""
    units = desk.units.assign(out=False if out is None else out)
    units = units[column(units, "kind") != "exclusive"]
    shown = False
    for level, mine in units.groupby(column(units, "level").fillna("base"), sort=True):
        band = desk.bands.get(str(level))
        if band is None or not band.stored:
            continue
        sized = mine.assign(value=numbers(mine, band.by)).dropna(subset="value").head(BARS_MOST)
        sized = sized.sort_values(["value", "unit_id"], ascending=[False, True], kind="stable")
        rows = zip(sized["unit_id"], sized["value"], sized["out"], strict=True)
        bars = [charts.Bar(short_of(desk, unit), float(size), red=bool(red)) for unit, size, red in rows]
        if bars:
            facts = {"low": int(band.low), "high": int(band.high), "level": desk.level(level)}
            title = desk.say("report_sizes", by=desk.say(BY[band.by]), **facts)
            told = charts.sizes(bars, band.low, band.high, title=title, band=desk.say("report_band", **facts))
            made.add(Picture(title, told.svg(), told.width_mm, told.height_mm))
            shown = True
    if not shown:
        made.say(desk.say("report_no_band"), "missing")


def short_of(desk: Desk, unit: Any) -> str:
    """Call a unit by its short code alone."""
    return short(desk.unit(unit).split(" ")[0])


def _reasons(desk: Desk, made: Writer, out: "pd.Series[bool] | None") -> None:
    units = desk.units.assign(out=False if out is None else out)
    told = [reason(one, desk.voice) for one in column(units, "out_of_band_reason")]
    units = units.assign(told=pd.Series(told, index=units.index, dtype=object))
    listed = units[units["out"] | units["told"].notna()]
    if out is not None:
        made.say(desk.say("report_out_of_band", count=int(out.sum()), of=len(units)))
    if listed.empty or desk.released.audience == "public":
        return
    rows = tuple(
        cells(
            [
                desk.unit(row["unit_id"]),
                desk.people(row, "households", red=row["out"]),
                row["told"] or desk.say("report_no_reason"),
            ]
        )
        for row in records(listed)
    )
    head = (desk.say("report_unit"), desk.say("report_households"), desk.say("report_why"))
    made.add(Table(desk.say("report_reasons"), head, rows, frozenset({1}), (0.2, 0.12, 0.68)))


def _table(desk: Desk, out: "pd.Series[bool] | None") -> Table:
    """List every unit with what it holds and its four bounds."""
    units = desk.units.assign(out=False if out is None else out)
    several = len(set(column(units, "level"))) > 1
    head = [desk.say("report_unit")]
    head += [desk.say("report_level")] if several else []
    head += [desk.say(f"report_{name}") for name in ("households", "residents", "buildings")]
    head += [desk.say(f"report_area_{desk.length}"), desk.say("report_bounds")]
    rows = tuple(_row(desk, row, several=several) for row in records(units))
    first = 2 if several else 1
    widths = (0.16, *((0.1,) if several else ()), 0.1, 0.1, 0.09, 0.09, 0.36 if several else 0.46)
    return Table(desk.say("report_units_table"), tuple(head), rows, frozenset(range(first, first + 4)), widths)


def _row(desk: Desk, row: dict[str, Any], *, several: bool) -> tuple[Cell, ...]:
    told: list[Cell | str] = [desk.unit(row["unit_id"])]
    told += [desk.level(row.get("level") or "base")] if several else []
    told += [desk.people(row, "households", red=bool(row["out"])), desk.people(row, "residents")]
    told += [desk.number(row.get("buildings")), desk.area(row.get("area_m2")), str(row.get("bounds_text") or "")]
    return cells(told)


def _origin(desk: Desk, made: Writer) -> None:
    """Say where the numbers of households come from."""
    share = desk.released.estimated_share
    made.say(desk.say("report_plan_source"), "source")
    if share is None:
        made.say(desk.say("report_nobody_counted"), "caveat")
    elif share > 0:
        made.say(desk.say("report_estimated", share=f"{share:.0%}"), "caveat")
    told = _sources(desk.table("buildings"), desk)
    if told:
        made.say(desk.say("report_households_from", told=told), "source")


def _sources(buildings: Frame, desk: Desk) -> list[str]:
    """Say which share of the households each source gave."""
    if "households_source" not in buildings or "households" not in buildings:
        return []
    inside = buildings[column(buildings, "cell_id").notna()]
    held = pd.to_numeric(inside["households"], errors="coerce").fillna(0).groupby(inside["households_source"]).sum()
    total = float(held.sum())
    ranked = sorted(held.items(), key=lambda one: (-one[1], str(one[0])))
    known = [(str(name), value / total) for name, value in ranked if total and value > 0]
    return [f"{_source(desk, name)} {share:.0%}" for name, share in known]


def _source(desk: Desk, name: str) -> str:
    key = f"report_source_{name}"
    return desk.say(key) if desk.voice.knows(key) else name

"""The sections on work and on acting together: hours part by part, and plain figures beside what is thought good."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from govmap import catalog
from govmap.render.place import Frame, column
from govmap.render.report import charts
from govmap.render.report.desk import NOTHING, Desk, numbers, records
from govmap.render.report.paper import Cell, Picture, Section, Table, cells
from govmap.render.report.plan import short_of

BARS_MOST = 40
HOURS = 1


def load_section(desk: Desk) -> Section:
    """Write the section on load."""
    made = desk.writer("load")
    loads = desk.of_level("loads")
    if loads.empty:
        made.say(desk.say("report_load_missing"), "missing")
        return made.done()
    item = column(loads, "item").astype(str).str.partition("/")[0]  # kinds of incidents stand together
    loads = loads.assign(hours=numbers(loads, "hours").fillna(0.0), item=item)
    items = _in_order(loads)
    table = loads.pivot_table(index="unit_id", columns="item", values="hours", aggfunc="sum", fill_value=0.0)
    table = table.reindex(columns=items)
    total = table.sum(axis=1)
    mean, fair = float(total.mean()), _fair()
    most = float(fair.get("most_of_mean", 0)) * mean
    heavy = int((total > most).sum()) if most else 0
    facts = {"mean": f"{mean:,.0f}", "most": f"{total.max():,.0f}"}
    made.say(desk.say("report_load_told", count=len(total), total=f"{total.sum():,.0f}", **facts))
    if most:
        made.say(desk.say("report_load_fair", limit=f"{fair['most_of_mean']:g}", count=heavy), "text")
    made.add(_chart(desk, table, total, (0.0, most)))
    made.add(_items(desk, loads, items))
    made.add(_units(desk, table, total, loads, most))
    made.say(desk.say("report_load_source"), "source")
    made.say(desk.say("report_load_caveat"), "caveat")
    return made.done()


def _fair() -> Mapping[str, Any]:
    found: Mapping[str, Any] = catalog.layer("loads").get("fair", {})
    return found


def _layer_items() -> dict[str, Mapping[str, Any]]:
    return {str(one["name"]): one for one in catalog.layer("loads").get("items", [])}


def _in_order(loads: Frame) -> list[str]:
    """Order items as the layer does, the office's own ones last."""
    known = list(_layer_items())
    found = sorted(set(loads["item"]))
    return [one for one in known if one in found] + [one for one in found if one not in known]


def _title(desk: Desk, item: str) -> str:
    return desk.title(_layer_items().get(item, {}).get("title"), item.replace("_", " "))


def _chart(desk: Desk, table: Frame, total: "pd.Series[float]", fair: tuple[float, float]) -> Picture:
    order = (
        total.rename("hours").reset_index().sort_values(["hours", "unit_id"], ascending=[False, True], kind="stable")
    )
    shown = list(order["unit_id"].head(BARS_MOST))
    rows = [(short_of(desk, unit), [float(one) for one in table.loc[unit]]) for unit in shown]
    names = [_title(desk, str(item)) for item in table.columns]
    title = desk.say("report_load_chart", shown=len(rows), count=len(table))
    mark = (*fair, desk.say("report_load_band")) if fair[1] else None
    told = charts.stacks(rows, names, title=title, mark=mark)
    return Picture(title, told.svg(), told.width_mm, told.height_mm)


def _items(desk: Desk, loads: Frame, items: list[str]) -> Table:
    """List what each kind of work weighs, and who says so."""
    rows = []
    for item in items:
        mine = loads[loads["item"] == item]
        about = bool((numbers(mine, "share_estimated").fillna(1.0) > 0).any())
        minutes, first = numbers(mine, "minutes_each").dropna(), records(mine.head(1))[0]
        each = desk.number(minutes.mean() if len(minutes) else None, places=1)
        amount = f"{desk.number(numbers(mine, 'amount').sum(), about=about)} {unit_of(desk, first.get('amount_unit'))}"
        facts = _layer_items().get(item, {})
        told: list[Cell | str] = [Cell(_title(desk, item), faint=facts.get("verified") is False), amount, each]
        told += [
            desk.number(mine["hours"].sum(), about=about),
            desk.told(facts.get("source") or first.get("source")),
        ]
        rows.append(cells(told))
    head = tuple(desk.say(f"report_{name}") for name in ("work", "amount", "minutes_each", "hours", "source"))
    return Table(desk.say("report_load_items"), head, tuple(rows), frozenset({1, 2, 3}), (0.22, 0.16, 0.1, 0.1, 0.42))


def unit_of(desk: Desk, name: Any) -> str:
    """Call what an amount is counted in."""
    key = f"report_unit_{name}"
    return desk.say(key) if desk.voice.knows(key) else str(name or "")


def _units(desk: Desk, table: Frame, total: "pd.Series[float]", loads: Frame, most: float) -> Table:
    guessed = numbers(loads, "share_estimated").fillna(1.0).groupby(loads["unit_id"]).max()
    rows = []
    for unit in [one for one in desk.told_units["unit_id"] if one in table.index]:
        about = bool(guessed.get(unit, 1.0) > 0)
        parts = [desk.number(one, places=HOURS) for one in table.loc[unit]]
        hours = Cell(desk.number(total[unit], about=about, places=HOURS), red=bool(most and total[unit] > most))
        rows.append(cells([desk.unit(unit), hours, *parts]))
    names = [_title(desk, str(item)) for item in table.columns]
    head = (desk.say("report_unit"), desk.say("report_hours"), *names)
    return Table(desk.say("report_load_units"), head, tuple(rows), frozenset(range(1, len(head))))


# acting together ------------------------------------------------------------------------------------------------------
def fit_section(desk: Desk) -> Section:
    """Write the section on how fit units are for acting together."""
    made = desk.writer("fit")
    fits = desk.of_level("fits")
    if fits.empty:
        made.say(desk.say("report_fit_missing"), "missing")
        return made.done()
    layer = catalog.layer("fit")
    known: Mapping[str, Mapping[str, Any]] = layer["measures"]
    found = set(fits["measure"])
    names = [one for one in known if one in found] + sorted(found - set(known))
    values = fits.assign(value=numbers(fits, "value")).pivot_table(index="unit_id", columns="measure", values="value")
    rows = []
    for unit in [one for one in desk.told_units["unit_id"] if one in values.index]:
        told = [_measured(values.loc[unit].get(name), known.get(name, {})) for name in names]
        rows.append(cells([desk.unit(unit), *told]))
    titles = [desk.title(known.get(name, {}).get("title"), name.replace("_", " ")) for name in names]
    made.say(desk.say("report_fit_told"))
    made.add(
        Table(
            desk.say("report_fit_table"),
            (desk.say("report_unit"), *titles),
            tuple(rows),
            frozenset(range(1, len(names) + 1)),
        )
    )
    made.add(_measures(desk, names, known))
    made.say(desk.say("report_from_source", source=desk.told(layer["layer"].get("source"))), "source")
    made.say(desk.say("report_fit_caveat"), "caveat")
    return made.done()


def _measured(value: Any, facts: Mapping[str, Any]) -> Cell:
    if value is None or pd.isna(value):
        return Cell(NOTHING)
    text = f"{value:.0%}" if facts.get("unit") == "share" else f"{value:,.1f}".removesuffix(".0")
    beyond = value > facts.get("high", float("inf")) or value < facts.get("low", float("-inf"))
    return Cell(text, red=bool(beyond))


def _measures(desk: Desk, names: list[str], known: Mapping[str, Mapping[str, Any]]) -> Table:
    rows = []
    for name in names:
        facts = known.get(name, {})
        limits = [
            desk.say(f"report_limit_{side}", value=_limit(facts, side)) for side in ("low", "high") if side in facts
        ]
        told = [
            desk.title(facts.get("title"), name.replace("_", " ")),
            "; ".join(limits) or NOTHING,
            desk.told(facts.get("source")),
        ]
        rows.append(cells([Cell(one, faint=facts.get("verified") is False) for one in told]))
    head = tuple(desk.say(f"report_{name}") for name in ("figure", "marked", "source"))
    return Table(desk.say("report_fit_measures"), head, tuple(rows), frozenset(), (0.3, 0.2, 0.5))


def _limit(facts: Mapping[str, Any], side: str) -> str:
    return f"{facts[side]:.0%}" if facts.get("unit") == "share" else f"{facts[side]:,g}"

"""The section on incidents: rates with their intervals, months beside what was to be expected, how they were answered.

What is counted are reports, not events, and the section says so.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from govmap.render.place import Frame, column
from govmap.render.report import charts
from govmap.render.report.desk import NOTHING, Desk, numbers, records
from govmap.render.report.paper import Cell, Picture, Section, Table, Writer, cells
from govmap.render.report.plan import short_of
from govmap.render.scene import Entry, Show

PER = 100  # rates are told for a hundred households
CLASSES = ("#ffffcc", "#c2e699", "#78c679", "#238443")
BARS_MOST, ROWS_MOST, MONTHS_MOST = 40, 60, 24
LEAST_CHANCE = 0.001
ALL = (None, "", "all")


def section(desk: Desk) -> Section:
    """Write the section."""
    made = desk.writer("incidents")
    parts = [_rates, _months, _answered, _spots, _recurring]
    before = len(made.blocks)
    for part in parts:
        part(desk, made)
    if len(made.blocks) == before:
        made.say(desk.say("report_incidents_missing"), "missing")
        return made.done()
    made.say(desk.say("report_incidents_source"), "source")
    made.say(desk.say("report_incidents_caveat"), "caveat")
    made.say(desk.say("report_sensitive_caveat"), "caveat")
    return made.done()


def every(frame: Frame) -> Frame:
    """Keep the rows that tell of all kinds together."""
    return frame[column(frame, "category").isin(ALL)].reset_index(drop=True) if len(frame) else frame


def _rates(desk: Desk, made: Writer) -> None:
    rates = every(desk.of_level("rates"))
    if rates.empty:
        return
    rates = rates.assign(
        rate=numbers(rates, "rate") * PER, low=numbers(rates, "low") * PER, high=numbers(rates, "high") * PER
    )
    small = column(rates, "too_small").fillna(value=False).astype(bool)
    key = "report_rates_told" if desk.released.internal else "report_rates_plain"
    made.say(desk.say(key, count=len(rates), small=int(small.sum())))
    rates = rates.assign(small=small).sort_values(["rate", "unit_id"], ascending=[False, True], kind="stable")
    _rate_chart(desk, made, rates[rates["rate"].notna()])
    made.add(_rate_map(desk, rates))
    if desk.released.internal:
        made.add(_rate_table(desk, rates))


def _rate_chart(desk: Desk, made: Writer, rates: Frame) -> None:
    if rates.empty:
        return
    bars = [
        charts.Bar(
            short_of(desk, row["unit_id"]), row["rate"], low=row["low"], high=row["high"], hollow=bool(row["small"])
        )
        for row in records(rates.head(BARS_MOST))
    ]
    count, households = numbers(rates, "count").sum(), numbers(rates, "households").sum()
    middle = float(count / households * PER) if households and count else None
    title = desk.say("report_rates", per=PER, shown=len(bars), count=len(rates))
    told = charts.intervals(bars, title=title, middle=middle, middle_word=desk.say("report_rate_mean"))
    made.add(Picture(title, told.svg(), told.width_mm, told.height_mm))


def _rate_map(desk: Desk, rates: Frame) -> Picture | None:
    """Colour units by quarters of the rate; those too small to say are hatched."""
    known = rates[rates["rate"].notna() & ~rates["small"]]
    if len(known) < len(CLASSES):
        return None
    edges = np.quantile(known["rate"], [0.25, 0.5, 0.75])
    place = np.searchsorted(edges, known["rate"], side="left")
    fills = {unit: CLASSES[int(at)] for unit, at in zip(known["unit_id"], place, strict=True)}
    bounds = [float(known["rate"].min()), *(float(one) for one in edges), float(known["rate"].max())]
    legend = [
        Entry("fill", colour, desk.say("report_map_rate", low=f"{low:.1f}", high=f"{high:.1f}", per=PER))
        for colour, low, high in zip(CLASSES, bounds, bounds[1:], strict=False)
    ]
    hidden = frozenset(str(one) for one in desk.told_units["unit_id"] if one not in fills)
    legend += [Entry("hatch", "", desk.say("report_map_too_small"))] if hidden else []
    return desk.map("rates", desk.say("report_map_rates"), Show(fills=fills, hatched=hidden, legend=legend))


def _rate_table(desk: Desk, rates: Frame) -> Table:
    rows = []
    for row in records(rates.head(ROWS_MOST)):
        small = bool(row["small"])
        span = f"{desk.number(row['low'], places=1)} – {desk.number(row['high'], places=1)}"
        told: list[Cell | str] = [desk.unit(row["unit_id"]), desk.number(row["count"]), desk.number(row["households"])]
        told += [Cell(desk.number(row["rate"], places=1), faint=small), Cell(span, faint=small)]
        told += [desk.say("report_too_small") if small else ""]
        rows.append(cells(told))
    head = tuple(
        desk.say(f"report_{name}", per=PER) for name in ("unit", "reports", "households", "rate", "interval", "remark")
    )
    title = desk.say("report_rate_table", shown=len(rows), count=len(rates))
    return Table(title, head, tuple(rows), frozenset({1, 2, 3, 4}), (0.26, 0.12, 0.13, 0.14, 0.19, 0.16))


def _months(desk: Desk, made: Writer) -> None:
    """Draw the last two years, all communities together."""
    months = every(desk.table("months"))
    if months.empty:
        return
    months = months.assign(month=column(months, "month").astype(str).str[:7])
    sums = _by_month(months).tail(MONTHS_MOST)
    found = [_month(row) for row in records(sums)]
    title = desk.say("report_months", first=found[0].label, last=found[-1].label)
    words = {"count": desk.say("report_month_count")}
    if any(one.expected is not None for one in found):
        words |= {name: desk.say(f"report_month_{name}") for name in ("expected", "interval", "notable")}
    told = charts.months(found, title=title, words=words)
    made.add(Picture(title, told.svg(), told.width_mm, told.height_mm))


def _by_month(months: Frame) -> Frame:
    """Sum the communities; an interval is told only where there is a single one."""
    facts = {name: numbers(months, name) for name in ("count", "expected", "low", "high")}
    rows = months.assign(**facts)
    sums = rows.groupby("month", sort=True).agg(
        count=("count", lambda some: some.sum(skipna=False)),
        expected=("expected", lambda some: some.sum(skipna=False)),
        low=("low", "sum"),
        high=("high", "sum"),
        communities=("month", "size"),
    )
    alone = sums["communities"] == 1
    notable = rows.assign(told=column(rows, "notable")).groupby("month", sort=True)["told"].first()
    return sums.assign(
        low=sums["low"].where(alone & sums["expected"].notna()),
        high=sums["high"].where(alone & sums["expected"].notna()),
        notable=notable.where(alone).isin(["high", "low"]),
    ).reset_index()


def _month(row: Mapping[str, Any]) -> charts.Month:
    return charts.Month(
        row["month"], row["count"], row["expected"], row["low"], row["high"], notable=bool(row["notable"])
    )


def _answered(desk: Desk, made: Writer) -> None:
    answered = desk.of_level("answered")
    if answered.empty:
        return
    top = _over_all(desk.table("answered"), desk)
    if len(top):
        made.add(_answered_table(desk, top))
        both = numbers(top, "satisfied_resident").notna() | numbers(top, "satisfied_office").notna()
        rows = [
            (row["label"], row.get("satisfied_resident"), row.get("satisfied_office")) for row in records(top[both])
        ]
        if any(one is not None and other is not None for _, one, other in rows):
            title = desk.say("report_satisfied")
            names = (desk.say("report_by_residents"), desk.say("report_by_office"))
            told = charts.pairs(rows[:12], title=title, names=names)
            made.add(Picture(title, told.svg(), told.width_mm, told.height_mm))
            made.say(desk.say("report_satisfied_caveat"), "caveat")
    late = every(answered)
    late = late[numbers(late, "overdue") > 0].sort_values("unit_id", kind="stable")
    if len(late):
        listed = [
            desk.say("report_unit_count", name=desk.unit(row["unit_id"]), count=int(row["overdue"]))
            for row in records(late)
        ]
        made.say(desk.say("report_overdue_units", told=listed[:20]))


def _over_all(answered: Frame, desk: Desk) -> Frame:
    """Keep what is told of whole communities: of one by kind, of several all kinds together, each by its name."""
    rows = answered[column(answered, "level") == "community"]
    if len(set(rows["unit_id"])) > 1:
        rows = every(rows)
        named = desk.table("communities")
        names = dict(zip(column(named, "community_id"), column(named, "name"), strict=True)) if len(named) else {}
        rows = rows.assign(label=[str(names.get(one) or one) for one in rows["unit_id"]])
    else:
        rows = rows.assign(label=[desk.kind(one) for one in column(rows, "category")])
    first = (~column(rows, "category").isin(ALL)).astype(int)
    rows = rows.assign(_first=first, _cases=-numbers(rows, "cases"))
    return rows.sort_values(["_first", "_cases", "label"], kind="stable").reset_index(drop=True)


def _answered_table(desk: Desk, top: Frame) -> Table:
    rows = []
    for row in records(top.head(ROWS_MOST)):
        told: list[Cell | str] = [row["label"], desk.number(row["cases"]), desk.number(row["open"])]
        told += [Cell(desk.number(row["overdue"]), red=bool(row["overdue"]))]
        told += [desk.share(row[name]) for name in ("responded", "resolved", "satisfied_resident", "satisfied_office")]
        rows.append(cells(told))
    names = ("kind", "reports", "open", "overdue", "responded", "resolved", "by_residents", "by_office")
    head = tuple(desk.say(f"report_{name}") for name in names)
    return Table(desk.say("report_answered"), head, tuple(rows), frozenset(range(1, 8)), (0.23, *(0.11,) * 7))


def _spots(desk: Desk, made: Writer) -> None:
    """List stable clusters; the word above them says what they are."""
    spots = desk.of_level("spots")
    if spots.empty:
        return
    found = spots[column(spots, "kind").isin(["hot"])]
    if found.empty:
        made.say(desk.say("report_no_spots"))
        return
    rows = []
    for row in records(found.sort_values(["unit_id", "category"], kind="stable").head(ROWS_MOST)):
        told = [desk.unit(row["unit_id"]), desk.kind(row["category"]), desk.number(row["z"], places=1)]
        told += [chance(row["q"]), desk.number(row["stable_levels"])]
        rows.append(cells(told))
    head = tuple(desk.say(f"report_{name}") for name in ("unit", "kind", "z", "q", "stable"))
    made.add(Table(desk.say("report_spots"), head, tuple(rows), frozenset({2, 3, 4}), (0.3, 0.28, 0.14, 0.14, 0.14)))
    made.say(desk.say("report_spots_caveat"), "caveat")


def chance(value: Any) -> str:
    """Write how likely chance alone is; what rounds to nothing is told as less than a thousandth."""
    return NOTHING if value is None else "< 0.001" if value < LEAST_CHANCE else f"{value:.3f}"


def _recurring(desk: Desk, made: Writer) -> None:
    recurring = desk.table("recurring")
    if recurring.empty:
        return
    streets = desk.table("streets")
    names = dict(zip(column(streets, "street_id"), column(streets, "name"), strict=True)) if len(streets) else {}
    special = recurring[~column(recurring, "category").isin(ALL)]
    shown = special if len(special) else recurring
    order = shown.assign(_n=numbers(shown, "incidents")).sort_values(
        ["_n", "street_id", "category"], ascending=[False, True, True], kind="stable"
    )
    rows = []
    for row in records(order.head(ROWS_MOST // 3)):
        told = [
            str(names.get(row["street_id"]) or desk.say("report_street_unnamed", street=row["street_id"])),
            desk.kind(row["category"]),
        ]
        told += [desk.number(row["incidents"]), desk.number(row["expected"], places=1), desk.number(row["days"])]
        told += [f"{str(row['first'] or NOTHING)[:10]} – {str(row['last'] or NOTHING)[:10]}"]
        rows.append(cells(told))
    head = tuple(desk.say(f"report_{name}") for name in ("street", "kind", "reports", "expected", "days", "from_to"))
    made.add(
        Table(
            desk.say("report_recurring"), head, tuple(rows), frozenset({2, 3, 4}), (0.26, 0.18, 0.09, 0.09, 0.08, 0.3)
        )
    )
    made.say(desk.say("report_recurring_caveat"), "caveat")

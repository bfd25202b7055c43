"""The eight figures that an official looks at first, as data: value, state, and the words that tell of them by key.

Red is what must be looked at; what is not known is said to be unknown, with what to import or to run.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, TypeAlias

import pandas as pd

from govmap import catalog, govern
from govmap.govern import duties as following
from govmap.messages import Note, note
from govmap.pipeline import duties
from govmap.pipeline.incidents import rules_of
from govmap.project import Project, now, plan_of
from govmap.publish import Released, reports_for_all
from govmap.publish.rounding import BASE
from govmap.render.band import out_of_band
from govmap.render.place import column
from govmap.render.scene import lowest, short

State: TypeAlias = Literal["red", "ok", "unknown"]
KEYS = ("units", "households", "out_of_band", "workers", "vacant", "overdue", "worst_gap", "change")


@dataclass(frozen=True)
class Number:
    """
    One figure.

    `key` is one of `KEYS`; `value` is None where it is unknown; `told` is the sentence that goes with it, `source` the
    table it comes from; `about` tells whether it rests on estimates.
    """

    key: str
    value: float | None
    state: State
    told: Note
    source: str
    about: bool = False

    @property
    def facts(self) -> dict[str, Any]:
        """The figure for programs."""
        facts = {"key": self.key, "value": self.value, "state": self.state, "estimated": self.about}
        return facts | {"source": self.source, "told": self.told.key, "facts": dict(self.told.facts)}


def eight(project: Project, released: Released) -> tuple[Number, ...]:
    """
    Give the eight figures of the active plan, the red ones first, the others in their order.

    Sums over whole communities are told to everybody; for the public none that stands for fewer than k people.
    """
    with project.store.reading() as session:
        names = ("units", "plans", "duties", "workers", "months", "incidents")
        tables = {name: session.read(name) for name in names}
        plan = plan_of(session, released.plan_id)
    for name in ("units", "plans"):
        tables[name] = tables[name][tables[name]["plan_id"] == released.plan_id].reset_index(drop=True)
    held = duties.in_force(tables["duties"][tables["duties"]["plan_id"] == released.plan_id], tables["units"])
    found = [_units(tables), _households(released), _out_of_band(released, tables["plans"]), _workers(tables, held)]
    found += [_vacant(held, following.vacant(held, plan), tables["units"])]
    found += [_overdue(project, tables["incidents"], released), _worst_gap(released), _change(released)]
    return tuple(sorted(found, key=lambda one: one.state != "red"))


def _units(tables: Mapping[str, pd.DataFrame]) -> Number:
    units = tables["units"]
    base = lowest(units)
    if base.empty:
        return Number("units", None, "unknown", note("eight_units_unknown"), "units")
    above = len(units) - len(base)
    exclusive = int((column(base, "kind") == "exclusive").sum())
    key = "eight_units_levels" if above else "eight_units_exclusive" if exclusive else "eight_units_told"
    return Number("units", len(base), "ok", note(key, above=above, exclusive=exclusive), "units")


def _households(released: Released) -> Number:
    """Sum over the topmost units; the public gets the sum that the gate lets through."""
    totals = released.tables["totals"]
    mine = totals[(totals["theme"] == "base") & (totals["category"] == "households")]["count"]
    count = pd.to_numeric(mine, errors="coerce")
    if mine.empty or count.isna().any():
        return Number("households", None, "unknown", note("eight_households_withheld", k=released.k), "units")
    if not count.sum():
        return Number("households", None, "unknown", note("eight_households_unknown"), "units")
    share = released.estimated_share or 0.0
    key = "eight_households_estimated" if share else "eight_households_told"
    return Number("households", int(count.sum()), "ok", note(key, share=f"{share:.0%}"), "units", about=share > 0)


def _out_of_band(released: Released, plans: pd.DataFrame) -> Number:
    """Judge units by their sizes as the reader sees them: how many are out must not tell them more exactly."""
    units = released.tables["units"]
    out = out_of_band(units, plans)
    if out is None or units.empty:
        return Number("out_of_band", None, "unknown", note("eight_out_of_band_unknown"), "units")
    nobody = int((out & (column(units, "households").fillna(0) == 0)).sum())
    facts = {"of": len(units), "empty": nobody}
    key = "eight_out_of_band_empty" if nobody else "eight_out_of_band_told"
    return Number("out_of_band", int(out.sum()), "red" if out.any() else "ok", note(key, **facts), "units")


def _workers(tables: Mapping[str, pd.DataFrame], held: pd.DataFrame) -> Number:
    workers = tables["workers"]
    if workers.empty:
        return Number("workers", None, "unknown", note("eight_workers_unknown"), "workers")
    answering = int(held["worker_id"].nunique())
    return Number("workers", len(workers), "ok", note("eight_workers_told", answering=answering), "workers")


def _vacant(held: pd.DataFrame, vacant: tuple[str, ...], units: pd.DataFrame) -> Number:
    """Count the units of the lowest level for which nobody answers, nor for any above them."""
    base = lowest(units)
    if held.empty or base.empty:
        return Number("vacant", None, "unknown", note("eight_vacant_unknown"), "duties")
    state: State = "red" if vacant else "ok"
    return Number("vacant", len(vacant), state, note("eight_vacant_told", of=len(base)), "duties")


def _overdue(project: Project, incidents: pd.DataFrame, released: Released) -> Number:
    if incidents.empty:
        return Number("overdue", None, "unknown", note("eight_overdue_unknown"), "incidents")
    counted = incidents if released.internal else reports_for_all(incidents, released.at)
    counted = counted[counted["duplicate_of"].isna()]
    terminal = rules_of(project.fact).lifecycle.terminal
    count = int(govern.overdue(counted, pd.Timestamp(now()), terminal=terminal).sum())
    known = counted["stage"].notna()
    open_ = int((known & ~counted["stage"].isin(list(terminal)) & counted["closed_at"].isna()).sum())
    if not (known & counted["due_at"].notna()).any():
        return Number("overdue", None, "unknown", note("eight_overdue_no_dates"), "incidents")
    if released.internal:
        told = note("eight_overdue_told", open=open_)
        return Number("overdue", count, "red" if count else "ok", told, "incidents")
    if count < released.k:  # nobody among them: of a few nothing is said, not even that there are some
        return Number("overdue", None, "unknown", note("eight_overdue_withheld", k=released.k), "incidents")
    return Number("overdue", _to_fives(count), "red", note("eight_overdue_public"), "incidents", about=True)


def _to_fives(count: int) -> int:
    return (count + BASE // 2) // BASE * BASE


def _worst_gap(released: Released) -> Number:
    """Give the most people of one unit, of the lowest level, who lack one kind of place."""
    gaps, units = released.tables.get("gaps", pd.DataFrame()), released.tables["units"]
    if gaps.empty:
        return Number("worst_gap", None, "unknown", note("eight_worst_gap_unknown"), "gaps")
    base = set(lowest(units)["unit_id"])
    mine = gaps[gaps["unit_id"].isin(base)]
    mine = mine.assign(short=pd.to_numeric(column(mine, "people_short"), errors="coerce").fillna(0.0))
    mine = mine.sort_values(["short", "unit_id", "category"], ascending=[False, True, True], kind="stable")
    if mine.empty or not mine["short"].iloc[0]:
        return Number("worst_gap", 0, "ok", note("eight_worst_gap_none"), "gaps")
    worst = mine.iloc[0]
    code = dict(zip(units["unit_id"], column(units, "code").fillna(units["unit_id"]), strict=True))
    titles = catalog.layers("resources").get(str(worst["category"]), {}).get("layer", {}).get("title")
    kind = titles or str(worst["category"])
    told = note("eight_worst_gap_told", where=short(str(code[worst["unit_id"]])), category=kind)
    return Number("worst_gap", int(worst["short"]), "red", told, "gaps", about=True)


def _change(released: Released) -> Number:
    """Compare the reports of the last whole month with those of the month before, of all kinds together."""
    months = released.tables.get("months", pd.DataFrame())
    months = months[column(months, "category").isin([None, "", "all"])] if len(months) else months
    if months.empty:
        return Number("change", None, "unknown", note("eight_change_unknown"), "months")
    months = months.assign(month=column(months, "month").astype(str).str[:7])
    ended = months["month"] < now().date().isoformat()[:7]
    whole = months[ended & column(months, "whole").fillna(value=True).astype(bool)]
    count = pd.to_numeric(column(whole, "count"), errors="coerce")
    sums = count.groupby(whole["month"], sort=True).agg(lambda some: some.sum(skipna=False))
    last = sums.index[-1] if len(sums) else None
    if last is None or _before(last) not in sums.index or sums[[last, _before(last)]].isna().any():
        return Number("change", None, "unknown", note("eight_change_short"), "months")
    notable = column(whole, "notable")[whole["month"] == last].isin(["high"]).any()
    count_now, before = int(sums[last]), int(sums[_before(last)])
    told = note("eight_change_told", month=last, count=count_now, before=before)
    return Number("change", count_now - before, "red" if notable else "ok", told, "months")


def _before(month: str) -> str:
    """Name the month before."""
    first = date.fromisoformat(f"{month}-01")
    return (first - timedelta(days=1)).isoformat()[:7]

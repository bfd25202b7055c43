"""Work of every unit in hours a month, how even it is, and how fit units are for acting together."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from govmap import catalog
from govmap.assess import fit
from govmap.assess import load as working
from govmap.delineate.wishes import level_title
from govmap.errors import PlanError
from govmap.messages import Note, note
from govmap.pipeline import unit_walks
from govmap.pipeline.report import Progress, Report, quiet
from govmap.pipeline.walking import homes, network_of, notes_of
from govmap.pipeline.weighing import GROUND, Tables, Work, take_weights, work_of
from govmap.plan import Plan
from govmap.project import Project, plan_of

READ = (*GROUND, "units", "entrances", "resources", "workers", "plans", "parts_past")
MOST_SHOWN = 12


def load(
    project: Project, *, plan: str | None = None, weights: Path | None = None, progress: Progress = quiet
) -> Report:
    """
    Weigh the work of every unit and say how fit it is for acting together; both are stored by plan.

    Parameters
    ----------
    plan
        By id; the active one without it.
    weights
        The office's own weights; they hold from now on, for divisions by load too.

    Raises
    ------
    PlanError
        There is no plan yet, or it stands on cells of a former edition.
    InputError
        The weights cannot be read.
    """
    progress("progress_load", 0.0)
    found = plan_here(project, plan)
    told = [take_weights(project, weights)] if weights is not None else []
    with project.store.reading() as session:
        tables = {table: session.read(table) for table in READ}
        before = _before(session, found, tables)
    places, network = homes(project, found.plan_id), network_of(project)
    work = work_of(project, tables, found.plan_id)
    units = tables["units"][tables["units"]["plan_id"] == found.plan_id]
    meeting = unit_walks.meeting_places(tables["resources"], units)
    walks = unit_walks.of_units(unit_walks.Ground.of(places, network), meeting)
    rows = working.loads(found, work.amounts, work.items, walks)
    ground = tables["parts"].merge(tables["cells"][["cell_id", "compound_id"]], on="cell_id", how="left")
    fits = fit.fits(found, ground, tables["entrances"], walks, before=before)
    with project.change("assess load", {"plan": found.plan_id}) as change:
        for table, made in (("loads", rows), ("fits", fits)):
            change.session.replace(table, made, where={"plan_id": found.plan_id})
    progress("progress_load", 1.0)
    said = [*told, *work.notes, *notes_of(network, places.stops)]
    if fit.compounds_known(ground) < fit.ENOUGH:
        said.append(note("fit_few_compounds", share=f"{fit.compounds_known(ground):.0%}"))
    return _report(_Weighed(found, rows, fits, work, tables), said)


def plan_here(project: Project, plan_id: str | None) -> Plan:
    """
    Read a plan that stands on the cells of now.

    Raises
    ------
    PlanError
        There is no such plan, or none at all, or it stands on other cells.
    """
    plan = project.plan(plan_id)
    if plan.edition != project.edition:
        raise PlanError("alternatives_other_edition", plan=plan.plan_id, edition=plan.edition, now=project.edition)
    return plan


def _before(session: Any, plan: Plan, tables: Tables) -> Plan | None:
    """Give the plan that this one goes on from, as it lies on the parts of now; None where there is none."""
    row = tables["plans"].loc[tables["plans"]["plan_id"] == plan.plan_id, "base_plan_id"]
    if row.empty or pd.isna(row.iloc[0]) or row.iloc[0] not in set(tables["plans"]["plan_id"]):
        return None
    former = plan_of(session, str(row.iloc[0]))
    if former.edition == plan.edition:
        return former
    past = tables["parts_past"][tables["parts_past"]["edition"] == former.edition]
    return former.onto(tables["parts"], past, plan.edition) if len(past) else None


# telling -------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Weighed:
    """What was found, to be told."""

    plan: Plan
    loads: pd.DataFrame
    fits: pd.DataFrame
    work: Work
    tables: Tables

    @cached_property
    def units(self) -> pd.DataFrame:
        """The rows of the plan's units."""
        return self.tables["units"][self.tables["units"]["plan_id"] == self.plan.plan_id]

    @cached_property
    def codes(self) -> dict[str, str]:
        """What people call units."""
        return {str(row.unit_id): str(row.code or row.unit_id) for row in self.units.itertuples()}

    @property
    def titles(self) -> dict[str, Any]:
        """What items are called."""
        return {one.name: one.title for one in self.work.items}


def _report(found: _Weighed, said: list[Note]) -> Report:
    fair = catalog.layer("loads")["fair"]
    levels = working.balance(found.loads, found.units)
    report = Report(figures={"load": _figures(found, levels)}, notes=said)
    for row in levels.to_dict("records"):
        report.shown += _level(found, row, several=len(levels) > 1)
        report.shown.append(_verdict(found, row, float(fair["most_of_mean"])))
    report.shown += [_workers(found, levels, float(fair["hours_month"]))] if len(levels) else []
    report.shown += _fit_notes(found)
    report.notes.append(note("load_weights", verified=sum(one.verified for one in found.work.items)))
    return report


def _level(found: _Weighed, row: dict[Any, Any], *, several: bool) -> list[Note]:
    """Lay out the units of a level, those with most work first."""
    mine = found.units[(found.units["level"].fillna(working.LEVEL) == row["level"])]
    rows = found.loads[found.loads["unit_id"].isin(mine["unit_id"])]
    hours = rows.groupby("unit_id")["hours"].sum().reset_index()
    order = hours.sort_values(["hours", "unit_id"], ascending=[False, True])["unit_id"].head(MOST_SHOWN)
    head = [note("load_head", level=level_title(row["level"]))] if several else [note("load_head_plain")]
    lines = [_line(found, str(unit), rows[rows["unit_id"] == unit]) for unit in order]
    more = [note("load_more", count=len(hours) - len(order))] if len(hours) > len(order) else []
    return [*head, *lines, *more]


def _line(found: _Weighed, unit: str, rows: pd.DataFrame) -> Note:
    """Say one unit's hours, and what they are made of."""
    base = rows["item"].str.partition("/")[0]
    sums = rows.groupby(base)["hours"].sum()
    parts = [
        note("load_item", title=found.titles[name], hours=f"{sums[name]:.1f}")
        for name in found.titles
        if name in sums.index
    ]
    return note("load_line", name=found.codes.get(unit, unit), hours=f"{rows['hours'].sum():.1f}", items=parts)


def _verdict(found: _Weighed, row: dict[Any, Any], most: float) -> Note:
    """Say how even the work of a level is."""
    facts = {"ratio": f"{row['ratio']:.2f}", "most": most, "mean": f"{row['mean']:.1f}", "hours": f"{row['most']:.1f}"}
    name = found.codes.get(str(row["unit_id"]), str(row["unit_id"]))
    return note("load_fair" if row["ratio"] <= most else "load_unfair", name=name, **facts)


def _workers(found: _Weighed, levels: pd.DataFrame, usual: float) -> Note:
    """Say how many workers the work would take; those entered count with their own hours."""
    hours = float(levels["hours"].min())
    entered = found.tables["workers"]["capacity_hours_month"].astype(float).fillna(usual)
    facts = {"hours": f"{hours:.0f}", "needed": f"{hours / usual:.1f}", "usual": f"{usual:.0f}"}
    if entered.empty:
        return note("load_workers_none", **facts)
    return note("load_workers", count=len(entered), has=f"{entered.sum():.0f}", **facts)


def _fit_notes(found: _Weighed) -> list[Note]:
    """Say by measure how many units lie beyond what is thought good, with the limit and its source."""
    beyond, told = fit.out_of_line(found.fits), []
    for name, facts in fit.measures().items():
        mine = beyond[beyond["measure"] == name]
        if len(mine):
            names = [found.codes.get(str(unit), str(unit)) for unit in mine["unit_id"].head(MOST_SHOWN)]
            told.append(
                note(
                    "fit_beyond",
                    title=facts["title"],
                    count=len(mine),
                    limit=_with_unit(float(mine["limit"].iloc[0]), str(facts["unit"])),
                    side=note("fit_above" if "high" in facts else "fit_below"),
                    examples=names,
                    source=facts["source"],
                )
            )
    return [note("fit_head"), *told] if told else [note("fit_good")] if len(found.fits) else []


def _with_unit(value: float, unit: str) -> str:
    """Write a figure of fit as people do: shares in per cent, walks in metres."""
    if unit == "share":
        return f"{value:.0%}"
    return f"{value:g} m" if unit == "m" else f"{value:g}"


def _figures(found: _Weighed, levels: pd.DataFrame) -> dict[str, Any]:
    hours = found.loads.groupby("unit_id")["hours"].sum().round(2)
    return {
        "plan": found.plan.plan_id,
        "levels": [
            {**row, **{k: round(row[k], 3) for k in ("hours", "mean", "most", "ratio")}}
            for row in levels.to_dict("records")
        ],
        "units": [{"unit": unit, "code": found.codes.get(str(unit)), "hours": value} for unit, value in hours.items()],
        "items": [
            {
                "item": one.name,
                "times_month": one.times_month,
                "minutes": one.minutes,
                "source": one.source,
                "verified": one.verified,
            }
            for one in found.work.items
        ],
        "fits_beyond": fit.out_of_line(found.fits).drop(columns="plan_id").to_dict("records"),
    }

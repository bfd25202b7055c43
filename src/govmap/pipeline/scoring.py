"""The score of a plan, and its place among random plans that keep the same rules."""

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from govmap.delineate import Criteria, Division, review
from govmap.delineate.ensemble import Ensemble, around, place
from govmap.delineate.score import KILOMETRES, rows
from govmap.delineate.wishes import level_title
from govmap.errors import PlanError
from govmap.messages import Note, note
from govmap.pipeline.former import ACTIVE, criteria_of, plan_to_go_on_from
from govmap.pipeline.report import Progress, Report, quiet
from govmap.pipeline.units import atoms, graph_of, locked_units
from govmap.plan import Plan
from govmap.project import Project, plan_of

if TYPE_CHECKING:
    from govmap.contiguity import Graph

WEIGHED = ("cells", "parts", "buildings", "barriers", "streets", "project")
COMPACTNESS_PLACES = 3
MORE = 4


@dataclass(frozen=True, kw_only=True)
class Laid:
    """A plan as it lies on the ground, with its wishes; `exclusive` and `locked` name units."""

    plan: Plan
    name: str
    criteria: Criteria
    ground: pd.DataFrame
    graph: "Graph"
    exclusive: tuple[str, ...]
    locked: tuple[str, ...]

    @property
    def division(self) -> Division:
        """The plan summed up on every level."""
        return review(self.plan, self.ground, self.graph, self.criteria, exclusive=self.exclusive)

    def ensemble(self, samples: int, seed: int, progress: Progress) -> Ensemble:
        """Draw random plans around it, on its lowest level; exclusive units are no part of them."""
        parts = self.plan.parts[~self.plan.parts.isin(list(self.exclusive))]
        return around(
            Plan(self.plan.plan_id, self.plan.edition, parts),
            self.ground,
            self.graph,
            self.criteria.chain[-1],
            samples=samples,
            seed=seed,
            still=self.locked,
            apart=self.plan.parents,
            progress=partial(_told, progress),
        )


def _told(progress: Progress, done: int, total: int) -> None:
    progress("progress_random", done / total)


def score(
    project: Project, plan: str | None = None, *, against: int | None = None, seed: int = 1, progress: Progress = quiet
) -> Report:
    """
    Say how good a plan is, term by term and on every level; the figures of the lowest one stand first.

    Parameters
    ----------
    plan
        By id or name, the active one without it.
    against
        Place it among so many random plans that keep the same rules.

    Raises
    ------
    PlanError
        There is no such plan, or it stands on cells of a former edition.
    """
    laid = laid_out(project, plan, progress)
    tiers = laid.division.tiers
    levels = [{"level": one.level, **{name: round(value, 4) for name, value in one.score.items()}} for one in tiers]
    figures = {name: value for name, value in levels[-1].items() if name != "level"}
    shown = [note("alternatives_title", name=laid.name, plan=laid.plan.plan_id)]
    for tier in tiers:
        shown += [note("levels_level", level=level_title(tier.level))] if len(tiers) > 1 else []
        shown += rows(tier.score)
    told = {"plan": laid.plan.plan_id, "name": laid.name, **figures, "levels": levels}
    report = Report(figures=told, shown=shown)
    if against is not None:
        _place(report, laid.ensemble(against, seed, progress), seed)
    return report


def laid_out(project: Project, wanted: str | None, progress: Progress = quiet) -> Laid:
    """Read a plan and lay it on its ground."""
    plan_id = str(plan_to_go_on_from(project, wanted or ACTIVE, ()))
    with project.store.reading() as session:
        tables = {table: session.read(table) for table in WEIGHED}
        plan, row = plan_of(session, plan_id), session.read("plans", where={"plan_id": plan_id})
        units = session.read("units", where={"plan_id": plan_id}, columns=["unit_id", "kind", "locked"])
    if plan.edition != project.edition:
        raise PlanError("alternatives_other_edition", plan=plan_id, edition=plan.edition, now=project.edition)
    return Laid(
        plan=plan,
        name=str(row["name"].iloc[0]),
        criteria=criteria_of(project, plan_id),
        ground=atoms(tables),
        graph=graph_of(tables, progress),
        exclusive=tuple(units.loc[units["kind"] == "exclusive", "unit_id"]),
        locked=tuple(locked_units(units)),
    )


# among random plans ----------------------------------------------------------------------------------------------
def _place(report: Report, found: Ensemble, seed: int) -> None:
    """Add the place of a plan among random ones to its report."""
    places = place(found)
    report.figures["against"] = _figures(found, places, seed)
    if not found.different:
        report.shown.append(note("alternatives_only" if found.free else "alternatives_none_free"))
        return
    report.shown.append(note("alternatives_against", samples=len(found)))
    report.shown += [_sentence(str(row.term), row) for row in places.itertuples()]
    report.notes.append(note("alternatives_worth", worth=found.worth, changes=found.changes))
    if found.kept:
        report.notes.append(note("alternatives_kept", count=found.kept))
    if not found.settled:
        report.warnings.append(note("alternatives_unsettled", more=MORE * len(found)))


def _figures(found: Ensemble, places: pd.DataFrame, seed: int) -> dict[str, Any]:
    numbers = places.round(4).set_index("term").to_dict("index")
    return {
        "samples": len(found),
        "seed": seed,
        "chances": "spanning_trees",
        "units_free": found.free,
        "units_kept": found.kept,
        "proposals": found.proposals,
        "changes": found.changes,
        "different": found.different,
        "worth": found.worth,
        "agreement": round(found.agreement, 4) if math.isfinite(found.agreement) else None,
        "settled": found.settled,
        "terms": numbers,
    }


def _sentence(term: str, row: Any) -> Note:
    """Say where a plan stands by one term."""
    same = row.same_percent
    values = {name: _shown(term, getattr(row, name)) for name in ("own", "low", "high")}
    ties = note("alternatives_as_good", share=_percent(same)) if same > 0 else ""
    return note(f"alternatives_{term}", share=_percent(row.worse_percent), ties=ties, **values)


def _shown(term: str, value: float) -> str:
    if term in KILOMETRES:
        return f"{value / 1000:,.1f}"
    if term == "compactness_mean":
        return f"{value:.{COMPACTNESS_PLACES}f}"
    return f"{value:,.1f}".removesuffix(".0")


def _percent(share: float) -> str:
    """Round a share, but never to nothing or all where it is not quite that."""
    if share in {0, 100}:
        return f"{share:.0f}"
    return f"{share:.0f}" if 1 <= share <= 99 else f"{min(max(share, 0.1), 99.9):.1f}"  # noqa: PLR2004 - per cent

"""Where service is missing, where reports cluster, how heavy the work is, what would help: one command, four parts."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from govmap.assess import access, gaps, norms
from govmap.config import Config, from_machine
from govmap.errors import InputError, PlanError
from govmap.messages import LANGUAGES, Voice
from govmap.pipeline.division import ensure_cells
from govmap.pipeline.gaps_told import told
from govmap.pipeline.reaching import Reached, reached
from govmap.pipeline.report import Progress, Report, quiet
from govmap.project import Change, Project

PARTS = ("gaps", "incidents", "load", "sites")
FACT = "assessed"
GREEN = ("green",)


def assess(
    project: Project,
    *,
    standards: Sequence[str] | None = None,
    at: str | None = None,
    categories: Sequence[str] = (),
    complete: Sequence[str] = (),
    only: str | None = None,
    weights: Path | None = None,
    k: int | None = None,
    since: str | None = None,
    until: str | None = None,
    config: Config | None = None,
    voice: Voice | None = None,
    progress: Progress = quiet,
) -> Report:
    """
    Say where service is missing, where reports cluster, how heavy units' work is and which new places would help most.

    Parameters
    ----------
    standards
        Names of standards or files of the user's own; those of the project's country without it.
    at
        Judge by what is open at a moment, as `Sat 20:00` or `周六 20:00`.
    categories
        Only standards of these layers.
    complete
        Layers whose list is complete, or `all`: where none of the kind is listed there is none.
    only
        One part: gaps, incidents, load or sites.
    weights
        The office's own weights of work, see `loading.load`.
    k
        New sites to look for, see `siting.site`.
    since, until
        Reports of these days alone, see `rating.rate`.

    Raises
    ------
    InputError
        An unknown part, standard, category or moment.
    PlanError
        The plan stands on cells of a former edition.
    """
    if only is not None and only not in PARTS:
        raise InputError("assess_no_part", given=only, known=list(PARTS))
    ensure_cells(project, None, config=config or from_machine(None), progress=progress)
    wanted = PARTS if only is None else (only,)
    made = None
    if {"gaps", "sites"} & set(wanted):
        _refuse_former(project)
        made = reached(project, standards, at=at, categories=categories, complete=complete, progress=progress)
    asked: dict[str, Any] = {"at": at, "standards": list(standards or ()), "categories": list(categories)}
    asked |= {"weights": None if weights is None else str(weights), "k": k, "since": since, "until": until}
    done = {part: _done(project, part, made, asked, voice or _voice(project), progress) for part in wanted}
    if made is not None and "gaps" in wanted:
        done["gaps"] = told(project, made, _stored(project, made), voice or _voice(project))
    after = "report {} -o report.html" if project.fact("active_plan_id") else "delineate {}"
    report = Report(next=f"govmap {after.format(project.path.name)}")
    for part, found in done.items():
        _add(report, part, found)
    return report


def _voice(project: Project) -> Voice:
    return project.profile.voice(project.fact("language") or LANGUAGES[0])


def _refuse_former(project: Project) -> None:
    """Refuse a plan that stands on cells of a former edition: its parts are others."""
    plan_id = project.fact("active_plan_id")
    edition = project.plan(plan_id).edition if plan_id is not None else project.edition
    if edition != project.edition:
        raise PlanError("alternatives_other_edition", plan=plan_id, edition=edition, now=project.edition)


def _done(
    project: Project, part: str, made: Reached | None, asked: dict[str, Any], voice: Voice, progress: Progress
) -> Report:
    """Do one part; those about units need a plan. What gaps say is told when the fixes stand too."""
    if part == "gaps" and made is not None:
        _write(project, made, asked, voice.language)
        return Report()
    if part == "incidents":
        from govmap.pipeline.rating import rate

        return rate(project, since=asked["since"], until=asked["until"], progress=progress)
    if project.fact("active_plan_id") is None:
        return Report()
    if part == "load":
        from govmap.pipeline.loading import load

        return load(project, weights=Path(asked["weights"]) if asked["weights"] else None, progress=progress)
    from govmap.pipeline.siting import site

    return site(project, found=made, k=asked["k"], progress=progress)


def _add(whole: Report, part: str, found: Report) -> None:
    """Put the report of one part behind those before; what was said already is not said again."""
    whole.figures[part] = found.figures
    whole.shown += found.shown
    whole.notes += [one for one in found.notes if one not in whole.notes]
    whole.warnings += [one for one in found.warnings if one not in whole.warnings]
    whole.files += found.files
    whole.ok = whole.ok and found.ok


# gaps --------------------------------------------------------------------------------------------------------------
def _write(project: Project, made: Reached, asked: dict[str, Any], language: str) -> None:
    """Count by unit, and store reach, gaps and norms."""
    plan_id = project.fact("active_plan_id")
    cells = project.read("cells", columns=["cell_id", "building_id"])
    first = ~made.homes.frame["building_id"].duplicated().to_numpy()
    home = made.homes.frame["building_id"][first]
    rows = {
        "reach": access.reach(_first(made, first), cells, home, made.sites["resource_id"]),
        "gaps": gaps_of(made, plan_id),
        "norms": norms.norms(made.standards, _ground(project, made), language=language),
    }
    with project.change("assess gaps", asked) as change:
        _store(change, made, rows, plan_id, whole=not asked["categories"])


def _stored(project: Project, made: Reached) -> dict[str, pd.DataFrame]:
    """Read what stands now of these standards: with the fixes, where they were looked for."""
    where = {"standard": [one.name for one in made.standards]}
    mine = {"plan_id": project.fact("active_plan_id") or "", **where}
    return {"gaps": project.read("gaps", where=mine), "norms": project.read("norms", where=where)}


def _first(made: Reached, first: Any) -> dict[str, access.Nearest]:
    """Take of each building one home alone: all leave by the same door."""
    return {name: access.Nearest(one.site[first], one.distance_m[first]) for name, one in made.nearest.items()}


def gaps_of(made: Reached, plan_id: str | None) -> pd.DataFrame:
    """Give the rows of `gaps` of every standard, sorted by their key; none without a plan."""
    units = gaps.Grouping.of(made.homes.units)
    frames = [
        gaps.gaps(
            one,
            made.people,
            units,
            plan_id=plan_id or "",
            sites=made.sites["resource_id"],
            estimated_walks=made.network.estimated,
        )
        for one in made.judged
    ]
    filled = [frame for frame in frames if len(frame)]
    if plan_id is None or not filled:
        return gaps.nothing()
    rows = pd.concat(filled, ignore_index=True).sort_values(["unit_id", "category", "standard"], ignore_index=True)
    return gaps.with_rank(rows)


def _ground(project: Project, made: Reached) -> norms.Ground:
    frame = made.homes.frame.assign(people=made.people.of("all"), homes=made.people.households)
    sums = frame.groupby("community_id", sort=True)[["people", "homes"]].sum()
    return norms.Ground(
        communities=project.read("communities", columns=["community_id", "geometry"]),
        people={str(one): int(count) for one, count in sums["people"].items()},
        households={str(one): int(count) for one, count in sums["homes"].items()},
        sites=made.sites,
        green=project.read("features", where={"kind": list(GREEN)}),
    )


def _store(change: Change, made: Reached, rows: dict[str, pd.DataFrame], plan_id: str | None, *, whole: bool) -> None:
    """Write the tables; where only some categories were asked for, the others stay as they were."""
    names = [one.name for one in made.standards]
    kinds = sorted({kind for one in made.standards for kind in one.categories})
    plan = {"plan_id": plan_id or ""}
    some: dict[str, dict[str, Any]] = {
        "reach": {"category": kinds},
        "gaps": {**plan, "standard": names},
    }
    some["norms"] = {"standard": names}
    for table, made_rows in rows.items():
        every = plan if table == "gaps" else None
        change.session.replace(table, made_rows, where=every if whole else some[table])
    if not whole and len(rows["gaps"]):
        change.session.replace("gaps", gaps.with_rank(change.session.read("gaps", where=plan)), where=plan)
    before = json.loads(change.get(FACT) or "{}") if not whole else {}
    known = {**before.get("standards", {}), **{one.name: one.facts for one in made.standards}}
    facts: dict[str, Any] = {"at": made.moment.shown if made.moment else None, "standards": known}
    facts |= {"complete": list(made.complete), "walks_estimated": made.network.estimated}
    facts |= {"plan_id": plan_id, "head_revision": _head(change, plan_id), "edition": change.get("edition")}
    change.set(FACT, json.dumps(facts, ensure_ascii=False, sort_keys=True))


def _head(change: Change, plan_id: str | None) -> Any:
    """Name the revision that was assessed, so that whoever reads the tables can tell whether they are behind it."""
    if plan_id is None:
        return None
    rows = change.session.read("plans", where={"plan_id": plan_id}, columns=["plan_id", "head_revision"])
    return rows["head_revision"].iloc[0] if len(rows) else None

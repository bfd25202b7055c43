"""Plans of different kinds to choose from, side by side; and which plan is the active one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pandas as pd

from govmap.config import Config
from govmap.delineate import Criteria
from govmap.delineate.compare import compare
from govmap.delineate.score import terms
from govmap.messages import Voice, note
from govmap.pipeline.aligned import aligned
from govmap.pipeline.division import Proposed, propose, store
from govmap.pipeline.former import ACTIVE, plan_to_go_on_from
from govmap.pipeline.report import Progress, Report, quiet
from govmap.pipeline.units import locked_units
from govmap.plan import Plan
from govmap.project import Project

# What each kind of option asks for, in the order in which they are offered behind the one that moves fewest families.
KINDS: Mapping[str, Mapping[str, Any]] = {
    "compact": {"prefer": "compact", "equal": False},
    "equal": {"prefer": "balance", "equal": True},
    "barriers": {"prefer": "barriers", "equal": False},
    "blocks": {"prefer": "blocks", "equal": False},
}
# What each is to be best at, and whether more of it is better.
AIMS = {
    "compact": ("compactness_mean", 1),
    "equal": ("mean_deviation_percent", -1),
    "barriers": ("barrier_inside_m", -1),
    "blocks": ("blocks_split", -1),
}
USUAL: Mapping[str, Any] = {"prefer": None, "equal": False}
STABLE, DEFAULT = "stable", "default"
MOST = len(KINDS) + 1


@dataclass(frozen=True, kw_only=True)
class Option:
    """One plan to choose: what it is called and measures; `new` unless it is the one that stands already."""

    kind: str
    plan_id: str
    title: str
    plan: Plan
    base: Plan | None
    figures: Mapping[str, float]
    new: bool


def options(
    project: Project,
    wanted: Criteria,
    number: int,
    *,
    keep: str | None = None,
    lock: Sequence[str] = (),
    name: str | None = None,
    voice: Voice,
    config: Config,
    progress: Progress = quiet,
) -> Report:
    """
    Divide the community in several ways that differ in kind, and lay the plans side by side.

    The first keeps to the active plan (or `keep`) as far as it can; without one it is the usual division. The others
    are the most compact and the most equal one, then those that cross the fewest barriers and divide the fewest
    blocks; one that comes out as another did is left out, and the next kind taken. Each is stored as a draft. The plan
    that was active stays so; where there was none the first becomes it.

    Raises
    ------
    InputError
        There is nothing to divide.
    PlanError
        There is no such plan or unit.
    """
    base = plan_to_go_on_from(project, keep or active_or_none(project), lock)
    still = (*lock, *_locked(project, base))
    found: list[Option] = []
    one: Proposed | None = None
    same: list[tuple[str, str]] = []
    kinds = [STABLE if base else DEFAULT, *KINDS]
    for place, kind in enumerate(kinds):
        if len(found) == number:
            break
        told = partial(_share, progress, place, len(kinds))
        held, locks = (base, lock) if kind == STABLE else (None, still)
        one = propose(project, _varied(wanted, kind), keep=held, lock=locks, config=config, progress=told, beside=one)
        twin = next((other for other in found if _alike(other.plan, one.plan)), None)
        if twin is None:
            found.append(_option(project, kind, one, found[0].base if found else one.former, base, name, voice))
        else:
            same.append((kind, twin.kind))
    return _report(project, found, same, _activated(project, found[0].plan_id), base, voice)


def active_or_none(project: Project) -> str | None:
    """Give the word for the active plan, None where there is none yet."""
    return ACTIVE if project.fact("active_plan_id") else None


def choose(project: Project, plan: str) -> Report:
    """
    Make a plan the active one: what commands mean when they name none.

    Raises
    ------
    PlanError
        There is no such plan.
    """
    plan_id = str(plan_to_go_on_from(project, plan, ()))
    with project.change("choose", {"plan": plan_id}) as change:
        former = change.get("active_plan_id")
        change.set("active_plan_id", plan_id)
    told = note("alternatives_chosen", plan=plan_id)
    return Report(
        figures={"plan": plan_id, "former": former}, notes=[told], next=f"govmap map {project.path.name} -o map.html"
    )


def _locked(project: Project, base: str | None) -> tuple[str, ...]:
    """Name the locked units of a plan: no option may change them."""
    if base is None:
        return ()
    units = project.read("units", where={"plan_id": base}, columns=["unit_id", "locked"])
    return tuple(locked_units(units))


def _varied(wanted: Criteria, kind: str) -> Criteria:
    """Give the wishes of one kind, on every level."""
    if kind == STABLE:
        return wanted
    finer = None if wanted.finer is None else _varied(wanted.finer, kind)
    return replace(wanted, **KINDS.get(kind, USUAL), finer=finer)


def _share(progress: Progress, place: int, number: int, key: str, share: float) -> None:
    """Show one division of several as a part of the whole way."""
    if key == "progress_delineate":
        progress(key, (place + share) / number)


def _alike(one: Plan, other: Plan) -> bool:
    """Tell whether two plans put the same parts together, whatever their units are called."""
    if not one.parts.index.equals(other.parts.index):
        return False
    first, second = (pd.factorize(plan.parts)[0] for plan in (one, other))
    return bool((first == second).all())


def _option(
    project: Project, kind: str, one: Proposed, before: Plan | None, base: str | None, name: str | None, voice: Voice
) -> Option:
    """Store one option as a draft; one that changes nothing is the plan that stands."""
    figures = {key: round(value, 4) for key, value in one.division.score.items()}
    stands = before is not None and base is not None and _alike(before, one.plan)
    if before is not None:
        figures["households_moved"] = compare(before, one.plan, one.tables["parts"]).households_moved
    title = voice.say(f"alternatives_kind_{kind}")
    called = title if name is None else voice.say("alternatives_named", name=name, kind=title)
    stored = base if stands else store(project, one, name=called, active=False).figures["plan"]
    return Option(
        kind=kind, plan_id=str(stored), plan=one.plan, base=before, figures=figures, new=not stands, title=called
    )


def _activated(project: Project, first: str) -> str:
    """Give the active plan; where there is none the first option becomes it."""
    active = project.fact("active_plan_id")
    if active is None:
        choose(project, first)
    return active or first


# side by side ----------------------------------------------------------------------------------------------------
def _report(
    project: Project, found: list[Option], same: list[tuple[str, str]], active: str, base: str | None, voice: Voice
) -> Report:
    figures = [{"kind": one.kind, "plan": one.plan_id, "name": one.title, **one.figures} for one in found]
    kinds = {kind: note(f"alternatives_kind_{kind}") for kind in (STABLE, DEFAULT, *KINDS)}
    report = Report(
        figures={
            "options": figures,
            "active_plan": active,
            "base_plan": base,
            "dropped": [{"kind": kind, "same_as": other} for kind, other in same],
        },
        shown=[note("alternatives_line", line=line) for line in _table(found, voice)],
        next=f"govmap choose {project.path.name} {next((one.plan_id for one in found if one.new), active)}",
    )
    stand = [one for one in found if not one.new]
    report.notes += [note("alternatives_as_it_stands", kind=kinds[one.kind], plan=one.plan_id) for one in stand]
    report.notes += [note("alternatives_same", kind=kinds[kind], other=kinds[other]) for kind, other in same]
    report.notes += [
        note("alternatives_not_best", kind=kinds[one], other=kinds[other]) for one, other in _outdone(found)
    ]
    report.notes.append(note("alternatives_active", plan=active))
    return report


def _outdone(found: list[Option]) -> list[tuple[str, str]]:
    """Name each option that another one beats at what it is for, and that one."""
    pairs = []
    for one in found:
        if one.kind in AIMS:
            term, sign = AIMS[one.kind]
            reached = [sign * other.figures[term] for other in found]
            best = reached.index(max(reached))
            if reached[best] > sign * one.figures[term]:
                pairs.append((one.kind, found[best].kind))
    return pairs


def _table(found: list[Option], voice: Voice) -> list[str]:
    """Lay the options side by side: one column each, one line a term."""
    lists = [terms(one.figures) for one in found]
    head = [voice.say("alternatives_plan"), *(str(place) for place in range(1, len(found) + 1))]
    body = [
        [voice.tell(lines[0].label), *(voice.tell(line.value) for line in lines)] for lines in zip(*lists, strict=True)
    ]
    names = [f"{place}  {one.title} ({one.plan_id})" for place, one in enumerate(found, start=1)]
    return [*names, "", *aligned([head, *body])]

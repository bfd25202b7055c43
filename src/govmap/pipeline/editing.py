"""A planner's hand: parts moved, units divided, put together, named and locked, and all of it taken back.

Every edit is one revision more, in one transaction with the rows of the units, their lineage and what is counted in
them; what breaks a hard rule is refused, or done by force and written down so.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from govmap import catalog
from govmap.delineate import edit
from govmap.delineate.edit import Draft, Edit
from govmap.delineate.problem import Ints
from govmap.errors import InputError, PlanError, StaleError
from govmap.messages import Note, Voice, note
from govmap.pipeline import edited
from govmap.pipeline.report import Report
from govmap.pipeline.units import atoms, graph_of
from govmap.project import Change, Project, facts_of, plan_of

GROUND = ("communities", "cells", "parts", "barriers", "streets", "buildings", "compounds", "project")
WORDS_OF_A_SHAPE = re.compile(r"[({,，]")
LONGEST_TOLD = 500
COUNTED = ["part_id", "households", "residents"]
SETTLED = ("on_notice", "adopted", "retired")


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A draft laid out for one edit, inside its transaction."""

    draft: Draft
    tables: Mapping[str, pd.DataFrame]
    revisions: pd.DataFrame
    revision_parts: pd.DataFrame
    measure: edited.Measure
    author: str

    @property
    def weight(self) -> Ints:
        """What each part counts."""
        return self.measure.weight

    def unit(self, wanted: str) -> str:
        """Find a unit by code, id or name."""
        return edit.unit_named(self.draft, wanted)

    def holder(self, wanted: str) -> str | None:
        """Find a unit that holds other units; None where the word names none."""
        names = [one for one in self.draft.facts if edit.holds_units(self.draft, one)]
        own = replace(self.draft, units=self.draft.units[self.draft.units["unit_id"].isin(names)])
        try:
            return edit.unit_named(own, wanted)
        except PlanError:
            return None

    def parts(self, words: Sequence[str], area: Any) -> list[str]:
        """Find parts by part, building or compound, and those whose cells lie in an area."""
        found = edit.parts_named(self.draft, words, self.tables)
        inside = [] if area is None else edit.parts_within(self.draft, self.tables["cells"], area)
        return sorted({*found, *inside})


def move(
    project: Project,
    unit: str,
    parts: Sequence[str] = (),
    *,
    within: str | None = None,
    crs: str | None = None,
    force: bool = False,
    plan_id: str | None = None,
) -> Report:
    """
    Move parts to another unit.

    Parameters
    ----------
    unit
        Its code, id or name.
    parts
        Parts, buildings (all their parts) or compounds, by id or name; where the unit holds other units, such units.
    within
        An area as `sources.drawn.area` reads it: everything whose cell lies in it is moved too.
    crs
        The system of the area, where it is known.
    force
        Break hard rules; the revision says which.

    Raises
    ------
    PlanError
        There is no such unit or part, a unit is locked, would fall into pieces, be left empty or reach into another
        community; or the plan is no draft any more.
    InputError
        The area cannot be read or lies elsewhere, or nothing was named.
    """
    if not parts and within is None:
        raise InputError("edit_nothing_named")

    def made(desk: Desk) -> Edit:
        area = None if within is None else _area(project, desk, within, crs)
        above = None if within is not None else desk.holder(unit)
        if above is not None:
            return edit.hang(desk.draft, [desk.unit(one) for one in parts], above, force=force)
        return edit.move(desk.draft, desk.parts(parts, area), desk.unit(unit), force=force)

    asked = {"unit": unit, "parts": list(parts), "within": _called(within), "force": force}
    return _edited(project, "move", asked, made, plan_id)


def split(
    project: Project,
    unit: str,
    *,
    line: str | None = None,
    number: int | None = None,
    crs: str | None = None,
    force: bool = False,
    plan_id: str | None = None,
) -> Report:
    """
    Divide a unit along a drawn line, or into so many pieces of like size; the largest keeps the code.

    A unit that holds other units is divided along the borders of these.

    Raises
    ------
    PlanError
        There is no such unit, the line misses it, it cannot be divided into so many, or a hard rule would be broken.
    InputError
        Neither line nor number was given, or both; or the line cannot be read.
    """
    if (line is None) == (number is None):
        raise InputError("edit_line_or_number")

    def made(desk: Desk) -> Edit:
        drawn = None if line is None else _line(project, desk, line, crs)
        return divided(desk, unit, drawn, number or 0, force=force)

    asked = {"unit": unit, "line": _called(line), "number": number, "force": force}
    return _edited(project, "split", asked, made, plan_id)


def merge(
    project: Project,
    units: Sequence[str],
    *,
    into: str | None = None,
    force: bool = False,
    plan_id: str | None = None,
) -> Report:
    """
    Put units together; `into`, else the largest, keeps its code.

    Raises
    ------
    PlanError
        There is no such unit, there are not two, or a hard rule would be broken.
    """

    def made(desk: Desk) -> Edit:
        return together(desk, units, into, force=force)

    return _edited(project, "merge", {"units": list(units), "into": into, "force": force}, made, plan_id)


def rename(project: Project, unit: str, name: str, *, plan_id: str | None = None) -> Report:
    """Give a unit a name, or none by an empty one; raises `PlanError` where another unit goes by it."""

    def made(desk: Desk) -> Edit:
        return edit.rename(desk.draft, desk.unit(unit), name)

    return _edited(project, "rename", {"unit": unit, "name": name}, made, plan_id)


def lock(project: Project, units: Sequence[str] = (), *, every: bool = False, plan_id: str | None = None) -> Report:
    """Lock units, all with `every`: nothing moves into or out of them; raises `PlanError` where nothing changes."""
    return _locking(project, "lock", edit.lock, units, every=every, plan_id=plan_id)


def unlock(project: Project, units: Sequence[str] = (), *, every: bool = False, plan_id: str | None = None) -> Report:
    """Unlock units, all with `every`; raises `PlanError` where nothing changes."""
    return _locking(project, "unlock", edit.unlock, units, every=every, plan_id=plan_id)


def exclusive(
    project: Project,
    unit: str,
    kind: str | None,
    *,
    reason: str | None = None,
    voice: Voice,
    plan_id: str | None = None,
) -> Report:
    """
    Make a unit an exclusive one of a kind of `layers/exclusive.toml`, or without a kind one like the others again.

    `reason` is kept in the revision; `voice` says in which language kinds are named.

    Raises
    ------
    PlanError
        There is no such unit or kind, or it is so already.
    """
    title = kinds(voice)
    if kind is not None and kind not in title:
        raise InputError("edit_no_kind", wanted=kind, known=exclusive_kinds(voice))

    def made(desk: Desk) -> Edit:
        found = desk.unit(unit)
        return edit.base(desk.draft, found) if kind is None else edit.exclusive(desk.draft, found, kind, reason=reason)

    report = _edited(project, "exclusive", {"unit": unit, "kind": kind, "reason": reason}, made, plan_id)
    return titled_kind(report, title.get(kind or "", ""))


def exclusive_kinds(voice: Voice) -> list[str]:
    """List the kinds of exclusive units, each with its title."""
    return [f"{one} ({title})" for one, title in kinds(voice).items()]


def undo(project: Project, *, force: bool = False, plan_id: str | None = None) -> Report:
    """
    Take back the author's own last edit that still stands.

    Raises
    ------
    PlanError
        There is none, or someone else has changed its parts or units since.
    """

    def made(desk: Desk) -> Edit:
        return edit.undo(desk.draft, desk.revisions, desk.revision_parts, desk.author, force=force)

    return _edited(project, "undo", {"force": force}, made, plan_id)


def redo(project: Project, *, force: bool = False, plan_id: str | None = None) -> Report:
    """Make again what the author took back last, unless they edited since; raises as `undo` does."""

    def made(desk: Desk) -> Edit:
        return edit.redo(desk.draft, desk.revisions, desk.revision_parts, desk.author, force=force)

    return _edited(project, "redo", {"force": force}, made, plan_id)


def kinds(voice: Voice) -> dict[str, str]:
    """Give the titles of the kinds of exclusive units, by their names."""
    return {str(one["name"]): str(one["title"][voice.language]) for one in catalog.layer("exclusive")["kinds"]}


# made of what lies on the desk ------------------------------------------------------------------------------------
def divided(desk: Desk, unit: str, line: Any, number: int, *, force: bool = False) -> Edit:
    """Divide a unit along a line in the project's metres, or without one into so many pieces; raises as `split`."""
    found = desk.unit(unit)
    if edit.holds_units(desk.draft, found):
        return _split_above(desk, found, line, number, force=force)
    edit.refuse_unknown(desk.draft, [found])
    if line is not None:
        group = edit.by_line(desk.draft, found, desk.tables["cells"], line, desk.weight)
    else:
        group = edit.in_pieces(desk.draft, found, number, desk.measure.criteria, desk.weight)
    return edit.split(desk.draft, found, group, desk.weight, force=force)


def together(desk: Desk, units: Sequence[str], into: str | None, *, force: bool = False) -> Edit:
    """Put units together; raises as `merge` does."""
    found = [desk.unit(one) for one in units]
    if any(edit.holds_units(desk.draft, one) for one in found):
        size = desk.measure.sizes(desk.draft)
        largest = min(found, key=lambda one: (not edit.holds_units(desk.draft, one), -size[one], one))
        target = desk.unit(into) if into is not None else largest
        return edit.merge_above(desk.draft, found, target, force=force)
    target = desk.unit(into) if into is not None else edit.heaviest(desk.draft, found, desk.weight)
    return edit.merge(desk.draft, found, target, force=force)


def titled_kind(report: Report, title: str) -> Report:
    """Name the kind of an exclusive unit in the headline by its title."""
    headline = report.notes[0]
    report.notes[0] = Note(headline.key, {**headline.facts, "kind": title})
    return report


# below -------------------------------------------------------------------------------------------------------------
def _flat(desk: Desk, unit: str) -> Draft:
    """Give the draft on the level of a unit, as if it held the parts itself."""
    plan = next(one for one in desk.draft.plan.tiers() if unit in one.units)
    return replace(desk.draft, plan=replace(plan, parents={}))


def _split_above(desk: Desk, unit: str, line: Any, number: int, *, force: bool) -> Edit:
    """Divide a unit that holds others: a line or a number says how, the borders of those inside say where."""
    if line is not None:
        group = edit.by_line(_flat(desk, unit), unit, desk.tables["cells"], line, desk.weight)
    else:
        group = edit.units_in_pieces(desk.draft, unit, number, desk.measure.criteria, desk.weight)
    return edit.split_above(desk.draft, unit, group, desk.weight, force=force)


def _locking(
    project: Project,
    command: str,
    way: Callable[[Draft, Sequence[str]], Edit],
    units: Sequence[str],
    *,
    every: bool,
    plan_id: str | None,
) -> Report:
    if bool(units) == every:
        raise InputError("edit_units_or_all")

    def made(desk: Desk) -> Edit:
        return way(desk.draft, desk.draft.leaves if every else [desk.unit(one) for one in units])

    return _edited(project, command, {"units": list(units), "all": every}, made, plan_id)


def _edited(
    project: Project, command: str, asked: Mapping[str, Any], make: Callable[[Desk], Edit], plan_id: str | None
) -> Report:
    """Lay out the draft, make the edit and write it: all of it or nothing."""
    wanted = plan_id or project.active_plan_id()
    tables = project.reading(*GROUND)
    graph = graph_of(tables)
    with project.change(f"edit {command}", {"plan": wanted, **asked}) as change:
        desk = _laid_out(change, wanted, tables, graph)
        made = make(desk)
        report = edited.write(change, desk.draft, made, tables, desk.measure)
    report.next = f"govmap map {project.path.name} -o map.html"
    return report


def _laid_out(change: Change, plan_id: str, tables: Mapping[str, pd.DataFrame], graph: Any) -> Desk:
    """Read the plan inside the transaction, on the ground that was read before it."""
    session = change.session
    plan = plan_of(session, plan_id)
    facts = facts_of(tables["project"])
    row = session.read("plans", where={"plan_id": plan_id}).iloc[0]
    if row["status"] in SETTLED or str(plan.edition) != change.get("edition"):
        raise PlanError("edit_settled", plan=plan_id, status=note(f"agree_state_{row['status']}"))
    counts = session.read("parts", columns=COUNTED)
    same = all(change.get(fact) == facts.get(fact) for fact in ("edition", "cells_fingerprint"))
    if not same or not counts.equals(pd.DataFrame(tables["parts"][COUNTED])):
        raise StaleError("project_stale")
    revisions = session.read("revisions", where={"plan_id": plan_id})
    hands = edit.edits_of(revisions)
    rows = session.read("revision_parts", where={"revision_id": hands})
    ground = atoms(dict(tables))
    draft = Draft(
        plan=plan,
        units=pd.DataFrame(session.read("units", where={"plan_id": plan_id}).drop(columns="geometry")),
        atoms=ground[ground["part_id"].isin(plan.parts.index)].reset_index(drop=True),
        graph=graph,
        used=frozenset(edit.units_ever(revisions)),
    )
    measure = edited.Measure.of(draft, row["criteria"])
    return Desk(
        draft=draft, tables=tables, revisions=revisions, revision_parts=rows, measure=measure, author=change.author
    )


def _called(given: str | None) -> str | None:
    """Name a drawn shape for the audit: a file by its name alone, for its folder may name a person."""
    if given is None or WORDS_OF_A_SHAPE.search(given):
        return given and given[:LONGEST_TOLD]
    return re.split(r"[\\\\/]", given)[-1]


def _area(project: Project, desk: Desk, given: str, crs: str | None) -> Any:
    from govmap.sources import drawn

    return drawn.area(given, project.crs, tuple(desk.tables["cells"].total_bounds), system=crs)


def _line(project: Project, desk: Desk, given: str, crs: str | None) -> Any:
    from govmap.sources import drawn

    return drawn.line(given, project.crs, tuple(desk.tables["cells"].total_bounds), system=crs)

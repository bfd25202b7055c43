"""A sitting over one plan: the draft stays in memory while a planner redraws it, so that a stroke is quick.

Every edit is the one that `pipeline.editing` makes, with the same rules, one revision in one transaction; only what
nobody waits for (outlines, bounds, reasons, counts of registers) is written when the hand rests. Whoever else writes to
the plan or its ground is noticed before anything is written over it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from govmap.delineate import edit
from govmap.delineate.edit import Edit
from govmap.delineate.edit.history import EDITS
from govmap.errors import InputError, PlanError
from govmap.messages import Voice
from govmap.pipeline import drafted, edited, editing, nearby
from govmap.pipeline.catching_up import BEHIND
from govmap.pipeline.editing import Desk
from govmap.pipeline.held import Held, is_fresh, laid_out, refuse_stale
from govmap.pipeline.report import Report
from govmap.project import Change, Project, facts_of

Make = Callable[[Desk], Edit]


class Drafting:
    """
    One plan on the desk; `held` is what is known of it, and every method that writes brings it up to date.

    `moved` holds the numbers of the parts that the last edit moved and the unit of each, `gone` units that are no more.
    An edit is safe when its method returns; bringing it into the one file, for those who copy that, is left to `tidy`.
    """

    def __init__(self, project: Project, plan_id: str | None = None) -> None:
        self.plan_id = plan_id or project.active_plan_id()
        self.held = laid_out(project, self.plan_id)
        self.moved: tuple[list[int], list[str]] = ([], [])
        self.gone: list[str] = []

    @property
    def revision(self) -> str:
        """The last revision of the plan, as far as is known here."""
        return self.held.head

    @property
    def behind(self) -> bool:
        """Tell whether outlines and what follows from them are still to be written."""
        return self.held.behind

    def refresh(self, project: Project) -> bool:
        """Look at the plan anew where another has written to it or its ground; say whether that was so."""
        with project.store.reading() as session:
            fresh = is_fresh(session, facts_of(session.read("project")), self.held, self.plan_id)
        if not fresh:
            self.held = laid_out(project, self.plan_id)
        return not fresh

    def sign(self, author: str) -> None:
        """Let another name stand under what is edited from now on; each takes back their own edits alone."""
        desk = self.held.desk
        if author != desk.author:
            turns = edit.standing(desk.revisions, author)
            self.held = replace(self.held, desk=replace(desk, author=author), turns=turns)

    # strokes ---------------------------------------------------------------------------------------------------------
    def stroke(
        self, project: Project, moves: Mapping[int, str], *, expected: str | None = None, force: bool = False
    ) -> Report:
        """
        Move parts, each to its unit.

        Parameters
        ----------
        moves
            Ids of units by the numbers of parts, as `ground` counts them.
        expected
            The revision that the page knew; None to take whatever stands.
        force
            Break hard rules; the revision says which.

        Raises
        ------
        PlanError
            As `editing.move` does.
        StaleError
            Another has written since; nothing was changed.
        """
        unit_of = {self._part(number): unit for number, unit in moves.items()}
        units = sorted(set(unit_of.values()))

        def made(desk: Desk) -> Edit:
            if len(units) == 1:
                return edit.move(desk.draft, unit_of, units[0], force=force)
            return edit.shift(desk.draft, unit_of, force=force)

        asked = {"unit": ", ".join(units[:3]), "parts": len(unit_of), "force": force}
        return self._edited(project, "move", asked, made, expected, self._holding(unit_of))

    def found(
        self, project: Project, numbers: Sequence[int], *, expected: str | None = None, force: bool = False
    ) -> Report:
        """Make a new unit of parts, given by number; raises as `stroke` does."""
        parts = [self._part(number) for number in numbers]

        def made(desk: Desk) -> Edit:
            return edit.found(desk.draft, parts, desk.weight, force=force)

        asked = {"parts": len(parts), "force": force}
        return self._edited(project, "split", asked, made, expected, self._holding(dict.fromkeys(parts)))

    # whole units -----------------------------------------------------------------------------------------------------
    def split(
        self,
        project: Project,
        unit: str,
        *,
        line: Sequence[tuple[float, float]] | None = None,
        number: int | None = None,
        expected: str | None = None,
        force: bool = False,
    ) -> Report:
        """
        Divide a unit along a line of degrees (east, north), or into so many pieces of like size.

        Raises as `editing.split` and `stroke` do.
        """
        if (line is None) == (number is None):
            raise InputError("edit_line_or_number")
        drawn = None if line is None else _in_metres(line, project)

        def made(desk: Desk) -> Edit:
            return editing.divided(desk, unit, drawn, number or 0, force=force)

        asked = {"unit": unit, "line": None if line is None else len(line), "number": number, "force": force}
        return self._edited(project, "split", asked, made, expected, self._known([unit]))

    def merge(
        self,
        project: Project,
        units: Sequence[str],
        *,
        into: str | None = None,
        expected: str | None = None,
        force: bool = False,
    ) -> Report:
        """Put units together; raises as `editing.merge` and `stroke` do."""

        def made(desk: Desk) -> Edit:
            return editing.together(desk, units, into, force=force)

        asked = {"units": list(units), "into": into, "force": force}
        wanted = [*units, *([] if into is None else [into])]
        return self._edited(project, "merge", asked, made, expected, self._known(wanted))

    def rename(self, project: Project, unit: str, name: str, *, expected: str | None = None) -> Report:
        """Give a unit a name, or none by an empty one; raises as `editing.rename` and `stroke` do."""

        def made(desk: Desk) -> Edit:
            return edit.rename(desk.draft, desk.unit(unit), name)

        return self._edited(project, "rename", {"unit": unit, "name": name}, made, expected)

    def lock(
        self,
        project: Project,
        units: Sequence[str],
        *,
        locked: bool = True,
        every: bool = False,
        expected: str | None = None,
    ) -> Report:
        """Lock or unlock units, or all of them; raises as `editing.lock` and `stroke` do."""
        if bool(units) == every:
            raise InputError("edit_units_or_all")
        way = edit.lock if locked else edit.unlock

        def made(desk: Desk) -> Edit:
            return way(desk.draft, desk.draft.leaves if every else [desk.unit(one) for one in units])

        asked = {"units": list(units), "all": every}
        return self._edited(project, "lock" if locked else "unlock", asked, made, expected)

    def exclusive(
        self, project: Project, unit: str, kind: str | None, *, voice: Voice, expected: str | None = None
    ) -> Report:
        """Make a unit an exclusive one of a kind, or one like the others; raises as `editing.exclusive` does."""
        title = editing.kinds(voice)
        if kind is not None and kind not in title:
            raise InputError("edit_no_kind", wanted=kind, known=editing.exclusive_kinds(voice))

        def made(desk: Desk) -> Edit:
            one = desk.unit(unit)
            return edit.base(desk.draft, one) if kind is None else edit.exclusive(desk.draft, one, kind)

        report = self._edited(project, "exclusive", {"unit": unit, "kind": kind}, made, expected)
        return editing.titled_kind(report, title.get(kind or "", ""))

    # taken back ------------------------------------------------------------------------------------------------------
    def undo(self, project: Project, *, expected: str | None = None, force: bool = False) -> Report:
        """Take back the author's own last edit that still stands; raises as `editing.undo` and `stroke` do."""

        def made(desk: Desk) -> Edit:
            return edit.undo(desk.draft, desk.revisions, desk.revision_parts, desk.author, force=force)

        return self._edited(project, "undo", {"force": force}, made, expected, self._turned(0))

    def redo(self, project: Project, *, expected: str | None = None, force: bool = False) -> Report:
        """Make again what the author took back last; raises as `editing.redo` and `stroke` do."""

        def made(desk: Desk) -> Edit:
            return edit.redo(desk.draft, desk.revisions, desk.revision_parts, desk.author, force=force)

        return self._edited(project, "redo", {"force": force}, made, expected, self._turned(1))

    def tidy(self, project: Project) -> None:
        """Bring the edits so far into the one file; the next change does it where this cannot be done now."""
        project.store.checkpoint()

    def settle(self, project: Project) -> bool:
        """Write what follows from the strokes so far, as single edits would have; say whether there was anything."""
        if not self.held.behind:
            return False
        desk = self.held.desk
        with project.change("edit settle", {"plan": self.plan_id}) as change:
            refuse_stale(change, self.held, self.plan_id, None)
            drafted.settle(change, self.plan_id, desk.tables, self.held.graph)
            units = change.session.read("units", where={"plan_id": self.plan_id}).drop(columns="geometry")
        draft = replace(desk.draft, units=pd.DataFrame(units))
        self.held = replace(self.held, desk=replace(desk, draft=draft), behind=False)
        return True

    # below -----------------------------------------------------------------------------------------------------------
    def _part(self, number: int) -> str:
        if not 0 <= number < len(self.held.ids):
            raise InputError("drafting_no_part", given=number)
        return str(self.held.ids[number])

    def _holding(self, unit_of: Mapping[str, str | None]) -> Desk | None:
        """Give the desk with the units that parts leave and come into; the whole where one is unknown."""
        desk = self.held.desk
        lying, unit = self.held.lying, desk.draft.plan.parts.to_numpy(dtype=object)
        units = {*unit[lying.numbers(unit_of)], *(one for one in unit_of.values() if one is not None)}
        return nearby.near(desk, units, lying) if units and units <= lying.members.keys() else None

    def _known(self, units: Sequence[str]) -> Desk | None:
        """Give the desk with some units; the whole where one is called by another word than its id."""
        desk = self.held.desk
        known = set(units) <= set(desk.draft.units["unit_id"])
        return nearby.near(desk, units, self.held.lying) if known else None

    def _turned(self, which: int) -> Desk | None:
        """Give the desk with what an undo (0) or a redo (1) can concern; the whole where there is none."""
        desk = self.held.desk
        revisions = self.held.turns[which]
        return nearby.turning(desk, revisions[-1], self.held.lying) if revisions else None

    def _edited(
        self,
        project: Project,
        command: str,
        asked: Mapping[str, Any],
        make: Make,
        expected: str | None,
        near: Desk | None = None,
    ) -> Report:
        """Make an edit of what is held, or of the part of it that it concerns, and write it: all of it or nothing."""
        held, desk = self.held, near or self.held.desk
        whole, tables = held.desk.draft, held.desk.tables
        with project.change(f"edit {command}", {"plan": self.plan_id, **asked}, tidy=False) as change:
            refuse_stale(change, held, self.plan_id, expected)
            made = make(desk)
            waits = drafted.may_wait(whole, made)
            if waits:
                written = drafted.at_once(change, whole, desk.draft, made, tables, held.head)
                after = _after(held, made, written, change)
                report = _report(desk, after, made, written)
            else:
                made = replace(made, before=whole.plan, after=nearby.widened(held.desk, made, held.lying))
                report = edited.write(change, whole, made, tables, held.desk.measure)
        self.held = after if waits else laid_out(project, self.plan_id, tables=tables, graph=held.graph)
        self.gone, rows = made.gone, made.rows
        self.moved = (
            self.held.lying.numbers(rows["part_id"]).tolist(),
            [str(one) for one in rows["unit_after"]],
        )
        return report


def settled(project: Project) -> list[str]:
    """Write what follows from strokes of any plan, after a desk that was cut off or before others read; name them."""
    plans = drafted.behind(project)
    for plan_id in plans:
        try:
            Drafting(project, plan_id).settle(project)
        except PlanError:  # it is no draft any more, or gone: what stands of it was drawn when it became so
            with project.change("edit settle", {"plan": plan_id}) as change:
                change.unset(f"{BEHIND}{plan_id}")
    return plans


def _report(desk: Desk, after: Held, made: Edit, written: drafted.Written) -> Report:
    touched = {*desk.draft.units["unit_id"], *made.made}
    units = written.units[written.units["unit_id"].isin(touched)]
    found = edited.report(desk.draft, made, units, desk.measure, written.revision, desk.tables["compounds"])
    found.notes += written.notes
    found.figures["undo"], found.figures["redo"] = can_turn(after)
    return found


def can_turn(held: Held) -> tuple[int, int]:
    """Count the edits that the author can take back, and those that can be made again."""
    done, undone = held.turns
    return len(done), len(undone)


def _after(held: Held, made: Edit, written: drafted.Written, change: Change) -> Held:
    """Give what is known of the plan after an edit that was written."""
    desk, action = held.desk, made.action
    row: dict[str, Any] = {
        "revision_id": written.revision,
        "plan_id": made.after.plan_id,
        "parent_id": held.head,
        "action": action,
    }
    row |= {"detail": made.detail, "author": change.author, "at": change.at}
    added = pd.DataFrame([row])[list(desk.revisions.columns)]
    revisions = pd.concat([desk.revisions.astype(object), added.astype(object)], ignore_index=True)
    rows = desk.revision_parts
    if action in EDITS and len(written.rows):
        rows = pd.concat(
            [rows, written.rows.assign(revision_id=written.revision)[list(rows.columns)]], ignore_index=True
        )
    used = frozenset({*desk.draft.used, *made.facts})
    draft = replace(desk.draft, plan=nearby.widened(desk, made, held.lying), units=written.units, used=used)
    fresh = replace(desk, draft=draft, revisions=revisions, revision_parts=rows)
    sides = (made.rows[name].to_numpy(dtype=object) for name in ("unit_before", "unit_after"))
    lying = held.lying.moved(held.lying.numbers(made.rows["part_id"]), *sides)
    mine = change.author == desk.author and action in EDITS
    turns = edit.stood(held.turns, written.revision, action, made.detail) if mine else held.turns
    return replace(held, desk=fresh, head=written.revision, behind=True, lying=lying, turns=turns)


def _in_metres(line: Sequence[tuple[float, float]], project: Project) -> Any:
    """Give a line of degrees in the project's system."""
    import shapely
    from pyproj import Transformer

    from govmap.crs import GEOGRAPHIC

    if len(line) < 2:  # noqa: PLR2004 - a line has two ends
        raise InputError("drafting_no_line")
    turn = Transformer.from_crs(GEOGRAPHIC, project.crs, always_xy=True)
    return shapely.linestrings(np.column_stack(turn.transform(*np.asarray(line, dtype=float).T)))

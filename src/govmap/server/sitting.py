"""The sitting of a desk: the one draft that its page redraws, kept in memory as long as the same project is open."""

import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from govmap.errors import GovmapError, PlanError, StaleError
from govmap.server.opened import REDRAW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from govmap.pipeline.drafting import Drafting
    from govmap.pipeline.report import Report
    from govmap.project import Project
    from govmap.server.opened import Opened


@dataclass
class Sitting:
    """A draft, the project it is of, what is known of ages in it, and its cells as they were last packed."""

    project: "Project"
    drafting: "Drafting"
    ages: "pd.DataFrame"
    packed: bytes | None = None

    def cells(self) -> bytes:
        """Give the outlines of the cells as a pack: no edit of this desk changes them."""
        from govmap.pipeline import draft_ground

        self.packed = self.packed or draft_ground.cells(self.drafting, self.project)
        return self.packed


_sittings: "WeakKeyDictionary[Opened, Sitting]" = WeakKeyDictionary()
_lock = threading.Lock()


@contextmanager
def looking(opened: "Opened") -> "Iterator[Sitting]":
    """Give the sitting as the project stands now."""
    with opened.reading() as project:
        yield _fresh(opened, project)


def edited(opened: "Opened", make: "Callable[[Drafting, Project], Report]") -> "tuple[Report, dict[str, Any]]":
    """
    Make one edit, and say what became of the units it concerns.

    Raises
    ------
    StaleError
        Another has written since; the sitting shows what stands now.
    """
    from govmap.pipeline import draft_ground

    with opened.writing(REDRAW) as project:
        sitting = _sat(opened, project)
        drafting = sitting.drafting
        drafting.sign(project.author)
        try:
            report = make(drafting, project)
        except StaleError:
            drafting.refresh(project)
            raise
    touched = {str(row["unit_id"]) for row in report.figures["units"]}
    rows = draft_ground.unit_rows(drafting, touched | set(_above(drafting, touched)))
    told = {"revision": drafting.revision, "rows": rows, "ages": draft_ground.ages_of(drafting, sitting.ages, touched)}
    return report, told | {"parts": drafting.moved[0], "to": drafting.moved[1], "gone": drafting.gone}


def tidy(opened: "Opened") -> None:
    """Bring edits into the one file, once the page has its answer: it need not wait for that."""
    sitting = _sittings.get(opened)
    if sitting is not None:
        with suppress(GovmapError), opened.reading() as project:
            if sitting.project is project:
                sitting.drafting.tidy(project)


def settle(opened: "Opened") -> bool:
    """Write what follows from the strokes of this desk; say whether there was anything."""
    sitting = _sittings.get(opened)
    if sitting is None or not sitting.drafting.behind:
        return False
    with opened.writing(REDRAW) as project:
        return _sat(opened, project).drafting.settle(project)


def _above(drafting: "Drafting", units: set[str]) -> "Iterator[str]":
    parents = drafting.held.desk.draft.plan.parents
    for one in sorted(units):
        over = parents.get(one)
        while over is not None:
            yield over
            over = parents.get(over)


def _sat(opened: "Opened", project: "Project") -> Sitting:
    """Give the sitting, made where there is none of this project and its active plan."""
    from govmap.pipeline import draft_ground
    from govmap.pipeline.drafting import Drafting

    with _lock:
        sitting = _sittings.get(opened)
        if sitting is None or sitting.project is not project or sitting.drafting.plan_id != project.active_plan_id():
            drafting = Drafting(project)
            sitting = Sitting(project=project, drafting=drafting, ages=draft_ground.ages(drafting, project))
            _sittings[opened] = sitting
        return sitting


def _fresh(opened: "Opened", project: "Project") -> Sitting:
    from govmap.pipeline import draft_ground

    sitting = _sat(opened, project)
    try:
        if sitting.drafting.refresh(project):
            sitting.ages, sitting.packed = draft_ground.ages(sitting.drafting, project), None
    except PlanError:
        _sittings.pop(opened, None)
        raise
    return sitting

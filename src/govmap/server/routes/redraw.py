"""Redraw: the ground for the page, strokes and edits, undo and redo, and proposals that change nothing until taken."""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from govmap.messages import Voice
from govmap.server import sitting
from govmap.server.answers import Answer, Open, Speaking, done
from govmap.server.opened import Opened

if TYPE_CHECKING:
    from collections.abc import Callable

    from govmap.pipeline.drafting import Drafting
    from govmap.pipeline.report import Report
    from govmap.project import Project


def _writing(opened: Open, tasks: BackgroundTasks) -> Opened:
    """Bring what was written into the one file when the page has its answer."""
    tasks.add_task(sitting.tidy, opened)
    return opened


router = APIRouter(prefix="/api/redraw")
Writing = Annotated[Opened, Depends(_writing)]
MOST_PARTS, MOST_UNITS = 1_000_000, 100_000
Unit = Annotated[str, Field(min_length=1, max_length=200)]
Units = Annotated[list[Unit], Field(max_length=MOST_UNITS)]
Numbers = Annotated[list[Annotated[int, Field(ge=0, le=2**31 - 1)]], Field(max_length=MOST_PARTS)]
Degrees = tuple[Annotated[float, Field(ge=-180, le=180)], Annotated[float, Field(ge=-90, le=90)]]


class Edit(BaseModel):
    """What every edit says: the revision that the page knows, and whether rules may be broken."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)
    revision: str | None = Field(default=None, max_length=100)
    force: bool = False

    @property
    def how(self) -> dict[str, Any]:
        """The choices of an edit that rules may stand against."""
        return {"expected": self.revision, "force": self.force}


class Stroke(Edit):
    """Parts, and the unit of each: a place in `units`."""

    units: Annotated[list[Unit], Field(min_length=1, max_length=MOST_UNITS)]
    parts: Numbers
    to: Numbers


class Founding(Edit):
    """Parts that become a unit."""

    parts: Numbers


class Split(Edit):
    """A unit, and a line in degrees or a number of pieces."""

    unit: Unit
    line: Annotated[list[Degrees], Field(min_length=2, max_length=2000)] | None = None
    number: Annotated[int, Field(ge=2, le=100)] | None = None


class Merge(Edit):
    """Units to be put together."""

    units: Annotated[Units, Field(min_length=1)]
    into: Unit | None = None


class Name(Edit):
    """A unit and its name."""

    unit: Unit
    name: str = Field(max_length=400)


class Lock(Edit):
    """Units to be locked or unlocked, or all of them."""

    units: Units = Field(default_factory=list)
    every: bool = False
    locked: bool = True


class Exclusive(Edit):
    """A unit and what it is for; null makes it one like the others."""

    unit: Unit
    kind: str | None = Field(default=None, max_length=60)


class Rebalance(BaseModel):
    """Units to be cut anew among themselves."""

    units: Annotated[Units, Field(min_length=1)]
    anew: bool = False


@router.get("/ground")
def ground(opened: Open) -> Response:
    """Give parts, borders, units and band."""
    from govmap.pipeline import draft_ground

    with sitting.looking(opened) as sat:
        facts = draft_ground.ground(sat.drafting)
        facts["ages"] = draft_ground.ages_of(sat.drafting, sat.ages)
    return Answer({"ok": True, **facts})


@router.get("/cells")
def cells(opened: Open) -> Response:
    """Give the outlines of the cells as a pack."""
    with sitting.looking(opened) as sat:
        packed = sat.cells()
    return Response(packed, media_type="application/octet-stream", headers={"Cache-Control": "no-store"})


def _edited(opened: Opened, voice: Voice, make: "Callable[[Drafting, Project], Report]") -> dict[str, Any]:
    """Make an edit; give what it did and what became of the units."""
    report, told = sitting.edited(opened, make)
    return done(report, voice) | told


@router.post("/stroke")
def stroke(given: Stroke, opened: Writing, voice: Speaking) -> dict[str, Any]:
    """Move parts, each to its unit."""
    moves = {part: given.units[to] for part, to in zip(given.parts, given.to, strict=False) if to < len(given.units)}
    return _edited(opened, voice, lambda draft, project: draft.stroke(project, moves, **given.how))


@router.post("/found")
def found(given: Founding, opened: Writing, voice: Speaking) -> dict[str, Any]:
    """Make a new unit of parts."""
    return _edited(opened, voice, lambda draft, project: draft.found(project, given.parts, **given.how))


@router.post("/split")
def split(given: Split, opened: Writing, voice: Speaking) -> dict[str, Any]:
    """Divide a unit."""
    where: dict[str, Any] = {"line": given.line, "number": given.number}
    return _edited(opened, voice, lambda draft, project: draft.split(project, given.unit, **where, **given.how))


@router.post("/merge")
def merge(given: Merge, opened: Writing, voice: Speaking) -> dict[str, Any]:
    """Put units together."""
    return _edited(
        opened, voice, lambda draft, project: draft.merge(project, given.units, into=given.into, **given.how)
    )


@router.post("/rename")
def rename(given: Name, opened: Writing, voice: Speaking) -> dict[str, Any]:
    """Give a unit a name."""
    known = given.revision
    return _edited(opened, voice, lambda draft, project: draft.rename(project, given.unit, given.name, expected=known))


@router.post("/lock")
def lock(given: Lock, opened: Writing, voice: Speaking) -> dict[str, Any]:
    """Lock or unlock units."""
    which: dict[str, Any] = {"locked": given.locked, "every": given.every}
    return _edited(
        opened, voice, lambda draft, project: draft.lock(project, given.units, expected=given.revision, **which)
    )


@router.post("/exclusive")
def exclusive(given: Exclusive, opened: Writing, voice: Speaking) -> dict[str, Any]:
    """Make a unit an exclusive one, or one like the others."""
    how: dict[str, Any] = {"voice": voice, "expected": given.revision}
    return _edited(opened, voice, lambda draft, project: draft.exclusive(project, given.unit, given.kind, **how))


@router.post("/undo")
def undo(given: Edit, opened: Writing, voice: Speaking) -> dict[str, Any]:
    """Take back the last edit."""
    return _edited(opened, voice, lambda draft, project: draft.undo(project, **given.how))


@router.post("/redo")
def redo(given: Edit, opened: Writing, voice: Speaking) -> dict[str, Any]:
    """Make again what was taken back last."""
    return _edited(opened, voice, lambda draft, project: draft.redo(project, **given.how))


@router.post("/rebalance")
def rebalance(given: Rebalance, opened: Open) -> dict[str, Any]:
    """Propose how units could be cut among themselves; nothing is written."""
    from govmap.pipeline.rebalancing import rebalance as proposed

    with sitting.looking(opened) as sat:
        found = proposed(sat.drafting, given.units, anew=given.anew)
        moves = {"parts": list(found.moves), "to": list(found.moves.values())}
        return {"ok": True, "revision": sat.drafting.revision, **moves, "rows": found.units, "figures": found.figures}


@router.post("/settle")
def settle(opened: Writing) -> dict[str, Any]:
    """Draw and describe the units as they lie now."""
    return {"ok": True, "settled": sitting.settle(opened)}

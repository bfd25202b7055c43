"""Base data by hand: buildings drawn and described, walls, gates, compounds, boundaries, what the map offers."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from govmap.pipeline import based, describing, drawing, fencing, handmade, offering
from govmap.server.answers import Open, Speaking, done

router = APIRouter(prefix="/api/base")
Degree = Annotated[float, Field(ge=-180, le=180)]
Corner = tuple[Degree, Degree]
Corners = Annotated[list[Corner], Field(max_length=5000)]
Word = Annotated[str, Field(max_length=120)]
Ids = Annotated[list[Word], Field(max_length=500)]
Value = Annotated[int, Field(ge=-1_000_000, le=1_000_000)] | Word | None
Facts = Annotated[dict[Word, Value], Field(max_length=20)]
Small = Annotated[int, Field(ge=-1000, le=100_000)]


class Place(BaseModel):
    """A place on the map."""

    at: Corner


class Adding(BaseModel):
    """A building: a place, or its outline."""

    at: Corner | None = None
    ring: Corners | None = None
    facts: Facts = {}


class Cutting(BaseModel):
    """A building and the line that divides it."""

    building: Word
    line: Corners


class Several(BaseModel):
    """Some buildings."""

    buildings: Ids


class Numbering(Several):
    """How buildings are numbered."""

    start: Small = 1
    step: Small = 1
    before: Annotated[str, Field(max_length=20)] = ""
    after: Annotated[str, Field(max_length=20)] = ""


class Sequence(BaseModel):
    """A compound numbered at once from one of its buildings on."""

    first: Word
    sides: bool = False
    start: Small = 1
    before: Annotated[str, Field(max_length=20)] = ""
    after: Annotated[str, Field(max_length=20)] = ""


class Describing(Several):
    """What is said of buildings."""

    facts: Facts


class Dividing(BaseModel):
    """The stairwells of a building, and its bands of floors."""

    building: Word
    stairwells: Small
    bands: Annotated[list[tuple[Small, Small]], Field(max_length=60)] = []


class Fencing(BaseModel):
    """A wall and its kind."""

    line: Corners
    kind: Word = "wall"


class Gate(Place):
    """A gate and its compound."""

    compound: Word | None = None


class Compound(BaseModel):
    """A compound."""

    ring: Corners
    name: Word
    kind: Word = "residential"
    households: Annotated[int | None, Field(ge=0, le=100_000)] = None


class Boundary(BaseModel):
    """A community's boundary."""

    ring: Corners
    name: Word
    community: Word | None = None


class Removing(BaseModel):
    """Something drawn."""

    what: Word
    id: Word


class Offers(BaseModel):
    """Differences of the map, and whether they are taken in."""

    offers: Ids
    take: bool = True


@router.get("")
def state(opened: Open, voice: Speaking) -> dict[str, Any]:
    """Say what was drawn by hand, whether the ground is stale, and what may be drawn."""
    with opened.reading() as project:
        return done(based.state(project, voice=voice), voice)


@router.post("/at")
def at(given: Place, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Say which building stands at a place."""
    with opened.reading() as project:
        return done(based.at(project, given.at), voice)


@router.post("/facts")
def facts(given: Several, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Say what is known of buildings."""
    with opened.reading() as project:
        return done(based.facts(project, given.buildings), voice)


@router.post("/add")
def add(given: Adding, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Add a building."""
    with opened.writing("base") as project:
        report = drawing.add(project, at=given.at, ring=given.ring, facts=given.facts)
        return done(based.with_shapes(project, report, [report.figures["building_id"]]), voice)


@router.post("/split")
def split(given: Cutting, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Divide a building."""
    with opened.writing("base") as project:
        report = drawing.split(project, given.building, given.line)
        return done(based.with_shapes(project, report, report.figures["building_ids"]), voice)


@router.post("/merge")
def merge(given: Several, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Put buildings together."""
    with opened.writing("base") as project:
        report = drawing.merge(project, given.buildings)
        return done(based.with_shapes(project, report, given.buildings), voice)


@router.post("/demolish")
def demolish(given: Several, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Mark buildings as gone."""
    with opened.writing("base") as project:
        report = drawing.demolish(project, given.buildings)
        return done(based.with_shapes(project, report, given.buildings), voice)


@router.post("/number")
def number(given: Numbering, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Number buildings in the order in which they were clicked."""
    how = {"start": given.start, "step": given.step}
    with opened.writing("base") as project:
        return done(describing.number(project, given.buildings, **how, before=given.before, after=given.after), voice)


@router.post("/sequence")
def sequence(given: Sequence, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Number a whole compound at once."""
    how = given.model_dump(exclude={"first"})
    with opened.writing("base") as project:
        report = describing.number_compound(project, given.first, **how)
        return done(based.with_shapes(project, report, list(report.figures["numbers"])), voice)


@router.post("/describe")
def describe(given: Describing, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Say facts of buildings."""
    with opened.writing("base") as project:
        return done(describing.describe(project, given.buildings, given.facts), voice)


@router.post("/divide")
def divide(given: Dividing, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Divide a building into stairwells and floors."""
    with opened.writing("base") as project:
        return done(describing.divide(project, given.building, given.stairwells, given.bands), voice)


@router.post("/wall")
def wall(given: Fencing, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Draw a wall."""
    with opened.writing("base") as project:
        return done(fencing.wall(project, given.line, given.kind), voice)


@router.post("/gate")
def gate(given: Gate, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Draw a gate."""
    with opened.writing("base") as project:
        return done(fencing.gate(project, given.at, given.compound), voice)


@router.post("/compound")
def compound(given: Compound, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Draw a compound."""
    with opened.writing("base") as project:
        made = fencing.compound(project, given.ring, given.name, kind=given.kind, households=given.households)
        return done(made, voice)


@router.post("/boundary")
def boundary(given: Boundary, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Draw a boundary."""
    with opened.writing("base") as project:
        return done(fencing.boundary(project, given.ring, given.name, community_id=given.community), voice)


@router.post("/remove")
def remove(given: Removing, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Take something out that was drawn."""
    with opened.writing("base") as project:
        return done(fencing.remove(project, given.what, given.id), voice)


@router.post("/undo")
def undo(opened: Open, voice: Speaking) -> dict[str, Any]:
    """Take the last change by hand back."""
    with opened.writing("base") as project:
        return done(handmade.undo(project), voice)


@router.get("/offers")
def offers(opened: Open, voice: Speaking) -> dict[str, Any]:
    """List what the map offers."""
    with opened.reading() as project:
        return done(offering.listed(project), voice)


@router.post("/offers")
def decide(given: Offers, opened: Open, voice: Speaking) -> dict[str, Any]:
    """Take differences of the map in, or refuse them."""
    with opened.writing("base") as project:
        way = offering.take if given.take else offering.leave
        return done(way(project, given.offers), voice)

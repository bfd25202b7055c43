"""Printed sheets: one PDF of what a unit's people hang up, carry and hand out; and pictures for the group chat."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from govmap.errors import InputError
from govmap.messages import Voice, note
from govmap.pipeline import printed, residents_named, sheets
from govmap.pipeline.outputs import not_the_project, remember, title_of
from govmap.pipeline.report import Progress, Report, quiet
from govmap.project import Project

if TYPE_CHECKING:
    from govmap.publish import Released
    from govmap.render.atlas.desk import Desk, Leaf

KINDS = ("board", "carry", "wall", "door", "change", "numbering")
INSIDE = ("carry", "door", "numbering")
WALL_PAPER = "A1"
OWNER_ONLY = 0o600
LISTED = ("addresses", "plan_parts", "tallies")  # read for lists, and of no use once those are made
ROWS = (
    "unit_id", "unit_code", "building_id", "compound", "street", "house_number", "building", "part", "address",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Printing:
    """
    What is printed, and how.

    Parameters
    ----------
    kind
        One of `KINDS`.
    units
        Codes or ids of units; all without any.
    worker
        Only the units that this worker answers for.
    paper
        Its name; that of the profile without it, and A1 for a wall map.
    audience
        `public`; the office's own with `internal`.
    names
        Whether sheets name who answers and their office telephone.
    former
        The plan from which things change, for a change notice; the one this plan came from without it.
    with_names
        Whether a sheet that is carried names residents, from the file of persons beside the project.
    """

    kind: str = "board"
    units: Sequence[str] = ()
    worker: str | None = None
    paper: str | None = None
    audience: str | None = None
    internal: bool = False
    names: bool = True
    large: bool = False
    headline: str | None = None
    line: str | None = None
    former: str | None = None
    cover: bool | None = None
    with_names: bool = False


def atlas(
    project: Project, output: Path, how: Printing | None = None, *, voice: Voice, progress: Progress = quiet
) -> Report:
    """
    Print sheets of the active plan as one PDF.

    Raises
    ------
    InputError
        There is no such kind, paper, unit or worker; a kind is for the office alone and `internal` was not given; the
        file does not end in .pdf; a sign can be written with no font of this machine; residents are to be named where
        they must not or cannot be.
    PlanError
        There is no plan yet.
    """
    from govmap.exports.files import whole
    from govmap.render.atlas import book, press

    how = how or Printing()
    if output.suffix.lower() != ".pdf":
        raise InputError("atlas_ending", where=str(output))
    not_the_project(project, output)
    released = released_of(project, how)
    progress("progress_atlas", 0.0)
    inside = printed.office(project)
    desk = desk_of(project, released, inside, how, voice)
    released = desk.released  # without the tables that are not drawn, which are large
    units = units_of(desk, inside, how)
    material = sheets.material(project, desk, how.kind, former=how.former)
    named = residents_named.of_units(project, units) if how.with_names else None
    if named is not None:
        material = replace(material, residents=named.rows)
    leaves = book.leaves(desk, how.kind, units, material, with_cover=len(units) > 1 if how.cover is None else how.cover)
    title = desk.say("atlas_document", title=desk.title, kind=desk.say(f"atlas_kind_{how.kind}"))
    crs = None if _hidden(project, released) else project.crs
    with whole(output, mode=OWNER_ONLY if how.with_names else 0o644) as fresh:
        press.pdf(desk, leaves, fresh, title=title, crs=crs, progress=lambda share: progress("progress_atlas", share))
    beside = remember(project, released, "atlas", output)
    progress("progress_atlas", 1.0)
    report = _report(project, desk, released, leaves, [output, *beside], units)
    if named is not None:
        report.figures["residents_named"] = len(named.rows)
        report.notes.append(note("atlas_by_name", count=len(named.rows), where=output.name))
        report.notes += [note("atlas_by_name_unplaced", count=named.unplaced)] if named.unplaced else []
    return report


def share(
    project: Project, folder: Path, how: Printing | None = None, *, voice: Voice, progress: Progress = quiet
) -> Report:
    """
    Make one picture of each unit for the group chat: 1080 points wide, what a board says and no more.

    Raises
    ------
    InputError
        There is no such unit, or the folder is a file.
    """
    from govmap.exports.files import write_whole
    from govmap.render.atlas import picture

    how = replace(how or Printing(), kind="board", audience="public", internal=False)
    if folder.exists() and not folder.is_dir():
        raise InputError("share_not_folder", where=str(folder))
    released = released_of(project, how)
    inside = printed.office(project)
    desk = desk_of(project, released, inside, how, voice)
    units = units_of(desk, inside, how)
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for at, unit in enumerate(units):
        progress("progress_share", at / len(units))
        made = picture.unit(desk, unit)
        if made is not None:
            files.append(folder / f"{picture.named(desk, unit)}.png")
            write_whole(files[-1], made)
    beside = remember(project, released, "share", folder.resolve())  # beside the folder, which people forward
    progress("progress_share", 1.0)
    report = _report(project, desk, released, [], [*files, *beside], units)
    report.figures["pictures"] = len(files)
    report.notes[:1] = [note("share_done", count=len(files))]
    return report


def _report(
    project: Project,
    desk: "Desk",
    released: "Released",
    leaves: Sequence["Leaf"],
    files: list[Path],
    units: Sequence[str],
) -> Report:
    """Say what was printed, whose names are on it, and what was held back."""
    people = {(one.name, one.phone) for unit in units for one in desk.people.get(unit, ()) if one.name}
    figures = {"pages": len(leaves), "units": len(units), "audience": released.audience, "people_named": len(people)}
    report = Report(figures=figures | {"suppressed": len(released.suppressed)}, files=files)
    report.notes = [note("atlas_done", pages=len(leaves), count=len(units))]
    if untold := desk.untold.intersection(units):
        report.notes.append(note("atlas_untold_note", count=len(untold)))
    if people:
        project.has_read("atlas", workers=len(people))
        report.notes.append(note("atlas_named", count=len(people)))
    report.notes += list(released.notes)
    return report


# what it is made of ---------------------------------------------------------------------------------------------------
def released_of(project: Project, how: Printing) -> "Released":
    """Let through what the kind of sheet may show."""
    if how.kind not in KINDS:
        raise InputError("atlas_no_kind", wanted=how.kind, known=list(KINDS))
    if how.with_names:
        residents_named.permitted(project, how.kind)
    if how.kind in INSIDE and not how.internal:
        raise InputError("atlas_inside", kind=note(f"atlas_kind_{how.kind}"))
    audience = how.audience or ("worker" if how.kind in INSIDE else "public")
    if how.kind in INSIDE and audience == "public":
        raise InputError("atlas_inside", kind=note(f"atlas_kind_{how.kind}"))
    if how.kind == "board" and audience != "public":
        raise InputError("atlas_board_public")
    return printed.released_of(project, audience, internal=how.internal, incidents=how.kind == "carry")


def desk_of(project: Project, released: "Released", inside: "Released", how: Printing, voice: Voice) -> "Desk":
    """Gather what every sheet is made of; `inside` is what the office itself sees of who answers."""
    from govmap.exports import roster
    from govmap.render.atlas.desk import Desk
    from govmap.render.atlas.near import Near

    profile = project.profile.facts.get("print", {})
    paper = how.paper or (WALL_PAPER if how.kind == "wall" else str(profile.get("paper", "A4")))
    units, buildings = roster.both(released, voice)
    named, unsure = printed.answering(inside, public=not released.internal)
    people = {released.called("unit_id", unit): some for unit, some in named.items()}
    untold = frozenset(released.called("unit_id", unit) for unit in unsure)
    newest, plans = project.fact("osm_newest"), released.tables["plans"]
    return Desk(
        near=Near.of(_drawn(released)),
        voice=voice,
        title=released.worded(project.fact("title") or title_of(released, project)),
        paper=sheets.paper(paper),
        rows=buildings.rows[list(ROWS)],
        units=units.rows,
        called=sheets.called(released.tables),
        people=people if how.names else {},
        untold=untold if how.names else frozenset(),
        plan=sheets.plan_name(plans),
        draft=not len(plans) or plans["status"].iloc[0] != "adopted",
        data_date=newest[:10] if newest else None,
        credit=voice.say("scene_osm") if newest is not None else None,
        crs=None if _hidden(project, released) else project.crs.name,
        length=str(profile.get("length", "m")),
        headline=how.headline and released.worded(how.headline),
        line=how.line and released.worded(how.line),
        large=how.large,
        by_name=how.with_names,
    )


def _drawn(released: "Released") -> "Released":
    """Leave out what is not drawn, and give each unit of the lowest level a colour that its neighbours do not have."""
    from govmap.render import symbology
    from govmap.render.place import shapes_of
    from govmap.render.scene import lowest

    units = released.tables["units"]
    base = lowest(units)
    chosen = symbology.colours(shapes_of(base))
    colour = {unit: symbology.PALETTE[at] for unit, at in zip(base["unit_id"], chosen, strict=True)}
    coloured = units.assign(colour=units["unit_id"].map(colour).astype(object))
    drawn = {name: frame for name, frame in released.tables.items() if name not in LISTED}
    return replace(released, tables={**drawn, "units": coloured})


def units_of(desk: "Desk", inside: "Released", how: Printing) -> list[str]:
    """
    Choose the units that are printed, in the order of their codes.

    Raises
    ------
    InputError
        A unit or a worker is not known, or the worker answers for none.
    """
    known = desk.units["unit_id"].tolist()
    wanted = known
    if how.units:
        by_code = dict(zip(desk.units["unit_code"], known, strict=True))
        asked = {one: by_code.get(one, desk.released.called("unit_id", one)) for one in how.units}
        missing = [one for one, unit in asked.items() if unit not in known]
        if missing:
            raise InputError("atlas_no_unit", wanted=missing, known=list(by_code)[:12])
        named = set(asked.values())
        wanted = [one for one in known if one in named]
    if how.worker is not None:
        ours = {desk.released.called("unit_id", unit) for unit in printed.of_worker(inside, how.worker)}
        wanted = [one for one in wanted if one in ours]
        if not wanted:
            raise InputError("atlas_worker_none", wanted=how.worker)
    return wanted


def _hidden(project: Project, released: "Released") -> bool:
    """Tell whether where things lie on the earth is not said: in what the public of the mainland gets."""
    return not released.internal and project.profile.name == "cn"

"""The whole report put together: eight figures first, then the sections that this audience gets."""

from collections.abc import Sequence
from dataclasses import replace

from govmap.render.report import gaps, incidents, load, origin, people, plan
from govmap.render.report.desk import Desk
from govmap.render.report.paper import Block, Paper, Section, Tile, Words
from govmap.render.svg import clean

PUBLIC = (plan.section, gaps.section, incidents.section, people.duties_section, origin.origin_section)
INSIDE = (
    plan.section,
    gaps.section,
    incidents.section,
    load.load_section,
    people.duties_section,
    people.matches_section,
    load.fit_section,
    origin.changes_section,
    origin.origin_section,
)


def sections(desk: Desk) -> tuple[Section, ...]:
    """Write every section for the audience; the public is not told which command would fill one that is empty."""
    if desk.released.internal:
        return tuple(write(desk) for write in INSIDE)
    written = [write(desk) for write in PUBLIC]
    kept = [replace(one, blocks=tuple(block for block in one.blocks if not _of_the_office(block))) for one in written]
    return tuple(one for one in kept if one.blocks)


def _of_the_office(block: Block) -> bool:
    return isinstance(block, Words) and block.kind == "missing"


def paper(desk: Desk, tiles: Sequence[Tile], *, title: str, plan_name: str, format_: str) -> Paper:
    """
    Put the report together.

    Parameters
    ----------
    tiles
        The eight figures, the red ones first.
    title
        Name of the place.
    format_
        Paper: A4 or Letter.
    """
    released, voice = desk.released, desk.voice
    made = released.at.date().isoformat()
    lines = [voice.say("report_of_plan", plan=plan_name, edition=released.edition)]
    lines.append(voice.say("report_made", date=made, audience=voice.say(f"report_audience_{released.audience}")))
    written = sections(desk)
    return Paper(
        language=voice.language,
        title=clean(voice.say("report_title", place=title)),
        stamp=voice.say("report_stamp") if released.internal else None,
        lines=tuple(lines),
        tiles=tuple(tiles),
        tiles_title=voice.say("report_eight"),
        sections=written,
        contents=voice.say("report_contents"),
        foot=voice.say("report_foot", place=title, date=made),
        paper=format_,
        shared=desk.ground,
    )

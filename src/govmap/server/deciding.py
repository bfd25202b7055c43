"""The longer steps of deciding on a plan: ground divided anew, the map's changes looked for, two plans compared."""

from typing import TYPE_CHECKING

from govmap import pipeline
from govmap.errors import InputError
from govmap.pipeline.report import Report
from govmap.server.steps import Given, Option, Step, Work
from govmap.server.ways import plans

if TYPE_CHECKING:
    from govmap.project import Project

PLANS = (Option(name="before", kind="choice", choices=plans), Option(name="after", kind="choice", choices=plans))
FORMS = ("docx", "pdf", "html")


def ground(project: "Project", _given: Given, work: Work) -> Report:
    """Divide the ground anew after buildings were changed; plans are carried over."""
    return pipeline.cells(project, config=work.config, progress=work.job.tell)


def map_changes(project: "Project", given: Given, work: Work) -> Report:
    """Look for what newer map data change."""
    from govmap.pipeline import offering

    if not given["upload"]:
        raise InputError("desk_no_upload")
    source = pipeline.Source(osm=work.uploads.get(given["upload"]).path)
    return offering.look(project, source, config=work.config, progress=work.job.tell)


def beside(project: "Project", given: Given, work: Work) -> Report:
    """Lay two plans side by side."""
    from govmap.pipeline import meeting

    return meeting.beside(project, given["before"] or "", given["after"] or "active", **work.how)


def document(project: "Project", given: Given, work: Work) -> Report:
    """Write the comparison of two plans for a meeting."""
    from govmap.pipeline import meeting

    output = work.output("meeting", f".{given['meeting_form'] or 'docx'}")
    return meeting.meeting(project, given["before"] or "", given["after"] or "active", output, **work.how)


def changes(project: "Project", given: Given, work: Work) -> Report:
    """Write the table from old to new, every pair of units that share buildings."""
    output = work.output("changes", ".xlsx")
    return pipeline.compare(project, given["before"] or "", given["after"] or "active", output=output, **work.how)


STEPS = (
    Step(name="ground", run=ground),
    Step(name="map_changes", run=map_changes, options=(Option(name="upload", kind="upload"),)),
    Step(name="beside", run=beside, options=PLANS, writes=False),
    Step(
        name="meeting",
        run=document,
        options=(*PLANS, Option(name="meeting_form", kind="choice", choices=FORMS)),
        writes=False,
    ),
    Step(name="changes", run=changes, options=PLANS, writes=False),
)

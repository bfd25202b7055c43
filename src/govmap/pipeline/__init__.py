"""The way of the data: one function a step, from tables to tables; the contents page of the program.

A step is imported when it is first asked for: most commands need one, and all together take seconds to load.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from govmap.pipeline.alternatives import active_or_none, choose, options
    from govmap.pipeline.assessing import assess
    from govmap.pipeline.assigning import Choosing, assign
    from govmap.pipeline.attaching import attach
    from govmap.pipeline.base_data import Source, fetch
    from govmap.pipeline.comparing import compare
    from govmap.pipeline.desk_page import live, live_of_nothing, live_page
    from govmap.pipeline.division import cells, criteria, criteria_for, delineate
    from govmap.pipeline.editing import move, undo
    from govmap.pipeline.filling import Filling
    from govmap.pipeline.forgetting import forget, imports, take_back
    from govmap.pipeline.importing import Reading, Taking, import_table
    from govmap.pipeline.loading import load
    from govmap.pipeline.looking import look
    from govmap.pipeline.matching import match
    from govmap.pipeline.numbering import form
    from govmap.pipeline.outputs import backup, check, export, info, map_, template
    from govmap.pipeline.photos import photo
    from govmap.pipeline.printing import Printing, atlas, share
    from govmap.pipeline.publishing import map_numbered, seen
    from govmap.pipeline.rating import rate
    from govmap.pipeline.report import Progress, Report
    from govmap.pipeline.reporting import report_
    from govmap.pipeline.scoring import score
    from govmap.pipeline.siting import site
    from govmap.pipeline.tour import DEMO_PROJECT, demo
    from govmap.pipeline.whereabouts import standing, take_in

__all__ = [
    "DEMO_PROJECT",
    "Choosing",
    "Filling",
    "Printing",
    "Progress",
    "Reading",
    "Report",
    "Source",
    "Taking",
    "active_or_none",
    "assess",
    "assign",
    "atlas",
    "attach",
    "backup",
    "cells",
    "check",
    "choose",
    "compare",
    "criteria",
    "criteria_for",
    "delineate",
    "demo",
    "export",
    "fetch",
    "forget",
    "form",
    "import_table",
    "imports",
    "info",
    "live",
    "live_of_nothing",
    "live_page",
    "load",
    "look",
    "map_",
    "map_numbered",
    "match",
    "move",
    "options",
    "photo",
    "rate",
    "report_",
    "score",
    "seen",
    "share",
    "site",
    "standing",
    "take_back",
    "take_in",
    "template",
    "undo",
]
STEPS = {
    "assessing": ("assess",),
    "alternatives": ("active_or_none", "choose", "options"),
    "base_data": ("Source", "fetch"),
    "comparing": ("compare",),
    "division": ("cells", "criteria", "criteria_for", "delineate"),
    "editing": ("move", "undo"),
    "filling": ("Filling",),
    "matching": ("match",),
    "numbering": ("form",),
    "outputs": ("backup", "check", "export", "info", "map_", "template"),
    "assigning": ("Choosing", "assign"),
    "attaching": ("attach",),
    "forgetting": ("forget", "imports", "take_back"),
    "importing": ("Reading", "Taking", "import_table"),
    "photos": ("photo",),
    "printing": ("Printing", "atlas", "share"),
    "publishing": ("map_numbered", "seen"),
    "rating": ("rate",),
    "report": ("Progress", "Report"),
    "reporting": ("report_",),
    "desk_page": ("live", "live_of_nothing", "live_page"),
    "loading": ("load",),
    "looking": ("look",),
    "scoring": ("score",),
    "siting": ("site",),
    "tour": ("DEMO_PROJECT", "demo"),
    "whereabouts": ("standing", "take_in"),
}


def __getattr__(name: str) -> Any:
    """Import the step that a name belongs to."""
    step = next((step for step, names in STEPS.items() if name in names), None)
    if step is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{step}"), name)

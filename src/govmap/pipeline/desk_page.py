"""The desk's own map page: what `govmap map --for planner --internal` draws, its packs asked for one by one."""

from typing import TYPE_CHECKING

import pandas as pd

from govmap.messages import LANGUAGES, Voice
from govmap.pipeline.outputs import RELEASED, drawn, released_for
from govmap.project import Project, now
from govmap.publish import Audience, Released, release
from govmap.schema import TABLES

if TYPE_CHECKING:
    from govmap.render.content import Content

PLANNER: Audience = "planner"
READ = tuple(name for name in RELEASED if name != "cells")  # no map draws them: redrawing asks for its own


def live(project: Project, voice: Voice) -> "Content":
    """
    Give facts and packs of the page of a project as it stands, with a plan or before there is one.

    Packs are made when they are first asked for, and read nothing then: the project may change or close meanwhile.
    """
    from govmap.render.content import content

    plan = project.fact("active_plan_id") is not None
    shown = project.reading(*READ)
    released = released_for(project, PLANNER, internal=True, plan_id=None if plan else "", tables=shown)
    return content(released, voice, desk=True, **drawn(project, released, voice))


def live_of_nothing(voice: Voice, *, title: str) -> "Content":
    """Give the same page where no project is open yet."""
    from govmap.render.content import content

    other = Voice(next(one for one in LANGUAGES if one != voice.language))
    return content(_nothing(), voice, desk=True, title=title, other=other)


def _nothing() -> Released:
    tables = {name: pd.DataFrame(columns=list(table.names), dtype=object) for name, table in TABLES.items()}
    return release(tables, audience=PLANNER, plan_id="", edition=0, at=now())


def after_opening(page: str) -> str:
    """Give what of a whole page follows `opening`."""
    from govmap.render import webmap

    return webmap.after_opening(page)


def live_page(made: "Content", *, nonce: str, version: int) -> str:
    """Give the whole page as HTML, for one answer with a nonce of its own."""
    from govmap.render import webmap

    return webmap.live(made, nonce=nonce, version=version)

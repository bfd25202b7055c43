"""How the incidents of a map stand: open, at an end, or unknown, by the stages that ways of working end in."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from govmap import catalog
from govmap.render.place import Frame, column

OPEN, ENDED, UNKNOWN = 0, 1, 2


def endings() -> frozenset[str]:
    """Name the stages in which an incident is at an end, of all ways of working in `layers/lifecycles/`."""
    cycles = catalog.layers("lifecycles").values()
    return frozenset(name for cycle in cycles for name, stage in cycle["stages"].items() if stage.get("terminal"))


def stage_titles(language: str) -> dict[str, str]:
    """Give the titles of all stages; where two ways of working share one, that of the last by name."""
    cycles = catalog.layers("lifecycles")
    return {name: stage["title"][language] for key in sorted(cycles) for name, stage in cycles[key]["stages"].items()}


def standing(incidents: Frame) -> NDArray[np.int64]:
    """
    Tell of each incident how it stands.

    One that repeats another is at an end: it is the other that is worked on. Of one without a stage and without a day
    of closing nobody can say whether it is late, so that it counts as open, not as overdue.
    """
    stage: Any = column(incidents, "stage")
    closed = column(incidents, "closed_at").notna() | column(incidents, "duplicate_of").notna()
    ended = closed | stage.isin(list(endings()))
    return np.where(ended, ENDED, np.where(stage.isna(), UNKNOWN, OPEN)).astype(np.int64)

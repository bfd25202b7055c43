"""Programs that work on a project file while tests kill, crowd or starve them: `hammer.py JOB PATH [NUMBER ...]`.

Each says `ready` when it has imported what it needs, and a line for everything that it was told is safe.
"""

import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from govmap.errors import StaleError
from govmap.plan import Plan
from govmap.project import Project, new_project, open_project, plan_of

ZONE = CRS.from_epsg(32650)
PLAN, UNITS, PAUSE_S = "p", 7, 0.1


def say(*words: object) -> None:
    print(*words, flush=True)


def cells(number: int, generation: int) -> pd.DataFrame:
    """Cells of one generation; their shapes too tell which."""
    at = np.arange(number)
    x, y = 735_000.0 + 10 * (at % 100), 2_423_000.0 + 10 * (at // 100)
    data = {"cell_id": [f"c{one:06d}" for one in at], "edition": generation, "block_id": f"g{generation}"}
    return pd.DataFrame({**data, "geometry": shapely.box(x, y, x + 9, y + 1 + generation % 8)})


def turn_over(project: Project, number: int, generation: int) -> None:
    """One big change: cells, parts and a fact, all of one generation."""
    new = cells(number, generation)
    parts = pd.DataFrame({"plan_id": PLAN, "part_id": new["cell_id"], "unit_id": f"g{generation}"})
    with project.change("turn over", {"generation": generation}) as change:
        change.session.replace("cells", new)
        change.session.replace("plan_parts", parts, where={"plan_id": PLAN})
        change.set("generation", str(generation))


def make(path: Path, number: str) -> None:
    """A new project with one big change in it."""
    with new_project(path, ZONE, profile_name="cn", author="maker") as project:
        turn_over(project, int(number), 1)
    say("made")


def replace(path: Path, number: str, generation: str) -> None:
    """A big change of a project that stands."""
    with open_project(path, author="bulk") as project:
        turn_over(project, int(number), int(generation))
        say("safe", generation)


def edit(path: Path, name: str, number: str = "0") -> None:
    """Small edits, each said when it is safe; without a number until killed."""
    with open_project(path, author=name) as project:
        for at in count() if number == "0" else range(int(number)):
            alias = f"{name} {at:06d}"
            with project.change("alias", {"text": alias}) as change:
                change.session.append("aliases", pd.DataFrame({"text": [alias], "by": [name], "at": [change.at]}))
            say(alias)
            time.sleep(PAUSE_S)


def come_and_go(path: Path, name: str, number: str) -> None:
    """Open, edit, close, again and again: the file turns from plain to shared and back under the others."""
    for at in range(int(number)):
        with open_project(path, author=name) as project:
            alias = f"{name} {at:06d}"
            with project.change("alias") as change:
                change.session.append("aliases", pd.DataFrame({"text": [alias]}))
            say(alias)
            project.read("aliases")


def move(path: Path, name: str, number: str) -> None:
    """Moves of one plan, each planned on what was read before and refused where another was faster."""
    chance = np.random.default_rng(sum(name.encode()))
    with open_project(path, author=name) as project:
        for _ in range(int(number)):
            with project.store.reading() as session:
                head = session.read("plans", where={"plan_id": PLAN})["head_revision"].iloc[0]
                before = plan_of(session, PLAN)
            after = before.move(chance.choice(before.parts.index.to_numpy(), 3), f"u{chance.integers(UNITS)}")
            say(*_revised(project, before, after, head))


def _revised(project: Project, before: Plan, after: Plan, head: str | None) -> tuple[str, ...]:
    try:
        with project.change("move") as change:
            return "won", change.revise(after, before.difference(after), action="move", parent=head)
    except StaleError:
        return ("stale",)


JOBS: dict[str, Callable[..., None]] = {
    "make": make,
    "replace": replace,
    "edit": edit,
    "come-and-go": come_and_go,
    "move": move,
}

if __name__ == "__main__":
    say("ready")
    JOBS[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])

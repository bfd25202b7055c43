"""A process that forks workers on a project file, so that a test may kill them without paying for imports each time.

Reads one JSON object a line: `{"job": NAME, ...}` forks a worker and answers with its pid, `{"wait": PID}` answers
when it is gone. Workers write what they have finished to the file `acks`, a line each.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from govmap.store.geopackage import created, open_file

ZONE = CRS.from_epsg(32650)
Say = Callable[[str], None]


def cells(number: int, generation: int) -> gpd.GeoDataFrame:
    """Cells of one generation; their shapes too tell which."""
    x, y = 735_000.0 + 10 * (np.arange(number) % 100), 2_423_000.0 + 10 * (np.arange(number) // 100)
    shapes = shapely.box(x, y, x + 9, y + 1 + generation % 8)
    data = {"cell_id": [f"c{at:06d}" for at in range(number)], "edition": generation, "straddles": False}
    return gpd.GeoDataFrame(data, geometry=shapes, crs=ZONE)


def plan_parts(number: int, generation: int) -> pd.DataFrame:
    parts = [f"c{at:06d}" for at in range(number)]
    return pd.DataFrame({"plan_id": "p", "part_id": parts, "unit_id": f"g{generation}"})


def bulk(say: Say, *, path: str, number: int, generation: int) -> None:
    """Put a new generation in place of the old one, in several tables."""
    store = open_file(Path(path))
    new_cells, new_parts = cells(number, generation), plan_parts(number, generation)
    say("opened")
    with store.writing() as session:
        session.replace("cells", new_cells)
        session.replace("plan_parts", new_parts)
        session.upsert("project", pd.DataFrame({"key": ["generation"], "value": [str(generation)]}))
    say(f"done {generation}")
    store.checkpoint()
    store.close()
    say("closed")


def edits(say: Say, *, path: str, name: str) -> None:
    """Commit small edits until killed."""
    store = open_file(Path(path))
    for number in count():
        revision = f"{name}-{number:06d}"
        row = pd.DataFrame({"revision_id": [revision], "plan_id": ["p"], "action": ["move"], "detail": [{"n": number}]})
        with store.writing() as session:
            session.append("revisions", row)
            session.upsert("plans", pd.DataFrame({"plan_id": ["p"], "head_revision": [revision]}))
        say(revision)
        if number % 10 == 0:
            store.checkpoint()
        time.sleep(0.002)


def create(say: Say, *, path: str, number: int) -> None:
    """Make a new project with cells in it."""
    say("opened")
    with created(Path(path), ZONE) as store, store.writing() as session:
        session.append("cells", cells(number, 1))
    say("made")


JOBS = {"bulk": bulk, "edits": edits, "create": create}


def _fork(job: str, acks: str, arguments: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    file = os.open(acks, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        JOBS[job](lambda text: os.write(file, f"{text}\n".encode()), **arguments)
    except BaseException as error:  # noqa: BLE001 - told to the test, which knows what must not happen
        os.write(file, f"error {error!r}\n".encode())
        os._exit(1)
    os._exit(0)


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            answer = os.waitpid(order["wait"], 0)[1]
        else:
            answer = _fork(order.pop("job"), order.pop("acks"), order)
        print(answer, flush=True)


if __name__ == "__main__":
    main()

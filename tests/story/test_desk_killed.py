"""kill -9 of the desk while somebody draws: every edit that was acknowledged is there, and every rule holds."""

import contextlib
import http.client
import os
import random
import shutil
import sys
import threading
import time
from pathlib import Path

import estate
import pytest
from served import Desk, begun

from govmap.check import NEEDED, findings
from govmap.project import open_project

TIMES = int(os.environ.get("GOVMAP_KILLS", "3"))  # the bar is 20
LONGEST_S = 0.4  # what a desk lives on after its first acknowledged edit, at most
PATIENCE_S = 60.0

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs kill -9")


def edits(desk: Desk, rng: random.Random, acknowledged: list[str]) -> None:
    """Draw, found, name, take back and let the hand rest, until the desk is gone."""
    with contextlib.suppress(OSError, http.client.HTTPException, ValueError, KeyError):
        desk.let_in()
        while True:
            ground = desk.ask("GET", "/api/redraw/ground")
            units = [row["id"] for row in ground["units"]]
            part, to = rng.randrange(ground["parts"]), rng.randrange(len(units))
            ways = {
                "stroke": {"units": units, "parts": [part], "to": [to], "force": True},
                "found": {"parts": [part], "force": True},
                "rename": {"unit": units[to], "name": f"第{part}格"},
                "undo": {"force": True},
                "redo": {"force": True},
                "settle": {},
            }
            way = rng.choices(list(ways), weights=(6, 2, 1, 3, 1, 3))[0]
            answer = desk.ask("POST", f"/api/redraw/{way}", ways[way])
            if answer["ok"] and "revision" in answer:
                acknowledged.append(answer["revision"])


def test_every_acknowledged_edit_outlives_the_desk(tmp_path: Path) -> None:
    path = estate.build(tmp_path)
    environment = {**os.environ, "GOVMAP_CACHE": str(tmp_path / "cache")}
    rng, acknowledged = random.Random(3), list[str]()
    for turn in range(TIMES):
        known = len(acknowledged)
        with begun(path, folder=tmp_path, environment=environment) as desk:
            hand = threading.Thread(target=edits, args=(desk, rng, acknowledged))
            hand.start()
            until = time.monotonic() + PATIENCE_S
            while len(acknowledged) == known and hand.is_alive() and time.monotonic() < until:
                time.sleep(0.005)
            time.sleep(rng.uniform(0, LONGEST_S))
            desk.kill()
            hand.join(PATIENCE_S)
        assert len(acknowledged) > known, f"turn {turn}: nothing was acknowledged"
        shutil.copy(path, tmp_path / "copy.gpkg")  # as it lies on the disk, with its journal
        for rest in tmp_path.glob(f"{path.name}-*"):
            shutil.copy(rest, tmp_path / rest.name.replace(path.name, "copy.gpkg"))
        with open_project(tmp_path / "copy.gpkg") as project:
            stored = set(project.read("revisions", columns=["revision_id"])["revision_id"])
            assert set(acknowledged) <= stored, f"turn {turn}: an acknowledged edit is lost"
            assert findings(project.reading(*NEEDED)) == []
            assert list(project.store.findings()) == []
        for rest in tmp_path.glob("copy.gpkg*"):
            rest.unlink()
